"""Many pairs of unsigned 64-bit integers put in order, and the directory that makes a hash table of them.

By numpy where there are many, at a third of the time; it takes longer to load than a few take to sort.
"""

from __future__ import annotations

from array import array
from itertools import accumulate
from typing import Final, Literal

WIDE: Final = "Q"
"""Type code of 64 bits without a sign."""
SHORT: Final = "I"
"""Type code of 32."""
SPREAD = 0x9E3779B97F4A7C15
LOW = (1 << 64) - 1
_MANY = 1 << 15

Words = memoryview
"""Unsigned integers in the memory of an array or of a mapped file."""


def words(content: bytes | bytearray | memoryview | array[int], type_code: Literal["Q", "I"] = WIDE) -> Words:
    """Bytes as the integers that they are."""
    return memoryview(content).cast("B").cast(type_code)


def spread(key: int) -> int:
    """A key with its differences spread over all bits: a one-to-one map of 64 bits (Knuth, TAOCP 3, 6.4)."""
    return key * SPREAD & LOW


def in_order(keys: array[int], rows: array[int]) -> tuple[Words, Words]:
    """Keys spread, and the rows beside them, in ascending order, each pair once."""
    if len(keys) < _MANY:
        pairs = sorted({(spread(key), row) for key, row in zip(keys, rows, strict=True)})
        return words(array(WIDE, [key for key, _ in pairs])), words(array(WIDE, [row for _, row in pairs]))
    import numpy as np

    wide, beside = np.frombuffer(keys, np.uint64) * np.uint64(SPREAD), np.frombuffer(rows, np.uint64)
    order = np.lexsort((beside, wide))
    wide, beside = wide[order], beside[order]
    is_new = np.ones(len(order), bool)
    is_new[1:] = (wide[1:] != wide[:-1]) | (beside[1:] != beside[:-1])
    return words(wide[is_new].tobytes()), words(beside[is_new].tobytes())


def directory(keys: Words, bits: int) -> Words:
    """Where the keys that begin with each number of so many bits begin among `keys`, which are in order.

    Behind the last one it says where they end.
    """
    shift = 64 - bits
    if len(keys) < _MANY:
        counts = [0] * ((1 << bits) + 1)
        for key in keys:
            counts[(key >> shift) + 1] += 1
        return words(array(SHORT, accumulate(counts)), SHORT)
    import numpy as np

    firsts = (np.frombuffer(keys, np.uint64) >> np.uint64(shift)).astype(np.int64)
    starts = np.zeros((1 << bits) + 1, np.uint32)
    np.cumsum(np.bincount(firsts, minlength=1 << bits), out=starts[1:])
    return words(starts.tobytes(), SHORT)


def moved(some: Words, by: int) -> Words:
    """Integers with the same added to each."""
    if by == 0:
        return some
    if len(some) < _MANY:
        return words(array(WIDE, [one + by for one in some]))
    import numpy as np

    return words((np.frombuffer(some, np.uint64) + np.uint64(by & LOW)).tobytes())
