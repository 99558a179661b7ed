"""How an English given name sounds, so that its spellings are one: Denice and Denise, Lynsey and Lindsey.

A vowel before a last, unspoken e is kept apart from a short one, in capitals: Jane is not Jan, Denise not
Denis, Simone not Simon. Two names that sound alike are one; which are is held by tests and by
`benchmarks/people.py`.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

_CONSONANT: Final = "[^aeiouyAEIOU]"
_RULES: Final = tuple(
    (re.compile(written), heard)
    for written, heard in (
        # consonants
        ("cheal$", "chael"),
        ("(?<=[eio])ann", "An"),
        (f"a(?={_CONSONANT}(?:ie|ey|ay|ee|y|i|eigh)$)", "A"),
        ("^s?ch(?=[aeiouy]..)|sh", "S"),
        ("dge|^g(?=[eiy])", "j"),
        ("^[kg]n", "n"),
        ("^wr", "r"),
        ("ph", "f"),
        ("e?igh", "i"),
        ("gh", ""),
        ("c(?=[eiy])", "s"),
        ("ch(?=r)|(?<=i)ch(?=[aeo])|(?<=a)ch(?=ar)", "k"),
        ("ch", "C"),
        ("c?qu|cq|ck|q|c", "k"),
        ("x", "ks"),
        ("z", "s"),
        ("nds", "ns"),
        (f"({_CONSONANT})\\1", r"\1"),
        ("(?<=.)h(?!n)", ""),
        # the end
        ("l[iy]ne?$", "lin"),
        ("sea$", "si"),
        ("(?:ie|ey|ay|ee|y)$", "i"),
        (f"(?:ai|ay)({_CONSONANT})e?$", r"A\1"),
        (f"(?:ea|ee|ei)({_CONSONANT})e?$", r"E\1"),
        (f"a({_CONSONANT})e$", r"A\1"),
        (f"(?<=..)e({_CONSONANT})e$", r"E\1"),
        (f"[iy]({_CONSONANT})e$", r"I\1"),
        (f"o({_CONSONANT})e$", r"O\1"),
        (f"u({_CONSONANT})e$", r"U\1"),
        (f"(?<={_CONSONANT})e$", ""),
        # within
        ("ai|ay", "A"),
        ("ae", "e"),
        ("ei|ie|ey|ea|ee", "E"),
        ("ou|oo|ew|eu|ue", "u"),
        ("y", "i"),
        (r"([a-zA-Z])\1", r"\1"),
    )
)
_ONE_SOUND: Final = frozenset(
    a + b
    for letters in ("ckq", "cs", "gj", "sxz", "pf", "kn", "gn", "wr", "eu", "eiy")
    for a in letters
    for b in letters
)
"""First letters that can stand for one sound."""
_LEAST: Final = 3
"""Sounds from which a name is one: below, half the short names of the world are alike."""


@lru_cache(maxsize=65536)
def aloud(word: str) -> str:
    """Return the sounds of a folded name as a key; empty for too few of them."""
    for written, heard in _RULES:
        word = written.sub(heard, word)
    return word if len(word) >= _LEAST else ""


def may_sound_alike(a: str, b: str) -> bool:
    """Tell whether two words can begin with one sound: what is asked before they are spoken, being cheap."""
    return a[0] == b[0] or a[0] + b[0] in _ONE_SOUND
