"""What counts as an exit: the coded step as it stands, and the step after cleaning.

`raw` is every 1→0 step of the coded source with body and state alive, before any correction. `cleaned` leaves out, as
competing endings and not exits, steps within a year of the body's last row, steps in which at least five and at least a
quarter of the members leave together, years in which a state takes eight or more such steps, and gaps of one year; the
seam of 1965 falls out of the rows, and declared corrections are applied to the cells first.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from exeunt.panel.risk import MEMBER, OUTSIDE, Cube
from exeunt.record.schema import LAST_CODED_YEAR

OUTCOMES = ("raw", "cleaned")
SEAM_FIRST_YEAR_OUT = 1965
MASS_BODY_MINIMUM, MASS_BODY_SHARE, MASS_STATE_MINIMUM = 5, 0.25, 8
BoolArray = NDArray[np.bool_]


@dataclass(frozen=True)
class Exits:
    """Exits by last year of membership: `exits[y, i, j]`; `row_ok[y]` tells the years whose rows are used."""

    outcome: str
    exits: BoolArray
    row_ok: BoolArray
    seen: BoolArray
    """Exits as they could be counted in their own year: without the rules that look at later years. Terms use these."""


def raw_steps(c: Cube) -> BoolArray:
    """Every 1→0 step by last year of membership; the last year of the cube has none."""
    steps = np.zeros(c.status.shape, np.bool_)
    steps[:-1] = (c.status[:-1] == MEMBER) & (c.status[1:] == OUTSIDE)
    return steps


def exits_of(c: Cube, outcome: str) -> Exits:
    """Exits under one outcome.

    Parameters
    ----------
    c : the cube; without corrections for `raw`, with them for `cleaned`

    Raises
    ------
    ValueError, for an unknown outcome.
    """
    steps = raw_steps(c)
    ok = np.ones(len(c.years), np.bool_)
    if outcome == "raw":
        return Exits(outcome, steps, ok, steps)
    if outcome != "cleaned":
        raise ValueError(f"unknown outcome {outcome!r}; expected one of {OUTCOMES}")
    coded = c.index(LAST_CODED_YEAR)
    keep = steps.copy()
    members = (c.status == MEMBER).sum(axis=1)
    leaving = steps.sum(axis=1)
    mass_body = (leaving >= MASS_BODY_MINIMUM) & (leaving >= MASS_BODY_SHARE * members)
    keep &= ~mass_body[:, None, :]
    keep &= ~(steps.sum(axis=2) >= MASS_STATE_MINIMUM)[:, :, None]
    # What follows looks ahead: to the body's last row, and to a return after one year.
    seen = np.where(np.arange(len(c.years))[:, None, None] >= coded, steps, keep)
    keep &= ~_terminal(c)[:, None, :]
    back = np.zeros_like(steps)
    back[:-2] = c.status[2:] == MEMBER
    keep &= ~back
    # Steps after the coded source come from acts, where the artefacts of coding do not arise.
    keep[coded:] = steps[coded:]
    ok[c.index(SEAM_FIRST_YEAR_OUT - 1)] = False
    keep[~ok] = False
    seen[~ok] = False
    return Exits(outcome, keep, ok, seen)


def _terminal(c: Cube) -> BoolArray:
    """Whether the first year out is within a year of the body's last row; (years, bodies)."""
    alive = (c.status[: c.index(LAST_CODED_YEAR) + 1] != -1).any(axis=1)
    last = np.array([c.years[np.flatnonzero(column)[-1]] if column.any() else 0 for column in alive.T])
    dead = last < LAST_CODED_YEAR
    first_out = c.years + 1
    return np.asarray(dead[None, :] & (first_out[:, None] >= last[None, :] - 1), dtype=np.bool_)
