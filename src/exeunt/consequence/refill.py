"""Who would pay, if somebody did: a gap shared out under rules.

No rule is a forecast; how often gaps were refilled before is in `history`.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Final

import numpy as np
import polars as pl

from exeunt.consequence.batch import Batch
from exeunt.consequence.money import Loss, losses
from exeunt.consequence.revenue import Revenue, revenue
from exeunt.errors import UsageError
from exeunt.record.store import Record

RULES: Final = ("pro_rata", "top_five", "one_state", "nobody")
UN_SCALE_BODY: Final = "un_regular_budget"
LARGEST: Final = 5


@dataclass(frozen=True, slots=True)
class Payment:
    """What a payer would add under a rule, a year; under `nobody` the row is the gap itself and has no payer."""

    body: str
    state: str
    """The state that leaves."""
    ledger: str
    year: int
    rule: str
    payer: str | None
    amount: float
    low: float
    high: float
    currency: str
    given: float | None
    """What the payer itself gave the body in the last observed year, assessed and voluntary together."""
    rise: float | None
    """`amount` over `given`; None where it gave nothing."""
    scale: str
    """What the shares rest on."""

    def as_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return asdict(self)


def refilling(
    record: Record, asked: Batch, rules: tuple[str, ...] = RULES, payer: str | None = None,
    rows: list[Loss] | None = None, known: Revenue | None = None,
) -> list[Payment]:  # fmt: skip
    """Share out what each body loses in the first year of loss, ledger by ledger; the sum under every rule is the gap.

    Parameters
    ----------
    payer : the state that pays under `one_state` (default: the body's largest donor among those that stay)
    rows, known : `losses(...)` and `revenue(record)`, where they are at hand

    Returns
    -------
    Payments. `pro_rata` uses the others' own assessments by the body where it has any, else theirs for the UN regular budget;
    `top_five` the five largest others in proportion to what they gave; states that leave in the same batch pay nothing.

    Raises
    ------
    UsageError, if the state named leaves the body itself, or a rule is unknown.
    """
    unknown = [rule for rule in rules if rule not in RULES]
    if unknown:
        raise UsageError(f"no refilling rule named {unknown[0]!r}; expected {', '.join(RULES)}.")
    held = known or revenue(record)
    named = record.state(payer) if payer is not None else None
    leavers: dict[str, set[str]] = {}
    for state, body in asked.pairs:
        leavers.setdefault(body, set()).add(state)
    found: list[Payment] = []
    for gap in gaps(rows if rows is not None else losses(record, asked, known=held)):
        body = str(gap["body"])
        away = leavers.get(body, {str(gap["state"])}) | ({str(gap["state"])})
        gave = _given(held, body, away)
        for rule in rules:
            if rule == "one_state" and named in away:
                raise UsageError(
                    f"{named} leaves {body} in this batch, so it cannot be the one that pays; name another."
                )
            shares, scale = _shares(record, held, rule, body, str(gap["ledger"]), away, gave, named)
            found += [_payment(gap, rule, who, share, gave, scale) for who, share in shares.items()]
    return found


def gaps(rows: list[Loss]) -> list[dict[str, Any]]:
    """The gap of each body, leaver and ledger in the first year that is lost: core and earmarked gifts are one ledger."""
    out: dict[tuple[str, str, str, str], dict[int, list[Loss]]] = {}
    for row in rows:
        if row.lost and row.amount is not None and row.status == "figures" and row.year is not None:
            key = (row.body, row.state, row.ledger, row.currency or "")
            out.setdefault(key, {}).setdefault(row.year, []).append(row)
    found = []
    for (body, state, word, currency), years in out.items():
        year = min(years)
        amount, low, high = (sum(getattr(r, name) or 0.0 for r in years[year]) for name in ("amount", "low", "high"))
        if high > 0:
            found.append({"body": body, "state": state, "ledger": word, "currency": currency, "year": year, "amount": amount,
                          "low": low, "high": high})  # fmt: skip
    return found


def _given(held: Revenue, body: str, away: set[str]) -> dict[str, float]:
    """What every state that stays gave a body in the last year that it reports."""
    last = held.last_year(body)
    if last is None:
        return {}
    gifts, _ = held.of()
    amounts = gifts[held.place[body], :, held.years.index(last)]
    return {donor: float(a) for donor, a in zip(held.donors, amounts, strict=True) if donor not in away}


def _shares(
    record: Record, held: Revenue, rule: str, body: str, word: str, away: set[str], gave: dict[str, float], named: str | None
) -> tuple[dict[str | None, float], str]:  # fmt: skip
    """Payer → share of the gap, summing to 1, and what the shares rest on; nothing where the record holds no scale."""
    largest = sorted((d for d in gave if gave[d] > 0), key=lambda d: (-gave[d], d))
    if rule == "nobody":
        return {None: 1.0}, "nobody pays: the body does without"
    if rule == "one_state":
        one = named or (largest[0] if largest else None)
        return (
            ({one: 1.0}, "one state pays all" + ("" if named else ": the largest donor that stays"))
            if one
            else ({}, "")
        )
    if rule == "top_five":
        weights = {d: gave[d] for d in largest[:LARGEST]}
        scale = f"what the five largest others gave in {held.last_year(body)}"
    else:
        weights, scale = _scale(record, held, body, away)
    whole = sum(weights.values())
    return ({d: w / whole for d, w in weights.items()} if whole > 0 else {}), scale


def _scale(record: Record, held: Revenue, body: str, away: set[str]) -> tuple[dict[str, float], str]:
    last = held.last_year(body)
    if last is not None:
        dues = held.gifts[held.place[body], :, held.years.index(last), 0]
        own = {d: float(a) for d, a in zip(held.donors, dues, strict=True) if a > 0 and d not in away}
        if len(own) > LARGEST:
            return own, f"assessed by the body itself in {last}"
    table = record.table("ledger").filter(
        (pl.col("body") == UN_SCALE_BODY) & (pl.col("basis") == "assessed") & pl.col("state").is_not_null()
    )
    year = int(np.max(table["year"].to_numpy())) if table.height else 0
    rows = table.filter((pl.col("year") == year) & ~pl.col("state").is_in(sorted(away)))
    return dict(rows.select("state", "amount").iter_rows()), f"assessed for the UN regular budget of {year}"


def _payment(
    gap: dict[str, Any], rule: str, payer: str | None, share: float, gave: dict[str, float], scale: str
) -> Payment:
    given = gave.get(payer) if payer else None
    amount = share * gap["amount"]
    return Payment(
        gap["body"], gap["state"], gap["ledger"], gap["year"], rule, payer, amount, share * gap["low"], share * gap["high"],
        gap["currency"], given, amount / given if given and given > 0 else None, scale,
    )  # fmt: skip
