"""The check language: what a claim says of the record, as a small table, and how what is found is held against it.

Every check names what it looks at (`look`) and what is expected there; `LOOKS` lists the keys of each. A look finds a part that
holds, fails, or of which the record is silent, with what was found, its sources and the command that prints it. Where sources
disagree and only some of them bear the claim out, the part is marked as disputed. Nothing here knows a verdict.
`docs/method/argument.md` has the table.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any, Final

from exeunt.answers import Message
from exeunt.core.dates import parse_day
from exeunt.core.errors import BadDateError, UnknownNameError, UsageError
from exeunt.core.strict_toml import Strict, Text, Texts
from exeunt.i18n import number
from exeunt.record.schema import ACTS, FUNDS, LEDGERS, MEASURES, STATUSES, TABLE
from exeunt.record.store import Record

EXPECTED: Final = ("equals", "within", "within_pct", "at_least", "at_most", "more_than", "less_than")
"""Keys of a numeric expectation: equals, with a tolerance if wanted, or bounds."""
BOUNDS: Final = ("at_least", "at_most", "more_than", "less_than")


Kinds = tuple[type, ...]
TEXT: Final[Kinds] = (str,)
WORDS: Final[Kinds] = (str, list)
YEAR: Final[Kinds] = (int,)
NUMBERS: Final[dict[str, Kinds]] = dict.fromkeys(EXPECTED, (int, float))
PAIR: Final[dict[str, Kinds]] = {"state": TEXT, "body": TEXT}
LOOKS: Final[dict[str, tuple[dict[str, Kinds], tuple[str, ...]]]] = {
    "status": ({**PAIR, "on": TEXT, "is": WORDS}, ("state", "body", "on", "is")),
    "act": ({**PAIR, "episode": TEXT, "act": WORDS, "first": TEXT, "last": TEXT}, ("state", "act")),
    "reason": ({**PAIR, "episode": TEXT, "first": TEXT, "last": TEXT, "gives": WORDS}, ("state", "gives")),
    "order": ({"before": (dict,), "after": (dict,)}, ("before", "after")),
    "count": (
        {"table": TEXT, "where": (dict,), "first_year": YEAR, "last_year": YEAR, "floor": (bool,), **NUMBERS},
        ("table", "where"),
    ),
    "listed": ({"case": TEXT, "area": WORDS, "body": WORDS, "what": WORDS, **NUMBERS}, ("case",)),
    "money": ({**PAIR, "year": YEAR, "ledger": TEXT, "fund": TEXT, "rate": (bool,), **NUMBERS}, ("body", "year")),
    "change": (
        {**PAIR, "first_year": YEAR, "last_year": YEAR, "ledger": TEXT, "fund": TEXT, "rate": (bool,), **NUMBERS},
        ("body", "first_year", "last_year"),
    ),
    "share": ({**PAIR, "year": YEAR, "fund": TEXT, **NUMBERS}, ("state", "body", "year", "fund")),
    "series": (
        {"measure": TEXT, "state": TEXT, "first_year": YEAR, "last_year": YEAR, **NUMBERS},
        ("measure", "state", "first_year", "last_year"),
    ),
    "total": (
        {"case": TEXT, "state": TEXT, "fund": TEXT, "first_year": YEAR, "last_year": YEAR, **NUMBERS},
        ("case", "state", "fund", "first_year", "last_year"),
    ),
    "between": (
        {**PAIR, "other": TEXT, "measure": TEXT, "ledger": TEXT, "fund": TEXT, "whole": (bool,), "year": YEAR, **NUMBERS},
        ("state", "other", "year"),
    ),
    "weight": ({"state": TEXT, "year": YEAR, **NUMBERS}, ("state", "year")),
    "refilled": ({"years": YEAR, **NUMBERS}, ("years",)),
    "emptied": ({"case": TEXT, **NUMBERS}, ("case",)),
    "multiplier": ({"outcome": TEXT, **NUMBERS}, ("outcome",)),
    "worlds": (
        {"scenario": TEXT, "worlds": YEAR, "years": YEAR, "what": TEXT, **NUMBERS},
        ("scenario", "worlds", "years", "what"),
    ),
    "fact": (
        {"fact": WORDS, "word": TEXT, "first": TEXT, "last": TEXT, **NUMBERS},
        ("fact",),
    ),
}  # fmt: skip
"""Look → (keys and their types, keys that must be there)."""
POINT: Final[dict[str, Kinds]] = {**PAIR, "act": TEXT, "episode": TEXT, "fact": TEXT}
CLOSED: Final[dict[str, Mapping[str, str]]] = {"act": ACTS, "ledger": LEDGERS, "fund": FUNDS, "measure": MEASURES}
FORECASTS: Final = ("worlds", "multiplier")
"""Looks at what is to come: a forecast takes these alone, and nothing else takes them."""
COUNTED: Final = ("exits", "joins")
SIMULATED: Final = ("cleaned", "core")
"""Outcomes that decide and from which worlds may be drawn, where their fit is calibrated."""


def check_claim(place: _Place, check: object, facts: Mapping[str, _Fact], kind: str = "fact") -> None:
    """Hold one check against the language.

    Raises
    ------
    UsageError or UnknownNameError, one sentence.
    """
    if not isinstance(check, dict):
        raise UsageError(f'{place}: a check is {check!r}; expected a table such as {{look = "status", …}}.')
    look = check.get("look")
    if look not in LOOKS:
        if not isinstance(look, str):
            raise UsageError(f"{place}: a check does not say what it looks at; write look = one of {', '.join(LOOKS)}.")
        raise UnknownNameError("look", look, LOOKS)
    schema, needed = LOOKS[look]
    here = _Place(place.file, f"the {look} check of {place.part}")
    _require(here, check, {"look": TEXT, **schema}, ("look", *needed))
    for key, words in CLOSED.items():
        for word in _listed(check.get(key)) if key in schema else ():
            _known(here, key, word, words)
    for key in ("on", "first", "last"):
        if key in check:
            try:
                parse_day(check[key])
            except BadDateError as error:
                raise UsageError(f"{here}: {key}: {error}") from None
    if look == "status":
        for word in _listed(check["is"]):
            _known(here, "is", word, STATUSES)
    if look == "order":
        for side in ("before", "after"):
            _point(_Place(place.file, f"{side} in the order check of {place.part}"), check[side], facts)
    if look == "count":
        _columns(here, check)
        _span(here, check)
    if look == "fact":
        for name in _listed(check["fact"]):
            _known(here, "fact", name, facts)
        if not {"word", "first", "last", *EXPECTED} & check.keys():
            raise UsageError(f"{here} expects nothing; add word, first, last, {', '.join(EXPECTED)}.")
    if (kind == "forecast") != (look in FORECASTS):
        raise UsageError(
            f"{here}: a forecast is held against {', '.join(FORECASTS)} alone, and nothing else is; change kind or look."
        )
    if look == "refilled" and check["years"] not in (1, 2, 3):
        raise UsageError(f"{here}: years is {check['years']}; expected 1, 2, 3.")
    if look == "multiplier":
        _known(here, "outcome", check["outcome"], dict.fromkeys(SIMULATED, ""))
    if look == "worlds":
        _known(here, "what", check["what"], dict.fromkeys(COUNTED, ""))
    if look == "between" and ("body" in check) == ("measure" in check):
        raise UsageError(f"{here} needs either body or measure.")
    numeric = look not in {"status", "act", "reason", "order", "fact"}
    _check_numbers(here, check if look != "status" else {}, numeric)


def _listed(found: Any) -> list[str]:
    return [] if found is None else [found] if isinstance(found, str) else list(found)


def _known(place: _Place, key: str, word: object, words: Mapping[str, Any]) -> None:
    if word not in words:
        shown = list(words) if len(words) <= 16 else [*sorted(words)[:16], "…"]
        raise UsageError(f"{place}: {key} names {word!r}; known: {', '.join(shown) or 'none'}.")


def _point(place: _Place, point: dict[str, Any], facts: Mapping[str, _Fact]) -> None:
    _require(place, point, POINT, ())
    if ("fact" in point) == ("act" in point):
        raise UsageError(f"{place} names neither a fact nor an act, or both; write one of them.")
    if "fact" in point:
        _known(place, "fact", point["fact"], facts)
        if facts[point["fact"]].date is None:
            raise UsageError(f"{place}: the fact {point['fact']!r} has no date; an order needs one.")
    else:
        _known(place, "act", point["act"], ACTS)
        if not {"state", "episode"} & point.keys():
            raise UsageError(f"{place} names an act without its state or episode; add one of them.")


def _span(place: _Place, check: dict[str, Any]) -> None:
    given = [key for key in ("first_year", "last_year") if key in check]
    if given and (len(given) == 1 or check["table"] != "episodes" or check["first_year"] > check["last_year"]):
        raise UsageError(
            f"{place}: years bound a count of episodes, by their first act; write first_year and last_year in this order, "
            'with table = "episodes".'
        )


def _columns(place: _Place, check: dict[str, Any]) -> None:
    if check["table"] not in TABLE:
        raise UnknownNameError("table", check["table"], TABLE)
    columns = {column.name: column for column in TABLE[check["table"]].columns}
    for name, value in check["where"].items():
        if name not in columns:
            raise UnknownNameError(f"column of {check['table']}", name, columns)
        for one in value if isinstance(value, list) else [value]:
            if not isinstance(one, str | int | float | bool):
                raise UsageError(f"{place}: where.{name} holds {one!r}; expected a text, a number, or true or false.")
            if columns[name].words and one not in columns[name].words:
                _known(place, f"where.{name}", one, dict.fromkeys(columns[name].words, ""))


# --- tables read strictly --------------------------------------------------------------------------------------------

_TYPE_WORDS: Final[dict[type, str]] = {
    str: "a text", list: "a list", int: "a whole number", float: "a number", bool: "true or false", dict: "a table",
}  # fmt: skip


@dataclass(frozen=True)
class _Place:
    """Where in a file something stands."""

    file: str
    part: str

    def __str__(self) -> str:
        """As an error names it."""
        return f"{self.file}: {self.part}"


def _require(
    place: _Place, found: Mapping[str, Any], schema: Mapping[str, tuple[type, ...]], needed: Iterable[str]
) -> None:
    """Hold a table against its schema.

    Raises
    ------
    UsageError, for a key that the schema lacks, a value of another type, or a key that is missing.
    """
    for key, value in found.items():
        if key not in schema:
            close = get_close_matches(key, schema, n=1)
            hint = f"did you mean {close[0]}?" if close else f"expected {', '.join(schema)}."
            raise UsageError(f"{place} has no key {key!r}; {hint}")
        kinds = schema[key]
        if not isinstance(value, kinds) or (isinstance(value, bool) and bool not in kinds):
            wanted = " or ".join(dict.fromkeys(_TYPE_WORDS[kind] for kind in kinds))
            raise UsageError(f"{place}: {key} is {value!r}; expected {wanted}.")
        if value == "" or value == []:
            raise UsageError(f"{place}: {key} is empty; fill it in or take it out.")
    missing = [key for key in needed if key not in found]
    if missing:
        raise UsageError(f"{place} lacks {', '.join(missing)}; add it.")


# --- what is found and how it is held against what is expected --------------------------------------------------------


class _Fact(Strict, frozen=True, kw_only=True):
    """A statement with its sources: a date, a number or a word that a check compares."""

    id: Text
    says: Text
    says_zh: Text | None = None
    sources: Texts
    date: Text | None = None
    number: float | None = None
    unit: Text | None = None
    unit_zh: Text | None = None
    word: Text | None = None
    sought: bool = False
    """It was looked for and not found."""

    @property
    def said(self) -> Message:
        """The fact as a message; where one language is missing, the other stands for it."""
        return Message(code="argue.found.fact", values={"says": self.says, "says_zh": self.says_zh or self.says})


@dataclass(frozen=True)
class _Part:
    """What one check found.

    `holds` is None where the record is silent. `found` says what was found, and `items` follow it as a list; `disputed` says
    that sources differ and that only some of them bear the claim out.
    """

    look: str
    holds: bool | None
    found: tuple[Message, ...]
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
    items: tuple[Message, ...] = ()


def _check_numbers(place: _Place, check: dict[str, Any], needed: bool) -> None:
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


def _say(code: str, **values: Any) -> Message:
    """A message on what was found."""
    return Message(code=f"argue.found.{code}", values=values)


def _meets(found: float, check: dict[str, Any]) -> bool:
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


def _of_interval(low: float, high: float, check: dict[str, Any]) -> tuple[bool | None, bool]:
    """Whether a whole interval is as a check expects it, or none of it; the second value tells whether neither is so."""
    if _meets(low, check) and _meets(high, check):
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


def _weigh(found: Iterable[float], check: dict[str, Any]) -> tuple[bool | None, bool]:
    """Whether figures on one thing meet a check, and whether they are divided on it; None where there are none."""
    met = [_meets(value, check) for value in found]
    if not met:
        return None, False
    return (all(met), any(met) and not all(met))


def _shown(value: float) -> str:
    """A figure as it is read: whole where it is whole, else with the digits that matter."""
    if value == int(value) and abs(value) < 1e15:
        return number(value, "en")
    return number(value, "en", max(0, min(4, 3 - math.floor(math.log10(abs(value))))))


def _quoted(text: str) -> str:
    """A text as SQL writes it."""
    return "'" + text.replace("'", "''") + "'"


Run = Callable[[Record, dict[str, Any], Mapping[str, _Fact], str], _Part]
"""A look: called with the record, the check, the facts of the file, and what the command line was told."""
