"""What bodies lose by a set of exits, ledger by ledger and year by year, and what stays owed.

Observed years are given as they stand in the ledger. Later years are never given as a point: the last observed level stands in
a band, see `bands.py`.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import date
from typing import Any, Final

import numpy as np
import polars as pl

from exeunt.consequence.bands import band, widening
from exeunt.consequence.batch import Batch
from exeunt.consequence.due import clock_of, lost_from
from exeunt.consequence.revenue import SOURCE, Revenue, revenue
from exeunt.record.clauses import Clock
from exeunt.record.ledgers import PAID_BY_REGULAR_BUDGET, UN_BUDGETS
from exeunt.record.store import Record

AHEAD: Final = 4
"""Years after the decision to which losses are projected, unless another year is asked for."""
GIVEN: Final = ("assessed", "voluntary")
"""Ledgers of what a state gives; the others tell what was asked, granted, paid or owed of it."""
STATUSES: Final = ("figures", "regular_budget", "no_dues", "unknown")
ACCRUAL_NOTE: Final = "assessed revenue is booked when due, paid or not"


@dataclass(frozen=True, slots=True)
class Loss:
    """One amount that a body had from a state, or would have had without the exit."""

    body: str
    state: str
    year: int | None
    fund: str | None
    ledger: str
    amount: float | None
    currency: str | None
    usd: float | None
    basis: str | None
    source: str | None
    share: float | None
    """Of the body's income of the year, every kind together (of all assessments, where `share_of` says so); 0 to 1."""
    share_of: str | None
    low: float | None
    high: float | None
    projected: bool
    lost: bool | None
    """Whether the exit takes it away; None where the record gives no day of effect."""
    status: str
    """figures; regular_budget and no_dues (there are no dues of its own that could stop); unknown"""
    why: str | None

    def as_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return asdict(self)


def losses(
    record: Record, asked: Batch, until: int | None = None, known: Revenue | None = None, as_of: date | None = None
) -> list[Loss]:
    """What each body of a batch loses by ledger and year.

    Parameters
    ----------
    until : last projected year (default: four years after the decision)
    known : `revenue(record)`, where it is at hand
    as_of : acts after this day are left out of the clock; money is what the record holds

    Returns
    -------
    A row for each observed and each projected year of every ledger and fund of a pair. A body without dues of its own has one
    row of 0 in the ledger `assessed`; a ledger of which nothing is known has one row with `status` unknown and the reason.
    """
    held = known or revenue(record)
    last = until or asked.decided.year + AHEAD
    table = record.table("ledger").filter(
        pl.col("state").is_in(asked.states) & pl.col("ledger").is_in(GIVEN) & pl.col("amount").is_not_null()
        & pl.col("year").is_not_null()
    )  # fmt: skip
    rows: list[Loss] = []
    for state, body in asked.pairs:
        when = lost_from(asked, clock_of(record, asked, state, body, as_of))
        rows += _of_pair(record, asked, held, table.filter(pl.col("state") == state), state, body, last, when)
    return rows


def _of_pair(
    record: Record, asked: Batch, held: Revenue, table: pl.DataFrame, state: str, body: str, until: int,
    when: tuple[dict[str, int | None], dict[str, str]],
) -> list[Loss]:  # fmt: skip
    status, why = own_money(record, body)
    own = table.filter(pl.col("body").is_in([body, *(UN_BUDGETS if body == "un" else ())]))
    from_year, dated = when
    rows: list[Loss] = []
    if status != "figures":
        rows.append(_nothing(state, body, asked.decided.year, status, why))
        own = own.filter(pl.col("ledger") != "assessed")
    for key, part in own.sort("year").group_by("body", "ledger", "fund", "basis", "currency", maintain_order=True):
        named, word, fund, basis, currency = (str(k) if k is not None else None for k in key)
        first = from_year[str(word)]
        series = _series(held, str(named), state, str(word), fund, part)
        for year, (low, high, source) in series.items():
            income, share_of = _income(record, held, str(named), str(word), year)
            level, booked = (low + high) / 2, (basis, word) == ("accrual", "assessed")
            rows.append(Loss(
                str(named), state, year, fund, str(word), level, currency, _dollars(level, currency), basis, source,
                _over(level, income), share_of if income else None, low, high, False, None if first is None else year >= first,
                "figures", ACCRUAL_NOTE if booked else None,
            ))  # fmt: skip
        rows += _projected(record, held, rows[-1], series, until, first, dated[str(word)])
    missing = [word for word in GIVEN if word not in {r.ledger for r in rows}]
    last = held.last_year(body)
    if not rows and last is not None:
        rows.append(Loss(
            body, state, last, None, "voluntary", 0.0, "USD", 0.0, "accrual", SOURCE, 0.0, "income", 0.0, 0.0, False, False,
            "figures", f"the body reports its revenue by donor, and names no money of this state up to {last}",
        ))  # fmt: skip
    if not rows or (status != "figures" and missing):
        word = "voluntary" if status != "figures" else "assessed"
        what = "gifts of this state to it (trust funds)" if status != "figures" else "money of this state to it"
        rows.append(Loss(
            body, state, None, None, word, None, None, None, None, None, None, None, None, None, False, None, "unknown",
            f"no ledger of the record holds {what}",
        ))  # fmt: skip
    return rows


