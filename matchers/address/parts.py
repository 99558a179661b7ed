"""Several addresses in one text, as a second one is written under the first: cut behind each postcode."""

from __future__ import annotations

import re

from matchers.address.postcode import POSTCODE

_POSTCODE = re.compile(POSTCODE.pattern, re.IGNORECASE)


def parts(text: str) -> tuple[str, ...]:
    """A text cut behind each whole postcode that is another one than the last; itself where there is one."""
    ends: list[int] = []
    last = ""
    for match in _POSTCODE.finditer(text):
        code = f"{match[1]}{match[2]}".upper()
        if code != last:
            ends.append(match.end())
        last = code
    if len(ends) < 2:
        return (text,)
    starts = [0, *ends[:-1]]
    stops = [*ends[:-1], len(text)]
    return tuple(text[start:stop].strip(" ,;\n") for start, stop in zip(starts, stops, strict=True))
