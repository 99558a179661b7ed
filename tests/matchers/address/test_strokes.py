"""Two numbers with a stroke are a house and its flat, or a range, and never another flat of the house."""

from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from matchers.address import compare, listing_keys, probe_keys, read

SCOTTISH = "Leithmore Walk\nEdinburgh\nEH6 5ZZ"
ENGLISH = "Elm Grove\nSouthsea\nPO5 1ZZ"


def level(one: str, other: str) -> str:
    return compare(read(one), read(other)).level


@given(st.integers(1, 299), st.integers(1, 99), st.sampled_from("/-"))
def test_in_scotland_the_flat_stands_behind_the_house(house: int, flat: int, mark: str) -> None:
    assume(house != flat)
    written = f"{house}{mark}{flat} {SCOTTISH}"
    assert level(written, f"Flat {flat}, {house} {SCOTTISH}") == "same"
    assert level(f"{house} {SCOTTISH.replace('Walk', f'Walk, Flat {flat}')}", written) == "same"


@given(st.integers(1, 299), st.integers(1, 99), st.integers(1, 99), st.sampled_from([SCOTTISH, ENGLISH]))
def test_another_flat_of_the_house_is_never_the_same(house: int, flat: int, other: int, tail: str) -> None:
    assume(flat != other)
    assert level(f"{house}/{flat} {tail}", f"{house}/{other} {tail}") != "same"
    assert level(f"{house}/{flat} {tail}", f"Flat {other}, {house} {tail}") != "same"


@given(st.integers(1, 99), st.integers(1, 99), st.integers(1, 99))
def test_in_scotland_another_flat_or_house_is_another_door(house: int, flat: int, other: int) -> None:
    assume(len({house, flat, other}) == 3)
    level_of = {
        level(f"{house}/{flat} {SCOTTISH}", f"{house}/{other} {SCOTTISH}"),
        level(f"{house}/{flat} {SCOTTISH}", f"{other}/{flat} {SCOTTISH}"),
    }
    assert level_of <= {"different", "probable"}  # probable: a digit that is easily misread
    assert "same" not in level_of


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        (f"54/6 {SCOTTISH}", f"54/7 {SCOTTISH}", "different"),
        (f"54/6 {SCOTTISH}", f"54/60 {SCOTTISH}", "different"),
        (f"54/6 {SCOTTISH}", f"54 {SCOTTISH}", "incomplete"),
        (f"54/6 {SCOTTISH}", f"6 {SCOTTISH}", "different"),
        (f"7/12 {SCOTTISH}", f"9/12 {SCOTTISH}", "different"),
        (f"7/12 {SCOTTISH}", f"7/11 {SCOTTISH}", "different"),
        (f"7/12 {SCOTTISH}", f"12 {SCOTTISH}", "different"),
        (f"54/56 {SCOTTISH}", f"54-56 {SCOTTISH}", "same"),
        (f"54/56 {SCOTTISH}", f"Flat 56, 54 {SCOTTISH}", "same"),
        (f"54/56 {SCOTTISH}", f"54/58 {SCOTTISH}", "different"),
        (f"54 (6) {SCOTTISH}", f"54/6 {SCOTTISH}", "probable"),
        (f"54/3F2 {SCOTTISH}", f"3F2, 54 {SCOTTISH}", "same"),
        (f"54 3/2 {SCOTTISH}", f"Flat 3/2, 54 {SCOTTISH}", "same"),
        (f"Flat 6/54 {SCOTTISH}", f"54/6 {SCOTTISH}", "same"),
        (f"2/10 {ENGLISH}", f"Flat 2, 10 {ENGLISH}", "same"),
        (f"10/2 {ENGLISH}", f"Flat 2, 10 {ENGLISH}", "same"),
        (f"2/10 {ENGLISH}", f"2-10 {ENGLISH}", "same"),
        (f"2/10 {ENGLISH}", f"Flat 3, 10 {ENGLISH}", "different"),
        (f"2/10 {ENGLISH}", f"10/2 {ENGLISH}", "probable"),
        (f"2/10 {ENGLISH}", f"10 {ENGLISH}", "probable"),
        (f"10/12 {ENGLISH}", f"10-12 {ENGLISH}", "same"),
        (f"10/12 {ENGLISH}", f"Flat 4, 10/12 {ENGLISH}", "incomplete"),
        (f"10/12 {ENGLISH}", f"14 {ENGLISH}", "different"),
    ],
)
def test_each_meaning_of_two_numbers_is_held_against_the_other(one: str, other: str, expected: str) -> None:
    assert level(one, other) == expected
    assert level(other, one) == expected


@given(st.integers(1, 99), st.integers(1, 99))
def test_a_house_and_its_flat_find_one_another_without_the_postcode(house: int, flat: int) -> None:
    listed = read(f"Flat {flat}, {house} Elm Grove, Southsea, PO5 1ZZ")
    for written in (f"{flat}/{house}", f"{house}/{flat}"):
        assert set(probe_keys(read(f"{written} Elm Grove\nSouthsea"))) & set(listing_keys(listed))
