"""The rules that make an answer of the fields, the number rule first.

1. Numbers that differ end it: another door. A number missing on one side never does better than
   `incomplete`.
2. Postcode equal: the street, or the building where there is no number, must agree for `same`.
3. Postcode one character away, missing on one side, or another one: number, street and place must agree,
   and the answer is at most `probable`. One that the town does not have tells as little as none; where the
   town has it, a street of a name that is everywhere is another street, unless the village is the same.
4. Two countries are two doors, unless number, street and place agree: then one of the countries is wrong, or
   was read where none is. A postcode that holds many streets blocks no other street of it.
5. No number on either side: the building's name stands for it; two names that differ are two doors, and
   names that are only alike are at most `probable`.
"""

from __future__ import annotations

from matchers.address.abroad_compare import are_other_towns, holds_many_streets, is_one_door
from matchers.address.doors import Doors
from matchers.address.fields import (
    are_other_streets,
    code_of,
    country_relation,
    is_american,
    is_belied,
    is_street,
    post_towns,
    postcode_damaged,
)
from matchers.address.model import Address, Level
from matchers.address.names import Likeness, likeness
from matchers.address.postcode import Relation
from matchers.address.repair import UNKNOWN
from matchers.address.vocabulary import BUILDING, COMMON_STREETS, FLAGS, LEVELS, ORGANISATION, ROLES, TOWNS


def level_of(
    given: Address,
    listed: Address,
    door: Doors,
    code: Relation,
    street: Likeness,
    building: Likeness,
    place: Likeness,
) -> Level:
    """The answer by the rules at the head of this file."""
    if country_relation(given, listed) == "different":
        return _abroad(given, listed, door, street, building, place)
    level = _level(given, listed, door, code, street, building, place)
    alone = given.building and listed.building and not (given.numbers and listed.numbers)
    return "probable" if level == "same" and alone and building in ("similar", "partial") else level


def _level(
    given: Address,
    listed: Address,
    door: Doors,
    code: Relation,
    street: Likeness,
    building: Likeness,
    place: Likeness,
) -> Level:
    """The answer, before a name that stands for a number is asked whether it is equal."""
    if door == "different":
        return "different"
    if is_one_door(given, listed):
        return "same" if door in ("same", "compatible", "none") and street != "different" else "probable"
    if code in ("same", "read"):
        level = _in_postcode(given, listed, door, street, building)
        # "read" is no postcode as it stands, but the listed one if a character or two were misread
        return "probable" if code == "read" and level == "same" else level
    named = building in ("same", "similar") or (building == "partial" and code == "near")
    there = _place_agrees(given, listed, code, place, street, named=named)
    if there is None:
        return "different"
    if door in ("same", "compatible"):
        american, flat = is_american(given, listed), bool(given.units and listed.units)
        return _door_agrees(door, code, street, there, named=named, flat=flat, american=american)
    if door == "near":
        return _door_misread(given, listed, code, street, there, named=named)
    if door in ("inner", "missing"):
        if named and street == code == "missing" and place in ("same", "similar"):
            return "incomplete"  # the house by its name and town alone
        return _door_untold(given, listed, door, code, street, named=named)
    return _without_number(given, listed, code, street, building, there)


def _abroad(
    given: Address, listed: Address, door: Doors, street: Likeness, building: Likeness, place: Likeness
) -> Level:
    """The level where two countries are named: a doubt while number, street and place agree."""
    numbered = door in ("same", "compatible") or (door == "none" and building in ("same", "similar"))
    if not numbered or street not in ("same", "similar"):
        return "different"
    if place == "missing":
        return "different" if _is_everywhere(given) or _is_everywhere(listed) else "incomplete"
    return "probable" if place in ("same", "similar") else "different"


