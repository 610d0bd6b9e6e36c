"""K, R, G and the placebos: against brute force, against known truths, and what the command says."""

from __future__ import annotations

import json
import sys
from dataclasses import replace

import numpy as np
import pytest

from exeunt.cli import main
from exeunt.core.errors import FitError, UsageError
from exeunt.explain.bundles import Bundles
from exeunt.explain.fit import Fit, fit
from exeunt.history import feedback as answers
from exeunt.history.loop_gain import LOOP, _forced, _offspring_of
from exeunt.history.loop_gain import _cut_loop as cut_loop
from exeunt.history.loop_gain import _kernels as kernels
from exeunt.history.loop_gain import _multiplier as multiplier
from exeunt.history.loop_gain import _summary as summary
from exeunt.history.next_generation import (
    CHANNELS,
    LAYERS,
    _by_pairs,
    _weights,
    gather,
)
from exeunt.history.next_generation import (
    _counts_alone as counts_alone,
)
from exeunt.history.next_generation import (
    _dominant as dominant,
)
from exeunt.history.next_generation import (
    _Setting as Setting,
)
from exeunt.history.next_generation import (
    _spectral_radius as spectral_radius,
)
from exeunt.history.opening import (
    HORIZON,
    _groups_of,
    _until,
    require_usable,
)
from exeunt.history.opening import (
    _count_steps as count_steps,
)
from exeunt.history.opening import (
    _Fits as Fits,
)
from exeunt.history.opening import (
    _Ground as Ground,
)
from exeunt.history.opening import (
    _ground as ground,
)
from exeunt.history.opening import (
    _rates as rates,
)
from exeunt.history.opening import (
    _setting as setting,
)
from exeunt.history.opening import (
    _Slopes as Slopes,
)
from exeunt.history.placebos import (
    PLACEBOS,
    SHUFFLES,
    TERMS,
    _Counts,
    _leads,
    _partners,
    _permuted,
    _unrelated,
    _with_counts,
)
from exeunt.history.placebos import (
    _coefficients as coefficients,
)
from exeunt.history.placebos import (
    _loop_draws as loop_draws,
)
from exeunt.i18n import render
from exeunt.panel.build import Panel, Scaling
from exeunt.panel.risk import Cube
from exeunt.panel.yearly_covariates import window_sum
from exeunt.record.store import Record
from exeunt.report.reasons import _Models as Models
from exeunt.simulate.engine import no_plan
from exeunt.simulate.reference import Law, predictor, tenure_part, term_world
from exeunt.simulate.reference import _generator as generator
from exeunt.simulate.reference import _law as law
from exeunt.simulate.start import Start
from reference.gain import LEVELS, REPLICATES, RESULTS, VARIANTS, radii, summarise, true_kernel
from reference.worlds import BURN_IN, Truth, world

FAILURE_RATE = 1e-5
"""Chance that a statistical test below fails with nothing wrong; 4.4 standard errors."""
Z = 4.4
RTOL = 1e-9
"""K and its check are the same sums in another order."""
YEAR = 2014


@pytest.fixture(scope="module")
def at_2014(found: Models, record: Record) -> Ground:
    return ground(record, "cleaned", YEAR, found.cov)


@pytest.fixture(scope="module")
def laws(found: Models, at_2014: Ground) -> tuple[Law, Law]:
    rng = generator(3, 0, 0, 6)
    return tuple(law(f, at_2014.start, f.phi, f.sd, rng) for f in (found.exit_fit, found.join_fit))  # type: ignore[return-value]


@pytest.fixture(scope="module")
def one(at_2014: Ground, laws: tuple[Law, Law]) -> Setting:
    return made(at_2014, laws)


def made(g: Ground, laws: tuple[Law, Law], nobody_returns: bool = False) -> Setting:
    years = np.linspace(-0.2, 0.3, g.start.years)
    r = rates(g, laws[0], years, laws[1], np.zeros(g.start.years))
    if nobody_returns:
        r = replace(r, stay_out=np.ones_like(r.stay_out))
    return setting(g, r, Slopes(laws[0].beta, laws[0].scaling), laws[0].bundles)


