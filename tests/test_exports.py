"""What leaves the house: Stata files read back by pandas, headers of answers without rows, the zip file of the record."""

from __future__ import annotations

import hashlib
import io
import json
import sys
import zipfile
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exeunt import cli
from exeunt.core.errors import ExeuntError, OutputError, RecordError, UnknownNameError, UsageError
from exeunt.core.export import _render as render
from exeunt.core.export import emit, frame_of
from exeunt.core.stata import RESERVED, write_dta
from exeunt.core.stata import _legal_names as legal_names
from exeunt.core.stata import _shorten as shorten
from exeunt.record.bundle import ROOT, bundle
from exeunt.record.cards import all_cards
from exeunt.record.opened import ANSWERS, open_record, recognised
from exeunt.record.schema import ACTS, TABLE, TABLES, Column
from exeunt.record.store import Record
from tiny import one_sentence, tiny_record

Run = Callable[..., tuple[int, str, str]]
MANY = 2000  # rows of a table that are read back; enough for each of its types
# Command → arguments, and where a list without rows can be asked for, those that find nothing.
COMMANDS: dict[str, tuple[list[str], list[str] | None]] = {
    "status": (["status", "USA", "unfccc"], None),
    "cases": (["cases"], None),
    "exits": (["exits", "--state", "USA"], ["exits", "--state", "COW240"]),
    "money": (["money", "unesco", "--state", "USA"], ["money", "unesco", "--state", "USA", "--year", "1900"]),
    "tables": (["sql", "--tables"], None),
    "clock": (["clock", "USA", "unfccc"], None),
    "codebook": (["codebook"], None),
    "article19": (["article19", "USA"], None),
}


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Run a command here, in an empty directory: exit code, standard output, standard error."""
    monkeypatch.chdir(tmp_path)

    def call(*arguments: str | Path) -> tuple[int, str, str]:
        code = cli.main([str(a) for a in arguments])
        return code, *capsys.readouterr()

    return call


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Record:
    return tiny_record(tmp_path_factory.mktemp("tiny") / "facts")


def read(content: bytes, **options: Any) -> pd.DataFrame:
    return pd.read_stata(io.BytesIO(content), **options)


def labels(content: bytes) -> dict[str, str]:
    with pd.read_stata(io.BytesIO(content), iterator=True) as reader:
        return reader.variable_labels()


# --- Stata -----------------------------------------------------------------------------------------------------------

CELLS = {
    "whole": st.one_of(st.none(), st.integers(-(2**53), 2**53)),
    "number": st.one_of(st.none(), st.floats(allow_nan=False, allow_infinity=False, max_value=8e307, min_value=-8e307)),
    "text": st.one_of(st.none(), st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=900)),
    "yes": st.one_of(st.none(), st.booleans()),
}  # fmt: skip
TYPES = {"whole": pl.Int64, "number": pl.Float64, "text": pl.String, "yes": pl.Boolean}


@settings(max_examples=60, deadline=None)
@given(st.lists(st.fixed_dictionaries(CELLS), max_size=8))
def test_what_is_written_for_stata_reads_back(rows: list[dict[str, Any]]) -> None:
    found = read(write_dta(pl.DataFrame(rows, schema=TYPES)), convert_categoricals=False)
    assert list(found.columns) == list(TYPES) and len(found) == len(rows)
    for name in ("whole", "number", "yes"):
        assert [None if pd.isna(v) else v for v in found[name]] == [r[name] for r in rows]
    # Stata knows no missing text: it is the empty one.
    assert list(found["text"]) == [r["text"] or "" for r in rows]


@pytest.mark.parametrize(
    ("highest", "kind"),
    [(100, "int8"), (101, "int16"), (32740, "int16"), (32741, "int32"), (2147483620, "int32"), (2147483621, "float64")],
)
@pytest.mark.parametrize("sign", [1, -1])
def test_a_whole_number_takes_the_narrowest_type_that_is_not_read_as_missing(
    highest: int, kind: str, sign: int
) -> None:
    if sign < 0 and kind != "float64":
        highest = {100: 127, 101: 128, 32740: 32767, 32741: 32768, 2147483620: 2147483620}[highest]
    found = read(write_dta(pl.DataFrame({"n": [sign * highest, 1]})))
    assert found["n"].tolist() == [sign * highest, 1] and str(found["n"].dtype) == kind
    holed = read(write_dta(pl.DataFrame({"n": [sign * highest, None]})), convert_missing=True)
    assert holed["n"][0] == sign * highest and str(holed["n"][1]) == "."


def test_a_whole_number_beyond_a_double_stays_exact() -> None:
    assert read(write_dta(pl.DataFrame({"n": [2**53 + 1, None]})))["n"].tolist() == [str(2**53 + 1), ""]


def test_long_text_is_strl_and_written_once() -> None:
    long = "納米比亞" * 400
    frame = pl.DataFrame({"short": ["é" * 1022, "a", None], "much": [long, long, None], "other": [None, "x", long]})
    content = write_dta(frame)
    found = read(content)
    assert found["much"].tolist() == [long, long, ""] and found["other"].tolist() == ["", "x", long]
    assert found["short"].tolist() == ["é" * 1022, "a", ""]
    assert content.count(long.encode()) == 1
    assert read(write_dta(pl.DataFrame({"t": ["x" * 2045, "x" * 2046]})))["t"].str.len().tolist() == [2045, 2046]


def test_closed_words_are_value_labels() -> None:
    frame = pl.DataFrame({"act": ["notified", None, "joined"], "yes": [True, False, None]})
    content = write_dta(frame, {"act": "what was done"}, {"act": tuple(ACTS)}, "行為", date(2026, 11, 23))
    found = read(content)
    assert [None if pd.isna(v) else v for v in found["act"]] == ["notified", None, "joined"]
    assert [None if pd.isna(v) else v for v in found["yes"]] == ["yes", "no", None]
    numbers = read(content, convert_categoricals=False)["act"]
    assert numbers[0] == list(ACTS).index("notified") + 1 and pd.isna(numbers[1])
    with pd.read_stata(io.BytesIO(content), iterator=True) as reader:
        assert list(reader.value_labels()["act"].values()) == list(ACTS)
        assert (reader.data_label, reader.time_stamp) == ("行為", "23 Nov 2026 00:00")
        assert reader.variable_labels() == {"act": "what was done", "yes": ""}


@pytest.mark.parametrize(
    ("frame", "words", "named"),
    [
        (pl.DataFrame({"act": ["left"]}), {"act": tuple(ACTS)}, "left"),
        (pl.DataFrame({"n": [1.0, float("inf")]}), {}, "infinite"),
        (pl.DataFrame({"t": ["a\0b"]}), {}, "null character"),
    ],
)
def test_what_stata_cannot_hold_is_said(frame: pl.DataFrame, words: dict[str, tuple[str, ...]], named: str) -> None:
    with pytest.raises(OutputError, match=named):
        write_dta(frame, words=words)


def test_without_pandas_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(ExeuntError, match=r"pip install \"exeunt\[stata\]\""):
        write_dta(pl.DataFrame({"n": [1]}))


def test_names_that_stata_does_not_take_are_changed_the_same_way_each_time() -> None:
    names = ["in", "2024", "a b", "a_b", "a-b", "納", "str8", "x" * 40, "x" * 41, "float", "ok"]
    legal = legal_names(names)
    assert legal == [
        "_in",
        "_2024",
        "a_b",
        "a_b_2",
        "a_b_3",
        "納",
        "_str8",
        "x" * 32,
        "x" * 30 + "_2",
        "_float",
        "ok",
    ]
    assert legal_names(["", "_"]) == ["_", "__2"]
    assert legal_names(names) == legal and len(set(legal)) == len(legal) and not set(legal) & RESERVED
    content = write_dta(pl.DataFrame([pl.Series(name, [1]) for name in names]), {"in": "whether it is in"})
    assert read(content).columns.tolist() == legal
    assert labels(content)["_in"] == "in: whether it is in" and labels(content)["a_b_3"] == "a-b"


def test_labels_are_cut_at_a_word() -> None:
    assert shorten("a label of exactly this length", 30) == "a label of exactly this length"
    assert shorten("a label of more than thirty characters", 30) == "a label of more than thirty…"
    assert shorten("無空格" * 40, 80) == ("無空格" * 40)[:79] + "…"
    for table in TABLES:
        for column in table.columns:
            cut = shorten(column.meaning, 80)
            assert len(cut) <= 80 and column.meaning.startswith(cut.rstrip("…"))


@pytest.mark.parametrize("table", [t.name for t in TABLES])
def test_each_table_of_the_record_reads_back_from_stata(table: str) -> None:
    frame = open_record().table(table).head(MANY)
    content = render(frame.to_dicts(), "dta", False, TABLE[table].columns)
    assert content == render(frame.to_dicts(), "dta", False, TABLE[table].columns)
    found, marked = read(content), labels(content)
    assert list(found.columns) == frame.columns
    for column in TABLE[table].columns:
        told = [None if pd.isna(v) or v == "" else v for v in found[column.name].astype(object)]
        wanted = frame[column.name].to_list()
        if column.kind == "boolean":
            wanted = [None if v is None else ("no", "yes")[v] for v in wanted]
        assert told == wanted, column.name
        assert marked[column.name] == shorten(column.meaning, 80)
        assert column.words == () or isinstance(found[column.name].dtype, pd.CategoricalDtype)


# --- every command ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", COMMANDS)
def test_each_command_writes_stata(run: Run, tmp_path: Path, name: str) -> None:
    arguments = COMMANDS[name][0]
    assert run(*arguments, "--format", "dta", "--out", "x.dta") == (0, "x.dta\n", "")
    rows = json.loads(run(*arguments, "--format", "json")[1])
    found = read((tmp_path / "x.dta").read_bytes())
    assert len(found) == (len(rows) if isinstance(rows, list) else 1)
    assert found.columns.tolist() == legal_names(list(rows[0] if isinstance(rows, list) else rows))
    code, out, err = run(*arguments, "--format", "dta")
    assert (code, out) == (2, "") and one_sentence(err) and "--out" in err


@pytest.mark.parametrize("name", [n for n in COMMANDS if n in ANSWERS])
def test_the_columns_of_an_answer_are_those_that_are_declared(run: Run, name: str) -> None:
    rows = json.loads(run(*COMMANDS[name][0], "--format", "json")[1])
    rows = rows if isinstance(rows, list) else [rows]
    assert all(list(row) == [c.name for c in ANSWERS[name]] for row in rows)
    kinds = {"integer": int, "number": float, "boolean": bool}
    for column in ANSWERS[name]:
        values = {type(row[column.name]) for row in rows} - {type(None)}
        assert values <= ({kinds[column.kind]} if column.kind in kinds else {str, list, dict}), column.name
        assert not column.words or {row[column.name] for row in rows} - {None} <= set(column.words)


@pytest.mark.parametrize("name", [n for n, (_, nothing) in COMMANDS.items() if nothing])
def test_an_answer_without_rows_has_its_header(run: Run, tmp_path: Path, name: str) -> None:
    arguments = COMMANDS[name][1] or []
    names = [c.name for c in ANSWERS[name]]
    assert run(*arguments, "--format", "csv") == (0, ",".join(names) + "\n", "")
    run(*arguments, "--format", "parquet", "--out", "x.parquet")
    stored = pl.read_parquet(tmp_path / "x.parquet")
    assert stored.height == 0 and stored.columns == names
    assert {c.name: str(stored[c.name].dtype) for c in ANSWERS[name] if c.kind == "boolean"} == {
        c.name: "Boolean" for c in ANSWERS[name] if c.kind == "boolean"
    }
    run(*arguments, "--format", "dta", "--out", "x.dta")
    assert read((tmp_path / "x.dta").read_bytes()).columns.tolist() == names


def test_cells_are_not_changed_for_spreadsheets(tmp_path: Path) -> None:
    cells = ["=1+1", "+886", "-5", "@who", "'quoted"]
    emit([{"t": cell} for cell in cells], "csv", tmp_path / "x.csv")
    assert (tmp_path / "x.csv").read_text(encoding="utf-8").splitlines() == ["t", *cells]


def test_rows_of_mixed_types_become_text_and_keep_every_key() -> None:
    frame = frame_of([{"a": 1, "b": 1}, {"a": "x", "b": 2.5, "c": [1, None]}], [Column("d", "number", "")])
    assert frame.to_dict(as_series=False) == {
        "d": [None] * 2,
        "a": ["1", "x"],
        "b": [1.0, 2.5],
        "c": [None, "1 | None"],
    }
    assert frame["d"].dtype == pl.Float64


def test_a_column_is_recognised_where_its_tables_agree() -> None:
    assert [c.name for c in recognised(["act", "status", "n"], ["acts", "states"])] == ["act"]
    assert recognised(["state"], ["acts", "memberships"]) and not recognised(["state"], ["acts", "series_ship"])


# --- the zip file ----------------------------------------------------------------------------------------------------


def opened(content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert all(n.startswith(ROOT) and ".." not in n for n in archive.namelist())
        return {name.removeprefix(ROOT): archive.read(name) for name in archive.namelist()}


def test_the_zip_file_holds_the_record_and_what_goes_with_it(tiny: Record) -> None:
    files = opened(bundle(tiny, dta=True))
    manifest = json.loads(files["manifest.json"])
    assert (manifest["version"], manifest["tables"]) == (tiny.version, [t.name for t in TABLES])
    assert set(manifest["files"]) == set(files) - {"manifest.json"}
    for name, entry in manifest["files"].items():
        assert (entry["sha256"], entry["bytes"]) == (hashlib.sha256(files[name]).hexdigest(), len(files[name]))
    readme = files["README.md"].decode()
    assert tiny.version in readme and tiny.closing_day.isoformat() in readme
    for table in TABLES:
        frame, stem = tiny.table(table.name), f"{table.licence_class}/{table.name}"
        assert pl.read_parquet(files[f"{stem}.parquet"]).equals(frame)
        plain = pl.read_csv(files[f"{stem}.csv"], schema=frame.schema)
        assert plain.equals(frame), table.name
        assert len(read(files[f"{stem}.dta"])) == frame.height == manifest["files"][f"{stem}.csv"]["rows"]
        assert f"## {table.name}\n" in readme
        assert all(f"| `{c.name}` | {c.kind} | {c.meaning}" in readme for c in table.columns)


def test_what_is_share_alike_stands_apart_under_its_own_licence(tiny: Record) -> None:
    files = opened(bundle(tiny))
    apart = {n for n in files if n.startswith("share_alike/")}
    names = [t.name for t in TABLES if t.licence_class == "share_alike"]
    assert apart == {"share_alike/LICENCE.txt", *(f"share_alike/{n}.{e}" for n in names for e in ("csv", "parquet"))}
    text = files["share_alike/LICENCE.txt"].decode()
    assert "Creative Commons Attribution-ShareAlike 4.0 International Public" in text and "Section 8" in text
    assert "vdem_simple" in text and "vdem" not in files["ship/LICENCE.txt"].decode()
    citation = files["CITATION.txt"].decode()
    assert all_cards()["vdem_simple"].citation in citation and all_cards()["cow_igo"].citation in citation


def test_tables_are_chosen_and_only_their_terms_go_along(tiny: Record) -> None:
    files = opened(bundle(tiny, ["acts", "states"]))
    assert {n for n in files if "/" in n} == {
        "ship/LICENCE.txt", "ship/acts.csv", "ship/acts.parquet", "ship/states.csv", "ship/states.parquet",
    }  # fmt: skip
    assert json.loads(files["manifest.json"])["tables"] == ["states", "acts"]
    assert all_cards()["vdem_simple"].citation not in files["CITATION.txt"].decode()
    with pytest.raises(UnknownNameError, match="acts"):
        bundle(tiny, ["act"])


def test_the_same_record_gives_the_same_bytes(tiny: Record, tmp_path: Path) -> None:
    again = tiny_record(tmp_path / "facts")
    assert bundle(tiny, dta=True) == bundle(again, dta=True)
    with zipfile.ZipFile(io.BytesIO(bundle(tiny))) as archive:
        assert {entry.date_time for entry in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}


def test_a_damaged_table_is_not_exported(tmp_path: Path) -> None:
    record = tiny_record(tmp_path / "facts")
    path = record.folder / "ship" / "acts.parquet"
    path.write_bytes(path.read_bytes()[:-1] + b"x")
    with pytest.raises(RecordError, match="damaged"):
        bundle(record)


def test_export_writes_one_file(run: Run, tmp_path: Path) -> None:
    assert run("export", "--out", "deep/record.zip", "--tables", "cases", "--quiet") == (0, "deep/record.zip\n", "")
    assert "ship/cases.csv" in opened((tmp_path / "deep/record.zip").read_bytes())
    assert [p.name for p in tmp_path.rglob("*") if p.is_file()] == ["record.zip"]


@pytest.mark.parametrize(
    ("arguments", "named"),
    [(["--out", "x.tar"], ".zip"), (["--out", "x.zip", "--tables", "act"], "acts"), ([], "--out")],
)
def test_an_export_that_does_not_fit_is_wrong_use(run: Run, tmp_path: Path, arguments: list[str], named: str) -> None:
    code, out, err = run("export", *arguments, *(["--quiet"] if arguments else []))
    assert (code, out) == (2, "") and one_sentence(err) and named in err
    assert not any(tmp_path.iterdir())


def test_no_text_is_not_for_the_screen() -> None:
    with pytest.raises(UsageError, match="Stata"):
        emit([{"a": 1}], "dta", None)


def test_a_format_that_needs_a_file_is_refused_before_the_work(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def worked(*_: object) -> None:
        raise AssertionError("the command has begun")

    monkeypatch.setattr("exeunt.record.opened.open_record", worked)
    code, out, err = run("calibration", "--format", "dta")
    assert (code, out) == (2, "") and one_sentence(err) and "--out" in err
