"""SQL on the record: one statement that reads, in a database in memory that can reach nothing else.

Needs DuckDB (the extra `sql`). The tables are copied from the proved Parquet files; then files, network, extensions and
settings are shut off, and the query runs in a read-only transaction, since a statement that begins with WITH may write.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from threading import Event
from typing import TYPE_CHECKING, Any, Final

from exeunt.core.errors import ExeuntError, UsageError
from exeunt.record.opened import recognised
from exeunt.record.schema import TABLE, TABLES, Column
from exeunt.record.store import Record

if TYPE_CHECKING:
    import duckdb

MEMORY: Final = "2GB"
THREADS: Final = 2
MOST_ROWS: Final = 1_000_000
AT_ONCE: Final = 10_000
SHUT: Final = (
    "SET python_enable_replacements = false",
    "SET enable_external_access = false",
    "SET lock_configuration = true",
    "BEGIN TRANSACTION READ ONLY",
)
WHOLE_TYPES: Final = {"TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "UTINYINT", "USMALLINT", "UINTEGER",
                      "UBIGINT", "UHUGEINT"}  # fmt: skip


@dataclass(frozen=True)
class _Answer:
    """Rows of plain values under unique names, and the columns with what the record knows about them."""

    columns: tuple[Column, ...]
    rows: list[dict[str, Any]]


def tables(record: Record) -> list[dict[str, Any]]:
    """The tables that a query may name; needs no DuckDB."""
    return [
        {"table": t.name, "rows": record.table(t.name).height, "row": t.row, "key": ", ".join(t.key),
         "licence_class": t.licence_class} for t in TABLES
    ]  # fmt: skip


def query(record: Record, text: str, seconds: float = 60.0) -> _Answer:
    """Run one SELECT, WITH, DESCRIBE or SHOW on the tables of the record.

    Parameters
    ----------
    seconds : after so many the query is stopped

    Raises
    ------
    UsageError, for a query that is none, that writes, or that reaches for anything but the tables; ExeuntError, where
    DuckDB is not installed, or the query outgrows its time, its memory or the most rows.
    """
    if not seconds > 0:
        raise UsageError(f"--seconds {seconds:g} leaves no time; give a number above 0.")
    duckdb = _duckdb()
    # In a thread of its own: this one stays free to count the seconds and to hear Ctrl-C, which DuckDB does not.
    with _database(record) as connection, ThreadPoolExecutor(1) as worker:
        statement = _only_statement(duckdb, connection, text)
        stop, named = Event(), [name for name in TABLE if re.search(rf"\b{name}\b", text, re.IGNORECASE)]
        running = worker.submit(_answer, connection, statement, stop, named)
        try:
            return running.result(timeout=seconds)
        except TimeoutError:
            raise ExeuntError(
                f"the query took longer than {seconds:g} s and was stopped; narrow it, or raise --seconds."
            ) from None
        except duckdb.Error as error:
            raise _told(duckdb, error) from None
        finally:
            stop.set()
            connection.interrupt()


def _duckdb() -> Any:
    try:
        import duckdb
    except ImportError:
        raise ExeuntError(
            'SQL needs DuckDB, which is not installed here; install it with `pip install "exeunt[sql]"`.'
        ) from None
    return duckdb


def _database(record: Record) -> duckdb.DuckDBPyConnection:
    """Every table of the record in memory, and every way out shut."""
    import duckdb

    connection = duckdb.connect(
        ":memory:",
        config={
            "memory_limit": MEMORY, "threads": THREADS, "temp_directory": "",
            "autoinstall_known_extensions": "false", "autoload_known_extensions": "false",
        },
    )  # fmt: skip
    for table in TABLES:
        connection.execute(
            f'CREATE TABLE "{table.name}" AS SELECT * FROM read_parquet(?)', [str(record.file(table.name))]
        )
    for line in SHUT:
        connection.execute(line)
    return connection


def _only_statement(duckdb: Any, connection: duckdb.DuckDBPyConnection, text: str) -> duckdb.Statement:
    try:
        statements = connection.extract_statements(text)
    except duckdb.Error as error:
        raise _told(duckdb, error) from None
    if len(statements) != 1:
        found = f"{len(statements)} statements" if statements else "none"
        raise UsageError(f"expected one SQL statement, found {found}; give one SELECT, WITH, DESCRIBE or SHOW.")
    if statements[0].type != duckdb.StatementType.SELECT:
        raise UsageError(
            f"sql only reads the record: found {statements[0].type.name.replace('_', ' ')}, expected one SELECT, WITH, "
            "DESCRIBE or SHOW; to keep an answer use --format and --out."
        )
    return statements[0]


def _answer(
    connection: duckdb.DuckDBPyConnection, statement: duckdb.Statement, stop: Event, named: Iterable[str]
) -> _Answer:  # fmt: skip
    result = connection.execute(statement)
    described = result.description or []
    names = _unique([str(entry[0]) for entry in described])
    cells: list[tuple[Any, ...]] = []
    while not stop.is_set() and (part := result.fetchmany(AT_ONCE)):
        cells += part
        if len(cells) > MOST_ROWS:
            raise ExeuntError(f"the answer has more than {MOST_ROWS:,} rows; add a LIMIT or a WHERE.")
    rows = [dict(zip(names, map(_plain, row), strict=True)) for row in cells]
    known = {column.name: column for column in recognised(names, named)}
    columns = []
    for name, entry in zip(names, described, strict=True):
        kind = _kind(str(entry[1]))
        column = known.get(name)
        if column is None or column.kind != kind:
            columns.append(Column(name, kind, ""))
        else:
            # A query may put other words under a known name.
            closed = all(row[name] is None or row[name] in column.words for row in rows)
            columns.append(Column(name, kind, column.meaning, column.words if closed else ()))
    return _Answer(tuple(columns), rows)


def _unique(names: Sequence[str]) -> list[str]:
    """The names in order; one that is there already gets a number."""
    unique: list[str] = []
    for name in names:
        candidate, number = name, 1
        while candidate in unique:
            number += 1
            candidate = f"{name}_{number}"
        unique.append(candidate)
    return unique


def _kind(sql_type: str) -> str:
    if sql_type in WHOLE_TYPES:
        return "integer"
    if sql_type in {"DOUBLE", "FLOAT"} or sql_type.startswith("DECIMAL"):
        return "number"
    return "boolean" if sql_type == "BOOLEAN" else "text"


def _plain(value: Any) -> Any:
    """A value that JSON can hold; what is no number, list or object becomes text."""
    if value is None or isinstance(value, bool | str):
        return value
    if isinstance(value, int):
        return value if abs(value) < 2**63 else str(value)
    if isinstance(value, float | Decimal):
        number = float(value)
        return number if math.isfinite(number) else None if math.isnan(number) else str(number)
    if isinstance(value, date | datetime | time):
        return value.isoformat()
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    return str(value)


def _told(duckdb: Any, error: Exception) -> ExeuntError:
    """What went wrong, in one sentence."""
    if isinstance(error, duckdb.OutOfMemoryException):
        return ExeuntError(f"the query needs more than {MEMORY} of memory; narrow it or aggregate earlier.")
    if isinstance(error, duckdb.PermissionException) or "has been locked" in str(error):
        return UsageError(
            f"the query reaches beyond the record ({_reason(error)}); only its tables can be read, "
            "no file, no network, no setting."
        )
    if "read-only" in str(error):
        return UsageError("sql only reads the record: a part of the query writes; leave INSERT, UPDATE and DELETE out.")
    return UsageError(f"the query cannot be run ({_reason(error)}); `exeunt sql --tables` lists the tables.")


def _reason(error: Exception) -> str:
    """First paragraph of DuckDB's message, without its kind and the excerpt of the query."""
    text = " ".join(str(error).split("\n\n")[0].split("LINE ")[0].split())
    return text.partition("Error: ")[2].rstrip(" .!?") or text.rstrip(" .!?")
