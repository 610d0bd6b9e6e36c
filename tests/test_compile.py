"""Curated facts + raw sources → the record: what it does on made-up data, and that a failure leaves the old record whole."""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from exeunt.core.dates import last_year_of_membership
from exeunt.core.errors import CompileError
from exeunt.etl import build as compiler
from exeunt.etl import raw as contents_of_sources
from exeunt.etl import stage
from exeunt.etl.coded import (
    CODED_STATUS,
    UPSTREAM,
    _steps_into,
    read_corrections,
)
from exeunt.etl.coded import (
    _after_coded as after_coded,
)
from exeunt.etl.coded import (
    _apply_corrections as apply_corrections,
)
from exeunt.etl.coded import (
    _by_state_code as by_state_code,
)
from exeunt.etl.coded import (
    _Coded as Coded,
)
from exeunt.etl.coded import (
    _spells as spells,
)
from exeunt.etl.csv_reader import _conform as conform
from exeunt.etl.csv_reader import _read_sheet
from exeunt.etl.raw import _verified as verified
from exeunt.record import cards
from exeunt.record.difference import _row_hash as row_hash
from exeunt.record.identity import state_codes
from exeunt.record.schema import TABLE, TABLES
from exeunt.record.store import Record
from tiny import ACTS, CORRECTION, FACTS, ROOT, SOURCES, code, environment, tiny_coded, tiny_record, tiny_tables

DATA = ROOT / "data"
LICENCES = DATA / "licences.toml"


def small(cells: list[list[int]], first: int = 1960, dead: set[tuple[str, int]] | None = None) -> Coded:
    """Lay out one state (COW 1) with a row a year and a column a body, all bodies alive but where told otherwise."""
    array = np.array(cells, np.int8)
    years = np.arange(first, first + len(cells), dtype=np.int64)
    codes = [f"b{k}" for k in range(array.shape[1])]
    alive = [(c, int(y)) for c in codes for y in years if (c, int(y)) not in (dead or set())]
    bodies = pl.DataFrame({"cow_igo": codes, "name_cow": codes})
    return Coded(
        np.ones(len(years), np.int64), years, codes, array, bodies,
        pl.DataFrame(alive, schema={"cow_igo": pl.String, "year": pl.Int64}, orient="row"),
    )  # fmt: skip


def mend(**changes: Any) -> dict[str, Any]:
    """Make a correction of cells with some fields changed."""
    plain = {
        "id": "mend", "kind": "cells", "cow": 1, "code": "b0", "first_year": 1961, "last_year": 1962, "expect": 0,
        "status": 1, "reason": "made up", "sources": [], "source": "cow_igo",
    }  # fmt: skip
    return {**plain, **changes}


def runs(frame: pl.DataFrame) -> list[tuple[str, str, int, int]]:
    """Give spells as plain tuples, by body and year."""
    return sorted(frame.select("cow_igo", "status", "first_year", "last_year").iter_rows())


# --- corrections -----------------------------------------------------------------------------------------------------


def test_a_correction_changes_its_cells_and_no_other() -> None:
    coded = small([[0, 1], [0, 1], [0, 1], [0, 1]])
    mark = apply_corrections(coded, [mend()])
    assert coded.cells.tolist() == [[0, 1], [1, 1], [1, 1], [0, 1]]
    assert mark.tolist() == [[-1, -1], [0, -1], [0, -1], [-1, -1]]
    found = spells(coded, mark, [mend()]).filter(pl.col("cow_igo") == "b0")
    assert found.select("status", "first_year", "last_year", "correction", "upstream").rows() == [
        ("member", 1961, 1962, "mend", "not_member")
    ]


@pytest.mark.parametrize(
    ("item", "says"),
    [
        (mend(expect=2), "mended"),  # upstream says something else
        (mend(first_year=1962, last_year=1964), "mended"),  # a year that the source lacks
        (mend(last_year=1963), "mended"),  # only some of the cells are as expected
        (mend(cow=99), "mended"),
        (mend(code="b9"), "no column"),
        (mend(kind="guess"), "unknown kind"),
        ({**mend(kind="seam"), "first_year_out": 1963, "expect_exits": 3, "expect_joins": 0}, "upstream has changed"),
    ],
)
def test_a_correction_that_no_longer_fits_stops_the_compile(item: dict[str, Any], says: str) -> None:
    coded = small([[0], [0], [0], [1]])
    with pytest.raises(CompileError, match="mend") as error:
        apply_corrections(coded, [item])
    assert says in str(error.value) and str(error.value).endswith(".")


