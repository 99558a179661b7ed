"""Digits said in words, in English and Welsh: "oh double seven", "dim saith saith"."""

import re
from collections.abc import Sequence
from functools import lru_cache

from matchers import tables

_TABLE: dict[str, tuple[str, str]] = {
    word: (digits, kind) for word, digits, kind in tables.rows("number_words")
}
# "doubleoh", "ohsevenseven": words run together are cut at the longest words first.
_JOINED = re.compile("|".join(sorted((w for w in _TABLE if len(w) > 1), key=len, reverse=True)))
_WHOLLY_JOINED = re.compile(rf"(?:{_JOINED.pattern}){{2,}}")

WORDS = frozenset(_TABLE)
"""Every word that can stand for digits, in lower case."""


@lru_cache(maxsize=1 << 16)
def split_joined(word: str) -> tuple[str, ...]:
    """`doubleseven` as its number words; empty when it is not wholly number words."""
    if not _WHOLLY_JOINED.fullmatch(word):
        return ()
    return tuple(_JOINED.findall(word))


def most_digits(words: Sequence[str]) -> int:
    """How many digits these lower-case words can hold at most; words that are no number words hold none."""
    if len(_MOST_DIGITS) > _MOST_REMEMBERED:
        _MOST_DIGITS.clear()
    return sum(map(_MOST_DIGITS.__getitem__, words))


class _MostDigits(dict[str, int]):
    """What each word met so far can hold; this is asked of every word of every message."""

    def __missing__(self, word: str) -> int:
        if word in _TABLE:
            digits, kind = _TABLE[word]
            most = int(digits) - 1 if kind == "repeat" else len(digits)
        else:
            most = sum(self[part] for part in split_joined(word)) if len(word) > 5 else 0
        self[word] = most
        return most


_MOST_DIGITS = _MostDigits()
_MOST_REMEMBERED = 1 << 16


def said_alone(word: str) -> str:
    """The digits of a lower-case word that says a number by itself, else ""."""
    digits, kind = _TABLE.get(word, ("", ""))
    return "" if kind == "repeat" else digits


def digits_said(words: Sequence[str]) -> str:
    """All digits of lower-case words, one behind the other; "double" and "treble" written out."""
    said = "".join(map(_SAID.__getitem__, words))
    if len(_SAID) > _MOST_REMEMBERED:
        _SAID.clear()
    return _REPEATED.sub(lambda match: match[2] * (ord(match[1]) - _REPEAT), said)


class _Said(dict[str, str]):
    """What each word met so far says; a word that repeats the next is one letter."""

    def __missing__(self, word: str) -> str:
        digits, kind = _TABLE.get(word, (word if word.isdigit() else "", "digit"))
        self[word] = said = chr(_REPEAT + int(digits)) if kind == "repeat" else digits
        return said


_SAID = _Said()
_REPEAT = ord("a")
_REPEATED = re.compile(r"([a-z])([0-9]?)")


def read(words: Sequence[str]) -> list[tuple[str, int]]:
    """Read a run of number words and digit strings: [(digits, how many of `words` it took), ...].

    `words` are lower case, each a member of `WORDS` or a string of digits. "seventy", "seven" is 77;
    "double", "seven" is 77; "nine", "hundred" is 900. A "double" with nothing behind it gives "".
    """
    read_so_far: list[tuple[str, int]] = []
    at = 0
    while at < len(words):
        digits, kind = _TABLE.get(words[at], (words[at], "digit"))
        used = 1
        if kind == "repeat":
            following = words[at + 1] if at + 1 < len(words) else ""
            repeated, following_kind = _TABLE.get(following, (following, "digit"))
            if following_kind == "digit" and len(repeated) == 1:
                digits, used = repeated * int(digits), 2
            else:
                digits = ""
        elif kind == "ten" and at + 1 < len(words):
            unit, unit_kind = _TABLE.get(words[at + 1], ("", ""))
            if unit_kind == "digit" and unit != "0":
                digits, used = digits[0] + unit, 2
        read_so_far.append((digits, used))
        at += used
    return read_so_far