def _door_agrees(
    door: Doors, code: Relation, street: Likeness, there: Level, *, named: bool, flat: bool, american: bool
) -> Level:
    """The level in another postcode or none, where the numbers are one door's."""
    # a flat of a block by name alone: the next district has a block of that name
    alone = named and (door == "same" or code in ("near", "missing"))
    alone = alone or (flat and door == "same" and code == "near")
    if street in ("same", "similar") or (street == "missing" and alone):
        doubt = american and street == "similar"  # a direction or a type on one side only
        return "probable" if doubt and there == "same" else there
    return "probable" if code == "near" and street == "partial" else "different"


def _door_misread(
    given: Address, listed: Address, code: Relation, street: Likeness, there: Level, *, named: bool
) -> Level:
    """The level where the number may be misread, and the postcode is in doubt too:

    only where that one is missing or damaged, not another one, or the house's name agrees.
    """
    doubtful = code == "missing" or postcode_damaged(given, listed)
    if named and street == "missing" and code == "near":
        return "probable"
    agree = street in ("same", "similar")
    return "probable" if agree and doubtful and there != "incomplete" else "different"


def _door_untold(
    given: Address, listed: Address, door: Doors, code: Relation, street: Likeness, *, named: bool
) -> Level:
    """The level where the number of the house or of the flat stands on one side only."""
    if named and street == "missing" and code == "near":
        return "incomplete"
    if street not in ("same", "similar"):
        return "different"
    if door == "missing" and given.numbers and listed.numbers:  # a flat on one side only
        return "incomplete"
    damaged = code == "near" and postcode_damaged(given, listed)
    return "incomplete" if named or code == "missing" or damaged else "different"


def _without_number(
    given: Address, listed: Address, code: Relation, street: Likeness, building: Likeness, there: Level
) -> Level:
    """The level where neither side has a number: the building's name stands for it."""
    agree = street in ("same", "similar")
    if code == "near" and (_is_house_as_street(given, listed) or _is_house_as_street(listed, given)):
        return "probable"
    if building in ("same", "similar"):
        if code == "near" and street == "partial":
            return "probable"
        if agree or (street == "missing" and code in ("near", "missing")):
            return there if agree or code == "near" else "incomplete"
    if agree and building == "partial" and code == "missing":
        return "incomplete"
    if agree and not (given.building or listed.building or given.organisation or listed.organisation):
        if code == "near" and FLAGS.get(given.street.rpartition(" ")[2], 0) & BUILDING:
            return there  # the name of a house: "Ashdown Court"
        long = given.street.count(" ") > 1  # a house name before the street's, unseparated
        return "incomplete" if there != "incomplete" and (long or code == "missing") else "different"
    return "different"


def _is_house_as_street(one: Address, other: Address) -> bool:
    """Whether the one address on the other side is a house's name, which was taken for its street."""
    return bool(one.street) and not other.building and is_street(one.building, other)


def settled(given: Address, listed: Address, door: Doors, building: Likeness) -> Doors:
    """What a door that hangs on the building's name comes to."""
    if door == "inner":
        bare = not (given.numbers or listed.numbers or given.building or listed.building)
        if building in ("same", "similar", "partial") or bare:
            return "compatible"
        return "different" if building == "different" else "inner"
    if door == "crossed":
        flat, house = (given, listed) if given.units and not listed.units else (listed, given)
        if building in ("same", "similar"):
            return "compatible"
        if is_street(flat.building, house):
            return "inner" if flat.sub_building else "compatible"
        if flat.building and not (flat.numbers or flat.sub_building or house.building):
            return "inner"  # "3 Mill Park, Dye Street" and "3 Dye Street": the building on one side only
        if building == "different" or flat.building or flat.numbers:
            return "different"
        return "inner" if flat.sub_building else "compatible"
    if door == "loose":
        return "near" if building in ("same", "similar") else "different"
    if door == "missing" and building == "different":
        bare = not (given.numbers or given.units) or not (listed.numbers or listed.units)
        return "different" if bare else "missing"
    if door == "missing" and building == "missing" and (given.building or listed.building):
        named, plain = (given, listed) if given.building else (listed, given)
        if (
            plain.units and plain.numbers and not named.numbers
        ):  # a flat of a numbered house, and a house by name
            return "different"
    return door


