"""Acts of a pair in order of time: those of the record, and what lists of parties tell of who joined, left or came back.

A list speaks from the first day of its body to its own last day. Where an act of the record tells the same event, within two
years, the act stands; where the act is dated less exactly than the list and the list's day lies within it, the list's day
stands in the act.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from typing import Final

from exeunt.core.dates import EDTF, parse
from exeunt.record.lookup import Row
from exeunt.record.schema import PartyRank
from exeunt.record.store import Record

LEAVING: Final = frozenset({"threatened", "announced", "notified", "notice_rescinded", "halted", "law_repealed", "effective",
           "effective_claimed", "effective_by_clause", "expelled", "suspended", "organ_position", "objected",
           "accepted", "funding_stopped", "vote_lost"})  # fmt: skip
JOINING: Final = frozenset({"joined", "acceded", "ratified", "entered_into_force"})
MOVING: Final = LEAVING | JOINING | {"rejoined", "signed", "signature_withdrawn", "ratification_withdrawn"}
SAME_EVENT_DAYS: Final = 731
"""An act and a listed event of one direction that lie no further apart than two years are one event."""
_ENTRY: Final = {"joined": "joined", "rejoined": "rejoined", "succeeded": "joined", "signed": "signed"}
_EXIT: Final = {"left": "effective", "expelled": "expelled", "suspended": "suspended"}
_WAYS_IN: Final = JOINING | {"rejoined"}
_WAYS_OUT: Final = frozenset({"effective", "expelled"})


@dataclass(frozen=True, slots=True)
class Act:
    """One act as the chain needs it."""

    act_id: str
    act: str
    date: EDTF
    takes_effect: EDTF | None
    claimed_by: str
    contested: bool
    sources: tuple[str, ...]
    flag: str = ""
    episode: str = ""
    counts: bool = False
    """Whether its episode counts as an exit."""
    rank: str = "act"
    """`act`, or the rank of the list that tells of it."""
    note: str = ""


@dataclass(frozen=True, slots=True)
class _PartyList:
    """What a list of parties claims for itself: the last day it speaks for, and whether it names everybody."""

    body: str
    complete: bool
    until: date
    rank: PartyRank


def act_of(row: Row) -> Act:
    """A row of the table `acts`, its dates read."""
    return Act(
        row["act_id"], row["act"], parse(row["date"]), parse(row["takes_effect"]) if row["takes_effect"] else None,
        row["claimed_by"], row["contested"] == "yes", tuple((row["sources"] or "").split()), row["flag"] or "",
        row["episode"], bool(row["counts_as_exit"]),
    )  # fmt: skip


def acts_of(record: Record, state: str, body: str, known_by: date | None = None) -> list[Act]:
    """What a state did towards a body, by acts of the record and by lists of parties, in order of their earliest day.

    `known_by` drops what was recorded later, and lists, which were read after the record was closed.
    """
    kept: dict[tuple[str, str], list[Act]] = record.lookup.kept.setdefault("acts", {})
    if known_by is None and (state, body) in kept:
        return list(kept[state, body])
    acts = [
        act_of(row)
        for row in record.lookup.acts(state, body)
        if known_by is None or parse(row["recorded"]).certainly_on_or_before(known_by)
    ]
    acts = _with_lists(
        acts, record.lookup.parties(state, body) if known_by is None or known_by >= record.closing_day else ()
    )
    acts.sort(key=lambda a: (a.date.earliest or date.min, a.date.latest or date.max, a.act_id))
    if known_by is None and acts:
        kept[state, body] = list(acts)
    return acts


def list_of(record: Record, body: str) -> _PartyList | None:
    """The list of a body, or None where the record has none."""
    kept: dict[str, _PartyList | None] = record.lookup.kept.setdefault("party lists", {})
    if body not in kept:
        row = record.lookup.party_list(body)
        until = date.fromisoformat(row["until"]) if row else date.min
        kept[body] = _PartyList(body, row["complete"], until, row["rank"]) if row else None
    return kept[body]


def _with_lists(acts: list[Act], rows: Iterable[Row]) -> list[Act]:
    """Acts of a pair together with the events that lists tell of it, each event once.

    Parameters
    ----------
    acts : acts of the pair
    rows : rows of the table `parties`
    """
    found = list(acts)
    for event in (one for row in rows for one in _events(row)):
        near = [
            act for act in acts if _same_way(act, event) and _days_apart(day_of(act), event.date) <= SAME_EVENT_DAYS
        ]
        if not near:
            found.append(event)
            continue
        act = near[0]
        if _days_apart(day_of(act), event.date) == 0 and _is_exact(event.date) and not _is_exact(day_of(act)):
            found[found.index(act)] = replace(act, date=event.date, takes_effect=None)
    return found


def day_of(act: Act) -> EDTF:
    """The date from which an act moves the chain: entries work from the day they name, all else from its own date."""
    return act.takes_effect if act.takes_effect and act.act in _WAYS_IN else act.date


def _is_exact(when: EDTF) -> bool:
    """Whether a date is known to the day."""
    return when.earliest is not None and when.earliest == when.latest


def _events(row: Row) -> list[Act]:
    def event(act: str, when: str) -> Act:
        return Act(
            act_id=f"{row['body']}/{row['state']}/{when}", act=act, date=parse(when), takes_effect=None,
            claimed_by="depositary" if row["rank"] == "depositary" else "organization", contested=False,
            sources=((row["sources"] or row["source"]),), rank=row["rank"],
        )  # fmt: skip

    found = []
    if row["kind"] == "suspended":
        found = [event("suspended", row["since"])]
        return [*found, event("rejoined", row["until"])] if row["until"] else found
    if row["since"]:
        found.append(event(_ENTRY[row["kind"]], row["since"]))
    if row["until"]:
        found.append(event(_EXIT[row["until_kind"]], row["until"]))
    return found


def _same_way(act: Act, event: Act) -> bool:
    if event.act in _WAYS_IN:
        return act.act in _WAYS_IN
    if event.act not in _WAYS_OUT:
        return act.act == event.act
    # Only those who keep the list themselves settle an effect that is claimed and disputed.
    settles = event.rank in {"depositary", "official"}
    return act.act in _WAYS_OUT or (act.act == "effective_claimed" and not settles)


def _days_apart(one: EDTF, other: EDTF) -> int:
    """Days between two dates, 0 where they may be the same day."""
    first, second = (
        (d.earliest or date.min, d.latest or date.max) for d in (one, other)
    )  # fmt: skip
    return max((second[0] - first[1]).days, (first[0] - second[1]).days, 0)
