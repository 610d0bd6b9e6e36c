"""How a page is written: the words, names and links that its template may use, and the files that go with it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, Final
from urllib.parse import quote

from markupsafe import Markup
from starlette.requests import Request

from exeunt.answers import Message
from exeunt.record.membership import Member
from exeunt.record.schema import LABELS
from exeunt.record.texts import in_language
from exeunt.report.svg import ASSETS as REPORT_ASSETS
from exeunt.report.svg import figure_css, palette_css
from exeunt.web.cells import PLAIN, Name, counted, dated, inside_said, marked, plain, referred, status_said
from exeunt.web.desk import Desk
from exeunt.web.figures import counts_word
from exeunt.web.sheets import HERE, Sheet, gap, step_mark, text_of
from exeunt.words import LANGS, day, known, number, percent, render, word
from exeunt.words.messages import names_from, said
from exeunt.words.noted import noted

HTML: Final = "text/html; charset=utf-8"
MOST_PARTS: Final = 1000
LABEL_SETS: Final = tuple(LABELS)
PLACES: Final = ("pair", "compare", "exits", "money", "cases", "figures", "scenarios", "api")
"""Pages that the head of every page leads to."""
EXIT_CELLS: Final = ("announced", "notified", "effective", "rejoined", "counts_as_exit", "contested")
CUT: Final = gap("cut")


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
        path = request.scope["path"]
        self.path = path if PLAIN.fullmatch(path) else request.url.path
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

    def inside_rows(self, rows: list[Member], as_of: str, of: str) -> Markup:
        """Rows of the table of who is inside, as markup: a link to the pair, status, since when, and how it is known.

        Parameters
        ----------
        rows : as `Desk.inside` gives them
        of : `state` or `body`, whichever the rows are told apart by
        """
        asked = f"&amp;as_of={as_of}" + "".join(f"&amp;{name}={plain(value)}" for name, value in self.settings.items())
        starts = self.desk.said.setdefault((of, self.lang, self.labels), {})
        lang, parts = self.lang, []
        for row in rows:
            state, body = row.state, row.body
            start = starts.get((state, body))
            if start is None:
                name = self.state(state) if of == "state" else self.body(body)
                start = f'<tr><th scope="row"><a href="/pair?state={plain(state)}&amp;body={plain(body)}', f'">{name}'
                starts[state, body] = start
            parts.append(f"{start[0]}{asked}{start[1]}{inside_said(row.status, row.contested, row.since, row.reading, lang)}")
        return Markup("".join(parts))

    def exit_rows(self, rows: list[dict[str, Any]], with_state: bool, with_body: bool) -> Markup:
        """Rows of a table of acts of leaving, each written once."""
        kept, parts = self.desk.exit_rows, []
        for row in rows:
            key = (
                self.lang, self.labels, with_state, with_body, row["episode"], *(row[name] for name in EXIT_CELLS),
                *row["sources"],
            )  # fmt: skip
            if key not in kept:
                kept[key] = self._text("exit_row.html", {"row": row, "with_state": with_state, "with_body": with_body})
                kept[key] += "\n"
            parts.append(kept[key])
        return Markup("".join(parts))

    def year_rows(self, rows: list[dict[str, Any]]) -> Markup:
        """Rows of the table of acts of leaving by year."""
        return Markup("".join(counted(r["year"], r["yes"], r["unsettled"], r["no"], self.lang) for r in rows))

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

    def told(self, message: Mapping[str, Any]) -> Name:
        """Rule of the record in the reader's language."""
        return {"text": render(Message(**message), self.lang), "lang": self.lang}

    def noted(self, text: str) -> Name:
        """Note of ours in the reader's language, or as it stands."""
        said = noted(text, self._states_in_chinese()) if self.chinese else None
        return {"text": said, "lang": self.lang} if said else {"text": text, "lang": LANGS[0]}

    def text_of(self, row: Mapping[str, Any], field: str) -> Name:
        """Text of a row of the record in the reader's language, or in the language that it is written in."""
        text, lang = in_language(row, field, self.lang) or ("", self.lang)
        return {"text": text, "lang": lang}

    def _states_in_chinese(self) -> dict[str, str]:
        kept = self.desk.chinese_states
        if self.labels not in kept:
            kept[self.labels] = {code: zh for code, (_, zh) in self.desk.state_names(self.labels).items() if zh}
        return kept[self.labels]

    # --- pages ---------------------------------------------------------------------------------------------------

    def timed(self, as_of: str) -> dict[str, str]:
        """What a page says of its day: the day, its year, how it is written, and a banner where the record has ended."""
        closing = self.desk.record.closing_day.isoformat()
        said = self.say("banner.beyond", as_of=day(as_of, self.lang), closing=day(closing, self.lang))
        beyond = Markup('<p class="banner" role="note">{}</p>').format(said) if as_of > closing else ""
        return {"as_of": as_of, "as_of_year": as_of[:4], "day_said": day(as_of, self.lang), "beyond": beyond}

    def part(self, template: str, key: str, values: Callable[[], dict[str, Any]]) -> Markup:
        """Part of a page that depends on no day: written once for each key, language and set of labels."""
        return Markup(self._kept(template, key, lambda: self._text(template, values())).filled({}))

    def written(self, template: str, values: Mapping[str, Any]) -> Markup:
        """Part of a page that depends on the day."""
        return Markup(self._text(template, values))

    def sheet(
        self, template: str, key: str, values: Callable[[], dict[str, Any]], changing: Mapping[str, str]
    ) -> bytes:
        """Write a page of which little depends on the day: once for each key, language and set of labels, with gaps.

        Parameters
        ----------
        values : gives what the template names, besides what is `changing`
        changing : what is put into the gaps; the template sees gaps of these names, and must not look into them
        """

        def write() -> str:
            gaps = {name: gap(name) for name in changing}
            return self._page(template, {**values(), **gaps}, {name: gap(name) for name in self._elsewhere()})

        return self._kept(template, key, write).filled({**changing, **self._elsewhere()}).encode()

    def render(self, template: str, values: dict[str, Any]) -> bytes:
        """Write a page."""
        return self._page(template, values, self._elsewhere()).encode()

    def _kept(self, template: str, key: str, write: Callable[[], str]) -> Sheet:
        named, sheets = (template, key, self.lang, self.labels), self.desk.sheets
        if named not in sheets:
            while len(sheets) >= MOST_PARTS:
                sheets.pop(next(iter(sheets)))
            sheets[named] = Sheet(write())
        return sheets[named]

    def _elsewhere(self) -> dict[str, str]:
        """Addresses of the page in the other language and under other labels."""
        other = next(lang for lang in LANGS if lang != self.lang)
        return {"tongue": self.here(lang=other), **{f"labels_{name}": self.here(labels=name) for name in LABEL_SETS}}

    def _page(self, template: str, values: Mapping[str, Any], elsewhere: Mapping[str, str]) -> str:
        """Put what a template writes into the frame, which is the same for all pages of a place."""
        place = self.path[1:] if self.path[1:] in PLACES else ""
        names = ("title", "head", "main", "q", *elsewhere)
        frame = self._kept("frame.html", place, lambda: self._text("frame.html", {name: gap(name) for name in names}))
        parts = self._text(template, {**values, "cut": CUT}).split(CUT)
        title, head, main = (Markup(part) for part in parts)
        return frame.filled({"title": title, "head": head, "main": main, "q": values.get("q", ""), **elsewhere})

    def _text(self, template: str, values: Mapping[str, Any]) -> str:
        lang = self.lang
        return text_of(template, {
            "lang": lang,
            "w": self.say, "n": lambda value, digits=0: number(value, lang, digits),
            "count": lambda value: number(value, lang, 0 if value == int(value) else 1),
            "pct": lambda value, digits=0: percent(value, lang, digits), "d": lambda text: day(text, lang),
            "t": lambda name: marked(name, lang), "mark": lambda step: step_mark(step),
            "chinese": self.chinese, "labels": self.labels, "path": self.path, "link": self.link,
            "here": self.here, "kept_fields": self.kept_fields, "state_name": self.state_name,
            "body_name": self.body_name, "open_word": self.open_word, "told": self.told, "noted": self.noted,
            "text_of": self.text_of,
            "said": lambda messages: said(messages, lang, names_from(self.desk.state_names(self.labels), self.desk.body_names)),
            "counts_word": counts_word, "about": self.desk.about, "asset": _asset_address,
            "state_said": self.state, "body_said": self.body, "when": lambda text: dated(text, lang),
            "status": lambda row: status_said(row["status"], row["contested"], lang),
            "exit_rows": self.exit_rows, "year_rows": self.year_rows, "places": PLACES,
            "refs": lambda addresses: referred(tuple(addresses), lang), **values,
        })  # fmt: skip


@cache
def _asset_address(name: str) -> str:
    found = asset_of(name)
    return f"/assets/{name}?v={found[2]}" if found else f"/assets/{name}"
