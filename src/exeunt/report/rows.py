"""What the record says of a case, as the rows that a report shows."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from exeunt.dates import parse
from exeunt.record.cases import Case, acts_of_case
from exeunt.record.clauses import clause_for, clock
from exeunt.record.exits import Course, courses
from exeunt.record.status import status
from exeunt.record.store import Record
from exeunt.report.data import ActRow, BodyRow, ClockRow

LEAVEABLE = ("membership", "treaty")


def body_rows(
    record: Record, chosen: Case, day: date, known_by: date | None = None, labels: str = "common"
) -> tuple[BodyRow, ...]:
    """One row a pair of state and body, in the order of the list; on a page of a state or a body, one an exit."""
    names, states = record.body_names(), record.state_names(labels)
    kinds = dict(record.table("bodies").select("body", "kind").iter_rows())
    acronyms = dict(record.table("bodies").select("body", "acronym").iter_rows())
    listed = {row["body"]: row for row in chosen.bodies.iter_rows(named=True)}
    rows = []
    for number, one in enumerate(courses(record, chosen, day, known_by), 1):
        entry, s = listed[one.body], status(record, one.state, one.body, day, known_by)
        english, chinese = names[one.body]
        sources = dict.fromkeys((entry["sources"] or "").split())
        sources.update(dict.fromkeys(u for act in one.acts for u in (act["sources"] or "").split()))
        state_en, state_zh = states[one.state]
        rows.append(
            BodyRow(
                key=one.body,
                number=entry["id"] if entry["list"] else str(number),
                listed=entry["list"] or "",
                name_en=english,
                name_zh=chinese,
                kind=kinds[one.body] or "other",
                what=s.leaveable,
                status=s.status,
                since=s.since,
                until=s.until,
                rule=s.rule,
                earlier=s.earlier,
                contested=s.contested or one.contested,
                announced=one.announced,
                notified=one.notified,
                effective=one.effective,
                sources=tuple(sources),
                acronym=acronyms[one.body],
                state=one.state,
                state_en=state_en,
                state_zh=state_zh or state_en,
                outcome=one.outcome,
                back=one.back,
                taken_back=one.taken_back,
                positions=len(one.positions),
                confidence=one.confidence,
            )
        )
    return tuple(rows)


def act_rows(record: Record, chosen: Case, day: date, known_by: date | None = None) -> tuple[ActRow, ...]:
    """Every act of the case up to a day, line by line as the rows of `body_rows`, in order of time within a line.

    Acts for no body in particular (a memorandum that names many) stand on a line 0.
    """
    whole = [a for a in acts_of_case(record, chosen, known_by) if a["body"] is None]
    rows = [_act(act, "0") for act in whole if parse(act["date"]).certainly_on_or_before(day)]
    for number, one in enumerate(courses(record, chosen, day, known_by), 1):
        rows += [_act(act, str(number)) for act in one.acts]
    return tuple(rows)


def _act(act: dict[str, Any], line: str) -> ActRow:
    when = parse(act["date"])
    start = when.earliest or when.latest or date(1945, 1, 1)
    end = when.latest or start
    return ActRow(
        line, act["state"], act["body"], act["act"], act["date"], act["claimed_by"], act["contested"] == "yes", act["note"],
        act["confidence"], tuple((act["sources"] or "").split()), _years(start), _years(end + timedelta(days=1)),
        act["note_zh"],
    )  # fmt: skip


def _years(day: date) -> float:
    first = date(day.year, 1, 1)
    return day.year + (day - first).days / (date(day.year + 1, 1, 1) - first).days


def clock_rows(record: Record, chosen: Case, day: date, known_by: date | None = None) -> tuple[ClockRow, ...]:
    """What the rule says of each pair with a membership or a treaty, as of a day; a notice of the case starts the clock."""
    rows = []
    done: set[tuple[str, str]] = set()
    for one in courses(record, chosen, day, known_by):
        pair = (one.state, one.body)
        if pair in done or record.what_there_is_to_leave(*pair) not in LEAVEABLE:
            continue
        done.add(pair)
        found = clock(record, one.state, one.body, _notice(one), day, known_by)
        rule = clause_for(record, one.state, one.body) or {}
        if found.article is None and found.instrument is None and not found.silent:
            continue
        rows.append(
            ClockRow(
                one.state,
                one.body,
                found.article,
                found.instrument,
                found.silent,
                found.notice,
                found.started_on.isoformat() if found.started_on else None,
                one.notified is not None,
                found.earliest_effective.isoformat() if found.earliest_effective else None,
                found.dues_until,
                tuple(found.also_ends),
                found.survival,
                found.re_entry,
                found.basis,
                found.claim,
                *(rule.get(f"{field}_zh") for field in ("dues_tail", "survival", "reentry_rule")),
            )
        )
    return tuple(rows)


def _notice(one: Course) -> date | None:
    """Day of the notice of this course where it is known to the day."""
    if one.notified is None:
        return None
    when = parse(one.notified)
    return when.earliest if when.earliest == when.latest else None


def pair_names(record: Record, keys: list[str], labels: str = "common") -> tuple[tuple[str, str, str | None], ...]:
    """Names of pairs: of a body, of the state where the keys name several states in one body, else of both."""
    names, states = record.body_names(), record.state_names(labels)
    several = len({key.rpartition(":")[2] for key in keys}) > 1
    found = []
    for key in keys:
        state, _, body = key.rpartition(":")
        english, chinese = names[body]
        if state:
            state_en, state_zh = states[state]
            if not several:
                english, chinese = state_en, state_zh
            else:
                english, chinese = f"{state_en}: {english}", f"{state_zh or state_en}：{chinese or english}"
        found.append((key, english, chinese))
    return tuple(found)
