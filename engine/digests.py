"""The SHA-256 of each listing of a blocklist: sorted, so that their order is no matter, and hashed together.

By their first byte and a half they lie in buckets, each with a hash of its own: a change hashes the few that
it is in anew, and not a million of them.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Mapping
from hashlib import sha256

SIZE = 32
"""Bytes of a digest."""
_BUCKETS = 1 << 12
_LEFT = 4
"""Bits of the second byte that are not of the bucket's."""


class Digests:
    """Digests as a set in which one may stand several times. Immutable."""

    __slots__ = ("_changed", "_hashes", "_joined", "count")

    def __init__(
        self, joined: bytes | memoryview, changed: Mapping[int, bytes] | None = None, count: int | None = None
    ) -> None:
        """`joined` is sorted; `changed` has all of each bucket that is another than there, sorted as well."""
        self._joined, self._changed = joined, changed or {}
        self.count = len(joined) // SIZE if count is None else count
        self._hashes: dict[int, bytes] | None = None

    def hash(self) -> bytes:
        """A hash of all, the same for the same digests however they came together."""
        return sha256(b"".join(self._by_bucket().values())).digest()

    def changed(self, gone: Iterable[bytes], new: Iterable[bytes]) -> Digests:
        """These without one of each in `gone`, and with those in `new`."""
        balance = Counter(new)
        balance.subtract(gone)
        within: dict[int, Counter[bytes]] = {}
        for digest, more in balance.items():
            within.setdefault(_bucket(digest), Counter())[digest] = more
        changed, hashes, count = dict(self._changed), dict(self._by_bucket()), self.count
        # A large list has a digest in every bucket, and what is written in place stays in order.
        stands = True
        for bucket, some in within.items():
            there = self._in(bucket)
            some.update(there[at : at + SIZE] for at in range(0, len(there), SIZE))
            changed[bucket] = b"".join(sorted(some.elements()))
            count += (len(changed[bucket]) - len(there)) // SIZE
            if not changed[bucket]:
                hashes.pop(bucket, None)
                continue
            stands = stands and bucket in hashes
            hashes[bucket] = _hash(bucket, changed[bucket])
        after = Digests(self._joined, changed, count)
        after._hashes = hashes if stands else dict(sorted(hashes.items()))
        return after

    def to_bytes(self) -> bytes:
        """All of them, sorted."""
        parts: list[bytes | memoryview] = []
        done = 0
        for bucket, some in sorted(self._changed.items()):
            start, done_there = self._bounds(bucket)
            parts += self._joined[done:start], some
            done = done_there
        return b"".join([*parts, self._joined[done:]])

    def _by_bucket(self) -> Mapping[int, bytes]:
        """The hash of each bucket that holds any, in their order; of a list that was loaded, when it is first
        asked for."""
        if self._hashes is None:
            joined, at, hashes = memoryview(self._joined), 0, {}
            firsts, seconds = bytes(joined[::SIZE]), bytes(joined[1::SIZE])
            while at < len(firsts):
                first, more = firsts[at], seconds[at] >> _LEFT
                # Two searches of plain bytes: to work out each digest's bucket took three times as long.
                end = bisect_left(firsts, first + 1, at)
                end = bisect_left(seconds, (more + 1) << _LEFT, at, end)
                bucket = first << 8 - _LEFT | more
                hashes[bucket] = _hash(bucket, joined[at * SIZE : end * SIZE])
                at = end
            self._hashes = hashes
        return self._hashes

    def _in(self, bucket: int) -> bytes:
        start, end = self._bounds(bucket)
        return self._changed[bucket] if bucket in self._changed else bytes(self._joined[start:end])

    def _bounds(self, bucket: int) -> tuple[int, int]:
        """Where a bucket begins and ends in what is joined."""
        start = self._begins(bucket)
        return start, self._begins(bucket + 1, start // SIZE)

    def _begins(self, bucket: int, behind: int = 0) -> int:
        slots = range(len(self._joined) // SIZE)
        key = self._joined
        return SIZE * bisect_left(slots, bucket, behind, key=lambda n: _bucket(key[SIZE * n : SIZE * n + 2]))


def _bucket(digest: bytes | memoryview) -> int:
    return (digest[0] << 8 | digest[1]) * _BUCKETS >> 16


def _hash(bucket: int, some: bytes | memoryview) -> bytes:
    return sha256(b"".join((bucket.to_bytes(2, "big"), some))).digest()
