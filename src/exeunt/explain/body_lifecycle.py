"""Deaths and births of bodies: a hazard of a body's end in a year, and a rate of new bodies with their founders.

A body-year is a year in which the coded source knows the body; the body ends in it where the source does not know it the year
after. The source hardly records ends or foundings in its last years (`docs/method/dynamics.md`), so spans end before them, and
a year that it does not reach is no survival.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

import numpy as np
from scipy.special import chdtrc, gammaln

from exeunt.core.arrays import BoolArray, FloatArray, IntArray
from exeunt.core.errors import FitError
from exeunt.explain.bundles import dispersion
from exeunt.panel.build import Covariates
from exeunt.panel.risk import MEMBER, NOT_IN_SYSTEM, Cube, joins_of
from exeunt.panel.terms import WINDOW
from exeunt.record.schema import LAST_CODED_YEAR

DEATH_SPAN: Final = (1990, 2007)
"""Years at risk: before them fewer bodies ended than one hazard allows, and the source has 2 ends in the six years after."""
LONGER_SPAN: Final = (1970, 2007)
"""Held beside it, decade by decade."""
BIRTH_SPAN: Final = (1990, 2009)
"""First coded years: four years without any founding follow, though treaty organizations were founded about then."""
DEATH_TERMS: Final = ("(Intercept)", "log_size", "log_age", "vitality")
FOUNDING_YEARS: Final = 5
"""A body whose founders the source lists later than that is not known by them."""
STEPS: Final = 50


@dataclass(frozen=True)
class _BodyYears:
    """Body-years at risk: `year` and `body` index the cube, X is (n, 4) in the order of `DEATH_TERMS`, `event` 1 at an end."""

    year: IntArray
    body: IntArray
    X: FloatArray
    event: FloatArray


@dataclass(frozen=True)
class Deaths:
    """The hazard of a body's end: coefficients (4,) with covariance (4, 4); complementary log-log.

    `decades` holds (first year, last year, rows, observed, expected). `dispersion` is the sum of squared Pearson residuals of
    the yearly counts over the years, and `dispersion_p` its p by χ².
    """

    coefficients: list[float]
    covariance: list[list[float]]
    first_year: int
    last_year: int
    rows: int
    events: int
    decades: list[list[float]]
    after: list[float]
    """First and last year of the coded years after the span, rows, observed ends, and ends expected by the hazard."""
    dispersion: float
    dispersion_p: float


@dataclass(frozen=True)
class Births:
    """New bodies a year: counts by first coded year; their founders as COW numbers.

    `frailty` is the variance of a mean-one gamma factor of each year, 0 where counts vary no more than Poisson counts do.
    """

    first_year: int
    last_year: int
    counts: list[int]
    frailty: float
    gain: float
    """Log-likelihood gained by the frailty over Poisson counts."""
    founders: list[list[int]]
    without_members: int
    """Bodies first coded in the span that have no full member in their first years; not counted as born."""
    after: list[int]
    """First and last coded year after the span, and bodies born in them."""
    bodies: list[str] = field(default_factory=list)
    """The bodies counted."""


def _alive_of(c: Cube) -> BoolArray:
    """Years in which the coded source knows a body, (years, bodies)."""
    return np.asarray((c.status != NOT_IN_SYSTEM).any(axis=1), dtype=np.bool_)


def _vitality(joins: FloatArray, exits: FloatArray) -> FloatArray:
    """log(1 + joins) − log(1 + exits) of the three years before; of any shape."""
    return np.asarray(np.log1p(joins) - np.log1p(exits), dtype=np.float64)


def _body_years(cov: Covariates, first_year: int, last_year: int) -> _BodyYears:
    """Body-years from the record, by year at risk.

    Size is that of the year itself, age counts from the first coded year as in the panel, vitality is of the three steps before
    the year: exits by last year of membership, joins by last year outside, y − 3 … y − 1.

    Raises
    ------
    FitError, for years whose next year is not coded.
    """
    c = cov.cube
    if last_year >= LAST_CODED_YEAR or first_year < int(c.years[0]) + WINDOW or first_year > last_year:
        raise FitError(
            f"body-years run from {int(c.years[0]) + WINDOW} to {LAST_CODED_YEAR - 1}, whose next year is coded; "
            f"{first_year} to {last_year} do not."
        )
    alive = _alive_of(c)
    joins = joins_of(c).sum(axis=1)
    exits = cov.exits.seen.sum(axis=1)
    parts = []
    for row in range(c.index(first_year), c.index(last_year) + 1):
        bodies = np.flatnonzero(alive[row])
        size = (c.status[row][:, bodies] == MEMBER).sum(axis=0)
        window = slice(row - WINDOW, row)
        X = np.column_stack(
            [
                np.ones(len(bodies)),
                np.log1p(size),
                np.log1p(np.maximum(c.years[row] - c.founded[bodies] + 1, 0)),
                _vitality(joins[window][:, bodies].sum(axis=0), exits[window][:, bodies].sum(axis=0)),
            ]
        )
        parts.append((np.full(len(bodies), row), bodies, X, ~alive[row + 1][bodies]))
    year, body, terms, event = (np.concatenate([p[k] for p in parts]) for k in range(4))
    return _BodyYears(year, body, terms, event.astype(np.float64))


def _cloglog(X: FloatArray, event: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Complementary log-log regression by Fisher scoring.

    Returns
    -------
    Coefficients (k,) and covariance (k, k), from the expected information.

    Raises
    ------
    FitError, if there is no event or no estimate is found, as where a term tells all events from the rest.

    References
    ----------
    McCullagh and Nelder (1989), Generalized Linear Models, ch. 4.
    """
    if not 0 < event.sum() < len(event):
        raise FitError(f"{int(event.sum())} of {len(event)} rows have an event; a hazard needs both kinds.")
    beta = np.zeros(X.shape[1])
    beta[0] = np.log(-np.log1p(-event.mean()))
    for _ in range(STEPS):
        rate = np.exp(np.clip(X @ beta, -30.0, 3.0))
        p = -np.expm1(-rate)
        score = X.T @ ((event - p) * rate / p)
        information = (X * (rate**2 * (1 - p) / p)[:, None]).T @ X
        step = np.linalg.solve(information, score)
        beta = beta + step * min(1.0, 2.0 / max(float(np.abs(step).max()), 1e-300))
        if np.abs(step).max() < 1e-9:
            return beta, np.asarray(np.linalg.inv(information), dtype=np.float64)
    raise FitError("the hazard of the end of bodies has no finite estimate; a term tells all ends from the rest.")


