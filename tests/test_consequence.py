"""What follows from an exit: money, refilling, coverage, standing, dependents."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest

from exeunt import cli
from exeunt.answers import fields
from exeunt.commands.money import row_of
from exeunt.consequence.batch import batch
from exeunt.consequence.memberships import Memberships, from_codes, memberships
from exeunt.consequence.money import Loss, _own_money, losses, owed
from exeunt.consequence.refill import MAIN, base_rates, falls, gaps, refilling
from exeunt.consequence.revenue import (
    FEWEST_CHANGES,
    Paid,
    Revenue,
    _half_width,
    band,
    band_coverage,
    paid_by,
    paid_to,
    revenue,
    widening,
)  # fmt: skip
from exeunt.consequence.standing import company, dependents, isolation, partners
from exeunt.consequence.summary import summary
from exeunt.consequence.vacuum import Stages, covered, stages, vacuum
from exeunt.errors import UnknownNameError, UsageError
from exeunt.measures.membership import _inside, by_group, distance_from_others, shared
from exeunt.record.status import status
from exeunt.record.store import Record

CASE = "usa-2026-01"


def altered(record: Record, name: str, change: Callable[[pl.DataFrame], pl.DataFrame]) -> Record:
    """The record with one table changed."""
    other = Record(record.folder)
    other._tables = {**other._tables, name: change(record.table(name))}
    return other


@pytest.fixture(scope="module")
def known(record: Record) -> Revenue:
    return revenue(record)


def codes(row: Loss) -> list[str]:
    """Codes of what a row rests on."""
    return [one.code for one in row.why]


# --- batches ---------------------------------------------------------------------------------------------------------


def test_a_case_pairs_and_a_scenario_name_exits(record: Record) -> None:
    case = batch(record, CASE)
    assert len(case.pairs) == 66 and case.states == ("USA",) and case.decided.isoformat() == "2026-01-07"
    pairs = batch(record, "United States:WHO, ARG:who")
    assert pairs.pairs == (("USA", "who"), ("ARG", "who")) and pairs.bodies == ("who",)
    scenario = batch(record, "batch-executed")
    assert set(scenario.pairs) == set(case.leaveable) and scenario.kind == "scenario"


@pytest.mark.parametrize("wrong", ["USA:", ":who", ",:", "baseline"])
def test_what_names_no_exit_is_said_in_one_sentence(record: Record, wrong: str) -> None:
    with pytest.raises(UsageError) as caught:
        batch(record, wrong)
    assert str(caught.value).count(". ") == 0


def test_an_unknown_name_lists_the_closest(record: Record) -> None:
    with pytest.raises(UnknownNameError, match="usa-2026-01"):
        batch(record, "usa-2026-02")


# --- what the ledgers hold on a state or a body ----------------------------------------------------------------------


def test_the_money_of_a_body_is_that_of_the_ledger(record: Record, known: Revenue) -> None:
    found = paid_to(record, known, "unesco")
    rows = record.table("ledger").filter((pl.col("body") == "unesco") & (pl.col("source") == "un_ceb"))
    dues = rows.filter((pl.col("ledger") == "assessed") & pl.col("state").is_not_null())
    assert found.known and [row["year"] for row in found.years] == sorted(dues["year"].unique())
    for row in found.years:
        of_year = dues.filter(pl.col("year") == row["year"])
        most = of_year.sort("amount", descending=True).row(0, named=True)
        assert (row["largest"], row["largest_amount"]) == (most["state"], pytest.approx(most["amount"]))
        assert row["share"] == pytest.approx(most["amount"] / row["assessed"]) and row["dues"]
        assert of_year["amount"].sum() <= row["assessed"] * (1 + 1e-9) and row["sources"]
    last = found.years[-1]["year"]
    assert {row["year"] for row in found.latest} == {last}
    assert sum(row["assessed"] for row in found.latest) <= found.years[-1]["assessed"] * (1 + 1e-9)
    assert [row["assessed"] for row in found.latest] == sorted((r["assessed"] for r in found.latest), reverse=True)
    assert {row["ledger"] for row in found.others} == {"owed", "requested"}


def test_where_no_state_owes_dues_gifts_are_judged_and_silence_is_told_as_such(record: Record, known: Revenue) -> None:
    gifts = paid_to(record, known, "unhcr").years[-1]
    assert not gifts["dues"] and gifts["largest"] and 0 < gifts["share"] < 1
    nothing = paid_to(record, known, "ecowas")
    assert not nothing.known and nothing == Paid()
    own = paid_to(record, known, "un")
    assert own.known and not own.years and {row["body"] for row in own.others} >= {"un_regular_budget"}
    assert paid_to(record, known, "un_women").between == () and paid_to(record, known, "unfccc").between == ()


def test_the_money_of_a_state_is_that_of_the_ledger(record: Record, known: Revenue) -> None:
    found = paid_by(record, known, "IDN")
    rows = record.table("ledger").filter((pl.col("state") == "IDN") & (pl.col("source") == "un_ceb"))
    for row in found.years:
        of_year = rows.filter((pl.col("year") == row["year"]) & (pl.col("ledger") == "assessed"))
        assert row["assessed"] == pytest.approx(of_year["amount"].sum())
        assert 0 < row["share"] < 0.02
    assert (found.scale[-1]["first_year"], found.scale[-1]["rate_pct"]) == (2025, 0.579)
    assert [row["first_year"] for row in found.scale] == sorted(row["first_year"] for row in found.scale)
    assert paid_by(record, known, "VAT") == Paid()


# --- losses ----------------------------------------------------------------------------------------------------------


def test_known_figures_are_those_of_the_ledger(record: Record, known: Revenue) -> None:
    rows = {
        (r.body, r.year): r
        for r in losses(record, batch(record, "USA:unesco,USA:who"), 2026, known)
        if r.ledger == "assessed"
    }
    ledger = record.table("ledger")
    assert rows["unesco", 2024].amount == 75_870_911.0 and rows["unesco", 2013].amount == 78_074_632.0
    for body, year in (("unesco", 2024), ("unesco", 2017), ("who", 2023), ("who", 2019)):
        row = rows[body, year]
        one = ledger.row(by_predicate=pl.col("id") == f"ceb-{body}-USA-{year}-assessed", named=True)
        whole = ledger.filter(
            (pl.col("body") == body) & pl.col("state").is_null() & (pl.col("fund") == "all") & (pl.col("year") == year)
        )["amount"].item()
        assert row.amount == one["amount"] and row.share == pytest.approx(one["amount"] / whole) and not row.projected
    # 22 % of what UNESCO assessed before the exit of 2018, and nothing in the years outside.
    total = known.totals[known.place["unesco"], known.years.index(2017), 0]
    assert (rows["unesco", 2017].amount or 0) / total == pytest.approx(0.22, abs=0.005)
    assert [rows["unesco", y].amount for y in (2019, 2020, 2021, 2022)] == [0, 0, 0, 0]


def test_no_projected_year_is_a_point(record: Record, known: Revenue) -> None:
    rows = losses(record, batch(record, CASE), known=known)
    projected = [r for r in rows if r.projected and r.amount is not None]
    assert len(projected) > 50 and max(r.year or 0 for r in projected) == 2030
    for row in projected:
        assert row.low is not None and row.high is not None and row.low <= (row.amount or 0.0) <= row.high
        assert row.low < row.high or row.amount == 0
        assert "loss.level" in codes(row)


def test_every_body_of_the_case_has_an_answer(record: Record, known: Revenue) -> None:
    rows = losses(record, batch(record, CASE), known=known)
    assert {r.body for r in rows} == set(batch(record, CASE).bodies)
    for row in rows:
        assert (row.amount is None) == (row.status == "unknown")
        if row.status != "figures":
            assert row.why
    irena = [r for r in rows if r.body == "irena"]
    assert len(irena) == 1 and irena[0].status == "unknown" and codes(irena[0]) == ["loss.no_money"]


def test_a_body_of_the_regular_budget_loses_no_dues(record: Record, known: Revenue) -> None:
    for body in ("ilc", "unctad", "irmct", "un_eca"):
        assert _own_money(record, body) == "regular_budget"
        rows = [r for r in losses(record, batch(record, f"USA:{body}"), known=known) if r.ledger == "assessed"]
        assert [(r.amount, r.lost, codes(r)) for r in rows] == [(0.0, False, ["loss.regular_budget"])]
    assert _own_money(record, "un_ceb") == "no_dues"
    # Leaving the United Nations itself is what stops those dues.
    un = [r for r in losses(record, batch(record, "USA:un"), known=known) if r.ledger == "assessed"]
    assert {r.body for r in un} >= {"un_regular_budget", "un_peacekeeping"} and any((r.amount or 0) > 5e8 for r in un)


def test_dues_end_after_the_notice_and_gifts_at_once(record: Record, known: Revenue) -> None:
    rows = [r for r in losses(record, batch(record, CASE), known=known) if r.body == "unfccc" and r.projected]
    assert min(r.year for r in rows if r.lost and r.ledger == "assessed") == 2028  # out on 2027-01-08 at the earliest
    assert min(r.year for r in rows if r.lost and r.ledger == "voluntary") == 2026


def test_an_exit_under_way_runs_on_its_own_acts(record: Record, known: Revenue) -> None:
    def first(target: str, as_of: date | None = None) -> int:
        rows = losses(record, batch(record, target), 2032, known, as_of)
        return min(r.year or 0 for r in rows if r.ledger == "assessed" and r.projected and r.lost)

    assert first("USA:unesco") == 2027  # announced in July 2025, out on 31 December 2026
    assert first("USA:unesco", date(2025, 1, 1)) == 2028  # before that: as if notice was given now
    assert first("FRA:unesco") == 2028


def test_a_donor_that_a_body_never_names_gave_nothing(record: Record, known: Revenue) -> None:
    donor = next(
        d for d in known.donors if not np.nan_to_num(known.gifts[known.place["uncdf"], known.donors.index(d)]).any()
    )
    rows = losses(record, batch(record, f"{donor}:uncdf"), known=known)
    assert [(r.amount, r.status, r.lost, codes(r)) for r in rows] == [(0.0, "figures", False, ["loss.names_none"])]


def test_a_changed_ledger_changes_the_answer(record: Record) -> None:
    def change(frame: pl.DataFrame) -> pl.DataFrame:
        hit = pl.col("id") == "ceb-unesco-USA-2024-assessed"
        return frame.with_columns(pl.when(hit).then(1e6).otherwise(pl.col("amount")).alias("amount"))

    asked = batch(record, "USA:unesco")

    def level(r: Record) -> float:
        return next(x.amount or 0.0 for x in losses(r, asked) if x.ledger == "assessed" and x.year == 2028)

    assert level(record) == 75_870_911.0 and level(altered(record, "ledger", change)) == 1e6


# --- bands -----------------------------------------------------------------------------------------------------------


def test_a_band_is_the_largest_change_times_the_factor() -> None:
    values = np.array([10.0, 12.0, 11.0, 15.0, 14.0, 14.0])
    assert _half_width(values, 1) == 4.0 and _half_width(values, 2) == 3.0
    assert band(values, 1, (2.0,)) == (6.0, 22.0) and band(values, 1, (9.0,)) == (0.0, 50.0)
    assert _half_width(values[:FEWEST_CHANGES], 1) is None and band(values[:3], 1, (1.0,)) is None
    assert _half_width(values, 8) == pytest.approx(3.0 * 2)  # the longest span with four changes is two years
    assert band(np.full(9, 5.0), 1, (1.0,)) is None and band(np.zeros(9), 1, (1.0,)) == (0.0, 0.0)


def test_bands_hold_nine_times_in_ten_for_bodies_left_out(known: Revenue) -> None:
    for row in band_coverage(known):
        assert row.cases > 150 and row.share is not None and 0.87 <= row.share <= 0.95, row
    assert list(widening(known, "voluntary")) == sorted(widening(known, "voluntary"))


# --- what stays owed -------------------------------------------------------------------------------------------------


def test_owed_keeps_rival_figures_apart_and_names_the_tail(record: Record) -> None:
    rows = owed(record, batch(record, "USA:who"))
    assert sorted(r.amount or 0 for r in rows if r.what == "owed") == [260.6e6, 278e6]
    case = owed(record, batch(record, CASE))
    unfccc = next(r for r in case if r.body == "unfccc")
    assert unfccc.earliest_effective == date(2027, 1, 8)
    assert unfccc.low is not None and unfccc.high is not None and unfccc.low < (unfccc.amount or 0.0) < unfccc.high
    irena = next(r for r in case if r.body == "irena")
    assert irena.amount is None and "year of withdrawal" in (irena.dues_until or "")


# --- coverage --------------------------------------------------------------------------------------------------------

# Four states, three bodies: everybody; the first two; the third alone.
SMALL = np.array([[1, 1, 0], [1, 1, 0], [1, 0, 1], [1, 0, 0]], bool)


def test_shared_bodies_are_counted_once_a_pair_and_split_evenly() -> None:
    number, ties = shared(SMALL)
    assert number.tolist() == [[0, 2, 1, 1], [2, 0, 1, 1], [1, 1, 0, 1], [1, 1, 1, 0]]
    assert ties[0].tolist() == pytest.approx([0, 1 / 3 + 1, 1 / 3, 1 / 3])
    # A row sums to the number of the state's bodies with another member: the body of one ties nobody.
    assert ties.sum(axis=1).tolist() == pytest.approx([2, 2, 1, 1]) and np.allclose(ties, ties.T)


def test_coverage_by_hand() -> None:
    alike, heavy = np.ones(4), np.array([6.0, 2.0, np.nan, 2.0])
    assert _inside(SMALL, alike).tolist() == [1.0, 0.5, 0.25] and _inside(SMALL, heavy).tolist() == [1.0, 0.8, 0.0]
    groups = np.array([[False, True, True], [True, False, True]])
    mean, reach = by_group(SMALL, alike, groups, np.ones(3))
    assert mean.tolist() == [0.375, 0.625] and reach.tolist() == [0.75, 1.0]
    mean, reach = by_group(SMALL, alike, groups, np.array([np.nan, 3.0, 1.0]))  # the first body is not measured
    assert mean.tolist() == [(3 * 0.5 + 0.25) / 4, 0.25] and reach.tolist() == [0.75, 0.25]
    mean, reach = by_group(SMALL, alike, groups[:1], np.array([1.0, np.nan, np.nan]))
    assert np.isnan(mean[0]) and np.isnan(reach[0])


def test_distance_from_others_leaves_the_state_itself_out() -> None:
    away = distance_from_others(np.array([0.0, 1.0, np.nan, 5.0]), np.array([True, True, True, True]))
    assert away[[0, 1, 3]].tolist() == [3.0, 1.5, 4.5] and np.isnan(away[2])


@pytest.fixture(scope="module")
def world(record: Record) -> Stages:
    return stages(record, batch(record, CASE))


def test_the_matrix_is_what_status_says(record: Record, world: Stages) -> None:
    inside_words = {"member", "member_announced_only", "member_notice_running", "suspended", "left_claimed_disputed"}
    for state, body in (
        ("USA", "irena"),
        ("USA", "who"),
        ("GBR", "eu"),
        ("FRA", "eu"),
        ("RUS", "coe"),
        ("MLI", "ecowas"),
        ("ARG", "who"),
    ):
        if body in world.now.at_body:
            told = world.now.members[world.now.at_state[state], world.now.at_body[body]]
            assert told == (status(record, state, body).status in inside_words), (state, body)
    # A day is a day: the United Kingdom left in the night to 1 February 2020.
    then = memberships(record, date(2020, 1, 30))
    assert then.members[then.at_state["GBR"], then.at_body["eu"]]
    assert not world.now.members[world.now.at_state["GBR"], world.now.at_body["eu"]]


def test_memberships_are_packed_and_unpacked(world: Stages) -> None:
    again = Memberships.unpacked(json.loads(json.dumps(world.now.packed())))
    assert (again.day, again.states, again.bodies) == (world.now.day, world.now.states, world.now.bodies)
    assert (again.members == world.now.members).all()


def test_vacuum_says_what_it_rests_on(record: Record, world: Stages) -> None:
    asked = batch(record, CASE)
    found = {a.area: a for a in vacuum(record, asked, at=world)}
    known = covered(record, asked, world.now)
    assert known["exits"] == 66 and 0 < known["exits_listed"] < 20 and 0.3 < known["with_area_share"] < 0.7
    for area in found.values():
        assert area.measured == 1.0 and area.bodies > 0
        assert (area.mean_after or 0) <= (area.mean_now or 0) <= 1 and (area.any_after or 0) >= (area.mean_after or 0)
        assert (area.left > 0) == (area.leaver_after < area.leaver_now) or area.leaver_now < area.leaver_before
    energy = found["energy"]
    assert (energy.mean_now or 0) - (energy.mean_after or 0) == pytest.approx(1 / len(world.now.states) / energy.bodies)
    assert found["environment"].empty_for == ("USA",)
    heavier = {a.area: a for a in vacuum(record, asked, "capability", at=world)}
    assert heavier["energy"].mean_now - heavier["energy"].mean_after > energy.mean_now - energy.mean_after  # type: ignore[operator]
    assert any(a.measured < 1 for a in vacuum(record, asked, "authority", at=world))
    with pytest.raises(UsageError, match="no weight"):
        vacuum(record, asked, "gdp", at=world)


def test_a_simulated_world_can_be_asked(record: Record, world: Stages) -> None:
    asked = batch(record, CASE)
    empty = world.now.world(np.zeros_like(world.now.members))
    rows = vacuum(record, asked, at=Stages(world.before, world.now, empty))
    assert all(a.gone and a.any_after == 0 for a in rows)
    again = from_codes(record, 2026, [2, 20], ["irena", "who"], np.array([[True, False], [True, True]]))
    assert again.states == ("USA", "CAN") and again.without([("USA", "irena")]).members.tolist() == [
        [False, False],
        [True, True],
    ]
    with pytest.raises(ValueError, match="shape"):
        world.now.world(np.zeros((2, 2), bool))


def test_a_changed_membership_changes_the_vacuum(record: Record, world: Stages) -> None:
    def change(frame: pl.DataFrame) -> pl.DataFrame:
        return frame.filter(~((pl.col("body") == "itto") & (pl.col("state") == "JPN")))

    asked = batch(record, CASE)
    before = {a.area: a for a in vacuum(record, asked, at=world)}["environment"]
    after = {a.area: a for a in vacuum(altered(record, "memberships", change), asked)}["environment"]
    assert (after.mean_now or 0) < (before.mean_now or 0)


# --- isolation and dependents ----------------------------------------------------------------------------------------


def test_isolation_counts_ranks_and_says_what_is_unknown(record: Record, world: Stages) -> None:
    rows = isolation(record, batch(record, CASE), at=world)
    of = {(r.measure, r.when): r for r in rows}
    assert of["bodies", "after"].change == -len([p for p in batch(record, CASE).leaveable if p[1] in world.now.at_body])
    assert of["bodies", "now"].value == world.now.members[world.now.at_state["USA"]].sum()
    assert (of["shared", "after"].rank or 0) >= (of["shared", "before"].rank or 0)
    votes = [r for r in rows if r.measure == "votes"]
    assert [r.when for r in votes] == ["2014", "2019", "2024"] and votes[0].change == 0
    image = of["image", None]
    assert image.value is None and image.why is not None and image.why.code == "standing.no_image"
    pairs = partners(record, batch(record, CASE), at=world)
    assert len(pairs) == len(world.now.states) - 1 and pairs[0].change == min(p.change for p in pairs) < 0
    mean = sum(p.before for p in pairs) / len(pairs)
    assert mean == pytest.approx(of["shared", "before"].value)


def test_company_left_stayed_joined(record: Record) -> None:
    rows = company(record, batch(record, "MLI:ecowas"))
    assert {r.state for r in rows if r.relation == "left_with"} == {"BFA", "NER"}
    stayed = next(r for r in rows if r.relation == "stayed")
    assert stayed.number is not None and 10 <= stayed.number <= 13


def test_dependents_follow_clauses_and_the_record(record: Record, world: Stages) -> None:
    rows = dependents(record, batch(record, CASE), at=world)
    of = {(r.body, r.kind, r.what): r for r in rows}
    assert of["unfccc", "protocol", "paris"].states == ("USA",) and ("unfccc", "depends_on", "gcf") in of
    assert ("unfccc", "depends_on", "paris") not in of  # told once
    assert of["irena", "host", "Abu Dhabi"].states == ("ARE",) and not of["irena", "host", "Abu Dhabi"].in_batch
    only = of["itto", "only_seat", "environment"]
    assert only.in_batch and "USA" in only.states and only.number == len(only.states)
    assert {r.what for r in dependents(record, batch(record, "USA:un"), at=world) if r.kind == "depends_on"} >= {
        "icj", "icj_optional_clause", "unsc",
    }  # fmt: skip


# --- commands --------------------------------------------------------------------------------------------------------


def test_the_summary_repeats_the_views(record: Record, known: Revenue) -> None:
    asked = batch(record, CASE)
    rows = {
        (r.what.code, *r.what.values.values()): r
        for r in summary(record, asked, base_rates(known, {"main": MAIN}, draws=50))
    }
    numbers = [rows["figure.bodies", s].value or 0 for s in ("figures", "regular_budget", "no_dues", "unknown")]
    assert sum(numbers) == 66 and numbers[3] > 0
    found = [g for g in gaps(losses(record, asked, known=known)) if g.ledger == "voluntary"]
    gap = rows["figure.gap", "voluntary"]
    assert gap.value == pytest.approx(sum(g.amount for g in found))
    assert gap.low is not None and gap.high is not None and gap.low < (gap.value or 0) < gap.high
    rate = rows["figure.refilled", 3]
    assert rate.low is not None and rate.high is not None and rate.low < (rate.value or 0) < rate.high
    assert rate.note[0].values["events"] >= rate.note[0].values["refilled"]  # type: ignore[operator]


def typed(rows: list[dict[str, Any]], columns: Any) -> None:
    assert rows and list(rows[0]) == [c.name for c in columns]
    kinds = {"text": (str, list, dict), "integer": int, "number": (int, float), "boolean": bool}
    for column in columns:
        assert all(row[column.name] is None or isinstance(row[column.name], kinds[column.kind]) for row in rows), column
        if column.words:
            assert {row[column.name] for row in rows} <= {None, *column.words}


ASKED = {
    "summary": summary, "vacuum": vacuum, "isolation": isolation, "partners": partners, "company": company,
    "dependents": dependents,
}  # fmt: skip
MONEY = {
    "loss": losses,
    "owed": owed,
    "refill": refilling,
    "history": base_rates,
    "events": falls,
    "bands": band_coverage,
}


@pytest.mark.parametrize("view", sorted(ASKED))
def test_consequence_as_json(view: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["consequence", CASE, "--view", view, "--format", "json", "--quiet"]) == 0
    typed(json.loads(capsys.readouterr().out), fields(row_of(ASKED[view])))


@pytest.mark.parametrize("call", [("money", "USA:unfpa"), ("consequence", "USA:unfccc", "--view", "dependents")])
def test_answers_go_to_files_of_every_kind(
    call: tuple[str, ...], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main([*call, "--format", "json"]) == 0
    rows = json.loads(capsys.readouterr().out)
    for form in ("csv", "parquet", "dta"):
        out = tmp_path / f"answer.{form}"
        assert cli.main([*call, "--format", form, "--out", str(out)]) == 0
        frame = {"csv": pd.read_csv, "parquet": pl.read_parquet, "dta": pd.read_stata}[form](out)
        assert len(frame) == len(rows) and len(frame.columns) == len(rows[0])
    with pd.read_stata(tmp_path / "answer.dta", iterator=True) as reader:
        assert all(reader.variable_labels().values())


def test_consequence_prints_what_it_rests_on(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["consequence", "USA:irena", "--view", "vacuum", "--lang", "zh-Hant", "--as-of", "2025-06-30"]) == 0
    assert "並非全部機構的樣本" in capsys.readouterr().out
    assert cli.main(["consequence", "batch-executed", "--quiet"]) == 0
    assert "gaps refilled within 3 years" in capsys.readouterr().out
    assert cli.main(["consequence", "nothing-of-the-kind"]) == 2
    assert "no case or scenario" in capsys.readouterr().err


@pytest.mark.parametrize("view", sorted(MONEY))
def test_money_of_a_case_as_json(view: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["money", CASE, "--view", view, "--format", "json", "--quiet"]) == 0
    typed(json.loads(capsys.readouterr().out), fields(row_of(MONEY[view])))


def test_money_prints_tables_in_both_languages(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["money", CASE, "--view", "history", "--lang", "zh-Hant", "--quiet"]) == 0
    assert "補足" in capsys.readouterr().out
    assert cli.main(["money", "USA:unfpa", "--quiet"]) == 0
    assert "nine times in ten" in capsys.readouterr().out
    assert cli.main(["money", "unfpa", "--view", "events", "--format", "json", "--quiet"]) == 0
    assert {r["body"] for r in json.loads(capsys.readouterr().out)} == {"unfpa"}
    assert cli.main(["money", "unfpa", "--view", "loss", "--quiet"]) == 2
    assert "names none" in capsys.readouterr().err


def test_what_is_printed_in_chinese_is_chinese(capsys: pytest.CaptureFixture[str]) -> None:
    """Names, keys and options may be Latin; three Latin words in a row may not."""
    calls = [("consequence", CASE), *(("consequence", CASE, "--view", view) for view in ("isolation", "dependents"))]
    calls += [("money", CASE, "--view", view) for view in ("loss", "refill", "history")]
    for call in calls:
        assert cli.main([*call, "--lang", "zh-Hant", "--quiet"]) == 0
        for line in capsys.readouterr().out.splitlines():
            assert not re.search(r"(?:\b[A-Za-z]{3,} ){2}[A-Za-z]{3,}", line), (call, line)
