"""Who belongs on a day: the status of every state in a body, or of a state in every body."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

from exeunt.record.schema import READINGS
from exeunt.record.status import NOTHING_TELLS, Status, beyond_said, said_of, status
from exeunt.record.stays import Stay, begun, is_inside, stays
from exeunt.record.store import Record

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
    return _rows(record, None, body, as_of, known_by)


def memberships_of(
    record: Record, state: str, as_of: date | None = None, known_by: date | None = None
) -> list[dict[str, Any]]:
    """Every body that a state is in on a day; rows as in `members`."""
    return _rows(record, state, None, as_of, known_by)


def _rows(
    record: Record, state: str | None, body: str | None, as_of: date | None, known_by: date | None
) -> list[dict[str, Any]]:
    lookup = record.lookup
    if body is None:
        lookup.read_whole()
    day = as_of or record.closing_day
    known = min(day, record.closing_day)
    year, shown, more = known.year, day.isoformat(), beyond_said(record) if day > known else ""
    if (state and not lookup.exists(state, known)) or (body and not lookup.ran(body, year)):
        return []
    rows: list[dict[str, Any]] = []
    for one, other, told in _pairs(record, state, body):
        if told is None or known_by is not None:
            if not lookup.coded_outside(one, other, year):
                row = _row(record, status(record, one, other, as_of, known_by))
                if row is not None:
                    rows.append(row)
            continue
        for stay in told:
            if stay.first <= year <= stay.last:
                if (state or lookup.exists(one, known)) and (body or lookup.ran(other, year)):
                    rule = (said_of(stay.row, year) if stay.row else NOTHING_TELLS) + more
                    rows.append(
                        {"body": other, "state": one, "as_of": shown, "status": stay.status, "since": stay.since,
                         "reading": stay.reading, "contested": False, "rule": rule}
                    )  # fmt: skip
                break
    return rows


def _pairs(record: Record, state: str | None, body: str | None) -> list[tuple[str, str, tuple[Stay, ...] | None]]:
    """Pairs with their stays, without those that have none."""
    kept = record.lookup.kept.setdefault("pairs with stays", {})
    if (state, body) not in kept:
        found = [(one, other, stays(record, one, other)) for one, other in record.lookup.pairs(state, body)]
        kept[state, body] = [pair for pair in found if pair[2] != ()]
    return kept[state, body]  # type: ignore[no-any-return]


def _row(record: Record, s: Status) -> dict[str, Any] | None:
    if not is_inside(s.status, s.rule):
        return None
    match = _READING.match(s.rule)
    reading = match["reading"] if match else ("dues" if s.rule.startswith("assessed dues") else "act")
    since = s.since or begun(record, s.state, s.body, min(s.as_of, record.closing_day).year)
    return {
        "body": s.body, "state": s.state, "as_of": s.as_of.isoformat(), "status": s.status, "since": since,
        "reading": reading, "contested": s.contested, "rule": s.rule,
    }  # fmt: skip
