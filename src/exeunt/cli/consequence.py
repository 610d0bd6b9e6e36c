"""The command on what follows from a set of exits."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any, Final

from exeunt.cli.command import Arguments, Command, add_format

if TYPE_CHECKING:
    from datetime import date

    from exeunt.consequence.memberships import Memberships
    from exeunt.record.store import Record

SHOWN: Final = {
    "summary": ("question", "what", "value", "low", "high", "unit", "note"),
    "vacuum": ("area", "bodies", "without_members", "left", "mean_before", "mean_now", "mean_after", "any_before", "any_after",
               "leaver_before", "leaver_after", "measured"),
    "worlds": ("area", "bodies", "mean_start", "mean_end", "mean_low", "mean_high", "mean_change", "mean_change_low",
               "mean_change_high", "any_start", "any_end", "any_change", "measured"),
    "isolation": ("state", "measure", "when", "value", "rank", "of", "change", "why"),
    "partners": ("state", "partner", "before", "now", "after", "change", "ties_before", "ties_after"),
    "company": ("body", "relation", "state", "date", "number", "why"),
    "dependents": ("body", "kind", "what", "number", "states", "in_batch", "why"),
}  # fmt: skip
PARTNERS_SHOWN: Final = 20


def consequence(options: argparse.Namespace) -> int:
    """Print what follows from a set of exits: money, coverage, standing, dependents."""
    from exeunt.cli.kept import kept
    from exeunt.consequence import history as past
    from exeunt.consequence.batch import batch
    from exeunt.consequence.columns import OTHERS
    from exeunt.consequence.dependents import dependents
    from exeunt.consequence.isolation import company, isolation, partners
    from exeunt.consequence.revenue import revenue
    from exeunt.consequence.summary import summary
    from exeunt.consequence.vacuum import covered, stages, vacuum
    from exeunt.dates import parse_day
    from exeunt.export import emit
    from exeunt.record.opened import open_record
    from exeunt.words import percent, word

    record = open_record()
    if options.view == "worlds":
        return _worlds(record, options)
    day = parse_day(options.as_of) if options.as_of else None
    asked = batch(record, options.exits)
    view = options.view
    rows: list[dict[str, Any]]
    world = stages(record, asked, day, _kept_memberships)
    if view == "summary":
        rates = kept("refill_history", record, ("consequence", "record"), lambda: past.base_rates(revenue(record)))
        rows = summary(record, asked, rates, day, world)
    elif view == "vacuum":
        rows = [area.as_dict() for area in vacuum(record, asked, options.weight, at=world)]
    else:
        ask = {"isolation": isolation, "partners": partners, "company": company, "dependents": dependents}[view]
        rows = ask(record, asked, day, world)
    if options.format != "table":
        emit(rows, options.format, options.out, columns=OTHERS[view])
        return 0
    shown = rows[:PARTNERS_SHOWN] if view == "partners" else rows
    emit([{k: _short(row[k]) for k in SHOWN[view]} for row in shown], "table", options.out)
    print(word(f"consequence.{view}", options.lang))
    if view == "vacuum":
        known = covered(record, asked, world.now)
        share = percent(known["with_area_share"], options.lang)
        print(word("consequence.covered", options.lang, **{**known, "with_area_share": share}))
    return 0


def _worlds(record: Record, options: argparse.Namespace) -> int:
    """Issue areas in simulated worlds of a scenario."""
    from exeunt.consequence.columns import OTHERS
    from exeunt.consequence.worlds import coverage_of_worlds
    from exeunt.export import emit
    from exeunt.progress import Progress
    from exeunt.words import word

    rows = coverage_of_worlds(
        record, options.exits, options.worlds, options.years, options.seed, options.weight, Progress(options.quiet)
    )
    if options.format != "table":
        emit(rows, options.format, options.out, columns=OTHERS["worlds"])
        return 0
    emit([{key: row[key] for key in SHOWN["worlds"]} for row in rows], "table", options.out)
    told = {"worlds": options.worlds, "scenario": options.exits, "year": rows[0]["year"]}
    print(word("consequence.worlds", options.lang, **told))
    return 0


def _kept_memberships(record: Record, day: date) -> Memberships:
    """Who is in what on a day, from the cache or made and kept there."""
    from exeunt.cli.kept import kept
    from exeunt.consequence.memberships import Memberships, memberships

    found = kept(
        "memberships", record, ("consequence", "record"), lambda: memberships(record, day).packed(), day=str(day)
    )
    return Memberships.unpacked(found)


def _short(value: Any) -> Any:
    return f"{value:,.0f}" if isinstance(value, float) and abs(value) >= 10_000 else value


def _arguments(to: Arguments) -> None:
    from exeunt.consequence.vacuum import WEIGHTS

    to.add_argument("exits", metavar="EXITS", help="a case, pairs as in USA:who,ARG:who, or a scenario")
    to.add_argument(
        "--view", choices=tuple(SHOWN), default="summary",
        help="key figures; issue areas; issue areas in simulated worlds of a scenario; standing; shared bodies by state; who "
        "left, stayed, joined; what depends on the bodies (default: summary; money in full: `exeunt money EXITS`)",
    )  # fmt: skip
    to.add_argument(
        "--weight", choices=WEIGHTS, default="states",
        help="of vacuum and worlds: what counts (default: each state alike)",
    )  # fmt: skip
    to.add_argument("--worlds", type=int, default=100, help="of worlds: how many (default: 100)")
    to.add_argument("--years", type=int, default=10, help="of worlds: how many years on (default: 10)")
    to.add_argument("--seed", type=int, default=1, help="of worlds: seed (default: 1)")
    to.add_argument("--as-of", metavar="DAY", help="the day asked about (default: closing day of the record)")
    add_format(to)


COMMANDS = (
    Command("consequence", "tell what follows from exits: money, coverage, standing, what falls too", consequence,
            _arguments),
)  # fmt: skip
