"""What each table and column is, as Markdown: for the data dictionary and for the README of an export."""

from __future__ import annotations

from exeunt.record.schema import Table

MOST_WORDS = 14


def describe(table: Table) -> list[str]:
    """Lines on one table: what a row is, its key, its licence class, its columns with their closed words."""
    lines = [
        f"## {table.name}", "", f"One row is {table.row}. Key: {', '.join(f'`{k}`' for k in table.key)}. "
        f"Licence class: {table.licence_class}.", "", "| column | type | meaning |", "|---|---|---|",
    ]  # fmt: skip
    for column in table.columns:
        words = f" ({' · '.join(column.words)})" if column.words and len(column.words) <= MOST_WORDS else ""
        lines.append(f"| `{column.name}` | {column.kind} | {column.meaning}{words} |")
    return [*lines, ""]
