"""Commands that read the record."""

from __future__ import annotations

import argparse
from pathlib import Path

from exeunt.commands import day


def status(options: argparse.Namespace) -> int:
    """Print the status of a state in a body on a day."""
    from exeunt.export import emit
    from exeunt.record.answers import ANSWERS
    from exeunt.record.status import status as status_on
    from exeunt.record.store import open_record

    record = open_record()
    state, body = record.state(options.state), record.body(options.body)
    found = status_on(record, state, body, day(options.as_of), day(options.known_by))
    emit([found.as_dict()], options.format, options.out, single=True, columns=ANSWERS["status"])
    return 0


def clock(options: argparse.Namespace) -> int:
    """Print the clock of a state in a body."""
    from exeunt.export import emit
    from exeunt.record.clauses import clock as run_clock
    from exeunt.record.store import open_record

    record = open_record()
    state, body = record.state(options.state), record.body(options.body)
    found = run_clock(record, state, body, day(options.notified), day(options.as_of), day(options.known_by))
    emit([found.as_dict()], options.format, options.out, single=True)
    return 0


def cases(options: argparse.Namespace) -> int:
    """Print the cases."""
    from exeunt.export import emit
    from exeunt.record.answers import ANSWERS
    from exeunt.record.cases import cases as all_cases
    from exeunt.record.store import open_record

    rows = [c.as_dict() for c in all_cases(open_record())]
    emit(rows, options.format, options.out, columns=ANSWERS["cases"])
    return 0


def exits(options: argparse.Namespace) -> int:
    """Print the episodes of leaving."""
    from exeunt.export import emit
    from exeunt.record.answers import ANSWERS
    from exeunt.record.exits import exits as episodes
    from exeunt.record.store import open_record

    record = open_record()
    state = record.state(options.state) if options.state else None
    body = record.body(options.body) if options.body else None
    rows = episodes(record, state, body, day(options.as_of), day(options.known_by))
    emit(rows, options.format, options.out, columns=ANSWERS["exits"])
    return 0


def cite(options: argparse.Namespace) -> int:
    """Print how to cite the software and its sources."""
    from exeunt.record.cards import all_cards, card, own_citation

    if options.source:
        print(card(options.source).citation)
        return 0
    print(own_citation())
    for key, found in all_cards().items():
        print(f"{key}: {found.citation} [{found.licence}]")
    return 0


def check(options: argparse.Namespace) -> int:
    """Check the record against its rules; 1 where one is broken."""
    from exeunt.record.checks import check as problems_of
    from exeunt.record.counts import report
    from exeunt.record.schema import TABLES
    from exeunt.record.store import open_record

    record = open_record()
    problems = problems_of({t.name: record.table(t.name) for t in TABLES})
    for problem in problems:
        print(problem)
    if not problems:
        print(f"record {record.version}: {len(TABLES)} tables, no rule broken.")
        for table in TABLES:
            print(f"  {table.name:<22}{record.table(table.name).height:>8} rows  {table.row}")
        for line in report(record):
            print(line)
    return 1 if problems else 0


def refresh(options: argparse.Namespace) -> int:
    """Rebuild the record."""
    from exeunt.errors import CompileError
    from exeunt.progress import Progress
    from exeunt.record.compile import FACTS, compile_record

    data = options.data or Path(__file__).resolve().parents[3] / "data"
    if not (data / "curated").is_dir():
        raise CompileError(f"there are no curated facts in {data}; run from a checkout or name them with --data.")
    progress = Progress(options.quiet)
    rows = compile_record(options.sources, data, options.target or FACTS, progress.say)
    for name, number in rows.items():
        print(f"{name:<22}{number:>8} rows")
    return 0
