"""Tests of links: which model says anything of a link, its estimates under every outcome, turned to the link's direction.

A link's `test` table names one of `TESTS` and its options. An estimate above nought here always means: more of the source goes
with more of the target. `falls = true` turns it, where the variable of the link rises as the measure falls ("decline" against a
change of capability). What may decide, and how estimates become a verdict, is `verdict.py`'s.

Reading a file needs no model, and a warm run none either: estimates are kept in the user's cache, and what makes them is
imported when it is called.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from exeunt.argument.checks import _Place, _require
from exeunt.core.cache import path_of, read_rows, write_rows
from exeunt.core.errors import UnknownNameError, UsageError
from exeunt.core.progress import Progress
from exeunt.explain.explanations import RIVALS, Explanation
from exeunt.record.store import Record

HERE: Final = ("measures", "panel", "explain", "simulate", "history", "argument")
SHOWN_ONLY: Final = ("raw",)
"""Outcomes that are printed and decide nothing: a 1-to-0 step of a coded series is a candidate, never an exit by itself."""
ACCOUNTS: Final = {rival.name: rival for rival in RIVALS}
ATTRIBUTES: Final = ("standing", "capability")
NULL_VALUES: Final = {"gain": 1.0}
"""Unit → the value that means no effect, where it is not nought."""
HORIZONS: Final = (1, 3, 5)
"""Those of `explain/attributes.py` and `explain/sequence.py`, which would bring estimators in; a test holds them together."""


@dataclass(frozen=True)
class _Reading:
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


def _check_test(place: _Place, test: object) -> None:
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
    here = _Place(place.file, f"the {test['test']} test of {place.part}")
    _require(here, test, {"test": (str,), "falls": (bool,), **schema}, ("test", *schema))
    check(here, test)


def _check_hazard(place: _Place, test: dict[str, Any]) -> None:
    if test["account"] not in ACCOUNTS:
        raise UnknownNameError("account", test["account"], ACCOUNTS)
    terms = ACCOUNTS[test["account"]].terms
    if test["term"] not in terms:
        raise UsageError(f"{place}: {test['account']} has no term {test['term']!r}; it has {', '.join(terms)}.")


def _check_attribute(place: _Place, test: dict[str, Any]) -> None:
    if test["attribute"] not in ATTRIBUTES:
        raise UnknownNameError("attribute", test["attribute"], ATTRIBUTES)


def _check_order(place: _Place, test: dict[str, Any]) -> None:
    if test["years"] not in HORIZONS:
        raise UsageError(f"{place}: years is {test['years']}; expected {', '.join(map(str, HORIZONS))}.")


def _check_feedback(place: _Place, test: dict[str, Any]) -> None:
    if test["beyond"] not in (0, 1):
        raise UsageError(
            f"{place}: beyond is {test['beyond']}; expected 0 (further exits) or 1 (exits that sustain themselves)."
        )


TESTS: Final[dict[str, tuple[dict[str, tuple[type, ...]], Callable[[_Place, dict[str, Any]], None]]]] = {
    "hazard": ({"account": (str,), "term": (str,)}, _check_hazard),
    "after_exit": ({"attribute": (str,)}, _check_attribute),
    "order_of_force": ({"years": (int,)}, _check_order),
    "feedback": ({"beyond": (int,)}, _check_feedback),
}
"""Name of a test → its options, all of them needed, and how they are checked."""


# --- estimates -------------------------------------------------------------------------------------------------------

Make = Callable[[Record, dict[str, Any], Progress], list[_Reading]]


def _readings(record: Record, test: dict[str, Any], progress: Progress | None = None) -> list[_Reading]:
    """Every estimate that a test gives, from the user's cache where they are there."""
    path = path_of("link", HERE, record=record.version, test=test)
    found = read_rows(path, _reading)
    if found is None:
        progress = progress or Progress(quiet=True)
        progress.say(", ".join(f"{key} {value}" for key, value in test.items()))
        found = [_turned(one, test.get("falls", False)) for one in _MAKE[test["test"]](record, test, progress)]
        write_rows(path, found)
    return found


def _reading(**row: Any) -> _Reading:
    return _Reading(**{**row, "sources": tuple(row["sources"])})


def _turned(one: _Reading, turn: bool) -> _Reading:
    if not turn or one.low is None or one.estimate is None or one.high is None:
        return one
    return _Reading(**{**one.__dict__, "estimate": -one.estimate, "low": -one.high, "high": -one.low})


def _across(record: Record, rival: type[Explanation]) -> list[Any]:
    from exeunt.explain.estimates import estimates

    return estimates(record, (rival,))


def _equations(record: Record) -> list[Any]:
    from exeunt.explain.attributes import table
    from exeunt.explain.estimates import OUTCOMES

    return table(record, OUTCOMES)


