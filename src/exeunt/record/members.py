"""Who belongs on a day: the status of every state in a body, or of a state in every body."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

import polars as pl

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
    near = record.only(state, body)
    pairs = pl.concat(
        [near.table(name).select("state", "body").drop_nulls() for name in ("memberships", "acts")]
    ).unique().sort("state", "body")  # fmt: skip
    return [status(near, s, b, as_of, known_by) for s, b in pairs.iter_rows()]


def members(record: Record, body: str, as_of: date | None = None, known_by: date | None = None) -> list[dict[str, Any]]:
    """Everybody who is in a body on a day, in whatever way: {body, state, as_of, status, since, reading, contested, rule}.

    `since` is the day of the act that decided, else the first year of the spells that run on without a break; `reading`
    tells how it is known. A state whose membership is doubted (`unknown`) is listed, for it may belong.
    """
    return _rows(record, statuses(record, None, body, as_of, known_by))


def memberships_of(
    record: Record, state: str, as_of: date | None = None, known_by: date | None = None
) -> list[dict[str, Any]]:
    """Every body that a state is in on a day; rows as in `members`."""
    return _rows(record, statuses(record, state, None, as_of, known_by))


def _rows(record: Record, found: list[Status]) -> list[dict[str, Any]]:
    kept = [s for s in found if s.status not in OUTSIDE and not (s.status == "unknown" and "coded" not in s.rule
            and "dues" not in s.rule and "due on" not in s.rule)]  # fmt: skip
    begun = _begun(record, {s.body for s in kept})
    rows = []
    for s in kept:
        match = _READING.match(s.rule)
        reading = match["reading"] if match else ("dues" if s.rule.startswith("assessed dues") else "act")
        since = s.since or begun(s.state, s.body, min(s.as_of, record.closing_day).year)
        rows.append(
            {"body": s.body, "state": s.state, "as_of": s.as_of.isoformat(), "status": s.status, "since": since,
             "reading": reading, "contested": s.contested, "rule": s.rule}
        )  # fmt: skip
    return rows


def _begun(record: Record, bodies: set[str]) -> Any:
    """A finder of the first year of the unbroken run of spells of one status that covers a year."""
    spells: dict[tuple[str, str], list[tuple[int, int, str]]] = {}
    frame = record.table("memberships").filter(
        pl.col("body").is_in(sorted(bodies)) & (pl.col("status") != "not_member")
    )
    for state, body, first, last, word in frame.select(
        "state", "body", "first_year", "last_year", "status"
    ).iter_rows():
        spells.setdefault((state, body), []).append((first, last if last is not None else 9999, word))

    def find(state: str, body: str, year: int) -> str | None:
        before = sorted(s for s in spells.get((state, body), []) if s[0] <= year)
        if not before or before[-1][1] < year:
            return None
        first, _, word = before[-1]
        for start, end, kind in reversed(before[:-1]):
            if end + 1 != first or kind != word:
                break
            first = start
        return str(first)

    return find
