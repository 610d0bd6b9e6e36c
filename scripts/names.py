"""Write `data/curated/names.csv`: the names under which people look up states and bodies.

Usage: python scripts/names.py [--check]

Rows with a language code and the source `unicode_cldr` are the territory names of the CLDR, as Babel ships them, and are made
anew; all others are ours and stay as they stand in the file. `code` names one state or body; several, parted by spaces, make
the name ambiguous; none means that it is known and stands for nothing in the record, `note` says why.
"""

from __future__ import annotations

import csv
import io
import sys
from pathlib import Path

from babel import Locale
from babel.core import get_global

CURATED = Path(__file__).resolve().parent.parent / "data" / "curated"
FILE = CURATED / "names.csv"
COLUMNS = ("kind", "name", "code", "lang", "source", "note")
LOCALES = {
    "en": "en", "fr": "fr", "es": "es", "ru": "ru", "ar": "ar", "zh-Hans": "zh_Hans", "zh-Hant": "zh_Hant", "de": "de",
    "pt": "pt",
}  # fmt: skip
"""Language tag → locale: the six of the United Nations, both Chinese scripts, German and Portuguese."""
ENDED = frozenset({"SUN", "YUG", "CSK", "DDR", "YMD", "YAR", "RVN", "SCG"})
"""Codes that the CLDR names under a code of another state."""


def territories() -> list[dict[str, str]]:
    """Names of the states of the record in every language of `LOCALES`."""
    short = {
        code: names[0] for code, names in get_global("territory_aliases").items() if len(code) == 3 and len(names) == 1
    }
    with (CURATED / "states.csv").open(encoding="utf-8", newline="") as file:
        states = sorted({row["state"] for row in csv.DictReader(file)} - ENDED)
    rows = []
    for tag, locale in LOCALES.items():
        named = Locale.parse(locale).territories
        rows += [
            {"kind": "state", "name": named[short[s]], "code": s, "lang": tag, "source": "unicode_cldr", "note": ""}
            for s in states
            if s in short and short[s] in named
        ]
    return rows


def main(check: bool) -> int:
    """Write the file, or with `--check` fail where it is not what it would be."""
    old = FILE.read_text(encoding="utf-8")
    own = [row for row in csv.DictReader(io.StringIO(old)) if row["source"] != "unicode_cldr"]
    ours = {(row["kind"], row["name"].casefold()) for row in own}
    found: dict[tuple[str, str], dict[str, str]] = {}
    for row in territories():
        first = found.setdefault((row["kind"], row["name"].casefold()), row)
        if row["code"] not in first["code"].split():  # one word for two states in two languages: ask
            first["code"] += " " + row["code"]
    rows = [row for key, row in found.items() if key not in ours]
    out = io.StringIO()
    writer = csv.DictWriter(out, COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows([*own, *rows])
    if check:
        return int(out.getvalue() != old)
    FILE.write_text(out.getvalue(), encoding="utf-8")
    print(f"{FILE.name}: {len(own)} of ours, {len(rows)} of the CLDR")
    return 0


if __name__ == "__main__":
    sys.exit(main("--check" in sys.argv))
