"""A postcode is found, whole or damaged, and two are set against one another by how they come to differ."""

from __future__ import annotations

import pytest

from matchers.address import postcode


@pytest.mark.parametrize(
    ("given", "listed", "relation"),
    [
        ("LS1 4AB", "LS1 4AB", "same"),
        ("LS1 4AB", "LS1 4AD", "near"),
        ("LS1 4AB", "LS1 4BA", "near"),  # exchanged
        ("LS1 4AB", "BS1 4AD", "close"),
        ("LS1 4AB", "LS1 4XY", "sector"),
        ("LS1 4AB", "LS1 7XY", "district"),
        ("LS1 4AB", "LS29 7XY", "area"),
        ("LS1 4AB", "BD9 7XY", "different"),
        ("", "LS1 4AB", "missing"),
    ],
)
def test_two_postcodes_stand_to_one_another_as_their_halves_do(
    given: str, listed: str, relation: str
) -> None:
    assert postcode.relation(given, listed) == relation
    assert postcode.relation(listed, given) == relation


def test_two_characters_that_look_alike_are_one_step_and_two_that_do_not_are_two() -> None:
    assert postcode.one_apart("SE58AB", "5E5BAB")
    assert not postcode.one_apart("SE58AB", "XE57AB")


def test_a_false_postcode_is_belied_by_its_town() -> None:
    assert postcode.belies("LS1", "BRISTOL")
    assert not postcode.belies("LS1", "LEEDS")
    assert not postcode.belies("LS1", "NO SUCH TOWN")


@pytest.mark.parametrize("outward", ["BX1", "BX9", "S98", "LE95", "GIR", "JE2", "GY1", "IM1", "BF1", "RH5"])
def test_a_district_without_a_place_an_island_or_the_forces_is_a_real_one(outward: str) -> None:
    assert postcode.is_district(outward)
    assert postcode.take(f"HSBC, {outward} 0AA")[0] == f"{outward} 0AA"


def test_a_large_users_postcode_is_belied_by_no_town() -> None:
    assert not postcode.belies("BX9", "GLASGOW")
    assert not postcode.belies("GIR", "BOOTLE")
    assert not any(map(postcode.is_district, ("BX10", "GI1", "S93", "JE9", "QB1")))


def test_an_outward_code_alone_is_taken_from_the_end() -> None:
    assert postcode.outward_only("12 ELM ROAD, LEEDS LS1") == ("LS1", "12 ELM ROAD, LEEDS ")
    assert postcode.outward_only("12 ELM ROAD, LEEDS LS1 4") == ("LS1", "12 ELM ROAD, LEEDS ")
    assert postcode.outward_only("12 ELM ROAD, LEEDS QQ1") == ("", "12 ELM ROAD, LEEDS QQ1")
