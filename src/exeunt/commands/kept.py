"""Answers of long work, kept in the user's cache under what they rest on."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from exeunt.errors import OutputError
from exeunt.manifest import cache_folder, fingerprint, write_json
from exeunt.record.store import Record


def kept(part: str, record: Record, rooms: tuple[str, ...], make: Callable[[], Any], **inputs: Any) -> Any:
    """A part of an answer from the cache, or made and kept there; a cache that cannot be written is passed over.

    Parameters
    ----------
    rooms : folders of the package whose code it rests on
    inputs : whatever else it depends on
    """
    folder = cache_folder()
    name = fingerprint(rooms, part=part, record=record.version, **inputs)
    path = folder / f"{part}-{name}.json" if folder else None
    if path is not None:
        try:
            return json.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            pass
    found = make()
    if path is not None:
        try:
            write_json(path, found)
        except OutputError:
            pass
    return found
