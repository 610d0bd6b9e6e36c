"""One year of one world, dense and plain: the reference.

Given the memberships of year y and the year's effects, every member leaves with the probability of the exit hazard and every
outsider joins with that of the join hazard, independently; both show in the membership of y + 1. Random numbers are
addressed: a uniform is fixed by (seed, world, year, kind, state, body), whatever else happens in the world.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from exeunt.explain.bundles import Bundles, frailties
from exeunt.explain.fit import Fit
from exeunt.panel.build import Scaling
from exeunt.panel.registry import PRODUCTS, choose
from exeunt.panel.terms import TENURE, WINDOW, Term
from exeunt.panel.terms import World as TermWorld
from exeunt.simulate.world import Start, capability_before

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]
EXIT, JOIN, EXIT_STATE_YEAR, EXIT_BODY_YEAR, JOIN_STATE_YEAR, JOIN_BODY_YEAR, EFFECTS = range(7)


@dataclass(frozen=True)
class Law:
    """A fitted hazard with one draw of its parameters, laid out over the states and bodies of a start."""

    terms: tuple[Term, ...]
    scaling: Scaling
    beta: FloatArray
    state: FloatArray
    body: FloatArray
    bundles: Bundles


def law(made: Fit, s: Start, phi: FloatArray, sd: FloatArray, rng: np.random.Generator) -> Law:
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


def generator(seed: int, world: int, year: int, kind: int) -> np.random.Generator:
    """Generator of one address; its n-th number is the n-th pair's."""
    key = np.array([seed, world], dtype=np.uint64)
    counter = np.array([0, 0, kind, year], dtype=np.uint64)
    return np.random.Generator(np.random.Philox(key=key, counter=counter))


def term_world(s: Start, year: int, members: BoolArray, exits: list[BoolArray], joins: list[BoolArray]) -> TermWorld:
    """What the terms of one year are computed from; `exits` and `joins` hold that year and the two before."""
    row = year - s.first_year
    own = np.asarray(np.sum(exits, axis=0, dtype=np.float64))
    joined = np.asarray(np.sum([j.sum(axis=0) for j in joins], axis=0, dtype=np.float64))
    return TermWorld(
        members=members,
        position=s.position[row],
        capability=s.capability[row],
        capability_before=capability_before(s, row),
        body_age=(year - s.founded + 1).astype(np.float64),
        exits_body=own.sum(axis=0),
        exits_state=own.sum(axis=1),
        exits_own=own,
        joins_body=joined,
    )


def predictor(of: Law, w: TermWorld) -> FloatArray:
    """Linear predictor from the terms of one year, without tenure and year effect; unknown terms count as the mean."""
    raw = {
        term.name: np.zeros(w.members.shape) if term.name == TENURE else term.compute(w)
        for term in of.terms
        if term.product is None
    }
    eta = of.beta[0] + of.state[:, None] + of.body[None, :]
    parts: dict[str, FloatArray] = {}
    for number, name in enumerate(of.scaling.names):
        if name in PRODUCTS:
            one, two, sign = PRODUCTS[name]
            x = sign * (parts[one] * parts[two])
        elif name == TENURE:
            continue
        else:
            x = np.nan_to_num((raw[name] - of.scaling.centre[number]) / of.scaling.scale[number])
            parts[name] = x
        eta = eta + of.beta[1 + number] * x
    return np.asarray(eta, dtype=np.float64)


def tenure_part(of: Law, tenure: FloatArray) -> FloatArray:
    """Contribution of tenure to the linear predictor; zero for a law without it."""
    if TENURE not in of.scaling.names:
        return np.zeros_like(tenure)
    number = of.scaling.names.index(TENURE)
    x = (np.log(np.maximum(tenure, 1.0)) - of.scaling.centre[number]) / of.scaling.scale[number]
    return np.asarray(of.beta[1 + number] * x, dtype=np.float64)


def run_world(
    s: Start,
    exit_law: Law,
    join_law: Law,
    exit_years: FloatArray,
    join_years: FloatArray,
    seed: int,
    world: int,
) -> tuple[list[BoolArray], list[BoolArray]]:
    """Simulate one world.

    Parameters
    ----------
    exit_years, join_years : (years,) year effects

    Returns
    -------
    Exits and joins of each year, (states, bodies) each.
    """
    members, outside, tenure = s.members.copy(), s.open_to_join.copy(), s.tenure.copy()
    exits, joins = list(s.past_exits), list(s.past_joins)
    lagged: dict[int, FloatArray] = {}
    for back in range(s.longest_lag, 0, -1):
        # The opening year stands last in past_members, the years of the record before it.
        lagged[s.year - back] = predictor(
            exit_law,
            term_world(
                s, s.year - back, s.past_members[-1 - back],
                _window(s.past_exits, back), _window(s.past_joins, back),
            ),
        )  # fmt: skip
    join_world = term_world(s, s.year - 1, s.past_members[-2], _window(s.past_exits, 1), _window(s.past_joins, 1))
    made_exits, made_joins = [], []
    for step in range(s.years):
        year = s.year + step
        eta = np.empty(members.shape)
        for lag in np.unique(s.lag):
            columns = s.lag == lag
            eta[:, columns] = lagged[year - int(lag)][:, columns]
        eta += tenure_part(exit_law, tenure) + exit_years[step]
        left = members & _happen(eta, exit_law.bundles, seed, world, year, EXIT, EXIT_STATE_YEAR, EXIT_BODY_YEAR)
        eta_join = predictor(join_law, join_world) + join_years[step]
        joined = outside & _happen(eta_join, join_law.bundles, seed, world, year, JOIN, JOIN_STATE_YEAR, JOIN_BODY_YEAR)
        made_exits.append(left)
        made_joins.append(joined)
        exits.append(left)
        joins.append(joined)
        now = term_world(s, year, members, exits[-WINDOW:], joins[-WINDOW:])
        lagged[year] = predictor(exit_law, now)
        join_world = now
        members = (members & ~left) | joined
        outside = (outside & ~joined) | left
        tenure = np.where(members, tenure + 1, 0.0)
    return made_exits, made_joins


def _window(history: list[BoolArray], back: int) -> list[BoolArray]:
    """Three years of history that end `back` years before the opening year."""
    stop = len(history) - (back - 1)
    return history[stop - WINDOW : stop]


def _happen(
    eta: FloatArray,
    bundles: Bundles,
    seed: int,
    world: int,
    year: int,
    kind: int,
    state_kind: int,
    body_kind: int,
) -> BoolArray:
    states, bodies = eta.shape
    by_state = frailties((states, 1), bundles.state_year, generator(seed, world, year, state_kind))
    by_body = frailties((1, bodies), bundles.body_year, generator(seed, world, year, body_kind))
    rate = np.exp(np.minimum(eta, 30.0)) * by_state * by_body
    uniform = generator(seed, world, year, kind).random(eta.shape)
    return np.asarray(uniform < -np.expm1(-rate), dtype=np.bool_)
