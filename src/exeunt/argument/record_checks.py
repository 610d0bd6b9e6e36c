"""Looks at what the record says of states and bodies: status, acts, reasons, order, counts, lists; and facts of the file."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any, Final

import polars as pl

from exeunt.answers import Message
from exeunt.argument.checks import EXPECTED, Run, _Fact, _meets, _Part, _quoted, _say
from exeunt.core.dates import EDTF, parse, parse_day
from exeunt.record.cases import case
from exeunt.record.schema import TABLE
from exeunt.record.status import status
from exeunt.record.store import Record

Facts = Mapping[str, _Fact]
DATED: Final = ("announced", "notified", "effective", "rejoined")
"""Acts that `exeunt exits` prints in columns of their own."""
FEW: Final = 6


def _look_status(record: Record, check: dict[str, Any], facts: Facts, call: str) -> _Part:
    """Status of a state in a body on a day; `unknown` and days beyond the record are silence."""
    state, body, day = record.state(check["state"]), record.body(check["body"]), parse_day(check["on"])
    found = status(record, state, body, day)
    holds = None if found.status == "unknown" or found.beyond_record else found.status in _listed(check["is"])
    sources = tuple(dict.fromkeys(source for act in found.acts for source in act.source))
    return _Part(
        "status",
        holds,
        (_say("status", state=state, body=body, day=day.isoformat(), status=found.status),),
        sources,
        (f"exeunt status {state} {body} --as-of {day}",),
    )


def _look_act(record: Record, check: dict[str, Any], facts: Facts, call: str) -> _Part:
    """Whether a state did something within a time; an act known for another time only fails the check."""
    words = _listed(check["act"])
    frame, where, names = _acts(record, check)
    rows = frame.filter(pl.col("act").is_in(words)).sort("date", "act_id").to_dicts()
    inside = [_inside(parse(row["date"]), check) for row in rows]
    holds = None if not rows else True if any(inside) else None if None in inside else False
    shown_rows = [row for row, sits in zip(rows, inside, strict=True) if sits] if holds else rows
    sql = f"SELECT act_id, act, date, body FROM acts WHERE {where} AND act IN ({', '.join(map(_quoted, words))})"
    command = f'exeunt sql "{sql}"'
    if set(words) <= set(DATED) and "body" in names and "episode" not in names:
        command = f"exeunt exits --state {names['state']} --body {names['body']}"
    items = [_act(row, "body" in names) for row in shown_rows[:FEW]]
    if len(shown_rows) > FEW:
        items.append(_say("more", n=len(shown_rows) - FEW))
    if not rows:
        items = [_say("act_word", act=word) for word in words]
    return _Part(
        "act",
        holds,
        (_of("act" if rows else "no_act", names),),
        _sources(shown_rows),
        (command,),
        items=tuple(items),
    )


def _look_reason(record: Record, check: dict[str, Any], facts: Facts, call: str) -> _Part:
    """Whether a state gave a reason: one of the words stands in the reason recorded with its acts."""
    frame, where, names = _acts(record, check)
    rows = frame.filter(pl.col("reason").is_not_null()).sort("date", "act_id").to_dicts()
    rows = [row for row in rows if _inside(parse(row["date"]), check)]
    said = [row for row in rows if any(word.lower() in row["reason"].lower() for word in _listed(check["gives"]))]
    told = list(dict.fromkeys(row["reason"] for row in said or rows))
    return _Part(
        "reason",
        bool(said) if rows else None,
        (_of("reason", names, reasons=" / ".join(told[:FEW])) if rows else _of("no_reason", names),),
        _sources(said or rows),
        (f'exeunt sql "SELECT act_id, date, reason FROM acts WHERE {where} AND reason IS NOT NULL"',),
    )


def _look_order(record: Record, check: dict[str, Any], facts: Facts, call: str) -> _Part:
    """Whether one thing came certainly before another; days that overlap are silence."""
    before, after = _moment(record, check["before"], facts, call), _moment(record, check["after"], facts, call)
    holds: bool | None = None
    if before[0] is not None and after[0] is not None:
        if after[0].earliest is not None and before[0].certainly_before(after[0].earliest):
            holds = True
        elif before[0].earliest is not None and after[0].certainly_on_or_before(before[0].earliest):
            holds = False
    commands = tuple(dict.fromkeys((before[3], after[3])))
    return _Part(
        "order",
        holds,
        (*([_say("no_order")] if None in (before[0], after[0]) else []), before[1], after[1]),
        tuple(dict.fromkeys((*before[2], *after[2]))),
        commands,
    )


def _look_count(record: Record, check: dict[str, Any], facts: Facts, call: str) -> _Part:
    """Rows of a table of the record under conditions; with `floor`, a count short of the bound is silence.

    The year of an episode is that of its first act.
    """
    frame, where = record.table(check["table"]), []
    for name, value in check["where"].items():
        wanted = value if isinstance(value, list) else [value]
        frame = frame.filter(pl.col(name).is_in(wanted))
        told = [_quoted(one) if isinstance(one, str) else str(one).lower() for one in wanted]
        where.append(f'\\"{name}\\" = {told[0]}' if len(told) == 1 else f'\\"{name}\\" IN ({", ".join(told)})')
    key = TABLE[check["table"]].key
    span = ""
    if "first_year" in check:
        first, last = check["first_year"], check["last_year"]
        year = pl.col("date").str.slice(0, 4)
        inside = year.is_between(pl.lit(str(first)), pl.lit(str(last)))
        opening = record.table("acts").group_by("episode").agg(pl.col("date").sort_by(year).first())
        frame = frame.join(opening.filter(inside).select("episode"), on="episode", how="semi")
        where.append(
            f"episode IN (SELECT episode FROM acts GROUP BY episode HAVING min(left(date, 4)) BETWEEN '{first}' AND '{last}')"
        )
        span = f", {first}–{last}"
    sql = f"SELECT count(*) AS n FROM {check['table']}" + (f" WHERE {' AND '.join(where)}" if where else "")
    rows = frame.sort(*key).to_dicts()
    met = _meets(len(rows), check)
    return _Part(
        "count",
        None if check.get("floor") and not met else met,
        (
            _say(
                "count",
                n=len(rows),
                table=check["table"],
                where=", ".join(f"{k} = {_plain(v)}" for k, v in check["where"].items()) + span,
            ),
        ),
        _sources(rows),
        (f'exeunt sql "{sql}"',),
        number=float(len(rows)),
    )


def _look_listed(record: Record, check: dict[str, Any], facts: Facts, call: str) -> _Part:
    """Bodies of a case, by issue area, by what there is to leave, or by name."""
    chosen = case(record, check["case"])
    frame = chosen.bodies.join(record.table("bodies").select("body", "issue_areas"), on="body", how="left")
    where = [f'\\"case\\" = {_quoted(chosen.case)}']
    if "area" in check:
        areas = _listed(check["area"])
        frame = frame.filter(
            pl.col("issue_areas").fill_null("").str.split(" ").list.set_intersection(areas).list.len() > 0
        )
        told = ", ".join(map(_quoted, areas))
        where.append(f"list_has_any(string_split(issue_areas, ' '), [{told}])")
    if "what" in check:
        frame = frame.filter(pl.col("what").is_in(_listed(check["what"])))
        where.append(f"what IN ({', '.join(map(_quoted, _listed(check['what'])))})")
    if "body" in check:
        keys = [record.body(name) for name in _listed(check["body"])]
        frame = frame.filter(pl.col("body").is_in(keys))
        where.append(f"body IN ({', '.join(map(_quoted, keys))})")
    sql = f"SELECT body, what, issue_areas FROM case_bodies JOIN bodies USING (body) WHERE {' AND '.join(where)}"
    rows = frame.sort("list", "order").to_dicts()
    names = [row["body"] for row in rows]
    more = len(names) - FEW
    conditions = ", ".join(f"{k} = {_plain(check[k])}" for k in ("area", "what", "body") if k in check)
    return _Part(
        "listed",
        _meets(len(rows), check),
        (
            _say(
                "listed",
                n=len(rows),
                case=chosen.case,
                where=conditions,
                bodies=names[:FEW] + ([f"+{more}"] if more > 0 else []),
            )
            if names
            else _say("listed_none", case=chosen.case, where=conditions),
        ),
        _sources(rows) or chosen.sources,
        (f'exeunt sql "{sql}"',),
        number=float(len(rows)),
    )


def _look_fact(record: Record, check: dict[str, Any], facts: Facts, call: str) -> _Part:
    """One fact of the file, or several on one thing: their word, number or date against the claim's."""
    found = [facts[name] for name in _listed(check["fact"])]
    met = [_fits(one, check) for one in found]
    known = [one for one in met if one is not None]
    holds = None if not known else all(known)
    return _Part(
        "fact",
        holds,
        tuple(one.said for one in found),
        tuple(dict.fromkeys(s for one in found for s in one.sources)),
        (f"exeunt argue {call} --facts",),
        any(known) and not all(known),
        found[0].number,
    )


