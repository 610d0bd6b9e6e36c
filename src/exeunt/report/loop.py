"""Whether leaving feeds on itself: bounds, placebos, and the figure that holds them side by side."""

from __future__ import annotations

import math
from typing import Any

from exeunt.report import svg
from exeunt.report.data import FedBack, ReportData
from exeunt.words import known, number, word


def told_apart(found: FedBack) -> bool | None:
    """Whether both bounds of R lie on one side of 1: True above, False below, None where they do not decide."""
    first = found.outcomes[0]
    if first["R"]["low"] >= 1:
        return True
    return False if first["R_upper"]["high"] < 1 else None


def failed(found: FedBack) -> list[str]:
    """Placebos that failed."""
    return [p["placebo"] for p in found.placebos[1:] if not p["passed"]]


def title_of(found: FedBack, lang: str) -> str:
    """The finding."""
    first = found.outcomes[0]
    key = {True: "loop.title_yes", False: "loop.title_no", None: "loop.title_open"}[told_apart(found)]
    low, high = (number(first[k]["median"], lang, 2) for k in ("R", "R_upper"))
    return word(key, lang, low=low, high=high)


def sentence(found: FedBack, lang: str) -> str:
    """What one exit brings within the horizon, and which placebos failed."""
    first = found.outcomes[0]
    gain = first["G_interval"]
    parts = []
    if gain:
        low, high = (number(gain[k], lang, 2) for k in ("low", "high"))
        parts.append(word("loop.gain", lang, years=found.years, mean=number(gain["mean"], lang, 2), low=low, high=high))
    names = [name_of(name, lang) for name in failed(found)]
    if names:
        parts.append(word("loop.failed", lang, names=word("list.comma", lang).join(names)))
    return ("" if lang == "zh-Hant" else " ").join(parts)


def name_of(key: str, lang: str) -> str:
    """Name of a placebo or a channel."""
    return word(f"loop.{key}", lang) if known(f"loop.{key}") else key.replace("_", " ")


def loop_records(data: ReportData) -> list[dict[str, Any]]:
    """One row the fitted counts, then one a placebo: further exits of one exit, if the model is right."""
    if data.fed_back is None:
        return []
    return [
        {"counts": p["placebo"], "what": p["what"], **{f"further_exits_{k}": v for k, v in p["further_exits"].items()},
         "passed": "" if place == 0 else p["passed"]}
        for place, p in enumerate(data.fed_back.placebos)
    ]  # fmt: skip


def loop_svg(data: ReportData, lang: str, width: float = 860.0, bare: bool = False) -> str:
    """Draw further exits by the fitted counts and by each placebo; hollow where the interval holds 0.

    Parameters
    ----------
    bare : the page has the title already
    """
    if data.fed_back is None:
        return ""
    rows = loop_records(data)
    narrow = width < 500
    title = title_of(data.fed_back, lang)
    head, top = svg.heading("" if bare else title, word("loop.sub", lang, years=data.fed_back.years), width)
    low = min(0.0, *(r["further_exits_low"] for r in rows))
    high = max(0.0, *(r["further_exits_high"] for r in rows))
    size = next(s for s in (0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0) if (high - low) / s <= 7)
    ticks = [size * k for k in range(math.floor(low / size), math.ceil(high / size) + 1)]
    left, right, row = (0.0, 0.0, 46.0) if narrow else (300.0, 180.0, 32.0)
    plot = width - left - right - 28
    bottom = top + 12 + row * len(rows)

    def at(value: float) -> float:
        return left + 14 + (value - ticks[0]) / (ticks[-1] - ticks[0]) * plot

    parts = [head]
    for tick in ticks:
        parts.append(svg.line(at(tick), top + 6, at(tick), bottom, "f-ref" if abs(tick) < size / 9 else "f-grid"))
        parts.append(
            svg.text(at(tick), bottom + 17, number(tick, lang, 2 if size < 0.1 else 1), "f-axis f-num", "middle")
        )
    for place, r in enumerate(rows):
        y = top + 12 + row * place + (32 if narrow else row / 2)
        shape, colour = ("circle", "f-c1") if place == 0 else ("square", "f-c5")
        hollow = " f-open" if r["further_exits_low"] <= 0 <= r["further_exits_high"] else ""
        said = name_of(r["counts"], lang)
        if place:
            said += word("loop.mark_passed" if r["passed"] else "loop.mark_failed", lang)
        figures = (number(r[f"further_exits_{k}"], lang, 2) for k in ("median", "low", "high"))
        value, lower, upper = figures
        told = word("value.with", lang, value=value, low=lower, high=upper)
        label_y = y - 14 if narrow else y + 4.5
        if narrow:
            parts.append(svg.rect(0, label_y - 12, svg.width_of(said, 13.5) + 4, 16, "f-chip"))
            parts.append(svg.rect(width - svg.width_of(told, 13), label_y - 12, svg.width_of(told, 13), 16, "f-chip"))
        parts.append(svg.text(0, label_y, said, "f-bold" if place == 0 else ""))
        parts.append(svg.text(width, label_y, told, "f-num", "end"))
        parts.append(svg.line(at(r["further_exits_low"]), y, at(r["further_exits_high"]), y, colour))
        parts.append(svg.mark(at(r["further_exits_median"]), y, shape, 5, colour + hollow))
    desc = f"{title}{word('text.full_stop', lang)}{word('loop.desc', lang)}"
    return svg.frame(f"loop-{lang}-{width:.0f}", width, bottom + 28, title, desc, "".join(parts))
