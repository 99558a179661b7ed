"""Runs of digit pieces that may be one number: which keys to look up. The cost is linear in the pieces.

A stream is what a text holds of digits, piece by piece. `candidates` names every whole number that begins
and ends where pieces do, in the order given, with pieces left out between, in parts that were swapped. None
counts by itself; a look-up tells which of them is listed.
"""

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from itertools import accumulate
from typing import NamedTuple

from matchers.inside import with_trunk_mended
from matchers.phone import LONGEST_E164, PLAN_LENGTH

SHORTEST_NUMBER = 9
"""Digits below which a text cannot hold a whole number (nine, without the leading 0)."""
SHORTEST_ABROAD = 8
"""Digits of the shortest foreign number with its country code that is looked for."""
MOST_BARE_PIECES = 10
"""Pieces that ten digits without a leading 0 may be split into."""
MOST_LOOSE_PIECES = 4
"""The same, where words stand between: in more, they are dates and counts."""
LONGEST_FORM = 15
"""Digits of the longest written form of a UK number: 0044, a trunk 0 and ten digits."""
LONGEST_CODED = 14
"""Digits of the longest written form that is tried turned round, moved and swapped."""
MOST_PIECES_WITH_SKIPS = 200
"""Pieces of a text above which it is read in its own order alone: what lies between costs more."""
LONGEST_GAP = 4
"""Digits of a stray piece (a year, a time) that a split number may be read across."""
MOST_GAP = 3
"""Stray pieces in one gap."""
MOST_PARTS = 4
"""Pieces on either side of a gap, and in either half of a swapped number."""

_NATIONAL_AT = re.compile(r"(?=(?:00440?|440?|0)([1-35789]\d{8}))", re.ASCII)
_NATIONAL = re.compile(r"(?:00440?|440?|0)([1-35789]\d{8,9})", re.ASCII).fullmatch
_BARE = re.compile(r"[1-35789]\d{9}", re.ASCII).fullmatch


class Piece(NamedTuple):
    """A run of digits in a text, or in an `earlier` one, and how it was read."""

    digits: str
    start: int
    end: int
    plus: bool = False
    step: str = ""
    earlier: bool = False


class Window(NamedTuple):
    """A candidate: its key, its first piece and the one behind its last, and what was done to the pieces."""

    key: int
    first: int
    stop: int
    step: str


def key_of(digits: str) -> int:
    """The key of digits that are one whole UK number, with or without its leading 0; else 0."""
    match = _NATIONAL(digits)
    if match is not None:
        return int("44" + match[1])
    return int("44" + digits) if _BARE(digits) else 0


def in_order(pieces: Sequence[Piece], dense: bool) -> Iterator[Window]:
    """Numbers of whole pieces as they follow each other; `dense` where only signs stand between."""
    digits = "".join([piece.digits for piece in pieces])
    if len(digits) < SHORTEST_NUMBER:
        return
    starts = [0, *accumulate([len(piece.digits) for piece in pieces])]
    place = {at: n for n, at in enumerate(starts)}
    yield from _national(digits, place)
    most = MOST_BARE_PIECES if dense else MOST_LOOSE_PIECES
    for first, at in enumerate(starts[:-1]):
        if digits[at] not in "046" and (stop := place.get(at + PLAN_LENGTH)) and stop - first <= most:
            yield Window(int("44" + digits[at : at + PLAN_LENGTH]), first, stop, "")
    if len(pieces) <= MOST_PIECES_WITH_SKIPS:
        yield from _abroad(pieces, digits, starts)


def backwards(pieces: Sequence[Piece]) -> Iterator[Window]:
    """Numbers of whole pieces, read from the last digit to the first, that show themselves by a 0 or 44."""
    turned = "".join([piece.digits for piece in pieces])[::-1]
    ends = accumulate([len(piece.digits) for piece in reversed(pieces)])
    place = {0: 0} | {at: n for n, at in enumerate(ends, 1)}
    for key, first, stop, _ in _national(turned, place):
        yield Window(key, len(pieces) - stop, len(pieces) - first, "digits reversed")


