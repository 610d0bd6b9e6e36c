"""Small parts of server-made SVG: text that wraps, axes, frames, and the copy that stands alone."""

from __future__ import annotations

import math
import re
import unicodedata
from functools import cache, lru_cache
from html import escape
from pathlib import Path
from typing import Final

from exeunt.i18n import number

ASSETS: Final = Path(__file__).parents[1] / "assets"
TITLE, SMALL = 17.0, 13.0


def text(x: float, y: float, said: str, css: str, anchor: str = "start") -> str:
    """One line of text."""
    at = "" if anchor == "start" else f' text-anchor="{anchor}"'
    return f'<text x="{x:.1f}" y="{y:.1f}" class="{css}"{at}>{escape(said)}</text>'


def line(x1: float, y1: float, x2: float, y2: float, css: str) -> str:
    """One straight line."""
    return f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" class="{css}"/>'


def rect(x: float, y: float, width: float, height: float, css: str, fill: str = "") -> str:
    """One rectangle, filled by its class or by a pattern."""
    paint = f' fill="url(#{fill})"' if fill else ""
    return f'<rect x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}" class="{css}"{paint}/>'


def path(points: list[tuple[float, float]], css: str, closed: bool = False) -> str:
    """One line through the points."""
    steps = " ".join(f"{'M' if i == 0 else 'L'}{x:.1f} {y:.1f}" for i, (x, y) in enumerate(points))
    return f'<path d="{steps}{" Z" if closed else ""}" class="{css}"/>'


def mark(x: float, y: float, shape: str, size: float, css: str) -> str:
    """Draw a mark: circle, square, triangle or diamond."""
    if shape == "circle":
        return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{size:.1f}" class="{css}"/>'
    corners = {
        "square": [(-0.9, -0.9), (0.9, -0.9), (0.9, 0.9), (-0.9, 0.9)],
        "triangle": [(0, -1.15), (1.05, 0.8), (-1.05, 0.8)],
        "diamond": [(0, -1.25), (1.25, 0), (0, 1.25), (-1.25, 0)],
    }[shape]
    return path([(x + size * a, y + size * b) for a, b in corners], css, closed=True)


def width_of(said: str, size: float) -> float:
    """Estimate the width of a text in pixels: full-width signs one em, others a little over half."""
    return sum([size * _EMS[c] for c in said])


class _Ems(dict[str, float]):
    """Width of a sign in ems, looked up once."""

    def __missing__(self, sign: str) -> float:
        self[sign] = ems = 1.0 if unicodedata.east_asian_width(sign) in "WF" else 0.54
        return ems


_EMS: Final = _Ems()


def _wrap(said: str, size: float, width: float, lines: int = 3) -> list[str]:
    """Break a text into lines; what doesn't fit the last one ends in an ellipsis."""
    return list(_wrapped(said, size, width, lines))


@lru_cache(maxsize=2000)
def _wrapped(said: str, size: float, width: float, lines: int) -> tuple[str, ...]:
    pieces = re.findall(r"[\u2e80-\uffef][，。；：、）]*|[^\s\u2e80-\uffef]+|\s+", said)
    out, now = [], ""
    for piece in pieces:
        if now and width_of(now + piece.rstrip(), size) > width:
            out.append(now.strip())
            now = piece.lstrip()
        else:
            now += piece
    out = [one for one in [*out, now.strip()] if one]
    kept = [_cut(one, size, width) for one in out[:lines]]
    if len(out) > lines:
        kept[-1] = _cut(kept[-1] + " …", size, width)
    return tuple(kept)


def _cut(said: str, size: float, width: float) -> str:
    if width_of(said, size) <= width:
        return said
    while said and width_of(said + "…", size) > width:
        said = said[:-1]
    return said.rstrip(" …") + "…"


def heading(title: str, sub: str, width: float) -> tuple[str, float]:
    """Title and subtitle at the top of a figure.

    Returns
    -------
    markup and the height that it takes
    """
    parts, y = [], 20.0
    for one in _wrap(title, TITLE, width, 4) if title else ():
        parts.append(text(0, y, one, "f-title"))
        y += 23
    for one in _wrap(sub, SMALL, width, 5):
        parts.append(text(0, y, one, "f-sub"))
        y += 18
    return "".join(parts), y


def frame(name: str, width: float, height: float, title: str, desc: str, body: str) -> str:
    """Put a drawing into its `<svg>`, named for readers who don't see it."""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="fig" role="img" aria-label="{escape(title)}" '
        f'aria-describedby="{name}-d" viewBox="0 0 {width:.0f} {height:.0f}" '
        f'width="{width:.0f}" height="{height:.0f}">'
        f'<title>{escape(title)}</title><desc id="{name}-d">{escape(desc)}</desc>{body}</svg>'
    )


