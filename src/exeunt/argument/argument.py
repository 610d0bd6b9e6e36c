"""An argument: claims and signed links of a published text, read strictly from TOML. No verdict stands in the file.

The top of the file holds `title`, `about`, and where the text was published: `author`, `outlet`, `date`, `address`; a claim or
link from elsewhere names its own. Then lists of tables: `[[variable]]` (what links join), `[[fact]]` (dated or counted
statements with their sources, for what the record has no table), `[[claim]]`, `[[link]]`. Text that a reader sees may stand in
Chinese beside the English, under the same key with `_zh`. Claims carry small declarative checks (`checks.py`), links name the
models that test them (`models.py`). Both are described in `docs/method/argument.md`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal, get_args

import msgspec

from exeunt.argument.checks import LOOKS, _Fact, _Place, check_claim
from exeunt.argument.models import TESTS, _check_test
from exeunt.core.dates import parse
from exeunt.core.errors import BadDateError, UnknownNameError, UsageError
from exeunt.core.strict_toml import Strict, Text, convert
from exeunt.core.strict_toml import parse as parse_toml

SHIPPED: Final = Path(__file__).parent / "arguments"
Kind = Literal["fact", "figure", "sequence", "motive", "evaluation", "forecast"]
KINDS: Final[tuple[Kind, ...]] = get_args(Kind)
UNTESTABLE: Final = ("motive", "evaluation")
ORIGIN: Final = ("author", "outlet", "date", "address")
Table = dict[str, Any]


class _Published(Strict, frozen=True, kw_only=True):
    """Where something was published; what is not known is None."""

    author: Text | None = None
    outlet: Text | None = None
    date: Text | None = None
    address: Text | None = None

    @property
    def origin(self) -> dict[str, str | None]:
        """Author, outlet, date and address."""
        return {key: getattr(self, key) for key in ORIGIN}


class _Variable(Strict, frozen=True, kw_only=True):
    """Something that links join."""

    name: Text
    label: Text
    label_zh: Text | None = None
    means: Text
    means_zh: Text | None = None


class _Claim(_Published, frozen=True, kw_only=True):
    """One claim in our neutral wording."""

    id: Text
    kind: Kind
    claim: Text
    claim_zh: Text | None = None
    sources: tuple[Text, ...] = ()
    figures: tuple[str | int | float, ...] = ()
    check: Table | tuple[Table, ...] = ()
    off_subject: Text | None = None
    off_subject_zh: Text | None = None
    searched: Text | None = None
    searched_zh: Text | None = None
    earlier: int | None = None
    note: Text | None = None
    note_zh: Text | None = None

    @property
    def checks(self) -> tuple[Table, ...]:
        """Its checks: one table, or a list of them."""
        return (self.check,) if isinstance(self.check, dict) else self.check


class _Link(_Published, frozen=True, kw_only=True):
    """One signed link between two variables."""

    source: Text
    target: Text
    sign: Literal["+", "-", "−"]
    test: Table | tuple[Table, ...] = ()
    note: Text | None = None
    note_zh: Text | None = None

    @property
    def direction(self) -> int:
        """1 where more of the source goes with more of the target, -1 where with less."""
        return 1 if self.sign == "+" else -1

    @property
    def tests(self) -> tuple[Table, ...]:
        """The models that test it: one table, or a list of them."""
        return (self.test,) if isinstance(self.test, dict) else self.test


class _File(_Published, frozen=True, kw_only=True):
    title: Text
    title_zh: Text | None = None
    about: Text
    about_zh: Text | None = None
    variable: tuple[_Variable, ...] = ()
    fact: tuple[_Fact, ...] = ()
    claim: tuple[_Claim, ...] = ()
    link: tuple[_Link, ...] = ()


@dataclass(frozen=True)
class _Argument:
    """An argument as read; `call` is what the command line was told."""

    name: str
    call: str
    title: str
    title_zh: str | None
    about: str
    about_zh: str | None
    origin: dict[str, str | None]
    variables: dict[str, _Variable]
    facts: dict[str, _Fact]
    claims: tuple[_Claim, ...]
    links: tuple[_Link, ...]


def shipped() -> tuple[str, ...]:
    """Names of the arguments that come with the package."""
    return tuple(sorted(path.stem for path in SHIPPED.glob("*.toml")))


def read(name: str) -> _Argument:
    """Read a shipped argument by name, or a file whose name ends in .toml.

    Raises
    ------
    UnknownNameError, for a name that is neither; UsageError, one sentence, for what the schema does not allow.
    """
    path = Path(name) if name.endswith(".toml") else SHIPPED / f"{name}.toml"
    if not path.is_file():
        if name.endswith(".toml"):
            raise UsageError(f"there is no file {name}; name one that exists, or write one with `exeunt argue --new`.")
        raise UnknownNameError("argument", name, shipped())
    return _of_content(path.stem, name, parse_toml(path))


def _of_content(name: str, call: str, content: dict[str, Any]) -> _Argument:
    """An argument from parsed TOML; raises UsageError or UnknownNameError, one sentence each."""
    place = f"{name}.toml"
    file = convert(content, _File, place)
    if not file.claim and not file.link:
        raise UsageError(f"{place} holds no claim and no link; write at least one [[claim]] or [[link]].")
    _check_origin(_Place(place, "the top of the file"), file)
    variables = {one.name: one for one in file.variable}
    facts = {one.id: one for one in file.fact}
    called = {
        "variable": [one.name for one in file.variable], "fact": [one.id for one in file.fact],
        "claim": [one.id for one in file.claim],
    }  # fmt: skip
    for table, keys in called.items():
        twice = next((key for key in keys if keys.count(key) > 1), None)
        if twice is not None:
            raise UsageError(f"{place}: two {table}s are called {twice!r}; give each a name of its own.")
    for fact in file.fact:
        _check_fact(_Place(place, f"the fact {fact.id}"), fact)
    whole = {key: value for key, value in file.origin.items() if value is not None}
    claims = tuple(_within(one, whole) for one in file.claim)
    links = tuple(_within(one, whole) for one in file.link)
    for claim in claims:
        _check_claim(_Place(place, f"the claim {claim.id}"), claim, facts)
    pairs = [(link.source, link.target) for link in links]
    for link in links:
        _check_link(_Place(place, f"the link {link.source} → {link.target}"), link, variables)
        if pairs.count((link.source, link.target)) > 1:
            raise UsageError(f"{place}: the link from {link.source} to {link.target} stands there twice; keep one.")
    used = {variable for pair in pairs for variable in pair}
    for variable in variables:
        if variable not in used:
            raise UsageError(
                f"{place}: the variable {variable!r} dangles, for no link names it; add a [[link]] or take it out."
            )
    return _Argument(
        name, call, file.title, file.title_zh, file.about, file.about_zh, file.origin, variables, facts, claims, links
    )


def _within(one: Any, whole: dict[str, str]) -> Any:
    """A claim or link, published where the file says unless it names another place."""
    return msgspec.structs.replace(one, **{key: value for key, value in whole.items() if getattr(one, key) is None})


def _check_origin(place: _Place, one: _Published) -> None:
    if one.date is not None:
        try:
            parse(one.date)
        except BadDateError as error:
            raise UsageError(f"{place}: date: {error}") from None
    if one.address is not None:
        _check_addresses(place, "address", (one.address,))


def _check_addresses(place: _Place, key: str, found: Iterable[str]) -> None:
    for one in found:
        if not one.startswith(("https://", "http://")) or " " in one:
            raise UsageError(
                f"{place}: {key} holds {one!r}; expected a web address that begins with https:// or http://."
            )


def _check_fact(place: _Place, fact: _Fact) -> None:
    _check_addresses(place, "sources", fact.sources)
    if fact.date is None and fact.number is None and fact.word is None and not fact.sought:
        raise UsageError(
            f"{place} has nothing that a check could compare; give it a date, a number or a word, or sought = true where it "
            "was looked for and not found."
        )
    _check_origin(place, _Published(date=fact.date))


def _check_claim(place: _Place, claim: _Claim, facts: dict[str, _Fact]) -> None:
    _check_origin(place, claim)
    _check_addresses(place, "sources", claim.sources)
    if claim.address is None and not claim.sources:
        raise UsageError(f"{place} has no source; name the address of the text, or what it rests on in sources.")
    if claim.kind in UNTESTABLE and claim.off_subject is not None:
        raise UsageError(f"{place} is of the kind {claim.kind}, which is untestable anyhow; take off_subject out.")
    for check in claim.checks:
        check_claim(place, check, facts, claim.kind)


def _check_link(place: _Place, link: _Link, variables: dict[str, _Variable]) -> None:
    for end in (link.source, link.target):
        if end not in variables:
            raise UsageError(
                f"{place}: {end!r} dangles, for there is no such variable; known: {', '.join(variables) or 'none'}."
            )
    _check_origin(place, link)
    if link.address is None:
        raise UsageError(f"{place} has no source; name the address of the text that draws it.")
    for test in link.tests:
        _check_test(place, test)


# --- a file to start from --------------------------------------------------------------------------------------------

_NAME: Final = re.compile(r"[a-z0-9][a-z0-9-]*")
_NEW: Final = """\
# {name}: an argument to put to the test. Run it with: exeunt argue {name}.toml
# No verdict stands in this file. It says what is claimed and where to look; the record and the models answer.

