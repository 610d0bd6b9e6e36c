"""The join hazard that may feed a simulation: a stated span, every row, and the age of the body among its terms.

The join panel of `panel/build.py` keeps twenty rows without a join to each join. Coefficients do not mind; bundles and
calibration do: expected joins of a state-year are then sums over a few rows drawn, which look like frailty, and joins drawn
from the rows kept are fewer than those of all pairs. Here all rows serve. `docs/method/dynamics.md` holds what each span and
law predicts; the span was chosen by calibration, and nothing after 2013 was looked at.

Joining again after leaving: joins observed of pairs that left, over those that the join hazard expects, by years since.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from exeunt.core.arrays import BoolArray, FloatArray, IntArray
from exeunt.explain.estimates import stored_fit
from exeunt.explain.fit import Fit, fit
from exeunt.panel.build import Covariates, Panel, covariates, join_panel
from exeunt.panel.terms import JOIN_TERMS
from exeunt.record.store import Record

JOIN_SPAN: Final = (1975, 2013)
"""Last years outside of the rows."""
JOIN_LAW: Final = (*(term.name for term in JOIN_TERMS), "log_age")
"""Terms of the join panel and the age of the body, for states join a body in its first years most."""


def join_rows(
    record: Record, cov: Covariates, span: tuple[int, int] = JOIN_SPAN, terms: tuple[str, ...] = JOIN_LAW
) -> Panel:  # fmt: skip
    """Every pair-year outside, of the years of a span; standardised over all years up to its end."""
    panel = join_panel(record, cov.exits.outcome, cov, per_join=None, terms=terms, last_year=span[1])
    return _beginning(panel, span[0])


def _beginning(panel: Panel, first_year: int) -> Panel:
    """The rows of a panel from a year on, on the same scale."""
    keep = panel.cube.years[panel.year] >= first_year
    parts = {
        name: getattr(panel, name)[keep] for name in ("year", "state", "body", "terms", "event", "weight", "carried")
    }
    dropped = {**panel.dropped, f"dropped.before:{first_year}": int((~keep).sum())}
    return replace(panel, **parts, dropped=dropped, raw={name: raw[keep] for name, raw in panel.raw.items()})


def join_fit(
    record: Record, cov: Covariates | None = None, outcome: str = "cleaned", span: tuple[int, int] = JOIN_SPAN, seed: int = 1,
    say: Callable[[str], None] = lambda _: None,
) -> Fit:  # fmt: skip
    """Fit, bundles and calibration on every row of the span, from the user's cache where they are there."""

    def make() -> Fit:
        say(f"join hazard on every pair outside, {span[0]} to {span[1]}, and its calibration (about a minute)")
        return fit(join_rows(record, cov or covariates(record, outcome), span), seed=seed)

    if cov is not None:
        outcome = cov.exits.outcome
    return stored_fit(
        make, record=record.version, what="join law", outcome=outcome, span=span, terms=JOIN_LAW, seed=seed
    )


BANDS: Final = ((1, 2), (3, 5), (6, 10), (11, 200))
"""First and last year outside since the last year of membership; the last band has no end."""
PRIOR: Final = 0.5
"""Jeffreys' prior of a Poisson rate: a gamma of shape ½ and no rate."""


@dataclass(frozen=True)
class Returns:
    """Pair-years, joins observed and joins expected by band of `BANDS`, over the rows of the join hazard."""

    rows: list[int]
    observed: list[int]
    expected: list[float]
    first_year: int
    last_year: int


def since_exit(exits: BoolArray) -> NDArray[np.int16]:
    """Years since the last exit of each pair, (years, states, bodies); 0 where it has not left before that year."""
    out = np.zeros(exits.shape, np.int16)
    for row in range(1, len(exits)):
        out[row] = np.where(exits[row - 1], 1, np.where(out[row - 1] > 0, out[row - 1] + 1, 0))
    return out


def returns(since: IntArray, event: FloatArray, rate: FloatArray, years: tuple[int, int]) -> Returns:
    """Compare joins with what is expected.

    Parameters
    ----------
    since : (n,) years since the exit, 0 for pairs that never left
    event, rate : (n,) joins, and their probability by the join hazard
    years : first and last year of the rows
    """
    rows, observed, expected = [], [], []
    for first, last in BANDS:
        inside = (since >= first) & (since <= last)
        rows.append(int(inside.sum()))
        observed.append(int(event[inside].sum()))
        expected.append(float(rate[inside].sum()))
    return Returns(rows, observed, expected, *years)


def gamma_parameters(of: Returns) -> tuple[FloatArray, FloatArray]:
    """Shape and rate of the posterior of each band's ratio of observed to expected joins, (4,) each."""
    return np.array(of.observed) + PRIOR, np.maximum(np.array(of.expected), 1e-9)
