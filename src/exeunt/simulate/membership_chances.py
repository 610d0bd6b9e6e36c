"""Chances of single memberships to end within one, three and five years, averaged over worlds, and a list of the likeliest.

In each world the chance of a year's exit, given the world so far and its year effect, is added up while the state is a
member. The sum has the probability of the first exit as its mean (it is the compensator of that exit), and spreads far less
than the exit itself, so a few hundred worlds tell memberships apart that leave once in a thousand. Frailties of the year
are integrated out: 1 − exp(−λ s b) over two gammas of mean one.
"""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import numpy as np
from numba import njit
from scipy.special import gamma as gamma_function
from scipy.special import roots_genlaguerre

from exeunt.answers import Message
from exeunt.core.arrays import BoolArray, FloatArray, IntArray
from exeunt.explain.bundles import Bundles
from exeunt.explain.explanations import EXPLANATIONS, owner
from exeunt.explain.fit import Fit
from exeunt.panel.registry import PRODUCTS, choose
from exeunt.panel.terms import TENURE, WINDOW
from exeunt.record.identity import code_in_year
from exeunt.record.store import Record
from exeunt.simulate.engine import Plan
from exeunt.simulate.posterior_draws import overridden
from exeunt.simulate.reference import Law, _law, _lean, term_world
from exeunt.simulate.setting import _Setting
from exeunt.simulate.start import Start, _Surroundings

HORIZONS: Final = (1, 3, 5)
STEP: Final = 0.01
GRID: Final = np.arange(-40.0, 12.0, STEP)
"""Logarithms of rates between which chances are interpolated."""
NODES: Final = 64
EXIT, JOIN, END = 0, 1, 2
DISTANCE: Final = "distance"


def _chance_of(bundles: Bundles) -> FloatArray:
    """Probability of an exit at every rate of GRID, over the frailties of state-year and body-year, (len(GRID),).

    References
    ----------
    Generalised Gauss–Laguerre quadrature: Abramowitz and Stegun (1964), 25.4.45.
    """
    node, weight = np.ones(1), np.ones(1)
    if bundles.body_year > 0:
        shape = 1.0 / bundles.body_year
        node, weight = roots_genlaguerre(NODES, shape - 1.0)
        node, weight = node * bundles.body_year, weight / gamma_function(shape)
    rate = np.exp(GRID)[:, None] * node[None, :]
    v = bundles.state_year
    chance = -np.expm1(-np.log1p(rate * v) / v) if v > 0 else -np.expm1(-rate)
    return np.asarray(chance @ weight, dtype=np.float64)


