"""The tree of RFC 9162: known roots and proofs, and what holds of every tree, leaf and prefix."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.ledger import merkle

LEAVES = [
    bytes.fromhex(leaf)
    for leaf in (
        "", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f",
    )
]  # fmt: skip
"""Of the tests of Certificate Transparency (google/certificate-transparency, merkle_tree_test.cc)."""
ROOTS = """
6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d
fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125
aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77
d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7
4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4
76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef
ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c
5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328
""".split()
INCLUSION = {
    (0, 1): [],
    (0, 8): [
        "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
    ],
    (5, 8): [
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ],
    (2, 3): ["fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"],
    (1, 5): [
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
    ],
}
CONSISTENCY = {
    (1, 1): [],
    (1, 8): INCLUSION[0, 8],
    (6, 8): [
        "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ],
    (2, 5): [
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
    ],
}


def leaves_of(size: int) -> list[bytes]:
    return [hashlib.sha256(b"%d" % number).digest() for number in range(size)]


def root_of(leaves: Sequence[bytes]) -> bytes:
    """As RFC 9162 defines it, 2.1.1."""
    if not leaves:
        return hashlib.sha256().digest()
    if len(leaves) == 1:
        return hashlib.sha256(b"\0" + leaves[0]).digest()
    half = 1
    while half * 2 < len(leaves):
        half *= 2
    return hashlib.sha256(b"\1" + root_of(leaves[:half]) + root_of(leaves[half:])).digest()


def path_of(index: int, leaves: Sequence[bytes]) -> list[bytes]:
    """As RFC 9162 defines it, 2.1.3.1."""
    if len(leaves) == 1:
        return []
    half = 1
    while half * 2 < len(leaves):
        half *= 2
    if index < half:
        return [*path_of(index, leaves[:half]), root_of(leaves[half:])]
    return [*path_of(index - half, leaves[half:]), root_of(leaves[:half])]


def subproof_of(old: int, leaves: Sequence[bytes], is_known: bool = True) -> list[bytes]:
    """As RFC 9162 defines it, 2.1.4.1."""
    if old == len(leaves):
        return [] if is_known else [root_of(leaves)]
    half = 1
    while half * 2 < len(leaves):
        half *= 2
    if old <= half:
        return [*subproof_of(old, leaves[:half], is_known), root_of(leaves[half:])]
    return [*subproof_of(old - half, leaves[half:], False), root_of(leaves[:half])]


def flipped(data: bytes, bit: int) -> bytes:
    changed = bytearray(data)
    changed[bit // 8 % len(data)] ^= 1 << bit % 8
    return bytes(changed)


@pytest.mark.parametrize("size", range(9))
def test_roots_are_those_that_are_known(size: int) -> None:
    known = ["e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", *ROOTS]
    assert merkle.root(merkle.extended(0, (), LEAVES[:size])).hex() == known[size]


@pytest.mark.parametrize(("index", "size"), INCLUSION)
def test_inclusion_proofs_are_those_that_are_known(index: int, size: int) -> None:
    made = merkle.roots(merkle.inclusion(index, size), LEAVES[:size])
    assert [each.hex() for each in made] == INCLUSION[index, size]


@pytest.mark.parametrize(("old", "new"), CONSISTENCY)
def test_consistency_proofs_are_those_that_are_known(old: int, new: int) -> None:
    made = merkle.roots(merkle.consistency(old, new), LEAVES[:new])
    assert [each.hex() for each in made] == CONSISTENCY[old, new]


@given(st.lists(st.integers(0, 700), max_size=8))
def test_a_frontier_that_grew_in_any_steps_has_the_root_of_all(steps: list[int]) -> None:
    leaves, frontier, size = leaves_of(sum(steps)), merkle.Frontier(), 0
    for step in steps:
        frontier = merkle.extended(size, frontier, leaves[size : size + step])
        size += step
        assert merkle.unpacked(size, merkle.packed(size, frontier)) == frontier
        assert len(frontier) == size.bit_count()
    assert merkle.root(frontier) == root_of(leaves)


@given(st.data())
@settings(max_examples=200)
def test_any_leaf_of_any_tree_is_proved_and_no_wrong_bit_is(data: st.DataObject) -> None:
    size = data.draw(st.integers(1, 3_000))
    index = data.draw(st.integers(0, size - 1))
    leaves = leaves_of(size)
    path, root = merkle.roots(merkle.inclusion(index, size), iter(leaves)), root_of(leaves)
    assert path == path_of(index, leaves)
    assert merkle.is_included(index, size, leaves[index], path, root)
    bit = data.draw(st.integers(0, 255))
    assert not merkle.is_included(index, size, flipped(leaves[index], bit), path, root)
    assert not merkle.is_included(index, size, leaves[index], path, flipped(root, bit))
    assert not merkle.is_included(index, size, leaves[index], [*path, root], root)
    other = data.draw(st.integers(-1, size))
    assert merkle.is_included(other, size, leaves[index], path, root) == (other == index)
    if path:
        place = data.draw(st.integers(0, len(path) - 1))
        changed = [*path[:place], flipped(path[place], bit), *path[place + 1 :]]
        assert not merkle.is_included(index, size, leaves[index], changed, root)
        assert not merkle.is_included(index, size, leaves[index], [*path[:place], *path[place + 1 :]], root)


@given(st.data())
@settings(max_examples=200)
def test_any_prefix_of_any_tree_is_proved_and_no_wrong_bit_is(data: st.DataObject) -> None:
    new = data.draw(st.integers(1, 3_000))
    old = data.draw(st.integers(1, new))
    leaves = leaves_of(new)
    path = merkle.roots(merkle.consistency(old, new), iter(leaves))
    roots = root_of(leaves[:old]), root_of(leaves)
    assert path == subproof_of(old, leaves)
    assert merkle.is_consistent(old, new, *roots, path)
    bit = data.draw(st.integers(0, 255))
    assert not merkle.is_consistent(old, new, flipped(roots[0], bit), roots[1], path)
    assert not merkle.is_consistent(old, new, roots[0], flipped(roots[1], bit), path)
    assert not merkle.is_consistent(old, new, *roots, [*path, roots[0]])
    if path:
        place = data.draw(st.integers(0, len(path) - 1))
        changed = [*path[:place], flipped(path[place], bit), *path[place + 1 :]]
        assert not merkle.is_consistent(old, new, *roots, changed)
        assert not merkle.is_consistent(old, new, *roots, [*path[:place], *path[place + 1 :]])


@pytest.mark.parametrize(("index", "size"), [(0, 0), (1, 1), (-1, 2), (5, 3)])
def test_there_is_no_proof_of_a_leaf_that_is_not_there(index: int, size: int) -> None:
    with pytest.raises(ValueError, match="no such leaf"):
        merkle.inclusion(index, size)
    assert not merkle.is_included(index, size, b"", [], merkle.leaf(b""))


@pytest.mark.parametrize(("old", "new"), [(0, 0), (0, 3), (4, 3), (-1, 3)])
def test_there_is_no_proof_of_no_prefix(old: int, new: int) -> None:
    with pytest.raises(ValueError, match="no such trees"):
        merkle.consistency(old, new)


def test_leaves_that_end_too_early_make_no_proof() -> None:
    with pytest.raises(ValueError, match="end before"):
        merkle.roots(merkle.inclusion(0, 8), LEAVES[:7])


@pytest.mark.parametrize("kept", [b"", b"x", merkle.packed(3, (b"a" * 32, b"b" * 32))])
def test_what_is_kept_of_another_tree_is_no_frontier(kept: bytes) -> None:
    assert merkle.unpacked(5, kept) is None
    assert merkle.unpacked(-1, kept) is None
