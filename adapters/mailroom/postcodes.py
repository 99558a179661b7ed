"""A postcode that was misread where only its grammar can tell: `0X14 4JF`, `LN1 ZTR`, `AL10 OPG`.

A postcode is one or two letters, a digit, perhaps a digit or letter, then a digit and two letters (BS 7666).
A letter in a digit's place, or a digit in a letter's, is what the eye takes for it
(`matchers.address.misreadings`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import product

from matchers import address
from matchers.address.misreadings import FOR_READER, Place
from matchers.address.postcode import area, belies, is_district
from matchers.address.vocabulary import AREA_TOWNS

_PLACES: dict[str, Place] = {"9": "digit", "A": "letter", "Z": "last letter"}
SHAPES = ("A9", "A99", "AA9", "AA99", "A9A", "AA9A")
"""Of the outward code."""
LAST_LINES = 3
"""In which a postcode stands."""
DEAREST = 3
"""A repair that everybody would make costs 1, a seldom one 2; beyond it, anything is a postcode."""

_WHOLE = re.compile(r"(?:[A-Z]{1,2}[0-9][A-Z0-9]?|GIR) ?[0-9][ABD-HJLNP-UW-Z]{2}")
_WORDS = re.compile(r"[A-Za-z0-9/|\]]{2,7}(?: ?[A-Za-z0-9/|\]]{2,3})?$")
_TWO_WORDS = re.compile(r"[A-Z]\w{1,3} [A-Z0-9/|\]]{3}", re.ASCII)
"""Two words that have no digit and look like a postcode all the same: `Sys OSN`."""


def postcode_of(text: str) -> str | None:
    """The whole postcode of an address as it stands, or None."""
    code = address.read(text).postcode
    return code if code and _WHOLE.fullmatch(code) else None


def is_real(code: str | None) -> bool:
    """Whether it is a postcode of a district that there is."""
    return code is not None and is_district(code[:-4])


def holds_real(texts: Iterable[str]) -> bool:
    """Whether one of these texts, an address and what it may be put right to, has a real postcode, and one
    that its post town does not belie: that of another part of the country was misread."""
    return any(is_real(code := postcode_of(text)) and not _is_elsewhere(code, text) for text in texts)


def _is_elsewhere(code: str | None, text: str) -> bool:
    """Whether a postcode is of an area in which the text's post town has no part."""
    outward, town = (code or "")[:-4], address.read(text).town
    return belies(outward, town) and town not in AREA_TOWNS[area(outward)]


def repaired(text: str) -> tuple[str, ...]:
    """The address with its misread postcode put right, each way that could be meant; () where it is right.

    One of an area that does not exist is misread too.
    """
    right = postcode_of(text)
    if is_real(right):
        return ()
    lines = text.split("\n")
    found = {
        "\n".join((*lines[:number], line[: match.start()] + code, *lines[number + 1 :]))
        for number, line in enumerate(lines)
        if number >= len(lines) - LAST_LINES and (match := _WORDS.search(line))
        if number == len(lines) - 1 or any(map(str.isdigit, match[0]))  # WAIRE above a town is a word
        for code in _codes(match[0], right)
    }
    return tuple(sorted(found))


def _codes(word: str, right: str | None) -> set[str]:
    """What a word may be as a postcode, by the cheapest repairs and the next, of real areas if any are."""
    letters = word.upper().replace(" ", "")
    if not any(map(str.isdigit, letters)) and not (word.isupper() or _TWO_WORDS.fullmatch(word)):
        return set()  # a word; "Susser" would be SU5 5ER
    found: dict[str, int] = {}
    for outward in SHAPES:
        shape = f"{outward}9ZZ"
        if len(shape) != len(letters):
            continue
        for spelling, cost in _spellings(letters, shape):
            code = f"{spelling[:-3]} {spelling[-3:]}"
            if 0 < cost <= DEAREST and _WHOLE.fullmatch(code):
                found[code] = min(cost, found.get(code, cost))
    real = {code: cost for code, cost in found.items() if is_real(code)}
    if right is not None or real:
        found = real  # an invented area is put right by a real one alone
    least = min(found.values(), default=0)
    return {code for code, cost in found.items() if cost <= least + 1}


def _spellings(letters: str, shape: str) -> Iterator[tuple[str, int]]:
    """Every way to read letters as a shape, and what it costs."""
    for chosen in product(*map(_put, letters, shape)):
        yield "".join(letter for letter, _ in chosen), sum(cost for _, cost in chosen)


def _put(letter: str, kind: str) -> list[tuple[str, int]]:
    """What a letter may be in the place of a digit (9), letter (A) or last letter (Z), and what it costs."""
    itself = [(letter, 0)] if letter.isalnum() and letter.isdigit() == (kind == "9") else []
    return [*itself, *FOR_READER.get((_PLACES[kind], letter), ())]