def number_evidence(given: Address, listed: Address, door: Doors, building: Likeness) -> str:
    """What the numbers argue for, in more words than the rules need: why one is missing or only near.

    `flat`: a house, and a flat in it; `block`: the same of a block of flats that both name; `numbered block`:
    a listed flat, and its whole block, whose house number both give as well. A letter to it may be for her;
    of the letters to the flats of a block that is listed whole, most are for others. `named`: a house by its
    name, and a door by its number; `by name`: the same where both bear the name. `letter`: a letter
    behind the number on one side only. Else as `door` has it.
    """
    if door == "near" and given.numbers and listed.numbers and not (given.units or listed.units):
        one, other = given.numbers[0], listed.numbers[0]
        longer, shorter = (one, other) if len(one) > len(other) else (other, one)
        return "letter" if longer[:-1] == shorter and shorter.isdecimal() else door
    if door != "missing" or UNKNOWN in given.units or UNKNOWN in listed.units:
        return door
    bare, numbered = (listed, given) if given.numbers or given.units else (given, listed)
    agree = building in ("same", "similar")
    if (given.numbers and listed.numbers) or (given.units and listed.units):
        if not agree or not _is_flat_of_block(given, listed):
            return "flat"
        is_whole_block = given.numbers and listed.numbers and listed.units
        return "numbered block" if is_whole_block else "block"
    if agree:
        return "by name" if not numbered.units else "block" if _is_flat_of_block(given, listed) else "flat"
    home = bare.building and building != "partial" and not _is_business(given, listed)
    return "named" if home and not is_street(bare.building, numbered) else door


def _is_flat_of_block(given: Address, listed: Address) -> bool:
    """Whether one side is a numbered flat of a block of flats, and the other the block.

    No flat is one told by its floor alone, which is said or left out of one and the same door, nor a number
    before a name, nor a unit of a shopping centre or a surgery, whose mail is brought to its name; nor a
    room, or any part of a hostel or a refuge, whose mail is brought to the house, or of a cottage; nor
    the mooring of a boat, which is known by its name.
    """
    flat = given if given.units else listed
    if (given.units and listed.units) or _is_floor(flat.units) or _is_business(given, listed):
        return False
    if any(word in _ONE_DOOR for word in f"{given.building} {listed.building}".split()):
        return False
    return bool(flat.sub_building) and not flat.sub_building.startswith(_NO_FLATS)


def _is_business(given: Address, listed: Address) -> bool:
    """Whether either is a business's, which registers call by its own name, its building's or its number."""
    words = f"{given.building} {listed.building}".split()
    named = given.organisation or listed.organisation
    return bool(named) or any(FLAGS.get(word, 0) & ORGANISATION for word in words)


def _is_floor(units: tuple[str, ...]) -> bool:
    """Whether a flat is told by its floor alone, which is said or left out of one and the same door."""
    return all(unit.split()[0] in _FLOORS for unit in units)


def _in_postcode(given: Address, listed: Address, door: Doors, street: Likeness, building: Likeness) -> Level:
    """Postcodes equal: the street, or else the building, must agree as well."""
    named = building in ("same", "similar")
    many = holds_many_streets(given, listed)
    if street == "different" and many and not named:
        return "different"
    if door in ("same", "compatible"):
        if building == "different" or (street == "similar" and are_other_streets(given, listed)):
            return "probable"  # the Stables at the number of the Annexe; Park Road South for North
        if street in ("same", "similar") or (named and street == "missing" and not many):
            return "same"
        return "probable"
    if door == "near":
        return "probable" if street != "different" or named else "different"
    if door in ("inner", "missing"):
        return "incomplete" if street != "different" or named else "different"
    return _in_postcode_without_number(given, listed, street, building)


