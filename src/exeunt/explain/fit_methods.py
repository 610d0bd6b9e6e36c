"""What a fit can be asked: probabilities for the rows of a panel, tables and a figure, and panels with guarding terms.

A fit shown: tables with the column names of R's broom.mixed, and a figure of the coefficients as SVG.

Terms that guard a random-effects hazard: group means (Mundlak) and first observed values (Wooldridge).

A random effect is assumed unrelated to the terms. Means of the terms by state and by body take up what relates them; first
values of a membership take up what it had been through before it was first seen.

References
----------
Mundlak (1978), Econometrica 46, 69–85; Wooldridge (2005), Journal of Applied Econometrics 20, 39–54.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from html import escape
from typing import Any, Final

import numpy as np
import polars as pl
from scipy.special import ndtr

from exeunt.core.arrays import FloatArray
from exeunt.core.errors import FitError
from exeunt.explain.hazard import rate
from exeunt.panel.build import Panel, Scaling
from exeunt.panel.registry import parts_of
from exeunt.panel.risk import MEMBER, OUTSIDE


def _restandardised(wanted: Sequence[str], scaling: Scaling, panel: Panel) -> FloatArray:
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
    eta = beta[0] + _restandardised(names[1:], scaling, panel) @ beta[1:]
    unseen = []
    for kind, key, values in zip(("state", "body", "year"), keys, effects, strict=True):
        eta = eta + np.array([values.get(level, 0.0) for level in key])
        unseen.append(["" if level in values else kind for level in key])
    return pl.DataFrame(
        {"cow": keys[0], "body": keys[1], "year": keys[2], "probability": rate(eta, link),
         "new_levels": [" ".join(filter(None, parts)) for parts in zip(*unseen, strict=True)]}
    )  # fmt: skip


Z: Final = 1.959964
COLUMNS: Final = {
    "effect": pl.String, "group": pl.String, "term": pl.String, "estimate": pl.Float64, "std.error": pl.Float64,
    "statistic": pl.Float64, "p.value": pl.Float64, "conf.low": pl.Float64, "conf.high": pl.Float64,
}  # fmt: skip
ROW, LEFT, WIDTH, RIGHT, TOP = 22, 190, 330, 20, 30


def tidy(
    names: Sequence[str],
    beta: FloatArray,
    error: FloatArray,
    groups: Sequence[str],
    sd: FloatArray,
    sd_error: FloatArray,
) -> pl.DataFrame:
    """One row a fixed term, then one a standard deviation; intervals 95 %, p two-sided normal.

    Parameters
    ----------
    sd_error : standard errors of the log standard deviations; their intervals are symmetric on that scale
    """
    rows: list[tuple[object, ...]] = []
    for name, b, s in zip(names, beta.tolist(), error.tolist(), strict=True):
        z = b / s if s > 0 else float("nan")
        rows.append(("fixed", None, name, b, s, z, float(2 * ndtr(-abs(z))), b - Z * s, b + Z * s))
    for name, s, spread in zip(groups, sd.tolist(), sd_error.tolist(), strict=True):
        low, high = s * float(np.exp(-Z * spread)), s * float(np.exp(Z * spread))
        rows.append(("ran_pars", name, "sd__(Intercept)", s, None, None, None, low, high))
    return pl.DataFrame(rows, schema=COLUMNS, orient="row")


def plot(table: pl.DataFrame, title: str, status: str) -> str:
    """Fixed terms other than the intercept with their 95 % intervals, as one SVG without outside references.

    Parameters
    ----------
    table : what `tidy` gives
    status : one sentence on the fit, shown below the axis
    """
    shown = table.filter((pl.col("effect") == "fixed") & (pl.col("term") != "(Intercept)"))
    low = min(0.0, float(shown["conf.low"].min() or 0.0))  # type: ignore[arg-type]
    high = max(0.0, float(shown["conf.high"].max() or 0.0))  # type: ignore[arg-type]
    span = (high - low) or 1.0

    def x(value: float) -> float:
        return LEFT + WIDTH * (value - low) / span

    bottom = TOP + ROW * shown.height
    height = bottom + 62
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {LEFT + WIDTH + RIGHT} {height}" role="img" '
        f'font-family="sans-serif" font-size="12"><title>{escape(title)}</title>',
        f'<text x="8" y="18" font-weight="bold">{escape(title)}</text>',
        f'<line x1="{x(0):.1f}" y1="{TOP}" x2="{x(0):.1f}" y2="{bottom}" stroke="#999" stroke-dasharray="3 3"/>',
    ]
    for number, row in enumerate(shown.iter_rows(named=True)):
        y = TOP + ROW * number + ROW / 2
        label = f"{row['term']}: {row['estimate']:.2f} ({row['conf.low']:.2f} to {row['conf.high']:.2f})"
        parts.append(
            f'<g><title>{escape(label)}</title><text x="{LEFT - 10}" y="{y + 4:.1f}" text-anchor="end">'
            f'{escape(row["term"])}</text><line x1="{x(row["conf.low"]):.1f}" y1="{y:.1f}" '
            f'x2="{x(row["conf.high"]):.1f}" y2="{y:.1f}" stroke="#0b5394" stroke-width="2"/>'
            f'<circle cx="{x(row["estimate"]):.1f}" cy="{y:.1f}" r="4" fill="#0b5394"/></g>'
        )
    for value in (low, 0.0, high):
        parts.append(f'<text x="{x(value):.1f}" y="{bottom + 16}" text-anchor="middle">{value:.2f}</text>')
    unit = "log rate ratio per standard deviation, 95 % interval"
    parts.append(f'<text x="{LEFT + WIDTH / 2:.0f}" y="{bottom + 34}" text-anchor="middle">{unit}</text>')
    parts.append(f'<text x="8" y="{bottom + 54}" fill="#555">{escape(status)}</text></svg>')
    return "".join(parts)


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
