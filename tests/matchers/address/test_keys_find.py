"""Whatever comparison calls probable or better, the keys find: what would be stopped is within reach."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matchers.address import compare, listing_keys, probe_keys, read
from matchers.address.keys import wider_keys
from tests.repeating import times

LETTERS = "ABCDEFGHIKLMNOPRSTUWY"


class Parts(NamedTuple):
    """An invented address, part by part."""

    flat: str
    number: str
    house: str
    street: str
    village: str
    town: str
    code: str

    def written(self) -> str:
        first = " ".join(part for part in (self.number, self.street) if part)
        lines = (self.flat, self.house, first, self.village, self.town, self.code)
        return ", ".join(line for line in lines if line)


PARTS = st.builds(
    Parts,
    st.sampled_from(["", "", "Flat 2", "Flat B", "Ground Floor Flat"]),
    st.integers(1, 299).map(str),
    st.sampled_from(["", "", "", "Teasel Court", "Bramblewick House"]),
    st.sampled_from(
        ["Thistledown Road", "Larkspur Lane", "Old Quarry Street", "Vesper Gardens", "Weir Bank"]
    ),
    st.sampled_from(["", "", "Wexmoor", "Nether Holton"]),
    st.sampled_from(["Leeds", "Derby", "Northampton", "Ipswich"]),
    st.sampled_from(["LS6 4ZZ", "DE22 9ZZ", "NN3 5ZX", "IP4 9ZX"]),
)
PLACES = {"Leeds": "LS6 4ZZ", "Derby": "DE22 9ZZ", "Northampton": "NN3 5ZX", "Ipswich": "IP4 9ZX"}
Damage = Callable[[Parts, int, str], Parts]


def _struck(text: str, place: int, letter: str) -> str:
    at = place % len(text)
    return text[:at] + letter + text[at + 1 :]


def _turned(text: str, place: int) -> str:
    at = place % max(1, len(text) - 1)
    return text[:at] + text[at + 1 : at + 2] + text[at : at + 1] + text[at + 2 :]


DAMAGE: dict[str, Damage] = {
    "as it is": lambda a, at, x: a,
    "no postcode": lambda a, at, x: a._replace(code=""),
    "half a postcode": lambda a, at, x: a._replace(code=a.code.split()[0]),
    "a postcode of one letter wrong": lambda a, at, x: a._replace(code=_struck(a.code, at, x)),
    "a postcode turned round": lambda a, at, x: a._replace(code=_turned(a.code, at)),
    "a postcode of another place": lambda a, at, x: a._replace(code="TR7 2WD"),
    "no town": lambda a, at, x: a._replace(town=""),
    "no village": lambda a, at, x: a._replace(village=""),
    "a village more": lambda a, at, x: a._replace(village="Marlcombe"),
    "a street of one letter wrong": lambda a, at, x: a._replace(street=_struck(a.street, at, x)),
    "a street turned round": lambda a, at, x: a._replace(street=_turned(a.street, at)),
    "a street without its type": lambda a, at, x: a._replace(street=a.street.rpartition(" ")[0]),
    "no street": lambda a, at, x: a._replace(street=""),
    "a town of one letter wrong": lambda a, at, x: a._replace(town=_struck(a.town, at, x)),
    "no flat": lambda a, at, x: a._replace(flat=""),
    "no number": lambda a, at, x: a._replace(number=""),
    "no house": lambda a, at, x: a._replace(house=""),
    "a house more": lambda a, at, x: a._replace(house="Marlcombe House"),
    "a number with a letter": lambda a, at, x: a._replace(number=f"{a.number}A"),
    "a digit read as a letter": lambda a, at, x: a._replace(
        number=a.number.replace("1", "l").replace("0", "O").replace("5", "S")
    ),
}
DAMAGED = st.sampled_from(sorted(DAMAGE))
AT, LETTER = st.integers(0, 40), st.sampled_from(LETTERS)


def _is_a_lists(damage: str) -> bool:
    """Whether a list may be damaged so: a digit is misread by scanners, on what is given."""
    return damage != "a digit read as a letter"


def _found(given_text: str, listed_text: str) -> bool:
    """Whether the keys find it, or comparison would not have stopped it."""
    one, listed = read(given_text), read(listed_text)
    if compare(one, listed).level not in ("same", "probable"):
        return True
    keys = {*probe_keys(one)} if one.postcode else {*probe_keys(one), *wider_keys(one)}
    return bool(keys & {*listing_keys(listed)})


@settings(max_examples=times(800), deadline=None)
@given(PARTS, DAMAGED, AT, LETTER)
def test_an_address_damaged_once_on_either_side_is_found(
    address: Parts, damage: str, at: int, letter: str
) -> None:
    whole = address._replace(code=PLACES[address.town])
    damaged = DAMAGE[damage](whole, at, letter)
    assert _found(damaged.written(), whole.written())
    assert _found(whole.written(), damaged.written())


@settings(max_examples=times(800), deadline=None)
@given(PARTS, st.sampled_from(["no postcode", "half a postcode"]), DAMAGED.filter(_is_a_lists), AT, LETTER)
def test_a_letter_without_a_postcode_finds_a_listed_address_damaged_once(
    address: Parts, lost: str, damage: str, at: int, letter: str
) -> None:
    whole = address._replace(code=PLACES[address.town])
    assert _found(DAMAGE[lost](whole, at, letter).written(), DAMAGE[damage](whole, at, letter).written())


@pytest.mark.parametrize("damage", sorted(DAMAGE))
def test_each_damage_changes_an_address(damage: str) -> None:
    whole = Parts("Flat 2", "150", "Teasel Court", "Weir Bank", "Wexmoor", "Leeds", "LS6 4ZZ")
    assert (DAMAGE[damage](whole, 0, "X") == whole) == (damage == "as it is")
