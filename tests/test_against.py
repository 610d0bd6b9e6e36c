"""Published counts beside ours, the age of the evidence, and regions."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import polars as pl
import pytest

from exeunt.core.errors import UnknownNameError
from exeunt.record.counts import CLEANED_WITHOUT, against, correlations, exits_counted, staleness, summary
from exeunt.record.opened import open_record
from exeunt.record.schema import REGIONS
from tiny import SOURCES, exeunt, one_sentence

RECORD = open_record()
ROWS = {(r["unit"], r["key"]): r for r in against(RECORD, "bv2019")}


@pytest.mark.parametrize(
    ("unit", "key", "published"),
    [("state", "USA", 10), ("state", "CAN", 9), ("state", "GBR", 7), ("body", "iwc", 18), ("body", "un_tourism", 21)],
)
def test_published_counts(unit: str, key: str, published: int) -> None:
    assert ROWS[unit, key]["published"] == published


def test_published_totals() -> None:
    rows = list(ROWS.values())
    fits = {(f["unit"], f["ours"]): f for f in correlations(rows)}
    assert (fits["state", "documented"]["rows"], fits["body", "documented"]["rows"]) == (34, 20)
    assert fits["state", "documented"]["published_total"] == 125
    assert fits["body", "documented"]["published_total"] == 135
    # Measured when the source was read: 0.23 over bodies, 0.59 over states.
    assert fits["body", "coded_raw"]["r"] == pytest.approx(0.23, abs=0.01)
    assert fits["state", "coded_raw"]["r"] == pytest.approx(0.59, abs=0.01)
    assert [f["r"] for f in correlations([{**r, "published": 3} for r in rows])] == [None] * 6


@pytest.mark.skipif(not SOURCES.is_dir(), reason="the raw sources are not here")
def test_raw_steps_of_bodies_are_those_of_the_source() -> None:
    folder = SOURCES / "withdrawals_bv"
    labels = [
        r["label"]
        for r in csv.DictReader((folder / "figure3_counts_by_igo.csv").read_text(encoding="utf-8").splitlines())
    ]
    theirs = [
        int(r["cow_raw"])
        for r in csv.DictReader((folder / "figure3_counts_by_igo_vs_cow.csv").read_text(encoding="utf-8").splitlines())
    ]
    ours = {r["name"]: r["coded_raw"] for r in ROWS.values() if r["unit"] == "body"}
    assert [ours[label] for label in labels] == theirs


def test_documented_by_hand() -> None:
    """Japan left the sugar organization in 2002; that from the whaling commission came after the years of the study."""
    assert ROWS["state", "JPN"]["documented"] == 1
    assert ROWS["body", "comesa"]["documented"] == 5
    kept = [e for e in exits_counted(RECORD) if e["class"] == "documented" and e["body"] == "unido"]
    assert ROWS["body", "unido"]["documented"] <= len(kept)
    for row in ROWS.values():
        assert 0 <= row["coded_cleaned"] <= row["coded_raw"]


def test_marks_of_the_cleaned_steps_exist() -> None:
    marks = set(";".join(RECORD.table("coded_steps")["flag"].drop_nulls()).split(";"))
    assert set(CLEANED_WITHOUT) <= marks


def test_unknown_study() -> None:
    with pytest.raises(UnknownNameError, match="closest: bv2019"):
        against(RECORD, "bv2018")


def test_staleness() -> None:
    rows = {r["body"]: r for r in staleness(RECORD)}
    assert rows["unesco"]["years_without_evidence"] == 1  # Nicaragua and the United States gave notice in 2025
    assert rows["unesco"]["last_coded_year"] == 2014
    assert rows["cento"]["years_without_evidence"] is None  # it ended
    for row in rows.values():
        years = [int(row["last_act"][:4])] if row["last_act"] else []
        years += [y for y in (row["last_coded_year"], row["last_dues_year"]) if y]
        assert years and max(years) <= RECORD.closing_day.year
        if row["years_without_evidence"] is not None:
            assert row["years_without_evidence"] == RECORD.closing_day.year - max(years), row
    living = sum(r["years_without_evidence"] is not None for r in rows.values())
    assert f"{living} living bodies of {len(rows)}" in summary(RECORD)[0]
    assert set(RECORD.table("acts")["body"].drop_nulls()) <= set(rows)


@pytest.mark.parametrize(
    ("state", "region"),
    [("MAR", "Africa"), ("SDN", "Africa"), ("TUR", "Asia"), ("CYP", "Asia"), ("GEO", "Asia"), ("RUS", "Europe"),
     ("SUN", "Europe"), ("CSK", "Europe"), ("YMD", "Asia"), ("MEX", "Americas"), ("AUS", "Oceania"), ("ISR", "Asia")],
)  # fmt: skip
def test_regions(state: str, region: str) -> None:
    assert RECORD.table("states").filter(pl.col("state") == state)["region"].unique().to_list() == [region]


def test_every_state_has_a_region() -> None:
    bare = RECORD.table("states").filter(pl.col("region").is_null())["state"].to_list()
    assert bare == ["EUU"]
    assert set(RECORD.table("states")["region"].drop_nulls()) == set(REGIONS)


def test_command_line(tmp_path: Path) -> None:
    home = tmp_path / "home"
    done = exeunt("check", "--against", "bv2019", "--format", "json", cwd=tmp_path, home=home)
    found = json.loads(done.stdout)
    assert len(found["rows"]) == 54 and len(found["correlations"]) == 6 and "announcement" in found["note"]
    table = exeunt("check", "--against", "bv2019", cwd=tmp_path, home=home).stdout
    assert "no census" in table and "coded_cleaned" in table
    stale = json.loads(exeunt("check", "--staleness", "--format", "json", cwd=tmp_path, home=home).stdout)
    assert list(stale[0]) == [
        "body",
        "name_en",
        "last_act",
        "last_coded_year",
        "last_dues_year",
        "years_without_evidence",
    ]
    plain = exeunt("check", cwd=tmp_path, home=home).stdout
    assert "clauses (no claim" in plain and "living bodies" in plain and "M49" in plain
    for wrong in (("--against", "nobody"), ("--format", "json"), ("--staleness", "--against", "bv2019")):
        failed = exeunt("check", *wrong, cwd=tmp_path, home=home)
        assert failed.returncode == 2 and one_sentence(failed.stderr), wrong
