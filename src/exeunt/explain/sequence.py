"""SequenceWithForce: do states use force more after leaving than before? An order in time, and no more.

For every year in which a state leaves: years with own use of force among the h after the last year of membership, minus those
among the h before it. The mean over these state-years is held against circular shifts of each state's own series of force,
which keep how often and in what runs it uses force and break only the tie to its exits. Beside it, the lead and the lag of
force in the exit hazard. Specification and figures: `docs/method/attributes.md`.

Both halves of Spiral side by side: the hazard's, and that of the equations of standing and capability.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

import numpy as np

from exeunt.core.arrays import BoolArray, FloatArray
from exeunt.core.cache import path_of, read_rows, write_rows
from exeunt.core.errors import UsageError
from exeunt.explain.attributes import ATTRIBUTES, Measured
from exeunt.explain.estimates import OUTCOMES, Estimate, fitted
from exeunt.explain.explanations import SequenceWithForce
from exeunt.explain.fit import Fit
from exeunt.panel.build import FIRST_PANEL_YEAR, LAST_PANEL_YEAR, covariates
from exeunt.panel.yearly_covariates import state_measure
from exeunt.record.store import Record

HORIZONS: Final = (1, 3, 5)
DRAWS: Final = 9999
FEWEST_DRAWS: Final = 999
Z95: Final = 1.96


@dataclass(frozen=True)
class _Order:
    """After minus before, over state-years with an exit.

    `low` and `high` bound 95 % of the shifted means: outside them the order is told apart from none. `usual` is the same
    difference over all years of the same states, each state weighted by its exits: a rise or fall of force over a state's
    whole life shows in it.
    """

    horizon: int
    mean: float
    low: float
    high: float
    p: float
    usual: float
    used: int
    dropped: int
    """State-years with an exit whose window reaches beyond the years in which the state's force is known."""


@dataclass(frozen=True)
class _Ordered:
    """One number of the test; `part` is permutation (years of force by exit) or hazard (log rate ratios)."""

    outcome: str
    part: str
    term: str
    estimate: float | None
    low: float | None
    high: float | None
    p: float | None
    usual: float | None
    events: int
    dropped: int
    status: str

    @property
    def interval(self) -> dict[str, float | None]:
        """{interval_low, interval_high}: the 95 % interval of the estimate.

        The shifts of a permutation bound what no order gives; the difference less those bounds is its interval.
        """
        low, high = self.low, self.high
        if self.part == "permutation" and self.estimate is not None and low is not None and high is not None:
            low, high = self.estimate - high, self.estimate - low
        return {"interval_low": low, "interval_high": high}

    def as_dict(self) -> dict[str, Any]:
        """Plain values."""
        return asdict(self)


def _order(force: FloatArray, event: BoolArray, horizon: int, draws: int = DRAWS, seed: int = 1) -> _Order:
    """Mean of force after minus force before, held against circular shifts.

    Parameters
    ----------
    force : (years, states) 0 or 1, NaN where unknown
    event : (years, states) whether the state left at least one body with that last year of membership
    horizon : years looked at on each side; the year itself is on neither
    draws : shifted means; each state's offset is drawn evenly from all of them, none among them

    Returns
    -------
    The p-value is two-sided about nought, which is the mean over all shifts exactly, and counts the observed among the draws.

    Raises
    ------
    UsageError, for fewer than 999 draws.
    """
    if draws < FEWEST_DRAWS:
        raise UsageError(f"{draws} shifts tell too little; take at least {FEWEST_DRAWS}.")
    years = len(force)
    rng = np.random.Generator(np.random.Philox(key=[seed, horizon]))
    total, usual = 0.0, 0.0
    shifted = np.zeros(draws)
    used = 0
    away = np.arange(1, horizon + 1)
    for i in np.flatnonzero(event.any(axis=0)):
        rows = np.flatnonzero(~np.isnan(force[:, i]))
        place = np.full(years + 2 * horizon, -1)
        place[rows + horizon] = np.arange(len(rows))
        # place is shifted by the horizon, so that windows beyond the ends find nothing there.
        centre = np.arange(years) + horizon
        after, before = place[centre[:, None] + away], place[centre[:, None] - away]
        whole = ((after >= 0) & (before >= 0)).all(axis=1)
        chosen = np.flatnonzero(event[:, i] & whole)
        if not len(chosen):
            continue
        series = force[rows, i]
        weight = np.zeros(len(rows))
        np.add.at(weight, after[chosen].ravel(), 1.0)
        np.add.at(weight, before[chosen].ravel(), -1.0)
        n = np.arange(len(rows))
        every = series[(n[None, :] - n[:, None]) % len(rows)] @ weight
        total += every[0]
        shifted += every[rng.integers(0, len(rows), draws)]
        used += len(chosen)
        everywhere = series[after[whole]].sum(axis=1) - series[before[whole]].sum(axis=1)
        usual += len(chosen) * float(everywhere.mean())
    dropped = int(event.sum()) - used
    if not used:
        return _Order(horizon, np.nan, np.nan, np.nan, np.nan, np.nan, 0, dropped)
    shifted /= used
    mean = total / used
    # Sums of whole numbers over one divisor; the slack is for their rounding alone.
    extreme = int((np.abs(shifted) >= abs(mean) - 1e-12).sum())
    low, high = np.quantile(shifted, [0.025, 0.975])
    return _Order(horizon, mean, float(low), float(high), (1 + extreme) / (draws + 1), usual / used, used, dropped)


