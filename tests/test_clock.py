"""The clock on silence, on claims, and on clauses that nobody has read."""

from __future__ import annotations

from datetime import date
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exeunt.core.dates import add_period, parse
from exeunt.i18n import LANGS, known, render
from exeunt.record import counts
from exeunt.record.clauses import VERIFIED_BASES, Clock, _own_chain, clock, is_verified
from exeunt.record.clauses import _effective_day as effective_day
from exeunt.record.law_of_treaties import IN_FORCE, standing
from exeunt.record.opened import open_record
from exeunt.record.schema import EFFECT_RULES
from exeunt.record.store import Record
from tiny import act, chain, tiny_tables

RECORD = open_record()
D = date.fromisoformat
RULES = RECORD.table("clauses").to_dicts()
DAYS = st.dates(date(1950, 1, 1), date(2035, 12, 31))


class Fake(Record):
    """A record from tables in memory."""

    def __init__(self, tables: dict[str, pl.DataFrame]) -> None:
        self._tables = tables
        self.closing_day = date(2026, 11, 23)


def with_clause(**changes: Any) -> Fake:
    """The tiny world with one clause for alpha; what is announced there is claimed to work at once."""
    tables = tiny_tables()
    row = {"id": "a-1", "body": "alpha", "instrument": "Charter (1990)", "silent": False, "notice_period": "P1Y",
           "effect_rule": "after_receipt", "basis": "clause_text", "sources": "https://example.org", **changes}  # fmt: skip
    schema = tables["clauses"].schema
    tables["clauses"] = pl.DataFrame([row], schema_overrides=schema).select(
        [pl.col(c) if c in row else pl.lit(None, schema[c]).alias(c) for c in schema]
    )
    tables["acts"] = tables["acts"].with_columns(
        pl.when(pl.col("act") == "announced").then(pl.lit("claim_immediate")).otherwise(pl.col("flag")).alias("flag")
    )
    return Fake(tables)


# --- the parties -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("state", "day", "answer", "since"),
    [
        ("USA", "2026-01-07", "no", None),  # signed in 1970, never ratified
        ("FRA", "2021-01-01", "no", None),
        ("FRA", "2026-01-01", "unknown", None),  # nobody has looked since 2021
        ("IND", "2017-06-01", "no", None),  # no participant
        ("IND", "2026-06-01", "unknown", None),
        ("ARG", "1980-01-26", "no", None),
        ("ARG", "1980-01-27", "yes", "1980-01-27"),
        ("GBR", "2016-06-23", "yes", "1980-01-27"),
        ("JPN", "2018-12-26", "yes", "1981-08-01"),
        ("CHN", "2000-01-01", "yes", "1997-10-03"),
        ("CHE", "2000-01-01", "yes", "1990-06-06"),
        ("DEU", "2000-01-01", "yes", "1987-08-20"),
        ("RUS", "2022-03-15", "yes", "1986-05-29"),
        ("BFA", "2006-06-23", "no", None),
        ("BFA", "2024-01-29", "yes", "2006-06-24"),
        ("BEL", "2000-01-01", "yes", "../1994"),
        ("BEL", "1990-01-01", "unknown", None),
        ("HUN", "2025-06-02", "unknown", None),
    ],
)
def test_party_to_the_convention(state: str, day: str, answer: str, since: str | None) -> None:
    found = standing(RECORD, state, "who", None, D(day))
    assert (found.party_to_vclt, found.party_since) == (answer, since)
    assert found.sources


def test_thirtieth_day_after_the_deposit() -> None:
    rows = RECORD.table("vclt_parties").filter(pl.col("basis") == "computed").to_dicts()
    assert len(rows) > 25
    for row in rows:
        assert add_period(D(row["deposited"]), "P30D") == D(row["in_force"]), row["state"]
    original = RECORD.table("vclt_parties").filter(pl.col("in_force") == str(IN_FORCE))
    assert original.height == 34  # the thirty-fifth is the Holy See, which is no state of the record
    assert RECORD.table("vclt_parties").filter(pl.col("sources").is_null()).height == 0


# --- silence ---------------------------------------------------------------------------------------------------------


