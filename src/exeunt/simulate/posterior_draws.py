"""Everything that is drawn once per world, addressed by its number: parameters of both laws, walks of states, new bodies.

Any world can be made without the others, on any machine's threads. The factor of the information is computed here, compiled
and without a linear algebra library, so that its last digits do not depend on how many threads such a library uses.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numba import njit

from exeunt.core.arrays import FloatArray, IntArray
from exeunt.explain.bundles import Bundles
from exeunt.explain.fit import Fit
from exeunt.explain.yearly import LAW_OF, YearLaw, year_law
from exeunt.panel.registry import choose
from exeunt.panel.terms import SMALLEST_SHARE, Term
from exeunt.simulate.counter_rng import _address, _count, _gamma, _normal, _normals, _uniform, _within
from exeunt.simulate.reference import Law
from exeunt.simulate.start import Start

DRAW_EXIT, DRAW_JOIN, NEW_EXIT, NEW_JOIN, YEARS_EXIT, YEARS_JOIN = range(32, 38)
"""Kinds of addresses, beside those of `reference.py`."""


@njit(cache=True)
def _factor(matrix: Any) -> Any:
    """Lower Cholesky factor of a positive definite matrix, (p, p)."""
    p = len(matrix)
    lower = np.zeros((p, p))
    for i in range(p):
        for j in range(i + 1):
            total = matrix[i, j]
            for k in range(j):
                total -= lower[i, k] * lower[j, k]
            lower[i, j] = np.sqrt(total) if i == j else total / lower[j, j]
    return lower


@njit(cache=True)
def _inverted(lower: Any) -> Any:
    """Inverse of the transpose of a lower factor, an upper one, (p, p)."""
    p = len(lower)
    out = np.zeros((p, p))
    for i in range(p - 1, -1, -1):
        out[i, i] = 1.0 / lower[i, i]
        for k in range(i + 1, p):
            by = -lower[k, i] / lower[i, i]
            for j in range(k, p):
                out[i, j] += by * out[k, j]
    return out


@njit(cache=True)
def _spread(upper: Any, normal: Any) -> Any:
    """Product of an upper factor and (p, worlds) numbers; no column hangs on another, to the last digit."""
    p, worlds = normal.shape
    out = np.zeros((p, worlds))
    for i in range(p):
        k = i
        # Four rows at a time take half the time of one.
        while k + 4 <= p:
            a, b, c, d = upper[i, k], upper[i, k + 1], upper[i, k + 2], upper[i, k + 3]
            for world in range(worlds):
                out[i, world] += (
                    a * normal[k, world]
                    + b * normal[k + 1, world]
                    + (c * normal[k + 2, world] + d * normal[k + 3, world])
                )
            k += 4
        for rest in range(k, p):
            for world in range(worlds):
                out[i, world] += upper[i, rest] * normal[rest, world]
    return out


@njit(cache=True)
def _numbers(seed: int, worlds: Any, kind: int, places: int) -> Any:
    """Standard normal numbers at the first places of an address of each world, (worlds, places)."""
    out = np.empty((len(worlds), places))
    for row in range(len(worlds)):
        _normals(_address(seed, worlds[row], 0, kind), 0, out[row])
    return out


@njit(cache=True)
def _cells(seed: int, worlds: Any, kind: int, df: float) -> Any:
    """A uniform and a chi-square number of each world, (2, worlds), for the cell and variance of its year effects.

    A law that is known has infinite degrees of freedom, and takes neither.
    """
    out = np.ones((2, len(worlds)))
    if np.isinf(df):
        return out
    for row in range(len(worlds)):
        key = _within(_address(seed, worlds[row], 0, kind), 0, 0)
        out[0, row], out[1, row] = _uniform(key, 0), 2.0 * _gamma(_within(key, 0, 0), df / 2.0)
    return out


@dataclass(frozen=True)
class _Placed:
    """A posterior over one start: which effects it has, and the factor of their covariance alone."""

    start: Start
    kept: IntArray
    """Places in the fit of what a world takes, coefficients first; effects of training years and of what is gone are not."""
    upper: FloatArray
    """Factor of their covariance, (kept, kept)"""
    state: IntArray
    """Places in `kept`, −1 for those that the fit has not seen"""
    body: IntArray


@dataclass(frozen=True)
class _Posterior:
    """What draws of one hazard need, made once: the fit, factors of its information and of its standard deviations."""

    fit: Fit
    root: FloatArray
    years: YearLaw
    terms: tuple[Term, ...]
    places: dict[int, _Placed] = field(default_factory=dict, compare=False, repr=False)

    def placed(self, s: Start) -> _Placed:
        """What draws over a start need."""
        if id(s) not in self.places:
            made, (states, bodies, _) = self.fit, self.fit.labels
            state_at = {label: made.k + n for n, label in enumerate(states)}
            body_at = {label: made.k + len(states) + n for n, label in enumerate(bodies)}
            state = np.array([state_at.get(int(c), -1) for c in s.states])
            body = np.array([body_at.get(b, -1) for b in s.bodies])
            kept = np.concatenate([np.arange(made.k), state[state >= 0], body[body >= 0]])
            # With what is kept at the end, the last rows and columns of the factor are those of its marginal law.
            others = np.setdiff1d(np.arange(len(made.phi)), kept)
            order = np.concatenate([others, kept])
            lower = _factor(np.ascontiguousarray(made.information[np.ix_(order, order)]))[len(others) :, len(others) :]
            at = np.full(len(made.phi) + 1, -1)
            at[kept] = np.arange(len(kept))
            # The start is kept beside its places, so that its id is not given to another one.
            self.places[id(s)] = _Placed(s, kept, _inverted(np.ascontiguousarray(lower)), at[state], at[body])
        return self.places[id(s)]


def posterior(fit: Fit) -> _Posterior:
    """Prepare a fit for drawing.

    Raises UsageError for a fit with a lead among its terms: a simulated year cannot know the years after it.
    """
    return _Posterior(
        fit=fit,
        root=_factor(fit.sd_covariance + 1e-12 * np.eye(3)),
        years=year_law(fit.effect("year"), float(fit.sd[2]), LAW_OF[fit.kind]),
        terms=choose(fit.scaling.names, fit.kind, forecasting=True),
    )


@dataclass(frozen=True)
class Override:
    """How a scenario changes a law: coefficients set or multiplied, by term; variances of bundles set."""

    kind: str
    term: str
    value: float | None = None
    factor: float | None = None


def draw(of: _Posterior, s: Start, seed: int, world: int) -> tuple[Law, FloatArray]:
    """One draw of a hazard's law, laid out over a start, and its year effects, (years,)."""
    return _draws(of, s, seed, [world])[0]


