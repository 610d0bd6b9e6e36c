"""Curated tables with faults in them: each is one sentence with file, line and column, and nothing is written."""

from __future__ import annotations

import random
import shutil
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from curated_sample import CURATED, edit, find, read, small_folder, write
from exeunt.core.errors import CompileError
from exeunt.etl import build as compiler
from exeunt.etl import csv_reader
from exeunt.etl.csv_reader import LAYOUTS, _read_sheet, read_folder
from exeunt.etl.curated_money import _curated_rows as curated_rows
from exeunt.record.identity import state_codes
from exeunt.record.schema import TABLE
from exeunt.record.store import POLARS_TYPES
from tiny import ROOT, exeunt, one_sentence

FILES = [f"{layout.table}.csv" for layout in LAYOUTS]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return small_folder(tmp_path / "data" / "curated")


def problems(folder: Path) -> list[str]:
    found = read_folder(folder)[1]
    assert all("\n" not in p and p.endswith(".") for p in found), found
    return found


def test_the_curated_tables_are_sound() -> None:
    sheets, found = read_folder(CURATED)
    assert found == []
    assert sheets["acts"].frame.height >= 925


def test_the_small_tables_are_sound(folder: Path) -> None:
    assert problems(folder) == []


@pytest.mark.parametrize("file", FILES)
def test_strict_reading_gives_the_cells_that_polars_reads(file: str) -> None:
    assert _read_sheet(CURATED / file).frame.equals(pl.read_csv(CURATED / file, infer_schema=False))


@pytest.mark.parametrize(
    ("table", "row", "column", "cell", "says"),
    [
        ("acts", 0, "act", "flounced", "'flounced' is none of its words; expected one of"),
        ("acts", 0, "act", "anounced", "the closest: announced"),
        ("acts", 0, "act", "", "the cell is empty and may not be"),
        ("acts", 0, "state", "UAS", "'UAS' is no state of states.csv; expected one of 221, the closest: USA"),
        ("acts", 0, "state", "Sealand", "is no state of states.csv"),
        ("acts", 0, "body", "whoo", "'whoo' is no body of bodies.csv; expected one of 430, the closest: who"),
        ("acts", 0, "date", "2026-02-30", "there is no day 30"),
        ("acts", 0, "date", "last spring", "is not EDTF level 1"),
        ("acts", 0, "takes_effect", "2026/", None),
        ("acts", 0, "takes_effect", "2026-13", "there is no month 13"),
        ("acts", 0, "recorded", "2026", "a day is needed"),
        ("acts", 0, "counts_as_exit", "perhaps", "'perhaps' is no boolean; write true or false"),
        ("acts", 0, "contested", "maybe", "expected one of no, yes"),
        ("acts", 0, "sources", "", "the row has no source"),
        ("acts", 0, "sources", "a friend", "'a' is no address"),
        ("acts", 0, "episode", "usa-who-2052", "'usa-who-2052' is in no row of episodes.csv"),
        ("acts", 0, "note", "two\nlines", "holds a line break"),
        ("acts", 0, "note", " spaced", "begins or ends with a space"),
        ("bodies", 0, "founded", "MCMLX", "'MCMLX' is no integer; write a whole number"),
        ("bodies", 0, "ended", "1900", "is before it begins (founded 2021)"),
        ("bodies", 0, "parent", "nobody", "'nobody' is no body"),
        ("states", 0, "valid_from", "1919", "a day is needed"),
        ("states", 0, "valid_to", "1900-01-01", "is before it begins"),
        ("clauses", 0, "article", "", "the clause is not silent and names no article"),
        ("clauses", 0, "notice_period", "a year", "is not a period"),
        ("clauses", 0, "also_ends", "kyoto parris", "'parris' is no body of bodies.csv"),
        ("episodes", 0, "due_date", "soon", "is not EDTF level 1"),
        ("case_bodies", 0, "list", "2(c)", "expected one of listed_other, listed_un"),
        ("cases", 0, "states", "USA UAS", "'UAS' is no state"),
        ("ledger", 0, "record", "gossip", "'gossip' is none of its words"),
        ("ledger", 0, "us_arrears_usd", "", "a us_arrears needs it"),
        ("ledger", 0, "total_usd", "3.45bn", "'3.45bn' is no number"),
        ("claims", 0, "id", "one", "'one' is no integer"),
        ("coded_steps", 0, "first_year_out", "19 46", "is no integer"),
    ],
)
def test_a_cell_that_does_not_fit_is_named(
    folder: Path, table: str, row: int, column: str, cell: str, says: str | None
) -> None:
    line = edit(folder, table, row, column, cell)
    found = problems(folder)
    if says is None:
        assert found == []
        return
    place = f"{table}.csv, line {line}, column {column}: "
    assert any(p.startswith(place) and says in p for p in found), found


