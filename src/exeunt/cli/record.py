"""Commands that read the record."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from exeunt.cli.command import (
    Arguments,
    Command,
    add_body,
    add_clocks,
    add_format,
    add_labels,
    add_outcome,
    add_pair,
    columns_of,
    day,
    names_of,
)
from exeunt.core.errors import UsageError

if TYPE_CHECKING:
    from polars import DataFrame

    from exeunt.record.store import Record


def _status(options: argparse.Namespace) -> int:
    """Print the status of a state in a body on a day."""
    from exeunt.answers import fields
    from exeunt.core.export import emit
    from exeunt.record.opened import open_record
    from exeunt.record.status import Status
    from exeunt.record.status import status as status_on

    record = open_record()
    state, body = record.state(options.state), record.body(options.body)
    found = status_on(record, state, body, day(options.as_of), day(options.known_by))
    emit([found.as_dict()], options.format, options.out, single=True, columns=fields(Status))
    return 0


def _clock(options: argparse.Namespace) -> int:
    """Print the clock of a state in a body."""
    from exeunt.answers import fields
    from exeunt.core.export import emit
    from exeunt.i18n.messages import shown, written
    from exeunt.record.clauses import Clock
    from exeunt.record.clauses import clock as run_clock
    from exeunt.record.opened import open_record

    record = open_record()
    state, body = record.state(options.state), record.body(options.body)
    found = run_clock(record, state, body, day(options.notified), day(options.as_of), day(options.known_by))
    if options.format == "json":
        emit([found.as_dict()], "json", options.out, single=True)
        return 0
    lang = getattr(options, "lang", None) or "en"
    row = written(found, lang, names_of(record))
    rows = shown([row], lang) if options.format == "table" else [row]
    emit(rows, options.format, options.out, single=True, columns=fields(Clock) if options.format != "table" else ())
    return 0


def _cases(options: argparse.Namespace) -> int:
    """Print the cases."""
    from exeunt.core.export import emit
    from exeunt.record.cases import cases as all_cases
    from exeunt.record.opened import ANSWERS, open_record

    rows = [c.entry().as_dict() for c in all_cases(open_record())]
    emit(rows, options.format, options.out, columns=ANSWERS["cases"])
    return 0


def _exits(options: argparse.Namespace) -> int:
    """Print the episodes of leaving."""
    from exeunt.core.export import emit
    from exeunt.record.opened import ANSWERS, open_record

    windows = {name: getattr(options, name) for name in ("announced", "notified", "effective")}
    found = open_record().exits(
        options.state, options.body, as_of=options.as_of, known_by=options.known_by, **windows
    )  # fmt: skip
    emit(found.to_dicts(), options.format, options.out, columns=ANSWERS["exits"])
    return 0


def _cite(options: argparse.Namespace) -> int:
    """Print how to cite the software and its sources."""
    from exeunt.record.cards import all_cards, card, own_citation

    if options.source:
        print(card(options.source).citation)
        return 0
    print(own_citation())
    for key, found in all_cards().items():
        print(f"{key}: {found.citation} [{found.licence}]")
    return 0


def _check(options: argparse.Namespace) -> int:
    """Check the record against its rules, or curated facts alone; 1 where one is broken. Or list evidence and rival counts."""
    if options.staleness or options.against or options.sources or options.lists:
        return _compared(options)
    if options.format != "table" or options.out:
        raise UsageError("--format and --out go with --staleness, --sources, --lists or --against.")
    if options.data:
        from exeunt.cli.refresh import check_curated

        return check_curated(options.data)
    from exeunt.etl.checks import check as problems_of
    from exeunt.record.counts import report, summary
    from exeunt.record.counts import untranslated as missing
    from exeunt.record.opened import open_record
    from exeunt.record.schema import TABLES

    record = open_record()
    tables = {t.name: record.table(t.name) for t in TABLES}
    problems = problems_of(tables)
    for problem in problems:
        print(problem)
    if not problems:
        print(f"record {record.version}: {len(TABLES)} tables, no rule broken.")
        for table in TABLES:
            print(f"  {table.name:<22}{record.table(table.name).height:>8} rows  {table.row}")
        for line in [*report(record), *summary(record)]:
            print(line)
        for column, (lacking, number) in missing(tables).items():
            if lacking:
                print(f"{column}: {lacking} of {number} texts are not written in Chinese yet; pages show the English.")
    return 1 if problems else 0


def _compared(options: argparse.Namespace) -> int:
    from exeunt.core.export import emit
    from exeunt.record.counts import DIFFERENCE, against, correlations, lists_compared, sources_counted, staleness
    from exeunt.record.opened import open_record

    record = open_record()
    for chosen, rows_of in (
        (options.staleness, staleness),
        (options.sources, sources_counted),
        (options.lists, lists_compared),
    ):
        if chosen:
            emit(rows_of(record), options.format, options.out)
            return 0
    rows = against(record, options.against)
    fits, note = correlations(rows), DIFFERENCE[options.against]
    if options.format == "json":
        emit(
            [{"study": options.against, "rows": rows, "correlations": fits, "note": note}],
            "json",
            options.out,
            single=True,
        )
        return 0
    emit(rows, options.format, options.out)
    if options.format == "table" and options.out is None:
        print()
        emit(fits, "table", None)
        print(f"\n{note}")
    return 0


def _status_arguments(to: Arguments) -> None:
    add_pair(to)
    add_clocks(to)
    add_format(to)


def _clock_arguments(to: Arguments) -> None:
    add_pair(to)
    to.add_argument("--notified", metavar="DAY", help="suppose that notice was given on this day")
    add_clocks(to)
    add_format(to)


def _exits_arguments(to: Arguments) -> None:
    to.add_argument("--state", help="only this state")
    to.add_argument("--body", help="only this body")
    for act in ("announced", "notified", "effective"):
        to.add_argument(
            f"--{act}", metavar="WHEN",
            help=f"only those {act} in this year, EDTF date or interval (2016, 2016-03, 2016/2018)",
        )  # fmt: skip
    add_clocks(to)
    add_format(to)


def _cite_arguments(to: Arguments) -> None:
    to.add_argument("source", nargs="?", help="key of a source card (default: all)")


def _check_arguments(to: Arguments) -> None:
    which = to.add_mutually_exclusive_group()
    which.add_argument("--staleness", action="store_true", help="list how old the evidence on each body is")
    which.add_argument("--sources", action="store_true", help="count the exits by the best rank of their sources")
    which.add_argument("--lists", action="store_true", help="compare each body with its list of members")
    which.add_argument("--against", metavar="STUDY", help="published counts beside ours (bv2019)")
    which.add_argument(
        "--data", type=Path, metavar="DIR", help="check curated facts alone, e.g. data, without raw sources"
    )
    add_format(to)


# --- Commands that give whole tables to other programs: who belongs, and the panels


def _members(options: argparse.Namespace) -> int:
    """Print who belongs to a body on a day."""
    from exeunt.core.export import emit
    from exeunt.record.membership import members as members_on
    from exeunt.record.opened import ANSWERS, open_record

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
    from exeunt.core.errors import UsageError
    from exeunt.core.export import emit_frame, require_file
    from exeunt.core.progress import Progress
    from exeunt.panel import tables
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
    Command(
        "status",
        "tell whether a state is in a body on a day, and which rule says so",
        _status,
        _status_arguments,
        columns_of("status"),
    ),
    Command("clock", "tell when at the earliest an exit takes effect by its rule", _clock, _clock_arguments),
    Command("cases", "list the cases", _cases, add_format, columns_of("cases")),
    Command("exits", "list the acts of leaving, one line per episode", _exits, _exits_arguments, columns_of("exits")),
    Command("cite", "print how to cite the software and its sources", _cite, _cite_arguments),
    Command("check", "check the record against its rules", _check, _check_arguments),
    Command(
        "members",
        "list who belongs to a body on a day, since when and how that is known",
        _members,
        _members_arguments,
        columns_of("members"),
    ),
    Command(
        "panel",
        "give a panel: rows at risk of leaving or joining, states by year, pairs by year",
        _panel,
        _panel_arguments,
    ),
)
