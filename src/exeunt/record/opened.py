"""The record as Python users open it: questions as methods, answers as data frames that carry version, span and citation."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from pathlib import Path
from types import UnionType
from typing import Annotated, Any, Final, TypeAlias, Union, get_args, get_origin, get_type_hints

import msgspec
import polars as pl

from exeunt.answers import Answer, Message, fields
from exeunt.core.dates import EDTF, parse, parse_day
from exeunt.core.errors import BadDateError, UnknownNameError, UsageError
from exeunt.record import ledgers
from exeunt.record.cards import all_cards
from exeunt.record.cases import CaseEntry
from exeunt.record.clauses import clock
from exeunt.record.exits import Exit, exits
from exeunt.record.membership import Member, members, memberships_of, statuses
from exeunt.record.schema import MEASURES, TABLE, Column
from exeunt.record.status import Status, status
from exeunt.record.store import FACTS, POLARS_TYPES, Record

Day: TypeAlias = str | date | None
Window: TypeAlias = int | str | date | tuple[Day, Day] | None


class Frame(pl.DataFrame):
    """A polars data frame that knows where it came from.

    What is computed from it (a filter, a join) is a plain polars frame: it is no longer what the record says.

    Attributes
    ----------
    version : version of the record
    span : first and last day or year that the rows can speak about
    citation : how to cite the software, the record and the sources of these rows
    """

    version: str
    span: str
    citation: str

    @classmethod
    def of(cls, frame: pl.DataFrame, record: Record, span: str, sources: Iterable[str]) -> Frame:
        """Put a frame of the record together with what it rests on; `sources` are keys of source cards."""
        out = cls(frame)
        out.version, out.span = record.version, span
        out.citation = _cite(record, sources)
        return out

    def pandas(self) -> Any:
        """The same rows as a pandas data frame, with version, span and citation in its `attrs`.

        Raises
        ------
        UsageError, if pandas is not installed.
        """
        try:
            import pandas  # type: ignore[import-untyped,unused-ignore]
        except ImportError:
            raise UsageError(
                "pandas is not installed; run `pip install pandas`, or stay with the polars frame."
            ) from None
        out = pandas.DataFrame({name: self[name].to_list() for name in self.columns})
        out.attrs.update(version=self.version, span=self.span, citation=self.citation)
        return out


def _cite(record: Record, sources: Iterable[str]) -> str:
    """Citation of the software, the record and the named sources."""
    from exeunt import __version__

    cards = all_cards()
    own = f"The exeunt contributors. {record.closing_day.year}. exeunt, version {__version__}, record {record.version}."
    return "\n".join(
        [own, *(cards[key].citation for key in sorted(set(sources)) if key in cards and key != "exeunt_curated")]
    )


class OpenRecord(Record):
    """A record with the questions that users ask of it; every answer carries version, span and citation."""

    def exits(
        self, state: str | None = None, body: str | None = None, *, announced: Window = None, notified: Window = None,
        effective: Window = None, as_of: Day = None, known_by: Day = None,
    ) -> Frame:  # fmt: skip
        """Acts of leaving, one row per episode, announced, notified, effective and rejoined apart.

        Parameters
        ----------
        state, body : any name or code; all by default
        announced, notified, effective : keep the episodes whose date may lie in this window: a year, an EDTF date or
            interval such as "2016-03" or "2016/2018", or a pair of days of which one may be None
        as_of, known_by : drop acts after this day; drop acts recorded after this day

        Returns
        -------
        Frame of the fields of `exeunt.record.exits.Exit`.

        Raises
        ------
        UnknownNameError, BadDateError.
        """
        found = exits(
            self, self.state(state) if state else None, self.body(body) if body else None, _day(as_of), _day(known_by)
        )
        for name, wanted in (("announced", announced), ("notified", notified), ("effective", effective)):
            if wanted is not None:
                window = _window(name, wanted)
                found = [one for one in found if (day := getattr(one, name)) and parse(day).possibly_overlaps(window)]
        span = f"1919/{min(_day(as_of) or self.closing_day, self.closing_day)}"
        return Frame.of(_rows(Exit, found), self, span, ["exeunt_curated"])

    def memberships(
        self, state: str | None = None, body: str | None = None, *, as_of: Day = None, known_by: Day = None
    ) -> Frame:
        """Spells of membership; with a day, who belongs on it and since when.

        Returns
        -------
        Without a day the spells (see the data dictionary); with `as_of` or `known_by` a row each of body, state, as_of,
        status, since, reading, contested, rule (as JSON: a code and what fills it), for one body or one state.

        Raises
        ------
        UsageError, if a day comes without state and body; UnknownNameError, BadDateError.
        """
        if as_of is None and known_by is None:
            found = self.table("memberships")
            if state:
                found = found.filter(pl.col("state") == self.state(state))
            if body:
                found = found.filter(pl.col("body") == self.body(body))
            return Frame.of(found, self, f"1945/{self.closing_day}", found["source"].unique())
        if body is None and state is None:
            raise UsageError("memberships on a day need a state or a body; without a day all spells are given.")
        if body is not None:
            listed = members(self, self.body(body), _day(as_of), _day(known_by))
            listed = [one for one in listed if state is None or one.state == self.state(state)]
        else:
            listed = memberships_of(self, self.state(str(state)), _day(as_of), _day(known_by))
        return Frame.of(_rows(Member, listed), self, f"1945/{self.closing_day}", _SOURCES_OF_STATUS)

    def status(
        self, state: str | None = None, body: str | None = None, *, as_of: Day = None, known_by: Day = None
    ) -> Frame:
        """Status on a day: of a state in a body, of a state everywhere, or of everybody in a body.

        Raises
        ------
        UsageError, without state and body; UnknownNameError, BadDateError.
        """
        if state is None and body is None:
            raise UsageError("status needs a state, a body or both.")
        day, known = _day(as_of), _day(known_by)
        code, key = self.state(state) if state else None, self.body(body) if body else None
        found = [status(self, code, key, day, known)] if code and key else statuses(self, code, key, day, known)
        return Frame.of(_rows(Status, found), self, f"1945/{self.closing_day}", _SOURCES_OF_STATUS)

    def clock(self, state: str, body: str, *, notified: Day = None, as_of: Day = None, known_by: Day = None) -> Frame:
        """When at the earliest an exit takes effect by its rule, and what follows from it; one row."""
        from exeunt.i18n.messages import written

        found = clock(self, self.state(state), self.body(body), _day(notified), _day(as_of), _day(known_by))
        frame = pl.DataFrame([written(found, "en")], infer_schema_length=None)
        return Frame.of(frame, self, f"1945/{self.closing_day}", ["exeunt_curated"])

    def money(self, target: str, state: str | None = None, year: int | None = None) -> Frame:
        """Every figure on a body or a case, ledger by ledger; never summed across ledgers."""
        rows = ledgers.money(self, target, state, year)
        kinds = {c.name: c.kind for c in TABLE["ledger"].columns}
        schema: dict[str, Any] = {name: POLARS_TYPES[kinds[name]] for name in ledgers.COLUMNS}
        schema["sources"] = pl.List(pl.String)
        frame = pl.DataFrame(rows, schema=schema)
        return Frame.of(frame, self, _years(frame), frame["source"].unique())

    def series(
        self, measure: str | None = None, state: str | None = None, years: tuple[int, int] | None = None
    ) -> Frame:
        """Measures of states by year: state, cow, year, measure, value, low, high, source, reading.

        Parameters
        ----------
        years : first and last year, both included
        """
        if measure is not None and measure not in MEASURES:
            raise UnknownNameError("measure", measure, MEASURES)
        found = self.all_series
        if measure is not None:
            found = found.filter(pl.col("measure") == measure)
        if state is not None:
            found = found.filter(pl.col("state") == self.state(state))
        if years is not None:
            found = found.filter(pl.col("year").is_between(*years))
        return Frame.of(found.sort("measure", "state", "year"), self, _years(found), found["source"].unique())


def open_record(folder: Path | None = None) -> OpenRecord:
    """Open the embedded record, or one compiled elsewhere.

    Raises
    ------
    RecordError, if there is none, or its manifest is damaged.
    """
    return OpenRecord(folder or FACTS)


def _rows(kind: type[Answer], found: Iterable[Answer]) -> pl.DataFrame:
    """Answers as a frame: a list stays a list, a message becomes JSON."""
    hints = get_type_hints(kind, include_extras=True)
    schema = {name: _type(hints[name]) for name in kind.__struct_fields__}
    rows = [
        {name: _cell(getattr(one, name)) for name in schema}
        for one in found
    ]  # fmt: skip
    return pl.DataFrame(rows, schema=schema)


def _type(hint: Any) -> Any:
    """Type of a column for the type of a field."""
    if get_origin(hint) is Annotated:
        hint = get_args(hint)[0]
    if get_origin(hint) in (Union, UnionType):
        hint = next(option for option in get_args(hint) if option is not type(None))
    if get_origin(hint) is tuple:
        return pl.List(_type(get_args(hint)[0]))
    if isinstance(hint, type) and issubclass(hint, Answer) and not issubclass(hint, Message):
        hints = get_type_hints(hint, include_extras=True)
        return pl.Struct({name: _type(hints[name]) for name in hint.__struct_fields__})
    return {bool: pl.Boolean, int: pl.Int64, float: pl.Float64}.get(hint, pl.String)


def _cell(value: Any) -> Any:
    if isinstance(value, Message):
        return msgspec.json.encode(value).decode()
    return value.isoformat() if isinstance(value, date) else msgspec.to_builtins(value)


_SOURCES_OF_STATUS = ("cow_igo", "un_ceb", "cia_factbook")


def _years(frame: pl.DataFrame) -> str:
    years: list[int] = frame["year"].drop_nulls().to_list()
    return f"{min(years)}/{max(years)}" if years else "no year"


def _day(value: Day) -> date | None:
    return parse_day(value) if isinstance(value, str) else value


def _window(name: str, value: Window) -> EDTF:
    """Span of days in which a date may lie."""
    if isinstance(value, tuple):
        first, last = (str(v) if v is not None else ".." for v in value)
        return parse(f"{first}/{last}")
    if isinstance(value, (int, str, date)):
        return parse(str(value))
    raise BadDateError(f"{name}={value!r} is no window; give a year, a date such as '2016-03', or a pair of days.")


# --- The columns of what commands answer, so that an answer without rows has a header and one for Stata h


def _of(table: str, *names: str) -> tuple[Column, ...]:
    """Columns of a table of the record, by name."""
    known = {column.name: column for column in TABLE[table].columns}
    return tuple(known[name] for name in names)


_NAME = Column("name", "text", "name of the state, by the chosen set of labels")


def _members() -> tuple[Column, ...]:
    known = {field.name: field for field in fields(Member)}
    first = ("state", "status", "since", "reading")
    order = [known[name] for name in (*first, *(name for name in known if name not in first))]
    return order[0], _NAME, *order[1:]


ANSWERS: Final[dict[str, tuple[Column, ...]]] = {
    "status": fields(Status),
    "members": _members(),
    "cases": fields(CaseEntry),
    "exits": fields(Exit),
    "money": _of(
        "ledger", "body", "state", "year", "fund", "ledger", "amount", "currency", "usd", "basis", "source",
        "rate_pct", "period", "as_of", "id", "record", "confidence", "flag", "note", "sources",
    ),
    "tables": (
        Column("table", "text", "name of the table"),
        Column("rows", "integer", "number of rows"),
        Column("row", "text", "what one row is"),
        Column("key", "text", "columns that name a row"),
        Column("licence_class", "text", "class in licences.toml", ("ship", "ship_derived", "share_alike")),
    ),
    "diff": (
        Column("table", "text", "name of the table"),
        Column("change", "text", "what happened to the row", ("added", "removed", "changed")),
        Column("key", "text", "key of the row"),
        Column("column", "text", "column that changed"),
        Column("old", "text", "value in the old record"),
        Column("new", "text", "value in the new record"),
    ),
}  # fmt: skip


def recognised(names: Iterable[str], tables: Iterable[str]) -> tuple[Column, ...]:
    """Columns that the tables have under these names, where all of the tables that do mean the same by it."""
    found: dict[str, set[Column]] = {}
    for table in tables:
        for column in TABLE[table].columns if table in TABLE else ():
            found.setdefault(column.name, set()).add(replace(column, required=False))
    return tuple(next(iter(found[name])) for name in names if len(found.get(name, ())) == 1)
