"""All terms by name: those of the rival accounts, choosing a set, refusing what knows the future, and the codebook.

They are computed from a `World` that carries a `Sight`. None is fitted by default; see `docs/method/panel.md`.

All terms by name: choosing a set, refusing what knows the future, and the codebook.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
import polars as pl

from exeunt.core.arrays import FloatArray
from exeunt.core.errors import UnknownNameError, UsageError
from exeunt.measures.membership import closer_joins, distance_to_others, overlap, standing
from exeunt.panel.terms import CODED, EXIT_TERMS, JOIN_TERMS, TENURE, Term, World
from exeunt.panel.yearly_covariates import Sight
from exeunt.record.cards import licence_class

SMALLEST_GDP_SHARE: Final = 1e-8


def _sight(w: World) -> Sight:
    if w.sight is None:
        raise UsageError("this world carries what the base terms need and no more; the rivals' terms need a sight.")
    return w.sight


def _states(values: FloatArray, w: World) -> FloatArray:
    return np.broadcast_to(values[:, None], w.members.shape)


def _bodies(values: FloatArray, w: World) -> FloatArray:
    return np.broadcast_to(values[None, :], w.members.shape)


def _log_share(share: FloatArray) -> FloatArray:
    return np.asarray(np.log(np.maximum(share, SMALLEST_GDP_SHARE)), dtype=np.float64)


def _gdp_share(w: World) -> FloatArray:
    return _states(_log_share(_sight(w).gdp_share), w)


def _gdp_share_change(w: World) -> FloatArray:
    s = _sight(w)
    return _states(_log_share(s.gdp_share) - _log_share(s.gdp_share_before), w)


def _scale_minus_gdp(w: World) -> FloatArray:
    s = _sight(w)
    return np.asarray((s.scale_rate - 100 * s.gdp_share)[:, None] * s.by_scale[None, :], dtype=np.float64)


def _authority(w: World) -> FloatArray:
    return _bodies(_sight(w).authority, w)


def _democracy(w: World) -> FloatArray:
    return _states(_sight(w).democracy, w)


def _democracy_change(w: World) -> FloatArray:
    s = _sight(w)
    return _states(s.democracy - s.democracy_before, w)


def _leader_change(w: World) -> FloatArray:
    return _states(_sight(w).leader_change, w)


def _populist(w: World) -> FloatArray:
    return _states(_sight(w).populist, w)


def _allies_exits(w: World) -> FloatArray:
    return np.asarray(np.log1p(_sight(w).allies @ w.exits_own), dtype=np.float64)


def _leading_state_exit(w: World) -> FloatArray:
    return _sight(w).leader_left.astype(np.float64)


def _rivals_founded(w: World) -> FloatArray:
    return _bodies(np.log1p(_sight(w).rivals_founded), w)


def _overlap(w: World) -> FloatArray:
    return _bodies(overlap(w.members), w)


def _force_lag(w: World) -> FloatArray:
    return _states(_sight(w).force_before, w)


def _force_lead(w: World) -> FloatArray:
    return _states(_sight(w).force_after, w)


def _standing(w: World) -> FloatArray:
    return standing(*_sight(w).past[-1])


def _standing_change(w: World) -> FloatArray:
    """Change since five years earlier, or since the state's first standing in these years where that is later."""
    past = _sight(w).past
    now = standing(*past[-1])
    before = np.full_like(now, np.nan)
    for year in past:
        if not np.isnan(before[~np.isnan(now)]).any():
            break
        then = standing(*year)
        before = np.where(np.isnan(before), then, before)
    return np.asarray(now - before, dtype=np.float64)


def _joins_closer(w: World) -> FloatArray:
    distance = distance_to_others(w.members, w.position)
    return np.asarray(np.log1p(closer_joins(w.members, _sight(w).joined, distance)), dtype=np.float64)


def _product(w: World) -> FloatArray:
    """Stand in for a product, which `build.py` forms from its standardised parts."""
    return np.full(w.members.shape, np.nan)