class _Rates:
    """Computes chances of a world for the memberships of the start; what all worlds share is made once."""

    def __init__(self, s: Start, exit_fit: Fit, plan: Plan) -> None:
        self.start, self.plan = s, plan
        self.scaling = exit_fit.scaling
        terms = {term.name: term for term in choose(self.scaling.names, "exit", forecasting=True)}
        self.plain = {
            number: terms[name]
            for number, name in enumerate(self.scaling.names)
            if name != TENURE and name not in PRODUCTS
        }
        self.steps = min(HORIZONS[-1], s.years)
        self.state, self.body = np.nonzero(s.members)
        self.by_lag = {int(lag): np.flatnonzero(s.lag[self.body] == lag) for lag in np.unique(s.lag)}
        names = self.scaling.names
        self.products = np.array(
            [(n, names.index(PRODUCTS[name][0]), names.index(PRODUCTS[name][1]), PRODUCTS[name][2])
             for n, name in enumerate(names) if name in PRODUCTS], np.int64,
        ).reshape(-1, 4)  # fmt: skip
        self.before = {
            -back: self._standard(
                s.year - back, s.past_members[-1 - back], _window(s.past_exits, back), _window(s.past_joins, back)
            )
            for back in range(1, s.longest_lag + 1)
        }  # fmt: skip
        self.tables: dict[Bundles, FloatArray] = {}
        self.tenures: dict[int, FloatArray] = {}

    def _standard(
        self, year: int, members: BoolArray, exits: list[BoolArray], joins: list[BoolArray], s: Start | None = None
    ) -> FloatArray:
        """Standardised terms of one year, (terms, memberships); 0 where unknown, and for tenure and products."""
        w = term_world(s or self.start, year, members, exits, joins)
        out = np.zeros((len(self.scaling.names), len(self.state)))
        for number, term in self.plain.items():
            # What is the same for all bodies or all states is a broadcast column or row.
            raw = _lean(term.compute(w))
            _place(out[number], raw, self.state, self.body, self.scaling.centre[number], self.scaling.scale[number])
        return out

    def chances(
        self, law: Law, years: FloatArray, events: IntArray, surroundings: _Surroundings | None = None
    ) -> FloatArray:
        """Chance of every membership of the start to end within each horizon, in one world, (horizons, memberships).

        Parameters
        ----------
        law : the law of exits of this world
        years : (years,) its year effects
        events : what happens in it, as the engine gives it
        surroundings : positions and capabilities of this world; None for those of the start
        """
        s, plan, i, j = self.start, self.plan, self.state, self.body
        m = s.members.shape[1]
        if law.bundles not in self.tables:
            self.tables[law.bundles] = _chance_of(law.bundles)
        table = self.tables[law.bundles]
        rows = self._rows(events, surroundings)
        risk, delay = s.members.copy(), plan.delay[i]
        base = law.beta[0] + law.state[i] + law.body[j]
        first, last = plan.barred[i, j, 0], plan.barred[i, j, 1]
        by_step = np.zeros((self.steps, len(i)))
        for step in range(self.steps):
            eta = base + years[step] + self._moving(law, rows, step)
            chance = np.where((first <= step) & (step < last), 0.0, _read_off(eta, table))
            now = events[(events[:, 0] == step - 1) & (events[:, 1] == EXIT) & (events[:, 3] < m)]
            for (leader, follower), likely in zip(plan.follow.tolist(), plan.follow_chance.tolist(), strict=True):
                led = (i == follower) & np.isin(j, now[now[:, 2] == leader][:, 3])
                chance[led] = 1.0 - (1.0 - chance[led]) * (1.0 - likely)
            chance *= risk[i, j]
            if delay.any():
                late = step + delay
                for each in np.unique(late[late < self.steps]):
                    by_step[each] += np.where(late == each, chance, 0.0)
            else:
                by_step[step] += chance
            for _, leaver, left in plan.leave[plan.leave[:, 0] == step].tolist():
                by_step[step, (i == leaver) & (j == left)] = 1.0
            self._end(risk, events, step)
        return np.stack([by_step[:horizon].sum(axis=0) for horizon in HORIZONS])

    def _end(self, risk: BoolArray, events: IntArray, step: int) -> None:
        """Take from those at risk who leaves in a step, or is drawn to leave later, and the bodies that end."""
        mine = events[:, 3] < risk.shape[1]
        left = events[mine & (events[:, 1] == EXIT)]
        drawn = left[left[:, 0] - self.plan.delay[left[:, 2]] == step]
        risk[drawn[:, 2], drawn[:, 3]] = False
        risk[:, events[mine & (events[:, 1] == END) & (events[:, 0] == step)][:, 3]] = False

    def _rows(self, events: IntArray, surroundings: _Surroundings | None) -> dict[int, FloatArray]:
        """Terms by the year at whose opening they are read, as steps after the start."""
        s, rows = self.start, dict(self.before)
        if surroundings is not None:
            s = replace(s, position=surroundings.position, capability=_capability(s, surroundings, events))
        m = s.members.shape[1]
        members = s.members.copy()
        exits, joins = list(s.past_exits), list(s.past_joins)
        for step in range(self.steps - int(s.lag.min())):
            here = events[(events[:, 0] == step) & (events[:, 3] < m)]
            left, joined = np.zeros(members.shape, np.bool_), np.zeros(members.shape, np.bool_)
            for made, kind in ((left, EXIT), (joined, JOIN)):
                of = here[here[:, 1] == kind]
                made[of[:, 2], of[:, 3]] = True
            exits.append(left)
            joins.append(joined)
            rows[step] = self._standard(s.year + step, members, exits[-WINDOW:], joins[-WINDOW:], s)
            members = (members & ~left) | joined
            members[:, here[here[:, 1] == END][:, 3]] = False
        return rows

    def _moving(self, law: Law, rows: dict[int, FloatArray], step: int) -> FloatArray:
        """Contribution of the terms to the linear predictor of a step, (memberships,): the sum of `parts`."""
        number = self.scaling.names.index(TENURE) if TENURE in self.scaling.names else -1
        far, middle, factor = self._reformed(step)
        out, tenure = np.empty(len(self.state)), self._tenure(step)
        for lag, here in self.by_lag.items():
            _summed(out, law.beta, rows[step - lag], here, number, tenure, far, middle, factor, self.products)
        return out

    def _tenure(self, step: int) -> FloatArray:
        """Tenure of a step, standardised, (memberships,); zeros for a law without it. It is the same in all worlds."""
        if step not in self.tenures:
            self.tenures[step] = self._tenure_of(step)
        return self.tenures[step]

    def _tenure_of(self, step: int) -> FloatArray:
        if TENURE not in self.scaling.names:
            return np.zeros(len(self.state))
        number = self.scaling.names.index(TENURE)
        tenure = (self.start.tenure[self.state, self.body] + step).astype(np.int64)
        logs = np.log(np.maximum(np.arange(tenure.max(initial=0) + 1.0), 1.0))
        out = (logs[tenure] - self.scaling.centre[number]) / self.scaling.scale[number]
        return np.asarray(out, dtype=np.float64)

    def _reformed(self, step: int) -> tuple[int, float, FloatArray]:
        """Number of the distance or −1, its mean in standard deviations, and what a reform multiplies it by."""
        if DISTANCE not in self.scaling.names or not self.plan.reform.size:
            return -1, 0.0, np.ones(0)
        number = self.scaling.names.index(DISTANCE)
        middle = float(self.scaling.centre[number] / self.scaling.scale[number])
        return number, middle, self.plan.reform[step, self.body]

    def parts(self, law: Law, rows: dict[int, FloatArray], step: int) -> dict[str, FloatArray]:
        """Contribution of each term to the linear predictor of a step, (memberships,) each."""
        z = np.empty_like(self.before[-1])
        for lag, here in self.by_lag.items():
            z[:, here] = rows[step - lag][:, here]
        names = self.scaling.names
        if TENURE in names:
            z[names.index(TENURE)] = self._tenure(step)
        far, middle, factor = self._reformed(step)
        if far >= 0:
            # Unknown distances are 0 here and stay at the mean, whatever a reform does.
            z[far] = np.where(z[far] == 0.0, 0.0, factor * (z[far] + middle) - middle)
        for number, name in enumerate(names):
            if name in PRODUCTS:
                one, two, sign = PRODUCTS[name]
                z[number] = sign * z[names.index(one)] * z[names.index(two)]
        return {name: law.beta[1 + number] * z[number] for number, name in enumerate(names)}


