"""How far an attribute of states walks in a year, told apart from error of measurement by differences over more years.

A walk with independent steps of variance σ_w², measured with errors of variance σ_e² that do not last, has differences over
k years of mean square 2σ_e² + k σ_w². The slope over k is the walk, whatever lies at k = 0. A source that smooths over time
lowers the mean square of short differences and raises no slope; errors that last some years bend the line, so the table of
mean squares is kept beside the estimate.

A panel in state space: an attribute that decays, moves with events, and is measured with error. Arrays in, arrays out.

    z_it = μ_i + x_it + e_it,   x_{i,t+1} = φ x_it + Σ_r b_r·event_{r,it} + w_it,   e ~ N(0, σ_e²),   w ~ N(0, σ_w²),

with x in a state's first observed year drawn from N(a, σ_a²), the same law for all states. The state effects μ_i are diffuse:
the likelihood is that of the data with each state's own level swept out, so that no level has to be estimated for each state
and none is drawn towards the others. φ and b are thus about movements of a state against its own level.

Given φ, σ_e/σ_w and σ_a/σ_w, everything else enters linearly: one pass of the Kalman filter, over all states at once, carries
the data and the columns of μ_i, a and b side by side; least squares on the innovations give the rest in closed form.

References
----------
de Jong (1991), Annals of Statistics 19, 1073–1083 (the filter with diffuse and regression effects); Hsiao, Pesaran and
Tahmiscioglu (2002), Journal of Econometrics 109, 107–150 (a free first observation in dynamic panels with state effects).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numba import njit
from numpy.typing import NDArray

from exeunt.core.arrays import BoolArray, FloatArray
from exeunt.core.errors import FitError

LONGEST: Final = 10
"""Differences over more years are few in a span of a quarter of a century."""
RESAMPLES: Final = 999
FEWEST_STATES: Final = 10


@dataclass(frozen=True)
class Walk:
    """Standard deviation of a yearly step, with the standard error of its logarithm from a bootstrap of states.

    `mean_square` holds (years apart, differences, mean square, fitted) by years apart. `common` is the variance of the yearly
    mean step over states less what independent steps leave of it, as a share of σ_w².
    """

    sd_step: float
    log_error: float
    sd_error: float
    mean_square: list[list[float]]
    common: float
    states: int
    cells: int
    first_year: int
    last_year: int


def walk(values: FloatArray, years: NDArray[np.int64], longest: int = LONGEST, seed: int = 1) -> Walk:
    """Estimate the walk of an attribute.

    Parameters
    ----------
    values : (years, states), NaN where not observed; nothing carried forward
    years : (years,) calendar years, one apart
    longest : differences over 1 … `longest` years are used, each weighted by its number

    Raises
    ------
    FitError, for fewer than ten states or a slope that is not positive: there is then no walk to be seen.
    """
    squares, numbers = _by_state(values, longest)
    seen = numbers[:, 0] > 0
    squares, numbers = squares[seen], numbers[seen]
    if len(squares) < FEWEST_STATES:
        raise FitError(f"{len(squares)} states have values in two years running; a walk needs {FEWEST_STATES}.")
    level, slope = _line(squares.sum(axis=0), numbers.sum(axis=0))
    if slope <= 0:
        raise FitError("differences over more years are no larger than over one: there is no walk to be estimated.")
    rng = np.random.Generator(np.random.Philox(seed))
    picked = rng.integers(len(squares), size=(RESAMPLES, len(squares)))
    slopes = np.array([_line(squares[p].sum(axis=0), numbers[p].sum(axis=0))[1] for p in picked])
    logs = 0.5 * np.log(slopes[slopes > 0])
    apart = np.arange(1, longest + 1)
    total, count = squares.sum(axis=0), numbers.sum(axis=0)
    return Walk(
        sd_step=float(np.sqrt(slope)),
        log_error=float(logs.std(ddof=1)),
        sd_error=float(np.sqrt(max(level, 0.0) / 2)),
        mean_square=[
            [float(k), float(n), float(s / n), float(level + slope * k)]
            for k, s, n in zip(apart, total, count, strict=True) if n > 0
        ],
        common=_common(values) / slope,
        states=len(squares),
        cells=int((~np.isnan(values)).sum()),
        first_year=int(years[0]),
        last_year=int(years[-1]),
    )  # fmt: skip


def _by_state(values: FloatArray, longest: int) -> tuple[FloatArray, FloatArray]:
    """Sums of squares and numbers of the differences, (states, longest) each."""
    squares = np.zeros((values.shape[1], longest))
    numbers = np.zeros_like(squares)
    for k in range(1, min(longest, len(values) - 1) + 1):
        step = values[k:] - values[:-k]
        squares[:, k - 1] = np.nansum(step**2, axis=0)
        numbers[:, k - 1] = (~np.isnan(step)).sum(axis=0)
    return squares, numbers


def _line(squares: FloatArray, numbers: FloatArray) -> tuple[float, float]:
    """Level and slope of the mean squares over the years apart, weighted by their numbers."""
    there = numbers > 0
    k, n = np.arange(1, len(numbers) + 1)[there], numbers[there]
    y = squares[there] / n
    mean_k, mean_y = (n @ k) / n.sum(), (n @ y) / n.sum()
    slope = float((n * (k - mean_k)) @ y / ((n * (k - mean_k)) @ k))
    return float(mean_y - slope * mean_k), slope


def _common(values: FloatArray) -> float:
    """Variance of the mean step of a year over states, less the share that independent steps have in it."""
    step = values[1:] - values[:-1]
    number = (~np.isnan(step)).sum(axis=1)
    step, number = step[number > 1], number[number > 1]
    means, spread = np.nanmean(step, axis=1), np.nanvar(step, axis=1, ddof=1) / number
    return float(max(means.var(ddof=1) - spread.mean(), 0.0))


FEWEST_YEARS: Final = 3
"""A state observed in fewer years tells nothing of a movement against its own level."""
NO_ERROR: Final = 1e-3
"""Below this share of the innovations' standard deviation the measurement error counts as none."""
LARGEST_PHI: Final = 0.9995
"""At φ = 1 the level of a state and its start cannot be told apart, so φ is held a little below."""
AT_BOUND: Final = 1e-4
STEP: Final = 1e-4