def test_spectral_radius_of_kernels_with_a_known_answer() -> None:
    assert spectral_radius(np.array([[0.5, 0.0], [0.9, 0.3]])) == pytest.approx(0.5)
    assert spectral_radius(np.array([[0.0, 2.0], [0.5, 0.0]])) == pytest.approx(1.0)
    # Offspring of every type is 0.7 in all, so R is 0.7 whatever its split.
    columns = np.random.default_rng(1).dirichlet(np.ones(5), 5).T * 0.7
    assert spectral_radius(columns) == pytest.approx(0.7)
    assert dominant(np.diag([-0.4, 0.3])).real == pytest.approx(-0.4)
    # A rotation has a complex pair of modulus 1.
    assert spectral_radius(np.array([[0.0, -1.0], [1.0, 0.0]])) == pytest.approx(1.0)
    stacked = np.stack([np.eye(2), 2 * np.eye(2)])
    np.testing.assert_allclose(spectral_radius(stacked), [1.0, 2.0])


def test_k_is_the_difference_that_an_exit_makes_to_the_law(at_2014: Ground, laws: tuple[Law, Law]) -> None:
    """Brute force: the terms of every later year with and without the exit, by the law's own predictor."""
    g, s = at_2014, at_2014.start
    exits = laws[0]
    kernel = _by_pairs(made(g, laws, nobody_returns=True)).tocsc()
    years = np.linspace(-0.2, 0.3, s.years)
    past, joins = [x.copy() for x in s.past_exits[-4:-1]], s.past_joins[-3:]
    beta, _, scale = Slopes(exits.beta, exits.scaling).of("log_age")

    def eta(members: np.ndarray, exits_before: list[np.ndarray]) -> np.ndarray:
        w = term_world(s, s.year, members, exits_before, joins)
        return predictor(exits, w) - beta * np.log1p(np.maximum(w.body_age, 0))[None, :] / scale

    rng = np.random.Generator(np.random.Philox(5))
    rows = np.flatnonzero(g.counted.ravel())
    plain = eta(s.members, past)
    for b in rng.choice(rows, 12, replace=False):
        i, j = divmod(int(b), s.members.shape[1])
        absent = s.members.copy()
        absent[i, j] = False
        counted = [past[0], past[1], past[2].copy()]
        counted[2][i, j] = True
        seen = {"count": eta(s.members, counted), "both": eta(absent, counted), "absent": eta(absent, past)}
        without, with_it = np.zeros(s.members.shape), np.zeros(s.members.shape)
        for step in range(1, s.years):
            age = np.log1p(np.maximum(s.year + step - s.lag - s.founded + 1.0, 0.0))
            rest = tenure_part(exits, s.tenure + step) + beta * age[None, :] / scale + years[step]
            back = np.broadcast_to(step - s.lag, s.members.shape)
            changed = np.select([back < 0, back == 0, back <= 2], [plain, seen["count"], seen["both"]], seen["absent"])
            without += np.exp(plain + rest)
            with_it += np.exp(changed + rest)
        expected = np.where(g.counted, np.exp(-without) - np.exp(-with_it), 0.0)
        expected[i, j] = np.expm1(-without[i, j])
        # Only the body's members and the state's memberships are reached; elsewhere the law must say so too.
        np.testing.assert_allclose(kernel[:, b].toarray().reshape(expected.shape), expected, rtol=1e-6, atol=1e-12)


def test_groups_and_pairs_tell_the_same(at_2014: Ground, one: Setting) -> None:
    kernel, offspring = gather(one, at_2014.groups)
    single = _by_pairs(one)
    np.testing.assert_allclose(
        np.asarray(single.sum(axis=0)).reshape(one.first.shape), offspring[0], rtol=1e-8, atol=1e-12
    )
    group, w = at_2014.groups.of_pairs(), _weights(one, at_2014.groups)
    size = len(at_2014.groups.names)
    inside = [w[(group == k)].sum() for k in range(size)]
    assert all(x == pytest.approx(1.0) or x == 0.0 for x in inside) and sum(inside) > 10
    columns = np.bincount(group.ravel(), (offspring[0] * w).ravel(), minlength=size)
    np.testing.assert_allclose(kernel[0].sum(axis=0), columns, rtol=RTOL, atol=1e-12)


