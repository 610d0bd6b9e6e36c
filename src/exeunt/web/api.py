"""What can be asked under /api: one entry per question, from which routes, OpenAPI document and human page are made."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from functools import cache
from http import HTTPStatus
from typing import Annotated, Any, Final

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from exeunt import __version__
from exeunt.answers import Answer, fields, item, json_schema
from exeunt.core.export import encode, frame_of
from exeunt.i18n import LANGS, word
from exeunt.record.cases import CaseEntry
from exeunt.record.clauses import Clock
from exeunt.record.exits import Exit
from exeunt.record.membership import Member
from exeunt.record.opened import ANSWERS
from exeunt.record.schema import LABELS, LEAVEABLE, LEDGERS, REGIONS, STATUSES, TABLE, Column
from exeunt.record.status import Status
from exeunt.web.jobs import Job, Jobs, Wanted, scenarios
from exeunt.web.queries import Queries
from exeunt.web.search import Found
from exeunt.web.security import LONGEST_TEXT, Param, Problem, Refusal, body_of, read
from exeunt.web.views import answer

_Schema = dict[str, Any]
_Handler = Callable[[Request], Awaitable[Response]]
_JSON: Final = "application/json"
HEAVY_AT_ONCE: Final = 2
_KINDS: Final = {"text": "string", "integer": "integer", "number": "number", "boolean": "boolean"}
LAST_YEAR: Final = 2999
FIRST_YEAR: Final = 1000


def _year(name: str) -> Param:
    """Make a parameter that is a calendar year."""
    return Param(name, "whole", least=FIRST_YEAR, most=LAST_YEAR)


STATE: Final = Param("state", "text")
BODY: Final = Param("body", "text")
AS_OF: Final = Param("as_of", "day")
KNOWN_BY: Final = Param("known_by", "day")
LABEL_SET: Final = Param("labels", "choice", words=tuple(LABELS), default="common")
LANG: Final = Param("lang", "choice", words=LANGS, default=LANGS[0])
REGION: Final = Param("region", "choice", words=REGIONS)
CONTESTED: Final = Param("contested", "choice", words=("yes", "no"))
COUNTS: Final = Param("counts_as_exit", "choice", words=("yes", "no", "unsettled"))
LEDGER: Final = Param("ledger", "choice", words=tuple(LEDGERS))
YEAR: Final = _year("year")
FIRST: Final = _year("first_year")
LAST: Final = _year("last_year")
WINDOWS: Final = tuple(Param(name, "window") for name in ("announced", "notified", "effective"))
FORMAT: Final = Param("format", "choice", words=("json", "csv"), default="json")


def _needed(param: Param) -> Param:
    """Make the same parameter one that must be given."""
    return replace(param, required=True)


Asked = dict[str, Any]
_Answering = Callable[[Queries, Asked], Any]


def _text(name: str, meaning: str, words: tuple[str, ...] = ()) -> Column:
    return Column(name, "text", meaning, words)


_BOTH: Final = (_text("name_en", "English name"), _text("name_zh", "name in Traditional Chinese"))
_STATUS: Final = tuple(STATUSES)
LISTS: Final = frozenset({"sources", "also_ends", "may_fall_with_it", "branches", "law_sources"})
"""Columns that hold a list of texts, in whichever answer."""


@dataclass(frozen=True)
class _Question:
    """One address that can be read.

    Attributes
    ----------
    name : of the operation; `web.api.NAME` says what it answers
    params : what may be asked, besides `format`
    row : struct of the rows it gives, or their columns
    single : one object instead of a list
    lists : columns that hold a list of texts here
    like : struct that describes the columns which it shares
    heavy : may take long, so it is answered beside the others
    rows : the struct of its rows, where there is one; the document takes the types of its fields from it
    """

    name: str
    path: str
    params: tuple[Param, ...]
    answer: _Answering
    row: type[Answer] | tuple[Column, ...]
    single: bool = False
    lists: frozenset[str] = LISTS
    heavy: bool = False
    like: type[Answer] | None = None

    @property
    def asked(self) -> tuple[Param, ...]:
        """Every parameter of its address."""
        return (*self.params, FORMAT)

    @property
    def columns(self) -> Sequence[Any]:
        """Columns of a table of its rows."""
        return self.row if isinstance(self.row, tuple) else fields(self.row)


def _pair(queries: Queries, asked: Asked) -> tuple[str, str]:
    return queries.state(asked["state"]), queries.body(asked["body"])


def _either(queries: Queries, asked: Asked) -> Asked:
    """Replace the names of state and body by keys, where they are given."""
    state, body = asked["state"], asked["body"]
    return {**asked, "state": queries.state(state) if state else None, "body": queries.body(body) if body else None}


def _search(queries: Queries, asked: Asked) -> list[Found]:
    wanted = asked["q"], asked["kind"], asked["limit"]
    return queries.search.find(*wanted) or queries.search.close(*wanted)


class _Table(Answer, frozen=True, kw_only=True):
    """One table of the record."""

    table: Annotated[str, item("its name")]
    rows: Annotated[int, item("how many rows")]
    row: Annotated[str, item("what a row is")]
    key: Annotated[str, item("columns that tell rows apart")]
    licence_class: Annotated[str, item("class of its licence")]


class _About(Answer, frozen=True, kw_only=True):
    """What the explorer answers from."""

    exeunt: Annotated[str, item("version of the software")]
    version: Annotated[str, item("version of the record")]
    closing_day: Annotated[str, item("last day of the record")]
    tables: Annotated[list[_Table], item("its tables")]


class _Scenario(Answer, frozen=True, kw_only=True):
    """A scenario that can be simulated."""

    scenario: Annotated[str, item("name")]
    title: Annotated[str, item("title")]
    about: Annotated[str, item("what it does")]


class _Memberships(Answer, frozen=True, kw_only=True):
    """How many bodies a state is in at the end of a year."""

    year: Annotated[int, item("year", unit="year")]
    memberships: Annotated[int, item("memberships on its last day")]


class _ExitsOfYear(Answer, frozen=True, kw_only=True):
    """Episodes of leaving in a year."""

    year: Annotated[int, item("year of the last dated step", unit="year")]
    yes: Annotated[int, item("episodes that count as exits")]
    unsettled: Annotated[int, item("whether they count is unsettled")]
    no: Annotated[int, item("episodes that do not count")]


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
_BY_REGION: Final = (
    Column("decade", "integer", "first year of the decade"),
    *(Column(region, "integer", f"episodes of states in {region} that count as exits") for region in REGIONS),
)
_PART: Final = Param("entries", "choice", words=("yes", "no"), default="no")


def _scenarios(queries: Queries, asked: Asked) -> list[dict[str, Any]]:
    return [{"scenario": name, **told} for name, told in scenarios().items()]


def _acts(queries: Queries, asked: Asked) -> list[dict[str, Any]]:
    named = _either(queries, asked)
    return queries.acts(named["state"], named["body"], named["entries"] == "yes")


def _exits(queries: Queries, asked: Asked) -> list[dict[str, Any]]:
    return queries.exits(**_either(queries, asked))


FILTERS: Final = (STATE, BODY, FIRST, LAST, REGION, CONTESTED, COUNTS)
DAYS: Final = (AS_OF, KNOWN_BY)
QUESTIONS: Final[tuple[_Question, ...]] = (
    _Question("record", "/api/record", (), lambda d, a: d.about, _About, single=True),
    _Question("search", "/api/search", (
        Param("q", "text", True), Param("kind", "choice", words=("state", "body")),
        Param("limit", "whole", least=1, most=50, default=20),
    ), _search, Found),
    _Question("states", "/api/states", (REGION,),
             lambda d, a: [r for r in d.states if a["region"] in (None, r["region"])], TABLE["states"].columns),
    _Question("bodies", "/api/bodies", (Param("leaveable", "choice", words=tuple(LEAVEABLE)),),
             lambda d, a: [r for r in d.bodies if a["leaveable"] in (None, r["leaveable"])], TABLE["bodies"].columns),
    _Question("status", "/api/status", (_needed(STATE), _needed(BODY), *DAYS),
             lambda d, a: d.status(*_pair(d, a), a["as_of"], a["known_by"]), Status, single=True),
    _Question("clock", "/api/clock", (_needed(STATE), _needed(BODY), Param("notified", "day"), *DAYS),
             lambda d, a: d.clock(*_pair(d, a), a["notified"], a["as_of"], a["known_by"]), Clock, single=True),
    _Question("members", "/api/members", (_needed(BODY), *DAYS, LABEL_SET),
             lambda d, a: d.members(d.body(a["body"]), a["as_of"], a["known_by"], a["labels"]), ANSWERS["members"],
             like=Member),
    _Question("memberships", "/api/memberships", (_needed(STATE), *DAYS),
             lambda d, a: d.memberships(d.state(a["state"]), a["as_of"], a["known_by"]), _MEMBERSHIPS, like=Member),
    _Question("compare", "/api/compare", (Param("a", "text", True), Param("b", "text", True), *DAYS),
             lambda d, a: d.compare(d.state(a["a"]), d.state(a["b"]), a["as_of"], a["known_by"]), _COMPARED),
    _Question("curve", "/api/curve", (_needed(STATE),), lambda d, a: d.curve(d.state(a["state"])), _Memberships),
    _Question("exits", "/api/exits", (*FILTERS, *WINDOWS, *DAYS), _exits, Exit),
    _Question("acts", "/api/acts", (STATE, BODY, _PART),
             _acts,
             TABLE["acts"].columns),
    _Question("clauses", "/api/clauses", (_needed(BODY),), lambda d, a: d.clauses(d.body(a["body"])),
             TABLE["clauses"].columns),
    _Question("money", "/api/money", (Param("target", "text", True), STATE, YEAR, LEDGER),
             lambda d, a: d.money(a["target"], d.state(a["state"]) if a["state"] else None, a["year"], a["ledger"]),
             ANSWERS["money"], heavy=True),
    _Question("cases", "/api/cases", (), lambda d, a: d.cases, CaseEntry),
    _Question("case", "/api/case", (Param("case", "text", True), *DAYS),
             lambda d, a: d.case(a["case"], a["as_of"], a["known_by"]),
             tuple(c for c in ANSWERS["status"] if c.name != "acts"), like=Status),
    _Question("exits_by_year", "/api/exits-by-year", FILTERS,
             lambda d, a: d.exits_by_year(d.exits(**_either(d, a))), _ExitsOfYear),
    _Question("exits_by_region", "/api/exits-by-region", (),
             lambda d, a: d.exits_by_region(d.exits()), _BY_REGION),
    _Question("scenarios", "/api/scenarios", (), _scenarios, _Scenario),
)  # fmt: skip


def _column(column: Column, lists: frozenset[str]) -> _Schema:
    """JSON Schema of one column: everything may be empty, closed words are listed."""
    told: _Schema = {"description": column.meaning}
    if column.name in lists:
        return {**told, "type": "array", "items": {"type": "string"}}
    if column.words:
        return {**told, "enum": [*column.words, None]}
    return {**told, "type": [_KINDS[column.kind], "null"]}


def _row(question: _Question) -> _Schema:
    """JSON Schema of one row of an answer."""
    if isinstance(question.row, type):
        return json_schema(question.row)[0]
    properties = {c.name: _column(c, question.lists) for c in question.row}
    if question.like is not None:
        own = json_schema(question.like)[1][question.like.__name__]["properties"]
        properties |= {name: own[name] for name in properties if name in own}
    return {
        "type": "object", "properties": properties, "required": list(properties), "additionalProperties": False
    }  # fmt: skip


def _parameter(param: Param) -> _Schema:
    """One parameter of a query."""
    if param.kind == "whole":
        schema: _Schema = {"type": "integer", "minimum": param.least, "maximum": param.most}
    elif param.kind == "choice":
        schema = {"type": "string", "enum": list(param.words)}
    elif param.kind == "day":
        schema = {"type": "string", "format": "date", "pattern": "^[12][0-9]{3}-[0-9]{2}-[0-9]{2}$"}
    else:
        schema = {"type": "string", "minLength": 1, "maxLength": LONGEST_TEXT}
    if param.default is not None:
        schema["default"] = param.default
    return {
        "name": param.name, "in": "query", "required": param.required, "schema": schema,
        "description": word(f"web.param.{param.name}", "en"),
    }  # fmt: skip


def _problem(said: str) -> _Schema:
    return {
        "description": said,
        "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Refusal"}}},
    }


_PROBLEMS: Final = {
    "400": "a parameter or the body cannot be read", "403": "started by a page of another site",
    "404": "no such name", "413": "the request is too large", "414": "the address is too long",
    "415": "the body is not JSON", "421": "asked under another host name", "429": "too many jobs",
}  # fmt: skip


def _problems(*codes: str) -> _Schema:
    return {code: _problem(_PROBLEMS[code]) for code in codes}


def _get(question: _Question) -> _Schema:
    row = _row(question)
    content = {
        "application/json": {"schema": row if question.single else {"type": "array", "items": row}},
        "text/csv": {"schema": {"type": "string"}},
    }
    return {
        "operationId": question.name,
        "summary": word(f"web.api.{question.name}", "en"),
        "parameters": [_parameter(p) for p in question.asked],
        "responses": {
            "200": {"description": "the answer", "content": content},
            **_problems("400", "404", "414", "421"),
        },
    }


def _answer(said: str, schema: _Schema) -> _Schema:
    return {"description": said, "content": {"application/json": {"schema": schema}}}


def _job_paths() -> _Schema:
    job = {"$ref": "#/components/schemas/Job"}
    number = {"name": "id", "in": "path", "required": True, "schema": {"type": "string", "maxLength": 64}}
    wanted = {"$ref": "#/components/schemas/Wanted"}
    return {
        "/api/jobs": {
            "get": {
                "operationId": "jobs", "summary": word("web.api.jobs", "en"),
                "responses": {"200": _answer("the jobs", {"type": "array", "items": job}), **_problems("400", "421")},
            },
            "post": {
                "operationId": "submit", "summary": word("web.api.submit", "en"),
                "requestBody": {"required": True, "content": {"application/json": {"schema": wanted}}},
                "responses": {
                    "202": _answer("taken in", job), **_problems("400", "403", "404", "413", "415", "421", "429"),
                },
            },
        },
        "/api/jobs/{id}": {
            "parameters": [number],
            "get": {
                "operationId": "job", "summary": word("web.api.job", "en"),
                "responses": {"200": _answer("the job", job), **_problems("400", "404", "414", "421")},
            },
            "delete": {
                "operationId": "cancel", "summary": word("web.api.cancel", "en"),
                "responses": {"200": _answer("the job", job), **_problems("400", "403", "404", "414", "421")},
            },
        },
    }  # fmt: skip


@cache
def _document() -> _Schema:
    """Build the document; the same for every server."""
    components: _Schema = {}
    kinds: list[type[Answer]] = [
        Refusal,
        Job,
        Wanted,
        *(q.row for q in QUESTIONS if isinstance(q.row, type)),
        Member,
        Status,
    ]
    for kind in kinds:
        components.update(json_schema(kind)[1])
    found = {
        "openapi": "3.1.0",
        "info": {
            "title": "exeunt",
            "version": __version__,
            "description": word("web.api.lede", "en"),
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "/"}],
        "paths": {**{question.path: {"get": _get(question)} for question in QUESTIONS}, **_job_paths()},
        "components": {"schemas": components},
    }
    return _public(found)


def _public(found: _Schema) -> _Schema:
    """The document with structs named as readers should see them, whichever are private to their module."""
    schemas = found["components"]["schemas"]
    found["components"]["schemas"] = {name.lstrip("_"): schema for name, schema in sorted(schemas.items())}
    told: _Schema = json.loads(json.dumps(found).replace("#/components/schemas/_", "#/components/schemas/"))
    return told


# --- answering -------------------------------------------------------------------------------------------------------


def _as_json(value: Any) -> bytes:
    def plain(one: Any) -> Any:
        return one.as_dict() if isinstance(one, Answer) else one

    rows = [plain(one) for one in value] if isinstance(value, list) else plain(value)
    return json.dumps(rows, ensure_ascii=False, separators=(",", ":")).encode()


def _asked(question: _Question, queries: Queries, heavy: asyncio.Semaphore) -> _Handler:
    """Make the handler of one question; CSV has the columns of the command line's."""

    async def handle(request: Request) -> Response:
        asked = read(request.query_params, question.asked)
        form = asked.pop("format")
        more = {"exeunt-record": queries.record.version}

        def work() -> bytes:
            found = question.answer(queries, asked)
            if form == "json":
                return _as_json(found)
            rows = [
                one.as_dict() if isinstance(one, Answer) else one for one in ([found] if question.single else found)
            ]
            return encode(frame_of(rows, question.columns), "csv", question.columns)

        if question.heavy:
            async with heavy:
                content = await run_in_threadpool(work)
        else:
            content = work()
        if form == "json":
            return answer(request, content, _JSON, **more)
        more["content-disposition"] = f'attachment; filename="exeunt-{question.name}.csv"'
        return answer(request, content, "text/csv; charset=utf-8", **more)

    return handle


