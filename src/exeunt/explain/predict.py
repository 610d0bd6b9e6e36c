"""Probabilities of a fit for the rows of a panel, also of levels that the fit has never seen."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import polars as pl

from exeunt.arrays import FloatArray
from exeunt.errors import FitError
from exeunt.explain.hazard import rate
from exeunt.panel.build import Panel, Scaling
from exeunt.panel.registry import parts_of


def restandardised(wanted: Sequence[str], scaling: Scaling, panel: Panel) -> FloatArray:
    """Terms of a fit for the rows of a panel, on the scale of the fit, (n, terms).

    Raises
    ------
    FitError, if the panel lacks a term.
    """
    missing = [name for name in wanted if name not in panel.names]
    if missing:
        raise FitError(f"the panel has no {', '.join(missing)}; this fit needs {', '.join(wanted)}.")

    def of(name: str) -> FloatArray:
        at, own = panel.names.index(name), scaling.names.index(name)
        if panel.scaling.centre[at] == scaling.centre[own] and panel.scaling.scale[at] == scaling.scale[own]:
            return panel.terms[:, at]
        raw = panel.terms[:, at] * panel.scaling.scale[at] + panel.scaling.centre[at]
        return np.asarray((raw - scaling.centre[own]) / scaling.scale[own], dtype=np.float64)

    columns = []
    for name in wanted:
        parts = parts_of(name)
        # A product is one of standardised parts, so it is formed anew from them, where both have them.
        if parts is not None and all(part in panel.names and part in scaling.names for part in parts[:2]):
            columns.append(parts[2] * of(parts[0]) * of(parts[1]))
        else:
            columns.append(of(name))
    return np.column_stack(columns) if columns else np.empty((len(panel.event), 0))


def predict(
    names: Sequence[str],
    beta: FloatArray,
    effects: tuple[dict[Any, float], ...],
    scaling: Scaling,
    link: int,
    panel: Panel,
) -> pl.DataFrame:
    """Probability of the event in each row: cow, body, year, probability, new_levels.

    A state, body or year that the fit has not seen has the effect 0, the middle of its law; `new_levels` names such levels
    row by row ("state", "body", "year", blank-separated) and is empty elsewhere.

    Parameters
    ----------
    names, beta : (k,) fixed terms with the intercept first
    effects : of state, body and year, by level
    """
    keys: tuple[list[Any], ...] = (
        panel.cube.states[panel.state].tolist(),
        np.array(panel.cube.bodies)[panel.body].tolist(),
        panel.cube.years[panel.year].tolist(),
    )
    eta = beta[0] + restandardised(names[1:], scaling, panel) @ beta[1:]
    unseen = []
    for kind, key, values in zip(("state", "body", "year"), keys, effects, strict=True):
        eta = eta + np.array([values.get(level, 0.0) for level in key])
        unseen.append(["" if level in values else kind for level in key])
    return pl.DataFrame(
        {"cow": keys[0], "body": keys[1], "year": keys[2], "probability": rate(eta, link),
         "new_levels": [" ".join(filter(None, parts)) for parts in zip(*unseen, strict=True)]}
    )  # fmt: skip
