"""What stands behind a silent instrument: is it a treaty, is the state bound by the Vienna Convention, which came first?

The Convention (VCLT) entered into force on 27 January 1980. It applies only to treaties concluded after its entry into force
for the states concerned (article 4); to older ones its article 56 could apply as custom only. A state comes under it on the
thirtieth day after it deposits its instrument (article 84).

References
----------
Vienna Convention on the Law of Treaties (1969), articles 4, 56 and 84.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import Any

from exeunt.dates import EDTF, add_period, parse
from exeunt.record.store import Record

IN_FORCE = date(1980, 1, 27)
READING_HOLDS = "P1Y"
"""A reading that a state is not bound is taken to hold for a year; after that nobody has looked."""
TREATY_KINDS = ("treaty", "treaty_organization", "treaty_body")
NO_TREATY_KINDS = ("forum_or_initiative", "interagency_mechanism", "un_programme_or_fund", "un_secretariat_unit")
TREATY_WORDS = re.compile(
    r"\b(agreement|articles|charter|constitution|convention|covenant|protocol|statutes?|treaty)\b", re.I
)
NO_TREATY_WORDS = re.compile(r"^none\b|\bresolution\b|\bprocedures\b", re.I)
OWN_LAW = re.compile(r"\bjoint resolution\b", re.I)
"""A rule in a state's own law (the United States and the WHO) says nothing about what the body rests on."""


@dataclass(frozen=True, slots=True)
class Standing:
    """Three answers, each `yes`, `no` or `unknown`, each with its sentence and its sources."""

    rests_on_treaty: str
    party_to_vclt: str
    party_since: str | None
    treaty_predates_vclt: str
    sentences: tuple[str, ...]
    sources: tuple[str, ...]


def standing(record: Record, state: str, body: str, rule: dict[str, Any] | None, day: date) -> Standing:
    """How the law of treaties stands between a state and a body on a day.

    Parameters
    ----------
    rule : the clause that governs the state, if the record holds one
    day : the day asked about
    """
    about = record.lookup.body(body)
    rests, why_rests = _rests_on_treaty(about, rule)
    bound, force, why_bound, sources = _party(record, state, day)
    since = str(force) if bound == "yes" and force is not None else None
    if rests == "no":
        return Standing(rests, bound, since, "unknown", (why_rests, why_bound), sources)
    older, why_older = _predates(state, about, rule, force if bound == "yes" else None)
    return Standing(rests, bound, since, older, (why_rests, why_bound, why_older), sources)


def _rests_on_treaty(about: dict[str, Any], rule: dict[str, Any] | None) -> tuple[str, str]:
    instrument = (rule or {}).get("instrument") or ""
    default = (rule or {}).get("default_rule") or ""
    if OWN_LAW.search(instrument):
        instrument = ""
    named = instrument or (about["kind"] or "kind unknown").replace("_", " ")
    if default.startswith("no treaty") or NO_TREATY_WORDS.search(instrument):
        return "no", f"the body rests on no treaty ({named}), so the law of treaties has nothing to end"
    if TREATY_WORDS.search(instrument):
        return "yes", f"the body rests on a treaty: {instrument}"
    if about["kind"] in NO_TREATY_KINDS:
        return "no", f"the body rests on no treaty ({named}), so the law of treaties has nothing to end"
    if about["kind"] in TREATY_KINDS and "kind_assumed" not in (about["flag"] or ""):
        return "yes", f"the body rests on a treaty (kind: {about['kind'].replace('_', ' ')})"
    return "unknown", "whether the body rests on a treaty is not in the record"


def _party(record: Record, state: str, day: date) -> tuple[str, EDTF | None, str, tuple[str, ...]]:
    """Whether a state is bound by the Convention on a day, since when, a sentence, and sources."""
    rows = record.lookup.vclt_parties
    row = rows.get(state) or rows.get("*")
    if row is None or row["standing"] == "unknown":
        told = f" ({row['note']})" if row and row["note"] else ""
        return "unknown", None, f"whether {state} is party to the VCLT is not in the record{told}", _addresses(row)
    if row["standing"] == "party":
        force = parse(row["in_force"])
        if force.certainly_on_or_before(day):
            since = f"since {force}" if force.is_day else f"since {force.latest and force.latest.year} at the latest"
            return "yes", force, f"{state} is party to the VCLT, {since}", _addresses(row)
        if force.earliest is not None and force.earliest > day:
            return "no", None, f"{state} is not yet party to the VCLT: it is from {force}", _addresses(row)
        return (
            "unknown",
            None,
            f"{state} became party to the VCLT by {force.latest}, the day was not read",
            _addresses(row),
        )
    read = parse(row["known_until"])
    last = read.latest or date.min
    signed = "a signatory of the VCLT and " if row["standing"] == "signatory" else "no signatory of the VCLT and "
    if day <= add_period(last, READING_HOLDS):
        return "no", None, f"{state} is {signed}not party to it (list of {read})", _addresses(row)
    return (
        "unknown",
        None,
        f"{state} was {signed}not party to it in the list of {read}; none later was read",
        _addresses(row),
    )


def _addresses(row: dict[str, Any] | None) -> tuple[str, ...]:
    return tuple((row["sources"] or "").split()) if row else ()


def treaty_year(about: dict[str, Any], rule: dict[str, Any] | None) -> tuple[int | None, str]:
    """Year of the treaty and how to say it: the one that its name carries, else that in which the body was founded."""
    named = re.search(r"\((1[89]\d\d|20\d\d)\)", (rule or {}).get("instrument") or "")
    if named:
        return int(named.group(1)), f"the treaty is of {named.group(1)}"
    if about["founded"] is not None:
        return int(about["founded"]), f"the body was founded in {about['founded']}"
    return None, ""


def _predates(state: str, about: dict[str, Any], rule: dict[str, Any] | None, force: EDTF | None) -> tuple[str, str]:
    year, of_year = treaty_year(about, rule)
    custom = "so its article 56 could apply as custom only (art. 4)"
    if year is None:
        return "unknown", "the year of the treaty is not in the record, so whether it predates the VCLT is open"
    if year < IN_FORCE.year:
        return "yes", f"{of_year}, before the VCLT entered into force on {IN_FORCE}, {custom}"
    earliest, latest = (IN_FORCE, IN_FORCE) if force is None else (force.earliest or IN_FORCE, force.latest or IN_FORCE)
    whom = "" if force is None else f" for {state}"
    if year < earliest.year:
        return "yes", f"{of_year}, before the VCLT entered into force{whom} ({force}), {custom}"
    if year > latest.year:
        return "no", f"{of_year}, after the VCLT entered into force{whom}"
    return "unknown", f"{of_year}; whether that is before the VCLT entered into force{whom} is open"
