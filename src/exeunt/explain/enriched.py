"""Terms that guard a random-effects hazard: group means (Mundlak) and first observed values (Wooldridge).

A random effect is assumed unrelated to the terms. Means of the terms by state and by body take up what relates them; first
values of a membership take up what it had been through before it was first seen.

References
----------
Mundlak (1978), Econometrica 46, 69–85; Wooldridge (2005), Journal of Applied Econometrics 20, 39–54.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import numpy as np

from exeunt.arrays import FloatArray
from exeunt.panel.build import Panel, Scaling
from exeunt.panel.risk import MEMBER, OUTSIDE

SMALLEST_VARIANCE: Final = 1e-3
"""A new column keeps at least this share of its variance given the columns before it; otherwise it says nothing new."""
MEAN_STATE, MEAN_BODY, FIRST = "mean_state_", "mean_body_", "first_"


def with_means(panel: Panel) -> Panel:
    """Panel with the means of each term over the rows of the state, and of the body, standardised."""
    columns = {}
    for prefix, level in ((MEAN_STATE, panel.state), (MEAN_BODY, panel.body)):
        weight = np.maximum(np.bincount(level, panel.weight), 1e-300)
        for number, name in _own(panel):
            mean = np.bincount(level, panel.weight * panel.terms[:, number]) / weight
            if not np.allclose(mean[level], panel.terms[:, number]):
                columns[prefix + name] = mean[level]
    return _with_columns(panel, columns)


def with_first(panel: Panel) -> Panel:
    """Panel with the values that each term had in the first row of its membership (of its time outside, for joins).

    A membership broken off and begun again is two; rows left out of the panel do not break one.
    """
    inside = panel.cube.status == (MEMBER if panel.kind == "exit" else OUTSIDE)
    begun = inside.copy()
    begun[1:] &= ~inside[:-1]
    spell = np.cumsum(begun, axis=0)[panel.year, panel.state, panel.body].astype(np.int64)
    key = (spell * inside.shape[1] + panel.state) * inside.shape[2] + panel.body
    order = np.lexsort((panel.year, key))
    _, first, inverse = np.unique(key[order], return_index=True, return_inverse=True)
    at = np.empty(len(key), np.int64)
    at[order] = order[first[inverse]]
    columns = {FIRST + name: panel.terms[at, number] for number, name in _own(panel)}
    return _with_columns(panel, columns)


def _own(panel: Panel) -> list[tuple[int, str]]:
    """Terms of the panel itself, with their columns."""
    return [(k, name) for k, name in enumerate(panel.names) if not name.startswith((MEAN_STATE, MEAN_BODY, FIRST))]


def _with_columns(panel: Panel, columns: dict[str, FloatArray]) -> Panel:
    """Append columns, standardised; those that the columns before them already give are left out."""
    share = panel.weight / panel.weight.sum()
    kept = panel.terms - share @ panel.terms
    names, added, centres, scales = list(panel.names), [], [], []
    for name, column in columns.items():
        centre = float(share @ column)
        scale = float(np.sqrt(share @ (column - centre) ** 2))
        if scale == 0.0:
            continue
        standard = (column - centre) / scale
        gram = (kept * share[:, None]).T @ kept
        cross = (kept * share[:, None]).T @ standard
        if 1.0 - float(cross @ np.linalg.lstsq(gram, cross, rcond=None)[0]) < SMALLEST_VARIANCE:
            continue
        kept = np.column_stack([kept, standard])
        names.append(name)
        added.append(standard)
        centres.append(centre)
        scales.append(scale)
    scaling = Scaling(
        tuple(names), np.concatenate([panel.scaling.centre, centres]), np.concatenate([panel.scaling.scale, scales])
    )
    return replace(panel, terms=np.column_stack([panel.terms, *added]), scaling=scaling)
