"""The explanations compared: what each predicted beyond the structure that all share."""

from __future__ import annotations

import math
from typing import Any, Final

from exeunt.report import svg
from exeunt.report.data import Compared, ReportData, Score
from exeunt.words import known, number, word

BASELINES: Final = ("common", "constant", "trailing", "empirical_bayes")
HORIZON: Final = 1


def rivals(found: Compared, horizon: int = HORIZON) -> list[Score]:
    """Scores of the explanations at one horizon, best first, without common structure and baselines."""
    held = [s for s in found.scores if s.horizon == horizon and s.model not in BASELINES]
    return sorted(held, key=lambda s: -s.skill)


def baselines(found: Compared, horizon: int = HORIZON) -> list[Score]:
    """Scores of the baselines at one horizon, but for the structure that everything is held against."""
    return [s for s in found.scores if s.horizon == horizon and s.model in BASELINES[1:]]


def adds(score: Score) -> str:
    """Whether an account adds to the common structure: up, down, or no where the interval holds 0."""
    return "up" if score.low > 0 else "down" if score.high < 0 else "no"


def compared_records(data: ReportData) -> list[dict[str, Any]]:
    """One row a model and horizon."""
    if data.compared is None:
        return []
    return [
        {
            "model": s.model, "years_ahead": s.horizon, "rows": s.rows, "exits": s.events, "skill": s.skill, "low": s.low,
            "high": s.high, "skill_against_own_record": "" if s.beats_history is None else s.beats_history,
            "doubts": "; ".join(s.doubts),
        }
        for s in data.compared.scores
    ]  # fmt: skip


def name_of(model: str, lang: str) -> str:
    """Name of a rival or a baseline."""
    for key in (f"explanation.{model}", f"model.{model}"):
        if known(key):
            return word(key, lang)
    return model.replace("_", " ")


def title_of(found: Compared, lang: str) -> str:
    """How many explanations predict better than the common structure."""
    held = rivals(found)
    up = [s for s in held if adds(s) == "up"]
    names = word("list.comma", lang).join(name_of(s.model, lang) for s in up)
    return word("compared.title_some" if up else "compared.title_none", lang, names=names, up=len(up), count=len(held))


def compared_svg(data: ReportData, lang: str, width: float = 860.0, bare: bool = False) -> str:
    """Intervals of skill against the common structure, a line at 0; explanations first, then the baselines.

    `bare`: the page has title and subtitle already.
    """
    if data.compared is None:
        return ""
    held = [*rivals(data.compared), *baselines(data.compared)]
    narrow = width < 500
    sub = word("compared.sub", lang, first=data.compared.first_origin, last=data.compared.last_origin)
    head, top = ("", 0.0) if bare else svg.heading(title_of(data.compared, lang), sub, width)
    left, right, row = (0.0, 0.0, 46.0) if narrow else (220.0, 170.0, 30.0)
    low, high = min(s.low for s in held), max(s.high for s in held)
    size = next(s for s in (0.01, 0.02, 0.05, 0.1, 0.2) if (high - low) / s <= 8)
    ticks = [size * k for k in range(math.floor(low / size), math.ceil(high / size) + 1)]
    pad = 16.0
    plot = width - left - right - 2 * pad
    bottom = top + 14 + row * len(held)

    def at(value: float) -> float:
        return left + pad + (value - ticks[0]) / (ticks[-1] - ticks[0]) * plot

    parts = [head]
    for tick in ticks:
        zero = abs(tick) < size / 10
        parts.append(svg.line(at(tick), top + 8, at(tick), bottom, "f-ref" if zero else "f-grid"))
        parts.append(svg.text(at(tick), bottom + 17, number(100 * tick, lang) + " %", "f-axis f-num", "middle"))
    for place, score in enumerate(held):
        y = top + 14 + row * place + (32 if narrow else row / 2)
        colour = "f-c1" if score.model not in BASELINES else "f-c5"
        shape = "circle" if score.model not in BASELINES else "square"
        said, figure = name_of(score.model, lang), _said(score, lang)
        label_y = y - 14 if narrow else y + 4.5
        if narrow:
            parts.append(svg.rect(0, label_y - 12, svg.width_of(said, 14) + 4, 16, "f-chip"))
            parts.append(
                svg.rect(width - svg.width_of(figure, 13), label_y - 12, svg.width_of(figure, 13), 16, "f-chip")
            )
        parts.append(svg.text(0, label_y, said, "f-bold" if shape == "circle" else "f-sub"))
        parts.append(svg.text(width, label_y, figure, "f-num", "end"))
        hollow = " f-open" if adds(score) == "no" else ""
        parts.append(svg.line(at(score.low), y, at(score.high), y, colour))
        parts.append(svg.mark(at(score.skill), y, shape, 5, colour + hollow))
    title = title_of(data.compared, lang)
    desc = f"{title}{word('text.full_stop', lang)}{word('compared.desc', lang)}"
    return svg.frame(f"compared-{lang}-{width:.0f}", width, bottom + 28, title, desc, "".join(parts))


def _said(score: Score, lang: str) -> str:
    value, low, high = (("+" if v > 0 else "") + number(100 * v, lang, 1) for v in (score.skill, score.low, score.high))
    return word("value.with", lang, value=value, low=low, high=high)
