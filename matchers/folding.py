"""Unicode in, plain text out: digits of any script, look-alike letters, invisible characters.

Every fold keeps what a reader would read; nothing here decides what a text means.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from itertools import groupby, islice
from typing import Literal, NamedTuple
from urllib.parse import unquote

from matchers import tables

CONFUSABLE_DIGITS: dict[str, str] = {
    letter: digit for letters, digit in tables.rows("confusables") for letter in letters
}
CONFUSABLE_DIGITS |= {
    accented: CONFUSABLE_DIGITS[letter]
    for accented in map(chr, (*range(0xC0, 0x250), *range(0x1E00, 0x1F00)))
    if (letter := unicodedata.normalize("NFD", accented)[0]) != accented and letter in CONFUSABLE_DIGITS
}
"""Look-alike character to the digit it stands for, as in `O` for 0 and `l` for 1."""

CONFUSABLE_MAP = str.maketrans(CONFUSABLE_DIGITS)

_INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f"
    "\u20e3\ufe00-\ufe0f\ufeff\ufff9-\ufffb\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)
_SPACING = re.compile("[\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\ufdfa\ufdfb]")
"""Spaces, and two blessings in one character, which NFKC would make 18 of."""


def plain(text: str) -> tuple[str, tuple[str, ...]]:
    """Fold to what a reader sees: (folded text, the steps taken).

    Digits of every script, circled and full-width ones included, become 0 to 9; characters that
    show nothing are removed, and so are marks that no language writes: strokes, rings, and any on what is
    no letter; compatibility forms become their plain letters. ASCII text comes back
    as it is, without steps. Source: UAX #15 (NFKC), UAX #44 (Numeric_Type).
    """
    if text.isascii():
        return text, ()
    steps = []
    visible = _INVISIBLE.sub("", text)
    if visible != text:
        steps.append("invisible characters removed")
    digits = _beyond_ascii().to_digits(visible)
    if digits != visible:
        steps.append("unicode digits folded")
    folded = normalized("NFKC", _SPACING.sub(" ", _WHITE_ON_BLACK(digits)))
    unmarked = _beyond_ascii().marked.sub(_unmarked, folded)
    if unmarked != folded:
        steps.append("struck, ringed or otherwise marked characters read")
        folded = normalized("NFKC", unmarked)
    return folded, tuple(steps)


def other_readings(text: str, visible: str) -> Iterator[str]:
    """Texts that a reader may make of this one beside the plain one: without its accents; without the
    characters that are struck through; with the letters that flags are made of, and with those that only
    programs see (UTS #51, regional indicators and tags). `visible` is what `plain` makes of the text.
    """
    if text.isascii():
        return
    bare = without_marks(normalized("NFKD", visible))
    for reading in (bare, _beyond_ascii().struck.sub("", text), _OF_FLAGS(text), _OF_PROGRAMS(text)):
        if reading != text:
            yield reading


MOST_ENCODINGS = 32
"""How often a text is decoded at most; nothing that people use encodes more than twice."""
_ENCODED_SIGN = re.compile("%(?:25)+")


MOST_MARKS = 30
"""Combining marks on one letter: the most that any language needs, by UAX #15's stream-safe text format."""
_LONG = 1_000
"""Characters up to which nothing takes long."""
_PLANES = range(0x80, 0x20000)
"""Code points among which all digits and combining marks are."""
_LAST_OF_PLANE = "\uffff"
_FAR = "\U00010000-\U0010ffff"
"""Characters of later planes. In a set each that is named by itself is asked of every character; all of
them together are asked at once."""


class _BeyondAscii(NamedTuple):
    """What only texts beyond ASCII are read with."""

    accents: frozenset[str]
    """Marks that combine with a letter."""
    marks: frozenset[str]
    """With those that are no accents: rings, vowel signs."""
    no_languages: frozenset[str]
    """Marks that no alphabet has: strokes and crosses laid over a character, and enclosing ones."""
    many: re.Pattern[str]
    """What may be accents beyond `MOST_MARKS`."""
    marked: re.Pattern[str]
    """What may be marks, with the character under them."""
    struck: re.Pattern[str]
    """Characters that are struck through."""
    to_digits: "Exchange"
    without_accents: "Exchange"


@cache
def _beyond_ascii() -> _BeyondAscii:
    """From Python's own tables (UAX #44), which take long to look through: when the first such text comes."""
    marks = frozenset(char for char in map(chr, _PLANES) if unicodedata.category(char)[0] == "M")
    accents = frozenset(filter(unicodedata.combining, marks))
    strokes = frozenset(mark for mark in accents if unicodedata.combining(mark) == 1)
    enclosing = {mark for mark in marks if unicodedata.category(mark) == "Me"}
    digits = {
        char: digit for char in filter(str.isnumeric, map(chr, _PLANES)) if (digit := _digit(char)) != char
    }
    return _BeyondAscii(
        accents,
        marks,
        strokes | enclosing,
        re.compile(f"[{_near(accents)}{_FAR}]{{{MOST_MARKS + 1},}}"),
        re.compile(f".?[{_near(marks)}{_FAR}]+", re.DOTALL),
        re.compile(f"[^{_near(marks)}][{_near(marks)}]*[{_near(strokes)}\u20e0][{_near(marks)}]*"),
        Exchange(digits),
        Exchange(dict.fromkeys(accents, "")),
    )


def _near(marks: Iterable[str]) -> str:
    """Those of the first plane as ranges, to stand in a set."""
    codes = sorted(ord(mark) for mark in marks if mark <= _LAST_OF_PLANE)
    ranges = ([code for _, code in run] for _, run in groupby(enumerate(codes), lambda at: at[1] - at[0]))
    return "".join(f"{chr(run[0])}-{chr(run[-1])}" for run in ranges)


def normalized(form: Literal["NFC", "NFKC", "NFKD"], text: str) -> str:
    """A Unicode normal form, of which marks beyond `MOST_MARKS` on one letter are left out: putting them in
    order takes the square of their number."""
    if len(text) > _LONG:
        text = _beyond_ascii().many.sub(_few_marks, text)
    return unicodedata.normalize(form, text)


def _few_marks(many: re.Match[str]) -> str:
    """A run of marks and characters of later planes, no more than `MOST_MARKS` marks of it together."""
    accents = _beyond_ascii().accents
    if accents.isdisjoint(many[0]):
        return many[0]
    runs = groupby(many[0], accents.__contains__)
    return "".join(["".join(islice(run, MOST_MARKS) if marks else run) for marks, run in runs])


def _unmarked(some: re.Match[str]) -> str:
    """Characters and the marks on them, of which those are left that an alphabet may put on a letter: accents
    on a Latin one, its own on another."""
    known = _beyond_ascii()
    kept, under = [], ""
    for char in some[0]:
        if char not in known.marks:
            under = char
        elif (
            not under.isalpha()
            or char in known.no_languages
            or (under.isascii() and char not in known.accents)
        ):
            continue
        kept.append(char)
    return "".join(kept)


def without_percent_signs(text: str) -> str:
    """Percent-encoded characters decoded (RFC 3986, 2.1), as often as they are encoded, and then folded."""
    for _ in range(MOST_ENCODINGS):
        if "%" not in text:
            return text
        decoded = plain(unquote(_ENCODED_SIGN.sub("%", text)))[0]
        if decoded == text:
            return text
        text = decoded
    return text


def may_hold_digits(text: str) -> bool:
    """Whether a text holds an ASCII digit, or anything beyond ASCII that may stand for one. Very fast."""
    return not text.isascii() or len(text.encode().translate(None, b"0123456789")) < len(text)


def in_ascii(text: str) -> bytes:
    """A text as one byte for each character, a question mark for all beyond ASCII. Bytes are cut faster."""
    return text.encode("ascii", "replace")


def digit_runs(encoded: bytes) -> list[tuple[str, int]]:
    """The runs of the digits 0 to 9 in a text that is `in_ascii`, and where each begins."""
    runs: list[tuple[str, int]] = []
    end = 0
    for run in encoded.translate(DIGITS_ALONE).split():
        at = encoded.index(run, end)
        end = at + len(run)
        runs.append((run.decode(), at))
    return runs


DIGITS_ALONE = bytes(code if code in b"0123456789" else 32 for code in range(256))
"""To translate bytes by: all but the digits 0 to 9 as spaces."""


def search_form(text: str, visible: str | None = None) -> str:
    """Lower case, no accents, no invisible characters: the form in which words are looked for.

    `visible` is what `plain` makes of the text, where that is known.
    """
    if text.isascii():
        return text.lower()
    visible = plain(text)[0] if visible is None else visible
    decomposed = normalized("NFKD", visible.casefold().replace("ø", "o").replace("ł", "l"))
    return without_marks(decomposed)


def without_marks(decomposed: str) -> str:
    """A decomposed text without its combining marks."""
    return decomposed if decomposed.isascii() else _beyond_ascii().without_accents(decomposed)


class Exchange:
    """Characters of a text exchanged for others; a text that holds none of them is only looked over."""

    def __init__(self, table: Mapping[str, str]) -> None:
        """`table` holds each character and what stands in its place."""
        near = "".join(map(re.escape, filter(_LAST_OF_PLANE.__ge__, table)))
        far = _FAR if any(map(_LAST_OF_PLANE.__lt__, table)) else ""
        self._some = re.compile(f"[{near}{far}]+")
        self._table = _Kept({ord(char): other for char, other in table.items()})

    def __call__(self, text: str) -> str:
        """The text with the characters exchanged."""
        if self._some.search(text) is None:
            return text
        if len(self._table) > _MOST_REMEMBERED:
            self._table.forget()
        few = len(text) // _FEW
        if next(islice(self._some.finditer(text), few, None), None) is not None:
            return text.translate(self._table)
        return self._some.sub(self._exchanged, text)

    def _exchanged(self, some: re.Match[str]) -> str:
        return some[0].translate(self._table)


class _Kept(dict[int, int | str]):
    """A table for `str.translate` that also holds what it keeps as it is: missing it would cost more."""

    def __init__(self, table: Mapping[int, str]) -> None:
        super().__init__(table)
        self._given = table

    def __missing__(self, code: int) -> int:
        self[code] = code
        return code

    def forget(self) -> None:
        self.clear()
        self.update(self._given)


_FEW = 30
"""Characters of a text for each place at which some are to be exchanged, where each is done by itself."""


_MOST_REMEMBERED = 1 << 16


def _digit(char: str) -> str:
    value = unicodedata.digit(char, None)
    if value is None:
        number = unicodedata.numeric(char, None)
        # Circled and parenthesised ten to twenty (U+2469 on) are digits too; fractions are not.
        if number is None or number != int(number) or unicodedata.category(char) != "No":
            return char
        value = int(number)
    return str(value)


_WHITE_ON_BLACK = Exchange({chr(start + n): chr(65 + n) for start in (0x1F150, 0x1F170) for n in range(26)})
"""Letters in black circles and squares, which have no plain form in NFKC."""
_OF_FLAGS = Exchange({chr(0x1F1E6 + n): chr(65 + n) for n in range(26)})
_OF_PROGRAMS = Exchange({chr(0xE0000 + n): chr(n) for n in range(0x20, 0x7F)})
