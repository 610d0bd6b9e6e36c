"""Risk sets + outcomes + terms → a panel of rows ready for a design, with its codebook."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from exeunt.panel import terms as t
from exeunt.panel.outcomes import Exits, exits_of
from exeunt.panel.risk import MEMBER, OUTSIDE, Cube, RiskSet, cube, exit_risk, join_risk
from exeunt.record.schema import LAST_CODED_YEAR
from exeunt.record.store import Record

FIRST_PANEL_YEAR = 1946
FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]


@dataclass(frozen=True)
class Scaling:
    """Means and standard deviations by which the terms of a panel were standardised, in the order of the terms."""

    names: tuple[str, ...]
    centre: FloatArray
    scale: FloatArray

    def apply(self, raw: dict[str, FloatArray]) -> FloatArray:
        """Standardise raw terms; the product term is formed from its standardised parts and left as it is."""
        columns: list[FloatArray] = []
        for number, name in enumerate(self.names):
            if name == "distance_x_capability":
                columns.append(columns[self.names.index("distance")] * columns[self.names.index("capability")])
            else:
                columns.append((raw[name] - self.centre[number]) / self.scale[number])
        return np.stack(columns, axis=-1)


@dataclass(frozen=True)
class Panel:
    """Rows at risk with their terms.

    `year`, `state` and `body` index `cube`; `terms` is (rows, terms), standardised; `event` is 1 where the step happened;
    `weight` undoes the sampling of rows without event; `carried` is the age in years of the oldest carried covariate.
    """

    kind: str
    outcome: str
    cube: Cube
    year: IntArray
    state: IntArray
    body: IntArray
    terms: FloatArray
    event: FloatArray
    weight: FloatArray
    carried: IntArray
    scaling: Scaling
    dropped: dict[str, int]

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the terms."""
        return self.scaling.names

    def frame(self) -> pl.DataFrame:
        """The panel as a table: cow, body, year, event, weight, the terms."""
        return pl.DataFrame(
            {
                "cow": self.cube.states[self.state],
                "body": np.array(self.cube.bodies)[self.body],
                "year": self.cube.years[self.year],
                "event": self.event,
                "weight": self.weight,
                **{name: self.terms[:, k] for k, name in enumerate(self.names)},
            }
        )


@dataclass(frozen=True)
class Covariates:
    """Everything the terms need, by year; shared by the panel, the explanation of a case and the simulator."""

    cube: Cube
    exits: Exits
    position: t.Carried
    capability: t.Carried
    capability_before: FloatArray
    tenure: FloatArray
    exits_window: FloatArray
    joins_window: FloatArray

    def world(self, row: int) -> t.World:
        """What the terms of one year are computed from."""
        own = self.exits_window[row]
        return t.World(
            members=self.cube.members[row],
            position=self.position.value[row],
            capability=self.capability.value[row],
            capability_before=self.capability_before[row],
            body_age=(self.cube.years[row] - self.cube.founded + 1).astype(np.float64),
            exits_body=own.sum(axis=0),
            exits_state=own.sum(axis=1),
            exits_own=own,
            joins_body=self.joins_window[row],
        )


def _triples(record: Record, measure: str) -> FloatArray:
    frame = record.measure(measure).select(pl.col("cow", "year", "value").cast(pl.Float64))
    return np.asarray(frame.to_numpy(), dtype=np.float64)


def covariates(record: Record, outcome: str) -> Covariates:
    """Lay out the cube, the exits under an outcome, and the measures of states by year."""
    c = cube(record, upstream=outcome == "raw")
    exits = exits_of(c, outcome)
    position = t.carry(c.years, c.states, _triples(record, "ideal_point"))
    capability = t.carry(c.years, c.states, _triples(record, "cinc"))
    joins = np.zeros(c.status.shape, np.bool_)
    joins[:-1] = (c.status[:-1] == OUTSIDE) & (c.status[1:] == MEMBER)
    # A join is dated by its first year of membership, one row on from the last year outside.
    first_years = np.zeros_like(joins)
    first_years[1:] = joins[:-1]
    return Covariates(
        cube=c,
        exits=exits,
        position=position,
        capability=capability,
        capability_before=t.decade_before(capability),
        tenure=t.tenure(c),
        exits_window=t.window_sum(exits.seen),
        joins_window=t.window_sum(first_years.sum(axis=1)),
    )


def raw_terms(
    cov: Covariates,
    chosen: tuple[t.Term, ...],
    year: IntArray,
    state: IntArray,
    body: IntArray,
    lag: IntArray,
) -> tuple[dict[str, FloatArray], IntArray]:
    """Terms of given rows at their covariate year, and the age of the oldest carried measure among them.

    Parameters
    ----------
    year, state, body : (n,) indices into the cube
    lag : (bodies,) years from the covariate year to the row's year
    """
    at = year - lag[body]
    raw = {term.name: np.full(len(year), np.nan) for term in chosen}
    order = np.argsort(at, kind="stable")
    bounds = np.searchsorted(at[order], np.arange(len(cov.cube.years) + 1))
    for row in range(len(cov.cube.years)):
        rows = order[bounds[row] : bounds[row + 1]]
        if not len(rows):
            continue
        world = cov.world(row)
        for term in chosen:
            if term.name == t.TENURE:
                raw[term.name][rows] = np.log(np.maximum(cov.tenure[year[rows], state[rows], body[rows]], 1.0))
            elif term.name != "distance_x_capability":
                raw[term.name][rows] = term.compute(world)[state[rows], body[rows]]
    inside = at >= 0
    ages = np.zeros(len(year), np.int64)
    for name, measure in (("distance", cov.position), ("capability", cov.capability)):
        if name in raw:
            ages[inside] = np.maximum(ages[inside], measure.age[at[inside], state[inside]])
    return raw, ages


