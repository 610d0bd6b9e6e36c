"""Standing of chosen states, year by year in replayed worlds."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from exeunt.arrays import FloatArray, IntArray
from exeunt.simulate.counted import END, EXIT, FOUNDING, JOIN
from exeunt.simulate.dynamics import standing_path
from exeunt.simulate.ensemble import player_of
from exeunt.simulate.setting import Setting
from exeunt.simulate.world import Start


def standings(setting: Setting, worlds: int, chosen: Sequence[int]) -> FloatArray:
    """Standing of states at the opening of each year and after the last, (worlds, years + 1, chosen); NaN where unknown.

    Worlds are replayed from their numbers, so nothing of it needs to be kept.
    """
    s, player = setting.start, player_of(setting)
    out = np.empty((worlds, s.years + 1, len(chosen)))
    first = s.year - s.first_year
    for world in range(worlds):
        around = player.surroundings(world)
        events = player.events(world, surroundings=around)
        members, exits = history(s, events)
        rows = np.minimum(np.arange(first, first + s.years + 1), len(around.position) - 1)
        path = standing_path(
            members, around.position[rows], exits, setting.dynamics.standing.phi,
            setting.dynamics.standing_response(setting.seed, world),
        )  # fmt: skip
        out[world] = path[:, chosen]
    return out


def history(s: Start, events: IntArray) -> tuple[list[NDArray[np.bool_]], FloatArray]:
    """Memberships at the opening of each year and after the last, and own exits, (years + 1, states), from events."""
    n, m = s.members.shape
    now = np.zeros((n, max(m, int(events[:, 3].max(initial=0)) + 1)), np.bool_)
    now[:, :m] = s.members
    members, exits = [now.copy()], np.zeros((s.years + 1, n))
    for step in range(s.years):
        here = events[events[:, 0] == step]
        # What is founded stands at the opening, so founders may leave within the year.
        founders, left, came = (here[here[:, 1] == kind] for kind in (FOUNDING, EXIT, JOIN))
        now[founders[:, 2], founders[:, 3]] = True
        np.add.at(exits[step], left[:, 2], 1.0)
        now[left[:, 2], left[:, 3]] = False
        now[came[:, 2], came[:, 3]] = True
        now[:, here[here[:, 1] == END][:, 3]] = False
        members.append(now.copy())
    return members, exits


def bands(path: FloatArray, first_year: int) -> list[dict[str, Any]] | None:
    """Median and 95 % of the worlds at the opening of each year, (worlds, years); None where a state has no standing."""
    if np.isnan(path).any():
        return None
    low, median, high = np.quantile(path, [0.025, 0.5, 0.975], axis=0)
    return [
        {"year": first_year + k, "median": _short(median[k]), "low": _short(low[k]), "high": _short(high[k])}
        for k in range(path.shape[1])
    ]


def _short(value: float) -> float:
    return float(f"{value:.5g}")
