"""What the record, its ledgers and the consequences say of a case, as the rows that a report shows."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any, Final

from exeunt.consequence.batch import batch
from exeunt.consequence.memberships import Memberships, memberships
from exeunt.consequence.money import losses, owed
from exeunt.consequence.refill import Rate, base_rates, gaps, refilling
from exeunt.consequence.revenue import Paid, paid_by, paid_to, revenue
from exeunt.consequence.standing import dependents, isolation
from exeunt.consequence.summary import summary
from exeunt.consequence.vacuum import covered, stages, vacuum
from exeunt.core.cache import path_of, read_json, write_json
from exeunt.core.dates import parse
from exeunt.i18n.messages import written
from exeunt.record.cases import Case, acts_of_case
from exeunt.record.clauses import clause_for, clock
from exeunt.record.exits import Course, courses
from exeunt.record.status import status
from exeunt.record.store import Record
from exeunt.report.data import _ActRow, _BodyRow, _ClockRow, _Follows

LEAVEABLE: Final = ("membership", "treaty")
ROOMS: Final = ("consequence", "record")
PAYERS: Final = 5
"""Payers shown under each rule for the largest gap."""
SUMMED: Final = ("pro_rata", "top_five")
NAMED: Final = ("host", "protocol", "depends_on", "part", "only_seat")
_Called = tuple[tuple[str, str, str | None], ...]


def _body_rows(
    record: Record, chosen: Case, day: date, known_by: date | None = None, labels: str = "common"
) -> tuple[_BodyRow, ...]:
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
            _BodyRow(
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


def _act_rows(record: Record, chosen: Case, day: date, known_by: date | None = None) -> tuple[_ActRow, ...]:
    """Every act of the case up to a day, line by line as the rows of `body_rows`, in order of time within a line.

    Acts for no body in particular (a memorandum that names many) stand on a line 0.
    """
    whole = [a for a in acts_of_case(record, chosen, known_by) if a["body"] is None]
    rows = [_act(act, "0") for act in whole if parse(act["date"]).certainly_on_or_before(day)]
    for number, one in enumerate(courses(record, chosen, day, known_by), 1):
        rows += [_act(act, str(number)) for act in one.acts]
    return tuple(rows)


def _act(act: dict[str, Any], line: str) -> _ActRow:
    when = parse(act["date"])
    start = when.earliest or when.latest or date(1945, 1, 1)
    end = when.latest or start
    return _ActRow(
        line, act["state"], act["body"], act["act"], act["date"], act["claimed_by"], act["contested"] == "yes", act["note"],
        act["confidence"], tuple((act["sources"] or "").split()), _years(start), _years(end + timedelta(days=1)),
        act["note_zh"],
    )  # fmt: skip


def _years(day: date) -> float:
    first = date(day.year, 1, 1)
    return day.year + (day - first).days / (date(day.year + 1, 1, 1) - first).days


def _clock_rows(record: Record, chosen: Case, day: date, known_by: date | None = None) -> tuple[_ClockRow, ...]:
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
            _ClockRow(
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


def _pair_names(record: Record, keys: list[str], labels: str = "common") -> tuple[tuple[str, str, str | None], ...]:
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


# --- what follows from the exits --------------------------------------------------------------------------


def _follows(record: Record, chosen: Case, day: date, labels: str = "common") -> _Follows | None:
    """What follows from the exits of a case; None on a page of a state or a body, which is no set of exits."""
    if chosen.kind in ("state", "body"):
        return None
    target = chosen.case if chosen.kind == "case" else ",".join(f"{state}:{body}" for state, body in chosen.pairs)
    asked = batch(record, target)
    known = revenue(record)
    at = stages(record, asked, day, _kept)
    rates = _rates(record)
    lost = losses(record, asked, known=known, as_of=day)
    missing = sorted(gaps(lost), key=lambda gap: -gap.amount)
    payers: list[dict[str, Any]] = []
    if missing:
        largest = missing[0]
        every = refilling(record, asked, SUMMED, None, lost, known)
        for rule in SUMMED:
            own = [
                p for p in every
                if (p.rule, p.body, p.ledger, p.state) == (rule, largest.body, largest.ledger, largest.state)
            ]  # fmt: skip
            payers += [written(p, "en") for p in sorted(own, key=lambda p: -p.amount)[:PAYERS]]
    names = record.state_names(labels)
    ends = [row for row in dependents(record, asked, day, at) if row.kind in NAMED]
    codes = {s for row in ends for s in row.states} | {p["payer"] for p in payers}
    bodies = record.body_names()
    seats = record.table("bodies").select("seat_city", "seat_city_zh").drop_nulls("seat_city").unique().iter_rows()
    places = {city: (city, chinese) for city, chinese in seats} | bodies
    things = {row.what: places[row.what] for row in ends if row.what in places}
    return _Follows(
        figures=tuple(summary(record, asked, rates, day, at)),
        gaps=tuple(gap.as_dict() for gap in missing),
        owed=tuple(written(row, "en") for row in owed(record, asked, lost, day) if row.amount is not None),
        payers=tuple(payers),
        rates=tuple(r.as_dict() for r in rates if r.definition in ("main", "assessed", "voluntary")),
        areas=tuple(area.as_dict() for area in vacuum(record, asked, at=at) if area.left),
        covered=covered(record, asked, at.now),
        standing=tuple(written(row, "en") for row in isolation(record, asked, day, at)),
        ends=tuple(written(row, "en") for row in ends),
        names=tuple((code, names[code][0], names[code][1] or names[code][0]) for code in sorted(codes) if code in names),
        things=tuple((key, english, chinese) for key, (english, chinese) in things.items()),
    )  # fmt: skip


def _rates(record: Record) -> list[Rate]:
    path = path_of("refill_rates", ROOMS, record=record.version)
    found = read_json(path)
    if found is None:
        found = [row.as_dict() for row in base_rates(revenue(record))]
        write_json(path, found)
    return [Rate(**row) for row in found]


def _kept(record: Record, day: date) -> Memberships:
    """Who is in what on a day, from the cache or made and kept there."""
    path = path_of("memberships", ROOMS, record=record.version, day=str(day))
    found = read_json(path)
    if found is None:
        found = memberships(record, day).packed()
        write_json(path, found)
    return Memberships.unpacked(found)


def _paid_of(record: Record, chosen: Case, labels: str = "common") -> tuple[Paid | None, _Called]:
    """What the ledgers hold on the subject of a page of a state or a body, and the names in it; nothing for another case."""
    if chosen.kind not in ("state", "body"):
        return None, ()
    known = revenue(record)
    if chosen.kind == "state":
        found = paid_by(record, known, chosen.states[0])
    else:
        found = paid_to(record, known, chosen.case.removeprefix("body-"))
    keys = {row["key"] for row in found.latest} | {row["largest"] for row in found.years}
    keys |= {row[name] for row in found.others for name in ("body", "state")}
    keys |= {chosen.states[0] if chosen.kind == "state" else chosen.case.removeprefix("body-")}
    names = {**record.body_names(), **record.state_names(labels)}
    return found, tuple((key, *names[key]) for key in sorted(key for key in keys if key in names))
