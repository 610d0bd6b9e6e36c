"""The ledgers: six kept apart, published figures as they were, and Article 19 never guessed."""

from __future__ import annotations

import argparse
import json
from collections import Counter
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from exeunt.cli import money as commands
from exeunt.core.errors import CompileError, UnknownNameError, UsageError
from exeunt.etl import ledger as build
from exeunt.etl.csv_reader import _conform as conform
from exeunt.etl.csv_reader import _read_sheet
from exeunt.etl.curated_money import _curated_rows as curated_rows
from exeunt.etl.sources.money import _regular_budget as regular_budget
from exeunt.etl.sources.money import _revenue as donors
from exeunt.etl.sources.money import _scale as scale
from exeunt.etl.stage import _Staged as Staged
from exeunt.record.ledgers import UN_BUDGETS, Figure, _ruled, article19, money, notes, share
from exeunt.record.opened import open_record
from exeunt.record.schema import LEDGERS, TABLE
from exeunt.record.store import Record
from tiny import ROOT, SOURCES

CENT = 0.005
"""Dollars: sums of parts that are published to the cent; the order of a sum is that of the library."""
CSV = ROOT / "data" / "curated" / "ledger.csv"
SIX = {"assessed", "voluntary", "requested", "appropriated", "paid", "owed"}
SUM_TOLERANCE = 1.0  # rates were published with two decimals, and members were admitted within a period
SUMS_OFF = {1946, 1955, 1957, 1973, 2003}


@pytest.fixture(scope="module")
def record() -> Record:
    return open_record()


@pytest.fixture(scope="module")
def ledger(record: Record) -> pl.DataFrame:
    return record.table("ledger")


@pytest.fixture(scope="module")
def curated() -> pl.DataFrame:
    return _read_sheet(CSV).frame


def only(rows: list[dict[str, Any]], **cells: object) -> dict[str, Any]:
    """Give the one row with these cells."""
    found = [r for r in rows if all(r[k] == v for k, v in cells.items())]
    assert len(found) == 1, found
    return found[0]


# --- the figures -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("year", "millions"), [(2016, 63.3), (2018, 0), (2019, 0), (2020, 0), (2021, 98.0), (2023, 198.7), (2024, 155.8)]
)
def test_united_states_to_the_population_fund(record: Record, year: int, millions: float) -> None:
    rows = money(record, "UNFPA", "USA", year)
    whole = only(rows, fund="all")
    assert round(whole["amount"] / 1e6, 1) == millions
    assert (whole["ledger"], whole["basis"], whole["source"]) == (None, "accrual", "un_ceb")
    parts = [r["amount"] for r in rows if r["fund"] != "all"]
    assert abs(sum(parts) - whole["amount"]) <= 1
    if not millions:
        assert "no_us_line" in whole["flag"] and parts == [], "a body without a line has no parts, not parts of zero"


def test_the_two_published_arrears_to_the_health_organization_stay_two(record: Record) -> None:
    owed = [r for r in money(record, "who", "USA") if r["ledger"] == "owed"]
    assert sorted(r["amount"] for r in owed) == [260.6e6, 278e6]
    assert {r["basis"] for r in owed} == {"balance"} and all(r["sources"] for r in owed)
    assert all("rival_values" in r["flag"] for r in owed)


def test_united_states_dues_to_unesco_stop_and_come_back(record: Record) -> None:
    rows = [r for r in money(record, "unesco", "USA") if r["ledger"] == "assessed" and r["basis"] == "accrual"]
    dues = {r["year"]: round(r["amount"] / 1e6, 1) for r in rows}
    assert not {2019, 2020, 2021, 2022} & set(dues), "missing years are missing, not zero"
    assert (dues[2023], dues[2024]) == (28.2, 75.9)
    assert dues[2018] > 70, "dues accrued while nothing was paid; they are in `assessed`, and `paid` holds nothing"


