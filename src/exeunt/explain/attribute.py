"""Why this state would leave this body: its hazard against the median member of the same body and year, factor by factor.

On the log rate scale the hazard is a sum, so the ratio to the median member is exactly the product of one factor an
explanation, one for the common structure and one for the state effect.

One membership-year under each rival in turn: its hazard against the median member, and what each term does to it.

Every rival has a fit of its own beside the common structure, so the factors of two rivals do not multiply: they are rival
readings of one membership. Within a rival, terms that work together share their product by Shapley values: the mean change
over all orders in which the median member's terms are turned into the member's own, one by one.

References
----------
Shapley (1953), A value for n-person games, in Contributions to the Theory of Games II; Lundberg and Lee (2017), Advances in
Neural Information Processing Systems 30.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import combinations
from math import factorial
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from exeunt.answers import Message
from exeunt.core.arrays import FloatArray
from exeunt.explain.estimates import fitted
from exeunt.explain.explanations import COMMON, EXPLANATIONS, Explanation, owned
from exeunt.explain.fit import Fit
from exeunt.explain.hazard import rate
from exeunt.panel.build import Covariates, covariates, exit_lag, raw_terms
from exeunt.panel.registry import choose, parts_of
from exeunt.panel.risk import MEMBER
from exeunt.panel.terms import EXIT_TERMS
from exeunt.record.schema import LAST_CODED_YEAR
from exeunt.record.store import Record

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


def _coverage(cov: Covariates, made: Fit, cow: int, body: str, year: int) -> str | None:
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
    more than four years before, or those of `_coverage`.
    """
    reason = _coverage(cov, made, cow, body, year)
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


Triple = tuple[float, float, float]
OUTCOME: Final = "cleaned"
RIVAL_DRAWS: Final = 1000
IMPROBABLE: Final = 0.01
"""A yearly hazard below this, at the upper end of its interval, is told as improbable."""


@dataclass(frozen=True)
class _ByRival:
    """What one rival says of one membership-year; triples are median and 95 % interval of the posterior."""

    explanation: str
    reason: Message | None
    """Why the rival says nothing of it; None where it does."""
    rows: int
    events: int
    status: str
    hazard: Triple | None = None
    typical: Triple | None = None
    factor: Triple | None = None
    """Product of the rival's own terms, against the median member of the same body and year."""
    shares: dict[str, Triple] | None = None
    """Term → its Shapley share of the factor; the shares multiply to it."""

    def as_dict(self) -> dict[str, Any]:
        """Plain values."""

        def told(value: Triple | None) -> dict[str, float] | None:
            return None if value is None else {"median": value[0], "low": value[1], "high": value[2]}

        return {
            "explanation": self.explanation, "covered": self.reason is None,
            "reason": self.reason and self.reason.as_dict(), "rows": self.rows,
            "events": self.events, "status": self.status, "hazard_per_year": told(self.hazard),
            "typical_hazard_per_year": told(self.typical), "factor": told(self.factor),
            "shares": {name: told(value) for name, value in (self.shares or {}).items()},
        }  # fmt: skip


