"""What bodies lose by a set of exits, ledger by ledger and year by year, and what stays owed.

Observed years are given as they stand in the ledger. Later years are never given as a point: the last observed level stands in
a band, see `revenue.py`. Dues end with the membership, gifts can stop at once.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated, Final, Literal

import numpy as np
import polars as pl

from exeunt.answers import Answer, Message, item
from exeunt.consequence.batch import LEAVEABLE, Batch
from exeunt.consequence.revenue import SOURCE, Revenue, band, revenue, widening
from exeunt.record.clauses import Clock, clock
from exeunt.record.ledgers import PAID_BY_REGULAR_BUDGET, UN_BUDGETS
from exeunt.record.status import status
from exeunt.record.store import Record

AHEAD: Final = 4
"""Years after the decision to which losses are projected, unless another year is asked for."""
GIVEN: Final = ("assessed", "voluntary")
"""Ledgers of what a state gives; the others tell what was asked, granted, paid or owed of it."""
Status = Literal["figures", "regular_budget", "no_dues", "unknown"]
UNDER_WAY: Final = ("member_announced_only", "member_notice_running", "left_claimed_disputed", "not_member")
"""Statuses in which the record's own acts tell when the exit takes effect; in others notice is supposed on the decision."""
Why = tuple[Message, ...]


class Loss(Answer, frozen=True, kw_only=True):
    """One amount that a body had from a state, or would have had without the exit."""

    body: Annotated[str, item("body, key of table bodies")]
    state: Annotated[str, item("the state that leaves, key of table states")]
    year: Annotated[int | None, item("calendar year")] = None
    fund: Annotated[str | None, item("fund or kind of money")] = None
    ledger: Annotated[Literal["assessed", "voluntary"], item("which ledger")]
    amount: Annotated[float | None, item("amount; empty where it is not known", "currency")] = None
    currency: Annotated[str | None, item("currency, ISO 4217")] = None
    usd: Annotated[float | None, item("the amount where it is in US dollars", "US dollars")] = None
    basis: Annotated[Literal["assessed", "accrual", "cash"] | None, item("basis of the figure")] = None
    source: Annotated[str | None, item("key of the source card")] = None
    share: Annotated[float | None, item("of the body's income of the year, every kind together", "share")] = None
    share_of: Annotated[Literal["income", "assessments"] | None, item("what share is a part of")] = None
    low: Annotated[float | None, item("low end of the band (projected), or the lowest rival figure", "currency")] = None
    high: Annotated[float | None, item("high end of the band (projected), or the highest rival figure", "currency")] = (
        None
    )
    projected: Annotated[bool, item("whether the year lies after the last observed one")] = False
    lost: Annotated[
        bool | None, item("whether the exit takes the amount away; empty where no day of effect is known")
    ] = None
    status: Annotated[Status, item("regular_budget and no_dues: there are no dues of its own that could stop")] = (
        "figures"
    )
    why: Annotated[Why, item("what the row rests on, or why nothing is known")] = ()


class _Owed(Answer, frozen=True, kw_only=True):
    """An amount that stays owed, or until when dues of a pair run."""

    body: Annotated[str, item("body, key of table bodies")]
    state: Annotated[str, item("the state that leaves, key of table states")]
    what: Annotated[Literal["owed", "dues"], item("an amount owed, or dues until the exit takes effect")]
    year: Annotated[int | None, item("calendar year of the amount, or of the day of effect")] = None
    amount: Annotated[float | None, item("amount; empty where it is not known", "currency")] = None
    low: Annotated[float | None, item("low end of the band", "currency")] = None
    high: Annotated[float | None, item("high end of the band", "currency")] = None
    currency: Annotated[str | None, item("currency, ISO 4217")] = None
    as_of: Annotated[str | None, item("day on which the figure held, EDTF level 1")] = None
    earliest_effective: Annotated[date | None, item("earliest day of effect by the rule")] = None
    notice_established: Annotated[bool | None, item("whether a notice is in the record")] = None
    dues_until: Annotated[str | None, item("what the rule says on dues")] = None
    article: Annotated[str | None, item("article of the rule")] = None
    verified: Annotated[bool | None, item("whether the rule was read in a source")] = None
    source: Annotated[str | None, item("address or key of the source")] = None
    flag: Annotated[str | None, item("flags, separated by semicolons")] = None
    note: Annotated[str | None, item("note of the ledger")] = None
    why: Annotated[Why, item("what the row rests on, or why nothing is known")] = ()


