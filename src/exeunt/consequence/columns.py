"""The columns of what `exeunt money CASE` and `exeunt consequence` answer: names, types, meanings."""

from __future__ import annotations

from typing import Final

from exeunt.consequence.dependents import KINDS
from exeunt.consequence.isolation import STAGES
from exeunt.consequence.money import STATUSES
from exeunt.consequence.refill import RULES
from exeunt.consequence.vacuum import WEIGHTS
from exeunt.record.schema import TABLE, Column

_LEDGER: Final = {column.name: column for column in TABLE["ledger"].columns}
_BODY = Column("body", "text", "body, key of table bodies")
_STATE = Column("state", "text", "the state that leaves, key of table states")


def _of(*names: str) -> tuple[Column, ...]:
    return tuple(_LEDGER[name] for name in names)


def _number(name: str, meaning: str) -> Column:
    return Column(name, "number", meaning)


def _integer(name: str, meaning: str) -> Column:
    return Column(name, "integer", meaning)


def _text(name: str, meaning: str, words: tuple[str, ...] = ()) -> Column:
    return Column(name, "text", meaning, words)


def _yes(name: str, meaning: str) -> Column:
    return Column(name, "boolean", meaning)


MONEY: Final[dict[str, tuple[Column, ...]]] = {
    "loss": (
        _BODY, _STATE, _integer("year", "calendar year"), *_of("fund", "ledger", "amount", "currency", "usd", "basis"),
        _text("source", "key of the source card"), _number("share", "of the body's income of the year, 0 to 1"),
        _text("share_of", "what share is a part of", ("income", "assessments")),
        _number("low", "low end of the band (projected), or the lowest rival figure"),
        _number("high", "high end of the band (projected), or the highest rival figure"),
        _yes("projected", "whether the year lies after the last observed one"),
        _yes("lost", "whether the exit takes the amount away; empty where no day of effect is known"),
        _text("status", "what kind of row", STATUSES), _text("why", "what the row rests on, or why nothing is known"),
    ),
    "owed": (
        _BODY, _STATE, _text("what", "an amount owed, or dues until the exit takes effect", ("owed", "dues")),
        _integer("year", "calendar year of the amount, or of the day of effect"), *_of("amount"),
        _number("low", "low end of the band"), _number("high", "high end of the band"), *_of("currency", "as_of"),
        _text("earliest_effective", "earliest day of effect by the rule"),
        _yes("notice_established", "whether a notice is in the record"), _text("dues_until", "what the rule says on dues"),
        _text("article", "article of the rule"), _yes("verified", "whether the rule was read in a source"),
        _text("source", "address or key of the source"), _text("flag", "flags"), _text("note", "what the row rests on"),
    ),
    "refill": (
        _BODY, _STATE, *_of("ledger"), _integer("year", "first year of loss"), _text("rule", "refilling rule", RULES),
        _text("payer", "state that pays; empty where nobody does"), *_of("amount"),
        _number("low", "low end of the band"), _number("high", "high end of the band"), *_of("currency"),
        _number("given", "what the payer gave in the last observed year, US dollars"),
        _number("rise", "amount over given"), _text("scale", "what the shares rest on"),
    ),
    "history": (
        _text("definition", "definition of a fall and of refilling"), _integer("years", "within so many years"),
        _integer("events", "falls whose years are over"), _integer("refilled", "of which refilled"),
        _number("rate", "refilled over events"), _number("low", "Wilson 95 % interval, low end"),
        _number("high", "Wilson 95 % interval, high end"), _number("by_body_low", "95 % by bootstrap over bodies, low end"),
        _number("by_body_high", "95 % by bootstrap over bodies, high end"), _integer("bodies", "bodies with events"),
        _integer("too_recent", "falls not counted: the source ends before the years are over"),
        _integer("returned", "of the events, donors that came back by themselves within three years"),
        _number("without_a_fall_rate", "the same share for donors that did not fall, with a gap as of the smallest fall"),
        _integer("without_a_fall", "number of those donors and years"),
    ),
    "bands": (
        _text("ledger", "assessed or voluntary money", ("assessed", "voluntary")), _integer("ahead", "years ahead"),
        _integer("cases", "past donors, bodies, kinds and origins"), _integer("held", "of which inside their band"),
        _number("share", "held over cases, the factor measured on other bodies"),
        _number("factor", "by which the largest change is widened, measured on all bodies"),
    ),
    "events": (
        _BODY, _text("state", "the donor that fell"), _integer("year", "year of the fall"),
        _number("before", "mean of its two years before, US dollars"), _number("given", "what it gave, US dollars"),
        _number("share_before", "of all that was given to the body in those two years"),
        _number("gap", "before minus given, US dollars"), _yes("returned", "whether it came back by itself in three years"),
        *(_number(f"made_good_{k}", f"rise of all others within {k} years over the gap") for k in (1, 2, 3)),
    ),
}  # fmt: skip

