"""What part of the world is inside bodies, and inside at least one of a group of them. Arrays in, arrays out."""

from __future__ import annotations

import numpy as np

from exeunt.arrays import BoolArray, FloatArray


def inside(members: BoolArray, weight: FloatArray) -> FloatArray:
    """Part of the weight of all states that the members of each body carry.

    Parameters
    ----------
    members : (states, bodies)
    weight : (states,) not negative; NaN where unknown, and such a state is left out of both parts

    Returns
    -------
    (bodies,) from 0 to 1; NaN where no state has a weight.
    """
    known = np.where(np.isnan(weight), 0.0, weight)
    whole = known.sum()
    return np.asarray(known @ members / whole if whole > 0 else np.full(members.shape[1], np.nan), dtype=np.float64)


def by_group(
    members: BoolArray, weight: FloatArray, groups: BoolArray, importance: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Coverage of groups of bodies, such as those of an issue area.

    Parameters
    ----------
    members : (states, bodies)
    weight : (states,) as in `inside`
    groups : (groups, bodies) which bodies are in which group; a body may be in several
    importance : (bodies,) by which bodies of a group are averaged; NaN where unknown, and such a body is left out

    Returns
    -------
    Two of (groups,): the average over the bodies of a group of the part of the world inside, and the part of the world inside
    at least one of them. NaN for a group without a body of known importance.
    """
    known = ~np.isnan(importance)
    share = np.where(known, inside(members, weight), 0.0)
    heavy = np.where(known, importance, 0.0)
    total = groups @ heavy
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = np.where(total > 0, (groups @ (heavy * share)) / total, np.nan)
    counted = groups & known[None, :]
    somewhere = (members.astype(np.int64) @ counted.T.astype(np.int64)) > 0
    reach = inside(somewhere, weight)
    return np.asarray(mean, dtype=np.float64), np.asarray(
        np.where(counted.any(axis=1), reach, np.nan), dtype=np.float64
    )


def shared(members: BoolArray) -> tuple[FloatArray, FloatArray]:
    """Bodies that two states share, counted on the two-mode matrix.

    Parameters
    ----------
    members : (states, bodies)

    Returns
    -------
    Two of (states, states), zero on the diagonal: the number of shared bodies, each counted once for a pair; and the same with
    each body's one membership of a state split evenly over its other members, so that a row sums to the number of the state's
    bodies with another member, and a body of all states ties no two of them more than a small one does.

    References
    ----------
    Newman (2001), Physical Review E 64, 016132, for the split.
    """
    matrix = members.astype(np.float64)
    number = matrix @ matrix.T
    others = np.maximum(matrix.sum(axis=0) - 1.0, 1.0)
    ties = (matrix / others) @ matrix.T
    np.fill_diagonal(number, 0.0)
    np.fill_diagonal(ties, 0.0)
    return number, ties
