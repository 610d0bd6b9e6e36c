"""The crossed-effects discrete-time hazard: pure array kernels.

Model, for row n with terms x_n, state i, body j and year t:

    P(event) = 1 − exp(−exp(η)),   η = x'β + u_i + w_j + y_t,   u ~ N(0, σ_u²), w ~ N(0, σ_w²), y ~ N(0, σ_y²)

(complementary log-log: β are log rate ratios), or the logit of the same η. With b = (u, w, y) stacked and H_bb the
information of the penalised log-likelihood in b, the Laplace deviance is

    D = −2 ℓ(β, b̂) + Σ_f |b̂_f|² / σ_f² + Σ_f q_f log σ_f² + log |H_bb|.

Row kernels are compiled. A sweep gives the log-likelihood, the score and exp(η); the blocks of the information and the slope of
its determinant are formed from exp(η) only where they are needed. Nothing of size rows × effects is ever formed.

References
----------
Prentice and Gloeckler (1978), Biometrics 34, 57–67 (grouped-time hazard); Bates, Mächler, Bolker and Walker (2015),
Journal of Statistical Software 67(1) (penalised iteratively reweighted least squares and the Laplace deviance).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
from numba import njit

from exeunt.core.arrays import FloatArray, Int32Array
from exeunt.explain.blocks import Blocks, Inverse

CLOGLOG: Final = 0
LOGIT: Final = 1
LINKS: Final = {"cloglog": CLOGLOG, "logit": LOGIT}
EFFECTS: Final = ("state", "body", "year")
BLOCK: Final = 256
"""Rows taken together: few enough for the processor's first cache."""
LARGEST_ETA: Final = 30.0


@dataclass(frozen=True)
class _Ordered:
    """Columns of the rows sorted by year and state: X (k, n), the others (n,)."""

    X: FloatArray
    event: FloatArray
    weight: FloatArray
    state: Int32Array
    body: Int32Array
    year: Int32Array


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
    group: Int32Array
    levels: tuple[int, int, int]
    link: int = CLOGLOG

    @cached_property
    def ordered(self) -> _Ordered:
        """The rows sorted by year and state, one array a column, as the kernels read them."""
        state, body, year = (np.ascontiguousarray(self.group[:, c]) for c in range(3))
        key = year.astype(np.int64) * self.levels[0] + state
        if bool((key[1:] >= key[:-1]).all()):
            return _Ordered(np.ascontiguousarray(self.X.T), self.event, self.weight, state, body, year)
        order = np.argsort(key, kind="stable")
        X = np.ascontiguousarray(self.X[order].T)
        return _Ordered(X, self.event[order], self.weight[order], state[order], body[order], year[order])

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
def _row_at(lam: float, event: float, link: int, observed: bool) -> tuple[float, float, float, float]:
    """Log-likelihood of one row at λ = exp(η), its slope, its information and the slope of that information in η.

    `observed` chooses minus the second derivative; otherwise its expectation.
    """
    if link == 0:
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
    p = lam / (1.0 + lam)
    ll = -np.log1p(1.0 / lam) if event > 0.5 else -np.log1p(lam)
    info = p * (1.0 - p)
    return ll, event - p, info, info * (1.0 - 2.0 * p)


@njit(cache=True, fastmath=False)
def _row(eta: float, event: float, link: int, observed: bool) -> tuple[float, float, float, float]:
    """`_row_at` at η."""
    return _row_at(np.exp(eta), event, link, observed)


@njit(cache=True, fastmath={"reassoc", "contract"})
def _sweep(
    X: FloatArray, event: FloatArray, weight: FloatArray, state: Int32Array, body: Int32Array, year: Int32Array,
    phi: FloatArray, s0: int, b0: int, t0: int, link: int, mu: FloatArray, score: FloatArray,
) -> float:  # fmt: skip
    """Log-likelihood at φ; fills exp(η) in `mu` (n,) and the score (p,). `X` is (k, n), rows sorted by year and state."""
    k, n = X.shape
    eta, slope = np.empty(BLOCK), np.empty(BLOCK)
    total = 0.0
    for first in range(0, n, BLOCK):
        size = min(BLOCK, n - first)
        for m in range(size):
            eta[m] = phi[s0 + state[first + m]] + phi[b0 + body[first + m]] + phi[t0 + year[first + m]]
        for a in range(k):
            x, value = X[a, first : first + size], phi[a]
            for m in range(size):
                eta[m] += value * x[m]
        for m in range(size):
            mu[first + m] = np.exp(min(max(eta[m], -LARGEST_ETA), LARGEST_ETA))
        for m in range(size):
            lam = mu[first + m]
            if link == 0 and event[first + m] < 0.5:
                ll, slope[m] = -lam, -lam
            else:
                ll, slope[m], _, _ = _row_at(lam, event[first + m], link, True)
            total += weight[first + m] * ll
            slope[m] *= weight[first + m]
        for a in range(k):
            x, part = X[a, first : first + size], 0.0
            for m in range(size):
                part += slope[m] * x[m]
            score[a] += part
        m = 0
        while m < size:
            i, t, part = state[first + m], year[first + m], 0.0
            while m < size and state[first + m] == i and year[first + m] == t:
                part += slope[m]
                score[b0 + body[first + m]] += slope[m]
                m += 1
            score[s0 + i] += part
            score[t0 + t] += part
    return total