def deaths(cov: Covariates, span: tuple[int, int] = DEATH_SPAN) -> Deaths:
    """The hazard of a body's end over a span of years at risk, and how it holds decade by decade."""
    rows = _body_years(cov, *span)
    beta, covariance = _cloglog(rows.X, rows.event)
    p = -np.expm1(-np.exp(rows.X @ beta))
    year = cov.cube.years[rows.year]
    decades = []
    for first in range(span[0] - span[0] % 10, span[1] + 1, 10):
        inside = (year >= first) & (year < first + 10)
        decades.append(
            [float(max(first, span[0])), float(min(first + 9, span[1])), float(inside.sum()),
             float(rows.event[inside].sum()), float(p[inside].sum())]
        )  # fmt: skip
    index = year - span[0]
    observed, expected = np.bincount(index, rows.event), np.bincount(index, p)
    variance = np.bincount(index, p * (1 - p))
    statistic = float(((observed - expected) ** 2 / variance).sum())
    years = len(observed)
    after: list[float] = []
    if span[1] + 1 < LAST_CODED_YEAR:
        later = _body_years(cov, span[1] + 1, LAST_CODED_YEAR - 1)
        q = -np.expm1(-np.exp(later.X @ beta))
        after = [
            float(span[1] + 1),
            float(LAST_CODED_YEAR - 1),
            float(len(q)),
            float(later.event.sum()),
            float(q.sum()),
        ]
    return Deaths(
        coefficients=beta.tolist(), covariance=covariance.tolist(), first_year=span[0], last_year=span[1],
        rows=len(rows.event), events=int(rows.event.sum()), decades=decades, after=after, dispersion=statistic / years,
        dispersion_p=float(chdtrc(years - len(beta), statistic)),
    )  # fmt: skip


def births(cov: Covariates, span: tuple[int, int] = BIRTH_SPAN) -> Births:
    """New bodies by first coded year, with the founders of each: the full members of the first of its years that has any."""
    c = cov.cube
    alive = _alive_of(c)
    coded = c.index(LAST_CODED_YEAR)
    first = np.where(alive.any(axis=0), alive.argmax(axis=0), -1)
    counts = np.zeros(span[1] - span[0] + 1, np.int64)
    founders: list[list[int]] = []
    bodies: list[str] = []
    without, later = 0, 0
    for body in np.flatnonzero(first >= 0):
        year = int(c.years[first[body]])
        if not span[0] <= year <= LAST_CODED_YEAR:
            continue
        rows = range(int(first[body]), min(int(first[body]) + FOUNDING_YEARS, coded + 1))
        found = next((np.flatnonzero(c.status[r][:, body] == MEMBER) for r in rows
                      if (c.status[r][:, body] == MEMBER).any()), None)  # fmt: skip
        if year > span[1]:
            later += found is not None
        elif found is None:
            without += 1
        else:
            counts[year - span[0]] += 1
            founders.append(c.states[found].tolist())
            bodies.append(str(c.bodies[body]))
    frailty, gain = _overdispersion(counts)
    return Births(
        first_year=span[0], last_year=span[1], counts=counts.tolist(), frailty=frailty, gain=gain, founders=founders,
        without_members=without, after=[span[1] + 1, LAST_CODED_YEAR, later],
        bodies=bodies,
    )  # fmt: skip


def _overdispersion(counts: IntArray) -> tuple[float, float]:
    """Variance of a mean-one gamma factor of each year's count, and the log-likelihood that it gains over Poisson.

    0 unless it gains half the 95 % point of χ²(1), the rule of `bundles.py`.
    """
    mean = np.full(len(counts), max(float(counts.mean()), 1e-12))
    found = dispersion(mean, counts.astype(np.float64))
    if found == 0.0:
        return 0.0, 0.0
    shape = 1.0 / found
    negative = float((gammaln(counts + shape) - gammaln(shape) + shape * np.log(shape / (shape + mean))
                      + counts * np.log(mean / (shape + mean))).sum())  # fmt: skip
    poisson = float((counts * np.log(mean) - mean).sum())
    return found, negative - poisson
