"""Panels as tables: every row in its own unit, every pair once, every count against a plain second way."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from exeunt.panel.build import exit_panel
from exeunt.panel.outcomes import exits_of
from exeunt.panel.risk import MEMBER, cube
from exeunt.panel.tables import at_risk, dyad_years, state_years
from exeunt.record.store import Record
from tiny import exeunt, tiny_record


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Record:
    return tiny_record(tmp_path_factory.mktemp("tables") / "facts")


def test_state_years_add_up(record: Record) -> None:
    frame = state_years(record)
    c = cube(record)
    raw = exits_of(cube(record, upstream=True), "raw").exits
    to_2013 = frame.filter(pl.col("year") <= 2013)
    assert to_2013["exits_raw"].sum() == raw[: c.index(2013) + 1].sum()
    assert frame["memberships"].sum() == (c.status == MEMBER).sum()
    assert frame.select("cow", "year").is_duplicated().sum() == 0
    last = frame.filter(pl.col("year") == frame["year"].max())
    assert last["exits_raw"].null_count() == last.height, "what has not happened yet is not zero"
    seam = frame.filter(pl.col("year") == 1964)
    assert seam["exits_cleaned"].null_count() == seam.height


def test_a_state_year_by_hand(record: Record) -> None:
    row = state_years(record, (1990, 1990)).row(by_predicate=pl.col("state") == "CSK", named=True)
    assert row["cow"] == 315 and row["year"] == 1990 and row["memberships"] > 20 and row["democracy"] > 0
    spells = record.table("memberships").filter(
        (pl.col("cow") == 315)
        & (pl.col("first_year") <= 1990)
        & (pl.col("last_year") >= 1990)
        & (pl.col("status") == "member")
    )
    assert row["memberships"] == spells.height


def test_dyads_count_what_both_belong_to(tiny: Record) -> None:
    frame = dyad_years(tiny)
    c = cube(tiny)
    names = {901: "AAA", 902: "BBB", 903: "CCC", 904: "DDD", 905: "EEE", 906: "FFF"}
    seen = set()
    for row in frame.iter_rows(named=True):
        key = (frozenset((row["state_1"], row["state_2"])), row["year"])
        assert key not in seen and row["state_1"] != row["state_2"]
        seen.add(key)
        y = c.index(row["year"])
        i, j = (list(c.states).index(row[k]) for k in ("cow_1", "cow_2"))
        both = (c.status[y, i] == MEMBER) & (c.status[y, j] == MEMBER)
        assert row["shared"] == both.sum() and names[row["cow_1"]] == row["state_1"]
    assert len([k for k in seen if k[1] == 1990]) == 15 and len([k for k in seen if k[1] == 1970]) == 10


def test_dyads_of_one_state_are_those_of_all(tiny: Record) -> None:
    own = dyad_years(tiny, state="CCC")
    assert set(own["state_1"]) == {"CCC"}
    every = dyad_years(tiny).filter((pl.col("state_1") == "CCC") | (pl.col("state_2") == "CCC"))
    assert own.height == every.height and own["shared"].sum() == every["shared"].sum()


def test_rows_at_risk_come_in_their_own_units(record: Record) -> None:
    frame, panel = at_risk(record, "exit", "cleaned"), exit_panel(record)
    assert frame.height == len(panel.event) and frame["event"].sum() == panel.event.sum()
    size = frame["log_size"].to_numpy()
    z = panel.terms[:, panel.names.index("log_size")]
    assert np.allclose((size - size.mean()) / size.std(), z, atol=1e-6)
    members = np.exp(frame.filter((pl.col("body") == "un") & (pl.col("year") == 2013))["log_size"].to_numpy()) - 1
    assert frame["state"].is_in(record.table("states")["state"].to_list()).all() and (members > 150).all()


def test_the_command_writes_every_row(tmp_path: Path) -> None:
    out = tmp_path / "p.csv"
    done = exeunt(
        "panel",
        "state-year",
        "--state",
        "NAM",
        "--first-year",
        "2000",
        "--format",
        "csv",
        "--out",
        str(out),
        cwd=tmp_path,
        home=tmp_path / "home",
    )
    assert done.returncode == 0, done.stderr
    frame = pl.read_csv(out)
    assert set(frame["state"]) == {"NAM"} and frame["year"].min() == 2000 and frame.height == 27
    shown = exeunt("panel", "state-year", cwd=tmp_path, home=tmp_path / "home")
    assert "20 of" in shown.stdout
    wrong = exeunt(
        "panel", "state-year", "--first-year", "2010", "--last-year", "2000", cwd=tmp_path, home=tmp_path / "home"
    )
    assert wrong.returncode == 2 and "swap" in wrong.stderr


def test_the_members_of_a_body(tmp_path: Path) -> None:
    done = exeunt(
        "members", "unesco", "--as-of", "1987-01-01", "--format", "json", cwd=tmp_path, home=tmp_path / "home"
    )
    rows = {r["state"]: r for r in json.loads(done.stdout)}
    assert not {"USA", "GBR", "SGP"} & set(rows) and rows["FRA"]["since"] == "1946-11-04"
    assert list(rows["FRA"])[:1] == ["state"] and {"status", "since", "reading"} <= set(rows["FRA"])
    named = exeunt("members", "wto", "--labels", "own", cwd=tmp_path, home=tmp_path / "home")
    assert "Republic of China (Taiwan)" in named.stdout and "label set own" in named.stdout
