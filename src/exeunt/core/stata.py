"""Stata's dta format 118 through pandas: UTF-8 text (Chinese stays as it is), labels, and the same bytes for the same frame.

Text up to 2045 bytes is str#, longer text strL; whole numbers take the narrowest type that holds them, closed words and yes
and no are numbers with value labels.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from io import BytesIO
from typing import TYPE_CHECKING, Any

import polars as pl

from exeunt.core.errors import ExeuntError, OutputError

if TYPE_CHECKING:
    import pandas as pd

LONGEST_NAME = 32
LONGEST_LABEL = 80
LONGEST_TEXT = 2045
MISSING_DOUBLE = 2.0**1023
EXACT = 2**53
_WHOLE = (("Int8", -127, 100), ("Int16", -32767, 32740), ("Int32", -2147483620, 2147483620))
"""Type of pandas, and the lowest and highest that Stata reads in it as a number."""
UNDATED = date(1980, 1, 1)
"""Stands in files that no day is given for, so the time of writing never does."""
RESERVED = {
    "_all", "_b", "byte", "_coef", "_cons", "double", "float", "if", "in", "int", "long", "_n", "_N", "_pi", "_pred",
    "_rc", "_skip", "strL", "using", "with",
}  # fmt: skip


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
    day : date to stamp the file with

    Raises
    ------
    ExeuntError, without pandas; OutputError, for what Stata cannot hold: a word outside its list, an infinite number, a text
    with a null character.
    """
    try:
        import pandas as pd
        from pandas.io.stata import StataWriterUTF8
    except ModuleNotFoundError:
        raise ExeuntError(
            'Stata files need pandas, which is not installed here; install it with `pip install "exeunt[stata]"`.'
        ) from None
    meanings, words = meanings or {}, words or {}
    names = _legal_names(frame.columns)
    columns: dict[str, pd.Series[Any]] = {}
    codes: dict[str, dict[int, str]] = {}
    long_texts = []
    for column, name in zip(frame.columns, names, strict=True):
        cells, labels = _cells(frame[column], words.get(column, ()))
        columns[name] = pd.Series(cells.to_list(), dtype=_type(cells))
        if labels:
            codes[name] = labels
        if cells.dtype == pl.String and (cells.str.len_bytes().max() or 0) > LONGEST_TEXT:  # type: ignore[operator]
            long_texts.append(name)
    told = {
        name: _shorten(meaning if name == column else f"{column}: {meaning}" if meaning else column, LONGEST_LABEL)
        for column, name in zip(frame.columns, names, strict=True)
        for meaning in (meanings.get(column, ""),)
    }

    class Writer(StataWriterUTF8):  # type: ignore[misc]
        """Takes the names as they are: pandas would change some that Stata allows, such as `case`."""

        def _check_column_names(self, data: pd.DataFrame) -> pd.DataFrame:
            self._converted_names: dict[Any, str] = {}
            return data

    out, stamp = BytesIO(), day or UNDATED
    Writer(
        out, pd.DataFrame(columns, columns=names), version=118, write_index=False, byteorder="<", variable_labels=told,
        value_labels=codes or None, data_label=_shorten(label, LONGEST_LABEL), convert_strl=long_texts,
        time_stamp=datetime(stamp.year, stamp.month, stamp.day),
    ).write_file()  # fmt: skip
    return out.getvalue()


def _legal_names(names: Sequence[str]) -> list[str]:
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


def _shorten(text: str, longest: int) -> str:
    """Cut a text at a word; what was cut shows as `…`."""
    text = " ".join(text.split())
    if len(text) <= longest:
        return text
    head = text[: longest - 1]
    if not text[longest - 1].isspace() and " " in head:
        head = head[: head.rindex(" ")]
    return head.rstrip(" ,;:(") + "…"


def _cells(series: pl.Series, words: Sequence[str]) -> tuple[pl.Series, dict[int, str]]:
    """What is written of a column, as whole numbers, doubles or text, and its value labels."""
    if words:
        return _worded(series, words)
    if series.dtype == pl.Boolean:
        return series.cast(pl.Int64), {0: "no", 1: "yes"}
    if series.dtype.is_integer():
        if max(map(abs, _ends(series))) <= EXACT:
            return series.cast(pl.Int64), {}
    elif series.dtype.is_numeric():
        numbers = series.cast(pl.Float64).fill_nan(None)
        if numbers.drop_nulls().abs().ge(MISSING_DOUBLE).any():
            raise OutputError(
                f"column {series.name} holds an infinite number, for which Stata has no sign; "
                "write CSV or Parquet, or leave those rows out."
            )
        return numbers, {}
    texts = series.cast(pl.String).fill_null("")
    if texts.str.contains("\0", literal=True).any():
        raise OutputError(
            f"column {series.name} holds a text with a null character, which would end it in Stata; "
            "write CSV or Parquet, or leave those rows out."
        )
    return texts, {}


def _worded(series: pl.Series, words: Sequence[str]) -> tuple[pl.Series, dict[int, str]]:
    codes = {word: number for number, word in enumerate(words, start=1)}
    text = series.cast(pl.String)
    numbers = text.replace_strict(codes, default=None, return_dtype=pl.Int64)
    strange = text.filter(text.is_not_null() & numbers.is_null()).unique().sort()
    if strange.len():
        raise OutputError(
            f"column {series.name} holds {strange.head(5).to_list()}, expected one of {list(words)[:5]}…; "
            "write it in another format, or add the word to the schema."
        )
    return numbers, {number: word for word, number in codes.items()}


def _ends(series: pl.Series) -> tuple[int, int]:
    """The lowest and the highest of whole numbers; 0 where there are none."""
    low, high = series.min(), series.max()
    return (0, 0) if low is None else (int(str(low)), int(str(high)))


def _type(cells: pl.Series) -> Any:
    """The type of pandas for cells."""
    if cells.dtype == pl.String:
        return object
    if cells.dtype == pl.Float64:
        return "Float64"
    low, high = _ends(cells)
    return next((kind for kind, least, most in _WHOLE if least <= low and high <= most), "Float64")
