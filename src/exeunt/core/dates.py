"""Dates as the record writes them: a small reader of EDTF level 1, and calendar periods.

A date is kept with what is not known about it. ``2026-01-07/..`` has an open end (still in);
``2026-01-07/`` has an unknown end (left, date unknown). Neither is a far-away day, and the
module never turns one into the other.

Readings chosen here, where the standard leaves room:

- For the date of an act, ``1966/1967`` means "some day from 1966 to 1967": earliest 1966-01-01,
  latest 1967-12-31. For a spell the same bounds are its outer edges.
- Season codes name no hemisphere in the standard. They are read as fixed months, the same for
  every state: 21 March-May, 22 June-August, 23 September-November, 24 December to the end of
  February of the next year.
- ``?``, ``~`` and ``%`` are carried as flags. They move no bound, so a certainty stated about a
  qualified date holds as far as the text as written does.
- Years lie in 1000-2999. Times of day and level 2 (``2026-XX-07``, ``?2026``) are refused.

References
----------
ISO 8601-2:2019, Extensions; Library of Congress, Extended Date/Time Format Specification (2019).
"""

from __future__ import annotations

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from functools import lru_cache
from typing import Literal, TypeAlias

from exeunt.core.errors import BadDateError

Precision: TypeAlias = Literal["day", "month", "season", "year", "decade", "century", "interval"]

_Point: TypeAlias = tuple[date, date, Precision, str | None]

# re.ASCII: without it \d takes full-width and other Unicode digits.
_POINT = re.compile(r"(\d\dXX|\d{3}X|\d{4}(?:-(\d\d|XX)(?:-(\d\d|XX))?)?)([?~%])?", re.ASCII)
_FAR_YEAR = re.compile(r"-\d{4}\b.*|Y-?\d+.*", re.ASCII)
_PERIOD = re.compile(r"P(?=\d)(?:(\d{1,5})Y)?(?:(\d{1,5})M)?(?:(\d{1,6})D)?|P(\d{1,5})W", re.ASCII)

_ANY_FORM = "write YYYY, YYYY-MM, YYYY-MM-DD, 2025/2026, 2025-01-01/.. (open end) or 2025-01-01/ (unknown end)"
_DAY_FORM = "a day is needed, write YYYY-MM-DD such as 2026-01-07"
_SHOWN = 60


class _Bound(StrEnum):
    """What is known of one side of a date: a day, no limit (``..``), or nothing (empty)."""

    KNOWN = "known"
    OPEN = "open"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class EDTF:
    """One date or interval of the record; build it with `parse`.

    An open side has no limit; an unknown side has one that nobody wrote down. Both leave the
    bound None, and no certainty rests on either.

    Parameters
    ----------
    text : as found, outer spaces removed; what ``str()`` returns
    earliest : first day it can mean, inclusive; None where the start is open or unknown
    latest : last day it can mean, inclusive; None where the end is open or unknown
    start_kind, end_kind : why a bound is there or not; both known unless the text is an interval
    precision : finest unit that is given; unspecified digits do not count, so ``2026-XX`` is "year"
    approximate : ``~`` or ``%`` on either side
    uncertain : ``?`` or ``%`` on either side
    """

    text: str
    earliest: date | None
    latest: date | None
    start_kind: _Bound
    end_kind: _Bound
    precision: Precision
    approximate: bool
    uncertain: bool

    def __str__(self) -> str:
        """Give the text back, unchanged."""
        return self.text

    @property
    def is_day(self) -> bool:
        """Whether the text is a single calendar day, qualified or not."""
        return self.precision == "day"

    def certainly_before(self, day: date) -> bool:
        """Whether all of it lies before `day`; False where the end is open or unknown."""
        return self.latest is not None and self.latest < day

    def certainly_on_or_before(self, day: date) -> bool:
        """Whether all of it lies on or before `day`; False where the end is open or unknown."""
        return self.latest is not None and self.latest <= day

    def possibly_on_or_before(self, day: date) -> bool:
        """Whether any of it can lie on or before `day`; True where the start is open or unknown."""
        return self.earliest is None or self.earliest <= day

    def certainly_after(self, day: date) -> bool:
        """Whether all of it lies after `day`; False where the start is open or unknown."""
        return self.earliest is not None and self.earliest > day

    def possibly_overlaps(self, other: EDTF) -> bool:
        """Whether the two can share a day; an open or unknown side excludes nothing on that side."""
        apart = (self.latest is not None and other.certainly_after(self.latest)) or (
            other.latest is not None and self.certainly_after(other.latest)
        )
        return not apart


