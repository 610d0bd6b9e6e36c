"""The batched kernel of benchmarks/gpu.cu, compiled for a processor, plays the law of the engine."""

from __future__ import annotations

import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from exeunt.report.assemble import Models
from exeunt.simulate.transition import EFFECTS, generator, law
from exeunt.simulate.world import start
from test_engine import YEARS, Z, lively

BENCHMARKS = Path(__file__).resolve().parent.parent / "benchmarks"
WORLDS = 60


@pytest.fixture(scope="module")
def gpu() -> ModuleType:
    sys.path.insert(0, str(BENCHMARKS))
    try:
        import gpu_laws

        import gpu
    finally:
        sys.path.remove(str(BENCHMARKS))
    gpu.put = gpu_laws.put
    return gpu


@pytest.mark.skipif(shutil.which("c++") is None, reason="needs a C++ compiler")
def test_the_batched_kernel_and_the_engine_agree_in_the_full_law(
    found: Models, gpu: ModuleType, tmp_path: Path
) -> None:
    s, made = start(found.cov, YEARS), []
    for world in range(WORLDS):
        rng = generator(1, world, 0, EFFECTS)
        exits, joins = (law(f, s, f.phi, f.sd, rng) for f in (found.exit_fit, found.join_fit))
        exits = replace(exits, state=exits.state + np.log(15.0))  # many leave, so many return
        # Returns and answers of capability count for more than in the law, so that few worlds tell whether they are there.
        around = replace(lively(s, world), capability_response=-1.0, return_log_ratio=np.log([80.0, 20.0, 2.0, 0.5]))
        around = replace(around, birth_join=around.birth_join - 3.0)
        made.append(((exits, joins, rng.standard_normal(YEARS), rng.standard_normal(YEARS)), around))
    gpu.put(tmp_path, s, made)
    laws = gpu.Laws(tmp_path, YEARS)
    one, sums = gpu.tallied(laws), gpu.sums_of(1, laws)[0]
    ours, engine = gpu.with_compiler(laws, WORLDS), np.array([one(world, sums) for world in range(WORLDS)])
    apart = gpu.beside(ours, engine, laws.n)
    for name in ("exits", "joins", "ended"):
        assert apart[name]["engine"] > 10
        assert abs(apart[name]["in_errors"]) < Z
    assert apart["founded"]["gpu"] == apart["founded"]["engine"] == 12
    members = slice(2 * laws.n, 3 * laws.n)
    assert ours[:, :, members].max() <= laws.m + laws.births
    assert (
        sums[0][0].sum() == engine[:, :, : laws.n].sum() and sums[0][1].sum() == engine[:, :, laws.n : 2 * laws.n].sum()
    )
    gap = ours[:, :, members].sum(axis=(1, 2), dtype=float) - engine[:, :, members].sum(axis=(1, 2), dtype=float)
    assert abs(gap.mean()) < Z * gap.std(ddof=1) / np.sqrt(WORLDS) + 1e-9


def test_without_a_gpu_it_says_so(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", "import gpu, sys; gpu.on_gpu(None, 1)"], cwd=BENCHMARKS, capture_output=True, text=True,
        check=False,
    )  # fmt: skip
    assert done.returncode == 1
    assert done.stderr.startswith("no GPU can be used") and done.stderr.count("\n") == 1