def _fits(one: _Fact, check: dict[str, Any]) -> bool | None:
    """Whether a fact is as the check expects; None where it lacks what is compared."""
    out = []
    if "word" in check:
        out.append(None if one.word is None else one.word == check["word"])
    if {"first", "last"} & check.keys():
        out.append(None if one.date is None else _inside(parse(one.date), check))
    if set(EXPECTED) & check.keys():
        out.append(None if one.number is None else _meets(one.number, check))
    return False if False in out else None if None in out else True


def _acts(record: Record, check: dict[str, Any]) -> tuple[pl.DataFrame, str, dict[str, str]]:
    frame, where, names = record.table("acts"), [], {}
    names["state"] = record.state(check["state"])
    if "body" in check:
        names["body"] = record.body(check["body"])
    if "episode" in check:
        names["episode"] = check["episode"]
    for column, key in names.items():
        frame = frame.filter(pl.col(column) == key)
        where.append(f"{column} = {_quoted(key)}")
    return frame, " AND ".join(where), names


def _inside(when: EDTF, check: dict[str, Any]) -> bool | None:
    """Whether a date lies certainly within the bounds of a check; None where it may or may not."""
    first = parse_day(check["first"]) if "first" in check else date.min
    last = parse_day(check["last"]) if "last" in check else date.max
    earliest, latest = when.earliest or date.min, when.latest or date.max
    if first <= earliest and latest <= last:
        return True
    return None if earliest <= last and latest >= first else False


