"""Random numbers by address, compiled: a number is fixed by its key and its place, whatever else was drawn.

References
----------
Steele, Lea and Flood (2014), Fast splittable pseudorandom number generators, OOPSLA (the mixing function).
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
from llvmlite import ir
from numba import njit, types
from numba.extending import intrinsic
from numpy.typing import NDArray
from scipy.special import gammainccinv, gammaincinv

GOLDEN = np.uint64(0x9E3779B97F4A7C15)
FIRST = np.uint64(0xBF58476D1CE4E5B9)
SECOND = np.uint64(0x94D049BB133111EB)
SMALLEST = 2.0**-53
OCTAVES, PARTS = 32, 64
"""A table of quantiles has so many parts in each halving of the probability, this often, on both sides of the median."""
_MANTISSA = 52 - 6
_LOWEST = np.int64(np.float64(2.0 ** -(OCTAVES + 1)).view(np.int64) >> _MANTISSA)


def _bits_of(_typing: Any, number: Any) -> Any:
    """Bits of a float."""
    return types.int64(types.float64), lambda _context, builder, _signature, values: builder.bitcast(
        values[0], ir.IntType(64)
    )


bits_of: Any = intrinsic(_bits_of)


@njit(cache=True)
def mix(z: np.uint64) -> np.uint64:
    """Scramble 64 bits; one to one."""
    z = (z ^ (z >> np.uint64(30))) * FIRST
    z = (z ^ (z >> np.uint64(27))) * SECOND
    return z ^ (z >> np.uint64(31))


@njit(cache=True)
def address(seed: int, world: int, year: int, kind: int) -> np.uint64:
    """Key of all addresses of one kind in one year."""
    z = mix(np.uint64(seed) + GOLDEN)
    for part in (world, year, kind):
        z = mix((z + GOLDEN) ^ mix(np.uint64(part) + FIRST))
    return z


@njit(cache=True)
def within(key: np.uint64, one: int, two: int) -> np.uint64:
    """Key of a place of an address; `one` and `two` are a state and a body, or 0."""
    z = mix((key + GOLDEN) ^ mix(np.uint64(one) + FIRST))
    return mix((z + GOLDEN) ^ mix(np.uint64(two) + FIRST))


@njit(cache=True)
def uniform(key: np.uint64, place: int) -> float:
    """The number at a place of an address, in (0, 1)."""
    # By way of a signed number, which machines turn into a float at once.
    return (np.float64(np.int64(mix(key + GOLDEN * np.uint64(place + 1)) >> np.uint64(11))) + 0.5) * SMALLEST


@lru_cache(maxsize=64)
def gamma_quantiles(variance: float) -> NDArray[np.float64]:
    """Quantiles of a gamma of mean one at the points between which `read_off` interpolates, (2, points).

    The first row is over probabilities p from below 2^-33 to a half, the second over 1 − p; all ones where the variance is 0.
    """
    octave = np.arange(OCTAVES + 1)[:, None] - (OCTAVES + 1.0)
    p = (2.0**octave * (1.0 + np.arange(PARTS) / PARTS)).ravel()[: OCTAVES * PARTS + 2]
    if variance <= 0.0:
        return np.ones((2, len(p)))
    shape = 1.0 / variance
    return np.asarray(np.stack([gammaincinv(shape, p), gammainccinv(shape, p)]) * variance, dtype=np.float64)


@njit(cache=True)
def read_off(quantiles: Any, u: float) -> Any:
    """Quantile at a number in (0, 1), between the points of a table in proportion."""
    # The distance from the nearer end, without a branch, for half of the numbers would take the other one.
    side = np.int64(u > 0.5)
    bits = bits_of(abs(np.float64(side) - u))
    place = (bits >> _MANTISSA) - _LOWEST
    if place < 0:
        return quantiles[side, 0]
    low = quantiles[side, place]
    return low + (bits & ((1 << _MANTISSA) - 1)) * 2.0**-_MANTISSA * (quantiles[side, place + 1] - low)
