"""Templates made ready for many readers: read once, and pages written once and kept as sheets with gaps."""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final

from jinja2 import ChoiceLoader, Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from exeunt.report import page as of_report

HERE: Final = Path(__file__).parent
_SECRET: Final = secrets.token_hex(8)
"""Drawn anew in each process, so that nobody can write a gap into a page from outside."""
_GAP: Final = re.compile(rf"{_SECRET}\.([a-z_]+)\.")


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


@cache
def environment() -> Environment:
    """Templates of the explorer, then those of the report, whose parts they use; each is read once."""
    folders = [HERE / "templates", Path(of_report.__file__).parent / "templates"]
    loader = ChoiceLoader([FileSystemLoader(folder) for folder in folders])
    return Environment(
        loader=loader,
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )


def text_of(template: str, values: Mapping[str, Any]) -> str:
    """Write a template."""
    return environment().get_template(template).render(values)


@cache
def step_mark(step: str) -> Markup:
    """Mark of a step of leaving, as the report draws it."""
    return Markup(environment().get_template("parts.html").module.mark(step))  # type: ignore[attr-defined]
