"""A neighbour whose address agrees in every field with a listed one but in what tells them apart: no block.

Each kind is a few doors and the neighbours made of them. The door itself stays stopped.
"""

from __future__ import annotations

from itertools import combinations, permutations

import pytest

from matchers.address import compare, read
from matchers.address.model import Level
from matchers.address.reach import BLOCKS_UNCODED, FLAGS_ONLY, reach

TYPES = ["Rise", "Drive", "Close", "Grove", "Park", "Way", "Lawn", "View", "Walk", "Court", "Crescent"]
PLACES = [
    "Swords, Co. Dublin",
    "Swords, Co. Dublin, K67 X9Y9",
    "Swindon",
    "Swindon SN2 9ZZ",
    "Springfield, IL 62799, USA",
    "Springfield, IL, USA",
    "Carlton VIC 3999, Australia",
    "Kingston, Jamaica",
]


def level(given: str, listed: str) -> Level:
    """What one text is to another."""
    return compare(read(given), read(listed)).level


@pytest.mark.parametrize("place", PLACES)
def test_another_type_of_street_is_never_the_same(place: str) -> None:
    for one, other in permutations(TYPES, 2):
        given, listed = f"28 Millbrook {one}, {place}", f"28 Millbrook {other}, {place}"
        assert level(given, listed) != "same", (given, listed)


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("kind", TYPES)
def test_an_equal_address_blocks_as_its_author_is_told(place: str, kind: str) -> None:
    text = f"28 Millbrook {kind}, {place}"
    told = reach(text).told
    assert level(text, text) == ("probable" if FLAGS_ONLY in told else "same")
    has_code = bool(read(text).postcode)
    assert has_code != (FLAGS_ONLY in told or BLOCKS_UNCODED in told)


@pytest.mark.parametrize(
    ("streets", "place"),
    [
        (["ul. Jesionowa {}", "ul. Jesienna {}"], "60-999 Poznań, Poland"),
        (["Bergstraße {}", "Burgstraße {}", "Bergerstraße {}"], "10999 Berlin, Germany"),
        (["Calle Granado {}", "Calle Granada {}", "Calle Granados {}"], "28999 Madrid, Spain"),
        (["{} rue du Port", "{} rue du Pont", "{} rue du Vieux Port"], "44999 Nantes, France"),
        (["{} Elm St", "{} Helm St", "{} Elms St"], "Springfield, IL 62799, USA"),
        (["{} Marley St", "{} Morley St", "{} Manley St"], "Carlton VIC 3999, Australia"),
        (["{} Marley Rise", "{} Morley Rise", "{} Manley Rise"], "Kingston, Jamaica"),
    ],
)
def test_a_name_spelt_alike_in_a_postcode_of_many_streets_is_never_the_same(
    streets: list[str], place: str
) -> None:
    doors = [f"{street.format(16)}, {place}" for street in streets]
    for given, listed in permutations(doors, 2):
        assert level(given, listed) != "same", (given, listed)
    for text in doors:
        assert level(text, text) == "same", text


@pytest.mark.parametrize("terrace", ["Albert Terrace", "Quarry Cottages", "Rose Villas", "Nelson Row"])
@pytest.mark.parametrize("number", ["4", "12", "7A"])
def test_a_terrace_in_a_street_is_not_the_street(terrace: str, number: str) -> None:
    street = "Harrowby Drive, Swindon SN2 9ZZ"
    inner, outer = f"{number} {terrace}, {street}", f"{number} {street}"
    assert level(inner, outer) in ("probable", "incomplete", "different")
    assert level(outer, inner) in ("probable", "incomplete", "different")
    assert level(inner, inner) == level(outer, outer) == "same"
    assert level(f"{number} {terrace}, Swindon SN2 9ZZ", inner) == "same"


DWELLINGS = ["Flat", "Apartment", "Apt", "Unit"]
OTHERS = ["Shop", "Garage", "Block", "Building", "Lot", "Store"]


@pytest.mark.parametrize(
    "way", ["{} {}, 80 Mill Grove, Leeds LS6 9ZZ", "80 Mill Grove, {} {}, Leeds LS6 9ZZ"]
)
def test_a_unit_that_is_no_dwelling_is_not_the_flat_of_its_number(way: str) -> None:
    for one in DWELLINGS:
        for other in OTHERS:
            flat, shop = way.format(one, 2), way.format(other, 2)
            assert level(shop, flat) != "same", (shop, flat)
            assert level(flat, shop) != "same", (flat, shop)
    for one, other in combinations(DWELLINGS, 2):
        assert level(way.format(one, 2), way.format(other, 2)) == "same"


@pytest.mark.parametrize("other", ["Bldg", "Building", "Lot"])
def test_an_american_building_or_lot_is_not_the_apartment_of_its_number(other: str) -> None:
    place = "Springfield, IL 62799, USA"
    for one in ("Apt 5", "# 5", "Unit 5", "Apartment 5"):
        flat, house = f"12 Elm St {one}, {place}", f"12 Elm St {other} 5, {place}"
        assert level(house, flat) != "same"
        assert level(flat, house) != "same"
        assert level(flat, f"12 Elm St Apt 5, {place}") == "same"