def _lead_minus_lag(made: Fit) -> list[tuple[str, float, float]]:
    """Log rate ratios of force before and after the decision, and their difference: (term, estimate, standard error).

    Both terms are 0 or 1; the ratios are for 1 against 0, not by standard deviation.
    """
    lag, lead = made.names.index("force_lag3"), made.names.index("force_lead3")
    covariance = np.linalg.inv(made.information)[: made.k, : made.k]
    spread = dict(zip(made.scaling.names, made.scaling.scale.tolist(), strict=True))
    out = []
    for name, parts in (
        ("force_lag3", ((lag, 1.0),)), ("force_lead3", ((lead, 1.0),)), ("lead_minus_lag", ((lead, 1.0), (lag, -1.0))),
    ):  # fmt: skip
        weights = np.zeros(made.k)
        for k, sign in parts:
            weights[k] = sign / spread[made.names[k]]
        out.append((name, float(weights @ made.beta), float(np.sqrt(weights @ covariance @ weights))))
    return out


def table(
    record: Record, outcomes: Sequence[str] = OUTCOMES, seed: int = 1, draws: int = DRAWS,
    say: Callable[[str], None] = lambda _: None,
) -> list[_Ordered]:  # fmt: skip
    """Both tests under each outcome, from the user's cache where they are there."""
    out: list[_Ordered] = []
    for outcome in outcomes:
        path = path_of("sequence", record=record.version, outcome=outcome, seed=seed, draws=draws)
        found = read_rows(path, _Ordered)
        if found is None:
            say(f"force before and after exits on {outcome}")
            found = _permuted(record, outcome, seed, draws) + _hazard(record, outcome)
            write_rows(path, found)
        out += found
    return out


def _permuted(record: Record, outcome: str, seed: int, draws: int) -> list[_Ordered]:
    cov = covariates(record, outcome)
    c = cov.cube
    force = state_measure(record, c, "force_use", 0).value
    event = np.asarray(cov.exits.exits.any(axis=2), dtype=np.bool_)
    event[: c.index(FIRST_PANEL_YEAR)] = False
    event[c.index(LAST_PANEL_YEAR) + 1 :] = False
    rows = []
    for horizon in HORIZONS:
        o = _order(force, event, horizon, draws, seed)
        mean, low, high, p, usual = map(_plain, (o.mean, o.low, o.high, o.p, o.usual))
        term = f"{horizon} year{'' if horizon == 1 else 's'}"
        status = "ok" if o.used else "no_exits"
        rows.append(_Ordered(outcome, "permutation", term, mean, low, high, p, usual, o.used, o.dropped, status))
    return rows


def _hazard(record: Record, outcome: str) -> list[_Ordered]:
    made, _ = fitted(record, SequenceWithForce, outcome)
    return [
        _Ordered(outcome, "hazard", name, b, b - Z95 * s, b + Z95 * s, None, None, made.events,
                  sum(made.dropped.values()), made.status)
        for name, b, s in _lead_minus_lag(made)
    ]  # fmt: skip


def _plain(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None


TERM: Final = "distance_x_decline"
BORNE_OUT, DOUBTED, NOT_BORNE_OUT, UNKNOWN = (
    "borne_out",
    "borne_out_but_placebo_fails",
    "not_borne_out",
    "not_estimated",
)


@dataclass(frozen=True)
class _Spiral:
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


def spiral(interactions: Sequence[Estimate], measured: Sequence[Measured]) -> list[_Spiral]:
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
            _Spiral(one.outcome, one.estimate, one.low, one.high, s.estimate, s.low, s.high, c.estimate, c.low, c.high,
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