def test_what_members_paid_to_the_regular_budget(record: Record) -> None:
    china = money(record, "un_regular_budget", "CHN", 2019)
    paid = only(china, ledger="paid")
    assert (paid["amount"], paid["as_of"], paid["basis"]) == (334_726_585, "2019-05-03", "cash")
    for year in range(2019, 2027):
        rows = [r for r in money(record, "un_regular_budget", "USA", year) if r["amount"] is not None]
        dues = only(rows, ledger="assessed")
        assert "not_paid_in_full" in dues["flag"] and ("redefined_2025" in dues["flag"]) == (year >= 2025)
        assert not [r for r in rows if r["ledger"] == "paid"], "part payments are not in the source"


def test_budgets_are_asked_for_and_granted_in_ledgers_of_their_own(record: Record) -> None:
    rows = money(record, "un_regular_budget", None, 2026)
    assert only(rows, ledger="requested")["amount"] == 3.238e9
    assert only(rows, ledger="appropriated")["amount"] == 3.45e9


# --- rules of the table ----------------------------------------------------------------------------------------------


def test_six_ledgers_and_no_seventh(ledger: pl.DataFrame) -> None:
    assert set(LEDGERS) == SIX
    assert set(ledger["ledger"].drop_nulls()) == SIX


def test_nothing_is_paid_but_cash(ledger: pl.DataFrame) -> None:
    assert set(ledger.filter(pl.col("ledger") == "paid")["basis"]) == {"cash"}
    assert set(ledger.filter(pl.col("basis") == "cash")["ledger"]) == {"paid"}
    assert set(ledger.filter(pl.col("source") == "un_ceb")["basis"]) <= {"accrual", "rate"}


def test_a_rate_is_no_amount_and_a_total_is_in_no_ledger(ledger: pl.DataFrame) -> None:
    rates = ledger.filter(pl.col("basis") == "rate")
    assert rates["amount"].null_count() == rates.height and rates["rate_pct"].null_count() == 0
    rest = ledger.filter(pl.col("basis").is_null() | (pl.col("basis") != "rate"))
    assert rest["amount"].null_count() == rest["usd"].null_count() == rest["currency"].null_count() == 0
    whole = ledger.filter(pl.col("record").is_in(["entity_revenue", "system_total"]) & (pl.col("fund") == "all"))
    assert whole.height == 2 * 473 + 1 and whole["ledger"].null_count() == whole.height


def test_every_row_names_its_source(ledger: pl.DataFrame) -> None:
    assert ledger["sources"].null_count() == 0
    assert set(ledger["source"]) == {"exeunt_curated", "un_ceb", "un_regular_budget", "un_scale"}


def test_no_curated_row_is_lost(ledger: pl.DataFrame, curated: pl.DataFrame) -> None:
    kept = ledger.filter(pl.col("id").is_in(curated["id"].to_list()))
    assert Counter(kept["record"]) == Counter(curated["record"])
    assert kept.height == curated.height == 1377


def test_every_curated_number_is_in_the_ledger(ledger: pl.DataFrame, curated: pl.DataFrame) -> None:
    """Of entity revenue also the parts, which come from the long table; a part of zero has no row there."""
    sums = ledger.filter((pl.col("record") == "entity_revenue") & (pl.col("source") == "un_ceb"))
    amounts: dict[tuple[Any, ...], float] = {}
    for row in sums.filter(pl.col("id").str.starts_with("ceb-")).iter_rows(named=True):
        amounts[row["body"], row["state"], row["year"], row["ledger"], row["fund"]] = row["amount"]
    for row in curated.filter(pl.col("record") == "entity_revenue").iter_rows(named=True):
        for column, state, word, fund in (
            ("us_assessed_usd", "USA", "assessed", None), ("us_earmarked_usd", "USA", "voluntary", "earmarked"),
            ("us_core_voluntary_usd", "USA", "voluntary", "core"), ("assessed_total_usd", None, "assessed", None),
        ):  # fmt: skip
            part = amounts.get((row["body"], state, int(row["year"]), word, fund), 0.0)
            assert abs(part - float(row[column])) <= 1, (row["id"], column)
    for prefix, column in (("", "us_usd"), ("-all", "total_usd")):
        wanted = curated.filter(pl.col("record") == "entity_revenue").select(pl.col("id") + prefix, column).rows()
        found = dict(ledger.select("id", "amount").rows())
        assert all(found[i] == float(v) for i, v in wanted)


