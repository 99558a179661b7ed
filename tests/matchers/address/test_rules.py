"""The number rule comes first, and a doubt more never makes an answer surer."""

from __future__ import annotations

import pytest

from matchers.address import compare, read

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
