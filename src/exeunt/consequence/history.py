"""How often gaps were refilled before: every fall of a top donor at a body that reports to the UN Chief Executives Board.

An event is a year in which one of the largest state donors of a body gives at most half of its mean of the two years before.
The gap is that mean minus what it gave. It is refilled within k years if in one of the first k years, the event's own among
them, all other donors together gave more than in their mean of the two years before by the asked share of the gap or more.
The others' money grows in many bodies anyway, so the same question is put to donors that did not fall, with the gap that a fall
would have torn: the difference between the two rates is what can be said of refilling.

References
----------
Wilson (1927), Journal of the American Statistical Association 22, 209–212, for the interval; it takes events as independent,
which those of one body are not quite, so an interval by bootstrap over bodies stands beside it.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from typing import Any, Final

import numpy as np

from exeunt.arrays import FloatArray
from exeunt.consequence.revenue import KINDS, Revenue, revenue
from exeunt.record.store import Record

BASE_YEARS: Final = 2
HORIZONS: Final = (1, 2, 3)
Z: Final = 1.959963984540054
DRAWS: Final = 2000
KINDS_OF: Final = {"all": KINDS, "assessed": ("assessed",), "voluntary": ("core", "earmarked")}
MEASURES: Final = ("any_year", "on_average")


@dataclass(frozen=True, slots=True)
class Definition:
    """What counts as a fall, and what as refilled."""

    fall: float = 0.5
    """Smallest fall from the mean of the two years before, as a share of it."""
    refilled: float = 0.8
    """Smallest share of the gap that others make good."""
    largest: int = 5
    """So many largest state donors of the two years before are looked at."""
    smallest_share: float = 0.05
    """A donor with less than this share of all that was given to the body in the two years before is left out."""
    kinds: str = "all"
    """all, assessed or voluntary money"""
    measure: str = "any_year"
    """any_year: others make it good in one of the years; on_average: over the years together"""
    states: str = "all"
    """all donors, or the code of one state"""
    steady: float = 0.0
    """Smallest share of its mean that the donor gave in each of the two years before: 0.5 leaves out single large gifts."""
    lasting: bool = False
    """Only falls after which the donor stays below half of its former mean in all of three years; known three years on."""


MAIN: Final = Definition()
VARIANTS: Final[dict[str, Definition]] = {
    "main": MAIN,
    "falls of 30 % or more": replace(MAIN, fall=0.3),
    "falls of 75 % or more": replace(MAIN, fall=0.75),
    "half made good": replace(MAIN, refilled=0.5),
    "all made good": replace(MAIN, refilled=1.0),
    "on average over the years": replace(MAIN, measure="on_average"),
    "donors from 1 % of the money": replace(MAIN, smallest_share=0.01),
    "donors from 10 % of the money": replace(MAIN, smallest_share=0.1),
    "assessed money": replace(MAIN, kinds="assessed"),
    "voluntary money": replace(MAIN, kinds="voluntary"),
    "steady donors before": replace(MAIN, steady=0.5),
    "lasting falls of steady donors": replace(MAIN, steady=0.5, lasting=True),
    "United States": replace(MAIN, states="USA"),
}


@dataclass(frozen=True, slots=True)
class Event:
    """One fall of a large donor, or (in the comparison) one donor that did not fall."""

    body: str
    state: str
    year: int
    before: float
    """Mean of the donor's money in the two years before, US dollars."""
    given: float
    share_before: float
    """Of all that was given to the body in the two years before."""
    gap: float
    made_good: tuple[float | None, ...]
    """For 1, 2 and 3 years: the share of the gap by which others rose; None after the last year of the source."""
    returned: bool | None
    """Whether within three years the donor itself gave its former mean again by the asked share; None if not yet known."""

    def as_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        out = asdict(self)
        good = out.pop("made_good")
        return {**out, **{f"made_good_{k}": v for k, v in zip(HORIZONS, good, strict=True)}}


def wilson(hits: int, of: int, z: float = Z) -> tuple[float, float]:
    """Wilson's 95 % interval of a share; from 0 to 1 where there is nothing to count."""
    if of == 0:
        return 0.0, 1.0
    p, n = hits / of, float(of)
    centre = (p + z * z / (2 * n)) / (1 + z * z / n)
    half = z * np.sqrt(p * (1 - p) / n + z * z / (4 * n * n)) / (1 + z * z / n)
    return max(0.0, float(centre - half)), min(1.0, float(centre + half))


