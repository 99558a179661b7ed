"""Whether one number may be another with a character misread."""

from __future__ import annotations

from matchers.address.repair import UNKNOWN
from matchers.address.vocabulary import DIGIT_MISREADINGS, DIGIT_PAIRS

SUFFIXES = frozenset("ABCDEFGH½")
"""Letters and marks that stand behind house numbers; others are more likely misread digits."""


def misread(one: str, other: str) -> bool:
    """Whether one number may be the other with digits taken for letters or marks:

    "1L9" is 119, "10Q" is 107.
    """
    if len(one) != len(other):
        longer, shorter = (one, other) if len(one) > len(other) else (other, one)
        return not longer[0].isdecimal() and longer[1:] == shorter and shorter.isdecimal()
    unclear = False
    for place, (a, b) in enumerate(zip(one, other, strict=True)):
        if a == b:
            continue
        if a.isdecimal() and b.isdecimal():
            return False
        if a.isdecimal() == b.isdecimal():
            return False
        mark = b if a.isdecimal() else a
        digit = a if a.isdecimal() else b
        if place + 1 < len(one) or mark == UNKNOWN:  # no letter stands there: a digit, whichever it was
            unclear = True
            continue
        if digit not in DIGIT_MISREADINGS.get(mark, "" if mark in SUFFIXES else digit):
            return False
        unclear = True
    return unclear


def misread_digit(one: str, other: str) -> bool:
    """Whether two numbers differ in one digit that is not the last, and that readers take for one another.

    A last digit tells neighbours apart, so it never counts.
    """
    if len(one) != len(other) or one[-1] != other[-1]:
        return False
    differ = [a + b for a, b in zip(one, other, strict=True) if a != b]
    return len(differ) == 1 and (differ[0] in DIGIT_PAIRS or differ[0][::-1] in DIGIT_PAIRS)
