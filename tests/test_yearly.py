"""Laws of year effects: the filter against the dense law, draws against densities, and which law finds what it was given."""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from scipy.special import gammaln

from exeunt.core.errors import FitError
from exeunt.explain import rolling as yearscore
from exeunt.explain.rolling import HORIZONS, _Origin
from exeunt.explain.rolling import _refitted as refitted
from exeunt.explain.rolling import _scored as scored
from exeunt.explain.yearly import (
    LAW_OF,
    LAWS,
    YearLaw,
    _filter_cells,
    _walked,
    year_law,
)
from exeunt.panel.build import exit_panel
from exeunt.record.opened import open_record

REDRAWN = 1e-12
"""The same draws laid out over fewer years: products of matrices may be summed in another order."""
ROOT = Path(__file__).resolve().parent.parent
EFFECTS = {1990 + k: v for k, v in enumerate([0.1, -0.4, 0.2, 0.5, -0.1, 0.0, 0.3, -0.2, -0.6, -0.5])}
FAILURE_RATE = 1e-5
DRAWS = 40_000


def bound(rate: float = FAILURE_RATE) -> float:
    """Distance of two empirical distribution functions from their law that chance exceeds so rarely (Dvoretzky and others)."""
    return float(np.sqrt(np.log(2 / rate) / (2 * DRAWS)))


@pytest.mark.parametrize(("phi", "step", "noise"), [(0.8, 0.2, 0.6), (1.0, 0.1, 0.9), (0.0, 0.0, 1.0)])
def test_the_filter_equals_dense_least_squares(phi: float, step: float, noise: float) -> None:
    years = np.delete(np.arange(13), 4)
    rng = np.random.Generator(np.random.Philox(1))
    values = 0.3 * rng.standard_normal(12).cumsum()
    found = _filter_cells(values, np.diff(years).astype(float), *(np.array([x]) for x in (phi, step, noise)))
    since = years - years[0]
    apart = np.abs(np.subtract.outer(years, years))
    lasting = step * np.minimum.outer(since, since) if phi == 1.0 else step / (1 - phi**2) * phi ** apart.astype(float)
    inverse = np.linalg.inv(lasting + noise * np.eye(12))
    one = np.ones(12)
    variance = 1 / (one @ inverse @ one)
    mean = variance * (one @ inverse @ values)
    rest = (values - mean) @ inverse @ (values - mean)
    log_det = -np.linalg.slogdet(inverse)[1]
    expected = {
        "log_likelihood": -0.5 * (log_det - np.log(variance) + 11 * np.log(rest)) + gammaln(5.5),
        "scale": rest / 11, "mean": mean, "mean_variance": variance, "lasting": lasting[-1] @ inverse @ (values - mean),
        "lasting_variance": lasting[-1, -1] - lasting[-1] @ inverse @ lasting[-1],
        "lasting_slope": lasting[-1] @ inverse @ one,
    }  # fmt: skip
    for name, value in expected.items():
        assert found[name][0] == pytest.approx(value, rel=1e-9, abs=1e-12), name


@pytest.mark.parametrize("name", LAWS)
def test_draws_follow_the_predictive_law(name: str) -> None:
    law = year_law(EFFECTS, 0.4, name)
    drawn = law.draw(np.array([2001, 2002, 2010]), DRAWS, np.random.Generator(np.random.Philox(3)))
    for column, years_on in enumerate((2, 3, 11)):
        at = np.quantile(drawn[:, column], np.linspace(0.02, 0.98, 25))
        expected = np.array([law.below(float(x), years_on) for x in at])
        assert np.abs(expected - np.linspace(0.02, 0.98, 25)).max() < bound()


@pytest.mark.parametrize("name", LAWS)
def test_the_density_is_the_slope_of_the_distribution(name: str) -> None:
    law = year_law(EFFECTS, 0.4, name)
    for value in (-1.3, 0.2):
        slope = (law.below(value + 1e-4, 6) - law.below(value - 1e-4, 6)) / 2e-4
        assert np.exp(law.log_density(value, 6)) == pytest.approx(slope, rel=1e-4)


def width(law: YearLaw, years_on: int) -> float:
    """Width of the central 95 % of a predictive law."""
    grid = np.linspace(-60, 60, 24_001)
    below = np.array([law.below(x, years_on) for x in grid[::10]])
    return float(grid[::10][np.searchsorted(below, 0.975)] - grid[::10][np.searchsorted(below, 0.025)])


def test_a_bounded_level_stays_where_it_is_and_stops_spreading() -> None:
    walk = 0.25 * np.random.Generator(np.random.Philox(4)).standard_normal(40).cumsum()
    effects = {1970 + k: float(v) for k, v in enumerate(walk)}
    level, bounded, back = (year_law(effects, 0.0, name) for name in ("level", "level_bounded", "reverting"))
    assert bounded.below(walk[-1], 1) == pytest.approx(level.below(walk[-1], 1), abs=0.05)
    assert width(level, 60) > 1.5 * width(level, 20)
    assert width(bounded, 60) < 1.1 * width(bounded, 20)
    assert width(bounded, 60) < 0.6 * width(level, 60)
    # The centre of the bounded level does not move; that of the other goes back to the mean.
    assert np.allclose(bounded.predicted(1)[0], bounded.predicted(60)[0])
    far, near = (float(back.weight @ back.predicted(h)[0]) for h in (60, 1))
    assert abs(far - walk.mean()) < abs(near - walk.mean())
    # Steps of the bounded law add no more than the variance of the training years.
    added = bounded.scale * bounded.step * _walked(bounded.phi, 1e6)
    assert np.all(added <= walk.var(ddof=1) * (1 + 1e-9) + bounded.scale * bounded.step)


