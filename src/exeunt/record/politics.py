"""Leaders, populists in office, use of force, and alliances: state-years and pairs of states from the raw sources."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from exeunt.record.cards import verified
from exeunt.record.identity import StateCode, code_in_year, resolve_state
from exeunt.record.series import FIRST_YEAR, as_series, state_years

USE_OF_FORCE = 4
UNKNOWN = -9
LAST_POPULIST_YEAR, LAST_DISPUTE_YEAR, LAST_CONFLICT_YEAR = 2020, 2014, 2024
OBLIGATIONS = ("defense", "offense", "neutral", "nonagg", "consul")


def _gw_to_cow(directory: Path) -> pl.DataFrame:
    """Gleditsch-Ward number and year → COW number, where both systems hold the state in that year."""
    panel = pl.read_parquet(verified(directory, "isard", "gw_cw_panel.parquet"))
    return panel.filter(pl.col("ccode").is_not_null()).select(
        pl.col("gwcode").cast(pl.Int64), pl.col("year").cast(pl.Int64), pl.col("ccode").cast(pl.Int64).alias("cow")
    )


def leader_changes(directory: Path) -> pl.DataFrame:
    """Whether the effective leader changed in a year, 1945–2015: 1 where one took office after another, else 0.

    The first leader of a state is no change, nor is a leader who follows upon himself. A year is covered where some spell
    of office touches it. Archigos counts by Gleditsch-Ward numbers; where two of them fall on one COW number in a year
    (Serbia in 2006), a change in either counts.

    References
    ----------
    Goemans, Gleditsch and Chiozza (2009), Journal of Peace Research 46(2), 269–283.
    """
    spells = pl.read_parquet(verified(directory, "archigos", "archigos.parquet")).sort("gwcode", "startdate", "obsid")
    spells = spells.with_columns(
        pl.col("gwcode").cast(pl.Int64),
        (pl.col("leadid") != pl.col("leadid").shift(1).over("gwcode")).fill_null(value=False).alias("change"),
        pl.col("startdate").dt.year().cast(pl.Int64).alias("first"),
        pl.col("enddate").dt.year().cast(pl.Int64).alias("last"),
    )
    years = spells.with_columns(pl.int_ranges("first", pl.col("last") + 1).alias("year")).explode("year")
    years = years.with_columns((pl.col("change") & (pl.col("year") == pl.col("first"))).alias("changed"))
    yearly = years.join(_gw_to_cow(directory), on=["gwcode", "year"])
    frame = yearly.group_by("cow", "year").agg(pl.col("changed").any().cast(pl.Float64).alias("value"))
    return as_series(frame.sort("cow", "year"), "leader_change", "archigos")


def populists(directory: Path, states: pl.DataFrame, codes: list[StateCode]) -> pl.DataFrame:
    """Whether a populist governed in any part of a year, 1945–2020, for the 28 states of the coded list only.

    A state that is not on the list is missing, for it is either not populist or was not screened. Spells without an end
    ran in December 2020, where the source ends.

    References
    ----------
    Funke, Schularick and Trebesch (2023), American Economic Review 113(12), 3249–3288.
    """
    spells = pl.read_csv(verified(directory, "popleaders", "populist_leader_spells.csv"))
    ruled: dict[str, set[int]] = {}
    for country, first, last in spells.select("country", "start_year", "end_year").iter_rows():
        years = range(first, (LAST_POPULIST_YEAR if last is None else last) + 1)
        ruled.setdefault(resolve_state(states, country), set()).update(years)
    covered = state_years(codes, FIRST_YEAR, LAST_POPULIST_YEAR).filter(pl.col("state").is_in(list(ruled)))
    values = [float(year in ruled[state]) for state, year in covered.select("state", "year").iter_rows()]
    return as_series(covered.with_columns(pl.Series("value", values, pl.Float64)), "populist", "popleaders")


def force_uses(directory: Path, codes: list[StateCode]) -> pl.DataFrame:
    """Whether a state itself used force against another state, 1945–2014: hostility 4 (use of force) or 5 (war).

    The level is the state's highest in the dispute with that opponent, so every year of such a dispute counts. −9 is
    unknown: a year with nothing but unknown levels below the threshold is missing. Years without a dispute are 0.

    References
    ----------
    Palmer and others (2022), Conflict Management and Peace Science 39(4), 470–482.
    """
    disputes = pl.read_parquet(verified(directory, "cow_mid", "cow_mid_dirdisps.parquet")).select(
        pl.col("ccode1").cast(pl.Int64).alias("cow"), pl.col("year").cast(pl.Int64), pl.col("hostlev1").alias("level")
    )
    yearly = disputes.group_by("cow", "year").agg(
        pl.col("level").max().alias("highest"), (pl.col("level") == UNKNOWN).any().alias("unknown")
    )
    frame = state_years(codes, FIRST_YEAR, LAST_DISPUTE_YEAR).join(yearly, on=["cow", "year"], how="left")
    return as_series(
        frame.with_columns(
            pl.when(pl.col("highest") >= USE_OF_FORCE)
            .then(1.0)
            .when(pl.col("unknown").fill_null(value=False))
            .then(None)
            .otherwise(0.0)
            .alias("value")
        ),
        "force_use",
        "cow_mid",
    )


def interstate_conflicts(directory: Path, codes: list[StateCode]) -> pl.DataFrame:
    """Whether a state was a side, first or second, of an armed conflict between states, 1946–2024.

    At least 25 battle deaths a year. It reaches beyond the end of the disputes and is a check on them: of 413 such
    state-years to 2014 the disputes have a use of force in 381, and in 1,797 more. No term mixes the two.
    """
    rows = pl.read_parquet(verified(directory, "ucdp_acd", "ucdp_acd.parquet"))
    rows = rows.filter(pl.col("type_of_conflict") == "interstate")
    sides = pl.concat(
        [
            rows.select(pl.col("year").cast(pl.Int64), pl.col(side).cast(pl.Int64).alias("gwcode"))
            for side in ("gwno_a", "gwno_a_2nd", "gwno_b", "gwno_b_2nd")
        ]
    )
    fought = (
        sides.drop_nulls()
        .join(_gw_to_cow(directory), on=["gwcode", "year"])
        .select("cow", "year", pl.lit(1.0).alias("value"))
        .unique()
    )
    frame = state_years(codes, FIRST_YEAR + 1, LAST_CONFLICT_YEAR).join(fought, on=["cow", "year"], how="left")
    return as_series(frame.with_columns(pl.col("value").fill_null(0.0)), "interstate_conflict", "ucdp_acd")


def alliances(directory: Path, codes: list[StateCode]) -> pl.DataFrame:
    """Spells of alliance between two states, 1945–2018, each pair once.

    The source lists both directions; an obligation that either has towards the other belongs to the pair. A spell ends
    where the obligations change. `last_year` 2018 is the end of the source, not of the alliance.

    Returns
    -------
    state_1, state_2 (codes in the first year), cow_1 < cow_2, first_year, last_year, obligations, source.

    References
    ----------
    Leeds, Ritter, Mitchell and Long (2002), International Interactions 28(3), 237–260.
    """
    known = [c.cow for c in codes if c.cow is not None]
    rows = pl.read_parquet(verified(directory, "atop_alliance", "atop_alliance.parquet"))
    words = [
        pl.when(pl.col(f"atop_{o}").max() == 1).then(pl.lit(o)).otherwise(pl.lit(None, pl.String)).alias(o)
        for o in OBLIGATIONS
    ]
    pairs = (
        rows.filter((pl.col("year") >= FIRST_YEAR) & pl.col("ccode1").is_in(known) & pl.col("ccode2").is_in(known))
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
    spells = (
        pairs.with_columns(begins.fill_null(value=True).cum_sum().alias("spell"))
        .group_by(*pair, "spell", "obligations", maintain_order=True)
        .agg(pl.col("year").min().alias("first_year"), pl.col("year").max().alias("last_year"))
    )
    return spells.with_columns(
        *(
            pl.Series(f"state_{n}", [code_in_year(codes, c, y) for c, y in spells.select(f"cow_{n}", "first_year").iter_rows()])
            for n in (1, 2)
        ),
        pl.lit("atop_alliance").alias("source"),
    ).drop("spell")  # fmt: skip
