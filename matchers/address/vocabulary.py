"""The vocabulary of addresses, read once from the tables beside this file."""

from __future__ import annotations

import re
import unicodedata
from functools import partial

from matchers import folding, tables

STRONG, WEAK, BUILDING, ORGANISATION, UNIT, LEVEL, FLOOR, SIDE = 1, 2, 4, 8, 16, 32, 64, 128
STREET = STRONG | WEAK


rows = partial(tables.rows, package=f"{__package__}.tables")
"""The rows of a table beside this file, by its name."""

STREET_TYPES: dict[str, str] = {}
BUILDING_TYPES: dict[str, str] = {}
ABBREVIATIONS: dict[str, str] = {}
UNIT_WORDS: dict[str, str] = {}
LEVELS: dict[str, str] = {}
SIDES: dict[str, str] = {}
FLAGS: dict[str, int] = {}  # what a word may be, by the constants above

for _form, _full, _strength in rows("street_types"):
    STREET_TYPES[_form] = _full
    FLAGS[_form] = FLAGS.get(_form, 0) | (STRONG if _strength == "strong" else WEAK)
STREET_TYPES["ST"] = "STREET"
FLAGS["ST"] = STRONG
for _form, _full in rows("building_words"):
    BUILDING_TYPES[_form] = _full
    FLAGS[_form] = FLAGS.get(_form, 0) | BUILDING
for _form, _full in rows("organisation_words"):
    FLAGS[_form] = FLAGS.get(_form, 0) | ORGANISATION
for _form, _full, _role in rows("unit_words"):
    if _role == "unit":
        UNIT_WORDS[_form] = _full
        FLAGS[_form] = FLAGS.get(_form, 0) | UNIT
    elif _role == "floor":
        FLAGS[_form] = FLAGS.get(_form, 0) | FLOOR
    elif _role == "side":
        SIDES[_form] = _full
        FLAGS[_form] = FLAGS.get(_form, 0) | SIDE
    else:
        LEVELS[_form] = _full
        FLAGS[_form] = FLAGS.get(_form, 0) | LEVEL
ABBREVIATIONS.update(dict(rows("abbreviations")))

COUNTIES: dict[str, str] = dict(rows("counties"))
COUNTRIES: dict[str, str] = dict(rows("countries"))
AREA_TOWNS: dict[str, frozenset[str]] = {}
"""Post towns by postcode area."""
DISTRICT_TOWNS: dict[str, frozenset[str]] = {}
"""Post towns by postcode district: its outward code. None of a large user's, which may be in any town."""
for _area, _town, _districts in rows("postcode_districts"):
    _named = frozenset({_town}) - {"-"}
    AREA_TOWNS[_area] = AREA_TOWNS.get(_area, frozenset()) | _named
    for _district in _districts.split():
        DISTRICT_TOWNS[_area + _district] = DISTRICT_TOWNS.get(_area + _district, frozenset()) | _named
TOWNS: frozenset[str] = frozenset(_town for _towns in AREA_TOWNS.values() for _town in _towns)
TOWN_WORDS: frozenset[str] = frozenset(  # types of street or building inside the names of post towns
    _word for _town in TOWNS for _word in _town.split()[1:-1] if _word in FLAGS
)
STREET_TOWNS: frozenset[str] = frozenset(_town for _town in TOWNS if FLAGS.get(_town, 0) & STREET)
"""Post towns that a street may be called: "BROADWAY"."""
WELSH: dict[str, str] = dict(rows("welsh"))
COMMON_STREETS: frozenset[str] = frozenset(_row[0] for _row in rows("common_streets"))
NAME_WORDS: frozenset[str] = frozenset(_word for _row in rows("name_words") for _word in _row[1].split())
"""Words that names of streets and houses are made of."""
DIGIT_PAIRS: frozenset[str] = frozenset(_row[0] for _row in rows("digit_pairs"))
DIGIT_MISREADINGS: dict[str, str] = {_row[0]: _row[1] for _row in rows("digit_misreadings")}
LOOKALIKES: tuple[str, ...] = tuple(_row[0] for _row in rows("confusions"))
SHAPES: dict[int, int] = {ord(_char): ord(_set[0]) for _set in LOOKALIKES for _char in reversed(_set)}
ROLES: dict[str, frozenset[str]] = {}
for _role, _word in rows("roles"):
    ROLES[_role] = ROLES.get(_role, frozenset()) | {_word}

