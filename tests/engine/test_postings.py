"""Postings and records, changed, are what they would be if made anew."""

from array import array
from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

import engine.postings
from engine.postings import Pairs, Postings, Records

keys = st.one_of(st.integers(0, 5), st.sampled_from([2**56, 2**56 + 1, 2**63, 2**64 - 1]))
pairs = st.sets(st.tuples(keys, st.integers(0, 5)), max_size=30)


def sorted_into_postings(some: Iterable[tuple[int, int]]) -> Postings:
    collected = Pairs()
    for key, row in some:
        collected.add(key, row)
    return collected.postings()


@given(st.lists(st.tuples(keys, st.integers(0, 5))), keys)
def test_postings_find_what_a_dictionary_finds(some: list[tuple[int, int]], key: int) -> None:
    postings = sorted_into_postings(some)
    expected = sorted({row for k, row in some if k == key})
    assert list(postings.find(key)) == expected
    assert (key in postings) == bool(expected)
    assert list(Postings.from_bytes(postings.to_bytes()).find(key)) == expected


@given(pairs, pairs, pairs)
def test_changed_postings_are_the_postings_of_what_is_left(
    before: set[tuple[int, int]], gone: set[tuple[int, int]], new: set[tuple[int, int]]
) -> None:
    changed = sorted_into_postings(before).changed(gone, new)
    assert changed.to_bytes() == sorted_into_postings((before - gone) | new).to_bytes()


@given(
    st.lists(st.binary(max_size=4), max_size=8),
    st.dictionaries(st.integers(0, 7), st.binary(max_size=4)),
    st.lists(st.binary(max_size=4), max_size=3),
)
def test_changed_records_are_the_records_in_their_rows(
    before: list[bytes], other: dict[int, bytes], behind: list[bytes]
) -> None:
    put = {row: record for row, record in other.items() if row < len(before)}
    after = [put.get(row, record) for row, record in enumerate(before)] + behind
    put |= {len(before) + at: record for at, record in enumerate(behind)}
    assert records(before).changed(put).to_bytes() == records(after).to_bytes()


def records(some: list[bytes]) -> Records:
    ends = array("Q")
    for record in some:
        ends.append(len(record) + (ends[-1] if ends else 0))
    return Records(b"".join(some), ends)


texts = st.text("abc", max_size=9).map(str.encode)


@given(st.lists(texts, max_size=12), texts.filter(bool))
def test_no_record_that_holds_some_bytes_is_passed_over(some: list[bytes], written: bytes) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(engine.postings, "AT_ONCE", 3)
        found = list(records(some).holding(written))
    assert found == sorted(set(found))
    assert set(found) >= {row for row, record in enumerate(some) if written in record}


@given(pairs, pairs, st.lists(keys, max_size=6))
def test_rows_under_several_keys_are_those_under_each(
    before: set[tuple[int, int]], new: set[tuple[int, int]], asked: list[int]
) -> None:
    for postings in (some := sorted_into_postings(before)), some.changed((), new):
        assert postings.find_each(asked) == {row for key in asked for row in postings.find(key)}
