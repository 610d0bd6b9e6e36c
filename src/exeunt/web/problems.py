"""Errors of the explorer: JSON problem objects (RFC 9457) under /api, one clear sentence in a page elsewhere."""

from __future__ import annotations

import json
from html import escape
from http import HTTPStatus
from typing import Any

from starlette.responses import Response
from starlette.types import Scope

from exeunt.errors import ExeuntError, UnknownNameError, UsageError
from exeunt.i18n import LANGS, word

PROBLEM_JSON = "application/problem+json"


class Problem(ExeuntError):
    """A request that is not answered, with its HTTP status.

    Parameters
    ----------
    status : HTTP status, 4xx or 5xx
    detail : one sentence: what was found, what was expected
    headers : more headers of the answer
    """

    def __init__(self, status: HTTPStatus, detail: str, headers: dict[str, str] | None = None) -> None:
        super().__init__(detail)
        self.status = status
        self.headers = headers or {}
        self.matches: list[str] = []


def problem_of(error: Exception) -> Problem:
    """Tell an error of the rooms to the left as a problem: what is not there is 404, what cannot be read is 400."""
    if isinstance(error, Problem):
        return error
    if isinstance(error, UnknownNameError):
        found = Problem(HTTPStatus.NOT_FOUND, str(error))
        found.matches = list(error.matches)
        return found
    if isinstance(error, UsageError):
        return Problem(HTTPStatus.BAD_REQUEST, str(error))
    if isinstance(error, ExeuntError):
        return Problem(HTTPStatus.INTERNAL_SERVER_ERROR, str(error))
    return Problem(
        HTTPStatus.INTERNAL_SERVER_ERROR, "something went wrong in the server; what it was is in its terminal."
    )


def as_object(problem: Problem) -> dict[str, Any]:
    """Give a problem as the object that the API returns."""
    return {
        "type": "about:blank", "title": problem.status.phrase, "status": int(problem.status), "detail": str(problem),
        **({"matches": problem.matches} if problem.matches else {}),
    }  # fmt: skip


def answer_to(problem: Problem, scope: Scope) -> Response:
    """Answer with a problem: JSON under /api, else a page without anything from the request but its escaped sentence."""
    if scope["path"].startswith("/api/"):
        text = json.dumps(as_object(problem), ensure_ascii=False)
        return Response(text, int(problem.status), dict(problem.headers), PROBLEM_JSON)
    lang = "zh-Hant" if b"lang=zh-Hant" in scope.get("query_string", b"") else LANGS[0]
    home = f"/?lang={lang}" if lang != LANGS[0] else "/"
    links = "".join(
        f'<li><a href="{escape(f"/search?q={name}&lang={lang}")}">{escape(name)}</a></li>' for name in problem.matches
    )
    said = f'<p lang="en">{escape(str(problem)[:1].upper() + str(problem)[1:])}</p>'
    page = (
        f'<!DOCTYPE html><html lang="{lang}"><head><meta charset="utf-8"><meta name="color-scheme" content="light dark">'
        f'<meta name="viewport" content="width=device-width, initial-scale=1">'
        f'<link rel="icon" href="data:,"><link rel="stylesheet" href="/assets/style.css"><title>{int(problem.status)}'
        f" · {word('web.name', lang)}</title></head>"
        f'<body><header><p class="name"><a href="{home}">{word("web.name", lang)}</a></p></header>'
        f"<main><section><h1>{word('web.problem', lang)}</h1>{said}{f'<ul>{links}</ul>' if links else ''}"
        f'<p><a href="{home}">{word("web.back", lang)}</a></p></section></main></body></html>'
    )
    return Response(page, int(problem.status), dict(problem.headers), "text/html; charset=utf-8")
