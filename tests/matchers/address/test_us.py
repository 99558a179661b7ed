"""Reading addresses of the United States: which country, which part, and what is left out."""

from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from matchers.address import compare, read, readings


@pytest.mark.parametrize(
    ("text", "field", "expected"),
    [
        ("14 U.S. Highway 7, Tansy Falls, OH 43999", "numbers", ("14",)),
        ("14 U.S. Highway 7, Tansy Falls, OH 43999", "street", "US HIGHWAY 7"),
        ("88 Larkspur Road, N.W., Tansy Falls, GA 30999", "street", "LARKSPUR ROAD NW"),
        ("88 Larkspur Road N. W., Tansy Falls, GA 30999", "street", "LARKSPUR ROAD NW"),
        ("88 Larkspur Road, N.W., Tansy Falls, GA 30999", "town", "TANSY FALLS"),
        ("40 N Old Rt 66, Tansy Falls, IL 62799", "street", "N OLD ROUTE 66"),
        ("3 Larkspur NE Pl, Tansy Falls, WA 98999", "street", "LARKSPUR NE PLACE"),
        ("5 Larkspur Ave NW, Washington D.C. 20599", "county", "DC"),
        ("5 Larkspur Ave NW, Washington D.C. 20599", "town", "WASHINGTON"),
        ("5 Larkspur Way, Tansy Falls, King County, WA 98999", "town", "TANSY FALLS"),
        ("5 Larkspur Way, King County, WA 98999", "town", "KING COUNTY"),
        ("12 Larkspur Lane, Springfield, IL 627991234", "postcode", "62799"),
        ("12 Larkspur Lane, Springfield, IL 62799-1234", "postcode", "62799"),
        ("12 Larkspur Lane, Tansy Falls, NJ 7999, USA", "postcode", "07999"),
        ("12 Larkspur Lane, Tansy Falls, NM 8799, USA", "postcode_fragment", "8799"),
        ("12 Larkspur Lane, Springfield, IL 627991, USA", "postcode", ""),
        ("12 Larkspur Lane, Springfield, IL 627991, USA", "postcode_fragment", "627991"),
        ("474 larkspur highway springfield ct, USA", "county", "CT"),
        ("474 larkspur highway springfield ct, USA", "postcode_fragment", ""),
        ("Tansy Mall, Grand Junction, CO 81599", "street", "TANSY MALL"),
    ],
)
def test_a_part_of_the_address_is_read(text: str, field: str, expected: object) -> None:
    assert getattr(read(text), field) == expected


@pytest.mark.parametrize(
    ("text", "country"),
    [
        ("12 Larkspur Lane\nSanta Fe\nNew Mexico 87599", "US"),
        ("12 Larkspur Lane, Santa Fe, New Mexico", "US"),
        ("12 Larkspur Lane, Atlanta, Georgia 30399", "US"),
        ("12 Larkspur Lane, Washington D.C. 20599", "US"),
        ("12 Larkspur Lane, PO Box 12345, Springfield, IL 62799", "US"),
        ("12 Larkspur Lane, Washington", "GB"),
        ("12 Larkspur Lane, Washington, 01632 960123", "GB"),
        ("Calle Larkspur 12, Puebla, Mexico", "MX"),
    ],
)
def test_the_country_is_told_by_a_state_with_its_zip_code(text: str, country: str) -> None:
    assert read(text).country == country


@pytest.mark.parametrize("country", ["USA", "U.S.A.", "United States", "United States, USA"])
@pytest.mark.parametrize("separator", ["\n", ",", ", "])
def test_the_name_of_the_country_is_no_part_of_the_town_or_state(country: str, separator: str) -> None:
    address = read(separator.join(("12 Larkspur St.", "Springfield", country)))
    assert (address.street, address.town, address.county) == ("LARKSPUR STREET", "SPRINGFIELD", "")


def test_a_state_that_is_named_like_a_country_stays() -> None:
    assert read("12 Larkspur St, Atlanta, Georgia, USA").county == "GA"


def test_the_country_of_a_foreign_address_is_no_part_of_its_town() -> None:
    assert read("12 rue de Tansy\n75999 Paris\nFrance").town == "PARIS"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("14 U.S. Highway 7, Tansy Falls, OH 43999", "14 US Hwy 7\nTansy Falls OH 43999\nUSA"),
        ("12 Larkspur Lane, Santa Fe, New Mexico 87599", "12 Larkspur Ln, Santa Fe NM 875991234"),
        ("12 Larkspur Lane, Tansy Falls, NJ 7999, USA", "12 Larkspur Ln\nTansy Falls NJ 07999"),
        ("435 s. larkspur blvd ., santa fe 87599, USA", "435 S Larkspur Boulevard\nSanta Fe 87599\nUSA"),
    ],
)
def test_two_ways_of_writing_one_address_are_the_same(one: str, other: str) -> None:
    assert compare(read(one), read(other)).level == "same"


@given(st.text(alphabet='aZ1 9.,()"&#;-\n', max_size=60))
def test_reading_never_raises_and_ends_without_a_country(text: str) -> None:
    assume(any(map(str.isalnum, text)))
    found = readings(f"{text}\nUSA")
    # What is written as a postcode of ours above the country's name is weighed as one.
    assert any(one.country == "US" or one.postcode for one in found)
    assert not any("USA" in one.town.split() for one in found if one.country == "US")
