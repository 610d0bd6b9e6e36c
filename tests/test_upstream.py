"""Raw files that are not the ones on their cards: what changed inside is told, and only `--accept` takes them."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pytest

from exeunt.core.errors import CompileError, UnknownNameError
from exeunt.etl import raw as contents
from exeunt.etl.coded import _apply_corrections as apply_corrections
from exeunt.etl.coded import read_corrections
from exeunt.etl.raw import _Contents, _differences
from exeunt.etl.raw import _contents_of as contents_of
from exeunt.record import cards
from test_compile import mend, small

PLAIN = _Contents(3, {"state": ("String", 0), "year": ("Int64", 1)})


@pytest.mark.parametrize(
    ("after", "lines"),
    [
        (PLAIN, ["rows, columns, types and empty cells are the same: values, their order or the way of writing differ"]),
        (_Contents(5, PLAIN.columns), ["rows: 3 before, 5 now, 2 more"]),
        (_Contents(2, PLAIN.columns), ["rows: 3 before, 2 now, 1 fewer"]),
        (_Contents(3, {"state": ("String", 0)}), ["columns lost: 'year'"]),
        (_Contents(3, {**PLAIN.columns, "day": ("Int64", 0)}), ["columns added: 'day'"]),
        (_Contents(3, {"state": ("String", 2), "year": ("Int64", 1)}), ["empty cells: 'state' 0 before, 2 now"]),
        (_Contents(3, {"state": ("String", 0), "year": ("String", 1)}), ["types: 'year' Int64 before, String now"]),
        (_Contents(3, dict(reversed(PLAIN.columns.items()))), ["the same columns in another order"]),
        (_Contents(4, {"code": ("String", 0), "year": ("Int64", 1)}),
         ["columns lost: 'state'", "columns added: 'code'", "rows: 3 before, 4 now, 1 more"]),
    ],
)  # fmt: skip
def test_what_changed_inside_is_told(after: _Contents, lines: list[str]) -> None:
    assert _differences(PLAIN, after) == lines


def test_many_changes_are_counted() -> None:
    before = _Contents(1, {f"c{n}": ("Int64", 0) for n in range(20)})
    (line,) = _differences(before, _Contents(1, {}))
    assert line.startswith("columns lost: 'c0'; 'c1'") and line.endswith("'c7' and 12 more")


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Cards of one's own, on which a refresh reads two made-up files: a CSV and a Parquet."""
    folder = tmp_path / "cards"
    shutil.copytree(cards.CARDS, folder, ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    sources = tmp_path / "sources"
    (sources / "wdi").mkdir(parents=True)
    pl.DataFrame({"Code": ["AAA", "BBB"], "Value": [1.0, None]}).write_parquet(sources / "wdi" / "gdp.parquet")
    (sources / "wdi" / "names.csv").write_text("Code,Name\nAAA,Alpha\nBBB,\n", encoding="utf-8")
    read = (("wdi", "gdp.parquet"), ("wdi", "names.csv"))
    card = (folder / "wdi" / "card.toml").read_text(encoding="utf-8").partition("[[file]]")[0]
    held = {}
    for key, name in read:
        path = sources / key / name
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        held[f"{key}/{name}"] = contents_of(path)
        card += f'[[file]]\nname = "{name}"\nsha256 = "{digest}"\nbytes = {path.stat().st_size}\nrows = 2\n\n'
    (folder / "wdi" / "card.toml").write_text(card, encoding="utf-8")
    (folder / "contents.json").write_bytes(contents._as_json(held))
    monkeypatch.setattr(cards, "CARDS", folder)
    monkeypatch.setattr(contents, "CARDS", folder)
    monkeypatch.setattr(contents, "CONTENTS", folder / "contents.json")
    monkeypatch.setattr(contents, "READ", read)
    cards.all_cards.cache_clear()
    yield sources
    cards.all_cards.cache_clear()


def change(sources: Path) -> None:
    pl.DataFrame({"Code": ["AAA", "BBB", "CCC"], "Worth": [1.0, None, 2.0]}).write_parquet(
        sources / "wdi" / "gdp.parquet"
    )
    (sources / "wdi" / "names.csv").write_text("Code,Name\nAAA,\nBBB,\n", encoding="utf-8")


def test_files_as_pinned_pass(world: Path) -> None:
    contents._verify(world)
    assert contents.accept(world, "wdi") == []


def test_every_changed_file_is_told_at_once(world: Path) -> None:
    change(world)
    with pytest.raises(CompileError) as error:
        contents._verify(world)
    lines = str(error.value).splitlines()
    assert lines[0] == "wdi/gdp.parquet has changed upstream: it is not the file on its card."
    assert lines[1].startswith("  sha256: ") and " on the card, " in lines[1]
    assert lines[2].startswith("  bytes: ")
    assert lines[3:6] == [
        "  columns lost: 'Value'", "  columns added: 'Worth'", "  rows: 2 before, 3 now, 1 more",
    ]  # fmt: skip
    assert f"`exeunt refresh --sources {world} --accept wdi`" in lines[6]
    assert "wdi/names.csv has changed upstream: it is not the file on its card." in lines
    assert "  empty cells: 'Name' 1 before, 2 now" in lines


def test_a_missing_and_a_broken_file_say_what_to_do(world: Path) -> None:
    (world / "wdi" / "names.csv").unlink()
    (world / "wdi" / "gdp.parquet").write_bytes(b"<html>Not found</html>")
    with pytest.raises(CompileError) as error:
        contents._verify(world)
    text = str(error.value)
    assert "gdp.parquet cannot be read as parquet" in text and "fetch it anew" in text
    assert "raw source wdi/names.csv is not in" in text and "--list" in text
    for _ in range(2):  # nothing is put on a card by halves
        with pytest.raises(CompileError):
            contents.accept(world, "wdi")


def test_accepting_puts_the_new_files_on_the_card_and_nothing_else(world: Path) -> None:
    before = (cards.CARDS / "wdi" / "card.toml").read_text(encoding="utf-8")
    change(world)
    assert contents.accept(world, "wdi") == ["gdp.parquet", "names.csv"]
    contents._verify(world)
    after = (cards.CARDS / "wdi" / "card.toml").read_text(encoding="utf-8")
    assert [a for a, b in zip(after.splitlines(), before.splitlines(), strict=True) if a != b] == [
        line for line in after.splitlines() if line not in before.splitlines()
    ]
    assert after.partition("[[file]]")[0] == before.partition("[[file]]")[0]
    assert "rows = 3" in after
    assert contents._kept()["wdi/gdp.parquet"].columns == {"Code": ("String", 0), "Worth": ("Float64", 1)}
    assert contents.accept(world, "wdi") == []


def test_accepting_what_is_not_read_is_wrong_use(world: Path) -> None:
    with pytest.raises(UnknownNameError, match="wdi"):
        contents.accept(world, "wdii")


def test_a_card_written_otherwise_is_left_alone(world: Path) -> None:
    path = cards.CARDS / "wdi" / "card.toml"
    path.write_text(path.read_text(encoding="utf-8").replace("[[file]]\nname", "[[file]]\n\nname"), encoding="utf-8")
    cards.all_cards.cache_clear()
    change(world)
    before = path.read_bytes(), contents.CONTENTS.read_bytes()
    with pytest.raises(CompileError, match="add it by hand"):
        contents.accept(world, "wdi")
    assert (path.read_bytes(), contents.CONTENTS.read_bytes()) == before


def test_every_card_entry_can_be_rewritten() -> None:
    """The real cards are written in the form that `accept` knows."""
    for key, name in contents.READ:
        text = (cards.CARDS / key / "card.toml").read_text(encoding="utf-8")
        assert f'[[file]]\nname = "{name}"\nsha256 = "{cards.card(key).files[name]}"\nbytes = ' in text


# --- corrections against an upstream that was mended -----------------------------------------------------------------


def told(items: list[dict[str, object]]) -> str:
    with pytest.raises(CompileError) as error:
        apply_corrections(small([[0], [1], [1], [0]]), items)
    text = str(error.value)
    assert "\n" not in text and text.endswith("."), text
    return text


def test_a_mended_upstream_is_told_with_what_it_says_now() -> None:
    text = told([{**mend(first_year=1960, last_year=1963), "file": "cow_igo.toml"}])
    assert text.startswith(
        "cow_igo.toml, correction mend: expected 0 (not_member) for COW state 1 in b0 in each year 1960–1963, the source has "
        "0 in 1960, 1 in 1961–1962, 0 in 1963: upstream may be mended;"
    )
    assert "take the correction out" in text
    assert "no such years" in told([mend(cow=9)])


@pytest.mark.parametrize(
    ("lines", "says"),
    [
        ("[[correction", "cannot be read as TOML"),
        ("x = 1", "needs `source`"),
        ('source = "cow_igo"\n[[correction]]\nid = "a"\nkind = "cells"\nreason = "r"\nsources = []',
         "correction 'a': it lacks code, cow, expect, first_year, last_year, status"),
        ('source = "cow_igo"\n[[correction]]\nid = "a"\nkind = "cells"\nreason = "r"\nsources = []\ncow = "2"\ncode = "un"\n'
         "first_year = 1\nlast_year = 2\nexpect = 0\nstatus = 1", "cow is '2'; expected a whole number"),
        ('source = "cow_igo"\n[[correction]]\nid = "a"\nkind = "cells"\nreason = "r"\nsources = []\ncow = 2\ncode = "un"\n'
         "first_year = 1\nlast_year = 2\nexpect = 7\nstatus = 1", "expect is 7; expected one of 0 not_member"),
    ],
)  # fmt: skip
def test_a_correction_written_wrongly_is_told(tmp_path: Path, lines: str, says: str) -> None:
    path = tmp_path / "c.toml"
    path.write_text(lines, encoding="utf-8")
    with pytest.raises(CompileError) as error:
        read_corrections(path)
    text = str(error.value)
    assert text.startswith("c.toml") and says in text and "\n" not in text and text.endswith("."), text
