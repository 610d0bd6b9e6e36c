"""What the terms of a year look at: measures of states and bodies, carried, earlier, over windows of years.

What the terms of the rivals look at in a year: measures of states and bodies beside those of the ten base terms.

Everything of year c is read at year c or before; only `force_after` looks ahead, for the one term that is a lead.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from exeunt.core.arrays import BoolArray, FloatArray, IntArray
from exeunt.panel.risk import MEMBER, NOT_IN_SYSTEM, Cube
from exeunt.record.identity import cow_of
from exeunt.record.schema import LAST_CODED_YEAR
from exeunt.record.store import Record

LONGEST_CARRY: Final = 4
WINDOW: Final = 3
DECADE: Final = 10


@dataclass(frozen=True)
class Carried:
    """A measure by year and unit; `age` counts the years since it was observed, −1 where it is missing."""

    value: FloatArray
    age: IntArray


def carry(years: IntArray, units: IntArray, triples: FloatArray, longest: int = LONGEST_CARRY) -> Carried:
    """Lay a measure out by year and unit; the last observed value serves at most `longest` years and is counted.

    Parameters
    ----------
    units : COW numbers of states, or any other whole numbers
    triples : (n, 3) rows of unit, year, value
    longest : 0 for what happens in a year and does not last, such as a change of leader
    """
    value = np.full((len(years), len(units)), np.nan)
    order = np.argsort(units)
    of, year, v = (triples[:, column] for column in range(3))
    place = np.minimum(np.searchsorted(units, of.astype(np.int64), sorter=order), len(units) - 1)
    known = (units[order[place]] == of.astype(np.int64)) & (years[0] <= year) & (year <= years[-1])
    value[year[known].astype(np.int64) - int(years[0]), order[place[known]]] = v[known]
    age = np.where(np.isnan(value), -1, 0).astype(np.int64)
    for row in range(1, len(years)):
        gap = np.isnan(value[row]) & (age[row - 1] >= 0) & (age[row - 1] < longest)
        value[row, gap] = value[row - 1, gap]
        age[row, gap] = age[row - 1, gap] + 1
    return Carried(value, age)


def earlier(measure: Carried, years: int) -> FloatArray:
    """The value so many years earlier, or the unit's first value where that is later; NaN before the first."""
    out = np.full_like(measure.value, np.nan)
    known = ~np.isnan(measure.value)
    for i in range(measure.value.shape[1]):
        rows = np.flatnonzero(known[:, i])
        if not len(rows):
            continue
        for row in rows:
            before = max(row - years, rows[0])
            while not known[before, i]:
                before += 1
            out[row, i] = measure.value[before, i]
    return out


def decade_before(measure: Carried) -> FloatArray:
    """The value ten years earlier, or the state's first value where that is later; NaN before the first."""
    return earlier(measure, DECADE)


def window_sum(events: NDArray[np.bool_] | FloatArray) -> FloatArray:
    """Events of a year and the two before, along the first axis."""
    total = events.astype(np.float64)
    for back in range(1, WINDOW):
        total[back:] += events[:-back]
    return total


def _any_of(measure: Carried, years: int) -> Carried:
    """Whether a 0/1 measure was 1 in the year or the `years` − 1 before; missing where the year itself is."""
    value = measure.value.copy()
    for back in range(1, years):
        value[back:] = np.fmax(value[back:], measure.value[:-back])
    unknown = measure.age < 0
    value[unknown] = np.nan
    return Carried(value, np.where(unknown, -1, 0).astype(np.int64))


def _any_ahead(measure: Carried, first: int, years: int) -> Carried:
    """Whether a 0/1 measure is 1 in `years` years from `first` years ahead on; missing where one of them is.

    A lead: it knows what comes later and serves the test of a sequence only.
    """
    value = np.full_like(measure.value, np.nan)
    span = len(value) - first - years + 1
    if span > 0:
        ahead = np.stack([measure.value[first + k : first + k + span] for k in range(years)])
        value[:span] = ahead.max(axis=0)
    return Carried(value, np.where(np.isnan(value), -1, 0).astype(np.int64))


def tenure(c: Cube) -> FloatArray:
    """Years of unbroken membership by year, state and body; 0 outside."""
    out = np.zeros(c.status.shape, np.float32)
    members = c.members
    out[0] = members[0]
    for row in range(1, len(c.years)):
        out[row] = np.where(members[row], out[row - 1] + 1, 0)
    return np.asarray(out, dtype=np.float64)


HALF_DECADE: Final = 5
ALLIED: Final = ("defense", "offense")
"""Obligations that make two states allies: to fight for the other or with it."""
BY_UN_SCALE: Final = ("un", "fao", "iaea", "icc", "ilo", "iom", "isa_seabed", "unesco", "unido", "who")
"""Coded bodies whose members pay by the UN scale, adjusted for who is a member. In the ledger the assessed dues of 2013–2024
follow that scale with a median deviation of at most a tenth (`tests/test_terms.py` holds the list against it); that they
did so before is assumed."""


