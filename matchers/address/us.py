"""Reading an address of the United States, with `usaddress`, and of other countries as words."""

from __future__ import annotations

import re
from functools import cache
from typing import Any

from matchers.address.model import Address
from matchers.address.names import Likeness, likeness
from matchers.address.words import COUNTRIES, rows

_TABLES: dict[str, dict[str, str]] = {"state": {}, "suffix": {}, "direction": {}, "ordinal": {}, "unit": {}}
for _kind, _form, _full in rows("us_words.tsv"):
    _TABLES[_kind][_form] = _full
_WAYS = frozenset(_TABLES["direction"].values())
STATES = _TABLES["state"]
_ZIP = re.compile(r"(?<![0-9])(\d{5})(?:-\d{4})?[ ,]*$")
_STATE_ZIP = re.compile(r"(?<![A-Z])([A-Z]{2})[ ,]+\d{5}(?:-\d{4})?(?![0-9])")
_FOREIGN_CODE = re.compile(r"(?<![A-Z0-9])(?:[A-Z]{1,2}-?)?\d{4,6}(?:[ -]\d{2,3})?(?![0-9])")


_CROSSING = re.compile(  # "near Hudson St", "between 90th and 91st Sts", "at 6th St": not part of the address
    r"(?<=[A-Z0-9])[ ,]+(?:BETWEEN|BTWN|BET|NEAR|AT|OFF|CORNER OF|OPPOSITE|ACROSS FROM)(?= [A-Z0-9])[^,]*"
)


def country_of(folded: str) -> str:
    """The country code an envelope ends with:

    "US" by name or by state and ZIP code, "GB" where nothing else is said.
    """
    words = folded[folded.rstrip(" ,").rfind(",") + 1 :].replace(",", " ").split()
    for size in (4, 3, 2, 1):
        if len(words) >= size:
            code = COUNTRIES.get(" ".join(words[-size:]))
            if code:
                return code
    match = _STATE_ZIP.search(folded)
    if match is not None and match.group(1) in STATES:
        return "US"
    return "GB"


def read_us(text: str, folded: str) -> Address:
    """Read an address of the United States; where `usaddress` cannot, its words stay as the street."""
    body = _CROSSING.sub("", _without_country(folded))
    tagged: dict[str, str] = {}
    for token, label in _parser().parse(body.replace(",", ", ")):
        word = token.strip(" ,.;")
        if word:
            tagged[label] = f"{tagged[label]} {word}" if label in tagged else word
    number = " ".join(
        tagged.get(label, "") for label in ("AddressNumberPrefix", "AddressNumber", "AddressNumberSuffix")
    ).strip()
    street = _street(tagged)
    match = _ZIP.search(body)
    code = tagged.get("ZipCode", "")[:5] or (match.group(1) if match else "")
    unit = tagged.get("OccupancyIdentifier", "") or tagged.get("SubaddressIdentifier", "")
    state = tagged.get("StateName", "")
    name = tagged.get("Recipient", "")
    if not street and not number and not tagged.get("USPSBoxID"):
        street = body.replace(",", " ").replace(code, "").strip()
    return Address(
        text=text,
        country="US",
        postcode=code,
        numbers=(number.replace(" ", ""),) if number else (),
        street=" ".join(street.split()),
        building=tagged.get("BuildingName", ""),
        units=(unit.replace("# ", "").replace("#", ""),) if unit else (),
        town=tagged.get("PlaceName", ""),
        county=STATES.get(state, state),
        names=(name.title(),) if name else (),
        po_box=tagged.get("USPSBoxID", ""),
        sub_building=f"{tagged.get('OccupancyType', 'UNIT')} {unit}" if unit else "",
    )


def read_other(text: str, folded: str) -> Address:
    """Read an address of another country: its postcode, its number and its words."""
    body = _without_country(folded)
    match = None
    for found in _FOREIGN_CODE.finditer(body):
        match = found
    code = match.group() if match else ""
    segments = (
        [part.split() for part in body.replace(code, " ").split(",") if part.strip()]
        if code
        else [part.split() for part in body.split(",") if part.strip()]
    )
    number = ""
    street: list[str] = []
    rest: list[str] = []
    for words in segments:
        digits = [word for word in words if word[0].isdecimal()]
        if digits and not street:
            number = digits[0]
            street = [word for word in words if word != number]
        elif street:
            rest.extend(words)
        else:
            rest = rest + words
    return Address(
        text=text,
        country="",
        postcode=code,
        numbers=(number,) if number else (),
        street=" ".join(street),
        town=" ".join(rest),
    )


def street_likeness(one: str, other: str) -> tuple[Likeness, str]:
    """How alike two street names are:

    directions on one side only do not tell them apart, two that differ do.
    """
    found = likeness(one, other)
    words, others = one.split(), other.split()
    ways = {word for word in words if word in _WAYS}, {word for word in others if word in _WAYS}
    if ways[0] == ways[1] and found[0] == "same":
        return found
    if ways[0] and ways[1] and ways[0] != ways[1]:
        return "different", "directions differ"
    bare = " ".join(word for word in words if word not in _WAYS)
    bare_other = " ".join(word for word in others if word not in _WAYS)
    if not bare or not bare_other:
        return found
    if any(char.isdecimal() for char in bare + bare_other) and bare != bare_other:
        numbers = [word for word in bare.split() + bare_other.split() if word[0].isdecimal()]
        if len(set(numbers)) > 1 or len(numbers) == 1:
            return "different", "numbered streets differ"
    found = likeness(bare, bare_other)
    return ("similar", "direction on one side only") if found[0] == "same" and ways[0] != ways[1] else found


def _street(tagged: dict[str, str]) -> str:
    direction, suffix, ordinal = _TABLES["direction"], _TABLES["suffix"], _TABLES["ordinal"]
    parts = []
    for label in (
        "StreetNamePreModifier",
        "StreetNamePreDirectional",
        "StreetNamePreType",
        "StreetName",
        "StreetNamePostType",
        "StreetNamePostDirectional",
    ):
        for word in tagged.get(label, "").split():
            if label.endswith("Directional"):
                parts.append(direction.get(word, word))
            elif label.endswith("Type"):
                parts.append(suffix.get(word, word))
            else:
                parts.append(ordinal.get(word, word))
    return " ".join(parts)


def _without_country(folded: str) -> str:
    body = folded.strip(" ,")
    words = body.split()
    for size in (4, 3, 2, 1):
        if len(words) > size and COUNTRIES.get(" ".join(words[-size:]).strip(",")):
            return body[: body.rfind(words[-size])].rstrip(" ,")
    return body


@cache
def _parser() -> Any:
    """`usaddress`, loaded at the first American address: its model takes a while to open."""
    import usaddress

    return usaddress
