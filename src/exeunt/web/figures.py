"""Figures of the explorer: each as rows and as an SVG in the style of the report's."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable
from datetime import date
from functools import lru_cache
from types import SimpleNamespace
from typing import Any, Final

from markupsafe import Markup

from exeunt.dates import parse
from exeunt.i18n import day, number, word
from exeunt.record.schema import REGIONS
from exeunt.report import figures as svg
from exeunt.report.figures import factors as of_report
from exeunt.web.desk import DATES, Desk

Row = dict[str, Any]
WIDE, NARROW = 1000.0, 340.0
CLASSES: Final = ("yes", "unsettled", "no")
"""Whether an episode counts as an exit: solid, hatched, hollow."""
LEFT, RIGHT = 40.0, 12.0
CURVE_HEIGHT: Final = 150.0
MARGIN: Final = 16.0
"""Left free beside a heading: widths of words are estimates."""


def counts_word(value: bool | None) -> str:
    """Word of `counts_as_exit`: yes, no, or unsettled."""
    return {True: "yes", False: "no", None: "unsettled"}[value]


def year_of(row: Row) -> int | None:
    """Year of the last step of an episode that is dated: effect, else notice, else announcement."""
    for name in reversed(DATES):
        if row[name]:
            when = parse(row[name])
            first = when.earliest or when.latest
            if first is not None:
                return first.year
    return None


def by_year(rows: list[Row]) -> list[Row]:
    """Count episodes by year and class: [{year, yes, unsettled, no}], every year from the first to the last."""
    counted: Counter[tuple[int, str]] = Counter()
    for row in rows:
        year = year_of(row)
        if year is not None:
            counted[year, counts_word(row["counts_as_exit"])] += 1
    years = [year for year, _ in counted]
    return [
        {"year": year, **{word: counted[year, word] for word in CLASSES}}
        for year in range(min(years), max(years) + 1)
    ] if years else []  # fmt: skip


def by_region(desk: Desk, rows: list[Row]) -> list[Row]:
    """Count the episodes that count as exits by decade and region: [{decade, Africa, …}]."""
    counted: Counter[tuple[int, str]] = Counter()
    for row in rows:
        year, region = year_of(row), desk.regions.get(row["state"])
        if year is not None and region and row["counts_as_exit"]:
            counted[year // 10 * 10, region] += 1
    decades = [decade for decade, _ in counted]
    return [
        {"decade": decade, **{region: counted[decade, region] for region in REGIONS}}
        for decade in range(min(decades), max(decades) + 10, 10)
    ] if decades else []  # fmt: skip


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
        parts.append(svg.line(LEFT, y, width - RIGHT, y, "f-grid" if tick else "f-base"))
        parts.append(svg.text(LEFT - 7, y + 4, number(tick, lang), "f-axis f-num", "end"))
    return parts


def exits_pair(records: list[Row], lang: str) -> list[Markup]:
    """Draw exits by year, as `by_year` counts them, for wide and for narrow screens."""
    return _exits_pair(tuple((r["year"], *(r[name] for name in CLASSES)) for r in records), lang)


@lru_cache(maxsize=300)
def _exits_pair(counts: tuple[tuple[int, ...], ...], lang: str) -> list[Markup]:
    records = [dict(zip(("year", *CLASSES), row, strict=True)) for row in counts]
    return pair_of(lambda width: exits_svg(records, lang, width))


def exits_svg(records: list[Row], lang: str, width: float = WIDE) -> str:
    """Bars by year, as `by_year` counts them: one part a class, told apart by filling and pattern; empty without any."""
    if not records:
        return ""
    first, last = int(records[0]["year"]), int(records[-1]["year"])
    sums = {name: sum(r[name] for r in records) for name in CLASSES}
    title = word("web.figure.exits.title", lang, counted=sums["yes"], total=sum(sums.values()), first=first, last=last)
    head, y = svg.heading(title, word("web.figure.exits.sub", lang), width - MARGIN)
    name = f"exits-{lang}-{width:.0f}"
    parts, x = [head, svg.patterns(name)], 0.0
    y += 6
    for kind in CLASSES:
        said = f"{word(f'web.counts.{kind}', lang)} {sums[kind]}"
        if x and x + 24 + svg.width_of(said, 13) > width:
            x, y = 0.0, y + 21
        parts += [_part(name, kind, x, y - 11, 18, 13), svg.text(x + 24, y, said, "f-sub")]
        x += 24 + svg.width_of(said, 13) + 20
    top, height = y + 20, 220.0
    ticks = svg.even_ticks(max(sum(r[k] for k in CLASSES) for r in records), 4)
    parts += _grid(ticks, top, height, width, lang)
    slot = (width - LEFT - RIGHT) / len(records)
    bar = min(max(slot * 0.78, 1.5), 26.0)

    def at(year: float) -> float:
        return LEFT + slot * (year - float(first) + 0.5)

    for r in records:
        bottom = top + height
        for kind in CLASSES:
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


def curve_figure(desk: Desk, state: str, name: str, year: str, lang: str) -> Markup:
    """Draw the curve of a state for wide and for narrow screens, and put both into their figure."""
    wide, narrow = (curve_svg(desk, state, name, year, lang, width) for width in (WIDE, NARROW))
    return Markup(f'<figure>\n<div class="at-wide">{wide}</div>\n<div class="at-narrow">{narrow}</div>\n</figure>\n')


@lru_cache(maxsize=2000)
def curve_svg(desk: Desk, state: str, name: str, year: str, lang: str, width: float = WIDE) -> str:
    """Draw memberships by year, the year asked about marked; the last year is counted on the closing day."""
    rows, closing = desk.curve(state), desk.record.closing_day
    chosen = min(max(int(year), rows[0]["year"]), rows[-1]["year"])
    now = rows[chosen - rows[0]["year"]]["memberships"]
    most = max(rows, key=lambda r: r["memberships"])
    on = day(min(date(chosen, 12, 31), closing).isoformat(), lang)
    title = word(
        "web.figure.curve.title", lang, name=name, now=now, day=on, most=most["memberships"], when=most["year"]
    )
    head, y = svg.heading(title, word("web.figure.curve.sub", lang), width - MARGIN)
    top = y + 14
    points, grid, line, axis = _curve(desk, state, lang, width, top)
    x, y = points[chosen - int(rows[0]["year"])]
    parts = [
        head,
        grid,
        svg.line(x, top, x, top + CURVE_HEIGHT, "f-ref"),
        line,
        svg.mark(x, y, "circle", 5, "f-c1"),
        axis,
    ]
    desc = word("web.figure.curve.desc", lang)
    return svg.frame(
        f"curve-{lang}-{width:.0f}", width, top + CURVE_HEIGHT + 28, title,
        f"{title}{word('text.full_stop', lang)}{desc}", "".join(parts),
    )  # fmt: skip


@lru_cache(maxsize=1000)
def _curve(
    desk: Desk, state: str, lang: str, width: float, top: float
) -> tuple[list[tuple[float, float]], str, str, str]:
    """Points of a curve, its grid, its line and its axis, which are the same in whichever year it is asked for."""
    rows = desk.curve(state)
    ticks = svg.even_ticks(max(*(r["memberships"] for r in rows), 1), 4)
    first, last = int(rows[0]["year"]), int(rows[-1]["year"])

    def at(year: float) -> float:
        return LEFT + (year - float(first)) / (last - first) * (width - LEFT - RIGHT)

    points = [(at(r["year"]), top + CURVE_HEIGHT * (1 - r["memberships"] / ticks[-1])) for r in rows]
    grid = "".join(_grid(ticks, top, CURVE_HEIGHT, width, lang))
    return points, grid, svg.path(points, "f-seen"), "".join(_year_axis(first, last, at, top + CURVE_HEIGHT, width))


def regions_svg(records: list[Row], lang: str, width: float = WIDE) -> str:
    """Small panels, one a region, bars by decade on one scale; empty without rows."""
    if not records:
        return ""
    sums = {region: sum(r[region] for r in records) for region in REGIONS}
    largest = max(sums, key=lambda region: sums[region])
    title = word("web.figure.regions.title", lang, region=word(f"region.{largest}", lang), count=sums[largest],
                 total=sum(sums.values()))  # fmt: skip
    head, y = svg.heading(title, word("web.figure.regions.sub", lang), width - MARGIN)
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


def fan_svg(result: dict[str, Any], lang: str, width: float = WIDE) -> str:
    """Draw the exits by year of a simulation, as the report does: observed years where it gives them, then the band."""
    drawn = [
        SimpleNamespace(year=r["year"], median=r["median"], low=r["low"], high=r["high"], observed=r["observed"])
        for r in bands(result, "exits_per_year")
    ]
    then = SimpleNamespace(exits=tuple(drawn), refused=None, worlds=result.get("worlds", 0))
    return of_report.fan_svg(SimpleNamespace(next=then), lang, width)  # type: ignore[arg-type]


def bands(result: dict[str, Any], name: str) -> list[Row]:
    """Rows by year of a simulation; an entry that is no such row is left out."""
    rows = []
    for r in result.get(name) or ():
        if isinstance(r, dict) and all(isinstance(r.get(k), int | float) for k in ("year", "median", "low", "high")):
            rows.append({**{k: r[k] for k in ("year", "median", "low", "high")}, "observed": bool(r.get("observed"))})
    return rows


def pair_of(draw: Callable[[float], str]) -> list[Markup]:
    """Draw a figure for wide and for narrow screens."""
    return [Markup(draw(width)) for width in (WIDE, NARROW)]


def what_svg(bodies: list[tuple[str, str]], lang: str, width: float) -> str:
    """Draw what there is to leave in the bodies of a case, as the report does: (part of the list, what) a body."""
    listed = [SimpleNamespace(listed=part, what=what) for part, what in bodies]
    return of_report.what_svg(SimpleNamespace(bodies=listed), lang, width)  # type: ignore[arg-type]