@dataclass(frozen=True)
class StateSpace:
    """Estimates with standard errors.

    `effects`, `errors` (from the Hessian) and `clustered` (by state, given φ and the variances) are (events,), in the order of
    the columns given. What lies at a bound has no error.
    """

    phi: float
    phi_error: float
    effects: FloatArray
    errors: FloatArray
    clustered: FloatArray
    sd_innovation: float
    sd_measurement: float
    log_sd_errors: FloatArray
    """Standard errors of log σ_w and log σ_e; NaN at a bound."""
    loglik: float
    cells: int
    states: int
    status: str


@dataclass(frozen=True)
class _Passed:
    """Sums of one pass of the filter, per state: S (states, k, k), s (states, k), q and logdet (states,), cells (states,)."""

    S: FloatArray
    s: FloatArray
    q: FloatArray
    logdet: FloatArray
    cells: FloatArray


def _kept(z: FloatArray) -> BoolArray:
    """States with enough observed years, (states,); `z` is (years, states), NaN where missing."""
    return np.asarray((~np.isnan(z)).sum(axis=0) >= FEWEST_YEARS, dtype=np.bool_)


def _filtered(z: FloatArray, events: FloatArray, phi: float, noise: float, start: float) -> _Passed:
    """One pass of the filter over all states, variances in units of σ_w².

    Parameters
    ----------
    z : (years, states), NaN where missing
    events : (years, states, r) events of a year, which move x of the year after
    noise : σ_e²/σ_w²
    start : σ_a²/σ_w²
    """
    return _Passed(
        *_pass(np.ascontiguousarray(z.T), np.ascontiguousarray(events.transpose(1, 0, 2)), phi, noise, start)
    )


