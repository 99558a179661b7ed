"""Cutting an address into phrases, units and places, in the order of the text."""

from __future__ import annotations

import re

from matchers.address.boxes import box_at, may_begin
from matchers.address.flats import CODES, is_code
from matchers.address.house_numbers import STREETS, LooseNumbers, Phrase, PhraseKind, in_pieces
from matchers.address.recipients import is_name
from matchers.address.repair import UNKNOWN, misread_type, repair
from matchers.address.said_numbers import BEGINNINGS, put_in_digits
from matchers.address.units import join_floor_and_place, part_at, put_floor_in_front
from matchers.address.vocabulary import (
    BUILDING,
    COUNTIES,
    FLAGS,
    FLOOR,
    LEVEL,
    ORGANISATION,
    ROLES,
    SIDE,
    STREET,
    STREET_TOWNS,
    STRONG,
    TOWN_WORDS,
    TOWNS,
    UNIT,
    UNIT_WORDS,
    WEAK,
    peeled,
    written_out,
)
from matchers.address.written_numbers import CAPITALS, digits_of, is_glued, is_word, join_ordinal, number_at


class Scan:
    """The phrases, units and places found so far, in the order of the text."""

    __slots__ = (
        "at",
        "care_of",
        "count",
        "labels",
        "loose",
        "phrases",
        "places",
        "po_box",
        "scottish",
        "segments",
        "towns",
        "unclear",
        "unit_at",
        "units",
    )

    def __init__(
        self, segments: list[list[str]], towns: frozenset[str], text: str, *, scottish: bool = False
    ) -> None:
        """Begin with lines of folded words, the post towns that the postcode allows, and the whole text.

        `scottish` where the postcode is.
        """
        self.towns = towns
        self.scottish = scottish
        self.at = 0  # the line that is read
        self.unit_at: int | None = None  # the line of the first unit
        self.segments = segments
        self.count = len(segments)
        self.phrases: list[Phrase] = []
        self.units: list[str] = []
        self.labels: list[str] = []
        self.places: list[str] = []
        self.care_of: list[str] = []
        self.loose = LooseNumbers(self.phrases, self.units, text, scottish=scottish)
        self.unclear: dict[str, tuple[str, ...]] = {}  # what an unclear number may be
        self.po_box = ""

    def segment(self, index: int) -> None:
        """Cut one line, or what stands between two commas, into phrases."""
        tokens = self.segments[index]
        self.at = index
        repair(tokens)
        if len(tokens[0]) == 1:
            put_floor_in_front(tokens)
        if not BEGINNINGS.isdisjoint(tokens):
            put_in_digits(
                tokens,
                alone=index < self.count - 1 and not self.loose.behind_place(),
                numbered=bool(self.loose.waiting) or self.loose.street_numbered,
            )
        if len(tokens) == 1 and self._alone(tokens[0], index):
            return
        i = self._opening(tokens, index)
        words: list[str] = []
        while i < len(tokens):
            token = tokens[i]
            flags = FLAGS.get(token, 0)
            if not flags:
                if token.isalpha():
                    if not words and token in CODES and self._is_place(tokens, i):
                        i = self._unit(tokens, i, words, index)
                        continue
                    if words and token in _HEADS and i + 1 < len(tokens):
                        words = self._begin_street(words, index)
                    words.append(token)
                    i += 1
                    continue
                i = self._number(tokens, i, words, index)
                continue
            if flags & (UNIT | LEVEL | FLOOR) or (flags & SIDE and not words):
                if _ORDINAL.fullmatch(token) and is_glued(tokens, i):  # "1ST ANDREWS DRIVE"
                    tokens[i : i + 1] = [token[:-2], token[-2:]]
                    continue
                after = self._unit(tokens, i, words, index)
                if after > i:
                    i = after
                    words = []
                    continue
            words.append(token)
            i += 1
            if len(words) > 1 and flags & (STREET | BUILDING | ORGANISATION):
                if token in TOWN_WORDS and _within_town(words, tokens, i):
                    continue
                kind = self._ends(tokens, i, flags, words)
                if kind:
                    if i + 1 == len(tokens) and kind in STREETS and tokens[i] in _SIDES:
                        words.append(tokens[i])
                        i += 1
                    self.close(kind, words, index)
                    words = []
        if words:
            self.close(PhraseKind.WORDS, words, index)
        if self.loose.waiting:
            self.loose.end_line(index)

    def _begin_street(self, words: list[str], index: int) -> list[str]:
        """End the words before one that begins a street's name: "TY GWYN HEOL LLWYD".

        Returns those that belong to the street: an article, as in "LA RUE".
        """
        if words[0] in _HEADS or words[-1] in _WELSH_ARTICLES:
            return words
        article = [words.pop()] if words[-1] in _FRENCH_ARTICLES else []
        if words:
            kind = PhraseKind.WORDS if self.loose.waiting or " ".join(words) in TOWNS else PhraseKind.BUILDING
            self.close(kind, words, index)
        return article

    def _alone(self, word: str, index: int) -> bool:
        """A letter or the bare word "flat" on its own: part of a building."""
        if len(word) == 1 and word.isalpha() and index < self.count - 1:
            if word not in "ABCDEFGH":  # "s, Wood Street": a digit misread
                self.loose.wait(word, index)
            elif not self.loose.behind_place():
                self._add_unit(word, index)
            return True
        if word == "FLAT":
            self._add_unit(UNKNOWN, index)
            self.labels.append(word)
            return True
        if word.isalpha():
            return False
        if self.loose.street_numbered and _STROKE.fullmatch(word) and not self.loose.behind_place():
            self._add_unit(word, index)  # "54 MILL ROAD, 3/1"
            return True
        following = self.segments[index + 1] if index < self.count - 1 else []
        if _BLOCKED.fullmatch(word) and following and following[0][0].isdecimal() and not is_code(word):
            self._add_unit(word, index)  # "C4", "R-100" above a house's number
            return True
        return False

    def _add_unit(self, unit: str, index: int) -> None:
        self.units.append(unit)
        if self.unit_at is None:
            self.unit_at = index

    def close(self, kind: PhraseKind, words: list[str], index: int) -> None:
        """End a phrase, and give it the number that stands before it."""
        places = len(self.places)
        if kind is PhraseKind.WORDS:
            numbered = self._numbered(words, index)
            words, found = peeled(words, self.towns, numbered=numbered)
            self.places.extend(found)
            if not words:
                self.loose.pass_place(index)
            if not words or words == ["THE"]:
                return
            kind = kind_of(words, numbered=numbered)
            number = self.loose.take(kind, index, words) if self.loose.waiting else ""
        else:
            number = self.loose.take(kind, index, words) if self.loose.waiting else ""
            if kind in STREETS and not number and " ".join(words) in TOWNS:
                self.places.append(" ".join(words))
                self.loose.pass_place(index)
                return
            if kind is PhraseKind.STREET and words[0] in _TITLES and not number:
                kind = PhraseKind.WORDS
        self.loose.add(kind, written_out(words), number, index)
        if len(self.places) > places:
            self.loose.pass_place(index)

    def _opening(self, tokens: list[str], index: int) -> int:
        """Take what stands at the head of a line, a person's or a PO box; gives where the rest begins."""
        first = tokens[0]
        skip = 0
        if first in ("C/O", "CO/", "FAO", "FTAO", "ATTN", "ATT", "ATTENTION"):
            skip = 1
        elif tokens[:2] in (["CARE", "OF"], ["C", "O"]) and len(tokens) > 2:
            skip = 2
        elif first == "FOR" and tokens[1:4] == ["THE", "ATTENTION", "OF"]:
            skip = 4
        if skip:
            end, who = _end_of_name(tokens, skip), tokens[skip : skip + 1]
            is_house = FLAGS.get(tokens[end - 1], 0) & BUILDING and end - skip > 1
            if is_house and who[0].isalpha() and len(who[0]) > 1 and not is_name(who[0]):  # not "B2 Wing"
                return skip  # "c/o The Old Rectory": a house, in which she is not named
            if end > skip:
                self.care_of.append(" ".join(tokens[skip:end]))
                self.loose.add_name(" ".join(tokens[skip:end]), index)
            return end
        if first in _TITLES and len(tokens) > 1:
            end = _end_of_name(tokens, 1)
            street = first in _STREET_TITLES and self.loose.waiting and FLAGS.get(tokens[end - 1], 0) & STRONG
            if (end == len(tokens) or self.count > 1) and not street:
                self.loose.add_name(" ".join(tokens[:end]), index)
                return end
        if may_begin(first):
            box = box_at(tokens)
            if box is not None:
                self.po_box = box.name
                return box.end
        if index == 0 and first == "TO" and len(tokens) > 1:
            return 1
        return 0

    def _is_place(self, tokens: list[str], i: int) -> bool:
        """Whether a code for a flat's place is token `i`, beside a house's number or alone on its line."""
        if not is_code(tokens[i]):
            return False
        waits = self.loose.waiting and self.loose.waiting[-1].line == self.at
        return bool(waits) or i + 1 == len(tokens) or tokens[i + 1][0].isdecimal()

    def _ends(self, tokens: list[str], i: int, flags: int, words: list[str]) -> PhraseKind | None:
        """The kind of phrase that ends before token `i`, or None where it goes on."""
        following = FLAGS.get(tokens[i], 0) if i < len(tokens) else 0
        if flags & STRONG:
            if words[-1] == "ST" and i < len(tokens) and _headed(words):
                return None
            if words[-1] == "LA" and i < len(tokens) and tokens[i] in _HEADS:
                return None
            if following & STRONG and tokens[i] != "ST":
                return None
            beyond = FLAGS.get(tokens[i + 1], 0) if i + 1 < len(tokens) else 0
            if words[-1] == "ST" and i < len(tokens) and (beyond & STRONG or tokens[i] in _SAINTS):
                return None
            if not self.loose.waiting and following & ORGANISATION and not following & STREET:
                return None
            return PhraseKind.STREET
        if words[-1] in _DWELLINGS and not self.loose.waiting and _street_at(tokens, i):
            return PhraseKind.BUILDING
        if following & (STREET | BUILDING) and i < len(tokens) and tokens[i] != "ST":
            return None
        if flags & WEAK and following & ORGANISATION and not self.loose.waiting:
            return None
        if flags & WEAK:
            return PhraseKind.BUILDING if flags & BUILDING else PhraseKind.WEAK_STREET
        if flags & BUILDING:
            return PhraseKind.BUILDING if not following & ORGANISATION else None
        if words[-1] in _CLOSERS and i < len(tokens) and not following & ORGANISATION:
            return PhraseKind.ORGANISATION
        return None

    def _unit(self, tokens: list[str], i: int, words: list[str], index: int) -> int:
        """Read a part of a building at token `i`; returns the token after it, or `i` where it is none."""
        if self.scottish:
            join_floor_and_place(tokens, i, numbered=bool(self.loose.waiting))
        part = part_at(tokens, i)
        if part is None:
            return i
        door = part.word in _DOORS and not part.level and tokens[part.at].isdecimal()
        if door and not self.loose.street_numbered:
            return self._number(tokens, part.at, words, index)
        if part.label:
            self.labels.append(part.label)
        if words:
            self.close(PhraseKind.WORDS, words, index)
        for unit in filter(None, (part.designator, part.level)):
            self._add_unit(unit, index)
        joined = part.end + 1 < len(tokens) and tokens[part.end] in _JOINERS
        return part.end + joined

    def _number(self, tokens: list[str], i: int, words: list[str], index: int) -> int:
        """Read the token at `i`, which is not all letters:

        a number, a range, a joined unit, an unclear number.
        """
        if i + 3 < len(tokens) and tokens[i + 1].isdecimal():
            join_ordinal(tokens, i)
        found = number_at(tokens, i, halves=not self.scottish)
        if found is None:
            return self._odd(tokens, i, words, index)
        if words:
            self.close(PhraseKind.WORDS, words, index)
            words.clear()
        if found.readings:
            self.unclear[found.text] = found.readings
        if len(found.readings) == 1 and found.text.isdecimal():  # "1 4 Elm Road"
            self.unclear[tokens[found.end]] = found.readings
        self.loose.wait(found.text, index)
        return found.end

    def _odd(self, tokens: list[str], i: int, words: list[str], index: int) -> int:
        token = tokens[i]
        if _ORDINAL.fullmatch(token):
            if is_glued(tokens, i):  # "77ST ANDREWS DRIVE"
                tokens[i : i + 1] = [token[:-2], token[-2:]]
                return i
            words.append(token)
            return i + 1
        if token in _SHORT:
            tokens[i : i + 1] = _SHORT[token]
            return self._unit(tokens, i, words, index) if not words else i
        if self._is_place(tokens, i):  # "2F1", "G/R"
            if words:
                self.close(PhraseKind.WORDS, words, index)
                words.clear()
            self._add_unit(token, index)
            return i + 1
        glued = _GLUED.fullmatch(token)
        behind = i > 0 and tokens[i - 1].isdecimal() and _CAPITAL_LOST.fullmatch(token)
        if behind or _LETTER_WITHIN.fullmatch(token) or (glued is not None and is_word(tokens, i)):
            words.append(CAPITALS.get(token[0], token[0]) + token[1:])
            return i + 1
        if glued is not None:
            tokens[i : i + 1] = glued.groups()
            return i
        joined = _JOINED_UNIT.fullmatch(token)
        if joined is not None:
            if words:
                self.close(PhraseKind.WORDS, words, index)
                words.clear()
            self._add_unit(joined.group(2), index)
            self.labels.append(f"{UNIT_WORDS[joined.group(1)]} {joined.group(2)}")
            return i + 1
        if "-" in token or "/" in token:
            parts = [part for part in re.split(r"[-/]", token) if part]
            following = tokens[i + 1] if i + 1 < len(tokens) else ""
            if token[-1] == "-" and token[:-1].isdecimal() and following.isdecimal():  # "9- 11"
                tokens[i : i + 2] = [token + following]
                return i if number_at(tokens, i, halves=False) else i + 1
            if len(parts) == 2 and parts[0].isdecimal() and is_code(parts[1]):  # "54/3F2"
                tokens[i : i + 1] = parts
                return i
            if len(parts) > 2 and parts[0].isdecimal():
                tokens[i], either = in_pieces(token, parts)
                self.unclear |= either
                return i if number_at(tokens, i, halves=False) else i + 1
            if parts and all(part.isalnum() and not part.isdecimal() for part in parts):
                tokens[i : i + 1] = parts
                return i
            if not parts:
                del tokens[i]
                return i
        if _UNCLEAR.fullmatch(token) and any(char.isdecimal() for char in token):
            if words:
                self.close(PhraseKind.WORDS, words, index)
                words.clear()
            if token[0].isalpha() and token[1:].isdecimal() and i + 1 < len(tokens):
                self.unclear[token] = digits_of(token)  # "A15 Forster Court" as well as "I5 Station Road"
                self.loose.wait(token, index)
                return i + 1
            found = digits_of(token)
            if token[-1] == "/" and token[:-1].isdecimal():  # "102/": a stroke that is nothing, or a digit
                found = (token[:-1], *found)
            if found:
                self.unclear[token] = found
                self.loose.wait(token, index)
                return i + 1
        cleaned = "".join(char for char in token if char.isalnum())
        if cleaned and cleaned != token:
            tokens[i] = cleaned
            return i
        if cleaned and not cleaned.isdecimal():  # longer than a house number: nothing
            words.append(cleaned)
        return i + 1

    def _numbered(self, words: list[str], index: int) -> bool:
        """Whether a number that waits is that of words without a type, were they a town's name too."""
        if not self.loose.waiting or self._only_town(words, index):
            return False
        return self.loose.for_name(index) or " ".join(words) in STREET_TOWNS

    def _only_town(self, words: list[str], index: int) -> bool:
        """Whether words with a number waiting in front are a town, and the number is not theirs."""
        name = " ".join(words)
        if self.loose.waiting[-1].line < index:
            return name in TOWNS or name in COUNTIES
        return bool(name in self.towns and self.phrases and self.phrases[-1].kind in _BEFORE_TOWN)


