"""Caravan sites and moorings: what letters call one and the same place in many ways.

"Van 27" and "Static Caravan 27" are pitch 27, a "Holiday Park" is the "Caravan Park" of the name, and "NB
Kingfisher" the boat that others call "Narrowboat Kingfisher", or "Kingfisher".
"""

from __future__ import annotations

import re

from matchers.address.vocabulary import rows


def _any(role: str) -> str:
    """The words of a role as alternatives of a pattern, the longest first."""
    words = sorted((word for one, word in rows("sites") if one == role), key=len, reverse=True)
    return "|".join(map(re.escape, words))


def plainly(text: str) -> str:
    """The text with pitches, parks and boats called by one word each, a boat by its name alone."""
    if not _MAYBE.search(text):
        return text
    return _CRAFT.sub("", _PITCH.sub(r"Pitch \g<number>", _SITE.sub(" Park", text)))


def may_be_of_site(word: str) -> bool:
    """Whether it may be a word of a text without a digit that `plainly` changes: each of those has one."""
    return word in ("BOAT", "BEAM", "YACHT") or _MAYBE.search(word) is not None


_SITE = re.compile(
    rf"(?<=[a-z])[ ]+(?:{_any('site')})[ ]?(?:park|pk|site|village|estate|centre)\b", re.IGNORECASE
)
_NUMBER = r"[ ]*(?:no\.?|number|\#)?[ ]*(?P<number>\d{1,4}[a-z]?)\b"
_BEGINS = r"(?:^|(?<=[,;\n])|(?<=[,;\n] ))"
_PITCH = re.compile(
    rf"{_BEGINS}(?:(?:{_any('pitch')})|(?:{_any('lodge')})(?=[^,;\n]{{1,9}}(?:[,;\n]|$))){_NUMBER}",
    re.IGNORECASE,
)
_CRAFT = re.compile(rf"{_BEGINS}(?:{_any('craft')})[ ]+(?=[\"'\u2018\u201c]?[a-z]{{3}})", re.IGNORECASE)
_MAYBE = re.compile(
    r"\b(?:(?:park|pk|site|village|estate|centre|[nmsw][/.]?[bvy]|narrow ?boat|house ?boat|wide ?beam"
    r"|motor yacht)\b|(?:van|static|caravan|home|tourer|lodge|pitch)[ .#no]{1,5}\d)",
    re.IGNORECASE,
)
"""Quickly looked for."""
