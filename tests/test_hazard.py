"""The hazard against R, against itself, and against what it must collapse to."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from exeunt.core.errors import FitError
from exeunt.explain.bundles import dispersion, estimate
from exeunt.explain.fit import design, fit
from exeunt.explain.hazard import CLOGLOG, LOGIT, Rows, _evaluate, _row, probabilities
from exeunt.explain.optimise import laplace, minimise
from exeunt.explain.yearly import _filter_level, year_law
from exeunt.panel.build import Panel, exit_panel
from exeunt.record.opened import open_record
from reference.run import digest
from simulated import BETA, SD, simulated

REFERENCE: dict[str, Any] = json.loads((Path(__file__).parent / "reference" / "hazard_reference.json").read_text())
# The tolerances of docs/method/decisions.md: for lme4 its own optimiser's, for glmmTMB those of a second optimiser.
JOINT_BETA, JOINT_SD = 1e-3, 2e-3
LAPLACE = 1e-2
FAILURE_RATE = 1e-5
"""Chance that a statistical test below fails with nothing wrong; 4.4 standard errors."""
Z = 4.4


def agrees(rows: Rows, kept: dict[str, Any]) -> None:
    """Hold both criteria against the kept values of both referees."""
    assert digest(rows.X, rows.event) == kept["digest"], "the rows have changed: run `make reference` and look at both"
    joint, _ = minimise(rows, "joint")
    k = rows.k
    assert joint.converged
    assert np.abs(joint.phi[:k] - kept["joint_beta"]).max() <= JOINT_BETA
    assert np.abs(joint.sd - kept["joint_sd"]).max() <= JOINT_SD
    assert joint.deviance <= kept["joint_deviance"] + 1e-3
    full, _ = minimise(rows, "laplace")
    assert full.converged
    assert np.abs(full.phi[:k] - kept["laplace_beta"]).max() <= LAPLACE
    assert np.abs(full.sd - kept["laplace_sd"]).max() <= LAPLACE
    assert full.deviance <= kept["laplace_deviance"] + 1e-2


@pytest.mark.parametrize("link", ["cloglog", "logit"])
def test_agrees_with_r_on_simulated_rows(link: str) -> None:
    agrees(simulated(link=link), REFERENCE[f"simulated_{link}"])


def test_agrees_with_r_on_the_exit_panel() -> None:
    agrees(design(exit_panel(open_record()))[0], REFERENCE["exit_panel"])


@pytest.mark.parametrize("link", [CLOGLOG, LOGIT])
@pytest.mark.parametrize("event", [0.0, 1.0])
def test_row_derivatives_are_those_of_the_likelihood(link: int, event: float) -> None:
    for eta in (-9.0, -4.7, -2.0, 0.3, 1.5):
        step = 1e-5
        up, at, down = (_row(eta + d, event, link, True) for d in (step, 0.0, -step))
        assert (up[0] - down[0]) / (2 * step) == pytest.approx(at[1], rel=1e-6, abs=1e-9)
        assert -(up[1] - down[1]) / (2 * step) == pytest.approx(at[2], rel=1e-5, abs=1e-8)
        assert (up[2] - down[2]) / (2 * step) == pytest.approx(at[3], rel=1e-5, abs=1e-8)
        expected = [_row(eta + d, event, link, False) for d in (step, 0.0, -step)]
        assert (expected[0][2] - expected[2][2]) / (2 * step) == pytest.approx(expected[1][3], rel=1e-5, abs=1e-9)


def test_expected_information_is_the_mean_of_the_observed() -> None:
    for eta in (-5.0, -1.0, 0.8):
        p = -np.expm1(-np.exp(eta))
        mean = p * _row(eta, 1.0, CLOGLOG, True)[2] + (1 - p) * _row(eta, 0.0, CLOGLOG, True)[2]
        assert _row(eta, 1.0, CLOGLOG, False)[2] == pytest.approx(mean, rel=1e-9)


def test_one_pass_equals_dense_matrices() -> None:
    rows = simulated(keep=0.03)
    phi = np.random.Generator(np.random.Philox(3)).normal(size=rows.k + rows.q) * 0.2
    Z_dense = np.zeros((len(rows.event), rows.q))
    for column, start in enumerate((0, rows.levels[0], rows.levels[0] + rows.levels[1])):
        Z_dense[np.arange(len(rows.event)), start + rows.group[:, column]] = 1
    full = np.column_stack([rows.X, Z_dense])
    parts = np.array([_row(e, y, CLOGLOG, True) for e, y in zip(full @ phi, rows.event, strict=True)])
    loglik, score, info = _evaluate(rows, phi, True)
    assert loglik == pytest.approx(parts[:, 0].sum(), rel=1e-10)
    np.testing.assert_allclose(score, full.T @ parts[:, 1], atol=1e-8)
    np.testing.assert_allclose(info, full.T @ (full * parts[:, 2:3]), atol=1e-8)


@pytest.mark.parametrize("joint", [True, False])
def test_slope_of_the_deviance(joint: bool) -> None:
    rows = simulated()
    log_sd = np.log([0.6, 0.8, 0.4])
    base = laplace(rows, np.concatenate([BETA, np.zeros(rows.q)]), log_sd, joint)
    step = 1e-3
    for number in range(3):
        move = np.zeros(3)
        move[number] = step
        up, down = (laplace(rows, base.phi, log_sd + s * move, joint).deviance for s in (1, -1))
        assert (up - down) / (2 * step) == pytest.approx(base.slope[-3 + number], rel=2e-3, abs=2e-3)
    if not joint:
        for number in range(rows.k):
            ends = []
            for sign in (1, -1):
                start = base.phi.copy()
                start[number] += sign * step
                ends.append(laplace(rows, start, log_sd, joint).deviance)
            assert (ends[0] - ends[1]) / (2 * step) == pytest.approx(base.slope[number], rel=2e-3, abs=2e-3)


def test_recovers_the_truth_within_its_own_error() -> None:
    rows = simulated()
    point, _ = minimise(rows, "laplace")
    se = np.sqrt(np.diag(np.linalg.inv(point.information))[: rows.k])
    assert (np.abs(point.phi[1:4] - BETA[1:]) < Z * se[1:]).all()
    # With 60, 80 and 30 levels a standard deviation has a relative error of about 1/√(2q).
    relative = 1 / np.sqrt(2 * np.array(rows.levels))
    assert (np.abs(np.log(point.sd / SD)) < Z * relative).all()


def test_without_spread_the_rate_is_events_over_rows() -> None:
    rows = simulated(beta=np.array([-3.0, 0.0, 0.0, 0.0]))
    plain = Rows(np.ones((len(rows.event), 1)), rows.event, rows.weight, rows.group, rows.levels)
    point = laplace(plain, np.concatenate([[-3.0], np.zeros(plain.q)]), np.log(np.full(3, 1e-4)), True)
    assert probabilities(plain, point.phi)[0] == pytest.approx(rows.event.mean(), rel=1e-4)


def test_shuffled_rows_give_the_same_fit() -> None:
    rows = simulated(keep=0.06)
    order = np.random.Generator(np.random.Philox(9)).permutation(len(rows.event))
    shuffled = Rows(rows.X[order], rows.event[order], rows.weight[order], rows.group[order], rows.levels)
    a, b = minimise(rows, "laplace")[0], minimise(shuffled, "laplace")[0]
    np.testing.assert_allclose(a.phi[: rows.k], b.phi[: rows.k], atol=1e-4)
    np.testing.assert_allclose(a.sd, b.sd, atol=1e-3)


def test_weight_two_is_a_row_twice() -> None:
    rows = simulated(keep=0.05)
    double = Rows(rows.X, rows.event, 2 * rows.weight, rows.group, rows.levels)
    twice = Rows(
        np.vstack([rows.X, rows.X]), np.tile(rows.event, 2), np.tile(rows.weight, 2), np.vstack([rows.group, rows.group]),
        rows.levels,
    )  # fmt: skip
    phi = np.concatenate([BETA, np.zeros(rows.q)])
    one, two = (laplace(r, phi, np.log(SD), False).deviance for r in (double, twice))
    assert one == pytest.approx(two, rel=1e-9)


def test_dispersion_finds_the_truth_and_finds_none() -> None:
    rng = np.random.Generator(np.random.Philox(5))
    mean = rng.uniform(0.05, 3.0, 20_000)
    assert dispersion(mean, rng.poisson(mean)) < 0.02
    for phi in (0.5, 4.0):
        counts = rng.poisson(mean * rng.gamma(1 / phi, phi, len(mean)))
        assert dispersion(mean, counts) == pytest.approx(phi, rel=0.1)


def test_bundles_are_read_from_their_own_cells() -> None:
    rng = np.random.Generator(np.random.Philox(6))
    states, bodies = 400, 400
    state, body = np.divmod(np.arange(states * bodies), bodies)
    rate = np.full(len(state), 0.01) * rng.gamma(1.0, 1.0, bodies)[body]
    found = estimate(np.full(len(state), 0.01), (rng.random(len(state)) < rate) * 1.0, np.ones(len(state)), state, body)
    assert found.body_year == pytest.approx(1.0, rel=0.35)
    assert found.state_year < 0.2


def test_filter_equals_the_dense_gaussian_likelihood() -> None:
    values, gaps = np.array([0.3, -0.2, 0.5, 0.1, 0.9]), np.array([1.0, 1.0, 2.0, 1.0])
    step, noise = 0.05, 0.2
    total, level, _ = _filter_level(values, gaps, step, noise)
    # The first value starts the level, so the law of the others given it is normal with these moments.
    time = np.concatenate([[0.0], np.cumsum(gaps)])
    cov = noise + step * np.minimum.outer(time[1:], time[1:]) + noise * np.eye(4)
    error = values[1:] - values[0]
    dense = np.linalg.slogdet(cov)[1] + error @ np.linalg.solve(cov, error)
    assert total == pytest.approx(dense, rel=1e-9)
    cross = noise + step * time[1:]
    assert level == pytest.approx(values[0] + cross @ np.linalg.solve(cov, error), rel=1e-9)


def test_year_law_draws_what_it_says() -> None:
    effects = {1990 + k: v for k, v in enumerate([0.1, -0.4, 0.2, 0.5, -0.1, 0.0, 0.3, -0.2])}
    law = year_law(effects, 0.4)
    drawn = law.draw(np.array([1999, 2005]), 40_000, np.random.Generator(np.random.Philox(2)))
    for column, years in enumerate((2, 8)):
        spread = np.sqrt(law.mean_variance[0] + law.step[0] * years + law.noise[0])
        assert abs(drawn[:, column].mean() - law.mean[0]) < Z * spread / 200
        assert drawn[:, column].std() == pytest.approx(spread, rel=0.03)


def _panel(event: np.ndarray) -> Panel:
    full = exit_panel(open_record())
    n = len(event)
    return Panel(
        "exit", "cleaned", full.cube, full.year[:n], full.state[:n], full.body[:n], full.terms[:n], event, full.weight[:n],
        full.carried[:n], full.scaling, {},
    )  # fmt: skip


def test_no_event_is_one_sentence() -> None:
    with pytest.raises(FitError, match="holds no event"):
        fit(_panel(np.zeros(3000)))
    with pytest.raises(FitError, match="unknown criterion"):
        fit(_panel(np.ones(3000)), criterion="reml")