def test_the_scale_adds_up_except_where_flagged(ledger: pl.DataFrame) -> None:
    scale = ledger.filter(pl.col("record") == "scale_of_assessments")
    assert (scale["first_year"].min(), scale["last_year"].max()) == (1946, 2027)
    off = set()
    for (last,), rows in scale.group_by("last_year"):
        flagged = rows["flag"].fill_null("").str.contains("scale_sum_off")
        assert flagged.all() or not flagged.any()
        assert rows["state"].n_unique() == rows.height, last
        if flagged.all():
            off.add(last)
        else:
            assert abs(rows["rate_pct"].sum() - 100) <= SUM_TOLERANCE, last
    assert off == SUMS_OFF
    assert scale.filter(pl.col("last_year") == 2027).height == 193
    spans = scale.select("first_year", "last_year").unique().sort("first_year").rows()
    assert [a for a, _ in spans[1:]] == [b + 1 for _, b in spans[:-1]], "periods follow one another"


def test_states_that_were_bear_their_own_codes(ledger: pl.DataFrame) -> None:
    scale = ledger.filter(pl.col("record") == "scale_of_assessments")

    def years(state: str) -> tuple[int, int]:
        rows = scale.filter(pl.col("state") == state)
        return rows["first_year"].min(), rows["last_year"].max()  # type: ignore[return-value]

    assert years("SUN") == (1946, 1991) and years("RUS")[0] == 1992
    assert years("CSK")[1] == 1992 and years("CZE")[0] == 1994
    assert years("YMD") == (1965, 1991) and years("YAR") == (1947, 1991) and years("YEM")[0] == 1992
    assert years("SCG") == (2003, 2006) and years("SRB")[0] == 2007
    egypt = scale.filter((pl.col("state") == "EGY") & (pl.col("last_year") == 1961))
    assert egypt["note"].to_list() == ["United Arab Republic: Egypt and Syria together"]
    assert scale.filter((pl.col("state") == "SYR") & (pl.col("last_year") == 1961)).is_empty()


def test_assessments_add_up_to_the_published_totals(ledger: pl.DataFrame) -> None:
    rows = ledger.filter((pl.col("body") == "un_regular_budget") & (pl.col("basis") == "assessed"))
    for year in range(2019, 2027):
        one = rows.filter((pl.col("year") == year) & pl.col("state").is_not_null())
        total = rows.filter((pl.col("year") == year) & pl.col("state").is_null())
        assert one.height == 193 and one["amount"].sum() == pytest.approx(total["amount"].item(), abs=CENT)
    assert rows.filter(pl.col("flag").str.contains("honour_roll_differs")).select("state", "year").rows() == [
        ("MYS", 2026),
        ("TKM", 2022),
    ]


# --- queries ---------------------------------------------------------------------------------------------------------


def test_money_gives_the_keys_of_the_design_first(record: Record) -> None:
    rows = money(record, "who", "USA", 2023)
    assert list(rows[0]) == list(Figure.__struct_fields__)
    assert list(rows[0])[:10] == [
        "body", "state", "year", "fund", "ledger", "amount", "currency", "usd", "basis", "source",
    ]  # fmt: skip


def test_a_rate_has_a_row_for_every_year_of_its_period(record: Record) -> None:
    rows = [r for r in money(record, "un", "USA") if r["basis"] == "rate" and r["body"] == "un_regular_budget"]
    assert [r["year"] for r in rows] == list(range(1946, 2028))
    assert all(r["amount"] is None and r["ledger"] == "assessed" for r in rows)
    assert only(money(record, "un_regular_budget", "USA", 2026), basis="rate")["rate_pct"] == 22.0


