"""A small set of curated tables, cut from the real ones, for tests that read them many times."""

from __future__ import annotations

import csv
from pathlib import Path

from exeunt.etl.csv_reader import LAYOUTS
from exeunt.etl.curated_money import EXTRA_AMOUNTS
from tiny import ROOT

CURATED = ROOT / "data" / "curated"
EPISODES = ("usa-who-2025", "usa-paris-2025", "bfa-oif-2025", "mar-oau-1984", "zaf-icc-2016", "tun-afchpr_34_6-2025")


def read(path: Path) -> list[list[str]]:
    """Every row of a CSV, the header first."""
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.reader(stream))


def write(path: Path, rows: list[list[str]]) -> None:
    """Write rows as the curated files are written."""
    with path.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream, lineterminator="\n").writerows(rows)


def small_folder(folder: Path) -> Path:
    """Write a few rows of each table, and all states and bodies, into a folder."""
    folder.mkdir(parents=True)
    for layout in LAYOUTS:
        header, *rows = read(CURATED / f"{layout.table}.csv")
        if "episode" in header:
            rows = [r for r in rows if r[header.index("episode")] in EPISODES]
        elif layout.table == "ledger":
            kinds: dict[str, int] = {}
            kept = []
            for row in rows:
                kind = row[header.index("record")]
                kinds[kind] = kinds.get(kind, 0) + 1
                if kinds[kind] <= 2 or row[0] in EXTRA_AMOUNTS:
                    kept.append(row)
            rows = kept
        elif layout.table not in {"states", "bodies"}:
            rows = rows[:6]
        write(folder / f"{layout.table}.csv", [header, *rows])
    header, *rows = read(CURATED / "regions.csv")
    write(folder / "regions.csv", [header, *rows[:6]])
    return folder


def edit(folder: Path, table: str, row: int, column: str, cell: str) -> int:
    """Put a cell into a row (from 0); returns the line it stands on."""
    path = folder / f"{table}.csv"
    rows = read(path)
    rows[row + 1][rows[0].index(column)] = cell
    write(path, rows)
    return row + 2


def find(folder: Path, table: str, key: str) -> int:
    """Number of the row with a key in its first column, from 0."""
    return next(n for n, r in enumerate(read(folder / f"{table}.csv")[1:]) if r[0] == key)
