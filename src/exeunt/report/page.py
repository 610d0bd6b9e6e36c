"""The report as one HTML file: it needs no network and no script."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable
from datetime import date
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any, Final
from unicodedata import east_asian_width

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from exeunt.core.dates import parse
from exeunt.core.files import write_bytes
from exeunt.i18n import LANGS, Names, day, dollars, known, number, percent, word
from exeunt.i18n import render as written
from exeunt.i18n.messages import in_language, names_from, said
from exeunt.report import copies
from exeunt.report.copies import STEPS, _csv_link
from exeunt.report.data import _BodyRow, _ReportData
from exeunt.report.figures import ASSETS, factors, figure_css, intervals, palette_css, standalone, timeline
from exeunt.report.figures.argument_map import _map_css
from exeunt.report.figures.factors import KINDS, LEAVEABLE, NARROW, WIDE, _name_of, _settled
from exeunt.report.sentences import PAGES, _Sentences

PARTS: Final = (
    "top",
    "bodies",
    "timeline",
    "rules",
    "why",
    "compared",
    "loop",
    "follows",
    "paid",
    "next",
    "argument",
    "method",
    "sources",
)
"""Sections of the page in their order."""
SHOWN: Final = 25
"""Rows of a table of money on the page; its CSV copy holds all."""
SCRIPT: Final = (ASSETS / "report.js").read_text(encoding="utf-8")
"""Sorts and filters tables; the page is whole without it."""
CSP: Final = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'; script-src 'sha256-"
    + b64encode(sha256(SCRIPT.encode()).digest()).decode()
    + "'"
)


def render(data: _ReportData, lang: str) -> str:
    """Lay a report out.

    Parameters
    ----------
    data : what was computed
    lang : `en` or `zh-Hant`

    Returns
    -------
    str, one HTML document; the same data give the same text

    Raises
    ------
    KeyError, for another language
    """
    return _environment().get_template("report.html").render(_context(data, lang))


def write(html: str, path: Path) -> int:
    """Write a report whole or not at all; returns the bytes written.

    Raises
    ------
    OutputError, if the place is not writable or full; nothing is left behind
    """
    return write_bytes(path, html.encode("utf-8"))


@cache
def _environment() -> Environment:
    loader = FileSystemLoader(Path(__file__).parent / "templates")
    return Environment(loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)


def _context(data: _ReportData, lang: str) -> dict[str, Any]:
    """Everything the templates name: the data, the counts, the sentences and the ways to write a value."""
    chinese = lang == "zh-Hant"
    names = {body.key: body for body in data.bodies}
    labels = {key: (english, zh) for key, english, zh in data.names}
    leavable = [body for body in data.bodies if body.what in LEAVEABLE]
    addresses = copies._addresses(data)
    drawn = [band for band in data.next.exits if not band.observed]
    oldest = max((hazard.oldest_covariate_years for hazard in data.why.covered), default=0)
    sentences = _Sentences(data, lang)
    a_list = sentences.listed()

    def say(key: str, **values: object) -> str:
        return word(key, lang, **values)

    def named(key: str) -> dict[str, str]:
        if key in labels:
            english, zh = labels[key]
            return {"text": zh or english if chinese else english, "lang": "en" if chinese and not zh else lang}
        body = names.get(key)
        if body is None and known(f"fund.{key.removeprefix('un_')}"):
            return {"text": say(f"fund.{key.removeprefix('un_')}"), "lang": lang}
        if body is None:
            return {"text": key.replace("_", " "), "lang": "en"}
        return {"text": _name_of(body, lang), "lang": "en" if chinese and not body.name_zh else lang}

    reached = leavable if a_list else list(data.bodies)
    whole = data.kind in PAGES
    return {
        "data": data,
        "lang": lang,
        "chinese": chinese,
        "csp": CSP,
        "css": Markup(palette_css() + figure_css() + _map_css() + (ASSETS / "report.css").read_text(encoding="utf-8")),
        "js": Markup(SCRIPT),
        "w": say,
        "n": lambda value, digits=0: number(value, lang, digits),
        "count": lambda value: number(value, lang, 0 if value == int(value) or abs(value) >= 10 else 1),
        "pct": lambda value, digits=0: percent(value, lang, digits),
        "d": lambda text: day(text, lang),
        "open_word": _open_words(lang),
        "written": lambda message: {"text": written(message, lang), "lang": lang},
        # The banner says it once for the whole page.
        "rule": lambda body: {"text": _rule(body, lang), "lang": lang},
        "text_of": lambda item, field: _text_of(item, field, lang),
        "said": lambda messages: said(messages, lang, _names(data)),
        "named": named,
        "state_name": sentences.state_name,
        "clause": sentences.clause,
        "period": sentences.period,
        "model_name": lambda model: intervals._model_name(model, lang),
        "act_mark": timeline._mark_of,
        "settled": _settled,
        "lead": lambda text: text.partition("。" if chinese else ". "),
        "csv_link": _csv_link,
        "web": lambda address: address.startswith(("https://", "http://")),
        "title": data.title_zh if chinese else data.title_en,
        "headline": sentences.headline(),
        "lede": sentences.lede(),
        "single": data.bodies[0] if len(data.bodies) == 1 and not a_list else None,
        "several": len(data.states) > 1,
        "listed": a_list,
        "returned": sum(body.back is not None for body in data.bodies),
        "disputed": sentences.disputed(),
        "thin": sentences.thin(),
        "lowest": sentences.lowest(),
        "acts_count": len(data.acts),
        "acts_to_the_day": sentences.to_the_day(),
        "bodies_title": sentences.bodies_title(),
        "bodies_sub": _bodies_sub(data, lang),
        "groups": _groups(data, lang),
        "leavable": len(leavable),
        "steps": {step: _reached(reached, step, data) for step in STEPS},
        "no_chinese": sum(1 for body in data.bodies if not body.name_zh),
        "covered_count": len(data.why.covered),
        "coverable": len(data.why.covered) + len(data.why.not_covered) if whole else len(reached),
        "why_title": sentences.why_title(),
        "why_sub": sentences.why_sub(),
        "why_sentence": sentences.why_sentence(),
        "timeline_title": timeline._title_of(data, lang),
        "compared_title": intervals._compared_title(data.compared, lang) if data.compared else "",
        "hits_sentence": sentences.hits_sentence(),
        "cost": sentences.cost(),
        "arguments": copies._arguments_shown(data, lang),
        "verdicts_of_arguments": copies.verdicts(data.arguments, lang),
        "tongue": lambda text: lang if not chinese or any(east_asian_width(c) == "W" for c in text) else "en",
        "loop_title": intervals._loop_title(data.fed_back, lang) if data.fed_back else "",
        "loop_sentence": intervals._loop_sentence(data.fed_back, lang) if data.fed_back else "",
        "futures_title": intervals._futures_title(data.futures, lang) if data.futures else "",
        "futures_missing": intervals._futures_missing(data.futures) if data.futures else 0,
        "scenario_name": lambda key: intervals._scenario_name(key, lang),
        "signed": lambda value, digits=None: intervals._signed(value, lang, digits),
        "has_word": known,
        "loop_name": lambda key: intervals._loop_name(key, lang),
        "paid_title": sentences.paid_title() if data.paid else "",
        "paid_name": sentences.paid_name,
        "paid_rate": sentences.paid_rate,
        "paid_shown": SHOWN,
        "paid_command": sentences.paid_command() if data.paid else "",
        "follows_title": sentences.follows_title(),
        "usd": lambda value: dollars(value, lang),
        "place": lambda code: _place(data, code, lang),
        "thing": lambda key: _thing(data, key, lang),
        "oldest": oldest,
        "oldest_everywhere": all(h.oldest_covariate_years == oldest for h in data.why.covered),
        "oldest_names": say("list.comma").join(
            named(h.key)["text"] for h in data.why.covered if oldest and h.oldest_covariate_years == oldest
        ),
        "explanations": list(dict.fromkeys(f.explanation for h in data.why.covered for f in h.factors)),
        "factor_of": lambda factors, name: next((f for f in factors if f.explanation == name), None),
        "drawn": drawn,
        "last_observed": max((band.year for band in data.next.exits if band.observed), default=0),
        "next_sentence": sentences.next_sentence(drawn),
        "addresses": addresses,
        "address_number": {address: i for i, address in enumerate(addresses, 1)},
        "figure_pairs": {
            name: [Markup(drawing(data, lang, width)) for width in widths]
            for name, (drawing, widths) in FIGURES.items()
        },
        "tables": copies._tables(data),
        "bibtex": copies._bibtex(data),
        "commands": _commands(data),
        "parts_shown": _parts(data),
    }


FIGURES: Final[dict[str, tuple[Callable[[_ReportData, str, float], str], tuple[float, float]]]] = {
    "brief": (lambda data, lang, width: factors._factors_svg(data, lang, width, brief=True), (560.0, NARROW)),
    "factors": (factors._factors_svg, (1000.0, NARROW)),
    "fan": (factors.fan_svg, (860.0, NARROW)),
    "what": (factors.what_svg, (WIDE, NARROW)),
    "timeline": (lambda data, lang, width: timeline._timeline_svg(data, lang, width, bare=True), (1000.0, NARROW)),
    "loop": (lambda data, lang, width: intervals._loop_svg(data, lang, width, bare=True), (860.0, NARROW)),
    "futures": (lambda data, lang, width: intervals._futures_svg(data, lang, width, bare=True), (860.0, NARROW)),
    "gaps": (intervals._gaps_svg, (860.0, NARROW)),
    "compared": (lambda data, lang, width: intervals._compared_svg(data, lang, width, bare=True), (860.0, NARROW)),
}
"""Every figure of the report: how it is drawn, and its widths on a desktop and on a phone."""


def alone(data: _ReportData, name: str, lang: str, dark: bool = False) -> str:
    """One figure as a file of its own, title and all; empty where there is nothing to draw.

    Raises
    ------
    KeyError, for a name that is no figure of the report
    """
    drawing, (width, _) = FIGURES[name]
    whole = {
        "timeline": timeline._timeline_svg, "compared": intervals._compared_svg, "loop": intervals._loop_svg,
        "futures": intervals._futures_svg,
    }.get(name, drawing)  # fmt: skip
    made = whole(data, lang, width)
    return standalone(made, dark) if made else ""


def _parts(data: _ReportData) -> list[str]:
    there = {
        "timeline": bool(data.acts),
        "rules": bool(data.clocks),
        "compared": data.compared is not None,
        "follows": data.follows is not None,
        "paid": data.paid is not None,
        "loop": data.fed_back is not None,
        "argument": bool(data.argued or data.arguments),
    }
    return [part for part in PARTS if there.get(part, True)]


def _commands(data: _ReportData) -> list[str]:
    """Commands behind the numbers of this report."""
    if data.kind == "case":
        of_case = [f"exeunt {name} {data.case}" for name in ("explain", "money")]
        return [f"exeunt report {data.case} --as-of {data.as_of} --seed {data.seed}", *of_case, "exeunt compare"]
    body = data.bodies[0].key if data.bodies else ""
    asked = f"--body {body}" if data.kind == "body" else f"--state {data.state}"
    years = f" --from {data.span[0]} --to {data.span[1]}" if data.kind == "span" else ""
    return [
        f"exeunt report {asked}{years} --as-of {data.as_of} --seed {data.seed}", f"exeunt exits {asked}", "exeunt compare",
    ]  # fmt: skip


def _bodies_sub(data: _ReportData, lang: str) -> str:
    if not _Sentences(data, lang).listed():
        return word("bodies.sub_any", lang, as_of=day(data.as_of, lang))
    state = data.state_name_zh if lang == "zh-Hant" else data.state_name_en
    parts = (
        word("bodies.sub", lang, as_of=day(data.as_of, lang), state=state),
        word("bodies.listed", lang, other=data.listed_other, un=data.listed_un),
    )
    return word("sep", lang).join(parts)


def _groups(data: _ReportData, lang: str) -> list[dict[str, Any]]:
    """Groups of the table of bodies: by what there is to leave in a list, else one."""
    as_of = day(data.as_of, lang)
    if not _Sentences(data, lang).listed():
        rows = list(data.bodies)
        if data.kind in PAGES:
            rows.reverse()
        title = word("bodies.one_group", lang, count=len(rows))
        return [{"title": title, "caption": word("bodies.caption_any", lang, as_of=as_of), "rows": rows}]
    groups = []
    for kind in KINDS:
        rows = [body for body in data.bodies if body.what == kind]
        what = word(f"what.{kind}.long", lang)
        if rows:
            groups.append(
                {
                    "title": word("bodies.group", lang, what=what, count=len(rows)),
                    "caption": word("bodies.caption", lang, what=what, as_of=as_of),
                    "rows": rows,
                }
            )
    return groups


def _place(data: _ReportData, code: str, lang: str) -> str:
    """Name of a state that the consequences name."""
    for key, english, chinese in data.follows.names if data.follows else ():
        if key == code:
            return chinese if lang == "zh-Hant" else english
    return _Sentences(data, lang).state_name(code)


def _text_of(item: object, field: str, lang: str) -> dict[str, str]:
    """A text of the record in the reader's language, or in the language that it is written in."""
    text, found = in_language(vars(item), field, lang if lang in LANGS else LANGS[0]) or ("", lang)
    return {"text": text, "lang": found}


