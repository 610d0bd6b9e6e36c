"""The crossed-effects discrete-time hazard: pure array kernels.

Model, for row n with terms x_n, state i, body j and year t:

    P(event) = 1 − exp(−exp(η)),   η = x'β + u_i + w_j + y_t,   u ~ N(0, σ_u²), w ~ N(0, σ_w²), y ~ N(0, σ_y²)

(complementary log-log: β are log rate ratios), or the logit of the same η. With b = (u, w, y) stacked and H_bb the
information of the penalised log-likelihood in b, the Laplace deviance is

    D = −2 ℓ(β, b̂) + Σ_f |b̂_f|² / σ_f² + Σ_f q_f log σ_f² + log |H_bb|.

Row kernels are compiled; one pass over the rows gives the log-likelihood, the score and every block of the information,
so that nothing of size rows × effects is ever formed.

References
----------
Prentice and Gloeckler (1978), Biometrics 34, 57–67 (grouped-time hazard); Bates, Mächler, Bolker and Walker (2015),
Journal of Statistical Software 67(1) (penalised iteratively reweighted least squares and the Laplace deviance).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numba import njit
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int32]
CLOGLOG: Final = 0
LOGIT: Final = 1
LINKS: Final = {"cloglog": CLOGLOG, "logit": LOGIT}
EFFECTS: Final = ("state", "body", "year")


@dataclass(frozen=True)
class Rows:
    """The rows of a design.

    Parameters
    ----------
    X : (n, k) terms, the first column the intercept
    event : (n,) 1.0 where the step happened
    weight : (n,) weights of the log-likelihood
    group : (n, 3) indices of state, body and year
    levels : number of states, bodies and years
    link : CLOGLOG or LOGIT
    """

    X: FloatArray
    event: FloatArray
    weight: FloatArray
    group: IntArray
    levels: tuple[int, int, int]
    link: int = CLOGLOG

    @property
    def k(self) -> int:
        """Number of fixed terms, intercept included."""
        return int(self.X.shape[1])

    @property
    def q(self) -> int:
        """Number of effects."""
        return sum(self.levels)

    @property
    def starts(self) -> tuple[int, int, int]:
        """Where the effects of state, body and year begin in the vector (β, b)."""
        s, b, _ = self.levels
        return self.k, self.k + s, self.k + s + b


@njit(cache=True, fastmath=False)
def _row(eta: float, event: float, link: int, observed: bool) -> tuple[float, float, float, float]:
    """Log-likelihood of one row, its slope, its information and the slope of that information in η.

    `observed` chooses minus the second derivative; otherwise its expectation.
    """
    if link == 0:
        lam = np.exp(eta)
        if observed and event < 0.5:
            return -lam, -lam, lam, lam
        if lam > 0.01:
            r = lam / np.expm1(lam)
        else:
            # Bernoulli series of λ/(e^λ − 1); the next term is below 1e-12 of it.
            r = 1.0 - 0.5 * lam + lam * lam / 12.0 - lam * lam * lam * lam / 720.0
        dr = r * (1.0 - lam - r)
        if event > 0.5:
            ll = np.log(-np.expm1(-lam))
            slope = r
        else:
            ll = -lam
            slope = -lam
        if not observed:
            return ll, slope, lam * r, lam * r + lam * dr
        return ll, slope, -dr, -(dr * (1.0 - lam - r) + r * (-lam - dr))
    p = 1.0 / (1.0 + np.exp(-eta))
    ll = -np.log1p(np.exp(-eta)) if event > 0.5 else -np.log1p(np.exp(eta))
    info = p * (1.0 - p)
    return ll, event - p, info, info * (1.0 - 2.0 * p)


@njit(cache=True)
def _accumulate(
    X: FloatArray, event: FloatArray, weight: FloatArray, group: IntArray, phi: FloatArray, k: int, s0: int, b0: int,
    t0: int, link: int, observed: bool, score: FloatArray, beta_beta: FloatArray, effect_beta: FloatArray,
    diagonal: FloatArray, state_body: FloatArray, state_year: FloatArray, body_year: FloatArray,
) -> float:  # fmt: skip
    """One pass over the rows; returns the log-likelihood.

    Fills the score (p,) and the blocks of the information: beta_beta (k, k) above the diagonal, effect_beta (q, k), the
    diagonal of the effects (q,), and the three crossed blocks. They stay small enough for the processor's cache.
    """
    total = 0.0
    wx = np.empty(k)
    for n in range(X.shape[0]):
        gi, gj, gt = group[n, 0], group[n, 1], group[n, 2]
        i, j, t = s0 + gi, b0 + gj, t0 + gt
        eta = phi[i] + phi[j] + phi[t]
        for a in range(k):
            eta += X[n, a] * phi[a]
        eta = min(max(eta, -30.0), 30.0)
        ll, slope, w, _ = _row(eta, event[n], link, observed)
        total += weight[n] * ll
        slope *= weight[n]
        w *= weight[n]
        for a in range(k):
            score[a] += slope * X[n, a]
            wx[a] = w * X[n, a]
        score[i] += slope
        score[j] += slope
        score[t] += slope
        for a in range(k):
            va = wx[a]
            for c in range(a, k):
                beta_beta[a, c] += va * X[n, c]
        for a in range(k):
            effect_beta[i - k, a] += wx[a]
            effect_beta[j - k, a] += wx[a]
            effect_beta[t - k, a] += wx[a]
        diagonal[i - k] += w
        diagonal[j - k] += w
        diagonal[t - k] += w
        state_body[gi, gj] += w
        state_year[gi, gt] += w
        body_year[gj, gt] += w
    return total


@njit(cache=True)
def _leverage(
    X: FloatArray, event: FloatArray, weight: FloatArray, group: IntArray, phi: FloatArray, k: int, s0: int, b0: int,
    t0: int, link: int, observed: bool, inverse: FloatArray, out: FloatArray,
) -> None:  # fmt: skip
    """Adds W′ z'H⁻¹z (x, z) over the rows: the slope of log |H_bb| in (β, b). `inverse` is H_bb⁻¹, k rows short."""
    for n in range(X.shape[0]):
        i, j, t = s0 + group[n, 0], b0 + group[n, 1], t0 + group[n, 2]
        eta = phi[i] + phi[j] + phi[t]
        for a in range(k):
            eta += X[n, a] * phi[a]
        eta = min(max(eta, -30.0), 30.0)
        _, _, _, dw = _row(eta, event[n], link, observed)
        h = (
            inverse[i - k, i - k] + inverse[j - k, j - k] + inverse[t - k, t - k]
            + 2.0 * (inverse[i - k, j - k] + inverse[i - k, t - k] + inverse[j - k, t - k])
        )  # fmt: skip
        v = weight[n] * dw * h
        for a in range(k):
            out[a] += v * X[n, a]
        out[i] += v
        out[j] += v
        out[t] += v


