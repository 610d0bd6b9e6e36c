"""Turn the shared facts into the curated tables of `data/curated/`, once.

This ran on 2026-11-25 over the facts of 23 November 2026. From then on the curated CSV files are the master:
facts are added and mended there, and this script stays as the account of how each came to be. It refuses to
overwrite a curated file unless told to.

    python scripts/import_shared_facts.py FACTS_DIR [--overwrite]
"""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

RECORDED = "2026-11-23"
CURATED = Path(__file__).resolve().parent.parent / "data" / "curated"

Row = dict[str, Any]


def read(folder: Path, name: str) -> list[Row]:
    """Read one shared file, a JSON list or one record a line."""
    text = (folder / name).read_text(encoding="utf-8")
    if name.endswith(".jsonl"):
        return [json.loads(line) for line in text.splitlines()]
    records: list[Row] = json.loads(text)
    return records


def cell(value: object) -> str:
    """Write one value as a CSV cell; lists of addresses and keys are parted by spaces."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return " ".join(str(item) for item in value)
    return str(value)


def write(name: str, columns: Iterable[str], rows: Iterable[Mapping[str, object]], overwrite: bool) -> None:
    """Write one curated table, by way of a temporary file."""
    target = CURATED / name
    if target.exists() and not overwrite:
        sys.exit(f"{target} is the master now and was left alone; pass --overwrite to import anew.")
    columns = list(columns)
    temporary = target.with_suffix(".tmp")
    count = 0
    with temporary.open("w", encoding="utf-8", newline="") as handle:
        writer = csv.writer(handle, lineterminator="\n")
        writer.writerow(columns)
        for row in rows:
            writer.writerow([cell(row.get(column)) for column in columns])
            count += 1
    temporary.replace(target)
    print(f"{name}: {count} rows")


ACT_COLUMNS = [
    "act_id", "episode", "state", "body", "act", "date", "takes_effect", "claimed_by", "contested",
    "date_basis", "counts_as_exit", "recorded", "reason", "clause", "confidence", "flag", "note", "sources",
]  # fmt: skip
EPISODE_COLUMNS = [
    "episode", "state", "body", "kind", "direction", "counts_as_exit", "historic_state", "body_type", "body_name",
    "reason", "year_kind", "last_dues_year", "due_date", "origin", "date_basis", "confidence", "flag", "note",
    "sources",
]  # fmt: skip

US_ACTS = {"vote_against": "voted_against", "review_ordered": "review_ordered"}
ENDS_EPISODE = {
    "effective",
    "effective_claimed",
    "notice_rescinded",
    "participation_ended",
    "signature_withdrawn",
}
ACCESSION_ACTS = {
    "joined": "joined",
    "acceded": "acceded",
    "rejoined": "rejoined",
    "entry_into_force": "entered_into_force",
    "signed": "signed",
    "partner": "partner",
    "founder": "joined",
    "contracting_state": "ratified",
    "prospective_founding_member": "listed_as_founder",
    "founding_member_announced": "listed_as_founder",
    "approved": "admission_approved",
    "declined": "declined",
    "denied": "declined",
    "invited_unclear": "invited",
    "invitation_withdrawn": "invitation_withdrawn",
    "chair": "held_office",
    "declaration_made": "declaration_made",
}


def flags(record: Row) -> set[str]:
    """Split the flag of a shared record."""
    return set((record.get("flag") or "").split(";")) - {""}


def us_acts(records: list[Row]) -> tuple[list[Row], list[Row]]:
    """Join the single acts of the United States into episodes: a chain ends when it took effect or was taken back."""
    acts: list[Row] = []
    episodes: list[Row] = []
    chains: dict[str, list[list[Row]]] = {}
    for record in sorted(records, key=lambda r: (r["body_key"] or "", r["date"], r["id"])):
        chain_list = chains.setdefault(record["body_key"] or record["id"], [])
        open_chain = chain_list[-1] if chain_list else None
        closed = open_chain is None or (
            open_chain[-1]["event"] in ENDS_EPISODE | {"rejoined", "funding_resumed"}
            and record["event"] not in {"rejoined", "funding_resumed"}
        )
        if closed:
            chain_list.append([record])
        else:
            assert open_chain is not None
            open_chain.append(record)
    for chain_list in chains.values():
        for chain in chain_list:
            first = chain[0]
            year = first["date"][:4]
            body_key = first["body_key"] or ""
            name = f"usa-{body_key or first['id']}-{year}"
            if body_key == "":
                name = f"usa-{first['event']}-{year}"
            for record in chain:
                acts.append(
                    {
                        "act_id": record["id"],
                        "episode": name,
                        "state": "USA",
                        "body": record["body_key"],
                        "act": US_ACTS.get(record["event"], record["event"]),
                        "date": record["date"],
                        "takes_effect": record["effective_date"],
                        "claimed_by": "state" if record["event"] != "effective" else "not_stated",
                        "contested": "yes" if flags(record) & {"acceptance_disputed"} else "no",
                        "date_basis": record["date_basis"],
                        "counts_as_exit": record["counts_as_exit"],
                        "recorded": RECORDED,
                        "reason": record["stated_reason"],
                        "clause": record["clause"],
                        "confidence": record["confidence"],
                        "flag": record["flag"],
                        "note": record["note"],
                        "sources": record["sources"],
                    }
                )
            counts = [r["counts_as_exit"] for r in chain]
            episodes.append(
                {
                    "episode": name,
                    "state": "USA",
                    "body": body_key,
                    "kind": first["kind"],
                    "direction": "leaving",
                    "counts_as_exit": True if True in counts else (None if None in counts else False),
                    "historic_state": False,
                    "body_type": first["kind"],
                    "body_name": first["body"],
                    "reason": first["stated_reason"],
                    "origin": "us_exits",
                    "date_basis": first["date_basis"],
                    "confidence": first["confidence"],
                    "flag": ";".join(sorted({f for r in chain for f in flags(r)})),
                    "note": None,
                    "sources": sorted({s for r in chain for s in r["sources"]}),
                }
            )
    return acts, episodes


def world_acts(records: list[Row]) -> tuple[list[Row], list[Row]]:
    """Take each exit or near-exit apart into its dated acts."""
    acts: list[Row] = []
    episodes: list[Row] = []
    for r in records:
        kind, mark = r["kind"], flags(r)
        contested = "yes" if mark & {"status_disputed", "clause_conflict", "retroactive_claim"} else "no"
        steps: list[tuple[str, str | None, str, str]] = []
        steps.append(("announced", r["announced_date"], "state", "no"))
        middle = {"suspension": "suspended", "expulsion": "expelled"}.get(kind)
        if kind in {"non_cooperation", "cessation_of_cooperation"}:
            when = r["effective_date"] or r["notice_date"]
            steps.append(("participation_ended", when, "state", contested))
        elif kind in {"signature_withdrawn", "ratification_withdrawn"}:
            steps.append((kind, r["notice_date"] or r["effective_date"], "state", "no"))
            if r["effective_date"] not in (None, r["notice_date"]):
                steps.append(("effective", r["effective_date"], "not_stated", contested))
        elif kind == "suspension":
            steps.append(("suspended", r["effective_date"] or r["notice_date"], "not_stated", "no"))
        else:
            steps.append(("notified", r["notice_date"], "state", "no"))
            claim = "effective_claimed" if mark & {"retroactive_claim", "clause_conflict"} else "effective"
            steps.append((middle or claim, r["effective_date"], "not_stated", contested))
        if kind == "notice_rescinded":
            start = r["notice_date"] or r["announced_date"]
            steps.append(
                (
                    "notice_rescinded",
                    f"{start}/{r['due_date']}" if r["due_date"] else f"{start}/",
                    "state",
                    "no",
                )
            )
        if kind == "halted":
            steps.append(("halted", f"{r['announced_date']}/", "state", "no"))
        if r["due_date"] and kind not in {"notice_rescinded"}:
            steps.append(("effective_by_clause", r["due_date"], "clause", "no"))
        steps.append(("rejoined", r["rejoin_date"], "not_stated", "no"))
        first = next((d for _, d, _, _ in steps if d), r["year_kind"] or r["id"])
        name = f"{r['state'].lower()}-{r['body_key']}-{str(first)[:4]}"
        if any(e["episode"] == name for e in episodes):
            name = f"{name}-{r['id']}"
        number = 0
        for act, date, who, disputed in steps:
            if not date:
                continue
            number += 1
            undated = act in {"notice_rescinded", "halted"}
            is_exit_act = act in {"effective", "effective_claimed", "expelled"}
            acts.append(
                {
                    "act_id": f"{r['id']}-{number}",
                    "episode": name,
                    "state": r["state"],
                    "body": r["body_key"],
                    "act": act,
                    "date": date,
                    "takes_effect": r["effective_date"] or r["due_date"] if act == "notified" else None,
                    "claimed_by": who,
                    "contested": disputed,
                    "date_basis": "bounded_by_other_acts" if undated else r["date_basis"],
                    "counts_as_exit": r["counts_as_exit"] if is_exit_act else False,
                    "recorded": RECORDED,
                    "reason": r["reason"],
                    "clause": None,
                    "confidence": r["confidence"],
                    "flag": r["flag"],
                    "note": r["note"],
                    "sources": r["sources"],
                }
            )
        episodes.append(
            {
                "episode": name,
                "state": r["state"],
                "body": r["body_key"],
                "kind": kind,
                "direction": "leaving",
                "counts_as_exit": r["counts_as_exit"],
                "historic_state": r["historic_state"],
                "body_type": r["body_type"],
                "body_name": r["body"],
                "reason": r["reason"],
                "year_kind": r["year_kind"],
                "last_dues_year": r["last_dues_year"],
                "due_date": r["due_date"],
                "origin": r["origin"],
                "date_basis": r["date_basis"],
                "confidence": r["confidence"],
                "flag": r["flag"],
                "note": r["note"],
                "sources": r["sources"],
            }
        )
    return acts, episodes


def accession_acts(records: list[Row]) -> tuple[list[Row], list[Row]]:
    """One accession is one act; what was no accession keeps `counts_as_exit` false and says so in its flag."""
    acts: list[Row] = []
    episodes: list[Row] = []
    for r in records:
        name = f"{r['state'].lower()}-{r['body_key']}-in-{r['date'][:4]}"
        if any(e["episode"] == name for e in episodes):
            name = f"{name}-{r['id']}"
        mark = flags(r) | ({"denied"} if r["event"] == "denied" else set())
        acts.append(
            {
                "act_id": r["id"],
                "episode": name,
                "state": r["state"],
                "body": r["body_key"],
                "act": ACCESSION_ACTS[r["event"]],
                "date": r["date"],
                "claimed_by": "not_stated",
                "contested": "yes" if "rival_dates" in mark else "no",
                "date_basis": r["date_basis"],
                "counts_as_exit": False,
                "recorded": RECORDED,
                "confidence": r["confidence"],
                "flag": ";".join(sorted(mark)),
                "note": r["note"],
                "sources": r["sources"],
            }
        )
        episodes.append(
            {
                "episode": name,
                "state": r["state"],
                "body": r["body_key"],
                "kind": r["event"],
                "direction": "joining" if r["is_accession"] else "approach",
                "counts_as_exit": False,
                "historic_state": False,
                "body_type": r["body_type"],
                "body_name": r["body"],
                "origin": "accessions_2015_2026",
                "date_basis": r["date_basis"],
                "confidence": r["confidence"],
                "flag": ";".join(sorted(mark)),
                "note": r["note"],
                "sources": r["sources"],
            }
        )
    return acts, episodes


def batch_acts(batch: list[Row], acts: list[Row]) -> tuple[list[Row], list[Row]]:
    """One announcement a listed body; where the facts hold that act already, it joins the case's episode instead."""
    fresh: list[Row] = []
    episodes: list[Row] = []
    known = {(a["body"], a["date"]) for a in acts if a["state"] == "USA" and a["act"] == "announced"}
    for r in batch:
        if (r["key"], r["announced"]) in known:
            continue
        name = f"usa-{r['key']}-2026"
        fresh.append(
            {
                "act_id": f"batch-{r['id']}",
                "episode": name,
                "state": "USA",
                "body": r["key"],
                "act": "announced",
                "date": r["announced"],
                "claimed_by": "state",
                "contested": "no",
                "date_basis": "sourced",
                "counts_as_exit": False,
                "recorded": RECORDED,
                "reason": "contrary to US interests",
                "confidence": r["confidence"],
                "flag": r["flag"],
                "note": None,
                "sources": r["sources"],
            }
        )
        episodes.append(
            {
                "episode": name,
                "state": "USA",
                "body": r["key"],
                "kind": r["kind"],
                "direction": "leaving",
                "counts_as_exit": False,
                "historic_state": False,
                "body_type": r["kind"],
                "body_name": r["name"],
                "reason": "contrary to US interests",
                "origin": "us_2026_batch",
                "date_basis": "sourced",
                "confidence": r["confidence"],
                "flag": r["flag"],
                "sources": r["sources"],
            }
        )
    return fresh, episodes


