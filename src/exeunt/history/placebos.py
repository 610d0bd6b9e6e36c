"""Placebos: counts of exits that cannot have moved a state, put in the place of those that could.

Each is fitted as the hazard itself is, with another pair of counts in the place of contagion and momentum, and K is computed
from its two coefficients on the rates of the hazard. A coefficient told apart from none says that the counts stand in for
something that the hazard does not hold, and so may those of the hazard itself.

References
----------
Shalizi and Thomas (2011), Sociological Methods & Research 40, 211–239 (what influence is confounded with).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path
from typing import Final

import numpy as np

from exeunt.core.arrays import BoolArray, FloatArray, IntArray
from exeunt.explain.estimates import stored_fit
from exeunt.explain.fit import Fit, fit
from exeunt.panel.build import Covariates, Panel, exit_lag, exit_panel
from exeunt.panel.risk import Cube
from exeunt.panel.yearly_covariates import WINDOW
from exeunt.record.schema import LAST_CODED_YEAR
from exeunt.record.store import Record

PLACEBOS: Final = {
    "leads": "exits of the three years after, in the place of the three years before",
    "permuted_years": "the years of each body's and of each state's exits shuffled among its own years",
    "unrelated_bodies": "exits from a body that shares the fewest members and no known issue area, and of a state that shares "
    "the fewest bodies",
}  # fmt: skip
TERMS: Final = ("exits_from_body3", "own_exits3")
NEAREST: Final = 20
"""Among so many of the least related the one with the most similar number of exits is taken, so that counts still vary."""
SHUFFLES: Final = 5
STRICT: Final = 2.24
"""Two coefficients are asked, so each is held against the 97.5 % interval."""


@dataclass(frozen=True)
class _Counts:
    """Exits of others from the body and of the state elsewhere, by row of a panel; `used` marks the rows that have them."""

    from_body: FloatArray
    own: FloatArray
    used: BoolArray


def _leads(panel: Panel, window: FloatArray) -> _Counts:
    """Exits of the three years after the row's own.

    Parameters
    ----------
    window : (years, states, bodies) exits of a year and the two before
    """
    last = panel.cube.index(LAST_CODED_YEAR) - 1
    ahead = panel.year + WINDOW
    used = ahead <= last
    at = np.minimum(ahead, last)
    return _counts(window, at, at, panel.state, panel.body, panel.state, panel.body, used)


def _permuted(panel: Panel, window: FloatArray, seed: int) -> _Counts:
    """The counts of another year of the same body, and of another year of the same state, drawn without repetition."""
    rng = np.random.Generator(np.random.Philox(seed))
    c = panel.cube
    stop = c.index(LAST_CODED_YEAR)
    alive = c.status[:stop] != -1
    by_body, by_state = _shuffled(alive.any(axis=1), rng), _shuffled(alive.any(axis=2), rng)
    at = panel.year - exit_lag(c)[panel.body]
    return _counts(
        window, by_body[at, panel.body], by_state[at, panel.state], panel.state, panel.body, panel.state, panel.body,
        np.ones(len(at), np.bool_),
    )  # fmt: skip


def _shuffled(alive: BoolArray, rng: np.random.Generator) -> IntArray:
    """Year that stands for each year of each unit, (years, units): its own years in another order."""
    out = np.tile(np.arange(len(alive))[:, None], (1, alive.shape[1]))
    for unit in range(alive.shape[1]):
        years = np.flatnonzero(alive[:, unit])
        out[years, unit] = rng.permutation(years)
    return out


def _unrelated(panel: Panel, window: FloatArray, areas: dict[str, frozenset[str]], seed: int) -> _Counts:
    """Exits from another body and of another state, chosen to have the least in common.

    Parameters
    ----------
    areas : body → issue areas, where they are known
    """
    c = panel.cube
    stop = c.index(LAST_CODED_YEAR)
    members = c.members[:stop]
    alive = c.status[:stop] != -1
    known = [areas.get(body, frozenset()) for body in c.bodies]
    same = np.array([[bool(one & two) for two in known] for one in known])
    exits = window[WINDOW - 1 : stop : WINDOW]
    of_body = _partners(members.sum(axis=0).astype(np.float64).T, alive.any(axis=1), exits.sum(axis=(0, 1)), same, seed)
    of_state = _partners(
        members.sum(axis=0).astype(np.float64), alive.any(axis=2), exits.sum(axis=(0, 2)),
        np.zeros((len(c.states), len(c.states)), np.bool_), seed + 1,
    )  # fmt: skip
    at = panel.year - exit_lag(c)[panel.body]
    return _counts(
        window, at, at, panel.state, of_body[panel.body], of_state[panel.state], panel.body, np.ones(len(at), np.bool_)
    )  # fmt: skip


def _partners(together: FloatArray, alive: BoolArray, exits: FloatArray, barred: BoolArray, seed: int) -> IntArray:
    """Unit with the least in common with each unit, of similar exits, (units,).

    Parameters
    ----------
    together : (units, others) years in which the unit and the other belong together
    alive : (years, units)
    exits : (units,) number of exits
    barred : (units, units) pairs that may not be matched
    """
    rng = np.random.Generator(np.random.Philox(seed))
    product = together @ together.T
    norm = np.sqrt(np.diag(product))
    scale = norm[:, None] * norm[None, :]
    likeness = np.divide(product, scale, out=np.zeros_like(product), where=scale > 0)
    life = alive.sum(axis=0).astype(np.float64)
    overlap = alive.astype(np.float64).T @ alive.astype(np.float64)
    allowed = (overlap >= 0.5 * life[:, None]) & (norm > 0)[None, :] & ~barred
    np.fill_diagonal(allowed, False)
    out = np.zeros(len(together), np.int64)
    noise = rng.random(likeness.shape)
    for unit in range(len(together)):
        candidates = np.flatnonzero(allowed[unit])
        if not len(candidates):
            candidates = np.flatnonzero(np.arange(len(together)) != unit)
        order = np.lexsort((noise[unit, candidates], likeness[unit, candidates]))
        least = candidates[order][:NEAREST]
        out[unit] = least[np.lexsort((noise[unit, least], np.abs(exits[least] - exits[unit])))[0]]
    return out


def _counts(
    window: FloatArray, body_year: IntArray, state_year: IntArray, state: IntArray, from_body: IntArray, of_state: IntArray,
    body: IntArray, used: BoolArray,
) -> _Counts:  # fmt: skip
    """Exits from `from_body` without those of `state`, and of `of_state` without those from `body`."""
    by_body, by_state = window.sum(axis=1), window.sum(axis=2)
    return _Counts(
        np.asarray(by_body[body_year, from_body] - window[body_year, state, from_body]),
        np.asarray(by_state[state_year, of_state] - window[state_year, of_state, body]),
        used,
    )


def _with_counts(panel: Panel, counts: _Counts) -> Panel:
    """The panel with other counts in the place of contagion and momentum, standardised anew."""
    rows = counts.used
    terms = panel.terms[rows].copy()
    centre, scale = panel.scaling.centre.copy(), panel.scaling.scale.copy()
    for name, value in zip(TERMS, (counts.from_body, counts.own), strict=True):
        k = panel.names.index(name)
        column = np.log1p(np.maximum(value[rows], 0.0))
        centre[k] = float(column.mean())
        scale[k] = float(column.std()) if column.min() < column.max() else 1.0
        terms[:, k] = (column - centre[k]) / scale[k]
    return replace(
        panel, year=panel.year[rows], state=panel.state[rows], body=panel.body[rows], terms=terms, event=panel.event[rows],
        weight=panel.weight[rows], carried=panel.carried[rows], raw={},
        scaling=replace(panel.scaling, centre=centre, scale=scale),
    )  # fmt: skip


def _placebo_fits(
    record: Record,
    outcome: str,
    cov: Callable[[], Covariates],
    seed: int = 1,
    say: Callable[[str], None] = lambda _: None,
) -> dict[str, tuple[Fit, ...]]:
    """The hazard with each placebo in the place of the two counts, from the cache where it is there.

    Returns
    -------
    One fit a placebo, and `SHUFFLES` of permuted years: bundles make the spread between shuffles wider than a fit's own error.
    """
    shared: list[Panel] = []

    def panel() -> Panel:
        if not shared:
            shared.append(exit_panel(record, outcome, cov()))
        return shared[0]

    def one(name: str, number: int) -> Fit:
        window = cov().exits_window
        if name == "leads":
            counts = _leads(panel(), window)
        elif name == "permuted_years":
            counts = _permuted(panel(), window, seed + number)
        else:
            counts = _unrelated(panel(), window, _issue_areas(record, panel().cube), seed)
        return fit(_with_counts(panel(), counts), "laplace", seed=seed, calibrate=False)

    def stored(name: str, number: int) -> Fit:
        return stored_fit(
            lambda: one(name, number), record=record.version, outcome=outcome, placebo=name, seed=seed, number=number,
            code=sha256(Path(__file__).read_bytes()).hexdigest(),
        )  # fmt: skip

    made = {}
    for name in PLACEBOS:
        say(f"{outcome}: placebo, {name.replace('_', ' ')}")
        made[name] = tuple(stored(name, k) for k in range(SHUFFLES if name == "permuted_years" else 1))
    return made


def _issue_areas(record: Record, c: Cube) -> dict[str, frozenset[str]]:
    """Issue areas of the coded bodies, where they are known."""
    rows = record.table("bodies").select("body", "issue_areas").drop_nulls().iter_rows()
    return {body: frozenset(areas.split()) for body, areas in rows if body in set(c.bodies)}


def _loop_draws(made: tuple[Fit, ...], draws: int, seed: int) -> FloatArray:
    """Draws of the two coefficients per unit of the log of one plus a count, (draws, 2), from each fit in turn."""
    each = []
    for one in made:
        phi, _ = one.draw(draws, seed)
        at = [one.names.index(name) for name in TERMS]
        each.append(phi[:, at] / one.scaling.scale[[k - 1 for k in at]])
    return np.array([each[number % len(each)][number] for number in range(draws)])


@dataclass(frozen=True)
class _Coefficient:
    """One coefficient of a placebo, per standard deviation of its term: the mean over fits, and its error.

    The error of several fits is that of one of them: what each says of its own error, and the spread between them.
    """

    estimate: float
    error: float
    own_error: float

    @property
    def told_apart(self) -> bool:
        """Whether it differs from none; see `STRICT`."""
        return abs(self.estimate) > STRICT * self.error

    def as_dict(self) -> dict[str, float]:
        """Estimate and 95 % interval."""
        return {
            "estimate": self.estimate,
            "low": self.estimate - 1.96 * self.error,
            "high": self.estimate + 1.96 * self.error,
        }


def _coefficients(made: tuple[Fit, ...]) -> dict[str, _Coefficient]:
    """Both coefficients of a placebo by term."""
    out = {}
    for name in TERMS:
        at = [one.names.index(name) for one in made]
        beta = np.array([one.beta[k] for one, k in zip(made, at, strict=True)])
        own = float(np.sqrt(np.mean([one.standard_errors[k] ** 2 for one, k in zip(made, at, strict=True)])))
        # The spread between shuffles holds the error of each; a spread below it is chance.
        error = max(own, float(beta.std(ddof=1))) if len(made) > 1 else own
        out[name] = _Coefficient(float(beta.mean()), error, own)
    return out
