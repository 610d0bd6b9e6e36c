"""Pages of simulations: choose a scenario, watch it run, cancel it, read what it gave."""

from __future__ import annotations

from contextlib import suppress
from typing import Any, Final
from urllib.parse import parse_qsl

import msgspec
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import QueryParams
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from exeunt.answers import Message
from exeunt.errors import UnknownNameError, UsageError
from exeunt.export import encode, frame_of
from exeunt.i18n import render
from exeunt.record.schema import Column
from exeunt.web import figures, jobs, query
from exeunt.web.desk import Desk
from exeunt.web.query import Param
from exeunt.web.serving import Explorer, body_of
from exeunt.web.views import HTML, View

FIELDS: Final = (
    Param("scenario", "text", default=jobs.DEFAULTS["scenario"]),
    *(Param(name, "whole", least=a, most=b, default=jobs.DEFAULTS[name]) for name, (a, b) in jobs.LIMITS.items()),
)
SETTINGS: Final = (query.LANG, query.LABEL_SET)
SERIES: Final = ("exits_per_year", "joins_per_year")
BAND: Final = (
    Column("year", "integer", "year"), Column("median", "number", "median over worlds"),
    Column("low", "number", "2.5 % quantile over worlds"), Column("high", "number", "97.5 % quantile over worlds"),
)  # fmt: skip
LISTED: Final = 100
FRESH: Final = {"cache-control": "no-store"}


def shown(desk: Desk, result: dict[str, Any], lang: str) -> dict[str, Any]:
    """Pick what the page shows out of the answer of a simulation; what is not there, or not so, is left out."""
    listed = result.get("likeliest_exits")
    bodies, states = desk.body_names, desk.state_names("common")
    likeliest = [
        {"state": r["state"], "body": r["body"], **{p: r.get(p) if _numbers(r, p) else None for p in ("p1", "p5")}}
        for r in (listed if isinstance(listed, list) else [])
        if isinstance(r, dict) and r.get("state") in states and r.get("body") in bodies
    ]
    worth, paired = result.get("back_tested_hits"), result.get("paired")
    difference = paired.get("exits_total") if isinstance(paired, dict) else None
    total = result.get("exits_total")
    return {
        "bands": {name: figures.bands(result, name) for name in SERIES},
        "drawn": figures.pair_of(lambda width: figures.fan_svg(result, lang, width)) if result else [],
        "total": total if _numbers(total, "median", "low", "high") else None,
        "paired": difference if _numbers(difference, "mean", "mean_low", "mean_high") else None,
        "likeliest": likeliest[:LISTED],
        "worth": worth["about"] if isinstance(worth, dict) and isinstance(worth.get("about"), str) else "",
        "remarks": _remarks(result, lang),
    }


def _remarks(result: dict[str, Any], lang: str) -> list[str]:
    """Sentences on what was not done and what to keep in mind; what is not a message is left out."""
    said = []
    for key in ("not_done", "warnings"):
        for each in result.get(key) or ():
            with suppress(KeyError, TypeError, ValueError, msgspec.ValidationError):
                said.append(render(msgspec.convert(each, Message), lang))
    return said


def _numbers(row: Any, *names: str) -> bool:
    return isinstance(row, dict) and all(isinstance(row.get(name), int | float) for name in names)


async def _form(request: Request) -> QueryParams:
    """Fields of a form that was sent."""
    if request.headers.get("content-type", "").partition(";")[0].strip() != "application/x-www-form-urlencoded":
        raise UsageError("expected the fields of a form.")
    try:
        pairs = parse_qsl((await body_of(request)).decode("ascii"), keep_blank_values=True, max_num_fields=20)
    except ValueError:
        raise UsageError("the fields of the form cannot be read.") from None
    return QueryParams(pairs)


def run_routes(explorer: Explorer) -> list[Route]:
    """Every page on simulations."""

    def view_of(request: Request, asked: dict[str, Any]) -> View:
        return View(explorer.desk, request, asked.pop("lang"), asked.pop("labels"))

    async def choose(request: Request) -> Response:
        if request.method == "POST":
            asked = query.read(await _form(request), (*FIELDS, *SETTINGS), lenient=True)
            view = view_of(request, asked)
            job = explorer.jobs.submit(asked)
            return RedirectResponse(view.link(f"/jobs/{job.id}"), 303)
        asked = query.read(request.query_params, (*FIELDS, *SETTINGS), lenient=True)
        view = view_of(request, asked)
        content = view.render("scenarios.html", {
            "asked": asked, "scenarios": {n: view.scenario(n, **told) for n, told in jobs.scenarios().items()},
            "limits": jobs.LIMITS, "most": jobs.LARGEST,
            "jobs": explorer.jobs.all(),
        })  # fmt: skip
        return Response(content, media_type=HTML, headers=FRESH)

    async def show(request: Request) -> Response:
        asked = query.read(request.query_params, SETTINGS)
        view, job = view_of(request, asked), explorer.jobs.get(request.path_params["id"])
        title, _ = view.scenario(job.scenario, **jobs.scenarios()[job.scenario])
        found = shown(explorer.desk, job.result or {}, view.lang)
        content = view.render("job.html", {"job": job, "scenario": title, **found})
        return Response(content, media_type=HTML, headers=FRESH)

    async def cancel(request: Request) -> Response:
        asked = query.read(await _form(request), SETTINGS, lenient=True)
        view = view_of(request, asked)
        job = await run_in_threadpool(explorer.jobs.cancel, request.path_params["id"])
        return RedirectResponse(view.link(f"/jobs/{job.id}"), 303)

    async def table(request: Request) -> Response:
        job, name = explorer.jobs.get(request.path_params["id"]), request.path_params["series"]
        if name not in SERIES:
            raise UnknownNameError("table", name[:40], SERIES)
        rows = figures.bands(job.result or {}, name)
        content = encode(frame_of([{c.name: r[c.name] for c in BAND} for r in rows], BAND), "csv", BAND)
        headers = {"content-disposition": f'attachment; filename="exeunt-{job.scenario}-{name}.csv"', **FRESH}
        return Response(content, media_type="text/csv; charset=utf-8", headers=headers)

    return [
        Route("/scenarios", choose, methods=["GET", "POST"]),
        Route("/jobs/{id}", show),
        Route("/jobs/{id}/cancel", cancel, methods=["POST"]),
        Route("/jobs/{id}/{series}.csv", table),
    ]
