"""Coded memberships of COW IGO v3 and printed rosters of the World Factbook: raw files → our tables of facts.

Source: Pevehouse, Nordstrom, McManus and Jamison (2020), Journal of Peace Research 57(3), 492–503. Codes of a cell:
0 none, 1 full, 2 associate, 3 observer, −9 missing, −1 state or body not in existence.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Final

import numpy as np
import polars as pl

from exeunt.etl.sources.series import FIRST_YEAR


def _coded_runs(path: Path) -> pl.DataFrame:
    """Runs of one code in consecutive state-years from 1945 on.

    Returns
    -------
    cow, cow_igo, code, first_year, last_year; runs of 0 (no membership) are left out. Rows whose `cow_igo` is empty are
    the years in which the source has a row for the state at all.
    """
    states = pl.read_parquet(path).filter(pl.col("year") >= FIRST_YEAR).sort("ccode", "year")
    cow, year = (states[c].to_numpy().astype(np.int64) for c in ("ccode", "year"))
    begins_anew = np.r_[True, (cow[1:] != cow[:-1]) | (year[1:] != year[:-1] + 1)]
    frames = []
    for name in (None, *(c for c in states.columns if c not in {"ccode", "year", "state"})):
        values = np.ones(len(cow), np.int64) if name is None else states[name].to_numpy().astype(np.int64)
        first = np.flatnonzero(begins_anew | np.r_[True, values[1:] != values[:-1]])
        last = np.r_[first[1:], len(cow)] - 1
        held = values[first] != 0
        first, last = first[held], last[held]
        frames.append(
            pl.DataFrame({
                "cow": cow[first], "cow_igo": pl.Series([name] * len(first), dtype=pl.String), "code": values[first],
                "first_year": year[first], "last_year": year[last],
            })
        )  # fmt: skip
    return pl.concat(frames)


def _coded_bodies(path: Path) -> pl.DataFrame:
    """Bodies of the source: column, name, number and the years of their rows.

    Returns
    -------
    cow_igo, name_cow, cow_ionum, first_year, last_year: one row for each run of consecutive years with a row.
    """
    years = pl.read_parquet(path).with_columns(
        pl.col("ioname").str.to_lowercase().alias("cow_igo"), pl.col("year").cast(pl.Int64)
    )
    years = years.sort("cow_igo", "year")
    named = years.group_by("cow_igo", maintain_order=True).agg(
        pl.col("orgname").last().alias("name_cow"), pl.col("ionum").last().cast(pl.Int64).alias("cow_ionum")
    )
    begins = pl.col("year") != pl.col("year").shift(1).over("cow_igo") + 1
    runs = (
        years.with_columns(begins.fill_null(value=True).cum_sum().over("cow_igo").alias("run"))
        .group_by("cow_igo", "run", maintain_order=True)
        .agg(pl.col("year").min().alias("first_year"), pl.col("year").max().alias("last_year"))
    )
    return runs.join(named, on="cow_igo").select("cow_igo", "name_cow", "cow_ionum", "first_year", "last_year")


def _rosters(path: Path) -> pl.DataFrame:
    """Editions of the World Factbook that list a state as a full member of a body, by the labels of the source.

    Returns
    -------
    state, org, first_year, last_year: one row for each run of consecutive editions.
    """
    frame = pl.read_parquet(path).filter((pl.col("status") == "full") & pl.col("state").is_not_null())
    frame = frame.select("state", "org", pl.col("year").cast(pl.Int64)).unique().sort("state", "org", "year")
    begins = pl.col("year") != pl.col("year").shift(1).over("state", "org") + 1
    return (
        frame.with_columns(begins.fill_null(value=True).cum_sum().over("state", "org").alias("run"))
        .group_by("state", "org", "run", maintain_order=True)
        .agg(pl.col("year").min().alias("first_year"), pl.col("year").max().alias("last_year"))
        .drop("run")
    )


READERS: Final[dict[str, Callable[..., pl.DataFrame]]] = {
    "cow_igo_runs": _coded_runs,
    "cow_igo_bodies": _coded_bodies,
    "cia_factbook": _rosters,
}
"""Staged table → its reader."""
