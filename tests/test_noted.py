"""Our own notes in Traditional Chinese: what is covered, and that what is not stays marked as English."""

from __future__ import annotations

import re
from types import SimpleNamespace

import numpy as np
import pytest

from exeunt.i18n import render
from exeunt.report.summaries import summary
from exeunt.simulate.results import back_tested_hits
from exeunt.simulate.setting import Setting
from exeunt.words.noted import LINES, PATTERNS, noted

MOST = 0.95
"""Share of our notes that must have a Chinese wording; a new one may wait for its translator, marked as English."""


def test_what_a_simulation_says_of_itself_is_told_in_chinese() -> None:
    said = [back_tested_hits()["about"]]
    worlds = SimpleNamespace(year=2027, carried=np.ones((60, 50), np.bool_), members=np.ones((70, 50), np.bool_))
    of = SimpleNamespace(join_fit=SimpleNamespace(status="not_calibrated"), start=worlds)
    status, carried = (render(one, "zh-Hant") for one in Setting.warnings.fget(of))  # type: ignore[attr-defined]
    assert "not_calibrated" in status and "3,500" in carried and "3,000" in carried and "2027" in carried
    assert all(noted(text) for text in said), said
    assert noted("the simulation ended with code -9.") == "模擬以代碼 -9 結束。"


def test_warnings_of_the_loop_are_told_in_chinese() -> None:
    found = summary("feedback")
    assert found is not None
    warnings = found["content"]["warnings"]
    assert warnings
    for text in warnings:
        said = noted(text)
        assert said is not None, text
        numbers = [set(re.findall(r"\d+(?:\.\d+)?", one)) for one in (text, said)]
        assert numbers[0] == numbers[1], "a number went missing or was added"


@pytest.mark.parametrize("text", ["", "nobody wrote this"])
def test_what_is_not_known_is_left_to_the_caller(text: str) -> None:
    assert noted(text) is None


def test_the_chinese_is_traditional_and_leaves_no_english_words() -> None:
    simplified = set("国际会费约组织权经济议为执员联发该无构义务")
    for said in (*LINES.values(), *(chinese for _, chinese in PATTERNS)):
        assert any("\u4e00" <= sign <= "\u9fff" for sign in said), said
        assert not simplified & set(said), said
