"""Whether a given address is a listed one, field by field, the number rule first.

1. Numbers that differ end it: another door. A number missing on one side never does better than
   `incomplete`.
2. Postcode equal: the street, or the building where there is no number, must agree for `same`.
3. Postcode one character away, missing on one side, or another one: number, street and place must agree,
   and the answer is at most `probable`.
4. No number on either side: the building's name stands for it; two names that differ are two doors.
"""

from __future__ import annotations

from rapidfuzz.distance import OSA

from matchers.address import postcode as postcodes
from matchers.address.model import Address, Comparison, FieldMatch, Level, Outcome
from matchers.address.names import Likeness, likeness, stem
from matchers.address.numbers import Doors, doors
from matchers.address.postcode import Relation
from matchers.address.words import COMMON_STREETS, TOWNS, fold

_DIFFERENT = Comparison("different", 0.0)
_SCORES: dict[Level, float] = {"same": 0.99, "probable": 0.7, "incomplete": 0.4, "different": 0.01}


def compare(given: Address, listed: Address) -> Comparison:
    """Compare the address on an envelope with a listed one. Symmetric but for the words of the fields."""
    if given.country != listed.country and given.country and listed.country:
        return _answer(
            "different", (_field("country", given.country, listed.country, "different", "countries differ"),)
        )
    if given.po_box or listed.po_box:
        return _boxes(given, listed)
    door, door_why = doors(given, listed)
    if door == "different":
        return _answer("different", (_numbers(given, listed, "different", door_why),))
    code = _postcodes(given, listed)
    street, street_why = _streets(given, listed)
    if code in ("area", "different") and street not in ("same", "similar"):
        return _DIFFERENT
    building, building_why = _buildings(given, listed)
    place = _places(given, listed) if code != "same" else "same"
    level = _level(given, listed, door, code, street, building, place)
    return _answer(
        level,
        (
            _numbers(given, listed, _DOOR_OUTCOME[door], door_why),
            _field(
                "street", " / ".join(given.streets), " / ".join(listed.streets), _OUTCOME[street], street_why
            ),
            _field("building", given.building, listed.building, _OUTCOME[building], building_why),
            _field("postcode", _code(given), _code(listed), _CODE_OUTCOME[code], _CODE_WHY[code]),
            _field("place", given.place, listed.place, _OUTCOME[place], "" if place == "same" else place),
        ),
    )


def _level(
    given: Address,
    listed: Address,
    door: Doors,
    code: Relation,
    street: Likeness,
    building: Likeness,
    place: Likeness,
) -> Level:
    """The answer by the rules at the head of this file."""
    named = building in ("same", "similar")
    door = _settled(given, listed, door, building)
    if door == "different":
        return "different"
    if code == "same":
        return _in_postcode(given, listed, door, street, building)
    there = _place_agrees(given, listed, code, street, place)
    if not there:
        return "different"
    agree = street in ("same", "similar")
    if door in ("same", "compatible"):
        if agree or (street == "missing" and named):
            return there
        return (
            "probable"
            if code == "near" and (named or place in ("same", "similar", "partial")) and street == "partial"
            else "different"
        )
    if door == "near":
        return "probable" if agree and there != "incomplete" else "different"
    if door in ("inner", "missing"):
        return "incomplete" if agree and (named or code == "missing") else "different"
    if named and (agree or street == "missing"):
        return there
    if not (given.building or listed.building or given.organisation or listed.organisation) and agree:
        return "incomplete" if code == "missing" and there != "incomplete" else "different"
    return "different"


def _settled(given: Address, listed: Address, door: Doors, building: Likeness) -> Doors:
    """What a door that hangs on the building's name comes to."""
    if door == "inner":
        if building in ("same", "similar"):
            return "compatible"
        return "different" if building == "different" else "inner"
    if door == "crossed":
        if building in ("same", "similar"):
            return "compatible"
        flat = given if given.units else listed
        if building == "different" or flat.building:
            return "different"
        return "inner" if flat.sub_building else "same"
    if door == "loose":
        return "near" if building in ("same", "similar") else "different"
    if door == "missing" and building == "different":
        whole = given if not (given.numbers or given.units) else listed
        return "different" if not (whole.numbers or whole.units) else "missing"
    return door


def _in_postcode(given: Address, listed: Address, door: Doors, street: Likeness, building: Likeness) -> Level:
    """Postcodes equal: the street, or else the building, must agree as well."""
    named = building in ("same", "similar")
    if door in ("same", "compatible"):
        if street in ("same", "similar") or (named and street == "missing"):
            return "same"
        return "probable"
    if door == "near":
        return "probable" if street != "different" or named else "different"
    if door in ("inner", "missing"):
        return "incomplete" if street != "different" or named else "different"
    if named:
        return "same" if street in ("same", "similar", "missing") else "probable"
    if building == "partial":
        return "probable" if street != "different" else "different"
    if building == "different":
        return "different"
    if street in ("same", "similar") and not (given.building or listed.building):
        both = given.organisation and listed.organisation
        return "incomplete" if both or not given.streets else "same"
    return "incomplete" if street != "different" else "different"


def _place_agrees(
    given: Address, listed: Address, code: Relation, street: Likeness, place: Likeness
) -> Level | None:
    """The best level that postcodes which are not equal allow, by the place names;

    None where they rule it out.
    """
    if code == "near":
        return "probable"
    if code == "missing":
        if place in ("same", "similar"):
            neither = not (_code(given) or _code(listed))
            return "same" if neither else "probable"
        if place == "partial":
            return "probable"
        if place == "missing":
            return "incomplete"
        common = any(name in COMMON_STREETS for name in (*given.streets, *listed.streets))
        return None if common or (given.town in TOWNS and listed.town in TOWNS) else "probable"
    if code in ("sector", "district"):
        return "probable" if place in ("same", "similar", "partial") else None
    if code == "close" or _one_half_equal(given.postcode, listed.postcode):
        common = any(name in COMMON_STREETS for name in given.streets)
        return "probable" if place in ("same", "similar") and not common else None
    if given.country == "US":
        return "probable" if place in ("same", "similar") else None
    return None


