"""The event engine against the dense reference: seconds a world and year, one core each, in the same run.

Both play the same law (exits and joins with crossed effects and bundles, effects at their modes) from the record's latest
memberships. Seconds for 1,000 worlds of 70 years are scaled from fewer. Prints the rows it timed and ends with lines
`ratio NAME VALUE`.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable

for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "NUMBA_NUM_THREADS"):
    os.environ.setdefault(name, "1")

import numpy as np

from exeunt.progress import Progress
from exeunt.record.opened import open_record
from exeunt.report.assemble import models
from exeunt.simulate import engine, transition
from exeunt.simulate.transition import EFFECTS, generator, law
from exeunt.simulate.world import start

REFERENCE_WORLDS, ENGINE_WORLDS, YEARS = 3, 60, (10, 20, 40)


def timed(run: Callable[[int], object], worlds: int) -> float:
    """Seconds a world, the first one not counted."""
    run(0)
    began = time.process_time()
    for world in range(1, worlds + 1):
        run(world)
    return (time.process_time() - began) / worlds


def main() -> None:
    """Time both at several lengths."""
    found = models(open_record(), Progress(quiet=True))
    print(f"{'years':>6}  {'reference s/world':>18}  {'engine s/world':>15}  {'ratio':>6}")
    per_year: dict[str, list[float]] = {"reference": [], "engine": []}
    for years in YEARS:
        s = start(found.cov, years)
        rng = generator(1, 0, 0, EFFECTS)
        laws = [law(f, s, f.phi, f.sd, rng) for f in (found.exit_fit, found.join_fit)]
        flat = np.zeros(years)
        dense = timed(lambda w: transition.run_world(s, *laws, flat, flat, 1, w), REFERENCE_WORLDS)  # noqa: B023
        laid, plan = engine.lay_out(s), engine.no_plan(s)
        quick = timed(lambda w: engine.events(laid, *laws, flat, flat, 1, w, plan), ENGINE_WORLDS)  # noqa: B023
        per_year["reference"].append(dense / years)
        per_year["engine"].append(quick / years)
        print(f"{years:>6}  {dense:>18.4f}  {quick:>15.5f}  {dense / quick:>6.1f}")
    for who, values in per_year.items():
        print(f"{who}: {values[-1] * 70_000:.0f} s for 1,000 worlds of 70 years, scaled from {YEARS[-1]} years")
        print(f"ratio linear_in_years_{who} {values[-1] / values[0]:.2f}")
    print(f"ratio engine_against_reference {per_year['reference'][-1] / per_year['engine'][-1]:.1f}")


if __name__ == "__main__":
    sys.exit(main())
