"""Fits of the embedded record, their calibration, and the factors of a case."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import polars as pl
import pytest

from exeunt.core.errors import FitError
from exeunt.explain.attribute import _coverage, attribute, shared
from exeunt.explain.estimates import _load, _pooled, _save, beside, cached_fit
from exeunt.explain.explanations import COMMON, EXPLANATIONS, owned, owner
from exeunt.explain.fit import CALIBRATION_TOLERANCE, SINGULAR_SD, design, fit
from exeunt.explain.fit_methods import FIRST, MEAN_BODY, MEAN_STATE, with_first, with_means
from exeunt.explain.hazard import probabilities
from exeunt.panel.build import Panel, Scaling, exit_panel
from exeunt.panel.terms import EXIT_TERMS, JOIN_TERMS
from exeunt.record.cases import case
from exeunt.record.opened import open_record
from exeunt.report.reasons import _Models as Models

REFITTED = 1e-6
"""Two fits of one hazard agree to where a fit stops."""
USA = 2


def test_ten_exit_terms_and_four_join_terms_each_in_one_explanation() -> None:
    assert len(EXIT_TERMS) == 10
    assert len(JOIN_TERMS) == 4
    claimed = [t for e in EXPLANATIONS for t in owned(e)] + list(COMMON)
    assert sorted(claimed) == sorted(t.name for t in EXIT_TERMS)
    for term in EXIT_TERMS:
        assert term.explanation == owner(term.name)
        assert term.meaning and term.unit and term.span and term.sources


def test_exit_fit_is_calibrated_and_says_how(found: Models) -> None:
    made = found.exit_fit
    check = made.calibration
    assert made.status == "ok" and check is not None and check.failures == ()
    assert check.total[0] == made.events
    assert abs(check.predicted_total / made.events - 1) <= CALIBRATION_TOLERANCE
    for observed, low, high in (check.largest_state_year, check.largest_body_year):
        assert low <= observed <= high


def test_without_bundles_the_same_fit_is_not_calibrated(found: Models) -> None:
    from exeunt.explain.bundles import Bundles
    from exeunt.explain.fit import calibration

    rows, _ = design(found.exits)
    check = calibration(replace(found.exit_fit, bundles=Bundles(0.0, 0.0)), rows, 1)
    assert "largest_body_year" in check.failures


def test_expected_joins_are_within_five_per_cent(found: Models) -> None:
    expected, observed = found.join_training
    assert abs(expected / observed - 1) <= 0.05


def test_raw_outcome_reports_what_it_fails() -> None:
    made = fit(exit_panel(open_record(), "raw"))
    assert made.status == "not_calibrated"
    assert made.calibration is not None and made.calibration.failures
    with pytest.raises(FitError, match="not_calibrated"):
        made.require_calibrated()


def test_a_separated_term_is_a_status_and_not_a_number(found: Models) -> None:
    panel = found.exits
    n = 40_000
    terms = panel.terms[:n].copy()
    terms[:, 0] = panel.event[:n]
    small = replace(
        panel, year=panel.year[:n], state=panel.state[:n], body=panel.body[:n], terms=terms, event=panel.event[:n],
        weight=panel.weight[:n], carried=panel.carried[:n],
    )  # fmt: skip
    made = fit(small, criterion="joint", terms=("distance",))
    assert made.status == "separation"
    assert made.reading.startswith("no finite estimate: distance all but tells")
    assert made.glance()["reading"][0] == made.reading


def slice_of(panel: Panel, rows: np.ndarray) -> Panel:
    """Some rows of a panel."""
    names = ("year", "state", "body", "terms", "event", "weight", "carried")
    return replace(panel, **{name: getattr(panel, name)[rows] for name in names})


def test_no_spread_between_levels_is_a_status(found: Models) -> None:
    small = slice_of(found.exits, np.arange(0, len(found.exits.event), 12))
    shuffled = np.random.Generator(np.random.Philox(8)).random(len(small.event)) < 0.01
    made = fit(replace(small, event=shuffled.astype(float)), criterion="joint", terms=("distance",), calibrate=False)
    assert made.status == "singular"
    flat = [name for name, sd in zip(("state", "body", "year"), made.sd, strict=True) if sd <= SINGULAR_SD]
    assert f"no spread between levels of {', '.join(flat)};" in made.reading


def test_a_search_cut_short_is_a_status(found: Models, monkeypatch: pytest.MonkeyPatch) -> None:
    from exeunt.explain import optimise

    monkeypatch.setattr(optimise, "OUTER_LIMIT", 1)
    small = slice_of(found.exits, np.arange(0, len(found.exits.event), 4))
    made = fit(small, criterion="joint", terms=("distance",))
    assert made.status == "not_converged" and made.calibration is None
    assert made.reading == "the search for the best fit did not end; its numbers are not estimates."


def test_predictions_are_those_of_the_fit_and_name_new_levels(found: Models) -> None:
    made = found.exit_fit
    rows, _ = design(found.exits)
    table = made.predict(found.exits)
    np.testing.assert_allclose(table["probability"], probabilities(rows, made.phi), rtol=1e-9)
    assert set(table["new_levels"]) == {""}
    # Without the last years, and on other centres and scales, the same rows get the same terms.
    few = slice_of(found.exits, np.arange(0, len(found.exits.event), 30))
    scaling = Scaling(few.names, few.scaling.centre + 0.5, few.scaling.scale * 2)
    raw = {n: few.terms[:, k] * few.scaling.scale[k] + few.scaling.centre[k] for k, n in enumerate(few.names)}
    moved = replace(few, terms=scaling.apply(raw), scaling=scaling)
    np.testing.assert_allclose(made.predict(moved)["probability"], table["probability"].gather_every(30), rtol=1e-9)
    labels = (made.labels[0], made.labels[1][1:], made.labels[2])
    at = made.k + len(made.labels[0])
    without = replace(made, labels=labels, phi=np.delete(made.phi, at))
    lost = without.predict(found.exits).filter(pl.col("body") == made.labels[1][0])
    assert set(lost["new_levels"]) == {"body"}
    before = table.filter(pl.col("body") == made.labels[1][0])["probability"].to_numpy()
    shift = np.log(-np.log1p(-before)) - np.log(-np.log1p(-lost["probability"].to_numpy()))
    np.testing.assert_allclose(shift, made.phi[at], atol=1e-8)
    with pytest.raises(FitError, match="the panel has no distance"):
        made.predict(replace(few, scaling=Scaling(tuple(f"x{n}" for n in few.names), scaling.centre, scaling.scale)))


def test_plot_shows_every_term_and_nothing_from_outside(found: Models) -> None:
    text = found.exit_fit.plot()
    root = ElementTree.fromstring(text)
    assert root.tag.endswith("svg") and "href" not in text and "url(" not in text
    shown = [e.text for e in root.iter() if e.tag.endswith("text")]
    assert set(found.exits.names) <= set(shown) and found.exit_fit.reading in shown


def test_means_and_first_values_are_those_of_plain_loops(found: Models) -> None:
    panel = slice_of(found.exits, np.flatnonzero(np.isin(found.exits.body, np.unique(found.exits.body)[:30])))
    both = with_first(with_means(panel))
    table = both.frame()
    name, number = "distance", panel.names.index("distance")
    for prefix, level in ((MEAN_STATE, "cow"), (MEAN_BODY, "body")):
        mean = table.with_columns(pl.col(name).mean().over(level).alias("m"))
        at = both.names.index(prefix + name)
        back = both.terms[:, at] * both.scaling.scale[at] + both.scaling.centre[at]
        np.testing.assert_allclose(back, mean["m"].to_numpy(), atol=1e-9)
    at = both.names.index(FIRST + name)
    back = both.terms[:, at] * both.scaling.scale[at] + both.scaling.centre[at]
    members = panel.cube.members
    for row in range(0, len(back), 97):
        i, j, y = panel.state[row], panel.body[row], panel.year[row]
        begun = y
        while begun > 0 and members[begun - 1, i, j]:
            begun -= 1
        same = (panel.state == i) & (panel.body == j) & (panel.year >= begun) & (panel.year <= y)
        earliest = np.flatnonzero(same)[np.argmin(panel.year[same])]
        assert back[row] == pytest.approx(panel.terms[earliest, number], abs=1e-9)


def test_a_fit_with_means_is_read_and_never_simulated(found: Models) -> None:
    small = slice_of(found.exits, np.arange(0, len(found.exits.event), 3))
    made = fit(small, "joint", mundlak=True, initial=True, calibrate=False)
    plain = fit(small, "joint", calibrate=False)
    assert made.k > plain.k + 10 and made.deviance < plain.deviance
    assert made.tidy()["std.error"].drop_nulls().is_finite().all()
    with pytest.raises(FitError, match="without `mundlak` and `initial`"):
        made.require_calibrated()
    with pytest.raises(FitError, match="the panel has no mean_state_distance"):
        made.predict(small)


def test_pooled_and_crossed_contagion_side_by_side(found: Models) -> None:
    pooled_row, crossed_row = beside(found.exits, found.exit_fit)
    rows, _ = design(found.exits)
    assert _pooled(rows).converged
    assert pooled_row["law"] == "pooled" and crossed_row["law"] == "crossed"
    assert pooled_row["estimate"] > 3 * abs(crossed_row["estimate"])
    assert pooled_row["reason"].endswith(".") and pooled_row["reason"].count(".") == 1
    tidy = found.exit_fit.tidy().filter(pl.col("term") == "exits_from_body3")
    assert crossed_row["std_error"] == pytest.approx(tidy["std.error"][0], rel=REFITTED)


def test_tidy_and_glance_speak_as_r_does(found: Models) -> None:
    made = found.exit_fit
    tidy, glance = made.tidy(), made.glance()
    assert tidy.columns == [
        "effect", "group", "term", "estimate", "std.error", "statistic", "p.value", "conf.low", "conf.high",
    ]  # fmt: skip
    assert tidy.height == 11 + 3
    assert (tidy["conf.low"] < tidy["estimate"]).all() and (tidy["estimate"] < tidy["conf.high"]).all()
    fixed = tidy.filter(pl.col("effect") == "fixed")
    np.testing.assert_allclose(fixed["statistic"], fixed["estimate"] / fixed["std.error"])
    # |z| = 1.96 is where both ways of saying it meet.
    outside = (fixed["conf.low"] > 0) | (fixed["conf.high"] < 0)
    assert (outside == (fixed["p.value"] < 0.05)).all()
    assert tidy.filter(pl.col("effect") == "ran_pars")["term"].unique().to_list() == ["sd__(Intercept)"]
    assert glance["nobs"][0] == len(found.exits.event)
    assert glance["logLik"][0] == pytest.approx(-made.deviance / 2)
    assert glance["AIC"][0] == pytest.approx(made.deviance + 2 * 14)


def test_draws_have_the_mode_and_spread_they_should(found: Models) -> None:
    made = found.exit_fit
    phi, _ = made.draw(4000, 3)
    se = made.standard_errors
    assert np.abs((phi[:, : made.k].mean(0) - made.beta) / se).max() < 0.2
    # Draws also carry the spread of the standard deviations, so they may be wider than the errors given those.
    ratio = phi[:, 1 : made.k].std(0) / se[1:]
    assert (ratio > 0.93).all() and (ratio < 1.3).all()
    again, _ = made.draw(4000, 3)
    np.testing.assert_array_equal(phi, again)


def test_cache_round_trip_and_damage(found: Models, tmp_path: Path) -> None:
    path = tmp_path / "fit.npz"
    _save(found.exit_fit, path)
    back = _load(path)
    assert back is not None
    assert back.tidy().equals(found.exit_fit.tidy()) and back.calibration == found.exit_fit.calibration
    assert back.labels == found.exit_fit.labels and back.bundles == found.exit_fit.bundles
    path.write_bytes(path.read_bytes()[:5000])
    assert _load(path) is None


def test_second_time_the_fit_comes_from_the_cache(found: Models) -> None:
    made, from_cache = cached_fit(found.exits, open_record().version)
    assert from_cache
    np.testing.assert_array_equal(made.phi, found.exit_fit.phi)


def test_the_case_covers_only_bodies_with_membership_rows(found: Models) -> None:
    bodies = case(open_record(), "usa-2026-01").bodies
    leave = bodies.filter(bodies["what"].is_in(["membership", "treaty"]))["body"].to_list()
    covered = [b for b in leave if _coverage(found.cov, found.exit_fit, USA, b, 2026) is None]
    assert covered == ["colombo_plan", "iccrom", "icac_cotton", "ilzsg", "irena", "itto", "paigh"]
    assert attribute(found.cov, found.exit_fit, USA, "unfccc", 2026) == "not_in_coded_data"


def test_factors_multiply_to_the_hazard(found: Models) -> None:
    answer = attribute(found.cov, found.exit_fit, USA, "itto", 2026)
    assert not isinstance(answer, str)
    product = np.prod([median for median, _, _ in answer.factors.values()])
    # Medians of products are not products of medians; on this panel they stay within a tenth.
    assert answer.hazard[0] / answer.typical[0] == pytest.approx(product, rel=0.1)
    for median, low, high in answer.factors.values():
        assert 0 < low <= median <= high
    assert 0 < answer.oldest_covariate_years <= 4


def test_shared_factors_lie_among_those_of_the_bodies(found: Models) -> None:
    answers = [attribute(found.cov, found.exit_fit, USA, b, 2026) for b in ("colombo_plan", "itto", "paigh")]
    kept = [a for a in answers if not isinstance(a, str)]
    assert len(kept) == 3
    together = shared(kept, found.cov, found.exit_fit)
    singles = [a.factors["Constraint"][0] for a in kept]
    assert min(singles) <= together["Constraint"][0] <= max(singles)
