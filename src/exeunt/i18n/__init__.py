"""Words that a reader sees, numbers and dates as each language writes them.

A catalogue is a gettext file, `i18n/LANGUAGE.po`, keyed by message code; `python -m scripts.catalogues` compiles it into the
`.mo` file that is read here, and takes numbers, dates and lists of the Unicode CLDR from Babel into `cldr.json`. Neither Babel
nor a locale of the machine is needed to run. A further language is one catalogue and one line in `LANGUAGES`.
"""

from __future__ import annotations

import re
import string
from collections.abc import Callable, Iterable
from functools import cache, lru_cache
from gettext import GNUTranslations
from pathlib import Path
from typing import Any, Final, TypeAlias

import msgspec

from exeunt.answers import Message
from exeunt.core.dates import parse

FOLDER: Final = Path(__file__).parent
LANGUAGES: Final[dict[str, str]] = {"en": "en_GB", "zh-Hant": "zh_Hant_TW"}
"""Language of the interface → locale of the CLDR; British English writes the day first."""
LANGS: Final = tuple(LANGUAGES)
MINUS: Final = "\u2212"
"""Every language writes the true minus sign, where the CLDR has the hyphen of keyboards."""
Names: TypeAlias = Callable[[str, str, str], str]
"""Gives the display name of a key: called with "state" or "body", the key, the language."""


class _Locale(msgspec.Struct, frozen=True):
    """What the CLDR says of a language, as `scripts/catalogues.py` keeps it."""

    decimal: str
    group: str
    percent: str
    months: tuple[str, ...]
    day: str
    month: str
    year: str
    pair: str
    middle: str
    end: str


@cache
def _locale(lang: str) -> _Locale:
    """Numbers, dates and lists of a language; KeyError where there is no such language."""
    if lang not in LANGUAGES:
        raise KeyError(f"no language {lang!r}; there are {', '.join(LANGUAGES)}")
    return msgspec.json.decode((FOLDER / "cldr.json").read_bytes(), type=dict[str, _Locale])[lang]


@cache
def _catalogue(lang: str) -> GNUTranslations:
    """The compiled catalogue of a language; KeyError where there is no such language."""
    if lang not in LANGUAGES:
        raise KeyError(f"no language {lang!r}; there are {', '.join(LANGUAGES)}")
    with (FOLDER / f"{lang}.mo").open("rb") as file:
        return GNUTranslations(file)


@lru_cache(maxsize=4096)
def _pieces(text: str) -> tuple[tuple[str, str | None, str], ...]:
    """A text cut at its placeholders: what stands before, the name, how the value is written."""
    return tuple((before, name, spec or "") for before, name, spec, _ in string.Formatter().parse(text))


def _text(code: str, lang: str, n: Any = None) -> str:
    """The text of a message, in the plural form that `n` asks for where the message has several."""
    catalogue = _catalogue(lang)
    text = code if n is None else catalogue.ngettext(code, code, _counted(n))
    if text == code:
        text = catalogue.gettext(code)
    if text == code:
        raise KeyError(f"no message {code!r} in the catalogue {lang}.po")
    return text


def _counted(value: Any) -> int:
    """The number that chooses a plural form; one that is written already is read back, a fraction counts as several."""
    if isinstance(value, str):
        try:
            value = float(value.replace(",", "").replace(MINUS, "-"))
        except ValueError:
            return 2
    return int(value) if value == int(value) else 2


def _fill(code: str, lang: str, values: dict[str, Any], names: Names | None) -> str:
    text = _text(code, lang, values.get("n"))
    parts = []
    for before, name, spec in _pieces(text):
        parts.append(before)
        if name is not None:
            if name not in values:
                raise KeyError(f"{code} needs a value for {name!r}")
            parts.append(_written(values[name], spec, lang, names))
    return "".join(parts)


def _written(value: Any, spec: str, lang: str, names: Names | None) -> str:
    """One value of a message, written as its placeholder says; see `render`."""
    kind, _, more = spec.partition(".")
    if isinstance(value, list | tuple):
        return word("list.comma", lang).join(_written(one, spec, lang, names) for one in value)
    if value is None:
        return word("missing", lang)
    match kind:
        case "" | "text":
            return str(value)
        case "date":
            return day(str(value), lang)
        case "number":
            return value if isinstance(value, str) else number(value, lang, int(more or 0))
        case "percent":
            return percent(value, lang, int(more or 0))
        case "usd":
            return dollars(value, lang)
        case "state" | "body":
            return names(kind, str(value), lang) if names else str(value)
        case "period":
            return period(str(value), lang)
        case "count":
            return _fill(spec, lang, {"n": value}, names)
        case _:
            return word(f"{kind}.{value}", lang)


def word(code: str, lang: str, /, **values: object) -> str:
    """One string of the interface.

    Parameters
    ----------
    code : such as `status.member`
    values : what fills the {placeholders} of a sentence; see `render` for how each is written

    Raises
    ------
    KeyError, for an unknown code or language, or a placeholder without a value.
    """
    return _fill(code, lang, values, None)


