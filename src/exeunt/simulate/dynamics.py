"""The laws of a world besides the exit and join hazards: estimates from the record, and one draw of them a world.

Deaths and births of bodies, joining again after leaving, walks of preferences and capabilities, and what goes with own exits
in capability and standing. Estimates, intervals and what they cannot say: `docs/method/dynamics.md`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from functools import cached_property
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from exeunt.core.arrays import BoolArray, FloatArray
from exeunt.core.cache import path_of, read_json, write_json
from exeunt.core.errors import FitError, UsageError
from exeunt.explain.attributes import Z95, Measured, table
from exeunt.explain.body_lifecycle import Births, Deaths, births, deaths
from exeunt.explain.fit import Fit, design
from exeunt.explain.hazard import probabilities
from exeunt.explain.joining import JOIN_SPAN, Returns, gamma_parameters, join_fit, join_rows, returns, since_exit
from exeunt.explain.random_walks import Walk, walk
from exeunt.measures.membership import standing_whole
from exeunt.panel.build import Covariates, covariates
from exeunt.panel.yearly_covariates import state_measure
from exeunt.record.schema import LAST_CODED_YEAR
from exeunt.record.store import Record
from exeunt.simulate.posterior_draws import STANDING, _born, _capabilities, _parameters, _positions, _share_out
from exeunt.simulate.reference import _generator
from exeunt.simulate.start import Start, _Surroundings

ROOMS: Final = ("measures", "panel", "explain", "simulate")
WALK_SPAN: Final = (1990, LAST_CODED_YEAR)
"""Positions of the years after the Cold War, in which a step was half as far in variance as before; to the end of training."""


@dataclass(frozen=True)
class _Equation:
    """What an equation of `explain/attributes.py` says of one attribute, each with a standard error.

    `response` is b of own exits with its error clustered by state; `sd` is σ_w with the error of its logarithm.
    """

    phi: float
    response: float
    response_error: float
    sd: float
    log_error: float
    cells: int
    exits: int
    status: str


class _Effects(NamedTuple):
    """Normal law of effects: logarithms of factors on a hazard."""

    mean: float
    sd: float


FEWEST_NEWCOMERS: Final = 10


def _newcomers(fit: Fit, of: Births) -> _Effects:
    """Effects of new bodies in a hazard: mean and spread of those of the bodies whose births are counted.

    Modes with the variances of their posteriors about them. Where the hazard has rows of fewer than ten of these bodies, the
    law of all bodies is taken.
    """
    effects = fit.effect("body")
    first = fit.k + len(fit.labels[0])
    spread = np.diag(np.linalg.inv(fit.information))[first : first + len(effects)]
    counted = set(of.bodies)
    of_them = np.array([(mode, v) for (body, mode), v in zip(effects.items(), spread, strict=True) if body in counted])
    if len(of_them) < FEWEST_NEWCOMERS:
        return _Effects(0.0, float(fit.sd[1]))
    modes, variances = of_them.T
    return _Effects(float(modes.mean()), float(np.sqrt(modes.var() + variances.mean())))


@dataclass(frozen=True)
class _Dynamics:
    """Estimates of every law but the exit and join hazards, under one outcome; `draw` makes a world's surroundings of them."""

    outcome: str
    deaths: Deaths
    births: Births
    returns: Returns
    position: Walk
    position_until: int
    """Last year in which any state has an ideal point; what states have walked since is made up in the first step."""
    capability: _Equation
    capability_until: int
    standing: _Equation
    join_status: str
    laid: dict[bytes, NDArray[np.uint8]] = field(default_factory=dict, compare=False, repr=False)
    """Founding memberships over the states of a start, kept between draws."""

    def draw(self, s: Start, exits: _Effects, joins: _Effects, seed: int, world: int) -> _Surroundings:
        """One world's surroundings.

        Numbers are addressed by seed, world and kind and laid out year by year: a longer horizon leaves those of earlier
        years as they are, and no state's hang on another's (shares of capability are held to one sum together).

        Parameters
        ----------
        exits, joins : normal laws of the effects that new bodies have in the hazards; see `newcomers`

        Raises
        ------
        UsageError, for a start that opens before the last observed year.
        """
        if s.year <= (until := max(self.position_until, self.capability_until)):
            raise UsageError(f"the simulation opens in {s.year}, but measures of states are observed up to {until}.")
        numbers = _parameters(seed, world, self._returns[0], self._birth_rate[0] ** 2 / self._birth_rate[1])
        normal, position, capability, of_births = numbers[:5], numbers[5], numbers[6], numbers[7]
        mean, variance = self._birth_rate
        # Without a frailty of years this is Jeffreys' posterior of a Poisson rate.
        pool = self._pool(s)
        steps, picked, effects = _born(
            seed, world, s.years, of_births * variance / mean, self.births.frailty, len(pool)
        )
        first = s.year - s.first_year
        return _Surroundings(
            position=_positions(
                s.position, first, self.position.sd_step * np.exp(self.position.log_error * position),
                np.sqrt(s.year - self.position_until), seed, world,
            ),
            capability=_capabilities(
                s.capability, first, self.capability.sd * np.exp(self.capability.log_error * capability),
                np.sqrt(s.year - self.capability_until), seed, world,
            ),
            capability_response=float(self.capability.response + self.capability.response_error * normal[0]),
            death=self._death[0] + self._death[1] @ normal[1:],
            birth_step=steps,
            founders=pool[picked],
            birth_exit=exits.mean + exits.sd * effects[0],
            birth_join=joins.mean + joins.sd * effects[1],
            return_log_ratio=np.log(np.maximum(numbers[8:], 1e-12) / self._returns[1]),
        )  # fmt: skip

    def standing_response(self, seed: int, world: int) -> float:
        """What goes with one own exit in standing a year later, drawn for a world; it fades by `standing.phi` a year."""
        drawn = _generator(seed, world, 0, STANDING).standard_normal()
        return float(self.standing.response + self.standing.response_error * drawn)

    @cached_property
    def _death(self) -> tuple[FloatArray, FloatArray]:
        return np.array(self.deaths.coefficients), np.linalg.cholesky(np.array(self.deaths.covariance))

    @cached_property
    def _returns(self) -> tuple[FloatArray, FloatArray]:
        return gamma_parameters(self.returns)

    @cached_property
    def _birth_rate(self) -> tuple[float, float]:
        """Mean and variance of the posterior of the number of bodies founded in a year."""
        years = len(self.births.counts)
        mean = (sum(self.births.counts) + 0.5) / years
        return mean, mean / years + self.births.frailty * mean**2 / years

    def _pool(self, s: Start) -> NDArray[np.uint8]:
        """Founding memberships of the span over the states of a start, (bodies, states); those without any are left out."""
        key = s.states.tobytes()
        if key not in self.laid:
            rows = np.array([np.isin(s.states, founders) for founders in self.births.founders], np.uint8)
            self.laid[key] = rows[rows.any(axis=1)]
        return self.laid[key]


