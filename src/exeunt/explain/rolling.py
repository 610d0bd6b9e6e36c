"""Rolling origins: train on what was known by a year, predict the exits of the next years, score what came.

At each origin a rival and the common structure are fitted to the same rows, those that the rival can score. Covariates stay
as they were at the origin; year effects to come follow a local level with the variances of the training years. A membership
exits within h years with probability 1 − exp(−Σ exp(η + y_t)), averaged over the draws of y.

Which law of year effects predicts: origins one year apart, the hazard fitted anew at each, horizons up to twenty years.

At an origin the hazard is fitted to the rows up to it and a law to its year effects. A later year has N events where the hazard
expects E without an effect of the year, with the covariates that came; log((N + ½)/(E + ½)) is what its effect would have had
to be, and is held against the law's predictive density. A body that began after the origin has the effect 0 in E: the
mean of its law expects several times what came. Beside the laws of effects stand the same laws fitted to the logarithm of the
annual total, which do not know E: where they do better, what the hazard expects more of does not come.

References
----------
Gneiting and Raftery (2007), Journal of the American Statistical Association 102, 359–378 (proper scores).
Gneiting and Raftery (2007), Journal of the American Statistical Association 102, 359–378 (the logarithmic score); Dawid
(1984), Journal of the Royal Statistical Society A 147, 278–292 (probability integral transforms of forecasts).
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

import numpy as np

from exeunt.core.arrays import BoolArray, FloatArray
from exeunt.explain.explanations import COMMON
from exeunt.explain.hazard import CLOGLOG, Rows
from exeunt.explain.optimise import minimise
from exeunt.explain.yearly import LAWS, year_law
from exeunt.panel.build import Panel
from exeunt.panel.outcomes import exits_of
from exeunt.panel.registry import parts_of
from exeunt.panel.risk import MISSING

OUTCOME: Final = "cleaned_vintage"
TRAILING: Final = 10
SMALLEST: Final = 1e-9
BASELINES: Final = ("common", "constant", "trailing", "empirical_bayes")


@dataclass(frozen=True)
class _Splits:
    """Origins, horizons and draws, as `splits.toml` has them."""

    first_origin: int
    last_origin: int
    horizons: tuple[int, ...]
    scored_to: int
    year_draws: int
    bootstrap: int
    seed: int
    recent_origin: int
    recent_last_year: int

    @property
    def origins(self) -> tuple[int, ...]:
        """Every origin with at least one horizon that ends in time."""
        return tuple(range(self.first_origin, min(self.last_origin, self.scored_to - min(self.horizons)) + 1))


@cache
def splits() -> _Splits:
    """Read `splits.toml`, the only place where training ends and scoring begins are written down."""
    raw = tomllib.loads((Path(__file__).parent / "splits.toml").read_text(encoding="utf-8"))
    rolling, recent = raw["rolling"], raw["recent"]
    return _Splits(
        rolling["first_origin"], rolling["last_origin"], tuple(rolling["horizons"]), rolling["scored_to"],
        rolling["year_draws"], rolling["bootstrap"], rolling["seed"], recent["origin"], recent["last_year"],
    )  # fmt: skip


@dataclass(frozen=True)
class Score:
    """Sums over the memberships scored at one origin and horizon, by one model."""

    model: str
    origin: int
    horizon: int
    rows: int
    events: int
    expected: float
    log_score: float
    """Sum of minus the logarithms of the probabilities given to what came."""
    brier: float

    def as_dict(self) -> dict[str, Any]:
        """Plain values."""
        return asdict(self)


@dataclass(frozen=True)
class Trained:
    """One fit at one origin: standardisation, modes and the law of the years to come."""

    names: tuple[str, ...]
    centre: FloatArray
    scale: FloatArray
    beta: FloatArray
    effects: tuple[dict[int, float], dict[int, float]]
    """Modes by state index and by body index of the cube."""
    sd: FloatArray
    years: dict[int, float]
    """Year → mode."""
    converged: bool


def _standardised(
    panel: Panel, names: tuple[str, ...], rows: BoolArray, like: tuple[FloatArray, FloatArray] | None = None
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Terms of some rows, standardised over them, or as `like` (centre, scale) says; products from their parts."""
    columns: list[FloatArray] = []
    centre, scale = np.zeros(len(names)), np.ones(len(names))
    for k, name in enumerate(names):
        product = parts_of(name)
        if product is not None:
            one, two, sign = product
            columns.append(sign * columns[names.index(one)] * columns[names.index(two)])
            continue
        values = panel.raw[name][rows]
        centre[k], scale[k] = (
            (float(values.mean()), float(values.std()) or 1.0) if like is None else (like[0][k], like[1][k])
        )
        columns.append((values - centre[k]) / scale[k])
    return np.column_stack(columns), centre, scale


