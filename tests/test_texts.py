"""Text that belongs to data: its languages stand side by side, and where one is missing the other is shown as what it is."""

from __future__ import annotations

import re

import polars as pl
import pytest

from exeunt.i18n.messages import in_language
from exeunt.record.cases import acts_of_case, cases
from exeunt.record.counts import untranslated as missing
from exeunt.record.schema import TABLES
from exeunt.record.store import Record

MOST = 0.95
"""Share of the notes of our cases that must stand in Chinese too; a new one may wait for its translator."""
SIMPLIFIED = set("国际会费约组织权经济议为执员联发该无构义务")


def test_a_text_is_given_in_the_language_asked_for_or_in_the_other() -> None:
    row = {"note": "no exit clause", "note_zh": "無退出條款", "reason": "spending", "reason_zh": None}
    assert in_language(row, "note", "zh-Hant") == ("無退出條款", "zh-Hant")
    assert in_language(row, "note", "en") == ("no exit clause", "en")
    assert in_language(row, "reason", "zh-Hant") == ("spending", "en")
    assert in_language({"note": None, "note_zh": "無"}, "note", "en") == ("無", "zh-Hant")
    assert in_language(row, "survival", "en") is None
    with pytest.raises(KeyError):
        in_language(row, "note", "fr")


def test_clauses_and_cities_are_whole_in_both_languages(record: Record) -> None:
    lacking = missing({t.name: record.table(t.name) for t in TABLES})
    whole = {name for name, (none, _) in lacking.items() if none == 0}
    fields = {
        "default_rule",
        "counts_from",
        "notice_addressed_to",
        "conditions",
        "dues_tail",
        "survival",
        "reentry_rule",
    }
    assert {f"clauses.{field}" for field in fields} | {"cases.note", "vclt_parties.note", "bodies.seat_city"} <= whole
    assert set(lacking) - whole == {"acts.note", "episodes.note"}


def test_notes_of_the_cases_are_in_chinese_too(record: Record) -> None:
    notes = {a["note"]: a["note_zh"] for case in cases(record) for a in acts_of_case(record, case) if a["note"]}
    lacking = sorted(english for english, chinese in notes.items() if not chinese)
    assert len(notes) > 60 and len(lacking) <= (1 - MOST) * len(notes), lacking


def test_the_chinese_is_traditional_and_keeps_the_numbers_of_the_clauses(record: Record) -> None:
    for table in TABLES:
        for column in table.columns:
            field = column.name.removesuffix("_zh")
            names = [c.name for c in table.columns]
            if field == column.name or field not in names:
                continue
            pairs = (
                record.table(table.name).select(field, column.name).filter(pl.col(column.name).is_not_null()).unique()
            )
            for english, chinese in pairs.iter_rows():
                assert re.search("[\u4e00-\u9fff]", chinese) and not SIMPLIFIED & set(chinese), chinese
                if field in {"default_rule", "counts_from", "notice_addressed_to", "conditions"}:
                    assert set(re.findall(r"\d+", english)) <= set(re.findall(r"\d+", chinese)), english
