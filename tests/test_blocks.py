"""Every block of every page: quick commands and Python run, long commands are parsed, files are read.

A command that fits models or plays worlds takes minutes; it is parsed here and run by the tests of its room. Pages whose
blocks have tests of their own are only parsed here.
"""

from __future__ import annotations

import re
import shutil
import tomllib
from pathlib import Path

import pytest

from exeunt import cli
from pages import blocks, commands, printed, quoted
from tiny import ROOT

PAGES = {path.relative_to(ROOT).as_posix(): path.read_text(encoding="utf-8")
         for path in [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]}  # fmt: skip
LONG = {"argue", "attributes", "calibration", "compare", "explain", "feedback", "figure", "forecast", "report", "sequence",
        "simulate"}  # fmt: skip
"""Commands that fit or simulate, each with the tests of its own."""
SERVE_OR_BUILD = {"serve", "refresh"}
OWN_TESTS = {
    "docs/how-to/questions.md": "test_questions.py",
    "docs/how-to/ask-what-follows.md": "test_how_to.py",
    "docs/how-to/add-an-act.md": "test_how_to.py",
    "docs/how-to/get-the-raw-sources.md": "test_how_to.py",
    "docs/how-to/add-an-explanation.md": "test_own.py",
    "docs/how-to/argue.md": "test_argue_command.py",
}
"""Page → the test that runs its blocks."""
LANGUAGES = {"text", "toml", "python", "csv", "{toctree}", "{eval-rst}", ""}


def quick(call: list[str]) -> bool:
    return bool(call) and not call[0].startswith("-") and call[0] not in LONG | SERVE_OR_BUILD


RUN = sorted(
    name for name, text in PAGES.items()
    if name not in OWN_TESTS and (any(map(quick, commands(text))) or blocks(text, "python"))
)  # fmt: skip


def test_pages_with_tests_of_their_own_are_named_in_them() -> None:
    for page, test in OWN_TESTS.items():
        assert Path(page).name.removesuffix(".md") in (ROOT / "tests" / test).read_text(encoding="utf-8"), page


@pytest.mark.parametrize("page", PAGES)
def test_commands_on_a_page_can_be_given(page: str) -> None:
    for call in commands(PAGES[page]):
        if call == ["--help"]:
            continue
        assert cli._build_parser().parse_args(call).run, call


@pytest.mark.parametrize("page", PAGES)
def test_blocks_are_of_a_kind_that_is_tested(page: str) -> None:
    opened = re.findall(r"^```(.*)$", PAGES[page], re.MULTILINE)
    assert set(opened) <= LANGUAGES and len(opened) % 2 == 0
    for block in blocks(PAGES[page], "toml"):
        tomllib.loads(block)
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    for target in re.findall(r"^    make ([a-z-]+)|`make ([a-z-]+)`", PAGES[page], re.MULTILINE):
        assert "".join(target) in targets, target
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["optional-dependencies"]
    assert set(re.findall(r"exeunt\[(\w+)\]", PAGES[page])) <= set(extras)


@pytest.mark.parametrize("page", RUN)
def test_quick_blocks_run(
    page: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    if page.endswith("export-and-query.md"):
        Path("query.sql").write_text("SELECT act FROM acts LIMIT 3", encoding="utf-8")
    outputs = []
    for call in filter(quick, commands(PAGES[page])):
        if call[0] == "diff" and not Path("old.zip").exists():
            made = Path("part.zip") if Path("part.zip").exists() else Path("record.zip")
            shutil.copy(made, "old.zip")
            shutil.copy(made, "new.zip")
        assert cli.main([*call, "--quiet"]) == 0, (call, capsys.readouterr().err)
        outputs.append(capsys.readouterr().out)
        assert outputs[-1] or "--out" in call, call
    for block in blocks(PAGES[page], "python"):
        exec(block, {"__name__": "block"})
        outputs.append(capsys.readouterr().out)
        assert outputs[-1]
    if page == "docs/tutorial.md":
        assert len(quoted(PAGES[page])) > 15
        for said in quoted(PAGES[page]):
            assert any(printed(said, output) for output in outputs), said


def test_the_scenario_on_the_page_is_read(tmp_path: Path) -> None:
    from exeunt.simulate.scenario import read

    (block,) = blocks(PAGES["docs/how-to/simulate.md"], "toml")
    (tmp_path / "mine.toml").write_text(block, encoding="utf-8")
    assert read(str(tmp_path / "mine.toml"))
    (tmp_path / "mine.toml").write_text(block.replace("year = 2030", 'year = "soon"'), encoding="utf-8")
    with pytest.raises(Exception, match="year"):
        read(str(tmp_path / "mine.toml"))


def test_the_addresses_on_the_page_of_the_explorer_answer() -> None:
    from starlette.testclient import TestClient

    from exeunt.record.opened import open_record
    from exeunt.web import app as web_app
    from exeunt.web.jobs import Jobs
    from exeunt.web.queries import Queries
    from exeunt.web.security import Guard

    text = PAGES["docs/how-to/explore.md"]
    asked = [
        *re.findall(r"^\| `(/[^`]+)`", text, re.MULTILINE),
        *re.findall(r"^    curl '\S+?:8470(/[^']+)'", text, re.MULTILINE),
    ]
    assert len(asked) > 11
    app = web_app._build(Queries(open_record()), Jobs(lambda *_: []), Guard.hosts_of("127.0.0.1", 8470))
    with TestClient(app, base_url="http://127.0.0.1:8470") as client:
        for address in asked:
            assert client.get(address).status_code == 200, address
