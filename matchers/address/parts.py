"""Several addresses in one text: a second one under the first, a list of them, one that was and one that is.

Where one ends and the next begins is told by what only an address of its own has: a postcode, a town behind
which another street follows, a second street with its own number, or a word or mark that joins two of them.
Each part is an address by itself. One that names no place has that of the next, as the lines on an envelope
are read: in "22 Park Road, 17 Mill Lane, Derby" both are in Derby.
"""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

from matchers.address.joints import AROUND, Joint, joints, without_joints
from matchers.address.line_marks import in_lines
from matchers.address.notes import without_notes
from matchers.address.number_lists import each_number, spans
from matchers.address.plain import read_plain
from matchers.address.postcode import POSTCODE, is_part
from matchers.address.vocabulary import BUILDING, COUNTIES, FLAGS, LEVEL, STREET, STRONG, TOWNS, UNIT, fold

MOST = 8
"""Addresses of one text that are read; `left_out` says how many more it has."""

_LOOKED_AT = 64
"""Places at which a text is cut: a longer one is somebody's letter."""
_POSTCODE = re.compile(POSTCODE.pattern, re.IGNORECASE)
_OWN_CODE = re.compile(rf"[\s,;]*(?:{POSTCODE.pattern})", re.IGNORECASE)
"""The postcode right behind a town."""
_INWARD = re.compile(r"\d[A-Za-z]{2}\b")  # quickly looked for, as are doors
_MAYBE_DOOR = re.compile(r"\d[A-Za-z]?[.:]?[ ,\n]+[A-Za-z]{2}")
_WORD = re.compile(r"[^\s,;()|\"<>]+")
_NUMBER = re.compile(r"(?:no\.?)?\d{1,4}[a-z]?(?:[-/]\d{1,4}[a-z]?)?[.:]?", re.IGNORECASE)
_BREAK = re.compile(r"[,;()|\n\r]")
_LINE = re.compile(r"[^,;\n\r]+")
_LONGEST_STREET = 5
"""Words of a street's name, its type included."""
_DOORISH = re.compile(r"\b\d{1,5}[A-Za-z]?[.,]?[ \n]+[A-Za-z]{3}")


class _Door(NamedTuple):
    """A number and the street behind it, with where they stand."""

    start: int
    end: int
    number: str
    street: str
    strong: bool  # by a type that nothing but a street has


def parts(text: str) -> tuple[str, ...]:
    """The addresses of a text, each by itself, at most `MOST` of them; the text where it is one."""
    return _every_part(text)[:MOST]


def left_out(text: str) -> int:
    """How many addresses at least a text has beyond those that `parts` gives."""
    return max(0, len(_every_part(text)) - MOST)


@lru_cache(maxsize=8)  # those that are read and those left out are asked for one after the other
def _every_part(text: str) -> tuple[str, ...]:
    if read_plain(text):
        return (text,)
    lined = without_notes(in_lines(text))
    pieces = [one for piece in _pieces(lined) for one in each_number(piece) or (piece,)]
    different = tuple(dict.fromkeys(pieces))
    return different if len(different) > 1 else (text,)


def _pieces(text: str) -> list[str]:
    """The text cut between its addresses, each with its place where that is told."""
    joined = {joint.end: joint for joint in _at_joints(text)}
    cuts = {*_behind_postcodes(text), *_before_doors(text), *_behind_towns(text), *joined}
    if not cuts:
        return [text]
    lists = spans(text)
    edges = [0, *sorted(cut for cut in cuts if not any(start < cut < end for start, end in lists)), len(text)]
    pieces: list[str] = []
    alone: set[int] = set()  # those behind which an address follows that may be in another place
    for start, stop in pairwise(edges[:_LOOKED_AT]):
        joint = joined.get(stop)
        piece = text[start : joint.start if joint else stop]
        bare = without_joints(piece)
        if bare and _says_something(piece):
            pieces.append(bare)
        if joint and joint.apart:
            alone.add(len(pieces) - 1)
    if len(pieces) < 2:
        return [text]
    return [
        piece if place in alone else _with_place(piece, pieces[place + 1 :])
        for place, piece in enumerate(pieces)
    ]


def _behind_postcodes(text: str) -> list[int]:
    """Behind each whole postcode that is another one than the last, but for the last of them."""
    if len(_INWARD.findall(text)) < 2:
        return []
    ends: list[int] = []
    last = ""
    for match in _POSTCODE.finditer(text):
        if is_part(text, match.start()):
            continue
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
    words = [fold(line[0]).split() for line in lines]
    towns = [(place, " ".join(line).strip(" ?")) for place, line in enumerate(words[:-2])]
    towns = [(place, town) for place, town in towns if town in TOWNS]
    last_street = next((at for at in range(len(words) - 1, 0, -1) if towns and _holds_street(words[at])), 0)
    towns = [(place, town) for place, town in towns if place < last_street]
    if not towns:
        return []
    last_place = {" ".join(line): place for place, line in enumerate(words) if _is_place(line)}
    last_code = max((match.start() for match in _POSTCODE.finditer(text)), default=0)
    cuts: list[int] = []
    for place, town in towns:
        own = _OWN_CODE.match(text, lines[place].end())
        end = own.end() if own else lines[place].end()
        if last_code >= end or any(after > place for name, after in last_place.items() if name != town):
            cuts.append(end)
    return cuts


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
        whose = words[:1] == ["C/O"] or words[:2] == ["CARE", "OF"]
        if words and not whose and not any(FLAGS.get(word, 0) & (UNIT | LEVEL) for word in words):
            break
        begin = after + piece.start() if words else begin
    return begin


def _at_joints(text: str) -> list[Joint]:
    """What joins two addresses of a text.

    There is a place on either side, or a door, or words that say that another address follows.
    """
    found = [joint for joint in joints(text) if _begins(text, joint.end)]  # not "TYNE AND WEAR"
    if not found:
        return []
    places = _place_ends(text, found)
    cuts: list[Joint] = []
    start = 0
    for joint in found:
        before = text[start : joint.start]
        placed = any(start < end <= joint.start for end in places) and any(end > joint.end for end in places)
        if placed or _between_doors(text, before, joint):
            cuts.append(joint)
            start = joint.end
    return cuts


def _between_doors(text: str, before: str, joint: Joint) -> bool:
    """Whether an address of its own stands on either side of a joint, were it without a place."""
    if not (joint.apart or _DOORISH.match(text[joint.end :].lstrip(AROUND))):
        return False
    if joint.apart or not joint.word:
        return any(_holds_street(fold(line).split()) for line in _BREAK.split(before)) or (
            joint.apart and bool(_DOORISH.search(before))
        )
    return bool(_DOORISH.search(before))


def _place_ends(text: str, found: list[Joint]) -> list[int]:
    """Where the postcodes of a text end, and towns and counties at the end of a line or before a joint."""
    ends = [match.end() for match in _POSTCODE.finditer(text)]
    breaks = [(match.start(), match.end()) for match in _BREAK.finditer(text)]
    edges = sorted([*breaks, *((joint.start, joint.end) for joint in found), (len(text), len(text))])
    start = 0
    for stop, begin in edges:
        if _ends_in_place(fold(text[start:stop]).split()):
            ends.append(stop)
        start = max(start, begin)
    return ends


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
            return f"{piece}\n{other[doors[0].end if doors else 0 :].lstrip(AROUND)}"
    return piece


def _says_something(piece: str) -> bool:
    """Whether a piece is more than a place or a word between two addresses."""
    return any(char.isdecimal() for char in piece) or len(_BREAK.split(piece)) > 1
