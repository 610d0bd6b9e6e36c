"""The record, or tables of it, as one zip file: data, what each column is, terms, citations, checksums.

The same record and the same version of exeunt give the same bytes: nothing in the file tells when it was written. The
Parquet files are those of the record, so that the export, unzipped or not, is itself a record for `exeunt diff`.
"""

from __future__ import annotations

import hashlib
import json
import tomllib
import zipfile
from collections.abc import Sequence
from io import BytesIO
from pathlib import Path
from typing import Final

from exeunt import __version__
from exeunt.core.errors import UnknownNameError
from exeunt.core.export import encode
from exeunt.core.stata import write_dta
from exeunt.record.cards import all_cards, own_citation
from exeunt.record.schema import TABLE, TABLES, Table
from exeunt.record.store import Record

ROOT: Final = "exeunt-record/"
NO_TIME: Final = (1980, 1, 1, 0, 0, 0)
"""The earliest time that a zip file can hold."""
SHARE_ALIKE: Final = "share_alike"
LICENCES: Final = Path(__file__).parent / "licences"
CLASSES: Final = {
    "ship": "These tables carry facts of the sources below, with attribution.",
    "ship_derived": "These are exeunt's own tables of facts, compiled from the sources below, with attribution.",
}


def bundle(record: Record, tables: Sequence[str] | None = None, dta: bool = False) -> bytes:
    """Bytes of the zip file.

    Parameters
    ----------
    tables : names of the tables; all by default
    dta : a Stata file for each table, too

    Raises
    ------
    UnknownNameError, for a name that is no table; RecordError, where a file of the record is damaged.
    """
    for name in tables or ():
        if name not in TABLE:
            raise UnknownNameError("table", name, TABLE)
    chosen = [table for table in TABLES if not tables or table.name in tables]
    classes = list(dict.fromkeys(table.licence_class for table in chosen))
    terms = (record.folder / "licences.toml").read_bytes()
    sources = {name: entry["sources"] for name, entry in tomllib.loads(terms.decode()).items() if name in classes}
    files: dict[str, bytes] = {}
    rows: dict[str, int] = {}
    for table in chosen:
        frame, stem = record.table(table.name), f"{table.licence_class}/{table.name}"
        files[f"{stem}.parquet"] = record.file(table.name).read_bytes()
        files[f"{stem}.csv"] = encode(frame, "csv")
        if dta:
            meanings = {column.name: column.meaning for column in table.columns}
            words = {column.name: column.words for column in table.columns if column.words}
            files[f"{stem}.dta"] = write_dta(frame, meanings, words, f"{table.name}: {table.row}", record.closing_day)
        rows |= {name: frame.height for name in files if name.startswith(f"{stem}.")}
    for name in classes:
        files[f"{name}/LICENCE.txt"] = _licence(record, name, sources[name]).encode()
    files["README.md"] = _readme(record, chosen, dta).encode()
    files["CITATION.txt"] = _citation(record, sources).encode()
    files["licences.toml"] = terms
    files["manifest.json"] = _manifest(record, chosen, files, rows)
    return _zip(files)


def _licence(record: Record, licence_class: str, sources: Sequence[str]) -> str:
    cards = [all_cards()[key] for key in sorted(sources)]
    listed = "\n".join(f"- {c.key}: {c.producer}, {c.title}. {c.licence} ({c.licence_basis})." for c in cards)
    if licence_class != SHARE_ALIKE:
        return f"{CLASSES[licence_class]} A row's source is in its columns `source` and `sources`.\n\n{listed}\n"
    head = (record.folder / SHARE_ALIKE / "LICENCE.txt").read_text(encoding="utf-8")
    return f"{head}\n{listed}\n\n{(LICENCES / 'CC-BY-SA-4.0.txt').read_text(encoding='utf-8')}"


def _citation(record: Record, sources: dict[str, list[str]]) -> str:
    lines = [
        f"{own_citation()} Record {record.version}, closed on {record.closing_day}.",
        "",
        "Cite the sources of the rows that you use too; the column `source` names them by these keys.",
        "",
    ]
    for key in sorted(key for keys in sources.values() for key in keys):
        lines.append(f"{key}: {all_cards()[key].citation} [{all_cards()[key].licence}]")
    return "\n".join(lines) + "\n"


def _readme(record: Record, chosen: Sequence[Table], dta: bool) -> str:
    stata = ", `.dta` for Stata 14 or later" if dta else ""
    lines = [
        "# The record of exeunt",
        "",
        f"Version {record.version}, closed on {record.closing_day}; written by exeunt {__version__}. "
        f"{'All tables.' if len(chosen) == len(TABLES) else f'{len(chosen)} of {len(TABLES)} tables.'}",
        "",
        f"Each table is there as `.csv` and `.parquet`{stata}, in the folder of its licence class, whose `LICENCE.txt` "
        "tells the terms. The tables in `share_alike` are under a licence of their own. `CITATION.txt` tells how to "
        "cite, `manifest.json` the sha256 of every file.",
        "",
        "- CSV is UTF-8, parted by commas. An empty cell is missing. `NA` is a word, not a missing value: read with "
        '`na.strings = ""` in R and `keep_default_na=False, na_values=[""]` in pandas.',
        "- Dates are EDTF level 1 (`2026-01`, `2026-01-07?`) and stay text.",
        "- Cells are as in the record, also those that begin with =, +, - or @; a spreadsheet may take them for formulas.",
    ]
    if dta:
        lines.append("- In Stata a closed list of words is a number with value labels; yes and no are 1 and 0.")
    lines.append("")
    for table in chosen:
        lines += _describe(table)
    return "\n".join(lines)


def _manifest(record: Record, chosen: Sequence[Table], files: dict[str, bytes], rows: dict[str, int]) -> bytes:
    listed = {
        name: {"sha256": hashlib.sha256(content).hexdigest(), "bytes": len(content)}
        | ({"rows": rows[name]} if name in rows else {})
        for name, content in sorted(files.items())
    }
    manifest = {
        "version": record.version, "closing_day": record.closing_day.isoformat(), "exeunt": __version__,
        "tables": [table.name for table in chosen], "files": listed,
    }  # fmt: skip
    return (json.dumps(manifest, ensure_ascii=False, indent=1) + "\n").encode()


def _zip(files: dict[str, bytes]) -> bytes:
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in sorted(files.items()):
            entry = zipfile.ZipInfo(ROOT + name, NO_TIME)
            entry.create_system = 3  # as on Unix, wherever it is written
            entry.external_attr = 0o644 << 16
            # Parquet is compressed already.
            entry.compress_type = zipfile.ZIP_STORED if name.endswith(".parquet") else zipfile.ZIP_DEFLATED
            archive.writestr(entry, content, compresslevel=6)
    return buffer.getvalue()


# --- What each table and column is, as Markdown: for the data dictionary and for the README of an export


MOST_WORDS = 14


def _describe(table: Table) -> list[str]:
    """Lines on one table: what a row is, its key, its licence class, its columns with their closed words."""
    lines = [
        f"## {table.name}", "", f"One row is {table.row}. Key: {', '.join(f'`{k}`' for k in table.key)}. "
        f"Licence class: {table.licence_class}.", "", "| column | type | meaning |", "|---|---|---|",
    ]  # fmt: skip
    for column in table.columns:
        words = f" ({' · '.join(column.words)})" if column.words and len(column.words) <= MOST_WORDS else ""
        lines.append(f"| `{column.name}` | {column.kind} | {column.meaning}{words} |")
    return [*lines, ""]
