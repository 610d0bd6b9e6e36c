"""Risk sets + outcomes + terms → a panel of rows ready for a design, with its codebook."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import polars as pl
from numpy.typing import NDArray

from exeunt.answers import Message
from exeunt.core.arrays import BoolArray, FloatArray, IntArray
from exeunt.panel import terms as t
from exeunt.panel.outcomes import FORECAST, Exits, documented_exits, exits_of
from exeunt.panel.registry import BASE, choose, parts_of
from exeunt.panel.registry import codebook as codebook
from exeunt.panel.risk import MEMBER, READING, Cube, RiskSet, cube, exit_risk, join_risk, joins_of
from exeunt.panel.yearly_covariates import Measure, Sights, earlier, sights, state_measure
from exeunt.record.schema import LAST_CODED_YEAR
from exeunt.record.store import Record

FIRST_PANEL_YEAR = 1946
LAST_PANEL_YEAR = LAST_CODED_YEAR - 1
"""Last year of membership to which models are fitted: its next year is the last coded one."""


@dataclass(frozen=True)
class Scaling:
    """Means and standard deviations by which the terms of a panel were standardised, in the order of the terms."""

    names: tuple[str, ...]
    centre: FloatArray
    scale: FloatArray

    def apply(self, raw: dict[str, FloatArray]) -> FloatArray:
        """Standardise raw terms; a product is formed from its standardised parts and left as it is."""
        columns: list[FloatArray] = []
        for number, name in enumerate(self.names):
            parts = parts_of(name)
            if parts is not None:
                one, two, sign = parts
                product = columns[self.names.index(one)] * columns[self.names.index(two)]
                columns.append(product if sign == 1 else sign * product)
            else:
                columns.append((raw[name] - self.centre[number]) / self.scale[number])
        return np.stack(columns, axis=-1)


@dataclass(frozen=True)
class Panel:
    """Rows at risk with their terms.

    `year`, `state` and `body` index `cube`; `terms` is (rows, terms), standardised; `event` is 1 where the step happened;
    `weight` undoes the sampling of rows without event; `carried` is the age in years of the oldest carried covariate;
    `dropped` counts the rows that fell out by reason, see `why_dropped`.
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
    raw: dict[str, FloatArray] = field(default_factory=dict)
    """The terms in their own units; products are not among them."""

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the terms."""
        return self.scaling.names

    def known(self, ahead: int = 0) -> NDArray[np.str_]:
        """How the cell of each row is known: a word of `schema.READINGS`; with `ahead` 1 the cell of the year after."""
        if not self.cube.reading.size:
            return np.full(len(self.year), "observed")
        return np.asarray(np.array(READING)[self.cube.reading[self.year + ahead, self.state, self.body]])

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
    sights: Sights | None = None
    """What the rivals' terms need; laid out when one of them is asked for."""

    def world(self, row: int) -> t.World:
        """What the terms of one year are computed from."""
        own = self.exits_window[row]
        return t.World(
            members=self.cube.members_of(row),
            position=self.position.value[row],
            capability=self.capability.value[row],
            capability_before=self.capability_before[row],
            body_age=(self.cube.years[row] - self.cube.founded + 1).astype(np.float64),
            exits_body=own.sum(axis=0),
            exits_state=own.sum(axis=1),
            exits_own=own,
            joins_body=self.joins_window[row],
            sight=self.sights.at(row) if self.sights else None,
        )

    @property
    def measures(self) -> dict[str, Measure]:
        """Measures by name, to tell what is missing and how old it is."""
        if self.sights:
            return self.sights.measures
        return {"position": Measure(self.position, "state"), "capability": Measure(self.capability, "state")}


def covariates(record: Record, outcome: str, origin: int | None = None, terms: Sequence[str] = ()) -> Covariates:
    """Lay out the cube, the exits under an outcome, and the measures of states by year.

    Parameters
    ----------
    origin : for `cleaned_vintage`, the last year of which anything is known
    terms : names of terms; the measures of the rivals' are laid out only where one of them is named
    """
    c = cube(record, upstream=outcome == "raw")
    found = documented_exits(record, c).cells if outcome == "verified" else None
    exits = exits_of(c, outcome, origin, found)
    capability = state_measure(record, c, "cinc")
    made = Covariates(
        cube=c,
        exits=exits,
        position=state_measure(record, c, "ideal_point"),
        capability=capability,
        capability_before=earlier(capability, t.DECADE),
        tenure=t.tenure(c),
        exits_window=t.window_sum(exits.seen),
        joins_window=t.window_sum(first_years(c).sum(axis=1)),
    )
    return _with_sights(record, made, terms)


