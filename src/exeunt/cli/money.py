"""Commands that read the ledgers."""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Final

from exeunt.cli.command import Arguments, Command, add_format, columns_of
from exeunt.core.errors import UnknownNameError, UsageError

if TYPE_CHECKING:
    from exeunt.answers import Answer
    from exeunt.consequence.refill import Rate
    from exeunt.record.store import Record

HEADS = (
    "body",
    "state",
    "year",
    "fund",
    "ledger",
    "amount",
    "currency",
    "rate_pct",
    "basis",
    "as_of",
    "source",
    "flag",
)


def _money(options: argparse.Namespace) -> int:
    """Print what the ledgers hold on a body; of a case, of pairs or of a scenario, what the exits take away and from whom."""
    from exeunt.answers import fields
    from exeunt.cli.command import names_of
    from exeunt.core.export import emit
    from exeunt.i18n.messages import said, shown
    from exeunt.record import ledgers
    from exeunt.record.opened import open_record

    record = open_record()
    view = getattr(options, "view", None) or ("loss" if _is_batch(record, options.target) else "rows")
    if view != "rows":
        return _view(options, record, view)
    rows = ledgers.money(record, options.target, options.state, options.year)
    if options.format != "table":
        emit(rows, options.format, options.out, columns=fields(ledgers.Figure))
        return 0
    lang = getattr(options, "lang", None) or "en"
    emit(shown([_plain(row, lang) for row in rows], lang), "table", options.out)
    for note in ledgers.notes(record, options.target):
        print(said(note, lang, names_of(record)))
    return 0


def _is_batch(record: Record, target: str) -> bool:
    """Whether a target is a set of exits: a case, pairs, or a scenario; else it is a body."""
    from exeunt.record.cases import cases

    if target in {c.case for c in cases(record)} or ":" in target or target.endswith(".toml"):
        return True
    try:
        record.body(target)
    except UnknownNameError:
        pass
    else:
        return False
    from exeunt.simulate.scenario import SHIPPED

    return (SHIPPED / f"{target}.toml").is_file()


def rates_of(record: Record) -> list[Rate]:
    """How often gaps were refilled, from the cache or counted and kept there."""
    from exeunt.cli.command import kept
    from exeunt.consequence.refill import Rate, base_rates
    from exeunt.consequence.revenue import revenue

    rows = kept(
        "refill_rates", record, ("consequence", "record"), lambda: [r.as_dict() for r in base_rates(revenue(record))]
    )
    return [Rate(**row) for row in rows]


def row_of(function: Callable[..., Sequence[Answer]]) -> type[Answer]:
    """Kind of the rows that a function answers with, from its annotation."""
    from typing import get_args, get_type_hints

    kind: type[Answer] = get_args(get_type_hints(function)["return"])[0]
    return kind


def show(
    record: Record, rows: Sequence[Answer], kind: type[Answer], options: argparse.Namespace, names: Sequence[str],
    most: int | None = None,
) -> bool:  # fmt: skip
    """Print rows in the format asked for; tells whether it was a table, under which a note may stand.

    JSON holds codes with their values; other formats hold sentences in the language asked for.

    Parameters
    ----------
    names, most : columns and number of rows of a table
    """
    from exeunt.answers import fields
    from exeunt.cli.command import names_of
    from exeunt.core.export import emit
    from exeunt.i18n.messages import shown, written

    if options.format == "json":
        emit([row.as_dict() for row in rows], "json", options.out, columns=fields(kind))
        return False
    lang = getattr(options, "lang", None) or "en"
    known = names_of(record)
    told = [written(row, lang, known) for row in rows[:most]]
    if options.format != "table":
        told = [written(row, lang, known) for row in rows]
        emit(told, options.format, options.out, columns=fields(kind))
        return False
    short = [{name: _short(name, value) for name, value in row.items()} for row in told]
    emit(shown(short, lang, names), "table", options.out)
    return True


