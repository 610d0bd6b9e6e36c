"""What is known of a pair without an act, year by year: worked out once, for the record does not change while it is open.

Without an act a status moves only where a coded spell, a state code or a body begins or ends. Between such years the answer
is the same but for the year that it names, so a list of a hundred members need not ask a hundred times.
"""

from __future__ import annotations

from dataclasses import dataclass

from exeunt.record.identity import cow_of
from exeunt.record.lookup import Row
from exeunt.record.schema import LAST_CODED_YEAR
from exeunt.record.status import OUTSIDE_FOREVER, covering
from exeunt.record.store import Record

LAST_YEAR = 9999


@dataclass(frozen=True, slots=True)
class Stay:
    """Years in which one coded spell, or the silence of the coded source, tells of a pair.

    Attributes
    ----------
    row : the spell; None where the coded source says nothing
    since : first year of the spells that run on without a break up to these years
    """

    first: int
    last: int
    row: Row | None
    since: str | None


def stays(record: Record, state: str, body: str) -> tuple[Stay, ...] | None:
    """Years in which a pair without an act may be inside; None for a pair with an act, whose days have to be walked."""
    known: dict[tuple[str, str], tuple[Stay, ...] | None] = record.lookup.kept.setdefault("stays", {})
    if (state, body) not in known:
        known[state, body] = None if record.lookup.acts(state, body) else _stays(record, state, body)
    return known[state, body]


def _stays(record: Record, state: str, body: str) -> tuple[Stay, ...]:
    lookup = record.lookup
    if lookup.what(state, body) in OUTSIDE_FOREVER:
        return ()
    turns = {1, LAST_CODED_YEAR + 1, *lookup.turns(body)}
    for code in lookup.codes(state):
        turns |= {day.year + later for day in (code.valid_from, code.valid_to) if day for later in (0, 1)}
        for spell in lookup.spells(code.cow, body):
            turns |= {spell["first_year"], (spell["last_year"] or LAST_YEAR) + 1}
    for spell in lookup.spells_under(state, body):
        turns |= {spell["first_year"], (spell["last_year"] or LAST_YEAR) + 1}
    years = sorted(year for year in turns if year <= LAST_YEAR)
    found = []
    for first, following in zip(years, [*years[1:], LAST_YEAR + 1], strict=True):
        cow = cow_of(lookup.codes(state), state, first)
        row = covering(lookup.spells(cow, body), first) if cow is not None else None
        if row is None or row["status"] == "not_member":
            if cow is not None and lookup.alive(body, min(first, LAST_CODED_YEAR)):
                continue
            row = None
        found.append(Stay(first, following - 1, row, begun(record, state, body, first)))
    return tuple(found)


def begun(record: Record, state: str, body: str, year: int) -> str | None:
    """First year of the unbroken run of spells of one status that covers a year."""
    before = sorted(
        (r["first_year"], r["last_year"] if r["last_year"] is not None else LAST_YEAR, r["status"])
        for r in record.lookup.spells_under(state, body)
        if r["status"] != "not_member" and r["first_year"] <= year
    )
    if not before or before[-1][1] < year:
        return None
    first, _, word = before[-1]
    for start, end, kind in reversed(before[:-1]):
        if end + 1 != first or kind != word:
            break
        first = start
    return str(first)
