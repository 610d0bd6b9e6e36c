"""An argument: claims and signed links of a published text, read strictly from TOML. No verdict stands in the file.

The top of the file holds `title`, `about`, and where the text was published: `author`, `outlet`, `date`, `address`; a claim or
link from elsewhere names its own. Then lists of tables: `[[variable]]` (what links join), `[[fact]]` (dated or counted
statements with their sources, for what the record has no table), `[[claim]]`, `[[link]]`. Claims carry small declarative checks
(`checks.py`), links name the models that test them (`models.py`). Both are described in `docs/method/argument.md`.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from exeunt.argument.checks import Fact, check_claim
from exeunt.argument.models import check_test
from exeunt.argument.strict import Place, kinds_of, require
from exeunt.dates import parse
from exeunt.errors import BadDateError, UnknownNameError, UsageError

SHIPPED: Final = Path(__file__).parent / "arguments"
KINDS: Final = ("fact", "figure", "sequence", "motive", "evaluation", "forecast")
UNTESTABLE: Final = ("motive", "evaluation")
SIGNS: Final = {"+": 1, "-": -1, "−": -1}
ORIGIN: Final = ("author", "outlet", "date", "address")
TEXT: Final[tuple[type, ...]] = (str,)
NUMBER: Final[tuple[type, ...]] = (int, float)
SCHEMA: Final[dict[str, dict[str, tuple[type, ...]]]] = {
    "": {
        "title": TEXT,
        "title_zh": TEXT,
        "about": TEXT,
        "about_zh": TEXT,
        **dict.fromkeys(ORIGIN, TEXT),
        "variable": (list,),
        "fact": (list,),
        "claim": (list,),
        "link": (list,),
    },
    "variable": {"name": TEXT, "label": TEXT, "label_zh": TEXT, "means": TEXT, "means_zh": TEXT},
    "fact": {
        "id": TEXT,
        "says": TEXT,
        "sources": (list,),
        "date": TEXT,
        "number": NUMBER,
        "says_zh": TEXT,
        "unit": TEXT,
        "unit_zh": TEXT,
        "word": TEXT,
        "sought": (bool,),
    },
    "claim": {
        "id": TEXT,
        "kind": TEXT,
        "claim": TEXT,
        "claim_zh": TEXT,
        **dict.fromkeys(ORIGIN, TEXT),
        "sources": (list,),
        "figures": (list,),
        "check": (dict, list),
        "off_subject": TEXT,
        "off_subject_zh": TEXT,
        "searched": TEXT,
        "searched_zh": TEXT,
        "earlier": (int,),
        "note": TEXT,
        "note_zh": TEXT,
    },
    "link": {
        "source": TEXT,
        "target": TEXT,
        "sign": TEXT,
        **dict.fromkeys(ORIGIN, TEXT),
        "test": (dict, list),
        "note": TEXT,
        "note_zh": TEXT,
    },
}
REQUIRED: Final = {
    "": ("title", "about"),
    "variable": ("name", "label", "means"),
    "fact": ("id", "says", "sources"),
    "claim": ("id", "kind", "claim"),
    "link": ("source", "target"),
}


@dataclass(frozen=True)
class Origin:
    """Where a claim was published; what is not known is None."""

    author: str | None
    outlet: str | None
    date: str | None
    address: str | None


@dataclass(frozen=True)
class Variable:
    """Something that links join."""

    name: str
    label: str
    label_zh: str | None
    means: str


@dataclass(frozen=True)
class Claim:
    """One claim in our neutral wording."""

    id: str
    kind: str
    claim: str
    claim_zh: str | None
    origin: Origin
    sources: tuple[str, ...]
    figures: tuple[str, ...]
    checks: tuple[dict[str, Any], ...]
    off_subject: str | None
    searched: str | None
    earlier: int | None
    note: str | None
    off_subject_zh: str | None = None
    searched_zh: str | None = None


@dataclass(frozen=True)
class Link:
    """One signed link between two variables."""

    source: str
    target: str
    sign: int
    origin: Origin
    tests: tuple[dict[str, Any], ...]
    note: str | None


@dataclass(frozen=True)
class Argument:
    """An argument as read; `call` is what the command line was told."""

    name: str
    call: str
    title: str
    title_zh: str | None
    about: str
    about_zh: str | None
    origin: Origin
    variables: dict[str, Variable]
    facts: dict[str, Fact]
    claims: tuple[Claim, ...]
    links: tuple[Link, ...]


def shipped() -> tuple[str, ...]:
    """Names of the arguments that come with the package."""
    return tuple(sorted(path.stem for path in SHIPPED.glob("*.toml")))


def read(name: str) -> Argument:
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
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UsageError(f"{path.name} is not TOML: {error}.") from None
    return of_content(path.stem, name, content)


def of_content(name: str, call: str, content: dict[str, Any]) -> Argument:
    """An argument from parsed TOML; raises UsageError or UnknownNameError, one sentence each."""
    top = Place(f"{name}.toml", "the top of the file")
    require(top, content, SCHEMA[""], REQUIRED[""])
    rows = {table: _rows(name, table, content) for table in ("variable", "fact", "claim", "link")}
    if not rows["claim"] and not rows["link"]:
        raise UsageError(f"{name}.toml holds no claim and no link; write at least one [[claim]] or [[link]].")
    whole = _origin(top, content, Origin(None, None, None, None))
    variables = {
        row["name"]: Variable(row["name"], row["label"], row.get("label_zh"), row["means"])
        for _, row in _unique(name, "variable", "name", rows["variable"])
    }
    facts = {row["id"]: _fact(place, row) for place, row in _unique(name, "fact", "id", rows["fact"])}
    claims = tuple(_claim(place, row, whole, facts) for place, row in _unique(name, "claim", "id", rows["claim"]))
    links = tuple(_link(place, row, whole, variables) for place, row in rows["link"])
    pairs = [(link.source, link.target) for link in links]
    for pair in pairs:
        if pairs.count(pair) > 1:
            raise UsageError(f"{name}.toml: the link from {pair[0]} to {pair[1]} stands there twice; keep one.")
    used = {variable for pair in pairs for variable in pair}
    for variable in variables:
        if variable not in used:
            raise UsageError(
                f"{name}.toml: the variable {variable!r} dangles, for no link names it; add a [[link]] or take it out."
            )
    return Argument(
        name,
        call,
        content["title"],
        content.get("title_zh"),
        content["about"],
        content.get("about_zh"),
        whole,
        variables,
        facts,
        claims,
        links,
    )


def _rows(name: str, table: str, content: dict[str, Any]) -> list[tuple[Place, dict[str, Any]]]:
    found = []
    for number, row in enumerate(content.get(table, []), 1):
        if not isinstance(row, dict):
            raise UsageError(f"{name}.toml: {table} holds {row!r}; write it as a table, [[{table}]].")
        called = row.get("id") or row.get("name") or number
        if table == "link":
            called = f"{row.get('source', '?')} → {row.get('target', '?')}"
        place = Place(f"{name}.toml", f"the {table} {called}")
        require(place, row, SCHEMA[table], REQUIRED[table])
        found.append((place, row))
    return found


def _unique(
    name: str, table: str, key: str, rows: list[tuple[Place, dict[str, Any]]]
) -> list[tuple[Place, dict[str, Any]]]:
    seen = set()
    for _, row in rows:
        if row[key] in seen:
            raise UsageError(f"{name}.toml: two {table}s are called {row[key]!r}; give each a name of its own.")
        seen.add(row[key])
    return rows


def _origin(place: Place, row: dict[str, Any], whole: Origin) -> Origin:
    if "date" in row:
        try:
            parse(row["date"])
        except BadDateError as error:
            raise UsageError(f"{place}: date: {error}") from None
    if "address" in row:
        _address(place, "address", row["address"])
    return Origin(*(row.get(key, getattr(whole, key)) for key in ORIGIN))


def _address(place: Place, key: str, found: object) -> str:
    if not isinstance(found, str) or not found.startswith(("https://", "http://")) or " " in found:
        raise UsageError(
            f"{place}: {key} holds {found!r}; expected a web address that begins with https:// or http://."
        )
    return found


def _sources(place: Place, row: dict[str, Any]) -> tuple[str, ...]:
    return tuple(_address(place, "sources", one) for one in row.get("sources", []))


def _fact(place: Place, row: dict[str, Any]) -> Fact:
    sources = _sources(place, row)
    if not sources:
        raise UsageError(f"{place} has no source; name at least one address in sources.")
    if not ({"date", "number", "word"} & row.keys() or row.get("sought")):
        raise UsageError(
            f"{place} has nothing that a check could compare; give it a date, a number or a word, or sought = true where it "
            "was looked for and not found."
        )
    _origin(place, {key: row[key] for key in ("date",) if key in row}, Origin(None, None, None, None))
    number = float(row["number"]) if "number" in row else None
    return Fact(row["id"], row["says"], sources, row.get("date"), number, row.get("unit"), row.get("word"),
                row.get("says_zh"), row.get("unit_zh"))  # fmt: skip


def _claim(place: Place, row: dict[str, Any], whole: Origin, facts: dict[str, Fact]) -> Claim:
    if row["kind"] not in KINDS:
        raise UsageError(f"{place} is of the kind {row['kind']!r}; expected {', '.join(KINDS)}.")
    origin, sources = _origin(place, row, whole), _sources(place, row)
    if origin.address is None and not sources:
        raise UsageError(f"{place} has no source; name the address of the text, or what it rests on in sources.")
    if row["kind"] in UNTESTABLE and "off_subject" in row:
        raise UsageError(f"{place} is of the kind {row['kind']}, which is untestable anyhow; take off_subject out.")
    found = kinds_of(row.get("check", []))
    for check in found:
        check_claim(place, check, facts, row["kind"])
    return Claim(
        row["id"],
        row["kind"],
        row["claim"],
        row.get("claim_zh"),
        origin,
        sources,
        tuple(str(figure) for figure in row.get("figures", [])),
        tuple(found),
        row.get("off_subject"),
        row.get("searched"),
        row.get("earlier"),
        row.get("note"),
        row.get("off_subject_zh"),
        row.get("searched_zh"),
    )


def _link(place: Place, row: dict[str, Any], whole: Origin, variables: dict[str, Variable]) -> Link:
    for end in ("source", "target"):
        if row[end] not in variables:
            raise UsageError(
                f"{place}: {row[end]!r} dangles, for there is no such variable; known: {', '.join(variables) or 'none'}."
            )
    if row.get("sign") not in SIGNS:
        raise UsageError(f'{place} has no sign; write sign = "+" or sign = "-".')
    origin = _origin(place, row, whole)
    if origin.address is None:
        raise UsageError(f"{place} has no source; name the address of the text that draws it.")
    found = kinds_of(row.get("test", []))
    for test in found:
        check_test(place, test)
    return Link(row["source"], row["target"], SIGNS[row["sign"]], origin, tuple(found), row.get("note"))
