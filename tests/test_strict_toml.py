"""TOML is read strictly: whatever does not fit is said in one sentence that names file, part, found and expected."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import msgspec
import pytest

from exeunt.core.errors import CompileError, UsageError
from exeunt.core.strict_toml import Strict, Text, Texts, convert
from exeunt.core.strict_toml import _read as read


class Count(Strict, frozen=True, kw_only=True, tag_field="look", tag="count"):
    table: Literal["acts", "cases"]
    at_least: Annotated[int, msgspec.Meta(ge=1, le=5)] = 1


class Fact(Strict, frozen=True, kw_only=True, tag_field="look", tag="fact"):
    fact: Text


class Claim(Strict, frozen=True, kw_only=True):
    id: Text
    check: Count | Fact | None = None
    sources: Texts | None = None


class Leave(Strict, frozen=True, kw_only=True):
    year: int
    back: int | None = msgspec.field(default=None, name="return")
    chance: float = 0.5

    def __post_init__(self) -> None:
        if self.back is not None and self.back <= self.year:
            raise ValueError(f"returns in {self.back}, which is not after {self.year}")


class Link(Strict, frozen=True, kw_only=True):
    source: str
    target: str


class File(Strict, frozen=True, kw_only=True):
    title: Text
    claim: tuple[Claim, ...] = ()
    leave: tuple[Leave, ...] = ()
    link: tuple[Link, ...] = ()
    signs: dict[str, Literal[1, -1]] = msgspec.field(default_factory=dict)


GOOD = """
title = "t"
signs = {distance = 1}
[[claim]]
id = "a"
sources = ["s"]
check = {look = "count", table = "acts", at_least = 2}
[[leave]]
year = 2026
return = 2030
chance = 1
[[link]]
source = "x"
target = "y"
"""


def test_what_fits_is_read(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(GOOD, encoding="utf-8")
    found = read(path, File)
    assert found == read(GOOD, File) and found.leave[0].back == 2030 and found.leave[0].chance == 1.0
    check = found.claim[0].check
    assert isinstance(check, Count) and check.at_least == 2


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ('title = "t"', 'titel = "t"', "the top of the file has no key 'titel'; did you mean title?"),
        ('title = "t"', 'title = "t"\nxx = 1', 
         "the top of the file has no key 'xx'; expected title, claim, leave, link, signs."),
        ('title = "t"', "", "the top of the file lacks title; add it."),
        ('title = "t"', 'title = ""', "title is empty; fill it in or take it out."),
        ('title = "t"', "title = 7", "title is 7; expected a text."),
        ("year = 2026", 'year = "soon"', "the leave 1: year is 'soon'; expected a whole number."),
        ("year = 2026", "year = true", "the leave 1: year is True; expected a whole number."),
        ("chance = 1", "chance = []", "the leave 1: chance is empty; fill it in or take it out."),
        ("return = 2030", "return = 2020", "the leave 1 returns in 2020, which is not after 2026."),
        ("distance = 1", "distance = 2", "signs.distance is 2; expected one of 1, -1."),
        ('id = "a"\n', 'id = "a"\nverdict = "x"\n', "the claim a has no key 'verdict'; expected id, check, sources."),
        ('sources = ["s"]', "sources = [1]", "the claim a: sources holds 1; expected a text."),
        ('sources = ["s"]', 'sources = "s"', "the claim a: sources is 's'; expected a list, each a text."),
        ('sources = ["s"]', "sources = []", "the claim a: sources is empty; fill it in or take it out."),
        ('look = "count"', 'look = "cuont"', 
         "check of the claim a: look is 'cuont'; expected one of count, fact; closest: count."),
        ('look = "count", ', "", "check of the claim a lacks look; add it, one of count, fact."),
        ('"acts"', '"act"', "check of the claim a: table is 'act'; expected one of acts, cases; closest: acts."),
        ("at_least = 2", "at_least = 9", "check of the claim a: at_least is 9; expected a whole number from 1 to 5."),
        ('target = "y"', 'target = "y"\nsign = "+"', "the link x → y has no key 'sign'; expected source, target."),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_said_in_one_sentence(old: str, new: str, says: str) -> None:
    assert old in GOOD
    text = GOOD.replace(old, new)
    with pytest.raises(UsageError) as caught:
        read(text, File, "mine.toml")
    assert str(caught.value) == f"mine.toml: {says}"
    assert "\n" not in str(caught.value)


def test_a_list_of_tables_that_is_none(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"link holds 3; write it as a table, \[\[link\]\]"):
        read('title = "t"\nlink = [3]', File, "mine.toml")
    with pytest.raises(UsageError, match=r"mine\.toml: leave is 3; expected a list"):
        read('title = "t"\nleave = 3', File, "mine.toml")


def test_a_table_by_itself_and_another_error(tmp_path: Path) -> None:
    with pytest.raises(CompileError, match="card x: the origin lacks year"):
        convert({}, Leave, "card x", "the origin", CompileError)
    with pytest.raises(UsageError, match=r"none\.toml cannot be read \(No such file"):
        read(tmp_path / "none.toml", File)
    (tmp_path / "b.toml").write_bytes(b"\xff")
    with pytest.raises(UsageError, match=r"b\.toml is not TOML"):
        read(tmp_path / "b.toml", File)
