"""Templates made ready for many readers: words put in once a language, pages written once and kept as sheets with gaps."""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final

from jinja2 import ChoiceLoader, Environment, FileSystemLoader, StrictUndefined
from jinja2.ext import Extension
from markupsafe import Markup, escape

from exeunt.report import page as of_report
from exeunt.words import WORDS, word

HERE: Final = Path(__file__).parent
_SECRET: Final = secrets.token_hex(8)
"""Drawn anew in each process, so that nobody can write a gap into a page from outside."""
_GAP: Final = re.compile(rf"{_SECRET}\.([a-z_]+)\.")
_WORD: Final = re.compile(r"\{\{ w\((['\"])([\w.]+)\1\) \}\}")


def gap(name: str) -> Markup:
    """What stands in a sheet where something is put in later; it needs quoting neither in markup nor in an address."""
    return Markup(f"{_SECRET}.{name}.")


class Sheet:
    """A page, or a part of one, with gaps.

    Parameters
    ----------
    text : as a template wrote it, with gaps from `gap`
    """

    def __init__(self, text: str) -> None:
        self._parts = _GAP.split(text)
        self._names = self._parts[1::2]

    def filled(self, values: Mapping[str, str]) -> str:
        """Markup with every gap filled; what is no markup yet is escaped."""
        written = {name: escape(value) for name, value in values.items()}
        parts = list(self._parts)
        parts[1::2] = [written[name] for name in self._names]
        return "".join(parts)


class _Words(Extension):
    """Puts a word that needs no value into the template before it is compiled."""

    def preprocess(self, source: str, name: str | None, filename: str | None = None) -> str:
        """Template with its plain words in the language of the environment."""
        lang = str(self.environment.globals["lang"])

        def said(found: re.Match[str]) -> str:
            texts = WORDS.get(found[2], ("{",))
            return found[0] if any("{" in text for text in texts) else str(escape(word(found[2], lang)))

        return _WORD.sub(said, source)


@cache
def environment(lang: str) -> Environment:
    """Templates of the explorer, then those of the report, whose parts they use; read once, in one language."""
    folders = [HERE / "templates", Path(of_report.__file__).parent / "templates"]
    loader = ChoiceLoader([FileSystemLoader(folder) for folder in folders])
    made = Environment(
        loader=loader,
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    made.globals["lang"] = lang
    made.add_extension(_Words)
    return made


def text_of(template: str, lang: str, values: Mapping[str, Any]) -> str:
    """Write a template."""
    return environment(lang).get_template(template).render(values)


@cache
def step_mark(step: str, lang: str) -> Markup:
    """Mark of a step of leaving, as the report draws it."""
    return Markup(environment(lang).get_template("parts.html").module.mark(step))  # type: ignore[attr-defined]
