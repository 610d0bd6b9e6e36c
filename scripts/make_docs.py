"""Write what the documents take from the code: the data dictionary, the codebook, the commands, README's list of tables.

    python scripts/make_docs.py [--check]

With --check nothing is written, and the exit code is 1 where a document is out of date.
"""

from __future__ import annotations

import sys
from pathlib import Path

import commands_page
from exeunt.panel.registry import codebook
from exeunt.record.bundle import _describe as describe
from exeunt.record.schema import ACTS, CLOSING_DAY, LEAVEABLE, MEASURES, READINGS, STATUSES, TABLES

ROOT = Path(__file__).resolve().parent.parent
NOTE = "<!-- written by scripts/make_docs.py; change src/exeunt/record/schema.py instead -->"


def dictionary() -> str:
    """Every table and column, from `schema.py`."""
    lines = [
        "# Data dictionary",
        "",
        NOTE,
        "",
        f"The record closes on {CLOSING_DAY}. Dates are EDTF level 1.",
        "",
    ]
    for table in TABLES:
        lines += describe(table)
    for title, words in (
        ("Acts", ACTS), ("Statuses on a day", STATUSES), ("What there is to leave", LEAVEABLE), ("Readings", READINGS),
        ("Measures", MEASURES),
    ):  # fmt: skip
        lines += [f"## {title}", "", *(f"- `{word}`: {meaning}" for word, meaning in words.items()), ""]
    for kind, title in (("terms", "Terms of the exit panel"), ("join", "Base terms of the join panel")):
        lines += [f"## {title}", ""]
        if kind == "terms":
            lines += [f"The first {codebook('exit').height} are the base terms, used unless others are named.", ""]
        lines += ["| term | meaning | unit | lag | span | sources | licence class | explanation |",
                  "|---|---|---|---|---|---|---|---|"]  # fmt: skip
        lines += [f"| {' | '.join(str(v) for v in row)} |" for row in codebook(kind).iter_rows()]
        lines.append("")
    return "\n".join(lines)


def readme(text: str) -> str:
    """README with its list of tables renewed."""
    head, rest = text.split("<!-- tables -->", 1)
    tail = rest.split("<!-- end of tables -->", 1)[1] if "<!-- end of tables -->" in rest else rest
    table = "\n".join(["| table | one row is |", "|---|---|", *(f"| `{t.name}` | {t.row} |" for t in TABLES)])
    return f"{head}<!-- tables -->\n{table}\n<!-- end of tables -->{tail}"


def main() -> int:
    """Write or check the documents."""
    check = "--check" in sys.argv
    stale = []
    for path, text in (
        (ROOT / "docs" / "data-dictionary.md", dictionary()),
        (ROOT / "docs" / "reference" / "commands.md", commands_page.page()),
        (ROOT / "README.md", readme((ROOT / "README.md").read_text(encoding="utf-8"))),
    ):
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            stale.append(path.name)
            if not check:
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text, encoding="utf-8")
    print(f"{'out of date' if check else 'written'}: {', '.join(stale)}" if stale else "all documents are up to date")
    return 1 if check and stale else 0


if __name__ == "__main__":
    sys.exit(main())
