"""Number words in any language and spelling, as far as a run of them could be a telephone number.

`number_words` reads English and Welsh said properly. Here is what people write besides: sound-alikes and
slips ("won too free", "sevan", "7even"), words cut or spaced out, other languages, "pair of sevens",
"seven thousand". Much of it is ordinary prose too ("to", "for", "your"), so only runs of it are read, and
what comes out is only ever looked up.
"""

import re
from collections.abc import Iterator
from functools import lru_cache
from itertools import product
from typing import NamedTuple

from matchers import ciphers, number_words, tables

SHORTEST_RUN = 3
"""Words in a row, each a number word of some kind, from which on doubtful ones are read."""
LONGEST_RUN = 40
"""Words of a run that are read together; a longer one is cut."""
LONGEST_NUMBER = 16
"""Words of a run that is one number and no more: only such a one is read in several ways."""
MOST_COUNTS = 5
"""Twos and threes in a run that are tried as counts ("two sevens")."""

_STRICT = {word: (digits, kind) for word, digits, kind in tables.rows("number_words")}
_WIDE: dict[str, tuple[str, str]] = {}
_LANGUAGES: dict[str, dict[str, tuple[str, str]]] = {}
for _word, _digits, _kind, _language in tables.rows("number_words_wide"):
    _WIDE.setdefault(_word, (_digits, _kind))
    _LANGUAGES.setdefault(_language, {}).setdefault(_word, (_digits, _kind))
_WIDE = {**_WIDE, **_STRICT}
_AMBIGUOUS = frozenset(
    word
    for word, meaning in _WIDE.items()
    if any(other.get(word, meaning) != meaning for other in _LANGUAGES.values())
)
_MIXED = str.maketrans("013457", "oieast")
_TOKEN = re.compile(r"[^\W_]+")
_SPACED = re.compile(r"(?<![^\W_])[^\W\d_](?:[\W_]{1,2}[^\W\d_](?![^\W_])){2,}")
_TIMES = re.compile(
    r"(?<!\d)(\d)\s?(?:x|\*|times)\s?([2-4])(?!\d)|(?<!\d)(\d)\s(twice|thrice)\b", re.IGNORECASE
)
_MAY_REPEAT = re.compile(r"\d ?(?:[xX*] ?[2-4]|t(?:wice|hrice|imes))")
_SHORTEST_SLIP = 4
_LONGEST_SLIP = 8
"""Letters of the shortest and the longest word in which one may be wrong."""


_FILLERS = frozenset(("and", "then", "of", "a", "the", "lucky"))
"""Words that stand between number words and mean nothing there."""


class Run(NamedTuple):
    """Words in a row read as digits: where they stand, how, and each word's digits in turn."""

    pieces: tuple[tuple[str, int, int], ...]
    step: str


def _slips() -> dict[str, str]:
    """Every word one letter away from an English digit word or "double", each letter left out marked by ?."""
    near: dict[str, str] = {}
    words = "zero one two three four five six seven eight nine nought double treble".split()
    for word in words:
        for at in range(len(word)):
            near.setdefault(word[:at] + "?" + word[at + 1 :], word)
            if len(word) > _SHORTEST_SLIP:
                near.setdefault(word[:at] + word[at + 1 :], word)
            near.setdefault(word[:at] + word[at + 1 : at + 2] + word[at : at + 1] + word[at + 2 :], word)
    return near


_SLIPS = _slips()
_SLIPPED = {*_SLIPS.values(), *(w for w, (_, kind) in _STRICT.items() if kind in ("digit", "repeat"))}
_HEADS, _TAILS = frozenset(word[:2] for word in _SLIPPED), frozenset(word[-2:] for word in _SLIPPED)
"""One letter wrong, left out or put in leaves the first two letters of a number word, or its last two."""


@lru_cache(maxsize=1 << 16)
def meaning(token: str) -> tuple[str, str]:
    """(digits, kind) of one lower-case word without accents; ("", "") where it can be no number word."""
    if token.isdigit():
        return token, "digit"
    known = _WIDE.get(token)
    if known is not None:
        return known
    if token.isalpha():
        return _slip(token) if _SHORTEST_SLIP <= len(token) <= _LONGEST_SLIP else ("", "")
    if not 3 <= len(token) <= _LONGEST_SLIP:
        return "", ""
    marked = re.sub(r"\d", "?", token)
    if marked in _SLIPS:
        return _STRICT[_SLIPS[marked]]
    letters = token.translate(_MIXED)
    if not letters.isalpha():
        return "", ""
    return _WIDE.get(letters) or _slip(letters)


