"""Compiled proposals of the engine: which pairs may have an event this year; see `engine.py` for the method.

Who belongs to a body is a row of 64-bit words, one bit per state. Every pair has an exponential number E of mean one and an
event where E is below its rate. Of eight states beside each other the smallest E is drawn first: it is that of one number v
of their own, −log(1 − v) / 8, and falls to each of the eight alike; what the others have above it is exponential again, from
one number w each. So one comparison passes over eight states, and eight such comparisons are one of vector instructions: v and
w start with a hash of 32 bits, whose first 15 decide alone which states may be below their bound, and only these get whole
numbers.

References
----------
Rényi (1953), Acta Mathematica Academiae Scientiarum Hungaricae 4, 191–231 (exponential order statistics as sums); Ettinger
(2019), Prospecting for hash functions (hash with two rounds of multiplication and low bias, `triple32` family).
"""

from __future__ import annotations

from typing import Any

import numpy as np
from llvmlite import ir
from numba import njit, types
from numba.extending import intrinsic
from numpy.typing import NDArray

from exeunt.simulate.counter_rng import GOLDEN, SMALLEST, _mix, _uniform

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
def _bytes_of(word: np.uint64) -> np.uint64:
    """Which of the eight bytes of a word are not nought, a bit each."""
    low = np.uint64(0x7F7F7F7F7F7F7F7F)
    high = (((word & low) + low) | word) & ~low
    return ((high >> np.uint64(7)) * np.uint64(0x0102040810204080)) >> np.uint64(56)


@njit(cache=True)
def _has(rows: Any, h: int, row: int, place: int) -> Any:
    """Whether a row of the h-th table holds a place."""
    return (rows[h, row, place >> 6] >> np.uint64(place & 63)) & ONE != 0


@njit(cache=True)
def _put(rows: Any, row: int, place: int) -> None:
    """Put a place into a row."""
    rows[row, place >> 6] |= ONE << np.uint64(place & 63)


@njit(cache=True)
def _drop(rows: Any, row: int, place: int) -> None:
    """Take a place out of a row."""
    rows[row, place >> 6] &= ~(ONE << np.uint64(place & 63))


@njit(cache=True)
def _common(rows: Any, one: int, two: int) -> Any:
    """Places that two rows both hold; of a row with itself, the places that it holds."""
    found = 0
    for word in range(rows.shape[1]):
        found += ones(rows[one, word] & rows[two, word])
    return found


@njit(cache=True)
def _spread(rows: Any, row: int, into: Any) -> None:
    """Lay the bits of a row out as bytes, eight to a word of `into`, (words,)."""
    for group in range(len(into)):
        into[group] = APART[(rows[row, group >> 3] >> np.uint64(8 * (group & 7))) & np.uint64(255)]


