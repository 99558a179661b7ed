"""Gaelic family names as a man, a daughter and a wife bear them, and in English.

Ó Briain, Ní Bhriain, Uí Bhriain and O'Brien are one family; MacLachlainn, NicLachlainn and McLachlan another.
Behind a woman's mark the first consonant is softened by an h, which is taken out again.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from matchers.person.facts import SPELLINGS

_WOMANS: Final = ("nic", "mhic", "mic", "ni", "ui")
_MANS: Final = ("mac", "mc", "o")
_SOFTENED: Final = re.compile("(?<=^[bcdfgmpst])h")
_STEM: Final = 4
"""Letters of a name behind its mark at least."""


def is_one_family(a: str, b: str) -> bool:
    """Tell whether two folded family names, their marks joined to them, are one family's in Gaelic."""
    if not (_is_marked(a) or _is_marked(b)):
        return False
    return not stems(a).isdisjoint(stems(b))


def _is_marked(word: str) -> bool:
    return word.startswith(_WOMANS) or (
        word.startswith(_MANS) and any(stem in SPELLINGS for stem in stems(word))
    )


@lru_cache(maxsize=65536)
def stems(word: str) -> frozenset[str]:
    """The name as it stands and without a mark, not softened, and their reference spellings."""
    bare = {word, *(word.removeprefix(mark) for mark in (*_WOMANS, *_MANS) if word.startswith(mark))}
    plain = {_SOFTENED.sub("", stem) for stem in bare if len(stem) >= _STEM}
    return frozenset(form for stem in plain for form in (stem, *SPELLINGS.get(stem, ())))