def test_the_counts_alone_are_two_of_the_channels(at_2014: Ground, one: Setting) -> None:
    kernel, _ = gather(one, at_2014.groups)
    alone, further = counts_alone(one, at_2014.groups, one.count_step, one.own_step)
    np.testing.assert_allclose(alone, kernel[1] + kernel[2], rtol=1e-8, atol=1e-12)
    assert further == pytest.approx(float(_offspring_of(at_2014, one)[2][1:3].sum()))
    nothing, none = counts_alone(one, at_2014.groups, 0 * one.count_step, 0 * one.own_step)
    assert not nothing.any() and none == 0.0


def test_every_channel_has_the_sign_of_its_coefficient(at_2014: Ground, laws: tuple[Law, Law]) -> None:
    names = laws[0].scaling.names
    of = {
        "contagion": "exits_from_body3",
        "momentum": "own_exits3",
        "size": "log_size",
        "memberships": "log_memberships",
    }
    for channel, term in of.items():
        for value in (0.3, -0.3, 0.0):
            beta = laws[0].beta.copy()
            beta[1 + names.index(term)] = value
            kernel, _ = gather(made(at_2014, (replace(laws[0], beta=beta), laws[1])), at_2014.groups)
            layer = kernel[LAYERS.index(channel)]
            # One exit more raises the counts and lowers size and memberships.
            sign = np.sign(value) * (1 if channel in ("contagion", "momentum") else -1)
            assert (sign * layer >= 0).all() and (bool(layer.any()) == (value != 0.0)), (channel, value)
    kernel, _ = gather(made(at_2014, laws), at_2014.groups)
    assert (kernel[LAYERS.index("depletion")] <= 0).all() and kernel[LAYERS.index("depletion")].min() < -0.01
    assert (kernel[LAYERS.index("bundles")] >= 0).all()


def test_bundles_are_the_excess_of_a_gamma_frailty(at_2014: Ground, one: Setting) -> None:
    """Given one exit of a body-year the others' mean is (1 + φ) times as large."""
    only = replace(one, frailty=(0.0, 2.5))
    _, offspring = gather(only, at_2014.groups)
    j = int(one.at_risk.sum(axis=0).argmax())
    rate = np.where(one.at_risk[:, j], one.first[:, j], 0.0)
    i = int(np.flatnonzero(one.at_risk[:, j])[3])
    assert offspring[-1, i, j] == pytest.approx(2.5 * (rate.sum() - rate[i]))


def test_whoever_comes_back_can_leave_again(at_2014: Ground, laws: tuple[Law, Law], one: Setting) -> None:
    stays_out = made(at_2014, laws, nobody_returns=True)
    _, offspring = gather(one, at_2014.groups)
    _, without_return = gather(stays_out, at_2014.groups)
    at = LAYERS.index("depletion")
    risk = one.at_risk
    assert (offspring[at][risk] >= without_return[at][risk] - 1e-15).all()
    np.testing.assert_allclose(without_return[at][risk], np.expm1(-stays_out.total[risk]), rtol=1e-9)


def small(g: Ground, years: int, states: int = 60, bodies: int = 40) -> Ground:
    """The largest states and bodies of a ground, over a short horizon."""
    s = g.start
    rows = np.sort(np.argsort(-s.members.sum(axis=1), kind="stable")[:states])
    columns = np.sort(np.argsort(-(s.members.sum(axis=0) * (s.lag == 1)), kind="stable")[:bodies])
    pick = np.ix_(rows, columns)
    length = s.year + years - s.first_year
    cut: Start = replace(
        s, years=years, states=s.states[rows], bodies=tuple(s.bodies[c] for c in columns), members=s.members[pick],
        open_to_join=s.open_to_join[pick], carried=s.carried[pick], tenure=s.tenure[pick],
        last_exit=s.last_exit[pick],
        past_members=[x[pick] for x in s.past_members], past_exits=[x[pick] & False for x in s.past_exits],
        past_joins=[x[pick] for x in s.past_joins], position=s.position[:length, rows],
        capability=s.capability[:length, rows], founded=s.founded[columns], lag=s.lag[columns],
    )  # fmt: skip
    w = term_world(cut, cut.year, cut.members, cut.past_exits[-4:-1], cut.past_joins[-3:])
    return Ground(
        g.outcome, g.year, cut, w, cut.members, _groups_of(cut.members, ["Asia"] * states), tuple(g.codes[r] for r in rows)
    )  # fmt: skip