def test_argentina_and_the_who() -> None:
    found = clock(RECORD, "ARG", "who")
    assert (found.rests_on_treaty, found.party_to_vclt, found.treaty_predates_vclt) == ("yes", "yes", "yes")
    assert [(m.code, m.values) for m in found.branches] == [
        ("reading.no_right", {}),
        ("reading.implied", {"day": "2026-03-17"}),
        ("reading.treaty", {"instrument": "WHO Constitution (1946)"}),
        ("reading.party_since", {"state": "ARG", "day": "1980-01-27"}),
        ("reading.before", {"by": "treaty", "year": 1946, "day": "1980-01-27"}),
    ]
    assert found.claim_matches_clause is None


@pytest.mark.parametrize(
    ("state", "body", "rests"),
    [("USA", "ipcc", "no"), ("USA", "gcf", "no"), ("GMB", "commonwealth", "no"), ("USA", "unesco", "yes"),
     ("USA", "who", "yes"), ("PHL", "asean", "yes"), ("BEN", "afchpr_34_6", "yes")],
)  # fmt: skip
def test_rests_on_a_treaty(state: str, body: str, rests: str) -> None:
    assert clock(RECORD, state, body).rests_on_treaty == rests


@pytest.mark.parametrize(
    ("instrument", "predates"),
    [("Charter (1979)", "yes"), ("Charter (1980)", "unknown"), ("Charter (1981)", "no"), ("Charter", "yes")],
)
def test_which_came_first(instrument: str, predates: str) -> None:
    """Without a party's own day the Convention's day of 1980 decides; alpha was founded in 1945."""
    record = with_clause(instrument=instrument, silent=True, notice_period=None, default_rule="VCLT art. 56")
    found = clock(record, "BBB", "alpha")
    assert found.treaty_predates_vclt == predates
    assert len(found.branches) == 5


def test_a_treaty_between_1980_and_the_day_of_the_state_predates_for_it() -> None:
    assert clock(RECORD, "BFA", "icc").treaty_predates_vclt == "yes"  # 1998; Burkina Faso: 2006
    assert clock(RECORD, "ARG", "icc").treaty_predates_vclt == "no"


# --- claims ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("state", ["BFA", "MLI", "NER"])
def test_at_once_against_a_year(state: str) -> None:
    found = clock(RECORD, state, "ecowas")
    said, asked = found.claim
    assert (said.code, said.values["day"]) == ("claim.at_once", "2024-01-28")
    assert (asked.code, asked.values["notice"], asked.values["day"]) == ("claim.notice_until", "P1Y", "2025-01-29")
    icc = clock(RECORD, state, "icc")
    assert icc.claim_matches_clause is False and icc.claim[1].values["day"] == "2026-09-22"
    assert [m.code for m in icc.reason] == ["clock.no_notice", "clock.if_notice"]
    assert icc.reason[1].values == {"day": "2025-09-22"}


def test_an_old_claim_says_nothing_about_a_new_notice() -> None:
    found = clock(RECORD, "USA", "unesco")
    assert (str(found.started_on), str(found.earliest_effective)) == ("2025-07-22", "2026-12-31")
    assert found.claimed_effective is None and found.claim_matches_clause is None
    then = clock(RECORD, "USA", "unesco", as_of=D("2019-06-01"))
    assert (then.claimed_effective, then.claim_matches_clause) == ("2018-12-31", True)


def test_own_chain_starts_after_the_last_return() -> None:
    acts = chain(act("effective", "2018-12-31"), act("rejoined", "2023-07-10"), act("notified", "2025-07-22"))
    assert [a.act for a in _own_chain(acts, D("2025-07-22"))] == ["notified"]
    assert _own_chain(acts, None) == acts
    assert [a.act for a in _own_chain(acts, D("2017-01-01"))] == ["effective", "rejoined", "notified"]


