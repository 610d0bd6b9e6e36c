"""Source cards: who produced a source, under which terms, and exactly which file was read."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import quote

from exeunt import __version__
from exeunt.core.errors import CompileError, UnknownNameError

CARDS = Path(__file__).parents[1] / "etl" / "sources"
"""One folder a source, each with its card; files of the package like any other, read wherever a source is cited."""
LISTS = {"files", "sizes", "origins", "known_faults"}


@dataclass(frozen=True)
class _Origin:
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
class _Card:
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
    origins: tuple[_Origin, ...]
    """What the files were made from; a file with the checksum of one of them is published as it is."""

    def published(self, name: str) -> _Origin | None:
        """The origin whose bytes are those of a file; None where the file was made from its origins."""
        return next((o for o in self.origins if o.sha256 == self.files[name]), None)


@lru_cache(maxsize=1)
def all_cards() -> dict[str, _Card]:
    """Read every card; keys are those of `data/licences.toml`."""
    cards: dict[str, _Card] = {}
    for path in sorted(CARDS.glob("*/card.toml")):
        raw: dict[str, Any] = tomllib.loads(path.read_text(encoding="utf-8"))
        folder = path.parent.name
        if raw.get("key") != folder:
            raise CompileError(f"the card in {folder}/ names the key {raw.get('key')!r}; expected {folder!r}.")
        cards[folder] = _Card(
            **{name: str(raw[name]) for name in _Card.__dataclass_fields__ if name not in LISTS},
            known_faults=tuple(raw.get("known_faults", ())),
            files={item["name"]: item["sha256"] for item in raw.get("file", ())},
            sizes={item["name"]: item["bytes"] for item in raw.get("file", ()) if "bytes" in item},
            origins=tuple(
                _Origin(**{name: item[name] for name in _Origin.__dataclass_fields__})
                for item in raw.get("origin", ())
                if "repository" in item
            ),
        )
    return cards


def card(key: str) -> _Card:
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
