"""Put what `exeunt compare` and `exeunt forecast --backtest` found into their pages: `make comparison` runs all.

What a list of likeliest exits is shown beside goes into the package. The tables between the marks are written from the JSON
files in `tests/reference`; a test holds the two together.
"""

from __future__ import annotations

import hashlib
import json
import sys
from pathlib import Path
from typing import Any

import marks
from exeunt.answers import Message
from exeunt.i18n.messages import said

ROOT = Path(__file__).resolve().parent.parent


def percent(value: float) -> str:
    """A share as a percentage with its sign."""
    return f"{100 * value:+.1f} %"


def scores(found: dict[str, Any]) -> list[str]:
    """Skill of every model at every horizon."""
    lines = [
        "| model | years | rows | exits | skill [95 %] | against constant | trailing | empirical Bayes | Brier | calibration |",
        "|---|---|---|---|---|---|---|---|---|---|",
    ]
    for m in found["models"]:
        other = {name: percent(m["skills"][name][0]) if name in m["skills"] else "–" for name in
                 ("constant", "trailing", "empirical_bayes")}  # fmt: skip
        lines.append(
            f"| {m['model'].replace('_', ' ')} | {m['horizon']} | {m['rows']:,} | {m['events']:,} | {percent(m['skill'])} "
            f"[{100 * m['skill_low']:+.1f}, {100 * m['skill_high']:+.1f}] | {other['constant']} | {other['trailing']} | "
            f"{other['empirical_bayes']} | {m['brier']:.6f} | {m['calibration']:.2f} |"
        )
    return lines


def terms(found: dict[str, Any]) -> list[str]:
    """Every term under every outcome, and what the outcomes together say."""
    outcomes = list(dict.fromkeys(t["outcome"] for t in found["terms"]))
    lines = [
        f"| explanation | term | {' | '.join(outcomes)} | together |",
        "|---" * (len(outcomes) + 3) + "|",
    ]
    for v in found["verdicts"]:
        cells = []
        for outcome in outcomes:
            t = next(t for t in found["terms"] if (t["explanation"], t["term"], t["outcome"]) ==
                     (v["explanation"], v["term"], outcome))  # fmt: skip
            cells.append(
                t["status"].replace("_", " ") if t["estimate"] is None
                else f"{t['estimate']:+.2f} [{t['low']:+.2f}, {t['high']:+.2f}]"
            )  # fmt: skip
        says = said([Message(**each) for each in v["verdict"]], "en")
        lines.append(f"| {v['explanation']} | {v['term']} | {' | '.join(cells)} | {says} |")
    return lines


def rows_of_terms(found: dict[str, Any]) -> list[str]:
    """Rows and exits behind the estimates."""
    outcomes = list(dict.fromkeys(t["outcome"] for t in found["terms"]))
    lines = [f"| explanation | {' | '.join(outcomes)} |", "|---" * (len(outcomes) + 1) + "|"]
    for name in dict.fromkeys(t["explanation"] for t in found["terms"]):
        cells = []
        for outcome in outcomes:
            t = next(t for t in found["terms"] if (t["explanation"], t["outcome"]) == (name, outcome))
            cells.append(f"{t['rows']:,} rows, {t['events']:,} exits, {t['span']}")
        lines.append(f"| {name} | {' | '.join(cells)} |")
    return lines


def distance(found: dict[str, Any]) -> list[str]:
    """Preference distance on every outcome beside the published sign."""
    ours = found["published"]["ours"]
    lines = [f"| | {' | '.join(e['outcome'] for e in ours)} | published |", "|---" * (len(ours) + 2) + "|"]
    cells = " | ".join(f"{e['estimate']:+.2f} [{e['low']:+.2f}, {e['high']:+.2f}]" for e in ours)
    return [*lines, f"| preference distance | {cells} | + ({found['published']['source']}) |"]


def pooled(found: dict[str, Any]) -> list[str]:
    """Contagion pooled beside crossed."""
    lines = ["| law | exits of others from the body in three years [95 %] | rows | exits |", "|---|---|---|---|"]
    for p in found["pooled"]:
        lines.append(
            f"| {p['law']} | {p['estimate']:+.3f} [{p['conf_low']:+.3f}, {p['conf_high']:+.3f}] | {p['rows']:,} | "
            f"{p['events']} |"
        )
    return lines


