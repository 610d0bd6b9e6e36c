"""What do many worlds cost: two processes beside one, Dask beside processes, and the whole command?

Writes what it measured into `benchmarks/ensemble.json`, from which `scripts/scale.py` writes `docs/method/scale.md`. Fits come
from the user's cache; worlds are made in one of their own, which is taken away. Last lines: `ratio NAME VALUE`.
"""

from __future__ import annotations

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import contextlib
import json
import platform
import shutil
import subprocess
import sys
import tempfile
import time
from datetime import date
from pathlib import Path

from exeunt.core.files import cache_folder, write_json
from exeunt.core.progress import Progress
from exeunt.record.opened import open_record
from exeunt.simulate.runs import How, _ensure, add_up
from exeunt.simulate.setting import Opened, opened
from exeunt.simulate.store import Tally
from exeunt.simulate.store import _blocks as blocks
from exeunt.simulate.store import _folder_of as folder_of
from exeunt.simulate.worlds import player_of

YEARS, SEED = 25, 1
WORLDS, WHOLE = (int(text) for text in (sys.argv[1:] or ("4000", "10000")))
"""Worlds of a comparison, and those of the whole command; two arguments change them."""
TASKS = 2000
KEPT = {"MALLOC_TRIM_THRESHOLD_": str(2**27)}
"""What `docs/method/scale.md` starts Dask's workers with, so that they keep the memory that each world needs."""
OUT = Path(__file__).with_suffix(".json")
QUIET = Progress(quiet=True)


def memory(group: int) -> int:
    """Resident bytes of all processes of a process group together; pages that they share count for each."""
    total = 0
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with contextlib.suppress(OSError, ValueError):
                if os.getpgid(int(entry.name)) == group:
                    total += int((entry / "statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    return total


def whole_command() -> tuple[float, int]:
    """Seconds and largest memory of `exeunt simulate baseline`, with warm fits and no worlds."""
    began = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-m", "exeunt", "simulate", "baseline", "--worlds", str(WHOLE), "--years", str(YEARS), "--seed",
         str(SEED), "--format", "json"], stdout=subprocess.DEVNULL, start_new_session=True,
    )  # fmt: skip
    peak = 0
    while process.poll() is None:
        peak = max(peak, memory(process.pid))
        time.sleep(0.1)
    if process.returncode:
        raise SystemExit(f"exeunt simulate ended with code {process.returncode}")
    return time.perf_counter() - began, peak


def seconds(found: Opened, how: How, worlds: int, seed: int) -> float:
    """Seconds to make worlds that are not there."""
    began = time.perf_counter()
    _ensure(found.setting(seed, rated=0), worlds, how, QUIET)
    return time.perf_counter() - began


def on_dask(found: Opened, worlds: int) -> tuple[float, float]:
    """Seconds of the same worlds on two local Dask workers, and tasks that do nothing in a second."""
    import distributed

    os.environ.update(KEPT)
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, dashboard_address=None, worker_dashboard_address=None, silence_logs=50
    ) as cluster:  # fmt: skip
        address = cluster.scheduler_address
        seconds(found, How(scheduler=address), 100, 5)
        taken = seconds(found, How(scheduler=address), worlds, 6)
        with distributed.Client(address) as client:
            began = time.perf_counter()
            client.gather(client.map(abs, range(TASKS), pure=False))
            return taken, TASKS / (time.perf_counter() - began)


def main() -> None:
    """Measure, keep and print."""
    found = opened(open_record(), YEARS, QUIET)
    cache = cache_folder()
    with tempfile.TemporaryDirectory() as home:
        if cache is not None:
            shutil.copytree(cache, Path(home) / "exeunt", ignore=shutil.ignore_patterns("worlds"))
        os.environ["XDG_CACHE_HOME"] = home
        player_of(found.setting(2, rated=0)).events(0)  # compiles
        one, two = seconds(found, How(workers=1), WORLDS, 3), seconds(found, How(workers=2), WORLDS, 4)
        setting = found.setting(3, rated=0)
        began = time.perf_counter()
        add_up(Tally(found.start), setting, WORLDS, How(workers=1), QUIET)
        adding = (time.perf_counter() - began) / len(blocks(WORLDS))
        size = sum(p.stat().st_size for p in folder_of(setting).path.glob("part-*")) / WORLDS
        taken, peak = whole_command()
        dask, tasks = on_dask(found, WORLDS)
    measured = {
        "day": date.today().isoformat(), "machine": f"{os.cpu_count()} cores, {platform.machine()}", "years": YEARS,
        "worlds": WORLDS, "seconds_one_process": one, "seconds_two_processes": two, "seconds_two_dask_workers": dask,
        "dask_tasks_per_second": tasks, "seconds_to_add_up_a_part": adding, "bytes_per_world": size,
        "whole_worlds": WHOLE, "whole_seconds": taken, "whole_bytes_of_memory": peak,
    }  # fmt: skip
    write_json(OUT, measured)
    print(json.dumps(measured, indent=1))
    print(f"ratio two_processes_over_one {one / two:.2f}")
    print(f"ratio dask_over_processes {dask / two:.2f}")
    print(f"ratio whole_seconds_per_10000_worlds_over_40 {taken / WHOLE * 10_000 / 40:.2f}")
    print(f"ratio whole_memory_over_1.5_GB {peak / 1.5e9:.2f}")


if __name__ == "__main__":
    main()