def sharp(f: Fit, changes: dict[str, float]) -> Fit:
    """A fit whose draws all but repeat its mode, with other coefficients and no bundles."""
    phi = f.phi.copy()
    for name, value in changes.items():
        phi[f.names.index(name)] = value
    return replace(
        f, phi=phi, information=np.eye(len(phi)) * 1e12, sd_covariance=np.eye(3) * 1e-12, motion=f.motion * 0.0,
        bundles=Bundles(0.0, 0.0),
    )  # fmt: skip


QUIET = {"exits_from_body3": 0.0, "own_exits3": 0.0, "distance": 0.0, "distance_x_capability": 0.0, "log_size": 0.0,
         "log_memberships": 0.0}  # fmt: skip


def test_g_is_k_where_there_is_but_one_generation(found: Models, at_2014: Ground) -> None:
    """Over one year there are no followers of followers, so the paired difference is K's own sum."""
    g = small(at_2014, 2)
    hot = sharp(found.exit_fit, {**QUIET, "exits_from_body3": 0.3, "own_exits3": 0.3, "(Intercept)": -6.0})
    of = Fits(hot, sharp(found.join_fit, {"(Intercept)": -20.0}))
    paired = multiplier(g, of, 1200, 7)
    expected = kernels(g, of, 120, 7).anywhere[:, 0]
    extra = paired.done - paired.without
    error = np.sqrt(extra.var() / len(extra) + expected.var() / len(expected))
    assert expected.mean() > 0.5 and error < 0.1
    assert abs(extra.mean() - expected.mean()) < Z * error


def test_g_is_depletion_where_nothing_feeds_back(found: Models, at_2014: Ground) -> None:
    g = small(at_2014, 6)
    of = Fits(sharp(found.exit_fit, {**QUIET, "(Intercept)": -4.5}), sharp(found.join_fit, {"(Intercept)": -20.0}))
    paired = multiplier(g, of, 300, 8)
    extra = paired.done - paired.without
    # The one that left cannot leave again; nobody else notices.
    assert set(np.unique(extra)) == {-1, 0}
    expected = kernels(g, of, 60, 8).anywhere[:, 0]
    error = np.sqrt(extra.var() / len(extra) + expected.var() / len(expected))
    assert abs(extra.mean() - expected.mean()) < Z * error
    cut = cut_loop(g, of, 40, 8)
    np.testing.assert_array_equal(cut.done, cut.without)


def test_cutting_a_loop_takes_exits_away(found: Models, at_2014: Ground) -> None:
    g = small(at_2014, 6)
    exits = sharp(found.exit_fit, {**QUIET, "exits_from_body3": 0.6, "own_exits3": 0.6, "(Intercept)": -4.5})
    cut = cut_loop(g, Fits(exits, sharp(found.join_fit, {"(Intercept)": -20.0})), 30, 8)
    assert cut.difference()["low"] > 0.0 and LOOP == ("exits_from_body3", "own_exits3")


def test_worlds_are_drawn_from_calibrated_fits_only(found: Models, at_2014: Ground) -> None:
    of = Fits(replace(found.exit_fit, status="not_calibrated"), found.join_fit)
    for run in (multiplier, cut_loop):
        with pytest.raises(FitError, match="not_calibrated"):
            run(at_2014, of, 1, 1)


def test_a_forced_exit_is_the_only_thing_a_plan_does(at_2014: Ground) -> None:
    plan = _forced(at_2014, no_plan(at_2014.start), 3, 7)
    np.testing.assert_array_equal(plan.leave, [[0, 3, 7]])
    assert not plan.rejoin.size and not plan.barred.any()


