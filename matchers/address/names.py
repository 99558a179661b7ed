"""How alike the names of two streets, buildings or places are."""

from __future__ import annotations

from typing import Literal

from rapidfuzz.distance import OSA

from matchers.address.words import BUILDING, FLAGS, SHAPES, STREET

Likeness = Literal["same", "similar", "partial", "missing", "different"]


def likeness(one: str, other: str) -> tuple[Likeness, str]:
    """How alike two names in normal form are, and why in words.

    `same`: equal, or equal but for spaces; `similar`: a spelling or a misreading apart, or the type on
    one side only; `partial`: one is a part of the other.
    """
    if one == other:
        return ("same", "equal") if one else ("missing", "on neither side")
    if not one or not other:
        return "missing", "on one side only"
    joined_one, joined_other = one.replace(" ", ""), other.replace(" ", "")
    if joined_one == joined_other:
        return "same", "equal but for spaces"
    shape_one, shape_other = joined_one.translate(SHAPES), joined_other.translate(SHAPES)
    longest = max(len(shape_one), len(shape_other))
    limit = longest // 4 if longest > 4 else 1
    distance = OSA.distance(shape_one, shape_other, score_cutoff=limit)
    if distance <= limit:
        if distance == 0:
            return "similar", "characters that look alike"
        stem_one, stem_other = stem(one), stem(other)
        if (stem_one == one) == (stem_other == other) and not _close(stem_one, stem_other):
            return "different", "names differ"
        return "similar", "one letter differs" if distance == 1 else f"{distance} letters differ"
    stem_one, stem_other = stem(one), stem(other)
    if stem_one == stem_other:
        if stem_one == one or stem_other == other:
            return "similar", "type of street or building on one side only"
        return "partial", "another type of street or building"
    if _part(one, other) or _part(other, one):
        return "partial", "one holds the other"
    if (stem_one != one) != (stem_other != other) and _close(stem_one, stem_other):
        return "similar", "type on one side only, and a spelling"
    return "different", "names differ"


def stem(name: str) -> str:
    """A name without the article in front and the type of street or building behind."""
    words = name.split()
    if len(words) > 1 and FLAGS.get(words[-1], 0) & (STREET | BUILDING):
        words.pop()
    if len(words) > 1 and words[0] == "THE":
        del words[0]
    return " ".join(words)


def _close(one: str, other: str) -> bool:
    one, other = one.replace(" ", "").translate(SHAPES), other.replace(" ", "").translate(SHAPES)
    longest = max(len(one), len(other))
    limit = max(1, longest // 3) if longest > 2 else 0
    return OSA.distance(one, other, score_cutoff=limit) <= limit


def _part(whole: str, part: str) -> bool:
    return f" {part} " in f" {whole} " and len(part) > 2
