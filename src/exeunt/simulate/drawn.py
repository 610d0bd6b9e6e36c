"""Parameters of one world, addressed by its number: any world can be made without the others, on any machine's threads.

The factor of the information is computed here, compiled and without a linear algebra library, so that its last digits do
not hang on how many threads such a library uses.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numba import njit

from exeunt.explain.bundles import Bundles
from exeunt.explain.fit import Fit
from exeunt.explain.yearly import LAW_OF, YearLaw, year_law
from exeunt.panel.registry import choose
from exeunt.panel.terms import Term
from exeunt.simulate.transition import FloatArray, Law, generator
from exeunt.simulate.world import IntArray, Start

DRAW_EXIT, DRAW_JOIN, NEW_EXIT, NEW_JOIN = 32, 33, 34, 35
"""Kinds of addresses, beside those of `transition.py`."""


@njit(cache=True)
def factor(matrix: Any) -> Any:
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
def solve_transposed(lower: Any, x: Any) -> None:
    """Solve Lᵀ X = B for a lower factor in place, (p, worlds); no column hangs on another, to the last digit."""
    p, worlds = x.shape
    for i in range(p - 1, -1, -1):
        for world in range(worlds):
            x[i, world] /= lower[i, i]
        for k in range(i):
            for world in range(worlds):
                x[k, world] -= lower[i, k] * x[i, world]


@dataclass(frozen=True)
class Posterior:
    """What draws of one hazard need, made once: the fit, factors of its information and of its standard deviations."""

    fit: Fit
    lower: FloatArray
    root: FloatArray
    years: YearLaw
    terms: tuple[Term, ...]
    places: dict[int, tuple[Start, IntArray, IntArray]] = field(default_factory=dict, compare=False, repr=False)

    def placed(self, s: Start) -> tuple[IntArray, IntArray]:
        """Where the effects of the states and bodies of a start stand in the fit, −1 for those that it has not seen."""
        if id(s) not in self.places:
            k, (states, bodies, _) = self.fit.k, self.fit.labels
            state_at = {label: k + n for n, label in enumerate(states)}
            body_at = {label: k + len(states) + n for n, label in enumerate(bodies)}
            # The start is kept beside its places, so that its id is not given to another one.
            self.places[id(s)] = (
                s, np.array([state_at.get(int(c), -1) for c in s.states]), np.array([body_at.get(b, -1) for b in s.bodies])
            )  # fmt: skip
        return self.places[id(s)][1:]


def posterior(fit: Fit) -> Posterior:
    """Prepare a fit for drawing.

    Raises UsageError for a fit with a lead among its terms: a simulated year cannot know the years after it.
    """
    return Posterior(
        fit=fit,
        lower=factor(np.ascontiguousarray(fit.information)),
        root=factor(fit.sd_covariance + 1e-12 * np.eye(3)),
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


def draw(of: Posterior, s: Start, seed: int, world: int) -> tuple[Law, FloatArray]:
    """One draw of a hazard's law, laid out over a start, and its year effects, (years,)."""
    return draws(of, s, seed, [world])[0]


def draws(of: Posterior, s: Start, seed: int, worlds: Sequence[int]) -> list[tuple[Law, FloatArray]]:
    """Draws of a hazard's law for some worlds, laid out over a start, each with its year effects, (years,).

    The draw is that of `Fit.draw`: standard deviations first, then (β, b) normal about a mode that moves with them. That of
    a world does not hang on which others are drawn with it.
    """
    made = of.fit
    exits = made.kind == "exit"
    generators = [generator(seed, world, 0, DRAW_EXIT if exits else DRAW_JOIN) for world in worlds]
    moves = [of.root @ rng.standard_normal(3) for rng in generators]
    spread = np.stack([rng.standard_normal(len(made.phi)) for rng in generators], axis=1)
    solve_transposed(of.lower, spread)
    state_at, body_at = of.placed(s)
    years = np.arange(s.year, s.year + s.years)
    out = []
    for number, (world, move) in enumerate(zip(worlds, moves, strict=True)):
        sd = made.sd * np.exp(move)
        phi = made.phi + (made.motion * move).sum(axis=1) + spread[:, number]
        fresh = generator(seed, world, 0, NEW_EXIT if exits else NEW_JOIN)
        laid = Law(
            terms=of.terms,
            scaling=made.scaling,
            beta=phi[: made.k],
            state=np.where(state_at >= 0, phi[state_at], sd[0] * fresh.standard_normal(len(state_at))),
            body=np.where(body_at >= 0, phi[body_at], sd[1] * fresh.standard_normal(len(body_at))),
            bundles=made.bundles,
        )
        out.append(laid)
    return list(zip(out, of.years.draw_each(years, generators), strict=True))


def overridden(of: Law, kind: str, changes: tuple[Override, ...]) -> Law:
    """Law with a scenario's changes; a cut channel is a coefficient of 0, so its term counts as at its training mean."""
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


def known_terms(fit: Fit) -> tuple[str, ...]:
    """Names of the terms of a law, all of which a simulation can compute."""
    return tuple(term.name for term in choose(fit.scaling.names, fit.kind, forecasting=True))
