"""The number rule: whether the numbers and letters of two doors allow them to be one door.

"12 High Street" and "14 High Street" differ in one character of twenty; no likeness of the rest
outweighs it.
"""

from __future__ import annotations

import re
from typing import Literal

import msgspec

from matchers.address.flats import relation, turned
from matchers.address.house_numbers import bounds, covers
from matchers.address.model import Address
from matchers.address.names import without_use
from matchers.address.number_misreadings import SUFFIXES, misread, misread_digit
from matchers.address.repair import UNKNOWN
from matchers.address.strokes import is_stroke, meanings
from matchers.address.vocabulary import DIGIT_MISREADINGS
from matchers.address.written_numbers import HALF

Doors = Literal["same", "compatible", "inner", "crossed", "loose", "near", "missing", "none", "different"]

_REPEATED = frozenset("BTQ")
"""The letters of bis, ter, quater: the second, third and fourth house of a number in French."""
_WORD = re.compile(r"\d[A-Z]{2,}")
_LABELLED = re.compile(r"([A-Z]+) ([A-Z0-9/-]+)")
_TWO_HOUSES = 2  # from the first number to the last, on one side of a street
_SURENESS: tuple[Doors, ...] = (
    "compatible",
    "near",
    "missing",
    "inner",
    "crossed",
    "loose",
    "none",
    "different",
)


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
        if _labels_differ(given, listed):
            return "different", "a room's number on one side, a flat's on the other"
        if given.units and not given.numbers:
            return "inner", "flat equal, no house number on either side"
        if given.numbers:
            return "same", "equal"
        return "none", "no number on either side"
    if not (given.numbers or given.units) or not (listed.numbers or listed.units):
        return "missing", "no number given" if not (given.numbers or given.units) else "no number listed"
    given, listed = _numbered(given), _numbered(listed)
    marked = not ("".join(given.numbers[:1] + listed.numbers[:1])).isalnum()
    if marked and (is_stroke(given) or is_stroke(listed)):
        return _strokes(given, listed)
    return _doors(given, listed)


def _strokes(given: Address, listed: Address) -> tuple[Doors, str]:
    """What two addresses are where the number of one may be a range, or a house and its flat."""
    ways, others = meanings(given), meanings(listed)
    best: tuple[Doors, str] = "different", "numbers differ"
    for way, one in ways:
        for other_way, other in others:
            found, why = _doors(one, other)
            apart = one.numbers[:1] != other.numbers[:1] and _bounds(one) != _bounds(other)
            if apart and ("range alone" in (way, other_way) or (found == "missing" and _is_wide(one, other))):
                continue
            if found in ("same", "compatible"):
                ranged = apart and "range" in (way, other_way)
                crossed = len(ways) > 1 and len(others) > 1 and way != other_way
                unsure = crossed or (ranged and len(ways) + len(others) > 2)
                found, why = ("near", "one of two numbers") if unsure else ("compatible", why)
            if _SURENESS.index(found) < _SURENESS.index(best[0]):
                best = found, why
    return best


def _is_wide(one: Address, other: Address) -> bool:
    """Whether a range is of more than two houses: its flats are hardly called by one number of it."""
    return any(high - low > _TWO_HOUSES for low, high in (_bounds(one), _bounds(other)))


def _bounds(address: Address) -> tuple[int, int]:
    return bounds(address.numbers[0]) if address.numbers else (-1, -1)


def _doors(given: Address, listed: Address) -> tuple[Doors, str]:
    house, house_why = _houses(given, listed)
    if house == "different":
        return _houses_differ(given, listed, house_why)
    unit, unit_why = relation(given.units, listed.units)
    if unit in ("same", "compatible") and _labels_differ(given, listed):
        unit, unit_why = "different", "a room's number on one side, a flat's on the other"
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
        if _is_room_of_house(given, listed) or _is_room_of_house(listed, given):
            return "missing", "a room on one side, the house's number on the other"
        return _crossed(given, listed) or ("different", "numbers differ")
    return "different", unit_why


