"""UK postcodes: finding one on an envelope, and what a damaged one may have been."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Literal

from rapidfuzz.distance import OSA

from matchers.address.misreadings import AS_DIGIT, AS_LETTER
from matchers.address.vocabulary import AREA_TOWNS, DISTRICT_TOWNS, FLAGS, LOOKALIKES, TOWNS, UNIT

Relation = Literal["same", "near", "read", "close", "sector", "district", "area", "different", "missing"]

# Letters that stand in the inward part: all but C, I, K, M, O, V (Royal Mail, Programmers' Guide).
POSTCODE = re.compile(
    r"(?<![A-Z0-9?])([A-Z][A-Z]?[0-9][0-9A-Z]?|GIR(?= {0,2}0AA)) {0,2}([0-9][ABD-HJLNP-UW-Z]{2})(?![A-Z0-9?])"
)
GIROBANK = "GIR"  # GIR 0AA, the one postcode without a district's number
_MARK = r"[A-Z0-9?|!/+#]"
_TAIL = re.compile(
    rf"(?<!{_MARK})({_MARK}{{1,9}})[ ,-]{{0,2}}({_MARK}{{1,4}})?[ ,-]{{0,2}}({_MARK}{{1,3}})?[ ,-]*$"
)
_OUTWARD = re.compile(  # alone at the end, or with the first of its inward code: "LS1", "LS1 4", "LS1, 44"
    r"(?<![A-Z0-9?])([A-Z]{1,2}[0-9][0-9A-Z]?)(?:[ ,]*[0-9][0-9A-Z]?)?[ ,]*$"
)
_SHAPES = ("A99AA", "A999AA", "AA99AA", "AA999AA", "A9A9AA", "AA9A9AA")
_WORD_BEFORE = 16  # characters in which a word for a part stands
_LETTERED = frozenset(
    ("E", "EC", "N", "NW", "SE", "SW", "W", "WC")
)  # areas whose districts may end in a letter


def take(folded: str) -> tuple[str, str, str, str]:
    """Take the postcode out of a folded envelope.

    Returns the canonical postcode ("" when there is none), what stands in its place when it is not one
    (without spaces, "" otherwise), the text in front of either, and the text behind it.
    """
    found = None
    for match in POSTCODE.finditer(folded):
        if found is None or (known(match.group(1)) and not is_part(folded, match.start())):
            found = match
    if found is not None and (known(found.group(1)) or area(found.group(1)) not in AREA_TOWNS):
        before, _, behind = folded.partition(found.group())
        behind = behind.replace(found.group(), ",")  # written twice
        return f"{found.group(1)} {found.group(2)}", "", before, behind
    tail = _TAIL.search(folded)
    if tail is None:
        return "", "", folded, ""
    for first in (1, 2, 3):
        if any(word in TOWNS for word in folded[tail.start(first) :].replace(",", " ").split()):
            continue  # "PO BOX 417, LEEDS"
        parts = [part for part in tail.groups()[first - 1 :] if part]
        joined = "".join(parts)
        if 5 <= len(joined) <= 9 and _postcode_like(joined, parts):
            return "", joined, folded[: tail.start(first)], ""
    return "", "", folded, ""


@lru_cache(maxsize=4096)
def readings(fragment: str) -> tuple[str, ...]:
    """Postcodes that a damaged one may be, fewest changes first.

    At most two characters read otherwise, or one left out (a scanner makes marks of spaces and borders), or
    those that stand for its two spaces, and one read otherwise.
    """
    found: dict[str, int] = {}
    forms = [(fragment, 0)]
    if len(fragment) > 5:
        forms.extend((fragment[:i] + fragment[i + 1 :], 1) for i in range(len(fragment)))
    if len(fragment) > 6:  # both spaces, the one in front and the one within
        forms.append((fragment[1:-4] + fragment[-3:], 1))
    for form, start in forms:
        for shape in _SHAPES:
            if len(shape) == len(form):
                cost, code = _shaped(form, shape)
                if code and start + cost <= 2:
                    found[code] = min(found.get(code, 9), start + cost)
    best = sorted(found, key=lambda code: (found[code], code))
    return tuple(best[:6])


def outward_only(folded: str) -> tuple[str, str]:
    """An outward code at the end of the text, and the text without it.

    Alone ("LONDON SE19"), or with a digit or two of a postcode that is cut off ("LONDON SE19 4").
    """
    found = _OUTWARD.search(folded)
    if found is not None and known(found.group(1)) and not is_part(folded, found.start()):
        return found.group(1), folded[: found.start()]
    return "", folded


def is_part(text: str, start: int) -> bool:
    """Whether what begins at `start` is a part of a building, told by the word before it: "UNIT E2"."""
    before = text[max(0, start - _WORD_BEFORE) : start].rpartition(",")[2].rpartition("\n")[2].split()
    return bool(before) and bool(FLAGS.get(before[-1].upper(), 0) & UNIT)


def relation(given: str, listed: str) -> Relation:
    """How two postcodes stand to one another.

    `near` is one character, one exchange, or two look-alikes apart; `close` is two characters apart.
    """
    if not given or not listed:
        return "missing"
    if given == listed:
        return "same"
    one, other = given.replace(" ", ""), listed.replace(" ", "")
    if one_apart(one, other):
        return "near"
    out_given, _, in_given = given.partition(" ")
    out_listed, _, in_listed = listed.partition(" ")
    if out_given == out_listed:
        return "sector" if in_given[:1] == in_listed[:1] else "district"
    if OSA.distance(one, other, score_cutoff=2) <= 2:
        return "close"
    return "area" if area(out_given) == area(out_listed) else "different"


def one_apart(one: str, other: str) -> bool:
    """Whether one character changed, added or lost, or two neighbours exchanged, turns one into the other."""
    if OSA.distance(one, other, score_cutoff=1) <= 1:
        return True
    if len(one) != len(other):
        return False
    differ = [pair for pair in zip(one, other, strict=True) if pair[0] != pair[1]]
    return len(differ) == 2 and all(_alike(*pair) for pair in differ)


@lru_cache(maxsize=4096)
def variants(postcode: str) -> tuple[str, ...]:
    """Postcodes one look-alike character away."""
    return tuple(
        [
            postcode[:i] + other + postcode[i + 1 :]
            for i, char in enumerate(postcode)
            if char in _SWAPS
            for other in _SWAPS[char]
        ]
    )


_SWAPS = {
    char: tuple(
        other for some in LOOKALIKES if char in some for other in some if other != char and other.isalnum()
    )
    for char in "".join(LOOKALIKES)
}
"""What each character may have been taken for."""


def known(outward: str) -> bool:
    """Whether an outward code begins with a real area, and ends in a letter only where districts do."""
    letters = area(outward)
    if outward == GIROBANK:
        return True
    return letters in AREA_TOWNS and (not outward[-1].isalpha() or letters in _LETTERED)


def belies(outward: str, town: str) -> bool:
    """Whether no address of a post town has a postcode of this outward code: it is misread, or false."""
    return town in TOWNS and town not in towns(outward) and not is_of_no_town(outward)


def is_district(outward: str) -> bool:
    """Whether there is a district of this outward code."""
    return known(outward) and (bool(towns(outward)) or is_of_no_town(outward))


def is_of_no_town(outward: str) -> bool:
    """Whether it is a large user's, in whatever town that has its letters brought to: BX9, S98, GIR."""
    return outward == GIROBANK or (outward in DISTRICT_TOWNS and not DISTRICT_TOWNS[outward])


