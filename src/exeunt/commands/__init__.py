"""What each command does: call and print. A module imports what it needs when a command runs."""

from __future__ import annotations

from datetime import date


def day(text: str | None) -> date | None:
    """Read a day option; raises BadDateError."""
    from exeunt.dates import parse_day

    return parse_day(text) if text is not None else None
