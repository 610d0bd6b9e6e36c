"""How a measure of states moves around a year with an event, within states and years. Arrays in, arrays out.

For each k the change z_{t+k} − z_{t−1} is regressed on whether the event falls in t, with an effect for each state and for each
year t. Years before the event (k < −1) are the placebo: what is to come cannot have moved what was. Standard errors are
clustered by state, and the covariance between different k comes from the same clusters, for the joint test.

Standing and capability by state and year: do they move with leaving and joining?

Two looks at each: a state-space panel (`random_walks.py`) and an event study with leads as placebo. They are
the second half of Spiral; `spiral` holds both halves side by side. Specification and figures: `docs/method/attributes.md`.

References
----------
Jordà (2005), American Economic Review 95, 161–182 (one regression for each horizon); Callaway and Sant'Anna (2021), Journal of
Econometrics 225, 200–230 (why effects that differ between states make such averages hard to read).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy.special import chdtrc

from exeunt.core.arrays import BoolArray, FloatArray
from exeunt.core.cache import path_of, read_rows, write_rows
from exeunt.core.errors import UnknownNameError, UsageError
from exeunt.explain.estimates import OUTCOMES
from exeunt.explain.random_walks import StateSpace, _kept, fit_state_space
from exeunt.measures.membership import position_error, standing_outside
from exeunt.panel.build import FIRST_PANEL_YEAR, LAST_PANEL_YEAR, Covariates, covariates
from exeunt.panel.outcomes import UNDOCUMENTED, raw_steps
from exeunt.panel.risk import NOT_IN_SYSTEM, joins_of
from exeunt.panel.terms import log_capability
from exeunt.panel.yearly_covariates import state_measure
from exeunt.record.store import Record

LEADS: Final = (-5, -4, -3, -2)
FOLLOWING: Final = tuple(range(11))
FEWEST_EVENTS: Final = 10
"""State-years with an event below which nothing is estimated."""
LEVEL: Final = 0.05
TOLERANCE: Final = 1e-11


@dataclass(frozen=True)
class _EventStudy:
    """Estimates by k; the year before the event is the base and is not among them."""

    k: tuple[int, ...]
    estimate: FloatArray
    error: FloatArray
    cells: tuple[int, ...]
    events: tuple[int, ...]
    placebo_statistic: float
    placebo_degrees: int
    placebo_p: float
    status: str

    @property
    def placebo_holds(self) -> bool | None:
        """Whether the leads together are not told apart from none; None where that could not be tested."""
        return None if np.isnan(self.placebo_p) else bool(self.placebo_p >= LEVEL)


def _within(values: FloatArray, state: NDArray[np.int64], year: NDArray[np.int64]) -> FloatArray:
    """Sweep state and year effects out of each column by turns; `values` is (n, columns)."""
    out = values.astype(np.float64).copy()
    counts = [np.maximum(np.bincount(group), 1).astype(np.float64) for group in (state, year)]
    scale = np.abs(out).max(axis=0, initial=0.0) + 1e-300
    for _ in range(2000):
        largest = 0.0
        for group, count in zip((state, year), counts, strict=True):
            mean = np.stack([np.bincount(group, column) for column in out.T], axis=1) / count[:, None]
            out -= mean[group]
            largest = max(largest, float(np.abs(mean / scale).max()))
        if largest < TOLERANCE:
            break
    return out


def _event_study(z: FloatArray, event: BoolArray, ks: tuple[int, ...] = (*LEADS, *FOLLOWING)) -> _EventStudy:
    """Change of z from the year before an event to k years after it, for each k.

    Parameters
    ----------
    z : (years, states), NaN where missing
    event : (years, states) whether the event falls in the year

    Returns
    -------
    Estimates in the unit of z; `status` is `ok` or `too_few_events`.
    """
    years, states = z.shape
    estimate, error = np.full(len(ks), np.nan), np.full(len(ks), np.nan)
    influence = np.full((len(ks), states), np.nan)
    cells, events = [0] * len(ks), [0] * len(ks)
    for number, k in enumerate(ks):
        t = np.arange(max(1, -k), min(years, years - k))
        change = z[t + k] - z[t - 1]
        row, state = np.nonzero(~np.isnan(change))
        happened = event[t][row, state]
        cells[number], events[number] = len(row), int(happened.sum())
        if events[number] < FEWEST_EVENTS:
            continue
        swept = _within(np.column_stack([happened, change[row, state]]), state, t[row])
        x, y = swept.T
        square = float(x @ x)
        if square <= 0:
            continue
        b = float(x @ y) / square
        score = np.bincount(state, x * (y - b * x), minlength=states)
        groups = len(np.unique(state))
        influence[number] = score / square * np.sqrt(groups / (groups - 1))
        estimate[number], error[number] = b, float(np.sqrt((influence[number] ** 2).sum()))
    statistic, degrees, p = _placebo(ks, estimate, influence)
    status = "ok" if not np.isnan(estimate).any() else "too_few_events"
    return _EventStudy(ks, estimate, error, tuple(cells), tuple(events), statistic, degrees, p, status)


def _placebo(ks: tuple[int, ...], estimate: FloatArray, influence: FloatArray) -> tuple[float, int, float]:
    """Wald test that all leads are nought: statistic, degrees of freedom, p-value."""
    lead = np.array([k < -1 for k in ks])
    if not lead.any() or np.isnan(estimate[lead]).any():
        return np.nan, 0, np.nan
    parts = influence[lead]
    covariance = parts @ parts.T
    if np.linalg.matrix_rank(covariance) < len(covariance):
        return np.nan, 0, np.nan
    b = estimate[lead]
    statistic = float(b @ np.linalg.solve(covariance, b))
    return statistic, len(b), float(chdtrc(len(b), statistic))


ATTRIBUTES: Final = ("standing", "capability")
Z95: Final = 1.96
QUANTILE90: Final = 1.645
"""The intervals of the ideal points run from the 5 % to the 95 % quantile."""


@dataclass(frozen=True)
class Measured:
    """One number of one equation; None where it could not be estimated, and `status` says why.

    `part` is state_space, event_study, placebo (of the event study: `estimate` is the Wald statistic) or check. `events` are
    exits in the state-space panel and state-years with an exit in the event study.
    """

    outcome: str
    attribute: str
    part: str
    term: str
    estimate: float | None
    low: float | None
    high: float | None
    p: float | None
    cells: int
    events: int
    status: str

    def as_dict(self) -> dict[str, Any]:
        """Plain values."""
        return asdict(self)


@dataclass(frozen=True)
class _Laid:
    """One attribute laid out: z (years, states), events (years, states, r), first year to the year after the last exit."""

    z: FloatArray
    events: FloatArray
    names: tuple[str, ...]
    interval_error: float | None
    """Root mean square of the standard errors that the source's own intervals give; None where it gives none."""


