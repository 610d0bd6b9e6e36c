"""Names: whatever a reader calls a state or a body, it is found, or the answer names the closest."""

from __future__ import annotations

import csv
from pathlib import Path

import polars as pl
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from exeunt.core.errors import UnknownNameError, UsageError
from exeunt.record.identity import code_in_year, cow_of, resolve_body, resolve_state, state_codes
from exeunt.record.opened import open_record
from exeunt.record.store import Record
from tiny import code

RECORD = open_record()
CODES = state_codes(RECORD.table("states"))


@pytest.fixture(scope="module")
def record() -> Record:
    return RECORD


@pytest.mark.parametrize(
    ("name", "state"),
    [
        ("USA", "USA"), ("usa", "USA"), (" USA ", "USA"), ("2", "USA"), ("United States of America", "USA"), ("美國", "USA"),
        ("NAM", "NAM"), ("565", "NAM"), ("Namibia", "NAM"), ("納米比亞", "NAM"),
        ("SWZ", "SWZ"), ("Eswatini", "SWZ"), ("Swaziland", "SWZ"), ("SWA", "SWZ"), ("748", "SWZ"),
        ("CHE", "CHE"), ("Switzerland", "CHE"), ("756", "CHE"), ("瑞士", "CHE"),
        ("DEU", "DEU"), ("255", "DEU"), ("260", "DEU"), ("276", "DEU"), ("GMY", "DEU"), ("GFR", "DEU"), ("德國", "DEU"),
        ("DDR", "DDR"), ("265", "DDR"), ("SUN", "SUN"), ("蘇聯", "SUN"), ("RUS", "RUS"), ("Russia", "RUS"),
        ("UKG", "GBR"), ("CZE", "CZE"), ("CSK", "CSK"), ("Czechoslovakia", "CSK"), ("YMD", "YMD"), ("SCG", "SCG"),
        # COW's letters are not ISO's: where they clash the ISO code wins.
        ("SLV", "SLV"), ("AUS", "AUS"), ("MNG", "MNG"),
    ],
)  # fmt: skip
def test_a_state_is_found_under_its_names(record: Record, name: str, state: str) -> None:
    assert record.state(name) == state


def test_eswatini_is_not_switzerland(record: Record) -> None:
    assert record.state_names()["SWZ"][0] == "Eswatini"
    assert record.state_names()["CHE"][0] == "Switzerland"
    assert cow_of(CODES, "SWZ", 2000) == 572
    assert cow_of(CODES, "CHE", 2000) == 225


def test_namibia_is_not_a_missing_value(record: Record) -> None:
    """Its two-letter code is NA, which readers of tables take for "not available"."""
    row = record.table("states").row(by_predicate=pl.col("state") == "NAM", named=True)
    assert (row["name_en"], row["name_zh"], row["cow"], row["m49"]) == ("Namibia", "納米比亞", 565, 516)
    assert record.table("memberships").filter(pl.col("state") == "NAM").height > 50
    assert record.table("series_ship").filter(pl.col("state") == "NAM").height > 50
    for name in ("acts", "memberships", "system_years", "series_ship"):
        assert record.table(name)["state"].null_count() == 0


@pytest.mark.parametrize(
    ("cow", "year", "state"),
    [
        (365, 1921, "RUS"), (365, 1922, "SUN"), (365, 1980, "SUN"), (365, 1990, "SUN"), (365, 1991, "RUS"),
        (365, 2020, "RUS"),
        (345, 1950, "YUG"), (345, 2002, "YUG"), (345, 2004, "SCG"), (345, 2006, "SRB"), (345, 2020, "SRB"),
        (315, 1980, "CSK"), (315, 1992, "CSK"), (316, 1993, "CZE"),
        (255, 1940, "DEU"), (260, 1980, "DEU"), (255, 1995, "DEU"), (265, 1980, "DDR"),
        (679, 1995, "YEM"), (680, 1980, "YMD"),
    ],
)  # fmt: skip
def test_a_cow_number_bears_the_code_of_its_year(cow: int, year: int, state: str) -> None:
    assert code_in_year(CODES, cow, year) == state


