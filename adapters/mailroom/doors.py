"""Whether what a machine read is a door that can be believed: the rule by which a picture may be allowed.

A typed letter is a clerk's word. A picture is words in the order in which they were seen, and words make an
address of anything: `70 Years Royal Mail, London` has a number, a street and a town. So a door needs

- in this country a street, a named building, a body with a name (a charity, a council, a firm) or a post box,
  with a postcode of a district that there is; or a house number, a street of a known type (or the name of a
  building) and a post town; or a box and its post town; or a number of the forces' post office (BFPO);
- abroad a street or a named building, a place, and its country by name. A ZIP code is five digits, and no
  place, unless the mailroom says otherwise (`believe_zip_codes`).
"""

from __future__ import annotations

import re

from rapidfuzz import fuzz

from adapters.mailroom.alternatives import ONE, unglued
from adapters.mailroom.marks import begins_with_return, kind_of
from adapters.mailroom.postcodes import is_real, postcode_of, repaired
from matchers import address, tables
from matchers.address import Address
from matchers.address.abroad import country_named, parts_of
from matchers.address.vocabulary import BUILDING, FLAGS, STREET, STREET_TYPES, STRONG, TOWNS, fold

SHORTEST_NAME = 4
"""Letters of a street or building that a postcode makes believable."""
LEAST_GLUED = 3
"""Letters before a street's type that stands in one word with its name: `QUARRYLANE`."""
LONGEST_SCRAP = 3
"""Letters and digits of a line that may be a piece of another label beneath."""
LONGEST_CODE = 7
"""Letters and digits of a postcode."""
_TOO_LONG = re.compile(r"\d{5}", re.ASCII).search
"""No house of this country is known to have five digits: some of them are another label's."""
LEAST_ALIKE = 60
"""Per cent, by edits, at which two names may be one name that was read twice."""

_SCRAP_BEFORE_NUMBER = re.compile(r"^[A-Za-z]{2,3}(?=\d{1,4}[A-Za-z]? +[A-Za-z]{3})")
_YEAR = re.compile(r"(?:19|20)\d\d").fullmatch
_believed = {"zip codes": False}

_BODIES = frozenset(word.upper() for (word,) in tables.rows("bodies", package="adapters.mailroom.tables"))
_BEHIND_NAME = tuple(
    sorted(
        {"LANE", "ROAD", *(end for end in STREET_TYPES.values() if len(end) > 4 and FLAGS.get(end) == STRONG)}
    )
)
"""Types that end no other word: `SURPRISE` is no street."""
_FORCES = "BFPO "


def believe_zip_codes(whether: bool) -> None:
    """Set, for this process, whether a foreign postcode stands for a country, and for a place in it."""
    _believed["zip codes"] = whether


def is_door(text: str) -> bool:
    """Whether a text holds a believable door, as it stands or with its postcode put right.

    What stands below `Return if undelivered` is the sender's, and no town above it makes a door of it.
    """
    lines = text.split("\n")
    end = next((n for n, line in enumerate(lines) if n and begins_with_return(line)), len(lines))
    without_marks = "\n".join(line for line in lines[:end] if kind_of(line) is None and not _is_year(line))
    if _is_zip_coded(without_marks):
        return _believed["zip codes"] and _is_abroad(address.read(without_marks))
    return any(map(_is_door, dict.fromkeys((without_marks, unglued(without_marks))))) or any(
        _is_door(text) and _tells_more_than_code(text) and _is_believable(without_marks, text)
        for text in repaired(without_marks)
    )


def has_code(text: str) -> bool:
    """Whether it has a postcode, damaged or not: of this country, or of one that it names."""
    read = address.read(text)
    return bool(read.postcode) and (postcode_of(text) is not None or _country(text) is not None)


def without_scraps(text: str) -> str:
    """The address without what may be pieces of another label or of a mark over it: lines of up to three
    letters or of a year alone, and two or three letters before a house number (`MF148 Kensington Road`). An I
    before a street is a 1 then, as a scrap took its place. "" where there is none."""
    kept = [line for line in text.split("\n") if not _is_scrap(line)]
    whole = "\n".join(line if _is_code(line) else _SCRAP_BEFORE_NUMBER.sub("", line) for line in kept)
    return ONE.sub("1", whole) if whole != text else ""


def with_one_scrap(text: str) -> tuple[str, ...]:
    """The address with one such line that has a digit and none of the others, for each: one of them may be
    the house number. () where there is but one such line."""
    lines = text.split("\n")
    scraps = {place for place, line in enumerate(lines) if _is_scrap(line)}
    numbers = [place for place in scraps if any(map(str.isdigit, lines[place]))]
    return tuple(
        "\n".join(line for place, line in enumerate(lines) if place == number or place not in scraps)
        for number in sorted(numbers)
        if len(scraps) > 1
    )


def _is_scrap(line: str) -> bool:
    return sum(map(str.isalnum, line)) <= LONGEST_SCRAP or _is_year(line)


def _is_code(line: str) -> bool:
    """Whether it is a postcode and no more, misread or not: `WA2 OHD`."""
    return sum(map(str.isalnum, line)) <= LONGEST_CODE and any(map(is_real, map(postcode_of, repaired(line))))


def _is_year(line: str) -> bool:
    """Whether it is a year alone, as postmarks have it: no house number."""
    return _YEAR(line.strip()) is not None


def hides_door(text: str) -> bool:
    """Whether an address without such lines (`without_scraps`) tells another door than with them: the house
    number is not among them, or it has a name in its place."""
    whole = without_scraps(text)
    if not whole or not is_door(whole):
        return False
    read = address.read(whole)
    return bool(read.numbers or read.buildings or read.organisation) and not are_one_door(whole, text)


