"""Estimates behind the tests of links, made by the models of `explain`; one row an outcome and number, not yet turned."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from exeunt.argument.models import ACCOUNTS, SHOWN_ONLY, Reading
from exeunt.explain.attributes import table as equations
from exeunt.explain.estimates import OUTCOMES
from exeunt.explain.estimates import estimates as across
from exeunt.explain.sequence import table as ordered
from exeunt.panel.registry import parts_of, term_named
from exeunt.progress import Progress
from exeunt.record.store import Record

Make = Callable[[Record, dict[str, Any], Progress], list[Reading]]


def hazard(record: Record, test: dict[str, Any], progress: Progress) -> list[Reading]:
    """A term of a rival's exit hazard, log rate ratio per standard deviation, beside the common structure."""
    rival, term = ACCOUNTS[test["account"]], test["term"]
    parts = parts_of(term)
    sources = tuple(dict.fromkeys(s for name in (parts[:2] if parts else (term,)) for s in term_named(name).sources))
    return [
        Reading("hazard", f"{rival.name}.{term}", one.outcome, one.estimate, one.low, one.high, "log_rate_ratio", one.events,
                one.status, "not_tested", "exeunt compare --part terms", sources)
        for one in across(record, (rival,)) if one.term == term
    ]  # fmt: skip


def after_exit(record: Record, test: dict[str, Any], progress: Progress) -> list[Reading]:
    """The coefficient of exits in the state-space panel; the interval is the wider of the model's and the clustered one."""
    name = test["attribute"]
    sources = ("cow_igo", "unga_ideal") if name == "standing" else ("cow_igo", "cow_nmc")
    rows = [row for row in equations(record, OUTCOMES) if row.attribute == name]
    out = []
    for outcome in OUTCOMES:
        own = {(row.part, row.term): row for row in rows if row.outcome == outcome}
        exits, clustered = own["state_space", "exit"], own["check", "exit_clustered"]
        placebo = next((row.status for (part, _), row in own.items() if part == "placebo"), "not_tested")
        low = None if exits.low is None or clustered.low is None else min(exits.low, clustered.low)
        high = None if exits.high is None or clustered.high is None else max(exits.high, clustered.high)
        out.append(
            Reading("after_exit", name, outcome, exits.estimate, low, high, f"per_exit_{name}", exits.events, exits.status,
                    placebo, "exeunt attributes", sources)
        )  # fmt: skip
    return out


def order_of_force(record: Record, test: dict[str, Any], progress: Progress) -> list[Reading]:
    """After minus before by permutation, and the lead minus the lag of force in the exit hazard."""
    term = f"{test['years']} year{'' if test['years'] == 1 else 's'}"
    out = []
    for row in ordered(record, OUTCOMES):
        low, high = row.interval["interval_low"], row.interval["interval_high"]
        if row.part == "permutation" and row.term == term:
            unit = "years_of_force"
        elif row.part == "hazard" and row.term == "lead_minus_lag":
            unit = "log_rate_ratio_difference"
        else:
            continue
        out.append(
            Reading("order_of_force", f"{row.part} {row.term}", row.outcome, row.estimate, low, high, unit, row.events,
                    row.status, "not_tested", "exeunt sequence", ("cow_igo", "cow_mid"))
        )  # fmt: skip
    return out


def fed_back(record: Record, progress: Progress) -> dict[str, dict[str, Any]]:
    """What `exeunt feedback` answers on every outcome that may be used for it and may decide."""
    from exeunt.feedback.answer import answer
    from exeunt.feedback.ground import USABLE

    return {name: answer(record, name, progress=progress, beside=()) for name in USABLE if name not in SHOWN_ONLY}


def feedback(record: Record, test: dict[str, Any], progress: Progress) -> list[Reading]:
    """Further exits of one exit, or R less 1, for exits that sustain themselves.

    R is a spectral radius and never below 0, so that leaving goes with further exits at all is asked of their mean number.
    Annual data do not tell influence within a year from a common occasion: the interval runs from the lower end with lagged
    influence only to the upper end with all that comes together in a year counted as influence.
    """
    sustains = test["beyond"] == 1
    term, unit = ("R", "gain") if sustains else ("further exits", "further_exits")
    out = []
    for outcome, found in fed_back(record, progress).items():
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
            Reading("feedback", term, outcome, middle, low, high, unit, exits, found["status"], placebo,
                    f"exeunt feedback --outcome {outcome}", ("cow_igo", "unga_ideal", "cow_nmc"))
        )  # fmt: skip
    return out


MAKE: Final[dict[str, Make]] = {
    "hazard": hazard,
    "after_exit": after_exit,
    "order_of_force": order_of_force,
    "feedback": feedback,
}
"""Name of a test → what makes its estimates."""
