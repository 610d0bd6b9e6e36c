"""What the explorer asks of one open record: names looked up once, answers as the command line gives them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import date
from functools import cached_property
from typing import Any, Final

import polars as pl

from exeunt.answers import Message
from exeunt.core.dates import EDTF, parse
from exeunt.core.errors import UnknownNameError
from exeunt.record import ledgers
from exeunt.record.cases import case, cases, statuses
from exeunt.record.clauses import Clock, clock
from exeunt.record.exits import exits
from exeunt.record.membership import Member, members, memberships_by_year, memberships_of
from exeunt.record.opened import OpenRecord
from exeunt.record.schema import REGIONS, TABLES
from exeunt.record.status import status
from exeunt.web.search import SearchIndex

Row = dict[str, Any]
ENTRIES: Final = ("joined", "acceded", "ratified", "entered_into_force", "rejoined")
"""Acts by which a state comes in."""
DATES: Final = ("announced", "notified", "effective")
COUNTED_AS: Final = {True: "yes", None: "unsettled", False: "no"}
"""Word of `counts_as_exit`; solid, hatched and hollow where it is drawn."""
LONGEST_NAME: Final = 60
"""Longer names than this are looked up by likeness alone: the record takes long to say that it has nothing like one."""
FIRST_YEAR: Final = 1945


def _year_of(row: Row) -> int | None:
    """Year of the last step of an episode that is dated: effect, else notice, else announcement."""
    for name in reversed(DATES):
        if row[name]:
            when = parse(row[name])
            first = when.earliest or when.latest
            if first is not None:
                return first.year
    return None


def _grouped(rows: list[Row], column: str) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = {}
    for row in rows:
        found.setdefault(row[column], []).append(row)
    return found


class Queries:
    """Answers questions on one open record; safe to ask from several threads, since nothing in it changes.

    Parameters
    ----------
    record : opened once; its tables are read at the start
    """

    def __init__(self, record: OpenRecord) -> None:
        self.record = record
        for table in TABLES:
            record.table(table.name)
        record.lookup.read_whole()
        record.lookup.pairs(None, None)
        self.search = SearchIndex(record)
        self.state_row = {row["state"]: row for row in self.states}
        self._by_name: dict[tuple[str, str], str] = {}
        self._labelled: dict[str, dict[str, tuple[str, str | None]]] = {}
        self._curves: dict[str, list[Row]] = {}
        self._notes: dict[str, list[Message]] = {}

    # --- names ---------------------------------------------------------------------------------------------------

    def state(self, name: str) -> str:
        """State code for what the user calls it, in any case and with or without accents; raises UnknownNameError."""
        return self._named("state", name, self.record.state)

    def body(self, name: str) -> str:
        """Body key for what the user calls it; raises UnknownNameError, UsageError."""
        return self._named("body", name, self.record.body)

    def _named(self, kind: str, name: str, exact: Callable[[str], str]) -> str:
        if (kind, name) not in self._by_name:
            try:
                # The record's names are tried first: what is ambiguous there must not be settled by likeness.
                key = exact(name) if len(name) <= LONGEST_NAME else None
            except UnknownNameError:
                key = None
            if key is None:
                fitting = [f for f in self.search.find(name, kind, 2) if f.score >= 95]
                if len(fitting) != 1:
                    raise self._unknown(kind, name)
                key = fitting[0].key
            if len(self._by_name) > 5000:
                self._by_name.clear()
            self._by_name[kind, name] = key
        return self._by_name[kind, name]

    def _unknown(self, kind: str, name: str) -> UnknownNameError:
        close = [f.matched for f in self.search.close(name, kind, 5)]
        error = UnknownNameError(kind, name, close or [""])
        error.matches = close
        hint = f"closest: {', '.join(close)}" if close else "nothing like it"
        error.args = (f"no {kind} named {name!r} in the record; {hint}.",)
        return error

    @cached_property
    def states(self) -> list[Row]:
        """One row a state code, its last span first."""
        rows: dict[str, Row] = {}
        for row in (
            self.record.table("states").sort("valid_to", descending=True, nulls_last=False).iter_rows(named=True)
        ):
            rows.setdefault(row["state"], row)
        return sorted(rows.values(), key=lambda row: (row["valid_to"] is not None, row["name_en"]))

    @cached_property
    def bodies(self) -> list[Row]:
        """One row a body, by English name."""
        return sorted(self.record.table("bodies").to_dicts(), key=lambda row: str(row["name_en"]).casefold())

    @cached_property
    def regions(self) -> dict[str, str | None]:
        """State code → macro region."""
        return {row["state"]: row["region"] for row in self.states}

    # --- the record on a day -------------------------------------------------------------------------------------

    def status(self, state: str, body: str, as_of: date | None, known_by: date | None) -> Row:
        """Status of a pair, as `exeunt status` gives it."""
        return status(self.record, state, body, as_of, known_by).as_dict()

    def clock(self, state: str, body: str, notified: date | None, as_of: date | None, known_by: date | None) -> Clock:
        """Clock of a pair, as `exeunt clock` gives it."""
        return clock(self.record, state, body, notified, as_of, known_by)

    def members(self, body: str, as_of: date | None, known_by: date | None, labels: str) -> list[Row]:
        """Who is in a body, as `exeunt members` gives it."""
        names = self.state_names(labels)
        found = (row.as_dict() for row in self.inside(None, body, as_of, known_by))
        return [{**row, "name": names[row["state"]][0] if row["state"] in names else row["state"]} for row in found]

    def memberships(self, state: str, as_of: date | None, known_by: date | None) -> list[Row]:
        """Every body that a state is in: {body, name_en, name_zh, status, since, reading, state, as_of, contested, rule}."""
        names = self.body_names
        found = (row.as_dict() for row in self.inside(state, None, as_of, known_by))
        return [{**row, "name_en": names[row["body"]][0], "name_zh": names[row["body"]][1]} for row in found]

    def inside(self, state: str | None, body: str | None, as_of: date | None, known_by: date | None) -> list[Member]:
        """Who is in a body, by state code; or the bodies that a state is in, by English name."""
        if body is not None:
            return members(self.record, body, as_of, known_by)
        rank = self._rank
        return sorted(memberships_of(self.record, str(state), as_of, known_by), key=lambda row: rank[row.body])

    def members_by_name(self, body: str, as_of: date | None, chinese: bool, labels: str) -> list[Member]:
        """Who is in a body, by name in a language."""
        names = self.state_names(labels)

        def written(row: Member) -> str:
            english, other = names.get(row.state, (row.state, None))
            return (chinese and other) or english

        return sorted(self.inside(None, body, as_of, None), key=written)

    @cached_property
    def _rank(self) -> dict[str, int]:
        """Place of each body in the order of English names; bodies of one name share it."""
        folded = {body: str(names[0]).casefold() for body, names in self.body_names.items()}
        place = {name: at for at, name in enumerate(sorted(set(folded.values())))}
        return {body: place[name] for body, name in folded.items()}

    def compare(self, a: str, b: str, as_of: date | None, known_by: date | None) -> list[Row]:
        """Bodies that either of two states is in, and which of them: {body, name_en, name_zh, in, status_a, since_a, …}."""
        one, other = (
            {row.body: (row.status, row.since) for row in memberships_of(self.record, state, as_of, known_by)}
            for state in (a, b)
        )
        names, rank, none = self.body_names, self._rank, (None, None)
        found = sorted(
            (((0 if body in other else 1) if body in one else 2), rank[body], body)
            for body in one.keys() | other.keys()
        )
        return [
            {"body": body, "name_en": names[body][0], "name_zh": names[body][1], "in": ("both", "a", "b")[side],
             "status_a": one.get(body, none)[0], "since_a": one.get(body, none)[1],
             "status_b": other.get(body, none)[0], "since_b": other.get(body, none)[1]}
            for side, _, body in found
        ]  # fmt: skip

    def curve(self, state: str) -> list[Row]:
        """Memberships of a state on the last day of each year, up to the closing day: [{year, memberships}].

        Counted are the bodies in which it is a member on that day, also one that has said it leaves, whose notice runs, or
        whose rights are suspended.
        """
        if state not in self._curves:
            found = memberships_by_year(self.record, state, FIRST_YEAR)
            self._curves[state] = [{"year": year, "memberships": number} for year, number in found]
        return self._curves[state]

    # --- acts ----------------------------------------------------------------------------------------------------

    @cached_property
    def _exits(self) -> list[Row]:
        return [one.as_dict() for one in exits(self.record)]

    @cached_property
    def _exits_by_state(self) -> dict[str, list[Row]]:
        return _grouped(self._exits, "state")

    def exits(
        self, *, state: str | None = None, body: str | None = None, first_year: int | None = None,
        last_year: int | None = None, region: str | None = None, contested: str | None = None,
        counts_as_exit: str | None = None, announced: str | None = None, notified: str | None = None,
        effective: str | None = None, as_of: date | None = None, known_by: date | None = None,
    ) -> list[Row]:  # fmt: skip
        """Acts of leaving, as `exeunt exits` gives them, through more filters.

        Parameters
        ----------
        first_year, last_year : keep an episode of which some step may lie in these years
        counts_as_exit : yes, no or unsettled
        """
        dated = as_of is not None or known_by is not None
        if dated:
            rows = [one.as_dict() for one in exits(self.record, state, body, as_of, known_by)]
        else:
            rows = self._exits_by_state.get(state, []) if state else self._exits
        if first_year is not None or last_year is not None:
            span = parse(f"{first_year or '..'}/{last_year or '..'}")
            rows = [r for r in rows if any(r[d] and parse(r[d]).possibly_overlaps(span) for d in DATES)]
        for name, text in (("announced", announced), ("notified", notified), ("effective", effective)):
            if text is not None:
                window: EDTF = parse(text)
                rows = [r for r in rows if r[name] and parse(r[name]).possibly_overlaps(window)]
        settled = {"yes": True, "no": False}.get(counts_as_exit or "")
        return [
            r for r in rows
            if state in (None, r["state"]) and body in (None, r["body"])
            and region in (None, self.regions.get(r["state"]))
            and (contested is None or r["contested"] == (contested == "yes"))
            and (counts_as_exit is None or r["counts_as_exit"] is settled)
        ]  # fmt: skip

    def exits_by_year(self, rows: list[Row]) -> list[Row]:
        """Count episodes by year and class: [{year, yes, unsettled, no}], every year from the first to the last."""
        counted: Counter[tuple[int, str]] = Counter()
        for row in rows:
            year = _year_of(row)
            if year is not None:
                counted[year, COUNTED_AS[row["counts_as_exit"]]] += 1
        years = [year for year, _ in counted]
        return [
            {"year": year, **{word: counted[year, word] for word in COUNTED_AS.values()}}
            for year in range(min(years), max(years) + 1)
        ] if years else []  # fmt: skip

    def exits_by_region(self, rows: list[Row]) -> list[Row]:
        """Count the episodes that count as exits by decade and region: [{decade, Africa, …}]."""
        counted: Counter[tuple[int, str]] = Counter()
        for row in rows:
            year, region = _year_of(row), self.regions.get(row["state"])
            if year is not None and region and row["counts_as_exit"]:
                counted[year // 10 * 10, region] += 1
        decades = [decade for decade, _ in counted]
        return [
            {"decade": decade, **{region: counted[decade, region] for region in REGIONS}}
            for decade in range(min(decades), max(decades) + 10, 10)
        ] if decades else []  # fmt: skip

    def acts(self, state: str | None, body: str | None, entries: bool = False) -> list[Row]:
        """Acts by earliest day, sources as a list; `entries` keeps those by which a state comes in."""
        rows = self._acts.get(state, []) if state else self._every_act
        return [r for r in rows if body in (None, r["body"]) and (not entries or r["act"] in ENTRIES)]

    @cached_property
    def _every_act(self) -> list[Row]:
        rows = [
            {**row, "sources": (row["sources"] or "").split()}
            for row in self.record.table("acts").iter_rows(named=True)
        ]
        return sorted(rows, key=lambda r: (parse(r["date"]).earliest or date.min, r["act_id"]))

    @cached_property
    def _acts(self) -> dict[str, list[Row]]:
        return _grouped(self._every_act, "state")

    def clauses(self, body: str) -> list[Row]:
        """Rules for leaving a body, sources and bodies as lists."""
        return self._clauses.get(body, [])

    @cached_property
    def _clauses(self) -> dict[str, list[Row]]:
        rows = [
            {**row, "sources": (row["sources"] or "").split(), "also_ends": (row["also_ends"] or "").split()}
            for row in self.record.table("clauses").iter_rows(named=True)
        ]
        return _grouped(rows, "body")

    # --- money, cases, the record --------------------------------------------------------------------------------

    def money(self, target: str, state: str | None, year: int | None, ledger: str | None) -> list[Row]:
        """Figures on a body or a case, as `exeunt money` gives them; one ledger, where it is named."""
        if target not in {one["case"] for one in self.cases}:
            target = self.body(target)
        rows = ledgers.money(self.record, target, state, year)
        return [r for r in rows if r["ledger"] == ledger] if ledger else rows

    def money_summary(self, body: str) -> list[Row]:
        """What the ledgers hold on a body: {ledger, basis, fund, currency, figures, first_year, last_year}."""
        found: dict[tuple[Any, ...], tuple[int, int, int]] = {}
        for key in [body, *(ledgers.UN_BUDGETS if body == "un" else ())]:
            for ledger, basis, fund, currency, figures, first, last in self._ledger_heads.get(key, ()):
                named = (ledger, basis, fund, currency)
                had = found.get(named, (0, first, last))
                found[named] = (had[0] + figures, min(had[1], first), max(had[2], last))
        return [
            {"ledger": k[0], "basis": k[1], "fund": k[2], "currency": k[3], "figures": figures,
             "first_year": first, "last_year": last}
            for k, (figures, first, last) in sorted(
                found.items(), key=lambda item: tuple(str(part or "~") for part in item[0])
            )
        ]  # fmt: skip

    def notes(self, body: str) -> list[Message]:
        """What a reader must know about where the money of a body comes from."""
        if body not in self._notes:
            self._notes[body] = ledgers.notes(self.record, body)
        return self._notes[body]

    @cached_property
    def _ledger_heads(self) -> dict[str, list[tuple[Any, ...]]]:
        found: dict[str, list[tuple[Any, ...]]] = {}
        heads = ("body", "ledger", "basis", "fund", "currency")
        frame = self.record.table("ledger").group_by(heads).agg(
            pl.len(), pl.col("first_year").min(), pl.col("last_year").max()
        )  # fmt: skip
        for body, *rest in frame.iter_rows():
            found.setdefault(body, []).append(tuple(rest))
        return found

    @cached_property
    def cases(self) -> list[Row]:
        """The cases, as `exeunt cases` gives them, with the Chinese title."""
        return [one.entry().as_dict() for one in cases(self.record)]

    @cached_property
    def case_titles(self) -> dict[str, tuple[str, str]]:
        """Case → (English title, Chinese title)."""
        return {one.case: (one.title_en, one.title_zh) for one in cases(self.record)}

    def case(self, name: str, as_of: date | None, known_by: date | None) -> list[Row]:
        """Status of the state of a case in each of its bodies, as `exeunt status` gives it, without the acts."""
        found = statuses(self.record, case(self.record, name), as_of or self.record.closing_day, known_by)
        return [{k: v for k, v in one.as_dict().items() if k != "acts"} for one in found]

    def case_parts(self, name: str) -> list[tuple[str, str]]:
        """Part of the list and what there is to leave, for each body of a case."""
        bodies = case(self.record, name).bodies
        return list(zip(bodies["list"], bodies["what"], strict=True))

    @cached_property
    def body_names(self) -> dict[str, tuple[str, str | None]]:
        """Body key → (English name, Chinese name)."""
        return self.record.body_names()

    def state_names(self, labels: str) -> dict[str, tuple[str, str | None]]:
        """State code → (English name, Chinese name), contested names from a set of labels."""
        if labels not in self._labelled:
            self._labelled[labels] = self.record.state_names(labels)
        return self._labelled[labels]

    @cached_property
    def about(self) -> Row:
        """Version, closing day and tables of the record."""
        from exeunt import __version__

        return {
            "exeunt": __version__, "version": self.record.version, "closing_day": self.record.closing_day.isoformat(),
            "tables": [
                {"table": t.name, "rows": self.record.table(t.name).height, "row": t.row, "key": ", ".join(t.key),
                 "licence_class": t.licence_class} for t in TABLES
            ],
        }  # fmt: skip
