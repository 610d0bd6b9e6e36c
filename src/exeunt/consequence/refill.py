"""Who would pay, if somebody did, and how often such gaps were refilled before.

A gap is shared out under rules; no rule is a forecast. What happened before is counted: an event is a year in which one of the
largest state donors of a body gives at most half of its mean of the two years before. The gap is that mean minus what it gave.
It is refilled within k years if in one of the first k years, the event's own among them, all other donors together gave more
than in their mean of the two years before by the asked share of the gap or more. The others' money grows in many bodies anyway,
so the same question is put to donors that did not fall, with the gap that a fall would have torn: the difference between the
two rates is what can be said of refilling.

References
----------
Wilson (1927), Journal of the American Statistical Association 22, 209–212, for the interval; it takes events as independent,
which those of one body are not quite, so an interval by bootstrap over bodies stands beside it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Annotated, Final, Literal

import numpy as np
import polars as pl

from exeunt.answers import Answer, Message, item
from exeunt.consequence.batch import Batch
from exeunt.consequence.money import Loss, losses
from exeunt.consequence.revenue import KINDS, Revenue, revenue
from exeunt.core.arrays import FloatArray
from exeunt.core.errors import UsageError
from exeunt.record.store import Record

Rule = Literal["pro_rata", "top_five", "one_state", "nobody"]
RULES: Final[tuple[Rule, ...]] = ("pro_rata", "top_five", "one_state", "nobody")
UN_SCALE_BODY: Final = "un_regular_budget"
LARGEST: Final = 5


class _Gap(Answer, frozen=True, kw_only=True):
    """What a body loses in the first year that is lost: core and earmarked gifts are one ledger."""

    body: Annotated[str, item("body, key of table bodies")]
    state: Annotated[str, item("the state that leaves, key of table states")]
    ledger: Annotated[Literal["assessed", "voluntary"], item("which ledger")]
    currency: Annotated[str, item("currency, ISO 4217")]
    year: Annotated[int, item("first year of loss")]
    amount: Annotated[float, item("what is lost in that year", "currency")]
    low: Annotated[float, item("low end of the band", "currency")]
    high: Annotated[float, item("high end of the band", "currency")]


class _Payment(Answer, frozen=True, kw_only=True):
    """What a payer would add under a rule in a year; under `nobody` the row is the gap itself and has no payer."""

    body: Annotated[str, item("body, key of table bodies")]
    state: Annotated[str, item("the state that leaves, key of table states")]
    ledger: Annotated[Literal["assessed", "voluntary"], item("which ledger")]
    year: Annotated[int, item("first year of loss")]
    rule: Annotated[Rule, item("refilling rule")]
    payer: Annotated[str | None, item("state that pays; empty where nobody does")]
    amount: Annotated[float, item("what it would add", "currency")]
    low: Annotated[float, item("low end of the band", "currency")]
    high: Annotated[float, item("high end of the band", "currency")]
    currency: Annotated[str, item("currency, ISO 4217")]
    given: Annotated[float | None, item("what the payer gave in the last observed year", "US dollars")]
    rise: Annotated[float | None, item("amount over given; empty where it gave nothing")]
    scale: Annotated[Message, item("what the shares rest on")]


def refilling(
    record: Record, asked: Batch, rules: tuple[Rule, ...] = RULES, payer: str | None = None,
    rows: list[Loss] | None = None, known: Revenue | None = None,
) -> list[_Payment]:  # fmt: skip
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
    found: list[_Payment] = []
    for gap in gaps(rows if rows is not None else losses(record, asked, known=held)):
        body = gap.body
        away = leavers.get(body, set()) | {gap.state}
        gave = _given(held, body, away)
        for rule in rules:
            if rule == "one_state" and named in away:
                raise UsageError(
                    f"{named} leaves {body} in this batch, so it cannot be the one that pays; name another."
                )
            shares, scale = _shares(record, held, rule, body, away, gave, named)
            found += [_payment(gap, rule, who, share, gave, scale) for who, share in shares.items()]
    return found


def gaps(rows: list[Loss]) -> list[_Gap]:
    """The gap of each body, leaver and ledger in the first year that is lost."""
    out: dict[tuple[str, str, Literal["assessed", "voluntary"], str], dict[int, list[Loss]]] = {}
    for row in rows:
        if row.lost and row.amount is not None and row.status == "figures" and row.year is not None:
            key = (row.body, row.state, row.ledger, row.currency or "")
            out.setdefault(key, {}).setdefault(row.year, []).append(row)
    found = []
    for (body, state, ledger, currency), years in out.items():
        year = min(years)
        amount, low, high = (sum(getattr(r, name) or 0.0 for r in years[year]) for name in ("amount", "low", "high"))
        if high > 0:
            found.append(_Gap(body=body, state=state, ledger=ledger, currency=currency, year=year, amount=amount, low=low,
                              high=high))  # fmt: skip
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
    record: Record, held: Revenue, rule: Rule, body: str, away: set[str], gave: dict[str, float], named: str | None
) -> tuple[dict[str | None, float], Message]:  # fmt: skip
    """Payer → share of the gap, summing to 1, and what the shares rest on; nothing where the record holds no scale."""
    largest = sorted((d for d in gave if gave[d] > 0), key=lambda d: (-gave[d], d))
    if rule == "nobody":
        return {None: 1.0}, Message(code="scale.nobody")
    if rule == "one_state":
        one = named or (largest[0] if largest else None)
        return ({one: 1.0} if one else {}), Message(code="scale.one_state" if named else "scale.one_largest")
    if rule == "top_five":
        weights = {d: gave[d] for d in largest[:LARGEST]}
        scale = Message(code="scale.top_five", values={"year": held.last_year(body)})
    else:
        weights, scale = _scale(record, held, body, away)
    whole = sum(weights.values())
    return ({d: w / whole for d, w in weights.items()} if whole > 0 else {}), scale


def _scale(record: Record, held: Revenue, body: str, away: set[str]) -> tuple[dict[str, float], Message]:
    last = held.last_year(body)
    if last is not None:
        dues = held.gifts[held.place[body], :, held.years.index(last), 0]
        own = {d: float(a) for d, a in zip(held.donors, dues, strict=True) if a > 0 and d not in away}
        if len(own) > LARGEST:
            return own, Message(code="scale.own", values={"year": last})
    table = record.table("ledger").filter(
        (pl.col("body") == UN_SCALE_BODY) & (pl.col("basis") == "assessed") & pl.col("state").is_not_null()
    )
    year = int(np.max(table["year"].to_numpy())) if table.height else 0
    rows = table.filter((pl.col("year") == year) & ~pl.col("state").is_in(sorted(away)))
    return dict(rows.select("state", "amount").iter_rows()), Message(code="scale.un", values={"year": year})


def _payment(
    gap: _Gap, rule: Rule, payer: str | None, share: float, gave: dict[str, float], scale: Message
) -> _Payment:
    given = gave.get(payer) if payer else None
    amount = share * gap.amount
    return _Payment(
        body=gap.body, state=gap.state, ledger=gap.ledger, year=gap.year, rule=rule, payer=payer, amount=amount,
        low=share * gap.low, high=share * gap.high, currency=gap.currency, given=given,
        rise=amount / given if given and given > 0 else None, scale=scale,
    )  # fmt: skip


# --- how often gaps were refilled before -----------------------------------------------------------------------------

BASE_YEARS: Final = 2
HORIZONS: Final = (1, 2, 3)
Z: Final = 1.959963984540054
DRAWS: Final = 2000
KINDS_OF: Final = {"all": KINDS, "assessed": ("assessed",), "voluntary": ("core", "earmarked")}
MEASURES: Final = ("any_year", "on_average")


@dataclass(frozen=True, slots=True)
class _Definition:
    """What counts as a fall, and what as refilled."""

    fall: float = 0.5
    """Smallest fall from the mean of the two years before, as a share of it."""
    refilled: float = 0.8
    """Smallest share of the gap that others make good."""
    largest: int = 5
    """So many largest state donors of the two years before are looked at."""
    smallest_share: float = 0.05
    """A donor with less than this share of all that was given to the body in the two years before is left out."""
    kinds: str = "all"
    """all, assessed or voluntary money"""
    measure: str = "any_year"
    """any_year: others make it good in one of the years; on_average: over the years together"""
    states: str = "all"
    """all donors, or the code of one state"""
    steady: float = 0.0
    """Smallest share of its mean that the donor gave in each of the two years before: 0.5 leaves out single large gifts."""
    lasting: bool = False
    """Only falls after which the donor stays below half of its former mean in all of three years; known three years on."""


MAIN: Final = _Definition()
VARIANTS: Final[dict[str, _Definition]] = {
    "main": MAIN,
    "fall_30": replace(MAIN, fall=0.3),
    "fall_75": replace(MAIN, fall=0.75),
    "half_made_good": replace(MAIN, refilled=0.5),
    "all_made_good": replace(MAIN, refilled=1.0),
    "on_average": replace(MAIN, measure="on_average"),
    "donors_from_1": replace(MAIN, smallest_share=0.01),
    "donors_from_10": replace(MAIN, smallest_share=0.1),
    "assessed": replace(MAIN, kinds="assessed"),
    "voluntary": replace(MAIN, kinds="voluntary"),
    "steady": replace(MAIN, steady=0.5),
    "steady_lasting": replace(MAIN, steady=0.5, lasting=True),
    "united_states": replace(MAIN, states="USA"),
}


class _Event(Answer, frozen=True, kw_only=True):
    """One fall of a large donor, or (in the comparison) one donor that did not fall."""

    body: Annotated[str, item("body, key of table bodies")]
    state: Annotated[str, item("the donor that fell")]
    year: Annotated[int, item("year of the fall")]
    before: Annotated[float, item("mean of its two years before", "US dollars")]
    given: Annotated[float, item("what it gave", "US dollars")]
    share_before: Annotated[float, item("of all that was given to the body in those two years", "share")]
    gap: Annotated[float, item("before minus given", "US dollars")]
    returned: Annotated[bool | None, item("whether it came back by itself in three years; empty where not yet known")]
    made_good_1: Annotated[float | None, item("rise of all others within 1 year over the gap")]
    made_good_2: Annotated[float | None, item("rise of all others within 2 years over the gap")]
    made_good_3: Annotated[float | None, item("rise of all others within 3 years over the gap")]

    def made_good(self, years: int) -> float | None:
        """Share of the gap by which others rose within 1, 2 or 3 years; None after the last year of the source."""
        return (self.made_good_1, self.made_good_2, self.made_good_3)[years - 1]


class Rate(Answer, frozen=True, kw_only=True):
    """How often gaps were refilled, by one definition within so many years."""

    definition: Annotated[
        Literal[
            "main", "fall_30", "fall_75", "half_made_good", "all_made_good", "on_average", "donors_from_1", "donors_from_10",
            "assessed", "voluntary", "steady", "steady_lasting", "united_states",
        ],
        item("definition of a fall and of refilling"),
    ]  # fmt: skip
    years: Annotated[int, item("within so many years", "years")]
    events: Annotated[int, item("falls whose years are over")]
    refilled: Annotated[int, item("of which refilled")]
    rate: Annotated[float | None, item("refilled over events", "share")]
    low: Annotated[float, item("Wilson 95 % interval, low end", "share")]
    high: Annotated[float, item("Wilson 95 % interval, high end", "share")]
    by_body_low: Annotated[float | None, item("95 % by bootstrap over bodies, low end", "share")]
    by_body_high: Annotated[float | None, item("95 % by bootstrap over bodies, high end", "share")]
    bodies: Annotated[int, item("bodies with events")]
    too_recent: Annotated[int, item("falls not counted: the source ends before the years are over")]
    returned: Annotated[int, item("of the events, donors that came back by themselves within three years")]
    without_a_fall_rate: Annotated[
        float | None, item("the same share for donors that did not fall, with a gap as of the smallest fall", "share")
    ]
    without_a_fall: Annotated[int, item("number of those donors and years")]


def _wilson(hits: int, of: int, z: float = Z) -> tuple[float, float]:
    """Wilson's 95 % interval of a share; from 0 to 1 where there is nothing to count."""
    if of == 0:
        return 0.0, 1.0
    p, n = hits / of, float(of)
    centre = (p + z * z / (2 * n)) / (1 + z * z / n)
    half = z * np.sqrt(p * (1 - p) / n + z * z / (4 * n * n)) / (1 + z * z / n)
    return max(0.0, float(centre - half)), min(1.0, float(centre + half))