def first_years(c: Cube) -> BoolArray:
    """Joins by first year of membership, one row on from the last year outside."""
    first = np.zeros(c.status.shape, np.bool_)
    first[1:] = joins_of(c)[:-1]
    return first


def _with_sights(record: Record, cov: Covariates, terms: Sequence[str]) -> Covariates:
    if cov.sights is not None or all(name in BASE for name in terms if parts_of(name) is None):
        return cov
    laid_out = sights(record, cov.cube, cov.exits.seen, first_years(cov.cube), cov.position, cov.capability)
    return replace(cov, sights=laid_out)


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
            elif term.product is None:
                raw[term.name][rows] = term.compute(world)[state[rows], body[rows]]
    inside = at >= 0
    ages = np.zeros(len(year), np.int64)
    for name in dict.fromkeys(need for term in chosen for need in term.needs):
        measure = cov.measures[name]
        unit = {"state": state, "body": body, "year": np.zeros_like(state)}[measure.axis]
        ages[inside] = np.maximum(ages[inside], measure.carried.age[at[inside], unit[inside]])
    return raw, ages


def why_dropped(reason: str) -> Message:
    """A reason for which rows fell out, as a message: a code, and after a colon the term or the year that fills it."""
    code, _, value = reason.partition(":")
    if not value:
        return Message(code=code)
    return Message(code=code, values={"year": int(value)} if value.isdigit() else {"term": value})


def _missing_because(cov: Covariates, term: t.Term, at: IntArray, state: IntArray, body: IntArray) -> dict[str, int]:
    """Count rows without a value of a term by the kind of their missing, the first missing measure of each blamed.

    Parameters
    ----------
    at : (n,) rows of the covariate years, below 0 before the cube begins
    """
    counted: dict[str, int] = {}
    rest = np.ones(len(at), np.bool_)

    def blame(mask: BoolArray, why: str) -> None:
        if mask.any():
            reason = f"dropped.{why}:{term.name}"
            counted[reason] = counted.get(reason, 0) + int(mask.sum())
        rest[mask] = False

    blame(at < 0, "span")
    row = np.maximum(at, 0)
    for name in term.needs:
        measure = cov.measures[name]
        age = measure.carried.age
        unit = {"state": state, "body": body, "year": np.zeros_like(state)}[measure.axis]
        missing = rest & (age[row, unit] < 0)
        ever = np.flatnonzero((age >= 0).any(axis=1))
        blame(missing & ((row < ever[0]) | (row > ever[-1]) if len(ever) else True), "span")
        before = np.logical_or.accumulate(age >= 0, axis=0)[row, unit]
        blame(rest & missing & before, "old")
        blame(rest & missing, "state" if measure.axis == "state" else "body")
    blame(rest.copy(), "alone")
    return counted


def exit_lag(c: Cube) -> IntArray:
    """Years from the covariate year to the last year of membership: one, and the notice before it."""
    return np.asarray(1 + c.notice_years, dtype=np.int64)


def exit_panel(
    record: Record,
    outcome: str = "cleaned",
    cov: Covariates | None = None,
    terms: Sequence[str] | None = None,
    last_year: int = LAST_PANEL_YEAR,
    origin: int | None = None,
) -> Panel:
    """Panel of membership-years at risk of exit, from 1946 by last year of membership.

    Parameters
    ----------
    outcome : see `panel/outcomes.py`
    cov : covariates laid out before, on the same outcome and origin
    terms : names of terms, see `panel/registry.py`; the ten base terms by default
    last_year : 2013 by default, to which models are fitted; 2025 at most
    origin : for `cleaned_vintage`, the last year of which anything is known

    Raises
    ------
    UsageError, for an unknown outcome or term, a lead on an outcome made for forecasting, or years out of reach.
    """
    names = tuple(term.name for term in t.EXIT_TERMS) if terms is None else tuple(terms)
    chosen = choose(names, forecasting=outcome in FORECAST)
    cov = _with_sights(record, cov, names) if cov else covariates(record, outcome, origin, names)
    risk = exit_risk(cov.cube, last_year)
    event = cov.exits.exits[risk.year, risk.state, risk.body].astype(np.float64)
    return _panel("exit", cov, chosen, risk, event, exit_lag(cov.cube))


