"""What running text says of people: whom it names, and what its writer means to do about them.

`digits` finds numbers, `accounts` e-mail addresses and @handles, `address.find_in_text` addresses.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from contextlib import suppress
from functools import cached_property, lru_cache
from itertools import accumulate, islice
from typing import Final, NamedTuple, TypeVar

from rapidfuzz import process
from rapidfuzz.distance import OSA

from matchers.intent import Intent, Intents
from matchers.look import Look
from matchers.person.facts import FAMILY_FREQUENCY, GIVEN_FREQUENCY, TITLES
from matchers.person.naming import COMMON, WORDS, Naming, Way
from matchers.person.tokens import agree_given, agree_surname
from matchers.said import Said, readings

BY_ITSELF: Final = frozenset({"full", "nickname_surname", "given_names", "title_surname", "initial_surname"})
"""Kinds of names that say who is meant, whatever is said about her."""
NAMES_IN_FULL: Final = BY_ITSELF | {"full_word", "common_title", "common_initial"}
"""Kinds beside which parts of the name need not be told."""
_A_WHOLE_TEXT: Final = frozenset({"first", "nickname", "surname", "common_title", "common_initial"})
"""Kinds that say it where the text says nothing else."""
_ONE_WORD: Final = frozenset({"first", "nickname", "surname", "initials"})
_REPEATED: Final = re.compile(r"(.)\1{2,}")
_LONG_ENOUGH: Final = 2
"""Letters from which a name may be looked for across words."""
_SAFELY_CUT: Final = 4
"""Letters that a name in two pieces must have more than."""
_T = TypeVar("_T")
MOST_PLACES: Final = 1_000
"""Places of one kind of name that are looked at for an intent; a text that has more is held for that."""
_OVER_AND_OVER: Final = "named over and over"
_SLIPS: Final = ("spelling", "slip")


def _may_repeat(text: str) -> bool:
    """Whether a character stands in a text three times over."""
    if text.isascii():  # looking for each by itself costs a tenth of looking for any
        return any(map(text.__contains__, _THREE_OF_ONE))
    return _REPEATED.search(text) is not None


_THREE_OF_ONE: Final = tuple(char * 3 for char in "0123456789abcdefghijklmnopqrstuvwxyz$")


def _is_rare(word: str) -> bool:
    return len(word) > 3 and word not in WORDS


def _cut(word: str) -> str:
    """A word, or several, with its repeated letters cut to two."""
    return _REPEATED.sub(r"\1\1", word)


class _Cut(dict[str, str]):
    """Each word met so far in its cut form; "" where it can be no name misspelt. Asked of every message."""

    def __missing__(self, word: str) -> str:
        self[word] = cut = _cut(word) if len(word) > 3 and word not in WORDS else ""
        return cut


_CUT: Final = _Cut()
_MOST_REMEMBERED: Final = 1 << 16
_FEW_ASKED: Final = 20
"""Words whose places are looked for one by one, before the places of all are put down."""
_ORDINARY: Final = 2_000
"""Words of a text up to which each is worth remembering."""


class Mention(NamedTuple):
    """A person named in a text: the words, the way of naming her, the intent, what made her name equal."""

    words: str
    way: Way
    intent: Intent | None
    steps: tuple[str, ...] = ()


class Text:
    """A text read once, to be searched for any number of people."""

    def __init__(self, text: str, look: Look | None = None) -> None:
        """`look` is the text as it was looked at before, where it was."""
        self._readings = [_Reading(said) for said in readings(text, look)]

    def find(self, naming: Naming) -> Iterator[Mention]:
        """The places that name the person: each kind of name once, one with an intent before one without."""
        best: dict[str, Mention] = {}
        for reading in self._readings:
            for mention in _mentions(reading, naming, best):
                known = best.get(mention.way.kind)
                if known is None or (known.intent is None and mention.intent is not None):
                    best[mention.way.kind] = mention
        told = [best[kind] for kind in NAMES_IN_FULL & best.keys()]
        asked = any(mention.intent is not None for mention in told)
        for kind, mention in best.items():
            if kind in NAMES_IN_FULL or not told or (mention.intent is not None and not asked):
                yield mention

    def find_whole(self, name: str) -> Mention | None:
        """One name, an account's for instance, that stands in the text whatever divides its parts."""
        joined = _undivided(name)
        if len(joined) < 3 or joined in WORDS:
            return None
        way = Way("handle", name)
        for reading in self._readings:
            if joined not in reading.joined:
                continue
            for place in reading.whole(joined, way):
                about = reading.intents.about(place.start, place.end)
                return Mention(reading.words_of(place), way, about)
        return None


def may_be_cut(word: str) -> bool:
    """Whether a letter of a word is repeated, so that it may be a name that is written with fewer."""
    return _REPEATED.search(word) is not None


