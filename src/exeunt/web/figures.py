"""Figures of the explorer: each as rows and as an SVG in the style of the report's."""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import date
from types import SimpleNamespace
from typing import Any, Final

from markupsafe import Markup

from exeunt.i18n import day, number, word
from exeunt.record.schema import REGIONS
from exeunt.report import figures as svg
from exeunt.report.figures import factors as of_report
from exeunt.web.queries import COUNTED_AS

Row = dict[str, Any]
_WIDE, _NARROW = 1000.0, 340.0
_CLASSES: Final = tuple(COUNTED_AS.values())
_LEFT, _RIGHT = 40.0, 12.0
_CURVE_HEIGHT: Final = 150.0
_MARGIN: Final = 16.0
"""Left free beside a heading: widths of words are estimates."""


def pair(kind: str, lang: str, *data: Any) -> list[Markup]:
    """Draw a figure as SVG for wide and for narrow screens; empty where there is nothing to draw.

    Parameters
    ----------
    kind : `exits` (rows by year and class), `regions` (rows by decade and region), `curve` (rows by year, closing day,
        name, chosen year), `fan` (rows by year of a simulation, number of worlds), `what` (part of the list and what
        there is to leave, by body)
    """
    return [Markup(_FIGURES[kind](*data, lang, width)) for width in (_WIDE, _NARROW)]


def _year_axis(first: int, last: int, at: Callable[[float], float], bottom: float, width: float) -> list[str]:
    step = next((s for s in (1, 2, 5, 10, 20, 50) if (last - first) / s <= width / 60), 100)
    parts = []
    for year in range(math.ceil(first / step) * step, last + 1, step):
        x = at(year)
        parts.append(svg.line(x, bottom, x, bottom + 4, "f-base"))
        parts.append(svg.text(x, bottom + 19, str(year), "f-axis f-num", "middle"))
    return parts


def _grid(ticks: list[float], top: float, height: float, width: float, lang: str) -> list[str]:
    parts = []
    for tick in ticks:
        y = top + height * (1 - tick / ticks[-1])
        parts.append(svg.line(_LEFT, y, width - _RIGHT, y, "f-grid" if tick else "f-base"))
        parts.append(svg.text(_LEFT - 7, y + 4, number(tick, lang), "f-axis f-num", "end"))
    return parts


def _exits(records: list[Row], lang: str, width: float) -> str:
    """Bars by year: one part a class, told apart by filling and pattern; empty without any."""
    if not records:
        return ""
    first, last = int(records[0]["year"]), int(records[-1]["year"])
    sums = {name: sum(r[name] for r in records) for name in _CLASSES}
    title = word("web.figure.exits.title", lang, counted=sums["yes"], total=sum(sums.values()), first=first, last=last)
    head, y = svg.heading(title, word("web.figure.exits.sub", lang), width - _MARGIN)
    name = f"exits-{lang}-{width:.0f}"
    parts, x = [head, svg.patterns(name)], 0.0
    y += 6
    for kind in _CLASSES:
        said = f"{word(f'web.counts.{kind}', lang)} {sums[kind]}"
        if x and x + 24 + svg.width_of(said, 13) > width:
            x, y = 0.0, y + 21
        parts += [_part(name, kind, x, y - 11, 18, 13), svg.text(x + 24, y, said, "f-sub")]
        x += 24 + svg.width_of(said, 13) + 20
    top, height = y + 20, 220.0
    ticks = svg.even_ticks(max(sum(r[k] for k in _CLASSES) for r in records), 4)
    parts += _grid(ticks, top, height, width, lang)
    slot = (width - _LEFT - _RIGHT) / len(records)
    bar = min(max(slot * 0.78, 1.5), 26.0)

    def at(year: float) -> float:
        return _LEFT + slot * (year - float(first) + 0.5)

    for r in records:
        bottom = top + height
        for kind in _CLASSES:
            tall = height * r[kind] / ticks[-1]
            if r[kind]:
                parts.append(_part(name, kind, at(r["year"]) - bar / 2, bottom - tall, bar, tall))
                bottom -= tall
    parts += _year_axis(first, last, at, top + height, width)
    desc = word("web.figure.exits.desc", lang)
    return svg.frame(
        name, width, top + height + 28, title, f"{title}{word('text.full_stop', lang)}{desc}", "".join(parts)
    )


def _part(name: str, kind: str, x: float, y: float, width: float, height: float) -> str:
    if kind == "unsettled":
        return svg.rect(x, y, width, height, "f-box", f"{name}-treaty")
    return svg.rect(x, y, width, height, f"{'f-solid' if kind == 'yes' else 'f-none'} f-box")


