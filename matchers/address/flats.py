"""A flat as a floor, a side, a place on the landing and a number, whatever it is written as.

"3/2", "3F2" and "THIRD FLOOR", "2" are one flat, "TFL" is "TOP LEFT". Two flats are held against one another
part by part: a sure difference in a part that both have is another door, a part on one side only is missing.
What is no floor, no side and no such code is a number of its own, an unknown code as well: it differs from
every other.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Literal, NamedTuple

from matchers.address.house_numbers import bounds
from matchers.address.number_misreadings import misread, misread_digit
from matchers.address.repair import UNKNOWN
from matchers.address.vocabulary import rows

Flats = Literal["same", "compatible", "near", "missing", "none", "different"]


class Flat(NamedTuple):
    """The parts of a flat, each empty where it is not said."""

    floors: frozenset[str]  # the floors that it may be on: "0" the ground, "-1" below it, "TOP"
    sides: tuple[frozenset[str], ...]  # what each word or letter for a side may mean
    place: str  # its number on the landing: the "2" of "3/2"
    names: frozenset[str]  # numbers and letters: "2", "B", "2B"


def relation(given: tuple[str, ...], listed: tuple[str, ...]) -> tuple[Flats, str]:
    """How the flats of two addresses stand to one another, and why in words.

    `same` and `compatible` are one flat. `near`: one may be the other, written or read another way.
    `missing`: what would tell stands on one side only. `none`: no flat on either. `different`: another door.
    """
    if given == listed:
        return ("same", "equal") if given else ("none", "")
    if not given or not listed or UNKNOWN in given or UNKNOWN in listed:
        return "missing", "flat on one side only"
    one, other = flat_of(given), flat_of(listed)
    if one == other:
        return "same", "equal"
    found = _parts(one, other)
    if found[0] == "different" and _bare(given) == _bare(listed):
        return "near", "the same digits and letters, marked another way"
    if found[0] == "different" and _misread(given, listed):
        return "near", "one flat's number may be a misreading of the other"
    return found


@lru_cache(maxsize=1 << 14)
def flat_of(units: tuple[str, ...]) -> Flat:
    """The parts of the flat that an address's units name."""
    floors: frozenset[str] = frozenset()
    sides: list[frozenset[str]] = []
    place = ""
    names: list[str] = []
    for unit in units:
        code = _code(unit)
        words = unit.split()
        if code is not None and _may_be_place(unit, code):
            floors = _FLOORS.get(code["floor"]) or frozenset((str(int(code["floor"])),))
            if code["side"]:
                right = code["side"] == "R" and not unit.isalnum()  # "G/R" is a tenement's
                sides.append(frozenset(("RIGHT",)) if right else _SIDES[code["side"]])
            place = (code["place"] or "").lstrip("0") or place
        elif words and (words[0] in _WORDS or unit.startswith("FLOOR ")):
            floors = _floors(words) or floors
            sides.extend(frozenset((word,)) for word in words if word in SIDES)
        else:
            names.append(_plain(unit))
    return Flat(floors, tuple(sides), place, frozenset(map(turned, names)))


def is_code(token: str) -> bool:
    """Whether a token is a flat's floor and place in a code: "2F1", "PF2", "G/R"; not "3/2", a number."""
    if token in CODES:
        return True
    code = _code(token)
    return code is not None and not (token[0].isdecimal() and code["place"] and "F" not in token)


def _parts(one: Flat, other: Flat) -> tuple[Flats, str]:
    """The flats part by part."""
    floor = _floor(one, other)
    if floor == "different":
        return "different", "floors differ"
    if any(_apart(side, others) for side in one.sides for others in other.sides):
        return "different", "sides differ"
    if one.names and other.names:
        names = _names(one.names, other.names)
        return ("near", "floors may differ") if floor == "near" and names[0] == "compatible" else names
    if one.names or other.names:
        return _number_beside_place(one, other) if one.names else _number_beside_place(other, one)
    if one.place and other.place and one.place != other.place:
        return "different", "flats differ"
    if floor == "near":
        return "near", "floors that may be one"
    if (one.place and other.sides) or (other.place and one.sides):
        return "near", "a side on one side, the number on the landing on the other"
    if one.place == other.place and one.floors == other.floors:
        return _sides(one.sides, other.sides)
    if one.floors and other.floors:
        return "missing", "part of the flat on one side only"
    if one.sides and other.sides:
        return "missing", "the floor on one side only"
    return "near", "a floor on one side, a side on the other"


