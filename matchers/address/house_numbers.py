"""To which part of an address a number belongs, and which numbers belong to none.

1. A number is that of the phrase which it stands before, on its line or on the line above.
2. Behind a street that has none, before a place or at the end, it is that street's: "HIGH STREET 10".
3. Behind a street that has its own, it is nothing unless a street or a building follows: a count of pages, a
   mark of the post, half a telephone number.
4. Behind a place, at the end of a line, it is nothing: an old postal district, "LEEDS 1".
5. Behind a postcode that ends an address, it is nothing.
6. Above a person or behind one's name, it is no part of the building. It is the street's where no other is.

What is nothing is let go, so that it never stands for a number that is something.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from enum import StrEnum
from functools import lru_cache
from typing import NamedTuple


class PhraseKind(StrEnum):
    """What a phrase is by its last word, before anything is known of those around it."""

    STREET = "street"  # by a type that nothing but a street has: "MILL ROAD"
    WEAK_STREET = "perhaps a street"  # by a type that houses and villages have as well: "THE GREEN"
    BUILDING = "building"
    ORGANISATION = "organisation"
    WORDS = "words"  # without a type: a place, a person, a house's name
    NAME = "name"  # of a person, by a title or as care of
    NUMBER = "number alone"
    PLACE = "place"  # a town, a county or the postcode: stands in front of numbers, and is never a phrase


class Phrase(NamedTuple):
    """Words of one line that belong together, and the number that is theirs."""

    kind: PhraseKind
    words: str  # in normal form
    number: str  # "" where it has none
    line: int


STREETS = (PhraseKind.STREET, PhraseKind.WEAK_STREET)


class WaitingNumber(NamedTuple):
    """A number that no phrase has taken yet."""

    text: str
    line: int
    behind: PhraseKind | None  # the kind of what stands in front of it; None where it comes first
    led: int  # how many words the phrase has that stands in front of it on its line


class LooseNumbers:
    """The numbers that wait for what they belong to while an address is read, and what has gone by."""

    __slots__ = (
        "aside",
        "ended_at",
        "last",
        "last_at",
        "lines",
        "named",
        "past_postcode",
        "phrases",
        "scottish",
        "street",
        "street_numbered",
        "topped",
        "units",
        "waiting",
    )

    def __init__(self, phrases: list[Phrase], units: list[str], text: str, *, scottish: bool = False) -> None:
        """Begin with the phrases and units that the reader adds to, and the text as written."""
        self.scottish = scottish
        self.phrases = phrases
        self.units = units
        self.lines = "\n" in text  # as on an envelope, and not commas alone
        self.topped = text.partition("\n")[0].strip(" .()-\r").isdecimal()  # by a number on its own line
        self.waiting: list[WaitingNumber] = []
        self.aside: list[str] = []  # by rule 6
        self.named: list[int] = []  # phrases that have a number and may be people
        self.ended_at: int | None = None  # how many phrases stand in front of the address's town or postcode
        self.past_postcode = False
        self.street = False  # whether a street stands in front, one of a weak type only with its number
        self.street_numbered = False  # whether a street of a strong type stands in front with its number
        self.last: PhraseKind | None = None  # the kind of what ended last
        self.last_at = -1  # and its line

    def wait(self, text: str, line: int) -> None:
        """Keep a number until it is known what follows."""
        behind = PhraseKind.PLACE if self.past_postcode else self.last
        led = 0
        if self.last_at == line:
            led = 1 if behind is PhraseKind.PLACE else self.phrases[-1].words.count(" ") + 1
        self.waiting.append(WaitingNumber(text, line, behind, led))

    def take(self, kind: PhraseKind, line: int, words: Sequence[str]) -> str:
        """The number of a phrase that ends now, "" where none of those that wait is its own.

        The others are let go. `words` are those of the phrase, by which a person may be known.
        """
        waiting, self.waiting = self.waiting, []
        if kind is not PhraseKind.WORDS and len(waiting) == 1 and waiting[0].line == line:
            return waiting[0].text  # nearly always
        if self._goes_back(waiting[0], kind, line):
            self._give_back(waiting)
            return ""
        own = [one for one in waiting if self._belongs(one, kind, line)]
        if kind is not PhraseKind.WORDS or any(one.line == line for one in own):
            names = [one for one in own if one.line < line and self._ends_name(one)]
            self.aside.extend(one.text for one in names)
            own = [one for one in own if one not in names]
        elif len(words) > 1 and words[0] != "THE" and any(map(self._above_person, own)):
            self.named.append(len(self.phrases))
            self.aside.extend(one.text for one in own)
        return self._one_of(own)

    def for_name(self, line: int) -> bool:
        """Whether a number that waits is that of a name which ends with no type, and follows on `line`."""
        return not (self.street_numbered or self._goes_back(self.waiting[0], PhraseKind.WORDS, line))

    def behind_place(self) -> bool:
        """Whether what comes next stands behind a town, or behind a place that follows the street."""
        return (
            self.past_postcode
            or self.last is PhraseKind.PLACE
            or (self.last is PhraseKind.WORDS and self.street)
        )

    def add(self, kind: PhraseKind, words: str, number: str, line: int) -> None:
        """Add a phrase with its number."""
        self.phrases.append(Phrase(kind, words, number, line))
        self.last, self.last_at = kind, line
        if kind is PhraseKind.STREET:
            self.street = True
            self.street_numbered = self.street_numbered or bool(number)
        elif kind is PhraseKind.WEAK_STREET and number:
            self.street = True

    def pass_place(self, line: int) -> None:
        """Go past a town or a county, in front of which a number may still wait for its street."""
        if self.waiting:
            if self._goes_back(self.waiting[0], PhraseKind.PLACE, line):
                self._give_back(self.waiting)
            if self.street_numbered:
                self.waiting = []
            self.waiting = [
                one for one in self.waiting if one.behind is not PhraseKind.PLACE or one.line < line
            ]
        self.last, self.last_at = PhraseKind.PLACE, line
        if self.street_numbered:
            self._end_address()

    def add_name(self, words: str, line: int) -> None:
        """Add a person, by rule 6."""
        self.aside.extend(one.text for one in self.waiting if not one.led)
        self.waiting = []
        self.named.extend(
            place
            for place, (kind, _, number, _) in enumerate(self.phrases)
            if kind is PhraseKind.WORDS and number
        )
        self.add(PhraseKind.NAME, words, "", line)

    def pass_postcode(self) -> None:
        """Go past the postcode."""
        self.past_postcode = bool(self.last)
        if any(
            kind is PhraseKind.STREET or (number and kind in (PhraseKind.WEAK_STREET, PhraseKind.WORDS))
            for kind, _, number, _ in self.phrases
        ):
            self._end_address()

    def end_line(self, line: int) -> None:
        """Let the numbers go that end a line and are nothing, by rules 3 and 4.

        "54 MILL ROAD 3/2" has a flat there.
        """
        if self.street_numbered and self.waiting and self.waiting[-1].behind is PhraseKind.STREET:
            self.units.extend(one.text for one in self.waiting if one.line == line and "/" in one.text)
        self.waiting = [
            one
            for one in self.waiting
            if one.line < line or not one.led or not (self.street_numbered or one.behind is PhraseKind.PLACE)
        ]

    def end(self, line: int) -> None:
        """At the end, in front of `line`: add a number alone where one waits and no phrase has any."""
        if not self.waiting and not self.aside:
            return
        rest = [one for one in self.waiting if one.behind is not PhraseKind.PLACE]
        if rest and self._goes_back(rest[0], PhraseKind.PLACE, line):
            self._give_back(rest)
            return
        for place, (kind, _, number, _) in enumerate(self.phrases):
            if number and kind in (*STREETS, PhraseKind.WORDS) and place not in self.named:
                return
            if kind in STREETS:
                rest = [one for one in rest if one.behind is not PhraseKind.WORDS]
        number = self._one_of(rest) or "".join(self.aside[-1:])
        if number:
            self.add(PhraseKind.NUMBER, "", number, line)

    def _belongs(self, one: WaitingNumber, kind: PhraseKind, line: int) -> bool:
        """Whether a number may be that of the phrase of a kind on `line` that follows it."""
        if kind is PhraseKind.WORDS and self.street_numbered:
            return False
        if (
            kind is PhraseKind.WORDS
            and one.led
            and one.behind in (PhraseKind.WORDS, PhraseKind.PLACE)
            and self.street
        ):
            return False  # "Mill Road, WEXMOOR 1 HOLTON"
        ends_line = one.led and one.line < line
        return not (
            ends_line and kind is not PhraseKind.STREET and any(number for _, _, number, _ in self.phrases)
        )

    def _goes_back(self, one: WaitingNumber, kind: PhraseKind, line: int) -> bool:
        """Whether a number is the street's in front of it, by rule 2, where `kind` follows on `line`."""
        if one.behind is not PhraseKind.STREET or self.phrases[-1].number:
            return False
        if kind in (PhraseKind.WORDS, PhraseKind.PLACE):
            return bool(one.led) or one.line < line
        return kind is not PhraseKind.STREET and bool(one.led) and one.line < line

    def _give_back(self, numbers: list[WaitingNumber]) -> None:
        self.phrases[-1] = self.phrases[-1]._replace(number=self._one_of(numbers))
        self.street_numbered = True

    def _one_of(self, numbers: list[WaitingNumber]) -> str:
        """One number of those that stand together: "19A 19" is 19A, "24 2" is unit 24 of number 2."""
        if not numbers:
            return ""
        number = numbers[-1].text
        if len(numbers) > 1 and numbers[-2].text.isdecimal():  # "54 3/2 MILL ROAD"
            low, high = bounds(number)
            tenement = self.scottish and _is_floor_and_place(number)
            if tenement or ("/" in number and low >= high):
                numbers = [*numbers[:-2], numbers[-1], numbers[-2]]
                number = numbers[-1].text
        for earlier, *_ in numbers[:-1]:
            if covers(number, earlier) and number != earlier:
                number = earlier
            else:
                self.units.append(earlier)
        return number

    def _ends_name(self, one: WaitingNumber) -> bool:
        """Whether a number ends a person's line, "ROWAN ASHDOWN 4", and names no part: "ARCH 4"."""
        return bool(one.led) and (
            one.behind is PhraseKind.NAME or (one.behind is PhraseKind.WORDS and self.lines and one.led > 1)
        )

    def _above_person(self, one: WaitingNumber) -> bool:
        """Whether words under a number may be a person: it has the first line, or ends another's."""
        return (self.lines and self.topped and not one.behind) or self._ends_name(one)

    def _end_address(self) -> None:
        if self.ended_at is None:
            self.ended_at = len(self.phrases)