def parse(text: str) -> EDTF:
    """Read an EDTF level-1 date or interval; results are cached.

    Parameters
    ----------
    text : one date; spaces around it are ignored, spaces within are refused

    Returns
    -------
    EDTF, whose bounds are inclusive days of the proleptic Gregorian calendar

    Raises
    ------
    BadDateError, if it is not level 1, names no real day, ends before it starts, or leaves 1000-2999

    References
    ----------
    ISO 8601-2:2019; Library of Congress, EDTF Specification (2019), levels 0 and 1.
    """
    return _parse(text.strip())


def parse_day(text: str) -> date:
    """Read exactly one day, as an option such as ``--as-of`` takes it.

    Parameters
    ----------
    text : YYYY-MM-DD; spaces around it are ignored

    Returns
    -------
    datetime.date

    Raises
    ------
    BadDateError, if it is a month, a year, an interval, a qualified day, or no real day
    """
    text = text.strip()
    if "/" in text:
        raise _bad(text, "it is an interval", _DAY_FORM)
    earliest, _, precision, mark = _read_point(text, text, _DAY_FORM)
    if precision != "day":
        raise _bad(text, f"it is a {precision}", _DAY_FORM)
    if mark is not None:
        raise _bad(text, f"{mark!r} leaves the day in doubt", _DAY_FORM)
    return earliest


def _year_span(e: EDTF) -> tuple[int | None, int | None]:
    """First and last calendar year of `e`; None on a side that is open or unknown."""
    return (
        None if e.earliest is None else e.earliest.year,
        None if e.latest is None else e.latest.year,
    )


def add_period(day: date, period: str) -> date:
    """Go forward from `day` by an ISO 8601 duration of whole years, months, weeks or days.

    Years and months move first, keeping the day of the month; where that month is too short its
    last day is taken (2024-02-29 + P1Y is 2025-02-28, 2025-01-31 + P1M is 2025-02-28). Days and
    weeks are then counted on the calendar.

    Parameters
    ----------
    day : where to start
    period : P1Y, P6M, P1Y6M, P90D, P2W; weeks stand alone

    Returns
    -------
    datetime.date, never before `day`

    Raises
    ------
    BadDateError, if `period` is no such duration, or the result leaves the years 1-9999

    References
    ----------
    ISO 8601-1:2019, 5.5.2 (durations).
    """
    return _shift(day, period, 1)


def subtract_period(day: date, period: str) -> date:
    """Go back from `day` by an ISO 8601 duration, by the same rules as `add_period`.

    It undoes `add_period` except where a month end was clamped: 2024-02-29 + P1Y - P1Y is
    2024-02-28.

    Parameters
    ----------
    day : where to start
    period : P1Y, P6M, P1Y6M, P90D, P2W; weeks stand alone

    Returns
    -------
    datetime.date, never after `day`

    Raises
    ------
    BadDateError, if `period` is no such duration, or the result leaves the years 1-9999
    """
    return _shift(day, period, -1)


@lru_cache(maxsize=65536)
def _parse(text: str) -> EDTF:
    if "/" in text:
        return _interval(text)
    earliest, latest, precision, mark = _read_point(text, text, _ANY_FORM)
    return EDTF(text, earliest, latest, _Bound.KNOWN, _Bound.KNOWN, precision, mark in ("~", "%"), mark in ("?", "%"))


def _interval(text: str) -> EDTF:
    left, _, right = text.partition("/")
    if not left and not right:
        raise _bad(text, "neither side is given")
    if "/" in right:
        raise _bad(text, "an interval has one slash")
    earliest, _, start_kind, start_mark = _side(left, text)
    _, latest, end_kind, end_mark = _side(right, text)
    if earliest is not None and latest is not None and latest < earliest:
        raise _bad(text, f"it ends on {latest}, before it starts on {earliest}")
    marks = {start_mark, end_mark}
    return EDTF(
        text,
        earliest,
        latest,
        start_kind,
        end_kind,
        "interval",
        not marks.isdisjoint("~%"),
        not marks.isdisjoint("?%"),
    )


