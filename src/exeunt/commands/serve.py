"""The command that shows the record in a browser."""

from __future__ import annotations

import argparse


def serve(options: argparse.Namespace) -> int:
    """Serve the explorer until it is interrupted."""
    from exeunt.progress import Progress
    from exeunt.web.server import run

    run(options.host, options.port, options.lang, Progress(options.quiet))
    return 0
