"""Curated figures of money → rows of the ledger, one row an amount or a rate.

A figure that mixes assessed and voluntary money stands in none of the six ledgers.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import polars as pl

from exeunt.core.errors import CompileError
from exeunt.record.schema import TABLE

Row = dict[str, Any]

REGULAR: Final = "un_regular_budget"
FUND_OF_BODY: Final = {REGULAR: "regular_budget", "un_peacekeeping": "peacekeeping", "un_tribunals": "tribunals"}
REDEFINED: Final = 2025
"""First year whose assessments are total contributions, with the Peacebuilding Fund's part; net ones before."""
REDEFINED_NOTE: Final = (
    "total contributions, with the part of the Peacebuilding Fund; net contributions to 2024: do not compare"
)

EXTRA_AMOUNTS: Final[dict[str, Row]] = {
    "du-0001": {"column": "total_usd", "ledger": "appropriated", "note": "the budget of 2026 as approved"},
    "du-0008": {"column": "total_usd", "first_year": 2024, "last_year": 2025, "period": "2024-2025",
                "note": "operating costs projected for two years"},
    "du-0013": {"column": "us_usd", "state": "USA", "note": "cut from the budget of 1978-79 after the exit; no payment"},
    "du-0014": {"column": "us_usd", "state": "USA", "ledger": "requested",
                "note": "asked of Congress for the fiscal year 2004"},
}  # fmt: skip
"""Amounts that curated rows hold beside their own, judged one by one: column, ledger (else none) and what it is."""
NEEDED: Final[dict[str, tuple[str, ...]]] = {
    "scale_of_assessments": ("state", "rate_pct"),
    "entity_revenue": ("us_usd", "total_usd", "donor", "total_kind"),
    "us_assessment": (
        "year", "us_usd", "us_share_pct", "total_usd", "total_kind", "donor", "us_status", "status_as_of",
        "states_paid_in_full",
    ),
    "us_arrears": ("us_arrears_usd", "donor"),
    "us_share": ("us_share_pct", "donor"),
    "us_total": ("us_usd", "donor"),
    "system_total": ("total_usd", "total_kind"),
    "budget": ("total_usd", "total_kind"),
}  # fmt: skip
"""Kind of statement → cells of ledger.csv without which it cannot be read."""
NUMBERS: Final = ("total_usd", "us_share_pct", "us_arrears_usd", "us_usd")
"""Text columns of ledger.csv that become amounts and rates."""
SHARE_OF_BUDGET: Final = {"du-0007": "share of the whole budget, not of the assessments"}


def _curated_rows(frame: pl.DataFrame) -> list[Row]:
    """Every curated row under its own id; a second figure in it becomes a row of its own, `-all`, `-rate` or `-more`."""
    rows: list[Row] = []
    for item in frame.iter_rows(named=True):
        cell = {k: v for k, v in item.items() if v is not None}
        first, last = cell.get("first_year", cell.get("year")), cell.get("last_year", cell.get("year"))
        body = cell.get("body")
        base = _ledger_row(
            id=cell["id"], record=cell["record"], body=body, first_year=int(first or 0) or None,
            last_year=int(last or 0) or None, period=cell.get("period"), as_of=cell.get("as_of"),
            confidence=cell.get("confidence"), flag=cell.get("flag"), note=cell.get("note"),
            fund=FUND_OF_BODY.get(str(body)), source="exeunt_curated", sources=cell.get("sources"),
        )  # fmt: skip
        rows += _SHAPES.get(cell["record"], _unknown)(cell, base)
        if cell["id"] in EXTRA_AMOUNTS:
            more = dict(EXTRA_AMOUNTS[cell["id"]])
            amount = cell[more.pop("column")]
            record = base["record"] if "state" in more else "budget"
            rows.append(
                _in_dollars(
                    _ledger_row(**{**base, "id": f"{cell['id']}-more", "record": record, "flag": None, **more}), amount
                )
            )
    return rows


def _ledger_row(**cells: Any) -> Row:
    """A row of the ledger with these cells, the others empty; `year` where it covers one year."""
    row: Row = dict.fromkeys(c.name for c in TABLE["ledger"].columns)
    row.update(cells)
    row["year"] = row["first_year"] if row["first_year"] == row["last_year"] else None
    return row


