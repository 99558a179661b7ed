"""Listed addresses that are another door than a letter's for sure, told by their streets or places alone.

Most of those that share a key with it are such: its number in a street of another town that begins alike, or
in another street of its district. What is told here is only ever that, where all of the rules would come to
it; of what may be otherwise they are asked.
"""

from __future__ import annotations

from collections.abc import Callable

from rapidfuzz.distance import OSA

from matchers.address.fields import is_belied, is_false
from matchers.address.model import Address
from matchers.address.names import likeness, shape_of, stem
from matchers.address.postcode import one_apart

IsApart = Callable[[Address], bool]
_ALIKE = ("same", "similar")
distance = OSA.distance


def apart_from(given: Address) -> IsApart | None:
    """What tells of a listed address whether it is another door for sure; None where nothing can.

    It tells of numbered houses in streets of Britain whose postcodes are not near: in one district the
    streets are not alike; in two, the streets or the places are not. By rule 3 of `rules`, of which it takes
    out what hangs on a house's name, on a flat, and on a postcode that its town does not have.
    """
    code, street, town, locality = given.postcode, given.street, given.town, given.locality
    if given.country != "GB" or not (code and street and given.numbers) or given.po_box or given.units:
        return None
    if given.building or given.organisation or given.dependent_street:
        return None
    outward, compact = code.partition(" ")[0], code.replace(" ", "")
    belied = is_belied(given)
    letters = shape_of(town) if _is_one_word(town) else ""
    size = len(letters)

    def is_apart(listed: Address) -> bool:
        other, against = listed.postcode, listed.street
        if not (other and against and listed.numbers) or other == code or listed.country != "GB":
            return False
        if listed.building or listed.organisation or listed.dependent_street or listed.po_box:
            return False
        joined, theirs, beside = other.replace(" ", ""), other.partition(" ")[0], listed.town
        if distance(compact, joined, score_cutoff=2) <= 2 and one_apart(compact, joined):
            return False
        if theirs != outward:
            if belied or is_false(theirs, beside):
                return False
            if letters and _is_one_word(beside):  # they agree by their letters alone
                shape = shape_of(beside)
                limit = max(size, len(shape)) // 4 or 1
                are_two = distance(letters, shape, score_cutoff=limit) > limit
            else:
                are_two = town != beside and not _are_alike(town, beside)
            if are_two and (locality or listed.locality):
                are_two = not any(
                    _are_alike(one, name) for one in (town, locality) for name in (beside, listed.locality)
                )
            if are_two:
                return True
        return _are_two_streets(street, against)

    return is_apart


def _are_two_streets(one: str, other: str) -> bool:
    if one in other or other in one:  # the same, or the locality ran into one of them
        return False
    articles = one.startswith("THE") or other.startswith("THE")
    if one[0] != other[0] and len(one) != len(other) and not articles:
        shape, against = shape_of(one), shape_of(other)
        limit = max(len(shape), len(against)) // 4 or 1
        typed = stem(one) != one and stem(other) != other
        if typed and distance(shape, against, score_cutoff=limit) > limit:
            return True  # not in another order, cut short, or with the type on one side only
    return likeness(one, other)[0] not in _ALIKE


def _is_one_word(name: str) -> bool:
    """Whether a name is one word, without an article that may be run into it."""
    return name.isalpha() and name[:3] != "THE"


def _are_alike(one: str, other: str) -> bool:
    return bool(one and other) and likeness(one, other)[0] in _ALIKE
