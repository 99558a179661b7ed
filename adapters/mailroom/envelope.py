"""Of the lines on an envelope: which are the address, which the sender's, and what is doubtful.

What is doubtful is never passed in silence: each doubt is a reason to hold the letter for an officer's eye.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from enum import StrEnum

import msgspec

from adapters.mailroom.reading import Line
from matchers import address

SURE = 0.80
"""Confidence of the worst line of an address that is believed. Fitted by nobody yet: to be measured."""
GAP = 1.6
"""Heights of a line between two lines of one block."""
FEWEST_LETTERS = 8
"""Letters and digits of an address."""

_PRISONER = re.compile(r"\b([A-Z]\d{4}[A-Z]{2})\b", re.ASCII)
_SENDER = re.compile(
    r"^\s*(from|sender|return(ed)? (address|to)|if undelivered|please return|returned? mail)\b", re.IGNORECASE
)
_PRISON = re.compile(r"\bH\.?M\.?\s?(P|Prison|YOI)\b", re.IGNORECASE)
_NOT_ADDRESS = re.compile(
    r"^\W*(royal mail|1st( class)?|2nd( class)?|first class|second class|postage paid|airmail|par avion"
    r"|recorded|signed for|special delivery|rule ?39|confidential( access)?|private|urgent|do not bend)\b",
    re.IGNORECASE,
)


class Doubt(StrEnum):
    """Why an officer has to look."""

    UNREADABLE = "unreadable"
    """No address was found."""
    LOW_CONFIDENCE = "low_confidence"
    """The reader is not sure of a line of it."""
    TWO_ADDRESSES = "two_addresses"
    """Two blocks could be the address."""
    FOREIGN_SCRIPT = "foreign_script"
    """Letters that are not Latin."""


class Envelope(msgspec.Struct, frozen=True, kw_only=True):
    """What an envelope says. `to` and `sender` are protected details."""

    to: str
    """The address, lines apart by \\n; empty when there is none."""
    confidence: float
    """Of its worst line, 0 to 1."""
    sender: str
    prisoner: str | None
    """A prisoner number in the sender's block, or anywhere but in the address."""
    doubts: tuple[Doubt, ...]

    def __repr__(self) -> str:
        return f"Envelope({len(self.to)} characters, {self.confidence:.2f}, {[*map(str, self.doubts)]})"


def understand(lines: Sequence[Line]) -> Envelope:
    """The address block and the sender's of one picture's lines."""
    blocks = _blocks([line for line in lines if line.text.strip() and not _NOT_ADDRESS.match(line.text)])
    senders = [block for block in blocks if _is_sender(block)]
    if len(senders) == len(blocks):  # a letter to a prison: only what says that it is the sender's is
        senders = [block for block in blocks if _SENDER.match(block[0].text)]
    others = [block for block in blocks if block not in senders]
    ranked = sorted(others, key=_rank, reverse=True)
    chosen = ranked[0] if ranked and _letters(ranked[0]) >= FEWEST_LETTERS else []
    doubts = []
    if not chosen:
        doubts.append(Doubt.UNREADABLE)
    elif min(line.confidence for line in chosen) < SURE:
        doubts.append(Doubt.LOW_CONFIDENCE)
    if len(ranked) > 1 and all(_has_postcode(block) for block in ranked[:2]):
        doubts.append(Doubt.TWO_ADDRESSES)
    if any(_is_foreign(line.text) for line in chosen):
        doubts.append(Doubt.FOREIGN_SCRIPT)
    rest = [line.text for block in blocks if block is not chosen for line in block]
    return Envelope(
        to="\n".join(line.text for line in chosen),
        confidence=min((line.confidence for line in chosen), default=0.0),
        sender="\n".join(line.text for block in senders for line in block),
        prisoner=_prisoner(rest),
        doubts=tuple(doubts),
    )


def _blocks(lines: Sequence[Line]) -> list[list[Line]]:
    """Lines that stand together: each close under one of its block, and over or under it."""
    blocks: list[list[Line]] = []
    for line in sorted(lines, key=lambda one: one.top):
        home = next((block for block in blocks if any(_belongs(line, other) for other in block)), None)
        if home is None:
            blocks.append([line])
        else:
            home.append(line)
    return blocks


def _belongs(line: Line, other: Line) -> bool:
    height = min(line.height, other.height)
    gap = line.top - other.bottom
    overlap = min(line.left + line.width, other.left + other.width) - max(line.left, other.left)
    beside = max(line.left, other.left) - min(line.left + line.width, other.left + other.width)
    is_same_row = abs(line.top - other.top) < height / 2 and beside < 2 * height
    return is_same_row or (gap < GAP * height and overlap > 0 and 0.4 < line.height / other.height < 2.5)


def _is_sender(block: Sequence[Line]) -> bool:
    return bool(_SENDER.match(block[0].text)) or any(_PRISON.search(line.text) for line in block)


def _rank(block: Sequence[Line]) -> tuple[bool, float, int]:
    """A postcode first, then how large it is written, then how much of it there is."""
    return (
        _has_postcode(block),
        sum(line.height for line in block) / len(block) * min(len(block), 4),
        len(block),
    )


def _has_postcode(block: Sequence[Line]) -> bool:
    return bool(address.read("\n".join(line.text for line in block)).postcode)


def _letters(block: Sequence[Line]) -> int:
    return sum(character.isalnum() for line in block for character in line.text)


def _is_foreign(text: str) -> bool:
    return any(
        character.isalpha() and not unicodedata.name(character, "").startswith("LATIN") for character in text
    )


def _prisoner(texts: Sequence[str]) -> str | None:
    found = {match for text in texts for match in _PRISONER.findall(text.upper())}
    return found.pop() if len(found) == 1 else None
