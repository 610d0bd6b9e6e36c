"""The catalogues as tests read them: code → text, and every plural form."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po

from exeunt.i18n import FOLDER, LANGS, LANGUAGES


@cache
def catalogue(lang: str, folder: Path = FOLDER) -> Catalog:
    with (folder / f"{lang}.po").open("rb") as file:
        return read_po(file, locale=LANGUAGES.get(lang, lang))


@cache
def forms(lang: str) -> dict[str, tuple[str, ...]]:
    """Code → its text, or its plural forms."""
    found = {}
    for message in catalogue(lang):
        if message.id:
            code = message.id if isinstance(message.id, str) else message.id[0]
            found[code] = (message.string,) if isinstance(message.string, str) else tuple(message.string)
    return found


@cache
def pairs() -> dict[str, tuple[str, str]]:
    """Code → English and Chinese, plural forms one after the other."""
    english, chinese = (forms(lang) for lang in LANGS)
    return {code: (" / ".join(english[code]), " / ".join(chinese[code])) for code in english}
