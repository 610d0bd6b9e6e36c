"""Looks at figures of the record: amounts, rates and shares of the ledgers, and measures of states."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import polars as pl

from exeunt.answers import Message
from exeunt.argument.checks import Run, _Fact, _meets, _Part, _quoted, _say, _shown, _weigh
from exeunt.record import ledgers
from exeunt.record.cases import case
from exeunt.record.store import Record

Facts = Mapping[str, _Fact]
Row = dict[str, Any]
SCALE_BODY: Final = "un_regular_budget"


def _look_money(record: Record, check: dict[str, Any], facts: Facts, call: str) -> _Part:
    """Amounts (or rates) of one ledger in a year; figures that disagree stay two, and may divide the check."""
    rows, names = _rows(record, check, check["year"])
    column = "rate_pct" if check.get("rate") else "amount"
    found = [row for row in rows if row[column] is not None]
    holds, disputed = _weigh([row[column] for row in found], check)
    told = {"year": check["year"], "figures": _figures(found, column)} if found else {"year": check["year"]}
    return _Part(
        "money",
        holds,
        (_on("money" if found else "no_money", names, **told),),
        _sources(found),
        (_command(names, check["year"]),),
        disputed,
        _one(found, column),
    )


def _look_change(record: Record, check: dict[str, Any], facts: Facts, call: str) -> _Part:
    """Change of an amount (or rate) between two years in per cent of the first."""
    column = "rate_pct" if check.get("rate") else "amount"
    sides = []
    names: dict[str, str] = {}
    for year in (check["first_year"], check["last_year"]):
        rows, names = _rows(record, check, year)
        sides.append([row for row in rows if row[column] is not None])
    changes = [100 * (b[column] / a[column] - 1) for a in sides[0] for b in sides[1] if a[column]]
    holds, disputed = _weigh(changes, check)
    told = {
        "first_year": check["first_year"],
        "last_year": check["last_year"],
        "first": _figures(sides[0], column),
        "last": _figures(sides[1], column),
        "change": " / ".join(dict.fromkeys(f"{value:+.1f} %".replace("-", "−") for value in changes)),
    }
    return _Part(
        "change",
        holds,
        (_on("change", names, **told) if changes else _on("no_money", names, year=check["last_year"]),),
        _sources(sides[0] + sides[1]),
        tuple(_command(names, check[y]) for y in ("first_year", "last_year")),
        disputed,
        changes[0] if len(set(changes)) == 1 else None,
    )


def _look_share(record: Record, check: dict[str, Any], facts: Facts, call: str) -> _Part:
    """Part of a state in what all gave to a body, per cent."""
    state, body = record.state(check["state"]), record.body(check["body"])
    rows = [r for r in ledgers.share(record, body, state, check["year"]) if r["fund"] == check["fund"]]
    found = [row["share_pct"] for row in rows]
    holds, disputed = _weigh(found, check)
    shares = " / ".join(f"{v:.1f} %" for v in found)
    names = {"state": state, "body": body}
    sources = _sources(_rows(record, {**check, "body": body}, check["year"])[0])
    sql = (
        f"SELECT ledger, fund, basis, sum(amount) FILTER (WHERE state = {_quoted(state)}) AS part, sum(amount) FILTER "
        f"(WHERE state IS NULL) AS whole, 100 * part / whole AS share_pct FROM ledger WHERE body = {_quoted(body)} "
        f"AND fund = {_quoted(check['fund'])} AND year = {check['year']} AND basis IS NOT NULL AND amount IS NOT NULL "
        "GROUP BY ledger, fund, basis, currency HAVING part IS NOT NULL AND whole > 0"
    )
    return _Part(
        "share",
        holds,
        (
            _say("share", **names, year=check["year"], share=shares)
            if found
            else _on("no_money", names, year=check["year"]),
        ),
        sources if found else (),
        (f'exeunt sql "{sql}"',),
        disputed,
        found[0] if len(found) == 1 else None,
    )


def _look_series(record: Record, check: dict[str, Any], facts: Facts, call: str) -> _Part:
    """Change of a measure of a state between two years in per cent of the first."""
    state, measure = record.state(check["state"]), check["measure"]
    first, last = check["first_year"], check["last_year"]
    frame = record.measure(measure).filter((pl.col("state") == state) & pl.col("year").is_in([first, last]))
    at = {row["year"]: row["value"] for row in frame.iter_rows(named=True) if row["value"] is not None}
    known = first in at and last in at and at[first] != 0
    found = [100 * (at[last] / at[first] - 1)] if known else []
    holds, _ = _weigh(found, check)
    values: dict[str, Any] = {"state": state, "measure": measure, "first_year": first, "last_year": last}
    if known:
        change_pct = f"{found[0]:+.1f} %".replace("-", "−")
        values |= {"first": _small(at.get(first)), "last": _small(at.get(last)), "change": change_pct}
    table = _series_table(record, measure)
    sql = (
        f"SELECT year, value, source FROM {table} WHERE measure = {_quoted(measure)} AND state = {_quoted(state)} "
        f"AND year IN ({first}, {last})"
    )
    return _Part(
        "series",
        holds,
        (_say("series" if known else "no_series", **values),),
        tuple(dict.fromkeys(frame["source"].to_list())),
        (f'exeunt sql "{sql}"',),
        False,
        found[0] if found else None,
    )


def _look_total(record: Record, check: dict[str, Any], facts: Facts, call: str) -> _Part:
    """What a state gave to the bodies of a case over years, as far as the ledgers reach; short of a bound it says nothing.

    The ledgers cover some of the bodies only, so the sum is a floor: it can bear a claim out, and cannot refute one.
    """
    chosen, state = case(record, check["case"]), record.state(check["state"])
    first, last = check["first_year"], check["last_year"]
    bodies = chosen.bodies["body"].to_list()
    frame = record.table("ledger").filter(
        pl.col("body").is_in(bodies)
        & (pl.col("state") == state)
        & (pl.col("fund") == check["fund"])
        & pl.col("year").is_between(first, last)
        & pl.col("amount").is_not_null()
    )
    covered = frame["body"].n_unique()
    floor = float(frame["usd"].sum())
    holds = True if frame.height and _meets(floor, check) else None
    sql = (
        "SELECT body, round(sum(usd))::BIGINT AS usd FROM ledger JOIN case_bodies USING (body) "
        f'WHERE \\"case\\" = {_quoted(chosen.case)} '
        f"AND state = {_quoted(state)} AND fund = {_quoted(check['fund'])} AND year BETWEEN {first} AND {last} "
        "GROUP BY ROLLUP (body) ORDER BY usd"
    )
    values = {
        "state": state,
        "case": chosen.case,
        "usd": _shown(floor),
        "covered": covered,
        "bodies": len(bodies),
        "first_year": first,
        "last_year": last,
    }
    sources = _sources(frame.with_columns(pl.col("sources").str.split(" ")).to_dicts())
    return _Part("total", holds, (_say("total", **values),), sources, (f'exeunt sql "{sql}"',), number=floor)


def _look_between(record: Record, check: dict[str, Any], facts: Facts, call: str) -> _Part:
    """A figure of one state in per cent of another's: of a measure, or of what both gave to a body."""
    states = [record.state(check[key]) for key in ("state", "other")]
    year = check["year"]
    if "measure" in check:
        frame = record.measure(check["measure"]).filter((pl.col("year") == year) & pl.col("state").is_in(states))
        rows = [{**row, "amount": row["value"], "sources": [row["source"]]} for row in frame.iter_rows(named=True)]
        told = check["measure"]
        where = f"measure = {_quoted(told)} AND year = {year} AND state IN ({', '.join(map(_quoted, states))})"
        commands: tuple[str, ...] = (
            f'exeunt sql "SELECT state, value, source FROM {_series_table(record, told)} WHERE {where}"',
        )
    else:
        rows = [row for state in states for row in _rows(record, {**check, "state": state}, year)[0]]
        told = record.body(check["body"])
        commands = tuple(f"exeunt money {told} --state {state} --year {year}" for state in states)
    sides = [[row for row in rows if row["state"] == state and row["amount"] is not None] for state in states]
    if check.get("whole"):
        sides = [_whole(side) for side in sides]
        commands = (f'exeunt sql "{_whole_sql(told, states, year, check)}"',)
    found = [100 * a["amount"] / b["amount"] for a in sides[0] for b in sides[1] if b["amount"]]
    holds, disputed = _weigh(found, check)
    values = {
        "state": states[0],
        "other": states[1],
        "what": told,
        "year": year,
        "first": " / ".join(_shown(row["amount"]) for row in sides[0]),
        "second": " / ".join(_shown(row["amount"]) for row in sides[1]),
        "share": " / ".join(dict.fromkeys(f"{value:.1f} %" for value in found)),
    }
    code = ("between" if found else "no_between") + ("_measure" if "measure" in check else "_body")
    number = found[0] if len(found) == 1 else None
    return _Part("between", holds, (_say(code, **values),), _sources(sides[0] + sides[1]), commands, disputed, number)


