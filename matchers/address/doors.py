"""The number rule: whether the numbers and letters of two doors allow them to be one door.

"12 High Street" and "14 High Street" differ in one character of twenty; no likeness of the rest
outweighs it.
"""

from __future__ import annotations

import re
from typing import Literal

import msgspec

from matchers.address.house_numbers import bounds, covers
from matchers.address.model import Address
from matchers.address.repair import UNKNOWN
from matchers.address.vocabulary import DIGIT_MISREADINGS, DIGIT_PAIRS, LEVELS

Doors = Literal["same", "compatible", "inner", "crossed", "loose", "near", "missing", "none", "different"]

_WORD = re.compile(r"\d[A-Z]{2,}")
_FLOORS = frozenset(LEVELS.values())
_SUFFIXES = frozenset(
    "ABCDEFGH"
)  # letters that stand behind house numbers; others are more likely misread digits


def doors(given: Address, listed: Address) -> tuple[Doors, str]:
    """How the numbers of two addresses stand to one another, and why in words.

    `same` and `compatible` (a range holds the number, flat B of 37 is 37B) allow one door. `inner`: the
    flat agrees, the building's own number stands on one side only. `crossed`: the number of a flat on
    one side is that of the house on the other. `loose`: the flats may be one, the house numbers do not
    stand on both sides. `near`: one may be misread for the other. `missing`: one side lacks a number the
    other has. `none`: neither has any. `different`: another door.
    """
    if given.units == listed.units and given.numbers == listed.numbers:
        if UNKNOWN in given.units:
            return "missing", "the flat's number is not given"
        if given.units and not given.numbers:
            return "inner", "flat equal, no house number on either side"
        if given.numbers:
            return "same", "equal"
        return "none", "no number on either side"
    if not (given.numbers or given.units) or not (listed.numbers or listed.units):
        return "missing", "no number given" if not (given.numbers or given.units) else "no number listed"
    given, listed = _numbered(given), _numbered(listed)
    house, house_why = _houses(given, listed)
    if house == "different":
        return _houses_differ(given, listed, house_why)
    unit, unit_why = _units(given.units, listed.units)
    if house == "suffix":
        return _suffix(given, listed, unit)
    if house in ("same", "compatible", "near"):
        return _in_house(given, listed, (house, house_why), (unit, unit_why))
    if house == "none":
        if unit in ("same", "compatible"):
            return "inner", f"flat {unit_why}"
        return ("loose" if unit == "near" else unit), unit_why
    if unit in ("same", "compatible"):
        return "inner", "flat equal, the building's number on one side only"
    if unit == "near":
        return "loose", unit_why
    if unit == "missing":
        if given.units and listed.units:
            return "inner", unit_why
        return _crossed(given, listed) or ("different", "numbers differ")
    return "different", unit_why


def _houses_differ(given: Address, listed: Address, why: str) -> tuple[Doors, str]:
    """Two doors, unless a flat and a house number, or the digits of one number, are written another way."""
    if given.numbers == listed.units and given.units == listed.numbers:
        return "near", "flat and house number in the other order"
    if _written_apart(given, listed) or _written_apart(listed, given):
        return "near", "the digits of one number, written apart"
    return _crossed(given, listed) or ("different", why)


def _in_house(
    given: Address, listed: Address, house: tuple[Doors, str], unit: tuple[Doors, str]
) -> tuple[Doors, str]:
    """What the flats make of two house numbers that may be one."""
    number, number_why = house
    flat, flat_why = unit
    if flat in ("same", "none", "compatible"):
        return number, number_why if flat != "compatible" or number == "near" else flat_why
    if flat != "missing":
        return flat, flat_why
    if number != "near":
        return "missing", flat_why
    clean = given.numbers[0].isdecimal() and listed.numbers[0].isdecimal()
    return ("different", "house numbers differ") if clean else ("near", number_why)


def _written_apart(one: Address, other: Address) -> bool:
    """Whether two numbers of one side are the digits of the other's: "1 4" is 14, or flat 1 of number 4."""
    apart = "".join((*one.units, one.numbers[0])).replace("/", "")
    return apart in one.number_readings and (apart,) == other.numbers[:1] and not other.units


