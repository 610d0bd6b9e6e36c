"""Lists of who is inside, made from years that are worked out once, are those that asking pair by pair gives."""

from __future__ import annotations

import random
from datetime import date
from typing import Any

import pytest

from exeunt.record.members import members, memberships_of
from exeunt.record.status import status
from exeunt.record.stays import begun, is_inside, stays
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
        if is_inside(one.status, one.rule):
            since = one.since or begun(record, state, body, min(day, record.closing_day).year)
            found.append((state, body, one.status, since, one.contested, one.rule))
    return found


def listed(rows: list[dict[str, Any]]) -> list[tuple[Any, ...]]:
    return [tuple(row[k] for k in ("state", "body", "status", "since", "contested", "rule")) for row in rows]


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


def test_stays_of_a_pair_do_not_overlap_and_a_pair_with_an_act_has_none(record: Record) -> None:
    draw = random.Random(3)
    pairs = draw.sample(record.lookup.pairs(None, None), 400)
    seen = 0
    for state, body in pairs:
        found = stays(record, state, body)
        assert (found is None) == bool(record.lookup.acts(state, body))
        for one, other in zip(found or (), (found or ())[1:], strict=False):
            assert one.first <= one.last < other.first
        seen += bool(found)
    assert seen > 100
