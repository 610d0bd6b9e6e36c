"""By issue area, the part of the world that remains inside its bodies: before a set of exits, now, and with all carried out.

Issue areas are known for about half of the bodies whose members are known, and mostly for bodies that somebody left: what is
said here describes those bodies and is no sample of all.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from typing import Any, Final

import numpy as np
import polars as pl

from exeunt.arrays import BoolArray
from exeunt.consequence.batch import Batch
from exeunt.consequence.memberships import Memberships, authority, memberships, weights
from exeunt.errors import UsageError
from exeunt.measures.membership import by_group
from exeunt.record.store import Record

WEIGHTS: Final = ("states", "capability", "population", "authority")
"""What counts: each state alike; states by capability or population; bodies by authority, where it is measured."""


@dataclass(frozen=True, slots=True)
class Area:
    """Coverage of one issue area."""

    area: str
    weight: str
    bodies: int
    """Bodies of the area whose members are known."""
    without_members: int
    """Bodies of the area whose members the record does not list; they are not counted."""
    measured: float
    """Part of the counted bodies that the weight covers: below 1 only for authority."""
    left: int
    """Counted bodies of the area that the batch leaves."""
    mean_before: float | None
    """Mean over the bodies of the part of the world inside, before."""
    mean_now: float | None
    mean_after: float | None
    any_before: float | None
    """Part of the world inside at least one body."""
    any_now: float | None
    any_after: float | None
    leaver_before: int
    """Bodies of the area that the leaving states are in, summed over them."""
    leaver_now: int
    leaver_after: int
    empty_for: tuple[str, ...]
    """Leaving states that were in a body of the area before and are in none after."""
    gone: bool
    """Whether no body of the area has two members left."""

    def as_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return {**asdict(self), "empty_for": list(self.empty_for)}


@dataclass(frozen=True, slots=True)
class Stages:
    """Memberships before a batch, on the day asked about, and with every exit carried out."""

    before: Memberships
    now: Memberships
    after: Memberships


def stages(
    record: Record, asked: Batch, as_of: date | None = None,
    of: Callable[[Record, date], Memberships] = memberships,
) -> Stages:  # fmt: skip
    """Memberships at three stages.

    Before is the day before the decision of a case, with the pairs of the batch that were members then; of pairs and scenarios
    it is the day asked about. After has every membership and treaty of the batch ended and all else as now.

    Parameters
    ----------
    of : gives the memberships of a day, where they are kept
    """
    now = of(record, as_of or record.closing_day)
    before = now
    if asked.kind == "case":
        earlier = of(record, asked.decided - timedelta(days=1))
        both = [b for b in now.bodies if b in earlier.at_body]
        row = {state: i for i, state in enumerate(earlier.states)}
        same = now.members.copy()
        for i, state in enumerate(now.states):
            if state in row:
                same[i, [now.at_body[b] for b in both]] = earlier.members[
                    row[state], [earlier.at_body[b] for b in both]
                ]
        before = now.world(same)
    return Stages(before, now, now.without(asked.leaveable))


def vacuum(
    record: Record, asked: Batch, weight: str = "states", as_of: date | None = None, at: Stages | None = None
) -> list[Area]:
    """Coverage of every issue area that has a body.

    Parameters
    ----------
    weight : one of `WEIGHTS`
    at : `stages(...)`, or other worlds over the same states and bodies, such as simulated ones in `after`

    Raises
    ------
    UsageError, for an unknown weight.
    """
    if weight not in WEIGHTS:
        raise UsageError(f"no weight named {weight!r}; expected {', '.join(WEIGHTS)}.")
    world = at or stages(record, asked, as_of)
    names, groups, unlisted = areas(record, world.now)
    states = weights(record, world.now, "states" if weight == "authority" else weight)
    heavy = authority(record, world.now) if weight == "authority" else np.ones(len(world.now.bodies))
    found = {
        stage: by_group(getattr(world, stage).members, states, groups, heavy) for stage in ("before", "now", "after")
    }
    rows = [world.now.at_state[s] for s in asked.states if s in world.now.at_state]
    own = {stage: getattr(world, stage).members[rows] for stage in ("before", "now", "after")}
    left = np.array([any((s, b) in asked.leaveable for s in asked.states) for b in world.now.bodies])
    out = []
    for n, area in enumerate(names):
        group = groups[n]
        held = {stage: own[stage][:, group].sum(axis=1) for stage in own}
        emptied = [world.now.states[i] for k, i in enumerate(rows) if held["before"][k] > 0 and held["after"][k] == 0]
        mean, reach = ({stage: _plain(found[stage][which][n]) for stage in found} for which in (0, 1))
        out.append(Area(
            area=area, weight=weight, bodies=int(group.sum()), without_members=unlisted[area],
            measured=float((~np.isnan(heavy[group])).mean()), left=int((left & group).sum()),
            mean_before=mean["before"], mean_now=mean["now"], mean_after=mean["after"],
            any_before=reach["before"], any_now=reach["now"], any_after=reach["after"],
            leaver_before=int(held["before"].sum()), leaver_now=int(held["now"].sum()), leaver_after=int(held["after"].sum()),
            empty_for=tuple(emptied), gone=bool(world.after.members[:, group].sum(axis=0).max() < 2),
        ))  # fmt: skip
    return out


def areas(record: Record, known: Memberships) -> tuple[tuple[str, ...], BoolArray, dict[str, int]]:
    """Issue areas, which body is in which (areas, bodies), and how many bodies of each have no listed members."""
    table = record.table("bodies").filter(pl.col("issue_areas").is_not_null())
    of = {body: text.split() for body, text in table.select("body", "issue_areas").iter_rows()}
    names = tuple(sorted({a for b in known.bodies for a in of.get(b, ())}))
    groups = np.array([[area in of.get(b, ()) for b in known.bodies] for area in names], np.bool_).reshape(
        len(names), len(known.bodies)
    )
    ended = set(record.table("bodies").filter(pl.col("ended") < known.day.year)["body"])
    coded = set(record.table("body_years")["body"])
    gone = ended | coded | set(known.bodies)
    unlisted = {area: sum(area in listed for b, listed in of.items() if b not in gone) for area in names}
    return names, groups, unlisted


def covered(record: Record, asked: Batch, known: Memberships) -> dict[str, Any]:
    """How much of the record, and of the batch, the coverage rests on.

    Returns
    -------
    {bodies, with_area, with_area_share, exits, exits_listed, exits_nowhere}: bodies with known members and of these those with
    an issue area; pairs of the batch, of these those in the matrix; pairs with nothing to leave or without a list of members.
    """
    with_area = set(record.table("bodies").filter(pl.col("issue_areas").is_not_null())["body"])
    number = sum(b in with_area for b in known.bodies)
    listed = [p for p in asked.leaveable if p[0] in known.at_state and p[1] in known.at_body]
    return {
        "bodies": len(known.bodies), "with_area": number, "with_area_share": number / len(known.bodies),
        "exits": len(asked.pairs), "exits_listed": len(listed), "exits_nowhere": len(asked.pairs) - len(listed),
    }  # fmt: skip


def _plain(value: float) -> float | None:
    return None if np.isnan(value) else float(value)
