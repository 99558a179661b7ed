"""Whether one number may be another with a character misread."""

from __future__ import annotations

from matchers.address.vocabulary import DIGIT_MISREADINGS, DIGIT_PAIRS

SUFFIXES = frozenset("ABCDEFGH½")
"""Letters and marks that stand behind house numbers; others are more likely misread digits."""


def misread(one: str, other: str) -> bool:
    """Whether one number may be the other with digits taken for letters or marks:

    "1L9" is 119, "10Q" is 107.
    """
    if len(one) != len(other):
        longer, shorter = (one, other) if len(one) > len(other) else (other, one)
        if longer[0].isdecimal() or not shorter.isdecimal() or len(longer) > len(shorter) + 1:
            return False
        return longer[1:] == shorter or misread(longer[1:], shorter)
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
        if place + 1 < len(one) or mark not in SUFFIXES:  # no letter stands there: some digit
            unclear = True
            continue
        if digit not in DIGIT_MISREADINGS.get(mark, ""):
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
