"""A text as it is said: its words in the form in which names are compared, and as they are meant.

Names hide in other alphabets' look-alike letters, in enclosed or full-width ones, in digits for letters, in
spaces and full stops; none of it is left here. Every step is linear in the text's length.
"""

import re
from collections.abc import Iterator
from functools import cached_property
from itertools import accumulate, chain, repeat
from typing import Final

from matchers import person, tables
from matchers.folding import Exchange, normalized, plain
from matchers.look import Look

_WORD: Final = re.compile(r"\$?[^\W_]+(?:[@$!][^\W_]+)*\$?")
# Begins with what is rare in prose: a digit beside a letter, a sign before one, a $ behind one.
_SIGNS_AMONG_LETTERS: Final = re.compile(
    r"[0-9@$!](?:(?<=[0-9])[A-Za-z]|(?<=[A-Za-z][0-9])|(?<=[@$!])\w|(?<=\w\$))"
)
_APART: Final = bytes(ord(chr(code).lower()) if chr(code).isalnum() else 32 for code in range(128)) + bytes(
    128
)
_SPACELESS: Final = re.compile("[\u2e80-\u9fff\U00020000-\U0003ffff]")
_BETWEEN: Final = " \0 "
"""Put between runs of letters that are folded together, each as if it stood alone."""
_MARKS: Final = re.compile("(?<=[A-Za-z])[\u0300-\u036f]+")
_APOSTROPHE: Final = re.compile(r"(?<=[^\W\d_])['’‘ʼ`´](?=[^\W\d_])")
_SENTENCE_ENDS: Final = re.compile("[.!?;]")
_LEET: Final = str.maketrans("013457896@$!", "oieastbgbasi")
_SPELLINGS: Final = {
    spelling: word for word, spellings in tables.rows("texting_spellings") for spelling in spellings.split()
}
_SPELLED: Final = frozenset(_SPELLINGS)
_LOOKALIKES: Final = Exchange(
    {letter: latin for latin, letters in tables.rows("letter_lookalikes") for letter in letters}
)
_ENCLOSED: Final = Exchange(
    {
        chr(first + n): chr(ord("a") + n)
        for first in (0x1F150, 0x1F170, 0x1F1E6)  # negative circled, negative squared, regional indicators
        for n in range(26)
    }
)
_SIGN_OF_LEET: Final = re.compile("[0-9@$!]")
_TITLES_CUT: Final = frozenset({"mr", "mrs", "ms", "dr", "st", "prof", "rev", "sgt", "miss", "fr"})


_LETTERS_OF_A_WORD: Final = 3
"""Letters from which the digits beside them are letters too: J0n3s, not 4th or 7pm."""


class Said:
    """A text's words, by place; what few texts need is read when it is asked for."""

    def __init__(self, text: str, look: Look | None = None) -> None:
        """`look` is the text as it was looked at before, where it was."""
        self._text = _APOSTROPHE.sub("", text) if not text.isascii() or "'" in text or "`" in text else text
        self._written: list[str] = []
        self._counts: list[int] = []
        different: frozenset[str] = frozenset()
        self.words: list[str]
        """Lower case, Latin, no accents or apostrophes, digits between letters read as letters."""
        if look is not None and look.plain_words and "!" not in text and "'" not in text:
            self.words = look.tokens
            different = look.distinct
        elif self._text.isascii() and _SIGNS_AMONG_LETTERS.search(self._text) is None:
            self.words = self._text.encode().translate(_APART).decode().split()
        elif self._text.isascii():
            words = _WORD.findall(self._text.lower())
            read = {word: _letters(word) for word in dict.fromkeys(words)}
            self.words = list(map(read.__getitem__, words))
        else:
            self._written = _WORD.findall(self._text)
            self.words, self._counts = _words(self._written)
        words = self.words
        self.meant = (
            words if _SPELLED.isdisjoint(different or words) else list(map(_SPELLINGS.get, words, words))
        )
        """The words with the spellings of text messages read: "ur" is "your"."""
        self.joined = " ".join(self.meant)
        """The words as they are meant, one space between."""

    @cached_property
    def starts(self) -> list[int]:
        """Where each word of `meant` starts in `joined`."""
        return list(accumulate([len(word) + 1 for word in self.meant], initial=0))[:-1]

    @property
    def capitals(self) -> list[bool]:
        """Whether a word has a capital that says something: not where everything has one."""
        return self._marks[0]

    @property
    def begins(self) -> list[bool]:
        """Whether a word begins a sentence."""
        return self._marks[1]

    @cached_property
    def _marks(self) -> tuple[list[bool], list[bool]]:
        text, words, counts = self._text, self.words, self._counts
        if text.isascii() and text == text.lower() and _SENTENCE_ENDS.search(text) is None:
            return [False] * len(words), [not number for number in range(len(words))]
        capitals: list[bool] = []
        begins: list[bool] = []
        ends = _SentenceEnds()
        how_divided = map(ends.__getitem__, _WORD.split(text))
        words_written = self._written or _WORD.findall(text)
        for how, written, count in zip(how_divided, words_written, counts or repeat(1), strict=False):
            if count:
                at = len(begins)
                begins.append(not at or how > _UNLESS_CUT or (how > 0 and not _is_cut(words[at - 1])))
                capitals.append(written[0].isupper())
                if count > 1:
                    capitals += [capitals[-1]] * (count - 1)
                    begins += [False] * (count - 1)
        if _says_nothing(capitals):
            capitals = [False] * len(capitals)
        return capitals, begins


