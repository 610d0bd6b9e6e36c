"""EDTF level 1: bounds, open against unknown sides, refusals, and calendar periods."""

from __future__ import annotations

import re
from datetime import date, timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from exeunt.core.dates import EDTF, add_period, parse, parse_day, subtract_period
from exeunt.core.dates import _Bound as Bound
from exeunt.core.dates import _year_span as year_span
from exeunt.core.errors import BadDateError

D = date.fromisoformat
MARKS = st.sampled_from(["", "?", "~", "%"])
DAYS = st.dates(date(1000, 1, 1), date(2999, 12, 31))
# Far from the ends of datetime's calendar, so that no period drawn here leaves it.
PERIODS = st.one_of(
    st.builds("P{}Y{}M{}D".format, st.integers(0, 300), st.integers(0, 40), st.integers(0, 900)),
    st.builds("P{}M".format, st.integers(0, 400)),
    st.builds("P{}W".format, st.integers(0, 400)),
)


@st.composite
def plain_points(draw: st.DrawFn) -> str:
    """Any point but a season, unqualified."""
    iso = draw(DAYS).isoformat()
    year, month = iso[:4], iso[:7]
    forms = [iso, month, year, f"{iso[:3]}X", f"{iso[:2]}XX", f"{year}-XX", f"{year}-XX-XX", f"{month}-XX"]
    return draw(st.sampled_from(forms))


SEASONS = st.builds("{}-{}".format, st.integers(1000, 2999), st.integers(21, 24))
POINTS = st.builds("{}{}".format, st.one_of(plain_points(), SEASONS), MARKS)


@st.composite
def intervals(draw: st.DrawFn) -> str:
    """An interval whose given sides, if both are given, do not run backwards."""
    side = st.one_of(POINTS, st.sampled_from(["", ".."]))
    left, right = draw(side), draw(side)
    if left == right == "":
        left = ".."
    if left[:1].isdigit() and right[:1].isdigit():
        first, last = parse(left).earliest, parse(right).latest
        assert first is not None and last is not None
        if last < first:
            left, right = right, left
    return f"{left}/{right}"


TEXTS = st.one_of(POINTS, intervals())

POINT_CASES = [
    # Those marked LoC are examples printed in the Library of Congress specification (2019).
    ("1985-04-12", "1985-04-12", "1985-04-12", "day"),  # LoC
    ("1985-04", "1985-04-01", "1985-04-30", "month"),  # LoC
    ("1985", "1985-01-01", "1985-12-31", "year"),  # LoC
    ("2001-21", "2001-03-01", "2001-05-31", "season"),  # LoC
    ("2001-22", "2001-06-01", "2001-08-31", "season"),
    ("2001-23", "2001-09-01", "2001-11-30", "season"),
    ("2001-24", "2001-12-01", "2002-02-28", "season"),
    ("2023-24", "2023-12-01", "2024-02-29", "season"),
    ("201X", "2010-01-01", "2019-12-31", "decade"),  # LoC
    ("20XX", "2000-01-01", "2099-12-31", "century"),  # LoC
    ("2004-XX", "2004-01-01", "2004-12-31", "year"),  # LoC
    ("1985-04-XX", "1985-04-01", "1985-04-30", "month"),  # LoC
    ("1985-XX-XX", "1985-01-01", "1985-12-31", "year"),  # LoC
    ("2024-02", "2024-02-01", "2024-02-29", "month"),
    ("1900-02-XX", "1900-02-01", "1900-02-28", "month"),
    ("1000", "1000-01-01", "1000-12-31", "year"),
    ("2999-24", "2999-12-01", "3000-02-28", "season"),
]


@pytest.mark.parametrize(("text", "earliest", "latest", "precision"), POINT_CASES)
def test_points(text: str, earliest: str, latest: str, precision: str) -> None:
    e = parse(text)
    assert (e.earliest, e.latest, e.precision) == (D(earliest), D(latest), precision)
    assert (e.start_kind, e.end_kind) == (Bound.KNOWN, Bound.KNOWN)
    assert (e.approximate, e.uncertain) == (False, False)
    assert e.is_day is (precision == "day")


