"""The figures of the report: each as data (`*_records`) and as an SVG made here, without script."""

from __future__ import annotations

import math
from statistics import fmean
from typing import Any, Final

from exeunt.i18n import known, number, word
from exeunt.report import figures as svg
from exeunt.report.data import _BodyRow, _Factor, _ReportData

WIDE, NARROW = 720.0, 340.0
KINDS: Final = ("membership", "treaty", "participation_only", "funding_only", "nothing_to_leave")
LEAVEABLE: Final = ("membership", "treaty")
PARTS: Final = ("listed_other", "listed_un")
BESIDE: Final = ("common", "state")
"""Factors that complete the product without being explanations."""
SHAPES: Final = ("circle", "square", "triangle", "diamond")
GAP: Final = 32.0
MOST_ROWS: Final = 24
"""More covered bodies than this are told by their table alone."""


def _name_of(body: _BodyRow, lang: str) -> str:
    """Give the name of a body in the reader's language, the English one where there is no Chinese."""
    return (body.name_zh if lang == "zh-Hant" else None) or body.name_en


def _settled(factor: _Factor) -> str:
    """Tell on which side of 1 the whole interval lies: up, down or no; same where there is no difference."""
    if factor.no_difference:
        return "same"
    return "up" if factor.low > 1 else "down" if factor.high < 1 else "no"


def _rivals(data: _ReportData) -> list[_Factor]:
    """Give the summary factors of the explanations, without those that only complete the product."""
    return [f for f in data.why.summary if f.explanation not in BESIDE]


def _findings(data: _ReportData, lang: str) -> str:
    """Title of the factor figure: which explanations have an interval that leaves out 1."""
    found = _rivals(data)
    apart = [f for f in found if _settled(f) in ("up", "down")]
    names = [word(f"explanation.{f.explanation}", lang) for f in apart]
    if not names:
        return word("why.title_none", lang)
    key = f"why.title_{_settled(apart[0])}" if len(apart) == 1 < len(found) else "why.title_several"
    return word(key, lang, names=word("list.comma", lang).join(names))


# --- exits per year -----------------------------------------------------------------------------------


def _fan_records(data: _ReportData) -> list[dict[str, Any]]:
    """One row a year: observed count, or median and 95 % band over worlds."""
    return [
        {
            "year": band.year,
            "reading": "observed" if band.observed else "simulated",
            "median": band.median,
            "low": band.low,
            "high": band.high,
        }
        for band in data.next.exits
    ]


def _fan_title(data: _ReportData, lang: str) -> str:
    seen = [band.median for band in data.next.exits if band.observed]
    drawn = [band for band in data.next.exits if not band.observed]
    if not seen or not drawn:
        return word("figure.fan.only", lang)
    mean = fmean(seen)
    above = sum(band.low > mean for band in drawn)
    below = sum(band.high < mean for band in drawn)
    where = "above" if 2 * above > len(drawn) else "below" if 2 * below > len(drawn) else "near"
    return word(f"figure.fan.{where}", lang, mean=number(mean, lang, 1))


