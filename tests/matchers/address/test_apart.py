"""What is told to be another door at a few looks is one by all the rules."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from matchers.address import Address, apart_from, compare, read
from tests.repeating import times

GIVEN = "12 Alder Street, Holton, LS1 2LD"
APART = [
    "12 Alder Street, Wexmoor, BA3 9ZZ",
    "12 Alderman Road, Wexmoor, BA3 9ZZ",
    "12 Thorn Street, Holton, LS1 9AB",
    "12 Thorn Street, Wexmoor, BA3 2LD",
    "12a Thorn Lane, Holton, LS1 2HT",
]
NOT_TOLD = {
    "the same": GIVEN,
    "the same street and place, another postcode": "12 Alder Street, Holton, BA3 9ZZ",
    "a place that is misspelt": "12 Alder Street, Hollton, BA3 9ZZ",
    "the place as its locality": "12 Alder Street, Holton, Wexmoor, BA3 9ZZ",
    "a postcode one character away": "12 Thorn Street, Holton, LS1 2LE",
    "no postcode": "12 Alder Street, Wexmoor",
    "no number": "Alder Street, Wexmoor, BA3 9ZZ",
    "a postcode that its town does not have": "12 Alder Street, Exeter, BA3 9ZZ",
    "a house by its name": "Alder House, 12 Thorn Street, Holton, LS1 9AB",
    "two streets": "12 Thorn Mews, Alder Street, Holton, LS1 9AB",
    "a box": "PO Box 12, Thorn Street, Holton, LS1 9AB",
    "another country": "12 Alder Street, Holton, TX 77001",
    "a street that holds the other": "12 Alder Street Holton, Holton, LS1 9AB",
    "a street that is misspelt": "12 Aldr Street, Holton, LS1 9AB",
    "a street whose article is run into it": "12 Thealder Street, Holton, LS1 9AB",
    "the street's words in another order": "12 Street Alder, Holton, LS1 9AB",
}


def is_told(given_text: str, listed: Address) -> bool:
    is_apart = apart_from(read(given_text))
    return is_apart is not None and is_apart(listed)


@pytest.mark.parametrize("listed", APART)
def test_another_street_of_the_district_and_another_town_are_told(listed: str) -> None:
    assert is_told(GIVEN, read(listed))
    assert compare(read(GIVEN), read(listed), block=0.0).level == "different"


@pytest.mark.parametrize("listed", NOT_TOLD.values(), ids=NOT_TOLD.keys())
def test_what_the_rules_may_see_otherwise_is_left_to_them(listed: str) -> None:
    assert not is_told(GIVEN, read(listed))


@pytest.mark.parametrize(
    "text",
    [
        "Flat 2, 12 Alder Street, Holton, LS1 2LD",
        "Alder House, 12 Thorn Street, Holton, LS1 2LD",
        "12 Thorn Mews, Alder Street, Holton, LS1 2LD",
        "12 Alder Street, Holton",
        "Alder Street, Holton, LS1 2LD",
        "PO Box 12, Holton, LS1 2LD",
        "12 Alder Street, Austin, TX 77001",
    ],
)
def test_of_what_is_no_numbered_house_in_a_street_nothing_is_told(text: str) -> None:
    assert not any(is_told(text, read(listed)) for listed in APART)


FIELDS: dict[str, Any] = {
    "country": "US",
    "postcode": "",
    "numbers": (),
    "street": "",
    "building": "ALDER HOUSE",
    "organisation": "ALDER SURGERY",
    "dependent_street": "ALDER MEWS",
    "po_box": "9",
}


@pytest.mark.parametrize("field", [*FIELDS, "units"])
def test_nothing_is_told_where_a_field_is_there_that_the_rules_go_by(field: str) -> None:
    one, other = read(GIVEN), read(APART[0])
    is_apart = apart_from(one)
    assert is_apart is not None
    assert is_apart(other)
    assert apart_from(replace(one, **{field: FIELDS.get(field, ("2",))})) is None
    if field in FIELDS:
        assert not is_apart(replace(other, **{field: FIELDS[field]}))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Victor Hugo Street", "V Hugo Street"),
        ("Mill Church Street", "Church Mill Street"),
        ("Elms Road", "The Elm Road"),
        ("Elder", "Alder Street"),
        ("Elder Street", "Alders Street"),
    ],
)
def test_streets_that_are_alike_in_any_way_are_left_to_the_rules(one: str, other: str) -> None:
    assert not is_told(f"12 {one}, Holton, LS1 2LD", read(f"12 {other}, Holton, LS1 9AB"))


def test_one_whose_own_town_does_not_have_its_postcode_may_be_anywhere() -> None:
    assert not is_told("12 Alder Street, Exeter, LS1 2LD", read("12 Alder Street, Wexmoor, BA3 9ZZ"))


STREETS = (
    "Alder Street|Alder Road|Alder|The Alder|Thealder Street|Aldre Street|Old Alder Street|Street Alder|"
    "Ald Street|Thorn Street|Thorn Rd|Thornton Street|Park Road South|South Park Road|Park Road|High Street|"
    "A Street|Holton Road"
).split("|")
PLACES = (
    "Holton|Hollton|The Holton|Wexmoor|Holton Wexmoor|Leeds|Leads|Exeter|Bath|Holton, Leeds|Leeds, Holton|"
).split("|")
CODES = "LS1 2LD|LS1 2LE|LS1 9AB|LS11 2LD|L51 2LD|BA3 9ZZ|BA3 2LD|B1 2LD|EX4 4AB|AB1 2LD|".split("|")
DOORS = "12|12a|12-14|21|1|Flat 2, 12|12/2|Rose Cottage,|Rose Cottage, 12|Holton House|".split("|")
ADDRESSES = st.tuples(*map(st.sampled_from, (DOORS, STREETS, PLACES, CODES))).map(
    lambda four: f"{four[0]} {four[1]}, {four[2]}, {four[3]}".strip(" ,")
)


@given(one=ADDRESSES, other=ADDRESSES)
@settings(max_examples=times(4000), deadline=None)
def test_whatever_is_told_is_another_door_by_all_the_rules(one: str, other: str) -> None:
    if is_told(one, read(other)):
        assert compare(read(one), read(other), block=0.0).level == "different"
