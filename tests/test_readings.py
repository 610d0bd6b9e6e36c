"""Memberships after the coded source: what dues and rosters may say, and what they may not."""

from __future__ import annotations

import math
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from exeunt.etl.readings import _contradicted_from, _reported_years, _standing_years
from exeunt.etl.readings import _hold_against as hold_against
from exeunt.record.counts import _evidence_after_source, report
from exeunt.record.status import status
from exeunt.record.store import Record

COLUMNS = {
    "cow": pl.Int64, "body": pl.String, "status": pl.String, "first_year": pl.Int64, "last_year": pl.Int64,
    "correction": pl.String, "upstream": pl.String, "precision": pl.String, "reading": pl.String, "source": pl.String,
}  # fmt: skip
YEARS = range(2013, 2025)
FULL = {y: 100.0 for y in YEARS}


def spell(
    cow: int, first: int, last: int | None, reading: str = "carried_forward", word: str = "member", body: str = "who"
) -> dict[str, Any]:
    return {"cow": cow, "body": body, "status": word, "first_year": first, "last_year": last, "correction": None,
            "upstream": None, "precision": "year", "reading": reading, "source": "cow_igo"}  # fmt: skip


def held(
    spells: list[dict[str, Any]], dues: dict[int, dict[int, float]], rosters: dict[int, int] | None = None,
    outside: set[int] = frozenset(), settled: set[int] = frozenset(), body: str = "who",
) -> dict[int, list[tuple[str, str, int, int | None]]]:  # fmt: skip
    """Rows by state: status, reading, first and last year. Five others pay in full, so that every year is reported."""
    others = {900 + n: FULL for n in range(5)}
    found = hold_against(
        pl.DataFrame(spells, schema=COLUMNS), {(c, body): v for c, v in (dues | others).items()},
        {(c, body): y for c, y in (rosters or {}).items()},
        {(c, body) for c in outside}, {(c, body) for c in settled},
    )  # fmt: skip
    rows: dict[int, list[tuple[str, str, int, int | None]]] = {}
    for row in found.sort("cow", "first_year").iter_rows(named=True):
        rows.setdefault(row["cow"], []).append((row["status"], row["reading"], row["first_year"], row["last_year"]))
    return rows


def test_years_with_dues_are_confirmed_and_the_rest_is_carried() -> None:
    rows = held([spell(2, 2015, None)], {2: {y: 100.0 for y in YEARS if y != 2019}})[2]
    assert rows == [
        ("member", "dues", 2015, 2018), ("member", "carried_forward", 2019, 2019), ("member", "dues", 2020, 2024),
        ("member", "carried_forward", 2025, None),
    ]  # fmt: skip


def test_a_lasting_fall_of_nine_tenths_contradicts_and_does_not_end() -> None:
    trailing = {2013: 100.0, 2014: 100.0, 2015: 90.0, 2016: 80.0, 2017: 1.2, 2018: -8.0}
    assert held([spell(390, 2015, None)], {390: trailing})[390] == [
        ("member", "dues", 2015, 2016), ("unknown", "dues", 2017, None),
    ]  # fmt: skip


def test_one_missing_year_at_the_end_contradicts_nothing() -> None:
    rows = held([spell(2, 2015, None)], {2: {y: 100.0 for y in YEARS if y < 2024}})[2]
    assert {r[0] for r in rows} == {"member"} and rows[-1] == ("member", "carried_forward", 2024, None)


def test_a_state_that_never_pays_is_doubted_from_the_first_year() -> None:
    assert held([spell(2, 2015, None)], {})[2] == [("unknown", "dues", 2015, None)]


def test_an_act_is_not_overruled() -> None:
    ended = held([spell(2, 2015, 2018)], {2: {2013: 100.0, 2014: 100.0, 2015: 100.0}}, settled={2})[2]
    assert ended == [("member", "dues", 2015, 2015), ("member", "carried_forward", 2016, 2018)]
    begun = held([spell(2, 2019, None, "act")], {2: FULL}, settled={2})[2]
    assert begun == [("member", "act", 2019, None)]