def render(message: Message, lang: str, names: Names | None = None) -> str:
    """Write a message in a language.

    A placeholder says how its value is written: `{day:date}`, `{n:number}`, `{x:number.2}`, `{share:percent.1}`,
    `{amount:usd}`, `{state:state}`, `{body:body}`; `{n:count.body}` is the message `count.body`, which has the plural forms of
    the language ("1 body", "12 bodies"). Any other word names a family of closed words, so `{act:act}` with the value
    `notified` is the word `act.notified`. A list is written with the language's comma.

    A message with plural forms is chosen by its value `n`.

    Parameters
    ----------
    names : gives display names; without it states and bodies stand as keys

    Raises
    ------
    KeyError, for an unknown code, or a placeholder without a value.
    """
    return _fill(message.code, lang, message.values, names)


def known(code: str) -> bool:
    """Whether there is a message of this code."""
    catalogue = _catalogue(LANGS[0])
    return catalogue.gettext(code) != code or catalogue.ngettext(code, code, 1) != code


def number(value: float, lang: str, digits: int = 0) -> str:
    """Write a number with the separators of the language and a true minus sign."""
    locale = _locale(lang)
    text = f"{value:,.{digits}f}"
    if not text.strip("-0.,"):
        text = text.removeprefix("-")
    if (locale.group, locale.decimal) != (",", "."):
        text = text.replace(",", "\0").replace(".", locale.decimal).replace("\0", locale.group)
    return text.replace("-", MINUS)


def percent(share: float, lang: str, digits: int = 0) -> str:
    """Write a share of 1 as a percentage."""
    return _locale(lang).percent.format(number(100 * share, lang, digits))


def dollars(value: float, lang: str) -> str:
    """Write an amount of US dollars with three figures, in the units that each language counts in.

    The catalogue says which units those are: `usd.steps` holds pairs of a power of ten and the message for it.
    """
    if value == 0:
        return "0"
    for step in _text("usd.steps", lang).split():
        power, name = step.split(":")
        shown = value / 10 ** int(power)
        if abs(shown) >= 1:
            digits = 2 if abs(shown) < 10 else 1 if abs(shown) < 100 else 0
            return word(f"usd.{name}", lang, n=number(shown, lang, digits))
    return word("usd.plain", lang, n=number(value, lang))


def listed(names: Iterable[str], lang: str) -> str:
    """Names in a row, the last one after "and", as the CLDR writes lists."""
    *first, last = names
    if not first:
        return last
    locale = _locale(lang)
    if len(first) == 1:
        return locale.pair.format(first[0], last)
    said = first[0]
    for one in first[1:]:
        said = locale.middle.format(said, one)
    return locale.end.format(said, last)


def joined(sentences: Iterable[str], lang: str) -> str:
    """Sentences one after the other, with a space between them where the language has one."""
    said = ""
    for one in sentences:
        said = word("text.after", lang, first=said, second=one) if said else one
    return said


def period(text: str, lang: str) -> str:
    """Write an ISO 8601 duration such as P1Y; one that the catalogue does not name is counted in its units."""
    if known(f"period.{text}"):
        return word(f"period.{text}", lang)
    units = {"Y": "year", "M": "month", "W": "week", "D": "day"}
    parts = re.findall(r"(\d+)([YMWD])", text)
    if "".join(("P", *(n + unit for n, unit in parts))) != text or not parts:
        return text
    return listed((word(f"count.{units[unit]}", lang, n=int(n)) for n, unit in parts), lang)


def day(text: str, lang: str) -> str:
    """Write a date of the record for a reader, imprecision and open ends kept.

    Parameters
    ----------
    text : ISO day or EDTF level 1, such as `2026-01-07`, `2021-11`, `1966/1967`, `2026-01-07/..`

    Raises
    ------
    BadDateError, if the text is not such a date.
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
    locale = _locale(lang)
    year, _, rest = text.partition("-")
    month, _, number_of_day = rest.partition("-")
    if year.endswith("XX"):
        return word("day.century", lang, first=year[:2] + "00", last=year[:2] + "99")
    if year.endswith("X"):
        return word("day.decade", lang, decade=year[:3] + "0")
    if month in ("", "XX"):
        return locale.year.format(year=year)
    if int(month) > 12:
        first = 3 * (int(month) - 20)
        last_year = str(int(year) + 1) if month == "24" else year
        names = {"first": locale.months[first - 1], "last": locale.months[first % 12 + 1]}
        return word("day.season", lang, year=year, last_year=last_year, **names)
    filled = {"year": year, "month": locale.months[int(month) - 1]}
    if number_of_day in ("", "XX"):
        return locale.month.format(**filled)
    return locale.day.format(day=int(number_of_day), **filled)
