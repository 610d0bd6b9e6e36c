"""The record as data frames: what `open_record()` gives to Python, each carrying its version, span and citation."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any, TypeAlias

import polars as pl

from exeunt.dates import EDTF, parse, parse_day
from exeunt.errors import BadDateError, UnknownNameError, UsageError
from exeunt.record.cards import all_cards
from exeunt.record.schema import MEASURES, TABLE
from exeunt.record.store import POLARS_TYPES, Record

Day: TypeAlias = str | date | None
Window: TypeAlias = int | str | date | tuple[Day, Day] | None

EXITS: dict[str, Any] = {
    "state": pl.String, "body": pl.String, "episode": pl.String, "announced": pl.String, "notified": pl.String,
    "effective": pl.String, "rejoined": pl.String, "claimed_by": pl.List(pl.String), "contested": pl.Boolean,
    "counts_as_exit": pl.Boolean, "confidence": pl.String, "sources": pl.List(pl.String),
}  # fmt: skip
MEMBERS: dict[str, Any] = {
    "body": pl.String, "state": pl.String, "as_of": pl.String, "status": pl.String, "since": pl.String,
    "reading": pl.String, "contested": pl.Boolean, "rule": pl.String,
}  # fmt: skip
STATUS: dict[str, Any] = {
    "state": pl.String, "body": pl.String, "as_of": pl.String, "status": pl.String, "since": pl.String,
    "until": pl.String, "contested": pl.Boolean, "contested_by": pl.String, "rule": pl.String, "leaveable": pl.String,
    "beyond_record": pl.Boolean,
    "acts": pl.List(pl.Struct({"act": pl.String, "date": pl.String, "claimed_by": pl.String, "source": pl.List(pl.String)})),
}  # fmt: skip


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
        out.citation = cite(record, sources)
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


def cite(record: Record, sources: Iterable[str]) -> str:
    """Citation of the software, the record and the named sources."""
    from exeunt import __version__

    cards = all_cards()
    own = f"The exeunt contributors. {record.closing_day.year}. exeunt, version {__version__}, record {record.version}."
    return "\n".join(
        [own, *(cards[key].citation for key in sorted(set(sources)) if key in cards and key != "exeunt_curated")]
    )


def exits(
    record: Record, state: str | None = None, body: str | None = None, *, announced: Window = None,
    notified: Window = None, effective: Window = None, as_of: Day = None, known_by: Day = None,
) -> Frame:  # fmt: skip
    """Acts of leaving, one row an episode; see `Record.exits`."""
    from exeunt.record.exits import exits as episodes

    rows = episodes(
        record, record.state(state) if state else None, record.body(body) if body else None, _day(as_of), _day(known_by)
    )
    for name, wanted in (("announced", announced), ("notified", notified), ("effective", effective)):
        if wanted is not None:
            window = _window(name, wanted)
            rows = [row for row in rows if row[name] and parse(row[name]).possibly_overlaps(window)]
    span = f"1919/{min(_day(as_of) or record.closing_day, record.closing_day)}"
    return Frame.of(pl.DataFrame(rows, schema=EXITS), record, span, ["exeunt_curated"])


def memberships(
    record: Record, state: str | None = None, body: str | None = None, *, as_of: Day = None, known_by: Day = None
) -> Frame:
    """Spells of membership, or who belongs on a day; see `Record.memberships`."""
    if as_of is None and known_by is None:
        found = record.table("memberships")
        if state:
            found = found.filter(pl.col("state") == record.state(state))
        if body:
            found = found.filter(pl.col("body") == record.body(body))
        return Frame.of(found, record, f"1945/{record.closing_day}", found["source"].unique())
    from exeunt.record.members import members, memberships_of

    if body is None and state is None:
        raise UsageError("memberships on a day need a state or a body; without a day all spells are given.")
    if body is not None:
        rows = members(record, record.body(body), _day(as_of), _day(known_by))
        if state is not None:
            rows = [row for row in rows if row["state"] == record.state(state)]
    else:
        rows = memberships_of(record, record.state(str(state)), _day(as_of), _day(known_by))
    return Frame.of(pl.DataFrame(rows, schema=MEMBERS), record, f"1945/{record.closing_day}", _SOURCES_OF_STATUS)


def status(
    record: Record, state: str | None = None, body: str | None = None, *, as_of: Day = None, known_by: Day = None
) -> Frame:
    """Status on a day; see `Record.status`."""
    from exeunt.record.members import statuses
    from exeunt.record.status import status as status_on

    if state is None and body is None:
        raise UsageError("status needs a state, a body or both.")
    day, known = _day(as_of), _day(known_by)
    code, key = record.state(state) if state else None, record.body(body) if body else None
    if code and key:
        found = [status_on(record, code, key, day, known)]
    else:
        found = statuses(record, code, key, day, known)
    return Frame.of(
        pl.DataFrame([s.as_dict() for s in found], schema=STATUS),
        record,
        f"1945/{record.closing_day}",
        _SOURCES_OF_STATUS,
    )


def clock(
    record: Record, state: str, body: str, *, notified: Day = None, as_of: Day = None, known_by: Day = None
) -> Frame:
    """The clock of an exit, one row; see `Record.clock`."""
    from exeunt.record.clauses import clock as run_clock
    from exeunt.words.messages import written

    found = run_clock(record, record.state(state), record.body(body), _day(notified), _day(as_of), _day(known_by))
    frame = pl.DataFrame([written(found, "en")], infer_schema_length=None)
    return Frame.of(frame, record, f"1945/{record.closing_day}", ["exeunt_curated"])


def money(record: Record, target: str, state: str | None = None, year: int | None = None) -> Frame:
    """Every figure on a body or a case; see `Record.money`."""
    from exeunt.record import ledgers

    rows = ledgers.money(record, target, state, year)
    kinds = {c.name: c.kind for c in TABLE["ledger"].columns}
    schema: dict[str, Any] = {name: POLARS_TYPES[kinds[name]] for name in ledgers.COLUMNS}
    schema["sources"] = pl.List(pl.String)
    frame = pl.DataFrame(rows, schema=schema)
    return Frame.of(frame, record, _years(frame), frame["source"].unique())


def series(
    record: Record, measure: str | None = None, state: str | None = None, years: tuple[int, int] | None = None
) -> Frame:
    """Measures of states by year; see `Record.series`."""
    if measure is not None and measure not in MEASURES:
        raise UnknownNameError("measure", measure, MEASURES)
    found = record.all_series
    if measure is not None:
        found = found.filter(pl.col("measure") == measure)
    if state is not None:
        found = found.filter(pl.col("state") == record.state(state))
    if years is not None:
        found = found.filter(pl.col("year").is_between(*years))
    return Frame.of(found.sort("measure", "state", "year"), record, _years(found), found["source"].unique())


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
