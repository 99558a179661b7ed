"""A few listed people looked for on the outside of an envelope, wherever on it they are named.

No guess is made at which line is a name: every place is looked at where a word agrees with a family name
of theirs, and the words around it are compared. What a street or a house is called says who is not meant.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Final, NamedTuple

from matchers import person
from matchers.address.vocabulary import BUILDING, COUNTIES, FLAGS, STREET, TOWNS
from matchers.person import NameMatch, Person
from matchers.person.facts import SUFFIXES, TITLES
from matchers.person.gaelic import is_one_family
from matchers.person.tokens import agree_given, agree_surname
from matchers.said import readings

MATCHED: Final = ("same", "compatible")
_BREAK: Final = re.compile(r"[\n\r\v\f\u2028\u2029,;|]+")
_WORD: Final = re.compile(r"""[^\s.,;:()\[\]{}<>"“”„«»*_&+/\\|!?%℅=~#]+""")
_CAMEL: Final = re.compile(r"(?<=[a-z]{3})(?=[A-Z][a-z])")
_SPELT_OUT: Final = re.compile(r"(?<!\w)\w(?:[ .\-]\w){4,}(?!\w)")
_FEWEST_APART: Final = 3
"""Spaces and marks of which that has more."""
_DISGUISED: Final = re.compile(
    r"[@$]\w|\w[@$!]\w|[A-Za-z][^\W\d_\u0000-\u036f]|[^\W\d_\u0000-\u036f][A-Za-z]"
)
"""Signs for letters, or another alphabet's letters beside Latin ones."""
_WORD_AND_SIGNS: Final = re.compile(r"[$@]?\w+(?:[@$!]\w+)*")
_PLAIN_GAP: Final = " \t.'’_\u00a0"
_PLACE: Final = STREET | BUILDING
_LINKS: Final = frozenset(
    "and und et to for of co care fao attn attention dear private personal confidential via with from".split()
)
"""Words before a name, or between two, that are no part of one."""
_WRITTEN_OUT: Final = ("exact", "slip", "spelling", "short")
_BEFORE: Final = 4
_BEHIND: Final = 3
"""Words on either side of a family name that may belong to its name."""
_LONGEST: Final = 8
"""Words of a line that may be one name, or a couple's."""
_LETTERS: Final = "|".join(
    r"[\s./\\]*".join(mark) for mark in ("co", "c0", "fao", "ffao", "ftao", "obo", "obof", "pp")
)
_CARE_OF: Final = re.compile(
    rf"(?:(?<![^\W_])(?:{_LETTERS}|c\s*/\s*-|[dtp]\s*[/\\]\s*[oa0]|(?:care|behalf)\s+of|trading\s+as|for|via|chez"
    r"|a(?:ttn?|tn|tten\w*)(?:\s+(?:of|de|du))?|sylw|(?:dan|yng)\s+n?g?ofal|z\W{0,2}hd|zu\s+h(?:ä|ae|a)nden(?:\s+von)?)"
    r"|(?:give|pass|hand|forward|deliver|send)\w*(?:\s+(?:it|this|on))*\s+to|%|℅)[\s.:\-]*\Z",
    re.IGNORECASE,
)
"""What stands before somebody who is to have it by another's hand, its letters with or without signs between:
c/o, FAO, f.f.a.o., o/b of, p.p., t/a, att., in Welsh i sylw, d/o (dan ofal), in French and German too."""


class Named(NamedTuple):
    """A listed person found: the words, how they compare, whether they stand after "care of" or the like."""

    text: str
    match: NameMatch
    care_of: bool


class _Word(NamedTuple):
    start: int
    end: int
    pieces: tuple[str, ...]
    """What a hyphen parts, folded; nothing for a number."""
    number: bool
    joined: str


class _Phrase(NamedTuple):
    """What stands between two commas or line ends, with its runs of words between numbers, first and last."""

    text: str
    words: tuple[_Word, ...]
    runs: tuple[tuple[int, int, str], ...]


