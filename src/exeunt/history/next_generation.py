"""K: expected further exits from one exit, if the model is right, along every path of the fitted hazard.

An exit of state i from body j in year t changes what later years are drawn from. The rows of the other members of j see one
more exit for three years, and from then on a smaller body whose mean position has moved; the other rows of i see one more
own exit for three years, and from then on one membership less; the pair itself is no longer at risk until i comes back.
All other later events are held as without the exit, and all else as in the opening year, but for tenure and age, which grow.
For a pair with rates λ_s in the years t + 1 … t + h and changed rates λ_s + d_s the entry is, under the complementary
log-log, exp(−Σ λ_s) (1 − exp(−Σ d_s)): the difference of the chances of leaving at least once.

References
----------
Diekmann, Heesterbeek and Metz (1990), Journal of Mathematical Biology 28, 365–382 (next-generation matrix).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numba import njit
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from exeunt.core.arrays import BoolArray, FloatArray, IntArray

CHANNELS: Final = ("contagion", "momentum", "distance", "size", "memberships", "depletion")
"""Paths of an exit: others' exits from the body, own exits elsewhere, distance from the members that remain, size of the body,
memberships of the state, and the pair that cannot leave twice."""
LAYERS: Final = ("all", *CHANNELS, "bundles")
"""First index of what `gather` returns; `bundles` is the excess of the same year and no part of `all`."""
WINDOW: Final = 3
ALL, CONTAGION, MOMENTUM, DISTANCE, SIZE, MEMBERSHIPS, DEPLETION, BUNDLES = range(len(LAYERS))


@dataclass(frozen=True)
class _Setting:
    """What K is computed from under one draw of the law; arrays over states and bodies, (n, m), unless said otherwise.

    `at_risk` marks the memberships whose exits count, `inside` all full members. Rates are summed over the years of the
    horizon in which the exit shows as a count only (`fresh`), as a count and as an absence (`both`), as an absence only
    (`after`); `total` sums all years, `first` is the rate of the exit's own year. Steps are changes of the linear predictor:
    `count_step` one more exit from the body, `own_step` one more exit of the state, `size_step` (m,) one member less,
    `held_step` (n,) one membership less, `steep` (n,) a standard deviation more of distance. `away_both`, `away_after` : share
    of these years in which the one that left is still out; `lost` : rate of the pair itself over the years it is out.
    """

    at_risk: BoolArray
    inside: BoolArray
    position: FloatArray
    distance_scale: tuple[float, float]
    first: FloatArray
    fresh: FloatArray
    both: FloatArray
    after: FloatArray
    total: FloatArray
    count_step: FloatArray
    own_step: FloatArray
    size_step: FloatArray
    held_step: FloatArray
    steep: FloatArray
    away_both: FloatArray
    away_after: FloatArray
    lost: FloatArray
    frailty: tuple[float, float]
    """Variances of the frailties of state-years and body-years."""


@dataclass(frozen=True)
class _Groups:
    """Groups of states × bodies: `state` (n,) and `body` (m,) number their parts.

    A pair's group is state × parts + body, where `parts` is the number of groups of bodies.
    """

    state: IntArray
    body: IntArray
    names: tuple[str, ...]
    parts: int

    def of_pairs(self) -> IntArray:
        """Group of each pair, (n, m)."""
        return np.asarray(self.state[:, None] * self.parts + self.body[None, :], dtype=np.int64)


@njit(cache=True)
def _standardised(x: float, centre: float, scale: float) -> Any:
    """Standardise; an unknown value counts as the mean, as in the law."""
    return 0.0 if np.isnan(x) else (x - centre) / scale


@njit(cache=True)
def _apart(own: float, total: float, number: float) -> Any:
    """Distance of a position from the mean of others; NaN where unknown."""
    return abs(own - total / number) if number > 0 and not np.isnan(own) else np.nan


@njit(cache=True)
def _flush(local: Any, weight: float, source_group: int, i: int, j: int, out: Any, offspring: Any) -> None:
    """Add what one exit brings about in each group, and empty the place where it was summed."""
    for group in range(local.shape[0]):
        for layer in range(local.shape[1]):
            value = local[group, layer]
            if value != 0.0:
                out[layer, group, source_group] += weight * value
                offspring[layer, i, j] += value
                local[group, layer] = 0.0


@njit(cache=True)
def _gather(
    at_risk: Any, inside: Any, position: Any, centre: float, scale: float, first: Any, fresh: Any, both: Any, after: Any,
    total: Any, stays: Any, more_here: Any, more_own: Any, size_step: Any, held_step: Any, steep: Any, away_both: Any,
    away_after: Any, lost: Any, by_state: float, by_body: float, weight: Any, group: Any, out: Any, offspring: Any,
    triples: Any, values: Any,
) -> int:  # fmt: skip
    n, m = at_risk.shape
    count = 0
    layers = len(offspring)
    local = np.zeros((out.shape[1], layers))
    for j in range(m):
        known, summed = 0.0, 0.0
        for k in range(n):
            if inside[k, j] and not np.isnan(position[k]):
                known += 1.0
                summed += position[k]
        smaller = np.exp(size_step[j])
        for source in range(n):
            if not at_risk[source, j]:
                continue
            q_both, q_after = away_both[source, j], away_after[source, j]
            seen = not np.isnan(position[source])
            for target in range(n):
                if not at_risk[target, j]:
                    continue
                mine = local[group[target, j]]
                if target == source:
                    here = total[target, j]
                    value = np.expm1(-here) * lost[target, j] / here if here > 0 else 0.0
                    mine[DEPLETION] += value
                else:
                    farther = 1.0
                    own = position[target]
                    if seen and steep[target] != 0.0 and not np.isnan(own):
                        # The target is a member itself, so the others are all known members but one.
                        before = _apart(own, summed - own, known - 1.0)
                        then = _apart(own, summed - own - position[source], known - 2.0)
                        farther = np.exp(
                            steep[target] * (_standardised(then, centre, scale) - _standardised(before, centre, scale))
                        )
                    more, stay = more_here[target, j], stays[target, j]
                    shown, hidden = both[target, j], after[target, j]
                    absent = shown * q_both + hidden * q_after
                    moved = smaller * farther
                    change = (
                        fresh[target, j] * (more - 1.0)
                        + shown * (q_both * more * moved + (1.0 - q_both) * more - 1.0)
                        + hidden * q_after * (moved - 1.0)
                    )
                    value = -stay * np.expm1(-change)
                    mine[CONTAGION] += stay * (fresh[target, j] + shown) * (more - 1.0)
                    mine[DISTANCE] += stay * absent * (farther - 1.0)
                    mine[SIZE] += stay * absent * (smaller - 1.0)
                    mine[BUNDLES] += by_body * first[target, j]
                mine[ALL] += value
                if len(triples) > 0:
                    triples[count, 0], triples[count, 1] = target * m + j, source * m + j
                    values[count] = value
                    count += 1
            _flush(local, weight[source, j], group[source, j], source, j, out, offspring)
    for i in range(n):
        fewer = np.exp(held_step[i])
        for source in range(m):
            if not at_risk[i, source]:
                continue
            q_both, q_after = away_both[i, source], away_after[i, source]
            for target in range(m):
                if not at_risk[i, target] or target == source:
                    continue
                more, stay = more_own[i, target], stays[i, target]
                shown, hidden = both[i, target], after[i, target]
                change = (
                    fresh[i, target] * (more - 1.0)
                    + shown * (q_both * more * fewer + (1.0 - q_both) * more - 1.0)
                    + hidden * q_after * (fewer - 1.0)
                )
                value = -stay * np.expm1(-change)
                mine = local[group[i, target]]
                mine[ALL] += value
                mine[MOMENTUM] += stay * (fresh[i, target] + shown) * (more - 1.0)
                mine[MEMBERSHIPS] += stay * (shown * q_both + hidden * q_after) * (fewer - 1.0)
                mine[BUNDLES] += by_state * first[i, target]
                if len(triples) > 0:
                    triples[count, 0], triples[count, 1] = i * m + target, i * m + source
                    values[count] = value
                    count += 1
            _flush(local, weight[i, source], group[i, source], i, source, out, offspring)
    return count


def _weights(s: _Setting, groups: _Groups) -> FloatArray:
    """Chance that an exit out of a pair's group is the pair's, (n, m): its share of the group's rate in the first year."""
    group = groups.of_pairs()
    rate = np.where(s.at_risk, s.first, 0.0)
    summed = np.bincount(group.ravel(), rate.ravel(), minlength=len(groups.names))
    return np.asarray(
        np.divide(rate, summed[group], out=np.zeros_like(rate), where=summed[group] > 0), dtype=np.float64
    )


