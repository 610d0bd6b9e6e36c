"""Compiled pieces of the engine that look at all pairs of one year: counts, sums, bounds, the bodies that states share."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

from exeunt.simulate.bits import ONE, common, lowest_bit, ones, spread
from exeunt.simulate.linear import (
    BODIES,
    BOUND,
    CAPABILITY,
    CHANGE,
    DISTANCE,
    GONE,
    MEMBERS,
    MEMBERSHIPS,
    NUMBER,
    OWN,
    PART,
    PRODUCT,
    TOTAL,
    ends,
    farthest,
    part,
    triple,
    window,
    z,
)

QUANTUM = 2.0**-18
"""Positions are summed in whole multiples of this, so that a sum does not hang on the order of its parts."""
CELLS = 64
"""Cells of a unit of distance."""
KINDS = 6
"""Kinds of bodies by the mean position of their members, so that the distance of a state to a body of a kind is bounded."""


@njit(cache=True, error_model="numpy")
def look(
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
        by_state[h, i, BODIES] = common(bodies, i, i)
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
        by_body[h, j, MEMBERS] = common(members, j, j)


@njit(cache=True, error_model="numpy")
def bound_states(
    c: int, position: Any, extent: Any, capability: Any, change: Any, by_state: Any, logs: Any, e: Any
) -> None:
    """What a row adds to a state's log rate of leaving, whatever the body, and a bound with what hangs on the body."""
    by_distance, product, by_capability = triple(e, DISTANCE), e[PRODUCT, 0], triple(e, CAPABILITY)
    by_change, by_memberships, own = triple(e, CHANGE), triple(e, MEMBERSHIPS), triple(e, OWN)
    for i in range(position.shape[1]):
        steep = by_distance[0] + product * z(capability[c, i], by_capability)
        far = z(farthest(position[c, i], extent[c, 0], extent[c, 1]), by_distance)
        by_state[c, i, PART] = (
            part(capability[c, i], by_capability) + part(change[c, i], by_change)
            + part(logs[int(by_state[c, i, BODIES])], by_memberships)
        )  # fmt: skip
        by_state[c, i, BOUND] = (
            by_state[c, i, PART] + max(0.0, max(steep * z(0.0, by_distance), steep * far))
            + ends(own, 0.0, logs[window(by_state, c, i, GONE)])
        )  # fmt: skip


@njit(cache=True, error_model="numpy")
def sort_bodies(c: int, upto: int, alive: Any, by_body: Any, kinds: Any) -> Any:
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
def bound_kinds(c: int, position: Any, lowest: float, width: float, falling: bool, near: Any, limit: Any) -> None:
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
def share_bodies(upto: int, before: Any, now: Any, old: Any, shared: Any) -> None:
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
        spread(now, j, next_words)
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
