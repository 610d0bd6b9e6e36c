"""The report as one HTML file: it needs no network and no script."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from exeunt.dates import parse
from exeunt.manifest import write_bytes
from exeunt.report import figures
from exeunt.report.data import BodyRow, Factor, ReportData, YearBand
from exeunt.report.figures import KINDS, LEAVEABLE, NARROW, WIDE, name_of, settled
from exeunt.report.svg import ASSETS, figure_css, palette_css
from exeunt.words import day, known, number, percent, told, word

STEPS: Final = ("announced", "notified", "effective")
CSP: Final = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'"


def render(data: ReportData, lang: str) -> str:
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


def csv_link(records: Iterable[dict[str, Any]]) -> str:
    """Put a table into a `data:` address; text that a spreadsheet would run as a formula is disarmed."""
    rows = list(records)
    out = io.StringIO()
    writer = csv.DictWriter(out, list(rows[0]) if rows else ["empty"], lineterminator="\r\n")
    writer.writeheader()
    for row in rows:
        writer.writerow({k: _disarm(v) for k, v in row.items()})
    return "data:text/csv;charset=utf-8,%EF%BB%BF" + quote(out.getvalue(), safe="")


def _disarm(value: Any) -> Any:
    if value is None:
        return ""
    return f"'{value}" if isinstance(value, str) and value[:1] in ("=", "+", "-", "@", "\t", "\r") else value


@cache
def _environment() -> Environment:
    loader = FileSystemLoader(Path(__file__).parent / "templates")
    return Environment(loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)


def _context(data: ReportData, lang: str) -> dict[str, Any]:
    """Everything the templates name: the data, the counts, the sentences and the ways to write a value."""
    chinese = lang == "zh-Hant"
    names = {body.key: body for body in data.bodies}
    leavable = [body for body in data.bodies if body.what in LEAVEABLE]
    addresses = _addresses(data)
    drawn = [band for band in data.next.exits if not band.observed]
    rivals = figures.rivals(data)
    oldest = max((hazard.oldest_covariate_years for hazard in data.why.covered), default=0)

    def say(key: str, **values: object) -> str:
        return word(key, lang, **values)

    def named(key: str) -> dict[str, str]:
        body = names.get(key)
        if body is None:
            return {"text": key.replace("_", " "), "lang": "en"}
        return {"text": name_of(body, lang), "lang": "en" if chinese and not body.name_zh else lang}

    return {
        "data": data,
        "lang": lang,
        "chinese": chinese,
        "csp": CSP,
        "css": Markup(palette_css() + figure_css() + (ASSETS / "report.css").read_text(encoding="utf-8")),
        "w": say,
        "n": lambda value, digits=0: number(value, lang, digits),
        "count": lambda value: number(value, lang, 0 if value == int(value) else 1),
        "pct": lambda value, digits=0: percent(value, lang, digits),
        "d": lambda text: day(text, lang),
        "open_word": _open_words(lang),
        "told": lambda text: _told(text, lang),
        # The banner says it once for the whole page.
        "rule": lambda text: _told(text.partition("; the record closes on")[0], lang),
        "named": named,
        "settled": settled,
        "lead": lambda text: text.partition("。" if chinese else ". "),
        "csv_link": csv_link,
        "web": lambda address: address.startswith(("https://", "http://")),
        "title": data.title_zh if chinese else data.title_en,
        "state": data.state_name_zh if chinese else data.state_name_en,
        "kinds": KINDS,
        "of_kind": {kind: [body for body in data.bodies if body.what == kind] for kind in KINDS},
        "total": data.listed_other + data.listed_un,
        "leavable": len(leavable),
        "steps": {step: _reached(leavable, step, data) for step in STEPS},
        "contested": [body for body in data.bodies if body.contested],
        "no_chinese": sum(1 for body in data.bodies if not body.name_zh),
        "covered_keys": {hazard.key for hazard in data.why.covered},
        "why_sentence": _why_sentence(data, lang),
        "rivals": rivals,
        "settled_count": sum(settled(f) in ("up", "down") for f in rivals),
        "oldest": oldest,
        "oldest_everywhere": all(h.oldest_covariate_years == oldest for h in data.why.covered),
        "oldest_names": say("list.comma").join(
            named(h.key)["text"] for h in data.why.covered if oldest and h.oldest_covariate_years == oldest
        ),
        "explanations": list(dict.fromkeys(f.explanation for h in data.why.covered for f in h.factors)),
        "factor_of": lambda factors, name: next((f for f in factors if f.explanation == name), None),
        "drawn": drawn,
        "last_observed": max((band.year for band in data.next.exits if band.observed), default=0),
        "next_sentence": _next_sentence(data, drawn, lang),
        "addresses": addresses,
        "address_number": {address: i for i, address in enumerate(addresses, 1)},
        "figure_pairs": {
            "brief": [Markup(figures.factors_svg(data, lang, w, brief=True)) for w in (560.0, NARROW)],
            "factors": [Markup(figures.factors_svg(data, lang, w)) for w in (1000.0, NARROW)],
            "fan": [Markup(figures.fan_svg(data, lang, w)) for w in (860.0, NARROW)],
            "what": [Markup(figures.what_svg(data, lang, w)) for w in (WIDE, NARROW)],
        },
        "tables": _tables(data),
        "bibtex": _bibtex(data),
    }


def _open_words(lang: str) -> Callable[[str, str], dict[str, str]]:
    """Words for lists that other rooms may lengthen: an unknown one stays English and says so."""

    def say(prefix: str, value: str) -> dict[str, str]:
        if known(f"{prefix}.{value}"):
            return {"text": word(f"{prefix}.{value}", lang), "lang": lang}
        return _told(value.replace("_", " "), lang)

    return say


def _told(text: str, lang: str) -> dict[str, str]:
    said = told(text, lang)
    return {"text": text, "lang": "en"} if said is None else {"text": said, "lang": lang}


def _reached(bodies: list[BodyRow], step: str, data: ReportData) -> int:
    """How many exits have certainly reached a step on the day; a contested effect is counted apart."""
    on = min(date.fromisoformat(data.as_of), date.fromisoformat(data.closing_day))
    return sum(
        1
        for body in bodies
        if (text := getattr(body, step))
        and parse(text).certainly_on_or_before(on)
        and not (step == "effective" and body.contested)
    )


def _why_sentence(data: ReportData, lang: str) -> str:
    why = data.why
    if not why.covered or not why.summary:
        return word("why.none_covered", lang)
    rivals = figures.rivals(data)
    names: dict[str, list[str]] = {}
    for f in rivals:
        names.setdefault(settled(f), []).append(word(f"explanation.{f.explanation}", lang))
    parts = [_factor_sentence(f, lang) for f in rivals if settled(f) in ("up", "down")]
    if "no" in names:
        key = "why.unsettled" if len(names["no"]) > 1 else "why.unsettled_one"
        parts.append(word(key, lang, names=_list(names["no"], lang)))
    if "same" in names:
        parts.append(word("why.same", lang, names=_list(names["same"], lang)))
    intro = word("why.intro", lang, covered=len(why.covered))
    return intro + word("sep", lang).join(parts) + word("text.full_stop", lang).strip()


def _list(names: list[str], lang: str) -> str:
    first = word("list.comma", lang).join(names[:-1])
    return word("list.and", lang).join(one for one in (first, names[-1]) if one)


def _factor_sentence(f: Factor, lang: str) -> str:
    low, high = number(f.low, lang, 2), number(f.high, lang, 2)
    name = word(f"explanation.{f.explanation}", lang)
    return word(f"why.settled_{settled(f)}", lang, name=name, factor=number(f.factor, lang, 2), low=low, high=high)


def _next_sentence(data: ReportData, drawn: list[YearBand], lang: str) -> str:
    if data.next.refused or not drawn:
        reason = _open_words(lang)("fit", data.why.fit_status)["text"]
        return word("next.refused", lang, reason=reason)
    low, median, high = (number(value, lang) for value in data.next.total_exits)
    first, last = drawn[0].year, drawn[-1].year
    return word("next.sentence", lang, median=median, low=low, high=high, first=first, last=last)


def _addresses(data: ReportData) -> list[str]:
    found = dict.fromkeys(data.case_sources)
    for body in data.bodies:
        found.update(dict.fromkeys(body.sources))
    return list(found)


def _tables(data: ReportData) -> dict[str, list[dict[str, Any]]]:
    """Give the tables of the page as data, for their CSV copies."""
    why, then = data.why, data.next
    fields = (
        "number",
        "key",
        "name_en",
        "name_zh",
        "listed",
        "kind",
        "what",
        "status",
        "since",
        "until",
        "rule",
    )
    return {
        "bodies": [
            {f: getattr(b, f) for f in (*fields, "contested", *STEPS)} | {"sources": " ".join(b.sources)}
            for b in data.bodies
        ],
        "factors": figures.factors_records(data),
        "hazards": [
            {
                "body": h.key,
                "year": h.year,
                "hazard_per_year": h.hazard_per_year,
                "low": h.hazard_low,
                "high": h.hazard_high,
                "typical_hazard_per_year": h.typical_hazard_per_year,
                "oldest_covariate_years": h.oldest_covariate_years,
            }
            for h in why.covered
        ],
        "coefficients": [
            {
                "term": t.term,
                "explanation": t.explanation,
                "estimate": t.estimate,
                "low": t.low,
                "high": t.high,
            }
            for t in why.terms
        ],
        "effects": [{"effect": name, "standard_deviation": sd} for name, sd in why.standard_deviations],
        "calibration": [
            {"check": name, "observed": seen, "predicted_low": low, "predicted_high": high}
            for name, seen, low, high in why.calibration
        ],
        "dropped": [{"reason": reason, "rows": rows} for reason, rows in why.rows_dropped],
        "not_covered": [{"body": key, "reason": reason} for key, reason in why.not_covered],
        "exits": figures.fan_records(data),
        "joins": [
            {"year": b.year, "observed": b.observed, "median": b.median, "low": b.low, "high": b.high}
            for b in then.joins
        ],
        "what": figures.what_records(data),
        "sources": [vars(source) for source in data.sources],
    }


def _bibtex(data: ReportData) -> str:
    """Give entries for the software with this record, and for each source."""

    def entry(kind: str, key: str, fields: dict[str, str]) -> str:
        clean = {k: " ".join(v.replace("{", "(").replace("}", ")").split()) for k, v in fields.items() if v}
        return f"@{kind}{{{key},\n" + "".join(f"  {k} = {{{v}}},\n" for k, v in clean.items()) + "}"

    software = {
        "title": "exeunt: why states leave international bodies, and what happens next",
        "author": "{The exeunt contributors}",
        "year": data.closing_day[:4],
        "version": data.code_version,
        "note": f"Record {data.record_version}; case {data.case}, as of {data.as_of}; seed {data.seed}",
    }
    entries = [entry("software", "exeunt", software)]
    for source in data.sources:
        fields = {
            "title": source.title,
            "author": source.producer,
            "version": source.version,
            "note": source.citation,
            "url": source.url,
        }
        entries.append(entry("misc", source.key, fields))
    return "\n\n".join(entries)
