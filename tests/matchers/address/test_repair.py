"""The words that carry an address's structure are put right, and names are left as they are."""

from __future__ import annotations

import pytest

from matchers.address.repair import misread_type, repair


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("FIAT 3", "FLAT 3"),
        ("FLATC", "FLAT C"),
        ("FLAT10", "FLAT 10"),
        ("GROUUD FLOOR FLAT", "GROUND FLOOR FLAT"),
        ("GROUNDFLOORFLAT", "GROUND FLOOR FLAT"),
        ("NO8 THE GREEN", "8 THE GREEN"),
        ("1THE GREEN", "1 THE GREEN"),
    ],
)
def test_a_damaged_word_for_a_part_is_put_right(written: str, meant: str) -> None:
    tokens = written.split()
    repair(tokens)
    assert " ".join(tokens) == meant


@pytest.mark.parametrize("written", ["FLAX ROAD", "PLATT HOUSE", "12 FLAT LANE", "THE FLOAT HOUSE"])
def test_a_name_that_is_like_such_a_word_is_left(written: str) -> None:
    tokens = written.split()
    repair(tokens)
    assert " ".join(tokens) == written


def test_a_type_of_street_is_known_a_letter_or_two_misread() -> None:
    assert misread_type("AVFNUE") == "AVENUE"
    assert misread_type("LANGHAM") == ""