@njit(cache=True, fastmath={"reassoc", "contract"})
def _inform(
    X: FloatArray, event: FloatArray, weight: FloatArray, state: Int32Array, body: Int32Array, year: Int32Array, mu: FloatArray,
    link: int, observed: bool, terms: bool, beta_beta: FloatArray, beta_state: FloatArray, beta_body: FloatArray,
    beta_year: FloatArray, state_body: FloatArray, state_year: FloatArray, body_year: FloatArray,
) -> None:  # fmt: skip
    """Adds the blocks of the information where exp(η) is `mu`; those with β only if `terms`.

    Rows of one state and year stand together, so their sums are formed in a register and written once.
    """
    k, n = X.shape
    w, wx = np.empty(BLOCK), np.empty((k, BLOCK))
    for first in range(0, n, BLOCK):
        size = min(BLOCK, n - first)
        for m in range(size):
            lam = mu[first + m]
            if link == 0 and event[first + m] < 0.5 and observed:
                w[m] = weight[first + m] * lam
            else:
                w[m] = weight[first + m] * _row_at(lam, event[first + m], link, observed)[2]
        if terms:
            for a in range(k):
                x, to, along = X[a, first : first + size], beta_body[a], wx[a]
                for m in range(size):
                    along[m] = w[m] * x[m]
                for m in range(size):
                    to[body[first + m]] += along[m]
                for c in range(a + 1):
                    z, part = X[c, first : first + size], 0.0
                    for m in range(size):
                        part += along[m] * z[m]
                    beta_beta[a, c] += part
        m = 0
        while m < size:
            i, t, start, part = state[first + m], year[first + m], m, 0.0
            row_body, row_year = state_body[i], body_year[t]
            while m < size and state[first + m] == i and year[first + m] == t:
                part += w[m]
                row_body[body[first + m]] += w[m]
                row_year[body[first + m]] += w[m]
                m += 1
            state_year[i, t] += part
            if terms:
                for a in range(k):
                    along, part = wx[a], 0.0
                    for r in range(start, m):
                        part += along[r]
                    beta_state[a, i] += part
                    beta_year[a, t] += part


@njit(cache=True, fastmath={"reassoc", "contract"})
def _leverage(
    X: FloatArray, event: FloatArray, weight: FloatArray, state: Int32Array, body: Int32Array, year: Int32Array, mu: FloatArray,
    s0: int, b0: int, t0: int, link: int, observed: bool, of_state: FloatArray, of_body: FloatArray, of_year: FloatArray,
    state_body: FloatArray, state_year: FloatArray, year_body: FloatArray, out: FloatArray,
) -> None:  # fmt: skip
    """Adds W′ z'H⁻¹z (x, z) over the rows: the slope of log |H_bb| in (β, b).

    `of_*` are the diagonal of H_bb⁻¹ by effect, the others its crossed blocks.
    """
    k, n = X.shape
    v = np.empty(BLOCK)
    for first in range(0, n, BLOCK):
        size = min(BLOCK, n - first)
        m = 0
        while m < size:
            i, t, part = state[first + m], year[first + m], 0.0
            base = of_state[i] + of_year[t] + 2.0 * state_year[i, t]
            row_state, row_year = state_body[i], year_body[t]
            while m < size and state[first + m] == i and year[first + m] == t:
                lam, j = mu[first + m], body[first + m]
                if link == 0 and event[first + m] < 0.5 and observed:
                    dw = lam
                else:
                    dw = _row_at(lam, event[first + m], link, observed)[3]
                v[m] = weight[first + m] * dw * (base + of_body[j] + 2.0 * (row_state[j] + row_year[j]))
                out[b0 + j] += v[m]
                part += v[m]
                m += 1
            out[s0 + i] += part
            out[t0 + t] += part
        for a in range(k):
            x, part = X[a, first : first + size], 0.0
            for m in range(size):
                part += v[m] * x[m]
            out[a] += part


