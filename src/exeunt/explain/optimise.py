"""Inner modes and outer minimisation of the Laplace deviance, with exact slopes.

The outer parameters are log σ for each kind of effect (`joint`), and β as well (`laplace`). Slopes come from the implicit
function theorem: the mode moves with the outer parameters, and log |H_bb| moves with the mode.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import LinAlgError, cho_factor, cho_solve
from scipy.optimize import minimize

from exeunt.explain.hazard import Rows, evaluate, log_determinant_slope

FloatArray = NDArray[np.float64]
INNER_TOLERANCE = 1e-11
INNER_LIMIT = 60
SMALLEST_SD = 1e-4
LONGEST_STRETCH = 1.0


@dataclass
class Point:
    """One evaluation of the deviance: the mode, its pieces and the slope in the outer parameters."""

    phi: FloatArray
    sd: FloatArray
    deviance: float
    slope: FloatArray
    loglik: float
    information: FloatArray
    """Observed information in (β, b) with the penalty, (p, p)."""
    converged: bool
    motion: FloatArray
    """How the mode moves with each outer parameter, (p, m)."""

    def ahead(self, move: FloatArray) -> FloatArray:
        """Mode expected after a move of the outer parameters; a long move is trusted for its first stretch only."""
        shortened = move * min(1.0, LONGEST_STRETCH / max(float(np.abs(self.motion @ move).max()), 1e-12))
        return np.asarray(self.phi + self.motion @ shortened, dtype=np.float64)


def penalty(rows: Rows, sd: FloatArray) -> FloatArray:
    """Diagonal of the prior precision over (β, b): zeros for β, then 1/σ² for each effect."""
    return np.concatenate([np.zeros(rows.k), *[np.full(q, s**-2) for q, s in zip(rows.levels, sd, strict=True)]])


def factorise(matrix: FloatArray) -> tuple[FloatArray, bool]:
    """Cholesky factor of an information matrix.

    Where a separated term has left a direction without information the diagonal is raised until the factor exists; the
    fit then runs off along that direction and is reported as separated or not converged.
    """
    ridge = 0.0
    while True:
        try:
            raised = matrix if ridge == 0.0 else matrix + ridge * np.eye(len(matrix))
            factor: tuple[FloatArray, bool] = cho_factor(raised, lower=True, check_finite=False)
            return factor
        except LinAlgError:
            ridge = max(10.0 * ridge, 1e-10 * float(np.diag(matrix).mean()))


def mode(
    rows: Rows, start: FloatArray, sd: FloatArray, free: slice, observed: bool
) -> tuple[FloatArray, float, FloatArray, FloatArray, bool]:
    """Penalised mode over `free` coordinates of (β, b), by Newton or Fisher scoring with step halving.

    Returns
    -------
    phi, log-likelihood, score and information without the penalty at phi, and whether it converged.
    """
    precision = penalty(rows, sd)
    phi = start.copy()
    loglik, score, info = evaluate(rows, phi, observed)
    objective = loglik - 0.5 * float(precision @ phi**2)
    for _ in range(INNER_LIMIT):
        gradient = (score - precision * phi)[free]
        hessian = info[free, free] + np.diag(precision[free])
        step = cho_solve(factorise(hessian), gradient, check_finite=False)
        decrement = float(gradient @ step)
        if decrement < INNER_TOLERANCE:
            return phi, loglik, score, info, True
        scale = 1.0
        for _ in range(25):
            trial = phi.copy()
            trial[free] += scale * step
            new_loglik, new_score, new_info = evaluate(rows, trial, observed)
            new_objective = new_loglik - 0.5 * float(precision @ trial**2)
            if new_objective >= objective - 1e-10 * abs(objective):
                break
            scale *= 0.5
        else:
            return phi, loglik, score, info, False
        phi, loglik, score, info, objective = trial, new_loglik, new_score, new_info, new_objective
    return phi, loglik, score, info, False


def laplace(rows: Rows, start: FloatArray, log_sd: FloatArray, joint: bool) -> Point:
    """Laplace deviance and its slope.

    Parameters
    ----------
    start : (p,) where to start; β is held there unless `joint`
    log_sd : (3,) log standard deviations
    joint : fixed and random effects at their joint mode and expected information in the determinant, as in lme4 with
        `nAGQ = 0`; otherwise β is given and the determinant takes the observed information, as in glmmTMB
    """
    k, p = rows.k, rows.k + rows.q
    sd = np.maximum(np.exp(log_sd), SMALLEST_SD)
    precision = penalty(rows, sd)
    free = slice(0, p) if joint else slice(k, p)
    phi, loglik, score, info, converged = mode(rows, start, sd, free, observed=not joint)
    observed = evaluate(rows, phi, True)[2] if joint else info
    effects = slice(k, p)
    h_bb = info[effects, effects] + np.diag(precision[k:])
    factor = factorise(h_bb)
    log_determinant = 2.0 * float(np.log(np.diag(factor[0])).sum())
    inverse = cho_solve(factor, np.eye(p - k), check_finite=False)
    b = phi[k:]
    quadratic = float(precision[k:] @ b**2)
    levels = np.array(rows.levels, dtype=np.float64)
    deviance = -2.0 * loglik + quadratic + float(levels @ np.log(sd**2)) + log_determinant

    full = observed + np.diag(precision)
    moved = full if joint else full[effects, effects]
    moved_factor = factorise(moved) if joint else factor
    change = log_determinant_slope(rows, phi, not joint, inverse)
    change_free = change if joint else change[k:]
    pulled = cho_solve(moved_factor, change_free, check_finite=False)
    offset = k if joint else 0
    slopes = []
    begin = 0
    pushes = np.zeros((p, 3))
    for number, (q, s) in enumerate(zip(rows.levels, sd, strict=True)):
        part = slice(begin, begin + q)
        direct = -2.0 * float(b[part] @ b[part]) / s**2 + 2.0 * q - 2.0 * float(np.trace(inverse[part, part])) / s**2
        push = 2.0 * b[part] / s**2
        pushes[k + begin : k + begin + q, number] = push
        slopes.append(direct + float(pulled[offset + begin : offset + begin + q] @ push))
        begin += q
    slope = np.array(slopes)
    motion = np.zeros((p, 3))
    motion[free] = cho_solve(moved_factor, pushes[free], check_finite=False)
    if not joint:
        slope_beta = -2.0 * score[:k] + change[:k] - full[:k, effects] @ pulled
        slope = np.concatenate([slope_beta, slope])
        with_beta = np.zeros((p, k))
        with_beta[:k] = np.eye(k)
        with_beta[k:] = -cho_solve(moved_factor, full[effects, :k], check_finite=False)
        motion = np.column_stack([with_beta, motion])
    return Point(phi, sd, deviance, slope, loglik, full, converged, motion)


def minimise(rows: Rows, criterion: str, start_sd: FloatArray | None = None) -> tuple[Point, int]:
    """Minimise the Laplace deviance; returns the best point and the number of evaluations.

    `joint` runs over log σ; `laplace` starts there and runs over (β, log σ), rescaled by the spread of the joint fit.
    """
    k, p = rows.k, rows.k + rows.q
    phi = np.zeros(p)
    mean = float((rows.weight * rows.event).sum() / rows.weight.sum())
    phi[0] = np.log(max(mean, 1e-12))
    log_sd = np.log(start_sd if start_sd is not None else np.full(3, 0.7))
    best: list[Point] = []
    count = 0

    def keep(point: Point) -> None:
        nonlocal count
        count += 1
        if not best or point.deviance < best[0].deviance:
            best[:] = [point]

    last: list[tuple[Point, FloatArray]] = []

    def over_sd(theta: FloatArray) -> tuple[float, FloatArray]:
        start = last[0][0].ahead(theta - last[0][1]) if last else phi
        point = laplace(rows, start, theta, joint=True)
        last[:] = [(point, theta.copy())]
        keep(point)
        return point.deviance, point.slope

    # Start where the curvature of 2 q log σ puts a sensible first step.
    result = minimize(
        over_sd, log_sd, jac=True, method="L-BFGS-B", bounds=[(np.log(SMALLEST_SD), 3.0)] * 3,
        options={"ftol": 1e-11, "gtol": 1e-4, "maxiter": 60},
    )  # fmt: skip
    if criterion == "joint":
        return best[0], count
    joint = best[0]
    spread = np.sqrt(np.diag(np.linalg.inv(joint.information))[:k])
    scale = np.concatenate([spread, np.full(3, 0.1)])
    origin = np.concatenate([joint.phi[:k], result.x])
    best.clear()
    last.clear()

    def over_all(z: FloatArray) -> tuple[float, FloatArray]:
        theta = origin + scale * z
        start = last[0][0].ahead(theta - last[0][1]) if last else joint.phi.copy()
        start[:k] = theta[:k]
        point = laplace(rows, start, np.maximum(theta[k:], np.log(SMALLEST_SD)), joint=False)
        last[:] = [(point, theta.copy())]
        keep(point)
        return point.deviance, point.slope * scale

    minimize(
        over_all,
        np.zeros(k + 3),
        jac=True,
        method="L-BFGS-B",
        options={"ftol": 1e-12, "gtol": 1e-4, "maxiter": 100},
    )
    return best[0], count
