"""Is a batched array version of the engine on a GPU worth having? By the rule, if it wins by five times over sixteen cores.

    python benchmarks/gpu.py save FOLDER     draw worlds from the fits and keep their laws; needs the package
    python benchmarks/gpu.py check FOLDER    the batched kernel beside the engine, event by event; needs a C++ compiler, no GPU
    python benchmarks/gpu.py run FOLDER OUT  measure on a GPU; needs CuPy, and of the package only the compiled kernel

What `run` wrote is kept in `tests/reference/gpu.json`; `python scripts/gpu.py` writes it into `docs/method/simulation.md`.

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
import resource
import subprocess
import sys
import tempfile
import time
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
from gpu_laws import SEED, Laws, beside, cost, save

SOURCE = Path(__file__).with_suffix(".cu")
HORIZONS = {25: 240, 70: 70}
"""Years of a world, and how many worlds' laws are drawn; more worlds than these share laws, not random numbers."""
ON_GPU, ON_CPU, REPEATS, BATCHES, FIRST = {25: 16384, 70: 6400}, {25: 8000, 70: 3200}, 3, 2, 1_008_000
"""FIRST is a multiple of both numbers of laws, so that both sides give a world the same law."""
Sums = tuple[np.ndarray[Any, Any], ...]
WORLDS_OF_COST = 300


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
        raise SystemExit(
            "gpu.py and gpu.cu do not agree on how the opening or the totals are laid out; bring them in line."
        )
    floats, ints = laws.rows()
    room = np.zeros(int(size[2]), np.uint8)
    counts = np.zeros((worlds, laws.years, 3 * laws.n + 2), np.uint16)
    pointers = [x.ctypes.data_as(ctypes.c_void_p) for x in (opening, floats, ints, room, totals, counts)]
    kernel.single(
        *pointers, worlds, laws.worlds, ctypes.c_ulonglong(SEED), ctypes.c_ulonglong(0),
        *(ctypes.c_double(v) for v in laws.of["variances"]),
    )  # fmt: skip
    for name in ("exit", "join"):
        computed, happened = (totals[f"{name}{what}"].sum() / worlds for what in ("_candidates", "s_of_body"))
        print(f"a world: {computed:.0f} pairs computed for {happened:.0f} {name}s")
    return counts


def sums_of(copies: int, laws: Laws) -> list[Sums]:
    """Totals over worlds that processes share: by body, ends by year and body, first exits by pair."""
    shapes = (2, laws.m + laws.births), (laws.years, laws.m), (3, laws.m, laws.n)
    context = multiprocessing.get_context("fork")
    return [
        tuple(np.frombuffer(context.RawArray("i", int(np.prod(shape))), np.int32).reshape(shape) for shape in shapes)
        for _ in range(copies)
    ]


def tallied(laws: Laws) -> Any:
    """A function that plays a world on the engine, counts it and adds to totals; compiled at its first call."""
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

    opening = laws.inside
    total = opening.sum(axis=0).astype(np.int64)

    def one(world: int, sums: Sums) -> np.ndarray[Any, Any]:
        return np.asarray(count(play(*laws.arguments(world)), opening, total, *sums))

    return one


def check(folder: Path) -> None:
    """Compare the batched kernel with the engine: the same worlds where both draw alike, else no further apart than chance."""
    from exeunt.simulate import rows

    if hasattr(rows, "SINGLY"):
        rows.SINGLY = 1e30  # the engine draws every pair by itself, at the address that the batched kernel uses
    for years, (worlds, limit) in {25: (20, 5.0), 70: (6, 8.0)}.items():
        laws, sums = Laws(folder, years), sums_of(1, Laws(folder, years))[0]
        ours, one = with_compiler(laws, worlds), tallied(laws)
        engine = np.array([one(world, sums) for world in range(worlds)])
        np.savez_compressed(folder / f"expected{years}.npz", counts=ours)
        same = sum(bool((ours[w] == engine[w]).all()) for w in range(worlds))
        apart = beside(ours, engine, laws.n)
        print(f"{years} years: {same} of {worlds} worlds equal in every count")
        for name in ("exits", "joins"):
            print(f"  {name} a world: {apart[name]['gpu']:.1f} beside {apart[name]['engine']:.1f}")
            if abs(apart[name]["in_errors"]) > limit:
                raise SystemExit(
                    f"{name} differ by {apart[name]['in_errors']:.1f} standard errors; one of the kernels is wrong."
                )


_STATE: dict[str, Any] = {}
"""What processes of the pool share with the one that made them."""


def _begin() -> None:
    """Give a process of the pool totals of its own."""
    with _STATE["taken"].get_lock():
        _STATE["sums"] = _STATE["all_sums"][_STATE["taken"].value]
        _STATE["taken"].value += 1


def _some(worlds: range) -> None:
    """Play and count some worlds in a process of the pool."""
    for world in worlds:
        _STATE["out"][world] = _STATE["one"](FIRST + world, _STATE["sums"])


