"""From when an exit takes money away: dues end with the membership, gifts can stop at once."""

from __future__ import annotations

from datetime import date
from typing import Final

from exeunt.consequence.batch import LEAVEABLE, Batch
from exeunt.record.clauses import Clock, clock
from exeunt.record.status import status
from exeunt.record.store import Record

UNDER_WAY: Final = ("member_announced_only", "member_notice_running", "left_claimed_disputed", "not_member")
"""Statuses in which the record's own acts tell when the exit takes effect; in others notice is supposed on the decision."""


def clock_of(record: Record, asked: Batch, state: str, body: str, as_of: date | None = None) -> Clock | None:
    """The clock of a pair; None where there is no membership or treaty whose end it could tell.

    Of a case, and of an exit that is under way or done, it runs on the acts of the record; else as if notice was given on the
    day of the decision.
    """
    if asked.what[state, body] not in LEAVEABLE:
        return None
    own = asked.kind == "case" or status(record, state, body, as_of).status in UNDER_WAY
    return clock(record, state, body, notified=None if own else asked.decided, as_of=as_of)


def lost_from(asked: Batch, ticked: Clock | None) -> tuple[dict[str, int | None], dict[str, str]]:
    """First year in which an exit takes money away, by ledger, and in words why.

    Dues fall away from the first whole calendar year after the earliest day of effect by the rule; gifts can stop at once, so
    from the year of the decision. Where the record gives no day of effect the year is None for dues.

    Parameters
    ----------
    ticked : `clock_of(...)` of the pair
    """
    gift = asked.decided.year
    words = {"voluntary": f"gifts can stop at once, here from {gift}"}
    if ticked is None:
        words["assessed"] = "there is no membership whose end would stop dues"
        return {"voluntary": gift, "assessed": None}, words
    day = ticked.earliest_effective
    if day is None:
        words["assessed"] = f"no day of effect is known ({ticked.reason})"
        return {"voluntary": gift, "assessed": None}, words
    words["assessed"] = f"dues end with the membership, on {day} at the earliest"
    return {"voluntary": gift, "assessed": day.year if (day.month, day.day) == (1, 1) else day.year + 1}, words
