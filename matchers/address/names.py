"""How alike the names of two streets, buildings or places are."""

from __future__ import annotations

from enum import StrEnum
from functools import lru_cache
from typing import Final, Literal

from rapidfuzz.distance import OSA

from matchers.address.vocabulary import BUILDING, FLAGS, NAME_WORDS, ORGANISATION, ROLES, SHAPES, STREET

Likeness = Literal["same", "similar", "partial", "missing", "different"]


class Why(StrEnum):
    """Why two names are as alike as they are: what rules go by, and the words that are shown."""

    EQUAL = "equal"
    NEITHER = "on neither side"
    ONE_SIDE = "on one side only"
    SPACES = "equal but for spaces or the article"
    LOOK_ALIKE = "characters that look alike"
    HELD = "one holds the other"
    NAMES_DIFFER = "names differ"
    ONE_LETTER = "one letter differs"
    LETTERS = "letters differ"
    TYPE_ONCE = "type of street or building on one side only"
    OTHER_TYPE = "another type of street or building"
    ORDER = "words in another order"
    FEWER = "words left out"
    CUT_SHORT = "words cut short"
    TYPE_AND_SPELLING = "type on one side only, and a spelling"
    SPELLING = "another spelling"
    OTHER_BUILDING = "another type of building"
    USE_ONCE = "what kind of house it is, on one side only or in other words"
    BESIDE = "a house beside one of that name"
    OTHER_WORD = "another word in the name"
    OFF_ONE_STREET = "two streets off the same one"
    OTHER_WORD_AND_CODE = "another word in the name, and another postcode"
    PART_ELSEWHERE = "part of the name elsewhere on one side"
    IN_FRONT = "other words in front"
    AS_STREET = "street and building in the other order"
    AS_BUILDING = "written as the building on one side"
    PLACE_AS_STREET = "a place, written as a street"
    WITH_PLACE = "written with the place on one side"
    PLACE_AS_BUILDING = "a place, written as a building"
    BEGINS_OR_ENDS = "one begins or ends with the other, misread"
    STREET_AS_BUILDING = "the street, written as a building"
    ELSEWHERE = "written elsewhere on one side"
    MISREAD = "half of the letters agree, and the rest is no word"
    WITH_STREET = "written with the street on one side"
    DIRECTIONS = "directions differ"
    DIRECTION_ONCE = "direction on one side only"
    STREET_TYPE_ONCE = "type of street on one side only"
    ROAD_IN_OTHER_WORDS = "a road by its number, said in other words"
    OTHER_ROAD = "a road of the number, of another kind"
    OTHER_NUMBER = "numbered streets differ"
    NUMBER_ONCE = "a number in the street's name on one side only"
    QUARTER_ONCE = "the quarter on one side only"
    OTHER_QUARTER = "the street's quarter differs"
    WITHIN = "a house or boat, and what it is in, told apart on one side"
    INITIAL = "a first name by its initial on one side"


KEPT: Final = 1 << 16
"""Names, and pairs of them, of which what was found is kept: a letter's candidates are of few streets and
towns, and so are the letters of a day. Some 20 MB at most."""


@lru_cache(KEPT)
def likeness(one: str, other: str) -> tuple[Likeness, Why]:
    """How alike two names in normal form are, and why in words.

    `same`: equal, or equal but for spaces; `similar`: a spelling or a misreading apart, or the type on
    one side only; `partial`: one is a part of the other.
    """
    if one == other:
        return ("same", Why.EQUAL) if one else ("missing", Why.NEITHER)
    if not one or not other:
        return "missing", Why.ONE_SIDE
    if one.startswith("THE") or other.startswith("THE"):
        if _is_article_misread(one, other):
            return "similar", Why.LETTERS
        one, other = _without_article(one, other)
    shape_one, shape_other = shape_of(one), shape_of(other)
    size_one, size_other = len(shape_one), len(shape_other)
    if size_one == size_other and one.replace(" ", "") == other.replace(" ", ""):
        return "same", Why.SPACES
    longest = max(size_one, size_other)
    limit = longest // 4 if longest > 4 else 1
    distance = OSA.distance(shape_one, shape_other, score_cutoff=limit)
    if distance <= limit:
        if distance == 0:
            return "similar", Why.LOOK_ALIKE
        if not _close(*_stems(one, other)):
            held = _part(one, other) or _part(other, one)
            return ("partial", Why.HELD) if held else ("different", Why.NAMES_DIFFER)
        return "similar", Why.ONE_LETTER if distance == 1 else Why.LETTERS
    stem_one, stem_other = stem(one), stem(other)
    if stem_one == stem_other:
        if stem_one == one or stem_other == other:
            return "similar", Why.TYPE_ONCE
        return "partial", Why.OTHER_TYPE
    if not (one.isalnum() and other.isalnum()):  # of one word each, they agree in no other way
        if _part(one, other) or _part(other, one):
            return "partial", Why.HELD
        if " " in one and sorted(one.split()) == sorted(other.split()):
            return "similar", Why.ORDER
        if _fewer_words(one, other):
            return "partial", Why.FEWER
        if _abbreviated(one, other):
            return "similar", Why.CUT_SHORT
    if (stem_one != one) != (stem_other != other) and _close(stem_one, stem_other):
        return "similar", Why.TYPE_AND_SPELLING
    return "different", Why.NAMES_DIFFER


