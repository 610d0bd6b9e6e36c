"""Every word that a reader sees: one glossary for report, shell and explorer.

Each entry is a pair (English, Traditional Chinese as written in Taiwan), so no language can lack a key.
"""

from __future__ import annotations

import re
import string
from collections.abc import Callable
from typing import Any, Final, TypeAlias

from exeunt.answers import Message
from exeunt.dates import parse
from exeunt.words.argued import ARGUED
from exeunt.words.argument import ARGUMENT
from exeunt.words.clock import CLOCK
from exeunt.words.consequence import CONSEQUENCE
from exeunt.words.follows import FOLLOWS
from exeunt.words.forecast import FORECAST
from exeunt.words.futures import FUTURES
from exeunt.words.glossary import GLOSSARY
from exeunt.words.loop import LOOP
from exeunt.words.page import PAGE
from exeunt.words.paid import PAID
from exeunt.words.prose import PROSE
from exeunt.words.report import REPORT
from exeunt.words.rules import PATTERNS, RULE_WORDS
from exeunt.words.simulate import SIMULATE
from exeunt.words.web import WEB

LANGS: Final = ("en", "zh-Hant")
WORDS: Final[dict[str, tuple[str, str]]] = {
    **GLOSSARY, **RULE_WORDS, **REPORT, **PROSE, **PAGE, **FOLLOWS, **LOOP, **ARGUED, **ARGUMENT, **CLOCK, **CONSEQUENCE,
    **FORECAST, **SIMULATE, **FUTURES, **PAID,
    **WEB,
}  # fmt: skip
MINUS: Final = "\u2212"
MONTHS: Final = tuple("January February March April May June July August September October November December".split())


def _at(lang: str) -> int:
    if lang not in LANGS:
        raise KeyError(f"no language {lang!r}; there are {', '.join(LANGS)}")
    return LANGS.index(lang)


def word(key: str, lang: str, **values: object) -> str:
    """One string of the interface.

    Parameters
    ----------
    key : id such as `status.member`
    values : what fills the {placeholders} of a sentence, already formatted

    Raises
    ------
    KeyError, for an unknown key or language, or a placeholder without a value.
    """
    if key not in WORDS:
        raise KeyError(f"no word {key!r} in exeunt.words")
    text = WORDS[key][_at(lang)]
    return text.format(**values) if values or "{" in text else text


class _Written(string.Formatter):
    """Fills a sentence with the values of a message, each written as its placeholder says; see `render`."""

    def __init__(self, lang: str, names: Names | None) -> None:
        self.lang, self.names = lang, names

    def format_field(self, value: Any, format_spec: str) -> str:
        kind, _, more = format_spec.partition(".")
        if isinstance(value, list | tuple):
            return word("list.comma", self.lang).join(self.format_field(one, format_spec) for one in value)
        if value is None:
            return word("missing", self.lang) if known("missing") else ""
        match kind:
            case "" | "text":
                return str(value)
            case "date":
                return day(str(value), self.lang)
            case "number":
                return number(value, self.lang, int(more or 0))
            case "percent":
                return percent(value, self.lang, int(more or 0))
            case "usd":
                return dollars(value, self.lang)
            case "state" | "body":
                return self.names(kind, str(value), self.lang) if self.names else str(value)
            case _:
                return word(f"{kind}.{value}", self.lang)


Names: TypeAlias = Callable[[str, str, str], str]
"""Gives the display name of a key: called with "state" or "body", the key, the language."""


def render(message: Message, lang: str, names: Names | None = None) -> str:
    """Write a message in a language.

    A placeholder says how its value is written: `{day:date}`, `{n:number}`, `{x:number.2}`, `{share:percent.1}`,
    `{amount:usd}`, `{state:state}`, `{body:body}`; any other word names a family of closed words, so `{act:act}` with the
    value `notified` is the word `act.notified`. A list is written with the language's comma.

    Parameters
    ----------
    names : gives display names; without it states and bodies stand as keys

    Raises
    ------
    KeyError, for an unknown code, or a placeholder without a value.
    """
    if message.code not in WORDS:
        raise KeyError(f"no word {message.code!r} in exeunt.words")
    return _Written(lang, names).vformat(WORDS[message.code][_at(lang)], (), message.values)


def known(key: str) -> bool:
    """Whether there is a word under this key."""
    return key in WORDS


def number(value: float, lang: str, digits: int = 0) -> str:
    """Write a number with separators and a true minus sign; the two languages write it alike."""
    _at(lang)
    text = f"{value:,.{digits}f}"
    if float(text.replace(",", "")) == 0:
        text = text.removeprefix("-")
    return text.replace("-", MINUS)


