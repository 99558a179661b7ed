"""Several numbers before one street, or flats of one house: "29, 31 and 33 Mill Road", "Flats 1 and 2".

Each of them is a door by itself. Where a word joins them, that is sure: `each_number` writes the address out
once for every one. Numbers with marks alone between them may be a flat and its house as well, "12, 14 Mill
Road": `perhaps_each` writes out what they may be beside that.
"""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

from matchers.address.joints import WORDS
from matchers.address.vocabulary import FLAGS, FLOOR, STREET, UNIT, fold, rows


class _Item(NamedTuple):
    """One number of a list, with the word for a part of a building that stands before it."""

    start: int
    end: int
    unit: str  # "FLAT", "" where none stands there
    plural: bool  # "FLATS"
    number: str
    joined: str  # what stands between it and the one before: "word", "mark", "space"


@lru_cache(maxsize=8)  # a text is parted and read one after the other
def each_number(text: str) -> tuple[str, ...]:
    """The address once for each number of a list that is one for sure; () where there is none."""
    if "&" not in text and "+" not in text and _ANY_JOINER.isdisjoint(_LETTERS.findall(text.lower())):
        return ()  # nearly always
    for items in _joined_runs(text):
        if listed := _listed(text, items):
            return _written_out(text, listed)
    return _behind_street(text)


def spans(text: str) -> list[tuple[int, int]]:
    """From where to where each list of numbers reaches, which is never cut in two."""
    return [(items[0].start, items[-1].end) for items in _joined_runs(text) if _listed(text, items)]


def perhaps_each(text: str) -> tuple[str, ...]:
    """What an address may be as well where marks alone stand between its numbers: a door for each."""
    if not _MAYBE_MARKED.search(text):
        return ()
    for items in _runs(text):
        bare = not any(item.unit or item.joined == "word" for item in items)
        heads = not text[: items[0].start].rstrip() or text[: items[0].start].rstrip(" ")[-1:] in ",;\n"
        marks = {text[one.end : other.start].strip() for one, other in pairwise(items)}
        flat = len(marks) > 1 or (len(items) == 2 and marks <= {"", "/"})  # "3/2, 54 MILL ROAD"
        if bare and heads and not flat and _named(text, items):
            return _written_out(text, items)
        if items[0].plural and not any(item.joined == "word" for item in items):
            return _written_out(text, listed) if len(listed := _of_units(text, items)) > 1 else ()
    return ()


def _joined_runs(text: str) -> list[list[_Item]]:
    """Those of the numbers in a row of which a word joins two."""
    if not _MAYBE_JOINED.search(text):
        return []
    return [items for items in _runs(text) if any(item.joined == "word" for item in items[1:])]


def _runs(text: str) -> list[list[_Item]]:
    """The numbers that stand in a row, two or more of them, in the order of the text."""
    runs: list[list[_Item]] = []
    at = 0
    while (first := _ITEM.search(text, at)) is not None:
        items = [_item(first, "")]
        at = first.end()
        while (item := _next(text, items)) is not None:
            items.append(item)
            at = item.end
        if len(items) > 1:
            runs.append(items)
    return runs


def _item(match: re.Match[str], joined: str) -> _Item:
    unit = fold(match["unit"] or "").strip()
    plural = unit.endswith("S") and FLAGS.get(unit[:-1], 0) & (UNIT | FLOOR) > 0
    return _Item(
        match.start(),
        match.end(),
        unit.removesuffix("S") if plural else unit,
        plural,
        match["number"].replace(" ", ""),
        joined,
    )


def _next(text: str, items: list[_Item]) -> _Item | None:
    """The item that goes on with a list, if one does: "31" behind "29,", and "B" behind "12A,"."""
    last = items[-1]
    joint = _JOINT.match(text, last.end)
    if joint is None:
        return None
    joined = "word" if joint["word"] else "mark" if joint[0].strip() else "space"
    following = _ITEM.match(text, joint.end())
    if following is not None:
        return _item(following, joined)
    letter = _LETTER.match(text, joint.end())
    if letter is None or joined == "space":
        return None
    if items[0].unit and last.number.isalpha():
        return _Item(letter.start(), letter.end(), "", False, letter[0], joined)
    if last.number[-1].isalpha() and last.number[0].isdecimal():
        number = last.number[:-1] + letter[0]
        return _Item(letter.start(), letter.end(), "", False, number, joined)
    return None


def _listed(text: str, items: list[_Item]) -> list[_Item]:
    """Those of a run that are a list: without the house's number behind flats, or the flat before houses."""
    items = _of_units(text, items) if items[0].unit else _of_houses(text, items)
    digits = {re.sub("[A-Za-z]", "", item.number) for item in items}
    if len(items) < 2 or (len(items) == 2 and len(digits) == 1 and "" not in digits):
        return []  # "53A & B" is one number to its reader
    return items if _named(text, items) else []


def _of_units(text: str, items: list[_Item]) -> list[_Item]:
    """The numbers of a list that begins with a part of a building.

    Flats go on to the one behind "and", and a number behind that is the house's; without "and", the last is
    the house's where a street follows. One flat alone may stand before several houses.
    """
    words = [place for place, item in enumerate(items) if item.joined == "word"]
    several = items[0].plural or any(item.unit for item in items[1:])
    if not words:
        return items[:-1] if len(items) > 2 and _street_follows(text, items[-1].end) else items
    if several or words[0] == 1 or words[-1] + 1 < len(items):
        return items[: words[-1] + 1]
    return items[1:]