def test_a_seam_is_held_against_the_cells_before_any_is_mended() -> None:
    """Declared last or first, it must see upstream."""
    seam = {**mend(id="seam", kind="seam"), "first_year_out": 1963, "expect_exits": 0, "expect_joins": 1}
    for order in ([mend(), seam], [seam, mend()]):
        coded = small([[0], [0], [0], [1]])
        apply_corrections(coded, order)
        assert coded.cells.ravel().tolist() == [0, 1, 1, 1]


@pytest.mark.parametrize("missing", ["id", "kind", "reason", "sources"])
def test_a_correction_without_its_reasons_is_refused(tmp_path: Path, missing: str) -> None:
    fields = {"id": '"x"', "kind": '"cells"', "reason": '"r"', "sources": "[]"}
    lines = [f"{k} = {v}" for k, v in fields.items() if k != missing]
    path = tmp_path / "c.toml"
    path.write_text('source = "cow_igo"\n[[correction]]\n' + "\n".join(lines), encoding="utf-8")
    with pytest.raises(CompileError, match=missing):
        read_corrections(path)


def test_the_declared_corrections_each_give_a_reason_and_a_source() -> None:
    for item in read_corrections(DATA / "corrections" / "cow_igo.toml"):
        assert len(item["reason"]) > 40
        assert all(s.startswith("https://") for s in item["sources"]) and item["sources"]


def test_steps_are_counted_where_body_and_state_are_alive_in_both_years() -> None:
    coded = small([[1, 0, 1, 0, 1], [0, 1, 0, 1, 2]], dead={("b2", 1961), ("b3", 1961)})
    assert _steps_into(coded, 1961) == (1, 1)
    gone = replace(coded, cow=np.array([1, 2], np.int64))
    assert _steps_into(gone, 1961) == (0, 0)


# --- spells ----------------------------------------------------------------------------------------------------------


def test_spells_by_hand() -> None:
    cells = [[0, 1, -9], [1, 1, 3], [1, 0, 3], [2, 1, -1], [-1, 1, 0]]
    found = spells(small(cells, dead={("b0", 1964)}), np.full((5, 3), -1, np.int16), [])
    assert runs(found) == [
        ("b0", "associate", 1963, 1963), ("b0", "member", 1961, 1962),
        ("b1", "member", 1960, 1961), ("b1", "member", 1963, 1964),
        ("b2", "observer", 1961, 1962),
        ("b2", "unknown", 1960, 1960), ("b2", "unknown", 1963, 1963),  # −1 of a body that is alive is missing
    ]  # fmt: skip
    assert set(found["precision"]) == {"five_year"} and set(found["reading"]) == {"observed"}


def test_a_gap_in_the_years_of_a_state_parts_a_spell() -> None:
    coded = small([[1], [1], [1]], first=1970)
    coded = replace(coded, year=np.array([1970, 1971, 1980], np.int64))
    assert runs(spells(coded, np.full((3, 1), -1, np.int16), [])) == [
        ("b0", "member", 1970, 1971), ("b0", "member", 1980, 1980),
    ]  # fmt: skip


@st.composite
def matrices(draw: st.DrawFn) -> tuple[Coded, list[dict[str, Any]], NDArray[np.int8]]:
    """Random cells of two states, some bodies dead in some years, and corrections of single cells."""
    years, columns = draw(st.integers(2, 8)), draw(st.integers(1, 3))
    units = [(c, 1962 + y) for c in (1, 2) for y in range(years) if draw(st.integers(0, 9))] or [(1, 1962)]
    cow, year = np.array(units, np.int64).T
    cells = np.array([[draw(st.sampled_from([0, 1, 1, 2, 3, -9, -1])) for _ in range(columns)] for _ in units], np.int8)
    codes = [f"b{k}" for k in range(columns)]
    alive = [(c, y) for c in codes for y in range(1962, 1962 + years) if draw(st.integers(0, 4))]
    body_years = pl.DataFrame(alive, schema={"cow_igo": pl.String, "year": pl.Int64}, orient="row")
    coded = Coded(cow, year, codes, cells.copy(), pl.DataFrame(), body_years)
    places = draw(
        st.lists(st.tuples(st.integers(0, len(units) - 1), st.integers(0, columns - 1)), max_size=3, unique=True)
    )
    items = [
        mend(id=f"c{n}", cow=int(cow[r]), code=codes[k], first_year=int(year[r]), last_year=int(year[r]),
             expect=int(cells[r, k]), status=draw(st.sampled_from([0, 1, 2])))
        for n, (r, k) in enumerate(places) if cells[r, k] != -1
    ]  # fmt: skip
    return coded, items, cells


