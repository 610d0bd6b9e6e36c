"""The memberships most likely to end, by chances averaged over worlds, with one phrase why and what such lists were worth."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

import numpy as np

from exeunt.arrays import FloatArray
from exeunt.explain.explanations import EXPLANATIONS, owner
from exeunt.record.identity import code_in_year
from exeunt.record.store import Record
from exeunt.simulate.drawn import overridden
from exeunt.simulate.rates import HORIZONS, Rates
from exeunt.simulate.setting import Setting
from exeunt.simulate.transition import law
from exeunt.words import word

LISTED: Final = 100
"""The back-test counted the hits of lists of this length."""
STANDS_OUT: Final = 1.1
BACKTESTED: Final = Path(__file__).parent / "backtested.json"


def back_tested_hits() -> dict[str, Any]:
    """Hits of lists of a hundred at every origin of the back-test, as `exeunt forecast --backtest` counted them.

    Returns
    -------
    model, about, sha256 of the back-test, hits: [{horizon, origins, listed, hits, by_chance, exits}].
    """
    found: dict[str, Any] = json.loads(BACKTESTED.read_text(encoding="utf-8"))
    return found


def likeliest(
    record: Record, setting: Setting, chance: FloatArray, worlds: int, listed: int = LISTED, lang: str = "en"
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
    told = why(setting, i[order], j[order], lang)
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


def why(setting: Setting, states: Any, bodies: Any, lang: str = "en") -> list[tuple[str, float]]:
    """The largest factor on the rate of each membership against the median member of its body, in a phrase, and the body's.

    Both are of the first year, at the mode of the law.
    """
    s, made = setting.start, setting.exit_fit
    of = overridden(law(made, s, made.phi, np.zeros(3), np.random.default_rng(0)), "exit", setting.changes)
    rates = Rates(s, made, setting.plan)
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
            word("why.times", lang, what=word(f"why.{best}", lang), factor=f"{times:.1f}")
            if times >= STANDS_OUT
            else word("why.plain", lang)
        )
        out.append((phrase, float(f"{np.exp(float(np.median(whole[here])) - middle):.3g}")))
    return out
