"""Answers as a reader sees them: messages as sentences, closed words and heads of columns in the reader's language."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Any, Final

from exeunt.answers import Answer, Message
from exeunt.i18n import LANGS, Names, known, render, word

FAMILIES: Final = {
    "basis": ("basis", "web.basis"), "effect_rule": ("effect",), "rests_on_treaty": ("tri",), "party_to_vclt": ("tri",),
    "treaty_predates_vclt": ("tri",), "what": ("owed", "area"), "notice": ("period",), "rule": ("refilling",),
    "kind": ("ends", "evidence", "kind"), "unit": ("figure_unit",), "status": ("lossstatus", "status"),
    "claimed_by": ("by",), "leaveable": ("what",), "certainty": ("certainty",),
}  # fmt: skip
"""Field → families of its closed words, where they do not bear the name of the field."""
ALWAYS: Final = ("definition",)
"""Fields whose words are written out in every language; English tables show the others as they stand in the data."""
TEXTS: Final = (
    "default_rule", "counts_from", "conditions", "dues_until", "survival", "re_entry", "vclt_note", "note",
)  # fmt: skip
"""Fields that are text of the record's own, not words of ours."""
Named = Mapping[str, tuple[str, str | None]]


SUFFIXES: Final = {"en": "", "zh-Hant": "_zh"}
"""Language → what the name of a column with text of the data in it ends in."""


def in_language(row: Mapping[str, Any], field: str, lang: str) -> tuple[str, str] | None:
    """A text of a row in a language, or in another one where it is not written in that.

    Returns
    -------
    The text and the language that it is in; None where there is no text.
    """
    for one in (lang, *SUFFIXES):
        text = row.get(field + SUFFIXES[one])
        if text:
            return str(text), one
    return None


def names_from(states: Named, bodies: Named) -> Names:
    """Names for sentences: in Chinese those of the record, where it has one; in English the keys.

    Parameters
    ----------
    states, bodies : key → English and Chinese name
    """

    def named(kind: str, key: str, lang: str) -> str:
        both = (states if kind == "state" else bodies).get(key)
        return (both[1] if both and lang != LANGS[0] else None) or key

    return named


def said(messages: Message | Iterable[Message], lang: str, names: Names | None = None) -> str:
    """One message, or several joined as parts of one sentence."""
    if isinstance(messages, Message):
        return render(messages, lang, names)
    return word("sep", lang).join(render(one, lang, names) for one in messages)


def written(row: Answer, lang: str, names: Names | None = None) -> dict[str, Any]:
    """An answer with its messages as text, and text of the record's own in the language where it has one."""
    found: dict[str, Any] = row.as_dict()
    for name in row.__struct_fields__:
        value = getattr(row, name)
        if isinstance(value, Message) or (isinstance(value, tuple) and value and isinstance(value[0], Message)):
            found[name] = said(value, lang, names)
        elif value == () and name in _messages(type(row)):
            found[name] = None
        elif name in TEXTS and value is not None and lang != LANGS[0]:
            found[name] = (in_language(found, name, lang) or (value, lang))[0]
    return found


@cache
def _messages(kind: type[Answer]) -> set[str]:
    """Fields that hold messages."""
    return {name for name, hint in kind.__annotations__.items() if "Message" in str(hint)}


def shown(rows: Sequence[Mapping[str, Any]], lang: str, names: Sequence[str] | None = None) -> list[dict[str, Any]]:
    """Rows for a table on the terminal: heads, closed words, yes and no in the reader's language; in English as they stand.

    Parameters
    ----------
    rows : as `written` gives them
    names : the columns to show (default: all)
    """
    return [{heading(name, lang): cell(name, row[name], lang) for name in names or row} for row in rows]


def heading(name: str, lang: str) -> str:
    """Head of a column; in English it is the key."""
    return word(f"column.{name}", lang) if lang != LANGS[0] and known(f"column.{name}") else name


def cell(name: str, value: Any, lang: str) -> Any:
    """A value of a column as a table shows it."""
    if lang == LANGS[0] and name not in ALWAYS:
        return value
    if isinstance(value, bool):
        return word("web.yes" if value else "web.no", lang)
    if value == []:
        return None
    if isinstance(value, list) and not any(isinstance(one, dict) for one in value):
        return word("list.comma", lang).join(str(cell(name, one, lang)) for one in value)
    if isinstance(value, str):
        for family in FAMILIES.get(name, (name,)):
            if known(f"{family}.{value}"):
                return word(f"{family}.{value}", lang)
    return value
