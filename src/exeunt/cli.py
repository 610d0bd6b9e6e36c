"""The command line: parse, call, print. What a command needs is imported when it runs."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from exeunt import __version__
from exeunt.errors import ExeuntError, UsageError

if TYPE_CHECKING:
    from datetime import date

LANGUAGES = ("en", "zh-Hant")
INTERRUPTED = 130


class Parser(argparse.ArgumentParser):
    """A parser that says what is wrong in one sentence and names the closest command."""

    def error(self, message: str) -> NoReturn:
        """Raise instead of printing the whole usage."""
        raise UsageError(f"{message}; see `{self.prog} --help`.")


def build_parser() -> Parser:
    """Build the parser of all commands."""
    parser = Parser(
        prog="exeunt",
        description="Why did they leave, and what happens next? A sourced record of states and international bodies.",
        epilog="Exit codes: 0 done, 1 failed, 2 wrong use, 130 interrupted.",
    )
    parser.add_argument("--version", action="version", version=f"exeunt {__version__}")
    parser.add_argument("--debug", action="store_true", help="show the traceback of an error")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", parser_class=Parser)

    def add(name: str, help_text: str, run: Callable[[argparse.Namespace], int]) -> argparse.ArgumentParser:
        sub = commands.add_parser(name, help=help_text, description=help_text[0].upper() + help_text[1:] + ".")
        sub.set_defaults(run=run)
        sub.add_argument("--quiet", action="store_true", help="print no progress")
        return sub

    def export(sub: argparse.ArgumentParser, formats: Sequence[str] = ("table", "csv", "json", "parquet")) -> None:
        sub.add_argument("--format", choices=formats, default="table", help="how to print (default: table)")
        sub.add_argument("--out", type=Path, metavar="FILE", help="write to a file instead")

    def clocks(sub: argparse.ArgumentParser) -> None:
        sub.add_argument("--as-of", metavar="DAY", help="the day asked about (default: closing day of the record)")
        sub.add_argument("--known-by", metavar="DAY", help="drop what was recorded after this day")

    report = add("report", "write the report on a case", _report)
    report.add_argument("case", metavar="CASE", help="a case, see `exeunt cases`")
    report.add_argument("--lang", choices=LANGUAGES, default="en", help="language of the report (default: en)")
    report.add_argument("--out", type=Path, metavar="FILE", help="where to write (default: reports/CASE.html)")
    report.add_argument("--seed", type=int, default=1, help="seed of draws and worlds (default: 1)")
    report.add_argument("--format", choices=("table", "json"), default="table", help="summary as text or JSON")
    clocks(report)

    status = add("status", "tell whether a state is in a body on a day, and which rule says so", _status)
    status.add_argument("state", metavar="STATE", help="code, number or name in English or Chinese")
    status.add_argument("body", metavar="BODY", help="key, acronym or name in English or Chinese")
    clocks(status)
    export(status)

    cases = add("cases", "list the cases", _cases)
    export(cases)

    exits = add("exits", "list the acts of leaving, one line an episode", _exits)
    exits.add_argument("--state", help="only this state")
    exits.add_argument("--body", help="only this body")
    clocks(exits)
    export(exits)

    explain = add("explain", "factor the hazard of a state in a body, or of a case", _explain)
    explain.add_argument("target", metavar="CASE|STATE", help="a case, or a state")
    explain.add_argument("body", nargs="?", metavar="BODY", help="a body, where a state was named")
    explain.add_argument("year", nargs="?", type=int, metavar="YEAR", help="last year of membership (default: latest)")
    explain.add_argument("--seed", type=int, default=1, help="seed of the draws (default: 1)")
    export(explain)

    figure = add("figure", "write a figure of a case as an SVG file", _figure)
    figure.add_argument("name", choices=("fan", "factors", "what"), help="which figure")
    figure.add_argument("--case", default="usa-2026-01", help="the case (default: usa-2026-01)")
    figure.add_argument("--lang", choices=LANGUAGES, default="en", help="language (default: en)")
    figure.add_argument("--seed", type=int, default=1, help="seed (default: 1)")
    figure.add_argument("--out", type=Path, required=True, metavar="FILE", help="where to write")

    codebook = add("codebook", "print the terms of the panels", _codebook)
    codebook.add_argument("kind", choices=("exit", "join"), nargs="?", default="exit", help="which panel")
    export(codebook)

    checked = add("calibration", "hold each outcome's exit hazard against its own training years", _calibration)
    checked.add_argument("--seed", type=int, default=1, help="seed of the draws (default: 1)")
    export(checked)

    cite = add("cite", "print how to cite the software and its sources", _cite)
    cite.add_argument("source", nargs="?", help="key of a source card (default: all)")

    add("check", "check the record against its rules", _check)

    refresh = add("refresh", "rebuild the record from curated facts and raw sources", _refresh)
    refresh.add_argument("--sources", type=Path, required=True, metavar="DIR", help="directory of the raw sources")
    refresh.add_argument("--data", type=Path, metavar="DIR", help="curated facts (default: data/ of this checkout)")
    refresh.add_argument("--target", type=Path, metavar="DIR", help="where to write (default: the embedded record)")
    return parser


def main(arguments: Sequence[str]) -> int:
    """Run one command; returns the exit code and prints at most one sentence on failure."""
    debug = "--debug" in arguments
    try:
        options = build_parser().parse_args(arguments)
        if options.command is None:
            build_parser().print_help()
            return 2
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


def _day(text: str | None) -> date | None:
    from exeunt.dates import parse_day

    return parse_day(text) if text else None


def _report(options: argparse.Namespace) -> int:
    import time

    from exeunt import manifest
    from exeunt.progress import Progress
    from exeunt.record.cases import case
    from exeunt.record.store import open_record
    from exeunt.report import summary

    began = time.monotonic()
    record = open_record()
    case(record, options.case)
    out = options.out or Path("reports") / f"{options.case}{'' if options.lang == 'en' else '.' + options.lang}.html"
    manifest.require_writable(out)
    as_of, known_by = _day(options.as_of), _day(options.known_by)
    from exeunt.report.assemble import assemble
    from exeunt.report.page import render, write

    data = assemble(record, options.case, as_of, options.seed, Progress(options.quiet), known_by)
    size = write(render(data, options.lang), out)
    facts = manifest.run_manifest(
        f"report {options.case}", record.version, options.seed, as_of=data.as_of, lang=options.lang,
        fit_status=data.why.fit_status, rows=data.why.rows, events=data.why.events,
        record_files=record.manifest["files"],
    )  # fmt: skip
    manifest.write_json(out.with_suffix(".manifest.json"), facts)
    seconds = time.monotonic() - began
    if options.format == "json":
        summary.print_json(data, out, options.lang, seconds, size)
    else:
        print(summary.text(data, out))
    return 0


def _status(options: argparse.Namespace) -> int:
    from exeunt.export import emit
    from exeunt.record.status import status
    from exeunt.record.store import open_record

    record = open_record()
    state, body = record.state(options.state), record.body(options.body)
    found = status(record, state, body, _day(options.as_of), _day(options.known_by))
    emit([found.as_dict()], options.format, options.out, single=True)
    return 0


def _cases(options: argparse.Namespace) -> int:
    from exeunt.export import emit
    from exeunt.record.cases import cases
    from exeunt.record.store import open_record

    emit([c.as_dict() for c in cases(open_record())], options.format, options.out)
    return 0


def _exits(options: argparse.Namespace) -> int:
    from exeunt.export import emit
    from exeunt.record.exits import exits
    from exeunt.record.store import open_record

    record = open_record()
    state = record.state(options.state) if options.state else None
    body = record.body(options.body) if options.body else None
    emit(exits(record, state, body, _day(options.as_of), _day(options.known_by)), options.format, options.out)
    return 0


def _explain(options: argparse.Namespace) -> int:
    from exeunt.export import emit
    from exeunt.progress import Progress
    from exeunt.record.store import open_record
    from exeunt.report.assemble import explained

    record = open_record()
    rows = explained(record, options.target, options.body, options.year, options.seed, Progress(options.quiet))
    emit(rows, options.format, options.out)
    return 0


def _figure(options: argparse.Namespace) -> int:
    from exeunt.manifest import write_bytes
    from exeunt.progress import Progress
    from exeunt.record.store import open_record
    from exeunt.report import figures
    from exeunt.report.assemble import assemble

    data = assemble(open_record(), options.case, None, options.seed, Progress(options.quiet))
    drawn = {"fan": figures.fan_svg, "factors": figures.factors_svg, "what": figures.what_svg}[options.name]
    write_bytes(options.out, figures.standalone(drawn(data, options.lang)).encode("utf-8"))
    print(options.out)
    return 0


def _codebook(options: argparse.Namespace) -> int:
    from exeunt.export import emit
    from exeunt.panel.build import codebook

    emit(codebook(options.kind).to_dicts(), options.format, options.out)
    return 0


def _calibration(options: argparse.Namespace) -> int:
    from exeunt.explain.cached import cached_fit
    from exeunt.explain.calibrations import compare_laws
    from exeunt.export import emit
    from exeunt.panel.build import exit_panel
    from exeunt.panel.outcomes import OUTCOMES
    from exeunt.progress import Progress
    from exeunt.record.store import open_record

    record, progress, rows = open_record(), Progress(options.quiet), []
    for outcome in OUTCOMES:
        with progress.step(f"exit hazard on {outcome}", 40):
            panel = exit_panel(record, outcome)
            made, _ = cached_fit(panel, record.version)
            rows += compare_laws(panel, made, options.seed)
    emit(rows, options.format, options.out)
    return 0


def _cite(options: argparse.Namespace) -> int:
    from exeunt.record.cards import all_cards, card

    if options.source:
        print(card(options.source).citation)
        return 0
    print(f"The exeunt contributors. 2026. exeunt, version {__version__}.")
    for key, found in all_cards().items():
        print(f"{key}: {found.citation} [{found.licence}]")
    return 0


def _check(options: argparse.Namespace) -> int:
    from exeunt.record.checks import check
    from exeunt.record.schema import TABLES
    from exeunt.record.store import open_record

    record = open_record()
    problems = check({t.name: record.table(t.name) for t in TABLES})
    for problem in problems:
        print(problem)
    if not problems:
        print(f"record {record.version}: {len(TABLES)} tables, no rule broken.")
        for table in TABLES:
            print(f"  {table.name:<22}{record.table(table.name).height:>8} rows  {table.row}")
    return 1 if problems else 0


def _refresh(options: argparse.Namespace) -> int:
    from exeunt.errors import CompileError
    from exeunt.progress import Progress
    from exeunt.record.compile import FACTS, compile_record

    data = options.data or Path(__file__).resolve().parents[2] / "data"
    if not (data / "curated").is_dir():
        raise CompileError(f"there are no curated facts in {data}; run from a checkout or name them with --data.")
    progress = Progress(options.quiet)
    rows = compile_record(options.sources, data, options.target or FACTS, progress.say)
    for name, number in rows.items():
        print(f"{name:<22}{number:>8} rows")
    return 0
