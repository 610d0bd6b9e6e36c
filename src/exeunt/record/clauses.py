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

from datetime import date, timedelta
from typing import Annotated, Any, Literal

from exeunt.answers import Answer, Message, item
from exeunt.core.dates import EDTF, add_period, parse, subtract_period
from exeunt.core.errors import RecordError
from exeunt.record.acts import Act, acts_of
from exeunt.record.law_of_treaties import standing
from exeunt.record.schema import EFFECT_RULES
from exeunt.record.store import Record

VERIFIED_BASES = ("clause_text", "secondary")
VCLT_NOTICE = "P12M"
VCLT = "VCLT art. 56"
NO_NOTICE_FLAG = "no_notice_received"
BAR_FLAG = "armed_conflict_bar"
IMMEDIATE_FLAGS = frozenset({"claim_immediate", "effect_claimed_immediate"})
ENTRY = ("entered_into_force", "joined", "acceded", "ratified")
NOTHING_BINDS = ("nothing_to_leave", "funding_only", "participation_only")
NO_TIME = ("on_receipt", "none", "unknown", "negotiated")
"""Rules that set no time of notice against which a claim of immediate effect could be held."""
FIXED_DAY = (6, 30)
CUTOFF_MONTH = 9
WAITS = (
    "fixed_day", "end_of_calendar_year", "end_of_next_calendar_year", "end_of_fiscal_year", "end_of_fiscal_year_by_cutoff",
    "end_of_next_fiscal_year", "start_of_next_calendar_year", "first_of_month_after",
)  # fmt: skip
"""Rules by which an exit waits for a day of the calendar, whatever the notice."""
YesNo = Literal["yes", "no", "unknown"]
Text = str | None


class Clock(Answer, frozen=True, kw_only=True):
    """Answer to "when at the earliest, by the rule?", and what that rests on."""

    state: Annotated[str, item("state, key of table states")]
    body: Annotated[str, item("body, key of table bodies")]
    article: Annotated[Text, item("article of the rule")]
    instrument: Annotated[Text, item("instrument of the rule")]
    silent: Annotated[bool, item("whether the instrument has no exit clause")]
    notice: Annotated[Text, item("period of notice, ISO 8601 duration")]
    effect_rule: Annotated[Text, item("how the day of effect follows from the notice")]
    counts_from: Annotated[Text, item("from when the notice counts")]
    notice_established: Annotated[bool, item("whether a notice is in the record")]
    started_on: Annotated[date | None, item("day from which the notice runs")]
    earliest_effective: Annotated[date | None, item("earliest day of effect by the rule")]
    reason: Annotated[tuple[Message, ...], item("why that day, or why none")]
    branches: Annotated[tuple[Message, ...], item("readings of a silent instrument")]
    default_rule: Annotated[Text, item("what holds where the instrument is silent")]
    rests_on_treaty: Annotated[YesNo, item("whether the body rests on a treaty")]
    party_to_vclt: Annotated[YesNo, item("whether the state is party to the Vienna Convention on the Law of Treaties")]
    party_to_vclt_since: Annotated[Text, item("since when, EDTF level 1")]
    vclt_note: Annotated[Text, item("what the source leaves open about the state and that Convention")]
    treaty_predates_vclt: Annotated[YesNo, item("whether the treaty is older than that Convention, for the state")]
    claimed_effective: Annotated[Text, item("claimed day of effect, EDTF level 1")]
    claim_matches_clause: Annotated[bool | None, item("whether claim and rule agree; empty where it cannot be told")]
    claim: Annotated[tuple[Message, ...], item("a claim of immediate effect, or of a day before that of the rule")]
    dues_until: Annotated[Text, item("what the rule says on dues")]
    survival: Annotated[Text, item("what stays binding after the exit")]
    conditions: Annotated[Text, item("conditions of leaving")]
    also_ends: Annotated[tuple[str, ...], item("bodies that end with this one by the clause")]
    may_fall_with_it: Annotated[tuple[str, ...], item("bodies that depend on this one")]
    re_entry: Annotated[Text, item("the way back")]
    days_out: Annotated[int | None, item("from the last end of a membership to the return that followed it", "days")]
    basis: Annotated[Text, item("how the rule is known")]
    verified: Annotated[bool, item("whether the rule was read in a source")]
    sources: Annotated[tuple[str, ...], item("addresses of the rule")]
    law_sources: Annotated[tuple[str, ...], item("addresses on the law of treaties")]


