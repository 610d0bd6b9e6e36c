"""The timeline of a case: one line an exit, each act with a mark of its own."""

from __future__ import annotations

import math
from typing import Any, Final

from exeunt.i18n import day, word
from exeunt.report import figures as svg
from exeunt.report.data import _ActRow, _ReportData

MARKS: Final[dict[str, str]] = {
    "announced": "announced", "notified": "notified", "effective": "effective", "effective_claimed": "effective",
    "expelled": "effective", "rejoined": "back", "notice_rescinded": "undone", "halted": "undone", "law_repealed": "undone",
    "organ_position": "position", "objected": "position", "accepted": "position",
}  # fmt: skip
"""Act → mark; every other act bears `other`."""
ORDER: Final = ("announced", "notified", "effective", "back", "undone", "position", "other")
MOST: Final = 16
"""Lines drawn; the table below the figure holds every act."""


def _mark_of(act: str) -> str:
    """The mark of an act."""
    return MARKS.get(act, "other")


def _timeline_records(data: _ReportData) -> list[dict[str, Any]]:
    """One row an act, in the order of the lines."""
    names = {b.key: b for b in data.bodies}
    states = {code: (english, chinese) for code, english, chinese in data.states}
    return [
        {
            "line": a.row, "state": a.state, "state_en": states.get(a.state, (a.state, a.state))[0], "body": a.body or "",
            "name_en": names[a.body].name_en if a.body in names else "", "act": a.act, "mark": _mark_of(a.act),
            "date": a.date, "claimed_by": a.claimed_by, "contested": a.contested, "confidence": a.confidence or "",
            "note": a.note or "", "sources": " ".join(a.sources),
        }
        for a in data.acts
    ]  # fmt: skip


def _lines(data: _ReportData) -> list[tuple[str, list[_ActRow], int]]:
    """Lines of the figure: a label, the acts, and for how many exits it stands; exits that went alike share one.

    Of a page of a state or a body, the latest `MOST`; else the first ones, lines with more than an announcement first.
    """
    chains: dict[str, list[_ActRow]] = {}
    for act in data.acts:
        chains.setdefault(act.row, []).append(act)
    alike: dict[tuple[Any, ...], list[str]] = {}
    for line, acts in chains.items():
        pattern = tuple((a.act, a.date, a.contested) for a in acts)
        own = line if data.kind in ("state", "body") or line == "0" else ""
        alike.setdefault((own, pattern), []).append(line)
    found = [(members[0], chains[members[0]], len(members)) for members in alike.values()]
    if data.kind in ("state", "body"):
        return sorted(found, key=lambda one: -one[1][0].start)[:MOST]
    found.sort(key=lambda one: (one[0] != "0", -one[2] if one[2] > 3 else 0, one[1][0].start))
    return found[:MOST]


def _label(data: _ReportData, acts: list[_ActRow], number: int, lang: str) -> str:
    """Name of a line: the body, the state, or both, whichever the case has several of."""
    first = acts[0]
    names = {b.key: (b.name_zh or b.name_en) if lang == "zh-Hant" else b.name_en for b in data.bodies}
    states = {code: chinese if lang == "zh-Hant" else english for code, english, chinese in data.states}
    if first.body is None:
        return word("timeline.whole", lang)
    body, state = names.get(first.body, first.body), states.get(first.state, first.state)
    several_states, several_bodies = len(data.states) > 1, len({b.key for b in data.bodies}) > 1
    if number > 1:
        name = state if several_states and not several_bodies else body
        return word("timeline.and_others", lang, name=name, number=number)
    if several_states and several_bodies:
        return word("timeline.both", lang, state=state, body=body)
    return state if several_states else body


