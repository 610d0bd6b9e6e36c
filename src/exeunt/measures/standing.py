"""Standing of a state: near to others' votes, central in the memberships that states share. Arrays in, arrays out."""

from __future__ import annotations

import numpy as np

from exeunt.arrays import BoolArray, FloatArray

ROUNDING = 1e-9
"""A spread below this share of the size of its numbers is rounding: all states are alike, and at the mean."""


def standing(members: BoolArray, position: FloatArray, present: BoolArray) -> FloatArray:
    """Standing of every state in a year, as seen without each body in turn.

    The mean of two parts, each standardised over the states of the year: minus the distance of the state's ideal point
    from the mean of all other states', and its shared-membership centrality, the sum over its bodies of their other
    members. For body j the centrality of every state is taken without j, before it is standardised, so that leaving j does
    not lower the standing by which the leaving is explained.

    Parameters
    ----------
    members : (states, bodies)
    position : (states,) ideal points, NaN where unknown
    present : (states,) states in the international system; others neither count nor have a standing

    Returns
    -------
    (states, bodies) in standard deviations; NaN where the state is not there, its position is unknown, or fewer than two
    states have one.
    """
    out = np.full(members.shape, np.nan)
    known = present & ~np.isnan(position)
    if known.sum() < 2:
        return out
    total, number = position[known].sum(), int(known.sum())
    distance = np.abs(position - (total - position) / (number - 1))
    near = -_standardised(distance, known)
    matrix = (members & present[:, None]).astype(np.float64)
    others = np.maximum(matrix.sum(axis=0) - 1.0, 0.0)
    central = matrix @ others
    without = central[:, None] - matrix * others[None, :]
    n = int(present.sum())
    mean = (central[present].sum() - (others + 1.0) * others) / n
    square = (central[present] ** 2).sum() - 2 * others * (matrix.T @ central) + matrix.sum(axis=0) * others**2
    variance = np.maximum(square / n - mean**2, 0.0)
    alike = variance <= ROUNDING * (1 + mean**2)
    share = np.where(alike, 0.0, (without - mean) / np.sqrt(np.where(alike, 1.0, variance)))
    out[known] = (near[:, None] + share)[known] / 2
    return out


def _standardised(values: FloatArray, over: BoolArray) -> FloatArray:
    mean, spread = values[over].mean(), values[over].std()
    alike = spread <= ROUNDING * (1 + abs(mean))
    return np.asarray(np.zeros_like(values) if alike else (values - mean) / spread, dtype=np.float64)


def standing_whole(members: BoolArray, position: FloatArray, present: BoolArray) -> FloatArray:
    """Standing of every state in a year with all its memberships counted; leaving lowers it by arithmetic.

    As `standing`, for showing where a state stands and not for explaining why it leaves.

    Parameters
    ----------
    members : (states, bodies)
    position : (states,) ideal points, NaN where unknown
    present : (states,) states in the international system; others neither count nor have a standing

    Returns
    -------
    (states,) in standard deviations; NaN where the state is not there, its position is unknown, or fewer than two states
    have one.
    """
    out = np.full(len(members), np.nan)
    known = present & ~np.isnan(position)
    if known.sum() < 2:
        return out
    total, number = position[known].sum(), int(known.sum())
    near = -_standardised(np.abs(position - (total - position) / (number - 1)), known)
    matrix = (members & present[:, None]).astype(np.float64)
    central = matrix @ np.maximum(matrix.sum(axis=0) - 1.0, 0.0)
    out[known] = (near + _standardised(central, present))[known] / 2
    return out


def standing_outside(members: BoolArray, position: FloatArray, present: BoolArray, left: BoolArray) -> FloatArray:
    """Standing of every state in a year, as seen without all the bodies of a list of its own.

    As `standing`, but for each state the bodies of its list fall out together: the centrality of every state is taken
    without them before it is standardised. With the bodies that a state ever leaves as its list, no leaving lowers its
    standing by arithmetic, in any year, and its series is comparable over years.

    Parameters
    ----------
    members : (states, bodies)
    position : (states,) ideal points, NaN where unknown
    present : (states,) states in the international system; others neither count nor have a standing
    left : (states, bodies) the list of each state

    Returns
    -------
    (states,) in standard deviations; NaN where the state is not there, its position is unknown, or fewer than two states
    have one.
    """
    out = np.full(len(members), np.nan)
    known = present & ~np.isnan(position)
    if known.sum() < 2:
        return out
    total, number = position[known].sum(), int(known.sum())
    near = -_standardised(np.abs(position - (total - position) / (number - 1)), known)
    matrix = (members & present[:, None]).astype(np.float64)
    others = np.maximum(matrix.sum(axis=0) - 1.0, 0.0)
    central = matrix @ others
    for i in np.flatnonzero(known):
        own = left[i]
        without = _standardised(central - matrix[:, own] @ others[own], present)
        out[i] = (near[i] + without[i]) / 2
    return out


def position_error(position: FloatArray, error: FloatArray, present: BoolArray) -> FloatArray:
    """What the standard error of an ideal point amounts to in standing, (states,).

    Half the error over the spread of the distances from the mean of all other states' positions; errors of the others'
    positions and of the spread are left out.
    """
    known = present & ~np.isnan(position)
    if known.sum() < 2:
        return np.full(len(position), np.nan)
    total, number = position[known].sum(), int(known.sum())
    spread = np.abs(position - (total - position) / (number - 1))[known].std()
    return np.asarray(np.where(known & (spread > 0), error / (2 * spread), np.nan), dtype=np.float64)


def distance_from_others(position: FloatArray, present: BoolArray) -> FloatArray:
    """Distance of each state's ideal point from the mean of all other states', (states,); NaN where unknown or alone."""
    out = np.full(len(position), np.nan)
    known = present & ~np.isnan(position)
    number = int(known.sum())
    if number > 1:
        total = position[known].sum()
        out[known] = np.abs(position[known] - (total - position[known]) / (number - 1))
    return out
