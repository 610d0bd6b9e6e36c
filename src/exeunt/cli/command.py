"""What a command is: its name, its help, its arguments, what runs; and the arguments that several commands share."""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeAlias

if TYPE_CHECKING:
    from exeunt.core.export import Described
    from exeunt.i18n import Names
    from exeunt.record.store import Record

FORMATS: Final = ("table", "csv", "json", "parquet", "dta")
Arguments: TypeAlias = argparse.ArgumentParser


def _no_arguments(to: Arguments) -> None:
    """Declare nothing."""


def _no_columns() -> Sequence[Described]:
    return ()


@dataclass(frozen=True)
class Command:
    """A command, declared at the end of the module that runs it.

    `arguments` and `columns` are called when the command is named, so the lists of words that they offer may be imported from
    where they are defined. `columns` gives those of its rows, where they are declared.
    """

    name: str
    help: str
    run: Callable[[argparse.Namespace], int]
    arguments: Callable[[Arguments], None] = _no_arguments
    columns: Callable[[], Sequence[Described]] = _no_columns

    def fill(self, to: Arguments) -> None:
        """Give a parser everything that the command takes, after which come the options of every command."""
        self.arguments(to)
        from exeunt.i18n import LANGS

        to.add_argument(
            "--lang", choices=LANGS, default="en", help="language of headings, words and sentences (default: en)"
        )
        to.add_argument("--quiet", action="store_true", help="print no progress")
        to.add_argument(
            "--debug", action="store_true", default=argparse.SUPPRESS, help="show the traceback of an error"
        )


def columns_of(answer: str) -> Callable[[], Sequence[Described]]:
    """Columns of an answer of the record, read when they are needed."""

    def read() -> Sequence[Described]:
        from exeunt.record.opened import ANSWERS

        return ANSWERS[answer]

    return read


def day(text: str | None) -> date | None:
    """Read a day option; raises BadDateError."""
    from exeunt.core.dates import parse_day

    return parse_day(text) if text is not None else None


def names_of(record: Record) -> Names:
    """Names of states and bodies for sentences; see `exeunt.i18n.messages.names_from`."""
    from exeunt.i18n.messages import names_from

    return names_from(record.state_names(), record.body_names())


def add_format(to: Arguments, formats: Sequence[str] = FORMATS) -> None:
    """Let the answer be had in several formats, on the screen or in a file."""
    to.add_argument("--format", choices=formats, default="table", help="how to print (default: table)")
    to.add_argument("--out", type=Path, metavar="FILE", help="write to a file instead")


def add_clocks(to: Arguments) -> None:
    """Let a day be asked about, and what was known by a day."""
    to.add_argument("--as-of", metavar="DAY", help="the day asked about (default: closing day of the record)")
    to.add_argument("--known-by", metavar="DAY", help="drop what was recorded after this day")


def add_pair(to: Arguments) -> None:
    """Ask for a state and a body."""
    to.add_argument("state", metavar="STATE", help="code, number or name in English or Chinese")
    add_body(to)


def add_body(to: Arguments) -> None:
    """Ask for a body."""
    to.add_argument("body", metavar="BODY", help="key, acronym or name in English or Chinese")


def add_labels(to: Arguments) -> None:
    """Let the names of contested states be chosen."""
    from exeunt.record.schema import LABELS

    to.add_argument(
        "--labels", choices=tuple(LABELS), default=os.environ.get("EXEUNT_LABELS", "common"),
        help="names of contested states (default: common, or $EXEUNT_LABELS)",
    )  # fmt: skip


def add_outcome(to: Arguments, default: str, final: bool = False) -> None:
    """Let the outcome be chosen; the final ones are those by which accounts are tested."""
    from exeunt.panel.outcomes import FORECAST, OUTCOMES

    names = tuple(name for name in OUTCOMES if not (final and name in FORECAST))
    to.add_argument("--outcome", choices=names, help=f"what counts as an exit (default: {default})")


# --- Answers of long work, kept in the user's cache under what they rest on


def kept(part: str, record: Record, rooms: tuple[str, ...], make: Callable[[], Any], **inputs: Any) -> Any:
    """A part of an answer from the cache, or made and kept there.

    Parameters
    ----------
    rooms : folders of the package whose code it rests on
    inputs : whatever else it depends on
    """
    from exeunt.core.cache import path_of, read_json, write_json

    path = path_of(part, rooms, record=record.version, **inputs)
    found = read_json(path)
    if found is None:
        found = make()
        write_json(path, found)
    return found
