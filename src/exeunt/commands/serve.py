"""The command that shows the record in a browser."""

from __future__ import annotations

import argparse

_OF_THE_EXTRA = ("starlette", "uvicorn", "httptools", "anyio", "h11", "click", "idna")


def serve(options: argparse.Namespace) -> int:
    """Serve the explorer until it is interrupted.

    Raises
    ------
    ExeuntError, if Starlette or uvicorn is not installed, or the port cannot be had.
    """
    from exeunt.errors import ExeuntError
    from exeunt.progress import Progress

    try:
        from exeunt.web.app import run
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] not in _OF_THE_EXTRA:
            raise
        raise ExeuntError(
            f"the explorer needs {error.name}, which is not installed here; install it with `pip install "
            '"exeunt[web]"`.'
        ) from None
    run(options.host, options.port, options.lang, Progress(options.quiet), options.public)
    return 0
