"""Reading an address that is written plainly, as most are, at a tenth of what it costs otherwise.

A person or nobody, a number and its street, a place or two, a postcode: no word in it means anything more to
any reader, so that all of them would agree. What is read here is what `uk` reads, and no other reading is
there; whatever may be more than that is left to `read`.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from matchers.address.abroad_signs import may_be_sign, signs
from matchers.address.boxes import box_at, may_begin
from matchers.address.flats import CODES
from matchers.address.house_numbers import PhraseKind
from matchers.address.joints import FIRST_WORDS, joints
from matchers.address.model import Address
from matchers.address.notes import FIRST as NOTES
from matchers.address.postcode import area, known
from matchers.address.repair import repair
from matchers.address.said_numbers import BEGINNINGS
from matchers.address.scan import kind_of
from matchers.address.sites import may_be_of_site, plainly
from matchers.address.uk import COUNTRY_ENDS, place_of
from matchers.address.units import put_floor_in_front
from matchers.address.vocabulary import (
    AREA_TOWNS,
    BUILDING,
    FLAGS,
    FLOOR,
    LEVEL,
    ORGANISATION,
    ROLES,
    SIDE,
    STREET,
    STRONG,
    TOWNS,
    UNIT,
    fold,
    peeled,
    rows,
    written_out,
)

_LONGEST = 200
"""Characters of what is looked at."""
_MOST = 6
"""Words of a line."""
_KEPT = 1 << 15
"""Lines of which what was found is kept: a few megabytes."""


class _Line(NamedTuple):
    """What a line is to every reader."""

    words: str
    """A street in normal form; of a place what is no post town or county."""
    places: tuple[str, ...]
    """Post towns and counties."""
    sign: bool
    """Whether it may be a sign of another country."""


@lru_cache(maxsize=8)  # it is read and looked through for several one after the other
def read_plain(text: str) -> Address | None:
    """The one reading of a plain address; None where it may be anything else."""
    if len(text) > _LONGEST or (found := _PLAIN(text)) is None:
        return None
    name, number, along, between, last, outward, inward = found.groups()
    if not known(outward) and area(outward) in AREA_TOWNS:
        return None
    lines = [_street(along.rstrip())]
    lines += [_place(line) for piece in _BREAKS(between) if (line := piece.strip())] if between else ()
    if last is not None:
        lines.append(_place(last.strip()))
    if name is not None:
        name = name.strip()
        lines.append(_person(name))
    places: list[str] = []
    towns: list[str] = []
    sign = False
    for line in lines:
        if line is None:
            return None
        places.append(line.words)
        towns += line.places
        sign = sign or line.sign
    if sign and signs(fold(text)):
        return None
    street, *places = places
    town, locality, county = place_of(list(filter(None, places)), towns)
    if locality in TOWNS:  # which of the two it is in, `alternatives` has
        return None
    return Address(
        text,
        "GB",
        f"{outward} {inward}",
        (number.upper(),),
        street,
        "",
        (),
        town,
        locality,
        "",
        county,
        "",
        () if name is None else (name,),
    )


@lru_cache(_KEPT)
def _person(line: str) -> _Line | None:
    """What a line is that is somebody's name, and nothing else; None where it may be."""
    words = line.upper().split()
    kinds = _all_kinds(words)
    if kinds & _FLAGGED or len(words) > _MOST:
        return None
    if not _begins_as_nothing(words) or not _says_nothing(line, kinds, behind="\n1"):
        return None
    titled = words[0] in ROLES["title"] and len(words) > 1
    if not titled and (peeled(words, frozenset(), numbered=False)[1] or not _are_words(words)):
        return None
    return _Line("", (), _may_be_sign(kinds, line))


@lru_cache(_KEPT)
def _street(line: str) -> _Line | None:
    """What a line behind a house's number is; None where it may be more than its street."""
    *front, kind = words = line.upper().split()
    kinds, last = _all_kinds(words), _kinds(kind)
    if not front or len(words) > _MOST or len(front[0]) < 2 or kinds & _PARTS or not last & STREET:
        return None
    if (not last & STRONG and last & BUILDING) or not _says_nothing(line, kinds, behind="\n"):
        return None
    for place, word in enumerate(front[1:], 1):
        within = _kinds(word) & _FLAGGED
        if within and (within & STRONG or place < len(words) - 2 or kind == "ST"):
            return None
    return _Line(written_out(words), (), _may_be_sign(kinds, line))