def test_germany_has_one_code_and_two_numbers() -> None:
    assert cow_of(CODES, "DEU", 1989) == 260
    assert cow_of(CODES, "DEU", 1991) == 255
    assert cow_of(CODES, "DEU", 1930) == 255
    assert cow_of(CODES, "DDR", 1989) == 265
    assert cow_of(CODES, "SUN", 1980) == cow_of(CODES, "RUS", 2000) == 365


def test_a_number_between_two_spans_takes_the_nearer() -> None:
    spans = [code("OLD", 1, None, "1950-12-31"), code("NEW", 1, "1960-01-01", None)]
    assert code_in_year(spans, 1, 1952) == "OLD"
    assert code_in_year(spans, 1, 1958) == "NEW"
    with pytest.raises(UnknownNameError):
        code_in_year(spans, 7, 1958)


def test_every_state_is_found_by_its_code_and_its_names() -> None:
    states = RECORD.table("states")
    for row in states.iter_rows(named=True):
        for column in ("state", "name_en", "name_zh"):
            if row[column]:
                assert resolve_state(states, row[column]) == row["state"], row
    for number, frame in states.filter(pl.col("cow").is_not_null()).group_by("cow"):
        if frame["state"].n_unique() > 1:
            with pytest.raises(UsageError) as error:
                resolve_state(states, str(number[0]))
            assert all(s in str(error.value) for s in frame["state"].unique())


def test_a_number_of_two_states_names_both(record: Record) -> None:
    """840 is the Philippines for COW and the United States for the United Nations."""
    with pytest.raises(UsageError) as error:
        record.state("840")
    assert "PHL" in str(error.value) and "USA" in str(error.value)


@pytest.mark.parametrize(
    ("name", "body"),
    [
        ("unfccc", "unfccc"), ("UNFCCC", "unfccc"), ("WHO", "who"), ("聯合國", "un"), ("iomig", "iom"),
        ("World Health Organization", "who"), (" who ", "who"), ("isa_solar", "isa_solar"),
        ("International Solar Alliance", "isa_solar"), ("itin_council", "itin_council"), ("itc_trade", "itc_trade"),
    ],
)  # fmt: skip
def test_a_body_is_found_under_its_names(record: Record, name: str, body: str) -> None:
    assert record.body(name) == body


def test_every_body_is_found_by_key_and_chinese_name(record: Record) -> None:
    bodies = record.table("bodies")
    for row in bodies.iter_rows(named=True):
        assert resolve_body(bodies, row["body"]) == row["body"]
        if row["name_zh"]:
            assert resolve_body(bodies, row["name_zh"]) == row["body"]


def _ambiguous(column: str) -> dict[str, list[str]]:
    """Names borne by several bodies and by no body as its key."""
    bodies = RECORD.table("bodies")
    groups = (
        bodies.filter(pl.col(column).is_not_null()).group_by(column).agg("body").filter(pl.col("body").list.len() > 1)
    )
    keys = set(bodies["body"])
    return {name: sorted(found) for name, found in groups.iter_rows() if name.lower() not in keys}


def test_there_are_ambiguous_acronyms() -> None:
    assert set(_ambiguous("acronym")) == {"IOC", "ISA", "ITC"}


@pytest.mark.parametrize(("acronym", "keys"), sorted(_ambiguous("acronym").items()))
def test_an_acronym_of_several_bodies_names_their_keys(record: Record, acronym: str, keys: list[str]) -> None:
    """The International Solar Alliance is in the case of 2026: ISA must not quietly become the Seabed Authority."""
    with pytest.raises(UsageError) as error:
        record.body(acronym)
    assert not isinstance(error.value, UnknownNameError)
    assert all(key in str(error.value) for key in keys)


@pytest.mark.parametrize(("name", "keys"), sorted(_ambiguous("name_en").items()))
def test_a_name_of_several_bodies_names_their_keys(record: Record, name: str, keys: list[str]) -> None:
    with pytest.raises(UsageError) as error:
        record.body(name)
    assert all(key in str(error.value) for key in keys), str(error.value)


