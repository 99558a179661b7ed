"""What keeps two addresses whose fields agree from being one door for sure.

A neighbour's may agree as well:

1. No postcode on either side, where every address has one: a town may have two streets of a name.
2. Another street: another type (Rise, Drive), or another word that is known as it stands.
3. A name that is only spelt alike, where nothing tells the street but its name: no postcode, or one that
   holds many streets. Port and Pont, Granado and Granada are two streets.
4. A terrace or a close with its own numbers, named on one side only: 4 Albert Terrace in Harrowby Drive
   stands beside 4 Harrowby Drive.
5. A unit that is no dwelling: Shop 2, Garage 2 and Block 2 are not Flat 2.
"""

from __future__ import annotations

import re

from matchers.address.abroad_compare import holds_many_streets
from matchers.address.fields import code_of
from matchers.address.model import Address
from matchers.address.names import OTHER_LETTERS, Why, is_another_street, likeness
from matchers.address.vocabulary import fold


def is_in_doubt(given: Address, listed: Address, street_why: Why) -> bool:
    """Whether two addresses that agree may be two doors, by the rules at the head of this file.

    `street_why` is how their streets agree.
    """
    coded = bool(code_of(given) or code_of(listed))
    if not coded and (given.country in _ALL_CODED or listed.country in _ALL_CODED):
        return True
    if given.streets != listed.streets:
        if (
            _are_other_streets(given, listed)
            or _is_terrace_of(given, listed)
            or _is_terrace_of(listed, given)
        ):
            return True
        if street_why in OTHER_LETTERS and (not coded or holds_many_streets(given, listed)):
            return True
    return bool(given.units and listed.units) and _other_kinds(given) != _other_kinds(listed)


def _are_other_streets(given: Address, listed: Address) -> bool:
    """Whether no two of their streets are one, and those that are alike differ in a known word or type."""
    alike = [
        (one, other)
        for one in given.streets
        for other in listed.streets
        if likeness(one, other)[0] in ("same", "similar", "partial")
    ]
    return bool(alike) and all(is_another_street(one, other) for one, other in alike)


def _is_terrace_of(one: Address, other: Address) -> bool:
    """Whether the number of one side is of a terrace in a street, of the other's of that street itself."""
    terrace = one.dependent_street
    if not terrace or not one.numbers or not other.numbers:
        return False
    elsewhere = f" {other.place} {other.building} {other.organisation} "
    if f" {terrace} " in elsewhere or one.street not in other.streets:
        return False
    return all(likeness(terrace, street)[0] not in ("same", "similar") for street in other.streets)


def _other_kinds(address: Address) -> frozenset[tuple[str, str]]:
    """The units that are no dwellings, each by its kind and its number: the SHOP and "2" of "Shop No 2".

    Not the block or building that a flat is in, which is told with the flat.
    """
    found = (
        (_KINDS.get(kind, kind), unit)
        for kind, unit in _NO_DWELLING.findall(fold(address.text))
        if unit in address.units
    )
    alone = len(address.units) == 1
    return frozenset(one for one in found if alone or one[0] not in ("BLOCK", "BUILDING"))


_ALL_CODED = frozenset(("GB", "IE", "US"))
_KINDS = {"BLDG": "BUILDING", "BLK": "BLOCK", "BLOC": "BLOCK", "PLOT": "LOT", "PITCH": "LOT"}
_NO_DWELLING = re.compile(
    r"\b(SHOP|STORE|STALL|KIOSK|GARAGE|WAREHOUSE|WORKSHOP|BLOCK|BLK|BLOC|BUILDING|BLDG|LOT|PLOT|PITCH)"
    r"(?: (?:NO|NUMBER))?[ #]*(\w+)"
)
