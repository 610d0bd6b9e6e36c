"""The information of the crossed-effects hazard by blocks, factorised with the bodies eliminated.

Effects of one kind do not meet in a row, so their block is diagonal. The bodies are the most numerous; given the rest they
are eliminated one by one, and only a matrix of states, years and terms is factorised (its Schur complement).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.linalg import LinAlgError, cho_factor, cho_solve

from exeunt.core.arrays import FloatArray


@dataclass(frozen=True)
class Blocks:
    """Information in (β, state, body, year) without penalty; diagonals of the effects are sums of their crossed blocks.

    Shapes with k terms, S states, B bodies, T years: beta_beta (k, k), beta_state (k, S), beta_body (k, B), beta_year (k, T),
    state_body (S, B), state_year (S, T), year_body (T, B).
    """

    beta_beta: FloatArray
    beta_state: FloatArray
    beta_body: FloatArray
    beta_year: FloatArray
    state_body: FloatArray
    state_year: FloatArray
    year_body: FloatArray

    @property
    def k(self) -> int:
        """Number of fixed terms."""
        return len(self.beta_beta)

    def dense(self) -> FloatArray:
        """The whole matrix, (p, p)."""
        state, body, year = self.state_year.sum(1), self.year_body.sum(0), self.state_year.sum(0)
        return np.block(
            [
                [self.beta_beta, self.beta_state, self.beta_body, self.beta_year],
                [self.beta_state.T, np.diag(state), self.state_body, self.state_year],
                [self.beta_body.T, self.state_body.T, np.diag(body), self.year_body.T],
                [self.beta_year.T, self.state_year.T, self.year_body, np.diag(year)],
            ]
        )


@dataclass(frozen=True)
class Inverse:
    """The parts of H_bb⁻¹ that are ever asked for, and what they say of the standard deviations."""

    diagonal: tuple[FloatArray, FloatArray, FloatArray]
    """By state, body and year."""
    state_body: FloatArray
    state_year: FloatArray
    year_body: FloatArray
    squares: FloatArray
    """Sum of squares of each pair of blocks, (3, 3)."""


def _cholesky_of(matrix: FloatArray) -> tuple[FloatArray, bool]:
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
            ridge = max(10.0 * ridge, 1e-10 * float(np.abs(np.diag(matrix)).mean()))


class Factor:
    """Factor of the penalised information, over (β, b) or over b alone.

    Parameters
    ----------
    precision : (3,) 1/σ² of state, body and year effects
    terms : with β; otherwise the factor is that of H_bb and vectors have no entries for β
    """

    def __init__(self, blocks: Blocks, precision: FloatArray, terms: bool) -> None:
        states, bodies = blocks.state_body.shape
        years = len(blocks.year_body)
        k = blocks.k if terms else 0
        self.k, self.levels = k, (states, bodies, years)
        self.body = blocks.year_body.sum(0) + precision[1]
        # States, years, terms: in this order the first part of the factor is that of the effects alone.
        r, s = states + years + k, states + years
        kept = np.zeros((r, r))
        kept[:states, states:s] = blocks.state_year
        kept[states:s, :states] = blocks.state_year.T
        at = np.arange(s)
        kept[at, at] = np.concatenate(
            [blocks.state_year.sum(1) + precision[0], blocks.state_year.sum(0) + precision[2]]
        )
        parts = [blocks.state_body, blocks.year_body]
        if terms:
            kept[s:, :s] = np.hstack([blocks.beta_state, blocks.beta_year])
            kept[:s, s:] = kept[s:, :s].T
            kept[s:, s:] = blocks.beta_beta
            parts.append(blocks.beta_body)
        self.across = np.concatenate(parts) / np.sqrt(self.body)
        self.root = _cholesky_of(kept - self.across @ self.across.T)

    def solve(self, vector: FloatArray) -> FloatArray:
        """H⁻¹ of a vector (p,) or of columns (p, m), ordered β, states, bodies, years."""
        k, (states, bodies, _) = self.k, self.levels
        b, t = k + states, k + states + bodies
        root = np.sqrt(self.body).reshape((-1,) + (1,) * (vector.ndim - 1))
        scaled = vector[b:t] / root
        kept = np.concatenate([vector[k:b], vector[t:], vector[:k]]) - self.across @ scaled
        kept = cho_solve(self.root, kept, check_finite=False)
        body = (scaled - self.across.T @ kept) / root
        return np.concatenate([kept[len(kept) - k :], kept[:states], body, kept[states : len(kept) - k]])

    @property
    def log_determinant(self) -> float:
        """Natural log of |H_bb|, the effects alone."""
        states, _, years = self.levels
        return float(np.log(self.body).sum() + 2.0 * np.log(np.diag(self.root[0])[: states + years]).sum())

    def inverse(self) -> Inverse:
        """Parts of H_bb⁻¹; only a factor without terms has them."""
        states, _, years = self.levels
        kept = cho_solve(self.root, np.eye(states + years), check_finite=False)
        scaled = self.across / np.sqrt(self.body)
        pulled = kept @ scaled
        added = (scaled * pulled).sum(0)
        body = 1.0 / self.body + added
        diagonal = np.diag(kept)
        # |K'G|² = Σ (KK') ∘ (GG'), so that the block of bodies by bodies is never formed.
        both = float((self.body**-2.0).sum() + 2.0 * (added / self.body).sum()) + float(
            ((scaled @ scaled.T) * (pulled @ pulled.T)).sum()
        )
        s, y = slice(0, states), slice(states, None)
        squares = np.zeros((3, 3))
        squares[0, 0], squares[2, 2], squares[1, 1] = (kept[s, s] ** 2).sum(), (kept[y, y] ** 2).sum(), both
        squares[0, 1] = squares[1, 0] = (pulled[s] ** 2).sum()
        squares[1, 2] = squares[2, 1] = (pulled[y] ** 2).sum()
        squares[0, 2] = squares[2, 0] = (kept[s, y] ** 2).sum()
        return Inverse(
            (diagonal[s].copy(), body, diagonal[y].copy()),
            -pulled[s],
            np.ascontiguousarray(kept[s, y]),
            -pulled[y],
            squares,
        )