INTERVAL_CASES = [
    ("1964/2008", "1964-01-01", "2008-12-31", "known", "known"),  # LoC
    ("2004-06/2006-08", "2004-06-01", "2006-08-31", "known", "known"),  # LoC
    ("2004-02-01/2005-02-08", "2004-02-01", "2005-02-08", "known", "known"),  # LoC
    ("2004-02-01/2005", "2004-02-01", "2005-12-31", "known", "known"),  # LoC
    ("2005/2006-02", "2005-01-01", "2006-02-28", "known", "known"),  # LoC
    ("1985-04-12/..", "1985-04-12", None, "known", "open"),  # LoC
    ("1985/..", "1985-01-01", None, "known", "open"),  # LoC
    ("../1985-04", None, "1985-04-30", "open", "known"),  # LoC
    ("1985-04-12/", "1985-04-12", None, "known", "unknown"),  # LoC
    ("/1985", None, "1985-12-31", "unknown", "known"),  # LoC
    ("../..", None, None, "open", "open"),
    ("/..", None, None, "unknown", "open"),
    ("../", None, None, "open", "unknown"),
    ("1966/1967", "1966-01-01", "1967-12-31", "known", "known"),
    ("2026/2026-01", "2026-01-01", "2026-01-31", "known", "known"),
    ("2026-06/2026", "2026-06-01", "2026-12-31", "known", "known"),
    ("2026-01-07/2026-01-07", "2026-01-07", "2026-01-07", "known", "known"),
]


@pytest.mark.parametrize(("text", "earliest", "latest", "start", "end"), INTERVAL_CASES)
def test_intervals(text: str, earliest: str | None, latest: str | None, start: str, end: str) -> None:
    e = parse(text)
    assert (e.earliest, e.latest) == (earliest and D(earliest), latest and D(latest))
    assert (e.start_kind, e.end_kind) == (Bound(start), Bound(end))
    assert e.precision == "interval"
    assert not e.is_day
    assert year_span(e) == (earliest and int(earliest[:4]), latest and int(latest[:4]))


@pytest.mark.parametrize(
    ("text", "approximate", "uncertain"),
    [
        ("1984?", False, True),  # LoC
        ("2004-06~", True, False),  # LoC
        ("2004-06-11%", True, True),  # LoC
        ("198X~", True, False),
        ("2001-21?", False, True),
        ("1984~/2004-06", True, False),
        ("1984/2004-06?", False, True),
        ("1984?/2004~", True, True),
        ("1984%/..", True, True),
        ("/1984?", False, True),
    ],
)
def test_qualifiers_set_flags_and_move_no_bound(text: str, approximate: bool, uncertain: bool) -> None:
    e, bare = parse(text), parse(re.sub("[?~%]", "", text))
    assert (e.approximate, e.uncertain) == (approximate, uncertain)
    assert (e.earliest, e.latest, e.precision) == (bare.earliest, bare.latest, bare.precision)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "empty"),
        ("/", "neither side"),
        ("2026-02-30", "2026-02 has 28 days"),
        ("1900-02-29", "1900-02 has 28 days"),
        ("2026-04-31", "2026-04 has 30 days"),
        ("2026-01-00", "no day 00"),
        ("2026-13", "no month 13"),
        ("2026-00-01", "no month 00"),
        ("2026-25", "no month 25"),
        ("2026-21-05", "season has no day"),
        ("2026-21-XX", "season has no day"),
        ("2026-XX-07", "day cannot be given"),
        ("0999", "1000 to 2999"),
        ("3000-01-01", "1000 to 2999"),
        ("00XX", "1000 to 2999"),
        ("-1740", "1000 to 2999"),
        ("-1740-05", "1000 to 2999"),
        ("Y170000002", "1000 to 2999"),
        ("Y-170000002", "1000 to 2999"),
        ("2027/2026", "before it starts"),
        ("2026-01-08/2026-01-07", "before it starts"),
        ("2026-06/2026-05-XX", "before it starts"),
        ("2026/2027/2028", "one slash"),
        ("2026//", "one slash"),
        ("2026-02-30/..", "2026-02 has 28 days"),
        ("2026 /2027", "not EDTF level 1"),
        ("2026- 01", "not EDTF level 1"),
        ("..", "not EDTF level 1"),
        ("..?/2026", "not EDTF level 1"),
        (".../2026", "not EDTF level 1"),
        ("2026?~", "not EDTF level 1"),
        ("?2026", "not EDTF level 1"),
        ("2026-01?-07", "not EDTF level 1"),
        ("198X-01", "not EDTF level 1"),
        ("1XXX", "not EDTF level 1"),
        ("198x", "not EDTF level 1"),
        ("198u", "not EDTF level 1"),
        ("12026", "not EDTF level 1"),
        ("2026-1-7", "not EDTF level 1"),
        ("20260107", "not EDTF level 1"),
        ("2026-01-07T10:00:00", "not EDTF level 1"),
        ("2026-W03", "not EDTF level 1"),
        ("7 Jan 2026", "not EDTF level 1"),
        ("２０２６", "not EDTF level 1"),
        ("202６-01", "not EDTF level 1"),
        ("٢٠٢٦", "not EDTF level 1"),
    ],
)
def test_refusals_say_what_was_found_and_what_to_write(text: str, said: str) -> None:
    with pytest.raises(BadDateError) as caught:
        parse(text)
    sentence = str(caught.value)
    assert said in sentence
    assert sentence.startswith(repr(text))
    assert "write YYYY, YYYY-MM, YYYY-MM-DD, 2025/2026, 2025-01-01/.." in " ".join(sentence.split())
    assert sentence.endswith(".") and "\n" not in sentence