def _nothing(state: str, body: str, year: int, status: str, why: str) -> Loss:
    return Loss(
        body, state, year, "regular_budget" if status == "regular_budget" else None, "assessed", 0.0, "USD", 0.0, "assessed",
        "exeunt_curated", None, None, 0.0, 0.0, False, False, status, why,
    )  # fmt: skip


def _series(
    held: Revenue, body: str, state: str, word: str, fund: str | None, part: pl.DataFrame
) -> dict[int, tuple[float, float, str]]:
    """Year → low, high (rival figures apart) and source; zeros where the body reports and the donor has no line."""
    found: dict[int, tuple[float, float, str]] = {}
    for year, amount, source in part.select("year", "amount", "source").iter_rows():
        low, high, _ = found.get(year, (amount, amount, source))
        found[year] = (min(low, amount), max(high, amount), source)
    if body in held.place and set(part["source"]) == {SOURCE}:
        seen = held.totals[held.place[body], :, 0]
        for n, year in enumerate(held.years):
            if year not in found and not np.isnan(seen[n]):
                found[year] = (0.0, 0.0, SOURCE)
    return dict(sorted(found.items()))


def _projected(
    record: Record, held: Revenue, last: Loss, series: dict[int, tuple[float, float, str]], until: int,
    first: int | None, dated: str,
) -> list[Loss]:  # fmt: skip
    """Rows of the years after the last observed one; none, but for one that says so, where the series is too short."""
    years = sorted(series)
    run = [years[-1]]
    while run[0] - 1 in series:
        run.insert(0, run[0] - 1)
    values = np.array([sum(series[y][:2]) / 2 for y in run])
    rows = []
    for year in range(years[-1] + 1, until + 1):
        found = band(values, year - years[-1], widening(held, last.ledger))
        common = (last.body, last.state, year, last.fund, last.ledger)
        if found is None:
            rows.append(Loss(
                *common, None, None, None, None, None, None, None, None, None, True, None, "unknown",
                f"the {len(run)} years in a row that are observed are too few for a band, or show no change",
            ))  # fmt: skip
            break
        low, high = found
        income, share_of = _income(record, held, last.body, last.ledger, years[-1])
        level = float(values[-1])
        rows.append(Loss(
            *common, level, last.currency, _dollars(level, last.currency), last.basis, last.source,
            _over(level, income), share_of if income else None,
            low, high, True, None if first is None else year >= first, "figures",
            f"level of {years[-1]}, band from its changes in {run[0]}–{run[-1]}; {dated}",
        ))  # fmt: skip
    return rows


def _income(record: Record, held: Revenue, body: str, word: str, year: int) -> tuple[float | None, str]:
    """Income of a body in a year: of every kind, or the sum of all assessments where no more is known."""
    at = held.place.get(body)
    if at is not None and year in held.years and not np.isnan(held.income[at, held.years.index(year)]):
        return float(held.income[at, held.years.index(year)]), "income"
    total = record.table("ledger").filter(
        (pl.col("body") == body) & pl.col("state").is_null() & (pl.col("year") == year) & (pl.col("ledger") == word)
        & (pl.col("basis") == "assessed")
    )  # fmt: skip
    return (float(total["amount"][0]), "assessments") if total.height == 1 else (None, "income")


def _over(part: float, whole: float | None) -> float | None:
    return part / whole if whole else None


