"""Finding full addresses inside a long message."""

from __future__ import annotations

import re
from collections.abc import Iterator

from matchers.address.words import FLAGS, STREET

_POSTCODE = re.compile(r"(?<![A-Za-z0-9])[A-Za-z]{1,2}[0-9][0-9A-Za-z]? {0,2}[0-9][A-Za-z]{2}(?![A-Za-z0-9])")
_INWARD = re.compile(r"[0-9][A-Za-z]{2}(?![A-Za-z0-9])")  # the end of every postcode, quickly looked for
_NUMBER = re.compile(
    r"(?<![A-Za-z0-9])(?:(?:flat|apt|apartment|unit|room) *)?\d{1,4}[A-Za-z]?(?![A-Za-z0-9])", re.IGNORECASE
)
_REACH = 90  # characters before a postcode in which the address it ends may begin


def find_in_text(text: str) -> Iterator[tuple[int, int, str]]:
    """Spans of probable full addresses in a message: (start, end, the text between).

    An address ends at a postcode and begins at the first number within the 90 characters before it, or
    at the words before a type of street. Yields in order, without overlaps; a text without a postcode
    costs one scan.
    """
    if _INWARD.search(text) is None:
        return
    end = 0
    for match in _POSTCODE.finditer(text):
        begin = max(end, match.start() - _REACH)
        number = _NUMBER.search(text, begin, match.start())
        if number is None:
            begin = _named(text, begin, match.start())
            if begin < 0:
                continue
        else:
            begin = number.start()
        end = match.end()
        yield begin, end, text[begin:end]


def _named(text: str, begin: int, end: int) -> int:
    """Where an address without a number begins: the words before a postcode, when one is a type of street."""
    words = list(re.finditer(r"[A-Za-z']+", text[begin:end]))
    for i, word in enumerate(words):
        if i and FLAGS.get(word.group().upper(), 0) & STREET:
            return begin + words[max(0, i - 3)].start()
    return -1
