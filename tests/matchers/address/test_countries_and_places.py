"""A country, a postcode and a town argue; what one side leaves out tells nothing, and none decides alone."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matchers.address import Address, compare, explain, read
from matchers.address.abroad_compare import holds_many_streets
from matchers.address.fields import post_towns

STREETS = ("Thistledown Road", "Larkspur Lane", "Vesper Gardens")
COUNTRIES = ("GB", "US", "IE", "FR", "")


def _in(country: str, number: str = "14", street: str = "Thistledown Road", town: str = "Derby") -> Address:
    return msgspec.structs.replace(read(f"{number} {street}, {town}"), country=country)


@settings(max_examples=200, deadline=None)
@given(
    st.sampled_from(COUNTRIES), st.sampled_from(COUNTRIES), st.sampled_from(STREETS), st.sampled_from(STREETS)
)
def test_two_countries_are_a_doubt_while_number_street_and_place_agree(
    one: str, other: str, street: str, against: str
) -> None:
    first, second = _in(one, street=street), _in(other, street=against)
    level = compare(first, second).level
    assert level == compare(second, first).level
    if one and other and one != other:
        assert level == ("probable" if street == against else "different")


@pytest.mark.parametrize(("number", "town"), [("15", "Derby"), ("14", "Leeds")])
def test_two_countries_and_another_number_or_town_are_two_doors(number: str, town: str) -> None:
    assert compare(_in("US", number, town=town), _in("GB")).level == "different"


def test_a_country_that_differs_is_told() -> None:
    comparison = explain(_in("US"), _in("GB"))
    assert "country: countries differ" in comparison.steps
    assert [field.outcome for field in comparison.fields if field.name == "country"] == ["different"]
    assert "country" not in {field.name for field in explain(_in("GB"), _in("GB")).fields}
    assert "country" not in {field.name for field in explain(_in(""), _in("GB")).fields}


@pytest.mark.parametrize("code", ["06300", "45402", "15-424", "900 1"])
@pytest.mark.parametrize("country", ["", "US", "FR"])
def test_an_equal_postcode_of_digits_alone_never_stops_another_street(code: str, country: str) -> None:
    first, second = (
        msgspec.structs.replace(_in(country, street=street), postcode=code) for street in STREETS[:2]
    )
    assert holds_many_streets(first, second)
    assert compare(first, second).level == "different"
    assert compare(first, first).level == "same"


def test_an_equal_postcode_of_few_doors_holds_another_street_for_a_person() -> None:
    one, other = read("14 Larkspur Lane, Derby, DE22 9ZZ"), read("14 Thistledown Road, Derby, DE22 9ZZ")
    assert not holds_many_streets(one, other)
    assert compare(one, other).level == "probable"


# ── a postcode tells its town ───────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("one", "other", "level"),
    [
        ("31 Thistledown Road, Wexmoor, M22 9ZZ", "31 Thistledown Road, Manchester", "probable"),
        ("31 Thistledown Road, M22 9ZZ", "31 Thistledown Road, Manchester", "probable"),
        ("31 Thistledown Road, M22", "31 Thistledown Road, Manchester", "probable"),
        ("31 Thistledown Road, LS6 4ZZ", "31 Thistledown Road, Manchester", "different"),
        ("33 Thistledown Road, M22 9ZZ", "31 Thistledown Road, Manchester", "different"),
        # a village and a post town tell nothing of one another
        ("8 Thistledown Road, Derby, DE22 9ZZ", "8 Thistledown Road, Wexmoor", "incomplete"),
        ("8 Thistledown Road, DE22 9ZZ", "8 Thistledown Road, Wexmoor", "incomplete"),
        ("8 Thistledown Road, Wexmoor", "8 Thistledown Road", "incomplete"),
        # but a street that every town has is another town's
        ("8 High Street, Derby, DE22 9ZZ", "8 High Street, Wexmoor", "different"),
        ("8 High Street, DE22 9ZZ", "8 High Street, Leeds", "different"),
    ],
)
def test_a_postcode_stands_for_the_town_that_is_not_written(one: str, other: str, level: str) -> None:
    assert compare(read(one), read(other)).level == level
    assert compare(read(other), read(one)).level == level


def test_the_post_towns_of_an_address_are_the_written_one_or_its_postcodes() -> None:
    assert post_towns(read("8 Thistledown Road, Derby, LS6 4ZZ")) == {"DERBY"}
    assert "LEEDS" in post_towns(read("8 Thistledown Road, LS6 4ZZ"))
    assert post_towns(read("8 Thistledown Road, Wexmoor")) == frozenset()


@pytest.mark.parametrize(
    ("town", "state"),
    [
        ("Columbia", "SC 29201"),
        ("Jamaica", "NY 11432"),
        ("Mexico", "MO 65265"),
        ("Lebanon", "Pennsylvania 17042"),
    ],
)
@pytest.mark.parametrize("behind", ["", ", USA"])
def test_a_town_of_a_country_s_name_is_a_town_before_a_state_and_its_zip(
    town: str, state: str, behind: str
) -> None:
    found = read(f"931 Larkmead Street, {town}, {state}{behind}")
    assert (found.town, found.country, found.postcode) == (town.upper(), "US", state[-5:])
    assert read(f"931 Larkmead Street, Northmarch, {town}").country != "US"