def _slip(token: str) -> tuple[str, str]:
    if token in _SLIPS:
        return _STRICT[_SLIPS[token]]
    if token[:2] not in _HEADS and token[-2:] not in _TAILS:
        return "", ""
    for at in range(len(token)):
        if (word := _SLIPS.get(token[:at] + "?" + token[at + 1 :])) is not None:
            return _STRICT[word]
    for at in range(len(token)):
        word = token[:at] + token[at + 1 :]
        if word in _STRICT and len(word) >= _SHORTEST_SLIP - 1 and _STRICT[word][1] in ("digit", "repeat"):
            return _STRICT[word]
    return "", ""


class DigitsHeld(NamedTuple):
    """How many digits words can hold at most: said properly, in the longest run, in all runs together."""

    properly: int
    in_a_run: int
    in_all: int
    in_code: bool
    """Whether a word is written in look-alike letters, or in the keys of a keyboard."""


def said(held: bytes) -> DigitsHeld:
    """How many digits words can hold, each as `held_by` marks it; asked of every message."""
    holding = held.translate(None, _NOTHING)
    if not holding:
        return _NONE
    in_code = _CODE in holding
    if in_code:
        held = held.replace(_CODE, b"\0")
    properly = sum(holding.translate(_PROPERLY))
    together = held.replace(_FILLER, b"")
    if _TWO not in together.translate(_HOLDING):  # as in most texts, and told several times as fast
        return DigitsHeld(properly, 0, 0, in_code)
    in_runs = [sum(run.translate(_IN_ANY_WAY)) for run in _SEVERAL(together)]
    return DigitsHeld(properly, max(in_runs, default=0), sum(in_runs), in_code)


_NONE = DigitsHeld(0, 0, 0, False)


def repeats_at(text: str, at: int) -> bool:
    """Whether a text says behind the digit at this place how often it is meant: "7x2", "0 twice"."""
    return _MAY_REPEAT.match(text, at) is not None


def repeats(text: str) -> bool:
    """Whether a text says so behind any digit."""
    return _MAY_REPEAT.search(text) is not None


def held_by(word: str) -> int:
    """How many digits a lower-case word can hold, with a mark on those of proper number words; in a byte."""
    properly = number_words.most_digits((word,))
    if word in _FILLERS:
        return _FILLER[0]
    if properly:
        return _PROPER | min(properly, _PROPER - 1)
    digits, kind = meaning(word)
    held = (int(digits) - 1 if kind == "repeat" else len(digits)) if kind else 0
    if not held and len(word) >= ciphers.SHORTEST_CODE and ciphers.read_word(word):
        return _CODE[0]
    return held


def most_held(word: str) -> int:
    """How many digits a lower-case word can say at most."""
    held = held_by(word)
    return 0 if held == LEFT_OUT else _IN_ANY_WAY[held]


def is_proper(word: str) -> bool:
    """Whether a lower-case word says digits as number words properly do."""
    return _PROPER <= held_by(word) < _CODE[0]


def may_be_code(word: str) -> bool:
    """Whether a lower-case word may be a number in code."""
    return held_by(word) == _CODE[0]


LEFT_OUT = 0xFF
"""What `held_by` says of a word that means nothing between others."""


_FILLER = bytes((LEFT_OUT,))
_CODE = b"\x80"
_PROPER = 64
_PROPERLY = bytes(n - _PROPER if _PROPER <= n < _CODE[0] else 0 for n in range(256))
_IN_ANY_WAY = bytes(n % _PROPER for n in range(256))
_NOTHING = b"\0" + _FILLER
_HOLDING = bytes(min(n, 1) for n in range(256))
_TWO = b"\1\1"
_SEVERAL = re.compile(rb"[^\0]{2,}").findall
_MOST_REMEMBERED = 1 << 16


def runs(folded: str) -> Iterator[Run]:
    """Every reading of every run of number words in a text in `search_form`; the plainest first."""
    for text, step in _texts(folded):
        for run in _word_runs(text):
            words = [word for word, _, _ in run]
            for read in _readings(words):
                yield Run(
                    tuple((digits, run[at][1], run[stop - 1][2]) for digits, at, stop in read if digits), step
                )


def _texts(folded: str) -> Iterator[tuple[str, str]]:
    """The text, and the text with repeats written out and spaced-out letters closed up, at equal places."""
    yield folded, "number words read"
    closed = _SPACED.sub(_close_up, folded)
    repeated = _TIMES.sub(_repeat, closed)
    if repeated != folded:
        yield repeated, "letters closed up and repeats written out"


