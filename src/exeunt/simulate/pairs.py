"""Compiled proposals of the engine: which pairs may have an event this year; see `engine.py` for the method.

The first 24 bits of a pair's number come from a hash of 32 bits, which the compiler turns into vector instructions: eight
pairs at once on most machines, about half a nanosecond a pair. Only pairs below their bound get the rest of the number.

References
----------
Ettinger (2019), Prospecting for hash functions (hash with two rounds of multiplication and low bias, `triple32` family).
"""

from __future__ import annotations

from typing import Any

import numpy as np
from llvmlite import ir
from numba import njit, types
from numba.extending import intrinsic

from exeunt.simulate.addressed import SMALLEST, address, uniform, within
from exeunt.simulate.bits import ONE, lowest_bit

STATE, BODY, PAIR, FOLLOW, END = 2, 4, 6, 8, 10
"""Kinds of addresses; those of `transition.py` are of another generator. One more is the kind of joins."""
OPEN, RETURN = 1, 2
"""Marks of pairs at risk of joining: of those that never left, and of those that did."""
BITS = 24
FEW = 24
"""Members of a body up to which looking at them one by one is quicker than at all states."""
LARGEST = 1e30
"""Bounds are kept below this, so that a product of two is a number."""
_WORD = ir.IntType(32)


def _first_bits(_typing: Any, place: Any, one: Any, two: Any) -> Any:
    """First 24 bits of the number at a place of a key of 64 bits, as a float; arithmetic of 32 bits throughout."""

    def build(_context: Any, builder: Any, _signature: Any, values: Any) -> Any:
        place, one, two = values
        x = builder.add(builder.mul(builder.trunc(place, _WORD), ir.Constant(_WORD, 0x9E3779B9)), one)
        x = builder.mul(builder.xor(x, builder.lshr(x, ir.Constant(_WORD, 16))), ir.Constant(_WORD, 0x21F0AAAD))
        x = builder.xor(x, two)
        x = builder.mul(builder.xor(x, builder.lshr(x, ir.Constant(_WORD, 15))), ir.Constant(_WORD, 0x735A2D97))
        x = builder.xor(x, builder.lshr(x, ir.Constant(_WORD, 15)))
        return builder.sitofp(builder.lshr(x, ir.Constant(_WORD, 32 - BITS)), ir.FloatType())

    return types.float32(types.int64, types.uint32, types.uint32), build


first_bits: Any = intrinsic(_first_bits)


@njit(cache=True)
def number_of(key: np.uint64, i: int) -> Any:
    """The whole number of a pair, in (0, 1), to 2^-53; its first 24 bits are those that `mark` looks at."""
    first = np.float64(first_bits(i, np.uint32(key), np.uint32(key >> np.uint64(32))))
    rest = uniform(key, i)
    return max((first + rest) * 2.0**-BITS - SMALLEST / 2, SMALLEST / 2)


@njit(cache=True, error_model="numpy")
def mark(key: np.uint64, reach: Any, limit: Any, risk: Any, below: Any) -> None:
    """Mark the states whose number with one body may be below their bound, (states,); only those whose risk is odd."""
    one, two = np.uint32(key), np.uint32(key >> np.uint64(32))
    for i in range(len(limit)):
        below[i] = (first_bits(i, one, two) <= reach * limit[i]) & risk[i]


@njit(cache=True)
def keep(pairs: Any, numbers: Any, number: int, i: int, j: int, drawn: float) -> Any:
    """Put a candidate down where there is room, and count it."""
    if number < len(numbers):
        pairs[number, 0], pairs[number, 1], numbers[number] = i, j, drawn
    return number + 1


@njit(cache=True, error_model="numpy")
def propose(
    risk: Any, apart: Any, few: Any, upto: int, rate: Any, allowed: Any, limit: Any, stretch: float, names: Any,
    seed: int, world: int, year: int, kind: int, pairs: Any, numbers: Any,
) -> Any:  # fmt: skip
    """List pairs at risk that may have an event, with their numbers: u, where an event is u < 1 − exp(−rate).

    Parameters
    ----------
    risk : (bodies, states) OPEN for pairs at risk; others are even numbers
    apart : (bodies, words) as bits: of joins, pairs at risk that may exceed the limit `stretch` times; of exits, all at risk
    few : (bodies,) bodies whose pairs are all looked at one by one, from `apart`, since they are few
    upto : bodies that there are, the first of them
    rate : (bodies,) rate of a body: its own part of the rate of each of its pairs
    allowed : (bodies,) what a body's pairs can reach of a state's limit, at most 1
    limit : (states,) no pair's rate exceeds this times the body's, whatever `allowed` says
    names : (bodies,) numbers by which bodies are addressed
    pairs, numbers : room for the candidates: state and body, number

    Returns
    -------
    The number of candidates; where it exceeds the room, only the first of them are there.
    """
    n, number = len(limit), 0
    of_pairs = address(seed, world, year, PAIR + kind)
    # Rounding of single precision must let no event go: the bounds are a little wider, what is below them is computed anew.
    bound = np.empty(n, np.float32)
    for i in range(n):
        bound[i] = min(limit[i] * (2.0**BITS * 1.00001), LARGEST)
    words = np.zeros((n + 7) // 8, np.uint64)
    below = words.view(np.uint8)
    for j in range(upto):
        reach = np.float32(min(rate[j] * allowed[j], 1e8))
        if reach <= 0.0:
            continue
        key = within(of_pairs, 0, names[j])
        if not few[j]:
            mark(key, reach, bound, risk[j], below[:n])
            for word in range(len(words)):
                left = words[word]
                while left != 0:
                    i = 8 * word + (lowest_bit(left) >> 3)
                    left &= left - ONE
                    number = keep(pairs, numbers, number, i, j, number_of(key, i))
        if few[j] or kind == 1:
            one, two = np.uint32(key), np.uint32(key >> np.uint64(32))
            for word in range(apart.shape[1]):
                left = apart[j, word]
                while left != 0:
                    i = 64 * word + lowest_bit(left)
                    left &= left - ONE
                    if first_bits(i, one, two) <= reach * bound[i] * stretch:
                        number = keep(pairs, numbers, number, i, j, number_of(key, i))
    return number