def _curve(rows: list[Row], closing: date, name: str, year: int, lang: str, width: float) -> str:
    """Memberships by year, the year asked about marked; the last year is counted on the closing day."""
    first, last = int(rows[0]["year"]), int(rows[-1]["year"])
    chosen = min(max(year, first), last)
    most = max(rows, key=lambda r: r["memberships"])
    title = word(
        "web.figure.curve.title", lang, name=name, now=rows[chosen - first]["memberships"],
        day=day(min(date(chosen, 12, 31), closing).isoformat(), lang), most=most["memberships"], when=most["year"],
    )  # fmt: skip
    head, y = svg.heading(title, word("web.figure.curve.sub", lang), width - _MARGIN)
    top = y + 14
    ticks = svg.even_ticks(max(most["memberships"], 1), 4)

    def at(year: float) -> float:
        return _LEFT + (year - first) / (last - first) * (width - _LEFT - _RIGHT)

    points = [(at(r["year"]), top + _CURVE_HEIGHT * (1 - r["memberships"] / ticks[-1])) for r in rows]
    x, y = points[chosen - first]
    parts = [
        head, *_grid(ticks, top, _CURVE_HEIGHT, width, lang), svg.line(x, top, x, top + _CURVE_HEIGHT, "f-ref"),
        svg.path(points, "f-seen"), svg.mark(x, y, "circle", 5, "f-c1"),
        *_year_axis(first, last, at, top + _CURVE_HEIGHT, width),
    ]  # fmt: skip
    desc = word("web.figure.curve.desc", lang)
    return svg.frame(
        f"curve-{lang}-{width:.0f}", width, top + _CURVE_HEIGHT + 28, title,
        f"{title}{word('text.full_stop', lang)}{desc}", "".join(parts),
    )  # fmt: skip


def _regions(records: list[Row], lang: str, width: float) -> str:
    """Small panels, one a region, bars by decade on one scale; empty without rows."""
    if not records:
        return ""
    sums = {region: sum(r[region] for r in records) for region in REGIONS}
    largest = max(sums, key=lambda region: sums[region])
    title = word("web.figure.regions.title", lang, region=word(f"region.{largest}", lang), count=sums[largest],
                 total=sum(sums.values()))  # fmt: skip
    head, y = svg.heading(title, word("web.figure.regions.sub", lang), width - _MARGIN)
    columns = 5 if width > 600 else 1
    gap, height = 26.0, 110.0 if columns > 1 else 64.0
    panel = (width - gap * (columns - 1)) / columns
    most = max(r[region] for r in records for region in REGIONS)
    parts = [head]
    for n, region in enumerate(REGIONS):
        x, top = (n % columns) * (panel + gap), y + 28 + (n // columns) * (height + 62)
        parts.append(svg.text(x, top - 8, f"{word(f'region.{region}', lang)} {sums[region]}", "f-bold"))
        slot = panel / len(records)
        parts.append(svg.line(x, top + height, x + panel, top + height, "f-base"))
        for k, r in enumerate(records):
            tall = (height - 16) * r[region] / max(most, 1)
            middle = x + slot * (k + 0.5)
            if r[region]:
                parts.append(svg.rect(middle - slot * 0.4, top + height - tall, slot * 0.8, tall, "f-solid f-box"))
            said = number(r[region], lang)
            parts.append(svg.text(middle, top + height - tall - 4, said, "f-axis f-num", "middle"))
            if k in (0, len(records) - 1):
                anchor = "start" if k == 0 else "end"
                edge = x if k == 0 else x + panel
                said = word("day.decade", lang, decade=r["decade"])
                parts.append(svg.text(edge, top + height + 16, said, "f-axis f-num", anchor))
    bottom = y + 28 + math.ceil(len(REGIONS) / columns) * (height + 62) - 34
    return svg.frame(f"regions-{lang}-{width:.0f}", width, bottom, title, title, "".join(parts))


def _fan(bands: list[Row], worlds: int, lang: str, width: float) -> str:
    """Exits by year of a simulation, as the report draws them: observed years where it gives them, then the band."""
    rows = tuple(SimpleNamespace(**row) for row in bands)
    then = SimpleNamespace(exits=rows, refused=None, worlds=worlds)
    return of_report.fan_svg(SimpleNamespace(next=then), lang, width)  # type: ignore[arg-type]


def _what(bodies: list[tuple[str, str]], lang: str, width: float) -> str:
    """What there is to leave in the bodies of a case, as the report draws it."""
    listed = [SimpleNamespace(listed=part, what=what) for part, what in bodies]
    return of_report.what_svg(SimpleNamespace(bodies=listed), lang, width)  # type: ignore[arg-type]


_FIGURES: Final[dict[str, Callable[..., str]]] = {
    "exits": _exits, "regions": _regions, "curve": _curve, "fan": _fan, "what": _what,
}  # fmt: skip
