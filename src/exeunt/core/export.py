"""Results as a table, CSV, JSON, Parquet or Stata's dta, on standard output or in a file.

Cells are written as they are, also those that begin with =, +, - or @: the data are for statistics programs, and an added
quote mark would change them. A spreadsheet may take such a cell for a formula, so import the column there as text.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from exeunt.answers import Message
from exeunt.core.errors import UsageError
from exeunt.core.files import write_bytes

if TYPE_CHECKING:
    import polars as pl

_WIDEST = 60
_SOURCE = "en"
"""Language of the keys and codes themselves."""
_LANG: ContextVar[str] = ContextVar("lang", default=_SOURCE)
NO_TEXT = {"parquet": "Parquet", "dta": "Stata's dta"}
Rows = Sequence[dict[str, Any]]


class Described(Protocol):
    """A column that is known before there are rows; those of `record/schema.py` are such."""

    @property
    def name(self) -> str:
        """Key in the rows."""

    @property
    def kind(self) -> str:
        """One of text, integer, number, boolean."""

    @property
    def meaning(self) -> str:
        """What it means, in one line."""

    @property
    def words(self) -> tuple[str, ...]:
        """Its closed list of words, or none."""


@contextmanager
def in_language(lang: str) -> Iterator[None]:
    """Print tables in a language while it lasts: headings and closed words; CSV, JSON and files of data keep their codes."""
    token = _LANG.set(lang)
    try:
        yield
    finally:
        _LANG.reset(token)


def emit(
    rows: Rows, form: str, out: Path | None, single: bool = False, columns: Sequence[Described] = ()
) -> None:  # fmt: skip
    """Print rows, or write them to a file.

    Parameters
    ----------
    rows : records of plain values; nested values are kept in JSON and joined elsewhere
    form : table, csv, json, parquet or dta
    single : print one object in JSON, and one field a line in a table
    columns : what the rows hold, where it is known: names the columns of an answer without rows, types the empty ones,
        and labels those of dta

    Raises
    ------
    UsageError, for a format that is no text without a file; OutputError, if the file cannot be written.
    """
    require_file(form, out)
    content = _render(rows, form, single, columns)
    if out is not None:
        write_bytes(out, content)
        print(out)
    else:
        sys.stdout.write(content.decode("utf-8"))


def emit_frame(
    frame: pl.DataFrame, form: str, out: Path | None, columns: Iterable[Described] = (), shown: int = 20
) -> None:
    """Print a flat frame, or write it to a file; a table on the terminal shows the first rows and says how many there are.

    Raises
    ------
    UsageError, for a format that is no text without a file; OutputError, if the file cannot be written.
    """
    require_file(form, out)
    if form in {"table", "json"}:
        head = frame.head(shown) if form == "table" and out is None else frame
        emit(head.to_dicts(), form, out)
        if head.height < frame.height:
            print(_word("table.first", shown=shown, rows=f"{frame.height:,}"))
    elif out is None:
        sys.stdout.write(encode(frame, form, columns).decode("utf-8"))
    else:
        write_bytes(out, encode(frame, form, columns))
        print(out)


def require_file(form: str, out: Path | None) -> None:
    """Find out before long work whether a format needs a file and none is named; raises UsageError."""
    if out is None and form in NO_TEXT:
        raise UsageError(f"{NO_TEXT[form]} is no text; name a file with --out.")


def _render(rows: Rows, form: str, single: bool, columns: Sequence[Described] = ()) -> bytes:
    """Bytes of the rows in one format."""
    if form == "json":
        payload: Any = rows[0] if single else list(rows)
        return (json.dumps(payload, ensure_ascii=False, indent=1) + "\n").encode()
    if form == "table":
        return (_fields(rows[0]) if single else _table(rows)).encode()
    return encode(frame_of(rows, columns), form, columns)


def encode(frame: pl.DataFrame, form: str, columns: Iterable[Described] = ()) -> bytes:
    """Bytes of a flat frame as csv, parquet or dta."""
    if form == "dta":
        from exeunt.core.stata import write_dta

        known = {c.name: c for c in columns if c.name in frame.columns}
        return write_dta(
            frame, {n: c.meaning for n, c in known.items()}, {n: c.words for n, c in known.items() if c.words}
        )
    buffer = BytesIO()
    if form == "csv":
        frame.write_csv(buffer)
    else:
        frame.write_parquet(buffer)
    return buffer.getvalue()


def frame_of(rows: Rows, columns: Sequence[Described] = ()) -> pl.DataFrame:
    """Flat frame of the rows: the known columns in their order, then any other; mixed types become text."""
    import polars as pl

    types = {"text": pl.String, "integer": pl.Int64, "number": pl.Float64, "boolean": pl.Boolean}
    kinds = {c.name: types[c.kind] for c in columns}
    names = dict.fromkeys([*kinds, *(key for row in rows for key in row)])
    series = []
    for name in names:
        values = [_flat(row.get(name)) for row in rows]
        found = {type(value) for value in values} - {type(None)}
        if not found:
            series.append(pl.Series(name, values, dtype=kinds.get(name, pl.String)))
        elif found <= {int, float}:
            series.append(pl.Series(name, values, dtype=pl.Float64 if float in found else None))
        elif len(found) == 1:
            series.append(pl.Series(name, values))
        else:
            series.append(pl.Series(name, [None if v is None else str(v) for v in values], dtype=pl.String))
    return pl.DataFrame(series)


def _flat(value: Any) -> Any:
    """What a cell of a flat table holds: a message is written out, lists and mappings are joined."""
    if isinstance(value, dict):
        if value.keys() == {"code", "values"}:
            from exeunt.i18n import render as written

            return written(Message(**value), _LANG.get())
        return "; ".join(f"{k}={_flat(v)}" for k, v in value.items() if v not in (None, "", []))
    if isinstance(value, (list, tuple)):
        return " | ".join(str(_flat(v)) for v in value)
    return value


def _word(code: str, **values: object) -> str:
    from exeunt.i18n import word

    return word(code, _LANG.get(), **values)


def _heading(name: str) -> str:
    from exeunt.i18n.messages import heading

    return heading(name, _LANG.get())


def _cell(name: str, value: Any) -> str:
    from exeunt.i18n.messages import cell

    return _text(cell(name, value, _LANG.get()))


def _width(text: str) -> int:
    """Columns of a terminal that a text takes: two a Chinese character."""
    from unicodedata import east_asian_width

    return len(text) + sum(east_asian_width(c) in "WF" for c in text)


def _padded(text: str, width: int) -> str:
    while _width(text) > width:
        text = text[:-1]
    return text + " " * (width - _width(text))


def _text(value: Any) -> str:
    if value is None:
        return "–"
    if isinstance(value, bool):
        return _word("web.yes" if value else "web.no")
    if isinstance(value, float):
        return f"{value:.4g}"
    return str(_flat(value))


def _fields(row: dict[str, Any]) -> str:
    width = max(_width(_heading(key)) for key in row)
    lines = []
    for key, value in row.items():
        if isinstance(value, (list, tuple)) and value and isinstance(value[0], dict):
            lines.append(f"{_heading(key)}:")
            lines += [f"  {' '.join(_cell(name, v) for name, v in item.items())}" for item in value]
        else:
            lines.append(f"{_padded(_heading(key), width)}  {_cell(key, value)}")
    return "\n".join(lines) + "\n"


def _table(rows: Rows) -> str:
    if not rows:
        return f"{_word('table.nothing')}\n"
    names = list(rows[0])
    heads = [_heading(name) for name in names]
    cells = [[_cell(name, row.get(name)) for name in names] for row in rows]
    widths = [min(max(_width(head), *(_width(line[k]) for line in cells)), _WIDEST) for k, head in enumerate(heads)]

    def line(values: list[str]) -> str:
        return "  ".join(_padded(v, w) for v, w in zip(values, widths, strict=True)).rstrip()

    return "\n".join([line(heads), line(["-" * w for w in widths]), *map(line, cells)]) + "\n"