class Rivals:
    """The rivals' fits and the measures that their terms need, laid out once for many memberships."""

    def __init__(self, record: Record, rivals: Sequence[type[Explanation]], say: Callable[[str], None]) -> None:
        self.rivals = tuple(rivals)
        names = tuple(dict.fromkeys(term for rival in rivals for term in rival.terms if parts_of(term) is None))
        self.cov: Covariates = covariates(record, OUTCOME, terms=(*names, *COMMON))
        self.fits: dict[str, Fit] = {}
        for rival in rivals:
            say(f"{rival.name}: hazard")
            self.fits[rival.name] = fitted(record, rival, OUTCOME)[0]

    def of(self, cow: int, body: str, year: int, seed: int = 1) -> list[_ByRival]:
        """What each rival says of one membership-year."""
        c = self.cov.cube
        if body not in c.bodies or cow not in c.states:
            return []
        row, i, j = c.index(year), int(np.searchsorted(c.states, cow)), c.bodies.index(body)
        members = np.flatnonzero(c.status[row, :, j] == MEMBER)
        if i not in members:
            return []
        return [self._one(rival, row, members, i, j, seed) for rival in self.rivals]

    def _one(
        self, rival: type[Explanation], row: int, members: NDArray[np.int64], i: int, j: int, seed: int
    ) -> _ByRival:
        made, c = self.fits[rival.name], self.cov.cube
        base = _ByRival(rival.name, None, made.rows, made.events, made.status)
        terms = (*rival.terms, *COMMON)
        chosen = choose(terms)
        n = len(members)
        raw, _ = raw_terms(self.cov, chosen, np.full(n, row), members, np.full(n, j), exit_lag(c))
        own = int(np.flatnonzero(members == i)[0])
        for term in chosen:
            if term.product is None and np.isnan(raw[term.name][own]):
                return _without(base, Message(code="uncovered.no_value", values={"term": term.name}))
        if int(c.states[i]) not in made.labels[0]:
            return _without(base, Message(code="uncovered.no_row"))
        if made.status in {"separation", "not_converged"}:
            return _without(base, Message(code="uncovered.fit_status", values={"status": made.status}))
        scaling = made.scaling
        plain = [t.name for t in chosen if t.product is None]
        z = {n_: (raw[n_] - scaling.centre[terms.index(n_)]) / scaling.scale[terms.index(n_)] for n_ in plain}
        median = {name: float(np.nanmedian(values)) for name, values in z.items()}
        mine = {name: float(values[own]) for name, values in z.items()}
        phi, sd = made.draw(DRAWS, seed)
        beta = phi[:, 1 : made.k]
        states = {label: k for k, label in enumerate(made.labels[0])}
        at = [made.k + states[int(c.states[m])] for m in members if int(c.states[m]) in states]
        state_effect, middle_effect = phi[:, made.k + states[int(c.states[i])]], np.median(phi[:, at], axis=1)
        if c.bodies[j] in made.labels[1]:
            body_effect = phi[:, made.k + len(states) + made.labels[1].index(c.bodies[j])]
        else:
            body_effect = sd[:, 1] * np.random.Generator(np.random.Philox(seed + 2)).standard_normal(DRAWS)
        base_eta = phi[:, 0] + body_effect
        typical = base_eta + middle_effect + beta @ _vector(terms, median)
        hazard = base_eta + state_effect + beta @ _vector(terms, mine)
        players = tuple(name for name in rival.terms if parts_of(name) is None)
        shares = _shapley(players, lambda inside: beta @ (_vector(terms, {**median, **{p: mine[p] for p in inside}})))
        factor = np.sum(list(shares.values()), axis=0)
        return _ByRival(
            rival.name, None, made.rows, made.events, made.status, _triple(rate(hazard)), _triple(rate(typical)),
            _triple(np.exp(factor)), {name: _triple(np.exp(value)) for name, value in shares.items()},
        )  # fmt: skip


def _shapley(players: tuple[str, ...], value: Callable[[frozenset[str]], FloatArray]) -> dict[str, FloatArray]:
    """Shapley values: the mean change that a player brings, over all orders of joining.

    Parameters
    ----------
    value : worth of a set of players, any shape; called once a set, so keep the players few
    """
    worth = {
        frozenset(inside): value(frozenset(inside))
        for size in range(len(players) + 1) for inside in combinations(players, size)
    }  # fmt: skip
    n = len(players)
    out = {}
    for player in players:
        total: Any = 0.0
        for inside, before in worth.items():
            if player not in inside:
                weight = factorial(len(inside)) * factorial(n - len(inside) - 1) / factorial(n)
                total = total + weight * (worth[inside | {player}] - before)
        out[player] = np.asarray(total, dtype=np.float64)
    return out


def summed_up(found: Sequence[_ByRival]) -> tuple[Message, ...]:
    """What the rivals together say of a membership-year."""
    covered = [f for f in found if f.hazard is not None]
    if not covered:
        return (Message(code="rivals.none"),)
    highest = max(f.hazard[2] for f in covered if f.hazard)
    best = max(covered, key=lambda f: f.factor[0] if f.factor else 0.0)
    silent = [f.explanation for f in found if f.hazard is None]
    last = (Message(code="rivals.silent", values={"explanations": silent}),) if silent else ()
    if highest < IMPROBABLE:
        return Message(code="rivals.improbable", values={"upper": highest}), *last
    value, low, high = best.factor or (1.0, 1.0, 1.0)
    values: dict[str, Any] = {"explanation": best.explanation, "times": value, "low": low, "high": high}
    return Message(code="rivals.largest", values=values), *last


def _without(base: _ByRival, reason: Message) -> _ByRival:
    return _ByRival(base.explanation, reason, base.rows, base.events, base.status)


def _vector(terms: tuple[str, ...], values: dict[str, float]) -> FloatArray:
    out = np.empty(len(terms))
    for k, name in enumerate(terms):
        product = parts_of(name)
        out[k] = values[name] if product is None else product[2] * values[product[0]] * values[product[1]]
    return out
