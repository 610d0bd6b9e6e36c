"""Standing of the states that leave: memberships shared with every other state, distance from others' votes, company, image."""

from __future__ import annotations

from datetime import date
from typing import Any, Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from exeunt.arrays import FloatArray
from exeunt.consequence.batch import Batch
from exeunt.consequence.vacuum import Stages, stages
from exeunt.dates import parse
from exeunt.measures.membership import distance_from_others, shared
from exeunt.record.exits import exits
from exeunt.record.store import Record

STAGES: Final = ("before", "now", "after")
IMAGE: Final = "pew"
"""Source of the image of states, where a record has it."""
YEARS_BACK: Final = (0, 5, 10)
JOINS: Final = ("joined", "acceded", "ratified", "accepted", "rejoined")
COMPANY_YEARS: Final = 2
"""States that leave a body up to so many years before or after a decision count as company."""


def isolation(
    record: Record, asked: Batch, as_of: date | None = None, at: Stages | None = None
) -> list[dict[str, Any]]:
    """Standing of each leaving state.

    Returns
    -------
    Rows {state, measure, when, value, rank, of, change, why}. Measures: `bodies` (memberships), `shared` (mean number of
    bodies shared with another state, each body counted once a pair), `votes` (distance of the ideal point from the mean of all
    others'), `image`. `when` is before, now, after, or a year; rank 1 is the most connected, or the farthest from the others'
    votes; `change` is against before, or against the earliest of the years.
    """
    world = at or stages(record, asked, as_of)
    rows: list[dict[str, Any]] = []
    counted = {stage: _counts(getattr(world, stage).members) for stage in STAGES}
    for state in asked.states:
        i = world.now.at_state.get(state)
        if i is None:
            rows.append(_row(state, "bodies", None, None, None, None, None, "no membership of this state is coded"))
        else:
            for measure in ("bodies", "shared"):
                first = float(counted["before"][measure][i])
                for stage in STAGES:
                    values = counted[stage][measure]
                    rows.append(
                        _row(
                            state,
                            measure,
                            stage,
                            float(values[i]),
                            1 + int((values > values[i]).sum()),
                            len(values),
                            float(values[i]) - first,
                            None,
                        )
                    )
        rows += _votes(record, state, (as_of or record.closing_day).year)
        rows += _image(record, state)
    return rows


def _counts(members: NDArray[np.bool_]) -> dict[str, FloatArray]:
    number, _ = shared(members)
    return {"bodies": members.sum(axis=1).astype(np.float64), "shared": number.sum(axis=1) / max(len(members) - 1, 1)}


def _row(
    state: str, measure: str, when: str | None, value: float | None, rank: int | None, of: int | None, change: float | None,
    why: str | None,
) -> dict[str, Any]:  # fmt: skip
    return {
        "state": state,
        "measure": measure,
        "when": when,
        "value": value,
        "rank": rank,
        "of": of,
        "change": change,
        "why": why,
    }


def _votes(record: Record, state: str, year: int) -> list[dict[str, Any]]:
    frame = record.measure("ideal_point").filter(pl.col("value").is_not_null() & (pl.col("year") <= year))
    own = frame.filter(pl.col("state") == state)
    if not own.height:
        return [_row(state, "votes", None, None, None, None, None, "no ideal point of this state is in the record")]
    last = int(own["year"].to_numpy().max())
    found = []
    for back in sorted(YEARS_BACK, reverse=True):
        then = frame.filter(pl.col("year") == last - back).sort("state")
        place = then["state"].to_list()
        if state not in place:
            continue
        away = distance_from_others(then["value"].to_numpy().astype(np.float64), np.ones(then.height, np.bool_))
        mine = float(away[place.index(state)])
        found.append(
            _row(
                state,
                "votes",
                str(last - back),
                mine,
                1 + int((away > mine).sum()),
                then.height,
                0.0,
                "ideal points from votes in the UN General Assembly",
            )
        )
    for row in found:
        row["change"] = row["value"] - found[0]["value"]
    return found