def _lay_out(record: Record, cov: Covariates, attribute: str, first_year: int = FIRST_PANEL_YEAR) -> _Laid:
    """One attribute by year and state, observed values only, with exits and joins by last year before the change.

    Standing is taken without every body that the state leaves by a coded step or an exit of the outcome in any of the years,
    so that no leaving lowers it by arithmetic. Joins do raise it by arithmetic.

    Raises
    ------
    UnknownNameError, for an attribute that is none of `ATTRIBUTES`; UsageError, for years out of reach.
    """
    if attribute not in ATTRIBUTES:
        raise UnknownNameError("attribute", attribute, ATTRIBUTES)
    c = cov.cube
    if not FIRST_PANEL_YEAR <= first_year <= LAST_PANEL_YEAR - 10:
        raise UsageError(
            f"the first year must lie from {FIRST_PANEL_YEAR} to {LAST_PANEL_YEAR - 10}; {first_year} does not."
        )
    rows = slice(c.index(first_year), c.index(LAST_PANEL_YEAR) + 2)
    steps = raw_steps(c)
    names, columns = ["exit", "join"], [cov.exits.exits, joins_of(c)]
    if UNDOCUMENTED in cov.exits.unused:
        # These are neither exits nor the lack of one; a column of their own keeps them out of both.
        names.append("undocumented")
        columns.append(cov.exits.unused[UNDOCUMENTED])
    events = np.stack([column[rows].sum(axis=2) for column in columns], axis=-1).astype(np.float64)
    interval: float | None = None
    if attribute == "capability":
        z = log_capability(state_measure(record, c, "cinc", 0).value)[rows]
    else:
        position = state_measure(record, c, "ideal_point", 0).value
        present = (c.status != NOT_IN_SYSTEM).any(axis=2)
        left = np.asarray((steps | cov.exits.exits)[rows][:-1].any(axis=0), dtype=np.bool_)
        years = range(rows.start, rows.stop)
        z = np.stack([standing_outside(c.members_of(y), position[y], present[y], left) for y in years])
        error = _interval_errors(record, cov)
        found = np.concatenate([position_error(position[y], error[y], present[y]) for y in years])
        if (~np.isnan(found)).any():
            interval = float(np.sqrt(np.nanmean(found**2)))
    return _Laid(z, events, tuple(names), interval)


