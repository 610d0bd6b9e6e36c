"""Estimates with their intervals, one below the other on one axis: explanations compared, feedback, scenarios, gaps of money.

Each figure has its rows as data (`*_records`), its title, which is the finding, and its drawing.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from exeunt.i18n import joined, known, number, word
from exeunt.i18n.messages import said
from exeunt.report import figures as svg
from exeunt.report.data import _Compared, _FedBack, _Futures, _ReportData, _Score
from exeunt.report.figures.factors import _name_of as body_name

BASELINES: Final = ("common", "constant", "trailing", "empirical_bayes")
BASELINE: Final = "baseline"
WHAT: Final = ("exits", "joins", "memberships")
STEPS: Final = (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0, 200.0, 500.0, 1000.0)
MOST: Final = 14
"""Gaps drawn; the table holds all."""
PAD: Final = 16.0


@dataclass(frozen=True)
class _Row:
    """One interval: its label, its place on the axis, what is written beside it, and how it is drawn."""

    label: str
    triple: tuple[float, float, float]
    """Estimate, lower and upper end."""
    figure: str
    shape: str = "circle"
    colour: str = "f-c1"
    hollow: bool = False
    bold: bool = False


def _forest(
    rows: Sequence[_Row], ticks: Sequence[float], label: Callable[[float], str], top: float, width: float, left: float,
    right: float,
) -> tuple[str, float]:  # fmt: skip
    """Draw intervals below each other, a line at 0; on a phone each label stands above its interval.

    Returns
    -------
    markup and the height down to the lower end of the axis
    """
    narrow = width < 500
    left, right, row = (0.0, 0.0, 46.0) if narrow else (left, right, 32.0)
    plot = width - left - right - 2 * PAD
    bottom = top + 12 + row * len(rows)
    span = max(ticks[-1] - ticks[0], 1e-9)

    def at(value: float) -> float:
        return left + PAD + (value - ticks[0]) / span * plot

    parts = []
    for tick in ticks:
        zero = abs(tick) < span / 1000
        parts.append(svg.line(at(tick), top + 6, at(tick), bottom, "f-ref" if zero else "f-grid"))
        parts.append(svg.text(at(tick), bottom + 17, label(0.0 if zero else tick), "f-axis f-num", "middle"))
    for place, one in enumerate(rows):
        y = top + 12 + row * place + (32 if narrow else row / 2)
        label_y = y - 14 if narrow else y + 4.5
        wide = svg.width_of(one.figure, 13)
        said = svg._wrap(one.label, 13, width - wide - 12 if narrow else left - 12, 1 if narrow else 2)
        if narrow:
            parts.append(svg.rect(0, label_y - 12, svg.width_of(said[0], 14) + 4, 16, "f-chip"))
            parts.append(svg.rect(width - wide, label_y - 12, wide, 16, "f-chip"))
        css = "f-bold" if one.bold else ""
        parts += [svg.text(0, label_y + 15 * (k - (len(said) - 1) / 2), line, css) for k, line in enumerate(said)]
        parts.append(svg.text(width, label_y, one.figure, "f-num", "end"))
        parts.append(svg.line(at(one.triple[1]), y, at(one.triple[2]), y, one.colour))
        parts.append(svg.mark(at(one.triple[0]), y, one.shape, 5, one.colour + (" f-open" if one.hollow else "")))
    return "".join(parts), bottom


def _ticks(rows: Sequence[_Row], most: int) -> list[float]:
    """Round steps that hold 0 and every interval, `most` at most."""
    low, high = min(0.0, *(r.triple[1] for r in rows)), max(0.0, *(r.triple[2] for r in rows))
    size = next((s for s in STEPS if (high - low) / s <= most), STEPS[-1])
    return [size * k for k in range(math.floor(low / size), math.ceil(high / size) + 1)]


def _framed(name: str, title: str, desc: str, lang: str, width: float, bottom: float, body: str) -> str:
    said = f"{title}{word('text.full_stop', lang)}{desc}"
    return svg.frame(f"{name}-{lang}-{width:.0f}", width, bottom + 28, title, said, body)


def _with(triple: Sequence[str], lang: str) -> str:
    value, low, high = triple
    return word("value.with", lang, value=value, low=low, high=high)


def _signed(value: float, lang: str, digits: int | None = None) -> str:
    """A difference with its sign; one decimal below a hundred, unless told how many."""
    said = number(value, lang, digits if digits is not None else 1 if abs(value) < 100 else 0)
    return f"+{said}" if value > 0 and said.strip("0.,") else said


# --- explanations compared ------------------------------------------------------------------------------


def _rivals(found: _Compared, horizon: int = 1) -> list[_Score]:
    """Scores of the explanations at one horizon, best first, without common structure and baselines."""
    held = [s for s in found.scores if s.horizon == horizon and s.model not in BASELINES]
    return sorted(held, key=lambda s: -s.skill)


def _adds(score: _Score) -> str:
    """Whether an account adds to the common structure: up, down, or no where the interval holds 0."""
    return "up" if score.low > 0 else "down" if score.high < 0 else "no"


def _compared_records(data: _ReportData) -> list[dict[str, Any]]:
    """One row per model and horizon."""
    if data.compared is None:
        return []
    return [
        {
            "model": s.model, "years_ahead": s.horizon, "rows": s.rows, "exits": s.events, "skill": s.skill, "low": s.low,
            "high": s.high, "skill_against_own_record": "" if s.beats_history is None else s.beats_history,
            "doubts": said(s.doubts, "en"),
        }
        for s in data.compared.scores
    ]  # fmt: skip


def _model_name(model: str, lang: str) -> str:
    """Name of a rival or a baseline."""
    for key in (f"explanation.{model}", f"model.{model}"):
        if known(key):
            return word(key, lang)
    return model.replace("_", " ")


def _compared_title(found: _Compared, lang: str) -> str:
    """How many explanations predict better than the common structure."""
    held = _rivals(found)
    up = [_model_name(s.model, lang) for s in held if _adds(s) == "up"]
    return word("compared.title_some" if up else "compared.title_none", lang, names=up, up=len(up), count=len(held))


def _compared_svg(data: _ReportData, lang: str, width: float = 860.0, bare: bool = False) -> str:
    """Intervals of skill against the common structure; explanations first, then the baselines.

    Parameters
    ----------
    bare : the page has title and subtitle already
    """
    found = data.compared
    if found is None:
        return ""
    others = [s for s in found.scores if s.horizon == 1 and s.model in BASELINES[1:]]
    sub = word("compared.sub", lang, first=found.first_origin, last=found.last_origin)
    title = _compared_title(found, lang)
    head, top = ("", 0.0) if bare else svg.heading(title, sub, width)
    rows = []
    for score in (*_rivals(found), *others):
        rival = score.model not in BASELINES
        triple = (100 * score.skill, 100 * score.low, 100 * score.high)
        rows.append(
            _Row(_model_name(score.model, lang), triple, _with([_signed(v, lang, 1) for v in triple], lang),
                 "circle" if rival else "square", "f-c1" if rival else "f-c5", _adds(score) == "no", rival)
        )  # fmt: skip
    body, bottom = _forest(rows, _ticks(rows, 8), lambda t: number(t, lang) + " %", top, width, 220.0, 170.0)
    return _framed("compared", title, word("compared.desc", lang), lang, width, bottom, head + body)


# --- whether leaving feeds on itself ----------------------------------------------------------------------


def _told_apart(found: _FedBack) -> bool | None:
    """Whether both bounds of R lie on one side of 1: True above, False below, None where they do not decide."""
    first = found.outcomes[0]
    if first["R"]["low"] >= 1:
        return True
    return False if first["R_upper"]["high"] < 1 else None


def _failed(found: _FedBack) -> list[str]:
    """Placebos that failed."""
    return [p["placebo"] for p in found.placebos[1:] if not p["passed"]]


def _loop_title(found: _FedBack, lang: str) -> str:
    """The finding."""
    first = found.outcomes[0]
    key = {True: "loop.title_yes", False: "loop.title_no", None: "loop.title_open"}[_told_apart(found)]
    low, high = (number(first[k]["median"], lang, 2) for k in ("R", "R_upper"))
    return word(key, lang, low=low, high=high)


def _loop_sentence(found: _FedBack, lang: str) -> str:
    """What one exit brings within the horizon, and which placebos failed."""
    gain = found.outcomes[0]["G_interval"]
    parts = []
    if gain:
        low, mean, high = (number(gain[k], lang, 2) for k in ("low", "mean", "high"))
        parts.append(word("loop.gain", lang, years=found.years, mean=mean, low=low, high=high))
    if names := [_loop_name(name, lang) for name in _failed(found)]:
        parts.append(word("loop.failed", lang, names=names))
    return joined(parts, lang)


def _loop_name(key: str, lang: str) -> str:
    """Name of a placebo or a channel."""
    return word(f"loop.{key}", lang) if known(f"loop.{key}") else key.replace("_", " ")


def _loop_records(data: _ReportData) -> list[dict[str, Any]]:
    """One row for the fitted counts, then one per placebo: further exits of one exit, if the model is right."""
    if data.fed_back is None:
        return []
    return [
        {"counts": p["placebo"], "what": p["what"], **{f"further_exits_{k}": v for k, v in p["further_exits"].items()},
         "passed": "" if place == 0 else p["passed"]}
        for place, p in enumerate(data.fed_back.placebos)
    ]  # fmt: skip


def _loop_svg(data: _ReportData, lang: str, width: float = 860.0, bare: bool = False) -> str:
    """Draw further exits by the fitted counts and by each placebo; hollow where the interval holds 0.

    Parameters
    ----------
    bare : the page has the title already
    """
    if data.fed_back is None:
        return ""
    title = _loop_title(data.fed_back, lang)
    head, top = svg.heading("" if bare else title, word("loop.sub", lang, years=data.fed_back.years), width)
    rows = []
    for place, r in enumerate(_loop_records(data)):
        said = _loop_name(r["counts"], lang)
        if place:
            said += word("loop.mark_passed" if r["passed"] else "loop.mark_failed", lang)
        value, low, high = (r[f"further_exits_{k}"] for k in ("median", "low", "high"))
        figure = _with([number(v, lang, 2) for v in (value, low, high)], lang)
        shape, colour = ("square", "f-c5") if place else ("circle", "f-c1")
        rows.append(_Row(said, (value, low, high), figure, shape, colour, low <= 0 <= high, not place))
    ticks = _ticks(rows, 7)
    digits = 2 if ticks[1] - ticks[0] < 0.09 else 1
    body, bottom = _forest(rows, ticks, lambda t: number(t, lang, digits), top, width, 300.0, 180.0)
    return _framed("loop", title, word("loop.desc", lang), lang, width, bottom, head + body)


# --- scenarios beside the baseline ------------------------------------------------------------------------


def _scenario_name(key: str, lang: str) -> str:
    """Name of a scenario; one that has no words keeps its key."""
    return word(f"scenario.{key}", lang) if known(f"scenario.{key}") else key


def _scenarios(found: _Futures) -> list[dict[str, Any]]:
    """The scenarios but the baseline, the largest mean difference in exits first."""
    rest = [row for row in found.rows if row["scenario"] != BASELINE]
    return sorted(rest, key=lambda row: -abs(row["exits"]["mean"]))


def _differs(difference: dict[str, Any]) -> bool:
    """Whether the interval of a mean difference lies on one side of 0."""
    return bool(difference["mean_low"] > 0 or difference["mean_high"] < 0)


def _futures_title(found: _Futures, lang: str) -> str:
    """The finding."""
    apart = [row for row in _scenarios(found) if _differs(row["exits"])]
    if not apart:
        return word("futures.title_none", lang, years=found.years, worlds=found.worlds)
    name, mean = _scenario_name(apart[0]["scenario"], lang), _signed(apart[0]["exits"]["mean"], lang)
    return word("futures.title_largest", lang, name=name, mean=mean, years=found.years)


def _futures_missing(found: _Futures) -> int:
    """Bodies of the case of the batch that no world holds."""
    listed = [row["missing"] for row in found.rows if row["scenario"] == "batch-executed"]
    return max((len(bodies) for bodies in listed), default=0)


def _futures_records(data: _ReportData) -> list[dict[str, Any]]:
    """One row per scenario: its totals, and its differences from the baseline, all years together."""
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


def _futures_svg(data: _ReportData, lang: str, width: float = 860.0, bare: bool = False) -> str:
    """Draw the mean difference in exits of every scenario with its interval.

    Parameters
    ----------
    bare : the page has the title already
    """
    if data.futures is None or not _scenarios(data.futures):
        return ""
    title = _futures_title(data.futures, lang)
    head, top = svg.heading("" if bare else title, word("futures.sub", lang, years=data.futures.years), width)
    rows = []
    for r in _scenarios(data.futures):
        triple = (r["exits"]["mean"], r["exits"]["mean_low"], r["exits"]["mean_high"])
        figure = _with([_signed(v, lang) for v in triple], lang)
        rows.append(_Row(_scenario_name(r["scenario"], lang), triple, figure, hollow=not _differs(r["exits"])))
    ticks = _ticks(rows, 5 if width < 500 else 8)
    digits = 0 if ticks[1] - ticks[0] >= 0.99 else 1
    body, bottom = _forest(rows, ticks, lambda t: _signed(t, lang, digits) if t else "0", top, width, 330.0, 190.0)
    return _framed("futures", title, word("futures.desc", lang), lang, width, bottom, head + body)


# --- gaps of money ----------------------------------------------------------------------------------------


def _gaps_records(data: _ReportData) -> list[dict[str, Any]]:
    """One row per body and ledger, as `exeunt money CASE --view refill` shares them out."""
    return [dict(gap) for gap in data.follows.gaps] if data.follows else []


def _gaps_svg(data: _ReportData, lang: str, width: float = 860.0) -> str:
    """Draw gaps with their bands, dues as circles, voluntary money as hollow squares; empty where nothing is projected."""
    gaps = [gap for gap in _gaps_records(data) if gap["currency"] == "USD"][:MOST]
    if not gaps:
        return ""
    title = word("gaps.title", lang, count=len({gap["body"] for gap in gaps}))
    head, top = svg.heading(title, word("gaps.sub", lang), width)
    names = {b.key: body_name(b, lang) for b in data.bodies}
    marks = {"assessed": ("circle", "f-c1", False), "voluntary": ("square", "f-c2", True)}
    parts, x = [head], 0.0
    for ledger, (shape, colour, hollow) in marks.items():
        said = word(f"money.{ledger}", lang)
        parts.append(svg.mark(x + 8, top + 8, shape, 5, colour + (" f-open" if hollow else "")))
        parts.append(svg.text(x + 20, top + 12, said, "f-sub"))
        x += 20 + svg.width_of(said, 13) + 24
    rows = []
    for gap in gaps:
        triple = (gap["amount"] / 1e6, gap["low"] / 1e6, gap["high"] / 1e6)
        figure = number(triple[0], lang, 1)
        if width >= 500:
            figure = _with([number(v, lang, 1) for v in triple], lang)
        said = names.get(gap["body"], gap["body"].replace("_", " "))
        rows.append(_Row(said, triple, figure, *marks[gap["ledger"]]))
    ticks = svg.even_ticks(max(r.triple[2] for r in rows))
    body, bottom = _forest(rows, ticks, lambda t: number(t, lang), top + 20, width, 300.0, 150.0)
    return _framed("gaps", title, word("gaps.desc", lang), lang, width, bottom, "".join(parts) + body)
