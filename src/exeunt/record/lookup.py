"""Rows of the record by what they are asked for: a status looks at a few rows of large tables, many times over."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from functools import cached_property
from typing import Any, Protocol

import polars as pl

from exeunt.core.dates import parse
from exeunt.record.identity import StateCode, cow_of
from exeunt.record.schema import LAST_CODED_YEAR, SOURCE_RANKS

Row = dict[str, Any]
_PAIRED = ("memberships", "acts", "parties")
"""Tables that tell of pairs."""
SPELL = ("state", "cow", "body", "status", "first_year", "last_year", "reading", "source")


class _Tables(Protocol):
    """What a record gives: its tables, and every state code with its span."""

    @property
    def codes(self) -> list[StateCode]:
        """Every state code with its span."""

    def table(self, name: str) -> pl.DataFrame:
        """One table of the schema."""


class Lookup:
    """Acts, spells, years and what there is to leave, by state and body; built from the tables when first asked for.

    Parameters
    ----------
    record : whose tables are looked at; they must not change
    """

    def __init__(self, record: _Tables) -> None:
        self._record = record
        self._spells: dict[str, dict[int | None, list[Row]]] = {}
        self._under: dict[tuple[str, str], list[Row]] = {}
        self._listed: dict[str, dict[str, list[Row]]] = {}
        self._known_to: dict[str, str | None] = {}
        self._whole = False
        self._turns: dict[str, set[int]] = {}
        self.kept: dict[str, dict[Any, Any]] = {}
        """What others have worked out from these rows and need again, by the name of what it is."""

    @cached_property
    def _acts(self) -> dict[tuple[str | None, str | None], list[Row]]:
        found: dict[tuple[str | None, str | None], list[Row]] = {}
        for row in self._record.table("acts").iter_rows(named=True):
            found.setdefault((row["state"], row["body"]), []).append(row)
        return found

    def acts(self, state: str, body: str) -> list[Row]:
        """Acts of a state towards a body, in the order of the table."""
        return self._acts.get((state, body), [])

    def parties(self, state: str, body: str) -> list[Row]:
        """Spells of a state on the lists of parties of a body, in order of time."""
        if body not in self._listed and not self._whole:
            self._keep_parties(self._record.table("parties").filter(pl.col("body") == body))
            self._listed.setdefault(body, {})
        return self._listed.get(body, {}).get(state, [])

    def _keep_parties(self, frame: pl.DataFrame) -> None:
        for row in frame.iter_rows(named=True):
            self._listed.setdefault(row["body"], {}).setdefault(row["state"], []).append(row)

    @cached_property
    def _party_lists(self) -> dict[str, Row]:
        return {row["body"]: row for row in self._record.table("party_lists").iter_rows(named=True)}

    def party_list(self, body: str) -> Row | None:
        """What the list of a body claims for itself."""
        return self._party_lists.get(body)

    def acted(self, state: str, body: str) -> bool:
        """Whether acts or lists of parties tell of a pair."""
        return (state, body) in self._acts or bool(self.parties(state, body))

    @cached_property
    def counting_episodes(self) -> frozenset[str]:
        """Episodes that count as exits."""
        frame = self._record.table("episodes").filter(pl.col("counts_as_exit"))
        return frozenset(frame["episode"])

    @cached_property
    def _ranks(self) -> dict[str, str]:
        return dict(self._record.table("source_ranks").select("address", "rank").iter_rows())

    def source_rank(self, address: str) -> str:
        """Rank of an address (`SOURCE_RANKS`): that of the page, else of its host; `other` where neither was ranked."""
        page = address.partition("://")[2]
        host = page.partition("/")[0].lower()
        plain = host.removeprefix("www.")
        return next((self._ranks[a] for a in (page, host, plain, f"www.{plain}") if a in self._ranks), "other")

    def best_rank(self, addresses: Iterable[str]) -> str | None:
        """Best rank among some addresses; None where there are none."""
        ranks = {self.source_rank(address) for address in addresses}
        return next((rank for rank in SOURCE_RANKS if rank in ranks), None)

    def known_to(self, body: str) -> str | None:
        """Last day of which the record knows an act or a list of a body, as an ISO day."""
        if body not in self._known_to:
            listed = self.party_list(body)
            acts = self._record.table("acts").filter(pl.col("body") == body)["date"]
            known = [day.isoformat() for text in acts if (day := parse(text).latest) is not None]
            self._known_to[body] = max([*known, *([listed["until"]] if listed else [])], default=None)
        return self._known_to[body]

    def spells(self, cow: int | None, body: str) -> list[Row]:
        """Spells of a state number in a body, in the order of the table; of the columns in `SPELL`."""
        if body not in self._spells and not self._whole:
            self._keep(self._record.table("memberships").filter(pl.col("body") == body).select(SPELL))
            self._spells.setdefault(body, {})
        return self._spells.get(body, {}).get(cow, [])

    def spells_under(self, state: str, body: str) -> list[Row]:
        """Spells of a state code in a body, in the order of the table."""
        self.spells(None, body)
        return self._under.get((state, body), [])

    def read_whole(self) -> None:
        """Take all spells in at once, before many bodies are asked about."""
        if not self._whole:
            self._spells, self._under, self._listed = {}, {}, {}
            self._keep_parties(self._record.table("parties"))
            self._keep(self._record.table("memberships").select(SPELL))
            self._whole = True

    def _keep(self, frame: pl.DataFrame) -> None:
        for values in frame.iter_rows():
            row = dict(zip(SPELL, values, strict=True))
            self._spells.setdefault(row["body"], {}).setdefault(row["cow"], []).append(row)
            self._under.setdefault((row["state"], row["body"]), []).append(row)

    @cached_property
    def _pairs(self) -> tuple[dict[str | None, list[tuple[str, str]]], dict[str | None, list[tuple[str, str]]]]:
        frames = [self._record.table(name).select("state", "body").drop_nulls().unique() for name in _PAIRED]
        by_state: dict[str | None, list[tuple[str, str]]] = {None: sorted(set(pl.concat(frames).iter_rows()))}
        by_body: dict[str | None, list[tuple[str, str]]] = {None: by_state[None]}
        for pair in by_state[None]:
            by_state.setdefault(pair[0], []).append(pair)
            by_body.setdefault(pair[1], []).append(pair)
        return by_state, by_body

    def pairs(self, state: str | None, body: str | None) -> list[tuple[str, str]]:
        """State and body of every pair of which there is a spell, an act or a line on a list, sorted; None stands for all."""
        if state is None and body is not None and "_pairs" not in self.__dict__:
            # One body alone need not wait for every pair of the record.
            frames = [self._record.table(name).filter(pl.col("body") == body)["state"] for name in _PAIRED]
            return sorted((one, body) for one in set(pl.concat(frames).drop_nulls()))
        by_state, by_body = self._pairs
        if state is not None:
            return [pair for pair in by_state.get(state, []) if body in (None, pair[1])]
        return by_body.get(body, [])

    @cached_property
    def _bodies(self) -> dict[str, Row]:
        return {row["body"]: row for row in self._record.table("bodies").iter_rows(named=True)}

    def body(self, body: str) -> Row:
        """Row of a body; raises KeyError for a key that is none."""
        return self._bodies[body]

    @cached_property
    def _clauses(self) -> dict[str, list[Row]]:
        found: dict[str, list[Row]] = {}
        for row in self._record.table("clauses").iter_rows(named=True):
            found.setdefault(row["body"], []).append(row)
        return found

    def clauses(self, body: str) -> list[Row]:
        """Rules for leaving a body, in the order of the table."""
        return self._clauses.get(body, [])

    @cached_property
    def _resting(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for row in self._record.table("bodies").select("body", "depends_on").iter_rows():
            for on in dict.fromkeys((row[1] or "").split(" ")):
                found.setdefault(on, []).append(row[0])
        return found

    def resting_on(self, body: str) -> list[str]:
        """Bodies in which membership depends on a body, in the order of the table."""
        return list(self._resting.get(body, []))

    @cached_property
    def vclt_parties(self) -> dict[str, Row]:
        """State code, or `*` for the others, → how it stands to the Vienna Convention on the Law of Treaties."""
        return {row["state"]: row for row in self._record.table("vclt_parties").iter_rows(named=True)}

    @cached_property
    def _years(self) -> dict[str, set[int]]:
        frame = self._record.table("body_years").group_by("body").agg(pl.col("year"))
        return {body: set(years) for body, years in frame.iter_rows()}

    def alive(self, body: str, year: int) -> bool:
        """Whether the coded source has the body in a year."""
        return year in self._years.get(body, ())

    def turns(self, body: str) -> set[int]:
        """Years with which the coded source takes a body up or drops it."""
        if body not in self._turns:
            self._turns[body] = self._turns_of(self._years.get(body, set()))
        return self._turns[body]

    @staticmethod
    def _turns_of(years: set[int]) -> set[int]:
        return {year for year in years if year - 1 not in years} | {year + 1 for year in years if year + 1 not in years}

    def coded_outside(self, state: str, body: str, year: int) -> bool:
        """Whether a pair has no act, and the coded source knows state and body and no spell of theirs, in a year."""
        if self.acted(state, body) or not self.alive(body, min(year, LAST_CODED_YEAR)):
            return False
        cow = cow_of(self.codes(state), state, year)
        # What the source has in its last year is carried forward where later spells are not yet known.
        last = min(year, LAST_CODED_YEAR)
        return cow is not None and not any(
            r["first_year"] <= year and (r["last_year"] is None or r["last_year"] >= last)
            for r in self.spells(cow, body)
        )

    @cached_property
    def _what(self) -> dict[tuple[str, str], str]:
        found: dict[tuple[str, str], str] = {}
        for row in self._record.table("leaveable").iter_rows(named=True):
            found.setdefault((row["body"], row["state"]), row["what"])
        return found

    def what(self, state: str, body: str) -> str:
        """`leaveable` word for a state in a body: the state's own entry, else the body's; KeyError where there is none."""
        return self._what.get((body, state)) or self._what[body, "*"]

    @cached_property
    def _codes(self) -> dict[str, list[StateCode]]:
        found: dict[str, list[StateCode]] = {}
        for code in self._record.codes:
            found.setdefault(code.state, []).append(code)
        return found

    def codes(self, state: str) -> list[StateCode]:
        """Spans of one state code."""
        return self._codes.get(state, [])

    @cached_property
    def _spans(self) -> dict[str, list[tuple[date, date]]]:
        return {
            state: [(c.valid_from, c.valid_to or date.max) for c in codes if c.valid_from is not None]
            for state, codes in self._codes.items()
        }

    def spans(self, state: str) -> list[tuple[date, date]]:
        """First and last day of every span of a state code of which the first day is known."""
        return self._spans.get(state, [])

    def exists(self, state: str, day: date) -> bool:
        """Whether a state code is in the state system on a day; one of which no span is known always is."""
        spans = self._spans.get(state)
        if not spans:
            return True
        for first, last in spans:
            if first <= day <= last:
                return True
        return False

    def ran(self, body: str, year: int) -> bool:
        """Whether a body was founded by a year and had not ended before it, as far as that is known."""
        row = self.body(body)
        return (row["founded"] is None or row["founded"] <= year) and (row["ended"] is None or year <= row["ended"])
