"""Design → Fit: modes, variance components, the posterior, and whether the fit may feed a simulation."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy.linalg import cholesky, solve_triangular

from exeunt.core.arrays import FloatArray
from exeunt.core.errors import FitError
from exeunt.explain.bundles import Bundles, estimate, frailties
from exeunt.explain.fit_methods import FIRST, MEAN_BODY, MEAN_STATE, plot, predict, tidy, with_first, with_means
from exeunt.explain.hazard import EFFECTS, LINKS, Rows, probabilities
from exeunt.explain.optimise import Point, laplace, minimise
from exeunt.panel.build import Panel, Scaling

CRITERIA = ("joint", "laplace")
SEPARATION = 12.0
"""A coefficient or standard error beyond this, per standard deviation of its term, has run off along a separated direction."""
SINGULAR_SD = 0.01
"""An effect with a smaller standard deviation moves rates by less than one per cent, as good as none."""
CALIBRATION_DRAWS = 200
CALIBRATION_TOLERANCE = 0.10


@dataclass(frozen=True)
class Calibration:
    """Does the fit reproduce its own totals, with year effects drawn anew?

    Each check holds (observed, low, high): for `total` the bounds are ±10 % of the observed and `predicted_total` must
    lie inside; for the largest state-year and body-year the bounds are the 95 % predictive interval.
    """

    predicted_total: float
    total: tuple[float, float, float]
    largest_state_year: tuple[float, float, float]
    largest_body_year: tuple[float, float, float]

    @property
    def failures(self) -> tuple[str, ...]:
        """Names of the checks that fail."""
        out = []
        if not self.total[1] <= self.predicted_total <= self.total[2]:
            out.append("total")
        for name in ("largest_state_year", "largest_body_year"):
            observed, low, high = getattr(self, name)
            if not low <= observed <= high:
                out.append(name)
        return tuple(out)


@dataclass(frozen=True)
class Fit:
    """A fitted crossed-effects hazard; immutable.

    `phi` holds β then the effects of state, body and year at their mode, (p,); `information` is the penalised observed
    information there; `labels` names the levels: COW numbers, body keys, years.
    """

    kind: str
    outcome: str
    criterion: str
    link: str
    names: tuple[str, ...]
    phi: FloatArray
    sd: FloatArray
    sd_covariance: FloatArray
    motion: FloatArray
    information: FloatArray
    labels: tuple[tuple[int, ...], tuple[str, ...], tuple[int, ...]]
    scaling: Scaling
    deviance: float
    loglik: float
    rows: int
    events: int
    status: str
    evaluations: int
    bundles: Bundles
    dropped: dict[str, int] = field(default_factory=dict)
    calibration: Calibration | None = None

    @property
    def k(self) -> int:
        """Fixed terms, intercept included."""
        return len(self.names)

    @property
    def beta(self) -> FloatArray:
        """Fixed terms, log rate ratios per standard deviation of the term."""
        return self.phi[: self.k]

    @property
    def standard_errors(self) -> FloatArray:
        """Standard errors of the fixed terms, given the standard deviations of the effects."""
        try:
            inverse = np.linalg.inv(self.information)
        except np.linalg.LinAlgError:
            # A separated term has left a direction without information.
            return np.full(self.k, np.inf)
        return np.asarray(np.sqrt(np.abs(np.diag(inverse)[: self.k])), dtype=np.float64)

    def effect(self, which: str) -> dict[Any, float]:
        """Modes of one kind of effect by level."""
        number = EFFECTS.index(which)
        start = self.k + sum(len(level) for level in self.labels[:number])
        return dict(zip(self.labels[number], self.phi[start : start + len(self.labels[number])].tolist(), strict=True))

    def tidy(self) -> pl.DataFrame:
        """Fixed terms and standard deviations in the columns of R's broom.mixed.

        Columns: effect, group, term, estimate, std.error, statistic, p.value, conf.low, conf.high.
        """
        spread = np.sqrt(np.maximum(np.diag(self.sd_covariance), 0.0))
        return tidy(self.names, self.beta, self.standard_errors, EFFECTS, self.sd, spread)

    def glance(self) -> pl.DataFrame:
        """One row: nobs, events, logLik, deviance, AIC, df, then outcome, criterion, link, status and what it means.

        logLik is the Laplace value with the effects integrated out; df counts fixed terms and standard deviations. The
        distribution has no sigma.
        """
        df = self.k + len(self.sd)
        return pl.DataFrame(
            [{"nobs": self.rows, "events": self.events, "logLik": -self.deviance / 2, "deviance": self.deviance,
              "AIC": self.deviance + 2 * df, "df": df, "outcome": self.outcome, "criterion": self.criterion,
              "link": self.link, "status": self.status, "reading": self.reading}]
        )  # fmt: skip

    def plot(self) -> str:
        """Coefficients with their 95 % intervals, as an SVG."""
        return plot(self.tidy(), f"{self.kind} hazard, {self.outcome}: {self.events} events", self.reading)

    def predict(self, panel: Panel) -> pl.DataFrame:
        """Probability of the event in each row of a panel; levels unknown to the fit have the effect 0 and are named.

        Raises
        ------
        FitError, if the panel lacks a term of the fit.
        """
        effects = (self.effect("state"), self.effect("body"), self.effect("year"))
        return predict(self.names, self.beta, effects, self.scaling, LINKS[self.link], panel)

    @property
    def reading(self) -> str:
        """The status in one sentence, with what it rests on."""
        if self.status == "separation":
            errors = self.standard_errors
            far = [
                name for name, b, s in zip(self.names[1:], self.beta[1:], errors[1:], strict=True)
                if abs(b) > SEPARATION or SEPARATION < s < np.inf
            ] or list(self.names[1:])  # fmt: skip
            return f"no finite estimate: {', '.join(far)} all but tells events from the rest; leave it out or merge levels."
        if self.status == "not_converged":
            return "the search for the best fit did not end; its numbers are not estimates."
        if self.status == "singular":
            flat = [name for name, s in zip(EFFECTS, self.sd, strict=True) if s <= SINGULAR_SD]
            return f"no spread between levels of {', '.join(flat)}; the other estimates hold without that effect."
        if self.status == "not_calibrated":
            failures = self.calibration.failures if self.calibration else ()
            return f"fitted, but it does not reproduce its own data ({', '.join(failures)}), so it may not feed a simulation."
        if self.status == "not_checked":
            return "fitted; whether it reproduces its own totals and bundles was not asked."
        return "fitted, and it reproduces its own totals and bundles."

    def draw(self, n: int, seed: int) -> tuple[FloatArray, FloatArray]:
        """Draws from the posterior: (β, b) normal about the mode, which moves with the drawn standard deviations.

        Returns
        -------
        phi (n, p) and standard deviations (n, 3).
        """
        rng = np.random.Generator(np.random.Philox(seed))
        root = np.linalg.cholesky(self.sd_covariance + 1e-12 * np.eye(3))
        move = rng.standard_normal((n, 3)) @ root.T
        sd = self.sd * np.exp(move)
        factor = cholesky(self.information, lower=True, check_finite=False)
        noise = solve_triangular(
            factor, rng.standard_normal((len(self.phi), n)), lower=True, trans="T", check_finite=False
        )
        return np.asarray(self.phi + move @ self.motion.T + noise.T), np.asarray(sd)

    def require_calibrated(self) -> None:
        """Raises FitError unless the fit may feed a simulation."""
        extra = [name for name in self.names if name.startswith((MEAN_STATE, MEAN_BODY, FIRST))]
        if extra:
            raise FitError(
                f"the {self.kind} hazard has terms read off its own rows ({', '.join(extra[:5])}), which a simulated year "
                "does not have; fit it without `mundlak` and `initial`."
            )
        if self.status != "ok":
            raise FitError(
                f"the {self.kind} hazard on {self.outcome} has the status {self.status}; only a calibrated fit may "
                "feed a simulation."
            )


def design(
    panel: Panel, link: str = "cloglog", terms: tuple[str, ...] | None = None
) -> tuple[Rows, tuple[Any, Any, Any]]:
    """Rows of a panel as a design, with the labels of the levels that occur in it."""
    chosen = terms or panel.names
    columns = [panel.names.index(name) for name in chosen]
    X = np.ascontiguousarray(np.column_stack([np.ones(len(panel.event)), panel.terms[:, columns]]))
    groups, labels = [], []
    for index, names in (
        (panel.state, panel.cube.states.tolist()),
        (panel.body, list(panel.cube.bodies)),
        (panel.year, panel.cube.years.tolist()),
    ):
        used, inverse = np.unique(index, return_inverse=True)
        groups.append(inverse)
        labels.append(tuple(names[u] for u in used))
    rows = Rows(
        X, panel.event.astype(np.float64), panel.weight, np.ascontiguousarray(np.column_stack(groups).astype(np.int32)),
        (len(labels[0]), len(labels[1]), len(labels[2])), LINKS[link],
    )  # fmt: skip
    return rows, (labels[0], labels[1], labels[2])


def fit(
    panel: Panel, criterion: str = "laplace", link: str = "cloglog", terms: tuple[str, ...] | None = None,
    calibrate: bool = True, seed: int = 1, mundlak: bool = False, initial: bool = False,
) -> Fit:  # fmt: skip
    """Fit the crossed-effects hazard to a panel.

    Parameters
    ----------
    criterion : `joint` or `laplace`, see `optimise.laplace`
    terms : names of panel terms; all of them by default
    mundlak : add the means of the terms by state and by body
    initial : add the first observed values of the terms in each membership; see `enriched` for both
    calibrate : check the calibration condition; a fit that was not checked has the status `not_checked`

    Raises
    ------
    FitError, if the panel holds no event or the criterion is unknown.
    """
    if criterion not in CRITERIA:
        raise FitError(f"unknown criterion {criterion!r}; expected one of {CRITERIA}.")
    events = int(panel.event.sum())
    if events == 0:
        raise FitError(f"the {panel.kind} panel on {panel.outcome} holds no event, so nothing can be estimated.")
    if mundlak or initial:
        if terms:
            at = [panel.names.index(name) for name in terms]
            own = Scaling(terms, panel.scaling.centre[at], panel.scaling.scale[at])
            panel, terms = replace(panel, terms=panel.terms[:, at], scaling=own), None
        panel = with_means(panel) if mundlak else panel
        panel = with_first(panel) if initial else panel
    rows, labels = design(panel, link, terms)
    point, evaluations = minimise(rows, criterion)
    names = ("(Intercept)", *(terms or panel.names))
    made = Fit(
        kind=panel.kind, outcome=panel.outcome, criterion=criterion, link=link, names=names, phi=point.phi, sd=point.sd,
        sd_covariance=_sd_covariance(rows, point), motion=_motion(point, rows.k, criterion), information=point.information,
        labels=labels, scaling=panel.scaling, deviance=point.deviance, loglik=point.loglik, rows=len(rows.event),
        events=events, status=_status(point, rows.k), evaluations=evaluations,
        bundles=_bundles(rows, point), dropped=panel.dropped,
    )  # fmt: skip
    if not calibrate or made.status not in {"not_checked", "singular"}:
        return made
    check = calibration(made, rows, seed)
    status = "not_calibrated" if check.failures else ("ok" if made.status == "not_checked" else made.status)
    return replace(made, status=status, calibration=check)


def _cells(rows: Rows) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Keys of the state-year and the body-year of each row."""
    group = rows.group.astype(np.int64)
    years = rows.levels[2]
    return group[:, 0] * years + group[:, 2], group[:, 1] * years + group[:, 2]


