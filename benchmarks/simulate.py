"""How fast is the engine beside the dense reference, and does its cost grow in step with worlds and years?

All run here with draws of coefficients, effects, years and surroundings by world. The engine and the reference play the full
law, and the reference once more without what happens to bodies and to measures of states. Figures are CPU seconds of one
process, scaled to 1,000 worlds of 70 years; two workers are two processes, by the clock. Last lines: `ratio NAME VALUE`.
"""

from __future__ import annotations

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import time
from concurrent.futures import ProcessPoolExecutor
from functools import cache
from typing import Any

from exeunt.core.progress import Progress
from exeunt.record.opened import open_record
from exeunt.report.reasons import _models as models
from exeunt.simulate import dynamics, engine, reference
from exeunt.simulate.posterior_draws import draw, posterior
from exeunt.simulate.start import _quiet as quiet
from exeunt.simulate.start import start

YEARS, ENGINE_WORLDS, DENSE_WORLDS, REPEATS, SEED = 70, 60, 2, 3, 1


@cache
def prepared() -> tuple[Any, Any, Any]:
    """Covariates, posteriors of both hazards, and the other laws."""
    record = open_record()
    found = models(record, Progress(quiet=True))
    return found.cov, [posterior(fit) for fit in (found.exit_fit, found.join_fit)], dynamics.estimate(record, found.cov)


def play(kind: str, years: int, first: int, worlds: int) -> float:
    """CPU seconds of some worlds: `engine`, `dense`, or `plain`, the reference before bodies end and begin."""
    cov, both, others = prepared()
    s = start(cov, years)
    at, plan = engine.lay_out(s), engine.no_plan(s)
    newer = [dynamics._newcomers(of.fit, others.births) for of in both]
    for of in both:
        of.placed(s)  # laid out once for all worlds of a start, as `at` is
    began = time.process_time()
    for world in range(first, first + worlds):
        (exits, exit_years), (joins, join_years) = (draw(of, s, SEED, world) for of in both)
        if kind == "plain":
            reference._play_world(s, exits, joins, exit_years, join_years, SEED, world, quiet(s))
            continue
        around = others.draw(s, *newer, SEED, world)
        if kind == "dense":
            reference._play_world(s, exits, joins, exit_years, join_years, SEED, world, around)
        else:
            engine.events(at, exits, joins, exit_years, join_years, SEED, world, plan, around)
    return time.process_time() - began


def main() -> None:
    """Measure and print."""
    play("engine", 1, 0, 1)  # compiles

    def best(kind: str, years: int, worlds: int) -> float:
        return min(play(kind, years, 0, worlds) for _ in range(REPEATS))

    fast = best("engine", YEARS, ENGINE_WORLDS)
    half_worlds, half_years = best("engine", YEARS, ENGINE_WORLDS // 2), best("engine", YEARS // 2, ENGINE_WORLDS)
    slow, plain = (best(kind, YEARS, DENSE_WORLDS) for kind in ("dense", "plain"))
    scaled = {"engine": fast / ENGINE_WORLDS, "dense": slow / DENSE_WORLDS, "plain": plain / DENSE_WORLDS}
    for kind, seconds in scaled.items():
        print(
            f"{kind}: {seconds * 1000:.1f} s per 1,000 worlds of {YEARS} years, {seconds / YEARS * 1000:.3f} ms a world-year"
        )
    with ProcessPoolExecutor(2) as pool:
        list(pool.map(play, ["engine"] * 2, [1] * 2, [0] * 2, [1] * 2))
        times = []
        for workers in (1, 2):
            began = time.perf_counter()
            share = 12 * ENGINE_WORLDS // workers
            list(
                pool.map(
                    play, ["engine"] * workers, [YEARS] * workers, range(0, share * workers, share), [share] * workers
                )
            )
            times.append(time.perf_counter() - began)
    print(f"ratio engine_over_dense {scaled['dense'] / scaled['engine']:.2f}")
    print(f"ratio worlds_doubled {fast / half_worlds:.2f}")
    print(f"ratio years_doubled {fast / half_years:.2f}")
    print(f"ratio two_workers_over_one {times[0] / times[1]:.2f}")


if __name__ == "__main__":
    main()