def test_every_clock_of_the_record_is_told_in_every_language() -> None:
    """No sentence lacks a word, and what is Chinese holds no English words beside citations and names."""
    pairs = RECORD.table("acts").select("state", "body").drop_nulls().unique().sort("state", "body").rows()
    silent = [r["body"] for r in RULES if r["silent"]]
    pairs += [(state, body) for body in silent for state in ("ARG", "BEL", "FRA", "USA", "HUN", "BFA", "YUG")]
    clocks: list[Clock] = [clock(RECORD, state, body) for state, body in pairs]
    messages = {repr(m): m for c in clocks for m in (*c.reason, *c.branches, *c.claim)}
    assert len(messages) > 250
    for message in messages.values():
        english, chinese = (render(message, lang) for lang in LANGS)
        assert english and any("\u4e00" <= sign <= "\u9fff" for sign in chinese)
        told = {str(v) for v in message.values.values()}
        left = chinese
        for value in sorted(told, key=len, reverse=True):
            left = left.replace(value, "")
        assert not set("abcdefghijklmnopqrstuvwxyz") & set(left), chinese
    periods = {r[name] for r in RULES for name in ("notice_period", "min_membership") if r[name]}
    assert periods and all(known(f"period.{period}") for period in periods)


def test_days_out_are_those_between_exit_and_return() -> None:
    assert clock(RECORD, "USA", "unesco", as_of=D("2010-01-01")).days_out == (D("2003-10-01") - D("1984-12-31")).days
    assert clock(RECORD, "USA", "unesco").days_out is None  # the return of July 2023 is not known to the day
    assert clock(RECORD, "ARG", "who").days_out is None


# --- unverified clauses ----------------------------------------------------------------------------------------------


@given(
    rule=st.sampled_from([r for r in RULES if not is_verified(r)]),
    states=st.sampled_from(sorted(set(RECORD.table("acts")["state"]))), notified=st.none() | DAYS,
)  # fmt: skip
@settings(max_examples=150, deadline=None)
def test_no_claim_is_called_contrary_to_an_unverified_clause(
    rule: dict[str, Any], states: str, notified: date | None
) -> None:
    found = clock(RECORD, states, rule["body"], notified)
    if not found.verified:
        assert found.claim_matches_clause is None
        assert not any("notice" in m.code or "wait" in m.code for m in found.claim)


def test_every_pair_of_the_record_keeps_to_verified_clauses() -> None:
    pairs = RECORD.table("acts").select("state", "body").drop_nulls().unique().sort("state", "body").rows()
    bodies = {r["body"] for r in RULES}
    judged = 0
    for state, body in pairs:
        if body in bodies:
            found = clock(RECORD, state, body)
            judged += found.claim_matches_clause is not None
            assert found.verified or found.claim_matches_clause is None, (state, body)
    assert judged > 20


@pytest.mark.parametrize("effect_rule", EFFECT_RULES)
@pytest.mark.parametrize(
    ("basis", "sources"),
    [("clause_text", "https://example.org"), ("clause_text", None), ("instrument_located", "https://example.org"),
     ("general_knowledge", None), (None, None)],
)  # fmt: skip
def test_a_claim_is_judged_by_a_verified_clause_only(effect_rule: str, basis: str | None, sources: str | None) -> None:
    """Announced in January 2016 as immediate, said to have worked on 1 March 2016, noticed on that day."""
    found = clock(
        with_clause(effect_rule=effect_rule, basis=basis, sources=sources), "BBB", "alpha", as_of=D("2016-12-31")
    )
    verified = basis in VERIFIED_BASES and sources is not None
    day = effective_day(effect_rule, "P1Y", D("2016-03-01"))
    assert found.verified == verified
    assert found.claimed_effective == "2016-01-10"
    expected = False if verified and day is not None and day > D("2016-01-10") else None
    assert found.claim_matches_clause is expected
    assert found.claim[0].code == "claim.at_once"
    assert verified or found.claim[1].code == "claim.unverified"


def test_check_counts_the_clauses() -> None:
    counted = counts._clauses_counted(RECORD)
    assert sum(counted.values()) == len(RULES)
    assert counted["unverified"] + counted["unverified, silent"] == sum(not is_verified(r) for r in RULES)
    line = next(line for line in counts.report(RECORD) if line.startswith("clauses"))
    assert f"verified {counted['verified']}" in line


def test_dates_of_the_table_can_be_read() -> None:
    for row in RECORD.table("vclt_parties").iter_rows(named=True):
        assert (row["standing"] == "party") == (row["in_force"] is not None), row["state"]
        if row["in_force"]:
            assert parse(row["in_force"]).latest is not None
