"""Commands that give the record away: whole, by query, and compared with another."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from exeunt.cli.command import Arguments, Command, add_format, columns_of
from exeunt.core.errors import UsageError

if TYPE_CHECKING:
    from exeunt.record.difference import Snapshot, TableDifference

LISTED = 10


def _export(options: argparse.Namespace) -> int:
    """Write the record into a zip file."""
    from exeunt.core.files import require_writable, write_bytes
    from exeunt.core.progress import Progress
    from exeunt.record.bundle import bundle
    from exeunt.record.opened import open_record

    if options.out.suffix.lower() != ".zip":
        raise UsageError(f"{options.out} does not end in .zip; the record is exported as one zip file.")
    require_writable(options.out)
    with Progress(options.quiet).step("zip file", 5):
        content = bundle(open_record(), options.tables, options.dta)
    write_bytes(options.out, content)
    print(options.out)
    return 0


def _sql(options: argparse.Namespace) -> int:
    """Answer a query on the record."""
    from exeunt.core.export import emit
    from exeunt.record import query
    from exeunt.record.opened import ANSWERS, open_record

    if sum([options.query is not None, options.file is not None, options.tables]) != 1:
        raise UsageError("expected one of a query, --file FILE and --tables; see `exeunt sql --help`.")
    if options.tables:
        emit(query.tables(open_record()), options.format, options.out, columns=ANSWERS["tables"])
        return 0
    text = options.query if options.file is None else _read(options.file)
    answer = query.query(open_record(), text, options.seconds)
    emit(answer.rows, options.format, options.out, columns=answer.columns)
    return 0


def _read(path: Any) -> str:
    try:
        return str(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is not UTF-8"
        raise UsageError(f"the query in {path} cannot be read ({reason}); name a text file with --file.") from None


def _diff(options: argparse.Namespace) -> int:
    """Print what two records differ in."""
    from exeunt.core.export import emit
    from exeunt.core.files import write_bytes
    from exeunt.record.difference import compare, open_snapshot
    from exeunt.record.opened import ANSWERS

    if options.limit is not None and options.limit < 0:
        raise UsageError(f"--limit {options.limit} is below 0; give the number of rows to list for each table.")
    old, new = open_snapshot(options.old), open_snapshot(options.new)
    found = compare(old, new, options.table)
    if options.format == "table":
        text = _text(old, new, found, LISTED if options.limit is None else options.limit)
        if options.out is None:
            print(text, end="")
        else:
            write_bytes(options.out, text.encode())
            print(options.out)
    elif options.format == "json":
        answer = {
            **{name: {"place": s.place, "version": s.version, "closing_day": s.closing_day}
               for name, s in (("old", old), ("new", new))},
            "same": all(d.same for d in found), "tables": [d.as_dict(options.limit) for d in found],
        }  # fmt: skip
        emit([answer], "json", options.out, single=True)
    else:
        emit(_rows(found, options.limit), options.format, options.out, columns=ANSWERS["diff"])
    return 0


def _rows(found: Sequence[TableDifference], limit: int | None) -> list[dict[str, Any]]:
    """One row a cell that changed, and one a row that came or went."""
    rows = []
    for one in found:
        for entry in one.listing(limit):
            head = {"table": one.table, "change": entry["change"], "key": _pairs(entry["key"])}
            cells = entry.get("columns", {None: {"old": None, "new": None}})
            for column, cell in cells.items():
                old, new = (None if v is None else str(v) for v in (cell["old"], cell["new"]))
                rows.append({**head, "column": column, "old": old, "new": new})
    return rows


def _text(old: Snapshot, new: Snapshot, found: Sequence[TableDifference], limit: int) -> str:
    lines = [f"old  {old.version}  {old.place}", f"new  {new.version}  {new.place}", ""]
    for one in found:
        if one.same:
            continue
        rows = " → ".join("none" if n is None else str(n) for n in (one.rows_old, one.rows_new))
        counts = f"+{one.added.height} −{one.removed.height} ~{one.before.height}"
        lines.append(f"{one.table}  {rows} rows  {counts}")
        lines += [f"  column {c} is new" for c in one.columns_added] + [
            f"  column {c} is gone" for c in one.columns_removed
        ]
        listed = one.listing(limit)
        for entry in listed:
            sign = {"added": "+", "removed": "−", "changed": "~"}[entry["change"]]
            cells = "; ".join(
                f"{c}: {_value(v['old'])} → {_value(v['new'])}" for c, v in entry.get("columns", {}).items()
            )
            lines.append(f"  {sign} {_pairs(entry['key'])}{f'  {cells}' if cells else ''}")
        more = one.added.height + one.removed.height + one.before.height - len(listed)
        if more:
            lines.append(f"  and {more} more; see --limit")
    same = [one.table for one in found if one.same]
    if len(same) == len(found):
        lines.append("no row differs.")
    elif same:
        lines.append(f"the same: {', '.join(same)}")
    return "\n".join(lines) + "\n"


def _pairs(key: dict[str, Any]) -> str:
    return " ".join(f"{name}={_value(value)}" for name, value in key.items())


def _value(value: Any) -> str:
    text = "–" if value is None else str(value)
    return text if len(text) <= 60 else f"{text[:59]}…"


def _export_arguments(to: Arguments) -> None:
    to.add_argument("--out", type=Path, required=True, metavar="FILE", help="where to write, ends in .zip")
    to.add_argument("--tables", nargs="+", metavar="TABLE", help="only these tables (default: all)")
    to.add_argument("--dta", action="store_true", help="Stata files too")


def _sql_arguments(to: Arguments) -> None:
    to.add_argument("query", nargs="?", metavar="QUERY", help='one SELECT, as in "SELECT * FROM acts LIMIT 5"')
    to.add_argument("--file", type=Path, metavar="FILE", help="read the query from a file instead")
    to.add_argument("--tables", action="store_true", help="list the tables instead")
    to.add_argument("--seconds", type=float, default=60.0, metavar="S", help="stop a longer query (default: 60)")
    add_format(to)


def _diff_arguments(to: Arguments) -> None:
    to.add_argument("old", metavar="OLD", help="directory, zip file of `exeunt export`, or `embedded`")
    to.add_argument("new", metavar="NEW", help="the same")
    to.add_argument("--table", action="append", metavar="TABLE", help="only this table; may be repeated")
    to.add_argument("--limit", type=int, metavar="N", help="rows listed for each table (default: 10; as data: all)")
    add_format(to)


COMMANDS = (
    Command("export", "write the record, or tables of it, into one zip file with its terms and sources", _export,
            _export_arguments),
    Command("sql", "ask the record in SQL, read-only (needs duckdb, the extra `sql`)", _sql, _sql_arguments),
    Command("diff", "list what differs between two records, row by row", _diff, _diff_arguments, columns_of("diff")),
)  # fmt: skip
