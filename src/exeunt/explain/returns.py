"""Joining again after leaving: joins observed of pairs that left, over those that the join hazard expects, by years since."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from exeunt.arrays import BoolArray, FloatArray, IntArray

BANDS: Final = ((1, 2), (3, 5), (6, 10), (11, 200))
"""First and last year outside since the last year of membership; the last band has no end."""
PRIOR: Final = 0.5
"""Jeffreys' prior of a Poisson rate: a gamma of shape ½ and no rate."""


@dataclass(frozen=True)
class Returns:
    """Pair-years, joins observed and joins expected by band of `BANDS`, over the rows of the join hazard."""

    rows: list[int]
    observed: list[int]
    expected: list[float]
    first_year: int
    last_year: int


def since_exit(exits: BoolArray) -> NDArray[np.int16]:
    """Years since the last exit of each pair, (years, states, bodies); 0 where it has not left before that year."""
    out = np.zeros(exits.shape, np.int16)
    for row in range(1, len(exits)):
        out[row] = np.where(exits[row - 1], 1, np.where(out[row - 1] > 0, out[row - 1] + 1, 0))
    return out


def returns(since: IntArray, event: FloatArray, rate: FloatArray, years: tuple[int, int]) -> Returns:
    """Compare joins with what is expected.

    Parameters
    ----------
    since : (n,) years since the exit, 0 for pairs that never left
    event, rate : (n,) joins, and their probability by the join hazard
    years : first and last year of the rows
    """
    rows, observed, expected = [], [], []
    for first, last in BANDS:
        inside = (since >= first) & (since <= last)
        rows.append(int(inside.sum()))
        observed.append(int(event[inside].sum()))
        expected.append(float(rate[inside].sum()))
    return Returns(rows, observed, expected, *years)


def gamma_parameters(of: Returns) -> tuple[FloatArray, FloatArray]:
    """Shape and rate of the posterior of each band's ratio of observed to expected joins, (4,) each."""
    return np.array(of.observed) + PRIOR, np.maximum(np.array(of.expected), 1e-9)
