"""The embedded record: it opens, keeps its rules, counts what the sources count, and says so when it is damaged."""

from __future__ import annotations

import json
import shutil
import tomllib
from collections.abc import Callable
from datetime import date
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from exeunt.core.dates import parse
from exeunt.core.errors import RecordError, UnknownNameError, UsageError
from exeunt.etl.checks import check
from exeunt.etl.coded import UPSTREAM
from exeunt.etl.stage import FINGERPRINTS
from exeunt.record.cards import all_cards
from exeunt.record.cases import acts_of_case, case, cases, of_body, of_span, of_state
from exeunt.record.exits import exits
from exeunt.record.opened import open_record
from exeunt.record.schema import TABLES
from exeunt.record.store import Record
from tiny import FACTS, ROOT, SOURCES, exeunt, tiny_record, tiny_tables

MAXIMUM_BYTES = 6_000_000
Tables = dict[str, pl.DataFrame]


@pytest.fixture(scope="module")
def record() -> Record:
    return open_record()


@pytest.fixture(scope="module")
def tables(record: Record) -> Tables:
    return {t.name: record.table(t.name) for t in TABLES}


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    return Path(shutil.copytree(FACTS, tmp_path / "facts"))


# --- what is in it ---------------------------------------------------------------------------------------------------


def test_the_record_keeps_its_rules(tables: Tables) -> None:
    assert check(tables) == []


def test_the_record_closes_on_its_day(record: Record) -> None:
    assert record.closing_day == date(2026, 11, 23)
    assert record.version.startswith("2026.11.23+")


def test_the_batch_of_2026_is_counted_as_the_memorandum_counts_it(record: Record) -> None:
    batch = case(record, "usa-2026-01")
    assert (batch.bodies.height, batch.entry().listed_un, batch.entry().listed_other) == (66, 31, 35)
    assert batch.states == ("USA",)
    what = dict(batch.bodies["what"].value_counts().iter_rows())
    assert what == {
        "membership": 15, "treaty": 4, "participation_only": 23, "funding_only": 11, "nothing_to_leave": 13,
    }  # fmt: skip


def test_every_body_of_every_case_has_a_name_and_its_own_entry(record: Record) -> None:
    names = record.body_names()
    for one in cases(record):
        assert all(names[body][0] for body in one.bodies["body"])
        assert one.bodies["body"].n_unique() == one.bodies.height
        for body, what in one.bodies.select("body", "what").iter_rows():
            assert record.what_there_is_to_leave(one.states[0], body) == what


def test_every_case_has_acts_addresses_and_pairs_of_its_own(record: Record) -> None:
    found = cases(record)
    assert len(found) >= 25 and len({c.case for c in found}) == len(found)
    for one in found:
        acts = acts_of_case(record, one)
        assert acts and all(a.startswith("https://") or a.startswith("http://") for a in one.sources), one.case
        touched = {(a["state"], a["body"]) for a in acts}
        lost = [pair for pair in one.pairs if pair not in touched]
        assert lost == [], (one.case, lost)


def test_a_case_keeps_what_came_of_its_episodes_and_nothing_of_others(record: Record) -> None:
    days = [(a["act"], a["date"]) for a in acts_of_case(record, case(record, "usa-unesco-1984"))]
    assert days == [("notified", "1983-12-28"), ("effective", "1984-12-31"), ("rejoined", "2003-10-01")]
    who = acts_of_case(record, case(record, "usa-who-2025"))
    assert {a["episode"] for a in who} == {"usa-who-2025"}
    batch = acts_of_case(record, case(record, "usa-2026-01"))
    assert sum(a["body"] is None for a in batch) >= 1 and sum(a["act"] == "announced" for a in batch) >= 66