@njit(cache=True)
def _pass(
    z: FloatArray, events: FloatArray, phi: float, noise: float, start: float
) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray, FloatArray]:
    """The same on (states, years) and (states, years, r): state by state, sums of `_Passed`."""
    states, years = z.shape
    k = 2 + events.shape[2]
    S, s = np.zeros((states, k, k)), np.zeros((states, k))
    q, logdet, cells = np.zeros(states), np.zeros(states), np.zeros(states)
    x = np.zeros(k)
    for i in range(states):
        begun = False
        P, mean = 0.0, 0.0
        x[:] = 0.0
        for t in range(years):
            seen = not np.isnan(z[i, t])
            if seen and not begun:
                begun = True
                P, x[1] = start, 1.0
            if not begun:
                continue
            if seen:
                # x holds what the columns add to x_it; the level μ adds one in every year.
                x[0] += 1.0
                F = P + noise
                v = z[i, t] - mean
                for a in range(k):
                    s[i, a] += x[a] * v / F
                    for b in range(k):
                        S[i, a, b] += x[a] * x[b] / F
                q[i] += v * v / F
                logdet[i] += np.log(F)
                cells[i] += 1.0
                gain = P / F
                mean += gain * v
                # The columns' own data are nought, so their innovation is minus x.
                for a in range(k):
                    level = 1.0 if a == 0 else 0.0
                    x[a] = x[a] - level - gain * x[a]
                P *= 1.0 - gain
            mean *= phi
            P = phi * phi * P + 1.0
            for a in range(k):
                x[a] *= phi
            for a in range(k - 2):
                x[2 + a] += events[i, t, a]
    return S, s, q, logdet, cells


def _reduced(p: _Passed) -> tuple[FloatArray, FloatArray, float, float, float]:
    """Sums with each state's level swept out: S (k − 1, k − 1), s, q, log-determinant, and cells less states."""
    level = p.S[:, 0, 0]
    cross = p.S[:, 0, 1:]
    S = (p.S[:, 1:, 1:] - cross[:, :, None] * cross[:, None, :] / level[:, None, None]).sum(axis=0)
    s = (p.s[:, 1:] - cross * (p.s[:, 0] / level)[:, None]).sum(axis=0)
    q = float((p.q - p.s[:, 0] ** 2 / level).sum())
    return S, s, q, float((p.logdet + np.log(level)).sum()), float(p.cells.sum() - len(level))


def _loglik(theta: FloatArray, z: FloatArray, events: FloatArray) -> float:
    """Log-likelihood at (φ, a, b…, log σ_w, log σ_e, log σ_a)."""
    r = events.shape[2]
    phi, linear = float(theta[0]), theta[1 : 2 + r]
    w, e, a = np.exp(theta[2 + r :])
    S, s, q, logdet, n = _reduced(_filtered(z, events, phi, float(e / w) ** 2, float(a / w) ** 2))
    rest = q - 2 * float(linear @ s) + float(linear @ S @ linear)
    return float(-0.5 * (n * np.log(2 * np.pi) + n * 2 * np.log(w) + logdet + rest / w**2))


def _unpacked(point: FloatArray) -> tuple[float, float, float]:
    phi = LARGEST_PHI * float(np.tanh(point[0]))
    return phi, float(np.exp(2 * np.clip(point[1], -12, 6))), float(np.exp(2 * np.clip(point[2], -12, 8)))


def _profile(point: FloatArray, z: FloatArray, events: FloatArray) -> tuple[float, FloatArray, float]:
    """Minus twice the profiled log-likelihood without constants, linear effects, σ_w²."""
    S, s, q, logdet, n = _reduced(_filtered(z, events, *_unpacked(point)))
    linear = np.linalg.solve(S, s)
    variance = max((q - float(linear @ s)) / n, 1e-12)
    return float(n * np.log(variance) + logdet), np.asarray(linear, dtype=np.float64), variance


