"""Where in the text each part of an address was read, for a person who checks the reading.

Found on demand, so that reading itself carries no spans: each word of the text is put into the normal
form that the parts have, and each part is looked for among them, the parts that tell most first. What
was repaired or guessed, and has no words of its own in the text, has no span.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import cache
from typing import NamedTuple

from rapidfuzz.distance import OSA

from matchers.address.model import Address
from matchers.address.vocabulary import (
    ABBREVIATIONS,
    COUNTIES,
    LEVELS,
    UNIT_WORDS,
    WELSH,
    fold,
    rows,
    written_out,
)

_LONGEST = 12  # words of one part


class Span(NamedTuple):
    """A stretch of the text: text[start:end]."""

    start: int
    end: int


def sources(address: Address) -> dict[str, tuple[Span, ...]]:
    """The spans of `address.text` that each part was read from, by the part's name in `Address`.

    A part has as many spans as it was gathered from; a part that is empty or cannot be placed is left out.
    """
    return _Search(address).spans


class _Word(NamedTuple):
    start: int
    end: int
    form: str  # upper case, letters and digits only


Test = Callable[[list[str], str], bool]


class _Search:
    """The words of a text, and which of them a part has already taken."""

    def __init__(self, address: Address) -> None:
        self.words = list(_words(address.text))
        self.free = [True] * len(self.words)
        self.spans: dict[str, tuple[Span, ...]] = {}
        self.american = address.country == "US"
        self._whole("postcode", (address.postcode,), _joined, 3, last=True)
        self._whole("postcode_fragment", (address.postcode_fragment,), _joined, 4, last=True)
        self._whole("district", (address.district,), _joined, 1, last=True)
        self._whole("po_box", (address.po_box,), _joined, 2)
        self._names("names", address.names)
        lined = self.free
        self.free = [True] * len(self.words)  # "c/o Rowan Ashdown": the line gives a name and a care of
        self._names("care_of", address.care_of)
        self.free = [free and before for free, before in zip(self.free, lined, strict=True)]
        self._phrase("street", address.street, behind=address.numbers)
        self._phrase("dependent_street", address.dependent_street, behind=address.numbers)
        self._numbers(address.numbers)
        self._whole("units", address.units, _unit, 3)
        self._labels()
        for name, part in zip(address.buildings, ("inner_building", "building"), strict=False):
            self._phrase(part, name)
        self._buildings(len(address.buildings))
        self._phrase("organisation", address.organisation)
        self._phrase("town", address.town, last=True)
        self._phrase("county", address.county, last=True)
        self._phrase("locality", address.locality)

    def _whole(self, part: str, values: tuple[str, ...], test: Test, most: int, last: bool = False) -> None:
        found = []
        for value in filter(None, values):
            window = self._window(value, test, most, last)
            if window is not None:
                found.append(self._take(*window))
        self._keep(part, found)

    def _names(self, part: str, values: tuple[str, ...]) -> None:
        self._whole(part, tuple(fold(value) for value in values), _joined, _LONGEST)

    def _phrase(self, part: str, value: str, *, last: bool = False, behind: tuple[str, ...] = ()) -> None:
        """A name in normal form, in one piece or else in as few as can be found."""
        words = value.split()
        found: list[Span] = []
        while words:
            for size in range(len(words), 0, -1):
                piece = " ".join(words[:size])
                window = self._behind(piece, behind) or self._window(piece, self._name, size + 2, last)
                if window is None and size == len(words):
                    window = self._nearly(piece, size)
                if window is not None:
                    found.append(self._take(*window))
                    del words[:size]
                    break
            else:
                del words[0]
        self._keep(part, found)

    def _numbers(self, numbers: tuple[str, ...]) -> None:
        """House numbers, the nearest in front of the street before any other."""
        street = (self.spans.get("dependent_street") or self.spans.get("street") or (Span(1 << 30, 0),))[0]
        found = []
        for number in numbers:
            windows = [*self._windows(number, _joined, 3)] or [*self._windows(f"NO{number}", _joined, 1)]
            before = [window for window in windows if self.words[window[0]].start <= street.start]
            if windows:
                found.append(self._take(*(before[-1] if before else windows[0])))
        self._keep("numbers", found)

    def _buildings(self, count: int) -> None:
        """Give `building`, which holds both names where there are two, the spans of both."""
        inner = list(self.spans.get("inner_building", ()))
        if count == 1:
            self.spans.pop("inner_building", None)
        self._keep("building", inner + list(self.spans.get("building", ())))

    def _labels(self) -> None:
        """The words for a part of a building together with the units they name: "Flat 2"."""
        found = []
        for unit in self.spans.get("units", ()):
            at = next(i for i, word in enumerate(self.words) if word.start == unit.start)
            named = at > 0 and self.words[at - 1].form in UNIT_WORDS and self.free[at - 1]
            found.append(Span(self.words[at - 1].start, unit.end) if named else unit)
            if named:
                self.free[at - 1] = False
        self._keep("sub_building", found)

    def _behind(self, value: str, numbers: tuple[str, ...]) -> tuple[int, int] | None:
        """The name where it stands right behind one of the numbers."""
        for begin, end in self._windows(value, self._name, value.count(" ") + 3) if numbers else ():
            if begin and any(self.words[begin - 1].form == number for number in numbers):
                return begin, end
        return None

    def _window(self, value: str, test: Test, most: int, last: bool) -> tuple[int, int] | None:
        found = list(self._windows(value, test, most))
        return (found[-1] if last else found[0]) if found else None

    def _windows(self, value: str, test: Test, most: int) -> Iterator[tuple[int, int]]:
        """The free stretches of words that a value may have been read from, in the order of the text."""
        for begin in range(len(self.words)):
            for end in range(begin + 1, min(begin + most, len(self.words)) + 1):
                if not self.free[end - 1]:
                    break
                if test([word.form for word in self.words[begin:end]], value):
                    yield begin, end
                    break

    def _nearly(self, value: str, size: int) -> tuple[int, int] | None:
        """The stretch whose letters are those of a name but for a misread few."""
        compact = value.replace(" ", "")
        limit = max(1, len(compact) // 5)
        best: tuple[int, int, int] | None = None
        for begin in range(len(self.words)):
            for end in range(begin + max(1, size - 1), min(begin + size + 1, len(self.words)) + 1):
                if not all(self.free[begin:end]):
                    continue
                written = written_out([word.form for word in self.words[begin:end]]).replace(" ", "")
                distance = OSA.distance(written, compact, score_cutoff=limit)
                if distance <= limit and (best is None or distance < best[0]):
                    best = distance, begin, end
        return best[1:] if best else None

    def _name(self, forms: list[str], value: str) -> bool:
        joined = " ".join(forms)
        if value in (joined, written_out(forms), WELSH.get(joined), COUNTIES.get(joined)):
            return True
        if value == " ".join(ABBREVIATIONS.get(form, form) for form in forms):
            return True
        if self.american and value == " ".join(_american().get(form, form) for form in forms):
            return True
        return joined.replace(" ", "") == value.replace(" ", "")

    def _take(self, begin: int, end: int) -> Span:
        self.free[begin:end] = [False] * (end - begin)
        return Span(self.words[begin].start, self.words[end - 1].end)

    def _keep(self, part: str, found: list[Span]) -> None:
        if found:
            self.spans[part] = tuple(found)


def _words(text: str) -> Iterator[_Word]:
    """The words of a text with where they stand, parted where reading parts them."""
    for match in _RUN.finditer(text):
        form = "AND" if match[0] == "&" else _bare(fold(match[0]))
        stuck = _STUCK.fullmatch(match[0])
        if stuck is not None and len(form) == len(match[0]):  # "1The": a number run into a word
            middle = match.start() + len(stuck[1])
            yield _Word(match.start(), middle, form[: len(stuck[1])])
            yield _Word(middle, match.end(), form[len(stuck[1]) :])
        elif form:
            yield _Word(match.start(), match.end(), form)


def _joined(forms: list[str], value: str) -> bool:
    """Equal but for spaces, marks and noughts in front."""
    compact = _bare(value)
    return "".join(forms).lstrip("0") == compact.lstrip("0")


def _unit(forms: list[str], value: str) -> bool:
    if _joined(forms, value) or " ".join(LEVELS.get(form, form) for form in forms) == value:
        return True
    return len(forms) == 1 and any(forms[0] == f"{word}{value}" for word in UNIT_WORDS)


def _bare(folded: str) -> str:
    return "".join(char for char in folded if char.isalnum())


@cache
def _american() -> dict[str, str]:
    return {form: full for _, form, full in rows("us_words")}


_RUN = re.compile(r"[^\s,;.()\":*_~\u201c\u201d\u00b7\u2022\u2010-\u2015/\-]+")
_STUCK = re.compile(r"(\d{1,4})(the|[a-z]{4,})", re.IGNORECASE)
