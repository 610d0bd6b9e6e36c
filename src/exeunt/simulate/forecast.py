"""Dated forecasts of exits: issued once, hashed, scored later without edits.

The model is chosen beforehand and written into the file: the common structure, with rates shrunken by state and by body beside
it, since no rival account forecasts better than these (`docs/method/comparison.md`). A forecast holds for memberships that are
coded and still there in its origin year.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from exeunt.arrays import BoolArray, FloatArray
from exeunt.errors import RecordError, UsageError
from exeunt.explain.explanations import COMMON
from exeunt.explain.rolling import Trained, baselines, linear, splits, train, within
from exeunt.manifest import code_fingerprint, write_bytes
from exeunt.panel.build import LAST_PANEL_YEAR, Panel, exit_panel
from exeunt.panel.outcomes import documented_exits
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


def digest(content: dict[str, Any]) -> str:
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
    content["sha256"] = digest(content)
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
        expected, found = str(content["sha256"]), digest(content)
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
                row |= scores_of(p, came)
            out.append(row)
    return out


def scores_of(p: FloatArray, came: FloatArray) -> dict[str, Any]:
    """Log score, Brier score, calibration, and the exits among the hundred highest probabilities."""
    events = float(came.sum())
    return {
        "log_score": -float((came * np.log(p) + (1 - came) * np.log1p(-p)).mean()),
        "brier": float(((p - came) ** 2).mean()),
        "calibration": float(p.sum()) / events if events else None,
        "hits": int(came[np.argsort(-p, kind="stable")[:TOP]].sum()),
    }


def totals(
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


def rows_at(panel: Panel, year: int) -> BoolArray:
    """Rows of a panel whose last year of membership is the given one."""
    return np.asarray(panel.cube.years[panel.year] == year, dtype=np.bool_)
