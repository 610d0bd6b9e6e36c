"""Commands that fit and explain."""

from __future__ import annotations

import argparse

from exeunt.cli.command import Arguments, Command, add_format, add_outcome

CALIBRATED = ("raw", "cleaned")


def _codebook(options: argparse.Namespace) -> int:
    """Print the terms of a panel, or exits by decade under every outcome."""
    from exeunt.export import emit

    if options.kind == "outcomes":
        from exeunt.panel.outcomes import outcome_counts
        from exeunt.record.opened import open_record

        emit(outcome_counts(open_record()).to_dicts(), options.format, options.out)
        return 0
    from exeunt.panel.registry import codebook as terms

    emit(terms(options.kind).to_dicts(), options.format, options.out)
    return 0


def _calibration(options: argparse.Namespace) -> int:
    """Print what each law predicts of its own training rows."""
    from exeunt.explain.estimates import cached_fit, compare_laws
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


def _attributes(options: argparse.Namespace) -> int:
    """Print the equations of standing and capability, or both halves of Spiral."""
    from exeunt.explain import attributes as equations
    from exeunt.explain.estimates import OUTCOMES, estimates
    from exeunt.explain.explanations import Spiral
    from exeunt.explain.sequence import spiral
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


def _sequence(options: argparse.Namespace) -> int:
    """Print the test of the order of exits and force."""
    from exeunt.explain.estimates import OUTCOMES
    from exeunt.explain.sequence import table
    from exeunt.export import emit
    from exeunt.progress import Progress
    from exeunt.record.opened import open_record

    record, progress = open_record(), Progress(options.quiet)
    outcomes = (options.outcome,) if options.outcome else OUTCOMES
    with progress.step("order of exits and force", 20 * len(outcomes)):
        found = table(record, outcomes, options.seed, say=progress.say)
    emit([{**row.as_dict(), **row.interval} for row in found], options.format, options.out)
    return 0


def _codebook_arguments(to: Arguments) -> None:
    to.add_argument(
        "kind", choices=("exit", "join", "terms", "outcomes"), nargs="?", default="exit",
        help="base terms of a panel, all terms, or exits by decade and region under every outcome",
    )  # fmt: skip
    add_format(to)


def _calibration_arguments(to: Arguments) -> None:
    to.add_argument("--seed", type=int, default=1, help="seed of the draws (default: 1)")
    add_format(to)


def _attributes_arguments(to: Arguments) -> None:
    add_outcome(to, "all four", final=True)
    to.add_argument("--first-year", type=int, default=1946, metavar="YEAR", help="from this year on (default: 1946)")
    to.add_argument("--spiral", action="store_true", help="hold both halves of Spiral together instead")
    add_format(to)


def _sequence_arguments(to: Arguments) -> None:
    add_outcome(to, "all four", final=True)
    to.add_argument("--seed", type=int, default=1, help="seed of the shifts (default: 1)")
    add_format(to)


COMMANDS = (
    Command("codebook", "print the terms of the panels, or exits by outcome", _codebook, _codebook_arguments),
    Command("calibration", "hold each outcome's exit hazard against its own training years", _calibration,
            _calibration_arguments),
    Command("attributes", "tell whether standing and capability move with leaving and joining", _attributes,
            _attributes_arguments),
    Command("sequence", "tell whether states use force more after leaving than before", _sequence, _sequence_arguments),
)  # fmt: skip
