"""The rules that the record must keep, each broken one told in a sentence."""

from __future__ import annotations

import polars as pl

from exeunt.record.cards import all_cards
from exeunt.record.rules import faults
from exeunt.record.schema import TABLE, TABLES, Table

Tables = dict[str, pl.DataFrame]


def check(tables: Tables) -> list[str]:
    """Check every table; an empty list means that the record is clean."""
    problems: list[str] = []
    for table in TABLES:
        if table.name not in tables:
            problems.append(f"table {table.name} is missing.")
            continue
        problems += _check_table(table, tables[table.name])
    if not problems:
        problems += _check_references(tables) + _check_rows(tables) + _check_spells(tables["memberships"])
        problems += _check_alliances(tables["alliances"])
    return problems


def _check_table(table: Table, frame: pl.DataFrame) -> list[str]:
    problems = []
    names = [c.name for c in table.columns]
    if frame.columns != names:
        return [f"{table.name} has the columns {frame.columns}; expected {names}."]
    doubled = frame.height - frame.unique(list(table.key)).height
    if doubled:
        example = frame.filter(frame.select(table.key).is_duplicated()).select(table.key).head(5).rows()
        problems.append(f"{table.name}: {doubled} rows repeat their key {table.key}, for example {example}.")
    for column in table.columns:
        values = frame[column.name]
        if column.required and values.null_count():
            problems.append(f"{table.name}.{column.name}: {values.null_count()} cells are empty and may not be.")
        if column.words:
            strange = sorted(set(values.drop_nulls().unique()) - set(column.words))
            if strange:
                problems.append(
                    f"{table.name}.{column.name} holds {strange[:5]}; expected one of {list(column.words)}."
                )
    return problems


def _check_references(tables: Tables) -> list[str]:
    problems = []
    states = set(tables["states"]["state"]) | {"*"}
    bodies = set(tables["bodies"]["body"])
    for table in TABLES:
        frame = tables[table.name]
        for column, known in (("state", states), ("state_1", states), ("state_2", states), ("body", bodies)):
            if column in frame.columns:
                lost = sorted(set(frame[column].drop_nulls().unique()) - known)
                if lost:
                    problems.append(f"{table.name}.{column} names {lost[:5]}, unknown to the record.")
        for column in ("source",):
            if column in frame.columns:
                lost = sorted(set(frame[column].drop_nulls().unique()) - set(all_cards()))
                if lost:
                    problems.append(f"{table.name}.{column} names {lost[:5]}, for which there is no card.")
    lost = sorted(set(tables["acts"]["episode"]) - set(tables["episodes"]["episode"]))
    if lost:
        problems.append(f"acts name the episodes {lost[:5]}, which do not exist.")
    for name in ("labels", "cases", "case_bodies", "corrections", "vclt_parties", "published_counts"):
        bare = tables[name].filter(pl.col("sources").is_null()).height
        if bare:
            problems.append(f"{name}: {bare} rows have no source.")
    listed = set(tables["case_bodies"]["case"])
    for name, named in tables["cases"].select("case", "bodies").iter_rows():
        if (named is not None) == (name in listed):
            how = "names bodies and has a list of them" if named else "names no body and has no list of them"
            problems.append(f"cases: {name} {how}; fill in `bodies`, or list them in case_bodies.csv, and not both.")
    published = tables["published_counts"]
    for unit, known in (("state", states), ("body", bodies)):
        lost = sorted(set(published.filter(pl.col("unit") == unit)["key"]) - known)
        if lost:
            problems.append(f"published_counts names {lost[:5]}, unknown to the record.")
    undated = tables["vclt_parties"].filter((pl.col("standing") == "party") & pl.col("in_force").is_null())
    if undated.height:
        problems.append(f"vclt_parties: {undated['state'].head(5).to_list()} are parties without a date.")
    silent_and_article = tables["clauses"].filter(~pl.col("silent") & pl.col("instrument").is_null())
    if silent_and_article.height:
        problems.append(f"clauses {silent_and_article['id'].head(5).to_list()} name no instrument and are not silent.")
    return problems


def _check_rows(tables: Tables) -> list[str]:
    problems = []
    for fault in faults(tables):
        key = tables[fault.table][TABLE[fault.table].key[0]][fault.row]
        problems.append(f"{fault.table} {key}, column {fault.column}: {fault.says}")
    return problems


def _check_spells(memberships: pl.DataFrame) -> list[str]:
    problems = []
    backwards = memberships.filter(pl.col("first_year") > pl.col("last_year"))
    if backwards.height:
        problems.append(f"memberships: {backwards.height} spells end before they begin.")
    ordered = memberships.sort("cow", "body", "first_year").with_columns(
        pl.col("last_year").fill_null(9999).shift(1).over("cow", "body").alias("previous_end")
    )
    overlap = ordered.filter(pl.col("first_year") <= pl.col("previous_end"))
    if overlap.height:
        example = overlap.select("state", "body", "first_year").head(5).rows()
        problems.append(
            f"memberships: {overlap.height} spells overlap, for example {example}; a state belongs once at a time."
        )
    return problems


def _check_alliances(alliances: pl.DataFrame) -> list[str]:
    problems = []
    turned = alliances.filter(pl.col("cow_1") >= pl.col("cow_2"))
    if turned.height:
        problems.append(
            f"alliances: {turned.height} pairs are not in the order of their numbers, so one could stand twice."
        )
    ordered = alliances.sort("cow_1", "cow_2", "first_year").with_columns(
        pl.col("last_year").shift(1).over("cow_1", "cow_2").alias("previous_end")
    )
    wrong = ordered.filter(
        (pl.col("first_year") > pl.col("last_year")) | (pl.col("first_year") <= pl.col("previous_end"))
    )
    if wrong.height:
        problems.append(f"alliances: {wrong.height} spells overlap or end before they begin.")
    return problems
