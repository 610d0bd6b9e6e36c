"""Both halves of Spiral side by side: the hazard's, and that of the equations of standing and capability."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

from exeunt.errors import UsageError
from exeunt.explain.across import Estimate
from exeunt.explain.attributes import ATTRIBUTES, Measured

TERM: Final = "distance_x_decline"
BORNE_OUT, DOUBTED, NOT_BORNE_OUT, UNKNOWN = (
    "borne_out",
    "borne_out_but_placebo_fails",
    "not_borne_out",
    "not_estimated",
)


@dataclass(frozen=True)
class Spiral:
    """What both halves say under one outcome; a half is borne out where its 95 % interval lies on the claimed side of nought.

    In the second half the interval clustered by state must lie there too. `second_half` and `both` are doubted where every
    attribute that bears the second half out moved before the exits already.
    """

    outcome: str
    interaction: float | None
    interaction_low: float | None
    interaction_high: float | None
    standing: float | None
    standing_low: float | None
    standing_high: float | None
    capability: float | None
    capability_low: float | None
    capability_high: float | None
    first_half: str
    second_half: str
    both: str
    says: str

    def as_dict(self) -> dict[str, Any]:
        """Plain values."""
        return asdict(self)


def spiral(interactions: Sequence[Estimate], measured: Sequence[Measured]) -> list[Spiral]:
    """Hold both halves together, outcome by outcome.

    Parameters
    ----------
    interactions : estimates of the hazard, see `across.estimates`; those of `distance_x_decline` are used
    measured : rows of `attributes.table`

    Raises
    ------
    UsageError, where an outcome of the one has no rows in the other.
    """
    out = []
    for one in interactions:
        if one.term != TERM:
            continue
        exits = {
            m.attribute: m
            for m in measured
            if (m.outcome, m.part, m.term) == (one.outcome, "state_space", "exit")
        }  # fmt: skip
        placebos = {m.attribute: m.status for m in measured if (m.outcome, m.part) == (one.outcome, "placebo")}
        if set(exits) != set(ATTRIBUTES):
            raise UsageError(f"the equations of standing and capability on {one.outcome} are missing; make them first.")
        clustered = {
            m.attribute: m.high
            for m in measured
            if (m.outcome, m.part, m.term) == (one.outcome, "check", "exit_clustered")
        }
        first = UNKNOWN if one.low is None else (BORNE_OUT if one.low > 0 else NOT_BORNE_OUT)
        second = _second(exits, clustered, placebos)
        both = _both(first, second)
        s, c = exits["standing"], exits["capability"]
        out.append(
            Spiral(one.outcome, one.estimate, one.low, one.high, s.estimate, s.low, s.high, c.estimate, c.low, c.high,
                   first, second, both, _sentence(one, exits, clustered, placebos, first, second, both))
        )  # fmt: skip
    return out


def _below(high: float | None) -> bool:
    return high is not None and high < 0


def _second(exits: dict[str, Measured], clustered: dict[str, float | None], placebos: dict[str, str]) -> str:
    lower = [name for name, m in exits.items() if _below(m.high) and _below(clustered.get(name))]
    if any(placebos.get(name) != "fails" for name in lower):
        return BORNE_OUT
    if lower:
        return DOUBTED
    return UNKNOWN if all(m.estimate is None for m in exits.values()) else NOT_BORNE_OUT


def _both(first: str, second: str) -> str:
    if NOT_BORNE_OUT in (first, second):
        return NOT_BORNE_OUT
    return UNKNOWN if UNKNOWN in (first, second) else second


def _sentence(
    one: Estimate, exits: dict[str, Measured], clustered: dict[str, float | None], placebos: dict[str, str], first: str,
    second: str, both: str,
) -> str:  # fmt: skip
    def number(value: float | None, low: float | None, high: float | None) -> str:
        if value is None or low is None or high is None:
            return "not estimated"
        return f"{value:+.3f}, {low:+.3f} to {high:+.3f}"

    halves = []
    for name, m in exits.items():
        doubt = ", and it moved before the exits already" if placebos.get(name) == "fails" else ""
        if _below(m.high) and not _below(clustered.get(name)):
            doubt += ", and clustered by state it is not told apart from none"
        halves.append(f"{name} ({number(m.estimate, m.low, m.high)}{doubt})")
    words = {BORNE_OUT: "borne out", DOUBTED: "borne out by numbers whose placebo fails", NOT_BORNE_OUT: "not borne out",
             UNKNOWN: "not estimated"}  # fmt: skip
    return (
        f"On {one.outcome}, if the models are right, that decline goes with a stronger pull of distance "
        f"({number(one.estimate, one.low, one.high)}) is {words[first]}, and that leaving goes with lower "
        f"{' or '.join(halves)} is {words[second]}; both are needed, so Spiral is {words[both]}."
    )
