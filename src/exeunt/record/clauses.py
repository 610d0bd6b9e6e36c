"""The clock: exit rule → earliest lawful effective date, dues tail, what also ends, the way back.

A clock needs a start. Where a notice is in the record it starts there; otherwise on the later of the announcement and the last
dated statement that no notice was received, and the answer says "if notice was given on that day". A clause that rests on no
text read in a source is `unverified`, and no claim is called contrary to it. A claim is held against the clause only within
its own chain: what was claimed before a return says nothing about the notice that came after it.

References
----------
Vienna Convention on the Law of Treaties (1969), articles 54 and 56; Helfer (2005), Virginia Law Review 91, 1579–1648.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from exeunt.dates import EDTF, add_period, subtract_period
from exeunt.errors import RecordError
from exeunt.record import claimed
from exeunt.record.law_of_treaties import standing
from exeunt.record.schema import EFFECT_RULES
from exeunt.record.status import Act, acts_of
from exeunt.record.store import Record

VERIFIED_BASES = ("clause_text", "secondary")
VCLT_NOTICE = "P12M"
VCLT = "VCLT art. 56"
NO_NOTICE_FLAG = "no_notice_received"
BAR_FLAG = "armed_conflict_bar"
FIXED_DAY = (6, 30)
CUTOFF_MONTH = 9


@dataclass(frozen=True, slots=True)
class Clock:
    """Answer to "when at the earliest, by the rule?"; keys as in `docs/design.md`, section 7, and what they rest on."""

    state: str
    body: str
    article: str | None
    instrument: str | None
    silent: bool
    notice: str | None
    effect_rule: str | None
    counts_from: str | None
    notice_established: bool
    started_on: str | None
    earliest_effective: date | None
    reason: str
    branches: tuple[str, ...]
    rests_on_treaty: str
    party_to_vclt: str
    party_to_vclt_since: str | None
    treaty_predates_vclt: str
    claimed_effective: str | None
    claim_matches_clause: bool | None
    claim: str | None
    """One sentence on a claim of immediate effect, or on a claimed day before the day of the rule."""
    dues_until: str | None
    survival: str | None
    conditions: str | None
    also_ends: tuple[str, ...]
    may_fall_with_it: tuple[str, ...]
    re_entry: str | None
    basis: str | None
    verified: bool
    sources: tuple[str, ...]
    law_sources: tuple[str, ...]

    def as_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        out = {name: getattr(self, name) for name in self.__dataclass_fields__}
        out["earliest_effective"] = self.earliest_effective.isoformat() if self.earliest_effective else None
        return {name: list(value) if isinstance(value, tuple) else value for name, value in out.items()}


def clause_for(record: Record, state: str, body: str) -> dict[str, Any] | None:
    """The rule that governs a state in a body: its own where one exists (the United States and the WHO), else the general."""
    rows = record.lookup.clauses(body)
    own = [r for r in rows if r["flag"] == f"{state.lower()}_only"]
    general = [r for r in rows if not (r["flag"] or "").endswith("_only")]
    chosen = own or general
    return dict(chosen[0]) if chosen else None


def effective_day(rule: str, notice: str | None, start: date) -> date | None:
    """Day on which a notice of `start` takes effect.

    Parameters
    ----------
    rule : one of `EFFECT_RULES`
    notice : ISO 8601 duration, where the rule has one

    Returns
    -------
    The day; None where the rule gives none.

    Raises
    ------
    RecordError, for a rule that the schema does not know.
    """
    if rule not in EFFECT_RULES:
        raise RecordError(f"the effect rule {rule!r} is not one of {', '.join(EFFECT_RULES)}.")
    year = start.year
    match rule:
        case "after_receipt" | "after_notification":
            return add_period(start, notice) if notice else None
        case "on_receipt":
            return start
        case "fixed_day":
            # The whaling convention: 30 June of a year, if notice was given on or before 1 January of the same year.
            return date(year if (start.month, start.day) == (1, 1) else year + 1, *FIXED_DAY)
        case "end_of_calendar_year":
            return date(year, 12, 31)
        case "end_of_next_calendar_year" | "end_of_next_fiscal_year":
            return date(year + 1, 12, 31)
        case "end_of_fiscal_year":
            end = date(year, 12, 31)
            return end if notice is None or start <= subtract_period(end, notice) else date(year + 1, 12, 31)
        case "end_of_fiscal_year_by_cutoff":
            return date(year if start.month <= CUTOFF_MONTH else year + 1, 12, 31)
        case "start_of_next_calendar_year":
            return date(year + 1, 1, 1)
        case "first_of_month_after":
            reached = add_period(start, notice) if notice else start
            return date(reached.year + reached.month // 12, reached.month % 12 + 1, 1)
        case _:
            return None


def latest_notice(acts: list[Act]) -> Act | None:
    """The last notice of a chain, whether or not it was taken back."""
    return next((a for a in reversed(acts) if a.act == "notified"), None)


def start_of_clock(acts: list[Act], named: date | None) -> tuple[date | None, bool, str]:
    """Day from which the notice runs, whether a notice is established, and why that day.

    A notice dated to a month or a year counts from its first day: the date that follows is a lower bound.
    """
    if named is not None:
        return named, False, f"if notice was given on {named}"
    notice = latest_notice(acts)
    newer = [a for a in acts if a.act in {"announced", "organ_position"} and _day(a.date) and not _before(a, notice)]
    reopened = [a for a in newer if a.act == "announced" and notice and _rejoined_between(acts, notice, a)]
    if notice is not None and not reopened and _day(notice.date):
        return _day(notice.date), True, f"notice given on {notice.date}"
    bounds = [a for a in newer if a.act == "announced" or NO_NOTICE_FLAG in a.flag]
    if not bounds:
        return None, False, "neither a notice nor an announcement is in the record"
    last = max(bounds, key=lambda a: _day(a.date) or date.min)
    return _day(last.date), False, f"no notice is established; if notice was given on {last.date}"


def is_verified(rule: dict[str, Any] | None) -> bool:
    """Whether the rule was read in a source that the record names: the text itself, or a description of it."""
    return rule is not None and rule["basis"] in VERIFIED_BASES and bool(rule["sources"])


def _day(edtf: EDTF) -> date | None:
    return edtf.earliest


def _before(act: Act, notice: Act | None) -> bool:
    return notice is not None and (_day(act.date) or date.min) < (_day(notice.date) or date.min)


def _rejoined_between(acts: list[Act], first: Act, second: Act) -> bool:
    inside = (_day(first.date) or date.min, _day(second.date) or date.max)
    return any(
        a.act in {"rejoined", "notice_rescinded"} and inside[0] <= (_day(a.date) or date.min) <= inside[1] for a in acts
    )


def clock(
    record: Record, state: str, body: str, notified: date | None = None, as_of: date | None = None,
    known_by: date | None = None,
) -> Clock:  # fmt: skip
    """Run the clock of a state in a body.

    Parameters
    ----------
    notified : suppose that notice was given on this day
    as_of : acts after this day are left out
    """
    acts = [a for a in acts_of(record, state, body, known_by) if as_of is None or a.date.certainly_on_or_before(as_of)]
    what = record.what_there_is_to_leave(state, body)
    rule = clause_for(record, state, body)
    falls = record.lookup.resting_on(body)
    start, established, why = start_of_clock(acts, notified)
    chain = claimed.own_chain(acts, start)
    at_once = claimed.immediate(chain)
    effect = next((a for a in reversed(chain) if a.act in {"effective_claimed", "effective"}), at_once)
    claimed_text = str(effect.date) if effect else None
    branches: tuple[str, ...] = ()
    day: date | None = None
    if what in {"nothing_to_leave", "funding_only", "participation_only"}:
        ended = next((a for a in reversed(acts) if a.act == "participation_ended"), None)
        day = ended.date.earliest if ended else None
        why = (
            "no rule binds taking part: it can stop at once"
            if ended
            else "there is no membership whose end could take effect"
        )
    elif rule is None:
        why = "no exit rule of this body is in the record"
    elif BAR_FLAG in " ".join(a.flag for a in acts):
        why = "the clause bars effect before the end of the armed conflict in which the state is engaged"
    elif start is None:
        pass
    elif rule["silent"] and rule["notice_period"] is None:
        day, branches = _silence(rule, start)
        why += (
            "; the instrument is silent: the day holds only if withdrawal is admitted at all"
            if day
            else "; no period is set"
        )
    else:
        earliest, waiting = _minimum(rule, acts, start)
        day = effective_day(rule["effect_rule"], rule["notice_period"], earliest)
        why += waiting
        if day is None:
            why += f"; the rule is {rule['effect_rule']} and gives no day"
    law = standing(record, state, body, rule, as_of or record.closing_day)
    if rule is not None and rule["silent"]:
        branches += law.sentences
    matches = claimed.matches(claimed_text, day) if is_verified(rule) and not branches else None
    return Clock(
        state=state, body=body,
        article=rule["article"] if rule else None, instrument=rule["instrument"] if rule else None,
        silent=bool(rule and rule["silent"]), notice=rule["notice_period"] if rule else None,
        effect_rule=rule["effect_rule"] if rule else None, counts_from=rule["counts_from"] if rule else None,
        notice_established=established, started_on=start.isoformat() if start else None,
        earliest_effective=day, reason=why, branches=branches,
        rests_on_treaty=law.rests_on_treaty, party_to_vclt=law.party_to_vclt, party_to_vclt_since=law.party_since,
        treaty_predates_vclt=law.treaty_predates_vclt, claimed_effective=claimed_text, claim_matches_clause=matches,
        claim=claimed.sentence(at_once, claimed_text, rule, is_verified(rule), what, day, matches),
        dues_until=rule["dues_tail"] if rule else None, survival=rule["survival"] if rule else None,
        conditions=rule["conditions"] if rule else None,
        also_ends=tuple((rule["also_ends"] or "").split()) if rule else (), may_fall_with_it=tuple(falls),
        re_entry=rule["reentry_rule"] if rule else None, basis=rule["basis"] if rule else None, verified=is_verified(rule),
        sources=tuple((rule["sources"] or "").split()) if rule else (), law_sources=law.sources,
    )  # fmt: skip


def _silence(rule: dict[str, Any], start: date) -> tuple[date | None, tuple[str, ...]]:
    """Two branches of a silent treaty; none where no treaty stands behind the body."""
    default = rule["default_rule"] or ""
    if VCLT not in default:
        return None, (default,) if default else ()
    day = add_period(start, VCLT_NOTICE)
    return day, (
        "no right to leave: the treaty has no exit clause and none is implied",
        f"a right is implied by the parties' intention or the nature of the treaty: twelve months' notice, so {day}",
    )


def _minimum(rule: dict[str, Any], acts: list[Act], start: date) -> tuple[date, str]:
    """Earliest day on which notice is allowed, where the clause asks for some time as a member first."""
    if rule["min_membership"] is None:
        return start, ""
    entries = [a for a in acts if a.act in claimed.ENTRY and _day(a.date)]
    if not entries:
        return (
            start,
            f"; the clause asks for {rule['min_membership']} as a member first, the day of entry is not in the record",
        )
    allowed = add_period(_day(entries[0].date) or start, rule["min_membership"])
    if allowed <= start:
        return start, ""
    return allowed, f"; notice is allowed from {allowed}, {rule['min_membership']} after {entries[0].date}"


def survival_until(record: Record, state: str, body: str) -> date | None:
    """Last day on which obligations survive the exit, where the clause names a number of years; None otherwise."""
    rule = clause_for(record, state, body)
    ended = [a for a in acts_of(record, state, body) if a.act == "effective" and a.date.is_day]
    years = re.search(r"(\d+) more years", (rule or {}).get("survival") or "")
    if not ended or not years or ended[-1].date.earliest is None:
        return None
    return add_period(ended[-1].date.earliest, f"P{years.group(1)}Y")


def days_out(record: Record, state: str, body: str, since: date | None = None) -> int | None:
    """Days from the end of a membership to the return that followed; None where either day is not known to the day."""
    left: date | None = None
    for act in acts_of(record, state, body):
        if (
            act.act == "effective"
            and act.date.is_day
            and act.date.earliest
            and (since is None or act.date.earliest >= since)
        ):
            left = act.date.earliest
        elif act.act == "rejoined" and left is not None:
            back = (act.takes_effect or act.date).earliest
            return (back - left) // timedelta(days=1) if back and (act.takes_effect or act.date).is_day else None
    return None
