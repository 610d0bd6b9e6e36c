"""The engine is the dense reference in distribution, and keeps its addresses.

A test of means fails by chance at FAILURE_RATE; Z is the normal point for two sides and up to 20 comparisons in a test.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy import stats
from scipy.stats import chi2

from exeunt.errors import UsageError
from exeunt.explain.bundles import Bundles
from exeunt.report.assemble import Models
from exeunt.simulate import engine, transition
from exeunt.simulate.addressed import address, gamma_quantiles, read_off, uniform, within
from exeunt.simulate.bits import bytes_of, packed, spread
from exeunt.simulate.pairs import PAIR, number_of, propose
from exeunt.simulate.transition import EFFECTS, EXIT, JOIN, Law, generator, law
from exeunt.simulate.world import Start, Surroundings, start

YEARS, WORLDS = 4, 120
FAILURE_RATE = 1e-5
Z = 5.1


@pytest.fixture(scope="module")
def opening(found: Models) -> Start:
    return start(found.cov, YEARS)


@pytest.fixture(scope="module")
def laws(found: Models, opening: Start) -> tuple[Law, Law]:
    """Both laws at their modes, three times as many exits, so that few worlds tell much."""
    rng = generator(1, 0, 0, EFFECTS)
    made = [law(f, opening, f.phi, f.sd, rng) for f in (found.exit_fit, found.join_fit)]
    return replace(made[0], state=made[0].state + np.log(3.0)), made[1]


def play(s: Start, laws: tuple[Law, Law], seed: int, world: int, plan: engine.Plan | None = None) -> np.ndarray:
    flat = np.zeros(s.years)
    return engine.events(engine.lay_out(s), *laws, flat, flat, seed, world, plan or engine.no_plan(s))


def summaries(exits: list[np.ndarray], joins: list[np.ndarray]) -> np.ndarray:
    """Exits and joins by year, then the largest state-year and body-year of each kind."""
    out = [float(x.sum()) for x in (*exits, *joins)]
    for kind in (exits, joins):
        out += [float(max(x.sum(axis=axis).max() for x in kind)) for axis in (1, 0)]
    return np.array(out)


@pytest.mark.parametrize("bundled", [True, False])
def test_engine_and_reference_agree_in_distribution(opening: Start, laws: tuple[Law, Law], bundled: bool) -> None:
    if not bundled:
        laws = tuple(replace(one, bundles=Bundles(0.0, 0.0)) for one in laws)  # type: ignore[assignment]
    flat = np.zeros(YEARS)
    both = []
    for run, seed in ((transition.run_world, 21), (engine.run_world, 22)):
        worlds = [run(opening, *laws, flat, flat, seed, w) for w in range(WORLDS)]
        both.append(
            (
                np.array([summaries(*w) for w in worlds]),
                *(np.array([np.sum(w[kind], axis=(0, axis)) for w in worlds]) for kind in (0, 1) for axis in (2, 1)),
            )
        )
    for one, two in zip(*both, strict=True):
        error = np.sqrt((one.var(axis=0) + two.var(axis=0)) / WORLDS)
        seen = (one > 0).mean(axis=0) + (two > 0).mean(axis=0) > 0.2
        z = (one.mean(axis=0) - two.mean(axis=0))[seen] / error[seen]
        assert np.abs(z).max() < Z + 0.7 * (len(z) > 20), "states and bodies are some hundreds of comparisons"


def lively(s: Start, world: int) -> Surroundings:
    """Surroundings in which much happens: a third of the bodies end within four years, a dozen begin, measures walk."""
    rng = generator(99, world, 0, EFFECTS)
    first, births = s.year - s.first_year, 12
    position, capability = s.position.copy(), s.capability.copy()
    position[first:] += np.cumsum(0.2 * rng.standard_normal(position[first:].shape), axis=0)
    capability[first:] *= np.exp(np.cumsum(0.1 * rng.standard_normal(capability[first:].shape), axis=0))
    founders = (rng.random((births, len(s.states))) < 0.2).astype(np.uint8)
    return Surroundings(
        position, capability, -0.1, np.array([-2.0, -0.3, 0.1, -0.5]), np.repeat(np.arange(YEARS), 3), founders,
        rng.standard_normal(births), rng.standard_normal(births) + 3.0, np.log([4.0, 3.0, 2.0, 0.5]),
    )  # fmt: skip


def test_engine_and_reference_agree_in_the_full_law(opening: Start, laws: tuple[Law, Law]) -> None:
    """Surroundings are drawn by world and are the same in both, so only what the laws draw may differ, and does by chance."""
    flat = np.zeros(YEARS)
    both = []
    for run, seed in ((transition.play_world, 31), (engine.play_world, 32)):
        rows = []
        for world in range(WORLDS):
            got = run(opening, *laws, flat, flat, seed, world, lively(opening, world))
            m = len(opening.bodies)
            back = [x & (opening.last_exit >= 0) for x in (y[:, :m] for y in got.joins)]
            rows.append(
                [
                    *(float(x.sum()) for kind in (got.exits, got.joins, got.ends) for x in kind),
                    *(float(x[:, m:].sum()) for kind in (got.exits, got.joins) for x in kind),
                    *(float(x.sum()) for x in back), float(sum(x[m:].sum() for x in got.ends)),
                    *(float(max(x.sum(axis=axis).max() for x in kind)) for kind in (got.exits, got.joins) for axis in (0, 1)),
                ]
            )  # fmt: skip
        both.append(np.array(rows))
    error = np.sqrt((both[0].var(axis=0) + both[1].var(axis=0)) / WORLDS)
    seen = error > 0
    z = (both[0].mean(axis=0) - both[1].mean(axis=0))[seen] / error[seen]
    assert seen.sum() > 25 and np.abs(z).max() < Z + 0.2, z.round(1)


def test_nobody_is_in_a_body_that_is_not_there(opening: Start, laws: tuple[Law, Law]) -> None:
    base, m = engine.no_plan(opening), len(opening.bodies)
    around = lively(opening, 0)
    club = np.zeros((1, len(opening.states)), np.uint8)
    club[0, :5] = 1
    plan = replace(base, club_step=np.array([2]), club_members=club, reform=np.full((YEARS, m), 0.5))
    flat = np.zeros(YEARS)
    found = engine.events(engine.lay_out(opening), *laws, flat, flat, 3, 1, plan, around)
    total = m + len(around.birth_step) + 1
    inside, alive = np.zeros((len(opening.states), total), bool), np.arange(total) < m
    inside[:, :m] = opening.members
    for _, kind, i, j in found.tolist():
        if kind == 3:
            assert not alive[j] and not inside[:, j].any()
            alive[j] = True
            continue
        assert alive[j], "nothing happens in a body that is not there"
        if kind == 2:
            alive[j], inside[:, j] = False, False
        else:
            assert inside[i, j] == (kind == 0)
            inside[i, j] = kind != 0
    assert (found[:, 1] == 2).sum() > 50 and found[found[:, 1] == 3][:, 3].max() == total - 1
    assert (found[:, 1] == 3).sum() == total - m
    founded = found[(found[:, 1] == 4) & (found[:, 3] == total - 1)]
    assert founded[:, 2].tolist() == [0, 1, 2, 3, 4] and (founded[:, 0] == 2).all()


def test_a_club_leaves_the_draws_of_other_bodies_alone(opening: Start, laws: tuple[Law, Law]) -> None:
    """With coefficients at 0 nothing passes from body to body."""
    alone = tuple(replace(one, beta=one.beta * (np.arange(len(one.beta)) == 0)) for one in laws)
    club = np.ones((1, len(opening.states)), np.uint8)
    plan = replace(engine.no_plan(opening), club_step=np.array([1]), club_members=club)
    flat, around = np.zeros(YEARS), lively(opening, 2)
    total = len(opening.bodies) + len(around.birth_step)
    plain, changed = (
        engine.events(engine.lay_out(opening), *alone, flat, flat, 9, 1, p, around)
        for p in (engine.no_plan(opening), plan)
    )
    np.testing.assert_array_equal(plain, changed[changed[:, 3] < total])
    assert len(changed) > len(plain)


def test_every_pair_has_the_probability_of_the_reference(
    opening: Start, laws: tuple[Law, Law], monkeypatch: pytest.MonkeyPatch
) -> None:
    """First year, without bundles: events by body and by state against the exact probabilities of the dense law."""
    plain = tuple(replace(one, bundles=Bundles(0.0, 0.0)) for one in laws)
    s, worlds, rates = replace(opening, years=1), 1000, {}

    def keep(
        eta: np.ndarray, at_risk: np.ndarray, bundles: Bundles, seed: int, world: int, year: int, kind: int, *rest: int
    ) -> np.ndarray:
        rates[kind] = -np.expm1(-np.exp(eta))
        return np.zeros(eta.shape, bool)

    monkeypatch.setattr(transition, "_happen", keep)
    transition.run_world(s, *plain, np.zeros(1), np.zeros(1), 1, 0)
    count = np.zeros((2, *s.members.shape))
    for world in range(worlds):
        found = play(s, plain, 5, world)  # type: ignore[arg-type]
        count[found[:, 1], found[:, 2], found[:, 3]] += 1
    for number, kind, at_risk in ((0, EXIT, s.members), (1, JOIN, s.open_to_join)):
        p = np.where(at_risk, rates[kind], 0.0)
        assert not count[number][~at_risk].any()
        for axis in (0, 1):
            expected, spread = worlds * p.sum(axis=axis), worlds * (p * (1 - p)).sum(axis=axis)
            many = expected > 10
            statistic = ((count[number].sum(axis=axis) - expected)[many] ** 2 / spread[many]).sum()
            assert chi2.sf(statistic, many.sum()) > FAILURE_RATE


def test_nobody_leaves_what_they_are_not_in(opening: Start, laws: tuple[Law, Law]) -> None:
    hot = tuple(replace(one, state=one.state + 3.0) for one in laws)
    found = play(opening, hot, 5, 0)  # type: ignore[arg-type]
    members, outside = opening.members.copy(), opening.open_to_join.copy()
    assert (found[:, 1] == 0).sum() > 500
    for step in range(YEARS):
        for kind, may in ((0, members), (1, outside)):
            here = found[(found[:, 0] == step) & (found[:, 1] == kind)]
            pairs = {(i, j) for i, j in here[:, 2:].tolist()}
            assert len(pairs) == len(here), "one pair, one event"
            assert all(may[pair] for pair in pairs)
        for _, kind, i, j in found[found[:, 0] == step].tolist():
            members[i, j], outside[i, j] = kind == 1, kind == 0


def test_runs_repeat_and_worlds_differ(opening: Start, laws: tuple[Law, Law]) -> None:
    np.testing.assert_array_equal(play(opening, laws, 7, 3), play(opening, laws, 7, 3))
    made = [play(opening, laws, 7, world).tobytes() for world in range(10)] + [play(opening, laws, 8, 0).tobytes()]
    assert len(set(made)) == len(made)


def test_an_intervention_on_one_state_leaves_the_draws_of_others_alone(opening: Start, laws: tuple[Law, Law]) -> None:
    """With all coefficients at 0 nothing passes from state to state, so only the state intervened on may differ."""
    alone = tuple(replace(one, beta=one.beta * (np.arange(len(one.beta)) == 0)) for one in laws)
    i = int(np.flatnonzero(opening.states == 2)[0])
    leaves = np.array([[0, i, j] for j in np.flatnonzero(opening.members[i])])
    plan = replace(engine.no_plan(opening), leave=leaves)
    plain, changed = play(opening, alone, 9, 1), play(opening, alone, 9, 1, plan)  # type: ignore[arg-type]
    np.testing.assert_array_equal(plain[plain[:, 2] != i], changed[changed[:, 2] != i])
    assert (changed[:, 2] == i).sum() >= len(leaves) > (plain[:, 2] == i).sum()


def test_plans_are_carried_out(opening: Start, laws: tuple[Law, Law]) -> None:
    base, i = engine.no_plan(opening), int(np.flatnonzero(opening.states == 2)[0])
    k = int(np.flatnonzero(opening.states == 200)[0])
    j = int(np.flatnonzero(opening.members[i] & opening.members[k])[0])
    plan = replace(
        base,
        leave=np.array([[0, i, j]]),
        rejoin=np.array([[2, i, j]]),
        follow=np.array([[i, k]]),
        follow_chance=np.ones(1),
    )
    found = play(opening, laws, 4, 0, plan).tolist()
    assert [0, 0, i, j] in found and [1, 0, k, j] in found
    back = [e for e in found if e[2:] == [i, j] and e[1] == 1]
    assert back and back[0][0] <= 2
    barred = base.barred.copy()
    barred[:, :, 1] = YEARS
    none = play(opening, laws, 4, 0, replace(base, barred=barred))
    assert not (none[:, 1] == 0).any()
    late = play(opening, laws, 4, 0, replace(base, delay=np.full(len(opening.states), 2)))
    assert late[late[:, 1] == 0][:, 0].min() >= 2
    first = play(opening, laws, 4, 0)
    now = first[(first[:, 1] == 0) & (first[:, 0] == 0)]
    then = late[(late[:, 1] == 0) & (late[:, 0] == 2)]
    assert {tuple(x) for x in then[:, 2:]} == {tuple(x) for x in now[:, 2:]}


def test_addressed_gammas_have_mean_one_and_their_variance() -> None:
    for variance in (0.4, 4.3):
        table = gamma_quantiles(variance)
        drawn = np.array([read_off(table, uniform(np.uint64(address(1, w, 2030, 2)), 5)) for w in range(20000)])
        fourth = ((drawn - 1.0) ** 4).mean()
        assert abs(drawn.mean() - 1.0) < Z * np.sqrt(variance / len(drawn))
        assert abs(drawn.var() - variance) < Z * np.sqrt((fourth - variance**2) / len(drawn))
    flat = np.array([uniform(np.uint64(within(np.uint64(address(1, 2, 3, 4)), 5, 6)), place) for place in range(20000)])
    assert abs(flat.mean() - 0.5) < Z * np.sqrt(1 / 12 / len(flat)) and flat.min() > 0 and flat.max() < 1


@pytest.mark.parametrize("variance", [0.05, 0.3, 1.0, 1.8, 4.3, 9.0])
def test_frailties_read_off_a_table_are_those_of_the_gamma_distribution(variance: float) -> None:
    table = gamma_quantiles(variance)
    u = np.concatenate([np.linspace(0.0005, 0.9995, 999), 10.0 ** -np.arange(4, 10), 1 - 10.0 ** -np.arange(4, 10)])
    law = stats.gamma(1 / variance, scale=variance)
    np.testing.assert_allclose([read_off(table, x) for x in u], law.ppf(u), rtol=5e-3 * max(1.0, variance), atol=1e-9)
    # The mean over equal steps of u, tails left to the law: linear parts leave it within a ten thousandth.
    steps = (np.arange(100_000) + 0.5) / 100_000
    mean = np.mean([read_off(table, x) for x in steps])
    assert abs(mean - np.mean(law.ppf(steps))) < 2e-4
    assert read_off(table, 2.0**-54) == table[0, 0] and read_off(table, 1 - 2.0**-53) == table[1, 0]


def test_no_variance_is_no_frailty() -> None:
    assert {read_off(gamma_quantiles(0.0), x) for x in (1e-12, 0.3, 0.5, 0.7, 1 - 1e-12)} == {1.0}


def test_the_first_bits_of_a_pair_are_those_of_its_whole_number_and_uniform() -> None:
    keys = [np.uint64(within(np.uint64(address(3, w, 2030, PAIR)), 0, j)) for w in range(40) for j in range(25)]
    places = np.arange(195)
    whole = np.array([[number_of(key, i) for i in places] for key in keys])
    risk, room = packed(np.ones((25, len(places)), np.uint8)), (np.zeros((4096, 2), np.int32), np.zeros(4096))
    back, bodies, bounds = np.zeros((25, 0), np.uint64), np.arange(25), (np.ones(25), np.ones(len(places)))
    for world in range(40):
        number = propose(risk, back, 25, np.full(25, 0.02), *bounds, 1.0, bodies, 3, world, 2030, 0, *room)
        near, found = np.zeros((25, len(places)), np.bool_), room[0][:number]
        near[found[:, 1], found[:, 0]] = True
        drawn = whole[25 * world : 25 * world + 25]
        assert (drawn[~near] > 0.02).all() and (drawn[near] < 0.02 + 2.0**-15).all()
        np.testing.assert_array_equal(room[1][:number], drawn[found[:, 1], found[:, 0]])
    assert whole.min() > 0 and whole.max() < 1
    assert stats.kstest(whole.ravel(), "uniform").pvalue > 1e-4
    together = np.corrcoef(whole.T)[np.triu_indices(len(places), 1)] * np.sqrt(len(keys))
    assert stats.kstest(together, "norm").pvalue > 1e-4


def test_pairs_that_left_before_may_exceed_their_bound_and_room_may_be_short() -> None:
    rng = np.random.default_rng(5)
    states, bodies = 130, 40
    apart = rng.random((bodies, states))
    fresh, back = (packed(x.astype(np.uint8)) for x in (apart < 0.5, apart > 0.9))
    rate, limit, names = rng.uniform(0.0, 0.05, bodies), rng.uniform(0.1, 1.0, states), 7 + np.arange(bodies)
    room = np.zeros((4096, 2), np.int32), np.zeros(4096)
    asked = (bodies, rate, np.ones(bodies), limit, 3.0, names, 1, 2, 2040, 1)
    number = propose(fresh, back, *asked, *room)
    key = np.uint64(address(1, 2, 2040, PAIR + 1))
    u = np.array([[number_of(np.uint64(within(key, 0, j)), i) for i in range(states)] for j in names])
    bound = rate[:, None] * limit[None, :] * np.where(apart < 0.5, 1.0, np.where(apart > 0.9, 3.0, -1.0))
    must, may = u < bound, (u < bound * 1.0001 + 2.0**-15) & (bound > 0)
    listed = np.zeros_like(must)
    listed[room[0][:number, 1], room[0][:number, 0]] = True
    assert (must <= listed).all() and (listed <= may).all() and must.sum() > 50
    short = np.zeros((9, 2), np.int32), np.zeros(9)
    assert propose(fresh, back, *asked, *short) == number
    np.testing.assert_array_equal(short[0], room[0][:9])


def test_words_as_bytes() -> None:
    table = (np.random.default_rng(3).random((50, 130)) < 0.05).astype(np.uint8)
    rows, into = packed(table), np.zeros(17, np.uint64)
    for row in range(len(table)):
        spread(rows, row, into)
        np.testing.assert_array_equal(into.view(np.uint8)[:130], table[row])
        for word in rows[row]:
            held = [place for place in range(8) if (int(word) >> (8 * place)) & 255]
            assert int(bytes_of(word)) == sum(1 << place for place in held)


def test_a_term_that_the_engine_cannot_compute_is_named(opening: Start, laws: tuple[Law, Law]) -> None:
    strange = replace(laws[0], scaling=replace(laws[0].scaling, names=("overlap", *laws[0].scaling.names[1:])))
    with pytest.raises(UsageError, match="overlap"):
        play(opening, (strange, laws[1]), 1, 0)
