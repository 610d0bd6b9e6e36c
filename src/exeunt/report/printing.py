"""What `exeunt report` gives beside the page: its summary in lines or as JSON, and PDF and PNG through a Chromium.

Everything else in this package does without a browser.
"""

from __future__ import annotations

import json
import math
import re
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path
from typing import Final

from exeunt.core.errors import OutputError
from exeunt.core.files import write_bytes
from exeunt.i18n import known, word
from exeunt.report.data import _Factor, _ReportData
from exeunt.report.figures.factors import LEAVEABLE

NAMES: Final = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FONTS: Final = "Noto Sans TC or Noto Sans CJK TC"
"""Fonts that the pages name for Chinese; Debian and Ubuntu: fonts-noto-cjk."""
TIMEOUT_SECONDS: Final = 180
SCALE: Final = 3
"""Device pixels to one unit of a figure: 720 units wide is 2,160 pixels, 7 inches at 300 dots."""
LONGEST: Final = 25
"""Lines of a summary at most."""


def _chromium() -> str | None:
    """Path of a Chromium, or None."""
    return next((found for name in NAMES if (found := shutil.which(name))), None)


def require() -> str:
    """Path of a Chromium; raises OutputError, in one sentence, where there is none."""
    found = _chromium()
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


def summary(data: _ReportData, path: Path, lang: str) -> str:
    """The summary as text: at most 25 lines, each number with what it covers."""

    def say(code: str, **values: object) -> str:
        return word(f"summary.{code}", lang, **values)

    title = data.title_zh if lang == "zh-Hant" else data.title_en
    lines = [say("title", title=title, as_of=data.as_of, closing=data.closing_day)]
    if data.beyond_record:
        lines.append(say("beyond"))
    kinds, total = Counter(b.what for b in data.bodies), len(data.bodies)
    leavable = sum(kinds[k] for k in LEAVEABLE)
    lines.append(say("listed", total=total, other=data.listed_other, un=data.listed_un))
    lines.append(
        say("leavable", leavable=leavable, membership=kinds["membership"], treaty=kinds["treaty"],
            participation=kinds["participation_only"], funding=kinds["funding_only"], nothing=kinds["nothing_to_leave"])
    )  # fmt: skip
    announced = [b for b in data.bodies if b.announced is not None]
    statuses = Counter(b.status for b in data.bodies)
    lines.append(
        say("acts", announced=len(announced), of_these=sum(b.what in LEAVEABLE for b in announced),
            notified=sum(b.notified is not None for b in data.bodies),
            effective=sum(b.effective is not None for b in data.bodies), still=statuses["member_announced_only"],
            running=statuses["member_notice_running"], contested=sum(b.contested for b in data.bodies))
    )  # fmt: skip
    why = data.why
    lines.append(say("model", covered=len(why.covered), leavable=leavable, total=total))
    lines.append(
        say("fit", outcome=why.outcome, first=why.first_year, last=why.last_year, rows=why.rows, events=why.events,
            status=why.fit_status, criterion=why.criterion)
    )  # fmt: skip
    lines += [_factor(factor, lang) for factor in why.summary]
    if why.covered:
        lines.append(say("against", years=max(b.oldest_covariate_years for b in why.covered)))
    for explanation, _ in why.claims:
        terms = [
            say("term", name=word(f"term.{t.term}", lang) if lang != "en" and known(f"term.{t.term}") else t.term,
                ratio=math.exp(t.estimate), low=math.exp(t.low), high=math.exp(t.high))
            for t in why.terms if t.explanation == explanation
        ]  # fmt: skip
        lines.append(say("terms", name=word(f"explanation.{explanation}", lang), terms=terms))
    ahead = data.next
    if ahead.refused:
        lines.append(say("refused", reason=ahead.refused))
    else:
        low, median, high = ahead.total_exits
        first, last = ahead.start_year + 1, ahead.start_year + ahead.years
        lines.append(say("next", median=median, first=first, last=last, worlds=ahead.worlds, low=low, high=high))
        fewest, middle, most = (f"{value:.0f}" for value in ahead.total_joins)
        lines.append(
            say("joins", median=middle, low=fewest, high=most, carried=ahead.cells_carried_forward, cells=ahead.cells)
        )
    lines.append(say("path", path=path))
    return "\n".join(lines[:LONGEST])


def _factor(factor: _Factor, lang: str) -> str:
    settled = factor.low > 1 or factor.high < 1
    code = "same" if factor.no_difference else "factor" if settled else "unsettled"
    name = word(f"explanation.{factor.explanation}", lang)
    return word(
        f"summary.{code}", lang, name=f"{name:<10}" if lang == "en" else name, factor=factor.factor, low=factor.low,
        high=factor.high,
    )  # fmt: skip


def print_json(data: _ReportData, path: Path, lang: str, seconds: float, size: int) -> None:
    """Print the object of `report`."""
    payload = {
        "path": str(path),
        "case": data.case,
        "lang": lang,
        "as_of": data.as_of,
        "seconds": round(seconds, 2),
        "bytes": size,
    }
    sys.stdout.write(json.dumps(payload, ensure_ascii=False) + "\n")