def train(
    panel: Panel, names: tuple[str, ...], rows: BoolArray, event: FloatArray, start_sd: FloatArray | None = None
) -> Trained:
    """Fit the hazard (`joint`) to some rows of a panel.

    Parameters
    ----------
    rows : (n,) which rows of the panel
    event : (rows kept,) 1 where the step happened, as known at the origin
    """
    x, centre, scale = _standardised(panel, names, rows)
    groups, labels = [], []
    for index in (panel.state[rows], panel.body[rows], panel.year[rows]):
        used, inverse = np.unique(index, return_inverse=True)
        groups.append(inverse)
        labels.append(used)
    design = Rows(
        np.ascontiguousarray(np.column_stack([np.ones(len(event)), x])), event, panel.weight[rows],
        np.ascontiguousarray(np.column_stack(groups).astype(np.int32)),
        (len(labels[0]), len(labels[1]), len(labels[2])), CLOGLOG,
    )  # fmt: skip
    point, _ = minimise(design, "joint", start_sd)
    k = design.k
    cut = np.split(point.phi[k:], np.cumsum([len(level) for level in labels])[:-1])
    calendar = panel.cube.years
    return Trained(
        names, centre, scale, point.phi[:k],
        (dict(zip(labels[0].tolist(), cut[0].tolist(), strict=True)),
         dict(zip(labels[1].tolist(), cut[1].tolist(), strict=True))),
        point.sd, {int(calendar[y]): float(v) for y, v in zip(labels[2], cut[2], strict=True)}, point.converged,
    )  # fmt: skip


def linear(panel: Panel, made: Trained, rows: BoolArray) -> FloatArray:
    """Log rate of some rows without the year; a level that training never saw gets the mean of its law."""
    x, _, _ = _standardised(panel, made.names, rows, (made.centre, made.scale))
    eta = made.beta[0] + x @ made.beta[1:]
    for number, index in enumerate((panel.state[rows], panel.body[rows])):
        unseen = 0.5 * float(made.sd[number]) ** 2
        eta = eta + np.array([made.effects[number].get(int(i), unseen) for i in index])
    return np.asarray(eta)


def within(eta: FloatArray, made: Trained, origin: int, horizons: tuple[int, ...], draws: int, seed: int) -> FloatArray:
    """Probability of an exit within each horizon, (horizons, n)."""
    law = year_law(made.years, float(made.sd[2]))
    rng = np.random.Generator(np.random.Philox(key=[seed, origin]))
    ahead = np.arange(origin, origin + max(horizons), dtype=np.int64)
    steps = np.exp(law.draw(ahead, draws, rng))
    lam = np.exp(np.minimum(eta, 30.0))
    return np.stack([-np.expm1(-np.outer(steps[:, :h].sum(axis=1), lam)).mean(axis=0) for h in horizons])


