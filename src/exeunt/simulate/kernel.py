"""Compiled kernel of the engine: one world, year by year; see `engine.py` for the method.

Row h of a history is year `first_year − longest + h`: memberships at its opening, while the exits and joins of that year
stand in row h + 2 of theirs, so that rows h … h + 2 are the window of three years. Memberships and exits by pair of past
years are kept as bits, in a ring of as many rows as the longest lag needs; the row after the opening's is that of today.
Bodies of the start come first, then those that a plan founds, then those that the world founds, in the order of their years.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

from exeunt.simulate.counter_rng import _address, _read_off, _uniform, _within
from exeunt.simulate.law_terms import (
    AGE,
    BOUND,
    CAPABILITY,
    CELLS,
    DISTANCE,
    FROM_BODY,
    GONE,
    J_AGE,
    J_CONNECTION,
    J_DISTANCE,
    J_JOINS,
    J_SIZE,
    JOINED,
    KINDS,
    LEFT,
    MEMBERS,
    NUMBER,
    OWN,
    PART,
    PRODUCT,
    QUANTUM,
    SIZE,
    TENURE,
    TOTAL,
    _add,
    _bound_kinds,
    _bound_states,
    _cells,
    _connection,
    _distance,
    _ends,
    _farthest,
    _look,
    _nearest,
    _part,
    _powers,
    _room,
    _share_bodies,
    _sort_bodies,
    _triple,
    _window,
    _z,
)
from exeunt.simulate.proposals import (
    BODY,
    END,
    FOLLOW,
    ONE,
    PAIR,
    STATE,
    _below,
    _drop,
    _has,
    _key_of,
    _propose,
    _put,
    _spread,
)

EXITS, JOINS, ENDS, FOUNDED, FOUNDING = range(5)
"""Kinds of events."""


# Without the interpreter's lock, so that a process that plays worlds itself takes parts from its workers meanwhile.
@njit(cache=True, error_model="numpy", nogil=True)
def _play(
    opening_open: Any, opening_since: Any, oldest: int, past_members: Any, past_bodies: Any, past_exits: Any,
    past_by_body: Any, past_by_state: Any, last_exit: Any, opening_back: Any, log_before: Any,
    founded: Any, lag: Any, names: Any, logs: Any, opening_shared: Any, longest: int, first_year: int, floor: float,
    position: Any, share: Any, response: float, death: Any,
    birth_step: Any, founders: Any, ratios: Any, e: Any, q: Any, exit_state: Any, exit_body: Any, join_state: Any,
    join_body: Any, exit_years: Any, join_years: Any, frailties: Any, seed: int, world: int, leave: Any, rejoin: Any,
    barred: Any, delay: Any, follow: Any, chance: Any, reform: Any, clubs: int,
) -> Any:  # fmt: skip
    """Play one world; `e` and `q` are the slopes of exits and joins, the other arguments those of `engine.Opening`.

    `founded`, `lag`, `names` and the effects of bodies are over all bodies, also those to come; `names` are the numbers by
    which bodies are addressed and told. `birth_step` and `founders` are over the bodies to come, clubs first.
    """
    start, n = opening_since.shape
    m, rows, ring, words = len(founded), len(position), longest + 3, past_members.shape[2]
    since, left_in = np.empty((m, n), np.int16), np.empty((m, n), np.int16)
    since[:start], left_in[:start] = opening_since, last_exit
    member_bits, exit_bits = np.zeros((ring, m, words), np.uint64), np.zeros((ring, m, words), np.uint64)
    body_bits = np.zeros((ring, n, (m + 63) // 64), np.uint64)
    member_bits[: longest + 1, :start], exit_bits[: longest + 2, :start] = past_members, past_exits
    body_bits[: longest + 1, :, : past_bodies.shape[2]] = past_bodies
    by_body, by_state = np.zeros((rows + 3, m, 5), np.int32), np.zeros((rows + 2, n, 4))
    by_body[: longest + 2, :start], by_state[: longest + 2] = past_by_body, past_by_state
    due, alive = np.full((m, n), -1, np.int16), np.zeros(m, np.bool_)
    alive[:start] = True
    # Pairs at risk of joining as bits, apart those that left before.
    back_bits, none_back = np.zeros((m, words), np.uint64), np.zeros((m, 0), np.uint64)
    back_bits[:start] = opening_back
    open_bits = np.zeros((m, words), np.uint64)
    open_bits[:start] = opening_open
    stretch = np.exp(max(0.0, ratios.max()))
    upto = start + clubs
    found, number, before, waiting = np.empty((4096, 4), np.int64), 0, 0, 0
    rate, allowed = np.zeros(m), np.zeros(m)
    weight, linked, limit, whole = np.zeros(n), np.zeros(n), np.zeros((KINDS + 1, n)), np.zeros(n, np.int32)
    limit_back, kinds, one_kind = np.zeros(n), np.zeros(m, np.int32), np.zeros(m, np.int32)
    hits = np.empty((m * 8 * words, 2), np.int16)
    # What goes with counts and ages that bodies have in common is read off tables, and so are factors that stay.
    oldest_body = max(first_year + rows - founded.min() + 2, 1)
    exit_age, exit_size = _powers(_triple(e, AGE), logs, oldest_body), _powers(_triple(e, SIZE), logs, n + 1)
    join_age, join_size = _powers(_triple(q, J_AGE), logs, oldest_body), _powers(_triple(q, J_SIZE), logs, n + 1)
    join_joins = _powers(_triple(q, J_JOINS), logs, 3 * n + 1)
    death_age, death_size = _powers((death[2], 0.0, 1.0), logs, oldest_body), _powers((death[1], 0.0, 1.0), logs, n + 1)
    death_joined = _powers((death[3], 0.0, 1.0), logs, 3 * n + 1)
    death_left = _powers((-death[3], 0.0, 1.0), logs, 3 * n + 1)
    dying, exit_each, join_each = np.exp(death[0]), np.exp(exit_body), np.exp(join_body)
    exit_each_state, join_each_state, returning = np.exp(exit_state), np.exp(join_state), np.exp(ratios)
    by_distance, by_product, by_capability = _triple(e, DISTANCE), e[PRODUCT, 0], _triple(e, CAPABILITY)
    from_body, own, by_tenure = _triple(e, FROM_BODY), _triple(e, OWN), _triple(e, TENURE)
    of_state_year, of_body_year, of_state_year_joins, of_body_year_joins = frailties
    none_from_body, log_floor = _part(0.0, from_body), np.log(floor)
    join_distance, join_connection = _triple(q, J_DISTANCE), _triple(q, J_CONNECTION)
    pairs, numbers = np.zeros((4096, 2), np.int32), np.zeros(4096)
    most, own_exits, shared = np.zeros(longest + 1), np.zeros(n), opening_shared.copy()
    capability, change, extent = np.zeros((rows, n)), np.zeros((rows, n)), np.zeros((rows, 2))
    groups = (n + 7) // 8
    year_ago, sums = np.zeros((m, 8 * groups), np.uint8), np.zeros((groups, 256), np.int32)
    for j in range(start):
        _spread(past_members[longest - 1], j, year_ago.view(np.uint64)[j])
    for h in range(rows):
        for i in range(n):
            if not np.isnan(position[h, i]):
                extent[h, 0], extent[h, 1] = min(extent[h, 0], position[h, i]), max(extent[h, 1], position[h, i])

    # Of joins, what distance and connection multiply a rate by at most, in cells of either.
    span = 0.0
    for h in range(rows):
        span = max(span, extent[h, 1] - extent[h, 0])
    near = _cells(join_distance, np.arange(0.0, CELLS * span + 3.0) / CELLS)
    linked_to = _cells(join_connection, logs[: m + 1])

    for h in range(rows):
        step, at, after = h - longest, h % ring, (h + 1) % ring
        year, opening = first_year + step, number
        # Capability answers to the state's own exits of the years before, a year later, for good.
        for i in range(n):
            if h > longest:
                own_exits[i] += by_state[h + 1, i, GONE]
            capability[h, i] = max(np.log(max(share[h, i], floor)) + response * own_exits[i], log_floor)
            earlier = log_before[h, i] if h - 10 < longest else capability[h - 10, i]
            change[h, i] = capability[h, i] - earlier
        if step < 0:
            if step < -1:
                _bound_states(h, position, extent, capability, change, by_state, logs, e)
            continue

        # Bodies founded stand at the opening, those that come to an end are closed to exits and joins of the year.
        upto_before = upto
        while upto < m and birth_step[upto - start] <= step:
            upto += 1
        found = _room(found, number, (upto - upto_before + clubs) * (n + 1) + upto)
        for new in range(clubs + upto - upto_before):
            j = start + new if new < clubs else upto_before + new - clubs
            if birth_step[j - start] != step:
                continue
            alive[j] = True
            number = _add(found, number, step, FOUNDED, -1, names[j])
            for i in range(n):
                _put(open_bits, j, i)
                if founders[j - start, i]:
                    since[j, i] = year - 1
                    _drop(open_bits, j, i)
                    _put(member_bits[at], j, i)
                    _put(body_bits[at], i, j)
                    number = _add(found, number, step, FOUNDING, i, names[j])
        _look(h, upto, alive, member_bits[at], body_bits[at], position, by_body, by_state, whole, sums)
        _bound_states(h - 1, position, extent, capability, change, by_state, logs, e)
        member_bits[after], body_bits[after], exit_bits[(h + 2) % ring] = member_bits[at], body_bits[at], 0
        if death[0] > -np.inf:
            key = _within(_address(seed, world, year, END), 0, 0)
            for j in range(upto):
                if alive[j]:
                    hazard = (
                        dying * death_size[by_body[h, j, MEMBERS]] * death_age[max(year - founded[j] + 1, 0)]
                        * death_joined[_window(by_body, h, j, JOINED)] * death_left[_window(by_body, h - 1, j, LEFT)]
                    )  # fmt: skip
                    drawn = _uniform(key, names[j])
                    if drawn < hazard and drawn < -np.expm1(-hazard):
                        alive[j] = False
                        number = _add(found, number, step, ENDS, -1, names[j])
                        for i in range(n):
                            if _has(member_bits, after, j, i):
                                _drop(body_bits[after], i, j)
                        member_bits[after, j], open_bits[j], back_bits[j] = 0, 0, 0
        drawn_from = number

        # Exits. What a body's pairs can reach is bounded by lag, since a body is seen `lag` years back.
        of_body, of_state = _address(seed, world, year, BODY), _address(seed, world, year, STATE)
        most[:] = -np.inf
        for j in range(upto):
            c = h - lag[j]
            rate[j] = 0.0
            if not alive[j]:
                continue
            rate[j] = (
                exit_each[j] * exit_age[max(first_year + c - longest - founded[j] + 1, 0)]
                * exit_size[by_body[c, j, MEMBERS]] * _read_off(of_body_year, _uniform(of_body, names[j]))
            )  # fmt: skip
            recent = _window(by_body, c, j, LEFT)
            allowed[j] = _ends(from_body, 0.0, logs[recent]) if recent else none_from_body
            most[lag[j]] = max(most[lag[j]], allowed[j])
        top = most.max()
        least = min(np.exp(none_from_body - top), 1.0)
        for j in range(upto):
            if alive[j]:
                allowed[j] = least if allowed[j] == none_from_body else min(np.exp(allowed[j] - top), 1.0)
        this_year, tenure = np.exp(exit_years[step]), _ends(by_tenure, 0.0, np.log(float(max(year - oldest, 1))))
        for i in range(n):
            bound = -np.inf
            for back in range(1, longest + 1):
                if most[back] > -np.inf:
                    bound = max(bound, by_state[h - back, i, BOUND])
            weight[i] = exit_each_state[i] * this_year * _read_off(of_state_year, _uniform(of_state, i))
            limit[0, i] = np.exp(min(top + bound + tenure, 600.0)) * weight[i]
        of_pairs = _address(seed, world, year, PAIR)
        candidates = len(numbers) + 1
        while candidates > len(numbers):
            candidates = _propose(
                member_bits[after], none_back, upto, rate, allowed, limit[:1], one_kind, limit[0], names, of_pairs, hits,
                pairs, numbers,
            )  # fmt: skip
            if candidates > len(numbers):
                pairs, numbers = np.zeros((2 * candidates, 2), np.int32), np.zeros(2 * candidates)
                candidates = len(numbers) + 1
        found = _room(found, number, candidates + waiting + len(leave) + len(follow) * (opening - before))
        for one in range(candidates):
            i, j = pairs[one, 0], pairs[one, 1]
            c = h - lag[j]
            away = _distance(
                position[c, i], by_body[c, j, NUMBER], QUANTUM * by_body[c, j, TOTAL], _has(member_bits, c % ring, j, i)
            )
            if j < reform.shape[1]:
                away *= reform[step, j]
            far = _z(away, by_distance)
            pair = 0
            for row in range(c, c + 3):
                pair += _has(exit_bits, row % ring, j, i)
            eta = (
                by_state[c, i, PART] + far * (by_distance[0] + by_product * _z(capability[c, i], by_capability))
                + _part(logs[max(_window(by_body, c, j, LEFT) - pair, 0)], from_body)
                + _part(logs[max(_window(by_state, c, i, GONE) - pair, 0)], own)
                + _part(logs[max(year - since[j, i], 1) - 1], by_tenure)
            )  # fmt: skip
            reached = rate[j] * weight[i] * np.exp(eta)
            if _below(numbers[one], reached, _key_of(of_pairs, names[j]), i):
                if (j < start and len(barred) > 0 and barred[i, j, 0] <= step < barred[i, j, 1]) or due[j, i] >= step:
                    continue
                if delay[i] > 0:
                    due[j, i] = step + delay[i]
                    waiting += 1
                    continue
                number = _add(found, number, step, EXITS, i, j)
        for i in range(n):
            if delay[i] > 0:
                for j in range(upto):
                    if due[j, i] == step and _has(member_bits, after, j, i):
                        waiting -= 1
                        number = _add(found, number, step, EXITS, i, j)
        # Forced exits and followers may name a pair that leaves by itself; `due` marks who is already out this year.
        for row in range(drawn_from, number):
            due[found[row, 3], found[row, 2]] = step
        for row in range(len(leave)):
            i, j = leave[row, 1], leave[row, 2]
            if leave[row, 0] == step and _has(member_bits, after, j, i) and due[j, i] != step:
                due[j, i] = step
                number = _add(found, number, step, EXITS, i, j)
        for row in range(len(follow)):
            i = follow[row, 1]
            for earlier_event in range(before, opening):
                j = found[earlier_event, 3]
                led = found[earlier_event, 1] == EXITS and found[earlier_event, 2] == follow[row, 0]
                if led and _has(member_bits, after, j, i):
                    drawn = _uniform(_within(_address(seed, world, year, FOLLOW), i, names[j]), row)
                    if due[j, i] != step and drawn < chance[row]:
                        due[j, i] = step
                        number = _add(found, number, step, EXITS, i, j)

        # Joins, seen one year back.
        c = h - 1
        of_body, of_state = _address(seed, world, year, BODY + 1), _address(seed, world, year, STATE + 1)
        this_year = np.exp(join_years[step])
        for j in range(upto):
            rate[j], allowed[j] = 0.0, 1.0
            if not alive[j]:
                continue
            rate[j] = (
                join_each[j] * join_age[max(first_year + c - longest - founded[j] + 1, 0)]
                * join_size[by_body[c, j, MEMBERS]] * join_joins[_window(by_body, c, j, JOINED)]
                * _read_off(of_body_year_joins, _uniform(of_body, names[j]))
            )  # fmt: skip
        lowest, width = _sort_bodies(c, upto, alive, by_body, kinds)
        for i in range(n):
            weight[i] = join_each_state[i] * this_year * _read_off(of_state_year_joins, _uniform(of_state, i))
            closest = max(0.0, _ends(join_distance, 0.0, _farthest(position[c, i], extent[c, 0], extent[c, 1])))
            linked[i] = max(linked_to[0], linked_to[_nearest(i, shared)])
            limit_back[i] = weight[i] * np.exp(min(closest, 600.0)) * linked[i] * stretch
            limit[0, i] = weight[i] * linked[i]
        _bound_kinds(c, position, lowest, width, join_distance[0] < 0.0, near, limit)
        of_pairs = _address(seed, world, year, PAIR + 1)
        candidates = len(numbers) + 1
        while candidates > len(numbers):
            candidates = _propose(
                open_bits, back_bits, upto, rate, allowed, limit, kinds, limit_back, names, of_pairs, hits,
                pairs, numbers,
            )  # fmt: skip
            if candidates > len(numbers):
                pairs, numbers = np.zeros((2 * candidates, 2), np.int32), np.zeros(2 * candidates)
                candidates = len(numbers) + 1
        found, joined_from = _room(found, number, candidates + len(rejoin)), number
        for one in range(candidates):
            i, j = pairs[one, 0], pairs[one, 1]
            away = _distance(position[c, i], by_body[c, j, NUMBER], QUANTUM * by_body[c, j, TOTAL], year_ago[j, i] != 0)
            drawn, reached = numbers[one], rate[j] * weight[i]
            if (back_bits[j, i >> 6] >> np.uint64(i & 63)) & ONE != 0:
                ago = year - left_in[j, i]
                reached *= returning[0 if ago <= 2 else 1 if ago <= 5 else 2 if ago <= 10 else 3]
            most_reached = reached if np.isnan(away) else reached * near[int(away * CELLS) + 1]
            if drawn < most_reached * linked[i]:
                linking = _connection(i, j, year_ago, shared, by_body[c, j, MEMBERS])
                if drawn < most_reached * linked_to[int(np.ceil(linking))]:
                    reached *= np.exp(_part(away, join_distance) + _part(np.log1p(linking), join_connection))
                    if _below(drawn, reached, _key_of(of_pairs, names[j]), i):
                        number = _add(found, number, step, JOINS, i, j)
        _share_bodies(upto, member_bits[c % ring], member_bits[at], year_ago, shared)
        for row in range(len(rejoin)):
            i, j = rejoin[row, 1], rejoin[row, 2]
            if rejoin[row, 0] == step and alive[j] and not _has(member_bits, after, j, i):
                joined = False
                for event in range(joined_from, number):
                    joined = joined or (found[event, 2] == i and found[event, 3] == j)
                if not joined:
                    number = _add(found, number, step, JOINS, i, j)

        for row in range(drawn_from, number):
            i, j = found[row, 2], found[row, 3]
            if found[row, 1] == JOINS:
                since[j, i] = year
                _drop(back_bits, j, i)
                _drop(open_bits, j, i)
                _put(member_bits[after], j, i)
                _put(body_bits[after], i, j)
                by_body[h + 3, j, JOINED] += 1
            else:
                _drop(member_bits[after], j, i)
                _drop(body_bits[after], i, j)
                _put(exit_bits[(h + 2) % ring], j, i)
                by_body[h + 2, j, LEFT] += 1
                by_state[h + 2, i, GONE] += 1.0
                _put(back_bits, j, i)
                left_in[j, i] = year
        before = opening
    for row in range(number):
        if found[row, 1] <= JOINS:
            found[row, 3] = names[found[row, 3]]
    return found[:number].copy()