def _houses_differ(given: Address, listed: Address, why: str) -> tuple[Doors, str]:
    """Two doors, unless a flat and a house number, or the digits of one number, are written another way."""
    if given.numbers == listed.units and given.units == listed.numbers:
        return "near", "flat and house number in the other order"
    if _written_apart(given, listed) or _written_apart(listed, given):
        return "near", "the digits of one number, written apart"
    if _letter_misread(given, listed) or _letter_misread(listed, given):
        return "near", "the digit that is run into the street may be a letter"
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
    """Whether two numbers of one side are the digits of the other's: "1 4" is 14, or flat 1 of number 4.

    And "1-2-4", read as 1 to 4, is 124, as "1,24" is.
    """
    if "-" in one.numbers[0] and not one.units and not other.units:
        low, high = one.numbers[0].split("-", 1)
        ends = {(reading[0], reading[-1]) for reading in one.number_readings if reading in other.numbers[:1]}
        return (low, high) in ends
    apart = "".join((*one.units, one.numbers[0])).replace("/", "")
    pieces = apart in one.number_readings or ",".join((*one.units, one.numbers[0])) in one.text
    return pieces and (apart,) == other.numbers[:1] and not other.units


def _letter_misread(one: Address, other: Address) -> bool:
    """Whether a house number is run into a name and may be a letter of it: "16, 8AGMAT STREET" is 16."""
    number = one.numbers[0]
    if len(number) > 1 or one.units[-1:] != other.numbers[:1] or one.units[:-1] != other.units:
        return False
    return re.search(rf"(?<![0-9A-Za-z]){number}[A-Za-z]{{3}}", one.text) is not None


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
    one, other = _letter_behind(given.numbers[0]), _letter_behind(listed.numbers[0])
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
    ):  # no fraction or range ends in a stroke: a misread digit, or nothing
        if misread(one, other) or one.rstrip("/") == other.rstrip("/"):
            return "near", "one may be a misreading of the other"
        return "different", "house numbers differ"
    if ("-" in one or "-" in other) and bounds(one) == bounds(other):
        letters, others = _letters(one), _letters(other)
        if letters and others:
            return _lettered(letters, others)
    if "-" in one or "-" in other or "/" in one or "/" in other:
        return _ranges(one, other)
    if bounds(one) == bounds(other) and bounds(one)[0] >= 0 and one.rstrip("ABCDEFGH").isdecimal():
        return "suffix", "letter behind the number differs"
    if misread(one, other) or turned(one) == turned(other):
        return "near", "one may be a misreading of the other"
    if bounds(one) == bounds(other) and bounds(one)[0] >= 0:
        return "suffix", "letter behind the number differs"
    return "different", "house numbers differ"


def _letter_behind(number: str) -> str:
    """A house number with its letter behind it: "27B" for "B/27"."""
    letter, mark, digits = number.partition("/")
    return digits + letter if mark and letter.isalpha() and digits.isdecimal() else number


def _space_misread(text: str, number: str, other: str) -> bool:
    """Whether the first digit of a number stands where a space should, right behind a comma: "House,425"."""
    return len(number) == len(other) + 1 and number[1:] == other and f",{number}" in text


def _ranges(one: str, other: str) -> tuple[Doors, str]:
    low, high = bounds(one)
    other_low, other_high = bounds(other)
    letters, others = set(filter(str.isalpha, one)), set(filter(str.isalpha, other))
    if (low, high) == (other_low, other_high):
        if letters and others and letters.isdisjoint(others):
            return "different", "letter behind the number differs"
        return "compatible", "same range"
    if low == other_low or high == other_high:
        return "compatible", "one number of the range"
    if covers(one, other) or covers(other, one):
        return "near", "inside the range"
    if low <= other_high and other_low <= high:
        return "near", "ranges overlap"
    return "different", "house numbers differ"