@pytest.mark.parametrize("name", LAWS)
def test_worlds_laid_out_together_are_those_drawn_one_by_one(name: str) -> None:
    law = year_law(EFFECTS, 0.4, name)
    years = np.arange(law.last_year + 2, law.last_year + 9)
    rng = np.random.default_rng(4)
    levels = rng.standard_normal((20, 1 if np.isinf(law.df) else 2))
    drawn = rng.random(20), rng.chisquare(9.0, 20), levels, rng.standard_normal((20, len(years), 2))
    single = [law.laid(years, *(each[world : world + 1] for each in drawn))[0] for world in range(20)]
    np.testing.assert_array_equal(law.laid(years, *drawn), single)
    np.testing.assert_array_equal(law.laid(years[:3], *drawn[:3], drawn[3][:, :3]), np.array(single)[:, :3])


def test_more_years_leave_the_draws_of_earlier_ones() -> None:
    law = year_law(EFFECTS, 0.4, "level_bounded")
    few, many = (law.draw(np.arange(2000, last), 1, np.random.Generator(np.random.Philox(5))) for last in (2005, 2025))
    np.testing.assert_allclose(few, many[:, :5], rtol=REDRAWN, atol=REDRAWN)


def test_a_law_without_years_or_name_is_one_sentence() -> None:
    with pytest.raises(FitError, match="4 years have an effect"):
        year_law({1990 + k: 0.1 * k for k in range(4)}, 0.3)
    with pytest.raises(FitError, match="unknown law of year effects 'drift'"):
        year_law(EFFECTS, 0.3, "drift")


def _origins(values: np.ndarray) -> list[_Origin]:
    years = {1950 + k: float(v) for k, v in enumerate(values)}
    counts = {y: (1000 * np.exp(v) - 0.5, 999.5) for y, v in years.items()}
    out = []
    for origin in range(1970, 1950 + len(values) - 1):
        past = {y: v for y, v in years.items() if y <= origin}
        later = {y: c for y, c in counts.items() if y > origin}
        out.append(_Origin(origin, past, 0.0, {y: counts[y][0] for y in past}, later, dict.fromkeys(later, (0.0, 0.0))))
    return out


def test_scores_find_the_law_that_was_simulated() -> None:
    rng = np.random.Generator(np.random.Philox(6))
    noise = 0.5 * rng.standard_normal(120)
    walk = 0.3 * rng.standard_normal(120).cumsum()
    for values, right, wrong in ((noise, "noise", "level"), (walk, "level", "noise")):
        rows = {(r.measured, r.law, r.horizon): r for r in scored(_origins(values))}
        assert {h for _, _, h in rows} == set(HORIZONS)
        for h in (10, 20):
            assert rows["all bodies", right, h].log_score > rows["all bodies", wrong, h].log_score + 0.02
            # Expected numbers that do not change make totals and effects one.
            assert rows["all bodies", right, h].log_score == pytest.approx(rows["known bodies", right, h].log_score)
            assert rows["total", right, h].log_score == pytest.approx(rows["all bodies", right, h].log_score, abs=1e-6)
        assert rows["all bodies", right, 1].inside > 0.85


def test_origins_see_nothing_later() -> None:
    record = open_record()
    panel = exit_panel(record, "cleaned")
    made = refitted(panel, panel.names[:2], (1985,))[0]
    changed = panel.event.copy()
    years = panel.cube.years[panel.year]
    changed[years > 1985] = False
    again = refitted(replace(panel, event=changed), panel.names[:2], (1985,))[0]
    assert max(made.effects) == 1985 and min(made.known) == 1986
    assert made.effects == again.effects and made.totals == again.totals
    assert sum(n for n, _ in again.known.values()) == 0
    here = (years == 1990) & panel.event.astype(bool)
    assert made.known[1990][0] + made.new[1990][0] == here.sum()
    assert made.totals[1980] == ((years == 1980) & panel.event.astype(bool)).sum()


def test_the_page_says_what_was_found_and_the_chosen_laws_are_its() -> None:
    sys.path.insert(0, str(ROOT / "scripts"))
    try:
        import year_laws as page
    finally:
        sys.path.pop(0)
    assert page.filled() == page.PAGE.read_text(encoding="utf-8")
    found = json.loads(page.FOUND.read_text(encoding="utf-8"))
    rows = {(k, r["measured"], r["law"], r["horizon"]): r for k in ("join", "exit") for r in found["scores"][k]}

    def mean(kind: str, measured: str, law: str) -> float:
        return float(np.mean([rows[kind, measured, law, h]["log_score"] for h in HORIZONS]))

    # What the page gives as reasons: joins do not come back to a mean, and no law of exits is told from the present one.
    for measured in yearscore.MEASURED[:2]:
        assert mean("join", measured, LAW_OF["join"]) > mean("join", measured, "reverting") + 0.3
    assert mean("join", "all bodies", LAW_OF["join"]) >= max(mean("join", "all bodies", law) for law in LAWS) - 0.05
    for law in LAWS:
        assert mean("exit", "all bodies", law) < mean("exit", "all bodies", LAW_OF["exit"]) + 0.05
