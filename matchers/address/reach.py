"""What a listed address will stop as it is written, told to its author in words.

It is found out, not guessed: a letter to the address itself, and one to some door of its street or postcode,
are held against it as any other would be.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from msgspec.structs import replace

from matchers.address.compare import compare
from matchers.address.fields import is_belied
from matchers.address.keys import listing_keys, probe_keys, wider_keys
from matchers.address.model import Address
from matchers.address.notes import without_notes
from matchers.address.postcode import known
from matchers.address.read import readings, unmarked

NOTHING = "stops nothing as written: {}"
WHOLE_STREET = "flags every letter to the street: write the number or the name of the house too"
WHOLE_POSTCODE = (
    "flags every letter to the postcode, which has 15 doors on average and up to 100: write the number too"
)
FLAGS_ONLY = "letters are flagged and not blocked, since it has no postcode: write it if it is known"
NO_SUCH_POSTCODE = "the postcode is none that there is: letters are flagged at most; write the right one"
OTHER_TOWNS_POSTCODE = "the postcode is not one of the town's: write the right one of the two"
TAKEN_OUT = "a date, a telephone number or a reference in it is no part of the address, and was left out"
BLOCKS_UNCODED = (
    "letters that have a postcode are flagged and not blocked, since it has none: write it if it is known"
)
_WRITE_DOOR = "write the number or the name of the house, the street and the postcode"
_WRITE_STREET = "write the street, and the postcode if it is known"

_REFERENCE = re.compile(
    r"\b(?:ref(?:erence)?|case|account|id|file|nhs|ni)\b[ .:#]*(?:id|no|number)?[ .:#]*[A-Z]{0,3}\d{4,}",
    re.IGNORECASE,
)
_SOME_DOOR = "7"


class Reach(NamedTuple):
    """What an address as listed will do."""

    stops: bool
    """Whether any letter would be stopped by it."""
    told: tuple[str, ...]
    """What its author should know of it, without a word of the address."""


def reach(text: str) -> Reach:
    """What one listed address will stop, and what to write for it to stop more, or less."""
    listed = readings(text)[0]
    told: list[str] = []
    if unmarked(text) != text or without_notes(text) != text or _REFERENCE.search(text):
        told.append(TAKEN_OUT)
    has_door = bool(listed.numbers or listed.units or listed.building or listed.organisation or listed.po_box)
    nothing = NOTHING.format(_WRITE_STREET if has_door else _WRITE_DOOR)
    if not listed.usable or not _stops(listed, listed):
        return Reach(False, (*told, nothing))
    if not has_door and not _stops(_some_door(listed), listed):
        told.append(nothing)  # but a letter that is written as vaguely
    elif not has_door:
        told.append(WHOLE_STREET if listed.street else WHOLE_POSTCODE)
    elif not listed.postcode and not listed.po_box:
        told.append(BLOCKS_UNCODED if compare(listed, listed).level == "same" else FLAGS_ONLY)
    if listed.country == "GB" and listed.postcode:
        if not known(listed.postcode.partition(" ")[0]):
            told.append(NO_SUCH_POSTCODE)
        elif is_belied(listed):
            told.append(OTHER_TOWNS_POSTCODE)
    return Reach(True, tuple(told))


def _some_door(listed: Address) -> Address:
    return replace(listed, numbers=(_SOME_DOOR,))


def _stops(given: Address, listed: Address) -> bool:
    """Whether a letter to an address would be found and held against a listed one."""
    looked_up = {*probe_keys(given), *wider_keys(given)}
    return not looked_up.isdisjoint(listing_keys(listed)) and compare(given, listed).level != "different"