@dataclass(frozen=True)
class Sight:
    """One year's view.

    Parameters
    ----------
    gdp_share, gdp_share_before : (states,) share of world GDP, and ten years earlier
    scale_rate : (states,) rate of the UN scale of assessments, per cent
    by_scale : (bodies,) 1 where members pay by the UN scale, NaN elsewhere
    authority : (bodies,) mean of delegation and pooling, 0 to 1
    democracy, democracy_before : (states,) electoral democracy, and five years earlier
    leader_change : (states,) 1 where the leader changed in the year or the one before
    populist : (states,) 1 where a populist governed
    allies : (states, states) 1 for allies; NaN where the source does not reach
    leader_left : (states, bodies) whether another state left in three years that was then the strongest member
    rivals_founded : (bodies,) bodies with a shared issue area founded in five years; NaN where no area is known
    force_before, force_after : (states,) own use of force in three years to the year, and in the second to fourth ahead
    joined : (states, bodies) own joins in three years
    past : members, position and presence of the five years before and of the year itself, oldest first
    """

    gdp_share: FloatArray
    gdp_share_before: FloatArray
    scale_rate: FloatArray
    by_scale: FloatArray
    authority: FloatArray
    democracy: FloatArray
    democracy_before: FloatArray
    leader_change: FloatArray
    populist: FloatArray
    allies: FloatArray
    leader_left: BoolArray
    rivals_founded: FloatArray
    force_before: FloatArray
    force_after: FloatArray
    joined: BoolArray
    past: tuple[tuple[BoolArray, FloatArray, BoolArray], ...]


@dataclass(frozen=True)
class Measure:
    """A measure laid out by year and by `axis`: state, body, or year (one column for all)."""

    carried: Carried
    axis: str


@dataclass(frozen=True)
class Sights:
    """All years' views; `measures` tells for each what is missing and how old it is."""

    cube: Cube
    measures: dict[str, Measure]
    gdp_share_before: FloatArray
    democracy_before: FloatArray
    allies: NDArray[np.bool_]
    leader_left: dict[int, list[tuple[int, int]]]
    joined: BoolArray
    position: FloatArray
    present: BoolArray

    def at(self, row: int) -> Sight:
        """The view of one year."""
        value = {name: m.carried.value[row] for name, m in self.measures.items()}
        allies = self.allies[row].astype(np.float64)
        if np.isnan(value["alliances"][0]):
            allies[:] = np.nan
        states = np.arange(len(self.cube.states))
        left = np.zeros((len(states), len(self.cube.bodies)), np.bool_)
        for back in range(WINDOW):
            for state, body in self.leader_left.get(row - back, ()):
                left[states != state, body] = True
        rows = range(max(row - HALF_DECADE, 0), row + 1)
        return Sight(
            value["gdp_share"], self.gdp_share_before[row], value["scale_rate"], value["by_scale"], value["authority"],
            value["democracy"], self.democracy_before[row], value["leader_change"], value["populist"], allies, left,
            value["rivals_founded"], value["force_before"], value["force_after"], self.joined[row],
            tuple((self.cube.members_of(r), self.position[r], self.present[r]) for r in rows),
        )  # fmt: skip


def sights(
    record: Record, c: Cube, seen: BoolArray, joins: BoolArray, position: Carried, capability: Carried
) -> Sights:
    """Lay out what the rivals' terms need.

    Parameters
    ----------
    seen : exits as they could be counted in their own year, see `Exits.seen`
    joins : joins by first year of membership, (years, states, bodies)
    """
    present = (c.status != NOT_IN_SYSTEM).any(axis=2)
    democracy, gdp_share = state_measure(record, c, "democracy"), state_measure(record, c, "gdp_share")
    force = state_measure(record, c, "force_use", 0)
    allies, known = _allies(record, c)
    by_scale = np.where(np.isin(np.array(c.bodies), BY_UN_SCALE), 1.0, np.nan)
    measures = {
        "position": Measure(position, "state"),
        "capability": Measure(capability, "state"),
        "gdp_share": Measure(gdp_share, "state"),
        "scale_rate": Measure(_scale_rates(record, c), "state"),
        "by_scale": Measure(_always(np.broadcast_to(by_scale, (len(c.years), len(c.bodies)))), "body"),
        "authority": Measure(_authority(record, c), "body"),
        "democracy": Measure(democracy, "state"),
        "leader_change": Measure(_any_of(state_measure(record, c, "leader_change", 0), 2), "state"),
        "populist": Measure(state_measure(record, c, "populist", 0), "state"),
        "alliances": Measure(known, "year"),
        "rivals_founded": Measure(_rivals_founded(record, c), "body"),
        "force_before": Measure(_any_of(force, WINDOW), "state"),
        "force_after": Measure(_any_ahead(force, 2, WINDOW), "state"),
    }
    window = joins.copy()
    for back in range(1, WINDOW):
        window[back:] |= joins[:-back]
    return Sights(
        c, measures, earlier(gdp_share, DECADE), earlier(democracy, HALF_DECADE), allies,
        _leaders_leaving(c, seen, capability), window, position.value, present,
    )  # fmt: skip


