"""Figures of the back-test: as data, as SVG, and what their titles say."""

from __future__ import annotations

import copy
import json
from math import comb
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from exeunt import cli
from exeunt.report.figures.backtest import (
    CLASSES,
    FIGURES,
    _pit_records,
    _pit_svg,
    _reliability_records,
    _reliability_svg,
    _usual,
)
from tiny import ROOT

ANSWER = ROOT / "tests" / "reference" / "backtest.json"


@pytest.fixture
def answer() -> dict[str, Any]:
    return copy.deepcopy(json.loads(ANSWER.read_text(encoding="utf-8")))


def test_reliability_as_data(answer: dict[str, Any]) -> None:
    rows = _reliability_records(answer)
    assert [(r["horizon"], r["tenth"]) for r in rows] == [(h, t) for h in (1, 3, 5) for t in range(1, 11)]
    assert all(r["low"] <= r["observed"] <= r["high"] for r in rows)


def test_every_point_stands_with_its_exits(answer: dict[str, Any]) -> None:
    drawn = ElementTree.fromstring(_reliability_svg(answer, "en"))
    said = [text.text for text in drawn.iter("{http://www.w3.org/2000/svg}text")]
    assert len(list(drawn.iter("{http://www.w3.org/2000/svg}circle"))) == 30
    for row in _reliability_records(answer):
        assert str(row["exits"]) in said
    assert "Within a year: 26,742 memberships a point" in said


def test_the_title_of_reliability_follows_from_the_numbers(answer: dict[str, Any]) -> None:
    assert "expects more exits than came" in _reliability_svg(answer, "en")
    for row in answer["reliability"]:
        row["predicted"] = row["observed"]
    assert "expects more exits than came" not in _reliability_svg(answer, "en")


def test_the_pit_as_data(answer: dict[str, Any]) -> None:
    rows = _pit_records(answer)
    assert sum(r["origins"] for r in rows) == len(answer["totals"]) == 24
    answer["totals"][0]["pit"] = 1.0
    assert _pit_records(answer)[-1]["origins"] == rows[-1]["origins"] + 1
    assert "All 24 of 24" in _pit_svg(answer, "en")
    answer["totals"][0]["observed"] = 1000
    assert "23 of 24" in _pit_svg(answer, "en")


def test_the_shaded_numbers_are_those_of_a_binomial() -> None:
    low, high = _usual(24)
    chance = [comb(24, k) * (1 / CLASSES) ** k * (1 - 1 / CLASSES) ** (24 - k) for k in range(25)]
    assert sum(chance[low : high + 1]) >= 0.95
    assert sum(chance[:low]) <= 0.025 < sum(chance[: low + 1])
    assert sum(chance[high + 1 :]) <= 0.025 < sum(chance[high:])


@pytest.mark.parametrize("name", FIGURES)
def test_the_figures_in_the_docs_are_what_the_command_draws(name: str, tmp_path: Path) -> None:
    assert cli.main(["figure", name, "--backtest", str(ANSWER), "--out", str(tmp_path / "f.svg"), "--quiet"]) == 0
    assert (tmp_path / "f.svg").read_bytes() == (ROOT / "docs" / "figures" / f"{name}.svg").read_bytes()
    assert (
        cli.main(["figure", name, "--backtest", str(ANSWER), "--out", str(tmp_path / "z.svg"), "--lang", "zh-Hant"])
        == 0
    )
    assert "起算年" in (tmp_path / "z.svg").read_text(encoding="utf-8")


def test_another_file_is_refused_in_one_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    other = tmp_path / "other.json"
    for content in ("{}", "[1]", "no JSON"):
        other.write_text(content, encoding="utf-8")
        assert cli.main(["figure", "pit", "--backtest", str(other), "--out", str(tmp_path / "f.svg")]) == 2
        said = capsys.readouterr().err
        assert "is no answer of a back-test" in said and said.count("\n") == 1