def test_refusals_cut_long_texts() -> None:
    with pytest.raises(BadDateError) as caught:
        parse("2" * 10_000)
    assert len(str(caught.value)) < 500


def test_outer_spaces_go_and_inner_newlines_do_not() -> None:
    assert parse(" 2026-01-07\n") == parse("2026-01-07")
    with pytest.raises(BadDateError):
        parse("2026\n/2027")


def test_open_end_and_unknown_end_are_two_things() -> None:
    still_in, left = parse("2026-01-07/.."), parse("2026-01-07/")
    assert still_in != left and hash(still_in) != hash(left)
    assert (still_in.end_kind, left.end_kind) == (Bound.OPEN, Bound.UNKNOWN)
    assert (str(still_in), str(left)) == ("2026-01-07/..", "2026-01-07/")


def test_frozen() -> None:
    with pytest.raises(AttributeError):
        parse("2026").text = "2027"  # type: ignore[misc]


CLAIMS = [
    # text, day, certainly before, on or before, possibly on or before, certainly after
    ("2026-01-07", "2026-01-06", False, False, False, True),
    ("2026-01-07", "2026-01-07", False, True, True, False),
    ("2026-01-07", "2026-01-08", True, True, True, False),
    ("1966/1967", "1965-12-31", False, False, False, True),
    ("1966/1967", "1966-01-01", False, False, True, False),
    ("1966/1967", "1967-12-31", False, True, True, False),
    ("1966/1967", "1968-01-01", True, True, True, False),
    ("2026-01-07/..", "2999-01-01", False, False, True, False),
    ("2026-01-07/", "2999-01-01", False, False, True, False),
    ("2026-01-07/", "2026-01-06", False, False, False, True),
    ("2026-01-07/..", "2026-01-06", False, False, False, True),
    ("/2027-01", "1800-01-01", False, False, True, False),
    ("../2027-01", "1800-01-01", False, False, True, False),
    ("/2027-01", "2027-01-31", False, True, True, False),
    ("../2027-01", "2027-02-01", True, True, True, False),
    ("../..", "2026-01-01", False, False, True, False),
    ("/..", "2026-01-01", False, False, True, False),
    ("../", "2026-01-01", False, False, True, False),
]


@pytest.mark.parametrize(("text", "day", "before", "on_or_before", "possibly", "after"), CLAIMS)
def test_claims(text: str, day: str, before: bool, on_or_before: bool, possibly: bool, after: bool) -> None:
    e, d = parse(text), D(day)
    assert e.certainly_before(d) is before
    assert e.certainly_on_or_before(d) is on_or_before
    assert e.possibly_on_or_before(d) is possibly
    assert e.certainly_after(d) is after


@pytest.mark.parametrize(
    ("one", "two", "overlap"),
    [
        ("2026", "2026-12-31", True),
        ("2026", "2027", False),
        ("2026-01/2026-03", "2026-03-31/2026-04", True),
        ("2026-01/2026-03", "2026-04-01", False),
        ("2026/..", "2025-12-31", False),
        ("2026/", "2025-12-31", False),
        ("2026/..", "2800", True),
        ("2026/", "2800", True),
        ("../2026", "1900", True),
        ("/2026", "2027/..", False),
        ("/2026", "2026-12/", True),
        ("../..", "2026", True),
    ],
)
def test_overlap(one: str, two: str, overlap: bool) -> None:
    assert parse(one).possibly_overlaps(parse(two)) is overlap
    assert parse(two).possibly_overlaps(parse(one)) is overlap