def test_a_case_gives_its_bodies_for_its_state(record: Record) -> None:
    rows = money(record, "usa-2026-01")
    assert {r["state"] for r in rows} == {"USA"} and "unfpa" in {r["body"] for r in rows}
    assert {r["state"] for r in money(record, "usa-2026-01", "JPN", 2023)} == {"JPN"}


def test_a_name_that_nobody_bears_gets_its_closest_matches(record: Record) -> None:
    for wrong, close in (("usa-2026-02", "usa-2026-01"), ("unesko", "unesco")):
        with pytest.raises(UnknownNameError) as error:
            money(record, wrong)
        assert close in {m.lower() for m in error.value.matches} and "body or case" in str(error.value)
    with pytest.raises(UnknownNameError):
        money(record, "who", "Atlantis")


def test_share_needs_part_and_total(record: Record) -> None:
    dues = only(share(record, "un_regular_budget", "USA", 2024), ledger="assessed")
    assert dues["share_pct"] == pytest.approx(100 * 762_434_310 / 3_220_125_936)
    funds = {(r["ledger"], r["fund"]) for r in share(record, "unfpa", "USA", 2016)}
    assert funds == {("voluntary", "core"), ("voluntary", "earmarked"), (None, "all")}
    assert share(record, "who", "USA", 2026) == [], "rivals and no total"
    assert [r["fund"] for r in share(record, "unfpa", "USA", 2019)] == ["all"]
    assert all(r["share_pct"] == 0 for r in share(record, "unfpa", "USA", 2019))


def test_bodies_without_dues_of_their_own_say_who_pays(record: Record) -> None:
    for body in ("un_desa", "un_osaa", "ecosoc", "icj"):
        assert [(n.code, n.values) for n in notes(record, body)] == [("money.inside_un", {"bodies": [body]})]
    assert [n.code for n in notes(record, "un_energy")] == ["money.between_bodies"]
    for body in ("who", "un_regular_budget", "irmct", "unfpa"):
        assert notes(record, body) == []


# --- Article 19 ------------------------------------------------------------------------------------------------------

sums = st.floats(0, 1e12, allow_nan=False)


@given(sums, sums, sums)
def test_the_vote_is_lost_from_equality_on(first: float, second: float, arrears: float) -> None:
    vote, because, _, more = _ruled([first, second], arrears)
    assert (vote == "lost") == (arrears > 0 and arrears >= first + second)
    assert _ruled([second, first], arrears)[0] == vote
    if first + second > 0:
        assert _ruled([first, second], first + second)[0] == "lost"
    if vote == "lost":
        assert more == arrears - (first + second) >= 0
        assert _ruled([first, second], arrears * 2)[0] == "lost"
        assert [one.code for one in because] == ["article19.lost", "article19.may_permit"]
    else:
        assert vote == "kept" and more is None


@given(st.lists(st.none() | sums, min_size=2, max_size=2), st.none() | sums)
def test_what_is_not_known_is_not_guessed(years: list[float | None], arrears: float | None) -> None:
    whole = None not in years and arrears is not None
    assert (_ruled(years, arrears)[0] == "not_determined") == (not whole and arrears != 0)


@pytest.mark.parametrize(
    ("years", "arrears"), [([1.0], 1.0), ([1.0, 2.0, 3.0], 1.0), ([-1.0, 2.0], 1.0), ([1.0, 2.0], float("nan")),
                           ([float("inf"), 2.0], 1.0), ([1.0, 2.0], -0.5)]
)  # fmt: skip
def test_figures_that_are_none_are_refused(record: Record, years: list[float], arrears: float) -> None:
    with pytest.raises(UsageError):
        article19(record, "USA", 2026, years, arrears)


