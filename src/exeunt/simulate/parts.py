"""Parts of a run on disk: one Parquet file for each block of fifty worlds, in a folder named by what the worlds rest on.

Blocks are the same whatever the size of the chunks in which they are made, so a run that was killed, or one of fewer worlds,
leaves files that the next one takes over. Only the last block of a run may hold fewer worlds than fifty; its file says so.
"""

from __future__ import annotations

import atexit
import re
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any, Final

import numpy as np
import polars as pl

from exeunt.errors import OutputError
from exeunt.manifest import cache_folder, write_bytes, write_json
from exeunt.simulate.setting import Setting

BLOCK: Final = 50
KINDS: Final = (
    "left", "joined", "founding", "lost", "ended", "founded", "exits_1", "exits_3", "exits_5", "deaths", "chance_1",
    "chance_3", "chance_5",
)  # fmt: skip
"""What a row of a part counts; see `docs/method/scale.md`."""
SCHEMA: Final[dict[str, Any]] = {
    "what": pl.Enum(KINDS), "world": pl.Int32, "step": pl.Int16, "state": pl.Int16, "body": pl.Int16, "n": pl.Int32,
    "chance": pl.Float64,
}  # fmt: skip
NAME: Final = re.compile(r"^part-(\d{6})-(\d{2})\.parquet$")


@dataclass(frozen=True, order=True)
class Block:
    """Worlds `number` × 50 and on, `size` of them."""

    number: int
    size: int = BLOCK

    @property
    def worlds(self) -> range:
        """Numbers of its worlds."""
        return range(self.number * BLOCK, self.number * BLOCK + self.size)

    @property
    def file(self) -> str:
        """Name of its part."""
        return f"part-{self.number:06d}-{self.size:02d}.parquet"


def blocks(worlds: int) -> list[Block]:
    """Blocks that make up a number of worlds."""
    whole, rest = divmod(worlds, BLOCK)
    return [Block(number) for number in range(whole)] + ([Block(whole, rest)] if rest else [])


@dataclass(frozen=True)
class Folder:
    """The parts of one setting."""

    path: Path
    kept: bool
    """Whether a later run finds them; False where there is no cache to keep them in."""

    def missing(self, wanted: list[Block]) -> list[Block]:
        """Blocks without a part."""
        there = {path.name for path in self.path.iterdir()}
        return [block for block in wanted if block.file not in there]

    def write(self, block: Block, content: bytes) -> None:
        """Keep a part, whole or not at all; raises OutputError."""
        write_bytes(self.path / block.file, content)

    def read(self, block: Block) -> pl.DataFrame | None:
        """A part, or None where it is damaged, in which case its file is taken away."""
        path = self.path / block.file
        try:
            found = pl.read_parquet(path.read_bytes())
            if dict(found.schema) == SCHEMA:
                return found
        except (OSError, pl.exceptions.PolarsError):
            pass
        path.unlink(missing_ok=True)
        return None


def folder_of(setting: Setting) -> Folder:
    """Folder of a setting's parts in the user's cache; one that ends with the run where there is no cache."""
    cache = cache_folder()
    if cache is not None:
        path = cache / "worlds" / setting.fingerprint
        try:
            path.mkdir(parents=True, exist_ok=True)
            if not (path / "run.json").is_file():
                write_json(path / "run.json", about(setting))
            return Folder(path, True)
        except (OSError, OutputError):
            pass
    held = tempfile.mkdtemp(prefix="exeunt-")
    atexit.register(shutil.rmtree, held, ignore_errors=True)
    return Folder(Path(held), False)


def about(setting: Setting) -> dict[str, Any]:
    """What the numbers in a part's columns stand for."""
    s = setting.start
    return {
        "seed": setting.seed, "record": setting.record_version, "first_year": s.year, "years": s.years,
        "states": s.states.tolist(), "bodies": list(s.bodies), "worlds_in_a_part": BLOCK,
        "columns": "state and body: places in these lists, from 0; step: years after the first; n: a count, by world where a "
        "world is named, over the part's worlds where not",
    }  # fmt: skip


def encode(rows: list[tuple[str, int, dict[str, np.ndarray[Any, Any]]]]) -> bytes:
    """Bytes of a part from rows of each kind: the kind, how many there are, and their columns; others are empty."""
    lengths = [length for _, length, _ in rows]
    kinds = np.repeat(np.array([KINDS.index(kind) for kind, _, _ in rows], np.uint8), lengths)
    series = [pl.Series("what", KINDS, dtype=SCHEMA["what"]).gather(kinds)]
    for name, kind in list(SCHEMA.items())[1:]:
        pieces: list[pl.Series] = []
        empty = 0
        for _, length, columns in rows:
            if name in columns and length:
                pieces += [pl.Series(dtype=kind).clear(empty)] if empty else []
                pieces.append(pl.Series(columns[name]).cast(kind))
                empty = 0
            else:
                empty += length
        pieces += [pl.Series(dtype=kind).clear(empty)] if empty or not pieces else []
        series.append(pl.concat(pieces, rechunk=True).alias(name))
    buffer = BytesIO()
    pl.DataFrame(series).write_parquet(buffer, compression="zstd", compression_level=3, statistics=False)
    return buffer.getvalue()


def read_all(folder: Folder, wanted: list[Block]) -> Iterator[tuple[Block, pl.DataFrame | None]]:
    """The parts one after another, so that memory does not grow with their number."""
    for block in wanted:
        yield block, folder.read(block)