LARGE: Final = ("amount", "before", "given", "gap")
"""Columns that hold money in every row; `low` and `high` do where they are large."""


def _short(name: str, value: Any) -> Any:
    money = name in LARGE or (name in ("low", "high") and isinstance(value, float) and abs(value) > 1)
    return f"{value:,.0f}" if isinstance(value, float) and (money or abs(value) >= 10_000) else value


def _view(options: argparse.Namespace, record: Record, view: str) -> int:
    """Print one view of what a set of exits does to money; base rates and past falls need no set, a body will do."""
    from exeunt.consequence.batch import batch
    from exeunt.consequence.money import losses, owed
    from exeunt.consequence.refill import RULES, base_rates, falls, refilling
    from exeunt.consequence.revenue import band_coverage, revenue
    from exeunt.core.dates import parse_day

    lang = getattr(options, "lang", None) or "en"
    asked = batch(record, options.target) if _is_batch(record, options.target) else None
    if asked is None and view not in ("history", "events", "bands"):
        raise UsageError(
            f"--view {view} asks about exits, and {options.target!r} names none; name a case, or pairs as in USA:who."
        )
    known = revenue(record)
    rows: Sequence[Any] = ()
    if view == "history":
        rows = rates_of(record)
    elif view == "bands":
        rows = band_coverage(known)
    elif view == "events":
        rows = falls(known)
        if asked is None:
            rows = [row for row in rows if row.body == record.body(options.target)]
    elif asked is not None:
        day = parse_day(options.as_of) if options.as_of else None
        lost = losses(record, asked, options.until, known, day)
        if view == "loss":
            rows = lost
        elif view == "owed":
            rows = owed(record, asked, lost, day)
        else:
            rules = (options.rule,) if options.rule else RULES
            rows = refilling(record, asked, rules, options.payer, lost, known)
    answers: dict[str, Any] = {
        "history": base_rates, "bands": band_coverage, "events": falls, "loss": losses, "owed": owed, "refill": refilling,
    }  # fmt: skip
    if options.state is not None:
        rows = [row for row in rows if getattr(row, "state", None) == record.state(options.state)]
    if options.year is not None:
        rows = [row for row in rows if getattr(row, "year", None) == options.year]
    if options.format == "table":
        rows = _brief(view, rows, options)
    if show(record, rows, row_of(answers[view]), options, SHOWN[view]):
        from exeunt.i18n import word

        print(word(f"consequence.{view}", lang))
    return 0


SHOWN: Final = {
    "bands": ("ledger", "ahead", "cases", "held", "share", "factor"),
    "loss": (
        "body",
        "state",
        "year",
        "fund",
        "ledger",
        "amount",
        "low",
        "high",
        "share",
        "projected",
        "lost",
        "status",
    ),
    "owed": (
        "body",
        "state",
        "what",
        "year",
        "amount",
        "low",
        "high",
        "earliest_effective",
        "dues_until",
        "why",
        "note",
    ),
    "refill": ("body", "state", "ledger", "year", "rule", "payer", "amount", "low", "high", "rise"),
    "history": (
        "definition",
        "years",
        "events",
        "refilled",
        "rate",
        "low",
        "high",
        "by_body_low",
        "by_body_high",
        "without_a_fall_rate",
        "bodies",
    ),
    "events": ("body", "state", "year", "before", "given", "share_before", "made_good_1", "made_good_2", "made_good_3"),
}
PAYERS_SHOWN: Final = 5


def _brief(view: str, rows: Sequence[Any], options: argparse.Namespace) -> Sequence[Any]:
    """What a terminal shows: of losses the last observed year and those after it, of payers the largest of each gap."""
    if view == "loss" and options.year is None:
        last: dict[tuple[Any, ...], int] = {}
        for row in rows:
            if row.year is not None and not row.projected:
                key = (row.body, row.state, row.fund, row.ledger)
                last[key] = max(row.year, last.get(key, 0))
        return [r for r in rows if r.projected or r.year == last.get((r.body, r.state, r.fund, r.ledger))]
    if view == "refill":
        seen: Counter[tuple[Any, ...]] = Counter()
        kept_rows = []
        for row in sorted(rows, key=lambda r: (r.body, r.ledger, r.rule, -r.amount, -r.high)):
            key = (row.body, row.state, row.ledger, row.rule)
            seen[key] += 1
            if seen[key] <= PAYERS_SHOWN:
                kept_rows.append(row)
        return kept_rows
    return rows


