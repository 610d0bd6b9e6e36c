"""Parts and estimates become a word by one rule each."""

from __future__ import annotations

import copy
from typing import Any

import msgspec
import pytest

from arguing import CRITIQUE, GOOD, claims_only, judged, put, reference, verdict_of
from exeunt.argument import checks, model_checks, models, verdict
from exeunt.argument.checks import _of_interval as of_interval
from exeunt.argument.checks import _Part as Part
from exeunt.argument.models import _Reading as Reading
from exeunt.argument.verdict import _Judged as Judged
from exeunt.argument.verdict import _of_parts, _of_readings
from exeunt.argument.verdict_text import _Loop, _loops, as_dict
from exeunt.explain import attributes, sequence
from exeunt.explain.estimates import OUTCOMES
from exeunt.record.store import Record

pytestmark = pytest.mark.usefixtures("kept_estimates")


def reading(low: float | None, high: float | None, outcome: str = "cleaned", placebo: str = "holds") -> Reading:
    middle = None if low is None or high is None else (low + high) / 2
    return Reading(
        "hazard", "x", outcome, middle, low, high, "log_rate_ratio", 9, "ok", placebo, "exeunt compare", ("s",)
    )


UP, DOWN, NOUGHT, NONE = (0.1, 0.3), (-0.3, -0.1), (-0.1, 0.1), (None, None)


@pytest.mark.parametrize(
    ("intervals", "plus", "minus"),
    [
        ([UP, UP], "supported", "contradicted"),
        ([UP, NOUGHT], "partly", "not_supported"),
        ([NOUGHT, NOUGHT], "not_supported", "not_supported"),
        ([UP, DOWN], "mixed", "mixed"),
        ([DOWN, DOWN], "contradicted", "supported"),
        ([NONE], "not_found", "not_found"),
        ([UP, NONE], "supported", "contradicted"),
        ([(0.0, 0.3)], "not_supported", "not_supported"),
        ([], "not_found", "not_found"),
    ],
)
def test_estimates_become_a_word_by_one_rule(
    intervals: list[Any], plus: str, minus: str, answers: dict[str, Judged]
) -> None:
    link = answers[CRITIQUE].links[0].link
    rows = [reading(low, high) for low, high in intervals]
    for sign, word in ((1, plus), (-1, minus)):
        assert _of_readings(msgspec.structs.replace(link, sign="+" if sign > 0 else "-"), rows) == word


def test_raw_decides_nothing_and_a_failed_placebo_holds_a_verdict_back(answers: dict[str, Judged]) -> None:
    link = next(one.link for one in answers[CRITIQUE].links if one.link.direction > 0)
    assert _of_readings(link, [reading(0.1, 0.3, "raw")]) == "not_found"
    assert _of_readings(link, [reading(-0.3, -0.1, "raw"), reading(0.1, 0.3)]) == "supported"
    assert _of_readings(link, [reading(0.1, 0.3, "core", "fails"), reading(0.1, 0.3)]) == "partly"


@pytest.mark.parametrize(
    ("check", "word"),
    [
        ({"more_than": 39}, True), ({"more_than": 40}, None), ({"more_than": 60}, False), ({"at_least": 60}, None),
        ({"at_least": 61}, False), ({"less_than": 40}, False), ({"less_than": 61}, True), ({"at_most": 40}, None),
        ({"equals": 50, "within": 10}, True), ({"equals": 50}, None), ({"equals": 70, "within": 5}, False),
        ({"at_least": 30, "at_most": 70}, True), ({"at_least": 45, "at_most": 55}, None),
    ],
)  # fmt: skip
def test_an_interval_holds_fails_or_stays_open(check: dict[str, float], word: bool | None) -> None:
    assert of_interval(40.0, 60.0, check) == (word, word is None)


