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
    TOWNS,
    UNIT,
    fold,
)

_MOST = 5
"""Words of a line that may be a person, or a couple."""
_HEAD = 3
"""Lines at the head of an envelope that may be people."""
_OF_AN_ADDRESS = STREET | BUILDING | UNIT | LEVEL | FLOOR | ORGANISATION
_CARE_OF = re.compile(
    r"[ \t]*(?:(?:c[ ]?/[ ]?o|care[ ]+of|℅)\b|℅)[ :.,-]*(?=[^\d\n]+(?:\n|$))", re.IGNORECASE
)


class Headed(NamedTuple):
    """A text cut behind the lines that say to whom it is."""

    to: tuple[str, ...]  # those lines
    rest: str  # the lines of the address
    sure: bool  # whether the lines can be nothing but people
    in_care: bool  # whether it is in the care of what the rest begins with


def headed(text: str) -> Headed | None:
    """The text cut behind its first line or lines that may be people; None where it begins otherwise."""
    lines = [line for line in text.split("\n") if line.strip(" \t\r,.")]
    if len(lines) < _HEAD - 1:
        return None
    to: list[str] = []
    sure = True
    while len(lines) > 1 and len(to) < _HEAD:
        words = fold(lines[0].strip(" \t\r,;")).split()
        certain = is_person(words)
        if not certain and (to or not _may_be_person(words)):
            break
        sure = sure and certain
        to.append(lines.pop(0).strip(" \t\r,"))
    kept = len(to)
    care = next((at for at, line in enumerate(lines[: _HEAD - kept]) if _CARE_OF.match(line)), None)
    if care is not None and len(lines) > care + 1:
        to += lines[:care]
        lines = [_CARE_OF.sub("", lines[care]), *lines[care + 1 :]]
        sure = False
    if not to and care is None:
        return None
    return Headed(tuple(to), "\n".join(lines), sure, care is not None)


def is_person(words: list[str]) -> bool:
    """Whether the folded words of a line are a title and a name, or what somebody is to the writer."""
    if not words or len(words) > _MOST + 2 or any(map(_has_digit, words)):
        return False
    if words[0] in ROLES["title"]:
        return len(words) > 1 and not (words[0] in ROLES["street title"] and _flagged(words[-1:]))
    return any(word in ROLES["addressee"] for word in words) and not _flagged(words)


def _may_be_person(words: list[str]) -> bool:
    if not 0 < len(words) <= _MOST or " ".join(words) in TOWNS:
        return False
    return not any(map(_has_digit, words)) and not _flagged(words)


def _flagged(words: list[str]) -> bool:
    return any(FLAGS.get(word, 0) & _OF_AN_ADDRESS for word in words if len(word) > 1)


def _has_digit(word: str) -> bool:
    """Whether a digit stands in a word, or the comma behind which another part of the address begins."""
    return "," in word or any(map(str.isdecimal, word))