def _events(known: Revenue, definition: _Definition = MAIN) -> tuple[list[_Event], list[_Event]]:
    """Falls of large donors, and large donors that did not fall, by body, year and state.

    An event of a donor at a body rules out further ones of the same pair for two years: their base would hold the fall.
    A donor that did not fall is given the gap that the smallest fall would have torn.
    """
    gifts, totals = known.of(KINDS_OF[definition.kinds])
    fell: list[_Event] = []
    stood: list[_Event] = []
    for j, body in enumerate(known.bodies):
        last_event: dict[int, int] = {}
        for t in range(BASE_YEARS, len(known.years)):
            base = slice(t - BASE_YEARS, t)
            if np.isnan(totals[j, base]).any() or np.isnan(totals[j, t]):
                continue
            before, whole = gifts[j, :, base].mean(axis=1), float(totals[j, base].mean())
            if whole <= 0:
                continue
            for i in np.argsort(-before, kind="stable")[: definition.largest]:
                mean = float(before[i])
                if mean <= 0 or mean < definition.smallest_share * whole:
                    continue
                if definition.states not in ("all", known.donors[i]) or t - last_event.get(int(i), -9) <= BASE_YEARS:
                    continue
                if gifts[j, i, base].min() < definition.steady * mean:
                    continue
                given = float(gifts[j, i, t])
                down = given <= (1 - definition.fall) * mean
                gap = mean - given if down else definition.fall * mean
                others = totals[j] - gifts[j, i]
                good = _made_good(others, t, float(others[base].mean()), gap, definition.measure)
                after = gifts[j, i, t : t + max(HORIZONS)]
                returned = None if len(after) < max(HORIZONS) else bool((after >= definition.refilled * mean).any())
                event = _Event(
                    body=body, state=known.donors[i], year=known.years[t], before=mean, given=given,
                    share_before=mean / whole, gap=gap, returned=returned, **good,
                )  # fmt: skip
                if down:
                    last_event[int(i)] = t
                    if not definition.lasting or (len(after) == max(HORIZONS) and after.max() <= mean / 2):
                        fell.append(event)
                else:
                    stood.append(event)
    return fell, stood