def _side(part: str, whole: str) -> tuple[date | None, date | None, _Bound, str | None]:
    if part == "":
        return None, None, _Bound.UNKNOWN, None
    if part == "..":
        return None, None, _Bound.OPEN, None
    earliest, latest, _, mark = _read_point(part, whole, _ANY_FORM)
    return earliest, latest, _Bound.KNOWN, mark


def _read_point(part: str, whole: str, form: str) -> _Point:
    """First day, last day, precision and qualifier of a text without a slash."""
    found = _POINT.fullmatch(part)
    if found is None:
        if _FAR_YEAR.fullmatch(part):
            raise _bad(whole, "years run from 1000 to 2999 here", form)
        raise _bad(whole, f"{_cut(part)} is not EDTF level 1" if part else "it is empty", form)
    body, month_text, day_text, mark = found.groups()
    if body[0] not in "12":
        raise _bad(whole, "years run from 1000 to 2999 here", form)
    if month_text is None:
        return *_whole_years(body), mark
    year = int(body[:4])
    if month_text == "XX":
        if day_text not in (None, "XX"):
            raise _bad(whole, "a day cannot be given where the month is not", form)
        return date(year, 1, 1), date(year, 12, 31), "year", mark
    month = int(month_text)
    if 21 <= month <= 24 and day_text is None:
        first = 3 * (month - 20)
        last_year, last = (year + 1, 2) if month == 24 else (year, first + 2)
        return date(year, first, 1), date(last_year, last, monthrange(last_year, last)[1]), "season", mark
    if not 1 <= month <= 12:
        why = "a season has no day" if 21 <= month <= 24 else f"there is no month {month_text}"
        raise _bad(whole, f"{why} (months are 01-12, seasons 21-24)", form)
    days = monthrange(year, month)[1]
    if day_text is None or day_text == "XX":
        return date(year, month, 1), date(year, month, days), "month", mark
    if not 1 <= (number := int(day_text)) <= days:
        raise _bad(whole, f"there is no day {day_text}, {body[:7]} has {days} days", form)
    day = date(year, month, number)
    return day, day, "day", mark


def _whole_years(body: str) -> tuple[date, date, Precision]:
    first, last = int(body.replace("X", "0")), int(body.replace("X", "9"))
    precision: Precision = "year" if first == last else "century" if body.endswith("XX") else "decade"
    return date(first, 1, 1), date(last, 12, 31), precision


def _shift(day: date, period: str, sign: Literal[-1, 1]) -> date:
    found = _PERIOD.fullmatch(period.strip())
    if found is None:
        raise BadDateError(
            f"{_cut(period)} is not a period this record can read; "
            "write whole years, months and days such as P1Y, P6M, P1Y6M or P90D, or weeks alone such as P2W."
        )
    years, months, days, weeks = (int(part or 0) for part in found.groups())
    try:
        year, month = divmod(12 * day.year + day.month - 1 + sign * (12 * years + months), 12)
        moved = date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))
        return moved + sign * timedelta(days=days, weeks=weeks)
    except (ValueError, OverflowError):
        raise BadDateError(
            f"{day} moved by {_cut(period)} leaves the calendar (years 1 to 9999); give a shorter period."
        ) from None


def _bad(text: str, why: str, form: str = _ANY_FORM) -> BadDateError:
    return BadDateError(f"{_cut(text)} cannot be used as a date: {why}; {form}.")


def _cut(text: str) -> str:
    return repr(text if len(text) <= _SHOWN else text[:_SHOWN] + "…")


def last_year_of_membership(text: str) -> int | None:
    """Year of the last day of membership for a date of effect; effect on 1 January ends on 31 December before."""
    latest = parse(text).latest
    if latest is None:
        return None
    return (latest - timedelta(days=1)).year if (latest.month, latest.day) == (1, 1) else latest.year
