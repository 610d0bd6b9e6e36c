"""The rules that curated sheets and compiled tables must keep, each broken one told in a sentence.

Rules on single rows hold for sheets as people write them and for compiled tables alike: each broken one is a `Fault` of table,
row and column, and what was found, what was expected and what to do. Whoever reads the tables says where the row is: a file
and a line, or a key.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

import polars as pl

from exeunt.core.dates import EDTF, add_period, parse, parse_day
from exeunt.core.errors import BadDateError
from exeunt.record.cards import all_cards
from exeunt.record.schema import TABLE, TABLES, Table

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
class _Fault:
    """One broken rule: the table, the row (from 0), the column, and the rest of the sentence."""

    table: str
    row: int
    column: str
    says: str


def _shown(value: object) -> str:
    """A cell as a message shows it: quoted, cut, and on one line."""
    if value is None:
        return "an empty cell"
    text = str(value)
    return repr(text if len(text) <= SHOWN else text[:SHOWN] + "…")


def _faults(tables: Tables) -> list[_Fault]:
    """Find every broken rule in the tables states, bodies, episodes, acts, clauses, cases and vclt_parties."""
    found = [*_dates(tables), *_periods(tables["clauses"]), *_spans(tables), *_sourced(tables), *_clauses(tables)]
    unreadable = {f.row for f in found if f.table == "acts" and f.column == "date"}
    acts = [(n, r) for n, r in enumerate(tables["acts"].iter_rows(named=True)) if n not in unreadable]
    return [*found, *_episodes(acts, tables["episodes"]), *_alive(acts, tables), *_order(acts)]


def _flagged(row: Row, *flags: str) -> bool:
    """Whether a row bears one of the flags."""
    return not set((row["flag"] or "").split(";")).isdisjoint(flags)


def _dates(tables: Tables) -> Iterator[_Fault]:
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
                yield _Fault(name, row, column, str(error))


def _periods(clauses: pl.DataFrame) -> Iterator[_Fault]:
    for column in ("notice_period", "min_membership"):
        for row, text in enumerate(clauses[column]):
            if text is None:
                continue
            try:
                add_period(START, text)
            except BadDateError as error:
                yield _Fault("clauses", row, column, str(error))


def _spans(tables: Tables) -> Iterator[_Fault]:
    for name, first, last in (("states", "valid_from", "valid_to"), ("bodies", "founded", "ended")):
        for row, (start, end) in enumerate(tables[name].select(first, last).iter_rows()):
            if start is not None and end is not None and end < start:
                says = f"{_shown(end)} is before it begins ({first} {start}); put the two in order."
                yield _Fault(name, row, last, says)


def _sourced(tables: Tables) -> Iterator[_Fault]:
    for name in ("acts", "episodes", "clauses"):
        for row, item in enumerate(tables[name].iter_rows(named=True)):
            known = name == "clauses" and item["basis"] == "general_knowledge"
            addresses = (item["sources"] or "").split()
            if not addresses and not known and not _flagged(item, NO_SOURCE):
                what = "basis `general_knowledge`" if name == "clauses" else f"the flag `{NO_SOURCE}`"
                says = f"the row has no source; give an address that a reader can open, or say so with {what}."
                yield _Fault(name, row, "sources", says)
            for address in addresses:
                if not address.startswith(("https://", "http://")):
                    says = f"{_shown(address)} is no address; write https://…, several parted by spaces."
                    yield _Fault(name, row, "sources", says)


def _clauses(tables: Tables) -> Iterator[_Fault]:
    for row, item in enumerate(tables["clauses"].iter_rows(named=True)):
        if item["silent"] or item["article"] is not None or _flagged(item, *NO_ARTICLE):
            continue
        says = (
            "the clause is not silent and names no article; name the article, set silent to true, or bear the flag "
            f"`{NO_ARTICLE[0]}`."
        )
        yield _Fault("clauses", row, "article", says)


def _episodes(acts: list[tuple[int, Row]], episodes: pl.DataFrame) -> Iterator[_Fault]:
    owner = {e: (s, b) for e, s, b in episodes.select("episode", "state", "body").iter_rows()}
    for row, act in acts:
        if act["episode"] not in owner:
            continue
        for column, expected in zip(("state", "body"), owner[act["episode"]], strict=True):
            if act[column] != expected:
                says = (
                    f"found {_shown(act[column])}, but its episode {act['episode']} has {_shown(expected)}; "
                    "an act belongs to the state and the body of its episode, so mend one or the other."
                )
                yield _Fault("acts", row, column, says)


def _alive(acts: list[tuple[int, Row]], tables: Tables) -> Iterator[_Fault]:
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
        if not any(last >= start and first <= end for start, end in own) and not _flagged(act, OUTSIDE_STATE):
            told = ", ".join(f"{_edge(start)} to {_edge(end)}" for start, end in own)
            says = (
                f"{_shown(act['date'])} lies outside the span of the state {act['state']} ({told}); mend the date, name "
                f"the state that existed then, or bear the flag `{OUTSIDE_STATE}`."
            )
            yield _Fault("acts", row, "date", says)
        end_year = ended.get(act["body"])
        if end_year is not None and first.year > end_year and not _flagged(act, OUTSIDE_BODY):
            says = (
                f"{_shown(act['date'])} is after the body {act['body']} ended ({end_year}); mend the date, name its "
                f"successor, or bear the flag `{OUTSIDE_BODY}`."
            )
            yield _Fault("acts", row, "date", says)


def _edge(day: date) -> str:
    return "…" if day in (date.min, date.max) else day.isoformat()


def _order(acts: list[tuple[int, Row]]) -> Iterator[_Fault]:
    """Effective is never before notified, nor notified before announced, where nobody contests it and no flag says so."""
    chains: dict[str, list[tuple[int, Row, EDTF]]] = {}
    for row, act in acts:
        if act["act"] in CHAIN and act["contested"] == "no" and not _flagged(act, *OUT_OF_ORDER):
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
                    yield _Fault("acts", row, "date", says)


def _before(one: EDTF, other: EDTF) -> bool:
    return one.latest is not None and other.earliest is not None and one.latest < other.earliest


# --- the compiled tables --------------------------------------------------------------------------------------------


def check(tables: Tables) -> list[str]:
    """Check every table; an empty list means that the record is clean."""
    problems: list[str] = []
    for table in TABLES:
        if table.name not in tables:
            problems.append(f"table {table.name} is missing.")
            continue
        problems += _check_table(table, tables[table.name])
    if not problems:
        problems += _check_references(tables) + _check_rows(tables) + _check_spells(tables["memberships"])
        problems += _check_alliances(tables["alliances"])
    return problems


def _check_table(table: Table, frame: pl.DataFrame) -> list[str]:
    problems = []
    names = [c.name for c in table.columns]
    if frame.columns != names:
        return [f"{table.name} has the columns {frame.columns}; expected {names}."]
    doubled = frame.height - frame.unique(list(table.key)).height
    if doubled:
        example = frame.filter(frame.select(table.key).is_duplicated()).select(table.key).head(5).rows()
        problems.append(f"{table.name}: {doubled} rows repeat their key {table.key}, for example {example}.")
    for column in table.columns:
        values = frame[column.name]
        if column.required and values.null_count():
            problems.append(f"{table.name}.{column.name}: {values.null_count()} cells are empty and may not be.")
        if column.words:
            strange = sorted(set(values.drop_nulls().unique()) - set(column.words))
            if strange:
                problems.append(
                    f"{table.name}.{column.name} holds {strange[:5]}; expected one of {list(column.words)}."
                )
    return problems


def _check_references(tables: Tables) -> list[str]:
    problems = []
    states = set(tables["states"]["state"]) | {"*"}
    bodies = set(tables["bodies"]["body"])
    for table in TABLES:
        frame = tables[table.name]
        for column, known in (("state", states), ("state_1", states), ("state_2", states), ("body", bodies)):
            if column in frame.columns:
                lost = sorted(set(frame[column].drop_nulls().unique()) - known)
                if lost:
                    problems.append(f"{table.name}.{column} names {lost[:5]}, unknown to the record.")
        for column in ("source",):
            if column in frame.columns:
                lost = sorted(set(frame[column].drop_nulls().unique()) - set(all_cards()))
                if lost:
                    problems.append(f"{table.name}.{column} names {lost[:5]}, for which there is no card.")
    lost = sorted(set(tables["acts"]["episode"]) - set(tables["episodes"]["episode"]))
    if lost:
        problems.append(f"acts name the episodes {lost[:5]}, which do not exist.")
    for name in ("labels", "cases", "case_bodies", "corrections", "vclt_parties", "published_counts"):
        bare = tables[name].filter(pl.col("sources").is_null()).height
        if bare:
            problems.append(f"{name}: {bare} rows have no source.")
    listed = set(tables["case_bodies"]["case"])
    for name, named in tables["cases"].select("case", "bodies").iter_rows():
        if (named is not None) == (name in listed):
            how = "names bodies and has a list of them" if named else "names no body and has no list of them"
            problems.append(f"cases: {name} {how}; fill in `bodies`, or list them in case_bodies.csv, and not both.")
    published = tables["published_counts"]
    for unit, known in (("state", states), ("body", bodies)):
        lost = sorted(set(published.filter(pl.col("unit") == unit)["key"]) - known)
        if lost:
            problems.append(f"published_counts names {lost[:5]}, unknown to the record.")
    undated = tables["vclt_parties"].filter((pl.col("standing") == "party") & pl.col("in_force").is_null())
    if undated.height:
        problems.append(f"vclt_parties: {undated['state'].head(5).to_list()} are parties without a date.")
    silent_and_article = tables["clauses"].filter(~pl.col("silent") & pl.col("instrument").is_null())
    if silent_and_article.height:
        problems.append(f"clauses {silent_and_article['id'].head(5).to_list()} name no instrument and are not silent.")
    return problems


def _check_rows(tables: Tables) -> list[str]:
    problems = []
    for fault in _faults(tables):
        key = tables[fault.table][TABLE[fault.table].key[0]][fault.row]
        problems.append(f"{fault.table} {key}, column {fault.column}: {fault.says}")
    return problems


def _check_spells(memberships: pl.DataFrame) -> list[str]:
    problems = []
    backwards = memberships.filter(pl.col("first_year") > pl.col("last_year"))
    if backwards.height:
        problems.append(f"memberships: {backwards.height} spells end before they begin.")
    ordered = memberships.sort("cow", "body", "first_year").with_columns(
        pl.col("last_year").fill_null(9999).shift(1).over("cow", "body").alias("previous_end")
    )
    overlap = ordered.filter(pl.col("first_year") <= pl.col("previous_end"))
    if overlap.height:
        example = overlap.select("state", "body", "first_year").head(5).rows()
        problems.append(
            f"memberships: {overlap.height} spells overlap, for example {example}; a state belongs once at a time."
        )
    return problems


def _check_alliances(alliances: pl.DataFrame) -> list[str]:
    problems = []
    turned = alliances.filter(pl.col("cow_1") >= pl.col("cow_2"))
    if turned.height:
        problems.append(
            f"alliances: {turned.height} pairs are not in the order of their numbers, so one could stand twice."
        )
    ordered = alliances.sort("cow_1", "cow_2", "first_year").with_columns(
        pl.col("last_year").shift(1).over("cow_1", "cow_2").alias("previous_end")
    )
    wrong = ordered.filter(
        (pl.col("first_year") > pl.col("last_year")) | (pl.col("first_year") <= pl.col("previous_end"))
    )
    if wrong.height:
        problems.append(f"alliances: {wrong.height} spells overlap or end before they begin.")
    return problems
