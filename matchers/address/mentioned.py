"""A listed address as somebody names it in a message: split over words, misspelt, its number said.

Only for the few addresses of the prisoner's own restrictions: each is looked for by its parts, and a low bar
is enough. A cheap look at the text without its signs comes first, so that a message in which no part stands
costs next to nothing.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import accumulate
from typing import NamedTuple

from rapidfuzz import process
from rapidfuzz.distance import OSA

from matchers.address.model import Address
from matchers.address.vocabulary import COMMON_STREETS, FLAGS, STREET
from matchers.folding import may_hold_digits, search_form
from matchers.look import Look

WINDOW = 12
"""Words between a number and the street it belongs to."""
MOST_PLACES = 200
"""Places of one text at which a street, a house or a postcode is looked at; more are told as such."""
_ORDINARY = 4_000
"""Characters of a text up to which it is cheaper to ask first what house numbers it can hold."""
_BESIDE = 3
"""Words between a number and a street that is named without its type, or that many places have."""
_SHORTEST_MISSPELT = 5
_SHORTEST_NAME = 5
_END = 8
"""Letters by which it is first asked whether a number in words stands in a text."""

_TOKENS = re.compile(r"(?<![a-z0-9])[a-z]?[0-9]+[a-z]?(?![a-z0-9])|[0-9]+|[a-z]+")
_SIGNS = bytes(code for code in range(256) if not chr(code).isascii() or not chr(code).isalnum())
_LETTERS = "abcdefghijklmnopqrstuvwxyz"
_LETTERS_ALONE = bytes(code if chr(code) in _LETTERS else 32 for code in range(256))
_NUMBERS = re.compile(r"[0-9]+")
_LOOK_ALIKE = str.maketrans("iol", "101")
_ALIKE = bytes.maketrans(b"iol", b"101")
_DIGITS = {
    word: str(digit)
    for digit, words in enumerate("zero nought|one|two|three|four|five|six|seven|eight|nine".split("|"))
    for word in words.split()
}
_DIGIT_WORDS = frozenset(_DIGITS)
_UNITS = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen".split()
)
_UNITS += "sixteen seventeen eighteen nineteen".split()
_TENS = "- - twenty thirty forty fifty sixty seventy eighty ninety".split()
_BETWEEN = frozenset("on in at of the down up along no number num door house flat y yn ar and".split())
_TYPES_ABROAD = frozenset("stryd ffordd heol lon rhodfa str rd ave ln cl dr".split())
_LOCATION = re.compile(  # Open Location Code; what3words; degrees with four decimals or more
    r"(?<![0-9a-z])[2-9cfghjmpqrvwx]{4,8}\+[2-9cfghjmpqrvwx]{2,4}(?![0-9a-z])"
    r"|///[a-z]{3,}\.[a-z]{3,}\.[a-z]{3,}"
    r"|(?<![0-9.])(?:4[89]|5[0-9]|60)\.[0-9]{4,}[,; /]{1,3}-?[0-8]\.[0-9]{3,}"
)


_MAY_BE_A_LOCATION = re.compile(
    r"[+/.](?:(?<=\+)[2-9cfghjmpqrvwx]{2}|(?<=/)//[a-z]|(?<=[0-9]\.)[0-9]{4})"
).search


_DEGREES = re.compile(r"\.[0-9]{4}").search


class MentionedAddress(NamedTuple):
    """The words of a text that name an address, and how in words for a reviewer."""

    given: str
    how: str


class Words:
    """A text as its words in lower case; what costs more is made when it is asked for."""

    def __init__(self, text: str, look: Look | None = None) -> None:
        """`look` is the text as it was looked at before, where it was."""
        self.look = look or Look(text)
        self.text = self.look.searched.replace("'", "").replace("\u2019", "")
        self.squeezed = self.look.squeezed
        self._squeezed_said = ""
        self._tokens: list[str] | None = None
        self._doors: frozenset[str] | None = None
        self._distinct: frozenset[str] | None = None
        self._alike = ""
        self.held: dict[frozenset[tuple[str, ...]], bool] = {}
        """The house numbers that were asked for, and whether they can be here."""

    @property
    def alike(self) -> str:
        """The text without its signs, letters that look like digits as digits."""
        if not self._alike:
            self._alike = self.look.encoded.translate(_ALIKE, _SIGNS).decode()
        return self._alike

    @property
    def squeezed_said(self) -> str:
        """The text without its signs, digits said in words as digits."""
        if not self._squeezed_said:
            said = self.squeezed
            for word, digit in _DIGITS.items():
                said = said.replace(word, digit)
            self._squeezed_said = said
        return self._squeezed_said

    @property
    def tokens(self) -> list[str]:
        """Words and numbers; a number with one letter is one, "10larkmead" is two."""
        if self._tokens is None:
            self._tokens = _TOKENS.findall(self.text)
        return self._tokens

    @property
    def of_doors(self) -> frozenset[str]:
        """All that a house number or a word of one can be here, and more: told without the tokens."""
        if self._doors is None:
            words = self.text.encode("ascii", "replace").translate(_LETTERS_ALONE).decode().split()
            self._doors = frozenset(words).union(_numbers(self.text) if may_hold_digits(self.text) else ())
        return self._doors

    @property
    def long_words(self) -> frozenset[str]:
        """The different words in which a slip can be told."""
        if self._distinct is None:
            words = set(self.text.split())
            self._distinct = frozenset([w for w in words if len(w) >= _SHORTEST_MISSPELT])
        return self._distinct


def mentioned_by_parts(listed: Address, words: Words) -> MentionedAddress | None:
    """How a listed address is named in a text by some of its parts; None when it is not.

    Its postcode in any spacing, spelt or in two parts, where no other number of the street stands at it;
    its number, in digits or words, near the name of the street; the name of the house; for a flat, its
    number near the name of the building. A neighbour's number, or the street alone, names nobody.
    """
    return (
        _postcode(listed, words)
        or next((found for name in _street_names(listed) if (found := _street(listed, name, words))), None)
        or _house(listed, words)
    )


class Needed(NamedTuple):
    """What stands in a text of plain words that names a listed address by its parts: one of these."""

    codes: tuple[str, ...]
    """Its postcode, or the last part of it, put together of words and numbers, digits said in words too."""
    doors: frozenset[frozenset[str]]
    """The words of its number, as it is said."""
    houses: tuple[str, ...]
    """The name of its house, put together of words."""


@lru_cache(maxsize=1 << 12)
def needed(listed: Address) -> Needed:
    """What `mentioned_by_parts` finds no address without."""
    code = _code(listed)
    return Needed(
        (code, code[-3:]) if code else (),
        frozenset(map(frozenset, _forms(listed))) if _street_names(listed) else frozenset(),
        tuple(joined for joined in map(_joined, listed.buildings) if joined),
    )


def digits_of(words: set[str]) -> set[str]:
    """The words and numbers of a text, and the digits that are said in words."""
    said = _DIGIT_WORDS & words
    return words.union(map(_DIGITS.__getitem__, said)) if said else words


def location_code(text: str, searched: str | None = None) -> str:
    """A place given as a code or as degrees, which no list of addresses can be held against; "" if none."""
    searched = search_form(text) if searched is None else searched
    if "+" not in searched and "///" not in searched and _DEGREES(searched) is None:
        return ""
    found = _LOCATION.search(searched) if _MAY_BE_A_LOCATION(searched) else None
    return found[0] if found else ""


def _postcode(listed: Address, words: Words) -> MentionedAddress | None:
    code = _code(listed)
    outward, inward = code[:-3], code[-3:]
    if not code or not any(said in words.squeezed for said in _inward_said(inward)):
        return None
    if inward not in words.squeezed_said or outward not in words.squeezed_said:
        return None
    said = list(map(_DIGITS.get, words.tokens, words.tokens))
    doors = _forms(listed)
    if code in words.squeezed_said:
        for start, stop in _places(said, (code,)):
            if start < 0 or not _is_a_neighbours(words.tokens, start, stop, doors):
                return _found(words.tokens, start, stop, "its postcode")
    ends = sorted(stop for _, stop in _places(said, (outward,)))
    for start, stop in _places(said, (inward,)) if ends else ():
        before = ends[max(bisect_left(ends, start + 1) - 1, 0)]
        if start < 0 or 0 < start - before <= WINDOW:
            return _found(words.tokens, before if start >= 0 else start, stop, "its postcode in two parts")
    return None


def _code(listed: Address) -> str:
    return listed.postcode.replace(" ", "").lower() if listed.country == "GB" else ""


@lru_cache(maxsize=1 << 12)
def _inward_said(inward: str) -> tuple[str, ...]:
    """The last part of a postcode as it stands in a text, its digit in any way of saying it."""
    said = (word for word, digit in _DIGITS.items() if digit == inward[0])
    return (inward, *(word + inward[1:] for word in said))


def _is_a_neighbours(tokens: Sequence[str], start: int, stop: int, doors: frozenset[tuple[str, ...]]) -> bool:
    """Whether the address that ends at a postcode is told by a number, and that is none of the listed."""
    if not doors:
        return False
    begin = max(start - WINDOW, 0)
    around = [*tokens[begin:start], *tokens[stop : stop + _BESIDE]]
    if any(_door_ends(around, end, doors) for end in range(1, len(around) + 1)):
        return False
    numbers = [n for n in range(begin, start) if _is_number(tokens[n])]
    street = any(_is_street_type(token) for token in tokens[begin:start])
    return bool(numbers) and (street or numbers[-1] == start - 1)


def _street(listed: Address, street: tuple[str, ...], words: Words) -> MentionedAddress | None:
    *first, kind = street
    name = "".join(first) or kind
    doors = _forms(listed)
    if not _may_hold(doors, words):
        return None
    squeezed = words.squeezed
    widely = len(name) >= _SHORTEST_NAME and " ".join(street).upper() not in COMMON_STREETS
    whole = "".join(street)
    spellings = [spelling for spelling in dict.fromkeys((name, whole)) if spelling in squeezed]
    if widely and first:
        spellings += _misspelt(name, words)
    if not spellings:
        return None
    tokens = words.tokens
    for start, stop in _places(tokens, spellings):
        if start < 0:
            return _found(tokens, start, stop, "its street, too often to look at each")
        typed = any(map(_is_street_type, (*tokens[start - 1 : start], *tokens[stop : stop + 1])))
        typed |= tokens[stop - 1].endswith(kind) and bool(first)
        typed |= any(OSA.distance(token, kind, score_cutoff=2) <= 2 for token in tokens[stop : stop + 1])
        if start and _is_number(tokens[start - 1]) and not _door_ends(tokens, start, doors):
            continue
        if start and _door_ends(tokens, start, doors):
            return _found(tokens, start - 1, stop, "its number and street")
        reach = WINDOW if typed and widely else _BESIDE
        for end in range(start - 1, max(start - reach, 0), -1):
            close = all(token in _BETWEEN or _is_street_type(token) for token in tokens[end:start])
            if _door_ends(tokens, end, doors, alone=not close) and (close or (typed and widely)):
                return _found(tokens, end - 1, stop, "its number and street")
        if typed and widely:
            for end in range(stop + 1, min(stop + WINDOW, len(tokens)) + 1):
                if _door_ends(tokens, end, doors, alone=True):
                    return _found(tokens, start, end, "its street and number")
    return None


def _may_hold(doors: frozenset[tuple[str, ...]], words: Words) -> bool:
    """Whether a text can hold one of these numbers: run together, look-alike letters read as digits."""
    known = words.held.get(doors)
    if known is None:
        known = any(map(words.alike.__contains__, _ends_of(doors)))
        if known and len(words.text) <= _ORDINARY:
            known = any(map(words.of_doors.issuperset, doors))
        words.held[doors] = known
    return known


@lru_cache(maxsize=1 << 12)
def _ends_of(doors: frozenset[tuple[str, ...]]) -> tuple[str, ...]:
    """Letters and digits of which every form, run together, holds some: of none of them, no form is there."""
    ends: list[str] = []
    for form in sorted(("".join(form).translate(_LOOK_ALIKE) for form in doors), key=len):
        if not any(end in form for end in ends):
            ends.append(form[-_END:])
    return tuple(ends)


def _misspelt(name: str, words: Words) -> list[str]:
    near = process.extract(
        name, words.long_words, scorer=OSA.distance, processor=None, score_cutoff=1, limit=MOST_PLACES
    )
    return ["".join(_TOKENS.findall(word)) for word, _, _ in near if word != name]


def _house(listed: Address, words: Words) -> MentionedAddress | None:
    """The name of a house of two words or more; of a building with flats, with the flat's number near."""
    for building in listed.buildings:
        joined = _joined(building)
        if not joined or joined not in words.squeezed:
            continue
        forms = _said_forms(listed.units) if listed.units else frozenset[tuple[str, ...]]()
        for start, stop in _places(words.tokens, (joined,)):
            around = words.tokens[max(start - _BESIDE, 0) : start] + words.tokens[stop : stop + _BESIDE]
            if (
                start < 0
                or not forms
                or any(_door_ends(around, end, forms) for end in range(1, len(around) + 1))
            ):
                return _found(words.tokens, start, stop, "the name of its house")
    return None


