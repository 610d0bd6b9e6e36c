"""The command line as a shell sees it: exit codes, one sentence on standard error, one object of JSON, nothing half-written."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from exeunt import cli
from exeunt.core.errors import OutputError, UsageError
from exeunt.core.export import emit
from exeunt.record.cards import all_cards
from exeunt.record.opened import open_record
from tiny import environment, exeunt, one_sentence

Done = subprocess.CompletedProcess[str]
Call = Callable[..., Done]
PARSERS: dict[str, Any] = dict(next(a for a in cli._build_parser()._actions if a.dest == "command").choices or {})
# docs/design.md, section 7.
STATUS_KEYS = ["state", "body", "as_of", "status", "since", "until", "contested", "contested_by",
               "claimant_missing", "rule", "earlier", "leaveable", "certainty", "evidence", "known_to", "beyond_record",
               "acts"]  # fmt: skip
EXITS_KEYS = ["state", "body", "episode", "announced", "notified", "effective", "rejoined", "claimed_by", "contested",
              "contested_by", "claimant_missing", "counts_as_exit", "confidence", "source_rank", "sources"]  # fmt: skip
CASES_KEYS = ["case", "title", "states", "valid_from", "valid_to", "bodies", "listed_un", "listed_other"]


class Shell:
    """An empty directory to run commands in, and a home of its own."""

    def __init__(self, folder: Path) -> None:
        self.home = folder / "home"
        self.here = folder / "here"
        self.here.mkdir()

    def __call__(self, *arguments: str | Path) -> Done:
        return exeunt(*arguments, cwd=self.here, home=self.home)

    def left(self) -> list[str]:
        """Files lying in the directory."""
        return sorted(p.relative_to(self.here).as_posix() for p in self.here.rglob("*") if p.is_file())


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    return Shell(tmp_path)


@pytest.fixture
def call(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Call:
    """Run a command in this process, in an empty directory: quicker than a shell, the same exit code and text."""
    monkeypatch.chdir(tmp_path)

    def run(*arguments: str) -> Done:
        code = cli.main(arguments)
        out, err = capsys.readouterr()
        return Done([], code, out, err)

    return run


def object_of(done: Done) -> Any:
    """Read the one JSON value on standard output."""
    assert (done.returncode, done.stderr) == (0, ""), done.stderr
    value, end = json.JSONDecoder().raw_decode(done.stdout)
    assert done.stdout[end:] == "\n", "nothing else is printed"
    return value


# --- help ------------------------------------------------------------------------------------------------------------


def test_help_in_an_empty_directory_lists_the_commands(shell: Shell) -> None:
    done = shell("--help")
    assert (done.returncode, done.stderr) == (0, "")
    assert len(PARSERS) >= 10
    for name in PARSERS:
        assert re.search(rf"^ +{name}\s+\S+ ", done.stdout, re.M), name
    assert "130 interrupted" in done.stdout
    assert shell.left() == [] and not list(shell.home.rglob("*"))


@pytest.mark.parametrize("name", PARSERS)
def test_every_command_has_help(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        cli.main([name, "--help"])
    assert left.value.code == 0
    text = capsys.readouterr().out
    assert text.startswith(f"usage: exeunt {name}")
    assert len(text.split("\n\n")[1]) > 10  # what it does
    assert [a.dest for a in PARSERS[name]._actions if not a.help] == []


def test_help_is_a_command_too(call: Call, capsys: pytest.CaptureFixture[str]) -> None:
    done = call("help")
    assert done.returncode == 0 and "status" in done.stdout
    with pytest.raises(SystemExit) as left:
        cli.main(["help", "status"])
    assert left.value.code == 0 and capsys.readouterr().out.startswith("usage: exeunt status")
    assert_wrong_use(call("help", "statsu"), "did you mean `exeunt status`?")


def test_every_command_takes_a_language() -> None:
    for name, parser in PARSERS.items():
        assert name == "help" or any(a.dest == "lang" for a in parser._actions), name


def test_the_version_is_that_of_the_package(shell: Shell) -> None:
    from exeunt import __version__

    assert shell("--version").stdout == f"exeunt {__version__}\n"


def test_no_command_is_wrong_use(shell: Shell) -> None:
    done = shell()
    assert done.returncode == 2
    assert "status" in done.stdout + done.stderr


# --- wrong use: exit code 2 and one sentence -------------------------------------------------------------------------


def assert_wrong_use(done: Done, *named: str) -> None:
    assert done.returncode == 2, done.stderr
    assert done.stdout == ""
    assert one_sentence(done.stderr), done.stderr
    for word in named:
        assert word in done.stderr


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (["report", "usa-2026-02"], ["usa-2026-02", "usa-2026-01"]),
        (["figure", "fan", "--case", "usa-2026-02", "--out", "x.svg"], ["usa-2026-01"]),
        (["status", "Germny", "un"], ["Germny", "Germany"]),
        (["status", "USA", "unfcc"], ["unfcc", "unfccc"]),
        (["status", "USA", "IOC"], ["iocc", "iooc"]),
        (["exits", "--state", "Untied States of America"], ["United States of America"]),
        (["exits", "--body", "unesko"], ["unesco"]),
        (["explain", "Germny", "un"], ["Germany"]),
        (["cite", "cow_ego"], ["cow_igo"]),
        (["statsu"], ["status"]),
    ],
)
def test_an_unknown_name_is_wrong_use_and_offers_the_closest(
    call: Call, tmp_path: Path, arguments: list[str], named: list[str]
) -> None:
    assert_wrong_use(call(*arguments), *named)
    assert not any(tmp_path.iterdir())


def test_an_unknown_case_is_wrong_use_in_a_shell(shell: Shell) -> None:
    assert_wrong_use(shell("report", "usa-2026-02"), "usa-2026-02", "closest: usa-2026-01")
    assert shell.left() == []


@pytest.mark.parametrize(
    "day", ["2026-02-30", "soon", "2026-01", "2026", "2026-01-07?", "2026-01-01/..", "20260107", ""]
)
@pytest.mark.parametrize("option", ["--as-of", "--known-by"])
def test_a_bad_date_is_wrong_use(call: Call, option: str, day: str) -> None:
    assert_wrong_use(call("status", "USA", "unfccc", option, day), "YYYY-MM-DD")


@pytest.mark.parametrize("command", [["report", "usa-2026-01"], ["exits"], ["status", "USA", "un"]])
def test_a_bad_date_is_wrong_use_in_every_command(shell: Shell, command: list[str]) -> None:
    assert_wrong_use(shell(*command, "--as-of", "2026-02-30"), "2026-02-30")
    assert [f for f in shell.left() if f.endswith(".html")] == []


@pytest.mark.parametrize(
    "arguments",
    [
        ["status", "USA"], ["status", "USA", "un", "extra"], ["cases", "--format", "xml"], ["cases", "--frobnicate"],
        ["report", "usa-2026-01", "--lang", "fr"], ["report", "usa-2026-01", "--seed", "one"], ["refresh", "--download"],
        ["figure", "pie", "--out", "x.svg"], ["figure", "fan"], ["codebook", "leave"], ["--frobnicate"],
        ["status", "USA", "un", "--format", "parquet"],
    ],
)  # fmt: skip
def test_a_call_that_does_not_fit_is_wrong_use(call: Call, arguments: list[str]) -> None:
    assert_wrong_use(call(*arguments))


def test_debug_shows_where(shell: Shell) -> None:
    done = shell("--debug", "status", "Germny", "un")
    assert done.returncode == 1 and "UnknownNameError" in done.stderr and "Traceback" in done.stderr


# --- what machines read ----------------------------------------------------------------------------------------------


def test_status_prints_one_object(shell: Shell) -> None:
    found = object_of(shell("status", "USA", "unfccc", "--as-of", "2026-01-08", "--format", "json"))
    assert list(found) == STATUS_KEYS
    assert (found["state"], found["body"], found["as_of"]) == ("USA", "unfccc", "2026-01-08")
    assert (found["status"], found["since"], found["until"]) == ("member_announced_only", "2026-01-07", None)
    assert (found["leaveable"], found["beyond_record"], found["contested"]) == ("treaty", False, False)
    assert [list(a) for a in found["acts"]] == [["act", "date", "claimed_by", "source"]] * 2
    assert [a["act"] for a in found["acts"]] == ["announced", "organ_position"]
    assert all(s.startswith("https://") for s in found["acts"][0]["source"])
    assert shell.left() == []


def test_status_takes_names_in_chinese_and_both_clocks(shell: Shell) -> None:
    found = object_of(shell("status", "美國", "世界衛生組織", "--as-of", "2030-01-01", "--format", "json"))
    assert (found["state"], found["body"], found["status"]) == ("USA", "who", "left_claimed_disputed")
    assert found["beyond_record"] is True and found["contested"] is True
    known = ("--as-of", "2026-01-08", "--known-by", "2026-11-22", "--format", "json")
    assert object_of(shell("status", "USA", "unfccc", *known))["acts"] == []


def test_cases_prints_one_array(shell: Shell) -> None:
    found = object_of(shell("cases", "--format", "json"))
    assert all(list(c) == CASES_KEYS for c in found)
    (batch,) = [c for c in found if c["case"] == "usa-2026-01"]
    assert (batch["bodies"], batch["listed_un"], batch["listed_other"]) == (66, 31, 35)
    assert batch["states"] == ["USA"]


def test_exits_prints_one_array(shell: Shell) -> None:
    found = object_of(shell("exits", "--state", "USA", "--format", "json"))
    assert len(found) > 30 and all(list(r) == EXITS_KEYS for r in found)
    assert {r["state"] for r in found} == {"USA"}
    assert object_of(shell("exits", "--state", "COW240", "--format", "json")) == []


def test_csv_and_parquet_hold_what_json_holds(shell: Shell) -> None:
    plain = object_of(shell("exits", "--body", "unesco", "--format", "json"))
    done = shell("exits", "--body", "unesco", "--format", "csv")
    assert (done.returncode, done.stderr) == (0, "")
    table = pl.read_csv(BytesIO(done.stdout.encode()), infer_schema=False).fill_null("")
    assert table.columns == EXITS_KEYS
    for key in ("state", "body", "episode", "announced", "notified", "effective", "rejoined", "confidence"):
        assert table[key].to_list() == [r[key] or "" for r in plain]
    assert table["sources"].to_list() == [" | ".join(r["sources"]) for r in plain]
    done = shell("exits", "--body", "unesco", "--format", "parquet", "--out", "deep/er/exits.parquet")
    assert (done.returncode, done.stdout, done.stderr) == (0, "deep/er/exits.parquet\n", "")
    stored = pl.read_parquet(shell.here / "deep/er/exits.parquet")
    assert stored["episode"].to_list() == [r["episode"] for r in plain]
    assert stored["contested"].to_list() == [r["contested"] for r in plain]
    assert shell.left() == ["deep/er/exits.parquet"]


def test_a_table_is_one_line_a_row(shell: Shell) -> None:
    lines = shell("cases").stdout.splitlines()
    assert lines[0].split()[:3] == CASES_KEYS[:3] and len(lines) > 25
    lines = shell("status", "USA", "unfccc", "--as-of", "2026-01-08").stdout.splitlines()
    assert [line.split()[0].rstrip(":") for line in lines if not line.startswith(" ")] == STATUS_KEYS


LATIN = re.compile(r"[A-Za-z_]{3,}")


def test_tables_are_in_the_language_asked_for_and_data_keep_their_codes(call: Call) -> None:
    lines = call("members", "iib", "--as-of", "1980-01-01", "--lang", "zh-Hant").stdout.splitlines()
    assert lines[0].split()[:3] == ["國家", "名稱", "狀態"] and not LATIN.search(lines[0])
    assert "member" not in {cell for line in lines[2:] for cell in line.split()}
    plain = [call("cases", "--format", form, "--lang", "zh-Hant").stdout for form in ("csv", "json")]
    assert plain == [call("cases", "--format", form).stdout for form in ("csv", "json")]
    assert call("exits", "--state", "COW240", "--lang", "zh-Hant").stdout == "查無資料\n"


def test_every_declared_column_has_a_heading_in_every_language() -> None:
    from exeunt.i18n import LANGS, word
    from exeunt.record.opened import ANSWERS

    for name in {column.name for columns in ANSWERS.values() for column in columns}:
        assert all(word(f"column.{name}", lang) for lang in LANGS)
    for name, command in cli._commands().items():
        assert all(word(f"column.{column.name}", "zh-Hant") for column in command.columns()), name


@pytest.mark.parametrize("form", ["table", "csv", "json", "parquet"])
def test_an_answer_without_rows_can_be_written(tmp_path: Path, form: str) -> None:
    out = tmp_path / "nothing"
    emit([], form, out)
    if form == "json":
        assert json.loads(out.read_text(encoding="utf-8")) == []
    elif form == "parquet":
        assert pl.read_parquet(out).height == 0


def test_json_keeps_chinese_and_nested_values(tmp_path: Path) -> None:
    row = {"name": "納米比亞", "nested": [{"a": 1, "b": None}], "number": 0.1}
    emit([row], "json", tmp_path / "x.json", single=True)
    assert json.loads((tmp_path / "x.json").read_text(encoding="utf-8")) == row


@pytest.mark.parametrize("kind", ["exit", "join", "terms"])
def test_the_codebook_names_its_sources(shell: Shell, kind: str) -> None:
    rows = object_of(shell("codebook", kind, "--format", "json"))
    assert {s for r in rows for s in r["sources"].split()} <= set(all_cards())


def test_exits_by_outcome_are_counted(shell: Shell) -> None:
    rows = object_of(shell("codebook", "outcomes", "--format", "json"))
    assert [r["key"] for r in rows if r["by"] == "decade"] == [f"{y}s" for y in range(1940, 2030, 10)]
    assert rows[-1]["by"] == "all" and rows[-1]["raw"] > rows[-1]["cleaned"] > rows[-1]["core"]


def test_a_panel_says_how_many_rows_fell_out_and_why(shell: Shell, tmp_path: Path) -> None:
    out = tmp_path / "panel.parquet"
    done = shell("panel", "exit", "--outcome", "cleaned_vintage", "--origin", "1990", "--terms", "log_size", "populist",
                 "--state", "USA", "--format", "parquet", "--out", out)  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "no value for: populist government (state not covered)" in done.stderr and "after 1989" in done.stderr
    frame = pl.read_parquet(out)
    assert frame["year"].max() == 1989 and set(frame["state"]) == {"USA"}
    assert {"log_size", "populist", "reading", "reading_after"} <= set(frame.columns)


@pytest.mark.parametrize(
    "arguments",
    [
        ["state-year", "--terms", "log_size"], ["dyad-year", "--outcome", "core"], ["exit", "--outcome", "cleaned_vintage"],
        ["exit", "--origin", "1990"], ["exit", "--terms", "log_sise"], ["exit", "--last-year", "2026"],
        ["exit", "--outcome", "cleaned_vintage", "--origin", "1990", "--terms", "force_lead3"],
    ],
)  # fmt: skip
def test_a_panel_that_cannot_be_is_refused_in_a_sentence(shell: Shell, arguments: list[str]) -> None:
    done = shell("panel", *arguments, "--quiet")
    assert done.returncode == 2 and one_sentence(done.stderr), done.stderr


def test_cite_names_every_source(shell: Shell) -> None:
    done = shell("cite")
    assert done.returncode == 0
    assert len(done.stdout.splitlines()) == 1 + len(all_cards())
    assert shell("cite", "cow_igo").stdout.strip() == all_cards()["cow_igo"].citation


# --- files that cannot be written ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "arguments",
    [
        ["status", "USA", "un", "--format", "json"], ["cases", "--format", "csv"],
        ["exits", "--state", "USA", "--format", "parquet"], ["report", "usa-2026-01"],
    ],
)  # fmt: skip
def test_a_place_that_cannot_be_written_is_a_failure(shell: Shell, arguments: list[str]) -> None:
    (shell.here / "file").write_text("mine", encoding="utf-8")
    done = shell(*arguments, "--out", "file/x")
    assert (done.returncode, done.stdout) == (1, "")
    assert one_sentence(done.stderr), done.stderr
    assert "file/x" in done.stderr
    assert shell.left() == ["file"] and (shell.here / "file").read_text(encoding="utf-8") == "mine"


@pytest.mark.parametrize("arguments", [["cases"], ["report", "usa-2026-01"]])
def test_a_directory_is_no_file(shell: Shell, arguments: list[str]) -> None:
    (shell.here / "folder").mkdir()
    done = shell(*arguments, "--out", "folder")
    assert (done.returncode, done.stdout) == (1, "")
    assert one_sentence(done.stderr), done.stderr
    assert shell.left() == []


def test_a_write_that_fails_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    out = tmp_path / "x.json"
    emit([{"a": 1}], "json", out)

    def full(handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OutputError, match="No space left"):
        emit([{"a": 2}], "json", out)
    assert json.loads(out.read_text(encoding="utf-8")) == [{"a": 1}]
    assert [p.name for p in tmp_path.iterdir()] == ["x.json"]


def test_a_file_is_written_with_the_rights_that_the_user_wants(tmp_path: Path) -> None:
    before = os.umask(0o027)
    try:
        emit([{"a": 1}], "json", tmp_path / "x.json")
    finally:
        os.umask(before)
    assert (tmp_path / "x.json").stat().st_mode & 0o777 == 0o640


def test_parquet_is_not_for_the_screen() -> None:
    with pytest.raises(UsageError, match="--out"):
        emit([{"a": 1}], "parquet", None)


# --- imports ---------------------------------------------------------------------------------------------------------


def modules_after(code: str, home: Path) -> set[str]:
    """Names of the top-level modules that are loaded after some code."""
    script = f"{code}\nimport sys\nprint('MODULES', *sorted({{m.split('.')[0] for m in sys.modules}}))"
    done = subprocess.run(
        [sys.executable, "-c", script], env=environment(home), capture_output=True, encoding="utf-8", check=True
    )
    return set(done.stdout.splitlines()[-1].split()[1:])


HEAVY = {"polars", "numpy", "numba", "scipy", "duckdb", "jinja2", "pandas"}


def test_the_command_line_loads_nothing_heavy(tmp_path: Path) -> None:
    assert not modules_after("import exeunt.cli; exeunt.cli._build_parser('status')", tmp_path / "home") & HEAVY
    help_text = "import exeunt.cli\ntry: exeunt.cli.main(['--help'])\nexcept SystemExit: pass"
    assert not modules_after(help_text, tmp_path / "home") & HEAVY


def test_status_loads_no_database_and_no_compiler(tmp_path: Path) -> None:
    loaded = modules_after("import exeunt.cli; exeunt.cli.main(['status', 'USA', 'unfccc'])", tmp_path / "home")
    assert "polars" in loaded
    assert not loaded & {"duckdb", "numba", "scipy", "jinja2", "pandas"}


def test_the_public_names_load_when_they_are_used(tmp_path: Path) -> None:
    import exeunt as package

    assert not modules_after("import exeunt", tmp_path / "home") & HEAVY
    assert all(getattr(package, name) for name in package.__all__)
    assert package.open_record().version == open_record().version
    with pytest.raises(AttributeError, match="nothing_such"):
        _ = package.nothing_such


# --- interrupted, and pipes that close -------------------------------------------------------------------------------


@pytest.fixture
def running(shell: Shell) -> Iterator[subprocess.Popen[str]]:
    """Start a report on a cold cache, in a process group of its own as a shell would."""
    process = subprocess.Popen(
        [sys.executable, "-m", "exeunt", "report", "usa-2026-01", "--out", "out/report.html"],
        cwd=shell.here, env=environment(shell.home), stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8",
        start_new_session=True,
    )  # fmt: skip
    yield process
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()


@pytest.mark.parametrize("seconds", [0.0, 2.0], ids=["at once", "after two seconds"])
def test_an_interrupted_report_leaves_nothing(shell: Shell, running: subprocess.Popen[str], seconds: float) -> None:
    """Counted from the moment the output folder is there, which is when the command has begun its work."""
    deadline = time.monotonic() + 30
    while not (shell.here / "out").is_dir():
        assert running.poll() is None and time.monotonic() < deadline
        time.sleep(0.02)
    time.sleep(seconds)
    assert running.poll() is None, "it was done before it could be interrupted"
    os.killpg(running.pid, signal.SIGINT)
    out, err = running.communicate(timeout=30)
    assert running.returncode == 130, err
    assert out == "" and "Traceback" not in err, err
    assert "interrupted" in err.splitlines()[-1]
    assert shell.left() == []
    cached = [p.name for p in shell.home.rglob("*") if p.is_file()]
    assert not [name for name in cached if name.startswith(".") or "tmp" in name], cached


@pytest.mark.parametrize("arguments", [["exits", "--format", "json"], ["exits"], ["cite"]])
def test_a_pipe_that_closes_gives_no_traceback(shell: Shell, arguments: list[str]) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "exeunt", *arguments],
        cwd=shell.here, env=environment(shell.home), stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    assert process.stdout is not None and process.stderr is not None
    process.stdout.close()
    err = process.stderr.read().decode()
    process.stderr.close()
    process.wait(timeout=30)
    assert err == ""
    assert process.returncode in {0, 1, 141}


def test_a_screen_that_knows_no_chinese_gives_no_traceback(shell: Shell) -> None:
    environ = {**environment(shell.home), "PYTHONIOENCODING": "ascii"}
    done = subprocess.run(
        [sys.executable, "-m", "exeunt", "status", "西班牙國", "un"],
        cwd=shell.here, env=environ, capture_output=True, check=False,
    )  # fmt: skip
    assert done.returncode == 2 and b"Traceback" not in done.stderr
