"""What was claimed about the day of effect, held against what the clause asks for."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

from exeunt.dates import parse
from exeunt.record.status import Act

ENTRY = ("entered_into_force", "joined", "acceded", "ratified")
NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
UNITS = {"Y": "year", "M": "month", "W": "week", "D": "day"}
EFFECT_WORDS = {
    "fixed_day": "waiting for 30 June",
    "end_of_calendar_year": "waiting for the end of the calendar year",
    "end_of_next_calendar_year": "waiting for the end of the next calendar year",
    "end_of_fiscal_year": "waiting for the end of the financial year",
    "end_of_fiscal_year_by_cutoff": "waiting for the end of the financial year",
    "end_of_next_fiscal_year": "waiting for the end of the next financial year",
    "start_of_next_calendar_year": "waiting for the next calendar year",
    "first_of_month_after": "waiting for the first of a month",
}


def in_words(period: str) -> str:
    """An ISO 8601 duration in words: `P1Y` is "one year"."""
    parts = []
    for number, unit in re.findall(r"(\d+)([YMWD])", period):
        count = int(number)
        parts.append(f"{NUMBERS[count] if count < len(NUMBERS) else count} {UNITS[unit]}{'' if count == 1 else 's'}")
    return " and ".join(parts)


def own_chain(acts: list[Act], start: date | None) -> list[Act]:
    """The acts since the last entry or return that is not after the start of the clock."""
    if start is None:
        return acts
    entries = [
        n for n, a in enumerate(acts) if a.act in {*ENTRY, "rejoined"} and (a.date.earliest or date.max) <= start
    ]
    return acts[entries[-1] + 1 :] if entries else acts


def immediate(acts: list[Act]) -> Act | None:
    """The act that claims to work at once."""
    return next((a for a in acts if {"claim_immediate", "effect_claimed_immediate"} & set(a.flag.split(";"))), None)


def asked_for(rule: dict[str, Any]) -> str:
    """What a clause asks for, in words: its notice, and the end of a year where it counts to one."""
    notice = f"{in_words(rule['notice_period'])} of notice" if rule["notice_period"] else ""
    until = EFFECT_WORDS.get(rule["effect_rule"], "")
    return " and ".join(part for part in (notice, until) if part) or "its own procedure"


def sentence(
    at_once: Act | None, claimed: str | None, rule: dict[str, Any] | None, verified: bool, what: str,
    day: date | None, matched: bool | None,
) -> str | None:  # fmt: skip
    """One sentence that holds what was claimed against what the clause asks for; None where nothing is at odds."""
    if at_once is not None:
        said = f"on {at_once.date} the state said that leaving works at once"
        if what in {"nothing_to_leave", "funding_only", "participation_only"}:
            return f"{said}; no rule binds taking part, so nothing stands against that"
        if rule is None:
            return f"{said}; no exit rule of this body is in the record"
        if rule["silent"] and not rule["notice_period"]:
            return f"{said}; the instrument is silent, so the claim is neither lawful nor unlawful by a clause"
        if not verified:
            return f"{said}; the clause in the record is not verified, so the claim is not held against it"
        if rule["effect_rule"] in {"on_receipt", "none", "unknown", "negotiated"}:
            return f"{said}; the clause names no time of notice to hold that against"
        until = f", so not before {day}" if day else ""
        return f"{said}; {_clause(rule)} asks for {asked_for(rule)}{until}"
    if matched is False and rule is not None:
        return f"effect is claimed for {claimed}; {_clause(rule)} asks for {asked_for(rule)}, so not before {day}"
    return None


def _clause(rule: dict[str, Any]) -> str:
    name = ", ".join(
        part for part in (f"art. {rule['article']}" if rule["article"] else "", rule["instrument"] or "") if part
    )
    return f"the clause ({name})" if name else "the clause"


def matches(claimed: str | None, day: date | None) -> bool | None:
    """Whether the claimed day is not before the day of the rule; None where one of them is not known."""
    if claimed is None or day is None:
        return None
    latest = parse(claimed).latest
    return latest is not None and latest >= day