def test_r_and_bounds_from_kernels_with_a_known_answer() -> None:
    kernel = np.zeros((3, len(LAYERS), 2, 2))
    kernel[:, 0] = np.diag([-0.3, 0.1])
    kernel[:, LAYERS.index("momentum")] = np.diag([0.2, 0.2])
    kernel[:, LAYERS.index("depletion")] = np.diag([-0.5, -0.1])
    kernel[:, LAYERS.index("bundles")] = np.diag([0.0, 1.2])
    kernel[2, 0] = np.diag([1.5, 0.0])
    got = summary(kernel)
    assert got["R"]["median"] == pytest.approx(0.3) and got["eigenvalue"]["median"] == pytest.approx(-0.3)
    assert got["R_influence"]["median"] == pytest.approx(0.2)
    assert got["R_upper_bound"] == pytest.approx(1.3)
    assert got["p_self_sustaining"] == pytest.approx(1 / 3) and got["p_self_sustaining_upper"] == 1.0
    assert [c["channel"] for c in got["channels"]] == [*CHANNELS, "bundles"]
    depletion = next(c for c in got["channels"] if c["channel"] == "depletion")
    assert depletion["R"] == pytest.approx(0.5) and depletion["eigenvalue"] == pytest.approx(-0.5)


def simulated_panel(truth: Truth, seed: int) -> tuple[Panel, np.ndarray]:
    """Panel and windows of exits of a simulated world, dated to end as the coded source does."""
    rows = world(truth, seed)
    states, bodies, years = rows.levels
    state, body, year = rows.group.T.astype(np.int64)
    calendar = np.arange(YEAR - years - BURN_IN, YEAR + 1)
    status = np.zeros((len(calendar), states, bodies), np.int8)
    year = year + BURN_IN
    status[year, state, body] = 1
    seen = np.zeros(status.shape, np.bool_)
    seen[year, state, body] = rows.event > 0
    cube = Cube(
        calendar, np.arange(states), tuple(f"b{j:02d}" for j in range(bodies)), status, np.zeros(status.shape, np.bool_),
        np.full(bodies, calendar[0]), np.zeros(bodies, np.int64),
    )  # fmt: skip
    panel = Panel(
        "exit", "simulated", cube, year, state, body, rows.X[:, 1:].copy(), rows.event, rows.weight,
        np.zeros(len(year), np.int64), Scaling(TERMS, np.zeros(2), np.ones(2)), {},
    )  # fmt: skip
    return panel, window_sum(seen)


@pytest.mark.parametrize("name", list(PLACEBOS))
def test_placebos_give_nothing_where_nothing_is_contagious(name: str) -> None:
    panel, window = simulated_panel(Truth(0.0, 0.0), 41)
    fits = fit_placebo(name, panel, window)
    for term, c in coefficients(fits).items():
        assert abs(c.estimate) < Z * c.error, term
    if len(fits) == 1:
        assert coefficients(fits)[TERMS[0]].error == pytest.approx(float(fits[0].standard_errors[1]))


def fit_placebo(name: str, panel: Panel, window: np.ndarray) -> tuple[Fit, ...]:
    made = {
        "leads": lambda: [_leads(panel, window)],
        "permuted_years": lambda: [_permuted(panel, window, seed) for seed in (1, 2)],
        "unrelated_bodies": lambda: [_unrelated(panel, window, {}, 1)],
    }[name]()
    return tuple(fit(_with_counts(panel, counts), "laplace", calibrate=False) for counts in made)


def test_shuffling_the_years_takes_contagion_away() -> None:
    panel, window = simulated_panel(Truth(1.0, 0.0), 43)
    at = TERMS[0]
    true = coefficients((fit(panel, "laplace", calibrate=False),))[at]
    shuffled = coefficients(fit_placebo("permuted_years", panel, window))[at]
    assert true.estimate > Z * true.error and abs(shuffled.estimate) < Z * shuffled.error


def test_leads_count_the_years_after_and_nothing_else() -> None:
    panel, window = simulated_panel(Truth(0.5, 0.5), 44)
    counts = _leads(panel, window)
    events = set(zip(*(x[panel.event > 0].tolist() for x in (panel.year, panel.state, panel.body)), strict=True))
    for n in np.flatnonzero(counts.used)[::9001]:
        y, i, j = int(panel.year[n]), int(panel.state[n]), int(panel.body[n])
        near = [e for e in events if y < e[0] <= y + 3]
        assert counts.from_body[n] == sum(e[2] == j and e[1] != i for e in near)
        assert counts.own[n] == sum(e[1] == i and e[2] != j for e in near)
    assert panel.cube.years[panel.year[counts.used]].max() == YEAR - 1 - 3


