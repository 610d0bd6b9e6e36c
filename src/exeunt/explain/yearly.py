"""Year effects carried into years that the data do not cover: a mean, a part that lasts, and noise of single years.

    y_t = m + a_t + e_t,   a_{t+k} = φ^k a_t + w,   e ~ N(0, σ² n),   w ~ N(0, σ² q (1 + φ² + … + φ^{2(k−1)}))

Three laws are of this form: the local level (φ = 1, a = 0 in the first year, so that m is the level there), the level that
comes back to a mean (φ < 1, stationary) and noise about a mean (q = 0). φ, q and n lie on a grid. Given them m and σ² are
known in closed form, with a flat prior for m and for log σ², so all that is not known of a law is drawn with its years. Which
law serves which hazard was chosen by what each predicts (`rolling.py`, `docs/method/dynamics.md`).

References
----------
Harvey (1989), Forecasting, Structural Time Series Models and the Kalman Filter, ch. 3 and 4; de Jong (1991), Annals of
Statistics 19, 1073–1083 (the mean carried through the filter beside the data).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numba import njit
from numpy.typing import NDArray
from scipy.special import gammaln, logsumexp, stdtr

from exeunt.core.arrays import FloatArray
from exeunt.core.errors import FitError

LAWS: Final = ("level_at_mode", "level", "level_bounded", "reverting", "noise")
PERSISTENCE: Final = 40
SHARES: Final = 20
"""Cells of the grid, each the middle of an interval of equal width: of φ, and of the part of the variance that is no noise."""
FEWEST: Final = 5
LAW_OF: Final = {"exit": "level_at_mode", "join": "level_bounded"}
"""The law that simulations use, by kind of hazard."""


@dataclass(frozen=True)
class YearLaw:
    """A law of year effects after the last training year: cells of a grid, and what is known in each, (cells,) arrays.

    Variances are in units of σ², of which `scale` is the estimate and `df` its degrees of freedom (inf: taken as known).
    """

    name: str
    last_year: int
    df: float
    weight: FloatArray
    phi: FloatArray
    step: FloatArray
    noise: FloatArray
    scale: FloatArray
    mean: FloatArray
    mean_variance: FloatArray
    lasting: FloatArray
    """a in the last training year, at the mean's estimate"""
    lasting_variance: FloatArray
    """of a, given the mean"""
    lasting_slope: FloatArray
    """how far a falls with a mean that is higher by one"""

    def predicted(self, years_on: float) -> tuple[FloatArray, FloatArray]:
        """Centre and standard deviation σ̂ of a year so many years after the training years, (cells,) each."""
        decay = self.phi**years_on
        variance = (
            self.mean_variance * (1 - decay * self.lasting_slope) ** 2 + decay**2 * self.lasting_variance
            + self.step * _walked(self.phi, years_on) + self.noise
        )  # fmt: skip
        return self.mean + decay * self.lasting, np.sqrt(self.scale * variance)

    def log_density(self, value: float, years_on: float) -> float:
        """Logarithm of the predictive density of one year effect."""
        centre, sd = self.predicted(years_on)
        z = (value - centre) / sd
        if np.isinf(self.df):
            one = -0.5 * z**2 - 0.5 * np.log(2 * np.pi)
        else:
            half = (self.df + 1) / 2
            one = gammaln(half) - gammaln(self.df / 2) - 0.5 * np.log(np.pi * self.df) - half * np.log1p(z**2 / self.df)
        return float(logsumexp(one - np.log(sd), b=self.weight))

    def below(self, value: float, years_on: float) -> float:
        """Predictive probability of a year effect at or below a value."""
        centre, sd = self.predicted(years_on)
        return float(self.weight @ stdtr(self.df, (value - centre) / sd))

    def draw(self, years: NDArray[np.int64], worlds: int, rng: np.random.Generator) -> FloatArray:
        """Year effects of future years, (worlds, years), each world with a law of its own.

        Parameters
        ----------
        years : they must rise and follow the training years. In a single world of a law that is drawn, years added at the
            end leave the others as they are.
        """
        normal = rng.standard_normal
        if np.isinf(self.df):
            # A law that is known takes the numbers in the order in which back-tests always took them.
            first, moves = normal((worlds, 1)), normal((2, worlds, len(years)))
            return self.laid(years, np.zeros(worlds), np.ones(worlds), first, np.moveaxis(moves, 0, -1))
        drawn = rng.random(worlds), rng.chisquare(self.df, worlds)
        return self.laid(years, *drawn, normal((worlds, 2)), normal((worlds, len(years), 2)))

    def laid(
        self, years: NDArray[np.int64], uniform: FloatArray, chi: FloatArray, first: FloatArray, normal: FloatArray
    ) -> FloatArray:
        """Year effects of some worlds from their numbers, (worlds, years); none hangs on another world's.

        Parameters
        ----------
        uniform, chi : (worlds,) what picks the cell and, as chi-square, its variance; of a law that is known, neither counts
        first : (worlds, 1 or 2) standard normal numbers of levels
        normal : (worlds, years, 2) standard normal numbers of years
        """
        if np.isinf(self.df):
            cell, spread = np.zeros(len(uniform), np.int64), np.repeat(self.scale[:1], len(uniform))
        else:
            cell = np.minimum(np.searchsorted(np.cumsum(self.weight), uniform), len(self.weight) - 1)
            spread = self.scale[cell] * self.df / chi
        root = np.sqrt(spread)
        off = root * np.sqrt(self.mean_variance[cell]) * first[:, 0]
        mean = self.mean[cell] + off
        lasting = self.lasting[cell] - self.lasting_slope[cell] * off
        lasting = lasting + root * np.sqrt(self.lasting_variance[cell]) * first[:, -1]
        gaps = np.diff(np.concatenate([[self.last_year], years])).astype(np.float64)
        phi = self.phi[cell][:, None]
        moved = root[:, None] * np.sqrt(self.step[cell][:, None] * _walked(phi, gaps)) * normal[:, :, 0]
        around = mean[:, None] + root[:, None] * np.sqrt(self.noise[cell])[:, None] * normal[:, :, 1]
        return np.asarray(around + _carried(lasting, phi**gaps, moved), dtype=np.float64)


