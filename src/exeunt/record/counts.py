"""What the record holds, counted as it says: which exits are documented, which rest on a dataset, which are contested."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

import numpy as np
import polars as pl

from exeunt.core.dates import parse
from exeunt.core.errors import UnknownNameError
from exeunt.record.clauses import is_verified
from exeunt.record.exits import exits
from exeunt.record.membership import MAY_BE_INSIDE, statuses
from exeunt.record.schema import LAST_CODED_YEAR, SOURCE_RANKS, TABLES
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


# --- What the counted exits rest on, and what the lists of members say beside the coded source


def sources_counted(record: Record) -> list[dict[str, Any]]:
    """Exits that count, by kind of episode and decade: how many have a best source of each rank (`SOURCE_RANKS`).

    The best source of an exit is that of its episode and of its acts; the last row sums the others up.
    """
    own = {one.episode: one.source_rank for one in exits(record) if one.counts_as_exit}
    kinds = dict(record.table("episodes").select("episode", "kind").iter_rows())
    decades = {row["episode"]: row["decade"] for row in exits_counted(record)}
    counted = Counter((kinds[episode], decades[episode], rank or "none") for episode, rank in own.items())
    groups = sorted({(kind, decade) for kind, decade, _ in counted})
    ranks = (*SOURCE_RANKS, "none")
    rows = [
        {"kind": kind, "decade": decade} | {rank: counted[kind, decade, rank] for rank in ranks}
        for kind, decade in groups
    ]
    rows.append({"kind": "all", "decade": "all"} | {rank: sum(row[rank] for row in rows) for rank in ranks})
    return [row | {"exits": sum(row[rank] for rank in ranks)} for row in rows]


def lists_compared(record: Record) -> list[dict[str, Any]]:
    """One row per body with a list of parties: who is on it on its last day, beside what `status` says of that day.

    Where `status` differs and an act of the record decided, the state stands under `by_acts`; other differences are
    `only_listed` and, where the list claims to be complete, `only_inside`. `coded_differ` counts the states that the coded
    source has on the other side than a complete list at the end of the last year that both speak for; the list outranks it.
    """
    spells: dict[str, list[dict[str, Any]]] = {}
    for row in record.table("parties").iter_rows(named=True):
        spells.setdefault(row["body"], []).append(row)
    ends = dict(record.table("bodies").select("body", "ended_on").iter_rows())
    return [
        _list_compared(record, listed, spells.get(listed["body"], []), ends.get(listed["body"]))
        for listed in record.table("party_lists").sort("body").iter_rows(named=True)
    ]


def _list_compared(
    record: Record, listed: dict[str, Any], spells: list[dict[str, Any]], ended_on: str | None
) -> dict[str, Any]:
    body, complete, day = listed["body"], listed["complete"], date.fromisoformat(listed["until"])
    last = parse(ended_on).earliest if ended_on else None
    if last is not None and last <= day:  # on the day of its end a body has no members left
        day = last - timedelta(days=1)
    answers = {s.state: s for s in statuses(record, None, body, day)}
    inside = {state for state, s in answers.items() if s.status in MAY_BE_INSIDE}
    on_list = _on_list(record, spells, day)
    by_acts = {state for state in on_list ^ inside if state in answers and answers[state].evidence.kind == "act"}
    year = min(day.year - ((day.month, day.day) != (12, 31)), LAST_CODED_YEAR)
    coded = _coded_inside(record, body, year) if complete else set()
    return {
        "body": body, "complete": complete, "rank": listed["rank"], "until": listed["until"], "listed": len(on_list),
        "inside": len(inside), "by_acts": " ".join(sorted(by_acts)),
        "only_listed": " ".join(sorted(on_list - inside - by_acts)),
        "only_inside": " ".join(sorted(inside - on_list - by_acts)) if complete else "",
        "coded_differ": len(coded ^ _on_list(record, spells, date(year, 12, 31))) if coded else None,
    }  # fmt: skip


def _on_list(record: Record, spells: list[dict[str, Any]], day: date) -> set[str]:
    def open_on(row: dict[str, Any]) -> bool:
        until = parse(row["until"]).latest if row["until"] else None
        return parse(row["since"]).certainly_on_or_before(day) and (row["until"] is None or (until or day) >= day)

    return {
        row["state"] for row in spells
        if row["kind"] in {"joined", "rejoined", "succeeded"} and open_on(row) and record.lookup.exists(row["state"], day)
    }  # fmt: skip


def _coded_inside(record: Record, body: str, year: int) -> set[str]:
    frame = record.table("memberships").filter(
        (pl.col("body") == body) & (pl.col("reading") == "observed") & (pl.col("status") == "member")
        & (pl.col("first_year") <= year) & (pl.col("last_year").fill_null(year) >= year)
    )  # fmt: skip
    return set(frame["state"])


# --- How old the evidence on each body is: the last act, the last coded year, the last year of dues


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


# --- Published counts of withdrawals beside ours, for the same years, by state and by body


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


def untranslated(tables: Mapping[str, pl.DataFrame]) -> dict[str, tuple[int, int]]:
    """How many texts of each column with two languages lack the second, and how many there are, by `table.column`."""
    found = {}
    for table in TABLES:
        for column in table.columns:
            field = column.name.removesuffix("_zh")
            if field != column.name and any(c.name == field for c in table.columns):
                held = tables[table.name].filter(pl.col(field).is_not_null())
                found[f"{table.name}.{field}"] = held[column.name].null_count(), held.height
    return found
