"""Compiled proposals of the engine: points of Poisson processes, and pairs one by one; see `engine.py` for the method."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

from exeunt.simulate.addressed import address, find, guide, uniform, within
from exeunt.simulate.bits import ONE, has, lowest_bit

POINTS, STATE, BODY, PAIR, FOLLOW, END = 0, 2, 4, 6, 8, 10
"""Kinds of addresses; those of `transition.py` are of another generator. One more is the kind of joins."""
CROWDED = 0.2
"""A state's pairs are drawn one by one where it would have more points than this share of the bodies."""
OPEN, RETURN = 1, 2
"""Marks of pairs at risk: drawn with the others of their state, or for themselves."""


@njit(cache=True)
def keep(pairs: Any, levels: Any, number: int, i: int, j: int, level: float) -> Any:
    """Put a candidate down where there is room, and count it."""
    if number < len(levels):
        pairs[number, 0], pairs[number, 1], levels[number] = i, j, level
    return number + 1


@njit(cache=True, error_model="numpy")
def walk(
    risk: Any, j: int, key: np.uint64, rate: float, reach: float, limit: Any, pairs: Any, levels: Any, number: int
) -> Any:
    """Draw the pairs of a body one by one; those whose level may count are kept."""
    for word in range(risk.shape[1]):
        left = risk[j, word]
        while left != 0:
            i = 64 * word + lowest_bit(left)
            left &= left - ONE
            u = uniform(key, i)
            # −log u is at least 1 − u, so this lets no event go.
            if 1.0 - u < reach * limit[i]:
                number = keep(pairs, levels, number, i, j, -np.log(u) / rate)
    return number


@njit(cache=True, error_model="numpy")
def propose(
    risk: Any, apart: Any, upto: int, rate: Any, allowed: Any, singly: Any, limit: Any, stretch: float, names: Any,
    seed: int, world: int, year: int, kind: int, cumulated: Any, table: Any, pairs: Any, levels: Any,
) -> Any:  # fmt: skip
    """List pairs at risk that may have an event, with levels.

    Parameters
    ----------
    risk : (bodies, words) states at risk with a body, as bits, without those apart
    apart : (bodies, words) those that are drawn one by one; or no rows
    upto : bodies that there are, the first of them
    rate : (bodies,) of the points of a body
    allowed : (bodies,) what a body's pairs can reach of a state's limit, at most 1
    singly : (bodies,) bodies whose pairs are drawn one by one
    limit : (states,) no event of a state has a level above it
    stretch : those apart may have levels so many times the limit
    names : (bodies,) numbers by which bodies are addressed
    cumulated, table : room
    pairs, levels : room for the candidates: state and body, level

    Returns
    -------
    The number of candidates; where it exceeds the room, only the first of them are there.
    """
    m, n = upto, len(limit)
    one_by_one, points = address(seed, world, year, PAIR + kind), address(seed, world, year, POINTS + kind)
    number, summed = 0, 0.0
    keys, reach = np.empty(m, np.uint64), np.empty(m)
    for j in range(m):
        keys[j], reach[j] = within(one_by_one, 0, names[j]), rate[j] * allowed[j]
        if len(apart) > 0:
            number = walk(apart, j, keys[j], rate[j], reach[j] * stretch, limit, pairs, levels, number)
        if singly[j]:
            number = walk(risk, j, keys[j], rate[j], reach[j], limit, pairs, levels, number)
            reach[j] = 0.0
        else:
            summed += rate[j]
        cumulated[j] = summed
    sums = cumulated[:m]
    guide(sums, table)
    for i in range(n):
        if limit[i] * summed > CROWDED * m:
            for j in range(m):
                u = uniform(keys[j], i)
                if 1.0 - u < reach[j] * limit[i] and has(risk, j, i):
                    number = keep(pairs, levels, number, i, j, -np.log(u) / rate[j])
            continue
        key = within(points, i, 0)
        level, place = -np.log(uniform(key, 0)) / summed, 1
        while level <= limit[i]:
            j = find(sums, table, uniform(key, place))
            if level <= limit[i] * allowed[j] and has(risk, j, i):
                number = keep(pairs, levels, number, i, j, level)
            level -= np.log(uniform(key, place + 1)) / summed
            place += 2
    return number
