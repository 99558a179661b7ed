"""How rare a name is, and how people say it: evidence and phrases for searching a message."""

from __future__ import annotations

import math
from typing import Final

from matchers.person.facts import (
    FAMILY_FREQUENCY,
    FAMILY_NAMES,
    GIVEN_FREQUENCY,
    ORDINARY_WORDS,
    SPELLINGS,
    TITLES,
    full_forms,
    short_forms,
)
from matchers.person.reading import Person

_BY_GENDER: Final = {"m": ("mr",), "f": ("mrs", "ms", "miss"), "-": ("mr", "mrs", "ms", "miss")}


_COMMON_BITS: Final = 12.5  # John Smith: 1,642 and 1,150 in 100,000
_RARE_BITS: Final = 28.0  # two names each borne by some six in 100,000
_UNLISTED: Final = 1.0  # in 100,000
_LONG: Final = 5  # letters below which a family name is shared by many: Li, Ng, Roy, Gill
_FEW: Final = 1  # in 100,000
_MANY: Final = 20  # in 100,000
_LISTED_ALONE: Final = 2  # stands for a name in one language's list without a count, so one of its commonest
_UNLISTED_SHORT: Final = 20.0  # in 100,000: a syllable or two is shared by many (Li, Ng, Roy)


def rarity(person: Person) -> float:
    """Return how much evidence a match on this name carries: 0 (John Smith) to 1 (Zbigniew Wawrzyniak).

    The information in first name and family name by the packaged frequencies; names not in the table count by
    their length, an initial as one letter, a full middle name a little.
    """
    bits = 0.0
    if person.given:
        bits += _bits(person.given[0], GIVEN_FREQUENCY)
        bits += sum(2.0 for name in person.given[1:] if len(name) > 1)
    if person.surname:
        bits += max(_bits(name, FAMILY_FREQUENCY) for name in person.surname) + 3.0 * (
            len(person.surname) - 1
        )
    return round(max(0.0, min(1.0, (bits - _COMMON_BITS) / (_RARE_BITS - _COMMON_BITS))), 3)


def is_rare(surname: tuple[str, ...]) -> bool:
    """Tell whether a family name says which family it is: a long one that few have, or a double one.

    One that is common among people of any one origin is not rare, however few of it the country has.
    """
    return len(surname) > 1 or all(
        len(name) >= _LONG
        and FAMILY_FREQUENCY.get(name, _FEW) < _MANY
        and FAMILY_FREQUENCY.get(name) != _LISTED_ALONE
        and name not in FAMILY_NAMES
        and name not in SPELLINGS
        for name in surname
    )


def _bits(name: str, frequency: dict[str, int]) -> float:
    if len(name) == 1:
        return 3.5
    borne = max((frequency.get(form, 0) for form in (name, *SPELLINGS.get(name, ()))), default=0)
    short = len(name.encode()) < 5  # three bytes a syllable outside the Latin alphabet
    return math.log2(100_000 / (borne or (_UNLISTED_SHORT if short else _UNLISTED)))


def spoken_forms(listed: Person) -> tuple[tuple[str, str], ...]:
    """Return the folded phrases under which a message may speak of a listed person, each with its kind.

    Kinds: "full", "nickname_surname", "title_surname", "initial_surname", "first", "nickname". The last two
    are ordinary words too often to count alone; the caller decides which need a relay phrase nearby. Titles
    are those of the listed person's gender where her title states it, or else the four common ones.
    """
    forms: dict[str, str] = {}
    if listed.organisation:
        return ((" ".join(listed.surname), "full"),) if listed.surname else ()
    family = " ".join((*listed.particles, *listed.surname)) if listed.surname else ""
    families = dict.fromkeys((family, " ".join(listed.surname))) if family else {}
    names = [name for name in listed.given if len(name) > 1]
    short = sorted({nick for name in (*names[:1], *listed.known_as) for nick in _short_forms(name)})
    for surname in families:
        if names:
            forms.setdefault(f"{' '.join(names)} {surname}", "full")
            forms.setdefault(f"{names[0]} {surname}", "full")
        for nick in (*listed.known_as, *short):
            forms.setdefault(f"{nick} {surname}", "nickname_surname")
        for title in (listed.title, *_BY_GENDER[TITLES.get(listed.title, "-")]):
            if title:
                forms.setdefault(f"{title} {surname}", "title_surname")
        if listed.given:
            initials = [name[0] for name in listed.given]
            forms.setdefault(f"{initials[0]} {surname}", "initial_surname")
            forms.setdefault(f"{' '.join(initials)} {surname}", "initial_surname")
            forms.setdefault(f"{''.join(initials)} {surname}", "initial_surname")
    if names:
        forms.setdefault(names[0], "first")
    for nick in listed.known_as:
        forms.setdefault(nick, "nickname")
    for nick in short:
        if nick not in ORDINARY_WORDS and not (names and _is_fuller(nick, names[0])):
            forms.setdefault(nick, "nickname")
    return tuple(forms.items())


def _is_fuller(nick: str, name: str) -> bool:
    """Tell whether the form is a fuller one of a name that stands by itself: no Jonathan for a John."""
    return nick in full_forms().get(name, ()) and GIVEN_FREQUENCY.get(name, 0) >= GIVEN_FREQUENCY.get(nick, 0)


def _short_forms(name: str) -> frozenset[str]:
    return short_forms().get(name, frozenset()) | full_forms().get(name, frozenset())
