"""The parts of a building, as a line of words names them: "FLAT 2", "FLAT NO 2", "FIRST FLOOR FRONT FLAT"."""

from __future__ import annotations

import re
from typing import NamedTuple

from matchers.address.flats import CODES
from matchers.address.repair import UNKNOWN
from matchers.address.vocabulary import (
    FLAGS,
    FLOOR,
    LEVEL,
    LEVELS,
    ROLES,
    SIDE,
    SIDES,
    STREET,
    UNIT,
    UNIT_WORDS,
)


class Part(NamedTuple):
    """A part of a building that begins at some token of a line."""

    end: int  # the token after it
    level: str = ""  # "GROUND", "LOWER GROUND", "FIRST FRONT", "FLOOR 2"
    word: str = ""  # "FLAT", written out, where it is named so
    designator: str = ""  # "2", "2B", "2-4"
    at: int = 0  # the token that the designator begins with

    @property
    def label(self) -> str:
        """The part as an address says it: "FLAT 2", "GROUND FLAT"; "" for a floor alone."""
        if not self.word:
            return ""
        if self.designator:
            return f"{self.word} {self.designator}"
        return f"{self.level} {self.word}" if self.level else self.word


def part_at(tokens: list[str], i: int) -> Part | None:
    """The part of a building that begins at token `i`, a word for a unit, level, side or floor, or None.

    Of "FLAT GROUND FLOOR FLAT" the first word is taken out of `tokens`.
    """
    if _is_said_twice(tokens, i):
        del tokens[i]
    flags = FLAGS.get(tokens[i], 0)
    level: str | None = ""
    after = i
    if tokens[i] in CODES:
        level, after = tokens[i], i + 1
    elif flags & LEVEL:
        level, after = _level_at(tokens, i)
    elif flags & FLOOR:
        level, after = _floor_at(tokens, i)
    elif flags & SIDE:
        level, after = _side_at(tokens, i)
    if level is None:
        return None
    if after < len(tokens) and FLAGS.get(tokens[after], 0) & UNIT:
        return _unit_at(tokens, after, level)
    return Part(after, level) if level else None


def put_floor_in_front(tokens: list[str]) -> None:
    """Write "1 LEFT", "3 UP RIGHT" at a line's head as "FLOOR 1 LEFT", "G F F" as "GFF", in place."""
    for size in (3, 2):
        if "".join(tokens[:size]) in CODES and all(len(token) == 1 for token in tokens[:size]):
            tokens[:size] = ["".join(tokens[:size])]
            return
    if len(tokens) < 2 or len(tokens[0]) != 1 or not tokens[0].isdecimal():
        return
    up = tokens[1] == "UP"
    sides, end = _sides_at(tokens, 1 + up)
    if sides and _ends(tokens, end):
        tokens[: 1 + up] = ["FLOOR", tokens[0]]


def join_floor_and_place(tokens: list[str], i: int, *, numbered: bool) -> None:
    """Write "FLAT 1 1" at token `i` as "FLAT 1/1", in place, where the second digit is no house's number:

    that one stands in front (`numbered`) or behind, or nothing follows on the line.
    """
    pair, beyond = tokens[i + 1 : i + 3], "".join(tokens[i + 3 : i + 4])
    digits = len(pair) == 2 and all(len(one) == 1 and one.isdecimal() for one in pair)
    if digits and FLAGS.get(tokens[i], 0) & UNIT and (numbered or not beyond or beyond[0].isdecimal()):
        tokens[i + 1 : i + 3] = ["/".join(pair)]


def _is_said_twice(tokens: list[str], i: int) -> bool:
    return (
        bool(FLAGS.get(tokens[i], 0) & UNIT)
        and i + 2 < len(tokens)
        and bool(FLAGS.get(tokens[i + 1], 0) & LEVEL)
        and bool(FLAGS.get(tokens[i + 2], 0) & FLOOR)
    )


def _level_at(tokens: list[str], i: int, *, named: bool = False) -> tuple[str | None, int]:
    """The level at token `i`, a word for one, and the token after it; None where it is part of a name.

    `named` where a word for a unit stands in front: "FLAT", "TOP LEFT".
    """
    count = len(tokens)
    following = tokens[i + 1] if i + 1 < count else ""
    level, j = LEVELS[tokens[i]], i + 1
    if level in ("LOWER", "UPPER") and LEVELS.get(following) in ("GROUND", "FIRST"):
        level = f"{level} {LEVELS[following]}"
        j += 1
    named = named or bool(j < count and FLAGS.get(tokens[j], 0) & (FLOOR | UNIT))
    alone = level in ("BASEMENT", "LOWER GROUND") or (level == "REAR" and following == "OF")
    if level == "BASEMENT" and not named and FLAGS.get(following, 0) & STREET:
        return None, i
    if j < count and FLAGS.get(tokens[j], 0) & FLOOR:
        j += 1
    sides, end = _sides_at(tokens, j)
    if sides and _ends(tokens, end):  # "TOP LEFT", "GROUND LHS"
        named = True
    if not (named or alone or (level == "GROUND" and count == 1)):
        return None, i
    return " ".join((level, *sides)), end


