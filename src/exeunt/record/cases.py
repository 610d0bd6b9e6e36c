"""A case: a batch of acts, the unit a report is about. Curated ones have a name; any state and span of years makes one too."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any

import polars as pl

from exeunt.answers import Answer, item
from exeunt.core.dates import EDTF, parse
from exeunt.core.errors import UnknownNameError, UsageError
from exeunt.record.schema import TABLE
from exeunt.record.status import Status, status
from exeunt.record.store import POLARS_TYPES, Record

_LEAVING = "leaving"


class CaseEntry(Answer, frozen=True, kw_only=True):
    """One line of the list of cases."""

    case: Annotated[str, item("key")]
    title: Annotated[str, item("title")]
    states: Annotated[tuple[str, ...], item("state codes")]
    valid_from: Annotated[str, item("first day")]
    valid_to: Annotated[str | None, item("last day")]
    bodies: Annotated[int, item("number of bodies")]
    listed_un: Annotated[int, item("of which listed as of the United Nations")]
    listed_other: Annotated[int, item("of which listed as others")]


@dataclass(frozen=True)
class Case:
    """One case with its bodies in the order of the list."""

    case: str
    title_en: str
    title_zh: str
    states: tuple[str, ...]
    valid_from: str
    valid_to: str | None
    note: str | None
    sources: tuple[str, ...]
    bodies: pl.DataFrame
    """Columns of `case_bodies`; where the case only names its bodies, `body`, `what`, `id` and `order` are filled."""
    kind: str = "case"
    """`case`: curated; `span`: a state over some years; `state` and `body`: every exit of a state, or from a body."""
    only: tuple[tuple[str, str], ...] | None = None
    """Pairs of state and body, where they are not every state with every body."""
    note_zh: str | None = None

    @property
    def pairs(self) -> tuple[tuple[str, str], ...]:
        """Each state with each body, states first."""
        if self.only is not None:
            return self.only
        return tuple((state, body) for state in self.states for body in self.bodies["body"])

    def entry(self) -> CaseEntry:
        """Its line in the list of cases."""
        listed = dict(self.bodies["list"].value_counts().iter_rows())
        return CaseEntry(
            case=self.case, title=self.title_en, states=self.states, valid_from=self.valid_from, valid_to=self.valid_to,
            bodies=self.bodies.height, listed_un=listed.get("listed_un", 0), listed_other=listed.get("listed_other", 0),
        )  # fmt: skip


def cases(record: Record) -> list[Case]:
    """All cases of the record."""
    found = []
    for row in record.table("cases").iter_rows(named=True):
        bodies = record.table("case_bodies").filter(pl.col("case") == row["case"]).sort("list", "order")
        states = tuple(row["states"].split())
        if row["bodies"]:
            bodies = _listed_bodies(record, row["case"], states[0], row["bodies"].split())
        found.append(
            Case(
                row["case"],
                row["title_en"],
                row["title_zh"],
                states,
                row["valid_from"],
                row["valid_to"],
                row["note"],
                tuple(row["sources"].split()),
                bodies,
                note_zh=row["note_zh"],
            )
        )
    return found


def case(record: Record, name: str) -> Case:
    """Find one case; raises UnknownNameError with the closest matches."""
    known = {c.case: c for c in cases(record)}
    if name not in known:
        raise UnknownNameError("case", name, known)
    return known[name]


def _listed_bodies(record: Record, name: str, state: str, bodies: Iterable[str]) -> pl.DataFrame:
    """Bodies of a case that has no list of its own, under the columns of `case_bodies`."""
    table = TABLE["case_bodies"]
    rows = [
        {"case": name, "body": body, "id": str(n), "order": n, "what": record.what_there_is_to_leave(state, body)}
        for n, body in enumerate(bodies, 1)
    ]
    return pl.DataFrame(rows, schema={c.name: POLARS_TYPES[c.kind] for c in table.columns}, orient="row")


def of_span(record: Record, state: str, first: int, last: int) -> Case:
    """A case made on the spot: every body towards which a state took a step of leaving in some years.

    Parameters
    ----------
    state : code
    first, last : years, both included

    Raises
    ------
    UsageError, if the years are not in order, or the record holds no such act in them.
    """
    if last < first:
        raise UsageError(f"--to {last} is before --from {first}; put the years in order.")
    touched = _touched(record, pl.col("state") == state, first, last)
    if not touched:
        raise UsageError(
            f"the record holds no act of leaving of {state} in {first}-{last}; see `exeunt exits --state {state}`."
        )
    name, bodies = f"{state.lower()}-{first}-{last}", list(dict.fromkeys(body for _, body in touched))
    english, chinese = record.state_names()[state]
    years = (f"{first}", f"{first}年") if first == last else (f"{first} to {last}", f"{first}年至{last}年")
    return Case(
        name, f"{english}, {years[0]}", f"{chinese or english}，{years[1]}", (state,), str(first), str(last), None,
        _addresses(record, touched), _listed_bodies(record, name, state, bodies), "span",
    )  # fmt: skip


def of_state(record: Record, state: str) -> Case:
    """Every body towards which a state ever took a step of leaving; raises UsageError where the record holds none."""
    return _page(record, "state", state, pl.col("state") == state, *_names(record.state_names()[state]))


def of_body(record: Record, body: str) -> Case:
    """Every state that ever took a step of leaving a body; raises UsageError where the record holds none."""
    return _page(record, "body", body, pl.col("body") == body, *_names(record.body_names()[body]))


def _names(pair: tuple[str, str | None]) -> tuple[str, str]:
    return pair[0], pair[1] or pair[0]


def _page(record: Record, kind: str, key: str, chosen: pl.Expr, english: str, chinese: str) -> Case:
    touched = _touched(record, chosen)
    if not touched:
        raise UsageError(
            f"the record holds no act of leaving for the {kind} {key}; see `exeunt members` and `exeunt status`."
        )
    states = tuple(dict.fromkeys(state for state, _ in touched))
    bodies = list(dict.fromkeys(body for _, body in touched))
    days = [str(a["date"]) for a in _acts(record, touched)]
    return Case(
        f"{kind}-{key.lower()}", english, chinese, states, min(days)[:4], None, None, (),
        _listed_bodies(record, key, states[0], bodies), kind, tuple(touched),
    )  # fmt: skip


def _touched(
    record: Record, chosen: pl.Expr, first: int | None = None, last: int | None = None
) -> list[tuple[str, str]]:
    """Pairs with an act of an episode of leaving, in the order of their first act."""
    leaving = record.table("episodes").filter(pl.col("direction") == _LEAVING).select("episode")
    frame = record.table("acts").join(leaving, on="episode").filter(chosen & pl.col("body").is_not_null())
    found: dict[tuple[str, str], date] = {}
    for row in frame.iter_rows(named=True):
        start, end = _years(parse(row["date"]))
        if (last is not None and start.year > last) or (first is not None and end.year < first):
            continue
        pair = (row["state"], row["body"])
        found[pair] = min(found.get(pair, date.max), start)
    return sorted(found, key=lambda pair: (found[pair], pair))


def _years(day: EDTF) -> tuple[date, date]:
    start = day.earliest or day.latest or date.min
    return start, day.latest or start


def _acts(record: Record, pairs: Iterable[tuple[str, str]]) -> list[dict[str, Any]]:
    wanted = set(pairs)
    return [r for r in record.table("acts").iter_rows(named=True) if (r["state"], r["body"]) in wanted]


def _addresses(record: Record, pairs: Iterable[tuple[str, str]]) -> tuple[str, ...]:
    found: dict[str, None] = {}
    for row in _acts(record, pairs):
        found.update(dict.fromkeys((row["sources"] or "").split()[:1]))
    return tuple(list(found)[:6])


def acts_of_case(record: Record, chosen: Case, known_by: date | None = None) -> list[dict[str, Any]]:
    """Acts that belong to a case: of its pairs, those of every episode that has an act within its span, in order.

    A return or a rival date after the span stays with its episode. Where the case is a list, an act for no body in
    particular (the memorandum itself) belongs to it too. `known_by` drops what was recorded later.
    """
    first, last = _years(parse(chosen.valid_from))[0], date.max
    if chosen.valid_to is not None:
        last = _years(parse(chosen.valid_to))[1]
    whole, composite = chosen.kind in ("state", "body"), chosen.bodies["list"].is_not_null().any()
    pairs, direct = set(chosen.pairs), dict(record.table("episodes").select("episode", "direction").iter_rows())
    rows = [
        row
        for row in record.table("acts").iter_rows(named=True)
        if (
            (row["state"], row["body"]) in pairs
            or (composite and row["body"] is None and row["state"] in chosen.states)
        )
        and (known_by is None or parse(row["recorded"]).certainly_on_or_before(known_by))
        and direct[row["episode"]] == _LEAVING
    ]
    within = {
        r["episode"] for r in rows
        if whole or (_years(parse(r["date"]))[1] >= first and _years(parse(r["date"]))[0] <= last)
    }  # fmt: skip
    kept = [r for r in rows if r["episode"] in within]
    return sorted(kept, key=lambda r: (*_years(parse(r["date"])), r["act_id"]))


def statuses(record: Record, chosen: Case, as_of: date, known_by: date | None = None) -> list[Status]:
    """Status of each pair of the case on a day, in the order of its pairs."""
    return [status(record, state, body, as_of, known_by) for state, body in chosen.pairs]
