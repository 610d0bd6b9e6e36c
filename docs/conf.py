"""How Sphinx builds these pages: `make docs`. They load nothing from anywhere else."""

from __future__ import annotations

import re
from typing import Any

from pygments.lexers.special import TextLexer

from exeunt import __version__

project = "exeunt"
author = "The exeunt contributors"
copyright = "2026, the exeunt contributors"
version = release = __version__
language = "en"

extensions = ["myst_parser", "sphinx.ext.autodoc"]
myst_heading_anchors = 3
# A block without a language is a command; nothing in it is guessed at.
highlight_language = "text"
default_role = "code"

autodoc_member_order = "bysource"
# Defaults as they are written: an evaluated one may be a path of the machine that builds.
autodoc_preserve_defaults = True
autodoc_type_aliases = {name: name for name in ("Day", "Window", "FloatArray", "IntArray", "BoolArray")}
autodoc_typehints_format = "short"
# Types of numpy, polars and Python are named in signatures and documented elsewhere.
nitpick_ignore_regex = [("py:.*", ".*")]

html_theme = "furo"
html_title = f"exeunt {__version__}"
html_copy_source = False
html_show_sourcelink = False
html_static_path = ["assets"]
html_css_files = ["pages.css"]


def sections(app: Any, what: str, name: str, obj: object, options: object, lines: list[str]) -> None:
    """Turn the sections of our docstrings into reST: what is passed becomes a list, the rest paragraphs."""
    out: list[str] = []
    passed = False
    for number, line in enumerate(lines):
        if number + 1 < len(lines) and line and re.fullmatch("-{3,}", lines[number + 1]):
            passed = line == "Parameters" or line == "Attributes"
            out += [f"**{line}**", ""]
        elif re.fullmatch("-{3,}", line):
            continue
        elif passed and (item := re.match(r"(\w[\w, *]*?) : (.*)", line)):
            out += [f"- `{item[1]}`: {item[2]}"]
        elif passed and line:
            out += ["  " + line.strip()]
        else:
            out.append(line)
    lines[:] = out


def setup(app: Any) -> None:
    """Read our docstrings, and let rows of CSV stand in a block of their own language."""
    app.add_lexer("csv", TextLexer)
    app.connect("autodoc-process-docstring", sections)
