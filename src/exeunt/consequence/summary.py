"""The four questions in a few figures, each with the command that gives the rows behind it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import date
from typing import Annotated, Any, Final, Literal

from exeunt.answers import Answer, Message, item
from exeunt.consequence.batch import Batch
from exeunt.consequence.money import losses
from exeunt.consequence.refill import Rate, gaps
from exeunt.consequence.revenue import revenue
from exeunt.consequence.standing import KINDS, company, dependents, isolation
from exeunt.consequence.vacuum import Stages, covered, stages, vacuum
from exeunt.record.store import Record

KNOWN_MONEY: Final = ("figures", "regular_budget", "no_dues", "unknown")


class KeyFigure(Answer, frozen=True, kw_only=True):
    """One figure of the summary."""

    question: Annotated[Literal["money", "vacuum", "isolation", "dependents"], item("what is asked")]
    what: Annotated[Message, item("what is counted or measured")]
    value: Annotated[float | None, item("the figure; empty where unknown")]
    low: Annotated[float | None, item("low end of the band or interval")] = None
    high: Annotated[float | None, item("high end of the band or interval")] = None
    unit: Annotated[Literal["bodies", "USD", "share", "exits", "areas", "acts", "rows"], item("unit of the figure")]
    note: Annotated[tuple[Message, ...], item("what it rests on")] = ()
    command: Annotated[str, item("command that gives the rows")]


def summary(
    record: Record, asked: Batch, rates: list[Rate], as_of: date | None = None, at: Stages | None = None
) -> list[KeyFigure]:
    """Key figures of a batch.

    Gaps of one ledger are summed over bodies; the band of a sum is the sum of the bands, so it holds more often than nine times
    in ten. Ledgers are never summed with each other.

    Parameters
    ----------
    rates : `refill.base_rates(...)`, which takes a second or two and may be kept
    at : `stages(...)`, where they are at hand
    """
    world = at or stages(record, asked, as_of)
    return [
        *_money(record, asked, rates, as_of),
        *_vacuum(record, asked, world),
        *_standing(record, asked, as_of, world),
    ]


def _say(code: str, **values: Any) -> Message:
    return Message(code=f"figure.{code}", values=values)


def _money(record: Record, asked: Batch, rates: list[Rate], as_of: date | None) -> Iterator[KeyFigure]:
    name = asked.name
    lost = losses(record, asked, known=revenue(record), as_of=as_of)
    kinds = {
        body: {r.status for r in lost if r.body == body or (body == "un" and r.body.startswith("un_"))}
        for body in asked.bodies
    }
    counts = Counter(next((s for s in KNOWN_MONEY if s in found), "unknown") for found in kinds.values())
    for status in KNOWN_MONEY:
        yield KeyFigure(question="money", what=_say("bodies", status=status), value=counts[status], unit="bodies",
                        note=(_say(f"note_{status}"),), command=f"exeunt money {name}")  # fmt: skip
    for ledger in ("assessed", "voluntary"):
        part = [g for g in gaps(lost) if g.ledger == ledger and g.currency == "USD"]
        if part:
            years = sorted({g.year for g in part})
            first = {"bodies": len(part), "first": years[0]}
            yield KeyFigure(
                question="money", what=_say("gap", ledger=ledger), value=sum(g.amount for g in part),
                low=sum(g.low for g in part), high=sum(g.high for g in part), unit="USD",
                note=(_say("lost_in", **first) if len(years) == 1 else _say("lost_from", **first, last=years[-1]),),
                command=f"exeunt money {name} --view refill",
            )  # fmt: skip
    main = next((r for r in rates if r.definition == "main" and r.years == 3), None)
    if main is not None and main.rate is not None:
        counted = {"refilled": main.refilled, "events": main.events}
        rate = main.without_a_fall_rate
        note = _say("falls_alone", **counted) if rate is None else _say("falls", **counted, beside=rate)
        yield KeyFigure(question="money", what=_say("refilled", years=3), value=main.rate, low=main.low, high=main.high,
                        unit="share", note=(note,), command=f"exeunt money {name} --view history")  # fmt: skip


def _vacuum(record: Record, asked: Batch, world: Stages) -> Iterator[KeyFigure]:
    known, found = covered(record, asked, world.now), vacuum(record, asked, at=world)
    command = f"exeunt consequence {asked.name} --view vacuum"
    empty = tuple(_say("empty_area", area=a.area, bodies=a.without_members) for a in found if a.empty_for)
    share = known["with_area_share"]
    some = _say("mostly_left", part=known["with_area"], whole=known["bodies"])
    yield KeyFigure(question="vacuum", what=_say("listed"), value=known["exits_listed"], unit="exits",
                    note=(_say("of", whole=known["exits"]),), command=command)  # fmt: skip
    yield KeyFigure(question="vacuum", what=_say("with_area"), value=share, unit="share", note=(some,), command=command)
    yield KeyFigure(question="vacuum", what=_say("areas_left"), value=sum(a.left > 0 for a in found), unit="areas",
                    note=(_say("of", whole=len(found)),), command=command)  # fmt: skip
    yield KeyFigure(question="vacuum", what=_say("emptied"), value=len(empty), unit="areas", note=empty or (_say("none"),),
                    command=command)  # fmt: skip


def _standing(record: Record, asked: Batch, as_of: date | None, world: Stages) -> Iterator[KeyFigure]:
    view = f"exeunt consequence {asked.name} --view"
    for row in isolation(record, asked, as_of, world):
        if row.when == "after":
            note = _say("rank", rank=row.rank, of=row.of, change=row.change)
            yield KeyFigure(question="isolation", what=_say(f"{row.measure}_after", state=row.state), value=row.value,
                            unit="bodies", note=(note,), command=f"{view} isolation")  # fmt: skip
    mates = Counter(row.relation for row in company(record, asked, as_of, world) if row.state)
    for relation in ("left_with", "joined_since"):
        yield KeyFigure(question="isolation", what=_say(relation), value=mates[relation], unit="acts",
                        note=(_say("other_states"),), command=f"{view} company")  # fmt: skip
    falls = Counter(row.kind for row in dependents(record, asked, as_of, world))
    for kind in KINDS:
        yield KeyFigure(
            question="dependents", what=_say(kind), value=falls[kind], unit="rows", command=f"{view} dependents"
        )