@njit(cache=True, error_model="numpy")
def _place(out: Any, raw: Any, state: Any, body: Any, centre: float, scale: float) -> None:
    """Put a term into a row of memberships, standardised, 0 where unknown; one row or column of `raw` stands for all."""
    states, bodies = raw.shape
    for k in range(len(state)):
        x = (raw[state[k] if states > 1 else 0, body[k] if bodies > 1 else 0] - centre) / scale
        out[k] = 0.0 if np.isnan(x) else x


@njit(cache=True)
def _summed(
    out: Any, beta: Any, row: Any, here: Any, tenure_at: int, tenure: Any, far: int, middle: float, factor: Any,
    products: Any,
) -> None:  # fmt: skip
    """Put the sum of the terms times their coefficients into `out`, (memberships,), where `here` says.

    Parameters
    ----------
    row : (terms, memberships) standardised terms of the year in which these memberships are seen
    tenure_at : place of the tenure, given apart, or −1
    far : place of the distance where a reform changes it, or −1; `middle` and `factor` are those of the reform
    products : (products, 4) place, places of the two terms, sign
    """
    terms = len(row)
    z = np.empty(terms)
    for k in here:
        for term in range(terms):
            z[term] = row[term, k]
        if tenure_at >= 0:
            z[tenure_at] = tenure[k]
        if far >= 0 and z[far] != 0.0:
            z[far] = factor[k] * (z[far] + middle) - middle
        for p in range(len(products)):
            z[products[p, 0]] = products[p, 3] * z[products[p, 1]] * z[products[p, 2]]
        total = 0.0
        for term in range(terms):
            total += beta[1 + term] * z[term]
        out[k] = total


def _capability(s: Start, surroundings: _Surroundings, events: IntArray) -> FloatArray:
    """Shares of capability with what own exits do to them from the year after on, (rows, states)."""
    out = surroundings.capability.copy()
    left = events[events[:, 1] == EXIT]
    by_step = np.zeros((s.years, len(s.states)))
    np.add.at(by_step, (left[:, 0], left[:, 2]), 1.0)
    before = np.cumsum(by_step, axis=0) - by_step
    first = s.year - s.first_year
    out[first : first + s.years] *= np.exp(surroundings.capability_response * before)
    return out


