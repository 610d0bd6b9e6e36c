"""What the acid tests ask about a whole chain of acts: does it count, how many are there, how did it end."""

from __future__ import annotations

from datetime import date
from typing import Any

import polars as pl

from exeunt.core.dates import parse
from exeunt.record.acts import Act, acts_of
from exeunt.record.status import status
from exeunt.record.store import Record

NOT_UNDER_WAY = {"notice_rescinded", "halted"}
MANNERS = {
    "expelled": "ended by the body",
    "effective": "left by its own act",
    "effective_claimed": "says that it has left",
    "signature_withdrawn": "withdrew its signature",
    "ratification_withdrawn": "withdrew its ratification",
    "participation_ended": "stopped taking part",
}


def episodes_of(record: Record, state: str, body: str) -> list[dict[str, Any]]:
    """Episodes of leaving of a state in a body, each with its acts in order, the earliest first."""
    rows = record.table("episodes").filter(
        (pl.col("state") == state) & (pl.col("body") == body) & (pl.col("direction") == "leaving")
    )
    owner = dict(record.table("acts").filter(pl.col("state") == state).select("act_id", "episode").iter_rows())
    acts = acts_of(record, state, body)
    out = []
    for row in rows.iter_rows(named=True):
        own = [a for a in acts if owner.get(a.act_id) == row["episode"]]
        out.append({**row, "acts": own})
    return sorted(out, key=lambda e: _first(e["acts"]) or date.max)


def _first(acts: list[Act]) -> date | None:
    days = [a.date.earliest for a in acts if a.date.earliest]
    return min(days) if days else None


def episode_at(record: Record, state: str, body: str, day: date) -> dict[str, Any] | None:
    """The episode that was under way on a day, or the next one to begin; None where there is none."""
    found = episodes_of(record, state, body)
    begun = [e for e in found if (_first(e["acts"]) or date.max) <= day]
    later = [e for e in found if (_first(e["acts"]) or date.max) > day]
    running = [e for e in begun if (_last(e["acts"]) or date.min) >= day]
    chosen = running or later or begun[-1:]
    return chosen[0] if chosen else None


def _last(acts: list[Act]) -> date | None:
    days = [a.date.latest or a.date.earliest for a in acts]
    known = [d for d in days if d]
    return max(known) if known else None


def counts_as_exit(record: Record, state: str, body: str, day: date) -> bool | None:
    """Whether the episode at a day counts as an exit; None where that is disputed or unsettled."""
    episode = episode_at(record, state, body, day)
    return None if episode is None else episode["counts_as_exit"]


def number_of_exits(record: Record, state: str, body: str) -> int:
    """Episodes with a notice or an effect that was not taken back, whether or not it has run out."""
    return sum(
        1
        for e in episodes_of(record, state, body)
        if {a.act for a in e["acts"]} & {"notified", "effective", "effective_claimed", "expelled"}
        and not {a.act for a in e["acts"]} & NOT_UNDER_WAY
    )


def claimed_effective(record: Record, state: str, body: str, day: date) -> str | None:
    """Date from which the leaver says that it is out: of an "immediate" announcement, else of the claimed effect."""
    episode = episode_at(record, state, body, day)
    if episode is None:
        return None
    for act in episode["acts"]:
        if "claim_immediate" in act.flag or "effect_claimed_immediate" in act.flag:
            return str(act.date)
    claims = [a for a in episode["acts"] if a.act in {"effective_claimed", "effective"}]
    return str(claims[0].date) if claims else None


def manner(record: Record, state: str, body: str, day: date) -> str | None:
    """How the episode at a day ended, in words; None while it has not."""
    episode = episode_at(record, state, body, day)
    if episode is None:
        return None
    last = next((a for a in reversed(episode["acts"]) if a.act in MANNERS), None)
    if last is None:
        return None
    notice = next((a for a in episode["acts"] if a.act == "notified"), None)
    before = f", after its own notice of {notice.date}" if last.act == "expelled" and notice else ""
    return f"{MANNERS[last.act]} on {last.date}{before}"


def membership_to_leave(record: Record, state: str, body: str, day: date) -> bool:
    """Whether there is a membership, a treaty or a signature that the state could end on a day."""
    if record.what_there_is_to_leave(state, body) not in {"membership", "treaty"}:
        return False
    return status(record, state, body, day).status not in {"never_member", "no_membership"}


def notice_received(record: Record, state: str, body: str, day: date) -> str | None:
    """Day of a notice in the record up to a day; None where none is established."""
    dates = [
        str(a.date) for a in acts_of(record, state, body) if a.act == "notified" and a.date.certainly_on_or_before(day)
    ]
    return dates[-1] if dates else None


def return_date(record: Record, state: str, body: str, day: date) -> str | None:
    """Date of the first return after a day, as the record has it."""
    for act in acts_of(record, state, body):
        if act.act == "rejoined" and (act.date.latest or parse("2999").latest or date.max) >= day:
            return str(act.date)
    return None
