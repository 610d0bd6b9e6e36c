"""The sentences of page 1 and of the section heads: what was found, in either language."""

from __future__ import annotations

from collections import Counter
from typing import Final

from exeunt.dates import parse
from exeunt.record.exits import OUTCOMES
from exeunt.report import figures
from exeunt.report.data import BodyRow, ClockRow, Factor, ReportData, YearBand
from exeunt.report.figures import settled
from exeunt.words import day, known, number, word

PAGES: Final = ("state", "body")
CONFIDENCE: Final = ("low", "medium", "high")
LONGEST_NAME: Final = 60
FEW_ACTS: Final = 3
"""Fewer acts an exit than this, or an act of low confidence, make a record thin."""


def listed(data: ReportData) -> bool:
    """Whether the case is a list of bodies, as a memorandum names them."""
    return bool(data.listed_un or data.listed_other)


def on(text: str, lang: str) -> str:
    """A date with its preposition: on a day, in a month or year."""
    said = day(text, lang)
    if "/" in text or any(mark in text for mark in "X~?%"):
        return word("on.plain", lang, day=said)
    return word("on.day" if len(text) == 10 else "on.in", lang, day=said)


def state_name(data: ReportData, code: str, lang: str) -> str:
    """Name of a state of the case."""
    for key, english, chinese in data.states:
        if key == code:
            return chinese if lang == "zh-Hant" else english
    return code


def headline(data: ReportData, lang: str) -> str:
    """What was found about the case as a whole."""
    rows = data.bodies
    if listed(data):
        leavable = sum(b.what in figures.LEAVEABLE for b in rows)
        return word("top.headline", lang, total=data.listed_other + data.listed_un, leavable=leavable)
    if len(rows) == 1:
        return _single(data, rows[0], lang)
    counts, back = Counter(b.outcome for b in rows), sum(b.back is not None for b in rows)
    if data.kind in PAGES:
        said = word("course.page", lang, exits=len(rows), left=counts["left"] + counts["expelled"])
        return said + (word("sep", lang) + word("course.page_back", lang, back=back) if back else "")
    found = sorted((name for name in OUTCOMES if counts[name]), key=lambda name: -counts[name])
    parts = [
        word("course.next" if place else "course.first", lang, n=counts[name], total=len(rows),
             what=word(f"outcome_word.{name}", lang))
        for place, name in enumerate(found)
    ]  # fmt: skip
    if back:
        parts.append(word("course.back_some", lang, back=back))
    return word("sep", lang).join(parts)


def _single(data: ReportData, row: BodyRow, lang: str) -> str:
    when = {
        "left": row.effective, "disputed": row.effective, "expelled": row.effective, "taken_back": row.taken_back,
        "notice": row.notified, "announced": row.announced, "due": row.until or row.effective,
    }.get(row.outcome)  # fmt: skip
    key = f"course.{row.outcome}"
    if row.outcome == "due":
        when = next((a.date for a in data.acts if a.act == "effective_by_clause"), None)
    if row.outcome == "left" and row.back:
        key = "course.left.back"
    said = word(
        key, lang, state=state_name(data, row.state, lang), body=short_name(row, lang),
        day=on(when, lang) if when else "", back=on(row.back, lang) if row.back else "",
    )  # fmt: skip
    return said[:1].upper() + said[1:]


def short_name(row: BodyRow, lang: str) -> str:
    """Name of a body inside a sentence: the acronym in English where there is one."""
    if lang == "zh-Hant" and row.name_zh:
        return row.name_zh
    return row.acronym or word("body.the", lang, name=row.name_en)


def lede(data: ReportData, lang: str) -> str:
    """The second sentence: what can be left in a list; the rule behind a single exit; who and what, where there are several."""
    rows = data.bodies
    if listed(data):
        kinds = Counter(b.what for b in rows)
        rest = data.listed_other + data.listed_un - kinds["membership"] - kinds["treaty"]
        return word("top.split", lang, membership=kinds["membership"], treaty=kinds["treaty"], rest=rest)
    if len(rows) == 1:
        return " ".join(clock_sentence(c, lang) for c in data.clocks).strip()
    if data.kind in PAGES:
        return ""
    states = [name[2] if lang == "zh-Hant" else name[1] for name in data.states]
    bodies = list(dict.fromkeys(short_name(b, lang) for b in rows))
    return word("lede.bodies", lang, states=_short(states, lang, 10), bodies=_short(bodies, lang, 4))