@lru_cache(_KEPT)
def _place(line: str) -> _Line | None:
    """What a line behind the street is; None where it may be more than a place."""
    words = line.upper().split()
    kinds = _all_kinds(words)
    if kinds & _FLAGGED or len(words) > _MOST or words[-1] in COUNTRY_ENDS or min(map(len, words)) < 2:
        return None
    if words[0] in ROLES["title"] or not _begins_as_nothing(words):
        return None
    if not _says_nothing(line, kinds, behind="\n"):
        return None
    rest, places = peeled(words, frozenset(), numbered=False)
    if rest and not _are_words(rest):
        return None
    return _Line(written_out(rest) if rest else "", tuple(places), _may_be_sign(kinds, line))


@lru_cache(_KEPT)
def _kinds(word: str) -> int:
    """What a word may be (`vocabulary`), and what else readers may look for it as."""
    kinds = FLAGS.get(word, 0)
    for kind, is_one in (
        (_TOLD, word in _TOLD_WORDS),
        (_JOINT, word.lower() in FIRST_WORDS),
        (_SITE, may_be_of_site(word)),
        (_SIGN, may_be_sign(word)),
    ):
        kinds |= kind if is_one else 0
    return kinds


def _all_kinds(words: list[str]) -> int:
    """What any word of a line may be."""
    kinds = 0
    for word in words:
        kinds |= _kinds(word)
    return kinds


def _says_nothing(line: str, kinds: int, *, behind: str) -> bool:
    """Whether no word of a line is looked for by a reader but as a type of street or a place.

    `kinds` are those of its words, `behind` is what follows it.
    """
    if kinds & _TOLD or (kinds & _SITE and plainly(line) != line):
        return False
    return not kinds & _JOINT or next(joints(line + behind), None) is None


def _may_be_sign(kinds: int, line: str) -> bool:
    return bool(kinds & _SIGN) or "U S" in line.upper()


def _begins_as_nothing(words: list[str]) -> bool:
    """Whether a line without a number begins with no number in words, no box and no part of a building."""
    if words[:2] == ["C", "O"] or (len(words) == 1 and len(words[0]) == 1) or _DIGITS_PERHAPS(words[0]):
        return False
    if may_begin(words[0]) and box_at(words) is not None:
        return False
    mended = list(words)
    repair(mended)
    put_floor_in_front(mended)
    return mended == words


def _are_words(words: list[str]) -> bool:
    """Whether a phrase is one without a type of street or building, were that misread."""
    told = list(words)
    return words != ["THE"] and kind_of(told, numbered=False) is PhraseKind.WORDS and told == words


_PARTS = UNIT | LEVEL | FLOOR | SIDE
_FLAGGED = STREET | BUILDING | ORGANISATION | _PARTS
_TOLD, _JOINT, _SITE, _SIGN = 1 << 8, 1 << 9, 1 << 10, 1 << 11
"""Beside the flags of `vocabulary`: means something to a reader wherever it stands; may join two addresses,
be of a caravan site, or be a sign of a country, with what stands beside it."""
_NAME = r"[A-Z][A-Za-z ]*"
_BREAK = r"(?:,? ?\n|, ?)"
_PLAIN = re.compile(
    rf"(?:({_NAME}),? ?\n)?([1-9][0-9]{{0,2}}[A-Ha-h]?) ({_NAME}){_BREAK}((?:{_NAME}{_BREAK})*)"
    rf"(?:({_NAME}) )?(?!NO[0-9])([A-Z]{{1,2}}[0-9][0-9A-Z]?) {{1,2}}(?!5EA)([0-9][ABD-HJLNP-UW-Z]{{2}})"
).fullmatch
_BREAKS = re.compile("[,\n]").split
"""A person, a number and a street, places, a postcode: each line begins with a capital or a digit."""
_DIGITS_PERHAPS = re.compile("[ILO]{2,3}").fullmatch
_TOLD_WORDS = (
    frozenset(form.upper().split()[0] for _, form in rows("pointers"))
    .union(*(ROLES[role] for role in ("joiner", "welsh street", "street head", "welsh house")))
    .union(BEGINNINGS, CODES, NOTES)
    .union("CARE FOR FAO FTAO ATTN ATT ATTENTION TO UP HALF HUNDRED AND OR ALSO LAWS".split())
)