def fan_svg(data: _ReportData, lang: str, width: float = WIDE) -> str:
    """Draw observed exits by year, then the simulated median and its 95 % band; empty if refused."""
    bands = data.next.exits
    drawn = [band for band in bands if not band.observed]
    if data.next.refused or not drawn:
        return ""
    title = _fan_title(data, lang)
    head, y = svg.heading(title, word("figure.fan.sub", lang, worlds=number(data.next.worlds, lang)), width)
    legend, y = _fan_legend(y + 6, width, lang)
    ticks = svg.even_ticks(max(band.high for band in bands))
    left, right, top, height = 36.0, 20.0, y + 24, 240.0
    first, last = bands[0].year, bands[-1].year

    def at(year: float, value: float) -> tuple[float, float]:
        across = (year - first) / max(last - first, 1) * (width - left - right)
        return left + across, top + height * (1 - value / ticks[-1])

    parts = [head, legend]
    for tick in ticks:
        _, line_y = at(first, tick)
        parts.append(svg.line(left, line_y, width - right, line_y, "f-grid" if tick else "f-base"))
        parts.append(svg.text(left - 7, line_y + 4, number(tick, lang), "f-axis f-num", "end"))
    step = next(s for s in (1, 2, 5, 10, 20, 50, 100) if (last - first) / s <= width / 85)
    for year in range(math.ceil(first / step) * step, last + 1, step):
        x, line_y = at(year, 0)
        parts.append(svg.line(x, line_y, x, line_y + 4, "f-base"))
        parts.append(svg.text(x, line_y + 19, str(year), "f-axis f-num", "middle"))
    seen = [at(band.year, band.median) for band in bands if band.observed]
    upper, lower = [at(b.year, b.high) for b in drawn], [at(b.year, b.low) for b in drawn]
    parts.append(svg.path([*upper, *reversed(lower)], "f-band", closed=True))
    parts += [svg.path(upper, "f-edge"), svg.path(lower, "f-edge")]
    parts.append(svg.path([at(b.year, b.median) for b in drawn], "f-mid"))
    if seen:
        parts.append(svg.path(seen, "f-seen"))
        parts += [svg.mark(x, dot_y, "circle", 2.2, "f-dot") for x, dot_y in seen]
    start = max((b.year for b in bands if b.observed), default=first)
    desc = word("figure.fan.desc", lang, first=first, start=start, last=last)
    return svg.frame(
        f"fan-{lang}-{width:.0f}",
        width,
        top + height + 30,
        title,
        f"{title}{_stop(lang)}{desc}",
        "".join(parts),
    )


def _fan_legend(y: float, width: float, lang: str) -> tuple[str, float]:
    parts, x = [], 0.0
    for key in ("observed", "median", "band"):
        said = word(f"figure.fan.{key}", lang)
        if x + 34 + svg.width_of(said, 13) > width:
            x, y = 0.0, y + 20
        if key == "observed":
            parts += [
                svg.line(x, y - 4, x + 26, y - 4, "f-seen"),
                svg.mark(x + 13, y - 4, "circle", 2.4, "f-dot"),
            ]
        elif key == "median":
            parts.append(svg.line(x, y - 4, x + 26, y - 4, "f-mid"))
        else:
            parts += [svg.rect(x, y - 11, 26, 13, css) for css in ("f-band", "f-edge")]
        parts.append(svg.text(x + 33, y, said, "f-sub"))
        x += 33 + svg.width_of(said, 13) + 22
    return "".join(parts), y


# --- factors ------------------------------------------------------------------------------------------


def _factors_records(data: _ReportData) -> list[dict[str, Any]]:
    """One row a factor: the summary (body empty), then every covered body."""
    names = {body.key: (body.name_en, body.name_zh) for body in data.bodies} | {
        key: (english, chinese) for key, english, chinese in data.names
    }
    blocks: list[tuple[str, tuple[_Factor, ...]]] = [("", data.why.summary)]
    blocks += [(hazard.key, hazard.factors) for hazard in data.why.covered]
    return [
        {
            "body": key,
            "name_en": names[key][0] if key in names else "",
            "name_zh": (names[key][1] or "") if key in names else "",
            "explanation": f.explanation,
            "factor": f.factor,
            "low": f.low,
            "high": f.high,
            "settled": _settled(f),
        }
        for key, factors in blocks
        for f in factors
    ]


def _factors_svg(data: _ReportData, lang: str, width: float = WIDE, brief: bool = False) -> str:
    """Forest plot on a logarithmic axis with a line at 1: one panel an explanation, or the summary alone.

    Parameters
    ----------
    brief : only the median over the covered bodies, one row an explanation
    """
    records = [r for r in _factors_records(data) if not (brief and (r["body"] or r["explanation"] in BESIDE))]
    if not records or (not brief and len(data.why.covered) > MOST_ROWS):
        return ""
    title = _findings(data, lang)
    head, top = svg.heading(title, word("why.sub_brief" if brief else "why.sub", lang), width)
    inside = [v for r in records for v in (r["low"], r["high"], r["factor"]) if 1e-6 < v < 1e6]
    ticks = svg._log_ticks(min(inside, default=1.0), max(inside, default=1.0))
    draw = _brief if brief else _side_by_side if width > 500 else _stacked
    body, height = draw(records, lang, width, top + 10, ticks)
    desc = _stop(lang).join((title, word("figure.factors.desc", lang)))
    name = f"{'brief' if brief else 'factors'}-{lang}-{width:.0f}"
    return svg.frame(name, width, height, title, desc, head + body)


