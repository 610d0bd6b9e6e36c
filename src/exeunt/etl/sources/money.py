"""Figures of money of the United Nations: raw files → our tables of facts."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Final

import polars as pl


def _text(path: Path) -> pl.DataFrame:
    """A CSV as text; an empty cell is missing, and Namibia's "NA" is not."""
    return pl.read_csv(path, infer_schema=False)


def _scale(path: Path) -> pl.DataFrame:
    """Rates of the UN scale by the name of the state, one row per state and period.

    Returns
    -------
    member (place in the list), name, last_year (of the period), cell (as published: a rate, or a mark that there is none).
    """
    frame = _text(path)
    name, *periods = frame.columns
    return (
        frame.with_row_index("member")
        .unpivot(index=["member", name], on=periods, variable_name="last_year", value_name="cell")
        .select(pl.col("member", "last_year").cast(pl.Int64), pl.col(name).alias("name"), "cell")
        .select("member", "name", "last_year", "cell")
    )


def _regular_budget(payments: Path, documents: Path) -> pl.DataFrame:
    """Assessments to the UN regular budget and days of full payment, with the document of the year.

    Returns
    -------
    year, name, rate, amount, status, date, document_url, as_of; all as published, in text.
    """
    papers = _text(documents).select("year", "document_url", "as_of")
    return _text(payments).join(papers, on="year", how="left", validate="m:1", maintain_order="left")


def _revenue(path: Path) -> pl.DataFrame:
    """Revenue that bodies report, in US dollars: one row per government, body, year and type, and one for all donors.

    Returns
    -------
    entity, type, year, donor (empty: all donors together, governments or not), usd.
    """
    frame = pl.read_parquet(path).with_columns(pl.col("year").cast(pl.Int64))
    given = frame.filter(pl.col("category") == "Government").select("entity", "type", "year", "donor", "usd")
    # Sums in whole cents do not depend on the order of the rows.
    cents = (pl.col("usd") * 100).round().cast(pl.Int64)
    # 2024 by type of donor is 1.75 % short of total revenue; see the card.
    total = frame.group_by("entity", "type", "year").agg((cents.sum() / 100).round(2).alias("usd"))
    return pl.concat([given, total.with_columns(pl.lit(None, pl.String).alias("donor")).select(given.columns)])


READERS: Final[dict[str, Callable[..., pl.DataFrame]]] = {
    "un_scale": _scale,
    "un_regular_budget": _regular_budget,
    "un_ceb": _revenue,
}
"""Staged table → its reader."""