def test_shuffled_years_are_the_unit_s_own() -> None:
    panel, window = simulated_panel(Truth(0.5, 0.5), 45)
    counts = _permuted(panel, window, 3)
    assert counts.used.all()
    by_body = window.sum(axis=1)
    for j in range(0, by_body.shape[1], 7):
        rows = panel.body == j
        assert set(np.unique(counts.from_body[rows])) <= set(range(int(by_body[:, j].max()) + 1))
    assert (counts.from_body != np.expm1(panel.raw.get(TERMS[0], panel.terms[:, 0]))).mean() > 0.2


def test_partners_share_least_and_are_never_the_unit_itself() -> None:
    together = np.array([[9.0, 0, 0, 0], [8, 1, 0, 0], [0, 0, 9, 0], [0, 0, 0, 9]])
    alive = np.ones((10, 4), np.bool_)
    got = _partners(together, alive, np.zeros(4), np.zeros((4, 4), np.bool_), 1)
    assert (got != np.arange(4)).all()
    barred = np.zeros((4, 4), np.bool_)
    barred[0, [1, 2]] = True
    # All that is allowed is taken where fewer than `NEAREST` are; the exits then decide.
    assert _partners(together, alive, np.array([5.0, 5, 5, 1]), barred, 1)[0] == 3


def test_draws_of_a_placebo_go_round_its_fits(found: Models) -> None:
    other = replace(found.exit_fit, phi=found.exit_fit.phi + 100.0)
    beta = loop_draws((found.exit_fit, other), 6, 1)
    assert beta.shape == (6, 2) and (beta[1::2] > beta[::2].max() + 10).all()


def test_a_panel_with_other_counts_keeps_the_rest() -> None:
    panel, _ = simulated_panel(Truth(0.0, 0.0), 46)
    used = np.arange(len(panel.event)) % 2 == 0
    counts = _Counts(np.arange(len(used), dtype=float), np.ones(len(used)), used)
    got = _with_counts(panel, counts)
    np.testing.assert_array_equal(got.event, panel.event[used])
    assert got.terms[:, 0].std() == pytest.approx(1.0) and np.abs(got.terms[:, 1]).max() < 1e-12


def test_the_named_year_knows_nothing_later(found: Models, at_2014: Ground) -> None:
    cut = _until(found.cov, YEAR)
    assert (
        cut.cube.years[-1] == YEAR and not cut.exits.seen[-1].any() and len(cut.position.value) == len(cut.cube.years)
    )
    assert at_2014.start.year == YEAR + 1 and at_2014.start.years == HORIZON + 1
    row = found.cov.cube.index(YEAR)
    assert at_2014.start.members.sum() == (found.cov.cube.status[row] == 1).sum()
    window = found.cov.exits_window[row - 1]
    at = {b: j for j, b in enumerate(found.cov.cube.bodies)}
    columns = [at[b] for b in at_2014.start.bodies]
    rows = np.searchsorted(found.cov.cube.states, at_2014.start.states)
    np.testing.assert_array_equal(at_2014.world.exits_own, window[np.ix_(rows, columns)])
    more, more_own = count_steps(at_2014.world)
    assert more.max() == pytest.approx(np.log(2.0)) and more_own.min() > 0.0


def test_core_counts_no_exit_that_it_leaves_out(record: Record) -> None:
    g = ground(record, "core", YEAR)
    bodies = set(np.array(g.start.bodies)[(g.start.members & ~g.counted).any(axis=0)])
    assert "icco" in bodies or len(bodies) > 5
    assert g.counted.sum() < g.start.members.sum()


@pytest.fixture(scope="module")
def told(found: Models, record: Record) -> dict[str, object]:
    patch = pytest.MonkeyPatch()
    names = {name: (found.exit_fit,) * (SHUFFLES if name == "permuted_years" else 1) for name in PLACEBOS}
    patch.setattr(answers, "_placebo_fits", lambda *_: names)
    patch.setattr(answers, "_fits", lambda *_: Fits(found.exit_fit, found.join_fit))
    try:
        return answers.answer(record, "cleaned", state="USA", draws=3, worlds=2, beside=())
    finally:
        patch.undo()


