"""Source cards: who produced a source, under which terms, and exactly which file was read."""

from __future__ import annotations

import hashlib
import re
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import quote

from exeunt import __version__
from exeunt.errors import CompileError, UnknownNameError
from exeunt.manifest import write_bytes
from exeunt.record import contents

CARDS = Path(__file__).parent / "cards"
LISTS = {"files", "sizes", "origins", "known_faults"}


@dataclass(frozen=True)
class Origin:
    """A file as somebody publishes it: a path in a GitHub repository at a commit, with its checksum."""

    repository: str
    commit: str
    path: str
    sha256: str
    bytes: int

    @property
    def address(self) -> str:
        """The address from which GitHub serves the bytes at that commit, which never change."""
        return f"https://raw.githubusercontent.com/{self.repository}/{self.commit}/{quote(self.path)}"


@dataclass(frozen=True)
class Card:
    """One source: producer, version, terms, citation and the checksums of the files that were read."""

    key: str
    producer: str
    title: str
    version: str
    coverage: str
    licence: str
    licence_basis: str
    redistribution: str
    citation: str
    url: str
    known_faults: tuple[str, ...]
    files: dict[str, str]
    """File name → sha256."""
    sizes: dict[str, int]
    """File name → bytes."""
    origins: tuple[Origin, ...]
    """What the files were made from; a file with the checksum of one of them is published as it is."""

    def published(self, name: str) -> Origin | None:
        """The origin whose bytes are those of a file; None where the file was made from its origins."""
        return next((o for o in self.origins if o.sha256 == self.files[name]), None)


@lru_cache(maxsize=1)
def all_cards() -> dict[str, Card]:
    """Read every card; keys are those of `data/licences.toml`."""
    cards: dict[str, Card] = {}
    for path in sorted(CARDS.glob("*.toml")):
        raw: dict[str, Any] = tomllib.loads(path.read_text(encoding="utf-8"))
        if raw.get("key") != path.stem:
            raise CompileError(f"card {path.name} names the key {raw.get('key')!r}; expected {path.stem!r}.")
        cards[path.stem] = Card(
            **{name: str(raw[name]) for name in Card.__dataclass_fields__ if name not in LISTS},
            known_faults=tuple(raw.get("known_faults", ())),
            files={item["name"]: item["sha256"] for item in raw.get("file", ())},
            sizes={item["name"]: item["bytes"] for item in raw.get("file", ()) if "bytes" in item},
            origins=tuple(
                Origin(**{name: item[name] for name in Origin.__dataclass_fields__})
                for item in raw.get("origin", ())
                if "repository" in item
            ),
        )
    return cards


def card(key: str) -> Card:
    """Look one card up; raises UnknownNameError with the closest keys."""
    try:
        return all_cards()[key]
    except KeyError:
        raise UnknownNameError("source card", key, all_cards()) from None


def own_citation() -> str:
    """How to cite the software itself."""
    return f"The exeunt contributors. 2026. exeunt, version {__version__}."


CLASSES = ("ship", "ship_derived", "share_alike", "local")
"""Licence classes from the freest to the narrowest."""


@lru_cache(maxsize=1)
def _classes() -> dict[str, str]:
    raw = tomllib.loads((Path(__file__).parent / "facts" / "licences.toml").read_text(encoding="utf-8"))
    return {source: name for name, entry in raw.items() for source in entry["sources"]}


def licence_class(sources: Iterable[str]) -> str:
    """The narrowest licence class among sources: what rests on all of them may go no further."""
    return max((_classes()[source] for source in sources), key=CLASSES.index)


def verified(directory: Path, key: str, name: str) -> Path:
    """Find a raw file and prove that it is the one on the card.

    Raises
    ------
    CompileError, if the file is missing or is not the card's; then it tells what changed inside.
    """
    told = fault_of(directory, key, name)
    if told is not None:
        raise CompileError(told)
    return directory / key / name


def verify(directory: Path) -> None:
    """Prove that every raw file a refresh reads is the one on its card; raises CompileError that tells all that are not."""
    told = [fault for key, name in contents.READ if (fault := fault_of(directory, key, name)) is not None]
    if told:
        raise CompileError("\n".join(told))


def fault_of(directory: Path, key: str, name: str) -> str | None:
    """Tell why a raw file is not the one on its card, what changed inside and what to do; None where it is."""
    path = directory / key / name
    if not path.is_file():
        return (
            f"raw source {key}/{name} is not in {directory}; `exeunt refresh --list` tells where it is published, so put it "
            "there."
        )
    found = card(key)
    expected = found.files.get(name)
    if expected is None:
        return f"the card of {key} names no file {name}; add it with its sha256."
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    if digest == expected:
        return None
    lines = [
        f"{key}/{name} has changed upstream: it is not the file on its card.",
        f"sha256: {expected} on the card, {digest} found",
    ]
    size = path.stat().st_size
    if found.sizes.get(name, size) != size:
        lines.append(f"bytes: {found.sizes[name]} on the card, {size} found")
    before = contents.kept().get(f"{key}/{name}")
    try:
        after = contents.contents_of(path)
    except CompileError as error:
        return "\n  ".join([*lines, str(error)])
    if before is not None:
        lines += contents.differences(before, after)
    accept = f"`exeunt refresh --sources {directory} --accept {key}`"
    lines.append(f"If the new file is right, {accept} puts it on the card; if not, put the old file back.")
    return "\n  ".join(lines)


def accept(directory: Path, key: str) -> list[str]:
    """Put the changed files of a source on its card, and what is inside them beside it.

    Returns
    -------
    The names of the files that had changed.

    Raises
    ------
    UnknownNameError, for a source that a refresh does not read.
    CompileError, if a file is missing or cannot be read, or its card is not written as cards are; nothing has changed then.
    """
    names = [name for one, name in contents.READ if one == key]
    if not names:
        raise UnknownNameError("source that a refresh reads", key, dict(contents.READ))
    path = CARDS / f"{key}.toml"
    text, held, changed = path.read_text(encoding="utf-8"), contents.kept(), []
    for name in names:
        raw = directory / key / name
        if fault_of(directory, key, name) is None:
            continue
        if not raw.is_file():
            raise CompileError(f"raw source {key}/{name} is not in {directory}; put it there first.")
        held[f"{key}/{name}"] = contents.contents_of(raw)
        content = raw.read_bytes()
        entry = (
            f'[[file]]\nname = "{name}"\nsha256 = "{hashlib.sha256(content).hexdigest()}"\nbytes = {len(content)}\n'
            f"rows = {held[f'{key}/{name}'].rows}\n"
        )
        old = re.compile(
            rf'\[\[file\]\]\nname = "{re.escape(name)}"\nsha256 = "[0-9a-f]*"\nbytes = \d+\n(rows = \d+\n)?'
        )
        text, count = old.subn(entry.replace("\\", r"\\"), text)
        if count != 1:
            raise CompileError(
                f"card {path.name} has no entry [[file]] for {name} with name, sha256, bytes; add it by hand."
            )
        changed.append(name)
    if changed:
        # A run that dies between the two leaves a card that still refuses the new file.
        write_bytes(contents.CONTENTS, contents.as_json(held))
        write_bytes(path, text.encode())
        all_cards.cache_clear()
    return changed