def gather(s: _Setting, groups: _Groups) -> tuple[FloatArray, FloatArray]:
    """K by layer between groups, and the further exits of one exit by layer and pair.

    Returns
    -------
    (layers, groups, groups): expected further exits in the row's group from one exit in the column's, see `LAYERS`; and
    (layers, n, m): further exits from one exit of each pair, zero outside `at_risk`.
    """
    size = len(groups.names)
    out = np.zeros((len(LAYERS), size, size))
    offspring = np.zeros((len(LAYERS), *s.at_risk.shape))
    _run(s, groups.of_pairs(), _weights(s, groups), out, offspring, np.zeros((0, 2), np.int64), np.zeros(0))
    return out, offspring


def _by_pairs(s: _Setting) -> csr_matrix:
    """K between single pairs, (n·m, n·m), without bundles; a pair is state · m + body."""
    n, m = s.at_risk.shape
    room = int((s.at_risk.sum(axis=0) ** 2).sum() + (s.at_risk.sum(axis=1) ** 2).sum())
    triples, values = np.zeros((room, 2), np.int64), np.zeros(room)
    none = np.zeros((len(LAYERS), 1, 1))
    count = _run(
        s, np.zeros((n, m), np.int64), np.zeros((n, m)), none, np.zeros((len(LAYERS), n, m)), triples, values
    )  # fmt: skip
    return csr_matrix((values[:count], (triples[:count, 0], triples[:count, 1])), shape=(n * m, n * m))