def percent(share: float, lang: str, digits: int = 0) -> str:
    """Write a share of 1 as a percentage."""
    return number(100 * share, lang, digits) + ("%" if _at(lang) else " %")


def dollars(value: float, lang: str) -> str:
    """Write an amount of US dollars with three figures, in the units that each language counts in."""
    if value == 0:
        return "0"
    units = (
        ((1e8, "billion"), (1e4, "million")) if _at(lang) else ((1e9, "billion"), (1e6, "million"), (1e3, "thousand"))
    )
    for size, name in units:
        if abs(value) >= size:
            shown = value / size
            digits = 2 if abs(shown) < 10 else 1 if abs(shown) < 100 else 0
            return word(f"usd.{name}", lang, n=number(shown, lang, digits))
    return word("usd.plain", lang, n=number(value, lang))


def day(text: str, lang: str) -> str:
    """Write a date of the record for a reader, imprecision and open ends kept.

    Parameters
    ----------
    text : ISO day or EDTF level 1, such as `2026-01-07`, `2021-11`, `1966/1967`, `2026-01-07/..`

    Raises
    ------
    BadDateError, if the text is no such date.
    """
    parse(text)
    if "/" not in text:
        return _point(text.strip(), lang)
    left, right = text.strip().split("/")
    first, last = (_point(part, lang) if part not in ("", "..") else part for part in (left, right))
    if last == "..":
        return word("day.since" if first not in ("", "..") else "day.any", lang, first=first)
    if last == "":
        return word("day.end_unknown" if first != ".." else "day.any", lang, first=first)
    if first in ("", ".."):
        return word("day.until" if first else "day.start_unknown", lang, last=last)
    return word("day.between", lang, first=first, last=last)


def _point(text: str, lang: str) -> str:
    mark = text[-1] if text[-1] in "?~%" else ""
    said = _plain(text.rstrip("?~%"), lang)
    if mark and mark in "~%":
        said = word("day.about", lang, day=said)
    return word("day.uncertain", lang, day=said) if mark and mark in "?%" else said


def _plain(text: str, lang: str) -> str:
    year, _, rest = text.partition("-")
    month, _, number_of_day = rest.partition("-")
    if year.endswith("XX"):
        return word("day.century", lang, first=year[:2] + "00", last=year[:2] + "99")
    if year.endswith("X"):
        return word("day.decade", lang, decade=year[:3] + "0")
    if month in ("", "XX"):
        return word("day.year", lang, year=year)
    if int(month) > 12:
        first = 3 * (int(month) - 20)
        last_year = str(int(year) + 1) if month == "24" else year
        names = {"first": _month(first, lang), "last": _month(first % 12 + 2, lang)}
        return word("day.season", lang, year=year, last_year=last_year, **names)
    if number_of_day in ("", "XX"):
        return word("day.month", lang, year=year, month=_month(int(month), lang))
    return word("day.day", lang, year=year, month=_month(int(month), lang), day=int(number_of_day))


def _month(value: int, lang: str) -> str:
    return str(value) if _at(lang) else MONTHS[value - 1]


def told(text: str, lang: str) -> str | None:
    """Tell a rule or reason of the record in the reader's language; None where its wording is not known.

    Parameters
    ----------
    text : what `record/status.py` or `panel/build.py` wrote, parts separated by semicolons
    """
    whole = _told(text, lang)
    if whole is not None:
        return whole
    parts = [_told(part, lang) for part in re.split(r"; (?=the record closes|earlier: )", text)]
    if len(parts) < 2 or None in parts:
        return None
    return ("" if _at(lang) else " ").join(part for part in parts if part)


PLAIN: Final = frozenset({"year", "n", "sign"})
"""Parts of a wording that are the same in both languages."""


def _told(text: str, lang: str) -> str | None:
    if text.startswith("earlier: "):
        before = _told(text.removeprefix("earlier: "), lang)
        return None if before is None else word("rule.earlier", lang, text=before)
    for pattern, key in PATTERNS:
        found = pattern.fullmatch(text)
        if found is None:
            continue
        values = {}
        for name, value in found.groupdict().items():
            if name == "day":
                values[name] = day(value, lang)
            elif name in PLAIN:
                values[name] = value
            elif name == "outcomes":
                values[name] = word("list.comma", lang).join(
                    word(f"outcome_short.{one}", lang) for one in value.split(", ")
                )
            elif known(f"{name}.{value}"):
                values[name] = word(f"{name}.{value}", lang)
            else:
                return None
        said = word(key, lang, **values)
        return said[:1].upper() + said[1:] if key.startswith("rule.") else said
    return None