def _national(digits: str, place: dict[int, int]) -> Iterator[Window]:
    """UK numbers with their 0 or 44 that begin and end at a `place`: where a piece does, and which."""
    for match in _NATIONAL_AT.finditer(digits):
        first = place.get(match.start())
        if first is None:
            continue
        at = match.start(1)
        for length in (PLAN_LENGTH, PLAN_LENGTH - 1):
            stop = place.get(at + length)
            if stop is not None:
                yield Window(int("44" + digits[at : at + length]), first, stop, "")


def within(pieces: Sequence[Piece]) -> Iterator[str]:
    """The digits of some whole pieces that follow each other, as many as a number has, but not of all."""
    for first in range(len(pieces)):
        digits = ""
        for last in range(first, len(pieces)):
            digits += pieces[last].digits
            if len(digits) > LONGEST_CODED:
                break
            if len(digits) >= PLAN_LENGTH and last - first + 1 < len(pieces):
                yield digits


def with_gaps(pieces: Sequence[Piece]) -> Iterator[Window]:
    """Numbers that show themselves by a leading 0 or 44, with one gap of stray pieces in them."""
    step = "a stray number in between left out"
    for first, piece in enumerate(pieces):
        if piece.digits[0] not in "04":
            continue
        head = ""
        for left in range(first, min(first + PLAN_LENGTH, len(pieces) - 2)):
            head += pieces[left].digits
            if len(head) >= LONGEST_FORM:
                break
            for gap in range(1, MOST_GAP + 1):
                skipped = left + gap
                if skipped >= len(pieces) - 1 or not _is_stray(pieces, skipped):
                    break
                whole = head
                for right in range(skipped + 1, len(pieces)):
                    whole += pieces[right].digits
                    if len(whole) > LONGEST_FORM:
                        break
                    if len(whole) >= PLAN_LENGTH and (key := key_of(whole)):
                        yield Window(key, first, right + 1, step)


def swapped(pieces: Sequence[Piece]) -> Iterator[Window]:
    """Numbers whose second half stands before the first: "900123 comes after 07700"."""
    for middle in range(1, len(pieces)):
        if pieces[middle].digits[0] == "6":
            continue
        tail = ""
        for first in range(middle - 1, max(middle - MOST_PARTS, 0) - 1, -1):
            tail = pieces[first].digits + tail
            if len(tail) >= PLAN_LENGTH:
                break
            head = ""
            for last in range(middle, min(middle + MOST_PARTS, len(pieces))):
                head += pieces[last].digits
                if len(head) + len(tail) > LONGEST_FORM:
                    break
                if len(head) + len(tail) >= PLAN_LENGTH and (key := key_of(head + tail)):
                    yield Window(key, first, last + 1, "its parts put in order")


def _abroad(pieces: Sequence[Piece], digits: str, starts: list[int]) -> Iterator[Window]:
    """Numbers with a country code, behind a +, 00 or 011 or bare."""
    for first, at in enumerate(starts[:-1]):
        bare = digits[at : at + LONGEST_E164 + 4]
        if bare[0] == "0":
            if bare.startswith(("00", "011")):
                bare = bare.lstrip("0").removeprefix("11")
            else:
                continue
        skipped = len(digits[at : at + LONGEST_E164 + 4]) - len(bare)
        begin = at + skipped
        if len(bare) < SHORTEST_ABROAD:
            continue
        stop = bisect_left(starts, begin + SHORTEST_ABROAD)
        while stop < len(starts) and (length := starts[stop] - begin) <= LONGEST_E164 + 1:
            if length <= LONGEST_E164:
                yield Window(int(bare[:length]), first, stop, "")
            for mended in with_trunk_mended(bare[:length]):
                yield Window(int(mended), first, stop, "trunk 0 dropped or added")
            stop += 1


def _is_stray(pieces: Sequence[Piece], place: int) -> bool:
    """Whether a piece may be no part of a number around it: short, no digit of a spaced-out run."""
    piece = pieces[place]
    if len(piece.digits) > LONGEST_GAP:
        return False
    return not len(piece.digits) == len(pieces[place - 1].digits) == len(pieces[place + 1].digits) == 1
