"""Memberships after the coded source ends: carried forward by body, begun and ended by dated acts."""

from __future__ import annotations

from datetime import timedelta

import polars as pl

from exeunt.dates import parse
from exeunt.record.identity import StateCode, code_in_year, cow_of
from exeunt.record.schema import LAST_CODED_YEAR

ENDING = {"effective", "expelled"}
BEGINNING = {"joined", "acceded", "rejoined", "entered_into_force"}


def by_state_code(spells: pl.DataFrame, codes: list[StateCode]) -> pl.DataFrame:
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


def last_year_of_membership(text: str) -> int | None:
    """Year of the last day of membership for a date of effect; effect on 1 January ends on 31 December before."""
    latest = parse(text).latest
    if latest is None:
        return None
    return (latest - timedelta(days=1)).year if (latest.month, latest.day) == (1, 1) else latest.year


def after_coded(spells: pl.DataFrame, acts: pl.DataFrame, codes: list[StateCode]) -> pl.DataFrame:
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
    for act in acts.filter(pl.col("act").is_in(list(ENDING | BEGINNING))).iter_rows(named=True):
        if act["body"] not in coded_bodies:
            continue
        text = act["takes_effect"] if act["act"] == "rejoined" and act["takes_effect"] else act["date"]
        if act["act"] in ENDING:
            year = last_year_of_membership(text) if act["counts_as_exit"] else None
        else:
            earliest = parse(text).earliest
            year = earliest.year if earliest else None
        cow = cow_of(codes, act["state"], year) if year is not None else None
        if year is None or cow is None:
            continue
        key = (cow, act["body"])
        direction = "out" if act["act"] in ENDING else "in"
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


def settled(acts: pl.DataFrame, codes: list[StateCode]) -> set[tuple[int, str]]:
    """Pairs whose membership an act has begun or ended in the last coded year or later."""
    pairs = set()
    for act in acts.filter(pl.col("act").is_in(list(ENDING | BEGINNING)) & pl.col("body").is_not_null()).iter_rows(
        named=True
    ):
        latest = parse(act["date"]).latest
        if (
            latest is not None
            and latest.year >= LAST_CODED_YEAR
            and not (act["act"] in ENDING and act["counts_as_exit"] is False)
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