def towns(outward: str) -> frozenset[str]:
    """The post towns of an outward code; none where there is no such code."""
    if outward in DISTRICT_TOWNS:
        return DISTRICT_TOWNS[outward]
    # Of London's districts that end in a letter the table has not all.
    return AREA_TOWNS.get(area(outward), frozenset()) if outward[-1:].isalpha() else frozenset()


def _shaped(form: str, shape: str) -> tuple[int, str]:
    """How many characters of `form` must be read otherwise to fit a shape, and the postcode that gives."""
    cost, out = 0, []
    for kind, char in zip(shape, form, strict=True):
        if kind == "9":
            read = char if char.isdecimal() else AS_DIGIT.get(char, "")
        else:
            read = char if char.isalpha() else AS_LETTER.get(char, "")
        if not read:
            return 9, ""
        cost += read != char
        out.append(read)
    code = "".join(out)
    if code[-1] in "CIKMOV" or code[-2] in "CIKMOV" or not known(code[:-3]):
        return 9, ""
    return cost, f"{code[:-3]} {code[-3:]}"


def _alike(one: str, other: str) -> bool:
    return any(one in chars and other in chars for chars in LOOKALIKES)


def area(outward: str) -> str:
    """The letters in front of a postcode or an outward code."""
    return outward[:2] if outward[1:2].isalpha() else outward[:1]


def _postcode_like(joined: str, parts: list[str]) -> bool:
    """Whether the end of an envelope stands for a postcode: near enough to a shape, and not words."""
    if joined.isalpha() or joined.isdecimal():
        return False
    if any(FLAGS.get(part) for part in parts):
        return False
    if readings(joined):
        return True
    digits = sum(char.isdecimal() for char in joined)
    strange = sum(not char.isalnum() for char in joined)
    letters = sum(char.isalpha() for char in joined[-2:])
    return (
        len(parts) >= 2
        and len(joined) <= 8
        and digits + strange >= 1
        and digits <= 4
        and letters >= 1
        and len(parts[-1]) <= 4
    )
