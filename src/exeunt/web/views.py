"""How a page is written: the words, names and links that its template may use, and the files that go with it."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote, quote_plus, urlsplit

from jinja2 import ChoiceLoader, Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape
from starlette.requests import Request
from starlette.responses import Response

from exeunt.answers import Message
from exeunt.i18n import LANGS, day, known, number, percent, period, render, word
from exeunt.i18n.messages import in_language, names_from, said
from exeunt.record.membership import Member
from exeunt.record.schema import LABELS
from exeunt.report import page as of_report
from exeunt.report.figures import ASSETS as REPORT_ASSETS
from exeunt.report.figures import figure_css, palette_css
from exeunt.web.queries import COUNTED_AS, Queries

_HERE: Final = Path(__file__).parent
_PLAIN: Final = re.compile(r"[A-Za-z0-9_./-]+")
_Name = dict[str, str]
HTML: Final = "text/html; charset=utf-8"
PLACES: Final = ("pair", "compare", "exits", "money", "cases", "figures", "scenarios", "api")
"""Pages that the head of every page leads to."""


@cache
def asset_of(name: str) -> tuple[bytes, str, str] | None:
    """Content, kind and mark of a file that pages need; None for any other name."""
    if name == "style.css":
        sheets = [(folder / file).read_text(encoding="utf-8") for folder, file in (
            (REPORT_ASSETS, "report.css"), (_HERE / "assets", "explore.css"),
        )]  # fmt: skip
        content, media = "\n".join([palette_css(), figure_css(), *sheets]).encode(), "text/css; charset=utf-8"
    elif name == "explore.js":
        content, media = (_HERE / "assets" / name).read_bytes(), "text/javascript; charset=utf-8"
    else:
        return None
    return content, media, hashlib.sha256(content).hexdigest()[:12]


def _drop_empty(values: dict[str, Any]) -> dict[str, Any]:
    """Leave out what is not given."""
    return {name: value for name, value in values.items() if value not in (None, "")}


class View:
    """What one page knows of its reader: language, set of labels, and where it is.

    Parameters
    ----------
    queries : where names come from
    request : for its address
    lang, labels : as asked for in the address
    """

    def __init__(self, queries: Queries, request: Request, lang: str, labels: str) -> None:
        self.queries = queries
        self.lang = lang
        self.labels = labels
        self.chinese = lang != LANGS[0]
        path = request.scope["path"]
        self.path = path if _PLAIN.fullmatch(path) else request.url.path
        self.given = dict(request.query_params)
        self.settings = _drop_empty(
            {"lang": lang if self.chinese else "", "labels": "" if labels == "common" else labels}
        )
        self.origin = f"http://{request.headers['host']}"

    # --- links ---------------------------------------------------------------------------------------------------

    def bare(self, path: str, **params: Any) -> str:
        """Address of a path with a query, without the reader's settings."""
        asked = "&".join(f"{name}={_plain(value)}" for name, value in params.items() if value not in (None, ""))
        path = path if _PLAIN.fullmatch(path) else quote(path, safe="/.{}")
        return f"{path}?{asked}" if asked else path

    def link(self, path: str, **params: Any) -> str:
        """Address on this server that keeps language and labels; the API needs neither."""
        return self.bare(path, **params) if path.startswith("/api/") else self.bare(path, **params, **self.settings)

    def here(self, **changed: Any) -> str:
        """Address of the page with something changed."""
        merged = {**self.given, **changed}
        for name, usual in (("lang", LANGS[0]), ("labels", "common"), ("page", 1)):
            if merged.get(name) == usual:
                del merged[name]
        return self.bare(self.path, **merged)

    def kept_fields(self) -> Markup:
        """Hidden fields by which a form keeps language and labels; both are from closed lists."""
        return Markup("").join(
            Markup('<input type="hidden" name="{}" value="{}">').format(name, value)
            for name, value in self.settings.items()
        )

    def inside_rows(self, rows: list[Member], as_of: str, of: str) -> Markup:
        """Rows of the table of who is inside, as markup: a link to the pair, status, since when, and how it is known.

        Parameters
        ----------
        rows : as `Queries.inside` gives them
        of : `state` or `body`, whichever the rows are told apart by
        """
        asked = f"&amp;as_of={as_of}" + "".join(f"&amp;{name}={_plain(value)}" for name, value in self.settings.items())
        parts = []
        for row in rows:
            name = self.state(row.state) if of == "state" else self.body(row.body)
            parts.append(
                f'<tr><th scope="row"><a href="/pair?state={_plain(row.state)}&amp;body={_plain(row.body)}{asked}">{name}'
                f"{_inside_said(row.status, row.contested, row.since, row.reading, self.lang)}"
            )
        return Markup("".join(parts))

    def year_rows(self, rows: list[dict[str, Any]]) -> Markup:
        """Rows of the table of acts of leaving by year."""
        return Markup("".join(_counted(r["year"], r["yes"], r["unsettled"], r["no"], self.lang) for r in rows))

    # --- names and words -----------------------------------------------------------------------------------------

    def say(self, key: str, **values: object) -> str:
        """One string of the interface."""
        return word(key, self.lang, **values)

    def _name(self, pair: tuple[str, str | None] | None, key: str) -> _Name:
        if pair is None:
            return {"text": key, "lang": self.lang}
        if self.chinese and pair[1]:
            return {"text": pair[1], "lang": self.lang}
        return {"text": pair[0], "lang": LANGS[0]}

    def state(self, code: str) -> Markup:
        """_Name of a state as markup, marked where it is not in the language of the page."""
        return _marked(self.state_name(code), self.lang)

    def body(self, key: str) -> Markup:
        """_Name of a body as markup."""
        return _marked(self.body_name(key), self.lang)

    def state_name(self, code: str) -> _Name:
        """_Name of a state, by the labels that the reader chose."""
        return self._name(self.queries.state_names(self.labels).get(code), code)

    def body_name(self, key: str) -> _Name:
        """_Name of a body."""
        return self._name(self.queries.body_names.get(key), key)

    def open_word(self, prefix: str, value: str) -> _Name:
        """Word for a value of a list that may grow: an unknown one stays English."""
        if known(f"{prefix}.{value}"):
            return {"text": self.say(f"{prefix}.{value}"), "lang": self.lang}
        return {"text": value.replace("_", " "), "lang": LANGS[0]}

    def scenario(self, name: str, title: str, about: str) -> tuple[_Name, _Name]:
        """Title of a scenario and what it does; what has no words is English, as the scenario writes it."""
        found = []
        for key, text in ((f"scenario.{name}", title), (f"scenario.{name}.about", about)):
            there = known(key)
            found.append({"text": self.say(key) if there else text, "lang": self.lang if there else LANGS[0]})
        return found[0], found[1]

    def told(self, rule: Mapping[str, Any]) -> _Name:
        """Rule of the record in the reader's language."""
        return {"text": self.message(Message(**rule)), "lang": self.lang}

    def message(self, message: Message) -> str:
        """Sentence of a message."""
        return render(message, self.lang, self._names)

    def _names(self, kind: str, key: str, lang: str) -> str:
        return (self.state_name(key) if kind == "state" else self.body_name(key))["text"]

    def text_of(self, row: Mapping[str, Any], field: str) -> _Name:
        """Text of a row of the record in the reader's language, or in the language that it is written in."""
        text, lang = in_language(row, field, self.lang) or ("", self.lang)
        return {"text": text, "lang": lang}

    # --- pages ---------------------------------------------------------------------------------------------------

    def timed(self, as_of: str) -> dict[str, str]:
        """What a page says of its day: the day, its year, and a banner where the record has ended."""
        closing = self.queries.record.closing_day.isoformat()
        said = self.say("banner.beyond", as_of=day(as_of, self.lang), closing=day(closing, self.lang))
        beyond = Markup('<p class="banner" role="note">{}</p>').format(said) if as_of > closing else ""
        return {"as_of": as_of, "as_of_year": as_of[:4], "beyond": beyond}

    def render(self, template: str, values: dict[str, Any]) -> bytes:
        """Write a page."""
        lang = self.lang
        return _environment().get_template(template).render({
            "lang": lang,
            "w": self.say, "n": lambda value, digits=0: number(value, lang, digits),
            "count": lambda value: number(value, lang, 0 if value == int(value) else 1),
            "pct": lambda value, digits=0: percent(value, lang, digits), "d": lambda text: day(text, lang),
            "t": lambda name: _marked(name, lang), "mark": _step_mark, "message": self.message,
            "chinese": self.chinese, "labels": self.labels, "path": self.path, "link": self.link,
            "here": self.here, "kept_fields": self.kept_fields, "state_name": self.state_name,
            "body_name": self.body_name, "open_word": self.open_word, "told": self.told,
            "period": lambda text: period(text, lang),
            "text_of": self.text_of,
            "said": lambda messages: said(
                messages, lang, names_from(self.queries.state_names(self.labels), self.queries.body_names)
            ),
            "counted_as": COUNTED_AS, "about": self.queries.about, "asset": _asset_address,
            "state_said": self.state, "body_said": self.body, "when": lambda text: _dated(text, lang),
            "status": lambda row: _status_said(row["status"], row["contested"], lang),
            "inside_rows": self.inside_rows, "year_rows": self.year_rows, "places": PLACES, "label_sets": LABELS,
            "refs": lambda addresses: _referred(tuple(addresses), lang), **values,
        }).encode()  # fmt: skip


