"""Every way in which a text can name a listed person, ready to be looked up."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final, NamedTuple

from matchers import tables
from matchers.person.facts import FAMILY_FREQUENCY, TITLES
from matchers.person.reading import Person, fold, read
from matchers.person.speaking import spoken_forms

WORDS: Final[dict[str, str]] = {row[0]: row[1] for row in tables.rows("person_words")}
"""A name that is a word as well ("hope") to what it is: word, place, address (a form of address: "mum")."""

COMMON: Final = 50
"""Bearers among 100,000 people that make a family name one of many: everybody knows one."""
_DIMINUTIVE: Final = re.compile(r"([bcdfghjklmnpqrstvwxyz]*(?:a|e|i|o|u))r+[a-z]*")


class Way(NamedTuple):
    """One way of naming a person: its kind, and the listed name that it is a form of."""

    kind: str
    name: str


KINDS: Final = (
    "full nickname_surname given_names full_word title_surname initial_surname common_title common_initial "
    "nickname first surname title_initial initials initial"
).split()
"""The surest first. Of `full_word` every part is a word as well; `common_…` is a name that many have."""


class Naming(NamedTuple):
    """Ways of naming one listed person, without spaces. What is a way of two of her names is the surer."""

    wholes: dict[str, dict[str, Way]]
    """Names of several words by a part that each of them holds."""
    words: dict[str, Way]
    """Names of one word."""
    given: tuple[tuple[str, Way], ...]
    """First names for comparison with a misspelt one."""
    families: dict[str, tuple[str, Way]]
    """Family name of one word to the first name before it."""
    parts: frozenset[str]
    """Every word of the listed names."""
    gender: str
    """"m", "f", or "-" where no title says."""


@lru_cache(maxsize=4096)
def ways_of_naming(names: tuple[str, ...]) -> Naming:
    """Every way of naming the person of these names and aliases."""
    wholes: dict[str, dict[str, Way]] = {}
    words: dict[str, Way] = {}
    given: dict[str, Way] = {}
    families: dict[str, tuple[str, Way]] = {}
    parts: set[str] = set()
    gender = "-"
    for name in names:
        person = read(name)
        for one in (person, *person.others):
            gender = TITLES.get(one.title, gender) if one.title else gender
            parts |= {*one.given, *one.surname, *one.particles, *one.known_as}
            for whole, key, kind in _wholes(name, one):
                _keep(wholes.setdefault(key, {}), whole, Way(kind, name))
            for word, kind in _single_words(name, one).items():
                _keep(words, word, Way(kind, name))
            if one.given and len(one.given[0]) > 3 and one.given[0] not in WORDS and not one.organisation:
                given.setdefault(one.given[0], Way("first", name))
                if one.surname and len(one.surname[-1]) > 2:
                    families.setdefault(one.surname[-1], (one.given[0], Way("nickname_surname", name)))
    return Naming(wholes, words, tuple(given.items()), families, frozenset(parts), gender)


def _keep(found: dict[str, Way], text: str, way: Way) -> None:
    """Take a way of naming, unless a surer one is known: in whatever order her names are listed."""
    known = found.get(text)
    if known is None or KINDS.index(way.kind) < KINDS.index(known.kind):
        found[text] = way


def _wholes(name: str, one: Person) -> list[tuple[str, str, str]]:
    """Names of several words, joined, with a part that each holds and a kind."""
    family = "".join(one.surname)
    forms = [(phrase, kind) for phrase, kind in spoken_forms(one) if " " in phrase]
    found: dict[str, tuple[str, str]] = {}
    written = fold(name)
    if (" " in written or not written.isascii()) and not one.others and not one.title:
        kind = "full_word" if all(word in WORDS for word in written.split()) else "full"
        found[written.replace(" ", "").replace(",", "")] = ("", kind)
    for phrase, kind in forms:
        first, _, last = phrase.partition(" ")
        several_initials = kind == "initial_surname" and len(phrase) - len(family) > 2
        if kind in ("title_surname", "initial_surname") and _common(one) and not several_initials:
            kind = {"title_surname": "common_title", "initial_surname": "common_initial"}[kind]
        if kind in ("full", "nickname_surname") and all(word in WORDS for word in phrase.split()):
            kind = "full_word"
        found.setdefault(phrase.replace(" ", ""), (family, kind))
        if kind in ("full", "nickname_surname") and family and not one.organisation:
            found.setdefault(last.replace(" ", "") + first, (family, kind))
        if kind == "full":
            found.setdefault(phrase.replace(" ", "")[::-1], ("", kind))
    names = [word for word in one.given if len(word) > 1]
    if len(names) > 1:
        kind = "full_word" if all(word in WORDS for word in names) else "given_names"
        found.setdefault("".join(names), (names[0], kind))
        found.setdefault("".join(names[:2]), (names[0], kind))
    if one.surname:
        for title in ("mr", "mrs", "ms", "miss"):
            if TITLES.get(one.title, "-") in ("-", TITLES[title]):
                found.setdefault(title + one.surname[-1][0], ("", "title_initial"))
    return [
        (whole, key if key in whole else "", kind) for whole, (key, kind) in found.items() if len(whole) > 1
    ]


def _common(one: Person) -> bool:
    return all(FAMILY_FREQUENCY.get(word, 0) >= COMMON or word in WORDS for word in one.surname)


def _single_words(name: str, one: Person) -> dict[str, str]:
    """Names of one word, with a kind; the surest first."""
    found = {phrase: kind for phrase, kind in spoken_forms(one) if " " not in phrase and len(phrase) > 2}
    found = {phrase: "nickname" if kind == "full" else kind for phrase, kind in found.items()}
    written = fold(name)
    if " " not in written and len(written) > 1 + written.isascii():
        found.setdefault(written, "nickname")
    if one.organisation:
        return found
    for pet in _pet_forms(one):
        found.setdefault(pet, "nickname")
    if one.surname and one.given and len(one.surname[-1]) > 2:
        found.setdefault(one.surname[-1], "surname")
        found.setdefault("".join(one.surname), "surname")
    initials = "".join(word[0] for word in (*one.given, *one.surname))
    if len(initials) > 2:
        found.setdefault(initials, "initials")
    if len(one.given) > 1:
        found.setdefault("".join(word[0] for word in one.given), "initials")
    if one.given and one.given[0][0] not in "aiou":
        found.setdefault(one.given[0][0], "initial")
    return found


def _pet_forms(one: Person) -> list[str]:
    """Sazza, Saz and Sar for Sarah, Gaz for Gary; Jonesy and Smithy for the family name."""
    pets: list[str] = []
    if one.given and (syllable := _DIMINUTIVE.fullmatch(one.given[0])):
        pets += [syllable[1] + ending for ending in ("zza", "zzer", "zz", "z", "za", "zzie")]
    if one.given and len(one.given[0]) > 5:
        stem = one.given[0][:3] if one.given[0][2] not in "aeiou" else one.given[0][:4]
        pets += [stem + ending for ending in ("zy", "sy", "so", "zo", "ster")]
    if one.surname and len(one.surname[-1]) > 3:
        family = one.surname[-1]
        pets += [family + ending for ending in ("y", "ey", "ie", "o")]
    return [pet for pet in pets if len(pet) > 2 and pet not in WORDS]
