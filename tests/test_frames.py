"""The record from Python: frames that say where they come from, filters by act, and who belongs on a day."""

from __future__ import annotations

import sys
from datetime import date

import polars as pl
import pytest

import exeunt
from exeunt.core.dates import parse
from exeunt.core.errors import BadDateError, UnknownNameError, UsageError
from exeunt.record.opened import Frame
from exeunt.record.status import status
from exeunt.record.store import Record


def test_frames_carry_version_span_and_citation(record: Record) -> None:
    for frame in (
        record.exits(), record.memberships(), record.status("USA", "who"), record.clock("USA", "unfccc"),
        record.money("who", year=2024), record.series("cinc", "USA"),
    ):  # fmt: skip
        assert isinstance(frame, Frame) and isinstance(frame, pl.DataFrame) and frame.height
        assert frame.version == record.version and record.version in frame.citation
        assert "exeunt" in frame.citation and frame.span
    assert "Pevehouse" in record.memberships().citation and "Chief Executives Board" in record.money("who").citation
    assert record.series("cinc", "USA").span == "1945/2022"


def test_a_filtered_frame_is_no_longer_the_record(record: Record) -> None:
    assert type(record.exits().filter(pl.col("state") == "USA")) is pl.DataFrame


def test_pandas_on_request(record: Record, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(UsageError, match="pip install pandas"):
        record.exits().pandas()


def test_pandas_keeps_where_it_came_from(record: Record) -> None:
    pandas = pytest.importorskip("pandas")
    found = record.exits("USA").pandas()
    assert isinstance(found, pandas.DataFrame) and found.attrs["version"] == record.version
    assert len(found) == record.exits("USA").height


@pytest.mark.parametrize(
    "window", ["2026", 2026, ("2026-01-01", "2026-12-31"), ("2026-01-01", None), "2026-01-01/2026-12-31"]
)
def test_exits_by_the_day_announced(record: Record, window: object) -> None:
    found = record.exits("USA", announced=window)  # type: ignore[arg-type]
    assert found.height >= 60 and found["announced"].str.starts_with("2026").all()


def test_filters_keep_what_may_lie_in_the_window(record: Record) -> None:
    everything = record.exits()
    for name in ("announced", "notified", "effective"):
        found = set(record.exits(**{name: "1950/1970"})["episode"])  # type: ignore[arg-type]
        plain = {
            r["episode"]
            for r in everything.filter(pl.col(name).is_not_null()).iter_rows(named=True)
            if parse(r[name]).possibly_overlaps(parse("1950/1970"))
        }
        assert found == plain and found


def test_both_clocks_reach_the_frames(record: Record) -> None:
    assert record.exits("USA", "who", as_of="2025-01-21").height <= record.exits("USA", "who").height
    assert record.exits(known_by="2026-11-22").height < record.exits().height
    early = record.status("USA", "who", as_of="2025-06-01").row(0, named=True)
    assert early["status"] == "member_notice_running" and early["as_of"] == "2025-06-01"


@pytest.mark.parametrize(
    ("call", "error"),
    [
        (lambda r: r.exits("Atlantis"), UnknownNameError),
        (lambda r: r.exits(effective="next year"), BadDateError),
        (lambda r: r.exits(effective=[1]), BadDateError),
        (lambda r: r.memberships(as_of="2020-01-01"), UsageError),
        (lambda r: r.status(), UsageError),
        (lambda r: r.status("USA", "who", as_of="2020"), BadDateError),
        (lambda r: r.series("cincc"), UnknownNameError),
        (lambda r: r.money("nowhere"), UnknownNameError),
        (lambda r: r.state_names("mine"), UnknownNameError),
    ],
)
def test_bad_input_gets_one_sentence(record: Record, call, error) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(error) as caught:
        call(record)
    assert "\n" not in str(caught.value) and str(caught.value).endswith(".")


@pytest.mark.parametrize(("body", "day"), [("who", "2026-11-23"), ("unesco", "1987-06-01"), ("ecowas", "2025-06-01")])
def test_members_are_those_whose_status_says_so(record: Record, body: str, day: str) -> None:
    """A plain second way: ask the status of every code one by one."""
    found = {r["state"]: r["status"] for r in record.memberships(body=body, as_of=day).iter_rows(named=True)}
    away = {"not_member", "never_member", "outside_span", "no_membership", "signatory_not_party", "unknown"}
    plain = {}
    for code in record.table("states")["state"].unique():
        answer = status(record, code, body, date.fromisoformat(day)).status
        if answer not in away:
            plain[code] = answer
    assert {k: v for k, v in found.items() if v != "unknown"} == plain


def test_members_since(record: Record) -> None:
    rows = {r["state"]: r for r in record.memberships(body="who", as_of="2026-11-23").iter_rows(named=True)}
    assert rows["FRA"]["since"] == "1948-06-16" and rows["FRA"]["reading"] == "listed"
    assert rows["USA"]["reading"] == "act" and rows["USA"]["contested"]


def test_memberships_of_a_state(record: Record) -> None:
    found = record.memberships("GBR", as_of="2026-11-23")
    assert "eu" not in set(found["body"]) and "un" in set(found["body"])
    assert "eu" in set(record.memberships("GBR", as_of="2019-01-01")["body"])


def test_an_old_announcement_does_not_outlive_the_coded_source(record: Record) -> None:
    """Albania said in 1950 that it leaves the WHO, and is coded as a member to 2014."""
    now = status(record, "ALB", "who")
    assert (now.status, now.rule.code, now.earlier and now.earlier.code) == ("member", "rule.coded", "rule.announced")
    assert now.earlier and str(now.earlier.values["day"]).startswith("1950")
    assert status(record, "ALB", "who", date(1951, 1, 1)).status == "member_announced_only"


def test_a_return_that_no_act_records_is_told_by_the_coded_source(record: Record) -> None:
    """China (Taipei) left the FAO in 1952; China is coded as a member from 1973, and no act in the record says so."""
    assert status(record, "CHN", "fao", date(1960, 1, 1)).status == "not_member"
    now = status(record, "CHN", "fao")
    assert now.status == "member" and now.earlier and str(now.earlier.values["day"]).startswith("1952")


def test_an_exit_that_the_source_missed_stands(record: Record) -> None:
    assert status(record, "AUS", "unido", date(2005, 1, 1)).status == "not_member"


def test_a_state_unknown_to_the_coded_source_is_not_called_an_outsider(record: Record) -> None:
    assert status(record, "PSE", "upu").status == "unknown"


def test_contested_names_come_from_the_set_that_was_picked(record: Record) -> None:
    assert record.state_names()["TWN"][0] == "Taiwan"
    assert record.state_names("un")["TWN"][0].startswith("Taiwan, Province")
    assert record.state_names("own")["XKX"] == ("Republic of Kosovo", "科索沃共和國")
    for row in record.table("labels").iter_rows(named=True):
        assert record.state(row["name_en"]) == row["state"] == record.state(row["name_zh"])
        assert (row["sources"] or "").startswith("http")


@pytest.mark.parametrize(
    ("name", "code"),
    [("gw:260", "DEU"), ("cow:255", "DEU"), ("m49:276", "DEU"), ("m49:516", "NAM"), ("NA", None), ("NAM", "NAM"),
     ("gw:679", "YEM"), ("Chinese Taipei", "TWN")],
)  # fmt: skip
def test_numbers_of_every_scheme(record: Record, name: str, code: str | None) -> None:
    if name == "gw:679":  # Yemen bears 678 with Gleditsch and Ward, 679 with Correlates of War
        with pytest.raises(UnknownNameError):
            record.state(name)
        assert record.state("gw:678") == "YEM" or record.state("cow:679") == "YEM"
        return
    if code is None:
        with pytest.raises(UnknownNameError):
            record.state(name)
        return
    assert record.state(name) == code


def test_the_public_names_open_the_record() -> None:
    assert isinstance(exeunt.open_record(), exeunt.Record)
