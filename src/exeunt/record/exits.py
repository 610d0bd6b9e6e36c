"""Acts of leaving, one row an episode: announced, notified, effective and rejoined are kept apart."""

from __future__ import annotations

from datetime import date
from typing import Any

import polars as pl

from exeunt.dates import parse
from exeunt.record.store import Record

COLUMNS = {
    "announced": ("announced",),
    "notified": ("notified",),
    "effective": ("effective", "effective_claimed", "expelled"),
    "rejoined": ("rejoined",),
}
POSITIONS = ("organ_position", "objected")
"""What is said about an exit; who says it does not claim that exit."""


def _order(act: dict[str, Any]) -> tuple[date, date, str]:
    when = parse(act["date"])
    return when.earliest or date.min, when.latest or date.max, act["act_id"]


def exits(
    record: Record, state: str | None = None, body: str | None = None, as_of: date | None = None,
    known_by: date | None = None,
) -> list[dict[str, Any]]:  # fmt: skip
    """Episodes of leaving with their dated acts, the first of each kind; of rival days of effect, the one that counts.

    Parameters
    ----------
    state, body : keys; all of them by default
    as_of : acts after this day are left out
    known_by : acts recorded after this day are left out
    """
    episodes = record.table("episodes").filter(pl.col("direction") == "leaving")
    if state:
        episodes = episodes.filter(pl.col("state") == state)
    if body:
        episodes = episodes.filter(pl.col("body") == body)
    by_episode: dict[str, list[dict[str, Any]]] = {}
    for act in record.table("acts").iter_rows(named=True):
        if as_of and not parse(act["date"]).certainly_on_or_before(as_of):
            continue
        if known_by and not parse(act["recorded"]).certainly_on_or_before(known_by):
            continue
        by_episode.setdefault(act["episode"], []).append(act)
    rows = []
    for episode in episodes.iter_rows(named=True):
        acts = sorted(by_episode.get(episode["episode"], []), key=_order)
        if not acts:
            continue
        row: dict[str, Any] = {
            "state": episode["state"],
            "body": episode["body"],
            "episode": episode["episode"],
        }
        for column, words in COLUMNS.items():
            found = [a for a in acts if a["act"] in words]
            chosen = next((a for a in found if a["counts_as_exit"]), found[0] if found else None)
            row[column] = chosen["date"] if chosen else None
        row["claimed_by"] = sorted({a["claimed_by"] for a in acts if a["act"] not in POSITIONS} - {"not_stated"})
        row["contested"] = any(a["contested"] == "yes" for a in acts)
        row["counts_as_exit"] = episode["counts_as_exit"]
        row["confidence"] = episode["confidence"]
        row["sources"] = (episode["sources"] or "").split()
        rows.append(row)
    return sorted(rows, key=lambda r: (r["announced"] or r["notified"] or r["effective"] or "", r["episode"]))