@njit(cache=True)
def _carried(start: Any, decay: Any, moved: Any) -> Any:
    """What lasts, year by year: decay times the year before, and what moved it; (worlds, years)."""
    out = np.empty_like(moved)
    for world in range(len(moved)):
        value = start[world]
        for year in range(moved.shape[1]):
            value = decay[world, year] * value + moved[world, year]
            out[world, year] = value
    return out


def _walked(phi: FloatArray, years_on: float | FloatArray) -> FloatArray:
    """1 + φ² + … over so many years: the variance that steps of one bring."""
    back = np.where(phi < 1.0, phi, 0.0)
    return np.asarray(np.where(phi < 1.0, (1 - back ** (2 * years_on)) / (1 - back**2), years_on), dtype=np.float64)


def _filter_level(effects: FloatArray, gaps: FloatArray, step: float, noise: float) -> tuple[float, float, float]:
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


def _filter_cells(
    effects: FloatArray, gaps: FloatArray, phi: FloatArray, step: FloatArray, noise: FloatArray
) -> dict[str, FloatArray]:
    """Kalman filter of all cells at once, the mean carried beside the data.

    Returns
    -------
    (cells,) each: log_likelihood with m and σ² integrated out, scale, mean, mean_variance, lasting, lasting_variance,
    lasting_slope as `YearLaw` has them.
    """
    start = np.where(phi < 1.0, step * _walked(phi, np.inf), 0.0)
    variance = start
    a, one = np.zeros(len(phi)), np.zeros(len(phi))
    logs, ss, sy, yy = (np.zeros(len(phi)) for _ in range(4))
    for number, value in enumerate(effects):
        if number:
            decay = phi ** gaps[number - 1]
            a, one = decay * a, decay * one
            variance = decay**2 * variance + step * _walked(phi, gaps[number - 1])
        spread = variance + noise
        error, of_one = value - a, 1.0 - one
        logs += np.log(spread)
        ss, sy, yy = ss + of_one**2 / spread, sy + of_one * error / spread, yy + error**2 / spread
        gain = variance / spread
        a, one, variance = a + gain * error, one + gain * of_one, variance * (1 - gain)
    n = len(effects)
    mean = sy / ss
    rest = np.maximum(yy - sy * mean, 1e-12)
    like = -0.5 * (logs + np.log(ss) + (n - 1) * np.log(rest)) + gammaln((n - 1) / 2)
    return {
        "log_likelihood": like, "scale": rest / (n - 1), "mean": mean, "mean_variance": 1 / ss, "lasting": a - one * mean,
        "lasting_variance": variance, "lasting_slope": one,
    }  # fmt: skip