def _held_to(share: FloatArray, total: float) -> FloatArray:
    """Shares scaled so that each row has a given sum, none below one in a million; (rows, states), NaN stays."""
    out = np.log(share)
    _share_out(out, 0, total)
    return np.asarray(out, dtype=np.float64)


def _standing_of(members: BoolArray, position: FloatArray) -> FloatArray:
    """Standing of every state in a year of a world, all memberships counted, (states,); see `measures/membership.py`."""
    return standing_whole(members, position, np.ones(len(members), np.bool_))


def _standing_path(
    members: Sequence[BoolArray], position: FloatArray, exits: FloatArray, phi: float, response: float
) -> FloatArray:
    """Standing year by year: computed from memberships and positions, and beside it what goes with own exits.

    The addition follows the equation: a_(t+1) = φ a_t + b · exits_t, nought at the first year. The equation's noise is not
    added, for in a world standing moves with memberships and walking positions, which are what that noise was made of.

    Parameters
    ----------
    members : one (states, bodies) a year
    position : (years, states)
    exits : (years, states) own exits of each year, which show in the memberships of the next
    phi, response : how much of the addition stays a year later, and what one exit adds (`Dynamics.standing_response`)

    Returns
    -------
    (years, states)
    """
    out = np.empty((len(members), len(exits[0])))
    added = np.zeros(len(exits[0]))
    for year, now in enumerate(members):
        out[year] = _standing_of(now, position[year]) + added
        added = phi * added + response * exits[year]
    return out