def falls(known: Revenue) -> list[_Event]:
    """Falls of large donors by the main definition."""
    return _events(known)[0]


def _made_good(others: FloatArray, t: int, base: float, gap: float, measure: str) -> dict[str, float | None]:
    found: dict[str, float | None] = {}
    for k in HORIZONS:
        rise = others[t : t + k] - base
        known = len(rise) == k and not np.isnan(rise).any()
        found[f"made_good_{k}"] = float((rise.max() if measure == "any_year" else rise.mean()) / gap) if known else None
    return found


def base_rates(
    known: Revenue, variants: dict[str, _Definition] | None = None, seed: int = 1, draws: int = DRAWS
) -> list[Rate]:
    """How often gaps were refilled, by definition and horizon.

    `too_recent` events are not counted, for the source ends before the years are over; `without_a_fall_rate` is the share of
    donors that did not fall whose hypothetical gap others' growth would have filled, and `without_a_fall` their number.
    """
    rows = []
    for name, definition in (VARIANTS if variants is None else variants).items():
        fell, stood = _events(known, definition)
        for years in HORIZONS:
            asked = [(e, good) for e in fell if (good := e.made_good(years)) is not None]
            hits = [good >= definition.refilled for _, good in asked]
            beside = [good >= definition.refilled for e in stood if (good := e.made_good(years)) is not None]
            low, high = _wilson(sum(hits), len(hits))
            by_low, by_high = _by_body([e.body for e, _ in asked], hits, seed, draws)
            rows.append(Rate(
                definition=name, years=years, events=len(hits), refilled=sum(hits),  # type: ignore[arg-type]
                rate=sum(hits) / len(hits) if hits else None, low=low, high=high, by_body_low=by_low, by_body_high=by_high,
                bodies=len({e.body for e, _ in asked}), too_recent=len(fell) - len(asked),
                returned=sum(bool(e.returned) for e, _ in asked),
                without_a_fall_rate=sum(beside) / len(beside) if beside else None, without_a_fall=len(beside),
            ))  # fmt: skip
    return rows


def _by_body(bodies: list[str], hits: list[bool], seed: int, draws: int) -> tuple[float | None, float | None]:
    """95 % interval of the rate by drawing bodies with replacement; None for fewer than two bodies."""
    names = sorted(set(bodies))
    if len(names) < 2:
        return None, None
    of = np.array([sum(b == name for b in bodies) for name in names], float)
    good = np.array([sum(h for b, h in zip(bodies, hits, strict=True) if b == name) for name in names], float)
    drawn = np.random.default_rng(seed).integers(0, len(names), (draws, len(names)))
    rates = good[drawn].sum(axis=1) / of[drawn].sum(axis=1)
    return float(np.quantile(rates, 0.025)), float(np.quantile(rates, 0.975))
