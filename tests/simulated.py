"""A small crossed panel simulated from known parameters, the same on every machine."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from exeunt.explain.hazard import LINKS, Rows

BETA = np.array([-3.6, 0.4, -0.3, 0.2])
SD = np.array([0.7, 1.0, 0.5])
LEVELS = (60, 80, 30)


def simulated(seed: int = 20, link: str = "cloglog", keep: float = 0.15, beta: NDArray[np.float64] = BETA) -> Rows:
    """Draw effects, terms and events; a share `keep` of all triples is at risk.

    Numbers come from the inverse of the normal distribution at Philox uniforms, so they do not depend on the version of
    numpy's normal generator.
    """
    from scipy.special import ndtri

    rng = np.random.Generator(np.random.Philox(seed))
    states, bodies, years = LEVELS

    def normal(*shape: int) -> NDArray[np.float64]:
        return np.asarray(ndtri(rng.random(shape)), dtype=np.float64)

    effects = [sd * normal(n) for sd, n in zip(SD, LEVELS, strict=True)]
    grid = np.stack(np.meshgrid(range(years), range(states), range(bodies), indexing="ij"), -1).reshape(-1, 3)
    grid = grid[rng.random(len(grid)) < keep]
    year, state, body = grid.T
    x1 = normal(states)[state] * 0.6 + normal(len(grid)) * 0.8
    x2 = normal(bodies)[body] * 0.5 + normal(len(grid)) * 0.9
    x3 = normal(len(grid))
    X = np.column_stack([np.ones(len(grid)), x1, x2, x3])
    eta = X @ beta + effects[0][state] + effects[1][body] + effects[2][year]
    p = -np.expm1(-np.exp(eta)) if link == "cloglog" else 1 / (1 + np.exp(-eta))
    event = (rng.random(len(grid)) < p).astype(np.float64)
    group = np.column_stack([state, body, year]).astype(np.int32)
    return Rows(np.ascontiguousarray(X), event, np.ones(len(grid)), np.ascontiguousarray(group), LEVELS, LINKS[link])