@settings(deadline=None)
@given(matrices())
def test_spells_give_the_cells_back(drawn: tuple[Coded, list[dict[str, Any]], NDArray[np.int8]]) -> None:
    """Expanded again they are the corrected cells; with corrections undone, those of the source."""
    coded, items, before = drawn
    frame = spells(coded, apply_corrections(coded, items), items)
    alive = set(coded.body_years.iter_rows())
    got: dict[tuple[int, int, str], tuple[str, str]] = {}
    for row in frame.iter_rows(named=True):
        for year in range(row["first_year"], row["last_year"] + 1):
            key = (row["cow"], year, row["cow_igo"])
            assert key not in got, "a state belongs once at a time"
            got[key] = (row["status"], row["upstream"] or row["status"])
    seen = 0
    for r, (cow, year) in enumerate(zip(coded.cow.tolist(), coded.year.tolist(), strict=True)):
        for k, body in enumerate(coded.codes):
            now, was = got.get((cow, year, body), ("not_member", "not_member"))
            seen += (cow, year, body) in got
            for cell, word in ((int(coded.cells[r, k]), now), (int(before[r, k]), was)):
                if cell == -1:
                    assert word == ("unknown" if (body, year) in alive else "not_member")
                else:
                    assert word == UPSTREAM[cell]
    assert seen == len(got), "no spell reaches a year in which the state has no row"


@settings(deadline=None)
@given(matrices())
def test_spells_are_as_long_as_they_can_be(drawn: tuple[Coded, list[dict[str, Any]], NDArray[np.int8]]) -> None:
    coded, _, _ = drawn
    frame = spells(coded, np.full(coded.cells.shape, -1, np.int16), []).sort("cow", "cow_igo", "first_year")
    for one, two in zip(frame.iter_rows(named=True), frame.slice(1).iter_rows(named=True), strict=False):
        if (one["cow"], one["cow_igo"], one["status"]) == (two["cow"], two["cow_igo"], two["status"]):
            assert two["first_year"] > one["last_year"] + 1
    assert set(frame["status"]) <= set(CODED_STATUS.values())


# --- states change their codes ---------------------------------------------------------------------------------------

CODES = [
    code("SUN", 365, "1922-12-30", "1991-12-25"), code("RUS", 365, "1991-12-26", None), code("USA", 2, "1816-01-01", None),
    code("YUG", 345, "1944-10-20", "2003-02-03"), code("SCG", 345, "2003-02-04", "2006-06-02"),
    code("SRB", 345, "2006-06-03", None),
]  # fmt: skip


def _spell(cow: int, first: int, last: int | None, body: str = "un") -> dict[str, Any]:
    return {"cow": cow, "body": body, "first_year": first, "last_year": last}


SPELL = {"cow": pl.Int64, "body": pl.String, "first_year": pl.Int64, "last_year": pl.Int64}


@pytest.mark.parametrize(
    ("spell", "expected"),
    [
        (_spell(365, 1980, 2000), [("SUN", 1980, 1990), ("RUS", 1991, 2000)]),
        (_spell(365, 1980, 1990), [("SUN", 1980, 1990)]),
        (_spell(365, 1991, 1991), [("RUS", 1991, 1991)]),
        (_spell(365, 2015, None), [("RUS", 2015, None)]),
        (_spell(345, 1990, 2010), [("YUG", 1990, 2002), ("SCG", 2003, 2005), ("SRB", 2006, 2010)]),
        (_spell(2, 1950, 2014), [("USA", 1950, 2014)]),
        (_spell(2, 2015, None), [("USA", 2015, None)]),
    ],
)
def test_a_spell_over_a_change_of_code_is_split(spell: dict[str, Any], expected: list[tuple[str, int, int]]) -> None:
    found = by_state_code(pl.DataFrame([spell], schema=SPELL), CODES)
    assert found.select("state", "first_year", "last_year").rows() == expected


