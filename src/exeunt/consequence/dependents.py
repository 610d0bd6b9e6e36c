"""What falls with a membership, or hangs on the body: protocols, parts, seats, host cities, and states with no other seat."""

from __future__ import annotations

from datetime import date
from typing import Any, Final

import numpy as np

from exeunt.consequence.batch import Batch
from exeunt.consequence.vacuum import Stages, areas, stages
from exeunt.record.clauses import clause_for
from exeunt.record.store import Record

KINDS: Final = ("protocol", "depends_on", "part", "host", "only_seat")


def dependents(
    record: Record, asked: Batch, as_of: date | None = None, at: Stages | None = None
) -> list[dict[str, Any]]:
    """What depends on the bodies that are left.

    Returns
    -------
    Rows {body, kind, what, states, number, in_batch, why, source}. Kinds:
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
    rows: list[dict[str, Any]] = []
    for body in asked.bodies:
        rows += _protocols(record, asked, body)
        told = {r["what"] for r in rows if r["body"] == body}
        for what, via in _resting(depends, body).items():
            if what not in told:
                rows.append(
                    _row(asked, body, "depends_on", what, (), f"through {' and '.join(via)}" if via else "directly")
                )
                told.add(what)
        rows += [
            _row(asked, body, "part", name, (), "the body is its parent")
            for name, row in table.items() if row["parent"] == body and name not in told
        ]  # fmt: skip
        city, country = table[body]["seat_city"], table[body]["seat_country"]
        if country is not None:
            host = _row(asked, body, "host", city or country, (country,), "seat of the body")
            rows.append({**host, "in_batch": (country, body) in asked.pairs})
    return rows + _only_seats(record, asked, world)


def _row(
    asked: Batch, body: str, kind: str, what: str, states: tuple[str, ...], why: str, source: str | None = None
) -> dict[str, Any]:
    return {
        "body": body, "kind": kind, "what": what, "states": list(states), "number": len(states) or None,
        "in_batch": what in asked.bodies, "why": why, "source": source,
    }  # fmt: skip


def _protocols(record: Record, asked: Batch, body: str) -> list[dict[str, Any]]:
    """What a clause ends together with the body, for the states that leave it by that clause."""
    found: dict[tuple[str, str, str | None], list[str]] = {}
    for state in (s for s, b in asked.leaveable if b == body):
        rule = clause_for(record, state, body)
        if rule is None:
            continue
        source = (rule["sources"] or "").split()
        for what in (rule["also_ends"] or "").split():
            key = (what, f"clause {rule['article'] or 'not named'}", source[0] if source else None)
            found.setdefault(key, []).append(state)
    return [
        _row(asked, body, "protocol", what, tuple(states), why, source) for (what, why, source), states in found.items()
    ]


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


def _only_seats(record: Record, asked: Batch, world: Stages) -> list[dict[str, Any]]:
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
                why = f"the only one of {int(groups[n].sum())} bodies of the area that they are in"
                row = _row(asked, body, "only_seat", names[n], states, why)
                rows.append({**row, "in_batch": any((s, body) in asked.leaveable for s in states)})
    return rows