def test_parse_day() -> None:
    assert parse_day(" 2026-01-07 ") == date(2026, 1, 7)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("2026", "it is a year"),
        ("2026-01", "it is a month"),
        ("2026-01-XX", "it is a month"),
        ("2026-21", "it is a season"),
        ("198X", "it is a decade"),
        ("2026-01-07/2026-01-07", "it is an interval"),
        ("2026-01-07/..", "it is an interval"),
        ("2026-01-07~", "in doubt"),
        ("2026-02-30", "no day 30, 2026-02 has 28 days"),
        ("2026-13-01", "no month 13"),
        ("3026-01-01", "1000 to 2999"),
        ("yesterday", "not EDTF level 1"),
        ("", "empty"),
    ],
)
def test_parse_day_asks_for_a_day(text: str, said: str) -> None:
    with pytest.raises(BadDateError) as caught:
        parse_day(text)
    assert said in str(caught.value)
    assert "a day is needed" in str(caught.value)


@pytest.mark.parametrize(
    ("day", "period", "later"),
    [
        ("2024-02-29", "P1Y", "2025-02-28"),
        ("2024-02-29", "P4Y", "2028-02-29"),
        ("2025-01-31", "P1M", "2025-02-28"),
        ("2023-11-30", "P3M", "2024-02-29"),
        ("2025-01-27", "P1Y", "2026-01-27"),
        ("2025-12-31", "P6M", "2026-06-30"),
        ("2025-11-15", "P12M", "2026-11-15"),
        ("2025-01-22", "P1Y6M", "2026-07-22"),
        ("2025-01-01", "P90D", "2025-04-01"),
        ("2025-01-31", "P1M1D", "2025-03-01"),
        ("2026-12-25", "P2W", "2027-01-08"),
        ("2026-01-07", "P0D", "2026-01-07"),
        ("2026-01-07", "P3Y", "2029-01-07"),
    ],
)
def test_add_period(day: str, period: str, later: str) -> None:
    assert add_period(D(day), period) == D(later)


@pytest.mark.parametrize(
    ("day", "period", "sooner"),
    [
        ("2024-02-29", "P1Y", "2023-02-28"),
        ("2025-03-31", "P1M", "2025-02-28"),
        ("2026-01-15", "P1M", "2025-12-15"),
        ("2026-07-22", "P1Y6M", "2025-01-22"),
        ("2025-04-01", "P90D", "2025-01-01"),
        ("2027-01-08", "P2W", "2026-12-25"),
        ("2025-03-31", "P1M1D", "2025-02-27"),
    ],
)
def test_subtract_period(day: str, period: str, sooner: str) -> None:
    assert subtract_period(D(day), period) == D(sooner)


@pytest.mark.parametrize("move", [add_period, subtract_period])
@pytest.mark.parametrize(
    "period",
    [
        "",
        "P",
        "1Y",
        "P1",
        "PY",
        "p1y",
        "P-1Y",
        "-P1Y",
        "P1.5Y",
        "P1M1Y",
        "P1Y2W",
        "PT1H",
        "P1DT1H",
        "P1Y 6M",
        "P９0D",
        "a year",
        "P99999Y",
        "P9D9D",
        "P999999W",
    ],
)
def test_bad_periods(move: object, period: str) -> None:
    assert callable(move)
    with pytest.raises(BadDateError) as caught:
        move(date(2026, 1, 7), period)
    assert repr(period) in str(caught.value)


def test_periods_stop_at_the_ends_of_the_calendar() -> None:
    with pytest.raises(BadDateError, match="leaves the calendar"):
        add_period(date(9999, 12, 1), "P31D")
    with pytest.raises(BadDateError, match="leaves the calendar"):
        subtract_period(date(2026, 1, 7), "P2026Y")


@given(TEXTS)
def test_round_trip(text: str) -> None:
    e = parse(text)
    assert str(e) == e.text == text


@given(TEXTS)
def test_bounds_are_ordered_and_there_exactly_when_known(text: str) -> None:
    e = parse(text)
    assert (e.earliest is not None) == (e.start_kind is Bound.KNOWN)
    assert (e.latest is not None) == (e.end_kind is Bound.KNOWN)
    if e.earliest is not None and e.latest is not None:
        assert e.earliest <= e.latest


@given(DAYS)
def test_a_day_is_itself(day: date) -> None:
    e = parse(day.isoformat())
    assert e.earliest == e.latest == parse_day(day.isoformat()) == day
    assert year_span(e) == (day.year, day.year)