@pytest.mark.parametrize(
    ("act", "column", "cell", "says"),
    [
        ("we-268-2", "date", "1815", "lies outside the span of the state ZAF (1920-01-10 to …)"),
        ("we-061-3", "date", "2019", "is after the body oau ended (2002)"),
        ("we-061-3", "date", "1983", "effective on 1983 comes before announced on 1984 (we-061-1)"),
        ("we-255-3", "date", "2025-01", "effective on 2025-01 comes before notified on 2025-03-07 (we-255-2)"),
        ("we-255-3", "body", "icc", "found 'icc', but its episode tun-afchpr_34_6-2025 has 'afchpr_34_6'"),
    ],
)
def test_an_act_that_cannot_have_been_is_named(folder: Path, act: str, column: str, cell: str, says: str) -> None:
    line = edit(folder, "acts", find(folder, "acts", act), column, cell)
    found = problems(folder)
    assert any(p.startswith(f"acts.csv, line {line}, column {column}: ") and says in p for p in found), found


@pytest.mark.parametrize(("column", "cell"), [("contested", "yes"), ("flag", "rival_dates")])
def test_an_act_out_of_order_may_say_so(folder: Path, column: str, cell: str) -> None:
    row = find(folder, "acts", "we-255-3")
    edit(folder, "acts", row, "date", "2025-01")
    assert problems(folder)
    edit(folder, "acts", row, column, cell)
    assert problems(folder) == []


def _no_column(rows: list[list[str]]) -> str:
    for row in rows:
        del row[-1]
    return "acts.csv, line 1: the column 'sources' is missing"


def _more_column(rows: list[list[str]]) -> str:
    for row in rows:
        row.append("x")
    return "acts.csv, line 1: the column 'x' is not expected"


def _renamed(rows: list[list[str]]) -> str:
    rows[0][-1] = "source"
    return "(or did somebody write 'source' for it?)"


def _twice(rows: list[list[str]]) -> str:
    rows[0][-1] = "note"
    return "the column 'note' is named twice"


def _ragged(rows: list[list[str]]) -> str:
    rows[3].append("")
    return "acts.csv, line 4: found 20 cells, expected 19"


def _short(rows: list[list[str]]) -> str:
    del rows[3][2:]
    return "acts.csv, line 4: found 2 cells, expected 19"


def _doubled(rows: list[list[str]]) -> str:
    rows.append(list(rows[1]))
    return f"acts.csv, line {len(rows)}, column act_id: {rows[1][0]!r} is already on line 2"


def _nothing(rows: list[list[str]]) -> str:
    rows.clear()
    return "acts.csv is empty"


@pytest.mark.parametrize("change", [_no_column, _more_column, _renamed, _twice, _ragged, _short, _doubled, _nothing])
def test_a_table_of_the_wrong_shape_is_named(folder: Path, change: Callable[[list[list[str]]], str]) -> None:
    rows = read(folder / "acts.csv")
    says = change(rows)
    write(folder / "acts.csv", rows)
    assert any(says in p for p in problems(folder)), problems(folder)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"\xff\xfea\x00", "byte 0xff is no UTF-8; save the file as UTF-8"),
        ("act_id\nfran\xe7ais\n".encode("latin-1"), "acts.csv, line 2: byte 0xe7 is no UTF-8"),
        (b'act_id\n"never closed\n', "acts.csv, line 2: it cannot be read as CSV"),
        (b'act_id\n"closed" late\n', "acts.csv, line 2: it cannot be read as CSV"),
        (b"", "acts.csv is empty"),
    ],
)
def test_a_file_that_is_no_table_is_named(folder: Path, content: bytes, says: str) -> None:
    (folder / "acts.csv").write_bytes(content)
    assert any(says in p for p in problems(folder)), problems(folder)


def test_a_missing_table_is_named(folder: Path) -> None:
    (folder / "acts.csv").unlink()
    assert any(p.startswith("curated table acts.csv is missing") for p in problems(folder))


def test_a_mark_at_the_beginning_of_the_file_is_no_part_of_the_header(folder: Path) -> None:
    """Spreadsheets write U+FEFF before UTF-8."""
    path = folder / "acts.csv"
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    assert problems(folder) == []


def test_the_first_fault_stops_the_compile_and_nothing_is_written(folder: Path, tmp_path: Path) -> None:
    shutil.copy(ROOT / "data" / "licences.toml", folder.parent)
    edit(folder, "acts", 0, "act", "flounced")
    edit(folder, "acts", 1, "state", "Sealand")
    with pytest.raises(CompileError, match=r"acts\.csv, line 2, column act: .*2 faults in all: `exeunt check --data"):
        compiler.refresh(folder.parent, tmp_path / "facts")
    assert not (tmp_path / "facts").exists()


