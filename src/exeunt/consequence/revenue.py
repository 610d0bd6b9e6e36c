"""What donors gave to bodies, year by year, as the bodies report it to the UN Chief Executives Board: as arrays.

A donor without a line in a year that the body reports gave nothing in it; a body without any gift in a year is not known.
Assessed revenue is booked when it falls due, whether or not it is paid.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
import polars as pl

from exeunt.arrays import FloatArray
from exeunt.record.store import Record

KINDS: Final = ("assessed", "core", "earmarked")
"""Kinds of revenue that a state gives: dues, and gifts without and with a purpose. Other revenue is no gift of a state."""
VOLUNTARY: Final = ("core", "earmarked")
SOURCE: Final = "un_ceb"


@dataclass(frozen=True, eq=False)
class Revenue:
    """Revenue of bodies by donor.

    `gifts` is (bodies, donors, years, kinds) and `totals` (bodies, years, kinds), all donors together, states and others;
    both in US dollars, NaN in years that a body does not report. `income` is (bodies, years), revenue of every kind.
    """

    bodies: tuple[str, ...]
    donors: tuple[str, ...]
    years: tuple[int, ...]
    gifts: FloatArray
    totals: FloatArray
    income: FloatArray

    @cached_property
    def place(self) -> dict[str, int]:
        """Body → its place."""
        return {body: n for n, body in enumerate(self.bodies)}

    def of(self, kinds: tuple[str, ...] = KINDS) -> tuple[FloatArray, FloatArray]:
        """Gifts (bodies, donors, years) and totals (bodies, years) of these kinds together."""
        at = [KINDS.index(kind) for kind in kinds]
        return np.asarray(self.gifts[..., at].sum(axis=-1)), np.asarray(self.totals[..., at].sum(axis=-1))

    def last_year(self, body: str) -> int | None:
        """Last year that a body reports; None for one that is not in the source."""
        if body not in self.place:
            return None
        seen = np.flatnonzero(~np.isnan(self.totals[self.place[body], :, 0]))
        return self.years[int(seen[-1])] if len(seen) else None


def revenue(record: Record) -> Revenue:
    """Revenue of all bodies that report to the board."""
    return from_ledger(record.table("ledger").filter(pl.col("source") == SOURCE))


def from_ledger(ledger: pl.DataFrame) -> Revenue:
    """Put rows of the ledger into arrays.

    Parameters
    ----------
    ledger : body, state (None for all donors), year, ledger, fund, amount; rows in no ledger with fund "all" are income
    """
    rows = ledger.select("body", "state", "year", "ledger", "fund", "amount").filter(
        pl.col("year").is_not_null() & pl.col("amount").is_not_null()
    )
    kind = (
        pl.when(pl.col("ledger") == "assessed").then(pl.lit("assessed"))
        .when((pl.col("ledger") == "voluntary") & pl.col("fund").is_in(VOLUNTARY)).then(pl.col("fund"))
        .when(pl.col("ledger").is_null() & (pl.col("fund") == "all")).then(pl.lit("income"))
    )  # fmt: skip
    rows = rows.with_columns(kind.alias("kind")).filter(pl.col("kind").is_not_null())
    bodies = tuple(sorted(rows["body"].unique()))
    donors = tuple(sorted(rows["state"].drop_nulls().unique()))
    first, last = (int(rows["year"].min() or 0), int(rows["year"].max() or 0)) if rows.height else (0, -1)  # type: ignore[arg-type]
    years = tuple(range(first, last + 1))
    at_body, at_donor = ({name: n for n, name in enumerate(names)} for names in (bodies, donors))
    gifts = np.zeros((len(bodies), len(donors), len(years), len(KINDS)))
    totals = np.zeros((len(bodies), len(years), len(KINDS)))
    income = np.full((len(bodies), len(years)), np.nan)
    for body, state, year, word, amount in rows.select("body", "state", "year", "kind", "amount").iter_rows():
        j, t = at_body[body], year - first
        if word == "income":
            if state is None:
                income[j, t] = amount
        elif state is None:
            totals[j, t, KINDS.index(word)] += amount
        else:
            gifts[j, at_donor[state], t, KINDS.index(word)] += amount
    silent = ~(totals.sum(axis=-1) > 0)
    totals[silent] = np.nan
    gifts.transpose(0, 2, 1, 3)[silent] = np.nan
    return Revenue(bodies, donors, years, gifts, totals, income)
