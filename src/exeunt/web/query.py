"""The query of an address, read strictly: every parameter is known, given once, and of its kind."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from starlette.datastructures import QueryParams

from exeunt.dates import parse_day
from exeunt.errors import UsageError
from exeunt.i18n import LANGS
from exeunt.record.schema import LABELS, LEDGERS, REGIONS

LONGEST_TEXT: Final = 120
LAST_YEAR: Final = 2999
FIRST_YEAR: Final = 1000


@dataclass(frozen=True)
class Param:
    """One parameter of a query.

    Attributes
    ----------
    kind : text, day (YYYY-MM-DD), window (EDTF date or interval), whole (number), or choice
    words : of a choice, what may be chosen
    least, most : of a whole number, its bounds
    """

    name: str
    kind: str
    required: bool = False
    words: tuple[str, ...] = ()
    least: int = 0
    most: int = 0
    default: Any = None

    def read(self, text: str) -> Any:
        """Value of a text; raises UsageError or BadDateError."""
        if len(text) > LONGEST_TEXT:
            raise UsageError(f"{self.name} is {len(text)} signs long; at most {LONGEST_TEXT} are read.")
        if text == "" and self.kind == "text":
            raise UsageError(f"{self.name} is empty; give it a value or leave it out.")
        if self.kind == "day":
            return parse_day(text)
        if self.kind == "whole":
            if not (text.isascii() and text.isdigit() and len(text) <= 10):
                raise UsageError(f"{self.name}={text!r} is no whole number; give one from {self.least} to {self.most}.")
            if not self.least <= int(text) <= self.most:
                raise UsageError(f"{self.name}={int(text)} is out of range; give one from {self.least} to {self.most}.")
            return int(text)
        if self.kind == "choice" and text not in self.words:
            raise UsageError(f"{self.name}={text!r} is none of {', '.join(self.words)}.")
        return text


def year(name: str) -> Param:
    """Make a parameter that is a calendar year."""
    return Param(name, "whole", least=FIRST_YEAR, most=LAST_YEAR)


STATE: Final = Param("state", "text")
BODY: Final = Param("body", "text")
AS_OF: Final = Param("as_of", "day")
KNOWN_BY: Final = Param("known_by", "day")
LABEL_SET: Final = Param("labels", "choice", words=tuple(LABELS), default="common")
LANG: Final = Param("lang", "choice", words=LANGS, default=LANGS[0])
REGION: Final = Param("region", "choice", words=REGIONS)
CONTESTED: Final = Param("contested", "choice", words=("yes", "no"))
COUNTS: Final = Param("counts_as_exit", "choice", words=("yes", "no", "unsettled"))
LEDGER: Final = Param("ledger", "choice", words=tuple(LEDGERS))
FIRST: Final = year("first_year")
LAST: Final = year("last_year")
WINDOWS: Final = tuple(Param(name, "window") for name in ("announced", "notified", "effective"))
FORMAT: Final = Param("format", "choice", words=("json", "csv"), default="json")


def needed(param: Param) -> Param:
    """Make the same parameter one that must be given."""
    return Param(param.name, param.kind, True, param.words, param.least, param.most, param.default)


def read(given: QueryParams, expected: Sequence[Param], lenient: bool = False) -> dict[str, Any]:
    """Read a query.

    Parameters
    ----------
    expected : the parameters that may be given
    lenient : an empty text counts as not given, as an empty field of a form sends it

    Returns
    -------
    name → value of every expected parameter, None or its default where it is not given

    Raises
    ------
    UsageError, for an unknown, repeated, missing or bad parameter; BadDateError.
    """
    known = {param.name: param for param in expected}
    found: dict[str, Any] = {param.name: param.default for param in expected}
    seen: set[str] = set()
    for name, text in given.multi_items():
        if name not in known:
            raise UsageError(f"there is no parameter {name[:40]!r} here; known: {', '.join(known) or 'none'}.")
        if name in seen:
            raise UsageError(f"{name} is given twice; give it once.")
        seen.add(name)
        if text == "" and lenient:
            continue
        found[name] = known[name].read(text)
    for param in expected:
        if param.required and not lenient and param.name not in seen:
            raise UsageError(f"{param.name} is missing; give it as {param.name}=….")
    return found
