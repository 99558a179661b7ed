"""Addresses of the countries that write them as the British do: Ireland, Australia, New Zealand, Canada.

Their postcode and region are taken out, the town put in its own name, and the rest is read as a British one.
"""

from __future__ import annotations

import re

import msgspec

from matchers.address.abroad import CITIES, POSTCODES, REGIONS, eircode, parts_of, spelt
from matchers.address.model import Address
from matchers.address.uk import read_uk
from matchers.address.vocabulary import FLAGS, STREET


def read_as_british(text: str, segments: list[str], country: str) -> Address:
    """Read an address that is written as a British one, but for its postcode and its region."""
    code, segments = _own_code(segments, country)
    county, segments = region(segments, country)
    district = ""
    if country == "IE":
        district, segments = _dublin(segments)
        segments = [_IRISH_O.sub("O", part) for part in segments]
    segments = [CITIES[one][0] if (one := spelt(part)) in CITIES else part for part in segments]
    if country in _NUMBER_BEHIND:
        segments = [_number_in_front(part) for part in segments]
    segments = _units_in_front(segments)
    body = (_UNIT_HYPHEN if country == "CA" else _UNIT_SLASH).sub(r"UNIT \1, \2", ", ".join(segments))
    body = _UNIT_LETTER.sub(r"UNIT \1, ", body)
    address = read_uk(text, body)
    if address.postcode_fragment and (code or country != "IE"):
        address = msgspec.structs.replace(address, postcode_fragment="", postcode_readings=())
    town = address.town or county
    return msgspec.structs.replace(
        address,
        country=country,
        postcode=code,
        town=town,
        county=county,
        district="" if code else district,
    )


def _units_in_front(segments: list[str]) -> list[str]:
    """The parts with a unit that stands behind its street in front of it: "UNIT 4", "12 LARKMEAD AVENUE".

    At the end of an address "APT 4, OTTAWA" would be a town and a broken postcode.
    """
    out: list[str] = []
    for segment in segments:
        match = _UNIT_BEHIND.search(segment)
        rest = segment[: match.start()].strip(" -") if match is not None else segment
        if match is None or (not rest and not (out and _HOUSE_NUMBER.match(out[-1]))):
            out.append(segment)
        elif rest:
            out += [f"{match[1].replace('#', 'UNIT')} {match[2]}", rest]
        else:
            out.insert(len(out) - 1, f"{match[1].replace('#', 'UNIT')} {match[2]}")
    return out


def _number_in_front(part: str) -> str:
    """A street with its number in front, where it stands behind: "16 ASHGROVE PARK"."""
    street, _, number = part.rpartition(" ")
    typed = " " in street and FLAGS.get(street.rpartition(" ")[2], 0) & STREET
    return f"{number} {street}" if typed and not _DIGIT.search(street) and _NUMBER.fullmatch(number) else part


_NUMBER_BEHIND = frozenset("IE ZA MT GI".split())  # not where roads have numbers: "TOWNSHIP ROAD 16"
_NUMBER = re.compile(r"\d{1,4}[A-Z]?")
_DIGIT = re.compile(r"\d")
_UNIT_BEHIND = re.compile(
    r"(?<!\w)(APARTMENT|APT|UNIT|SUITE|STE|FLAT|ROOM|RM|#)(?: ?#| NO| NUMBER)? ?(\d{1,4}[A-Z]?|[A-Z]\d{0,3})$"
)
_HOUSE_NUMBER = re.compile(r"\d{1,5}[A-Z]? [A-Z]")


def _dublin(segments: list[str]) -> tuple[str, list[str]]:
    """The postal district of Dublin as the first half of an Eircode, "D04", and the parts without it."""
    district = ""
    out = []
    for segment in segments:
        match = _DUBLIN.search(segment)
        if match is not None:
            district = f"D{match[1]:0>2}"
            segment = f"{segment[: match.start()]}DUBLIN"
        out.append(segment)
    return district, out


_DUBLIN = re.compile(r"(?<!\w)DUBLIN ?(\d{1,2}|6W)$")
_IRISH_O = re.compile(r"(?<!\w)O (?=[A-Z]{3})")  # "O CONNELL"


_UNIT_SLASH = re.compile(
    r"(?<![\w/])(?:(?:UNIT|APT|FLAT|SUITE|SHOP|U) ?)?(\d{1,4}[A-Z]?) ?/ ?(\d{1,5}[A-Z]?(?:-\d+)?)(?= [A-Z])"
)
_UNIT_HYPHEN = re.compile(
    r"(?<![\w/])(?:(?:UNIT|APT|SUITE|#) ?)?(\d{1,4}[A-Z]?) ?[-/] ?(\d{1,5}[A-Z]?)(?= [A-Z])"
)
_UNIT_LETTER = re.compile(r"(?<![\w/])U ?(\d{1,4}[A-Z]?)[ ,]+(?=\d)")


def _own_code(segments: list[str], country: str) -> tuple[str, list[str]]:
    """The postcode of a country whose addresses are as British ones, and the parts without it."""
    body = ", ".join(segments)
    if country == "IE":
        code, start, end = eircode(body)
        return code, parts_of(f"{body[:start]} , {body[end:]}") if code else segments
    shape = POSTCODES.get(country)
    match = None
    for found in shape.pattern.finditer(body) if shape is not None else ():
        if found.start():
            match = found
    if match is None:
        return "", segments
    code = match[0].replace(" ", "")
    if country == "CA":
        code = f"{code[:3]} {code[3:]}"
    return code, parts_of(f"{body[: match.start()]} , {body[match.end() :]}")


def region(segments: list[str], country: str) -> tuple[str, list[str]]:
    """The region that a part is, or that the last of them ends with, and the parts without it."""
    for place in range(len(segments) - 1, 0, -1):
        words = segments[place].split()
        for size in (4, 3, 2, 1):
            region = REGIONS.get(" ".join(words[-size:])) if len(words) >= size else None
            if region is None or (country and region[1] != country):
                continue
            if len(words) == size and (place > 1 or country != "IE"):
                return region[0], segments[:place] + segments[place + 1 :]
            if len(words) > size:
                return region[0], [*segments[:place], " ".join(words[:-size]), *segments[place + 1 :]]
    return "", segments
