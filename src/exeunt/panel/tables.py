"""Panels as tables for other programs: rows at risk in their own units, states by year, pairs of states by year."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from exeunt.i18n import render
from exeunt.panel.build import LAST_PANEL_YEAR, Panel, codebook, exit_panel, join_panel, why_dropped
from exeunt.panel.outcomes import exits_of
from exeunt.panel.risk import ASSOCIATE, MEMBER, MISSING, NOT_IN_SYSTEM, OBSERVER, OUTSIDE, Cube, cube
from exeunt.record.identity import code_in_year
from exeunt.record.schema import MEASURES, READINGS, Column
from exeunt.record.store import Record

Years = tuple[int | None, int | None]


def at_risk(
    record: Record,
    kind: str,
    outcome: str,
    terms: Sequence[str] | None = None,
    last_year: int = LAST_PANEL_YEAR,
    origin: int | None = None,
    say: Callable[[str], None] = lambda _: None,
) -> pl.DataFrame:
    """Rows at risk of leaving (`exit`) or joining (`join`), every term in its own unit.

    Parameters
    ----------
    kind : exit or join; of the joins every pair-year outside is a row, none is left to a sample
    outcome : see `panel/outcomes.py`
    terms : names of terms, see `exeunt codebook terms`; the base terms by default
    last_year : rows up to this year, 2025 at most
    origin : for `cleaned_vintage`, the last year of which anything is known
    say : called with one line for each reason for which rows fell out

    Returns
    -------
    state, cow, body, year (last year of membership, or last year outside), event, the terms (see `exeunt codebook`),
    carried_years (age of the oldest covariate that was carried forward), reading and reading_after (how the cell of the
    year, and of the year after it, is known). A product is that of its two standardised parts.
    """
    if kind == "exit":
        panel = exit_panel(record, outcome, terms=terms, last_year=last_year, origin=origin)
    else:
        panel = join_panel(record, outcome, per_join=None, terms=terms, last_year=last_year, origin=origin)
    c = panel.cube
    for reason, rows in panel.dropped.items():
        say(f"{rows:,} rows fell out: {render(why_dropped(reason), 'en')}")
    return pl.DataFrame(
        {
            "state": _codes(record, c, panel.year, panel.state),
            "cow": c.states[panel.state],
            "body": np.array(c.bodies)[panel.body],
            "year": c.years[panel.year],
            "event": panel.event.astype(np.int8),
            **_raw(panel),
            "carried_years": panel.carried,
            "reading": panel.known(),
            "reading_after": panel.known(ahead=1),
        }
    )


def _raw(panel: Panel) -> dict[str, NDArray[np.float64]]:
    return {
        name: np.round(panel.raw[name], 9) if name in panel.raw else panel.terms[:, k]
        for k, name in enumerate(panel.names)
    }


def _codes(record: Record, c: Cube, year: NDArray[np.int64], state: NDArray[np.int64]) -> NDArray[np.str_]:
    table = np.full((len(c.years), len(c.states)), "", dtype="U4")
    for row, column in np.unique(np.stack([year, state]), axis=1).T:
        table[row, column] = code_in_year(record.codes, int(c.states[column]), int(c.years[row]))
    return np.asarray(table[year, state])


def state_years(record: Record, years: Years = (None, None)) -> pl.DataFrame:
    """States by year: memberships held, exits, joins, and every measure of the record.

    Returns
    -------
    state, cow, year, memberships, associate, observer, missing (bodies of which the source says nothing), exits_raw,
    exits_cleaned (empty in 1964, whose steps fall into the seam of 1965), joins, carried_forward (memberships that rest on
    the last coded status), then one column a measure. Exits are dated by the last year of membership, joins by the first.
    The last year of the record has no exits yet: they are empty.
    """
    c = cube(record)
    steps = exits_of(cube(record, upstream=True), "raw").exits
    cleaned = exits_of(c, "cleaned")
    alive = (c.status != NOT_IN_SYSTEM).any(axis=2)
    year, state = np.nonzero(alive)
    last = c.years[year] == c.years[-1]
    joins = np.zeros(c.status.shape[:2], np.int64)
    joins[1:] = ((c.status[:-1] == OUTSIDE) & (c.status[1:] == MEMBER)).sum(axis=2)

    def count(mask: NDArray[np.bool_]) -> NDArray[np.int64]:
        return np.asarray(mask.sum(axis=2, dtype=np.int64)[year, state])

    frame = pl.DataFrame(
        {
            "state": _codes(record, c, year, state),
            "cow": c.states[state],
            "year": c.years[year],
            "memberships": count(c.status == MEMBER),
            "associate": count(c.status == ASSOCIATE),
            "observer": count(c.status == OBSERVER),
            "missing": count(c.status == MISSING),
            "exits_raw": pl.Series(count(steps)).set(pl.Series(last), None),
            "exits_cleaned": pl.Series(count(cleaned.exits)).set(pl.Series(last | ~cleaned.row_ok[year]), None),
            "joins": joins[year, state],
            "carried_forward": count(c.carried & (c.status == MEMBER)),
        }
    )
    for name in MEASURES:
        values = record.measure(name).select("cow", "year", pl.col("value").alias(name))
        frame = frame.join(values, on=["cow", "year"], how="left", maintain_order="left")
    return between(frame, years)


def dyad_years(
    record: Record, years: Years = (None, None), state: str | None = None, say: Callable[[str], None] = lambda _: None
) -> pl.DataFrame:
    """Pairs of states by year, each pair once: bodies that both belong to, and the distance of their ideal points.

    Parameters
    ----------
    state : only pairs with this state; it is then the first of each pair

    Returns
    -------
    state_1, state_2, cow_1, cow_2, year, shared (bodies with both as full members), members_1, members_2, missing (bodies
    in which the status of either is missing: `shared` may be that much higher), ideal_point_distance.
    """
    c = cube(record)
    first, last = years
    code_of: dict[int, dict[int, str]] = {}
    points = {(cow, y): v for cow, y, v in record.measure("ideal_point").select("cow", "year", "value").iter_rows()}
    frames = []
    for row, number in enumerate(c.years):
        y = int(number)
        if (first is not None and y < first) or (last is not None and y > last):
            continue
        there = np.flatnonzero((c.status[row] != NOT_IN_SYSTEM).any(axis=1))
        code_of[y] = {int(i): code_in_year(record.codes, int(c.states[i]), y) for i in there}
        inside = (c.status[row][there] == MEMBER).astype(np.float32)
        unknown = (c.status[row][there] == MISSING).astype(np.float32)
        shared = inside @ inside.T
        # Missing for one and not excluded by the other: at most so many bodies more.
        open_to = inside + unknown
        missing = open_to @ open_to.T - shared
        a, b = np.triu_indices(len(there), k=1)
        if state is not None:
            own = [k for k, i in enumerate(there) if code_of[y][int(i)] == state]
            if not own:
                continue
            a, b = np.full(len(there) - 1, own[0]), np.delete(np.arange(len(there)), own[0])
        at = np.array([points.get((int(c.states[i]), y), np.nan) for i in there])
        names = np.array([code_of[y][int(i)] for i in there])
        held = inside.sum(axis=1)
        frames.append(
            pl.DataFrame(
                {
                    "state_1": names[a], "state_2": names[b], "cow_1": c.states[there[a]], "cow_2": c.states[there[b]],
                    "year": np.full(len(a), y), "shared": shared[a, b].astype(np.int64),
                    "members_1": held[a].astype(np.int64), "members_2": held[b].astype(np.int64),
                    "missing": missing[a, b].astype(np.int64), "ideal_point_distance": np.abs(at[a] - at[b]),
                }
            ).with_columns(pl.col("ideal_point_distance").fill_nan(None))
        )  # fmt: skip
        if y % 10 == 0:
            say(f"pairs to {y}")
    if not frames:
        return pl.DataFrame(schema=dict.fromkeys(DYAD_COLUMNS, pl.Int64))
    return pl.concat(frames)


DYAD_COLUMNS: Final = (
    "state_1", "state_2", "cow_1", "cow_2", "year", "shared", "members_1", "members_2", "missing", "ideal_point_distance",
)  # fmt: skip


def columns(kind: str) -> tuple[Column, ...]:
    """What each column of a panel means: exit, join, state-year or dyad-year."""
    base = [
        Column("state", "text", "state code in the year"), Column("cow", "integer", "Correlates of War state number"),
        Column("body", "text", "body key"), Column("year", "integer", "calendar year"),
    ]  # fmt: skip
    if kind == "dyad-year":
        return tuple(Column(n, "text" if n.startswith("state") else "integer", m) for n, m in DYAD_MEANINGS.items())
    if kind == "state-year":
        counted = [Column(n, "integer", m) for n, m in STATE_YEAR_MEANINGS.items()]
        return (*base, *counted, *(Column(n, "number", m) for n, m in MEASURES.items()))
    entries = pl.concat([codebook("terms"), codebook("join")])
    terms = [Column(r["term"], "number", r["meaning"]) for r in entries.iter_rows(named=True)]
    event = Column("event", "integer", "1 where the state left in this year" if kind == "exit" else "1 where it joined")
    carried = Column("carried_years", "integer", "age of the oldest covariate carried forward")
    known = Column("reading", "text", "how the status of the year is known", tuple(READINGS))
    after = Column("reading_after", "text", "how the status of the year after is known", tuple(READINGS))
    return (*base, event, *terms, carried, known, after)


STATE_YEAR_MEANINGS: Final = {
    "memberships": "bodies of which the state is a full member", "associate": "bodies with an associate seat",
    "observer": "bodies with an observer seat", "missing": "bodies of which the source says nothing",
    "exits_raw": "coded steps out, as the source has them", "exits_cleaned": "coded steps out, cleaned",
    "joins": "bodies joined", "carried_forward": "memberships that rest on the last coded status",
}  # fmt: skip
DYAD_MEANINGS: Final = {
    "state_1": "state code", "state_2": "state code", "cow_1": "Correlates of War number",
    "cow_2": "Correlates of War number", "year": "calendar year", "shared": "bodies to which both belong in full",
    "members_1": "bodies of the first", "members_2": "bodies of the second",
    "missing": "bodies in which the status of either is missing", "ideal_point_distance": "distance of ideal points",
}  # fmt: skip


def between(frame: pl.DataFrame, years: Years) -> pl.DataFrame:
    """Rows from the first to the last year, both included; None sets no bound."""
    first, last = years
    if first is not None:
        frame = frame.filter(pl.col("year") >= first)
    if last is not None:
        frame = frame.filter(pl.col("year") <= last)
    return frame
