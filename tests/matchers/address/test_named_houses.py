"""A house that is known by its name, a refuge, a hall, a surgery, is found by its name and its town."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.addresses.named import letters
from benchmarks.addresses.notes import Letter, verdicts
from matchers.address.compare import compare
from matchers.address.read import read

LETTERS = list(letters())


@given(st.lists(st.sampled_from(LETTERS), min_size=20, max_size=20))
def test_by_name_and_town_alone(some: list[Letter]) -> None:
    for one, verdict in verdicts(iter(some)):
        assert verdict == "allow" if one.whose != "the door" else verdict != "allow", one


def test_a_flat_of_a_block_is_no_room_of_a_house() -> None:
    listed = "Tarnside Court, 31 Larkmead Road, Leeds, LS6 1AA"
    to = ("Flat 4\nTarnside Court\nLeeds", "Room 4\nFernlea Court\nLeeds", "Room 4\nLarkmead Road\nLeeds")
    some = (Letter("", "", "", False, "", listed, one) for one in to)
    assert [verdict for _, verdict in verdicts(some)] == ["allow"] * 3


@pytest.mark.parametrize("code", ["", "\nLS6 1AA"])
def test_a_letter_to_the_whole_block_of_a_listed_flat_is_held_and_one_to_a_flat_of_a_whole_block_is_not(
    code: str,
) -> None:
    block = "Tarnside Court, 20 Larkmead Road"
    named, plain = (
        compare(read(f"{house}\nLeeds{code}"), read(f"Flat 3, {house}, Leeds LS6 1AA")).score
        for house in (block, "20 Larkmead Road")
    )
    assert named == pytest.approx(plain, abs=0.001)  # the name beside the number makes it no less likely
    sides = ("Flat 3, ", ""), ("", "Flat 3, ")
    some = (
        Letter("", "", "", bool(code), "", f"{flat}{block}, Leeds, LS6 1AA", f"{other}{block}\nLeeds{code}")
        for flat, other in sides
    )
    assert [verdict for _, verdict in verdicts(some)] == ["flag", "allow"]
