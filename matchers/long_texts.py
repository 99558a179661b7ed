"""Whole numbers in a text that holds thousands of digits or number words: every one in its order, cheaply.

No message is like that, but a body may be as long as a book of figures, and an answer may not wait for it.
Where pieces begin and end is not looked at here, so that nothing that a closer reading finds in order is
lost; pieces left out or put in another order are.
"""

import re
from collections.abc import Iterator

from matchers.folding import DIGITS_ALONE, in_ascii
from matchers.number_words import digits_said
from matchers.phone import LONGEST_E164

LONGEST_MESSAGE = 4_000
"""Characters up to which a text is read closely, whatever it holds."""
MOST_PIECES = 400
"""Runs of digits, and digits said in words, that are read closely in a longer text."""

_RUNS = re.compile(r"[0-9]+")
_NO_DIGITS = bytes(code for code in range(256) if code not in b"0123456789")
_TOKENS = re.compile(r"[0-9]+|[^\W\d_]+")
_NATIONAL = re.compile(r"(?=(?:0|44)([1-35789][0-9]{8,9}))")
_BARE = re.compile(r"(?<![0-9])[1-35789][0-9]{9}(?![0-9])")
_ABROAD = re.compile(r"(?:\+|(?<![0-9])00)([1-9](?:[ .()-]{0,2}[0-9]){6,14})")


def is_full_of_digits(text: str) -> bool:
    """Whether a text holds so many digits, or runs of them, that it is read here."""
    if len(text) <= LONGEST_MESSAGE:
        return False
    encoded = in_ascii(text)
    digits = len(encoded.translate(None, _NO_DIGITS))
    return digits > LONGEST_MESSAGE or (
        digits > MOST_PIECES and len(encoded.translate(DIGITS_ALONE).split()) > MOST_PIECES
    )


def keys_in_digits(text: str) -> Iterator[int]:
    """The keys of all whole numbers in the digits of a text, whatever stands between them; each once."""
    keys = _national(in_ascii(text).translate(None, _NO_DIGITS).decode())
    keys.update(int("44" + bare) for bare in _BARE.findall(text))
    for abroad in set(_ABROAD.findall(text)):
        digits = "".join(_RUNS.findall(abroad))
        keys.update(int(digits[:length]) for length in range(7, min(len(digits), LONGEST_E164) + 1))
    yield from keys


def keys_in_words(text: str) -> Iterator[int]:
    """The same of its digits and number words together, what is said twice or thrice written out."""
    yield from _national(digits_said(_TOKENS.findall(text.lower())))


def _national(digits: str) -> set[int]:
    found = set(_NATIONAL.findall(digits))
    return {int("44" + national[:length]) for national in found for length in {9, len(national)}}
