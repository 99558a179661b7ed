"""Several addresses in one text: a second one under the first, a list of them, one that was and one that is.

Where one ends and the next begins is told by what only an address of its own has: a postcode, a town behind
which another street follows, a second street with its own number, or a word or mark that joins two of them.
Each part is an address by itself. One that names no place has that of the next, as the lines on an envelope
are read: in "22 Park Road, 17 Mill Lane, Derby" both are in Derby.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from matchers.address.postcode import POSTCODE
from matchers.address.vocabulary import BUILDING, COUNTIES, FLAGS, LEVEL, STREET, STRONG, TOWNS, UNIT, fold

MOST = 8
"""Addresses in one text; what follows stays with the last."""

_POSTCODE = re.compile(POSTCODE.pattern, re.IGNORECASE)
_INWARD = re.compile(r"\d[A-Za-z]{2}\b")  # quickly looked for, as are doors
_MAYBE_DOOR = re.compile(r"\d[A-Za-z]?[.:]?[ ,\n]+[A-Za-z]{2}")
_WORD = re.compile(r"[^\s,;()|\"<>]+")
_NUMBER = re.compile(r"(?:no\.?)?\d{1,4}[a-z]?(?:[-/]\d{1,4}[a-z]?)?[.:]?", re.IGNORECASE)
_BREAK = re.compile(r"[,;()|\n\r]")
_LINE = re.compile(r"[^,;\n\r]+")
_LONGEST_STREET = 5
"""Words of a street's name, its type included."""
_BETWEEN = re.compile(  # what joins two addresses, or says which of them it is
    r"[;|]|\s/\s|\b(?:and|or|also|formerly|previous(?:ly)?)\b[ :]*"
    r"|\b(?:moved|was|now|before)\b(?: (?:from|to|at|in))?[ :]*"
    r"|\b(?:new|old|current|home|work|address)[ \d]{0,2}:",
    re.IGNORECASE,
)
_AROUND = " ,;|/()\n\t."
_SIGNS = (
    ";",
    "|",
    " / ",
    ":",
    " and ",
    " or ",
    "\nor ",
    "also",
    "former",
    "previous",
    "moved",
    "was ",
    "now ",
    "before",
)
"""One of these is in everything that `_BETWEEN` matches; quickly looked for."""


class _Door(NamedTuple):
    """A number and the street behind it, with where they stand."""

    start: int
    end: int
    number: str
    street: str
    strong: bool  # by a type that nothing but a street has


def parts(text: str) -> tuple[str, ...]:
    """The addresses of a text, each by itself; the text where it is one."""
    cuts = sorted({*_behind_postcodes(text), *_before_doors(text), *_behind_towns(text), *_at_joints(text)})
    if not cuts:
        return (text,)
    found = [text[start:stop] for start, stop in zip([0, *cuts], [*cuts, len(text)], strict=True)]
    pieces = [piece for piece in map(_trimmed, found) if _says_something(piece)][:MOST]
    if len(pieces) < 2:
        return (text,)
    return tuple(_with_place(piece, pieces[index + 1 :]) for index, piece in enumerate(pieces))


def _behind_postcodes(text: str) -> list[int]:
    """Behind each whole postcode that is another one than the last, but for the last of them."""
    if len(_INWARD.findall(text)) < 2:
        return []
    ends: list[int] = []
    last = ""
    for match in _POSTCODE.finditer(text):
        code = f"{match[1]}{match[2]}".upper()
        if code != last:
            ends.append(match.end())
        last = code
    return ends[:-1]


def _behind_towns(text: str) -> list[int]:
    """Behind a line that is a post town, where another street with another town or a postcode follows.

    So a whole address stands in front of a sender's, "HMP Leicester, Welford Road, Leicester".
    """
    lines = list(_LINE.finditer(text))
    towns = [(place, fold(line[0]).strip(" ?")) for place, line in enumerate(lines[1:-2], 1)]
    towns = [(place, town) for place, town in towns if town in TOWNS]
    if not towns:
        return []
    last = _last_lines(text, lines)
    cuts: list[int] = []
    for place, town in towns:
        end = lines[place].end()
        placed = any(at > place and name != town for name, at in last.places)
        if last.street > place and (placed or last.code >= end):
            cuts.append(end)
    return cuts


class _Last(NamedTuple):
    """Where something stands for the last time in a text, so that each town need not look for it."""

    street: int
    """The line, counted from 0; -1 for none."""
    places: list[tuple[str, int]]
    """The last place with its line, and the last that has another name."""
    code: int
    """Where a postcode begins; -1 for none."""


def _last_lines(text: str, lines: list[re.Match[str]]) -> _Last:
    street = -1
    places: dict[str, int] = {}
    for at, line in enumerate(lines):
        words = fold(line[0]).split()
        if _holds_street(words):
            street = at
        if _is_place(words):
            places[" ".join(words)] = at
    code = max((match.start() for match in _POSTCODE.finditer(text)), default=-1)
    return _Last(street, sorted(places.items(), key=lambda one: -one[1])[:2], code)


