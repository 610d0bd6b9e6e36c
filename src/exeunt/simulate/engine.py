"""The law of `reference.py` by candidates: a bound decides for all pairs at once, and only what is below it is computed.

Every pair has one exponential number E of its own for each year and kind of event, addressed by seed, world, year, body and
state; it has an event if E < rate, with probability 1 − exp(−rate), the complementary log-log. The rate is at most the
product of two factors, one of the state and one of the body, known before any pair is looked at. The smallest E of eight
states at a body is drawn before the others (`proposals.py`), so a few vector instructions hold 64 pairs against that product
and leave some hundreds of the 65,000 pairs of a year; only these have their distance, connection and window computed. The bound
decides about nothing but time.

Numbers depend on nothing that happens in the world: a scenario changes rates, never draws. The frailties of state-years and
body-years are addressed too, and read off a table of their quantiles.

References
----------
Lewis and Shedler (1979), Naval Research Logistics Quarterly 26, 403–413 (thinning).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property, lru_cache

import numpy as np
from numpy.typing import NDArray

from exeunt.core.arrays import BoolArray, FloatArray, IntArray
from exeunt.core.errors import UsageError
from exeunt.explain.bundles import Bundles
from exeunt.panel.terms import SMALLEST_SHARE, TENURE, WINDOW
from exeunt.simulate.counter_rng import _gamma_quantiles
from exeunt.simulate.kernel import ENDS, JOINS, _play
from exeunt.simulate.law_terms import BODIES, GONE, JOINED, LEFT, MEMBERS, NUMBER, QUANTUM, TOTAL
from exeunt.simulate.proposals import _packed
from exeunt.simulate.reference import Law, _Played
from exeunt.simulate.start import Start, _capability_before, _quiet, _Surroundings

EXIT_NAMES = (
    "distance", "capability", "distance_x_capability", "capability_change10", "exits_from_body3", "own_exits3", TENURE,
    "log_size", "log_age", "log_memberships",
)  # fmt: skip
JOIN_NAMES = ("distance", "connection", "log_size", "joins_body3", "log_age")
LARGEST_COUNT = 8191
"""Logarithms of counts and ages up to this one are kept in a table."""


@dataclass(frozen=True)
class Plan:
    """What a scenario does to a world, in steps (0 is the first simulated year) and positions of states and bodies.

    `leave`, `rejoin` : (n, 3) step, state, body. `barred` : (states, bodies, 2) exits drawn from the first step up to, not
    including, the second do not happen. `delay` : (states,) years by which an exit is put off. `follow` : (n, 2) leader and
    follower, `follow_chance` : (n,) chance that the follower leaves, a year later, a body that the leader left. `reform` :
    (years, bodies) what the distance of states to a body is multiplied by as exits of that step see it, at most 1.
    `club_step` (c,), `club_members` (c, states) : bodies founded, with body effects of 0; they are numbered after all others.
    """

    leave: IntArray
    rejoin: IntArray
    barred: IntArray
    delay: IntArray
    follow: IntArray
    follow_chance: FloatArray
    reform: FloatArray = field(default_factory=lambda: np.ones((0, 0)))
    club_step: IntArray = field(default_factory=lambda: np.zeros(0, np.int64))
    club_members: NDArray[np.uint8] = field(default_factory=lambda: np.zeros((0, 0), np.uint8))

    @cached_property
    def bars(self) -> IntArray:
        """`barred`, without any row where nothing is, so that no world looks."""
        return self.barred if (self.barred[..., 0] < self.barred[..., 1]).any() else self.barred[:0]


def no_plan(s: Start) -> Plan:
    """Leave the law alone."""
    n, m = s.members.shape
    return Plan(
        np.zeros((0, 3), np.int64), np.zeros((0, 3), np.int64), np.zeros((n, m, 2), np.int64), np.zeros(n, np.int64),
        np.zeros((0, 2), np.int64), np.zeros(0),
    )  # fmt: skip


@dataclass(frozen=True)
class _Opening:
    """A start laid out for the compiled kernel; its histories reach back from the opening and have room for what comes."""

    open: NDArray[np.uint64]
    since: NDArray[np.int16]
    oldest: int
    members: NDArray[np.uint64]
    bodies: NDArray[np.uint64]
    exits: NDArray[np.uint64]
    by_body: NDArray[np.int32]
    by_state: FloatArray
    last_exit: NDArray[np.int16]
    back: NDArray[np.uint64]
    log_before: FloatArray
    founded: IntArray
    lag: IntArray
    logs: FloatArray
    shared: NDArray[np.int16]
    longest: int
    year: int
    rows: IntArray
    quiet: _Surroundings


def lay_out(s: Start) -> _Opening:
    """Lay a start out once for all worlds."""
    longest, years = s.longest_lag, s.years
    n, m = s.members.shape
    rows, before = longest + years, longest + WINDOW - 1
    members = np.array([row.T for row in s.past_members[-longest - 1 :]], np.uint8)
    exits = np.array([row.T for row in s.past_exits[-before:]], np.uint8)
    in_years = np.arange(rows) + s.year - longest - s.first_year
    position = s.position[in_years]
    earlier = np.array([_capability_before(s, int(row)) for row in in_years])
    by_body, by_state = np.zeros((before, m, 5), np.int32), np.zeros((before, n, 4))
    by_body[:, :, LEFT], by_state[:, :, GONE] = exits.sum(axis=2), exits.sum(axis=1)
    by_body[:, :, JOINED] = [row.sum(axis=0) for row in s.past_joins[-before:]]
    for row in range(longest):
        by_body[row, :, MEMBERS], by_state[row, :, BODIES] = members[row].sum(axis=1), members[row].sum(axis=0)
        by_body[row, :, NUMBER] = members[row] @ ~np.isnan(position[row])
        whole = np.round(np.nan_to_num(position[row]) / QUANTUM).astype(np.int32)
        by_body[row, :, TOTAL] = members[row].astype(np.int32) @ whole
    outside, has_left = np.ascontiguousarray(s.open_to_join.T), np.ascontiguousarray(s.last_exit.T >= 0)
    since = np.ascontiguousarray((s.year - s.tenure).T.astype(np.int16))
    return _Opening(
        open=_packed(outside & ~has_left),
        since=since,
        oldest=int(since.min()),
        members=_packed(members),
        bodies=_packed(members.transpose(0, 2, 1)),
        exits=_packed(exits),
        by_body=by_body,
        by_state=by_state,
        last_exit=np.ascontiguousarray(s.last_exit.T.astype(np.int16)),
        back=_packed(outside & has_left),
        log_before=np.log(np.maximum(earlier, SMALLEST_SHARE)),
        founded=s.founded.astype(np.int64),
        lag=s.lag.astype(np.int64),
        logs=np.log1p(np.arange(LARGEST_COUNT + 1.0)),
        shared=(members[longest - 1].T.astype(np.int64) @ members[longest - 1]).astype(np.int16),
        longest=longest,
        year=s.year,
        rows=in_years,
        quiet=_quiet(s),
    )


def _slopes(of: Law, names: tuple[str, ...]) -> FloatArray:
    """Coefficient, centre and scale of each term that the engine knows, (terms, 3); absent terms have the coefficient 0.

    Raises
    ------
    UsageError, for a term that only the dense reference can compute.
    """
    places = _places(tuple(of.scaling.names), names)
    out = np.zeros((len(names), 3))
    out[:, 2] = 1.0
    out[places, 0], out[places, 1], out[places, 2] = of.beta[1:], of.scaling.centre, of.scaling.scale
    return out


@lru_cache(maxsize=64)
def _places(terms: tuple[str, ...], names: tuple[str, ...]) -> list[int]:
    strange = [name for name in terms if name not in names]
    if strange:
        raise UsageError(f"the engine does not compute {', '.join(strange[:5])}; simulate with the dense reference.")
    return [names.index(name) for name in terms]


@lru_cache(maxsize=16)
def _frailties(of_exits: Bundles, of_joins: Bundles) -> FloatArray:
    """Tables of the frailties of state-years and body-years, of exits and then of joins, (4, 2, points)."""
    return np.array([
        _gamma_quantiles(float(variance))
        for of in (of_exits, of_joins)
        for variance in (of.state_year, of.body_year)
    ])  # fmt: skip


def events(
    at: _Opening, exit_law: Law, join_law: Law, exit_years: FloatArray, join_years: FloatArray, seed: int, world: int,
    plan: Plan, surroundings: _Surroundings | None = None,
) -> IntArray:  # fmt: skip
    """Simulate one world.

    Parameters
    ----------
    exit_years, join_years : (years,) year effects
    surroundings : by default those that do nothing

    Returns
    -------
    (events, 4): step, kind (0 an exit, 1 a join, 2 a body ends, 3 a body is founded, 4 a founding member), state (−1 for
    kinds 2 and 3), body; in order of steps. Bodies that a world founds are numbered after those of the start, those that a
    plan founds after these.
    """
    around = surroundings or at.quiet
    start, births, clubs = len(at.founded), len(around.birth_step), len(plan.club_step)
    come = np.concatenate([plan.club_step, around.birth_step]).astype(np.int64)
    none = np.zeros(clubs)
    founders = np.concatenate([plan.club_members, around.founders]) if clubs else around.founders
    found = _play(
        at.open, at.since, at.oldest, at.members, at.bodies, at.exits, at.by_body, at.by_state, at.last_exit,
        at.back, at.log_before, np.concatenate([at.founded, at.year + come]),
        np.concatenate([at.lag, np.ones(len(come), np.int64)]),
        np.concatenate([np.arange(start), start + births + np.arange(clubs), start + np.arange(births)]), at.logs, at.shared,
        at.longest, at.year, SMALLEST_SHARE, around.position[at.rows], around.capability[at.rows],
        around.capability_response, around.death, come, founders,
        around.return_log_ratio, _slopes(exit_law, EXIT_NAMES), _slopes(join_law, JOIN_NAMES),
        exit_law.beta[0] + exit_law.state, np.concatenate([exit_law.body, none, around.birth_exit]),
        join_law.beta[0] + join_law.state, np.concatenate([join_law.body, none, around.birth_join]),
        np.asarray(exit_years, np.float64), np.asarray(join_years, np.float64),
        _frailties(exit_law.bundles, join_law.bundles),
        seed, world, plan.leave, plan.rejoin, plan.bars, plan.delay, plan.follow, plan.follow_chance, plan.reform, clubs,
    )  # fmt: skip
    return np.asarray(found, dtype=np.int64)


def _run_world(
    s: Start, exit_law: Law, join_law: Law, exit_years: FloatArray, join_years: FloatArray, seed: int, world: int
) -> tuple[list[BoolArray], list[BoolArray]]:
    """Exits and joins of one world in which nothing but these happens; equal to `transition.run_world` in distribution."""
    played = _play_world(s, exit_law, join_law, exit_years, join_years, seed, world, _quiet(s))
    return played.exits, played.joins


def _play_world(
    s: Start, exit_law: Law, join_law: Law, exit_years: FloatArray, join_years: FloatArray, seed: int, world: int,
    around: _Surroundings,
) -> _Played:  # fmt: skip
    """Simulate one world; the interface of `transition.play_world`, and equal to it in distribution."""
    found = events(lay_out(s), exit_law, join_law, exit_years, join_years, seed, world, no_plan(s), around)
    n, m = len(s.states), len(s.bodies) + len(around.birth_step)
    both, ends = np.zeros((2, s.years, n, m), dtype=np.bool_), np.zeros((s.years, m), dtype=np.bool_)
    step, kind, state, body = found.T
    moved, ended = kind <= JOINS, kind == ENDS
    both[kind[moved], step[moved], state[moved], body[moved]] = True
    ends[step[ended], body[ended]] = True
    return _Played(list(both[0]), list(both[1]), list(ends))
