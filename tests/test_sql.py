"""SQL on the record reads and does nothing else."""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import polars as pl
import pytest

from exeunt import cli
from exeunt.core.errors import ExeuntError, UsageError
from exeunt.record import query as query_module
from exeunt.record.opened import open_record
from exeunt.record.query import query, tables
from exeunt.record.schema import ACTS, TABLES
from exeunt.record.store import Record
from tiny import environment, one_sentence, tiny_record

Run = Callable[..., tuple[int, str, str]]
ENDLESS = "SELECT sum(a.range * b.range) FROM range(100000000) a, range(1000000) b"


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Record:
    return tiny_record(tmp_path_factory.mktemp("tiny") / "facts")


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Run `exeunt sql` here, in an empty directory."""
    monkeypatch.chdir(tmp_path)

    def call(*arguments: str | Path) -> tuple[int, str, str]:
        code = cli.main(["sql", *map(str, arguments)])
        return code, *capsys.readouterr()

    return call


# --- what it answers -------------------------------------------------------------------------------------------------


def test_a_query_counts_what_polars_counts() -> None:
    found = query(open_record(), "SELECT act, count(*) AS n FROM acts GROUP BY act").rows
    frame = open_record().table("acts")
    assert {r["act"]: r["n"] for r in found} == dict(frame["act"].value_counts().iter_rows())


@pytest.mark.parametrize("table", [t.name for t in TABLES])
def test_every_table_is_there_whole(tiny: Record, table: str) -> None:
    rows = query(tiny, f"SELECT * FROM {table}").rows
    assert rows == tiny.table(table).to_dicts()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("WITH a AS (SELECT 1 AS x) SELECT x FROM a;", [{"x": 1}]),
        ("FROM cases", []),
        ("-- a remark\nSELECT '納米比亞' AS name", [{"name": "納米比亞"}]),
        ("SELECT 1 AS a, 2 AS a, NULL AS n", [{"a": 1, "a_2": 2, "n": None}]),
        ("SELECT DATE '2026-01-07' AS d, 1.5 AS x, 'nan'::DOUBLE AS n, [1, 2] AS l, {'a': true} AS s, '\\x01'::BLOB AS b",
         [{"d": "2026-01-07", "x": 1.5, "n": None, "l": [1, 2], "s": {"a": True}, "b": "01"}]),
        ("SELECT 9223372036854775807::HUGEINT AS h, 9223372036854775808::HUGEINT AS i",
         [{"h": 2**63 - 1, "i": str(2**63)}]),
    ],
)  # fmt: skip
def test_answers_are_plain_values(tiny: Record, text: str, expected: list[dict[str, object]]) -> None:
    assert query(tiny, text).rows == expected
    json.dumps(expected, allow_nan=False)


def test_tables_are_shown_and_described(tiny: Record) -> None:
    assert {r["name"] for r in query(tiny, "SHOW TABLES").rows} == {t.name for t in TABLES}
    described = query(tiny, "DESCRIBE acts").rows
    assert [r["column_name"] for r in described] == tiny.table("acts").columns
    assert [r["table"] for r in tables(tiny)] == [t.name for t in TABLES]
    assert {r["table"]: r["rows"] for r in tables(tiny)}["acts"] == tiny.table("acts").height


def test_columns_keep_their_meaning_and_words_where_they_are_still_true(tiny: Record) -> None:
    (act,) = query(tiny, "SELECT act FROM acts").columns
    assert (act.meaning, act.words) == ("what was done", tuple(ACTS))
    (other,) = query(tiny, "SELECT upper(act) AS act FROM acts").columns
    assert other.words == ()
    (number,) = query(tiny, "SELECT count(*) AS act FROM acts").columns
    assert (number.kind, number.meaning) == ("integer", "")


def test_answers_come_in_every_format(run: Run, tmp_path: Path) -> None:
    text = "SELECT act, count(*) AS n FROM acts GROUP BY act ORDER BY n DESC, act"
    plain = json.loads(run(text, "--format", "json")[1])
    assert [list(row) for row in plain] == [["act", "n"]] * len(plain)
    printed = run(text, "--format", "csv")[1]
    assert [[r["act"], int(r["n"])] for r in csv.DictReader(printed.splitlines())] == [
        [r["act"], r["n"]] for r in plain
    ]
    for form in ("parquet", "dta"):
        assert run(text, "--format", form, "--out", f"x.{form}") == (0, f"x.{form}\n", "")
    assert pl.read_parquet(tmp_path / "x.parquet").to_dicts() == plain
    stata = pd.read_stata(tmp_path / "x.dta")
    assert stata["act"].tolist() == [r["act"] for r in plain] and stata["n"].tolist() == [r["n"] for r in plain]
    assert isinstance(stata["act"].dtype, pd.CategoricalDtype)
    assert run(text)[1].splitlines()[2].split() == [plain[0]["act"], str(plain[0]["n"])]


def test_an_answer_without_rows_has_a_header(run: Run) -> None:
    assert run("SELECT act, date FROM acts WHERE false", "--format", "csv") == (0, "act,date\n", "")


def test_a_query_is_read_from_a_file(run: Run, tmp_path: Path) -> None:
    (tmp_path / "q.sql").write_text("-- 誰離開\nSELECT 42 AS answer;\n", encoding="utf-8")
    assert run("--file", "q.sql", "--format", "csv") == (0, "answer\n42\n", "")


def test_the_tables_are_listed_without_a_database(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "duckdb", None)
    code, out, err = run("--tables", "--format", "json")
    assert (code, err) == (0, "") and [r["table"] for r in json.loads(out)] == [t.name for t in TABLES]


# --- what it refuses -------------------------------------------------------------------------------------------------

WRITES = "sql only reads the record"
BEYOND = "reaches beyond the record"
REFUSED = [
    ("COPY acts TO 'x.csv'", WRITES), ("COPY (SELECT 1) TO 'x.parquet'", WRITES), ("EXPORT DATABASE 'x'", WRITES),
    ("IMPORT DATABASE 'x'", WRITES), ("ATTACH 'x.db'", WRITES), ("ATTACH ':memory:' AS other", WRITES),
    ("INSTALL httpfs", WRITES), ("LOAD httpfs", WRITES), ("LOAD './x.so'", WRITES), ("SET threads = 8", WRITES),
    ("SET VARIABLE a = 1", WRITES), ("RESET memory_limit", WRITES), ("SET enable_external_access = true", WRITES),
    ("PRAGMA version", WRITES), ("PRAGMA table_info('acts')", WRITES), ("CALL pragma_version()", WRITES),
    ("CALL enable_logging()", WRITES), ("INSERT INTO cases SELECT * FROM cases", WRITES),
    ("UPDATE cases SET note = 'x'", WRITES), ("DELETE FROM cases", WRITES), ("DROP TABLE cases", WRITES),
    ("CREATE TABLE x (a INT)", WRITES), ("CREATE TEMP TABLE x (a INT)", WRITES), ("CREATE MACRO f() AS 1", WRITES),
    ("CREATE VIEW v AS SELECT 1", WRITES), ("CREATE SECRET (TYPE s3)", WRITES), ("ALTER TABLE cases ADD COLUMN x INT", WRITES),
    ("BEGIN", WRITES), ("COMMIT", WRITES), ("VACUUM", WRITES), ("CHECKPOINT", WRITES), ("USE memory", WRITES),
    ("PREPARE p AS SELECT 1", WRITES), ("EXPLAIN ANALYZE DELETE FROM cases", WRITES), ("DETACH memory", WRITES),
    ("WITH a AS (DELETE FROM cases RETURNING *) SELECT * FROM a", WRITES),
    ("WITH a AS (INSERT INTO cases SELECT * FROM cases RETURNING *) SELECT * FROM a", WRITES),
    ("SELECT * FROM read_csv('secret.csv')", BEYOND), ("SELECT * FROM read_csv('/etc/passwd')", BEYOND),
    ("SELECT * FROM read_parquet('secret.parquet')", BEYOND), ("SELECT * FROM read_json('secret.json')", BEYOND),
    ("SELECT * FROM read_text('secret.csv')", BEYOND), ("SELECT * FROM read_blob('secret.csv')", BEYOND),
    ("SELECT * FROM sniff_csv('secret.csv')", BEYOND), ("SELECT * FROM glob('*')", BEYOND),
    ("FROM 'secret.csv'", BEYOND), ("FROM 'https://example.org/x.parquet'", BEYOND), ("FROM duckdb_secrets()", BEYOND),
    ("SELECT * FROM query('FROM ''secret.csv''')", BEYOND), ("FROM enable_logging()", BEYOND),
    ("FROM enable_profiling()", BEYOND), ("SELECT (SELECT content FROM read_text('secret.csv'))", BEYOND),
    ("SELECT getenv('HOME')", "cannot be run"), ("FROM visible", "cannot be run"), ("FROM acta", "acts"),
    ("SELEC 1", "SELEC"), ("SELECT nothing FROM acts", "nothing"),
    ("SELECT 1; SELECT 2", "2 statements"), ("SELECT 1; DROP TABLE acts", "2 statements"), ("", "found none"),
    ("  -- nothing", "found none"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "named"), REFUSED, ids=[text[:60] for text, _ in REFUSED])
def test_all_but_one_reading_statement_is_refused(
    tiny: Record, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str, named: str
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "secret.csv").write_text("hidden\nkey\n", encoding="utf-8")
    visible = pl.DataFrame({"a": [1]})
    with pytest.raises(UsageError) as refused:
        query(tiny, text)
    assert visible.height == 1  # a frame of this process is no table
    assert named in str(refused.value) and one_sentence(f"exeunt: {refused.value}\n")
    assert "hidden" not in str(refused.value)
    assert [p.name for p in tmp_path.iterdir()] == ["secret.csv"]


@pytest.mark.parametrize(
    "arguments",
    [[], ["SELECT 1", "--tables"], ["SELECT 1", "--file", "q.sql"], ["--file", "none.sql"], ["--file", "latin.sql"],
     ["SELECT 1", "--seconds", "0"], ["SELECT 1", "--format", "parquet"], ["DROP TABLE acts"]],
)  # fmt: skip
def test_a_call_that_does_not_fit_is_wrong_use(run: Run, tmp_path: Path, arguments: list[str]) -> None:
    (tmp_path / "latin.sql").write_bytes(b"SELECT '\xe9'")
    code, out, err = run(*arguments)
    assert (code, out) == (2, "") and one_sentence(err), err


def test_the_settings_are_locked(tiny: Record) -> None:
    told = query(tiny, "SELECT name, value FROM duckdb_settings()").rows
    found = {r["name"]: r["value"] for r in told}
    assert found["lock_configuration"] == "true" and found["enable_external_access"] == "false"
    assert found["python_enable_replacements"] == "false"
    assert found["autoinstall_known_extensions"] == found["autoload_known_extensions"] == "false"
    assert (found["threads"], found["temp_directory"] or "") == (str(query_module.THREADS), "")


# --- time, memory, and a missing library -----------------------------------------------------------------------------


def test_a_query_that_takes_too_long_is_stopped(tiny: Record) -> None:
    began = time.monotonic()
    with pytest.raises(ExeuntError, match=r"longer than 0\.5 s|took longer"):
        query(tiny, ENDLESS, seconds=0.5)
    assert time.monotonic() - began < 20


def test_a_query_that_needs_too_much_is_stopped(tiny: Record, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(query_module, "MEMORY", "60MB")
    with pytest.raises(ExeuntError, match="60MB") as stopped:
        query(tiny, "SELECT list(range) FROM range(1000000000)")
    assert stopped.value.exit_code == 1


def test_an_answer_of_too_many_rows_is_stopped(tiny: Record, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(query_module, "MOST_ROWS", 20_000)
    assert len(query(tiny, "SELECT * FROM range(20000)").rows) == 20_000
    with pytest.raises(ExeuntError, match="20,000 rows"):
        query(tiny, "SELECT * FROM range(20001)")


@pytest.mark.skipif(os.name != "posix", reason="signals as POSIX has them")
def test_ctrl_c_stops_a_query(tmp_path: Path) -> None:
    script = (
        "import signal, sys, threading\n"
        "signal.signal(signal.SIGINT, signal.default_int_handler)\n"
        "from exeunt import cli\nfrom exeunt.record import query\n"
        "before = query._answer\n"
        "def told(*arguments):\n    print('running', flush=True)\n    return before(*arguments)\n"
        "query._answer = told\n"
        f"sys.exit(cli.main(['sql', {ENDLESS!r}]))\n"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", script], env=environment(tmp_path / "home"), encoding="utf-8",
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    assert process.stdout is not None and process.stdout.readline() == "running\n"
    time.sleep(0.3)
    process.send_signal(2)
    out, err = process.communicate(timeout=30)
    assert (process.returncode, out) == (130, "") and "Traceback" not in err and "interrupted" in err


def test_without_duckdb_one_sentence_says_what_to_install(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "duckdb", None)
    code, out, err = run("SELECT 1")
    assert (code, out) == (1, "") and one_sentence(err)
    assert 'pip install "exeunt[sql]"' in err


def test_no_other_command_loads_the_database(tmp_path: Path) -> None:
    calls = [["sql", "--tables"], ["diff", "embedded", "embedded"], ["exits", "--state", "FRA"], ["cite"],
             ["export", "--tables", "cases", "--out", str(tmp_path / "x.zip"), "--quiet"]]  # fmt: skip
    script = f"import sys\nfrom exeunt import cli\nfor call in {calls!r}:\n    assert cli.main(call) == 0\n"
    script += "assert not {'duckdb', 'pandas', 'pyarrow'} & set(sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", script], env=environment(tmp_path / "home"), capture_output=True, check=False
    )
    assert done.returncode == 0, done.stderr.decode()
