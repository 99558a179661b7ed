"""The keys by which a listed address is found again, so that no single misread field loses it.

Each key joins two or three fields, names by their first letters only; a given address shares at least
one with the listed one as long as the fields of one key came through. Letters in front keep the kinds
apart.
"""

from __future__ import annotations

from functools import lru_cache

from rapidfuzz import process
from rapidfuzz.distance import OSA

from matchers.address.model import Address
from matchers.address.postcode import variants
from matchers.address.us_names import own_street, own_town
from matchers.address.vocabulary import COMMON_STREETS, DISTRICT_TOWNS, SHAPES, TOWNS, fold

_SHORTEST = 4
_LONG = 8
"""Letters of a town's name in which one slip is looked for, and two."""


def listing_keys(address: Address) -> tuple[str, ...]:
    """The keys under which a listed address is stored: about ten."""
    return tuple(dict.fromkeys([*_keys(address, probing=False), *wider_keys(address)]))


def probe_keys(address: Address) -> tuple[str, ...]:
    """The keys that a given address is looked up by:

    its own, and those of its postcode one look-alike away.
    """
    return tuple(dict.fromkeys(_plain_keys(address) if _is_plain(address) else _keys(address, probing=True)))


def postcode_key(postcode: str) -> str:
    """The key of every listed address with this postcode ("LS1 4AB")."""
    return f"P{postcode}"


def wider_keys(address: Address) -> tuple[str, ...]:
    """Coarse keys, for an address that shares no other with any: its number and town alone.

    One without a postcode has its number and street as well, whatever is read for the town; one without a
    number has its district, and its town. Many may stand under one.
    """
    places = _places(address)
    numbers = _numbers(address)
    if not numbers:
        outwards, _ = _halves(address, [address.postcode] if address.postcode else [])
        places += outwards
    towns = [f"W{number}|{place}" for number in numbers or [""] for place in dict.fromkeys(places)]
    streets = [name for name in address.streets if not address.postcode and name not in COMMON_STREETS]
    return (*towns, *(f"A{_key(street)}|{number}" for street in streets for number in numbers))


def _is_plain(address: Address) -> bool:
    """Whether nothing but a number, a street, a place and a postcode is known of a British address."""
    if address.country != "GB" or not (address.postcode and address.street) or len(address.numbers) != 1:
        return False
    if address.building or address.units or address.organisation or address.dependent_street:
        return False
    return not (address.po_box or address.number_readings) and address.numbers[0].isdecimal()


def _plain_keys(address: Address) -> list[str]:
    """Those of `_keys` that such an address is looked up by, for it has no others."""
    code, number, street = address.postcode, address.numbers[0], _key(address.street)
    outward, _, inward = code.partition(" ")
    places = _places(address)
    keys = [
        f"P{code}",
        *[f"P{other}" for other in variants(code)],
        f"I{inward}|{number}",
        f"O{outward}|{number}",
        f"N{street}|{number}",
        f"K{street}|{inward}",
    ]
    keys += [f"T{street}|{number}|{place}" for place in places]
    keys += [f"T{street}|{number}|{place}" for place in _implied(outward) if place not in places]
    if address.street not in COMMON_STREETS:
        keys.append(f"A{street}|{number}")
    return keys


