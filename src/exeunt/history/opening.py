"""What K stands on: the membership of a named year, the fits of an outcome, and groups of states and bodies."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from exeunt.core.arrays import BoolArray, FloatArray, IntArray
from exeunt.core.errors import UnknownNameError, UsageError
from exeunt.explain.bundles import Bundles
from exeunt.explain.estimates import stored_fit
from exeunt.explain.fit import Fit, fit
from exeunt.history.next_generation import WINDOW, _Groups, _Setting
from exeunt.panel.build import Covariates, Scaling, covariates, exit_panel, join_panel
from exeunt.panel.outcomes import OUTCOMES
from exeunt.panel.registry import PRODUCTS
from exeunt.panel.terms import World, log_capability
from exeunt.panel.yearly_covariates import Carried
from exeunt.record.identity import code_in_year
from exeunt.record.schema import LAST_CODED_YEAR, REGIONS
from exeunt.record.store import Record
from exeunt.simulate.reference import Law, predictor, tenure_part, term_world
from exeunt.simulate.start import Start, start

HORIZON: Final = 10
REFUSED: Final = {
    "verified": "its undocumented steps are dropped, so it has no level, and the loop gain is one; take raw, cleaned or core.",
    "cleaned_vintage": "it serves forecasts from one origin; take raw, cleaned or core.",
}
"""Outcomes that no loop gain may be computed on, and why."""
USABLE: Final = tuple(name for name in OUTCOMES if name not in REFUSED)
BANDS: Final = ((0, "fewer than 15 members"), (15, "15 to 49 members"), (50, "50 members or more"))
"""Bodies by size in the named year: first number of members, words."""


def require_usable(outcome: str) -> None:
    """Raise UsageError where no loop gain may be computed on an outcome, UnknownNameError for an unknown one."""
    if outcome in REFUSED:
        raise UsageError(f"no loop gain is computed on {outcome}: {REFUSED[outcome]}")
    if outcome not in USABLE:
        raise UnknownNameError("outcome", outcome, USABLE)


def _require_year(year: int, closing: int) -> None:
    """Raise UsageError for a year that the fits cannot be carried to, or that the record does not reach."""
    if not LAST_CODED_YEAR <= year <= closing:
        raise UsageError(
            f"the year must lie from {LAST_CODED_YEAR}, to which the fits reach, to {closing}, where the record closes; "
            f"{year} does not."
        )


@dataclass(frozen=True)
class _Fits:
    """Both hazards of an outcome."""

    exits: Fit
    joins: Fit


@dataclass(frozen=True)
class _Ground:
    """The opening of a named year.

    Worlds open in the year after it with its membership; an exit falls in that first year, and its further exits in the
    `HORIZON` years after. `counted` marks the memberships whose exits count: all but those that the outcome leaves out.
    """

    outcome: str
    year: int
    start: Start
    world: World
    """What terms are computed from, with the exits of the last three years known: those before the named year."""
    counted: BoolArray
    groups: _Groups
    codes: tuple[str, ...]
    """State codes, in the order of `start.states`."""


def _fits(record: Record, outcome: str, cov: Callable[[], Covariates], seed: int = 1) -> _Fits:
    """Both hazards of an outcome by the criterion of reports, from the cache where they are there."""

    def made(kind: str) -> Fit:
        def make() -> Fit:
            panel = exit_panel(record, outcome, cov()) if kind == "exit" else join_panel(record, outcome, cov())
            return fit(panel, "laplace", seed=seed)

        return stored_fit(
            make, record=record.version, outcome=outcome, kind=kind, criterion="laplace", seed=seed, use="base terms"
        )

    return _Fits(made("exit"), made("join"))


def _until(cov: Covariates, year: int) -> Covariates:
    """Covariates as they were known in a year; who leaves at its end is not known yet."""
    stop = cov.cube.index(year) + 1

    def cut(measure: Carried) -> Carried:
        return Carried(measure.value[:stop], measure.age[:stop])

    c = cov.cube
    seen = cov.exits.seen[:stop].copy()
    seen[-1] = False
    return replace(
        cov,
        cube=replace(
            c,
            years=c.years[:stop],
            status=c.status[:stop],
            carried=c.carried[:stop],
            unclear_starts=c.unclear_starts[c.unclear_starts[:, 0] < stop],
        ),
        exits=replace(cov.exits, seen=seen),
        position=cut(cov.position),
        capability=cut(cov.capability),
        tenure=cov.tenure[:stop],
    )


def _ground(record: Record, outcome: str, year: int, cov: Covariates | None = None, years: int = HORIZON) -> _Ground:
    """Lay the opening of a named year out.

    Parameters
    ----------
    years : length of the horizon; worlds have one year more, in which the exit falls

    Raises
    ------
    UsageError, for a year outside of the reach of the fits; see `require_usable` for the outcome.
    """
    require_usable(outcome)
    _require_year(year, record.closing_day.year)
    cov = cov or covariates(record, outcome)
    s = start(_until(cov, year), years + 1)
    unused = np.zeros(len(s.bodies), np.bool_)
    at = {body: j for j, body in enumerate(cov.cube.bodies)}
    for cells in cov.exits.unused.values():
        unused |= np.asarray(cells.any(axis=(0, 1)))[[at[body] for body in s.bodies]]
    regions = dict(record.table("states").filter(record.table("states")["region"].is_not_null())
                   .select("state", "region").iter_rows())  # fmt: skip
    codes = tuple(code_in_year(record.codes, int(c), year) for c in s.states)
    return _Ground(
        outcome=outcome,
        year=year,
        start=s,
        # The last row of the past is the named year, whose exits nobody has seen; the three before it are known.
        world=term_world(s, s.year, s.members, s.past_exits[-WINDOW - 1 : -1], s.past_joins[-WINDOW:]),
        counted=s.members & ~unused[None, :],
        groups=_groups_of(s.members, [regions.get(code) for code in codes]),
        codes=codes,
    )


def _groups_of(members: BoolArray, regions: list[str | None]) -> _Groups:
    """Groups: macro region of the state × size of the body."""
    known = [*REGIONS, *(["other"] if None in regions else [])]
    state = np.array([known.index(r or "other") for r in regions], np.int64)
    body = np.searchsorted([low for low, _ in BANDS], members.sum(axis=0), side="right").astype(np.int64) - 1
    names = tuple(f"{region}, bodies of {words}" for region in known for _, words in BANDS)
    # A band without a body keeps its number, so that the numbering of pairs does not hang on the year.
    return _Groups(state, body, names, len(BANDS))


@dataclass(frozen=True)
class _Slopes:
    """Coefficients of a law by name, 0 where the law lacks the term, with centre and scale."""

    beta: FloatArray
    scaling: Scaling

    def of(self, name: str) -> tuple[float, float, float]:
        """Coefficient, centre, scale."""
        if name not in self.scaling.names:
            return 0.0, 0.0, 1.0
        k = self.scaling.names.index(name)
        return float(self.beta[1 + k]), float(self.scaling.centre[k]), float(self.scaling.scale[k])

    def step(self, name: str, change: FloatArray) -> FloatArray:
        """Change of the linear predictor as a term changes."""
        beta, _, scale = self.of(name)
        return np.asarray(beta * change / scale, dtype=np.float64)


def _count_steps(w: World) -> tuple[FloatArray, FloatArray]:
    """What one more exit adds to the log of one plus the exits of others from the body, and of the state elsewhere, (n, m)."""
    others = np.maximum(w.exits_body[None, :] - w.exits_own, 0.0)
    own = np.maximum(w.exits_state[:, None] - w.exits_own, 0.0)
    return np.log1p(others + 1.0) - np.log1p(others), np.log1p(own + 1.0) - np.log1p(own)


def _steps(of: _Slopes, w: World) -> dict[str, FloatArray]:
    """Changes of the linear predictor that one exit makes, by the name of the field of `Setting`."""
    size = w.members.sum(axis=0).astype(np.float64)
    held = w.members.sum(axis=1).astype(np.float64)
    one_more, one_more_own = _count_steps(w)
    return {
        "count_step": of.step("exits_from_body3", one_more),
        "own_step": of.step("own_exits3", one_more_own),
        "size_step": of.step("log_size", np.log1p(np.maximum(size - 1.0, 0.0)) - np.log1p(size)),
        "held_step": of.step("log_memberships", np.log1p(np.maximum(held - 1.0, 0.0)) - np.log1p(held)),
        "steep": _steep(of, w),
    }


def _steep(of: _Slopes, w: World) -> FloatArray:
    """Change of the linear predictor for a standard deviation more of distance, by state."""
    steep = np.full(len(w.capability), of.of("distance")[0])
    for name, (one, two, sign) in PRODUCTS.items():
        beta = of.of(name)[0]
        if beta == 0.0 or "distance" not in (one, two):
            continue
        if (one, two) != ("distance", "capability"):
            raise UsageError(f"K does not know how {name} moves when a member leaves; fit without it.")
        _, centre, scale = of.of("capability")
        steep = steep + sign * beta * np.nan_to_num((log_capability(w.capability) - centre) / scale)
    return np.asarray(steep, dtype=np.float64)


@dataclass(frozen=True)
class _Rates:
    """Rates of leaving, (years + 1, n, m): row s is s years after the exit.

    `lag` (m,) as in `Start`; `stay_out` (n, m) is the chance that one who is out does not come back within a year.
    """

    rate: FloatArray
    lag: IntArray
    stay_out: FloatArray


def _rates(g: _Ground, exits: Law, exit_years: FloatArray, joins: Law, join_years: FloatArray) -> _Rates:
    """Rates of leaving with all terms as in the opening year, but for tenure and age, which grow."""
    out = _leaving(g, exits, exit_years[: g.start.years])
    back = np.exp(predictor(joins, g.world))
    # Over the years of the horizon the mean rate of coming back serves for each.
    return _Rates(out, g.start.lag.astype(np.int64), np.exp(-back * float(np.exp(join_years).mean())))


def _leaving(g: _Ground, exits: Law, exit_years: FloatArray) -> FloatArray:
    """Rates of leaving of the years whose effects are given, (years, n, m); see `rates`."""
    s = g.start
    beta, _, scale = _Slopes(exits.beta, exits.scaling).of("log_age")
    base = predictor(exits, g.world) - beta * np.log1p(np.maximum(g.world.body_age, 0.0))[None, :] / scale
    out = np.empty((len(exit_years), *s.members.shape))
    for step in range(len(out)):
        # A row sees its body `lag` years before.
        age = np.log1p(np.maximum(s.year + step - s.lag - s.founded + 1.0, 0.0))
        out[step] = np.exp(base + tenure_part(exits, s.tenure + step) + beta * age[None, :] / scale + exit_years[step])
    return out


def _setting(g: _Ground, r: _Rates, of: _Slopes, bundles: Bundles) -> _Setting:
    """What K is computed from, from rates and the steps of one more exit."""
    w = g.world
    _, centre, scale = of.of("distance")
    return _assemble(
        r, _steps(of, w), g.counted, g.start.members, w.position, (centre, scale), (bundles.state_year, bundles.body_year)
    )  # fmt: skip


def _assemble(
    r: _Rates, moves: dict[str, FloatArray], at_risk: BoolArray, inside: BoolArray, position: FloatArray,
    distance_scale: tuple[float, float], frailty: tuple[float, float],
) -> _Setting:  # fmt: skip
    """Sum the rates over the years in which an exit shows as a count, as a count and an absence, as an absence."""
    horizon = len(r.rate) - 1
    cumulated = np.cumsum(r.rate, axis=0) - r.rate[0]

    def through(last: IntArray) -> FloatArray:
        """Rates of the years after the exit's own, to a last year by body."""
        return np.asarray(np.take_along_axis(cumulated, np.clip(last, 0, horizon)[None, None, :], axis=0)[0])

    # An exit of year t is counted by the terms of t, t + 1, t + 2; its absence shows from t + 1 on.
    fresh = through(r.lag) - through(r.lag - 1)
    both = through(r.lag + WINDOW - 1) - through(r.lag)
    after = cumulated[-1] - through(r.lag + WINDOW - 1)
    # Whoever left in t may come back in t + 1, and is then a member in t + 2.
    later = np.maximum(horizon - r.lag - WINDOW + 1, 0)[None, :]
    gone = 1.0 - r.stay_out
    series = np.divide(
        r.stay_out ** (WINDOW - 1) * (1.0 - r.stay_out**later), gone * np.maximum(later, 1),
        out=np.ones(gone.shape), where=gone > 0,
    )  # fmt: skip
    lost, still_out = np.zeros(gone.shape), np.ones(gone.shape)
    for s in range(1, horizon + 1):
        lost += r.rate[s] * still_out
        still_out *= r.stay_out
    return _Setting(
        at_risk=at_risk, inside=inside, position=position, distance_scale=distance_scale, first=r.rate[0], fresh=fresh,
        both=both, after=after, total=cumulated[-1], away_both=(1.0 + r.stay_out) / 2.0, away_after=series, lost=lost,
        frailty=frailty, **moves,
    )  # fmt: skip
