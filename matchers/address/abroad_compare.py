"""What comparing addresses abroad needs: postcodes that hold many streets, and names in other languages."""

from __future__ import annotations

import re

from matchers.address.abroad import CITIES
from matchers.address.model import Address
from matchers.address.names import Likeness, Why, likeness
from matchers.address.postcode import Relation, one_apart

_TOWNS = frozenset(name for name, _ in CITIES.values())
_FEW_DOORS = frozenset(("GB", "IE", "NL"))  # an Eircode is one door, a Dutch postcode about twenty
_EIRCODE = re.compile(r"[A-Z]\d[0-9W] [0-9A-Z]{4}")


def holds_many_streets(given: Address, listed: Address) -> bool:
    """Whether an equal postcode of both tells no street: a ZIP code, or a whole town's abroad."""
    code = given.postcode
    if given.country in _FEW_DOORS and listed.country in _FEW_DOORS:
        return False
    return bool(code) and not (code[-1:].isalpha() or _EIRCODE.fullmatch(code))


def is_one_door(given: Address, listed: Address) -> bool:
    """Whether both bear one Eircode, which a single door has."""
    return bool(_EIRCODE.fullmatch(given.postcode)) and given.postcode == listed.postcode


def are_other_towns(given: Address, listed: Address, place: Likeness) -> bool:
    """Whether both are in known towns abroad whose places differ, or in two states of America."""
    if given.country == listed.country == "US":
        return bool(given.county and listed.county) and given.county != listed.county
    if place != "different" or "GB" in (given.country, listed.country):
        return False
    return given.town in _TOWNS and listed.town in _TOWNS


def postcode_relation(given: Address, listed: Address) -> Relation:
    """How two postcodes stand to one another of which one at least is of another country."""
    one, other = given.postcode, listed.postcode
    if not one or not other:
        district = given.district or listed.district
        if (one or other) and district:
            return "missing" if (one or other).startswith(district) else "area"
        return "missing"
    if one == other:
        return "same"
    one, other = one.replace(" ", "").replace("-", ""), other.replace(" ", "").replace("-", "")
    if one == other:
        return "same"
    if len(one) != len(other) or one.isdecimal() != other.isdecimal():
        return "different" if given.country == listed.country else "missing"
    if one[:2] != other[:2]:
        return "different"
    return "near" if one_apart(one, other) else "area"


def street_likeness(one: str, other: str) -> tuple[Likeness, Why]:
    """How alike two street names abroad are: numbered streets are told by their numbers, first names may be

    initials, and a quarter may stand behind a number on one side only.
    """
    if one == other:
        return likeness(one, other)
    numbers = _numbered(one), _numbered(other)
    if numbers[0] != numbers[1]:
        if numbers[0] and numbers[1] and not (numbers[0] < numbers[1] or numbers[1] < numbers[0]):
            return "different", Why.OTHER_NUMBER
        if likeness(*(" ".join(w for w in name.split() if not _DIGIT.search(w)) for name in (one, other)))[
            0
        ] in (
            "same",
            "similar",
        ):
            return "partial", Why.NUMBER_ONCE
        return "different", Why.OTHER_NUMBER
    if numbers[0] and _NUMBERED_ONLY.match(one) and _NUMBERED_ONLY.match(other):
        quarter = _NUMBERED_ONLY.sub("", one).strip(), _NUMBERED_ONLY.sub("", other).strip()
        if not all(quarter):
            return "similar", Why.QUARTER_ONCE
        found = likeness(*quarter)
        return found if found[0] != "different" else ("different", Why.OTHER_QUARTER)
    found = likeness(one, other)
    if found[0] in ("partial", "different") and _initialled(one, other):
        return "similar", Why.INITIAL
    return found


def _numbered(name: str) -> frozenset[str]:
    return frozenset(word for word in name.split() if _DIGIT.search(word))


def _initialled(one: str, other: str) -> bool:
    """Whether each word of one name is the other's or its initial: "V HUGO STREET", "VICTOR HUGO STREET"."""
    words, others = one.split(), other.split()
    if len(words) != len(others):
        return False
    pairs = list(zip(words, others, strict=True))
    cut = [pair for pair in pairs if pair[0] != pair[1]]
    return 0 < len(cut) < len(pairs) - (len(pairs) > 2) and all(
        min(len(a), len(b)) == 1 and a[0] == b[0] for a, b in cut
    )


_DIGIT = re.compile(r"\d")
_NUMBERED_ONLY = re.compile(
    r"(?:(?:STREET|ROAD|LANE|CROSS|MAIN|SECTOR|PHASE|WARD|ZONE|STAGE|DISTRICT) [A-Z]?\d[\w/]*\s*)+"
)
