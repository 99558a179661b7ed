"""A part that no rule understands: two different ones are a doubt, one alone is none."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matchers import address
from tests.levels import best

WORDS = ("Zugang", "Kapija", "Ovi", "Uks", "Xanzug")
PLACES = (
    ("Lerchenstraße 12, {}", "10999 Berlin\nDeutschland"),
    ("ul. Skowronkowa 12, {}", "00-999 Warszawa\nPolska"),
    ("12 rue des Alouettes, {}", "69999 Lyon\nFrance"),
    ("100 Larkmead St, {}", "Springfield, IL 62799"),
)


def level(part: str, other: str, place: tuple[str, str]) -> str:
    """The best level of two addresses that differ in one part."""
    one, two = (f"{place[0].format(each).strip(' ,')}\n{place[1]}" for each in (part, other))
    return best(one, two)


@given(st.sampled_from(PLACES), st.sampled_from(WORDS), st.integers(1, 99), st.integers(1, 99))
def test_two_numbers_behind_a_word_that_nobody_knows_are_never_one_door_for_sure(
    place: tuple[str, str], word: str, one: int, other: int
) -> None:
    if one != other:
        assert level(f"{word} {one}", f"{word} {other}", place) != "same"
        assert level(f"{word} {one}", f"{word} {one}", place) != "different"


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("word", WORDS)
def test_such_a_part_on_one_side_only_makes_no_other_door(place: tuple[str, str], word: str) -> None:
    assert level(f"{word} 3", "", place) != "different"
    assert level("", f"{word} 3", place) != "different"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("12 Larkmead Road, New Delhi 110099, India", "12 Larkmead Road, New Delhi 110 099, India"),
        ("14 bis rue des Alouettes, 69999 Lyon", "14 B rue des Alouettes, 69999 Lyon"),
        ("Mozartgasse 3, 1. Stock, 1999 Wien", "Mozartgasse 3, I. Stock, 1999 Wien"),
        ("100 Larkmead St, Springfield, IL 62799-1234", "100 Larkmead St, Springfield, IL 62799"),
    ],
)
def test_the_same_number_written_otherwise_is_no_doubt(one: str, other: str) -> None:
    assert address.compare(address.read(one), address.read(other)).level == "same"
