"""Who would pay, and how often gaps were refilled before."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl
import pytest

from exeunt.consequence.batch import batch
from exeunt.consequence.money import losses
from exeunt.consequence.refill import MAIN, RULES, _wilson, base_rates, gaps, refilling
from exeunt.consequence.refill import _events as events
from exeunt.consequence.revenue import Revenue, _from_ledger, revenue
from exeunt.core.errors import UsageError
from exeunt.record.store import Record

CASE = "usa-2026-01"


@pytest.fixture(scope="module")
def known(record: Record) -> Revenue:
    return revenue(record)


# --- refilling -------------------------------------------------------------------------------------------------------


def test_every_rule_sums_to_the_gap(record: Record, known: Revenue) -> None:
    asked = batch(record, CASE)
    rows = losses(record, asked, known=known)
    paid = refilling(record, asked, rows=rows, known=known)
    found = gaps(rows)
    assert {g.body for g in found} >= {"unfpa", "un_women", "unfccc", "itc_trade"}
    for gap in found:
        for rule in RULES:
            part = [p for p in paid if (p.body, p.ledger, p.rule) == (gap.body, gap.ledger, rule)]
            for name in ("amount", "low", "high"):
                assert sum(getattr(p, name) for p in part) == pytest.approx(getattr(gap, name)), (gap, rule)
            assert all(p.payer != "USA" for p in part)
    top = [p for p in paid if (p.body, p.rule) == ("unfpa", "top_five")]
    assert len(top) == 5 and all((p.given or 0) > 0 for p in top)


def test_a_named_state_pays_and_one_that_leaves_cannot(record: Record, known: Revenue) -> None:
    asked = batch(record, "USA:unfpa,DEU:unfpa")
    paid = refilling(record, asked, ("one_state",), "China", known=known)
    assert {p.payer for p in paid} == {"CHN"}
    assert "DEU" not in {p.payer for p in refilling(record, asked, known=known) if p.rule == "top_five"}
    with pytest.raises(UsageError, match="DEU leaves unfpa"):
        refilling(record, asked, ("one_state",), "Germany", known=known)
    with pytest.raises(UsageError, match="refilling rule"):
        refilling(record, asked, ("tax",), known=known)  # type: ignore[arg-type]


# --- history ---------------------------------------------------------------------------------------------------------


def made(amounts: dict[str, list[float]], body: str = "b", first: int = 2013) -> Revenue:
    """Voluntary core revenue of one body by donor; the totals are the sums."""
    rows: list[dict[str, Any]] = []
    whole = np.sum(list(amounts.values()), axis=0)
    for donor, values in {**amounts, None: list(whole)}.items():  # type: ignore[dict-item]
        rows += [
            {"body": body, "state": donor, "year": first + n, "ledger": "voluntary", "fund": "core", "amount": float(v)}
            for n, v in enumerate(values)
        ]
    return _from_ledger(pl.DataFrame(rows, schema_overrides={"state": pl.String}))


def test_the_base_rate_equals_a_count_by_hand() -> None:
    # A falls from 100 to 20 in 2015 (gap 80); the others, 100 before, give 130, 190, 110: made good by 30/80, 90/80, 90/80.
    revenue_of = made({"A": [100, 100, 20, 20, 20], "B": [60, 60, 80, 120, 60], "C": [40, 40, 50, 70, 50]})
    fell, stood = events(revenue_of)
    assert [(e.state, e.year, e.before, e.given, e.gap) for e in fell] == [("A", 2015, 100.0, 20.0, 80.0)]
    assert [fell[0].made_good(k) for k in (1, 2, 3)] == [30 / 80, 90 / 80, 90 / 80] and fell[0].returned is False
    assert fell[0].share_before == 0.5
    rates = {r.years: r for r in base_rates(revenue_of, {"main": MAIN})}
    assert [rates[k].refilled for k in (1, 2, 3)] == [0, 1, 1] and rates[1].events == 1
    assert (rates[1].low, rates[1].high) == pytest.approx(_wilson(0, 1))
    # B, which did not fall in 2015: its gap would be 30; the others fell by 70.
    beside = next(e for e in stood if (e.state, e.year) == ("B", 2015))
    assert beside.gap == 30.0 and beside.made_good_1 == pytest.approx((70 - 140) / 30)


def test_a_fall_too_recent_to_judge_is_not_counted() -> None:
    fell, _ = events(made({"A": [100, 100, 100, 10], "B": [50, 50, 50, 90]}))
    assert [fell[0].made_good(k) for k in (1, 2, 3)] == [40 / 90, None, None] and fell[0].returned is None
    rates = base_rates(made({"A": [100, 100, 100, 10], "B": [50, 50, 50, 90]}), {"main": MAIN})
    assert [(r.events, r.too_recent) for r in rates] == [(1, 0), (0, 1), (0, 1)]
    assert rates[1].rate is None and (rates[1].low, rates[1].high) == (0.0, 1.0)


def test_wilson_is_the_published_interval() -> None:
    # 10 of 20: centre 1/2, from Wilson (1927) as in Newcombe (1998), Statistics in Medicine 17, 857–872.
    assert _wilson(10, 20) == pytest.approx((0.2993, 0.7007), abs=1e-4)
    assert _wilson(81, 263) == pytest.approx((0.2553, 0.3662), abs=1e-4)  # Newcombe's first example, method 3
    assert _wilson(0, 20) == pytest.approx((0.0, 0.1611), abs=1e-4)


def test_falls_that_are_known_are_found(known: Revenue) -> None:
    found = {(e.body, e.state, e.year): e for e in events(known)[0]}
    for key in (("unesco", "USA", 2019), ("unrwa", "USA", 2018), ("unfpa", "USA", 2017)):
        assert key in found, key
    unrwa = found["unrwa", "USA", 2018]
    assert unrwa.before > 3e8 and unrwa.given < 7e7 and unrwa.made_good_1 is not None and unrwa.made_good_1 > 1
    assert all(e.body != "paho" or e.year < 2024 for e in found.values())  # reports nothing in 2024


def test_the_base_rate_of_the_record(known: Revenue) -> None:
    rates = {(r.definition, r.years): r for r in base_rates(known, draws=200)}
    main = rates["main", 3]
    assert main.events > 100 and main.rate is not None and main.low < main.rate < main.high
    # What others gave would have filled most such gaps where nobody fell, too.
    assert (main.without_a_fall_rate or 0) > 0.7 and main.without_a_fall > main.events
    assert rates["all_made_good", 3].refilled <= main.refilled <= rates["half_made_good", 3].refilled
