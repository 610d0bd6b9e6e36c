"""What is inside the raw files that a refresh reads: rows, columns, types and empty cells, kept beside the cards.

`cards/contents.json` holds it for the files as pinned, so that a changed file can be told apart from them without having
the old one. `scripts/make_contents.py` writes it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import polars as pl

from exeunt.errors import CompileError

CONTENTS: Final = Path(__file__).parent / "cards" / "contents.json"
READ: Final[tuple[tuple[str, str], ...]] = (
    ("cow_igo", "igo_year_format3.parquet"),
    ("cow_igo", "state_year_format3.parquet"),
    ("cow_nmc", "cow_nmc.parquet"),
    ("maddison", "gdp-per-capita-maddison-project-database.parquet"),
    ("mia", "DP_May_2021.parquet"),
    ("mia", "mia_cow_numbers.csv"),
    ("un_ceb", "ceb_donor_entity_type_2013_2024.parquet"),
    ("un_regular_budget", "source_documents_by_year.csv"),
    ("un_regular_budget", "un_regular_budget_2019_2026.csv"),
    ("un_scale", "UNGA_scale_of_assessment.csv"),
    ("unga_ideal", "Idealpointestimates1946-2025.parquet"),
    ("unga_ideal", "IdealpointsJuly2025.parquet"),
    ("vdem_simple", "vdem_simple.parquet"),
    ("wdi", "gdp.parquet"),
    ("wdi", "population.parquet"),
)
"""Source and file of everything that a refresh reads."""
SHOWN: Final = 8


@dataclass(frozen=True)
class Contents:
    """Rows of a table, and for each column its type and its number of empty cells."""

    rows: int
    columns: dict[str, tuple[str, int]]


def contents_of(path: Path) -> Contents:
    """Look into a Parquet or CSV file; every column of a CSV is text.

    Raises
    ------
    CompileError, if it cannot be read as what its name says.
    """
    try:
        parquet = path.suffix == ".parquet"
        frame = pl.read_parquet(path) if parquet else pl.read_csv(path, infer_schema=False)
    except (pl.exceptions.PolarsError, OSError) as error:
        reason = str(error).splitlines()[0]
        raise CompileError(f"{path.name} cannot be read as {path.suffix[1:]} ({reason}); fetch it anew.") from None
    return Contents(frame.height, {c: (str(t), frame[c].null_count()) for c, t in frame.schema.items()})


def kept() -> dict[str, Contents]:
    """The contents of the pinned files, by `source/file`."""
    raw: dict[str, Any] = json.loads(CONTENTS.read_text(encoding="utf-8"))
    return {
        name: Contents(item["rows"], {c: (str(t), int(n)) for c, (t, n) in item["columns"].items()})
        for name, item in raw.items()
    }


def as_json(contents: Mapping[str, Contents]) -> bytes:
    """Write contents down, a column a line, in the order of the names."""
    parts = []
    for name in sorted(contents):
        held = contents[name]
        columns = ",\n".join(
            f"  {json.dumps(c, ensure_ascii=False)}: [{json.dumps(t)}, {n}]" for c, (t, n) in held.columns.items()
        )
        parts.append(f' {json.dumps(name)}: {{"rows": {held.rows}, "columns": {{\n{columns}\n }}}}')
    return ("{\n" + ",\n".join(parts) + "\n}\n").encode()


def differences(before: Contents, after: Contents) -> list[str]:
    """Tell in a line each what a file holds now and did not hold before; at most eight columns are named at a time."""
    lines = []
    lost = [c for c in before.columns if c not in after.columns]
    added = [c for c in after.columns if c not in before.columns]
    for word, names in (("lost", lost), ("added", added)):
        if names:
            lines.append(f"columns {word}: {_listed([repr(c) for c in names])}")
    step = after.rows - before.rows
    if step:
        lines.append(f"rows: {before.rows} before, {after.rows} now, {abs(step)} {'more' if step > 0 else 'fewer'}")
    both = [c for c in before.columns if c in after.columns]
    for place, what in enumerate(("types", "empty cells")):
        changed = [
            f"{c!r} {before.columns[c][place]} before, {after.columns[c][place]} now"
            for c in both
            if before.columns[c][place] != after.columns[c][place]
        ]
        if changed:
            lines.append(f"{what}: {_listed(changed)}")
    if not lines and list(before.columns) != list(after.columns):
        lines.append("the same columns in another order")
    return lines or [
        "rows, columns, types and empty cells are the same: values, their order or the way of writing differ"
    ]


def _listed(items: list[str]) -> str:
    more = f" and {len(items) - SHOWN} more" if len(items) > SHOWN else ""
    return "; ".join(items[:SHOWN]) + more
