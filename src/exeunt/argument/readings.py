"""Estimates of a link from the user's cache, or made there; turned to the link's direction."""

from __future__ import annotations

from typing import Any, Final

from exeunt.argument.models import Reading
from exeunt.explain.cache import path_of, read_rows, write_rows
from exeunt.progress import Progress
from exeunt.record.store import Record

HERE: Final = ("measures", "panel", "explain", "simulate", "feedback", "argument")


def readings(record: Record, test: dict[str, Any], progress: Progress | None = None) -> list[Reading]:
    """Every estimate that a test gives, from the user's cache where they are there."""
    path = path_of("link", HERE, record=record.version, test=test)
    found = read_rows(path, _reading)
    if found is None:
        from exeunt.argument.estimates import MAKE

        progress = progress or Progress(quiet=True)
        progress.say(", ".join(f"{key} {value}" for key, value in test.items()))
        found = [_turned(one, test.get("falls", False)) for one in MAKE[test["test"]](record, test, progress)]
        write_rows(path, found)
    return found


def _reading(**row: Any) -> Reading:
    return Reading(**{**row, "sources": tuple(row["sources"])})


def _turned(one: Reading, turn: bool) -> Reading:
    if not turn or one.low is None or one.estimate is None or one.high is None:
        return one
    return Reading(**{**one.__dict__, "estimate": -one.estimate, "low": -one.high, "high": -one.low})
