"""Whether a given address is a listed one, and how sure that is.

The rules give the level; the score is the probability, fitted on addresses with recording errors, that both
addresses are one door. A score under the thresholds lowers the level, never raises it.
"""

from __future__ import annotations

import math
from functools import lru_cache
from typing import NamedTuple

from msgspec.structs import replace

from matchers.address.doors import Doors, doors
from matchers.address.doubts import is_in_doubt
from matchers.address.fields import (
    building_relation,
    code_of,
    country_relation,
    is_belied,
    place_relation,
    postcode_relation,
    street_relation,
)
from matchers.address.model import UNKNOWN_COUNTRY, Address, Comparison, FieldMatch, Level, Outcome
from matchers.address.names import Likeness, Why
from matchers.address.postcode import Relation
from matchers.address.rules import level_of, number_evidence, settled
from matchers.address.splits import cut_like
from matchers.address.unread import are_marked_apart
from matchers.address.us_names import is_route
from matchers.address.vocabulary import rows

BLOCK = 0.4  # probability under which an equal address is only a probable one
FLAG = 0.0  # probability under which a probable or incomplete one is another place


class Evidence(NamedTuple):
    """What each field says of two addresses, and why in words."""

    door: Doors
    door_why: str
    number: str  # `door`, or which kind of it: a state of the weights
    code: Relation
    street: Likeness
    street_why: Why
    building: Likeness
    building_why: str
    place: Likeness


def compare(given: Address, listed: Address, *, block: float = BLOCK, flag: float = FLAG) -> Comparison:
    """Compare the address on an envelope with a listed one. Symmetric but for the words of the fields, and
    for a flat and its whole block, of which the listed one counts (`number_evidence`).

    `block` and `flag` are probabilities, 0 to 1: thresholds that lower `same` to `probable`, and either
    doubtful level to `different`. Where the numbers rule a door out, no fields are given: `explain` has
    them.
    """
    if (given.rather or listed.rather) and _both_abroad(given, listed):
        return _DIFFERENT
    if given.po_box or listed.po_box:
        boxes = _boxes(given, listed)
        if boxes is not None:
            doubt = boxes.level == "same" and (given.less_likely or listed.less_likely)
            return replace(boxes, level="probable") if doubt else boxes
    given, listed = _cut_alike(given, listed)
    door, door_why = doors(given, listed)
    if door == "different":
        return _DIFFERENT
    code = postcode_relation(given, listed)
    street, street_why = street_relation(given, listed, code)
    if code in ("area", "different") and street not in ("same", "similar"):
        return _DIFFERENT
    building, building_why = building_relation(given, listed)
    place: Likeness = place_relation(given, listed, code) if code != "same" else "same"
    door = settled(given, listed, door, building)
    level = level_of(given, listed, door, code, street, building, place)
    if level == "different":
        return _DIFFERENT
    if level == "same" and _is_doubtful(given, listed, street_why):
        level = "probable"
    number = number_evidence(given, listed, door, building)
    found = Evidence(door, door_why, number, code, street, street_why, building, building_why, place)
    return _answer(given, listed, level, found, block, flag)


def _is_doubtful(given: Address, listed: Address, street_why: Why) -> bool:
    """Whether two addresses that agree are read in a less likely way, in part, or may be two doors."""
    if given.less_likely or listed.less_likely or _is_unread(given, listed):
        return True
    return is_in_doubt(given, listed, street_why)


def _is_unread(given: Address, listed: Address) -> bool:
    """Whether two addresses abroad are told apart by what was read of neither."""
    return not given.country == listed.country == "GB" and are_marked_apart(given, listed)


def _both_abroad(given: Address, listed: Address) -> bool:
    """Whether a British reading is compared though both texts are likelier of one other country.

    It leaves out what it cannot read, so that two doors abroad are one to it.
    """
    if "GB" not in (given.country, listed.country) or not (given.abroad and listed.abroad):
        return False
    return given.abroad == listed.abroad or UNKNOWN_COUNTRY in (given.abroad, listed.abroad)


def explain(given: Address, listed: Address, *, block: float = BLOCK, flag: float = FLAG) -> Comparison:
    """The same answer with every field, for a person who asks why, or why not."""
    comparison = compare(given, listed, block=block, flag=flag)
    if comparison.fields:
        return comparison
    return _answer(given, listed, "different", evidence(given, listed), block, flag)


def _cut_alike(given: Address, listed: Address) -> tuple[Address, Address]:
    """Both with house, street and locality cut at the same words, where one of them ran them together."""
    given = cut_like(given, listed)
    return given, cut_like(listed, given)


def evidence(given: Address, listed: Address) -> Evidence:
    """Every field of two addresses, whatever the first of them says."""
    given, listed = _cut_alike(given, listed)
    door, door_why = doors(given, listed)
    building, building_why = building_relation(given, listed)
    code = postcode_relation(given, listed)
    street, street_why = street_relation(given, listed, code)
    place: Likeness = place_relation(given, listed, code) if code != "same" else "same"
    door = settled(given, listed, door, building)
    return Evidence(
        door,
        door_why,
        number_evidence(given, listed, door, building),
        code,
        street,
        street_why,
        building,
        building_why,
        place,
    )


