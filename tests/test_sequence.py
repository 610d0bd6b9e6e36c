"""The order of exits and force: cases by hand, the size of the test on random data, and planted clustering."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pytest

from exeunt.core.arrays import BoolArray, FloatArray
from exeunt.core.errors import UsageError
from exeunt.explain.sequence import _lead_minus_lag, _order, _Ordered

ROUNDING = 1e-12
"""Ends of an interval computed here and there differ by rounding at most."""
DRAWS = 999


def world(seed: int, planted: float = 0.0, years: int = 50, states: int = 40) -> tuple[FloatArray, BoolArray]:
    """Force in runs, exits at random; with `planted`, force follows an exit within three years with that probability."""
    rng = np.random.Generator(np.random.Philox(seed))
    force = np.zeros((years, states))
    for t in range(years):
        stay = force[t - 1] if t else np.zeros(states)
        force[t] = rng.random(states) < np.where(stay > 0, 0.6, 0.12)
    event = rng.random((years, states)) < 0.05
    for t, i in np.argwhere(event).tolist():
        for ahead in range(t + 1, min(t + 4, years)):
            if rng.random() < planted:
                force[ahead, i] = 1.0
    return force, event


def test_one_exit_by_hand() -> None:
    # Force in years 4 and 5; exit in 3: one year after minus one before is 1 − 0, three years 2 − 0.
    force = np.zeros((8, 1))
    force[4:6] = 1.0
    event = np.zeros((8, 1), bool)
    event[3] = True
    one, three = _order(force, event, 1, DRAWS), _order(force, event, 3, DRAWS)
    assert (one.mean, one.used, one.dropped) == (1.0, 1, 0)
    assert three.mean == 2.0
    # Of the eight shifts of the pair of ones two give +1 and two −1 at horizon 1, so half are as extreme.
    assert one.p == pytest.approx(0.5, abs=0.06)
    assert (one.low, one.high) == (-1.0, 1.0)
    # Over the interior years 1…6: (−0 + 0) + 0 + 1 + 1 − 1 − 1 = 0.
    assert one.usual == 0.0


def test_windows_beyond_what_is_known_drop_out_and_are_counted() -> None:
    force = np.zeros((10, 2))
    force[:4, 1] = np.nan
    event = np.zeros((10, 2), bool)
    event[0, 0] = event[5, 0] = event[9, 0] = event[5, 1] = True
    found = _order(force, event, 3, DRAWS)
    assert (found.used, found.dropped) == (1, 3)
    nothing = _order(np.full((10, 2), np.nan), event, 3, DRAWS)
    assert (nothing.used, nothing.dropped) == (0, 4) and np.isnan(nothing.mean)


def test_a_plain_loop_gives_the_same_mean() -> None:
    force, event = world(1)
    force[:10, 3] = np.nan
    terms = []
    for t, i in np.argwhere(event).tolist():
        window = force[max(t - 5, 0) : t + 6, i]
        if len(window) == 11 and not np.isnan(window).any():
            terms.append(window[6:].sum() - window[:5].sum())
    found = _order(force, event, 5, DRAWS)
    assert found.mean == pytest.approx(np.mean(terms)) and found.used == len(terms)


def test_the_same_seed_gives_the_same_interval() -> None:
    force, event = world(2)
    assert _order(force, event, 3, DRAWS, 5) == _order(force, event, 3, DRAWS, 5)
    assert _order(force, event, 3, DRAWS, 5) != _order(force, event, 3, DRAWS, 6)


def test_on_random_data_one_in_twenty_is_told_apart() -> None:
    # 200 worlds: a test of size 0.05 rejects 10, and 22 or more with probability below 0.001.
    rejected = sum(_order(*world(seed), 3, DRAWS).p <= 0.05 for seed in range(100, 300))
    assert 1 <= rejected <= 21


def test_planted_clustering_is_found_and_its_reverse_has_the_other_sign() -> None:
    force, event = world(3, planted=0.5)
    found = _order(force, event, 3)
    assert found.p < 0.001 and found.mean > found.high > 0
    back = _order(force[::-1], event[::-1], 3)
    assert back.mean == pytest.approx(-found.mean) and back.p < 0.001


def test_few_draws_are_wrong_use() -> None:
    with pytest.raises(UsageError, match="999"):
        _order(*world(4), 3, 500)


def test_the_difference_of_lead_and_lag_by_hand() -> None:
    made = SimpleNamespace(
        names=("(intercept)", "force_lag3", "force_lead3"), k=3, beta=np.array([-5.0, 0.1, 0.4]),
        information=np.linalg.inv(np.array([[1.0, 0, 0], [0, 0.04, 0.01], [0, 0.01, 0.09]])),
        scaling=SimpleNamespace(names=("force_lag3", "force_lead3"), scale=np.array([0.5, 0.4])),
    )  # fmt: skip
    found = {name: (b, s) for name, b, s in _lead_minus_lag(cast(Any, made))}
    assert found["force_lag3"] == pytest.approx((0.2, 0.4))
    assert found["force_lead3"] == pytest.approx((1.0, 0.75))
    # 0.16 + 0.5625 − 2 · 0.01 / (0.5 · 0.4)
    assert found["lead_minus_lag"] == pytest.approx((0.8, np.sqrt(0.16 + 0.5625 - 0.1)))


def test_the_command_tells_both_tests_and_what_dropped_out(capsys: pytest.CaptureFixture[str]) -> None:
    import json

    from exeunt import cli

    def run() -> list[dict[str, Any]]:
        assert cli.main(["sequence", "--outcome", "verified", "--quiet", "--format", "json"]) == 0
        return list(json.loads(capsys.readouterr().out))

    rows = run()
    assert [row["term"] for row in rows] == [
        "1 year",
        "3 years",
        "5 years",
        "force_lag3",
        "force_lead3",
        "lead_minus_lag",
    ]
    for row in rows:
        shifted = row["part"] == "permutation"
        ends = (row["estimate"] - row["high"], row["estimate"] - row["low"]) if shifted else (row["low"], row["high"])
        assert (row["interval_low"], row["interval_high"]) == pytest.approx(ends, rel=ROUNDING, abs=ROUNDING)
    shown = [_Ordered(**{k: v for k, v in row.items() if not k.startswith("interval")}) for row in rows]
    windows = shown[:3]
    # Longer windows lose more; none is lost unseen.
    assert len({row.events + row.dropped for row in windows}) == 1
    assert windows[0].dropped <= windows[1].dropped <= windows[2].dropped
    assert run() == rows
