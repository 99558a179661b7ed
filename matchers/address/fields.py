"""The fields of two addresses side by side: postcodes, streets, buildings, places."""

from __future__ import annotations

from functools import lru_cache

from rapidfuzz.distance import OSA

from matchers.address import abroad_compare
from matchers.address import postcode as postcodes
from matchers.address.model import Address, Outcome
from matchers.address.names import (
    Likeness,
    Why,
    begins_or_ends,
    house_likeness,
    is_another_street,
    is_misread,
    likeness,
    stem,
    without_use,
)
from matchers.address.postcode import Relation
from matchers.address.us_names import own_town, street_likeness
from matchers.address.vocabulary import AREA_TOWNS, STREET_TYPES, TOWNS, fold


def country_relation(given: Address, listed: Address) -> Outcome:
    """Whether both are in one country; one that is not known tells nothing."""
    if not given.country or not listed.country:
        return "missing"
    return "same" if given.country == listed.country else "different"


def is_american(given: Address, listed: Address) -> bool:
    """Whether the two are compared as American addresses: one is, and the other's country is no other."""
    return "US" in (given.country, listed.country)


def postcode_relation(given: Address, listed: Address) -> Relation:
    """How the postcodes stand to one another, damaged and partial ones included.

    Those of two countries tell nothing of one another.
    """
    if country_relation(given, listed) == "different":
        return "same" if given.postcode and given.postcode == listed.postcode else "missing"
    if not given.country == listed.country in ("GB", "US"):
        return abroad_compare.postcode_relation(given, listed)
    if given.postcode and listed.postcode:
        if is_american(given, listed):
            return (
                "same"
                if given.postcode == listed.postcode
                else "area"
                if given.postcode[:3] == listed.postcode[:3]
                else "different"
            )
        found = postcodes.relation(given.postcode, listed.postcode)
        if found in ("close", "area", "different") and (is_belied(given) or is_belied(listed)):
            return "missing"
        return found
    for one, other in ((given, listed), (listed, given)):
        if one.postcode_fragment and other.postcode:
            compact = other.postcode.replace(" ", "")
            if other.postcode in one.postcode_readings:
                return "read"
            if OSA.distance(one.postcode_fragment, compact, score_cutoff=2) <= 2:
                return "near"
            if OSA.distance(one.postcode_fragment, compact, score_cutoff=3) <= 3:
                return "close"
            return "different" if one.postcode_readings and not is_belied(one) else "missing"
        if one.district and other.postcode:
            outward, _, inward = other.postcode.partition(" ")
            cut_off = outward + inward[:1]  # "LS14" may be LS1 4AB as well as a place in LS14
            if one.district in (outward, cut_off) or is_belied(one):
                return "missing"
            return "area"
    return "missing"


def is_belied(address: Address) -> bool:
    """Whether the town has no such postcode, whole or its first half: a false one tells as little as none.

    Of a damaged one it has none that it may be read as.
    """
    outward = address.postcode.partition(" ")[0] or address.district
    if outward or not address.postcode_readings:
        return bool(outward) and is_false(outward, address.town)
    return all(postcodes.belies(one.partition(" ")[0], address.town) for one in address.postcode_readings)


is_false = lru_cache(1 << 14)(postcodes.belies)
"""Whether no address of a post town has a postcode of this outward code; kept, since towns come again."""


def street_relation(given: Address, listed: Address, code: Relation) -> tuple[Likeness, Why]:
    """How alike the streets are, wherever on the envelope each stands.

    Where the postcodes do not agree, a place or the bare word "Road" in the street's stead says nothing.
    """
    for one in given.streets:
        if one in listed.streets:
            if _off_one_street(given, listed):
                return "partial", Why.OFF_ONE_STREET
            return "same", Why.EQUAL
    agreed = is_american(given, listed) or code in ("same", "read")
    agreed = agreed or (code == "near" and postcode_damaged(given, listed))
    best = _likest_streets(given, listed, agreed=agreed)
    if best[0] in ("similar", "partial") and _other_in_other_code(given, listed, code):
        return "different", Why.OTHER_WORD_AND_CODE
    if best[0] not in ("missing", "different"):
        return best
    elsewhere: list[tuple[Likeness, Why]] = []
    for this, that in ((given, listed), (listed, given)):
        for street in this.streets:
            found = _street_elsewhere(street, that, agreed=agreed)
            if found is not None:
                elsewhere.append(found)
            elif f" {stem(street)} " in f" {that.place} {that.building} {' '.join(that.streets)} ":
                best = "partial", Why.PART_ELSEWHERE
    if not elsewhere and best[0] == "different" and _is_misread(given, listed, code):
        return "partial", Why.MISREAD
    return min(elsewhere, key=lambda found: _RANK[found[0]], default=best)