def estimate(
    record: Record, cov: Covariates | None = None, outcome: str = "cleaned", say: Callable[[str], None] = lambda _: None
) -> _Dynamics:
    """All estimates under one outcome, from the user's cache where they are there.

    Parameters
    ----------
    cov : covariates laid out before; their outcome then counts
    say : called with what is being done, where it takes long

    Raises
    ------
    FitError, where the equation of capability or standing gives no number on the outcome.
    """
    outcome = cov.exits.outcome if cov is not None else outcome
    path = path_of("dynamics", ROOMS, record=record.version, outcome=outcome)
    found = _read(read_json(path))
    if found is None:
        say(
            "laws of bodies, returns and walks (about ten seconds, and a minute for the join hazard where it is not kept)"
        )
        found = _estimate(record, cov if cov is not None else covariates(record, outcome), say)
        write_json(path, {name: value for name, value in asdict(found).items() if name != "laid"})
    return found


def _estimate(record: Record, cov: Covariates, say: Callable[[str], None]) -> _Dynamics:
    c, outcome = cov.cube, cov.exits.outcome
    joins = join_fit(record, cov, say=say)
    panel = join_rows(record, cov)
    rows, _ = design(panel)
    since = since_exit(cov.exits.exits)[panel.year, panel.state, panel.body].astype(np.int64)
    back = returns(since, panel.event, probabilities(rows, joins.phi), JOIN_SPAN)
    position = state_measure(record, c, "ideal_point", 0).value
    span = slice(c.index(WALK_SPAN[0]), c.index(WALK_SPAN[1]) + 1)
    say(f"equations of standing and capability on {outcome}")
    found = table(record, (outcome,))
    until = [
        int(c.years[np.flatnonzero((~np.isnan(measured)).any(axis=1))[-1]])
        for measured in (position, state_measure(record, c, "cinc", 0).value)
    ]
    return _Dynamics(
        outcome=outcome,
        deaths=deaths(cov),
        births=births(cov),
        returns=back,
        position=walk(position[span], c.years[span]),
        position_until=until[0],
        capability=_equation(found, "capability"),
        capability_until=until[1],
        standing=_equation(found, "standing"),
        join_status=joins.status,
    )


def _equation(rows: Sequence[Measured], attribute: str) -> _Equation:
    """Read an equation off the table of `explain/attributes.py`.

    Raises
    ------
    FitError, where it has no number.
    """
    by = {(r.part, r.term): r for r in rows if r.attribute == attribute}
    exits, noise, phi = by["check", "exit_clustered"], by["state_space", "sd_innovation"], by["state_space", "phi"]
    parts = (exits.estimate, exits.low, exits.high, noise.estimate, noise.low, noise.high, phi.estimate)
    if any(part is None for part in parts):
        raise FitError(
            f"the equation of {attribute} on {exits.outcome} has the status {exits.status} and gives no number; simulate on "
            "cleaned."
        )
    b, b_low, b_high, sd, sd_low, sd_high, stays = (float(part or 0.0) for part in parts)
    return _Equation(
        phi=stays, response=b, response_error=(b_high - b_low) / (2 * Z95), sd=sd,
        log_error=float(np.log(sd_high / sd_low)) / (2 * Z95), cells=exits.cells, exits=exits.events, status=exits.status,
    )  # fmt: skip


def _read(found: Any) -> _Dynamics | None:
    """Estimates from a file of the cache; None where they are not there or no longer fit."""
    if not isinstance(found, dict):
        return None
    parts = {"deaths": Deaths, "births": Births, "returns": Returns, "position": Walk, "capability": _Equation,
             "standing": _Equation}  # fmt: skip
    try:
        made = {name: make(**found[name]) for name, make in parts.items()}
        return _Dynamics(**{**found, **made})
    except (TypeError, KeyError):
        return None
