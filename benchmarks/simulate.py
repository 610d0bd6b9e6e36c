"""How fast is the engine beside the dense reference, and does its cost grow in step with worlds and years?

Both run here on one core, the engine on 40 worlds of 70 years, the reference on 1; figures are scaled to 1,000 worlds.
Last lines: `ratio NAME VALUE`.
"""

from __future__ import annotations

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import time

from exeunt.progress import Progress
from exeunt.record.opened import open_record
from exeunt.report.assemble import models
from exeunt.simulate import engine, transition
from exeunt.simulate.drawn import draw, posterior
from exeunt.simulate.world import start

YEARS, ENGINE_WORLDS, DENSE_WORLDS, SEED = 70, 40, 1, 1


def main() -> None:
    """Measure and print."""
    found = models(open_record(), Progress(quiet=True))
    both = [posterior(fit) for fit in (found.exit_fit, found.join_fit)]

    def seconds(years: int, worlds: int, dense: bool = False) -> float:
        s = start(found.cov, years)
        at, plan = engine.lay_out(s), engine.no_plan(s)
        began = time.perf_counter()
        for world in range(worlds):
            (exits, exit_years), (joins, join_years) = (draw(of, s, SEED, world) for of in both)
            if dense:
                transition.run_world(s, exits, joins, exit_years, join_years, SEED, world)
            else:
                engine.events(at, exits, joins, exit_years, join_years, SEED, world, plan)
        return time.perf_counter() - began

    seconds(1, 1)  # compiles
    fast = seconds(YEARS, ENGINE_WORLDS)
    half_worlds, half_years = seconds(YEARS, ENGINE_WORLDS // 2), seconds(YEARS // 2, ENGINE_WORLDS)
    slow = seconds(YEARS, DENSE_WORLDS, dense=True)
    engine_scaled, dense_scaled = fast / ENGINE_WORLDS * 1000, slow / DENSE_WORLDS * 1000
    print(f"engine: {engine_scaled:.1f} s per 1,000 worlds of {YEARS} years (scaled from {ENGINE_WORLDS} worlds)")
    print(f"dense reference: {dense_scaled:.1f} s per 1,000 worlds of {YEARS} years (scaled from {DENSE_WORLDS} world)")
    print(f"ratio engine_over_dense {dense_scaled / engine_scaled:.2f}")
    print(f"ratio worlds_doubled {fast / half_worlds:.2f}")
    print(f"ratio years_doubled {fast / half_years:.2f}")


if __name__ == "__main__":
    main()
