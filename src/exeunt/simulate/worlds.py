"""Worlds of a setting, played: a block of them reduced to counts, or one replayed event by event.

A world is made from the setting and its number alone, and a block from its worlds in their order, so it does not matter
which worker makes it, nor with which others.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
from numba import njit
from numpy.typing import NDArray

from exeunt.core.arrays import FloatArray, IntArray
from exeunt.record.identity import code_in_year
from exeunt.record.store import Record
from exeunt.simulate import engine
from exeunt.simulate.dynamics import _newcomers, _standing_path
from exeunt.simulate.membership_chances import HORIZONS, _Rates
from exeunt.simulate.posterior_draws import _draws, overridden, posterior
from exeunt.simulate.reference import Law
from exeunt.simulate.scenario import _Scenario
from exeunt.simulate.setting import _Setting
from exeunt.simulate.start import Start, _Surroundings
from exeunt.simulate.store import BY_WORLD, CHANCES, OF_BLOCK, Part, _Block, _encode

EXIT, JOIN, END, FOUND, FOUNDING = range(5)
"""Kinds of events, as `engine.events` gives them."""
BY_STATE: Final = ("left", "joined", "founding", "lost")
BY_YEAR: Final = ("ended", "founded")
_LEFT, _JOINED, _FOUNDING, _LOST = range(4)
_ENDED, _FOUNDED = range(2)


@njit(cache=True)
def _count(
    found: Any,
    members: Any,
    bodies: int,
    horizons: Any,
    world: int,
    by_state: Any,
    by_year: Any,
    first: Any,
    deaths: Any,
) -> None:
    """Add the events of a world to counts.

    Parameters
    ----------
    found : (events, 4) in the order of their steps
    members : (bodies of the start, states) memberships at the start
    bodies : bodies that the world knows at its end
    horizons : numbers of years
    world : its place among those of the block
    by_state : (BY_STATE, worlds, years, states); what is lost are memberships that end with their body
    by_year : (BY_YEAR, worlds, years)
    first : (horizons, states, bodies of the start) worlds in which a membership ends by an exit within a horizon
    deaths : (years, bodies of the start) worlds in which a body ends in a year
    """
    m, n = members.shape
    inside = np.zeros((bodies, n), np.uint8)
    seen = np.zeros((m, n), np.uint8)
    inside[:m] = members
    for row in range(len(found)):
        step, kind, i, j = found[row]
        if kind == EXIT:
            by_state[_LEFT, world, step, i] += 1
            inside[j, i] = 0
            if j < m and not seen[j, i]:
                seen[j, i] = 1
                for h in range(len(horizons)):
                    if step < horizons[h]:
                        first[h, i, j] += 1
        elif kind == JOIN:
            by_state[_JOINED, world, step, i] += 1
            inside[j, i] = 1
        elif kind == FOUNDING:
            by_state[_FOUNDING, world, step, i] += 1
            inside[j, i] = 1
        elif kind == FOUND:
            by_year[_FOUNDED, world, step] += 1
        else:
            by_year[_ENDED, world, step] += 1
            if j < m:
                deaths[step, j] += 1
            for k in range(n):
                by_state[_LOST, world, step, k] += inside[j, k]
                inside[j, k] = 0


Laws = tuple[Law, Law, FloatArray, FloatArray]


class _Player:
    """Plays the worlds of a setting; what all of them share is laid out once."""

    def __init__(self, setting: _Setting) -> None:
        setting.exit_fit.require_calibrated()
        self.setting = setting
        self.both = (posterior(setting.exit_fit), posterior(setting.join_fit))
        births = setting.dynamics.births
        self.newcomers = _newcomers(setting.exit_fit, births), _newcomers(setting.join_fit, births)
        self.at = engine.lay_out(setting.start)
        self.rates = _Rates(setting.start, setting.exit_fit, setting.plan)

    def laws(self, world: int) -> Laws:
        """Laws of exits and joins of a world, under the scenario, and their year effects."""
        return self.laws_of([world])[0]

    def laws_of(self, worlds: Sequence[int]) -> list[Laws]:
        """Laws of some worlds; each is that which `laws` gives, for less."""
        of = self.setting
        drawn = [_draws(each, of.start, of.seed, worlds) for each in self.both]
        return [
            (overridden(exits, "exit", of.changes), overridden(joins, "join", of.changes), exit_years, join_years)
            for (exits, exit_years), (joins, join_years) in zip(*drawn, strict=True)
        ]

    def events(
        self, world: int, laws: Laws | None = None,
        surroundings: _Surroundings | None = None,
    ) -> IntArray:  # fmt: skip
        """Events of a world, (events, 4): step, kind, state, body."""
        of = self.setting
        return engine.events(
            self.at, *(laws or self.laws(world)), of.seed, world, of.plan, surroundings or self.surroundings(world)
        )

    def surroundings(self, world: int) -> _Surroundings:
        """Everything of a world that is drawn besides the laws of exits and joins."""
        of = self.setting
        return of.dynamics.draw(of.start, *self.newcomers, of.seed, world)


_PLAYERS: dict[str, _Player] = {}


def player_of(setting: _Setting) -> _Player:
    """The player of a setting, laid out once in a process."""
    key = setting.fingerprint
    if key not in _PLAYERS:
        while len(_PLAYERS) > 1:
            del _PLAYERS[next(iter(_PLAYERS))]
        _PLAYERS[key] = _Player(setting)
    return _PLAYERS[key]


def _make_block(setting: _Setting, block: _Block) -> bytes:
    """Play the worlds of a block.

    Returns
    -------
    Its part, as bytes of a Parquet file.

    Raises
    ------
    FitError, unless the exit hazard is calibrated.
    """
    player = player_of(setting)
    s = setting.start
    n, m = s.members.shape
    horizons, members = np.array(HORIZONS), np.ascontiguousarray(s.members.T)
    first, deaths = np.zeros((len(HORIZONS), n, m), np.int64), np.zeros((s.years, m), np.int64)
    by_state = np.zeros((len(BY_STATE), block.size, s.years, n), np.int16)
    by_year = np.zeros((len(BY_YEAR), block.size, s.years), np.int16)
    pairs = player.rates
    chance = np.zeros((len(HORIZONS), len(pairs.state)))
    for row, (world, laws) in enumerate(zip(block.worlds, player.laws_of(block.worlds), strict=True)):
        around = player.surroundings(world)
        found = player.events(world, laws, around)
        bodies = m + len(around.birth_step) + len(setting.plan.club_step)
        _count(found, members, bodies, horizons, row, by_state, by_year, first, deaths)
        if world < setting.rated:
            chance += pairs.chances(laws[0], laws[2], found, around)
    part: Part = dict(zip((*BY_WORLD, *OF_BLOCK), (*by_state, *by_year, *first, deaths), strict=True))
    if block.worlds[0] < setting.rated:
        rated = np.zeros((len(HORIZONS), n, m))
        rated[:, pairs.state, pairs.body] = chance
        part |= dict(zip(CHANCES, rated, strict=True))
    return _encode(part)


def _standings(setting: _Setting, worlds: int, chosen: Sequence[int]) -> FloatArray:
    """Standing of states at the opening of each year and after the last, (worlds, years + 1, chosen); NaN where unknown.

    Worlds are replayed from their numbers, so nothing of it needs to be kept.
    """
    s, player = setting.start, player_of(setting)
    out = np.empty((worlds, s.years + 1, len(chosen)))
    first = s.year - s.first_year
    for world in range(worlds):
        around = player.surroundings(world)
        events = player.events(world, surroundings=around)
        members, exits = history(s, events)
        rows = np.minimum(np.arange(first, first + s.years + 1), len(around.position) - 1)
        path = _standing_path(
            members, around.position[rows], exits, setting.dynamics.standing.phi,
            setting.dynamics.standing_response(setting.seed, world),
        )  # fmt: skip
        out[world] = path[:, chosen]
    return out


def history(s: Start, events: IntArray) -> tuple[list[NDArray[np.bool_]], FloatArray]:
    """Memberships at the opening of each year and after the last, and own exits, (years + 1, states), from events."""
    n, m = s.members.shape
    now = np.zeros((n, max(m, int(events[:, 3].max(initial=0)) + 1)), np.bool_)
    now[:, :m] = s.members
    members, exits = [now.copy()], np.zeros((s.years + 1, n))
    for step in range(s.years):
        here = events[events[:, 0] == step]
        # What is founded stands at the opening, so founders may leave within the year.
        founders, left, came = (here[here[:, 1] == kind] for kind in (FOUNDING, EXIT, JOIN))
        now[founders[:, 2], founders[:, 3]] = True
        np.add.at(exits[step], left[:, 2], 1.0)
        now[left[:, 2], left[:, 3]] = False
        now[came[:, 2], came[:, 3]] = True
        now[:, here[here[:, 1] == END][:, 3]] = False
        members.append(now.copy())
    return members, exits


def _standing_bands(path: FloatArray, first_year: int) -> list[dict[str, Any]] | None:
    """Median and 95 % of the worlds at the opening of each year, (worlds, years); None where a state has no standing."""
    if np.isnan(path).any():
        return None
    low, median, high = np.quantile(path, [0.025, 0.5, 0.975], axis=0)
    return [
        {"year": first_year + k, "median": _short(median[k]), "low": _short(low[k]), "high": _short(high[k])}
        for k in range(path.shape[1])
    ]


def _short(value: float) -> float:
    return float(f"{value:.5g}")


WORDS: Final = {EXIT: "leaves", JOIN: "joins", END: "ends", FOUND: "begins", FOUNDING: "founds"}
FOUNDINGS: Final = (FOUND, FOUNDING)


def story(record: Record, setting: _Setting, told: _Scenario, world: int) -> list[dict[str, Any]]:
    """Events of one world, in their order.

    Returns
    -------
    [{year, what, state, body, by}]; `what` is leaves, joins, ends, begins or founds; `by` is scenario where the scenario says
    so, else law; a body that the record does not know is called new-1, new-2, ….
    """
    s = setting.start
    forced = {(EXIT, *row) for row in setting.plan.leave.tolist()} | {
        (JOIN, *row) for row in setting.plan.rejoin.tolist()
    }
    codes: dict[int, str] = {}
    rows = []
    events = player_of(setting).events(world).tolist()
    clubs = _clubs(setting, told, events)
    for step, kind, state, body in events:
        if state >= 0 and state not in codes:
            codes[state] = code_in_year(record.codes, int(s.states[state]), s.year - 1) or str(s.states[state])
        rows.append(
            {"year": s.year + step, "what": WORDS[kind], "state": codes.get(state),
             "body": s.bodies[body] if body < len(s.bodies) else clubs.get(body, f"new-{body - len(s.bodies) + 1}"),
             "by": "scenario" if (kind, step, state, body) in forced or (kind in FOUNDINGS and body in clubs) else "law"}
        )  # fmt: skip
    return rows


def _clubs(setting: _Setting, told: _Scenario, events: list[list[int]]) -> dict[int, str]:
    """Names of the new bodies that the scenario founds, by their number: those with its founders in its year."""
    founders: dict[tuple[int, int], set[int]] = {}
    for step, kind, state, body in events:
        if kind == FOUNDING:
            founders.setdefault((step, body), set()).add(state)
    out: dict[int, str] = {}
    for number, name in enumerate(told.clubs):
        step, wanted = int(setting.plan.club_step[number]), set(setting.plan.club_members[number].nonzero()[0].tolist())
        for (at, body), found in founders.items():
            if at == step and found == wanted and body not in out:
                out[body] = name
                break
    return out


def text(rows: list[dict[str, Any]]) -> str:
    """The events as lines to read: a line a year with totals, then who leaves and joins what."""
    lines: list[str] = []
    for year in dict.fromkeys(row["year"] for row in rows):
        here = [row for row in rows if row["year"] == year]
        count = {what: sum(row["what"] == what for row in here) for what in WORDS.values()}
        lines.append(
            f"{year}: {count['leaves']} exits, {count['joins']} joins"
            + (f", {count['ends']} bodies end" if count["ends"] else "")
            + (f", {count['begins']} begin" if count["begins"] else "")
        )
        for what in ("ends", "begins"):
            lines += [f"  {row['body']} {what}" for row in here if row["what"] == what]
        for what in ("founds", "leaves", "joins"):
            states = dict.fromkeys(row["state"] for row in here if row["what"] == what)
            for state in states:
                bodies = [
                    row["body"] + (" (scenario)" if row["by"] == "scenario" else "")
                    for row in here if row["what"] == what and row["state"] == state
                ]  # fmt: skip
                lines.append(f"  {state} {what} {', '.join(bodies)}")
    return "\n".join(lines) + "\n"
