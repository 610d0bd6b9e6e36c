"""Who is who: state codes with their spans, body keys, and the names under which people look them up."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from datetime import date

import polars as pl

from exeunt.core.errors import UnknownNameError, UsageError

LONGEST_NUMBER = 4
SHORTEST_BEGINNING = 5
SCHEMES = {"cow": "cow", "gw": "gw", "m49": "m49"}
"""Prefix of a number → column of the scheme it is from."""


@dataclass(frozen=True, slots=True)
class StateCode:
    """One state under one code over a span; `valid_to` is None while it lasts."""

    state: str
    cow: int | None
    valid_from: date | None
    valid_to: date | None
    name_en: str
    name_zh: str | None


def state_codes(states: pl.DataFrame) -> list[StateCode]:
    """Read the states table as objects, in its order."""
    return [
        StateCode(
            row["state"],
            row["cow"],
            date.fromisoformat(row["valid_from"]) if row["valid_from"] else None,
            date.fromisoformat(row["valid_to"]) if row["valid_to"] else None,
            row["name_en"],
            row["name_zh"],
        )
        for row in states.iter_rows(named=True)
    ]


def code_in_year(codes: list[StateCode], cow: int, year: int) -> str:
    """State code that a COW number bears on 31 December of a year, else in any part of it, else next to it."""
    spans = [c for c in codes if c.cow == cow]
    if not spans:
        raise UnknownNameError("state", str(cow), [str(c.cow) for c in codes if c.cow])
    last_day, first_day = date(year, 12, 31), date(year, 1, 1)

    def distance(span: StateCode) -> tuple[int, int]:
        start, end = span.valid_from or date.min, span.valid_to or date.max
        if start <= last_day <= end:
            return 0, 0
        if start <= last_day and end >= first_day:
            return 1, -end.toordinal()
        return 2, min(abs((start - last_day).days), abs((end - first_day).days))

    return min(spans, key=distance).state


def cow_of(codes: list[StateCode], state: str, year: int) -> int | None:
    """COW number of a state code in a year; None for what is not in the COW system."""
    spans = [c for c in codes if c.state == state and c.cow is not None]
    for span in spans:
        start = span.valid_from.year if span.valid_from else 0
        end = span.valid_to.year if span.valid_to else 9999
        if start <= year <= end:
            return span.cow
    return spans[-1].cow if spans else None


def _normal(name: str) -> str:
    """A name without what people write in several ways: case, accents, points, hyphens, articles, 台 for 臺."""
    folded = unicodedata.normalize("NFKD", name.casefold().replace("&", " and ").replace("台", "臺"))
    bare = "".join(c for c in folded if not unicodedata.combining(c) and c not in ".'’")
    words = "".join(c if c.isalnum() else " " for c in bare).split()
    return " ".join(words[1:] if words[:1] == ["the"] and len(words) > 1 else words)


def _called(names: pl.DataFrame | None, kind: str, wanted: str) -> str | None:
    """Code of a name of the table `names`; None where the table does not have it.

    Raises
    ------
    UsageError, where the name stands for several, or for nothing in the record.
    """
    if names is None:
        return None
    normal = _normal(wanted)
    rows = names.filter(pl.col("kind") == kind).select("name", "code", "note").iter_rows()
    found = [(code, note) for name, code, note in rows if _normal(name) == normal]
    if not found:
        return None
    codes = sorted({code for codes, _ in found for code in (codes or "").split()})
    if len(codes) == 1:
        return codes[0]
    if codes:
        raise UsageError(f"{wanted} may be {', '.join(codes)}; write one of these codes.")
    raise UsageError(f"{wanted} is no {kind} of the record: {found[0][1]}.")


def resolve_state(
    states: pl.DataFrame, name: str, labels: pl.DataFrame | None = None, names: pl.DataFrame | None = None
) -> str:
    """State code for an ISO3 code, a number (COW, Gleditsch-Ward, M49), a COW abbreviation or an English or Chinese name.

    Parameters
    ----------
    labels : table of contested names; every one of them is understood, whichever set the answer is written in
    names : table of the names that people write, in several languages

    A number that means one state as a COW number and another elsewhere is refused; `gw:260`, `cow:260` and `m49:276` say
    which is meant. A code wins over an abbreviation, for COW's letters are not ISO's (SWZ is Switzerland there).

    Raises
    ------
    UnknownNameError, with the closest matches.
    UsageError, if a number or a name means two states, or if a name is known to stand for none of the record.
    """
    wanted = name.strip()
    lowered = wanted.lower()
    scheme, _, rest = lowered.partition(":")
    if scheme in SCHEMES and rest.isascii() and rest.isdigit():
        return _of_number(states, SCHEMES[scheme], int(rest), wanted)
    if lowered.isascii() and lowered.isdigit() and len(lowered) <= LONGEST_NUMBER:
        number = int(lowered)
        lasting = pl.col("valid_to").is_null()
        rows = states.filter(
            (pl.col("cow") == number) | ((pl.col("m49") == number) | (pl.col("gw") == number)) & lasting
        )
        found = rows["state"].unique(maintain_order=True).to_list()
        by_cow = states.filter(pl.col("cow") == number)["state"].unique(maintain_order=True).to_list()
        if len(found) == 1:
            return str(found[0])
        if len(found) > 1:
            raise UsageError(
                f"{wanted} means {', '.join(found)} (COW number: {', '.join(by_cow) or 'none'}); write the state code, or "
                f"cow:{wanted}, gw:{wanted} or m49:{wanted}."
            )
        raise UnknownNameError("state", wanted, states["state"].to_list())
    for column in ("state", "name_en", "name_zh", "name_cow", "cow_abb"):
        if column == "name_en" and (code := _called(names, "state", wanted)):
            return code
        match = states.filter(pl.col(column).str.to_lowercase() == lowered)
        if match.height:
            return str(match.sort("valid_to", nulls_last=True)["state"][-1])
    if labels is not None:
        called = labels.filter(
            (pl.col("name_en").str.to_lowercase() == lowered) | (pl.col("name_zh") == wanted)
            | pl.col("name_en").str.to_lowercase().str.starts_with(f"{lowered} (")
        )  # fmt: skip
        if called["state"].n_unique() == 1:
            return str(called["state"][0])
    begun = states.filter(pl.col("name_en").str.to_lowercase().str.starts_with(lowered))["state"].unique().to_list()
    if len(lowered) >= SHORTEST_BEGINNING and len(begun) == 1:
        return str(begun[0])
    known = [v for c in ("state", "name_en", "name_zh", "name_cow") for v in states[c].drop_nulls().to_list()]
    raise UnknownNameError("state", wanted, known)


def _of_number(states: pl.DataFrame, column: str, number: int, wanted: str) -> str:
    rows = states.filter(pl.col(column) == number).sort("valid_to", nulls_last=True)
    if not rows.height:
        known = [f"{wanted.partition(':')[0]}:{n}" for n in states[column].drop_nulls().unique()]
        raise UnknownNameError("state", wanted, known)
    return str(rows["state"][-1])


def resolve_body(bodies: pl.DataFrame, name: str, names: pl.DataFrame | None = None) -> str:
    """Body key for a key, a COW column, a name in either language, or an acronym that only one body bears.

    A name of the table `names` (acronyms and names in other languages) goes before all but the key as it is written.

    Raises
    ------
    UnknownNameError, with the closest matches.
    UsageError, if an acronym is borne by several bodies; they are named.
    """
    wanted = name.strip()
    lowered = wanted.lower()
    if wanted not in bodies["body"] and (key := _called(names, "body", wanted)):
        return key
    # A COW column is lower case, like our keys; capitals mean an acronym.
    for column, text in (
        ("body", lowered),
        ("name_en", lowered),
        ("name_zh", lowered),
        ("cow_igo", wanted),
        ("acronym", lowered),
    ):
        spelled = pl.col(column) if column == "cow_igo" else pl.col(column).str.to_lowercase()
        match = bodies.filter(spelled == text)
        if match.height == 1:
            return str(match["body"][0])
        if match.height > 1:
            raise UsageError(f"{wanted} is borne by {', '.join(match['body'].to_list())}; write one of these keys.")
    normal = _normal(wanted)
    alike = {
        key for key, *called in bodies.select("body", "name_en", "name_zh").iter_rows()
        if normal in {_normal(part) for text in called if text for part in (text, text.partition("(")[0])}
    }  # fmt: skip
    if len(alike) == 1:
        return str(alike.pop())
    known = [v for c in ("body", "name_en", "name_zh", "acronym") for v in bodies[c].drop_nulls().to_list()]
    raise UnknownNameError("body", wanted, known)