def _in_dollars(base: Row, amount: str, **cells: Any) -> Row:
    """The row with an amount in United States dollars."""
    return {**base, "amount": float(amount), "usd": float(amount), "currency": "USD", **cells}


def _joined_notes(*parts: str | None) -> str | None:
    """Remarks in one cell; None where there are none."""
    return "; ".join(p for p in parts if p) or None


def _joined_flags(*parts: str | None) -> str | None:
    """Marks of doubt in one cell; None where there are none."""
    return ";".join(p for p in parts if p) or None


def _unknown(cell: Row, base: Row) -> list[Row]:
    raise CompileError(f"ledger.csv, {cell['id']}: the kind of record {cell['record']!r} is in no ledger yet.")


def _scale(cell: Row, base: Row) -> list[Row]:
    return [
        {**base, "state": cell["state"], "ledger": "assessed", "basis": "rate", "rate_pct": float(cell["rate_pct"])}
    ]


def _revenue(cell: Row, base: Row) -> list[Row]:
    top = f"largest donors: {cell['top_donors']}" if "top_donors" in cell else None
    whole = {"basis": "accrual", "fund": "all"}
    return [
        _in_dollars(base, cell["us_usd"], state=cell["donor"], **whole),
        _in_dollars(
            base,
            cell["total_usd"],
            **whole,
            id=f"{cell['id']}-all",
            flag=None,
            note=_joined_notes(cell["total_kind"], top),
        ),
    ]


def _assessment(cell: Row, base: Row) -> list[Row]:
    late = base["year"] >= REDEFINED
    flag, note = ("redefined_2025", REDEFINED_NOTE) if late else (None, None)
    base = {**base, "ledger": "assessed", "basis": "assessed", "as_of": cell["status_as_of"]}
    full = f"{cell['states_paid_in_full']} states had paid in full by {cell['status_as_of']}"
    return [
        _in_dollars(base, cell["us_usd"], state=cell["donor"], rate_pct=float(cell["us_share_pct"]), note=note,
               flag=_joined_flags(cell["us_status"], flag)),
        _in_dollars(base, cell["total_usd"], id=f"{cell['id']}-all", flag=flag, note=_joined_notes(cell["total_kind"], full)),
    ]  # fmt: skip


def _arrears(cell: Row, base: Row) -> list[Row]:
    rows = [_in_dollars(base, cell["us_arrears_usd"], state=cell["donor"], ledger="owed", basis="balance")]
    # The rate of the regular budget is in the scale.
    if "us_share_pct" in cell and base["body"] != REGULAR:
        rate = {"id": f"{cell['id']}-rate", "state": cell["donor"], "ledger": "assessed", "basis": "rate"}
        rows.append({**base, **rate, "flag": None, "note": None, "rate_pct": float(cell["us_share_pct"])})
    return rows


def _share(cell: Row, base: Row) -> list[Row]:
    other = SHARE_OF_BUDGET.get(cell["id"])
    row = {**base, "state": cell["donor"], "basis": "rate", "rate_pct": float(cell["us_share_pct"])}
    if ("us_usd" in cell or "total_usd" in cell) and cell["id"] not in EXTRA_AMOUNTS:
        raise CompileError(
            f"ledger.csv, {cell['id']}: say in EXTRA_AMOUNTS of curated_money.py which ledger its sum is in."
        )
    return [{**row, "ledger": None if other else "assessed", "note": _joined_notes(other, cell.get("note"))}]


def _us_total(cell: Row, base: Row) -> list[Row]:
    return [
        _in_dollars(base, cell["us_usd"], state=cell["donor"], ledger="appropriated", fund="all", flag="floor_figure")
    ]


def _system_total(cell: Row, base: Row) -> list[Row]:
    return [_in_dollars(base, cell["total_usd"], basis="accrual", fund="all", note=cell["total_kind"])]


def _budget(cell: Row, base: Row) -> list[Row]:
    return [_in_dollars(base, cell["total_usd"], ledger="requested", note=cell["total_kind"])]


_SHAPES: Final[dict[str, Callable[[Row, Row], list[Row]]]] = {
    "scale_of_assessments": _scale, "entity_revenue": _revenue, "us_assessment": _assessment, "us_arrears": _arrears,
    "us_share": _share, "us_total": _us_total, "system_total": _system_total, "budget": _budget,
}  # fmt: skip