RIVAL_TERMS: Final[tuple[Term, ...]] = (
    Term("gdp_share", "natural logarithm of the share of world GDP at current dollars", "log share", "1960–2023", ("wdi",),
         "Burden", _gdp_share, ("gdp_share",)),
    Term("gdp_share_change10", "change of the log share of world GDP over ten years, or since the state's first figure if "
         "later", "log ratio", "1960–2023", ("wdi",), "Decline", _gdp_share_change, ("gdp_share",)),
    Term("scale_minus_gdp", "rate of the UN scale of assessments minus the share of world GDP; only bodies whose members pay "
         "by that scale", "percentage points", "1960–2023", ("un_scale", "wdi", "un_ceb"), "Burden", _scale_minus_gdp,
         ("by_scale", "scale_rate", "gdp_share")),
    Term("authority", "mean of the delegation to and the pooling in the body; only the 72 bodies covered", "index, 0 to 1",
         "1950–2019", ("mia",), "Constraint", _authority, ("authority",)),
    Term("distance_x_authority", "distance times authority, both standardised", "product of standard deviations",
         "1950–2019", ("unga_ideal", "mia", *CODED), "Constraint", _product, product=("distance", "authority", 1)),
    Term("distance_x_decline", "distance times minus the ten-year change of capability, both standardised",
         "product of standard deviations", "1946–2022", ("unga_ideal", "cow_nmc", *CODED), "Spiral", _product,
         product=("distance", "capability_change10", -1)),
    Term("democracy", "electoral democracy index", "index, 0 to 1", "1945–2024", ("vdem_simple",), "Domestic", _democracy,
         ("democracy",)),
    Term("democracy_change5", "change of electoral democracy over five years, or since the state's first figure if later",
         "index points", "1945–2024", ("vdem_simple",), "Domestic", _democracy_change, ("democracy",)),
    Term("leader_change", "1 where another effective leader took office in the year or the one before", "0 or 1",
         "1945–2015, not carried forward", ("archigos", "isard"), "Domestic", _leader_change, ("leader_change",)),
    Term("populist", "1 where a populist governed in any part of the year; only the 28 coded states", "0 or 1",
         "1945–2020, not carried forward", ("popleaders",), "Domestic", _populist, ("populist",)),
    Term("allies_exits3", "natural logarithm of 1 + exits from the body in three years by states bound to the state by a "
         "defence or offence pact", "log exits", "1946–2018", ("atop_alliance", *CODED), "Diffusion", _allies_exits,
         ("alliances",)),
    Term("leading_state_exit3", "1 where in three years another state left the body that was its member of largest "
         "capability", "0 or 1", "1946–2022", ("cow_nmc", *CODED), "Diffusion", _leading_state_exit),
    Term("rivals_founded5", "natural logarithm of 1 + coded bodies founded in five years that share an issue area; only "
         "bodies whose areas are known", "log bodies", "1945–2014", CODED, "Redundancy", _rivals_founded,
         ("rivals_founded",)),
    Term("overlap", "largest Jaccard index of the body's members with those of another body of three members or more",
         "share, 0 to 1", "1945–", CODED, "Redundancy", _overlap),
    Term("force_lag3", "1 where the state itself used force against another state in the year or the two before", "0 or 1",
         "1945–2014, not carried forward", ("cow_mid",), "SequenceWithForce", _force_lag, ("force_before",)),
    Term("force_lead3", "1 where the state itself uses force against another state in the three years after that of the "
         "decision, which is the year after the covariate year; a lead, for the test of the sequence only", "0 or 1",
         "1945–2010, not carried forward", ("cow_mid",), "SequenceWithForce", _force_lead, ("force_after",), lead=True),
    Term("standing", "mean of minus the standardised distance from all other states' votes and the standardised centrality "
         "in shared memberships without the body", "standard deviations", "1946–2024, no votes in 1964",
         ("unga_ideal", *CODED), "Decline", _standing, ("position",)),
    Term("standing_change5", "change of standing over five years, or since the state's first standing if later",
         "standard deviations", "1946–2024, no votes in 1964", ("unga_ideal", *CODED), "Decline", _standing_change,
         ("position",)),
    Term("joins_closer3", "natural logarithm of 1 + bodies that the state joined in three years and is still in, smaller than "
         "this body and closer in ideal points", "log joins", "1946–2024, no votes in 1964", ("unga_ideal", *CODED),
         "Substitution", _joins_closer, ("position",)),
)  # fmt: skip