def _floor(one: Flat, other: Flat) -> Literal["same", "near", "missing", "different"]:
    if not one.floors or not other.floors:
        return "missing"
    if one.floors == other.floors:
        return "same"
    if one.floors & other.floors:
        return "near"
    if "TOP" in one.floors or "TOP" in other.floors:  # of a house of two floors the first; of none the ground
        rest = (one.floors | other.floors) - {"TOP"}
        low = "1" if one.sides or other.sides else "0"
        if all(floor.isdecimal() and int(floor) > int(low) for floor in rest):
            return "near"
    return "different"


def _apart(side: frozenset[str], other: frozenset[str]) -> bool:
    """Whether two sides are not one: no meaning of one is one of the other, and two are on one axis."""
    return not side & other and any(_AXIS.get(a) == _AXIS.get(b) for a in side for b in other)


def _sides(one: tuple[frozenset[str], ...], other: tuple[frozenset[str], ...]) -> tuple[Flats, str]:
    said, others = [side - {"-"} for side in one], [side - {"-"} for side in other]
    if not one or not other:
        bare = all("-" in side for side in one or other)  # "FFF" is "FIRST FLOOR FLAT" or "FRONT"
        return (
            ("near", "a code that may be the floor's") if bare else ("missing", "the side on one side only")
        )
    return ("compatible", "equal") if set(said) == set(others) else ("near", "sides that may be one")


def _number_beside_place(numbered: Flat, placed: Flat) -> tuple[Flats, str]:
    """A flat's number on one side, on the other a floor or a place on it."""
    why = "a floor on one side, a number on the other"
    if numbered.floors and placed.place:
        equal = placed.place == numbered.place or (not numbered.place and numbered.names == {placed.place})
        return ("compatible", "equal") if equal else ("different", "flats differ")
    if numbered.floors and placed.floors:
        return ("near", why) if placed.sides else ("missing", "the number on one side only")
    if not placed.floors or "TOP" in placed.floors:
        return "near", why
    may_be = any(_counted(name, placed) for name in numbered.names)
    return ("near", why) if may_be else ("different", "no such number on the floor")


def _counted(name: str, placed: Flat) -> bool:
    """Whether a number or letter may be that of a flat on a floor, counted from below or from above.

    The floor and those below it have no more than six flats each.
    """
    if name.isdecimal():
        number = int(name)
    elif len(name) == 1 and name.isalpha():
        if name in "LRFBMGT":  # "FLAT B" in the basement, "FLAT G" on the ground
            return True
        number = ord(name) - ord("A") + 1
    else:
        return True
    for floor in placed.floors:
        if not floor.lstrip("-").isdecimal():
            return True
        if 1 <= number <= _MOST_ON_A_FLOOR * (max(int(floor), 0) + 1):
            return True
    return False


def _names(one: frozenset[str], other: frozenset[str]) -> tuple[Flats, str]:
    """The numbers and letters of two flats."""
    if one == other:
        return "compatible", "flat equal, the floor on one side only"
    if one < other or other < one:
        return "missing", "part of the flat's number on one side only"
    if _merged(one) == _merged(other):
        return "compatible", "block and flat in one"
    if len(one) == len(other) == 1:
        return _one_name(*one, *other)
    return "different", "flats differ"


def _merged(names: frozenset[str]) -> frozenset[str]:
    """A letter and a number as one: "BLOCK C", "FLAT 4" is C4."""
    joined = "".join(sorted(names))
    return frozenset((joined,)) if len(names) == 2 and _LETTERED.fullmatch(joined) else names


def _one_name(one: str, other: str) -> tuple[Flats, str]:
    if misread(one, other) or (one.isdecimal() and other.isdecimal() and misread_digit(one, other)):
        return "near", "one flat's number may be a misreading of the other"
    if _letter_alone(one, other) or _letter_alone(other, one):
        return "near", "a letter on one side, its place in the alphabet on the other"
    low, high = bounds(one)
    other_low, other_high = bounds(other)
    if low >= 0 and (low, high) == (other_low, other_high) and one.isdecimal() != other.isdecimal():
        return "near", "letter behind the flat's number on one side only"
    ranged = "-" in one or "-" in other
    if ranged and low >= 0 and other_low >= 0 and low <= other_high and other_low <= high:
        return "near", "one of several units"
    return "different", "flats differ"


