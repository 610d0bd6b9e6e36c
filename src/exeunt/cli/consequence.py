"""The command on what follows from a set of exits."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

from exeunt.cli.command import Arguments, Command, add_format

if TYPE_CHECKING:
    from datetime import date

    from exeunt.answers import Answer
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
    "company": ("body", "relation", "state", "date", "number", "id", "why"),
    "dependents": ("body", "kind", "what", "number", "states", "in_batch", "why"),
}  # fmt: skip
PARTNERS_SHOWN: Final = 20


def _consequence(options: argparse.Namespace) -> int:
    """Print what follows from a set of exits: money, coverage, standing, dependents."""
    from exeunt.cli.money import rates_of, row_of, show
    from exeunt.consequence.batch import batch
    from exeunt.consequence.standing import company, dependents, isolation, partners
    from exeunt.consequence.summary import summary
    from exeunt.consequence.vacuum import covered, stages, vacuum
    from exeunt.core.dates import parse_day
    from exeunt.i18n import percent, word
    from exeunt.record.opened import open_record

    record = open_record()
    if options.view == "worlds":
        return _worlds(record, options)
    day = parse_day(options.as_of) if options.as_of else None
    asked = batch(record, options.exits)
    view = options.view
    rows: Sequence[Answer]
    world = stages(record, asked, day, _kept_memberships)
    if view == "summary":
        rows, kind = summary(record, asked, rates_of(record), day, world), row_of(summary)
    elif view == "vacuum":
        rows, kind = vacuum(record, asked, options.weight, at=world), row_of(vacuum)
    else:
        ask: Any = {"isolation": isolation, "partners": partners, "company": company, "dependents": dependents}[view]
        rows, kind = ask(record, asked, day, world), row_of(ask)
    if not show(record, rows, kind, options, SHOWN[view], PARTNERS_SHOWN if view == "partners" else None):
        return 0
    print(word(f"consequence.{view}", options.lang))
    if view == "vacuum":
        known = covered(record, asked, world.now)
        share = percent(known["with_area_share"], options.lang)
        print(word("consequence.covered", options.lang, **{**known, "with_area_share": share}))
    return 0


def _worlds(record: Record, options: argparse.Namespace) -> int:
    """Issue areas in simulated worlds of a scenario."""
    from exeunt.cli.money import row_of, show
    from exeunt.consequence.vacuum import coverage_of_worlds
    from exeunt.core.progress import Progress
    from exeunt.i18n import word

    rows = coverage_of_worlds(
        record, options.exits, options.worlds, options.years, options.seed, options.weight, Progress(options.quiet)
    )
    if show(record, rows, row_of(coverage_of_worlds), options, SHOWN["worlds"]):
        told = {"worlds": options.worlds, "scenario": options.exits, "year": rows[0].year}
        print(word("consequence.worlds", options.lang, **told))
    return 0


def _kept_memberships(record: Record, day: date) -> Memberships:
    """Who is in what on a day, from the cache or made and kept there."""
    from exeunt.cli.command import kept
    from exeunt.consequence.memberships import Memberships, memberships

    found = kept(
        "memberships", record, ("consequence", "record"), lambda: memberships(record, day).packed(), day=str(day)
    )
    return Memberships.unpacked(found)


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
    Command("consequence", "tell what follows from exits: money, coverage, standing, what falls too", _consequence,
            _arguments),
)  # fmt: skip
