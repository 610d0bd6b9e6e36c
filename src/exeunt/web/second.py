"""A second process that answers reading requests beside the first, so that two cores serve.

An answer is made of the record alone, so it does not matter which process makes it. Simulations are known to the first process
only, which also answers itself whatever the second one has no time for, or all of it, where that one is not there yet, or has
died. Requests wait in one row in the first process: the second one always has a few of them at hand, and between any two that
the first answers itself it looks whether the second can take more.
"""

from __future__ import annotations

import asyncio
import gc
import multiprocessing
import pickle
import signal
import socket
from collections import deque
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from typing import Any, Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

FIRST_ONLY: Final = ("/api/jobs", "/jobs", "/scenarios", "/assets")
KEPT: Final = ("method", "path", "raw_path", "query_string", "headers", "client", "server", "scheme", "http_version")
"""What a request is passed on with; all of it is plain."""
AT_HAND: Final = 6
"""Requests that the second process has at hand: enough for the time in which the first one is at work on an answer."""
LENGTH: Final = 4
PIECE: Final = 2**18


@dataclass(frozen=True)
class Answer:
    """An answer, whole."""

    status: int
    headers: list[tuple[bytes, bytes]]
    body: bytes


def _packed(what: object) -> bytes:
    content = pickle.dumps(what, pickle.HIGHEST_PROTOCOL)
    return len(content).to_bytes(LENGTH, "big") + content


def _whole(link: socket.socket, size: int) -> bytes:
    parts = b""
    while len(parts) < size:
        part = link.recv(size - len(parts))
        if not part:
            raise EOFError
        parts += part
    return parts


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


def serve(link: socket.socket, hosts: frozenset[str]) -> None:
    """Open the record in the second process and answer what comes over the link, until it is closed.

    Ctrl-C is for the first process, with whose end this one's link ends, however it came about.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    from exeunt.record.opened import open_record
    from exeunt.web.app import build
    from exeunt.web.desk import Desk
    from exeunt.web.jobs import Jobs

    app = build(Desk(open_record()), Jobs(), hosts)
    gc.collect()
    gc.freeze()
    loop = asyncio.new_event_loop()
    with link, closing(loop), suppress(EOFError, OSError):  # either: the first process has ended
        link.sendall(_packed(None))
        while True:
            request = pickle.loads(_whole(link, int.from_bytes(_whole(link, LENGTH), "big")))
            try:
                found = loop.run_until_complete(relayed(app, request))
            except Exception:  # the first process comes upon it too, and tells it as it tells its own
                found = None
            link.sendall(_packed(found))


@contextmanager
def _without_interrupts() -> Iterator[None]:
    # A process inherits what is held back: Ctrl-C while it starts would end it before it can say that it is not meant.
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    from multiprocessing import resource_tracker

    resource_tracker.ensure_running()  # once it runs; where it is started along with a process, it lets the signal in again
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


class Shared:
    """ASGI application of the first process: shares reading requests with the second one.

    Parameters
    ----------
    app : what answers here; its guard is also that of the second process
    hosts : Host headers under which it may be asked
    """

    def __init__(self, app: ASGIApp, hosts: frozenset[str]) -> None:
        self.app = app
        self.waiting: deque[asyncio.Future[bool]] = deque()
        self.asked: deque[asyncio.Future[Answer | None]] = deque()
        self.passing = 0
        self.ready = self.gone = self.dealing = False
        self.loop: asyncio.AbstractEventLoop | None = None
        self.listener: asyncio.Task[None] | None = None
        self.received = bytearray()
        self.link, theirs = socket.socketpair()
        # Started anew, not forked: the threads of the record's libraries do not outlive a fork.
        self.process = multiprocessing.get_context("spawn").Process(target=serve, args=(theirs, hosts), daemon=True)
        with theirs, _without_interrupts():
            self.process.start()
        self.link.setblocking(False)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, here or there."""
        if scope["type"] != "http" or scope["method"] != "GET" or scope["path"].startswith(FIRST_ONLY):
            await self.app(scope, receive, send)
            return
        self.attach()
        turn: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self.waiting.append(turn)
        self._deal_soon()
        if await turn:
            found = await self._passed({name: scope[name] for name in KEPT if name in scope})
            if found is not None:
                await send({"type": "http.response.start", "status": found.status, "headers": found.headers})
                await send({"type": "http.response.body", "body": found.body})
                return
        await self.app(scope, receive, send)

    # --- who answers ---------------------------------------------------------------------------------------------

    def _deal_soon(self) -> None:
        if not self.dealing and self.loop is not None:
            self.dealing = True
            self.loop.call_soon(self._deal)

    def _deal(self) -> None:
        """Pass on what the second process can take, and answer one request here; the rest waits for the next turn."""
        self.dealing = False
        while self.waiting and self.ready and not self.gone and len(self.asked) + self.passing < AT_HAND:
            if self._let_go(there=True):
                self.passing += 1
        if self.waiting:
            self._let_go(there=False)
        if self.waiting:
            self._deal_soon()

    def _let_go(self, there: bool) -> bool:
        turn = self.waiting.popleft()
        if turn.done():  # its reader has gone
            return False
        turn.set_result(there)
        return True

    # --- the link to the second process --------------------------------------------------------------------------

    async def _passed(self, request: dict[str, Any]) -> Answer | None:
        self.passing -= 1
        answer: asyncio.Future[Answer | None] = asyncio.get_running_loop().create_future()
        self.asked.append(answer)
        try:
            # Small enough to be taken whole at once; what is not taken is not there for the second process to read.
            content = _packed(request)
            if self.gone or self.link.send(content) != len(content):
                raise OSError
        except OSError:
            self._lost()
        return await answer

    def attach(self) -> None:
        """Listen to the second process from the loop that runs."""
        loop = asyncio.get_running_loop()
        if self.loop is not loop:
            self.loop, self.dealing, self.passing = loop, False, 0
            self.listener = loop.create_task(self._listen(loop))

    async def _listen(self, loop: asyncio.AbstractEventLoop) -> None:
        while not self.gone:
            try:
                part = await loop.sock_recv(self.link, PIECE)
            except OSError:
                part = b""
            if not part:
                self._lost()
                return
            self.received += part
            self._read()

    def _read(self) -> None:
        while len(self.received) >= LENGTH:
            end = LENGTH + int.from_bytes(self.received[:LENGTH], "big")
            if len(self.received) < end:
                return
            found = pickle.loads(memoryview(self.received)[LENGTH:end].tobytes())
            del self.received[:end]
            if not self.ready:
                self.ready = True
            elif self.asked:
                self._told(self.asked.popleft(), found)
            self._deal_soon()

    def _lost(self) -> None:
        """Take back what was passed on: the second process has died, or is being ended."""
        self.gone = True
        while self.asked:
            self._told(self.asked.popleft(), None)

    def _told(self, answer: asyncio.Future[Answer | None], found: Answer | None) -> None:
        if not answer.done():
            answer.set_result(found)

    def close(self) -> None:
        """End the second process."""
        self.gone = True
        self.link.close()
        self.process.terminate()
        self.process.join(5)