def _interval_errors(record: Record, cov: Covariates) -> FloatArray:
    """Standard errors of the ideal points from their 5 and 95 % quantiles, (years, states)."""
    c = cov.cube
    out = np.full((len(c.years), len(c.states)), np.nan)
    at = {int(s): i for i, s in enumerate(c.states)}
    frame = record.measure("ideal_point").filter(pl.col("low").is_not_null() & pl.col("high").is_not_null())
    for cow, year, low, high in frame.select("cow", "year", "low", "high").iter_rows():
        if cow in at and c.years[0] <= year <= c.years[-1]:
            out[c.index(year), at[cow]] = (high - low) / (2 * QUANTILE90)
    return out


def _equations(laid: _Laid, outcome: str, attribute: str) -> list[Measured]:
    """Both looks at one attribute under one outcome."""
    keep = _kept(laid.z)
    # Events before a state is first observed move nothing that is seen; the last row is the year after the last exit.
    begun = np.logical_or.accumulate(~np.isnan(laid.z), axis=0)[:-1] & keep
    exits = int(laid.events[:-1, :, 0][begun].sum())
    if exits < FEWEST_EVENTS:
        none = np.full(len(laid.names), np.nan)
        cells = int((~np.isnan(laid.z[:, keep])).sum())
        made = StateSpace(
            np.nan, np.nan, none, none, none, np.nan, np.nan, np.full(2, np.nan), np.nan, cells, int(keep.sum()),
            "too_few_exits",
        )  # fmt: skip
    else:
        made = fit_state_space(laid.z, laid.events)
    rows = _of_space(made, laid, outcome, attribute, exits)
    # Exits of the last row's year are not yet counted: the cleaned outcomes end a year earlier.
    happened = laid.events[:, :, 0] > 0
    happened[-1] = False
    return rows + _of_study(_event_study(laid.z, happened), outcome, attribute)


def _of_space(
    made: StateSpace, laid: _Laid, outcome: str, attribute: str, exits: int
) -> list[Measured]:  # fmt: skip
    def row(term: str, value: float, low: float, high: float, part: str = "state_space") -> Measured:
        return Measured(
            outcome, attribute, part, term, _plain(value), _plain(low), _plain(high), None, made.cells, exits, made.status
        )  # fmt: skip

    rows = [
        row(name, b, b - Z95 * s, b + Z95 * s)
        for name, b, s in (
            ("phi", made.phi, made.phi_error),
            *zip(laid.names, made.effects.tolist(), made.errors.tolist(), strict=True),
        )
    ]
    for name, sd, s in (
        ("sd_innovation", made.sd_innovation, float(made.log_sd_errors[0])),
        ("sd_measurement", made.sd_measurement, float(made.log_sd_errors[1])),
    ):
        rows.append(row(name, sd, float(sd * np.exp(-Z95 * s)), float(sd * np.exp(Z95 * s))))
    rows += [
        row(f"{name}_clustered", b, b - Z95 * s, b + Z95 * s, "check")
        for name, b, s in zip(laid.names, made.effects.tolist(), made.clustered.tolist(), strict=True)
    ]
    if laid.interval_error is not None:
        rows.append(row("sd_from_intervals", laid.interval_error, np.nan, np.nan, "check"))
    return rows


def _of_study(made: _EventStudy, outcome: str, attribute: str) -> list[Measured]:
    rows = [
        Measured(outcome, attribute, "event_study", f"k={k}", _plain(b), _plain(b - Z95 * s), _plain(b + Z95 * s), None,
                 cells, events, made.status)
        for k, b, s, cells, events in zip(
            made.k, made.estimate.tolist(), made.error.tolist(), made.cells, made.events, strict=True
        )
    ]  # fmt: skip
    said = {True: "holds", False: "fails", None: "not_tested"}[made.placebo_holds]
    leads = [number for number, k in enumerate(made.k) if k < -1]
    return [
        *rows,
        Measured(outcome, attribute, "placebo", f"leads, {made.placebo_degrees} degrees of freedom",
                 _plain(made.placebo_statistic), None, None, _plain(made.placebo_p),
                 min((made.cells[n] for n in leads), default=0), min((made.events[n] for n in leads), default=0), said),
    ]  # fmt: skip


def _plain(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None


def table(
    record: Record, outcomes: Sequence[str] = OUTCOMES, first_year: int = FIRST_PANEL_YEAR,
    say: Callable[[str], None] = lambda _: None,
) -> list[Measured]:  # fmt: skip
    """Both equations of both attributes under each outcome, from the user's cache where they are there."""
    out: list[Measured] = []
    for outcome in outcomes:
        path = path_of("attributes", record=record.version, outcome=outcome, first_year=first_year)
        found = read_rows(path, Measured)
        if found is None:
            say(f"standing and capability on {outcome}")
            cov = covariates(record, outcome)
            found = [
                row for attribute in ATTRIBUTES
                for row in _equations(_lay_out(record, cov, attribute, first_year), outcome, attribute)
            ]  # fmt: skip
            write_rows(path, found)
        out += found
    return out
