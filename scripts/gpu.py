"""Write what a batched engine on a GPU is worth into docs/method/simulation.md, from what benchmarks/gpu.py measured.

    python scripts/gpu.py [--check]

With --check nothing is written, and the exit code is 1 where the page is out of date.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from marks import kept, renewed

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "method" / "simulation.md"
MEASURED = ROOT / "tests" / "reference" / "gpu.json"
HORIZONS = "25", "70"
RULE = 5.0


def verdict(m: dict[str, Any]) -> str:
    """Whether the rule is met, in a sentence."""
    ratios = [m[years]["ratio"] for years in HORIZONS]
    told = " and ".join(f"{ratio:.1f} times with {years} years" for ratio, years in zip(ratios, HORIZONS, strict=True))
    if min(ratios) >= RULE:
        return (
            f"**By the rule the law is worth having on a GPU: {told}, against {RULE:.0f}.** The whole ensemble gains less, "
            "for drawing, counting and writing stay."
        )
    return f"**It is not worth having: {told}, against {RULE:.0f}.**"


def table(m: dict[str, Any]) -> str:
    """The measured figures."""
    cores = m["25"]["engine"]["cores"]
    rows: list[tuple[str, list[str]]] = []

    def row(name: str, values: list[str]) -> None:
        rows.append((name, values))

    of = [m[years] for years in HORIZONS]
    cost = [m["cost_of_a_world_in_ms"][years] for years in HORIZONS]
    row(f"engine, {cores} processes: world-years a second", [f"{x['engine']['world_years_a_second']:,.0f}" for x in of])
    row(
        "engine, one process: world-years a second",
        [f"{x['engine']['world_years_a_second_one_process']:,.0f}" for x in of],
    )
    row("GPU, transfers counted: world-years a second", [f"{x['gpu']['world_years_a_second']:,.0f}" for x in of])
    row(
        "GPU, without transfers: world-years a second",
        [f"{x['gpu']['world_years_a_second_without_transfer']:,.0f}" for x in of],
    )
    row(
        f"10,000 worlds played, on {cores} processes and on the GPU",
        [f"{_seconds(x['engine'], y)} and {_seconds(x['gpu'], y)}" for x, y in zip(of, HORIZONS, strict=True)],
    )
    row(f"ratio, GPU with transfers over {cores} processes", [f"{x['ratio']:.1f}" for x in of])
    row("moved between memories, a world", [f"{x['gpu']['bytes_moved_a_world'] / 1000:,.0f} kB" for x in of])
    row("memory on the GPU", [f"{x['gpu']['bytes_of_memory'] / 1e9:.1f} GB" for x in of])
    for name in ("exits", "joins", "ended"):
        label = "bodies ended" if name == "ended" else name
        row(
            f"{label} a world, GPU and engine",
            [f"{x['agreement'][name]['gpu']:,.1f} and {x['agreement'][name]['engine']:,.1f}" for x in of],
        )
        row("their difference, in standard errors", [f"{x['agreement'][name]['in_errors']:+.1f}" for x in of])
    row(
        "largest difference of any state's exits or joins, in standard errors",
        [f"{max(x['agreement'][k]['largest_of_states_in_errors'] for k in ('exits', 'joins')):.1f}" for x in of],
    )
    row("worlds compared", [f"{x['agreement']['worlds']:,}" for x in of])
    row(
        "CPU ms of a world of the ensemble: its laws drawn, played, counted and written",
        [f"{x['draw']:.1f}, {x['play']:.1f}, {x['rest']:.1f}" for x in cost],
    )
    row(
        "the ensemble at most so many times as fast with the law on a GPU",
        [f"{_bound(x, ('draw', 'rest')):.1f}" for x in cost],
    )
    row("the same with the counts on it too", [f"{_bound(x, ('draw',)):.1f}" for x in cost])
    lines = ["| | 25 years | 70 years |", "|---|---|---|"]
    return "\n".join([*lines, *(f"| {name} | {one} | {two} |" for name, (one, two) in rows)])


def _seconds(figures: dict[str, Any], years: str) -> str:
    return f"{10_000 * int(years) / figures['world_years_a_second']:.1f} s"


def _bound(cost: dict[str, float], left: tuple[str, ...]) -> float:
    """How many times as fast a world gets where only these parts of it cost anything."""
    return sum(cost.values()) / sum(cost[name] for name in left)


def earlier(m: dict[str, Any]) -> str:
    """What runs before found, a line each."""
    lines = []
    for run in m.get("earlier", []):
        of = [run[years] for years in HORIZONS]
        apart = max(abs(x["agreement"][kind]["in_errors"]) for x in of for kind in ("exits", "joins"))
        ratios, worlds = (f"{x['ratio']:.1f}" for x in of), (f"{x['agreement']['worlds']:,}" for x in of)
        lines.append(
            f"- engine of commit {run['commit']}: ratios of {' and '.join(ratios)}; {' and '.join(worlds)} worlds compared, "
            f"exits and joins at most {apart:.1f} standard errors apart"
        )
    return (
        "\n".join(
            [
                "",
                "Runs before this one, some with other draws of the laws, so that worlds were larger or smaller:",
                "",
                *lines,
                "",
            ]
        )
        if lines
        else ""
    )


def section(m: dict[str, Any]) -> str:
    """What stands between the marks."""
    cores = m["25"]["engine"]["cores"]
    alike = [m[years]["worlds_equal_to_those_of_a_processor"] for years in HORIZONS]
    return "\n".join([
        f"Measured on {m['day']} on one NVIDIA H100 and {cores} cores, engine of commit {m['commit']}, "
        f"{m['25']['states']} states and {m['25']['bodies']} bodies at the start:",
        "",
        table(m),
        "",
        verdict(m),
        "",
        f"Of {sum(n for _same, n in alike)} worlds that the same code played on the GPU and on a processor, "
        f"{sum(same for same, _n in alike)} were equal in every count.",
        earlier(m),
        "Compiling is not counted, and worlds were played in batches of thousands.",
    ])  # fmt: skip


def filled() -> str:
    """The page with its section renewed."""
    page = PAGE.read_text(encoding="utf-8")
    return renewed(page, "gpu", section(json.loads(MEASURED.read_text(encoding="utf-8"))))


def main() -> int:
    """Write or check the page."""
    return kept(PAGE, filled())


if __name__ == "__main__":
    sys.exit(main())