def _keys(address: Address, *, probing: bool) -> list[str]:
    keys: list[str] = []
    codes = [address.postcode] if address.postcode else list(address.postcode_readings)
    outwards, inwards = _halves(address, codes)
    for code in codes:
        keys.append(postcode_key(code))
        if probing and address.country == "GB":
            keys.extend(postcode_key(other) for other in variants(code))
    numbers = _numbers(address)
    streets = [_key(street) for street in address.streets]
    if address.country == "US":
        streets = [_key(_undirected(own_street(street))) for street in address.streets]
    places = _places(address)
    implied = [place for one in outwards for place in _implied(one) if place not in places]
    if probing and not (codes or outwards) and any(name in COMMON_STREETS for name in address.streets):
        implied += [place for place in _misspelt(address.town) if place not in places]
    unclear = not address.numbers or not address.numbers[0].rstrip("ABCDEFGH").isdecimal()
    building = _key(address.building) if address.building else ""
    for number in numbers:
        keys.extend(f"I{inward}|{number}" for inward in inwards)
        keys.extend(f"O{outward}|{number}" for outward in outwards)
        for street in streets:
            keys.extend(f"T{street}|{number}|{place}" for place in (*places, *implied))
            if probing or not (codes or outwards):
                keys.append(f"N{street}|{number}")
        for street, name in zip(streets, address.streets, strict=True):
            if not probing or name not in COMMON_STREETS:
                keys.append(f"A{street}|{number}")
    for street in streets:
        keys.extend(f"K{street}|{inward}" for inward in inwards)
        if unclear or not probing:
            keys.extend(f"U{street}|{place}" for place in places)
    houses = [building, *streets] if not numbers else [building]
    if not (probing and streets and numbers):
        houses.append(_key(address.organisation))
    if probing and not (address.numbers or (numbers and streets)):  # a name or a place may be the house
        houses += [_key(fold(name)) for name in (*address.names, address.locality)]
        places = [*places, *(name[:4] for name in (building, *streets))]
    for name in dict.fromkeys(filter(None, houses)):
        keys.extend(f"B{name}|{outward}" for outward in outwards)
        keys.extend(f"B{name}|{place}" for place in (*places, *implied) if place)
    if building:
        keys.extend(f"K{building}|{inward}" for inward in inwards)
        keys.extend(f"S{building}|{street}" for street in streets if not numbers)
    if address.po_box:
        keys.append(f"X{address.po_box}")
    return keys


def _halves(address: Address, codes: list[str]) -> tuple[list[str], list[str]]:
    """The outward and the inward codes that the address has or may have."""
    outwards = [code.partition(" ")[0] for code in codes]
    inwards = [code.partition(" ")[2] for code in codes if " " in code]
    if address.district:
        outwards.append(address.district)
    fragment = address.postcode_fragment
    if fragment:
        outwards.append(fragment[:-3])
        inwards.append(fragment[-3:])
    return list(dict.fromkeys(outwards)), list(dict.fromkeys(inwards))


def _numbers(address: Address) -> list[str]:
    """The digits that tell the door: of the house, and of the flat where there is no house number."""
    found = []
    for number in (*address.numbers[:1], *address.number_readings[:3], *address.units[:1]):
        for part in number.split("-"):
            digits = part.rstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
            found.append(digits or part)
    return list(dict.fromkeys(found))


def _places(address: Address) -> list[str]:
    """The beginnings of the town's and the locality's names, "near" left out."""
    town = own_town(address.town) if address.country == "US" else address.town
    names = (town, address.locality.removeprefix("NR ").removeprefix("NEAR "))
    return list(dict.fromkeys(_key(name)[:4] for name in names if name))


@lru_cache(maxsize=4096)
def _implied(outward: str) -> tuple[str, ...]:
    """The beginnings of the post towns that a district has, of which an address may name none."""
    return tuple(sorted({_key(town)[:4] for town in DISTRICT_TOWNS.get(outward, ())}))


@lru_cache(maxsize=4096)
def _misspelt(town: str) -> tuple[str, ...]:
    """The beginnings of the post towns that a name which is none is a slip away from."""
    if town in TOWNS or len(town) < _SHORTEST:
        return ()
    slips = 1 if len(town) < _LONG else 2
    near = process.extract_iter(town, TOWNS, scorer=OSA.distance, score_cutoff=slips)
    return tuple(sorted({_key(one)[:4] for one, _, _ in near}))


def _undirected(street: str) -> str:
    return " ".join(word for word in street.split() if len(word) > 2) or street


@lru_cache(maxsize=1 << 14)
def _key(name: str) -> str:
    """The first five letters of a name, without the article, look-alikes made one."""
    joined = name.replace(" ", "")
    if joined.startswith("THE") and len(joined) > 5:
        joined = joined[3:]
    return joined[:5].translate(SHAPES)
