"""Acts of leaving: one row per episode, and how the exits of a case went up to a day.

Announced, notified, effective and rejoined are kept apart; of rival days of effect the one that counts is told.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Final, Literal

import polars as pl

from exeunt.answers import Answer, item
from exeunt.core.dates import EDTF, parse
from exeunt.record.acts import act_of
from exeunt.record.cases import Case, acts_of_case
from exeunt.record.lookup import Row
from exeunt.record.schema import CONFIDENCE, ConfidenceWord, SourceRank
from exeunt.record.status import Contest, contests
from exeunt.record.store import Record

_STEPS: Final = {
    "announced": ("announced",),
    "notified": ("notified",),
    "effective": ("effective", "effective_claimed", "expelled"),
    "rejoined": ("rejoined",),
}
_SAID: Final = ("organ_position", "objected")
"""What is said about an exit; who says it does not claim that exit."""
_POSITIONS: Final = frozenset({"organ_position", "objected", "accepted"})
"""What is said about an exit by others than the leaver."""


class Exit(Answer, frozen=True, kw_only=True):
    """One episode of leaving with the first of its dated acts of each kind."""

    state: Annotated[str, item("state code")]
    body: Annotated[str | None, item("body key; empty where a whole batch is announced")]
    episode: Annotated[str, item("key of the episode")]
    announced: Annotated[str | None, item("day on which leaving was announced, EDTF level 1")]
    notified: Annotated[str | None, item("day on which notice was given, EDTF level 1")]
    effective: Annotated[str | None, item("day on which the exit took effect, or was said to, EDTF level 1")]
    rejoined: Annotated[str | None, item("day on which the state came back, EDTF level 1")]
    claimed_by: Annotated[
        tuple[Literal["state", "organization", "depositary", "clause"], ...], item("who says so")
    ]  # fmt: skip
    contested: Annotated[bool, item("whether somebody disputes one of the acts")]
    contested_by: Annotated[tuple[Contest, ...], item("who disputes one of the acts, by what act")]
    claimant_missing: Annotated[tuple[str, ...], item("acts that are contested while none says by whom")]
    counts_as_exit: Annotated[bool | None, item("whether the chain is an exit; empty where disputed or unsettled")]
    confidence: Annotated[ConfidenceWord | None, item("how sure the statement as a whole is")]
    source_rank: Annotated[SourceRank | None, item("best rank among the sources of the episode and its acts")]
    sources: Annotated[tuple[str, ...], item("addresses, those of the best rank first")]


def _order(act: Row) -> tuple[date, date, str]:
    when = parse(act["date"])
    return when.earliest or date.min, when.latest or date.max, act["act_id"]


def _addresses(*rows: Row) -> set[str]:
    return {address for row in rows for address in (row["sources"] or "").split()}


def exits(
    record: Record, state: str | None = None, body: str | None = None, as_of: date | None = None,
    known_by: date | None = None,
) -> list[Exit]:  # fmt: skip
    """Episodes of leaving with their dated acts, the first of each kind.

    Parameters
    ----------
    state, body : keys; all of them by default
    as_of : acts after this day are left out
    known_by : acts recorded after this day are left out
    """
    episodes = record.table("episodes").filter(pl.col("direction") == "leaving")
    if state:
        episodes = episodes.filter(pl.col("state") == state)
    if body:
        episodes = episodes.filter(pl.col("body") == body)
    by_episode: dict[str, list[Row]] = {}
    for act in record.table("acts").iter_rows(named=True):
        if as_of and not parse(act["date"]).certainly_on_or_before(as_of):
            continue
        if known_by and not parse(act["recorded"]).certainly_on_or_before(known_by):
            continue
        by_episode.setdefault(act["episode"], []).append(act)
    found = []
    for episode in episodes.iter_rows(named=True):
        acts = sorted(by_episode.get(episode["episode"], []), key=_order)
        if not acts:
            continue
        steps: dict[str, str | None] = {}
        for step, words in _STEPS.items():
            fitting = [a for a in acts if a["act"] in words]
            chosen = next((a for a in fitting if a["counts_as_exit"]), fitting[0] if fitting else None)
            steps[step] = chosen["date"] if chosen else None
        contested = any(a["contested"] == "yes" for a in acts)
        by, missing = contests([act_of(a) for a in acts]) if contested else ((), ())
        found.append(
            Exit(
                state=episode["state"],
                body=episode["body"],
                episode=episode["episode"],
                **steps,
                claimed_by=tuple(sorted({a["claimed_by"] for a in acts if a["act"] not in _SAID} - {"not_stated"})),
                contested=contested,
                contested_by=by,
                claimant_missing=missing,
                counts_as_exit=episode["counts_as_exit"],
                confidence=episode["confidence"],
                source_rank=record.lookup.best_rank(_addresses(episode, *acts)),
                sources=tuple((episode["sources"] or "").split()),
            )
        )
    return sorted(found, key=lambda one: (one.announced or one.notified or one.effective or "", one.episode))


# --- how the exits of a case went --------------------------------------------------------------------------------

OUTCOMES: Final[dict[str, str]] = {
    "expelled": "the body ended the membership",
    "left": "the exit took effect",
    "disputed": "an effect is claimed, and disputed",
    "taken_back": "the announcement or the notice was taken back or halted",
    "due": "the day on which the exit was due has passed, and no act confirms it",
    "notice": "notice was given, no effect so far",
    "signature": "a signature or ratification was withdrawn",
    "stopped": "taking part or paying stopped, without an exit",
    "announced": "announced, no notice established",
    "suspended": "rights were suspended",
    "open": "no step of leaving up to that day",
}
"""In the order in which they are told; the furthest step of a chain decides."""
_EFFECTS: Final = ("effective", "effective_claimed")
_BACK_OUT: Final = ("notice_rescinded", "halted")


@dataclass(frozen=True, slots=True)
class Course:
    """The steps of one pair of state and body in a case, up to a day; dates are EDTF level 1."""

    state: str
    body: str
    acts: tuple[Row, ...]
    """Rows of the table `acts`, in order."""
    outcome: str
    """A key of OUTCOMES."""
    announced: str | None
    notified: str | None
    effective: str | None
    back: str | None
    """The day of a return after the exit."""
    taken_back: str | None
    due: str | None
    contested: bool
    positions: tuple[Row, ...]
    """Acts of others: what an organ or another state said of the exit."""
    confidence: str | None
    """The lowest of its acts."""


def courses(record: Record, chosen: Case, as_of: date | None = None, known_by: date | None = None) -> list[Course]:
    """One course a pair of the case, in the order of its pairs; on a page of a state or a body, one an episode.

    Parameters
    ----------
    as_of : acts that are not certainly on or before this day are left out, but for those without a known end; by default
        the closing day of the record
    known_by : acts recorded later are left out
    """
    day = as_of or record.closing_day
    acts = [a for a in acts_of_case(record, chosen, known_by) if _by(parse(a["date"]), day)]
    if chosen.kind not in ("state", "body"):
        return [_course(s, b, [a for a in acts if (a["state"], a["body"]) == (s, b)]) for s, b in chosen.pairs]
    chains: dict[str, list[Row]] = {}
    for act in acts:
        chains.setdefault(act["episode"], []).append(act)
    return [_course(chain[0]["state"], chain[0]["body"], chain) for chain in chains.values()]


def _by(when: EDTF, day: date) -> bool:
    """Whether an act is certainly on or before a day, or one of which only the beginning of its span is known."""
    return when.certainly_on_or_before(day) or (when.latest is None and when.possibly_on_or_before(day))


def _course(state: str, body: str, acts: Iterable[Row]) -> Course:
    """Sum up acts of one pair, given in order."""
    held = tuple(acts)
    own = [a for a in held if a["act"] not in _POSITIONS]

    def first(*words: str) -> Row | None:
        found = [a for a in own if a["act"] in words]
        return next((a for a in found if a["counts_as_exit"]), found[0] if found else None)

    effect, ended, due = first(*_EFFECTS), first("expelled"), first("effective_by_clause")
    done = ended or effect
    back_out, returned = first(*_BACK_OUT), first("rejoined")
    sure = [a["confidence"] for a in held if a["confidence"]]
    day = {name: (row["date"] if row else None) for name, row in (
        ("announced", first("announced")), ("notified", first("notified")), ("effective", done), ("back", returned),
        ("taken_back", back_out), ("due", due),
    )}  # fmt: skip
    return Course(
        state, body, held, _outcome(own, effect, ended, due, back_out), **day,
        contested=any(a["contested"] == "yes" for a in held),
        positions=tuple(a for a in held if a["act"] in _POSITIONS),
        confidence=max(sure, key=CONFIDENCE.index) if sure else None,
    )  # fmt: skip


def _outcome(own: list[Row], effect: Row | None, ended: Row | None, due: Row | None, back_out: Row | None) -> str:
    words = {a["act"] for a in own}
    if ended:
        return "expelled"
    if effect:
        return "disputed" if effect["contested"] == "yes" else "left"
    if back_out:
        return "taken_back"
    if due:
        return "due"
    for word, acts in (
        ("notice", {"notified"}), ("signature", {"signature_withdrawn", "ratification_withdrawn"}),
        ("stopped", {"participation_ended", "funding_stopped"}), ("announced", {"announced"}), ("suspended", {"suspended"}),
    ):  # fmt: skip
        if words & acts:
            return word
    return "open"
