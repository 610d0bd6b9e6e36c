"""What counts as an exit: the coded step as it stands, the step after cleaning, and the step that a document bears out.

`raw` is every 1→0 step of the coded source with body and state alive, before any correction.

`cleaned` leaves out, as competing endings and not exits, steps within a year of the body's last row, steps in which at
least five and at least a quarter of the members leave together, years in which a state takes eight or more such steps, and
gaps of one year; the seam of 1965 falls out of the rows, and declared corrections are applied to the cells first. After
the coded source recorded expulsions are left out too.

`cleaned_vintage` is the same with nothing learned after an origin year: the only one for training and forecasting.

`core` is `cleaned` without the commodity and technical bodies that dominate it (V4 of the sources' README). Their list was
chosen after seeing which bodies dominate, so `core` is a bound and no definition.

`verified` has the documented exits of the record as events; undocumented coded steps fall out of the rows, and so do the
years in which the source goes on with a membership after its documented end. It serves signs and ratios only, never
levels, forecasts or the loop gain, for what is documented is no random sample.

The documented exits of the record laid onto the coded cells, and exits by decade and region under every outcome.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache
from typing import Final

import numpy as np
import polars as pl

from exeunt.core.arrays import BoolArray, IntArray
from exeunt.core.dates import last_year_of_membership, parse
from exeunt.core.errors import UnknownNameError, UsageError
from exeunt.panel.risk import MEMBER, NOT_IN_SYSTEM, OUTSIDE, Cube, cube
from exeunt.record.counts import exits_counted
from exeunt.record.identity import code_in_year, cow_of
from exeunt.record.schema import LAST_CODED_YEAR, MEMBERSHIP_BEGINS
from exeunt.record.store import Record

OUTCOMES: Final = ("raw", "cleaned", "cleaned_vintage", "core", "verified")
FORECAST: Final = ("cleaned_vintage",)
"""Outcomes that a forecast may be trained on and scored by."""
LEFT_OUT_OF_CORE: Final = (
    "cfc", "iasaj", "icac", "icai", "icco", "icfo", "icmmp", "icsg", "iexb", "igc", "iif", "ijo", "ilzsg", "inro",
    "insg", "iopcf", "irsg", "itc", "itto", "iupct", "piarc",
)  # fmt: skip
SEAM_FIRST_YEAR_OUT = 1965
MASS_BODY_MINIMUM, MASS_BODY_SHARE, MASS_STATE_MINIMUM = 5, 0.25, 8
UNDOCUMENTED: Final = "dropped.undocumented"
"""Reason for which a coded step that no document bears out is not an event of `verified`."""
MATCH_YEARS = 2
"""So many years may lie between a documented last day and the coded step that tells the same exit."""


@dataclass(frozen=True)
class Exits:
    """Exits by last year of membership: `exits[y, i, j]`; `row_ok[y]` tells the years whose rows are used."""

    outcome: str
    exits: BoolArray
    row_ok: BoolArray
    seen: BoolArray
    """Exits as they could be counted in their own year: without the rules that look at later years. Terms use these."""
    unused: dict[str, BoolArray]
    """Reason → cells whose rows fall out, (years, states, bodies)."""


def raw_steps(c: Cube) -> BoolArray:
    """Every 1→0 step by last year of membership; the last year of the cube has none."""
    steps = np.zeros(c.status.shape, np.bool_)
    steps[:-1] = (c.status[:-1] == MEMBER) & (c.status[1:] == OUTSIDE)
    return steps


def exits_of(c: Cube, outcome: str, origin: int | None = None, documented: IntArray | None = None) -> Exits:
    """Exits under one outcome.

    Parameters
    ----------
    c : the cube; without corrections for `raw`, with them for the others
    origin : for `cleaned_vintage`, the last year of which anything is known
    documented : for `verified`, (n, 4) year, state and body of documented last cells, and the first year after which the
        membership may begin anew, see `documented_exits`

    Raises
    ------
    UnknownNameError, for an unknown outcome; UsageError, if what the outcome needs is not given.
    """
    if outcome not in OUTCOMES:
        raise UnknownNameError("outcome", outcome, OUTCOMES)
    if (outcome == "cleaned_vintage") != (origin is not None):
        raise UsageError(
            "an origin year goes with the outcome cleaned_vintage, and with no other; give both or neither."
        )
    if outcome == "raw":
        steps = raw_steps(c)
        return Exits(outcome, steps, np.ones(len(c.years), np.bool_), steps, {})
    if outcome == "cleaned_vintage":
        return _vintage(c, int(origin or 0))
    found = _cleaned(c)
    if outcome == "core":
        return _core(c, found)
    if outcome == "verified":
        if documented is None:
            raise UsageError("the outcome verified needs the documented exits of a record.")
        return _verified(c, found, documented)
    return found


def _cleaned(c: Cube) -> Exits:
    coded = c.index(LAST_CODED_YEAR)
    steps = raw_steps(c)
    ok = np.asarray(c.years != SEAM_FIRST_YEAR_OUT - 1, dtype=np.bool_)
    keep = steps.copy()
    members = (c.status == MEMBER).sum(axis=1)
    leaving = steps.sum(axis=1)
    mass_body = (leaving >= MASS_BODY_MINIMUM) & (leaving >= MASS_BODY_SHARE * members)
    keep &= ~mass_body[:, None, :]
    keep &= ~(steps.sum(axis=2) >= MASS_STATE_MINIMUM)[:, :, None]
    # What follows looks ahead: to the body's last row, and to a return after one year.
    seen = np.where(np.arange(len(c.years))[:, None, None] >= coded, steps, keep)
    keep &= ~_terminal(c)[:, None, :]
    back = np.zeros_like(steps)
    back[:-2] = c.status[2:] == MEMBER
    keep &= ~back
    # Steps after the coded source come from acts, where the artefacts of coding do not arise.
    keep[coded:] = steps[coded:]
    late = c.expelled[c.expelled[:, 0] >= coded]
    keep[late[:, 0], late[:, 1], late[:, 2]] = False
    keep[~ok] = False
    seen[~ok] = False
    return Exits("cleaned", keep, ok, seen, {})


def _vintage(c: Cube, origin: int) -> Exits:
    """The cleaned outcome of a cube that ends at the origin: no rule can see further, and no later row is used."""
    if not int(c.years[0]) + 2 <= origin <= int(c.years[-1]):
        raise UsageError(f"the origin must lie from {c.years[0] + 2} to {c.years[-1]}; {origin} does not.")
    stop = c.index(origin) + 1
    status = c.status[:stop]
    # A body of which the coded source goes on is not dead; `_terminal` asks for its last coded row.
    if origin < LAST_CODED_YEAR:
        pad = np.repeat(status[-1:], LAST_CODED_YEAR - origin, axis=0)
        years = np.arange(int(c.years[0]), LAST_CODED_YEAR + 1)
        known = replace(c, years=years, status=np.concatenate([status, pad]))
    else:
        known = replace(c, years=c.years[:stop], status=status)
    if len(c.expelled):
        known = replace(known, expelled=c.expelled[c.expelled[:, 0] < stop - 1])
    made = _cleaned(known)
    exits, seen = np.zeros(c.status.shape, np.bool_), np.zeros(c.status.shape, np.bool_)
    ok = np.zeros(len(c.years), np.bool_)
    # A step out of the origin's year shows in the year after it, which nobody has seen.
    exits[: stop - 1], seen[: stop - 1], ok[: stop - 1] = (
        made.exits[: stop - 1],
        made.seen[: stop - 1],
        made.row_ok[: stop - 1],
    )
    return Exits("cleaned_vintage", exits, ok, seen, {})


def _core(c: Cube, found: Exits) -> Exits:
    left_out = np.isin(np.array(c.columns), LEFT_OUT_OF_CORE) if c.columns else np.zeros(len(c.bodies), np.bool_)
    cells = np.broadcast_to(left_out, c.status.shape)
    return Exits("core", found.exits & ~cells, found.row_ok, found.seen & ~cells, {"dropped.not_core": cells})


def _verified(c: Cube, found: Exits, documented: IntArray) -> Exits:
    steps = raw_steps(c)
    exits, borne_out, after = (np.zeros(c.status.shape, np.bool_) for _ in range(3))
    for year, state, body, back in documented.tolist():
        cell = _matched_cell(c, steps, year, state, body)
        if cell is None:
            continue
        exits[cell, state, body] = True
        near = slice(max(year - MATCH_YEARS, 0), year + MATCH_YEARS + 1)
        borne_out[near, state, body] |= steps[near, state, body]
        later = c.status[cell + 1 : back, state, body]
        ends = np.flatnonzero(later != MEMBER)
        after[cell + 1 : cell + 1 + (int(ends[0]) if len(ends) else len(later)), state, body] = True
    expelled = np.zeros_like(exits)
    for year, state, body in c.expelled.tolist():
        expelled[max(year - MATCH_YEARS, 0) : year + MATCH_YEARS + 1, state, body] = True
    return Exits(
        "verified", exits, np.ones(len(c.years), np.bool_), found.seen,
        {UNDOCUMENTED: steps & ~borne_out & ~exits & ~expelled,
         "dropped.after_exit": after & ~exits},
    )  # fmt: skip


def _matched_cell(c: Cube, steps: BoolArray, year: int, state: int, body: int) -> int | None:
    """Row of the membership cell that a documented exit ends; None where the coded source knows of no membership.

    The cell of the documented year where the state is coded a member then; else the coded step nearest before it, at
    most two years away.
    """
    if c.status[year, state, body] == MEMBER and year + 1 < len(c.years):
        return year
    for back in range(1, MATCH_YEARS + 1):
        if year - back >= 0 and steps[year - back, state, body]:
            return year - back
    return None


def _endings(c: Cube) -> dict[str, BoolArray]:
    """Competing endings by last year of membership: they leave the row at risk, and end it without an exit.

    Returns
    -------
    body_ended, state_ended (its successors begin anew), expelled: (years, states, bodies) each.
    """
    lives_state = (c.status != NOT_IN_SYSTEM).any(axis=2)
    gone = np.zeros(c.status.shape, np.bool_)
    gone[:-1] = (c.status[:-1] == MEMBER) & (c.status[1:] == NOT_IN_SYSTEM)
    state_next = np.zeros(lives_state.shape, np.bool_)
    state_next[:-1] = lives_state[1:]
    expelled = np.zeros(c.status.shape, np.bool_)
    expelled[c.expelled[:, 0], c.expelled[:, 1], c.expelled[:, 2]] = True
    return {
        "body_ended": gone & state_next[:, :, None],
        "state_ended": gone & ~state_next[:, :, None],
        "expelled": expelled & (c.status == MEMBER),
    }


def _terminal(c: Cube) -> BoolArray:
    """Whether the first year out is within a year of the body's last row; (years, bodies)."""
    alive = (c.status[: c.index(LAST_CODED_YEAR) + 1] != NOT_IN_SYSTEM).any(axis=1)
    last = np.array([c.years[np.flatnonzero(column)[-1]] if column.any() else 0 for column in alive.T])
    dead = last < LAST_CODED_YEAR
    first_out = c.years + 1
    return np.asarray(dead[None, :] & (first_out[:, None] >= last[None, :] - 1), dtype=np.bool_)


