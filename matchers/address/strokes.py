"""A number of two numbers: "54/6" is flat 6 of 54 in Scotland, "2/10" is flat 2 of 10 or 2 to 10 elsewhere.

Which it is cannot be told from the address alone, so every meaning that it may have is kept until it is held
against another address. A hyphen is a range where its first number is the lower one.
"""

from __future__ import annotations

import re
from typing import Literal

import msgspec

from matchers.address.model import Address
from matchers.address.postcode import area
from matchers.address.vocabulary import AREA_TOWNS, ROLES

Meaning = Literal["one number", "range", "range alone", "number, flat", "flat, number"]


def is_stroke(address: Address) -> bool:
    """Whether the house number of an address is two numbers that may be a house and its flat."""
    return _may_be(address) and len(meanings(address)) > 1


def settled(address: Address) -> Address:
    """The address with its two numbers apart, where they can be nothing but a house and its flat."""
    if not _may_be(address):
        return address
    found = meanings(address)
    return found[0][1] if len(found) == 1 and found[0][0] == "number, flat" else address


def meanings(address: Address) -> list[tuple[Meaning, Address]]:
    """Every address that one with two numbers may be, the likeliest first; one with one number alone."""
    match = _PAIR.fullmatch(address.numbers[0]) if address.numbers else None
    if match is None:
        return [("one number", address)]
    first, mark, second = match.groups()
    scottish = is_scottish(address.postcode or address.district, address.town)
    found: list[tuple[Meaning, Address]] = []
    low, high = _value(first), _value(second)
    ranged = low == high or (low < high if mark == "-" else may_be_range(low, high))
    if ranged:
        alone = scottish and mark == "/"  # a range only beside the very same range
        found.append(("range alone" if alone else "range", _with(address, f"{first}-{second}")))
        if address.units or low == high or (mark == "-" and not scottish):
            return found
    found.append(("number, flat", _with(address, first, second)))
    if not scottish:
        found.append(("flat, number", _with(address, second, first)))
    return found


def is_scottish(postcode: str, town: str) -> bool:
    """Whether an address is in Scotland, where a house's number stands before its flat's."""
    return area(postcode) in ROLES["scottish area"] if postcode else town in _SCOTTISH_TOWNS


def may_be_range(low: int, high: int) -> bool:
    """Whether two numbers may be the first and last of a few houses that stand side by side."""
    gap = high - low
    return 0 < gap <= 200 and (gap == 1 or gap % 2 == 0)


def _may_be(address: Address) -> bool:
    return bool(address.numbers) and ("/" in address.numbers[0] or "-" in address.numbers[0])


def _with(address: Address, number: str, *units: str) -> Address:
    return msgspec.structs.replace(address, numbers=(number,), units=(*address.units, *units))


def _value(number: str) -> int:
    return int(number.rstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ"))


_PAIR = re.compile(r"(\d{1,5}[A-Z]?)([-/])(\d{1,5}[A-Z]?)")
_SCOTTISH_TOWNS = frozenset.union(*(AREA_TOWNS.get(one, frozenset()) for one in ROLES["scottish area"])) - (
    frozenset(
        town for one, towns in AREA_TOWNS.items() if one not in ROLES["scottish area"] for town in towns
    )
)