def events(known: Revenue, definition: Definition = MAIN) -> tuple[list[Event], list[Event]]:
    """Falls of large donors, and large donors that did not fall, by body, year and state.

    An event of a donor at a body rules out further ones of the same pair for two years: their base would hold the fall.
    A donor that did not fall is given the gap that the smallest fall would have torn.
    """
    gifts, totals = known.of(KINDS_OF[definition.kinds])
    fell: list[Event] = []
    stood: list[Event] = []
    for j, body in enumerate(known.bodies):
        last_event: dict[int, int] = {}
        for t in range(BASE_YEARS, len(known.years)):
            base = slice(t - BASE_YEARS, t)
            if np.isnan(totals[j, base]).any() or np.isnan(totals[j, t]):
                continue
            before, whole = gifts[j, :, base].mean(axis=1), float(totals[j, base].mean())
            if whole <= 0:
                continue
            for i in np.argsort(-before, kind="stable")[: definition.largest]:
                mean = float(before[i])
                if mean <= 0 or mean < definition.smallest_share * whole:
                    continue
                if definition.states not in ("all", known.donors[i]) or t - last_event.get(int(i), -9) <= BASE_YEARS:
                    continue
                if gifts[j, i, base].min() < definition.steady * mean:
                    continue
                given = float(gifts[j, i, t])
                down = given <= (1 - definition.fall) * mean
                gap = mean - given if down else definition.fall * mean
                others = totals[j] - gifts[j, i]
                good = _made_good(others, t, float(others[base].mean()), gap, definition.measure)
                after = gifts[j, i, t : t + max(HORIZONS)]
                returned = None if len(after) < max(HORIZONS) else bool((after >= definition.refilled * mean).any())
                event = Event(body, known.donors[i], known.years[t], mean, given, mean / whole, gap, good, returned)
                if down:
                    last_event[int(i)] = t
                    if not definition.lasting or (len(after) == max(HORIZONS) and after.max() <= mean / 2):
                        fell.append(event)
                else:
                    stood.append(event)
    return fell, stood


def _made_good(others: FloatArray, t: int, base: float, gap: float, measure: str) -> tuple[float | None, ...]:
    found: list[float | None] = []
    for k in HORIZONS:
        rise = others[t : t + k] - base
        if len(rise) < k or np.isnan(rise).any():
            found.append(None)
        else:
            found.append(float((rise.max() if measure == "any_year" else rise.mean()) / gap))
    return tuple(found)


def base_rates(
    known: Revenue, variants: dict[str, Definition] | None = None, seed: int = 1, draws: int = DRAWS
) -> list[dict[str, Any]]:
    """How often gaps were refilled, by definition and horizon.

    Returns
    -------
    Rows {definition, years, events, refilled, rate, low, high (Wilson, 95 %), by_body_low, by_body_high (95 % by bootstrap
    over bodies), bodies, too_recent, returned, without_a_fall_rate, without_a_fall}. `too_recent` events are not counted, for
    the source ends before the years are over; `without_a_fall_rate` is the share of donors that did not fall whose
    hypothetical gap others' growth would have filled, and `without_a_fall` their number.
    """
    rows = []
    for name, definition in (VARIANTS if variants is None else variants).items():
        fell, stood = events(known, definition)
        for n, years in enumerate(HORIZONS):
            asked = [e for e in fell if e.made_good[n] is not None]
            hits = [(e.made_good[n] or 0.0) >= definition.refilled for e in asked]
            beside = [(e.made_good[n] or 0.0) >= definition.refilled for e in stood if e.made_good[n] is not None]
            low, high = wilson(sum(hits), len(hits))
            by_low, by_high = _by_body([e.body for e in asked], hits, seed, draws)
            rows.append({
                "definition": name, "years": years, "events": len(hits), "refilled": sum(hits),
                "rate": sum(hits) / len(hits) if hits else None, "low": low, "high": high, "by_body_low": by_low,
                "by_body_high": by_high, "bodies": len({e.body for e in asked}), "too_recent": len(fell) - len(asked),
                "returned": sum(bool(e.returned) for e in asked),
                "without_a_fall_rate": sum(beside) / len(beside) if beside else None, "without_a_fall": len(beside),
            })  # fmt: skip
    return rows


def _by_body(bodies: list[str], hits: list[bool], seed: int, draws: int) -> tuple[float | None, float | None]:
    """95 % interval of the rate by drawing bodies with replacement; None for fewer than two bodies."""
    names = sorted(set(bodies))
    if len(names) < 2:
        return None, None
    of = np.array([sum(b == name for b in bodies) for name in names], float)
    good = np.array([sum(h for b, h in zip(bodies, hits, strict=True) if b == name) for name in names], float)
    drawn = np.random.default_rng(seed).integers(0, len(names), (draws, len(names)))
    rates = good[drawn].sum(axis=1) / of[drawn].sum(axis=1)
    return float(np.quantile(rates, 0.025)), float(np.quantile(rates, 0.975))


def history(record: Record) -> list[dict[str, Any]]:
    """Base rates from the record; rows as in `base_rates`."""
    return base_rates(revenue(record))
