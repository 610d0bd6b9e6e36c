"""The acid tests: every question of the cases has a function that answers it from the record.

Exact for status, dates, days, booleans, counts and codes; prose is held against the named field that must carry it. A
kind of question without a function fails. The cases' chains are also run shifted by a year, and without their last act,
against a second implementation that shares no code with the first.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

import acid_answers as episodes
import exeunt
from exeunt.core.dates import EDTF, add_period, parse
from exeunt.i18n.messages import said
from exeunt.record import clauses, ledgers
from exeunt.record.acts import Act
from exeunt.record.opened import open_record
from exeunt.record.status import _walk as walk
from exeunt.record.status import status
from exeunt.record.store import Record

CASES: list[dict[str, Any]] = json.loads(
    (Path(__file__).parent / "data" / "acid_cases.json").read_text(encoding="utf-8")
)
QUESTIONS = [(case, expected) for case in CASES for expected in case["expected"]]
ENTRY = {"joined", "acceded", "ratified", "entered_into_force", "rejoined"}
LEAVING = {
    "threatened", "announced", "notified", "notice_rescinded", "halted", "law_repealed", "effective", "effective_claimed",
    "effective_by_clause", "expelled", "suspended", "organ_position", "objected", "accepted", "funding_stopped", "vote_lost",
}  # fmt: skip


@pytest.fixture(scope="module")
def record() -> Record:
    return open_record()


def first_day(case: dict[str, Any]) -> date:
    days = [parse(a["date"]).earliest for a in case["acts"]]
    return min(d for d in days if d)


def last_day(record: Record, case: dict[str, Any]) -> date:
    days = [parse(a["date"]).latest for a in case["acts"]]
    return min(max(d for d in days if d), record.closing_day)


def asked(record: Record, case: dict[str, Any], expected: dict[str, Any]) -> date:
    return date.fromisoformat(expected["as_of"]) if expected["as_of"] else last_day(record, case)


Answer = Callable[[Record, dict[str, Any], dict[str, Any]], Any]


def clock_of(record: Record, case: dict[str, Any], expected: dict[str, Any]) -> clauses.Clock:
    return clauses.clock(record, case["state"], case["body_key"], as_of=asked(record, case, expected))


def earliest(record: Record, case: dict[str, Any], expected: dict[str, Any]) -> str | None:
    day = clock_of(record, case, expected).earliest_effective
    return day.isoformat() if day else None


def pair(case: dict[str, Any]) -> tuple[str, str]:
    return case["state"], case["body_key"]


EXACT: dict[str, Answer] = {
    "status": lambda r, c, e: status(r, *pair(c), asked(r, c, e)).status,
    "earliest_lawful_effective_date": earliest,
    "membership_to_leave": lambda r, c, e: episodes.membership_to_leave(r, *pair(c), asked(r, c, e)),
    "counts_as_exit": lambda r, c, e: episodes.counts_as_exit(r, *pair(c), first_day(c)),
    "claimed_effective_date": lambda r, c, e: episodes.claimed_effective(r, *pair(c), first_day(c)),
    "days_out": lambda r, c, e: clauses.clock(r, *pair(c), as_of=last_day(r, c)).days_out,
    "number_of_exits": lambda r, c, e: episodes.number_of_exits(r, *pair(c)),
    "notice_received": lambda r, c, e: episodes.notice_received(r, *pair(c), asked(r, c, e)),
    "rejoin_deposit_date": lambda r, c, e: episodes.return_date(r, *pair(c), first_day(c)),
    "if_notice_given_2019-01-02": lambda r, c, e: str(
        clauses.clock(r, *pair(c), notified=date(2019, 1, 2)).earliest_effective
    ),
    "claim_matches_clause": lambda r, c, e: clock_of(r, c, e).claim_matches_clause,
    "survival_until": lambda r, c, e: str(survival_until(r, c)),
    "state_code": lambda r, c, e: r.state("Czechoslovakia"),
    "wrong_state_code": lambda r, c, e: next(
        row["cow_abb"] for row in r.table("states").iter_rows(named=True) if row["state"] == c["state"]
    ),
    "funding_2016_usd_million": lambda r, c, e: million(r, c, 2016),
    "funding_2018_2020_usd_million": lambda r, c, e: sum(million(r, c, y) for y in (2018, 2019, 2020)),
    "funding_2023_usd_million": lambda r, c, e: million(r, c, 2023),
}


def survival_until(record: Record, case: dict[str, Any]) -> date:
    """Last day on which obligations survive the exit: the years that the rule names, after the day of effect."""
    survival = clauses.clock(record, *pair(case)).survival or ""
    (years,) = re.findall(r"(\d+) more years", survival)
    (left,) = [a for a in clauses.acts_of(record, *pair(case)) if a.act == "effective" and a.date.is_day]
    assert left.date.earliest is not None
    return add_period(left.date.earliest, f"P{years}Y")


def million(record: Record, case: dict[str, Any], year: int) -> float:
    """Revenue of every kind that the body reports from the state in a year, in millions of dollars."""
    rows = [
        row
        for row in ledgers.money(record, case["body_key"], case["state"], year)
        if row["record"] == "entity_revenue" and row["fund"] == "all"
    ]
    assert len(rows) == 1, f"{len(rows)} totals for {year}"
    return round(rows[0]["usd"] / 1e6, 1)


def clause_text(record: Record, case: dict[str, Any], expected: dict[str, Any]) -> list[str]:
    c = clock_of(record, case, expected)
    return [f"{c.article or ''} {c.instrument or ''} {c.notice or ''} {said(c.branches, 'en')} {c.conditions or ''}"]


def corrections_of(record: Record, case: dict[str, Any], expected: dict[str, Any]) -> list[str]:
    return record.table("corrections")["reason"].to_list()


def owed(record: Record, case: dict[str, Any], expected: dict[str, Any]) -> list[str]:
    table = record.table("ledger")
    rows = table.filter((table["body"] == case["body_key"]) & (table["ledger"] == "owed"))
    notes = [str(a.date) for a in clauses.acts_of(record, *pair(case))]
    flags = [a.flag for a in clauses.acts_of(record, *pair(case))]
    return [*(f"{v / 1e6:g}m" for v in rows["usd"].drop_nulls().to_list()), *notes, *flags]


# Kind of question → (where the prose is kept, words that it must carry for a given case).
PROSE: dict[str, tuple[Answer, dict[str, tuple[str, ...]]]] = {
    "clause": (
        clause_text,
        {
            "usa-who-2025": ("section 4", "1948"), "arg-who-2025": ("twelve months",), "usa-unesco-2025": ("II(6)",),
            "usa-unfccc-2026": ("25",), "usa-gcf-2026": ("",), "usa-ipcc-2026": ("",), "usa-desa-2026": ("",),
            "usa-ilc-2026": ("",), "usa-unenergy-2026": ("",), "usa-irena-2026": ("XV(C)-(D)",), "usa-iccrom-2026": ("10",),
            "usa-idea-2026": ("XVI", "P3M"), "usa-ilo-1975": ("1(5)", "P2Y"), "usa-open-skies-2020": ("XV(2)", "P6M"),
            "hun-icc-2025": ("127",), "bfa-icc-2025": ("127",), "mli-icc-2025": ("127",), "ner-icc-2025": ("127",),
            "bfa-ecowas-2024": ("91", "P1Y"), "mli-ecowas-2024": ("91", "P1Y"), "ner-ecowas-2024": ("91", "P1Y"),
            "idn-un-1965": ("",), "est-ottawa-2025": ("20", "P6M", "armed conflict"),
            "lva-ottawa-2025": ("20", "P6M", "armed conflict"), "ltu-ottawa-2025": ("20", "P6M", "armed conflict"),
            "fin-ottawa-2025": ("20", "P6M", "armed conflict"),
        },
    ),
    "falls_with_it": (
        lambda r, c, e: [*clock_of(r, c, e).also_ends, *clock_of(r, c, e).may_fall_with_it, "-"],
        {
            "usa-who-2025": ("-",), "arg-who-2025": ("-",), "usa-unfccc-2026": ("kyoto", "paris", "gcf"),
            "usa-iccrom-2026": ("-",), "rus-coe-2022": ("echr",),
        },
    ),
    "dues_after_notice": (
        lambda r, c, e: [clock_of(r, c, e).dues_until or ""],
        {
            "usa-unesco-2025": ("date of effect",), "usa-irena-2026": ("year of withdrawal",),
            "nic-fao-2025": ("whole calendar year",),
        },
    ),
    "re_entry": (
        lambda r, c, e: [clock_of(r, c, e).re_entry or ""],
        {
            "usa-iccrom-2026": ("two-thirds",), "idn-un-1965": ("without a new admission",),
            "ecu-icsid-2009": ("new signature",),
        },
    ),
    "rival_values": (owed, {"usa-who-2025": ("260.6m", "278m"), "rus-echr-2022": ("2022-09-16", "rival_dates")}),
    "manner": (
        lambda r, c, e: [episodes.manner(r, *pair(c), first_day(c)) or ""],
        {"rus-coe-2022": ("ended by the body", "after its own notice"), "csk-imf-1954": ("ended by the body",)},
    ),
    "dataset_trap": (corrections_of, {"usa-unido-1995": ("UNIDO",)}),
    "data_trap": (
        lambda r, c, e: [str(clauses.clause_for(r, *pair(c))), str(r.table("ledger").filter(
            r.table("ledger")["body"] == "unesco")["record"].to_list())],
        {"isr-unesco-2017": ("entity_revenue",)},
    ),
}  # fmt: skip


@pytest.mark.parametrize(
    ("case", "expected"), QUESTIONS, ids=[f"{c['id']}-{e['question']}-{e['as_of']}" for c, e in QUESTIONS]
)
def test_question(record: Record, case: dict[str, Any], expected: dict[str, Any]) -> None:
    kind = expected["question"]
    if kind in EXACT:
        assert EXACT[kind](record, case, expected) == expected["answer"], expected["basis"]
        return
    assert kind in PROSE, f"no function answers the kind of question {kind!r}"
    answer, words = PROSE[kind]
    carried = " ".join(answer(record, case, expected))
    if kind == "falls_with_it" and str(expected["answer"]).startswith("nothing"):
        assert not {"paho", "ihr", "unesco", "iccrom"} & set(carried.split())
    for word in words[case["id"]]:
        assert word in carried, (word, carried)


def test_every_prose_answer_is_held_to_something() -> None:
    for case, expected in QUESTIONS:
        if expected["question"] in PROSE:
            words = PROSE[expected["question"]][1][case["id"]]
            assert words != ("",) or expected["answer"] is None or "no" in str(expected["answer"]), case["id"]


def test_the_package_never_reads_the_cases() -> None:
    root = Path(exeunt.__file__).parent
    for path in root.rglob("*"):
        if path.is_file() and path.suffix in {".py", ".json", ".toml"}:
            text = path.read_text(encoding="utf-8")
            assert "cases.json" not in text and "acid_cases" not in text, path


def as_acts(case: dict[str, Any], shift: int = 0, drop_last: bool = False) -> list[Act]:
    """A case's own chain as acts, moved by whole years."""
    acts = [
        Act(str(n), a["kind"], parse(moved(a["date"], shift)), None, a["claimed_by"], bool(a["disputed"]), (), "")
        for n, a in enumerate(case["acts"])
    ]
    acts.sort(key=lambda a: (a.date.earliest or date.min, a.date.latest or date.max, a.act_id))
    return acts[:-1] if drop_last else acts


