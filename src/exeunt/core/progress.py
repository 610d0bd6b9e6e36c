"""Progress of work over two seconds, on standard error; quiet where nobody looks or where asked."""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final, TextIO

LISTENER: Final = "EXEUNT_LISTENER"
"""Variable of the environment: set where a program reads standard error, which then gets shares of the work as JSON too."""


class Progress:
    """Prints each step as it begins and how long it took; `quiet` prints nothing.

    On a terminal a step's line is completed in place; elsewhere one line is written when it ends.
    """

    def __init__(self, quiet: bool = False, stream: TextIO | None = None) -> None:
        self.quiet = quiet
        self.stream = stream or sys.stderr
        self.started = time.monotonic()

    @contextmanager
    def step(self, what: str, expected_seconds: float | None = None) -> Iterator[None]:
        """Time one step."""
        began = time.monotonic()
        live = not self.quiet and self.stream.isatty()
        hint = f" (about {expected_seconds:.0f} s)" if expected_seconds and expected_seconds >= 2 else ""
        if live:
            self.stream.write(f"  {what}{hint} …")
            self.stream.flush()
        elif not self.quiet and hint:
            self.say(f"{what}{hint} …")
        try:
            yield
        except BaseException:
            if live:
                self.stream.write("\n")
            raise
        seconds = time.monotonic() - began
        if live:
            self.stream.write(f"\r\x1b[K  {what}: {seconds:.1f} s\n")
            self.stream.flush()
        elif not self.quiet:
            self.say(f"{what}: {seconds:.1f} s")

    def say(self, line: str) -> None:
        """Write one line."""
        if not self.quiet:
            self.stream.write(f"  {line}\n")
            self.stream.flush()

    def share(self, made: int, whole: int) -> None:
        """Tell a program that listens how far the work is, as a line `[made, whole]`; readers have `say`."""
        if LISTENER in os.environ:
            self.stream.write(json.dumps([made, whole]) + "\n")
            self.stream.flush()
