"""PDF and PNG through a Chromium that is on the PATH; everything else in this package does without one."""

from __future__ import annotations

import re
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Final

from exeunt.errors import OutputError
from exeunt.manifest import write_bytes

NAMES: Final = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FONTS: Final = "Noto Sans TC or Noto Sans CJK TC"
"""Fonts that the pages name for Chinese; Debian and Ubuntu: fonts-noto-cjk."""
TIMEOUT_SECONDS: Final = 180
SCALE: Final = 3
"""Device pixels to one unit of a figure: 720 units wide is 2,160 pixels, 7 inches at 300 dots."""


def chromium() -> str | None:
    """Path of a Chromium, or None."""
    return next((found for name in NAMES if (found := shutil.which(name))), None)


def require() -> str:
    """Path of a Chromium; raises OutputError, in one sentence, where there is none."""
    found = chromium()
    if found is None:
        raise OutputError(
            f"a PDF or PNG needs Chromium, and none of {', '.join(NAMES)} is on the PATH; install it (Debian, Ubuntu: apt-get "
            "install chromium fonts-noto-cjk), or print the HTML or SVG file from a browser."
        )
    return found


def print_pdf(page: Path, out: Path) -> int:
    """Print a page of this package, network off; returns the bytes written.

    Raises
    ------
    OutputError, where there is no Chromium, it fails, or the place is not writable.
    """
    return _made(page, out, "--no-pdf-header-footer", "--print-to-pdf={}")


def draw_png(svg: str, out: Path) -> int:
    """Draw a stand-alone SVG at print size; returns the bytes written.

    Raises
    ------
    OutputError, as for `print_pdf`.
    """
    box = re.search(r'viewBox="[-\d.]+ [-\d.]+ ([\d.]+) ([\d.]+)"', svg)
    width, height = (round(float(side)) for side in box.groups()) if box else (800, 600)
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        page = Path(folder) / "figure.html"
        page.write_text(
            f'<!DOCTYPE html><meta charset="utf-8"><style>body{{margin:0}}svg{{display:block}}</style>{svg}',
            encoding="utf-8",
        )
        flags = (f"--window-size={width},{height}", f"--force-device-scale-factor={SCALE}", "--hide-scrollbars")
        return _made(page, out, *flags, "--screenshot={}")


def _made(page: Path, out: Path, *flags: str) -> int:
    program = require()
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        made = Path(folder) / f"made{out.suffix}"
        command = [
            program, "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking",
            "--disable-component-update", "--disable-sync", f"--user-data-dir={folder}/profile",
            "--host-resolver-rules=MAP * ~NOTFOUND", "--proxy-server=127.0.0.1:9", "--run-all-compositor-stages-before-draw",
            *(flag.format(made) for flag in flags), page.resolve().as_uri(),
        ]  # fmt: skip
        try:
            done = subprocess.run(command, capture_output=True, text=True, timeout=TIMEOUT_SECONDS, check=False)
        except subprocess.TimeoutExpired:
            raise OutputError(
                f"Chromium took over {TIMEOUT_SECONDS} s on {page.name} and was stopped; try again."
            ) from None
        if not made.is_file():
            last = (done.stderr.strip().splitlines() or ["no message"])[-1][:200]
            raise OutputError(f"Chromium made no {out.suffix[1:]} of {page.name} ({last}); try it in a browser.")
        return write_bytes(out, made.read_bytes())
