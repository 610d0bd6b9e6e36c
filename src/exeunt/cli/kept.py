"""Answers of long work, kept in the user's cache under what they rest on."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from exeunt.record.store import Record


def kept(part: str, record: Record, rooms: tuple[str, ...], make: Callable[[], Any], **inputs: Any) -> Any:
    """A part of an answer from the cache, or made and kept there.

    Parameters
    ----------
    rooms : folders of the package whose code it rests on
    inputs : whatever else it depends on
    """
    from exeunt.explain.cache import path_of, read_json, write_json

    path = path_of(part, rooms, record=record.version, **inputs)
    found = read_json(path)
    if found is None:
        found = make()
        write_json(path, found)
    return found
