"""Tests of links: which model says anything of a link, its estimates under every outcome, turned to the link's direction.

A link's `test` table names one of `TESTS` and its options. An estimate above nought here always means: more of the source goes
with more of the target. `falls = true` turns it, where the variable of the link rises as the measure falls ("decline" against a
change of capability). What may decide, and how estimates become a verdict, is `verdict.py`'s.

Reading a file needs no model, and a warm run none either: `readings.py` keeps estimates, `estimates.py` makes them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from exeunt.argument.strict import Place, require
from exeunt.errors import UnknownNameError, UsageError
from exeunt.explain.explanations import RIVALS

SHOWN_ONLY: Final = ("raw",)
"""Outcomes that are printed and decide nothing: a 1-to-0 step of a coded series is a candidate, never an exit by itself."""
ACCOUNTS: Final = {rival.name: rival for rival in RIVALS}
ATTRIBUTES: Final = ("standing", "capability")
NULL_VALUES: Final = {"gain": 1.0}
"""Unit → the value that means no effect, where it is not nought."""
HORIZONS: Final = (1, 3, 5)
"""Those of `explain/attributes.py` and `explain/sequence.py`, which would bring estimators in; a test holds them together."""


@dataclass(frozen=True)
class Reading:
    """One estimate of a link under one outcome, turned to the link's direction and less the value that means no effect.

    `status` is the model's own word; estimates that could not be made are None. `placebo` is one of holds, fails, not_tested.
    """

    test: str
    term: str
    outcome: str
    estimate: float | None
    low: float | None
    high: float | None
    unit: str
    events: int
    status: str
    placebo: str
    command: str
    sources: tuple[str, ...]

    @property
    def null_value(self) -> float:
        """What the model's own figure is where nothing goes with anything: 1 for R against exits that sustain themselves."""
        return NULL_VALUES.get(self.unit, 0.0)

    def own(self) -> tuple[float | None, float | None, float | None]:
        """Estimate and both ends as the command prints them, but for the turn."""
        found = (self.estimate, self.low, self.high)
        return tuple(None if value is None else value + self.null_value for value in found)  # type: ignore[return-value]

    @property
    def decides(self) -> bool:
        """Whether it may decide: an outcome of exits, and an estimate with an interval."""
        return self.outcome not in SHOWN_ONLY and self.low is not None and self.high is not None


def validate(place: Place, test: object) -> None:
    """Hold the test of a link against what there is.

    Raises
    ------
    UsageError or UnknownNameError, one sentence.
    """
    if not isinstance(test, dict) or not isinstance(test.get("test"), str):
        raise UsageError(f'{place}: a test is {test!r}; expected a table such as {{test = "hazard", …}}.')
    if test["test"] not in TESTS:
        raise UnknownNameError("test of a link", test["test"], TESTS)
    schema, check = TESTS[test["test"]]
    here = Place(place.file, f"the {test['test']} test of {place.part}")
    require(here, test, {"test": (str,), "falls": (bool,), **schema}, ("test", *schema))
    check(here, test)


def _check_hazard(place: Place, test: dict[str, Any]) -> None:
    if test["account"] not in ACCOUNTS:
        raise UnknownNameError("account", test["account"], ACCOUNTS)
    terms = ACCOUNTS[test["account"]].terms
    if test["term"] not in terms:
        raise UsageError(f"{place}: {test['account']} has no term {test['term']!r}; it has {', '.join(terms)}.")


def _check_attribute(place: Place, test: dict[str, Any]) -> None:
    if test["attribute"] not in ATTRIBUTES:
        raise UnknownNameError("attribute", test["attribute"], ATTRIBUTES)


def _check_order(place: Place, test: dict[str, Any]) -> None:
    if test["years"] not in HORIZONS:
        raise UsageError(f"{place}: years is {test['years']}; expected {', '.join(map(str, HORIZONS))}.")


def _check_feedback(place: Place, test: dict[str, Any]) -> None:
    if test["beyond"] not in (0, 1):
        raise UsageError(
            f"{place}: beyond is {test['beyond']}; expected 0 (further exits) or 1 (exits that sustain themselves)."
        )


TESTS: Final[dict[str, tuple[dict[str, tuple[type, ...]], Callable[[Place, dict[str, Any]], None]]]] = {
    "hazard": ({"account": (str,), "term": (str,)}, _check_hazard),
    "after_exit": ({"attribute": (str,)}, _check_attribute),
    "order_of_force": ({"years": (int,)}, _check_order),
    "feedback": ({"beyond": (int,)}, _check_feedback),
}
"""Name of a test → its options, all of them needed, and how they are checked."""