def fit_state_space(z: FloatArray, events: FloatArray) -> StateSpace:
    """Maximum likelihood, standard errors from the Hessian.

    Parameters
    ----------
    z : (years, states) the attribute, NaN where missing; states observed in fewer than three years are left out
    events : (years, states, r) events of a year, which move x of the year after; years before a state's first are not used

    Returns
    -------
    Estimates; `status` is `ok`, `unit_root` (φ at its bound: the attribute wanders and does not come back; the others hold),
    `no_measurement_error` (σ_e at nought; the others hold), `not_identified` (a column without events or of events that move
    together) or `not_converged`.
    """
    keep = _kept(z)
    z, events = z[:, keep], np.asarray(events[:, keep], dtype=np.float64)
    r = events.shape[2]
    none = np.full(r, np.nan)
    cells, states = int((~np.isnan(z)).sum()), int(keep.sum())
    nothing = StateSpace(
        np.nan, np.nan, none, none, none, np.nan, np.nan, np.full(2, np.nan), np.nan, cells, states, ""
    )
    if states < 2:
        return _with(nothing, "not_identified")
    S = _reduced(_filtered(z, events, 0.9, 0.25, 1.0))[0]
    scale = np.sqrt(np.maximum(np.diag(S), 0.0))
    if (scale <= 0).any() or np.linalg.eigvalsh(S / np.outer(scale, scale))[0] < 1e-8:
        return _with(nothing, "not_identified")
    from scipy.optimize import minimize  # takes long to load

    best = None
    for phi, noise in ((0.95, -1.0), (0.6, 0.0)):
        found = minimize(
            lambda p: _profile(p, z, events)[0], np.array([np.arctanh(phi / LARGEST_PHI), noise, 1.0]),
            method="Nelder-Mead", options={"xatol": 1e-5, "fatol": 1e-7, "maxiter": 800},
        )  # fmt: skip
        best = found if best is None or found.fun < best.fun else best
    if best is None or not best.success:
        return _with(nothing, "not_converged")
    phi, noise_ratio, start_ratio = _unpacked(best.x)
    _, linear, variance = _profile(best.x, z, events)
    w = float(np.sqrt(variance))
    e, a = w * float(np.sqrt(noise_ratio)), w * float(np.sqrt(start_ratio))
    theta = np.concatenate([[phi], linear, np.log([w, e, a])])
    free = np.ones(len(theta), np.bool_)
    bounded = e < NO_ERROR * w
    unit_root = phi > LARGEST_PHI - AT_BOUND
    free[0], free[-2] = not unit_root, not bounded
    free[-1] = a >= NO_ERROR * w
    hessian = _hessian(theta, free, z, events)
    try:
        covariance = np.linalg.inv(hessian)
    except np.linalg.LinAlgError:
        return _with(nothing, "not_converged")
    if (np.diag(covariance) <= 0).any():
        return _with(nothing, "not_converged")
    errors = np.full(len(theta), np.nan)
    errors[free] = np.sqrt(np.diag(covariance))
    clustered = _clustered(_filtered(z, events, phi, noise_ratio, start_ratio), linear)
    return StateSpace(
        phi, float(errors[0]), linear[1:], errors[2 : 2 + r], clustered[1:], w, e, errors[2 + r : 4 + r],
        _loglik(theta, z, events), cells, states,
        "unit_root" if unit_root else "no_measurement_error" if bounded else "ok",
    )  # fmt: skip


def _clustered(p: _Passed, linear: FloatArray) -> FloatArray:
    """Standard errors of (a, b…) clustered by state: the sandwich of the states' scores, φ and the variances held."""
    level, cross = p.S[:, 0, 0], p.S[:, 0, 1:]
    S = p.S[:, 1:, 1:] - cross[:, :, None] * cross[:, None, :] / level[:, None, None]
    score = p.s[:, 1:] - cross * (p.s[:, 0] / level)[:, None] - S @ linear
    bread = np.linalg.inv(S.sum(axis=0))
    n = len(level)
    return np.asarray(np.sqrt(np.diag(bread @ (score.T @ score) @ bread) * n / (n - 1)), dtype=np.float64)


def _with(made: StateSpace, status: str) -> StateSpace:
    return replace(made, status=status)


def _hessian(theta: FloatArray, free: BoolArray, z: FloatArray, events: FloatArray) -> FloatArray:
    """Minus the second derivatives of the log-likelihood in the free parameters, by central differences."""
    index = np.flatnonzero(free).tolist()
    n = len(index)
    step = np.where(np.arange(len(theta)) == 0, min(STEP, (1 - abs(theta[0])) / 4), STEP)
    out = np.zeros((n, n))

    def at(*moves: tuple[int, float]) -> float:
        point = theta.copy()
        for which, by in moves:
            point[which] += by
        return _loglik(point, z, events)

    here = at()
    for row, i in enumerate(index):
        h = float(step[i])
        out[row, row] = -(at((i, h)) - 2 * here + at((i, -h))) / h**2
        for column in range(row):
            j = index[column]
            g = float(step[j])
            mixed = at((i, h), (j, g)) - at((i, h), (j, -g)) - at((i, -h), (j, g)) + at((i, -h), (j, -g))
            out[row, column] = out[column, row] = -mixed / (4 * h * g)
    return out
