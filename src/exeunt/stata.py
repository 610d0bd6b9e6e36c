"""Stata's dta format 118: UTF-8 text (Chinese stays as it is), labels, and the same bytes for the same frame.

The layout is the one that `help dta` of Stata 14 and later describes. Text up to 2045 bytes is str#, longer text strL;
whole numbers take the narrowest of byte, int and long that holds them, other numbers are double.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

import numpy as np
import numpy.typing as npt
import polars as pl

from exeunt.errors import OutputError

LONGEST_NAME = 32
LONGEST_LABEL = 80
LONGEST_TEXT = 2045
STRL = 32768
DOUBLE = 65526
MISSING_DOUBLE = 2.0**1023
EXACT = 2**53
# type code, numpy type, lowest, highest, missing, display format
WHOLE = (
    (65530, "<i1", -127, 100, 101, "%8.0g"),
    (65529, "<i2", -32767, 32740, 32741, "%8.0g"),
    (65528, "<i4", -2147483647, 2147483620, 2147483621, "%12.0g"),
)
RESERVED = {
    "_all", "_b", "byte", "_coef", "_cons", "double", "float", "if", "in", "int", "long", "_n", "_N", "_pi", "_pred",
    "_rc", "_skip", "strL", "using", "with",
}  # fmt: skip
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
NO_YES = ("no", "yes")


@dataclass(frozen=True)
class Variable:
    """One variable as Stata holds it; `cells` has one entry an observation, `long_texts` only where the type is strL."""

    type_code: int
    display: str
    cells: npt.NDArray[np.generic]
    codes: Mapping[int, str] = field(default_factory=dict)
    long_texts: tuple[bytes, ...] = ()


def write_dta(
    frame: pl.DataFrame, meanings: Mapping[str, str] | None = None, words: Mapping[str, Sequence[str]] | None = None,
    label: str = "", day: date | None = None,
) -> bytes:  # fmt: skip
    """Bytes of a dta file of format 118, little-endian.

    Parameters
    ----------
    frame : numbers, booleans and text; anything else is written as text, so that an EDTF date stays what it says
    meanings : column → variable label; what is longer than 80 characters is cut at a word
    words : text column → its closed list of words; written as 1, 2, … with the words as value labels
    label : label of the data, cut like those of variables
    day : date to stamp the file with; no stamp by default, and never the time of writing

    Raises
    ------
    OutputError, for what Stata cannot hold: a word outside its list, an infinite number, a text with a null character.
    """
    meanings, words = meanings or {}, words or {}
    names = legal_names(frame.columns)
    variables = [_variable(frame[column], words.get(column, ())) for column in frame.columns]
    labels = [
        shorten(meaning if name == column else f"{column}: {meaning}" if meaning else column, LONGEST_LABEL)
        for column, name in zip(frame.columns, names, strict=True)
        for meaning in (meanings.get(column, ""),)
    ]
    texts, long_texts = _long_texts(variables)
    parts = [
        b"<stata_dta>" + _header(len(names), frame.height, shorten(label, LONGEST_LABEL), day),
        b"",  # the map, once the places are known
        _tagged("variable_types", struct.pack(f"<{len(names)}H", *(v.type_code for v in variables))),
        _tagged("varnames", b"".join(_fixed(name, 129) for name in names)),
        _tagged("sortlist", bytes(2 * (len(names) + 1))),
        _tagged("formats", b"".join(_fixed(v.display, 57) for v in variables)),
        _tagged("value_label_names", b"".join(_fixed(n if v.codes else "", 129)
                                              for n, v in zip(names, variables, strict=True))),
        _tagged("variable_labels", b"".join(_fixed(text, 321) for text in labels)),
        _tagged("characteristics", b""),
        _tagged("data", _data(variables, texts, frame.height)),
        _tagged("strls", long_texts),
        _tagged("value_labels", b"".join(_value_labels(n, v.codes)
                                         for n, v in zip(names, variables, strict=True) if v.codes)),
        b"</stata_dta>",
    ]  # fmt: skip
    return _with_map(parts)


def legal_names(names: Sequence[str]) -> list[str]:
    """Names that Stata takes, in the same order: letters, digits and `_`, 32 characters, none reserved, none twice."""
    legal: list[str] = []
    for name in names:
        clean = re.sub(r"\W", "_", name)[:LONGEST_NAME] or "_"
        if clean[0].isdigit() or clean in RESERVED or re.fullmatch(r"str\d+", clean):
            clean = f"_{clean}"[:LONGEST_NAME]
        candidate, number = clean, 1
        while candidate in legal or candidate in RESERVED:
            number += 1
            candidate = f"{clean[: LONGEST_NAME - len(f'_{number}')]}_{number}"
        legal.append(candidate)
    return legal


def shorten(text: str, longest: int) -> str:
    """Cut a text at a word; what was cut shows as `…`."""
    text = " ".join(text.split())
    if len(text) <= longest:
        return text
    head = text[: longest - 1]
    if not text[longest - 1].isspace() and " " in head:
        head = head[: head.rindex(" ")]
    return head.rstrip(" ,;:(") + "…"


def _variable(series: pl.Series, words: Sequence[str]) -> Variable:
    if words:
        return _worded(series, words)
    if series.dtype == pl.Boolean:
        return Variable(*_whole(series.cast(pl.Int64)), codes=dict(enumerate(NO_YES)))
    if series.dtype.is_integer():
        low, high = series.min(), series.max()
        bound = 0 if low is None else max(abs(int(str(low))), abs(int(str(high))))
        if bound <= WHOLE[-1][3]:
            return Variable(*_whole(series.cast(pl.Int64)))
        if bound <= EXACT:
            return _double(series)
    elif series.dtype.is_numeric():
        return _double(series)
    return _text(series)


def _worded(series: pl.Series, words: Sequence[str]) -> Variable:
    codes = {word: number for number, word in enumerate(words, start=1)}
    text = series.cast(pl.String)
    numbers = text.replace_strict(codes, default=None, return_dtype=pl.Int64)
    strange = text.filter(text.is_not_null() & numbers.is_null()).unique().sort()
    if strange.len():
        raise OutputError(
            f"column {series.name} holds {strange.head(5).to_list()}, expected one of {list(words)[:5]}…; "
            "write it in another format, or add the word to the schema."
        )
    return Variable(*_whole(numbers), codes={number: word for word, number in codes.items()})


def _whole(series: pl.Series) -> tuple[int, str, npt.NDArray[np.generic]]:
    """Type code, format and cells of whole numbers that a long can hold."""
    numbers = [int(str(n)) for n in (series.min(), series.max()) if n is not None] or [0]
    for type_code, kind, low, high, missing, display in WHOLE:
        if low <= min(numbers) and max(numbers) <= high:
            return type_code, display, series.fill_null(missing).to_numpy().astype(kind)
    raise OutputError(f"column {series.name} holds whole numbers from {min(numbers)} to {max(numbers)}: too large.")


def _double(series: pl.Series) -> Variable:
    numbers = series.cast(pl.Float64).fill_nan(None)
    if numbers.drop_nulls().abs().ge(MISSING_DOUBLE).any():
        raise OutputError(
            f"column {series.name} holds an infinite number, for which Stata has no sign; "
            "write CSV or Parquet, or leave those rows out."
        )
    return Variable(DOUBLE, "%10.0g", numbers.fill_null(MISSING_DOUBLE).to_numpy().astype("<f8"))


def _text(series: pl.Series) -> Variable:
    texts = [(text or "").encode() for text in series.cast(pl.String)]
    if any(b"\0" in text for text in texts):
        raise OutputError(
            f"column {series.name} holds a text with a null character, which would end it in Stata; "
            "write CSV or Parquet, or leave those rows out."
        )
    widest = max(map(len, texts), default=0) or 1
    if widest > LONGEST_TEXT:
        return Variable(STRL, "%9s", np.zeros(len(texts), "<u8"), long_texts=tuple(texts))
    return Variable(widest, f"%{min(widest, 244)}s", np.array(texts, dtype=f"S{widest}"))


def _long_texts(variables: Sequence[Variable]) -> tuple[dict[int, npt.NDArray[np.generic]], bytes]:
    """Cells of the strL variables, and the texts they point to: row by row, the same text once."""
    cells = {k: v.cells.copy() for k, v in enumerate(variables) if v.type_code == STRL}
    places: dict[bytes, int] = {}
    blocks = []
    for row in range(len(next(iter(cells.values()))) if cells else 0):
        for k, places_of in cells.items():
            text = variables[k].long_texts[row]
            if not text:
                continue  # (0, 0) stands for the empty text
            if text not in places:
                # In a cell the variable takes two bytes and the observation six; in the block four and eight.
                places[text] = (k + 1) | (row + 1) << 16
                blocks.append(b"GSO" + struct.pack("<IQBI", k + 1, row + 1, 130, len(text) + 1) + text + b"\0")
            places_of[row] = places[text]
    return cells, b"".join(blocks)


def _data(variables: Sequence[Variable], long_texts: Mapping[int, npt.NDArray[np.generic]], height: int) -> bytes:
    columns = [long_texts.get(k, variable.cells) for k, variable in enumerate(variables)]
    rows = np.zeros(height, dtype=np.dtype([(f"v{k}", column.dtype) for k, column in enumerate(columns)]))
    for k, column in enumerate(columns):
        rows[f"v{k}"] = column
    return rows.tobytes()


def _header(columns: int, rows: int, label: str, day: date | None) -> bytes:
    text = label.encode()
    stamp = f"{day.day:02d} {MONTHS[day.month - 1]} {day.year:04d} 00:00".encode() if day else b""
    return _tagged("header", b"".join([
        _tagged("release", b"118"), _tagged("byteorder", b"LSF"), _tagged("K", struct.pack("<H", columns)),
        _tagged("N", struct.pack("<Q", rows)), _tagged("label", struct.pack("<H", len(text)) + text),
        _tagged("timestamp", bytes([len(stamp)]) + stamp),
    ]))  # fmt: skip


def _value_labels(name: str, codes: Mapping[int, str]) -> bytes:
    texts = [text.encode() + b"\0" for text in codes.values()]
    offsets = [sum(map(len, texts[:k])) for k in range(len(texts))]
    table = struct.pack(f"<{2 + 2 * len(texts)}i", len(texts), sum(map(len, texts)), *offsets, *codes) + b"".join(texts)
    return _tagged("lbl", struct.pack("<i", len(table)) + _fixed(name, 129) + bytes(3) + table)


def _with_map(parts: list[bytes]) -> bytes:
    """Fill in the map: where each of the fourteen parts begins, the map itself and the end of the file among them."""
    parts[1] = _tagged("map", bytes(14 * 8))
    places = [0]
    for part in parts:
        places.append(places[-1] + len(part))
    # The file begins where its first tag does, and the header belongs to that part.
    parts[1] = _tagged("map", struct.pack("<14Q", *places))
    return b"".join(parts)


def _tagged(tag: str, content: bytes) -> bytes:
    return f"<{tag}>".encode() + content + f"</{tag}>".encode()


def _fixed(text: str, width: int) -> bytes:
    return text.encode().ljust(width, b"\0")
