"""A word broken by a line, and a number word in front of a name, have a second reading."""

from __future__ import annotations

import pytest

from matchers.address import compare, read
from matchers.address.rewritten import rewritten
from matchers.address.vocabulary import fold
from tests.levels import best

LISTED = read("17 Larkspur Road, Ipswich, IP4 1ZZ")


@pytest.mark.parametrize(
    "line", ["17 Larks\npur Road", "17 Larks-\npur Road", "17 Larkspur Ro\nad", "17 Lark\nspur Rd"]
)
def test_a_word_that_a_line_breaks_is_joined(line: str) -> None:
    text = f"Rowan Ashdown\n{line}\nIpswich\nIP4 1ZZ"
    found = list(rewritten(text, fold(text)))
    assert [one.text for one in found] == [text]
    assert compare(found[0], LISTED).level == "same"


@pytest.mark.parametrize(
    ("line", "listed"),
    [
        ("Twelve Adams Road", "12 Adams Road"),
        ("Twelve The Green", "12 The Green"),
        ("Two Elm Court", "2 Elm Court"),
    ],
)
def test_a_number_word_that_may_be_a_names_is_read_as_a_number_too(line: str, listed: str) -> None:
    text = f"{line}\nIpswich\nIP4 1ZZ"
    (found,) = rewritten(text, fold(text))
    assert compare(found, read(f"{listed}, Ipswich, IP4 1ZZ")).level == "same"


@pytest.mark.parametrize(
    "text",
    [
        "17 Larkspur Road\nIpswich\nIP4 1ZZ",
        "Rowan Ashdown\nc/o Mary Fenwick\n17 Larkspur Road\nIpswich",
        "17 Larkspur\nroad\nIpswich",
        "17 Larkspur Road\nipswich",
        "The Old Rectory\nnear Holton\nIpswich",
    ],
)
def test_most_texts_have_no_other_reading(text: str) -> None:
    assert list(rewritten(text, fold(text))) == []


LARKMEAD = "10 Larkmead Street, {}, LS14 4AB"


@pytest.mark.parametrize("town", ["L33ds", "L33DS", "Le3ds", "1eeds", "leed5"])
def test_digits_in_the_towns_name_hide_no_door(town: str) -> None:
    for number, same in (("10", True), ("12", False)):
        to = f"T Blythe\n{number} Larkmead Street\n{town}"
        assert (best(to, LARKMEAD.format("Leeds")) != "different") is same


@pytest.mark.parametrize("number", ["lO", "IO", "lo", "1O", "1o"])
def test_letters_that_look_like_digits_are_the_number_perhaps(number: str) -> None:
    to = f"T Blythe\n{number} Larkmead Street\nLeeds\nLS14 4AB"
    assert best(to, LARKMEAD.format("Leeds")) == "probable"


@pytest.mark.parametrize("to", ["A4410BC\n{}", "T Blythe A4410BC\n{}", "A4410BC, {}"])
@pytest.mark.parametrize("place", ["Copperwood Drive Apt 12B\nColumbus, OH 43299\nUSA", "Mill Lane\nDerby"])
def test_a_prisoners_number_is_no_part_of_the_address(to: str, place: str) -> None:
    listed = f"1482 {place}"
    assert best(to.format(listed), listed) == best(listed, listed)
    assert best(to.format(f"1484 {place}"), listed) == "different"
