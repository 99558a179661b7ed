"""A read-only multimap from 64-bit keys to row numbers, and records behind the rows.

The map takes some 20 bytes an entry, is read where it lies, be it a mapped file, and finds a key among any
number in two looks. Equal keys from different texts (one in 2^64) only ever add a candidate: whoever looks
something up compares what it finds. A changed copy shares the memory of the one before, and costs the change.
"""

from __future__ import annotations

import sys
from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from hashlib import blake2b

from engine.ordering import LOW, SHORT, SPREAD, WIDE, Words, directory, in_order, moved, spread, words

AT_ONCE = 1 << 20
"""Bytes that are gone through in one breath: a fraction of a millisecond."""
MOST_OVER = 1 << 10
"""Changes that may lie over a map or records, or a 64th of what is in it: each change copies their list."""


class Pairs:
    """Keys and rows in the order they come, 16 bytes each, until they are sorted into postings."""

    __slots__ = ("_keys", "_rows")

    def __init__(self) -> None:
        """Start with none."""
        self._keys, self._rows = array(WIDE), array(WIDE)

    def add(self, key: int, row: int) -> None:
        """One pair, both unsigned 64-bit."""
        self._keys.append(key)
        self._rows.append(row)

    def extend(self, other: Pairs, by: int) -> None:
        """All of others, with the same added to each row."""
        self._keys += other._keys
        self._rows.frombytes(moved(words(other._rows), by).cast("B"))

    def __iter__(self) -> Iterator[tuple[int, int]]:
        return zip(self._keys, self._rows, strict=True)

    def postings(self) -> Postings:
        """The pairs in order, each once."""
        return Postings(*in_order(self._keys, self._rows))


class Postings:
    """Rows by key; several rows may stand under one key, in ascending order.

    A sorted array that is a hash table as well: keys lie in the order of their `spread` forms, which are
    even, and a directory of their first bits leads to the one or two that a key may be among, however many
    there are. What was changed since lies over them in a dictionary, until that has grown.
    """

    __slots__ = ("_keys", "_over", "_rows", "_shift", "_starts")

    def __init__(
        self,
        keys: Words,
        rows: Words,
        starts: Words | None = None,
        over: Mapping[int, tuple[int, ...]] | None = None,
    ) -> None:
        """`keys` spread and ascending, `rows` beside them, both unsigned 64-bit and of one length.

        `starts` is their directory, made here where it is not given; `over` has all the rows of each key
        that was changed.
        """
        bits = len(keys).bit_length()
        self._keys, self._rows, self._shift = keys, rows, 64 - bits
        self._starts = directory(keys, bits) if starts is None else starts
        self._over = over or {}

    def find(self, key: int) -> Sequence[int] | Words:
        """The rows under `key`; empty when there are none."""
        if self._over and (rows := self._over.get(key)) is not None:
            return rows
        start, stop = self._place(key * SPREAD & LOW)  # as `spread` does: this is asked most of all
        return self._rows[start:stop] if start < stop else ()

    def find_each(self, keys: Iterable[int]) -> set[int]:
        """All rows under any of some keys."""
        found: set[int] = set()
        over, shift, starts, spread_keys, rows = self._over, self._shift, self._starts, self._keys, self._rows
        for key in keys:
            if over and (some := over.get(key)) is not None:
                found.update(some)
                continue
            wanted = key * SPREAD & LOW
            bucket = wanted >> shift
            start, end = starts[bucket], starts[bucket + 1]
            if start < end:
                start = bisect_left(spread_keys, wanted, start, end)
                if start < end and spread_keys[start] == wanted:
                    found.update(rows[start : bisect_right(spread_keys, wanted, start, end)])
        return found

    def __contains__(self, key: int) -> bool:
        if self._over and (rows := self._over.get(key)) is not None:
            return len(rows) > 0
        wanted = key * SPREAD & LOW
        bucket = wanted >> self._shift
        start, end = self._starts[bucket], self._starts[bucket + 1]
        if start == end:
            return False
        start = bisect_left(self._keys, wanted, start, end)
        return start < end and self._keys[start] == wanted

    def _place(self, wanted: int) -> tuple[int, int]:
        """Where a spread key begins and ends; where it would stand, twice, when it is not there."""
        bucket = wanted >> self._shift
        start, end = self._starts[bucket], self._starts[bucket + 1]
        if start == end:
            return start, start
        start = bisect_left(self._keys, wanted, start, end)
        return start, bisect_right(self._keys, wanted, start, end)

    def changed(self, gone: Iterable[tuple[int, int]], new: Iterable[tuple[int, int]]) -> Postings:
        """These postings without the pairs in `gone` and with those in `new`; a pair in both stands."""
        rows: dict[int, set[int]] = {}
        for key, row in gone:
            rows.setdefault(key, {*self.find(key)}).discard(row)
        for key, row in new:
            rows.setdefault(key, {*self.find(key)}).add(row)
        over = {**self._over, **{key: tuple(sorted(some)) for key, some in rows.items()}}
        changed = Postings(self._keys, self._rows, self._starts, over)
        return changed if len(over) <= max(MOST_OVER, len(self._keys) >> 6) else changed.folded()

    def folded(self) -> Postings:
        """The same, with nothing lying over it."""
        if not self._over:
            return self
        keys: list[Words | array[int]] = []
        rows: list[Words | array[int]] = []
        done = 0
        for wanted, some in sorted((spread(key), some) for key, some in self._over.items()):
            start, stop = self._place(wanted)
            keys += self._keys[done:start], array(WIDE, [wanted] * len(some))
            rows += self._rows[done:start], array(WIDE, some)
            done = stop
        whole_keys = words(b"".join([*keys, self._keys[done:]]))
        return Postings(whole_keys, words(b"".join([*rows, self._rows[done:]])))

    def to_bytes(self) -> bytes:
        """The saved form, in this machine's byte order: how many there are, keys, rows, directory."""
        whole = self.folded()
        return b"".join(
            (len(whole._keys).to_bytes(8, sys.byteorder), whole._keys, whole._rows, whole._starts)
        )

    @classmethod
    def from_bytes(cls, saved: bytes | memoryview) -> Postings:
        """`to_bytes` read where it lies. Raises ValueError when it is not whole."""
        count = int.from_bytes(saved[:8], sys.byteorder)
        rows, starts = 8 + 8 * count, 8 + 16 * count
        if len(saved) != starts + 4 * ((1 << count.bit_length()) + 1):
            raise ValueError("postings are cut off")
        return cls(words(saved[8:rows]), words(saved[rows:starts]), words(saved[starts:], SHORT))


