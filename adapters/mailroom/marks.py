"""What stands on an envelope and is no address: what the post and the printer print, greetings, "return to".

A line is a mark when all its words are the table's and it has one of its phrases: figures say nothing.
`2 Second Class Large` is one, `2 Second Avenue` is not.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from rapidfuzz.distance import OSA

from adapters.mailroom.postcodes import postcode_of
from matchers import tables
from matchers.address.vocabulary import fold

LEAST_GLUED = 3
"""Letters of a word that is looked for inside another: `ROYALMAIL`."""
LEAST_MISREAD = 6
"""Letters of what the post prints that is known with one of them misread: `LAPSTE`."""

_PHRASES: dict[str, frozenset[str]] = {}
for _kind, _phrase in tables.rows("marks", package="adapters.mailroom.tables"):
    _PHRASES[_kind] = _PHRASES.get(_kind, frozenset()) | {_phrase.upper()}
_WORDS = frozenset(
    word for phrases in _PHRASES.values() for phrase in phrases for word in (*phrase.split(), phrase)
)
_TELLING = {
    kind: re.compile(rf"\b(?:{'|'.join(sorted(phrases, key=len, reverse=True))})\b")
    for kind, phrases in _PHRASES.items()
}
_PRINTED_BY_POST = sorted(
    squashed for phrase in _PHRASES["post"] if len(squashed := phrase.replace(" ", "")) >= LEAST_MISREAD
)
_ORDINAL = re.compile(r"\d+ ?(?:ST|ND|RD|TH)(?=\b|CLASS|LARGE)")
_CLASS_ALONE = re.compile(r"\W*\d ?(?:ST|ND)\W*").fullmatch
_CODE = re.compile(r"\b[A-Z]{0,3}\d[\dA-Z]*\b|\d")


def kind_of(text: str) -> str | None:
    """`post`, `handling`, `print`, `greeting` or `return` where a whole line is such a mark, or None."""
    if postcode_of(text) is not None:
        return None
    folded = fold(text)
    if _TELLING["within"].search(folded) or _CLASS_ALONE(folded):
        return "post"
    spaced = " ".join(_spaced(_CODE.sub(" ", _ORDINAL.sub(" CLASS ", folded))))
    if not spaced:
        return None
    if all(word in _WORDS for word in spaced.split()):
        spaced = spaced.replace("MADE FROM", "MADE IN")  # of what, and not of whom
        return next((kind for kind in _KINDS if _TELLING[kind].search(spaced)), None)
    squashed = spaced.replace(" ", "")
    if any(OSA.distance(squashed, printed, score_cutoff=1) <= 1 for printed in _PRINTED_BY_POST):
        return "post"
    return None


_KINDS = ("post", "return", "handling", "print", "greeting")


def begins_with_return(text: str) -> bool:
    """Whether a line says that what follows is the sender's: `Return if undelivered`, `From: T Vance`."""
    return _TELLING["return"].match(fold(text).strip(" ,-?")) is not None


def _spaced(text: str) -> Iterator[str]:
    """The words of a line, those that were read as one apart where all of them are the table's."""
    for token in re.findall(r"[A-Z]+", text):
        yield from [token] if token in _WORDS else _parted(token) or [token]


def _parted(token: str) -> list[str]:
    for end in range(LEAST_GLUED, len(token) + 1):
        head, tail = token[:end], token[end:]
        if head in _WORDS:
            rest = _parted(tail) if tail else []
            if rest or not tail:
                return [head, *rest]
    return []
