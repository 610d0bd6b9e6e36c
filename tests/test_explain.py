"""Fits of the embedded record, their calibration, and the factors of a case."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from exeunt.errors import FitError
from exeunt.explain.attribute import attribute, coverage, shared
from exeunt.explain.cached import cached_fit, load, save
from exeunt.explain.explanations import COMMON, EXPLANATIONS, owned, owner
from exeunt.explain.fit import CALIBRATION_TOLERANCE, design, fit
from exeunt.panel.build import exit_panel
from exeunt.panel.terms import EXIT_TERMS, JOIN_TERMS
from exeunt.record.cases import case
from exeunt.record.opened import open_record
from exeunt.report.assemble import Models

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
    assert fit(small, criterion="joint", terms=("distance",)).status in {"separation", "not_converged"}


def test_tidy_and_glance(found: Models) -> None:
    tidy, glance = found.exit_fit.tidy(), found.exit_fit.glance()
    assert tidy.columns == ["effect", "group", "term", "estimate", "std_error", "conf_low", "conf_high"]
    assert tidy.height == 11 + 3
    assert (tidy["conf_low"] < tidy["estimate"]).all() and (tidy["estimate"] < tidy["conf_high"]).all()
    assert glance["nobs"][0] == len(found.exits.event)


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
    save(found.exit_fit, path)
    back = load(path)
    assert back is not None
    assert back.tidy().equals(found.exit_fit.tidy()) and back.calibration == found.exit_fit.calibration
    assert back.labels == found.exit_fit.labels and back.bundles == found.exit_fit.bundles
    path.write_bytes(path.read_bytes()[:5000])
    assert load(path) is None


def test_second_time_the_fit_comes_from_the_cache(found: Models) -> None:
    made, from_cache = cached_fit(found.exits, open_record().version)
    assert from_cache
    np.testing.assert_array_equal(made.phi, found.exit_fit.phi)


def test_the_case_covers_only_bodies_with_membership_rows(found: Models) -> None:
    bodies = case(open_record(), "usa-2026-01").bodies
    leave = bodies.filter(bodies["what"].is_in(["membership", "treaty"]))["body"].to_list()
    covered = [b for b in leave if coverage(found.cov, found.exit_fit, USA, b) is None]
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
