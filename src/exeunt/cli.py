"""The command line: parse, call, print. What a command needs is imported when it runs."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from importlib import import_module
from pathlib import Path
from typing import NoReturn

from exeunt import __version__
from exeunt.errors import ExeuntError, UsageError
from exeunt.record.schema import LABELS

LANGUAGES = ("en", "zh-Hant")
FORMATS = ("table", "csv", "json", "parquet", "dta")
OUTCOMES = ("raw", "cleaned", "cleaned_vintage", "core", "verified")
"""Those of `panel/outcomes.py`, which would bring numpy in; a test holds the two together."""
FINAL_OUTCOMES = tuple(name for name in OUTCOMES if name != "cleaned_vintage")
"""Those by which accounts are tested; the vintage serves forecasts."""
FIGURES = ("brief", "factors", "fan", "what", "timeline", "compared", "loop", "futures", "gaps")
"""Those of `report/page.py`; a test holds the two together."""
BACKTEST_FIGURES = ("reliability", "pit")
"""Those of `report/forecast_figures.py`; a test holds the two together."""
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

    def add(name: str, help_text: str, run: str) -> argparse.ArgumentParser:
        sub = commands.add_parser(name, help=help_text, description=help_text[0].upper() + help_text[1:] + ".")
        sub.set_defaults(run=run)
        sub.add_argument("--quiet", action="store_true", help="print no progress")
        sub.add_argument(
            "--debug", action="store_true", default=argparse.SUPPRESS, help="show the traceback of an error"
        )
        return sub

    def export(sub: argparse.ArgumentParser, formats: Sequence[str] = FORMATS) -> None:
        sub.add_argument("--format", choices=formats, default="table", help="how to print (default: table)")
        sub.add_argument("--out", type=Path, metavar="FILE", help="write to a file instead")

    def clocks(sub: argparse.ArgumentParser) -> None:
        sub.add_argument("--as-of", metavar="DAY", help="the day asked about (default: closing day of the record)")
        sub.add_argument("--known-by", metavar="DAY", help="drop what was recorded after this day")

    def target(sub: argparse.ArgumentParser) -> None:
        sub.add_argument("--state", help="every exit of a state instead, or with --from and --to those of some years")
        sub.add_argument("--from", dest="first", type=int, metavar="YEAR", help="with --state: from this year on")
        sub.add_argument("--to", dest="last", type=int, metavar="YEAR", help="with --state: up to this year")
        sub.add_argument("--body", help="every exit from a body instead")

    def labels(sub: argparse.ArgumentParser) -> None:
        sub.add_argument(
            "--labels", choices=tuple(LABELS), default=os.environ.get("EXEUNT_LABELS", "common"),
            help="names of contested states (default: common, or $EXEUNT_LABELS)",
        )  # fmt: skip

    report = add("report", "write the report on a case, a state or a body", "report.report")
    report.add_argument("case", metavar="CASE", nargs="?", help="a case, see `exeunt cases`")
    target(report)
    report.add_argument("--lang", choices=LANGUAGES, default="en", help="language of the report (default: en)")
    report.add_argument("--out", type=Path, metavar="FILE", help="where to write (default: reports/CASE.html)")
    report.add_argument("--pdf", action="store_true", help="print a PDF beside it (needs Chromium)")
    report.add_argument("--seed", type=int, default=1, help="seed of draws and worlds (default: 1)")
    report.add_argument("--format", choices=("table", "json"), default="table", help="summary as text or JSON")
    labels(report)
    clocks(report)

    status = add("status", "tell whether a state is in a body on a day, and which rule says so", "record.status")
    status.add_argument("state", metavar="STATE", help="code, number or name in English or Chinese")
    status.add_argument("body", metavar="BODY", help="key, acronym or name in English or Chinese")
    clocks(status)
    export(status)

    members = add("members", "list who belongs to a body on a day, since when and how that is known", "panels.members")
    members.add_argument("body", metavar="BODY", help="key, acronym or name in English or Chinese")
    labels(members)
    clocks(members)
    export(members)

    clock = add("clock", "tell when at the earliest an exit takes effect by its rule", "record.clock")
    clock.add_argument("state", metavar="STATE", help="code, number or name in English or Chinese")
    clock.add_argument("body", metavar="BODY", help="key, acronym or name in English or Chinese")
    clock.add_argument("--notified", metavar="DAY", help="suppose that notice was given on this day")
    clocks(clock)
    clock.add_argument("--lang", choices=LANGUAGES, default="en", help="language of sentences (default: en)")
    export(clock)

    money = add(
        "money", "list what was assessed, given, asked for, granted, paid and owed, ledger by ledger", "money.money"
    )
    money.add_argument(
        "target", metavar="BODY|EXITS",
        help="a body (`un`: the budgets of the United Nations), or exits: a case, pairs as in USA:who,ARG:who, a scenario",
    )  # fmt: skip
    money.add_argument(
        "--view", choices=("rows", "loss", "owed", "refill", "history", "events", "bands"),
        help="rows of the ledgers; what is lost; what stays owed; who would pay; how often gaps were refilled; past falls "
        "(default: rows of a body, loss of exits)",
    )  # fmt: skip
    money.add_argument("--state", help="only this state (default: all; of a case, its states)")
    money.add_argument("--year", type=int, help="only this calendar year")
    money.add_argument(
        "--until", type=int, metavar="YEAR", help="last projected year (default: four after the decision)"
    )
    money.add_argument(
        "--as-of", metavar="DAY", help="of exits: acts after this day do not count (default: closing day)"
    )
    money.add_argument(
        "--rule", choices=("pro_rata", "top_five", "one_state", "nobody"), help="only this refilling rule"
    )
    money.add_argument(
        "--payer", metavar="STATE", help="who pays under one_state (default: the largest donor that stays)"
    )
    money.add_argument("--lang", choices=LANGUAGES, default="en", help="language of the notes (default: en)")
    export(money)

    follows = add(
        "consequence",
        "tell what follows from exits: money, coverage, standing, what falls too",
        "consequence.consequence",
    )
    follows.add_argument("exits", metavar="EXITS", help="a case, pairs as in USA:who,ARG:who, or a scenario")
    follows.add_argument(
        "--view", choices=("summary", "vacuum", "worlds", "isolation", "partners", "company", "dependents"), default="summary",
        help="key figures; issue areas; issue areas in simulated worlds of a scenario; standing; shared bodies by state; who "
        "left, stayed, joined; what depends on the bodies (default: summary; money in full: `exeunt money EXITS`)",
    )  # fmt: skip
    follows.add_argument(
        "--weight", choices=("states", "capability", "population", "authority"), default="states",
        help="of vacuum and worlds: what counts (default: each state alike)",
    )  # fmt: skip
    follows.add_argument("--worlds", type=int, default=100, help="of worlds: how many (default: 100)")
    follows.add_argument("--years", type=int, default=10, help="of worlds: how many years on (default: 10)")
    follows.add_argument("--seed", type=int, default=1, help="of worlds: seed (default: 1)")
    follows.add_argument("--as-of", metavar="DAY", help="the day asked about (default: closing day of the record)")
    follows.add_argument("--lang", choices=LANGUAGES, default="en", help="language of the notes (default: en)")
    export(follows)

    vote = add("article19", "tell whether arrears cost a member its vote in the UN General Assembly", "money.article19")
    vote.add_argument("state", metavar="STATE", help="a member of the United Nations")
    vote.add_argument("--year", type=int, help="year of the vote (default: that of the closing day)")
    vote.add_argument("--assessed", type=float, nargs=2, metavar="USD", help="due for each of the two years before it")
    vote.add_argument("--arrears", type=float, metavar="USD", help="in arrears, to all budgets together")
    vote.add_argument("--lang", choices=LANGUAGES, default="en", help="language of sentences (default: en)")
    export(vote)

    cases = add("cases", "list the cases", "record.cases")
    export(cases)

    exits = add("exits", "list the acts of leaving, one line an episode", "record.exits")
    exits.add_argument("--state", help="only this state")
    exits.add_argument("--body", help="only this body")
    for act in ("announced", "notified", "effective"):
        exits.add_argument(
            f"--{act}",
            metavar="WHEN",
            help=f"only those {act} in this year, EDTF date or interval (2016, 2016-03, 2016/2018)",
        )
    clocks(exits)
    export(exits)

    explain = add("explain", "factor the hazard of a state in a body, or of a case", "explain.explain")
    explain.add_argument("target", metavar="CASE|STATE", help="a case, or a state")
    explain.add_argument("body", nargs="?", metavar="BODY", help="a body, where a state was named")
    explain.add_argument("year", nargs="?", type=int, metavar="YEAR", help="last year of membership (default: latest)")
    explain.add_argument("--seed", type=int, default=1, help="seed of the draws (default: 1)")
    export(explain)

    compare = add(
        "compare", "score the rival accounts on equal rows, and hold their terms under every outcome", "compare.compare"
    )
    compare.add_argument("--lang", choices=LANGUAGES, default="en", help="language of sentences (default: en)")
    compare.add_argument(
        "--part",
        action="append",
        choices=("scores", "terms", "pooled", "ranks"),
        help="only this part; may be repeated",
    )
    compare.add_argument("--own", action="append", metavar="FILE", help="an account of yours in TOML; may be repeated")
    compare.add_argument(
        "--formula",
        action="append",
        metavar="NAME=FORMULA",
        help='an account of yours, as in Mine="distance * authority"',
    )
    compare.add_argument("--workers", type=int, default=2, metavar="N", help="processes (default: 2)")
    export(compare)

    ahead = add(
        "forecast",
        "issue a dated forecast, score those issued, or say what they would have been worth",
        "forecast.forecast",
    )
    what = ahead.add_mutually_exclusive_group(required=True)
    what.add_argument("--issue", action="store_true", help="write a dated, hashed file")
    what.add_argument("--score", action="store_true", help="score every issued file against what the record knows now")
    what.add_argument("--backtest", action="store_true", help="the same model at every origin from 1990")
    ahead.add_argument("--folder", type=Path, metavar="DIR", help="where issued files are (default: forecasts)")
    ahead.add_argument("--seed", type=int, default=1, help="seed of the draws (default: 1)")
    export(ahead)

    loop = add(
        "feedback", "tell how many further exits one exit brings, if the model is right, with bounds and placebos",
        "feedback.feedback",
    )  # fmt: skip
    loop.add_argument("--lang", choices=LANGUAGES, default="en", help="language of sentences (default: en)")
    loop.add_argument(
        "--outcome", choices=OUTCOMES, help="what counts as an exit (default: cleaned, with raw and core beside it)"
    )
    loop.add_argument(
        "--year", type=int, metavar="YEAR", help="whose memberships (default: 2014, to which the fits reach)"
    )
    loop.add_argument("--state", help="of one exit of this state (default: of any exit)")
    export(loop)

    worlds = add("simulate", "play many worlds under a scenario, or tell the story of one", "simulate.simulate")
    worlds.add_argument("--lang", choices=LANGUAGES, default="en", help="language of sentences (default: en)")
    worlds.add_argument("scenario", metavar="SCENARIO", help="baseline, or another shipped one, or a TOML file")
    worlds.add_argument("--worlds", type=int, default=1000, metavar="N", help="how many (default: 1000)")
    worlds.add_argument("--years", type=int, default=10, metavar="T", help="years of each (default: 10)")
    worlds.add_argument("--seed", type=int, default=1, help="seed of all draws (default: 1)")
    worlds.add_argument("--world", type=int, metavar="K", help="replay world K instead and tell its story")
    worlds.add_argument("--state", action="append", metavar="STATE", help="follow this state too; may be repeated")
    worlds.add_argument("--workers", type=int, default=2, metavar="W", help="processes (default: 2)")
    worlds.add_argument("--scheduler", metavar="ADDRESS", help="Dask scheduler to use instead (the extra `cluster`)")
    export(worlds)

    figure = add(
        "figure",
        "write a figure of the report or of the back-test as an SVG file, or PNG through Chromium",
        "report.figure",
    )
    figure.add_argument("name", choices=(*FIGURES, *BACKTEST_FIGURES), help="which figure")
    figure.add_argument("--case", help="the case (default: usa-2026-01)")
    target(figure)
    figure.add_argument("--lang", choices=LANGUAGES, default="en", help="language (default: en)")
    figure.add_argument("--seed", type=int, default=1, help="seed (default: 1)")
    figure.add_argument(
        "--backtest",
        type=Path,
        metavar="FILE",
        help="of the back-test: what `exeunt forecast --backtest --format json` wrote",
    )
    figure.add_argument("--dark", action="store_true", help="light on dark")
    figure.add_argument("--out", type=Path, required=True, metavar="FILE", help="where to write, ends in .svg or .png")

    panel = add(
        "panel", "give a panel: rows at risk of leaving or joining, states by year, pairs by year", "panels.panel"
    )
    panel.add_argument("kind", choices=("exit", "join", "state-year", "dyad-year"), help="which panel")
    panel.add_argument("--outcome", choices=OUTCOMES, help="what counts as an exit (default: cleaned)")
    panel.add_argument("--origin", type=int, metavar="YEAR", help="of cleaned_vintage: nothing learned later is used")
    panel.add_argument(
        "--terms", nargs="+", metavar="TERM", help="see `exeunt codebook terms` (default: the base terms)"
    )
    panel.add_argument("--state", help="only this state")
    panel.add_argument("--first-year", type=int, metavar="YEAR", help="from this year on")
    panel.add_argument("--last-year", type=int, metavar="YEAR", help="up to this year")
    export(panel)

    codebook = add("codebook", "print the terms of the panels, or exits by outcome", "models.codebook")
    codebook.add_argument(
        "kind", choices=("exit", "join", "terms", "outcomes"), nargs="?", default="exit",
        help="base terms of a panel, all terms, or exits by decade and region under every outcome",
    )  # fmt: skip
    export(codebook)

    checked = add("calibration", "hold each outcome's exit hazard against its own training years", "models.calibration")
    checked.add_argument("--seed", type=int, default=1, help="seed of the draws (default: 1)")
    export(checked)

    attributes = add(
        "attributes", "tell whether standing and capability move with leaving and joining", "models.attributes"
    )
    attributes.add_argument("--outcome", choices=FINAL_OUTCOMES, help="what counts as an exit (default: all four)")
    attributes.add_argument(
        "--first-year", type=int, default=1946, metavar="YEAR", help="from this year on (default: 1946)"
    )
    attributes.add_argument("--spiral", action="store_true", help="hold both halves of Spiral together instead")
    export(attributes)

    sequence = add("sequence", "tell whether states use force more after leaving than before", "models.sequence")
    sequence.add_argument("--outcome", choices=FINAL_OUTCOMES, help="what counts as an exit (default: all four)")
    sequence.add_argument("--seed", type=int, default=1, help="seed of the shifts (default: 1)")
    export(sequence)

    argue = add(
        "argue", "put an argument to the test: a verdict on every claim and link, with its figure", "argue.argue"
    )
    argue.add_argument("name", nargs="?", metavar="NAME|FILE", help="a shipped argument, or a file ending in .toml")
    other = argue.add_mutually_exclusive_group()
    other.add_argument("--list", action="store_true", help="list the shipped arguments")
    other.add_argument("--new", metavar="NAME", help="write NAME.toml to start from")
    other.add_argument("--facts", action="store_true", help="print the facts of the file with their sources")
    other.add_argument("--map", type=Path, metavar="FILE", help="draw the map of its links as an SVG file")
    argue.add_argument("--lang", choices=LANGUAGES, default="en", help="language of fixed words (default: en)")
    export(argue)

    cite = add("cite", "print how to cite the software and its sources", "record.cite")
    cite.add_argument("source", nargs="?", help="key of a source card (default: all)")

    whole = add(
        "export", "write the record, or tables of it, into one zip file with its terms and sources", "data.export"
    )
    whole.add_argument("--out", type=Path, required=True, metavar="FILE", help="where to write, ends in .zip")
    whole.add_argument("--tables", nargs="+", metavar="TABLE", help="only these tables (default: all)")
    whole.add_argument("--dta", action="store_true", help="Stata files too")

    sql = add("sql", "ask the record in SQL, read-only (needs duckdb, the extra `sql`)", "data.sql")
    sql.add_argument("query", nargs="?", metavar="QUERY", help='one SELECT, as in "SELECT * FROM acts LIMIT 5"')
    sql.add_argument("--file", type=Path, metavar="FILE", help="read the query from a file instead")
    sql.add_argument("--tables", action="store_true", help="list the tables instead")
    sql.add_argument("--seconds", type=float, default=60.0, metavar="S", help="stop a longer query (default: 60)")
    export(sql)

    diff = add("diff", "tell what two records differ in, row by row", "data.diff")
    diff.add_argument("old", metavar="OLD", help="directory, zip file of `exeunt export`, or `embedded`")
    diff.add_argument("new", metavar="NEW", help="the same")
    diff.add_argument("--table", action="append", metavar="TABLE", help="only this table; may be repeated")
    diff.add_argument("--limit", type=int, metavar="N", help="rows listed for each table (default: 10; as data: all)")
    export(diff)

    served = add("serve", "show the record in a browser, on this machine (needs the extra `web`)", "serve.serve")
    served.add_argument("--port", type=int, default=8470, help="port (default: 8470; 0: any that is free)")
    served.add_argument(
        "--host", default="127.0.0.1", metavar="ADDRESS",
        help="IP address to listen on (default: 127.0.0.1; another one lets others on the network read and run jobs)",
    )  # fmt: skip
    served.add_argument("--public", action="store_true", help="allow an address that other machines reach")
    served.add_argument("--lang", choices=LANGUAGES, default="en", help="language of the first page (default: en)")

    check = add("check", "check the record against its rules", "record.check")
    which = check.add_mutually_exclusive_group()
    which.add_argument("--staleness", action="store_true", help="list how old the evidence on each body is")
    which.add_argument("--against", metavar="STUDY", help="published counts beside ours (bv2019)")
    which.add_argument(
        "--data", type=Path, metavar="DIR", help="check curated facts alone, e.g. data, without raw sources"
    )
    export(check)

    refresh = add("refresh", "rebuild the record from curated facts and staged tables", "refresh.refresh")
    refresh.add_argument(
        "--sources",
        type=Path,
        metavar="DIR",
        help="raw sources, one folder a source: make the staged tables anew first",
    )
    refresh.add_argument(
        "--data", type=Path, metavar="DIR", help="curated facts, staged tables (default: data/ of the checkout)"
    )
    refresh.add_argument("--target", type=Path, metavar="DIR", help="where to write (default: the embedded record)")
    instead = refresh.add_mutually_exclusive_group()
    instead.add_argument("--list", action="store_true", help="list the raw files, their checksums and where they are")
    instead.add_argument(
        "--download", action="store_true", help="fetch into --sources what is published as it is read, name the rest"
    )
    instead.add_argument("--accept", metavar="SOURCE", help="put a source's changed files in --sources on its card")
    export(refresh)
    return parser


def main(arguments: Sequence[str]) -> int:
    """Run one command; returns the exit code and prints at most one sentence on failure."""
    debug = "--debug" in arguments
    try:
        options = build_parser().parse_args(arguments)
        if options.command is None:
            build_parser().print_help()
            return 2
        module, name = options.run.split(".")
        if getattr(options, "format", None) not in (None, "table"):
            import_module("exeunt.export").require_file(options.format, options.out)
        run: Callable[[argparse.Namespace], int] = getattr(import_module(f"exeunt.commands.{module}"), name)
        code = run(options)
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