class EnvelopeWords:
    """The words of an envelope, read once for everybody who is looked for."""

    def __init__(self, text: str) -> None:
        """`text` is all that stands on it."""
        self._phrases = [_phrase(part) for part in _BREAK.split(text) if part and not part.isspace()]
        self._asked: dict[int, tuple[tuple[Person, ...], bool]] = {}
        """By the identity of people, who are kept with it: their own hash takes longer than the question."""
        self._words = {word.joined for phrase in self._phrases for word in phrase.words}
        self._words.update(piece for each in self._phrases for word in each.words for piece in word.pieces)
        self._words.discard("")
        self._runs = [run for phrase in self._phrases for _, _, run in phrase.runs]

    def find(self, listed: Person) -> Iterator[Named]:
        """Every place that names the person, in the order of the envelope."""
        for one in (listed, *listed.others):
            signs, whole = self._signs(one), "".join(one.given + one.surname)
            if signs or self._has_run(one, whole):
                yield from self._find(one, signs, whole)

    def may_name(self, listed: tuple[Person, ...]) -> bool:
        """Whether `find` may find any of them. It is told once of each: of equal ones in one tuple."""
        known = self._asked.get(id(listed))
        if known is None:
            found = any(
                self._signs(one) or self._has_run(one, "".join(one.given + one.surname))
                for each in listed
                for one in (each, *each.others)
            )
            known = self._asked[id(listed)] = listed, found
        return known[1]

    def _signs(self, listed: Person) -> frozenset[str]:
        """The words that may be of the name."""
        families = listed.surname + listed.former
        joined = "".join(listed.surname) if len(listed.surname) > 1 or listed.particles else ""
        return frozenset([word for word in self._words if _is_sign(word, families, joined)])

    def _has_run(self, listed: Person, names: str) -> bool:
        return any(_run_together(run, names, listed) for run in self._runs)

    def _find(self, listed: Person, signs: frozenset[str], whole: str) -> Iterator[Named]:
        before = ""
        for number, phrase in enumerate(self._phrases):
            yield from _in_phrase(phrase, before, listed, signs, whole)
            if signs and number + 1 < len(self._phrases):
                yield from _over_two(phrase, self._phrases[number + 1], before, listed, signs)
            before = phrase.text

    def has_first_name(self, listed: Person) -> bool:
        """Whether somebody is named by the person's first name, or a form of it, and by nothing else."""
        if not listed.given or listed.organisation:
            return False
        return any(_first_name_alone(phrase, listed) for phrase in self._phrases)


@lru_cache(maxsize=1 << 13)  # who is written to, and towns and streets
def _phrase(text: str) -> _Phrase:
    if sum(map(text.count, " .-")) > _FEWEST_APART and _SPELT_OUT.search(text):
        text = _SPELT_OUT.sub(lambda found: re.sub(r"[ .\-]", "", found[0]), text)
    if (not text.isascii() or "@" in text or "$" in text or "!" in text) and _DISGUISED.search(text):
        text = _WORD_AND_SIGNS.sub(_undisguised, text)
    if not text.istitle():
        text = _CAMEL.sub(" ", text)
    words = tuple(word for found in _WORD.finditer(text) if (word := _word(found)) is not None)
    runs: list[tuple[int, int, str]] = []
    start = 0
    for at in range(len(words) + 1):
        if at == len(words) or words[at].number:
            if at > start:
                runs.append((start, at - 1, "".join(word.joined for word in words[start:at])))
            start = at + 1
    return _Phrase(text, words, tuple(runs))


def _word(found: re.Match[str]) -> _Word | None:
    written = found[0]
    start, end = found.span()
    if written.isascii() and written.isalpha():
        lower = written.lower()
        return _Word(start, end, (lower,), False, lower)
    letters, digits = sum(map(str.isalpha, written)), sum(map(str.isdigit, written))
    if not letters:
        return _Word(start, end, (), True, "") if digits else None
    if (letters < 3 and letters < len(written)) or digits > 2:
        return _Word(start, end, (), True, "")
    pieces = tuple(person.fold(written).translate(_DIGITS_AS_LETTERS).split())
    return _Word(start, end, pieces, False, "".join(pieces)) if pieces else None


def _undisguised(found: re.Match[str]) -> str:
    written = found[0]
    return " ".join([*readings(written)][-1].words).title() if _DISGUISED.search(written) else written


_DIGITS_AS_LETTERS: Final = str.maketrans("01345689", "oleasbbg")


# ── one phrase ──────────────────────────────────────────────────────────────────────────────────────────


def _in_phrase(
    phrase: _Phrase, before: str, listed: Person, signs: frozenset[str], names: str
) -> Iterator[Named]:
    best: dict[bool, Named] = {}
    for start, end in _windows(phrase, listed, signs, names):
        text = phrase.text[phrase.words[start].start : phrase.words[end].end]
        match = person.compare(person.read(text), listed)
        if match.level == "different" or (
            match.level == "household" and not _names_a_family(text, phrase, before)
        ):
            continue
        if _may_be_meant(phrase, start, end, before, listed, signs):
            care_of = _after_care_of(phrase, start, before)
            if care_of not in best or match.score > best[care_of].match.score:
                best[care_of] = Named(text, match, care_of)
    if best:
        yield best.get(True) or best[False]