@cache
def _environment() -> Environment:
    """Templates of the explorer, then those of the report, whose parts they use; each is read once."""
    folders = [_HERE / "templates", Path(of_report.__file__).parent / "templates"]
    return Environment(
        loader=ChoiceLoader([FileSystemLoader(folder) for folder in folders]), autoescape=True,
        undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True, auto_reload=False,
    )  # fmt: skip


@cache
def _step_mark(step: str) -> Markup:
    """Mark of a step of leaving, as the report draws it."""
    return Markup(_environment().get_template("parts.html").module.mark(step))  # type: ignore[attr-defined]


@cache
def _asset_address(name: str) -> str:
    found = asset_of(name)
    return f"/assets/{name}?v={found[2]}" if found else f"/assets/{name}"


def answer(request: Request, content: bytes, media: str, **more: str) -> Response:
    """Send content that holds as long as the record is served, or say that the browser has it already."""
    tag = f'"{hashlib.sha256(content).hexdigest()[:20]}"'
    headers = {"etag": tag, "cache-control": "no-cache"}
    if tag in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    return Response(content, headers={"content-type": media, **headers, **more})


# --- markup that tables repeat by the hundred, each piece written once ----------------------------------------------


def _plain(value: Any) -> str:
    """Quote a value for a query; codes, keys and days need none."""
    text = str(value)
    return text if _PLAIN.fullmatch(text) else quote_plus(text)