def losses(
    record: Record, asked: Batch, until: int | None = None, known: Revenue | None = None, as_of: date | None = None
) -> list[Loss]:
    """What each body of a batch loses by ledger and year.

    Parameters
    ----------
    until : last projected year (default: four years after the decision)
    known : `revenue(record)`, where it is at hand
    as_of : acts after this day are left out of the clock; money is what the record holds

    Returns
    -------
    A row for each observed and each projected year of every ledger and fund of a pair. A body without dues of its own has one
    row of 0 in the ledger `assessed`; a ledger of which nothing is known has one row with `status` unknown and the reason.
    """
    held = known or revenue(record)
    last = until or asked.decided.year + AHEAD
    table = record.table("ledger").filter(
        pl.col("state").is_in(asked.states) & pl.col("ledger").is_in(GIVEN) & pl.col("amount").is_not_null()
        & pl.col("year").is_not_null()
    )  # fmt: skip
    rows: list[Loss] = []
    for state, body in asked.pairs:
        when = _lost_from(asked, _clock_of(record, asked, state, body, as_of))
        rows += _of_pair(record, asked, held, table.filter(pl.col("state") == state), state, body, last, when)
    return rows


def _of_pair(
    record: Record, asked: Batch, held: Revenue, table: pl.DataFrame, state: str, body: str, until: int,
    when: tuple[dict[str, int | None], dict[str, Why]],
) -> list[Loss]:  # fmt: skip
    kind = _own_money(record, body)
    own = table.filter(pl.col("body").is_in([body, *(UN_BUDGETS if body == "un" else ())]))
    from_year, dated = when
    rows: list[Loss] = []
    if kind != "figures":
        fund = "regular_budget" if kind == "regular_budget" else None
        rows.append(Loss(
            body=body, state=state, year=asked.decided.year, fund=fund, ledger="assessed", amount=0.0, currency="USD",
            usd=0.0, basis="assessed", source="exeunt_curated", low=0.0, high=0.0, lost=False, status=kind,
            why=(Message(code=f"loss.{kind}"),),
        ))  # fmt: skip
        own = own.filter(pl.col("ledger") != "assessed")
    for key, part in own.sort("year").group_by("body", "ledger", "fund", "basis", "currency", maintain_order=True):
        rows += _of_series(record, held, part, key, state, until, from_year, dated)
    last = held.last_year(body)
    if not rows and last is not None:
        rows.append(Loss(
            body=body, state=state, year=last, ledger="voluntary", amount=0.0, currency="USD", usd=0.0, basis="accrual",
            source=SOURCE, share=0.0, share_of="income", low=0.0, high=0.0, lost=False,
            why=(Message(code="loss.names_none", values={"year": last}),),
        ))  # fmt: skip
    missing = [word for word in GIVEN if word not in {r.ledger for r in rows}]
    if not rows:
        rows.append(
            Loss(body=body, state=state, ledger="assessed", status="unknown", why=(Message(code="loss.no_money"),))
        )
    elif kind != "figures" and missing:
        why = (Message(code="loss.no_gifts"),)
        rows.append(Loss(body=body, state=state, ledger="voluntary", status="unknown", why=why))
    return rows


def _of_series(
    record: Record, held: Revenue, part: pl.DataFrame, key: tuple[object, ...], state: str, until: int,
    from_year: dict[str, int | None], dated: dict[str, Why],
) -> list[Loss]:  # fmt: skip
    """Observed and projected rows of one ledger and fund."""
    named, word, fund, basis, currency = (None if k is None else str(k) for k in key)
    ledger: Literal["assessed", "voluntary"] = "assessed" if word == "assessed" else "voluntary"
    first = from_year[ledger]
    series = _series(held, str(named), state, fund, part)
    booked = (basis, ledger) == ("accrual", "assessed")
    rows: list[Loss] = []
    for year, (low, high, source) in series.items():
        income, share_of = _income(record, held, str(named), ledger, year)
        level = (low + high) / 2
        rows.append(Loss(
            body=str(named), state=state, year=year, fund=fund, ledger=ledger, amount=level, currency=currency,
            usd=_dollars(level, currency), basis=basis, source=source, share=_over(level, income),  # type: ignore[arg-type]
            share_of=share_of if income else None, low=low, high=high, lost=None if first is None else year >= first,
            why=(Message(code="loss.accrual"),) if booked else (),
        ))  # fmt: skip
    return rows + _projected(record, held, rows[-1], series, until, first, dated[ledger])