@settings(deadline=None)
@given(st.sampled_from([2, 345, 365]), st.integers(1945, 2014), st.integers(0, 60))
def test_splitting_keeps_every_year_once(cow: int, first: int, years: int) -> None:
    found = by_state_code(pl.DataFrame([_spell(cow, first, first + years)], schema=SPELL), CODES)
    covered = [y for a, b in found.select("first_year", "last_year").iter_rows() for y in range(a, b + 1)]
    assert covered == list(range(first, first + years + 1))


# --- after the coded source ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "year"),
    [
        ("2018-12-31", 2018), ("2019-01-01", 2018), ("2019-01-02", 2019), ("2019-06-30", 2019), ("2019", 2019),
        ("2018/2019", 2019), ("2019-01", 2019), ("2019/", None), ("2019/..", None),
    ],
)  # fmt: skip
def test_the_last_year_of_membership(text: str, year: int | None) -> None:
    """A membership that ends on 1 January has its last day on 31 December before."""
    assert last_year_of_membership(text) == year


BASE = {
    "status": pl.String, "correction": pl.String, "upstream": pl.String, "precision": pl.String, "reading": pl.String,
    "source": pl.String,
}  # fmt: skip


def _after(status: str | None, acts: list[tuple[str, str, str | None, bool | None]]) -> list[tuple[str, int, Any, str]]:
    """Spells of the USA in `un` after 2014: status in 2014, then acts (word, date, takes effect, counts as exit)."""
    rows = [{**_spell(1, 1950, 2014), "status": "member"}]  # somebody else, so that the body is a coded one
    if status:
        rows.append({**_spell(2, 1950, 2014), "status": status})
    frame = pl.DataFrame(rows, schema={**SPELL, **BASE})
    schema = {
        "state": pl.String, "body": pl.String, "act": pl.String, "date": pl.String, "takes_effect": pl.String,
        "counts_as_exit": pl.Boolean,
    }  # fmt: skip
    acts_frame = pl.DataFrame([("USA", "un", *a) for a in acts], schema=schema, orient="row")
    found = after_coded(frame, acts_frame, [*CODES, code("ZZZ", 1, None, None)]).filter(pl.col("cow") == 2)
    return found.select("status", "first_year", "last_year", "reading").rows()


CARRIED = "carried_forward"


@pytest.mark.parametrize(
    ("status", "acts", "expected"),
    [
        ("member", [], [("member", 2015, None, CARRIED)]),
        ("observer", [], [("observer", 2015, None, CARRIED)]),
        ("unknown", [], []),
        (None, [], []),
        ("member", [("effective", "2018-12-31", None, True)], [("member", 2015, 2018, CARRIED)]),
        ("member", [("effective", "2019-01-01", None, True)], [("member", 2015, 2018, CARRIED)]),
        ("member", [("effective", "2018-12-31", None, None)], [("member", 2015, None, CARRIED)]),  # unsettled: no exit
        ("member", [("effective", "2018-12-31", None, False)], [("member", 2015, None, CARRIED)]),
        ("member", [("notified", "2018-12-31", None, True)], [("member", 2015, None, CARRIED)]),
        ("member", [("effective", "2010-12-31", None, True)], []),  # the source never registered it
        ("member", [("effective", "2018-12-31", None, True), ("rejoined", "2023-07-10", None, None)],
         [("member", 2015, 2018, CARRIED), ("member", 2023, None, "act")]),
        ("member", [("effective", "2018-12-31", None, True), ("rejoined", "2023-06-30", "2024-01-15", None)],
         [("member", 2015, 2018, CARRIED), ("member", 2024, None, "act")]),
        ("member", [("effective", "2016-06-01", None, True), ("effective", "2018-06-01", None, True)],
         [("member", 2015, 2016, CARRIED)]),
        (None, [("acceded", "2020-05-05", None, None)], [("member", 2020, None, "act")]),
        (None, [("joined", "2020-05-05", None, None), ("effective", "2022-05-05", None, True)],
         [("member", 2020, 2022, "act")]),
        (None, [("signed", "2020-05-05", None, None)], []),
        ("observer", [("joined", "2020-05-05", None, None)],
         [("observer", 2015, 2019, CARRIED), ("member", 2020, None, "act")]),
        ("member", [("expelled", "2022-03-16", None, True)], [("member", 2015, 2022, CARRIED)]),
        # the last year of the source itself, and the first after it
        ("member", [("effective", "2014-12-31", None, True)], []),
        ("member", [("effective", "2015-12-31", None, True)], [("member", 2015, 2015, CARRIED)]),
    ],
)  # fmt: skip
def test_memberships_after_the_source_are_carried_until_an_act(
    status: str | None, acts: list[tuple[str, str, str | None, bool | None]], expected: list[tuple[str, int, Any, str]]
) -> None:
    assert _after(status, acts) == expected