def forms_sought(naming: Naming, accounts: Iterable[str]) -> Iterator[str]:
    """Forms of which one stands in a text, as whole words, that names the person otherwise than misspelt."""
    letters, _, longer = _sought(naming)
    yield from letters
    for form in (*longer, *filter(None, map(_undivided, accounts))):
        yield from (form, form + "s")


def may_be_misspelt(first: str, words: set[str]) -> bool:
    """Whether one of the words, none of them with letters repeated, is a first name misspelt."""
    far = _FAR.get(first)
    if far is None or len(far) > _MOST_FAR:
        if len(_FAR) >= _MOST_FIRST_NAMES:
            _FAR.clear()
        far = _FAR[first] = set()
    new = words - far
    near = [word for word, _ in _misspellings(first, new) if _is_rare(word)] if new else []
    far.update(new.difference(near))
    return len(near) > 0


_FAR: Final[dict[str, set[str]]] = {}
"""To a first name words that are none of its misspellings: of a text most were met before."""
_MOST_FIRST_NAMES: Final = 256
_MOST_FAR: Final = 1 << 10


def _misspellings(first: str, words: Collection[str]) -> Iterator[tuple[str, str]]:
    """The words that are nearly a first name, and how."""
    for word, _, _ in process.extract(
        first, words, scorer=OSA.distance, processor=None, score_cutoff=2, limit=None
    ):
        if word != first and (step := _slip(word, first) or _slip(word.removesuffix("s"), first)):
            yield word, step


@lru_cache(maxsize=1 << 12)
def _divided(name: str) -> re.Pattern[str]:
    """A name or its genitive as whole words, whatever divides its letters."""
    return re.compile(r"(?<!\S)" + " ?".join(map(re.escape, name)) + r"(?: ?s)?(?!\S)")


@lru_cache(maxsize=65536)
def _undivided(name: str) -> str:
    return "".join(char for char in name if char.isalnum())


class _Place(NamedTuple):
    start: int
    end: int
    way: Way
    steps: tuple[str, ...] = ()


class _Sought(NamedTuple):
    """Every form of a person's names that is looked for as it is written."""

    letters: tuple[str, ...]
    """Forms of one letter, each a word of its own."""
    stems: tuple[str, ...]
    """Letters of which every longer form holds some: where none of them stands, no form does."""
    longer: tuple[str, ...]


_SOUGHT: Final[dict[int, tuple[Naming, _Sought]]] = {}
"""By the identity of a naming, which is kept so that it stays its own."""
_MOST_SOUGHT: Final = 2048
_STEM: Final = 6
"""Letters by which it is first asked whether a name stands in a text."""


def _sought(naming: Naming) -> _Sought:
    """What is looked for of a person, made once for each."""
    known = _SOUGHT.get(id(naming))
    if known is None:
        if len(_SOUGHT) >= _MOST_SOUGHT:
            _SOUGHT.clear()
        known = _SOUGHT[id(naming)] = naming, _forms(naming)
    return known[1]


def _forms(naming: Naming) -> _Sought:
    firsts = {first for first, _ in (*naming.families.values(), *naming.given)}
    forms = {*naming.words, *naming.families, *firsts, *(first[::-1] for first in firsts)}
    forms.update(name for wholes in naming.wholes.values() for name in wholes)
    stems: list[str] = []
    longer = sorted((form for form in forms if len(form) >= _LONG_ENOUGH), key=lambda form: (len(form), form))
    for form in longer:
        if not any(stem in form for stem in stems):
            stems.append(form[:_STEM])
    return _Sought(tuple(sorted(forms.difference(longer))), tuple(stems), tuple(longer))