def _letter_alone(letter: str, number: str) -> bool:
    return len(letter) == 1 and letter.isalpha() and number == str(ord(letter) - ord("A") + 1)


def _misread(given: tuple[str, ...], listed: tuple[str, ...]) -> bool:
    """Whether one flat's code may be the other misread: "2FI", "2F1"; not where both are whole."""
    if len(given) != 1 or len(listed) != 1:
        return False
    whole = _code(given[0]) is not None and _code(listed[0]) is not None
    return not whole and misread(given[0], listed[0])


def _may_be_place(unit: str, code: re.Match[str]) -> bool:
    """Whether two numbers are a floor and a place; "2-4" are flats 2 to 4, and "5F" is a flat's number."""
    if not unit[0].isdecimal():
        return unit in CODES or not unit.isalpha()
    if code["side"]:
        return True
    if not code["place"]:
        return False
    if not unit[: len(code["floor"])].isdecimal() or int(code["floor"]) > _HIGHEST:
        return False
    return "-" not in unit or int(code["floor"]) >= int(code["place"])


def _code(unit: str) -> re.Match[str] | None:
    code = _CODE.fullmatch(unit) or _STROKE.fullmatch(unit)
    return None if code is not None and unit[:2] in ("B/", "B-") and code["place"] else code  # block B


def _floors(words: list[str]) -> frozenset[str]:
    """The floors that words for one may mean: "LOWER GROUND LEFT", "FLOOR 2"."""
    words = [word for word in words if word not in SIDES]
    if not words:
        return frozenset()
    if words[0] == "FLOOR":
        return frozenset(words[1:2])
    return _LEVELS.get(" ".join(words)) or _LEVELS.get(words[-1], frozenset(words[-1:]))


def _plain(unit: str) -> str:
    """A number without the zeros that fill it up, without the hyphen in "C-4", "47/48" as "47-48"."""
    if _PAIR.fullmatch(unit):
        return unit.replace("/", "-")
    if _HYPHENED.fullmatch(unit):
        unit = unit.replace("-", "").replace("/", "")
    return unit.lstrip("0") or "0"


def turned(unit: str) -> str:
    """A designator whatever its order: "B2" and "2B" are one."""
    if len(unit) > 1 and unit[0].isalpha() and unit[1:].isdecimal():
        return unit[1:] + unit[0]
    return unit


def _bare(units: tuple[str, ...]) -> str:
    return "".join(char for unit in units for char in unit if char.isalnum())


def _read_table() -> dict[str, dict[str, frozenset[str]]]:
    tables: dict[str, dict[str, frozenset[str]]] = {"level": {}, "floor": {}, "side": {}}
    for kind, form, meant in rows("flats"):
        tables[kind][form] = frozenset(meant.split())
    return tables


_TABLE = _read_table()
_LEVELS, _FLOORS, _SIDES = _TABLE["level"], _TABLE["floor"], _TABLE["side"]
_AXIS = {"LEFT": 0, "MIDDLE": 0, "RIGHT": 0, "FRONT": 1, "REAR": 1}
SIDES = frozenset(_AXIS)
"""The words for a side."""
CODES = frozenset(f"{floor}F{side}" for floor in "LG UG G B F S T".split() for side in "LRFBM") | {
    "GF",
    "LGF",
}
"""The codes for a floor and a side that are all letters: "TFL", "GFF"."""
_WORDS = frozenset(word for level in _LEVELS for word in level.split()) | SIDES
_MOST_ON_A_FLOOR = 6
_HIGHEST = 9
"""The highest floor of a number and a stroke: "3/2"; "47/48" are two units."""
_CODE = re.compile(r"(?P<floor>LG|UG|[GBPFSTA]|\d{1,2})F(?P<side>[LRFBMC])?(?P<place>\d{1,2})?")
_STROKE = re.compile(r"(?P<floor>LG|UG|GR|[GTB]|\d{1,2})[-/](?:(?P<side>[LRFBMC])|(?P<place>\d{1,2}))")
_PAIR = re.compile(r"\d+/\d+")
_LETTERED = re.compile(r"\d{1,4}[A-Z]")
_HYPHENED = re.compile(r"[A-Z][-/]\d{1,4}|\d{1,4}[-/][A-Z]")