def _is_misread(given: Address, listed: Address, code: Relation) -> bool:
    """Whether the street of one postcode, or nearly one, is half read on one side."""
    if not given.country == listed.country == "GB" or code not in ("same", "read", "near"):
        return False
    return any(is_misread(one, other) for one in given.streets for other in listed.streets)


def _off_one_street(given: Address, listed: Address) -> bool:
    """Whether the numbers are of two streets off one that both name: Rose Mews, Lily Mews, Park Road."""
    one, other = given.dependent_street, listed.dependent_street
    if not one or not other or one in listed.streets or other in given.streets:
        return False
    return likeness(one, other)[0] not in ("same", "similar")


def _likest_streets(given: Address, listed: Address, *, agreed: bool) -> tuple[Likeness, Why]:
    """How alike the two streets are that are the most alike; `agreed` where the postcodes are one."""
    best: tuple[Likeness, Why] = ("missing", Why.ONE_SIDE)
    rank = 9
    countries = {given.country, listed.country}
    alike = likeness if countries == {"GB"} else abroad_compare.street_likeness
    if "US" in countries:
        alike = street_likeness
    for one in given.streets:
        for other in listed.streets:
            found = alike(one, other)
            if found[0] == "partial" and (one.endswith(f" {other}") or other.endswith(f" {one}")):
                if not agreed and (one in STREET_TYPES or other in STREET_TYPES):
                    continue
                found = ("similar", Why.IN_FRONT)
            if _RANK[found[0]] < rank:
                rank, best = _RANK[found[0]], found
    return best


def _other_in_other_code(given: Address, listed: Address, code: Relation) -> bool:
    """Whether whole postcodes differ, and every two streets in a word that is another one for sure.

    Road is not Street then, and Eastern not Western: two things tell of another place.
    """
    if given.country != "GB" or code in ("same", "read", "missing"):
        return False
    return bool(given.postcode and listed.postcode) and are_other_streets(given, listed)


def are_other_streets(given: Address, listed: Address) -> bool:
    """Whether every two of their streets differ in a word that is another one for sure."""
    return all(is_another_street(one, other) for one in given.streets for other in listed.streets)


def _street_elsewhere(street: str, other: Address, *, agreed: bool) -> tuple[Likeness, Why] | None:
    """How a street agrees with what the other side writes as its building or place; None if not."""
    if other.building and likeness(street, other.building)[0] in ("same", "similar"):
        return "same", Why.AS_BUILDING
    if other.streets and not agreed and _is_place(street, other):
        return "missing", Why.PLACE_AS_STREET
    if f" {street} " in f" {other.place} ":
        return "similar", Why.WITH_PLACE
    plain = stem(street) == street.removeprefix("THE ")
    if plain and "similar" in (likeness(street, other.locality)[0], likeness(street, other.town)[0]):
        return "similar", Why.WITH_PLACE
    return None


def building_relation(given: Address, listed: Address) -> tuple[Likeness, str]:
    """How alike the buildings' names are, wherever on the envelope each stands."""
    if not (given.building or listed.building or given.organisation or listed.organisation):
        return "missing", Why.NEITHER
    found = _houses(given, listed)
    if found[0] == "different" and (given.building in listed.place or listed.building in given.place):
        found = "missing", Why.PLACE_AS_BUILDING
    if found[0] in ("same", "similar"):
        return found
    elsewhere = [_house_elsewhere(given, listed), _house_elsewhere(listed, given)]
    agree = [one for one in elsewhere if one is not None]
    if agree:
        return max(agree, key=lambda one: _RANK[one[0]])
    if found[1] == Why.NAMES_DIFFER and begins_or_ends(given.building, listed.building):
        return "partial", Why.BEGINS_OR_ENDS
    if given.organisation and listed.organisation and found[0] == "missing":
        again = likeness(given.organisation, listed.organisation)
        if again[0] in ("same", "similar"):
            return again[0], f"organisation: {again[1]}"
    return found


def _house_elsewhere(one: Address, other: Address) -> tuple[Likeness, Why] | None:
    """How one side's building agrees with what the other writes as its street or elsewhere; None if not."""
    if not one.building:
        return None
    if likeness(one.building, other.street)[0] in ("same", "similar"):
        if not one.street:
            return "missing", Why.STREET_AS_BUILDING
        if likeness(one.street, other.building)[0] in ("same", "similar"):
            return "similar", Why.AS_STREET
    if one.building in (other.organisation, *map(fold, other.names)):
        return "same", Why.ELSEWHERE
    if other.organisation and without_use(other.organisation) == without_use(one.building):
        return "similar", Why.USE_ONCE
    if other.inner_building and _is_within(one, other):
        return "similar", Why.WITHIN
    before = "" if other.building else _before_street(one, other)
    if before:
        return house_likeness(one.building, before)
    size = one.building.count(" ") + 1
    for words in other.streets if not other.building else ():
        head = " ".join(words.split()[:size])
        if words.count(" ") >= size and likeness(one.building, head)[0] in ("same", "similar"):
            return "same", Why.WITH_STREET
    return None


