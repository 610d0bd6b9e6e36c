"""Cut what the long commands wrote down to the summaries that ship with the package: `make summaries`.

Each carries the command, the checksum of the file that it was cut from and the day on which that file was last committed;
a test holds summary and file together.
"""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
KEPT = ROOT / "tests" / "reference"
SHIPPED = ROOT / "src" / "exeunt" / "report" / "summaries"


def comparison(found: dict[str, Any]) -> dict[str, Any]:
    """Skill by model and horizon, and the verdict on every term."""
    keys = ("model", "horizon", "rows", "events", "skill", "skill_low", "skill_high", "doubts")
    return {
        "outcome": found["outcome"],
        "origins": found["origins"],
        "models": [
            {**{k: m[k] for k in keys}, "beats_history": (m["skills"].get("empirical_bayes") or [None])[0]}
            for m in found["models"]
        ],
        "verdicts": found["verdicts"],
        "ranks": found["ranks"],
    }


def backtest(found: dict[str, Any]) -> dict[str, Any]:
    """Hits of lists of a hundred, and how many annual totals lay inside their band."""
    totals = found["totals"]
    return {
        "hits": found["hits"],
        "totals": len(totals),
        "inside": sum(t["low"] <= t["observed"] <= t["high"] for t in totals),
    }


def feedback(found: dict[str, Any]) -> dict[str, Any]:
    """Bounds of R, G, channels and placebos; the outcomes told beside."""
    keys = (
        "outcome",
        "R",
        "R_influence",
        "R_upper",
        "G_interval",
        "p_self_sustaining",
        "p_self_sustaining_upper",
        "status",
    )
    placebo = ("placebo", "what", "further_exits", "passed")
    return {
        **{k: found[k] for k in (*keys, "year", "horizon_years", "channels", "cut_loop", "warnings")},
        "placebos": [{k: p[k] for k in placebo} for p in (found["loop"], *found["placebos"])],
        "beside": [{k: b[k] for k in keys} for b in found["beside"]],
    }


def argument(found: dict[str, Any]) -> dict[str, Any]:
    """Claims and links with verdict and figure, and what the argument as a whole may claim."""
    claims = [
        {**{k: c[k] for k in ("id", "kind", "claim", "verdict", "figure")}, "sources": c["sources"][:3]}
        for c in found["claims"]
    ]
    keys = ("source", "target", "sign", "verdict", "estimate", "low", "high", "null_value", "outcome", "unit", "figure")
    return {
        **{k: found[k] for k in ("argument", "title", "text", "tally")},
        "claims": claims,
        "links": [
            {**{k: link[k] for k in keys}, "readings": [r for r in link["readings"] if r["decides"]]}
            for link in found["links"]
        ],
        "says": found["summary"]["says"],
    }


def scenarios(found: dict[str, Any]) -> dict[str, Any]:
    """Totals of every scenario and its differences from the baseline, world by world."""
    gap = ("mean", "mean_low", "mean_high", "low", "high")
    rows = []
    for one in found["scenarios"]:
        pairs = one["paired"] or {}
        each = {"exits": "exits_total", "joins": "joins_total", "memberships": "memberships_at_end"}
        rows.append(
            {
                "scenario": one["scenario"],
                "exits_total": {k: one["exits_total"][k] for k in ("median", "low", "high")},
                **{name: {k: pairs[key][k] for k in gap} if pairs else None for name, key in each.items()},
                "missing": [
                    body
                    for told in one["not_done"]
                    if told["code"] == NOT_SIMULATED
                    for body in told["values"]["bodies"]
                ],
            }
        )
    return {**{k: found[k] for k in ("worlds", "years", "seed", "first_year")}, "scenarios": rows}


NOT_SIMULATED = "simulate.not_simulated"
SUMMARIES: dict[str, tuple[str, Callable[[dict[str, Any]], dict[str, Any]]]] = {
    "comparison": ("exeunt compare", comparison),
    "feedback": ("exeunt feedback", feedback),
    **{
        f"{kept}.{lang}": (f"exeunt argue {name}{'' if lang == 'en' else f' --lang {lang}'}", argument)
        for kept, name in (
            ("argument", "critique-of-batch-2026"),
            ("argument.case-for-batch-2026", "case-for-batch-2026"),
            ("argument.literature-on-exit", "literature-on-exit"),
        )
        for lang in ("en", "zh-Hant")
    },
    "scenarios": ("exeunt simulate NAME --worlds {worlds} --years {years} --seed {seed}", scenarios),
    "backtest": ("exeunt forecast --backtest", backtest),
}


def cut(name: str) -> dict[str, Any]:
    """One summary from the kept answer of its command."""
    command, reduce = SUMMARIES[name]
    path = KEPT / f"{name}.json"
    content = path.read_bytes()
    kept = reduce(json.loads(content))
    for key in ("worlds", "years", "seed"):
        command = command.replace(f"{{{key}}}", str(kept.get(key)))
    return {"command": command, "sha256": hashlib.sha256(content).hexdigest(), "content": kept}


def written(path: Path) -> str:
    """Day on which a kept file was last committed; empty outside a checkout."""
    done = subprocess.run(
        ["git", "log", "-1", "--format=%cs", "--", str(path)], cwd=ROOT, capture_output=True, text=True, check=False
    )
    return done.stdout.strip()


def main(arguments: list[str]) -> int:
    """Write the summaries, or with --check name those out of date."""
    stale = []
    SHIPPED.mkdir(exist_ok=True)
    for name in SUMMARIES:
        fresh, path = cut(name), SHIPPED / f"{name}.json"
        old = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
        if {k: old.get(k) for k in fresh} == fresh:
            continue
        stale.append(path.name)
        if "--check" not in arguments:
            whole = {"made": written(KEPT / f"{name}.json"), **fresh}
            path.write_text(json.dumps(whole, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    print(f"{'out of date' if '--check' in arguments else 'written'}: {', '.join(stale) or 'none'}")
    return 1 if stale and "--check" in arguments else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
