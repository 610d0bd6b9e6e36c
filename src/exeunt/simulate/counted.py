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
def count(
    found: Any,
    members: Any,
    bodies: int,
    horizons: Any,
    world: int,
    by_state: Any,
    by_year: Any,
    first: Any,
    deaths: Any,
) -> None:
    """Add the events of a world to counts.

    Parameters
    ----------
    found : (events, 4) in the order of their steps
    members : (bodies of the start, states) memberships at the start
    bodies : bodies that the world knows at its end
    horizons : numbers of years
    world : its place among those of the block
    by_state : (BY_STATE, worlds, years, states); what is lost are memberships that end with their body
    by_year : (BY_YEAR, worlds, years)
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
            by_state[_LEFT, world, step, i] += 1
            inside[j, i] = 0
            if j < m and not seen[j, i]:
                seen[j, i] = 1
                for h in range(len(horizons)):
                    if step < horizons[h]:
                        first[h, i, j] += 1
        elif kind == JOIN:
            by_state[_JOINED, world, step, i] += 1
            inside[j, i] = 1
        elif kind == FOUNDING:
            by_state[_FOUNDING, world, step, i] += 1
            inside[j, i] = 1
        elif kind == FOUND:
            by_year[_FOUNDED, world, step] += 1
        else:
            by_year[_ENDED, world, step] += 1
            if j < m:
                deaths[step, j] += 1
            for k in range(n):
                by_state[_LOST, world, step, k] += inside[j, k]
                inside[j, k] = 0
