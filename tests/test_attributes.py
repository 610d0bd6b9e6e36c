"""Equations of standing and capability: known truths come back, small cases by hand, both halves of Spiral together."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from exeunt.core.arrays import FloatArray
from exeunt.core.errors import UnknownNameError, UsageError
from exeunt.explain import random_walks
from exeunt.explain.attributes import Measured, _equations, _event_study, _lay_out, _within, table
from exeunt.explain.estimates import Estimate
from exeunt.explain.sequence import spiral
from exeunt.measures.membership import position_error, standing, standing_outside
from exeunt.panel.build import covariates
from exeunt.record.store import Record
from tiny import tiny_record

# Estimates stay within three standard errors of the truth on these fixed seeds; by chance one number in 370 would not.
ERRORS = 3.0
PHI, EFFECTS, INNOVATION, NOISE = 0.85, (-0.2, 0.1), 0.15, 0.10


def simulated(
    seed: int, phi: float = PHI, noise: float = NOISE, years: int = 60, states: int = 150
) -> tuple[FloatArray, FloatArray]:
    """A panel of known truth: late entrants, a start away from the level, and one cell in twelve missing."""
    rng = np.random.Generator(np.random.Philox(seed))
    events = np.stack([rng.random((years, states)) < 0.06, rng.random((years, states)) < 0.3], axis=-1).astype(
        np.float64
    )
    x, level = rng.normal(0.5, 0.4, states), rng.normal(0, 1, states)
    z = np.empty((years, states))
    for t in range(years):
        z[t] = level + x + rng.normal(0, noise, states)
        x = phi * x + events[t] @ np.array(EFFECTS) + rng.normal(0, INNOVATION, states)
    z[rng.random(z.shape) < 1 / 12] = np.nan
    z[np.arange(years)[:, None] < rng.integers(0, 20, states)] = np.nan
    return z, events


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_known_parameters_come_back(seed: int) -> None:
    made = random_walks.fit_state_space(*simulated(seed))
    assert made.status == "ok"
    assert abs(made.phi - PHI) < ERRORS * made.phi_error < 0.05
    for found, error, clustered, truth in zip(made.effects, made.errors, made.clustered, EFFECTS, strict=True):
        assert abs(found - truth) < ERRORS * error
        assert clustered == pytest.approx(error, rel=0.4)
    for found, error, truth in zip(
        (made.sd_innovation, made.sd_measurement), made.log_sd_errors, (INNOVATION, NOISE), strict=True
    ):
        assert abs(np.log(found / truth)) < ERRORS * error


def test_a_panel_without_measurement_error_or_without_return_says_so() -> None:
    assert random_walks.fit_state_space(*simulated(4, noise=0.0)).sd_measurement < 0.05
    made = random_walks.fit_state_space(*simulated(5, phi=1.0))
    assert made.status in {"ok", "unit_root"} and made.phi > 0.98
    assert np.isnan(made.phi_error) == (made.status == "unit_root")
    assert abs(made.effects[0] - EFFECTS[0]) < ERRORS * made.errors[0]


def test_the_likelihood_is_that_of_the_dense_normal_law() -> None:
    z, events = simulated(6, years=7, states=4)
    z, events = z[:, random_walks._kept(z)], events[:, random_walks._kept(z)]
    phi, start, b, w, e, a = 0.7, 0.3, np.array([-0.2, 0.1]), 0.2, 0.1, 0.5
    theta = np.array([phi, start, *b, np.log(w), np.log(e), np.log(a)])
    total = 0.0
    for i in range(z.shape[1]):
        rows = np.flatnonzero(~np.isnan(z[:, i]))
        first, n = rows[0], len(z) - rows[0]
        mean, spread = np.zeros(n), np.zeros((n, n))
        mean[0], spread[0, 0] = start, a**2
        for t in range(1, n):
            mean[t] = phi * mean[t - 1] + events[first + t - 1, i] @ b
            spread[t, :t] = spread[:t, t] = phi * spread[t - 1, :t]
            spread[t, t] = phi**2 * spread[t - 1, t - 1] + w**2
        seen = rows - first
        V = spread[np.ix_(seen, seen)] + e**2 * np.eye(len(seen))
        inverse, one = np.linalg.inv(V), np.ones(len(seen))
        rest = z[rows, i] - mean[seen]
        level = one @ inverse @ one
        # The level integrated over a flat law.
        square = rest @ inverse @ rest - (one @ inverse @ rest) ** 2 / level
        total -= 0.5 * ((len(seen) - 1) * np.log(2 * np.pi) + np.linalg.slogdet(V)[1] + np.log(level) + square)
    assert random_walks._loglik(theta, z, events) == pytest.approx(total, rel=1e-9)


def test_what_cannot_be_estimated_is_a_status() -> None:
    z, events = simulated(7, years=20, states=12)
    assert random_walks.fit_state_space(z, events * [0.0, 1.0]).status == "not_identified"
    assert random_walks.fit_state_space(z, np.repeat(events[:, :, :1], 2, axis=2)).status == "not_identified"
    assert random_walks.fit_state_space(np.full_like(z, np.nan), events).status == "not_identified"


def test_two_way_sweep_equals_dummies() -> None:
    rng = np.random.Generator(np.random.Philox(8))
    state, year = rng.integers(0, 6, 60), rng.integers(0, 5, 60)
    y = rng.normal(size=(60, 2))
    X = np.hstack([np.eye(6)[state], np.eye(5)[year]])
    expected = y - X @ np.linalg.lstsq(X, y, rcond=None)[0]
    np.testing.assert_allclose(_within(y, state, year), expected, atol=1e-8)


def test_event_study_of_a_case_done_by_hand(monkeypatch: pytest.MonkeyPatch) -> None:
    from exeunt.explain import attributes as module

    monkeypatch.setattr(module, "FEWEST_EVENTS", 1)
    # Two states, changes over k = 0 are z_t − z_{t−1} at t = 1, 2; the first state falls by 1 in its event year 2.
    z = np.array([[0.0, 0.0], [0.0, 0.0], [-1.0, 0.0]])
    event = np.array([[False, False], [False, False], [True, False]])
    made = _event_study(z, event, ks=(0,))
    # With two states and two years the estimate is the difference of differences: (−1 − 0) − (0 − 0).
    assert made.estimate[0] == pytest.approx(-1.0) and made.cells == (4,) and made.events == (1,)
    assert made.error[0] == pytest.approx(0.0, abs=1e-9) and made.placebo_holds is None


def test_a_planted_effect_is_found_and_no_trend_before_it() -> None:
    z, events = simulated(9)
    made = _event_study(z, events[:, :, 0] > 0)
    for number, k in enumerate(made.k):
        truth = 0.0 if k < 1 else EFFECTS[0] * PHI ** (k - 1)
        assert abs(made.estimate[number] - truth) < ERRORS * made.error[number] + 0.02, k
    assert made.placebo_holds and made.placebo_degrees == 4


def test_a_fall_before_the_event_fails_the_placebo() -> None:
    z, events = simulated(10)
    early = np.zeros_like(events[:, :, 0], dtype=bool)
    early[3:] = events[:-3, :, 0] > 0
    made = _event_study(z, early)
    assert made.placebo_holds is False and made.placebo_p < 0.001


def test_too_few_events_are_a_status() -> None:
    z, _ = simulated(11, years=15, states=10)
    event = np.zeros(z.shape, bool)
    event[10, :3] = True
    made = _event_study(z, event)
    assert made.status == "too_few_events" and np.isnan(made.estimate).all() and made.placebo_holds is None


def test_standing_outside_one_body_is_the_standing_of_the_panel() -> None:
    rng = np.random.Generator(np.random.Philox(12))
    members, position = rng.random((9, 7)) < 0.5, rng.normal(size=9)
    position[2] = np.nan
    present = np.ones(9, bool)
    present[5] = False
    members[5] = False
    for body in range(7):
        left = np.zeros((9, 7), bool)
        left[:, body] = True
        np.testing.assert_allclose(
            standing_outside(members, position, present, left),
            standing(members, position, present)[:, body],
            atol=1e-12,
        )


def test_leaving_a_listed_body_moves_nothing_of_the_leaver() -> None:
    rng = np.random.Generator(np.random.Philox(13))
    members, position, present = rng.random((8, 6)) < 0.6, rng.normal(size=8), np.ones(8, bool)
    members[0, 3] = True
    left = np.zeros((8, 6), bool)
    left[0, 3] = True
    after = members.copy()
    after[0, 3] = False
    before = standing_outside(members, position, present, left)[0]
    assert standing_outside(after, position, present, left)[0] == pytest.approx(before, abs=1e-12)


def test_error_of_a_position_by_hand() -> None:
    # Distances from the mean of the other two: 1.5, 0, 1.5; their spread is √0.5.
    found = position_error(np.array([-1.0, 0.0, 1.0]), np.full(3, 0.2), np.ones(3, bool))
    np.testing.assert_allclose(found, 0.2 / (2 * np.sqrt(0.5)))


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Record:
    return tiny_record(tmp_path_factory.mktemp("attributes") / "facts")


def test_the_tiny_world_lays_out_and_says_that_exits_are_few(tiny: Record) -> None:
    cov = covariates(tiny, "cleaned")
    laid = _lay_out(tiny, cov, "capability")
    assert laid.z.shape == (69, 6) and laid.names == ("exit", "join") and laid.interval_error is None
    assert laid.z[0, 0] == pytest.approx(np.log(0.01 * 1.01))
    # CCC left beta with 1973 its last year, DDD with 1969.
    assert {(1946 + t, i) for t, i in np.argwhere(laid.events[:, :, 0] > 0).tolist()} == {(1973, 2), (1969, 3)}
    assert {row.status for row in _equations(laid, "cleaned", "capability") if row.part == "state_space"} == {
        "too_few_exits"
    }
    with pytest.raises(UnknownNameError, match="standing"):
        _lay_out(tiny, cov, "standin")
    with pytest.raises(UsageError, match="2010"):
        _lay_out(tiny, cov, "capability", 2010)


def test_undocumented_steps_have_a_column_of_their_own(tiny: Record) -> None:
    laid = _lay_out(tiny, covariates(tiny, "verified"), "standing")
    assert laid.names == ("exit", "join", "undocumented")
    assert laid.events[:, :, 2].sum() > 0


def test_a_second_table_comes_from_the_cache_and_is_the_same(tiny: Record) -> None:
    said: list[str] = []
    first = table(tiny, ("cleaned",), say=said.append)
    again = table(tiny, ("cleaned",), say=said.append)
    assert again == first and len(said) == 1
    assert {row.part for row in first} == {"state_space", "check", "event_study", "placebo"}


def half(outcome: str, attribute: str, low: float | None, high: float | None, placebo: str = "holds") -> list[Measured]:
    middle = None if low is None or high is None else (low + high) / 2
    row = Measured(outcome, attribute, "state_space", "exit", middle, low, high, None, 100, 20, "ok")
    clustered = replace(row, part="check", term="exit_clustered")
    return [row, clustered, replace(row, part="placebo", term="leads", status=placebo)]


@pytest.mark.parametrize(
    ("low", "standing_bounds", "capability_bounds", "placebo", "both"),
    [
        (0.1, (-0.2, -0.1), (-0.1, 0.1), "holds", "borne_out"),
        (0.1, (-0.1, 0.1), (-0.2, -0.1), "fails", "borne_out_but_placebo_fails"),
        (-0.1, (-0.2, -0.1), (-0.2, -0.1), "holds", "not_borne_out"),
        (0.1, (-0.1, 0.1), (0.1, 0.2), "holds", "not_borne_out"),
        (0.1, (None, None), (None, None), "not_tested", "not_estimated"),
    ],
)
def test_spiral_needs_both_halves(
    low: float,
    standing_bounds: tuple[float, float],
    capability_bounds: tuple[float, float],
    placebo: str,
    both: str,
) -> None:
    one = Estimate("Spiral", "distance_x_decline", "cleaned", 1946, 2013, 1000, 50, low + 0.2, low, low + 0.4, 1, "ok")
    rows = half("cleaned", "standing", *standing_bounds) + half("cleaned", "capability", *capability_bounds, placebo)
    (found,) = spiral([one, replace(one, term="distance")], rows)
    assert found.both == both
    assert found.says.endswith(".") and "both are needed" in found.says and "cause" not in found.says


def test_spiral_asks_for_the_interval_clustered_by_state_too() -> None:
    one = Estimate("Spiral", "distance_x_decline", "cleaned", 1946, 2013, 1000, 50, 0.3, 0.1, 0.5, 1, "ok")
    rows = half("cleaned", "standing", -0.2, -0.1) + half("cleaned", "capability", -0.1, 0.1)
    rows[1] = replace(rows[1], high=0.01)
    (found,) = spiral([one], rows)
    assert found.second_half == found.both == "not_borne_out"
    assert "clustered by state it is not told apart from none" in found.says


def test_spiral_asks_for_the_equations_of_the_same_outcome() -> None:
    one = Estimate("Spiral", "distance_x_decline", "raw", 1946, 2013, 1000, 50, 0.2, 0.1, 0.3, 1, "ok")
    with pytest.raises(UsageError, match="raw"):
        spiral([one], half("cleaned", "standing", -0.2, -0.1))


def test_the_command_prints_both_equations(capsys: pytest.CaptureFixture[str]) -> None:
    import json

    from exeunt import cli

    assert cli.main(["attributes", "--outcome", "verified", "--quiet", "--format", "json"]) == 0
    rows = json.loads(capsys.readouterr().out)
    assert {(row["outcome"], row["attribute"]) for row in rows} == {
        ("verified", "standing"),
        ("verified", "capability"),
    }
    assert sum(row["part"] == "event_study" for row in rows) == 2 * 15


def test_a_first_year_out_of_reach_is_wrong_use(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    from exeunt import cli

    assert cli.main(["attributes", "--outcome", "raw", "--first-year", "2012", "--quiet"]) == 2
    assert "2012" in capsys.readouterr().err
