"""Digests that were changed are the digests that are left, and hash as they do."""

from __future__ import annotations

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from engine.digests import SIZE, Digests

few = st.sampled_from(
    [bytes([first, second]) + bytes(SIZE - 2) for first in (0, 1, 255) for second in (0, 15, 255)]
)
some = st.lists(few, max_size=12)


@given(some, st.lists(st.tuples(some, some), max_size=3))
def test_changed_digests_are_those_of_what_is_left(
    before: list[bytes], changes: list[tuple[list[bytes], list[bytes]]]
) -> None:
    digests, left = Digests(b"".join(sorted(before))), Counter(before)
    for gone, new in changes:
        digests = digests.changed(gone, new)
        left.update(new)
        left.subtract(gone)
        left = +left
    anew = Digests(b"".join(sorted(left.elements())))
    assert (digests.to_bytes(), digests.count) == (anew.to_bytes(), left.total())
    assert digests.hash() == anew.hash()


@given(some, some)
def test_other_digests_hash_otherwise(one: list[bytes], other: list[bytes]) -> None:
    hashes = [Digests(b"".join(sorted(each))).hash() for each in (one, other)]
    assert (hashes[0] == hashes[1]) == (sorted(one) == sorted(other))
