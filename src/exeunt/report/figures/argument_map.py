"""The map of an argument's links: one SVG made here, arrows coloured, dashed and marked by verdict and labelled by figure.

The variable with the most links stands in the middle as a tall box, so that every link with it is a level arrow; what it leads
to stands on the right, what only leads to it on the left. Other links go round the outside.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Final

from exeunt.i18n import number, word
from exeunt.report import figures as svg

SHAPES: Final = {
    "supported": "circle", "partly": "triangle", "mixed": "diamond", "contradicted": "square", "not_supported": "square",
    "not_found": "circle",
}  # fmt: skip
"""Verdict → its mark; the two that say no more than that are open, the others filled."""
BOX, HUB, GAP, HIGH, LANE = 142.0, 112.0, 176.0, 46.0, 58.0
BETWEEN, PAIR = 38.0, 74.0
"""Between two boxes of a column, and between two arrows of one box."""
MIDDLE: Final = BOX + GAP
RIGHT: Final = MIDDLE + HUB + GAP
MARGIN: Final = 158.0
Row = dict[str, Any]


@dataclass
class _Laid:
    """Where boxes stand: name → (x, y, width, height), the hub's name, and how far the drawing reaches."""

    boxes: dict[str, tuple[float, float, float, float]]
    hub: str
    left: list[str]
    right: list[str]
    bottom: float
    ports: dict[tuple[str, str], float] = field(default_factory=dict)
    """Link with the hub → the height at which it runs."""


def _map_svg(found: Row, lang: str, labels: dict[str, str], name: str = "argument-map") -> str:
    """The map as one `<svg>` whose colours are variables of the page.

    Parameters
    ----------
    found : what `argument.summary.as_dict` gives
    labels : variable → the words for it
    name : of the drawing, where a page holds several
    """
    links = found["links"]
    borne = sum(link["verdict"] == "supported" for link in links)
    laid = _lay_out(links, labels, 0)
    outside = [link for link in links if laid.hub not in (link["source"], link["target"])]
    beside = {end for link in outside for end in (link["source"], link["target"])}
    margins = tuple(MARGIN if beside & set(column) else 0.0 for column in (laid.left, laid.right))
    wide = margins[0] + (RIGHT if laid.left else RIGHT - MIDDLE) + BOX + margins[1]
    title = word("map.found", lang, borne=borne, total=len(links))
    head, top = svg.heading(title, found["title"] + word("text.full_stop", lang) + word("map.sub", lang), wide)
    laid = _lay_out(links, labels, top + 26, margins[0] - (0 if laid.left else MIDDLE))
    body = [head]
    body += [_level(link, laid, lang) for link in links if link not in outside]
    body += [_round(link, laid, lang, lane) for lane, link in enumerate(outside)]
    body += [_box(variable, labels[variable], laid) for variable in laid.boxes]
    legend, bottom = _legend(links, laid.bottom + 24, lang)
    units, bottom = _units(links, labels, bottom + 8, wide, lang)
    told = [
        word("map.link", lang, source=labels[link["source"]], target=labels[link["target"]], sign=_sign(link),
             verdict=word(f"verdict.{link['verdict']}", lang), figure=link["figure"]) for link in links
    ]  # fmt: skip
    return svg.frame(name, wide, bottom + 12, title, word("sep", lang).join(told), "".join([*body, legend, units]))


def _lay_out(links: Sequence[Row], labels: dict[str, str], top: float, x0: float = 0.0) -> _Laid:
    """Place the variables; columns keep the order of the file, and a box is as high as its words and its arrows need."""
    names = list(labels)
    degree = {name: sum(name in (link["source"], link["target"]) for link in links) for name in names}
    hub = max(names, key=lambda name: degree[name])
    targets = {link["target"] for link in links if link["source"] == hub}
    sources = {link["source"] for link in links if link["target"] == hub}
    right = [name for name in names if name != hub and name in targets]
    left = [name for name in names if name != hub and name in sources - targets]
    for name in names:
        if name != hub and name not in (*left, *right):
            # A variable that the hub does not touch stands just below what it is linked with, else where the fewer are.
            near = {
                link["target"] if link["source"] == name else link["source"]
                for link in links
                if name in (link["source"], link["target"])
            }
            column = right if near & set(right) or (not near & set(left) and len(right) <= len(left)) else left
            column.insert(max((column.index(one) + 1 for one in near & set(column)), default=len(column)), name)
    boxes, ports, ends = {}, {}, []
    for x, column in ((x0, left), (x0 + RIGHT, right)):
        y = top
        for name in column:
            own = [link for link in links if {link["source"], link["target"]} == {hub, name}]
            lines = len(svg._wrap(labels[name], 13, BOX - 16, 3))
            high = max(HIGH + max(len(own) - 1, 0) * PAIR, 17.0 * lines + 14)
            boxes[name] = (x, y, BOX, high)
            for k, link in enumerate(own):
                ports[link["source"], link["target"]] = (
                    y + high * (k + 0.5) / len(own) if len(own) > 1 else y + high / 2
                )
            y += high + BETWEEN
        ends.append(y - BETWEEN)
    bottom = max([*ends, top + HIGH])
    boxes[hub] = (x0 + MIDDLE, top, HUB, bottom - top)
    return _Laid(boxes, hub, left, right, bottom, ports)


