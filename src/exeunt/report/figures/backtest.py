"""Figures of the back-test: whether probabilities came true, and where annual totals fell among the draws."""

from __future__ import annotations

import math
from typing import Any, Final

from exeunt.i18n import number, percent, word
from exeunt.report import figures as svg

WIDE: Final = 720.0
MODEL: Final = "common"
TICKS: Final = (1e-4, 1e-3, 1e-2, 1e-1)
FLOOR: Final = 3e-5
CLASSES: Final = 6
"""Classes of the PIT: with 24 origins four are expected in each."""


def _reliability_records(found: dict[str, Any], model: str = MODEL) -> list[dict[str, Any]]:
    """One row a horizon and tenth, as `exeunt forecast --backtest` prints them.

    Returns
    -------
    Rows {model, horizon, tenth, rows, exits, predicted, observed, low, high}, shares of 1.
    """
    return [row for row in found["reliability"] if row["model"] == model]


def _reliability_svg(found: dict[str, Any], lang: str, width: float = WIDE) -> str:
    """Observed against predicted shares, a panel a horizon, with intervals and the exits behind each point."""
    records = _reliability_records(found)
    horizons = sorted({r["horizon"] for r in records})
    highest = [max((r for r in records if r["horizon"] == h), key=lambda r: int(r["tenth"])) for h in horizons]
    title = word(f"figure.reliability.{'over' if all(r['predicted'] > r['high'] for r in highest) else 'held'}", lang)
    head, y = svg.heading(title, word("figure.reliability.sub", lang), width)
    parts = [head]
    for horizon in horizons:
        rows = [r for r in records if r["horizon"] == horizon]
        key = "figure.reliability.panel_one" if horizon == 1 else "figure.reliability.panel"
        said = word(key, lang, years=horizon, rows=number(max(r["rows"] for r in rows), lang))
        parts.append(svg.text(0, y + 22, said, "f-bold"))
        parts.append(_panel(rows, width, y + 34, lang))
        y += 34 + 170 + 62
    desc = word("text.full_stop", lang).join((title, word("figure.reliability.desc", lang)))
    return svg.frame(f"reliability-{lang}-{width:.0f}", width, y, title, desc, "".join(parts))


def _panel(rows: list[dict[str, Any]], width: float, top: float, lang: str) -> str:
    left, right, height = 74.0, 14.0, 170.0
    low, high = math.log(FLOOR), math.log(TICKS[-1])

    def along(value: float) -> float:
        return (math.log(min(max(value, FLOOR), TICKS[-1])) - low) / (high - low)

    def x(value: float) -> float:
        return left + along(value) * (width - left - right)

    def y(value: float) -> float:
        return top + height * (1 - along(value))

    parts = []
    for tick in TICKS:
        label = percent(tick, lang, max(0, -round(math.log10(100 * tick))))
        parts += [
            svg.line(left, y(tick), width - right, y(tick), "f-grid"),
            svg.text(left - 7, y(tick) + 4, label, "f-axis f-num", "end"),
            svg.line(x(tick), top, x(tick), top + height, "f-grid"),
            svg.text(x(tick), top + height + 36, label, "f-axis f-num", "middle"),
        ]
    parts.append(svg.line(left, top + height, width - right, top + height, "f-base"))
    parts.append(svg.line(x(FLOOR), y(FLOOR), x(TICKS[-1]), y(TICKS[-1]), "f-ref"))
    parts.append(svg.text(left - 7, top + height + 16, word("figure.reliability.exits", lang), "f-axis", "end"))
    parts.append(svg.text(left - 7, top + height + 36, word("figure.reliability.predicted", lang), "f-axis", "end"))
    for r in rows:
        parts.append(svg.line(x(r["predicted"]), y(r["low"]), x(r["predicted"]), y(r["high"]), "f-c1"))
        parts.append(svg.mark(x(r["predicted"]), y(r["observed"]), "circle", 4.2, "f-c1"))
        parts.append(svg.text(x(r["predicted"]), top + height + 16, str(r["exits"]), "f-axis f-num", "middle"))
    return "".join(parts)


def _pit_records(found: dict[str, Any]) -> list[dict[str, Any]]:
    """One row a class of the PIT: from, to, and the origins in it."""
    at = [min(int(total["pit"] * CLASSES), CLASSES - 1) for total in found["totals"]]
    return [{"low": k / CLASSES, "high": (k + 1) / CLASSES, "origins": at.count(k)} for k in range(CLASSES)]


def _usual(origins: int, share: float = 0.95) -> tuple[int, int]:
    """Between what numbers a class lies under a right law, each origin falling into it independently.

    Returns
    -------
    The widest tails that leave at most half of the rest each, of a binomial with probability 1/CLASSES
    """
    p = 1 / CLASSES
    chance = [math.comb(origins, k) * p**k * (1 - p) ** (origins - k) for k in range(origins + 1)]
    rest = (1 - share) / 2
    low = next(k for k in range(origins + 1) if sum(chance[: k + 1]) > rest)
    high = next(k for k in range(origins, -1, -1) if sum(chance[k:]) > rest)
    return low, high


def _pit_svg(found: dict[str, Any], lang: str, width: float = WIDE) -> str:
    """Origins by where the observed total falls among the draws, with what a right law would give."""
    records, totals, test = _pit_records(found), found["totals"], found["uniform"]
    inside = sum(t["low"] <= t["observed"] <= t["high"] for t in totals)
    low, high = _usual(len(totals))
    title = word(f"figure.pit.{'title' if inside == len(totals) else 'some'}", lang, inside=inside, origins=len(totals))
    sub = word(
        "figure.pit.sub", lang, expected=number(len(totals) / CLASSES, lang), low=low, high=high,
        statistic=number(test["statistic"], lang, 2), p=number(test["p_value"], lang, 2),
    )  # fmt: skip
    head, y = svg.heading(title, sub, width)
    left, right, height = 36.0, 14.0, 170.0
    top = y + 30
    ticks = svg.even_ticks(max(high, *(r["origins"] for r in records)))
    wide = (width - left - right) / CLASSES

    def at(count: float) -> float:
        return top + height * (1 - count / ticks[-1])

    parts = [head, svg.text(0, top - 10, word("figure.pit.axis", lang), "f-axis")]
    parts.append(svg.rect(left, at(high), width - left - right, at(low) - at(high), "f-band"))
    for tick in ticks:
        parts.append(svg.line(left, at(tick), width - right, at(tick), "f-grid" if tick else "f-base"))
        parts.append(svg.text(left - 7, at(tick) + 4, number(tick, lang), "f-axis f-num", "end"))
    for k, r in enumerate(records):
        x = left + k * wide
        parts.append(svg.rect(x + 6, at(r["origins"]), wide - 12, at(0) - at(r["origins"]), "f-none f-box"))
        parts.append(svg.text(x + wide / 2, at(r["origins"]) - 5, str(r["origins"]), "f-num f-bold", "middle"))
        said = f"{number(r['low'], lang, 2)}\u2013{number(r['high'], lang, 2)}"
        parts.append(svg.text(x + wide / 2, at(0) + 18, said, "f-axis f-num", "middle"))
    parts.append(svg.line(left, at(len(totals) / CLASSES), width - right, at(len(totals) / CLASSES), "f-mid"))
    return svg.frame(
        f"pit-{lang}-{width:.0f}",
        width,
        top + height + 30,
        title,
        word("text.full_stop", lang).join((title, sub)),
        "".join(parts),
    )


FIGURES: Final = {"reliability": _reliability_svg, "pit": _pit_svg}
