"""Putting right the words that carry an address's structure, where a scanner or a hand has damaged them.

Only the words for a flat and a floor are touched, and only where a designator or another such word
stands beside them; names are left as they are, since comparison allows for misspelling.
"""

from __future__ import annotations

import re
from functools import lru_cache

from rapidfuzz.distance import OSA

from matchers.address.vocabulary import FLAGS, FLOOR, LEVEL, UNIT, rows

UNKNOWN = "?"  # a flat whose number is not given


def repair(tokens: list[str]) -> None:
    """Repair the tokens of one line in place: "FIAT 3", "FLATC", "GROUUD FLOOR FLAT", "NO8 THE GREEN"."""
    first = tokens[0]
    may_be_flat = len(tokens) < 4 and tokens[-1][-1] == "T"
    run_together = _FLOOR.fullmatch("".join(tokens)) if may_be_flat else None
    if run_together is not None:
        tokens[:] = [run_together.group(1), "FLOOR", "FLAT"]
        return
    if first in FLAGS:
        if len(tokens) < 5 and FLAGS[first] & (LEVEL | FLOOR | UNIT):
            _floor(tokens)
        return
    if first.isdecimal():
        return
    if _NUMBERED.fullmatch(first):
        tokens[0] = first[2:]
        return
    joined = _JOINED.fullmatch(first)
    if joined is not None:
        tokens[0:1] = [joined.group(1), _designator(joined.group(2))]
        return
    if first[0].isdecimal():
        stuck = _STUCK.fullmatch(first)
        if stuck is not None and (stuck.group(2) in FLAGS or stuck.group(2) == "THE"):
            tokens[0:1] = [stuck.group(1), stuck.group(2)]
        return
    if len(tokens) > 1 and _DESIGNATOR.fullmatch(tokens[1]):
        if 3 <= len(first) <= 5 and OSA.distance(first, "FLAT", score_cutoff=1) <= 1:
            tokens[0] = "FLAT"
        elif len(first) > 6 and OSA.distance(first, "APARTMENT", score_cutoff=3) <= 3:
            tokens[0] = "APARTMENT"
    elif len(tokens) == 1:
        if 4 <= len(first) <= 5 and OSA.distance(first, "FLAT", score_cutoff=1) <= 1:
            tokens[0] = "FLAT"
    elif len(tokens) < 5:
        _floor(tokens)


@lru_cache(maxsize=8192)
def misread_type(word: str) -> str:
    """The type of street or building that a word may be, a letter or two misread:

    "AVFNUE"; "" for any other.
    """
    if len(word) < 4:
        return ""
    for kind in _REPAIRABLE:
        limit = 2 if len(kind) > 6 else 1
        if OSA.distance(word, kind, score_cutoff=limit) <= limit:
            return kind
    return ""


def _floor(tokens: list[str]) -> None:
    if "FLAT" not in tokens and "FLOOR" not in tokens and "APARTMENT" not in tokens:
        return
    for i, token in enumerate(tokens):
        if token in FLAGS or len(token) < 3 or not token.isalpha():
            continue
        for word in _FLOOR_WORDS:
            limit = 2 if len(word) > 5 else 1
            if OSA.distance(token, word, score_cutoff=limit) <= limit:
                tokens[i] = word
                break


def _designator(rest: str) -> str:
    """The designator out of what is stuck to "FLAT": "C", "10", "J1" (a border before 1), "?B"."""
    digits = "".join(char for char in rest if char.isdecimal())
    if digits:
        return digits if not rest[-1].isalpha() or not rest[0].isdecimal() else rest
    letters = "".join(char for char in rest if char.isalpha())
    return letters[-1:] or UNKNOWN


_JOINED = re.compile(r"(FLAT|FLT|APT|APARTMENT)([A-Z?|!/]{1,2}|[A-Z?|!/]?\d{1,3}[A-Z]?)")
_NUMBERED = re.compile(r"NO\d{1,4}[A-Z]?")
_FLOOR = re.compile(r"(GROUND|FIRST|1ST|SECOND|2ND|THIRD|3RD|TOP|BASEMENT).?FLO?O?R.?F?LAT")
_STUCK = re.compile(r"(\d{1,4}[A-H]?)(THE|[A-Z]{4,})")
_REPAIRABLE = tuple(row[0] for row in rows("repairable"))
_DESIGNATOR = re.compile(r"\d{1,3}[A-Z]?|[A-Z]\d{0,2}")
_FLOOR_WORDS = ("GROUND", "FIRST", "SECOND", "THIRD", "BASEMENT", "FLOOR", "FLAT")