def score_origin(panel: Panel, names: tuple[str, ...], model: str, origin: int, chosen: _Splits) -> list[Score]:
    """Scores of one model and of the baselines on the same rows at one origin.

    Parameters
    ----------
    panel : rows with all terms of the model and of the common structure, on `cleaned`
    names : terms of the model, the common structure among them
    """
    c = panel.cube
    known = exits_of(c, OUTCOME, origin=origin)
    years = c.years[panel.year]
    rows = (years <= origin - 1) & known.row_ok[panel.year]
    event = known.exits[panel.year[rows], panel.state[rows], panel.body[rows]].astype(np.float64)
    here = years == origin
    horizons = tuple(h for h in chosen.horizons if origin + h <= chosen.scored_to)
    if not here.any() or not event.any() or not horizons:
        return []
    made = {"common": train(panel, COMMON, rows, event)}
    if model != "common":
        made[model] = train(panel, names, rows, event)
    given = {
        name: within(linear(panel, fit, here), fit, origin, horizons, chosen.year_draws, chosen.seed)
        for name, fit in made.items()
    }
    given |= baselines(panel, rows, event, here, origin, horizons)
    scores = []
    for number, h in enumerate(horizons):
        use, came = outcomes_at(panel, here, origin, h, chosen.scored_to)
        outcome = came[use].astype(np.float64)
        for name, p_all in given.items():
            p = np.clip(p_all[number][use], SMALLEST, 1 - SMALLEST)
            log_score = -float((outcome * np.log(p) + (1 - outcome) * np.log1p(-p)).sum())
            scores.append(
                Score(name, origin, h, int(use.sum()), int(outcome.sum()), float(p.sum()), log_score,
                      float(((p - outcome) ** 2).sum()))
            )  # fmt: skip
    return scores


def outcomes_at(
    panel: Panel, here: BoolArray, origin: int, horizon: int, scored_to: int
) -> tuple[BoolArray, BoolArray]:  # fmt: skip
    """What came of the memberships of an origin within a horizon, as known in the last scored year.

    Returns
    -------
    Which of the rows are scored, and which of them ended in an exit, (rows here,) each. A gap in the source leaves the outcome
    unknown, unless an exit is coded.
    """
    c = panel.cube
    final = exits_of(c, OUTCOME, origin=scored_to).exits
    state, body, at = panel.state[here], panel.body[here], c.index(origin)
    came = np.asarray(final[at : at + horizon, state, body].any(axis=0))
    unknown = np.asarray((c.status[at + 1 : at + horizon + 1, state, body] == MISSING).any(axis=0))
    return ~unknown | came, came


def baselines(
    panel: Panel, rows: BoolArray, event: FloatArray, here: BoolArray, origin: int, horizons: tuple[int, ...]
) -> dict[str, FloatArray]:
    """Constant rate, rate of the trailing ten years, and rates shrunken by state and by body."""
    n = int(here.sum())
    recent = panel.cube.years[panel.year[rows]] >= origin - TRAILING
    constant = float(event.mean())
    trailing = float(event[recent].mean()) if recent.any() else constant
    factors = np.ones(n)
    for index in (panel.state, panel.body):
        size = int(index.max()) + 1
        count = np.bincount(index[rows], event, minlength=size).astype(np.float64)
        expected = np.bincount(index[rows], minlength=size).astype(np.float64) * constant
        shape = _gamma_shape(count, expected)
        factors *= ((count + shape) / (expected + shape))[index[here]]
    rates = {"constant": np.full(n, constant), "trailing": np.full(n, trailing), "empirical_bayes": constant * factors}
    return {
        name: np.stack([-np.expm1(h * np.log1p(-np.minimum(rate, 0.999))) for h in horizons])
        for name, rate in rates.items()
    }


def _gamma_shape(count: FloatArray, expected: FloatArray) -> float:
    """Shape of the mean-one gamma law of rates, by moments: Var N = E + E²/shape."""
    used = expected > 0
    excess = float(((count[used] - expected[used]) ** 2 - expected[used]).sum())
    return float((expected[used] ** 2).sum()) / excess if excess > 0 else 1e6


HORIZONS: Final = (1, 5, 10, 15, 20)
MEASURED: Final = ("known bodies", "all bodies", "total")
"""Effects on events of bodies known at the origin, effects on all events, and totals without the hazard."""
TAIL: Final = 0.025