def _bundles(rows: Rows, point: Point) -> Bundles:
    return estimate(probabilities(rows, point.phi), rows.event, rows.weight, *_cells(rows))


def _motion(point: Point, k: int, criterion: str) -> FloatArray:
    return point.motion if criterion == "joint" else point.motion[:, k:]


def _status(point: Point, k: int) -> str:
    spread = np.sqrt(np.abs(np.diag(np.linalg.pinv(point.information)))[:k])
    if bool((np.abs(point.phi[1:k]) > SEPARATION).any()) or bool((spread[1:] > SEPARATION).any()):
        return "separation"
    if not point.converged:
        return "not_converged"
    if bool((point.sd <= SINGULAR_SD).any()):
        return "singular"
    return "not_checked"


def _sd_covariance(rows: Rows, point: Point, step: float = 0.02) -> FloatArray:
    """Covariance of log σ from the slopes of the deviance, β held; a flat direction gets a wide but finite spread."""
    log_sd = np.log(point.sd)
    by_sd = point.motion[:, -3:]
    hessian = np.zeros((3, 3))
    for number in range(3):
        sides = []
        for sign in (1.0, -1.0):
            moved = log_sd.copy()
            moved[number] += sign * step
            start = point.phi + sign * step * by_sd[:, number]
            start[: rows.k] = point.phi[: rows.k]
            sides.append(laplace(rows, start, moved, joint=False, blocks=point.blocks).slope[rows.k :])
        hessian[number] = (sides[0] - sides[1]) / (2 * step)
    values, vectors = np.linalg.eigh(0.25 * (hessian + hessian.T))
    return np.asarray((vectors / np.maximum(values, 1.0)) @ vectors.T, dtype=np.float64)