def _numbered(address: Address) -> Address:
    """The address with its last unit for a number, where that is a word, a letter misread: "2OAD"."""
    if not address.units or not address.numbers or not _WORD.fullmatch(address.numbers[0]):
        return address
    return msgspec.structs.replace(address, numbers=address.units[-1:], units=address.units[:-1])


def _houses(given: Address, listed: Address) -> tuple[Doors | Literal["suffix"], str]:
    if not given.numbers or not listed.numbers:
        return (
            ("none", "")
            if not given.numbers and not listed.numbers
            else ("missing", "house number on one side only")
        )
    one, other = given.numbers[0], listed.numbers[0]
    if one == other:
        return "same", "equal"
    if one.isdecimal() and other.isdecimal():
        if misread_digit(one, other):
            return "near", "the first digits are easily taken for one another"
        if _space_misread(given.text, one, other) or _space_misread(listed.text, other, one):
            return "near", "its first digit may be a space"
        return "different", "house numbers differ"
    if "/" in (
        one[0],
        one[-1],
        other[0],
        other[-1],
    ):  # no fraction or range ends in a stroke: a misread digit
        if misread(one, other):
            return "near", "one may be a misreading of the other"
        return "different", "house numbers differ"
    if "-" in one or "-" in other or "/" in one or "/" in other:
        return _ranges(one, other)
    if bounds(one) == bounds(other) and bounds(one)[0] >= 0 and one.rstrip("ABCDEFGH").isdecimal():
        return "suffix", "letter behind the number differs"
    if misread(one, other):
        return "near", "one may be a misreading of the other"
    if bounds(one) == bounds(other) and bounds(one)[0] >= 0:
        return "suffix", "letter behind the number differs"
    return "different", "house numbers differ"


def misread(one: str, other: str) -> bool:
    """Whether one number may be the other with digits taken for letters or marks:

    "1L9" is 119, "10Q" is 107.
    """
    if len(one) != len(other):
        longer, shorter = (one, other) if len(one) > len(other) else (other, one)
        return not longer[0].isdecimal() and longer[1:] == shorter and shorter.isdecimal()
    unclear = False
    for place, (a, b) in enumerate(zip(one, other, strict=True)):
        if a == b:
            continue
        if a.isdecimal() and b.isdecimal():
            return False
        if a.isdecimal() == b.isdecimal():
            return False
        mark = b if a.isdecimal() else a
        digit = a if a.isdecimal() else b
        if place + 1 < len(one) or mark == UNKNOWN:  # no letter stands there: a digit, whichever it was
            unclear = True
            continue
        if digit not in DIGIT_MISREADINGS.get(mark, "" if mark in _SUFFIXES else digit):
            return False
        unclear = True
    return unclear


def misread_digit(one: str, other: str) -> bool:
    """Whether two numbers differ in one digit that is not the last, and that readers take for one another.

    A last digit tells neighbours apart, so it never counts.
    """
    if len(one) != len(other) or one[-1] != other[-1]:
        return False
    differ = [a + b for a, b in zip(one, other, strict=True) if a != b]
    return len(differ) == 1 and (differ[0] in DIGIT_PAIRS or differ[0][::-1] in DIGIT_PAIRS)


def _space_misread(text: str, number: str, other: str) -> bool:
    """Whether the first digit of a number stands where a space should, right behind a comma: "House,425"."""
    return len(number) == len(other) + 1 and number[1:] == other and f",{number}" in text


def _ranges(one: str, other: str) -> tuple[Doors, str]:
    low, high = bounds(one)
    other_low, other_high = bounds(other)
    if (low, high) == (other_low, other_high):
        return "compatible", "same range"
    if "/" in one or "/" in other:  # "2 10": a range, or flat 2 of number 10
        return (
            ("near", "one of two numbers")
            if covers(one, other) or covers(other, one)
            else ("different", "numbers differ")
        )
    if low == other_low or high == other_high:
        return "compatible", "one number of the range"
    if covers(one, other) or covers(other, one):
        return "near", "inside the range"
    if low <= other_high and other_low <= high:
        return "near", "ranges overlap"
    return "different", "house numbers differ"


