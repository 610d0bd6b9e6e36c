"""Measures of a membership matrix: arrays in, arrays out. They serve the terms of the panel and simulated worlds."""

from __future__ import annotations

import numpy as np

from exeunt.arrays import BoolArray, FloatArray


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
    # Whole numbers below 2²⁴, which single precision holds exactly.
    matrix = members.astype(np.float32)
    shared = matrix @ matrix.T
    np.fill_diagonal(shared, 0.0)
    others = matrix.sum(axis=0)[None, :] - matrix
    # Where i itself belongs to j, every other member shares at least j with it.
    summed = shared @ matrix - matrix * others
    mean = np.zeros(summed.shape)
    return np.asarray(np.divide(summed, others, out=mean, where=others > 0, dtype=np.float64))


def overlap(members: BoolArray, smallest: int = 3) -> FloatArray:
    """How nearly some other body has the same members: the largest Jaccard index of the two sets of members.

    Parameters
    ----------
    members : (states, bodies)
    smallest : bodies with fewer members are nobody's double, for two sets of two coincide by chance

    Returns
    -------
    (bodies,) from 0 to 1: members in both over members in either, with the other body for which that is largest.
    """
    matrix = members.astype(np.float64)
    number = matrix.sum(axis=0)
    both = matrix.T @ matrix
    either = number[:, None] + number[None, :] - both
    index = np.divide(both, either, out=np.zeros_like(both), where=either > 0)
    np.fill_diagonal(index, 0.0)
    index[:, number < smallest] = 0.0
    return np.asarray(index.max(axis=1, initial=0.0), dtype=np.float64)


def closer_joins(members: BoolArray, joined: BoolArray, distance: FloatArray) -> FloatArray:
    """Bodies that a state has lately joined and that are smaller and closer to it than a given body.

    Parameters
    ----------
    members : (states, bodies)
    joined : (states, bodies) whether the state joined the body lately and is still in it
    distance : (states, bodies) of the state from the others in the body, NaN where unknown

    Returns
    -------
    (states, bodies) counts; NaN where the state's distance from the body is unknown.
    """
    number = members.sum(axis=0)
    out = np.where(np.isnan(distance), np.nan, 0.0)
    for i in np.flatnonzero((joined & members).any(axis=1)):
        fresh = np.flatnonzero(joined[i] & members[i])
        # A comparison with an unknown distance is false, so such a body is closer than none.
        closer = distance[i, fresh][:, None] < distance[i][None, :]
        out[i] += (closer & (number[fresh][:, None] < number[None, :])).sum(axis=0)
    return out
