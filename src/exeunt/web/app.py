"""The explorer as an ASGI application, and the processes that serve it.

One process binds the port, keeps the jobs and looks after the workers, each of which holds the record and answers: uvicorn
starts a new one for any that dies or no longer answers.
"""

from __future__ import annotations

import errno
import gc
import os
import signal
import socket
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from http import HTTPStatus
from ipaddress import ip_address
from multiprocessing import parent_process, resource_tracker
from typing import TYPE_CHECKING, Any, Final

import uvicorn
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Match, Route
from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.config import STARTUP_FAILURE
from uvicorn.supervisors.multiprocess import Multiprocess, Process

from exeunt.core.errors import ExeuntError, UsageError
from exeunt.core.progress import Progress
from exeunt.i18n import LANGS
from exeunt.web.jobs import Jobs
from exeunt.web.security import Guard, Limited, Problem, refused

if TYPE_CHECKING:
    from exeunt.web.queries import Queries

WORKERS: Final = min(2, os.cpu_count() or 1)
BACKLOG: Final = 1024
"""Connections that may wait for a worker; so many readers can come at once without one being turned away."""
TAKEN_AT_ONCE: Final = 4
"""Connections that a worker takes off the queue at a time, so that a burst is shared among workers."""


async def _told(request: Request, error: Exception) -> Response:
    """Tell an error of the rooms to the left."""
    return refused(error, request.scope)


async def _not_there(request: Request, error: Exception) -> Response:
    """Tell an address or a method that is not there."""
    assert isinstance(error, HTTPException)
    codes = {404: "no_address", 405: "no_method"}
    values: dict[str, Any] = {"path": request.url.path[:80], "method": request.method[:10]}
    return refused(
        Problem(
            HTTPStatus(error.status_code), codes.get(error.status_code, "unforeseen_request"),
            headers=error.headers, **values,
        ),
        request.scope,
    )  # fmt: skip


class _Table(BaseRoute):
    """Every address that is one path and not a pattern, found by looking it up."""

    def __init__(self, routes: list[Route]) -> None:
        self.routes = {route.path: route for route in routes if "{" not in route.path}

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Whether there is such a path, and what its route says of it."""
        route = self.routes.get(scope["path"])
        return (Match.NONE, {}) if route is None or scope["type"] != "http" else route.matches(scope)

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request that matched."""
        await self.routes[scope["path"]].handle(scope, receive, send)


def _build(queries: Queries, jobs: Jobs, hosts: frozenset[str]) -> ASGIApp:
    """Put the application together.

    Parameters
    ----------
    hosts : Host headers under which it may be asked, with port
    """
    from exeunt.web import api, pages  # here, for the process that looks after the workers needs neither

    routes = [*api.routes(queries, jobs), *pages.routes(queries, jobs)]
    app = Starlette(
        routes=[_Table(routes), *(route for route in routes if "{" in route.path)],
        exception_handlers={ExeuntError: _told, HTTPException: _not_there, 500: _told},
    )
    app.router.redirect_slashes = False
    return Guard(app, hosts)


# --- the processes ---------------------------------------------------------------------------------------------------


def _bound(address: str, port: int, public: bool) -> socket.socket:
    """Bind a port of this machine; 0 takes any that is free.

    Raises
    ------
    UsageError, for an address that is not one, stands for many, or is reached from other machines where that was not asked
    for; ExeuntError, if the port cannot be had.
    """
    try:
        ip = ip_address(address)
    except ValueError:
        raise UsageError(
            f"--host {address[:80]} is not an IP address; leave it out, or give one such as 127.0.0.1."
        ) from None
    plain = getattr(ip, "ipv4_mapped", None) or ip
    if plain.is_unspecified or plain.is_multicast:
        raise UsageError(f"--host {address} stands for many addresses; name the one under which it is to be reached.")
    if not plain.is_loopback and not public:
        raise UsageError(
            f"--host {address} lets other machines read everything and start jobs; add --public if that is meant."
        )
    if not 0 <= port <= 65535:
        raise UsageError(f"--port {port} is not a port; give one from 1 to 65535, or 0 for any that is free.")
    # With the protocol named, asyncio turns off the delay of small packets, which is 40 ms an answer.
    family = socket.AF_INET6 if ip.version == 6 else socket.AF_INET
    taken = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        taken.bind((address, port))
    except OSError as error:
        taken.close()
        what = "is in use" if error.errno == errno.EADDRINUSE else f"cannot be had ({error.strerror})"
        raise ExeuntError(
            f"port {port} of {address} {what}; name another with --port, or 0 for any free one."
        ) from None
    return taken