def moved(text: str, years: int) -> str:
    if years and text.endswith("-02-29"):
        text = text[:-2] + "28"
    return f"{int(text[:4]) + years:04d}{text[4:]}"


def plainly(acts: list[Act], day: date) -> str:
    """Second implementation: asks from the end of the chain backwards what was the last thing that decided."""

    def done(e: EDTF) -> bool:
        return e.latest is not None and e.latest <= day

    past = [a for a in acts if done(a.date)]
    kinds = [a.act for a in past]
    turning = [k for k in kinds if k in ENTRY | LEAVING | {"signed", "signature_withdrawn", "ratification_withdrawn"}]
    if not turning:
        ahead = [a.act for a in acts if not done(a.date)]
        if ahead and ahead[0] in LEAVING:
            return "member"
        return "never_member" if ahead and ahead[0] in (ENTRY - {"rejoined"}) | {"signed"} else "unknown"
    inside = turning[0] in LEAVING
    word = "member" if inside else "unknown"
    pending: date | None = None
    for a in past:
        k = a.act
        if k in ENTRY:
            inside, word, pending = True, "member", None
        elif k in {"effective", "expelled"}:
            word = "left_claimed_disputed" if a.contested and k == "effective" else "not_member"
            inside, pending = False, None
        elif k == "effective_claimed" and inside:
            inside, word, pending = False, "left_claimed_disputed", None
        elif k == "signature_withdrawn" and not inside:
            word = "never_member"
        elif k == "ratification_withdrawn":
            inside, word = False, "signatory_not_party"
        elif k == "signed" and not inside:
            word = "signatory_not_party"
        elif inside and k == "notified":
            word = "member_notice_running"
        elif inside and k == "announced" and word != "member_notice_running":
            word = "member_announced_only"
        elif inside and k in {"notice_rescinded", "halted"}:
            word, pending = "member", None
        elif inside and k == "suspended":
            word = "suspended"
        elif inside and k == "effective_by_clause":
            pending = a.date.latest
    return "unknown" if inside and pending is not None and pending < day else word


