"""Short forms as they are made: a name cut, its cut end dressed, its front left off; no table holds them all.

A word that is a name of its own is never read so: Jan is Janet's short form by the table alone. What is
made in these ways is told from what is listed by its lower score (`made_short` in `person_scores.tsv`).
"""

from __future__ import annotations

from typing import Final

from matchers import tables
from matchers.person.facts import GIVEN_FREQUENCY, GIVEN_NAMES, SPELLINGS, pet, short_forms

_LISTED_ALONE: Final = 2  # bearers that stand for a name in a list without a count
_CUT: Final = 3  # letters of a name that are enough to know it by: Raj, Nav, Kam
_LEFT_OUT: Final = 2  # letters that a cut leaves out at least: Carl is not cut from Carla
_VOWELS: Final = "aeiouy"
_MADE: Final = list(tables.rows("person_short_forms_made"))
_ENDINGS: Final = tuple({pet(row[1]) for row in _MADE if row[0] == "ending"})
_FRONTS: Final = tuple(row[1] for row in _MADE if row[0] == "front")
_TURNED: Final = "rly"
"""Consonants behind the first vowel that become a z: Baz for Barry, Dezza for Derek, Wazza for Wayne."""


def is_made_from(word: str, name: str) -> bool:
    """Tell whether a word that few have as a name of its own is a short form made from a given name."""
    if not _CUT <= len(word) <= len(name) + _CUT:
        return False
    begins = word[:1] == name[:1]
    return (
        (begins or name.startswith(_FRONTS))
        and not is_listed(word)
        and ((begins and _is_cut(word, name)) or _is_behind_a_front(word, name))
    )


def _is_behind_a_front(word: str, name: str) -> bool:
    return any(
        word == rest or (len(word) > _CUT and rest.startswith(word))
        for front in _FRONTS
        if name.startswith(front) and len(rest := name[len(front) :]) > _CUT
    )


def is_name(word: str) -> bool:
    """Tell whether the word is a given name of its own."""
    return is_listed(word) or word in GIVEN_NAMES


def is_listed(word: str) -> bool:
    """Tell whether more than a few have the word as a given name, or it has short forms or spellings."""
    return GIVEN_FREQUENCY.get(word, 0) > _LISTED_ALONE or word in short_forms() or word in SPELLINGS


def _is_cut(word: str, name: str) -> bool:
    written, whole = _plain(word), _plain(name)
    if written[:2] != whole[:2]:
        return False
    if whole.startswith(written) and len(whole) - len(written) >= _LEFT_OUT:
        return True
    if word in GIVEN_NAMES:
        return False
    return _is_turned(written, whole) or any(
        _is_stem(written.removesuffix(ending), ending, whole)
        for ending in _ENDINGS
        if written.endswith(ending)
    )


def _plain(word: str) -> str:
    return pet(word).replace("y", "i")


def _is_stem(stem: str, ending: str, whole: str) -> bool:
    """Tell whether what is left without an ending is the name up to a consonant, and is enough of it."""
    if len(stem) < 2 or stem[-1] in _VOWELS or not whole.startswith(stem):
        return False
    if stem == whole:
        return ending in ("i", "o")  # Deano
    return len(stem) >= _CUT or len(ending) == 1


def _is_turned(written: str, whole: str) -> bool:
    """Tell whether the word is the name's first syllable with a z behind it; `pet` writes s for z."""
    at = next((index for index, letter in enumerate(whole) if letter in _VOWELS), -1)
    if at < 0 or at + 1 >= len(whole) or whole[at + 1] not in _TURNED:
        return False
    syllable = whole[: at + 1] + "s"
    return written in (syllable, syllable + "a", syllable + "er", syllable + "i")