def _grid(name: str) -> tuple[FloatArray, FloatArray, FloatArray]:
    """φ, q and n of the cells of a law: what lasts, or a step where φ = 1, has with the noise the variance one."""
    if name == "noise":
        return np.zeros(1), np.zeros(1), np.ones(1)
    share = (np.arange(SHARES * 5) + 0.5) / (SHARES * 5)
    if name != "reverting":
        return np.ones(len(share)), share, 1 - share
    phi = np.repeat((np.arange(PERSISTENCE) + 0.5) / PERSISTENCE, SHARES)
    share = np.tile((np.arange(SHARES) + 0.5) / SHARES, PERSISTENCE)
    return phi, share * (1 - phi**2), 1 - share


def year_law(effects: dict[int, float], sd: float, name: str = "level_at_mode") -> YearLaw:
    """Fit a law to the modes of the year effects.

    Parameters
    ----------
    effects : year → mode
    sd : fitted standard deviation of the year effects; modes are shrunken, so the noise is scaled up to it
    name : `level_at_mode`, a level that walks at random, both variances at their most likely value; `level`, the same with
        the variances drawn; `level_bounded`, whose later steps are pulled back to the last level so that they never spread it
        further than the training years were spread; `reverting`; `noise`

    Raises
    ------
    FitError, for an unknown law or fewer than five years.
    """
    if name not in LAWS:
        raise FitError(f"unknown law of year effects {name!r}; expected one of {LAWS}.")
    if len(effects) < FEWEST:
        raise FitError(f"{len(effects)} years have an effect; a law of years needs {FEWEST}.")
    years = np.array(sorted(effects))
    values = np.array([effects[y] for y in years])
    gaps = np.diff(years).astype(np.float64)
    scaled = max(1.0, sd**2 / max(float(np.mean(values**2)), 1e-12))
    if name == "level_at_mode":
        return _at_mode(values, gaps, int(years[-1]), scaled)
    phi, step, noise = _grid(name)
    found = _filter_cells(values, gaps, phi, step, noise)
    like = found.pop("log_likelihood")
    weight = np.exp(like - logsumexp(like))
    if name == "level_bounded":
        # The steps of an autoregression about the last level have the variance of the training years as their limit.
        spread = np.maximum(values.var(ddof=1) / found["scale"], step)
        phi = np.sqrt(1 - step / spread)
        level = found["mean"] + found["lasting"]
        known = (1 - found["lasting_slope"]) ** 2 * found["mean_variance"] + found["lasting_variance"]
        nought = np.zeros(len(phi))
        found |= {
            "mean": level,
            "mean_variance": known,
            "lasting": nought,
            "lasting_variance": nought,
            "lasting_slope": nought,
        }
    return YearLaw(name, int(years[-1]), len(values) - 1.0, weight, phi, step, noise * scaled, **found)


def _at_mode(values: FloatArray, gaps: FloatArray, last_year: int, scaled: float) -> YearLaw:
    """The local level with both variances as most likely."""
    from scipy.optimize import minimize  # takes long to load, and most commands never ask

    result = minimize(
        lambda z: _filter_level(values, gaps, float(np.exp(z[0])), float(np.exp(z[1])))[0],
        np.log([0.01, max(values.var(), 1e-4)]), method="Nelder-Mead",
    )  # fmt: skip
    step, noise = float(np.exp(result.x[0])), float(np.exp(result.x[1]))
    _, level, variance = _filter_level(values, gaps, step, noise)
    one, nought = np.ones(1), np.zeros(1)
    return YearLaw(
        "level_at_mode", last_year, np.inf, one, one, step * one, noise * scaled * one, one, level * one, variance * one,
        nought, nought, nought,
    )  # fmt: skip