title = "{name}"
about = "What the text argues, in one neutral sentence."
# Where the text was published. A claim or link taken from elsewhere can name its own.
author = "Name of the author"
outlet = "Name of the outlet"
date = "2026-01-08"
address = "https://example.org/the-text"

# A fact is something the record has no table for: a date, a number or a word, with its sources. `sought = true` stands where
# it was looked for and not found. See what a file holds with: exeunt argue {name}.toml --facts
[[fact]]
id = "share_announced"
says = "the outlet put the share of the 66 bodies with something to leave at a third"
number = 33
unit = "per cent"
sources = ["https://example.org/the-text"]

# kind is one of {kinds}. Motives and evaluations get no verdict;
# that somebody GAVE a reason is a fact. Word claims neutrally, in your own words.
# check looks at one thing or a list of things: {looks}.
[[claim]]
id = "batch-of-66"
kind = "figure"
claim = "The memorandum of 7 January 2026 lists 66 bodies."
figures = ["66"]
check = {{ look = "count", table = "case_bodies", where = {{ case = "usa-2026-01" }}, equals = 66 }}

[[claim]]
id = "out-of-who"
kind = "sequence"
claim = "The United States had left the World Health Organization before 7 January 2026."
check = [
  {{ look = "act", state = "USA", body = "who", act = "notified", last = "2026-01-07" }},
  {{ look = "status", state = "USA", body = "who", on = "2026-01-07", is = "not_member" }},
]

