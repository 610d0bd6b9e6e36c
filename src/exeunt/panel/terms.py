"""The terms: what each column of the panel measures, and how it is computed year by year.

A term of year c uses nothing later than c. The panel reads it at the covariate year of a row: the year before the decision
to leave, which is the last year of membership less the whole years of notice that the body's clause asks for.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np

from exeunt.core.arrays import BoolArray, FloatArray
from exeunt.measures.membership import connection, distance_to_others, sizes, totals
from exeunt.panel.yearly_covariates import DECADE as DECADE
from exeunt.panel.yearly_covariates import LONGEST_CARRY as LONGEST_CARRY
from exeunt.panel.yearly_covariates import WINDOW as WINDOW
from exeunt.panel.yearly_covariates import Carried as Carried
from exeunt.panel.yearly_covariates import Sight
from exeunt.panel.yearly_covariates import carry as carry
from exeunt.panel.yearly_covariates import decade_before as decade_before
from exeunt.panel.yearly_covariates import tenure as tenure
from exeunt.panel.yearly_covariates import window_sum as window_sum

SMALLEST_SHARE: Final = 1e-6


@dataclass(frozen=True)
class World:
    """What the terms of one year are computed from; the panel and the simulator fill it alike.

    Parameters
    ----------
    members : (states, bodies) full members in the year
    position : (states,) ideal points, NaN where unknown
    capability : (states,) shares of world capability
    capability_before : (states,) the same ten years earlier, or at the state's first year if later
    body_age : (bodies,) years since founding
    exits_body : (bodies,) exits in this year and the two before
    exits_state : (states,) the same by state
    exits_own : (states, bodies) the pair's own exits in those years
    joins_body : (bodies,) joins in those years
    sight : what only the terms of the rivals need; None where they are not asked for
    """

    members: BoolArray
    position: FloatArray
    capability: FloatArray
    capability_before: FloatArray
    body_age: FloatArray
    exits_body: FloatArray
    exits_state: FloatArray
    exits_own: FloatArray
    joins_body: FloatArray
    sight: Sight | None = None


@dataclass(frozen=True)
class Term:
    """One term with its codebook entry.

    `needs` names the measures it is computed from, in the order in which a missing one is blamed. `product` names two
    terms and a sign: the term is the product of these two, standardised, times the sign. A `lead` knows what comes later:
    it serves the test of a sequence and is refused wherever something is predicted.
    """

    name: str
    meaning: str
    unit: str
    span: str
    sources: tuple[str, ...]
    explanation: str
    compute: Callable[[World], FloatArray]
    needs: tuple[str, ...] = ()
    product: tuple[str, str, int] | None = None
    lead: bool = False


def log_capability(share: FloatArray) -> FloatArray:
    """Natural logarithm of a share of world capability, held above one in a million."""
    return np.asarray(np.log(np.maximum(share, SMALLEST_SHARE)), dtype=np.float64)


def _over_states(values: FloatArray, w: World) -> FloatArray:
    return np.broadcast_to(values[:, None], w.members.shape)


def _over_bodies(values: FloatArray, w: World) -> FloatArray:
    return np.broadcast_to(values[None, :], w.members.shape)


def _distance(w: World) -> FloatArray:
    return distance_to_others(w.members, w.position)


def _capability(w: World) -> FloatArray:
    return _over_states(log_capability(w.capability), w)


def _capability_change(w: World) -> FloatArray:
    return _over_states(log_capability(w.capability) - log_capability(w.capability_before), w)


def _log_counts(counts: FloatArray) -> FloatArray:
    """Natural logarithm of 1 + whole numbers, few of them different; less than none counts as none."""
    logs = np.log1p(np.arange(max(float(counts.max(initial=0.0)), 0.0) + 1.0))
    return np.asarray(logs[np.maximum(counts, 0.0).astype(np.intp)], dtype=np.float64)


def _exits_from_body(w: World) -> FloatArray:
    return _log_counts(w.exits_body[None, :] - w.exits_own)


def _own_exits(w: World) -> FloatArray:
    return _log_counts(w.exits_state[:, None] - w.exits_own)


def _size(w: World) -> FloatArray:
    return _over_bodies(np.log1p(sizes(w.members)), w)


def _memberships(w: World) -> FloatArray:
    return _over_states(np.log1p(totals(w.members)), w)


def _age(w: World) -> FloatArray:
    return _over_bodies(np.log1p(np.maximum(w.body_age, 0.0)), w)


def _connection(w: World) -> FloatArray:
    return np.log1p(connection(w.members))


def _joins(w: World) -> FloatArray:
    return _over_bodies(np.log1p(w.joins_body), w)


def _elsewhere(w: World) -> FloatArray:
    """Stand in the list of terms for a term that `build.py` forms from the rows themselves."""
    return np.full(w.members.shape, np.nan)


CODED: Final = ("cow_igo", "exeunt_curated")
DISTANCE = Term(
    "distance", "distance of the state's ideal point from the mean of the other members", "ideal point units",
    "1946–2024, no votes in 1964", ("unga_ideal", *CODED), "Constraint", _distance,
    ("position",),
)  # fmt: skip
CAPABILITY = Term(
    "capability", "natural logarithm of the share of world capability (CINC)", "log share", "1946–2022", ("cow_nmc",),
    "Constraint", _capability, ("capability",),
)  # fmt: skip
SIZE = Term("log_size", "natural logarithm of 1 + members of the body", "log members", "1945–", CODED, "common", _size)
MEMBERSHIPS = Term(
    "log_memberships", "natural logarithm of 1 + memberships of the state", "log memberships", "1945–", CODED, "common",
    _memberships,
)  # fmt: skip
TENURE = "log_tenure"

EXIT_TERMS: Final[tuple[Term, ...]] = (
    DISTANCE,
    CAPABILITY,
    Term(
        "distance_x_capability", "distance times capability, both standardised", "product of standard deviations",
        "1946–2022", ("unga_ideal", "cow_nmc", *CODED), "Constraint", _elsewhere,
        product=("distance", "capability", 1),
    ),
    Term(
        "capability_change10", "change of log capability over ten years, or since the state's first year if later",
        "log ratio", "1946–2022", ("cow_nmc",), "Decline", _capability_change, ("capability",),
    ),
    Term(
        "exits_from_body3", "natural logarithm of 1 + exits of others from the body in three years", "log exits", "1946–",
        CODED, "Diffusion", _exits_from_body,
    ),
    Term(
        "own_exits3", "natural logarithm of 1 + exits of the state from other bodies in three years", "log exits",
        "1946–", CODED, "Diffusion", _own_exits,
    ),
    Term(TENURE, "natural logarithm of years in the body, counted from 1945 at the earliest", "log years", "1945–", CODED,
         "common", _elsewhere),
    SIZE,
    Term("log_age", "natural logarithm of 1 + years since the body's first coded year", "log years", "1945–", CODED,
         "common", _age),
    MEMBERSHIPS,
)  # fmt: skip

JOIN_TERMS: Final[tuple[Term, ...]] = (
    DISTANCE,
    Term("connection", "natural logarithm of 1 + mean number of bodies shared with the members", "log bodies", "1945–",
         CODED, "common", _connection),
    SIZE,
    Term("joins_body3", "natural logarithm of 1 + joins to the body in three years", "log joins", "1946–", CODED,
         "common", _joins),
)  # fmt: skip
