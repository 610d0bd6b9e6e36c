"""Compiled proposals of the engine: which pairs may have an event this year; see `engine.py` for the method.

The first 24 bits of a pair's number come from a hash of 32 bits, written as vector instructions: eight pairs at once on most
machines. Its first 15 bits alone decide which pairs may be below their bound, and only these get the whole number.

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
from exeunt.simulate.bits import ONE, bytes_of, lowest_bit

STATE, BODY, PAIR, FOLLOW, END = 2, 4, 6, 8, 10
"""Kinds of addresses; those of `transition.py` are of another generator. One more is the kind of joins."""
OPEN, RETURN = 1, 2
"""Marks of pairs at risk of joining: of those that never left, and of those that did."""
BITS = 24
MARKED = 15
"""Bits of a number that bounds are held against at first; the last step of the hash leaves them alone."""
LARGEST = 1e30
"""Bounds are kept below this, so that a product of two is a number."""
WIDTH = 8
"""States marked at once; machines with shorter vectors do so in two steps."""
_WORD = ir.IntType(32)
_SPREAD = 0x9E3779B9


def _mixed(builder: Any, x: Any, two: Any, kind: Any) -> Any:
    """A scrambled word, or each word of a vector, but for the last step, x ^ (x >> 15)."""

    def scrambled(x: Any, by: int) -> Any:
        return builder.xor(x, builder.lshr(x, constant(kind, by)))

    x = builder.xor(builder.mul(scrambled(x, 16), constant(kind, 0x21F0AAAD)), two)
    return builder.mul(scrambled(x, 15), constant(kind, 0x735A2D97))


def constant(kind: Any, value: int) -> Any:
    """A number as a word, or as each word of a vector."""
    return ir.Constant(kind, [value] * kind.count if isinstance(kind, ir.VectorType) else value)


def _first_bits(_typing: Any, place: Any, one: Any, two: Any) -> Any:
    """First 24 bits of the number at a place of a key of 64 bits, as a float; arithmetic of 32 bits throughout."""

    def build(_context: Any, builder: Any, _signature: Any, values: Any) -> Any:
        place, one, two = values
        start = builder.add(builder.mul(builder.trunc(place, _WORD), ir.Constant(_WORD, _SPREAD)), one)
        x = _mixed(builder, start, two, _WORD)
        x = builder.xor(x, builder.lshr(x, constant(_WORD, 15)))
        return builder.sitofp(builder.lshr(x, constant(_WORD, 32 - BITS)), ir.FloatType())

    return types.float32(types.int64, types.uint32, types.uint32), build


first_bits: Any = intrinsic(_first_bits)


def _mark(_typing: Any, place: Any, one: Any, two: Any, bound: Any, starts: Any, reach: Any) -> Any:
    """Of eight states from a place on, which may be below their bound times a body's reach: a bit each, the first lowest.

    Bounds are in units of 2^-15; a number is held to be as small as its first 15 bits allow.
    """

    def build(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        place, one, two, bound, starts, reach = values
        words, floats = ir.VectorType(_WORD, WIDTH), ir.VectorType(ir.FloatType(), WIDTH)

        def each(value: Any, kind: Any) -> Any:
            first = builder.insert_element(ir.Constant(kind, ir.Undefined), value, ir.Constant(_WORD, 0))
            return builder.shuffle_vector(first, first, ir.Constant(words, [0] * WIDTH))

        start = context.make_array(signature.args[4])(context, builder, starts).data
        start = builder.load(builder.bitcast(builder.gep(start, [place]), words.as_pointer()), align=4)
        x = _mixed(builder, builder.add(each(one, words), start), each(two, words), words)
        drawn = builder.sitofp(builder.lshr(x, constant(words, 32 - MARKED)), floats)
        data = context.make_array(signature.args[3])(context, builder, bound).data
        at = builder.bitcast(builder.gep(data, [place]), floats.as_pointer())
        limit = builder.fmul(builder.load(at, align=4), each(reach, floats))
        return builder.zext(
            builder.bitcast(builder.fcmp_ordered("<=", drawn, limit), ir.IntType(WIDTH)), ir.IntType(64)
        )

    return types.int64(types.int64, types.uint32, types.uint32, bound, starts, types.float32), build


mark: Any = intrinsic(_mark)


@njit(cache=True)
def number_of(key: np.uint64, i: int) -> Any:
    """The whole number of a pair, in (0, 1), to 2^-53; its first 15 bits are those that `mark` looks at."""
    first = np.float64(first_bits(i, np.uint32(key), np.uint32(key >> np.uint64(32))))
    rest = uniform(key, i)
    return max((first + rest) * 2.0**-BITS - SMALLEST / 2, SMALLEST / 2)


@njit(cache=True, error_model="numpy")
def propose(
    risk: Any, back: Any, upto: int, rate: Any, allowed: Any, limit: Any, stretch: float, names: Any,
    seed: int, world: int, year: int, kind: int, pairs: Any, numbers: Any,
) -> Any:  # fmt: skip
    """List pairs at risk that may have an event, with their numbers: u, where an event is u < 1 − exp(−rate).

    Parameters
    ----------
    risk : (bodies, words) pairs at risk as bits
    back : (bodies, words) as bits, further pairs at risk, which may exceed the limit `stretch` times; or no words
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
    n, number, room = len(limit), 0, len(numbers)
    of_pairs = address(seed, world, year, PAIR + kind)
    # Rounding of single precision must let no event go: the bounds are a little wider, what is below them is computed anew.
    bound = np.zeros((n + WIDTH - 1) // WIDTH * WIDTH, np.float32)
    starts = np.zeros(len(bound), np.uint32)
    for i in range(n):
        starts[i] = np.uint32(i) * np.uint32(_SPREAD)
        bound[i] = min(limit[i] * (2.0**MARKED * 1.00001), LARGEST)
    groups, backs, returning = risk.view(np.uint8), back.view(np.uint8), back.shape[1] > 0
    for j in range(upto):
        reach = np.float32(min(rate[j] * allowed[j], 1e8))
        if reach <= 0.0:
            continue
        further = np.float32(reach * stretch)
        key = within(of_pairs, 0, names[j])
        one, two = np.uint32(key), np.uint32(key >> np.uint64(32))
        for first in range(0, risk.shape[1], WIDTH):
            todo = np.uint64(0)
            for word in range(first, min(first + WIDTH, risk.shape[1])):
                here = risk[j, word] | back[j, word] if returning else risk[j, word]
                todo |= bytes_of(here) << np.uint64(WIDTH * (word - first))
            while todo != 0:
                group = WIDTH * first + lowest_bit(todo)
                todo &= todo - ONE
                left = np.uint64(groups[j, group] & mark(WIDTH * group, one, two, bound, starts, reach))
                if returning and backs[j, group] != 0:
                    left |= np.uint64(backs[j, group] & mark(WIDTH * group, one, two, bound, starts, further))
                while left != 0:
                    i = WIDTH * group + lowest_bit(left)
                    left &= left - ONE
                    if number < room:
                        pairs[number, 0], pairs[number, 1], numbers[number] = i, j, number_of(key, i)
                    number += 1
    return number
