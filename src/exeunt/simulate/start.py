"""A world: who belongs to what, and everything that the law of the next year is computed from."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from exeunt.core.arrays import BoolArray, FloatArray, IntArray
from exeunt.panel.build import Covariates, exit_lag, first_years
from exeunt.panel.risk import MEMBER, OUTSIDE
from exeunt.panel.terms import DECADE, WINDOW


@dataclass(frozen=True)
class Start:
    """What all worlds start from: the record's latest membership, and measures held at their last observed value.

    Arrays are over the states of the system and the bodies alive in the start year. `past_*` run over the years before
    and including the start year, oldest first; `position` and `capability` run on to the last simulated year.
    """

    year: int
    years: int
    states: IntArray
    bodies: tuple[str, ...]
    members: BoolArray
    open_to_join: BoolArray
    """Pairs that are outside, not missing, associate or observer."""
    carried: BoolArray
    tenure: FloatArray
    past_members: list[BoolArray]
    past_exits: list[BoolArray]
    past_joins: list[BoolArray]
    """By first year of membership, as the panel counts them; exits are dated by last year."""
    first_year: int
    """Calendar year of `position[0]`, `capability[0]`."""
    position: FloatArray
    capability: FloatArray
    founded: IntArray
    lag: IntArray
    unknown_position: int
    """States that never had an ideal point; the mean of the panel serves for them."""
    last_exit: IntArray
    """Year of the last exit of each pair, (states, bodies): its last year of membership; −1 where there was none."""

    @property
    def longest_lag(self) -> int:
        """Longest lag of any body, in years."""
        return int(self.lag.max())


@dataclass(frozen=True)
class _Surroundings:
    """One world's draw of everything but the exit and join hazards, laid out over a Start."""

    position: FloatArray
    """(rows, states) as Start.position: record rows unchanged, simulated rows follow a random walk"""
    capability: FloatArray
    """(rows, states) as Start.capability (share), without the response to exits"""
    capability_response: float
    """change of log capability, one year after an own exit, that stays, per exit"""
    death: FloatArray
    """(4,) intercept and coefficients of log1p(size), log1p(age), vitality; cloglog hazard of a body's end in a year"""
    birth_step: IntArray
    """(births,) step at whose opening each new body stands, ascending"""
    founders: NDArray[np.uint8]
    """(births, states)"""
    birth_exit: FloatArray
    """(births,) body effect in the exit hazard"""
    birth_join: FloatArray
    """(births,) body effect in the join hazard"""
    return_log_ratio: FloatArray
    """(4,) added to the join predictor of a pair that left, by years since the exit: 1–2, 3–5, 6–10, 11+"""


RETURN_BANDS = (2, 5, 10)
"""Last years since an exit of the first three bands of `Surroundings.return_log_ratio`."""


def _quiet(s: Start) -> _Surroundings:
    """Surroundings that do nothing: measures held, no body ends or begins, a pair that left joins like any other."""
    return _Surroundings(
        position=s.position,
        capability=s.capability,
        capability_response=0.0,
        death=np.array([-np.inf, 0.0, 0.0, 0.0]),
        birth_step=np.zeros(0, np.int64),
        founders=np.zeros((0, len(s.states)), np.uint8),
        birth_exit=np.zeros(0),
        birth_join=np.zeros(0),
        return_log_ratio=np.zeros(4),
    )


def start(cov: Covariates, years: int) -> Start:
    """Take the start of every world from the record's latest membership.

    The opening year is the year after the record's last: membership on the closing day is taken to stand at its start.

    Parameters
    ----------
    years : years to simulate
    """
    c = cov.cube
    last = len(c.years) - 1
    alive = np.flatnonzero((c.status[last] != -1).any(axis=0))
    present = np.flatnonzero((c.status[last] != -1).any(axis=1))
    pick = np.ix_(present, alive)
    status = c.status[last][pick]
    lag = exit_lag(c)[alive]
    opening = int(c.years[last]) + 1
    reach = int(lag.max()) + WINDOW
    rows = range(last - reach + 1, last + 1)
    steps = cov.exits.seen
    first = first_years(c)
    first_year = int(c.years[0])
    horizon = opening + years - first_year + 1
    position = _hold(cov.position.value[:, present], horizon)
    capability = _hold(cov.capability.value[:, present], horizon)
    unknown = np.isnan(position[-1])
    left = np.full(status.shape, -1, np.int64)
    for r in range(last + 1):
        left[steps[r][pick]] = c.years[r]
    position[:, unknown] = np.nan
    return Start(
        year=opening,
        years=years,
        states=c.states[present],
        bodies=tuple(c.bodies[j] for j in alive),
        members=np.asarray(status == MEMBER),
        open_to_join=np.asarray(status == OUTSIDE),
        carried=c.carried[last][pick] & (status == MEMBER),
        tenure=cov.tenure[last][pick] + (status == MEMBER),
        past_members=[*(c.members[r][pick] for r in rows), np.asarray(status == MEMBER)],
        past_exits=[*(steps[r][pick] for r in rows)],
        past_joins=[first[r][pick] for r in rows],
        first_year=first_year,
        position=position,
        capability=capability,
        founded=c.founded[alive],
        lag=lag,
        unknown_position=int(unknown.sum()),
        last_exit=left,
    )


def _hold(value: FloatArray, length: int) -> FloatArray:
    """Carry the last observed value forward without limit, to `length` years; before the first value stays NaN."""
    out = np.full((length, value.shape[1]), np.nan)
    out[: len(value)] = value
    for row in range(1, length):
        gap = np.isnan(out[row])
        out[row, gap] = out[row - 1, gap]
    return out


def _capability_before(s: Start, row: int) -> FloatArray:
    """Capability ten years before a row of `s.capability`, or at the state's first value where that is later."""
    before = s.capability[max(row - DECADE, 0)].copy()
    for i in np.flatnonzero(np.isnan(before)):
        known = np.flatnonzero(~np.isnan(s.capability[: row + 1, i]))
        before[i] = s.capability[known[0], i] if len(known) else np.nan
    return np.asarray(before, dtype=np.float64)
