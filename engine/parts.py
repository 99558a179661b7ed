"""A list compiled part by part: each by itself, on whichever core, and put together in order.

    >>> whole = CompiledPart()
    >>> for part in map(compile_part, chunks):
    ...     whole.extend(part)

What comes together is the same to the byte as if all had been one part.
"""

from __future__ import annotations

import struct
from array import array
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from typing import TypeVar

from engine.index_entries import IndexAddress, IndexEntry, near_keys, restriction_entry
from engine.listing import PartlyReadError
from engine.model import ConfidentialEntry, Restriction
from engine.postings import Pairs

PARTLY = 1 << 62
"""Beside a prisoner's key, which has 56 bits: restrictions that name him and were not read whole."""
AT_ONCE = 500
"""Restrictions of a part: a tenth of a second."""

Parts = Iterable[tuple[Sequence[Restriction], "CompiledPart"]]
"""What each part was compiled from, and the part, in the order of the restrictions."""
S = TypeVar("S", Restriction, ConfidentialEntry)
_HEAD = struct.Struct("<Q")


class Columns:
    """Entries on their way into the arrays of an index, or out of them."""

    __slots__ = (
        "accounts",
        "by_address",
        "digests",
        "names",
        "near",
        "numbers",
        "own_numbers",
        "prisoners",
    )

    def __init__(self) -> None:
        """Start with none."""
        self.digests: list[bytes] = []
        self.names, self.numbers, self.accounts = Pairs(), Pairs(), Pairs()
        self.by_address, self.prisoners = Pairs(), Pairs()
        self.own_numbers, self.near = Pairs(), Pairs()

    def add(self, row: int, entry: IndexEntry, address_rows: Sequence[int]) -> None:
        """File an entry under a row, its addresses under theirs."""
        self.digests.append(entry.digest)
        self.names.add(entry.name, row)
        for owner in entry.owners:
            self.prisoners.add(owner, row)
            for _, key in entry.numbers:
                self.own_numbers.add(owner, key)
                for part in near_keys(owner, key):
                    self.near.add(part, key)
            if not entry.whole:
                self.prisoners.add(owner | PARTLY, row)
        if not entry.whole:
            self.prisoners.add(PARTLY, row)
        for place, key in entry.numbers:
            self.numbers.add(key, row << 8 | place)
        for place, key in entry.accounts:
            self.accounts.add(key, row << 8 | place)
        for one, address_row in zip(entry.addresses, address_rows, strict=True):
            for key in one.keys:
                self.by_address.add(key, address_row)

    def extend(self, other: Columns, rows: int, address_rows: int) -> None:
        """File all of others, whose rows began at 0, behind so many of each."""
        self.digests += other.digests
        self.names.extend(other.names, rows)
        self.numbers.extend(other.numbers, rows << 8)
        self.accounts.extend(other.accounts, rows << 8)
        self.by_address.extend(other.by_address, address_rows)
        self.prisoners.extend(other.prisoners, rows)
        self.own_numbers.extend(other.own_numbers, 0)  # beside them stand numbers, and no rows
        self.near.extend(other.near, 0)


class CompiledPart:
    """Entries in their order, as the sections of an index hold them; its rows begin at 0."""

    __slots__ = ("address_ends", "addresses", "columns", "ends", "lost", "records")

    def __init__(self) -> None:
        """Start with none."""
        self.records, self.ends = bytearray(), array("Q")
        self.addresses, self.address_ends = bytearray(), array("Q")
        self.columns = Columns()
        self.lost: list[tuple[int, Exception]] = []
        """What was not compiled, or in part, by its place among the sources, and why."""

    def add(self, entry: IndexEntry) -> None:
        """Put one behind the others."""
        row, first = len(self.ends), len(self.address_ends)
        self.records += entry.record
        self.ends.append(len(self.records))
        for one in entry.addresses:
            self.addresses += address_record(row, one)
            self.address_ends.append(len(self.addresses))
        self.columns.add(row, entry, range(first, len(self.address_ends)))

    def extend(self, other: CompiledPart) -> None:
        """Put all of another one behind these."""
        rows, before = len(self.ends), len(self.addresses)
        self.columns.extend(other.columns, rows, len(self.address_ends))
        self.ends.extend([end + len(self.records) for end in other.ends])
        self.records += other.records
        self.addresses += other.addresses
        start = before
        for end in other.address_ends:
            (head,) = _HEAD.unpack_from(self.addresses, start)
            _HEAD.pack_into(self.addresses, start, head + (rows << 8))
            start = before + end
            self.address_ends.append(start)


def address_record(row: int, one: IndexAddress) -> bytes:
    """A reading of an address as it is kept: where its contact point stands, then itself."""
    return _HEAD.pack(row << 8 | one.place) + one.record


def compile_part(sources: Iterable[Restriction]) -> CompiledPart:
    """Restrictions, each that can be compiled; `lost` has why of the others."""
    return part_of(sources, restriction_entry)


def part_of(sources: Iterable[S], compile_one: Callable[[S], IndexEntry]) -> CompiledPart:
    """The same of whatever `compile_one` compiles."""
    part = CompiledPart()
    for entry in entries(sources, compile_one, lambda place, error: part.lost.append((place, error))):
        part.add(entry)
    return part


def entries(
    sources: Iterable[S], compile_one: Callable[[S], IndexEntry], lost: Callable[[int, Exception], object]
) -> Iterator[IndexEntry]:
    """The entries of what can be compiled. `lost` is told the place of each other one, and of one that was
    not read whole (PartlyReadError)."""
    for place, source in enumerate(sources):
        try:
            entry = compile_one(source)
        except Exception as error:  # whatever one record does to the reader, the others go on
            lost(place, error)
            continue
        if not entry.whole:
            lost(place, PartlyReadError("a part of it could not be read"))
        yield entry


def in_turn(restrictions: Iterable[Restriction]) -> Parts:
    """What each part was compiled from, and the part, one after the other."""
    return ((some, compile_part(some)) for some in in_chunks(restrictions))


def in_chunks(restrictions: Iterable[Restriction]) -> Iterator[list[Restriction]]:
    """As many at a time as make a part."""
    rest = iter(restrictions)
    while some := list(islice(rest, AT_ONCE)):
        yield some
