"""The street and its number in the parts of an address abroad, in the order of any language.

A street is written as in English, its type behind the name and written out: "VICTOR HUGO STREET" for
"rue Victor Hugo", "HAUPT STREET" for "Hauptstr.". So one rule compares names, whatever the language.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from matchers.address.abroad import CITIES, LETTER_COUNTRIES, SUFFIXES, WORDS
from matchers.address.abroad_parts import NUMBER, door_ahead, door_behind, numbers_in, suffixed, without_roman
from matchers.address.vocabulary import FLAGS, STREET_TYPES, STRONG

_LEAD, _TAIL, _SMALL, _WORD = WORDS["lead"], WORDS["tail"], WORDS["small"], WORDS["word"]
_UNIT_FIRST = frozenset("AU NZ CA ZA IE".split())  # "2/14" is unit 2 of number 14
_FLAT_AFTER_HYPHEN = frozenset("LT LV EE RU UA BY MD NL".split())  # "14-5" is flat 5 of number 14
_NUMBER_FIRST = (
    _UNIT_FIRST | frozenset("FR LU MC BE MA DZ TN IN PK BD LK NG GH KE UG ZW JM TT BB VN GB".split()) | {""}
)
_LETTERS = frozenset("ABCDEFGH")  # that stand behind house numbers
_LONG = 3  # letters of a type of street that may stand behind other words


class Street(NamedTuple):
    """A street found, with the parts of the address around it."""

    name: str = ""
    number: str = ""
    units: tuple[str, ...] = ()
    before: tuple[str, ...] = ()
    behind: tuple[str, ...] = ()


def find_street(pieces: list[str], country: str, *, housed: bool) -> Street:
    """The street among the parts of an address; `housed`: its number is known already.

    A typed street with a number goes first, then any words with a number, then a typed street alone.
    """
    pieces = _joined(pieces, country)
    second: Street | None = None
    third: Street | None = None
    for place, piece in enumerate(pieces):
        before, behind = tuple(pieces[:place]), tuple(pieces[place + 1 :])
        found = _numbered(piece, country, before, behind)
        if found is not None and not housed:
            if _typed(_words(found.name), country) is not None:
                return _normal(found, country)
            second = second or found
        elif third is None and (typed := _typed(_words(piece), country)) is not None:
            start, end = typed[:2]
            words = _words(piece)
            inside = (*before, " ".join(words[:start])) if start else before
            after = (" ".join(words[end:]), *behind) if end < len(words) else behind
            third = Street(" ".join(words[start:end]), "", (), inside, after)
    best = (third or second) if housed else (second or third)
    return _normal(best, country) if best is not None else Street(before=tuple(pieces))


def street_name(words: list[str], country: str) -> str:
    """A street's name with its type written out behind it, small words and Roman numbers normal."""
    typed = _typed(words, country)
    kind = ""
    if typed is not None:
        _, _, first, last, kind, stem = typed
        words = [*words[first:last], *([stem] if stem else [])]
    kept = [word for word in words if word not in _SMALL] or words
    kept = [_WORD.get(word, word) if len(kept) > 1 or kind else word for word in without_roman(kept)]
    return " ".join([*kept, kind] if kind else kept)


def _normal(found: Street, country: str) -> Street:
    return found._replace(name=street_name(_words(found.name), country))


def _joined(pieces: list[str], country: str) -> list[str]:
    """The parts, a number between commas put to the street beside it: "14, rue", "Via Garibaldi, 14"."""
    out: list[str] = []
    pending = ""
    for place, piece in enumerate(pieces):
        if pending:
            piece, pending = f"{pending} {piece}", ""
        elif out and _is_door(piece) and _has_digit(out[-1]) and _typed(_words(out[-1]), country) is not None:
            out[-1] = f"{out[-1]} {piece}"
            continue
        elif is_number(piece):
            last = out[-1] if out else ""
            following = pieces[place + 1] if place + 1 < len(pieces) else ""
            free, free_below = last and not _has_digit(last), following and not _has_digit(following)
            typed = free and _typed(_words(last), country) is not None
            ahead = free_below and (
                country in _NUMBER_FIRST or _typed(_words(following), country) is not None
            )
            if typed or (free and not ahead and (len(out) > 1 or country not in _NUMBER_FIRST)):
                out[-1] = f"{last} {piece}"
                continue
            if free_below:
                pending = piece
                continue
        out.append(piece)
    return out


def is_number(piece: str) -> bool:
    """Whether a part is nothing but a house number, with a flat behind it or none."""
    match = NUMBER.match(piece)
    if match is None:
        return False
    rest = piece[match.end() :].strip(" -")
    return not rest or (rest[0].isdecimal() and door_behind(rest, alone=False) is not None)


