"""What all tests share: a quiet linear algebra and a cache of their own."""

from __future__ import annotations

import fcntl
import os
import sys
from collections.abc import Iterator
from pathlib import Path

# As `exeunt` sets them, whatever the shell says, and before numpy starts.
os.environ.update(dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"), "1"))
sys.path.insert(0, str(Path(__file__).parent))

import pytest

from arguing import answers, changed, kept_estimates  # noqa: F401  fixtures
from exeunt.record.opened import open_record
from exeunt.record.store import Record


def of_the_run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder that all workers of a run see: under pytest-xdist each has a base of its own inside it."""
    base = tmp_path_factory.getbasetemp()
    return base.parent if "PYTEST_XDIST_WORKER" in os.environ else base


@pytest.fixture(scope="session", autouse=True)
def own_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Keep the fits of the tests out of the user's cache, in one that the workers of a run share."""
    before = os.environ.get("XDG_CACHE_HOME")
    os.environ["XDG_CACHE_HOME"] = str(of_the_run(tmp_path_factory) / "cache")
    yield
    if before is None:
        del os.environ["XDG_CACHE_HOME"]
    else:
        os.environ["XDG_CACHE_HOME"] = before


@pytest.fixture(scope="session")
def found(tmp_path_factory: pytest.TempPathFactory):  # type: ignore[no-untyped-def]
    """Panels and both fits of the embedded record; the first worker that asks makes them, the others read them."""
    from exeunt.core.progress import Progress
    from exeunt.report.reasons import _models as models

    with (of_the_run(tmp_path_factory) / "models.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        return models(open_record(), Progress(quiet=True))


@pytest.fixture(scope="session")
def record() -> Record:
    """The embedded record."""
    return open_record()