def _timeline_svg(data: _ReportData, lang: str, width: float = 1000.0, bare: bool = False) -> str:
    """Draw the acts along the years; empty where the record holds none. `bare`: the page has the title already."""
    chosen = _lines(data)
    if not chosen:
        return ""
    narrow = width < 500
    used = [m for m in ORDER if any(_mark_of(a.act) == m for _, acts, _ in chosen for a in acts)]
    shown = sum(number for _, _, number in chosen)
    whole = len({a.row for a in data.acts})
    title = _title_of(data, lang)
    sub = word("timeline.sub", lang)
    if shown < whole:
        sub += word("sep", lang) + word("timeline.cut", lang, shown=shown, whole=whole)
    head, top = ("", 0.0) if bare and shown == whole else svg.heading("" if bare else title, sub, width)
    legend, top = _legend(used, any(a.contested for _, acts, _ in chosen for a in acts), top + 8, width, lang)
    left = 6.0 if narrow else 290.0
    row = 44.0 if narrow else 36.0
    first = min(a.start for _, acts, _ in chosen for a in acts)
    last = max(max(a.end for _, acts, _ in chosen for a in acts), first + 0.5)
    pad = (last - first) * 0.04
    first, last = first - pad, last + pad
    top += 16

    def at(value: float) -> float:
        return left + (value - first) / (last - first) * (width - left - 14)

    bottom = top + row * len(chosen)
    parts = [head, legend]
    for value, said in _ticks(first, last, (width - left) / 78, lang):
        parts.append(svg.line(at(value), top - 4, at(value), bottom, "f-grid"))
        parts.append(svg.text(at(value), bottom + 18, said, "f-axis f-num", "middle"))
    for place, (_, acts, number) in enumerate(chosen):
        y = top + row * place + (30 if narrow else row / 2)
        said = _label(data, acts, number, lang)
        if narrow:
            said = svg._wrap(said, 13, width - 12, 1)[0]
            parts += [svg.rect(0, y - 26, svg.width_of(said, 13) + 6, 16, "f-chip"), svg.text(0, y - 14, said, "")]
        else:
            told = svg._wrap(said, 12.5, left - 14, 2)
            parts += [svg.text(0, y + 4.5 + 15 * (k - (len(told) - 1) / 2), one, "") for k, one in enumerate(told)]
        ends = [at((a.start + a.end) / 2) for a in acts]
        parts.append(svg.line(min(ends), y, max(ends), y, "f-base"))
        for act in acts:
            if at(act.end) - at(act.start) > 12:
                parts.append(svg.rect(at(act.start), y - 3, at(act.end) - at(act.start), 6, "f-span"))
        for act in acts:
            parts.append(_step(at((act.start + act.end) / 2), y, _mark_of(act.act), act.contested))
    desc = word("timeline.desc", lang, first=day(data.acts[0].date, lang), lines=len(chosen))
    name = f"timeline-{lang}-{width:.0f}"
    return svg.frame(name, width, bottom + 30, title, f"{title}{word('text.full_stop', lang)}{desc}", "".join(parts))


def _title_of(data: _ReportData, lang: str) -> str:
    """The finding: from the first to the last step, or that nothing took effect."""
    steps = {m: [a for a in data.acts if _mark_of(a.act) == m] for m in ORDER}
    if data.kind in ("state", "body"):
        return word("timeline.title_page", lang, acts=len(data.acts), exits=len(data.bodies))
    if not steps["effective"]:
        return word("timeline.title_none", lang, acts=len(data.acts), exits=len({a.row for a in data.acts}))
    begun = steps["announced"] + steps["notified"]
    first = min(begun or steps["effective"], key=lambda a: a.start)
    last = max(steps["effective"], key=lambda a: a.end)
    return word(
        "timeline.title",
        lang,
        first=day(first.date, lang),
        last=day(last.date, lang),
        act=word(f"mark.{_mark_of(first.act)}", lang),
    )


def _step(x: float, y: float, mark: str, contested: bool) -> str:
    """The mark of one act: shapes differ as much as colours do."""
    ring = svg.mark(x, y, "circle", 10.5, "f-doubt") if contested else ""
    if mark in ("announced", "notified", "effective"):
        body = f'<circle cx="{x:.1f}" cy="{y:.1f}" r="6" class="f-{mark}"/>'
        if mark == "notified":
            body += f'<path d="M{x:.1f} {y - 6:.1f}a6 6 0 0 1 0 12z" class="f-half"/>'
        return ring + body
    if mark == "back":
        return ring + svg.mark(x, y, "triangle", 6.5, "f-c3")
    if mark == "undone":
        return (
            ring
            + svg.path([(x - 5, y - 5), (x + 5, y + 5)], "f-c4")
            + svg.path([(x - 5, y + 5), (x + 5, y - 5)], "f-c4")
        )
    return ring + svg.mark(x, y, "diamond" if mark == "position" else "square", 4.5, "f-c5 f-open")


def _legend(used: list[str], doubt: bool, y: float, width: float, lang: str) -> tuple[str, float]:
    parts, x, y = [], 0.0, y + 12
    for mark in [*used, *(["contested"] if doubt else [])]:
        said = word(f"mark.{mark}", lang)
        if x + 22 + svg.width_of(said, 13) > width:
            x, y = 0.0, y + 24
        parts.append(
            svg.mark(x + 10, y - 4, "circle", 9, "f-doubt")
            if mark == "contested"
            else _step(x + 10, y - 4, mark, False)
        )
        parts.append(svg.text(x + 24, y, said, "f-sub"))
        x += 24 + svg.width_of(said, 13) + 20
    return "".join(parts), y + 10


def _ticks(first: float, last: float, most: float, lang: str) -> list[tuple[float, str]]:
    """Years, or months where the whole span is short."""
    span = last - first
    if span > 3:
        size = next(s for s in (1, 2, 5, 10, 20, 50) if span / s <= most)
        return [(float(y), day(str(y), lang)) for y in range(math.ceil(first / size) * size, int(last) + 1, size)]
    months = next(s for s in (1, 2, 3, 6, 12) if span * 12 / s <= most)
    start = math.ceil(first * 12 / months) * months
    return [
        (m / 12, day(f"{m // 12}-{m % 12 + 1:02}", lang) if most > 6 else f"{m // 12}-{m % 12 + 1:02}")
        for m in range(start, int(last * 12) + 1, months)
    ]  # fmt: skip
