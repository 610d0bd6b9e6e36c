"""The how-to pages: their commands run, their example is a sound row, and their error messages are the real ones."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import polars as pl
import pytest

from exeunt.etl.raw import READ, raw_files
from exeunt.record.schema import TABLE
from tiny import ROOT, SOURCES, exeunt

PAGES = ROOT / "docs" / "how-to"
ADD = (PAGES / "add-an-act.md").read_text(encoding="utf-8")
GET = (PAGES / "get-the-raw-sources.md").read_text(encoding="utf-8")


def block(text: str, language: str) -> str:
    (found,) = re.findall(rf"```{language}\n(.*?)```", text, re.DOTALL)
    return str(found)


def commands(text: str) -> list[list[str]]:
    return [line.split() for line in re.findall(r"^    \.venv/bin/exeunt (.*)$", text, re.MULTILINE)]


ROW = block(ADD, "csv")


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A place with the curated facts, the example added at the end of the acts."""
    shutil.copytree(ROOT / "data", tmp_path / "data")
    with (tmp_path / "data" / "curated" / "acts.csv").open("a", encoding="utf-8", newline="") as stream:
        stream.write(ROW)
    return tmp_path


def test_the_example_checks_clean(checkout: Path) -> None:
    call = next(c for c in commands(ADD) if "--data" in c)
    done = exeunt(*call, cwd=checkout, home=checkout / "home")
    assert (done.returncode, done.stderr) == (0, ""), done.stdout
    before = (ROOT / "data" / "curated" / "acts.csv").read_text(encoding="utf-8").count("\n") - 1
    assert f"{before + 1} acts" in done.stdout and "no rule broken" in done.stdout


def test_the_errors_shown_are_those_given(checkout: Path) -> None:
    path = checkout / "data" / "curated" / "acts.csv"
    good = path.read_text(encoding="utf-8")
    numbers = re.compile(r"line \d+|one of \d+")
    for shown, (old, new) in zip(
        block(ADD, "text").splitlines(),
        [(",organ_position,2026-02-06,", ",organ_postion,2026-02-06,"), (",2026-02-06,,org", ",2026-02-30,,org")],
        strict=True,
    ):
        head, tail = good[: -len(ROW)], ROW.replace(old, new)
        assert tail != ROW
        path.write_text(head + tail, encoding="utf-8")
        done = exeunt("check", "--data", "data", cwd=checkout, home=checkout / "home")
        assert done.returncode == 1
        assert numbers.sub("", done.stdout.strip()) == numbers.sub("", shown)


def test_every_column_of_an_act_is_explained() -> None:
    for column in TABLE["acts"].columns:
        assert f"`{column.name}`" in ADD


def test_the_commands_of_the_page_run(tmp_path: Path) -> None:
    for call in commands(ADD):
        if "refresh" in call:
            continue
        done = exeunt(*call, cwd=ROOT, home=tmp_path / "home")
        assert (done.returncode, done.stderr) == (0, ""), (call, done.stderr)
        assert done.stdout


def test_the_page_on_sources_counts_what_can_be_fetched() -> None:
    ready = [f.name for f in raw_files() if f.read and f.address]
    assert len(ready) == 1 and f"Of the {len(READ)} files that a refresh reads, one can be fetched" in GET
    options = {part for call in commands(GET) for part in call if part.startswith("--")}
    assert options == {"--list", "--download", "--sources", "--accept"}


@pytest.mark.refresh
def test_the_example_is_compiled(checkout: Path) -> None:
    if not SOURCES.is_dir():
        pytest.skip(f"no raw sources at {SOURCES}; name their folder in EXEUNT_SOURCES")
    call = ("refresh", "--sources", SOURCES, "--data", "data", "--target", "facts")
    done = exeunt(*call, cwd=checkout, home=checkout / "home", timeout=300)
    assert done.returncode == 0, done.stderr
    acts = pl.read_parquet(checkout / "facts" / "ship" / "acts.parquet")
    (row,) = acts.filter(pl.col("act_id") == "ex-001").to_dicts()
    assert (row["episode"], row["act"], row["date"]) == ("usa-who-2025", "organ_position", "2026-02-06")


def test_the_page_on_what_follows_runs(capsys: pytest.CaptureFixture[str]) -> None:
    from exeunt import cli

    page = (PAGES / "ask-what-follows.md").read_text(encoding="utf-8")
    calls = [*commands(page), *(line.split() for line in re.findall(r"`exeunt ([^`]+)`", page) if line != "cases")]
    assert len(calls) > 8
    for call in calls:
        if "worlds" in call:  # a minute of fits; test_consequence_worlds.py runs that view
            assert cli._build_parser().parse_args(call).run
            continue
        assert cli.main([*call, "--quiet"]) == 0, call
        assert capsys.readouterr().out
    exec(block(page, "python"), {})
    lines = capsys.readouterr().out.splitlines()
    assert lines and all(len(line.split()) == 5 for line in lines)


def test_the_addresses_of_the_explorer_answer() -> None:
    from starlette.testclient import TestClient

    from exeunt.record.opened import open_record
    from exeunt.web.app import _build as build
    from exeunt.web.jobs import LARGEST, MOST_RUNNING, MOST_WAITING, Jobs, _checked
    from exeunt.web.queries import Queries
    from exeunt.web.security import Guard

    text = (PAGES / "explore.md").read_text(encoding="utf-8")
    client = TestClient(
        build(Queries(open_record()), Jobs(), Guard.hosts_of("127.0.0.1", 8470)), base_url="http://127.0.0.1:8470"
    )
    shown = re.findall(r"^\| `(/[^`]*)`", text, re.MULTILINE)
    asked = re.findall(r"curl '(http://[^']*)'", text)
    assert len(shown) == 8 and len(asked) == 4
    for address in [*shown, *asked, "/api", "/api/openapi.json", "/api/scenarios"]:
        assert client.get(address).status_code == 200, address
    assert client.get(asked[-1]).json()[0]["key"] == "unesco"
    (job,) = re.findall(r"-d '(\{.*?\})'", text)
    assert _checked(json.loads(job))["worlds"] == 100
    assert f"may be {LARGEST:,}" in text and (MOST_RUNNING, MOST_WAITING) == (1, 4)