def test_a_span_of_years_a_state_and_a_body_make_cases_too(record: Record) -> None:
    span = of_span(record, "IDN", 1965, 1966)
    assert set(span.bodies["body"]) == {"un", "fao", "unesco", "ilo", "imf", "world_bank"}
    assert {a["act_id"] for a in acts_of_case(record, span)} == {
        a["act_id"] for a in acts_of_case(record, case(record, "idn-un-1965"))
    }
    page = of_body(record, "unesco")
    assert {("USA", "unesco"), ("ISR", "unesco"), ("SGP", "unesco")} <= set(page.pairs) and page.kind == "body"
    assert len([a for a in acts_of_case(record, page) if a["state"] == "USA" and a["act"] == "notified"]) == 3
    assert {state for state, _ in of_state(record, "QAT").pairs} == {"QAT"}
    for wrong, says in (
        ((record, "CHE", 1990, 1991), "no act of leaving of CHE"),
        ((record, "IDN", 1966, 1965), "before"),
    ):
        with pytest.raises(UsageError, match=says):
            of_span(*wrong)


def test_a_state_without_its_own_entry_takes_that_of_the_body(record: Record) -> None:
    rows = record.table("leaveable").filter(pl.col("state") == "*")
    assert rows["body"].n_unique() == record.table("bodies").height
    assert record.what_there_is_to_leave("FRA", "unfccc") == "treaty"


def test_every_act_has_a_date_that_can_be_read(tables: Tables) -> None:
    acts = tables["acts"]
    assert acts.height >= 1065  # a fact lost on the way in would be missed by no rule
    for column in ("date", "recorded"):
        for text in acts[column]:
            assert str(parse(text)) == text
    for text in acts["takes_effect"].drop_nulls():
        parse(text)


def test_nobody_takes_effect_before_anyone_was_born(tables: Tables) -> None:
    """An act lies in the span of the record: from 1945 on, or marked as earlier and not before its body was founded."""
    founded = dict(tables["bodies"].select("body", "founded").iter_rows())
    early = 0
    for text, body, flag in tables["acts"].select("date", "body", "flag").iter_rows():
        earliest = parse(text).earliest
        if earliest is not None and earliest.year < 1945:
            early += 1
            assert "before_1945" in (flag or "").split(";"), (body, text)
            assert earliest.year >= founded[body], (body, text)
    assert early == 4


def test_acts_before_1945_do_not_disturb_the_coded_memberships(tables: Tables) -> None:
    assert tables["memberships"].filter(pl.col("reading") == "act")["first_year"].min() == 2015
    assert tables["memberships"].filter(pl.col("reading") == "observed")["first_year"].min() == 1945


def test_of_rival_days_of_effect_the_one_that_counts_is_named(record: Record) -> None:
    (row,) = [r for r in exits(record, "USA", "ico") if r.episode == "usa-ico-2018"]
    assert (row.notified, row.effective) == ("2018-03-29", "2018-06-27")
    acts = record.table("acts").filter((pl.col("episode") == "usa-ico-2018") & (pl.col("act") == "effective"))
    assert set(acts.select("date", "counts_as_exit").iter_rows()) == {("2018-06-03", None), ("2018-06-27", True)}


def test_whoever_takes_a_position_on_an_exit_does_not_claim_it(record: Record) -> None:
    (row,) = exits(record, "USA", "irena")
    assert row.claimed_by == ("state",)


def test_announced_notified_and_effective_stand_apart(record: Record) -> None:
    (row,) = [r for r in exits(record, "USA", "who") if r.episode == "usa-who-2025"]
    assert (row.notified, row.effective, row.contested) == ("2025-01-22", "2026-01-22", True)
    (row,) = [r for r in exits(record, "USA", "who", as_of=date(2025, 7, 1)) if r.episode == "usa-who-2025"]
    assert (row.notified, row.effective, row.contested) == ("2025-01-22", None, False)
    assert not exits(record, "USA", "who", as_of=date(2019, 1, 1))
    (row,) = exits(record, "USA", "unfccc")
    assert (row.announced, row.notified, row.effective) == ("2026-01-07", None, None)
    assert exits(record, known_by=date(2026, 11, 22)) == []