def _is_floor_and_place(number: str) -> bool:
    """Whether a number behind a house's in Scotland is a flat: "1/4", or "1-1", which "1/1" is read as."""
    first, _, last = number.partition("/" if "/" in number else "-")
    small = len(first) == 1 and first.isdecimal() and last.isdecimal() and int(last) <= _MOST_PLACES
    return small and ("/" in number or first == last)


_MOST_PLACES = 20
"""Flats on one floor of a tenement."""


def covers(number: str, part: str) -> bool:
    """Whether a number or range holds another: "28-30" holds "30", "19" holds "19A"."""
    low, high = bounds(number)
    part_low, part_high = bounds(part)
    return low <= part_low <= part_high <= high


@lru_cache(maxsize=1 << 13)
def bounds(number: str) -> tuple[int, int]:
    """The first and last house number of "12", "12A" or "12-14"; (-1, -1) where there are no digits."""
    first, _, last = number.partition("-" if "-" in number else "/")
    low = _leading(first)
    return low, max(low, _leading(last)) if last else low


def _leading(part: str) -> int:
    end = 0
    while end < len(part) and part[end].isdecimal():
        end += 1
    return int(part[:end]) if end else -1


_DIGITS_APART = re.compile(r"[1-9]-\d-\d")


def in_pieces(token: str, parts: list[str]) -> tuple[str, dict[str, tuple[str, ...]]]:
    """A number of three pieces or more, a range or digits apart as in "1-0-4"; and what is unclear: "1-2-4"
    is either."""
    joined, ranged = "".join(parts), f"{parts[0]}-{parts[-1]}"
    if not _DIGITS_APART.fullmatch(token):
        return ranged, {}
    return ranged if parts == sorted(set(parts)) else joined, {ranged: (joined,)}