def _is_within(one: Address, other: Address) -> bool:
    """Whether one side tells the other's house or boat, and the farm or marina that it is in, apart:

    as its place, as a person's line, or by the number of the mooring.
    """
    inner, outer = other.inner_building, other.building.removeprefix(f"{other.inner_building} ")
    if house_likeness(one.building, inner)[0] in ("same", "similar"):
        return f" {outer} " in f" {one.place} "
    if one.building != outer:
        return False
    named = any(house_likeness(fold(name), inner)[0] in ("same", "similar") for name in one.names)
    return named or bool(one.units and one.units == other.units)


def _houses(given: Address, listed: Address) -> tuple[Likeness, Why]:
    """How alike the names are; of a house inside another, each held against its own."""
    inner, against = given.inner_building, listed.inner_building
    if inner and against and inner != against:
        found = house_likeness(inner, against)
        if found[0] == "different" and found[1] != Why.NAMES_DIFFER:
            return found
    return house_likeness(given.building, listed.building)


def _is_place(street: str, other: Address) -> bool:
    """Whether what one side writes as its street is the other's town or locality, misspelt or not."""
    return f" {street} " in f" {other.place} " or "similar" in (
        likeness(street, other.locality)[0],
        likeness(street, other.town)[0],
    )


def _before_street(one: Address, other: Address) -> str:
    """What stands in front of the street's name on one side, and not on the other:

    a house's name run into it.
    """
    street, longer = one.street, other.street
    return longer.removesuffix(street).strip() if street and longer.endswith(f" {street}") else ""


def place_relation(given: Address, listed: Address, code: Relation = "missing") -> Likeness:
    """How alike town and locality are.

    Where one side has no postcode, the other's tells its town; and a village on one side, a post town on the
    other, tell nothing of one another.
    """
    one, other = given.place, listed.place
    if one and other:
        found = _written_places(given, listed)
        if found != "different":
            return found
    else:
        found = "missing"
    if code != "missing" or not (one or other):
        return found
    first, second = post_towns(given), post_towns(listed)
    if first and second:
        return "same" if first & second else "different"
    return "missing" if given.town in TOWNS or listed.town in TOWNS else found


def _written_places(given: Address, listed: Address) -> Likeness:
    if given.town == listed.town:
        return "same"
    if is_american(given, listed) and own_town(given.town) == own_town(listed.town):
        return "same"
    if set(given.place.split()) & set(listed.place.split()):
        return "partial"
    for part in (given.town, given.locality):
        for against in (listed.town, listed.locality):
            if part and against and likeness(part, against)[0] in ("same", "similar"):
                return "similar"
    # a street that was taken for the town, behind the name of a house
    return "partial" if given.place in listed.streets or listed.place in given.streets else "different"


def post_towns(address: Address) -> frozenset[str]:
    """The post towns that an address may be in: the one that is written, or those of its postcode.

    Of a district that there is not, those of its area: nobody could find it anywhere else.
    """
    if address.town in TOWNS:
        return frozenset((address.town,))
    outward = address.postcode.partition(" ")[0] or address.district
    return postcodes.towns(outward) or AREA_TOWNS.get(postcodes.area(outward), frozenset())


def is_street(name: str, other: Address) -> bool:
    """Whether what one side writes as a building is the other's street."""
    return bool(name) and any(likeness(name, street)[0] in ("same", "similar") for street in other.streets)


def postcode_damaged(given: Address, listed: Address) -> bool:
    """Whether postcodes differ by a misreading: before the last two letters, or in what is no letter."""
    fragment = given.postcode_fragment or listed.postcode_fragment
    return unit_letters_equal(given, listed) or not _NO_LAST.isdisjoint(fragment[-2:])


def unit_letters_equal(given: Address, listed: Address) -> bool:
    """Whether the last two letters of the postcodes agree: in another postcode of the street, they differ."""
    letters = code_of(given)[-2:]
    return letters.isalpha() and letters == code_of(listed)[-2:]


def code_of(address: Address) -> str:
    """The postcode, or what stands in its place."""
    return address.postcode or address.postcode_fragment or address.district


_NO_LAST = frozenset("CIKMOV?0123456789|!/+#")
"""What is none of the last two letters of a postcode."""
_RANK: dict[Likeness, int] = {"same": 0, "similar": 1, "partial": 2, "missing": 3, "different": 4}