@njit(cache=True)
def _slopes(event: FloatArray, weight: FloatArray, mu: FloatArray, link: int) -> FloatArray:
    out = np.empty(len(event))
    for n in range(len(event)):
        out[n] = weight[n] * _row_at(mu[n], event[n], link, True)[1]
    return out


@njit(cache=True)
def _predict(
    X: FloatArray, group: Int32Array, phi: FloatArray, k: int, s0: int, b0: int, t0: int, link: int
) -> FloatArray:
    out = np.empty(X.shape[0])
    for n in range(X.shape[0]):
        eta = phi[s0 + group[n, 0]] + phi[b0 + group[n, 1]] + phi[t0 + group[n, 2]]
        for a in range(k):
            eta += X[n, a] * phi[a]
        eta = min(max(eta, -LARGEST_ETA), LARGEST_ETA)
        out[n] = -np.expm1(-np.exp(eta)) if link == 0 else 1.0 / (1.0 + np.exp(-eta))
    return out


def sweep(rows: Rows, phi: FloatArray) -> tuple[float, FloatArray, FloatArray]:
    """Log-likelihood, score (p,) and exp(η) of the ordered rows (n,) at (β, b); no penalty included."""
    o = rows.ordered
    mu, score = np.empty(len(o.event)), np.zeros(rows.k + rows.q)
    total = _sweep(o.X, o.event, o.weight, o.state, o.body, o.year, phi, *rows.starts, rows.link, mu, score)
    return float(total), score, mu


def inform(rows: Rows, mu: FloatArray, observed: bool, terms: bool = True) -> Blocks:
    """Blocks of the information where exp(η) of the ordered rows is `mu`; no penalty included.

    Parameters
    ----------
    observed : minus the second derivative; otherwise its expectation
    terms : with the blocks of β, which are zeros otherwise
    """
    o, k = rows.ordered, rows.k
    states, bodies, years = rows.levels
    beta_beta, body_year = np.zeros((k, k)), np.zeros((years, bodies))
    beta_state, beta_body, beta_year = np.zeros((k, states)), np.zeros((k, bodies)), np.zeros((k, years))
    state_body, state_year = np.zeros((states, bodies)), np.zeros((states, years))
    _inform(
        o.X, o.event, o.weight, o.state, o.body, o.year, mu, rows.link, observed, terms, beta_beta, beta_state,
        beta_body, beta_year, state_body, state_year, body_year,
    )  # fmt: skip
    beta_beta = np.tril(beta_beta) + np.tril(beta_beta, -1).T
    return Blocks(beta_beta, beta_state, beta_body, beta_year, state_body, state_year, body_year)


def _evaluate(rows: Rows, phi: FloatArray, observed: bool) -> tuple[float, FloatArray, FloatArray]:
    """Log-likelihood, score (p,) and information (p, p) of the rows at (β, b), p = k + q; no penalty included."""
    total, score, mu = sweep(rows, phi)
    return total, score, inform(rows, mu, observed).dense()


def log_determinant_slope(rows: Rows, mu: FloatArray, observed: bool, inverse: Inverse) -> FloatArray:
    """Slope of log |H_bb| in (β, b), (p,), with the penalty held; `mu` is exp(η) of the ordered rows."""
    o, out = rows.ordered, np.zeros(rows.k + rows.q)
    s0, b0, t0 = rows.starts
    of_state, of_body, of_year = inverse.diagonal
    _leverage(
        o.X, o.event, o.weight, o.state, o.body, o.year, mu, s0, b0, t0, rows.link, observed, of_state, of_body, of_year,
        inverse.state_body, inverse.state_year, inverse.year_body, out,
    )  # fmt: skip
    return out


def row_scores(rows: Rows, mu: FloatArray) -> FloatArray:
    """Slope in η of the weighted log-likelihood of each ordered row, (n,), where exp(η) is `mu`."""
    return np.asarray(_slopes(rows.ordered.event, rows.ordered.weight, mu, rows.link), dtype=np.float64)


def probabilities(rows: Rows, phi: FloatArray) -> FloatArray:
    """Probability of the event in each row at (β, b), (n,)."""
    return np.asarray(_predict(rows.X, rows.group, phi, rows.k, *rows.starts, rows.link), dtype=np.float64)


def rate(eta: FloatArray, link: int = CLOGLOG) -> FloatArray:
    """Probability of the event in a year at a linear predictor."""
    return np.asarray(-np.expm1(-np.exp(eta)) if link == CLOGLOG else 1 / (1 + np.exp(-eta)), dtype=np.float64)
