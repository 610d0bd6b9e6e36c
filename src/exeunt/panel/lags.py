"""What a year may look back upon: carried values, earlier values, windows of years, tenure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from exeunt.arrays import FloatArray, IntArray
from exeunt.panel.risk import Cube

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


def any_of(measure: Carried, years: int) -> Carried:
    """Whether a 0/1 measure was 1 in the year or the `years` − 1 before; missing where the year itself is."""
    value = measure.value.copy()
    for back in range(1, years):
        value[back:] = np.fmax(value[back:], measure.value[:-back])
    unknown = measure.age < 0
    value[unknown] = np.nan
    return Carried(value, np.where(unknown, -1, 0).astype(np.int64))


def any_ahead(measure: Carried, first: int, years: int) -> Carried:
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
