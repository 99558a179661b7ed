"""Other readings of a British address that its own words allow.

A reader has to choose: whether a line is a person or the house, which of two towns is the address's, whether
digits on two lines are one number. Where the choice can be seen in the address as read, the other one is made
here too, and both are held against the list.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from msgspec.structs import replace

from matchers.address.model import Address
from matchers.address.vocabulary import AREA_TOWNS, COMMON_STREETS, TOWNS, fold

_AREA = re.compile(r"[A-Z]{1,2}")


def alternatives(address: Address) -> Iterator[Address]:
    """The other readings of an address, none for nearly every one."""
    if address.names and not (address.numbers or address.postcode):
        yield from _house_among_names(address)
    if address.postcode and address.locality:
        yield from _other_town(address)


def _house_among_names(address: Address) -> Iterator[Address]:
    """The last of the lines that were taken for people as the house, in the place of another building."""
    house = fold(address.names[-1]).strip(" ?,")
    if house and house != address.building and not address.units:
        yield replace(
            address,
            building=house,
            inner_building="",
            names=address.names[:-1],
            locality=f"{address.building} {address.locality}".strip(),
        )


def _other_town(address: Address) -> Iterator[Address]:
    """A post town before another whose postcode area it is not in, as the town, without that postcode."""
    area = _AREA.match(address.postcode)
    near = AREA_TOWNS.get(area[0], frozenset()) if area else frozenset[str]()
    if (
        address.locality in TOWNS
        and address.locality not in near
        and address.numbers
        and not any(street in COMMON_STREETS for street in address.streets)
    ):
        yield replace(address, town=address.locality, locality="", postcode="")