def _close_up(match: re.Match[str]) -> str:
    """Letters closed up where they make number words, with spaces behind so that places stay."""
    letters = "".join(char for char in match[0] if char.isalpha())
    if meaning(letters)[1] or number_words.split_joined(letters):
        return letters + " " * (len(match[0]) - len(letters))
    return match[0]


def _repeat(match: re.Match[str]) -> str:
    digit = match[1] or match[3]
    count = int(match[2]) if match[2] else {"twice": 2, "thrice": 3}[match[4].lower()]
    return (digit * count).ljust(len(match[0]))[: max(len(match[0]), count)]


def _word_runs(text: str) -> Iterator[list[tuple[str, int, int]]]:
    """Number words one behind the other: [(word, start, end), ...]."""
    run: list[tuple[str, int, int]] = []
    for match in _TOKEN.finditer(text):
        word = match[0]
        if meaning(word)[1]:
            run.append((word, match.start(), match.end()))
        elif len(word) > 5 and (parts := number_words.split_joined(word)):
            run.extend((part, match.start(), match.end()) for part in parts)
        elif word not in _FILLERS:
            if len(run) >= SHORTEST_RUN:
                yield run
            run = []
            continue
        if len(run) == LONGEST_RUN:
            yield run
            run = run[LONGEST_RUN // 2 :]
    if len(run) >= SHORTEST_RUN:
        yield run


_Read = list[tuple[str, int, int]]


def _readings(words: list[str]) -> Iterator[_Read]:
    """Ways to read a run: [(digits, first word, word behind its last), ...]."""
    yield _read(words, _WIDE)
    if len(words) > LONGEST_NUMBER:
        return
    if not _AMBIGUOUS.isdisjoint(words):
        for language in _LANGUAGES.values():
            if any(word in language for word in words):
                yield _read(words, language)
    if any(word in _CARDINALS for word in words):
        yield _cardinals(words)
    counts = [n for n, word in enumerate(words[:-1]) if meaning(word)[0] in ("2", "3")]
    if 0 < len(counts) <= MOST_COUNTS:
        for chosen in product((False, True), repeat=len(counts)):
            if any(chosen):
                yield _read(words, _WIDE, frozenset(n for n, yes in zip(counts, chosen, strict=True) if yes))


def _read(words: list[str], table: dict[str, tuple[str, str]], counts: frozenset[int] = frozenset()) -> _Read:
    """Digit by digit; the words of `counts` say how often the next one is meant."""
    read: _Read = []
    at = 0
    while at < len(words):
        digits, kind = table.get(words[at]) or meaning(words[at])
        following = table.get(words[at + 1]) or meaning(words[at + 1]) if at + 1 < len(words) else ("", "")
        used = 1
        if at in counts or kind == "repeat" or (digits in ("2", "3", "4") and following[1] == "plural"):
            if following[1] in ("digit", "plural") and len(following[0]) == 1:
                digits, used = following[0] * int(digits), 2
            elif kind == "repeat":
                digits = ""
        elif kind == "ten" and following[1] == "digit" and following[0] != "0" and len(following[0]) == 1:
            digits, used = digits[0] + following[0], 2
        read.append((digits, at, at + used))
        at += used
    return read


_CARDINALS = {"hundred": 100, "thousand": 1000, "million": 10**6, "billion": 10**9, "grand": 1000}


def _cardinals(words: list[str]) -> _Read:
    """Words as numbers of hundreds and thousands: "seven thousand seven hundred" is 7700."""
    read: _Read = []
    at = 0
    while at < len(words):
        value, last, stop = 0, 10**12, at
        current, digits_seen = 0, ""
        while stop < len(words):
            digits, kind = meaning(words[stop])
            scale = _CARDINALS.get(words[stop])
            if scale is not None:
                if scale >= last or not digits_seen:
                    break
                value, current, last, digits_seen = value + current * scale, 0, scale, "scaled"
            elif kind in ("digit", "teen", "ten") and digits != "0" and len(digits) <= 3:
                if current and not (current % 10 == 0 and current >= 20 and len(digits) == 1):
                    break
                following = _CARDINALS.get(words[stop + 1], 0) if stop + 1 < len(words) else 0
                if following >= last or (digits_seen == "scaled" and current):
                    break
                current += int(digits)
                digits_seen = digits
            else:
                break
            stop += 1
        if stop == at:
            read.append((meaning(words[at])[0], at, at + 1))
            at += 1
        else:
            read.append((str(value + current), at, stop))
            at = stop
    return read
