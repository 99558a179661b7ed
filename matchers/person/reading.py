"""Read a name as people write it into its parts: title, given names, family name, suffix."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import Final

import msgspec

from matchers.folding import Exchange, normalized
from matchers.person.facts import (
    FAMILY_FREQUENCY,
    LETTERS,
    NAME_LIKE_TITLES,
    ORGANISATIONS,
    PARTICLES,
    SUFFIXES,
    TITLES,
)


class Person(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """A name read into its parts. All tokens are folded: lower case, no accents, apostrophes or hyphens."""

    text: str
    """The name as it was written."""
    title: str = ""
    """Form of address, folded ("mrs"), a couple's both ("mr & mrs"), or empty."""
    given: tuple[str, ...] = ()
    """Given names in order; an initial is a token of one letter."""
    surname: tuple[str, ...] = ()
    """Family name without its particles, a double one split ("smith", "jones")."""
    suffix: str = ""
    """Generation, honour or degree behind the name, folded."""
    particles: tuple[str, ...] = ()
    """Particles that stood before a part of the name ("van", "bin", "al")."""
    household: bool = False
    """More people than the one named, or nobody by a given name: "The Jones family", "Mr & Mrs S Jones"."""
    organisation: bool = False
    """A firm, a service or an office; its words are in `surname`."""
    known_as: tuple[str, ...] = ()
    """Given names in brackets or quotation marks: Sarah (Sally) Jones."""
    former: tuple[str, ...] = ()
    """Family name before, where the text says so: Sarah Jones née Evans."""
    others: tuple[Person, ...] = ()
    """The other people named: Tom in "Sarah & Tom Jones"."""


_APOSTROPHES: Final = dict.fromkeys(map(ord, "'’‘ʼʻʾʿ`´ʹ′"))
_HYPHENS: Final = dict.fromkeys(map(ord, "‐‑‒–—―−"), "-")
_INVISIBLE: Final = dict.fromkeys(map(ord, "\u00ad\u200b\u200c\u200d\u200e\u200f\u2060\ufeff"))
_TIDY: Final = _APOSTROPHES | _HYPHENS | _INVISIBLE | dict.fromkeys(map(ord, "._\t\r\n;:*·・\u00a0"), " ")
_TIDIED: Final = Exchange({chr(sign): kept or "" for sign, kept in _TIDY.items()})
_LETTERS_AND_SIGNS: Final = LETTERS | {sign: kept or "" for sign, kept in _TIDY.items()}
_DIGITS_AS_LETTERS: Final = str.maketrans("01345689", "oleasbbg")
_PLAIN: Final = re.compile(r"[A-Za-z][A-Za-z '’.\-]*\Z")
_ADDRESSED: Final = re.compile(
    r"\s*(?:c\s*/\s*o|care of|fao|f\.a\.o\.?|for the attention of|attn|attention|to|dear)[\s:.]+",
    re.IGNORECASE,
)
_ASIDE: Final = re.compile(r"[(\[{\"“”«„]\s*([^)\]}\"“”»]*)[)\]}\"“”»]")
_FORMERLY: Final = re.compile(r"\b(?:née|nee|né|formerly|previously|maiden name)[\s:]+(.+)\Z", re.IGNORECASE)
_ALSO: Final = re.compile(r"\s+(?:a\s?/?\s?k\s?/?\s?a\s?/?|also known as|known as)\s+", re.IGNORECASE)
_AND: Final = re.compile(r"\s*(?:&|\+)\s*|\s+(?:and|und|et|a'r)\s+|\s*/\s*(?=\w\w)", re.IGNORECASE)
_CAMEL: Final = re.compile(r"(?<=[a-z]{3})(?=[A-Z])")
_FAMILY: Final = frozenset({"family", "household", "familie", "famille", "familia", "rodzina", "teulu"})
_MARKS: Final = frozenset({"personal", "private", "confidential", "urgent", "strictly private"})
_NOT_NAMES: Final = frozenset(
    {"the", "occupier", "occupant", "resident", "householder", "unknown", "na", "n/a"}
)
_INNER: Final = frozenset({"article", "patronymic"})
_LINKING: Final = frozenset(
    {"and", "und", "et", "nee", "formerly", "previously", "aka", "known", "maiden", "care", "for", "fao"}
    | {"a'r", "attn", "attention", "to", "dear"}
)
_SEEN: Final = frozenset({"Lu", "Ll", "Lt", "Lo"})
_FILLERS: Final = frozenset("\u115f\u1160\u3164\uffa0")
"""Letters that show nothing: of all that Unicode lets a program leave out, those alone are called letters."""
_GLUED: Final = frozenset({"mac", "fitz", "van", "von", "des", "del", "dos", "san"})


def is_seen(text: str) -> bool:
    """Whether a name shows: it has a letter of any script that is seen. A space of no width, a Hangul filler,
    a dash, marks alone or a picture are nobody's name."""
    return any(unicodedata.category(char) in _SEEN and char not in _FILLERS for char in text)


