"""What the record holds, counted as it says: which exits are documented, which rest on a dataset, which are contested."""

from __future__ import annotations

from collections import Counter
from typing import Any

import polars as pl

from exeunt.dates import parse
from exeunt.record.clauses import is_verified
from exeunt.record.schema import LAST_CODED_YEAR
from exeunt.record.store import Record

DATASETS = (
    "github.com/dieghernan/igoR",
    "github.com/shreyasmeher/Borzyskowski-Vabulas-Extension",
    "github.com/globalgov/",
    "correlatesofwar.org",
)
"""Addresses of coded datasets: a row that rests on nothing else is counted apart."""


def documented(sources: str | None) -> bool:
    """Whether at least one address is not a coded dataset."""
    return any(not any(d in address for d in DATASETS) for address in (sources or "").split())


def exits_counted(record: Record) -> list[dict[str, Any]]:
    """One row an episode of leaving: the class it is counted in, its year, its decade, its region.

    A withdrawal is `documented` when it counts as an exit, its notice or effect has a year, and an address that is not a
    coded dataset can be opened; `dataset_only` when all addresses are datasets; otherwise `contested`, `not_completed`,
    `suspension`, `expulsion`, `other` or `undated`.
    """
    regions = dict(record.table("states").select("state", "region").iter_rows())
    dated: dict[str, str] = {}
    words: dict[str, set[str]] = {}
    for act in record.table("acts").iter_rows(named=True):
        words.setdefault(act["episode"], set()).add(act["act"])
        if act["act"] in {"notified", "effective", "effective_claimed", "expelled"}:
            dated[act["episode"]] = act["date"]
    rows = []
    for episode in record.table("episodes").iter_rows(named=True):
        if episode["direction"] != "leaving":
            continue
        name = episode["episode"]
        acts = words.get(name, set())
        date = parse(dated[name]) if name in dated else None
        first = date.earliest if date else None
        if episode["kind"] == "suspension" or (
            acts and acts <= {"suspended", "rejoined", "announced"} and "suspended" in acts
        ):
            kind = "suspension"
        elif episode["kind"] == "expulsion" or "expelled" in acts:
            kind = "expulsion"
        elif episode["counts_as_exit"] is None:
            kind = "contested"
        elif episode["counts_as_exit"]:
            kind = "undated" if first is None else ("documented" if documented(episode["sources"]) else "dataset_only")
        elif acts & {"notice_rescinded", "halted", "announced", "notified", "threatened"}:
            kind = "not_completed"
        else:
            kind = "other"
        rows.append(
            {"episode": name, "state": episode["state"], "body": episode["body"], "class": kind,
             "year": first.year if first else None, "decade": f"{first.year // 10 * 10}s" if first else "undated",
             "region": regions.get(episode["state"]) or "other"}
        )  # fmt: skip
    return rows


def _accessions_counted(record: Record) -> Counter[str]:
    """Accessions by act; signatures, founders named by others and approaches apart, for they are no accessions."""
    joining = set(
        record.table("episodes").filter(record.table("episodes")["direction"] == "joining")["episode"].to_list()
    )
    counted: Counter[str] = Counter()
    for act in record.table("acts").iter_rows(named=True):
        if act["act"] in {"joined", "acceded", "rejoined", "entered_into_force", "ratified"}:
            counted[f"accession: {act['act']}"] += 1
        elif act["act"] in {"signed", "listed_as_founder"}:
            counted[f"apart: {act['act']}{'' if act['episode'] in joining else ' (no accession)'}"] += 1
        elif act["act"] in {"admission_approved", "invited", "invitation_withdrawn", "declined", "partner"}:
            counted[f"apart: {act['act']}"] += 1
    return counted


def _cells_by_reading(record: Record) -> Counter[str]:
    """Membership cells (state, body, year) by reading, full members only."""
    last = record.closing_day.year
    counted: Counter[str] = Counter()
    for first, until, reading, status in (
        record.table("memberships").select("first_year", "last_year", "reading", "status").iter_rows()
    ):
        if status == "member":
            counted[reading] += (until if until is not None else last) - first + 1
    return counted


def _evidence_after_source(record: Record) -> dict[str, int]:
    """Memberships (state, body) after the coded source, by what dues, rosters and acts say of them."""
    later = record.table("memberships").filter(pl.col("first_year") > LAST_CODED_YEAR)
    pair = ["cow", "body"]

    def pairs(*conditions: pl.Expr) -> int:
        return later.filter(*conditions).select(pair).unique().height

    member, dues = pl.col("status") == "member", pl.col("reading") == "dues"
    begun = later.filter(member).sort("first_year").unique(pair, keep="first", maintain_order=True)
    inside = record.table("memberships").filter(
        (pl.col("last_year") == LAST_CODED_YEAR) & pl.col("status").is_in(["member", "associate", "observer"])
    )
    fresh = begun.join(inside.select(pair).unique(), on=pair, how="anti")
    return {
        "full memberships": pairs(member),
        "with dues in at least one year": pairs(member, dues),
        "contradicted by dues": pairs(dues, pl.col("status") == "unknown"),
        "begun by an act": fresh.filter(pl.col("reading") == "act").height,
        "begun by dues": fresh.filter(dues, pl.col("precision") == "year").height,
        "begun by a roster": fresh.filter(pl.col("reading") == "roster").height,
        "paid for before and missing from the source": fresh.filter(pl.col("precision") == "start_unknown").height,
    }


def _clauses_counted(record: Record) -> Counter[str]:
    """Clauses by whether the rule was read in a source that the record names; silent instruments apart."""
    counted: Counter[str] = Counter()
    for rule in record.table("clauses").iter_rows(named=True):
        word = "verified" if is_verified(rule) else "unverified"
        counted[f"{word}, silent" if rule["silent"] else word] += 1
    return counted


def report(record: Record) -> list[str]:
    """Lines that `exeunt check` prints."""
    rows = exits_counted(record)
    classes = Counter(r["class"] for r in rows)
    kept = [r for r in rows if r["class"] == "documented"]
    lines = [f"withdrawals that count: {len(kept)} documented with a date and a source that is no coded dataset"]
    lines += [
        f"  apart, {name.replace('_', ' ')}: {number}"
        for name, number in sorted(classes.items())
        if name != "documented"
    ]
    for what, name in (("decade", "decade"), ("region", "region of the UN M49 geoscheme")):
        table = Counter(r[what] for r in kept)
        lines.append(f"  documented by {name}: " + ", ".join(f"{k} {v}" for k, v in sorted(table.items())))
    lines.append("accessions: " + ", ".join(f"{k} {v}" for k, v in sorted(_accessions_counted(record).items())))
    lines.append(
        "clauses (no claim is held against an unverified one): "
        + ", ".join(f"{k} {v}" for k, v in sorted(_clauses_counted(record).items()))
    )
    lines.append(
        "membership-years by reading: " + ", ".join(f"{k} {v:,}" for k, v in sorted(_cells_by_reading(record).items()))
    )
    after = _evidence_after_source(record)
    lines.append(f"memberships after {LAST_CODED_YEAR}: " + ", ".join(f"{k} {v:,}" for k, v in after.items()))
    return lines
