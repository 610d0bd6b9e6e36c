"""The band around an amount that must be projected: as wide as this donor's money at this body has moved before.

The half-width for h years ahead is the largest change over h years in the pair's own series, times a factor. The factor is the
smallest that would have held nine times in ten, measured over the largest donors of all bodies at every past origin: dues move
little, gifts much, so each ledger has its own. Whether such bands hold for bodies that the factor was not measured on is told
by `coverage`.

References
----------
Vovk, Gammerman and Shafer (2005), Algorithmic Learning in a Random World, for intervals from ranked past errors.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any, Final

import numpy as np

from exeunt.arrays import FloatArray
from exeunt.consequence.revenue import KINDS, Revenue

HELD: Final = 0.9
"""Share of past cases that a band is to hold."""
FEWEST_CHANGES: Final = 4
"""Fewer changes over as many years make no half-width; those over a shorter span are widened by the square root of time."""
LARGEST: Final = 5
"""State donors of each body on which the factor is measured."""
LONGEST: Final = 6
"""Years ahead for which the factor is measured; further ahead the longest serves."""
KINDS_OF_LEDGER: Final = {"assessed": ("assessed",), "voluntary": ("core", "earmarked")}


def half_width(values: FloatArray, ahead: int) -> float | None:
    """Largest change over so many years in a yearly series; None for one too short.

    Parameters
    ----------
    values : (years,) amounts, oldest first, without gaps
    ahead : 1 or more; where the series has fewer than `FEWEST_CHANGES` changes over so many years, those over the longest span
        that has are widened by the square root of the spans' ratio
    """
    span = min(ahead, len(values) - FEWEST_CHANGES)
    if span < 1:
        return None
    return float(np.abs(values[span:] - values[:-span]).max() * np.sqrt(ahead / span))


def band(values: FloatArray, ahead: int, factors: tuple[float, ...]) -> tuple[float, float] | None:
    """Low and high of an amount so many years after the last one; low is not below zero unless the last value is.

    None for a series that is too short or has never changed: it says nothing on how far it may move.

    Parameters
    ----------
    values : (years,) amounts, oldest first, without gaps
    factors : of 1, 2, … years ahead; see `widening`
    """
    width = half_width(values, ahead)
    last = float(values[-1])
    if width is None or (width == 0 and last != 0):
        return None
    reach = width * factors[min(ahead, len(factors)) - 1]
    return min(last, max(0.0, last - reach)), last + reach


def widening(known: Revenue, ledger: str) -> tuple[float, ...]:
    """Factors for 1 to 6 years ahead that would have held nine times in ten: assessed or voluntary money."""
    return _widening(known, ledger)


@lru_cache(maxsize=8)
def _widening(known: Revenue, ledger: str) -> tuple[float, ...]:
    return _factors(_scores(known, ledger, tuple(range(len(known.bodies)))))


def _factors(scores: list[list[float]]) -> tuple[float, ...]:
    """The share `HELD` of ranked scores, never falling with the years ahead; 1 where there is nothing to measure on."""
    found: list[float] = []
    for one in scores:
        ranked = np.sort(np.array(one))
        at = min(int(np.ceil(HELD * (len(ranked) + 1))) - 1, len(ranked) - 1)
        found.append(max([float(ranked[at]) if len(ranked) else 1.0, *found[-1:]]))
    return tuple(found)


def _scores(known: Revenue, ledger: str, bodies: tuple[int, ...]) -> list[list[float]]:
    """By years ahead: how many half-widths the later value lay from the last one; below zero money cannot fall."""
    out: list[list[float]] = [[] for _ in range(LONGEST)]
    whole, _ = known.of()
    kinds = [KINDS.index(kind) for kind in KINDS_OF_LEDGER[ledger]]
    for at in range(FEWEST_CHANGES, len(known.years) - 1):
        for j in bodies:
            base = np.nan_to_num(whole[j, :, at - 1 : at + 1].sum(axis=1))
            for i in np.argsort(-base, kind="stable")[:LARGEST]:
                for k in kinds:
                    series = known.gifts[j, i, :, k]
                    past = _run(series[: at + 1])
                    if not past.any():
                        continue
                    for ahead in range(1, min(LONGEST, len(series) - 1 - at) + 1):
                        later, width = series[at + ahead], half_width(past, ahead)
                        if width and not np.isnan(later):
                            out[ahead - 1].append(abs(float(later) - float(past[-1])) / width)
    return out


def _run(past: FloatArray) -> FloatArray:
    """The unbroken end of a series: what stands after its last gap."""
    gaps = np.flatnonzero(np.isnan(past))
    return past[gaps[-1] + 1 :] if len(gaps) else past


def coverage(known: Revenue) -> list[dict[str, Any]]:
    """How often bands hold for bodies on which the factor was not measured: every body left out in turn, in five parts.

    Returns
    -------
    Rows {ledger, ahead, cases, held, share, factor}; `factor` is the one in use, measured on all bodies.
    """
    rows = []
    everything = tuple(range(len(known.bodies)))
    for ledger in KINDS_OF_LEDGER:
        held, cases = np.zeros(LONGEST, int), np.zeros(LONGEST, int)
        for part in range(5):
            test = everything[part::5]
            factors = _factors(_scores(known, ledger, tuple(j for j in everything if j not in test)))
            for n, scores in enumerate(_scores(known, ledger, test)):
                cases[n] += len(scores)
                held[n] += sum(score <= factors[n] for score in scores)
        factors = widening(known, ledger)
        rows += [
            {"ledger": ledger, "ahead": n + 1, "cases": int(cases[n]), "held": int(held[n]),
             "share": float(held[n] / cases[n]) if cases[n] else None, "factor": factors[n]} for n in range(LONGEST)
        ]  # fmt: skip
    return rows
