"""Published counts of withdrawals beside ours, for the same years, by state and by body."""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np
import polars as pl

from exeunt.dates import parse
from exeunt.errors import UnknownNameError
from exeunt.record.counts import exits_counted
from exeunt.record.store import Record

DIFFERENCE = {
    "bv2019": (
        "The study counts withdrawals by the year of announcement from 308 bodies that it searched; `documented` is only "
        "what this record holds with a source so far, no census, and the coded steps are membership codes that fall from "
        "1 to 0, by first year out, whether anybody left or not."
    )
}
CLEANED_WITHOUT = ("seam_1965", "mass_exit_from_body", "mass_exit_by_state", "one_year_gap", "body_about_to_end",
                   "impossible_membership")  # fmt: skip
"""Marks with which a coded step is left out of `coded_cleaned`."""
COLUMNS = ("documented", "coded_raw", "coded_cleaned")


def against(record: Record, study: str) -> list[dict[str, Any]]:
    """One row a state or body that the study shows: its count, ours, and the raw and cleaned coded steps.

    Raises
    ------
    UnknownNameError, for a study that the record does not hold.
    """
    table = record.table("published_counts")
    published = table.filter(pl.col("study") == study)
    if not published.height:
        raise UnknownNameError("study", study, table["study"].unique())
    first, last = published["first_year"].min(), published["last_year"].max()
    ours = _documented(record, first, last)
    steps = record.table("coded_steps").filter(pl.col("first_year_out").is_between(first, last))
    marked = pl.any_horizontal(pl.col("flag").fill_null("").str.split(";").list.contains(m) for m in CLEANED_WITHOUT)
    clean = steps.filter(~marked)
    coded = {unit: (Counter(steps[unit]), Counter(clean[unit])) for unit in ("state", "body")}
    rows = []
    for row in published.iter_rows(named=True):
        unit, key = row["unit"], row["key"]
        raw, cleaned = coded[unit]
        rows.append(
            {"unit": unit, "key": key, "name": row["name"], "published": row["count"],
             "documented": ours[unit, key], "coded_raw": raw[key], "coded_cleaned": cleaned[key]}
        )  # fmt: skip
    return sorted(rows, key=lambda r: (r["unit"], -r["published"], r["key"]))


def _documented(record: Record, first: Any, last: Any) -> Counter[tuple[str, str]]:
    """Documented withdrawals by state and by body, dated by announcement, else notice, else effect."""
    dates: dict[str, dict[str, int]] = {}
    for act in record.table("acts").iter_rows(named=True):
        day = parse(act["date"]).earliest
        if day is not None:
            dates.setdefault(act["episode"], {}).setdefault(act["act"], day.year)
    counted: Counter[tuple[str, str]] = Counter()
    for episode in exits_counted(record):
        if episode["class"] != "documented":
            continue
        known = dates.get(episode["episode"], {})
        year = next((known[word] for word in ("announced", "notified") if word in known), episode["year"])
        if first <= year <= last:
            counted["state", episode["state"]] += 1
            counted["body", episode["body"]] += 1
    return counted


def correlations(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Pearson's r of the published counts with each of ours, by unit; empty where one side does not vary."""
    out = []
    for unit in ("state", "body"):
        own = [r for r in rows if r["unit"] == unit]
        published = np.array([r["published"] for r in own], float)
        for column in COLUMNS:
            values = np.array([r[column] for r in own], float)
            varies = len(own) > 2 and published.std() > 0 and values.std() > 0
            out.append(
                {"unit": unit, "ours": column, "rows": len(own), "published_total": int(published.sum()),
                 "our_total": int(values.sum()), "r": float(np.corrcoef(published, values)[0, 1]) if varies else None}
            )  # fmt: skip
    return out
