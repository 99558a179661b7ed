"""A text as all its readers first look at it: folded and cut once, and asked cheaply what it cannot hold.

    >>> Look("See you Sunday.").odd_signs
    b''

Every question here has a safe side: where it is answered wrongly, a reader looks for what is not there.
"""

import re
from collections.abc import Sequence

from matchers import folding, spoken

_LETTERS = b"abcdefghijklmnopqrstuvwxyz"
_LETTERS_ALONE = bytes(code if code in _LETTERS else 32 for code in range(256))
_LETTERS_AND_DIGITS = bytes(code if code in _LETTERS + b"0123456789" else 32 for code in range(256))
_SIGNS = bytes(code for code in range(256) if code not in _LETTERS + b"0123456789")
_EVERYDAY = _LETTERS + b"0123456789 \n\r\t.,!?'\""

PLATFORM_WORDS = frozenset(
    "insta instagram ig snap snapchat sc fb face facebook tik tiktok tt twitter x telegram tg discord"
    " kik threads linkedin reddit twitch youtube whats whatsapp messenger skype signal vk"
    " bluesky onlyfans".split()
)
"""Words of the names of networks on which people have accounts; none of them holds a digit."""


class _Marks(dict[bytes, int]):
    """What `spoken.held_by` says of each word met so far, or that it is a network's: none holds digits too.

    The words are in UTF-8: cut from a text as bytes they take half the time, and every word is asked.
    """

    def __missing__(self, written: bytes) -> int:
        word = written.decode()
        self[written] = mark = _PLATFORM[0] if word in PLATFORM_WORDS else spoken.held_by(word)
        return mark


_MARKS = _Marks()
_PLATFORM = b"\x81"
_MOST_REMEMBERED = 1 << 16
_ORDINARY = 4_000
"""Characters up to which a text is quickest asked about each of its digits."""
_BESIDE_LETTERS = re.compile(rb"[0-9](?:[a-z]|(?<=[a-z].))").search
"""A digit with a letter right before or behind it."""


def digits_held(words: Sequence[str]) -> bytes:
    """What `spoken.held_by` says of each of these lower-case words."""
    return _marks(" ".join(words).encode().split()).replace(_PLATFORM, b"\0")


def _marks(words: Sequence[bytes]) -> bytes:
    if len(_MARKS) > _MOST_REMEMBERED:
        _MARKS.clear()
    return bytes(map(_MARKS.__getitem__, words))


class Look:
    """One text in the forms in which its readers read it."""

    __slots__ = (
        "_digits",
        "_distinct",
        "_letters",
        "_squeezed",
        "_tokens",
        "_words",
        "digits_held",
        "encoded",
        "names_a_platform",
        "odd_signs",
        "plain",
        "plain_words",
        "searched",
        "text",
    )

    def __init__(self, text: str) -> None:
        self.text = text
        self.plain = folding.plain(text)
        """The text as `folding.plain` has it: what a reader sees of it, and the steps taken."""
        self.searched = searched = folding.search_form(text, self.plain[0])
        """The text in its `search_form`, in which words are looked for."""
        self.encoded = encoded = folding.in_ascii(searched)
        """The searched text `in_ascii`."""
        self._letters = letters = encoded.translate(_LETTERS_ALONE)
        words = letters.split()
        marks = _marks(words)
        self.names_a_platform = _PLATFORM in marks
        """Whether a word is one of a network's name."""
        self.digits_held = marks.replace(_PLATFORM, b"\0") if self.names_a_platform else marks
        """What `spoken.held_by` says of each of the words."""
        self.odd_signs = encoded.translate(None, _EVERYDAY)
        """The ASCII signs of the searched text that are not everyday ones: all but . , ! ? and quotes."""
        self._digits: list[tuple[str, int]] | None = None
        self.plain_words = not self.odd_signs and searched.isascii() and self._has_plain_words()
        """Whether every word is of letters alone or digits alone, with no sign but , ! ? or a quote inside.

        Most texts are of such words; False says nothing.
        """
        self._words: list[str] | None = None
        self._tokens: list[str] | None = None
        self._distinct: frozenset[str] | None = None
        self._squeezed: str | None = None

    @property
    def digits(self) -> list[tuple[str, int]]:
        """The runs of the digits 0 to 9 in the searched text, and where each begins."""
        if self._digits is None:
            self._digits = folding.digit_runs(self.encoded)
        return self._digits

    @property
    def words(self) -> list[str]:
        """The runs of ASCII letters of the searched text, in their order."""
        if self._words is None:
            self._words = self._letters.decode().split()
        return self._words

    @property
    def tokens(self) -> list[str]:
        """The runs of ASCII letters and digits of the searched text, in their order."""
        if self._tokens is None:
            self._tokens = self.encoded.translate(_LETTERS_AND_DIGITS).decode().split()
        return self._tokens

    @property
    def distinct(self) -> frozenset[str]:
        """The different ones among the words; of plain words among the tokens, which are needed anyway."""
        if self._distinct is None:
            self._distinct = frozenset(self.tokens if self.plain_words else self.words)
        return self._distinct

    @property
    def squeezed(self) -> str:
        """The ASCII letters and digits of the searched text alone."""
        if self._squeezed is None:
            self._squeezed = self.encoded.translate(None, _SIGNS).decode()
        return self._squeezed

    def _has_plain_words(self) -> bool:
        encoded = self.encoded
        stops = encoded.count(b".")
        if stops and stops != encoded.count(b". ") + encoded.endswith(b"."):
            return False
        if len(encoded) > _ORDINARY:  # may be full of digits, and is not cut into all of them
            return _BESIDE_LETTERS(encoded) is None
        text = self.searched
        for run, at in self.digits:
            end = at + len(run)
            if text[at - 1 : at].isalpha() or text[end : end + 1].isalpha():
                return False
        return True
