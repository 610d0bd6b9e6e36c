"""Commands that fit and explain."""

from __future__ import annotations

import argparse
from typing import Any

from exeunt.answers import Message
from exeunt.cli.command import Arguments, Command, add_format, add_outcome, names_of
from exeunt.i18n import Names, known, render, word

CALIBRATED = ("raw", "cleaned")


def _codebook(options: argparse.Namespace) -> int:
    """Print the terms of a panel, or exits by decade under every outcome."""
    from exeunt.core.export import emit

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
    from exeunt.core.export import emit
    from exeunt.core.progress import Progress
    from exeunt.explain.estimates import cached_fit, compare_laws
    from exeunt.panel.build import exit_panel
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
    from exeunt.core.export import emit
    from exeunt.core.progress import Progress
    from exeunt.explain import attributes as equations
    from exeunt.explain.estimates import OUTCOMES, estimates
    from exeunt.explain.explanations import Spiral
    from exeunt.explain.sequence import spiral
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
    from exeunt.core.export import emit
    from exeunt.core.progress import Progress
    from exeunt.explain.estimates import OUTCOMES
    from exeunt.explain.sequence import table
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


# --- The command that explains one membership, or those of a case


def _explain(options: argparse.Namespace) -> int:
    """Print factors on the hazard, with intervals: of the joint model, and of every rival in turn."""
    from exeunt.core.export import emit, require_file
    from exeunt.core.progress import Progress
    from exeunt.record.opened import open_record
    from exeunt.report.reasons import explained

    require_file(options.format, options.out)
    record = open_record()
    rows = explained(
        record, options.target, options.body, options.year, options.seed, Progress(options.quiet)
    )  # fmt: skip
    if options.format == "table" and options.out is None:
        _print(rows, options.lang, names_of(record))
    elif options.format in {"json", "table"}:
        emit(rows, options.format, options.out)
    else:
        emit([flat for row in rows for flat in _flat(row)], options.format, options.out)
    return 0


def _flat(row: dict[str, Any]) -> list[dict[str, Any]]:
    """One line a factor: those of the joint model, then each rival's own."""
    keys = ("state", "body", "year", "case", "covered", "reason", "outcome", "span", "rows", "events")
    base = {key: row[key] for key in keys}
    out = [{**base, "model": "joint", **factor} for factor in row["factors"]]
    for rival in row["rivals"]:
        value = rival["factor"] or {"median": None, "low": None, "high": None}
        out.append(
            {**base, "rows": rival["rows"], "events": rival["events"], "model": rival["explanation"],
             "reason": rival["reason"] and rival["reason"]["code"], "covered": rival["covered"],
             "explanation": rival["explanation"], "factor": value["median"], "low": value["low"], "high": value["high"]}
        )  # fmt: skip
    return out or [{**base, "model": "joint", "explanation": None, "factor": None, "low": None, "high": None}]


def _times(value: dict[str, Any], key: str) -> str:
    return f"{value[key]:.2f} [{value['low']:.2f}, {value['high']:.2f}]"


def _print(rows: list[dict[str, Any]], lang: str, names: Names) -> None:
    from exeunt.core.export import emit
    from exeunt.i18n import joined

    def told(row: dict[str, Any]) -> str:
        return joined([_sentence(one, lang, names) for one in row["says"]], lang)

    def account(name: str) -> str:
        return word(f"explanation.{name}", lang)

    covered = [row for row in rows if row["covered"]]
    if covered:
        first = covered[0]
        values = {"outcome": first["outcome"], "span": first["span"], "rows": first["rows"], "exits": first["events"]}
        print(word("explain.joint", lang, **values) + "\n")
        lines = []
        for row in covered:
            factors = {account(f["explanation"]): _times(f, "factor") for f in row["factors"]}
            lines.append(
                {"state": row["state"], "body": row["body"], "year": row["year"],
                 word("explain.hazard", lang): f"{100 * row['hazard_per_year']:.3f} %",
                 word("explain.median_member", lang): f"{100 * row['typical_hazard_per_year']:.3f} %", **factors}
            )  # fmt: skip
        emit(lines, "table", None)
        if first["shared"]:
            shares = word("list.comma", lang).join(
                f"{account(f['explanation'])} {_times(f, 'factor')}" for f in first["shared"]
            )
            print("\n" + word("explain.shared", lang, n=len(covered), shares=shares))
        print()
    for row in rows:
        if not row["rivals"]:
            continue
        pair = {kind: names(kind, row[kind], lang) for kind in ("state", "body")}
        title = word("explain.pair", lang, **pair, year=row["year"])
        if len(rows) > 3:
            print(word("explain.said", lang, pair=title, says=told(row)))
            continue
        print(word("explain.each", lang, pair=title) + "\n")
        emit([_rival(r, lang, names) for r in row["rivals"]], "table", None)
        print(f"\n{told(row)}\n")
    silent = [row for row in rows if not row["covered"]]
    if silent:
        print("\n" + word("explain.not_covered", lang, n=len(silent)))
        reasons: dict[str, list[str]] = {}
        for row in silent:
            reasons.setdefault(str(row["reason"]), []).append(row["body"])
        for reason, bodies in reasons.items():
            code = next(c for c in (f"reason.{reason}", f"what.{reason}") if known(c))
            print("  " + word("explain.reason", lang, reason=word(code, lang), bodies=", ".join(bodies)))


def _sentence(message: dict[str, Any], lang: str, names: Names) -> str:
    return render(Message(code=message["code"], values=message["values"]), lang, names)


def _rival(r: dict[str, Any], lang: str, names: Names) -> dict[str, Any]:
    hazard = r["hazard_per_year"]
    shares = [f"{word('term.' + name, lang)} {value['median']:.2f}" for name, value in r["shares"].items()]
    return {
        "explanation": word(f"explanation.{r['explanation']}", lang),
        "factor": _times(r["factor"], "median") if r["factor"] else None,
        word("explain.hazard", lang):
            f"{100 * hazard['median']:.3f} % [{100 * hazard['low']:.3f}, {100 * hazard['high']:.3f}]" if hazard else None,
        word("explain.shares", lang): word("list.comma", lang).join(shares) or None,
        "rows": f"{r['rows']:,}", "exits": r["events"],
        word("explain.uncovered", lang): _sentence(r["reason"], lang, names) if r["reason"] else None,
    }  # fmt: skip


def _arguments(to: Arguments) -> None:
    to.add_argument("target", metavar="CASE|STATE", help="a case, or a state")
    to.add_argument("body", nargs="?", metavar="BODY", help="a body, where a state was named")
    to.add_argument("year", nargs="?", type=int, metavar="YEAR", help="last year of membership (default: latest)")
    to.add_argument("--seed", type=int, default=1, help="seed of the draws (default: 1)")
    add_format(to)


COMMANDS = (
    Command("codebook", "print the terms of the panels, or exits by outcome", _codebook, _codebook_arguments),
    Command(
        "calibration",
        "hold each outcome's exit hazard against its own training years",
        _calibration,
        _calibration_arguments,
    ),
    Command(
        "attributes",
        "tell whether standing and capability move with leaving and joining",
        _attributes,
        _attributes_arguments,
    ),
    Command("sequence", "tell whether states use force more after leaving than before", _sequence, _sequence_arguments),
    Command("explain", "factor the hazard of a state in a body, or of a case", _explain, _arguments),
)
