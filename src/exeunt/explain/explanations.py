"""Rival accounts of why members leave, each with one sentence that data could contradict."""

from __future__ import annotations

import abc
from typing import ClassVar, Final


class Explanation(abc.ABC):
    """One rival account.

    `terms` are names of panel terms; `signs` are the signs its claim expects of them; `references` are the works it is
    taken from.
    """

    name: ClassVar[str]
    claim: ClassVar[str]
    terms: ClassVar[tuple[str, ...]]
    signs: ClassVar[dict[str, int]]
    references: ClassVar[tuple[str, ...]]


class Constraint(Explanation):
    """Leaving what binds."""

    name = "Constraint"
    claim = "States leave bodies that bind them away from what they want, the more so the stronger they are."
    terms = ("distance", "capability", "distance_x_capability")
    signs: ClassVar[dict[str, int]] = {"distance": 1, "distance_x_capability": 1}
    references = ("von Borzyskowski and Vabulas (2019), Review of International Organizations 14, 335-366",)


class Decline(Explanation):
    """Leaving on the way down."""

    name = "Decline"
    claim = "States leave as their relative capability and standing fall."
    terms = ("capability_change10",)
    signs: ClassVar[dict[str, int]] = {"capability_change10": -1}
    references = (
        "Gilpin (1981), War and Change in World Politics",
        "Keohane (1984), After Hegemony, expects no such link",
    )


class Diffusion(Explanation):
    """Leaving because others left."""

    name = "Diffusion"
    claim = "States leave because others left."
    terms = ("exits_from_body3", "own_exits3")
    signs: ClassVar[dict[str, int]] = {"exits_from_body3": 1}
    references = ("von Borzyskowski and Vabulas (2019), Review of International Organizations 14, 335-366",)


EXPLANATIONS: Final[tuple[type[Explanation], ...]] = (Constraint, Decline, Diffusion)
COMMON: Final = ("log_tenure", "log_size", "log_age", "log_memberships")
"""The common structure: every rival is estimated beside it."""


def owner(term: str) -> str:
    """Name of the explanation that a term belongs to, or `common`."""
    for explanation in EXPLANATIONS:
        if term in explanation.terms:
            return explanation.name
    return "common"
