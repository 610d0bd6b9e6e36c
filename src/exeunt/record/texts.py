"""Text that belongs to data: a column holds it in English, the column beside it, `…_zh`, in Traditional Chinese."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import polars as pl

from exeunt.record.schema import TABLES

SUFFIXES: Final = {"en": "", "zh-Hant": "_zh"}
"""Language → what the name of a column in it ends in."""


def in_language(row: Mapping[str, Any], field: str, lang: str) -> tuple[str, str] | None:
    """A text of a row in a language, or in another one where it is not written in that.

    Returns
    -------
    The text and the language that it is in; None where there is no text.
    """
    for one in (lang, *SUFFIXES):
        text = row.get(field + SUFFIXES[one])
        if text:
            return str(text), one
    return None


def missing(tables: Mapping[str, pl.DataFrame]) -> dict[str, tuple[int, int]]:
    """How many texts of each column with two languages lack the second, and how many there are, by `table.column`."""
    found = {}
    for table in TABLES:
        for column in table.columns:
            field = column.name.removesuffix("_zh")
            if field != column.name and any(c.name == field for c in table.columns):
                held = tables[table.name].filter(pl.col(field).is_not_null())
                found[f"{table.name}.{field}"] = held[column.name].null_count(), held.height
    return found