@pytest.mark.parametrize("drop_last", [False, True])
@pytest.mark.parametrize("shift", [0, 1, -1])
@pytest.mark.parametrize("case", CASES, ids=[c["id"] for c in CASES])
def test_chain_against_a_second_implementation(case: dict[str, Any], shift: int, drop_last: bool) -> None:
    acts = as_acts(case, shift, drop_last)
    days = {d for a in as_acts(case, shift) for d in (a.date.earliest, a.date.latest) if d}
    days |= {date.fromisoformat(moved(e["as_of"], shift)) for e in case["expected"] if e["as_of"]}
    days |= {date(y, 6, 30) for y in range(min(days).year - 1, max(days).year + 2)}
    for day in sorted(days):
        assert walk(acts, day, lambda: None).status == plainly(acts, day), (day, [(a.act, str(a.date)) for a in acts])


@pytest.mark.parametrize("case", CASES, ids=[c["id"] for c in CASES])
def test_shifting_a_chain_shifts_its_clock(record: Record, case: dict[str, Any]) -> None:
    rule = clauses.clause_for(record, *pair(case))
    if rule is None or rule["effect_rule"] is None:
        return
    start = first_day(case)
    if (start.month, start.day) == (2, 29):
        return
    later = start.replace(year=start.year + 4)
    one = clauses._effective_day(rule["effect_rule"], rule["notice_period"], start)
    two = clauses._effective_day(rule["effect_rule"], rule["notice_period"], later)
    if one is None:
        assert two is None
    elif rule["notice_period"] and rule["notice_period"].endswith("D"):
        # Four years have one leap day, so a notice in days moves with it.
        assert two is not None and (two - one).days in {1460, 1461}
    else:
        assert two == one.replace(year=one.year + 4)
