"""Two records side by side: versions, rows by key, and the canonical hash by which rows are held equal."""

from __future__ import annotations

import json
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exeunt import cli
from exeunt.core.errors import RecordError, UnknownNameError, UsageError
from exeunt.etl import build as compiler
from exeunt.record.bundle import bundle
from exeunt.record.difference import _difference as difference
from exeunt.record.difference import _row_hash as row_hash
from exeunt.record.difference import _table_hash as table_hash
from exeunt.record.difference import compare, open_snapshot
from exeunt.record.schema import TABLES
from exeunt.record.store import Record
from tiny import ROOT, one_sentence, tiny_record, tiny_tables

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture(scope="module")
def old(tmp_path_factory: pytest.TempPathFactory) -> Record:
    return tiny_record(tmp_path_factory.mktemp("old") / "facts")


@pytest.fixture(scope="module")
def new(tmp_path_factory: pytest.TempPathFactory) -> Record:
    """The tiny world with one act gone, one come, two cells changed, and a column that the schema does not know."""
    tables = tiny_tables()
    acts = tables["acts"]
    come = acts.head(1).with_columns(pl.lit("zz-1").alias("act_id"))
    acts = pl.concat([acts.filter(pl.col("act_id") != acts["act_id"][0]), come])
    tables["acts"] = acts.with_columns(
        pl.when(pl.col("act") == "suspended").then(pl.lit("2018-06-02")).otherwise(pl.col("date")).alias("date"),
        pl.when(pl.col("act") == "suspended").then(pl.lit("人民")).otherwise(pl.col("note")).alias("note"),
    )
    tables["states"] = tables["states"].with_columns(pl.lit(1).alias("extra"))
    folder = tmp_path_factory.mktemp("new") / "facts"
    compiler._write(tables, folder, ROOT / "data" / "licences.toml")
    return Record(folder)


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    monkeypatch.chdir(tmp_path)

    def call(*arguments: str | Path) -> tuple[int, str, str]:
        code = cli.main(["diff", *map(str, arguments)])
        return code, *capsys.readouterr()

    return call


# --- the hash --------------------------------------------------------------------------------------------------------


def hashes(**columns: Any) -> list[str]:
    return row_hash(pl.DataFrame(columns)).to_list()


def test_the_hash_holds_equal_what_means_the_same() -> None:
    assert hashes(a=[1], b=["x"]) == hashes(b=["x"], a=[1.0])
    assert hashes(a=[0.0]) == hashes(a=[-0.0]) == hashes(a=[0])
    assert row_hash(pl.DataFrame({"a": [3]}, schema={"a": pl.Int16})).to_list() == hashes(a=[3])
    assert hashes(a=[float("nan")]) == hashes(a=[-float("nan")])


def test_the_hash_tells_apart_what_does_not() -> None:
    cells = [None, "", "n", "null", "1", 1, 2, 0.1, 0.1 + 2**-56, True, False, "true", float("nan"), float("inf"),
             -float("inf"), 1e300, 2**62, "i1"]  # fmt: skip
    told = [hashes(a=pl.Series([cell], dtype=pl.String) if cell is None else [cell])[0] for cell in cells]
    assert len(set(told)) == len(cells)
    assert hashes(a=["x"]) != hashes(b=["x"]) != hashes(b=["x"], c=pl.Series([None], dtype=pl.String))
    assert hashes(a=["xt1:y"], b=["z"]) != hashes(a=["x"], b=["yt1:z"])
    assert hashes(a=["1:bt1:x"], b=[""]) != hashes(a=[""], b=["1:bt1:x"])


CELL = st.one_of(st.none(), st.text(max_size=4), st.sampled_from(["n", "t0:", "1:b", "i1", "納"]))
ROW = st.tuples(CELL, CELL, st.one_of(st.none(), st.integers(-3, 3), st.sampled_from([0.5, 2.0])))


@settings(max_examples=80, deadline=None)
@given(st.lists(ROW, min_size=2, max_size=8))
def test_two_rows_have_one_hash_where_their_cells_are_equal(rows: list[tuple[Any, ...]]) -> None:
    schema = {"a": pl.String, "b": pl.String, "c": pl.Float64}
    told = row_hash(pl.DataFrame(rows, schema=schema, orient="row"))
    for i, left in enumerate(rows):
        for j, right in enumerate(rows):
            assert (told[i] == told[j]) == (left == right)


def test_a_table_has_one_hash_however_its_rows_stand(old: Record) -> None:
    frame = old.table("memberships")
    shuffled = frame.sample(fraction=1.0, shuffle=True, seed=1).select(reversed(frame.columns))
    assert table_hash(shuffled) == table_hash(frame) != table_hash(frame.tail(-1))
    assert row_hash(frame.clear()).len() == 0


# --- rows ------------------------------------------------------------------------------------------------------------


