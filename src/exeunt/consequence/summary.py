"""The four questions in a few figures, each with the command that gives the rows behind it."""

from __future__ import annotations

from collections import Counter
from datetime import date
from typing import Any

from exeunt.consequence.batch import Batch
from exeunt.consequence.dependents import KINDS, dependents
from exeunt.consequence.isolation import company, isolation
from exeunt.consequence.money import losses
from exeunt.consequence.refill import gaps
from exeunt.consequence.revenue import revenue
from exeunt.consequence.vacuum import Stages, covered, stages, vacuum
from exeunt.record.store import Record

Rates = list[dict[str, Any]]


def summary(
    record: Record, asked: Batch, rates: Rates, as_of: date | None = None, at: Stages | None = None
) -> list[dict[str, Any]]:
    """Key figures of a batch.

    Parameters
    ----------
    rates : `history.base_rates(...)`, which takes a second or two and may be kept
    at : `stages(...)`, where they are at hand

    Returns
    -------
    Rows {question, what, value, low, high, unit, note, command}. Gaps of one ledger are summed over bodies; the band of a sum
    is the sum of the bands, so it holds more often than nine times in ten. Ledgers are never summed with each other.
    """
    rows: list[dict[str, Any]] = []

    def add(question: str, what: str, value: float | None, unit: str, note: str, command: str, low: float | None = None,
            high: float | None = None) -> None:  # fmt: skip
        rows.append({"question": question, "what": what, "value": value, "low": low, "high": high, "unit": unit, "note": note,
                     "command": f"exeunt {command}"})  # fmt: skip

    name = asked.name
    lost = losses(record, asked, known=revenue(record), as_of=as_of)
    kinds = {
        body: [r.status for r in lost if r.body == body or (body == "un" and r.body.startswith("un_"))]
        for body in asked.bodies
    }
    counts = Counter(
        next((s for s in ("figures", "regular_budget", "no_dues") if s in found), "unknown") for found in kinds.values()
    )
    for status, note in (
        ("figures", "a ledger holds money of the leaving state"), ("regular_budget", "paid from what UN members are assessed"),
        ("no_dues", "no dues are owed to it"), ("unknown", "no ledger of the record has a figure"),
    ):  # fmt: skip
        add("money", f"bodies: {status}", counts[status], "bodies", note, f"money {name}")
    for word in ("assessed", "voluntary"):
        part = [g for g in gaps(lost) if g["ledger"] == word and g["currency"] == "USD"]
        if part:
            years = sorted({g["year"] for g in part})
            add("money", f"gap a year: {word}", sum(g["amount"] for g in part), "USD",
                f"{len(part)} bodies, first lost year {years[0]}" + (f" to {years[-1]}" if len(years) > 1 else ""),
                f"money {name} --view refill", sum(g["low"] for g in part), sum(g["high"] for g in part))  # fmt: skip
    main = next((r for r in rates if r["definition"] == "main" and r["years"] == 3), None)
    if main is not None and main["rate"] is not None:
        beside = "unknown" if main["without_a_fall_rate"] is None else f"{main['without_a_fall_rate']:.2f}"
        add("money", "gaps refilled within 3 years", main["rate"], "share",
            f"{main['refilled']} of {main['events']} falls since 2015; without a fall the same rise came in {beside}",
            f"money {name} --view history", main["low"], main["high"])  # fmt: skip
    world = at or stages(record, asked, as_of)
    known = covered(record, asked, world.now)
    view = f"consequence {name} --view"
    add(
        "vacuum",
        "exits whose body has known members",
        known["exits_listed"],
        "exits",
        f"of {known['exits']}",
        f"{view} vacuum",
    )
    selected = f"{known['with_area']} of {known['bodies']}, mostly bodies that somebody left"
    add("vacuum", "bodies with a known issue area", known["with_area_share"], "share", selected, f"{view} vacuum")
    found = vacuum(record, asked, at=world)
    left = sum(a.left > 0 for a in found)
    add("vacuum", "issue areas with a body that is left", left, "areas", f"of {len(found)}", f"{view} vacuum")
    empty = [f"{a.area} (of its bodies {a.without_members} have no list of members)" for a in found if a.empty_for]
    emptied = "areas in which a leaving state has no known body left"
    add("vacuum", emptied, len(empty), "areas", ", ".join(empty) or "none", f"{view} vacuum")
    for row in isolation(record, asked, as_of, world):
        if row["when"] == "after":
            note = f"rank {row['rank']} of {row['of']}, change {row['change']:+.2f}"
            add(
                "isolation",
                f"{row['state']}: {row['measure']} after",
                row["value"],
                "bodies",
                note,
                f"{view} isolation",
            )
    mates = Counter(row["relation"] for row in company(record, asked, as_of, world) if row["state"])
    for relation in ("left_with", "joined_since"):
        add("isolation", relation, mates[relation], "acts", "other states, same bodies", f"{view} company")
    falls = Counter(row["kind"] for row in dependents(record, asked, as_of, world))
    for kind in KINDS:
        add("dependents", kind, falls[kind], "rows", "", f"{view} dependents")
    return rows