def readings(text: str, look: Look | None = None) -> Iterator[Said]:
    """The text as it is read; a second time where other alphabets' letters may stand for Latin ones."""
    if text.isascii():
        yield Said(text, look)
        return
    bare = _ENCLOSED(text)
    visible = look.plain[0] if look is not None and bare == text else plain(bare)[0]
    first = Said(_without_marks(visible))
    yield first
    alike = _LOOKALIKES(visible)
    if alike != visible:
        second = Said(_without_marks(alike))
        if second.words != first.words:
            yield second


def meant(word: str) -> str:
    """The word that a spelling of text messages means."""
    return _SPELLINGS.get(word, word)


def _without_marks(text: str) -> str:
    return normalized("NFC", _MARKS.sub("", normalized("NFKD", text)))


_UNLESS_CUT: Final = 1
"""A full stop that may stand for letters left out."""


class _SentenceEnds(dict[str, int]):
    """What stands between words of one text, to whether a sentence ends there: 0, `_UNLESS_CUT`, or more."""

    def __missing__(self, between: str) -> int:
        ends = _SENTENCE_ENDS.search(between) is not None
        self[between] = how = (_UNLESS_CUT if between[0] == "." else 2) if ends else 0
        return how


def _is_cut(word: str) -> bool:
    """Whether a word is one that a full stop stands behind: S. Jones, Mrs. Jones."""
    return len(word) == 1 or word in _TITLES_CUT


def _words(written: list[str]) -> tuple[list[str], list[int]]:
    """The words of runs of letters: one, or each sign of a script that writes no spaces; how many of each.

    No counts where every run is one word.
    """
    distinct = list(dict.fromkeys(written))
    folded = person.fold(_BETWEEN.join(distinct))
    words = folded.split()
    one_each = _is_one_each(words, len(distinct)) and _SPACELESS.search(folded) is None
    if not one_each:
        words = [sign for word in words for sign in (word if _SPACELESS.search(word) else (word,))]
    if _SIGN_OF_LEET.search(folded) is not None:
        words = list(map(_letters, words))
    if one_each:
        known = dict(zip(distinct, words[::2], strict=True))
        return list(map(known.__getitem__, written)), []
    several = " ".join(words).split(_BETWEEN.strip()) if distinct else []
    pieces = {run: each.split() for run, each in zip(distinct, several, strict=True)}
    every = list(map(pieces.__getitem__, written))
    return list(chain.from_iterable(every)), list(map(len, every))


def _is_one_each(words: list[str], runs: int) -> bool:
    """Whether between any two of the words stands what divides the runs."""
    return len(words) == 2 * runs - 1 and words[1::2].count(_BETWEEN.strip()) == runs - 1


def _letters(word: str) -> str:
    if word.isalpha() or word[-1].isdigit() or len(word) - sum(map(str.isdigit, word)) < _LETTERS_OF_A_WORD:
        return word
    return word.translate(_LEET)


def _says_nothing(capitals: list[bool]) -> bool:
    return len(capitals) > 3 and sum(capitals) > 0.6 * len(capitals)
