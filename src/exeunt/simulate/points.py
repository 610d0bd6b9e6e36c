"""Compiled proposals of the engine: points of Poisson processes, and pairs one by one; see `engine.py` for the method."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

from exeunt.simulate.addressed import address, find, guide, uniform

POINTS, STATE, BODY, PAIR, FOLLOW, END = 0, 2, 4, 6, 8, 10
"""Kinds of addresses; those of `transition.py` are of another generator. One more is the kind of joins."""
OPEN, RETURN = 1, 2
"""Marks of pairs at risk: drawn with the others of their state, or for themselves."""


@njit(cache=True)
def keep(pairs: Any, levels: Any, number: int, i: int, j: int, level: float) -> Any:
    """Put a candidate down where there is room, and count it."""
    if number < len(levels):
        pairs[number, 0], pairs[number, 1], levels[number] = i, j, level
    return number + 1


@njit(cache=True, error_model="numpy")
def propose(
    open_to: Any, upto: int, rate: Any, allowed: Any, singly: Any, limit: Any, apart: Any, apart_number: int, stretch: float,
    names: Any, seed: int, world: int, year: int, kind: int, cumulated: Any, table: Any, pairs: Any, levels: Any,
) -> Any:  # fmt: skip
    """List pairs at risk that may have an event, with levels.

    Parameters
    ----------
    open_to : (bodies, states) marks of pairs at risk, 0 elsewhere
    upto : bodies that there are, the first of them
    rate : (bodies,) of the points of a body
    allowed : (bodies,) what a body's pairs can reach of a state's limit, at most 1
    singly : (bodies,) bodies whose pairs are drawn one by one
    limit : (states,) no event of a state has a level above it
    apart, apart_number : (pairs, 2) state and body of pairs among which those with the mark RETURN are
    stretch : these may have levels so many times the limit
    names : (bodies,) numbers by which bodies are addressed
    cumulated, table : room
    pairs, levels : room for the candidates: state and body, level

    Returns
    -------
    The number of candidates; where it exceeds the room, only the first of them are there.
    """
    m, n = upto, open_to.shape[1]
    number = 0
    summed = 0.0
    for j in range(m):
        if not singly[j]:
            summed += rate[j]
        cumulated[j] = summed
    sums = cumulated[:m]
    guide(sums, table)
    for row in range(apart_number):
        i, j = apart[row, 0], apart[row, 1]
        if open_to[j, i] == RETURN:
            u = uniform(address(seed, world, year, PAIR + kind, 0, names[j]), i)
            if 1.0 - u < rate[j] * allowed[j] * limit[i] * stretch:
                number = keep(pairs, levels, number, i, j, -np.log(u) / rate[j])
    for j in range(m):
        if singly[j]:
            key = address(seed, world, year, PAIR + kind, 0, names[j])
            reach = rate[j] * allowed[j]
            for i in range(n):
                if open_to[j, i] == OPEN:
                    u = uniform(key, i)
                    # −log u is at least 1 − u, so this lets no event go.
                    if 1.0 - u < reach * limit[i]:
                        number = keep(pairs, levels, number, i, j, -np.log(u) / rate[j])
    for i in range(n):
        if limit[i] * summed > 2.0 * m:
            for j in range(m):
                if open_to[j, i] == OPEN and not singly[j]:
                    level = -np.log(uniform(address(seed, world, year, PAIR + kind, 0, names[j]), i)) / rate[j]
                    if level <= limit[i] * allowed[j]:
                        number = keep(pairs, levels, number, i, j, level)
            continue
        key = address(seed, world, year, POINTS + kind, i, 0)
        level, place = -np.log(uniform(key, 0)) / summed, 1
        while level <= limit[i]:
            j = find(sums, table, uniform(key, place))
            if open_to[j, i] == OPEN and level <= limit[i] * allowed[j]:
                number = keep(pairs, levels, number, i, j, level)
            level -= np.log(uniform(key, place + 1)) / summed
            place += 2
    return number
