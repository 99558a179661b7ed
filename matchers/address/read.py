"""Reading an address, whatever its country."""

from __future__ import annotations

import re
from functools import lru_cache

import msgspec

from matchers.address.model import Address
from matchers.address.uk import read_uk
from matchers.address.us import country_of, read_other, read_us
from matchers.address.words import fold


@lru_cache(maxsize=8)  # checking a listed address and filing it read it one after the other
def read(text: str) -> Address:
    """Read an address from an envelope or a list; separated by lines, commas or nothing. Never raises."""
    unmarked = _MAIL_MARKS.sub("", text)
    if unmarked != text:
        return msgspec.structs.replace(read(unmarked), text=text)
    folded = fold(text[:_LONGEST])
    country = country_of(folded)
    if country == "GB":
        return read_uk(text, folded)
    if country == "US":
        return read_us(text, folded)
    return read_other(text, folded)


# What marks the kind of mail, and is no part of an address: the number in "Rule 39" is no house number.
# Source: Prison Rules 1999, rule 39; Royal Mail envelope markings.
_MAIL_MARKS = re.compile(
    r"^[ \t(*]*(?:(?:prison\s+)?rule\s*39(?:a)?(?:\s*/\s*cjs)?|confidential\s+access|legal\s+mail|"
    r"private\s*(?:&|and)\s*confidential|strictly\s+private|1st\s+class|2nd\s+class|first\s+class|second\s+class)"
    r"[ \t)*.!:-]*(?:\n|,|$)",
    re.IGNORECASE | re.MULTILINE,
)
_LONGEST = 1000  # characters: an envelope holds fewer; a longer text is somebody's letter