def fold(text: str) -> str:
    """Return the text in the form names are compared in: lower case, Latin without accents or apostrophes.

    Cyrillic and Greek are transliterated; a script not in the table stays as it is. Hyphens become spaces.
    """
    words = _TIDIED(text).replace("-", " ").split()
    return " ".join(" ".join(map(_fold_word, words)).split())


def _fold_word(word: str) -> str:
    return word.lower() if word.isascii() else _fold_letters(word)


@lru_cache(maxsize=65536)
def _fold_letters(word: str) -> str:
    lowered = normalized("NFC", word).lower().translate(LETTERS)
    kept: list[str] = []
    for char in normalized("NFKD", lowered).casefold():
        if unicodedata.combining(char) and (not kept or kept[-1].isascii()):
            continue
        kept.append(_LETTERS_AND_SIGNS.get(ord(char), char))
    return normalized("NFC", "".join(kept)).casefold().replace("-", " ")


def read(text: str) -> Person:
    """Read a name; anything at all gives a `Person`, an unreadable text one without given name and surname.

    Understands either order ("JONES, Sarah", "JONES Sarah"), titles, initials ("S J Jones", "SJ Jones"),
    couples and families ("Mr & Mrs S Jones", "The Jones family", "Sarah & Tom Jones"), née, care-of marks.
    """
    if _PLAIN.match(text) and _LINKING.isdisjoint(text.lower().split()):
        return _one(text, text.replace(".", " ").replace("'", "").replace("’", "").split())
    return _written_otherwise(text)


def _written_otherwise(text: str) -> Person:
    bare = _ADDRESSED.sub("", normalized("NFKC", text), count=1)
    former: tuple[str, ...] = ()
    known_as: list[str] = []
    for aside in _ASIDE.findall(bare):
        if maiden := _FORMERLY.search(aside):
            former = tuple(fold(maiden[1]).split())
        elif fold(aside) not in TITLES and fold(aside) not in _MARKS:
            known_as += fold(aside).split()
    bare = _ASIDE.sub(" ", bare)
    if maiden := _FORMERLY.search(bare):
        former, bare = tuple(fold(maiden[1]).split()), bare[: maiden.start()].rstrip(" ([{")
    bare, *also = _ALSO.split(bare, maxsplit=1)
    people = [part for part in _AND.split(bare) if part and part.strip()]
    first = _several(text, people, bare) if len(people) > 1 else _ordered(text, "".join(people))
    if also:
        first = msgspec.structs.replace(first, others=(*first.others, *(read(name) for name in also)))
    if former or known_as:
        first = msgspec.structs.replace(first, former=former, known_as=tuple(known_as))
    return first


def _several(text: str, people: list[str], whole: str) -> Person:
    """Read "Mr & Mrs S Jones", "Sarah & Tom Jones", "S Jones & family", or a firm with "&" in its name."""
    if not ORGANISATIONS.isdisjoint(fold(whole).split()):
        return _one(text, whole.translate(_TIDY).replace("&", " ").replace("+", " ").split())
    *fronts, end = people
    if fold(end) in _FAMILY:
        named = _several(text, fronts, whole) if len(fronts) > 1 else _ordered(text, fronts[0])
        return msgspec.structs.replace(named, household=True)
    last = _ordered(end, end)
    found: list[Person] = []
    couple = ""
    for part in fronts:
        if _is_title_alone(part):
            couple = fold(part)  # "Mr &" has the name behind it
            continue
        person = _ordered(part, part)
        initial = bool(person.surname) and len(person.surname[0]) == 1
        if not person.given and last.given and (not person.title or initial):
            person = msgspec.structs.replace(
                person, given=person.surname, surname=last.surname, particles=last.particles
            )
        found.append(msgspec.structs.replace(person, household=True) if couple else person)
        couple = ""
    if couple:
        both = f"{couple} & {last.title}" if last.title else couple
        last = msgspec.structs.replace(last, household=True, title=both)
    first, *others = (*found, last)
    return msgspec.structs.replace(first, text=text, others=tuple(others))


def _is_title_alone(part: str) -> bool:
    return all(word in TITLES or word in _NOT_NAMES for word in fold(part).split())


def _ordered(text: str, written: str) -> Person:
    """Put "JONES, Sarah Jane" into speaking order, and leave "Sarah Jones, MBE" as it is."""
    front, comma, back = written.partition(",")
    words = front.translate(_TIDY).split()
    if comma:
        rest = back.replace(",", " ").translate(_TIDY).split()
        names = [word for word in rest if _fold_word(word) not in SUFFIXES and _fold_word(word) not in TITLES]
        if names and words:
            return _one(text, rest, words)
        words = [*(word for word in rest if _fold_word(word) in TITLES), *words]
        words += [word for word in rest if _fold_word(word) in SUFFIXES]
    return _one(text, words)


