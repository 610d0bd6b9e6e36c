"""Who stands where after a set of exits: the leaving states among the others, and what depends on the bodies that are left."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Final, Literal

import numpy as np
import polars as pl
from numpy.typing import NDArray

from exeunt.answers import Answer, Message, item
from exeunt.consequence.batch import Batch
from exeunt.consequence.vacuum import Stages, areas, stages
from exeunt.core.arrays import FloatArray
from exeunt.core.dates import parse
from exeunt.measures.membership import distance_from_others, shared
from exeunt.record.clauses import clause_for
from exeunt.record.exits import Exit, exits
from exeunt.record.store import Record

STAGES: Final = ("before", "now", "after")
IMAGE: Final = "pew"
"""Source of the image of states, where a record has it."""
YEARS_BACK: Final = (0, 5, 10)
JOINS: Final = ("joined", "acceded", "ratified", "accepted", "rejoined")
COMPANY_YEARS: Final = 2
"""States that leave a body up to so many years before or after a decision count as company."""


Kind = Literal["protocol", "depends_on", "part", "host", "only_seat"]
MEMBERSHIP_MEASURES: Final[tuple[Literal["bodies", "shared"], ...]] = ("bodies", "shared")
KINDS: Final[tuple[Kind, ...]] = ("protocol", "depends_on", "part", "host", "only_seat")


class _Standing(Answer, frozen=True, kw_only=True):
    """One measure of the standing of a leaving state."""

    state: Annotated[str, item("the state that leaves, key of table states")]
    measure: Annotated[Literal["bodies", "shared", "votes", "image"], item("what is measured")]
    when: Annotated[str | None, item("before, now, after, or a year")] = None
    value: Annotated[float | None, item("the figure; empty where unknown")] = None
    rank: Annotated[int | None, item("1 is the most connected, or the farthest from others' votes")] = None
    of: Annotated[int | None, item("states ranked")] = None
    change: Annotated[float | None, item("against before, or the earliest year")] = None
    why: Annotated[Message | None, item("what it rests on, or why nothing is known")] = None


class _Partner(Answer, frozen=True, kw_only=True):
    """Bodies that a leaving state shares with another; `ties` split each membership over the others in the body."""

    state: Annotated[str, item("the state that leaves, key of table states")]
    partner: Annotated[str, item("the other state")]
    before: Annotated[int, item("bodies shared, before")]
    now: Annotated[int, item("bodies shared, now")]
    after: Annotated[int, item("bodies shared, after")]
    change: Annotated[int, item("after less before")]
    ties_before: Annotated[float, item("the same, each membership split over others in the body, before")]
    ties_now: Annotated[float, item("the same, each membership split over others in the body, now")]
    ties_after: Annotated[float, item("the same, each membership split over others in the body, after")]


class _Company(Answer, frozen=True, kw_only=True):
    """Who left the same body, who joined since, how many stayed."""

    body: Annotated[str, item("body, key of table bodies")]
    relation: Annotated[Literal["left_with", "joined_since", "stayed"], item("company in leaving, staying, joining")]
    state: Annotated[str | None, item("the other state")] = None
    date: Annotated[str | None, item("day of its act, EDTF level 1")] = None
    number: Annotated[int | None, item("members that stay")] = None
    id: Annotated[str | None, item("episode of the exit, or act of joining")] = None
    why: Annotated[Message | None, item("why nothing is known")] = None


class _Dependent(Answer, frozen=True, kw_only=True):
    """Something that depends on a body that is left."""

    body: Annotated[str, item("body, key of table bodies")]
    kind: Annotated[Kind, item("how it depends")]
    what: Annotated[str, item("body, city or issue area")]
    states: Annotated[tuple[str, ...], item("states concerned")]
    number: Annotated[int | None, item("number of these states")]
    in_batch: Annotated[bool, item("whether it or its state is in the batch itself")]
    why: Annotated[Message, item("what it rests on")]
    source: Annotated[str | None, item("address of the source")] = None


def isolation(record: Record, asked: Batch, as_of: date | None = None, at: Stages | None = None) -> list[_Standing]:
    """Standing of each leaving state.

    Measures: `bodies` (memberships), `shared` (mean number of
    bodies shared with another state, each body counted once a pair), `votes` (distance of the ideal point from the mean of all
    others'), `image`. `when` is before, now, after, or a year; rank 1 is the most connected, or the farthest from the others'
    votes; `change` is against before, or against the earliest of the years.
    """
    world = at or stages(record, asked, as_of)
    rows: list[_Standing] = []
    counted = {stage: _counts(getattr(world, stage).members) for stage in STAGES}
    for state in asked.states:
        k = world.now.at_state.get(state)
        if k is None:
            rows.append(_Standing(state=state, measure="bodies", why=Message(code="standing.not_coded")))
        for measure in MEMBERSHIP_MEASURES if k is not None else ():
            first = float(counted["before"][measure][k])
            for stage in STAGES:
                values = counted[stage][measure]
                rows.append(_Standing(
                    state=state, measure=measure, when=stage, value=float(values[k]), rank=1 + int((values > values[k]).sum()),
                    of=len(values), change=float(values[k]) - first,
                ))  # fmt: skip
        rows += _votes(record, state, (as_of or record.closing_day).year)
        rows += _image(record, state)
    return rows


def _counts(members: NDArray[np.bool_]) -> dict[str, FloatArray]:
    number, _ = shared(members)
    return {"bodies": members.sum(axis=1).astype(np.float64), "shared": number.sum(axis=1) / max(len(members) - 1, 1)}


def _votes(record: Record, state: str, year: int) -> list[_Standing]:
    frame = record.measure("ideal_point").filter(pl.col("value").is_not_null() & (pl.col("year") <= year))
    own = frame.filter(pl.col("state") == state)
    if not own.height:
        return [_Standing(state=state, measure="votes", why=Message(code="standing.no_votes"))]
    last = int(own["year"].to_numpy().max())
    found: list[_Standing] = []
    for back in sorted(YEARS_BACK, reverse=True):
        then = frame.filter(pl.col("year") == last - back).sort("state")
        place = then["state"].to_list()
        if state not in place:
            continue
        away = distance_from_others(then["value"].to_numpy().astype(np.float64), np.ones(then.height, np.bool_))
        mine = float(away[place.index(state)])
        first = found[0].value if found and found[0].value is not None else mine
        found.append(_Standing(
            state=state, measure="votes", when=str(last - back), value=mine, rank=1 + int((away > mine).sum()), of=then.height,
            change=mine - first, why=Message(code="standing.votes"),
        ))  # fmt: skip
    return found


def _image(record: Record, state: str) -> list[_Standing]:
    frame = record.all_series.filter((pl.col("source") == IMAGE) & (pl.col("state") == state)).sort("measure", "year")
    if not frame.height:
        return [_Standing(state=state, measure="image", why=Message(code="standing.no_image"))]
    first = frame["value"][0]
    return [
        _Standing(state=state, measure="image", when=str(r["year"]), value=r["value"], change=r["value"] - first,
                  why=Message(code="standing.image", values={"series": r["measure"]}))
        for r in frame.iter_rows(named=True)
    ]  # fmt: skip


def partners(record: Record, asked: Batch, as_of: date | None = None, at: Stages | None = None) -> list[_Partner]:
    """Bodies that each leaving state shares with every other; those that lose most first. See `measures.coverage.shared`."""
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
            change = number["after"] - number["before"]
            rows.append(_Partner(state=state, partner=partner, change=change, **number, **ties))  # type: ignore[arg-type]
    return sorted(rows, key=lambda r: (r.state, r.change, -r.before, r.partner))


def company(record: Record, asked: Batch, as_of: date | None = None, at: Stages | None = None) -> list[_Company]:
    """Who left the same bodies, who stayed, who joined since.

    `left_with`: another state with an exit from the body announced, notified or effective within two years of the decision;
    `joined_since`: an act of joining after the decision; `stayed`: one row per body with the `number` of its members after the
    exits, empty where the record lists none.
    """
    world = at or stages(record, asked, as_of)
    day = as_of or record.closing_day
    left: dict[str | None, list[Exit]] = {}
    for row in exits(record, as_of=day):
        left.setdefault(row.body, []).append(row)
    joins = record.table("acts").filter(pl.col("act").is_in(JOINS) & pl.col("body").is_in(asked.bodies))
    rows: list[_Company] = []
    for body in asked.bodies:
        leavers = {s for s, b in asked.pairs if b == body}
        for row in left.get(body, ()):
            when = row.announced or row.notified or row.effective
            earliest = parse(when).earliest if when else None
            if row.state not in leavers and earliest and abs(earliest.year - asked.decided.year) <= COMPANY_YEARS:
                rows.append(_Company(body=body, relation="left_with", state=row.state, date=when, id=row.episode))
        for act in joins.filter(pl.col("body") == body).iter_rows(named=True):
            first = parse(act["date"]).earliest
            if first and asked.decided <= first <= day and act["state"] not in leavers:
                rows.append(
                    _Company(body=body, relation="joined_since", state=act["state"], date=act["date"], id=act["act_id"])
                )
        j = world.after.at_body.get(body)
        if j is None:
            rows.append(_Company(body=body, relation="stayed", why=Message(code="standing.no_members")))
        else:
            rows.append(_Company(body=body, relation="stayed", number=int(world.after.members[:, j].sum())))
    return rows


# --- what falls with a membership, or hangs on the body --------------------------------------------------------------


def dependents(record: Record, asked: Batch, as_of: date | None = None, at: Stages | None = None) -> list[_Dependent]:
    """What depends on the bodies that are left.

    Kinds:
    `protocol`: by the clause of the body, leaving it ends this one too, for `states`;
    `depends_on`: taking part in this one rests on the body, at one or more removes;
    `part`: has the body as its parent, so its host and budget are the body's;
    `host`: city of the body's seat, `states` the state where it is; `in_batch` tells whether that state leaves the body;
    `only_seat`: for these `states` the body is the only one of an issue area (`what`) that they are in, before the exits and
    among the bodies with a known area and known members; `in_batch` tells whether a leaving state is one of them.
    A body of which the record knows nothing of a kind has no row of it.
    """
    world = at or stages(record, asked, as_of)
    table = {r["body"]: r for r in record.table("bodies").iter_rows(named=True)}
    depends: dict[str, list[str]] = {}
    for name, row in table.items():
        for on in (row["depends_on"] or "").split():
            depends.setdefault(on, []).append(name)
    rows: list[_Dependent] = []
    for body in asked.bodies:
        rows += _protocols(record, asked, body)
        told = {r.what for r in rows if r.body == body}
        for what, via in _resting(depends, body).items():
            if what not in told:
                why = (
                    Message(code="depends.through", values={"bodies": via}) if via else Message(code="depends.directly")
                )
                rows.append(_dependent(asked, body, "depends_on", what, (), why))
                told.add(what)
        rows += [
            _dependent(asked, body, "part", name, (), Message(code="depends.parent"))
            for name, row in table.items() if row["parent"] == body and name not in told
        ]  # fmt: skip
        city, country = table[body]["seat_city"], table[body]["seat_country"]
        if country is not None:
            leaves = (country, body) in asked.pairs
            seat = Message(code="depends.seat")
            rows.append(_dependent(asked, body, "host", city or country, (country,), seat, in_batch=leaves))
    return rows + _only_seats(record, asked, world)


def _dependent(
    asked: Batch, body: str, kind: Kind, what: str, states: tuple[str, ...], why: Message, source: str | None = None,
    in_batch: bool | None = None,
) -> _Dependent:  # fmt: skip
    inside = what in asked.bodies if in_batch is None else in_batch
    return _Dependent(body=body, kind=kind, what=what, states=states, number=len(states) or None, in_batch=inside, why=why,
                      source=source)  # fmt: skip


def _protocols(record: Record, asked: Batch, body: str) -> list[_Dependent]:
    """What a clause ends together with the body, for the states that leave it by that clause."""
    found: dict[tuple[str, str | None, str | None], list[str]] = {}
    for state in (s for s, b in asked.leaveable if b == body):
        rule = clause_for(record, state, body)
        if rule is None:
            continue
        source = (rule["sources"] or "").split()
        for what in (rule["also_ends"] or "").split():
            found.setdefault((what, rule["article"], source[0] if source else None), []).append(state)
    return [
        _dependent(asked, body, "protocol", what, tuple(states), Message(code="depends.clause", values={"article": article}),
                   source)
        for (what, article, source), states in found.items()
    ]  # fmt: skip


def _resting(depends: dict[str, list[str]], body: str) -> dict[str, list[str]]:
    """Bodies that rest on a body, each with the bodies between, nearest first."""
    found: dict[str, list[str]] = {}
    queue: list[tuple[str, list[str]]] = [(body, [])]
    while queue:
        at, via = queue.pop(0)
        for name in depends.get(at, ()):
            if name not in found and name != body:
                found[name] = via
                queue.append((name, [*via, name]))
    return found


def _only_seats(record: Record, asked: Batch, world: Stages) -> list[_Dependent]:
    """States for which a body of the batch is the only one of an area that they are in, before the exits."""
    names, groups, _ = areas(record, world.before)
    seats = world.before.members.astype(np.int64) @ groups.T.astype(np.int64)
    rows = []
    for body in asked.bodies:
        j = world.before.at_body.get(body)
        if j is None:
            continue
        for n in np.flatnonzero(groups[:, j]):
            alone = world.before.members[:, j] & (seats[:, n] == 1)
            states = tuple(world.before.states[i] for i in np.flatnonzero(alone))
            if states:
                why = Message(code="depends.only", values={"bodies": int(groups[n].sum())})
                mine = any((s, body) in asked.leaveable for s in states)
                rows.append(_dependent(asked, body, "only_seat", names[n], states, why, in_batch=mine))
    return rows