def are_one_door(one: str, other: str) -> bool:
    """Whether two readings tell the same house number, street and building."""
    first, second = address.read(one), address.read(other)
    return (first.numbers, first.streets, first.buildings, first.units) == (
        second.numbers,
        second.streets,
        second.buildings,
        second.units,
    )


def tell_two_doors(one: str, other: str) -> bool:
    """Whether two readings of one address tell two house numbers, two flats, or names that are not alike.

    What one of them lacks is no other door: it was not seen. Nor is a number with a letter for a digit (`3g`
    and `39`): it is one that was read twice.
    """
    first, second = address.read(one), address.read(other)
    numbers = (first.numbers, second.numbers), (first.units, second.units)
    if any(not (_are_within(mine, yours) or _are_within(yours, mine)) for mine, yours in numbers):
        return True
    names, others = (*first.streets, *first.buildings), (*second.streets, *second.buildings)
    alike = (fuzz.ratio(mine.replace(" ", ""), yours.replace(" ", "")) for mine in names for yours in others)
    return max(alike, default=100) < LEAST_ALIKE


def _are_within(some: tuple[str, ...], others: tuple[str, ...]) -> bool:
    return all(any(_are_one_number(mine, yours) for yours in others) for mine in some)


def _are_one_number(one: str, other: str) -> bool:
    """Whether two house numbers are the same, or one has a letter in the place of one digit of the other."""
    apart = [(mine, yours) for mine, yours in zip(one, other, strict=False) if mine != yours]
    is_misread = len(apart) == 1 and apart[0][0].isdigit() != apart[0][1].isdigit()
    return len(one) == len(other) and (not apart or is_misread)


def is_part_of_door(text: str) -> bool:
    """Whether it is a street of a known type with a house number, or has a postcode, if in no place."""
    read = address.read(text)
    return has_code(text) or bool(read.numbers and _is_typed(read.streets, STREET))


def _is_zip_coded(text: str) -> bool:
    """Whether it is of another country by its postcode alone, which no line names."""
    read = address.read(text)
    return read.country not in ("GB", "") and bool(read.postcode) and _country(text) is None


def _is_door(text: str) -> bool:
    if not text:
        return False
    country = _country(text)
    if country is not None:
        return _is_abroad(address.read(text))
    return any(_is_british(read) for read in address.readings(text) if read.country in ("GB", ""))


def _tells_more_than_code(text: str) -> bool:
    """Whether it has a house number, a post town, a body's name, or a street or building of a known type: a
    postcode that was put right may have been a word, and would make a door of any other
    (`WAIRE, LEANN SNPA`)."""
    read = address.read(text)
    if read.town in TOWNS or read.locality in TOWNS:
        return True
    named = read.organisation, read.town, read.locality, *map(fold, read.names)
    is_typed = _is_typed(read.streets, STREET) or _is_typed(read.buildings, BUILDING)
    return bool(read.numbers or read.units or read.po_box or is_typed or any(map(_is_body, named)))


def _is_believable(seen: str, put_right: str) -> bool:
    """Whether a postcode that was put right was more than letters (`NIO GE`), or stands with a post town."""
    changed = [old for old, new in zip(seen.split("\n"), put_right.split("\n"), strict=False) if old != new]
    read = address.read(put_right)
    return any(map(str.isdigit, "".join(changed))) or not {read.town, read.locality}.isdisjoint(TOWNS)


def _is_british(read: Address) -> bool:
    if any(map(_TOO_LONG, (*read.numbers, *read.units))):
        return False
    if read.po_box.startswith(_FORCES):
        return True
    if is_real(read.postcode or None):
        named = *read.streets, *read.buildings, read.organisation
        bodies = read.organisation, read.town, read.locality, *map(fold, read.names)
        return bool(read.po_box) or any(map(_is_name, named)) or any(map(_is_body, bodies))
    in_town = read.town in TOWNS or read.locality in TOWNS
    if in_town and read.po_box:
        return True
    numbered = read.numbers or read.units
    return bool(
        in_town and numbered and (_is_typed(read.streets, STREET) or _is_typed(read.buildings, BUILDING))
    )


def _is_abroad(read: Address) -> bool:
    is_placed_by_code = bool(read.postcode) and (not read.postcode.isdecimal() or _believed["zip codes"])
    is_placed = bool(read.town or read.locality) or is_placed_by_code
    return is_placed and any(map(_is_name, (*read.streets, *read.buildings)))


def _is_name(name: str) -> bool:
    return sum(map(str.isalpha, name)) >= SHORTEST_NAME


def _is_body(name: str) -> bool:
    return not _BODIES.isdisjoint(name.split())


def _is_typed(names: tuple[str, ...], kind: int) -> bool:
    """Whether one of these names has a word that says what it is: `HIGH STREET`, `HEOL FAWR`."""
    return any(_is_name(name) and any(_is_of_type(word, kind) for word in name.split()) for name in names)


def _is_of_type(word: str, kind: int) -> bool:
    if FLAGS.get(word, 0) & kind:
        return True
    return kind == STREET and any(word.endswith(end, LEAST_GLUED) for end in _BEHIND_NAME)


def _country(text: str) -> str | None:
    """The foreign country that one of its last lines names, by ISO 3166; None at home."""
    code, _ = country_named([part for line in text.split("\n") for part in parts_of(fold(line))])
    return code if code not in ("", "GB") else None
