"""The page of every command and option, from the parser: `docs/reference/commands.md`, written by `make_docs.py`."""

from __future__ import annotations

import argparse

from exeunt.cli import _build_parser as build_parser

NOTE = "<!-- written by scripts/make_docs.py; change the command in src/exeunt/cli instead -->"
EVERYWHERE = ("quiet", "debug", "help", "lang")
"""Options of every command, told once."""


def page() -> str:
    """Every command with its usage, arguments and options."""
    parser = build_parser()
    found = next(a for a in parser._actions if isinstance(a, argparse._SubParsersAction))
    lines = [
        "# Commands", "", NOTE, "",
        "Every command takes `--help`, `--lang` (`en` or `zh-Hant`), `--quiet` (no progress) and `--debug` (the traceback "
        "of an error). `exeunt help COMMAND` shows the same help. Progress and "
        f"errors go to standard error, answers to standard output. {parser.epilog}", "",
        "| command | what it does |", "|---|---|",
    ]  # fmt: skip
    about = {choice.dest: str(choice.help) for choice in found._choices_actions}
    lines += [f"| [`{name}`](#exeunt-{name}) | {cell(about[name])} |" for name in found.choices]
    for name, sub in found.choices.items():
        actions = [a for a in sub._actions if a.dest not in EVERYWHERE]
        lines += ["", f"## exeunt {name}", "", f"{sub.description!s}", "", "```text"]
        lines += [f"exeunt {name} {' '.join(usage(a) for a in actions)}".rstrip(), "```"]
        if actions:
            lines += ["", "| argument | meaning | values |", "|---|---|---|"]
            lines += [f"| {named(a)} | {cell(expanded(a))} | {values(a)} |" for a in actions]
    return "\n".join([*lines, ""])


def cell(text: str) -> str:
    """A text that may stand in a cell of a table."""
    return text.replace("|", "\\|").replace("*", "\\*")


def expanded(action: argparse.Action) -> str:
    """The help of an argument, its placeholders filled."""
    return (action.help or "") % {**vars(action), "prog": "exeunt"}


def shown(action: argparse.Action) -> str:
    """What stands for the value: a word in capitals, or the choices."""
    if action.metavar is not None:
        return action.metavar if isinstance(action.metavar, str) else " ".join(action.metavar)
    if action.choices is not None and not action.option_strings:
        return "|".join(map(str, action.choices))
    return action.dest.upper()


def usage(action: argparse.Action) -> str:
    """How an argument is written in the line of usage."""
    value = shown(action)
    if action.nargs in ("+", "*"):
        value = f"{value} …"
    elif isinstance(action.nargs, int) and action.nargs > 1:
        value = " ".join([value] * action.nargs)
    if not action.option_strings:
        return f"[{value}]" if action.nargs in ("?", "*") else value
    text = action.option_strings[-1] if action.nargs == 0 else f"{action.option_strings[-1]} {value}"
    return text if action.required else f"[{text}]"


def named(action: argparse.Action) -> str:
    """The argument as it is typed."""
    names = action.option_strings or [shown(action)]
    return ", ".join(f"`{cell(name)}`" if "|" in name else f"`{name}`" for name in names)


def values(action: argparse.Action) -> str:
    """The values that it takes, where they are a closed list."""
    return ", ".join(f"`{choice}`" for choice in action.choices or ())