def _series(
    held: Revenue, body: str, state: str, fund: str | None, part: pl.DataFrame
) -> dict[int, tuple[float, float, str]]:
    """Year → low, high (rival figures apart) and source; zeros where the body reports and the donor has no line."""
    found: dict[int, tuple[float, float, str]] = {}
    for year, amount, source in part.select("year", "amount", "source").iter_rows():
        low, high, _ = found.get(year, (amount, amount, source))
        found[year] = (min(low, amount), max(high, amount), source)
    if body in held.place and set(part["source"]) == {SOURCE}:
        seen = held.totals[held.place[body], :, 0]
        for n, year in enumerate(held.years):
            if year not in found and not np.isnan(seen[n]):
                found[year] = (0.0, 0.0, SOURCE)
    return dict(sorted(found.items()))


def _projected(
    record: Record, held: Revenue, last: Loss, series: dict[int, tuple[float, float, str]], until: int,
    first: int | None, dated: Why,
) -> list[Loss]:  # fmt: skip
    """Rows of the years after the last observed one; none, but for one that says so, where the series is too short."""
    years = sorted(series)
    run = [years[-1]]
    while run[0] - 1 in series:
        run.insert(0, run[0] - 1)
    values = np.array([sum(series[y][:2]) / 2 for y in run])
    rows: list[Loss] = []
    for year in range(years[-1] + 1, until + 1):
        found = band(values, year - years[-1], widening(held, last.ledger))
        if found is None:
            rows.append(Loss(
                body=last.body, state=last.state, year=year, fund=last.fund, ledger=last.ledger, projected=True,
                status="unknown", why=(Message(code="loss.too_short", values={"years": len(run)}),),
            ))  # fmt: skip
            break
        income, share_of = _income(record, held, last.body, last.ledger, years[-1])
        level = float(values[-1])
        rests = Message(code="loss.level", values={"year": years[-1], "first": run[0], "last": run[-1]})
        rows.append(Loss(
            body=last.body, state=last.state, year=year, fund=last.fund, ledger=last.ledger, amount=level,
            currency=last.currency, usd=_dollars(level, last.currency), basis=last.basis, source=last.source,
            share=_over(level, income), share_of=share_of if income else None, low=found[0], high=found[1], projected=True,
            lost=None if first is None else year >= first, why=(rests, *dated),
        ))  # fmt: skip
    return rows


def _income(
    record: Record, held: Revenue, body: str, word: str, year: int
) -> tuple[float | None, Literal["income", "assessments"]]:
    """Income of a body in a year: of every kind, or the sum of all assessments where no more is known."""
    at = held.place.get(body)
    if at is not None and year in held.years and not np.isnan(held.income[at, held.years.index(year)]):
        return float(held.income[at, held.years.index(year)]), "income"
    total = record.table("ledger").filter(
        (pl.col("body") == body) & pl.col("state").is_null() & (pl.col("year") == year) & (pl.col("ledger") == word)
        & (pl.col("basis") == "assessed")
    )  # fmt: skip
    return (float(total["amount"][0]), "assessments") if total.height == 1 else (None, "income")


def _over(part: float, whole: float | None) -> float | None:
    return part / whole if whole else None


def _dollars(amount: float, currency: str | None) -> float | None:
    return amount if currency == "USD" else None


def _own_money(record: Record, body: str) -> Status:
    """Whether a body has money of its own that a state could stop.

    Returns
    -------
    `figures` for one that can have its own; `regular_budget` for a part of the United Nations that lives on what states are
    assessed for the UN; `no_dues` for a mechanism between bodies.
    """
    table = {r["body"]: r for r in record.table("bodies").iter_rows(named=True)}
    row, seen, part_of_un = table[body], {body}, False
    parent = row["parent"]
    while parent is not None and parent not in seen:
        part_of_un |= parent == "un"
        seen.add(parent)
        parent = table[parent]["parent"] if parent in table else None
    if part_of_un and (row["kind"] in (*PAID_BY_REGULAR_BUDGET, "court")):
        return "regular_budget"
    if part_of_un and row["kind"] == "interagency_mechanism":
        return "no_dues"
    return "figures"