# --- sources and licences --------------------------------------------------------------------------------------------


def test_every_source_has_a_card_and_every_card_a_class(tables: Tables) -> None:
    classes = tomllib.loads((FACTS / "licences.toml").read_text(encoding="utf-8"))
    of = {source: name for name, entry in classes.items() for source in entry["sources"]}
    assert set(of) == set(all_cards())
    assert sum(len(entry["sources"]) for entry in classes.values()) == len(of)
    used = {s for frame in tables.values() if "source" in frame.columns for s in frame["source"].unique()}
    assert used <= set(all_cards())
    for key in used:
        assert len(all_cards()[key].citation) > 20, key
    assert (FACTS / "licences.toml").read_bytes() == (ROOT / "data" / "licences.toml").read_bytes()


def test_each_table_holds_only_what_its_class_allows(tables: Tables) -> None:
    classes = tomllib.loads((FACTS / "licences.toml").read_text(encoding="utf-8"))
    of = {source: name for name, entry in classes.items() for source in entry["sources"]}
    allowed = {"ship": {"ship"}, "ship_derived": {"ship", "ship_derived"}, "share_alike": {"share_alike"}}
    for table in TABLES:
        frame = tables[table.name]
        if "source" not in frame.columns or table.name == "corrections":  # a correction is ours; it names whom it mends
            continue
        found = {of[s] for s in frame["source"].unique()}
        assert found <= allowed[table.licence_class], table.name
        assert "local" not in found


def test_the_share_alike_folder_carries_its_licence() -> None:
    text = (FACTS / "share_alike" / "LICENCE.txt").read_text(encoding="utf-8")
    assert "CC BY-SA 4.0" in text
    assert "https://creativecommons.org/licenses/by-sa/4.0/" in text


def test_the_record_is_small_and_holds_nothing_else() -> None:
    files = [p for p in FACTS.rglob("*") if p.is_file() and p.name != FINGERPRINTS]
    assert sum(p.stat().st_size for p in files) < MAXIMUM_BYTES
    named = set(json.loads((FACTS / "manifest.json").read_text(encoding="utf-8"))["files"])
    expected = named | {"manifest.json", "licences.toml", "share_alike/LICENCE.txt"}
    assert {p.relative_to(FACTS).as_posix() for p in files} == expected


def test_the_manifest_counts_rows_and_bytes(record: Record, tables: Tables) -> None:
    for table in TABLES:
        entry = record.manifest["files"][f"{table.licence_class}/{table.name}.parquet"]
        assert entry["rows"] == tables[table.name].height
        assert entry["bytes"] == (FACTS / table.licence_class / f"{table.name}.parquet").stat().st_size


# --- each rule can be broken -----------------------------------------------------------------------------------------


def _broken(name: str, **cells: object) -> Callable[[Tables], None]:
    """Set cells in the first row of a tiny table."""

    def change(tables: Tables) -> None:
        frame = tables[name].with_row_index("_row")
        frame = frame.with_columns(
            pl.when(pl.col("_row") == 0).then(pl.lit(value, dtype=frame.schema[key])).otherwise(pl.col(key)).alias(key)
            for key, value in cells.items()
        )
        tables[name] = frame.drop("_row")

    return change


def _doubled(tables: Tables) -> None:
    tables["acts"] = pl.concat([tables["acts"], tables["acts"].head(1)])


def _missing(tables: Tables) -> None:
    del tables["ledger"]


