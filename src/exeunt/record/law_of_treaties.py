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
from typing import Any, Literal

from exeunt.answers import Message
from exeunt.core.dates import EDTF, add_period, parse
from exeunt.record.store import Record

YesNo = Literal["yes", "no", "unknown"]
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
class _Standing:
    """Three answers, the readings that they give, and sources."""

    rests_on_treaty: YesNo
    party_to_vclt: YesNo
    party_since: str | None
    treaty_predates_vclt: YesNo
    readings: tuple[Message, ...]
    note: str | None
    """What the source leaves open about the state, where it is not known whether it is a party."""
    sources: tuple[str, ...]


def standing(record: Record, state: str, body: str, rule: dict[str, Any] | None, day: date) -> _Standing:
    """How the law of treaties stands between a state and a body on a day.

    Parameters
    ----------
    rule : the clause that governs the state, if the record holds one
    day : the day asked about
    """
    about = record.lookup.body(body)
    rests, on_what = _rests_on_treaty(about, rule)
    rows = record.lookup.vclt_parties
    row = rows.get(state) or rows.get("*")
    bound, force, party = _party(row, state, day)
    since = str(force) if bound == "yes" and force is not None else None
    note = row["note"] if row and (row["standing"] == "unknown") else None
    sources = tuple((row["sources"] or "").split()) if row else ()
    if rests == "no":
        return _Standing(rests, bound, since, "unknown", (on_what, party), note, sources)
    older, order = _predates(state, about, rule, force if bound == "yes" else None)
    return _Standing(rests, bound, since, older, (on_what, party, order), note, sources)


def _say(code: str, **values: str | int | None) -> Message:
    return Message(code=f"reading.{code}", values=dict(values))


def _rests_on_treaty(about: dict[str, Any], rule: dict[str, Any] | None) -> tuple[YesNo, Message]:
    instrument = (rule or {}).get("instrument") or ""
    default = (rule or {}).get("default_rule") or ""
    if OWN_LAW.search(instrument):
        instrument = ""
    kind = about["kind"] or "other"
    no = _say("no_treaty", instrument=instrument) if instrument else _say("no_treaty_kind", kind=kind)
    if default.startswith("no treaty") or NO_TREATY_WORDS.search(instrument):
        return "no", no
    if TREATY_WORDS.search(instrument):
        return "yes", _say("treaty", instrument=instrument)
    if kind in NO_TREATY_KINDS:
        return "no", no
    if kind in TREATY_KINDS and "kind_assumed" not in (about["flag"] or ""):
        return "yes", _say("treaty_kind", kind=kind)
    return "unknown", _say("treaty_unknown")


def _party(row: dict[str, Any] | None, state: str, day: date) -> tuple[YesNo, EDTF | None, Message]:
    """Whether a state is bound by the Convention on a day, since when, and how that is known."""
    if row is None or row["standing"] == "unknown":
        return "unknown", None, _say("party_unknown", state=state)
    if row["standing"] == "party":
        force = parse(row["in_force"])
        if force.certainly_on_or_before(day):
            if force.is_day or force.latest is None:
                return "yes", force, _say("party_since", state=state, day=str(force))
            return "yes", force, _say("party_at_latest", state=state, year=force.latest.year)
        if force.earliest is not None and force.earliest > day:
            return "no", None, _say("party_from", state=state, day=str(force))
        return "unknown", None, _say("party_by", state=state, day=str(force.latest))
    read = parse(row["known_until"])
    signed = "signatory" if row["standing"] == "signatory" else "no_signatory"
    if day <= add_period(read.latest or date.min, READING_HOLDS):
        return "no", None, _say(signed, state=state, day=str(read))
    return "unknown", None, _say(f"was_{signed}", state=state, day=str(read))


def _dated(about: dict[str, Any], rule: dict[str, Any] | None) -> tuple[int | None, str]:
    """Year of the treaty and what tells it: the year that its name carries, else that in which the body was founded."""
    named = re.search(r"\((1[89]\d\d|20\d\d)\)", (rule or {}).get("instrument") or "")
    if named:
        return int(named.group(1)), "treaty"
    return (None if about["founded"] is None else int(about["founded"])), "founding"


def _predates(
    state: str, about: dict[str, Any], rule: dict[str, Any] | None, force: EDTF | None
) -> tuple[YesNo, Message]:
    year, by = _dated(about, rule)
    if year is None:
        return "unknown", _say("year_unknown")
    told: dict[str, str | int | None] = {"by": by, "year": year}
    if year < IN_FORCE.year:
        return "yes", _say("before", **told, day=str(IN_FORCE))
    earliest, latest = (IN_FORCE, IN_FORCE) if force is None else (force.earliest or IN_FORCE, force.latest or IN_FORCE)
    whom = "" if force is None else "_for"
    told |= {} if force is None else {"state": state}
    if year < earliest.year:
        return "yes", _say(f"before{whom}", **told, day=str(force))
    if year > latest.year:
        return "no", _say(f"after{whom}", **told)
    return "unknown", _say(f"open{whom}", **told)
