"""What joins two addresses in one text, or says whose the second one is: "; formerly", "sister:", "c/o"."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from matchers.address.vocabulary import rows

WORDS: dict[str, str] = {}
"""The words of each role, as alternatives of a pattern, the longest first."""
for _role, _word in rows("joints"):
    WORDS.setdefault(_role, "")
for _role in WORDS:
    _forms = sorted((word for role, word in rows("joints") if role == _role), key=len, reverse=True)
    WORDS[_role] = "|".join(re.escape(word) for word in _forms)


class Joint(NamedTuple):
    """What joins two addresses, and where it stands."""

    start: int
    end: int
    apart: bool  # says that the two are not one household's, or not of one time: they may be in two places
    word: bool  # a word or "&", and no mark that stands between lines as well


def joints(text: str) -> Iterator[Joint]:
    """Everything in a text that may join two addresses, in order."""
    for found in _JOINT.finditer(text) if _may_join(text) else ():
        yield Joint(found.start(), found.end(), bool(found["apart"]), bool(found["word"]))


def without_joints(piece: str) -> str:
    """An address without the words and marks that join it to others."""
    piece = piece.strip(AROUND)
    while (leading := _JOINT.match(piece)) and leading.end():
        piece = piece[leading.end() :].strip(AROUND)
    for joint in joints(piece):
        if not piece[joint.end :].strip(AROUND):
            piece = piece[: joint.start]
            break
    return piece.strip(AROUND)


AROUND = " ,;|/()\n\t."
_BEGINS = r"(?=[(]?(?:n[o\xba]\.?[ ]?)?\d|(?:flat|apt|apartment|unit|room)\b)"
_ABODE = f"{WORDS['abode']}|{WORDS['seat']}"
_WHOSE = (  # in front of an address, and not as a part of a house's or a street's name
    rf"\b(?:(?:{WORDS['kin']})(?:['\u2019]?s['\u2019]?)?"
    rf"|(?:(?<=[,;(.\n] )|(?<=[,;(.\n]))(?:{_ABODE}))"
    rf"(?:[ ](?:{WORDS['kin']}|{_ABODE}|is|are|currently|now)){{0,2}}"
    rf"(?:[ ]*[:=\u2013][ ]*|[ ]-[ ]|[ ](?:at|in|to|is|@)[ ]|[ ,\n]{{1,2}}{_BEGINS})"
    rf"|\b(?:{WORDS['onward']})[ :]*{_BEGINS}"
)
_WHEN = (
    r"\b(?:formerly|previous(?:ly)?)\b[ :]*|\b(?:moved|was|now|before)\b(?: (?:from|to|at|in))?[ :]*"
    r"|\balso (?:at|in)\b[ :]*|\b(?:new|old|current|home|work|address)[ \d]{0,2}:"
)
_JOINT = re.compile(
    rf"(?P<apart>{_WHEN}|{_WHOSE})|(?P<word>\b(?:and|or|also)\b(?:[ ](?:at|in)\b)?[ :]*|[&+])|[;|]|\s/\s",
    re.IGNORECASE,
)
_MARKS = re.compile(r"[;|:=&+@\u2013]|\s[/-]\s")  # quickly looked for, as are the words
_LETTERS = re.compile(r"[a-z/]+")
FIRST_WORDS = frozenset(
    (
        "and",
        "or",
        "also",
        "laws",
        *(re.split("[ -]", word)[0] for role, word in rows("joints") if role not in ("join", "seat")),
    )
) - {"in"}


def _may_join(text: str) -> bool:
    return bool(_MARKS.search(text)) or not FIRST_WORDS.isdisjoint(_LETTERS.findall(text.lower()))