@njit(cache=True)
def _predict(
    X: FloatArray, group: IntArray, phi: FloatArray, k: int, s0: int, b0: int, t0: int, link: int
) -> FloatArray:
    out = np.empty(X.shape[0])
    for n in range(X.shape[0]):
        eta = phi[s0 + group[n, 0]] + phi[b0 + group[n, 1]] + phi[t0 + group[n, 2]]
        for a in range(k):
            eta += X[n, a] * phi[a]
        eta = min(max(eta, -30.0), 30.0)
        out[n] = -np.expm1(-np.exp(eta)) if link == 0 else 1.0 / (1.0 + np.exp(-eta))
    return out


def evaluate(rows: Rows, phi: FloatArray, observed: bool) -> tuple[float, FloatArray, FloatArray]:
    """Log-likelihood, score (p,) and information (p, p) of the rows at (β, b), p = k + q; no penalty included."""
    k, q = rows.k, rows.q
    p = k + q
    states, bodies, years = rows.levels
    s0, b0, t0 = rows.starts
    score = np.zeros(p)
    beta_beta, effect_beta, diagonal = np.zeros((k, k)), np.zeros((q, k)), np.zeros(q)
    state_body, state_year = np.zeros((states, bodies)), np.zeros((states, years))
    body_year = np.zeros((bodies, years))
    total = _accumulate(
        rows.X, rows.event, rows.weight, rows.group, phi, k, s0, b0, t0, rows.link, observed, score, beta_beta,
        effect_beta, diagonal, state_body, state_year, body_year,
    )  # fmt: skip
    info = np.zeros((p, p))
    info[:k, :k] = np.triu(beta_beta) + np.triu(beta_beta, 1).T
    info[k:, :k] = effect_beta
    info[:k, k:] = effect_beta.T
    info[s0:b0, b0:t0] = state_body
    info[b0:t0, s0:b0] = state_body.T
    info[s0:b0, t0:] = state_year
    info[t0:, s0:b0] = state_year.T
    info[b0:t0, t0:] = body_year
    info[t0:, b0:t0] = body_year.T
    info[np.arange(k, p), np.arange(k, p)] = diagonal
    return float(total), score, info


def log_determinant_slope(rows: Rows, phi: FloatArray, observed: bool, inverse: FloatArray) -> FloatArray:
    """Slope of log |H_bb| in (β, b), (p,), with the penalty held."""
    out = np.zeros(rows.k + rows.q)
    _leverage(
        rows.X,
        rows.event,
        rows.weight,
        rows.group,
        phi,
        rows.k,
        *rows.starts,
        rows.link,
        observed,
        inverse,
        out,
    )
    return out


def probabilities(rows: Rows, phi: FloatArray) -> FloatArray:
    """Probability of the event in each row at (β, b), (n,)."""
    return np.asarray(_predict(rows.X, rows.group, phi, rows.k, *rows.starts, rows.link), dtype=np.float64)
