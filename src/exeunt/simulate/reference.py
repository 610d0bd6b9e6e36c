"""One year of one world, dense and plain: the reference.

Given the memberships of year y and the year's effects, every member leaves with the probability of the exit hazard and every
outsider joins with that of the join hazard, independently; both show in the membership of y + 1. Bodies come to an end and
are founded, measures of states walk, and a pair that left has a rate of its own, as the world's `Surroundings` say. Random
numbers are addressed: a uniform is fixed by (seed, world, year, kind, state, body), whatever else happens in the world.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, cast

import numpy as np
from numpy.random.bit_generator import ISeedSequence
from numpy.typing import NDArray

from exeunt.core.arrays import BoolArray, FloatArray
from exeunt.explain.bundles import Bundles, frailties
from exeunt.explain.fit import Fit
from exeunt.panel.build import Scaling
from exeunt.panel.registry import PRODUCTS, choose
from exeunt.panel.terms import SMALLEST_SHARE, TENURE, WINDOW, Term
from exeunt.panel.terms import World as TermWorld
from exeunt.simulate.start import RETURN_BANDS, Start, _capability_before, _quiet, _Surroundings

EXIT, JOIN, EXIT_STATE_YEAR, EXIT_BODY_YEAR, JOIN_STATE_YEAR, JOIN_BODY_YEAR, EFFECTS, END = range(8)
FOUNDED = 16
"""Added to the kind of addresses for pairs of bodies that a world founds."""


@dataclass(frozen=True)
class Law:
    """A fitted hazard with one draw of its parameters, laid out over the states and bodies of a start."""

    terms: tuple[Term, ...]
    scaling: Scaling
    beta: FloatArray
    state: FloatArray
    body: FloatArray
    bundles: Bundles


def _law(made: Fit, s: Start, phi: FloatArray, sd: FloatArray, rng: np.random.Generator) -> Law:
    """Lay one draw out; a state or body that the fit has not seen gets an effect drawn from its law.

    Raises UsageError for a fit with a lead among its terms: a simulated year cannot know the years after it.
    """
    k = made.k
    offset = k + len(made.labels[0])
    seen_state = {label: phi[k + n] for n, label in enumerate(made.labels[0])}
    seen_body = {label: phi[offset + n] for n, label in enumerate(made.labels[1])}
    new_state = sd[0] * rng.standard_normal(len(s.states))
    new_body = sd[1] * rng.standard_normal(len(s.bodies))
    return Law(
        terms=choose(made.scaling.names, made.kind, forecasting=True),
        scaling=made.scaling,
        beta=phi[:k],
        state=np.array([seen_state.get(int(c), new_state[n]) for n, c in enumerate(s.states)]),
        body=np.array([seen_body.get(b, new_body[n]) for n, b in enumerate(s.bodies)]),
        bundles=made.bundles,
    )


def _generator(seed: int, world: int, year: int, kind: int) -> np.random.Generator:
    """Generator of one address; its n-th number is the n-th pair's."""
    counter = np.array([0, 0, kind, year], dtype=np.uint64)
    # Its stubs name fewer kinds of seeds than it takes.
    return np.random.Generator(np.random.Philox(cast(Any, _Key(seed, world)), counter=counter))


class _Key(ISeedSequence):
    """A key of Philox as it is; given as `key`, numpy would first ask the system for a seed, which takes longest of all."""

    def __init__(self, seed: int, world: int) -> None:
        self.key = np.array([seed, world], dtype=np.uint64)

    def generate_state(self, n_words: int, dtype: Any = np.uint32) -> Any:
        """The two words that Philox asks for."""
        return self.key


def term_world(s: Start, year: int, members: BoolArray, exits: list[BoolArray], joins: list[BoolArray]) -> TermWorld:
    """What the terms of one year are computed from.

    `exits` (by last year of membership) and `joins` (by first year) hold that year and the two before.
    """
    row = year - s.first_year
    own = np.asarray(np.sum([e.view(np.uint8) for e in exits], axis=0, dtype=np.uint8).astype(np.float64))
    joined = np.asarray(np.sum([j.sum(axis=0) for j in joins], axis=0, dtype=np.float64))
    return TermWorld(
        members=members,
        position=s.position[row],
        capability=s.capability[row],
        capability_before=_capability_before(s, row),
        body_age=(year - s.founded + 1).astype(np.float64),
        exits_body=own.sum(axis=0),
        exits_state=own.sum(axis=1),
        exits_own=own,
        joins_body=joined,
    )


