"""Six ledgers, never mixed: what was assessed, given, requested, appropriated, paid and owed.

Rows come out as they stand in the record: nothing is converted, and nothing is summed across ledgers. A row whose
`ledger` is None is a total or a mixture; it is no entry of any of the six. Rates stand apart, with `basis` "rate".
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import polars as pl

from exeunt.errors import UnknownNameError, UsageError
from exeunt.record.cases import case as find_case
from exeunt.record.schema import LEDGERS
from exeunt.record.store import Record

Row = dict[str, Any]

UN_BUDGETS: Final = ("un_regular_budget", "un_peacekeeping", "un_tribunals")
"""The budgets to which a member of the United Nations is assessed; `un` means all of them."""
PAID_BY_REGULAR_BUDGET: Final = ("un_secretariat_unit", "un_principal_or_subsidiary_organ")
"""Kinds of bodies inside the United Nations without dues of their own; the Court is one more."""
COLUMNS: Final = (
    "body", "state", "year", "fund", "ledger", "amount", "currency", "usd", "basis", "source", "rate_pct", "period",
    "as_of", "id", "record", "confidence", "flag", "note", "sources",
)  # fmt: skip
ARTICLE_19: Final = "Charter of the United Nations, Article 19; https://www.un.org/en/about-us/un-charter/chapter-4"
MAY_PERMIT: Final = "the General Assembly may permit a vote where the failure to pay is beyond the member's control"


def money(record: Record, target: str, state: str | None = None, year: int | None = None) -> list[Row]:
    """Every figure on a body, or on the bodies of a case, one row an amount.

    Parameters
    ----------
    target : a case, or a body; `un` means the budgets to which its members are assessed
    state : only this state (a case without one: the states of the case; a body: all states, and all donors together)
    year : only this calendar year

    Returns
    -------
    Rows {body, state, year, fund, ledger, amount, currency, usd, basis, source, rate_pct, …} by body, year, ledger and
    state. `state` is None for all donors together; `ledger` is None for what is in none of the six. A rate has `basis`
    "rate", no amount, and a row for every year of its period. A year that the sources lack has no row.

    Raises
    ------
    UnknownNameError, with the closest bodies and cases.
    """
    bodies, states = _targets(record, target, state)
    frame = record.table("ledger").filter(pl.col("body").is_in(bodies))
    if states is not None:
        frame = frame.filter(pl.col("state").is_in(states))
    if year is not None:
        frame = frame.filter((pl.col("first_year") <= year) & (pl.col("last_year") >= year))
    place, rank = {body: n for n, body in enumerate(bodies)}, {word: n for n, word in enumerate(LEDGERS)}
    rows = []
    for item in frame.iter_rows(named=True):
        years: Sequence[int | None] = [item["year"]]
        if item["year"] is None and item["basis"] == "rate":
            years = range(item["first_year"], item["last_year"] + 1) if year is None else [year]
        for one in years:
            row = {**item, "year": one, "sources": (item["sources"] or "").split()}
            rows.append({name: row[name] for name in COLUMNS})
    rows.sort(
        key=lambda r: (place[r["body"]], r["year"] or 0, rank.get(r["ledger"], len(rank)), r["state"] or "", r["id"])
    )
    return rows


def _targets(record: Record, target: str, state: str | None) -> tuple[list[str], list[str] | None]:
    """Bodies of a target and states asked for; None for all."""
    code = record.state(state) if state is not None else None
    known = record.table("cases")["case"].to_list()
    if target in known:
        chosen = find_case(record, target)
        return chosen.bodies["body"].to_list(), [code] if code else list(chosen.states)
    try:
        body = record.body(target)
    except UnknownNameError:
        table = record.table("bodies")
        names = [v for c in ("body", "name_en", "name_zh", "acronym") for v in table[c].drop_nulls().to_list()]
        raise UnknownNameError("body or case", target, [*known, *names]) from None
    return [body, *(UN_BUDGETS if body == "un" else ())], [code] if code else None


def notes(record: Record, target: str) -> list[str]:
    """What a reader must know about where the money of a body, or of the bodies of a case, comes from."""
    inside, between = carried_by(record, _targets(record, target, None)[0])
    lines = []
    if inside:
        lines.append(
            f"{', '.join(inside)}: part of the United Nations, paid from the UN regular budget as far as states are "
            "assessed for it; see `exeunt money un_regular_budget`."
        )
    if between:
        lines.append(f"{', '.join(between)}: no dues are owed to it; the bodies that take part carry it.")
    return lines


def carried_by(record: Record, bodies: Sequence[str]) -> tuple[list[str], list[str]]:
    """Of some bodies, those that the regular budget of the United Nations carries, and those that other bodies carry."""
    table = {r["body"]: r for r in record.table("bodies").iter_rows(named=True)}
    inside, between = [], []
    for body in bodies:
        row = table[body]
        if not _part_of_un(body, table):
            continue
        if row["kind"] in PAID_BY_REGULAR_BUDGET or body == "icj":
            inside.append(body)
        elif row["kind"] == "interagency_mechanism":
            between.append(body)
    return inside, between


def _part_of_un(body: str, table: dict[str, Row]) -> bool:
    seen: set[str] = set()
    parent = table[body]["parent"]
    while parent is not None and parent not in seen:
        if parent == "un":
            return True
        seen.add(parent)
        parent = table[parent]["parent"] if parent in table else None
    return False


def rivals(record: Record, body: str, state: str | None = None, year: int | None = None) -> list[Row]:
    """Figures on the same thing that disagree, or are marked as having a rival outside the record; none is picked."""
    groups: dict[tuple[Any, ...], list[Row]] = {}
    for row in money(record, body, state, year):
        key = tuple(row[k] for k in ("body", "state", "year", "ledger", "basis", "fund", "period", "as_of", "currency"))
        # In no ledger, two figures need not be about the same thing.
        groups.setdefault(key if row["ledger"] else (*key, row["id"]), []).append(row)
    return [
        row
        for rows in groups.values()
        for row in rows
        if len({(r["amount"], r["rate_pct"]) for r in rows}) > 1 or "rival_values" in (row["flag"] or "")
    ]


def share(record: Record, body: str, state: str, year: int) -> list[Row]:
    """Part of a state in what all donors were assessed or gave, by ledger and fund, where the record holds both.

    Returns
    -------
    Rows {body, state, year, ledger, fund, basis, part, total, share_pct}; a ledger with rivals, or with a part or a
    total only, has none. `fund` "all" is revenue of every kind and in none of the six ledgers.
    """
    code = record.state(state)
    found: dict[tuple[Any, ...], dict[bool, list[Row]]] = {}
    for row in money(record, body, None, year):
        if row["amount"] is None or row["basis"] is None or row["state"] not in (code, None):
            continue
        key = tuple(row[k] for k in ("body", "ledger", "fund", "basis", "currency"))
        found.setdefault(key, {}).setdefault(row["state"] is None, []).append(row)
    rows = []
    for (named, word, fund, basis, _), sides in found.items():
        parts, totals = sides.get(False, []), sides.get(True, [])
        if len(parts) != 1 or len(totals) != 1 or totals[0]["amount"] <= 0:
            continue
        part, total = parts[0]["amount"], totals[0]["amount"]
        rows.append({
            "body": named, "state": code, "year": year, "ledger": word, "fund": fund, "basis": basis, "part": part,
            "total": total, "share_pct": 100 * part / total,
        })  # fmt: skip
    return rows


# --- Article 19 ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Article19:
    """Whether a member of the United Nations has lost its vote in the General Assembly for arrears."""

    vote: str
    """lost, kept or not_determined"""
    because: str
    due: float | None
    """Contributions due for the preceding two full years."""
    arrears: float | None
    pay_more_than: float | None
    """What must be exceeded to get the vote back; None where it is not lost or not determined."""
    reference: str = ARTICLE_19


def article19(assessments_of_two_full_years: Sequence[float | None], arrears: float | None) -> Article19:
    """Apply Article 19 of the Charter of the United Nations.

    "A Member of the United Nations which is in arrears in the payment of its financial contributions to the
    Organization shall have no vote in the General Assembly if the amount of its arrears equals or exceeds the amount of
    the contributions due from it for the preceding two full years. The General Assembly may, nevertheless, permit such
    a Member to vote if it is satisfied that the failure to pay is due to conditions beyond the control of the Member."

    Parameters
    ----------
    assessments_of_two_full_years : contributions due in each, to all budgets of the UN together; None where not known
    arrears : what is in arrears, to all budgets together, in the same currency; None where not known

    Returns
    -------
    Article19, with `vote` "not_determined" and the reason where a figure is missing.

    Raises
    ------
    UsageError, if there are not two years, or a figure is negative or no number.
    """
    years = list(assessments_of_two_full_years)
    if len(years) != 2:
        raise UsageError(f"Article 19 looks at two full years; {len(years)} assessments were given.")
    for figure in (*years, arrears):
        if figure is not None and (not math.isfinite(figure) or figure < 0):
            raise UsageError(f"{figure} is no amount of money due; give numbers from 0 up.")
    first, second = years
    due = None if first is None or second is None else first + second
    if arrears == 0:
        return Article19("kept", "nothing is in arrears", due, arrears, None)
    missing = [n for n, f in (("the contributions due for two full years", due), ("the arrears", arrears)) if f is None]
    if due is None or arrears is None:
        return Article19(
            "not_determined", f"not determined, because {' and '.join(missing)} are not known", due, arrears, None
        )
    if arrears >= due:
        return Article19(
            "lost",
            f"arrears of {arrears:,.0f} equal or exceed the {due:,.0f} due for the preceding two full years; {MAY_PERMIT}",
            due, arrears, arrears - due,
        )  # fmt: skip
    return Article19("kept", f"arrears of {arrears:,.0f} stay below the {due:,.0f} due for the preceding two full years",
                     due, arrears, None)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Known:
    """What the record holds towards Article 19 for a state in a year."""

    years: tuple[int, int]
    assessments: tuple[float | None, float | None]
    """All budgets together, or None where one is missing."""
    arrears: float | None
    rows: tuple[Row, ...]
    """The figures themselves, whole or not."""
    lacking: tuple[str, ...]
    """What keeps the record from answering, each in words."""


def known_for_article19(record: Record, state: str, year: int) -> Known:
    """Figures of the record for the two full years before `year` and the arrears in it; nothing is filled in."""
    code = record.state(state)
    years = (year - 2, year - 1)
    table = record.table("ledger").filter((pl.col("state") == code) & pl.col("body").is_in(UN_BUDGETS))
    assessed = table.filter((pl.col("basis") == "assessed") & pl.col("year").is_in(years))
    owed = table.filter((pl.col("ledger") == "owed") & (pl.col("year") == year))
    lacking: list[str] = []

    def whole(frame: pl.DataFrame, what: str) -> float | None:
        counts = {body: frame.filter(pl.col("body") == body) for body in UN_BUDGETS}
        none = [body for body, rows in counts.items() if not rows.height]
        rival = [b for b, f in counts.items() if f.height > 1 or "rival_values" in ";".join(f["flag"].drop_nulls())]
        if none:
            lacking.append(f"the record does not hold {what} to {', '.join(none)}")
        if rival:
            lacking.append(f"published figures disagree on {what} to {', '.join(rival)}")
        return None if none or rival else float(frame["amount"].sum())

    first, second = (whole(assessed.filter(pl.col("year") == y), f"the assessment of {y}") for y in years)
    arrears = whole(owed, f"the arrears in {year}")
    columns = ["body", "year", "ledger", "basis", "amount", "currency", "as_of", "flag", "note", "sources"]
    rows = pl.concat([assessed, owed]).sort("ledger", "body", "year", "id").select(columns).to_dicts()
    rows = [{**row, "sources": (row["sources"] or "").split()} for row in rows]
    return Known(years, (first, second), arrears, tuple(rows), tuple(lacking))
