"""Measures of states and bodies, read from the raw sources with their known faults kept out."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from exeunt.record.cards import verified
from exeunt.record.identity import StateCode

FIRST_YEAR = 1945
FEWEST_VOTES = 10
LAST_GDP_YEAR = 2023


def _iso_to_cow(states: pl.DataFrame) -> pl.DataFrame:
    """Map today's ISO codes to COW numbers."""
    return states.filter(pl.col("valid_to").is_null() & pl.col("cow").is_not_null()).select(
        pl.col("state").alias("iso"), "cow"
    )


def state_years(codes: list[StateCode], first: int, last: int) -> pl.DataFrame:
    """COW number, state code and year for every state in the system in any part of the year."""
    rows = {
        (c.cow, c.state, year)
        for c in codes
        if c.cow is not None
        for year in range(
            max(first, c.valid_from.year if c.valid_from else first),
            min(last, c.valid_to.year if c.valid_to else last) + 1,
        )
    }
    return pl.DataFrame(
        sorted(rows), schema={"cow": pl.Int64, "state": pl.String, "year": pl.Int64}, orient="row"
    ).unique(["cow", "year"], keep="last", maintain_order=True)


def as_series(frame: pl.DataFrame, measure: str, source: str) -> pl.DataFrame:
    """Bring rows of cow, year and value, and bounds where there are any, into the columns of a series from 1945 on."""
    for bound in ("low", "high"):
        if bound not in frame.columns:
            frame = frame.with_columns(pl.lit(None, pl.Float64).alias(bound))
    return frame.filter((pl.col("year") >= FIRST_YEAR) & pl.col("value").is_not_null()).select(
        pl.col("cow").cast(pl.Int64),
        pl.col("year").cast(pl.Int64),
        pl.lit(measure).alias("measure"),
        pl.col("value").cast(pl.Float64),
        pl.col("low").cast(pl.Float64),
        pl.col("high").cast(pl.Float64),
        pl.lit(source).alias("source"),
        pl.lit("observed").alias("reading"),
    )


def ideal_points(directory: Path) -> pl.DataFrame:
    """Ideal points 1946–2024.

    The newer file holds two annual sittings merged in 2025 and 8 votes for 2024, so it serves to 2023 and the file of
    July 2025 gives 2024. Values that rest on fewer than ten votes are left out.
    """
    newer = pl.read_parquet(verified(directory, "unga_ideal", "Idealpointestimates1946-2025.parquet"))
    newer = newer.filter((pl.col("year") <= 2023) & (pl.col("NVotesFP") >= FEWEST_VOTES)).select(
        pl.col("ccode").alias("cow"),
        "year",
        pl.col("IdealPointFP").alias("value"),
        pl.col("Q5%FP").alias("low"),
        pl.col("Q95%FP").alias("high"),
    )
    older = pl.read_parquet(verified(directory, "unga_ideal", "IdealpointsJuly2025.parquet"))
    older = older.filter((pl.col("year") == 2024) & (pl.col("nvotesfp") >= FEWEST_VOTES)).select(
        pl.col("ccode").alias("cow"),
        "year",
        pl.col("idealpointfp").alias("value"),
        pl.col("q5fp").alias("low"),
        pl.col("q95fp").alias("high"),
    )
    return as_series(pl.concat([newer, older], how="vertical_relaxed"), "ideal_point", "unga_ideal")


def capabilities(directory: Path) -> pl.DataFrame:
    """CINC 1945–2022; shares, although they sum to 1 in four years only."""
    frame = pl.read_parquet(verified(directory, "cow_nmc", "cow_nmc.parquet"))
    return as_series(
        frame.select(pl.col("ccode").alias("cow"), "year", pl.col("cinc").alias("value")), "cinc", "cow_nmc"
    )


def world_bank(directory: Path, states: pl.DataFrame, name: str, measure: str) -> pl.DataFrame:
    """One World Bank table; aggregates of countries find no state and fall out."""
    frame = pl.read_parquet(verified(directory, "wdi", f"{name}.parquet"))
    frame = frame.select(
        pl.col("Country Code").alias("iso"), pl.col("Year").alias("year"), pl.col("Value").alias("value")
    )
    return as_series(frame.join(_iso_to_cow(states), on="iso"), measure, "wdi")


