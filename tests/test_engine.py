"""The engine is the dense reference in distribution, and keeps its addresses.

A test of means fails by chance at FAILURE_RATE; Z is the normal point for two sides and up to 20 comparisons in a test.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import stats
from scipy.stats import chi2

from exeunt.core.arrays import FloatArray
from exeunt.core.errors import UsageError
from exeunt.explain.bundles import Bundles
from exeunt.report.reasons import _Models as Models
from exeunt.simulate import engine, reference
from exeunt.simulate.counter_rng import _address as address
from exeunt.simulate.counter_rng import _gamma_quantiles as gamma_quantiles
from exeunt.simulate.counter_rng import _read_off as read_off
from exeunt.simulate.counter_rng import _uniform as uniform
from exeunt.simulate.counter_rng import _within as within
from exeunt.simulate.law_terms import NUMBER, QUANTUM, TOTAL, _connection, _sort_bodies
from exeunt.simulate.proposals import (
    GROUPS,
    PAIR,
    _below,
    _bytes_of,
    _exponential,
    _first_of,
    _key_of,
    _number_of,
    _propose,
    _scramble,
    _spread,
)
from exeunt.simulate.proposals import (
    _packed as packed,
)
from exeunt.simulate.reference import EFFECTS, EXIT, JOIN, Law
from exeunt.simulate.reference import _generator as generator
from exeunt.simulate.reference import _law as law
from exeunt.simulate.start import Start, start
from exeunt.simulate.start import _Surroundings as Surroundings

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
    for run, seed in ((reference._run_world, 21), (engine._run_world, 22)):
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
    for run, seed in ((reference._play_world, 31), (engine._play_world, 32)):
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

    monkeypatch.setattr(reference, "_happen", keep)
    reference._run_world(s, *plain, np.zeros(1), np.zeros(1), 1, 0)
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


def drawn(kind: int, world: int, year: int, names: NDArray[np.int64], states: int) -> FloatArray:
    """Exponential numbers of all pairs of a year, (bodies, states)."""
    of_pairs = np.uint64(address(3, world, year, PAIR + kind))
    return np.array([[_exponential(np.uint64(_key_of(of_pairs, j)), i) for i in range(states)] for j in names])


def asked(
    world: int, year: int, fresh: NDArray[np.uint64], back: NDArray[np.uint64], rate: FloatArray, limit: FloatArray,
    kinds: NDArray[np.int32], limit_back: FloatArray, names: NDArray[np.int64], room: int = 4096,
) -> tuple[int, NDArray[np.int32], FloatArray]:  # fmt: skip
    """What `propose` lists of joins: how many candidates, their pairs and what their numbers are at least."""
    pairs, numbers = np.zeros((room, 2), np.int32), np.zeros(room)
    hits = np.zeros((fresh.shape[0] * 8 * fresh.shape[1], 2), np.int16)
    number = _propose(
        fresh, back, len(names), rate, np.ones(len(names)), limit, kinds, limit_back, names,
        np.uint64(address(3, world, year, PAIR + 1)), hits, pairs, numbers,
    )  # fmt: skip
    return number, pairs, numbers


def test_numbers_of_pairs_are_exponential_and_hang_on_no_other() -> None:
    states, bodies = 195, np.arange(25)
    found = np.stack([drawn(1, world, 2030, bodies, states) for world in range(40)])
    assert stats.kstest(found.ravel(), "expon").pvalue > 1e-4
    # The smallest of a group of eight, the gap to the second, and which of them it is.
    groups = np.sort(found[:, :, :192].reshape(-1, 8), axis=1)
    assert stats.kstest(8 * groups[:, 0], "expon").pvalue > 1e-4
    assert stats.kstest(7 * (groups[:, 1] - groups[:, 0]), "expon").pvalue > 1e-4
    assert stats.chisquare(np.bincount(found[:, :, :192].reshape(-1, 8).argmin(axis=1), minlength=8)).pvalue > 1e-4
    normal = stats.norm.ppf(-np.expm1(-found.reshape(-1, states)))
    together = np.corrcoef(normal.T)[np.triu_indices(states, 1)] * np.sqrt(len(normal))
    assert stats.kstest(together, "norm").pvalue > 1e-4
    across = np.corrcoef(np.concatenate([found[:, 3], found[:, 4], drawn(0, 7, 2030, bodies, states), found[8, 5:]]))
    assert np.abs(across[np.triu_indices(len(across), 1)]).max() < 6 / np.sqrt(states)


def test_pairs_are_proposed_by_kind_of_body_and_those_that_left_by_a_bound_of_their_own() -> None:
    rng = np.random.default_rng(5)
    states, bodies, kinds = 130, 300, 3
    apart, names = rng.random((bodies, states)), 7 + np.arange(bodies)
    fresh, back = (packed(x.astype(np.uint8)) for x in (apart < 0.5, apart > 0.9))
    rate, limit, of_kind = (
        rng.uniform(0.0, 0.02, bodies),
        rng.uniform(0.1, 1.0, (kinds, states)),
        np.arange(bodies) % kinds,
    )
    call = (2, 2040, fresh, back, rate, limit, of_kind.astype(np.int32), 3.0 * limit[0], names)
    number, pairs, numbers = asked(*call)
    exact = drawn(1, 2, 2040, names, states)
    bound = rate[:, None] * np.where(apart < 0.5, limit[of_kind], np.where(apart > 0.9, 3.0 * limit[0], -1.0))
    must = exact < bound
    listed = np.zeros_like(must)
    listed[pairs[:number, 1], pairs[:number, 0]] = True
    assert listed.sum() == number and (must <= listed).all() and must.sum() > 50
    told, most = (table[pairs[:number, 1], pairs[:number, 0]] for table in (exact, bound))
    assert (numbers[:number] <= 1.0001 * most).all() and (numbers[:number] <= told).all()
    assert (told < 1.5 * numbers[:number] + 2.0**-23).all()
    short = asked(*call, room=9)
    assert short[0] == number
    np.testing.assert_array_equal(short[1][:8], pairs[:8])


@pytest.mark.parametrize("rate", [1e-4, 0.02, 0.11, 0.3, 4.0])
def test_whether_a_number_is_below_a_rate_needs_no_logarithm_to_be_right(rate: float) -> None:
    of_pairs, rng = np.uint64(address(3, 1, 2030, PAIR)), np.random.default_rng(1)
    for j in range(60):
        key = np.uint64(_key_of(of_pairs, j))
        for i in range(0, 195, 3):
            exact = _exponential(key, i)
            v, w = _number_of(key, GROUPS + i // 8), _number_of(key, i)
            smallest = _first_of(_scramble(key, GROUPS + i // 8)) == i % 8
            # Told as the proposals tell it: short of the last bits of both its numbers.
            least = v / 8 + (0.0 if smallest else w) - 2.0**-23 * rng.random()
            assert _below(max(least, 0.0), rate, key, i) == (exact < rate)


def test_words_as_bytes() -> None:
    table = (np.random.default_rng(3).random((50, 130)) < 0.05).astype(np.uint8)
    rows, into = packed(table), np.zeros(17, np.uint64)
    for row in range(len(table)):
        _spread(rows, row, into)
        np.testing.assert_array_equal(into.view(np.uint8)[:130], table[row])
        for word in rows[row]:
            held = [place for place in range(8) if (int(word) >> (8 * place)) & 255]
            assert int(_bytes_of(word)) == sum(1 << place for place in held)


def test_a_term_that_the_engine_cannot_compute_is_named(opening: Start, laws: tuple[Law, Law]) -> None:
    strange = replace(laws[0], scaling=replace(laws[0].scaling, names=("overlap", *laws[0].scaling.names[1:])))
    with pytest.raises(UsageError, match="overlap"):
        play(opening, (strange, laws[1]), 1, 0)


def test_connection_is_a_mean_of_bodies_shared_however_many_they_are() -> None:
    rng = np.random.default_rng(2)
    for bodies in (300, 900):
        members = (rng.random((bodies, 195)) < 0.6).astype(np.uint8)
        shared = (members.T.astype(np.int64) @ members).astype(np.int16)
        for i, j in rng.integers(0, 195, (40, 2)):
            size, inside = float(members[j].sum()), bool(members[j, i])
            others = members[j].copy()
            others[i] = 0
            expected = (others @ shared[i].astype(np.int64)) / (size - inside) - inside
            assert _connection(i, j, members, shared, size) == pytest.approx(expected, rel=1e-14)


def test_kinds_of_bodies_hold_their_means_and_none_is_known_where_no_body_lives() -> None:
    rng = np.random.default_rng(4)
    by_body, kinds = np.zeros((1, 50, 5), np.int32), np.full(50, 9, np.int32)
    by_body[0, :, NUMBER] = rng.integers(0, 20, 50)
    by_body[0, :, TOTAL] = rng.normal(0.0, 2.0**18, 50) * by_body[0, :, NUMBER]
    alive = rng.random(50) < 0.8
    lowest, width = _sort_bodies(0, 50, alive, by_body, kinds)
    known = alive & (by_body[0, :, NUMBER] > 0)
    assert (kinds[~known] == 0).all() and known.any() and not known.all()
    mean = QUANTUM * by_body[0, known, TOTAL] / by_body[0, known, NUMBER]
    edge = lowest + width * (kinds[known] - 1)
    assert (edge <= mean + 1e-9).all() and (mean <= edge + width + 1e-9).all() and set(kinds[known]) <= set(range(1, 7))
    assert _sort_bodies(0, 50, np.zeros(50, np.bool_), by_body, kinds) == (0.0, QUANTUM) and not kinds.any()
