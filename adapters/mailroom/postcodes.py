"""A postcode that was misread where only its grammar can tell: `0X14 4JF`, `LN1 ZTR`, `AL10 OPG`.

A postcode is one or two letters, a digit, perhaps a digit or letter, then a digit and two letters (BS 7666).
A letter in a digit's place, or a digit in a letter's, is what the eye takes for it.
"""

from __future__ import annotations

import re
from itertools import product

from matchers import address

AS_DIGIT = {"O": "0", "I": "1", "/": "1", "|": "1", "Z": "2", "S": "5"}
SELDOM_AS_DIGIT = {"Q": "0", "D": "0", "L": "1", "A": "4", "G": "6", "T": "7", "B": "8", "P": "9"}
AS_LETTER = {"0": "O", "1": "I", "2": "ZQ", "5": "S"}
SELDOM_AS_LETTER = {"4": "A", "6": "G", "8": "B"}
AS_LAST_LETTER = {"0": "DQ", "2": "ZQ", "5": "S"}
"""The last two are never C, I, K, M, O or V. A written Q is a 2 to many eyes."""
SHAPES = ("A9", "A99", "AA9", "AA99", "A9A", "AA9A")
"""Of the outward code."""
LAST_LINES = 3
"""In which a postcode stands."""
DEAREST = 3
"""A repair that everybody would make costs 1, a seldom one 2; beyond it, anything is a postcode."""

_WHOLE = re.compile(r"[A-Z]{1,2}[0-9][A-Z0-9]? ?[0-9][A-Z]{2}")
_WORDS = re.compile(r"[A-Za-z0-9/|]{2,7}(?: ?[A-Za-z0-9/|]{2,3})?$")


def postcode_of(text: str) -> str | None:
    """The whole postcode of an address as it stands, or None."""
    code = address.read(text).postcode
    return code if code and _WHOLE.fullmatch(code) else None


def repaired(text: str) -> tuple[str, ...]:
    """The address with its misread postcode put right, each way that could be meant; () where it is right."""
    if postcode_of(text) is not None:
        return ()
    lines = text.split("\n")
    found = {
        "\n".join((*lines[:number], line[: match.start()] + code, *lines[number + 1 :]))
        for number, line in enumerate(lines)
        if number >= len(lines) - LAST_LINES and (match := _WORDS.search(line))
        for code in _codes(match[0])
    }
    return tuple(sorted(found))


def _codes(word: str) -> set[str]:
    """What a word may be as a postcode, by the cheapest repairs."""
    letters = word.upper().replace(" ", "")
    if not any(map(str.isdigit, letters)):
        return set()  # a word; "Susser" would be SU5 5ER
    found: dict[str, int] = {}
    for outward in SHAPES:
        shape = f"{outward}9ZZ"
        if len(shape) != len(letters):
            continue
        put = [_put(letter, kind) for letter, kind in zip(letters, shape, strict=True)]
        cost = sum(one[1] for one in put)
        if not 0 < cost <= DEAREST:
            continue
        for chosen in product(*(one[0] for one in put)):
            code = "".join(chosen)
            code = f"{code[:-3]} {code[-3:]}"
            if postcode_of(f"1 High Street\n{code}") == code:
                found[code] = cost
    least = min(found.values(), default=0)
    return {code for code, cost in found.items() if cost == least}


def _put(letter: str, kind: str) -> tuple[str, int]:
    """What a letter may be in the place of a digit (9), letter (A) or last letter (Z), and what it costs."""
    if letter.isalnum() and letter.isdigit() == (kind == "9"):
        return letter, 0
    often, seldom = {
        "9": (AS_DIGIT, SELDOM_AS_DIGIT),
        "A": (AS_LETTER, SELDOM_AS_LETTER),
        "Z": (AS_LAST_LETTER, SELDOM_AS_LETTER),
    }[kind]
    if letter in often:
        return often[letter], 1
    return (seldom[letter], 2) if letter in seldom else ("", DEAREST + 1)
