"""The recovery study: `make recovery`, about a quarter of an hour on two cores.

Simulates worlds of known contagion and momentum, fits the crossed hazard (criterion `laplace`) and the pooled one, and
counts how often the 95 % interval holds the truth. Each replicate is a line of `recovery_runs.jsonl`, so an interrupted
study goes on where it stopped; the summary is `recovery_results.json`, and the table in docs/method/recovery.md is written
from it between its two marks.
"""

from __future__ import annotations

import json
import os
import sys
import time
from concurrent.futures import ProcessPoolExecutor, as_completed
from pathlib import Path
from typing import Any

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent))

from exeunt.explain.bundles import estimate
from exeunt.explain.estimates import _pooled
from exeunt.explain.hazard import probabilities
from exeunt.explain.optimise import minimise
from reference.worlds import BODIES, BURN_IN, STATES, YEARS, Truth, world

REPLICATES = 200
WORKERS = 2
NOMINAL = (91.0, 98.0)
"""Coverage in per cent outside of which a row is named: with 200 replicates, 95 less 2.6 and plus 2.0 standard errors."""
PAIRS = ((0.0, 0.0), (0.0, 0.6), (0.5, 0.6), (1.0, 0.0))
VARIANTS = ("as fitted", "heavy tails", "missed", "state-years", "body-years")
RUNS, RESULTS = HERE / "recovery_runs.jsonl", HERE / "recovery_results.json"
PAGE = HERE.parent.parent / "docs" / "method" / "recovery.md"
MARKS = ("<!-- recovery: begin -->", "<!-- recovery: end -->")


def scenarios() -> list[Truth]:
    """Every truth under every variant."""
    return [Truth(c, m, variant) for variant in VARIANTS for c, m in PAIRS]


def replicate(truth: Truth, seed: int, size: tuple[int, int, int] = (STATES, BODIES, YEARS)) -> dict[str, Any]:
    """Simulate one world and fit it both ways."""
    rows = world(truth, seed, size)
    point, _ = minimise(rows, "laplace")
    error = np.sqrt(np.diag(np.linalg.inv(point.information))[:3])
    plain = _pooled(rows)
    years = rows.levels[2]
    group = rows.group.astype(np.int64)
    found = estimate(
        probabilities(rows, point.phi), rows.event, rows.weight, group[:, 0] * years + group[:, 2],
        group[:, 1] * years + group[:, 2],
    )  # fmt: skip
    return {
        "variant": truth.variant, "contagion": truth.contagion, "momentum": truth.momentum, "seed": seed,
        "rows": len(rows.event), "events": int(rows.event.sum()), "converged": bool(point.converged),
        "beta": point.phi[1:3].tolist(), "error": error[1:].tolist(), "pooled": plain.beta[1:].tolist(),
        "pooled_error": plain.by_body[1:].tolist(), "sd": point.sd.tolist(),
        "frailty": [found.state_year, found.body_year],
    }  # fmt: skip


