"""What donors gave to bodies by year, as the bodies report it to the UN Chief Executives Board, and how far it may move.

A donor without a line in a year that the body reports gave nothing in it; a body without any gift in a year is not known.
Assessed revenue is booked when it falls due, whether or not it is paid.

The band around an amount that must be projected is as wide as this donor's money at this body has moved before. Its half-width
for h years ahead is the largest change over h years in the pair's own series, times a factor: the smallest that would have held
nine times in ten, measured over the largest donors of all bodies at every past origin. Dues move little, gifts much, so each
ledger has its own. Whether such bands hold for bodies on which the factor was not measured is told by `band_coverage`.

References
----------
Vovk, Gammerman and Shafer (2005), Algorithmic Learning in a Random World, for intervals from ranked past errors.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Annotated, Any, Final, Literal

import numpy as np
import polars as pl

from exeunt.answers import Answer, item
from exeunt.core.arrays import FloatArray
from exeunt.record.ledgers import UN_BUDGETS, carried_by
from exeunt.record.store import Record

KINDS: Final = ("assessed", "core", "earmarked")
"""Kinds of revenue that a state gives: dues, and gifts without and with a purpose. Other revenue is no gift of a state."""
VOLUNTARY: Final = ("core", "earmarked")
SOURCE: Final = "un_ceb"
HELD: Final = 0.9
"""Share of past cases that a band is to hold."""
FEWEST_CHANGES: Final = 4
"""Fewer changes over as many years make no half-width; those over a shorter span are widened by the square root of time."""
LARGEST: Final = 5
"""State donors of each body on which the factor is measured."""
LONGEST: Final = 6
"""Years ahead for which the factor is measured; further ahead the longest serves."""
LEDGERS: Final[tuple[Literal["assessed", "voluntary"], ...]] = ("assessed", "voluntary")
KINDS_OF_LEDGER: Final = {"assessed": ("assessed",), "voluntary": ("core", "earmarked")}
Row = dict[str, Any]
SCALE: Final = ("un_regular_budget", "regular_budget")
"""Body and fund of the scale by which the United Nations assess their regular budget."""


@dataclass(frozen=True, eq=False)
class Revenue:
    """Revenue of bodies by donor.

    `gifts` is (bodies, donors, years, kinds) and `totals` (bodies, years, kinds), all donors together, states and others;
    both in US dollars, NaN in years that a body does not report. `income` is (bodies, years), revenue of every kind.
    """

    bodies: tuple[str, ...]
    donors: tuple[str, ...]
    years: tuple[int, ...]
    gifts: FloatArray
    totals: FloatArray
    income: FloatArray

    @cached_property
    def place(self) -> dict[str, int]:
        """Body → its place."""
        return {body: n for n, body in enumerate(self.bodies)}

    def of(self, kinds: tuple[str, ...] = KINDS) -> tuple[FloatArray, FloatArray]:
        """Gifts (bodies, donors, years) and totals (bodies, years) of these kinds together."""
        at = [KINDS.index(kind) for kind in kinds]
        return np.asarray(self.gifts[..., at].sum(axis=-1)), np.asarray(self.totals[..., at].sum(axis=-1))

    def last_year(self, body: str) -> int | None:
        """Last year that a body reports; None for one that is not in the source."""
        if body not in self.place:
            return None
        seen = np.flatnonzero(~np.isnan(self.totals[self.place[body], :, 0]))
        return self.years[int(seen[-1])] if len(seen) else None


def revenue(record: Record) -> Revenue:
    """Revenue of all bodies that report to the board."""
    return _from_ledger(record.table("ledger").filter(pl.col("source") == SOURCE))


def _from_ledger(ledger: pl.DataFrame) -> Revenue:
    """Put rows of the ledger into arrays.

    Parameters
    ----------
    ledger : body, state (None for all donors), year, ledger, fund, amount; rows in no ledger with fund "all" are income
    """
    rows = ledger.select("body", "state", "year", "ledger", "fund", "amount").filter(
        pl.col("year").is_not_null() & pl.col("amount").is_not_null()
    )
    kind = (
        pl.when(pl.col("ledger") == "assessed").then(pl.lit("assessed"))
        .when((pl.col("ledger") == "voluntary") & pl.col("fund").is_in(VOLUNTARY)).then(pl.col("fund"))
        .when(pl.col("ledger").is_null() & (pl.col("fund") == "all")).then(pl.lit("income"))
    )  # fmt: skip
    rows = rows.with_columns(kind.alias("kind")).filter(pl.col("kind").is_not_null())
    bodies = tuple(sorted(rows["body"].unique()))
    donors = tuple(sorted(rows["state"].drop_nulls().unique()))
    first, last = (int(rows["year"].min() or 0), int(rows["year"].max() or 0)) if rows.height else (0, -1)  # type: ignore[arg-type]
    years = tuple(range(first, last + 1))
    at_body, at_donor = ({name: n for n, name in enumerate(names)} for names in (bodies, donors))
    gifts = np.zeros((len(bodies), len(donors), len(years), len(KINDS)))
    totals = np.zeros((len(bodies), len(years), len(KINDS)))
    income = np.full((len(bodies), len(years)), np.nan)
    for body, state, year, word, amount in rows.select("body", "state", "year", "kind", "amount").iter_rows():
        j, t = at_body[body], year - first
        if word == "income":
            if state is None:
                income[j, t] = amount
        elif state is None:
            totals[j, t, KINDS.index(word)] += amount
        else:
            gifts[j, at_donor[state], t, KINDS.index(word)] += amount
    silent = ~(totals.sum(axis=-1) > 0)
    totals[silent] = np.nan
    gifts.transpose(0, 2, 1, 3)[silent] = np.nan
    return Revenue(bodies, donors, years, gifts, totals, income)


# --- how far an amount may move ---------------------------------------------------------------------------------------


def _half_width(values: FloatArray, ahead: int) -> float | None:
    """Largest change over so many years in a yearly series; None for one too short.

    Parameters
    ----------
    values : (years,) amounts, oldest first, without gaps
    ahead : 1 or more; where the series has fewer than `FEWEST_CHANGES` changes over so many years, those over the longest span
        that has are widened by the square root of the spans' ratio
    """
    span = min(ahead, len(values) - FEWEST_CHANGES)
    if span < 1:
        return None
    return float(np.abs(values[span:] - values[:-span]).max() * np.sqrt(ahead / span))


def band(values: FloatArray, ahead: int, factors: tuple[float, ...]) -> tuple[float, float] | None:
    """Low and high of an amount so many years after the last one; low is not below zero unless the last value is.

    None for a series that is too short or has never changed: it says nothing on how far it may move.

    Parameters
    ----------
    values : (years,) amounts, oldest first, without gaps
    factors : of 1, 2, … years ahead; see `widening`
    """
    width = _half_width(values, ahead)
    last = float(values[-1])
    if width is None or (width == 0 and last != 0):
        return None
    reach = width * factors[min(ahead, len(factors)) - 1]
    return min(last, max(0.0, last - reach)), last + reach


@lru_cache(maxsize=8)
def widening(known: Revenue, ledger: str) -> tuple[float, ...]:
    """Factors for 1 to 6 years ahead that would have held nine times in ten: assessed or voluntary money."""
    return _factors(_scores(known, ledger, tuple(range(len(known.bodies)))))


def _factors(scores: list[list[float]]) -> tuple[float, ...]:
    """The share `HELD` of ranked scores, never falling with the years ahead; 1 where there is nothing to measure on."""
    found: list[float] = []
    for one in scores:
        ranked = np.sort(np.array(one))
        at = min(int(np.ceil(HELD * (len(ranked) + 1))) - 1, len(ranked) - 1)
        found.append(max([float(ranked[at]) if len(ranked) else 1.0, *found[-1:]]))
    return tuple(found)


def _scores(known: Revenue, ledger: str, bodies: tuple[int, ...]) -> list[list[float]]:
    """By years ahead: how many half-widths the later value lay from the last one; below zero money cannot fall."""
    out: list[list[float]] = [[] for _ in range(LONGEST)]
    whole, _ = known.of()
    kinds = [KINDS.index(kind) for kind in KINDS_OF_LEDGER[ledger]]
    for at in range(FEWEST_CHANGES, len(known.years) - 1):
        for j in bodies:
            base = np.nan_to_num(whole[j, :, at - 1 : at + 1].sum(axis=1))
            for i in np.argsort(-base, kind="stable")[:LARGEST]:
                for k in kinds:
                    series = known.gifts[j, i, :, k]
                    past = _run(series[: at + 1])
                    if not past.any():
                        continue
                    for ahead in range(1, min(LONGEST, len(series) - 1 - at) + 1):
                        later, width = series[at + ahead], _half_width(past, ahead)
                        if width and not np.isnan(later):
                            out[ahead - 1].append(abs(float(later) - float(past[-1])) / width)
    return out


def _run(past: FloatArray) -> FloatArray:
    """The unbroken end of a series: what stands after its last gap."""
    gaps = np.flatnonzero(np.isnan(past))
    return past[gaps[-1] + 1 :] if len(gaps) else past


class _BandCoverage(Answer, frozen=True, kw_only=True):
    """How often bands held, for one ledger and number of years ahead."""

    ledger: Annotated[Literal["assessed", "voluntary"], item("assessed or voluntary money")]
    ahead: Annotated[int, item("years ahead", "years")]
    cases: Annotated[int, item("past donors, bodies, kinds and origins")]
    held: Annotated[int, item("of which inside their band")]
    share: Annotated[float | None, item("held over cases, the factor measured on other bodies", "share")]
    factor: Annotated[float, item("by which the largest change is widened, measured on all bodies")]


def band_coverage(known: Revenue) -> list[_BandCoverage]:
    """How often bands hold for bodies on which the factor was not measured: every body left out in turn, in five parts."""
    rows: list[_BandCoverage] = []
    everything = tuple(range(len(known.bodies)))
    for ledger in LEDGERS:
        held, cases = np.zeros(LONGEST, int), np.zeros(LONGEST, int)
        for part in range(5):
            test = everything[part::5]
            factors = _factors(_scores(known, ledger, tuple(j for j in everything if j not in test)))
            for n, scores in enumerate(_scores(known, ledger, test)):
                cases[n] += len(scores)
                held[n] += sum(score <= factors[n] for score in scores)
        factors = widening(known, ledger)
        rows += [
            _BandCoverage(ledger=ledger, ahead=n + 1, cases=int(cases[n]), held=int(held[n]),
                          share=float(held[n] / cases[n]) if cases[n] else None, factor=factors[n])
            for n in range(LONGEST)
        ]  # fmt: skip
    return rows


# --- what a page shows of one body or one state ----------------------------------------------------------------------


@dataclass(frozen=True)
class Paid:
    """What the ledgers hold.

    Attributes
    ----------
    years : {year, assessed, core, earmarked, parties, largest, largest_amount, share, dues, sources}: US dollars; `parties`
        counts the donors of a body, or the bodies to which a state gave; `largest` is the payer of the most dues (of the most
        gifts where no state owes dues and `dues` is False) and `share` its share; of a state, `share` is its part of all dues
        to the bodies to which it owes dues
    latest : {key, year, assessed, share, core, earmarked}: one row a donor, or a body, in the last year that the body reports
    scale : {first_year, last_year, rate_pct}: of a state, its part of the regular budget of the United Nations
    others : {body, state, year, as_of, ledger, amount, currency, rate_pct, sources}: what else the record holds
    inside, between : bodies that the regular budget carries, and those that other bodies carry
    """

    years: tuple[Row, ...] = ()
    latest: tuple[Row, ...] = ()
    scale: tuple[Row, ...] = ()
    others: tuple[Row, ...] = ()
    inside: tuple[str, ...] = ()
    between: tuple[str, ...] = ()

    @property
    def known(self) -> bool:
        """Whether any ledger covers the body or the state."""
        return bool(self.years or self.scale or self.others)


def paid_to(record: Record, known: Revenue, body: str) -> Paid:
    """What states and others gave to a body; `un` has the budgets to which its members are assessed beside it."""
    inside, between = carried_by(record, [body])
    others = _others(record, pl.col("body").is_in([body, *(UN_BUDGETS if body == "un" else ())]))
    if body not in known.place:
        return Paid(others=others, inside=tuple(inside), between=tuple(between))
    gifts, totals = known.gifts[known.place[body]], known.totals[known.place[body]]
    read = _read_in(record, pl.col("body") == body)
    years = []
    for t, year in enumerate(known.years):
        if np.isnan(totals[t]).any():
            continue
        judged = [0] if gifts[:, t, 0].any() else [1, 2]  # where no state owes dues, gifts
        each = gifts[:, t, judged].sum(axis=-1)
        most = int(np.argmax(each))
        whole = float(totals[t, judged].sum())
        named = whole > 0 and each[most] > 0
        years.append(
            {"year": year, **_kinds(totals[t]), "parties": int((gifts[:, t].sum(axis=-1) > 0).sum()),
             "largest": known.donors[most] if named else None, "largest_amount": float(each[most]) if named else None,
             "share": float(each[most]) / whole if named else None, "dues": judged == [0],
             "sources": read.get(year, [])}
        )  # fmt: skip
    last = known.last_year(body)
    latest = []
    if last is not None:
        t = known.years.index(last)
        for donor in np.flatnonzero(gifts[:, t].sum(axis=-1) != 0):
            latest.append(_line(known.donors[int(donor)], last, gifts[donor, t], totals[t]))
    return Paid(tuple(years), _sorted(latest), (), others, tuple(inside), tuple(between))


def paid_by(record: Record, known: Revenue, state: str) -> Paid:
    """What a state gave to all bodies that report, and its part of the scale of the United Nations."""
    ledger = record.table("ledger").filter((pl.col("state") == state) & (pl.col("basis") == "rate"))
    rates = ledger.filter((pl.col("body") == SCALE[0]) & (pl.col("fund") == SCALE[1])).sort("first_year", "id")
    scale = tuple(rates.select("first_year", "last_year", "rate_pct").unique(maintain_order=True).iter_rows(named=True))
    others = _others(record, pl.col("state") == state)
    if state not in known.donors:
        return Paid(scale=scale, others=others)
    gifts = known.gifts[:, known.donors.index(state)]
    read = _read_in(record, pl.col("state") == state)
    years = []
    for t, year in enumerate(known.years):
        there = ~np.isnan(known.totals[:, t]).any(axis=-1)
        mine, whole = gifts[there, t].sum(axis=0), known.totals[there, t, 0]
        dues = float(whole[gifts[there, t, 0] > 0].sum())
        if mine.sum() > 0:
            years.append(
                {"year": year, **_kinds(mine), "parties": int((gifts[there, t].sum(axis=-1) > 0).sum()), "largest": None,
                 "largest_amount": None, "share": float(mine[0]) / dues if dues else None, "dues": True,
                 "sources": read.get(year, [])}
            )  # fmt: skip
    latest = []
    for j, body in enumerate(known.bodies):
        last = known.last_year(body)
        if last is not None and gifts[j, known.years.index(last)].sum() != 0:
            t = known.years.index(last)
            latest.append(_line(body, last, gifts[j, t], known.totals[j, t]))
    return Paid(tuple(years), _sorted(latest), scale, others)


def _read_in(record: Record, which: pl.Expr) -> dict[int, list[str]]:
    """Year → addresses in which its figures were read."""
    rows = record.table("ledger").filter(which & (pl.col("source") == SOURCE) & pl.col("ledger").is_not_null())
    found: dict[int, list[str]] = {}
    for year, text in rows.sort("id").select("year", "sources").iter_rows():
        found.setdefault(year, (text or "").split())
    return found


def _kinds(amounts: Any) -> Row:
    return {kind: float(amounts[k]) for k, kind in enumerate(KINDS)}


def _line(key: str, year: int, mine: Any, whole: Any) -> Row:
    share = float(mine[0] / whole[0]) if whole[0] > 0 and mine[0] > 0 else None
    return {"key": key, "year": year, **_kinds(mine), "share": share}


def _sorted(rows: list[Row]) -> tuple[Row, ...]:
    return tuple(sorted(rows, key=lambda r: (-r["assessed"], -(r["core"] + r["earmarked"]), r["key"])))


def _others(record: Record, which: pl.Expr) -> tuple[Row, ...]:
    """Figures of the six ledgers that are no revenue by year: arrears, requests, payments, assessments as they were sent."""
    frame = record.table("ledger").filter(
        which & pl.col("ledger").is_not_null() & pl.col("amount").is_not_null() & (pl.col("source") != SOURCE)
    )
    columns = ("body", "state", "year", "period", "as_of", "ledger", "amount", "currency", "sources")
    rows = frame.sort("first_year", "ledger", "body", "id", descending=[True, False, False, False]).select(columns)
    return tuple({**row, "sources": (row["sources"] or "").split()} for row in rows.iter_rows(named=True))