def exit_lag(c: Cube) -> IntArray:
    """Years from the covariate year to the last year of membership: one, and the notice before it."""
    return np.asarray(1 + c.notice_years, dtype=np.int64)


def exit_panel(record: Record, outcome: str = "cleaned", cov: Covariates | None = None) -> Panel:
    """Panel of membership-years at risk of exit, 1946–2013 by last year of membership.

    Parameters
    ----------
    outcome : `raw` or `cleaned`, see `panel/outcomes.py`
    """
    cov = cov or covariates(record, outcome)
    risk = exit_risk(cov.cube)
    event = cov.exits.exits[risk.year, risk.state, risk.body].astype(np.float64)
    return _panel("exit", cov, t.EXIT_TERMS, risk, event, exit_lag(cov.cube))


def join_panel(
    record: Record,
    outcome: str = "cleaned",
    cov: Covariates | None = None,
    per_join: float | None = 20.0,
    seed: int = 1,
) -> Panel:
    """Panel of pair-years outside: every join, and a weighted sample of the rows without one.

    Parameters
    ----------
    per_join : rows without join kept for each join, in expectation; None keeps them all
    seed : seed of the sample
    """
    cov = cov or covariates(record, outcome)
    risk = join_risk(cov.cube)
    event = (cov.cube.status[risk.year + 1, risk.state, risk.body] == MEMBER).astype(np.float64)
    return _panel("join", cov, t.JOIN_TERMS, risk, event, np.ones(len(cov.cube.bodies), np.int64), per_join, seed)


def _panel(
    kind: str, cov: Covariates, chosen: tuple[t.Term, ...], risk: RiskSet, event: FloatArray, lag: IntArray,
    per_event: float | None = None, seed: int = 1,
) -> Panel:  # fmt: skip
    c = cov.cube
    dropped: dict[str, int] = {}

    def keep(mask: NDArray[np.bool_], reason: str, arrays: list[NDArray[Any]]) -> list[NDArray[Any]]:
        if int((~mask).sum()):
            dropped[reason] = int((~mask).sum())
        return [a[mask] for a in arrays]

    arrays: list[NDArray[Any]] = [risk.year, risk.state, risk.body, event]
    arrays = keep(cov.exits.row_ok[arrays[0]], "seam of 1965", arrays)
    arrays = keep(c.years[arrays[0]] >= FIRST_PANEL_YEAR, f"before {FIRST_PANEL_YEAR}", arrays)
    weight = np.ones(len(arrays[0]))
    if per_event is not None:
        # Sampled before the terms are computed, so that the terms of two million rows are never held.
        rng = np.random.Generator(np.random.Philox(seed))
        fraction = min(1.0, per_event * arrays[3].sum() / max((arrays[3] == 0).sum(), 1))
        chosen_rows = (arrays[3] == 1) | (rng.random(len(arrays[0])) < fraction)
        weight = np.where(arrays[3] == 1, 1.0, 1.0 / fraction)[chosen_rows]
        arrays = [a[chosen_rows] for a in arrays]
    raw, ages = raw_terms(cov, chosen, arrays[0], arrays[1], arrays[2], lag)
    arrays += [weight, ages, *raw.values()]
    for number, name in enumerate(raw):
        if name != "distance_x_capability":
            arrays = keep(~np.isnan(arrays[6 + number]), f"no {name}", arrays)
    raw = dict(zip(raw, arrays[6:], strict=True))
    names = tuple(term.name for term in chosen)
    w = arrays[4] / arrays[4].sum()
    centre = np.array([0.0 if n == "distance_x_capability" else float((raw[n] * w).sum()) for n in names])
    scale = np.array(
        [1.0 if n == "distance_x_capability" else float(np.sqrt(((raw[n] - m) ** 2 * w).sum())) or 1.0
         for n, m in zip(names, centre, strict=True)]
    )  # fmt: skip
    scaling = Scaling(names, centre, scale)
    return Panel(
        kind, cov.exits.outcome, c, arrays[0], arrays[1], arrays[2], scaling.apply(raw), arrays[3], arrays[4],
        arrays[5], scaling, dropped,
    )  # fmt: skip


def codebook(kind: str) -> pl.DataFrame:
    """One row a term: meaning, unit, lag, span, sources, explanation."""
    chosen = t.EXIT_TERMS if kind == "exit" else t.JOIN_TERMS
    lag = "1 year and the clause's notice" if kind == "exit" else "1 year"
    return pl.DataFrame(
        [
            {
                "term": term.name,
                "meaning": term.meaning,
                "unit": term.unit,
                "lag": "none (structure)" if term.name == t.TENURE else lag,
                "span": term.span,
                "sources": " ".join(term.sources),
                "explanation": term.explanation,
            }
            for term in chosen
        ]
    )


LAST_PANEL_YEAR = LAST_CODED_YEAR - 1