def _run(
    s: _Setting, group: IntArray, weight: FloatArray, out: FloatArray, offspring: FloatArray, triples: IntArray,
    values: FloatArray,
) -> int:  # fmt: skip
    return int(
        _gather(
            s.at_risk, s.inside, s.position, *s.distance_scale, s.first, s.fresh, s.both, s.after, s.total,
            np.exp(-s.total), np.exp(s.count_step), np.exp(s.own_step), s.size_step, s.held_step, s.steep, s.away_both,
            s.away_after, s.lost, *s.frailty, weight, group, out, offspring, triples, values,
        )
    )  # fmt: skip


def _dominant(kernel: FloatArray) -> NDArray[np.complex128]:
    """Eigenvalue of largest modulus of each kernel, (…) of (…, g, g)."""
    found = np.linalg.eigvals(kernel)
    at = np.abs(found).argmax(axis=-1)
    return np.asarray(np.take_along_axis(found, at[..., None], axis=-1)[..., 0], dtype=np.complex128)


def _spectral_radius(kernel: FloatArray) -> FloatArray:
    """Largest modulus of the eigenvalues of each kernel, (…) of (…, g, g)."""
    return np.asarray(np.abs(_dominant(kernel)), dtype=np.float64)


def _counts_alone(
    s: _Setting, groups: _Groups, count_step: FloatArray, own_step: FloatArray
) -> tuple[FloatArray, float]:
    """K by contagion and momentum together under other steps of the two counts, as a placebo has them.

    Returns
    -------
    (groups, groups), and the further exits of one exit anywhere.
    """
    weight = _weights(s, groups)
    shown = np.where(s.at_risk, np.exp(-s.total) * (s.fresh + s.both), 0.0)
    here, own = shown * np.expm1(count_step), shown * np.expm1(own_step)
    states = np.eye(int(groups.state.max()) + 1)[groups.state]
    bodies = np.eye(groups.parts)[groups.body]
    size, parts = len(groups.names), groups.parts
    # From a group of states to another by the bodies that both are in; a pair is not its own follower.
    by_body = np.einsum("jp,ja,jb->apb", bodies, here.T @ states, weight.T @ states)
    by_body -= np.einsum("ab,bp->apb", np.eye(states.shape[1]), states.T @ (weight * here) @ bodies)
    by_state = np.einsum("ia,ip,iq->apq", states, own @ bodies, weight @ bodies)
    by_state -= np.einsum("ap,pq->apq", states.T @ (weight * own) @ bodies, np.eye(parts))
    out = np.zeros((size, size))
    for a in range(states.shape[1]):
        for p in range(parts):
            for other in range(states.shape[1]):
                out[a * parts + p, other * parts + p] += by_body[a, p, other]
            out[a * parts + p, a * parts : (a + 1) * parts] += by_state[a, p]
    rate = np.where(s.at_risk, s.first, 0.0)
    further = rate * (here.sum(axis=0)[None, :] + own.sum(axis=1)[:, None] - here - own)
    return out, float(further.sum() / rate.sum())