TERMS: Final[dict[str, Term]] = {t.name: t for t in (*EXIT_TERMS, *JOIN_TERMS, *RIVAL_TERMS)}
"""Every term by its name."""
BASE: Final = frozenset(t.name for t in (*EXIT_TERMS, *JOIN_TERMS))
PRODUCTS: Final[dict[str, tuple[str, str, int]]] = {t.name: t.product for t in TERMS.values() if t.product}
"""Name of a product → its two terms and its sign."""


def parts_of(name: str) -> tuple[str, str, int] | None:
    """The two terms and the sign of a product, or None; `a:b` is the product of any two."""
    if name in PRODUCTS:
        return PRODUCTS[name]
    one, colon, two = name.partition(":")
    return (one, two, 1) if colon else None


def term_named(name: str) -> Term:
    """One term by name, or the product that `a:b` stands for.

    Raises
    ------
    UnknownNameError, with the closest names.
    """
    if name in TERMS:
        return TERMS[name]
    product = parts_of(name)
    if product is None:
        raise UnknownNameError("term", name, TERMS)
    one, two = (term_named(part) for part in product[:2])
    return Term(
        name, f"product of {one.name} and {two.name}, each standardised", "standard deviations squared",
        f"{one.span}; {two.span}", tuple(dict.fromkeys((*one.sources, *two.sources))), "own", one.compute, (), product,
        one.lead or two.lead,
    )  # fmt: skip


def choose(names: Sequence[str], kind: str = "exit", forecasting: bool = False) -> tuple[Term, ...]:
    """Terms by name, in the order given.

    Parameters
    ----------
    kind : exit or join; a state outside has no tenure
    forecasting : whether something will be predicted with them; a lead is then refused

    Raises
    ------
    UnknownNameError, with the closest names; UsageError, for a name twice, a product without its parts before it, a
    tenure in a join panel, or a lead where something is predicted.
    """
    chosen = tuple(term_named(name) for name in names)
    for position, name in enumerate(names):
        if name in names[:position]:
            raise UsageError(f"the term {name} is named twice; name it once.")
        missing = [part for part in (parts_of(name) or ())[:2] if part not in names[:position]]
        if missing:
            raise UsageError(f"{name} is a product; name {' and '.join(missing)} before it.")
    if not names:
        raise UsageError("no term is named; name at least one.")
    if kind == "join" and TENURE in names:
        raise UsageError(f"{TENURE} is of members; a join panel has none.")
    leads = [term.name for term in chosen if term.lead]
    if forecasting and leads:
        raise UsageError(
            f"{', '.join(leads)} knows what comes later, so nothing may be predicted with it; leave it out."
        )
    return chosen


def codebook(kind: str) -> pl.DataFrame:
    """One row a term: meaning, unit, lag, span, sources, licence class, explanation.

    Parameters
    ----------
    kind : exit (the ten base terms), join, or terms (all that an exit panel takes)
    """
    chosen = {"exit": EXIT_TERMS, "join": JOIN_TERMS, "terms": (*EXIT_TERMS, *RIVAL_TERMS)}[kind]
    lag = "1 year" if kind == "join" else "1 year and the clause's notice"
    return pl.DataFrame(
        [
            {
                "term": term.name,
                "meaning": term.meaning,
                "unit": term.unit,
                "lag": "none (structure)" if term.name == TENURE else "a lead" if term.lead else lag,
                "span": term.span,
                "sources": " ".join(term.sources),
                "licence_class": licence_class(term.sources),
                "explanation": term.explanation,
            }
            for term in chosen
        ]
    )
