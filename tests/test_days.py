"""Well-known days: the day before a join or an exit and the day of it, drawn from depositary and official lists.

The days in data/days.csv were drawn before the code that answers them was written: from lists of depositaries and of the bodies
themselves, up to fourteen dated changes a body, those of leaving first, each on both sides. `inside` is what the list says.
"""

from __future__ import annotations

import csv
from collections import Counter
from datetime import date
from pathlib import Path

import pytest

from exeunt.record.counts import lists_compared, sources_counted
from exeunt.record.exits import exits
from exeunt.record.membership import MAY_BE_INSIDE
from exeunt.record.status import Status, status
from exeunt.record.store import Record

DAYS = list(csv.DictReader((Path(__file__).parent / "data" / "days.csv").read_text(encoding="utf-8").splitlines()))
RIGHT = 0.98
"""Share of the days that must be answered as the list has it."""


def verdict(said: Status, inside: str) -> str:
    if said.status == "unknown" or said.certainty in {"year", "unknown"}:
        return "open"
    return "right" if (said.status in MAY_BE_INSIDE) == (inside == "yes") else "wrong"


def test_days_of_official_lists_are_answered(record: Record) -> None:
    assert len(DAYS) >= 400
    found = Counter[str]()
    wrong = []
    for row in DAYS:
        said = status(record, row["state"], row["body"], date.fromisoformat(row["day"]))
        found[verdict(said, row["inside"])] += 1
        if verdict(said, row["inside"]) == "wrong":
            wrong.append((row["state"], row["body"], row["day"], said.status, said.rule.code))
    assert found["right"] >= RIGHT * len(DAYS), found
    # A state whose code begins after it joined, under another name, is the one kind known to be left.
    assert {code for *_, code in wrong} <= {"rule.state_outside"} and len(wrong) <= 2, wrong


@pytest.mark.parametrize(
    ("state", "body", "day", "expected", "certainty"),
    [
        ("COL", "oecd", "2026-06-01", "member", "carried_forward"),
        ("SWE", "nato", "2024-03-06", "never_member", "day"),
        ("SWE", "nato", "2024-03-07", "member", "day"),
        ("DEU", "imf", "1990-06-01", "member", "year"),
        ("BLR", "un", "1960-01-01", "member", "day"),
        ("LBN", "gatt", "1960-01-01", "unknown", "unknown"),
        ("FRA", "ecsc", "1998-01-01", "member", "day"),
        ("FRA", "ecsc", "2002-07-24", "outside_span", "day"),
        ("POL", "cei", "2020-01-01", "member", "carried_forward"),
        ("RUS", "brics", "2025-01-01", "member", "day"),
        ("AGO", "icac_cotton", "2026-01-01", "unknown", "unknown"),
        ("DDR", "who", "1980-01-01", "member", "year"),
        ("YUG", "wmo", "1980-01-01", "member", "year"),
        ("TWN", "un", "1960-01-01", "unknown", "unknown"),
        ("PRK", "iadb", "2020-01-01", "unknown", "unknown"),
    ],
)
def test_days_that_were_answered_wrongly(
    record: Record, state: str, body: str, day: str, expected: str, certainty: str
) -> None:
    found = status(record, state, body, date.fromisoformat(day))
    assert (found.status, found.certainty) == (expected, certainty), found.rule


@pytest.mark.parametrize(
    ("year", "number"), [(1945, 51), (1950, 60), (1959, 82), (1990, 159), (2011, 193), (2025, 193)]
)
def test_members_of_the_united_nations_at_the_end_of_a_year(record: Record, year: int, number: int) -> None:
    inside = [
        state for state, _ in record.lookup.pairs(None, "un")
        if status(record, state, "un", date(year, 12, 31)).status in MAY_BE_INSIDE
    ]  # fmt: skip
    assert len(inside) == number


@pytest.mark.parametrize(
    ("body", "least"), [("icao", 190), ("unfccc", 195), ("paris", 190), ("irena", 165), ("isa_solar", 95)]
)
def test_bodies_that_had_no_members(record: Record, body: str, least: int) -> None:
    from exeunt.record.membership import members

    assert len(members(record, body)) >= least


def test_lists_and_answers_differ_only_where_an_act_says_why(record: Record) -> None:
    rows = lists_compared(record)
    assert sum(row["complete"] for row in rows) >= 60
    assert not [row for row in rows if row["complete"] and (row["only_listed"] or row["only_inside"])]


def test_a_disputed_effect_is_settled_by_who_keeps_the_list(record: Record) -> None:
    assert status(record, "KIR", "pif", date(2022, 8, 1)).status == "left_claimed_disputed"
    assert status(record, "ERI", "igad", date(2026, 1, 1)).status == "left_claimed_disputed"


def test_a_return_counts_from_its_effect(record: Record) -> None:
    assert status(record, "CAN", "unccd", date(2017, 1, 15)).status == "not_member"
    assert status(record, "CAN", "unccd", date(2017, 3, 21)).since == "2017-03-21"


def test_who_withdrew_a_signature_was_never_a_member(record: Record) -> None:
    assert status(record, "USA", "att", date(2019, 5, 1)).status == "signatory_not_party"
    assert status(record, "USA", "att", date(2026, 1, 1)).status == "never_member"


def test_every_address_of_an_exit_is_ranked(record: Record) -> None:
    ranked = set(record.table("source_ranks")["address"])
    counted = [one for one in exits(record) if one.counts_as_exit]
    assert len(counted) >= 300
    hosts = {address.split("/")[2].lower() for one in counted for address in one.sources}
    assert not {host for host in hosts if not {host, host.removeprefix("www."), f"www.{host}"} & ranked}
    assert sources_counted(record)[-1]["exits"] == len(counted)