def state_measure(record: Record, c: Cube, name: str, longest: int = LONGEST_CARRY) -> Carried:
    """One measure of the record by year and state; see `lags.carry`."""
    frame = record.measure(name).select(pl.col("cow", "year", "value").cast(pl.Float64))
    return carry(c.years, c.states, np.asarray(frame.to_numpy(), dtype=np.float64), longest)


def _always(value: FloatArray) -> Carried:
    return Carried(value, np.where(np.isnan(value), -1, 0).astype(np.int64))


def _authority(record: Record, c: Cube) -> Carried:
    at = {b: j for j, b in enumerate(c.bodies)}
    mean = record.table("body_measures").group_by("body", "year").agg(pl.col("value").mean(), pl.len().alias("parts"))
    rows = [
        (at[b], y, v) for b, y, v, n in mean.select("body", "year", "value", "parts").iter_rows() if n == 2 and b in at
    ]
    return carry(c.years, np.arange(len(c.bodies)), np.array(rows, np.float64).reshape(-1, 3))


def _scale_rates(record: Record, c: Cube) -> Carried:
    scale = record.table("ledger").filter(
        (pl.col("record") == "scale_of_assessments") & pl.col("rate_pct").is_not_null()
    )
    rows = []
    for state, first, last, rate in scale.select("state", "first_year", "last_year", "rate_pct").iter_rows():
        for year in range(max(first, int(c.years[0])), min(last, int(c.years[-1])) + 1):
            cow = cow_of(record.codes, state, year)
            if cow is not None:
                rows.append((cow, year, rate))
    return carry(c.years, c.states, np.array(rows, np.float64).reshape(-1, 3), 0)


def _allies(record: Record, c: Cube) -> tuple[BoolArray, Carried]:
    """Allies by year, and the years that the source reaches, the last of them standing for four more."""
    spells = record.table("alliances")
    at = {int(s): i for i, s in enumerate(c.states)}
    out = np.zeros((len(c.years), len(c.states), len(c.states)), np.bool_)
    start = int(c.years[0])
    for one, two, first, last, words in spells.select(
        "cow_1", "cow_2", "first_year", "last_year", "obligations"
    ).iter_rows():
        if one in at and two in at and set(words.split()) & set(ALLIED):
            rows = slice(max(first - start, 0), last - start + 1)
            out[rows, at[one], at[two]] = out[rows, at[two], at[one]] = True
    end = max(spells["last_year"].to_list(), default=start - 1)
    triples = np.array([(0, year, 1.0) for year in range(start, end + 1)], np.float64).reshape(-1, 3)
    known = carry(c.years, np.zeros(1, np.int64), triples)
    for row in np.flatnonzero(known.age[:, 0] > 0):
        out[row] = out[row - 1]
    return out, known


def _leaders_leaving(c: Cube, seen: BoolArray, capability: Carried) -> dict[int, list[tuple[int, int]]]:
    """Row of a year → (state, body) of exits by the member that had the largest capability in that year."""
    out: dict[int, list[tuple[int, int]]] = {}
    for row, state, body in np.argwhere(seen).tolist():
        share = np.where(c.status[row, :, body] == MEMBER, capability.value[row], np.nan)
        if not np.isnan(share[state]) and share[state] >= np.nanmax(share):
            out.setdefault(row, []).append((state, body))
    return out


def _rivals_founded(record: Record, c: Cube) -> Carried:
    """Coded bodies first coded in five years that share an issue area and are no part or parent; to the last coded year."""
    table = record.table("bodies").filter(pl.col("body").is_in(list(c.bodies))).sort("body")
    areas = [set((text or "").split()) for text in table["issue_areas"]]
    parents = table["parent"].to_list()
    alike = np.array([[bool(a & b) for b in areas] for a in areas]).reshape(len(areas), len(areas))
    np.fill_diagonal(alike, val=False)
    at = {b: j for j, b in enumerate(c.bodies)}
    for j, parent in enumerate(parents):
        if parent in at:
            alike[j, at[parent]] = alike[at[parent], j] = False
    fresh = (c.founded[None, :] <= c.years[:, None]) & (c.founded[None, :] > c.years[:, None] - HALF_DECADE)
    value = fresh.astype(np.float64) @ alike.T.astype(np.float64)
    value[:, [not a for a in areas]] = np.nan
    value[c.years > LAST_CODED_YEAR] = np.nan
    return _always(value)