def _dollars(amount: float, currency: str | None) -> float | None:
    return amount if currency == "USD" else None


def own_money(record: Record, body: str) -> tuple[str, str]:
    """Whether a body has money of its own that a state could stop, and if not, why.

    Returns
    -------
    `figures` for one that can have its own; `regular_budget` for a part of the United Nations that lives on what states are
    assessed for the UN; `no_dues` for a mechanism between bodies.
    """
    table = {r["body"]: r for r in record.table("bodies").iter_rows(named=True)}
    row, seen, part_of_un = table[body], {body}, False
    parent = row["parent"]
    while parent is not None and parent not in seen:
        part_of_un |= parent == "un"
        seen.add(parent)
        parent = table[parent]["parent"] if parent in table else None
    if part_of_un and (row["kind"] in (*PAID_BY_REGULAR_BUDGET, "court")):
        return "regular_budget", (
            "part of the United Nations, paid from what its members are assessed; ending participation changes no dues, "
            "only ending dues to the United Nations would"
        )
    if part_of_un and row["kind"] == "interagency_mechanism":
        return "no_dues", "no dues are owed to it: the bodies that take part carry it"
    return "figures", ""


def owed(
    record: Record, asked: Batch, rows: list[Loss] | None = None, as_of: date | None = None
) -> list[dict[str, Any]]:
    """What stays owed, and until when.

    Returns
    -------
    One row an amount that the record says is owed (rival figures stay apart), and one for each pair with a membership or
    treaty that tells when dues end: {body, state, what (owed, dues), year, amount, low, high, currency, as_of,
    earliest_effective, notice_established, dues_until, article, verified, source, flag, note}. In `dues`, `amount` is what
    falls due in the whole years from the decision to the effect, in the ledger `assessed`; None where it is not known.
    """
    given = rows if rows is not None else losses(record, asked, as_of=as_of)
    table = record.table("ledger").filter(pl.col("ledger") == "owed")
    out: list[dict[str, Any]] = []
    for state, body in asked.pairs:
        names = [body, *(UN_BUDGETS if body == "un" else ())]
        ticked = clock_of(record, asked, state, body, as_of)
        for item in (
            table.filter((pl.col("state") == state) & pl.col("body").is_in(names))
            .sort("year", "id")
            .iter_rows(named=True)
        ):
            out.append({
                **_owed_row(item["body"], state, "owed", ticked), "year": item["year"], "amount": item["amount"],
                "low": item["amount"], "high": item["amount"], "currency": item["currency"], "as_of": item["as_of"],
                "source": (item["sources"] or item["source"]).split()[0], "flag": item["flag"], "note": item["note"],
            })  # fmt: skip
        if ticked is None:
            continue
        row = _owed_row(body, state, "dues", ticked)
        end = ticked.earliest_effective
        if end is not None and end.year >= asked.decided.year:
            years = range(asked.decided.year, end.year + 1)
            due = [
                r
                for r in given
                if (r.state, r.body, r.ledger) == (state, body, "assessed") and r.year in years and r.amount is not None
            ]
            row["year"] = end.year
            if len({r.year for r in due}) == len(years):
                row |= {
                    "amount": sum(r.amount or 0.0 for r in due), "low": sum(r.low or 0.0 for r in due),
                    "high": sum(r.high or 0.0 for r in due), "currency": due[0].currency, "source": due[0].source,
                    "note": f"whole years {years[0]} to {years[-1]}, projected as in the losses",
                }  # fmt: skip
            else:
                row["note"] = "the record holds no assessments of this state here"
        out.append(row)
    return out


def _owed_row(body: str, state: str, what: str, ticked: Clock | None) -> dict[str, Any]:
    return {
        "body": body, "state": state, "what": what, "year": None, "amount": None, "low": None, "high": None,
        "currency": None, "as_of": None,
        "earliest_effective": ticked.earliest_effective.isoformat() if ticked and ticked.earliest_effective else None,
        "notice_established": ticked.notice_established if ticked else None,
        "dues_until": ticked.dues_until if ticked else None, "article": ticked.article if ticked else None,
        "verified": ticked.verified if ticked else None, "source": ticked.sources[0] if ticked and ticked.sources else None,
        "flag": None, "note": ticked.reason if ticked else None,
    }  # fmt: skip