def kind_of(words: list[str], *, numbered: bool) -> PhraseKind:
    """The kind of a phrase that no type of street or building has ended; a misread type is put right."""
    flags = 0
    for word in words:
        flags |= FLAGS.get(word, 0)
    if len(words) > 1 and not FLAGS.get(words[-1]) and (mended := misread_type(words[-1])):
        words[-1] = mended
        if FLAGS[mended] & BUILDING:
            return PhraseKind.BUILDING
        return PhraseKind.WEAK_STREET if FLAGS[mended] & WEAK else PhraseKind.STREET
    if flags & ORGANISATION:
        return PhraseKind.ORGANISATION
    if len(words) > 1 and (words[0] in _WELSH_STREETS or _headed(words)):
        return PhraseKind.STREET
    if len(words) > 1 and words[0] in _WELSH_HOUSES and not numbered:
        return PhraseKind.BUILDING
    if len(words) == 1 and flags & STREET:
        return PhraseKind.STREET if flags & STRONG else PhraseKind.WEAK_STREET
    return PhraseKind.WORDS


def _within_town(words: list[str], tokens: list[str], i: int) -> bool:
    """Whether the words so far and those that follow are the name of a post town: "BURY ST" and "EDMUNDS"."""
    for size in (1, 2):
        after = tokens[i : i + size]
        if len(after) == size and any(" ".join(words[-back:] + after) in TOWNS for back in (2, 3)):
            return True
    return False