def _overlap(tables: Tables) -> None:
    first = tables["memberships"].head(1).with_columns(pl.col("first_year") + 1)
    tables["memberships"] = pl.concat([tables["memberships"], first])


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (_missing, "table ledger is missing"),
        (_doubled, "acts: 1 rows repeat their key"),
        (_overlap, "memberships: 1 spells overlap"),
        (_broken("acts", act="left_in_a_huff"), "acts.act holds ['left_in_a_huff']"),
        (_broken("acts", contested="perhaps"), "acts.contested holds ['perhaps']"),
        (_broken("acts", date="2026-02-30"), "column date"),
        (_broken("acts", takes_effect="soon"), "column takes_effect"),
        (_broken("acts", recorded=None), "acts.recorded: 1 cells are empty"),
        (_broken("acts", state="ZZZ"), "acts.state names ['ZZZ']"),
        (_broken("acts", body="delta"), "acts.body names ['delta']"),
        (_broken("acts", episode="nowhere"), "acts name the episodes ['nowhere']"),
        (_broken("memberships", source="hearsay"), "memberships.source names ['hearsay']"),
        (_broken("memberships", first_year=2020), "end before they begin"),
        (_broken("corrections", sources=None), "corrections: 1 rows have no source"),
        (_broken("clauses", instrument=None), "name no instrument"),
        (_broken("states", valid_to="1800-01-01"), "is before it begins"),
    ],
)
def test_a_broken_rule_is_named(change: Callable[[Tables], None], says: str) -> None:
    tables = tiny_tables()
    assert check(tables) == []
    change(tables)
    problems = check(tables)
    assert any(says in p for p in problems), problems
    assert all(p.endswith(".") for p in problems)


# --- damage ----------------------------------------------------------------------------------------------------------


def _flip(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def _truncate(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-100])


def _empty(path: Path) -> None:
    path.write_bytes(b"")


def _sentence(error: pytest.ExceptionInfo[RecordError]) -> str:
    text = str(error.value)
    assert "\n" not in text and text.endswith("."), text
    return text


@pytest.mark.parametrize("damage", [_flip, _truncate, _empty, Path.unlink])
@pytest.mark.parametrize("name", ["ship/acts", "ship_derived/memberships", "share_alike/series_share_alike"])
def test_a_damaged_table_is_refused(copy: Path, name: str, damage: Callable[[Path], None]) -> None:
    damage(copy / f"{name}.parquet")
    broken = Record(copy)
    with pytest.raises(RecordError) as error:
        broken.table(name.split("/")[1])
    text = _sentence(error)
    assert name in text and "exeunt refresh" in text
    assert broken.table("states").height  # the others can still be read


@pytest.mark.parametrize(
    "change",
    [
        lambda m: "{",
        lambda m: "",
        lambda m: "[]",
        lambda m: "null",
        lambda m: json.dumps({k: v for k, v in m.items() if k != "version"}),
        lambda m: json.dumps({**m, "closing_day": "one day"}),
        lambda m: json.dumps({**m, "closing_day": None}),
        lambda m: json.dumps({k: v for k, v in m.items() if k != "files"}),
        lambda m: json.dumps({**m, "files": []}),
        lambda m: json.dumps({**m, "files": {k: {} for k in m["files"]}}),
    ],
    ids=[
        "cut",
        "empty",
        "list",
        "null",
        "no version",
        "no day",
        "null day",
        "no files",
        "files a list",
        "no sums",
    ],
)
def test_a_damaged_manifest_is_refused(copy: Path, change: Callable[[dict[str, object]], str]) -> None:
    path = copy / "manifest.json"
    path.write_text(change(json.loads(path.read_text(encoding="utf-8"))), encoding="utf-8")
    with pytest.raises(RecordError) as error:
        Record(copy).table("acts")
    assert "exeunt refresh" in _sentence(error)


def test_a_missing_record_is_told(tmp_path: Path) -> None:
    with pytest.raises(RecordError) as error:
        Record(tmp_path / "nowhere")
    _sentence(error)


def test_a_manifest_of_bytes_that_are_no_text_is_refused(copy: Path) -> None:
    (copy / "manifest.json").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(RecordError):
        Record(copy)


def test_unknown_tables_and_measures_offer_the_closest(record: Record) -> None:
    with pytest.raises(UnknownNameError, match="acts"):
        record.table("act")
    with pytest.raises(UnknownNameError, match="ideal_point"):
        record.measure("ideal_points")


