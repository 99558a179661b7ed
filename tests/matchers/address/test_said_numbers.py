"""A house's number in words in front of any kind of street: it is that number, and no neighbour's."""

from __future__ import annotations

import pytest

from matchers.address import compare, read

STREETS = [
    "Larkmead Place",
    "Mill View",
    "Larkmead Court",
    "Kings Road",
    "St Marys Road",
    "The Green",
    "Mill Park",
]
SAID = {
    "Fourteen": 14,
    "Twenty-two": 22,
    "Thirty six": 36,
    "One hundred and four": 104,
    "A hundred and four": 104,
    "One oh four": 104,
    "One-oh-four": 104,
    "Two zero six": 206,
}


@pytest.mark.parametrize("street", STREETS)
@pytest.mark.parametrize("words", SAID)
def test_a_number_in_words_is_told_before_any_street(words: str, street: str) -> None:
    given, number = read(f"Mr A Smith\n{words} {street}\nLeeds LS6 9ZZ"), SAID[words]
    assert compare(given, read(f"{number} {street}, Leeds LS6 9ZZ")).level == "same"
    for other in (number - 2, number + 2, 1, 4):
        assert compare(given, read(f"{other} {street}, Leeds LS6 9ZZ")).level == "different", other


@pytest.mark.parametrize("street", ["Forty Acres Lane", "Twenty Trees Road", "Oh Lane", "Three Oaks View"])
def test_what_a_streets_name_counts_is_no_house_number(street: str) -> None:
    listed = read(f"5 {street}, Leeds LS6 9ZZ")
    assert compare(read(f"5 {street}\nLeeds LS6 9ZZ"), listed).level == "same"
    assert not {"40", "20", "3", "0"} & set(listed.numbers)
