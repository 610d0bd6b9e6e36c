"""Forecasts: issued once, never changed, scored by hand, and back-tested without a look ahead."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from exeunt.core.errors import RecordError, UsageError
from exeunt.explain.rolling import Trained, splits
from exeunt.record.store import Record
from exeunt.simulate import forecast as f
from tiny import exeunt, one_sentence

DAY = date(2026, 11, 25)


@pytest.fixture(scope="module")
def issued(record: Record, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return f.issue(record, tmp_path_factory.mktemp("forecasts"), DAY)


@pytest.fixture(scope="module")
def content(issued: Path) -> dict[str, Any]:
    return f.read(issued)


def test_a_forecast_says_what_it_rests_on(content: dict[str, Any], record: Record) -> None:
    assert (content["issued"], content["record"], content["origin"], content["trained_to"]) == (
        "2026-11-25", record.version, 2026, 2013,
    )  # fmt: skip
    assert content["models"] == ["common", "empirical_bayes"] and content["horizons"] == [1, 3, 5]
    pairs = [(r["state"], r["body"]) for r in content["rows"]]
    assert len(pairs) > 10_000 and len(set(pairs)) == len(pairs)
    for row in content["rows"]:
        for model in content["models"]:
            one, three, five = row[model]
            assert 0 < one < three < five < 1


def test_the_same_record_and_day_give_the_same_file(record: Record, issued: Path) -> None:
    before = issued.read_bytes()
    again = f.issue(record, issued.parent, DAY)
    assert again == issued and again.read_bytes() == before
    assert f.forecast(record, DAY, seed=2)["rows"] != f.forecast(record, DAY, seed=1)["rows"]


def test_a_changed_file_is_refused(issued: Path, tmp_path: Path) -> None:
    changed = json.loads(issued.read_text(encoding="utf-8"))
    changed["rows"][0]["common"][0] = 0.9
    path = tmp_path / issued.name
    path.write_text(json.dumps(changed), encoding="utf-8")
    with pytest.raises(RecordError, match="was changed after it was issued"):
        f.read(path)
    for text in ("", "{}", "[]", '{"sha256": 1}'):
        path.write_text(text, encoding="utf-8")
        with pytest.raises(RecordError):
            f.read(path)
    with pytest.raises(UsageError, match="cannot be read"):
        f.read(tmp_path / "none.json")


def test_an_open_horizon_has_no_score(record: Record, content: dict[str, Any]) -> None:
    for row in f.score(record, content):
        assert row["state"] == "open" and row["exits"] is None and row["log_score"] is None and row["expected"] > 1


def test_a_horizon_that_is_over_is_scored(record: Record, content: dict[str, Any]) -> None:
    """The same file dated back to 2016: Burundi left the Criminal Court in 2017, Japan the whaling commission in 2019."""
    old = {**content, "origin": 2016}
    rows = {(r["model"], r["horizon"]): r for r in f.score(record, old)}
    one, five = rows["common", 1], rows["common", 5]
    assert one["state"] == five["state"] == "over" and five["exits"] >= one["exits"]
    assert five["log_score"] > 0 and five["last_year"] == 2020


def test_scores_by_hand() -> None:
    p, came = np.array([0.5, 0.1, 0.2]), np.array([1.0, 0.0, 0.0])
    found = f._scores_of(p, came)
    assert found["log_score"] == pytest.approx(-(np.log(0.5) + np.log(0.9) + np.log(0.8)) / 3)
    assert found["brier"] == pytest.approx((0.25 + 0.01 + 0.04) / 3)
    assert found["calibration"] == pytest.approx(0.8) and found["hits"] == 1


def law(sd: float = 0.2) -> Trained:
    rng = np.random.default_rng(1)
    return Trained(("a",), np.zeros(1), np.ones(1), np.zeros(2), ({}, {}), np.array([0.5, 0.5, sd]),
                   {y: float(rng.normal(0, sd)) for y in range(1950, 1990)}, True)  # fmt: skip


def test_the_law_of_totals_covers_what_it_draws() -> None:
    """Truth drawn from the law itself: its pits are uniform, and bundles widen it without moving its middle much."""
    made, eta = law(), np.full(2000, np.log(0.01))
    cells = (np.arange(2000) % 40, np.arange(2000) // 40)
    plain = f._totals(made, eta, cells, (0.0, 0.0), 1990, 600, 1)
    wide = f._totals(made, eta, cells, (1.0, 2.0), 1990, 600, 1)
    assert abs(plain.mean() - 20) < 4 and plain.std() < wide.std() and abs(wide.mean() - plain.mean()) < 5
    assert np.array_equal(plain, f._totals(made, eta, cells, (0.0, 0.0), 1990, 600, 1))
    truth = f._totals(made, eta, cells, (0.0, 0.0), 1990, 200, 2)
    pits = [f._annual(1990 + k, int(n), plain, 1)["pit"] for k, n in enumerate(truth)]
    assert 0.4 < np.mean(pits) < 0.6 and 0.2 < np.std(pits) < 0.38


@pytest.fixture(scope="module")
def tested(record: Record) -> dict[str, Any]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(f, "splits", lambda: replace(splits(), first_origin=1990, last_origin=1991))
        return f.backtest(record)


def test_the_backtest_adds_up(tested: dict[str, Any]) -> None:
    assert [row["origin"] for row in tested["totals"]] == [1990, 1991]
    for model in ("common", "empirical_bayes"):
        for h in (1, 3, 5):
            tenths = [r for r in tested["reliability"] if (r["model"], r["horizon"]) == (model, h)]
            assert [r["tenth"] for r in tenths] == list(range(1, 11))
            assert all(r["low"] <= r["observed"] <= r["high"] for r in tenths)
            assert [r["predicted"] for r in tenths] == sorted(r["predicted"] for r in tenths)
            hits = next(x for x in tested["hits"] if (x["model"], x["horizon"]) == (model, h))
            assert hits["exits"] == sum(r["exits"] for r in tenths) and hits["listed"] == 200
    assert 0 <= tested["uniform"]["p_value"] <= 1


def test_the_command(tmp_path: Path, issued: Path) -> None:
    home = tmp_path / "home"
    for arguments, told in ((["forecast"], "required"), (["forecast", "--issue", "--score"], "not allowed"),
                            (["forecast", "--score"], "no issued forecast")):  # fmt: skip
        done = exeunt(*arguments, cwd=tmp_path, home=home)
        assert done.returncode == 2 and told in done.stderr and one_sentence(done.stderr), done.stderr
    done = exeunt("forecast", "--score", "--folder", str(issued.parent), "--format", "json", cwd=tmp_path, home=home)
    assert {r["state"] for r in json.loads(done.stdout)} == {"open"}
