"""Tests of links: which model says anything of a link, its estimates under every outcome, turned to the link's direction.

A link's `test` table names one of `TESTS` and its options. An estimate above nought here always means: more of the source goes
with more of the target. `falls = true` turns it, where the variable of the link rises as the measure falls ("decline" against a
change of capability). What may decide, and how estimates become a verdict, is `verdict.py`'s.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from exeunt.argument.strict import Place, require
from exeunt.errors import UnknownNameError, UsageError
from exeunt.explain.across import OUTCOMES, estimates
from exeunt.explain.attributes import ATTRIBUTES
from exeunt.explain.attributes import table as equations
from exeunt.explain.explanations import RIVALS
from exeunt.explain.sequence import HORIZONS
from exeunt.explain.sequence import table as ordered
from exeunt.panel.registry import parts_of, term_named
from exeunt.record.store import Record

Say = Callable[[str], None]
SHOWN_ONLY: Final = ("raw",)
"""Outcomes that are printed and decide nothing: a 1-to-0 step of a coded series is a candidate, never an exit by itself."""
ACCOUNTS: Final = {rival.name: rival for rival in RIVALS}
PLACEBO_WORDS: Final = ("holds", "fails", "not_tested")


@dataclass(frozen=True)
class Reading:
    """One estimate of a link under one outcome, turned to the link's direction.

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
    schema, needed, check, _ = TESTS[test["test"]]
    here = Place(place.file, f"the {test['test']} test of {place.part}")
    require(here, test, {"test": (str,), "falls": (bool,), **schema}, ("test", *needed))
    check(here, test)


def readings(record: Record, test: dict[str, Any], say: Say = lambda _: None) -> list[Reading]:
    """Every estimate that a test gives."""
    return TESTS[test["test"]][3](record, test, say)


def _turned(
    low: float | None, middle: float | None, high: float | None, turn: bool
) -> tuple[float | None, float | None, float | None]:
    if not turn or low is None or middle is None or high is None:
        return low, middle, high
    return -high, -middle, -low


# --- exit hazards of the rival accounts -------------------------------------------------------------------------------


def _check_hazard(place: Place, test: dict[str, Any]) -> None:
    if test["account"] not in ACCOUNTS:
        raise UnknownNameError("account", test["account"], ACCOUNTS)
    terms = ACCOUNTS[test["account"]].terms
    if test["term"] not in terms:
        raise UsageError(f"{place}: {test['account']} has no term {test['term']!r}; it has {', '.join(terms)}.")


def _hazard(record: Record, test: dict[str, Any], say: Say) -> list[Reading]:
    rival = ACCOUNTS[test["account"]]
    turn = test.get("falls", False)
    out = []
    for found in estimates(record, (rival,), OUTCOMES):
        if found.term != test["term"]:
            continue
        low, middle, high = _turned(found.low, found.estimate, found.high, turn)
        out.append(
            Reading(
                "hazard",
                f"{rival.name}.{found.term}",
                found.outcome,
                middle,
                low,
                high,
                "log_rate_ratio",
                found.events,
                found.status,
                "not_tested",
                "exeunt compare --part terms",
                _sources(found.term),
            )
        )
    return out


def _sources(term: str) -> tuple[str, ...]:
    parts = parts_of(term)
    return tuple(dict.fromkeys(s for name in (parts[:2] if parts else (term,)) for s in term_named(name).sources))


# --- standing and capability after exits ------------------------------------------------------------------------------


def _check_attribute(place: Place, test: dict[str, Any]) -> None:
    if test["attribute"] not in ATTRIBUTES:
        raise UnknownNameError("attribute", test["attribute"], ATTRIBUTES)


def _attribute(record: Record, test: dict[str, Any], say: Say) -> list[Reading]:
    """The coefficient of exits in the state-space panel; the interval is the wider of the model's and the clustered one."""
    rows = [row for row in equations(record, OUTCOMES) if row.attribute == test["attribute"]]
    sources = ("cow_igo", "unga_ideal") if test["attribute"] == "standing" else ("cow_igo", "cow_nmc")
    out = []
    for outcome in OUTCOMES:
        own = {(row.part, row.term): row for row in rows if row.outcome == outcome}
        exit_row, clustered = own["state_space", "exit"], own["check", "exit_clustered"]
        placebo = next((row.status for (part, _), row in own.items() if part == "placebo"), "not_tested")
        low = None if exit_row.low is None or clustered.low is None else min(exit_row.low, clustered.low)
        high = None if exit_row.high is None or clustered.high is None else max(exit_row.high, clustered.high)
        low, middle, high = _turned(low, exit_row.estimate, high, test.get("falls", False))
        out.append(
            Reading(
                "after_exit",
                test["attribute"],
                outcome,
                middle,
                low,
                high,
                f"per_exit_{test['attribute']}",
                exit_row.events,
                exit_row.status,
                placebo if placebo in PLACEBO_WORDS else "not_tested",
                "exeunt attributes",
                sources,
            )
        )
    return out


# --- order of exits and force -----------------------------------------------------------------------------------------


def _check_order(place: Place, test: dict[str, Any]) -> None:
    if test["years"] not in HORIZONS:
        raise UsageError(f"{place}: years is {test['years']}; expected {', '.join(map(str, HORIZONS))}.")


def _order(record: Record, test: dict[str, Any], say: Say) -> list[Reading]:
    """After minus before by permutation, and the lead minus the lag of force in the exit hazard."""
    term = f"{test['years']} year{'' if test['years'] == 1 else 's'}"
    out = []
    for row in ordered(record, OUTCOMES):
        low, high = row.low, row.high
        if row.part == "permutation" and row.term == term:
            # The shifts bound what no order gives; the difference less those bounds is the interval of the difference.
            if row.estimate is not None and low is not None and high is not None:
                low, high = row.estimate - high, row.estimate - low
            unit = "years_of_force"
        elif row.part == "hazard" and row.term == "lead_minus_lag":
            unit = "log_rate_ratio_difference"
        else:
            continue
        low, middle, high = _turned(low, row.estimate, high, test.get("falls", False))
        out.append(
            Reading(
                f"order_{row.part}",
                row.term,
                row.outcome,
                middle,
                low,
                high,
                unit,
                row.events,
                row.status,
                "not_tested",
                "exeunt sequence",
                ("cow_igo", "cow_mid"),
            )
        )
    return out


Check = Callable[[Place, dict[str, Any]], None]
Run = Callable[[Record, dict[str, Any], Say], list[Reading]]
TESTS: Final[dict[str, tuple[dict[str, tuple[type, ...]], tuple[str, ...], Check, Run]]] = {
    "hazard": ({"account": (str,), "term": (str,)}, ("account", "term"), _check_hazard, _hazard),
    "after_exit": ({"attribute": (str,)}, ("attribute",), _check_attribute, _attribute),
    "order_of_force": ({"years": (int,)}, ("years",), _check_order, _order),
}
"""Name of a test → its options, those that must be there, how they are checked, how it runs."""
