"""Digits in other writings: escapes of markup and links, look-alike words, keyboards, hexadecimal."""

import html
import re
from collections.abc import Iterator
from functools import lru_cache

from matchers import tables
from matchers.folding import Exchange, plain, without_percent_signs

_SIGNS = {sign: digit for signs, digit in tables.rows("digit_signs") for sign in signs}
_TO_DIGITS = Exchange(_SIGNS)
_ESCAPES = re.compile(r"%(?:25)*3\d|%EF%BC", re.IGNORECASE)

SHORTEST_CODE = 9
"""Characters of the shortest word, and signs of the shortest run of them, that can be a whole number."""
_CIPHERS = [
    (frozenset(letters), str.maketrans(letters, digits), name)
    for name, letters, digits in tables.rows("ciphers")
]
_WORD_CIPHERS = [cipher for cipher in _CIPHERS if any(map(str.isalpha, cipher[0]))]
_SIGN_CIPHERS = [
    (re.compile(rf"[{(one := re.escape(''.join(signs)))}](?: ?[{one}]){{8,15}}"), table, name)
    for signs, table, name in _CIPHERS
    if not any(map(str.isalpha, signs))
]
_KEYS = "".join({sign for signs, _, _ in _CIPHERS for sign in signs if not sign.isalnum()})
_ASCII_KEYS = "".join(filter(str.isascii, _KEYS)).encode()
_WORD = re.compile(r"[^\W_]{9,40}")
_BRACKETS = re.compile(r"(?<!\))(?:\(\))+(?=\d)|(?<=\d)(?:\(\))+")
_SIGN = r"[.·•_–—-]{5}"
_MORSE = re.compile(rf"(?<![.·•_–—-]){_SIGN}(?:\s{{0,3}}[\s/|,]\s{{0,3}}{_SIGN}){{8,}}+(?![.·•_–—-])")
"""As many digits as a number has, each of five dots and dashes (ITU-R M.1677-1)."""
_MORSE_SIGNS = str.maketrans("·•_–—", "..---")
_MORSE_DIGITS = {
    **{"." * n + "-" * (5 - n): str(n) for n in range(5)},
    **{"-" * n + "." * (5 - n): str(n + 5) for n in range(5)},
}
_HEXADECIMAL = re.compile(r"(?:0x)?([0-9a-f]{8,10})", re.IGNORECASE).fullmatch
_BINARY = re.compile(r"(?:0b)?([01]{30,40})").fullmatch


def decoded(text: str) -> str:
    """A text with its escapes decoded, and the signs of other writings that are digits as 0 to 9."""
    if "&#" in text:
        text = plain(html.unescape(text))[0]
    if "%" in text and _ESCAPES.search(text):
        text = without_percent_signs(text)
    if not text.isascii():
        text = _TO_DIGITS(text)
    if "---" in text or "___" in text:
        text = _MORSE.sub(_from_morse, text)
    return _BRACKETS.sub(lambda pair: "0" * (len(pair[0]) // 2), text) if "()" in text else text


def _from_morse(match: re.Match[str]) -> str:
    """Its digits, with what stands between them; as it is where it holds anything else."""
    parts = re.split(f"({_SIGN})", match[0])
    parts[1::2] = [_MORSE_DIGITS.get(part.translate(_MORSE_SIGNS), "") for part in parts[1::2]]
    return "".join(parts) if all(parts[1::2]) else match[0]


def may_be_signs(text: str, encoded: bytes | None = None) -> bool:
    """Whether a text holds enough signs that stand above digits on a keyboard.

    `encoded` is the text `in_ascii`, where that is known.
    """
    if encoded is not None or text.isascii():
        encoded = text.encode() if encoded is None else encoded
        return len(encoded) - len(encoded.translate(None, _ASCII_KEYS)) >= SHORTEST_CODE // 2
    return sum(map(text.count, _KEYS)) >= SHORTEST_CODE // 2


def readings(text: str) -> Iterator[tuple[str, int, int, str]]:
    """Words that can be a whole number: (its digits, start, end, how it is read)."""
    for part in [part for part in text.split() if len(part) >= SHORTEST_CODE]:
        for word in _WORD.findall(part):
            if word.isdigit() or (read := read_word(word)) is None:
                continue
            start = text.index(word)
            yield read[0], start, start + len(word), read[1]
    if sum(map(text.count, _KEYS)) >= SHORTEST_CODE // 2:
        for pattern, table, name in _SIGN_CIPHERS:
            for match in {match[0]: match for match in pattern.finditer(text)}.values():
                yield match[0].replace(" ", "").translate(table), *match.span(), name


@lru_cache(maxsize=1 << 14)
def read_word(word: str) -> tuple[str, str] | None:
    """(digits, how they are read) of one word of a cipher; None when it is in none."""
    for letters, table, name in _WORD_CIPHERS:
        if letters.issuperset(word):
            return word.translate(table), name
    if number := _HEXADECIMAL(word):
        return str(int(number[1], 16)), "read as hexadecimal"
    if number := _BINARY(word):
        return str(int(number[1], 2)), "read as binary"
    return None