def owed(record: Record, asked: Batch, rows: list[Loss] | None = None, as_of: date | None = None) -> list[_Owed]:
    """What stays owed, and until when.

    Returns
    -------
    One row per amount that the record says is owed (rival figures stay apart), and one for each pair with a membership or
    treaty that tells when dues end. In `dues`, `amount` is what falls due in the whole years from the decision to the effect,
    in the ledger `assessed`; None where it is not known.
    """
    given = rows if rows is not None else losses(record, asked, as_of=as_of)
    table = record.table("ledger").filter(pl.col("ledger") == "owed")
    out: list[_Owed] = []
    for state, body in asked.pairs:
        names = [body, *(UN_BUDGETS if body == "un" else ())]
        ticked = _clock_of(record, asked, state, body, as_of)
        of_pair = table.filter((pl.col("state") == state) & pl.col("body").is_in(names)).sort("year", "id")
        for one in of_pair.iter_rows(named=True):
            out.append(_owed_row(
                ticked, body=one["body"], state=state, what="owed", year=one["year"], amount=one["amount"], low=one["amount"],
                high=one["amount"], currency=one["currency"], as_of=one["as_of"],
                source=(one["sources"] or one["source"]).split()[0], flag=one["flag"], note=one["note"], why=(),
            ))  # fmt: skip
        if ticked is not None:
            out.append(_owed_row(ticked, body=body, state=state, what="dues", **_dues(asked, ticked, given)))
    return out


def _dues(asked: Batch, ticked: Clock, given: list[Loss]) -> dict[str, object]:
    """What falls due in the whole years from the decision to the day of effect."""
    end, decided = ticked.earliest_effective, asked.decided.year
    if end is None or end.year < decided:
        return {}
    pair = (ticked.state, ticked.body, "assessed")
    due = [
        r for r in given
        if (r.state, r.body, r.ledger) == pair and r.year in range(decided, end.year + 1) and r.amount is not None
    ]  # fmt: skip
    if len({r.year for r in due}) != end.year + 1 - decided:
        return {"year": end.year, "why": (Message(code="loss.no_assessments"),)}
    return {
        "year": end.year, "amount": sum(r.amount or 0.0 for r in due), "low": sum(r.low or 0.0 for r in due),
        "high": sum(r.high or 0.0 for r in due), "currency": due[0].currency, "source": due[0].source,
        "why": (Message(code="loss.whole_years", values={"first": decided, "last": end.year}),),
    }  # fmt: skip


def _owed_row(ticked: Clock | None, **row: object) -> _Owed:
    rule: dict[str, object] = {} if ticked is None else {
        "earliest_effective": ticked.earliest_effective, "notice_established": ticked.notice_established,
        "dues_until": ticked.dues_until, "article": ticked.article, "verified": ticked.verified,
        "source": ticked.sources[0] if ticked.sources else None, "why": ticked.reason,
    }  # fmt: skip
    return _Owed(**{**rule, **row})  # type: ignore[arg-type]


# --- from when an exit takes money away ------------------------------------------------------------------------------


def _clock_of(record: Record, asked: Batch, state: str, body: str, as_of: date | None = None) -> Clock | None:
    """The clock of a pair; None where there is no membership or treaty whose end it could tell.

    Of a case, and of an exit that is under way or done, it runs on the acts of the record; else as if notice was given on the
    day of the decision.
    """
    if asked.what[state, body] not in LEAVEABLE:
        return None
    own = asked.kind == "case" or status(record, state, body, as_of).status in UNDER_WAY
    return clock(record, state, body, notified=None if own else asked.decided, as_of=as_of)


def _lost_from(asked: Batch, ticked: Clock | None) -> tuple[dict[str, int | None], dict[str, Why]]:
    """First year in which an exit takes money away, by ledger, and why that year.

    Dues fall away from the first whole calendar year after the earliest day of effect by the rule; gifts can stop at once, so
    from the year of the decision. Where the record gives no day of effect the year is None for dues.

    Parameters
    ----------
    ticked : `_clock_of(...)` of the pair
    """
    gift = asked.decided.year
    why: dict[str, Why] = {"voluntary": (Message(code="loss.gifts_stop", values={"year": gift}),)}
    if ticked is None:
        return {"voluntary": gift, "assessed": None}, {**why, "assessed": (Message(code="loss.no_membership"),)}
    day = ticked.earliest_effective
    if day is None:
        return {"voluntary": gift, "assessed": None}, {**why, "assessed": (Message(code="loss.no_day"), *ticked.reason)}
    why["assessed"] = (Message(code="loss.dues_end", values={"day": str(day)}),)
    return {"voluntary": gift, "assessed": day.year if (day.month, day.day) == (1, 1) else day.year + 1}, why
