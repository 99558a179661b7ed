"""Two values side by side, with the characters that differ marked."""

from __future__ import annotations

from markupsafe import Markup, escape
from rapidfuzz.distance import Indel


def marked(given: str, listed: str) -> tuple[Markup, Markup]:
    """Both texts as HTML, escaped; what one has and the other has not stands in `<mark>`.

    Case, spaces and punctuation do not count as a difference, but for e-mail addresses and account names, in
    which each sign tells one from another. Where one of them is empty nothing is marked.
    """
    if not given or not listed:
        return escape(given), escape(listed)
    strict = "@" in given and "@" in listed
    here, there = _folded(given, strict=strict), _folded(listed, strict=strict)
    blocks = Indel.editops([sign for sign, _ in here], [sign for sign, _ in there]).as_matching_blocks()
    same_here = {place for block in blocks for _, place in here[block.a : block.a + block.size]}
    same_there = {place for block in blocks for _, place in there[block.b : block.b + block.size]}
    counted_here, counted_there = {place for _, place in here}, {place for _, place in there}
    return _mark(given, counted_here - same_here), _mark(listed, counted_there - same_there)


def _folded(text: str, *, strict: bool) -> list[tuple[str, int]]:
    """The characters that count, each with its place in the text."""
    return [
        (letter.casefold(), place)
        for place, letter in enumerate(text)
        if letter.isalnum() or (strict and not letter.isspace())
    ]


def _mark(text: str, places: set[int]) -> Markup:
    places = places | {  # a gap between two marked words is marked with them
        place
        for place in range(1, len(text) - 1)
        if text[place].isspace() and {place - 1, place + 1} <= places
    }
    parts: list[Markup] = []
    run: list[str] = []
    is_marked = False
    for place, letter in enumerate(text):
        if (place in places) != is_marked:
            parts.append(_wrapped("".join(run), is_marked))
            run, is_marked = [], not is_marked
        run.append(letter)
    parts.append(_wrapped("".join(run), is_marked))
    return Markup("").join(parts)


def _wrapped(text: str, is_marked: bool) -> Markup:
    return Markup("<mark>{}</mark>").format(text) if is_marked else escape(text)
