"""The command that shows the record in a browser."""

from __future__ import annotations

import argparse

from exeunt.cli.command import Arguments, Command


def serve(options: argparse.Namespace) -> int:
    """Serve the explorer until it is interrupted."""
    from exeunt.progress import Progress
    from exeunt.web.server import run

    run(options.host, options.port, options.lang, Progress(options.quiet))
    return 0


def _arguments(to: Arguments) -> None:
    to.add_argument("--port", type=int, default=8470, help="port (default: 8470; 0: any that is free)")
    to.add_argument(
        "--host", default="127.0.0.1", metavar="ADDRESS",
        help="IP address to listen on (default: 127.0.0.1; another one lets others on the network read and run jobs)",
    )  # fmt: skip
    to.add_argument("--public", action="store_true", help="allow an address that other machines reach")


COMMANDS = (
    Command("serve", "show the record in a browser, on this machine (needs the extra `web`)", serve, _arguments),
)  # fmt: skip
