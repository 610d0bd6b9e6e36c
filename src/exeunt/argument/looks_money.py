"""Looks at figures of the record: amounts, rates and shares of the ledgers, and measures of states."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import polars as pl

from exeunt.argument.expect import Part, quoted, shown, weigh
from exeunt.record import ledgers
from exeunt.record.store import Record

if TYPE_CHECKING:
    from exeunt.argument.argument import Fact

Facts = Mapping[str, "Fact"]
Row = dict[str, Any]


def money(record: Record, check: dict[str, Any], facts: Facts, call: str) -> Part:
    """Amounts (or rates) of one ledger in a year; figures that disagree stay two, and may divide the check."""
    rows, names = _rows(record, check, check["year"])
    column = "rate_pct" if check.get("rate") else "amount"
    found = [row for row in rows if row[column] is not None]
    holds, disputed = weigh([row[column] for row in found], check)
    values = {**names, "year": str(check["year"]), "figures": _figures(found, column)}
    return Part(
        "money",
        holds,
        "argue.found.money" if found else "argue.found.no_money",
        values,
        _sources(found),
        (_command(names, check["year"]),),
        disputed,
        _one(found, column),
    )


def change(record: Record, check: dict[str, Any], facts: Facts, call: str) -> Part:
    """Change of an amount (or rate) between two years in per cent of the first."""
    column = "rate_pct" if check.get("rate") else "amount"
    sides = []
    names: dict[str, str] = {}
    for year in (check["first_year"], check["last_year"]):
        rows, names = _rows(record, check, year)
        sides.append([row for row in rows if row[column] is not None])
    changes = [100 * (b[column] / a[column] - 1) for a in sides[0] for b in sides[1] if a[column]]
    holds, disputed = weigh(changes, check)
    values = {
        **names,
        "first_year": str(check["first_year"]),
        "last_year": str(check["last_year"]),
        "first": _figures(sides[0], column),
        "last": _figures(sides[1], column),
        "change": " / ".join(dict.fromkeys(f"{value:+.1f} %".replace("-", "−") for value in changes)),
    }
    return Part(
        "change",
        holds,
        "argue.found.change" if changes else "argue.found.no_money",
        {**values, "year": values["last_year"]},
        _sources(sides[0] + sides[1]),
        tuple(_command(names, check[y]) for y in ("first_year", "last_year")),
        disputed,
        changes[0] if len(set(changes)) == 1 else None,
    )


def share(record: Record, check: dict[str, Any], facts: Facts, call: str) -> Part:
    """Part of a state in what all gave to a body, per cent."""
    state, body = record.state(check["state"]), record.body(check["body"])
    rows = [r for r in ledgers.share(record, body, state, check["year"]) if r["fund"] == check["fund"]]
    found = [row["share_pct"] for row in rows]
    holds, disputed = weigh(found, check)
    values = {
        "state": state,
        "body": body,
        "year": str(check["year"]),
        "share": " / ".join(f"{v:.1f} %" for v in found),
    }
    sources = _sources(_rows(record, {**check, "body": body}, check["year"])[0])
    return Part(
        "share",
        holds,
        "argue.found.share" if found else "argue.found.no_money",
        values,
        sources if found else (),
        (f"exeunt money {body} --year {check['year']}",),
        disputed,
        found[0] if len(found) == 1 else None,
    )


def series(record: Record, check: dict[str, Any], facts: Facts, call: str) -> Part:
    """Change of a measure of a state between two years in per cent of the first."""
    state, measure = record.state(check["state"]), check["measure"]
    first, last = check["first_year"], check["last_year"]
    frame = record.measure(measure).filter((pl.col("state") == state) & pl.col("year").is_in([first, last]))
    at = {row["year"]: row["value"] for row in frame.iter_rows(named=True) if row["value"] is not None}
    known = first in at and last in at and at[first] != 0
    found = [100 * (at[last] / at[first] - 1)] if known else []
    holds, _ = weigh(found, check)
    values = {
        "state": state,
        "measure": measure,
        "first_year": str(first),
        "last_year": str(last),
        "first": _small(at.get(first)),
        "last": _small(at.get(last)),
        "change": f"{found[0]:+.1f} %".replace("-", "−") if found else "",
    }
    sql = (
        f"SELECT year, value, source FROM {_series_table(record, measure)} WHERE measure = {quoted(measure)} AND state = {quoted(state)} "
        f"AND year IN ({first}, {last})"
    )
    return Part(
        "series",
        holds,
        "argue.found.series" if known else "argue.found.no_series",
        values,
        tuple(dict.fromkeys(frame["source"].to_list())),
        (f'exeunt sql "{sql}"',),
        False,
        found[0] if found else None,
    )


def _series_table(record: Record, measure: str) -> str:
    for licence in ("ship", "ship_derived", "share_alike"):
        if record.table(f"series_{licence}").filter(pl.col("measure") == measure).height:
            return f"series_{licence}"
    return "series_ship"


def _rows(record: Record, check: dict[str, Any], year: int) -> tuple[list[Row], dict[str, str]]:
    names = {"body": record.body(check["body"])}
    if "state" in check:
        names["state"] = record.state(check["state"])
    rows = ledgers.money(record, names["body"], names.get("state"), year)
    if "state" not in check:
        rows = [row for row in rows if row["state"] is None]
    for key in ("ledger", "fund"):
        if key in check:
            rows = [row for row in rows if row[key] == check[key]]
    return rows, {"state": "", **names}


def _command(names: dict[str, str], year: int) -> str:
    state = f" --state {names['state']}" if names["state"] else ""
    return f"exeunt money {names['body']}{state} --year {year}"


def _figures(rows: list[Row], column: str) -> str:
    unit = " %" if column == "rate_pct" else " USD"
    return " / ".join(
        dict.fromkeys(
            f"{shown(row[column])}{unit if column == 'rate_pct' else ' ' + (row['currency'] or 'USD')}" for row in rows
        )
    )


def _one(rows: list[Row], column: str) -> float | None:
    values = {row[column] for row in rows}
    return float(values.pop()) if len(values) == 1 else None


def _small(value: float | None) -> str:
    return "" if value is None else f"{value:.4g}"


def _sources(rows: list[Row]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(source for row in rows for source in (row["sources"] or [row["source"]])))
