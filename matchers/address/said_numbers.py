"""House numbers and flats in words and Roman figures: "TWELVE", "ONE HUNDRED AND FOUR", "XII"."""

from __future__ import annotations

from collections.abc import Sequence

from matchers.address.vocabulary import FLAGS, LEVEL, ROLES, STRONG, UNIT, WEAK, rows

_VALUES: dict[str, int] = {word: int(value) for word, value in rows("said_numbers")}
_NUMBER_WORDS = ("NO", "NUMBER", "NOS", "NR")
_SIGNS = ((100, "C"), (90, "XC"), (50, "L"), (40, "XL"), (10, "X"), (9, "IX"), (5, "V"), (4, "IV"), (1, "I"))
_MOST_COUNTED = 12  # things that a street is named after
_MOST = 400  # the highest number that is read in Roman figures
WORDS = frozenset(word for word, value in _VALUES.items() if value)
"""The words that may begin a number."""


def put_in_digits(tokens: list[str], *, alone: bool, numbered: bool) -> None:
    """Put the numbers of one line that are said in words into digits, in place.

    Behind a word for a flat or for a number they are one, and where they are all of the line, if it may stand
    `alone`. In front of a street's name they are its number, unless it is `numbered` already or the name
    counts things: "SEVEN SISTERS ROAD", "TEN ACRE LANE".
    """
    for i in range(1, len(tokens)):
        before = tokens[i - 1]
        if before in _NUMBER_WORDS or FLAGS.get(before, 0) & UNIT:
            digits, size = number_at(tokens, i)
            if digits:
                tokens[i : i + size] = [digits]
                return
    if tokens[:2] == ["A", "HUNDRED"]:
        tokens[0] = "ONE"
    digits, size = number_at(tokens, 0)
    many = digits.isdecimal() and int(digits) > _MOST_COUNTED
    if digits and (
        alone if size == len(tokens) else _before_street(tokens, size, many=many) and not numbered
    ):
        tokens[:size] = [digits]


def number_at(tokens: Sequence[str], at: int) -> tuple[str, int]:
    """The number that token `at` begins, in words or Roman figures, and how many tokens it takes."""
    digits, size = said(tokens, at)
    if digits:
        return digits, size
    digits = roman(tokens[at])
    return digits, 1 if digits else 0


def _before_street(tokens: Sequence[str], at: int, *, many: bool) -> bool:
    """Whether the name of a street stands at token `at`, and does not count what the words in front say.

    `many` where they say more than a name counts: "FOURTEEN KINGS ROAD", and not "SEVEN SISTERS ROAD".
    """
    counted, behind = tokens[at], tokens[at + 1 :]
    if counted in ROLES["counted"] or FLAGS.get(counted, 0) & LEVEL:
        return False
    if counted == "ST" and behind[:1] and behind[0] in ROLES["saint"]:
        counted, behind = behind[0], behind[1:]
        many = True
    if counted[-1] == "S" and counted[-2:-1] != "S" and not (many and not FLAGS.get(counted, 0)):
        return False
    typed = any(FLAGS.get(word, 0) & STRONG for word in behind) or (
        bool(behind) and bool(FLAGS.get(behind[-1], 0) & WEAK)
    )
    return typed and not FLAGS.get(counted, 0) & STRONG


def said(tokens: Sequence[str], at: int) -> tuple[str, int]:
    """The number that words say from token `at` on, in digits, and how many tokens it takes, or ("", 0).

    "TWENTY NINE" and "TWENTY-NINE" are 29, "TWO NINE" is 29 too, "ONE OH FOUR" and "ONE HUNDRED AND FOUR"
    are 104.
    """
    words = _words(tokens, at)
    digits, taken = _below_hundred(words, 0)
    if not digits:
        return "", 0
    if taken < len(words) and words[taken][0] == "HUNDRED":
        hundreds = int(digits) * 100
        taken += 1
        behind = taken + (taken < len(words) and words[taken][0] == "AND")
        rest, more = _below_hundred(words, behind)
        if rest:
            taken = behind + more
        digits = str(hundreds + int(rest or "0"))
    else:
        while taken < len(words):  # "TWO NINE", "ONE TWENTY"
            rest, more = _below_hundred(words, taken)
            if not rest or len(digits) + len(rest) > 4:
                break
            digits, taken = digits + rest, taken + more
    if taken < len(words) and words[taken][1] == words[taken - 1][1]:  # half of "FOUR-LEGGED"
        return "", 0
    return digits, words[taken - 1][1] - at + 1


def roman(token: str) -> str:
    """The value of a Roman figure of two letters or more, in digits; "" for any other word."""
    return _ROMAN.get(token, "")


def _figure(value: int) -> str:
    """A number in Roman figures."""
    written = ""
    for worth, sign in _SIGNS:
        written += sign * (value // worth)
        value %= worth
    return written


def _words(tokens: Sequence[str], at: int) -> list[tuple[str, int]]:
    """The words from token `at` on and the token each is of, cut at hyphens, while they may be a number's."""
    found: list[tuple[str, int]] = []
    for index in range(at, min(at + 5, len(tokens))):
        parts = [part for part in tokens[index].split("-") if part]
        if not parts or not all(part in _VALUES or part in ("HUNDRED", "AND") for part in parts):
            break
        found.extend((part, index) for part in parts)
    return found


def _below_hundred(words: Sequence[tuple[str, int]], at: int) -> tuple[str, int]:
    """A number under a hundred at a place among words, and how many words it takes."""
    if at >= len(words) or words[at][0] not in (_VALUES if at else WORDS):  # none begins with a nought
        return "", 0
    value = _VALUES[words[at][0]]
    if value >= 20 and value % 10 == 0 and at + 1 < len(words):
        unit = _VALUES.get(words[at + 1][0], 0)
        if 0 < unit < 10:
            return str(value + unit), 2
    return str(value), 1


_ROMAN = {figure: str(value) for value in range(1, _MOST) if len(figure := _figure(value)) > 1}
_DIGITS = {word for word, value in _VALUES.items() if value < 10}
BEGINNINGS = (
    WORDS
    | _ROMAN.keys()
    | {f"{ten}-{unit}" for ten in WORDS for unit in WORDS if _VALUES[ten] % 10 == 0 and _VALUES[unit] < 10}
    | {f"{one}-{ten}-{unit}" for one in _DIGITS & WORDS for ten in _DIGITS for unit in _DIGITS}
    | {"HUNDRED"}
)
"""The words that a number begins with, for a quick look at a line."""