def on_cores(laws: Laws, worlds: int) -> tuple[dict[str, Any], np.ndarray[Any, Any], list[np.ndarray[Any, Any]]]:
    """Time the engine: one process, then as many as there are cores; figures, counts and totals of one repeat."""
    cores, one, context = len(os.sched_getaffinity(0)), tallied(laws), multiprocessing.get_context("fork")
    own = sums_of(1, laws)[0]
    one(0, own)  # compiles
    began = time.perf_counter()
    alone = max(worlds // 64, 2)
    for world in range(alone):
        one(FIRST + world, own)
    single = (time.perf_counter() - began) / alone
    shape = (worlds, laws.years, 3 * laws.n + 2)
    out = np.frombuffer(context.RawArray("H", int(np.prod(shape))), np.uint16).reshape(shape)
    _STATE.update(one=one, out=out, all_sums=sums_of(cores, laws), taken=context.Value("i", 0))
    chunks = [range(k, min(k + 8, worlds)) for k in range(0, worlds, 8)]
    times = []
    with context.Pool(cores, _begin) as pool:
        pool.map(_some, [range(k, k + 1) for k in range(2 * cores)], chunksize=1)
        for _ in range(REPEATS):
            for sums in _STATE["all_sums"]:
                for total in sums:
                    total[:] = 0
            began = time.perf_counter()
            for _done in pool.imap_unordered(_some, chunks):
                pass
            totals = [sum(parts) for parts in zip(*_STATE["all_sums"], strict=True)]
            times.append(time.perf_counter() - began)
        pool.close()
        pool.join()
    figures = {
        "cores": cores, "worlds": worlds, "seconds": sorted(times),
        "world_years_a_second": worlds * laws.years / float(np.median(times)),
        "world_years_a_second_one_process": laws.years / single,
        "bytes_of_the_largest_process": 1024 * resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss,
    }  # fmt: skip
    return figures, out, totals


def on_gpu(laws: Laws, worlds: int) -> tuple[dict[str, Any], tuple[np.ndarray[Any, Any], ...]]:
    """Time the batched kernel with transfers; figures; counts of the first batch, its totals, counts of worlds from 0 on."""
    try:
        import cupy

        device = cupy.cuda.Device()
        device.synchronize()
    except Exception as error:
        raise SystemExit(
            f"no GPU can be used ({type(error).__name__}: {error}); run this where CuPy and an NVIDIA GPU are, or use check."
        ) from None
    floats, ints = laws.rows()
    again = -(-worlds // laws.worlds)

    def pinned(like: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
        out = np.frombuffer(cupy.cuda.alloc_pinned_memory(like.nbytes), like.dtype, like.size).reshape(like.shape)
        out[:] = like
        return out

    floats, ints = (pinned(np.tile(x, (again, 1))[:worlds]) for x in (floats, ints))
    counts = pinned(np.zeros((worlds, laws.years, 3 * laws.n + 2), np.uint16))
    layout = laws.types()[1]
    on = {"floats": cupy.empty(floats.shape, np.float32), "ints": cupy.empty(ints.shape, np.int32),
          "counts": cupy.empty(counts.shape, np.uint16)}  # fmt: skip
    opening = cupy.asarray(laws.opened().view(np.uint8))
    totals = cupy.zeros(layout.itemsize, np.uint8)
    chips = device.attributes["MultiProcessorCount"]

    def compiled(threads: int, blocks: int) -> tuple[Any, Any, int]:
        options = (*definitions(laws), f"-DTHREADS={threads}", f"-DBLOCKS={blocks}", "-std=c++17")
        module = cupy.RawModule(code=SOURCE.read_text(), options=options)
        size = cupy.zeros(3, np.uint64)
        module.get_function("sizes")((1,), (1,), (size,))
        found = [int(x) for x in size.get()]
        if found[:2] != [opening.nbytes, layout.itemsize]:
            raise SystemExit("gpu_laws.py and gpu.cu do not agree on a layout; bring them in line.")
        return module.get_function("play"), cupy.empty(found[2] * chips * blocks, np.uint8), found[2]

    def launch(how: tuple[Any, Any, int], threads: int, blocks: int, first: int) -> None:
        how[0]((chips * blocks,), (threads,), (
            opening, on["floats"], on["ints"], how[1], totals, on["counts"], np.int32(worlds), np.int32(worlds),
            np.uint64(SEED), np.uint64(first), *(np.float64(v) for v in laws.of["variances"]),
        ))  # fmt: skip

    on["floats"].set(floats)
    on["ints"].set(ints)
    tried: dict[str, float] = {}
    best: tuple[float, int, int] = (np.inf, 0, 0)
    for threads, blocks in LAUNCHES:
        how = compiled(threads, blocks)
        for _ in range(2):
            began = time.perf_counter()
            launch(how, threads, blocks, 0)
            device.synchronize()
            taken = time.perf_counter() - began
        tried[f"{threads} threads x {blocks} blocks"] = taken
        best = min(best, (taken, threads, blocks))
        del how
        cupy.get_default_memory_pool().free_all_blocks()
    on["counts"].get(out=counts)
    of_tried = counts[:100].copy()
    _, threads, blocks = best
    how = compiled(threads, blocks)
    times, kernels = [], []
    for repeat in range(REPEATS + 1):
        began = time.perf_counter()
        inside = 0.0
        for batch in range(BATCHES):
            on["floats"].set(floats)
            on["ints"].set(ints)
            totals[:] = 0
            device.synchronize()
            at = time.perf_counter()
            launch(how, threads, blocks, FIRST + batch * worlds)
            device.synchronize()
            inside += time.perf_counter() - at
            on["counts"].get(out=counts)
            summed = totals.get().view(layout)
            if repeat == 0 and batch == 0:
                kept = counts.copy(), summed.copy(), of_tried
        if repeat:
            times.append(time.perf_counter() - began)
            kernels.append(inside)
    moved = floats.nbytes + ints.nbytes + counts.nbytes + layout.itemsize
    figures = {
        "gpu": cupy.cuda.runtime.getDeviceProperties(0)["name"].decode(), "worlds": BATCHES * worlds, "seconds": sorted(times),
        "world_years_a_second": BATCHES * worlds * laws.years / float(np.median(times)),
        "world_years_a_second_without_transfer": BATCHES * worlds * laws.years / float(np.median(kernels)),
        "bytes_moved_a_world": moved / worlds, "bytes_of_memory": cupy.get_default_memory_pool().total_bytes(),
        "launch": [threads, blocks], "seconds_of_launches": tried,
    }  # fmt: skip
    return figures, kept


LAUNCHES = ((128, 8), (256, 3), (256, 4), (512, 1), (512, 2), (1024, 1))
"""Threads of a block, and blocks of a multiprocessor, that are tried."""


def run(folder: Path, out: Path) -> None:
    """Measure both and write the figures."""
    kept = {years: Laws(folder, years) for years in HORIZONS}
    # The GPU is not touched before the last process has been made.
    engine = {years: on_cores(laws, ON_CPU[years]) for years, laws in kept.items()}
    made: dict[str, Any] = {
        "day": date.today().isoformat(), "commit": kept[25].commit,
        "cost_of_a_world_in_ms": json.loads((folder / "cost.json").read_text()),
        "processor": next((line.split(":")[1].strip() for line in Path("/proc/cpuinfo").read_text().splitlines()
                           if line.startswith("model name")), ""),
    }  # fmt: skip
    for years, laws in kept.items():
        cores, theirs, their_totals = engine[years]
        print(years, json.dumps(cores), flush=True)
        gpu, (ours, totals, from_zero) = on_gpu(laws, ON_GPU[years])
        expected = folder / f"expected{years}.npz"
        one = {
            "states": laws.n,
            "bodies": laws.m,
            "engine": cores,
            "gpu": gpu,
            "agreement": beside(ours, theirs, laws.n),
        }
        one["first_exits_within_five_years"] = {
            "gpu": float(totals["first"][0, 2].sum() / ON_GPU[years]),
            "engine": float(their_totals[2][2].sum() / ON_CPU[years]),
        }  # fmt: skip
        one["ratio"] = gpu["world_years_a_second"] / cores["world_years_a_second"]
        for name in ("exit", "join"):
            one[f"{name}_pairs_computed_a_world"] = float(totals[f"{name}_candidates"][0]) / ON_GPU[years]
        if expected.exists():
            with np.load(expected) as file:
                same = [bool((file["counts"][w] == from_zero[w]).all()) for w in range(len(file["counts"]))]
            one["worlds_equal_to_those_of_a_processor"] = [sum(same), len(same)]
        made[str(years)] = one
        print(years, json.dumps(one, indent=1), flush=True)
    out.write_text(json.dumps(made, indent=1) + "\n")
    for years in HORIZONS:
        print(
            f"ratio gpu_over_{made[str(years)]['engine']['cores']}_cores_{years}_years {made[str(years)]['ratio']:.2f}"
        )


def keep(folder: Path) -> None:
    """Draw and save."""
    folder.mkdir(parents=True, exist_ok=True)
    for years, worlds in HORIZONS.items():
        save(folder, years, worlds)
    (folder / "cost.json").write_text(json.dumps({years: cost(years, WORLDS_OF_COST) for years in HORIZONS}))


def main() -> None:
    """Do what is asked."""
    asked = sys.argv[1:]
    if len(asked) == 2 and asked[0] in {"save", "check"}:
        (keep if asked[0] == "save" else check)(Path(asked[1]))
    elif len(asked) == 3 and asked[0] == "run":
        run(Path(asked[1]), Path(asked[2]))
    else:
        raise SystemExit(__doc__)


if __name__ == "__main__":
    main()
