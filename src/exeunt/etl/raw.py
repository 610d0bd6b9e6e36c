"""Raw files: proof that each is the one on its card, and what is inside: rows, columns, types and empty cells.

`sources/contents.json` holds the contents of the files as pinned, so that a changed file can be told apart from them
without having the old one. `scripts/make_contents.py` writes it.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import polars as pl

from exeunt.errors import CompileError, UnknownNameError
from exeunt.manifest import write_bytes
from exeunt.record.cards import CARDS, all_cards, card

CONTENTS: Final = CARDS / "contents.json"
READ: Final[tuple[tuple[str, str], ...]] = (
    ("archigos", "archigos.parquet"),
    ("atop_alliance", "atop_alliance.parquet"),
    ("cia_factbook", "factbook_membership_long.parquet"),
    ("cow_igo", "igo_year_format3.parquet"),
    ("cow_igo", "state_year_format3.parquet"),
    ("cow_mid", "cow_mid_dirdisps.parquet"),
    ("cow_nmc", "cow_nmc.parquet"),
    ("isard", "gw_cw_panel.parquet"),
    ("maddison", "gdp-per-capita-maddison-project-database.parquet"),
    ("mia", "DP_May_2021.parquet"),
    ("mia", "mia_cow_numbers.csv"),
    ("popleaders", "populist_leader_spells.csv"),
    ("ucdp_acd", "ucdp_acd.parquet"),
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
class _Contents:
    """Rows of a table, and for each column its type and its number of empty cells."""

    rows: int
    columns: dict[str, tuple[str, int]]


def contents_of(path: Path) -> _Contents:
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
    return _Contents(frame.height, {c: (str(t), frame[c].null_count()) for c, t in frame.schema.items()})


def _kept() -> dict[str, _Contents]:
    """The contents of the pinned files, by `source/file`."""
    raw: dict[str, Any] = json.loads(CONTENTS.read_text(encoding="utf-8"))
    return {
        name: _Contents(item["rows"], {c: (str(t), int(n)) for c, (t, n) in item["columns"].items()})
        for name, item in raw.items()
    }


def as_json(contents: Mapping[str, _Contents]) -> bytes:
    """Write contents down, a column a line, in the order of the names."""
    parts = []
    for name in sorted(contents):
        held = contents[name]
        columns = ",\n".join(
            f"  {json.dumps(c, ensure_ascii=False)}: [{json.dumps(t)}, {n}]" for c, (t, n) in held.columns.items()
        )
        parts.append(f' {json.dumps(name)}: {{"rows": {held.rows}, "columns": {{\n{columns}\n }}}}')
    return ("{\n" + ",\n".join(parts) + "\n}\n").encode()


def _differences(before: _Contents, after: _Contents) -> list[str]:
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


def verified(directory: Path, key: str, name: str) -> Path:
    """Find a raw file and prove that it is the one on the card.

    Raises
    ------
    CompileError, if the file is missing or is not the card's; then it tells what changed inside.
    """
    told = fault_of(directory, key, name)
    if told is not None:
        raise CompileError(told)
    return directory / key / name


def verify(directory: Path) -> None:
    """Prove that every raw file a refresh reads is the one on its card; raises CompileError that tells all that are not."""
    told = [fault for key, name in READ if (fault := fault_of(directory, key, name)) is not None]
    if told:
        raise CompileError("\n".join(told))


def fault_of(directory: Path, key: str, name: str) -> str | None:
    """Tell why a raw file is not the one on its card, what changed inside and what to do; None where it is."""
    path = directory / key / name
    if not path.is_file():
        return (
            f"raw source {key}/{name} is not in {directory}; `exeunt refresh --list` tells where it is published, so put it "
            "there."
        )
    found = card(key)
    expected = found.files.get(name)
    if expected is None:
        return f"the card of {key} names no file {name}; add it with its sha256."
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    if digest == expected:
        return None
    lines = [
        f"{key}/{name} has changed upstream: it is not the file on its card.",
        f"sha256: {expected} on the card, {digest} found",
    ]
    size = path.stat().st_size
    if found.sizes.get(name, size) != size:
        lines.append(f"bytes: {found.sizes[name]} on the card, {size} found")
    before = _kept().get(f"{key}/{name}")
    try:
        after = contents_of(path)
    except CompileError as error:
        return "\n  ".join([*lines, str(error)])
    if before is not None:
        lines += _differences(before, after)
    accept = f"`exeunt refresh --sources {directory} --accept {key}`"
    lines.append(f"If the new file is right, {accept} puts it on the card; if not, put the old file back.")
    return "\n  ".join(lines)


def accept(directory: Path, key: str) -> list[str]:
    """Put the changed files of a source on its card, and what is inside them beside it.

    Returns
    -------
    The names of the files that had changed.

    Raises
    ------
    UnknownNameError, for a source that a refresh does not read.
    CompileError, if a file is missing or cannot be read, or its card is not written as cards are; nothing has changed then.
    """
    names = [name for one, name in READ if one == key]
    if not names:
        raise UnknownNameError("source that a refresh reads", key, dict(READ))
    path = CARDS / key / "card.toml"
    text, held, changed = path.read_text(encoding="utf-8"), _kept(), []
    for name in names:
        raw = directory / key / name
        if fault_of(directory, key, name) is None:
            continue
        if not raw.is_file():
            raise CompileError(f"raw source {key}/{name} is not in {directory}; put it there first.")
        held[f"{key}/{name}"] = contents_of(raw)
        content = raw.read_bytes()
        entry = (
            f'[[file]]\nname = "{name}"\nsha256 = "{hashlib.sha256(content).hexdigest()}"\nbytes = {len(content)}\n'
            f"rows = {held[f'{key}/{name}'].rows}\n"
        )
        old = re.compile(
            rf'\[\[file\]\]\nname = "{re.escape(name)}"\nsha256 = "[0-9a-f]*"\nbytes = \d+\n(rows = \d+\n)?'
        )
        text, count = old.subn(entry.replace("\\", r"\\"), text)
        if count != 1:
            raise CompileError(
                f"the card of {key} has no entry [[file]] for {name} with name, sha256, bytes; add it by hand."
            )
        changed.append(name)
    if changed:
        # A run that dies between the two leaves a card that still refuses the new file.
        write_bytes(CONTENTS, as_json(held))
        write_bytes(path, text.encode())
        all_cards.cache_clear()
    return changed