@pytest.mark.parametrize(
    ("total", "check", "verdict"),
    [
        ({"middle": 3.0, "low": 1.0, "high": 5.0, "paired": True}, {"more_than": 0}, "supported"),
        ({"middle": 3.0, "low": -1.0, "high": 5.0, "paired": True}, {"more_than": 0}, "not_supported"),
        ({"middle": 90.0, "low": 70.0, "high": 95.0, "paired": False}, {"at_least": 100}, "contradicted"),
    ],
)
def test_a_forecast_is_held_against_worlds(
    total: dict[str, Any], check: dict[str, Any], verdict: str, record: Record, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(model_checks, "_simulated_total", lambda *_: total)
    monkeypatch.setattr(model_checks, "read_json", lambda _: None)
    monkeypatch.setattr(model_checks, "write_json", lambda *_: None)
    content = copy.deepcopy(GOOD)
    look = {"look": "worlds", "scenario": "baseline", "worlds": 10, "years": 5, "what": "exits", **check}
    put("claim", kind="forecast", check=look)(content)
    answer = judged(record, content)
    assert verdict_of(answer, "a") == verdict
    assert answer.claims[0].commands == ("exeunt simulate baseline --worlds 10 --years 5 --seed 1",)


def test_a_claim_on_an_open_interval_is_not_supported(answers: dict[str, Judged]) -> None:
    claim = next(c.claim for c in answers[CRITIQUE].claims if c.claim.kind == "fact")
    open_part = Part("refilled", None, (), (), (), undecided=True)
    whole = Part("count", True, (), (), ())
    assert _of_parts(claim, [open_part]) == "not_supported"
    assert _of_parts(claim, [open_part, whole]) == "partly"
    assert _of_parts(claim, []) == "not_found"
    doubted = Part("multiplier", True, (), (), (), doubted=True)
    assert _of_parts(claim, [doubted]) == _of_parts(claim, [doubted, whole]) == "partly"


def test_a_loop_is_as_strong_as_its_weakest_link(answers: dict[str, Judged]) -> None:
    (loop,) = _loops(answers[CRITIQUE])
    assert loop.reinforcing and set(loop.variables) == {"decline", "exit"}
    weaker = [
        type(one)(one.link, word, one.readings)
        for one, word in zip(loop.links, ("supported", "not_found"), strict=True)
    ]
    assert _Loop(loop.variables, tuple(weaker)).verdict == "not_found"
    assert not _loops(answers["case-for-batch-2026"])


def test_turning_a_measure_turns_its_interval(record: Record) -> None:
    test = {"test": "hazard", "account": "Decline", "term": "gdp_share_change10"}
    plain, turned = models._readings(record, test), models._readings(record, {**test, "falls": True})
    assert plain[0].low is not None
    assert [(r.low, r.estimate, r.high) for r in turned] == [
        (-(r.high or 0), -(r.estimate or 0), -(r.low or 0)) for r in plain
    ]


def test_small_copies_of_constants_are_the_real_ones() -> None:
    assert models.ATTRIBUTES == attributes.ATTRIBUTES and models.HORIZONS == sequence.HORIZONS
    assert set(models.TESTS) == set(models._MAKE) and set(checks.LOOKS) == set(verdict.RUNS)
    assert {*models.SHOWN_ONLY, *checks.SIMULATED} < set(OUTCOMES)


def test_r_is_shown_as_printed_and_judged_against_one(answers: dict[str, Judged]) -> None:
    link = next(one for one in answers[CRITIQUE].links if one.link.target == "cascade")
    (row,) = [one for one in as_dict(answers[CRITIQUE])["links"] if one["target"] == "cascade"]
    kept = reference("arguments_feedback")["cleaned"]
    assert row["null_value"] == 1 and row["estimate"] == pytest.approx(kept["R"]["median"])
    assert link.main is not None and link.main.estimate == pytest.approx(kept["R"]["median"] - 1)
    assert f"R {kept['R']['median']:.2f}" in row["figure"]


def test_an_area_with_bodies_of_unknown_members_is_not_called_empty(
    record: Record, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = claims_only()
    content["claim"] = [row for row in content["claim"] if row["id"] == "areas-emptied"]
    # What is made up here must neither be read from what other tests keep nor be kept for them.
    monkeypatch.setattr(model_checks, "read_json", lambda _: None)
    monkeypatch.setattr(model_checks, "write_json", lambda *_: None)
    for hidden, word in ((1, "not_supported"), (0, "supported")):
        found = {"empty": ["environment"], "hidden": hidden, "left": 6, "of": 31}
        monkeypatch.setattr(model_checks, "_areas_left", lambda *_, found=found: found)
        assert verdict_of(judged(record, content), "areas-emptied") == word
