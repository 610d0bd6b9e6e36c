"""What stands before every page: only this machine's own pages may ask, and no answer may be used elsewhere.

A page of another site can make a browser send requests to 127.0.0.1. The Host header gives away a name that was pointed
here afterwards (DNS rebinding); `Origin` and `Sec-Fetch-Site`, which browsers set and pages cannot, give away a request
that another site's page has started. A program that is no browser sends neither, and may write as its user may.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import Final

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from exeunt.web.problems import Problem, answer_to

READING: Final = ("GET", "HEAD", "OPTIONS")
LONGEST_PATH: Final = 500
LONGEST_QUERY: Final = 2000
LARGEST_BODY: Final = 4096
CSP: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
HEADERS: Final = {
    "content-security-policy": CSP,
    "x-content-type-options": "nosniff",
    # Not `no-referrer`: with it a browser hides the origin of this site's own forms too.
    "referrer-policy": "same-origin",
    "x-frame-options": "DENY",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
}
SENT: Final = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in HEADERS.items()]
SAFE: Final = frozenset(name for name, _ in SENT)


def hosts_of(address: str, port: int) -> frozenset[str]:
    """Host headers under which a server at this address may be asked."""
    names = {"127.0.0.1", "localhost", f"[{address}]" if ":" in address else address}
    return frozenset({f"{name}:{port}" for name in names} | (names if port == 80 else set()))


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

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
            return
        if scope["type"] != "http":
            await send({"type": "websocket.close", "code": 1008})
            return

        async def safely(message: Message) -> None:
            if message["type"] == "http.response.start":
                own = [header for header in message.get("headers", ()) if header[0].lower() not in SAFE]
                message["headers"] = own + SENT
            await send(message)

        refused = self.refused(scope)
        if refused is not None:
            await answer_to(refused, scope)(scope, receive, safely)
        else:
            await self.app(scope, receive, safely)

    def refused(self, scope: Scope) -> Problem | None:
        """Why a request is not let through, or None."""
        headers = Headers(scope=scope)
        named = headers.getlist("host")
        if len(named) != 1 or named[0].lower() not in self.hosts:
            shown = named[0][:80] if len(named) == 1 else f"{len(named)} names"
            return Problem(
                HTTPStatus.MISDIRECTED_REQUEST,
                f"this server answers under {', '.join(sorted(self.hosts))} only, not under {shown!r}.",
            )
        raw_path = scope.get("raw_path") or scope["path"].encode()
        if len(raw_path) > LONGEST_PATH or len(scope["query_string"]) > LONGEST_QUERY:
            return Problem(
                HTTPStatus.REQUEST_URI_TOO_LONG,
                f"the address is too long; its path may have {LONGEST_PATH} signs, its query {LONGEST_QUERY}.",
            )
        length = headers.get("content-length", "0")
        if not length.isascii() or not length.isdigit() or int(length) > LARGEST_BODY:
            return Problem(
                HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"a request may carry {LARGEST_BODY} bytes, not {length[:20]}."
            )
        if scope["method"] not in READING and not self._own(headers, named[0]):
            return Problem(
                HTTPStatus.FORBIDDEN,
                "only this server's own pages, and programs that are no browser, may start or stop a job here.",
            )
        return None

    def _own(self, headers: Headers, host: str) -> bool:
        """Whether no browser says that the request comes from elsewhere."""
        origin, site = headers.get("origin"), headers.get("sec-fetch-site")
        return origin in (None, f"http://{host}") and site in (None, "same-origin", "none")
