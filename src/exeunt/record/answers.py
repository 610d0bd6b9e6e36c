"""The columns of what commands answer, so that an answer without rows has a header and one for Stata has labels."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Final

from exeunt.record.schema import READINGS, STATUSES, TABLE, Column


def _of(table: str, *names: str) -> tuple[Column, ...]:
    """Columns of a table of the record, by name."""
    known = {column.name: column for column in TABLE[table].columns}
    return tuple(known[name] for name in names)


def _day(name: str, meaning: str) -> Column:
    return Column(name, "text", f"{meaning}, EDTF level 1")


ANSWERS: Final[dict[str, tuple[Column, ...]]] = {
    "status": (
        *_of("acts", "state", "body"),
        _day("as_of", "the day asked about"),
        Column("status", "text", "status on that day", tuple(STATUSES)),
        _day("since", "first day of that status"),
        _day("until", "last day of that status"),
        Column("contested", "boolean", "whether somebody disputes it"),
        Column("contested_by", "text", "who disputes it"),
        Column("rule", "text", "the rule that decided"),
        *_of("bodies", "leaveable"),
        Column("beyond_record", "boolean", "whether the day is after the closing day of the record"),
        Column("acts", "text", "the acts that it rests on"),
    ),
    "members": (
        *_of("acts", "state"),
        Column("name", "text", "name of the state, by the chosen set of labels"),
        Column("status", "text", "status on the day", tuple(STATUSES)),
        _day("since", "day of the act that decided, else first year of the spells that run on"),
        Column("reading", "text", "how it is known", tuple(READINGS)),
        *_of("acts", "body"),
        _day("as_of", "the day asked about"),
        Column("contested", "boolean", "whether somebody disputes it"),
        Column("rule", "text", "the rule that decided"),
    ),
    "cases": (
        *_of("cases", "case"),
        Column("title", "text", "title"),
        *_of("cases", "states", "valid_from", "valid_to"),
        Column("bodies", "integer", "number of bodies"),
        Column("listed_un", "integer", "of which listed as of the United Nations"),
        Column("listed_other", "integer", "of which listed as others"),
    ),
    "exits": (
        *_of("episodes", "state", "body", "episode"),
        _day("announced", "day on which leaving was announced"),
        _day("notified", "day on which notice was given"),
        _day("effective", "day on which the exit took effect, or was said to"),
        _day("rejoined", "day on which the state came back"),
        Column("claimed_by", "text", "who says so"),
        Column("contested", "boolean", "whether somebody disputes one of the acts"),
        *_of("episodes", "counts_as_exit", "confidence", "sources"),
    ),
    "money": _of(
        "ledger", "body", "state", "year", "fund", "ledger", "amount", "currency", "usd", "basis", "source",
        "rate_pct", "period", "as_of", "id", "record", "confidence", "flag", "note", "sources",
    ),
    "tables": (
        Column("table", "text", "name of the table"),
        Column("rows", "integer", "number of rows"),
        Column("row", "text", "what one row is"),
        Column("key", "text", "columns that name a row"),
        Column("licence_class", "text", "class in licences.toml", ("ship", "ship_derived", "share_alike")),
    ),
    "diff": (
        Column("table", "text", "name of the table"),
        Column("change", "text", "what happened to the row", ("added", "removed", "changed")),
        Column("key", "text", "key of the row"),
        Column("column", "text", "column that changed"),
        Column("old", "text", "value in the old record"),
        Column("new", "text", "value in the new record"),
    ),
}  # fmt: skip


def recognised(names: Iterable[str], tables: Iterable[str]) -> tuple[Column, ...]:
    """Columns that the tables have under these names, where all of the tables that do mean the same by it."""
    found: dict[str, set[Column]] = {}
    for table in tables:
        for column in TABLE[table].columns if table in TABLE else ():
            found.setdefault(column.name, set()).add(replace(column, required=False))
    return tuple(next(iter(found[name])) for name in names if len(found.get(name, ())) == 1)
