"""Parts of a run on disk, and what they add up to.

A part is a Parquet file for each block of fifty worlds, in a folder named after what the worlds rest on. Blocks are the same
whatever the size of the chunks in which they are made, so a run that was killed, or one of fewer worlds, leaves files that
the next one takes over. Only the last block of a run may hold fewer worlds than fifty; its file says so.

Everything added up is a count in whole numbers, so neither the order in which parts were made nor their number changes an
answer, and memory does not grow with the worlds. Chances of memberships, the only fractions, are added in the order of the
worlds.
"""

from __future__ import annotations

import atexit
import re
import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import Any, Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from exeunt.core.arrays import FloatArray, IntArray
from exeunt.core.errors import OutputError
from exeunt.core.files import cache_folder, write_bytes, write_json
from exeunt.simulate.membership_chances import HORIZONS
from exeunt.simulate.setting import _Setting
from exeunt.simulate.start import Start

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
class _Block:
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


def _blocks(worlds: int) -> list[_Block]:
    """Blocks that make up a number of worlds."""
    whole, rest = divmod(worlds, BLOCK)
    return [_Block(number) for number in range(whole)] + ([_Block(whole, rest)] if rest else [])


@dataclass(frozen=True)
class _Folder:
    """The parts of one setting."""

    path: Path
    kept: bool
    """Whether a later run finds them; False where there is no cache to keep them in."""

    def missing(self, wanted: list[_Block]) -> list[_Block]:
        """Blocks without a part."""
        there = {path.name for path in self.path.iterdir()}
        return [block for block in wanted if block.file not in there]

    def write(self, block: _Block, content: bytes) -> None:
        """Keep a part, whole or not at all; raises OutputError."""
        write_bytes(self.path / block.file, content)

    def read(self, block: _Block) -> Part | None:
        """A part, or None where it is damaged, in which case its file is taken away."""
        path = self.path / block.file
        try:
            return _decode(path.read_bytes(), block)
        except (OSError, ValueError, pl.exceptions.PolarsError):
            path.unlink(missing_ok=True)
            return None


def _folder_of(setting: _Setting) -> _Folder:
    """Folder of a setting's parts in the user's cache; one that ends with the run where there is no cache."""
    cache = cache_folder()
    if cache is not None:
        path = cache / "worlds" / setting.fingerprint
        try:
            path.mkdir(parents=True, exist_ok=True)
            if not (path / "run.json").is_file():
                write_json(path / "run.json", _about(setting))
            return _Folder(path, True)
        except (OSError, OutputError):
            pass
    held = tempfile.mkdtemp(prefix="exeunt-")
    atexit.register(shutil.rmtree, held, ignore_errors=True)
    return _Folder(Path(held), False)


def _about(setting: _Setting) -> dict[str, Any]:
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


def _encode(part: Part) -> bytes:
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


def _decode(content: bytes, block: _Block) -> Part:
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


LEVELS: Final = (0.025, 0.5, 0.975)


@dataclass
class Histogram:
    """How many worlds show each whole number, in each column; exact quantiles at a size that does not grow with worlds."""

    columns: int
    counts: IntArray = field(init=False)
    lowest: int = field(default=0, init=False)
    total: IntArray = field(init=False)
    squares: IntArray = field(init=False)

    def __post_init__(self) -> None:
        """Begin with nothing counted."""
        self.counts = np.zeros((self.columns, 1), np.int64)
        self.total = np.zeros(self.columns, np.int64)
        self.squares = np.zeros(self.columns, np.int64)

    def add(self, values: IntArray) -> None:
        """Count values, (worlds, columns)."""
        low, high = int(values.min()), int(values.max())
        before, after = max(0, self.lowest - low), max(0, high - (self.lowest + self.counts.shape[1] - 1))
        if before or after:
            self.counts = np.pad(self.counts, ((0, 0), (before, after)))
            self.lowest -= before
        column = np.broadcast_to(np.arange(self.columns), values.shape)
        np.add.at(self.counts, (column, values - self.lowest), 1)
        self.total += values.sum(axis=0)
        self.squares += (values * values).sum(axis=0)

    @property
    def worlds(self) -> int:
        """Values counted in each column."""
        return int(self.counts[0].sum())

    def quantile(self, column: int, level: float) -> float:
        """Quantile of a column, between neighbours in proportion (numpy's default)."""
        below = np.cumsum(self.counts[column])
        place = level * (int(below[-1]) - 1)
        low = int(np.floor(place))
        one, two = (
            int(np.searchsorted(below, k, side="right")) + self.lowest for k in (low, min(low + 1, int(below[-1]) - 1))
        )
        return one + (two - one) * (place - low)

    def band(self, column: int = 0) -> tuple[float, float, float]:
        """Low, median and high, 95 % of the worlds."""
        low, median, high = (self.quantile(column, level) for level in LEVELS)
        return low, median, high

    def mean(self, column: int = 0) -> tuple[float, float, float]:
        """Mean with the 95 % interval of its error over worlds."""
        n = self.worlds
        mean = int(self.total[column]) / n
        spread = max(int(self.squares[column]) / n - mean * mean, 0.0)
        error = 1.96 * float(np.sqrt(spread / max(n - 1, 1)))
        return mean, mean - error, mean + error


