"""What comparing two addresses promises."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matchers.address import Address, compare, explain, listing_keys, probe_keys, read
from matchers.address.postcode import relation

NUMBERS = st.integers(1, 299).map(str)
STREETS = st.sampled_from(
    ["Thistledown Road", "Larkspur Lane", "Old Quarry Street", "Vesper Gardens", "Weir Bank"]
)
CODES = st.sampled_from(["LS98 4NE", "LS98 4NF", "DE98 3TB", "CF96 2PY"])
ADDRESSES = st.builds(
    lambda flat, number, street, code: read(f"{flat}{number} {street}, Wexmoor, {code}"),
    st.sampled_from(["", "", "Flat 2, ", "Flat B, ", "Foxholes Farm, "]),
    NUMBERS,
    STREETS,
    CODES,
)


@settings(max_examples=200, deadline=None)
@given(ADDRESSES)
def test_an_address_is_the_same_as_itself(address: Address) -> None:
    assert compare(address, address).level == "same"


@settings(max_examples=300, deadline=None)
@given(ADDRESSES, ADDRESSES)
def test_which_of_two_is_listed_does_not_change_the_answer(one: Address, other: Address) -> None:
    assert compare(one, other).level == compare(other, one).level


@settings(max_examples=300, deadline=None)
@given(ADDRESSES, ADDRESSES)
def test_numbers_that_differ_are_never_the_same_door(one: Address, other: Address) -> None:
    if one.numbers != other.numbers:
        assert compare(one, other).level != "same"


@settings(max_examples=200, deadline=None)
@given(ADDRESSES)
def test_an_address_is_found_by_its_own_keys(address: Address) -> None:
    assert set(listing_keys(address)) & set(probe_keys(address))


def test_a_building_that_is_written_elsewhere_on_both_sides_has_no_direction() -> None:
    one, other = read("VILLA\n10TH\n10TH"), read("VILLA\n10TH CIR")
    assert compare(one, other).level == compare(other, one).level


def test_a_reason_names_what_differs() -> None:
    answer = compare(read("1l9 Marlpit Street\nLeeds\nLS98 4NE"), read("119 Marlpit Street, Leeds LS98 4NE"))
    assert answer.level == "probable"
    assert any("misreading" in step for step in answer.steps)


@pytest.mark.parametrize(
    ("code", "why"),
    [
        ("DE24", "postcode: on one side only"),
        ("", "postcode: on one side only"),
        ("M1", "postcode: not one of the town's"),
        ("M1 1AA", "postcode: not one of the town's"),
    ],
)
def test_a_postcode_that_tells_nothing_says_why(code: str, why: str) -> None:
    listed = read("14 Larkmead Street, Derby, DE24 9ZZ")
    assert why in compare(read(f"14 Larkmead Street\nDerby\n{code}"), listed).steps


def test_explaining_shows_every_field_even_where_the_number_rules_the_door_out() -> None:
    one, other = read("12 Marlpit Street, Leeds LS98 4NE"), read("14 Marlpit Street, Leeds LS98 4NE")
    assert compare(one, other).fields == ()
    fields = {field.name: field.outcome for field in explain(one, other).fields}
    assert fields["number"] == "different"
    assert fields["street"] == "same"


def test_a_threshold_lowers_an_equal_address_to_a_probable_one() -> None:
    one = read("12 Marlpit Street, Leeds LS98 4NE")
    assert compare(one, one, block=1.0).level == "probable"


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("LS98 4NE", "LS98 4NE", "same"),
        ("LS98 4NE", "LS98 4NF", "near"),
        ("LS98 4NE", "SL98 4NE", "near"),
        ("LS98 4NE", "L598 4N3", "near"),
        ("LS98 4NE", "LS98 7QX", "district"),
        ("LS98 4NE", "TR97 2WD", "different"),
        ("", "TR97 2WD", "missing"),
    ],
)
def test_postcodes_stand_to_one_another(one: str, other: str, expected: str) -> None:
    assert relation(one, other) == expected


@pytest.mark.parametrize(
    "given_text",
    [
        "14 Thistledown Road\nLeeds",  # no postcode
        "14 Thistledown Road\nLeeds\nLS98 4NF",  # its last letter wrong
        "14 Thistledown Road\nLeeds\nL598 4NE",  # a letter read as a digit
        "14 Xhistledown Road\nLeeds\nLS98 4NE",  # the street's first letter wrong
        "Thistledown Road\nLeeds\nLS98 4NE",  # no number
        "14\nLS98 4NE",  # no street
    ],
)
def test_one_damaged_field_never_hides_a_listed_address(given_text: str) -> None:
    listed = read("14 Thistledown Road, Leeds LS98 4NE")
    assert set(probe_keys(read(given_text))) & set(listing_keys(listed))


@settings(max_examples=500, deadline=None)
@given(
    st.text("0123456789ABCDLQ?|/- ,\n", max_size=8),
    st.sampled_from(["", "Flat 2, ", "Flat C, ", "Ground Floor Flat, "]),
    st.sampled_from(["12A", "1", "12-14", "12AB", "1L9", "O"]),
)
def test_a_mangled_number_is_compared_without_failing(mangled: str, flat: str, number: str) -> None:
    listed = read(f"{flat}{number} Larkspur Lane, Wexmoor, LS98 4NE")
    found = compare(read(f"{flat}{mangled} Larkspur Lane, Wexmoor, LS98 4NE"), listed)
    assert 0 <= found.score <= 1


def test_two_letters_behind_a_number_beside_a_flat_are_a_doubt_at_most() -> None:
    given_, listed = Address("", numbers=("12AB",)), Address("", numbers=("12",), units=("2",))
    assert compare(given_, listed).level != "same"