def _read_off(eta: FloatArray, table: FloatArray) -> FloatArray:
    """Chances at logarithms of rates, between the points of GRID in proportion."""
    place = np.clip((eta - GRID[0]) / STEP, 0.0, len(GRID) - 1.001)
    low = place.astype(np.int64)
    return np.asarray(table[low] + (table[low + 1] - table[low]) * (place - low), dtype=np.float64)


def _window(history: list[BoolArray], back: int) -> list[BoolArray]:
    stop = len(history) - (back - 1)
    return history[stop - WINDOW : stop]


LISTED: Final = 100
"""The back-test counted the hits of lists of this length."""
STANDS_OUT: Final = 1.1
BACKTESTED: Final = Path(__file__).parent / "backtested.json"


def _back_tested_hits() -> dict[str, Any]:
    """Hits of lists of a hundred at every origin of the back-test, as `exeunt forecast --backtest` counted them.

    Returns
    -------
    model, about, sha256 of the back-test, hits: [{horizon, origins, listed, hits, by_chance, exits}].
    """
    found: dict[str, Any] = json.loads(BACKTESTED.read_text(encoding="utf-8"))
    return found


def _likeliest(
    record: Record, setting: _Setting, chance: FloatArray, worlds: int, listed: int = LISTED
) -> list[dict[str, Any]]:
    """Memberships by their chance to end within the longest horizon, those that a scenario ends itself left out.

    Parameters
    ----------
    chance : (horizons, states, bodies) sums over `worlds` worlds

    Returns
    -------
    [{state, body, p1, p3, p5, why, body_factor}]; a chance is None where fewer years than its horizon were simulated;
    `body_factor` is the rate of the body's median member over that of the median membership.
    """
    s = setting.start
    share = chance / worlds
    free = s.members.copy()
    free[setting.plan.leave[:, 1], setting.plan.leave[:, 2]] = False
    i, j = np.nonzero(free)
    order = np.lexsort((j, i, *(-share[k, i, j] for k in range(len(HORIZONS)))))[:listed]
    told = _why(setting, i[order], j[order])
    rows = []
    for n, at in enumerate(order):
        row: dict[str, Any] = {
            "state": code_in_year(record.codes, int(s.states[i[at]]), s.year - 1),
            "body": s.bodies[int(j[at])],
        }
        for number, horizon in enumerate(HORIZONS):
            p = float(share[number, i[at], j[at]])
            row[f"p{horizon}"] = float(f"{p:.5g}") if horizon <= s.years else None
        rows.append({**row, "why": told[n][0], "body_factor": told[n][1]})
    return rows


def _why(setting: _Setting, states: Any, bodies: Any) -> list[tuple[dict[str, Any], float]]:
    """The largest factor on the rate of each membership against the median member of its body, as a message, and the body's.

    Both are of the first year, at the mode of the law.
    """
    s, made = setting.start, setting.exit_fit
    of = overridden(_law(made, s, made.phi, np.zeros(3), np.random.default_rng(0)), "exit", setting.changes)
    rates = _Rates(s, made, setting.plan)
    i, j = rates.state, rates.body
    groups: dict[str, FloatArray] = {e.name: np.zeros(len(i)) for e in EXPLANATIONS}
    groups |= {"common": np.zeros(len(i)), "state": of.state[i]}
    for name, part in rates.parts(of, rates.before, 0).items():
        groups[owner(name)] = groups[owner(name)] + part
    whole = np.asarray(sum(groups.values()) + of.body[j], dtype=np.float64)
    middle = float(np.median(whole))
    out = []
    for state, body in zip(states, bodies, strict=True):
        here = j == body
        own = here & (i == state)
        factors = {name: float((values[own] - np.median(values[here]))[0]) for name, values in groups.items()}
        best = max(factors, key=lambda name: factors[name])
        times = float(np.exp(factors[best]))
        phrase = (
            Message(code="why.times", values={"what": best, "factor": round(times, 1)})
            if times >= STANDS_OUT
            else Message(code="why.plain")
        )
        out.append((phrase.as_dict(), float(f"{np.exp(float(np.median(whole[here])) - middle):.3g}")))
    return out