def _boxes(given: Address, listed: Address) -> Comparison:
    outcome: Outcome = "same" if given.po_box == listed.po_box else "different"
    if not given.po_box or not listed.po_box:
        outcome = "missing"
    field = _field("PO box", given.po_box, listed.po_box, outcome, "")
    if outcome != "same":
        return _answer("different", (field,))
    code = _postcodes(given, listed)
    if code == "same" or (code == "missing" and _places(given, listed) == "same"):
        return _answer("same" if code == "same" else "probable", (field,))
    return _answer("probable" if code in ("near", "sector") else "different", (field,))


def _postcodes(given: Address, listed: Address) -> Relation:
    if given.postcode and listed.postcode:
        if given.country == "US":
            return (
                "same"
                if given.postcode == listed.postcode
                else "area"
                if given.postcode[:3] == listed.postcode[:3]
                else "different"
            )
        return postcodes.relation(given.postcode, listed.postcode)
    for one, other in ((given, listed), (listed, given)):
        if one.postcode_fragment and other.postcode:
            compact = other.postcode.replace(" ", "")
            if (
                other.postcode in one.postcode_readings
                or OSA.distance(one.postcode_fragment, compact, score_cutoff=2) <= 2
            ):
                return "near"
            if OSA.distance(one.postcode_fragment, compact, score_cutoff=3) <= 3:
                return "close"
            return "different" if one.postcode_readings else "missing"
        if one.district and other.postcode:
            return "missing" if other.postcode.startswith(one.district + " ") else "area"
    return "missing"


def _streets(given: Address, listed: Address) -> tuple[Likeness, str]:
    best: tuple[Likeness, str] = ("missing", "on one side only")
    ones, others = given.streets, listed.streets
    for one in ones:
        for other in others:
            if one == other:
                return "same", "equal"
    rank = 9
    for one in ones:
        for other in others:
            found = likeness(one, other)
            if found[0] == "partial" and (one.endswith(f" {other}") or other.endswith(f" {one}")):
                found = ("similar", "other words in front")
            if _RANK[found[0]] < rank:
                rank, best = _RANK[found[0]], found
    if best[0] in ("missing", "different"):
        for this, that in ((given, listed), (listed, given)):
            for street in this.streets:
                if that.building and likeness(street, that.building)[0] in ("same", "similar"):
                    return "same", "written as the building on one side"
                if f" {street} " in f" {that.place} ":
                    return "similar", "written with the place on one side"
                if f" {stem(street)} " in f" {that.place} {that.building} {' '.join(that.streets)} ":
                    best = "partial", "part of the name elsewhere on one side"
    return best


def _buildings(given: Address, listed: Address) -> tuple[Likeness, str]:
    found = likeness(given.building, listed.building)
    if found[0] in ("same", "similar"):
        return found
    for one, other in ((given, listed), (listed, given)):
        if not one.building:
            continue
        for words in (*other.streets, other.organisation, *map(fold, other.names)):
            if words and (words == one.building or words.startswith(f"{one.building} ")):
                return "same", "written elsewhere on one side"
    if given.organisation and listed.organisation and found[0] == "missing":
        again = likeness(given.organisation, listed.organisation)
        if again[0] in ("same", "similar"):
            return again[0], f"organisation: {again[1]}"
    return found


def _places(given: Address, listed: Address) -> Likeness:
    one, other = given.place, listed.place
    if not one or not other:
        return "missing"
    if given.town == listed.town:
        return "same"
    if set(one.split()) & set(other.split()):
        return "partial"
    for part in (given.town, given.locality):
        for against in (listed.town, listed.locality):
            if part and against and likeness(part, against)[0] in ("same", "similar"):
                return "similar"
    return "different"


def _code(address: Address) -> str:
    return address.postcode or address.postcode_fragment or address.district


def _one_half_equal(one: str, other: str) -> bool:
    out_one, _, in_one = one.partition(" ")
    out_other, _, in_other = other.partition(" ")
    return out_one == out_other or (in_one == in_other and bool(in_one))


_RANK: dict[Likeness, int] = {"same": 0, "similar": 1, "partial": 2, "missing": 3, "different": 4}
_OUTCOME: dict[Likeness, Outcome] = {
    "same": "same",
    "similar": "compatible",
    "partial": "compatible",
    "missing": "missing",
    "different": "different",
}
_DOOR_OUTCOME: dict[Doors, Outcome] = {
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
_CODE_OUTCOME: dict[Relation, Outcome] = {
    "same": "same",
    "near": "compatible",
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
    "close": "two characters apart",
    "sector": "another postcode of the sector",
    "district": "another postcode of the district",
    "area": "another district",
    "different": "another area",
    "missing": "on one side only",
}


def _numbers(given: Address, listed: Address, outcome: Outcome, why: str) -> FieldMatch:
    return _field(
        "number",
        ", ".join(given.units + given.numbers),
        ", ".join(listed.units + listed.numbers),
        outcome,
        why,
    )


def _field(name: str, given: str, listed: str, outcome: Outcome, why: str) -> FieldMatch:
    return FieldMatch(name, given, listed, outcome, why, 0.0)


def _answer(level: Level, fields: tuple[FieldMatch, ...]) -> Comparison:
    steps = tuple(
        f"{field.name}: {field.qualifier}" for field in fields if field.outcome != "same" and field.qualifier
    )
    return Comparison(level, _SCORES[level], fields, steps)
