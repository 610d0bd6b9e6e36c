"""Bundles: exits of one state, or from one body, that come together in one year.

Given the crossed effects, the rate of a state-year and of a body-year is multiplied by a gamma frailty of mean 1 and
variance φ, so that a cell's count is negative binomial: Var N = E + φ E². Mean 1 keeps the totals, which normal bundles do
not (five normal components by Laplace predict three times the exits observed). φ is estimated by maximum likelihood on the
cell totals, the fitted rates taken as given; 0 where the likelihood does not ask for it.

References
----------
Cameron and Trivedi (2013), Regression Analysis of Count Data, ch. 3 (the negative binomial as a gamma mixture).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaln

from exeunt.core.arrays import FloatArray, IntArray

SMALLEST_GAIN = 1.92
"""Half the 95 % point of χ²(1): a dispersion that gains less log-likelihood is set to 0."""


@dataclass(frozen=True)
class Bundles:
    """Variances of the mean-one gamma frailties of state-years and body-years."""

    state_year: float
    body_year: float


def dispersion(expected: NDArray[Any], observed: NDArray[Any]) -> float:
    """Maximum-likelihood φ of negative binomial counts with given means, (cells,) each; 0 where it does not pay."""
    from scipy.optimize import minimize_scalar  # takes long to load, and a fit that is kept never asks

    cells = expected > 0
    mean, count = expected[cells], observed[cells]

    def negative(log_phi: float) -> float:
        shape = np.exp(-log_phi)
        return float(
            -(
                gammaln(count + shape) - gammaln(shape) + shape * np.log(shape / (shape + mean))
                + count * np.log(mean / (shape + mean))
            ).sum()
        )  # fmt: skip

    poisson = float((mean - count * np.log(mean)).sum())
    best = minimize_scalar(negative, bounds=(-7.0, 5.0), method="bounded")
    return float(np.exp(best.x)) if poisson - float(best.fun) > SMALLEST_GAIN else 0.0


def estimate(
    rate: FloatArray, event: FloatArray, weight: FloatArray, state_year: IntArray, body_year: IntArray
) -> Bundles:
    """Both dispersions from the rows: `rate` is the fitted event rate of each row, the keys name its cells."""
    found = []
    for key in (state_year, body_year):
        size = int(key.max()) + 1
        found.append(
            dispersion(
                np.bincount(key, rate * weight, minlength=size),
                np.bincount(key, event * weight, minlength=size),
            )
        )
    return Bundles(found[0], found[1])


def frailties(shape: tuple[int, ...], variance: float, rng: np.random.Generator) -> FloatArray:
    """Mean-one gamma frailties, of any shape; ones where the variance is 0."""
    if variance <= 0:
        return np.ones(shape)
    return np.asarray(rng.gamma(1.0 / variance, variance, shape), dtype=np.float64)
