"""Entry point: `exeunt` and `python -m exeunt`."""

from __future__ import annotations

import os
import sys


def run() -> None:
    """Run the command line and leave with its exit code."""
    # One thread for linear algebra: results do not depend on the number of cores, and small matrices are faster so.
    for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ.setdefault(name, "1")
    from exeunt.cli import main

    sys.exit(main(sys.argv[1:]))


if __name__ == "__main__":
    run()
