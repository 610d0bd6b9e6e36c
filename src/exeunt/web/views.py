"""How a page is written: the words, names and links that its template may use, and the files that go with it."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote, urlencode, urlsplit

from jinja2 import ChoiceLoader, Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from starlette.requests import Request

from exeunt.report import page as of_report
from exeunt.report.svg import ASSETS as REPORT_ASSETS
from exeunt.report.svg import figure_css, palette_css
from exeunt.web.desk import Desk
from exeunt.web.figures import counts_word
from exeunt.words import LANGS, day, known, number, percent, told, word

HTML: Final = "text/html; charset=utf-8"
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
        self.origin = f"http://{request.headers['host']}"

    # --- links ---------------------------------------------------------------------------------------------------

    def bare(self, path: str, **params: Any) -> str:
        """Address of a path with a query, without the reader's settings."""
        asked = urlencode(drop_empty(params))
        return quote(path, safe="/.{}") + (f"?{asked}" if asked else "")

    def link(self, path: str, **params: Any) -> str:
        """Address on this server that keeps language and labels; the API needs neither."""
        if path.startswith("/api/"):
            return self.bare(path, **params)
        return self.bare(path, **{**params, **self._settings()})

    def here(self, **changed: Any) -> str:
        """Address of the page with something changed."""
        merged = {**self.given, **changed}
        for name, usual in (("lang", LANGS[0]), ("labels", "common"), ("page", 1)):
            if merged.get(name) == usual:
                del merged[name]
        return self.bare(self.path, **merged)

    def _settings(self) -> dict[str, str]:
        settings = {"lang": self.lang if self.chinese else "", "labels": "" if self.labels == "common" else self.labels}
        return {name: value for name, value in settings.items() if value}

    def kept_fields(self) -> Markup:
        """Hidden fields by which a form keeps language and labels; both are from closed lists."""
        return Markup("").join(
            Markup('<input type="hidden" name="{}" value="{}">').format(name, value)
            for name, value in self._settings().items()
        )

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

    def told(self, text: str) -> Name:
        """Rule of the record in the reader's language, or as it stands."""
        said = told(text.partition("; the record closes on")[0], self.lang)
        return {"text": text, "lang": LANGS[0]} if said is None else {"text": said, "lang": self.lang}

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
                "body_name": self.body_name, "open_word": self.open_word, "told": self.told,
                "counts_word": counts_word, "about": self.desk.about, "asset": _asset_address,
                "web": lambda address: address.startswith(("https://", "http://")),
                "site": lambda address: urlsplit(address).hostname or "", **values,
            }
        ).encode()  # fmt: skip


@cache
def _asset_address(name: str) -> str:
    found = asset_of(name)
    return f"/assets/{name}?v={found[2]}" if found else f"/assets/{name}"
