"""Finding full addresses inside a long message."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from matchers.address.model import Address
from matchers.address.vocabulary import FLAGS, ROLES, STREET

_POSTCODE = re.compile(r"(?<![A-Za-z0-9])[A-Za-z]{1,2}[0-9][0-9A-Za-z]? {0,2}[0-9][A-Za-z]{2}(?![A-Za-z0-9])")
_INWARD = re.compile(r"[0-9][A-Za-z]{2}(?![A-Za-z0-9])")  # the end of every postcode, quickly looked for
_NUMBER = re.compile(
    r"(?<![A-Za-z0-9])(?:(?:flat|apt|apartment|unit|room) *)?\d{1,4}[A-Za-z]?(?![A-Za-z0-9])", re.IGNORECASE
)
_NAMES = re.compile(r"[A-Za-z']+")
_STREET_WORDS = frozenset(ROLES["street head"]).union(word for word, flags in FLAGS.items() if flags & STREET)
_WORDS = re.compile(r"\d+[a-z]?(?![a-z0-9])|[a-z']+")
_NEAR = 25  # characters between a number and a postcode that mean a door without its street
_BEHIND = 40  # characters behind a postcode in which an address may go on
_REACH = 90  # characters before a postcode in which the address it ends may begin


def find_in_text(
    text: str, postcodes: Iterable[tuple[int, int, str]] | None = None
) -> Iterator[tuple[int, int, str]]:
    """Spans of probable full addresses in a message: (start, end, the text between).

    An address ends at a postcode and begins at the first number within the 90 characters before it, or
    at the words before a type of street. Yields in order, without overlaps; a text without a postcode
    costs one scan. `postcodes` are those of `find_postcodes`, where they are known.
    """
    end = 0
    for start, stop, _ in find_postcodes(text) if postcodes is None else postcodes:
        begin = max(end, start - _REACH)
        number = _NUMBER.search(text, begin, start)
        if number is None:
            begin = _named(text, begin, start)
            if begin < 0:
                continue
        else:
            begin = number.start()
        end = stop
        yield begin, end, text[begin:end]


def find_postcodes(text: str) -> Iterator[tuple[int, int, str]]:
    """Postcodes in a message: (start, end, the postcode as "LS1 4AB"). Quick when there is none."""
    if _INWARD.search(text) is None:
        return
    for match in _POSTCODE.finditer(text):
        code = match[0].replace(" ", "").upper()
        yield match.start(), match.end(), f"{code[:-3]} {code[-3:]}"


def mentioned_at(listed: Address, text: str, start: int, end: int) -> str:
    """How a listed address is named around its postcode at [start, end) of a text; "" when it is not.

    Its number near the postcode is enough, or its number anywhere around with the street; a house without
    a number by its name, or by its street when it has nothing else.
    """
    around = set(
        _WORDS.findall(f"{text[max(start - _REACH, 0) : start]} {text[end : end + _BEHIND]}".lower())
    )
    doors = _doors(listed)
    street = bool(listed.streets) and _first_words(listed.streets[0]) <= around
    if doors:
        if street and doors & around:
            return "its number, street and postcode"
        near = _WORDS.findall(text[max(start - _NEAR, 0) : start].lower())
        return "its number and postcode" if not doors.isdisjoint(near) else ""
    if listed.building and set(listed.building.lower().split()) <= around:
        return "the name of the house and its postcode"
    return "its street and postcode" if street and not listed.building else ""


def _doors(listed: Address) -> set[str]:
    """The numbers that tell the door, in lower case: both ends of a range, a flat when there is no other."""
    return {end for number in listed.numbers or listed.units for end in number.lower().split("-")}


def _first_words(street: str) -> set[str]:
    """The words of a street without its type, which may be written short or left out."""
    words = street.lower().split()
    return set(words[:-1] or words)


def _named(text: str, begin: int, end: int) -> int:
    """Where an address without a number begins: the words before a postcode, when one is a type of street."""
    if _STREET_WORDS.isdisjoint(_NAMES.findall(text[begin:end].upper())):
        return -1
    words = list(_NAMES.finditer(text, begin, end))
    for i, word in enumerate(words):
        if i and word[0].upper() in _STREET_WORDS:
            return words[max(0, i - 3)].start()
    return -1