class _Reading:
    """One reading of a text with everything in it that can be a name, found once."""

    def __init__(self, said: Said) -> None:
        self.said = said
        self.intents = Intents(said)
        self.joined = "".join(said.words)
        self._starts: dict[int, int] | None = None
        self._at: dict[str, list[int]] | None = None
        self._asked = 0
        self._rare: list[str] | None = None
        self._uncut: dict[str, str] | None = None

    @property
    def rare(self) -> list[str]:
        """The words that may be a name misspelt, their repeated letters cut to two."""
        if self._rare is None:
            words = self.said.words
            if len(words) <= _ORDINARY:
                if len(_CUT) > _MOST_REMEMBERED:
                    _CUT.clear()
                rare = dict.fromkeys(map(_CUT.__getitem__, dict.fromkeys(words)))
                rare.pop("", None)
            else:
                rare = dict.fromkeys(filter(_is_rare, dict.fromkeys(words)))
                joined = " ".join(rare)
                if _may_repeat(joined):
                    rare = dict.fromkeys(_cut(joined).split(" "))
            self._rare = list(rare)
        return self._rare

    def uncut(self, rare: str) -> str:
        """A word as it stands there, by its cut form."""
        if self._uncut is None:
            rarely = list(filter(_is_rare, self.said.words))
            joined = " ".join(rarely)
            self._uncut = (
                dict(zip(_cut(joined).split(" "), rarely, strict=True)) if _may_repeat(joined) else {}
            )
        return self._uncut.get(rare, rare)

    def holding(self, naming: Naming) -> frozenset[str]:
        """The forms of a person's names that stand in the text; one letter as a word alone."""
        letters, stems, longer = _sought(naming)
        holds = self.joined.__contains__
        there = list(filter(holds, longer)) if any(map(holds, stems)) else []
        there += [letter for letter in letters if letter in self.said.words]
        return frozenset(there)

    def at(self, word: str) -> Iterator[tuple[int, int]]:
        """Where a word stands, or its genitive."""
        if word not in self.joined:
            return
        for form in (word, word + "s") if len(word) > 2 else (word,):
            for number in self._places_of(form):
                yield number, number + 1

    def _places_of(self, word: str) -> Iterable[int]:
        if self._at is None and self._asked < _FEW_ASKED:
            self._asked += 1
            return _places_in(self.said.words, word)
        if self._at is None:
            self._at = defaultdict(list)
            for number, each in enumerate(self.said.words):
                self._at[each].append(number)
        return self._at.get(word, ())

    def words_of(self, place: _Place) -> str:
        return " ".join(self.said.words[place.start : place.end])

    @cached_property
    def spaced(self) -> str:
        """The words with one space between."""
        return " ".join(self.said.words)

    def whole(self, name: str, way: Way) -> Iterator[_Place]:
        """A name whose parts may be divided otherwise, from the start of a word to the end of one."""
        joined, size = self.joined, len(name)
        if len(self.said.words) > _ORDINARY and _divided(name).search(self.spaced) is None:
            return  # told at once, where parts of other words may be alike thousands of times
        at = joined.find(name)
        starts = self._numbers() if at >= 0 else {}
        while at >= 0:
            stop = at + size
            end = starts.get(stop)
            if end is None and joined[stop : stop + 1] == "s":
                end = starts.get(stop + 1)
            if end is not None and at in starts:
                steps = ("words joined or split",) if end - starts[at] > 1 and way.kind in _ONE_WORD else ()
                yield _Place(starts[at], end, way, steps)
            at = joined.find(name, at + 1)

    def _numbers(self) -> dict[int, int]:
        if self._starts is None:
            starts = accumulate(map(len, self.said.words), initial=0)
            self._starts = {at: number for number, at in enumerate(starts)}
        return self._starts


def _places_in(words: list[str], word: str) -> Iterator[int]:
    """The places at which a list holds a word."""
    at = -1
    with suppress(ValueError):
        while True:
            at = words.index(word, at + 1)
            yield at


def _mentions(reading: _Reading, naming: Naming, best: dict[str, Mention]) -> Iterator[Mention]:
    intents = reading.intents
    looked_at: defaultdict[str, int] = defaultdict(int)
    for place in _places(reading, naming):
        kind = place.way.kind
        known = best.get(kind)
        if known is not None and known.intent is not None:
            continue
        looked_at[kind] += 1
        if looked_at[kind] > MOST_PLACES:
            if known is None:
                yield Mention(reading.words_of(place), place.way, None, (_OVER_AND_OVER,))
            continue
        about = intents.about(place.start, place.end)
        if _counts(reading.said, place, about, naming):
            yield Mention(reading.words_of(place), place.way, about, place.steps)
    for about in intents.alone():
        yield Mention("", Way("nobody", ""), about)
    if len(intents.relations) > MOST_PLACES:
        yield Mention(intents.relations[0].phrase, Way("relation", ""), None, (_OVER_AND_OVER,))
        return
    for start, end, phrase, gender, whose in intents.relations:
        if gender != "-" and naming.gender not in ("-", gender):
            continue
        about = intents.about(start, end)
        if about is None or about.kind != "intimidation" or not about.sure:
            asked = about is not None and about.sure and whose == "own"
            about = intents.threat(start, end) or (about if asked else None)
        if about is not None:
            yield Mention(phrase, Way("relation", ""), about)


# ── where a name stands ─────────────────────────────────────────────────────────────────────────────────


def _places(reading: _Reading, naming: Naming) -> Iterator[_Place]:
    there = reading.holding(naming)
    words = reading.said.words
    if there:
        for wholes in naming.wholes.values():
            for name in [name for name in wholes if name in there]:
                yield from _first(reading.whole(name, wholes[name]))
        for name in [name for name in naming.words if name in there]:
            way = naming.words[name]
            if len(name) < _LONG_ENOUGH:
                yield from _first(_Place(start, end, way) for start, end in reading.at(name))
            else:
                yield from _first(place for place in reading.whole(name, way) if _is_one_word(place, words))
        for family, (first, way) in naming.families.items():
            if family in there:
                for start, end in _first(reading.at(family)):
                    yield from _beside_family_name(words, start, end, first, way)
            if first in there:
                for start, end in _first(reading.at(first)):
                    yield from _beside_first_name(words, start, end, family, way)
    for first, way in naming.given:
        yield from _misspelt(reading, first, way, there)


