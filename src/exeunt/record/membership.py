"""Who belongs on a day: the status of every state in a body, or of a state in every body.

All of it is what `status` says pair by pair. Where a pair has no act, its status moves only where a coded spell, a state code
or a body begins or ends, so that its years are worked out once (`_membership_intervals`); a test holds both against each other.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Annotated, Final, TypeAlias

import polars as pl

from exeunt.answers import Answer, item
from exeunt.dates import parse
from exeunt.record.identity import code_in_year, cow_of
from exeunt.record.lookup import Row
from exeunt.record.schema import LAST_CODED_YEAR, OUTSIDE_FOREVER, ReadingWord, StatusWord
from exeunt.record.status import INSIDE, LATE, PATIENCE, SILENT, Rule, Status, covering, rule_of_spell, status
from exeunt.record.store import Record

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

LAST_YEAR: Final = 9999
MAY_BE_INSIDE: Final = INSIDE | {"left_claimed_disputed"}
"""Statuses under which a state is counted as in while somebody disputes that it has left."""
_OUTSIDE = frozenset({"not_member", "never_member", "outside_span", "no_membership", "signatory_not_party"})
_DOUBTED = frozenset({"rule.silent", "rule.dues_stopped", "rule.due_passed"})
"""Rules under which a state of unknown status is listed, for it may belong."""


class Member(Answer, frozen=True, kw_only=True):
    """Who belongs to what on a day, in whatever way, and how that is known."""

    body: Annotated[str, item("body key")]
    state: Annotated[str, item("state code")]
    as_of: Annotated[date, item("the day asked about")]
    status: Annotated[StatusWord, item("status on the day")]
    since: Annotated[str | None, item("day of the act that decided, else first year of the spells that run on; EDTF")]
    reading: Annotated[ReadingWord, item("how it is known")]
    contested: Annotated[bool, item("whether somebody disputes it")]
    rule: Annotated[Rule, item("the rule that decided")]
    earlier: Annotated[Rule | None, item("the rule of the acts, where later coding has overruled it")] = None
    beyond_record: Annotated[bool, item("whether the day is after the closing day of the record")] = False


@dataclass(frozen=True, slots=True)
class _Interval:
    """Years in which one coded spell, or the silence of the coded source, tells of a pair.

    Attributes
    ----------
    row : the spell; None where the coded source says nothing
    status, reading : as in a `Member`
    since : first year of the spells that run on without a break up to these years
    """

    first: int
    last: int
    row: Row | None
    status: str
    reading: str
    since: str | None


_Known: TypeAlias = tuple[int, int, bool, _Interval]
"""First and last year in which the body ran, whether the state was there all the time, and what is known."""


def statuses(
    record: Record, state: str | None, body: str | None, as_of: date | None = None, known_by: date | None = None
) -> list[Status]:
    """Status of every pair of a state and a body of which the record knows a spell or an act.

    Parameters
    ----------
    state, body : keys; one of them may be None, and stands for all
    as_of, known_by : as in `status`
    """
    if body is None:
        record.lookup.read_whole()
    return [status(record, s, b, as_of, known_by) for s, b in record.lookup.pairs(state, body)]


def members(record: Record, body: str, as_of: date | None = None, known_by: date | None = None) -> list[Member]:
    """Everybody who is in a body on a day, in whatever way.

    A state whose membership is doubted (`unknown`) is listed, for it may belong.
    """
    return _members(record, None, body, as_of, known_by)


def memberships_of(record: Record, state: str, as_of: date | None = None, known_by: date | None = None) -> list[Member]:
    """Every body that a state is in on a day; rows as in `members`."""
    return _members(record, state, None, as_of, known_by)


def _members(
    record: Record, state: str | None, body: str | None, as_of: date | None, known_by: date | None
) -> list[Member]:  # fmt: skip
    lookup = record.lookup
    if body is None:
        lookup.read_whole()
    day = as_of or record.closing_day
    known = min(day, record.closing_day)
    year, beyond = known.year, day > known
    if (state and not lookup.exists(state, known)) or (body and not lookup.ran(body, year)):
        return []
    found: list[Member] = []
    for one, other, intervals in _pairs(record, state, body):
        if intervals is None or known_by is not None:
            if not lookup.coded_outside(one, other, year):
                member = _member(record, status(record, one, other, as_of, known_by))
                if member is not None:
                    found.append(member)
            continue
        for first, last, sure, interval in intervals:
            if first <= year <= last:
                if sure or lookup.exists(one, known):
                    rule = rule_of_spell(interval.row, year) if interval.row else SILENT
                    found.append(
                        Member(
                            body=other,
                            state=one,
                            as_of=day,
                            status=interval.status,
                            since=interval.since,
                            reading=interval.reading,
                            contested=False,
                            rule=rule,
                            beyond_record=beyond,
                        )
                    )
                break
    return found


def _member(record: Record, s: Status) -> Member | None:
    if not _is_listed(s.status, s.rule):
        return None
    reading = "act"
    if s.rule.code == "rule.coded":
        reading = str(s.rule.values["reading"])
    elif s.rule.code == "rule.dues_stopped":
        reading = "dues"
    since = s.since or _begun(_spells_by_year(record, s.state, s.body), min(s.as_of, record.closing_day).year)
    return Member(
        body=s.body, state=s.state, as_of=s.as_of, status=s.status, since=since, reading=reading, contested=s.contested,
        rule=s.rule, earlier=s.earlier, beyond_record=s.beyond_record,
    )  # fmt: skip


def _is_listed(status: str, rule: Rule) -> bool:
    """Whether a pair of such a status is listed among members: it is in, or it may be and more is known of it than that."""
    return status not in _OUTSIDE and (status != "unknown" or rule.code in _DOUBTED)


def _pairs(record: Record, state: str | None, body: str | None) -> list[tuple[str, str, tuple[_Known, ...] | None]]:
    """Pairs with what is known of their years, without those of which nothing is."""
    kept = record.lookup.kept.setdefault("pairs with intervals", {})
    if (state, body) not in kept:
        pairs = record.lookup.pairs(state, body)
        found = [(one, other, _membership_intervals(record, one, other)) for one, other in pairs]
        kept[state, body] = [
            (one, other, None if known is None else _while_it_ran(record, one, other, known))
            for one, other, known in found
            if known != ()
        ]
    return kept[state, body]  # type: ignore[no-any-return]


def _while_it_ran(record: Record, state: str, body: str, known: tuple[_Interval, ...]) -> tuple[_Known, ...]:
    """Intervals in the years in which the body ran."""
    row, spans = record.lookup.body(body), record.lookup.spans(state)
    found: list[_Known] = []
    for one in known:
        first, last = max(one.first, row["founded"] or 0), min(one.last, row["ended"] or LAST_YEAR)
        if first <= last:
            sure = not spans or any(start.year < first and last < end.year for start, end in spans)
            found.append((first, last, sure, one))
    return tuple(found)


# --- years of a pair ---------------------------------------------------------------------------------------------


def _membership_intervals(record: Record, state: str, body: str) -> tuple[_Interval, ...] | None:
    """Years in which a pair without an act may be inside; None for a pair with an act, whose days have to be walked."""
    known: dict[tuple[str, str], tuple[_Interval, ...] | None] = record.lookup.kept.setdefault("intervals", {})
    if (state, body) not in known:
        known[state, body] = None if record.lookup.acts(state, body) else _intervals(record, state, body)
    return known[state, body]


def _intervals(record: Record, state: str, body: str) -> tuple[_Interval, ...]:
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
    codes, inside = lookup.codes(state), _spells_by_year(record, state, body)
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
        word = row["status"] if row else "unknown"
        if _is_listed(word, rule_of_spell(row, first) if row else SILENT):
            reading = row["reading"] if row else "act"
            found.append(_Interval(first, following - 1, row, word, reading, _begun(inside, first)))
    return tuple(found)


def _spells_by_year(record: Record, state: str, body: str) -> list[tuple[int, int, str]]:
    """First year, last year and status of every spell inside, by year."""
    return sorted(
        (r["first_year"], r["last_year"] if r["last_year"] is not None else LAST_YEAR, r["status"])
        for r in record.lookup.spells_under(state, body)
        if r["status"] != "not_member"
    )


def _begun(spells: list[tuple[int, int, str]], year: int) -> str | None:
    """First year of the unbroken run of spells of one status that covers a year."""
    before = [spell for spell in spells if spell[0] <= year]
    if not before or before[-1][1] < year:
        return None
    first, _, word = before[-1]
    for start, end, kind in reversed(before[:-1]):
        if end + 1 != first or kind != word:
            break
        first = start
    return str(first)


# --- how many, and the matrix ------------------------------------------------------------------------------------


def memberships_by_year(record: Record, state: str, first_year: int) -> list[tuple[int, int]]:
    """Number of bodies that a state is certainly in (`INSIDE`) on the last day of each year, up to the closing day."""
    closing, lookup = record.closing_day, record.lookup
    days = [min(date(year, 12, 31), closing) for year in range(first_year, closing.year + 1)]
    counts = [0] * len(days)
    there = [lookup.exists(state, day) for day in days]
    for _, body in lookup.pairs(state, None):
        known = _membership_intervals(record, state, body)
        if known is not None:
            for one in known:
                if one.status in INSIDE:
                    for year in range(max(one.first, first_year), min(one.last, closing.year) + 1):
                        counts[year - first_year] += there[year - first_year] and lookup.ran(body, year)
            continue
        turns, inside = _turns(record, state, body), False
        for at, day in enumerate(days):
            if at == 0 or day.year in turns:
                outside = lookup.coded_outside(state, body, day.year)
                inside = not outside and status(record, state, body, day).status in INSIDE
            counts[at] += inside
    return [(day.year, count) for day, count in zip(days, counts, strict=True)]


def _turns(record: Record, state: str, body: str) -> set[int]:
    """Years in which the status of a pair can change; between them it need not be asked for."""
    lookup = record.lookup
    row = lookup.body(body)
    years = {LAST_CODED_YEAR, record.closing_day.year, *lookup.turns(body)}
    years |= {year for year in (row["founded"], row["ended"]) if year is not None}
    for code in lookup.codes(state):
        years |= {day.year for day in (code.valid_from, code.valid_to) if day is not None}
        if code.cow is not None:
            years |= {y for r in lookup.spells(code.cow, body) for y in (r["first_year"], r["last_year"]) if y}
    for act in lookup.acts(state, body):
        for text in (act["date"], act["takes_effect"]):
            for day in (parse(text).earliest, parse(text).latest) if text else ():
                years |= {day.year, day.year + LATE, day.year + PATIENCE} if day is not None else set()
    return years | {year + 1 for year in years}


def membership_matrix(
    record: Record, day: date, cows: Sequence[int], bodies: Sequence[str]
) -> NDArray[np.bool_]:  # fmt: skip
    """Whether states are in bodies on a day, (states, bodies), as `status` says: one of `MAY_BE_INSIDE`.

    Pairs with an act are asked one by one; of the others, a spell that covers the year tells. Of a body in which there is
    no membership to end (`no_membership`), such as a forum, the matrix tells who is coded as taking part.

    Parameters
    ----------
    cows : Correlates of War numbers of states that are in the system on the day
    bodies : keys of bodies that run on the day
    """
    import numpy as np  # not at the top: who asks for one pair need not wait for it

    at_cow = {cow: i for i, cow in enumerate(cows)}
    codes = {code_in_year(record.codes, cow, day.year) for cow in cows}
    numbers = {state: cow_of(record.lookup.codes(state), state, day.year) for state in codes}
    at_state = {state: at_cow[cow] for state, cow in numbers.items() if cow in at_cow}
    at_body = {body: j for j, body in enumerate(bodies)}
    inside = np.zeros((len(cows), len(bodies)), np.bool_)
    spells = record.table("memberships").filter(
        (pl.col("first_year") <= day.year) & (pl.col("last_year").is_null() | (pl.col("last_year") >= day.year))
        & pl.col("body").is_in(list(bodies))
    )  # fmt: skip
    for cow, body, word in spells.select("cow", "body", "status").iter_rows():
        if cow in at_cow:
            inside[at_cow[cow], at_body[body]] = word in MAY_BE_INSIDE
    acted = record.table("acts").select("state", "body").unique().filter(pl.col("body").is_in(list(bodies)))
    for body, part in acted.sort("body", "state").group_by("body", maintain_order=True):
        near = record.only(None, str(body[0]))
        for state in part["state"]:
            if state in at_state:
                word = status(near, state, str(body[0]), day).status
                inside[at_state[state], at_body[str(body[0])]] = word in MAY_BE_INSIDE
    return inside
