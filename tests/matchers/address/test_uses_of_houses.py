"""What a house is used for, a hostel, a refuge, a care home, is said behind its name or left out."""

from __future__ import annotations

import pytest

from tests.levels import best

PLACE = "Prospect Row, Hull HU3 1ZZ"
USES = ["Hostel", "Refuge", "Women's Refuge", "Hotel", "Guest House", "Care Home", "Centre"]
TO = "L Fenn\n{}\nHull HU3 1ZZ"


@pytest.mark.parametrize("use", USES)
@pytest.mark.parametrize("number", ["", "5 "])
def test_a_house_is_that_house_with_its_use_and_without(use: str, number: str) -> None:
    plain, full, short = "Haven House", f"Haven House {use}", f"Haven {use}"
    for listed, given in ((plain, full), (full, plain), (short, plain), (plain, short), (full, short)):
        assert best(TO.format(given), f"{listed}, {number}{PLACE}") != "different"
    room = TO.format(f"Room 6, {plain}")
    assert best(room, f"{full}, {number}{PLACE}") != "different"


@pytest.mark.parametrize("use", ["Hostel", "Refuge", "Guest House"])
def test_another_name_or_another_house_of_the_name_is_another_house(use: str) -> None:
    for other in ("Haven Lodge", "Haven Cottage", f"Fernlea {use}", f"Ashdown House {use}"):
        assert best(TO.format(other), f"Haven House {use}, {PLACE}") == "different"
