"""The command that issues forecasts, scores them, and says what such forecasts would have been worth."""

from __future__ import annotations

import argparse
from datetime import date
from pathlib import Path
from typing import Any

from exeunt.cli.command import Arguments, Command, add_format

FOLDER = Path("forecasts")


def _forecast(options: argparse.Namespace) -> int:
    """Issue, score or back-test."""
    from exeunt.core.progress import Progress
    from exeunt.record.opened import open_record

    record, progress = open_record(), Progress(options.quiet)
    if options.issue:
        from exeunt.simulate.forecast import issue

        with progress.step("forecast", 10):
            path = issue(record, options.folder or FOLDER, date.today(), options.seed)
        print(path)
        return 0
    if options.score:
        return _score(options, record)
    return _backtest(options, record, progress)


def _score(options: argparse.Namespace, record: Any) -> int:
    from exeunt.core.errors import UsageError
    from exeunt.core.export import emit
    from exeunt.simulate.forecast import read, score

    folder = options.folder or FOLDER
    files = [folder] if folder.is_file() else sorted(folder.glob("forecast-*.json"))
    if not files:
        raise UsageError(f"there is no issued forecast in {folder}; issue one with `exeunt forecast --issue`.")
    rows = [{"file": path.name, **row} for path in files for row in score(record, read(path))]
    emit(rows, options.format, options.out)
    return 0


def _found(record: Any, progress: Any) -> dict[str, Any]:
    from exeunt.cli.command import kept
    from exeunt.simulate.forecast import backtest

    rooms = ("measures", "panel", "explain", "simulate")
    found: dict[str, Any] = kept("backtest", record, rooms, lambda: backtest(record, progress.say))
    return found


def figure_of_backtest(options: argparse.Namespace) -> int:
    """Write a figure of the back-test, from a file of its answer or from a run."""
    from exeunt.core.files import require_writable, write_bytes
    from exeunt.core.progress import Progress
    from exeunt.record.opened import open_record
    from exeunt.report import printing
    from exeunt.report.figures import standalone
    from exeunt.report.figures.backtest import FIGURES

    require_writable(options.out)
    png = options.out.suffix.lower() == ".png"
    if png:
        printing.require()
    found = _read(options.backtest) if options.backtest else _found(open_record(), Progress(options.quiet))
    drawn = standalone(FIGURES[options.name](found, options.lang), options.dark)
    if png:
        printing.draw_png(drawn, options.out)
    else:
        write_bytes(options.out, drawn.encode("utf-8"))
    print(options.out)
    return 0


def _read(path: Path) -> dict[str, Any]:
    import json

    from exeunt.core.errors import UsageError

    try:
        found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        whole = all(found[part] for part in ("reliability", "totals", "uniform"))
    except (OSError, ValueError, KeyError, TypeError):
        whole = False
    if not whole:
        raise UsageError(
            f"{path} is no answer of a back-test; write one with `exeunt forecast --backtest --format json --out {path}`."
        )
    return found


def _backtest(options: argparse.Namespace, record: Any, progress: Any) -> int:
    from exeunt.core.export import emit

    found = _found(record, progress)
    if options.format == "json":
        emit([found], "json", options.out, single=True)
        return 0
    if options.format != "table" or options.out is not None:
        emit(found["reliability"], options.format, options.out)
        return 0
    for model in dict.fromkeys(row["model"] for row in found["reliability"]):
        print(
            f"Reliability of {model.replace('_', ' ')}: tenths of the memberships by probability, all origins together.\n"
        )
        emit(
            [{"years": r["horizon"], "tenth": r["tenth"], "rows": f"{r['rows']:,}", "exits": r["exits"],
              "predicted": f"{100 * r['predicted']:.3f} %", "observed": f"{100 * r['observed']:.3f} %",
              "95 % interval": f"{100 * r['low']:.3f} to {100 * r['high']:.3f}"}
             for r in found["reliability"] if r["model"] == model], "table", None,
        )  # fmt: skip
        print()
    print("Exits of the year after each origin, against the law of the common structure with bundles.\n")
    emit(found["totals"], "table", None)
    u = found["uniform"]
    print(f"\nUniform: Kolmogorov-Smirnov {u['statistic']:.2f}, p = {u['p_value']:.3f}, {u['origins']} origins.\n")
    print("A list of the hundred highest probabilities at each origin.\n")
    emit(found["hits"], "table", None)
    return 0


def _arguments(to: Arguments) -> None:
    what = to.add_mutually_exclusive_group(required=True)
    what.add_argument("--issue", action="store_true", help="write a dated, hashed file")
    what.add_argument("--score", action="store_true", help="score every issued file against what the record knows now")
    what.add_argument("--backtest", action="store_true", help="the same model at every origin from 1990")
    to.add_argument("--folder", type=Path, metavar="DIR", help="where issued files are (default: forecasts)")
    to.add_argument("--seed", type=int, default=1, help="seed of the draws (default: 1)")
    add_format(to)


COMMANDS = (
    Command("forecast", "issue a dated forecast, score those issued, or say what they would have been worth", _forecast,
            _arguments),
)  # fmt: skip
