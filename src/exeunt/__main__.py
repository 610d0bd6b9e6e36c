"""Entry point: `exeunt` and `python -m exeunt`."""

from __future__ import annotations

import os
import signal
import sys
import time
from typing import Any

INTERRUPTED = 130
ECHO_SECONDS = 0.5
"""Libraries may pass one interrupt on twice; a second one so soon is the first again."""


def run() -> None:
    """Run the command line and leave with its exit code."""
    # One thread for linear algebra, whatever the shell says: results do not depend on the number of cores or on the
    # machine's settings, and small matrices are faster so.
    for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ[name] = "1"
    last: list[float] = []

    def interrupt(number: int, frame: Any) -> None:
        now = time.monotonic()
        if last and now - last[-1] < ECHO_SECONDS:
            return
        last.append(now)
        raise KeyboardInterrupt

    signal.signal(signal.SIGINT, interrupt)
    try:
        from exeunt.cli import main

        code = main(sys.argv[1:])
    except BaseException as error:
        # An interrupt while a compiled module loads comes out as an ImportError.
        if "--debug" in sys.argv or not (
            isinstance(error, KeyboardInterrupt) or (last and isinstance(error, Exception))
        ):
            raise
        print("\nexeunt: interrupted; nothing half-written was left.", file=sys.stderr)
        code = INTERRUPTED
    if last:
        # An interrupt that leaves a string run by `exec` marks the interpreter to die by the signal, caught or not;
        # running another string takes the mark away.
        exec("")
    sys.exit(code)


if __name__ == "__main__":
    run()
