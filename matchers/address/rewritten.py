"""Other readings of a British address whose writing can be taken in two ways.

A word or a number may be broken at the end of a line, and a number word in front of a name may be the house's
number or a part of the name: "TWELVE ADAMS ROAD" is like "SEVEN SISTERS ROAD". A word and a code
in front of the rest may be a place with its postcode, or a note: "STRAND E2", "SECTOR SE1 4TT".
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import msgspec

from matchers.address.model import Address
from matchers.address.said_numbers import number_at
from matchers.address.uk import read_uk
from matchers.address.vocabulary import (
    ABBREVIATIONS,
    COUNTIES,
    COUNTRIES,
    FLAGS,
    FLOOR,
    LEVEL,
    ROLES,
    TOWNS,
    UNIT,
    fold,
)


def rewritten(text: str, folded: str) -> Iterator[Address]:
    """The other readings of `text`, of which `folded` is the folded form; none for most."""
    joined = _APART.sub(r"\1\2", _BROKEN.sub(_joined, text)) if "\n" in text else text
    if joined != text:
        yield msgspec.structs.replace(read_uk(joined, fold(joined)), text=text)
    numbered = _numbered(folded)
    if numbered != folded:
        yield read_uk(text, numbered)
    lettered = _lettered(folded)
    if lettered != folded:
        yield read_uk(text, lettered)
    if _LABELLED.search(f",{folded}") is not None:
        yield from _without_label(text, folded)


def _without_label(text: str, folded: str) -> Iterator[Address]:
    """The reading without a word and a code on a line of their own, where a door in a post town is left."""
    lines = f",{folded}"
    bare = _LABELLED.sub(lambda line: "," if _is_label(line[1]) else line[0], lines)
    if bare != lines:
        left = read_uk(text, bare)
        if left.town in TOWNS and (left.numbers or left.units or left.building):
            yield left


def _is_label(word: str) -> bool:
    """Whether a word in front of a code is no town, and no word for a part of a building."""
    return word not in TOWNS and not FLAGS.get(word, 0) & (UNIT | LEVEL | FLOOR)


def _joined(match: re.Match[str]) -> str:
    """The two halves of a broken word, or what was matched where the second may stand for itself."""
    before, after = match[1].upper(), match[2].upper()
    known = FLAGS.get(before) or FLAGS.get(after) or after in ABBREVIATIONS or after in _STAND_ALONE
    known = known or before in _STAND_ALONE
    return match[0] if known and match[0][len(match[1])] != "-" else match[1] + match[2]


def _numbered(folded: str) -> str:
    """The text with digits for the number words that begin a line and may be a part of its name."""
    lines = folded.split(",")
    for place, line in enumerate(lines):
        words = line.split()
        if len(words) < 2 or any(char.isdecimal() for char in line):
            continue
        digits, size = number_at(words, 0)
        if digits and size < len(words):
            lines[place] = " ".join((digits, *words[size:]))
    return ",".join(lines)


def _lettered(folded: str) -> str:
    """The text with a town's letters for the digits that stand for them, "L33DS", and digits for letters:

    "LO MILL ROAD". A town is read so only where none is told.
    """
    lines = folded.split(",")
    if TOWNS.isdisjoint(line.strip() for line in lines):
        lines = [_town(line.strip()) or line for line in lines]
    return ",".join(_LETTERS_ALONE.sub(lambda found: found[0].translate(_DIGITS), line) for line in lines)


def _town(line: str) -> str:
    """The post town that a line with digits among its letters says; "" where it says none."""
    if not (any(map(str.isdecimal, line)) and any(map(str.isalpha, line))):
        return ""
    return next((name for form in _FOR_DIGITS if (name := line.translate(form)) in TOWNS), "")


_DIGITS = str.maketrans("ILO", "110")
_FOR_DIGITS = (str.maketrans("01345789", "OIEASTBG"), str.maketrans("01345789", "OLEASTBG"))
"""Letters that digits stand for by their looks."""
_LETTERS_ALONE = re.compile(r"^ *(?=[01]{0,2}[ILO])[ILO01]{2,3}(?= [A-Z]{3})")
"""Letters that look like digits, where a house's number stands."""
_BROKEN = re.compile(r"(?<![a-zA-Z])([A-Z][a-z]+)-?[ ]*\r?\n[ ]*([a-z]{2,})(?![a-zA-Z'/])")
"""A word with a capital at the end of a line, and one without at the head of the next."""
_APART = re.compile(r"^[ ]*(\d{1,3})[ ]*\r?\n[ ]*(\d{1,3})[ ]*$", re.MULTILINE)
"""Digits alone on each of two lines."""
_LABELLED = re.compile(r", *([A-Z]{3,}) +(?=[A-Z]{1,2}\d)[A-Z\d]{2,4}(?:[ /-]?\d[A-Z\d]{0,3})? *,(?! *$)")
"""A word and what may be a postcode or its first half, with more of the address behind it."""
_STAND_ALONE = (
    frozenset(name for name in (*TOWNS, *COUNTIES, *COUNTRIES) if " " not in name)
    | ROLES["title"]
    | ROLES["joiner"]
    | frozenset("THE AND OR NEAR NEXT CARE FAO ATTN FOR TO FROM BY IN ON UPON UNDER PLEASE REF TEL".split())
)
