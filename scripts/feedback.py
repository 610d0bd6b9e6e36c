"""Put what `exeunt feedback` and the recovery study of R found into docs/method/feedback.md: `make gain` runs all.

The tables between the marks are written from the JSON files in `tests/reference`; a test holds the two together.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import marks

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "method" / "feedback.md"
RECOVERY = ROOT / "src" / "exeunt" / "history" / "recovery.json"
FILES = {"found": "feedback", "study": "gain_results"}


def band(value: dict[str, Any] | None, key: str = "median") -> str:
    """A figure with its interval."""
    if not value or value[key] is None:
        return "–"
    return f"{value[key]:.3f} [{value['low']:.3f}, {value['high']:.3f}]"


def recovery(study: dict[str, Any]) -> dict[str, list[float]]:
    """What the study found, for the package: each the smallest and the largest over kinds of worlds.

    `covered` : per cent of worlds whose interval held the true R; `understated` : by how much R was too low on average where
    body-years come in bundles and there is influence; `from_nothing` : R without depletion where there is no influence.
    """
    rows = study["rows"]
    covered = [r["covered"] for r in rows]
    low = [-r["bias"] for r in rows if r["variant"] == "body-years" and r["aim"] > 0]
    nothing = [r["R"] for r in rows if r["aim"] == 0]
    return {
        "covered": [min(covered), max(covered)],
        "understated": [round(min(low), 2), round(max(low), 2)],
        "from_nothing": [round(min(nothing), 2), round(max(nothing), 2)],
    }


def outcomes(files: dict[str, Any]) -> list[dict[str, Any]]:
    """The outcome asked for and those beside it."""
    found = files["found"]
    return [found, *found["beside"]]


def headline(files: dict[str, Any]) -> list[str]:
    """R, its bounds and G on every outcome."""
    lines = [
        "| outcome | G(10) | R, lagged only | R without depletion | R, upper bound | P(R ≥ 1), lagged | upper | status |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for o in outcomes(files):
        lines.append(
            f"| `{o['outcome']}` | {band(o['G_interval'], 'mean')} | {band(o['R'])} | {band(o['R_influence'])} | "
            f"{band(o['R_upper'])} | {o['p_self_sustaining']:.2f} | {o['p_self_sustaining_upper']:.2f} | "
            f"{o['status'].replace('_', ' ')} |"
        )
    return lines


def channels(files: dict[str, Any]) -> list[str]:
    """R of each channel alone."""
    all_of = outcomes(files)
    lines = [f"| channel | {' | '.join(o['outcome'] for o in all_of)} |", "|---" * (len(all_of) + 1) + "|"]
    for number, channel in enumerate(c["channel"] for c in all_of[0]["channels"]):
        cells = []
        for o in all_of:
            c = o["channels"][number]
            sign = "−" if c["eigenvalue"] < 0 else ""
            cells.append(f"{sign}{c['R']:.3f} [{c['low']:.3f}, {c['high']:.3f}]")
        lines.append(f"| {channel} | {' | '.join(cells)} |")
    return lines


def placebos(files: dict[str, Any]) -> list[str]:
    """Every placebo on every outcome beside the fitted counts."""
    lines = [
        "| outcome | counts | R | further exits | coefficient, from the body | of the state | |",
        "|---|---|---|---|---|---|---|",
    ]
    for o in outcomes(files):
        for p in (o["loop"], *o["placebos"]):
            told = "as fitted" if p["placebo"] == "fitted" else "passed" if p["passed"] else "**failed**"
            body, state = (band(p["coefficients"][name], "estimate") for name in ("exits_from_body3", "own_exits3"))
            lines.append(
                f"| `{o['outcome']}` | {p['placebo'].replace('_', ' ')} | {band(p['R'])} | {band(p['further_exits'])} | "
                f"{body} | {state} | {told} |"
            )
    return lines


def cut(files: dict[str, Any]) -> list[str]:
    """The run with the loop cut."""
    lines = [
        "| outcome | pairs of worlds | exits as fitted | exits with the loop cut | difference |",
        "|---|---|---|---|---|",
    ]
    for o in outcomes(files):
        c = o["cut_loop"]
        lines.append(
            f"| `{o['outcome']}` | {c['difference']['worlds']:,} | {c['exits_with']:.1f} | {c['exits_without']:.1f} | "
            f"{band(c['difference'], 'mean')} |" if c else f"| `{o['outcome']}` | – | – | – | – |"
        )  # fmt: skip
    return lines


def groups(files: dict[str, Any]) -> list[str]:
    """Groups of the outcome asked for."""
    lines = ["| group | pairs | further exits | of them within |", "|---|---|---|---|"]
    lines += [
        f"| {g['group']} | {g['pairs']:,} | {g['further_exits']:+.3f} | {g['within']:+.3f} |"
        for g in files["found"]["groups"]
    ]
    return lines


def study(files: dict[str, Any]) -> list[str]:
    """Worlds of known R."""
    lines = [
        "| world | R aimed at | worlds | exits | true R | estimate (bias) | covered % | upper bound | between the bounds % | "
        "mean P(R ≥ 1) |",
        "|---|---|---|---|---|---|---|---|---|---|",
    ]
    for r in files["study"]["rows"]:
        lines.append(
            f"| {r['variant']} | {r['aim']:g} | {r['worlds']} | {r['events']:,} | {r['true_R']:.2f} | {r['R']:.2f} "
            f"({r['bias']:+.2f}) | {r['covered']:.0f} | {r['upper']:.2f} | {r['between_bounds']:.0f} | "
            f"{r['p_self_sustaining']:.2f} |"
        )
    size = files["study"]["size"]
    total = sum(r["worlds"] for r in files["study"]["rows"])
    return [
        *lines,
        "",
        f"{total} worlds of {size['states']} states, {size['bodies']} bodies and {size['years']} years, "
        f"{files['study']['draws']} draws each.",
    ]


PARTS = {
    "headline": headline, "channels": channels, "placebos": placebos, "cut": cut, "groups": groups, "study": study,
}  # fmt: skip


def filled() -> str:
    """The page with every part between its marks written anew."""
    files = {
        key: json.loads((ROOT / "tests" / "reference" / f"{name}.json").read_text(encoding="utf-8"))
        for key, name in FILES.items()
    }
    return marks.filled(PAGE, PARTS, files)


if __name__ == "__main__":
    whole = json.loads((ROOT / "tests" / "reference" / f"{FILES['study']}.json").read_text(encoding="utf-8"))
    RECOVERY.write_text(json.dumps(recovery(whole)) + "\n", encoding="utf-8")
    PAGE.write_text(filled(), encoding="utf-8")
    sys.stdout.write(f"written: {PAGE.relative_to(ROOT)}\n")
