"""Who belongs on a day: the status of every state in a body, or of a state in every body."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

from exeunt.record.schema import READINGS
from exeunt.record.status import Status, status
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


def _perhaps_inside(
    record: Record, state: str | None, body: str | None, as_of: date | None, known_by: date | None
) -> list[Status]:
    """Statuses of the pairs that may come out as inside: without an act, and coded as outside on the day, a pair is not."""
    if body is None:
        record.lookup.read_whole()
    year = min(as_of or record.closing_day, record.closing_day).year
    return [
        status(record, s, b, as_of, known_by)
        for s, b in record.lookup.pairs(state, body)
        if not record.lookup.coded_outside(s, b, year)
    ]


def members(record: Record, body: str, as_of: date | None = None, known_by: date | None = None) -> list[dict[str, Any]]:
    """Everybody who is in a body on a day, in whatever way: {body, state, as_of, status, since, reading, contested, rule}.

    `since` is the day of the act that decided, else the first year of the spells that run on without a break; `reading`
    tells how it is known. A state whose membership is doubted (`unknown`) is listed, for it may belong.
    """
    return _rows(record, _perhaps_inside(record, None, body, as_of, known_by))


def memberships_of(
    record: Record, state: str, as_of: date | None = None, known_by: date | None = None
) -> list[dict[str, Any]]:
    """Every body that a state is in on a day; rows as in `members`."""
    return _rows(record, _perhaps_inside(record, state, None, as_of, known_by))


def _rows(record: Record, found: list[Status]) -> list[dict[str, Any]]:
    kept = [s for s in found if s.status not in OUTSIDE and not (s.status == "unknown" and "coded" not in s.rule
            and "dues" not in s.rule and "due on" not in s.rule)]  # fmt: skip
    rows = []
    for s in kept:
        match = _READING.match(s.rule)
        reading = match["reading"] if match else ("dues" if s.rule.startswith("assessed dues") else "act")
        since = s.since or _begun(record, s.state, s.body, min(s.as_of, record.closing_day).year)
        rows.append(
            {"body": s.body, "state": s.state, "as_of": s.as_of.isoformat(), "status": s.status, "since": since,
             "reading": reading, "contested": s.contested, "rule": s.rule}
        )  # fmt: skip
    return rows


def _begun(record: Record, state: str, body: str, year: int) -> str | None:
    """First year of the unbroken run of spells of one status that covers a year."""
    before = sorted(
        (r["first_year"], r["last_year"] if r["last_year"] is not None else 9999, r["status"])
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
