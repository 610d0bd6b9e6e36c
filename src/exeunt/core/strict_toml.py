"""TOML read strictly into structs: what does not fit gives one sentence with file, part, what was found, what was expected.

A schema is a struct on `Strict`; msgspec checks it. Where it refuses, the content is walked down beside the schema to the
place at fault, so no message of msgspec is read. A rule between keys goes into `__post_init__`, which raises ValueError with
the end of a sentence: "needs either case, or state with bodies".
"""

from __future__ import annotations

import tomllib
import types
from collections.abc import Iterable, Mapping, Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar, Union, get_args, get_origin

import msgspec

from exeunt.core.errors import ExeuntError, UsageError

Text = Annotated[str, msgspec.Meta(min_length=1)]
"""A text that says something."""
Texts = Annotated[tuple[Text, ...], msgspec.Meta(min_length=1)]
"""One text or more."""
_TOP = "the top of the file"
_T = TypeVar("_T")


class Strict(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Base of a table of TOML: its keys are the fields, those without a default are needed, others are refused."""


def _read(
    source: Path | str, kind: type[_T], place: str | None = None, error: type[ExeuntError] = UsageError
) -> _T:  # fmt: skip
    """Read a file of TOML, or a text of it, into a struct.

    Parameters
    ----------
    source : a path, or the text itself
    kind : a struct on `Strict`
    place : the file as errors name it; default the name of the path
    error : what is raised, `CompileError` for files of the record

    Raises
    ------
    UsageError, or the one asked for, one sentence.
    """
    place = place or (source.name if isinstance(source, Path) else "the text")
    return convert(parse(source, place, error), kind, place, error=error)


def parse(source: Path | str, place: str | None = None, error: type[ExeuntError] = UsageError) -> dict[str, Any]:
    """Content of a file or a text as TOML has it; raises as `read` does."""
    place = place or (source.name if isinstance(source, Path) else "the text")
    try:
        text = source.read_text(encoding="utf-8") if isinstance(source, Path) else source
        return tomllib.loads(text)
    except OSError as fault:
        raise error(f"{place} cannot be read ({fault.strerror}); name a TOML file.") from None
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as fault:
        raise error(f"{place} is not TOML: {fault}.") from None


def convert(
    found: Mapping[str, Any], kind: type[_T], place: str, part: str = _TOP, error: type[ExeuntError] = UsageError
) -> _T:  # fmt: skip
    """Turn a table that is parsed already into a struct; `part` names it within the file. Raises as `read` does."""
    try:
        return msgspec.convert(found, kind)
    except msgspec.ValidationError as refused:
        sentence = _fault(found, kind, part, "", refused)
    raise error(f"{place}: {sentence}{'' if sentence.endswith('?') else '.'}")


def _fault(found: Any, hint: Any, part: str, key: str, refused: msgspec.ValidationError) -> str:
    """What is wrong with a value that a hint refuses, from the outermost place inwards."""
    options = _options(hint)
    structs = [one for one in options if isinstance(one, type) and issubclass(one, msgspec.Struct)]
    if isinstance(found, Mapping) and structs:
        return _table_fault(found, structs, part if not key else f"{key} of {part}" if part != _TOP else key, refused)
    for one in options:
        if get_origin(one) in (list, tuple) and isinstance(found, list):
            inner = get_args(one)[0]
            for number, item in enumerate(found, 1):
                again = _refused(item, inner)
                if again is not None and isinstance(item, Mapping):
                    return _fault(item, inner, f"the {key} {_called(item, number)}", "", again)
                if again is not None and _holds_tables(inner):
                    return f"{key} holds {item!r}; write it as a table, [[{key}]]"
                if again is not None:
                    return f"{_where(part)}{key} holds {item!r}; expected {_expected(inner)}{_closest(item, inner)}"
        if get_origin(one) in (dict, Mapping) and isinstance(found, Mapping):
            for name, value in found.items():
                again = _refused(value, get_args(one)[1])
                if again is not None:
                    return _fault(value, get_args(one)[1], part, f"{key}.{name}", again)
    if found in ("", [], {}):
        return f"{_where(part)}{key} is empty; fill it in or take it out"
    return f"{_where(part)}{key} is {found!r}; expected {_expected(hint)}{_closest(found, hint)}"


def _table_fault(found: Mapping[str, Any], structs: Sequence[Any], part: str, refused: msgspec.ValidationError) -> str:
    kind, tag = structs[0], structs[0].__struct_config__.tag_field
    if tag is not None:
        tagged = {str(one.__struct_config__.tag): one for one in structs}
        if tag not in found:
            return f"{part} lacks {tag}; add it, one of {', '.join(tagged)}"
        if found[tag] not in tagged:
            return f"{part}: {tag} is {found[tag]!r}; expected one of {', '.join(tagged)}{_close(found[tag], tagged)}"
        kind = tagged[found[tag]]
    known = {field.encode_name: field for field in msgspec.structs.fields(kind)}
    for name in found:
        if name not in known and name != tag:
            close = get_close_matches(str(name), known, n=1)
            return f"{part} has no key {name!r}; " + (
                f"did you mean {close[0]}?" if close else f"expected {', '.join(known)}"
            )
    for name, value in found.items():
        again = _refused(value, known[name].type) if name != tag else None
        if again is not None:
            return _fault(value, known[name].type, part, name, again)
    missing = [name for name, field in known.items() if field.required and name not in found]
    if missing:
        return f"{part} lacks {', '.join(missing)}; add it"
    # What is left is a rule of the struct's own.
    return f"{part} {refused.__cause__ or refused}"


def _refused(value: Any, hint: Any) -> msgspec.ValidationError | None:
    try:
        msgspec.convert(value, hint)
    except msgspec.ValidationError as refused:
        return refused
    return None


def _options(hint: Any) -> list[Any]:
    if get_origin(hint) is Annotated:
        return _options(get_args(hint)[0])
    if get_origin(hint) in (Union, types.UnionType):
        return [one for each in get_args(hint) for one in _options(each)]
    return [hint]


def _holds_tables(hint: Any) -> bool:
    return any(isinstance(one, type) and issubclass(one, msgspec.Struct) for one in _options(hint))


def _called(table: Mapping[str, Any], number: int) -> str:
    """How an entry of a list of tables is named: by its id or name, by the ends of a link, or by its number."""
    named = table.get("id") or table.get("name")
    if named:
        return str(named)
    return f"{table.get('source', '?')} → {table['target']}" if "target" in table else str(number)


def _where(part: str) -> str:
    return "" if part == _TOP else f"{part}: "


_KINDS: Mapping[Any, str] = {
    str: "a text", bool: "true or false", int: "a whole number", float: "a number", list: "a list", tuple: "a list",
    dict: "a table",
}  # fmt: skip


def _expected(hint: Any) -> str:
    """What a hint asks for, in words: `a whole number from 1 to 5`, `one of exit, join`."""
    if get_origin(hint) is Annotated:
        inner, *extras = get_args(hint)
        metas = [extra for extra in extras if isinstance(extra, msgspec.Meta)]
        return _expected(inner) + "".join(_bounds(meta) for meta in metas)
    if get_origin(hint) in (Union, types.UnionType):
        told = [_expected(one) for one in get_args(hint) if one is not type(None)]
        if {"a whole number", "a number"} <= set(told):
            told.remove("a whole number")
        return " or ".join(dict.fromkeys(told))
    if get_origin(hint) is Literal:
        return f"one of {', '.join(map(str, get_args(hint)))}"
    if get_origin(hint) in (list, tuple) and not _holds_tables(get_args(hint)[0]):
        return f"a list, each {_expected(get_args(hint)[0])}"
    plain = get_origin(hint) or hint
    return _KINDS.get(plain, "a table" if _holds_tables(hint) else f"a {getattr(plain, '__name__', plain)}")


def _bounds(meta: msgspec.Meta) -> str:
    if meta.ge is not None and meta.le is not None:
        return f" from {meta.ge} to {meta.le}"
    told = {"of at least": meta.ge, "of at most": meta.le, "above": meta.gt, "below": meta.lt}
    text = "".join(f" {word} {value}" for word, value in told.items() if value is not None)
    return text + (f" ({meta.description})" if meta.pattern and meta.description else "")


def _closest(found: Any, hint: Any) -> str:
    words = [str(word) for one in _options(hint) if get_origin(one) is Literal for word in get_args(one)]
    return _close(found, words)


def _close(found: Any, words: Iterable[str]) -> str:
    close = get_close_matches(str(found), list(words), n=1)
    return f"; closest: {close[0]}" if close else ""