def _draws(of: _Posterior, s: Start, seed: int, worlds: Sequence[int]) -> list[tuple[Law, FloatArray]]:
    """Draws of a hazard's law for some worlds, laid out over a start, each with its year effects, (years,).

    The draw is that of `Fit.draw`: standard deviations first, then (β, b) normal about a mode that moves with them. That of
    a world does not hang on which others are drawn with it.
    """
    made, at, each = of.fit, of.placed(s), np.asarray(worlds, np.int64)
    draw_kind, new_kind, years_kind = (
        (DRAW_EXIT, NEW_EXIT, YEARS_EXIT) if made.kind == "exit" else (DRAW_JOIN, NEW_JOIN, YEARS_JOIN)
    )
    normal = _numbers(seed, each, draw_kind, 3 + len(at.kept))
    # Sums over three, written out: a library of linear algebra may add them in another order for more worlds.
    move = sum((of.root[:, one] * normal[:, one, None] for one in range(3)), np.zeros((len(each), 3)))
    sd, motion = made.sd * np.exp(move), made.motion[at.kept]
    phi = made.phi[at.kept] + _spread(at.upper, np.ascontiguousarray(normal[:, 3:].T)).T
    for one in range(3):
        phi += motion[:, one] * move[:, one, None]
    n, m = len(at.state), len(at.body)
    fresh = _numbers(seed, each, new_kind, n + m)
    state = np.where(at.state >= 0, phi[:, at.state], sd[:, :1] * fresh[:, :n])
    body = np.where(at.body >= 0, phi[:, at.body], sd[:, 1:2] * fresh[:, n:])
    years = np.arange(s.year, s.year + s.years)
    levels, df = _numbers(seed, each, years_kind, 2 + 2 * s.years), of.years.df
    cell, chi = _cells(seed, each, years_kind, df)
    effects = of.years.laid(
        years, cell, chi, levels[:, : 1 if np.isinf(df) else 2], levels[:, 2:].reshape(len(each), s.years, 2)
    )
    laid = [
        Law(
            terms=of.terms, scaling=made.scaling, beta=phi[row, : made.k].copy(), state=state[row], body=body[row],
            bundles=made.bundles,
        )
        for row in range(len(each))
    ]  # fmt: skip
    return list(zip(laid, effects, strict=True))


def overridden(of: Law, kind: str, changes: tuple[Override, ...]) -> Law:
    """Law with a scenario's changes; a cut channel is a coefficient of 0, so its term counts as at its training mean."""
    if not changes:
        return of
    beta, bundles = of.beta.copy(), of.bundles
    for change in changes:
        if change.kind != kind:
            continue
        if change.term in ("state_year", "body_year"):
            old = getattr(bundles, change.term)
            new = change.value if change.value is not None else old * (change.factor or 0.0)
            bundles = Bundles(**{**bundles.__dict__, change.term: new})
            continue
        at = 1 + of.scaling.names.index(change.term)
        beta[at] = change.value if change.value is not None else beta[at] * (change.factor or 0.0)
    return replace(of, beta=beta, bundles=bundles)


