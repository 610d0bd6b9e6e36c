"""Source cards: who produced a source, under which terms, and exactly which file was read."""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from exeunt.errors import CompileError, UnknownNameError

CARDS = Path(__file__).parent / "cards"


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


@lru_cache(maxsize=1)
def all_cards() -> dict[str, Card]:
    """Read every card; keys are those of `data/licences.toml`."""
    cards: dict[str, Card] = {}
    for path in sorted(CARDS.glob("*.toml")):
        raw: dict[str, Any] = tomllib.loads(path.read_text(encoding="utf-8"))
        if raw.get("key") != path.stem:
            raise CompileError(f"card {path.name} names the key {raw.get('key')!r}; expected {path.stem!r}.")
        cards[path.stem] = Card(
            **{name: str(raw[name]) for name in Card.__dataclass_fields__ if name not in {"files", "known_faults"}},
            known_faults=tuple(raw.get("known_faults", ())),
            files={item["name"]: item["sha256"] for item in raw.get("file", ())},
        )
    return cards


def card(key: str) -> Card:
    """Look one card up; raises UnknownNameError with the closest keys."""
    try:
        return all_cards()[key]
    except KeyError:
        raise UnknownNameError("source card", key, all_cards()) from None


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
    CompileError, if the file is missing or its sha256 is not the card's.
    """
    path = directory / key / name
    if not path.is_file():
        raise CompileError(f"raw source {key}/{name} is not in {directory}; its card names it.")
    expected = card(key).files.get(name)
    if expected is None:
        raise CompileError(f"the card of {key} names no file {name}; add it with its sha256.")
    found = hashlib.sha256(path.read_bytes()).hexdigest()
    if found != expected:
        raise CompileError(
            f"{key}/{name} has changed upstream: sha256 {found[:12]}…, the card expects {expected[:12]}…. "
            "Read what changed, then put the new checksum on the card."
        )
    return path
