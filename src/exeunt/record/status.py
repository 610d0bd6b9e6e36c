"""Acts → status on a day: a chain is walked act by act, and the answer names the rule that decided.

Status is derived, never stored. An act whose date is not certainly on or before the day does not count; a day after the
closing day of the record is answered with what is known at closing, and says so.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Annotated, Final, Literal, cast

from exeunt.answers import Answer, Message, Value, item
from exeunt.core.dates import add_period, parse
from exeunt.core.errors import BadDateError
from exeunt.record.acts import JOINING, LEAVING, MOVING, Act, acts_of, day_of, list_of
from exeunt.record.identity import cow_of
from exeunt.record.lookup import Row
from exeunt.record.schema import (
    LAST_CODED_YEAR,
    OUTSIDE_FOREVER,
    ActWord,
    CertaintyWord,
    ClaimantWord,
    EvidenceWord,
    LeaveableWord,
    StatusWord,
)
from exeunt.record.store import Record

INSIDE: Final = frozenset({"member", "member_announced_only", "member_notice_running", "suspended"})
"""Statuses of a state that is certainly in; where leaving is claimed and disputed (`left_claimed_disputed`), it may be out."""
LATE = 2
"""Years by which the coded source may run late: a spell that begins so long after an exit is a return."""
PATIENCE = 5
"""Years after which an announcement or a notice of which nothing more is known gives way to the coded source."""
_OBJECTIONS = frozenset({"objected", "organ_position", "law_repealed"})
"""Acts by which somebody contests another act."""
_NO_OBJECTION = ("no_position", "recognises")
"""Flags of an `organ_position` that contests nothing: the organ took none, or recognised the exit."""
_EFFECTS = frozenset({"effective", "effective_claimed", "effective_by_clause", "expelled"})
_CLAIMED_AT_ONCE = "claim_immediate"
"""Flag of an announcement that says it works at once."""

RuleCode = Literal[
    "rule.joined", "rule.acceded", "rule.ratified", "rule.entered_into_force", "rule.rejoined", "rule.signed",
    "rule.announced", "rule.notified", "rule.notice_rescinded", "rule.halted", "rule.effect", "rule.effect_disputed",
    "rule.effect_claimed", "rule.expelled", "rule.suspended", "rule.signature_withdrawn", "rule.ratification_withdrawn",
    "rule.due_passed", "rule.member_for", "rule.member_later", "rule.first_later", "rule.coded",
    "rule.coded_outside",
    "rule.dues_stopped", "rule.silent", "rule.in_course", "rule.not_listed", "rule.list_against_coded", "rule.coded_from",
    "rule.coded_missing", "rule.source_ended", "rule.due_by_clause", "rule.no_membership", "rule.state_outside",
    "rule.founded", "rule.ended", "rule.ended_on",
]  # fmt: skip


ContesterWord = Literal["state", "other_state", "organization", "depositary", "clause"]


class Rule(Message, frozen=True, kw_only=True):
    """The rule that decided a status: one of a closed list of codes, and the values that fill it."""

    code: Annotated[RuleCode, item("which rule")]
    values: Annotated[dict[str, Value | list[str]], item("what fills it: days as EDTF, keys, words of closed lists")]


class _CitedAct(Answer, frozen=True, kw_only=True):
    """One act that a status rests on."""

    act: Annotated[ActWord, item("what was done")]
    date: Annotated[str, item("date of the act, EDTF level 1")]
    claimed_by: Annotated[ClaimantWord, item("who says so")]
    source: Annotated[tuple[str, ...], item("addresses")]


class _Evidence(Answer, frozen=True, kw_only=True):
    """What decided a status, and when it speaks of."""

    kind: Annotated[EvidenceWord, item("kind of evidence, strongest first in the closed list")]
    date: Annotated[str | None, item("its date or last day, EDTF level 1; a year for what is coded by the year")] = None
    sources: Annotated[tuple[str, ...], item("addresses, or keys of source cards")] = ()


class Contest(Answer, frozen=True, kw_only=True):
    """Who contests an act, by what act of their own."""

    by: Annotated[ContesterWord, item("who contests it; `state` is the state itself, `other_state` another one")]
    act: Annotated[ActWord, item("the act by which it is contested")]
    date: Annotated[str, item("date of that act, EDTF level 1")]
    sources: Annotated[tuple[str, ...], item("addresses")]


class Status(Answer, frozen=True, kw_only=True):
    """Answer to "is it in, on this day?"."""

    state: Annotated[str, item("state code")]
    body: Annotated[str, item("body key")]
    as_of: Annotated[date, item("the day asked about")]
    status: Annotated[StatusWord, item("status on that day")]
    since: Annotated[str | None, item("first day of that status, EDTF level 1")] = None
    until: Annotated[str | None, item("last day of that status, EDTF level 1")] = None
    contested: Annotated[bool, item("whether somebody disputes it")] = False
    contested_by: Annotated[tuple[Contest, ...], item("who disputes it, by what act; later acts of the chain too")] = ()
    claimant_missing: Annotated[tuple[str, ...], item("acts that are contested while none says by whom")] = ()
    rule: Annotated[Rule, item("the rule that decided")]
    earlier: Annotated[Rule | None, item("the rule of the acts, where later coding has overruled it")] = None
    leaveable: Annotated[LeaveableWord, item("what there is to leave")]
    certainty: Annotated[
        CertaintyWord, item("how exactly it is known: to the day, to the year, carried forward, or not")
    ]
    evidence: Annotated[_Evidence, item("what decided")]
    known_to: Annotated[str | None, item("last day of which the record knows an act or a list of the body")] = None
    beyond_record: Annotated[bool, item("whether the day is after the closing day of the record")] = False
    acts: Annotated[tuple[_CitedAct, ...], item("the acts that it rests on")] = ()


@dataclass(slots=True)
class _Chain:
    """Where a walk along the acts stands."""

    status: str
    since: str | None
    rule: Rule
    until: str | None = None
    contested: bool = False
    act: Act | None = None
    """The act that decided."""
    earlier: Rule | None = None
    due: list[Act] = field(default_factory=list)

    def move(self, status: str, act: Act | None, rule: Rule, until: str | None = None) -> None:
        self.status, self.rule, self.until, self.act = status, rule, until, act
        self.since = str(day_of(act)) if act else self.since
        self.contested = bool(act and act.contested)


def _rule(code: RuleCode, **values: str | int) -> Rule:
    return Rule(code=code, values=dict(values))


_TWELVE_MONTHS: Final = "P1Y"
"""Notice where no rule names one: article 56 of the Vienna Convention asks for at least twelve months."""
SILENT: Final = _rule("rule.silent")
"""Neither acts nor coded memberships tell."""


def status(record: Record, state: str, body: str, as_of: date | None = None, known_by: date | None = None) -> Status:
    """Status of a state in a body on a day.

    Parameters
    ----------
    state, body : keys of the record
    as_of : the day asked about; the closing day of the record by default
    known_by : only what was recorded up to this day counts

    Raises
    ------
    BadDateError, if the two clocks contradict each other.
    """
    day = as_of or record.closing_day
    if known_by is not None and known_by < date(1945, 1, 1):
        raise BadDateError(f"--known-by {known_by} lies before the record was kept; name a later day.")
    beyond = day > record.closing_day
    effective_day = min(day, record.closing_day)
    what = record.what_there_is_to_leave(state, body)
    acts = acts_of(record, state, body, known_by)
    used = [a for a in acts if a.date.certainly_on_or_before(effective_day)]

    def answer(chain: _Chain, certainty: CertaintyWord, evidence: _Evidence) -> Status:
        by, missing = _contests(chain.act, acts) if chain.contested and chain.act else ((), ())
        return Status(
            state=state, body=body, as_of=day, status=chain.status, since=chain.since, until=chain.until,
            contested=chain.contested, contested_by=by, claimant_missing=missing, rule=chain.rule, earlier=chain.earlier,
            leaveable=what, certainty=certainty, evidence=evidence, known_to=record.lookup.known_to(body), beyond_record=beyond,
            acts=tuple(
                _CitedAct(act=a.act, date=str(a.date), claimed_by=a.claimed_by, source=a.sources)
                for a in used if a.rank == "act"
            ),
        )  # fmt: skip

    outside = _outside_span(record, state, body, effective_day)
    if outside and not (
        outside.code == "rule.state_outside" and _outlives_its_code(record, acts, state, effective_day)
    ):
        return answer(_Chain("outside_span", None, outside), "day", _NO_EVIDENCE)
    coded = _coded(record, state, body, effective_day, known_by)
    if what in OUTSIDE_FOREVER and coded.status not in INSIDE and not any(a.act in _ENTERED for a in acts):
        return answer(_Chain("no_membership", None, _rule("rule.no_membership", what=what)), "day", _NO_EVIDENCE)
    moving = [a for a in acts if a.act in MOVING]
    done = [a for a in moving if day_of(a).certainly_on_or_before(effective_day)]
    if not done:
        return answer(*_before_any_act(record, moving, coded, state, body, effective_day))
    chain = _walk(acts, effective_day, lambda: None)
    course = [a for a in moving if a not in done and _may_be_on_or_before(a, effective_day)]
    if course and _moves(acts, course, chain, effective_day):
        return answer(_in_course(course[0]), "year", _evidence_of(course[0]))
    _let_clauses_run_out(chain, record, body, effective_day)
    _let_later_coding_speak(chain, record, state, body, effective_day, known_by)
    if chain.earlier is not None:
        return answer(chain, coded.certainty, coded.evidence)
    last = chain.act or done[-1]
    listed = list_of(record, body)
    carried = last.rank != "act" and listed is not None and effective_day > listed.until
    if carried and coded.rule.code == "rule.dues_stopped":  # dues speak of years that the list does not
        doubted = _Chain("unknown", None, coded.rule, earlier=chain.rule)
        return answer(doubted, "unknown", coded.evidence)
    return answer(
        chain, "unknown" if chain.status == "unknown" else "carried_forward" if carried else "day", _evidence_of(last)
    )


_NO_EVIDENCE: Final = _Evidence(kind="none")


@dataclass(frozen=True, slots=True)
class _Coded:
    """What yearly sources say of a pair on a day."""

    status: str
    rule: Rule
    certainty: CertaintyWord
    evidence: _Evidence


def _evidence_of(act: Act) -> _Evidence:
    return _Evidence(kind=act.rank, date=str(day_of(act)), sources=act.sources)


def _may_be_on_or_before(act: Act, day: date) -> bool:
    earliest = day_of(act).earliest
    return earliest is None or earliest <= day


def _in_course(act: Act) -> _Chain:
    return _Chain("unknown", None, _rule("rule.in_course", act=act.act, day=str(day_of(act))), act=act)


def _moves(acts: list[Act], course: list[Act], chain: _Chain, day: date) -> bool:
    """Whether acts that may have happened by a day would put the state on the other side if they had."""
    on_the_day = parse(day.isoformat())
    happened = [replace(a, date=on_the_day, takes_effect=None) if a in course else a for a in acts]
    return (_walk(happened, day, lambda: None).status in INSIDE) != (chain.status in INSIDE)


def _outlives_its_code(record: Record, acts: list[Act], state: str, day: date) -> bool:
    """Whether acts have a state inside on a day on which its code was not yet, or no more, in the state system."""
    if _walk(acts, day, lambda: None).status not in INSIDE:
        return False
    spans = record.lookup.spans(state)
    if day < min(first for first, _ in spans):
        return any(day_of(a).certainly_on_or_before(day) and a.act in _ENTERED for a in acts)
    return any(not day_of(a).certainly_on_or_before(day) for a in acts)


def _before_any_act(
    record: Record, moving: list[Act], coded: _Coded, state: str, body: str, day: date
) -> tuple[_Chain, CertaintyWord, _Evidence]:
    """Where no act has certainly happened yet: what comes later, a complete list and the yearly sources tell."""
    first = moving[0] if moving else None
    listed = list_of(record, body)
    told = _Chain(coded.status, None, coded.rule)
    if first is not None and first.act in _ENTERED | {"signed": ""}:
        if first.date.earliest is None or (
            first.rank != "act" and coded.status in INSIDE and not (listed and listed.complete)
        ):
            return told, coded.certainty, coded.evidence
        if _may_be_on_or_before(first, day):
            return _in_course(first), "year", _evidence_of(first)
        if "re_entry" not in first.flag:
            word = "not_member" if first.act == "rejoined" else "never_member"
            return _Chain(word, None, _rule_of("rule.first_later", first)), "day", _evidence_of(first)
        return told, coded.certainty, coded.evidence
    if first is not None:
        if coded.status in INSIDE | {"associate", "observer"} or coded.rule.code == "rule.coded_from":
            return told, coded.certainty, coded.evidence
        begun = _first_coded(record, state, body)
        if begun is not None and day.year < begun:
            return told, coded.certainty, coded.evidence
        if _may_be_on_or_before(first, day) and first.act in _OUT:
            return _in_course(first), "year", _evidence_of(first)
        return _Chain("member", None, _rule_of("rule.member_later", first)), "carried_forward", _evidence_of(first)
    # A list is silent on states that were gone, or not yet there, when it was made.
    if listed is None or not listed.complete or not _lives_on(record, state, listed.until):
        return told, coded.certainty, coded.evidence
    begun, until = _first_coded(record, state, body), listed.until.isoformat()
    evidence = _Evidence(kind=listed.rank, date=until)
    if begun is None or (day.year < begun and listed.until.year < begun):
        known: CertaintyWord = "day" if day <= listed.until else "carried_forward"
        return _Chain("never_member", None, _rule("rule.not_listed", until=until)), known, evidence
    if begun <= listed.until.year and coded.status in INSIDE:
        return _Chain("unknown", None, _rule("rule.list_against_coded", until=until, year=begun)), "unknown", evidence
    return told, coded.certainty, coded.evidence


def _lives_on(record: Record, state: str, day: date) -> bool:
    return any(first <= day and (last is None or day <= last) for first, last in record.lookup.spans(state))


def _let_clauses_run_out(chain: _Chain, record: Record, body: str, day: date) -> None:
    """A notice or announcement of an episode that counts as an exit does not stand for ever.

    Once the notice that the body's rule asks for has run, and no act says what became of it, the status is unknown.
    """
    act = chain.act
    if chain.status not in {"member_announced_only", "member_notice_running"} or act is None or chain.until is not None:
        return
    latest = act.date.latest
    if latest is None or act.episode not in record.lookup.counting_episodes:
        return
    periods = [row["notice_period"] for row in record.lookup.clauses(body) if row["notice_period"]]
    due = max((add_period(latest, period) for period in periods), default=add_period(latest, _TWELVE_MONTHS))
    if due < day:
        chain.move("unknown", act, _rule("rule.due_by_clause", due=due.isoformat()), until=due.isoformat())


def _let_later_coding_speak(
    chain: _Chain, record: Record, state: str, body: str, day: date, known_by: date | None
) -> None:
    """Old acts that led nowhere, and exits after which the coded source knows a new spell, are not the last word.

    An announcement or a notice of which no effect is known gives way to what is coded (or paid) five years later;
    an exit gives way only to a spell that begins two years after it or later: one that runs on from before has missed it.
    """
    undecided = {"member_announced_only", "member_notice_running", "unknown"}
    if chain.since is None or chain.status not in undecided | {"not_member"}:
        return
    latest = parse(chain.since).latest
    if latest is None:
        return
    since = latest.year + (LATE if chain.status == "not_member" else PATIENCE)
    if since > day.year:
        return
    dues_known = known_by is None or known_by >= record.closing_day
    readings = ("observed", "dues") if dues_known else ("observed",)
    cow = cow_of(record.lookup.codes(state), state, day.year)
    seen = [
        (r["first_year"], day.year if r["last_year"] is None else r["last_year"], r["status"])
        for r in record.lookup.spells(cow, body)
        if r["reading"] in readings and r["first_year"] <= day.year
    ]
    if chain.status == "not_member":
        heard = any(first >= since and word in {"member", "associate", "observer"} for first, _, word in seen)
    else:
        registered = any(last >= latest.year - 1 for _, last, _ in seen)
        heard = registered and (since <= LAST_CODED_YEAR or any(last >= since for _, last, _ in seen))
    told = _coded(record, state, body, day, known_by) if heard else None
    if told is None or told.status in {chain.status, "never_member"}:
        return
    if told.status == "unknown" and (chain.status == "not_member" or told.rule.code != "rule.dues_stopped"):
        return
    chain.earlier = chain.rule
    chain.move(told.status, None, told.rule)
    chain.since = None


_ENTERED: Final[dict[str, RuleCode]] = {
    "joined": "rule.joined", "acceded": "rule.acceded", "ratified": "rule.ratified",
    "entered_into_force": "rule.entered_into_force", "rejoined": "rule.rejoined",
}  # fmt: skip


_OUT: Final = frozenset({"effective", "expelled"})


def _on(code: RuleCode, act: Act) -> Rule:
    return _rule(code, day=str(act.date))


def _rule_of(code: RuleCode, act: Act) -> Rule:
    return _rule(code, act=act.act, day=str(act.date))


def contests(acts: list[Act]) -> tuple[tuple[Contest, ...], tuple[str, ...]]:
    """Who contests the contested acts of a chain, each act of contest once; and the acts of which nobody is named."""
    by: dict[Contest, None] = {}
    missing: dict[str, None] = {}
    for act in acts:
        if act.contested:
            found, lacking = _contests(act, acts)
            by.update(dict.fromkeys(found))
            missing.update(dict.fromkeys(lacking))
    return tuple(by), tuple(missing)


def _contests(act: Act, acts: list[Act]) -> tuple[tuple[Contest, ...], tuple[str, ...]]:
    """Who contests an act: who objected or took a position in its episode, or claims another day of effect.

    Returns
    -------
    The contests in order of time; where there is none, the key of the rival claim, else of the act, that lacks a claimant.
    """
    rivals = [
        a for a in acts
        if a.episode == act.episode and (a.act_id != act.act_id or a.act == "law_repealed") and _is_rival(a, act)
    ]  # fmt: skip
    found = tuple(
        Contest(
            by=_contester(a),
            act=a.act, date=str(a.date), sources=a.sources,
        )
        for a in rivals if a.claimed_by != "not_stated"
    )  # fmt: skip
    return found, () if found else tuple(a.act_id for a in rivals) or (act.act_id,)


def _contester(act: Act) -> ContesterWord:
    """Who contests by an act: who objects as a state is another state than the one whose chain it is."""
    return "other_state" if (act.act, act.claimed_by) == ("objected", "state") else cast(ContesterWord, act.claimed_by)


def _is_rival(other: Act, act: Act) -> bool:
    """Whether another act of the episode contests an act."""
    if other.act in _OBJECTIONS:
        return not (other.act == "organ_position" and any(flag in other.flag.split(";") for flag in _NO_OBJECTION))
    claims = act.act in _EFFECTS or _CLAIMED_AT_ONCE in act.flag
    return claims and other.act in _EFFECTS and other.claimed_by != act.claimed_by and other.date != act.date


def _walk(acts: list[Act], day: date, coded: Callable[[], tuple[str, Rule] | None]) -> _Chain:
    """Walk a chain up to a day.

    Parameters
    ----------
    acts : in order of their earliest day
    coded : gives (status, rule) of the coded memberships on the day, or None where they say nothing
    """
    before = [a for a in acts if a.date.certainly_on_or_before(day)]
    moving = [a for a in before if a.act in LEAVING | JOINING | {"rejoined", "signed", "signature_withdrawn",
                                                               "ratification_withdrawn"}]  # fmt: skip
    chain = _Chain("unknown", None, SILENT)
    if not moving:
        told = coded()
        if told:
            chain.status, chain.rule = told
            return chain
        later = [a for a in acts if not a.date.certainly_on_or_before(day)]
        if later and later[0].act in LEAVING:
            chain.move("member", None, _rule_of("rule.member_later", later[0]))
        elif later and later[0].act in JOINING | {"signed"} and "re_entry" not in later[0].flag:
            chain.move("never_member", None, _rule_of("rule.first_later", later[0]))
        return chain
    first = moving[0]
    if first.act in LEAVING:
        chain.move("member", None, _rule_of("rule.member_for", first))
    for act in moving:
        _step(chain, act, day)
    _let_due_dates_pass(chain, day)
    return chain


def _step(chain: _Chain, act: Act, day: date) -> None:
    """Apply one act to the chain."""
    inside = chain.status in INSIDE
    match act.act:
        case "joined" | "acceded" | "ratified" | "entered_into_force" | "rejoined":
            if act.takes_effect and not act.takes_effect.certainly_on_or_before(day):
                return
            chain.due.clear()
            chain.move("member", act, _rule(_ENTERED[act.act], day=str(act.takes_effect or act.date)))
        case "signed" if not inside:
            chain.move("signatory_not_party", act, _on("rule.signed", act))
        case "announced" if inside and chain.status != "member_notice_running":
            chain.move("member_announced_only", act, _on("rule.announced", act))
        case "notified" if inside:
            due = str(act.takes_effect) if act.takes_effect else None
            chain.due = [act]
            chain.move("member_notice_running", act, _on("rule.notified", act), until=due)
        case "notice_rescinded" | "halted" if inside:
            chain.due.clear()
            code: RuleCode = "rule.halted" if act.act == "halted" else "rule.notice_rescinded"
            chain.move("member", act, _rule(code, day=str(act.date.latest or act.date)))
        case "law_repealed":
            chain.contested, chain.act = True, chain.act or act
        case "effective":
            chain.due.clear()
            if act.contested:
                chain.move("left_claimed_disputed", act, _on("rule.effect_disputed", act))
            else:
                chain.move("not_member", act, _on("rule.effect", act))
        case "effective_claimed" if inside:
            chain.due.clear()
            rule = _rule("rule.effect_claimed", by=act.claimed_by, day=str(act.date))
            chain.move("left_claimed_disputed", act, rule)
            chain.contested = True
        case "effective_by_clause" if inside:
            chain.due = [act]
        case "expelled":
            chain.due.clear()
            chain.move("not_member", act, _on("rule.expelled", act))
        case "suspended" if inside:
            chain.move("suspended", act, _on("rule.suspended", act))
        case "signature_withdrawn" if not inside:
            chain.move("never_member", act, _on("rule.signature_withdrawn", act))
        case "ratification_withdrawn":
            chain.move("signatory_not_party", act, _on("rule.ratification_withdrawn", act))
        case _:
            pass


def _let_due_dates_pass(chain: _Chain, day: date) -> None:
    """A due date that has passed with no act to confirm the exit makes the status unknown, not an exit."""
    if chain.status not in INSIDE:
        return
    for act in chain.due:
        due = act.date if act.act == "effective_by_clause" else act.takes_effect
        if due is None or not due.certainly_before(day):
            continue
        chain.until = str(due)
        chain.move("unknown", act, _rule("rule.due_passed", day=str(due)), until=str(due))


def _outside_span(record: Record, state: str, body: str, day: date) -> Rule | None:
    """Why there can be no membership on a day, since the state or the body was not there; None where both were."""
    if not record.lookup.exists(state, day):
        return _rule("rule.state_outside", state=state, day=day.isoformat())
    row = record.lookup.body(body)
    if row["founded"] is not None and day.year < row["founded"]:
        return _rule("rule.founded", body=body, year=row["founded"])
    if row["ended_on"] is not None:
        if parse(row["ended_on"]).certainly_before(day):
            return _rule("rule.ended_on", body=body, day=row["ended_on"])
    elif row["ended"] is not None and day.year > row["ended"]:
        return _rule("rule.ended", body=body, year=row["ended"])
    return None


def _covering(rows: list[Row], year: int) -> Row | None:
    """First of some spells that covers a year."""
    return next(
        (r for r in rows if r["first_year"] <= year and (r["last_year"] is None or r["last_year"] >= year)), None
    )


def _rule_of_spell(row: Row, year: int) -> Rule:
    """Rule by which a spell decides the status in a year that it covers."""
    if (row["status"], row["reading"]) == ("unknown", "dues"):
        return _rule("rule.dues_stopped", year=row["first_year"], source=row["source"])
    return _rule("rule.coded", reading=row["reading"], status=row["status"], year=year, source=row["source"])


def _first_coded(record: Record, state: str, body: str) -> int | None:
    return min(
        (r["first_year"] for r in record.lookup.spells_under(state, body) if r["status"] == "member"), default=None
    )


_EVIDENCE_OF_READING: Final = {"dues": "dues", "roster": "roster", "act": "act"}


def _coded(record: Record, state: str, body: str, day: date, known_by: date | None) -> _Coded:
    """What the yearly sources say of a day: a year is not a day, a missing cell and a source that has ended say nothing."""
    lookup, year = record.lookup, day.year
    cow = cow_of(lookup.codes(state), state, year)
    rows = list(lookup.spells_under(state, body))
    rows += [r for r in lookup.spells(cow, body) if r["state"] != state] if cow is not None else []
    if known_by is not None and known_by < record.closing_day:
        # Spells after the coded source rest on acts that were not yet known: its last status stands in their place.
        rows = [r for r in rows if r["reading"] == "observed"]
        rows += [
            {**r, "first_year": LAST_CODED_YEAR + 1, "last_year": None, "reading": "carried_forward"}
            for r in rows
            if r["last_year"] == LAST_CODED_YEAR and r["status"] != "unknown"
        ]
    said = [r for r in rows if r["status"] not in {"unknown", "not_member"}]
    row = _covering(said, year)
    if row is not None:
        evidence = _Evidence(
            kind=_EVIDENCE_OF_READING.get(row["reading"], "coded"), sources=(row["source"],),
            date=str(min(year, row["last_year"] or year) if row["reading"] != "carried_forward" else row["first_year"] - 1),
        )  # fmt: skip
        begins = row["first_year"] == year and not any(r["last_year"] == year - 1 for r in said)
        if begins and (day.month, day.day) != (12, 31):
            return _Coded("unknown", _rule("rule.coded_from", year=year, source=row["source"]), "year", evidence)
        known: CertaintyWord = "carried_forward" if row["reading"] == "carried_forward" else "year"
        return _Coded(row["status"], _rule_of_spell(row, year), known, evidence)
    stopped = _covering([r for r in rows if (r["status"], r["reading"]) == ("unknown", "dues")], year)
    if stopped is not None:
        return _Coded(
            "unknown", _rule_of_spell(stopped, year), "unknown", _Evidence(kind="dues", sources=(stopped["source"],))
        )
    missing = _covering([r for r in rows if r["status"] == "unknown"], min(year, LAST_CODED_YEAR))
    if missing is not None:
        return _Coded("unknown", _rule("rule.coded_missing", year=missing["first_year"]), "unknown", _NO_EVIDENCE)
    if cow is None or not lookup.alive(body, min(year, LAST_CODED_YEAR)):
        return _Coded("unknown", SILENT, "unknown", _NO_EVIDENCE)
    evidence = _Evidence(kind="coded", date=str(min(year, LAST_CODED_YEAR)), sources=("cow_igo",))
    if year > LAST_CODED_YEAR:
        return _Coded("unknown", _rule("rule.source_ended", year=LAST_CODED_YEAR), "unknown", evidence)
    return _Coded("not_member", _rule("rule.coded_outside", year=year, source="cow_igo"), "year", evidence)