def _known_terms(fit: Fit) -> tuple[str, ...]:
    """Names of the terms of a law, all of which a simulation can compute."""
    return tuple(term.name for term in choose(fit.scaling.names, fit.kind, forecasting=True))


POSITION, CAPABILITY, BIRTH, FOUNDING, PARAMETERS, STANDING = range(40, 46)
"""Kinds of addresses, beside those of `reference.py`."""


@njit(cache=True)
def _parameters(seed: int, world: int, return_shapes: Any, birth_shape: float) -> Any:
    """Seven standard normal numbers, a gamma number of the shape of births, and one of each shape of returns."""
    key = _address(seed, world, 0, PARAMETERS)
    out = np.empty(8 + len(return_shapes))
    _normals(key, 0, out[:7])
    out[7] = _gamma(_within(key, 0, 0), birth_shape)
    for band in range(len(return_shapes)):
        out[8 + band] = _gamma(_within(key, 0, 1 + band), return_shapes[band])
    return out


@njit(cache=True)
def _born(seed: int, world: int, years: int, a_year: float, frailty: float, pool: int) -> Any:
    """Bodies founded in a world: steps, founders' places in a pool, (births,), and two standard normal numbers, (2, births).

    What is founded in a year stands at the opening of the next; the bodies of the opening year are those of the record.
    """
    key, counts = _address(seed, world, 0, BIRTH), np.zeros(years, np.int64)
    for step in range(1, years):
        counts[step] = _count(_uniform(key, step), a_year, frailty)
    births = counts.sum()
    steps, picked, effects = np.empty(births, np.int64), np.empty(births, np.int64), np.empty((2, births))
    key, birth = _address(seed, world, 0, FOUNDING), 0
    for step in range(1, years):
        for _ in range(counts[step]):
            steps[birth] = step
            picked[birth] = min(int(_uniform(key, 3 * birth) * pool), pool - 1)
            effects[0, birth], effects[1, birth] = _normal(key, 3 * birth + 1), _normal(key, 3 * birth + 2)
            birth += 1
    return steps, picked, effects


@njit(cache=True)
def _walked(out: Any, first: int, scale: float, longer: float, key: Any) -> None:
    """Let every state walk from row `first` − 1 on, in place, (rows, states); the first step is so many times as long."""
    states = out.shape[1]
    for row in range(first, len(out)):
        _normals(key, (row - first) * states, out[row])
        by = scale * longer if row == first else scale
        for i in range(states):
            out[row, i] = out[row - 1, i] + by * out[row, i]


@njit(cache=True)
def _positions(start: Any, first: int, scale: float, longer: float, seed: int, world: int) -> Any:
    """Positions with those from row `first` on walked, (rows, states)."""
    out = np.empty_like(start)
    out[:first] = start[:first]
    _walked(out, first, scale, longer, _address(seed, world, 0, POSITION))
    return out


@njit(cache=True)
def _capabilities(start: Any, first: int, scale: float, longer: float, seed: int, world: int) -> Any:
    """Shares whose logarithms walk from row `first` on, each year held to the sum of the row before, (rows, states)."""
    out, total = np.empty_like(start), 0.0
    out[:first] = start[:first]
    for i in range(out.shape[1]):
        if not np.isnan(start[first - 1, i]):
            total += start[first - 1, i]
            out[first - 1, i] = np.log(max(start[first - 1, i], SMALLEST_SHARE))
    _walked(out, first, scale, longer, _address(seed, world, 0, CAPABILITY))
    out[first - 1] = start[first - 1]
    _share_out(out, first, total)
    return out


@njit(cache=True)
def _share_out(out: Any, first: int, total: float) -> None:
    """Turn logarithms from row `first` on into shares with a given sum, none below one in a million, in place."""
    for row in range(first, len(out)):
        summed = 0.0
        for i in range(out.shape[1]):
            out[row, i] = np.exp(out[row, i])
            if not np.isnan(out[row, i]):
                summed += out[row, i]
        rest, low = 0.0, 0
        for i in range(out.shape[1]):
            out[row, i] *= total / summed
            if out[row, i] < SMALLEST_SHARE:
                low += 1
            elif not np.isnan(out[row, i]):
                rest += out[row, i]
        for i in range(out.shape[1]):
            if out[row, i] < SMALLEST_SHARE:
                out[row, i] = SMALLEST_SHARE
            elif not np.isnan(out[row, i]):
                out[row, i] = max(out[row, i] * (total - low * SMALLEST_SHARE) / rest, SMALLEST_SHARE)
