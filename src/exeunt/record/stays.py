"""What is known of a pair without an act, year by year: worked out once, for the record does not change while it is open.

Without an act a status moves only where a coded spell, a state code or a body begins or ends. Between such years the answer
is the same but for the year that it names, so a list of a hundred members need not ask a hundred times.
"""

from __future__ import annotations

from dataclasses import dataclass

from exeunt.record.identity import cow_of
from exeunt.record.lookup import Row
from exeunt.record.schema import LAST_CODED_YEAR
from exeunt.record.status import NOTHING_TELLS, OUTSIDE_FOREVER, covering, said_of
from exeunt.record.store import Record

LAST_YEAR = 9999
OUTSIDE = {"not_member", "never_member", "outside_span", "no_membership", "signatory_not_party"}


@dataclass(frozen=True, slots=True)
class Stay:
    """Years in which one coded spell, or the silence of the coded source, tells of a pair.

    Attributes
    ----------
    row : the spell; None where the coded source says nothing
    status, reading : as a row of `members` gives them
    since : first year of the spells that run on without a break up to these years
    """

    first: int
    last: int
    row: Row | None
    status: str
    reading: str
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
    codes, inside = lookup.codes(state), _by_year(record, state, body)
    always = cow_of(codes, state, years[0])  # of one span with a number, whatever the year
    numbered = sum(code.cow is not None for code in codes)
    found = []
    for first, following in zip(years, [*years[1:], LAST_YEAR + 1], strict=True):
        cow = always if numbered < 2 else cow_of(codes, state, first)
        row = covering(lookup.spells(cow, body), first) if cow is not None else None
        if row is None or row["status"] == "not_member":
            if cow is not None and lookup.alive(body, min(first, LAST_CODED_YEAR)):
                continue
            row = None
        status = row["status"] if row else "unknown"
        if status not in OUTSIDE and (
            status != "unknown" or is_inside(status, said_of(row, first) if row else NOTHING_TELLS)
        ):
            reading = row["reading"] if row else "act"
            found.append(Stay(first, following - 1, row, status, reading, _begun(inside, first)))
    return tuple(found)


def is_inside(status: str, rule: str) -> bool:
    """Whether a pair of such a status is listed as inside: it is, or it may be and more is known of it than that."""
    return status not in OUTSIDE and (status != "unknown" or any(told in rule for told in ("coded", "dues", "due on")))


def begun(record: Record, state: str, body: str, year: int) -> str | None:
    """First year of the unbroken run of spells of one status that covers a year."""
    return _begun(_by_year(record, state, body), year)


def _by_year(record: Record, state: str, body: str) -> list[tuple[int, int, str]]:
    """First year, last year and status of every spell inside, by year."""
    return sorted(
        (r["first_year"], r["last_year"] if r["last_year"] is not None else LAST_YEAR, r["status"])
        for r in record.lookup.spells_under(state, body)
        if r["status"] != "not_member"
    )


def _begun(spells: list[tuple[int, int, str]], year: int) -> str | None:
    before = [spell for spell in spells if spell[0] <= year]
    if not before or before[-1][1] < year:
        return None
    first, _, word = before[-1]
    for start, end, kind in reversed(before[:-1]):
        if end + 1 != first or kind != word:
            break
        first = start
    return str(first)
