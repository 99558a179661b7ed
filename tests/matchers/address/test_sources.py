"""Where each part of an address stands in the text it was read from."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matchers.address import Address, read
from matchers.address.sources import sources
from matchers.address.vocabulary import fold


def texts(address: Address, part: str) -> list[str]:
    return [address.text[span.start : span.end] for span in sources(address).get(part, ())]


@pytest.mark.parametrize(
    ("text", "part", "written"),
    [
        ("12 London Rd, London SE98 9ZZ", "street", ["London Rd"]),
        ("12 London Rd, London SE98 9ZZ", "town", ["London"]),
        ("9 St. John's Str, Caerdydd CF98 9ZZ", "street", ["St. John's Str"]),
        ("9 St. John's Str, Caerdydd CF98 9ZZ", "town", ["Caerdydd"]),
        ("28 - 30 Hgh Str, Leeds", "numbers", ["28 - 30"]),
        ("28 - 30 Hgh Str, Leeds", "street", ["Hgh Str"]),
        ("Flat 2, 2 Marlpit Street, Leeds", "units", ["2"]),
        ("Flat 2, 2 Marlpit Street, Leeds", "sub_building", ["Flat 2"]),
        ("9 Larkspur Avfnue, Derby", "street", ["Larkspur Avfnue"]),
        ("1The Broadway, Derby DE98 3TB", "numbers", ["1"]),
        ("1The Broadway, Derby DE98 3TB", "street", ["The Broadway"]),
        ("9 Larkspur Lane, Leeds, LS98 4N8", "postcode_fragment", ["LS98 4N8"]),
        ("Tansy House, Dye Rd, Stockton-on-Tees TS98 9ZZ", "town", ["Stockton-on-Tees"]),
        ("Marlpit House, Tansy Court, Dye Road, Leeds", "building", ["Marlpit House", "Tansy Court"]),
        ("Rule 39\n14 Dye Road\nLeeds", "numbers", ["14"]),
        ("9 Larkspur Ln, Springfield, IL 62799", "street", ["Larkspur Ln"]),
    ],
)
def test_a_part_is_placed(text: str, part: str, written: list[str]) -> None:
    assert texts(read(text), part) == written


def test_a_number_is_the_one_before_its_street() -> None:
    address = read("Flat 2, 2 Marlpit Street, Leeds")
    assert sources(address)["numbers"][0].start == address.text.index("2 Marlpit")


def test_a_part_that_was_not_read_has_no_place() -> None:
    assert set(sources(read("9 Larkspur Lane"))) == {"numbers", "street"}
    assert sources(read("")) == {}


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=120))
def test_every_span_of_any_text_lies_in_it_and_holds_something(text: str) -> None:
    for spans in sources(read(text)).values():
        for span in spans:
            assert 0 <= span.start < span.end <= len(text)


NAMES = st.sampled_from(
    ["Marlpit", "Larkspur", "Dye", "Thistledown", "Great Tansy", "St. Cuthman's", "Leeds"]
)
TYPES = st.sampled_from(["Street", "Road", "LANE", "avenue", "Close"])
JOINTS = st.sampled_from([", ", "\n", " ", "  ,\n"])


@settings(max_examples=300, deadline=None)
@given(st.integers(1, 400), NAMES, TYPES, JOINTS, st.sampled_from(["Derby", "Leeds", "Bury St Edmunds"]))
def test_the_words_of_a_span_are_those_of_its_part(
    number: int, name: str, kind: str, joint: str, town: str
) -> None:
    address = read(f"{number} {name} {kind}{joint}{town}{joint}LS98 4NE")
    for part, value in (("numbers", str(number)), ("street", address.street), ("town", address.town)):
        assert fold(" ".join(texts(address, part))).split() == value.split()
