"""A house's number as it is written: "12", "12 A", "10 - 12", "53A & B", "12½", "12 and a half"."""

from __future__ import annotations

import re
from typing import NamedTuple

from matchers.address.strokes import may_be_range
from matchers.address.vocabulary import BUILDING, DIGIT_MISREADINGS, FLAGS, ROLES, STREET, STRONG

HALF = "½"


class NumberRead(NamedTuple):
    """A number that begins at some token of a line."""

    text: str  # "12", "12A", "10-12", "10/12" where it may be a house and its flat, "53A-B", "12½"
    end: int  # the token after it
    readings: tuple[str, ...] = ()  # other numbers that it may be, or is looked for by


def number_at(tokens: list[str], i: int, *, halves: bool) -> NumberRead | None:
    """The number that begins at token `i`, or None where that is none.

    `halves` where "1/2" behind a number is a half, and not the second flat of the first floor.
    """
    match = _NUMBER.fullmatch(tokens[i])
    if match is None:
        named = "".join(tokens[i + 1 : i + 2]).isalpha()
        return _lettered(tokens[i], i + 1) or (_dated(tokens[i], i + 1) if named else None)
    low, suffix, mark, high, high_suffix = match.groups()
    first = low.lstrip("0") or "0"
    if apart := _digits_apart(tokens, i, scottish=not halves):
        return NumberRead(apart, i + len(apart))
    j = i + 1
    following = tokens[j] if j < len(tokens) else ""
    if not high and len(following) > 1 and following.isalpha() and following not in _GO_ON:
        return NumberRead(first + suffix, j)  # nearly always
    if not suffix and not high:
        end = _half_at(tokens, j, halves=halves)
        if end > j:
            return NumberRead(first + HALF, end, (first,))
        if j < len(tokens) and _LETTERS.fullmatch(tokens[j]):
            return NumberRead(f"{first}{tokens[j]}", j + 1)
        if j < len(tokens) and len(tokens[j]) == 1 and tokens[j].isalpha():
            suffix = tokens[j]
            j += 1
    if suffix and not high and j + 1 < len(tokens) and tokens[j] in _BETWEEN and _is_letter(tokens[j + 1]):
        return NumberRead(f"{first}{suffix}-{tokens[j + 1]}", j + 2)
    if not high and j + 1 < len(tokens) and tokens[j] in _BETWEEN:
        second = _NUMBER.fullmatch(tokens[j + 1])
        if second is not None and not second[4]:
            mark = "/" if tokens[j] == "/" else "-"
            high, high_suffix = second[1], second[2]
            j += 2
    elif not high and j < len(tokens) and tokens[j][0] == "-" and _NUMBER.fullmatch(tokens[j][1:]):
        mark, high, high_suffix = "-", tokens[j][1:], ""  # "9 -11"
        j += 1
    return _ranged(tokens, j, first, low, suffix, mark, high, high_suffix)


def join_ordinal(tokens: list[str], i: int) -> None:
    """Join "1 ST" in front of a street's type behind a number: "6 1 ST AVENUE"."""
    ending = "".join(tokens[i + 2 : i + 3])
    if ending in ("ST", "ND", "RD", "TH") and tokens[i + 1].isdecimal():
        street = FLAGS.get("".join(tokens[i + 3 : i + 4]), 0) & STRONG
        if street:
            tokens[i + 1 : i + 3] = [tokens[i + 1] + ending]


def is_glued(tokens: list[str], i: int) -> bool:
    """Whether an ordinal is a number with a word run into it: "77ST ANDREWS DRIVE", "21ST MARYS ROAD"."""
    number, ending = tokens[i][:-2], tokens[i][-2:]
    teen = len(number) > 1 and number[-2] == "1"
    own = "TH" if teen else {"1": "ST", "2": "ND", "3": "RD"}.get(number[-1], "TH")
    saint = ending == "ST" and "".join(tokens[i + 1 : i + 2]) in ROLES["saint"]
    return ending == "ST" and i + 2 < len(tokens) and (ending != own or saint)


def is_word(tokens: list[str], i: int) -> bool:
    """Whether a digit run into a word is its first letter misread: "72 8IRKDALE", "5IMON OTHERMAN"."""
    if tokens[i][1].isdecimal() or tokens[i][0] not in CAPITALS:
        return False
    if (i and tokens[i - 1][0].isdecimal()) or any(token[0].isdecimal() for token in tokens[i + 1 :]):
        return True
    return not any(FLAGS.get(token, 0) & (STREET | BUILDING) for token in tokens[i + 1 :])