@dataclass
class _Batches:
    """How often a state leaves so many bodies in one year."""

    size: int
    state: int | None
    """Place of one state, or None for any."""
    worlds: Histogram = field(default_factory=lambda: Histogram(1))
    """Years with such a batch, by world."""

    def add(self, left: NDArray[Any]) -> None:
        """Count exits by world, year and state, (worlds, years, states)."""
        large = left >= self.size
        here = large.any(axis=2) if self.state is None else large[:, :, self.state]
        self.worlds.add(here.sum(axis=1, dtype=np.int64)[:, None])


def _over_states(counts: NDArray[Any]) -> IntArray:
    """Counts of all states together, (worlds, years)."""
    return np.asarray(counts.sum(axis=2, dtype=np.int64))


def _net(part: Part) -> IntArray:
    """Memberships that came less those that went, (worlds, years, states)."""
    came, went = (part[one].astype(np.int64) + part[two] for one, two in (("joined", "founding"), ("left", "lost")))
    return came - went


class Tally:
    """Adds up the parts of one setting, and of the baseline beside it where a scenario is held against it.

    Parameters
    ----------
    chosen : places of states whose memberships are followed
    batch : size of a batch and the state it is asked of, with any state beside it; always of the baseline
    """

    def __init__(self, s: Start, chosen: Sequence[int] = (), batch: tuple[int, int] | None = None) -> None:
        self.start, self.chosen = s, tuple(chosen)
        years = s.years
        n, m = s.members.shape
        self.by_year = {name: Histogram(years) for name in ("exits", "joins", "bodies_ended", "bodies_founded")}
        self.totals = {name: Histogram(1) for name in ("exits", "joins")}
        self.difference = {name: Histogram(years) for name in ("exits", "joins")}
        self.difference_total = {name: Histogram(1) for name in ("exits", "joins", "memberships")}
        self.memberships = {i: Histogram(years) for i in self.chosen}
        self.exits_of = {i: Histogram(years) for i in self.chosen}
        self.batches = [_Batches(batch[0], batch[1]), _Batches(batch[0], None)] if batch else []
        self.exits = np.zeros((len(HORIZONS), n, m), np.int64)
        self.chance = np.zeros((len(HORIZONS), n, m))
        self.deaths = np.zeros((years, m), np.int64)
        self.worlds = 0

    def add(self, block: _Block, part: Part, beside: Part | None = None) -> None:
        """Add one part, and that of the same worlds under the baseline."""
        per = {"exits": _over_states(part["left"]), "joins": _over_states(part["joined"]),
               "bodies_ended": part["ended"].astype(np.int64), "bodies_founded": part["founded"].astype(np.int64)}  # fmt: skip
        for name, values in per.items():
            self.by_year[name].add(values)
        for name in self.totals:
            self.totals[name].add(per[name].sum(axis=1)[:, None])
        moved = _net(part) if self.chosen or beside is not None else np.zeros((0, 0, 0), np.int64)
        if beside is not None:
            for name, what in (("exits", "left"), ("joins", "joined")):
                gap = per[name] - _over_states(beside[what])
                self.difference[name].add(gap)
                self.difference_total[name].add(gap.sum(axis=1)[:, None])
            self.difference_total["memberships"].add((moved - _net(beside)).sum(axis=(1, 2))[:, None])
        for each in self.batches:
            each.add((part if beside is None else beside)["left"])
        opening = self.start.members.sum(axis=1)
        for i in self.chosen:
            self.memberships[i].add(opening[i] + np.cumsum(moved[:, :, i], axis=1))
            self.exits_of[i].add(part["left"][:, :, i].astype(np.int64))
        for number, years in enumerate(HORIZONS):
            self.exits[number] += part[f"exits_{years}"]
            if f"chance_{years}" in part:
                self.chance[number] += part[f"chance_{years}"]
        self.deaths += part["deaths"]
        self.worlds += block.size

    def alive(self) -> FloatArray:
        """Share of worlds in which each body of the start is there after each year, (years, bodies)."""
        return np.asarray(1.0 - np.cumsum(self.deaths, axis=0) / self.worlds, dtype=np.float64)
