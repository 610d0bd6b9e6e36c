"""A case: a batch of acts, the unit a report is about."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

import polars as pl

from exeunt.errors import UnknownNameError
from exeunt.record.status import Status, status
from exeunt.record.store import Record


@dataclass(frozen=True)
class Case:
    """One case with its bodies in the order of the list."""

    case: str
    title_en: str
    title_zh: str
    states: tuple[str, ...]
    valid_from: str
    valid_to: str | None
    note: str | None
    sources: tuple[str, ...]
    bodies: pl.DataFrame

    def as_dict(self) -> dict[str, Any]:
        """Plain values for JSON: one entry of `exeunt cases`."""
        return {
            "case": self.case, "title": self.title_en, "states": list(self.states), "valid_from": self.valid_from,
            "valid_to": self.valid_to, "bodies": self.bodies.height, "listed_un": self.listed("listed_un"),
            "listed_other": self.listed("listed_other"),
        }  # fmt: skip

    def listed(self, part: str) -> int:
        """Number of bodies in one part of the list."""
        return self.bodies.filter(pl.col("list") == part).height


def cases(record: Record) -> list[Case]:
    """All cases of the record."""
    found = []
    for row in record.table("cases").iter_rows(named=True):
        bodies = record.table("case_bodies").filter(pl.col("case") == row["case"]).sort("list", "order")
        found.append(
            Case(
                row["case"],
                row["title_en"],
                row["title_zh"],
                tuple(row["states"].split()),
                row["valid_from"],
                row["valid_to"],
                row["note"],
                tuple(row["sources"].split()),
                bodies,
            )
        )
    return found


def case(record: Record, name: str) -> Case:
    """Find one case; raises UnknownNameError with the closest matches."""
    known = {c.case: c for c in cases(record)}
    if name not in known:
        raise UnknownNameError("case", name, known)
    return known[name]


def statuses(record: Record, chosen: Case, as_of: date, known_by: date | None = None) -> list[Status]:
    """Status of the case's state in each of its bodies on a day, in the order of the list."""
    return [status(record, chosen.states[0], body, as_of, known_by) for body in chosen.bodies["body"]]