def clause_for(record: Record, state: str, body: str) -> dict[str, Any] | None:
    """The rule that governs a state in a body: its own where one exists (the United States and the WHO), else the general."""
    rows = record.lookup.clauses(body)
    own = [r for r in rows if r["flag"] == f"{state.lower()}_only"]
    general = [r for r in rows if not (r["flag"] or "").endswith("_only")]
    chosen = own or general
    return dict(chosen[0]) if chosen else None


def _effective_day(rule: str, notice: str | None, start: date) -> date | None:
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


def is_verified(rule: dict[str, Any] | None) -> bool:
    """Whether the rule was read in a source that the record names: the text itself, or a description of it."""
    return rule is not None and rule["basis"] in VERIFIED_BASES and bool(rule["sources"])


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
    start, established, reason = _start(acts, notified)
    chain = _own_chain(acts, start)
    at_once = next((a for a in chain if IMMEDIATE_FLAGS & set(a.flag.split(";"))), None)
    effect = next((a for a in reversed(chain) if a.act in {"effective_claimed", "effective"}), at_once)
    claimed = str(effect.date) if effect else None
    branches: tuple[Message, ...] = ()
    day: date | None = None
    if what in NOTHING_BINDS:
        ended = next((a for a in reversed(acts) if a.act == "participation_ended"), None)
        day = ended.date.earliest if ended else None
        reason = (_say("clock.stops_at_once") if ended else _say("clock.no_membership"),)
    elif rule is None:
        reason = (_say("clock.no_rule"),)
    elif BAR_FLAG in " ".join(a.flag for a in acts):
        reason = (_say("clock.armed_conflict"),)
    elif start is not None and rule["silent"] and rule["notice_period"] is None:
        day, branches = _silence(rule, start)
        reason += (_say("clock.if_admitted" if day else "clock.no_period"),)
    elif start is not None:
        earliest, waiting = _minimum(rule, acts, start)
        day = _effective_day(rule["effect_rule"], rule["notice_period"], earliest)
        reason += waiting
        if day is None:
            reason += (_say("clock.no_day", effect_rule=rule["effect_rule"]),)
    law = standing(record, state, body, rule, as_of or record.closing_day)
    silent = bool(rule and rule["silent"])
    verified = is_verified(rule)
    matches = _matches(claimed, day) if verified and not silent else None
    of = rule or dict.fromkeys(CLAUSE_FIELDS)
    return Clock(
        state=state, body=body, article=of["article"], instrument=of["instrument"], silent=silent, notice=of["notice_period"],
        effect_rule=of["effect_rule"], counts_from=of["counts_from"], notice_established=established, started_on=start,
        earliest_effective=day, reason=reason, branches=branches + law.readings if silent else (),
        default_rule=of["default_rule"] if silent else None,
        rests_on_treaty=law.rests_on_treaty, party_to_vclt=law.party_to_vclt, party_to_vclt_since=law.party_since,
        vclt_note=law.note if silent else None, treaty_predates_vclt=law.treaty_predates_vclt,
        claimed_effective=claimed, claim_matches_clause=matches,
        claim=_claim(at_once, claimed, rule, verified, what, day, matches),
        dues_until=of["dues_tail"], survival=of["survival"], conditions=of["conditions"],
        also_ends=tuple((of["also_ends"] or "").split()), may_fall_with_it=tuple(record.lookup.resting_on(body)),
        re_entry=of["reentry_rule"], days_out=_days_out(acts), basis=of["basis"], verified=verified,
        sources=tuple((of["sources"] or "").split()), law_sources=law.sources,
    )  # fmt: skip


CLAUSE_FIELDS = (
    "article", "instrument", "notice_period", "effect_rule", "counts_from", "default_rule", "dues_tail", "survival",
    "conditions", "also_ends", "reentry_rule", "basis", "sources",
)  # fmt: skip


def _say(code: str, **values: str | None) -> Message:
    return Message(code=code, values=dict(values))


def _start(acts: list[Act], named: date | None) -> tuple[date | None, bool, tuple[Message, ...]]:
    """Day from which the notice runs, whether a notice is established, and why that day.

    A notice dated to a month or a year counts from its first day: the date that follows is a lower bound.
    """
    if named is not None:
        return named, False, (_say("clock.if_notice", day=str(named)),)
    notice = next((a for a in reversed(acts) if a.act == "notified"), None)
    newer = [a for a in acts if a.act in {"announced", "organ_position"} and _day(a.date) and not _before(a, notice)]
    reopened = [a for a in newer if a.act == "announced" and notice and _rejoined_between(acts, notice, a)]
    if notice is not None and not reopened and _day(notice.date):
        return _day(notice.date), True, (_say("clock.notice_given", day=str(notice.date)),)
    bounds = [a for a in newer if a.act == "announced" or NO_NOTICE_FLAG in a.flag]
    if not bounds:
        return None, False, (_say("clock.no_act"),)
    last = max(bounds, key=lambda a: _day(a.date) or date.min)
    return _day(last.date), False, (_say("clock.no_notice"), _say("clock.if_notice", day=str(last.date)))