@given(plain_points(), MARKS)
def test_bounds_are_the_outermost_days_that_fit_the_text(text: str, mark: str) -> None:
    e = parse(text + mark)
    assert e.earliest is not None and e.latest is not None
    fits = re.compile(text.replace("X", r"\d"))
    one = timedelta(days=1)
    assert fits.match(e.earliest.isoformat()) and fits.match(e.latest.isoformat())
    assert not fits.match((e.earliest - one).isoformat())
    assert not fits.match((e.latest + one).isoformat())


@given(POINTS)
@example("2027-01")
def test_open_and_unknown_stay_apart(point: str) -> None:
    whole = parse(point)
    kinds = {"..": Bound.OPEN, "": Bound.UNKNOWN}
    for side, kind in kinds.items():
        after, until = parse(str(parse(f"{point}/{side}"))), parse(str(parse(f"{side}/{point}")))
        assert (after.start_kind, after.end_kind) == (Bound.KNOWN, kind)
        assert (after.earliest, after.latest) == (whole.earliest, None)
        assert (until.start_kind, until.end_kind) == (kind, Bound.KNOWN)
        assert (until.earliest, until.latest) == (None, whole.latest)


@given(POINTS, POINTS)
def test_an_interval_parses_exactly_when_it_does_not_run_backwards(left: str, right: str) -> None:
    first, last = parse(left).earliest, parse(right).latest
    assert first is not None and last is not None
    try:
        e = parse(f"{left}/{right}")
    except BadDateError:
        assert last < first
    else:
        assert (e.earliest, e.latest) == (first, last)


@given(TEXTS, DAYS)
def test_claims_do_not_contradict_each_other(text: str, day: date) -> None:
    e = parse(text)
    assert e.certainly_after(day) is not e.possibly_on_or_before(day)
    assert e.certainly_on_or_before(day) is e.certainly_before(day + timedelta(days=1))
    assert not (e.certainly_on_or_before(day) and e.certainly_after(day))


NEAR_DATES = st.text("0129-XY/.?~%２ ٢P", max_size=14)
BENT = st.builds(lambda t, i, c: t[: i % len(t)] + c + t[i % len(t) + 1 :], TEXTS, st.integers(0), st.text())


@given(st.one_of(st.text(), NEAR_DATES, BENT))
@example("\ud800")
@example("2026-01-07\x00")
def test_any_text_parses_or_is_a_bad_date(text: str) -> None:
    try:
        e = parse(text)
    except BadDateError:
        with pytest.raises(BadDateError):
            parse_day(text)
    else:
        assert isinstance(e, EDTF)
        assert str(e) == text.strip() and str(e).isascii()


@given(st.one_of(st.text(), st.text("P0129YMDWT-", max_size=10)))
def test_any_period_moves_or_is_a_bad_date(period: str) -> None:
    start = date(2024, 2, 29)
    try:
        later = add_period(start, period)
    except BadDateError:
        return
    assert later >= start
    assert period.strip().isascii()


@given(DAYS, DAYS, PERIODS)
def test_periods_keep_the_order_of_days(one: date, two: date, period: str) -> None:
    first, second = sorted((one, two))
    assert first <= add_period(first, period) <= add_period(second, period)
    assert subtract_period(first, period) <= subtract_period(second, period) <= second


@given(DAYS)
@example(date(2024, 2, 29))
def test_a_year_forward_and_back(day: date) -> None:
    there_and_back = subtract_period(add_period(day, "P1Y"), "P1Y")
    leap_day = (day.month, day.day) == (2, 29)
    assert there_and_back == (day.replace(day=28) if leap_day else day)


@given(DAYS, st.integers(0, 60))
def test_months_step_one_at_a_time_up_to_the_28th(day: date, months: int) -> None:
    stepped = day = day.replace(day=min(day.day, 28))
    for _ in range(months):
        stepped = (stepped.replace(day=1) + timedelta(days=31)).replace(day=day.day)
    assert add_period(day, f"P{months}M") == stepped
    assert subtract_period(stepped, f"P{months}M") == day


@given(DAYS, st.integers(0, 300))
def test_units_agree(day: date, n: int) -> None:
    assert add_period(day, f"P{n}Y") == add_period(day, f"P{12 * n}M")
    assert add_period(day, f"P{n}W") == add_period(day, f"P{7 * n}D") == day + timedelta(weeks=n)
