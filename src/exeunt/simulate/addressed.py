"""Random numbers by address, compiled: a number is fixed by its key and its place, whatever else was drawn.

References
----------
Steele, Lea and Flood (2014), Fast splittable pseudorandom number generators, OOPSLA (the mixing function).
Marsaglia and Tsang (2000), ACM Transactions on Mathematical Software 26, 363–372 (gamma variates).
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

GOLDEN = np.uint64(0x9E3779B97F4A7C15)
FIRST = np.uint64(0xBF58476D1CE4E5B9)
SECOND = np.uint64(0x94D049BB133111EB)
SMALLEST = 2.0**-53


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
    return (np.float64(mix(key + GOLDEN * np.uint64(place + 1)) >> np.uint64(11)) + 0.5) * SMALLEST


@njit(cache=True)
def gamma(key: np.uint64, variance: float) -> Any:
    """Mean-one gamma variate of an address; 1 where the variance is 0."""
    if variance <= 0.0:
        return 1.0
    shape = 1.0 / variance
    boost = 1.0
    place = 0
    if shape < 1.0:
        boost = uniform(key, 0) ** (1.0 / shape)
        shape += 1.0
        place = 1
    d = shape - 1.0 / 3.0
    c = 1.0 / np.sqrt(9.0 * d)
    while True:
        radius = np.sqrt(-2.0 * np.log(uniform(key, place)))
        normal = radius * np.cos(2.0 * np.pi * uniform(key, place + 1))
        u = uniform(key, place + 2)
        place += 3
        v = (1.0 + c * normal) ** 3
        if v > 0.0 and (u < 1.0 - 0.0331 * normal**4 or np.log(u) < 0.5 * normal * normal + d - d * v + d * np.log(v)):
            return d * v * boost * variance


@njit(cache=True)
def guide(cumulated: Any, table: Any) -> None:
    """Where to begin looking for a value, for equal parts of the total."""
    place = 0
    for part_of in range(len(table)):
        while place < len(cumulated) - 1 and cumulated[place] <= part_of * (cumulated[-1] / len(table)):
            place += 1
        table[part_of] = place


@njit(cache=True)
def find(cumulated: Any, table: Any, value: float) -> Any:
    """First place whose cumulated weight exceeds a share in [0, 1) of the total."""
    place = table[int(value * len(table))]
    while place < len(cumulated) - 1 and cumulated[place] <= value * cumulated[-1]:
        place += 1
    return place