@dataclass(frozen=True)
class _Documented:
    """Documented exits of bodies that are coded: `cells` is (n, 4), see `outcomes.exits_of`; `episodes` names the rows."""

    cells: IntArray
    episodes: tuple[str, ...]
    without_a_day: int
    """Documented exits from coded bodies without an undisputed day of effect in the years of the cube; left out."""


def documented_exits(record: Record, c: Cube) -> _Documented:
    """Documented exits: they count, they are dated, and a source that is no coded dataset can be opened.

    The last cell is the year of the last day of membership by the first act of effect that counts as an exit.
    """
    at_state = {int(cow): i for i, cow in enumerate(c.states)}
    at_body = {b: j for j, b in enumerate(c.bodies)}
    acts = record.table("acts").filter(pl.col("body").is_not_null()).sort("date", "act_id").to_dicts()
    effect = {a["episode"]: a["date"] for a in reversed(acts) if a["act"] == "effective" and a["counts_as_exit"]}
    begins: dict[tuple[str, str], list[int]] = {}
    for act in acts:
        if act["act"] in MEMBERSHIP_BEGINS:
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
    return _Documented(np.array(cells, np.int64).reshape(-1, 4), tuple(names), undated)


def _borne_out(c: Cube, documented: _Documented) -> BoolArray:
    """Coded steps within two years of a documented exit of the same state from the same body."""
    steps = raw_steps(c)
    out = np.zeros_like(steps)
    for year, state, body, _ in documented.cells.tolist():
        near = slice(max(year - MATCH_YEARS, 0), year + MATCH_YEARS + 1)
        out[near, state, body] |= steps[near, state, body]
    return out


def _outcome(record: Record, name: str, origin: int | None = None) -> tuple[Cube, Exits]:
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
    found = {n: _outcome(record, n, origin if n == "cleaned_vintage" else None)[1].exits for n in OUTCOMES}
    cleaned, names = found["cleaned"], documented_exits(record, c)
    columns = {**found, "documented": cleaned & _borne_out(c, names), **_endings(c)}
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


def _unmatched(record: Record) -> list[str]:
    """Episodes of documented exits from coded bodies of which the coded source knows no membership to end."""
    c = cube(record)
    steps, names = raw_steps(c), documented_exits(record, c)
    return [
        episode
        for episode, (year, state, body, _) in zip(names.episodes, names.cells.tolist(), strict=True)
        if _matched_cell(c, steps, year, state, body) is None
    ]