def _joined(building: str) -> str:
    """The name of a house without its article and spaces; "" where it is one word and says too little."""
    distinct = [word for word in building.lower().split() if word not in ("the", "yr")]
    return "".join(distinct) if len(distinct) > 1 else ""


def _places(tokens: Sequence[str], spellings: Sequence[str]) -> Iterator[tuple[int, int]]:
    """Where spellings stand as whole words, run together or cut: (first, behind the last) of the tokens.

    Behind `MOST_PLACES` of them stands (-1, -1): there are more.
    """
    joined = "".join(tokens)
    starts = [0, *accumulate(map(len, tokens))]
    looked = 0
    for spelling in spellings:
        at = joined.find(spelling)
        while at >= 0:
            first = bisect_left(starts, at)
            stop = bisect_left(starts, at + len(spelling))
            if starts[first] == at and starts[stop] == at + len(spelling):
                looked += 1
                if looked > MOST_PLACES:
                    yield -1, -1
                    return
                yield first, stop
            at = joined.find(spelling, at + 1)


def _found(tokens: Sequence[str], start: int, stop: int, how: str) -> MentionedAddress:
    return MentionedAddress(" ".join(tokens[max(start, 0) : stop]) if stop > 0 else "", how)


def _door_ends(
    tokens: Sequence[str], end: int, doors: frozenset[tuple[str, ...]], *, alone: bool = False
) -> bool:
    """Whether a listed number ends before `end`; `alone` where a word for a small number says too little."""
    for form in doors:
        size = len(form)
        given = tokens[max(end - size, 0) : end]
        if len(given) == size and all(map(_same, given, form)):
            small = size == 1 and form[0] in _UNITS[:10]
            if not (alone and small) or (end - 2 >= 0 and tokens[end - 2] in _BETWEEN):
                return True
    return False


