"""What can be asked under /api: one entry a question, from which routes, OpenAPI document and human page are made."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from exeunt.answers import Answer as Struct
from exeunt.answers import fields
from exeunt.record.answers import ANSWERS
from exeunt.record.cases import CaseEntry
from exeunt.record.clauses import Clock
from exeunt.record.exits import Exit
from exeunt.record.membership import Member
from exeunt.record.schema import LEAVEABLE, REGIONS, STATUSES, TABLE, Column
from exeunt.record.status import Status
from exeunt.web import figures
from exeunt.web import query as q
from exeunt.web.desk import Desk
from exeunt.web.query import Param

Asked = dict[str, Any]
Answer = Callable[[Desk, Asked], Any]


def _text(name: str, meaning: str, words: tuple[str, ...] = ()) -> Column:
    return Column(name, "text", meaning, words)


_BOTH: Final = (_text("name_en", "English name"), _text("name_zh", "name in Traditional Chinese"))
_STATUS: Final = tuple(STATUSES)
LISTS: Final = frozenset({"sources", "also_ends", "may_fall_with_it", "branches", "law_sources"})
"""Columns that hold a list of texts, in whichever answer."""


@dataclass(frozen=True)
class Question:
    """One address that can be read.

    Attributes
    ----------
    name : of the operation; `web.api.NAME` says what it answers
    params : what may be asked, besides `format`
    columns : of the rows it gives
    single : one object instead of a list
    lists : columns that hold a list of texts here
    heavy : may take long, so it is answered beside the others
    rows : the struct of its rows, where there is one; the document takes the types of its fields from it
    """

    name: str
    path: str
    params: tuple[Param, ...]
    answer: Answer
    columns: tuple[Column, ...]
    single: bool = False
    lists: frozenset[str] = LISTS
    heavy: bool = False
    rows: type[Struct] | None = None


def _pair(desk: Desk, asked: Asked) -> tuple[str, str]:
    return desk.state(asked["state"]), desk.body(asked["body"])


def _either(desk: Desk, asked: Asked) -> Asked:
    """Replace the names of state and body by keys, where they are given."""
    state, body = asked["state"], asked["body"]
    return {**asked, "state": desk.state(state) if state else None, "body": desk.body(body) if body else None}


def _search(desk: Desk, asked: Asked) -> list[dict[str, Any]]:
    found = desk.search.find(asked["q"], asked["kind"], asked["limit"])
    rows = [{**row, "fit": "found"} for row in found]
    return rows or [{**row, "fit": "close"} for row in desk.search.close(asked["q"], asked["kind"], asked["limit"])]


_CLOCK: Final = tuple(Column(f.name, f.kind, f.meaning, f.words) for f in fields(Clock))
_MEMBERSHIPS: Final = (
    _text("body", "body key"), *_BOTH, _text("status", "status on the day", _STATUS), _text("since", "since when"),
    _text("reading", "how it is known"), _text("state", "state code"), _text("as_of", "the day asked about"),
    Column("contested", "boolean", "whether somebody disputes it"), _text("rule", "the rule that decided"),
)  # fmt: skip
_COMPARED: Final = (
    _text("body", "body key"), *_BOTH, _text("in", "which of the two belongs to it", ("both", "a", "b")),
    _text("status_a", "status of the first", _STATUS), _text("since_a", "since when"),
    _text("status_b", "status of the second", _STATUS), _text("since_b", "since when"),
)  # fmt: skip
_FOUND: Final = (
    _text("kind", "what was found", ("state", "body")), _text("key", "state code or body key"), *_BOTH,
    _text("matched", "the spelling that fits"), Column("score", "number", "how well, at most 100"),
    _text("fit", "called so, or spelt nearly so", ("found", "close")),
)  # fmt: skip
_ABOUT: Final = (
    _text("exeunt", "version of the software"), _text("version", "version of the record"),
    _text("closing_day", "last day of the record"), _text("tables", "its tables"),
)  # fmt: skip
_SCENARIOS: Final = (_text("scenario", "name"), _text("title", "title"), _text("about", "what it does"))
_CURVE: Final = (Column("year", "integer", "year"), Column("memberships", "integer", "memberships on its last day"))
_BY_YEAR: Final = (
    Column("year", "integer", "year of the last dated step"), Column("yes", "integer", "episodes that count as exits"),
    Column("unsettled", "integer", "whether they count is unsettled"),
    Column("no", "integer", "episodes that count as none"),
)  # fmt: skip
_BY_REGION: Final = (
    Column("decade", "integer", "first year of the decade"),
    *(Column(region, "integer", f"episodes of states in {region} that count as exits") for region in REGIONS),
)
_PART: Final = Param("entries", "choice", words=("yes", "no"), default="no")


def _scenarios(desk: Desk, asked: Asked) -> list[dict[str, Any]]:
    from exeunt.web.jobs import scenarios

    return [{"scenario": name, **told} for name, told in scenarios().items()]


def _acts(desk: Desk, asked: Asked) -> list[dict[str, Any]]:
    named = _either(desk, asked)
    return desk.acts(named["state"], named["body"], named["entries"] == "yes")


def _exits(desk: Desk, asked: Asked) -> list[dict[str, Any]]:
    return desk.exits(**_either(desk, asked))


FILTERS: Final = (q.STATE, q.BODY, q.FIRST, q.LAST, q.REGION, q.CONTESTED, q.COUNTS)
DAYS: Final = (q.AS_OF, q.KNOWN_BY)
QUESTIONS: Final[tuple[Question, ...]] = (
    Question("record", "/api/record", (), lambda d, a: d.about, _ABOUT, single=True),
    Question("search", "/api/search", (
        Param("q", "text", True), Param("kind", "choice", words=("state", "body")),
        Param("limit", "whole", least=1, most=50, default=20),
    ), _search, _FOUND),
    Question("states", "/api/states", (q.REGION,),
             lambda d, a: [r for r in d.states if a["region"] in (None, r["region"])], TABLE["states"].columns),
    Question("bodies", "/api/bodies", (Param("leaveable", "choice", words=tuple(LEAVEABLE)),),
             lambda d, a: [r for r in d.bodies if a["leaveable"] in (None, r["leaveable"])], TABLE["bodies"].columns),
    Question("status", "/api/status", (q.needed(q.STATE), q.needed(q.BODY), *DAYS),
             lambda d, a: d.status(*_pair(d, a), a["as_of"], a["known_by"]), ANSWERS["status"], single=True,
             rows=Status),
    Question("clock", "/api/clock", (q.needed(q.STATE), q.needed(q.BODY), Param("notified", "day"), *DAYS),
             lambda d, a: d.clock(*_pair(d, a), a["notified"], a["as_of"], a["known_by"]).as_dict(), _CLOCK, single=True),
    Question("members", "/api/members", (q.needed(q.BODY), *DAYS, q.LABEL_SET),
             lambda d, a: d.members(d.body(a["body"]), a["as_of"], a["known_by"], a["labels"]), ANSWERS["members"],
             rows=Member),
    Question("memberships", "/api/memberships", (q.needed(q.STATE), *DAYS),
             lambda d, a: d.memberships(d.state(a["state"]), a["as_of"], a["known_by"]), _MEMBERSHIPS,
             rows=Member),
    Question("compare", "/api/compare", (Param("a", "text", True), Param("b", "text", True), *DAYS),
             lambda d, a: d.compare(d.state(a["a"]), d.state(a["b"]), a["as_of"], a["known_by"]), _COMPARED),
    Question("curve", "/api/curve", (q.needed(q.STATE),), lambda d, a: d.curve(d.state(a["state"])), _CURVE),
    Question("exits", "/api/exits", (*FILTERS, *q.WINDOWS, *DAYS), _exits, ANSWERS["exits"], rows=Exit),
    Question("acts", "/api/acts", (q.STATE, q.BODY, _PART),
             _acts,
             TABLE["acts"].columns),
    Question("clauses", "/api/clauses", (q.needed(q.BODY),), lambda d, a: d.clauses(d.body(a["body"])),
             TABLE["clauses"].columns),
    Question("money", "/api/money", (Param("target", "text", True), q.STATE, q.year("year"), q.LEDGER),
             lambda d, a: d.money(a["target"], d.state(a["state"]) if a["state"] else None, a["year"], a["ledger"]),
             ANSWERS["money"], heavy=True),
    Question("cases", "/api/cases", (), lambda d, a: d.cases, ANSWERS["cases"], rows=CaseEntry),
    Question("case", "/api/case", (Param("case", "text", True), *DAYS),
             lambda d, a: d.case(a["case"], a["as_of"], a["known_by"]),
             tuple(c for c in ANSWERS["status"] if c.name != "acts"), rows=Status),
    Question("exits_by_year", "/api/exits-by-year", FILTERS,
             lambda d, a: figures.by_year(d.exits(**_either(d, a))), _BY_YEAR),
    Question("exits_by_region", "/api/exits-by-region", (),
             lambda d, a: figures.by_region(d, d.exits()), _BY_REGION),
    Question("scenarios", "/api/scenarios", (), _scenarios, _SCENARIOS),
)  # fmt: skip
BY_NAME: Final = {question.name: question for question in QUESTIONS}


def with_format(question: Question) -> tuple[Param, ...]:
    """Parameters of a question with the form of its answer; what is one object has no CSV but a line."""
    return (*question.params, q.FORMAT)
