"""The join hazard that may feed a simulation: a stated span, every row, and bundles told apart from one another.

The join panel of `panel/build.py` keeps twenty rows without a join to each join. Coefficients do not mind; bundles and
calibration do: expected joins of a state-year are then sums over a few rows drawn, which look like frailty, and joins drawn from
the rows kept are fewer than those of all pairs. Here all rows serve. `docs/method/dynamics.md` holds what each span and law
predicts; the span was chosen by calibration, and nothing after 2013 was looked at.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar
from scipy.special import gammaln

from exeunt.explain.bundles import SMALLEST_GAIN, Bundles, dispersion
from exeunt.explain.cached import stored_fit
from exeunt.explain.fit import Fit, calibration, design, fit
from exeunt.explain.hazard import Rows, probabilities
from exeunt.panel.build import Covariates, Panel, covariates, join_panel
from exeunt.panel.terms import JOIN_TERMS
from exeunt.record.store import Record

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
JOIN_SPAN: Final = (1975, 2013)
"""Last years outside of the rows."""
JOIN_LAW: Final = (*(term.name for term in JOIN_TERMS), "log_age")
"""Terms of the join panel and the age of the body, for states join a body in its first years most."""
ROUNDS: Final = 6


def join_rows(
    record: Record, cov: Covariates, span: tuple[int, int] = JOIN_SPAN, terms: tuple[str, ...] = JOIN_LAW
) -> Panel:  # fmt: skip
    """Every pair-year outside, of the years of a span; standardised over all years up to its end."""
    panel = join_panel(record, cov.exits.outcome, cov, per_join=None, terms=terms, last_year=span[1])
    return beginning(panel, span[0])


def beginning(panel: Panel, first_year: int) -> Panel:
    """The rows of a panel from a year on, on the same scale."""
    keep = panel.cube.years[panel.year] >= first_year
    parts = {name: getattr(panel, name)[keep] for name in ("year", "state", "body", "terms", "event", "weight", "carried")}
    dropped = {**panel.dropped, f"before {first_year}": int((~keep).sum())}
    return replace(panel, **parts, dropped=dropped, raw={name: raw[keep] for name, raw in panel.raw.items()})


def join_fit(
    record: Record, cov: Covariates | None = None, outcome: str = "cleaned", span: tuple[int, int] = JOIN_SPAN, seed: int = 1,
    say: Callable[[str], None] = lambda _: None,
) -> Fit:  # fmt: skip
    """Fit, bundles and calibration on every row of the span, from the user's cache where they are there."""

    def make() -> Fit:
        say(f"join hazard on every pair outside, {span[0]} to {span[1]}, and its calibration (about a minute)")
        return calibrated(join_rows(record, cov or covariates(record, outcome), span), seed)

    if cov is not None:
        outcome = cov.exits.outcome
    return stored_fit(make, record=record.version, what="join law", outcome=outcome, span=span, terms=JOIN_LAW, seed=seed)


def calibrated(panel: Panel, seed: int = 1) -> Fit:
    """Fit a panel whose rows are all there, with bundles estimated together, and check its calibration."""
    made = fit(panel, calibrate=False)
    rows, _ = design(panel)
    keys = cells(rows)
    made = replace(made, bundles=together(probabilities(rows, made.phi), rows.event, *keys))
    if made.status != "not_checked":
        return made
    check = calibration(made, rows, seed)
    return replace(made, status="not_calibrated" if check.failures else "ok", calibration=check)


def cells(rows: Rows) -> tuple[IntArray, IntArray]:
    """Keys of the state-year and the body-year of each row."""
    group, years = rows.group.astype(np.int64), rows.levels[2]
    return group[:, 0] * years + group[:, 2], group[:, 1] * years + group[:, 2]


def together(rate: FloatArray, event: FloatArray, state_year: IntArray, body_year: IntArray) -> Bundles:
    """Variances of both frailties, each given the other; every row must be there.

    The total N of a state-year with expected joins e_b by body has, with frailties of variance φ_s and φ_b,
    Var N = E + E² (φ_s + φ_b (1 + φ_s) H), H = Σ e_b² / E²; the share of φ_b is not the state's. Each variance maximises
    the likelihood of negative binomial totals with that variance, in turn.
    """
    found = []
    for key in (state_year, body_year):
        size = int(key.max()) + 1
        expected = np.bincount(key, rate, minlength=size)
        there = expected > 0
        square = np.bincount(key, rate**2, minlength=size)[there] / expected[there] ** 2
        found.append((expected[there], np.bincount(key, event, minlength=size)[there], square))
    state, body = found
    own_body = dispersion(body[0], body[1])
    own_state, gain = 0.0, 0.0
    for _ in range(ROUNDS):
        own_state, gain = _given(*state, other=own_body)
        own_body, _ = _given(*body, other=own_state)
    return Bundles(own_state if gain > SMALLEST_GAIN else 0.0, own_body)


def _given(expected: FloatArray, count: FloatArray, concentration: FloatArray, other: float) -> tuple[float, float]:
    """Variance of one frailty given the other, and the log-likelihood that it gains over none."""

    def negative(log_phi: float) -> float:
        phi = float(np.exp(log_phi))
        shape = 1.0 / (phi + other * (1.0 + phi) * concentration)
        total: Any = gammaln(count + shape) - gammaln(shape) + shape * np.log(shape / (shape + expected))
        return float(-(total + count * np.log(expected / (shape + expected))).sum())

    best = minimize_scalar(negative, bounds=(-9.0, 5.0), method="bounded")
    return float(np.exp(best.x)), negative(-9.0) - float(best.fun)