def _interval(r: dict[str, Any], at: int, y: float, ticks: list[float], x: float, width: float, big: bool) -> str:
    colour = f"f-c{at % 5 + 1}"
    low, high = (svg._log_scale(r[side], ticks, x, width) for side in ("low", "high"))
    hollow = " f-open" if r["settled"] in ("no", "same") else ""
    middle = svg._log_scale(r["factor"], ticks, x, width)
    shape = SHAPES[at % len(SHAPES)]
    return svg.line(low, y, high, y, colour) + svg.mark(middle, y, shape, 5.5 if big else 4.2, colour + hollow)


def _said(r: dict[str, Any], lang: str) -> str:
    low, high = number(r["low"], lang, 2), number(r["high"], lang, 2)
    return word("value.with", lang, value="× " + number(r["factor"], lang, 2), low=low, high=high)


def _order(records: list[dict[str, Any]]) -> list[str]:
    return list(dict.fromkeys(r["explanation"] for r in records))


def _label(r: dict[str, Any], lang: str) -> str:
    if not r["body"]:
        return word("why.median_row", lang)
    return str((r["name_zh"] if lang == "zh-Hant" else "") or r["name_en"] or word("head.body", lang))


def _brief(records: list[dict[str, Any]], lang: str, width: float, top: float, ticks: list[float]) -> tuple[str, float]:
    """Rows of the summary: name, interval, and the figures in words."""
    narrow = width < 500
    left, right = (0.0, 0.0) if narrow else (172.0, 150.0)
    row = 46.0 if narrow else 38.0
    bottom = top + row * len(records)
    pad = 14.0 if narrow else 4.0
    plot = width - left - right - 2 * pad
    parts = [svg._log_axis(ticks, left + pad, plot, top, bottom, lang)]
    for at, r in enumerate(records):
        y = top + row * at + (30 if narrow else row / 2)
        said = word(f"explanation.{r['explanation']}", lang)
        label_y = y - 14 if narrow else y - 3
        parts.append(_chip(0, label_y, said) if narrow else "")
        parts.append(svg.text(0, label_y, said, "f-bold"))
        if not narrow and known(f"gloss.{r['explanation']}"):
            parts.append(svg.text(0, label_y + 16, word(f"gloss.{r['explanation']}", lang), "f-axis"))
        if narrow:
            chip = svg.width_of(_said(r, lang), 13)
            parts.append(svg.rect(width - chip, label_y - 12, chip, 16, "f-chip"))
        parts.append(svg.text(width, label_y if narrow else y + 4, _said(r, lang), "f-num", "end"))
        parts.append(_interval(r, at, y, ticks, left + pad, plot, True))
    return "".join(parts), bottom + 22


def _chip(x: float, y: float, said: str) -> str:
    return svg.rect(x, y - 12, svg.width_of(said, 14) + 4, 16, "f-chip")


def _side_by_side(
    records: list[dict[str, Any]], lang: str, width: float, top: float, ticks: list[float]
) -> tuple[str, float]:
    """One panel an explanation, rows shared."""
    names = _order(records)
    keys = list(dict.fromkeys(r["body"] for r in records))
    label = 250.0
    panel = (width - label - GAP * (len(names) - 1) - 8) / max(len(names), 1)
    row = 34.0
    first, bottom = top + 42, top + 42 + row * len(keys)
    parts = [svg.line(0, first + row, width, first + row, "f-grid")] if len(keys) > 1 else []
    for number_of_row, key in enumerate(keys):
        r = next(r for r in records if r["body"] == key)
        lines = svg._wrap(_label(r, lang), 12.5, label - 14, 2)
        y = first + row * (number_of_row + 0.5) + 4 - 7.5 * (len(lines) - 1)
        parts += [svg.text(0, y + 15 * i, one, "f-bold" if not key else "") for i, one in enumerate(lines)]
    for at, name in enumerate(names):
        x = label + at * (panel + GAP)
        lines = svg._wrap(word(f"explanation.{name}", lang), 13.5, panel, 2)
        parts += [svg.text(x, top + 34 - 16 * i, one, "f-bold") for i, one in enumerate(reversed(lines))]
        parts.append(svg._log_axis(ticks, x, panel, first, bottom, lang))
        for r in (r for r in records if r["explanation"] == name):
            y = first + row * (keys.index(r["body"]) + 0.5)
            parts.append(_interval(r, at, y, ticks, x, panel, not r["body"]))
    return "".join(parts), bottom + 24