def _windows(phrase: _Phrase, listed: Person, signs: frozenset[str], names: str) -> list[tuple[int, int]]:
    """The runs of words, first and last, that may be the listed name."""
    words = phrase.words
    found: dict[tuple[int, int], None] = {}
    for start, end, joined in phrase.runs:
        places = [at for at in range(start, end + 1) if _is_sign_of(words[at], signs)] if signs else []
        if end - start < _LONGEST and (places or _run_together(joined, names, listed)):
            found[start, end] = None
        for at in places:
            for first in range(max(start, at - _BEFORE), at + 1):
                if first == at and _is_title(words[first]):
                    continue
                whole = first
                while whole > start and _is_title(words[whole - 1]) and _plain_gap(phrase, whole - 1):
                    whole -= 1
                for last in range(at, min(end, at + _BEHIND) + 1):
                    found[whole, last] = None
    return list(found)


def _is_sign_of(word: _Word, signs: frozenset[str]) -> bool:
    return word.joined in signs or (len(word.pieces) > 1 and not signs.isdisjoint(word.pieces))


@lru_cache(maxsize=65536)
def _is_sign(word: str, families: tuple[str, ...], joined: str) -> bool:
    """Whether a word may be of a name: a family name, or of a name of one word the whole of it.

    `joined` is the family name as one word, where it has several or a particle.
    """
    for family in families:
        if not family.isascii() or _is_of_family(word, family):
            return True
    if not word.isascii():
        return True
    if len(word) == 1:
        return bool(families) and word == families[0][0]
    return bool(joined) and (word.endswith(joined) or agree_surname(word, joined).score > 0)


def _is_of_family(word: str, family: str) -> bool:
    return agree_surname(word, family).score > 0 or is_one_family(word, family)


def _run_together(run: str, names: str, listed: Person) -> bool:
    """Whether the letters are about as many as the listed name's and begin or end alike."""
    more = len(run) - len(names)
    if -2 < more < 2:
        alike = run[:2] == names[:2] or run[-2:] == names[-2:] or (not more and sorted(run) == sorted(names))
        return alike and len(run) > 5
    family = listed.surname[-1] if listed.surname else ""
    return len(family) > 2 and run.endswith(family)


# ── whether it is a name there ──────────────────────────────────────────────────────────────────────────


def _may_be_meant(
    phrase: _Phrase, start: int, end: int, before: str, listed: Person, signs: frozenset[str]
) -> bool:
    """Whether the words can be a person's there, and, where no first name is written out, nobody else's."""
    words = phrase.words
    if _is_a_places_name(phrase, start, end, before, listed, signs):
        return False
    pieces = [piece for word in words[start : end + 1] for piece in word.pieces]
    families = [
        at
        for at, piece in enumerate(pieces)
        if len(piece) > 1 and any(_is_of_family(piece, family) for family in listed.surname)
    ]
    firsts = (*listed.given[:2], *listed.known_as)
    written_out = [
        at
        for at, piece in enumerate(pieces)
        if len(piece) > 1 and any(agree_given(piece, first).kind in _WRITTEN_OUT for first in firsts)
    ]
    if listed.given and families and written_out and written_out[0] < families[-1]:
        return True
    joined = len("".join(pieces)) >= len("".join((*listed.given[:1], *listed.surname)))
    if listed.given and joined and not families and len(pieces) < 3:
        return True
    titled = start < end and all(_is_title(word) for word in words[start:end])
    return _ends_before(phrase, start, couples=not titled) and _ends_behind(phrase, end)


def _names_a_family(text: str, phrase: _Phrase, before: str) -> bool:
    """Whether a family name without a first one is a family's there: The Thornleys, or alone at the top."""
    if person.read(text).household or text.lower().startswith("the "):
        return True
    return not before and text == phrase.text.strip() and text.upper() not in TOWNS


def _is_a_places_name(
    phrase: _Phrase, start: int, end: int, before: str, listed: Person, signs: frozenset[str]
) -> bool:
    """Whether a street or a house is called that: Jordan Grace Court, 7 Amy Lane."""
    words = phrase.words
    behind = words[end + 1 : end + 3]
    if behind and _is_place(behind[0]) and _plain_gap(phrase, end):
        return not (len(behind) > 1 and _is_place(behind[1]))
    if end == start or not _is_place(words[end]):
        return False
    if not _is_sign_of(words[end], signs) and not any(
        agree_given(words[end].pieces[0], name).score for name in listed.given
    ):
        return True
    return words[start - 1].number if start else before.strip().isdigit()


def _is_place(word: _Word) -> bool:
    return len(word.pieces) == 1 and bool(FLAGS.get(word.pieces[0].upper(), 0) & _PLACE)


