"""A text of plain words, cut once: what most messages are, and what may be asked of one at the least cost.

    >>> sorted(read("See you Sunday, mum.").tokens)
    ['mum', 'see', 'sunday', 'you']

What is told here is only ever "that is not in it", and only where it is certain. What makes a word more than
a plain one is told by the readers that look for it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import accumulate
from typing import NamedTuple

from matchers import ciphers, email_handle, said, spoken
from matchers.content import may_be_cut
from matchers.long_texts import LONGEST_MESSAGE
from matchers.look import PLATFORM_WORDS

_LETTERS = b"abcdefghijklmnopqrstuvwxyz"
_DIGITS = b"0123456789"
_WORDS = bytes(code if code in _LETTERS + _DIGITS else 32 for code in range(256))
_UNASKED = _LETTERS + b" \n\r\t,?"
_STOPS = b".!'\""
_INSIDE_WORDS = re.compile(rb"[.!][a-z0-9]|''").search

HOLDS = 63
"""How many digits it can say."""
MORE = 64
"""It is more than a plain word: a network's name, a number in code, part of an account that is spelt out."""
AT = 128
"""It may stand for an @."""
MEANS = 256
"""It means another word."""
REPEATS = 512
"""A letter of it is written three times, as in no word."""
PROPER = 1024
"""It says a number properly, and so may be a part of a sum."""
_OF_HIS_OWN = MEANS | REPEATS
"""Of no concern where nobody is looked for."""
_MOST_REMEMBERED = 1 << 16
_COMMON = frozenset("a am at be do dr had he i in is it me miss mr mrs ms my no so to we will".split())
"""Words of many texts that many names begin with, titles too."""
_SHORT = 2
"""Letters of a word that is a part of many."""


class PlainText(NamedTuple):
    """A text of plain words: its runs of letters and of digits, in lower case."""

    encoded: bytes
    words: list[str]
    """In their order."""
    tokens: set[str]
    """The different ones."""
    spoken: list[str]
    """In their order, where an apostrophe divides nothing."""
    names: set[str]
    """The different ones of these."""
    digits: bytes
    """All digits, one behind the other."""


def read(text: str) -> PlainText | None:
    """The text as plain words; None where it holds anything else."""
    if not text.isascii() or len(text) > LONGEST_MESSAGE:
        return None
    encoded = text.lower().encode()
    rest = encoded.translate(None, _UNASKED)
    digits = rest.translate(None, _STOPS)
    if rest and not ((not digits or digits.isdigit()) and _divides_words(encoded, rest, digits)):
        return None
    words = spoken = encoded.translate(_WORDS).decode().split()
    tokens = names = set(words)
    if b"'" in rest:
        spoken = encoded.translate(_WORDS, b"'").decode().split()
        names = set(spoken)
    return PlainText(encoded, words, tokens, spoken, names, digits)


def _divides_words(encoded: bytes, rest: bytes, digits: bytes) -> bool:
    """Whether the signs of a text, which are in its `rest` with the digits, only stand between words."""
    stops = rest.count(b".")
    if len(rest) > stops + len(digits) and (  # signs of other kinds too
        _INSIDE_WORDS(encoded) or ciphers.may_be_signs("", rest)
    ):
        return False
    if not stops or stops == encoded.count(b". ") + encoded.endswith(b"."):
        return True
    return not digits and _INSIDE_WORDS(encoded) is None


class Facts(NamedTuple):
    """What the words of a text are together."""

    marks: int
    most: int
    """The digits that they can say, or more."""


def facts_in(text: PlainText, *, of_his_own: bool) -> Facts:
    """The facts of all the words; `of_his_own` where somebody is looked for."""
    if not of_his_own:
        odd = text.tokens - _FACTS.unnamed
    elif text.names is text.tokens:
        odd = text.tokens - _FACTS.plain
    else:
        odd = (text.tokens | text.names) - _FACTS.plain
    marks = most = 0
    for word in odd:
        facts = _FACTS[word] if word.isalpha() else facts_of(word)  # numbers are nothing to keep
        marks |= facts
        if digits := facts & HOLDS:
            often = text.encoded.count(word.encode()) if len(word) > _SHORT else text.words.count(word)
            most += digits * often
    return Facts(marks, most)


def held_by(words: Iterable[str]) -> bytes:
    """What `spoken.held_by` says of each of the words, digits as if they were not there."""
    if len(_HELD) > _MOST_REMEMBERED:
        _HELD.clear()
    return bytes(map(_HELD.__getitem__, words))


class _Held(dict[str, int]):
    """What each word met so far can say."""

    def __missing__(self, word: str) -> int:
        if word.isdigit():  # a number is nothing to keep
            return spoken.LEFT_OUT
        self[word] = held = spoken.held_by(word)
        return held


_HELD = _Held()


class _Facts(dict[str, int]):
    """The facts of each word met so far."""

    def __init__(self) -> None:
        super().__init__()
        self.plain: set[str] = set()
        """Words without any."""
        self.unnamed: set[str] = set()
        """Words without any but `_OF_HIS_OWN`."""

    def __missing__(self, word: str) -> int:
        if len(self) > _MOST_REMEMBERED:
            self.forget()
        facts = self[word] = facts_of(word)
        if not facts & ~_OF_HIS_OWN:
            self.unnamed.add(word)
        if not facts:
            self.plain.add(word)
        return facts

    def forget(self) -> None:
        self.clear()
        self.plain.clear()
        self.unnamed.clear()


_FACTS = _Facts()


def facts_of(word: str) -> int:
    """What a word of a plain text can be, in bits; 0 of most."""
    facts = MEANS if said.meant(word) != word else 0
    if word.isdigit():
        return facts
    if not word.isalpha() or spoken.may_be_code(word):
        return MORE
    if word in PLATFORM_WORDS or email_handle.may_spell_out(word):
        return MORE
    facts |= spoken.most_held(word) | (PROPER if spoken.is_proper(word) else 0)
    return facts | (AT if word == "at" else 0) | (REPEATS if may_be_cut(word) else 0)


def forget() -> None:
    """Forget the words met so far, for measuring."""
    _FACTS.forget()
    _HELD.clear()


class Forms(tuple[str, ...]):
    """Forms of names, each found in a text only as whole words of it, whatever stands between them."""

    __slots__ = ()

    def may_stand_in(self, words: set[str]) -> bool:
        """Whether one of the forms may be put together of these words."""
        firsts = {form[0] for form in self}
        begins = tuple(word for word in words if word[0] in firsts)
        return any(made_of(form, words) for form in self if form.startswith(begins))

    def heads(self) -> set[str]:
        """Words of which a plain text with a form has one: its first, or behind a common one the next."""
        starts = {start for start in set[str]().union(*map(accumulate, self)) if _is_word(start)}
        common = (starts & _COMMON).difference(self)
        behind = ({form[len(word) :] for form in self if form.startswith(word)} for word in common)
        return (starts - common).union(*(Forms(rest).heads() for rest in behind))


def _is_word(start: str) -> bool:
    return start.isalpha() or start.isdigit()


def made_of(form: str, words: set[str]) -> bool:
    """Whether a form is some of these words, one behind the other."""
    size = len(form)
    ends = {0}
    for start in range(size):
        if start in ends:
            ends.update(stop for stop in range(start + 1, size + 1) if form[start:stop] in words)
    return size in ends
