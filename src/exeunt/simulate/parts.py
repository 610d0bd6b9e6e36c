"""Parts of a run on disk: one Parquet file for each block of fifty worlds, in a folder named by what the worlds rest on.

Blocks are the same whatever the size of the chunks in which they are made, so a run that was killed, or one of fewer worlds,
leaves files that the next one takes over. Only the last block of a run may hold fewer worlds than fifty; its file says so.
"""

from __future__ import annotations

import atexit
import re
import shutil
import tempfile
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any, Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from exeunt.errors import OutputError
from exeunt.manifest import cache_folder, write_bytes, write_json
from exeunt.simulate.setting import Setting

BLOCK: Final = 50
BY_WORLD: Final = ("left", "joined", "founding", "lost", "ended", "founded")
"""Counts of each world, as bytes or wider; see `docs/method/scale.md`."""
OF_BLOCK: Final = ("exits_1", "exits_3", "exits_5", "deaths")
"""Counts over the worlds of a part together."""
CHANCES: Final = ("chance_1", "chance_3", "chance_5")
"""Sums over those worlds of a part that are rated, where there are any."""
SCHEMA: Final[dict[str, Any]] = {"what": pl.String, "shape": pl.String, "type": pl.String, "values": pl.Binary}
TYPES: Final = ("<u1", "<u2", "<u4", "<f8")
Part = dict[str, NDArray[Any]]
"""Arrays of a part by what they count."""
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

    def read(self, block: Block) -> Part | None:
        """A part, or None where it is damaged, in which case its file is taken away."""
        path = self.path / block.file
        try:
            return decode(path.read_bytes(), block)
        except (OSError, ValueError, pl.exceptions.PolarsError):
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
        "columns": "a row is an array: values hold its numbers, of a type named as numpy does (<u1: one byte without a sign, "
        "<u2: two, low byte first, <f8: a double), as many as its shape says, the last axis running fastest",
        "axes": {
            **dict.fromkeys(BY_WORLD[:4], "world, year, state"), **dict.fromkeys(BY_WORLD[4:], "world, year"),
            **dict.fromkeys((*OF_BLOCK[:3], *CHANCES), "state, body"), "deaths": "year, body",
        },
    }  # fmt: skip


def encode(part: Part) -> bytes:
    """Bytes of a part, a row an array; whole numbers take the narrowest type that holds them."""
    rows = []
    for what, array in part.items():
        if array.dtype.kind == "f":
            kind = "<f8"
        else:
            largest = int(array.max(initial=0))
            kind = "<u1" if largest < 2**8 else "<u2" if largest < 2**16 else "<u4"
        rows.append((what, " ".join(map(str, array.shape)), kind, array.astype(kind).tobytes()))
    buffer = BytesIO()
    frame = pl.DataFrame(rows, SCHEMA, orient="row")
    frame.write_parquet(buffer, compression="zstd", compression_level=1, statistics=False)
    return buffer.getvalue()


def decode(content: bytes, block: Block) -> Part:
    """Arrays of a part; raises ValueError or one of polars' errors for bytes that are none of this block."""
    found = pl.read_parquet(content)
    if dict(found.schema) != SCHEMA or any(found.null_count().row(0)):
        raise ValueError(f"columns are {found.columns}; expected {list(SCHEMA)} without gaps.")
    part: Part = {}
    for what, shape, kind, values in found.iter_rows():
        if kind not in TYPES:
            raise ValueError(f"{what} holds numbers of the type {kind}; expected one of {', '.join(TYPES)}.")
        part[what] = np.frombuffer(values, kind).reshape([int(length) for length in shape.split()])
    if tuple(part) not in {(*BY_WORLD, *OF_BLOCK), (*BY_WORLD, *OF_BLOCK, *CHANCES)}:
        raise ValueError(f"arrays are {', '.join(part)}; expected {', '.join((*BY_WORLD, *OF_BLOCK))}.")
    if any(len(part[what]) != block.size for what in BY_WORLD):
        raise ValueError(f"arrays are not those of {block.size} worlds.")
    return part