def all_columns(records: list[Row]) -> list[str]:
    """Every column that any record has, in order of first appearance."""
    return list(dict.fromkeys(column for record in records for column in record))


def main() -> None:
    """Import every shared file."""
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    folder, overwrite = Path(sys.argv[1]), "--overwrite" in sys.argv
    CURATED.mkdir(parents=True, exist_ok=True)
    batch = read(folder, "us_2026_batch.json")
    acts, episodes = us_acts(read(folder, "us_exits.json"))
    for more_acts, more_episodes in (
        batch_acts(batch, acts),
        world_acts(read(folder, "world_exits.json")),
        accession_acts(read(folder, "accessions_2015_2026.json")),
    ):
        acts += more_acts
        episodes += more_episodes
    write("acts.csv", ACT_COLUMNS, acts, overwrite)
    write("episodes.csv", EPISODE_COLUMNS, episodes, overwrite)
    for name, table in (
        ("bodies.json", "bodies.csv"),
        ("clauses.json", "clauses.csv"),
        ("us_2026_batch.json", "case_bodies.csv"),
        ("dues.jsonl", "ledger.csv"),
        ("claims.json", "claims.csv"),
        ("questions.json", "questions.csv"),
        ("world_exits_cow_unverified.jsonl", "coded_steps.csv"),
    ):
        records = read(folder, name)
        columns = all_columns(records)
        if table == "case_bodies.csv":
            columns = ["case", *columns]
            for record in records:
                record["case"] = "usa-2026-01"
        write(table, columns, records, overwrite)


if __name__ == "__main__":
    main()