def _whole(rows: list[Row]) -> list[Row]:
    """All parts of what a state gave in a year as one amount: the parts where they are there, else the figure for the whole."""
    parts = [row for row in rows if row["fund"] != "all" and row["basis"] == "accrual"] or rows[:1]
    if not parts:
        return []
    sources = list(dict.fromkeys(source for row in parts for source in row["sources"]))
    return [{**parts[0], "amount": sum(row["amount"] for row in parts), "sources": sources}]


def _whole_sql(body: str, states: list[str], year: int, check: dict[str, Any]) -> str:
    """The query that adds the parts of what two states gave, and gives the one in per cent of the other."""
    sums = ", ".join(
        f"round(sum(amount) FILTER (WHERE state = {_quoted(state)}))::BIGINT AS {state}" for state in states
    )
    only = "".join(f" AND {key} = {_quoted(check[key])}" for key in ("ledger", "fund") if key in check)
    return (
        f"SELECT {sums}, 100 * {states[0]} / {states[1]} AS per_cent FROM ledger WHERE body = {_quoted(body)} "
        f"AND year = {year} AND fund IS DISTINCT FROM 'all' AND basis = 'accrual'{only}"
    )


def _look_weight(record: Record, check: dict[str, Any], facts: Facts, call: str) -> _Part:
    """Rate of a state in the scale of the United Nations less its share of world output, percentage points."""
    state, year = record.state(check["state"]), check["year"]
    rates = [
        row
        for row in ledgers.money(record, SCALE_BODY, state, year)
        if row["record"] == "scale_of_assessments" and row["rate_pct"] is not None
    ]
    frame = record.measure("gdp_share").filter((pl.col("state") == state) & (pl.col("year") == year))
    output = [100 * value for value in frame["value"].drop_nulls().to_list()]
    found = [row["rate_pct"] - value for row in rates for value in output]
    holds, disputed = _weigh(found, check)
    values = {
        "state": state,
        "year": year,
        "rate": " / ".join(f"{row['rate_pct']:.1f} %" for row in rates),
        "output": " / ".join(f"{value:.1f} %" for value in output),
        "more": " / ".join(f"{value:+.1f}".replace("-", "−") for value in found),
    }
    table = _series_table(record, "gdp_share")
    where = f"measure = 'gdp_share' AND state = {_quoted(state)} AND year = {year}"
    commands = (
        f"exeunt money {SCALE_BODY} --state {state} --year {year}",
        f'exeunt sql "SELECT year, value, source FROM {table} WHERE {where}"',
    )
    sources = tuple(dict.fromkeys((*_sources(rates), *frame["source"].to_list())))
    message = _say("weight" if found else "no_weight", **values)
    return _Part("weight", holds, (message,), sources, commands, disputed, found[0] if len(found) == 1 else None)


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


