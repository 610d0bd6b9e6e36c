"""Who belongs on a day: the status of every state in a body, or of a state in every body."""

from __future__ import annotations

import re
from datetime import date
from typing import Any, TypeAlias

from exeunt.record.schema import READINGS
from exeunt.record.status import NOTHING_TELLS, Status, beyond_said, said_about, status
from exeunt.record.stays import LAST_YEAR, Stay, begun, is_inside, stays
from exeunt.record.store import Record

Inside: TypeAlias = tuple[str, str, str, str | None, str, bool, str]
"""Who is inside: state, body, status, since, reading, contested, rule."""
_Told: TypeAlias = tuple[int, int, bool, str, str | None, str, str, str | None]
"""A stay: first and last year, whether the state was there all the time, status, since, reading, and `said_about`."""
_READING = re.compile(rf"(?P<reading>{'|'.join(READINGS)}) as ")


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


def members(record: Record, body: str, as_of: date | None = None, known_by: date | None = None) -> list[dict[str, Any]]:
    """Everybody who is in a body on a day, in whatever way: {body, state, as_of, status, since, reading, contested, rule}.

    `since` is the day of the act that decided, else the first year of the spells that run on without a break; `reading`
    tells how it is known. A state whose membership is doubted (`unknown`) is listed, for it may belong.
    """
    return _rows(inside(record, None, body, as_of, known_by), as_of or record.closing_day)


def memberships_of(
    record: Record, state: str, as_of: date | None = None, known_by: date | None = None
) -> list[dict[str, Any]]:
    """Every body that a state is in on a day; rows as in `members`."""
    return _rows(inside(record, state, None, as_of, known_by), as_of or record.closing_day)


def _rows(found: list[Inside], day: date) -> list[dict[str, Any]]:
    shown = day.isoformat()
    return [
        {"body": body, "state": state, "as_of": shown, "status": status, "since": since, "reading": reading,
         "contested": contested, "rule": rule}
        for state, body, status, since, reading, contested, rule in found
    ]  # fmt: skip


def inside(
    record: Record, state: str | None, body: str | None, as_of: date | None = None, known_by: date | None = None
) -> list[Inside]:
    """Rows of `members` (where `body` is given) or of `memberships_of` (where `state` is), as tuples: see `Inside`."""
    lookup = record.lookup
    if body is None:
        lookup.read_whole()
    day = as_of or record.closing_day
    known = min(day, record.closing_day)
    year, more = known.year, beyond_said(record) if day > known else ""
    if (state and not lookup.exists(state, known)) or (body and not lookup.ran(body, year)):
        return []
    written, exists = str(year), lookup.exists
    found: list[Inside] = []
    for one, other, told in _pairs(record, state, body):
        if told is None or known_by is not None:
            if not lookup.coded_outside(one, other, year):
                row = _row(record, status(record, one, other, as_of, known_by))
                if row is not None:
                    found.append(row)
            continue
        for first, last, sure, word, since, reading, before, after in told:
            if first <= year <= last:
                if sure or exists(one, known):
                    rule = before + more if after is None else f"{before}{written}{after}{more}"
                    found.append((one, other, word, since, reading, False, rule))
                break
    return found


def _pairs(record: Record, state: str | None, body: str | None) -> list[tuple[str, str, tuple[_Told, ...] | None]]:
    """Pairs with what is told of their stays, without those that have none."""
    kept = record.lookup.kept.setdefault("pairs with stays", {})
    if (state, body) not in kept:
        found = [(one, other, stays(record, one, other)) for one, other in record.lookup.pairs(state, body)]
        kept[state, body] = [
            (one, other, None if known is None else _told(record, one, other, known))
            for one, other, known in found
            if known != ()
        ]
    return kept[state, body]  # type: ignore[no-any-return]


def _told(record: Record, state: str, body: str, known: tuple[Stay, ...]) -> tuple[_Told, ...]:
    """Stays in the years in which the body ran, those that say the same taken together."""
    row, spans = record.lookup.body(body), record.lookup.spans(state)
    found: list[_Told] = []
    for stay in known:
        first, last = max(stay.first, row["founded"] or 0), min(stay.last, row["ended"] or LAST_YEAR)
        if first > last:
            continue
        sure = not spans or any(start.year < first and last < end.year for start, end in spans)
        said = said_about(stay.row) if stay.row else (NOTHING_TELLS, None)
        one: _Told = (first, last, sure, stay.status, stay.since, stay.reading, *said)
        if found and found[-1][1] + 1 == first and found[-1][2:] == one[2:]:
            one = (found.pop()[0], *one[1:])
        found.append(one)
    return tuple(found)


def _row(record: Record, s: Status) -> Inside | None:
    if not is_inside(s.status, s.rule):
        return None
    match = _READING.match(s.rule)
    reading = match["reading"] if match else ("dues" if s.rule.startswith("assessed dues") else "act")
    since = s.since or begun(record, s.state, s.body, min(s.as_of, record.closing_day).year)
    return s.state, s.body, s.status, since, reading, s.contested, s.rule