def _image(record: Record, state: str) -> list[dict[str, Any]]:
    frame = record.all_series.filter((pl.col("source") == IMAGE) & (pl.col("state") == state)).sort("measure", "year")
    if not frame.height:
        return [
            _row(
                state,
                "image",
                None,
                None,
                None,
                None,
                None,
                "unknown: the record holds no series of the image of this state",
            )
        ]
    first = frame["value"][0]
    return [
        _row(state, f"image: {r['measure']}", str(r["year"]), r["value"], None, None, r["value"] - first, None)
        for r in frame.iter_rows(named=True)
    ]


def partners(record: Record, asked: Batch, as_of: date | None = None, at: Stages | None = None) -> list[dict[str, Any]]:
    """Bodies that each leaving state shares with every other state, those that lose most first.

    Returns
    -------
    Rows {state, partner, before, now, after, change, ties_before, ties_now, ties_after}: numbers of shared bodies, and the same
    with each membership split over the body's other members (see `measures.coverage.shared`).
    """
    world = at or stages(record, asked, as_of)
    counted = {stage: shared(getattr(world, stage).members) for stage in STAGES}
    rows = []
    for state in asked.states:
        i = world.now.at_state.get(state)
        for k, partner in enumerate(world.now.states if i is not None else ()):
            if k == i:
                continue
            number = {stage: int(counted[stage][0][i, k]) for stage in STAGES}
            ties = {f"ties_{stage}": float(counted[stage][1][i, k]) for stage in STAGES}
            rows.append(
                {"state": state, "partner": partner, **number, "change": number["after"] - number["before"], **ties}
            )
    return sorted(rows, key=lambda r: (r["state"], r["change"], -r["before"], r["partner"]))


def company(record: Record, asked: Batch, as_of: date | None = None, at: Stages | None = None) -> list[dict[str, Any]]:
    """Who left the same bodies, who stayed, who joined since.

    Returns
    -------
    Rows {body, relation, state, date, number, why}. `left_with`: another state with an exit from the body announced, notified
    or effective within two years of the decision; `joined_since`: an act of joining after the decision; `stayed`: one row a
    body with the `number` of its members after the exits, empty where the record lists none.
    """
    world = at or stages(record, asked, as_of)
    day = as_of or record.closing_day
    left: dict[str, list[dict[str, Any]]] = {}
    for row in exits(record, as_of=day):
        left.setdefault(row["body"], []).append(row)
    joins = record.table("acts").filter(pl.col("act").is_in(JOINS) & pl.col("body").is_in(asked.bodies))
    rows: list[dict[str, Any]] = []
    for body in asked.bodies:
        leavers = {s for s, b in asked.pairs if b == body}
        for row in left.get(body, ()):
            when = next((row[k] for k in ("announced", "notified", "effective") if row[k]), None)
            earliest = parse(when).earliest if when else None
            if row["state"] not in leavers and earliest and abs(earliest.year - asked.decided.year) <= COMPANY_YEARS:
                rows.append(_mate(body, "left_with", row["state"], when, None, row["episode"]))
        for item in joins.filter(pl.col("body") == body).iter_rows(named=True):
            first = parse(item["date"]).earliest
            if first and asked.decided <= first <= day and item["state"] not in leavers:
                rows.append(_mate(body, "joined_since", item["state"], item["date"], None, item["act_id"]))
        j = world.after.at_body.get(body)
        number = None if j is None else int(world.after.members[:, j].sum())
        rows.append(
            _mate(
                body,
                "stayed",
                None,
                None,
                number,
                None if j is not None else "the record lists no members of this body",
            )
        )
    return rows


def _mate(
    body: str, relation: str, state: str | None, when: str | None, number: int | None, why: str | None
) -> dict[str, Any]:
    return {"body": body, "relation": relation, "state": state, "date": when, "number": number, "why": why}
