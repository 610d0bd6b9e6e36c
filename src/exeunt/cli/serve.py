"""The command that shows the record in a browser."""

from __future__ import annotations

import argparse

from exeunt.cli.command import Arguments, Command

_OF_THE_EXTRA = ("starlette", "uvicorn", "httptools", "anyio", "h11", "click", "idna")


def _serve(options: argparse.Namespace) -> int:
    """Serve the explorer until it is interrupted.

    Raises
    ------
    ExeuntError, if Starlette or uvicorn is not installed, or the port cannot be had.
    """
    from exeunt.errors import ExeuntError
    from exeunt.progress import Progress

    try:
        from exeunt.web.app import run
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] not in _OF_THE_EXTRA:
            raise
        raise ExeuntError(
            f"the explorer needs {error.name}, which is not installed here; install it with `pip install "
            '"exeunt[web]"`.'
        ) from None
    run(options.host, options.port, options.lang, Progress(options.quiet), options.public)
    return 0


def _arguments(to: Arguments) -> None:
    to.add_argument("--port", type=int, default=8470, help="port (default: 8470; 0: any that is free)")
    to.add_argument(
        "--host", default="127.0.0.1", metavar="ADDRESS",
        help="IP address to listen on (default: 127.0.0.1; another one lets others on the network read and run jobs)",
    )  # fmt: skip
    to.add_argument("--public", action="store_true", help="allow an address that other machines reach")


COMMANDS = (
    Command("serve", "show the record in a browser, on this machine (needs the extra `web`)", _serve, _arguments),
)  # fmt: skip