def _log_ticks(low: float, high: float) -> list[float]:
    """Ticks for a logarithmic axis that always holds 1: 1-2-5 steps, or powers of ten over a wide span."""
    first, last = math.floor(math.log10(min(low, 1.0))), math.ceil(math.log10(max(high, 1.0)))
    steps = (1.0,) if last - first > 3 else (1.0, 2.0, 5.0)
    ticks = [s * 10.0**e for e in range(first, last + 1) for s in steps]
    below = [t for t in ticks if t <= low]
    above = [t for t in ticks if t >= high]
    return [t for t in ticks if (not below or t >= below[-1]) and (not above or t <= above[0])]


def even_ticks(high: float, wanted: int = 5) -> list[float]:
    """Ticks from 0 to at least `high` in steps of 1, 2 or 5 times a power of ten."""
    rough = max(high, 1.0) / wanted
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(s * power for s in (1.0, 2.0, 5.0, 10.0) if s * power >= rough)
    step = max(step, 1.0)
    return [i * step for i in range(math.ceil(max(high, 1.0) / step) + 1)]


def _log_scale(value: float, ticks: list[float], x: float, width: float) -> float:
    """Place a value on a logarithmic axis; what lies beyond the last tick is held there."""
    low, high = math.log(ticks[0]), math.log(ticks[-1])
    share = (math.log(min(max(value, ticks[0]), ticks[-1])) - low) / max(high - low, 1e-9)
    return x + share * width


def _log_axis(ticks: list[float], x: float, width: float, top: float, bottom: float, lang: str) -> str:
    """Draw a logarithmic axis, the line at 1 set apart; labels that would touch are left out."""
    parts = []
    shown = {tick for tick in ticks if tick == 1}
    for tick in sorted(ticks, key=lambda t: abs(math.log(t))):
        at = _log_scale(tick, ticks, x, width)
        if all(abs(at - _log_scale(other, ticks, x, width)) > 30 for other in shown):
            shown.add(tick)
    for tick in ticks:
        at = _log_scale(tick, ticks, x, width)
        parts.append(line(at, top, at, bottom, "f-ref" if tick == 1 else "f-grid"))
        if tick in shown:
            digits = 0 if tick >= 1 else min(4, -math.floor(math.log10(tick)))
            parts.append(text(at, bottom + 16, number(tick, lang, digits), "f-axis f-num", "middle"))
    return "".join(parts)


def patterns(name: str) -> str:
    """Define the fillings that tell the segments apart without colour."""

    def tile(what: str, size: int, inner: str) -> str:
        return (
            f'<pattern id="{name}-{what}" width="{size}" height="{size}" patternUnits="userSpaceOnUse">'
            f'<rect width="{size}" height="{size}" class="f-none"/>{inner}</pattern>'
        )

    return (
        "<defs>"
        + tile("treaty", 8, '<path d="M-2 2L2 -2M0 8L8 0M6 10L10 6" class="f-c2"/>')
        + tile("participation_only", 7, '<circle cx="3.5" cy="3.5" r="1.1" class="f-c3" />')
        + tile("funding_only", 6, '<path d="M0 3H6" class="f-c4"/>')
        + "</defs>"
    )


@cache
def figure_css() -> str:
    """Return the style rules of the figures, colours by variable."""
    return (ASSETS / "figure.css").read_text(encoding="utf-8")


@cache
def palette_css() -> str:
    """Return the colour variables, light first, then dark."""
    return (ASSETS / "palette.css").read_text(encoding="utf-8")


def standalone(svg: str, dark: bool = False) -> str:
    """Make the copy that opens as its own file: styles inlined, light or dark colours, a background."""
    parts = palette_css().split("@media")
    colours = dict(re.findall(r"(--[\w-]+):\s*([^;]+);", parts[1] if dark else parts[0]))
    styles = re.sub(r"var\((--[\w-]+)\)", lambda found: colours[found[1]], figure_css())
    box = re.search(r'viewBox="0 0 (\d+) (\d+)"', svg)
    if box is None:
        return svg
    wide, high = int(box[1]) + 48, int(box[2]) + 48
    head, rest = svg.split(">", 1)
    head = re.sub(r'viewBox="[^"]*" width="\d+" height="\d+"', "", head)
    head += f'viewBox="-24 -24 {wide} {high}" width="{wide}" height="{high}"'
    back = f'<rect x="-24" y="-24" width="{wide}" height="{high}" fill="{colours["--paper"]}"/>'
    return f"{head}><style>{styles}</style>{back}{rest}\n"
