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