def clock_sentence(c: ClockRow, lang: str) -> str:
    """What the rule says of one exit, in one sentence; empty where it says nothing."""
    if c.silent and c.instrument:
        return word("lede.silent", lang, rule=c.instrument)
    if not c.instrument or not c.earliest:
        return ""
    rule = clause(c, lang)
    if c.notice_established or not c.started_on:
        return word("lede.clock", lang, rule=rule, day=day(c.earliest, lang))
    return word("lede.clock_if", lang, rule=rule, day=day(c.earliest, lang), start=on(c.started_on, lang))


def clause(c: ClockRow, lang: str) -> str:
    """Name of the clause."""
    name = c.instrument or ""
    if len(name) > LONGEST_NAME:
        name = name[:LONGEST_NAME].rpartition(" ")[0].rstrip(",;") + " …"
    if not c.article:
        return word("rule.plain", lang, instrument=name)
    return word("rule.article" if c.article[:1].isdigit() else "rule.place", lang, article=c.article, instrument=name)


def period(text: str | None, lang: str) -> str:
    """An ISO 8601 period such as P1Y in words."""
    if text is None:
        return word("period.none", lang)
    count, unit = text[1:-1], text[-1:]
    name = {"Y": "year", "M": "month", "D": "days"}.get(unit)
    if not count.isdigit() or name is None:
        return text
    key = f"period.{name}" if int(count) == 1 or unit == "D" else f"period.{name}s"
    return word(key, lang, n=count)


def _short(names: list[str], lang: str, most: int) -> str:
    if len(names) <= most:
        return list_of(names, lang)
    shown = word("list.comma", lang).join(names[:most])
    return word("lede.more", lang, names=shown, more=len(names) - most)


def disputed(data: ReportData, lang: str) -> str:
    """Who disputes it, as far as the record says."""
    names = [label(data, b, lang) for b in data.bodies if b.contested]
    positions = sum(b.positions for b in data.bodies)
    if names and positions:
        return word("top.contested_some", lang, names=_short(names, lang, 6), positions=positions)
    if names:
        return word("top.contested", lang, count=len(names), names=_short(names, lang, 6))
    if positions:
        return word("top.positions", lang, positions=positions)
    return word("top.contested_none", lang)


def label(data: ReportData, row: BodyRow, lang: str) -> str:
    """Name of an exit: the body, or the state and the body where there are several states."""
    body = figures.name_of(row, lang)
    if len(data.states) < 2:
        return body
    return word("timeline.both", lang, state=state_name(data, row.state, lang), body=body)


def lowest(data: ReportData) -> str | None:
    """The lowest confidence of an act of the case."""
    found = [a.confidence for a in data.acts if a.confidence]
    return min(found, key=CONFIDENCE.index) if found else None


def to_the_day(data: ReportData) -> int:
    """Acts whose date is known to the day."""
    days = [parse(a.date) for a in data.acts]
    return sum(d.earliest is not None and d.earliest == d.latest for d in days)


def thin(data: ReportData, lang: str) -> str:
    """One sentence where the record of a case is thin; empty where it is not, or where a list stands for it."""
    rows = data.bodies
    if listed(data) or data.kind in PAGES or not rows:
        return ""
    if len(data.acts) >= FEW_ACTS * len(rows) and lowest(data) != "low":
        return ""
    lacking = {
        "no_notice": sum(b.notified is None for b in rows),
        "no_effect": sum(b.effective is None for b in rows),
        "vague": len(data.acts) - to_the_day(data),
    }
    parts = [word("thin.acts", lang, acts=len(data.acts))]
    parts += [word(f"thin.{name}", lang, n=count) for name, count in lacking.items() if count]
    return word("top.thin", lang, parts=word("sep", lang).join(parts))


def bodies_title(data: ReportData, lang: str) -> str:
    """Finding of the section on bodies."""
    rows = data.bodies
    if listed(data):
        kinds = Counter(b.what for b in rows)
        leavable = kinds["membership"] + kinds["treaty"]
        total = data.listed_other + data.listed_un
        return word("bodies.title", lang, total=total, leavable=leavable, nothing=kinds["nothing_to_leave"])
    if len(rows) == 1:
        return word("bodies.title_one", lang)
    bodies, states = len({b.key for b in rows}), len({b.state for b in rows})
    return word("bodies.title_any", lang, exits=len(rows), bodies=bodies, states=states)


