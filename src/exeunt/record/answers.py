"""The columns of what commands answer, so that an answer without rows has a header and one for Stata has labels."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Final

from exeunt.answers import fields
from exeunt.record.cases import CaseEntry
from exeunt.record.exits import Exit
from exeunt.record.membership import Member
from exeunt.record.schema import TABLE, Column
from exeunt.record.status import Status


def _of(table: str, *names: str) -> tuple[Column, ...]:
    """Columns of a table of the record, by name."""
    known = {column.name: column for column in TABLE[table].columns}
    return tuple(known[name] for name in names)


_NAME = Column("name", "text", "name of the state, by the chosen set of labels")


def _members() -> tuple[Column, ...]:
    known = {field.name: field for field in fields(Member)}
    first = ("state", "status", "since", "reading")
    order = [known[name] for name in (*first, *(name for name in known if name not in first))]
    return order[0], _NAME, *order[1:]


ANSWERS: Final[dict[str, tuple[Column, ...]]] = {
    "status": fields(Status),
    "members": _members(),
    "cases": fields(CaseEntry),
    "exits": fields(Exit),
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
