"""What many worlds add up to, read from their parts one by one.

Everything is a count in whole numbers, so neither the order in which parts were made nor their number changes an answer, and
memory does not grow with the worlds. Chances of memberships, the only fractions, are added in the order of the worlds.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from exeunt.arrays import FloatArray, IntArray
from exeunt.simulate.parts import Block, Part
from exeunt.simulate.rates import HORIZONS
from exeunt.simulate.world import Start

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
class Batches:
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


def over_states(counts: NDArray[Any]) -> IntArray:
    """Counts of all states together, (worlds, years)."""
    return np.asarray(counts.sum(axis=2, dtype=np.int64))


def net(part: Part) -> IntArray:
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
        self.batches = [Batches(batch[0], batch[1]), Batches(batch[0], None)] if batch else []
        self.exits = np.zeros((len(HORIZONS), n, m), np.int64)
        self.chance = np.zeros((len(HORIZONS), n, m))
        self.deaths = np.zeros((years, m), np.int64)
        self.worlds = 0

    def add(self, block: Block, part: Part, beside: Part | None = None) -> None:
        """Add one part, and that of the same worlds under the baseline."""
        per = {"exits": over_states(part["left"]), "joins": over_states(part["joined"]),
               "bodies_ended": part["ended"].astype(np.int64), "bodies_founded": part["founded"].astype(np.int64)}  # fmt: skip
        for name, values in per.items():
            self.by_year[name].add(values)
        for name in self.totals:
            self.totals[name].add(per[name].sum(axis=1)[:, None])
        moved = net(part) if self.chosen or beside is not None else np.zeros((0, 0, 0), np.int64)
        if beside is not None:
            for name, what in (("exits", "left"), ("joins", "joined")):
                gap = per[name] - over_states(beside[what])
                self.difference[name].add(gap)
                self.difference_total[name].add(gap.sum(axis=1)[:, None])
            self.difference_total["memberships"].add((moved - net(beside)).sum(axis=(1, 2))[:, None])
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
