"""Compiled pieces of the engine: terms of the two laws as `panel/terms.py` defines them, sums and bounds over all pairs."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

from exeunt.simulate.proposals import ONE, _common, _spread, lowest_bit, ones

DISTANCE, CAPABILITY, PRODUCT, CHANGE, FROM_BODY, OWN, TENURE, SIZE, AGE, MEMBERSHIPS = range(10)
J_DISTANCE, J_CONNECTION, J_SIZE, J_JOINS, J_AGE = range(5)
# Columns of the histories by body: members, members with a known position, sum of these positions, exits, joins.
MEMBERS, NUMBER, TOTAL, LEFT, JOINED = range(5)
# Columns of the histories by state: memberships, exits, part of the log rate of leaving that is its own, a bound of it.
BODIES, GONE, PART, BOUND = range(4)


@njit(cache=True, error_model="numpy")
def _z(x: float, slope: Any) -> Any:
    """Standardise; an unknown value counts as the mean."""
    return 0.0 if np.isnan(x) else (x - slope[1]) / slope[2]


@njit(cache=True, error_model="numpy")
def _part(x: float, slope: Any) -> Any:
    """Contribution of a value to the linear predictor."""
    return slope[0] * _z(x, slope)


@njit(cache=True)
def _triple(slopes: Any, term: int) -> Any:
    """Coefficient, centre and scale of one term."""
    return slopes[term, 0], slopes[term, 1], slopes[term, 2]


@njit(cache=True, error_model="numpy")
def _powers(slope: Any, logs: Any, length: int) -> Any:
    """What the first so many counts, in logarithms, multiply a rate by, (length,)."""
    out = np.empty(length)
    for k in range(length):
        out[k] = np.exp(_part(logs[k], slope))
    return out


@njit(cache=True, error_model="numpy")
def _cells(slope: Any, edges: Any) -> Any:
    """What a value multiplies a rate by at most, up to the first edge and then between any two, (edges,)."""
    out = np.empty(len(edges))
    out[0] = np.exp(_part(edges[0], slope))
    for k in range(1, len(edges)):
        # A little wider, for rounding.
        out[k] = 1.000001 * np.exp(max(_part(edges[k - 1], slope), _part(edges[k], slope)))
    return out


@njit(cache=True, error_model="numpy")
def _ends(slope: Any, low: float, high: float) -> Any:
    """Largest contribution of a value between two others."""
    return max(_part(low, slope), _part(high, slope))


@njit(cache=True)
def _window(history: Any, row: int, place: int, column: int) -> Any:
    """Events of the year of a row and of the two before."""
    return int(history[row, place, column] + history[row + 1, place, column] + history[row + 2, place, column])


@njit(cache=True, error_model="numpy")
def _distance(own: float, number: float, total: float, is_member: bool) -> Any:
    """Distance of a state from the mean of the others in a body; NaN where unknown."""
    if np.isnan(own):
        return np.nan
    if is_member:
        number -= 1.0
        total -= own
    return abs(own - total / number) if number > 0.0 else np.nan


@njit(cache=True)
def _farthest(own: float, lowest: float, highest: float) -> Any:
    """Largest distance that a state can have from any mean of positions between two."""
    return 0.0 if np.isnan(own) else max(own - lowest, highest - own)


@njit(cache=True, error_model="numpy")
def _connection(i: int, j: int, members: Any, shared: Any, size: float) -> Any:
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
def _nearest(i: int, shared: Any) -> Any:
    """Most bodies that a state shares with another one, (states, states); no connection of it is above."""
    own, most = shared[i, i], np.int16(0)
    shared[i, i] = 0
    for k in range(shared.shape[1]):
        most = shared[i, k] if shared[i, k] > most else most
    shared[i, i] = own
    return most


@njit(cache=True)
def _add(found: Any, number: int, step: int, kind: int, i: int, j: int) -> Any:
    """Append one event and count it."""
    found[number, 0], found[number, 1], found[number, 2], found[number, 3] = step, kind, i, j
    return number + 1


@njit(cache=True)
def _room(found: Any, number: int, more: int) -> Any:
    """A list with room for more events."""
    if number + more <= len(found):
        return found
    longer = np.empty((2 * (number + more), 4), np.int64)
    longer[:number] = found[:number]
    return longer


QUANTUM = 2.0**-18
"""Positions are summed in whole multiples of this, so that a sum does not hang on the order of its parts."""
CELLS = 64
"""Cells of a unit of distance."""
KINDS = 6
"""Kinds of bodies by the mean position of their members, so that the distance of a state to a body of a kind is bounded."""


@njit(cache=True, error_model="numpy")
def _look(
    h: int,
    upto: int,
    alive: Any,
    members: Any,
    bodies: Any,
    position: Any,
    by_body: Any,
    by_state: Any,
    whole: Any,
    sums: Any,
) -> None:
    """Count and sum over the memberships at the opening of a row; a body that has ended has none.

    Positions are summed eight states at a time: `sums`, (groups, 256), holds what each choice among eight adds up to.
    """
    n = position.shape[1]
    known, choices = np.zeros(members.shape[1], np.uint64), members.view(np.uint8)
    for i in range(n):
        own = position[h, i]
        whole[i] = 0
        if not np.isnan(own):
            whole[i] = np.int32(np.round(own / QUANTUM))
            known[i >> 6] |= np.uint64(1) << np.uint64(i & 63)
        by_state[h, i, BODIES] = _common(bodies, i, i)
    for group in range(len(sums)):
        sums[group, 0] = 0
        for place in range(8):
            i, size = 8 * group + place, 1 << place
            more = whole[i] if i < n else np.int32(0)
            for choice in range(size):
                sums[group, size + choice] = sums[group, choice] + more
    for j in range(upto):
        if not alive[j]:
            continue
        summed = np.int32(0)
        for group in range(len(sums)):
            summed += sums[group, choices[j, group]]
        number = 0
        for word in range(members.shape[1]):
            number += ones(members[j, word] & known[word])
        by_body[h, j, TOTAL], by_body[h, j, NUMBER] = summed, number
        by_body[h, j, MEMBERS] = _common(members, j, j)


@njit(cache=True, error_model="numpy")
def _bound_states(
    c: int, position: Any, extent: Any, capability: Any, change: Any, by_state: Any, logs: Any, e: Any
) -> None:
    """What a row adds to a state's log rate of leaving, whatever the body, and a bound with what hangs on the body."""
    by_distance, product, by_capability = _triple(e, DISTANCE), e[PRODUCT, 0], _triple(e, CAPABILITY)
    by_change, by_memberships, own = _triple(e, CHANGE), _triple(e, MEMBERSHIPS), _triple(e, OWN)
    for i in range(position.shape[1]):
        steep = by_distance[0] + product * _z(capability[c, i], by_capability)
        far = _z(_farthest(position[c, i], extent[c, 0], extent[c, 1]), by_distance)
        by_state[c, i, PART] = (
            _part(capability[c, i], by_capability) + _part(change[c, i], by_change)
            + _part(logs[int(by_state[c, i, BODIES])], by_memberships)
        )  # fmt: skip
        by_state[c, i, BOUND] = (
            by_state[c, i, PART] + max(0.0, max(steep * _z(0.0, by_distance), steep * far))
            + _ends(own, 0.0, logs[_window(by_state, c, i, GONE)])
        )  # fmt: skip