def digits_of(token: str) -> tuple[str, ...]:
    """The numbers that an unclear one may stand for: "1l9" is 119 or 129."""
    found = [""]
    for char in token:
        options = char if char.isdecimal() else DIGIT_MISREADINGS.get(char, "")
        if not options:
            return ()
        found = [start + option for start in found for option in options][:8]
    return tuple(found)


def _ranged(
    tokens: list[str], j: int, first: str, low: str, suffix: str, mark: str, high: str, high_suffix: str
) -> NumberRead:
    """A number and what may follow it: the last one of a range, or its digits written apart."""
    readings: tuple[str, ...] = ()
    if not high and not suffix and j < len(tokens) and tokens[j].isdecimal():
        if len(low + tokens[j]) <= _LONGEST_APART:  # "1 4 Elm Road": flat 1, or 14 written apart
            readings = (low + tokens[j],)
        if not may_be_range(int(low), int(tokens[j])):
            return NumberRead(f"{first}", j, readings)
        mark, high, high_suffix = "/", tokens[j], ""
        j += 1
    if not high:
        return NumberRead(f"{first}{suffix}", j)
    last = high.lstrip("0") or "0"
    if last == first and suffix and high_suffix:
        return NumberRead(f"{first}{suffix}-{high_suffix}", j)
    if last == first:
        mark = "-"  # "143/143A"
    if mark == "/":
        readings = (*readings, first, last)
    return NumberRead(f"{first}{suffix}{mark}{last}{high_suffix or ''}", j, readings)


def _digits_apart(tokens: list[str], i: int, *, scottish: bool) -> str:
    """The number whose three digits stand apart before a word: "1 0 4 MILL ROAD"; "" where none does.

    In Scotland "1 2 4" is flat 1/2 of number 4, but there is no place 0 on a floor.
    """
    run = tokens[i : i + _LONGEST_APART]
    beyond = "".join(tokens[i + _LONGEST_APART : i + _LONGEST_APART + 1])
    if len(run) < _LONGEST_APART or not all(len(one) == 1 and one.isdecimal() for one in run):
        return ""
    number = "".join(run)
    if number[0] == "0" or len(beyond) < 2 or not beyond.isalpha() or (scottish and number[1] != "0"):
        return ""
    return number


def _half_at(tokens: list[str], j: int, *, halves: bool) -> int:
    """The token behind a half at token `j`; `j` where none stands there."""
    if tokens[j : j + 1] == ["HALF"]:
        return j + 1
    if tokens[j : j + 3] == ["AND", "A", "HALF"]:
        return j + 3
    return j + 1 if halves and tokens[j : j + 1] == ["1/2"] else j


def _lettered(token: str, end: int) -> NumberRead | None:
    match = _SEVERAL.fullmatch(token)
    return NumberRead(f"{match[1].lstrip('0') or '0'}{match[2]}-{match[3]}", end) if match else None


def _dated(token: str, end: int) -> NumberRead | None:
    """What a spreadsheet took for a date: "17-JAN" was "17-1" or "17/1"."""
    match = _DAY.fullmatch(token)
    if match is None:
        return None
    day, month = match[1] or match[4], str(_MONTHS.index(match[2] or match[3]) + 1)
    first, last = (day, month) if match[1] else (month, day)
    return NumberRead(f"{int(first)}/{int(last)}", end, (str(int(first)), str(int(last))))


def _is_letter(token: str) -> bool:
    return len(token) == 1 and token.isalpha()


_NUMBER = re.compile(r"(\d{1,5})([A-Z]?)(?:([-/])(\d{1,5})([A-Z]?))?")
_SEVERAL = re.compile(r"(\d{1,5})([A-Z])[-/]([A-Z])")
_MONTHS = "JAN FEB MAR APR MAY JUN JUL AUG SEP OCT NOV DEC".split()
_DAY = re.compile(rf"(\d{{1,2}})-({'|'.join(_MONTHS)})|({'|'.join(_MONTHS)})-(\d{{1,2}})")
_LETTERS = re.compile(r"[A-Z]-[A-Z]")
_GO_ON = frozenset(("HALF", "AND", "OR", "TO"))
_BETWEEN = ("-", "TO", "AND", "OR", "/")
_LONGEST_APART = 3
"""Digits of a house number that may be written apart."""
CAPITALS = dict(zip("01245689", "OIZASGBG", strict=True))
"""The capital that a digit is most likely to be where it begins a word."""