def test_check_lists_every_fault_and_refresh_the_first(folder: Path, tmp_path: Path) -> None:
    shutil.copy(ROOT / "data" / "licences.toml", folder.parent)
    home = tmp_path / "home"
    done = exeunt("check", "--data", folder.parent, cwd=tmp_path, home=home)
    assert (done.returncode, done.stderr) == (0, "") and "no rule broken" in done.stdout
    edit(folder, "acts", 0, "act", "flounced")
    edit(folder, "acts", 1, "state", "Sealand")
    corrections = folder.parent / "corrections"
    corrections.mkdir()
    (corrections / "x.toml").write_text('source = "cow_igo"\n[[correction]]\nid = "a"\n', encoding="utf-8")
    done = exeunt("check", "--data", folder.parent, cwd=tmp_path, home=home)
    assert done.returncode == 1 and len(done.stdout.splitlines()) == 3, done.stdout
    done = exeunt(
        "refresh", "--sources", tmp_path, "--data", folder.parent, "--target", tmp_path / "f", cwd=tmp_path, home=home
    )
    assert done.returncode == 1 and one_sentence(done.stderr.replace("lists them)", "lists them).")), done.stderr
    assert not (tmp_path / "f").exists()
    done = exeunt("check", "--data", tmp_path / "nowhere", cwd=tmp_path, home=home)
    assert done.returncode == 1 and one_sentence(done.stderr)


# --- whatever stands in the files ------------------------------------------------------------------------------------

SPECIAL = [
    "", "NA", "null", "nan", "inf", "-1", "0", "1e400", "9" * 400, "2026-02-30", "2026/", "/", "..", "P", "P1Y", "true",
    "True", "²", "٣", "\x00", "\u2028", "\ufeff", '"', ",", "\n", "\r", "a" * 200_000, "*", "who", "USA", "https://",
    "0001-01-01", "9999-12-31", "1000", "2999-24", "=1+1", "’", "🙂",
]  # fmt: skip
CELLS = st.one_of(st.sampled_from(SPECIAL), st.text(max_size=12))


def mutate(path: Path, way: str, seed: int, cell: str) -> None:
    """Spoil one curated file in one way."""
    rng = random.Random(seed)
    if way in {"byte", "cut", "insert"}:
        content = bytearray(path.read_bytes())
        place = rng.randrange(len(content))
        if way == "byte":
            content[place] = rng.randrange(256)
        elif way == "cut":
            del content[place:]
        else:
            content[place:place] = cell.encode("utf-8", "surrogatepass")
        path.write_bytes(content)
        return
    rows = read(path)
    row = rng.randrange(len(rows))
    column = rng.randrange(len(rows[row]))
    if way == "cell":
        rows[row][column] = cell
    elif way == "drop row":
        del rows[row]
    elif way == "drop cell":
        del rows[row][column]
    elif way == "double row":
        rows.insert(row, list(rows[row]))
    elif way == "swap":
        other = rng.randrange(len(rows[row]))
        rows[row][column], rows[row][other] = rows[row][other], rows[row][column]
    elif way == "swap rows":
        other = rng.randrange(len(rows))
        rows[row], rows[other] = rows[other], rows[row]
    write(path, rows)


def load_all(folder: Path) -> None:
    """Everything that a compile does with curated tables before it looks at a raw source."""
    sheets = csv_reader._load(folder)
    tables = {name: csv_reader._conform(sheets[name], TABLE[name]) for name in compiler.PLAIN}
    tables["states"] = csv_reader._conform(compiler._states(sheets), TABLE["states"])
    state_codes(tables["states"])
    columns = TABLE["ledger"].columns
    rows = curated_rows(sheets["ledger"])
    pl.DataFrame(rows, schema={c.name: POLARS_TYPES[c.kind] for c in columns}, orient="row")


WAYS = ["byte", "cut", "insert", "cell", "drop row", "drop cell", "double row", "swap", "swap rows"]


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.sampled_from(FILES), st.sampled_from(WAYS), st.integers(0, 2**32), CELLS)
def test_any_file_loads_or_is_told_in_a_line(folder: Path, file: str, way: str, seed: int, cell: str) -> None:
    path = folder / file
    before = path.read_bytes()
    try:
        try:
            mutate(path, way, seed, cell)
        except UnicodeEncodeError:  # a lone surrogate fits into no UTF-8 file
            return
        try:
            load_all(folder)
        except CompileError as error:
            text = str(error)
            assert "\n" not in text and any(name in text for name in FILES), text
    finally:
        path.write_bytes(before)


def test_the_spoiling_finds_faults(folder: Path) -> None:
    """Most ways of spoiling a file must be noticed, else the test above says nothing."""
    noticed = 0
    for seed in range(60):
        path = folder / FILES[seed % len(FILES)]
        before = path.read_bytes()
        mutate(path, ["cut", "drop cell", "double row"][seed % 3], seed, "x")
        noticed += bool(problems(folder))
        path.write_bytes(before)
    assert noticed >= 50