def _names(data: _ReportData) -> Names:
    """Names for sentences, of the states and bodies on the page."""
    bodies = {b.key: (b.name_en, b.name_zh) for b in data.bodies}
    return names_from({code: (english, chinese) for code, english, chinese in data.states}, bodies)


def _areas(text: str, lang: str) -> dict[str, str]:
    """Areas of activity, as the record lists them, in the reader's language; what is not known stays English."""
    parts = text.split(", ")
    if lang != LANGS[0] and all(known(f"area.{part}") for part in parts):
        return {"text": word("list.comma", lang).join(word(f"area.{part}", lang) for part in parts), "lang": lang}
    return {"text": text, "lang": LANGS[0]}


def _thing(data: _ReportData, key: str, lang: str) -> dict[str, str]:
    """Name of a body, an area or a place that the consequences name."""
    for body, english, chinese in data.follows.things if data.follows else ():
        if body == key:
            said = chinese if lang == "zh-Hant" and chinese else english
            return {"text": said, "lang": lang if said != english else "en"}
    if known(f"area.{key}"):
        return {"text": word(f"area.{key}", lang), "lang": lang}
    return _areas(key, lang)


def _open_words(lang: str) -> Callable[[str, str], dict[str, str]]:
    """Words for lists that other rooms may lengthen: an unknown one stays English and says so."""

    def say(prefix: str, value: str) -> dict[str, str]:
        if value.isdigit():
            return {"text": value, "lang": lang}
        if known(f"{prefix}.{value}"):
            return {"text": word(f"{prefix}.{value}", lang), "lang": lang}
        return {"text": value.replace("_", " "), "lang": LANGS[0]}

    return say


def _rule(body: _BodyRow, lang: str) -> str:
    said = written(body.rule, lang)
    if body.earlier is None:
        return said
    return ("" if lang != LANGS[0] else " ").join((said, word("rule.earlier", lang, text=written(body.earlier, lang))))


def _reached(bodies: list[_BodyRow], step: str, data: _ReportData) -> int:
    """How many exits have certainly reached a step on the day; a contested effect is counted apart."""
    on = min(date.fromisoformat(data.as_of), date.fromisoformat(data.closing_day))
    return sum(
        1
        for body in bodies
        if (text := getattr(body, step))
        and parse(text).certainly_on_or_before(on)
        and not (step == "effective" and body.contested and body.outcome not in ("left", "expelled"))
    )
