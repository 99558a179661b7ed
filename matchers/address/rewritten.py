"""Other readings of a British address whose writing can be taken in two ways.

A word or a number may be broken at the end of a line, and a number word in front of a name may be the house's
number or a part of the name: "TWELVE ADAMS ROAD" is like "SEVEN SISTERS ROAD".
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import msgspec

from matchers.address.model import Address
from matchers.address.said_numbers import number_at
from matchers.address.uk import read_uk
from matchers.address.vocabulary import ABBREVIATIONS, COUNTIES, COUNTRIES, FLAGS, ROLES, TOWNS, fold


def rewritten(text: str, folded: str) -> Iterator[Address]:
    """The other readings of `text`, of which `folded` is the folded form; none for most."""
    joined = _APART.sub(r"\1\2", _BROKEN.sub(_joined, text)) if "\n" in text else text
    if joined != text:
        yield msgspec.structs.replace(read_uk(joined, fold(joined)), text=text)
    numbered = _numbered(folded)
    if numbered != folded:
        yield read_uk(text, numbered)


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


_BROKEN = re.compile(r"(?<![a-zA-Z])([A-Z][a-z]+)-?[ ]*\r?\n[ ]*([a-z]{2,})(?![a-zA-Z'/])")
"""A word with a capital at the end of a line, and one without at the head of the next."""
_APART = re.compile(r"^[ ]*(\d{1,3})[ ]*\r?\n[ ]*(\d{1,3})[ ]*$", re.MULTILINE)
"""Digits alone on each of two lines."""
_STAND_ALONE = (
    frozenset(name for name in (*TOWNS, *COUNTIES, *COUNTRIES) if " " not in name)
    | ROLES["title"]
    | ROLES["joiner"]
    | frozenset("THE AND OR NEAR NEXT CARE FAO ATTN FOR TO FROM BY IN ON UPON UNDER PLEASE REF TEL".split())
)