def test_the_record_says_what_it_lacks_for_article_19(record: Record) -> None:
    found = article19(record, "USA", 2026)
    assert found.years == (2024, 2025) and found.assessed == (None, None) and found.arrears is None
    held = {(r["body"], r["year"], r["ledger"]): r["amount"] for r in found.known}
    assert held["un_regular_budget", 2024, "assessed"] == 762_434_310
    assert {b for b, _, word in held if word == "owed"} == set(UN_BUDGETS)
    lacking = [(m.code, m.values["what"], m.values["year"], m.values["bodies"]) for m in found.lacking]
    assert ("article19.lacks", "assessed", 2025, ["un_peacekeeping", "un_tribunals"]) in lacking
    assert ("article19.disagree", "arrears", 2026, ["un_peacekeeping"]) in lacking
    assert found.because[1:-1] == found.lacking


# --- commands --------------------------------------------------------------------------------------------------------


def options(**more: Any) -> argparse.Namespace:
    plain = {
        "target": None,
        "state": None,
        "year": None,
        "format": "json",
        "out": None,
        "assessed": None,
        "arrears": None,
    }
    return argparse.Namespace(**{**plain, **more})


def test_json_is_the_array_and_nothing_else(capsys: pytest.CaptureFixture[str]) -> None:
    assert commands._money(options(target="un_desa")) == 0
    assert json.loads(capsys.readouterr().out) == []
    assert commands._money(options(target="who", state="USA", year=2026)) == 0
    assert sorted(r["amount"] for r in json.loads(capsys.readouterr().out)) == [260.6e6, 278e6]
    assert commands._money(options(target="un_desa", format="table")) == 0
    assert "paid from the UN regular budget" in capsys.readouterr().out


def test_article_19_on_the_command_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert commands._article19(options(state="USA")) == 0
    bare = json.loads(capsys.readouterr().out)
    assert bare["vote"] == "not_determined" and bare["because"][0]["code"] == "article19.not_determined"
    assert bare["year"] == 2026 and bare["known"] and "Article 19" in bare["reference"]
    assert commands._article19(options(state="USA", assessed=[1.5e9, 1.6e9], arrears=3.1e9)) == 0
    given_all = json.loads(capsys.readouterr().out)
    assert (given_all["vote"], given_all["due"], given_all["pay_more_than"]) == ("lost", 3.1e9, 0)
    assert given_all["entered"] == ["assessed", "arrears"] and given_all["lacking"] == []
    assert commands._article19(options(state="USA", arrears=1e9, format="table")) == 0
    assert "not_determined" in capsys.readouterr().out


# --- compiling made-up sources ---------------------------------------------------------------------------------------


@pytest.fixture
def find() -> Any:
    states = [{"state": s, "name_en": n, "code_status": "fixed"} for s, n in (("AAA", "Alpha"), ("YUG", "Yugoslavia"),
              ("SRB", "Serbia"), ("SCG", "Serbia and Montenegro"), ("BOL", "Bolivia"))]  # fmt: skip
    return build._names_of(conform(pl.DataFrame(states), TABLE["states"]))


def test_names_find_their_codes(find: Any) -> None:
    assert find("Alpha", 2000) == "AAA" and find("ALPHA", 2000) == "AAA"
    assert [find("Serbia (formerly  Yugoslavia) f/", y) for y in (1996, 2003, 2004, 2007)] == [
        "YUG",
        "SCG",
        "SCG",
        "SRB",
    ]
    assert find("Bolivia, Plurinational State of", 2013) == "BOL"
    assert find("Iran (Islamic Republic of)", 2013) is None, "an alias of a state that the table lacks finds nothing"
    assert find("Anguilla", 2013) is None


def staged(folder: Path, read: Any, *frames: pl.DataFrame) -> pl.DataFrame:
    """Put made-up raw files through a reader: CSV, or Parquet where a frame holds numbers."""
    paths = []
    for n, frame in enumerate(frames):
        parquet = any(t != pl.String for t in frame.dtypes)
        paths.append(folder / f"raw-{n}.{'parquet' if parquet else 'csv'}")
        (frame.write_parquet if parquet else frame.write_csv)(paths[-1])
    return read(*paths)


