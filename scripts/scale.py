"""Write what a very large run costs into docs/method/scale.md, from what benchmarks/ensemble.py measured.

    python scripts/scale.py [--check]

With --check nothing is written, and the exit code is 1 where the page is out of date.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from marks import kept, renewed

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "method" / "scale.md"
MEASURED = ROOT / "benchmarks" / "ensemble.json"
WORLDS, SCENARIOS, SETS = 1_000_000, 40, 200
BLOCK, CHUNK = 50, 100
CORES = (100, 1000, 10_000)


def cost(m: dict[str, Any]) -> dict[str, float]:
    """What 10⁶ worlds × 40 scenarios × 200 sets of parameters take, in step with what was measured."""
    worlds = WORLDS * SCENARIOS * SETS
    each = m["seconds_one_process"] / m["worlds"]
    dask = max(m["seconds_two_dask_workers"] / m["seconds_two_processes"], 1.0)
    return {
        "worlds": worlds, "core_hours": worlds * each * dask / 3600, "bytes": worlds * m["bytes_per_world"],
        "parts": worlds / BLOCK, "tasks": worlds / CHUNK, "runs": SCENARIOS * SETS,
        "scheduler_hours": worlds / CHUNK / m["dask_tasks_per_second"] / 3600,
        "adding_core_hours": worlds / BLOCK * m["seconds_to_add_up_a_part"] / 3600,
    }  # fmt: skip


def tables(m: dict[str, Any]) -> str:
    """The measured figures and what follows from them."""
    c = cost(m)
    each, bytes_each = 1000 * m["seconds_one_process"] / m["worlds"], m["bytes_per_world"]
    of_dask = m["seconds_two_dask_workers"] / m["seconds_two_processes"]
    hours = ", ".join(f"{c['core_hours'] / cores / 24:,.1f} days on {cores:,} cores" for cores in CORES)
    note = f", {m['note']}" if "note" in m else ""
    return "\n".join([
        f"Measured on {m['day']} ({m['machine']}), worlds of {m['years']} years{note}:",
        "",
        "| what | measured |",
        "|---|---|",
        f"| one process | {each:.1f} ms a world |",
        f"| two processes | {m['seconds_one_process'] / m['seconds_two_processes']:.2f} times as fast as one |",
        f"| two local Dask workers | {of_dask:.2f} times as long as two processes |",
        f"| tasks that do nothing, through the scheduler | {m['dask_tasks_per_second']:,.0f} a second |",
        f"| a part on disk | {bytes_each / 1000:.1f} kB a world |",
        f"| adding up | {1000 * m['seconds_to_add_up_a_part']:.1f} ms a part of {BLOCK} worlds |",
        f"| `exeunt simulate baseline --worlds {m['whole_worlds']} --years {m['years']}` | {m['whole_seconds']:.1f} s, "
        f"{m['whole_bytes_of_memory'] / 1e9:.2f} GB, all processes together |",
        "",
        f"{WORLDS:,} worlds × {SCENARIOS} scenarios × {SETS} sets of parameters are {c['worlds']:.1e} worlds:",
        "",
        "| what | cost |",
        "|---|---|",
        f"| worlds | {c['core_hours']:,.0f} core-hours: {hours} |",
        f"| adding up | {c['adding_core_hours']:,.0f} core-hours |",
        f"| parts | {c['parts']:.1e} files, {c['bytes'] / 1e12:,.1f} TB |",
        f"| tasks | {c['tasks']:.1e}, {c['scheduler_hours']:,.1f} hours of one scheduler |",
        f"| runs | {c['runs']:,.0f} folders of {WORLDS // BLOCK:,} parts |",
    ])  # fmt: skip


def filled() -> str:
    """The page with its tables renewed."""
    page = PAGE.read_text(encoding="utf-8")
    return renewed(page, "measured", tables(json.loads(MEASURED.read_text(encoding="utf-8"))))


def main() -> int:
    """Write or check the page."""
    return kept(PAGE, filled())


if __name__ == "__main__":
    sys.exit(main())