@njit(cache=True, error_model="numpy")
def _sort_bodies(c: int, upto: int, alive: Any, by_body: Any, kinds: Any) -> Any:
    """Sort bodies into kinds of equal width by the mean position of their members; 0 is the kind where it is not known.

    Returns
    -------
    The lowest mean and the width of a kind; 0 for the lowest where no mean is known.
    """
    lowest, highest = np.inf, -np.inf
    for j in range(upto):
        if alive[j] and by_body[c, j, NUMBER] > 0:
            mean = QUANTUM * by_body[c, j, TOTAL] / by_body[c, j, NUMBER]
            lowest, highest = min(lowest, mean), max(highest, mean)
    lowest, width = (lowest, max((highest - lowest) / KINDS, QUANTUM)) if lowest <= highest else (0.0, QUANTUM)
    for j in range(upto):
        kinds[j] = 0
        if alive[j] and by_body[c, j, NUMBER] > 0:
            mean = QUANTUM * by_body[c, j, TOTAL] / by_body[c, j, NUMBER]
            kinds[j] = 1 + min(int((mean - lowest) / width), KINDS - 1)
    return lowest, width


@njit(cache=True)
def _bound_kinds(c: int, position: Any, lowest: float, width: float, falling: bool, near: Any, limit: Any) -> None:
    """Limits of states towards bodies of each kind, (kinds + 1, states), from those without distance in the first row.

    `near` is what distances multiply a rate by at most, by cells; it falls with distance or rises.
    """
    for kind in range(1, len(limit)):
        low, high = lowest + width * (kind - 1), lowest + width * kind
        for i in range(position.shape[1]):
            own, reaches = position[c, i], 1.0
            if not np.isnan(own):
                away = max(0.0, low - own, own - high) if falling else max(own - low, high - own)
                reaches = near[int(away * CELLS) + 1]
            limit[kind, i] = limit[0, i] * reaches


@njit(cache=True)
def _share_bodies(upto: int, before: Any, now: Any, old: Any, shared: Any) -> None:
    """Bring the bodies that states share, (states, states), from one year's memberships to the next one's.

    `before` and `now` hold the memberships as bits, `old` those before as bytes, eight to a word, which are brought to the
    next year too. A body with members b, once a, adds b bᵀ − a aᵀ: whole rows for those that came or went, single cells for
    those that stayed.
    """
    next_words = np.zeros(old.shape[1] // 8, np.uint64)
    new, old_words = next_words.view(np.uint8), old.view(np.uint64)
    for j in range(upto):
        differ = np.uint64(0)
        for word in range(before.shape[1]):
            differ |= before[j, word] ^ now[j, word]
        if differ == 0:
            continue
        _spread(now, j, next_words)
        for word in range(before.shape[1]):
            changed = before[j, word] ^ now[j, word]
            while changed != 0:
                i = 64 * word + lowest_bit(changed)
                changed &= changed - ONE
                came = new[i] != 0
                if came:
                    for k in range(len(shared)):
                        shared[i, k] += np.int16(new[k])
                else:
                    for k in range(len(shared)):
                        shared[i, k] -= np.int16(old[j, k])
                step = np.int16(1 if came else -1)
                for other in range(before.shape[1]):
                    stayed = before[j, other] & now[j, other]
                    while stayed != 0:
                        shared[64 * other + lowest_bit(stayed), i] += step
                        stayed &= stayed - ONE
        for group in range(len(next_words)):
            old_words[j, group] = next_words[group]
