"""Other ways to cut an address whose parts run into one another, chosen by the address it is held against.

"Fairview Mill Lane Holton" may be the house Fairview in Mill Lane or a house in Fairview Mill Lane. Read
alone it cannot be told; beside "Fairview, Mill Lane, Holton" it can. Every word stays in the address as
read, so the other cuts need no room in it.
"""

from __future__ import annotations

import msgspec

from matchers.address.model import Address
from matchers.address.names import likeness
from matchers.address.vocabulary import written_out

_ALIKE = ("same", "similar")


def cut_like(address: Address, other: Address) -> Address:
    """The address cut where the other one is; as it stands where no cut makes house and street agree.

    Both must agree, each as a whole name, so that no cut makes another house of the street, or the same
    house's name in another street, any more alike.
    """
    if address.street == other.street or not other.street or address.country != "GB":
        return address
    if address.dependent_street or other.dependent_street:
        return address
    if address.numbers:
        return _without_tail(address, other)
    if address.building == other.building and address.street:
        return _without_tail(address, other)
    return _named_house(address, other) if other.building and not other.numbers else address


def _without_tail(address: Address, other: Address) -> Address:
    """The street without the locality that ran into it: "BROADWAY HOLTON"."""
    if not address.street.startswith(f"{other.street} "):
        return address
    locality = address.street[len(other.street) + 1 :]
    if f" {locality} " not in f" {other.place} ":
        return address
    return msgspec.structs.replace(
        address, street=other.street, locality=f"{locality} {address.locality}".strip()
    )


def _named_house(address: Address, other: Address) -> Address:
    """A house's name, its street and what follows out of the words as they stand in a row."""
    run_in = "" if other.organisation == address.organisation else address.organisation
    words = f"{address.building} {address.street} {run_in} {address.locality}".split()
    for begin in _ends_of(words, other.building):
        size = other.street.count(" ") + 1
        street = words[begin : begin + size]
        if len(street) == size and likeness(written_out(street), other.street)[0] in _ALIKE:
            return msgspec.structs.replace(
                address,
                building=" ".join(words[:begin]),
                inner_building="",
                organisation="" if run_in else address.organisation,
                street=written_out(street),
                locality=" ".join(words[begin + size :]),
            )
    return address


def _ends_of(words: list[str], building: str) -> list[int]:
    """Where the building's name may end at the head of the words, the likeliest first."""
    size = building.count(" ") + 1
    return [
        end
        for end in (size, size + 1, size - 1)
        if 0 < end < len(words) and likeness(" ".join(words[:end]), building)[0] in _ALIKE
    ]