def gdp_shares(directory: Path, states: pl.DataFrame, codes: list[StateCode]) -> pl.DataFrame:
    """Share of world GDP at current dollars 1960–2023, by the World Bank's own total for the world.

    Its total makes up for states without a figure (the Soviet Union has none), which a sum over states would not. Years
    before a state was in the system are left out: the figures of Georgia before 1990 are off by a factor of 400,000.
    """
    frame = pl.read_parquet(verified(directory, "wdi", "gdp.parquet")).select(
        pl.col("Country Code").alias("iso"), pl.col("Year").alias("year"), pl.col("Value").alias("gdp")
    )
    world = frame.filter(pl.col("iso") == "WLD").select("year", pl.col("gdp").alias("world"))
    shares = frame.join(world, on="year").with_columns((pl.col("gdp") / pl.col("world")).alias("value"))
    there = state_years(codes, FIRST_YEAR, LAST_GDP_YEAR).select("cow", "year")
    shares = shares.join(_iso_to_cow(states), on="iso").with_columns(pl.col("cow", "year").cast(pl.Int64))
    return as_series(shares.join(there, on=["cow", "year"], how="semi"), "gdp_share", "wdi")


def maddison(directory: Path, states: pl.DataFrame) -> pl.DataFrame:
    """GDP per head of the Maddison project; regions and former states find no state and fall out."""
    frame = pl.read_parquet(verified(directory, "maddison", "gdp-per-capita-maddison-project-database.parquet")).select(
        pl.col("Code").alias("iso"), pl.col("Year").alias("year"), pl.col("GDP per capita").alias("value")
    )
    return as_series(frame.join(_iso_to_cow(states), on="iso"), "gdp_per_capita", "maddison")


def democracy(directory: Path) -> pl.DataFrame:
    """Electoral democracy index with its interval; share-alike, hence a file of its own."""
    frame = pl.read_parquet(verified(directory, "vdem_simple", "vdem_simple.parquet"))
    frame = frame.filter(pl.col("vdem_cowcode").is_not_null()).select(
        pl.col("vdem_cowcode").alias("cow"),
        "year",
        pl.col("v2x_polyarchy").alias("value"),
        pl.col("v2x_polyarchy_codelow").alias("low"),
        pl.col("v2x_polyarchy_codehigh").alias("high"),
    )
    # Palestine, Hong Kong and the like share a code with nobody in the state system; two regions of one state in a
    # year would collide, and the first by country stays.
    return as_series(frame, "democracy", "vdem_simple").unique(["cow", "year"], keep="first", maintain_order=True)


def authority(directory: Path) -> pl.DataFrame:
    """Delegation and pooling of the bodies that the authority data cover, by COW number and year.

    Reference: Hooghe, Lenz and Marks (2019), A Theory of International Organization. Only rows whose body is the same
    as the COW body.
    """
    numbers = pl.read_csv(verified(directory, "mia", "mia_cow_numbers.csv"))
    same = numbers.filter(pl.col("same_body")).select(
        pl.col("ionumber").cast(pl.Int64), pl.col("cow_ioname").str.to_lowercase().alias("cow_igo")
    )
    frame = pl.read_parquet(verified(directory, "mia", "DP_May_2021.parquet")).with_columns(
        pl.col("ionumber").cast(pl.Int64)
    )
    frame = frame.join(same, on="ionumber").filter(pl.col("cow_igo").is_not_null())
    return (
        frame.select("cow_igo", pl.col("year").cast(pl.Int64), "delegation", "pooling")
        .unpivot(index=["cow_igo", "year"], variable_name="measure", value_name="value")
        .filter(pl.col("value").is_not_null())
        .with_columns(pl.col("value").cast(pl.Float64), pl.lit("mia").alias("source"))
        .unique(["cow_igo", "year", "measure"], keep="first", maintain_order=True)
    )
