"""A name in one script held against one in another: its letters in Latin, and what is heard of them."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import Final

import msgspec

from matchers import tables
from matchers.person.reading import Person

_LATIN: Final = {char: latin for chars, latin in tables.rows("person_scripts") for char in chars}
_HAN: Final = re.compile("[\u3400-\u9fff]+")
_HAN_NAME: Final = 4
"""Characters of a Chinese name at most; a longer word is a foreign name by its sound."""
_DOUBLE_FAMILIES: Final = frozenset({"欧阳", "歐陽", "司马", "司馬", "诸葛", "諸葛", "上官", "司徒"})
_HEARD: Final = (
    *(("sch", "s"), ("sh", "s"), ("ch", "s"), ("zh", "s"), ("ts", "s"), ("th", "t"), ("dh", "t")),
    *(("ph", "f"), ("kh", "k"), ("gh", "k"), ("x", "ks")),
)
_CLASSES: Final = str.maketrans("bpfvkgqcjdtszlrmn", "bbffkkkkkttssrrmn", "aeiouywh")
_ENOUGH: Final = 4
"""Consonants that two names must share where their vowels are not written."""
_READ: Final = 8
"""Latin letters from which two names read alike are one."""


def is_latin(person: Person) -> bool:
    """Tell whether every word of the name is in Latin letters, once it is folded."""
    return all(map(str.isascii, person.given + person.surname))


@lru_cache(maxsize=4096)
def in_latin(person: Person) -> Person:
    """Return the name in Latin letters; a Chinese one with its family name, which stands first, behind."""
    words = person.given + person.surname
    if len(words) == 1 and 1 < len(words[0]) <= _HAN_NAME and _HAN.fullmatch(words[0]):
        at = 2 if words[0][:2] in _DOUBLE_FAMILIES and len(words[0]) > 2 else 1
        return _turned(person, (words[0][at:],), (words[0][:at],))
    if len(words) == 2 and all(map(_HAN.fullmatch, words)) and len(words[0]) == 1:
        return _turned(person, words[1:], words[:1])
    return _turned(person, person.given, person.surname)


def _turned(person: Person, given: tuple[str, ...], family: tuple[str, ...]) -> Person:
    return msgspec.structs.replace(
        person,
        given=tuple(filter(None, map(_latin, given))),
        surname=tuple(filter(None, map(_latin, family))),
    )


def _latin(word: str) -> str:
    if word.startswith("ال") and len(word) > 4:
        word = word[2:]  # the article
    if not word.isascii():
        word = "".join(_LATIN.get(char, "") if not char.isascii() else char for char in _parted(word))
    return word.replace("-", "")


def _parted(word: str) -> str:
    """Hangul in its letters; everything else as it is."""
    return "".join(unicodedata.normalize("NFD", char) if "가" <= char <= "힣" else char for char in word)


def heard_alike(a: Person, b: Person) -> bool:
    """Tell whether first name and family name have the same consonants, as far as scripts tell them apart."""
    if not a.given or not b.given or not a.surname or not b.surname:
        return False
    first, family = _heard(a.given[0]), _heard("".join(a.surname))
    return (
        first == _heard(b.given[0])
        and family == _heard("".join(b.surname))
        and bool(first and family)
        and len(first) + len(family) >= _ENOUGH
    )


def read_alike(a: Person, b: Person) -> bool:
    """Tell whether two names in one script that writes sounds are the same in Latin letters."""
    words = a.given + a.surname, b.given + b.surname
    if is_latin(a) or any(map(_HAN.search, words[0] + words[1])):
        return False
    latin = [tuple(map(_latin, each)) for each in words]
    return latin[0] == latin[1] and len("".join(latin[0])) >= _READ


@lru_cache(maxsize=16384)
def _heard(word: str) -> str:
    for written, sound in _HEARD:
        word = word.replace(written, sound)
    kept = ""
    for letter in word.translate(_CLASSES):
        if not kept.endswith(letter):
            kept += letter
    return kept
