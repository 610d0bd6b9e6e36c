"""Facts of a file, what a check finds, and how a number found is held against the one claimed."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

from exeunt.argument.strict import Place
from exeunt.errors import UsageError
from exeunt.words import number

EXPECTED: Final = ("equals", "within", "within_pct", "at_least", "at_most", "more_than", "less_than")
"""Keys of a numeric expectation: equals, with a tolerance if wanted, or bounds."""
BOUNDS: Final = ("at_least", "at_most", "more_than", "less_than")


@dataclass(frozen=True)
class Fact:
    """A statement with its sources: a date, a number or a word that a check compares."""

    id: str
    says: str
    sources: tuple[str, ...]
    date: str | None = None
    number: float | None = None
    unit: str | None = None
    word: str | None = None


@dataclass(frozen=True)
class Part:
    """What one check found.

    `holds` is None where the record is silent. `key` and `values` are the sentence on what was found, in `exeunt.words`;
    `disputed` says that sources differ and that only some of them bear the claim out.
    """

    look: str
    holds: bool | None
    key: str
    values: dict[str, str]
    sources: tuple[str, ...]
    commands: tuple[str, ...]
    disputed: bool = False
    number: float | None = None
    low: float | None = None
    high: float | None = None
    outcome: str | None = None
    undecided: bool = False
    """Whether an interval lies on both sides of what is expected."""
    doubted: bool = False
    """Whether a placebo of the model behind it fails."""


def check_numbers(place: Place, check: dict[str, Any], needed: bool) -> None:
    """Hold the numeric expectation of a check together; raises UsageError."""
    given = [key for key in ("equals", *BOUNDS) if key in check]
    if needed and not given:
        raise UsageError(f"{place} expects no number; add equals, {', '.join(BOUNDS)}.")
    if "equals" in check and len(given) > 1:
        raise UsageError(f"{place} has both equals and a bound; keep one of them.")
    tolerance = [key for key in ("within", "within_pct") if key in check]
    if tolerance and ("equals" not in check or len(tolerance) > 1):
        raise UsageError(f"{place}: {' and '.join(tolerance)} is a tolerance; it stands alone beside equals.")
    for key in (*given, *tolerance):
        if not math.isfinite(check[key]) or (key in tolerance and check[key] < 0):
            raise UsageError(f"{place}: {key} is {check[key]}; expected a finite number, and a tolerance from 0 up.")


def meets(found: float, check: dict[str, Any]) -> bool:
    """Whether a number is as a check expects it."""
    if "equals" in check:
        claimed = float(check["equals"])
        allowed = float(check.get("within", abs(claimed) * float(check.get("within_pct", 0.0)) / 100))
        return abs(found - claimed) <= allowed + 1e-9 * max(1.0, abs(claimed))
    return (
        ("at_least" not in check or found >= check["at_least"])
        and ("at_most" not in check or found <= check["at_most"])
        and ("more_than" not in check or found > check["more_than"])
        and ("less_than" not in check or found < check["less_than"])
    )


def of_interval(low: float, high: float, check: dict[str, Any]) -> tuple[bool | None, bool]:
    """Whether a whole interval is as a check expects it, or none of it; the second value tells whether neither is so."""
    if meets(low, check) and meets(high, check):
        return True, False
    if "equals" in check:
        claimed = float(check["equals"])
        allowed = float(check.get("within", abs(claimed) * float(check.get("within_pct", 0.0)) / 100))
        apart = high < claimed - allowed or low > claimed + allowed
    else:
        apart = (
            ("at_least" in check and high < check["at_least"])
            or ("more_than" in check and high <= check["more_than"])
            or ("at_most" in check and low > check["at_most"])
            or ("less_than" in check and low >= check["less_than"])
        )
    return (False, False) if apart else (None, True)


def weigh(found: Iterable[float], check: dict[str, Any]) -> tuple[bool | None, bool]:
    """Whether figures on one thing meet a check, and whether they are divided on it; None where there are none."""
    met = [meets(value, check) for value in found]
    if not met:
        return None, False
    return (all(met), any(met) and not all(met))


def shown(value: float) -> str:
    """A figure as it is read: whole where it is whole, else with the digits that matter."""
    if value == int(value) and abs(value) < 1e15:
        return number(value, "en")
    return number(value, "en", max(0, min(4, 3 - math.floor(math.log10(abs(value))))))


def quoted(text: str) -> str:
    """A text as SQL writes it."""
    return "'" + text.replace("'", "''") + "'"
