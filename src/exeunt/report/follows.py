"""What follows from the exits of a case: money, coverage, standing and dependents, as the rows that a report shows."""

from __future__ import annotations

from datetime import date
from typing import Any, Final

from exeunt.consequence.batch import batch
from exeunt.consequence.memberships import Memberships, memberships
from exeunt.consequence.money import losses, owed
from exeunt.consequence.refill import Rate, base_rates, gaps, refilling
from exeunt.consequence.revenue import revenue
from exeunt.consequence.standing import dependents, isolation
from exeunt.consequence.summary import summary
from exeunt.consequence.vacuum import covered, stages, vacuum
from exeunt.explain.cache import path_of, read_json, write_json
from exeunt.record.cases import Case
from exeunt.record.store import Record
from exeunt.report.data import Follows
from exeunt.words.messages import written

ROOMS: Final = ("consequence", "record")
PAYERS: Final = 5
"""Payers shown under each rule for the largest gap."""
SUMMED: Final = ("pro_rata", "top_five")
NAMED: Final = ("host", "protocol", "depends_on", "part", "only_seat")


def follows(record: Record, chosen: Case, day: date, labels: str = "common") -> Follows | None:
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
    return Follows(
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