@pytest.mark.parametrize(
    ("kind", "name", "closest"),
    [
        ("state", "Germny", "Germany"), ("state", "Untied States of America", "United States of America"),
        ("state", "UAS", "USA"), ("body", "unfcc", "unfccc"), ("body", "World Helth Organization", "World Health Organization"),
        ("body", "unesko", "unesco"),
    ],
)  # fmt: skip
def test_an_unknown_name_offers_the_closest(record: Record, kind: str, name: str, closest: str) -> None:
    with pytest.raises(UnknownNameError) as error:
        getattr(record, kind)(name)
    assert closest in error.value.matches
    text = str(error.value)
    assert closest in text and name in text and text.endswith(".") and "\n" not in text
    assert error.value.exit_code == 2


@pytest.mark.parametrize("name", ["", "   ", "¿", "99999", "9" * 20])
def test_nonsense_is_no_name(record: Record, name: str) -> None:
    with pytest.raises(UsageError):
        record.state(name)
    with pytest.raises(UsageError):
        record.body(name)


def test_a_number_longer_than_python_reads_is_no_name(record: Record) -> None:
    with pytest.raises(UsageError):
        record.state("9" * 5000)
    with pytest.raises(UsageError):
        record.body("9" * 5000)


KNOWN = [v for c in ("state", "name_en", "name_zh", "cow_abb") for v in RECORD.table("states")[c].drop_nulls()] + [
    v for c in ("body", "name_en", "acronym") for v in RECORD.table("bodies")[c].drop_nulls()
]


@st.composite
def misspelt(draw: st.DrawFn) -> str:
    """A known name with one character put elsewhere."""
    name = draw(st.sampled_from(KNOWN))
    cut = draw(st.integers(0, len(name)))
    return name[:cut] + draw(st.characters()) + name[cut + draw(st.integers(0, 1)) :]


NAMES = st.one_of(
    st.text(max_size=20), misspelt(), st.from_regex(r"[0-9]{1,40}", fullmatch=True),
    st.sampled_from(KNOWN).map(str.swapcase),
)  # fmt: skip


@settings(max_examples=80, deadline=None)  # a miss looks through some 2,000 names for the closest, about 20 ms each
@example("\x00")
@example("²")
@example("İ")
@given(NAMES)
def test_any_text_resolves_or_is_wrong_use(name: str) -> None:
    for resolve, known, key in ((RECORD.state, "states", "state"), (RECORD.body, "bodies", "body")):
        try:
            found = resolve(name)
        except UsageError as error:
            assert str(error).endswith(".")
        else:
            assert found in set(RECORD.table(known)[key])


NAMES = list(csv.DictReader((Path(__file__).parent / "data" / "names.csv").read_text(encoding="utf-8").splitlines()))


@pytest.mark.parametrize("kind", ["state", "body"])
def test_names_as_people_write_them(record: Record, kind: str) -> None:
    """Each resolves, asks which of several is meant, or is refused with a reason; none resolves to another in silence."""
    resolve = {"state": record.state, "body": record.body}[kind]
    found = {}
    for row in NAMES:
        if row["kind"] != kind:
            continue
        try:
            found[row["name"]] = resolve(row["name"])
        except UnknownNameError:
            found[row["name"]] = "unknown"
        except UsageError as error:
            found[row["name"]] = "ask" if "write one of these" in str(error) else "refused"
    assert len(found) >= 180
    assert found == {row["name"]: row["expected"] for row in NAMES if row["kind"] == kind}


def test_every_curated_name_stands_for_what_it_says(record: Record) -> None:
    states, bodies = set(record.table("states")["state"]), set(record.table("bodies")["body"])
    for row in record.table("names").iter_rows(named=True):
        codes = (row["code"] or "").split()
        assert set(codes) <= (states if row["kind"] == "state" else bodies), row
        assert codes or row["note"], row