def calibration(made: Fit, rows: Rows, seed: int) -> Calibration:
    """Simulate the training rows with year effects and bundles drawn anew; hold totals and bundles against the observed.

    Reference: the condition is that of `docs/method/decisions.md`.
    """
    phis, sds = made.draw(CALIBRATION_DRAWS, seed)
    rng = np.random.Generator(np.random.Philox(seed + 1))
    states, bodies, years = rows.levels
    year_start = rows.k + states + bodies
    state_year, body_year = _cells(rows)
    expected, largest = [], np.zeros((CALIBRATION_DRAWS, 2))
    for number in range(CALIBRATION_DRAWS):
        phi = phis[number].copy()
        phi[year_start:] = rng.standard_normal(years) * sds[number, 2]
        p = probabilities(rows, phi)
        shared = frailties((states * years,), made.bundles.state_year, rng)[state_year]
        shared *= frailties((bodies * years,), made.bundles.body_year, rng)[body_year]
        # A rate times a frailty: for the complementary log-log 1 − (1 − p)^frailty, and near enough for rare logits.
        multiplied = -np.expm1(shared * np.log1p(-p))
        expected.append(float(rows.weight @ multiplied))
        hit = np.flatnonzero(rng.random(len(p)) < multiplied)
        for column, key in enumerate((state_year, body_year)):
            largest[number, column] = np.bincount(key[hit]).max() if len(hit) else 0
    happened = np.flatnonzero(rows.event > 0)
    observed = [float(np.bincount(key[happened]).max()) for key in (state_year, body_year)]
    low, high = np.quantile(largest, [0.025, 0.975], axis=0)
    total = float(rows.weight @ rows.event)
    return Calibration(
        predicted_total=float(np.mean(expected)),
        total=(total, (1 - CALIBRATION_TOLERANCE) * total, (1 + CALIBRATION_TOLERANCE) * total),
        largest_state_year=(observed[0], float(low[0]), float(high[0])),
        largest_body_year=(observed[1], float(low[1]), float(high[1])),
    )
