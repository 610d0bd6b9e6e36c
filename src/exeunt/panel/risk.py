"""Who could leave, who could join: the membership cube and the risk sets read off it.

A year of the panel is the last year of membership: a member in year y that is none in y + 1 has left in y.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from exeunt.record.schema import LAST_CODED_YEAR
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
BoolArray = NDArray[np.bool_]
IntArray = NDArray[np.int64]


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

    def index(self, year: int) -> int:
        """Row of a year."""
        return int(year - self.years[0])

    @property
    def members(self) -> BoolArray:
        """Full members: (years, states, bodies)."""
        return np.asarray(self.status == MEMBER, dtype=np.bool_)


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
    for cow, body, word, first, until, reading in spells.select(
        "cow", "body", "status", "first_year", "last_year", "reading"
    ).iter_rows():
        if cow not in at_state:
            continue
        i, j = at_state[cow], at_body[body]
        rows = slice(first - FIRST_YEAR, (until if until is not None else last) - FIRST_YEAR + 1)
        status[rows, i, j] = CODES[word]
        carried[rows, i, j] = reading == "carried_forward"
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
    )


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

    A row is dropped where the next year's status is missing; death of the body or the state in the next year is a
    competing ending and leaves the row at risk without an exit.
    """
    stop = c.index(last_year) + 1
    now, following = c.status[:stop], c.status[1 : stop + 1]
    year, state, body = np.nonzero((now == MEMBER) & (following != MISSING))
    return RiskSet(year, state, body)


def join_risk(c: Cube, last_year: int = LAST_CODED_YEAR - 1) -> RiskSet:
    """Pair-years outside, with body and state alive in both years and the next year's status known."""
    stop = c.index(last_year) + 1
    now, following = c.status[:stop], c.status[1 : stop + 1]
    year, state, body = np.nonzero((now == OUTSIDE) & (following >= 0))
    return RiskSet(year, state, body)
