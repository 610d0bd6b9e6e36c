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
from numpy.typing import NDArray

from exeunt.explain.cached import stored_fit
from exeunt.explain.fit import Fit, fit
from exeunt.panel.build import Covariates, Panel, exit_lag, exit_panel
from exeunt.panel.lags import WINDOW
from exeunt.panel.risk import Cube
from exeunt.record.schema import LAST_CODED_YEAR
from exeunt.record.store import Record

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]
PLACEBOS: Final = {
    "leads": "exits of the three years after, in the place of the three years before",
    "permuted_years": "the years of each body's and of each state's exits shuffled among its own years",
    "unrelated_bodies": "exits from a body that shares the fewest members and no known issue area, and of a state that shares "
    "the fewest bodies",
}  # fmt: skip
TERMS: Final = ("exits_from_body3", "own_exits3")
NEAREST: Final = 20
"""Among so many of the least related the one with the most similar number of exits is taken, so that counts still vary."""
STRICT: Final = 2.24
"""Two coefficients are asked, so each is held against the 97.5 % interval."""


@dataclass(frozen=True)
class Counts:
    """Exits of others from the body and of the state elsewhere, by row of a panel; `used` marks the rows that have them."""

    from_body: FloatArray
    own: FloatArray
    used: BoolArray


def leads(panel: Panel, window: FloatArray) -> Counts:
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


def permuted(panel: Panel, window: FloatArray, seed: int) -> Counts:
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


def unrelated(panel: Panel, window: FloatArray, areas: dict[str, frozenset[str]], seed: int) -> Counts:
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
    of_body = partners(members.sum(axis=0).astype(np.float64).T, alive.any(axis=1), exits.sum(axis=(0, 1)), same, seed)
    of_state = partners(
        members.sum(axis=0).astype(np.float64), alive.any(axis=2), exits.sum(axis=(0, 2)),
        np.zeros((len(c.states), len(c.states)), np.bool_), seed + 1,
    )  # fmt: skip
    at = panel.year - exit_lag(c)[panel.body]
    return _counts(
        window, at, at, panel.state, of_body[panel.body], of_state[panel.state], panel.body, np.ones(len(at), np.bool_)
    )  # fmt: skip


def partners(together: FloatArray, alive: BoolArray, exits: FloatArray, barred: BoolArray, seed: int) -> IntArray:
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
) -> Counts:  # fmt: skip
    """Exits from `from_body` without those of `state`, and of `of_state` without those from `body`."""
    by_body, by_state = window.sum(axis=1), window.sum(axis=2)
    return Counts(
        np.asarray(by_body[body_year, from_body] - window[body_year, state, from_body]),
        np.asarray(by_state[state_year, of_state] - window[state_year, of_state, body]),
        used,
    )


def with_counts(panel: Panel, counts: Counts) -> Panel:
    """The panel with other counts in the place of contagion and momentum, standardised anew."""
    rows = counts.used
    terms = panel.terms[rows].copy()
    centre, scale = panel.scaling.centre.copy(), panel.scaling.scale.copy()
    for name, value in zip(TERMS, (counts.from_body, counts.own), strict=True):
        k = panel.names.index(name)
        column = np.log1p(np.maximum(value[rows], 0.0))
        centre[k], scale[k] = float(column.mean()), float(column.std()) or 1.0
        terms[:, k] = (column - centre[k]) / scale[k]
    return replace(
        panel, year=panel.year[rows], state=panel.state[rows], body=panel.body[rows], terms=terms, event=panel.event[rows],
        weight=panel.weight[rows], carried=panel.carried[rows], raw={},
        scaling=replace(panel.scaling, centre=centre, scale=scale),
    )  # fmt: skip


def placebo_fits(
    record: Record,
    outcome: str,
    cov: Callable[[], Covariates],
    seed: int = 1,
    say: Callable[[str], None] = lambda _: None,
) -> dict[str, Fit]:
    """The hazard with each placebo in the place of the two counts, from the cache where it is there."""
    made: dict[str, Fit] = {}
    shared: list[Panel] = []

    def panel() -> Panel:
        if not shared:
            shared.append(exit_panel(record, outcome, cov()))
        return shared[0]

    def one(name: str) -> Fit:
        window = cov().exits_window
        if name == "leads":
            counts = leads(panel(), window)
        elif name == "permuted_years":
            counts = permuted(panel(), window, seed)
        else:
            counts = unrelated(panel(), window, issue_areas(record, panel().cube), seed)
        return fit(with_counts(panel(), counts), "laplace", seed=seed, calibrate=False)

    for name in PLACEBOS:
        say(f"placebo: {name.replace('_', ' ')}")
        made[name] = stored_fit(
            lambda name=name: one(name), record=record.version, outcome=outcome, placebo=name, seed=seed,  # type: ignore[misc]
            code=sha256(Path(__file__).read_bytes()).hexdigest(),
        )  # fmt: skip
    return made


def issue_areas(record: Record, c: Cube) -> dict[str, frozenset[str]]:
    """Issue areas of the coded bodies, where they are known."""
    rows = record.table("bodies").select("body", "issue_areas").drop_nulls().iter_rows()
    return {body: frozenset(areas.split()) for body, areas in rows if body in set(c.bodies)}


def loop_draws(made: Fit, draws: int, seed: int) -> FloatArray:
    """Draws of the two coefficients per unit of the log of one plus a count, (draws, 2)."""
    phi, _ = made.draw(draws, seed)
    at = [made.names.index(name) for name in TERMS]
    scale = made.scaling.scale[[k - 1 for k in at]]
    return np.asarray(phi[:, at] / scale, dtype=np.float64)


def told_apart(made: Fit) -> tuple[str, ...]:
    """Which of the two coefficients differ from none; see `STRICT`."""
    z = made.beta / made.standard_errors
    return tuple(name for name in TERMS if abs(z[made.names.index(name)]) > STRICT)
