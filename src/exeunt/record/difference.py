"""What two records differ in, table by table and row by row; and the canonical hash by which rows are held equal."""

from __future__ import annotations

import hashlib
import json
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any, Final

import numpy as np
import polars as pl

from exeunt.core.errors import RecordError, UnknownNameError, UsageError
from exeunt.record.schema import TABLE
from exeunt.record.store import FACTS

EMBEDDED: Final = "embedded"
EXACT: Final = 2.0**53


@dataclass(frozen=True)
class Snapshot:
    """A record as it lies in a directory or in a zip file, of whatever schema it was compiled with."""

    place: str
    version: str
    closing_day: str
    files: dict[str, tuple[str, str]]
    """Table → (path in the record, sha256 of the Parquet file)."""
    path: Path
    prefix: str | None
    """Folder within the zip file; None for a directory."""

    def table(self, name: str) -> pl.DataFrame:
        """One table; raises RecordError where the file is missing or is not the one that the manifest names."""
        relative, expected = self.files[name]
        try:
            if self.prefix is None:
                content = (self.path / relative).read_bytes()
            else:
                with zipfile.ZipFile(self.path) as archive:
                    content = archive.read(self.prefix + relative)
            if hashlib.sha256(content).hexdigest() != expected:
                raise RecordError(f"{relative} in {self.place} is damaged: its sha256 is not the one in the manifest.")
            return pl.read_parquet(BytesIO(content))
        except (OSError, KeyError, zipfile.BadZipFile, pl.exceptions.PolarsError) as error:
            raise RecordError(f"{relative} in {self.place} cannot be read ({type(error).__name__}).") from None


@dataclass(frozen=True)
class TableDifference:
    """Rows of one table that differ; `before` and `after` are the changed ones, side by side."""

    table: str
    key: tuple[str, ...]
    rows_old: int | None
    rows_new: int | None
    columns_added: tuple[str, ...]
    columns_removed: tuple[str, ...]
    added: pl.DataFrame
    removed: pl.DataFrame
    before: pl.DataFrame
    after: pl.DataFrame

    @property
    def same(self) -> bool:
        """Whether nothing differs."""
        return not (self.columns_added or self.columns_removed or None in (self.rows_old, self.rows_new)) and not (
            self.added.height or self.removed.height or self.before.height
        )

    def listing(self, limit: int | None = None) -> list[dict[str, Any]]:
        """Changed, added and removed rows with their keys, at most `limit` of them."""
        listed: list[dict[str, Any]] = []
        pairs = zip(self.before.slice(0, limit).to_dicts(), self.after.slice(0, limit).to_dicts(), strict=True)
        for old, new in pairs:
            columns = {
                c: {"old": old[c], "new": new[c]} for c in old if c in new and _cell(old[c]) != _cell(new[c])
            }  # fmt: skip
            listed.append({"change": "changed", "key": {k: new[k] for k in self.key}, "columns": columns})
        for change, frame in (("added", self.added), ("removed", self.removed)):
            for row in frame.slice(0, limit).to_dicts():
                listed.append({"change": change, "key": {k: row[k] for k in self.key}, "row": row})
        return listed[:limit]

    def as_dict(self, limit: int | None = None) -> dict[str, Any]:
        """Plain values for JSON."""
        return {
            "table": self.table, "key": list(self.key), "rows_old": self.rows_old, "rows_new": self.rows_new,
            "added": self.added.height, "removed": self.removed.height, "changed": self.before.height,
            "columns_added": list(self.columns_added), "columns_removed": list(self.columns_removed),
            "rows": self.listing(limit),
        }  # fmt: skip


def open_snapshot(place: str) -> Snapshot:
    """Open a directory, a zip file of `exeunt export`, or the embedded record (`embedded`).

    Raises
    ------
    UsageError, where the place is none of them; RecordError, where its manifest is damaged.
    """
    path = FACTS if place == EMBEDDED else Path(place)
    prefix: str | None = None
    content: bytes | None = None
    if path.is_file() and zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as opened:
            inside = min((n for n in opened.namelist() if n.split("/")[-1] == "manifest.json"), key=len, default=None)
            if inside is not None:
                prefix = inside.removesuffix("manifest.json")
                content = opened.read(inside)
    elif (path / "manifest.json").is_file():
        content = (path / "manifest.json").read_bytes()
    if content is None:
        raise UsageError(
            f"there is no record at {place}; expected a directory with a manifest.json, a zip file of `exeunt export`, "
            f"or the word {EMBEDDED}."
        )
    try:
        manifest = json.loads(content)
        files = {
            Path(name).stem: (str(name), str(entry["sha256"]))
            for name, entry in manifest["files"].items()
            if name.endswith(".parquet")
        }
        return Snapshot(place, str(manifest["version"]), str(manifest["closing_day"]), files, path, prefix)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise RecordError(f"the manifest of the record at {place} is damaged ({error}).") from None


def compare(old: Snapshot, new: Snapshot, tables: Sequence[str] | None = None) -> list[TableDifference]:
    """Compare two records, all tables or those named, in the order of the schema.

    Raises
    ------
    UnknownNameError, for a table in neither; RecordError, where a file is damaged.
    """
    known = [t for t in TABLE if t in {*old.files, *new.files}]
    known += sorted({*old.files, *new.files} - set(known))
    for name in tables or ():
        if name not in known:
            raise UnknownNameError("table", name, known)
    return [_compare_table(name, old, new) for name in known if not tables or name in tables]


