"""How far an attribute of states walks in a year, told apart from error of measurement by differences over more years.

A walk with independent steps of variance σ_w², measured with errors of variance σ_e² that do not last, has differences over
k years of mean square 2σ_e² + k σ_w². The slope over k is the walk, whatever lies at k = 0. A source that smooths over time
lowers the mean square of short differences and raises no slope; errors that last some years bend the line, so the table of
mean squares is kept beside the estimate.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from exeunt.arrays import FloatArray
from exeunt.errors import FitError

LONGEST: Final = 10
"""Differences over more years are few in a span of a quarter of a century."""
RESAMPLES: Final = 999
FEWEST_STATES: Final = 10


@dataclass(frozen=True)
class Walk:
    """Standard deviation of a yearly step, with the standard error of its logarithm from a bootstrap of states.

    `mean_square` holds (years apart, differences, mean square, fitted) by years apart. `common` is the variance of the yearly
    mean step over states less what independent steps leave of it, as a share of σ_w².
    """

    sd_step: float
    log_error: float
    sd_error: float
    mean_square: list[list[float]]
    common: float
    states: int
    cells: int
    first_year: int
    last_year: int


def walk(values: FloatArray, years: NDArray[np.int64], longest: int = LONGEST, seed: int = 1) -> Walk:
    """Estimate the walk of an attribute.

    Parameters
    ----------
    values : (years, states), NaN where not observed; nothing carried forward
    years : (years,) calendar years, one apart
    longest : differences over 1 … `longest` years are used, each weighted by its number

    Raises
    ------
    FitError, for fewer than ten states or a slope that is not positive: there is then no walk to be seen.
    """
    squares, numbers = _by_state(values, longest)
    seen = numbers[:, 0] > 0
    squares, numbers = squares[seen], numbers[seen]
    if len(squares) < FEWEST_STATES:
        raise FitError(f"{len(squares)} states have values in two years running; a walk needs {FEWEST_STATES}.")
    level, slope = _line(squares.sum(axis=0), numbers.sum(axis=0))
    if slope <= 0:
        raise FitError("differences over more years are no larger than over one: there is no walk to be estimated.")
    rng = np.random.Generator(np.random.Philox(seed))
    picked = rng.integers(len(squares), size=(RESAMPLES, len(squares)))
    slopes = np.array([_line(squares[p].sum(axis=0), numbers[p].sum(axis=0))[1] for p in picked])
    logs = 0.5 * np.log(slopes[slopes > 0])
    apart = np.arange(1, longest + 1)
    total, count = squares.sum(axis=0), numbers.sum(axis=0)
    return Walk(
        sd_step=float(np.sqrt(slope)),
        log_error=float(logs.std(ddof=1)),
        sd_error=float(np.sqrt(max(level, 0.0) / 2)),
        mean_square=[
            [float(k), float(n), float(s / n), float(level + slope * k)]
            for k, s, n in zip(apart, total, count, strict=True) if n > 0
        ],
        common=_common(values) / slope,
        states=len(squares),
        cells=int((~np.isnan(values)).sum()),
        first_year=int(years[0]),
        last_year=int(years[-1]),
    )  # fmt: skip


def _by_state(values: FloatArray, longest: int) -> tuple[FloatArray, FloatArray]:
    """Sums of squares and numbers of the differences, (states, longest) each."""
    squares = np.zeros((values.shape[1], longest))
    numbers = np.zeros_like(squares)
    for k in range(1, min(longest, len(values) - 1) + 1):
        step = values[k:] - values[:-k]
        squares[:, k - 1] = np.nansum(step**2, axis=0)
        numbers[:, k - 1] = (~np.isnan(step)).sum(axis=0)
    return squares, numbers


def _line(squares: FloatArray, numbers: FloatArray) -> tuple[float, float]:
    """Level and slope of the mean squares over the years apart, weighted by their numbers."""
    there = numbers > 0
    k, n = np.arange(1, len(numbers) + 1)[there], numbers[there]
    y = squares[there] / n
    mean_k, mean_y = (n @ k) / n.sum(), (n @ y) / n.sum()
    slope = float((n * (k - mean_k)) @ y / ((n * (k - mean_k)) @ k))
    return float(mean_y - slope * mean_k), slope


def _common(values: FloatArray) -> float:
    """Variance of the mean step of a year over states, less the share that independent steps have in it."""
    step = values[1:] - values[:-1]
    number = (~np.isnan(step)).sum(axis=1)
    step, number = step[number > 1], number[number > 1]
    means, spread = np.nanmean(step, axis=1), np.nanvar(step, axis=1, ddof=1) / number
    return float(max(means.var(ddof=1) - spread.mean(), 0.0))