def why_sentence(data: ReportData, lang: str) -> str:
    """What the explanations come to, in one sentence."""
    why = data.why
    if data.kind == "body" and why.covered:
        return word("why.page_body", lang, covered=len(why.covered)) + word("text.full_stop", lang).strip()
    if not why.covered or not why.summary:
        return word("why.none_covered", lang)
    found = figures.rivals(data)
    names: dict[str, list[str]] = {}
    for f in found:
        names.setdefault(settled(f), []).append(word(f"explanation.{f.explanation}", lang))
    parts = [_factor_sentence(f, lang) for f in found if settled(f) in ("up", "down")]
    if "no" in names:
        key = "why.unsettled" if len(names["no"]) > 1 else "why.unsettled_one"
        parts.append(word(key, lang, names=list_of(names["no"], lang)))
    if "same" in names:
        parts.append(word("why.same", lang, names=list_of(names["same"], lang)))
    intro = word("why.intro" if len(why.covered) > 1 else "why.intro_one", lang, covered=len(why.covered))
    return intro + word("sep", lang).join(parts) + word("text.full_stop", lang).strip()


def list_of(names: list[str], lang: str) -> str:
    """Names in a row, the last one after "and"."""
    first = word("list.comma", lang).join(names[:-1])
    return word("list.and", lang).join(one for one in (first, names[-1]) if one)


def _factor_sentence(f: Factor, lang: str) -> str:
    low, high = number(f.low, lang, 2), number(f.high, lang, 2)
    name = word(f"explanation.{f.explanation}", lang)
    return word(f"why.settled_{settled(f)}", lang, name=name, factor=number(f.factor, lang, 2), low=low, high=high)


def why_title(data: ReportData, lang: str) -> str:
    """Finding of the section on explanations."""
    covered, found = len(data.why.covered), figures.rivals(data)
    if not covered:
        return word("why.none_covered", lang)
    if data.kind == "body":
        return word("why.page_body", lang, covered=covered)
    if data.kind == "state":
        return word("why.page_state", lang, covered=covered, count=len(found))
    total = len(data.bodies)
    count = sum(settled(f) in ("up", "down") for f in found)
    if count:
        return word("why.head", lang, settled=count, count=len(found), covered=covered, total=total)
    return word("why.head_none", lang, covered=covered, total=total)


def why_sub(data: ReportData, lang: str) -> str:
    """What the fit rests on."""
    why = data.why
    outcome, criterion = (
        word(f"{kind}.{value}", lang) if known(f"{kind}.{value}") else value.replace("_", " ")
        for kind, value in (("outcome", why.outcome), ("criterion", why.criterion))
    )
    whole = data.kind in PAGES
    total = len(why.covered) + len(why.not_covered) if whole else len(data.bodies)
    return word(
        "why.scope_page" if whole else "why.scope", lang, total=total, covered=len(why.covered), rows=number(why.rows, lang),
        first=why.first_year, last=why.last_year, events=number(why.events, lang), outcome=outcome, criterion=criterion,
    )  # fmt: skip


def next_sentence(data: ReportData, drawn: list[YearBand], lang: str) -> str:
    """What the worlds come to, or why there are none."""
    if data.next.refused or not drawn:
        status = data.why.fit_status
        reason = word(f"fit.{status}", lang) if known(f"fit.{status}") else status.replace("_", " ")
        return word("next.refused", lang, reason=reason)
    low, median, high = (number(value, lang) for value in data.next.total_exits)
    first, last = drawn[0].year, drawn[-1].year
    return word("next.sentence", lang, median=median, low=low, high=high, first=first, last=last)


def hits_sentence(data: ReportData, lang: str) -> str:
    """What a list of the hundred likeliest exits would have been worth, from the back-test."""
    found = data.compared
    if found is None:
        return ""
    best = next((h for h in found.hits if h[0] == "common" and h[1] == 1), None)
    if best is None:
        return ""
    return word(
        "hits.sentence", lang, first=found.first_origin, last=found.last_origin, listed=number(best[2], lang),
        hits=best[3], chance=number(best[4], lang, 1), inside=found.inside, totals=found.totals,
    )  # fmt: skip
