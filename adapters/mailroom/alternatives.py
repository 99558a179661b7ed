"""How else an address may be read: the reader's second thoughts where one character makes another door.

A misread letter in a street's name does no harm, the comparison bears it. A misread digit is another house.
So only words are varied that hold a digit or may hold one: house numbers, flats, postcodes.
"""

from __future__ import annotations

import heapq
import math
import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import msgspec

from adapters.mailroom.lines import Character, Line

MOST = 8
"""Readings beside the first."""
LEAST_ODDS = 0.05
"""Of a reading against the first one: about what the reader is wrong by in its second thoughts."""

SEES_DASHES = 0.99
"""A line that was read so surely has no dash that was not seen."""

_NUMBER_GLUED = re.compile(
    r"\b\d[\d/-]*(?=[A-Z](?:[a-z]|[A-Z]{3}))(?!(?:St|Nd|Rd|Th)\b|ST|ND|RD|TH)", re.ASCII
)
"""A space that was not seen for sure: `216-220High Street`, `7QUARRY LANE`, but `1St Floor` has none."""
_GLUED = re.compile(r"(?<=[a-z])(?=[A-Z][a-z])")
"""One that was perhaps not seen: `WarehamSurgery`, but also `McDonald`."""
_SPLIT = re.compile(r"^(\d{1,3}) (\d{1,2})(?=[A-Za-z]{3})", re.ASCII | re.MULTILINE)
"""A house number that came apart where its last digit was first taken for a letter: `2 2BERTIE ROAD`."""
_LETTERED = re.compile(r"^(\d{1,3})([4680aAbBdD])(?=\s+[A-Za-z]{3})", re.ASCII)
ONE = re.compile(r"^[Il|](?= +[A-Za-z]{3})", re.MULTILINE)
"""A 1 before a street that was taken for a letter or a stroke: `I Wells Road`."""
_FIRST = re.compile(r"^[Il|](?=(?i:st)\b)")
"""The same of a floor: `IST FLOOR`."""
_LETTERS = {"4": "a", "6": "b", "8": "b", "0": "d", "a": "4", "b": "6", "d": "0"}
"""A letter behind a house number, and the digit that it is written like; the reader may be sure of either."""
_RANGE = re.compile(r"(?=\d\d(?:\d\d)?\b)(\d\d?)(\d\d?)\b(?=\s+[A-Za-z])", re.ASCII)
_WORD = re.compile(r"\S+")


def apart(line: Line) -> Line:
    """A line with the space behind a house number that the reader did not see."""
    places = [match.end() for match in _NUMBER_GLUED.finditer(line.text)]
    if not places:
        return line
    characters = list(line.characters)
    for place in reversed(places if len(characters) == len(line.text) else ()):
        characters.insert(place, Character(1.0))
    text = _NUMBER_GLUED.sub(r"\g<0> ", line.text)
    return msgspec.structs.replace(line, text=text, characters=tuple(characters))


def unglued(text: str) -> str:
    """A text with a space wherever one was perhaps not seen: `MarketPlace`, `LarkmeadSt`."""
    return _GLUED.sub(" ", text)


def readings(lines: Sequence[Line], most: int = MOST) -> tuple[str, ...]:
    """Other readings of these lines, lines apart by \\n, the likeliest first; without the first itself."""
    texts = [line.text for line in lines]
    swaps = sorted(swap for number, line in enumerate(lines) for swap in _swaps(number, line))
    found: dict[str, None] = {}
    # Best first. Each set of swaps grows by one dearer than its last, or has that one in place of its last.
    heap: list[tuple[float, tuple[int, ...]]] = [(swaps[0].cost, (0,))] if swaps else []
    while heap and len(found) < most:
        cost, chosen = heapq.heappop(heap)
        if cost > -math.log(LEAST_ODDS):
            break
        places = {(swaps[one].line, swaps[one].place) for one in chosen}
        if len(places) == len(chosen):
            text = "\n".join(_swapped(texts, [swaps[one] for one in chosen]))
            found.setdefault(text)
            found.setdefault(_SPLIT.sub(r"\1\2 ", text))
        last = chosen[-1]
        if last + 1 < len(swaps):
            following = swaps[last + 1].cost
            heapq.heappush(heap, (cost + following, (*chosen, last + 1)))
            heapq.heappush(heap, (cost - swaps[last].cost + following, (*chosen[:-1], last + 1)))
    written = "\n".join(texts)
    others = (unglued(written), *found, _SPLIT.sub(r"\1\2 ", written), *_ranges(lines), *_lettered(texts))
    return tuple(text for text in dict.fromkeys(others) if text != written)


def _ranges(lines: Sequence[Line]) -> Iterator[str]:
    """A dash that was not seen: 45 may be 4-5, and 1214 12-14."""
    texts = [line.text for line in lines]
    for number, text in enumerate(texts):
        if lines[number].confidence >= SEES_DASHES:
            continue
        match = _RANGE.match(text)
        if match is not None and int(match[1]) < int(match[2]):
            apart = f"{match[1]}-{match[2]}{text[match.end() :]}"
            yield "\n".join((*texts[:number], apart, *texts[number + 1 :]))


def _lettered(texts: Sequence[str]) -> Iterator[str]:
    """A letter behind the house number that was taken for a digit, or the other way round, and a 1 that was
    taken for a letter: 16 may be 1b, and I Wells Road 1."""
    for number, text in enumerate(texts):
        match = _LETTERED.match(text)
        instead = _FIRST.sub("1", ONE.sub("1", text))
        if match is not None:
            instead = f"{match[1]}{_LETTERS[match[2].lower()]}{text[match.end() :]}"
        if instead != text:
            yield "\n".join((*texts[:number], instead, *texts[number + 1 :]))


class _Swap(NamedTuple):
    """One character read another way: what it costs (minus the logarithm of its odds), where, and as what."""

    cost: float
    line: int
    place: int
    instead: str


def _swaps(number: int, line: Line) -> Iterator[_Swap]:
    if len(line.characters) != len(line.text):
        return
    for word in _WORD.finditer(line.text):
        places = range(*word.span())
        may_be_number = any(
            one.isdigit()
            for place in places
            for one in (line.text[place], *(other for other, _ in line.characters[place].others))
        )
        if not may_be_number:
            continue
        for place in places:
            here = line.characters[place]
            for other, chance in here.others:
                alike = other.casefold() == line.text[place].casefold()
                inside = word[0].isdigit() and place < places.stop - 1  # 2Z6 is no number of a house
                if not alike and (not other or other.isalnum()) and not (inside and other.isalpha()):
                    yield _Swap(-math.log(min(chance / here.chance, 1.0)), number, place, other)


def _swapped(texts: Sequence[str], swaps: Sequence[_Swap]) -> list[str]:
    lines = [list(text) for text in texts]
    for swap in swaps:
        lines[swap.line][swap.place] = swap.instead
    return ["".join(line) for line in lines]
