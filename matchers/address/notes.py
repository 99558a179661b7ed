"""Notes between the lines of an address: a cell, a reference, an account, a prisoner's number, opening hours.

Their codes look like house numbers, flats and postcodes: "Cell B2 14", "Ref LS4 2AB", "PIN 4471". A line is
a note where it is nothing but a word that says so and codes; what names a part of a building that mail is
brought to ("Unit E2", "Block E1", "B Wing") is none.
"""

from __future__ import annotations

import re
from functools import lru_cache

from matchers.address.vocabulary import ROLES


@lru_cache(maxsize=8)  # an address is read and looked through for several one after the other
def without_notes(text: str) -> str:
    """The text without the lines, or what stands between commas, that are notes; the text where all are."""
    if FIRST.isdisjoint(_WORDS(text.upper())):
        return text
    bare = _NOTE.sub("", text)
    return bare if any(map(str.isalnum, bare)) else text


def _any(role: str) -> str:
    return "|".join(sorted(map(re.escape, ROLES[role]), key=len, reverse=True))


_CODE = r"(?:(?=[a-z/-]{0,7}\d)[a-z0-9/-]{1,12}|[a-z])"
"""Letters and digits with a digit among them, or one letter."""
_CODES = rf"{_CODE}(?:[ ]{_CODE}){{0,3}}"
_PLACES = ("wing", "landing", "spur", "houseblock")
_PLACED = rf"(?:{'|'.join(_PLACES)})"
_TIME = r"\d\d?(?:[.:]\d\d)?[ ]?(?:am|pm|hrs)?"
_DAYS = (
    "mon monday tue tues tuesday wed wednesday thu thur thurs thursday fri friday sat saturday sun sunday"
).split()
_DAY = rf"(?:{'|'.join(sorted(_DAYS, key=len, reverse=True))})s?"
_TO = r"[ ]?(?:-|to)[ ]?"
_MARK = r"(?:no|nr|num|number|id|code|ref|reference)"
_NOTE = re.compile(
    rf"(?:^|(?<=[,;\n]))[ \t\r(*]*(?:"
    rf"(?:(?:our|your|my|his|her)[ ])?(?:{_any('note')})(?:[ ]{_MARK})?[ .:#-]{{1,3}}{_CODES}"
    rf"|(?=[a-z -]{{0,12}}\d)(?:{_CODE}[ ])?{_PLACED}(?:[ ]{_CODES})?(?:[ ]{_PLACED})?"
    rf"|(?:(?:open|hours|opening[ ]hours|{_DAY}(?:{_TO}{_DAY})?)[ :]{{1,2}})+{_TIME}{_TO}{_TIME}"
    rf")[ \t\r).*]*(?:\n|,|;|$)",
    re.IGNORECASE,
)
FIRST = ROLES["note"].union(
    ("OPEN", "HOURS", "OPENING"), map(str.upper, (*_PLACES, *_DAYS)), (f"{day.upper()}S" for day in _DAYS)
)
"""Every note has one of these words."""
_WORDS = re.compile(r"[A-Z/]+").findall