def plain_difference(old: pl.DataFrame, new: pl.DataFrame, key: list[str]) -> tuple[list[Any], list[Any], list[Any]]:
    """Added, removed and changed keys by a plain loop over dictionaries."""
    left = {tuple(r[k] for k in key): r for r in old.to_dicts()}
    right = {tuple(r[k] for k in key): r for r in new.to_dicts()}
    return (
        [k for k in right if k not in left], [k for k in left if k not in right],
        [k for k in left if k in right and left[k] != right[k]],
    )  # fmt: skip


@settings(max_examples=80, deadline=None)
@given(*[st.dictionaries(st.tuples(CELL, st.integers(0, 3)), CELL, max_size=8)] * 2)
def test_rows_differ_as_a_plain_loop_says(left: dict[Any, Any], right: dict[Any, Any]) -> None:
    schema = {"k": pl.String, "n": pl.Int64, "v": pl.String}
    frames = [pl.DataFrame([(*k, v) for k, v in d.items()], schema=schema, orient="row") for d in (left, right)]
    found = difference("t", frames[0], frames[1], ("k", "n"))
    added, removed, changed = plain_difference(frames[0], frames[1], ["k", "n"])
    assert found.added.select("k", "n").rows() == added
    assert found.removed.select("k", "n").rows() == removed
    assert found.before.select("k", "n").rows() == changed == found.after.select("k", "n").rows()
    assert found.same == (not (added or removed or changed))


def test_rows_that_share_a_key_are_paired_where_they_are_equal() -> None:
    old = pl.DataFrame({"k": [1, 1, 1], "v": ["a", "b", "b"]})
    new = pl.DataFrame({"k": [1, 1, 1, 1], "v": ["b", "a", "c", "d"]})
    found = difference("t", old, new, ("k",))
    assert (found.before["v"].to_list(), found.after["v"].to_list()) == (["b"], ["c"])
    assert found.added["v"].to_list() == ["d"] and found.removed.height == 0


def test_without_a_key_rows_come_and_go() -> None:
    found = difference("t", pl.DataFrame({"a": [1, 2]}), pl.DataFrame({"a": [2, 3]}), ("gone",))
    assert (found.added["a"].to_list(), found.removed["a"].to_list(), found.before.height) == ([3], [1], 0)


# --- records ---------------------------------------------------------------------------------------------------------


def test_two_records_differ_in_what_was_changed(old: Record, new: Record) -> None:
    found = {d.table: d for d in compare(open_snapshot(str(old.folder)), open_snapshot(str(new.folder)))}
    assert [t for t, d in found.items() if not d.same] == ["states", "acts"]
    assert list(found) == [t.name for t in TABLES]
    acts = found["acts"].as_dict()
    assert (acts["added"], acts["removed"], acts["changed"]) == (1, 1, 1)
    changed, added, removed = acts["rows"]
    assert changed["key"] == {"act_id": "ddd-alpha-3"}
    assert changed["columns"] == {
        "date": {"old": "2018-06-01", "new": "2018-06-02"},
        "note": {"old": None, "new": "人民"},
    }
    assert (added["key"], removed["key"]) == ({"act_id": "zz-1"}, {"act_id": "aaa-beta-4"})
    assert added["row"]["state"] == "AAA"
    assert found["states"].columns_added == ("extra",) and found["states"].before.height == 0


def test_the_other_way_round_what_came_is_gone(old: Record, new: Record) -> None:
    there = {d.table: d.as_dict() for d in compare(open_snapshot(str(old.folder)), open_snapshot(str(new.folder)))}
    back = {d.table: d.as_dict() for d in compare(open_snapshot(str(new.folder)), open_snapshot(str(old.folder)))}
    for name, one in there.items():
        other = back[name]
        assert (one["added"], one["removed"], one["changed"]) == (other["removed"], other["added"], other["changed"])
        assert one["columns_added"] == other["columns_removed"]


@pytest.mark.parametrize("unzipped", [False, True])
def test_a_zip_file_is_a_record(old: Record, tmp_path: Path, unzipped: bool) -> None:
    path = tmp_path / "record.zip"
    path.write_bytes(bundle(old, dta=True))
    if unzipped:
        with zipfile.ZipFile(path) as archive:
            archive.extractall(tmp_path / "out")
        path = tmp_path / "out" / "exeunt-record"
    found = compare(open_snapshot(str(old.folder)), open_snapshot(str(path)))
    assert len(found) == len(TABLES) and all(d.same for d in found)


def test_a_table_that_one_record_lacks_is_told(old: Record, tmp_path: Path) -> None:
    path = tmp_path / "part.zip"
    path.write_bytes(bundle(old, ["acts"]))
    found = {d.table: d for d in compare(open_snapshot(str(path)), open_snapshot(str(old.folder)))}
    assert found["acts"].same
    assert (found["states"].rows_old, found["states"].rows_new) == (None, 6)
    assert found["states"].added.height == 6 and not found["states"].same
    assert not found["ledger"].same  # without rows, and still no table of the other


