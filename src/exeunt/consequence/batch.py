"""A set of exits to ask about: those of a case, pairs named by the user, or the exits that a scenario forces."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from exeunt.core.dates import parse
from exeunt.core.errors import UnknownNameError, UsageError
from exeunt.record.cases import case as find_case
from exeunt.record.cases import cases
from exeunt.record.store import Record

LEAVEABLE: Final = ("membership", "treaty")
"""What can be left: in everything else a state takes part or pays, and belongs to nothing that could end."""
BETWEEN: Final = ","
"""Between pairs as a user names them; a colon stands between state and body."""


@dataclass(frozen=True, slots=True)
class Batch:
    """Exits that belong together."""

    name: str
    kind: str
    """case, pairs or scenario"""
    pairs: tuple[tuple[str, str], ...]
    """State and body, in the order of the list."""
    decided: date
    """Day of the decision: of a case its first day, of a scenario the first of its first year, else the closing day."""
    what: dict[tuple[str, str], str]
    """What each state can leave in each body."""

    @property
    def states(self) -> tuple[str, ...]:
        """The states that leave, each once."""
        return tuple(dict.fromkeys(state for state, _ in self.pairs))

    @property
    def bodies(self) -> tuple[str, ...]:
        """The bodies that are left, each once."""
        return tuple(dict.fromkeys(body for _, body in self.pairs))

    @property
    def leaveable(self) -> tuple[tuple[str, str], ...]:
        """The pairs with a membership or a treaty to leave."""
        return tuple(pair for pair in self.pairs if self.what[pair] in LEAVEABLE)


def batch(record: Record, target: str) -> Batch:
    """Read a set of exits.

    Parameters
    ----------
    target : a case; pairs as in "USA:who,ARG:who"; or a scenario, shipped or a file, whose forced exits are taken

    Raises
    ------
    UsageError, for pairs that cannot be read or a scenario that forces no exit; UnknownNameError.
    """
    if target in {c.case for c in cases(record)}:
        chosen = find_case(record, target)
        bodies = chosen.bodies["body"].to_list()
        decided = parse(chosen.valid_from).earliest or record.closing_day
        return _batch(record, target, "case", [(s, b) for s in chosen.states for b in bodies], decided)
    if ":" in target:
        return _batch(record, target, "pairs", _named(record, target), record.closing_day)
    pairs, year = _forced(record, target)
    return _batch(record, target, "scenario", pairs, date(year, 1, 1))


def _batch(record: Record, name: str, kind: str, pairs: list[tuple[str, str]], decided: date) -> Batch:
    once = tuple(dict.fromkeys(pairs))
    return Batch(name, kind, once, decided, {(s, b): record.what_there_is_to_leave(s, b) for s, b in once})


def _named(record: Record, target: str) -> list[tuple[str, str]]:
    pairs = []
    for part in filter(None, (piece.strip() for piece in target.split(BETWEEN))):
        state, colon, body = part.partition(":")
        if not (colon and state.strip() and body.strip()):
            raise UsageError(
                f"{part!r} is no exit; write STATE:BODY, and a comma between exits, as in USA:who,ARG:who."
            )
        pairs.append((record.state(state.strip()), record.body(body.strip())))
    if not pairs:
        raise UsageError(f"{target!r} names no exit; write STATE:BODY, as in USA:who.")
    return pairs


def _forced(record: Record, target: str) -> tuple[list[tuple[str, str]], int]:
    """Exits that a scenario forces, and the first of their years."""
    from exeunt.simulate.scenario import read, shipped

    try:
        name, _, content = read(target)
    except UnknownNameError:
        known = [*(c.case for c in cases(record)), *shipped()]
        raise UnknownNameError("case or scenario", target, known) from None
    entries: list[dict[str, Any]] = content.get("leave", [])
    if not entries:
        raise UsageError(
            f"the scenario {name} forces no exit; name one with [[leave]], a case, or pairs as in USA:who."
        )
    pairs: list[tuple[str, str]] = []
    for entry in entries:
        if "case" in entry:
            chosen = find_case(record, entry["case"])
            state = record.state(chosen.states[0])
            pairs += [(state, b) for b, what in chosen.bodies.select("body", "what").iter_rows() if what in LEAVEABLE]
        elif "bodies" in entry:
            pairs += [(record.state(entry["state"]), record.body(b)) for b in entry["bodies"]]
        else:
            raise UsageError(
                f"the scenario {name} lets {entry['state']} leave every body; name the bodies in [[leave]] to ask what follows."
            )
    return pairs, min(entry["year"] for entry in entries)
