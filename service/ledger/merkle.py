"""The Merkle tree over the chain's hashes: RFC 9162, section 2.1, with SHA-256. The chain stays the order.

A tree's root stands for every record up to it, and a record is shown to be under a root with some log2(n)
hashes. Of a growing tree only its **frontier** is kept: the roots of the whole subtrees that it is made of,
the largest first, one for each bit of its size. A proof is a list of the roots of ranges of leaves that do
not overlap, so that one pass over the leaves makes it, with no more in memory than frontiers.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Sequence
from functools import lru_cache

HASH = 32
"""Bytes of a hash."""
EMPTY = hashlib.sha256().digest()
"""The root of a tree without leaves."""

Frontier = tuple[bytes, ...]
Range = tuple[int, int]
"""The leaves from the first number up to the second, which is not in it; counted from 0."""


def leaf(data: bytes) -> bytes:
    """The hash of a leaf. The prefixes keep a leaf from passing for a node."""
    return hashlib.sha256(b"\0" + data).digest()


def node(left: bytes, right: bytes) -> bytes:
    """The hash of what stands over two others."""
    return hashlib.sha256(b"\1" + left + right).digest()


def extended(size: int, frontier: Frontier, leaves: Iterable[bytes]) -> Frontier:
    """The frontier of a tree of `size` leaves after more of them."""
    stack = list(frontier)
    for data in leaves:
        made, place = leaf(data), size
        while place & 1:
            made, place = node(stack.pop(), made), place >> 1
        stack.append(made)
        size += 1
    return tuple(stack)


@lru_cache(maxsize=8)
def root(frontier: Frontier) -> bytes:
    """The root of the tree with this frontier. Kept: a commit begins with the one that the last one made."""
    if not frontier:
        return EMPTY
    made = frontier[-1]
    for left in reversed(frontier[:-1]):
        made = node(left, made)
    return made


def packed(size: int, frontier: Frontier) -> bytes:
    """The frontier of a tree of `size` leaves as the database keeps it."""
    return size.to_bytes(8, "big") + b"".join(frontier)


def unpacked(size: int, kept: bytes) -> Frontier | None:
    """The frontier of a tree of `size` leaves; None where another's is kept, or none."""
    if size < 0 or kept[:8] != size.to_bytes(8, "big") or len(kept) != 8 + HASH * size.bit_count():
        return None
    return tuple(kept[at : at + HASH] for at in range(8, len(kept), HASH))


# Making proofs


def inclusion(index: int, size: int) -> list[Range]:
    """The ranges whose roots show that leaf `index` is in a tree of `size`, in the order of the proof (PATH).

    Raises ValueError for a leaf that is not in it.
    """
    if not 0 <= index < size:
        raise ValueError("no such leaf")
    first, last, found = 0, size, []
    while last - first > 1:
        middle = first + _split(last - first)
        if index < middle:
            found.append((middle, last))
            last = middle
        else:
            found.append((first, middle))
            first = middle
    return found[::-1]


def consistency(old: int, new: int) -> list[Range]:
    """The ranges whose roots show that a tree of `new` leaves begins with one of `old` (PROOF).

    Raises ValueError where there is no such proof: of an empty tree, or of a larger one.
    """
    if not 0 < old <= new:
        raise ValueError("no such trees")
    first, last, found = 0, new, []
    while last != old:
        middle = first + _split(last - first)
        if old <= middle:
            found.append((middle, last))
            last = middle
        else:
            found.append((first, middle))
            first = middle
    if first:
        found.append((first, last))
    return found[::-1]


def _split(size: int) -> int:
    """The largest power of two that is smaller."""
    return 1 << (size - 1).bit_length() - 1


def roots(ranges: Sequence[Range], leaves: Iterable[bytes]) -> list[bytes]:
    """The root of each range, in one pass over the leaves from the first on.

    Raises ValueError where the leaves end too early.
    """
    waiting = sorted(range(len(ranges)), key=lambda place: ranges[place], reverse=True)
    found = [b""] * len(ranges)
    frontier: Frontier = ()
    for at, data in enumerate(leaves):
        if not waiting:
            break
        first, last = ranges[waiting[-1]]
        if at < first:
            continue
        frontier = extended(at - first, frontier, (data,))
        if at + 1 == last:
            found[waiting.pop()], frontier = root(frontier), ()
    if waiting:
        raise ValueError("the leaves end before the tree does")
    return found


def nested_roots(ranges: Collection[Range], leaves: Iterable[bytes]) -> dict[Range, bytes]:
    """The root of each of the ranges of many inclusions in one tree, in one pass over all of its leaves.

    Each is the range of a node of the tree. Raises ValueError where one is not.
    """
    found: dict[Range, bytes] = {}

    def keep(made: tuple[Range, bytes]) -> tuple[Range, bytes]:
        if made[0] in wanted:
            found[made[0]] = made[1]
        return made

    def over(left: tuple[Range, bytes], right: tuple[Range, bytes]) -> tuple[Range, bytes]:
        return keep(((left[0][0], right[0][1]), node(left[1], right[1])))

    wanted, stack = set(ranges), list[tuple[Range, bytes]]()
    for at, data in enumerate(leaves):
        made, place = keep(((at, at + 1), leaf(data))), at
        while place & 1:
            made, place = over(stack.pop(), made), place >> 1
        stack.append(made)
    while len(stack) > 1:
        right = stack.pop()
        stack.append(over(stack.pop(), right))
    if wanted - found.keys():
        raise ValueError("a range that is no node of the tree")
    return found


# Checking proofs


def is_included(index: int, size: int, data: bytes, path: Sequence[bytes], root: bytes) -> bool:
    """Whether `data` is leaf `index` of the tree of `size` with this root (RFC 9162, 2.1.3.2)."""
    if not 0 <= index < size:
        return False
    at, last, made = index, size - 1, leaf(data)
    for each in path:
        if not last:
            return False
        if at & 1 or at == last:
            made = node(each, made)
            while not at & 1 and at:
                at, last = at >> 1, last >> 1
        else:
            made = node(made, each)
        at, last = at >> 1, last >> 1
    return not last and made == root


def is_consistent(old: int, new: int, old_root: bytes, new_root: bytes, path: Sequence[bytes]) -> bool:
    """Whether the tree of `new` leaves begins with that of `old` (RFC 9162, 2.1.4.2)."""
    if old == new:
        return not path and old_root == new_root
    if not 0 < old < new:
        return False
    rest = list(path)
    if old & (old - 1) == 0:
        rest.insert(0, old_root)
    if not rest:
        return False
    at, last = old - 1, new - 1
    while at & 1:
        at, last = at >> 1, last >> 1
    made_old = made_new = rest[0]
    for each in rest[1:]:
        if not last:
            return False
        if at & 1 or at == last:
            made_old, made_new = node(each, made_old), node(each, made_new)
            while not at & 1 and at:
                at, last = at >> 1, last >> 1
        else:
            made_new = node(made_new, each)
        at, last = at >> 1, last >> 1
    return not last and (made_old, made_new) == (old_root, new_root)
