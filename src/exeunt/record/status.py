"""Acts → status on a day: a chain is walked act by act, and the answer names the rule that decided.

Status is derived, never stored. An act whose date is not certainly on or before the day does not count; a day after the
closing day of the record is answered with what is known at closing, and says so.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from exeunt.dates import EDTF, parse
from exeunt.errors import BadDateError
from exeunt.record.identity import cow_of
from exeunt.record.lookup import Row
from exeunt.record.schema import LAST_CODED_YEAR
from exeunt.record.store import Record

INSIDE = {"member", "member_announced_only", "member_notice_running", "suspended"}
LEAVING = {"threatened", "announced", "notified", "notice_rescinded", "halted", "law_repealed", "effective",
           "effective_claimed", "effective_by_clause", "expelled", "suspended", "organ_position", "objected",
           "accepted", "funding_stopped", "vote_lost"}  # fmt: skip
JOINING = {"joined", "acceded", "ratified", "entered_into_force"}
LATE = 2
"""Years by which the coded source may run late: a spell that begins so long after an exit is a return."""
PATIENCE = 5
"""Years after which an announcement or a notice of which nothing more is known gives way to the coded source."""
NOTHING_TELLS = "neither acts nor coded memberships tell"
OUTSIDE_FOREVER = {"nothing_to_leave", "participation_only", "funding_only"}


@dataclass(frozen=True, slots=True)
class Act:
    """One act as the chain needs it."""

    act_id: str
    act: str
    date: EDTF
    takes_effect: EDTF | None
    claimed_by: str
    contested: bool
    sources: tuple[str, ...]
    flag: str = ""


@dataclass(frozen=True, slots=True)
class Status:
    """Answer to "is it in, on this day?"; keys as in `docs/design.md`, section 7."""

    state: str
    body: str
    as_of: date
    status: str
    since: str | None
    until: str | None
    contested: bool
    contested_by: str | None
    rule: str
    leaveable: str
    beyond_record: bool
    acts: tuple[Act, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return {
            "state": self.state, "body": self.body, "as_of": self.as_of.isoformat(), "status": self.status,
            "since": self.since, "until": self.until, "contested": self.contested, "contested_by": self.contested_by,
            "rule": self.rule, "leaveable": self.leaveable, "beyond_record": self.beyond_record,
            "acts": [
                {"act": a.act, "date": str(a.date), "claimed_by": a.claimed_by, "source": list(a.sources)}
                for a in self.acts
            ],
        }  # fmt: skip


@dataclass(slots=True)
class _Chain:
    """Where a walk along the acts stands."""

    status: str
    since: str | None
    rule: str
    until: str | None = None
    contested_by: str | None = None
    contested: bool = False
    due: list[Act] = field(default_factory=list)

    def move(self, status: str, act: Act | None, rule: str, until: str | None = None) -> None:
        self.status, self.rule, self.until = status, rule, until
        self.since = str(act.date) if act else self.since
        self.contested = bool(act and act.contested)
        self.contested_by = "not stated" if self.contested else None


def acts_of(record: Record, state: str, body: str, known_by: date | None = None) -> list[Act]:
    """Acts of a state towards a body in order of their earliest day; `known_by` drops what was recorded later."""
    kept: dict[tuple[str, str], list[Act]] = record.lookup.kept.setdefault("acts", {})
    if known_by is None and (state, body) in kept:
        return list(kept[state, body])
    acts = [
        Act(
            row["act_id"], row["act"], parse(row["date"]),
            parse(row["takes_effect"]) if row["takes_effect"] else None,
            row["claimed_by"], row["contested"] == "yes", tuple((row["sources"] or "").split()), row["flag"] or "",
        )
        for row in record.lookup.acts(state, body)
        if known_by is None or parse(row["recorded"]).certainly_on_or_before(known_by)
    ]  # fmt: skip
    acts.sort(key=lambda a: (a.date.earliest or date.min, a.date.latest or date.max, a.act_id))
    if known_by is None and acts:
        kept[state, body] = list(acts)
    return acts


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

    def answer(chain: _Chain) -> Status:
        rule = chain.rule + (beyond_said(record) if beyond else "")
        return Status(
            state, body, day, chain.status, chain.since, chain.until, chain.contested, chain.contested_by, rule, what,
            beyond, tuple(used),
        )  # fmt: skip

    outside = outside_span(record, state, body, effective_day)
    if outside:
        return answer(_Chain("outside_span", None, outside))
    if what in OUTSIDE_FOREVER:
        return answer(_Chain("no_membership", None, f"there is no membership here to end: {what}"))
    chain = walk(acts, effective_day, lambda: _coded(record, state, body, effective_day, known_by))
    _let_later_coding_speak(chain, record, state, body, effective_day, known_by)
    return answer(chain)


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
    if told is None or told[0] in {chain.status, "never_member"}:
        return
    if told[0] == "unknown" and (chain.status == "not_member" or not told[1].startswith("assessed dues")):
        return
    chain.move(told[0], None, f"{told[1]}; earlier: {chain.rule}")
    chain.since = None


def walk(acts: list[Act], day: date, coded: Callable[[], tuple[str, str] | None]) -> _Chain:
    """Walk a chain up to a day.

    Parameters
    ----------
    acts : in order of their earliest day
    coded : gives (status, rule) of the coded memberships on the day, or None where they say nothing
    """
    before = [a for a in acts if a.date.certainly_on_or_before(day)]
    moving = [a for a in before if a.act in LEAVING | JOINING | {"rejoined", "signed", "signature_withdrawn",
                                                               "ratification_withdrawn"}]  # fmt: skip
    chain = _Chain("unknown", None, NOTHING_TELLS)
    if not moving:
        told = coded()
        if told:
            chain.status, chain.rule = told
            return chain
        later = [a for a in acts if not a.date.certainly_on_or_before(day)]
        if later and later[0].act in LEAVING:
            chain.move("member", None, f"a member, for it later did this: {later[0].act} ({later[0].date})")
        elif later and later[0].act in JOINING | {"signed"} and "re_entry" not in later[0].flag:
            chain.move("never_member", None, f"first act towards the body is later: {later[0].act} ({later[0].date})")
        return chain
    first = moving[0]
    if first.act in LEAVING:
        chain.move("member", None, f"a member, for it did this: {first.act} ({first.date})")
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
            chain.move("member", act, f"{act.act} on {act.takes_effect or act.date}")
        case "signed" if not inside:
            chain.move("signatory_not_party", act, f"signed on {act.date}, not bound since")
        case "announced" if inside and chain.status != "member_notice_running":
            chain.move("member_announced_only", act, f"announced on {act.date}, no notice established")
        case "notified" if inside:
            due = str(act.takes_effect) if act.takes_effect else None
            chain.due = [act]
            chain.move("member_notice_running", act, f"notice given on {act.date}", until=due)
        case "notice_rescinded" | "halted" if inside:
            chain.due.clear()
            chain.move("member", act, f"{act.act} by {act.date.latest or act.date}")
        case "law_repealed":
            chain.contested, chain.contested_by = True, act.claimed_by
        case "effective":
            chain.due.clear()
            if act.contested:
                chain.move("left_claimed_disputed", act, f"said to have taken effect on {act.date}; disputed")
            else:
                chain.move("not_member", act, f"took effect on {act.date}")
        case "effective_claimed" if inside:
            chain.due.clear()
            chain.move(
                "left_claimed_disputed",
                act,
                f"claimed by the {act.claimed_by} to have taken effect on {act.date}",
            )
            chain.contested = True
            chain.contested_by = chain.contested_by or "not stated"
        case "effective_by_clause" if inside:
            chain.due = [act]
        case "expelled":
            chain.due.clear()
            chain.move("not_member", act, f"membership ended by the body on {act.date}")
        case "suspended" if inside:
            chain.move("suspended", act, f"rights suspended on {act.date}")
        case "signature_withdrawn" if not inside:
            chain.move("never_member", act, f"signature withdrawn on {act.date}, never a party")
        case "ratification_withdrawn":
            chain.move("signatory_not_party", act, f"ratification withdrawn on {act.date}; the signature stands")
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
        chain.move("unknown", act, f"the exit was due on {due}; no act in the record confirms it", until=str(due))


def beyond_said(record: Record) -> str:
    """What is added to the rule of a day after the closing day of the record."""
    return f"; the record closes on {record.closing_day}, later days are not known"


def outside_span(record: Record, state: str, body: str, day: date) -> str | None:
    """Why there can be no membership on a day, since the state or the body was not there; None where both were."""
    if not record.lookup.exists(state, day):
        return f"{state} was not in the state system on {day}"
    row = record.lookup.body(body)
    if row["founded"] is not None and day.year < row["founded"]:
        return f"{body} was founded in {row['founded']}"
    if row["ended"] is not None and day.year > row["ended"]:
        return f"{body} ended in {row['ended']}"
    return None


def covering(rows: list[Row], year: int) -> Row | None:
    """First of some spells that covers a year."""
    return next(
        (r for r in rows if r["first_year"] <= year and (r["last_year"] is None or r["last_year"] >= year)), None
    )


def said_of(row: Row, year: int) -> str:
    """Rule by which a spell decides the status in a year that it covers."""
    before, after = said_about(row)
    return before if after is None else f"{before}{year}{after}"


def said_about(row: Row) -> tuple[str, str | None]:
    """What stands before and after the year in the rule of a spell; the rule and None where it names no year asked about."""
    if (row["status"], row["reading"]) == ("unknown", "dues"):
        return f"assessed dues stopped by {row['first_year']}, no act is known (source {row['source']})", None
    return f"{row['reading']} as {row['status']} in ", f" (source {row['source']})"


def _coded(record: Record, state: str, body: str, day: date, known_by: date | None) -> tuple[str, str] | None:
    cow = cow_of(record.lookup.codes(state), state, day.year)
    if cow is None:  # the coded source does not know the state, so its silence means nothing
        return None
    rows = record.lookup.spells(cow, body)
    if known_by is not None and known_by < record.closing_day:
        # Spells after the coded source rest on acts that were not yet known: its last status stands in their place.
        rows = [r for r in rows if r["reading"] == "observed"]
        rows += [
            {**r, "first_year": LAST_CODED_YEAR + 1, "last_year": None, "reading": "carried_forward"}
            for r in rows
            if r["last_year"] == LAST_CODED_YEAR
        ]
    row = covering(rows, day.year)
    if row is not None and row["status"] != "not_member":
        return row["status"], said_of(row, day.year)
    if record.lookup.alive(body, min(day.year, LAST_CODED_YEAR)):
        past = any(r["status"] == "member" and r["last_year"] is not None and r["last_year"] < day.year for r in rows)
        return ("not_member" if past else "never_member"), f"coded as outside in {day.year} (source cow_igo)"
    return None
