"""Which law of year effects predicts: origins one year apart, the hazard fitted anew at each, horizons up to twenty years.

At an origin the hazard is fitted to the rows up to it and a law to its year effects. A later year has N events where the hazard
expects E without an effect of the year, with the covariates that came; log((N + ½)/(E + ½)) is what its effect would have had
to be, and is held against the law's predictive density. A body that began after the origin has the effect 0 in E: the
mean of its law expects several times what came. Beside the laws of effects stand the same laws fitted to the logarithm of the
annual total, which do not know E: where they do better, what the hazard expects more of does not come.

References
----------
Gneiting and Raftery (2007), Journal of the American Statistical Association 102, 359–378 (the logarithmic score); Dawid
(1984), Journal of the Royal Statistical Society A 147, 278–292 (probability integral transforms of forecasts).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final

import numpy as np

from exeunt.explain.rolling import linear, train
from exeunt.explain.yearly import LAWS, year_law
from exeunt.panel.build import Panel

HORIZONS: Final = (1, 5, 10, 15, 20)
MEASURED: Final = ("known bodies", "all bodies", "total")
"""Effects on events of bodies known at the origin, effects on all events, and totals without the hazard."""
TAIL: Final = 0.025


@dataclass(frozen=True)
class Origin:
    """A hazard fitted at an origin: year effects up to it, and (events, expected) of later years, of old and new bodies."""

    year: int
    effects: dict[int, float]
    sd: float
    totals: dict[int, float]
    """Events by year, up to the origin."""
    known: dict[int, tuple[float, float]]
    new: dict[int, tuple[float, float]]


@dataclass(frozen=True)
class LawScore:
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


def refitted(
    panel: Panel, names: tuple[str, ...], origins: Iterable[int], say: Callable[[str], None] = lambda _: None
) -> list[Origin]:  # fmt: skip
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
        out.append(Origin(int(origin), made.years, float(made.sd[2]), totals, *sums))
        say(f"{panel.kind} hazard up to {origin}: effects of {len(made.years)} years")
    return out


def scored(origins: list[Origin], laws: tuple[str, ...] = LAWS, horizons: tuple[int, ...] = HORIZONS) -> list[LawScore]:
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
            LawScore(measured, name, h, len(pairs), float(log_score.mean()),
                     float(((pit >= TAIL) & (pit <= 1 - TAIL)).mean()), float(pit.mean()), float(pit.min()), float(pit.max()))
        )  # fmt: skip
    return out


def _came(o: Origin, year: int, measured: str) -> float:
    """What a later year's effect would have had to be, or the logarithm of its total."""
    events, expected = np.array(o.known[year]) + (0.0 if measured == "known bodies" else np.array(o.new[year]))
    return float(np.log(events + 0.5) - (0.0 if measured == "total" else np.log(expected + 0.5)))
