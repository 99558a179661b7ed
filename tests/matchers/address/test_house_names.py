"""A house's name tells its door as a number does: another word is another house, likeness a doubt."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matchers.address import compare, read
from matchers.address.names import house_likeness
from matchers.address.vocabulary import ROLES

HOUSES = ("Lodge", "Cottage", "Farm", "House", "Barn")
FIRST = ("Hill", "Hall", "Mill", "Rose", "Rosemary", "Ross", "Oak", "Oakfield", "Hilltop", "Brook", "Holly")
POSITIONS = sorted(ROLES["position"])
LANES = ("Quarrybank Lane", "Wexmoor Drove", "")


def _house(name: str, lane: str) -> str:
    return ", ".join(part for part in (name, lane, "Wexmoor", "LS98 4NE") if part)


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(FIRST), st.sampled_from(FIRST), st.sampled_from(HOUSES), st.sampled_from(LANES))
def test_another_first_word_is_another_house(one: str, other: str, kind: str, lane: str) -> None:
    level = compare(read(_house(f"{one} {kind}", lane)), read(_house(f"{other} {kind}", lane))).level
    assert level == ("same" if one == other else "different")


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(POSITIONS), st.sampled_from(POSITIONS), st.sampled_from(HOUSES))
def test_a_word_of_place_size_or_age_tells_houses_of_one_name_apart(one: str, other: str, kind: str) -> None:
    names = f"{one} BROCKWELL {kind.upper()}", f"{other} BROCKWELL {kind.upper()}"
    assert (house_likeness(*names)[0] == "same") == (one == other)
    assert house_likeness(*names)[0] in ("same", "different")


@settings(max_examples=200, deadline=None)
@given(st.sampled_from(FIRST), st.sampled_from(HOUSES), st.sampled_from(HOUSES), st.sampled_from(LANES))
def test_another_type_of_building_is_another_house(first: str, one: str, other: str, lane: str) -> None:
    level = compare(read(_house(f"{first} {one}", lane)), read(_house(f"{first} {other}", lane))).level
    assert level == ("same" if one == other else "different")


@settings(max_examples=300, deadline=None)
@given(
    st.text("ABCDEFGHIKLMNOPRSTUVWY", min_size=2, max_size=9),
    st.text("ABCDEFGHIKLMNOPRSTUVWY", min_size=2, max_size=9),
    st.sampled_from(HOUSES),
    st.sampled_from(LANES),
)
def test_a_name_that_is_only_alike_is_never_sure(one: str, other: str, kind: str, lane: str) -> None:
    first, second = read(_house(f"{one} {kind}", lane)), read(_house(f"{other} {kind}", lane))
    if first.building and second.building and house_likeness(first.building, second.building)[0] != "same":
        assert compare(first, second).level != "same"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("West Lodge, Tolland Hall", "East Lodge, Tolland Hall"),
        ("Flat 2, North Block, Teasel Court", "Flat 2, South Block, Teasel Court"),
        ("Mill Farm", "Mill Farm Bungalow"),
        ("Cottage 1, Mill Farm", "Cottage 2, Mill Farm"),
        ("Mill Farm", "Mills Barn"),
    ],
)
def test_houses_beside_one_another_are_two(one: str, other: str) -> None:
    assert compare(read(_house(one, "")), read(_house(other, ""))).level == "different"
    assert compare(read(_house(other, "")), read(_house(one, ""))).level == "different"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Bramblewick Cottage", "Brambelwick Cottage"),  # two letters in the other order
        ("Bramblewick Cottage", "Bramblewick"),  # its type left out
        ("Ashleigh House", "Ashley House"),
        ("Rose Cottage", "Roses Cottage"),
        ("Queens House", "Queens Hoe"),  # a type misread is no word of its own
        ("The Manor", "Manor Farm"),
        ("Old School", "Old School House"),
    ],
)
def test_a_name_a_spelling_apart_is_a_doubt_and_no_miss(one: str, other: str) -> None:
    assert compare(read(_house(one, "")), read(_house(other, ""))).level == "probable"
    assert compare(read(_house(other, "")), read(_house(one, ""))).level == "probable"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Bramblewick Cottage", "Bramb1ewick Cottage"),  # characters that look alike
        ("Bramblewick Cottage", "Bramblewick Cott"),
        ("The Bramble House", "Bramble House"),
        ("Upper Bramble Farm", "Upr Bramble Fm"),
    ],
)
def test_a_name_written_another_way_is_the_same_house(one: str, other: str) -> None:
    assert compare(read(_house(one, "")), read(_house(other, ""))).level == "same"


def test_a_house_with_a_number_is_told_by_it_whatever_its_name() -> None:
    listed = read("Rose Cottage, 12 Quarrybank Lane, Wexmoor, LS98 4NE")
    assert compare(read("Rosé Cotage, 12 Quarrybank Lane, Wexmoor, LS98 4NE"), listed).level == "same"