def test_the_listing_is_as_long_as_asked(old: Record, new: Record) -> None:
    (acts,) = compare(open_snapshot(str(old.folder)), open_snapshot(str(new.folder)), ["acts"])
    assert [len(acts.listing(n)) for n in (None, 2, 0)] == [3, 2, 0]


# --- the command -----------------------------------------------------------------------------------------------------


def test_diff_prints_what_changed(run: Run, old: Record, new: Record) -> None:
    code, out, err = run(old.folder, new.folder)
    assert (code, err) == (0, "")
    assert old.version in out and new.version in out
    assert "acts  6 → 6 rows  +1 −1 ~1" in out
    assert "  ~ act_id=ddd-alpha-3  date: 2018-06-01 → 2018-06-02; note: – → 人民" in out
    assert "  + act_id=zz-1" in out and "  − act_id=aaa-beta-4" in out and "column extra is new" in out
    assert "memberships" in out.splitlines()[-1]
    short = run(old.folder, new.folder, "--limit", "1")[1]
    assert "and 2 more" in short and "zz-1" not in short
    assert "act_id" not in run(old.folder, new.folder, "--table", "states")[1]


def test_diff_prints_one_object(run: Run, old: Record, new: Record) -> None:
    found = json.loads(run(old.folder, new.folder, "--format", "json")[1])
    assert list(found) == ["old", "new", "same", "tables"]
    assert found["old"] == {"place": str(old.folder), "version": old.version, "closing_day": "2026-11-23"}
    assert found["same"] is False and [t["table"] for t in found["tables"]] == [t.name for t in TABLES]
    assert list(found["tables"][0]) == ["table", "key", "rows_old", "rows_new", "added", "removed", "changed",
                                        "columns_added", "columns_removed", "rows"]  # fmt: skip
    assert json.loads(run(old.folder, old.folder, "--format", "json")[1])["same"] is True


def test_diff_writes_one_row_a_cell(run: Run, old: Record, new: Record, tmp_path: Path) -> None:
    assert run(old.folder, new.folder, "--format", "csv", "--out", "x.csv") == (0, "x.csv\n", "")
    rows = pl.read_csv(tmp_path / "x.csv", infer_schema=False).rows()
    assert rows == [
        ("acts", "changed", "act_id=ddd-alpha-3", "date", "2018-06-01", "2018-06-02"),
        ("acts", "changed", "act_id=ddd-alpha-3", "note", None, "人民"),
        ("acts", "added", "act_id=zz-1", None, None, None), ("acts", "removed", "act_id=aaa-beta-4", None, None, None),
    ]  # fmt: skip
    assert run(old.folder, old.folder, "--format", "csv")[1] == "table,change,key,column,old,new\n"


def test_the_embedded_record_is_itself(run: Run) -> None:
    code, out, err = run("embedded", "embedded")
    assert (code, err) == (0, "") and out.endswith("no row differs.\n")


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (["embedded", "nowhere"], "nowhere"), (["embedded", "."], "manifest.json"), (["embedded", "x.zip"], "x.zip"),
        (["embedded", "empty.zip"], "empty.zip"), (["embedded", "embedded", "--table", "act"], "acts"),
        (["embedded", "embedded", "--limit", "-1"], "--limit"), (["embedded"], "NEW"),
    ],
)  # fmt: skip
def test_what_is_no_record_is_wrong_use(run: Run, tmp_path: Path, arguments: list[str], named: str) -> None:
    (tmp_path / "x.zip").write_text("no zip", encoding="utf-8")
    with zipfile.ZipFile(tmp_path / "empty.zip", "w"):
        pass
    code, out, err = run(*arguments)
    assert (code, out) == (2, "") and one_sentence(err) and named in err


@pytest.mark.parametrize("damage", ["manifest", "bytes", "missing", "no parquet"])
def test_a_damaged_record_is_told(old: Record, tmp_path: Path, damage: str) -> None:
    folder = tmp_path / "facts"
    shutil.copytree(old.folder, folder)
    table = folder / "ship" / "acts.parquet"
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    if damage == "manifest":
        del manifest["version"]
        (folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
        with pytest.raises(RecordError, match="manifest"):
            open_snapshot(str(folder))
        return
    if damage == "missing":
        table.unlink()
    else:
        table.write_bytes(b"no parquet")
    if damage == "no parquet":
        from hashlib import sha256

        manifest["files"]["ship/acts.parquet"]["sha256"] = sha256(b"no parquet").hexdigest()
    else:
        manifest["files"]["ship/acts.parquet"]["sha256"] = "0" * 64
    (folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    with pytest.raises(RecordError, match="acts"):
        compare(open_snapshot(str(old.folder)), open_snapshot(str(folder)), ["acts"])


def test_names_are_checked(old: Record) -> None:
    one = open_snapshot(str(old.folder))
    with pytest.raises(UnknownNameError, match="acts"):
        compare(one, one, ["act"])
    with pytest.raises(UsageError, match="embedded"):
        open_snapshot(str(old.folder / "ship"))