@dataclass(frozen=True)
class _Origin:
    """A hazard fitted at an origin: year effects up to it, and (events, expected) of later years, of old and new bodies."""

    year: int
    effects: dict[int, float]
    sd: float
    totals: dict[int, float]
    """Events by year, up to the origin."""
    known: dict[int, tuple[float, float]]
    new: dict[int, tuple[float, float]]


@dataclass(frozen=True)
class _LawScore:
    """One law at one horizon over all origins: mean log score (higher is better), share inside the 95 % band, PITs."""

    measured: str
    law: str
    horizon: int
    origins: int
    log_score: float
    inside: float
    pit: float
    lowest: float
    highest: float


def _refitted(
    panel: Panel, names: tuple[str, ...], origins: Iterable[int], say: Callable[[str], None] = lambda _: None
) -> list[_Origin]:  # fmt: skip
    """Fit a hazard (`joint`) at each origin and lay out what it expects of the years after.

    Parameters
    ----------
    panel : every row that counts, of training years and later ones; a year without rows is passed over
    names : terms of the hazard
    """
    years = panel.cube.years[panel.year]
    out, sd = [], None
    for origin in origins:
        rows = years <= origin
        made = train(panel, names, rows, panel.event[rows].astype(np.float64), sd)
        sd = made.sd
        later = ~rows
        eta = linear(panel, made, later)
        known = np.isin(panel.body[later], list(made.effects[1]))
        # `linear` gives an unseen body the mean of its law.
        expected = -np.expm1(-np.exp(np.where(known, eta, eta - 0.5 * float(made.sd[1]) ** 2)))
        event, calendar, weight = panel.event[later], years[later], panel.weight[later]
        sums: list[dict[int, tuple[float, float]]] = [{}, {}]
        for year in np.unique(calendar).tolist():
            for part, which in zip(sums, (known, ~known), strict=True):
                at = (calendar == year) & which
                part[year] = float(event[at].sum()), float(weight[at] @ expected[at])
        before, count = np.unique(years[rows & (panel.event > 0)], return_counts=True)
        totals = {year: 0.0 for year in made.years} | dict(
            zip(before.tolist(), count.astype(float).tolist(), strict=True)
        )
        out.append(_Origin(int(origin), made.years, float(made.sd[2]), totals, *sums))
        say(f"{panel.kind} hazard up to {origin}: effects of {len(made.years)} years")
    return out


def _scored(
    origins: list[_Origin], laws: tuple[str, ...] = LAWS, horizons: tuple[int, ...] = HORIZONS
) -> list[_LawScore]:
    """Score every law at every horizon, all on the same years."""
    found: dict[tuple[str, str, int], list[tuple[float, float]]] = {}
    for o in origins:
        for measured in MEASURED:
            total = measured == "total"
            train_on = {year: float(np.log(n + 0.5)) for year, n in o.totals.items()} if total else o.effects
            for name in laws:
                law = year_law(train_on, 0.0 if total else o.sd, name)
                for h in horizons:
                    if o.year + h in o.known:
                        value = _came(o, o.year + h, measured)
                        found.setdefault((measured, name, h), []).append(
                            (law.log_density(value, h), law.below(value, h))
                        )
    out = []
    for (measured, name, h), pairs in found.items():
        log_score, pit = np.array(pairs).T
        out.append(
            _LawScore(measured, name, h, len(pairs), float(log_score.mean()),
                     float(((pit >= TAIL) & (pit <= 1 - TAIL)).mean()), float(pit.mean()), float(pit.min()), float(pit.max()))
        )  # fmt: skip
    return out


def _came(o: _Origin, year: int, measured: str) -> float:
    """What a later year's effect would have had to be, or the logarithm of its total."""
    events, expected = np.array(o.known[year]) + (0.0 if measured == "known bodies" else np.array(o.new[year]))
    return float(np.log(events + 0.5) - (0.0 if measured == "total" else np.log(expected + 0.5)))
