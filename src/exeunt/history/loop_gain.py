"""R over draws of the fit, the paired-run multiplier G, and the run with the loop cut."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np

from exeunt.core.arrays import FloatArray, IntArray
from exeunt.history.next_generation import ALL, BUNDLES, DEPLETION, LAYERS, _counts_alone, _dominant, _Setting, gather
from exeunt.history.opening import _count_steps, _Fits, _Ground, _leaving, _rates, _setting, _Slopes
from exeunt.simulate import engine
from exeunt.simulate.posterior_draws import Override, draw, overridden, posterior
from exeunt.simulate.reference import Law

DRAWS: Final = 200
WORLDS: Final = 4000
LOOP: Final = ("exits_from_body3", "own_exits3")
"""Terms by which exits feed on exits: contagion and momentum."""
PICK: Final = 40
"""Kind of the address under which the forced exit of a world is drawn, beside those of `posterior_draws.py`."""
Tick = Callable[[int], None]


@dataclass(frozen=True)
class _Kernels:
    """K by draw: `kernel` (draws, layers, groups, groups)."""

    kernel: FloatArray
    by_state: FloatArray
    """Further exits of one exit by state, weighted by the pairs' rates, (draws, layers, n); NaN where none counts."""
    anywhere: FloatArray
    """The same for an exit anywhere, (draws, layers)."""
    loops: dict[str, tuple[FloatArray, FloatArray]]
    """For each other pair of counts: K by draw, (draws, groups, groups), and further exits of one exit, (draws,)."""


def _kernels(
    g: _Ground,
    of: _Fits,
    draws: int,
    seed: int,
    others: dict[str, FloatArray] | None = None,
    tick: Tick = lambda _: None,
) -> _Kernels:
    """K under draws of the posterior, with year effects of the years to come drawn along.

    Parameters
    ----------
    others : coefficients of other pairs of counts by draw, (draws, 2) each, see `placebos.loop_draws`
    tick : called with the number of draws done
    """
    both = posterior(of.exits), posterior(of.joins)
    found: list[tuple[FloatArray, FloatArray, FloatArray]] = []
    loops: dict[str, list[tuple[FloatArray, float]]] = {name: [] for name in others or {}}
    one_more, one_more_own = _count_steps(g.world)
    for number in range(draws):
        (exits, exit_years), (joins, join_years) = (draw(one, g.start, seed, number) for one in both)
        s = _setting(
            g, _rates(g, exits, exit_years, joins, join_years), _Slopes(exits.beta, exits.scaling), exits.bundles
        )
        found.append(_offspring_of(g, s))
        for name, beta in (others or {}).items():
            loops[name].append(
                _counts_alone(s, g.groups, beta[number, 0] * one_more, beta[number, 1] * one_more_own)
            )  # fmt: skip
        tick(number + 1)
    kernel, by_state, anywhere = (np.array(part) for part in zip(*found, strict=True))
    return _Kernels(
        kernel, by_state, anywhere,
        {name: (np.array([k for k, _ in rows]), np.array([further for _, further in rows])) for name, rows in loops.items()},
    )  # fmt: skip


def _offspring_of(g: _Ground, s: _Setting) -> tuple[FloatArray, FloatArray, FloatArray]:
    """K between groups, and further exits of one exit by state and anywhere, by layer."""
    kernel, offspring = gather(s, g.groups)
    rate = np.where(s.at_risk, s.first, 0.0)
    by_state = rate.sum(axis=1)
    summed = (offspring * rate).sum(axis=2)
    mean = np.divide(summed, by_state, out=np.full_like(summed, np.nan), where=by_state > 0)
    return kernel, mean, np.asarray((offspring * rate).sum(axis=(1, 2)) / rate.sum())


def _band(values: FloatArray) -> dict[str, float | None]:
    """Median and 95 % interval; None where there is no value."""
    if not len(values) or np.isnan(values).any():
        return {"median": None, "low": None, "high": None}
    low, median, high = np.quantile(values, [0.025, 0.5, 0.975])
    return {"median": float(median), "low": float(low), "high": float(high)}


def _summary(kernel: FloatArray) -> dict[str, Any]:
    """R with both bounds, R of the influence alone, and R of each channel, from K by draw.

    `eigenvalue` is the real part of the eigenvalue whose modulus R is: below 0 where the balancing entries outweigh. The
    influence alone is K without depletion.
    """
    lagged = _dominant(kernel[:, ALL])
    upper = _dominant(kernel[:, ALL] + kernel[:, BUNDLES])
    influence = _dominant(kernel[:, ALL] - kernel[:, DEPLETION])
    channels = []
    for number, name in enumerate(LAYERS[1:], 1):
        one = _dominant(kernel[:, number])
        radius = _band(np.abs(one))
        channels.append(
            {"channel": name, "R": radius["median"], "low": radius["low"], "high": radius["high"],
             "eigenvalue": _band(one.real)["median"]}
        )  # fmt: skip
    return {
        "R": _band(np.abs(lagged)),
        "R_upper_bound": _band(np.abs(upper))["median"],
        "p_self_sustaining": float((np.abs(lagged) >= 1.0).mean()),
        "channels": channels,
        "eigenvalue": _band(lagged.real),
        "R_influence": _band(np.abs(influence)),
        "R_upper": _band(np.abs(upper)),
        "p_self_sustaining_upper": float((np.abs(upper) >= 1.0).mean()),
    }


