"""Who could leave, who could join: the membership cube and the risk sets read off it.

A year of the panel is the last year of membership: a member in year y that is none in y + 1 has left in y.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from exeunt.core.arrays import BoolArray, IntArray
from exeunt.core.dates import last_year_of_membership
from exeunt.core.errors import UsageError
from exeunt.record.identity import cow_of
from exeunt.record.schema import LAST_CODED_YEAR, READINGS
from exeunt.record.store import Record

FIRST_YEAR = 1945
NOT_IN_SYSTEM, MISSING, OUTSIDE, MEMBER, ASSOCIATE, OBSERVER = -1, -9, 0, 1, 2, 3
CODES = {
    "member": MEMBER,
    "associate": ASSOCIATE,
    "observer": OBSERVER,
    "unknown": MISSING,
    "not_member": OUTSIDE,
}
READING: tuple[str, ...] = tuple(READINGS)
"""How a cell is known, by its number in `Cube.reading`."""
OBSERVED, ACT, CARRIED = READING.index("observed"), READING.index("act"), READING.index("carried_forward")


@dataclass(frozen=True)
class Cube:
    """Status of every COW state in every coded body in every year.

    `status[y, i, j]` is −1 where the state or the body does not exist, −9 missing, 0 outside, 1 member, 2 associate,
    3 observer. From 2015 on cells are carried forward by body, begun and ended by acts; `carried` marks them.
    """

    years: IntArray
    states: IntArray
    """COW numbers."""
    bodies: tuple[str, ...]
    status: NDArray[np.int8]
    carried: BoolArray
    founded: IntArray
    """First coded year of each body."""
    notice_years: IntArray
    """Whole years of notice that a body's clause asks for; 0 where no clause with a period is known."""
    columns: tuple[str, ...] = ()
    """Column of each body in the coded source."""
    reading: NDArray[np.int8] = field(default_factory=lambda: np.empty((0, 0, 0), np.int8))
    """How each cell is known, as numbers of `READING`; empty where all are observed."""
    unclear_starts: IntArray = field(default_factory=lambda: np.empty((0, 3), np.int64))
    """Year, state and body of cells in which a membership first shows that began at a time unknown: no join."""
    expelled: IntArray = field(default_factory=lambda: np.empty((0, 3), np.int64))
    """Year, state and body of last cells before an expulsion: a competing ending, no exit."""

    def index(self, year: int) -> int:
        """Row of a year."""
        return int(year - self.years[0])

    @property
    def members(self) -> BoolArray:
        """Full members: (years, states, bodies)."""
        return np.asarray(self.status == MEMBER, dtype=np.bool_)

    def members_of(self, row: int) -> BoolArray:
        """Full members in the year of one row: (states, bodies)."""
        return np.asarray(self.status[row] == MEMBER, dtype=np.bool_)


def cube(record: Record, upstream: bool = False) -> Cube:
    """Build the cube.

    Parameters
    ----------
    upstream : take the cells as the source has them, without the declared corrections
    """
    spells = record.table("memberships")
    if upstream:
        spells = spells.with_columns(pl.coalesce("upstream", "status").alias("status"))
    system = record.table("system_years")
    alive = record.table("body_years")
    last = record.closing_day.year
    years = np.arange(FIRST_YEAR, last + 1)
    states = np.sort(system["cow"].unique().to_numpy()).astype(np.int64)
    bodies = tuple(sorted(alive["body"].unique().to_list()))
    at_state = {int(c): i for i, c in enumerate(states)}
    at_body = {b: j for j, b in enumerate(bodies)}

    in_system = np.zeros((len(years), len(states)), np.bool_)
    in_system[system["year"].to_numpy() - FIRST_YEAR, np.searchsorted(states, system["cow"].to_numpy())] = True
    body_alive = np.zeros((len(years), len(bodies)), np.bool_)
    body_alive[alive["year"].to_numpy() - FIRST_YEAR, [at_body[b] for b in alive["body"]]] = True
    end = LAST_CODED_YEAR - FIRST_YEAR
    in_system[end + 1 :] = in_system[end]
    body_alive[end + 1 :] = body_alive[end]

    status = np.where(in_system[:, :, None] & body_alive[:, None, :], OUTSIDE, NOT_IN_SYSTEM).astype(np.int8)
    carried = np.zeros(status.shape, np.bool_)
    carried[end + 1 :] = status[end + 1 :] != NOT_IN_SYSTEM
    known = np.where(carried, CARRIED, OBSERVED).astype(np.int8)
    first_rows, lengths, i, j, words, readings, precisions = _laid(spells, states, at_body, last)
    # Each cell of each spell; where two tell of one cell, the later row counts.
    spell = np.repeat(np.arange(len(lengths)), lengths)
    row = np.arange(len(spell)) - np.repeat(np.cumsum(lengths) - lengths, lengths) + first_rows[spell]
    cell = (row * len(states) + i[spell]) * len(bodies) + j[spell]
    status.ravel()[cell] = np.array([CODES[word] for word in words], np.int8)[spell]
    carried.ravel()[cell] = np.array([reading == "carried_forward" for reading in readings], np.bool_)[spell]
    known.ravel()[cell] = np.array([READING.index(reading) for reading in readings], np.int8)[spell]
    # Dues and rosters of the first year after the source tell that a state is in, not since when.
    late = np.isin(readings, ("dues", "roster")) & (first_rows == LAST_CODED_YEAR + 1 - FIRST_YEAR)
    doubtful = np.flatnonzero(late | (precisions == "start_unknown"))
    unclear = np.stack([first_rows[doubtful], i[doubtful], j[doubtful]], axis=1)
    # After the source nothing but an act ends a membership.
    ended = (status[end:-1] == MEMBER) & (status[end + 1 :] == OUTSIDE)
    known[end + 1 :][ended] = ACT
    table = record.table("bodies").filter(pl.col("body").is_in(list(bodies))).sort("body")
    # A rule read without the number of its article still tells the notice; marks of doubt leave it out.
    sure = pl.col("flag").is_null() | (pl.col("flag") == "article_not_named")
    clauses = record.table("clauses").filter(pl.col("notice_period").is_not_null() & sure)
    notice = {row["body"]: _whole_years(row["notice_period"]) for row in clauses.iter_rows(named=True)}
    return Cube(
        years=years,
        states=states,
        bodies=bodies,
        status=status,
        carried=carried,
        founded=table["coded_from"].to_numpy().astype(np.int64),
        notice_years=np.array([notice.get(b, 0) for b in bodies], np.int64),
        columns=tuple(table["cow_igo"]),
        reading=known,
        unclear_starts=unclear.astype(np.int64),
        expelled=_expulsions(record, at_state, at_body),
    )


