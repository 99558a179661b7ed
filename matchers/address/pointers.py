"""One house told by another: "8 Mill Road, pass on to no 10", "next door to 8 Mill Road", "opposite no 9".

Where a letter has a number of its own, only what says that it is for another house counts; where it has none,
the houses that the words can mean.
"""

from __future__ import annotations

import re

from matchers.address.vocabulary import rows

_MOST = 12
"""Houses between two numbers that are read."""


def pointed_at(text: str) -> tuple[str, ...]:
    """What an address may be as well: one for each house that its words point at; () where none do."""
    if _FIRST_WORDS.isdisjoint(_WORDS(text.lower())):
        return ()  # nearly always
    found = _POINTER.search(text)
    if found is None:
        return ()
    before, behind = text[: found.start()], text[found.end() :]
    numbers = _numbers(found)
    door = _DOOR.search(before) or _DOOR.search(behind)
    if door is None or _NAME.match(behind):  # the street of the number follows
        return tuple(f"{before}{number}{behind}" for number in numbers)
    if not found["pass"]:
        return ()
    rest = f"{before}\n{behind}"
    return tuple(_DOOR.sub(number, rest, count=1) for number in numbers)


def _numbers(found: re.Match[str]) -> tuple[str, ...]:
    """The numbers of the houses that a pointer can mean."""
    if found["between"]:
        return tuple(map(str, range(int(found["low"]) + 1, int(found["high"]))[:_MOST]))
    if found["pass"]:
        return (found["number"],)
    first = int(found["number"].rstrip(_LETTERS))
    beside = (-2, -1, 1, 2) if found["beside"] else (-3, -1, 1, 3)
    return tuple(str(first + step) for step in beside if first + step > 0)


def _any(role: str) -> str:
    words = sorted((word for one, word in rows("pointers") if one == role), key=len, reverse=True)
    return "|".join(map(re.escape, words))


_FIRST_WORDS = frozenset(word.split()[0] for _, word in rows("pointers"))
_WORDS = re.compile("[a-z/]+").findall
_NO = (
    r"[ :,(]{0,4}(?:the[ ])?(?:people[ ]at[ ])?"
    r"(?:n[o\xba]s?\b\.?|nr\b\.?|numbers?\b|house\b|\#|at\b){0,2}[ ]{0,3}"
)
_POINTER = re.compile(
    rf"(?:\b(?:please|pls|plz|kindly|the[ ]house|house|just|right|directly)[ ]+){{0,3}}"
    rf"(?:(?P<between>\b(?:{_any('between')})\b{_NO}(?P<low>\d{{1,4}})[ ]*(?:and|&|-)[ ]*(?P<high>\d{{1,4}}))"
    rf"|\b(?:(?P<pass>{_any('pass')})|(?P<beside>{_any('beside')})|(?P<across>{_any('across')}))(?!\w){_NO}"
    r"(?P<number>\d{1,4}[a-z]?))(?![\w/-])",
    re.IGNORECASE,
)
_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_NAME = re.compile(r"[ ]+[A-Za-z]{2}")
_DOOR = re.compile(
    r"(?:^|(?<=[,;\n])|(?<=[,;\n] ))(?:no\.?[ ]?)?\d{1,4}[a-z]?(?=[ ,]+[a-z]{2})", re.IGNORECASE
)
