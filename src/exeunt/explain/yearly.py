"""Year effects carried into years that the data do not cover: a level that walks at random, and noise about it.

References
----------
Harvey (1989), Forecasting, Structural Time Series Models and the Kalman Filter, ch. 4 (the local level model).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

FloatArray = NDArray[np.float64]


@dataclass(frozen=True)
class YearLaw:
    """Filtered level in the last training year with its variance, step variance of the level, variance of the noise."""

    last_year: int
    level: float
    level_variance: float
    step: float
    noise: float

    def draw(self, years: NDArray[np.int64], worlds: int, rng: np.random.Generator) -> FloatArray:
        """Year effects of future years, (worlds, years); years must rise and follow the training years."""
        gaps = np.diff(np.concatenate([[self.last_year], years])).astype(np.float64)
        start = self.level + np.sqrt(self.level_variance) * rng.standard_normal((worlds, 1))
        walk = np.cumsum(np.sqrt(self.step * gaps) * rng.standard_normal((worlds, len(years))), axis=1)
        noise = np.sqrt(self.noise) * rng.standard_normal((worlds, len(years)))
        return np.asarray(start + walk + noise, dtype=np.float64)


def filter_level(effects: FloatArray, gaps: FloatArray, step: float, noise: float) -> tuple[float, float, float]:
    """Kalman filter of the local level; returns −2 log-likelihood, last level and its variance."""
    level, variance, total = float(effects[0]), noise, 0.0
    for value, gap in zip(effects[1:], gaps, strict=True):
        variance += step * gap
        spread = variance + noise
        error = value - level
        total += np.log(spread) + error**2 / spread
        gain = variance / spread
        level += gain * error
        variance *= 1 - gain
    return total, level, variance


def year_law(effects: dict[int, float], sd: float) -> YearLaw:
    """Fit the law to the modes of the year effects.

    Parameters
    ----------
    effects : year → mode
    sd : fitted standard deviation of the year effects; modes are shrunken, so the noise is scaled up to it
    """
    years = np.array(sorted(effects))
    values = np.array([effects[y] for y in years])
    gaps = np.diff(years).astype(np.float64)
    result = minimize(
        lambda z: filter_level(values, gaps, float(np.exp(z[0])), float(np.exp(z[1])))[0],
        np.log([0.01, max(values.var(), 1e-4)]), method="Nelder-Mead",
    )  # fmt: skip
    step, noise = float(np.exp(result.x[0])), float(np.exp(result.x[1]))
    _, level, variance = filter_level(values, gaps, step, noise)
    shrunken = max(float(np.mean(values**2)), 1e-12)
    return YearLaw(int(years[-1]), level, variance, step, noise * max(1.0, sd**2 / shrunken))
