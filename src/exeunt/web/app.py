"""The explorer as an ASGI application: its routes, and how errors are told."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from http import HTTPStatus

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Match, Route
from starlette.types import ASGIApp, Receive, Scope, Send

from exeunt.errors import ExeuntError
from exeunt.web import query
from exeunt.web.api import QUESTIONS
from exeunt.web.desk import Desk
from exeunt.web.guard import Guard
from exeunt.web.jobs import Jobs
from exeunt.web.openapi import document
from exeunt.web.pages import page_routes
from exeunt.web.problems import Problem, answer_to, problem_of
from exeunt.web.serving import JSON, Explorer, as_json, described, sent


async def openapi(request: Request) -> Response:
    """Give the OpenAPI document."""
    query.read(request.query_params, ())
    content = as_json(document())
    return sent(request, content, described(content, JSON))


async def told(request: Request, error: Exception) -> Response:
    """Tell an error of the rooms to the left."""
    return answer_to(problem_of(error), request.scope)


async def refused(request: Request, error: Exception) -> Response:
    """Tell an address or a method that is not there."""
    assert isinstance(error, HTTPException)
    said = {
        404: f"there is nothing at {request.url.path[:80]}.",
        405: f"{request.url.path[:80]} does not take {request.method[:10]}.",
    }.get(error.status_code, "the request cannot be answered.")
    problem = Problem(HTTPStatus(error.status_code), said, dict(error.headers or {}))
    return answer_to(problem, request.scope)


def api_routes(explorer: Explorer) -> list[Route]:
    """Every address under /api."""
    return [
        Route("/api/openapi.json", openapi),
        *(Route(question.path, explorer.ask(question)) for question in QUESTIONS),
        Route("/api/jobs", explorer.jobs_listed, methods=["GET", "POST"]),
        Route("/api/jobs/{id}", explorer.job_told, methods=["GET", "DELETE"]),
    ]


class Table(BaseRoute):
    """Every address that is one path and no pattern, found by looking it up."""

    def __init__(self, routes: list[Route]) -> None:
        self.routes = {route.path: route for route in routes if "{" not in route.path}

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Whether there is such a path, and what its route says of it."""
        route = self.routes.get(scope["path"])
        return (Match.NONE, {}) if route is None or scope["type"] != "http" else route.matches(scope)

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request that matched."""
        await self.routes[scope["path"]].handle(scope, receive, send)


def build(desk: Desk, jobs: Jobs, hosts: frozenset[str]) -> ASGIApp:
    """Put the application together.

    Parameters
    ----------
    hosts : Host headers under which it may be asked, with port
    """
    explorer = Explorer(desk, jobs)
    routes = [*api_routes(explorer), *page_routes(explorer)]

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        yield
        await run_in_threadpool(jobs.close)

    app = Starlette(
        routes=[Table(routes), *(route for route in routes if "{" in route.path)],
        exception_handlers={ExeuntError: told, HTTPException: refused, 500: told},
        lifespan=lifespan,
    )
    app.router.redirect_slashes = False
    return Guard(app, hosts)
