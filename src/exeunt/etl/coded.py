"""Coded memberships of COW IGO v3 → spells, declared corrections applied to the cells first; carried on after its end.

After the source memberships are carried forward by body, begun and ended by dated acts.

Source: Pevehouse, Nordstrom, McManus and Jamison (2020), Journal of Peace Research 57(3), 492–503. Codes of a cell:
0 none, 1 full, 2 associate, 3 observer, −9 missing, −1 state or body not in existence.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from exeunt.core.dates import last_year_of_membership, parse
from exeunt.core.errors import CompileError
from exeunt.etl.sources.series import FIRST_YEAR
from exeunt.record.identity import StateCode, code_in_year, cow_of
from exeunt.record.schema import CODED_STATUS, LAST_CODED_YEAR, MEMBERSHIP_BEGINS, MEMBERSHIP_ENDS

FIVE_YEAR_DATA_TO = 1965
UPSTREAM = {0: "not_member", **CODED_STATUS}
TYPES = {int: "a whole number", str: "a text", list: "a list"}
FIELDS: dict[str, dict[str, type]] = {
    "cells": {"cow": int, "code": str, "first_year": int, "last_year": int, "expect": int, "status": int},
    "seam": {"first_year_out": int, "expect_exits": int, "expect_joins": int},
}
"""Kind of correction → the fields that it needs beyond its id, its reason and its sources."""


@dataclass(frozen=True)
class _Coded:
    """The coded cells from 1945: `cells[row, column]`, rows are state-years, columns bodies."""

    cow: NDArray[np.int64]
    year: NDArray[np.int64]
    codes: list[str]
    cells: NDArray[np.int8]
    bodies: pl.DataFrame
    """cow_igo, name_cow, cow_ionum, coded_from, coded_to."""
    body_years: pl.DataFrame
    """cow_igo, year: rows of the source in which the body exists."""


def _read_coded(runs: pl.DataFrame, bodies: pl.DataFrame) -> _Coded:
    """Lay the staged runs out as cells.

    Parameters
    ----------
    runs, bodies : the staged tables `cow_igo_runs` and `cow_igo_bodies`
    """
    system = runs.filter(pl.col("cow_igo").is_null()).select("cow", "first_year", "last_year").sort("cow", "first_year")
    units = [(cow, year) for cow, first, last in system.iter_rows() for year in range(first, last + 1)]
    row_of = {unit: row for row, unit in enumerate(units)}
    held = runs.filter(pl.col("cow_igo").is_not_null())
    codes = sorted(set(held["cow_igo"]))
    column_of = {code: column for column, code in enumerate(codes)}
    cells = np.zeros((len(units), len(codes)), np.int8)
    for cow, body, code, first, last in held.iter_rows():
        row = row_of[cow, first]
        cells[row : row + last - first + 1, column_of[body]] = code
    cow, year = np.array(units, np.int64).T
    years = bodies.select("cow_igo", pl.int_ranges("first_year", pl.col("last_year") + 1).alias("year")).explode("year")
    body_years = years.filter(pl.col("year") >= FIRST_YEAR).cast({"year": pl.Int64})
    return _Coded(cow, year, codes, cells, _spans(bodies), body_years)


def _spans(bodies: pl.DataFrame) -> pl.DataFrame:
    """Bodies of the source, one row each: cow_igo, name_cow, cow_ionum, coded_from, coded_to."""
    return bodies.group_by("cow_igo", "name_cow", "cow_ionum", maintain_order=True).agg(
        pl.col("first_year").min().alias("coded_from"), pl.col("last_year").max().alias("coded_to")
    )


def read_corrections(path: Path) -> list[dict[str, Any]]:
    """Read the declared corrections; each has a reason and says what it expects upstream.

    Raises
    ------
    CompileError, if the file is no TOML, or a correction lacks a field or holds one of the wrong type.
    """
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8"))
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise CompileError(f"{path.name} cannot be read as TOML ({error}); mend it there.") from None
    corrections = raw.get("correction", [])
    if not isinstance(raw.get("source"), str) or not isinstance(corrections, list):
        raise CompileError(f"{path.name} needs `source`, the key of a card, and its corrections under [[correction]].")
    for item in corrections:
        fields = {"id": str, "kind": str, "reason": str, "sources": list, **FIELDS.get(str(item.get("kind")), {})}
        missing = sorted(set(fields) - set(item))
        if missing or not item["reason"]:
            raise CompileError(
                f"{path.name}, correction {item.get('id')!r}: it lacks {', '.join(missing) or 'a reason'}; fill it in."
            )
        wrong = [name for name, kind in fields.items() if type(item[name]) is not kind]
        strange = [name for name in ("expect", "status") if item["kind"] == "cells" and item[name] not in UPSTREAM]
        if wrong or strange:
            name = (wrong or strange)[0]
            codes = ", ".join(f"{code} {word}" for code, word in UPSTREAM.items())
            expected = f"one of {codes}" if strange else TYPES[fields[name]]
            raise CompileError(
                f"{path.name}, correction {item['id']!r}: {name} is {item[name]!r}; expected {expected}, so mend it there."
            )
        item["source"], item["file"] = raw["source"], path.name
    return corrections


def _apply_corrections(coded: _Coded, corrections: list[dict[str, Any]]) -> NDArray[np.int16]:
    """Correct the cells in place; returns for each cell the number of its correction, −1 for none.

    Raises
    ------
    CompileError, if upstream no longer says what a correction expects: it may have been mended.
    """
    mark = np.full(coded.cells.shape, -1, np.int16)
    # A seam is held against what upstream says, before any cell is mended.
    for number, item in sorted(enumerate(corrections), key=lambda pair: pair[1]["kind"] != "seam"):
        where = f"{item.get('file', item['source'])}, correction {item['id']}"
        if item["kind"] == "seam":
            exits, joins = _steps_into(coded, item["first_year_out"])
            if (exits, joins) != (item["expect_exits"], item["expect_joins"]):
                raise CompileError(
                    f"{where}: expected {item['expect_exits']} exits and {item['expect_joins']} joins in "
                    f"{item['first_year_out']}, the source has {exits} and {joins}: upstream has changed; look at the new "
                    "file, then take the correction out or write down the new counts."
                )
            continue
        if item["kind"] != "cells":
            raise CompileError(f"{where}: unknown kind {item['kind']!r}; expected one of {', '.join(FIELDS)}.")
        if item["code"] not in coded.codes:
            raise CompileError(f"{where}: {item['code']!r} is no column of the source; mend `code`.")
        column = coded.codes.index(item["code"])
        rows = np.flatnonzero(
            (coded.cow == item["cow"]) & (coded.year >= item["first_year"]) & (coded.year <= item["last_year"])
        )
        found = coded.cells[rows, column]
        if len(rows) != item["last_year"] - item["first_year"] + 1 or set(found.tolist()) != {item["expect"]}:
            raise CompileError(
                f"{where}: expected {item['expect']} ({UPSTREAM.get(item['expect'])}) for COW state {item['cow']} in "
                f"{item['code']} in each year {item['first_year']}–{item['last_year']}, the source has "
                f"{_runs(coded.year[rows], found)}: upstream may be mended; look at it, then take the correction out or "
                "write down what it must expect now."
            )
        coded.cells[rows, column] = item["status"]
        mark[rows, column] = number
    return mark


def _runs(years: NDArray[np.int64], values: NDArray[np.int8]) -> str:
    """Values of consecutive rows in words: `0 in 2003–2009, 1 in 2010–2014`."""
    if not len(years):
        return "no such years"
    cut = np.flatnonzero(np.r_[True, values[1:] != values[:-1]])
    ends = np.r_[cut[1:], len(years)] - 1
    told = [f"{values[a]} in {years[a]}" + (f"–{years[b]}" if b > a else "") for a, b in zip(cut, ends, strict=True)]
    return ", ".join(told[:5]) + (" …" if len(told) > 5 else "")


def _steps_into(coded: _Coded, year: int) -> tuple[int, int]:
    """Count 1→0 and 0→1 steps from the year before into `year`, bodies alive."""
    alive = set(coded.body_years.filter(pl.col("year") == year)["cow_igo"])
    columns = np.array([code in alive for code in coded.codes])
    before = {c: r for r, c in enumerate(coded.cow) if coded.year[r] == year - 1}
    after = {c: r for r, c in enumerate(coded.cow) if coded.year[r] == year}
    exits = joins = 0
    for cow in before.keys() & after.keys():
        old, new = coded.cells[before[cow]][columns], coded.cells[after[cow]][columns]
        exits += int(((old == 1) & (new == 0)).sum())
        joins += int(((old == 0) & (new == 1)).sum())
    return exits, joins


def _spells(coded: _Coded, mark: NDArray[np.int16], corrections: list[dict[str, Any]]) -> pl.DataFrame:
    """Runs of one status in consecutive years; 0 and −1 make no spell, −9 makes one of status `unknown`.

    A −1 in a row of a state whose body does exist that year (most cells of `iccec` from 1989) is missing too.
    """
    alive = np.zeros(coded.cells.shape, np.bool_)
    years_of: dict[str, set[int]] = {}
    for code, year in coded.body_years.iter_rows():
        years_of.setdefault(code, set()).add(year)
    for column, code in enumerate(coded.codes):
        alive[:, column] = np.isin(coded.year, list(years_of.get(code, ())))
    stacked = np.where((coded.cells == -1) & alive, -9, coded.cells).T
    rows, n = [], len(coded.cow)
    new_unit = np.r_[True, (coded.cow[1:] != coded.cow[:-1]) | (coded.year[1:] != coded.year[:-1] + 1)]
    for column, code in enumerate(coded.codes):
        values, marks = stacked[column], mark[:, column]
        cut = np.flatnonzero(new_unit | np.r_[True, values[1:] != values[:-1]] | np.r_[True, marks[1:] != marks[:-1]])
        ends = np.r_[cut[1:], n] - 1
        for start, end in zip(cut, ends, strict=True):
            status = CODED_STATUS.get(int(values[start]))
            number = int(marks[start])
            if status is None and number >= 0:
                status = "not_member"
            if status is None:
                continue
            rows.append(
                (
                    int(coded.cow[start]), code, status, int(coded.year[start]), int(coded.year[end]),
                    corrections[number]["id"] if number >= 0 else None,
                    UPSTREAM[corrections[number]["expect"]] if number >= 0 else None,
                )
            )  # fmt: skip
    frame = pl.DataFrame(
        rows,
        schema={
            "cow": pl.Int64, "cow_igo": pl.String, "status": pl.String, "first_year": pl.Int64,
            "last_year": pl.Int64, "correction": pl.String, "upstream": pl.String,
        },
        orient="row",
    )  # fmt: skip
    return frame.with_columns(
        pl.when(pl.col("first_year") <= FIVE_YEAR_DATA_TO)
        .then(pl.lit("five_year"))
        .otherwise(pl.lit("year"))
        .alias("precision"),
        pl.lit("observed").alias("reading"),
        pl.lit("cow_igo").alias("source"),
    )


# --- after the source ------------------------------------------------------------------------------------------------


def _by_state_code(spells: pl.DataFrame, codes: list[StateCode]) -> pl.DataFrame:
    """Give each spell the state code of its years; a spell over a change of code is split there."""
    several = {c.cow for c in codes if c.cow is not None and len({d.state for d in codes if d.cow == c.cow}) > 1}
    cache: dict[tuple[int, int], str] = {}

    def code(cow: int, year: int) -> str:
        key = (cow, year if cow in several else 0)
        if key not in cache:
            cache[key] = code_in_year(codes, cow, year)
        return cache[key]

    rows = []
    for row in spells.iter_rows(named=True):
        last = row["last_year"]
        if row["cow"] not in several or last is None:
            rows.append({**row, "state": code(row["cow"], row["first_year"] if last is None else last)})
            continue
        start = row["first_year"]
        for year in range(row["first_year"], last + 1):
            if year == last or code(row["cow"], year + 1) != code(row["cow"], start):
                rows.append({**row, "first_year": start, "last_year": year, "state": code(row["cow"], start)})
                start = year + 1
    return pl.DataFrame(rows, schema={**spells.schema, "state": pl.String}, orient="row")


def _after_coded(spells: pl.DataFrame, acts: pl.DataFrame, codes: list[StateCode]) -> pl.DataFrame:
    """Spells from the first year after the coded source.

    Parameters
    ----------
    spells : coded spells: cow, body, status, first_year, last_year, …
    acts : the acts table

    Returns
    -------
    Spells of the same columns: `carried_forward` until an act ends them, `act` where an act begins them.
    """
    start = LAST_CODED_YEAR + 1
    coded_bodies = set(spells.filter(pl.col("last_year") == LAST_CODED_YEAR)["body"])
    open_now: dict[tuple[int, str], dict[str, object]] = {
        (row["cow"], row["body"]): row
        for row in spells.filter(
            (pl.col("last_year") == LAST_CODED_YEAR) & pl.col("status").is_in(["member", "associate", "observer"])
        ).iter_rows(named=True)
    }
    events: dict[tuple[int, str], list[tuple[int, str]]] = {}
    missed: dict[tuple[int, str], tuple[int, str]] = {}
    for act in acts.filter(pl.col("act").is_in(list(MEMBERSHIP_ENDS | MEMBERSHIP_BEGINS))).iter_rows(named=True):
        if act["body"] not in coded_bodies:
            continue
        text = act["takes_effect"] if act["act"] == "rejoined" and act["takes_effect"] else act["date"]
        if act["act"] in MEMBERSHIP_ENDS:
            year = last_year_of_membership(text) if act["counts_as_exit"] else None
        else:
            earliest = parse(text).earliest
            year = earliest.year if earliest else None
        cow = cow_of(codes, act["state"], year) if year is not None else None
        if year is None or cow is None:
            continue
        key = (cow, act["body"])
        direction = "out" if act["act"] in MEMBERSHIP_ENDS else "in"
        if year >= LAST_CODED_YEAR:
            events.setdefault(key, []).append((year, direction))
        elif year >= missed.get(key, (0, ""))[0]:
            missed[key] = (year, direction)
    # An exit that the source never registered (its spell runs on from before it) ends what would be carried.
    for key, (year, direction) in missed.items():
        spell = open_now.get(key)
        if direction == "out" and spell is not None and spell["first_year"] <= year:  # type: ignore[operator]
            del open_now[key]
    rows: list[dict[str, object]] = []
    for key in sorted(open_now.keys() | events.keys()):
        inside = open_now.get(key)
        status = str(inside["status"]) if inside else "member"
        first, reading = (start, "carried_forward") if inside else (None, "act")
        for year, direction in sorted(events.get(key, [])):
            if direction == "out" and first is not None:
                if year >= first:
                    rows.append(_spell(key, status, first, year, reading))
                first = None
            elif direction == "in" and first is None:
                first, reading, status = max(year, start), "act", "member"
            elif direction == "in" and first is not None and status != "member":
                if year > first:
                    rows.append(_spell(key, status, first, year - 1, reading))
                first, reading, status = max(year, start), "act", "member"
        if first is not None:
            rows.append(_spell(key, status, first, None, reading))
    return pl.DataFrame(rows, schema=spells.schema, orient="row")


def _settled_by_acts(acts: pl.DataFrame, codes: list[StateCode]) -> set[tuple[int, str]]:
    """Pairs whose membership an act has begun or ended in the last coded year or later."""
    pairs = set()
    decisive = pl.col("act").is_in(list(MEMBERSHIP_ENDS | MEMBERSHIP_BEGINS)) & pl.col("body").is_not_null()
    for act in acts.filter(decisive).iter_rows(named=True):
        latest = parse(act["date"]).latest
        if (
            latest is not None
            and latest.year >= LAST_CODED_YEAR
            and not (act["act"] in MEMBERSHIP_ENDS and act["counts_as_exit"] is False)
        ):
            cow = cow_of(codes, act["state"], latest.year)
            if cow is not None:
                pairs.add((cow, act["body"]))
    return pairs


def _spell(key: tuple[int, str], status: str, first: int, last: int | None, reading: str) -> dict[str, object]:
    return {
        "cow": key[0], "body": key[1], "status": status, "first_year": first, "last_year": last, "correction": None,
        "upstream": None,
        "precision": "year", "reading": reading, "source": "exeunt_curated" if reading == "act" else "cow_igo",
    }  # fmt: skip
