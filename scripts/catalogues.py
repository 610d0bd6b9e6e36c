"""Compile the catalogues of `src/exeunt/i18n` and take numbers, dates and lists of the CLDR from Babel.

Usage: python scripts/catalogues.py [--check]

Every `LANGUAGE.po` gives a `LANGUAGE.mo`; `cldr.json` holds what the CLDR says of each language in `LANGUAGES`. In the other
languages the English text stands above each message as a comment, for translators. `--check` writes nothing and fails where
a file is not what it would be.
"""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path

from babel import Locale
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

from exeunt.i18n import FOLDER, LANGUAGES

PERCENT = {"en": "{0} %"}
"""The house writes a space before the sign in English, where the CLDR has none."""
PLACES = {"d": "{day}", "M": "{month}", "MMMM": "{month}", "y": "{year}"}


def catalogue(lang: str, text: bytes, locale: str) -> Catalog:
    """One catalogue, read with the plural rule of its locale."""
    return read_po(io.BytesIO(text), locale=locale.split("_")[0] if lang == "en" else locale)


def compiled(found: Catalog) -> bytes:
    """A catalogue as gettext reads it fastest."""
    out = io.BytesIO()
    write_mo(out, found)
    return out.getvalue()


def source(found: Catalog, english: Catalog | None) -> bytes:
    """A catalogue as translators read it; above each message the English text."""
    if english is not None:
        for message in found:
            if message.id:
                other = english.get(message.id)
                said = other.string if other else ""
                message.auto_comments = [
                    one.strip() for one in ((said,) if isinstance(said, str) else said) if one.strip()
                ]
    out = io.BytesIO()
    write_po(out, found, width=0, no_location=True)
    return out.getvalue().rstrip(b"\n") + b"\n"


def written(lang: str, name: str) -> dict[str, object]:
    """What the CLDR says of one language."""
    locale = Locale.parse(name)
    symbols = locale.number_symbols["latn"]

    def pattern(text: str) -> str:
        out, quoted = "", text.replace("'", "")
        while quoted:
            place = next((p for p in ("MMMM", "M", "d", "y") if quoted.startswith(p)), None)
            out += PLACES[place] if place else quoted[0]
            quoted = quoted[len(place) if place else 1 :]
        return out

    skeletons = locale.datetime_skeletons
    long = locale.date_formats["long"].pattern
    numeric = "MMMM" not in long
    months = [str(k) for k in range(1, 13)] if numeric else [locale.months["format"]["wide"][k] for k in range(1, 13)]
    lists = locale.list_patterns["standard"]
    return {
        "decimal": symbols["decimal"],
        "group": symbols["group"],
        "percent": PERCENT.get(lang, locale.percent_formats[None].pattern.replace("#,##0", "{0}")),
        "months": months,
        "day": pattern(long),
        "month": pattern(skeletons["yMMMM"].pattern),
        "year": pattern(skeletons["y"].pattern),
        "pair": lists["2"],
        "middle": lists["middle"],
        "end": lists["end"],
    }


def made(folder: Path, languages: dict[str, str]) -> dict[Path, bytes]:
    """Every file that follows from the catalogues, as it should be."""
    files: dict[Path, bytes] = {}
    english = None
    for lang, locale in languages.items():
        path = folder / f"{lang}.po"
        found = catalogue(lang, path.read_bytes(), locale)
        files[path] = source(found, english)
        files[folder / f"{lang}.mo"] = compiled(found)
        english = english or found
    table = {lang: written(lang, locale) for lang, locale in languages.items()}
    files[folder / "cldr.json"] = (json.dumps(table, ensure_ascii=False, indent=1) + "\n").encode()
    return files


if __name__ == "__main__":
    stale = [
        path for path, content in made(FOLDER, LANGUAGES).items() if not path.exists() or path.read_bytes() != content
    ]
    if "--check" in sys.argv[1:]:
        if stale:
            sys.exit(f"out of date: {', '.join(p.name for p in stale)}; run python scripts/catalogues.py")
    else:
        for path, content in made(FOLDER, LANGUAGES).items():
            path.write_bytes(content)
