"""How old the evidence on each body is: the last act, the last coded year, the last year of dues."""

from __future__ import annotations

from collections import Counter
from typing import Any

import polars as pl

from exeunt.dates import parse
from exeunt.record.store import Record

AGES = ((0, 0, "none"), (1, 4, "1-4 years"), (5, 9, "5-9 years"), (10, 19, "10-19 years"))


def staleness(record: Record) -> list[dict[str, Any]]:
    """One row a body that has acts, coded years or dues, the longest without evidence first.

    `years_without_evidence` counts the whole years between the last evidence and the year of the closing day; it is empty for a
    body that ended, since nothing more can be known of it. A coded year is one in which the source has the body alive;
    memberships carried forward are no evidence. Dues are what a body assessed or reports to have received from a state.
    """
    closing = record.closing_day
    coded = _last(record.table("body_years"), "year")
    dues = _last(
        record.table("ledger").filter(
            pl.col("state").is_not_null()
            & pl.col("ledger").is_in(["assessed", "paid"])
            & (pl.col("year") <= closing.year)
        ),
        "year",
    )
    acts: dict[str, tuple[Any, str]] = {}
    for body, text in record.table("acts").select("body", "date").drop_nulls().iter_rows():
        day = parse(text).earliest
        if day is not None and day <= closing and (body not in acts or day > acts[body][0]):
            acts[body] = (day, text)
    rows = []
    for body, name, ended in record.table("bodies").select("body", "name_en", "ended").iter_rows():
        if body not in coded and body not in acts and body not in dues:
            continue
        act = acts.get(body)
        last = max(filter(None, (act[0].year if act else 0, coded.get(body, 0), dues.get(body, 0))))
        rows.append(
            {"body": body, "name_en": name, "last_act": act[1] if act else None, "last_coded_year": coded.get(body),
             "last_dues_year": dues.get(body), "years_without_evidence": None if ended else closing.year - last}
        )  # fmt: skip
    return sorted(rows, key=lambda r: (-(r["years_without_evidence"] or 0), r["body"]))


def _last(frame: pl.DataFrame, column: str) -> dict[str, int]:
    found = frame.drop_nulls(["body", column]).group_by("body").agg(pl.col(column).max())
    return dict(found.select("body", column).iter_rows())


def summary(record: Record) -> list[str]:
    """Lines that `exeunt check` prints."""
    rows = staleness(record)
    living = [r["years_without_evidence"] for r in rows if r["years_without_evidence"] is not None]
    counted = Counter(_age(years) for years in living)
    order = [*(name for _, _, name in AGES), "20 years and more"]
    return [
        f"evidence by body at {record.closing_day}: {len(living)} living bodies of {len(rows)} with any; years without: "
        + ", ".join(f"{name} {counted[name]}" for name in order if counted[name])
    ]


def _age(years: int) -> str:
    return next((name for low, high, name in AGES if low <= years <= high), "20 years and more")
