"""Rival accounts of why members leave, each with one sentence that data could contradict."""

from __future__ import annotations

import abc
from typing import ClassVar, Final

BV2019: Final = "von Borzyskowski and Vabulas (2019), Review of International Organizations 14, 335-366"


class Explanation(abc.ABC):
    """One rival account.

    `terms` are names of panel terms; `signs` are the signs its claim expects of them; `references` are the works it is
    taken from; `covers` says what of the claim the embedded record can test, and what it cannot. A user's own account is a
    subclass, or comes from a formula or a TOML file (see `own.py`).
    """

    name: ClassVar[str]
    claim: ClassVar[str]
    terms: ClassVar[tuple[str, ...]]
    signs: ClassVar[dict[str, int]]
    references: ClassVar[tuple[str, ...]]
    covers: ClassVar[str] = "all members with the measures named"


class Constraint(Explanation):
    """Leaving what binds."""

    name = "Constraint"
    claim = "States leave bodies that bind them away from what they want, the more so the stronger they are."
    terms = ("distance", "capability", "distance_x_capability")
    signs: ClassVar[dict[str, int]] = {"distance": 1, "distance_x_capability": 1}
    references = (BV2019,)
    covers = "distance of ideal points in the General Assembly; how far a body binds is measured for 76 bodies only"


class Decline(Explanation):
    """Leaving on the way down."""

    name = "Decline"
    claim = "States leave as their relative capability and standing fall."
    terms = ("capability_change10", "gdp_share_change10", "standing_change5")
    signs: ClassVar[dict[str, int]] = {"capability_change10": -1, "gdp_share_change10": -1, "standing_change5": -1}
    references = (
        "Gilpin (1981), War and Change in World Politics",
        "Keohane (1984), After Hegemony, expects no such link",
    )


class Spiral(Explanation):
    """Decline makes binding bind harder, and leaving makes decline go on."""

    name = "Spiral"
    claim = "Decline strengthens the pull of constraint, and leaving lowers standing or capability: both are needed."
    terms = ("distance", "capability_change10", "distance_x_decline")
    signs: ClassVar[dict[str, int]] = {"distance_x_decline": 1}
    references = ("the first half here; the second half in the equations of standing and capability (`attributes.py`)",)
    covers = "the first half of the claim; the second half is tested by the equations of standing and capability"


class Burden(Explanation):
    """Leaving what costs too much."""

    name = "Burden"
    claim = "States leave what costs them more than their weight."
    terms = ("scale_minus_gdp",)
    signs: ClassVar[dict[str, int]] = {"scale_minus_gdp": 1}
    references = ("Olson and Zeckhauser (1966), Review of Economics and Statistics 48, 266-279, on burdens by size",)
    covers = "bodies of the United Nations system that assess by the scale; elsewhere dues are not in the record"


class Redundancy(Explanation):
    """Leaving what others do too."""

    name = "Redundancy"
    claim = "States leave bodies that duplicate others or have stopped working."
    terms = ("overlap",)
    signs: ClassVar[dict[str, int]] = {"overlap": 1}
    references = ("Gray (2018), International Studies Quarterly 62, 1-13, on bodies alive, dormant and dead",)
    covers = (
        "duplication by members in common; issue areas are known mostly for bodies that somebody left, so nothing rests on new "
        "rivals in an area, and whether a body still works is measured in sources that may not be shipped"
    )


class Diffusion(Explanation):
    """Leaving because others left."""

    name = "Diffusion"
    claim = "States leave because others left."
    terms = ("exits_from_body3", "own_exits3", "allies_exits3", "leading_state_exit3")
    signs: ClassVar[dict[str, int]] = {"exits_from_body3": 1, "allies_exits3": 1, "leading_state_exit3": 1}
    references = (BV2019,)


class Domestic(Explanation):
    """Governments leave, not states."""

    name = "Domestic"
    claim = "Governments, not states, leave: change of leader, populism, democracy."
    terms = ("leader_change", "populist", "democracy", "democracy_change5")
    signs: ClassVar[dict[str, int]] = {"leader_change": 1, "populist": 1, "democracy": -1}
    references = (
        "Choi (2022), on nationalist leaders",
        "Copelovitch and Pevehouse (2019), Review of International Organizations 14, 169-186",
    )
    covers = "states whose executives are coded as populist or not; others fall out of the rows"


class Substitution(Explanation):
    """Leaving for smaller circles."""

    name = "Substitution"
    claim = "States leave for smaller, closer clubs."
    terms = ("joins_closer3",)
    signs: ClassVar[dict[str, int]] = {"joins_closer3": 1}
    references = (
        "Helfer (2005), Virginia Law Review 91, 1579-1648",
        "Morse and Keohane (2014), Review of International Organizations 9, 385-412",
    )


class SequenceWithForce(Explanation):
    """First out, then force."""

    name = "SequenceWithForce"
    claim = "Exits cluster before uses of force rather than after."
    terms = ("force_lag3", "force_lead3")
    signs: ClassVar[dict[str, int]] = {"force_lead3": 1}
    references = ("the argument under test; see `exeunt argue`",)
    covers = "a claim of order: a term that knows what comes later predicts nothing, so it is tested and not scored"


RIVALS: Final[tuple[type[Explanation], ...]] = (
    Constraint, Decline, Spiral, Burden, Redundancy, Diffusion, Domestic, Substitution, SequenceWithForce,
)  # fmt: skip
"""The nine rivals, in the order in which they are shown."""
COMMON: Final = ("log_tenure", "log_size", "log_age", "log_memberships")
"""The common structure: every rival is estimated beside it."""
BASE_OWNERS: Final[dict[str, str]] = {
    "distance": "Constraint", "capability": "Constraint", "distance_x_capability": "Constraint",
    "capability_change10": "Decline", "exits_from_body3": "Diffusion", "own_exits3": "Diffusion",
}  # fmt: skip
"""Terms of the joint model that reports and simulations use → explanation; the others are the common structure."""


def owner(term: str) -> str:
    """Name of the explanation that a term of the joint model belongs to, or `common`."""
    return BASE_OWNERS.get(term, "common")


def owned(explanation: type[Explanation]) -> tuple[str, ...]:
    """Terms of the joint model that belong to an explanation."""
    return tuple(term for term in explanation.terms if BASE_OWNERS.get(term) == explanation.name)


EXPLANATIONS: Final = tuple(rival for rival in RIVALS if owned(rival))
"""Those of the nine with terms in the joint model."""