def _marked(name: _Name, lang: str) -> Markup:
    """Text as markup that says in which language it is, where that is not the language of the page."""
    if name["lang"] == lang:
        return escape(name["text"])
    return Markup('<span lang="{}">{}</span>').format(name["lang"], name["text"])


@lru_cache(maxsize=20_000)
def _dated(text: str | None, lang: str) -> Markup:
    """Date of the record as markup, or a dash that is read out as none."""
    if text:
        return Markup('<span class="date">{}</span>').format(day(text, lang))
    said = word("page.none", lang)
    return Markup('<span class="muted" aria-hidden="true">–</span><span class="unseen">{}</span>').format(said)


@lru_cache(maxsize=200)
def _status_said(status: str, contested: bool, lang: str) -> Markup:
    """Status as markup, with a badge where it is disputed."""
    said = escape(word(f"status.{status}", lang))
    badge = Markup(' <span class="badge">{}</span>').format(word("bodies.contested", lang)) if contested else ""
    return said + badge


@lru_cache(maxsize=5000)
def _since_said(since: str | None, lang: str) -> Markup:
    """Cell of a day since when something holds."""
    return Markup('<td data-sort="{}">{}</td>').format(since or "", _dated(since, lang))


@lru_cache(maxsize=100)
def _reading_said(reading: str, lang: str) -> Markup:
    """How something is known, as markup."""
    return escape(word(f"reading.{reading}", lang))


@lru_cache(maxsize=5000)
def _referred(addresses: tuple[str, ...], lang: str) -> Markup:
    """Sources as numbered links; one that is no web address is printed."""
    parts = []
    for number_of_source, address in enumerate(addresses, 1):
        if address.startswith(("https://", "http://")):
            said = f"{word('sources.link', lang, number=number_of_source)} {urlsplit(address).hostname or ''}"
            parts.append(
                Markup(
                    '<a class="ref" href="{}" rel="noreferrer noopener"><span class="unseen">{}</span>'
                    '<span aria-hidden="true">{}</span></a>'
                ).format(address, said, number_of_source)
            )
        else:
            parts.append(Markup('<span lang="en">{}</span>').format(address))
    return Markup(" ").join(parts)


@lru_cache(maxsize=5000)
def _counted(year: int, yes: int, unsettled: int, no: int, lang: str) -> str:
    """Row of the table of exits by year."""
    cells = "".join(f'<td class="num">{number(value, lang)}</td>' for value in (yes, unsettled, no))
    return f'<tr><th scope="row" class="num">{year}</th>{cells}</tr>\n'


@lru_cache(maxsize=20_000)
def _inside_said(status: str, contested: bool, since: str | None, reading: str, lang: str) -> str:
    """Cells of who is inside: status, since when, and how it is known."""
    return (
        f"</a></th><td>{_status_said(status, contested, lang)}</td>"
        f"{_since_said(since, lang)}<td>{_reading_said(reading, lang)}</td></tr>\n"
    )
