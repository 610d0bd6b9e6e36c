"""`exeunt argue`: figures traced to commands, formats, files to start from, and the page that walks through one."""

from __future__ import annotations

import csv
import io
import json
import re
import shlex
from pathlib import Path

import duckdb
import polars as pl
import pytest

from arguing import BESIDE, CRITIQUE, content_of
from exeunt import cli
from exeunt.argument import checks, models
from exeunt.argument.argument import KINDS, scaffold, shipped
from exeunt.argument.verdict import _Judged as Judged
from exeunt.record.schema import TABLES
from exeunt.record.store import Record
from tiny import ROOT

pytestmark = pytest.mark.usefixtures("kept_estimates")


def test_every_figure_is_traced_to_a_command(
    answers: dict[str, Judged], record: Record, capsys: pytest.CaptureFixture[str]
) -> None:
    base = duckdb.connect()
    for table in TABLES:
        base.execute(f"CREATE VIEW {table.name} AS SELECT * FROM read_parquet('{record.file(table.name)}')")
    printed: dict[str, str] = {}
    for answer in answers.values():
        for claim in answer.claims:
            for part in claim.parts:
                assert part.commands
                for command in part.commands:
                    word, *call = shlex.split(command)
                    assert word == "exeunt"
                    if call[0] in BESIDE or (BESIDE and "--view" in call):
                        continue
                    cli._build_parser().parse_args(call)
                    if call[0] == "sql":
                        done = base.execute(call[1])
                        names = [column[0] for column in done.description or ()]
                        rows = [dict(zip(names, row, strict=True)) for row in done.fetchall()]
                        if part.look == "count":
                            assert [row["n"] for row in rows] == [part.number]
                        elif part.look == "listed":
                            assert len(rows) == part.number
                        elif part.look == "total":
                            (whole,) = [row["usd"] for row in rows if row["body"] is None]
                            assert whole == pytest.approx(part.number)
                        elif part.look == "share":
                            assert [row["share_pct"] for row in rows] == pytest.approx([part.number])
                        elif part.look == "between" and "per_cent" in rows[0]:
                            assert rows[0]["per_cent"] == pytest.approx(part.number)
                        else:
                            assert bool(rows) == (part.holds is not None)
                    elif call[0] in ("status", "exits", "money") and "--view" not in call:
                        if command not in printed:
                            assert cli.main(call) == 0
                            printed[command] = capsys.readouterr().out
                        shown = printed[command]
                        if part.look == "status":
                            assert part.found[0].values["status"] in shown
                        elif part.look in ("money", "change") and part.holds is not None:
                            told = part.found[0].values
                            figure = re.findall(r"[\d,]{4,}", str(told.get("figures") or told["last"]))
                            assert any(one in shown for one in figure) or part.look == "change"
        for link in answer.links:
            for command in link.commands:
                if command.split()[1] not in BESIDE:
                    cli._build_parser().parse_args(shlex.split(command)[1:])
    one = next(c for claim in answers[CRITIQUE].claims for c in claim.commands if "count(*)" in c)
    assert cli.main(shlex.split(one)[1:]) == 0 and "66" in capsys.readouterr().out