OTHERS: Final[dict[str, tuple[Column, ...]]] = {
    "summary": (
        _text("question", "what is asked", ("money", "vacuum", "isolation", "dependents")),
        _text("what", "what is counted or measured"), _number("value", "the figure; empty where unknown"),
        _number("low", "low end of the band or interval"), _number("high", "high end of the band or interval"),
        _text("unit", "unit of the figure"), _text("note", "what it rests on"), _text("command", "command that gives the rows"),
    ),
    "vacuum": (
        _text("area", "issue area"), _text("weight", "what counts", WEIGHTS), _integer("bodies", "bodies with known members"),
        _integer("without_members", "bodies whose members are not known"), _number("measured", "part that the weight covers"),
        _integer("left", "counted bodies that are left"),
        *(_number(f"mean_{when}", f"part of the world inside a body, on average, {when}") for when in STAGES),
        *(_number(f"any_{when}", f"part of the world inside at least one body, {when}") for when in STAGES),
        *(_integer(f"leaver_{when}", f"bodies that the leaving states are in, {when}") for when in STAGES),
        _text("empty_for", "leaving states that were in a body of the area and are in none after"),
        _yes("gone", "whether no body of the area has two members left"),
    ),
    "worlds": (
        _text("area", "issue area"), _text("weight", "what counts", WEIGHTS), _integer("bodies", "bodies with known members"),
        _number("measured", "part that the weight covers"), _integer("year", "year at whose opening the worlds end"),
        *(_number(f"{what}_{key}", f"{said}, {when}") for what, said in (
            ("mean", "part of the world inside a body, on average"), ("any", "part of the world inside at least one body"),
        ) for key, when in (
            ("start", "at the opening"), ("end", "median of the worlds at their end"), ("low", "2.5 % of the worlds"),
            ("high", "97.5 % of the worlds"), ("change", "mean difference to the same worlds under the baseline"),
            ("change_low", "low end of the 95 % interval of that mean"), ("change_high", "high end of it"),
        )),
    ),
    "isolation": (
        _STATE, _text("measure", "what is measured"), _text("when", "before, now, after, or a year"),
        _number("value", "the figure"), _integer("rank", "1 is the most connected, or the farthest from others' votes"),
        _integer("of", "states ranked"), _number("change", "against before, or the earliest year"),
        _text("why", "what it rests on, or why nothing is known"),
    ),
    "partners": (
        _STATE, _text("partner", "the other state"),
        *(_integer(when, f"bodies shared, {when}") for when in STAGES), _integer("change", "after less before"),
        *(_number(f"ties_{when}", f"the same, each membership split over others in the body, {when}") for when in STAGES),
    ),
    "company": (
        _BODY, _text("relation", "company in leaving, staying, joining", ("left_with", "joined_since", "stayed")),
        _text("state", "the other state"), _text("date", "day of its act, EDTF level 1"),
        _integer("number", "members that stay"), _text("why", "episode, act, or why nothing is known"),
    ),
    "dependents": (
        _BODY, _text("kind", "how it depends", KINDS), _text("what", "body, city or issue area"),
        _text("states", "states concerned"),
        _integer("number", "number of these states"), _yes("in_batch", "whether it or its state is in the batch itself"),
        _text("why", "what it rests on"), _text("source", "address of the source"),
    ),
}  # fmt: skip