def _ordered(record: Record) -> list[Any]:
    from exeunt.explain.estimates import OUTCOMES
    from exeunt.explain.sequence import table

    return table(record, OUTCOMES)


def _hazard(record: Record, test: dict[str, Any], progress: Progress) -> list[_Reading]:
    """A term of a rival's exit hazard, log rate ratio per standard deviation, beside the common structure."""
    from exeunt.panel.registry import parts_of, term_named

    rival, term = ACCOUNTS[test["account"]], test["term"]
    parts = parts_of(term)
    sources = tuple(dict.fromkeys(s for name in (parts[:2] if parts else (term,)) for s in term_named(name).sources))
    return [
        _Reading("hazard", f"{rival.name}.{term}", one.outcome, one.estimate, one.low, one.high, "log_rate_ratio", one.events,
                one.status, "not_tested", "exeunt compare --part terms", sources)
        for one in _across(record, rival) if one.term == term
    ]  # fmt: skip


def _after_exit(record: Record, test: dict[str, Any], progress: Progress) -> list[_Reading]:
    """The coefficient of exits in the state-space panel; the interval is the wider of the model's and the clustered one."""
    name = test["attribute"]
    sources = ("cow_igo", "unga_ideal") if name == "standing" else ("cow_igo", "cow_nmc")
    from exeunt.explain.estimates import OUTCOMES

    rows = [row for row in _equations(record) if row.attribute == name]
    out = []
    for outcome in OUTCOMES:
        own = {(row.part, row.term): row for row in rows if row.outcome == outcome}
        exits, clustered = own["state_space", "exit"], own["check", "exit_clustered"]
        placebo = next((row.status for (part, _), row in own.items() if part == "placebo"), "not_tested")
        low = None if exits.low is None or clustered.low is None else min(exits.low, clustered.low)
        high = None if exits.high is None or clustered.high is None else max(exits.high, clustered.high)
        out.append(
            _Reading("after_exit", name, outcome, exits.estimate, low, high, f"per_exit_{name}", exits.events, exits.status,
                    placebo, "exeunt attributes", sources)
        )  # fmt: skip
    return out


def _order_of_force(record: Record, test: dict[str, Any], progress: Progress) -> list[_Reading]:
    """After minus before by permutation, and the lead minus the lag of force in the exit hazard."""
    term = f"{test['years']} year{'' if test['years'] == 1 else 's'}"
    out = []
    for row in _ordered(record):
        low, high = row.interval["interval_low"], row.interval["interval_high"]
        if row.part == "permutation" and row.term == term:
            unit = "years_of_force"
        elif row.part == "hazard" and row.term == "lead_minus_lag":
            unit = "log_rate_ratio_difference"
        else:
            continue
        out.append(
            _Reading("order_of_force", f"{row.part} {row.term}", row.outcome, row.estimate, low, high, unit, row.events,
                    row.status, "not_tested", "exeunt sequence", ("cow_igo", "cow_mid"))
        )  # fmt: skip
    return out


def _fed_back(record: Record, progress: Progress) -> dict[str, dict[str, Any]]:
    """What `exeunt feedback` answers on every outcome that may be used for it and may decide."""
    from exeunt.history.feedback import answer
    from exeunt.history.opening import USABLE

    return {name: answer(record, name, progress=progress, beside=()) for name in USABLE if name not in SHOWN_ONLY}


def _feedback(record: Record, test: dict[str, Any], progress: Progress) -> list[_Reading]:
    """Further exits of one exit, or R less 1, for exits that sustain themselves.

    R is a spectral radius and never below 0, so that leaving goes with further exits at all is asked of their mean number.
    Annual data do not tell influence within a year from a common occasion: the interval runs from the lower end with lagged
    influence only to the upper end with all that comes together in a year counted as influence.
    """
    sustains = test["beyond"] == 1
    term, unit = ("R", "gain") if sustains else ("further exits", "further_exits")
    out = []
    for outcome, found in _fed_back(record, progress).items():
        lagged, upper = (
            (found["R"], found["R_upper"])
            if sustains
            else (found["offspring"]["further_exits"], found["offspring"]["upper"])
        )
        ends = (lagged["low"], lagged["median"], upper["high"])
        low, middle, high = (None if end is None else end - float(test["beyond"]) for end in ends)
        placebo = "fails" if any(not one["passed"] for one in found["placebos"]) else "holds"
        exits = next((one["exits"] for one in found["placebos"]), 0)
        out.append(
            _Reading("feedback", term, outcome, middle, low, high, unit, exits, found["status"], placebo,
                    f"exeunt feedback --outcome {outcome}", ("cow_igo", "unga_ideal", "cow_nmc"))
        )  # fmt: skip
    return out


_MAKE: Final[dict[str, Make]] = {
    "hazard": _hazard,
    "after_exit": _after_exit,
    "order_of_force": _order_of_force,
    "feedback": _feedback,
}
"""Name of a test → what makes its estimates."""
