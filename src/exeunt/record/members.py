"""Who belongs on a day: the status of every state in a body, or of a state in every body."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

from exeunt.record.schema import READINGS
from exeunt.record.status import NOTHING_TELLS, Status, beyond_said, outside_span, said_of, status
from exeunt.record.stays import Stay, begun, stays
from exeunt.record.store import Record

OUTSIDE = {"not_member", "never_member", "outside_span", "no_membership", "signatory_not_party"}
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
    if body is None:
        record.lookup.read_whole()
    day = as_of or record.closing_day
    rows = []
    for one, other in record.lookup.pairs(state, body):
        told = stays(record, one, other) if known_by is None else None
        if told is None:
            if not record.lookup.coded_outside(one, other, min(day, record.closing_day).year):
                row = _row(record, status(record, one, other, as_of, known_by))
                if row is not None:
                    rows.append(row)
        elif told:
            row = _stayed(record, one, other, told, day)
            if row is not None:
                rows.append(row)
    return rows


def _is_inside(word: str, rule: str) -> bool:
    return word not in OUTSIDE and (word != "unknown" or "coded" in rule or "dues" in rule or "due on" in rule)


def _row(record: Record, s: Status) -> dict[str, Any] | None:
    if not _is_inside(s.status, s.rule):
        return None
    match = _READING.match(s.rule)
    reading = match["reading"] if match else ("dues" if s.rule.startswith("assessed dues") else "act")
    since = s.since or begun(record, s.state, s.body, min(s.as_of, record.closing_day).year)
    return {
        "body": s.body, "state": s.state, "as_of": s.as_of.isoformat(), "status": s.status, "since": since,
        "reading": reading, "contested": s.contested, "rule": s.rule,
    }  # fmt: skip


def _stayed(record: Record, state: str, body: str, told: tuple[Stay, ...], day: date) -> dict[str, Any] | None:
    """Row of a pair without an act, as `_row` makes it of the status."""
    known = min(day, record.closing_day)
    year = known.year
    stay = next((s for s in told if s.first <= year <= s.last), None)
    if stay is None or outside_span(record, state, body, known):
        return None
    word, rule = (stay.row["status"], said_of(stay.row, year)) if stay.row else ("unknown", NOTHING_TELLS)
    if day > known:
        rule += beyond_said(record)
    if not _is_inside(word, rule):
        return None
    return {
        "body": body, "state": state, "as_of": day.isoformat(), "status": word, "since": stay.since,
        "reading": stay.row["reading"] if stay.row else "act", "contested": False, "rule": rule,
    }  # fmt: skip
