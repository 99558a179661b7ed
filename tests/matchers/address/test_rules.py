"""The number rule comes first, and a doubt more never makes an answer surer."""

from __future__ import annotations

import pytest

from matchers.address import compare, read
from matchers.address.compare import evidence

LISTED = "12 Larkspur Lane, Leeds, LS1 4AB"


@pytest.mark.parametrize(
    ("given", "level"),
    [
        ("12 Larkspur Lane, Leeds, LS1 4AB", "same"),
        ("14 Larkspur Lane, Leeds, LS1 4AB", "different"),
        ("Larkspur Lane, Leeds, LS1 4AB", "incomplete"),
        ("12 Larkspur Lane, Leeds", "probable"),  # the postcode on one side only
        ("12 Larkspur Lane, Leeds, LS1 4AD", "probable"),  # one character apart
        ("12 Vesper Court Road, Leeds, LS1 4AD", "different"),  # two doubts at once
        ("Flat 2, 12 Larkspur Lane, Leeds, LS1 4AB", "incomplete"),  # a flat on one side only
    ],
)
def test_each_doubt_lowers_the_level_of_an_equal_address(given: str, level: str) -> None:
    assert compare(read(given), read(LISTED)).level == level
    assert compare(read(LISTED), read(given)).level == level


def test_two_houses_with_names_alone_are_told_apart_by_them() -> None:
    listed = read("Bramble Nook, Larkspur Lane, Leeds, LS1 4AB")
    assert compare(read("Bramble Nook, Larkspur Lane, Leeds, LS1 4AB"), listed).level == "same"
    assert compare(read("Rose Cottage, Larkspur Lane, Leeds, LS1 4AB"), listed).level == "different"


@pytest.mark.parametrize(
    ("one", "other", "what"),
    [
        ("Flat 2, 12 Larkspur Lane", "12 Larkspur Lane", "flat"),
        ("Flat 2, Teasel Court, Larkspur Lane", "Teasel Court, Larkspur Lane", "block"),
        ("Ground Floor Flat, Teasel Court, 12 Larkspur Lane", "Teasel Court, 12 Larkspur Lane", "flat"),
        ("Teasel Nook, Larkspur Lane", "12 Larkspur Lane", "named"),
        ("Teasel Nook, Larkspur Lane", "Teasel Nook, 12 Larkspur Lane", "by name"),
        ("Larkspur Lane", "12 Larkspur Lane", "missing"),
        ("12A Larkspur Lane", "12 Larkspur Lane", "letter"),
        ("1L9 Larkspur Lane", "119 Larkspur Lane", "near"),
        ("12 Larkspur Lane", "12 Larkspur Lane", "same"),
    ],
)
def test_a_missing_number_argues_by_what_stands_in_its_stead(one: str, other: str, what: str) -> None:
    first, second = read(f"{one}, Leeds, LS1 4AB"), read(f"{other}, Leeds, LS1 4AB")
    assert evidence(first, second).number == evidence(second, first).number == what


def test_a_whole_block_says_another_thing_on_the_envelope_than_in_the_list() -> None:
    flat, block = (read(f"{one}Teasel Court, 12 Larkspur Lane, Leeds, LS1 4AB") for one in ("Flat 2, ", ""))
    assert evidence(flat, block).number == "block"
    assert evidence(block, flat).number == "numbered block"


def test_a_house_known_by_name_is_likelier_than_a_flat_and_a_flat_than_a_named_neighbour() -> None:
    listed = read("Teasel Court, 12 Larkspur Lane, Leeds, LS1 4AB")
    by_name, flat, beside = (
        compare(read(f"{one}, Leeds, LS1 4AB"), listed).score
        for one in ("Teasel Court, Larkspur Lane", "Flat 2, 12 Larkspur Lane", "Bramble Nook, Larkspur Lane")
    )
    assert by_name > 0.5 > flat > beside
