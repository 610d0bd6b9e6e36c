"""Commands that write the report and its figures."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from exeunt.cli.command import Arguments, Command, add_clocks, add_labels, day
from exeunt.core.errors import UsageError

if TYPE_CHECKING:
    from exeunt.record.cases import Case
    from exeunt.record.store import Record


FIRST_CASE = "usa-2026-01"


def _report(options: argparse.Namespace) -> int:
    """Write the report on a case, a state or a body, and print its summary."""
    import time

    from exeunt.core import files
    from exeunt.core.progress import Progress
    from exeunt.record.opened import open_record
    from exeunt.report import printing

    began = time.monotonic()
    record = open_record()
    chosen = _chosen_case(record, options)
    out = options.out or Path("reports") / f"{chosen.case}{'' if options.lang == 'en' else '.' + options.lang}.html"
    files.require_writable(out)
    if options.pdf:
        printing.require()
    as_of, known_by = day(options.as_of), day(options.known_by)
    from exeunt.report.assemble import assemble
    from exeunt.report.page import render, write

    progress = Progress(options.quiet)
    data = assemble(record, chosen, as_of, options.seed, progress, known_by, options.labels)
    size = write(render(data, options.lang), out)
    if options.pdf:
        with progress.step("PDF"):
            printing.print_pdf(out, out.with_suffix(".pdf"))
    facts = files.run_manifest(
        f"report {chosen.case}", record.version, options.seed, as_of=data.as_of, lang=options.lang,
        fit_status=data.why.fit_status, rows=data.why.rows, events=data.why.events,
        record_files=record.manifest["files"],
    )  # fmt: skip
    files.write_json(out.with_suffix(".manifest.json"), facts)
    seconds = time.monotonic() - began
    if options.format == "json":
        printing.print_json(data, out, options.lang, seconds, size)
    else:
        print(printing.summary(data, out, options.lang))
    return 0


def _chosen_case(record: Record, options: argparse.Namespace) -> Case:
    """The case that the options name.

    Raises
    ------
    UsageError, where they name none or two; UnknownNameError.
    """
    from exeunt.record.cases import case, of_body, of_span, of_state

    named = [name for name in ("case", "state", "body") if getattr(options, name)]
    first, last = options.first, options.last
    if len(named) != 1:
        found = " and ".join(named) or "nothing"
        raise UsageError(f"name one thing to report on, found {found}: a case, --state or --body; see `exeunt cases`.")
    if (first or last) and not options.state:
        raise UsageError("--from and --to go with --state.")
    if options.case:
        return case(record, options.case)
    if options.body:
        return of_body(record, record.body(options.body))
    state = record.state(options.state)
    if first or last:
        return of_span(record, state, first or last, last or first)
    return of_state(record, state)


def _figure(options: argparse.Namespace) -> int:
    """Write a figure as SVG, or as PNG through Chromium."""
    from exeunt.report.figures import backtest

    if options.name in backtest.FIGURES:
        from exeunt.cli.forecast import figure_of_backtest

        return figure_of_backtest(options)
    from exeunt.core.files import require_writable, write_bytes
    from exeunt.core.progress import Progress
    from exeunt.record.opened import open_record
    from exeunt.report import printing
    from exeunt.report.assemble import assemble
    from exeunt.report.page import alone

    require_writable(options.out)
    png = options.out.suffix.lower() == ".png"
    if png:
        printing.require()
    record = open_record()
    if not (options.case or options.state or options.body):
        options.case = FIRST_CASE
    data = assemble(record, _chosen_case(record, options), None, options.seed, Progress(options.quiet))
    drawn = alone(data, options.name, options.lang, options.dark)
    if not drawn:
        raise UsageError(
            f"there is no figure {options.name} for {data.case}: it has nothing to draw; name another case."
        )
    if png:
        printing.draw_png(drawn, options.out)
    else:
        write_bytes(options.out, drawn.encode("utf-8"))
    print(options.out)
    return 0


def _add_target(to: Arguments) -> None:
    to.add_argument("--state", help="every exit of a state instead, or with --from and --to those of some years")
    to.add_argument("--from", dest="first", type=int, metavar="YEAR", help="with --state: from this year on")
    to.add_argument("--to", dest="last", type=int, metavar="YEAR", help="with --state: up to this year")
    to.add_argument("--body", help="every exit from a body instead")


def _report_arguments(to: Arguments) -> None:
    to.add_argument("case", metavar="CASE", nargs="?", help="a case, see `exeunt cases`")
    _add_target(to)
    to.add_argument("--out", type=Path, metavar="FILE", help="where to write (default: reports/CASE.html)")
    to.add_argument("--pdf", action="store_true", help="print a PDF beside it (needs Chromium)")
    to.add_argument("--seed", type=int, default=1, help="seed of draws and worlds (default: 1)")
    to.add_argument("--format", choices=("table", "json"), default="table", help="summary as text or JSON")
    add_labels(to)
    add_clocks(to)


def _figure_arguments(to: Arguments) -> None:
    from exeunt.report import page
    from exeunt.report.figures import backtest

    to.add_argument("name", choices=(*page.FIGURES, *backtest.FIGURES), help="which figure")
    to.add_argument("--case", help="the case (default: usa-2026-01)")
    _add_target(to)
    to.add_argument("--seed", type=int, default=1, help="seed (default: 1)")
    to.add_argument(
        "--backtest", type=Path, metavar="FILE",
        help="of the back-test: what `exeunt forecast --backtest --format json` wrote",
    )  # fmt: skip
    to.add_argument("--dark", action="store_true", help="light on dark")
    to.add_argument("--out", type=Path, required=True, metavar="FILE", help="where to write, ends in .svg or .png")


# --- The command that shows the record in a browser


_OF_THE_EXTRA = ("starlette", "uvicorn", "httptools", "anyio", "h11", "click", "idna")


def _serve(options: argparse.Namespace) -> int:
    """Serve the explorer until it is interrupted.

    Raises
    ------
    ExeuntError, if Starlette or uvicorn is not installed, or the port cannot be had.
    """
    from exeunt.core.errors import ExeuntError
    from exeunt.core.progress import Progress

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
    Command("report", "write the report on a case, a state or a body", _report, _report_arguments),
    Command(
        "figure",
        "write a figure of the report or of the back-test as an SVG file, or PNG through Chromium",
        _figure,
        _figure_arguments,
    ),
    Command("serve", "show the record in a browser, on this machine (needs the extra `web`)", _serve, _arguments),
)
