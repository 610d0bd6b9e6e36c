"""Compiled kernel of the engine: one world, year by year; see `engine.py` for the method.

Row h of a history is year `first_year − longest + h`: memberships at its opening, while the exits and joins of that year
stand in row h + 2 of theirs, so that rows h … h + 2 are the window of three years. Memberships and exits by pair, (bodies,
states) each, are kept in a ring of as many rows as the longest lag needs.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

from exeunt.simulate.addressed import address, find, gamma, guide, uniform

# Kinds of addresses; those of `transition.py` are of another generator.
POINTS, STATE, BODY, PAIR, FOLLOW = 0, 2, 4, 6, 8
DISTANCE, CAPABILITY, PRODUCT, CHANGE, FROM_BODY, OWN, TENURE, SIZE, AGE, MEMBERSHIPS = range(10)
J_DISTANCE, J_CONNECTION, J_SIZE, J_JOINS, J_AGE = range(5)


@njit(cache=True)
def z(x: float, slope: Any) -> Any:
    """Standardise; an unknown value counts as the mean."""
    return 0.0 if np.isnan(x) else (x - slope[1]) / slope[2]


@njit(cache=True)
def part(x: float, slope: Any) -> Any:
    """Contribution of a value to the linear predictor."""
    return slope[0] * z(x, slope)


@njit(cache=True)
def distance(i: int, j: int, mine: Any, position: Any, total: Any, number: Any) -> Any:
    """Distance of a state from the mean of the others in a body; NaN where unknown."""
    own = position[i]
    if np.isnan(own):
        return np.nan
    count, value = number[j], total[j]
    if mine[j, i]:
        count -= 1.0
        value -= own
    return abs(own - value / count) if count > 0 else np.nan


@njit(cache=True, fastmath=True)
def product(one: Any, two: Any) -> Any:
    """Sum of products of counts; whole numbers below 2²⁴, so the order in which they are added does not matter."""
    total = np.float32(0.0)
    for k in range(len(one)):
        total += one[k] * np.float32(two[k])
    return total


@njit(cache=True)
def connection(i: int, j: int, members: Any, shared: Any, size: float) -> float:
    """Mean number of bodies that a state shares with the other members of a body."""
    total = float(product(shared[i], members[j]))
    others = size
    if members[j, i]:
        total -= shared[i, i]
        others -= 1.0
        total -= others
    return total / others if others > 0 else 0.0


@njit(cache=True)
def closest(shared: Any, nearest: Any) -> None:
    """Most bodies that each state shares with another."""
    for i in range(len(nearest)):
        nearest[i] = 0.0
        for k in range(len(nearest)):
            if k != i and shared[i, k] > nearest[i]:
                nearest[i] = shared[i, k]


@njit(cache=True)
def flip(i: int, j: int, current: Any, shared: Any, nearest: Any) -> None:
    """Bring the bodies that states share up to date with one state joining or leaving; `nearest` stays an upper bound."""
    step = -1 if current[j, i] else 1
    if step > 0:
        current[j, i] = 1
    for k in range(current.shape[1]):
        if current[j, k]:
            shared[i, k] += step
            if k != i:
                shared[k, i] += step
                nearest[i] = max(nearest[i], shared[i, k])
                nearest[k] = max(nearest[k], shared[i, k])
    if step < 0:
        current[j, i] = 0


@njit(cache=True)
def ends(slope: Any, low: float, high: float) -> Any:
    """Largest contribution of a value between two others."""
    return max(part(low, slope), part(high, slope))


@njit(cache=True)
def add(found: Any, count: int, step: int, kind: int, i: int, j: int) -> Any:
    """Append one event, growing the list where it is full."""
    if count == len(found):
        longer = np.empty((2 * len(found), 4), np.int64)
        longer[:count] = found
        found = longer
    found[count, 0], found[count, 1], found[count, 2], found[count, 3] = step, kind, i, j
    return found


@njit(cache=True)
def play(
    opening_members: Any, past_exits: Any, joins_body: Any, shared: Any, flips: Any, outside: Any, since: Any, position: Any,
    capability: Any, change: Any, log_age: Any, lag: Any, longest: int, first_year: int, years: int, e: Any, q: Any,
    exit_state: Any, exit_body: Any, join_state: Any, join_body: Any, exit_years: Any, join_years: Any, variances: Any,
    seed: int, world: int, leave: Any, rejoin: Any, barred: Any, delay: Any, follow: Any, chance: Any,
) -> Any:  # fmt: skip
    """Play one world; `e` and `q` are the slopes of exits and joins, the other arguments those of `engine.Opening`."""
    joins_body, shared, outside, since = joins_body.copy(), shared.copy(), outside.copy(), since.copy()
    current = opening_members[longest - 1].copy()
    m, n = current.shape
    rows, ring = longest + years, longest + 3
    members, exits = np.zeros((ring, m, n), np.uint8), np.zeros((ring, m, n), np.uint8)
    members[: longest + 1] = opening_members
    exits[: longest + 2] = past_exits
    size, number, total = np.zeros((rows, m)), np.zeros((rows, m)), np.zeros((rows, m))
    memberships = np.zeros((rows, n))
    from_body, own = np.zeros((rows + 2, m)), np.zeros((rows + 2, n))
    for h in range(longest + 2):
        for j in range(m):
            for i in range(n):
                from_body[h, j] += past_exits[h, j, i]
                own[h, i] += past_exits[h, j, i]
    state_part, body_part = np.zeros((rows, n)), np.zeros((rows, m))
    found = np.empty((4096, 4), np.int64)
    count = 0
    due = np.full((m, n), -1, np.int64)
    waiting = 0
    rate_body, cumulated, ratio = np.empty(m), np.empty(m), np.empty(m)
    base_exit, base_join = np.empty(m), np.empty(m)
    gone = np.zeros((m, n), np.int64)
    lowest, farthest = np.full(rows, np.inf), np.full(rows, -np.inf)
    nearest, allowed, table = np.zeros(n), np.empty(m), np.empty(1024, np.int64)
    two_before, before = 0, 0
    oldest = first_year + years - since.min()

    for h in range(rows):
        step = h - longest
        # What the terms of the years up to the last one need; the opening of year h itself is known here.
        at = h % ring
        same = step > 0
        for i in range(n):
            if not np.isnan(position[h, i]):
                lowest[h] = min(lowest[h], position[h, i])
                farthest[h] = max(farthest[h], position[h, i])
            if step > 0 and position[h, i] != position[h - 1, i]:
                same = same and np.isnan(position[h, i]) and np.isnan(position[h - 1, i])
        if same:
            size[h], number[h], total[h], memberships[h] = size[h - 1], number[h - 1], total[h - 1], memberships[h - 1]
            for row in range(before, count):
                sign, i, j = 2.0 * found[row, 1] - 1.0, found[row, 2], found[row, 3]
                size[h, j] += sign
                memberships[h, i] += sign
                if not np.isnan(position[h, i]):
                    number[h, j] += sign
                    total[h, j] += sign * position[h, i]
        else:
            for j in range(m):
                for i in range(n):
                    if members[at, j, i]:
                        size[h, j] += 1.0
                        memberships[h, i] += 1.0
                        if not np.isnan(position[h, i]):
                            number[h, j] += 1.0
                            total[h, j] += position[h, i]
        for j in range(m):
            body_part[h, j] = part(np.log1p(size[h, j]), e[SIZE]) + part(log_age[h, j], e[AGE])
        for i in range(n):
            state_part[h, i] = (
                part(capability[h, i], e[CAPABILITY]) + part(change[h, i], e[CHANGE])
                + part(np.log1p(memberships[h, i]), e[MEMBERSHIPS])
            )  # fmt: skip
        if step < 0:
            continue
        if step == 0:
            for j in range(m):
                base_exit[j] = exit_body[j] + part(np.log1p(size[h, j]), e[SIZE])
                base_join[j] = join_body[j] + part(np.log1p(size[h, j]), q[J_SIZE])
        year = first_year + step
        opened = count
        members[(h + 1) % ring] = members[at]
        exits[(h + 2) % ring] = 0

        # Exits. Rates over the body's own rate are bounded by lag, since a body is seen `lag` years back.
        summed = 0.0
        most = np.full(longest + 1, -np.inf)
        for j in range(m):
            c = h - lag[j]
            rate_body[j] = np.exp(base_exit[j] + part(log_age[c, j], e[AGE])) * gamma(
                address(seed, world, year, BODY, 0, j), variances[1]
            )
            summed += rate_body[j]
            cumulated[j] = summed
            ratio[j] = exit_body[j] + body_part[c, j] - base_exit[j] - part(log_age[c, j], e[AGE])
            left = from_body[c, j] + from_body[c + 1, j] + from_body[c + 2, j]
            most[lag[j]] = max(most[lag[j]], ratio[j] + ends(e[FROM_BODY], 0.0, np.log1p(left)))
        guide(cumulated, table)
        for i in range(n):
            bound = -np.inf
            for back in range(1, longest + 1):
                if most[back] == -np.inf:
                    continue
                c = h - back
                far = 0.0
                if not np.isnan(position[c, i]):
                    far = max(position[c, i] - lowest[c], farthest[c] - position[c, i])
                steep = e[DISTANCE, 0] + e[PRODUCT, 0] * z(capability[c, i], e[CAPABILITY])
                spread = max(0.0, max(steep * z(0.0, e[DISTANCE]), steep * z(far, e[DISTANCE])))
                mine = own[c, i] + own[c + 1, i] + own[c + 2, i]
                bound = max(
                    bound, most[back] + state_part[c, i] + spread + ends(e[OWN], 0.0, np.log1p(mine))
                    + ends(e[TENURE], 0.0, np.log(max(oldest, 1.0)))
                )  # fmt: skip
            plain = exit_state[i] + exit_years[step]
            frailty = gamma(address(seed, world, year, STATE, i, 0), variances[0])
            highest = np.exp(min(bound + plain, 600.0)) * frailty
            one_by_one = highest * summed > 2.0 * m
            key = address(seed, world, year, POINTS, i, 0)
            level, place, j = 0.0, 0, -1
            while True:
                if one_by_one:
                    j += 1
                    if j == m:
                        break
                    if not members[at, j, i]:
                        continue
                    level = -np.log(uniform(address(seed, world, year, PAIR, i, j), 0)) / rate_body[j]
                else:
                    level -= np.log(uniform(key, 2 * place)) / summed
                    if level > highest:
                        break
                    j = find(cumulated, table, uniform(key, 2 * place + 1))
                    place += 1
                    if not members[at, j, i]:
                        continue
                if gone[j, i] == step + 1:
                    continue
                c = h - lag[j]
                d = z(distance(i, j, members[c % ring], position[c], total[c], number[c]), e[DISTANCE])
                pair = exits[c % ring, j, i] + exits[(c + 1) % ring, j, i] + exits[(c + 2) % ring, j, i]
                left = from_body[c, j] + from_body[c + 1, j] + from_body[c + 2, j]
                mine = own[c, i] + own[c + 1, i] + own[c + 2, i]
                eta = (
                    plain + ratio[j] + state_part[c, i] + e[DISTANCE, 0] * d
                    + e[PRODUCT, 0] * d * z(capability[c, i], e[CAPABILITY])
                    + part(np.log1p(max(left - pair, 0.0)), e[FROM_BODY]) + part(np.log1p(max(mine - pair, 0.0)), e[OWN])
                    + part(np.log(max(float(year - since[j, i]), 1.0)), e[TENURE])
                )  # fmt: skip
                if level < np.exp(min(eta, 600.0)) * frailty:
                    gone[j, i] = step + 1
                    if barred[i, j, 0] <= step < barred[i, j, 1] or due[j, i] >= step:
                        continue
                    if delay[i] > 0:
                        due[j, i] = step + delay[i]
                        waiting += 1
                        continue
                    found = add(found, count, step, 0, i, j)
                    count += 1
        if waiting > 0:
            for j in range(m):
                for i in range(n):
                    if due[j, i] == step:
                        waiting -= 1
                        if members[at, j, i]:
                            found = add(found, count, step, 0, i, j)
                            count += 1
        # Forced exits and followers may name a pair that leaves by itself; `due` marks who is already out this year.
        for number_of in range(opened, count):
            due[found[number_of, 3], found[number_of, 2]] = step
        for row in range(len(leave)):
            i, j = leave[row, 1], leave[row, 2]
            if leave[row, 0] == step and members[at, j, i] and due[j, i] != step:
                due[j, i] = step
                found = add(found, count, step, 0, i, j)
                count += 1
        for row in range(len(follow)):
            i = follow[row, 1]
            for earlier in range(before, opened):
                j = found[earlier, 3]
                if found[earlier, 1] == 0 and found[earlier, 2] == follow[row, 0] and members[at, j, i]:
                    drawn = uniform(address(seed, world, year, FOLLOW, i, j), row)
                    if due[j, i] != step and drawn < chance[row]:
                        due[j, i] = step
                        found = add(found, count, step, 0, i, j)
                        count += 1
        left_until = count

        # Joins, seen one year back. `shared` is brought to the membership of that year.
        if step == 1:
            for row in range(len(flips)):
                flip(flips[row, 0], flips[row, 1], current, shared, nearest)
        for earlier in range(two_before, before):
            flip(found[earlier, 2], found[earlier, 3], current, shared, nearest)
        if step % 5 == 0:
            closest(shared, nearest)
        c = h - 1
        summed = 0.0
        top = -np.inf
        for j in range(m):
            rate_body[j] = np.exp(base_join[j] + part(log_age[c, j], q[J_AGE])) * gamma(
                address(seed, world, year, BODY + 1, 0, j), variances[3]
            )
            summed += rate_body[j]
            cumulated[j] = summed
            joined = joins_body[c, j] + joins_body[c + 1, j] + joins_body[c + 2, j]
            ratio[j] = (
                join_body[j] + part(np.log1p(size[c, j]), q[J_SIZE]) + part(np.log1p(joined), q[J_JOINS]) - base_join[j]
            )
            top = max(top, ratio[j])
        guide(cumulated, table)
        for j in range(m):
            allowed[j] = np.exp(ratio[j] - top)
        for i in range(n):
            far = 0.0
            if not np.isnan(position[c, i]):
                far = max(position[c, i] - lowest[c], farthest[c] - position[c, i])
            plain = join_state[i] + join_years[step]
            frailty = gamma(address(seed, world, year, STATE + 1, i, 0), variances[2])
            linked = ends(q[J_CONNECTION], 0.0, np.log1p(nearest[i]))
            bound = plain + top + max(0.0, ends(q[J_DISTANCE], 0.0, far)) + linked
            highest = np.exp(min(bound, 600.0)) * frailty
            one_by_one = highest * summed > 2.0 * m
            key = address(seed, world, year, POINTS + 1, i, 0)
            level, place, j = 0.0, 0, -1
            while True:
                if one_by_one:
                    j += 1
                    if j == m:
                        break
                    if not outside[j, i]:
                        continue
                    level = -np.log(uniform(address(seed, world, year, PAIR + 1, i, j), 0)) / rate_body[j]
                else:
                    level -= np.log(uniform(key, 2 * place)) / summed
                    if level > highest:
                        break
                    j = find(cumulated, table, uniform(key, 2 * place + 1))
                    place += 1
                    if level > highest * allowed[j] or not outside[j, i]:
                        continue
                if gone[j, i] == step + 1:
                    continue
                past = members[c % ring]
                eta = plain + ratio[j] + part(distance(i, j, past, position[c], total[c], number[c]), q[J_DISTANCE])
                # The connection is dear: most points are above what any connection of the state could allow.
                if level >= np.exp(min(eta + linked, 600.0)) * frailty:
                    continue
                eta += part(np.log1p(connection(i, j, past, shared, size[c, j])), q[J_CONNECTION])
                if level < np.exp(min(eta, 600.0)) * frailty:
                    gone[j, i] = step + 1
                    found = add(found, count, step, 1, i, j)
                    count += 1
        for row in range(len(rejoin)):
            i, j = rejoin[row, 1], rejoin[row, 2]
            if rejoin[row, 0] == step and not members[at, j, i] and gone[j, i] != step + 1:
                found = add(found, count, step, 1, i, j)
                count += 1

        for number_of in range(opened, left_until):
            i, j = found[number_of, 2], found[number_of, 3]
            members[(h + 1) % ring, j, i] = 0
            outside[j, i] = 1
            exits[(h + 2) % ring, j, i] = 1
            from_body[h + 2, j] += 1.0
            own[h + 2, i] += 1.0
        for number_of in range(left_until, count):
            i, j = found[number_of, 2], found[number_of, 3]
            members[(h + 1) % ring, j, i] = 1
            outside[j, i] = 0
            since[j, i] = year
            joins_body[h + 2, j] += 1.0
        two_before, before = before, opened
    return found[:count].copy()
