"""Results as a table, CSV, JSON or Parquet, on standard output or in a file."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from io import BytesIO
from pathlib import Path
from typing import Any

from exeunt.errors import UsageError
from exeunt.manifest import write_bytes

Rows = Sequence[dict[str, Any]]


def emit(rows: Rows, form: str, out: Path | None, single: bool = False) -> None:
    """Print rows, or write them to a file.

    Parameters
    ----------
    rows : records of plain values; nested values are joined in tables and CSV and kept in JSON
    form : table, csv, json or parquet
    single : print one object in JSON, and one field a line in a table

    Raises
    ------
    UsageError, for Parquet without a file; OutputError, if the file cannot be written.
    """
    content = render(rows, form, single)
    if out is not None:
        write_bytes(out, content)
        print(out)
    elif form == "parquet":
        raise UsageError("Parquet is no text; name a file with --out.")
    else:
        sys.stdout.write(content.decode("utf-8"))


def render(rows: Rows, form: str, single: bool) -> bytes:
    """Bytes of the rows in one format."""
    if form == "json":
        payload: Any = rows[0] if single else list(rows)
        return (json.dumps(payload, ensure_ascii=False, indent=1) + "\n").encode()
    if form in {"csv", "parquet"}:
        import polars as pl

        frame = pl.DataFrame([{k: _flat(v) for k, v in row.items()} for row in rows], infer_schema_length=None)
        buffer = BytesIO()
        if form == "csv":
            frame.write_csv(buffer)
        else:
            frame.write_parquet(buffer)
        return buffer.getvalue()
    return (_fields(rows[0]) if single else _table(rows)).encode()


def _flat(value: Any) -> Any:
    if isinstance(value, dict):
        return "; ".join(f"{k}={_flat(v)}" for k, v in value.items() if v not in (None, "", []))
    if isinstance(value, (list, tuple)):
        return " | ".join(str(_flat(v)) for v in value)
    return value


def _text(value: Any) -> str:
    if value is None:
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:.4g}"
    return str(_flat(value))


def _fields(row: dict[str, Any]) -> str:
    width = max(len(k) for k in row)
    lines = []
    for key, value in row.items():
        if isinstance(value, list) and value and isinstance(value[0], dict):
            lines.append(f"{key}:")
            lines += [f"  {' '.join(_text(v) for v in item.values())}" for item in value]
        else:
            lines.append(f"{key:<{width}}  {_text(value)}")
    return "\n".join(lines) + "\n"


def _table(rows: Rows) -> str:
    if not rows:
        return "nothing found\n"
    heads = list(rows[0])
    cells = [[_text(row.get(head)) for head in heads] for row in rows]
    widths = [min(max(len(head), *(len(line[k]) for line in cells)), 60) for k, head in enumerate(heads)]

    def line(values: list[str]) -> str:
        return "  ".join(v[:w].ljust(w) for v, w in zip(values, widths, strict=True)).rstrip()

    return "\n".join([line(heads), line(["-" * w for w in widths]), *map(line, cells)]) + "\n"
