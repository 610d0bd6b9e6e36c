"""Who belongs to what on a day, as a matrix: the coded bodies that are alive, acts read to the day.

A member whose exit is announced, whose notice runs, whose rights are suspended, or whose leaving is disputed counts as inside.
Bodies outside the coded source have no list of members in the record, and are left out.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from typing import Any

import numpy as np
import polars as pl

from exeunt.core.arrays import BoolArray, FloatArray
from exeunt.record.identity import code_in_year
from exeunt.record.membership import membership_matrix
from exeunt.record.store import Record


@dataclass(frozen=True, eq=False)
class Memberships:
    """Membership of states in bodies. `members` is (states, bodies); states are codes of the day."""

    day: date
    states: tuple[str, ...]
    bodies: tuple[str, ...]
    members: BoolArray

    @cached_property
    def at_state(self) -> dict[str, int]:
        """State → its row."""
        return {state: i for i, state in enumerate(self.states)}

    @cached_property
    def at_body(self) -> dict[str, int]:
        """Body → its column."""
        return {body: j for j, body in enumerate(self.bodies)}

    def without(self, pairs: Iterable[tuple[str, str]]) -> Memberships:
        """The same after these exits; pairs outside the matrix change nothing."""
        return replace(self, members=self._with(pairs, value=False))

    def with_(self, pairs: Iterable[tuple[str, str]]) -> Memberships:
        """The same before these exits."""
        return replace(self, members=self._with(pairs, value=True))

    def _with(self, pairs: Iterable[tuple[str, str]], value: bool) -> BoolArray:
        members = self.members.copy()
        for state, body in pairs:
            if state in self.at_state and body in self.at_body:
                members[self.at_state[state], self.at_body[body]] = value
        return members

    def packed(self) -> dict[str, Any]:
        """Plain values for JSON: names, and each state's row as a hexadecimal number."""
        rows = [bytes(np.packbits(row)).hex() for row in self.members]
        return {"day": self.day.isoformat(), "states": list(self.states), "bodies": list(self.bodies), "members": rows}

    @staticmethod
    def unpacked(found: dict[str, Any]) -> Memberships:
        """What `packed` made."""
        number = len(found["bodies"])
        rows = [np.unpackbits(np.frombuffer(bytes.fromhex(row), np.uint8))[:number] for row in found["members"]]
        members = np.array(rows, np.bool_).reshape(len(found["states"]), number)
        return Memberships(date.fromisoformat(found["day"]), tuple(found["states"]), tuple(found["bodies"]), members)

    def world(self, members: BoolArray) -> Memberships:
        """The same states and bodies in another world, such as a simulated one.

        Raises
        ------
        ValueError, for an array of another shape.
        """
        if members.shape != self.members.shape:
            raise ValueError(f"the world has shape {members.shape}, the memberships {self.members.shape}")
        return replace(self, members=np.asarray(members, dtype=np.bool_))


def from_codes(record: Record, year: int, cow: Iterable[int], bodies: Iterable[str], members: BoolArray) -> Memberships:
    """Memberships of a simulated world: states by COW number, as `simulate.world.Start` has them.

    Parameters
    ----------
    members : (states, bodies)
    """
    states = tuple(code_in_year(record.codes, int(number), year) for number in cow)
    return Memberships(date(year, 1, 1), states, tuple(bodies), np.asarray(members, dtype=np.bool_))


def memberships(record: Record, day: date) -> Memberships:
    """Who is in what on a day, as `status` says.

    States are those of the last coded year, bodies those of it and those with a list of parties; a body that is not yet
    there, has ended by the day, or in which nobody is, is left out.
    """
    system = record.table("system_years")
    alive = record.table("body_years")
    last = min(day.year, int(alive["year"].to_numpy().max()))
    cows = sorted(system.filter(pl.col("year") == last)["cow"].to_list())
    states = [code_in_year(record.codes, cow, day.year) for cow in cows]
    ended = set(record.table("bodies").filter(pl.col("ended") < day.year)["body"])
    later = set(record.table("bodies").filter(pl.col("founded") > day.year)["body"])
    listed = set(record.table("party_lists")["body"])
    bodies = sorted((set(alive.filter(pl.col("year") == last)["body"]) | listed) - ended - later)
    members = membership_matrix(record, day, cows, bodies)
    some: BoolArray = np.asarray(members.any(axis=0), dtype=np.bool_)
    return Memberships(
        day, tuple(states), tuple(b for b, any_ in zip(bodies, some, strict=True) if any_), members[:, some]
    )


def weights(record: Record, known: Memberships, name: str) -> FloatArray:
    """Weight of each state: 1 (`states`), or its last observed capability or population up to the day; NaN where none."""
    if name == "states":
        return np.ones(len(known.states))
    measure = {"capability": "cinc", "population": "population"}[name]
    frame = record.measure(measure).filter((pl.col("year") <= known.day.year) & pl.col("value").is_not_null())
    latest = frame.sort("year").group_by("state", maintain_order=True).last()
    found = dict(latest.select("state", "value").iter_rows())
    return np.array([found.get(state, np.nan) for state in known.states], dtype=np.float64)


def authority(record: Record, known: Memberships) -> FloatArray:
    """Last observed authority of each body, the mean of pooling and delegation; NaN where it is not measured."""
    frame = record.table("body_measures").filter(pl.col("year") <= known.day.year)
    both = (
        frame.group_by("body", "year").agg(pl.col("value").mean(), pl.len().alias("parts")).filter(pl.col("parts") == 2)
    )
    found = dict(both.sort("year").group_by("body", maintain_order=True).last().select("body", "value").iter_rows())
    return np.array([found.get(body, np.nan) for body in known.bodies], dtype=np.float64)
