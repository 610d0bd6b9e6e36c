"""What the server lets in, how much of it and for how long, and how it says no.

A page of another site can make a browser send requests to 127.0.0.1. The Host header gives away a name that was pointed
here afterwards (DNS rebinding); `Origin` and `Sec-Fetch-Site`, which browsers set and pages cannot, give away a request
that another site's page has started. A program that is not a browser sends neither, and may write as its user may.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from http import HTTPStatus
from typing import Annotated, Any, Final

import msgspec
from starlette.datastructures import Headers, QueryParams
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send
from starlette.types import Message as Event
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from exeunt.answers import Answer, Message, Value, item
from exeunt.core.dates import parse_day
from exeunt.core.errors import BadDateError, ExeuntError, UnknownNameError, UsageError
from exeunt.i18n import LANGS, render, word

LONGEST_PATH: Final = 500
LONGEST_QUERY: Final = 2000
LARGEST_BODY: Final = 4096
LONGEST_TEXT: Final = 120
"""Signs of one parameter."""
LARGEST_REQUEST: Final = 65_536
"""Bytes of one request, with whatever its body is wrapped in; of the body itself `LARGEST_BODY` are taken."""
LARGEST_HEAD: Final = 16_384
REQUEST_SECONDS: Final = 10.0
"""How long a client may take to send a request, and how long a connection may stay without one."""
_READING: Final = ("GET", "HEAD", "OPTIONS")
CSP: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
_HEADERS: Final = {
    "content-security-policy": CSP,
    "x-content-type-options": "nosniff",
    # Not `no-referrer`: with it a browser hides the origin of this site's own forms too.
    "referrer-policy": "same-origin",
    "x-frame-options": "DENY",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
}
_SENT: Final = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in _HEADERS.items()]
_SAFE: Final = frozenset(name for name, _ in _SENT)


class Refusal(Answer, frozen=True, kw_only=True):
    """What the API returns where it cannot answer (RFC 9457)."""

    type: Annotated[str, item("kind of problem; `about:blank`, for the status says it all")] = "about:blank"
    title: Annotated[str, item("the HTTP status in words")]
    status: Annotated[int, item("the HTTP status")]
    detail: Annotated[str, item("one sentence: what was found, what was expected")]
    code: Annotated[str, item("code of that sentence")]
    matches: Annotated[list[str] | msgspec.UnsetType, item("names that were perhaps meant")] = msgspec.UNSET


class Problem(ExeuntError):
    """A request that is not answered, with its HTTP status.

    Parameters
    ----------
    status : HTTP status, 4xx or 5xx
    code : what went wrong; `problem.CODE` in the catalogues says it
    headers : more headers of the answer
    english : the sentence that an error of another room brought along, where there is one
    values : what fills the sentence
    """

    def __init__(
        self, status: HTTPStatus, code: str, *, headers: Mapping[str, str] | None = None, english: str | None = None,
        matches: list[str] | None = None, **values: Value,
    ) -> None:  # fmt: skip
        self.message = Message(code=f"problem.{code}", values=dict(values))
        super().__init__(english or render(self.message, "en"))
        self.status = status
        self.headers = dict(headers or {})
        self.matches = matches or []

    def said(self, lang: str) -> str:
        """One sentence for a reader."""
        return str(self) if lang == LANGS[0] else render(self.message, lang)

    def refusal(self) -> Refusal:
        """The problem as the API returns it."""
        return Refusal(
            title=self.status.phrase, status=int(self.status), detail=str(self), code=self.message.code.partition(".")[2],
            matches=self.matches or msgspec.UNSET,
        )  # fmt: skip

    def __reduce__(self) -> tuple[Any, ...]:
        """Pass on between processes."""
        return _problem_again, (self.__dict__, str(self))


def _problem_again(state: dict[str, Any], text: str) -> Problem:
    """A problem that came from another process."""
    made = Problem.__new__(Problem)
    made.args = (text,)
    made.__dict__.update(state)
    return made


def _problem_of(error: Exception) -> Problem:
    """Tell an error of the rooms to the left as a problem: what is not there is 404, what cannot be read is 400."""
    text = str(error)
    match error:
        case Problem():
            return error
        case UnknownNameError():
            matches = [name for name in error.matches if name]
            return Problem(HTTPStatus.NOT_FOUND, "unknown_name", english=text, matches=matches, found=error.found[:80])
        case BadDateError():
            return Problem(HTTPStatus.BAD_REQUEST, "bad_date", english=text)
        case UsageError():
            return Problem(HTTPStatus.BAD_REQUEST, "cannot_be_read", english=text)
        case ExeuntError():
            return Problem(HTTPStatus.INTERNAL_SERVER_ERROR, "cannot_be_answered", english=text)
    return Problem(HTTPStatus.INTERNAL_SERVER_ERROR, "unforeseen")


def refused(error: Exception, scope: Scope) -> Response:
    """Answer with a problem: JSON under /api, else a page without anything from the request but its escaped sentence."""
    problem = _problem_of(error)
    status, headers = int(problem.status), problem.headers
    if scope["path"].startswith("/api/"):
        text = json.dumps(problem.refusal().as_dict(), ensure_ascii=False)
        return Response(text, status, headers, "application/problem+json")
    lang = next((one for one in LANGS[1:] if f"lang={one}".encode() in scope.get("query_string", b"")), LANGS[0])
    home = f"/?lang={lang}" if lang != LANGS[0] else "/"
    links = "".join(
        f'<li><a href="{escape(f"/search?q={name}&lang={lang}")}">{escape(name)}</a></li>' for name in problem.matches
    )
    said = problem.said(lang)
    page = (
        f'<!DOCTYPE html><html lang="{lang}"><head><meta charset="utf-8"><meta name="color-scheme" content="light dark">'
        f'<meta name="viewport" content="width=device-width, initial-scale=1">'
        f'<link rel="icon" href="data:,"><link rel="stylesheet" href="/assets/style.css"><title>{status}'
        f" · {word('web.name', lang)}</title></head>"
        f'<body><header><p class="name"><a href="{home}">{word("web.name", lang)}</a></p></header>'
        f"<main><section><h1>{word('web.problem', lang)}</h1>"
        f'<p class="problem">{escape(said[:1].upper() + said[1:])}</p>{f"<ul>{links}</ul>" if links else ""}'
        f'<p><a href="{home}">{word("web.back", lang)}</a></p></section></main></body></html>'
    )
    return Response(page, status, headers, "text/html; charset=utf-8")


@dataclass(frozen=True)
class Param:
    """One parameter of a query.

    Attributes
    ----------
    kind : text, day (YYYY-MM-DD), window (EDTF date or interval), whole (number), or choice
    words : of a choice, what may be chosen
    least, most : of a whole number, its bounds
    """

    name: str
    kind: str
    required: bool = False
    words: tuple[str, ...] = ()
    least: int = 0
    most: int = 0
    default: Any = None

    def read(self, text: str) -> Any:
        """Value of a text; raises Problem 400 or BadDateError."""
        if len(text) > LONGEST_TEXT:
            raise _bad("param_long", name=self.name, length=len(text), most=LONGEST_TEXT)
        if text == "" and self.kind == "text":
            raise _bad("param_empty", name=self.name)
        if self.kind == "day":
            return parse_day(text)
        if self.kind == "whole":
            if not (text.isascii() and text.isdigit() and len(text) <= 10):
                raise _bad("param_number", name=self.name, found=text, least=self.least, most=self.most)
            if not self.least <= int(text) <= self.most:
                raise _bad("param_range", name=self.name, found=int(text), least=self.least, most=self.most)
            return int(text)
        if self.kind == "choice" and text not in self.words:
            raise _bad("param_choice", name=self.name, found=text, words=", ".join(self.words))
        return text


def _bad(code: str, **values: Any) -> Problem:
    return Problem(HTTPStatus.BAD_REQUEST, code, **values)


def read(given: QueryParams, expected: Sequence[Param], lenient: bool = False) -> dict[str, Any]:
    """Read a query.

    Parameters
    ----------
    expected : the parameters that may be given
    lenient : an empty text counts as not given, as an empty field of a form sends it

    Returns
    -------
    name → value of every expected parameter, None or its default where it is not given

    Raises
    ------
    Problem 400, for an unknown, repeated, missing or bad parameter; BadDateError.
    """
    known = {param.name: param for param in expected}
    found: dict[str, Any] = {param.name: param.default for param in expected}
    seen: set[str] = set()
    for name, text in given.multi_items():
        if name not in known:
            raise _bad("param_unknown", name=name[:40], known=", ".join(known) or "none")
        if name in seen:
            raise _bad("param_twice", name=name)
        seen.add(name)
        if text == "" and lenient:
            continue
        found[name] = known[name].read(text)
    for param in expected:
        if param.required and not lenient and param.name not in seen:
            raise _bad("param_missing", name=param.name)
    return found


async def body_of(request: Request) -> bytes:
    """Read the body of a request; raises Problem 413 as soon as it is too large, whatever its header says."""
    content = b""
    try:
        async for part in request.stream():
            content += part
            if len(content) > LARGEST_BODY:
                raise Problem(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "too_large", most=LARGEST_BODY)
    except ClientDisconnect:
        logging.getLogger("uvicorn.error").warning("A client left before it had sent its request.")
        raise Problem(HTTPStatus.BAD_REQUEST, "left") from None
    return content


class Guard:
    """ASGI middleware: refuses what is not meant for this server, and puts the safe headers on every answer.

    Parameters
    ----------
    app : what answers the requests that pass
    hosts : allowed Host headers, with port
    """

    def __init__(self, app: ASGIApp, hosts: frozenset[str]) -> None:
        self.app = app
        self.hosts = hosts

    @staticmethod
    def hosts_of(address: str, port: int) -> frozenset[str]:
        """Host headers under which a server at this address may be asked."""
        names = {"127.0.0.1", "localhost", f"[{address}]" if ":" in address else address}
        return frozenset({f"{name}:{port}" for name in names} | (names if port == 80 else set()))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
            return
        if scope["type"] != "http":
            await send({"type": "websocket.close", "code": 1008})
            return

        async def safely(event: Event) -> None:
            if event["type"] == "http.response.start":
                own = [header for header in event.get("headers", ()) if header[0].lower() not in _SAFE]
                event["headers"] = own + _SENT
            await send(event)

        problem = self._refused(scope)
        if problem is not None:
            await refused(problem, scope)(scope, receive, safely)
        else:
            await self.app(scope, receive, safely)

    def _refused(self, scope: Scope) -> Problem | None:
        """Why a request is not let through, or None."""
        headers = Headers(scope=scope)
        named = headers.getlist("host")
        if len(named) != 1 or named[0].lower() not in self.hosts:
            shown = named[0][:80] if len(named) == 1 else f"{len(named)} names"
            return Problem(
                HTTPStatus.MISDIRECTED_REQUEST, "other_host", hosts=", ".join(sorted(self.hosts)), found=shown
            )
        raw_path = scope.get("raw_path") or scope["path"].encode()
        if len(raw_path) > LONGEST_PATH or len(scope["query_string"]) > LONGEST_QUERY:
            return Problem(HTTPStatus.REQUEST_URI_TOO_LONG, "long_address", path=LONGEST_PATH, query=LONGEST_QUERY)
        length = headers.get("content-length", "0")
        if not length.isascii() or not length.isdigit() or int(length) > LARGEST_BODY:
            return Problem(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "too_large_by", most=LARGEST_BODY, found=length[:20])
        if scope["method"] not in _READING and not self._own(headers, named[0]):
            return Problem(HTTPStatus.FORBIDDEN, "other_site")
        return None

    def _own(self, headers: Headers, host: str) -> bool:
        """Whether no browser says that the request comes from elsewhere."""
        origin, site = headers.get("origin"), headers.get("sec-fetch-site")
        return origin in (None, f"http://{host}") and site in (None, "same-origin", "none")


class Limited(HttpToolsProtocol):
    """Protocol of one connection: a request has limits of size and time, and whatever breaks them ends the connection.

    httptools reads with a parser written in C, where h11 is all Python; but unlike h11 it has no limit of its own on the head
    of a request.
    """

    _read = _head = 0
    _within = _too_large = False
    _timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Give the client time for its first request."""
        super().connection_made(transport)
        self._wait()

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the time."""
        self._waited()
        super().connection_lost(exc)

    def on_message_begin(self) -> None:
        """Count from zero for each request."""
        self._read = self._head = 0
        self._within = True
        super().on_message_begin()

    def on_url(self, url: bytes) -> None:
        """Count the address."""
        self._count(len(url))
        super().on_url(url)

    def on_header(self, name: bytes, value: bytes) -> None:
        """Count a header, so that a head that comes in one piece has the same limit as one in many."""
        self._count(len(name) + len(value) + 4)
        super().on_header(name, value)

    def on_message_complete(self) -> None:
        """The request is whole."""
        self._within = False
        self._waited()
        super().on_message_complete()

    def data_received(self, data: bytes) -> None:
        """Read on, unless it has become too much."""
        in_head = self._within and not self._answering()
        super().data_received(data)
        if self.transport.is_closing():
            return
        if self._within or self.cycle is None or self.cycle.response_complete:
            self._wait()
        if not self._within:
            return
        self._read += len(data)
        if self._read <= (LARGEST_HEAD if in_head and not self._answering() else LARGEST_REQUEST):
            return
        if not self._answering():
            self._too_large = True
            self.send_400_response("")
        else:  # its answer has begun, or will be of no use to anybody
            self.transport.close()

    def send_400_response(self, msg: str) -> None:
        """Refuse what cannot be read, with the safe headers that every answer has."""
        content = b"The request is too large." if self._too_large else msg.encode("ascii")
        own = {"content-type": "text/plain; charset=utf-8", "content-length": str(len(content)), "connection": "close"}
        head = "".join(f"{name}: {value}\r\n" for name, value in {**own, **_HEADERS}.items())
        self.transport.write(f"HTTP/1.1 400 Bad Request\r\n{head}\r\n".encode("latin-1") + content)
        self.transport.close()

    def _answering(self) -> bool:
        return self.cycle is not None and not self.cycle.response_complete

    def _count(self, size: int) -> None:
        self._head += size
        if self._head > LARGEST_HEAD:
            self._too_large = True
            raise ValueError("the head of a request is too large")  # the parser gives up, and its error is answered

    def _wait(self) -> None:
        if self._timer is None:
            self._timer = self.loop.call_later(REQUEST_SECONDS, self.transport.abort)

    def _waited(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
