"""Measures of a membership matrix: arrays in, arrays out. They serve the terms of the panel and simulated worlds."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]


def sizes(members: BoolArray) -> FloatArray:
    """Members of each body; `members` is (states, bodies)."""
    return np.asarray(members.sum(axis=0, dtype=np.float64))


def totals(members: BoolArray) -> FloatArray:
    """Memberships of each state; `members` is (states, bodies)."""
    return np.asarray(members.sum(axis=1, dtype=np.float64))


def distance_to_others(members: BoolArray, position: FloatArray) -> FloatArray:
    """Distance of every state from the mean of the other members of every body.

    Parameters
    ----------
    members : (states, bodies)
    position : (states,) one-dimensional positions, NaN where unknown

    Returns
    -------
    (states, bodies) absolute differences in the unit of `position`; NaN where the state's own position is unknown or no
    other member has one.

    References
    ----------
    von Borzyskowski and Vabulas (2019), Review of International Organizations 14, 335–366, for the measure.
    """
    known = ~np.isnan(position)
    value = np.where(known, position, 0.0)
    counted = (members & known[:, None]).astype(np.float64)
    total = counted.T @ value
    number = counted.sum(axis=0)
    others = number[None, :] - counted
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = (total[None, :] - counted * value[:, None]) / others
        out = np.abs(position[:, None] - mean)
    out[others == 0] = np.nan
    return np.asarray(out, dtype=np.float64)


def connection(members: BoolArray) -> FloatArray:
    """Mean number of bodies that a state shares with the other members of a body.

    Computed on the two-mode matrix: for state i and body j the sum over members m ≠ i of the bodies shared by i and m,
    other than j, over the number of those members. Bodies with no other member give 0.
    """
    matrix = members.astype(np.float64)
    shared = matrix @ matrix.T
    np.fill_diagonal(shared, 0.0)
    others = matrix.sum(axis=0)[None, :] - matrix
    # Where i itself belongs to j, every other member shares at least j with it.
    summed = shared @ matrix - matrix * others
    return np.asarray(np.divide(summed, others, out=np.zeros_like(summed), where=others > 0), dtype=np.float64)
