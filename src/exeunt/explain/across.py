"""One account under every outcome: does its sign hold, whatever counts as an exit?"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from exeunt.explain.cached import stored_fit
from exeunt.explain.explanations import BV2019, COMMON, Explanation
from exeunt.explain.fit import SEPARATION, Fit, fit
from exeunt.panel.build import exit_panel
from exeunt.record.store import Record

OUTCOMES: Final = ("raw", "cleaned", "core", "verified")
PUBLISHED: Final = {
    "term": "distance", "sign": 1, "source": BV2019,
    "says": "divergence of preferences from the other members goes with more exits",
}  # fmt: skip


@dataclass(frozen=True)
class Estimate:
    """One term of one rival under one outcome; log rate ratio per standard deviation of the term, 95 % interval."""

    explanation: str
    term: str
    outcome: str
    first_year: int
    last_year: int
    rows: int
    events: int
    estimate: float | None
    """None where the term has no estimate: the status says why."""
    low: float | None
    high: float | None
    expected: int | None
    status: str

    def as_dict(self) -> dict[str, Any]:
        """Plain values."""
        return {
            "explanation": self.explanation, "term": self.term, "outcome": self.outcome,
            "span": f"{self.first_year}–{self.last_year}", "rows": self.rows, "events": self.events,
            "estimate": self.estimate, "low": self.low, "high": self.high, "expected_sign": self.expected,
            "status": self.status,
        }  # fmt: skip


def fitted(record: Record, rival: type[Explanation], outcome: str, seed: int = 1) -> tuple[Fit, tuple[int, int]]:
    """The hazard of one rival beside the common structure, and the years of its rows."""
    terms = (*rival.terms, *COMMON)
    made = stored_fit(
        lambda: fit(exit_panel(record, outcome, terms=terms), "laplace", seed=seed, calibrate=False),
        record=record.version, outcome=outcome, terms=terms, criterion="laplace", seed=seed,
    )  # fmt: skip
    return made, (min(made.labels[2]), max(made.labels[2]))


def estimates(
    record: Record, rivals: Sequence[type[Explanation]], outcomes: Sequence[str] = OUTCOMES,
    say: Callable[[str], None] = lambda _: None,
) -> list[Estimate]:  # fmt: skip
    """Every term of every rival under every outcome."""
    out = []
    for rival in rivals:
        for outcome in outcomes:
            say(f"{rival.name} on {outcome}")
            made, years = fitted(record, rival, outcome)
            spread = made.standard_errors
            for term in rival.terms:
                k = made.names.index(term)
                b, s = float(made.beta[k]), float(spread[k])
                if not (abs(b) <= SEPARATION and s <= SEPARATION) or made.status == "not_converged":
                    out.append(
                        Estimate(rival.name, term, outcome, *years, made.rows, made.events, None, None, None,
                                 rival.signs.get(term), made.status)
                    )  # fmt: skip
                    continue
                out.append(
                    Estimate(rival.name, term, outcome, *years, made.rows, made.events, b, b - 1.96 * s, b + 1.96 * s,
                             rival.signs.get(term), made.status)
                )  # fmt: skip
    return out


def verdict(found: Sequence[Estimate]) -> str:
    """What the outcomes together say of one term: settled, one sign but not told apart from none, or not settled."""
    known = [e for e in found if e.estimate is not None and e.low is not None and e.high is not None]
    if not known:
        return "no estimate on any outcome"
    lacking = [e.outcome for e in found if e.estimate is None]
    besides = f"; no estimate on {', '.join(lacking)}" if lacking else ""
    signs = {e.estimate is not None and e.estimate > 0 for e in known}
    if len(signs) > 1:
        return f"not settled: its sign changes with the outcome{besides}"
    word = "+" if signs == {True} else "−"
    apart = [e for e in known if (e.low or 0.0) > 0 or (e.high or 0.0) < 0]
    if len(apart) == len(known):
        expected = next((e.expected for e in known if e.expected), None)
        claim = (
            "" if expected is None else (", as claimed" if (expected > 0) == (word == "+") else ", against the claim")
        )
        return f"{word} on every outcome{claim}{besides}"
    if apart:
        return f"{word} on every outcome, told apart from none on {', '.join(e.outcome for e in apart)} only{besides}"
    return f"{word} on every outcome, told apart from none on none of them{besides}"
