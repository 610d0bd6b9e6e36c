"""Why this state would leave this body: its hazard against the median member of the same body and year, factor by factor.

On the log rate scale the hazard is a sum, so the ratio to the median member is exactly the product of one factor an
explanation, one for the common structure and one for the state effect.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from exeunt.arrays import FloatArray
from exeunt.explain.explanations import COMMON, EXPLANATIONS, owned
from exeunt.explain.fit import Fit
from exeunt.explain.hazard import rate
from exeunt.panel.build import Covariates, exit_lag, raw_terms
from exeunt.panel.risk import MEMBER
from exeunt.panel.terms import EXIT_TERMS
from exeunt.record.schema import LAST_CODED_YEAR

DRAWS = 2000


@dataclass(frozen=True)
class Attribution:
    """Hazard of one membership-year; every triple is (median, low, high) of the posterior, 95 %."""

    cow: int
    body: str
    year: int
    hazard: tuple[float, float, float]
    typical: tuple[float, float, float]
    factors: dict[str, tuple[float, float, float]]
    """Explanation → factor on the rate, against the median member; `common` and `state` complete the product."""
    members: int
    oldest_covariate_years: int


def coverage(cov: Covariates, made: Fit, cow: int, body: str, year: int) -> str | None:
    """Why the model says nothing about a state in a body in a year, or None if it does.

    Past the coded years a membership counts only where the last coded year shows it.
    """
    if body not in cov.cube.bodies:
        return "not_in_coded_data"
    i, j = int(np.searchsorted(cov.cube.states, cow)), cov.cube.bodies.index(body)
    coded = cov.cube.status[: cov.cube.index(LAST_CODED_YEAR) + 1, i, j]
    if not (coded == MEMBER).any() or (year > LAST_CODED_YEAR and coded[-1] != MEMBER):
        return "no_membership_rows"
    if cow not in made.labels[0]:
        return "no_membership_rows"
    return None


def attribute(cov: Covariates, made: Fit, cow: int, body: str, year: int, seed: int = 1) -> Attribution | str:
    """Factor the hazard of one membership-year.

    Parameters
    ----------
    year : the last year of membership asked about; covariates are read at the lag of the panel

    Returns
    -------
    An Attribution, or the reason why there is none: `covariate_missing` where a measure of the state was last observed
    more than four years before, or those of `coverage`.
    """
    reason = coverage(cov, made, cow, body, year)
    if reason:
        return reason
    c = cov.cube
    row, i, j = c.index(year), int(np.searchsorted(c.states, cow)), c.bodies.index(body)
    members = np.flatnonzero(c.status[row, :, j] == MEMBER)
    if i not in members:
        return "no_membership_rows"
    n = len(members)
    raw, ages = raw_terms(cov, EXIT_TERMS, np.full(n, row), members, np.full(n, j), exit_lag(c))
    x = made.scaling.apply(raw)
    own = int(np.flatnonzero(members == i)[0])
    if np.isnan(x[own]).any():
        return "covariate_missing"
    median = np.nanmedian(x, axis=0)
    phi, sd = _drawn(made, seed)
    names = made.scaling.names
    states = {label: k for k, label in enumerate(made.labels[0])}
    at = [made.k + states[int(c.states[m])] for m in members if int(c.states[m]) in states]
    state_effect = phi[:, made.k + states[cow]]
    median_effect = np.median(phi[:, at], axis=1)
    if body in made.labels[1]:
        body_effect = phi[:, made.k + len(states) + made.labels[1].index(body)]
    else:
        # Coded too late for a row of its own: its effect is drawn from the law of bodies, which widens the hazard only.
        body_effect = sd[:, 1] * np.random.Generator(np.random.Philox(seed + 2)).standard_normal(DRAWS)
    logs: dict[str, FloatArray] = {}
    groups = [(e.name, owned(e)) for e in EXPLANATIONS] + [("common", COMMON)]
    for name, terms in groups:
        columns = [names.index(term) for term in terms]
        logs[name] = phi[:, [1 + k for k in columns]] @ (x[own] - median)[columns]
    logs["state"] = state_effect - median_effect
    base = phi[:, 0] + phi[:, 1 : made.k] @ median + median_effect + body_effect
    return Attribution(
        cow, body, year, _triple(rate(base + sum(logs.values()))), _triple(rate(base)),
        {name: _triple(np.exp(value)) for name, value in logs.items()}, n, int(ages[own]),
    )  # fmt: skip


_last: list[tuple[Fit, int, tuple[FloatArray, FloatArray]]] = []


def _drawn(made: Fit, seed: int) -> tuple[FloatArray, FloatArray]:
    """Draws of a fit; the last ones are kept, for a page asks the same fit about many memberships."""
    if not (_last and _last[0][0] is made and _last[0][1] == seed):
        _last[:] = [(made, seed, made.draw(DRAWS, seed))]
    return _last[0][2]


def _triple(values: FloatArray) -> tuple[float, float, float]:
    low, median, high = np.quantile(values, [0.025, 0.5, 0.975])
    return float(median), float(low), float(high)


def shared(
    found: list[Attribution], cov: Covariates, made: Fit, seed: int = 1
) -> dict[str, tuple[float, float, float]]:
    """Geometric mean of each factor over the bodies of a case, with its interval.

    The bodies share the coefficients, so the interval is drawn jointly and not averaged.
    """
    if not found:
        return {}
    phi, _ = _drawn(made, seed)
    c, names = cov.cube, made.scaling.names
    groups = [(e.name, owned(e)) for e in EXPLANATIONS] + [("common", COMMON)]
    gaps = []
    for item in found:
        row, j = c.index(item.year), c.bodies.index(item.body)
        members = np.flatnonzero(c.status[row, :, j] == MEMBER)
        n = len(members)
        raw, _ = raw_terms(cov, EXIT_TERMS, np.full(n, row), members, np.full(n, j), exit_lag(c))
        x = made.scaling.apply(raw)
        own = int(np.flatnonzero(c.states[members] == item.cow)[0])
        gaps.append(x[own] - np.nanmedian(x, axis=0))
    gap = np.mean(gaps, axis=0)
    out = {}
    for name, terms in groups:
        columns = [names.index(term) for term in terms]
        out[name] = _triple(np.exp(phi[:, [1 + k for k in columns]] @ gap[columns]))
    return out
