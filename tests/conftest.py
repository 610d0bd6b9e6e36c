"""What all tests share: a quiet linear algebra and a cache of their own."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
sys.path.insert(0, str(Path(__file__).parent))

import pytest

from arguing import answers, changed, kept_estimates  # noqa: F401  fixtures
from exeunt.record.opened import open_record
from exeunt.record.store import Record


@pytest.fixture(scope="session", autouse=True)
def own_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Keep the fits of the tests out of the user's cache."""
    before = os.environ.get("XDG_CACHE_HOME")
    os.environ["XDG_CACHE_HOME"] = str(tmp_path_factory.mktemp("cache"))
    yield
    if before is None:
        del os.environ["XDG_CACHE_HOME"]
    else:
        os.environ["XDG_CACHE_HOME"] = before


@pytest.fixture(scope="session")
def found():  # type: ignore[no-untyped-def]
    """Panels and both fits of the embedded record, made once."""
    from exeunt.progress import Progress
    from exeunt.report.assemble import models

    return models(open_record(), Progress(quiet=True))


@pytest.fixture(scope="session")
def record() -> Record:
    """The embedded record."""
    return open_record()
