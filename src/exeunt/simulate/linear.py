"""Small compiled functions of the engine: terms of the two laws, as `panel/terms.py` defines them, and lists of events."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

DISTANCE, CAPABILITY, PRODUCT, CHANGE, FROM_BODY, OWN, TENURE, SIZE, AGE, MEMBERSHIPS = range(10)
J_DISTANCE, J_CONNECTION, J_SIZE, J_JOINS, J_AGE = range(5)
# Columns of the histories by body: members, members with a known position, sum of these positions, exits, joins.
MEMBERS, NUMBER, TOTAL, LEFT, JOINED = range(5)
# Columns of the histories by state: memberships, exits, part of the log rate of leaving that is its own, a bound of it.
BODIES, GONE, PART, BOUND = range(4)


@njit(cache=True, error_model="numpy")
def z(x: float, slope: Any) -> Any:
    """Standardise; an unknown value counts as the mean."""
    return 0.0 if np.isnan(x) else (x - slope[1]) / slope[2]


@njit(cache=True, error_model="numpy")
def part(x: float, slope: Any) -> Any:
    """Contribution of a value to the linear predictor."""
    return slope[0] * z(x, slope)


@njit(cache=True)
def triple(slopes: Any, term: int) -> Any:
    """Coefficient, centre and scale of one term."""
    return slopes[term, 0], slopes[term, 1], slopes[term, 2]


@njit(cache=True, error_model="numpy")
def powers(slope: Any, logs: Any, length: int) -> Any:
    """What the first so many counts, in logarithms, multiply a rate by, (length,)."""
    out = np.empty(length)
    for k in range(length):
        out[k] = np.exp(part(logs[k], slope))
    return out


@njit(cache=True, error_model="numpy")
def cells(slope: Any, edges: Any) -> Any:
    """What a value multiplies a rate by at most, up to the first edge and then between any two, (edges,)."""
    out = np.empty(len(edges))
    out[0] = np.exp(part(edges[0], slope))
    for k in range(1, len(edges)):
        # A little wider, for rounding.
        out[k] = 1.000001 * np.exp(max(part(edges[k - 1], slope), part(edges[k], slope)))
    return out


@njit(cache=True, error_model="numpy")
def ends(slope: Any, low: float, high: float) -> Any:
    """Largest contribution of a value between two others."""
    return max(part(low, slope), part(high, slope))


@njit(cache=True)
def window(history: Any, row: int, place: int, column: int) -> Any:
    """Events of the year of a row and of the two before."""
    return int(history[row, place, column] + history[row + 1, place, column] + history[row + 2, place, column])


@njit(cache=True, error_model="numpy")
def distance(own: float, number: float, total: float, is_member: bool) -> Any:
    """Distance of a state from the mean of the others in a body; NaN where unknown."""
    if np.isnan(own):
        return np.nan
    if is_member:
        number -= 1.0
        total -= own
    return abs(own - total / number) if number > 0.0 else np.nan


@njit(cache=True)
def farthest(own: float, lowest: float, highest: float) -> Any:
    """Largest distance that a state can have from any mean of positions between two."""
    return 0.0 if np.isnan(own) else max(own - lowest, highest - own)


@njit(cache=True, error_model="numpy")
def connection(i: int, j: int, members: Any, shared: Any, size: float) -> Any:
    """Mean number of bodies that a state shares with the other members of a body, not counting that body.

    `members` : (bodies, states), `shared` : (states, states), `size` : members of the body.
    """
    # No state shares more bodies than it is in. Two bytes hold the sum unless there are many more, and are summed faster.
    if size * shared[i, i] < 65536:
        short = np.uint16(0)
        for k in range(shared.shape[1]):
            short = np.uint16(short + np.uint16(members[j, k]) * np.uint16(shared[i, k]))
        total = float(short)
    else:
        summed = np.int32(0)
        for k in range(shared.shape[1]):
            summed += np.int32(members[j, k]) * np.int32(shared[i, k])
        total = float(summed)
    others = size
    if members[j, i]:
        others -= 1.0
        return (total - shared[i, i] - others) / others if others > 0.0 else 0.0
    return total / others if others > 0.0 else 0.0


@njit(cache=True)
def nearest(i: int, shared: Any) -> Any:
    """Most bodies that a state shares with another one, (states, states); no connection of it is above."""
    own, most = shared[i, i], np.int16(0)
    shared[i, i] = 0
    for k in range(shared.shape[1]):
        most = shared[i, k] if shared[i, k] > most else most
    shared[i, i] = own
    return most


@njit(cache=True)
def add(found: Any, number: int, step: int, kind: int, i: int, j: int) -> Any:
    """Append one event and count it."""
    found[number, 0], found[number, 1], found[number, 2], found[number, 3] = step, kind, i, j
    return number + 1


@njit(cache=True)
def room(found: Any, number: int, more: int) -> Any:
    """A list with room for more events."""
    if number + more <= len(found):
        return found
    longer = np.empty((2 * (number + more), 4), np.int64)
    longer[:number] = found[:number]
    return longer
