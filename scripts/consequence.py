"""Put what `exeunt money` and `exeunt consequence` answer into docs/method/consequence.md.

    python scripts/consequence.py [--check]

With --check nothing is written, and the exit code is 1 where the page is out of date. The tables between the marks are written
from what the commands print with `--format json`.
"""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Callable
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any

from exeunt import cli
from exeunt.answers import Message
from exeunt.i18n import word
from exeunt.i18n.messages import said
from marks import kept, renewed

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "method" / "consequence.md"
CASE = "usa-2026-01"
LARGE = 0.07
"""Events of donors with this share of the money or more are listed on the page; the command lists all."""
Rows = list[dict[str, Any]]


def answer(*call: str) -> Rows:
    """What a command prints as JSON."""
    text = io.StringIO()
    with redirect_stdout(text):
        code = cli.main([*call, "--format", "json", "--quiet"])
    if code:
        raise SystemExit(code)
    rows: Rows = json.loads(text.getvalue())
    return rows


def share(value: float | None) -> str:
    """A share of 1 as a percentage."""
    return "–" if value is None else f"{100 * value:.0f} %"


def rates(rows: Rows) -> list[str]:
    """Base rates by definition and horizon."""
    lines = [
        "| definition | years | falls | bodies | refilled | rate [Wilson 95 %] | by bodies 95 % | without a fall |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for r in rows:
        by_body = "–" if r["by_body_low"] is None else f"{share(r['by_body_low'])} to {share(r['by_body_high'])}"
        beside = f"{share(r['without_a_fall_rate'])} of {r['without_a_fall']:,}"
        lines.append(
            f"| {word('definition.' + r['definition'], 'en')} | {r['years']} | {r['events']} | {r['bodies']} | {r['refilled']} "
            f"| {share(r['rate'])} [{share(r['low'])}, {share(r['high'])}] | {by_body} | {beside} |"
        )
    return lines


def falls(rows: Rows) -> list[str]:
    """The falls of donors with `LARGE` of the money or more."""
    lines = [
        "| body | donor | year | before, million USD | given | share before | made good in 1, 2, 3 years | came back |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for r in sorted(rows, key=lambda r: (r["year"], r["body"], r["state"])):
        if r["share_before"] < LARGE:
            continue
        good = ", ".join("–" if r[f"made_good_{k}"] is None else f"{r[f'made_good_{k}']:.2f}" for k in (1, 2, 3))
        back = {None: "–", True: "yes", False: "no"}[r["returned"]]
        lines.append(
            f"| {r['body']} | {r['state']} | {r['year']} | {r['before'] / 1e6:,.1f} | {r['given'] / 1e6:,.1f} | "
            f"{share(r['share_before'])} | {good} | {back} |"
        )
    return lines


def bands(rows: Rows) -> list[str]:
    """How often bands held."""
    lines = ["| ledger | years ahead | cases | held | share | factor |", "|---|---|---|---|---|---|"]
    lines += [
        f"| {r['ledger']} | {r['ahead']} | {r['cases']:,} | {r['held']:,} | {share(r['share'])} | {r['factor']:.2f} |"
        for r in rows
    ]
    return lines


def text(messages: Rows) -> str:
    """Messages as a sentence."""
    return said([Message(**one) for one in messages], "en")


def figures(rows: Rows) -> list[str]:
    """Key figures of the case."""

    def plain(value: float | None) -> str:
        if value is None:
            return "–"
        return f"{value:,.0f}" if value == int(value) or abs(value) >= 1000 else f"{value:.2f}"

    lines = ["| question | what | figure | low | high | unit | note |", "|---|---|---|---|---|---|---|"]
    for r in rows:
        numbers = " | ".join(plain(r[name]) for name in ("value", "low", "high"))
        what, note = text([r["what"]]), text(r["note"])
        lines.append(f"| {r['question']} | {what} | {numbers} | {r['unit']} | {note} |")
    return lines


PARTS: dict[str, tuple[tuple[str, ...], Callable[[Rows], list[str]]]] = {
    "rates": (("money", CASE, "--view", "history"), rates),
    "falls": (("money", CASE, "--view", "events"), falls),
    "bands": (("money", CASE, "--view", "bands"), bands),
    "figures": (("consequence", CASE), figures),
}
"""Part of the page → the command that answers and the table made of it."""


def filled() -> str:
    """The page with every part between its marks written anew."""
    page = PAGE.read_text(encoding="utf-8")
    for part, (call, make) in PARTS.items():
        page = renewed(page, part, "\n".join(make(answer(*call))))
    return page


def main() -> int:
    """Write or check the page."""
    return kept(PAGE, filled())


if __name__ == "__main__":
    sys.exit(main())