def house_likeness(one: str, other: str) -> tuple[Likeness, Why]:
    """How alike the names of two houses or blocks are, where the name tells the door as a number does.

    As `likeness`, but `same` holds what only looks otherwise, and another word is another house, however
    few letters it is apart: East Lodge is not West Lodge, Rosemary Cottage not Rose Cottage.
    """
    found = likeness(one, other)
    if found[0] != "same" and without_use(one) == without_use(other) != "":
        return "similar", Why.USE_ONCE
    if found[0] not in ("similar", "partial"):
        spelt = found[0] == "different" and one[:3] == other[:3] and _spelt_alike(one, other)
        return ("similar", Why.SPELLING) if spelt else found
    if found[1] == Why.LOOK_ALIKE:
        return "same", Why.LOOK_ALIKE
    if found[1] == Why.OTHER_TYPE:
        return "different", Why.OTHER_BUILDING
    words, others = _words(one), _words(other)
    if len(words) != len(others):
        longer, shorter = (words, others) if len(words) > len(others) else (others, words)
        whole = len(shorter) > 1 and _is_type(shorter[-1])
        if whole and longer[:-1] == shorter and _is_type(longer[-1]) and longer[-1] != "HOUSE":
            return "different", Why.BESIDE
        return found
    if sorted(words) == sorted(others):
        return found
    if _is_type(words[-1]) != _is_type(others[-1]):  # a type misread is no word of the name
        words, others = words[:-1], others[:-1]
    if any(map(is_another_word, words, others)):
        return "different", Why.OTHER_WORD
    return found


def without_use(name: str) -> str:
    """A house's name without what says that it is a house, and for whom: letters say it or leave it out.

    "HAVEN" for "HAVEN HOUSE", "HAVEN REFUGE", "HAVEN HOUSE CARE HOME".
    """
    words = _words(name)
    while size := next((n for n in (3, 2, 1) if n < len(words) and " ".join(words[-n:]) in ROLES["use"]), 0):
        words = words[:-size]
    return " ".join(words)


def is_misread(one: str, other: str) -> bool:
    """Whether half of the letters of two streets' names agree, and one of them is none as it stands:

    "SAU TERRACE", "SHAW TERRACE".
    """
    own, others = map(shape_of, _stems(one, other))
    half = max(len(own), len(others)) // 2
    if half < 2 or OSA.distance(own, others, score_cutoff=half) > half:
        return False
    return not all(
        all(word in NAME_WORDS or FLAGS.get(word) for word in _words(name)) for name in (one, other)
    )


def is_another_word(one: str, other: str) -> bool:
    """Whether two words are two for sure, and not one misspelt or misread: both are known as they stand."""
    if one == other or one.translate(SHAPES) == other.translate(SHAPES):
        return False
    if len(one) == len(other) == 1:
        return True
    if one in ROLES["position"] and other in ROLES["position"]:
        return True
    if (FLAGS.get(one, 0) | FLAGS.get(other, 0)) & ORGANISATION:  # written short in many ways
        return False
    known = (one in NAME_WORDS or one.isdecimal()) and (other in NAME_WORDS or other.isdecimal())
    return known and not _spelt_as(one, other)


def is_another_street(one: str, other: str) -> bool:
    """Whether two streets of as many words differ in one that is another word, or another type of street."""
    words, others = _words(one), _words(other)
    if len(words) != len(others):
        return False
    ends = words[-1], others[-1]
    types = ends[0] != ends[1] and all(FLAGS.get(word, 0) & STREET for word in ends)
    return types or any(map(is_another_word, words, others))


def _spelt_alike(one: str, other: str) -> bool:
    words, others = _words(one), _words(other)
    return len(words) == len(others) and all(map(_spelt_as, words, others))


def _spelt_as(one: str, other: str) -> bool:
    """Whether one word is the other's other spelling: "-leigh", one of a double letter, an S or E behind."""
    one, other = _ley(one), _ley(other)
    shorter, longer = sorted((one, other), key=len)
    return longer in (shorter, f"{shorter}S", f"{shorter}E") or _single(one) == _single(other)


def _ley(word: str) -> str:
    end = next((end for end in ("LEIGH", "LEA", "LEE", "LIE") if word.endswith(end)), "")
    return f"{word.removesuffix(end)}LEY" if end and word != end else word


