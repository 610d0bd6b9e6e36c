"""Rules on single rows of the curated tables, for sheets as people write them and for compiled tables alike.

Each broken rule is a `Fault`: table, row, column, and what was found, what was expected and what to do. Whoever reads the
tables says where the row is: a file and a line, or a key.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

import polars as pl

from exeunt.dates import EDTF, add_period, parse, parse_day
from exeunt.errors import BadDateError

Tables = dict[str, pl.DataFrame]
Row = dict[str, Any]

NO_SOURCE: Final = "no_source"
NO_ARTICLE: Final = ("article_not_named", "article_not_confirmed", "exit_rule_not_confirmed")
OUT_OF_ORDER: Final = ("announced_after_notice", "rival_dates", "retroactive_claim")
OUTSIDE_BODY: Final = "outside_body_span"
OUTSIDE_STATE: Final = "outside_state_span"
"""Borne by members that were not, or not yet, in the state system: the two Soviet republics, Germany before 1955."""
CHAIN: Final = {"announced": 0, "notified": 1, "effective": 2, "effective_claimed": 2}
"""Acts that follow one another in an episode; equal numbers are not compared."""
START: Final = date(1970, 1, 1)
SHOWN: Final = 60


@dataclass(frozen=True, slots=True)
class Fault:
    """One broken rule: the table, the row (from 0), the column, and the rest of the sentence."""

    table: str
    row: int
    column: str
    says: str


def shown(value: object) -> str:
    """A cell as a message shows it: quoted, cut, and on one line."""
    if value is None:
        return "an empty cell"
    text = str(value)
    return repr(text if len(text) <= SHOWN else text[:SHOWN] + "…")


def faults(tables: Tables) -> list[Fault]:
    """Find every broken rule in the tables states, bodies, episodes, acts, clauses, cases and vclt_parties."""
    found = [*_dates(tables), *_periods(tables["clauses"]), *_spans(tables), *_sourced(tables), *_clauses(tables)]
    unreadable = {f.row for f in found if f.table == "acts" and f.column == "date"}
    acts = [(n, r) for n, r in enumerate(tables["acts"].iter_rows(named=True)) if n not in unreadable]
    return [*found, *_episodes(acts, tables["episodes"]), *_alive(acts, tables), *_order(acts)]


def flagged(row: Row, *flags: str) -> bool:
    """Whether a row bears one of the flags."""
    return not set((row["flag"] or "").split(";")).isdisjoint(flags)


def _dates(tables: Tables) -> Iterator[Fault]:
    for name, column, reader in (
        ("acts", "date", parse), ("acts", "takes_effect", parse), ("acts", "recorded", parse_day),
        ("episodes", "due_date", parse), ("states", "valid_from", parse_day), ("states", "valid_to", parse_day),
        ("cases", "valid_from", parse), ("cases", "valid_to", parse),
        ("vclt_parties", "deposited", parse), ("vclt_parties", "in_force", parse), ("vclt_parties", "known_until", parse),
    ):  # fmt: skip
        for row, text in enumerate(tables[name][column]):
            if text is None:
                continue
            try:
                reader(text)
            except BadDateError as error:
                yield Fault(name, row, column, str(error))


def _periods(clauses: pl.DataFrame) -> Iterator[Fault]:
    for column in ("notice_period", "min_membership"):
        for row, text in enumerate(clauses[column]):
            if text is None:
                continue
            try:
                add_period(START, text)
            except BadDateError as error:
                yield Fault("clauses", row, column, str(error))


def _spans(tables: Tables) -> Iterator[Fault]:
    for name, first, last in (("states", "valid_from", "valid_to"), ("bodies", "founded", "ended")):
        for row, (start, end) in enumerate(tables[name].select(first, last).iter_rows()):
            if start is not None and end is not None and end < start:
                says = f"{shown(end)} is before it begins ({first} {start}); put the two in order."
                yield Fault(name, row, last, says)


def _sourced(tables: Tables) -> Iterator[Fault]:
    for name in ("acts", "episodes", "clauses"):
        for row, item in enumerate(tables[name].iter_rows(named=True)):
            known = name == "clauses" and item["basis"] == "general_knowledge"
            addresses = (item["sources"] or "").split()
            if not addresses and not known and not flagged(item, NO_SOURCE):
                what = "basis `general_knowledge`" if name == "clauses" else f"the flag `{NO_SOURCE}`"
                says = f"the row has no source; give an address that a reader can open, or say so with {what}."
                yield Fault(name, row, "sources", says)
            for address in addresses:
                if not address.startswith(("https://", "http://")):
                    says = f"{shown(address)} is no address; write https://…, several parted by spaces."
                    yield Fault(name, row, "sources", says)


def _clauses(tables: Tables) -> Iterator[Fault]:
    for row, item in enumerate(tables["clauses"].iter_rows(named=True)):
        if item["silent"] or item["article"] is not None or flagged(item, *NO_ARTICLE):
            continue
        says = (
            "the clause is not silent and names no article; name the article, set silent to true, or bear the flag "
            f"`{NO_ARTICLE[0]}`."
        )
        yield Fault("clauses", row, "article", says)


def _episodes(acts: list[tuple[int, Row]], episodes: pl.DataFrame) -> Iterator[Fault]:
    owner = {e: (s, b) for e, s, b in episodes.select("episode", "state", "body").iter_rows()}
    for row, act in acts:
        if act["episode"] not in owner:
            continue
        for column, expected in zip(("state", "body"), owner[act["episode"]], strict=True):
            if act[column] != expected:
                says = (
                    f"found {shown(act[column])}, but its episode {act['episode']} has {shown(expected)}; "
                    "an act belongs to the state and the body of its episode, so mend one or the other."
                )
                yield Fault("acts", row, column, says)


def _alive(acts: list[tuple[int, Row]], tables: Tables) -> Iterator[Fault]:
    spans: dict[str, list[tuple[date, date]]] = {}
    for state, first, last in tables["states"].select("state", "valid_from", "valid_to").iter_rows():
        try:
            span = (parse_day(first) if first else date.min, parse_day(last) if last else date.max)
        except BadDateError:  # told by _dates
            span = (date.min, date.max)
        spans.setdefault(state, []).append(span)
    ended = dict(tables["bodies"].select("body", "ended").iter_rows())
    for row, act in acts:
        day = parse(act["date"])
        first, last = day.earliest or date.min, day.latest or date.max
        own = spans.get(act["state"], [(date.min, date.max)])
        if not any(last >= start and first <= end for start, end in own) and not flagged(act, OUTSIDE_STATE):
            told = ", ".join(f"{_edge(start)} to {_edge(end)}" for start, end in own)
            says = (
                f"{shown(act['date'])} lies outside the span of the state {act['state']} ({told}); mend the date, name "
                f"the state that existed then, or bear the flag `{OUTSIDE_STATE}`."
            )
            yield Fault("acts", row, "date", says)
        end_year = ended.get(act["body"])
        if end_year is not None and first.year > end_year and not flagged(act, OUTSIDE_BODY):
            says = (
                f"{shown(act['date'])} is after the body {act['body']} ended ({end_year}); mend the date, name its "
                f"successor, or bear the flag `{OUTSIDE_BODY}`."
            )
            yield Fault("acts", row, "date", says)


def _edge(day: date) -> str:
    return "…" if day in (date.min, date.max) else day.isoformat()


def _order(acts: list[tuple[int, Row]]) -> Iterator[Fault]:
    """Effective is never before notified, nor notified before announced, where nobody contests it and no flag says so."""
    chains: dict[str, list[tuple[int, Row, EDTF]]] = {}
    for row, act in acts:
        if act["act"] in CHAIN and act["contested"] == "no" and not flagged(act, *OUT_OF_ORDER):
            chains.setdefault(act["episode"], []).append((row, act, parse(act["date"])))
    for chain in chains.values():
        for row, act, day in chain:
            for _, other, earlier in chain:
                if CHAIN[other["act"]] < CHAIN[act["act"]] and _before(day, earlier):
                    says = (
                        f"{act['act']} on {act['date']} comes before {other['act']} on {other['date']} "
                        f"({other['act_id']}) of the same episode; mend the date, mark the act contested, or bear the "
                        f"flag `{OUT_OF_ORDER[0]}` or `{OUT_OF_ORDER[1]}`."
                    )
                    yield Fault("acts", row, "date", says)


def _before(one: EDTF, other: EDTF) -> bool:
    return one.latest is not None and other.earliest is not None and one.latest < other.earliest