def _level(link: Row, laid: _Laid, lang: str) -> str:
    """An arrow between the hub and a box beside it."""
    y = laid.ports[link["source"], link["target"]]
    a, b = laid.boxes[link["source"]], laid.boxes[link["target"]]
    start, end = (a[0] + a[2], b[0]) if a[0] < b[0] else (a[0], b[0] + b[2])
    return _arrow([(start, y), (end, y)], link) + _said(link, (start + end) / 2, y, lang)


def _round(link: Row, laid: _Laid, lang: str, lane: int) -> str:
    """An arrow that does not touch the hub: beside its column, or below everything."""
    a, b = laid.boxes[link["source"]], laid.boxes[link["target"]]
    if a[0] == b[0]:
        side = -1.0 if a[0] < laid.boxes[laid.hub][0] else 1.0
        edge = a[0] if side < 0 else a[0] + a[2]
        out = edge + side * (26 + 10 * (lane % 3))
        y1, y2 = a[1] + a[3] / 2 + 6, b[1] + b[3] / 2 - 6
        points = [(edge, y1), (out, y1), (out, y2), (edge, y2)]
        return _arrow(points, link) + _said(link, out + side * 6, (y1 + y2) / 2, lang, "start" if side > 0 else "end")
    low = laid.bottom + LANE * (lane + 1) - 20
    laid.bottom = max(laid.bottom, low - LANE * lane + 20)
    xa, xb = a[0] + a[2] / 2, b[0] + b[2] / 2
    points = [(xa, a[1] + a[3]), (xa, low), (xb, low), (xb, b[1] + b[3])]
    return _arrow(points, link) + _said(link, (xa + xb) / 2, low, lang)


def _arrow(points: list[tuple[float, float]], link: Row) -> str:
    verdict = link["verdict"]
    (x0, y0), (x, y) = points[-2:]
    length = max(abs(x - x0), abs(y - y0))
    dx, dy = ((x - x0) / length, (y - y0) / length) if length else (1.0, 0.0)
    back = (x - 10 * dx, y - 10 * dy)
    tip = [(x, y), (back[0] - 5 * dy, back[1] + 5 * dx), (back[0] + 5 * dy, back[1] - 5 * dx)]
    return svg.path([*points[:-1], back], f"m-line m-{verdict}") + svg.path(tip, f"m-tip m-{verdict}", closed=True)


def _said(link: Row, x: float, y: float, lang: str, anchor: str = "middle") -> str:
    """Sign, verdict and mark above the line, the figure below it."""
    verdict = word(f"verdict.{link['verdict']}", lang)
    above = f"{_sign(link)}  {verdict}"
    size = svg.width_of(above, 13)
    start = x - size / 2 if anchor == "middle" else x + 16 if anchor == "start" else x - size - 16
    parts = [svg.mark(start - 10, y - 11.5, SHAPES[link["verdict"]], 4.6, f"m-tip m-{link['verdict']}"),
             svg.text(start, y - 7, above, "f-bold")]  # fmt: skip
    if link["estimate"] is not None:
        at = x if anchor == "middle" else start - 14 if anchor == "start" else start + size
        parts.append(svg.text(at, y + 16, _figure(link, lang), "f-axis f-num", anchor))
        deciding = [one for one in link["readings"] if one["decides"]]
        sign = 1 if link["sign"] == "+" else -1
        borne = sum(
            sign * (one["low"] - one["null_value"]) > 0 and sign * (one["high"] - one["null_value"]) > 0
            for one in deciding
        )
        parts.append(
            svg.text(at, y + 31, word("map.of", lang, borne=borne, total=len(deciding)), "f-axis f-num", anchor)
        )
    return "".join(parts)


