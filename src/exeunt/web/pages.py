"""The pages: each a question and a template; an address says everything that a page shows."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from contextlib import suppress
from datetime import date
from http import HTTPStatus
from typing import Any, Final
from urllib.parse import parse_qsl

import msgspec
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import QueryParams
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from exeunt.answers import Message
from exeunt.core.errors import UnknownNameError
from exeunt.core.export import encode, frame_of
from exeunt.i18n import number, render
from exeunt.record.clauses import clause_for
from exeunt.record.membership import Member
from exeunt.record.schema import REGIONS, Column
from exeunt.record.status import INSIDE
from exeunt.report.copies import verdicts
from exeunt.report.figures import standalone
from exeunt.report.summaries import arguments
from exeunt.web import api, figures
from exeunt.web.jobs import DEFAULTS, LARGEST, LIMITS, Jobs, scenarios
from exeunt.web.queries import DATES, Queries
from exeunt.web.security import LONGEST_TEXT, Param, Problem, body_of, read
from exeunt.web.views import HTML, View, answer, asset_of

Handler = Callable[[Request], Awaitable[Response]]
Asked = dict[str, Any]
_Values = Callable[[Queries, View, Asked], dict[str, Any]]
"""What a template names."""
TIME: Final = (api.AS_OF, api.YEAR)
PAGE_ROWS: Final = 100
LATEST: Final = 12
PAGE: Final = Param("page", "whole", least=1, most=1000)
HEAVY: Final = ("money",)
"""Pages that may take long, so they are made beside the others."""
SVG: Final = "image/svg+xml"


def _day_of(queries: Queries, asked: Asked) -> date:
    """Find the day that a page is about: a day, the last of a year, or the closing day of the record."""
    if asked["as_of"] is not None:
        return asked["as_of"]  # type: ignore[no-any-return]
    closing = queries.record.closing_day
    year = asked["year"]
    return closing if year is None or year == closing.year else date(year, 12, 31)


def _counts(view: View, rows: list[Member]) -> dict[str, str]:
    """How many are inside, and how many more are listed."""
    inside = sum(row.status in INSIDE for row in rows)
    return {"members": number(inside, view.lang), "others": number(len(rows) - inside, view.lang)}


def _paged(rows: list[Any], at: int) -> tuple[list[Any], int]:
    """Rows of one page, and how many pages there are; raises Problem 400 for a page that is not there."""
    pages = max((len(rows) + PAGE_ROWS - 1) // PAGE_ROWS, 1)
    if at > pages:
        raise Problem(HTTPStatus.BAD_REQUEST, "no_page", page=at, last=pages)
    return rows[(at - 1) * PAGE_ROWS : at * PAGE_ROWS], pages


def _latest_step(row: dict[str, Any]) -> str:
    """Last dated step of an episode, for sorting."""
    return max(row[d] or "" for d in DATES)


def _home(queries: Queries, view: View, asked: Asked) -> dict[str, Any]:
    """Offer what can be asked, and the latest acts of leaving."""
    since = queries.record.closing_day.year - 1
    latest = queries.exits(first_year=since)
    latest = sorted(latest, key=_latest_step, reverse=True)
    return {
        "states": sum(row["valid_to"] is None for row in queries.states), "bodies": len(queries.bodies),
        "exits": len(queries.exits()), "latest": latest[:LATEST], "since": since,
    }  # fmt: skip


def _search(queries: Queries, view: View, asked: Asked) -> dict[str, Any]:
    """Find states and bodies."""
    q = asked["q"] or ""
    found = queries.search.find(q, limit=30)
    return {"q": q, "found": found, "close": [] if found else queries.search.close(q)}


def _state(queries: Queries, view: View, asked: Asked) -> dict[str, Any]:
    """Show the memberships of a state on a day, its exits and its entries."""
    code, day = queries.state(asked["key"]), _day_of(queries, asked)
    rows, name = queries.inside(code, None, day, None), view.state_name(code)
    row, curve = queries.state_row[code], queries.curve(code)
    return {
        "code": code, "row": row, "region": row["region"], "name": name, **view.timed(day.isoformat()),
        **_counts(view, rows), "inside": rows, "exits": queries.exits(state=code),
        "entries": queries.acts(code, None, entries=True), "years": curve,
        "curve": figures.pair("curve", view.lang, curve, queries.record.closing_day, name["text"], day.year),
    }  # fmt: skip


def _body(queries: Queries, view: View, asked: Asked) -> dict[str, Any]:
    """Show the members of a body on a day, its exits, its rules for leaving and its money."""
    key, day = queries.body(asked["key"]), _day_of(queries, asked)
    rows = queries.members_by_name(key, day, view.chinese, view.labels)
    return {
        "key": key, "row": queries.record.lookup.body(key), "name": view.body_name(key), **view.timed(day.isoformat()),
        **_counts(view, rows), "inside": rows, "exits": queries.exits(body=key), "clauses": queries.clauses(key),
        "money": queries.money_summary(key), "notes": queries.notes(key),
    }  # fmt: skip


def _pair(queries: Queries, view: View, asked: Asked) -> dict[str, Any]:
    """Show the status of a pair on a day, the acts behind it and its clock."""
    day = _day_of(queries, asked)
    timed = view.timed(day.isoformat())
    if not asked["state"] or not asked["body"]:
        return {"code": None, **timed}
    code, key = queries.state(asked["state"]), queries.body(asked["body"])
    return {
        "code": code, "key": key, "state": view.state_name(code), "body": view.body_name(key),
        "acts": queries.acts(code, key), "notified": asked["notified"] and asked["notified"].isoformat(),
        "clock": queries.clock(code, key, asked["notified"], None, None), "found": queries.status(code, key, day, None),
        "rule": clause_for(queries.record, code, key) or {}, **timed,
    }  # fmt: skip


def _compare(queries: Queries, view: View, asked: Asked) -> dict[str, Any]:
    """Compare two states on a day."""
    day = _day_of(queries, asked)
    empty: dict[str, Any] = {**view.timed(day.isoformat()), "rows": None, "a": asked["a"], "b": asked["b"]}
    if not asked["a"] or not asked["b"]:
        return empty
    codes = [queries.state(asked[side]) for side in ("a", "b")]
    rows = queries.compare(codes[0], codes[1], day, None)
    sides = [{"code": code, "name": view.state_name(code), "exits": queries.exits(state=code)} for code in codes]
    return {
        **empty, "a": codes[0], "b": codes[1], "rows": rows, "first": sides[0]["name"], "second": sides[1]["name"],
        "parts": {part: [r for r in rows if r["in"] == part] for part in ("both", "a", "b")}, "sides": sides,
    }  # fmt: skip


def _exits(queries: Queries, view: View, asked: Asked) -> dict[str, Any]:
    """Show acts of leaving through filters, on a timeline and as a table, the latest first, a page at a time."""
    at = asked.pop("page") or 1
    keys = {**asked, "state": asked["state"] and queries.state(asked["state"]),
            "body": asked["body"] and queries.body(asked["body"])}  # fmt: skip
    rows = queries.exits(**keys)
    years = queries.exits_by_year(rows)
    shown, pages = _paged(sorted(rows, key=_latest_step, reverse=True), at)
    return {
        "asked": keys, "rows": shown, "total": len(rows), "page": at, "pages": pages, "regions": REGIONS,
        "by_year": years, "drawn": figures.pair("exits", view.lang, years),
        "api_link": lambda name, form: view.link(f"/api/{name}", **keys, format=form),
    }  # fmt: skip


def _money(queries: Queries, view: View, asked: Asked) -> dict[str, Any]:
    """Show figures of the ledgers, a page of them at a time."""
    at = asked.pop("page") or 1
    if not asked["target"]:
        return {"asked": asked, "rows": None}
    target, code = asked["target"], asked["state"] and queries.state(asked["state"])
    known = queries.case_titles.get(target)
    key = target if known else queries.body(target)
    rows = queries.money(key, code, asked["year"], asked["ledger"])
    shown, pages = _paged(rows[::-1], at)
    heading = {"text": known[view.chinese], "lang": view.lang} if known else view.body_name(key)
    keys = {**asked, "target": key, "state": code}
    return {
        "asked": keys, "rows": shown, "total": len(rows), "page": at,
        "pages": pages, "heading": heading, "one_body": len({row["body"] for row in shown}) < 2,
        "notes": [] if known else queries.notes(key),
        "api_link": lambda name, form: view.link(f"/api/{name}", **keys, format=form),
    }  # fmt: skip


def _cases(queries: Queries, view: View, asked: Asked) -> dict[str, Any]:
    """List the cases, and the arguments on leaving with their verdicts."""
    return {"cases": queries.cases, "titles": queries.case_titles, "arguments": verdicts(arguments(), view.lang)}


def _case(queries: Queries, view: View, asked: Asked) -> dict[str, Any]:
    """Show the bodies of a case on a day."""
    name, day = asked["key"], _day_of(queries, asked)
    rows = queries.case(name, day, None)
    parts = queries.case_parts(name)
    return {
        "case": name, "heading": queries.case_titles[name][view.chinese], **view.timed(day.isoformat()), "rows": rows,
        "drawn": figures.pair("what", view.lang, parts),
    }  # fmt: skip


def _pictures(queries: Queries, view: View, asked: Asked) -> dict[str, Any]:
    """Show the figures of the record as a whole, each with its table."""
    rows = queries.exits()
    regions, years = queries.exits_by_region(rows), queries.exits_by_year(rows)
    return {
        "exits": figures.pair("exits", view.lang, years), "by_year": years,
        "regions": figures.pair("regions", view.lang, regions), "by_region": regions,
        "region_keys": REGIONS, "region_names": [view.say(f"region.{region}") for region in REGIONS],
    }  # fmt: skip


EXAMPLES: Final = {
    "search": {"q": "WHO"}, "status": {"state": "USA", "body": "unfccc"}, "clock": {"state": "HUN", "body": "icc"},
    "members": {"body": "icc"}, "memberships": {"state": "NER"}, "compare": {"a": "MLI", "b": "NER"},
    "curve": {"state": "USA"}, "exits": {"body": "icc"}, "acts": {"state": "USA", "body": "who"},
    "clauses": {"body": "icc"}, "money": {"target": "unesco", "state": "USA"}, "case": {"case": "usa-2026-01"},
}  # fmt: skip


def _api(queries: Queries, view: View, asked: Asked) -> dict[str, Any]:
    """Explain the API."""
    params = {p.name: None for question in api.QUESTIONS for p in question.params}
    examples = {q.name: view.bare(q.path, **EXAMPLES.get(q.name, {})) for q in api.QUESTIONS}
    return {"questions": api.QUESTIONS, "params": list(params), "examples": examples, "origin": view.origin}


PAGES: Final[tuple[tuple[str, str, tuple[Param, ...], _Values], ...]] = (
    ("/", "home", (), _home),
    ("/search", "search", (Param("q", "text"),), _search),
    ("/state/{key}", "state", TIME, _state),
    ("/body/{key}", "body", TIME, _body),
    ("/pair", "pair", (api.STATE, api.BODY, Param("notified", "day"), *TIME), _pair),
    ("/compare", "compare", (Param("a", "text"), Param("b", "text"), *TIME), _compare),
    ("/exits", "exits", (*api.FILTERS, PAGE), _exits),
    ("/money", "money", (
        Param("target", "text"), api.STATE, api.YEAR, api.LEDGER,
        PAGE,
    ), _money),
    ("/cases", "cases", (), _cases),
    ("/case/{key}", "case", TIME, _case),
    ("/figures", "figures", (), _pictures),
    ("/api", "api", (), _api),
)  # fmt: skip


# --- simulations ----------------------------------------------------------------------------------------------------

FIELDS: Final = (
    Param("scenario", "text", default=DEFAULTS["scenario"]),
    *(Param(name, "whole", least=a, most=b, default=DEFAULTS[name]) for name, (a, b) in LIMITS.items()),
)
SETTINGS: Final = (api.LANG, api.LABEL_SET)
SERIES: Final = ("exits_per_year", "joins_per_year")
BAND: Final = (
    Column("year", "integer", "year"), Column("median", "number", "median over worlds"),
    Column("low", "number", "2.5 % quantile over worlds"), Column("high", "number", "97.5 % quantile over worlds"),
)  # fmt: skip
LISTED: Final = 100
FRESH: Final = {"cache-control": "no-store"}


def _shown(queries: Queries, result: dict[str, Any], lang: str) -> dict[str, Any]:
    """Pick what the page shows out of the answer of a simulation; what is not there, or not so, is left out."""
    listed = result.get("likeliest_exits")
    bodies, states = queries.body_names, queries.state_names("common")
    likeliest = [
        {"state": r["state"], "body": r["body"], **{p: r.get(p) if _numbers(r, p) else None for p in ("p1", "p5")}}
        for r in (listed if isinstance(listed, list) else [])
        if isinstance(r, dict) and r.get("state") in states and r.get("body") in bodies
    ]
    worth, paired = result.get("back_tested_hits"), result.get("paired")
    difference = paired.get("exits_total") if isinstance(paired, dict) else None
    total = result.get("exits_total")
    return {
        "bands": {name: _bands(result, name) for name in SERIES},
        "drawn": figures.pair("fan", lang, _bands(result, SERIES[0]), result.get("worlds", 0)) if result else [],
        "total": total if _numbers(total, "median", "low", "high") else None,
        "paired": difference if _numbers(difference, "mean", "mean_low", "mean_high") else None,
        "likeliest": likeliest[:LISTED],
        "worth": "".join(_rendered([worth.get("about")], lang)) if isinstance(worth, dict) else "",
        "remarks": _remarks(result, lang),
    }


def _remarks(result: dict[str, Any], lang: str) -> list[str]:
    """Sentences on what was not done and what to keep in mind."""
    return [text for key in ("not_done", "warnings") for text in _rendered(result.get(key) or (), lang)]


def _rendered(messages: Iterable[Any], lang: str) -> list[str]:
    """Messages as sentences; what is not a message is left out."""
    said = []
    for each in messages:
        with suppress(KeyError, TypeError, ValueError, msgspec.ValidationError):
            said.append(render(msgspec.convert(each, Message), lang))
    return said


def _bands(result: dict[str, Any], name: str) -> list[dict[str, Any]]:
    """Rows by year of a simulation; an entry that is not such a row is left out."""
    return [
        {**{k: r[k] for k in ("year", "median", "low", "high")}, "observed": bool(r.get("observed"))}
        for r in result.get(name) or ()
        if _numbers(r, "year", "median", "low", "high")
    ]


def _numbers(row: Any, *names: str) -> bool:
    return isinstance(row, dict) and all(isinstance(row.get(name), int | float) for name in names)


async def _form(request: Request) -> QueryParams:
    """Fields of a form that was sent."""
    if request.headers.get("content-type", "").partition(";")[0].strip() != "application/x-www-form-urlencoded":
        raise Problem(HTTPStatus.BAD_REQUEST, "no_form")
    try:
        pairs = parse_qsl((await body_of(request)).decode("ascii"), keep_blank_values=True, max_num_fields=20)
    except ValueError:
        raise Problem(HTTPStatus.BAD_REQUEST, "unreadable_form") from None
    return QueryParams(pairs)


def _run_routes(queries: Queries, jobs: Jobs) -> list[Route]:
    """Every page on simulations."""

    def view_of(request: Request, asked: dict[str, Any]) -> View:
        return View(queries, request, asked.pop("lang"), asked.pop("labels"))

    async def choose(request: Request) -> Response:
        if request.method == "POST":
            asked = read(await _form(request), (*FIELDS, *SETTINGS), lenient=True)
            view = view_of(request, asked)
            job = jobs.submit(asked)
            return RedirectResponse(view.link(f"/jobs/{job.id}"), 303)
        asked = read(request.query_params, (*FIELDS, *SETTINGS), lenient=True)
        view = view_of(request, asked)
        content = view.render("scenarios.html", {
            "asked": asked, "scenarios": {n: view.scenario(n, **told) for n, told in scenarios().items()},
            "limits": LIMITS, "most": LARGEST,
            "jobs": jobs.all(),
        })  # fmt: skip
        return Response(content, media_type=HTML, headers=FRESH)

    async def show(request: Request) -> Response:
        asked = read(request.query_params, SETTINGS)
        view, job = view_of(request, asked), jobs.get(request.path_params["id"])
        title, _ = view.scenario(job.scenario, **scenarios()[job.scenario])
        found = _shown(queries, job.result or {}, view.lang)
        content = view.render("job.html", {"job": job, "scenario": title, **found})
        return Response(content, media_type=HTML, headers=FRESH)

    async def cancel(request: Request) -> Response:
        asked = read(await _form(request), SETTINGS, lenient=True)
        view = view_of(request, asked)
        job = await run_in_threadpool(jobs.cancel, request.path_params["id"])
        return RedirectResponse(view.link(f"/jobs/{job.id}"), 303)

    async def table(request: Request) -> Response:
        job, name = jobs.get(request.path_params["id"]), request.path_params["series"]
        if name not in SERIES:
            raise UnknownNameError("table", name[:40], SERIES)
        rows = _bands(job.result or {}, name)
        content = encode(frame_of([{c.name: r[c.name] for c in BAND} for r in rows], BAND), "csv", BAND)
        headers = {"content-disposition": f'attachment; filename="exeunt-{job.scenario}-{name}.csv"', **FRESH}
        return Response(content, media_type="text/csv; charset=utf-8", headers=headers)

    return [
        Route("/scenarios", choose, methods=["GET", "POST"]),
        Route("/jobs/{id}", show),
        Route("/jobs/{id}/cancel", cancel, methods=["POST"]),
        Route("/jobs/{id}/{series}.csv", table),
    ]


def _page(queries: Queries, template: str, params: tuple[Param, ...], values: _Values) -> Handler:
    """Make the handler of one page."""

    async def handle(request: Request) -> Response:
        asked = read(request.query_params, (*params, *SETTINGS), lenient=True)
        view = View(queries, request, asked.pop("lang"), asked.pop("labels"))
        asked.update(request.path_params)
        if len(asked.get("key", "")) > LONGEST_TEXT:
            raise Problem(HTTPStatus.BAD_REQUEST, "long_name", most=LONGEST_TEXT)

        def work() -> bytes:
            return view.render(f"{template}.html", values(queries, view, asked))

        content = await run_in_threadpool(work) if template in HEAVY else work()
        return answer(request, content, HTML)

    return handle


def _picture(queries: Queries, name: str) -> Handler:
    """Make the handler of a figure as a file of its own, at the size for print."""

    async def handle(request: Request) -> Response:
        asked = read(request.query_params, SETTINGS)
        rows = queries.exits()
        counted = queries.exits_by_year(rows) if name == "exits" else queries.exits_by_region(rows)
        return answer(request, standalone(figures.pair(name, asked["lang"], counted)[0]).encode(), SVG)

    return handle


async def _asset(request: Request) -> Response:
    """Give the style sheet or the script; kept for good under an address that names its content."""
    name = request.path_params["name"]
    found = asset_of(name)
    if found is None:
        raise UnknownNameError("file", name[:40], ("style.css", "explore.js"))
    content, media, mark = found
    if request.query_params.get("v") == mark:
        return answer(request, content, media, **{"cache-control": "public, max-age=31536000, immutable"})
    return answer(request, content, media)


def routes(queries: Queries, jobs: Jobs) -> list[Route]:
    """Every page."""
    return [
        *(Route(path, _page(queries, template, params, values)) for path, template, params, values in PAGES),
        *(Route(f"/figures/{name}.svg", _picture(queries, name)) for name in ("exits", "regions")),
        Route("/assets/{name}", _asset),
        *_run_routes(queries, jobs),
    ]