def _is_door(piece: str) -> bool:
    return piece[:1].isdecimal() and door_behind(piece, alone=True) is not None and not piece.isdecimal()


def _numbered(piece: str, country: str, before: tuple[str, ...], behind: tuple[str, ...]) -> Street | None:
    """The street of a part that holds a number too."""
    for match in numbers_in(piece):
        front, rest = piece[: match.start()].strip(" -,/"), piece[match.end() :].strip(" -,/")
        words = _words(front)
        if front and all(word in _LEAD for word in words):
            continue  # "PLAC 3 MAJA 5"
        number, units = _number(match, country)
        if not front:
            if not rest or CITIES.get(rest):
                return None
            letter, _, further = rest.partition(" ")
            if letter in _LETTERS and number.isdecimal() and country not in LETTER_COUNTRIES.get(letter, ()):
                typed = _typed(_words(further), country)
                if typed is not None and typed[0] == 0:
                    number, rest = number + letter, further  # "14 B RUE"
            typed = _typed(_words(rest), country)
            if typed is not None and typed[1] < len(_words(rest)):
                rest, after = " ".join(_words(rest)[: typed[1]]), " ".join(_words(rest)[typed[1] :])
                behind = (after, *behind)
            return Street(rest, number, units, before, behind)
        if CITIES.get(front):
            continue  # "DUBLIN 4"
        typed = _typed(words, country)
        if typed is None and rest and (other := _typed(_words(rest), country)) is not None and not other[0]:
            return _numbered(piece[match.start() :], country, (*before, front), behind)
        if typed is not None and typed[0]:
            before, front = (*before, " ".join(words[: typed[0]])), " ".join(words[typed[0] :])
        door = door_behind(rest, alone=False) if rest else None
        if door is not None:
            return Street(front, number, (*units, door), before, behind)
        if (ahead := door_ahead(rest)) is not None:
            units, rest = (*units, ahead[0]), ahead[1]
        return Street(front, number, units, before, (rest, *behind) if rest else behind)
    return None


def house_number(piece: str) -> tuple[str, tuple[str, ...]]:
    """The house number that a part is, and the units written with it."""
    match = NUMBER.match(piece)
    return _number(match, "") if match is not None else (piece, ())


def _number(match: re.Match[str], country: str) -> tuple[str, tuple[str, ...]]:
    """A house number and the units written with it."""
    number, mark, second = (
        suffixed(match[1], match[2], match[3], match[4]),
        (match[5] or "").strip(),
        match[6],
    )
    if not second:
        return number, ()
    if second.isalpha():
        return number + second, ()
    if mark == "-":
        if country in _FLAT_AFTER_HYPHEN:
            return number, (second,)
        return (second, (number,)) if country == "CA" else (f"{number}-{second}", ())
    return (second, (number,)) if country in _UNIT_FIRST else (number, (second,))


def _typed(words: list[str], country: str) -> tuple[int, int, int, int, str, str] | None:
    """A type of street among words: where the street begins and ends, where the rest of its name does,

    the type written out, and what a type run into it leaves of its last word.
    """
    count = len(words)
    for i in range(count - 1):
        for size in (3, 2, 1):
            form = " ".join(words[i : i + size])
            kind = _LEAD.get(form)
            if (
                kind
                and i + size < count
                and (i == 0 or len(form) > _LONG)
                and not _is_english(words, i, size)
            ):
                return i, count, i + size, count, kind, ""
    first = words[0] if words else ""
    if count > 1 and country in LETTER_COUNTRIES.get(first, ()) and max(map(len, words[1:])) > 1:
        return 0, count, 1, count, WORDS["letter"][first], ""
    for i, word in enumerate(words):
        for suffix, kind in SUFFIXES:
            if word == suffix and i:
                return 0, i + 1, 0, i, kind, ""
            if word.endswith(suffix) and len(word) > len(suffix) + 2:
                return 0, i + 1, 0, i, kind, word[: -len(suffix)]
    for i in range(count - 1, 0, -1):
        if words[i] in _SMALL:
            continue
        kind = _TAIL.get(words[i]) or (STREET_TYPES[words[i]] if FLAGS.get(words[i], 0) & STRONG else "")
        if kind and not (len(words[i]) == 1 and i < count - 1):
            return 0, i + 1, 0, i, kind, ""
    return None


def _is_english(words: list[str], i: int, size: int) -> bool:
    """Whether a type that English has as well stands behind its name here: "Park Avenue Karachi"."""
    return i > 0 and size == 1 and words[i] in STREET_TYPES


def _words(piece: str) -> list[str]:
    return piece.split()


def _has_digit(piece: str) -> bool:
    return any(char.isdecimal() for char in piece)
