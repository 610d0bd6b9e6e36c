"""Is a batched array version of the engine on a GPU worth having? By the rule, if it wins by five times over sixteen cores.

    python benchmarks/gpu.py save FOLDER     draw worlds from the fits and keep their laws; needs the package
    python benchmarks/gpu.py check FOLDER    the batched kernel beside the engine, event by event; needs a C++ compiler, no GPU
    python benchmarks/gpu.py run FOLDER OUT  measure on a GPU; needs CuPy, and of the package only the compiled kernel
    python benchmarks/gpu.py page            write what was measured into docs/method/simulation.md (`--check`: only look)

`gpu.cu` is the batched version: the whole law without scenarios. Both sides get laws that are drawn already, count exits, joins
and memberships by world, year and state, exits and joins by body, ends of bodies and first exits by pair, and play the same
numbers of worlds; on the GPU, transfers both ways are counted.
"""

from __future__ import annotations

import os

for _name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS"):
    os.environ.setdefault(_name, "1")

import ctypes
import json
import multiprocessing
import subprocess
import sys
import tempfile
import time
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
from gpu_laws import SEED, Laws, save

SOURCE = Path(__file__).with_suffix(".cu")
HORIZONS, KEPT = {25: 400, 70: 100}, "tests/reference/gpu.json"
"""Years of a world, and how many worlds' laws are drawn; more worlds than these share laws, not random numbers."""
ON_GPU, ON_CPU, REPEATS, BATCHES = {25: 8192, 70: 4096}, {25: 4096, 70: 1600}, 3, 4
PLACES = ("exits", "joins", "members")


def definitions(laws: Laws) -> list[str]:
    """Options that give the kernel its sizes."""
    return [f"-D{name}={value}" for name, value in laws.sizes().items()]


def with_compiler(laws: Laws, worlds: int) -> np.ndarray[Any, Any]:
    """Counts of worlds by the batched kernel, compiled for this processor, (worlds, years, 3 states + 2)."""
    with tempfile.TemporaryDirectory() as folder:
        library = Path(folder) / "kernel.so"
        subprocess.run(
            ["c++", "-O2", "-x", "c++", "-DON_CPU", "-shared", "-fPIC", *definitions(laws), str(SOURCE), "-o", str(library)],
            check=True,
        )  # fmt: skip
        kernel = ctypes.CDLL(str(library))
    size = np.zeros(3, np.uint64)
    kernel.sizes(size.ctypes.data_as(ctypes.c_void_p))
    opening, totals = laws.opened(), np.zeros(1, laws.types()[1])
    if (opening.nbytes, totals.nbytes) != tuple(size[:2]):
        raise SystemExit("gpu.py and gpu.cu do not agree on how the opening or the totals are laid out; bring them in line.")
    floats, ints = laws.rows()
    room = np.zeros(int(size[2]), np.uint8)
    counts = np.zeros((worlds, laws.years, 3 * laws.n + 2), np.uint16)
    pointers = [x.ctypes.data_as(ctypes.c_void_p) for x in (opening, floats, ints, room, totals, counts)]
    kernel.single(
        *pointers, worlds, laws.worlds, ctypes.c_ulonglong(SEED), ctypes.c_ulonglong(0),
        *(ctypes.c_double(v) for v in laws.of["variances"]),
    )  # fmt: skip
    print(f"a world: {totals['exit_candidates'][0] / worlds:.0f} pairs computed for exits of {totals['exits_of_body'].sum() / worlds:.0f}, "
          f"{totals['join_candidates'][0] / worlds:.0f} for joins of {totals['joins_of_body'].sum() / worlds:.0f}")  # fmt: skip
    return counts


def tallied(laws: Laws) -> Any:
    """A function that plays a world on the engine and counts it; compiled at its first call."""
    from numba import njit

    from exeunt.simulate.kernel import play

    years, n, m, start = laws.years, laws.n, laws.m + laws.births, laws.m

    @njit
    def count(found: Any, opening: Any, total: Any, bodies: Any, deaths: Any, first: Any) -> Any:
        out = np.zeros((years, 3 * n + 2), np.uint16)
        inside, left = np.zeros((m, n), np.uint8), np.zeros((m, n), np.uint8)
        inside[:start] = opening
        holds = total.copy()
        row = 0
        for step in range(years):
            while row < len(found) and found[row, 0] == step:
                kind, i, j = found[row, 1], found[row, 2], found[row, 3]
                row += 1
                if kind == 0:
                    out[step, i] += 1
                    holds[i] -= 1
                    bodies[0, j] += 1
                    inside[j, i] = 0
                    if j < start and step < 5 and not left[j, i]:
                        for k in range(3):
                            first[k, j, i] += step < 1 + 2 * k
                    left[j, i] = 1
                elif kind == 1 or kind == 4:
                    out[step, n + i] += kind == 1
                    bodies[1, j] += kind == 1
                    holds[i] += 1
                    inside[j, i] = 1
                elif kind == 2:
                    out[step, 3 * n] += 1
                    if j < start:
                        deaths[step, j] += 1
                    for k in range(n):
                        holds[k] -= inside[j, k]
                        inside[j, k] = 0
                else:
                    out[step, 3 * n + 1] += 1
            out[step, 2 * n : 3 * n] = holds
        return out

    opening = laws.opening["inside"]
    total = opening.sum(axis=0).astype(np.int64)
    sums = (np.zeros((2, m), np.int64), np.zeros((years, start), np.int64), np.zeros((3, start, n), np.int64))
    ready = [laws.arguments(number, 0) for number in range(laws.worlds)]
    at = [k for k, value in enumerate(laws.arguments(0, -1)) if isinstance(value, int) and value == -1]
    if len(at) != 1:
        raise SystemExit("the place of the world's number among the arguments of kernel.play is not clear; look at gpu_laws.py.")

    def one(world: int) -> np.ndarray[Any, Any]:
        given = ready[world % laws.worlds]
        return np.asarray(count(play(*given[: at[0]], world, *given[at[0] + 1 :]), opening, total, *sums))

    one.sums = sums  # type: ignore[attr-defined]
    return one


def check(folder: Path) -> None:
    """Compare the batched kernel with the engine drawing every pair by itself: the same events but for single precision."""
    from exeunt.simulate import rows

    rows.SINGLY = 1e30
    for years in HORIZONS:
        laws, worlds = Laws(folder / f"laws{years}.npz"), 20 if years == 25 else 6
        ours = with_compiler(laws, worlds)
        one = tallied(laws)
        engine = np.array([one(world) for world in range(worlds)])
        np.savez_compressed(folder / f"expected{years}.npz", counts=ours)
        n = laws.n
        same = [int((ours[w] == engine[w]).all()) for w in range(worlds)]
        first = ours[:, :5, : 2 * n] != engine[:, :5, : 2 * n]
        print(f"{years} years: {sum(same)} of {worlds} worlds equal in every count; cells that differ in the first five years: "
              f"{first.sum()} of {first.size}")  # fmt: skip
        for number, name in enumerate(PLACES[:2]):
            pick = slice(number * n, number * n + n)
            print(f"  {name}: {ours[:, :, pick].sum()} beside {engine[:, :, pick].sum()}")


if __name__ == "__main__":
    pass