def _same(given: str, listed: str) -> bool:
    return given == listed or (
        listed[0].isdigit() and _is_number(given) and given.translate(_LOOK_ALIKE) == listed
    )


def _numbers(text: str) -> set[str]:
    """Numbers of a text, with what stands right before and behind each, look-alike letters read too."""
    digits = {match.span() for match in _NUMBERS.finditer(text)}
    numbers = {text[max(at - before, 0) : end + behind] for at, end in digits for before, behind in _AROUND}
    return numbers.union(number.translate(_LOOK_ALIKE) for number in numbers)


_AROUND = ((0, 0), (0, 1), (1, 0), (1, 1))


def _is_number(token: str) -> bool:
    return token[0].isdigit() or token[-1].isdigit()


def _is_street_type(token: str) -> bool:
    return token in _TYPES_ABROAD or bool(FLAGS.get(token.upper(), 0) & STREET)


@lru_cache(maxsize=1 << 12)
def _street_names(listed: Address) -> tuple[tuple[str, ...], ...]:
    """The words of the listed streets, in lower case, the article left out."""
    names = (tuple(word for word in street.lower().split() if word != "the") for street in listed.streets)
    return tuple(name for name in names if name)


def _forms(listed: Address) -> frozenset[tuple[str, ...]]:
    return _said_forms(listed.numbers or listed.units)


