"""Compiled counts of one world's events, added to those of its block."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numba import njit

EXIT, JOIN, END, FOUND, FOUNDING = range(5)
"""Kinds of events, as `engine.events` gives them."""
BY_STATE: Final = ("left", "joined", "founding", "lost")
BY_YEAR: Final = ("ended", "founded")
_LEFT, _JOINED, _FOUNDING, _LOST = range(4)
_ENDED, _FOUNDED = range(2)


@njit(cache=True)
def listed(counts: Any, number: int, world: int) -> Any:
    """What is not nought of one kind of counts, (worlds, kinds, years, states): world, step, state and count, (rows,) each.

    Rows stand in the order of worlds, steps and states; `world` is the number of the first world.
    """
    worlds, _, years, states = counts.shape
    out, row = np.empty((4, 1024), np.int32), 0
    for one in range(worlds):
        for step in range(years):
            if row + states > out.shape[1]:
                longer = np.empty((4, 2 * out.shape[1] + states), np.int32)
                longer[:, :row] = out[:, :row]
                out = longer
            for state in range(states):
                n = counts[one, number, step, state]
                if n != 0:
                    out[0, row], out[1, row], out[2, row], out[3, row] = world + one, step, state, n
                    row += 1
    return out[:, :row]


@njit(cache=True)
def lay(out: Any, first: int, world: Any, step: Any, state: Any, n: Any) -> None:
    """Put counts where they belong, (worlds, years, states); `first` is the number of the first world."""
    for row in range(len(n)):
        out[world[row] - first, step[row], state[row]] = n[row]


@njit(cache=True)
def count(
    found: Any, members: Any, bodies: int, horizons: Any, by_state: Any, by_year: Any, first: Any, deaths: Any
) -> None:
    """Add the events of a world to counts.

    Parameters
    ----------
    found : (events, 4) in the order of their steps
    members : (bodies of the start, states) memberships at the start
    bodies : bodies that the world knows at its end
    horizons : numbers of years
    by_state : (BY_STATE, years, states) of this world; what is lost are memberships that end with their body
    by_year : (BY_YEAR, years) of this world
    first : (horizons, states, bodies of the start) worlds in which a membership ends by an exit within a horizon
    deaths : (years, bodies of the start) worlds in which a body ends in a year
    """
    m, n = members.shape
    inside = np.zeros((bodies, n), np.uint8)
    seen = np.zeros((m, n), np.uint8)
    inside[:m] = members
    for row in range(len(found)):
        step, kind, i, j = found[row]
        if kind == EXIT:
            by_state[_LEFT, step, i] += 1
            inside[j, i] = 0
            if j < m and not seen[j, i]:
                seen[j, i] = 1
                for h in range(len(horizons)):
                    if step < horizons[h]:
                        first[h, i, j] += 1
        elif kind == JOIN:
            by_state[_JOINED, step, i] += 1
            inside[j, i] = 1
        elif kind == FOUNDING:
            by_state[_FOUNDING, step, i] += 1
            inside[j, i] = 1
        elif kind == FOUND:
            by_year[_FOUNDED, step] += 1
        else:
            by_year[_ENDED, step] += 1
            if j < m:
                deaths[step, j] += 1
            for k in range(n):
                by_state[_LOST, step, k] += inside[j, k]
                inside[j, k] = 0