def _plain(row: dict[str, Any], lang: str) -> dict[str, Any]:
    shown = {head: row[head] for head in HEADS}
    if row["amount"] is not None:
        shown["amount"] = f"{row['amount']:,.0f}"
    if row["state"] is None:
        from exeunt.i18n import word

        shown["state"] = word("money.everybody", lang)
    return shown


def _article19(options: argparse.Namespace) -> int:
    """Print whether a member of the United Nations has lost its vote for arrears."""
    from exeunt.cli.command import names_of
    from exeunt.core.export import emit
    from exeunt.i18n.messages import shown, written
    from exeunt.record import ledgers
    from exeunt.record.opened import open_record

    record = open_record()
    year = options.year or record.closing_day.year
    found = ledgers.article19(record, options.state, year, options.assessed, options.arrears)
    if options.format == "json":
        emit([found.as_dict()], "json", options.out, single=True)
        return 0
    lang = getattr(options, "lang", None) or "en"
    answer = written(found, lang, names_of(record))
    if options.format == "table":
        for key in ("due", "arrears", "pay_more_than"):
            answer[key] = None if answer[key] is None else f"{answer[key]:,.0f}"
        answer["assessed"] = ["–" if v is None else f"{v:,.0f}" for v in found.assessed]
        answer["known"] = shown(
            [{**row, "amount": f"{row['amount']:,.0f}"} for row in found.known], lang,
            ("body", "year", "ledger", "amount", "currency", "as_of", "flag"),
        )  # fmt: skip
        answer = shown([answer], lang)[0]
    emit([answer], options.format, options.out, single=True)
    return 0


def _money_arguments(to: Arguments) -> None:
    from exeunt.consequence.refill import RULES

    to.add_argument(
        "target", metavar="BODY|EXITS",
        help="a body (`un`: the budgets of the United Nations), or exits: a case, pairs as in USA:who,ARG:who, a scenario",
    )  # fmt: skip
    to.add_argument(
        "--view", choices=("rows", *SHOWN),
        help="rows of the ledgers; what is lost; what stays owed; who would pay; how often gaps were refilled; past falls "
        "(default: rows of a body, loss of exits)",
    )  # fmt: skip
    to.add_argument("--state", help="only this state (default: all; of a case, its states)")
    to.add_argument("--year", type=int, help="only this calendar year")
    to.add_argument("--until", type=int, metavar="YEAR", help="last projected year (default: four after the decision)")
    to.add_argument("--as-of", metavar="DAY", help="of exits: acts after this day do not count (default: closing day)")
    to.add_argument("--rule", choices=RULES, help="only this refilling rule")
    to.add_argument("--payer", metavar="STATE", help="who pays under one_state (default: the largest donor that stays)")
    add_format(to)


def _article19_arguments(to: Arguments) -> None:
    to.add_argument("state", metavar="STATE", help="a member of the United Nations")
    to.add_argument("--year", type=int, help="year of the vote (default: that of the closing day)")
    to.add_argument("--assessed", type=float, nargs=2, metavar="USD", help="due for each of the two years before it")
    to.add_argument("--arrears", type=float, metavar="USD", help="in arrears, to all budgets together")
    add_format(to)


COMMANDS = (
    Command("money", "list what was assessed, voluntary, requested, appropriated, paid and owed, ledger by ledger", _money,
            _money_arguments, columns_of("money")),
    Command("article19", "tell whether arrears cost a member its vote in the UN General Assembly", _article19,
            _article19_arguments),
)  # fmt: skip