# --- a tiny world, end to end ----------------------------------------------------------------------------------------


def test_a_tiny_world_is_written_and_opened(tmp_path: Path) -> None:
    tables = tiny_tables()
    assert check(tables) == []
    record = tiny_record(tmp_path / "facts")
    for table in TABLES:
        assert record.table(table.name).equals(tables[table.name])
    assert set(record.all_series["source"]) == {"unga_ideal", "cow_nmc"}


# --- against the source ----------------------------------------------------------------------------------------------


@pytest.mark.refresh
def test_full_members_by_state_and_year_are_those_of_the_source(tables: Tables) -> None:
    """With the corrections undone, every cell of the record is the cell of COW IGO v3; no tolerance."""
    if not SOURCES.is_dir():
        pytest.skip(f"no raw sources at {SOURCES}")
    raw = pl.read_parquet(SOURCES / "cow_igo" / "state_year_format3.parquet").filter(pl.col("year") >= 1945)
    keys = dict(tables["bodies"].filter(pl.col("cow_igo").is_not_null()).select("cow_igo", "body").iter_rows())
    codes = [c for c in raw.columns if c not in {"ccode", "year", "state"}]
    long = raw.unpivot(index=["ccode", "year"], on=codes, variable_name="code", value_name="cell").select(
        pl.col("ccode").cast(pl.Int64).alias("cow"),
        pl.col("year").cast(pl.Int64),
        pl.col("code").replace_strict(keys).alias("body"),
        pl.col("cell").cast(pl.Int64),
    )
    spells = tables["memberships"].filter(pl.col("reading") == "observed")
    cells = (
        spells.with_columns(
            pl.coalesce("upstream", "status").alias("was"),
            pl.int_ranges(pl.col("first_year"), pl.col("last_year") + 1).alias("year"),
        )
        .explode("year", empty_as_null=False)
        .select("cow", "body", pl.col("year").cast(pl.Int64), "was", "status", "correction")
    )
    for code, word in UPSTREAM.items():
        if code in (0, -9):
            continue
        theirs = long.filter(pl.col("cell") == code).select("cow", "body", "year").sort("cow", "body", "year")
        ours = cells.filter(pl.col("was") == word).select("cow", "body", "year").sort("cow", "body", "year")
        assert ours.equals(theirs), word
    missing = long.filter(pl.col("cell") == -9).select("cow", "body", "year")
    unknown = cells.filter(pl.col("was") == "unknown").select("cow", "body", "year")
    assert missing.join(unknown, on=["cow", "body", "year"], how="anti").is_empty()
    # Full members by state and year, wherever no correction is declared.
    mended = cells.filter(pl.col("correction").is_not_null()).select("cow", "body", "year")
    assert mended.height == 12 + 31 + 4 + 5  # the four corrections of cells
    counts = []
    for frame in (cells.filter(pl.col("status") == "member"), long.filter(pl.col("cell") == 1)):
        plain = frame.join(mended, on=["cow", "body", "year"], how="anti")
        counts.append(plain.group_by("cow", "year").len().sort("cow", "year"))
    assert counts[0].equals(counts[1])


@pytest.mark.refresh
def test_the_record_counts_each_state_year_of_the_source_once(tables: Tables) -> None:
    if not SOURCES.is_dir():
        pytest.skip(f"no raw sources at {SOURCES}")
    raw = pl.read_parquet(SOURCES / "cow_igo" / "state_year_format3.parquet").filter(pl.col("year") >= 1945)
    ours = tables["system_years"].select("cow", "year").sort("cow", "year").to_numpy()
    theirs = raw.select("ccode", "year").sort("ccode", "year").to_numpy()
    assert np.array_equal(ours, theirs)


def test_check_tells_a_clean_record_from_the_shell(tmp_path: Path) -> None:
    done = exeunt("check", cwd=tmp_path, home=tmp_path / "home")
    assert (done.returncode, done.stderr) == (0, "")
    assert "no rule broken" in done.stdout