_KEEP = {ord(mark): None for mark in "'`\u2018\u2019\u00b4\u200b\u200c\u200d\ufeff\u00ad\u2060"}
_SPACE = {ord(mark): " " for mark in '.()"\u201c\u201d:*_~\u00b7\u2022\r\u00a0'}
_JUNK = {
    ord(mark): "?" for mark in "[]{}=^<>@\\%$\u20ac\u00a3\u00a5\u00a7\u00a9\u00ae\u00b0\u2260\u00a2&"
}  # what scanners make of letters
_BREAK = {ord(mark): "," for mark in ";\n\t\u2028\u2029\v\f"}
_DASH = {ord(mark): "-" for mark in "\u2010\u2011\u2012\u2013\u2014\u2212"}
_LETTER = {
    ord(char): form for char, form in ("ßs", "øo", "ØO", "æa", "ÆA", "łl", "ŁL", "đd", "ĐD", "œo", "ŒO", "ıI")
}
_HALF = {ord("\u00bd"): " HALF "}
_MARKS = {**_HALF, **_KEEP, **_SPACE, **_JUNK, **_BREAK, **_DASH, **_LETTER}


_LOOK_ALIKE_LETTERS = {
    ord(letter): latin
    for latin, letters in tables.rows("letter_lookalikes")
    for letter in letters
    if not letter.isascii()
}
"""Letters of other alphabets that look like a Latin one: "Wіntеrbourne" with a Cyrillic i and e."""
_MIXED = re.compile(r"(?:[A-Za-z]+[^\W\d_]*[^\x00-\x7f]|[^\x00-\x7f\W]+[A-Za-z])\w*")
"""A word with letters of two alphabets: one that is written in another altogether is left as it is."""


def fold(text: str) -> str:
    """Upper case without accents, apostrophes or stops; every line break or comma becomes a comma."""
    if "&" in text:
        text = _ALSO.sub(r"\1 & ", text).replace(" & ", " AND ").replace("&amp;", " AND ")
    if "." in text:
        text = _POINT.sub(_pointed, text)
    if ",0" in text:
        text = _DIGITS_APART.sub(r"\1\2", text)
    if "_" in text:
        text = _BLANK.sub("?", text)
    if not text.isascii():
        decomposed = folding.normalized("NFKD", folding.plain(text.translate(_MARKS))[0])
        decomposed = _MIXED.sub(lambda word: word[0].translate(_LOOK_ALIKE_LETTERS), decomposed)
        text = "".join(_plain(char) for char in decomposed if not unicodedata.combining(char))
    return text.translate(_MARKS).upper()


def _pointed(match: re.Match[str]) -> str:
    """A number with a point in it: "17.0" out of a spreadsheet, "12.5" for a half, "3.2" for "3/2"."""
    whole, part = match.groups()
    if part in ("0", "00"):
        return whole
    if part in ("5", "50") and len(whole) > 1:
        return f"{whole} HALF"
    return f"{whole} {part}" if len(part) > 1 else f"{whole}/{part}"


def _plain(char: str) -> str:
    if char.isdecimal():
        return str(unicodedata.decimal(char))
    return char if char.isalpha() or char.isascii() else "?"


_DIGITS_APART = re.compile(r"(?<![\w,.])(\d{1,2}),(0\d)(?= +[^\W\d])")  # "1,04 Mill Road" is 104
_ALSO = re.compile(r"\b((\d+)[A-Za-z]?)&(?=(?:\2)?[A-Za-z]\b)")
"""An ampersand between two letters of one house number: "53A&B", "6&6A"."""
_BLANK = re.compile(r"(?<=\b\d)_+(?=\s)")  # a digit left open: "1_ Mill Road"
_POINT = re.compile(r"(?<![\w.])(\d{1,4})\.(\d{1,2})(?![\w.]|/\d)")


def written_out(words: list[str]) -> str:
    """A phrase in normal form: abbreviations written out, the last word as a type of street or building."""
    out = [ABBREVIATIONS.get(word, word) for word in words]
    last = words[-1]
    if len(words) > 1:
        full = STREET_TYPES.get(last) or BUILDING_TYPES.get(last)
        if full:
            out[-1] = full
        elif last in ROLES["side"] and len(words) > 2:
            out[-2] = STREET_TYPES.get(words[-2], out[-2])
    phrase = " ".join(out)
    return WELSH.get(phrase, phrase)


def peeled(words: list[str], towns: frozenset[str], *, numbered: bool) -> tuple[list[str], list[str]]:
    """A phrase without the counties and post towns at its end, and those, in their order.

    `towns` are those that the postcode allows.
    """
    found: list[str] = []
    end = len(words)
    while end:
        for size in (4, 3, 2, 1):
            if size > end:
                continue
            name = " ".join(words[end - size : end])
            name = WELSH.get(name, name)
            if (
                (name in TOWNS or name in COUNTIES)
                and not (numbered and size == end)
                and not (end > size and name == "STREET")
                and not (name in STREET_TOWNS and towns and name not in towns)
            ):
                found.append(name)
                end -= size
                break
        else:
            break
    return words[:end], found[::-1]
