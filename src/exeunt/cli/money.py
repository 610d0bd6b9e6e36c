"""Commands that read the ledgers."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any, Final

from exeunt.cli.command import Arguments, Command, add_format, columns_of
from exeunt.errors import UnknownNameError, UsageError

if TYPE_CHECKING:
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


def money(options: argparse.Namespace) -> int:
    """Print what the ledgers hold on a body; of a case, of pairs or of a scenario, what the exits take away and from whom."""
    from exeunt.export import emit
    from exeunt.record import ledgers
    from exeunt.record.answers import ANSWERS
    from exeunt.record.opened import open_record

    record = open_record()
    view = getattr(options, "view", None) or ("loss" if _is_batch(record, options.target) else "rows")
    if view != "rows":
        return _view(options, record, view)
    rows = ledgers.money(record, options.target, options.state, options.year)
    if options.format != "table":
        emit(rows, options.format, options.out, columns=ANSWERS["money"])
        return 0
    emit([_plain(row) for row in rows], "table", options.out)
    for line in ledgers.notes(record, options.target):
        print(line)
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


def _view(options: argparse.Namespace, record: Record, view: str) -> int:
    """Print one view of what a set of exits does to money; base rates and past falls need no set, a body will do."""
    from exeunt.cli.kept import kept
    from exeunt.consequence import history as past
    from exeunt.consequence.bands import coverage
    from exeunt.consequence.batch import batch
    from exeunt.consequence.columns import MONEY
    from exeunt.consequence.money import losses, owed
    from exeunt.consequence.refill import RULES, refilling
    from exeunt.consequence.revenue import revenue
    from exeunt.dates import parse_day
    from exeunt.export import emit

    lang = getattr(options, "lang", None) or "en"
    asked = batch(record, options.target) if _is_batch(record, options.target) else None
    if asked is None and view not in ("history", "events", "bands"):
        raise UsageError(
            f"--view {view} asks about exits, and {options.target!r} names none; name a case, or pairs as in USA:who."
        )
    known = revenue(record)
    rows: list[dict[str, Any]]
    if view == "history":
        rows = kept("refill_history", record, ("consequence", "record"), lambda: past.base_rates(known))
    elif view == "bands":
        rows = kept("refill_bands", record, ("consequence", "record"), lambda: coverage(known))
    elif view == "events":
        rows = [event.as_dict() for event in past.events(known)[0]]
        if asked is None:
            rows = [row for row in rows if row["body"] == record.body(options.target)]
    elif asked is not None:
        day = parse_day(options.as_of) if options.as_of else None
        lost = losses(record, asked, options.until, known, day)
        if view == "loss":
            rows = [row.as_dict() for row in lost]
        elif view == "owed":
            rows = owed(record, asked, lost, day)
        else:
            rules = (options.rule,) if options.rule else RULES
            rows = [p.as_dict() for p in refilling(record, asked, rules, options.payer, lost, known)]
    if options.state is not None:
        rows = [row for row in rows if row.get("state") == record.state(options.state)]
    if options.year is not None:
        rows = [row for row in rows if row.get("year") == options.year]
    if options.format != "table":
        emit(rows, options.format, options.out, columns=MONEY[view])
        return 0
    emit([{k: _short(k, row[k]) for k in SHOWN[view]} for row in _brief(view, rows, options)], "table", options.out)
    from exeunt.words import word

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
    "owed": ("body", "state", "what", "year", "amount", "low", "high", "earliest_effective", "dues_until", "note"),
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
LARGE: Final = ("amount", "before", "given", "gap")
"""Columns that hold money in every row; `low` and `high` do where they are large."""
PAYERS_SHOWN: Final = 5


def _brief(view: str, rows: list[dict[str, Any]], options: argparse.Namespace) -> list[dict[str, Any]]:
    """What a terminal shows: of losses the last observed year and those after it, of payers the largest of each gap."""
    if view == "loss" and options.year is None:
        last: dict[tuple[Any, ...], int] = {}
        for row in rows:
            if row["year"] is not None and not row["projected"]:
                key = (row["body"], row["state"], row["fund"], row["ledger"])
                last[key] = max(row["year"], last.get(key, 0))
        return [
            r for r in rows if r["projected"] or r["year"] == last.get((r["body"], r["state"], r["fund"], r["ledger"]))
        ]
    if view == "refill":
        seen: dict[tuple[Any, ...], int] = {}
        kept_rows = []
        for row in sorted(rows, key=lambda r: (r["body"], r["ledger"], r["rule"], -r["amount"], -r["high"])):
            key = (row["body"], row["state"], row["ledger"], row["rule"])
            seen[key] = seen.get(key, 0) + 1
            if seen[key] <= PAYERS_SHOWN:
                kept_rows.append(row)
        return kept_rows
    return rows


def _short(name: str, value: Any) -> Any:
    if isinstance(value, float) and (name in LARGE or (name in ("low", "high") and abs(value) > 1)):
        return f"{value:,.0f}"
    return value


def _plain(row: dict[str, Any]) -> dict[str, Any]:
    shown = {head: row[head] for head in HEADS}
    if row["amount"] is not None:
        shown["amount"] = f"{row['amount']:,.0f}"
    if row["state"] is None:
        shown["state"] = "all"
    return shown


def article19(options: argparse.Namespace) -> int:
    """Print whether a member of the United Nations has lost its vote for arrears."""
    from exeunt.export import emit
    from exeunt.record import ledgers
    from exeunt.record.opened import open_record

    record = open_record()
    year = options.year or record.closing_day.year
    known = ledgers.known_for_article19(record, options.state, year)
    assessed = known.assessments if options.assessed is None else options.assessed
    arrears = known.arrears if options.arrears is None else options.arrears
    found = ledgers.article19(assessed, arrears)
    entered = [n for n in ("assessed", "arrears") if getattr(options, n) is not None]
    lacking = _lacking(known.lacking, entered)
    because = found.because
    if found.vote == "not_determined":
        because = f"not determined, because {'; '.join(lacking)}; enter what you know with --assessed and --arrears"
    answer: dict[str, Any] = {
        "state": record.state(options.state), "year": year, "vote": found.vote, "because": because,
        "years": list(known.years), "assessed": list(assessed), "due": found.due, "arrears": found.arrears,
        "pay_more_than": found.pay_more_than, "entered": entered, "lacking": lacking,
        "known": list(known.rows), "reference": found.reference,
    }  # fmt: skip
    if options.format == "table":
        for key in ("due", "arrears", "pay_more_than"):
            answer[key] = None if answer[key] is None else f"{answer[key]:,.0f}"
        answer["assessed"] = [None if v is None else f"{v:,.0f}" for v in assessed]
        answer["known"] = [
            {"body": r["body"], "year": r["year"], "ledger": r["ledger"], "amount": f"{r['amount']:,.0f}",
             "currency": r["currency"], "as_of": r["as_of"], "flag": r["flag"]} for r in known.rows
        ]  # fmt: skip
    emit([answer], options.format, options.out, single=True)
    return 0


def _lacking(lines: tuple[str, ...], entered: list[str]) -> list[str]:
    """What the record lacks and the user has not entered."""
    words = [{"assessed": "the assessment", "arrears": "the arrears"}[name] for name in entered]
    return [line for line in lines if not any(word in line for word in words)]


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
    Command("money", "list what was assessed, voluntary, requested, appropriated, paid and owed, ledger by ledger", money,
            _money_arguments, columns_of("money")),
    Command("article19", "tell whether arrears cost a member its vote in the UN General Assembly", article19,
            _article19_arguments),
)  # fmt: skip
