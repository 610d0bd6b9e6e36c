"""Many worlds: parameters from the posterior, one draw a world, counts by year."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from exeunt.explain.fit import Fit
from exeunt.explain.yearly import year_law
from exeunt.simulate.transition import EFFECTS, generator, law, run_world
from exeunt.simulate.world import Start

IntArray = NDArray[np.int64]
DRAW_WORLD = 2**32 - 1
"""World number under which parameters and year effects of all worlds are drawn."""


@dataclass(frozen=True)
class Ensemble:
    """Counts over worlds: `exits` and `joins` are (worlds, years); `exits_by_state` is (worlds, states)."""

    years: IntArray
    exits: IntArray
    joins: IntArray
    exits_by_state: IntArray
    states: IntArray
    seed: int


def simulate(
    s: Start,
    exit_fit: Fit,
    join_fit: Fit,
    worlds: int,
    seed: int,
    tick: Callable[[int], None] = lambda _: None,
) -> Ensemble:
    """Simulate `worlds` worlds from one start.

    Parameters
    ----------
    tick : called with the number of worlds done

    Raises
    ------
    FitError, unless the exit hazard is calibrated.
    """
    exit_fit.require_calibrated()
    exit_phi, exit_sd = exit_fit.draw(worlds, seed)
    join_phi, join_sd = join_fit.draw(worlds, seed + 1)
    years = np.arange(s.year, s.year + s.years)
    rng = generator(seed, DRAW_WORLD, 0, EFFECTS)
    exit_years = year_law(exit_fit.effect("year"), float(exit_fit.sd[2])).draw(years, worlds, rng)
    join_years = year_law(join_fit.effect("year"), float(join_fit.sd[2])).draw(years, worlds, rng)
    exits = np.zeros((worlds, s.years), np.int64)
    joins = np.zeros((worlds, s.years), np.int64)
    by_state = np.zeros((worlds, len(s.states)), np.int64)
    for world in range(worlds):
        effects = generator(seed, world, 0, EFFECTS)
        left, joined = run_world(
            s,
            law(exit_fit, s, exit_phi[world], exit_sd[world], effects),
            law(join_fit, s, join_phi[world], join_sd[world], effects),
            exit_years[world], join_years[world], seed, world,
        )  # fmt: skip
        exits[world] = [int(x.sum()) for x in left]
        joins[world] = [int(x.sum()) for x in joined]
        by_state[world] = np.sum([x.sum(axis=1) for x in left], axis=0)
        tick(world + 1)
    return Ensemble(years, exits, joins, by_state, s.states, seed)


def band(counts: NDArray[np.float64] | IntArray) -> tuple[float, float, float]:
    """Low, median and high of counts over worlds, 95 %."""
    low, median, high = np.quantile(counts, [0.025, 0.5, 0.975])
    return float(low), float(median), float(high)