def _moment(
    record: Record, point: dict[str, Any], facts: Facts, call: str
) -> tuple[EDTF | None, Message, tuple[str, ...], str]:
    """Date of a point, what is said of it, its sources and the command that prints it."""
    if "fact" in point:
        one = facts[point["fact"]]
        said = _say("point_fact", says=one.says, says_zh=one.says_zh or one.says, day=one.date)
        return parse(one.date or ""), said, one.sources, f"exeunt argue {call} --facts"
    frame = record.table("acts").filter(pl.col("act") == point["act"])
    where = [f"act = {_quoted(point['act'])}"]
    keys: dict[str, Callable[[str], str]] = {"state": record.state, "body": record.body, "episode": str}
    for column, look_up in keys.items():
        if column in point:
            key = look_up(point[column])
            frame = frame.filter(pl.col(column) == key)
            where.append(f"{column} = {_quoted(key)}")
    rows = frame.sort("date", "act_id").to_dicts()
    command = f'exeunt sql "SELECT act_id, act, date FROM acts WHERE {" AND ".join(where)}"'
    if not rows:
        return None, _say("point_missing", act=point["act"]), (), command
    said = _say("point_act", act=point["act"], episode=rows[0]["episode"], day=rows[0]["date"])
    return parse(rows[0]["date"]), said, _sources(rows[:1]), command


def _of(code: str, names: Mapping[str, str], **values: Any) -> Message:
    """A message on a state, and on a body where the check names one."""
    where = {"state": names["state"]} | ({"body": names["body"]} if "body" in names else {})
    return _say(code if "body" in names else f"{code}_anywhere", **where, **values)


def _act(row: Mapping[str, Any], told: bool) -> Message:
    """One act; its body too, unless the check names it."""
    values = {"act": row["act"], "day": row["date"]}
    return _say("act_at", **values, body=row["body"]) if row["body"] and not told else _say("act_on", **values)


def _sources(rows: list[dict[str, Any]]) -> tuple[str, ...]:
    found = dict.fromkeys(source for row in rows for source in (row.get("sources") or "").split())
    return tuple(found) or tuple(dict.fromkeys(row["source"] for row in rows if row.get("source")))


def _listed(found: Any) -> list[str]:
    return [found] if isinstance(found, str) else list(found)


def _plain(value: Any) -> str:
    return (
        " | ".join(map(str, value))
        if isinstance(value, list)
        else str(value).lower()
        if value in (True, False)
        else str(value)
    )


RUNS: Final[dict[str, Run]] = {
    "status": _look_status,
    "act": _look_act,
    "reason": _look_reason,
    "order": _look_order,
    "count": _look_count,
    "listed": _look_listed,
    "fact": _look_fact,
}
"""Look → what finds it."""