@lru_cache(1 << 12)
def probability(found: Evidence) -> float:
    """The fitted probability that two addresses with this evidence are one door."""
    total = _weight("bias", "") + _weight("number", found.number) + _weight("postcode", found.code)
    total += (
        _weight("street", found.street) + _weight("building", found.building) + _weight("place", found.place)
    )
    return 1 / (1 + math.exp(-total))


def _boxes(given: Address, listed: Address) -> Comparison | None:
    """The answer for PO boxes; None where only one side has a box, and a street or a name tells the door."""
    routes = is_route(given.street), is_route(listed.street)
    if given.po_box != listed.po_box:
        if given.po_box and listed.po_box and all(routes):
            return _DIFFERENT
        both = given.po_box and listed.po_box
        named = not both and building_relation(given, listed)[0] in ("same", "similar")
        return None if named or (given.streets and listed.streets) else _DIFFERENT
    if all(routes) and given.street[3:] != listed.street[3:]:
        return _DIFFERENT
    code = postcode_relation(given, listed)
    field = FieldMatch("PO box", given.po_box, listed.po_box, "same", "", 0.0)
    if code == "same" and (given.street == listed.street or not any(routes)):
        return Comparison("same", 1.0, (field,))
    near = code in ("same", "near", "read", "sector") or (
        code == "missing" and place_relation(given, listed) == "same"
    )
    return Comparison("probable", 0.5, (field,), (f"postcode: {_CODE_WHY[code]}",)) if near else _DIFFERENT


def _answer(
    given: Address, listed: Address, level: Level, found: Evidence, block: float, flag: float
) -> Comparison:
    score = 0.0 if found.door == "different" else probability(found)
    if level == "same" and score < block:
        level = "probable"
    if level in ("probable", "incomplete") and score < flag:
        level = "different"
    numbers = ", ".join(given.units + given.numbers), ", ".join(listed.units + listed.numbers)
    streets = " / ".join(given.streets), " / ".join(listed.streets)
    place_why = "" if found.place == "same" else found.place
    fields: tuple[FieldMatch, ...] = (
        FieldMatch("number", *numbers, _DOOR[found.door], found.door_why, _weight("number", found.number)),
        FieldMatch(
            "street", *streets, _NAME[found.street], found.street_why, _weight("street", found.street)
        ),
        FieldMatch(
            "building",
            given.building,
            listed.building,
            _NAME[found.building],
            found.building_why,
            _weight("building", found.building),
        ),
        FieldMatch(
            "postcode",
            code_of(given),
            code_of(listed),
            _CODE[found.code],
            _code_why(given, listed, found.code),
            _weight("postcode", found.code),
        ),
        FieldMatch(
            "place", given.place, listed.place, _NAME[found.place], place_why, _weight("place", found.place)
        ),
    )
    if country_relation(given, listed) == "different":
        country = FieldMatch("country", given.country, listed.country, "different", "countries differ", 0.0)
        fields = (*fields, country)
    steps = tuple(f"{one.name}: {one.qualifier}" for one in fields if one.outcome != "same" and one.qualifier)
    return Comparison(level, score, fields, steps)


def _code_why(given: Address, listed: Address, code: Relation) -> str:
    if code == "missing" and country_relation(given, listed) == "different":
        return "of two countries"
    if code == "missing" and code_of(given) and code_of(listed) and (is_belied(given) or is_belied(listed)):
        return "not one of the town's"
    return _CODE_WHY[code]


def _weight(field: str, state: str) -> float:
    return _WEIGHTS.get((field, state), 0.0)


_WEIGHTS: dict[tuple[str, str], float] = {(row[0], row[1]): float(row[2]) for row in rows("weights")}
_DIFFERENT = Comparison("different", 0.0)
_NAME: dict[Likeness, Outcome] = {
    "same": "same",
    "similar": "compatible",
    "partial": "compatible",
    "missing": "missing",
    "different": "different",
}
_DOOR: dict[Doors, Outcome] = {
    "same": "same",
    "compatible": "compatible",
    "inner": "missing",
    "crossed": "compatible",
    "loose": "compatible",
    "near": "compatible",
    "missing": "missing",
    "none": "missing",
    "different": "different",
}
_CODE: dict[Relation, Outcome] = {
    "same": "same",
    "near": "compatible",
    "read": "compatible",
    "close": "compatible",
    "sector": "different",
    "district": "different",
    "area": "different",
    "different": "different",
    "missing": "missing",
}
_CODE_WHY: dict[Relation, str] = {
    "same": "equal",
    "near": "one character apart",
    "read": "unclear, one of its readings",
    "close": "two characters apart",
    "sector": "another postcode of the sector",
    "district": "another postcode of the district",
    "area": "another district",
    "different": "another area",
    "missing": "on one side only",
}
