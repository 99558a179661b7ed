"""How two words of a name agree: the same, another spelling, a short form, an initial, a slip."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final, NamedTuple

from rapidfuzz.distance import OSA

from matchers.person.aloud import aloud, may_sound_alike
from matchers.person.facts import (
    ALIKE,
    FAMILY_FREQUENCY,
    GIVEN_FREQUENCY,
    SPELLINGS,
    full_forms,
    pet,
    short_forms,
    short_sounds,
)
from matchers.person.gaelic import is_one_family
from matchers.person.scores import SCORES
from matchers.person.shortening import is_made_from, is_name


class Agreement(NamedTuple):
    """How far two tokens agree: 1 for the same word, 0 for none, and in what way."""

    score: float
    kind: str
    """"exact", "slip", "spelling", "short", "initial", "near", or "none"."""
    step: str
    """What made them equal, readable; empty where nothing had to."""


EXACT: Final = Agreement(1.0, "exact", "")
NONE: Final = Agreement(0.0, "none", "")
_LOOKALIKE: Final = str.maketrans("l1j!|0q5vdu", "iiiiioosuoi")
_DOUBLES: Final = [(letter * 2, letter) for letter in "abcdefghijklmnopqrstuvwxyz"]
_SOUNDS: Final = (
    *(
        ("eigh", "i"),
        ("cq", "k"),
        ("sch", "sh"),
        ("tch", "ch"),
        ("cz", "ch"),
        ("sz", "sh"),
        ("dj", "j"),
        ("ph", "f"),
        ("ck", "k"),
    ),
    *(("kh", "k"), ("gh", "g"), ("dh", "d"), ("q", "k"), ("x", "ks"), ("w", "v"), ("ou", "u"), ("oo", "u")),
    *(("ee", "i"), ("ij", "i"), ("iy", "i"), ("yy", "i"), ("ey", "i"), ("ie", "i"), ("ei", "i"), ("y", "i")),
    *(("j", "i"), ("ae", "a"), ("oe", "o"), ("ue", "u"), ("z", "s")),
)
_HARD_C: Final = re.compile("c(?![eiyh])")
_BEFORE_A_SILENT_E: Final = re.compile(r".*(?:[wy]|[^aeiou]{2}|[aeiou]{2}[^aeiou])")
"""An ending that an e behind it leaves as it sounds: Cook, Sharp, Low, Fry; not Pop, which it makes Pope."""
_OPEN_AND_ROUND: Final = str.maketrans("eu", "ao")
_LONG: Final = 5  # letters below which one letter makes another name: Jon, Jan, Lee, Liu
_LISTED_ALONE: Final = 2  # bearers that stand for a name in a list without a count
_LEAST_STEM: Final = 3  # letters before a silent e: Low and Lowe
_MANY: Final = 20  # bearers among 100,000 people that make a name one of its own
_SILENT: Final = 3  # letters at most by which two spellings of one sound differ: Amy and Aimee
_SURE: Final = 7  # letters from which any one letter may be a slip


@lru_cache(maxsize=65536)
def sound(word: str) -> str:
    """Return the word as romanisations agree on it: "zelenskyy" and "selenskyj" are one."""
    if word.startswith("mac") and len(word) > 5:
        word = "mc" + word[3:]
    for written, heard in _SOUNDS:
        if written in word:
            word = word.replace(written, heard)
    if "c" in word:
        word = _HARD_C.sub("k", word)
    for double, single in _DOUBLES:
        if double in word:
            word = word.replace(double, single)
    return word.replace("h", "") if len(word) > 5 else word


def agree_given(a: str, b: str) -> Agreement:
    """Compare two given names."""
    return EXACT if a == b else _given(a, b)


def agree_surname(a: str, b: str) -> Agreement:
    """Compare two words of family names: no short forms, no initials."""
    return EXACT if a == b else _surname(a, b)


@lru_cache(maxsize=131072)
def _given(a: str, b: str) -> Agreement:
    if len(a) == 1 or len(b) == 1:
        return _initial(a, b) if a[:1] == b[:1] else NONE
    if a in short_forms().get(b, ()):
        return _short(a, b)
    if b in short_forms().get(a, ()):
        return _short(b, a)
    if _sounds_short(a, b):
        return _short(a, b)
    if _sounds_short(b, a):
        return _short(b, a)
    if _of_one_name(a, b):
        return Agreement(
            SCORES.two_short_forms, "short", f"{a.title()} and {b.title()} are short forms of one name"
        )
    found = _spelling(a, b) or _said_alike(a, b)
    if found is not None:
        return found
    for short, name in ((a, b), (b, a)):
        if is_made_from(short, name):
            return Agreement(SCORES.made_short, "short", f"{short.title()} is made from {name.title()}")
    if is_name(a) and is_name(b):
        return NONE
    slip = _slip(a, b, GIVEN_FREQUENCY)
    if slip.score or a[0] != b[0] or len(a) < _LONG:
        return slip
    return _near_given(a, b) or _slip_in_a_spelling(a, b)


@lru_cache(maxsize=131072)
def _surname(a: str, b: str) -> Agreement:
    found = _spelling(a, b) or _silent_e(a, b) or _feminine(a, b) or _slip(a, b, FAMILY_FREQUENCY)
    return found if found.score else _near(a, b)


def _sounds_short(word: str, name: str) -> bool:
    """Tell whether a word is another spelling of a short form, and no name that many have of its own."""
    return GIVEN_FREQUENCY.get(word, 0) < _MANY and pet(word) in short_sounds(name)


def _of_one_name(a: str, b: str) -> bool:
    """Tell whether two words are short forms of one name that more people have than either of them."""
    full = full_forms().get(a)
    shared = full & full_forms().get(b, frozenset()) if full is not None else ()
    if not shared:
        return False
    commoner = max(GIVEN_FREQUENCY.get(a, 0), GIVEN_FREQUENCY.get(b, 0))
    return any(GIVEN_FREQUENCY.get(name, 0) >= commoner for name in shared)


def _initial(a: str, b: str) -> Agreement:
    letter, name = sorted((a, b), key=len)
    return Agreement(SCORES.initial, "initial", f"initial {letter.upper()} fits {name.title()}")


def _short(short: str, full: str) -> Agreement:
    return Agreement(SCORES.short_form, "short", f"{short.title()} is a short form of {full.title()}")


def _spelling(a: str, b: str) -> Agreement | None:
    """Agree on a listed spelling, on the sound, or, unless both are known, on all but a for e and o for u."""
    forms = SPELLINGS.get(a)
    if forms is not None and not forms.isdisjoint(SPELLINGS.get(b, ())):
        return Agreement(SCORES.spelling, "spelling", f"{a.title()} is a spelling of {b.title()}")
    if len(a) < _LONG or len(b) < _LONG:
        return None
    x, y = sound(a), sound(b)
    if x == y:
        return Agreement(SCORES.spelling, "spelling", f"{a.title()} is a spelling of {b.title()}")
    if (
        len(x) == len(y)
        and x.translate(_OPEN_AND_ROUND) == y.translate(_OPEN_AND_ROUND)
        and not (_is_listed(a) and _is_listed(b))
    ):
        return Agreement(SCORES.sounds_like, "spelling", f"{a.title()} sounds like {b.title()}")
    return None


def _said_alike(a: str, b: str) -> Agreement | None:
    """Agree on given names that are one when spoken: Denice and Denise."""
    if abs(len(a) - len(b)) > _SILENT or not may_sound_alike(a, b):
        return None
    if aloud(a) != aloud(b) or not aloud(a):
        return None
    return Agreement(SCORES.spelling, "spelling", f"{a.title()} is a spelling of {b.title()}")


def _silent_e(a: str, b: str) -> Agreement | None:
    """Agree on family names of which one has a silent e at its end: Cook and Cooke."""
    shorter, longer = sorted((a, b), key=len)
    if len(shorter) < _LEAST_STEM or longer != shorter + "e" or not _BEFORE_A_SILENT_E.fullmatch(shorter):
        return None
    return Agreement(SCORES.spelling, "spelling", f"{a.title()} is a spelling of {b.title()}")


def _feminine(a: str, b: str) -> Agreement | None:
    """Agree on a Slavic or Gaelic family name as a man and a woman bear it."""
    if is_one_family(a, b):
        return Agreement(SCORES.feminine, "spelling", f"{a.title()} and {b.title()} are one family name")
    shorter, longer = sorted((a, b), key=len)
    stem = shorter[:-1]
    slavic = shorter.endswith(("ov", "ev", "in", "ski", "cki", "ska", "cka"))
    if len(shorter) > _LONG and slavic and longer in (shorter + "a", stem + "a", stem + "i"):
        return Agreement(SCORES.feminine, "spelling", f"{a.title()} and {b.title()} are one family name")
    return None


def _slip(a: str, b: str, known: dict[str, int]) -> Agreement:
    """Agree on long words one letter apart; two names that both exist are two names: Daniel and Daniela."""
    shorter = min(len(a), len(b))
    if shorter < _LONG or abs(len(a) - len(b)) > 2 or (a in known and b in known):
        return NONE
    distance = OSA.distance(a, b, score_cutoff=2)
    if distance == 1:
        ending = a[:-1] == b[:-1] or a[:-1] == b or b[:-1] == a
        alike = a.translate(_LOOKALIKE) == b.translate(_LOOKALIKE)
        swapped_or_dropped = len(a) != len(b) or sorted(a) == sorted(b)
        if alike or shorter >= _SURE or (swapped_or_dropped and not ending):
            score = SCORES.slip_long if shorter >= _SURE else SCORES.slip
            score -= SCORES.slip_ending if ending and not alike else 0.0
            return Agreement(score, "slip", f"{a.title()} read as {b.title()}")
    if distance == 2 and shorter >= 9 and a[0] == b[0]:
        return Agreement(SCORES.two_slips, "slip", f"{a.title()} read as {b.title()}")
    return NONE


def _near(a: str, b: str) -> Agreement:
    """Agree on family names hardly apart: a likeness only, the first name has to carry the rest.

    One letter, or one sound of a long name; or the same letters in another order.
    """
    shorter = min(len(a), len(b))
    if shorter < _LONG - (len(a) != len(b)) or abs(len(a) - len(b)) > 2 or _two_names(a, b, FAMILY_FREQUENCY):
        return NONE
    if OSA.distance(a, b, score_cutoff=1) == 1:
        return Agreement(SCORES.near, "near", f"{a.title()} is one letter from {b.title()}")
    if shorter >= _LONG and len(a) == len(b) and sorted(a) == sorted(b):
        return Agreement(SCORES.near, "near", f"{a.title()} has the letters of {b.title()}")
    if (
        shorter > _LONG
        and a[0] == b[0]
        and len(sound(a)) != len(sound(b))
        and OSA.distance(sound(a), sound(b), score_cutoff=1) == 1
    ):
        return Agreement(SCORES.near, "near", f"{a.title()} is one sound from {b.title()}")
    return NONE


def _slip_in_a_spelling(a: str, b: str) -> Agreement:
    """Agree on a name with a letter left out or put in of another spelling: Serej, of Sergej for Sergei."""
    for name, other in ((a, b), (b, a)):
        if name in GIVEN_FREQUENCY or len(name) < _LONG:
            continue
        for form in SPELLINGS.get(other, ()):
            for spelt in (form, *ALIKE.get(form, ())):
                if len(spelt) != len(name) and OSA.distance(name, spelt, score_cutoff=1) == 1:
                    return Agreement(SCORES.near, "near", f"{name.title()} read as {spelt.title()}")
    return NONE


def _near_given(a: str, b: str) -> Agreement | None:
    """Agree on first names one letter apart, of which one is no name that is known: Simom."""
    if len(a) != len(b) or _two_names(a, b, GIVEN_FREQUENCY):
        return None
    if OSA.distance(a, b, score_cutoff=1) == 1:
        return Agreement(SCORES.near, "near", f"{a.title()} is one letter from {b.title()}")
    return None


def _is_listed(word: str) -> bool:
    return word in GIVEN_FREQUENCY or word in FAMILY_FREQUENCY


def _two_names(a: str, b: str, known: dict[str, int]) -> bool:
    """Tell whether both are names of their own, borne by enough people to be met by chance."""
    return known.get(a, 0) > _LISTED_ALONE and known.get(b, 0) > _LISTED_ALONE


def forget() -> None:
    """Forget the words met so far, for measuring."""
    for remembered in (sound, _given, _surname):
        remembered.cache_clear()
