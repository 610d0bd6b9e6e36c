"""A changed fact changes its verdict."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import polars as pl
import pytest

from arguing import claims_only, judged, verdict_of
from exeunt.argument.verdict import _Judged as Judged
from exeunt.argument.verdict_text import as_dict
from exeunt.record.store import Record

pytestmark = pytest.mark.usefixtures("kept_estimates")


def date_of(act_id: str, day: str) -> Callable[[pl.DataFrame], pl.DataFrame]:
    return lambda t: t.with_columns(date=pl.when(pl.col("act_id") == act_id).then(pl.lit(day)).otherwise("date"))


MUTATIONS: list[tuple[str, str, Callable[[pl.DataFrame], pl.DataFrame], str, str]] = [
    ("c02", "case_bodies", lambda t: t.filter(pl.col("body") != "unfpa"), "supported", "partly"),
    ("c01", "case_bodies", lambda t: t.filter(pl.col("body") != "unfpa"), "supported", "partly"),
    ("c05", "acts", date_of("us-014", "2025-01-19"), "supported", "partly"),
    ("c06", "acts", lambda t: t.with_columns(reason=pl.col("reason").str.replace("onerous payments", "distance")),
     "supported", "partly"),
    ("c20", "acts", lambda t: t.with_columns(date=pl.when(pl.col("episode") == "usa-announced-2026")
                                             .then(pl.lit("2026-01-02")).otherwise("date")), "contradicted", "supported"),
    ("c20", "acts", lambda t: t.with_columns(date=pl.when(pl.col("episode") == "usa-announced-2026")
                                             .then(pl.lit("2026-01")).otherwise("date")), "contradicted", "not_found"),
    ("c36", "ledger", lambda t: t.with_columns(amount=pl.when(pl.col("id") == "du-0463").then(144.4e6).otherwise("amount")),
     "contradicted", "supported"),
    ("c36", "ledger", lambda t: t.filter(pl.col("id") != "du-0463"), "contradicted", "not_found"),
    ("c10", "ledger", lambda t: t.with_columns(amount=pl.when(pl.col("id") == "du-0006").then(5e8).otherwise("amount")),
     "supported", "contradicted"),
    ("c10", "ledger", lambda t: pl.concat([t, t.filter(pl.col("id") == "du-0006").with_columns(
        id=pl.lit("rival"), amount=pl.lit(5e8))]), "supported", "mixed"),
    ("c22", "bodies", lambda t: t.with_columns(issue_areas=pl.col("issue_areas").str.replace("energy", "trade")),
     "supported", "contradicted"),
    ("recent-us-exits", "acts", date_of("us-054", "2021-01-17"), "supported", "partly"),
    ("review-first", "acts", date_of("us-072", "2026-02-04"), "supported", "contradicted"),
    ("about-two-hundred", "episodes", lambda t: t.with_columns(body_type=pl.col("body_type").replace("treaty", "IGO")),
     "not_found", "supported"),
    ("pays-above-weight", "series_ship", lambda t: t.with_columns(
        value=pl.when(pl.col("measure") == "gdp_share").then(pl.col("value") / 2).otherwise("value")),
     "contradicted", "supported"),
]  # fmt: skip


@pytest.mark.parametrize(("claim", "table", "edit", "before", "after"), MUTATIONS)
def test_a_changed_fact_changes_its_verdict(
    claim: str, table: str, edit: Any, before: str, after: str, record: Record, changed: Any, answers: dict[str, Judged]
) -> None:
    assert before != after
    (name,) = [one for one, answer in answers.items() if claim in {c.claim.id for c in answer.claims}]
    content = claims_only(name)
    content["claim"] = [row for row in content["claim"] if row["id"] == claim]
    old, new = judged(record, content), judged(changed(table, edit), content)
    assert (verdict_of(old, claim), verdict_of(new, claim)) == (before, after)
    assert as_dict(old)["claims"][0] != as_dict(new)["claims"][0]
    assert verdict_of(answers[name], claim) == before


@pytest.mark.parametrize(
    ("claim", "fact", "key", "value", "before", "after"),
    [
        ("c12", "raid", "date", "2026-01-04", "supported", "contradicted"),
        ("c12", "raid", "date", "2026-01", "supported", "not_found"),
        ("c16", "oas_text", "number", 20, "contradicted", "supported"),
        ("c27", "ngad", "word", "terminated", "contradicted", "supported"),
        ("c32", "mc_china", "number", 8.7, "supported", "partly"),
        ("c34", "usaid", "number", 80, "supported", "contradicted"),
        ("c20", "raid", "date", "2026-01-09", "contradicted", "supported"),
    ],
)
def test_a_changed_fact_of_the_file_changes_its_verdict(
    claim: str, fact: str, key: str, value: Any, before: str, after: str, record: Record
) -> None:
    content = claims_only()
    content["claim"] = [row for row in content["claim"] if row["id"] == claim]
    old = verdict_of(judged(record, content), claim)
    next(row for row in content["fact"] if row["id"] == fact)[key] = value
    assert (old, verdict_of(judged(record, content), claim)) == (before, after)


def test_two_facts_that_disagree_are_mixed(record: Record) -> None:
    content = claims_only()
    content["claim"] = [row for row in content["claim"] if row["id"] == "c34"]
    rival = {**next(row for row in content["fact"] if row["id"] == "usaid"), "id": "other", "number": 70}
    content["fact"].append(rival)
    content["claim"][0]["check"]["fact"] = ["usaid", "other"]
    assert verdict_of(judged(record, content), "c34") == "mixed"
