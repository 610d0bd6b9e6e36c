"""Measures of a membership matrix, standing and coverage: arrays in, arrays out; for panels and for simulated worlds.

Standing of a state: near to others' votes, central in the memberships that states share. Arrays in, arrays out.

What part of the world is inside bodies, and inside at least one of a group of them. Arrays in, arrays out.
"""

from __future__ import annotations

import numpy as np

from exeunt.core.arrays import BoolArray, FloatArray


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


def _inside(members: BoolArray, weight: FloatArray) -> FloatArray:
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
    weight : (states,) as in `_inside`
    groups : (groups, bodies) which bodies are in which group; a body may be in several
    importance : (bodies,) by which bodies of a group are averaged; NaN where unknown, and such a body is left out

    Returns
    -------
    Two of (groups,): the average over the bodies of a group of the part of the world inside, and the part of the world inside
    at least one of them. NaN for a group without a body of known importance.
    """
    known = ~np.isnan(importance)
    share = np.where(known, _inside(members, weight), 0.0)
    heavy = np.where(known, importance, 0.0)
    total = groups @ heavy
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = np.where(total > 0, (groups @ (heavy * share)) / total, np.nan)
    counted = groups & known[None, :]
    somewhere = (members.astype(np.int64) @ counted.T.astype(np.int64)) > 0
    reach = _inside(somewhere, weight)
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
