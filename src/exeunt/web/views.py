"""How a page is written: the words, names and links that its template may use, and the files that go with it."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote, quote_plus, urlsplit

from jinja2 import ChoiceLoader, Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape
from starlette.requests import Request

from exeunt.report import page as of_report
from exeunt.report.svg import ASSETS as REPORT_ASSETS
from exeunt.report.svg import figure_css, palette_css
from exeunt.web.desk import Desk
from exeunt.web.figures import counts_word
from exeunt.words import LANGS, day, known, number, percent, told, word
from exeunt.words.noted import noted

HTML: Final = "text/html; charset=utf-8"
PLAIN: Final = re.compile(r"[A-Za-z0-9_./-]+")
MOST_PARTS: Final = 1000
HERE: Final = Path(__file__).parent
Name = dict[str, str]


@cache
def environment() -> Environment:
    """Templates of the explorer, then those of the report, whose parts they use."""
    folders = [HERE / "templates", Path(of_report.__file__).parent / "templates"]
    loader = ChoiceLoader([FileSystemLoader(folder) for folder in folders])
    return Environment(loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)


@cache
def asset_of(name: str) -> tuple[bytes, str, str] | None:
    """Content, kind and mark of a file that pages need; None for any other name."""
    if name == "style.css":
        sheets = [(folder / file).read_text(encoding="utf-8") for folder, file in (
            (REPORT_ASSETS, "report.css"), (HERE / "assets", "explore.css"),
        )]  # fmt: skip
        content, media = "\n".join([palette_css(), figure_css(), *sheets]).encode(), "text/css; charset=utf-8"
    elif name == "explore.js":
        content, media = (HERE / "assets" / name).read_bytes(), "text/javascript; charset=utf-8"
    else:
        return None
    return content, media, hashlib.sha256(content).hexdigest()[:12]


def plain(value: Any) -> str:
    """Quote a value for a query; codes, keys and days need none."""
    text = str(value)
    return text if PLAIN.fullmatch(text) else quote_plus(text)


def marked(name: Name, lang: str) -> Markup:
    """Text as markup that says in which language it is, where that is not the language of the page."""
    if name["lang"] == lang:
        return escape(name["text"])
    return Markup('<span lang="{}">{}</span>').format(name["lang"], name["text"])


@lru_cache(maxsize=20_000)
def dated(text: str | None, lang: str) -> Markup:
    """Date of the record as markup, or a dash that is read out as none."""
    if text:
        return Markup('<span class="date">{}</span>').format(day(text, lang))
    said = word("page.none", lang)
    return Markup('<span class="muted" aria-hidden="true">–</span><span class="unseen">{}</span>').format(said)


@lru_cache(maxsize=200)
def status_said(status: str, contested: bool, lang: str) -> Markup:
    """Status as markup, with a badge where it is disputed."""
    said = escape(word(f"status.{status}", lang))
    badge = Markup(' <span class="badge">{}</span>').format(word("bodies.contested", lang)) if contested else ""
    return said + badge


@lru_cache(maxsize=5000)
def since_said(since: str | None, lang: str) -> Markup:
    """Cell of a day since when something holds."""
    return Markup('<td data-sort="{}">{}</td>').format(since or "", dated(since, lang))


@lru_cache(maxsize=100)
def reading_said(reading: str, lang: str) -> Markup:
    """How something is known, as markup."""
    return escape(word(f"reading.{reading}", lang))


@lru_cache(maxsize=5000)
def referred(addresses: tuple[str, ...], lang: str) -> Markup:
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


def drop_empty(values: dict[str, Any]) -> dict[str, Any]:
    """Leave out what is not given."""
    return {name: value for name, value in values.items() if value not in (None, "")}


class View:
    """What one page knows of its reader: language, set of labels, and where it is.

    Parameters
    ----------
    desk : where names come from
    request : for its address
    lang, labels : as asked for in the address
    """

    def __init__(self, desk: Desk, request: Request, lang: str, labels: str) -> None:
        self.desk = desk
        self.lang = lang
        self.labels = labels
        self.chinese = lang != LANGS[0]
        self.path = request.url.path
        self.given = dict(request.query_params)
        self.settings = drop_empty(
            {"lang": lang if self.chinese else "", "labels": "" if labels == "common" else labels}
        )
        self.origin = f"http://{request.headers['host']}"

    # --- links ---------------------------------------------------------------------------------------------------

    def bare(self, path: str, **params: Any) -> str:
        """Address of a path with a query, without the reader's settings."""
        asked = "&".join(f"{name}={plain(value)}" for name, value in params.items() if value not in (None, ""))
        path = path if PLAIN.fullmatch(path) else quote(path, safe="/.{}")
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

    def inside_rows(self, rows: list[dict[str, Any]], of: str) -> Markup:
        """Rows of the table of who is inside, as markup: a link to the pair, status, since when, and how it is known.

        Parameters
        ----------
        rows : as `members` gives them
        of : `state` or `body`, whichever the rows are told apart by
        """
        said, known_as = (self.state, "state") if of == "state" else (self.body, "body")
        settings = "".join(f"&{name}={plain(value)}" for name, value in self.settings.items())
        names = self.desk.said.setdefault((of, self.lang, self.labels), {})
        parts = []
        for row in rows:
            key = row[known_as]
            if key not in names:
                names[key] = said(key)
            address = f"/pair?state={plain(row['state'])}&body={plain(row['body'])}&as_of={row['as_of']}{settings}"
            parts.append(
                f'<tr><th scope="row"><a href="{address.replace("&", "&amp;")}">{names[key]}</a></th>'
                f"<td>{status_said(row['status'], row['contested'], self.lang)}</td>"
                f"{since_said(row['since'], self.lang)}<td>{reading_said(row['reading'], self.lang)}</td></tr>\n"
            )
        return Markup("".join(parts))

    # --- names and words -----------------------------------------------------------------------------------------

    def say(self, key: str, **values: object) -> str:
        """One string of the interface."""
        return word(key, self.lang, **values)

    def _name(self, pair: tuple[str, str | None] | None, key: str) -> Name:
        if pair is None:
            return {"text": key, "lang": self.lang}
        if self.chinese and pair[1]:
            return {"text": pair[1], "lang": self.lang}
        return {"text": pair[0], "lang": LANGS[0]}

    def state(self, code: str) -> Markup:
        """Name of a state as markup, marked where it is not in the language of the page."""
        return marked(self.state_name(code), self.lang)

    def body(self, key: str) -> Markup:
        """Name of a body as markup."""
        return marked(self.body_name(key), self.lang)

    def state_name(self, code: str) -> Name:
        """Name of a state, by the labels that the reader chose."""
        return self._name(self.desk.state_names(self.labels).get(code), code)

    def body_name(self, key: str) -> Name:
        """Name of a body."""
        return self._name(self.desk.body_names.get(key), key)

    def open_word(self, prefix: str, value: str) -> Name:
        """Word for a value of a list that may grow: an unknown one stays English."""
        if known(f"{prefix}.{value}"):
            return {"text": self.say(f"{prefix}.{value}"), "lang": self.lang}
        return {"text": value.replace("_", " "), "lang": LANGS[0]}

    def scenario(self, name: str, title: str, about: str) -> tuple[Name, Name]:
        """Title of a scenario and what it does; what has no words is English, as the scenario writes it."""
        found = []
        for key, text in ((f"scenario.{name}", title), (f"scenario.{name}.about", about)):
            there = known(key)
            found.append({"text": self.say(key) if there else text, "lang": self.lang if there else LANGS[0]})
        return found[0], found[1]

    def told(self, text: str) -> Name:
        """Rule of the record in the reader's language, or as it stands."""
        said = told(text.partition("; the record closes on")[0], self.lang)
        return {"text": text, "lang": LANGS[0]} if said is None else {"text": said, "lang": self.lang}

    def noted(self, text: str) -> Name:
        """Note of ours in the reader's language, or as it stands."""
        said = noted(text) if self.chinese else None
        return {"text": said, "lang": self.lang} if said else {"text": text, "lang": LANGS[0]}

    def part(self, template: str, key: str, values: Callable[[], dict[str, Any]]) -> Markup:
        """Part of a page that depends on no day: written once for each key, language and set of labels."""
        named = (template, key, self.lang, self.labels)
        if named not in self.desk.parts:
            while len(self.desk.parts) >= MOST_PARTS:
                self.desk.parts.pop(next(iter(self.desk.parts)))
            self.desk.parts[named] = Markup(self.render(template, values()).decode())
        return self.desk.parts[named]

    def render(self, template: str, values: dict[str, Any]) -> bytes:
        """Write the page."""
        lang = self.lang
        return environment().get_template(template).render(
            {
                "w": self.say, "n": lambda value, digits=0: number(value, lang, digits),
                "count": lambda value: number(value, lang, 0 if value == int(value) else 1),
                "pct": lambda value, digits=0: percent(value, lang, digits), "d": lambda text: day(text, lang),
                "lang": lang, "chinese": self.chinese, "labels": self.labels, "path": self.path, "link": self.link,
                "here": self.here, "kept_fields": self.kept_fields, "state_name": self.state_name,
                "body_name": self.body_name, "open_word": self.open_word, "told": self.told, "noted": self.noted,
                "counts_word": counts_word, "about": self.desk.about, "asset": _asset_address,
                "state_said": self.state, "body_said": self.body, "when": lambda text: dated(text, lang),
                "status": lambda row: status_said(row["status"], row["contested"], lang),
                "inside_rows": self.inside_rows,
                "refs": lambda addresses: referred(tuple(addresses), lang), **values,
            }
        ).encode()  # fmt: skip


@cache
def _asset_address(name: str) -> str:
    found = asset_of(name)
    return f"/assets/{name}?v={found[2]}" if found else f"/assets/{name}"