def _is_title(word: _Word) -> bool:
    return len(word.pieces) == 1 and word.pieces[0] in TITLES


def _plain_gap(phrase: _Phrase, at: int) -> bool:
    """Whether nothing but space stands between a word and the next."""
    gap = phrase.text[phrase.words[at].end : phrase.words[at + 1].start]
    return not gap.strip(_PLAIN_GAP)


def _ends_before(phrase: _Phrase, start: int, *, couples: bool) -> bool:
    """Whether what stands before is no part of the name: nothing, a sign, "to"; a couple's first half."""
    if not start:
        return True
    before = phrase.words[start - 1]
    linked = (
        before.pieces[-1:] in (("and",), ("und",), ("et",))
        or "&" in _gap(phrase, start)
        or ("+" in _gap(phrase, start))
    )
    if linked:
        return couples
    return (
        before.number
        or not _plain_gap(phrase, start - 1)
        or before.pieces[-1] in _LINKS
        or _CARE_OF.search(phrase.text[: phrase.words[start].start]) is not None
    )


def _gap(phrase: _Phrase, at: int) -> str:
    return phrase.text[phrase.words[at - 1].end : phrase.words[at].start]


def _ends_behind(phrase: _Phrase, end: int) -> bool:
    if end + 1 == len(phrase.words):
        return True
    behind = phrase.words[end + 1]
    return (
        behind.number
        or not _plain_gap(phrase, end)
        or behind.pieces[0] in _LINKS
        or behind.pieces[0] in SUFFIXES
        or behind.pieces == ("c",)
    )


def _after_care_of(phrase: _Phrase, start: int, before: str) -> bool:
    ahead = phrase.text[: phrase.words[start].start]
    return _CARE_OF.search(ahead if ahead.strip() else before) is not None


# ── over two phrases ────────────────────────────────────────────────────────────────────────────────────


def _over_two(
    phrase: _Phrase, behind: _Phrase, before: str, listed: Person, signs: frozenset[str]
) -> Iterator[Named]:
    """A name with a comma or a line's end in it: THORNLEY, Sarah, or Sarah above Thornley."""
    if not listed.given or not phrase.words or not behind.words:
        return
    at = len(phrase.words) - 1
    while at and len(phrase.words) - at < 3 and _plain_gap(phrase, at - 1):
        at -= 1
    if not _ends_before(phrase, at, couples=True):
        return
    front = [word for word in phrase.words[at:] if not _is_title(word)]
    if not front or any(word.number for word in front):
        return
    written = phrase.text[phrase.words[at].start : phrase.words[-1].end]
    family_first = all(_is_sign_of(word, signs) and len(word.pieces[0]) > 1 for word in front)
    last = 0
    while last + 1 < min(len(behind.words), 3) and not behind.words[last + 1].number:
        last += 1
    rest = behind.text[behind.words[0].start : behind.words[last].end]
    if family_first and not behind.words[0].number:
        written = f"{written}, {rest}"
    elif (
        len(behind.words) == 1
        and _is_sign_of(behind.words[0], signs)
        and len(rest) > 1
        and rest.upper() not in TOWNS
        and rest.upper() not in COUNTIES
        and _first_name_alone(phrase, listed)
    ):
        written = f"{written} {rest}"
    else:
        return
    if last + 1 < len(behind.words) and not behind.words[last + 1].number:
        return
    match = person.compare(person.read(written), listed)
    if match.level in MATCHED:
        yield Named(written, match, _after_care_of(phrase, at, before))


def _first_name_alone(phrase: _Phrase, listed: Person) -> bool:
    """Whether a phrase, or one side of its "and", holds the first name and no other."""
    parts = [[word for word in part if not _is_title(word)] for part in _sides(phrase)]
    firsts = (*listed.given[:1], *listed.known_as)
    return any(
        0 < len(part) <= max(1, len(listed.given))
        and not any(word.number for word in part)
        and len(part[0].pieces[0]) > 1
        and any(agree_given(part[0].pieces[0], first).kind in _WRITTEN_OUT for first in firsts)
        and all(
            agree_given(word.pieces[0], name).score
            for word, name in zip(part[1:], listed.given[1:], strict=False)
        )
        for part in parts
    )


def _sides(phrase: _Phrase) -> Iterator[list[_Word]]:
    part: list[_Word] = []
    for at, word in enumerate(phrase.words):
        if word.pieces[:1] == ("and",) or (at and set("&+/") & set(_gap(phrase, at))):
            yield part
            part = []
        if word.pieces[:1] != ("and",):
            part.append(word)
    yield part
