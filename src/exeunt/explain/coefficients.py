"""A fit shown: tables with the column names of R's broom.mixed, and a figure of the coefficients as SVG."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import Final

import numpy as np
import polars as pl
from scipy.special import ndtr

from exeunt.arrays import FloatArray

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