def ranks(found: dict[str, Any]) -> list[str]:
    """Mean ranks of the documented exits since the last coded year."""
    lines = [
        "| model | memberships | documented exits | mean rank [95 %] | among the first 100 |",
        "|---|---|---|---|---|",
    ]
    for r in found["ranks"]:
        lines.append(
            f"| {r['model']} | {r['rows']:,} | {r['events']} | {r['mean_rank']:.3f} "
            f"[{r['low']:.3f}, {r['high']:.3f}] | {r['top']} |"
        )
    return lines


def reliability(found: dict[str, Any]) -> list[str]:
    """Tenths of the memberships by probability, the common structure."""
    lines = ["| years | tenth | memberships | exits | predicted | observed [95 %] |", "|---|---|---|---|---|---|"]
    for r in found["reliability"]:
        if r["model"] == "common":
            lines.append(
                f"| {r['horizon']} | {r['tenth']} | {r['rows']:,} | {r['exits']} | {100 * r['predicted']:.3f} % | "
                f"{100 * r['observed']:.3f} % [{100 * r['low']:.3f}, {100 * r['high']:.3f}] |"
            )
    return lines


def totals(found: dict[str, Any]) -> list[str]:
    """Exits of the year after each origin."""
    lines = ["| origin | observed | median | 95 % | PIT |", "|---|---|---|---|---|"]
    lines += [
        f"| {r['origin']} | {r['observed']} | {r['median']:.0f} | {r['low']:.0f} to {r['high']:.0f} | {r['pit']:.2f} |"
        for r in found["totals"]
    ]
    u = found["uniform"]
    return [*lines, "", f"Kolmogorov–Smirnov {u['statistic']:.2f}, p = {u['p_value']:.2f}, {u['origins']} origins."]


def hits(found: dict[str, Any]) -> list[str]:
    """Exits among the hundred highest probabilities."""
    lines = ["| model | years | origins | listed | hits | by chance | exits |", "|---|---|---|---|---|---|---|"]
    for h in found["hits"]:
        lines.append(
            f"| {h['model'].replace('_', ' ')} | {h['horizon']} | {h['origins']} | {h['listed']:,} | {h['hits']} | "
            f"{h['by_chance']:.1f} | {h['exits']:,} |"
        )
    return lines


PAGES = {
    "comparison": {
        "scores": scores, "terms": terms, "rows": rows_of_terms, "distance": distance, "pooled": pooled, "ranks": ranks,
    },
    "forecast": {"reliability": reliability, "totals": totals, "hits": hits},
}  # fmt: skip
"""Page of `docs/method` and JSON of `tests/reference` → its parts."""


def page_of(name: str) -> Path:
    """The page."""
    return ROOT / "docs" / "method" / f"{name}.md"


def found_of(name: str) -> dict[str, Any]:
    """What the command found."""
    found: dict[str, Any] = json.loads(
        (ROOT / "tests" / "reference" / f"{FILES[name]}.json").read_text(encoding="utf-8")
    )
    return found


FILES = {"comparison": "comparison", "forecast": "backtest"}


def filled(name: str) -> str:
    """The page with every part between its marks written anew."""
    return marks.filled(page_of(name), PAGES[name], found_of(name))


BACKTESTED = ROOT / "src" / "exeunt" / "simulate" / "backtested.json"
"""What installed users see beside a list of likeliest exits."""


def backtested() -> str:
    """Hits of lists of a hundred, with the digest of the back-test they are from."""
    path = ROOT / "tests" / "reference" / "backtest.json"
    found = found_of("forecast")
    rows = [{k: v for k, v in h.items() if k != "model"} for h in found["hits"] if h["model"] == "common"]
    origins = [row["origin"] for row in found["totals"]]
    told = {
        "model": "common",
        "about": {"code": "hits.about", "values": {"first": origins[0], "last": origins[-1]}},
        "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
        "hits": rows,
    }
    return json.dumps(told, ensure_ascii=False, indent=1) + "\n"


if __name__ == "__main__":
    BACKTESTED.write_text(backtested(), encoding="utf-8")
    sys.stdout.write(f"written: {BACKTESTED.relative_to(ROOT)}\n")
    for name in PAGES:
        page_of(name).write_text(filled(name), encoding="utf-8")
        sys.stdout.write(f"written: {page_of(name).relative_to(ROOT)}\n")
