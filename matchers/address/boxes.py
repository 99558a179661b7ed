"""A box at a post office in the place of a street and a number: "PO Box 77", "P.O.B. 77", "BFPO 58".

`Address.po_box` is the number; where a box is none of the post's own, or has no number, its kind stands in
front: "BFPO 58", "PMB 77", "POSTE RESTANTE".
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from matchers.address.said_numbers import roman, said
from matchers.address.vocabulary import rows


class Box(NamedTuple):
    """A box that stands at the head of a line."""

    name: str
    end: int  # the token after it


def box_at(tokens: Sequence[str]) -> Box | None:
    """The box that a line of folded words begins with, or None; "BOX" alone needs a number that ends it."""
    for size in range(min(_LONGEST, len(tokens)), 0, -1):
        lead = "".join(tokens[:size])
        known = _LEADS.get(lead) or _misread(lead)
        if known is not None:
            return _numbered(tokens, size, *known)
    for split in (_STUCK, _STUCK_MISREAD):
        stuck = split.fullmatch(tokens[0])
        known = None if stuck is None else _LEADS.get(stuck[1]) or _misread(stuck[1])
        if stuck is not None and known is not None:  # "POBOX77"
            kind, strength = known
            weak = strength == "weak" and len(tokens) > 1
            return None if weak else Box(f"{kind} {stuck[2]}".strip(), 1)
    return None


def _misread(lead: str) -> tuple[str, str] | None:
    """The box of a lead that has figures for letters: "P0 B0X", "BFP0"."""
    letters = lead.translate(_FIGURES)
    found = _LEADS.get(letters) if letters != lead else None
    return found if found is not None and found[1] == "strong" else None


_FIGURES = str.maketrans("0156", "OISG") | str.maketrans("8", "B")
"""Letters that a figure is read or typed for."""


def _numbered(tokens: Sequence[str], at: int, kind: str, strength: str) -> Box | None:
    """The box whose number stands at token `at`, behind a word for a number or none."""
    if at < len(tokens) and tokens[at] in ("NO", "NUMBER", "NR", "#", "N"):
        at += 1
    number, end = _number_at(tokens, at)
    if strength == "alone":
        named = "".join(tokens[at : at + 1]) if "-" in "".join(tokens[at : at + 1]) else number
        return Box(f"{kind} {named}".strip(), max(end, at + 1) if named else at)
    if not number or (strength == "weak" and end < len(tokens)):
        return None
    return Box(f"{kind} {number}".strip(), end)


def _number_at(tokens: Sequence[str], at: int) -> tuple[str, int]:
    """A number in digits, in words or in Roman figures, and the token after it."""
    if at >= len(tokens):
        return "", at
    if any(char.isdecimal() for char in tokens[at]):
        return tokens[at].lstrip("#") or tokens[at], at + 1
    value, used = said(tokens, at)
    if used:
        return value, at + used
    value = roman(tokens[at])
    return (value, at + 1) if value else ("", at)


_LEADS: dict[str, tuple[str, str]] = {
    row[0].replace(" ", ""): ("" if row[1] == "-" else row[1], row[2]) for row in rows("post_boxes")
}
_STARTS = frozenset(
    word[:3] for row in rows("post_boxes") for word in (row[0].split()[0], row[0].replace(" ", ""))
)


def may_begin(word: str) -> bool:
    """Whether a line that begins with this word may be a box: a quick look."""
    start = word[:3]
    return start in _STARTS or start.translate(_FIGURES) in _STARTS


_LONGEST = 8
_STUCK = re.compile(r"([A-Z](?:[A-Z\d]*[A-Z])?)(\d{1,6})")
_STUCK_MISREAD = re.compile(r"([A-Z][A-Z\d]*0)(\d{1,6})")  # "BFP012" is 12
