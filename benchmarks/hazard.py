"""How long does the hazard take beside lme4, and does its time grow with the rows?

Peer: `glmer(nAGQ = 0)` of lme4 on the same rows, one thread each, in turn in the same run (criterion `joint`). Ours runs with
compiled kernels in the cache; building the panel and reading the CSV are outside the clock. Both are timed in seconds of the
processor, which a busy machine does not change much, and on the wall. Prints the rows timed, the agreement, the peak memory
of a process that builds the panel and fits it, time at four sizes, and `ratio NAME VALUE`, peer over ours.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "NUMBA_NUM_THREADS"):
    os.environ[name] = "1"

import numpy as np
import polars as pl

from exeunt.explain.fit import design
from exeunt.explain.hazard import Rows
from exeunt.explain.optimise import Point, laplace, minimise
from exeunt.panel.build import Panel, exit_panel, join_panel
from exeunt.record.opened import open_record

REPEATS = 3
SHARES = (0.25, 0.5, 0.75, 1.0)
JOIN_PER_EVENT = 20.0
MEMORY = """
import resource
from exeunt.explain.fit import design
from exeunt.explain.optimise import minimise
from exeunt.panel.build import exit_panel
from exeunt.record.opened import open_record
minimise(design(exit_panel(open_record()))[0], "joint")
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
"""


def ours(rows: Rows, criterion: str = "joint") -> tuple[float, float, Point]:
    """Seconds on the wall and of the processor, and the fit; nothing kept from an earlier fit helps."""
    fresh = Rows(rows.X, rows.event, rows.weight, rows.group, rows.levels, rows.link)
    wall, processor = time.perf_counter(), time.process_time()
    point, _ = minimise(fresh, criterion)
    return time.perf_counter() - wall, time.process_time() - processor, point


def peer(rows: Rows, names: tuple[str, ...], folder: str) -> list[float]:
    """Seconds on the wall, of the processor, deviance, standard deviations and coefficients of glmer."""
    data = Path(folder) / "rows.csv"
    frame = {name: rows.X[:, 1 + number] for number, name in enumerate(names)}
    frame |= {name: rows.group[:, number] for number, name in enumerate(("state", "body", "year"))}
    pl.DataFrame({**frame, "event": rows.event, "weight": rows.weight}).write_csv(data)
    script = str(Path(__file__).with_suffix(".R"))
    done = subprocess.run(
        ["Rscript", "--vanilla", script, str(data), " + ".join(names)], check=True, capture_output=True, text=True
    )
    return [float(value) for value in done.stdout.split()]


def compare(name: str, panel: Panel, folder: str) -> tuple[float, float]:
    """Time both on one panel, in turn: ours, the peer, ours again; returns the ratios on the wall and of the processor."""
    rows, _ = design(panel)
    ours(rows)  # compiles, or reads the compiled kernels from the cache
    mine = [ours(rows) for _ in range(REPEATS)]
    seconds, processor, deviance, *rest = peer(rows, panel.names, folder)
    sd, beta = np.array(rest[:3]), np.array(rest[3:])
    mine += [ours(rows) for _ in range(REPEATS)]
    point = mine[-1][2]
    wall, own = (np.array([m[at] for m in mine]) for at in (0, 1))
    print(f"{name}: {len(rows.event)} rows, {int(rows.event.sum())} events, {rows.k} terms, effects {rows.levels}")
    for label, values, other in (("processor", own, processor), ("wall", wall, seconds)):
        print(
            f"{name}: {label}: ours {np.median(values):.2f} s (median of {len(values)}: {values.min():.2f} to "
            f"{values.max():.2f}), glmer {other:.1f} s"
        )
    print(
        f"{name}: largest difference of a coefficient {np.abs(point.phi[: rows.k] - beta).max():.6f}, of a standard "
        f"deviation {np.abs(point.sd - sd).max():.6f}; deviance {point.deviance:.5f}, glmer {deviance:.5f}"
    )
    return seconds / float(np.median(wall)), processor / float(np.median(own))


def growth(panel: Panel) -> None:
    """Time of one evaluation of the deviance from its mode, and of a whole fit, at four shares of the rows, drawn at random."""
    rows, _ = design(panel)
    order = np.random.Generator(np.random.Philox(1)).permutation(len(rows.event))
    sizes, times = [], []
    start = np.zeros(rows.k + rows.q)
    start[0] = np.log(rows.event.mean())
    for share in SHARES:
        keep = np.sort(order[: int(share * len(order))])
        part = Rows(rows.X[keep], rows.event[keep], rows.weight[keep], rows.group[keep], rows.levels, rows.link)
        sizes.append(len(keep))
        mode = laplace(part, start, np.zeros(3), True)
        spent = []
        for _ in range(5 * REPEATS):
            began = time.process_time()
            laplace(part, mode.phi, np.zeros(3), True, mode.blocks, 1e-8)
            spent.append(time.process_time() - began)
        times.append(min(spent))
        whole = min(ours(part)[1] for _ in range(REPEATS))
        print(f"growth: {sizes[-1]} rows: one evaluation {times[-1]:.3f} s, whole fit {whole:.2f} s (processor)")
    slope, intercept = np.polyfit(sizes, times, 1)
    left = np.array(times) - slope * np.array(sizes) - intercept
    r2 = 1.0 - float(left @ left) / float(((np.array(times) - np.mean(times)) ** 2).sum())
    print(f"growth: an evaluation takes {1e6 * slope:.2f} s per million rows and {intercept:.3f} s, r² {r2:.3f}")


def main() -> None:
    """Measure and print."""
    record = open_record()
    exits, joins = exit_panel(record), join_panel(record, per_join=JOIN_PER_EVENT)
    memory = subprocess.run([sys.executable, "-c", MEMORY], check=True, capture_output=True, text=True).stdout
    print(f"exit: peak memory of ours, panel included, {float(memory):.0f} MB")
    rows, _ = design(exits)
    ours(rows, "laplace")
    print(
        f"exit: ours by the criterion of reports (laplace) {min(ours(rows, 'laplace')[1] for _ in range(REPEATS)):.2f} s"
    )
    growth(exits)
    if shutil.which("Rscript") is None:
        print(f"exit: ours {min(ours(rows)[1] for _ in range(REPEATS)):.2f} s (processor)")
        print(
            "no Rscript on the PATH: no peer and no ratio (Debian, Ubuntu: apt-get install r-cran-lme4).",
            file=sys.stderr,
        )
        return
    with tempfile.TemporaryDirectory() as folder:
        found = {name: compare(name, panel, folder) for name, panel in (("exit", exits), ("join", joins))}
    print(f"machine: {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}, {time.strftime('%Y-%m-%d')}")
    for name, (wall, processor) in found.items():
        print(f"ratio {name}_hazard_wall {wall:.1f}")
        print(f"ratio {name}_hazard {processor:.1f}")


if __name__ == "__main__":
    main()