[[claim]]
id = "a-third"
kind = "figure"
claim = "A third of the 66 bodies can be left."
check = {{ look = "fact", fact = "share_announced", equals = 33, within = 1 }}

[[claim]]
id = "a-mistake"
kind = "evaluation"
claim = "Leaving was a mistake."

# Links join variables, with a sign: more of the source goes with more (+) or less (-) of the target.
# test names a model or a list of them: {tests}.
[[variable]]
name = "distance"
label = "distance from the other members"
means = "the state votes further from the other members of the body"

[[variable]]
name = "exit"
label = "leaving bodies"
means = "acts of leaving, by the outcomes of the exit panel"

[[link]]
source = "distance"
target = "exit"
sign = "+"
test = {{ test = "hazard", account = "Constraint", term = "distance" }}
"""


def scaffold(name: str) -> str:
    """Text of the file that `exeunt argue --new` writes: valid as it stands, with a comment on every key.

    Raises
    ------
    UsageError, for a name that is no file name, or that a shipped argument has.
    """
    if not _NAME.fullmatch(name):
        raise UsageError(
            f"{name!r} is not a name for an argument; write small letters, digits and hyphens, such as my-text."
        )
    if name in shipped():
        raise UsageError(f"{name} is a shipped argument; choose another name.")
    return _NEW.format(name=name, kinds=", ".join(KINDS), looks=", ".join(LOOKS), tests=", ".join(TESTS))
