"""A house's number in pieces: found, or in doubt, and no neighbour's for sure."""

from __future__ import annotations

import pytest

from matchers.address import compare, listing_keys, probe_keys, read

NUMBERS = ["104", "305", "208", "702", "101"]
ANY = ["231", "987", "446", "135", "124"]
STREET = "Nightingale Road\nLeeds LS6 9ZZ"
WAYS = ["{0} {1} {2}", "{0}-{1}-{2}", "{0}.{1}.{2}", "{0},{1}{2}", "{0}{1}{2}/"]


@pytest.mark.parametrize(
    ("way", "number"),
    [(way, number) for way in WAYS for number in NUMBERS] + [(way, n) for way in WAYS[:3] for n in ANY],
)
def test_a_number_in_pieces_is_found_and_no_neighbours(way: str, number: str) -> None:
    given = read(f"Mr A Smith\n{way.format(*number)} {STREET}")
    listed = read(f"{number} {STREET}")
    assert compare(given, listed).level in ("same", "probable")
    assert set(probe_keys(given)) & set(listing_keys(listed))
    for other in (int(number) + 2, int(number) - 2, int(number) + 1, int(number) - 1):
        assert compare(given, read(f"{other} {STREET}")).level == "different", other


@pytest.mark.parametrize("number", NUMBERS)
def test_a_number_in_pieces_is_none_of_its_pieces(number: str) -> None:
    for way in WAYS:
        given = read(f"{way.format(*number)} {STREET}")
        for piece in {number[0], number[2], number[:2]}:
            assert compare(given, read(f"{piece} {STREET}")).level == "different", (way, piece)


def test_in_scotland_three_digits_are_a_flat_and_its_house() -> None:
    where = "Hawthorn Place\nGlasgow G31 9ZZ"
    assert compare(read(f"1 2 4 {where}"), read(f"124 {where}")).level == "different"
    assert compare(read(f"1 2 4 {where}"), read(f"Flat 1/2, 4 {where}")).level == "same"
