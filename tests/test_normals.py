"""Numbers by address have the laws they are named after; each test fails by chance once in a hundred thousand runs."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numba import njit
from scipy.stats import chi2, kstest, nbinom, norm, poisson
from scipy.stats import gamma as gamma_law

from exeunt.simulate.counter_rng import TAIL
from exeunt.simulate.counter_rng import _address as address
from exeunt.simulate.counter_rng import _count as count
from exeunt.simulate.counter_rng import _gamma as gamma
from exeunt.simulate.counter_rng import _normal as normal
from exeunt.simulate.counter_rng import _normals as normals
from exeunt.simulate.counter_rng import _uniform as uniform

FAILURE_RATE = 1e-5
Z = 4.5
MANY = 2_000_000


@njit
def of_worlds(many: int, kind: int) -> Any:
    """The first number of each world."""
    return np.array([normal(address(1, world, 0, kind), 0) for world in range(many)])


@njit
def of_places(many: int, seed: int) -> Any:
    """Many numbers of one world."""
    out = np.empty(many)
    normals(address(seed, 2, 0, 40), 5, out)
    return out


@njit
def one_by_one(many: int, seed: int) -> Any:
    return np.array([normal(address(seed, 2, 0, 40), 5 + place) for place in range(many)])


@njit
def gammas(many: int, shape: float) -> Any:
    return np.array([gamma(address(1, world, 0, 3), shape) for world in range(many)])


@njit
def counts(many: int, mean: float, frailty: float) -> Any:
    return np.array([count(uniform(address(1, world, 0, 4), 0), mean, frailty) for world in range(many)])


@pytest.mark.parametrize(
    "made", [of_worlds(MANY, 40), of_places(MANY, 1), of_places(MANY, 2)], ids=["worlds", "1", "2"]
)
def test_normal_numbers_are_normal(made: Any) -> None:
    assert kstest(made, norm.cdf).pvalue > FAILURE_RATE
    edges = np.concatenate([[-np.inf], np.linspace(-TAIL, TAIL, 1_001), [-TAIL - 0.4, TAIL + 0.4], [np.inf]])
    edges.sort()
    expected = MANY * np.diff(norm.cdf(edges))
    apart = (np.histogram(made, edges)[0] - expected) ** 2 / expected
    assert chi2.sf(apart.sum(), len(expected) - 1) > FAILURE_RATE
    for power, (mean, variance) in {1: (0, 1), 2: (1, 2), 3: (0, 15), 4: (3, 96)}.items():
        assert abs((made**power).mean() - mean) < Z * np.sqrt(variance / MANY)


def test_neighbours_have_nothing_in_common() -> None:
    worlds, places = of_worlds(MANY, 40), of_places(MANY, 1)
    pairs = [
        (worlds[1:], worlds[:-1]),
        (places[1:], places[:-1]),
        (worlds, of_worlds(MANY, 41)),
        (places, of_places(MANY, 2)),
    ]
    for one, two in pairs:
        for by in (lambda x: x, np.square):
            assert abs(np.corrcoef(by(one), by(two))[0, 1]) < Z / np.sqrt(len(one))


def test_many_numbers_are_those_one_by_one() -> None:
    np.testing.assert_array_equal(of_places(50_000, 3), one_by_one(50_000, 3))


@pytest.mark.parametrize("shape", [0.3, 1.0, 19.0, 58.5])
def test_gamma_numbers_are_gamma(shape: float) -> None:
    assert kstest(gammas(500_000, shape), gamma_law(shape).cdf).pvalue > FAILURE_RATE


@pytest.mark.parametrize(("mean", "frailty"), [(3.0, 0.29), (0.2, 0.0), (5.0, 0.0), (20.0, 1.0)])
def test_counts_have_their_law(mean: float, frailty: float) -> None:
    law = nbinom(1 / frailty, 1 / (1 + frailty * mean)) if frailty else poisson(mean)
    last = int(law.isf(1e-4))
    expected = 500_000 * np.append(law.pmf(np.arange(last)), law.sf(last - 1))
    seen = np.bincount(np.minimum(counts(500_000, mean, frailty), last), minlength=last + 1)
    assert chi2.sf(((seen - expected) ** 2 / expected).sum(), last) > FAILURE_RATE
    assert counts(1, 0.0, frailty)[0] == 0