def _worker(hosts: frozenset[str], jobs: Callable[[], Jobs]) -> ASGIApp:
    """Open the record in a worker; it ends with the process that started it, however that one ends."""
    above = parent_process()

    def follow() -> None:
        if above is not None:
            above.join()
            os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=follow, name="follow", daemon=True).start()
    from exeunt.record.opened import open_record
    from exeunt.web.queries import Queries

    try:
        queries = Queries(open_record())
    except ExeuntError as error:
        print(f"exeunt: {error}", file=sys.stderr, flush=True)
        raise SystemExit(STARTUP_FAILURE) from None
    try:
        app = _build(queries, jobs(), hosts)
    except (OSError, EOFError):  # the process that keeps the jobs has ended meanwhile
        os._exit(STARTUP_FAILURE)
    # The record stays as long as the server: nothing in it needs to be looked at for what can be thrown away.
    gc.collect()
    gc.freeze()
    return app


class _Supervisor(Multiprocess):
    """Uvicorn's own process manager, which says when the first worker is there and when one was replaced.

    Parameters
    ----------
    there : called once, when the first worker answers
    """

    def __init__(self, config: uvicorn.Config, taken: socket.socket, there: Callable[[], None]) -> None:
        super().__init__(config, [taken])
        self.there = there
        self.received: list[int] = []
        self.failed = False

    def init_processes(self) -> None:
        """Start one worker, and the others once it answers, so that the first page comes soon."""
        for number in range(self.processes_num):
            with _without_interrupts():
                process = Process(self.config, self.sockets)
                process.start()
            self.processes.append(process)
            if number == 0 and not self._answers(process):
                return

    def _answers(self, process: Process) -> bool:
        """Wait until a worker answers; False if it never will, or is no longer wanted."""
        while not self.should_exit.is_set():
            self.handle_signals()
            if process.is_ready(0.1):
                self.sockets[0].listen(BACKLOG)
                self.there()
                return True
            if not process.process.is_alive():
                self.failed = True  # it would fail the same way again
                self.should_exit.set()
            self.should_exit.wait(0.05)
        return False

    def keep_subprocess_alive(self) -> None:
        """Start a new worker for one that has died or hangs."""
        before = [process.pid for process in self.processes]
        with _without_interrupts():
            super().keep_subprocess_alive()
        self.sockets[0].listen(BACKLOG)  # a worker that starts listens with the few that it takes at once
        for old, process in zip(before, self.processes, strict=True):
            if process.pid != old:
                print(f"exeunt: worker {old} ended; {process.pid} takes its place.", file=sys.stderr, flush=True)

    def handle_term(self) -> None:
        """End, and remember why."""
        self.received.append(signal.SIGTERM)
        super().handle_term()


@contextmanager
def _without_interrupts() -> Iterator[None]:
    # A process inherits what is held back: Ctrl-C is for the supervisor, which ends its workers in order.
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    resource_tracker.ensure_running()  # where it is started along with a process, it lets the signal in again
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def run(address: str, port: int, lang: str, progress: Progress, public: bool = False, workers: int = WORKERS) -> None:
    """Serve until interrupted.

    Parameters
    ----------
    address : IP address to listen on
    lang : language of the address that is printed
    public : the address may be one that other machines reach

    Raises
    ------
    UsageError, ExeuntError, as `_bound`.
    """
    with _bound(address, port, public) as taken:
        port = taken.getsockname()[1]
        jobs = Jobs()
        config = uvicorn.Config(
            partial(_worker, Guard.hosts_of(address, port), jobs.shared()), factory=True, workers=workers,
            log_level="warning", access_log=False, server_header=False, proxy_headers=False,
            timeout_graceful_shutdown=3, http=Limited, backlog=TAKEN_AT_ONCE, lifespan="off",
        )  # fmt: skip
        shown = f"[{address}]" if ":" in address else address

        def there() -> None:
            print(f"http://{shown}:{port}/{'' if lang == LANGS[0] else f'?lang={lang}'}", flush=True)
            if public:
                progress.say("other machines can reach it, read everything and start jobs")
            progress.say("Ctrl-C ends it")

        supervisor = _Supervisor(config, taken, there)
        try:
            supervisor.run()
        finally:
            jobs.close()
        if supervisor.failed and not supervisor.received:
            raise ExeuntError("the explorer could not be started; what went wrong stands above.")
        if signal.SIGTERM in supervisor.received:
            raise SystemExit(128 + signal.SIGTERM)