def predictor(of: Law, w: TermWorld) -> FloatArray:
    """Linear predictor from the terms of one year, without tenure and year effect; unknown terms count as the mean.

    A term that is the same for all bodies or all states is a broadcast row or column, and is worked out once.
    """
    raw = {term.name: _lean(term.compute(w)) for term in of.terms if term.product is None and term.name != TENURE}
    by_state, by_body = of.beta[0] + of.state[:, None], of.body[None, :]
    by_pair: list[FloatArray] = []
    parts: dict[str, FloatArray] = {}
    for number, name in enumerate(of.scaling.names):
        if name in PRODUCTS:
            one, two, sign = PRODUCTS[name]
            x = sign * (parts[one] * parts[two])
        elif name == TENURE:
            continue
        else:
            x = (raw[name] - of.scaling.centre[number]) / of.scaling.scale[number]
            np.copyto(x, 0.0, where=np.isnan(x))
            parts[name] = x
        x = of.beta[1 + number] * x
        if x.shape[1] == 1:
            by_state = by_state + x
        elif x.shape[0] == 1:
            by_body = by_body + x
        else:
            by_pair.append(x)
    eta = by_state + by_body
    for x in by_pair:
        eta += x
    return np.asarray(eta, dtype=np.float64)


def _lean(values: FloatArray) -> FloatArray:
    """One row or one column of what is broadcast over states or bodies."""
    if values.strides[0] == 0:
        return values[:1]
    return values[:, :1] if values.strides[1] == 0 else values


def tenure_part(of: Law, tenure: FloatArray) -> FloatArray:
    """Contribution of tenure to the linear predictor; zero for a law without it."""
    if TENURE not in of.scaling.names:
        return np.zeros_like(tenure)
    number = of.scaling.names.index(TENURE)
    # Tenure is in whole years, few of them different.
    logs = np.log(np.maximum(np.arange(tenure.max() + 1.0), 1.0))
    part = of.beta[1 + number] * (logs - of.scaling.centre[number]) / of.scaling.scale[number]
    return np.asarray(part[tenure.astype(np.int64)], dtype=np.float64)


@dataclass(frozen=True)
class _Played:
    """One world: exits and joins of each year, (states, bodies) each, and bodies that end in it, (bodies,) each.

    Bodies that the world founds stand after those of the start.
    """

    exits: list[BoolArray]
    joins: list[BoolArray]
    ends: list[BoolArray]


def _run_world(
    s: Start, exit_law: Law, join_law: Law, exit_years: FloatArray, join_years: FloatArray, seed: int, world: int
) -> tuple[list[BoolArray], list[BoolArray]]:
    """Exits and joins of one world in which nothing but these happens, of each year, (states, bodies) each."""
    played = _play_world(s, exit_law, join_law, exit_years, join_years, seed, world, _quiet(s))
    return played.exits, played.joins


def _play_world(
    s: Start, exit_law: Law, join_law: Law, exit_years: FloatArray, join_years: FloatArray, seed: int, world: int,
    around: _Surroundings,
) -> _Played:  # fmt: skip
    """Simulate one world.

    Within a year bodies come first to an end, then exits and joins fall on those that go on; a body founded stands at the
    opening of its year, and nothing of it is seen in the year before.

    Parameters
    ----------
    exit_years, join_years : (years,) year effects
    """
    bodies, births = len(s.bodies), len(around.birth_step)
    s, exit_law, join_law = _widened(s, exit_law, join_law, around)
    members, outside, tenure, last_exit = s.members.copy(), s.open_to_join.copy(), s.tenure.copy(), s.last_exit.copy()
    alive = np.arange(bodies + births) < bodies
    exits, joins = list(s.past_exits), list(s.past_joins)
    lagged: dict[int, FloatArray] = {}
    for back in range(s.longest_lag, 0, -1):
        # The opening year stands last in past_members, the years of the record before it.
        before = term_world(
            s, s.year - back, s.past_members[-1 - back], _window(s.past_exits, back), _window(s.past_joins, back)
        )
        lagged[s.year - back] = predictor(exit_law, before)
        join_world = before
    # Joins are dated by the first year of membership; those of the opening year are not known.
    joins.append(np.zeros_like(members))
    made: tuple[list[BoolArray], list[BoolArray], list[BoolArray]] = ([], [], [])
    for step in range(s.years):
        year = s.year + step
        for number in bodies + np.flatnonzero(around.birth_step == step):
            founders = around.founders[number - bodies] != 0
            alive[number], members[:, number], outside[:, number], tenure[:, number] = (
                True,
                founders,
                ~founders,
                founders,
            )
        size = members.sum(axis=0)
        ended = alive & _ends(around.death, size, year - s.founded + 1, exits, joins, seed, world, year)
        eta = lagged[year - 1].copy()
        for lag in np.unique(s.lag[s.lag > 1]):
            eta[:, s.lag == lag] = lagged[year - int(lag)][:, s.lag == lag]
        eta += tenure_part(exit_law, tenure) + exit_years[step]
        left = _happen(
            eta, members & ~ended, exit_law.bundles, seed, world, year, EXIT, EXIT_STATE_YEAR, EXIT_BODY_YEAR, bodies
        )
        eta = predictor(join_law, join_world) + join_years[step]
        returning = outside & (last_exit >= 0)
        eta[returning] += around.return_log_ratio[np.searchsorted(RETURN_BANDS, year - last_exit[returning])]
        joined = _happen(
            eta, outside & ~ended, join_law.bundles, seed, world, year, JOIN, JOIN_STATE_YEAR, JOIN_BODY_YEAR, bodies
        )
        for kept, new in zip(made, (left, joined, ended), strict=True):
            kept.append(new)
        exits.append(left)
        join_world = term_world(s, year, members, exits[-WINDOW:], joins[-WINDOW:])
        joins.append(joined)
        lagged[year] = predictor(exit_law, join_world)
        alive &= ~ended
        members = ((members & ~left) | joined) & alive
        outside = ((outside & ~joined) | left) & alive
        last_exit[left] = year
        tenure = np.where(members, tenure + 1, 0.0)
        s.capability[year + 1 - s.first_year :] *= np.exp(around.capability_response * left.sum(axis=1))
    return _Played(*made)


