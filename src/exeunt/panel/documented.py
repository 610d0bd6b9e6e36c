"""The documented exits of the record laid onto the coded cells, and exits by decade and region under every outcome."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
import polars as pl

from exeunt.arrays import BoolArray, IntArray
from exeunt.dates import parse
from exeunt.panel.outcomes import MATCH_YEARS, OUTCOMES, Exits, endings, exits_of, matched_cell, raw_steps
from exeunt.panel.risk import Cube, cube
from exeunt.record.counts import exits_counted
from exeunt.record.identity import code_in_year, cow_of
from exeunt.record.schema import LAST_CODED_YEAR
from exeunt.record.spells import BEGINNING, last_year_of_membership
from exeunt.record.store import Record


@dataclass(frozen=True)
class Documented:
    """Documented exits of bodies that are coded: `cells` is (n, 4), see `outcomes.exits_of`; `episodes` names the rows."""

    cells: IntArray
    episodes: tuple[str, ...]
    without_a_day: int
    """Documented exits from coded bodies without an undisputed day of effect in the years of the cube; left out."""


def documented_exits(record: Record, c: Cube) -> Documented:
    """Documented exits: they count, they are dated, and a source that is no coded dataset can be opened.

    The last cell is the year of the last day of membership by the first act of effect that counts as an exit.
    """
    at_state = {int(cow): i for i, cow in enumerate(c.states)}
    at_body = {b: j for j, b in enumerate(c.bodies)}
    acts = record.table("acts").filter(pl.col("body").is_not_null()).sort("date", "act_id").to_dicts()
    effect = {a["episode"]: a["date"] for a in reversed(acts) if a["act"] == "effective" and a["counts_as_exit"]}
    begins: dict[tuple[str, str], list[int]] = {}
    for act in acts:
        if act["act"] in BEGINNING:
            earliest = parse(act["takes_effect"] or act["date"]).earliest
            if earliest is not None:
                begins.setdefault((act["state"], act["body"]), []).append(earliest.year)
    cells, names, undated = [], [], 0
    for row in exits_counted(record):
        if row["class"] != "documented" or row["body"] not in at_body:
            continue
        year = last_year_of_membership(effect[row["episode"]]) if row["episode"] in effect else None
        cow = cow_of(record.codes, row["state"], year) if year is not None else None
        if year is None or cow not in at_state or not int(c.years[0]) <= year < int(c.years[-1]):
            undated += 1
            continue
        later = [y for y in begins.get((row["state"], row["body"]), []) if y > year]
        back = c.index(min(later)) if later and min(later) <= c.years[-1] else len(c.years)
        cells.append((c.index(year), at_state[int(cow or 0)], at_body[row["body"]], back))
        names.append(row["episode"])
    return Documented(np.array(cells, np.int64).reshape(-1, 4), tuple(names), undated)


def borne_out(c: Cube, documented: Documented) -> BoolArray:
    """Coded steps within two years of a documented exit of the same state from the same body."""
    steps = raw_steps(c)
    out = np.zeros_like(steps)
    for year, state, body, _ in documented.cells.tolist():
        near = slice(max(year - MATCH_YEARS, 0), year + MATCH_YEARS + 1)
        out[near, state, body] |= steps[near, state, body]
    return out


def outcome(record: Record, name: str, origin: int | None = None) -> tuple[Cube, Exits]:
    """The cube and the exits under one outcome of a record."""
    c = cube(record, upstream=name == "raw")
    found = documented_exits(record, c).cells if name == "verified" else None
    return c, exits_of(c, name, origin, found)


def outcome_counts(record: Record, origin: int = LAST_CODED_YEAR) -> pl.DataFrame:
    """Exits by decade, and by region, under every outcome, with the share of cleaned steps that documents bear out.

    Parameters
    ----------
    origin : of `cleaned_vintage`

    Returns
    -------
    by (decade of the first year out, region, or all), key, one column an outcome, documented_share (of the cleaned steps,
    0 to 1; empty where there are none), and the competing endings body_ended, state_ended and expelled.
    """
    c = cube(record)
    found = {n: outcome(record, n, origin if n == "cleaned_vintage" else None)[1].exits for n in OUTCOMES}
    cleaned, names = found["cleaned"], documented_exits(record, c)
    columns = {**found, "documented": cleaned & borne_out(c, names), **endings(c)}
    regions = dict(record.table("states").select("state", "region").iter_rows())

    @cache
    def region(state: int, year: int) -> str:
        return regions.get(code_in_year(record.codes, int(c.states[state]), int(c.years[year]))) or "other"

    counted: dict[tuple[str, str], dict[str, int]] = {}
    for name, cells in columns.items():
        for year, state, _ in np.argwhere(cells).tolist():
            first_out = int(c.years[year]) + 1
            for group in (("decade", f"{first_out // 10 * 10}s"), ("region", region(state, year)), ("all", "all")):
                counted.setdefault(group, dict.fromkeys(columns, 0))[name] += 1
    order = {"decade": 0, "region": 1, "all": 2}
    rows = []
    for (by, key), numbers in sorted(counted.items(), key=lambda item: (order[item[0][0]], item[0][1])):
        share = round(numbers["documented"] / numbers["cleaned"], 3) if numbers["cleaned"] else None
        rows.append(
            {"by": by, "key": key, **{n: numbers[n] for n in OUTCOMES}, "documented_share": share,
             **{n: numbers[n] for n in columns if n not in OUTCOMES and n != "documented"}}
        )  # fmt: skip
    return pl.DataFrame(rows)


def unmatched(record: Record) -> list[str]:
    """Episodes of documented exits from coded bodies of which the coded source knows no membership to end."""
    c = cube(record)
    steps, names = raw_steps(c), documented_exits(record, c)
    return [
        episode
        for episode, (year, state, body, _) in zip(names.episodes, names.cells.tolist(), strict=True)
        if matched_cell(c, steps, year, state, body) is None
    ]