def _one(text: str, words: list[str], family: list[str] | None = None) -> Person:
    """Read the words of one name; `family` is the family name's words where a comma set them apart."""
    if len(words) == 1 and family is None:
        words = _CAMEL.sub(" ", words[0]).split()
        if len(words) == 2 and words[0].lower() in _GLUED:
            words = ["".join(words)]
    tokens = [_fold_word(word) for word in words]
    household = False
    if not ORGANISATIONS.isdisjoint(tokens) and (len(tokens) > 1 or not family):
        return Person(text, surname=tuple(_split(tokens + list(family or ()))), organisation=True)
    if tokens and (tokens[0] in _NOT_NAMES or tokens[-1] in _FAMILY or tokens[0] in _FAMILY):
        household = not _FAMILY.isdisjoint(tokens)
        keep = [i for i, token in enumerate(tokens) if token not in _NOT_NAMES and token not in _FAMILY]
        words, tokens = [words[i] for i in keep], [tokens[i] for i in keep]
        if len(tokens) <= 2 and not family and not any(token in TITLES for token in tokens):
            return Person(text, surname=tuple(_split(tokens)), household=True)
    title, suffix, start, end = "", "", 0, len(tokens)
    while start < end and tokens[start] in TITLES and _is_title(tokens, start, end, family):
        title = title if title and TITLES[tokens[start]] == "-" else tokens[start]
        start += 1
    while end - start > 1 and (tokens[end - 1] in SUFFIXES or (tokens[end - 1] in TITLES and not title)):
        if end - start == 2 and not title and family is None:
            break
        end -= 1
        if tokens[end] in SUFFIXES:
            suffix = f"{tokens[end]} {suffix}".strip()
        else:
            title = tokens[end]
    if family is not None:
        _, surname, particles = _parts([_fold_word(word) for word in family], 0)
        names, _, marks = _parts(tokens[start:end], end - start)
        return Person(
            text, title, _initials(words[start:end], names), surname, suffix, particles + marks, household
        )
    split_at = _surname_start(words, tokens, start, end)
    if split_at < 0:
        block = -split_at
        _, surname, particles = _parts(tokens[start:block], 0)
        names, _, marks = _parts(tokens[block:end], end - block)
        return Person(
            text, title, _initials(words[block:end], names), surname, suffix, particles + marks, household
        )
    names, surname, particles = _parts(tokens[start:end], split_at - start)
    if split_at > start:
        names = _initials(words[start:split_at], names)
    return Person(text, title, names, surname, suffix, particles, household)


def _is_title(tokens: list[str], start: int, end: int, family: list[str] | None) -> bool:
    return tokens[start] not in NAME_LIKE_TITLES or end - start > (1 if family else 2)


def _surname_start(words: list[str], tokens: list[str], start: int, end: int) -> int:
    """Return the index where the family name starts; negative: it is in front and ends before that index."""
    if end - start <= 1:
        return start
    first, last = words[start], words[end - 1]
    if first.isupper() and len(first) > 2 and not last.isupper():  # JONES Sarah, AL BEN MAHMOUD Isa
        block = start
        while words[block].isupper() and len(words[block]) > 1:
            block += 1
        return -block if block > start else end - 1
    at = end - 1
    while at - 1 > start and PARTICLES.get(tokens[at - 1], "patronymic") != "patronymic":
        at -= 1
    return at


def _split(tokens: list[str]) -> list[str]:
    return [part for token in tokens for part in _fold_word(token).split("-") if part]


def _parts(tokens: list[str], surname_at: int) -> tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]:
    """Split hyphens, join Mc Donald, take particles out: given names, family name, particles."""
    given: list[str] = []
    surname: list[str] = []
    particles: list[str] = []
    held = ""
    last = len(tokens) - 1
    for index, token in enumerate(tokens):
        kind = PARTICLES.get(token)
        if kind is not None and index < last and (index >= surname_at or (index > 0 and kind in _INNER)):
            particles.append(token)
            if kind == "clan" and (len(token) > 1 or token + tokens[-1] in FAMILY_FREQUENCY):
                held = token
            continue
        into = surname if index >= surname_at else given
        for part in token.split("-") if "-" in token else (token,):
            if not part.isalpha() and part.isascii():
                part = "".join(char for char in part.translate(_DIGITS_AS_LETTERS) if char.isalpha())
            if part in PARTICLES and part != token and not token.endswith(part):  # al-Assad, Abd-al-Rahman
                particles.append(part)
            elif part:
                into.append(held + part)
                held = ""
    return tuple(given), tuple(surname), tuple(particles)


def _initials(words: list[str], names: tuple[str, ...]) -> tuple[str, ...]:
    """Take "SJ" apart into s, j: capitals, no vowel among them or the rest of the name in small letters."""
    first = words[0] if words else ""
    if 1 < len(first) < 4 and first.isupper() and first.isalpha():
        rest_small = any(not word.isupper() for word in words[1:])
        if rest_small or not any(letter in "AEIOUY" for letter in first):
            return (*first.lower(), *names[1:])
    return names
