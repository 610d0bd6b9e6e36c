"""How long does the main job take, cold and warm, and how much memory?

Cold: an empty cache of fits, worlds and compiled kernels. Warm: the same again. Peer: the limits of docs/method/decisions.md.
Prints `ratio NAME VALUE`, limit over measured: 1 or more keeps the limit.
"""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

LIMITS = {
    "cold_seconds": 300.0,
    "warm_seconds": 60.0,
    "peak_megabytes": 2048.0,
    "help_seconds": 0.3,
    "status_seconds": 1.0,
}


def timed(arguments: list[str], environment: dict[str, str], folder: str) -> float:
    """Wall seconds of one run of the command line."""
    began = time.perf_counter()
    subprocess.run(
        [sys.executable, "-m", "exeunt", *arguments], check=True, cwd=folder, env=environment, stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )  # fmt: skip
    return time.perf_counter() - began


def main() -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory() as folder:
        environment = {**os.environ, "XDG_CACHE_HOME": str(Path(folder) / "cache"),
                       "NUMBA_CACHE_DIR": str(Path(folder) / "numba")}  # fmt: skip
        report = ["report", "usa-2026-01"]
        found = {"cold_seconds": timed(report, environment, folder), "warm_seconds": timed(report, environment, folder)}
        found["peak_megabytes"] = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
        for name, arguments in (("help", ["--help"]), ("status", ["status", "USA", "unfccc"])):
            found[f"{name}_seconds"] = min(timed(arguments, environment, folder) for _ in range(5))
    for name, value in found.items():
        print(f"{name} {value:.2f} (limit {LIMITS[name]:g})")
    for name, value in found.items():
        print(f"ratio {name} {LIMITS[name] / value:.2f}")


if __name__ == "__main__":
    main()