def test_joins_are_begun_by_dues_or_by_a_roster() -> None:
    since = {y: 50.0 for y in range(2018, 2025)}
    rows = held([spell(7, 1950, 2014, "observed")], {2: since, 3: FULL}, {4: 2020, 7: 2020}, {2, 3, 4, 5, 7})
    assert rows[2] == [("member", "dues", 2018, 2024), ("member", "carried_forward", 2025, None)]
    assert rows[3] == [("member", "dues", 2015, 2024), ("member", "carried_forward", 2025, None)], (
        "paid for before 2015"
    )
    assert rows[4] == [("member", "roster", 2020, None)]
    assert 5 not in rows and rows[7] == [("member", "observed", 1950, 2014)]


@pytest.mark.parametrize("body", ["wto", "un_tourism", "paho"])
def test_where_observers_pay_dues_alone_show_no_join(body: str) -> None:
    rows = held([], {2: FULL, 3: FULL}, {3: 2018}, {2, 3}, body=body)
    assert 2 not in rows and rows[3][0][:2] == ("member", "dues")


def test_a_join_needs_dues_to_the_end() -> None:
    assert held([], {2: {2016: 50.0, 2017: 50.0}}, outside={2}) == {}


def test_the_start_of_what_was_paid_for_before_is_unknown() -> None:
    found = hold_against(
        pl.DataFrame(schema=COLUMNS), {(c, "fao"): FULL for c in range(6)}, {}, {(0, "fao")}, set()
    )  # fmt: skip
    assert set(found["precision"]) == {"start_unknown"} and found["first_year"].min() == 2015


def test_a_year_that_a_body_hardly_reports_counts_for_nothing() -> None:
    dues = {(c, "paho"): {y: 1.0 for y in range(2013, 2024)} for c in range(30)}
    dues[2, "paho"][2024] = 0.0
    dues[3, "paho"][2024] = 1.0
    assert _reported_years(dues)["paho"] == list(range(2013, 2024))


amounts = st.floats(-1e6, 1e8, allow_nan=False)


@given(st.dictionaries(st.integers(2013, 2024), amounts, max_size=12))
def test_standing_dues_are_positive_and_a_fall_comes_after_them(years: dict[int, float]) -> None:
    standing = _standing_years(years)
    assert all(years[y] > 0 for y in standing)
    doubted = _contradicted_from(standing, list(YEARS))
    if doubted is not None:
        assert doubted >= 2015 and not [y for y in standing if y >= doubted and y > max(standing)]
        assert max(standing, default=0) < doubted or max(standing) < 2015


@given(
    st.dictionaries(st.integers(2013, 2024), amounts, max_size=12), st.booleans(), st.integers(2015, 2026) | st.none()
)
def test_a_carried_spell_keeps_its_span_whatever_the_dues(
    years: dict[int, float], fixed: bool, last: int | None
) -> None:
    rows = held([spell(2, 2015, last)], {2: years}, settled={2} if fixed else set())[2]
    assert rows[0][2] == 2015 and rows[-1][3] == last
    ends = [math.inf if r[3] is None else r[3] for r in rows]
    assert all(a + 1 == b[2] for a, b in zip(ends, rows[1:], strict=False))
    assert not fixed or {r[0] for r in rows} == {"member"}


def test_the_record_knows_what_dues_show(record: Record) -> None:
    """Dues to UNIDO stop in 2016 (Denmark, Greece) and 2017 (Slovakia); no act with a day is known."""
    doubted = record.table("memberships").filter((pl.col("reading") == "dues") & (pl.col("status") == "unknown"))
    found = {(s, b): y for s, b, y in doubted.select("state", "body", "first_year").iter_rows()}
    assert found.get(("DNK", "unido"), 2017) == 2017 and found.get(("SVK", "unido"), 2018) == 2018
    assert not [pair for pair in found if pair[1] == "paho"], "PAHO has not reported 2024; nobody left for that"
    for (state, body), _ in found.items():
        assert status(record, state, body).status != "member"


def test_a_coded_gap_is_filled_by_dues_and_marked(record: Record) -> None:
    found = record.table("memberships").filter(
        (pl.col("state") == "DEU") & (pl.col("body") == "imo") & (pl.col("first_year") > 2014)
    )
    assert set(found["precision"]) == {"start_unknown"} and status(record, "DEU", "imo").status == "member"


def test_the_counts_after_the_source_are_printed(record: Record) -> None:
    after = _evidence_after_source(record)
    line = next(x for x in report(record) if x.startswith("memberships after 2014"))
    assert all(f"{k} {v:,}" in line for k, v in after.items())
    assert after["with dues in at least one year"] > 2500 and 0 < after["contradicted by dues"] < 30
    assert 40 < after["begun by dues"] < 80
