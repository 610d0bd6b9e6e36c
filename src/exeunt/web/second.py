"""A second process that answers reading requests beside the first, so that two cores serve.

An answer is made of the record alone, so it does not matter which process makes it. Simulations are known to the first process
only, which also answers itself whenever more requests wait for the second one, or it is not there yet, or has died.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import signal
import threading
from concurrent.futures import BrokenExecutor, Future, ProcessPoolExecutor
from dataclasses import dataclass
from functools import cache
from multiprocessing.connection import wait
from typing import Any, Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

FIRST_ONLY: Final = ("/api/jobs", "/jobs", "/scenarios", "/assets")
KEPT: Final = ("method", "path", "raw_path", "query_string", "headers", "client", "server", "scheme", "http_version")
"""What a request is passed on with; all of it is plain."""

_APPS: dict[frozenset[str], ASGIApp] = {}


@dataclass(frozen=True)
class Answer:
    """An answer, whole."""

    status: int
    headers: list[tuple[bytes, bytes]]
    body: bytes


def prepare(hosts: frozenset[str]) -> None:
    """Open the record in the second process; Ctrl-C is for the first one, which ends this one."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_the_first, daemon=True).start()
    from exeunt.record.opened import open_record
    from exeunt.web.app import build
    from exeunt.web.desk import Desk
    from exeunt.web.jobs import Jobs

    _APPS[hosts] = build(Desk(open_record()), Jobs(), hosts)


def _end_with_the_first() -> None:
    # A first process that is ended by a signal does not come to close().
    first = multiprocessing.parent_process()
    if first is not None:
        wait([first.sentinel])
        os._exit(0)


def there() -> bool:
    """Tell that the second process is ready."""
    return True


async def relayed(app: ASGIApp, request: dict[str, Any]) -> Answer:
    """Ask an application in this process; the request has no body."""
    sent: list[Message] = []

    async def receive() -> Message:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Message) -> None:
        sent.append(message)

    await app({"type": "http", "asgi": {"version": "3.0"}, "root_path": "", **request}, receive, send)
    start = next(m for m in sent if m["type"] == "http.response.start")
    body = b"".join(m.get("body", b"") for m in sent if m["type"] == "http.response.body")
    return Answer(start["status"], list(start.get("headers", [])), body)


def answer(hosts: frozenset[str], request: dict[str, Any]) -> Answer:
    """Answer one request in the second process."""
    return _loop().run_until_complete(relayed(_APPS[hosts], request))


@cache
def _loop() -> asyncio.AbstractEventLoop:
    return asyncio.new_event_loop()  # one for all answers: to make a new one takes longer than many an answer


class Shared:
    """ASGI application of the first process: passes reading requests on while no more of them wait there than here.

    Parameters
    ----------
    app : what answers here; its guard is also that of the second process
    hosts : Host headers under which it may be asked
    """

    def __init__(self, app: ASGIApp, hosts: frozenset[str]) -> None:
        self.app = app
        self.hosts = hosts
        self.there = 0
        self.here = 0
        # Started anew, not forked: the threads of the record's libraries do not outlive a fork.
        self.pool = ProcessPoolExecutor(1, multiprocessing.get_context("spawn"), prepare, (hosts,))
        self.ready: Future[bool] = self.pool.submit(there)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, here or there: where fewer wait."""
        if self._passes(scope):
            self.there += 1
            try:
                asked = {name: scope[name] for name in KEPT if name in scope}
                found = await asyncio.wrap_future(self.pool.submit(answer, self.hosts, asked))
            except BrokenExecutor:
                found = None
            finally:
                self.there -= 1
            if found is not None:
                await send({"type": "http.response.start", "status": found.status, "headers": found.headers})
                await send({"type": "http.response.body", "body": found.body})
                return
        self.here += 1
        try:
            await asyncio.sleep(0)  # requests that came at the same moment are counted before one of them is worked on
            await self.app(scope, receive, send)
        finally:
            self.here -= 1

    def _passes(self, scope: Scope) -> bool:
        return (
            scope["type"] == "http"
            and scope["method"] == "GET"
            and not scope["path"].startswith(FIRST_ONLY)
            and self.there <= self.here
            and self.ready.done()
            and not self.ready.cancelled()
            and self.ready.exception() is None
        )

    def close(self) -> None:
        """End the second process."""
        self.pool.shutdown(wait=False, cancel_futures=True)
        for process in multiprocessing.active_children():
            if process.name.startswith("SpawnProcess"):
                process.terminate()