def _day(edtf: EDTF) -> date | None:
    return edtf.earliest


def _before(act: Act, notice: Act | None) -> bool:
    return notice is not None and (_day(act.date) or date.min) < (_day(notice.date) or date.min)


def _rejoined_between(acts: list[Act], first: Act, second: Act) -> bool:
    inside = (_day(first.date) or date.min, _day(second.date) or date.max)
    return any(
        a.act in {"rejoined", "notice_rescinded"} and inside[0] <= (_day(a.date) or date.min) <= inside[1] for a in acts
    )


def _own_chain(acts: list[Act], start: date | None) -> list[Act]:
    """The acts since the last entry or return that is not after the start of the clock."""
    if start is None:
        return acts
    entries = [
        n for n, a in enumerate(acts) if a.act in {*ENTRY, "rejoined"} and (a.date.earliest or date.max) <= start
    ]
    return acts[entries[-1] + 1 :] if entries else acts


def _silence(rule: dict[str, Any], start: date) -> tuple[date | None, tuple[Message, ...]]:
    """Two readings of a silent treaty; none where no treaty stands behind the body."""
    if VCLT not in (rule["default_rule"] or ""):
        return None, ()
    day = add_period(start, VCLT_NOTICE)
    return day, (_say("reading.no_right"), _say("reading.implied", day=str(day)))


def _minimum(rule: dict[str, Any], acts: list[Act], start: date) -> tuple[date, tuple[Message, ...]]:
    """Earliest day on which notice is allowed, where the clause asks for some time as a member first."""
    period = rule["min_membership"]
    if period is None:
        return start, ()
    entries = [a for a in acts if a.act in ENTRY and _day(a.date)]
    if not entries:
        return start, (_say("clock.entry_unknown", period=period),)
    allowed = add_period(_day(entries[0].date) or start, period)
    if allowed <= start:
        return start, ()
    return allowed, (_say("clock.allowed_from", day=str(allowed), period=period, since=str(entries[0].date)),)


def _claim(
    at_once: Act | None, claimed: str | None, rule: dict[str, Any] | None, verified: bool, what: str,
    day: date | None, matched: bool | None,
) -> tuple[Message, ...]:  # fmt: skip
    """What was claimed held against what the clause asks for; nothing where nothing is at odds."""
    if at_once is None:
        if matched is not False or rule is None:
            return ()
        return _say("claim.effect", day=claimed), _asked(rule, day)
    said = _say("claim.at_once", day=str(at_once.date))
    if what in NOTHING_BINDS:
        return said, _say("claim.no_rule_binds")
    if rule is None:
        return said, _say("claim.no_rule")
    if rule["silent"] and not rule["notice_period"]:
        return said, _say("claim.silent")
    if not verified:
        return said, _say("claim.unverified")
    if rule["effect_rule"] in NO_TIME:
        return said, _say("claim.no_time")
    return said, _asked(rule, day)


def _asked(rule: dict[str, Any], day: date | None) -> Message:
    """What a clause asks for: its notice, the end of a year where it counts to one, and the day that follows."""
    wait = rule["effect_rule"] if rule["effect_rule"] in WAITS else None
    values: dict[str, str | None] = {
        "clause": ", ".join(filter(None, (rule["article"] and f"art. {rule['article']}", rule["instrument"]))) or None
    }
    if rule["notice_period"]:
        values["notice"] = rule["notice_period"]
    if wait or not rule["notice_period"]:
        values["wait"] = wait or "own"
    if day:
        values["day"] = str(day)
    code = "_".join(part for part in ("notice", "wait") if part in values) + ("_until" if day else "")
    return _say(f"claim.{code}", **values)


def _matches(claimed: str | None, day: date | None) -> bool | None:
    """Whether the claimed day is not before the day of the rule; None where one of them is not known."""
    if claimed is None or day is None:
        return None
    latest = parse(claimed).latest
    return latest is not None and latest >= day


def _days_out(acts: list[Act]) -> int | None:
    """Days from the last end of a membership to the return that followed; None where either day is not known to the day."""
    found: int | None = None
    left: date | None = None
    for act in acts:
        if act.act == "effective":
            left = act.date.earliest if act.date.is_day else None
        elif act.act == "rejoined" and left is not None:
            back = act.takes_effect or act.date
            found = (back.earliest - left) // timedelta(days=1) if back.is_day and back.earliest else None
            left = None
    return found