async def _openapi(request: Request) -> Response:
    """Give the OpenAPI document."""
    read(request.query_params, ())
    return answer(request, _as_json(_document()), _JSON)


def routes(queries: Queries, jobs: Jobs) -> list[Route]:
    """Every address under /api."""
    heavy = asyncio.Semaphore(HEAVY_AT_ONCE)

    async def every(request: Request) -> Response:
        if request.method != "POST":
            read(request.query_params, ())
            return Response(_as_json(await run_in_threadpool(jobs.all)), media_type=_JSON)
        if request.headers.get("content-type", "").partition(";")[0].strip().lower() != _JSON:
            raise Problem(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "no_json_type")
        try:
            asked = json.loads(await body_of(request))
        except (ValueError, RecursionError):
            raise Problem(HTTPStatus.BAD_REQUEST, "no_json") from None
        if not isinstance(asked, dict):
            raise Problem(HTTPStatus.BAD_REQUEST, "no_object")
        job = await run_in_threadpool(jobs.submit, asked)
        return Response(_as_json(job), 202, {"location": f"/api/jobs/{job.id}"}, _JSON)

    async def one(request: Request) -> Response:
        read(request.query_params, ())
        ask = jobs.cancel if request.method == "DELETE" else jobs.get
        job = await run_in_threadpool(ask, request.path_params["id"])
        return Response(_as_json(job), media_type=_JSON, headers={"cache-control": "no-store"})

    return [
        Route("/api/openapi.json", _openapi),
        *(Route(question.path, _asked(question, queries, heavy)) for question in QUESTIONS),
        Route("/api/jobs", every, methods=["GET", "POST"]),
        Route("/api/jobs/{id}", one, methods=["GET", "DELETE"]),
    ]
