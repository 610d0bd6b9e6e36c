"""By issue area, the part of the world that remains inside its bodies: before a set of exits, now, and with all carried out.

Issue areas are known for about half of the bodies whose members are known, and mostly for bodies that somebody left: what is
said here describes those bodies and is not a sample of all.

In simulated worlds the same is asked years on: worlds are replayed from their numbers and each is held against itself under the
baseline, so the change is that of the scenario. Bodies that a world founds have no issue area and are not counted; a body that
has ended has nobody inside.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Annotated, Any, Final, Literal

import numpy as np
import polars as pl

from exeunt.answers import Answer, item
from exeunt.consequence.batch import Batch
from exeunt.consequence.memberships import Memberships, authority, from_codes, memberships, weights
from exeunt.core.arrays import BoolArray, FloatArray
from exeunt.core.errors import UsageError
from exeunt.core.progress import Progress
from exeunt.measures.membership import by_group
from exeunt.record.store import Record
from exeunt.simulate.scenario import scenario
from exeunt.simulate.setting import opened, require_numbers
from exeunt.simulate.worlds import history, player_of

Weight = Literal["states", "capability", "population", "authority"]
WEIGHTS: Final[tuple[Weight, ...]] = ("states", "capability", "population", "authority")
"""What counts: each state alike; states by capability or population; bodies by authority, where it is measured."""
Z95: Final = 1.96


class _Area(Answer, frozen=True, kw_only=True):
    """Coverage of one issue area."""

    area: Annotated[str, item("issue area")]
    weight: Annotated[Weight, item("what counts")]
    bodies: Annotated[int, item("bodies with known members")]
    without_members: Annotated[int, item("bodies whose members are not known; they are not counted")]
    measured: Annotated[float, item("part of the counted bodies that the weight covers", "share")]
    left: Annotated[int, item("counted bodies that are left")]
    mean_before: Annotated[float | None, item("part of the world inside a body, on average, before", "share")]
    mean_now: Annotated[float | None, item("part of the world inside a body, on average, now", "share")]
    mean_after: Annotated[float | None, item("part of the world inside a body, on average, after", "share")]
    any_before: Annotated[float | None, item("part of the world inside at least one body, before", "share")]
    any_now: Annotated[float | None, item("part of the world inside at least one body, now", "share")]
    any_after: Annotated[float | None, item("part of the world inside at least one body, after", "share")]
    leaver_before: Annotated[int, item("bodies that the leaving states are in, before")]
    leaver_now: Annotated[int, item("bodies that the leaving states are in, now")]
    leaver_after: Annotated[int, item("bodies that the leaving states are in, after")]
    empty_for: Annotated[tuple[str, ...], item("leaving states that were in a body of the area and are in none after")]
    gone: Annotated[bool, item("whether no body of the area has two members left")]


_INSIDE: Final = "part of the world inside a body, on average, "
_REACH: Final = "part of the world inside at least one body, "


class _AreaOfWorlds(Answer, frozen=True, kw_only=True):
    """Coverage of one issue area at the end of simulated worlds; `change` is against the same worlds under the baseline."""

    area: Annotated[str, item("issue area")]
    weight: Annotated[Weight, item("what counts")]
    bodies: Annotated[int, item("bodies with known members")]
    measured: Annotated[float, item("part that the weight covers", "share")]
    year: Annotated[int, item("year at whose opening the worlds end")]
    mean_start: Annotated[float | None, item(_INSIDE + "at the opening", "share")] = None
    mean_end: Annotated[float | None, item(_INSIDE + "median of the worlds at their end", "share")] = None
    mean_low: Annotated[float | None, item(_INSIDE + "2.5 % of the worlds", "share")] = None
    mean_high: Annotated[float | None, item(_INSIDE + "97.5 % of the worlds", "share")] = None
    mean_change: Annotated[float | None, item(_INSIDE + "mean difference to the baseline", "share")] = None
    mean_change_low: Annotated[float | None, item(_INSIDE + "low end of the 95 % interval of that mean", "share")] = (
        None
    )
    mean_change_high: Annotated[float | None, item(_INSIDE + "high end of it", "share")] = None
    any_start: Annotated[float | None, item(_REACH + "at the opening", "share")] = None
    any_end: Annotated[float | None, item(_REACH + "median of the worlds at their end", "share")] = None
    any_low: Annotated[float | None, item(_REACH + "2.5 % of the worlds", "share")] = None
    any_high: Annotated[float | None, item(_REACH + "97.5 % of the worlds", "share")] = None
    any_change: Annotated[float | None, item(_REACH + "mean difference to the baseline", "share")] = None
    any_change_low: Annotated[float | None, item(_REACH + "low end of the 95 % interval of that mean", "share")] = None
    any_change_high: Annotated[float | None, item(_REACH + "high end of it", "share")] = None


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
    record: Record, asked: Batch, weight: Weight = "states", as_of: date | None = None, at: Stages | None = None
) -> list[_Area]:
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
        out.append(_Area(
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


# --- in simulated worlds ---------------------------------------------------------------------------------------------


def coverage_of_worlds(
    record: Record, name: str, worlds: int, years: int, seed: int = 1, weight: Weight = "states",
    progress: Progress | None = None,
) -> list[_AreaOfWorlds]:  # fmt: skip
    """Coverage of every issue area after some years of a scenario.

    Parameters
    ----------
    name : a shipped scenario or a file, the baseline among them
    worlds, years, seed : as in `exeunt simulate`; the same numbers are the same worlds
    weight : one of `WEIGHTS`

    Raises
    ------
    UsageError, UnknownNameError, for what is not known; FitError, unless the exit hazard is calibrated.
    """
    if weight not in WEIGHTS:
        raise UsageError(f"no weight named {weight!r}; expected {', '.join(WEIGHTS)}.")
    require_numbers(worlds, years, seed)
    progress = progress or Progress(quiet=True)
    found = opened(record, years, progress)
    s = found.start
    told = scenario(name, record, s, found.exit_fit, found.join_fit)
    settings = [found.setting(seed, told)] + ([] if told.is_baseline else [found.setting(seed)])
    known = from_codes(record, s.year, s.states, s.bodies, s.members)
    names, groups, _ = areas(record, known)
    # A body in which nobody is at the opening covers nothing and is left out.
    groups &= np.any(s.members, axis=0, keepdims=True)
    names, groups = tuple(n for n, one in zip(names, groups, strict=True) if one.any()), groups[groups.any(axis=1)]
    states = weights(record, known, "states" if weight == "authority" else weight)
    heavy = authority(record, known) if weight == "authority" else np.ones(len(known.bodies))
    start = by_group(s.members, states, groups, heavy)
    ends = np.full((len(settings), 2, worlds, len(names)), np.nan)
    with progress.step(f"issue areas in {worlds:,} worlds of {told.name}", 0.02 * worlds * len(settings)):
        for k, setting in enumerate(settings):
            player = player_of(setting)
            for world in range(worlds):
                members = history(s, player.events(world))[0][-1][:, : len(s.bodies)]
                ends[k, :, world] = by_group(members, states, groups, heavy)
    rows = []
    for n, area in enumerate(names):
        found_of = {
            key: value for which, what in enumerate(("mean", "any"))
            for key, value in _band_of(what, float(start[which][n]), ends[:, which, :, n]).items()
        }  # fmt: skip
        measured = float((~np.isnan(heavy[groups[n]])).mean())
        rows.append(_AreaOfWorlds(
            area=area, weight=weight, bodies=int(groups[n].sum()), measured=measured, year=s.year + s.years, **found_of,
        ))  # fmt: skip
    return rows


def _band_of(what: str, start: float, ends: FloatArray) -> dict[str, float | None]:
    """Fields of one measure from its values, (settings, worlds)."""
    keys = ("start", "end", "low", "high", "change", "change_low", "change_high")
    found: dict[str, float | None] = {f"{what}_{key}": None for key in keys}
    if np.isnan(start):
        return found
    low, middle, high = np.quantile(ends[0], [0.025, 0.5, 0.975])
    numbers = [start, middle, low, high]
    if len(ends) > 1:
        apart = ends[0] - ends[1]
        error = Z95 * apart.std(ddof=1) / np.sqrt(len(apart)) if len(apart) > 1 else np.nan
        mean = apart.mean()
        numbers += [mean, mean - error, mean + error]
    return found | {
        f"{what}_{key}": None if np.isnan(one) else float(one) for key, one in zip(keys, numbers, strict=False)
    }