def test_a_column_of_the_scale_is_the_last_year_of_its_period(find: Any, tmp_path: Path) -> None:
    cells = {"1955": ["60", "-"], "1957": ["70.5", "NA"], "1958": ["b/", "1"]}
    frame = pl.DataFrame({"Member State": ["Alpha", "Bolivia"], **cells})
    rows = build._scale_rows(staged(tmp_path, scale, frame), find)
    assert [(r["state"], r["first_year"], r["last_year"], r["year"], r["rate_pct"]) for r in rows] == [
        ("AAA", 1955, 1955, 1955, 60.0), ("AAA", 1956, 1957, None, 70.5), ("BOL", 1958, 1958, 1958, 1.0),
    ]  # fmt: skip
    assert [r["flag"] for r in rows] == ["scale_sum_off", "scale_sum_off", None]
    with pytest.raises(CompileError, match="Nowhere"):
        nowhere = pl.DataFrame({"Member State": ["Nowhere"], "1955": ["1"]})
        build._scale_rows(staged(tmp_path, scale, nowhere), find)


def test_only_a_full_payment_is_paid(find: Any, tmp_path: Path) -> None:
    frame = pl.DataFrame({"year": ["2024", "2025"], "name": ["Alpha"] * 2, "rate": ["1", "2"], "amount": ["10", "20"],
                          "status": ["not_paid_in_full", "paid_late"], "date": [None, "2025-03-01"]})  # fmt: skip
    documents = pl.DataFrame(
        {"year": ["2024", "2025"], "as_of": ["2024-12-30", "2025-12-30"], "document_url": ["a", "b"]}
    )
    paid = staged(tmp_path, regular_budget, frame, documents)
    rows = build._regular_budget_rows(paid, find)
    assert [(r["year"], r["ledger"], r["amount"], r["as_of"], r["flag"]) for r in rows] == [
        (2024, "assessed", 10.0, "2024-12-30", "not_paid_in_full"),
        (2025, "assessed", 20.0, "2025-12-30", "paid_late;redefined_2025"),
        (2025, "paid", 20.0, "2025-03-01", "paid_late;redefined_2025"),
    ]
    with pytest.raises(CompileError, match="forgiven"):
        build._regular_budget_rows(paid.with_columns(pl.lit("forgiven").alias("status")), find)


def revenue(*rows: tuple[str, str, str, str, float]) -> pl.DataFrame:
    names = ("donor", "category", "entity", "type", "usd")
    return pl.DataFrame([dict(zip(names, r, strict=True)) | {"year": 2016} for r in rows])


def test_revenue_goes_by_type_and_is_never_paid(find: Any, tmp_path: Path) -> None:
    said: list[str] = []
    frame = revenue(
        ("Alpha", "Government", "WHO", "Assessed", 5.0), ("Alpha", "Government", "WHO", "Other", -1.0),
        ("Alpha", "Government", "WHO", "Voluntary un-earmarked", 2.0), ("Alpha", "Government", "UNV", "Assessed", 9.0),
        ("Anguilla", "Government", "WHO", "Assessed", 0.1), ("Alpha", "Foundations", "WHO", "Voluntary earmarked", 4.0),
    )  # fmt: skip
    frame = staged(tmp_path, donors, frame)
    rows = build._revenue_rows(frame, find, said.append)
    assert "1 governments" in said[0] and "(1 rows" in said[0]
    found = {(r["state"], r["ledger"], r["fund"]): r["amount"] for r in rows.iter_rows(named=True)}
    assert found == {
        ("AAA", "assessed", None): 5.0, ("AAA", None, "other"): -1.0, ("AAA", "voluntary", "core"): 2.0,
        (None, "assessed", None): 5.1, (None, None, "other"): -1.0, (None, "voluntary", "core"): 2.0,
        (None, "voluntary", "earmarked"): 4.0,
    }  # fmt: skip
    assert set(rows["basis"]) == {"accrual"}
    assert rows.filter(pl.col("flag") == "negative_value").height == 2
    for column, strange in (("entity", "SPECTRE"), ("type", "Ransom")):
        with pytest.raises(CompileError, match=strange):
            build._revenue_rows(frame.with_columns(pl.lit(strange).alias(column)), find, said.append)


