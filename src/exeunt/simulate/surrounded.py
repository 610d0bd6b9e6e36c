"""The numbers of a world's surroundings, compiled and addressed: parameters, walks of states, bodies that are founded."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

from exeunt.panel.terms import SMALLEST_SHARE
from exeunt.simulate.addressed import address, uniform, within
from exeunt.simulate.normals import count, gamma, normal, normals

POSITION, CAPABILITY, BIRTH, FOUNDING, PARAMETERS, STANDING = range(40, 46)
"""Kinds of addresses, beside those of `transition.py` and `drawn.py`."""


@njit(cache=True)
def parameters(seed: int, world: int, return_shapes: Any, birth_shape: float) -> Any:
    """Seven standard normal numbers, a gamma number of the shape of births, and one of each shape of returns."""
    key = address(seed, world, 0, PARAMETERS)
    out = np.empty(8 + len(return_shapes))
    normals(key, 0, out[:7])
    out[7] = gamma(within(key, 0, 0), birth_shape)
    for band in range(len(return_shapes)):
        out[8 + band] = gamma(within(key, 0, 1 + band), return_shapes[band])
    return out


@njit(cache=True)
def born(seed: int, world: int, years: int, a_year: float, frailty: float, pool: int) -> Any:
    """Bodies founded in a world: steps, founders' places in a pool, (births,), and two standard normal numbers, (2, births).

    What is founded in a year stands at the opening of the next; the bodies of the opening year are those of the record.
    """
    key, counts = address(seed, world, 0, BIRTH), np.zeros(years, np.int64)
    for step in range(1, years):
        counts[step] = count(uniform(key, step), a_year, frailty)
    births = counts.sum()
    steps, picked, effects = np.empty(births, np.int64), np.empty(births, np.int64), np.empty((2, births))
    key, birth = address(seed, world, 0, FOUNDING), 0
    for step in range(1, years):
        for _ in range(counts[step]):
            steps[birth] = step
            picked[birth] = min(int(uniform(key, 3 * birth) * pool), pool - 1)
            effects[0, birth], effects[1, birth] = normal(key, 3 * birth + 1), normal(key, 3 * birth + 2)
            birth += 1
    return steps, picked, effects


@njit(cache=True)
def walked(out: Any, first: int, scale: float, longer: float, key: Any) -> None:
    """Let every state walk from row `first` − 1 on, in place, (rows, states); the first step is so many times as long."""
    states = out.shape[1]
    for row in range(first, len(out)):
        normals(key, (row - first) * states, out[row])
        by = scale * longer if row == first else scale
        for i in range(states):
            out[row, i] = out[row - 1, i] + by * out[row, i]


@njit(cache=True)
def positions(start: Any, first: int, scale: float, longer: float, seed: int, world: int) -> Any:
    """Positions with those from row `first` on walked, (rows, states)."""
    out = np.empty_like(start)
    out[:first] = start[:first]
    walked(out, first, scale, longer, address(seed, world, 0, POSITION))
    return out


@njit(cache=True)
def capabilities(start: Any, first: int, scale: float, longer: float, seed: int, world: int) -> Any:
    """Shares whose logarithms walk from row `first` on, each year held to the sum of the row before, (rows, states)."""
    out, total = np.empty_like(start), 0.0
    out[:first] = start[:first]
    for i in range(out.shape[1]):
        if not np.isnan(start[first - 1, i]):
            total += start[first - 1, i]
            out[first - 1, i] = np.log(max(start[first - 1, i], SMALLEST_SHARE))
    walked(out, first, scale, longer, address(seed, world, 0, CAPABILITY))
    out[first - 1] = start[first - 1]
    share_out(out, first, total)
    return out


@njit(cache=True)
def share_out(out: Any, first: int, total: float) -> None:
    """Turn logarithms from row `first` on into shares with a given sum, none below one in a million, in place."""
    for row in range(first, len(out)):
        summed = 0.0
        for i in range(out.shape[1]):
            out[row, i] = np.exp(out[row, i])
            if not np.isnan(out[row, i]):
                summed += out[row, i]
        rest, low = 0.0, 0
        for i in range(out.shape[1]):
            out[row, i] *= total / summed
            if out[row, i] < SMALLEST_SHARE:
                low += 1
            elif not np.isnan(out[row, i]):
                rest += out[row, i]
        for i in range(out.shape[1]):
            if out[row, i] < SMALLEST_SHARE:
                out[row, i] = SMALLEST_SHARE
            elif not np.isnan(out[row, i]):
                out[row, i] = max(out[row, i] * (total - low * SMALLEST_SHARE) / rest, SMALLEST_SHARE)
