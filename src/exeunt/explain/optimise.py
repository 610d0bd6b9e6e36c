"""Inner modes and outer minimisation of the Laplace deviance, with exact slopes.

The outer parameters are log σ for each kind of effect (`joint`), and β as well (`laplace`). Slopes come from the implicit
function theorem: the mode moves with the outer parameters, and log |H_bb| moves with the mode.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from exeunt.core.arrays import FloatArray
from exeunt.explain.blocks import Blocks, Factor, Inverse
from exeunt.explain.hazard import Rows, inform, log_determinant_slope, sweep

INNER_TOLERANCE = 1e-11
"""Decrement of the penalised log-likelihood at which a mode is taken as found; early searches are content with less."""
LOOSEST_TOLERANCE = 1e-7
INNER_LIMIT = 100
SMALLEST_SD = 1e-4
LONGEST_STRETCH = 1.0
SLOW = 0.03
"""A step that leaves more than this share of the decrement asks for the information anew."""
OUTER_TOLERANCE = 1e-7
"""Decrease of the deviance still expected when the search ends."""
NOISE = 1e-3
"""Values of the deviance that differ by less are told apart by their slopes."""
OUTER_LIMIT = 100
LONGEST_MOVE = 1.5
PER_EVENT, WORTHWHILE, FEWEST_EVENTS = 20.0, 0.2, 100
"""Rows without event for each event in the sample that gives starting values; largest share; fewest events for one."""


@dataclass
class Point:
    """One evaluation of the deviance: the mode, its pieces and the slope in the outer parameters."""

    phi: FloatArray
    sd: FloatArray
    deviance: float
    slope: FloatArray
    loglik: float
    blocks: Blocks
    """Observed information at the mode, without the penalty."""
    converged: bool
    motion: FloatArray
    """How the mode moves with each outer parameter, (p, m)."""
    curvature: FloatArray
    """Expected curvature of the deviance in log σ, (3, 3)."""

    @property
    def information(self) -> FloatArray:
        """Observed information in (β, b) with the penalty, (p, p)."""
        dense = self.blocks.dense()
        b = self.blocks
        precision = np.repeat(self.sd**-2.0, [len(b.state_body), b.state_body.shape[1], len(b.year_body)])
        at = np.arange(b.k, len(dense))
        dense[at, at] += precision
        return dense

    def ahead(self, move: FloatArray) -> FloatArray:
        """Mode expected after a move of the outer parameters; a long move is trusted for its first stretch only."""
        shortened = move * min(1.0, LONGEST_STRETCH / max(float(np.abs(self.motion @ move).max()), 1e-12))
        return np.asarray(self.phi + self.motion @ shortened, dtype=np.float64)


def _mode(
    rows: Rows,
    start: FloatArray,
    sd: FloatArray,
    joint: bool,
    blocks: Blocks | None = None,
    tolerance: float = INNER_TOLERANCE,
) -> tuple[FloatArray, float, FloatArray, FloatArray, bool]:
    """Penalised mode over (β, b), or over b with β held, by Newton steps with halving.

    Parameters
    ----------
    blocks : observed information at a point nearby; taken anew only where steps by it make slow progress

    Returns
    -------
    phi, log-likelihood, score without the penalty, exp(η) of the ordered rows, and whether it converged.
    """
    first = 0 if joint else rows.k
    precision = np.concatenate([np.zeros(rows.k), np.repeat(sd**-2.0, rows.levels)])
    phi = start.copy()
    loglik, score, mu = sweep(rows, phi)
    objective = loglik - 0.5 * float(precision @ phi**2)
    factor = Factor(blocks, sd**-2.0, joint) if blocks is not None else None
    fresh, before = False, np.inf
    for _ in range(INNER_LIMIT):
        gradient = (score - precision * phi)[first:]
        if factor is None:
            factor, fresh = Factor(inform(rows, mu, True), sd**-2.0, joint), True
        step = factor.solve(gradient)
        decrement = float(gradient @ step)
        if decrement < tolerance:
            return phi, loglik, score, mu, True
        if not fresh and decrement > SLOW * before:
            factor = None
            continue
        scale, moved = 1.0, False
        for _ in range(25):
            trial = phi.copy()
            trial[first:] += scale * step
            new_loglik, new_score, new_mu = sweep(rows, trial)
            new_objective = new_loglik - 0.5 * float(precision @ trial**2)
            if new_objective >= objective - 1e-10 * abs(objective):
                moved = True
                break
            if not fresh:
                break
            scale *= 0.5
        if not moved:
            if fresh:
                return phi, loglik, score, mu, False
            factor = None
            continue
        phi, loglik, score, mu, objective = trial, new_loglik, new_score, new_mu, new_objective
        before, fresh = decrement if scale == 1.0 else 0.0, False
    return phi, loglik, score, mu, False


def laplace(
    rows: Rows, start: FloatArray, log_sd: FloatArray, joint: bool, blocks: Blocks | None = None,
    tolerance: float = INNER_TOLERANCE,
) -> Point:  # fmt: skip
    """Laplace deviance and its slope.

    Parameters
    ----------
    start : (p,) where to start; β is held there unless `joint`
    log_sd : (3,) log standard deviations
    joint : fixed and random effects at their joint mode and expected information in the determinant, as in lme4 with
        `nAGQ = 0`; otherwise β is given and the determinant takes the observed information, as in glmmTMB
    blocks : observed information at a point nearby, to save time
    """
    k, p = rows.k, rows.k + rows.q
    sd = np.maximum(np.exp(log_sd), SMALLEST_SD)
    precision = np.repeat(sd**-2.0, rows.levels)
    phi, loglik, score, mu, converged = _mode(rows, start, sd, joint, blocks, tolerance)
    observed = inform(rows, mu, True)
    effects = Factor(observed if not joint else inform(rows, mu, False, terms=False), sd**-2.0, terms=False)
    inverse = effects.inverse()
    b = phi[k:]
    levels = np.array(rows.levels, dtype=np.float64)
    deviance = -2.0 * loglik + float(precision @ b**2) + float(levels @ np.log(sd**2)) + effects.log_determinant

    change = log_determinant_slope(rows, mu, not joint, inverse)
    pushes = np.zeros((p, 3))
    direct = np.zeros(3)
    begin = 0
    for number, (q, s) in enumerate(zip(rows.levels, sd, strict=True)):
        part = b[begin : begin + q]
        pushes[k + begin : k + begin + q, number] = 2.0 * part / s**2
        direct[number] = 2.0 * q - 2.0 * (float(part @ part) + float(inverse.diagonal[number].sum())) / s**2
        begin += q
    if joint:
        motion = Factor(observed, sd**-2.0, terms=True).solve(pushes)
        slope = direct + change @ motion
    else:
        # The mode of b moves with β too.
        crossed = np.concatenate([observed.beta_state, observed.beta_body, observed.beta_year], axis=1)
        solved = effects.solve(np.column_stack([-crossed.T, pushes[k:]]))
        motion = np.vstack([np.eye(k, k + 3), solved])
        slope = np.concatenate([change[:k] - 2.0 * score[:k], direct]) + change[k:] @ solved
    return Point(phi, sd, deviance, slope, loglik, observed, converged, motion, _curvature(rows, sd, inverse))


def _curvature(rows: Rows, sd: FloatArray, inverse: Inverse) -> FloatArray:
    """Twice the expected information on log σ of the working linear model: 4 (q − 2 tr C/σ² + |C|²/σ⁴)."""
    levels = np.array(rows.levels, dtype=np.float64)
    traces = np.array([float(d.sum()) for d in inverse.diagonal]) / sd**2
    return np.asarray(4.0 * (np.diag(levels - 2.0 * traces) + inverse.squares / np.outer(sd**2, sd**2)))


def _descend(
    function: Callable[[FloatArray], tuple[float, FloatArray]], x: FloatArray, value: float, slope: FloatArray,
    curvature: FloatArray, lower: FloatArray, longest: FloatArray,
) -> tuple[FloatArray, bool]:  # fmt: skip
    """Minimise by a quasi-Newton search from a given curvature, above lower bounds.

    Parameters
    ----------
    value, slope, curvature : of the function at x; values may be wrong by less than NOISE, slopes are trusted further
    longest : (m,) longest move of each parameter in one step

    Returns
    -------
    Where it ended, and whether less than OUTER_TOLERANCE is left to gain there.

    References
    ----------
    Nocedal and Wright (2006), Numerical Optimization, sections 6.1 and 18.3 (BFGS, Powell's damping); Hager and Zhang
    (2005), SIAM Journal on Optimization 16, 170–192 (slopes where values are too coarse).
    """

    def newton(at: FloatArray, gradient: FloatArray) -> FloatArray:
        free = ~((at <= lower) & (gradient > 0))
        step = np.zeros(len(at))
        step[free] = -np.linalg.solve(curvature[np.ix_(free, free)], gradient[free])
        return step

    for _ in range(OUTER_LIMIT):
        step = newton(x, slope)
        left = -float(slope @ step) / 2
        if left < OUTER_TOLERANCE:
            return x, True
        step *= min(1.0, float((longest / np.maximum(np.abs(step), 1e-300)).min()))
        for _ in range(15):
            trial = np.maximum(x + step, lower)
            new_value, new_slope = function(trial)
            expected = float(slope @ (trial - x))
            if new_value <= value + 1e-4 * expected:
                break
            if new_value <= value + NOISE and -float(new_slope @ newton(trial, new_slope)) / 2 < 0.8 * left:
                break
            # Least point of the parabola through both values and the first slope.
            step *= min(max(-expected / (2.0 * max(new_value - value - expected, 1e-12)), 0.1), 0.5)
        else:
            return x, False
        s, y = trial - x, new_slope - slope
        bent = curvature @ s
        sbs, sy = float(s @ bent), float(s @ y)
        if sbs > 0:
            if sy < 0.2 * sbs:
                share = 0.8 * sbs / (sbs - sy)
                y = share * y + (1.0 - share) * bent
            curvature = curvature - np.outer(bent, bent) / sbs + np.outer(y, y) / float(s @ y)
        x, value, slope = trial, new_value, new_slope
    return x, False


class _Search:
    """Laplace deviance as a function of (β, log σ) or of log σ, each evaluation begun where the last one points."""

    def __init__(self, rows: Rows, first: Point, at: FloatArray, joint: bool) -> None:
        self.rows, self.joint = rows, joint
        self.last, self.at = first, at
        self.lowest, self.gain = first.deviance, np.inf
        self.count, self.exact = 0, False

    def __call__(self, theta: FloatArray) -> tuple[float, FloatArray]:
        """Value and slope."""
        start = self.last.ahead(theta - self.at)
        if not self.joint:
            start[: self.rows.k] = theta[: self.rows.k]
        # The error of a deviance is about the root of the decrement left; it must vanish beside what a step gains.
        tolerance = min(max(INNER_TOLERANCE, 1e-8 * self.gain**2), LOOSEST_TOLERANCE)
        self.last, self.at = (
            laplace(self.rows, start, theta[-3:], self.joint, self.last.blocks, tolerance),
            theta.copy(),
        )
        self.count, self.exact = self.count + 1, tolerance == INNER_TOLERANCE
        self.gain = abs(self.lowest - self.last.deviance)
        self.lowest = min(self.lowest, self.last.deviance)
        return self.last.deviance, self.last.slope

    def run(self, curvature: FloatArray, lower: FloatArray, longest: FloatArray) -> Point:
        """Descend from the first point; returns where it ended, evaluated exactly."""
        x, ended = _descend(self, self.at, self.last.deviance, self.last.slope, curvature, lower, longest)
        if not (self.exact and np.array_equal(self.at, x)):
            self.gain = 0.0
            self(x)
        self.last.converged &= ended
        return self.last


def minimise(rows: Rows, criterion: str, start_sd: FloatArray | None = None) -> tuple[Point, int]:
    """Minimise the Laplace deviance; returns the best point and the number of evaluations on all rows.

    `joint` runs over log σ; `laplace` starts there and runs over (β, log σ). Where events are rare the search begins on all
    events and a weighted sample of the other rows, which chooses the starting values and nothing else.
    """
    k, p = rows.k, rows.k + rows.q
    floor = np.full(3, np.log(SMALLEST_SD))
    few = _thinned(rows)
    if few is not None and start_sd is None:
        near, _ = minimise(few, "joint")
        phi, log_sd = near.phi, np.log(near.sd)
    else:
        phi = np.zeros(p)
        phi[0] = np.log(max(float((rows.weight * rows.event).sum() / rows.weight.sum()), 1e-12))
        log_sd = np.log(start_sd if start_sd is not None else np.full(3, 0.7))
    first = laplace(rows, phi, log_sd, joint=True, tolerance=LOOSEST_TOLERANCE)
    search = _Search(rows, first, log_sd, joint=True)
    best = search.run(_raised(first.curvature), floor, np.full(3, LONGEST_MOVE))
    if criterion == "joint":
        return best, search.count + 1
    theta = np.concatenate([best.phi[:k], search.at])
    first = laplace(rows, best.phi, search.at, False, best.blocks)
    curvature = np.zeros((k + 3, k + 3))
    crossed = np.concatenate([first.blocks.beta_state, first.blocks.beta_body, first.blocks.beta_year], axis=1)
    curvature[:k, :k] = 2.0 * (first.blocks.beta_beta + crossed @ first.motion[k:, :k])
    curvature[k:, k:] = _raised(first.curvature)
    full = _Search(rows, first, theta, joint=False)
    lower, longest = np.full(k + 3, -np.inf), np.full(k + 3, 3.0)
    lower[k:], longest[k:] = floor, LONGEST_MOVE
    return full.run(curvature, lower, longest), search.count + full.count + 2


def _thinned(rows: Rows) -> Rows | None:
    """All events and a weighted sample of the other rows, PER_EVENT to an event; None where that would save little."""
    events = rows.event > 0.5
    share = PER_EVENT * float(events.sum()) / max(float((~events).sum()), 1.0)
    if share > WORTHWHILE or int(events.sum()) < FEWEST_EVENTS:
        return None
    drawn = np.random.Generator(np.random.Philox(1)).random(len(events))
    keep = np.flatnonzero(events | (drawn < share))
    weight = np.where(events[keep], 1.0, 1.0 / share) * rows.weight[keep]
    return Rows(rows.X[keep], rows.event[keep], weight, rows.group[keep], rows.levels, rows.link)


def _raised(curvature: FloatArray) -> FloatArray:
    """The same with its eigenvalues at least 1: an effect without spread has a flat direction."""
    values, vectors = np.linalg.eigh(curvature)
    return np.asarray((vectors * np.maximum(values, 1.0)) @ vectors.T)