def test_the_tiny_world_after_its_source() -> None:
    tables = tiny_tables()
    found = tables["memberships"].filter(pl.col("reading") != "observed").sort("body", "state")
    assert found.select("state", "body", "first_year", "last_year", "reading").rows() == [
        ("AAA", "alpha", 2015, None, CARRIED), ("BBB", "alpha", 2015, 2017, CARRIED), ("CCC", "alpha", 2015, None, CARRIED),
        ("DDD", "alpha", 2015, None, CARRIED), ("EEE", "alpha", 2015, None, CARRIED), ("FFF", "alpha", 2015, None, CARRIED),
        ("AAA", "beta", 2015, None, CARRIED), ("BBB", "beta", 2015, None, CARRIED), ("CCC", "beta", 2019, None, "act"),
        ("DDD", "beta", 2015, None, CARRIED), ("FFF", "beta", 2015, None, CARRIED),
    ]  # fmt: skip
    assert len(ACTS) == 6 and CORRECTION["id"] in set(tables["memberships"]["correction"].drop_nulls())
    assert state_codes(tables["states"])[5].valid_from is not None
    assert tiny_coded().cells.shape == (70 * 5 + 35, 3)


# --- curated tables --------------------------------------------------------------------------------------------------


def test_namibia_survives_the_reading_of_a_table(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text("iso2,name\nNA,Namibia\n,nobody\nNaN,x\nnull,y\n", encoding="utf-8")
    assert _read_sheet(path).frame["iso2"].to_list() == ["NA", None, "NaN", "null"]
    with pytest.raises(CompileError, match=r"nowhere\.csv"):
        _read_sheet(tmp_path / "nowhere.csv")


@pytest.mark.parametrize(("column", "value"), [("founded", "MCMLX"), ("founded", "1960.5"), ("coded_from", "soon")])
def test_a_cell_that_is_not_of_its_type_is_named(column: str, value: str) -> None:
    frame = pl.DataFrame({"body": ["x"], "name_en": ["X"], column: [value]})
    with pytest.raises(CompileError, match=column) as error:
        conform(frame, TABLE["bodies"])
    assert value in str(error.value)


def test_a_truth_value_that_is_none_is_named() -> None:
    frame = pl.DataFrame({"episode": ["e"], "state": ["USA"], "counts_as_exit": ["perhaps"]})
    with pytest.raises(CompileError, match="perhaps"):
        conform(frame, TABLE["episodes"])


def test_a_table_is_sorted_by_its_key_and_has_its_columns() -> None:
    frame = pl.DataFrame({"year": [2, 1, 1], "extra": [0, 0, 0], "cow": [1, 2, 1], "state": ["A", "B", "A"]})
    found = conform(frame, TABLE["system_years"])
    assert found.rows() == [(1, 1, "A"), (1, 2, "A"), (2, 1, "B")]


def test_every_card_needs_one_licence_class(tmp_path: Path) -> None:
    text = LICENCES.read_text(encoding="utf-8")
    path = tmp_path / "licences.toml"
    for old, new, says in (
        ('"unga_votes", ', "", "without a class ['unga_votes']"),
        ('"unga_votes"', '"unga_votes", "digo"', "in two classes ['digo']"),
        ('"unga_votes"', '"unga_votes", "hearsay"', "without a card ['hearsay']"),
    ):
        assert old in text
        path.write_text(text.replace(old, new), encoding="utf-8")
        with pytest.raises(CompileError) as error:
            stage.check_licences(path)
        assert says in str(error.value)
    stage.check_licences(LICENCES)


def test_a_raw_file_is_held_against_its_card(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "cow_igo"
    folder.mkdir()
    (folder / "a.csv").write_bytes(b"x\n1\n")
    with pytest.raises(CompileError, match=r"a\.csv"):
        verified(tmp_path, "cow_igo", "a.csv")  # the card names no such file
    with pytest.raises(CompileError, match="is not in"):
        verified(tmp_path, "cow_igo", "igo_year_format3.parquet")
    plain = cards.card("cow_igo")
    for content, passes in ((b"x\n1\n", True), (b"x\n2\n", False)):
        found = replace(plain, files={"a.csv": hashlib.sha256(content).hexdigest()})
        monkeypatch.setattr(contents_of_sources, "card", lambda key, found=found: found)
        if passes:
            assert verified(tmp_path, "cow_igo", "a.csv") == folder / "a.csv"
        else:
            with pytest.raises(CompileError, match="has changed upstream"):
                verified(tmp_path, "cow_igo", "a.csv")


# --- writing: whole or not at all ------------------------------------------------------------------------------------


def contents(folder: Path) -> dict[str, str]:
    """Give the checksum of every file under a folder."""
    files = [p for p in folder.rglob("*") if p.is_file() and p.name != stage.FINGERPRINTS]
    return {p.relative_to(folder).as_posix(): hashlib.sha256(p.read_bytes()).hexdigest() for p in files}


def test_writing_twice_gives_the_same_bytes(tmp_path: Path) -> None:
    for name in ("a", "b", "a"):
        tiny_record(tmp_path / name)
    assert contents(tmp_path / "a") == contents(tmp_path / "b")
    assert sorted(p.name for p in tmp_path.iterdir()) == ["a", "b"]


def test_the_version_changes_with_any_cell(tmp_path: Path) -> None:
    before = tiny_record(tmp_path / "facts").version
    tables = tiny_tables()
    tables["acts"] = tables["acts"].with_columns(pl.col("note").fill_null("x"))
    compiler._write(tables, tmp_path / "facts", LICENCES)
    after = Record(tmp_path / "facts")
    assert after.version != before and after.table("acts")["note"].to_list() == ["x"] * len(ACTS)


def _no_room(monkeypatch: pytest.MonkeyPatch) -> None:
    """The disk is full at the ninth table."""
    plain, count = pl.DataFrame.write_parquet, iter(range(100))

    def write(self: pl.DataFrame, *args: Any, **more: Any) -> None:
        if next(count) == 8:
            raise OSError(28, "No space left on device")
        plain(self, *args, **more)

    monkeypatch.setattr(pl.DataFrame, "write_parquet", write)


def _interrupted(monkeypatch: pytest.MonkeyPatch) -> None:
    def write(*_: Any, **__: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(json, "dumps", write)


def _too_big(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compiler, "MAXIMUM_BYTES", 1000)


def _between_the_renames(monkeypatch: pytest.MonkeyPatch) -> None:
    """The old record has been moved aside and the new one cannot take its place."""
    plain = Path.rename

    def rename(self: Path, target: Path) -> Path:
        if ".new-" in self.name:
            raise OSError(5, "Input/output error")
        return plain(self, target)

    monkeypatch.setattr(Path, "rename", rename)


@pytest.mark.parametrize("failure", [_no_room, _interrupted, _too_big, _between_the_renames])
def test_a_write_that_fails_leaves_the_old_record_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, failure: Callable[[pytest.MonkeyPatch], None]
) -> None:
    target = tmp_path / "facts"
    tiny_record(target)
    before = contents(target)
    tables = tiny_tables()
    tables["acts"] = tables["acts"].head(1)
    with monkeypatch.context() as patch:
        failure(patch)
        with pytest.raises((CompileError, OSError, KeyboardInterrupt)):
            compiler._write(tables, target, LICENCES)
    assert contents(target) == before
    assert [p.name for p in tmp_path.iterdir()] == ["facts"], "nothing half-written stays behind"


def test_a_build_without_sources_or_staged_tables_says_so(data: Path, tmp_path: Path) -> None:
    with pytest.raises(CompileError, match="--sources"):
        compiler.refresh(data, tmp_path / "facts", tmp_path / "nowhere")
    shutil.rmtree(data / "staged")
    with pytest.raises(CompileError, match="there are no staged tables"):
        compiler.refresh(data, tmp_path / "facts")
    assert not (tmp_path / "facts").exists()


def test_a_place_that_cannot_be_written_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(self: Path, *_: Any, **__: Any) -> None:
        raise OSError(30, "Read-only file system")

    monkeypatch.setattr(Path, "mkdir", refused)
    with pytest.raises(CompileError, match=r"facts cannot be written \(Read-only file system\); .* --target DIR\.$"):
        compiler._write(tiny_tables(), tmp_path / "facts", LICENCES)


# --- the real build --------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def sources() -> Path:
    if not SOURCES.is_dir():
        pytest.skip(f"no raw sources at {SOURCES}; name their folder in EXEUNT_SOURCES")
    return SOURCES


@pytest.fixture(scope="module")
def compiled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("compiled") / "facts"
    compiler.refresh(DATA, target)
    return target


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return Path(shutil.copytree(DATA, tmp_path / "data"))


def test_the_staged_tables_build_the_embedded_record(compiled: Path) -> None:
    """Without a raw file: rows equal by their canonical hashes."""
    before, after = Record(FACTS), Record(compiled)
    for table in TABLES:
        old, new = before.table(table.name), after.table(table.name)
        if not new.equals(old):  # rows in another order, or a number written otherwise
            assert old.columns == new.columns and row_hash(old).sort().equals(row_hash(new).sort()), table.name


def test_only_what_changed_is_built(
    compiled: Path, data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = Path(shutil.copytree(compiled, tmp_path / "facts"))
    made: list[str] = []
    plain = stage._as_parquet
    monkeypatch.setattr(stage, "_as_parquet", lambda frame: made.append("x") or plain(frame))
    compiler.refresh(data, target)
    assert made == [] and contents(target) == contents(compiled)
    _in(data, "curated/labels.csv", "wording of United Nations documents", "wording of documents")
    said: list[str] = []
    compiler.refresh(data, target, say=said.append)
    assert len(made) == 1 and said == ["checking"]
    assert Record(target).table("labels")["note"].str.contains("wording of documents").any()
    (target / "ship" / "labels.parquet").write_bytes(b"spoilt")
    compiler.refresh(data, target)
    assert len(made) == 2 and Record(target).table("labels").height == 7


def test_a_corrected_date_shows_in_the_status(data: Path, tmp_path: Path) -> None:
    """In a fresh clone: the CSV, `exeunt refresh`, the answer."""
    clone = tmp_path / "clone"
    shutil.copytree(ROOT / "src", clone / "src", ignore=shutil.ignore_patterns("__pycache__", stage.FINGERPRINTS))
    data.rename(clone / "data")
    row = next(r for r in _read_sheet(clone / "data/curated/acts.csv").frame.iter_rows(named=True)
               if (r["state"], r["body"], r["act"], r["date"]) == ("USA", "unesco", "effective", "2018-12-31"))  # fmt: skip
    _in(clone / "data", "curated/acts.csv", f"\n{row['act_id']},{row['episode']},USA,unesco,effective,2018-12-31",
        f"\n{row['act_id']},{row['episode']},USA,unesco,effective,2018-12-30")  # fmt: skip
    where = {**environment(tmp_path / "home"), "PYTHONPATH": str(clone / "src")}
    asked = ["status", "USA", "unesco", "--as-of", "2018-12-31", "--format", "json"]
    before, _, after = (
        subprocess.run([sys.executable, "-m", "exeunt", *arguments], cwd=clone, env=where, check=True, capture_output=True)
        for arguments in (asked, ["refresh"], asked)
    )  # fmt: skip
    assert json.loads(before.stdout) != json.loads(after.stdout) and b"2018-12-30" in after.stdout


@pytest.mark.refresh
def test_staging_the_raw_sources_gives_the_staged_tables(sources: Path, data: Path) -> None:
    shipped = contents(DATA / "staged")
    (data / "staged" / stage.FINGERPRINTS).unlink(missing_ok=True)
    assert stage._stage(sources, data, lambda _: None) == [table.name for table in stage.STAGED]
    assert contents(data / "staged") == shipped
    assert stage._stage(sources, data, lambda _: None) == []
    assert contents(data / "staged") == shipped


@pytest.mark.refresh
def test_the_contents_of_every_raw_file_are_kept(sources: Path) -> None:
    read = {pair for table in stage.STAGED for pair in table.files}
    assert sorted(read) == list(contents_of_sources.READ)
    assert contents_of_sources._kept() == {
        f"{key}/{name}": contents_of_sources._contents_of(sources / key / name) for key, name in read
    }
    assert contents_of_sources._as_json(contents_of_sources._kept()) == contents_of_sources.CONTENTS.read_bytes()


def test_no_staged_table_rests_on_a_source_that_may_not_ship() -> None:
    classes = stage.check_licences(LICENCES)
    for table in stage.STAGED:
        assert {classes[key] for key, _ in table.files} <= {"ship", "ship_derived", "share_alike"}
    files = json.loads((DATA / "staged" / "manifest.json").read_text(encoding="utf-8"))["files"]
    assert set(files) == {f"{classes[table.source]}/{table.name}.parquet" for table in stage.STAGED}


def test_a_staged_table_of_another_file_than_the_card_s_is_refused(data: Path) -> None:
    manifest = data / "staged" / "manifest.json"
    text = manifest.read_text(encoding="utf-8")
    digest = cards.card("cow_nmc").files["cow_nmc.parquet"]
    manifest.write_text(text.replace(digest, "0" * 64), encoding="utf-8")
    with pytest.raises(CompileError, match=r"cow_nmc\.parquet was made from another cow_nmc/cow_nmc\.parquet"):
        stage._Staged(data / "staged")
    manifest.write_text(text, encoding="utf-8")
    path = data / "staged" / "ship_derived" / "cow_nmc.parquet"
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(CompileError, match=r"cow_nmc\.parquet is missing or damaged"):
        stage._Staged(data / "staged")["cow_nmc"]


def _raw_byte(sources: Path, data: Path) -> str:
    path = sources / "cow_igo" / "state_year_format3.parquet"
    content = bytearray(path.read_bytes())
    content[1000] ^= 1
    path.unlink()
    path.write_bytes(content)
    return "has changed upstream"


def _raw_gone(sources: Path, data: Path) -> str:
    (sources / "wdi" / "gdp.parquet").unlink()
    return "wdi/gdp.parquet"


def _in(data: Path, name: str, old: str, new: str) -> None:
    path = data / name
    text = path.read_text(encoding="utf-8")
    assert old in text, old
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def _expects(sources: Path, data: Path) -> str:
    _in(data, "corrections/cow_igo.toml", "expect = 0", "expect = 3")
    return "usa-unesco-2003"


def _seam(sources: Path, data: Path) -> str:
    _in(data, "corrections/cow_igo.toml", "expect_exits = 181", "expect_exits = 180")
    return "seam-1965"


def _word(sources: Path, data: Path) -> str:
    _in(data, "curated/acts.csv", ",announced,", ",flounced,")
    return "flounced"


def _day(sources: Path, data: Path) -> str:
    _in(data, "curated/acts.csv", "2026-01-07", "2026-01-77")
    return "2026-01-77"


def _body(sources: Path, data: Path) -> str:
    _in(data, "curated/acts.csv", ",unfccc,", ",unfcccc,")
    return "unfcccc"


def _lost(sources: Path, data: Path) -> str:
    (data / "curated" / "episodes.csv").unlink()
    return "episodes.csv"


@pytest.mark.refresh
@pytest.mark.parametrize("fault", [_raw_byte, _raw_gone, _expects, _seam, _word, _day, _body, _lost])
def test_a_fault_stops_the_compile_and_leaves_the_target_whole(
    sources: Path, compiled: Path, data: Path, tmp_path: Path, fault: Callable[[Path, Path], str]
) -> None:
    linked = tmp_path / "sources"
    for path in sources.rglob("*"):
        if path.is_file():
            place = linked / path.relative_to(sources)
            place.parent.mkdir(parents=True, exist_ok=True)
            place.symlink_to(path)
    target = tmp_path / "facts"
    shutil.copytree(compiled, target)
    before = contents(target)
    says = fault(linked, data)
    with pytest.raises(CompileError) as error:
        compiler.refresh(data, target, linked)
    assert says in str(error.value)
    assert contents(target) == before
    assert sorted(p.name for p in tmp_path.iterdir()) == ["data", "facts", "sources"]
