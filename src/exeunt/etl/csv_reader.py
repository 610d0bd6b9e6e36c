"""The curated CSV tables as people write them: read strictly, each fault told with its file, line and column.

A sheet is checked in three steps, and a later one runs only on what passed the earlier: the text (encoding, quotes, cells
to a row, the header), the cells (types, closed words, keys, states and bodies), and the rules of `checks.py`.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import Final

import polars as pl

from exeunt.core.errors import CompileError
from exeunt.etl.checks import _faults, _shown
from exeunt.etl.curated_money import EXTRA_AMOUNTS, NEEDED, NUMBERS
from exeunt.record.schema import TABLE, Column, Table
from exeunt.record.store import POLARS_TYPES

FORMS: Final = {
    "integer": (re.compile(r"-?[0-9]{1,15}"), "a whole number such as 2025"),
    "number": (re.compile(r"-?[0-9]{1,15}(\.[0-9]{1,15})?"), "a number such as 22.0"),
    "boolean": (re.compile(r"true|false"), "true or false"),
}
CONTROL: Final = re.compile(r"[\x00-\x1f\x7f\u2028\u2029]")


@dataclass(frozen=True, slots=True)
class _Layout:
    """How a curated CSV differs from its table in `schema.py`; columns that both have are named alike."""

    table: str
    more: tuple[str, ...] = ()
    """Columns of the CSV that the table lacks."""
    less: tuple[str, ...] = ()
    """Columns of the table that the CSV lacks."""
    words: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """Closed words of the CSV where they are fewer than those of the table."""
    states: tuple[str, ...] = ()
    bodies: tuple[str, ...] = ()
    """Columns that hold a state, or a body."""
    lists: tuple[str, ...] = ()
    """Columns that hold several of them, separated by spaces: a column `states` holds states, any other bodies."""

    def columns(self) -> dict[str, Column]:
        """Every column by its name."""
        held = {c.name: c for c in TABLE[self.table].columns if c.name not in self.less}
        return held | {name: Column(name, "text", "") for name in self.more}


REGION_COLUMNS: Final = ("state", "region", "note", "sources")
LAYOUTS: Final = (
    _Layout("states", less=("region",)),
    _Layout("labels", states=("state",)),
    _Layout("vclt_parties"),
    _Layout("published_counts"),
    _Layout("bodies", ("member_based", "cow_name", "founded_source"), ("cow_ionum", "coded_from", "coded_to"),
           bodies=("parent",), lists=("depends_on",)),
    _Layout("episodes", states=("state",), bodies=("body",)),
    _Layout("acts", states=("state",), bodies=("body",)),
    _Layout("parties", states=("state",)),
    _Layout("party_lists"),
    _Layout("source_ranks"),
    _Layout("names"),
    _Layout("clauses", bodies=("body",), lists=("also_ends",)),
    _Layout("cases", lists=("states", "bodies")),
    _Layout("case_bodies", (
        "acronym", "un_entity", "issue_area", "kind", "leaveable_body", "founding_year", "withdrawal_clause",
        "notice_period_days", "notified", "effective", "listing_sources_n",
    ), bodies=("body",)),
    _Layout("claims", more=("claim",), less=("argument",)),
    _Layout("coded_steps", ("state_cow", "body_name", "confidence", "sources"), states=("state",), bodies=("body",)),
    _Layout("ledger", (
        "body_name", "total_usd", "us_share_pct", "us_arrears_usd", "donor", "total_kind", "us_usd", "us_status",
        "status_as_of", "states_paid_in_full", "assessed_total_usd", "us_assessed_usd", "us_earmarked_usd",
        "us_core_voluntary_usd", "us_share_of_assessed_pct", "top_donors", "rank", "state_name", "n_states_with_rate",
    ), ("fund", "ledger", "amount", "currency", "usd", "rate_source", "basis", "source"),
        {"record": tuple(NEEDED)}, ("state", "donor"), ("body",)),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Sheet:
    """One CSV: every cell as text (None where empty), and the line on which each row begins."""

    file: str
    frame: pl.DataFrame
    lines: list[int]


def _read_sheet(path: Path) -> _Sheet:
    """Read a CSV strictly; an empty cell is missing, and Namibia's "NA" is not.

    Raises
    ------
    CompileError, in one sentence, if it is missing, no UTF-8, wrongly quoted, ragged, or names a column twice.
    """
    name = path.name
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        raise CompileError(f"curated table {name} is missing from {path.parent}; put it back.") from None
    except OSError as error:
        raise CompileError(f"curated table {name} cannot be read ({error.strerror}); see {path}.") from None
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise CompileError(
            f"{name}, line {line}: byte 0x{content[error.start]:02x} is no UTF-8; save the file as UTF-8."
        ) from None
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    rows: list[list[str]] = []
    lines: list[int] = []
    begins = 1
    try:
        for row in reader:
            if row:
                rows.append(row)
                lines.append(begins)
            begins = reader.line_num + 1
    except csv.Error as error:
        raise CompileError(
            f"{name}, line {begins}: it cannot be read as CSV ({error}); close every quotation mark, and double one that is "
            "part of the text."
        ) from None
    if not rows:
        raise CompileError(f"{name} is empty; it needs at least its header.")
    header = rows[0]
    for place, column in enumerate(header):
        if column in header[:place]:
            raise CompileError(f"{name}, line 1: the column {_shown(column)} is named twice; keep one of them.")
    for row, line in zip(rows[1:], lines[1:], strict=True):
        if len(row) != len(header):
            raise CompileError(
                f"{name}, line {line}: found {len(row)} cells, expected {len(header)} as in the header; look for a comma too "
                "many or too few, and put a text with commas in quotation marks."
            )
        for column, cell in zip(header, row, strict=True):
            if CONTROL.search(cell):
                raise CompileError(
                    f"{name}, line {line}, column {column}: {_shown(cell)} holds a line break or a control character; a cell "
                    "is one line of text, so look for a quotation mark that is not closed."
                )
    cells = [[cell or None for cell in row] for row in rows[1:]]
    return _Sheet(name, pl.DataFrame(cells, schema=dict.fromkeys(header, pl.String), orient="row"), lines[1:])


def read_folder(folder: Path) -> tuple[dict[str, _Sheet], list[str]]:
    """Read and check every curated sheet.

    Parameters
    ----------
    folder : directory of the CSV files

    Returns
    -------
    Sheets by table, and the faults found, one sentence each; the sheets serve only where there are none.
    """
    sheets: dict[str, _Sheet] = {}
    problems: list[str] = []
    for layout in LAYOUTS:
        try:
            sheet = _read_sheet(folder / f"{layout.table}.csv")
            _check_header(sheet, layout)
        except CompileError as error:
            problems.append(str(error))
            continue
        sheets[layout.table] = sheet
    try:
        sheets["regions"] = _read_sheet(folder / "regions.csv")
        if sheets["regions"].frame.columns != list(REGION_COLUMNS):
            raise CompileError(f"regions.csv, line 1: expected the columns {', '.join(REGION_COLUMNS)}.")
    except CompileError as error:
        problems.append(str(error))
    if problems:
        return sheets, problems
    states = set(sheets["states"].frame["state"].drop_nulls())
    bodies = set(sheets["bodies"].frame["body"].drop_nulls())
    for layout in LAYOUTS:
        told = _check_cells(sheets[layout.table], layout, states, bodies)
        problems += [says for _, says in sorted(told, key=lambda pair: pair[0])]
    problems += _check_ledger(sheets["ledger"])
    problems += _check_regions(sheets["regions"], states)
    problems += _check_owners(sheets)
    if not problems:
        for fault in _faults({layout.table: _typed(sheets[layout.table], layout) for layout in LAYOUTS}):
            problems.append(f"{_at(sheets[fault.table], fault.row)}, column {fault.column}: {fault.says}")
    return sheets, problems


def _typed(sheet: _Sheet, layout: _Layout) -> pl.DataFrame:
    """A checked sheet with the types of its table, rows in the order of the file."""
    columns = []
    for name, column in layout.columns().items():
        text = pl.col(name)
        value = text == "true" if column.kind == "boolean" else text.cast(POLARS_TYPES[column.kind])
        columns.append(value.alias(name))
    return sheet.frame.select(columns)


def _at(sheet: _Sheet, row: int) -> str:
    return f"{sheet.file}, line {sheet.lines[row]}"


def _check_header(sheet: _Sheet, layout: _Layout) -> None:
    expected = list(layout.columns())
    for found, known, what in (
        (set(expected) - set(sheet.frame.columns), sheet.frame.columns, "is missing; add it to the header and to every row"),
        (set(sheet.frame.columns) - set(expected), expected, "is not expected; take it out"),
    ):  # fmt: skip
        if found:
            name = min(found)
            close = get_close_matches(
                name, [c for c in known if c not in (set(expected) & set(sheet.frame.columns))], 1
            )
            hint = f" (or did somebody write {_shown(close[0])} for it?)" if close else ""
            raise CompileError(f"{sheet.file}, line 1: the column {_shown(name)} {what}{hint}.")


def _check_cells(
    sheet: _Sheet, layout: _Layout, states: Collection[str], bodies: Collection[str]
) -> Iterator[tuple[int, str]]:
    key = TABLE[layout.table].key
    for name, column in layout.columns().items():
        words = layout.words.get(name, column.words)
        for row, cell in enumerate(sheet.frame[name]):
            where = f"{_at(sheet, row)}, column {name}"
            if cell is None:
                if column.required or (name in key and layout.table != "states"):
                    yield row, f"{where}: the cell is empty and may not be; fill it in."
            elif cell != cell.strip():
                yield row, f"{where}: {_shown(cell)} begins or ends with a space; take it away."
            elif column.kind in FORMS and not FORMS[column.kind][0].fullmatch(cell):
                yield row, f"{where}: {_shown(cell)} is no {column.kind}; write {FORMS[column.kind][1]}."
            elif words and cell not in words:
                yield row, f"{where}: {_shown(cell)} is none of its words; {_closest(cell, words)}."
            else:
                listed = name in layout.lists
                of_states = name in layout.states or (listed and name == "states")
                if not (listed or of_states or name in layout.bodies):
                    continue
                known, what = (states, "state of states.csv") if of_states else (bodies, "body of bodies.csv")
                for part in cell.split(" ") if listed else [cell]:
                    if part not in known:
                        yield row, f"{where}: {_shown(part)} is no {what}; {_closest(part, known)}, or add a row there."
    first: dict[tuple[str, ...], int] = {}
    for row, held in enumerate(sheet.frame.select(key).rows()):
        if held in first:
            told = " ".join(str(k) for k in held)
            yield (
                row,
                f"{_at(sheet, row)}, column {key[0]}: {_shown(told)} is already on line "
                f"{sheet.lines[first[held]]}; give the row a key of its own, or take one away.",
            )
        first.setdefault(held, row)


def _check_ledger(sheet: _Sheet) -> Iterator[str]:
    for row, item in enumerate(sheet.frame.iter_rows(named=True)):
        extra = EXTRA_AMOUNTS.get(str(item["id"]), {}).get("column")
        for name in (*NEEDED.get(str(item["record"]), ()), *([extra] if extra else [])):
            if item[name] is None:
                yield f"{_at(sheet, row)}, column {name}: a {item['record']} needs it; fill it in."
        for name in NUMBERS:
            if item[name] is not None and not FORMS["number"][0].fullmatch(item[name]):
                yield f"{_at(sheet, row)}, column {name}: {_shown(item[name])} is no number; write {FORMS['number'][1]}."


def _check_regions(sheet: _Sheet, states: Collection[str]) -> Iterator[str]:
    """`regions.csv` gives each state code its region; it is no table of its own, but a column of `states`."""
    words = next(c.words for c in TABLE["states"].columns if c.name == "region")
    seen: set[str] = set()
    for row, (state, region, _, sources) in enumerate(sheet.frame.iter_rows()):
        if state not in states:
            yield f"{_at(sheet, row)}, column state: {_shown(state)} is no state of states.csv; mend it, or add a row there."
        elif state in seen:
            yield f"{_at(sheet, row)}, column state: {_shown(state)} has a region already; take one of the two away."
        if region not in words:
            yield f"{_at(sheet, row)}, column region: {_shown(region)} is none of its words; {_closest(str(region), words)}."
        if not sources:
            yield f"{_at(sheet, row)}, column sources: the row has no source; give an address that a reader can open."
        seen.add(state)


def _check_owners(sheets: dict[str, _Sheet]) -> Iterator[str]:
    for name, column, owner in (("acts", "episode", "episodes"), ("case_bodies", "case", "cases")):
        known = set(sheets[owner].frame[column].drop_nulls())
        for row, cell in enumerate(sheets[name].frame[column]):
            if cell is not None and cell not in known:
                yield (
                    f"{_at(sheets[name], row)}, column {column}: {_shown(cell)} is in no row of {owner}.csv; "
                    f"{_closest(cell, known)}, or add a row there."
                )


def _closest(found: str, known: Collection[str]) -> str:
    close = get_close_matches(found[:80], sorted(known), n=3, cutoff=0.5)
    if close and len(known) > 8:
        return f"expected one of {len(known)}, the closest: {', '.join(close)}"
    return f"expected one of {', '.join(sorted(known)[:8])}{' …' if len(known) > 8 else ''}"


def _load(folder: Path) -> dict[str, pl.DataFrame]:
    """Every curated table, checked, as text under the names of its CSV.

    Raises
    ------
    CompileError, with the first fault in one sentence and the number of the others.
    """
    sheets, problems = read_folder(folder)
    if problems:
        more = (
            f" {len(problems)} faults in all: `exeunt check --data {folder.parent}` lists them." if problems[1:] else ""
        )
        raise CompileError(problems[0] + more)
    return {name: sheet.frame for name, sheet in sheets.items()}


def _conform(frame: pl.DataFrame, table: Table) -> pl.DataFrame:
    """Give a frame exactly the columns and types of its table, sorted by key.

    Raises
    ------
    CompileError, if a cell cannot be read as its type; at most five examples are named.
    """
    columns = []
    for column in table.columns:
        dtype = POLARS_TYPES[column.kind]
        if column.name not in frame.columns:
            columns.append(pl.lit(None, dtype=dtype).alias(column.name))
        elif frame.schema[column.name] == pl.String and column.kind == "boolean":
            text = pl.col(column.name)
            columns.append(
                pl.when(text == "true").then(True).when(text == "false").then(False).otherwise(None)
                .cast(pl.Boolean).alias(column.name)
            )  # fmt: skip
        else:
            columns.append(pl.col(column.name).cast(dtype, strict=False).alias(column.name))
    out = frame.select(columns)
    for column in table.columns:
        if column.name in frame.columns:
            lost = frame.filter(frame[column.name].is_not_null() & out[column.name].is_null())[column.name]
            if lost.len():
                raise CompileError(
                    f"{table.name}.{column.name}: {lost.len()} cells are not of the type {column.kind}: "
                    f"{lost.head(5).to_list()}."
                )
    return out.sort(list(table.key), nulls_last=False, maintain_order=True)