def _first(found: Iterable[_T]) -> Iterator[_T]:
    return islice(found, MOST_PLACES + 1)


def _is_one_word(place: _Place, words: list[str]) -> bool:
    """Whether a name of one word stands there as one, in two long enough to be no chance, or in letters."""
    count = place.end - place.start
    letters = sum(map(len, words[place.start : place.end]))
    return count == 1 or count == letters or (count == 2 and letters > _SAFELY_CUT)


def _beside_family_name(words: list[str], start: int, end: int, first: str, way: Way) -> Iterator[_Place]:
    for beside in (start - 1, end):
        if 0 <= beside < len(words) and len(words[beside]) > 2 and words[beside] not in WORDS:
            agreement = agree_given(words[beside], first)
            if agreement.kind in _SLIPS or agreement.kind == "short":
                yield _Place(min(start, beside), max(end, beside + 1), way, (agreement.step,))


def _beside_first_name(words: list[str], start: int, end: int, family: str, way: Way) -> Iterator[_Place]:
    if end < len(words) and words[end] not in WORDS:
        agreement = agree_surname(words[end], family)
        if agreement.kind in _SLIPS:
            yield _Place(start, end + 1, way, (agreement.step,))


def _misspelt(reading: _Reading, first: str, way: Way, there: frozenset[str]) -> Iterator[_Place]:
    """First names that are nearly hers."""
    for word, step in _misspellings(first, reading.rare):
        yield from (_Place(*spot, way, (step,)) for spot in _first(reading.at(reading.uncut(word))))
    backwards = first[::-1]
    if len(first) > 4 and backwards != first and backwards in there:
        yield from (_Place(*spot, way, ("letters reversed",)) for spot in _first(reading.at(backwards)))


@lru_cache(maxsize=65536)
def _slip(word: str, first: str) -> str:
    if len(word) > len(first) and _unrepeated(word) == _unrepeated(first):
        return "letters repeated"
    agreement = agree_given(word, first)
    return agreement.step if agreement.kind in _SLIPS else ""


def _unrepeated(word: str) -> str:
    return "".join(char for n, char in enumerate(word) if n == 0 or char != word[n - 1])


# ── whether it says who is meant ────────────────────────────────────────────────────────────────────────


def _counts(said: Said, place: _Place, about: Intent | None, naming: Naming) -> bool:
    start, end, way, _ = place
    kind = way.kind
    if kind in BY_ITSELF:
        return True
    capital = said.capitals[start]
    if kind == "full_word":
        return all(said.capitals[start:end]) or (about is not None and about.sure)
    if kind in ("initial", "title_initial", "initials"):
        return _initials_count(said, place, about)
    word = "".join(said.words[start:end])
    ordinary = WORDS.get(word) or WORDS.get(word.removesuffix("s"))
    whole = start == 0 and end == len(said.words)
    if kind == "common_initial" and capital and said.capitals[end - 1]:
        return True
    if whole and kind in _A_WHOLE_TEXT and not ordinary:
        return kind != "common_initial"
    if about is None or ordinary == "address":
        return False
    if kind in ("common_title", "common_initial"):
        return about.close
    if _somebody_else(said, place, naming):
        return False
    if kind == "surname" and not about.close:
        return False
    if ordinary:
        if end < len(said.words) and said.words[end][0].isdigit():
            return False
        return about.sure or (capital and not said.begins[start])
    return True


def _initials_count(said: Said, place: _Place, about: Intent | None) -> bool:
    if about is None or not about.close:
        return False
    if place.way.kind == "title_initial":
        return True
    if place.way.kind == "initials":
        divided, long = place.end - place.start > 1, len(said.words[place.start]) > 2
        return said.capitals[place.start] or (about.sure and (divided or long))
    return about.sure and said.capitals[place.start]


def _somebody_else(said: Said, place: _Place, naming: Naming) -> bool:
    """Whether another family name follows the first name, or another first name the family name."""
    words = said.words
    if place.way.kind == "surname":
        before = words[place.start - 1] if place.start else ""
        return before not in naming.parts and (
            (before in GIVEN_FREQUENCY and before not in WORDS and len(before) > 2) or before in TITLES
        )
    behind = words[place.end] if place.end < len(words) else ""
    return (
        len(behind) > 3
        and behind not in naming.parts
        and FAMILY_FREQUENCY.get(behind, 0) >= (COMMON if behind in WORDS else 1)
        and said.capitals[place.end]
        and not said.begins[place.end]
    )
