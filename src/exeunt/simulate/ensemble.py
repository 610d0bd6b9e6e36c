"""One block of worlds, played and reduced to counts: what a worker does, whoever runs it.

A world is made from the setting and its number alone, and a block from its worlds in their order, so it does not matter
which worker makes it, nor with which others.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from exeunt.arrays import FloatArray, IntArray
from exeunt.simulate import engine
from exeunt.simulate.counted import BY_STATE, BY_YEAR, count
from exeunt.simulate.drawn import draws, overridden, posterior
from exeunt.simulate.dynamics import newcomers
from exeunt.simulate.parts import BY_WORLD, CHANCES, OF_BLOCK, Block, Part, encode
from exeunt.simulate.rates import HORIZONS, Rates
from exeunt.simulate.setting import Setting
from exeunt.simulate.transition import Law
from exeunt.simulate.world import Surroundings

Laws = tuple[Law, Law, FloatArray, FloatArray]


class Player:
    """Plays the worlds of a setting; what all of them share is laid out once."""

    def __init__(self, setting: Setting) -> None:
        setting.exit_fit.require_calibrated()
        self.setting = setting
        self.both = (posterior(setting.exit_fit), posterior(setting.join_fit))
        births = setting.dynamics.births
        self.newcomers = newcomers(setting.exit_fit, births), newcomers(setting.join_fit, births)
        self.at = engine.lay_out(setting.start)
        self.rates = Rates(setting.start, setting.exit_fit, setting.plan)

    def laws(self, world: int) -> Laws:
        """Laws of exits and joins of a world, under the scenario, and their year effects."""
        return self.laws_of([world])[0]

    def laws_of(self, worlds: Sequence[int]) -> list[Laws]:
        """Laws of some worlds; each is that which `laws` gives, for less."""
        of = self.setting
        drawn = [draws(each, of.start, of.seed, worlds) for each in self.both]
        return [
            (overridden(exits, "exit", of.changes), overridden(joins, "join", of.changes), exit_years, join_years)
            for (exits, exit_years), (joins, join_years) in zip(*drawn, strict=True)
        ]

    def events(
        self, world: int, laws: Laws | None = None,
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
        return of.dynamics.draw(of.start, *self.newcomers, of.seed, world)


_PLAYERS: dict[str, Player] = {}


def player_of(setting: Setting) -> Player:
    """The player of a setting, laid out once in a process."""
    key = setting.fingerprint
    if key not in _PLAYERS:
        while len(_PLAYERS) > 1:
            del _PLAYERS[next(iter(_PLAYERS))]
        _PLAYERS[key] = Player(setting)
    return _PLAYERS[key]


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
        count(found, members, bodies, horizons, row, by_state, by_year, first, deaths)
        if world < setting.rated:
            chance += pairs.chances(laws[0], laws[2], found, around)
    part: Part = dict(zip((*BY_WORLD, *OF_BLOCK), (*by_state, *by_year, *first, deaths), strict=True))
    if block.worlds[0] < setting.rated:
        rated = np.zeros((len(HORIZONS), n, m))
        rated[:, pairs.state, pairs.body] = chance
        part |= dict(zip(CHANCES, rated, strict=True))
    return encode(part)
