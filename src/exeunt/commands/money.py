"""Commands that read the ledgers."""

from __future__ import annotations

import argparse
from typing import Any

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
    """Print what the ledgers hold on a body or on the bodies of a case."""
    from exeunt.export import emit
    from exeunt.record import ledgers
    from exeunt.record.answers import ANSWERS
    from exeunt.record.opened import open_record

    record = open_record()
    rows = ledgers.money(record, options.target, options.state, options.year)
    if options.format != "table":
        emit(rows, options.format, options.out, columns=ANSWERS["money"])
        return 0
    emit([_plain(row) for row in rows], "table", options.out)
    for line in ledgers.notes(record, options.target):
        print(line)
    return 0


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
