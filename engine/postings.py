"""A read-only multimap from 64-bit keys to row numbers, as two sorted arrays, and records behind the rows.

The map takes 16 bytes an entry, loads as fast as memory can be copied, and finds a key among a million in
under a microsecond. Equal keys from different texts (one in 2^64) only ever add a candidate: whoever
looks something up compares what it finds. A changed copy costs one copy of the memory.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping
from hashlib import blake2b

type_code = "Q"
AT_ONCE = 1 << 20
"""Bytes that are gone through in one breath: a fraction of a millisecond."""
_LOW = (1 << 64) - 1


class Pairs:
    """Keys and rows in the order they come, 16 bytes each, until they are sorted into postings."""

    __slots__ = ("_buckets",)

    def __init__(self) -> None:
        """Start with none."""
        self._buckets: dict[int, tuple[array[int], array[int]]] = {}

    def add(self, key: int, row: int) -> None:
        """One pair, both unsigned 64-bit."""
        bucket = self._buckets.get(key >> 56)
        if bucket is None:
            bucket = self._buckets[key >> 56] = (array(type_code), array(type_code))
        keys, rows = bucket
        keys.append(key)
        rows.append(row)

    def __iter__(self) -> Iterator[tuple[int, int]]:
        for _, (keys, rows) in sorted(self._buckets.items()):
            yield from zip(keys, rows, strict=True)

    def postings(self) -> Postings:
        """The pairs sorted, each once; a bucket at a time, so that few stand in memory as objects."""
        keys, rows = array(type_code), array(type_code)
        for _, some in sorted(self._buckets.items()):
            ordered = sorted({key << 64 | row for key, row in zip(*some, strict=True)})
            keys.extend([pair >> 64 for pair in ordered])
            rows.extend([pair & _LOW for pair in ordered])
        return Postings(keys, rows)


class Postings:
    """Rows by key; several rows may stand under one key, in ascending order."""

    __slots__ = ("_keys", "_rows")

    def __init__(self, keys: array[int], rows: array[int]) -> None:
        """`keys` ascending, `rows` beside them, both unsigned 64-bit and of one length."""
        self._keys = keys
        self._rows = rows

    def __len__(self) -> int:
        return len(self._keys)

    def find(self, key: int) -> array[int] | tuple[()]:
        """The rows under `key`; empty when there are none."""
        keys = self._keys
        start = bisect_left(keys, key)
        count = len(keys)
        if start == count or keys[start] != key:
            return ()
        end = start + 1
        while end < count and keys[end] == key:
            end += 1
        return self._rows[start:end]

    def __contains__(self, key: int) -> bool:
        start = bisect_left(self._keys, key)
        return start < len(self._keys) and self._keys[start] == key

    def changed(self, gone: Iterable[tuple[int, int]], new: Iterable[tuple[int, int]]) -> Postings:
        """These postings without the pairs in `gone` and with those in `new`; a pair in both stands."""
        added = set(new)
        keys, rows = array(type_code), array(type_code)
        done = 0
        for pair in sorted(added.union(gone)):
            at = self._place(*pair)
            there = at < len(self._keys) and (self._keys[at], self._rows[at]) == pair
            keys.extend(self._keys[done:at])
            rows.extend(self._rows[done:at])
            done = at
            if pair not in added:
                done += there
            elif not there:
                keys.append(pair[0])
                rows.append(pair[1])
        keys.extend(self._keys[done:])
        rows.extend(self._rows[done:])
        return Postings(keys, rows)

    def _place(self, key: int, row: int) -> int:
        """Where a pair stands, or would."""
        start = bisect_left(self._keys, key)
        return bisect_left(self._rows, row, start, bisect_right(self._keys, key, start))

    def to_bytes(self) -> bytes:
        """The saved form: keys, then rows, in this machine's byte order (the reader checks it)."""
        return self._keys.tobytes() + self._rows.tobytes()

    @classmethod
    def from_bytes(cls, saved: bytes | memoryview) -> Postings:
        """Read `to_bytes` back. Raises ValueError when the length is not whole."""
        half, odd = divmod(len(saved), 2)
        if odd or half % 8:
            raise ValueError("postings are cut off")
        keys, rows = array(type_code), array(type_code)
        keys.frombytes(saved[:half])
        rows.frombytes(saved[half:])
        return cls(keys, rows)


class Records:
    """Encoded records one behind the other, each read by its row; empty where one was taken out."""

    __slots__ = ("_blob", "_ends")

    def __init__(self, blob: bytes | bytearray, ends: array[int]) -> None:
        """`ends` holds, for each record, where it ends in `blob`."""
        self._blob = blob
        self._ends = ends

    def __len__(self) -> int:
        return len(self._ends)

    def __getitem__(self, row: int) -> bytes | bytearray:
        return self._blob[self._ends[row - 1] if row else 0 : self._ends[row]]

    def holding(self, written: bytes) -> Iterator[int]:
        """Rows of the records that hold these bytes, and now and then of one beside them.

        Bytes are gone through `AT_ONCE` at a time: nothing else of the program runs meanwhile.
        """
        at, size = 0, len(self._blob)
        while at < size:
            found = self._blob.find(written, at, at + AT_ONCE + len(written))
            if found < 0:
                at += AT_ONCE
            else:
                row = bisect_right(self._ends, found)
                yield row
                at = self._ends[row]

    def changed(self, put: Mapping[int, bytes]) -> Records:
        """These records with others in some rows; b"" takes one out. Rows from `len` on are consecutive."""
        whole, count = memoryview(self._blob), len(self._ends)
        within = sorted(row for row in put if row < count)
        parts: list[bytes | memoryview] = []
        ends = array(type_code)
        size = done = start = 0  # bytes written; the next row and the next byte to copy
        for row in [*within, count]:
            if done < row:
                stop = self._ends[row - 1]
                ends.extend([end - start + size for end in self._ends[done:row]])
                parts.append(whole[start:stop])
                size += stop - start
            if row < count:
                parts.append(put[row])
                size += len(put[row])
                ends.append(size)
                start, done = self._ends[row], row + 1
        for row in range(count, count + len(put) - len(within)):
            parts.append(put[row])
            size += len(put[row])
            ends.append(size)
        return Records(b"".join(parts), ends)

    def to_bytes(self) -> bytes:
        """The saved form: how many, where each ends, the records."""
        return len(self._ends).to_bytes(8, "little") + self._ends.tobytes() + bytes(self._blob)

    @classmethod
    def from_bytes(cls, saved: bytes | memoryview) -> Records:
        """Read `to_bytes` back. Raises ValueError when it is not whole."""
        count = int.from_bytes(saved[:8], "little")
        ends = array(type_code)
        ends.frombytes(saved[8 : 8 + 8 * count])
        blob = bytes(saved[8 + 8 * count :])
        if len(ends) != count or (count and ends[-1] != len(blob)):
            raise ValueError("records are cut off")
        return cls(blob, ends)


def key_of(text: str) -> int:
    """The 64-bit key of a text, the same on every machine and in every run."""
    return int.from_bytes(blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest(), "big")