def _in_postcode_without_number(
    given: Address, listed: Address, street: Likeness, building: Likeness
) -> Level:
    """Postcodes equal and no number on either side: the building's name, or the street where none is."""
    if building in ("same", "similar"):
        alone = street == "missing" and not holds_many_streets(given, listed)
        return "same" if street in ("same", "similar") or alone else "probable"
    if building == "partial":
        return "probable" if street != "different" else "different"
    if building == "different":  # an organisation may be called by its own name or by its building's
        return (
            "incomplete"
            if (given.organisation or listed.organisation) and street != "different"
            else "different"
        )
    if not (given.building or listed.building) and street == "different":
        return "incomplete"  # nothing on either side tells the premises, and the postcode is equal
    if street in ("same", "similar") and not (given.building or listed.building):
        both = given.organisation and listed.organisation
        return "incomplete" if both or not given.streets else "same"
    if street == "different":
        first, other = given.street.partition(" ")[0], listed.street.partition(" ")[0]
        long = given.street.count(" ") > 1 and listed.street.count(" ") > 1
        return "incomplete" if first == other and long and first not in ("THE", "OLD", "NEW") else "different"
    return "incomplete"


def _place_agrees(
    given: Address, listed: Address, code: Relation, place: Likeness, street: Likeness, *, named: bool
) -> Level | None:
    """The best level that postcodes which are not equal allow, by the place names;

    None where they rule it out.
    """
    if code == "near":
        return "probable"
    if are_other_towns(given, listed, place):
        return None
    if code == "missing":
        if place in ("same", "similar"):
            neither = not (code_of(given) or code_of(listed))
            return "same" if neither else "probable"
        if place == "partial":
            return "probable"
        if place == "missing":
            elsewhere = given.place and listed.place and (_is_everywhere(given) or _is_everywhere(listed))
            return None if elsewhere else "incomplete"
        if is_american(
            given, listed
        ):  # a long number on a street of the name, in another city of the district
            long = bool(given.numbers) and len(given.numbers[0]) > 3
            return (
                "probable"
                if long and not (given.county and listed.county and given.county != listed.county)
                else None
            )
        common = _is_everywhere(given) or _is_everywhere(listed)
        return None if common or (post_towns(given) and post_towns(listed)) else "probable"
    if code in ("sector", "district"):
        common = _is_everywhere(given) or _is_everywhere(listed)
        if common and likeness(given.locality, listed.locality)[0] == "different":
            return None
        return "probable" if place in ("same", "similar", "partial") else None
    if is_american(given, listed):
        return "probable" if place in ("same", "similar") else None
    village = _same_locality(given, listed)
    if code == "different" and _is_confirmed(given) and _is_confirmed(listed):
        return None  # each postcode is one of its own town's: two places of a name
    if not (village or place in ("same", "similar")):
        return None
    alone = named or village or not _is_everywhere(given)
    close = code == "close" or _one_half_equal(given.postcode, listed.postcode)
    return "probable" if alone and (close or named or street == "same") else None


def _is_confirmed(address: Address) -> bool:
    """Whether an address names a post town that its postcode has."""
    return address.town in TOWNS and not is_belied(address)


def _is_everywhere(address: Address) -> bool:
    """Whether very many places have a street of its street's name."""
    return any(name in COMMON_STREETS for name in address.streets)


def _same_locality(given: Address, listed: Address) -> bool:
    """Whether both name the same village or quarter, which has one street of a name."""
    named = {given.locality, given.town} & {listed.locality, listed.town}
    return any(name and name not in TOWNS for name in named)


def _one_half_equal(one: str, other: str) -> bool:
    out_one, _, in_one = one.partition(" ")
    out_other, _, in_other = other.partition(" ")
    return out_one == out_other or (in_one == in_other and bool(in_one))


_FLOORS = frozenset(LEVELS.values())
_NO_FLATS = ("UNIT", "SUITE", "ROOM", "BLOCK", "BERTH")
_ONE_DOOR = ROLES["shared house"] | ROLES["single house"]
