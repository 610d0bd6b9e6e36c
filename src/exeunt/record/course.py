"""How the exits of a case went: the dated steps of each pair of state and body, and the furthest of them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from exeunt.dates import EDTF, parse
from exeunt.record.cases import POSITIONS, Case, acts_of_case
from exeunt.record.store import Record

Row = dict[str, Any]
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
EFFECTS: Final = ("effective", "effective_claimed")
BACK_OUT: Final = ("notice_rescinded", "halted")
CONFIDENCE: Final = ("low", "medium", "high")


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
        return [course(s, b, [a for a in acts if (a["state"], a["body"]) == (s, b)]) for s, b in chosen.pairs]
    chains: dict[str, list[Row]] = {}
    for act in acts:
        chains.setdefault(act["episode"], []).append(act)
    return [course(chain[0]["state"], chain[0]["body"], chain) for chain in chains.values()]


def _by(when: EDTF, day: date) -> bool:
    """Whether an act is certainly on or before a day, or one of which only the beginning of its span is known."""
    return when.certainly_on_or_before(day) or (when.latest is None and when.possibly_on_or_before(day))


def course(state: str, body: str, acts: Iterable[Row]) -> Course:
    """Sum up acts of one pair, given in order."""
    held = tuple(acts)
    own = [a for a in held if a["act"] not in POSITIONS]

    def first(*words: str) -> Row | None:
        found = [a for a in own if a["act"] in words]
        return next((a for a in found if a["counts_as_exit"]), found[0] if found else None)

    effect, ended, due = first(*EFFECTS), first("expelled"), first("effective_by_clause")
    done = ended or effect
    back_out, returned = first(*BACK_OUT), first("rejoined")
    sure = [a["confidence"] for a in held if a["confidence"]]
    day = {name: (row["date"] if row else None) for name, row in (
        ("announced", first("announced")), ("notified", first("notified")), ("effective", done), ("back", returned),
        ("taken_back", back_out), ("due", due),
    )}  # fmt: skip
    return Course(
        state, body, held, _outcome(own, effect, ended, due, back_out), **day,
        contested=any(a["contested"] == "yes" for a in held),
        positions=tuple(a for a in held if a["act"] in POSITIONS),
        confidence=min(sure, key=CONFIDENCE.index) if sure else None,
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
