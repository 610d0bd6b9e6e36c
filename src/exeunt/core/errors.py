"""What can go wrong, each with one sentence for the reader and an exit code for the shell.

Exit codes: 0 done, 1 failed, 2 wrong use, 130 interrupted (`docs/design.md`, section 7).
"""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches
from typing import ClassVar


class ExeuntError(Exception):
    """A run that cannot go on; its text says what was found, where, what was expected, what to do."""

    exit_code: ClassVar[int] = 1


class UsageError(ExeuntError):
    """The call itself is off: an unknown name, a bad date, options that contradict each other."""

    exit_code: ClassVar[int] = 2


FEW = 12
"""So many names are all listed where none is close."""


class UnknownNameError(UsageError):
    """A state, body, case or measure that the record does not hold.

    Parameters
    ----------
    kind : what was looked up, in the singular ("state", "body", "case")
    found : what the user wrote
    known : every spelling that would have been understood
    """

    def __init__(self, kind: str, found: str, known: Iterable[str]) -> None:
        self.kind = kind
        self.found = found
        lowered: dict[str, str] = {}
        for name in known:
            lowered.setdefault(name.lower(), name)
        close = get_close_matches(found.lower(), list(lowered), n=5, cutoff=0.5)
        self.matches = [lowered[name] for name in close]
        if self.matches:
            hint = f"closest: {', '.join(self.matches)}"
        elif len(lowered) <= FEW:
            hint = f"known: {', '.join(lowered.values())}"
        else:
            hint = f"nothing like it among {len(lowered)} names"
        super().__init__(f"no {kind} named {found!r} in the record; {hint}.")


class BadDateError(UsageError):
    """A text that is not an EDTF level-1 date, or a day where an interval was given."""


class RecordError(ExeuntError):
    """The record is damaged, incomplete or breaks one of its own rules."""


class CompileError(RecordError):
    """Curated facts, raw sources and corrections do not fit together."""


class OutputError(ExeuntError):
    """A result could not be written; nothing half-written was left behind."""


class DownloadError(ExeuntError):
    """A file could not be fetched, or what came is not the pinned one; what had come of it is kept where it can go on."""


class FitError(ExeuntError):
    """A model that may not be used for what was asked, with the status that forbids it."""


class WorkError(ExeuntError):
    """Work shared out among processes that failed again and again, with what names it."""