def _suffix(given: Address, listed: Address, unit: str) -> tuple[Doors, str]:
    one, other = given.numbers[0].lstrip("0123456789"), listed.numbers[0].lstrip("0123456789")
    if one and other:
        if (one in _SUFFIXES) != (other in _SUFFIXES):
            return "near", "a letter that stands behind no number, misread"
        return "different", "letter behind the number differs"
    letter = one or other
    flats = listed.units if one else given.units
    if unit == "near":
        return "near", "letter behind the number on one side, a floor on the other"
    if not flats:
        return "near", "letter behind the number on one side only"
    if letter in flats:
        return "compatible", f"flat {letter} is the letter behind the number"
    if unit == "missing" and any(_may_be_letter(flat, letter) for flat in flats):
        return "near", f"flat {flats[0]} may be {letter}"
    if unit in ("same", "compatible"):
        return "near", "letter behind the number on one side only"
    return "different", "flat differs from the letter behind the number"


def _may_be_letter(flat: str, letter: str) -> bool:
    """Whether a flat by number or by floor may be the one by letter: flat 2 is B, a floor may be any."""
    if flat == UNKNOWN or flat.split()[0] in _FLOORS:
        return True
    return len(letter) == 1 and flat.isdecimal() and int(flat) == ord(letter) - 64


def _units(given: tuple[str, ...], listed: tuple[str, ...]) -> tuple[Doors, str]:
    if given == listed:
        return ("same", "equal") if given else ("none", "")
    given, listed = _unpadded(given), _unpadded(listed)
    if not given or not listed or UNKNOWN in given or UNKNOWN in listed:
        return "missing", "flat on one side only"
    one, other = set(given), set(listed)
    if one == other:
        return "same", "equal"
    numbered_one = {unit for unit in one if unit.split()[0] not in _FLOORS}
    numbered_other = {unit for unit in other if unit.split()[0] not in _FLOORS}
    if numbered_one and numbered_other:
        if numbered_one == numbered_other:
            return "compatible", "flat equal, the floor on one side only"
        one, other = numbered_one, numbered_other
    elif bool(numbered_one) != bool(numbered_other):
        return "near", "a floor on one side, a number on the other"
    if one < other or other < one:
        return "missing", "part of the flat's number on one side only"
    if {_turned(unit) for unit in one} == {_turned(unit) for unit in other}:
        return "compatible", "letter and number in the other order"
    if len(one) == len(other) == 1:
        return _one_unit(one.pop(), other.pop())
    return "different", "flats differ"


def _unpadded(units: tuple[str, ...]) -> tuple[str, ...]:
    """Units without the zeros that fill them up: "002" is "2"."""
    return tuple(unit.lstrip("0") or "0" for unit in units)


def _one_unit(one: str, other: str) -> tuple[Doors, str]:
    if misread(one, other) or (one.isdecimal() and other.isdecimal() and misread_digit(one, other)):
        return "near", "one flat's number may be a misreading of the other"
    low, high = bounds(one)
    other_low, other_high = bounds(other)
    if low >= 0 and (low, high) == (other_low, other_high) and one.isdecimal() != other.isdecimal():
        return "near", "letter behind the flat's number on one side only"
    if (
        ("-" in one or "-" in other)
        and low >= 0
        and other_low >= 0
        and low <= other_high
        and other_low <= high
    ):
        return "near", "one of several units"
    return "different", "flats differ"


def _turned(unit: str) -> str:
    """A designator whatever its order: "B2" and "2B" are one."""
    if len(unit) > 1 and unit[0].isalpha() and unit[1:].isdecimal():
        return unit[1:] + unit[0]
    return unit


def _held(number: str, unit: str) -> bool:
    """Whether the same number, or one range and a number in it."""
    if number == unit:
        return True
    ranged = "-" in number or "-" in unit
    return ranged and bounds(number)[0] >= 0 and (covers(number, unit) or covers(unit, number))


def _crossed(given: Address, listed: Address) -> tuple[Doors, str] | None:
    """The house number of the side without a flat, found among the flats of the other."""
    for one, other in ((given, listed), (listed, given)):
        if not one.units and one.numbers and any(_held(one.numbers[0], unit) for unit in other.units):
            return "crossed", "a flat's number on one side, a house number on the other"
    for one, other in ((given, listed), (listed, given)):
        if len(one.units) != 1 or one.numbers or other.units or not other.numbers:
            continue
        if one.units[0] in _SUFFIXES and other.numbers[0] in DIGIT_MISREADINGS.get(one.units[0], ""):
            return "near", "a letter for a flat, or the house number misread"
    return None
