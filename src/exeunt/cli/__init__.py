"""The command line: parse, call, print. A module here holds a command or a few; what it needs is imported when it runs."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from difflib import get_close_matches
from importlib import import_module
from typing import NoReturn

from exeunt import __version__
from exeunt.cli.command import Command
from exeunt.core.errors import ExeuntError, UsageError

INTERRUPTED = 130
_MODULES = ("report", "record", "money", "consequence", "models", "compare", "forecast", "feedback", "simulate", "argue",
            "data", "refresh")  # fmt: skip
"""Modules with commands, in the order of the help."""


class _Parser(argparse.ArgumentParser):
    """A parser that says what is wrong in one sentence."""

    def error(self, message: str) -> NoReturn:
        """Raise instead of printing the whole usage."""
        raise UsageError(f"{message}; see `{self.prog} --help`.")


def _commands() -> dict[str, Command]:
    """Every command by its name."""
    modules = (import_module(f"exeunt.cli.{name}") for name in _MODULES)
    return {command.name: command for module in modules for command in module.COMMANDS}


def _build_parser(named: str | None = None) -> _Parser:
    """Build the parser of all commands.

    Parameters
    ----------
    named : the only command whose arguments are filled in; without it those of all are, which imports what they offer
    """
    parser = _Parser(
        prog="exeunt",
        description="Why did they leave, and what happens next? A sourced record of states and international bodies.",
        epilog="Exit codes: 0 done, 1 failed, 2 wrong use, 130 interrupted.",
    )
    parser.add_argument("--version", action="version", version=f"exeunt {__version__}")
    parser.add_argument("--debug", action="store_true", help="show the traceback of an error")
    found = parser.add_subparsers(dest="command", metavar="COMMAND", parser_class=_Parser)
    for command in _commands().values():
        text = command.help
        sub = found.add_parser(command.name, help=text, description=f"{text[0].upper()}{text[1:]}.")
        sub.set_defaults(run=command.run)
        if named in (None, command.name):
            command.fill(sub)
    sub = found.add_parser("help", help="show the help of a command", description="Show the help of a command.")
    sub.add_argument("of", metavar="COMMAND", nargs="?", help="which command (default: all in short)")
    sub.set_defaults(run=_help)
    return parser


def _help(options: argparse.Namespace) -> int:
    _build_parser("").print_help() if options.of is None else _parse([options.of, "--help"])
    return 0


def _parse(arguments: Sequence[str]) -> argparse.Namespace:
    """Read the arguments; raises UsageError, which names the command closest to one that there is not."""
    named = next((text for text in arguments if not text.startswith("-")), "")
    known = [*_commands(), "help"]
    if named and named not in known:
        close = get_close_matches(named, known, n=1)
        hint = f"did you mean `exeunt {close[0]}`? " if close else ""
        raise UsageError(f"there is no command {named!r}; {hint}See `exeunt --help`.")
    return _build_parser(named).parse_args(arguments)


def main(arguments: Sequence[str]) -> int:
    """Run one command; returns the exit code and prints at most one sentence on failure."""
    debug = "--debug" in arguments
    try:
        options = _parse(arguments)
        if options.command is None:
            _build_parser("").print_help()
            return 2
        from exeunt.core.export import in_language, require_file

        if getattr(options, "format", None) not in (None, "table"):
            require_file(options.format, options.out)
        with in_language(getattr(options, "lang", "en")):
            code: int = options.run(options)
        sys.stdout.flush()
        return code
    except KeyboardInterrupt:
        if debug:
            raise
        print("\nexeunt: interrupted; nothing half-written was left.", file=sys.stderr)
        return INTERRUPTED
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except ExeuntError as error:
        if debug:
            raise
        print(f"exeunt: {error}", file=sys.stderr)
        return error.exit_code
    except (MemoryError, OSError) as error:
        if debug:
            raise
        print(f"exeunt: {error or 'out of memory'}; run again with --debug for where.", file=sys.stderr)
        return 1
