"""Which digits of a text are perhaps no part of a number split up in it: times, years, prices, list numbers.

Each reading keeps other pieces; what is left is offered as one stream. Nothing is decided here: a time may
be two pieces of a number as well, so that every reading stands beside the others.
"""

import re
from collections.abc import Iterator, Sequence

from matchers.windows import LONGEST_GAP, Piece

LONGEST_COUNT = 2
"""Digits of a number that counts the points of a list."""

_BEFORE = re.compile(
    r"(?:[£$€#]|\b(?:at|by|till?|until|room|rm|cell|wing|landing|aged?|im|i'm|am|born|in|since|after|page|line"
    r"|bus|no\.?|flat|house|q|part|bit|step|point|number)\s*[a-z]?|[:.]\d\d?\s*-\s*)\s*$",
    re.IGNORECASE,
)
_BEHIND = re.compile(
    r"\s*(?:[)\]]|[.:]\s|-\s|(?:st|nd|rd|th|am|pm|mins?|minutes|hours?|hrs|days?|weeks?|wks?|months?|years?|yrs?"
    r"|quid|p|kg|stone|mg|percent|o'?clock)\b|%|=)",
    re.IGNORECASE,
)
_CLOCK = re.compile(r"(?<!\d)(?:[01]?\d|2[0-3])[:.][0-5]\d(?!\d)(?:\s*[ap]m)?|(?<!\d)(?:19|20)\d\d(?!\d)")
_DATE = re.compile(r"(?<!\d)\d{1,2}[/.-]\d{1,2}(?:[/.-]\d{2,4})?(?!\d)")
_PRICE = re.compile(r"[£$€]\s*\d+(?:[.,]\d\d)*")
_POSTCODE = re.compile(r"\b[a-z]{1,2}\d{1,2}[a-z]?\s?\d[a-z]{2}\b", re.IGNORECASE)


def without(text: str, pieces: Sequence[Piece]) -> Iterator[tuple[list[Piece], str]]:
    """Readings of a text's pieces with some left out: (pieces kept, what was left out)."""
    taken: list[list[Piece]] = []
    for kept, what in _readings(text, pieces):
        if 1 < len(kept) < len(pieces) and kept not in taken:
            taken.append(kept)
            yield kept, what


def _readings(text: str, pieces: Sequence[Piece]) -> Iterator[tuple[list[Piece], str]]:
    yield [p for p in pieces if p.earlier or not _counts(text, p)], "list numbers left out"
    yield [p for p in pieces if "look-alike" not in p.step], "letters not read as digits"
    yield _without_counters(pieces), "numbers that count up left out"
    others = [m.span() for sign in (_CLOCK, _DATE, _PRICE, _POSTCODE) for m in sign.finditer(text)]
    kept = [p for p in pieces if p.earlier or not any(a <= p.start and p.end <= b for a, b in others)]
    yield kept, "times, dates and prices left out"
    yield [p for p in kept if p.earlier or not _is_measure(text, p)], "times, places and counts left out"
    for longest in (1, 2, LONGEST_GAP):
        yield (
            [p for p in pieces if len(p.digits) > longest],
            f"numbers of up to {longest} digits left out",
        )
    if len(pieces) > 3:
        yield list(pieces[::2]), "every second number left out"
        yield list(pieces[1::2]), "every second number left out"


def _counts(text: str, piece: Piece) -> bool:
    return len(piece.digits) <= LONGEST_COUNT and (
        text[piece.end : piece.end + 2] in (") ", ". ", ": ", "- ") or text[piece.end : piece.end + 1] == ")"
    )


def _is_measure(text: str, piece: Piece) -> bool:
    if len(piece.digits) > LONGEST_GAP:
        return False
    before = text[max(piece.start - 12, 0) : piece.start]
    return bool(_BEFORE.search(before) or _BEHIND.match(text, piece.end))


def _without_counters(pieces: Sequence[Piece]) -> list[Piece]:
    """Without 1, 2, 3 and so on in their order."""
    kept, expected = [], 1
    for piece in pieces:
        if piece.digits == str(expected) or piece.digits == f"{expected:02}":
            expected += 1
        else:
            kept.append(piece)
    return kept if expected > 2 else list(pieces)
