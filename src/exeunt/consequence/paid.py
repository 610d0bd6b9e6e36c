"""What the ledgers hold on one body, or on one state in all bodies: dues and gifts by year, shares, and what stands beside.

Sums stay within one kind of money: dues, gifts without a purpose, gifts with one. A year that a body does not report has no
row.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import polars as pl

from exeunt.consequence.revenue import KINDS, SOURCE, Revenue
from exeunt.record.ledgers import UN_BUDGETS, carried_by
from exeunt.record.store import Record

Row = dict[str, Any]
SCALE: Final = ("un_regular_budget", "regular_budget")
"""Body and fund of the scale by which the United Nations assess their regular budget."""


@dataclass(frozen=True)
class Paid:
    """What the ledgers hold.

    Attributes
    ----------
    years : {year, assessed, core, earmarked, parties, largest, largest_amount, share, dues, sources}: US dollars; `parties`
        counts the donors of a body, or the bodies to which a state gave; `largest` is the payer of the most dues (of the most
        gifts where no state owes dues and `dues` is False) and `share` its share; of a state, `share` is its part of all dues
        to the bodies to which it owes dues
    latest : {key, year, assessed, share, core, earmarked}: one row a donor, or a body, in the last year that the body reports
    scale : {first_year, last_year, rate_pct}: of a state, its part of the regular budget of the United Nations
    others : {body, state, year, as_of, ledger, amount, currency, rate_pct, sources}: what else the record holds
    inside, between : bodies that the regular budget carries, and those that other bodies carry
    """

    years: tuple[Row, ...] = ()
    latest: tuple[Row, ...] = ()
    scale: tuple[Row, ...] = ()
    others: tuple[Row, ...] = ()
    inside: tuple[str, ...] = ()
    between: tuple[str, ...] = ()

    @property
    def known(self) -> bool:
        """Whether any ledger covers the body or the state."""
        return bool(self.years or self.scale or self.others)


def of_body(record: Record, known: Revenue, body: str) -> Paid:
    """What states and others gave to a body; `un` has the budgets to which its members are assessed beside it."""
    inside, between = carried_by(record, [body])
    others = _others(record, pl.col("body").is_in([body, *(UN_BUDGETS if body == "un" else ())]))
    if body not in known.place:
        return Paid(others=others, inside=tuple(inside), between=tuple(between))
    gifts, totals = known.gifts[known.place[body]], known.totals[known.place[body]]
    read = _read_in(record, pl.col("body") == body)
    years = []
    for t, year in enumerate(known.years):
        if np.isnan(totals[t]).any():
            continue
        judged = [0] if gifts[:, t, 0].any() else [1, 2]  # where no state owes dues, gifts
        each = gifts[:, t, judged].sum(axis=-1)
        most = int(np.argmax(each))
        whole = float(totals[t, judged].sum())
        named = whole > 0 and each[most] > 0
        years.append(
            {"year": year, **_kinds(totals[t]), "parties": int((gifts[:, t].sum(axis=-1) > 0).sum()),
             "largest": known.donors[most] if named else None, "largest_amount": float(each[most]) if named else None,
             "share": float(each[most]) / whole if named else None, "dues": judged == [0],
             "sources": read.get(year, [])}
        )  # fmt: skip
    last = known.last_year(body)
    latest = []
    if last is not None:
        t = known.years.index(last)
        for donor in np.flatnonzero(gifts[:, t].sum(axis=-1) != 0):
            latest.append(_line(known.donors[int(donor)], last, gifts[donor, t], totals[t]))
    return Paid(tuple(years), _sorted(latest), (), others, tuple(inside), tuple(between))


def of_state(record: Record, known: Revenue, state: str) -> Paid:
    """What a state gave to all bodies that report, and its part of the scale of the United Nations."""
    ledger = record.table("ledger").filter((pl.col("state") == state) & (pl.col("basis") == "rate"))
    rates = ledger.filter((pl.col("body") == SCALE[0]) & (pl.col("fund") == SCALE[1])).sort("first_year", "id")
    scale = tuple(rates.select("first_year", "last_year", "rate_pct").unique(maintain_order=True).iter_rows(named=True))
    others = _others(record, pl.col("state") == state)
    if state not in known.donors:
        return Paid(scale=scale, others=others)
    gifts = known.gifts[:, known.donors.index(state)]
    read = _read_in(record, pl.col("state") == state)
    years = []
    for t, year in enumerate(known.years):
        there = ~np.isnan(known.totals[:, t]).any(axis=-1)
        mine, whole = gifts[there, t].sum(axis=0), known.totals[there, t, 0]
        dues = float(whole[gifts[there, t, 0] > 0].sum())
        if mine.sum() > 0:
            years.append(
                {"year": year, **_kinds(mine), "parties": int((gifts[there, t].sum(axis=-1) > 0).sum()), "largest": None,
                 "largest_amount": None, "share": float(mine[0]) / dues if dues else None, "dues": True,
                 "sources": read.get(year, [])}
            )  # fmt: skip
    latest = []
    for j, body in enumerate(known.bodies):
        last = known.last_year(body)
        if last is not None and gifts[j, known.years.index(last)].sum() != 0:
            t = known.years.index(last)
            latest.append(_line(body, last, gifts[j, t], known.totals[j, t]))
    return Paid(tuple(years), _sorted(latest), scale, others)


def _read_in(record: Record, which: pl.Expr) -> dict[int, list[str]]:
    """Year → addresses in which its figures were read."""
    rows = record.table("ledger").filter(which & (pl.col("source") == SOURCE) & pl.col("ledger").is_not_null())
    found: dict[int, list[str]] = {}
    for year, text in rows.sort("id").select("year", "sources").iter_rows():
        found.setdefault(year, (text or "").split())
    return found


def _kinds(amounts: Any) -> Row:
    return {kind: float(amounts[k]) for k, kind in enumerate(KINDS)}


def _line(key: str, year: int, mine: Any, whole: Any) -> Row:
    share = float(mine[0] / whole[0]) if whole[0] > 0 and mine[0] > 0 else None
    return {"key": key, "year": year, **_kinds(mine), "share": share}


def _sorted(rows: list[Row]) -> tuple[Row, ...]:
    return tuple(sorted(rows, key=lambda r: (-r["assessed"], -(r["core"] + r["earmarked"]), r["key"])))


def _others(record: Record, which: pl.Expr) -> tuple[Row, ...]:
    """Figures of the six ledgers that are no revenue by year: arrears, requests, payments, assessments as they were sent."""
    frame = record.table("ledger").filter(
        which & pl.col("ledger").is_not_null() & pl.col("amount").is_not_null() & (pl.col("source") != SOURCE)
    )
    columns = ("body", "state", "year", "period", "as_of", "ledger", "amount", "currency", "sources")
    rows = frame.sort("first_year", "ledger", "body", "id", descending=[True, False, False, False]).select(columns)
    return tuple({**row, "sources": (row["sources"] or "").split()} for row in rows.iter_rows(named=True))