class Records:
    """Encoded records one behind the other, each read by its row; empty where one was taken out.

    What was changed since lies over them in a dictionary, until that has grown.
    """

    __slots__ = ("_blob", "_count", "_ends", "_over")

    def __init__(
        self,
        blob: bytes | bytearray | memoryview,
        ends: array[int] | Words,
        over: Mapping[int, bytes] | None = None,
    ) -> None:
        """`ends` holds, for each record, where it ends in `blob`; `over` has what was changed, by its row."""
        self._blob, self._ends = memoryview(blob), words(ends)
        self._over = over or {}
        self._count = max(len(self._ends), max(self._over, default=-1) + 1)

    def __len__(self) -> int:
        return self._count

    def __getitem__(self, row: int) -> bytes | memoryview:
        if self._over and (changed := self._over.get(row)) is not None:
            return changed
        return self._blob[self._ends[row - 1] if row else 0 : self._ends[row]]

    def holding(self, written: bytes) -> Iterator[int]:
        """Rows of the records that hold these bytes, and now and then of one beside them.

        Bytes are gone through `AT_ONCE` at a time: nothing else of the program runs meanwhile.
        """
        at, size = 0, len(self._blob)
        while at < size:
            found = bytes(self._blob[at : at + AT_ONCE + len(written)]).find(written)
            if found < 0:
                at += AT_ONCE
            else:
                row = bisect_right(self._ends, at + found)
                at = self._ends[row]
                if row not in self._over:
                    yield row
        yield from (row for row, record in self._over.items() if written in record)

    def changed(self, put: Mapping[int, bytes]) -> Records:
        """These records with others in some rows; b"" takes one out. Rows from `len` on are consecutive."""
        changed = Records(self._blob, self._ends, {**self._over, **put})
        return changed if len(changed._over) <= max(MOST_OVER, len(self._ends) >> 6) else changed.folded()

    def folded(self) -> Records:
        """The same, with nothing lying over them."""
        if not self._over:
            return self
        count, size = len(self._ends), 0
        parts: list[bytes | memoryview] = []
        ends: list[Words | array[int]] = []
        done = start = 0  # the next row and the next byte to copy
        for row in [*sorted(self._over), self._count]:
            until = min(row, count)
            if done < until:
                stop = self._ends[until - 1]
                ends.append(moved(self._ends[done:until], size - start))
                parts.append(self._blob[start:stop])
                size += stop - start
            if row < self._count:
                parts.append(self._over[row])
                size += len(self._over[row])
                ends.append(array(WIDE, (size,)))
                start, done = self._ends[row] if row < count else len(self._blob), row + 1
        return Records(b"".join(parts), words(b"".join(ends)))

    def to_bytes(self) -> bytes:
        """The saved form: how many, where each ends, the records."""
        whole = self.folded()
        return b"".join((len(whole._ends).to_bytes(8, sys.byteorder), whole._ends, whole._blob))

    @classmethod
    def from_bytes(cls, saved: bytes | memoryview) -> Records:
        """`to_bytes` read where it lies. Raises ValueError when it is not whole."""
        count = int.from_bytes(saved[:8], sys.byteorder)
        if len(saved) < 8 + 8 * count:
            raise ValueError("records are cut off")
        ends, blob = words(saved[8 : 8 + 8 * count]), saved[8 + 8 * count :]
        if (ends[-1] if count else 0) != len(blob):
            raise ValueError("records are cut off")
        return cls(blob, ends)


def key_of(text: str) -> int:
    """The 64-bit key of a text, the same on every machine and in every run."""
    return int.from_bytes(blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest(), "big")
