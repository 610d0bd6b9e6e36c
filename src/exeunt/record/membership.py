"""Who belongs on a day: the status of every state in a body, or of a state in every body; how many, and the matrix."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING, Annotated, Final

from exeunt.answers import Answer, item
from exeunt.record.acts import acts_of
from exeunt.record.identity import code_in_year, cow_of
from exeunt.record.schema import LAST_CODED_YEAR, CertaintyWord, ReadingWord, StatusWord
from exeunt.record.status import INSIDE, LATE, PATIENCE, Rule, Status, status
from exeunt.record.store import Record

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_LAST_YEAR: Final = 9999
MAY_BE_INSIDE: Final = INSIDE | {"left_claimed_disputed"}
"""Statuses under which a state is counted as in while somebody disputes that it has left."""
_OUTSIDE = frozenset({"not_member", "never_member", "outside_span", "no_membership", "signatory_not_party"})
_DOUBTED = frozenset({
    "rule.dues_stopped", "rule.due_passed", "rule.due_by_clause", "rule.in_course", "rule.coded_from",
})  # fmt: skip
"""Rules under which a state of unknown status is listed, for it may belong."""


_READING: Final = {"act": "act", "dues": "dues", "roster": "roster", "coded": "observed", "none": "observed"}


class Member(Answer, frozen=True, kw_only=True):
    """Who belongs to what on a day, in whatever way, and how that is known."""

    body: Annotated[str, item("body key")]
    state: Annotated[str, item("state code")]
    as_of: Annotated[date, item("the day asked about")]
    status: Annotated[StatusWord, item("status on the day")]
    since: Annotated[str | None, item("day of the act that decided, else first year of the spells that run on; EDTF")]
    reading: Annotated[ReadingWord, item("how it is known")]
    certainty: Annotated[
        CertaintyWord, item("how exactly it is known: to the day, to the year, carried forward, or not")
    ]
    contested: Annotated[bool, item("whether somebody disputes it")]
    rule: Annotated[Rule, item("the rule that decided")]
    earlier: Annotated[Rule | None, item("the rule of the acts, where later coding has overruled it")] = None
    beyond_record: Annotated[bool, item("whether the day is after the closing day of the record")] = False


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
    return [member for s in statuses(record, None, body, as_of, known_by) if (member := _member(record, s))]


def memberships_of(record: Record, state: str, as_of: date | None = None, known_by: date | None = None) -> list[Member]:
    """Every body that a state is in on a day; rows as in `members`."""
    return [member for s in statuses(record, state, None, as_of, known_by) if (member := _member(record, s))]


def _member(record: Record, s: Status) -> Member | None:
    if not _is_listed(s.status, s.rule):
        return None
    reading = _READING.get(s.evidence.kind, "listed")
    if reading == "observed" and s.certainty == "carried_forward":
        reading = "carried_forward"
    since = s.since or _begun(_spells_by_year(record, s.state, s.body), min(s.as_of, record.closing_day).year)
    return Member(
        body=s.body, state=s.state, as_of=s.as_of, status=s.status, since=since, reading=reading, certainty=s.certainty,
        contested=s.contested, rule=s.rule, earlier=s.earlier, beyond_record=s.beyond_record,
    )  # fmt: skip


def _is_listed(status: str, rule: Rule) -> bool:
    """Whether a pair of such a status is listed among members: it is in, or it may be and more is known of it than that."""
    return status not in _OUTSIDE and (status != "unknown" or rule.code in _DOUBTED)


def _spells_by_year(record: Record, state: str, body: str) -> list[tuple[int, int, str]]:
    """First year, last year and status of every spell inside, by year."""
    return sorted(
        (r["first_year"], r["last_year"] if r["last_year"] is not None else _LAST_YEAR, r["status"])
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
    closing = record.closing_day
    days = [min(date(year, 12, 31), closing) for year in range(first_year, closing.year + 1)]
    counts = [0] * len(days)
    record.lookup.read_whole()
    for _, body in record.lookup.pairs(state, None):
        turns, inside = _turns(record, state, body), False
        for at, day in enumerate(days):
            if at == 0 or day.year in turns:
                inside = status(record, state, body, day).status in INSIDE
            counts[at] += inside
    return [(day.year, count) for day, count in zip(days, counts, strict=True)]


def _turns(record: Record, state: str, body: str) -> set[int]:
    """Years in which the status of a pair can change; between them it need not be asked for."""
    lookup = record.lookup
    row = lookup.body(body)
    years = {LAST_CODED_YEAR, record.closing_day.year}
    years |= {year for year in (row["founded"], row["ended"]) if year is not None}
    for code in lookup.codes(state):
        years |= {day.year for day in (code.valid_from, code.valid_to) if day is not None}
        if code.cow is not None:
            years |= {y for r in lookup.spells(code.cow, body) for y in (r["first_year"], r["last_year"]) if y}
    years |= {y for r in lookup.spells_under(state, body) for y in (r["first_year"], r["last_year"]) if y}
    years |= lookup.turns(body)
    for act in acts_of(record, state, body):
        for when in (act.date, act.takes_effect):
            for day in (when.earliest, when.latest) if when else ():
                years |= {day.year, day.year + LATE, day.year + PATIENCE} if day is not None else set()
    return years | {year + 1 for year in years}


def membership_matrix(
    record: Record, day: date, cows: Sequence[int], bodies: Sequence[str]
) -> NDArray[np.bool_]:  # fmt: skip
    """Whether states are in bodies on a day, (states, bodies), as `status` says: one of `MAY_BE_INSIDE`.

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
    inside = np.zeros((len(cows), len(bodies)), np.bool_)
    record.lookup.read_whole()
    for column, body in enumerate(bodies):
        for state, _ in record.lookup.pairs(None, body):
            if state in at_state:
                inside[at_state[state], column] = status(record, state, body, day).status in MAY_BE_INSIDE
    return inside