def _stacked(
    records: list[dict[str, Any]], lang: str, width: float, top: float, ticks: list[float]
) -> tuple[str, float]:
    """Panels one below the other, each label above its interval."""
    parts, y = [], top
    for at, name in enumerate(_order(records)):
        rows = [r for r in records if r["explanation"] == name]
        parts.append(svg.text(0, y + 18, word(f"explanation.{name}", lang), "f-bold"))
        first = y + 28
        bottom = first + 40 * len(rows)
        parts.append(svg._log_axis(ticks, 14, width - 28, first, bottom, lang))
        for number_of_row, r in enumerate(rows):
            label_y = first + 40 * number_of_row + 14
            said = svg._wrap(_label(r, lang), 12.5, width - 6, 1)[0]
            parts += [_chip(0, label_y, said), svg.text(0, label_y, said, "" if r["body"] else "f-bold")]
            parts.append(_interval(r, at, label_y + 14, ticks, 14, width - 28, not r["body"]))
        y = bottom + 34
    return "".join(parts), y


# --- what there is to leave ---------------------------------------------------------------------------


def _what_records(data: _ReportData) -> list[dict[str, Any]]:
    """One row for each part of the list and kind of thing to leave, with the number of bodies."""
    return [
        {
            "listed": part,
            "what": what,
            "bodies": sum(1 for body in data.bodies if body.listed == part and body.what == what),
        }
        for part in PARTS
        for what in KINDS
    ]


def what_svg(data: _ReportData, lang: str, width: float = WIDE) -> str:
    """Stacked bars, one for each part of the list; colour and pattern both tell what there is. Empty without a list."""
    records = _what_records(data)
    if not any(r["bodies"] for r in records):
        return ""
    sums = {part: sum(r["bodies"] for r in records if r["listed"] == part) for part in PARTS}
    ends = {part: sum(r["bodies"] for r in records if r["listed"] == part and r["what"] in LEAVEABLE) for part in PARTS}
    counts = {f"{side}_{part[7:]}": n for side, of in (("all", sums), ("end", ends)) for part, n in of.items()}
    title = word("figure.what.title", lang, **counts)
    head, top = svg.heading(title, word("figure.what.sub", lang), width)
    name = f"what-{lang}-{width:.0f}"
    parts, y = [head, svg.patterns(name)], top + 8
    x = 0.0
    for what in KINDS:
        count = sum(r["bodies"] for r in records if r["what"] == what)
        said = f"{word(f'what.{what}', lang)} {count}"
        if x + 24 + svg.width_of(said, 13) > width:
            x, y = 0.0, y + 22
        parts.append(_segment(name, what, x, y - 2, 18, 14))
        parts.append(svg.text(x + 24, y + 10, said, "f-sub"))
        x += 24 + svg.width_of(said, 13) + 18
    y += 30
    scale = width / max(*sums.values(), 1)
    for part, count in sums.items():
        label = word("bodies.group", lang, what=word(f"listed.{part}", lang), count=count)
        parts.append(svg.text(0, y + 12, label, "f-bold"))
        y, x = y + 20, 0.0
        for r in records:
            if r["listed"] != part or not r["bodies"]:
                continue
            wide = r["bodies"] * scale
            parts.append(_segment(name, r["what"], x, y, wide, 30))
            chip = svg.width_of(str(r["bodies"]), 14) + 8
            if wide > chip + 2:
                parts.append(svg.rect(x + (wide - chip) / 2, y + 6, chip, 18, "f-chip"))
                parts.append(svg.text(x + wide / 2, y + 19.5, str(r["bodies"]), "f-num f-bold", "middle"))
            x += wide
        y += 46
    desc = _stop(lang).join((title, word("figure.what.desc", lang)))
    return svg.frame(name, width, y - 8, title, desc, "".join(parts))


def _segment(name: str, what: str, x: float, y: float, width: float, height: float) -> str:
    if what == "membership":
        return svg.rect(x, y, width, height, "f-solid f-box")
    if what == "nothing_to_leave":
        return svg.rect(x, y, width, height, "f-none f-box")
    return svg.rect(x, y, width, height, "f-box", f"{name}-{what}")


def _stop(lang: str) -> str:
    return word("text.full_stop", lang)
