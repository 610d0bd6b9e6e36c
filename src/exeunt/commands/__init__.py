"""What each command does: call and print. A module imports what it needs when a command runs."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from exeunt.record.store import Record
    from exeunt.words import Names


def day(text: str | None) -> date | None:
    """Read a day option; raises BadDateError."""
    from exeunt.dates import parse_day

    return parse_day(text) if text is not None else None


def names_of(record: Record) -> Names:
    """Names of states and bodies for sentences; see `exeunt.words.messages.names_from`."""
    from exeunt.words.messages import names_from

    return names_from(record.state_names(), record.body_names())