def _compare_table(name: str, old: Snapshot, new: Snapshot) -> TableDifference:
    if name not in old.files or name not in new.files:
        there = (old if name in old.files else new).table(name)
        key = TABLE[name].key if name in TABLE else tuple(there.columns)
        frames = [there.clear(), there] if name in new.files else [there, there.clear()]
        rows_old, rows_new = (there.height if name in side.files else None for side in (old, new))
        return TableDifference(
            name, key, rows_old, rows_new, (), (), frames[1], frames[0], there.clear(), there.clear()
        )
    before = old.table(name)
    after = before if old.files[name][1] == new.files[name][1] else new.table(name)
    return _difference(name, before, after, TABLE[name].key if name in TABLE else ())


def _difference(name: str, old: pl.DataFrame, new: pl.DataFrame, key: Sequence[str] = ()) -> TableDifference:
    """Compare two frames by the columns that both have.

    Parameters
    ----------
    key : columns that name a row; where one is missing, all common columns do, and no row counts as changed

    Notes
    -----
    Rows that share a key, which a clean record has none of, are first paired where they are equal, then in their order.
    """
    common = [column for column in old.columns if column in new.columns]
    if old is new:
        none = old.clear()
        return TableDifference(name, tuple(key), old.height, new.height, (), (), none, none, none, none)
    keys = tuple(key) if key and set(key) <= set(common) else tuple(common)
    sides = []
    for frame in (old, new):
        marks = pl.DataFrame({"key": _row_hash(frame, keys), "all": _row_hash(frame, common)}).with_row_index("at")
        sides.append(marks.with_columns(pl.col("at").cum_count().over("key", "all").alias("nth")))
    rest = [
        side.join(other, on=["key", "all", "nth"], how="anti", maintain_order="left")
        .with_columns(pl.col("at").cum_count().over("key").alias("nth"))
        for side, other in (sides, sides[::-1])
    ]  # fmt: skip
    paired = rest[0].join(rest[1], on=["key", "nth"], how="inner", maintain_order="left")
    gone, come = (
        side.join(other, on=["key", "nth"], how="anti", maintain_order="left") for side, other in (rest, rest[::-1])
    )  # fmt: skip
    return TableDifference(
        name, keys, old.height, new.height,
        tuple(c for c in new.columns if c not in old.columns), tuple(c for c in old.columns if c not in new.columns),
        new[come["at"]], old[gone["at"]], old[paired["at"]], new[paired["at_right"]],
    )  # fmt: skip


def _row_hash(frame: pl.DataFrame, columns: Sequence[str] | None = None) -> pl.Series:
    """Canonical hash of each row: 32 hexadecimal digits.

    The order of the columns does not matter; an empty cell differs from an empty text and from a column that is not
    there; a number is the same whatever its type (1, 1.0), a text never is a number.
    """
    names = sorted(frame.columns if columns is None else columns)
    parts = [_canonical(frame[name]).to_list() for name in names]
    heads = [f"{len(name)}:{name}" for name in names]
    digests = [
        hashlib.sha256("".join(part for pair in zip(heads, cells, strict=True) for part in pair).encode()).hexdigest()[
            :32
        ]
        for cells in (zip(*parts, strict=True) if parts else [()] * frame.height)
    ]
    return pl.Series("row_hash", digests, dtype=pl.String)


def _table_hash(frame: pl.DataFrame) -> str:
    """Hash of a table whose rows may stand in any order: two tables with the same rows have the same."""
    return hashlib.sha256("".join(sorted(_row_hash(frame))).encode()).hexdigest()


def _canonical(series: pl.Series) -> pl.Series:
    """Each cell as a text that says what it is: n, b, i, f, t (with its length) or x."""
    if series.dtype == pl.Boolean:
        text = "b" + series.cast(pl.Int8).cast(pl.String)
    elif series.dtype.is_integer():
        text = "i" + series.cast(pl.String)
    elif series.dtype.is_numeric():
        text = _canonical_numbers(series.cast(pl.Float64))
    elif series.dtype in (pl.String, pl.Categorical, pl.Enum):
        plain = series.cast(pl.String)
        text = "t" + plain.str.len_bytes().cast(pl.String) + ":" + plain
    else:
        cells = ["" if value is None else f"x{value!r}" for value in series]
        text = pl.Series([f"{len(cell)}:{cell}" if cell else None for cell in cells], dtype=pl.String)
    return text.fill_null("n")


def _canonical_numbers(series: pl.Series) -> pl.Series:
    """A whole number as an integer would be written; any other by its bits, so that no digits are lost."""
    numbers = series.fill_null(0.0).to_numpy()
    whole = np.isfinite(numbers) & (np.abs(numbers) < EXACT) & (numbers == np.floor(numbers))
    integers = np.where(whole, numbers, 0.0).astype(np.int64)
    bits = np.where(np.isnan(numbers), np.nan, numbers).view(np.int64)
    texts = [f"i{i}" if w else f"f{b:x}" for w, i, b in zip(whole, integers.tolist(), bits.tolist(), strict=True)]
    return pl.Series(
        [t if there else None for t, there in zip(texts, series.is_not_null(), strict=True)], dtype=pl.String
    )


def _cell(value: Any) -> str:
    """Canonical text of one value."""
    return str(_canonical(pl.Series([value]))[0]) if value is not None else "n"
