"""The curated tables under the names and types of the schema."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from exeunt.errors import CompileError
from exeunt.record.schema import TABLE, Table
from exeunt.record.sheets import POLARS_TYPES, read_folder, read_sheet

MEMBERSHIP_KINDS = ("membership", "treaty")


def read_csv(path: Path) -> pl.DataFrame:
    """Read a curated CSV as text; an empty cell is missing, and Namibia's "NA" is not."""
    return read_sheet(path).frame


def load(folder: Path) -> dict[str, pl.DataFrame]:
    """Every curated table, checked, as text under the names of its CSV.

    Raises
    ------
    CompileError, with the first fault in one sentence and the number of the others.
    """
    sheets, problems = read_folder(folder)
    if problems:
        more = (
            f" {len(problems)} faults in all: `exeunt check --data {folder.parent}` lists them." if problems[1:] else ""
        )
        raise CompileError(problems[0] + more)
    return {name: sheet.frame for name, sheet in sheets.items()}


def own_tables(sheets: dict[str, pl.DataFrame]) -> dict[str, pl.DataFrame]:
    """The tables of the record that rest on curated sheets alone."""
    plain = ("labels", "acts", "episodes", "cases", "vclt_parties", "published_counts")
    tables = {name: conform(sheets[name], TABLE[name]) for name in plain}
    regions = sheets["regions"].select("state", "region")
    tables["states"] = conform(
        sheets["states"].join(regions, on="state", how="left", maintain_order="left"), TABLE["states"]
    )
    tables["clauses"] = conform(sheets["clauses"].rename({"body_key": "body"}), TABLE["clauses"])
    claims = sheets["claims"].with_columns(pl.lit("critique-of-batch-2026").alias("argument"))
    tables["claims"] = conform(claims, TABLE["claims"])
    tables["case_bodies"] = case_bodies(sheets["case_bodies"])
    return tables


def conform(frame: pl.DataFrame, table: Table) -> pl.DataFrame:
    """Give a frame exactly the columns and types of its table, sorted by key.

    Raises
    ------
    CompileError, if a cell cannot be read as its type; at most five examples are named.
    """
    columns = []
    for column in table.columns:
        dtype = POLARS_TYPES[column.kind]
        if column.name not in frame.columns:
            columns.append(pl.lit(None, dtype=dtype).alias(column.name))
        elif frame.schema[column.name] == pl.String and column.kind == "boolean":
            text = pl.col(column.name)
            columns.append(
                pl.when(text == "true").then(True).when(text == "false").then(False).otherwise(None)
                .cast(pl.Boolean).alias(column.name)
            )  # fmt: skip
        else:
            columns.append(pl.col(column.name).cast(dtype, strict=False).alias(column.name))
    out = frame.select(columns)
    for column in table.columns:
        if column.name in frame.columns:
            lost = frame.filter(frame[column.name].is_not_null() & out[column.name].is_null())[column.name]
            if lost.len():
                raise CompileError(
                    f"{table.name}.{column.name}: {lost.len()} cells are no {column.kind}: {lost.head(5).to_list()}."
                )
    return out.sort(list(table.key), nulls_last=False, maintain_order=True)


def bodies(sheet: pl.DataFrame, coded: pl.DataFrame) -> pl.DataFrame:
    """All bodies: the curated ones, then every COW body that none of them names.

    Parameters
    ----------
    sheet : bodies.csv
    coded : one row per COW body: cow_igo, name_cow, cow_ionum, coded_from, coded_to
    """
    curated = sheet.rename({"key": "body", "cow_igo_code": "cow_igo"})
    unknown = set(curated["cow_igo"].drop_nulls()) - set(coded["cow_igo"])
    if unknown:
        raise CompileError(f"bodies.csv names COW columns that the source lacks: {sorted(unknown)[:5]}.")
    curated = curated.with_columns(pl.col("founded").cast(pl.Int64), pl.col("ended").cast(pl.Int64))
    joined = curated.join(coded.drop("name_cow"), on="cow_igo", how="left")
    taken = set(curated["body"])
    rest = coded.filter(~pl.col("cow_igo").is_in(curated["cow_igo"].drop_nulls().to_list())).with_columns(
        pl.col("cow_igo").map_elements(lambda c: f"{c}_cow" if c in taken else c, pl.String).alias("body"),
        pl.col("name_cow").alias("name_en"),
        pl.lit("treaty_organization").alias("kind"),
        pl.lit("membership").alias("leaveable"),
        pl.col("coded_from").alias("founded"),
        pl.when(pl.col("coded_to") < coded["coded_to"].max()).then(pl.col("coded_to")).alias("ended"),
        pl.lit("compiled_from_cow_igo;kind_assumed").alias("flag"),
    )
    frame = pl.concat([joined, rest.drop("name_cow")], how="diagonal_relaxed")
    return conform(frame, TABLE["bodies"])


def leaveable(case_bodies: pl.DataFrame, all_bodies: pl.DataFrame, state: str) -> pl.DataFrame:
    """What any state can leave in each body, and what the state of a case can where that differs."""
    general = all_bodies.select("body", pl.lit("*").alias("state"), pl.col("leaveable").alias("what"))
    special = case_bodies.select("body", pl.lit(state).alias("state"), "what", "status_before", "sources")
    return conform(pl.concat([general, special], how="diagonal_relaxed"), TABLE["leaveable"])


def case_bodies(sheet: pl.DataFrame) -> pl.DataFrame:
    """The bodies of every case, in the words of the schema."""
    frame = sheet.rename({"key": "body", "leaveable_for_usa": "what", "us_status_before": "status_before"})
    frame = frame.with_columns(
        pl.col("list").replace_strict({"2(a)": "listed_other", "2(b)": "listed_un"}, return_dtype=pl.String)
    )
    return conform(frame, TABLE["case_bodies"])
