"""The lines of an envelope above the address: to whom it is, and in whose care.

A first line that holds no digit and no word of an address may be a person or the house: "Tony", "The
Barrows", "J". Readers have to choose; what is left without it is told here, for one more reading. A line that
is nothing but somebody's title and name, or what she is to the writer, is a person for sure.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from matchers.address.vocabulary import (
    BUILDING,
    FLAGS,
    FLOOR,
    LEVEL,
    ORGANISATION,
    ROLES,
    STREET,
    STRONG,
    TOWNS,
    UNIT,
    fold,
)
from matchers.person.facts import FAMILY_FREQUENCY, GIVEN_FREQUENCY, TITLES

_MOST = 5
"""Words of a line that may be a person, or a couple."""
_LONG = 200
"""Characters of a line that are looked at: a longer one has too many words."""
_HEAD = 3
"""Lines at the head of an envelope that may be people."""
_MANY = 20
"""Of 100,000 people, who make of a name one that people have, though houses and streets have it too."""
_NO_STREET_BEHIND = frozenset(("MR", "MRS", "MS", "MISS", "MX"))
"""Titles that name no street: "Dr Martin Luther King Boulevard" is one, Mr Lane none."""
_BESIDE = frozenset("THE MY OUR TO AND DEAR".split())
"""Words beside what somebody is to the writer."""
_OF_AN_ADDRESS = STREET | BUILDING | UNIT | LEVEL | FLOOR | ORGANISATION
_CARE_OF = re.compile(
    r"[ \t]*(?:(?:c[ ]?/[ ]?o|care[ ]+of|℅)\b|℅)[ :.,-]*(?=[^\d\n,]+(?:[\n,]|$))", re.IGNORECASE
)


class Headed(NamedTuple):
    """A text cut behind the lines that say to whom it is."""

    to: tuple[str, ...]  # those lines
    rest: str  # the lines of the address
    sure: bool  # whether the lines can be nothing but people
    named: bool  # whether all of them are that, or begin with a first name
    in_care: bool  # whether it is in the care of what the rest begins with


def headed(text: str, *, abroad: bool = False) -> Headed | None:
    """The text cut behind its first line or lines that may be people; None where it begins otherwise.

    On one line, in which commas part the address, only who is a person by her own name is one. `abroad` where
    it may be of another country, whose readers take a house's name before a number for part of the street's.
    """
    mark = "\n" if "\n" in text else ","
    lines = [line for line in text.split(mark) if line.strip(" \t\r,.")]
    to: list[str] = []
    sure = named = True
    while len(lines) > 1 and len(to) < _HEAD:
        words = fold(lines[0][:_LONG].strip(" \t\r,;")).split()
        certain = is_person(words)
        may_be = certain or (not to and _may_be_person(words, named=mark == ","))
        if not may_be and (to or not _reads_as_house(words, lines[1] if abroad else "")):
            break
        sure = sure and certain
        named = named and (certain or is_name(words[0]))
        to.append(lines.pop(0).strip(" \t\r,"))
    care = next((at for at, line in enumerate(lines[: _HEAD - len(to)]) if _CARE_OF.match(line)), None)
    if care is not None and len(lines) > care + 1:
        to += lines[:care]
        lines = [_CARE_OF.sub("", lines[care]), *lines[care + 1 :]]
        sure = False
    elif not to:
        return None
    return Headed(tuple(to), mark.join(lines), sure, named, care is not None)


def is_person(words: list[str]) -> bool:
    """Whether the folded words of a line are a title and a name, or what somebody is to the writer."""
    if not words or len(words) > _MOST + 2 or _ends_part(words):
        return False
    if words[0] in ROLES["title"]:
        return len(words) > 1 and (words[0] in _NO_STREET_BEHIND or _is_family(words[-1]))
    if ROLES["addressee"].isdisjoint(words):
        return False
    return all(word in _BESIDE or word in ROLES["addressee"] or _is_given(word) for word in words)


def _may_be_person(words: list[str], *, named: bool) -> bool:
    """Whether the folded words of a line may be a person; one by her own name alone where `named`."""
    if not 0 < len(words) <= _MOST or _ends_part(words) or " ".join(words) in TOWNS:
        return False
    first = is_name(words[0])
    family = first and _is_family(words[-1])
    return (first or not named) and not any(map(_is_flagged, words[:-1] if family else words))


def _reads_as_house(words: list[str], following: str) -> bool:
    """Whether a line that names a street or a house may be a person all the same: Mark Lane, Heath House.

    A first name before a type of street that has no number; or whatever stands above a number.
    """
    if not 0 < len(words) <= _MOST or _ends_part(words) or any(map(_is_part, words)):
        return False
    kind = FLAGS.get(words[-1], 0)
    street = len(words) == 2 and kind & STREET and not kind & BUILDING and is_name(words[0])
    return bool(street) or following.strip()[:1].isdecimal()


def is_name(word: str) -> bool:
    """Whether a folded word is an initial, a title or a first name."""
    return len(word) == 1 or word.lower() in TITLES or _is_given(word)


def _is_given(word: str) -> bool:
    return GIVEN_FREQUENCY.get(word.lower(), 0) >= _MANY


def _is_family(word: str) -> bool:
    """Whether a word is a family name that many bear, or what stands for one."""
    if word in ROLES["addressee"]:
        return True
    return FAMILY_FREQUENCY.get(word.lower(), 0) >= _MANY and not _is_strong(word)


def _is_flagged(word: str) -> bool:
    return len(word) > 1 and bool(FLAGS.get(word, 0) & _OF_AN_ADDRESS)


def _is_part(word: str) -> bool:
    return bool(FLAGS.get(word, 0) & (UNIT | LEVEL | FLOOR))


def _is_strong(word: str) -> bool:
    return bool(FLAGS.get(word, 0) & (STRONG | UNIT | LEVEL | FLOOR))


def _ends_part(words: list[str]) -> bool:
    """Whether a digit stands in a line, or the comma behind which another part of the address begins."""
    return any("," in word or any(map(str.isdecimal, word)) for word in words)