def _single(word: str) -> str:
    return "".join(a for a, b in zip(word, f"{word[1:]} ", strict=True) if a != b)


def _is_type(word: str) -> bool:
    return bool(FLAGS.get(word, 0) & BUILDING)


def _words(name: str) -> list[str]:
    return name.removeprefix("THE ").split()


def _without_article(one: str, other: str) -> tuple[str, str]:
    """Both names without "the", which may be run together with the name on one side."""
    articles = one.startswith("THE "), other.startswith("THE ")
    if articles[0] or articles[1]:
        if len(one) > 5:
            one = one.removeprefix("THE ") if articles[0] else one.removeprefix("THE")
        if len(other) > 5:
            other = other.removeprefix("THE ") if articles[1] else other.removeprefix("THE")
    return one, other


def _is_article_misread(one: str, other: str) -> bool:
    """Whether both begin with "the", on one side misread or run together: "THE BARN", "THEUPARN"."""
    one, other = one.replace(" ", ""), other.replace(" ", "")
    limit = min(len(one), len(other)) // 4
    return one[:2] == "TH" == other[:2] and 0 < OSA.distance(one, other, score_cutoff=limit) <= limit


def _stems(one: str, other: str) -> tuple[str, str]:
    """Both stems; where one name's type is misread or run together with it, as much is left of it."""
    stem_one, stem_other = stem(one), stem(other)
    if (stem_one == one) == (stem_other == other):
        return stem_one, stem_other
    if stem_one == one:
        return _without_kind(one, other, stem_other), stem_other
    return stem_one, _without_kind(other, one, stem_one)


def _without_kind(name: str, other: str, stem_other: str) -> str:
    """A name without the type that is run together with it, which is written otherwise in the other's."""
    kind, joined = other.rpartition(" ")[2], name.replace(" ", "")
    if joined.endswith(kind):
        return joined.removesuffix(kind)
    return joined[: len(stem_other.replace(" ", ""))]


@lru_cache(KEPT)
def shape_of(name: str) -> str:
    """A name's letters without spaces, those that look alike made one."""
    return name.replace(" ", "").translate(SHAPES)


@lru_cache(KEPT)
def stem(name: str) -> str:
    """A name without the article in front and the type of street or building behind."""
    words = name.split()
    if len(words) > 1 and FLAGS.get(words[-1], 0) & (STREET | BUILDING):
        words.pop()
    if len(words) > 1 and words[0] == "THE":
        del words[0]
    return " ".join(words)


def begins_or_ends(one: str, other: str) -> bool:
    """Whether the longer of two names begins or ends with the shorter, a letter or two misread:

    "QUFENS HOUSE THE BARN", "QUEENS HOUSE".
    """
    shape_one, shape_other = shape_of(one), shape_of(other)
    if len(shape_one) > len(shape_other):
        shape_one, shape_other = shape_other, shape_one
    size = len(shape_one)
    if size < 7 or len(shape_other) < size + 3:
        return False
    limit = size // 5
    return any(
        OSA.distance(shape_one, part, score_cutoff=limit) <= limit
        for part in (shape_other[:size], shape_other[-size:])
    )


def _fewer_words(one: str, other: str) -> bool:
    """Whether two or more words of one name are all of the other's:

    "BRUNSWICK CENTRE", "BRUNSWICK SHOPPING CENTRE".
    """
    words, others = set(one.split()), set(other.split())
    return min(len(words), len(others)) > 1 and (words < others or others < words)


def _abbreviated(one: str, other: str) -> bool:
    """Whether the words of one name begin the words of the other: "THE OLD SCH" and "THE OLD SCHOOL".

    One letter is enough beside a word that is no type: "V HUGO STREET" and "VICTOR HUGO STREET".
    """
    words, others = one.split(), other.split()
    if len(words) != len(others) or not words or words[0][0] != others[0][0]:
        return False
    pairs = list(zip(words, others, strict=True))
    cut = [pair for pair in pairs if pair[0] != pair[1]]
    own = any(a == b and not FLAGS.get(a, 0) & (STREET | BUILDING) for a, b in pairs)
    return len(cut) < len(pairs) and all(
        min(len(a), len(b)) > (not own) and (a.startswith(b) or b.startswith(a)) for a, b in cut
    )


def _close(one: str, other: str) -> bool:
    one, other = shape_of(one), shape_of(other)
    longest = max(len(one), len(other))
    limit = max(1, longest // 3) if longest > 2 else 0
    return OSA.distance(one, other, score_cutoff=limit) <= limit


def _part(whole: str, part: str) -> bool:
    return part in whole and f" {part} " in f" {whole} " and len(part) > 2


OTHER_LETTERS = frozenset((Why.ONE_LETTER, Why.LETTERS, Why.TYPE_AND_SPELLING, Why.IN_FRONT))
"""Why two names are alike, though their letters or a word in front differ."""