def _sides_at(tokens: list[str], j: int) -> tuple[list[str], int]:
    """The sides said at token `j`, "FRONT", "LEFT HAND SIDE", and the token after them."""
    sides: list[str] = []
    while j < len(tokens) and tokens[j] in SIDES and tokens[j] != "CENTRE":
        sides.append(SIDES[tokens[j]])
        j += 1
        while j < len(tokens) and tokens[j] in ("HAND", "SIDE"):
            j += 1
    return sides, j


def _side_at(tokens: list[str], i: int) -> tuple[str | None, int]:
    """The side at token `i`, where it names a flat: "LEFT FLAT", "RHS 12"; None where it begins a name."""
    sides, j = _sides_at(tokens, i)
    if j < len(tokens) and FLAGS.get(tokens[j], 0) & LEVEL:  # "LEFT GROUND FLOOR"
        level, end = _level_at(tokens, j)
        if level:
            return f"{level} {' '.join(sides)}", end
    if not sides or not (_ends(tokens, j) or FLAGS.get(tokens[j], 0) & UNIT):
        return None, i
    return " ".join(sides), j


def _ends(tokens: list[str], j: int) -> bool:
    """Whether a line ends at token `j`, or a house's number follows."""
    return j >= len(tokens) or tokens[j][0].isdecimal()


def _floor_at(tokens: list[str], i: int) -> tuple[str | None, int]:
    """The level where the word "floor" is token `i`, and its number follows; None where none does."""
    following = tokens[i + 1] if i + 1 < len(tokens) else ""
    if not following.isdecimal():
        return None, i
    sides, end = _sides_at(tokens, i + 2)
    return " ".join(("FLOOR", following, *sides)), end


def _unit_at(tokens: list[str], i: int, level: str) -> Part | None:
    """The unit whose word is token `i`, on a level or none; None where nothing says which it is."""
    count = len(tokens)
    word = UNIT_WORDS[tokens[i]]
    at = i + 1
    if at + 1 < count and tokens[at] in ("NO", "NUMBER"):
        at += 1
    designator = tokens[at] if at < count else ""
    beyond = tokens[at + 1] if at + 1 < count else ""
    if not level and FLAGS.get(designator, 0) & (LEVEL | SIDE):
        found, end = _side_at(tokens, at)
        if FLAGS[designator] & LEVEL:
            found, end = _level_at(tokens, at, named=True)
        if found and _ends(tokens, end):
            return Part(end, found, word)
    if level and designator[:1].isdecimal() and beyond and not beyond[0].isdecimal():
        designator = ""  # "GROUND FLOOR FLAT 70 ACORN ROAD": the house's number
    pair = _FLAT_AND_HOUSE.fullmatch(designator)
    if pair is not None and beyond.isalpha() and not FLAGS.get(beyond, 0) & (UNIT | LEVEL | FLOOR):
        tokens[at : at + 1] = pair.groups()  # "FLAT 6/54 MILL ROAD"
        designator = pair[1]
    if designator in _UNTOLD or (designator and not any(map(str.isalnum, designator))):  # "FLAT ?"
        return Part(at + 1, level, word, UNKNOWN, at)
    named = i == 0 and word == "FLAT" and _ends(tokens, at + 1) and _may_be_code(designator)
    if not designator or designator == "ST" or not (named or _DESIGNATOR.fullmatch(designator)):
        return Part(at, level, word) if level else None
    rest = _rest_of(tokens, at + 1) if designator.isdecimal() and pair is None else ""
    return Part(at + 1 + (1 if rest.isalpha() else 2 if rest else 0), level, word, designator + rest, at)


def _may_be_code(token: str) -> bool:
    """Whether a short word behind "FLAT" may be a flat's code that nobody has told us of: "TLR", "XQ"."""
    return 1 < len(token) < 5 and token.isalnum() and not FLAGS.get(token) and token not in _NO_CODES


def _rest_of(tokens: list[str], j: int) -> str:
    """What goes on a designator of digits at token `j`: the "B" of "2 B", the "-4" of "2 - 4"."""
    if j + 1 >= len(tokens):
        return ""
    if len(tokens[j]) == 1 and tokens[j].isalpha():
        return tokens[j]
    return f"-{tokens[j + 1]}" if tokens[j] in ("-", "AND", "TO") and tokens[j + 1].isdecimal() else ""


_DESIGNATOR = re.compile(
    r"\d{1,4}[A-Z]?|[A-Z]\d{0,4}|[A-Z]{2}\d{1,3}|\d{1,2}[A-Z]{1,2}\d{1,2}|[A-Z0-9]{1,3}[-/][A-Z0-9]{1,3}"
)
_FLAT_AND_HOUSE = re.compile(r"(\d{1,2})/([1-9]\d{1,3}[A-Z]?)")
_UNTOLD = frozenset(("UNKNOWN", "NULL", "NONE", "NA", "N/A", "TBC", "TBA", "NK"))
_NO_CODES = ROLES["joiner"] | {"OVER", "ON", "IN", "THE", "AND", "BY"}