def _laid(
    spells: pl.DataFrame, states: IntArray, at_body: dict[str, int], last: int
) -> tuple[IntArray, IntArray, IntArray, IntArray, NDArray[Any], NDArray[Any], NDArray[Any]]:
    """Spells of states in the system: first row, length, state, body, status, reading, precision."""
    of = spells.filter(pl.col("cow").is_in(states.tolist()))
    first = of["first_year"].to_numpy().astype(np.int64)
    until = np.minimum(of["last_year"].fill_null(last).to_numpy().astype(np.int64), last)
    body = np.array([at_body[name] for name in of["body"]], np.int64)
    words, readings, precisions = (of[name].to_numpy() for name in ("status", "reading", "precision"))
    return (
        first - FIRST_YEAR, np.maximum(until - first + 1, 0), np.searchsorted(states, of["cow"].to_numpy()), body,
        words, readings, precisions,
    )  # fmt: skip


def _expulsions(record: Record, at_state: dict[int, int], at_body: dict[str, int]) -> IntArray:
    """Give year, state and body of the last membership cell before each recorded expulsion."""
    cells = []
    for act in record.table("acts").filter(pl.col("act") == "expelled").iter_rows(named=True):
        year = last_year_of_membership(act["date"])
        cow = cow_of(record.codes, act["state"], year) if year is not None else None
        if year is not None and year >= FIRST_YEAR and cow in at_state and act["body"] in at_body:
            cells.append((year - FIRST_YEAR, at_state[cow], at_body[act["body"]]))
    return np.array(cells, np.int64).reshape(-1, 3)


def _whole_years(period: str) -> int:
    """Whole years in an ISO 8601 duration; six months count as none, for the decision falls in the same year."""
    number, unit = period[1:-1], period[-1]
    if not number.isdigit():
        return 0
    return {"Y": int(number), "M": int(number) // 12, "D": int(number) // 365, "W": int(number) // 52}.get(unit, 0)


@dataclass(frozen=True)
class RiskSet:
    """Rows at risk: year, state and body indices into the cube, with the next year's status known."""

    year: IntArray
    state: IntArray
    body: IntArray


def exit_risk(c: Cube, last_year: int = LAST_CODED_YEAR - 1) -> RiskSet:
    """Membership-years at risk of exit, to `last_year`.

    A row is dropped where the next year's status is missing, as it is where dues contradict a carried membership; death
    of the body or the state in the next year is a competing ending and leaves the row at risk without an exit.

    Raises
    ------
    UsageError, where the record does not reach the year after `last_year`.
    """
    stop = _stop(c, last_year)
    now, following = c.status[:stop], c.status[1 : stop + 1]
    year, state, body = np.nonzero((now == MEMBER) & (following != MISSING))
    return RiskSet(year, state, body)


def join_risk(c: Cube, last_year: int = LAST_CODED_YEAR - 1) -> RiskSet:
    """Pair-years outside, with body and state alive in both years and the next year's status known.

    A pair-year is dropped where a membership shows in the next year that began at a time unknown.
    """
    stop = _stop(c, last_year)
    now, following = c.status[:stop], c.status[1 : stop + 1]
    at_risk = (now == OUTSIDE) & (following >= 0)
    before = c.unclear_starts[(c.unclear_starts[:, 0] >= 1) & (c.unclear_starts[:, 0] <= stop)]
    at_risk[before[:, 0] - 1, before[:, 1], before[:, 2]] = False
    year, state, body = np.nonzero(at_risk)
    return RiskSet(year, state, body)


def joins_of(c: Cube) -> BoolArray:
    """Joins by last year outside, (years, states, bodies); a membership of unknown beginning is none."""
    joins = np.zeros(c.status.shape, np.bool_)
    joins[:-1] = (c.status[:-1] == OUTSIDE) & (c.status[1:] == MEMBER)
    first = c.unclear_starts[c.unclear_starts[:, 0] >= 1]
    joins[first[:, 0] - 1, first[:, 1], first[:, 2]] = False
    return joins


def _stop(c: Cube, last_year: int) -> int:
    latest = int(c.years[-1]) - 1
    if not int(c.years[0]) <= last_year <= latest:
        raise UsageError(
            f"rows at risk run from {c.years[0]} to {latest}, whose next year is known; {last_year} is not in them."
        )
    return c.index(last_year) + 1
