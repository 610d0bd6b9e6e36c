"""Rivals on equal rows: scores by hand, skill over blocks, nothing learned after the origin, ranks."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from exeunt.explain import rolling
from exeunt.explain.compare import _compared, _doubts, _mean_rank, _scorable, _skill
from exeunt.explain.estimates import Estimate, verdict
from exeunt.explain.explanations import COMMON, RIVALS, _Constraint
from exeunt.explain.rolling import Score, Trained, _standardised, score_origin, splits, within
from exeunt.i18n.messages import said
from exeunt.panel.build import Panel, exit_panel
from exeunt.panel.outcomes import exits_of
from exeunt.record.store import Record
from tiny import exeunt

REDRAWN = 1e-12
"""The same draws, summed again: alignment in memory may change the last bit of a sum."""
TERMS = (*_Constraint.terms, *COMMON)


@pytest.fixture(scope="module")
def panel(record: Record) -> Panel:
    return exit_panel(record, "cleaned", terms=TERMS)


@pytest.fixture(scope="module")
def scored(panel: Panel) -> list[Score]:
    return score_origin(panel, TERMS, "Constraint", 1992, splits())


def test_the_splits_are_read_from_one_file() -> None:
    chosen = splits()
    assert chosen.origins[0] == 1990 and chosen.origins[-1] == 2013 and chosen.horizons == (1, 3, 5)
    assert chosen.scored_to == 2014


def test_what_knows_the_future_is_not_scored() -> None:
    models = _scorable(RIVALS)
    assert "SequenceWithForce" not in models and next(iter(models)) == "common" and len(models) == 9
    assert all(set(COMMON) <= set(terms) for terms in models.values())


def test_rival_and_references_score_the_same_rows(scored: list[Score]) -> None:
    assert {s.model for s in scored} == {"common", "Constraint", "constant", "trailing", "empirical_bayes"}
    for h in (1, 3, 5):
        assert len({(s.rows, s.events) for s in scored if s.horizon == h}) == 1
    events = [next(s.events for s in scored if s.horizon == h and s.model == "common") for h in (1, 3, 5)]
    assert events == sorted(events) and events[0] > 0


def test_the_constant_by_hand(panel: Panel, scored: list[Score]) -> None:
    """A plain second way: rate of the rows known in 1992, score of its five-year probability."""
    c = panel.cube
    known = exits_of(c, "cleaned_vintage", origin=1992)
    past = (c.years[panel.year] <= 1991) & known.row_ok[panel.year]
    rate = float(known.exits[panel.year[past], panel.state[past], panel.body[past]].mean())
    final = exits_of(c, "cleaned_vintage", origin=2014).exits
    total, events, n = 0.0, 0, 0
    for y, i, j in zip(panel.year, panel.state, panel.body, strict=True):
        if c.years[y] != 1992:
            continue
        came = bool(final[y : y + 5, i, j].any())
        if not came and (c.status[y + 1 : y + 6, i, j] == -9).any():
            continue
        p = 1 - (1 - rate) ** 5
        total -= np.log(p) if came else np.log(1 - p)
        events, n = events + came, n + 1
    found = next(s for s in scored if s.horizon == 5 and s.model == "constant")
    assert (found.rows, found.events) == (n, events) and found.log_score == pytest.approx(total, rel=1e-9)


def test_nothing_after_the_origin_moves_a_prediction(panel: Panel, monkeypatch: pytest.MonkeyPatch) -> None:
    """Exits after the origin turned round: the expected number of exits stays what it was."""
    before = score_origin(panel, TERMS, "Constraint", 1992, splits())
    real = exits_of

    def turned(c, outcome, origin=None, documented=None):  # type: ignore[no-untyped-def]
        found = real(c, outcome, origin, documented)
        if origin == 2014:
            other = found.exits.copy()
            other[c.index(1992) :] = c.status[c.index(1992) :] == 1
            return rolling.exits_of.__class__ and type(found)(
                found.outcome, other, found.row_ok, found.seen, found.unused
            )
        return found

    monkeypatch.setattr(rolling, "exits_of", turned)
    after = score_origin(panel, TERMS, "Constraint", 1992, splits())
    for one, two in zip(before, after, strict=True):
        assert one.events != two.events
        if one.rows == two.rows:
            assert one.expected == pytest.approx(two.expected, rel=1e-12)


def test_standardised_on_the_training_rows_only(panel: Panel) -> None:
    rows = panel.cube.years[panel.year] <= 1980
    x, centre, scale = _standardised(panel, TERMS, rows)
    assert np.allclose(x[:, 0].mean(), 0) and np.allclose(x[:, 0].std(), 1)
    assert np.allclose(x[:, 2], x[:, 0] * x[:, 1])
    again, _, _ = _standardised(panel, TERMS, ~rows, (centre, scale))
    assert abs(again[:, 3].mean()) > 0.01


def test_probabilities_grow_with_the_horizon() -> None:
    made = Trained(("a",), np.zeros(1), np.ones(1), np.zeros(2), ({}, {}), np.array([0.5, 0.5, 0.3]),
                   {y: 0.1 * (-1) ** y for y in range(1960, 1990)}, True)  # fmt: skip
    p = within(np.array([-6.0, -2.0]), made, 1990, (1, 3, 5), 500, 1)
    assert (np.diff(p, axis=0) > 0).all() and (np.diff(p, axis=1) > 0).all() and p.min() > 0 and p.max() < 1
    assert p[0, 0] == pytest.approx(np.exp(-6.0), rel=0.4)
    np.testing.assert_allclose(p, within(np.array([-6.0, -2.0]), made, 1990, (1, 3, 5), 500, 1), rtol=REDRAWN)


def score(model: str, origin: int, log_score: float, events: int = 10, expected: float = 10.0) -> Score:
    return Score(model, origin, 1, 100, events, expected, log_score, 1.0)


def test_skill_by_hand() -> None:
    mine = [score("A", y, 8.0) for y in range(1990, 2000)]
    other = [score("common", y, 10.0) for y in range(1990, 2000)]
    assert _skill(mine, other, 3, 200, 1) == pytest.approx((0.2, 0.2, 0.2))
    mixed = [score("A", y, 8.0 if y % 2 else 12.0) for y in range(1990, 2000)]
    value, low, high = _skill(mixed, other, 3, 500, 1)
    assert value == pytest.approx(0.0) and low < 0 < high


def test_a_row_says_what_it_doubts() -> None:
    mine = [score("A", y, 8.0 if y % 2 else 12.0, events=1, expected=3.0) for y in range(1990, 2000)]
    other = [score("common", y, 10.0, events=1) for y in range(1990, 2000)]
    found = _compared([*mine, *other], [Score("common", y, 1, 500, 5, 5.0, 1.0, 1.0) for y in range(1990, 2000)])[0]
    told = said(found.doubts, "en")
    assert "few exits (10)" in told and "3.00 times" in told and "20 %" in told and "no skill told apart" in told
    assert found.calibration == pytest.approx(3.0) and found.log_score == pytest.approx(0.1)
    assert _doubts(500, 1.0, {"common": (0.1, 0.05, 0.2)}, 1.0) == ()


def estimate(
    value: float | None, low: float | None, high: float | None, outcome: str, expected: int | None = 1
) -> Estimate:
    return Estimate("A", "x", outcome, 1946, 2013, 100, 10, value, low, high, expected, "not_checked")


@pytest.mark.parametrize(
    ("values", "says"),
    [
        ([(0.5, 0.1, 0.9), (0.4, 0.2, 0.6)], "+ on every outcome, as claimed"),
        ([(-0.5, -0.9, -0.1), (-0.4, -0.6, -0.2)], "− on every outcome, against the claim"),
        ([(0.5, 0.1, 0.9), (-0.4, -0.6, -0.2)], "not settled"),
        ([(0.5, 0.1, 0.9), (0.4, -0.2, 0.6)], "told apart from none on raw only"),
        ([(0.5, -0.1, 0.9), (0.4, -0.2, 0.6)], "told apart from none on none of them"),
        ([(0.5, 0.1, 0.9), (None, None, None)], "as claimed; no estimate on core"),
        ([(None, None, None), (None, None, None)], "no estimate on any outcome"),
    ],
)
def test_verdicts(values: list[tuple[float | None, float | None, float | None]], says: str) -> None:
    found = [estimate(*v, outcome) for v, outcome in zip(values, ("raw", "core"), strict=True)]
    assert says in said(verdict(found), "en")


def test_mean_rank_by_hand() -> None:
    eta, left = np.array([1.0, 2.0, 3.0, 4.0]), np.array([False, False, True, True])
    assert _mean_rank(eta, left) == 1.0
    assert _mean_rank(-eta, left) == 0.0
    assert _mean_rank(np.zeros(4), left) == 0.5


def test_the_command_refuses_what_it_cannot_read(tmp_path: Path) -> None:
    for arguments, told in (
        (["--formula", "distance"], "has no name"),
        (["--formula", "Mine=distnce"], "closest"),
        (["--own", "none.toml"], "cannot be read"),
    ):
        done = exeunt("compare", *arguments, cwd=tmp_path, home=tmp_path / "home")
        assert done.returncode == 2 and told in done.stderr, done.stderr


@pytest.mark.slow
def test_compare_prints_every_part(tmp_path: Path) -> None:
    done = exeunt("compare", "--format", "json", cwd=tmp_path, home=tmp_path / "home", timeout=1800)
    found = json.loads(done.stdout)
    assert {m["model"] for m in found["models"]} >= {"common", "Constraint", "constant", "trailing", "empirical_bayes"}
    assert found["published"]["sign"] == 1 and len(found["published"]["ours"]) == 4
    assert [p["law"] for p in found["pooled"]] == ["pooled", "crossed"] and found["ranks"]
