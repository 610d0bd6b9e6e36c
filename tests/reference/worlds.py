"""Small dynamic worlds with a known truth, for the recovery study.

States may leave bodies; the rate of leaving depends on effects of state, body and year, on others' exits from the body and
on own exits elsewhere in the three years before (log1p of the counts, as in the panel). Those who left may come back.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from exeunt.explain.hazard import Rows

STATES, BODIES, YEARS, BURN_IN = 60, 50, 40, 5
INTERCEPT = -5.6
SD = (0.7, 1.0, 0.4)
MEMBERS, REJOIN = 0.6, 0.05
FRAILTY = (0.46, 4.30)
"""Variances of the gamma frailties of state-years and body-years: those of the exit panel, see docs/method/hazard.md."""


@dataclass(frozen=True)
class Truth:
    """What a world is made of."""

    contagion: float
    momentum: float
    variant: str = "as fitted"
    """`as fitted`, `heavy tails` (t with 3 degrees of freedom, same spread), `missed` (30 % of exits not recorded),
    `state-years` or `body-years` (gamma frailties)."""


def world(truth: Truth, seed: int, size: tuple[int, int, int] = (STATES, BODIES, YEARS)) -> Rows:
    """Simulate one world; rows are the membership-years after the burn-in, terms (1, contagion, momentum)."""
    rng = np.random.Generator(np.random.Philox(seed))
    states, bodies, years = size
    effects = [_effects(rng, n, sd, truth.variant) for n, sd in zip(size, SD, strict=True)]
    member = rng.random((states, bodies)) < MEMBERS
    seen = np.zeros((years, states, bodies))
    kept: list[NDArray[np.float64]] = []
    for year in range(years):
        window = seen[max(year - 3, 0) : year].sum(axis=0)
        contagion = np.log1p(window.sum(axis=0)[None, :] - window)
        momentum = np.log1p(window.sum(axis=1)[:, None] - window)
        eta = INTERCEPT + effects[0][:, None] + effects[1][None, :] + effects[2][year]
        rate = np.exp(eta + truth.contagion * contagion + truth.momentum * momentum)
        if truth.variant == "state-years":
            rate *= rng.gamma(1 / FRAILTY[0], FRAILTY[0], (states, 1))
        if truth.variant == "body-years":
            rate *= rng.gamma(1 / FRAILTY[1], FRAILTY[1], (1, bodies))
        left = member & (rng.random((states, bodies)) < -np.expm1(-rate))
        recorded = left & (rng.random((states, bodies)) >= 0.3) if truth.variant == "missed" else left
        seen[year] = recorded
        if year >= BURN_IN:
            i, j = np.nonzero(member)
            columns = (contagion[i, j], momentum[i, j], recorded[i, j], i, j, np.full(len(i), year - BURN_IN))
            kept.append(np.column_stack(columns))
        came = ~member & (rng.random((states, bodies)) < REJOIN)
        member = (member & ~left) | came
    table = np.concatenate(kept)
    X = np.ascontiguousarray(np.column_stack([np.ones(len(table)), table[:, :2]]))
    group = np.ascontiguousarray(table[:, 3:].astype(np.int32))
    return Rows(X, table[:, 2].copy(), np.ones(len(table)), group, (states, bodies, years - BURN_IN))


def _effects(rng: np.random.Generator, n: int, sd: float, variant: str) -> NDArray[np.float64]:
    if variant == "heavy tails":
        # A t with 3 degrees of freedom has variance 3.
        return np.asarray(sd * rng.standard_t(3, n) / np.sqrt(3.0), dtype=np.float64)
    return np.asarray(sd * rng.standard_normal(n), dtype=np.float64)
