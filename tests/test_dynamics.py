"""The laws of a world besides the hazards: recovery of known truths, addresses of draws, and the record's own counts."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
import pytest
from scipy.stats import chi2

from exeunt.core.errors import FitError, UsageError
from exeunt.explain import fit as fitting
from exeunt.explain import joining
from exeunt.explain.body_lifecycle import _cloglog, _overdispersion, _vitality, births, deaths
from exeunt.explain.bundles import Bundles
from exeunt.explain.joining import BANDS, returns, since_exit
from exeunt.explain.random_walks import walk
from exeunt.measures.membership import standing, standing_whole
from exeunt.panel.build import Covariates, Scaling, covariates
from exeunt.panel.registry import choose
from exeunt.panel.terms import SMALLEST_SHARE
from exeunt.panel.yearly_covariates import state_measure
from exeunt.record.store import Record
from exeunt.report.reasons import _Models as Models
from exeunt.simulate import dynamics as laws
from exeunt.simulate import engine, reference
from exeunt.simulate.dynamics import (
    FEWEST_NEWCOMERS,
    _Effects,
    _held_to,
    _standing_of,
)
from exeunt.simulate.dynamics import (
    _Dynamics as Dynamics,
)
from exeunt.simulate.dynamics import (
    _newcomers as newcomers,
)
from exeunt.simulate.dynamics import (
    _standing_path as standing_path,
)
from exeunt.simulate.reference import EFFECTS, JOIN
from exeunt.simulate.reference import _generator as generator
from exeunt.simulate.reference import _law as law
from exeunt.simulate.start import Start, start
from exeunt.simulate.start import _Surroundings as Surroundings

REFITTED = 1e-6
"""A hazard fitted anew agrees with the kept one to where a fit stops: the last bits hang on the linear algebra."""
REDRAWN = 1e-12
"""The same draws over arrays of other shapes: sums over states may be taken in another order."""
ROOT = Path(__file__).resolve().parent.parent
FAILURE_RATE = 1e-5
Z = 4.4
"""Standard errors that an estimate may lie from its truth: a test fails by chance once in a hundred thousand runs."""
YEARS = 12
LAW_OF_EXITS, LAW_OF_JOINS = _Effects(0.0, 1.0), _Effects(-0.5, 2.0)
WORLDS = 400


@pytest.fixture(scope="module")
def cov(record: Record) -> Covariates:
    return covariates(record, "cleaned")


@pytest.fixture(scope="module")
def kept() -> dict[str, object]:
    return json.loads((ROOT / "tests" / "reference" / "dynamics.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def made(cov: Covariates, kept: dict[str, object]) -> Dynamics:
    """Estimates as the page has them; founders from the record."""
    known = {name: value for name, value in kept.items() if name in Dynamics.__dataclass_fields__}
    found = laws._read(known)
    assert found is not None
    return replace(found, births=births(cov))


@pytest.fixture(scope="module")
def opening(cov: Covariates) -> Start:
    return start(cov, YEARS)


@pytest.fixture(scope="module")
def worlds(made: Dynamics, opening: Start) -> list[Surroundings]:
    return [made.draw(opening, LAW_OF_EXITS, LAW_OF_JOINS, 3, world) for world in range(WORLDS)]


def test_new_bodies_have_effects_like_those_born_in_the_span(found: Models, cov: Covariates) -> None:
    fit, counted = found.join_fit, births(cov)
    assert len(counted.bodies) == sum(counted.counts) == len(set(counted.bodies))
    law_of_new = newcomers(fit, counted)
    modes = [mode for body, mode in fit.effect("body").items() if body in set(counted.bodies)]
    assert len(modes) >= FEWEST_NEWCOMERS
    assert law_of_new.mean == pytest.approx(np.mean(modes))
    assert np.std(modes) < law_of_new.sd < np.hypot(np.std(modes), fit.sd[1])
    assert newcomers(fit, replace(counted, bodies=[])) == _Effects(0.0, float(fit.sd[1]))


def test_hazard_of_ends_is_recovered() -> None:
    rng = np.random.Generator(np.random.Philox(5))
    truth = np.array([-3.0, -0.4, 0.3, -0.6])
    X = np.column_stack([np.ones(20_000), rng.standard_normal((20_000, 3))])
    event = (rng.random(len(X)) < -np.expm1(-np.exp(X @ truth))).astype(float)
    beta, covariance = _cloglog(X, event)
    errors = np.sqrt(np.diag(covariance))
    assert (np.abs(beta - truth) < Z * errors).all()
    assert (errors < 0.06).all()
    with pytest.raises(FitError, match="both kinds"):
        _cloglog(X, np.zeros(len(X)))
    with pytest.raises(FitError, match="no finite estimate"):
        _cloglog(X, (X[:, 1] > 1.0).astype(float))


def test_years_of_many_births_are_told_from_chance() -> None:
    rng = np.random.Generator(np.random.Philox(6))
    factor = rng.gamma(1 / 0.5, 0.5, 2_000)
    found, gain = _overdispersion(rng.poisson(4.0 * factor))
    assert abs(found - 0.5) < 0.12
    assert gain > 100
    assert _overdispersion(rng.poisson(4.0, 2_000)) == (0.0, 0.0)


def test_walk_is_told_from_error_of_measurement() -> None:
    rng = np.random.Generator(np.random.Philox(7))
    years, states = 25, 190
    path = np.cumsum(0.12 * rng.standard_normal((years, states)), axis=0)
    values = path + 0.15 * rng.standard_normal((years, states))
    values[rng.random(values.shape) < 0.1] = np.nan
    values[:, :5] = np.nan
    found = walk(values, np.arange(1990, 1990 + years))
    assert found.states == states - 5
    assert abs(np.log(found.sd_step / 0.12)) < Z * found.log_error
    assert 0.005 < found.log_error < 0.06
    assert abs(found.sd_error - 0.15) < 0.02
    assert found.common < 0.02
    # One-year steps alone would say much more.
    assert np.sqrt(found.mean_square[0][2]) > 1.8 * 0.12
    steps = 0.12 * rng.standard_normal((years, 1))
    shaken = walk(values + np.cumsum(steps, axis=0), np.arange(1990, 1990 + years))
    assert abs(shaken.common * shaken.sd_step**2 / steps[1:].var(ddof=1) - 1) < 0.2
    with pytest.raises(FitError, match="states have values"):
        walk(values[:, :9], np.arange(years))


def test_returns_are_counted_by_years_since_the_exit() -> None:
    rng = np.random.Generator(np.random.Philox(8))
    exits = rng.random((30, 6, 5)) < 0.05
    since = since_exit(exits)
    for (year, state, body), value in np.ndenumerate(since):
        before = np.flatnonzero(exits[:year, state, body])
        assert value == (year - before[-1] if len(before) else 0)
    ratio = np.array([1.0, 0.5, 2.0, 3.0, 1.5])
    band = rng.integers(0, 5, 200_000)
    years = np.array([0, 2, 4, 8, 30])[band]
    rate = np.full(len(band), 0.02)
    event = (rng.random(len(band)) < rate * ratio[band]).astype(float)
    found = returns(years, event, rate, (1985, 2007))
    for number in range(len(BANDS)):
        expected = found.expected[number] * ratio[number + 1]
        assert abs(found.observed[number] - expected) < Z * np.sqrt(expected)


def test_a_panel_begins_where_it_is_told_to(record: Record, cov: Covariates) -> None:
    from exeunt.panel.build import join_panel

    panel = join_panel(record, cov=cov)
    cut = joining._beginning(panel, 1990)
    keep = cov.cube.years[panel.year] >= 1990
    assert len(cut.event) == keep.sum() > 0
    assert (cut.terms == panel.terms[keep]).all()  # a selection, so equal to the bit
    assert all((cut.raw[name] == panel.raw[name][keep]).all() for name in panel.raw)
    assert cut.scaling is panel.scaling


def test_ends_and_births_of_the_record_are_met(cov: Covariates, made: Dynamics) -> None:
    """Expected ends of the span within 1 % of the observed, each decade within three standard deviations as dispersed."""
    found = deaths(cov)
    for name, value in asdict(made.deaths).items():
        np.testing.assert_allclose(getattr(found, name), value, rtol=REFITTED, atol=REFITTED, err_msg=name)
    assert found.events > 50
    rows, observed, expected = np.array(found.decades)[:, 2:].sum(axis=0)
    assert rows == found.rows
    assert observed == found.events
    assert abs(expected / observed - 1) < 0.01
    for first, last, _, seen, foreseen in found.decades:
        assert abs(seen - foreseen) < 3 * np.sqrt(foreseen * max(found.dispersion, 1.0)), (first, last)
    # The years after the span are not survival: the source has next to no ends there.
    assert found.after[3] < 0.25 * found.after[4]
    new = births(cov)
    assert sum(new.counts) == len(new.founders) > 50
    assert new.after[2] <= 1


def test_what_is_drawn_meets_the_estimates(made: Dynamics, opening: Start, worlds: list[Surroundings]) -> None:
    per_year = np.array([np.bincount(w.birth_step, minlength=YEARS)[1:] for w in worlds])
    observed = np.mean(made.births.counts)
    # The mean of a world's years, over worlds; half a body a year of the prior is allowed for.
    spread = per_year.mean(axis=1).std(ddof=1) / np.sqrt(WORLDS)
    assert abs(per_year.mean() - observed) < Z * spread + 0.5 / len(made.births.counts)
    death = np.array([w.death for w in worlds])
    for number in range(4):
        error = np.sqrt(made.deaths.covariance[number][number])
        assert abs(death[:, number].mean() - made.deaths.coefficients[number]) < Z * error / np.sqrt(WORLDS)
        assert abs(death[:, number].std() / error - 1) < 0.2
    ratio = np.exp([w.return_log_ratio for w in worlds])
    for number, (seen, foreseen) in enumerate(zip(made.returns.observed, made.returns.expected, strict=True)):
        mean, sd = (seen + 0.5) / foreseen, np.sqrt(seen + 0.5) / foreseen
        assert abs(ratio[:, number].mean() - mean) < Z * sd / np.sqrt(WORLDS)
    response = np.array([w.capability_response for w in worlds])
    assert abs(response.mean() - made.capability.response) < Z * made.capability.response_error / np.sqrt(WORLDS)
    assert abs(np.concatenate([w.birth_join for w in worlds]).std() - 2.0) < 0.1
    assert abs(np.concatenate([w.birth_join for w in worlds]).mean() + 0.5) < 0.1
    assert abs(np.concatenate([w.birth_exit for w in worlds]).std() - 1.0) < 0.05
    first = opening.year - opening.first_year
    moved = np.array([w.position[first:] - w.position[first - 1 : -1] for w in worlds])
    assert abs(np.nanstd(moved[:, 1:]) / made.position.sd_step - 1) < 0.03
    gap = opening.year - made.position_until
    assert gap > 1
    assert abs(np.nanstd(moved[:, 0]) / (made.position.sd_step * np.sqrt(gap)) - 1) < 0.05


def test_surroundings_are_laid_out_over_the_start(made: Dynamics, opening: Start, worlds: list[Surroundings]) -> None:
    first = opening.year - opening.first_year
    for w in worlds[:20]:
        assert w.position.shape == opening.position.shape
        assert w.capability.shape == opening.capability.shape
        assert np.array_equal(w.position[:first], opening.position[:first], equal_nan=True)
        assert np.array_equal(w.capability[:first], opening.capability[:first], equal_nan=True)
        assert (np.isnan(w.position[first:]) == np.isnan(opening.position[first - 1])).all()
        assert (np.isnan(w.capability[first:]) == np.isnan(opening.capability[first - 1])).all()
        assert np.nanmin(w.capability[first:]) >= SMALLEST_SHARE
        assert np.allclose(np.nansum(w.capability[first:], axis=1), np.nansum(opening.capability[first - 1]), rtol=1e-4)
        assert w.death.shape == (4,)
        assert w.return_log_ratio.shape == (len(BANDS),)
        assert w.founders.shape == (len(w.birth_step), len(opening.states))
        assert w.founders.dtype == np.uint8
        assert w.founders.any(axis=1).all()
        assert w.birth_exit.shape == w.birth_join.shape == w.birth_step.shape
        assert (np.diff(w.birth_step) >= 0).all()
        assert ((w.birth_step >= 1) & (w.birth_step < YEARS)).all()
    assert max(len(w.birth_step) for w in worlds) > 0
    known = {tuple(np.flatnonzero(np.isin(opening.states, f))) for f in made.births.founders}
    assert all(tuple(np.flatnonzero(row)) in known for row in worlds[0].founders)


def test_draws_are_addressed(made: Dynamics, cov: Covariates, opening: Start, worlds: list[Surroundings]) -> None:
    again = made.draw(opening, LAW_OF_EXITS, LAW_OF_JOINS, 3, 7)
    longer = made.draw(start(cov, 2 * YEARS), LAW_OF_EXITS, LAW_OF_JOINS, 3, 7)
    for name in Surroundings.__dataclass_fields__:
        np.testing.assert_allclose(getattr(again, name), getattr(worlds[7], name), rtol=REDRAWN, err_msg=name)
    rows, born = len(opening.position), len(again.birth_step)
    np.testing.assert_allclose(longer.position[:rows], again.position, rtol=REDRAWN, atol=REDRAWN)
    np.testing.assert_allclose(longer.capability[:rows], again.capability, rtol=REDRAWN)
    assert (longer.birth_step[born:] >= YEARS).all()
    assert len(longer.birth_step) > born
    for name in ("birth_step", "founders", "birth_exit", "birth_join"):
        np.testing.assert_allclose(getattr(longer, name)[:born], getattr(again, name), rtol=REDRAWN, err_msg=name)
    for name in ("death", "capability_response", "return_log_ratio"):
        np.testing.assert_allclose(getattr(longer, name), getattr(again, name), rtol=REDRAWN, err_msg=name)
    assert len({w.death.tobytes() for w in worlds}) == WORLDS
    assert len({w.position[-1, 0] for w in worlds}) == WORLDS
    other_seed = made.draw(opening, LAW_OF_EXITS, LAW_OF_JOINS, 4, 7)
    assert (other_seed.death != again.death).all()
    assert made.standing_response(3, 7) == pytest.approx(made.standing_response(3, 7), rel=REDRAWN)
    assert made.standing_response(3, 7) != pytest.approx(made.standing_response(3, 8), rel=REDRAWN)


def test_no_state_hangs_on_anothers_draws(made: Dynamics, opening: Start) -> None:
    moved = opening.position.copy()
    moved[-YEARS - 2 :, 0] += 1.0
    one, other = (made.draw(s, LAW_OF_EXITS, LAW_OF_JOINS, 3, 1) for s in (opening, replace(opening, position=moved)))
    np.testing.assert_allclose(one.position[:, 1:], other.position[:, 1:], rtol=REDRAWN, atol=REDRAWN)
    assert np.allclose(other.position[-1, 0] - one.position[-1, 0], 1.0)


def test_a_start_inside_the_record_is_refused(made: Dynamics, opening: Start) -> None:
    with pytest.raises(UsageError, match="observed up to"):
        made.draw(replace(opening, year=made.position_until), LAW_OF_EXITS, LAW_OF_JOINS, 3, 1)


def test_shares_are_held_to_their_sum() -> None:
    share = np.array([[0.5, 0.3, 1e-9, np.nan], [2.0, 1e-12, 1e-12, np.nan]])
    held = _held_to(share, 0.9)
    assert np.allclose(np.nansum(held, axis=1), 0.9, rtol=1e-6)
    assert np.nanmin(held) >= SMALLEST_SHARE
    assert np.isclose(held[0, 0] / held[0, 1], 5 / 3)
    assert np.isnan(held[:, 3]).all()


def test_standing_of_a_world_is_computed() -> None:
    rng = np.random.Generator(np.random.Philox(10))
    members, position = rng.random((30, 12)) < 0.4, rng.standard_normal(30)
    members[:, 0] = False
    position[4] = np.nan
    present = np.ones(30, bool)
    # A body without members takes nothing away, so standing as seen without it is the whole.
    assert np.allclose(
        standing_whole(members, position, present), standing(members, position, present)[:, 0], equal_nan=True
    )
    years = [members, members, members]
    exits = np.zeros((3, 30))
    exits[0, 2] = 2
    still = standing_path(years, np.tile(position, (3, 1)), exits, 0.9, 0.0)
    moved = standing_path(years, np.tile(position, (3, 1)), exits, 0.9, -0.01)
    assert np.allclose(still[0], _standing_of(members, position), equal_nan=True)
    difference = np.nan_to_num(moved - still)
    assert np.allclose(difference[:, 2], [0.0, -0.02, -0.018])
    assert np.allclose(np.delete(difference, 2, axis=1), 0.0)


def test_vitality_falls_with_exits() -> None:
    assert _vitality(np.array([3.0]), np.array([3.0])) == 0.0
    assert _vitality(np.array([0.0]), np.array([2.0])) < _vitality(np.array([0.0]), np.array([1.0])) < 0


def test_walks_of_the_page_are_those_of_the_record(record: Record, cov: Covariates, made: Dynamics) -> None:
    c = cov.cube
    value = state_measure(record, c, "ideal_point", 0).value
    span = slice(c.index(laws.WALK_SPAN[0]), c.index(laws.WALK_SPAN[1]) + 1)
    found = walk(value[span], c.years[span])
    assert np.isclose(found.sd_step, made.position.sd_step)
    assert np.isclose(found.log_error, made.position.log_error)
    # A straight line over years apart: no mean square lies further than a fifth from it.
    for _, _, seen, line in found.mean_square:
        assert abs(seen / line - 1) < 0.2


def test_estimates_are_made_whole_and_kept(record: Record, cov: Covariates, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fitting, "CALIBRATION_DRAWS", 10)
    found = laws.estimate(record, cov)
    assert sum(found.returns.rows) > 1_000
    assert found.returns.last_year == joining.JOIN_SPAN[1]
    assert found.capability.response == pytest.approx(-0.0067, abs=1e-3)
    monkeypatch.setattr(laws, "_estimate", lambda *_: pytest.fail("made anew though it is kept"))
    assert laws.estimate(record, cov) == found


def test_engine_and_reference_know_the_age_of_a_body_that_is_joined(
    found, opening: Start, monkeypatch: pytest.MonkeyPatch
) -> None:  # type: ignore[no-untyped-def]
    """First year, without bundles: joins by body against the exact probabilities of the dense law."""
    rng = generator(1, 0, 0, EFFECTS)
    exits, plain = (replace(law(f, opening, f.phi, f.sd, rng), bundles=Bundles(0.0, 0.0)) for f in
                    (found.exit_fit, found.join_fit))  # fmt: skip
    scaling = Scaling((*plain.scaling.names, "log_age"), np.append(plain.scaling.centre, 3.0),
                      np.append(plain.scaling.scale, 0.8))  # fmt: skip
    aged = replace(plain, terms=choose(scaling.names, "join"), scaling=scaling, beta=np.append(plain.beta, -0.6))
    s, worlds, rates, flat = replace(opening, years=1), 300, {}, np.zeros(1)

    def keep(
        eta: np.ndarray, at_risk: np.ndarray, bundles: Bundles, seed: int, world: int, year: int, kind: int, *rest: int
    ) -> np.ndarray:
        rates[kind] = -np.expm1(-np.exp(eta))
        return np.zeros(eta.shape, bool)

    monkeypatch.setattr(reference, "_happen", keep)
    expected = []
    for one in (aged, plain):
        reference._run_world(s, exits, one, flat, flat, 1, 0)
        p = np.where(s.open_to_join, rates[JOIN], 0.0)
        expected.append((worlds * p.sum(axis=0), worlds * (p * (1 - p)).sum(axis=0)))
    at = engine.lay_out(s)
    played = [engine.events(at, exits, aged, flat, flat, 5, world, engine.no_plan(s)) for world in range(worlds)]
    joins = np.concatenate(played)
    count = np.bincount(joins[joins[:, 1] == 1, 3], minlength=len(s.bodies))
    tails = []
    for mean, spread in expected:
        many = mean > 10
        tails.append(chi2.sf(((count - mean)[many] ** 2 / spread[many]).sum(), many.sum()))
    assert tails[0] > FAILURE_RATE
    # The same joins are not those of the law without the age.
    assert tails[1] < FAILURE_RATE


def test_the_page_says_what_was_found(kept: dict[str, object]) -> None:
    sys.path.insert(0, str(ROOT / "scripts"))
    try:
        import dynamics as page
    finally:
        sys.path.pop(0)
    assert page.filled() == page.PAGE.read_text(encoding="utf-8")
    used = [j for j in kept["joins"] if j["law"] == "with the body's age"]  # type: ignore[attr-defined]
    chosen = [j for j in used if (j["first_year"], j["last_year"]) == joining.JOIN_SPAN]
    assert [j["status"] for j in chosen] == [kept["join_status"]]