@dataclass(frozen=True)
class _Paired:
    """Exits of paired worlds over the horizon: with and without what is done to them, (worlds,) each."""

    without: IntArray
    done: IntArray

    def difference(self) -> dict[str, float | int]:
        """Mean difference with its 95 % interval from the spread between worlds."""
        extra = (self.done - self.without).astype(np.float64)
        error = float(extra.std(ddof=1) / np.sqrt(len(extra)))
        mean = float(extra.mean())
        return {"mean": mean, "low": mean - 1.96 * error, "high": mean + 1.96 * error, "worlds": len(extra)}


def _barred(g: _Ground, only_first: IntArray | None = None) -> engine.Plan:
    """Plan under which what the outcome leaves out does not happen, and a pair does not leave by itself in the first year."""
    plan = engine.no_plan(g.start)
    stop = g.start.years
    bars = plan.barred.copy()
    unused = (g.start.members & ~g.counted).any(axis=0)
    bars[:, unused, 1] = stop
    if only_first is not None:
        bars[only_first[0], only_first[1], 1] = max(1, int(bars[only_first[0], only_first[1], 1]))
    return replace(plan, barred=bars)


def _forced(g: _Ground, plan: engine.Plan, state: int, body: int) -> engine.Plan:
    """The same plan with one exit in the first year."""
    return replace(plan, leave=np.array([[0, state, body]], dtype=np.int64))


def _exits(found: IntArray) -> int:
    return int((found[:, 1] == 0).sum())


def _multiplier(g: _Ground, of: _Fits, worlds: int, seed: int, tick: Tick = lambda _: None) -> _Paired:
    """Paired worlds, in one of which one exit is forced in the first year; the forced exit itself is not counted.

    The pair that leaves is drawn by its rate in the first year, and does not leave by itself in that year in either world.

    Raises
    ------
    FitError, unless the exit hazard is calibrated.
    """
    of.exits.require_calibrated()
    at = engine.lay_out(g.start)
    both = posterior(of.exits), posterior(of.joins)
    counts = np.zeros((2, worlds), np.int64)
    for world in range(worlds):
        (exits, exit_years), (joins, join_years) = (draw(one, g.start, seed, world) for one in both)
        i, j = _chosen(g, exits, exit_years, seed, world)
        plain = _barred(g, np.array([i, j]))
        for number, plan in enumerate((plain, _forced(g, plain, i, j))):
            counts[number, world] = _exits(engine.events(at, exits, joins, exit_years, join_years, seed, world, plan))
        tick(world + 1)
    return _Paired(counts[0], counts[1] - 1)


def _chosen(g: _Ground, exits: Law, exit_years: FloatArray, seed: int, world: int) -> tuple[int, int]:
    """State and body of the exit that is forced in a world, drawn by the rates of its first year."""
    rate = np.where(g.counted, _leaving(g, exits, exit_years[:1])[0], 0.0)
    rng = np.random.Generator(
        np.random.Philox(key=np.array([seed, world], np.uint64), counter=np.array([0, 0, PICK, 0], np.uint64))
    )
    cumulated = np.cumsum(rate.ravel())
    at = int(np.searchsorted(cumulated, rng.random() * cumulated[-1], side="right"))
    return at // rate.shape[1], at % rate.shape[1]


def _cut_loop(g: _Ground, of: _Fits, worlds: int, seed: int, tick: Tick = lambda _: None) -> _Paired:
    """Paired worlds, in one of which the terms of the loop have the coefficient 0: they count as at their training mean.

    `done` is the world as fitted, `without` the one with the loop cut.
    """
    of.exits.require_calibrated()
    at, plan = engine.lay_out(g.start), _barred(g)
    both = posterior(of.exits), posterior(of.joins)
    changes = tuple(Override("exit", name, value=0.0) for name in LOOP if name in of.exits.scaling.names)
    counts = np.zeros((2, worlds), np.int64)
    for world in range(worlds):
        (exits, exit_years), (joins, join_years) = (draw(one, g.start, seed, world) for one in both)
        for number, law in enumerate((overridden(exits, "exit", changes), exits)):
            counts[number, world] = _exits(engine.events(at, law, joins, exit_years, join_years, seed, world, plan))
        tick(world + 1)
    return _Paired(counts[0], counts[1])
