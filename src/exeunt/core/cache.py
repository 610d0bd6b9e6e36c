"""Rows of long work in the user's cache, under what they rest on; a cache that cannot be read or written is passed over."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final, TypeVar

from exeunt.core.errors import OutputError
from exeunt.core.files import cache_folder, fingerprint, write_bytes

ROOMS: Final = ("measures", "panel", "explain")
Row = TypeVar("Row")


def path_of(what: str, rooms: tuple[str, ...] = ROOMS, **inputs: Any) -> Path | None:
    """File of a piece of work in the cache; None where there is no cache.

    Parameters
    ----------
    rooms : folders of the package whose code it rests on
    inputs : whatever else it depends on, the record's version among them
    """
    folder = cache_folder()
    return folder / f"{what}-{fingerprint(rooms, what=what, **inputs)}.json" if folder else None


def read_json(path: Path | None) -> Any:
    """What a file of the cache holds, or None."""
    try:
        return json.loads(path.read_text(encoding="utf-8")) if path else None
    except (OSError, ValueError):
        return None


def write_json(path: Path | None, value: Any) -> None:
    """Keep a value of plain types."""
    if path is None:
        return
    try:
        write_bytes(path, (json.dumps(value, ensure_ascii=False) + "\n").encode())
    except OutputError:
        return


def read_rows(path: Path | None, make: Callable[..., Row]) -> list[Row] | None:
    """Rows of a data class, or None where they are not there or no longer fit."""
    found = read_json(path)
    try:
        return None if found is None else [make(**row) for row in found]
    except TypeError:
        return None


def write_rows(path: Path | None, rows: Sequence[Any]) -> None:
    """Keep rows of a data class."""
    write_json(path, [asdict(row) for row in rows])
