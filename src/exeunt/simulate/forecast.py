"""Dated forecasts of exits, issued once, hashed and scored later without edits, and their back-test, origin by origin.

The model is chosen beforehand and written into the file: the common structure, with rates shrunken by state and by body beside
it, since no rival account forecasts better than these (`docs/method/comparison.md`). A forecast holds for memberships that are
coded and still there in its origin year.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from exeunt.core.arrays import FloatArray
from exeunt.core.errors import RecordError, UsageError
from exeunt.core.files import code_fingerprint, write_bytes
from exeunt.explain.bundles import estimate
from exeunt.explain.explanations import COMMON
from exeunt.explain.hazard import rate
from exeunt.explain.rolling import OUTCOME, Trained, baselines, linear, outcomes_at, splits, train, within
from exeunt.panel.build import LAST_PANEL_YEAR, Panel, exit_panel
from exeunt.panel.outcomes import documented_exits, exits_of
from exeunt.panel.risk import MEMBER, cube
from exeunt.record.identity import code_in_year
from exeunt.record.store import Record

MODELS: Final = ("common", "empirical_bayes")
TOP: Final = 100
SMALLEST: Final = 1e-9
FORM: Final = 1


def forecast(record: Record, issued: date, seed: int = 1) -> dict[str, Any]:
    """Probabilities of exit within each horizon for every coded membership of the record's last year.

    Parameters
    ----------
    issued : the day that the file will bear

    Returns
    -------
    form, issued, record, code, origin (first year in which an exit counts, by last year of membership), trained_to, horizons,
    models, seed, splits, rows: [{state, cow, body, common: [p, …], empirical_bayes: [p, …]}], by horizon.
    """
    chosen = splits()
    origin = record.closing_day.year
    panel = exit_panel(record, "cleaned", terms=COMMON, last_year=origin - 1)
    c = panel.cube
    years = c.years[panel.year]
    past = years <= LAST_PANEL_YEAR
    event = panel.event[past]
    here = (years == origin - 1) & (c.status[-1, panel.state, panel.body] == MEMBER)
    made = train(panel, COMMON, past, event)
    p = within(linear(panel, made, here), made, origin, chosen.horizons, chosen.year_draws, seed)
    shrunken = baselines(panel, past, event, here, LAST_PANEL_YEAR + 1, chosen.horizons)["empirical_bayes"]
    order = np.lexsort((panel.body[here], panel.state[here]))
    rows = []
    for n in order:
        cow, body = int(c.states[panel.state[here][n]]), c.bodies[int(panel.body[here][n])]
        rows.append(
            {"state": code_in_year(record.codes, cow, origin), "cow": cow, "body": body,
             "common": [_short(x) for x in p[:, n]], "empirical_bayes": [_short(x) for x in shrunken[:, n]]}
        )  # fmt: skip
    return {
        "form": FORM, "issued": issued.isoformat(), "record": record.version,
        "code": code_fingerprint("measures", "panel", "explain", "simulate"), "origin": origin,
        "trained_to": LAST_PANEL_YEAR, "horizons": list(chosen.horizons), "models": list(MODELS), "seed": seed,
        "splits": asdict(chosen), "rows": rows,
    }  # fmt: skip


def _short(value: float) -> float:
    return float(f"{value:.6g}")


def _digest(content: dict[str, Any]) -> str:
    """sha256 of a forecast without its own digest, keys sorted."""
    plain = {key: value for key, value in content.items() if key != "sha256"}
    return hashlib.sha256(json.dumps(plain, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def issue(record: Record, folder: Path, issued: date, seed: int = 1) -> Path:
    """Write a forecast into a file that bears its day and its digest; a file that is there stays as it is.

    Raises
    ------
    OutputError, if it cannot be written.
    """
    content = forecast(record, issued, seed)
    content["sha256"] = _digest(content)
    path = folder / f"forecast-{content['issued']}-{content['sha256'][:12]}.json"
    if not path.exists():
        write_bytes(path, (json.dumps(content, sort_keys=True, ensure_ascii=False, indent=0) + "\n").encode())
    return path


def read(path: Path) -> dict[str, Any]:
    """Read an issued forecast.

    Raises
    ------
    RecordError, if it was changed after it was issued, or is none.
    """
    try:
        content: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        expected, found = str(content["sha256"]), _digest(content)
    except OSError as error:
        raise UsageError(f"the forecast {path} cannot be read ({error.strerror}); name a file or its folder.") from None
    except (ValueError, KeyError, TypeError, AttributeError):
        raise RecordError(
            f"{path.name} is no forecast of exeunt; name a file that `exeunt forecast --issue` wrote."
        ) from None
    if found != expected:
        raise RecordError(
            f"{path.name} was changed after it was issued: its digest is {found[:12]}…, it says {expected[:12]}…; scores are "
            "given to forecasts as they were issued, so take the original."
        )
    return content


def score(record: Record, content: dict[str, Any]) -> list[dict[str, Any]]:
    """Scores of one issued forecast against the documented exits that the record knows now, one row a model and horizon.

    A horizon whose last year is not over by the record's closing day is `open` and has no score.
    """
    c = cube(record)
    origin = int(content["origin"])
    last: dict[tuple[int, str], int] = {}
    for y, i, j, _ in documented_exits(record, c).cells.tolist():
        year = int(c.years[y])
        key = (int(c.states[i]), c.bodies[j])
        if year >= origin:
            last[key] = min(year, last.get(key, year))
    out = []
    for number, h in enumerate(content["horizons"]):
        final = origin + h - 1
        over = record.closing_day >= date(final, 12, 31)
        came = np.array([last.get((r["cow"], r["body"]), 9999) <= final for r in content["rows"]], np.float64)
        for model in content["models"]:
            row: dict[str, Any] = {
                "issued": content["issued"], "model": model, "horizon": h, "last_year": final,
                "state": "over" if over else "open", "rows": len(came), "exits": int(came.sum()) if over else None,
                "expected": float(sum(r[model][number] for r in content["rows"])),
                "log_score": None, "brier": None, "calibration": None, "hits": None,
            }  # fmt: skip
            if over:
                p = np.clip(np.array([r[model][number] for r in content["rows"]]), SMALLEST, 1 - SMALLEST)
                row |= _scores_of(p, came)
            out.append(row)
    return out


def _scores_of(p: FloatArray, came: FloatArray) -> dict[str, Any]:
    """Log score, Brier score, calibration, and the exits among the hundred highest probabilities."""
    events = float(came.sum())
    return {
        "log_score": -float((came * np.log(p) + (1 - came) * np.log1p(-p)).mean()),
        "brier": float(((p - came) ** 2).mean()),
        "calibration": float(p.sum()) / events if events else None,
        "hits": int(came[np.argsort(-p, kind="stable")[:TOP]].sum()),
    }


def _totals(
    made: Trained, eta: FloatArray, cells: tuple[NDArray[np.int64], NDArray[np.int64]], variances: tuple[float, float],
    origin: int, draws: int, seed: int,
) -> NDArray[np.int64]:  # fmt: skip
    """Draws of the number of exits in the origin's year, (draws,), with the year's effect and bundles drawn anew.

    Parameters
    ----------
    cells : state and body of each row
    variances : of the mean-one gamma frailties of state-years and body-years
    """
    from exeunt.explain.bundles import frailties
    from exeunt.explain.yearly import year_law

    rng = np.random.Generator(np.random.Philox(key=[seed, origin]))
    year = year_law(made.years, float(made.sd[2])).draw(np.array([origin]), draws, rng)[:, 0]
    lam = np.exp(np.minimum(eta, 30.0))
    state, body = cells
    out = np.empty(draws, np.int64)
    for k in range(draws):
        by_state = frailties((int(state.max()) + 1,), variances[0], rng)
        by_body = frailties((int(body.max()) + 1,), variances[1], rng)
        p = -np.expm1(-lam * np.exp(year[k]) * by_state[state] * by_body[body])
        out[k] = int((rng.random(len(p)) < p).sum())
    return out


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
        drawn = _totals(made, eta[use], cells, variances, origin, DRAWS, chosen.seed)
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
