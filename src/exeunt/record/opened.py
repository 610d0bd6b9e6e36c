"""The record as Python users open it: questions as methods, answers as data frames."""

from __future__ import annotations

from pathlib import Path

from exeunt.record import frames
from exeunt.record.frames import Day, Frame, Window
from exeunt.record.store import FACTS, Record


class OpenRecord(Record):
    """A record with the questions that users ask of it; every answer carries version, span and citation."""

    def exits(
        self, state: str | None = None, body: str | None = None, *, announced: Window = None, notified: Window = None,
        effective: Window = None, as_of: Day = None, known_by: Day = None,
    ) -> Frame:  # fmt: skip
        """Acts of leaving, one row an episode, announced, notified, effective and rejoined apart.

        Parameters
        ----------
        state, body : any name or code; all by default
        announced, notified, effective : keep the episodes whose date may lie in this window: a year, an EDTF date or
            interval such as "2016-03" or "2016/2018", or a pair of days of which one may be None
        as_of, known_by : drop acts after this day; drop acts recorded after this day

        Returns
        -------
        Frame of state, body, episode, announced, notified, effective, rejoined (EDTF), claimed_by, contested,
        counts_as_exit (empty where unsettled), confidence, sources.

        Raises
        ------
        UnknownNameError, BadDateError.
        """
        return frames.exits(
            self,
            state,
            body,
            announced=announced,
            notified=notified,
            effective=effective,
            as_of=as_of,
            known_by=known_by,
        )

    def memberships(
        self, state: str | None = None, body: str | None = None, *, as_of: Day = None, known_by: Day = None
    ) -> Frame:
        """Spells of membership; with a day, who belongs on it and since when.

        Returns
        -------
        Without a day the spells (see the data dictionary); with `as_of` or `known_by` a row each of body, state, as_of,
        status, since, reading, contested, rule, for one body or one state.

        Raises
        ------
        UsageError, if a day comes without state and body; UnknownNameError, BadDateError.
        """
        return frames.memberships(self, state, body, as_of=as_of, known_by=known_by)

    def status(
        self, state: str | None = None, body: str | None = None, *, as_of: Day = None, known_by: Day = None
    ) -> Frame:
        """Status on a day: of a state in a body, of a state everywhere, or of everybody in a body.

        Raises
        ------
        UsageError, without state and body; UnknownNameError, BadDateError.
        """
        return frames.status(self, state, body, as_of=as_of, known_by=known_by)

    def clock(self, state: str, body: str, *, notified: Day = None, as_of: Day = None, known_by: Day = None) -> Frame:
        """When at the earliest an exit takes effect by its rule, and what follows from it; one row."""
        return frames.clock(self, state, body, notified=notified, as_of=as_of, known_by=known_by)

    def money(self, target: str, state: str | None = None, year: int | None = None) -> Frame:
        """Every figure on a body or a case, ledger by ledger; never summed across ledgers."""
        return frames.money(self, target, state, year)

    def series(
        self, measure: str | None = None, state: str | None = None, years: tuple[int, int] | None = None
    ) -> Frame:
        """Measures of states by year: state, cow, year, measure, value, low, high, source, reading.

        Parameters
        ----------
        years : first and last year, both included
        """
        return frames.series(self, measure, state, years)


def open_record(folder: Path | None = None) -> OpenRecord:
    """Open the embedded record, or one compiled elsewhere.

    Raises
    ------
    RecordError, if there is none, or its manifest is damaged.
    """
    return OpenRecord(folder or FACTS)