def join_panel(
    record: Record,
    outcome: str = "cleaned",
    cov: Covariates | None = None,
    per_join: float | None = 20.0,
    seed: int = 1,
    terms: Sequence[str] | None = None,
    last_year: int = LAST_PANEL_YEAR,
    origin: int | None = None,
) -> Panel:
    """Panel of pair-years outside: every join, and a weighted sample of the rows without one.

    Parameters
    ----------
    per_join : rows without join kept for each join, in expectation; None keeps them all
    seed : seed of the sample
    terms : names of terms; the four of `terms.JOIN_TERMS` by default
    outcome, cov, last_year, origin : as for `exit_panel`
    """
    names = tuple(term.name for term in t.JOIN_TERMS) if terms is None else tuple(terms)
    chosen = choose(names, "join", forecasting=outcome in FORECAST)
    cov = _with_sights(record, cov, names) if cov else covariates(record, outcome, origin, names)
    risk = join_risk(cov.cube, last_year)
    event = (cov.cube.status[risk.year + 1, risk.state, risk.body] == MEMBER).astype(np.float64)
    return _panel("join", cov, chosen, risk, event, np.ones(len(cov.cube.bodies), np.int64), per_join, seed)


def _panel(
    kind: str, cov: Covariates, chosen: tuple[t.Term, ...], risk: RiskSet, event: FloatArray, lag: IntArray,
    per_event: float | None = None, seed: int = 1,
) -> Panel:  # fmt: skip
    c = cov.cube
    year, state, body = risk.year, risk.state, risk.body
    dropped: dict[str, int] = {}
    used = np.ones(len(year), np.bool_)

    def drop(mask: BoolArray, reason: str) -> None:
        gone = used & mask
        if gone.any():
            dropped[reason] = int(gone.sum())
            used[gone] = False

    beyond = np.flatnonzero(cov.exits.row_ok)[-1]
    drop((year > beyond), f"dropped.after:{c.years[beyond]}")
    drop(~cov.exits.row_ok[year], "dropped.seam")
    drop(c.years[year] < FIRST_PANEL_YEAR, f"dropped.before:{FIRST_PANEL_YEAR}")
    if kind == "exit":
        for reason, cells in cov.exits.unused.items():
            drop(cells[year, state, body], reason)
    year, state, body, event = year[used], state[used], body[used], event[used]
    weight = np.ones(len(year))
    if per_event is not None:
        # Sampled before the terms are computed, so that the terms of two million rows are never held.
        rng = np.random.Generator(np.random.Philox(seed))
        fraction = min(1.0, per_event * event.sum() / max((event == 0).sum(), 1))
        taken = (event == 1) | (rng.random(len(year)) < fraction)
        weight = np.where(event == 1, 1.0, 1.0 / fraction)[taken]
        year, state, body, event = year[taken], state[taken], body[taken], event[taken]
    raw, ages = raw_terms(cov, chosen, year, state, body, lag)
    whole = np.ones(len(year), np.bool_)
    for term in chosen:
        if term.product is None:
            bad = whole & np.isnan(raw[term.name])
            if bad.any():
                rows = np.flatnonzero(bad)
                dropped |= _missing_because(cov, term, (year - lag[body])[rows], state[rows], body[rows])
                whole &= ~bad
    year, state, body, ages = year[whole], state[whole], body[whole], ages[whole]
    event, weight = event[whole], weight[whole]
    raw = {term.name: raw[term.name][whole] for term in chosen if term.product is None}
    scaling = _scaling(chosen, raw, weight)
    return Panel(
        kind, cov.exits.outcome, c, year, state, body, scaling.apply(raw), event, weight, ages, scaling, dropped, raw
    )


def _scaling(chosen: tuple[t.Term, ...], raw: dict[str, FloatArray], weight: FloatArray) -> Scaling:
    names = tuple(term.name for term in chosen)
    w = weight / weight.sum()
    centre = np.array([float((raw[n] * w).sum()) if n in raw else 0.0 for n in names])
    scale = np.array(
        [float(np.sqrt(((raw[n] - m) ** 2 * w).sum())) or 1.0 if n in raw else 1.0
         for n, m in zip(names, centre, strict=True)]
    )  # fmt: skip
    return Scaling(names, centre, scale)
