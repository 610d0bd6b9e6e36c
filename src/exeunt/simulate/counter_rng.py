"""Random numbers by address, compiled: a number is fixed by its key and its place, whatever else was drawn.

References
----------
Steele, Lea and Flood (2014), Fast splittable pseudorandom number generators, OOPSLA (the mixing function).
Marsaglia and Tsang (2000), The ziggurat method for generating random variables, Journal of Statistical Software 5(8).
Marsaglia and Tsang (2000), A simple method for generating gamma variables, ACM Transactions on Mathematical Software 26,
363–372.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any, Final

import numpy as np
from llvmlite import ir
from numba import njit, types
from numba.extending import intrinsic
from numpy.typing import NDArray
from scipy.special import erfc, gammainccinv, gammaincinv

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
def _mix(z: np.uint64) -> np.uint64:
    """Scramble 64 bits; one to one."""
    z = (z ^ (z >> np.uint64(30))) * FIRST
    z = (z ^ (z >> np.uint64(27))) * SECOND
    return z ^ (z >> np.uint64(31))


@njit(cache=True)
def _address(seed: int, world: int, year: int, kind: int) -> np.uint64:
    """Key of all addresses of one kind in one year."""
    z = _mix(np.uint64(seed) + GOLDEN)
    for part in (world, year, kind):
        z = _mix((z + GOLDEN) ^ _mix(np.uint64(part) + FIRST))
    return z


@njit(cache=True)
def _within(key: np.uint64, one: int, two: int) -> np.uint64:
    """Key of a place of an address; `one` and `two` are a state and a body, or 0."""
    z = _mix((key + GOLDEN) ^ _mix(np.uint64(one) + FIRST))
    return _mix((z + GOLDEN) ^ _mix(np.uint64(two) + FIRST))


@njit(cache=True)
def _uniform(key: np.uint64, place: int) -> float:
    """The number at a place of an address, in (0, 1)."""
    # By way of a signed number, which machines turn into a float at once.
    return (np.float64(np.int64(_mix(key + GOLDEN * np.uint64(place + 1)) >> np.uint64(11))) + 0.5) * SMALLEST


@lru_cache(maxsize=64)
def _gamma_quantiles(variance: float) -> NDArray[np.float64]:
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
def _read_off(quantiles: Any, u: float) -> Any:
    """Quantile at a number in (0, 1), between the points of a table in proportion."""
    # The distance from the nearer end, without a branch, for half of the numbers would take the other one.
    side = np.int64(u > 0.5)
    bits = bits_of(abs(np.float64(side) - u))
    place = (bits >> _MANTISSA) - _LOWEST
    if place < 0:
        return quantiles[side, 0]
    low = quantiles[side, place]
    return low + (bits & ((1 << _MANTISSA) - 1)) * 2.0**-_MANTISSA * (quantiles[side, place + 1] - low)


LAYERS: Final = 256
TAIL: Final = 3.6541528853610088
"""The normal density beyond this point is the lowest of so many layers of equal area."""
_LAYER, _SIDE, _FINE = np.uint64(LAYERS - 1), np.uint64(2 * LAYERS - 1), np.uint64(2**52 - 1)
_NINE, _ELEVEN = np.uint64(9), np.uint64(11)


def _layers() -> tuple[Any, Any, Any]:
    """Of each layer: its width in 2⁻⁵², how much of it lies under the density for sure, the density at its edge."""
    area = TAIL * np.exp(-0.5 * TAIL**2) + np.sqrt(np.pi / 2) * erfc(TAIL / np.sqrt(2))
    edge = np.zeros(LAYERS + 1)
    edge[LAYERS], edge[LAYERS - 1] = area / np.exp(-0.5 * TAIL**2), TAIL
    for layer in range(LAYERS - 2, 0, -1):
        edge[layer] = np.sqrt(-2.0 * np.log(area / edge[layer + 1] + np.exp(-0.5 * edge[layer + 1] ** 2)))
    # Layer n, from 1 at the top, reaches from edge 0 to edge n; layer 0 is the lowest, with the tail.
    width = np.append(edge[LAYERS], edge[1:LAYERS])
    inner = np.append(TAIL, edge[: LAYERS - 1])
    return (
        width * 2.0**-52,
        (inner / width * 2.0**52).astype(np.int64),
        np.exp(-0.5 * np.append(0.0, edge[1:LAYERS]) ** 2),
    )


WIDTH, SURE, DENSITY = _layers()
SIDES = np.concatenate([WIDTH, -WIDTH])


@njit(cache=True)
def _fraction(z: np.uint64) -> float:
    """A number in (0, 1) of 64 bits."""
    return (np.float64(np.int64(z >> _ELEVEN)) + 0.5) * SMALLEST


@njit(cache=True)
def _normal(key: np.uint64, place: int) -> Any:
    """The standard normal number at a place of an address."""
    z = _mix(key + GOLDEN * np.uint64(place + 1))
    while True:
        layer, fine = np.int64(z & _LAYER), np.int64((z >> _NINE) & _FINE)
        x = np.float64(fine) * SIDES[np.int64(z & _SIDE)]
        if fine < SURE[layer]:
            return x
        # Whatever else this number takes follows from its own bits.
        z = _mix(z + GOLDEN)
        if layer == 0:
            while True:
                beyond = -np.log(_fraction(z)) / TAIL
                z = _mix(z + GOLDEN)
                height = -np.log(_fraction(z))
                z = _mix(z + GOLDEN)
                if 2.0 * height > beyond * beyond:
                    return TAIL + beyond if x > 0.0 else -TAIL - beyond
        above = 1.0 if layer == 1 else DENSITY[layer - 1]
        if DENSITY[layer] + (above - DENSITY[layer]) * _fraction(z) < np.exp(-0.5 * x * x):
            return x
        z = _mix(z + GOLDEN)


@njit(cache=True)
def _normals(key: np.uint64, first: int, out: Any) -> None:
    """The standard normal numbers at `first` and the places after it, each that of `normal`, for half the time."""
    for n in range(len(out)):
        z = _mix(key + GOLDEN * np.uint64(first + n + 1))
        fine = np.int64((z >> _NINE) & _FINE)
        out[n] = np.float64(fine) * SIDES[np.int64(z & _SIDE)]
        if fine >= SURE[np.int64(z & _LAYER)]:
            out[n] = _normal(key, first + n)


@njit(cache=True)
def _gamma(key: np.uint64, shape: float) -> Any:
    """A gamma number of scale one, which takes a key for itself."""
    factor = 1.0
    if shape < 1.0:
        factor = _uniform(key, 0) ** (1.0 / shape)
        shape += 1.0
    d = shape - 1.0 / 3.0
    c = 1.0 / np.sqrt(9.0 * d)
    place = 1
    while True:
        x, u = _normal(key, place), _uniform(key, place + 1)
        place += 2
        v = 1.0 + c * x
        if v > 0.0:
            v = v * v * v
            if np.log(u) < 0.5 * x * x + d - d * v + d * np.log(v):
                return factor * d * v


@njit(cache=True)
def _count(u: float, mean: float, frailty: float) -> int:
    """The count at probability u of a Poisson number whose mean is gamma with a variance of frailty × mean²."""
    size = 1.0 / frailty if frailty > 0.0 else 0.0
    # (1 + frailty · mean)^(−size), of which e^(−mean) is the limit.
    one = np.exp(-size * np.log1p(frailty * mean)) if frailty > 0.0 else np.exp(-mean)
    below, n = one, 0
    while below < u and (n < mean or one > 1e-18):
        one *= mean * (1.0 + frailty * n) / ((n + 1.0) * (1.0 + frailty * mean))
        n += 1
        below += one
    return n
