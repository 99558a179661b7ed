"""The parts of a building, as a line of words names them: "FLAT 2", "FLAT NO 2", "FIRST FLOOR FRONT FLAT"."""

from __future__ import annotations

import re
from typing import NamedTuple

from matchers.address.vocabulary import FLAGS, FLOOR, LEVEL, LEVELS, STREET, UNIT, UNIT_WORDS


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
        return f"{self.word} {self.designator}" if self.designator else f"{self.level} {self.word}"


def part_at(tokens: list[str], i: int) -> Part | None:
    """The part of a building that begins at token `i`, a word for a unit, a level or a floor, or None.

    Of "FLAT GROUND FLOOR FLAT" the first word is taken out of `tokens`.
    """
    if _is_said_twice(tokens, i):
        del tokens[i]
    flags = FLAGS[tokens[i]]
    level: str | None = ""
    after = i
    if flags & LEVEL:
        level, after = _level_at(tokens, i)
    elif flags & FLOOR:
        level, after = _floor_at(tokens, i)
    if level is None:
        return None
    if after < len(tokens) and FLAGS.get(tokens[after], 0) & UNIT:
        return _unit_at(tokens, after, level)
    return Part(after, level)


def _is_said_twice(tokens: list[str], i: int) -> bool:
    return (
        bool(FLAGS[tokens[i]] & UNIT)
        and i + 2 < len(tokens)
        and bool(FLAGS.get(tokens[i + 1], 0) & LEVEL)
        and bool(FLAGS.get(tokens[i + 2], 0) & FLOOR)
    )


def _level_at(tokens: list[str], i: int) -> tuple[str | None, int]:
    """The level at token `i`, a word for one, and the token after it; None where it is part of a name."""
    count = len(tokens)
    following = tokens[i + 1] if i + 1 < count else ""
    level, j = LEVELS[tokens[i]], i + 1
    if level in ("LOWER", "UPPER") and LEVELS.get(following) in ("GROUND", "FIRST"):
        level = f"{level} {LEVELS[following]}"
        j += 1
    named = j < count and FLAGS.get(tokens[j], 0) & (FLOOR | UNIT)
    alone = level in ("BASEMENT", "LOWER GROUND") or (level == "REAR" and following == "OF")
    if not (named or alone or (level == "GROUND" and count == 1)):
        return None, i
    if level == "BASEMENT" and not named and FLAGS.get(following, 0) & STREET:
        return None, i
    if j < count and FLAGS.get(tokens[j], 0) & FLOOR:
        j += 1
    if j < count and tokens[j] in ("LEFT", "RIGHT", "FRONT", "REAR"):
        level = f"{level} {tokens[j]}"
        j += 1
    return level, j


def _floor_at(tokens: list[str], i: int) -> tuple[str | None, int]:
    """The level where the word "floor" is token `i`, and its number follows; None where none does."""
    following = tokens[i + 1] if i + 1 < len(tokens) else ""
    return (f"FLOOR {following}", i + 2) if following.isdecimal() else (None, i)


def _unit_at(tokens: list[str], i: int, level: str) -> Part | None:
    """The unit whose word is token `i`, on a level or none; None where nothing says which it is."""
    count = len(tokens)
    word = UNIT_WORDS[tokens[i]]
    at = i + 1
    if at + 1 < count and tokens[at] in ("NO", "NUMBER"):
        at += 1
    designator = tokens[at] if at < count else ""
    beyond = tokens[at + 1] if at + 1 < count else ""
    if level and designator[:1].isdecimal() and beyond and not beyond[0].isdecimal():
        designator = ""  # "GROUND FLOOR FLAT 70 ACORN ROAD": the house's number
    if not designator or designator == "ST" or not _DESIGNATOR.fullmatch(designator):
        return Part(at, level, word) if level else None
    rest = _rest_of(tokens, at + 1) if designator.isdecimal() else ""
    return Part(at + 1 + (1 if rest.isalpha() else 2 if rest else 0), level, word, designator + rest, at)


def _rest_of(tokens: list[str], j: int) -> str:
    """What goes on a designator of digits at token `j`: the "B" of "2 B", the "-4" of "2 - 4"."""
    if j + 1 >= len(tokens):
        return ""
    if len(tokens[j]) == 1 and tokens[j].isalpha():
        return tokens[j]
    return f"-{tokens[j + 1]}" if tokens[j] in ("-", "AND", "TO") and tokens[j + 1].isdecimal() else ""


_DESIGNATOR = re.compile(r"\d{1,4}[A-Z]?|[A-Z]\d{0,4}|[A-Z]{2}\d{1,3}|[A-Z0-9]{1,3}[-/][A-Z0-9]{1,3}")