def _holds_street(words: list[str]) -> bool:
    return len(words) > 1 and any(FLAGS.get(word, 0) & STRONG for word in words[1:])


def _before_doors(text: str) -> list[int]:
    """Before each numbered street that is another one than those in front of it.

    Two with nothing between them that ends an address are a building and its street, unless both are streets
    for sure.
    """
    if len(_MAYBE_DOOR.findall(text)) < 2:
        return []
    doors = _doors(text)
    cuts: list[int] = []
    seen: set[tuple[str, str]] = set()
    for index, door in enumerate(doors):
        if (door.number, door.street) in seen:
            continue
        if seen:
            last = doors[index - 1]
            between = text[last.end : door.start]
            if (last.strong and door.strong) or _placed(between):
                cuts.append(_begin(text, last.end, door.start))
        seen.add((door.number, door.street))
    return cuts


def _doors(text: str) -> list[_Door]:
    """Every number with a street's name behind it, in the order of the text."""
    words = list(_WORD.finditer(text))
    forms = [fold(word[0]).strip(" ?-") for word in words]
    found: list[_Door] = []
    for place, word in enumerate(words):
        if not _NUMBER.fullmatch(word[0]) or (place and FLAGS.get(forms[place - 1], 0) & UNIT):
            continue
        for end in range(place + 1, min(place + 1 + _LONGEST_STREET, len(words))):
            between = text[words[end - 1].end() : words[end].start()]
            if (_BREAK.search(between) and end > place + 1) or not forms[end][:1].isalpha():
                break
            flags = FLAGS.get(forms[end], 0)
            if flags & UNIT and end == place + 1:
                break
            if flags & STREET and end > place + 1:
                street = " ".join(forms[place + 1 : end])
                number = word[0].strip(".:").upper().removeprefix("NO").lstrip(".")
                found.append(_Door(word.start(), words[end].end(), number, street, bool(flags & STRONG)))
                break
    return found


def _begin(text: str, after: int, door: int) -> int:
    """Where the address of a door begins: at the parts of a building that stand right in front of it."""
    begin = door
    pieces = list(re.finditer(r"[^,;()|\n]+", text[after:door]))
    for piece in reversed(pieces):
        words = fold(piece[0]).split()
        if words and not any(FLAGS.get(word, 0) & (UNIT | LEVEL) for word in words):
            break
        begin = after + piece.start() if words else begin
    return begin


def _at_joints(text: str) -> list[int]:
    """At what joins two addresses, where there is a place on either side of it."""
    lower = text.lower()
    if not any(sign in lower for sign in _SIGNS):
        return []
    cuts: list[int] = []
    start = 0
    for joint in _BETWEEN.finditer(text):
        if not _begins(text, joint.end()):
            continue  # "TYNE AND WEAR"
        if _placed(text[start : joint.start()]) and _placed(text[joint.end() :]):
            cuts.append(joint.end())
            start = joint.end()
    return cuts


def _begins(text: str, at: int) -> bool:
    """Whether an address begins at a place of the text: with a number, a part of a building, or its name."""
    line = _BREAK.split(text[at : at + 60].lstrip(), maxsplit=1)[0]
    words = fold(line).split()
    if not words or _is_place(words):
        return False
    return words[0][0].isdecimal() or any(
        FLAGS.get(word, 0) & (STREET | BUILDING | UNIT) for word in words[len(words) > 1 :]
    )


def _placed(text: str) -> bool:
    """Whether a text has a postcode, or a post town or county as a whole line or as its last words."""
    if _POSTCODE.search(text):
        return True
    return any(_ends_in_place(fold(line).split()) for line in _BREAK.split(text))


def _ends_in_place(words: list[str]) -> bool:
    return any(_is_place(words[-size:]) for size in range(1, min(3, len(words)) + 1))


def _is_place(words: list[str]) -> bool:
    name = " ".join(words)
    return name in TOWNS or name in COUNTIES


def _with_place(piece: str, following: list[str]) -> str:
    """A part with the place of the next that names one, where it names none."""
    if _placed(piece):
        return piece
    for other in following:
        if _placed(other):
            doors = _doors(other)
            return f"{piece}\n{other[doors[0].end if doors else 0 :].lstrip(_AROUND)}"
    return piece


def _trimmed(piece: str) -> str:
    """A piece without the words and marks that join it to others."""
    piece = _BETWEEN.sub("", piece.strip(_AROUND), count=1) if _BETWEEN.match(piece.strip(_AROUND)) else piece
    for joint in _BETWEEN.finditer(piece):
        if not piece[joint.end() :].strip(_AROUND):
            piece = piece[: joint.start()]
            break
    return piece.strip(_AROUND)


def _says_something(piece: str) -> bool:
    """Whether a piece is more than a place or a word between two addresses."""
    return any(char.isdecimal() for char in piece) or len(_BREAK.split(piece)) > 1
