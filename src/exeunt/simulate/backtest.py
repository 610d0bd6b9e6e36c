"""What such forecasts would have been worth, origin by origin: reliability, the law of annual totals, hits of the list."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from exeunt.arrays import FloatArray
from exeunt.explain.bundles import estimate
from exeunt.explain.explanations import COMMON
from exeunt.explain.hazard import rate
from exeunt.explain.rolling import OUTCOME, Trained, baselines, linear, outcomes_at, splits, train, within
from exeunt.panel.build import Panel, exit_panel
from exeunt.panel.outcomes import exits_of
from exeunt.record.store import Record
from exeunt.simulate.forecast import TOP, totals

TENTHS: Final = 10
DRAWS: Final = 300


def backtest(record: Record, say: Callable[[str], None] = lambda _: None) -> dict[str, Any]:
    """Back-test of the two models of a forecast on the rolling origins.

    Returns
    -------
    reliability : a row a model, horizon and tenth of the memberships by probability: predicted, observed, low, high
    totals : a row an origin: observed, median, low, high, pit (of the first year, common structure)
    uniform : statistic and p-value of the test that the pits are uniform
    hits : a row a model and horizon: origins, exits among the hundred highest, expected of a list drawn at random

    References
    ----------
    Dawid (1984), Journal of the Royal Statistical Society A 147, 278–292 (probability integral transform); Czado, Gneiting and
    Held (2009), Biometrics 65, 1254–1261 (its randomised form for counts).
    """
    chosen = splits()
    panel = exit_panel(record, "cleaned", terms=COMMON)
    c = panel.cube
    years = c.years[panel.year]
    pairs: dict[tuple[str, int], list[tuple[FloatArray, FloatArray]]] = {}
    annual = []
    for origin in chosen.origins:
        say(f"origin {origin}")
        known = exits_of(c, OUTCOME, origin=origin)
        rows = (years <= origin - 1) & known.row_ok[panel.year]
        event = known.exits[panel.year[rows], panel.state[rows], panel.body[rows]].astype(np.float64)
        here = years == origin
        horizons = tuple(h for h in chosen.horizons if origin + h <= chosen.scored_to)
        made = train(panel, COMMON, rows, event)
        eta = linear(panel, made, here)
        given = {
            "common": within(eta, made, origin, horizons, chosen.year_draws, chosen.seed),
            "empirical_bayes": baselines(panel, rows, event, here, origin, horizons)["empirical_bayes"],
        }
        for number, h in enumerate(horizons):
            use, came = outcomes_at(panel, here, origin, h, chosen.scored_to)
            for model, p in given.items():
                pairs.setdefault((model, h), []).append((p[number][use], came[use].astype(np.float64)))
        use, came = outcomes_at(panel, here, origin, 1, chosen.scored_to)
        variances = _variances(panel, made, rows, event)
        cells = (panel.state[here][use], panel.body[here][use])
        drawn = totals(made, eta[use], cells, variances, origin, DRAWS, chosen.seed)
        annual.append(_annual(origin, int(came[use].sum()), drawn, chosen.seed))
    pits = np.array([row["pit"] for row in annual])
    from scipy.stats import kstest  # takes long to load

    test = kstest(pits, "uniform")
    return {
        "reliability": [row for (model, h), found in pairs.items() for row in _reliability(model, h, found)],
        "totals": annual,
        "uniform": {"statistic": float(test.statistic), "p_value": float(test.pvalue), "origins": len(pits)},
        "hits": [_hits(model, h, found) for (model, h), found in pairs.items()],
    }


def _variances(panel: Panel, made: Trained, rows: NDArray[np.bool_], event: FloatArray) -> tuple[float, float]:
    """Variances of the bundles' frailties, from the training rows at their fitted rates."""
    calendar = panel.cube.years[panel.year[rows]]
    eta = linear(panel, made, rows) + np.array([made.years.get(int(y), 0.0) for y in calendar])
    span = int(panel.year[rows].max()) + 1
    keys = [index[rows].astype(np.int64) * span + panel.year[rows] for index in (panel.state, panel.body)]
    found = estimate(rate(eta), event, np.ones(len(event)), keys[0], keys[1])
    return found.state_year, found.body_year


def _annual(origin: int, observed: int, drawn: NDArray[np.int64], seed: int) -> dict[str, Any]:
    low, middle, high = np.quantile(drawn, [0.025, 0.5, 0.975])
    rng = np.random.Generator(np.random.Philox(key=[seed, 10_000 + origin]))
    below, at = float((drawn < observed).mean()), float((drawn == observed).mean())
    return {
        "origin": origin, "observed": observed, "median": float(middle), "low": float(low), "high": float(high),
        "pit": below + float(rng.random()) * at,
    }  # fmt: skip


def _reliability(model: str, horizon: int, found: list[tuple[FloatArray, FloatArray]]) -> list[dict[str, Any]]:
    """Tenths of the memberships by probability; Wilson intervals take the memberships as independent, which they are not."""
    p, came = (np.concatenate(column) for column in zip(*found, strict=True))
    order = np.argsort(p, kind="stable")
    rows = []
    for tenth, part in enumerate(np.array_split(order, TENTHS), start=1):
        n, events = len(part), float(came[part].sum())
        low, high = _wilson(events, n)
        rows.append(
            {"model": model, "horizon": horizon, "tenth": tenth, "rows": n, "exits": int(events),
             "predicted": float(p[part].mean()), "observed": events / n, "low": low, "high": high}
        )  # fmt: skip
    return rows


def _wilson(events: float, n: int, z: float = 1.96) -> tuple[float, float]:
    share = events / n
    middle = (share + z * z / (2 * n)) / (1 + z * z / n)
    half = z / (1 + z * z / n) * float(np.sqrt(share * (1 - share) / n + z * z / (4 * n * n)))
    return (max(middle - half, 0.0) if events else 0.0), (min(middle + half, 1.0) if events < n else 1.0)


def _hits(model: str, horizon: int, found: list[tuple[FloatArray, FloatArray]]) -> dict[str, Any]:
    hits = sum(int(came[np.argsort(-p, kind="stable")[:TOP]].sum()) for p, came in found)
    chance = sum(TOP * float(came.mean()) for _, came in found)
    return {
        "model": model, "horizon": horizon, "origins": len(found), "listed": TOP * len(found), "hits": hits,
        "by_chance": chance, "exits": int(sum(float(came.sum()) for _, came in found)),
    }  # fmt: skip
