"""Sets as bits in compiled code: who belongs to a body is a row of 64-bit words, one bit a state."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit, types
from numba.extending import intrinsic
from numpy.typing import NDArray

ONE = np.uint64(1)
APART = (
    np.unpackbits(np.arange(256, dtype=np.uint8)[:, None], axis=1, bitorder="little")
    .view("<u8")
    .ravel()
    .astype(np.uint64)
)
"""Eight bits as eight bytes of 0 or 1 in one word."""


def _ones(_typing: Any, word: Any) -> Any:
    """Bits set in a word (one machine instruction)."""
    return types.int64(types.uint64), lambda _context, builder, _signature, values: builder.ctpop(values[0])


def _lowest_bit(_typing: Any, word: Any) -> Any:
    """Place of the lowest bit set in a word that is not 0."""

    def build(context: Any, builder: Any, _signature: Any, values: Any) -> Any:
        return builder.cttz(values[0], context.get_constant(types.boolean, False))

    return types.int64(types.uint64), build


ones: Any = intrinsic(_ones)
lowest_bit: Any = intrinsic(_lowest_bit)


@njit(cache=True)
def bytes_of(word: np.uint64) -> np.uint64:
    """Which of the eight bytes of a word are not nought, a bit each."""
    low = np.uint64(0x7F7F7F7F7F7F7F7F)
    high = (((word & low) + low) | word) & ~low
    return ((high >> np.uint64(7)) * np.uint64(0x0102040810204080)) >> np.uint64(56)


@njit(cache=True)
def has(rows: Any, h: int, row: int, place: int) -> Any:
    """Whether a row of the h-th table holds a place."""
    return (rows[h, row, place >> 6] >> np.uint64(place & 63)) & ONE != 0


@njit(cache=True)
def put(rows: Any, row: int, place: int) -> None:
    """Put a place into a row."""
    rows[row, place >> 6] |= ONE << np.uint64(place & 63)


@njit(cache=True)
def drop(rows: Any, row: int, place: int) -> None:
    """Take a place out of a row."""
    rows[row, place >> 6] &= ~(ONE << np.uint64(place & 63))


@njit(cache=True)
def common(rows: Any, one: int, two: int) -> Any:
    """Places that two rows both hold; of a row with itself, the places that it holds."""
    found = 0
    for word in range(rows.shape[1]):
        found += ones(rows[one, word] & rows[two, word])
    return found


@njit(cache=True)
def spread(rows: Any, row: int, into: Any) -> None:
    """Lay the bits of a row out as bytes, eight to a word of `into`, (words,)."""
    for group in range(len(into)):
        into[group] = APART[(rows[row, group >> 3] >> np.uint64(8 * (group & 7))) & np.uint64(255)]


def packed(table: NDArray[Any]) -> NDArray[np.uint64]:
    """Rows of a table of zeros and ones as rows of words, (..., words)."""
    size = table.shape[-1]
    wide = np.zeros((*table.shape[:-1], -(-size // 64) * 64), np.uint8)
    wide[..., :size] = table
    return np.packbits(wide, axis=-1, bitorder="little").view("<u8").astype(np.uint64)
