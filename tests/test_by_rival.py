"""One membership under each rival: factors, shares, silence, and the sentence."""

from __future__ import annotations

import math

import pytest

from exeunt.explain.attribute import Rivals, _ByRival, summed_up
from exeunt.explain.explanations import _Constraint, _Domestic
from exeunt.record.store import Record


@pytest.fixture(scope="module")
def rivals(record: Record) -> Rivals:
    return Rivals(record, (_Constraint, _Domestic), lambda _: None)


def test_shares_multiply_to_the_factor(rivals: Rivals) -> None:
    constraint, domestic = rivals.of(2, "unesco", 1984)
    for found in (constraint, domestic):
        assert found.reason is None and found.factor and found.hazard and found.typical and found.shares
        low, high = found.factor[1:]
        assert low <= found.factor[0] <= high and 0 < found.hazard[1] < found.hazard[2] < 1
        assert math.prod(v[0] for v in found.shares.values()) == pytest.approx(found.factor[0], rel=0.1)
    assert set(constraint.shares or {}) == {"distance", "capability"}, "the product is shared by its two terms"
    assert constraint.factor and constraint.factor[0] > 1, "the United States stand far from the other members in 1984"


def test_the_same_seed_gives_the_same_answer(rivals: Rivals) -> None:
    assert rivals.of(2, "who", 1990, seed=3) == rivals.of(2, "who", 1990, seed=3)
    assert rivals.of(2, "who", 1990, seed=3) != rivals.of(2, "who", 1990, seed=4)


def test_what_is_missing_is_said(rivals: Rivals) -> None:
    late = {r.explanation: r for r in rivals.of(2, "who", 2025)}
    assert late["Domestic"].reason.values == {"term": "leader_change"} and late["Domestic"].factor is None
    assert (
        rivals.of(2, "who", 1946) == [] and rivals.of(2, "nowhere", 1990) == [] and rivals.of(9999, "who", 1990) == []
    )


def one(name: str, factor: float | None, high: float = 0.02) -> _ByRival:
    if factor is None:
        return _ByRival(name, "no value of x", 10, 1, "ok")
    return _ByRival(
        name,
        None,
        10,
        1,
        "ok",
        (high / 4, high / 9, high),
        (0.001, 0.0005, 0.002),
        (factor, factor / 2, factor * 2),
        {},
    )


def test_what_the_rivals_say_together() -> None:
    largest, silent = summed_up([one("A", 1.5), one("B", 2.0), one("C", None)])
    assert (largest.code, largest.values) == (
        "rivals.largest", {"explanation": "B", "times": 2.0, "low": 1.0, "high": 4.0},
    )  # fmt: skip
    assert (silent.code, silent.values) == ("rivals.silent", {"explanations": ["C"]})
    (improbable,) = summed_up([one("A", 1.5, 0.004)])
    assert (improbable.code, improbable.values) == ("rivals.improbable", {"upper": 0.004})
    assert [found.code for found in (*summed_up([one("A", None)]), *summed_up([]))] == ["rivals.none", "rivals.none"]
