"""Random numbers by address, compiled: a number is fixed by its key and its place, whatever else was drawn.

References
----------
Steele, Lea and Flood (2014), Fast splittable pseudorandom number generators, OOPSLA (the mixing function).
Marsaglia and Tsang (2000), ACM Transactions on Mathematical Software 26, 363–372 (gamma variates).
Wichura (1988), Applied Statistics 37, 477–484 (the normal quantile).
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

GOLDEN = np.uint64(0x9E3779B97F4A7C15)
FIRST = np.uint64(0xBF58476D1CE4E5B9)
SECOND = np.uint64(0x94D049BB133111EB)
SMALLEST = 2.0**-53
# Coefficients of algorithm AS 241, for the middle, the near and the far tail.
MIDDLE_UP = (
    3.3871328727963666080e0, 1.3314166789178437745e2, 1.9715909503065514427e3, 1.3731693765509461125e4,
    4.5921953931549871457e4, 6.7265770927008700853e4, 3.3430575583588128105e4, 2.5090809287301226727e3,
)  # fmt: skip
MIDDLE_DOWN = (
    1.0, 4.2313330701600911252e1, 6.8718700749205790830e2, 5.3941960214247511077e3,
    2.1213794301586595867e4, 3.9307895800092710610e4, 2.8729085735721942674e4, 5.2264952788528545610e3,
)  # fmt: skip
NEAR_UP = (
    1.42343711074968357734e0, 4.63033784615654529590e0, 5.76949722146069140550e0, 3.64784832476320460504e0,
    1.27045825245236838258e0, 2.41780725177450611770e-1, 2.27238449892691845833e-2, 7.74545014278341407640e-4,
)  # fmt: skip
NEAR_DOWN = (
    1.0, 2.05319162663775882187e0, 1.67638483018380384940e0, 6.89767334985100004550e-1,
    1.48103976427480074590e-1, 1.51986665636164571966e-2, 5.47593808499534494600e-4, 1.05075007164441684324e-9,
)  # fmt: skip
FAR_UP = (
    6.65790464350110377720e0, 5.46378491116411436990e0, 1.78482653991729133580e0, 2.96560571828504891230e-1,
    2.65321895265761230930e-2, 1.24266094738807843860e-3, 2.71155556874348757815e-5, 2.01033439929228813265e-7,
)  # fmt: skip
FAR_DOWN = (
    1.0, 5.99832206555887937690e-1, 1.36929880922735805310e-1, 1.48753612908506148525e-2,
    7.86869131145613259100e-4, 1.84631831751005468180e-5, 1.42151175831644588870e-7, 2.04426310338993978564e-15,
)  # fmt: skip


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
def ratio_of(x: float, up: Any, down: Any) -> Any:
    """Ratio of two polynomials of degree seven, coefficients from the lowest."""
    top, bottom = up[7], down[7]
    for k in range(6, -1, -1):
        top, bottom = top * x + up[k], bottom * x + down[k]
    return top / bottom


@njit(cache=True)
def normal_of(u: float) -> Any:
    """Standard normal quantile of a number in (0, 1), to sixteen figures."""
    q = u - 0.5
    if abs(q) <= 0.425:
        return q * ratio_of(0.180625 - q * q, MIDDLE_UP, MIDDLE_DOWN)
    r = np.sqrt(-np.log(u if q < 0.0 else 1.0 - u))
    x = ratio_of(r - 1.6, NEAR_UP, NEAR_DOWN) if r <= 5.0 else ratio_of(r - 5.0, FAR_UP, FAR_DOWN)
    return -x if q < 0.0 else x


@njit(cache=True)
def gamma(key: np.uint64, variance: float) -> Any:
    """Mean-one gamma variate of an address; 1 where the variance is 0."""
    if variance <= 0.0:
        return 1.0
    shape = 1.0 / variance
    boost = 1.0
    place = 0
    if shape < 1.0:
        boost = np.exp(np.log(uniform(key, 0)) * variance)
        shape += 1.0
        place = 1
    d = shape - 1.0 / 3.0
    c = 1.0 / np.sqrt(9.0 * d)
    while True:
        normal = normal_of(uniform(key, place))
        u = uniform(key, place + 1)
        place += 2
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