def _of_houses(text: str, items: list[_Item]) -> list[_Item]:
    """The numbers of a list of houses: behind a street it ends with the last one that a word joins.

    So "Hauptstrasse 12 und 14, 10115 Berlin" has two.
    """
    last = max(place for place, item in enumerate(items) if item.joined == "word")
    if len(items[-1].number) > len(items[last].number) + 1 or _line_before(text, items):
        return items[: last + 1]
    return items


def _line_before(text: str, items: list[_Item]) -> str:
    """What stands before the first number on its line."""
    return _LEADS.sub("", _LINE.split(text[: items[0].start])[-1]).strip()


def _street_follows(text: str, at: int) -> bool:
    words = fold(_LINE.split(text[at:].lstrip(" ,\n"), maxsplit=1)[0]).split()
    return any(FLAGS.get(word, 0) & STREET for word in words[1:6])


def _named(text: str, items: list[_Item]) -> bool:
    """Whether a name stands behind the numbers, or before them on their line."""
    behind = text[items[-1].end :].lstrip(" ,.;:)\n\r")
    return behind[:1].isalnum() or any(map(str.isalpha, _line_before(text, items)))


def _written_out(text: str, items: list[_Item]) -> tuple[str, ...]:
    """The address once for each of the items."""
    before = _LEADS.sub("", text[: items[0].start])
    behind = text[items[-1].end :]
    unit = items[0].unit
    head = f"{unit} " if unit else ""
    if behind.startswith(")") and ")" not in before.rpartition("(")[2]:
        behind = behind[1:] if "(" not in before else behind
    if not unit and not _line_before(text, items):
        behind = _STOP.sub(" ", behind, count=1) if _STOP.match(behind) else behind
    gap = "" if not behind or behind[0] in " ,;\n\r)" else " "
    found = (f"{before}{head}{item.number}{gap}{behind}" for item in items)
    return tuple(dict.fromkeys(found))


def _behind_street(text: str) -> tuple[str, ...]:
    """The address with each of two numbers, the second of them behind the street: "14 Mill Road or 16"."""
    match = _SECOND_BEHIND.search(text)
    if match is None:
        return ()
    street = fold(match["street"]).split()
    if not any(FLAGS.get(word, 0) & STREET for word in street[1:]):
        return ()
    before, behind = text[: match.start()], text[match.end() :]
    return tuple(f"{before}{number}{match['street'].rstrip(' ,(')}{behind}" for number in match.group(1, 3))


_PART = "|".join(
    sorted((word for word, flags in FLAGS.items() if flags & (UNIT | FLOOR)), key=len, reverse=True)
)
_JOINERS = rf"(?:{WORDS['join']}|{WORDS['earlier']})"
_ANY_JOINER = frozenset(word for role, word in rows("joints") if role in ("join", "earlier"))
_LETTERS = re.compile("[a-z]+")
_NUMBER = (
    r"\d{1,5}(?:[A-Za-z]|[ ][A-Za-z](?=[ ]*[,&+/]|[ ](?:and|or)\b))?(?![\w'’])"
    r"(?:[ ]?[-\u2013][ ]?\d{1,5}[A-Za-z]?(?![\w-]))?"
)
_ITEM = re.compile(
    rf"(?<![\w.'’-])(?:(?:(?P<unit>(?:{_PART})s?)\b|n[o\xba]s?\b|numbers?\b|house\b|[#\u2116])[. ]*"
    rf"(?:n[o\xba]s?\b|numbers?\b)?[. ]*)*"
    rf"(?P<number>{_NUMBER}|(?(unit)[A-Z]\d{{0,3}}(?![\w'’-])|(?!)))(?![.'’-]\w)",
    re.IGNORECASE,
)
_LETTER = re.compile(r"[A-Za-z]\d{0,3}(?![\w'’.-])")
_JOINT = re.compile(
    rf"[ ]*[,;(]*[ ]*(?:(?P<word>(?:[&+]|\b{_JOINERS}\b)[:. /&]*(?:\b{_JOINERS}\b[:. ]*)*[(]?[ ]*)"
    r"|(?<=[,;(] )|(?<=[,;(])|[/|][ ]*|(?<=[ ]))",
    re.IGNORECASE,
)
_MAYBE_JOINED = re.compile(
    rf"\d(?:[ ]?[A-Za-z])?[ ,;(]*(?:[&+]|\b{_JOINERS}\b)"
    r"|[ ][A-Za-z](?:,| [&+]| and| or) ?[A-Za-z](?![A-Za-z])",
    re.IGNORECASE,
)
"""Quickly looked for, as is the next."""
_MAYBE_MARKED = re.compile(
    r"(?:^|[,;\n])[ ]*(?:[A-Za-z]+s[ ])?\d{1,5}[A-Za-z]?[ ]*"
    r"(?:[,;][ ]*\d|[ /|]+\d{1,5}[A-Za-z]?[ ]*[ /|,;][ ]?\d)"
)
_LEADS = re.compile(r"\b(?:either|both)[ :]*$", re.IGNORECASE)
_LINE = re.compile(r"[,;\n\r]")
_STOP = re.compile(r"[ ]*[,.;)][ ]*(?=[A-Za-z(])")
_SECOND_BEHIND = re.compile(
    rf"(?<![\w.'’-])(\d{{1,5}}[A-Za-z]?)(?P<street>[ ]+[A-Za-z][^\d,;()\n]{{3,40}}?[ ]*[,(]?[ ]*)"
    rf"\b{_JOINERS}\b[:. ]*(?:\b{_JOINERS}\b[:. ]*)*(?:nos?\.?|number)?[ ]*(\d{{1,5}}[A-Za-z]?)[ ]*[)]?"
    r"(?=[ ]*(?:[,;\n\r]|$))",
    re.IGNORECASE,
)
