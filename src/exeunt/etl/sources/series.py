"""Measures of states and bodies, and alliances: raw files → our tables of facts, known faults kept out.

Each reader takes the verified files of its staged table and returns the facts under our own names. States stay under the
number or the name that the source uses; which state of the record that is, the build decides.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Final

import polars as pl

FIRST_YEAR: Final = 1945
FEWEST_VOTES: Final = 10
UNKNOWN: Final = -9
OBLIGATIONS: Final = ("defense", "offense", "neutral", "nonagg", "consul")


def _whole(frame: pl.DataFrame, *columns: str) -> pl.DataFrame:
    return frame.with_columns(pl.col(columns).cast(pl.Int64)).filter(pl.col("year") >= FIRST_YEAR)


def _ideal_points(newer: Path, older: Path) -> pl.DataFrame:
    """Ideal points 1946–2024.

    The newer file holds two annual sittings merged in 2025 and 8 votes for 2024, so it serves to 2023 and the file of
    July 2025 gives 2024. Values that rest on fewer than ten votes are left out.
    """
    one = pl.read_parquet(newer).filter((pl.col("year") <= 2023) & (pl.col("NVotesFP") >= FEWEST_VOTES))
    two = pl.read_parquet(older).filter((pl.col("year") == 2024) & (pl.col("nvotesfp") >= FEWEST_VOTES))
    frames = [
        frame.select(
            pl.col("ccode").alias("cow"),
            "year",
            pl.col(value).alias("value"),
            pl.col(low).alias("low"),
            pl.col(high).alias("high"),
        )
        for frame, value, low, high in (
            (one, "IdealPointFP", "Q5%FP", "Q95%FP"),
            (two, "idealpointfp", "q5fp", "q95fp"),
        )
    ]
    return _whole(pl.concat(frames, how="vertical_relaxed"), "cow", "year").filter(pl.col("value").is_not_null())


def _capabilities(path: Path) -> pl.DataFrame:
    """CINC 1945–2022; shares, although they sum to 1 in four years only."""
    frame = pl.read_parquet(path).select(pl.col("ccode").alias("cow"), "year", pl.col("cinc").alias("value"))
    return _whole(frame, "cow", "year").filter(pl.col("value").is_not_null())


def _world_bank(gdp: Path, population: Path) -> pl.DataFrame:
    """Two World Bank tables by ISO code; aggregates such as the world (WLD) are kept under theirs."""
    frames = [
        pl.read_parquet(path).select(
            pl.col("Country Code").alias("iso"), pl.col("Year").alias("year"), pl.lit(name).alias("measure"),
            pl.col("Value").cast(pl.Float64).alias("value"),
        )
        for name, path in (("gdp", gdp), ("population", population))
    ]  # fmt: skip
    return _whole(pl.concat(frames), "year")


def _maddison(path: Path) -> pl.DataFrame:
    """GDP per head of the Maddison project by ISO code; regions without a code are left out."""
    frame = pl.read_parquet(path).select(
        pl.col("Code").alias("iso"), pl.col("Year").alias("year"), pl.col("GDP per capita").alias("value")
    )
    return _whole(frame.drop_nulls(), "year")


def _democracy(path: Path) -> pl.DataFrame:
    """Electoral democracy index with its interval; share-alike, hence a file of its own."""
    frame = pl.read_parquet(path).filter(pl.col("vdem_cowcode").is_not_null() & pl.col("v2x_polyarchy").is_not_null())
    frame = frame.select(
        pl.col("vdem_cowcode").alias("cow"),
        "year",
        pl.col("v2x_polyarchy").alias("value"),
        pl.col("v2x_polyarchy_codelow").alias("low"),
        pl.col("v2x_polyarchy_codehigh").alias("high"),
    )
    # Palestine, Hong Kong and the like share a code with nobody in the state system; two regions of one state in a
    # year would collide, and the first by country stays.
    return _whole(frame, "cow", "year").unique(["cow", "year"], keep="first", maintain_order=True)


def _authority(numbers: Path, path: Path) -> pl.DataFrame:
    """Delegation and pooling of the bodies that the authority data cover, by COW column and year.

    Reference: Hooghe, Lenz and Marks (2019), A Theory of International Organization. Only rows whose body is the same
    as the COW body.
    """
    same = pl.read_csv(numbers).filter(pl.col("same_body"))
    same = same.select(pl.col("ionumber").cast(pl.Int64), pl.col("cow_ioname").str.to_lowercase().alias("cow_igo"))
    frame = pl.read_parquet(path).with_columns(pl.col("ionumber").cast(pl.Int64))
    frame = frame.join(same, on="ionumber").filter(pl.col("cow_igo").is_not_null())
    return (
        frame.select("cow_igo", pl.col("year").cast(pl.Int64), "delegation", "pooling")
        .unpivot(index=["cow_igo", "year"], variable_name="measure", value_name="value")
        .filter(pl.col("value").is_not_null())
        .with_columns(pl.col("value").cast(pl.Float64))
        .unique(["cow_igo", "year", "measure"], keep="first", maintain_order=True)
    )


def _gw_to_cow(path: Path) -> pl.DataFrame:
    """Gleditsch-Ward number and year → COW number, where both systems hold the state in that year."""
    panel = pl.read_parquet(path).filter(pl.col("ccode").is_not_null())
    return panel.select(
        pl.col("gwcode").cast(pl.Int64), pl.col("year").cast(pl.Int64), pl.col("ccode").cast(pl.Int64).alias("cow")
    )


def _leader_changes(leaders: Path, numbers: Path) -> pl.DataFrame:
    """Whether the effective leader changed in a year, 1945–2015: 1 where one took office after another, else 0.

    The first leader of a state is no change, nor is a leader who follows upon himself. A year is covered where some spell
    of office touches it. Archigos counts by Gleditsch-Ward numbers; where two of them fall on one COW number in a year
    (Serbia in 2006), a change in either counts.

    References
    ----------
    Goemans, Gleditsch and Chiozza (2009), Journal of Peace Research 46(2), 269–283.
    """
    spells = pl.read_parquet(leaders).sort("gwcode", "startdate", "obsid")
    spells = spells.with_columns(
        pl.col("gwcode").cast(pl.Int64),
        (pl.col("leadid") != pl.col("leadid").shift(1).over("gwcode")).fill_null(value=False).alias("change"),
        pl.col("startdate").dt.year().cast(pl.Int64).alias("first"),
        pl.col("enddate").dt.year().cast(pl.Int64).alias("last"),
    )
    years = spells.with_columns(pl.int_ranges("first", pl.col("last") + 1).alias("year")).explode("year")
    years = years.with_columns((pl.col("change") & (pl.col("year") == pl.col("first"))).alias("changed"))
    yearly = years.join(_gw_to_cow(numbers), on=["gwcode", "year"])
    return _whole(
        yearly.group_by("cow", "year").agg(pl.col("changed").any().cast(pl.Float64).alias("value")), "cow", "year"
    )


def _populists(path: Path) -> pl.DataFrame:
    """Spells of populists in office, by the country's name; without an end they ran when the source ended.

    References
    ----------
    Funke, Schularick and Trebesch (2023), American Economic Review 113(12), 3249–3288.
    """
    return pl.read_csv(path).select(
        "country", pl.col("start_year").alias("first_year"), pl.col("end_year").alias("last_year")
    )


def _force_uses(path: Path) -> pl.DataFrame:
    """Highest level of hostility of a state in a year's disputes, and whether any of its levels is unknown (−9).

    The level is the state's highest in the dispute with that opponent, so every year of such a dispute counts.

    References
    ----------
    Palmer and others (2022), Conflict Management and Peace Science 39(4), 470–482.
    """
    disputes = pl.read_parquet(path).select(pl.col("ccode1").alias("cow"), "year", pl.col("hostlev1").alias("level"))
    return _whole(disputes, "cow", "year", "level").group_by("cow", "year").agg(
        pl.col("level").max().alias("highest"), (pl.col("level") == UNKNOWN).any().alias("unknown")
    )  # fmt: skip


def _interstate_conflicts(conflicts: Path, numbers: Path) -> pl.DataFrame:
    """State-years in which a state was a side, first or second, of an armed conflict between states.

    At least 25 battle deaths a year. It reaches beyond the end of the disputes and is a check on them: of 413 such
    state-years to 2014 the disputes have a use of force in 381, and in 1,797 more. No term mixes the two.
    """
    rows = pl.read_parquet(conflicts).filter(pl.col("type_of_conflict") == "interstate")
    sides = pl.concat(
        [
            rows.select(pl.col("year").cast(pl.Int64), pl.col(side).cast(pl.Int64).alias("gwcode"))
            for side in ("gwno_a", "gwno_a_2nd", "gwno_b", "gwno_b_2nd")
        ]
    )
    fought = sides.drop_nulls().join(_gw_to_cow(numbers), on=["gwcode", "year"]).select("cow", "year")
    return _whole(fought.unique(), "cow", "year")


def _alliances(path: Path) -> pl.DataFrame:
    """Spells of alliance between two states of the COW system, 1945–2018, each pair once.

    The source lists both directions; an obligation that either has towards the other belongs to the pair. A spell ends
    where the obligations change. `last_year` 2018 is the end of the source, not of the alliance.

    Returns
    -------
    cow_1 < cow_2, first_year, last_year, obligations.

    References
    ----------
    Leeds, Ritter, Mitchell and Long (2002), International Interactions 28(3), 237–260.
    """
    words = [
        pl.when(pl.col(f"atop_{o}").max() == 1).then(pl.lit(o)).otherwise(pl.lit(None, pl.String)).alias(o)
        for o in OBLIGATIONS
    ]
    pairs = (
        pl.read_parquet(path)
        .filter(pl.col("year") >= FIRST_YEAR)
        .with_columns(
            pl.min_horizontal("ccode1", "ccode2").cast(pl.Int64).alias("cow_1"),
            pl.max_horizontal("ccode1", "ccode2").cast(pl.Int64).alias("cow_2"),
            pl.col("year").cast(pl.Int64),
        )
        .group_by("cow_1", "cow_2", "year")
        .agg(words)
        .with_columns(pl.concat_str(OBLIGATIONS, separator=" ", ignore_nulls=True).alias("obligations"))
        .filter(pl.col("obligations") != "")
        .sort("cow_1", "cow_2", "year")
    )
    pair = ["cow_1", "cow_2"]
    begins = (pl.col("year") != pl.col("year").shift(1).over(pair) + 1) | (
        pl.col("obligations") != pl.col("obligations").shift(1).over(pair)
    )
    return (
        pairs.with_columns(begins.fill_null(value=True).cum_sum().alias("spell"))
        .group_by(*pair, "spell", "obligations", maintain_order=True)
        .agg(pl.col("year").min().alias("first_year"), pl.col("year").max().alias("last_year"))
        .select(*pair, "first_year", "last_year", "obligations")
    )


READERS: Final[dict[str, Callable[..., pl.DataFrame]]] = {
    "unga_ideal": _ideal_points,
    "cow_nmc": _capabilities,
    "wdi": _world_bank,
    "maddison": _maddison,
    "vdem_simple": _democracy,
    "mia": _authority,
    "archigos": _leader_changes,
    "popleaders": _populists,
    "cow_mid": _force_uses,
    "ucdp_acd": _interstate_conflicts,
    "atop_alliance": _alliances,
}
"""Staged table → its reader."""
