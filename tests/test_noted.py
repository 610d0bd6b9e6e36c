"""Our own notes in Traditional Chinese: what is covered, and that what is not stays marked as English."""

from __future__ import annotations

import re
from types import SimpleNamespace

import numpy as np
import polars as pl
import pytest

from exeunt.record.cases import acts_of_case, cases
from exeunt.record.clauses import clock
from exeunt.record.store import Record
from exeunt.report.summaries import summary
from exeunt.simulate.results import back_tested_hits
from exeunt.simulate.setting import Setting
from exeunt.words import render
from exeunt.words.noted import LINES, PATTERNS, noted
from exeunt.words.notes import NOTES

MOST = 0.95
"""Share of our notes that must have a Chinese wording; a new one may wait for its translator, marked as English."""
FIELDS = ("dues_tail", "survival", "reentry_rule")


def test_notes_of_the_cases_and_clauses_are_told_in_chinese(record: Record) -> None:
    texts = {a["note"] for case in cases(record) for a in acts_of_case(record, case) if a["note"]}
    texts |= {case.note for case in cases(record) if case.note}
    texts |= {text for field in FIELDS for text in record.table("clauses")[field].drop_nulls()}
    texts |= {city for city in record.table("bodies")["seat_city"].drop_nulls() if city in ("Geneva", "Rome")}
    missing = sorted(text for text in texts if noted(text) is None)
    assert len(texts) > 150 and len(missing) <= (1 - MOST) * len(texts), missing


def test_reasons_of_the_clock_are_told_in_chinese(record: Record) -> None:
    pairs = {(a["state"], a["body"]) for a in record.table("acts").iter_rows(named=True) if a["state"] and a["body"]}
    clocks = [clock(record, state, body) for state, body in sorted(pairs)]
    texts = {text for c in clocks for text in (c.reason, c.claim) if text}
    missing = sorted(text for text in texts if noted(text) is None)
    assert len(texts) > 100 and len(missing) <= (1 - MOST) * len(texts), missing


def test_fields_of_clauses_are_told_in_chinese_and_keep_their_numbers(record: Record) -> None:
    names = ("default_rule", "notice_period", "min_membership", "counts_from", "notice_addressed_to", "conditions")
    texts = {text for name in names for text in record.table("clauses")[name].drop_nulls()}
    assert len(texts) > 150
    missing = sorted(text for text in texts if noted(text) is None)
    assert len(missing) <= (1 - MOST) * len(texts), missing
    for text in texts - set(missing):
        assert set(re.findall(r"\d+", text)) <= set(re.findall(r"\d+", noted(text) or "")), text


def test_readings_of_a_silent_instrument_are_told_in_chinese(record: Record) -> None:
    silent = record.table("clauses").filter(pl.col("silent"))["body"].to_list()
    states = sorted(set(record.table("vclt_parties")["state"]) & set(record.table("states")["state"]))
    texts = {text for body in silent for state in states[::7] for text in clock(record, state, body).branches}
    texts |= {text for text in clock(record, "USA", silent[0]).branches}
    missing = sorted(text for text in texts if noted(text) is None)
    assert len(texts) > 50 and len(missing) <= (1 - MOST) * len(texts), missing


def test_what_a_simulation_says_of_itself_is_told_in_chinese() -> None:
    said = [back_tested_hits()["about"]]
    worlds = SimpleNamespace(year=2027, carried=np.ones((60, 50), np.bool_), members=np.ones((70, 50), np.bool_))
    of = SimpleNamespace(join_fit=SimpleNamespace(status="not_calibrated"), start=worlds)
    status, carried = (render(one, "zh-Hant") for one in Setting.warnings.fget(of))  # type: ignore[attr-defined]
    assert "not_calibrated" in status and "3,500" in carried and "3,000" in carried and "2027" in carried
    assert all(noted(text) for text in said), said
    assert noted("the simulation ended with code -9.") == "模擬以代碼 -9 結束。"


def test_warnings_of_the_loop_are_told_in_chinese() -> None:
    found = summary("feedback")
    assert found is not None
    warnings = found["content"]["warnings"]
    assert warnings
    for text in warnings:
        said = noted(text)
        assert said is not None, text
        numbers = [set(re.findall(r"\d+(?:\.\d+)?", one)) for one in (text, said)]
        assert numbers[0] == numbers[1], "a number went missing or was added"


@pytest.mark.parametrize(
    ("english", "chinese"),
    [
        ("no exit clause", "無退出條款"),
        ("announced as immediate; no notice established", "宣布即時生效；未能查證有通知"),
        ("USA: bodies after", "美國：全部退出後之所屬機構數"),
        ("gap a year: assessed", "每年缺口：會費·攤款"),
        ("rank 35 of 195, change -7.00", "195國中第35位，變動 -7.00"),
        (
            "ipcc: no dues are owed to it; the bodies that take part carry it.",
            "ipcc：各國無須向其繳費，由參與之機構分擔。",
        ),
        ("notice given on 2025-07-22", "2025年7月22日提出通知"),
        (
            "on 2025-09-22 the state said that leaving works at once; the clause (art. 127, Rome Statute (1998)) asks for one "
            "year of notice, so not before 2026-09-22",
            "該國於2025年9月22日表示退出即時生效；該條款（art. 127, Rome Statute (1998)）"
            "要求一年之通知期，故不早於2026年9月22日",
        ),
        (
            "effect is claimed for 1962-12-31; the clause (art. 3, IOM Constitution) asks for four months of notice and "
            "waiting for the end of the financial year, so not before 1963-12-31",
            "主張於1962年12月31日生效；該條款（art. 3, IOM Constitution）"
            "要求四個月之通知期並等至財政年度終了，故不早於1963年12月31日",
        ),
        ("rejoined 1984 per COW", "依 COW，1984年重新加入"),
    ],
)
def test_a_note_is_told_whole_or_part_by_part(english: str, chinese: str) -> None:
    assert noted(english, {"USA": "美國"}) == chinese


@pytest.mark.parametrize("text", ["", "nobody wrote this", "no exit clause; nobody wrote this", "gap a year: paid"])
def test_what_is_not_known_is_left_to_the_caller(text: str) -> None:
    assert noted(text) is None


def test_the_chinese_is_traditional_and_leaves_no_english_words() -> None:
    simplified = set("国际会费约组织权经济议为执员联发该无构义务")
    for said in (*NOTES.values(), *LINES.values(), *(chinese for _, chinese in PATTERNS)):
        assert any("\u4e00" <= sign <= "\u9fff" for sign in said), said
        assert not simplified & set(said), said
    for english, said in NOTES.items():
        left = set(re.findall(r"[A-Za-z_]{3,}", said))
        assert left <= {"OPEC", "COM", "HUGGO", "COW", "IGO", "us_", "_batch", "json"}, (english, left)
