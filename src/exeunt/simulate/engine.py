"""The law of `transition.py` event by event: cost follows events, not pairs.

For each state, year and kind of event a Poisson process of points (level, body) is laid out in rising level, at the rate
r of the body: its effect, its frailty of the year, its age and its size at the start. A point counts if its level is below
the pair's rate over r, so the search of a state ends at a bound of that ratio; only pairs that a point names are computed.
Several points on one pair are one event, and P(at least one) = 1 − exp(−rate), which is the complementary log-log.

The points of a state and the frailties are addressed and depend on nothing that happens in the world: a scenario changes
rates, never draws. Where a bound asks for more points than a state has bodies, its pairs are drawn one by one, each at an
address of its own; the distribution is the same.

References
----------
Lewis and Shedler (1979), Naval Research Logistics Quarterly 26, 403–413 (thinning).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from exeunt.errors import UsageError
from exeunt.panel.terms import SMALLEST_SHARE, TENURE, WINDOW
from exeunt.simulate.kernel import play
from exeunt.simulate.transition import BoolArray, FloatArray, Law
from exeunt.simulate.world import Start, capability_before

IntArray = NDArray[np.int64]
EXIT_NAMES = (
    "distance", "capability", "distance_x_capability", "capability_change10", "exits_from_body3", "own_exits3", TENURE,
    "log_size", "log_age", "log_memberships",
)  # fmt: skip
JOIN_NAMES = ("distance", "connection", "log_size", "joins_body3", "log_age")


@dataclass(frozen=True)
class Plan:
    """What a scenario does to a world, in steps (0 is the first simulated year) and positions of states and bodies.

    `leave`, `rejoin` : (n, 3) step, state, body. `barred` : (states, bodies, 2) exits drawn from the first step up to, not
    including, the second do not happen. `delay` : (states,) years by which an exit is put off. `follow` : (n, 2) leader and
    follower, `follow_chance` : (n,) chance that the follower leaves, a year later, a body that the leader left.
    """

    leave: IntArray
    rejoin: IntArray
    barred: IntArray
    delay: IntArray
    follow: IntArray
    follow_chance: FloatArray


def no_plan(s: Start) -> Plan:
    """Leave the law alone."""
    n, m = s.members.shape
    return Plan(
        np.zeros((0, 3), np.int64), np.zeros((0, 3), np.int64), np.zeros((n, m, 2), np.int64), np.zeros(n, np.int64),
        np.zeros((0, 2), np.int64), np.zeros(0),
    )  # fmt: skip


@dataclass(frozen=True)
class Opening:
    """A start laid out for the compiled kernel; histories by pair are (rows, bodies, states) and end with the opening."""

    members: NDArray[np.uint8]
    exits: NDArray[np.uint8]
    joins_body: FloatArray
    shared: NDArray[np.float32]
    flips: IntArray
    outside: NDArray[np.uint8]
    since: IntArray
    position: FloatArray
    capability: FloatArray
    change: FloatArray
    log_age: FloatArray
    lag: IntArray
    longest: int
    year: int
    years: int


def lay_out(s: Start) -> Opening:
    """Lay a start out once for all worlds."""
    longest, years = s.longest_lag, s.years
    n, m = s.members.shape
    members = np.zeros((longest + 1, m, n), np.uint8)
    for row in range(longest + 1):
        members[row] = s.past_members[row - longest - 1].T
    exits = np.zeros((longest + WINDOW - 1, m, n), np.uint8)
    joins = np.zeros((longest + years + WINDOW - 1, m))
    before = longest + WINDOW - 1
    for row in range(before):
        exits[row] = s.past_exits[row - before].T
        joins[row] = s.past_joins[row - before].sum(axis=0)
    rows = np.arange(longest + years) + s.year - longest - s.first_year
    position, capability = s.position[rows], s.capability[rows]
    earlier = np.array([capability_before(s, int(row)) for row in rows])
    age = (rows + s.first_year)[:, None] - s.founded[None, :] + 1
    first = members[longest - 1].T.astype(np.float32)
    return Opening(
        members=members,
        exits=exits,
        joins_body=joins,
        shared=first @ first.T,
        flips=np.argwhere(members[longest] != members[longest - 1])[:, ::-1].astype(np.int64),
        outside=np.ascontiguousarray(s.open_to_join.T.astype(np.uint8)),
        since=np.ascontiguousarray((s.year - s.tenure).T.astype(np.int64)),
        position=position,
        capability=np.log(np.maximum(capability, SMALLEST_SHARE)),
        change=np.log(np.maximum(capability, SMALLEST_SHARE)) - np.log(np.maximum(earlier, SMALLEST_SHARE)),
        log_age=np.log1p(np.maximum(age, 0.0)),
        lag=s.lag.astype(np.int64),
        longest=longest,
        year=s.year,
        years=years,
    )


def slopes(of: Law, names: tuple[str, ...]) -> FloatArray:
    """Coefficient, centre and scale of each term that the engine knows, (terms, 3); absent terms have the coefficient 0.

    Raises
    ------
    UsageError, for a term that only the dense reference can compute.
    """
    strange = [name for name in of.scaling.names if name not in names]
    if strange:
        raise UsageError(f"the engine does not compute {', '.join(strange[:5])}; simulate with the dense reference.")
    out = np.zeros((len(names), 3))
    out[:, 2] = 1.0
    for number, name in enumerate(of.scaling.names):
        out[names.index(name)] = of.beta[1 + number], of.scaling.centre[number], of.scaling.scale[number]
    return out


def events(
    at: Opening, exit_law: Law, join_law: Law, exit_years: FloatArray, join_years: FloatArray, seed: int, world: int,
    plan: Plan,
) -> IntArray:  # fmt: skip
    """Simulate one world.

    Parameters
    ----------
    exit_years, join_years : (years,) year effects

    Returns
    -------
    (events, 4): step, kind (0 an exit, 1 a join), state, body; in order of steps.
    """
    found = play(
        at.members, at.exits, at.joins_body, at.shared, at.flips, at.outside, at.since, at.position, at.capability,
        at.change, at.log_age, at.lag, at.longest, at.year, at.years, slopes(exit_law, EXIT_NAMES),
        slopes(join_law, JOIN_NAMES), exit_law.beta[0] + exit_law.state, exit_law.body, join_law.beta[0] + join_law.state,
        join_law.body, np.asarray(exit_years, np.float64), np.asarray(join_years, np.float64),
        np.array([exit_law.bundles.state_year, exit_law.bundles.body_year,
                  join_law.bundles.state_year, join_law.bundles.body_year]),
        seed, world, plan.leave, plan.rejoin, plan.barred, plan.delay, plan.follow, plan.follow_chance,
    )  # fmt: skip
    return np.asarray(found, dtype=np.int64)


def run_world(
    s: Start, exit_law: Law, join_law: Law, exit_years: FloatArray, join_years: FloatArray, seed: int, world: int,
    plan: Plan | None = None,
) -> tuple[list[BoolArray], list[BoolArray]]:  # fmt: skip
    """Simulate one world; the interface of `transition.run_world`, and equal to it in distribution.

    Returns
    -------
    Exits and joins of each year, (states, bodies) each.
    """
    found = events(lay_out(s), exit_law, join_law, exit_years, join_years, seed, world, plan or no_plan(s))
    both = np.zeros((2, s.years, *s.members.shape), dtype=np.bool_)
    both[found[:, 1], found[:, 0], found[:, 2], found[:, 3]] = True
    return list(both[0]), list(both[1])
