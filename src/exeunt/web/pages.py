"""The pages: each a question to the desk and a template; an address says everything that a page shows."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any, Final

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from exeunt.errors import UnknownNameError, UsageError
from exeunt.record.clauses import clause_for
from exeunt.record.membership import Member
from exeunt.record.schema import REGIONS
from exeunt.record.status import INSIDE
from exeunt.report.argued import verdicts
from exeunt.report.summaries import arguments
from exeunt.report.svg import standalone
from exeunt.web import figures, query
from exeunt.web.api import FILTERS, QUESTIONS
from exeunt.web.desk import DATES, Desk
from exeunt.web.figures import pair_of
from exeunt.web.query import Param
from exeunt.web.runs import run_routes
from exeunt.web.serving import Explorer, Handler, described, sent
from exeunt.web.views import HTML, View, asset_of, drop_empty
from exeunt.words import number

Asked = dict[str, Any]
Answer = Callable[[Desk, View, Asked], dict[str, Any] | bytes]
"""What a template names, or a page that is written already."""
TIME: Final = (query.AS_OF, query.year("year"))
PAGE_ROWS: Final = 100
LATEST: Final = 12
PAGE: Final = Param("page", "whole", least=1, most=1000)
HEAVY: Final = ("money",)
"""Pages that may take long, so they are made beside the others."""
SVG: Final = "image/svg+xml"


def day_of(desk: Desk, asked: Asked) -> date:
    """Find the day that a page is about: a day, the last of a year, or the closing day of the record."""
    if asked["as_of"] is not None:
        return asked["as_of"]  # type: ignore[no-any-return]
    closing = desk.record.closing_day
    year = asked["year"]
    return closing if year is None or year == closing.year else date(year, 12, 31)


def _counts(view: View, rows: list[Member]) -> dict[str, str]:
    """How many are inside, and how many more are listed."""
    inside = sum(row.status in INSIDE for row in rows)
    return {"inside": number(inside, view.lang), "others": number(len(rows) - inside, view.lang)}


def paged(rows: list[Any], at: int) -> tuple[list[Any], int]:
    """Rows of one page, and how many pages there are; raises UsageError for a page that is none."""
    pages = max((len(rows) + PAGE_ROWS - 1) // PAGE_ROWS, 1)
    if at > pages:
        raise UsageError(f"there is no page {at}; the last one is {pages}.")
    return rows[(at - 1) * PAGE_ROWS : at * PAGE_ROWS], pages


def latest_step(row: dict[str, Any]) -> str:
    """Last dated step of an episode, for sorting."""
    return max(row[d] or "" for d in DATES)


def home(desk: Desk, view: View, asked: Asked) -> dict[str, Any]:
    """Offer what can be asked, and the latest acts of leaving."""
    since = desk.record.closing_day.year - 1
    latest = desk.exits(first_year=since)
    latest = sorted(latest, key=latest_step, reverse=True)
    return {
        "states": sum(row["valid_to"] is None for row in desk.states), "bodies": len(desk.bodies),
        "exits": len(desk.exits()), "latest": latest[:LATEST], "since": since,
    }  # fmt: skip


def search(desk: Desk, view: View, asked: Asked) -> dict[str, Any]:
    """Find states and bodies."""
    q = asked["q"] or ""
    found = desk.search.find(q, limit=30)
    return {"q": q, "found": found, "close": [] if found else desk.search.close(q)}


def state(desk: Desk, view: View, asked: Asked) -> bytes:
    """Show the memberships of a state on a day, its exits and its entries."""
    code, day = desk.state(asked["key"]), day_of(desk, asked)
    rows, name, as_of = desk.inside(code, None, day, None), view.state_name(code), day.isoformat()
    changing = {
        **view.timed(as_of), **_counts(view, rows), "table": view.inside_rows(rows, as_of, "body"),
        "curve": figures.curve_figure(desk, code, name["text"], as_of[:4], view.lang),
        "rest": view.part("state_rest.html", code, lambda: {
            "exits": desk.exits(state=code), "entries": desk.acts(code, None, entries=True), "code": code, "name": name,
        }),
        "years": view.part("state_years.html", code, lambda: {"years": desk.curve(code), "code": code, "name": name}),
    }  # fmt: skip
    row = desk.state_row[code]
    return view.sheet(
        "state.html", code, lambda: {"code": code, "row": row, "region": row["region"], "name": name}, changing
    )


def body(desk: Desk, view: View, asked: Asked) -> bytes:
    """Show the members of a body on a day, its exits, its rules for leaving and its money."""
    key, day = desk.body(asked["key"]), day_of(desk, asked)
    rows = desk.members_by_name(key, day, view.chinese, view.labels)
    name, as_of = view.body_name(key), day.isoformat()

    def rest() -> dict[str, Any]:
        return {
            "key": key, "name": name, "exits": desk.exits(body=key), "clauses": desk.clauses(key),
            "money": desk.money_summary(key), "notes": desk.notes(key),
        }  # fmt: skip

    changing = {
        **view.timed(as_of), **_counts(view, rows), "table": view.inside_rows(rows, as_of, "state"),
        "rest": view.part("body_rest.html", key, rest),
    }  # fmt: skip
    return view.sheet(
        "body.html", key, lambda: {"key": key, "row": desk.record.lookup.body(key), "name": name}, changing
    )


def pair(desk: Desk, view: View, asked: Asked) -> bytes | dict[str, Any]:
    """Show the status of a pair on a day, the acts behind it and its clock."""
    day = day_of(desk, asked)
    timed = view.timed(day.isoformat())
    if not asked["state"] or not asked["body"]:
        return {"code": None, **timed}
    code, key = desk.state(asked["state"]), desk.body(asked["body"])
    notified = asked["notified"] and asked["notified"].isoformat()

    def values() -> dict[str, Any]:
        return {
            "code": code, "key": key, "state": view.state_name(code), "body": view.body_name(key),
            "acts": desk.acts(code, key), "notified": notified,
            "clock": desk.clock(code, key, asked["notified"], None, None),
            "rule": clause_for(desk.record, code, key) or {},
        }  # fmt: skip

    told = view.written("pair_day.html", {"found": desk.status(code, key, day, None), **timed})
    return view.sheet("pair.html", f"{code} {key} {notified}", values, {**timed, "told_day": told})


def compare(desk: Desk, view: View, asked: Asked) -> dict[str, Any]:
    """Compare two states on a day."""
    day = day_of(desk, asked)
    empty: dict[str, Any] = {**view.timed(day.isoformat()), "rows": None, "a": asked["a"], "b": asked["b"]}
    if not asked["a"] or not asked["b"]:
        return empty
    codes = [desk.state(asked[side]) for side in ("a", "b")]
    rows = desk.compare(codes[0], codes[1], day, None)
    sides = [{"code": code, "name": view.state_name(code), "exits": desk.exits(state=code)} for code in codes]
    return {
        **empty, "a": codes[0], "b": codes[1], "rows": rows, "first": sides[0]["name"], "second": sides[1]["name"],
        "parts": {part: [r for r in rows if r["in"] == part] for part in ("both", "a", "b")}, "sides": sides,
    }  # fmt: skip


def exits(desk: Desk, view: View, asked: Asked) -> dict[str, Any]:
    """Show acts of leaving through filters, on a timeline and as a table, the latest first, a page at a time."""
    at = asked.pop("page") or 1
    keys = {**asked, "state": asked["state"] and desk.state(asked["state"]),
            "body": asked["body"] and desk.body(asked["body"])}  # fmt: skip
    rows = desk.exits(**keys)
    years = figures.by_year(rows)
    shown, pages = paged(sorted(rows, key=latest_step, reverse=True), at)
    return {
        "asked": keys, "rows": shown, "total": len(rows), "page": at, "pages": pages, "regions": REGIONS,
        "by_year": years, "drawn": figures.exits_pair(years, view.lang),
        "api_link": lambda name, form: view.link(f"/api/{name}", **drop_empty(keys), format=form),
    }  # fmt: skip


def money(desk: Desk, view: View, asked: Asked) -> dict[str, Any]:
    """Show figures of the ledgers, a page of them at a time."""
    at = asked.pop("page") or 1
    if not asked["target"]:
        return {"asked": asked, "rows": None}
    target, code = asked["target"], asked["state"] and desk.state(asked["state"])
    known = desk.case_titles.get(target)
    key = target if known else desk.body(target)
    rows = desk.money(key, code, asked["year"], asked["ledger"])
    shown, pages = paged(rows[::-1], at)
    heading = {"text": known[view.chinese], "lang": view.lang} if known else view.body_name(key)
    keys = {**asked, "target": key, "state": code}
    return {
        "asked": keys, "rows": shown, "total": len(rows), "page": at,
        "pages": pages, "heading": heading, "one_body": len({row["body"] for row in shown}) < 2,
        "notes": [] if known else desk.notes(key),
        "api_link": lambda name, form: view.link(f"/api/{name}", **drop_empty(keys), format=form),
    }  # fmt: skip


def cases(desk: Desk, view: View, asked: Asked) -> dict[str, Any]:
    """List the cases, and the arguments on leaving with their verdicts."""
    return {"cases": desk.cases, "titles": desk.case_titles, "arguments": verdicts(arguments(), view.lang)}


def case(desk: Desk, view: View, asked: Asked) -> dict[str, Any]:
    """Show the bodies of a case on a day."""
    name, day = asked["key"], day_of(desk, asked)
    rows = desk.case(name, day, None)
    parts = desk.case_parts(name)
    return {
        "case": name, "heading": desk.case_titles[name][view.chinese], **view.timed(day.isoformat()), "rows": rows,
        "drawn": pair_of(lambda width: figures.what_svg(parts, view.lang, width)),
    }  # fmt: skip


def pictures(desk: Desk, view: View, asked: Asked) -> dict[str, Any]:
    """Show the figures of the record as a whole, each with its table."""
    rows = desk.exits()
    regions, years = figures.by_region(desk, rows), figures.by_year(rows)
    return {
        "exits": figures.exits_pair(years, view.lang), "by_year": years,
        "regions": pair_of(lambda width: figures.regions_svg(regions, view.lang, width)), "by_region": regions,
        "region_keys": REGIONS, "region_names": [view.say(f"region.{region}") for region in REGIONS],
    }  # fmt: skip


EXAMPLES: Final = {
    "search": {"q": "WHO"}, "status": {"state": "USA", "body": "unfccc"}, "clock": {"state": "HUN", "body": "icc"},
    "members": {"body": "icc"}, "memberships": {"state": "NER"}, "compare": {"a": "MLI", "b": "NER"},
    "curve": {"state": "USA"}, "exits": {"body": "icc"}, "acts": {"state": "USA", "body": "who"},
    "clauses": {"body": "icc"}, "money": {"target": "unesco", "state": "USA"}, "case": {"case": "usa-2026-01"},
}  # fmt: skip


def api(desk: Desk, view: View, asked: Asked) -> dict[str, Any]:
    """Explain the API."""
    params = {p.name: None for question in QUESTIONS for p in question.params}
    examples = {q.name: view.bare(q.path, **EXAMPLES.get(q.name, {})) for q in QUESTIONS}
    return {"questions": QUESTIONS, "params": list(params), "examples": examples, "origin": view.origin}


PAGES: Final[tuple[tuple[str, str, tuple[Param, ...], Answer], ...]] = (
    ("/", "home", (), home),
    ("/search", "search", (Param("q", "text"),), search),
    ("/state/{key}", "state", TIME, state),
    ("/body/{key}", "body", TIME, body),
    ("/pair", "pair", (query.STATE, query.BODY, Param("notified", "day"), *TIME), pair),
    ("/compare", "compare", (Param("a", "text"), Param("b", "text"), *TIME), compare),
    ("/exits", "exits", (*FILTERS, PAGE), exits),
    ("/money", "money", (
        Param("target", "text"), query.STATE, query.year("year"), query.LEDGER,
        PAGE,
    ), money),
    ("/cases", "cases", (), cases),
    ("/case/{key}", "case", TIME, case),
    ("/figures", "figures", (), pictures),
    ("/api", "api", (), api),
)  # fmt: skip


def page(explorer: Explorer, template: str, params: tuple[Param, ...], answer: Answer) -> Handler:
    """Make the handler of one page."""

    async def handle(request: Request) -> Response:
        key = f"{request.headers['host']}{request.scope['path']}?{request.scope['query_string'].decode('latin-1')}"
        found = explorer.kept.get(key)
        if found is None:
            asked = query.read(request.query_params, (*params, query.LANG, query.LABEL_SET), lenient=True)
            view = View(explorer.desk, request, asked.pop("lang"), asked.pop("labels"))
            asked.update(request.path_params)
            if len(asked.get("key", "")) > query.LONGEST_TEXT:
                raise UsageError(f"a name of more than {query.LONGEST_TEXT} signs is not looked up.")

            def work() -> bytes:
                found = answer(explorer.desk, view, asked)
                return found if isinstance(found, bytes) else view.render(f"{template}.html", found)

            if template in HEAVY:
                async with explorer.heavy:
                    content = await run_in_threadpool(work)
            else:
                content = work()
            found = content, described(content, HTML)
            explorer.kept.put(key, *found)
        return sent(request, *found)

    return handle


def picture(explorer: Explorer, name: str) -> Handler:
    """Make the handler of a figure as a file of its own, at the size for print."""

    async def handle(request: Request) -> Response:
        asked = query.read(request.query_params, (query.LANG, query.LABEL_SET))
        rows = explorer.desk.exits()
        if name == "exits":
            drawn = figures.exits_svg(figures.by_year(rows), asked["lang"])
        else:
            drawn = figures.regions_svg(figures.by_region(explorer.desk, rows), asked["lang"])
        content = standalone(drawn).encode()
        return sent(request, content, described(content, SVG))

    return handle


async def asset(request: Request) -> Response:
    """Give the style sheet or the script; kept for good under an address that names its content."""
    found = asset_of(request.path_params["name"])
    if found is None:
        raise UnknownNameError("file", request.path_params["name"][:40], ("style.css", "explore.js"))
    content, media, mark = found
    headers = described(content, media)
    if request.query_params.get("v") == mark:
        headers["cache-control"] = "public, max-age=31536000, immutable"
    return sent(request, content, headers)


def page_routes(explorer: Explorer) -> list[Route]:
    """Every page."""
    return [
        *(Route(path, page(explorer, template, params, answer)) for path, template, params, answer in PAGES),
        *(Route(f"/figures/{name}.svg", picture(explorer, name)) for name in ("exits", "regions")),
        Route("/assets/{name}", asset),
        *run_routes(explorer),
    ]