def test_the_command_answers_in_every_format(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["argue", CRITIQUE, "--quiet", "--format", "json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert next(iter(found)) == "argument" and {"claims", "links", "tally", "summary"} <= set(found)
    assert set(found["claims"][0]) >= {"id", "kind", "claim", "verdict", "figure", "sources", "command"}
    assert set(found["links"][0]) >= {
        "source", "target", "sign", "verdict", "estimate", "low", "high", "outcome", "sources", "command",
    }  # fmt: skip
    assert cli.main(["argue", CRITIQUE, "--quiet", "--format", "csv"]) == 0
    rows = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    assert len(rows) == len(found["claims"]) + len(found["links"])
    out = tmp_path / "a.parquet"
    assert cli.main(["argue", CRITIQUE, "--quiet", "--format", "parquet", "--out", str(out)]) == 0
    assert pl.read_parquet(out).height == len(rows)
    capsys.readouterr()
    assert cli.main(["argue", CRITIQUE, "--quiet", "--lang", "zh-Hant"]) == 0
    shown = capsys.readouterr().out
    assert (
        "獲支持" in shown
        and "此論證可以與不可以主張者" in shown
        and "goes with" not in shown.replace("goes with what", "")
    )
    assert cli.main(["argue", "--list", "--format", "json"]) == 0
    assert [row["argument"] for row in json.loads(capsys.readouterr().out)] == list(shipped())
    assert cli.main(["argue", CRITIQUE, "--facts", "--format", "json"]) == 0
    assert len(json.loads(capsys.readouterr().out)) == len(content_of()["fact"])


def test_a_new_file_is_valid_as_it_stands(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert cli.main(["argue", "--new", "my-text"]) == 0
    assert capsys.readouterr().out.strip() == "my-text.toml"
    assert cli.main(["argue", "my-text.toml", "--quiet", "--format", "json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert {c["id"]: c["verdict"] for c in found["claims"]} == {
        "batch-of-66": "supported", "out-of-who": "partly", "a-third": "supported", "a-mistake": "untestable",
    }  # fmt: skip
    assert all(kind in scaffold("x") for kind in (*KINDS, *checks.LOOKS, *models.TESTS))
    assert cli.main(["argue", "--new", "my-text"]) == 2
    assert "is there already" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (["critique"], "closest: critique-of-batch-2026"),
        (["nowhere.toml"], "there is no file nowhere.toml"),
        ([], "no argument is named"),
        (["--new", "My Text"], "is not a name for an argument"),
        (["--new", CRITIQUE], "is a shipped argument"),
    ],
)
def test_wrong_calls_exit_with_two(call: list[str], says: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["argue", *call]) == 2
    assert says in capsys.readouterr().err


def blocks(text: str, language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", text, re.DOTALL)


def test_the_how_to_page_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    page = (ROOT / "docs" / "how-to" / "argue.md").read_text(encoding="utf-8")
    calls = re.findall(r"^    exeunt (argue .*)$", page, re.MULTILINE)
    assert len(calls) == 6
    for number, call in enumerate(calls):
        if number == 4:  # everything that the page adds stands in the file by now
            with (tmp_path / "my-text.toml").open("a", encoding="utf-8") as stream:
                stream.write("\n" + "\n".join(blocks(page, "toml")))
        assert cli.main([*call.split(), "--quiet"]) == 0, call
    capsys.readouterr()
    assert (tmp_path / "my-text.svg").read_text(encoding="utf-8").startswith("<svg")
    assert cli.main(["argue", "my-text.toml", "--quiet", "--format", "json"]) == 0
    found = {c["id"]: c["verdict"] for c in json.loads(capsys.readouterr().out)["claims"]}
    assert found["left-in-2017"] == "partly" and found["to-please-voters"] == "untestable"
    assert found["unfpa-third"] == found["nine-in-ten"] == "contradicted"
    good = (tmp_path / "my-text.toml").read_text(encoding="utf-8")
    changes = [
        ('source = "decline"\ntarget = "exit"', 'source = "decline"\ntarget = "exits"'),
        ('source = "decline"\ntarget = "exit"\nsign = "+"', 'source = "decline"\ntarget = "exit"'),
        ('id = "to-please-voters"\nkind = "motive"', 'id = "to-please-voters"\nkind = "guess"'),
        ('fund = "all", year = 2016', 'fund = "all", yaer = 2016'),
    ]
    for shown, (old, new) in zip(blocks(page, "text")[0].splitlines(), changes, strict=True):
        assert good.count(old) == 1
        (tmp_path / "my-text.toml").write_text(good.replace(old, new), encoding="utf-8")
        assert cli.main(["argue", "my-text.toml"]) == 2
        assert capsys.readouterr().err.strip() == shown