def _packed(table: NDArray[Any]) -> NDArray[np.uint64]:
    """Rows of a table of zeros and ones as rows of words, (..., words)."""
    size = table.shape[-1]
    wide = np.zeros((*table.shape[:-1], -(-size // 64) * 64), np.uint8)
    wide[..., :size] = table
    return np.packbits(wide, axis=-1, bitorder="little").view("<u8").astype(np.uint64)


STATE, BODY, PAIR, FOLLOW, END = 2, 4, 6, 8, 10
"""Kinds of addresses; those of `reference.py` are of another generator. One more is the kind of joins."""
BITS = 24
MARKED = 15
"""Bits of a number that bounds are held against at first; the last step of the hash leaves them alone."""
LARGEST = 1e30
"""Bounds are kept below this, so that a product of two is a number."""
WIDTH = 8
"""States of a group, and states or groups marked at once; machines with shorter vectors do so in two steps."""
GROUPS = 1 << 20
"""Place of the first group among the places of a body's numbers; those of states stand before."""
_WORD = ir.IntType(32)
_SPREAD = 0x9E3779B9


def _mixed(builder: Any, x: Any, two: Any, kind: Any) -> Any:
    """A scrambled word, or each word of a vector, but for the last step, x ^ (x >> 15)."""

    def scrambled(x: Any, by: int) -> Any:
        return builder.xor(x, builder.lshr(x, _constant(kind, by)))

    x = builder.xor(builder.mul(scrambled(x, 16), _constant(kind, 0x21F0AAAD)), two)
    return builder.mul(scrambled(x, 15), _constant(kind, 0x735A2D97))


def _constant(kind: Any, value: int) -> Any:
    """A number as a word, or as each word of a vector."""
    return ir.Constant(kind, [value] * kind.count if isinstance(kind, ir.VectorType) else value)


def _scrambled(_typing: Any, place: Any, one: Any, two: Any) -> Any:
    """Hash of a place under a key of 64 bits, in two words of 32; arithmetic of 32 bits throughout."""

    def build(_context: Any, builder: Any, _signature: Any, values: Any) -> Any:
        place, one, two = values
        start = builder.add(builder.mul(builder.trunc(place, _WORD), ir.Constant(_WORD, _SPREAD)), one)
        x = _mixed(builder, start, two, _WORD)
        return builder.xor(x, builder.lshr(x, _constant(_WORD, 15)))

    return types.uint32(types.int64, types.uint32, types.uint32), build


scrambled: Any = intrinsic(_scrambled)


def _mark(
    _typing: Any, starts: Any, place: Any, one: Any, two: Any, bound: Any, at: Any, reach: Any
) -> Any:  # fmt: skip
    """Of eight states or groups from a place on, which may be below their bound times a body's reach: a bit each.

    The first one's bit is the lowest. Bounds start at `at` and are in units of 2^-15; a number is held to be as small as its
    first 15 bits allow.
    """

    def build(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        starts, place, one, two, bound, at, reach = values
        words, floats = ir.VectorType(_WORD, WIDTH), ir.VectorType(ir.FloatType(), WIDTH)

        def each(value: Any, kind: Any) -> Any:
            first = builder.insert_element(ir.Constant(kind, ir.Undefined), value, ir.Constant(_WORD, 0))
            return builder.shuffle_vector(first, first, ir.Constant(words, [0] * WIDTH))

        start = context.make_array(signature.args[0])(context, builder, starts).data
        start = builder.load(builder.bitcast(builder.gep(start, [place]), words.as_pointer()), align=4)
        x = _mixed(builder, builder.add(each(one, words), start), each(two, words), words)
        drawn = builder.sitofp(builder.lshr(x, _constant(words, 32 - MARKED)), floats)
        data = context.make_array(signature.args[4])(context, builder, bound).data
        at = builder.bitcast(builder.gep(data, [at]), floats.as_pointer())
        limit = builder.fmul(builder.load(at, align=4), each(reach, floats))
        return builder.zext(
            builder.bitcast(builder.fcmp_ordered("<=", drawn, limit), ir.IntType(WIDTH)), ir.IntType(64)
        )

    return types.int64(starts, types.int64, types.uint32, types.uint32, bound, types.int64, types.float32), build


mark: Any = intrinsic(_mark)


@njit(cache=True)
def _key_of(of_pairs: np.uint64, name: int) -> np.uint64:
    """Key of a body's numbers in one year."""
    return _mix(of_pairs + GOLDEN * np.uint64(name + 1))


@njit(cache=True)
def _number_of(key: np.uint64, place: int) -> Any:
    """The whole number at a place, in (0, 1), to 2^-53; its first 15 bits are those that `mark` looks at."""
    first = scrambled(place, np.uint32(key), np.uint32(key >> np.uint64(32))) >> np.uint32(32 - BITS)
    return max((np.float64(first) + _uniform(key, place)) * 2.0**-BITS - SMALLEST / 2, SMALLEST / 2)


@njit(cache=True)
def _exponential(key: np.uint64, i: int) -> Any:
    """The number E of a pair, exponential of mean one, under the key of its body and year."""
    group = i // WIDTH
    drawn = -np.log1p(-_number_of(key, GROUPS + group)) / WIDTH
    if _first_of(_scramble(key, GROUPS + group)) != i % WIDTH:
        drawn -= np.log1p(-_number_of(key, i))
    return drawn


@njit(cache=True)
def _below(drawn: float, rate: float, key: np.uint64, i: int) -> Any:
    """Whether the number E of a pair is below a rate, where it is known to be at least `drawn`.

    `drawn` is v / 8 + w, short of the last bits of both; E is at most −log(1 − 8 (v / 8 + w)) / 8, and that is below
    x / (1 − 8 x). So the logarithms are seldom needed.
    """
    if drawn >= rate:
        return False
    most = drawn + 2.0 ** (1 - BITS)
    return most < rate * (1.0 - WIDTH * most) or _exponential(key, i) < rate


@njit(cache=True)
def _scramble(key: np.uint64, place: int) -> Any:
    """The 32 bits with which the number at a place begins."""
    return scrambled(place, np.uint32(key), np.uint32(key >> np.uint64(32)))


@njit(cache=True)
def _first_of(word: Any) -> Any:
    """Which of the eight states of a group has the smallest number, by the last bits of the group's word."""
    return np.int64(word & np.uint32(WIDTH - 1))


@njit(cache=True)
def _at_least(word: Any) -> Any:
    """Neither the number that begins with a word is less, nor its −log(1 − number)."""
    return np.float64(word >> np.uint32(32 - BITS)) * 2.0**-BITS


@njit(cache=True, error_model="numpy")
def _propose(
    risk: Any, back: Any, upto: int, rate: Any, allowed: Any, limit: Any, kinds: Any, limit_back: Any, names: Any,
    of_pairs: Any, hits: Any, pairs: Any, numbers: Any,
) -> Any:  # fmt: skip
    """List pairs at risk that may have an event, with what their number E is at least: an event is E < rate.

    Parameters
    ----------
    risk : (bodies, words) pairs at risk as bits
    back : (bodies, words) as bits, further pairs at risk; or no words
    upto : bodies that there are, the first of them
    rate : (bodies,) rate of a body: its own part of the rate of each of its pairs
    allowed : (bodies,) what a body's pairs can reach of a state's limit, at most 1
    limit : (kinds of bodies, states) no pair's rate exceeds this times the body's, whatever `allowed` says
    kinds : (bodies,) kind of a body
    limit_back : (states,) as `limit`, for the pairs of `back`
    names : (bodies,) numbers by which bodies are addressed
    of_pairs : address of the numbers
    hits : room for groups that may hold a candidate, (bodies × 8 × words, 2)
    pairs, numbers : room for the candidates, at least one: state and body, (room, 2); what E is at least, (room,)

    Returns
    -------
    The number of candidates; where it exceeds the room, those that found none are not there.
    """
    number, room, states, words = 0, len(numbers), 64 * risk.shape[1], risk.shape[1]
    every, returning = states // WIDTH, back.shape[1] > 0
    # Bounds of all kinds of bodies stand one after another, those of pairs that left before last.
    bound = np.zeros((len(limit) + 1) * states, np.float32)
    group_bound = np.zeros((len(limit) + 1) * every, np.float32)
    starts, group_starts = np.zeros(states, np.uint32), np.zeros(every, np.uint32)
    n = len(limit_back)
    # Rounding of single precision must let no event go: the bounds are a little wider, what is below them is computed anew.
    for kind in range(len(limit) + 1 if returning else len(limit)):
        for i in range(n):
            wide = limit[kind, i] if kind < len(limit) else limit_back[i]
            bound[kind * states + i] = min(wide * (2.0**MARKED * 1.00001), LARGEST)
    for group in range(len(group_bound)):
        most = np.float32(0.0)
        for i in range(WIDTH * group, WIDTH * group + WIDTH):
            most = max(most, bound[i])
        group_bound[group] = most * np.float32(WIDTH)
    last = len(limit)
    for i in range(states):
        starts[i] = np.uint32(i) * np.uint32(_SPREAD)
    for group in range(every):
        group_starts[group] = np.uint32(GROUPS + group) * np.uint32(_SPREAD)
    groups, backs = risk.view(np.uint8), back.view(np.uint8)

    hit = 0
    for j in range(upto):
        reach = np.float32(min(rate[j] * allowed[j], 1e8))
        if reach <= 0.0:
            continue
        key = _key_of(of_pairs, names[j])
        one, two = np.uint32(key), np.uint32(key >> np.uint64(32))
        first_group = every * np.int64(kinds[j])
        # All words of a body before any branch that hangs on what they hold.
        for start in range(0, words, WIDTH):
            todo, more, end = np.uint64(0), np.uint64(0), min(start + WIDTH, words)
            for word in range(start, end):
                here = np.uint64(mark(group_starts, 8 * word, one, two, group_bound, first_group + 8 * word, reach))
                todo |= (_bytes_of(risk[j, word]) & here) << np.uint64(8 * (word - start))
                if returning:
                    more |= back[j, word]
            if more != 0:
                for word in range(start, end):
                    here = np.uint64(
                        mark(group_starts, 8 * word, one, two, group_bound, every * last + 8 * word, reach)
                    )
                    todo |= (_bytes_of(back[j, word]) & here) << np.uint64(8 * (word - start))
            while todo != 0:
                hits[hit, 0], hits[hit, 1] = j, 8 * start + lowest_bit(todo)
                todo &= todo - ONE
                hit += 1

    for row in range(hit):
        j, group = int(hits[row, 0]), int(hits[row, 1])
        reach, of_kind = np.float32(min(rate[j] * allowed[j], 1e8)), states * np.int64(kinds[j])
        key = _key_of(of_pairs, names[j])
        one, two = np.uint32(key), np.uint32(key >> np.uint64(32))
        word = scrambled(GROUPS + group, one, two)
        first, smallest = _first_of(word), _at_least(word) / WIDTH
        open_here, back_here = np.int64(groups[j, group]), np.int64(backs[j, group]) if returning else 0
        # The one with the smallest number, without a branch, for there is no telling which way it goes.
        i = WIDTH * group + first
        of_pair = (last * states if (back_here >> first) & 1 else of_kind) + i
        at = min(number, room - 1)
        pairs[at, 0], pairs[at, 1], numbers[at] = i, j, smallest
        number += ((open_here | back_here) >> first) & (smallest * 2.0**MARKED <= bound[of_pair] * reach)
        # The others, marked by what they have above it: seldom any.
        left: Any = open_here & mark(starts, WIDTH * group, one, two, bound, of_kind + WIDTH * group, reach)
        if back_here != 0:
            left |= back_here & mark(starts, WIDTH * group, one, two, bound, last * states + WIDTH * group, reach)
        left &= ~(1 << first)
        while left != 0:
            place = lowest_bit(np.uint64(left))
            left &= left - 1
            i = WIDTH * group + place
            drawn = smallest + _at_least(scrambled(i, one, two))
            of_pair = (last * states if (back_here >> place) & 1 else of_kind) + i
            if drawn * 2.0**MARKED <= bound[of_pair] * reach:
                at = min(number, room - 1)
                pairs[at, 0], pairs[at, 1], numbers[at] = i, j, drawn
                number += 1
    return number