def _widened(s: Start, exit_law: Law, join_law: Law, around: _Surroundings) -> tuple[Start, Law, Law]:
    """A start and laws with the world's own measures and with places for the bodies that it founds."""
    births = len(around.birth_step)

    def more(table: BoolArray) -> BoolArray:
        return np.pad(table, ((0, 0), (0, births)))

    wide = replace(
        s,
        bodies=(*s.bodies, *(f"founded {number}" for number in range(births))),
        members=more(s.members),
        open_to_join=more(s.open_to_join),
        tenure=np.pad(s.tenure, ((0, 0), (0, births))),
        last_exit=np.pad(s.last_exit, ((0, 0), (0, births)), constant_values=-1),
        past_members=[more(row) for row in s.past_members],
        past_exits=[more(row) for row in s.past_exits],
        past_joins=[more(row) for row in s.past_joins],
        position=around.position,
        capability=np.maximum(around.capability, SMALLEST_SHARE),
        founded=np.concatenate([s.founded, s.year + around.birth_step]),
        lag=np.concatenate([s.lag, np.ones(births, np.int64)]),
    )
    laws = ((exit_law, around.birth_exit), (join_law, around.birth_join))
    exit_law, join_law = (replace(of, body=np.concatenate([of.body, effects])) for of, effects in laws)
    return wide, exit_law, join_law


def _window(history: list[BoolArray], back: int) -> list[BoolArray]:
    """Three years of history that end `back` years before the opening year."""
    stop = len(history) - (back - 1)
    return history[stop - WINDOW : stop]


def _ends(
    death: FloatArray, size: NDArray[np.int64], age: NDArray[np.int64], exits: list[BoolArray], joins: list[BoolArray],
    seed: int, world: int, year: int,
) -> BoolArray:  # fmt: skip
    """Draw the end of every body, (bodies,): by its size, its age, and joins and exits of the three years before."""
    come, gone = (np.sum([row.sum(axis=0) for row in history[-WINDOW:]], axis=0) for history in (joins, exits))
    terms = np.log1p(np.array([size, np.maximum(age, 0), come, gone], dtype=np.float64))
    eta = death[0] + death[1] * terms[0] + death[2] * terms[1] + death[3] * (terms[2] - terms[3])
    uniform = _generator(seed, world, year, END).random(len(size))
    return np.asarray(uniform < -np.expm1(-np.exp(eta)), dtype=np.bool_)


def _happen(
    eta: FloatArray, at_risk: BoolArray, bundles: Bundles, seed: int, world: int, year: int, kind: int, state_kind: int,
    body_kind: int, bodies: int,
) -> BoolArray:  # fmt: skip
    """Draw the events of pairs at risk; `bodies` are those of the start, whose numbers do not hang on what is founded."""
    by_state = frailties((len(eta), 1), bundles.state_year, _generator(seed, world, year, state_kind))
    by_body = frailties((1, eta.shape[1]), bundles.body_year, _generator(seed, world, year, body_kind))
    uniform = np.empty(eta.shape)
    uniform[:, :bodies] = _generator(seed, world, year, kind).random((len(eta), bodies))
    uniform[:, bodies:] = _generator(seed, world, year, kind + FOUNDED).random((eta.shape[1] - bodies, len(eta))).T
    # A probability is at most its rate, and that at most the largest of its body: most numbers drawn lie above.
    most = np.exp(np.minimum(np.where(at_risk, eta, -np.inf).max(axis=0), 30.0)) * by_body * by_state.max()
    state, body = np.nonzero(at_risk & (uniform < most))
    rate = np.exp(np.minimum(eta[state, body], 30.0)) * by_state[state, 0] * by_body[0, body]
    happened = np.zeros(eta.shape, dtype=np.bool_)
    happened[state, body] = uniform[state, body] < -np.expm1(-rate)
    return happened
