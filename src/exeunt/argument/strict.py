"""Reading tables of TOML strictly: unknown keys, wrong types and missing keys give one sentence."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any, Final

from exeunt.errors import UsageError

WORDS: Final[dict[type, str]] = {
    str: "a text", list: "a list", int: "a whole number", float: "a number", bool: "true or false", dict: "a table",
}  # fmt: skip


@dataclass(frozen=True)
class Place:
    """Where in a file something stands."""

    file: str
    part: str

    def __str__(self) -> str:
        """As an error names it."""
        return f"{self.file}: {self.part}"


def require(
    place: Place, found: Mapping[str, Any], schema: Mapping[str, tuple[type, ...]], needed: Iterable[str]
) -> None:
    """Hold a table against its schema.

    Raises
    ------
    UsageError, for a key that the schema lacks, a value of another type, or a key that is missing.
    """
    for key, value in found.items():
        if key not in schema:
            close = get_close_matches(key, schema, n=1)
            hint = f"did you mean {close[0]}?" if close else f"expected {', '.join(schema)}."
            raise UsageError(f"{place} has no key {key!r}; {hint}")
        kinds = schema[key]
        if not isinstance(value, kinds) or (isinstance(value, bool) and bool not in kinds):
            wanted = " or ".join(dict.fromkeys(WORDS[kind] for kind in kinds))
            raise UsageError(f"{place}: {key} is {value!r}; expected {wanted}.")
        if value == "" or value == []:
            raise UsageError(f"{place}: {key} is empty; fill it in or take it out.")
    missing = [key for key in needed if key not in found]
    if missing:
        raise UsageError(f"{place} lacks {', '.join(missing)}; add it.")


def kinds_of(found: Any) -> list[Any]:
    """One table, or a list of them, as a list."""
    return list(found) if isinstance(found, list) else [found]
