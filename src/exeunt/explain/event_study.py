"""How a measure of states moves around a year with an event, within states and years. Arrays in, arrays out.

For each k the change z_{t+k} − z_{t−1} is regressed on whether the event falls in t, with an effect for each state and for each
year t. Years before the event (k < −1) are the placebo: what is to come cannot have moved what was. Standard errors are
clustered by state, and the covariance between different k comes from the same clusters, for the joint test.

References
----------
Jordà (2005), American Economic Review 95, 161–182 (one regression for each horizon); Callaway and Sant'Anna (2021), Journal of
Econometrics 225, 200–230 (why effects that differ between states make such averages hard to read).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.special import chdtrc

from exeunt.arrays import BoolArray, FloatArray

LEADS: Final = (-5, -4, -3, -2)
FOLLOWING: Final = tuple(range(11))
FEWEST_EVENTS: Final = 10
"""State-years with an event below which nothing is estimated."""
LEVEL: Final = 0.05
TOLERANCE: Final = 1e-11


@dataclass(frozen=True)
class EventStudy:
    """Estimates by k; the year before the event is the base and is not among them."""

    k: tuple[int, ...]
    estimate: FloatArray
    error: FloatArray
    cells: tuple[int, ...]
    events: tuple[int, ...]
    placebo_statistic: float
    placebo_degrees: int
    placebo_p: float
    status: str

    @property
    def placebo_holds(self) -> bool | None:
        """Whether the leads together are not told apart from none; None where that could not be tested."""
        return None if np.isnan(self.placebo_p) else bool(self.placebo_p >= LEVEL)


def within(values: FloatArray, state: NDArray[np.int64], year: NDArray[np.int64]) -> FloatArray:
    """Sweep state and year effects out of each column by turns; `values` is (n, columns)."""
    out = values.astype(np.float64).copy()
    counts = [np.maximum(np.bincount(group), 1).astype(np.float64) for group in (state, year)]
    scale = np.abs(out).max(axis=0, initial=0.0) + 1e-300
    for _ in range(2000):
        largest = 0.0
        for group, count in zip((state, year), counts, strict=True):
            mean = np.stack([np.bincount(group, column) for column in out.T], axis=1) / count[:, None]
            out -= mean[group]
            largest = max(largest, float(np.abs(mean / scale).max()))
        if largest < TOLERANCE:
            break
    return out


def event_study(z: FloatArray, event: BoolArray, ks: tuple[int, ...] = (*LEADS, *FOLLOWING)) -> EventStudy:
    """Change of z from the year before an event to k years after it, for each k.

    Parameters
    ----------
    z : (years, states), NaN where missing
    event : (years, states) whether the event falls in the year

    Returns
    -------
    Estimates in the unit of z; `status` is `ok` or `too_few_events`.
    """
    years, states = z.shape
    estimate, error = np.full(len(ks), np.nan), np.full(len(ks), np.nan)
    influence = np.full((len(ks), states), np.nan)
    cells, events = [0] * len(ks), [0] * len(ks)
    for number, k in enumerate(ks):
        t = np.arange(max(1, -k), min(years, years - k))
        change = z[t + k] - z[t - 1]
        row, state = np.nonzero(~np.isnan(change))
        happened = event[t][row, state]
        cells[number], events[number] = len(row), int(happened.sum())
        if events[number] < FEWEST_EVENTS:
            continue
        swept = within(np.column_stack([happened, change[row, state]]), state, t[row])
        x, y = swept.T
        square = float(x @ x)
        if square <= 0:
            continue
        b = float(x @ y) / square
        score = np.bincount(state, x * (y - b * x), minlength=states)
        groups = len(np.unique(state))
        influence[number] = score / square * np.sqrt(groups / (groups - 1))
        estimate[number], error[number] = b, float(np.sqrt((influence[number] ** 2).sum()))
    statistic, degrees, p = _placebo(ks, estimate, influence)
    status = "ok" if not np.isnan(estimate).any() else "too_few_events"
    return EventStudy(ks, estimate, error, tuple(cells), tuple(events), statistic, degrees, p, status)


def _placebo(ks: tuple[int, ...], estimate: FloatArray, influence: FloatArray) -> tuple[float, int, float]:
    """Wald test that all leads are nought: statistic, degrees of freedom, p-value."""
    lead = np.array([k < -1 for k in ks])
    if not lead.any() or np.isnan(estimate[lead]).any():
        return np.nan, 0, np.nan
    parts = influence[lead]
    covariance = parts @ parts.T
    if np.linalg.matrix_rank(covariance) < len(covariance):
        return np.nan, 0, np.nan
    b = estimate[lead]
    statistic = float(b @ np.linalg.solve(covariance, b))
    return statistic, len(b), float(chdtrc(len(b), statistic))
