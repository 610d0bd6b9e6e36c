"""Lists of who is inside, made from years that are worked out once, are those that asking pair by pair gives."""

from __future__ import annotations

import random
from collections import Counter
from datetime import date
from typing import Any

import polars as pl
import pytest

from exeunt import i18n
from exeunt.record.identity import code_in_year, cow_of
from exeunt.record.membership import (
    MAY_BE_INSIDE,
    Member,
    _begun,
    _is_listed,
    _spells_by_year,
    members,
    membership_matrix,
    memberships_by_year,
    memberships_of,
)
from exeunt.record.schema import LAST_CODED_YEAR
from exeunt.record.status import INSIDE, status
from exeunt.record.store import Record

DAYS = (
    date(1, 1, 1), date(1899, 6, 1), date(1944, 12, 31), date(1945, 6, 26), date(1964, 12, 31), date(1991, 12, 25),
    date(2014, 12, 31), date(2015, 1, 1), date(2020, 2, 29), date(2026, 6, 30), date(2090, 1, 1), date(9999, 12, 31),
)  # fmt: skip


def plainly(record: Record, pairs: list[tuple[str, str]], day: date) -> list[tuple[Any, ...]]:
    """Every pair asked by itself."""
    found = []
    for state, body in pairs:
        one = status(record, state, body, day)
        if _is_listed(one.status, one.rule):
            since = one.since or _begun(_spells_by_year(record, state, body), min(day, record.closing_day).year)
            found.append((state, body, one.status, since, one.contested, one.rule, one.earlier))
    return found


def listed(rows: list[Member]) -> list[tuple[Any, ...]]:
    return [(one.state, one.body, one.status, one.since, one.contested, one.rule, one.earlier) for one in rows]


@pytest.mark.parametrize("day", DAYS)
def test_members_and_memberships_are_those_asked_pair_by_pair(record: Record, day: date) -> None:
    draw = random.Random(day.toordinal())
    lookup = record.lookup
    lookup.read_whole()
    every = lookup.pairs(None, None)
    for body in {"who", "oau", "icc", *draw.sample(sorted({b for _, b in every}), 6)}:
        assert listed(members(record, body, day)) == plainly(record, lookup.pairs(None, body), day), body
    for state in {"USA", "DDR", "SCG", *draw.sample(sorted({s for s, _ in every}), 3)}:
        assert listed(memberships_of(record, state, day)) == plainly(record, lookup.pairs(state, None), day), state


# --- one derivation ----------------------------------------------------------------------------------------------

COMPARED = tuple(
    date.fromisoformat(day)
    for day in (
        "1945-01-01", "1945-12-31", "1950-03-04", "1960-01-01", "1965-12-31", "1990-01-01", "1990-12-31", "2014-12-31",
        "2015-01-01", "2026-11-23",
    )
)  # fmt: skip
REST = tuple(
    date(year, *part)
    for year, part in zip(
        (1947, 1949, 1952, 1954, 1956, 1958, 1961, 1963, 1964, 1966, 1968, 1970, 1971, 1973, 1975, 1977, 1979, 1981, 1983,
         1984, 1986, 1988, 1991, 1992, 1993, 1995, 1997, 1999, 2001, 2003, 2005, 2007, 2009, 2011, 2013, 2017, 2020, 2023,
         2025, 2026),
        [(1, 1), (12, 31), (6, 30), (2, 28)] * 10,
        strict=True,
    )
)  # fmt: skip


def hold_fast_ways_against_status(record: Record, days: tuple[date, ...]) -> None:
    """Lists, matrix and counts by year say of every pair with a spell or an act what `status` says."""
    lookup = record.lookup
    lookup.read_whole()
    pairs = lookup.pairs(None, None)
    states = sorted({state for state, _ in pairs})
    curves = {state: dict(memberships_by_year(record, state, 1945)) for state in states}
    for day in days:
        said = {pair: status(record, *pair, day) for pair in pairs}
        fast = {(one.state, one.body): one for state in states for one in memberships_of(record, state, day)}
        assert fast.keys() == {pair for pair, one in said.items() if _is_listed(one.status, one.rule)}, day
        for pair, member in fast.items():
            one = said[pair]
            assert (member.status, member.rule, member.earlier, member.contested) == (
                one.status, one.rule, one.earlier, one.contested,
            ), (pair, day)  # fmt: skip
        last = min(day.year, LAST_CODED_YEAR)
        cows = record.table("system_years").filter(pl.col("year") == last)["cow"].to_list()
        # In the year of a union two numbers have one code, in that of an end two codes one number: the later counts.
        at_cow = {cow: i for i, cow in enumerate(cows)}
        numbers = {state: cow_of(lookup.codes(state), state, day.year) for state in states}
        names = {
            state: at_cow[cow] for state, cow in numbers.items()
            if cow in at_cow and code_in_year(record.codes, cow, day.year) == state
        }  # fmt: skip
        bodies = sorted(b for b in {b for _, b in pairs} if lookup.ran(b, day.year) and lookup.alive(b, last))
        matrix = membership_matrix(record, day, cows, bodies)
        at = {body: j for j, body in enumerate(bodies)}
        differing = [
            (state, body) for (state, body), one in said.items()
            if state in names and body in at and lookup.exists(state, day)
            and bool(matrix[names[state], at[body]]) != (one.status in MAY_BE_INSIDE)
        ]  # fmt: skip
        assert not differing, (day, differing[:5], len(differing))
        if (day.month, day.day) == (12, 31):
            inside = Counter(state for (state, _), one in said.items() if one.status in INSIDE)
            assert {state: n for state in states if (n := curves[state][day.year])} == dict(inside), day


def test_fast_ways_and_status_agree_on_every_pair(record: Record) -> None:
    hold_fast_ways_against_status(record, COMPARED)


@pytest.mark.slow
def test_fast_ways_and_status_agree_on_every_pair_on_forty_more_days(record: Record) -> None:
    assert len({*COMPARED, *REST}) == 50
    hold_fast_ways_against_status(record, REST)


def test_no_answer_depends_on_how_a_rule_is_worded(record: Record, monkeypatch: pytest.MonkeyPatch) -> None:
    day = date(2026, 1, 1)
    before = members(record, "iib", day), status(record, "BGR", "iib", day), memberships_of(record, "FRA", day)
    assert [one.state for one in before[0]] == ["BGR", "ROU"]
    monkeypatch.setattr(i18n, "_text", lambda *_: "qzx")
    again = Record(record.folder)
    assert i18n.render(before[1].rule, "en") == "qzx"
    assert (members(again, "iib", day), status(again, "BGR", "iib", day), memberships_of(again, "FRA", day)) == before
