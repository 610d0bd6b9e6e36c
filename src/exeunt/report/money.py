"""What a case costs: the sentence of page 1, and the figure of the gaps."""

from __future__ import annotations

from typing import Any

from exeunt.report import svg
from exeunt.report.data import Follows, ReportData
from exeunt.report.figures import name_of
from exeunt.words import dollars, number, percent, word

MOST = 14
"""Gaps drawn; the table holds all."""


def _body(data: ReportData, key: str, lang: str) -> str:
    found = next((b for b in data.bodies if b.key == key), None)
    return name_of(found, lang) if found else key.replace("_", " ")


def short(data: ReportData, key: str, lang: str) -> str:
    """Name of a body inside a sentence."""
    found = next((b for b in data.bodies if b.key == key), None)
    if found is None:
        return key.replace("_", " ")
    return found.name_zh if lang == "zh-Hant" and found.name_zh else found.acronym or found.name_en


def value_of(found: Follows, status: str) -> float:
    """Number of bodies of whose money so much is known."""
    figures = (row for row in found.figures if row.what.code == "figure.bodies")
    return next((row.value or 0 for row in figures if row.what.values["status"] == status), 0)


def gap_sentence(data: ReportData, gap: dict[str, Any], lang: str) -> str:
    """What a body loses."""
    return word(
        "cost.gap", lang, body=short(data, gap["body"], lang), amount=dollars(gap["amount"], lang),
        ledger=word(f"money.{gap['ledger']}", lang), low=dollars(gap["low"], lang), high=dollars(gap["high"], lang),
        year=gap["year"],
    )  # fmt: skip


def cost(data: ReportData, lang: str) -> str:
    """What it costs and whom, in three sentences at most; not determined where no ledger holds it."""
    found = data.follows
    if found is None:
        return ""
    stop = word("text.full_stop", lang)
    parts = []
    if found.gaps:
        by_ledger = {gap["ledger"]: gap for gap in reversed(found.gaps)}
        largest = [gap_sentence(data, gap, lang) for gap in sorted(by_ledger.values(), key=lambda gap: -gap["amount"])]
        most = word("cost.most", lang) if len({gap["body"] for gap in found.gaps}) > 1 else ""
        parts.append(most + word("sep", lang).join(largest) + stop.strip())
        if len(data.bodies) > 1:
            figures, budget = (int(value_of(found, name)) for name in ("figures", "regular_budget"))
            bodies = len({b.key for b in data.bodies})
            parts.append(word("cost.known", lang, bodies=bodies, figures=figures, budget=budget))
    else:
        parts.append(word("cost.unknown", lang))
    arrears = [dollars(row["amount"], lang) for row in found.owed if row["what"] == "owed" and row["currency"] == "USD"]
    if arrears and len(data.bodies) == 1:
        parts.append(word("cost.owed", lang, amounts=word("cost.or", lang).join(dict.fromkeys(arrears))))
    rate = next((r for r in found.rates if r["definition"] == "main" and r["years"] == 3), None)
    if found.gaps and rate and rate["without_a_fall_rate"] is not None:
        parts.append(
            word("cost.refill", lang, rate=percent(rate["rate"], lang), events=rate["events"],
                 beside=percent(rate["without_a_fall_rate"], lang))
        )  # fmt: skip
    return ("" if lang == "zh-Hant" else " ").join(parts)


def title_of(data: ReportData, lang: str) -> str:
    """Finding of the section on consequences."""
    found = data.follows
    if found is None or not found.gaps:
        return word("follows.title", lang)
    gap = found.gaps[0]
    return word(
        "follows.title_gap", lang, body=short(data, gap["body"], lang), amount=dollars(gap["amount"], lang),
        ledger=word(f"money.{gap['ledger']}", lang),
    )  # fmt: skip


def gaps_records(data: ReportData) -> list[dict[str, Any]]:
    """One row a body and ledger, as `exeunt money CASE --view refill` shares them out."""
    return [dict(gap) for gap in data.follows.gaps] if data.follows else []


def gaps_svg(data: ReportData, lang: str, width: float = 860.0) -> str:
    """Draw gaps with their bands, dues as circles, voluntary money as hollow squares; empty where nothing is projected."""
    rows = [gap for gap in gaps_records(data) if gap["currency"] == "USD"][:MOST]
    if not rows:
        return ""
    narrow = width < 500
    title = word("gaps.title", lang, count=len({gap["body"] for gap in rows}))
    head, top = svg.heading(title, word("gaps.sub", lang), width)
    left, right, row = (0.0, 0.0, 46.0) if narrow else (300.0, 150.0, 32.0)
    ticks = svg.even_ticks(max(gap["high"] for gap in rows) / 1e6)
    pad, plot = 12.0, width - left - right - 24
    bottom = top + 34 + row * len(rows)

    def at(value: float) -> float:
        return left + pad + value / 1e6 / ticks[-1] * plot

    parts = [head]
    x = 0.0
    for ledger, shape in (("assessed", "circle"), ("voluntary", "square")):
        said = word(f"money.{ledger}", lang)
        css = "f-c1" if shape == "circle" else "f-c2 f-open"
        parts += [svg.mark(x + 8, top + 8, shape, 5, css), svg.text(x + 20, top + 12, said, "f-sub")]
        x += 20 + svg.width_of(said, 13) + 24
    for tick in ticks:
        parts.append(svg.line(at(tick * 1e6), top + 24, at(tick * 1e6), bottom, "f-grid" if tick else "f-base"))
        parts.append(svg.text(at(tick * 1e6), bottom + 17, number(tick, lang), "f-axis f-num", "middle"))
    for place, gap in enumerate(rows):
        y = top + 30 + row * place + (30 if narrow else row / 2)
        said = _body(data, gap["body"], lang)
        figure = number(gap["amount"] / 1e6, lang, 1)
        if narrow:
            line = svg.wrap(said, 13, width - 60, 1)[0]
            parts.append(svg.rect(0, y - 26, svg.width_of(line, 13) + 6, 16, "f-chip"))
            parts.append(svg.text(0, y - 14, line, ""))
            parts.append(svg.rect(width - 46, y - 26, 46, 16, "f-chip"))
            parts.append(svg.text(width, y - 14, figure, "f-num", "end"))
        else:
            told = svg.wrap(said, 12.5, left - 14, 2)
            parts += [svg.text(0, y + 4.5 + 15 * (k - (len(told) - 1) / 2), one, "") for k, one in enumerate(told)]
            low, high = number(gap["low"] / 1e6, lang, 1), number(gap["high"] / 1e6, lang, 1)
            parts.append(
                svg.text(width, y + 4.5, word("value.with", lang, value=figure, low=low, high=high), "f-num", "end")
            )
        colour, shape = ("f-c1", "circle") if gap["ledger"] == "assessed" else ("f-c2", "square")
        hollow = "" if shape == "circle" else " f-open"
        parts.append(svg.line(at(gap["low"]), y, at(gap["high"]), y, colour))
        parts.append(svg.mark(at(gap["amount"]), y, shape, 5, colour + hollow))
    desc = f"{title}{word('text.full_stop', lang)}{word('gaps.desc', lang)}"
    return svg.frame(f"gaps-{lang}-{width:.0f}", width, bottom + 28, title, desc, "".join(parts))