def summarise(runs: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """One record a scenario: means, bias, and the per cent of intervals that hold the truth; fits that failed are counted."""
    out = []
    for truth in scenarios():
        mine = [
            r for r in runs
            if (r["variant"], r["contagion"], r["momentum"]) == (truth.variant, truth.contagion, truth.momentum)
        ]  # fmt: skip
        good = [r for r in mine if r["converged"]]
        if not good:
            continue
        row: dict[str, Any] = {
            "variant": truth.variant, "contagion": truth.contagion, "momentum": truth.momentum, "replicates": len(mine),
            "failed": len(mine) - len(good), "rows": round(float(np.mean([r["rows"] for r in good]))),
            "events": round(float(np.mean([r["events"] for r in good]))),
        }  # fmt: skip
        for at, name in enumerate(("contagion", "momentum")):
            true = getattr(truth, name)
            for prefix, key, spread in (("", "beta", "error"), ("pooled_", "pooled", "pooled_error")):
                value = np.array([r[key][at] for r in good])
                error = np.array([r[spread][at] for r in good])
                row[f"{prefix}{name}_mean"] = round(float(value.mean()), 3)
                row[f"{prefix}{name}_covered"] = round(100 * float((np.abs(value - true) <= 1.96 * error).mean()), 1)
            row[f"{name}_sd"] = round(float(np.std([r["beta"][at] for r in good], ddof=1)), 3)
        row["sd_mean"] = np.mean([r["sd"] for r in good], axis=0).round(2).tolist()
        row["frailty_mean"] = np.mean([r["frailty"] for r in good], axis=0).round(2).tolist()
        out.append(row)
    return out


def outside(row: dict[str, Any]) -> list[str]:
    """Which coefficients of a row have intervals that cover too seldom or too often."""
    return [n for n in ("contagion", "momentum") if not NOMINAL[0] <= row[f"{n}_covered"] <= NOMINAL[1]]


def table(rows: list[dict[str, Any]]) -> str:
    """The table of the document, from the summary alone."""
    lines = [
        "| world | true contagion, momentum | events | contagion: crossed (bias) | covered % | pooled | momentum: crossed "
        "(bias) | covered % | pooled | SDs | frailties |",
        "|---|---|---|---|---|---|---|---|---|---|---|",
    ]
    for r in rows:
        cells = [r["variant"], f"{r['contagion']:g}, {r['momentum']:g}", f"{r['events']}"]
        for name in ("contagion", "momentum"):
            mean, mark = r[f"{name}_mean"], " **!**" if name in outside(r) else ""
            cells += [f"{mean:.2f} ({mean - r[name]:+.2f})", f"{r[f'{name}_covered']:.1f}{mark}",
                      f"{r[f'pooled_{name}_mean']:.2f}"]  # fmt: skip
        cells += [" ".join(f"{x:.2f}" for x in r["sd_mean"]), " ".join(f"{x:.2f}" for x in r["frailty_mean"])]
        lines.append("| " + " | ".join(cells) + " |")
    named = [
        f"{r['variant']} {r['contagion']:g}, {r['momentum']:g} ({', '.join(outside(r))})" for r in rows if outside(r)
    ]
    total = sum(r["replicates"] for r in rows)
    failed = sum(r["failed"] for r in rows)
    lines += [
        "",
        f"{total} worlds, at least {min(r['replicates'] for r in rows)} a row; {failed} fits did not converge and are left "
        "out. "
        + (f"Coverage outside {NOMINAL[0]:g}–{NOMINAL[1]:g} % (marked **!**): {'; '.join(named)}." if named
           else f"Every coverage lies within {NOMINAL[0]:g}–{NOMINAL[1]:g} %."),
    ]  # fmt: skip
    return "\n".join(lines)


def main() -> None:
    """Run what is missing, two at a time; summarise; write the table into the document."""
    done = [json.loads(line) for line in RUNS.read_text().splitlines()] if RUNS.exists() else []
    have = {(r["variant"], r["contagion"], r["momentum"], r["seed"]) for r in done}
    # Seeds go round the scenarios, so that an interrupted study has about as many of each.
    todo = [
        (truth, 1000 * number + seed) for seed in range(REPLICATES) for number, truth in enumerate(scenarios())
        if (truth.variant, truth.contagion, truth.momentum, 1000 * number + seed) not in have
    ]  # fmt: skip
    began = time.monotonic()
    with ProcessPoolExecutor(WORKERS) as pool, RUNS.open("a") as kept:
        waiting = [pool.submit(replicate, truth, seed) for truth, seed in todo]
        for count, future in enumerate(as_completed(waiting), 1):
            done.append(future.result())
            kept.write(json.dumps(done[-1]) + "\n")
            if count % 100 == 0:
                kept.flush()
                spent = time.monotonic() - began
                left = spent / count * (len(todo) - count)
                print(f"{count} of {len(todo)}, {spent:.0f} s, about {left:.0f} s left", flush=True)
    rows = summarise(done)
    size = {"states": STATES, "bodies": BODIES, "years": YEARS - BURN_IN}
    RESULTS.write_text(json.dumps({"size": size, "rows": rows}, indent=1) + "\n")
    text = table(rows)
    print(text)
    if PAGE.exists():
        page = PAGE.read_text(encoding="utf-8")
        before, rest = page.split(MARKS[0])
        PAGE.write_text(f"{before}{MARKS[0]}\n\n{text}\n\n{MARKS[1]}{rest.split(MARKS[1])[1]}", encoding="utf-8")


if __name__ == "__main__":
    main()
