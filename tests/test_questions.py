"""The page of users' questions: each command runs, and prints what the answer puts in bold or quotes from it."""

from __future__ import annotations

import re

import pytest

from exeunt import cli
from pages import commands, printed, quoted
from tiny import ROOT

TEXT = (ROOT / "docs" / "how-to" / "questions.md").read_text(encoding="utf-8")
PARTS = re.split(r"^### (\d+)\. (.*)$", TEXT, flags=re.MULTILINE)
QUESTIONS = {int(number): text for number, text in zip(PARTS[1::3], PARTS[3::3], strict=True)}
ANSWERED = {1, 6, 7, 8, *range(10, 17), 18, 19, 20, 23, 24, 25, 31}
"""Questions that need an answer by a command, be it that the record cannot tell."""


def test_every_question_is_there() -> None:
    assert list(QUESTIONS) == list(range(1, 32))
    for number, text in QUESTIONS.items():
        assert commands(text) or "Not determined" in text, number
    for number in ANSWERED:
        assert commands(QUESTIONS[number]) and quoted(QUESTIONS[number]), number


def test_a_figure_that_is_not_printed_is_noticed() -> None:
    assert printed("14", "regular_budget 14 – bodies") and not printed("14", "140 in 2014, 1.14, 14,000 and 14-01")
    assert quoted("**a\nb** c\n```text\nd   e\n```") == ["a b", "d e"]


@pytest.mark.parametrize("number", [n for n, text in QUESTIONS.items() if commands(text)])
def test_the_answer_is_what_the_command_prints(number: int, capsys: pytest.CaptureFixture[str]) -> None:
    outputs = []
    for call in commands(QUESTIONS[number]):
        assert cli.main([*call, "--quiet"]) == 0, (call, capsys.readouterr().err)
        outputs.append(capsys.readouterr().out)
        assert outputs[-1]
    for said in quoted(QUESTIONS[number]):
        assert any(printed(said, output) for output in outputs), said
