"""What an answer is made of: frozen structs, declared once, from which JSON, CSV columns, labels and OpenAPI follow.

A field is declared with `Annotated[type, item(meaning, unit=…)]`; a closed list of words is a `Literal`. Nothing here, and no
struct built on it, holds a sentence: where an answer has to say why, it holds a `Message`, a code with values, and the
catalogues of `exeunt.i18n` write the sentence in the reader's language.
"""

from __future__ import annotations

import types
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Annotated, Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

import msgspec

Value = str | int | float | bool | None
"""What a message may be filled with: plain values, never a sentence."""
_KINDS: Mapping[Any, str] = {str: "text", bool: "boolean", int: "integer", float: "number"}
_Struct = TypeVar("_Struct", bound="Answer")


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """Base of every answer and of every row of one: frozen, compared by value, fields by name only."""

    def as_dict(self) -> dict[str, Any]:
        """Plain values for JSON: structs become dictionaries, dates ISO days, tuples lists."""
        plain: dict[str, Any] = msgspec.to_builtins(self)
        return plain


class Message(Answer, frozen=True, kw_only=True):
    """Something that an answer has to say: a code of the catalogues, and the values that fill it.

    `code` is a key of the catalogues, such as `rule.notified`; `values` are plain, with dates in EDTF level 1, states and
    bodies as keys, shares of 1 and amounts of money as numbers. How a value is written stands in the catalogue.
    """

    code: str
    values: dict[str, Value | list[str]] = {}


@dataclass(frozen=True, slots=True)
class Field:
    """One field of an answer as tables, Stata labels and documents need it; `exeunt.core.export.Described` is such."""

    name: str
    kind: str
    meaning: str
    words: tuple[str, ...] = ()
    unit: str = ""
    required: bool = False


def item(meaning: str, unit: str = "") -> msgspec.Meta:
    """Describe a field: what it means, in one line, and its unit where it has one (year, share, US dollars)."""
    return msgspec.Meta(description=meaning, extra={"unit": unit}, extra_json_schema={"x-unit": unit} if unit else {})


@cache
def fields(kind: type[Answer]) -> tuple[Field, ...]:
    """Fields of a struct in order.

    `kind` of a field is text, integer, number or boolean; what is nested (a struct, a list, a mapping) is text, for tables
    hold it as JSON.

    Raises
    ------
    TypeError, for a field without a meaning.
    """
    hints = get_type_hints(kind, include_extras=True)
    return tuple(_field(kind, name, hints[name]) for name in kind.__struct_fields__)


def json_schema(kind: type[Answer]) -> tuple[dict[str, Any], dict[str, Any]]:
    """JSON Schema of a struct and the components it refers to, for an OpenAPI document."""
    (schema,), components = msgspec.json.schema_components([kind], ref_template="#/components/schemas/{name}")
    return schema, components


def _field(kind: type[Answer], name: str, hint: Any) -> Field:
    meta = None
    if get_origin(hint) is Annotated:
        hint, *extras = get_args(hint)
        meta = next((extra for extra in extras if isinstance(extra, msgspec.Meta)), None)
    if meta is None or not meta.description:
        raise TypeError(f"{kind.__name__}.{name} has no meaning; annotate it with item(…).")
    options = get_args(hint) if get_origin(hint) in (Union, types.UnionType) else (hint,)
    rest = [option for option in options if option is not type(None)]
    words: tuple[str, ...] = ()
    if all(get_origin(option) is Literal for option in rest):
        words = tuple(str(word) for option in rest for word in get_args(option))
    plain = _KINDS.get(rest[0], "text") if len(rest) == 1 else "text"
    unit = str((meta.extra or {}).get("unit", ""))
    return Field(name, plain, meta.description, words, unit, required=len(rest) == len(options))
