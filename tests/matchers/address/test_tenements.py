"""A flat of a Scottish tenement by floor and place, wherever it stands: found, and none beside it."""

from __future__ import annotations

from itertools import product

import pytest

from matchers.address import compare, read

FLATS = list(product(range(4), range(1, 5)))
LISTED = "Flat {floor}/{place}, {number} Hawthorn Place, Glasgow G31 9ZZ"
WAYS = [
    "{number} {floor}/{place} Hawthorn Place\nGlasgow\nG31 9ZZ",
    "{number} ({floor}/{place}) Hawthorn Place\nGlasgow\nG31 9ZZ",
    "{number}, {floor}/{place} Hawthorn Place, Glasgow G31 9ZZ",
    "{floor}/{place} {number} Hawthorn Place, Glasgow G31 9ZZ",
    "{number} Flat {floor}/{place} Hawthorn Place, Glasgow G31 9ZZ",
    "{number} Flat {floor} {place} Hawthorn Place, Glasgow G31 9ZZ",
    "Flat {floor} {place}, {number} Hawthorn Place, Glasgow G31 9ZZ",
    "Flat {floor} {place} {number} Hawthorn Place, Glasgow G31 9ZZ",
    "{number} Hawthorn Place, Flat {floor}/{place}, Glasgow G31 9ZZ",
]


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("number", ["23", "17", "4"])
def test_a_tenement_flat_is_found_and_no_other_one(way: str, number: str) -> None:
    for floor, place in FLATS:
        listed = read(LISTED.format(number=number, floor=floor, place=place))
        for other in FLATS:
            given = read(way.format(number=number, floor=other[0], place=other[1]))
            level = compare(given, listed).level
            assert level == ("same" if other == (floor, place) else "different"), (given.text, listed.text)
