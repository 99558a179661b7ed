"""The tables of facts about names, read once.

Each is a tab-separated file `matchers/tables/person_*.tsv` with its source in the first line. Names in them
are written folded: lower case, without accents or apostrophes.
"""

from __future__ import annotations

from functools import cache, lru_cache
from typing import Final

from matchers import tables

_TITLE_ROWS: Final = list(tables.rows("person_titles"))

TITLES: Final[dict[str, str]] = {row[0]: row[1] for row in _TITLE_ROWS}
"""Form of address to the gender it states: "m", "f", or "-" for none."""

GENDERS: Final[dict[str, str]] = {
    name: gender for gender, _, names in tables.rows("person_genders") for name in names.split()
}
"""A given name to the gender, "m" or "f", of nearly everybody who bears it."""

NAME_LIKE_TITLES: Final = frozenset(row[0] for row in _TITLE_ROWS if row[2] == "y")
"""Titles that are names as well: a title only when a whole name follows ("Dean", "Sheikh")."""

SUFFIXES: Final = frozenset(row[0] for row in tables.rows("person_suffixes"))
"""Marks behind a name: generations, honours, degrees."""

PARTICLES: Final[dict[str, str]] = {row[0]: row[1] for row in tables.rows("person_particles")}
"""Particle before a family name to its kind: nobiliary, article, patronymic, clan."""

ORGANISATIONS: Final = frozenset(row[0] for row in tables.rows("person_organisations"))
"""Words that make a name an organisation."""

LETTERS: Final[dict[int, str]] = {
    ord(row[0]): "" if row[1] == "-" else row[1] for row in tables.rows("person_letters")
}
"""Lower-case letter to its Latin transliteration, for `str.translate`."""


_PET_SPELLINGS: Final = (
    ("cq", "k"),
    ("ck", "k"),
    ("qu", "k"),
    ("q", "k"),
    ("ph", "f"),
    ("c", "k"),
    ("z", "s"),
)


def _spellings() -> dict[str, frozenset[str]]:
    groups: dict[str, set[str]] = {}
    for form, others in tables.rows("person_spellings"):
        for word in (form, *others.split()):
            groups.setdefault(word, set()).add(form)
    return {word: frozenset(forms) for word, forms in groups.items()}


SPELLINGS: Final[dict[str, frozenset[str]]] = _spellings()
"""A name to the reference forms it is a spelling of."""

ALIKE: Final[dict[str, tuple[str, ...]]] = {
    form: tuple(others.split()) for form, others in tables.rows("person_spellings")
}
"""A reference form to its other spellings."""

SHARED: Final = frozenset(
    word
    for name, _ in tables.rows("person_shared")
    for word in (name, *(spelling for spelling, forms in SPELLINGS.items() if name in forms))
)
"""Name parts so widely shared that they are left out, and tell people apart badly ("Mohammed", "Kaur")."""


@cache
def short_forms() -> dict[str, frozenset[str]]:
    """A given name to its short, pet and cut forms: the `nicknames` package and our own tables.

    Made when a name is first compared; so are all that come of them.
    """
    from nicknames import name_triplets

    forms: dict[str, set[str]] = {}
    for table in ("person_nicknames", "person_abbreviations"):
        for name, shorts in tables.rows(table):
            forms.setdefault(name, set()).update(shorts.split())
    not_short = {
        (name, other) for name, others in tables.rows("person_not_nicknames") for other in others.split()
    }
    packaged = [
        (row.name1, row.name2)
        for row in name_triplets()
        if row.relationship == "has_nickname" and (row.name1, row.name2) not in not_short
    ]
    names = {name for name, _ in packaged}
    for name, short in packaged:
        if len(short) <= len(name) or short not in names:  # leaves out William as a short form of Wilma
            forms.setdefault(name, set()).add(short)
    for spelling, references in SPELLINGS.items():
        for reference in references:
            shared = forms.setdefault(reference, set())
            shared |= forms.get(spelling, set())
    for spelling, references in SPELLINGS.items():
        forms.setdefault(spelling, set()).update(*(forms[reference] for reference in references))
    return {name: frozenset(shorts - {name}) for name, shorts in forms.items() if shorts - {name}}


@lru_cache(maxsize=65536)
def pet(word: str) -> str:
    """Return a pet form as all its spellings agree on it: Nicky, Nicki, Nikki and Nickie are one."""
    for written, heard in _PET_SPELLINGS:
        word = word.replace(written, heard)
    for ending in ("ie", "ey", "ee", "y"):
        if word.endswith(ending):
            word = word.removesuffix(ending) + "i"
            break
    return "".join(letter for at, letter in enumerate(word) if not at or letter != word[at - 1])


@lru_cache(maxsize=65536)
def short_sounds(name: str) -> frozenset[str]:
    """The sounds of a given name's short forms."""
    return frozenset(map(pet, short_forms().get(name, ())))


@cache
def full_forms() -> dict[str, frozenset[str]]:
    """A short form to the given names it stands for."""
    full: dict[str, set[str]] = {}
    for name, shorts in short_forms().items():
        for short in shorts:
            full.setdefault(short, set()).add(name)
    return {short: frozenset(names) for short, names in full.items()}


ORDINARY_WORDS: Final = frozenset(row[0] for row in tables.rows("person_ordinary_words"))
"""Short forms that are ordinary words in a message nearly always ("will", "may")."""


def _frequencies() -> tuple[dict[str, int], dict[str, int]]:
    given: dict[str, int] = {}
    family: dict[str, int] = {}
    for kind, bearers, names in tables.rows("person_frequency"):
        (given if kind == "given" else family).update(dict.fromkeys(names.split(), int(bearers)))
    return given, family


_FREQUENCIES: Final = _frequencies()

GIVEN_FREQUENCY: Final = _FREQUENCIES[0]
"""A given name to the bearers among 100,000 people, by order of magnitude."""

FAMILY_FREQUENCY: Final = _FREQUENCIES[1]
"""A family name to the bearers among 100,000 people, by order of magnitude."""

GIVEN_NAMES: Final = frozenset(
    name for _, names in tables.rows("person_given_names") for name in names.split()
)
"""Given names that many in Britain bear and the frequencies leave out."""

FAMILY_NAMES: Final = frozenset(
    name for _, names in tables.rows("person_family_names") for name in names.split()
)
"""Family names that many of one origin bear and the frequencies leave out."""
