"""Commands that fit, explain, simulate and report."""

from __future__ import annotations

import argparse
from pathlib import Path

from exeunt.commands import day

CALIBRATED = ("raw", "cleaned")


def report(options: argparse.Namespace) -> int:
    """Write the report on a case and print its summary."""
    import time

    from exeunt import manifest
    from exeunt.progress import Progress
    from exeunt.record.cases import case
    from exeunt.record.opened import open_record
    from exeunt.report import summary

    began = time.monotonic()
    record = open_record()
    case(record, options.case)
    out = options.out or Path("reports") / f"{options.case}{'' if options.lang == 'en' else '.' + options.lang}.html"
    manifest.require_writable(out)
    as_of, known_by = day(options.as_of), day(options.known_by)
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


def figure(options: argparse.Namespace) -> int:
    """Write a figure as SVG."""
    from exeunt.report import forecast_figures

    if options.name in forecast_figures.FIGURES:
        from exeunt.commands.forecast import figure as of_backtest

        return of_backtest(options)
    from exeunt.manifest import require_writable, write_bytes
    from exeunt.progress import Progress
    from exeunt.record.opened import open_record
    from exeunt.report import figures
    from exeunt.report.assemble import assemble

    require_writable(options.out)
    data = assemble(open_record(), options.case, None, options.seed, Progress(options.quiet))
    drawn = {"fan": figures.fan_svg, "factors": figures.factors_svg, "what": figures.what_svg}[options.name]
    write_bytes(options.out, figures.standalone(drawn(data, options.lang)).encode("utf-8"))
    print(options.out)
    return 0


def codebook(options: argparse.Namespace) -> int:
    """Print the terms of a panel, or exits by decade under every outcome."""
    from exeunt.export import emit

    if options.kind == "outcomes":
        from exeunt.panel.documented import outcome_counts
        from exeunt.record.opened import open_record

        emit(outcome_counts(open_record()).to_dicts(), options.format, options.out)
        return 0
    from exeunt.panel.registry import codebook as terms

    emit(terms(options.kind).to_dicts(), options.format, options.out)
    return 0


def calibration(options: argparse.Namespace) -> int:
    """Print what each law predicts of its own training rows."""
    from exeunt.explain.cached import cached_fit
    from exeunt.explain.calibrations import compare_laws
    from exeunt.export import emit
    from exeunt.panel.build import exit_panel
    from exeunt.progress import Progress
    from exeunt.record.opened import open_record

    record, progress, rows = open_record(), Progress(options.quiet), []
    for outcome in CALIBRATED:
        with progress.step(f"exit hazard on {outcome}", 40):
            panel = exit_panel(record, outcome)
            made, _ = cached_fit(panel, record.version)
            rows += compare_laws(panel, made, options.seed)
    emit(rows, options.format, options.out)
    return 0


def attributes(options: argparse.Namespace) -> int:
    """Print the equations of standing and capability, or both halves of Spiral."""
    from exeunt.explain import attributes as equations
    from exeunt.explain.across import OUTCOMES, estimates
    from exeunt.explain.explanations import Spiral
    from exeunt.explain.spiral import spiral
    from exeunt.export import emit
    from exeunt.progress import Progress
    from exeunt.record.opened import open_record

    record, progress = open_record(), Progress(options.quiet)
    outcomes = (options.outcome,) if options.outcome else OUTCOMES
    with progress.step("equations of standing and capability", 5 * len(outcomes)):
        found = equations.table(record, outcomes, options.first_year, progress.say)
    if not options.spiral:
        emit([row.as_dict() for row in found], options.format, options.out)
        return 0
    with progress.step("hazards of Spiral", 20 * len(outcomes)):
        both = spiral(estimates(record, (Spiral,), outcomes, progress.say), found)
    if options.format == "table" and options.out is None:
        for verdict in both:
            print(verdict.says)
    else:
        emit([verdict.as_dict() for verdict in both], options.format, options.out)
    return 0


def sequence(options: argparse.Namespace) -> int:
    """Print the test of the order of exits and force."""
    from exeunt.explain.across import OUTCOMES
    from exeunt.explain.sequence import table
    from exeunt.export import emit
    from exeunt.progress import Progress
    from exeunt.record.opened import open_record

    record, progress = open_record(), Progress(options.quiet)
    outcomes = (options.outcome,) if options.outcome else OUTCOMES
    with progress.step("order of exits and force", 20 * len(outcomes)):
        found = table(record, outcomes, options.seed, say=progress.say)
    emit([row.as_dict() for row in found], options.format, options.out)
    return 0