def _on(code: str, names: Mapping[str, str], **values: Any) -> Message:
    """A message on a body, and on a state where the check names one."""
    return _say(code, **names, **values) if names["state"] else _say(f"{code}_all", body=names["body"], **values)


def _command(names: dict[str, str], year: int) -> str:
    state = f" --state {names['state']}" if names["state"] else ""
    return f"exeunt money {names['body']}{state} --year {year}"


def _figures(rows: list[Row], column: str) -> str:
    unit = " %" if column == "rate_pct" else " USD"
    return " / ".join(
        dict.fromkeys(
            f"{_shown(row[column])}{unit if column == 'rate_pct' else ' ' + (row['currency'] or 'USD')}" for row in rows
        )
    )


def _one(rows: list[Row], column: str) -> float | None:
    values = {row[column] for row in rows}
    return float(values.pop()) if len(values) == 1 else None


def _small(value: float | None) -> str:
    return "" if value is None else f"{value:.4g}"


def _sources(rows: list[Row]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(source for row in rows for source in (row["sources"] or [row["source"]])))


RUNS: Final[dict[str, Run]] = {
    "money": _look_money,
    "change": _look_change,
    "share": _look_share,
    "series": _look_series,
    "total": _look_total,
    "between": _look_between,
    "weight": _look_weight,
}
"""Look → what finds it."""
