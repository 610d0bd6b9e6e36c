"""Start the explorer: open the record, bind the port, tell the address, serve until interrupted."""

from __future__ import annotations

import errno
import gc
import signal
import socket
from ipaddress import ip_address
from types import FrameType

from exeunt.errors import ExeuntError, UsageError
from exeunt.i18n import LANGS
from exeunt.progress import Progress

BACKLOG = 256


def bound(address: str, port: int) -> socket.socket:
    """Bind a port of this machine; 0 takes any that is free.

    Raises
    ------
    UsageError, for an address that is none or stands for all; ExeuntError, if the port cannot be had.
    """
    try:
        ip = ip_address(address)
    except ValueError:
        raise UsageError(f"--host {address} is no IP address; leave it out, or give one such as 127.0.0.1.") from None
    if ip.is_unspecified or ip.is_multicast:
        raise UsageError(f"--host {address} stands for many addresses; name the one under which it is to be reached.")
    if not 0 <= port <= 65535:
        raise UsageError(f"--port {port} is no port; give one from 1 to 65535, or 0 for any that is free.")
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


def run(address: str, port: int, lang: str, progress: Progress) -> None:
    """Serve until interrupted.

    Parameters
    ----------
    address : IP address to listen on
    lang : language of the address that is printed

    Raises
    ------
    ExeuntError, if Starlette or uvicorn is not installed, or as `bound`.
    """
    try:
        import uvicorn

        from exeunt.web.app import build
        from exeunt.web.protocol import Limited
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] not in (
            "starlette",
            "uvicorn",
            "httptools",
            "anyio",
            "h11",
            "click",
            "idna",
        ):
            raise
        raise ExeuntError(
            f"the explorer needs {error.name}, which is not installed here; install it with `pip install "
            '"exeunt[web]"`.'
        ) from None
    from exeunt.record.opened import open_record
    from exeunt.web.desk import Desk
    from exeunt.web.guard import hosts_of
    from exeunt.web.jobs import Jobs
    from exeunt.web.second import Shared

    taken = bound(address, port)
    with taken:
        port = taken.getsockname()[1]
        with progress.step("record"):
            desk = Desk(open_record())
        # The record stays as long as the server: nothing in it needs to be looked at for what can be thrown away.
        gc.collect()
        gc.freeze()
        jobs = Jobs()
        hosts = hosts_of(address, port)
        app = Shared(build(desk, jobs, hosts), hosts)
        shown = f"[{address}]" if ":" in address else address
        config = uvicorn.Config(
            app, log_level="warning", access_log=False, server_header=False, proxy_headers=False,
            timeout_graceful_shutdown=3, limit_concurrency=200, http=Limited,
        )  # fmt: skip
        server = uvicorn.Server(config)
        ended: list[int] = []

        def end(number: int, frame: FrameType | None) -> None:
            # Before the server runs, and once it has: meanwhile uvicorn listens itself, and gives the signal back at the end.
            ended.append(number)
            server.should_exit = True

        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, end)
        taken.listen(BACKLOG)  # what connects from here on waits, and is not turned away
        print(f"http://{shown}:{port}/{'' if lang == LANGS[0] else f'?lang={lang}'}", flush=True)
        progress.say("Ctrl-C ends it")
        try:
            server.run(sockets=[taken])
        finally:
            app.close()
            jobs.close()
        if signal.SIGTERM in ended:
            raise SystemExit(128 + signal.SIGTERM)
