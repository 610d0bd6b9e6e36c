"""One block of worlds, played and reduced to counts: what a worker does, whoever runs it.

A world is made from the setting and its number alone, and a block from its worlds in their order, so it does not matter
which worker makes it, nor with which others.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from exeunt.simulate import engine
from exeunt.simulate.drawn import draw, overridden, posterior
from exeunt.simulate.parts import KINDS, Block, encode
from exeunt.simulate.rates import HORIZONS, Rates
from exeunt.simulate.setting import Setting
from exeunt.simulate.transition import FloatArray, Law
from exeunt.simulate.world import Surroundings

IntArray = NDArray[np.int64]
EXIT, JOIN, END, FOUND, FOUNDING = range(5)
"""Kinds of events, as `engine.events` gives them."""
BY_STATE: Final = {EXIT: "left", JOIN: "joined", FOUNDING: "founding"}
"""Kinds of events counted by state and year."""


class Player:
    """Plays the worlds of a setting; what all of them share is laid out once."""

    def __init__(self, setting: Setting) -> None:
        setting.exit_fit.require_calibrated()
        self.setting = setting
        self.both = (posterior(setting.exit_fit), posterior(setting.join_fit))
        self.at = engine.lay_out(setting.start)
        self.rates = Rates(setting.start, setting.exit_fit, setting.plan)

    def laws(self, world: int) -> tuple[Law, Law, FloatArray, FloatArray]:
        """Laws of exits and joins of a world, under the scenario, and their year effects."""
        of = self.setting
        (exits, exit_years), (joins, join_years) = (draw(each, of.start, of.seed, world) for each in self.both)
        return overridden(exits, "exit", of.changes), overridden(joins, "join", of.changes), exit_years, join_years

    def events(
        self, world: int, laws: tuple[Law, Law, FloatArray, FloatArray] | None = None,
        surroundings: Surroundings | None = None,
    ) -> IntArray:  # fmt: skip
        """Events of a world, (events, 4): step, kind, state, body."""
        of = self.setting
        return engine.events(
            self.at, *(laws or self.laws(world)), of.seed, world, of.plan, surroundings or self.surroundings(world)
        )

    def surroundings(self, world: int) -> Surroundings:
        """Everything of a world that is drawn besides the laws of exits and joins."""
        of = self.setting
        return of.dynamics.draw(of.start, float(of.exit_fit.sd[1]), float(of.join_fit.sd[1]), of.seed, world)


_PLAYERS: dict[str, Player] = {}


def player_of(setting: Setting) -> Player:
    """The player of a setting, laid out once in a process."""
    key = setting.fingerprint
    if key not in _PLAYERS:
        while len(_PLAYERS) > 1:
            del _PLAYERS[next(iter(_PLAYERS))]
        _PLAYERS[key] = Player(setting)
    return _PLAYERS[key]


class Counts:
    """Rows of a part as they come together."""

    def __init__(self) -> None:
        self.kinds: list[NDArray[Any]] = []
        self.columns: dict[str, list[NDArray[Any]]] = {k: [] for k in ("world", "step", "state", "body", "n", "chance")}

    def add(self, what: str, **columns: Any) -> None:
        """Append rows of one kind; columns not named are empty."""
        length = max(np.size(v) for v in columns.values() if np.ndim(v)) if columns else 0
        self.kinds.append(np.full(length, KINDS.index(what)))
        for name, pieces in self.columns.items():
            value = columns.get(name, np.nan if name == "chance" else -1)
            pieces.append(np.broadcast_to(np.asarray(value), (length,)))

    def bytes(self) -> bytes:
        """The part."""
        return encode(self.columns, self.kinds)


def make_block(setting: Setting, block: Block) -> bytes:
    """Play the worlds of a block.

    Returns
    -------
    Its part, as bytes of a Parquet file.

    Raises
    ------
    FitError, unless the exit hazard is calibrated.
    """
    player = player_of(setting)
    s, out = setting.start, Counts()
    n, m = s.members.shape
    first = np.zeros((len(HORIZONS), n * m), np.int64)
    deaths = np.zeros((s.years, m), np.int64)
    pairs = player.rates
    chance = np.zeros((len(HORIZONS), len(pairs.state)))
    for world in block.worlds:
        laws = player.laws(world)
        around = player.surroundings(world)
        found = player.events(world, laws, around)
        _by_state(out, world, found, setting)
        step, kind, state, body = found.T
        early = (kind == EXIT) & (step < HORIZONS[-1]) & (body < m)
        pair, at = np.unique(state[early] * m + body[early], return_index=True)
        for number, years in enumerate(HORIZONS):
            first[number, pair[step[early][at] < years]] += 1
        gone = (kind == END) & (body < m)
        np.add.at(deaths, (step[gone], body[gone]), 1)
        if world < setting.rated:
            chance += pairs.chances(laws[0], laws[2], found, around)
    for number, years in enumerate(HORIZONS):
        at = np.flatnonzero(first[number])
        out.add(f"exits_{years}", state=at // m, body=at % m, n=first[number][at])
        if block.worlds[0] < setting.rated:
            out.add(f"chance_{years}", state=pairs.state, body=pairs.body, chance=chance[number])
    step, body = np.nonzero(deaths)
    out.add("deaths", step=step, body=body, n=deaths[step, body])
    return out.bytes()


def _by_state(out: Counts, world: int, found: IntArray, setting: Setting) -> None:
    """Counts of one world by state and year, where they are not 0, and of bodies that end or begin by year."""
    s = setting.start
    n, years = len(s.states), s.years
    step, kind, state, _body = found.T
    for number, what in BY_STATE.items():
        here = kind == number
        if here.any():
            _count(out, what, world, step[here] * n + state[here], n)
    for number, what in ((END, "ended"), (FOUND, "founded")):
        here = kind == number
        if here.any():
            by_year = np.bincount(step[here], minlength=years)
            at = np.flatnonzero(by_year)
            out.add(what, world=world, step=at, n=by_year[at])
    if (kind == END).any():
        _lost(out, world, found, setting)


def _count(out: Counts, what: str, world: int, place: IntArray, states: int) -> None:
    total = np.bincount(place)
    at = np.flatnonzero(total)
    out.add(what, world=world, step=at // states, state=at % states, n=total[at])


def _lost(out: Counts, world: int, found: IntArray, setting: Setting) -> None:
    """Memberships that end because their body does: those that stood at its end, for nothing happens in it later."""
    s = setting.start
    n, m = s.members.shape
    step, kind, state, body = found.T
    standing = np.zeros((n, max(m, int(body.max()) + 1)), np.int64)
    standing[:, :m] = s.members
    pairs = kind != END
    pairs &= kind != FOUND
    np.add.at(standing, (state[pairs], body[pairs]), np.where(kind[pairs] == EXIT, -1, 1))
    over = kind == END
    i, k = np.nonzero(standing[:, body[over]] > 0)
    _count(out, "lost", world, step[over][k] * n + i, n)