def test_the_answer_has_the_keys_of_the_design(told: dict[str, object]) -> None:
    keys = ["outcome", "year", "horizon_years", "R", "R_upper_bound", "G", "p_self_sustaining", "channels", "placebos",
            "cut_loop", "groups", "offspring"]  # fmt: skip
    assert list(told)[: len(keys)] == keys and isinstance(told["warnings"], list)
    assert json.loads(json.dumps(told)) == told
    assert told["year"] == YEAR and told["horizon_years"] == HORIZON
    assert set(told["R"]) == {"median", "low", "high"}  # type: ignore[arg-type]
    for channel in told["channels"]:  # type: ignore[attr-defined]
        assert {"channel", "R", "low", "high"} <= set(channel)
    assert [p["placebo"] for p in told["placebos"]] == list(PLACEBOS)  # type: ignore[attr-defined]
    assert told["offspring"]["state"] == "USA" and told["offspring"]["memberships"] > 50  # type: ignore[index]
    assert sum(g["pairs"] for g in told["groups"]) > 10_000  # type: ignore[attr-defined]
    assert isinstance(told["G"], float) and told["R_upper_bound"] > told["R"]["median"]  # type: ignore[operator,index]


def test_what_must_not_be_asked_is_refused() -> None:
    for outcome, reason in (("verified", "no level"), ("cleaned_vintage", "one origin")):
        with pytest.raises(UsageError, match=reason):
            require_usable(outcome)
    with pytest.raises(UsageError, match="closest: cleaned"):
        require_usable("cleand")


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["--outcome", "verified"], "verified: its undocumented steps are dropped"),
        (["--outcome", "everything"], "invalid choice"),
        (["--year", "1990"], "the year must lie from 2014"),
        (["--year", "2090"], "the year must lie from 2014"),
        (["--state", "Atlantis"], "no state named 'Atlantis'"),
        (["--format", "parquet"], "name a file with --out"),
    ],
)
def test_the_command_refuses_in_one_sentence(words: list[str], says: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["feedback", "--quiet", *words]) == 2
    error = capsys.readouterr().err
    assert says in error and error.count("\n") == 1


def test_a_state_without_memberships_is_refused(told: dict[str, object], record: Record) -> None:
    # Kept by the fixture under the same draws and worlds, so that nothing is computed here.
    with pytest.raises(UsageError, match="has no membership in 2014"):
        answers.answer(record, "cleaned", state="XXX", draws=3, worlds=2, beside=())


def test_true_r_of_the_study_rises_with_its_coefficients() -> None:
    found = [float(radii(true_kernel(Truth(*beta), 1, (30, 20, 20)))["influence"]) for beta in LEVELS.values()]
    assert found[0] == 0.0 and found == sorted(found) and len(set(found)) == len(found)


def test_the_study_is_whole_and_says_what_the_warnings_say() -> None:
    rows = json.loads(RESULTS.read_text())["rows"]
    assert [(r["variant"], r["aim"]) for r in rows] == [(v, a) for v in VARIANTS for a in LEVELS]
    assert min(r["worlds"] for r in rows) >= REPLICATES
    # On average the truth of each kind of world is near what its name says, and the estimate follows it.
    assert all(abs(r["true_R"] - r["aim"]) < 0.15 for r in rows)
    sys.path.insert(0, str(RESULTS.parents[2] / "scripts"))
    try:
        import feedback
    finally:
        sys.path.pop(0)
    shipped = json.loads(answers.RECOVERY.read_text(encoding="utf-8"))
    assert shipped == feedback.recovery(json.loads(RESULTS.read_text()))
    assert f"{shipped['covered'][0]:.0f} to {shipped['covered'][1]:.0f} %" in render(answers.recovery(), "en")


def test_a_summary_counts_what_its_intervals_hold() -> None:
    def run(low: float, high: float, true: float) -> dict[str, object]:
        found = {
            name: {"median": (low + high) / 2, "low": low, "high": high}
            for name in ("influence", "signed", "all", "upper")
        }
        return {"aim": 0.3, "variant": "as fitted", "seed": 1, "events": 10, "status": "not_checked", "p_self_sustaining": 0.0,
                "true": dict.fromkeys(("influence", "signed", "all", "upper"), true), "found": found}  # fmt: skip

    (row,) = summarise([run(0.1, 0.5, 0.3), run(0.1, 0.2, 0.3), run(0.4, 0.6, 0.5), run(0.0, 0.4, 0.3)])
    assert row["covered"] == 75.0 and row["worlds"] == 4 and row["bias"] == pytest.approx(-0.0625, abs=2e-3)