def _headed(words: list[str]) -> bool:
    """Whether a phrase begins as a street's name does in Welsh or French: "HEOL", "LA RUE"."""
    return words[0] in _HEADS or (len(words) > 1 and words[1] in _HEADS and words[0] in _FRENCH_ARTICLES)


def _street_at(tokens: list[str], i: int) -> bool:
    """Whether a street of two words stands at token `i` whose first may also go on a house's name:

    "CHURCH LANE", "PARK ROAD".
    """
    if i + 1 >= len(tokens) or not FLAGS.get(tokens[i + 1], 0) & STRONG:
        return False
    flags = FLAGS.get(tokens[i], 0)
    return bool(flags & (ORGANISATION | WEAK)) and not flags & STRONG


def _end_of_name(tokens: list[str], end: int) -> int:
    """Where a name that begins at `end` is over: at a number, or a word for a flat."""
    while end < len(tokens) and not tokens[end][0].isdecimal() and not FLAGS.get(tokens[end], 0) & UNIT:
        end += 1
    return end


_BEFORE_TOWN = (PhraseKind.BUILDING, PhraseKind.WEAK_STREET, PhraseKind.WORDS)
_JOINED_UNIT = re.compile(r"(FLAT|FLT|APT|UNIT|ROOM|RM|SUITE)(\d{1,4}[A-Z]?)")
_GLUED = re.compile(r"(\d{1,4})([A-Z]{4,})")
"""A house number without a space behind it."""
_LETTER_WITHIN = re.compile(r"[A-Z]+\d[A-Z]{3,}")
"""A word with a letter misread: "A1BET"."""
_BLOCKED = re.compile(r"[A-Z]{1,2}[-/]?\d{1,4}")
_CAPITAL_LOST = re.compile(r"[01245689][A-Z]{2,}")
"""Behind a number a word whose capital is read as a digit: "0LD"."""
_STROKE = re.compile(r"\d{1,2}/\d{1,2}")
_SHORT = {"R/O": ["REAR", "OF"]}
_ORDINAL = re.compile(r"\d{1,3}(?:ST|ND|RD|TH)")
_UNCLEAR = re.compile(r"[0-9A-Z?|!/+#%]{1,5}")
_SAINTS, _CLOSERS, _SIDES, _STREET_TITLES = (
    ROLES[one] for one in ("saint", "closer", "side", "street title")
)
_WELSH_HOUSES, _HEADS, _DWELLINGS = ROLES["welsh house"], ROLES["street head"], ROLES["dwelling"]
_WELSH_ARTICLES = frozenset(("Y", "YR", "YN"))
_FRENCH_ARTICLES = frozenset(("LA", "LE", "LES", "GRANDE", "GRAND"))
_DOORS = frozenset(("PREMISES", "SHOP"))  # their number is a house number
_JOINERS, _TITLES, _WELSH_STREETS = ROLES["joiner"], ROLES["title"], ROLES["welsh street"]
_STREET_TITLES = ROLES["street title"]