def test_a_figure_told_twice_is_one_row_and_two_that_differ_are_two() -> None:
    same = {
        "body": "b",
        "state": "AAA",
        "ledger": "assessed",
        "basis": "assessed",
        "first_year": 2024,
        "last_year": 2024,
    }
    held = [{**same, "id": "du-1", "amount": 5.0, "flag": None, "source": "exeunt_curated"}]
    raw = [{**same, "id": "rb-1", "amount": 5.0, "flag": "paid_late", "source": "un_regular_budget"}]
    assert [(r["id"], r["source"], r["flag"]) for r in build._merge(held, raw, "amount")] == [
        ("du-1", "un_regular_budget", None)
    ]
    rows = build._merge(held, [{**raw[0], "amount": 6.0}], "amount")
    assert [(r["id"], r["flag"]) for r in rows] == [("du-1", "rival_values"), ("rb-1", "paid_late;rival_values")]
    other = build._merge(held, [{**raw[0], "first_year": 2025, "last_year": 2025}], "amount")
    assert [r["id"] for r in other] == ["du-1", "rb-1"]


def test_a_sum_that_nobody_has_judged_stops_the_compile(curated: pl.DataFrame) -> None:
    share_row = curated.filter(pl.col("id") == "du-0014")
    with pytest.raises(CompileError, match="EXTRA_AMOUNTS"):
        curated_rows(share_row.with_columns(pl.lit("du-9999").alias("id")))
    with pytest.raises(CompileError, match="gossip"):
        curated_rows(share_row.with_columns(pl.lit("gossip").alias("record")))


def test_a_second_figure_in_a_curated_row_becomes_a_row(curated: pl.DataFrame) -> None:
    rows = curated_rows(curated.filter(pl.col("id").is_in(["du-0007", "du-0008", "du-0014", "du-0002"])))
    shape = {r["id"]: (r["ledger"], r["basis"], r["state"], r["amount"], r["rate_pct"], r["year"]) for r in rows}
    assert shape == {
        "du-0002": ("owed", "balance", "USA", 2.4e9, None, 2026),
        "du-0002-rate": ("assessed", "rate", "USA", None, 26.2, 2026),
        "du-0007": (None, "rate", "USA", None, 8.0, 2025),
        "du-0008": ("assessed", "rate", "USA", None, 22.0, 2025),
        "du-0008-more": (None, None, None, 96.5e6, None, None),
        "du-0014": ("assessed", "rate", "USA", None, 22.0, 2003),
        "du-0014-more": ("requested", None, "USA", 71_429_000.0, None, 2003),
    }


def test_the_ledger_builds_to_the_embedded_one(record: Record, ledger: pl.DataFrame) -> None:
    said: list[str] = []
    again = build._ledger(_read_sheet(CSV).frame, Staged(ROOT / "data" / "staged"), record.table("states"), said.append)
    assert again.equals(ledger)
    assert "29 governments" in said[0]


@pytest.mark.refresh
def test_every_entity_of_the_source_is_mapped_or_left_out_for_a_reason(record: Record) -> None:
    if not SOURCES.is_dir():
        pytest.skip(f"no raw sources at {SOURCES}")
    path = Path(SOURCES) / "un_ceb" / "ceb_donor_entity_type_2013_2024.parquet"
    entities = set(pl.read_parquet(path)["entity"])
    assert entities == set(build.BODY_OF_ENTITY) | set(build.UNMAPPED_ENTITIES)
    assert not set(build.BODY_OF_ENTITY) & set(build.UNMAPPED_ENTITIES)
    assert set(build.BODY_OF_ENTITY.values()) <= set(record.table("bodies")["body"])
