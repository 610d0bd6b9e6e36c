"""Futures under the shipped scenarios beside the baseline: the finding, the rows, and the figure of the paired differences."""

from __future__ import annotations

import math
from typing import Any, Final

from exeunt.report import svg
from exeunt.report.data import Futures, ReportData
from exeunt.words import known, number, word

BASELINE: Final = "baseline"
WHAT: Final = ("exits", "joins", "memberships")
STEPS: Final = (0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0, 200.0, 500.0, 1000.0)


def name_of(key: str, lang: str) -> str:
    """Name of a scenario; one that has no words keeps its key."""
    return word(f"scenario.{key}", lang) if known(f"scenario.{key}") else key


def scenarios(found: Futures) -> list[dict[str, Any]]:
    """The scenarios but the baseline, the largest mean difference in exits first."""
    rest = [row for row in found.rows if row["scenario"] != BASELINE]
    return sorted(rest, key=lambda row: -abs(row["exits"]["mean"]))


def settled(difference: dict[str, Any]) -> bool:
    """Whether the interval of a mean difference lies on one side of 0."""
    return bool(difference["mean_low"] > 0 or difference["mean_high"] < 0)


def signed(value: float, lang: str, digits: int | None = None) -> str:
    """A difference with its sign; one decimal below a hundred, unless told how many."""
    said = number(value, lang, digits if digits is not None else 1 if abs(value) < 100 else 0)
    return f"+{said}" if value > 0 and said.strip("0.,") else said


def title_of(found: Futures, lang: str) -> str:
    """The finding."""
    told = [row for row in scenarios(found) if settled(row["exits"])]
    if not told:
        return word("futures.title_none", lang, years=found.years, worlds=number(found.worlds, lang))
    mean = signed(told[0]["exits"]["mean"], lang)
    return word("futures.title_largest", lang, name=name_of(told[0]["scenario"], lang), mean=mean, years=found.years)


def missing(found: Futures) -> int:
    """Bodies of the case of the batch that no world holds."""
    listed = [row["missing"] for row in found.rows if row["scenario"] == "batch-executed"]
    return max((len(bodies) for bodies in listed), default=0)


def futures_records(data: ReportData) -> list[dict[str, Any]]:
    """One row a scenario: its totals, and its differences from the baseline, all years together."""
    if data.futures is None:
        return []
    rows = []
    for row in data.futures.rows:
        flat = {"scenario": row["scenario"], **{f"exits_{k}": v for k, v in row["exits_total"].items()}}
        for what in WHAT:
            for key in ("mean", "mean_low", "mean_high", "low", "high"):
                flat[f"{what}_minus_baseline_{key}"] = row[what][key] if row[what] else None
        flat["bodies_not_simulated"] = " ".join(row["missing"])
        rows.append(flat)
    return rows


def futures_svg(data: ReportData, lang: str, width: float = 860.0, bare: bool = False) -> str:
    """Draw the mean difference in exits of every scenario with its interval.

    Parameters
    ----------
    bare : the page has the title already
    """
    if data.futures is None or not scenarios(data.futures):
        return ""
    rows = scenarios(data.futures)
    narrow = width < 500
    title = title_of(data.futures, lang)
    head, top = svg.heading("" if bare else title, word("futures.sub", lang, years=data.futures.years), width)
    left, right, row = (0.0, 0.0, 46.0) if narrow else (330.0, 190.0, 32.0)
    plot = width - left - right - 36
    bottom = top + 12 + row * len(rows)
    low = min(0.0, *(r["exits"]["mean_low"] for r in rows))
    high = max(0.0, *(r["exits"]["mean_high"] for r in rows))
    size = next((s for s in STEPS if (high - low) / s <= (5 if narrow else 8)), STEPS[-1])
    ticks = [size * k for k in range(math.floor(low / size), math.ceil(high / size) + 1)]

    def at(value: float) -> float:
        return left + 18 + (value - ticks[0]) / max(ticks[-1] - ticks[0], 1e-9) * plot

    parts = [head]
    for tick in ticks:
        parts.append(svg.line(at(tick), top + 6, at(tick), bottom, "f-grid" if tick else "f-ref"))
        label = signed(tick, lang, 0 if size >= 1 else 1) if tick else "0"
        parts.append(svg.text(at(tick), bottom + 17, label, "f-axis f-num", "middle"))
    for place, r in enumerate(rows):
        y = top + 12 + row * place + (32 if narrow else row / 2)
        found = r["exits"]
        value, lower, upper = (signed(found[k], lang) for k in ("mean", "mean_low", "mean_high"))
        told = word("value.with", lang, value=value, low=lower, high=upper)
        label_y = y - 14 if narrow else y + 4.5
        room = width - svg.width_of(told, 13) - 12 if narrow else left - 12
        said = svg.wrap(name_of(r["scenario"], lang), 13, room, 1 if narrow else 2)
        if narrow:
            parts.append(svg.rect(0, label_y - 12, svg.width_of(said[0], 13) + 4, 16, "f-chip"))
            parts.append(svg.rect(width - svg.width_of(told, 13), label_y - 12, svg.width_of(told, 13), 16, "f-chip"))
        parts += [svg.text(0, label_y + 15 * (k - (len(said) - 1) / 2), one, "") for k, one in enumerate(said)]
        parts.append(svg.text(width, label_y, told, "f-num", "end"))
        parts.append(svg.line(at(found["mean_low"]), y, at(found["mean_high"]), y, "f-c1"))
        parts.append(svg.mark(at(found["mean"]), y, "circle", 5, "f-c1" if settled(found) else "f-c1 f-open"))
    desc = f"{title}{word('text.full_stop', lang)}{word('futures.desc', lang)}"
    return svg.frame(f"futures-{lang}-{width:.0f}", width, bottom + 28, title, desc, "".join(parts))
