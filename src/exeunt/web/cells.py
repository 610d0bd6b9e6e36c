"""Markup that pages repeat by the hundred: dates, words, sources and whole rows of tables, each written once and kept."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any, Final
from urllib.parse import quote_plus, urlsplit

from markupsafe import Markup, escape

from exeunt.i18n import day, number, word

PLAIN: Final = re.compile(r"[A-Za-z0-9_./-]+")
Name = dict[str, str]


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


@lru_cache(maxsize=5000)
def counted(year: int, yes: int, unsettled: int, no: int, lang: str) -> str:
    """Row of the table of exits by year."""
    cells = "".join(f'<td class="num">{number(value, lang)}</td>' for value in (yes, unsettled, no))
    return f'<tr><th scope="row" class="num">{year}</th>{cells}</tr>\n'


@lru_cache(maxsize=20_000)
def inside_said(status: str, contested: bool, since: str | None, reading: str, lang: str) -> str:
    """Cells of who is inside: status, since when, and how it is known."""
    return (
        f"</a></th><td>{status_said(status, contested, lang)}</td>"
        f"{since_said(since, lang)}<td>{reading_said(reading, lang)}</td></tr>\n"
    )
