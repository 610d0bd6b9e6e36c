"""Commands that give whole tables to other programs: who belongs, and the panels."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import TYPE_CHECKING

from exeunt.cli.command import (
    Arguments,
    Command,
    add_body,
    add_clocks,
    add_format,
    add_labels,
    add_outcome,
    columns_of,
    day,
)

if TYPE_CHECKING:
    from polars import DataFrame

    from exeunt.record.store import Record


def _members(options: argparse.Namespace) -> int:
    """Print who belongs to a body on a day."""
    from exeunt.export import emit
    from exeunt.record.answers import ANSWERS
    from exeunt.record.membership import members as members_on
    from exeunt.record.opened import open_record

    record = open_record()
    body = record.body(options.body)
    rows = [one.as_dict() for one in members_on(record, body, day(options.as_of), day(options.known_by))]
    keys = ("state", "name", "status", "since", "reading")
    names = record.state_names(options.labels)
    out = [{**row, "name": names[row["state"]][0]} for row in rows]
    shown = [{k: row[k] for k in (*keys, *(k for k in row if k not in keys))} for row in out]
    emit(shown, options.format, options.out, columns=ANSWERS["members"])
    contested = sorted(set(record.table("labels")["state"]) & {row["state"] for row in rows})
    if contested and options.format == "table":
        print(f"names by the label set {options.labels} ({', '.join(contested)}); --labels picks another.")
    return 0


def _panel(options: argparse.Namespace) -> int:
    """Print or write a panel; on a terminal its first rows."""
    from exeunt.errors import UsageError
    from exeunt.export import emit_frame, require_file
    from exeunt.panel import tables
    from exeunt.progress import Progress
    from exeunt.record.opened import open_record

    require_file(options.format, options.out)
    record = open_record()
    years = (options.first_year, options.last_year)
    if None not in years and years[0] > years[1]:
        raise UsageError(f"--first-year {years[0]} comes after --last-year {years[1]}; swap them.")
    state = record.state(options.state) if options.state else None
    asked = [name for name in ("outcome", "terms", "origin") if getattr(options, name)]
    if options.kind not in {"exit", "join"} and asked:
        raise UsageError(f"--{asked[0]} goes with the panels of exit and join; leave it out.")
    progress = Progress(options.quiet)
    if options.kind == "dyad-year":
        frame = tables.dyad_years(record, years, state, progress.say)
    else:
        progress.say("building the panel")
        if options.kind == "state-year":
            frame = tables.state_years(record, years)
        else:
            frame = tables.between(_at_risk(record, options, progress.say), years)
        frame = frame.filter(frame["state"] == state) if state else frame
    emit_frame(frame, options.format, options.out, tables.columns(options.kind))
    return 0


def _at_risk(record: Record, options: argparse.Namespace, say: Callable[[str], None]) -> DataFrame:
    from exeunt.panel import tables
    from exeunt.panel.build import LAST_PANEL_YEAR

    outcome = options.outcome or "cleaned"
    last = max(LAST_PANEL_YEAR, options.last_year or 0)
    return tables.at_risk(record, options.kind, outcome, options.terms, last, options.origin, say)


def _members_arguments(to: Arguments) -> None:
    add_body(to)
    add_labels(to)
    add_clocks(to)
    add_format(to)


def _panel_arguments(to: Arguments) -> None:
    to.add_argument("kind", choices=("exit", "join", "state-year", "dyad-year"), help="which panel")
    add_outcome(to, "cleaned")
    to.add_argument("--origin", type=int, metavar="YEAR", help="of cleaned_vintage: nothing learned later is used")
    to.add_argument("--terms", nargs="+", metavar="TERM", help="see `exeunt codebook terms` (default: the base terms)")
    to.add_argument("--state", help="only this state")
    to.add_argument("--first-year", type=int, metavar="YEAR", help="from this year on")
    to.add_argument("--last-year", type=int, metavar="YEAR", help="up to this year")
    add_format(to)


COMMANDS = (
    Command("members", "list who belongs to a body on a day, since when and how that is known", _members,
            _members_arguments, columns_of("members")),
    Command("panel", "give a panel: rows at risk of leaving or joining, states by year, pairs by year", _panel,
            _panel_arguments),
)  # fmt: skip