@lru_cache(maxsize=1 << 12)
def _said_forms(numbers: tuple[str, ...]) -> frozenset[tuple[str, ...]]:
    """The ways of saying house numbers, each as its words: 121 as "one hundred and twenty one", "1 2 1"."""
    forms: set[tuple[str, ...]] = set()
    for number in (end for whole in numbers for end in whole.lower().split("-")):
        digits = number.rstrip(_LETTERS)
        letter = number[len(digits) :]
        forms.add((number,))
        if not digits.isdecimal():
            continue
        for said in {(digits,), *_said(int(digits)), tuple(_UNITS[int(d)] for d in digits)}:
            forms.add(said)
            if letter:
                forms.add((*said, letter))
    return frozenset(forms)


def _said(number: int) -> Iterator[tuple[str, ...]]:
    if number < 20:
        yield (_UNITS[number],)
    elif number < 100:
        ten, unit = divmod(number, 10)
        yield (_TENS[ten], _UNITS[unit]) if unit else (_TENS[ten],)
        if unit:
            yield (_TENS[ten] + _UNITS[unit],)
    elif number < 1000:
        hundred, rest = divmod(number, 100)
        head = (_UNITS[hundred], "hundred")
        if not rest:
            yield head
            return
        for said in _said(rest):
            yield (*head, "and", *said)
            yield (*head, *said)
            yield (_UNITS[hundred], *said)