def _figure(link: Row, lang: str) -> str:
    """Estimate and interval as they stand under an arrow."""
    digits = 2 if max(abs(link["low"]), abs(link["high"])) >= 0.1 else 3
    low, middle, high = (number(link[key], lang, digits) for key in ("low", "estimate", "high"))
    return word("argue.interval", lang, middle=middle, low=low, high=high)


def _sign(link: Row) -> str:
    return "+" if link["sign"] == "+" else "−"


def _box(name: str, label: str, laid: _Laid) -> str:
    x, y, wide, high = laid.boxes[name]
    lines = svg._wrap(label, 13, wide - 16, 3)
    first = y + high / 2 - 8.5 * (len(lines) - 1) + 4.5
    said = [svg.text(x + wide / 2, first + 17 * k, line, "f-bold", "middle") for k, line in enumerate(lines)]
    return svg.rect(x, y, wide, high, "m-hub" if name == laid.hub else "m-box") + "".join(said)


def _legend(links: Sequence[Row], y: float, lang: str) -> tuple[str, float]:
    """The verdicts that occur, each as it is drawn."""
    parts, x = [], 0.0
    for verdict in SHAPES:
        if all(link["verdict"] != verdict for link in links):
            continue
        said = word(f"verdict.{verdict}", lang)
        parts += [
            svg.path([(x, y + 8), (x + 44, y + 8)], f"m-line m-{verdict}"),
            svg.mark(x + 56, y + 8, SHAPES[verdict], 4.6, f"m-tip m-{verdict}"), svg.text(x + 68, y + 12.5, said, "f-axis"),
        ]  # fmt: skip
        x += 68 + svg.width_of(said, 12) + 24
    return "".join(parts), y + 24


def _units(links: Sequence[Row], labels: dict[str, str], y: float, wide: float, lang: str) -> tuple[str, float]:
    """What the figures count, a line or two for each unit, with the links that it holds for."""
    of: dict[str, list[str]] = {}
    for link in links:
        if link["estimate"] is not None:
            of.setdefault(link["unit"], []).append(f"{labels[link['source']]} → {labels[link['target']]}")
    if not of:
        return "", y
    parts, comma = [svg.text(0, y + 12.5, word("map.units", lang), "f-axis f-bold")], word("list.comma", lang)
    y += 17
    for unit, named in of.items():
        for line in svg._wrap(word("map.unit", lang, unit=unit, links=comma.join(named)), 12, wide, 4):
            parts.append(svg.text(0, y + 12.5, line, "f-axis"))
            y += 17
    return "".join(parts), y + 6


@cache
def _map_css() -> str:
    """Style rules of the map, colours by variable."""
    return (svg.ASSETS / "argument_map.css").read_text(encoding="utf-8")


def standalone_map(found: Row, lang: str, labels: dict[str, str]) -> str:
    """The map as a file of its own, light or dark as the reader's screen is set."""
    drawn = _map_svg(found, lang, labels)
    light, _, rest = svg.palette_css().partition("@media (prefers-color-scheme: dark)")
    dark = rest.partition("@media print")[0]
    rules = svg.figure_css() + _map_css() + ".fig .m-back { fill: var(--paper); }\n"
    styles = _resolved(rules, light) + "@media (prefers-color-scheme: dark) {\n" + _resolved(rules, dark) + "}\n"
    box = re.search(r'viewBox="0 0 (\d+) (\d+)"', drawn)
    wide, high = (int(box[1]) + 48, int(box[2]) + 48) if box else (0, 0)
    head, tail = drawn.split(">", 1)
    head = re.sub(r'viewBox="[^"]*" width="\d+" height="\d+"', "", head)
    head += f'viewBox="-24 -24 {wide} {high}" width="{wide}" height="{high}" lang="{lang}"'
    return (
        f'{head}><style>{styles}</style><rect x="-24" y="-24" width="{wide}" height="{high}" class="m-back"/>{tail}\n'
    )


def _resolved(rules: str, palette: str) -> str:
    colours = dict(re.findall(r"(--[\w-]+):\s*([^;]+);", palette))
    return re.sub(r"var\((--[\w-]+)\)", lambda one: colours[one[1]], rules)