def _lettered(letters: set[str], others: set[str]) -> tuple[Doors, str]:
    """What the letters behind one house number make of two numbers of which one has several: "53A-B"."""
    if letters <= others or others <= letters:
        return "compatible", "one of several letters behind the number"
    if letters & others:
        return "near", "one of several letters behind the number"
    if {""} in (letters, others):
        return "near", "letter behind the number on one side only"
    return "different", "letter behind the number differs"


def _letters(number: str) -> set[str]:
    """The letters behind one house number, all those from the first to the last: "A", "B" of "53A-B".

    "11-11A" has none, and "A". Nothing for the numbers of several houses.
    """
    if bounds(number)[0] != bounds(number)[1] or bounds(number)[0] < 0:
        return set()
    first, _, last = (part.lstrip("0123456789") for part in number.partition("-"))
    if not last:
        return {first}
    if not first or len(first) > 1 or len(last) > 1:
        return {first, last}
    return set(map(chr, range(ord(min(first, last)), ord(max(first, last)) + 1)))


def _suffix(given: Address, listed: Address, unit: str) -> tuple[Doors, str]:
    one, other = given.numbers[0].lstrip("0123456789"), listed.numbers[0].lstrip("0123456789")
    if one and other:
        if given.country == listed.country != "GB" and _REPEATED.issuperset((one, other)):
            return "different", "another of the numbers bis, ter, quater"
        if (one in SUFFIXES) != (other in SUFFIXES):
            return "near", "a letter that stands behind no number, misread"
        if HALF in (one, other):
            return "near", "a half on one side, a letter on the other"
        return "different", "letter behind the number differs"
    letter = one or other
    units = listed.units if one else given.units
    if unit == "near":
        return "near", "letter behind the number on one side, a floor on the other"
    if not units:
        return "near", "letter behind the number on one side only"
    if letter in units:
        return "compatible", f"flat {letter} is the letter behind the number"
    if unit == "missing" and relation(units, (letter,))[0] in ("compatible", "near", "missing"):
        return "near", f"flat {units[0]} may be {letter}"
    if unit in ("same", "compatible"):
        return "near", "letter behind the number on one side only"
    return "different", "flat differs from the letter behind the number"


def _labels_differ(given: Address, listed: Address) -> bool:
    """Whether "FLAT 2 ROOM 3" stands beside "FLAT 3 ROOM 2", the same numbers for other parts."""
    if len(given.units) < 2 or given.sub_building == listed.sub_building:
        return False
    one, other = (dict(_LABELLED.findall(address.sub_building)) for address in (given, listed))
    return any(
        one[word] != other[word] and one[word] in listed.units and other[word] in given.units
        for word in one.keys() & other.keys()
    )


def _held(number: str, unit: str) -> bool:
    """Whether the same number, or one range and a number in it."""
    if number == unit:
        return True
    ranged = "-" in number or "-" in unit
    return ranged and bounds(number)[0] >= 0 and (covers(number, unit) or covers(unit, number))


def _is_room_of_house(one: Address, house: Address) -> bool:
    """Whether one side is a room without the number of its house, which the other tells, by one name."""
    if one.numbers or house.units or not one.sub_building.startswith("ROOM"):
        return False
    name = without_use(house.building or house.organisation)
    return bool(name) and without_use(one.building or one.organisation) == name


def _crossed(given: Address, listed: Address) -> tuple[Doors, str] | None:
    """The house number of the side without a flat, found among the flats of the other."""
    for one, other in ((given, listed), (listed, given)):
        if not one.units and one.numbers and any(_held(one.numbers[0], unit) for unit in other.units):
            return "crossed", "a flat's number on one side, a house number on the other"
    for one, other in ((given, listed), (listed, given)):
        if len(one.units) != 1 or one.numbers or other.units or not other.numbers:
            continue
        if one.units[0] in SUFFIXES and other.numbers[0] in DIGIT_MISREADINGS.get(one.units[0], ""):
            return "near", "a letter for a flat, or the house number misread"
    return None
