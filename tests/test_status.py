"""Acts → status on a day: the acid tests, chains walked by hand, and laws that hold for every chain."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date, timedelta
from typing import Any, get_args

import polars as pl
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from exeunt.answers import fields
from exeunt.core.dates import EDTF, parse
from exeunt.core.errors import BadDateError
from exeunt.i18n import known
from exeunt.record.acts import JOINING, LEAVING, Act, acts_of, day_of
from exeunt.record.exits import Exit, exits
from exeunt.record.opened import open_record
from exeunt.record.schema import ACTS, STATUSES
from exeunt.record.status import ContesterWord, Rule, RuleCode, Status, contests, status
from exeunt.record.status import _walk as walk
from exeunt.record.store import Record
from tiny import ROOT, act, chain, tiny_record

D = date.fromisoformat
RECORD = open_record()
ACID: list[dict[str, Any]] = json.loads((ROOT / "tests" / "data" / "acid_status.json").read_text(encoding="utf-8"))
MOVING = LEAVING | JOINING | {"rejoined", "signed", "signature_withdrawn", "ratification_withdrawn"}

CODED_RULE = Rule(
    code="rule.coded", values={"reading": "observed", "status": "associate", "year": 2010, "source": "cow_igo"}
)


@pytest.fixture(scope="module")
def record() -> Record:
    return RECORD


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Record:
    return tiny_record(tmp_path_factory.mktemp("tiny") / "facts")


# --- the acid tests --------------------------------------------------------------------------------------------------


def test_the_acid_tests_are_all_here() -> None:
    assert len(ACID) == 77
    assert {q["answer"] for q in ACID} <= set(STATUSES)


@pytest.mark.parametrize("question", ACID, ids=lambda q: f"{q['id']}@{q['as_of']}")
def test_acid(record: Record, question: dict[str, Any]) -> None:
    found = status(record, question["state"], question["body"], D(question["as_of"]))
    assert found.status == question["answer"], (found.rule, question["acts"])
    assert not found.beyond_record


def test_the_package_does_not_know_the_acid_tests() -> None:
    """What it is checked with it may not read: neither the file nor the questions of a case."""
    for path in [
        *(ROOT / "src").rglob("*.py"),
        *(ROOT / "data").rglob("*"),
        *(ROOT / "scripts").rglob("*.py"),
    ]:
        if path.is_file() and "__pycache__" not in path.parts:
            text = path.read_bytes()
            assert b"cases.json" not in text and b"acid_status" not in text, path


# --- chains walked by hand -------------------------------------------------------------------------------------------

ANNOUNCED = act("announced", "2020-01-10")
NOTIFIED = act("notified", "2020-03-01", "2021-03-01")
EFFECTIVE = act("effective", "2021-03-01")
REJOINED = act("rejoined", "2024-05-05", "2024-06-05")
RESCINDED = act("notice_rescinded", "2020-09-01")

WALKS: list[tuple[str, list[Act], str, str]] = [
    # before, between and after each act of a whole chain
    ("before all of it", [ANNOUNCED, NOTIFIED, EFFECTIVE], "2020-01-09", "member"),
    ("announced", [ANNOUNCED, NOTIFIED, EFFECTIVE], "2020-01-10", "member_announced_only"),
    ("the day before notice", [ANNOUNCED, NOTIFIED, EFFECTIVE], "2020-02-29", "member_announced_only"),
    ("notified", [ANNOUNCED, NOTIFIED, EFFECTIVE], "2020-03-01", "member_notice_running"),
    ("the day before effect", [ANNOUNCED, NOTIFIED, EFFECTIVE], "2021-02-28", "member_notice_running"),
    ("effective", [ANNOUNCED, NOTIFIED, EFFECTIVE], "2021-03-01", "not_member"),
    ("long out", [ANNOUNCED, NOTIFIED, EFFECTIVE], "2026-01-01", "not_member"),
    ("back", [ANNOUNCED, NOTIFIED, EFFECTIVE, REJOINED], "2024-06-05", "member"),
    ("not back before it takes effect", [NOTIFIED, EFFECTIVE, REJOINED], "2024-06-04", "not_member"),
    ("out again", [EFFECTIVE, REJOINED, act("effective", "2025-01-01")], "2025-01-01", "not_member"),
    ("notice after coming back", [EFFECTIVE, REJOINED, act("notified", "2025-01-01")], "2025-02-01",
     "member_notice_running"),
    # notice taken back, or stopped at home
    ("rescinded", [NOTIFIED, RESCINDED], "2020-09-01", "member"),
    ("rescinded, the day before", [NOTIFIED, RESCINDED], "2020-08-31", "member_notice_running"),
    ("a rescinded notice does not come due", [NOTIFIED, RESCINDED], "2022-01-01", "member"),
    ("halted", [ANNOUNCED, act("halted", "2020-04-01")], "2020-04-02", "member"),
    ("announced anew", [NOTIFIED, RESCINDED, act("announced", "2023-01-01")], "2023-01-01", "member_announced_only"),
    ("an announcement does not undo a notice", [NOTIFIED, act("announced", "2020-05-01")], "2020-05-02",
     "member_notice_running"),
    # a due date that passes
    ("due today", [NOTIFIED], "2021-03-01", "member_notice_running"),
    ("due yesterday", [NOTIFIED], "2021-03-02", "unknown"),
    ("due in a month that is not over", [act("notified", "2020-03-01", "2021-03")], "2021-03-15", "member_notice_running"),
    ("due in a month that is over", [act("notified", "2020-03-01", "2021-03")], "2021-04-01", "unknown"),
    ("no due date known", [act("notified", "2020-03-01")], "2026-01-01", "member_notice_running"),
    ("due by its clause", [act("notified", "2020-03-01"), act("effective_by_clause", "2021-03-01", by="clause")],
     "2021-03-02", "unknown"),
    ("due by its clause, then effective",
     [act("notified", "2020-03-01"), act("effective_by_clause", "2021-03-01", by="clause"), EFFECTIVE], "2021-03-02",
     "not_member"),
    # claimed and disputed
    ("claimed", [NOTIFIED, act("effective_claimed", "2021-03-01", contested=True)], "2021-03-01", "left_claimed_disputed"),
    ("claimed, before", [NOTIFIED, act("effective_claimed", "2021-03-01", contested=True)], "2021-02-28",
     "member_notice_running"),
    ("effective but contested", [NOTIFIED, act("effective", "2021-03-01", contested=True)], "2021-03-01",
     "left_claimed_disputed"),
    ("a claim does not come due", [NOTIFIED, act("effective_claimed", "2020-06-01", contested=True)], "2022-01-01",
     "left_claimed_disputed"),
    ("back after a dispute", [act("effective_claimed", "2021-03-01", contested=True), REJOINED], "2024-07-01", "member"),
    # joining
    ("signed", [act("signed", "2015-01-01"), act("ratified", "2016-01-01")], "2015-06-01", "signatory_not_party"),
    ("ratified", [act("signed", "2015-01-01"), act("ratified", "2016-01-01")], "2016-06-01", "member"),
    ("before signing", [act("signed", "2015-01-01")], "2014-12-31", "never_member"),
    ("before joining", [act("joined", "2015-01-01")], "2014-12-31", "never_member"),
    ("before coming back, with nothing else known", [act("joined", "2015-01-01", flag="re_entry")], "2014-12-31", "unknown"),
    ("acceded, not yet in force", [act("acceded", "2015-01-01", "2015-04-01")], "2015-03-31", "unknown"),
    ("acceded, in force", [act("acceded", "2015-01-01", "2015-04-01")], "2015-04-01", "member"),
    ("signature withdrawn", [act("signed", "2000-12-31"), act("signature_withdrawn", "2002-05-06")], "2003-01-01",
     "never_member"),
    ("ratification withdrawn", [act("ratified", "2000-12-31"), act("ratification_withdrawn", "2010-05-06")], "2011-01-01",
     "signatory_not_party"),
    # by the body
    ("expelled", [act("joined", "2000-01-01"), act("expelled", "2022-03-16")], "2022-03-16", "not_member"),
    ("suspended", [act("joined", "2000-01-01"), act("suspended", "2022-03-16")], "2022-03-16", "suspended"),
    ("suspended, with nothing before", [act("suspended", "2022-03-16")], "2022-03-16", "suspended"),
    # what moves nothing
    ("threatened", [act("threatened", "2020-01-01")], "2021-01-01", "member"),
    ("dues stopped", [act("funding_stopped", "2020-01-01")], "2021-01-01", "member"),
    ("an organ says something", [NOTIFIED, act("organ_position", "2020-06-01", by="organization")], "2020-07-01",
     "member_notice_running"),
    ("nothing at all", [], "2020-01-01", "unknown"),
    # dates that are not days
    ("in a year that is not over", [act("effective", "1966/1967")], "1967-06-30", "member"),
    ("in a year that is over", [act("effective", "1966/1967")], "1967-12-31", "not_member"),
    ("in a month that is not over", [act("announced", "2020-05")], "2020-05-30", "member"),
    ("left, date unknown", [act("effective", "1990/")], "2020-01-01", "member"),
]  # fmt: skip


@pytest.mark.parametrize(("what", "acts", "day", "expected"), WALKS, ids=[w[0] for w in WALKS])
def test_a_chain_is_walked(what: str, acts: list[Act], day: str, expected: str) -> None:
    found = walk(chain(*acts), D(day), lambda: None)
    assert found.status == expected, (what, found.rule)
    assert found.rule


def test_the_answer_names_since_until_and_who_contests() -> None:
    running = walk(chain(ANNOUNCED, NOTIFIED), D("2020-06-01"), lambda: None)
    assert (running.since, running.until, running.contested) == ("2020-03-01", "2021-03-01", False)
    passed = walk(chain(ANNOUNCED, NOTIFIED), D("2021-06-01"), lambda: None)
    assert (passed.status, passed.until) == ("unknown", "2021-03-01")
    assert passed.rule == Rule(code="rule.due_passed", values={"day": "2021-03-01"})
    claimed = walk(chain(act("effective_claimed", "2021-03-01", contested=True)), D("2021-06-01"), lambda: None)
    assert claimed.contested and claimed.act
    acts = chain(NOTIFIED, act("law_repealed", "2020-07-01", by="organization"))
    repealed = walk(acts, D("2020-08-01"), lambda: None)
    assert (repealed.status, repealed.contested, repealed.act) == ("member_notice_running", True, acts[0])


def test_coded_memberships_speak_only_where_no_act_does() -> None:
    coded = ("associate", CODED_RULE)
    assert walk([], D("2010-06-01"), lambda: coded).status == "associate"
    assert walk(chain(EFFECTIVE), D("2010-06-01"), lambda: coded).status == "associate"
    assert walk(chain(EFFECTIVE), D("2022-06-01"), lambda: coded).status == "not_member"


# --- laws that hold for every chain ----------------------------------------------------------------------------------

# Days stop at the 28th and periods at whole years, so that a shift by years moves every bound alike.
PLAIN_DAYS = st.builds(date, st.integers(1950, 2025), st.integers(1, 12), st.integers(1, 28))
TEXTS = st.one_of(
    PLAIN_DAYS.map(str), st.integers(1950, 2025).map(str), PLAIN_DAYS.map(lambda d: str(d)[:7]),
    st.tuples(st.integers(1950, 2000), st.integers(0, 25)).map(lambda p: f"{p[0]}/{p[0] + p[1]}"),
)  # fmt: skip


@st.composite
def made_acts(draw: st.DrawFn) -> Act:
    """One act of any kind."""
    word = draw(st.sampled_from(sorted(ACTS)))
    effect = draw(st.none() | TEXTS) if word in JOINING | {"rejoined", "notified"} else None
    return act(
        word, draw(TEXTS), effect, by=draw(st.sampled_from(["state", "organization"])), contested=draw(st.booleans()),
        flag=draw(st.sampled_from(["", "re_entry"])),
    )  # fmt: skip


CHAINS = st.lists(made_acts(), max_size=7).map(
    lambda acts: chain(*[replace(a, act_id=str(n)) for n, a in enumerate(acts)])
)
CODED = st.sampled_from([None, ("member", CODED_RULE), ("never_member", CODED_RULE)])


def shifted(text: EDTF, years: int) -> EDTF:
    """Move a date by whole years."""
    return parse("/".join(f"{int(p[:4]) + years}{p[4:]}" for p in str(text).split("/")))


@settings(deadline=None)
@given(CHAINS, PLAIN_DAYS, CODED)
def test_a_walk_keeps_its_laws(acts: list[Act], day: date, coded: tuple[str, Rule] | None) -> None:
    found = walk(acts, day, lambda: coded)
    before = [a for a in acts if a.date.certainly_on_or_before(day)]
    assert found.status in STATUSES
    assert found.rule
    assert not found.contested or found.act is not None
    assert found.since is None or found.since in {str(day_of(a)) for a in before}
    if found.status == "left_claimed_disputed":
        assert found.contested or any(a.contested for a in before)
    if found.status == "not_member" and coded is None:  # nobody is out without an act that ends it
        assert any(a.act in {"effective", "expelled"} for a in before)
    if found.status == "member_notice_running":
        assert any(a.act == "notified" for a in before)


@settings(deadline=None)
@given(CHAINS, PLAIN_DAYS, CODED)
def test_acts_after_the_day_do_not_tell(acts: list[Act], day: date, coded: tuple[str, Rule] | None) -> None:
    """What comes later is used in one case alone: no act and no code says anything yet, so the first later act speaks."""
    before = [a for a in acts if a.date.certainly_on_or_before(day)]
    whole, cut = walk(acts, day, lambda: coded), walk(before, day, lambda: coded)
    if coded is None and not any(a.act in MOVING for a in before):
        assert cut.status == "unknown"
        assert whole.status in {"unknown", "member", "never_member"}
        if whole.status != "unknown":
            assert whole.rule.code in {"rule.member_later", "rule.first_later"}
    else:
        assert whole == cut


@settings(deadline=None)
@given(CHAINS, PLAIN_DAYS, st.integers(-300, 300))
def test_a_shift_of_all_dates_changes_nothing(acts: list[Act], day: date, years: int) -> None:
    moved = [
        replace(a, date=shifted(a.date, years), takes_effect=a.takes_effect and shifted(a.takes_effect, years))
        for a in acts
    ]
    found = walk(chain(*moved), day.replace(year=day.year + years), lambda: None)
    assert found.status == walk(acts, day, lambda: None).status


@settings(deadline=None)
@given(CHAINS, PLAIN_DAYS)
def test_what_does_not_move_can_be_left_out(acts: list[Act], day: date) -> None:
    assume(any(a.act in MOVING and a.date.certainly_on_or_before(day) for a in acts))
    kept = [a for a in acts if a.act in MOVING]
    assert walk(kept, day, lambda: None) == walk(acts, day, lambda: None)


# --- the record, its clocks and its spans ----------------------------------------------------------------------------

PAIRS = sorted({(r["state"], r["body"]) for r in RECORD.table("acts").iter_rows(named=True) if r["body"]})


@settings(max_examples=40, deadline=None)
@given(st.sampled_from(PAIRS), st.integers(1, 5000))
def test_beyond_the_closing_day_the_last_answer_stands_and_says_so(pair: tuple[str, str], days: int) -> None:
    closing = status(RECORD, *pair, RECORD.closing_day)
    later = status(RECORD, *pair, RECORD.closing_day + timedelta(days=days))
    assert not closing.beyond_record
    assert later.beyond_record and later.status == closing.status and later.acts == closing.acts
    assert later.as_of == RECORD.closing_day + timedelta(days=days)
    assert later.rule == closing.rule
    assert status(RECORD, *pair) == closing


@settings(max_examples=60, deadline=None)
@given(
    st.sampled_from(sorted(set(RECORD.table("states")["state"]))), st.sampled_from(RECORD.table("bodies")["body"].to_list()),
    st.dates(date(1945, 1, 1), date(2030, 12, 31)),
)  # fmt: skip
def test_every_state_in_every_body_on_every_day_has_an_answer(state: str, body: str, day: date) -> None:
    found = status(RECORD, state, body, day)
    assert found.status in STATUSES and found.rule
    assert json.loads(json.dumps(found.as_dict()))["as_of"] == day.isoformat()
    assert all(parse(a.date).certainly_on_or_before(min(day, RECORD.closing_day)) for a in found.acts)


@pytest.mark.parametrize(
    ("state", "body", "day", "expected"),
    [
        ("NAM", "un", "1980-01-01", "outside_span"),
        ("SSD", "who", "2000-01-01", "outside_span"),
        ("SUN", "un", "2000-01-01", "outside_span"),
        ("SUN", "un", "1980-01-01", "member"),
        ("RUS", "un", "1980-01-01", "outside_span"),
        ("RUS", "un", "2000-01-01", "member"),
        ("CSK", "un", "1993-01-01", "outside_span"),
        ("DDR", "un", "1990-10-03", "outside_span"),
        ("DEU", "un", "1950-01-01", "outside_span"),
        ("DEU", "un", "1989-01-01", "member"),
        ("DEU", "un", "1991-01-01", "member"),
        ("FRA", "unfccc", "1980-01-01", "outside_span"),  # the body did not exist
        ("CHE", "un", "1990-01-01", "never_member"),
        ("CHE", "un", "2005-01-01", "member"),
        ("FRA", "ecowas", "2000-01-01", "never_member"),
        ("EUU", "aaaid", "2000-01-01", "unknown"),  # the coded source knows states only
        ("TWN", "who", "1951-01-01", "member_notice_running"),
        ("TWN", "who", "1960-01-01", "member"),
        ("TWN", "who", "1980-01-01", "not_member"),
        ("CHN", "who", "1960-01-01", "member"),
        ("UKR", "who", "1949-07-01", "member"),
        ("UKR", "who", "2026-01-01", "member"),  # a resignation of 1949 does not hang on
        ("UZB", "csto", "2013-01-01", "not_member"),
        ("NOR", "ect", "2020-01-01", "signatory_not_party"),
        ("NOR", "ect", "2025-09-01", "never_member"),
        ("PRY", "mercosur", "2013-01-01", "suspended"),
        ("PRY", "mercosur", "2013-08-15", "member"),
        ("ROU", "iib", "2026-01-01", "unknown"),  # due in June 2023, and no act confirms it
        ("DOM", "achr", "2026-01-01", "member"),  # what ended by its own account is a declaration
    ],
)
def test_spans_and_codes_of_states(record: Record, state: str, body: str, day: str, expected: str) -> None:
    found = status(record, state, body, D(day))
    assert found.status == expected, found.rule


def test_nothing_to_belong_to(record: Record) -> None:
    for body, what in record.table("case_bodies").select("body", "what").iter_rows():
        found = status(record, "USA", body)
        # Who is coded or listed as taking part takes part, whether or not there is a membership to end.
        takes_part = found.evidence.kind != "none"
        assert (found.status == "no_membership") == (what not in {"membership", "treaty"} and not takes_part), body
        assert found.leaveable == what


def test_known_by_drops_what_was_recorded_later(record: Record, tiny: Record) -> None:
    now = status(record, "USA", "unfccc", D("2026-01-08"))
    then = status(record, "USA", "unfccc", D("2026-01-08"), known_by=D("2026-11-22"))
    assert [a.act for a in now.acts] == ["announced", "organ_position"]
    assert then.acts == () and then.status != "member_announced_only"
    # The statement of the United Nations entered the record two days after the announcement did.
    between = status(record, "USA", "unfccc", D("2026-01-08"), known_by=D("2026-11-23"))
    assert [a.act for a in between.acts] == ["announced"] and between.status == now.status
    assert status(record, "USA", "unfccc", D("2026-01-08"), known_by=D("2026-11-25")) == now
    for known_by, words, expected in (
        ("2015-01-01", [], "member"),
        ("2016-02-01", ["announced"], "member_announced_only"),
        ("2016-03-31", ["announced"], "member_announced_only"),
        ("2016-04-01", ["announced", "notified"], "member_notice_running"),
    ):
        found = status(tiny, "BBB", "alpha", D("2016-12-31"), D(known_by))
        assert ([a.act for a in found.acts], found.status) == (words, expected)
        assert [a.act for a in acts_of(tiny, "BBB", "alpha", D(known_by))] == words


def test_known_by_drops_the_spells_that_rest_on_acts(record: Record) -> None:
    """A membership after 2014 ends by an act; whoever does not know the act yet cannot know the end."""
    spells = record.table("memberships")
    ended = spells.filter(
        (pl.col("reading") == "carried_forward") & pl.col("last_year").is_not_null() & (pl.col("status") == "member")
    ).join(  # dues cut a spell without ending it
        spells.select("cow", "body", pl.col("first_year") - 1), left_on=["cow", "body", "last_year"],
        right_on=["cow", "body", "first_year"], how="anti",
    )  # fmt: skip
    assert ended.height > 10
    wrong = []
    for state, body, last in ended.select("state", "body", "last_year").iter_rows():
        found = status(record, state, body, date(last + 1, 6, 1), known_by=D("2026-11-22"))
        if found.status == "not_member":
            wrong.append((state, body, last, found.rule))
    assert not wrong, f"{len(wrong)} exits are known before their acts were recorded: {wrong[:3]}"


def test_a_clock_before_the_record_is_refused(record: Record) -> None:
    with pytest.raises(BadDateError) as error:
        status(record, "USA", "un", known_by=date(1900, 1, 1))
    assert str(error.value).endswith(".")


@pytest.mark.parametrize(
    ("state", "body", "day", "expected"),
    [
        ("FFF", "alpha", "1979-12-31", "outside_span"),
        ("FFF", "alpha", "1980-06-01", "not_member"),
        ("FFF", "alpha", "1981-06-01", "unknown"),  # in the course of 1981
        ("FFF", "alpha", "1981-12-31", "member"),
        ("FFF", "gamma", "1990-06-01", "associate"),
        ("FFF", "beta", "1995-06-01", "unknown"),
        ("BBB", "beta", "1951-06-01", "unknown"),  # in the course of 1951
        ("BBB", "beta", "1952-06-01", "member"),  # corrected
        ("DDD", "beta", "1969-06-01", "member"),
        ("DDD", "beta", "1975-06-01", "not_member"),
        ("DDD", "beta", "1985-06-01", "unknown"),
        ("DDD", "beta", "1986-06-01", "member"),
        ("EEE", "beta", "1955-06-01", "not_member"),
        ("AAA", "gamma", "1999-06-01", "member"),
        ("AAA", "gamma", "2000-06-01", "outside_span"),
        ("BBB", "alpha", "2016-01-09", "member"),
        ("BBB", "alpha", "2016-01-10", "member_announced_only"),
        ("BBB", "alpha", "2016-03-01", "member_notice_running"),
        ("BBB", "alpha", "2017-02-28", "member_notice_running"),
        ("BBB", "alpha", "2017-03-01", "not_member"),
        ("DDD", "alpha", "2018-05-31", "member"),
        ("DDD", "alpha", "2018-06-01", "suspended"),
        ("CCC", "beta", "2018-12-31", "not_member"),
        ("CCC", "beta", "2019-01-01", "member"),
        ("AAA", "beta", "2020-05-31", "member_announced_only"),
        ("AAA", "beta", "2020-05-30", "member"),
    ],
)
def test_a_tiny_world(tiny: Record, state: str, body: str, day: str, expected: str) -> None:
    found = status(tiny, state, body, D(day))
    assert found.status == expected, found.rule


def test_acts_come_in_order(record: Record) -> None:
    for pair in PAIRS:
        days = [a.date.earliest or date.min for a in acts_of(record, *pair)]
        assert days == sorted(days)


# --- who contests ----------------------------------------------------------------------------------------------------


def test_every_contested_pair_names_somebody_or_the_act_that_names_nobody() -> None:
    contested = RECORD.table("acts").filter((pl.col("contested") == "yes") & pl.col("body").is_not_null())
    pairs = sorted(set(contested.select("state", "body").iter_rows()))
    assert len(pairs) > 20
    keys = set(RECORD.table("acts")["act_id"])
    for state, body in pairs:
        by, missing = contests(acts_of(RECORD, state, body))
        assert by or missing, (state, body)
        assert set(missing) <= keys
        assert all(one.by in get_args(ContesterWord) and one.sources for one in by), (state, body)
        for day in {parse(a.date).latest for a in status(RECORD, state, body).acts}:
            found = status(RECORD, state, body, day)
            assert found.contested == bool(found.contested_by or found.claimant_missing), (state, body, day)


def test_who_contests_is_read_off_the_acts() -> None:
    def named(state: str, body: str) -> list[tuple[str, str, str]]:
        return [(one.by, one.act, one.date) for one in contests(acts_of(RECORD, state, body))[0]]

    assert ("other_state", "objected", "2026-02-06") in named("USA", "who")
    assert named("HUN", "icc") == [("state", "law_repealed", "2026-05-27")]
    assert named("PRK", "npt") == [
        ("clause", "effective_by_clause", "2003-04-10"), ("other_state", "objected", "2003-04-11"),
    ]  # fmt: skip
    assert named("VEN", "oas") == [("organization", "organ_position", "2019-04-09")]
    # The announcement said "at once"; the act that says otherwise does not tell who says so.
    assert contests(acts_of(RECORD, "BFA", "ecowas")) == ((), ("we-203-3",))


def test_a_position_that_contests_nothing_is_not_named() -> None:
    claimed = act("effective_claimed", "2021-03-01", contested=True)
    position = act("organ_position", "2021-04-01", by="organization")
    assert [one.by for one in contests([claimed, position])[0]] == ["organization"]
    for flag in ("no_position", "recognises"):
        assert contests([claimed, replace(position, flag=flag)]) == ((), (claimed.act_id,))


def test_every_word_of_an_answer_is_used() -> None:
    """A closed list with a word that no answer holds, or a field that holds one value only, tells nothing."""
    found = [
        status(RECORD, *pair, day) for day in (date(1990, 12, 31), date(2020, 6, 1), date(2027, 1, 1)) for pair in PAIRS
    ]
    listed = RECORD.lookup.pairs(None, None)
    days = date(1946, 1, 1), date(2014, 6, 1), date(2020, 6, 1)
    plain = [status(RECORD, *pair, day) for day in days for pair in listed[::2]]
    rows = [one.as_dict() for one in (*found, *plain)]
    for field in fields(Status):
        values = {json.dumps(row[field.name]) for row in rows}
        assert len(values) > 1, field.name
    left = [one.as_dict() for one in exits(RECORD)]
    for field in fields(Exit):
        assert len({json.dumps(row[field.name]) for row in left}) > 1, field.name
    used = {one.rule.code for one in (*found, *plain)} | {one.earlier.code for one in found if one.earlier}
    assert used == set(get_args(RuleCode))
    assert all(known(word) for word in get_args(RuleCode))
    by = {one.by for row in exits(RECORD) for one in row.contested_by}
    assert {"state", "other_state", "organization", "clause"} <= by
