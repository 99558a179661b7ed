"""Of the lines on an envelope: which are the address, which the sender's, and what is doubtful.

What is doubtful is never passed in silence: each doubt is a reason to hold the letter for an officer's eye.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from enum import StrEnum

import msgspec

from adapters.mailroom.alternatives import readings
from adapters.mailroom.postcodes import LAST_LINES, postcode_of, repaired
from adapters.mailroom.reading import Line
from matchers import address

SURE, SURE_WITHOUT_POSTCODE = 0.65, 0.9
"""Confidence of the worst line of an address that is believed. A postcode that can be read is the better
witness; on drawn envelopes, restricted addresses went unseen where it, or a whole line, could not be read."""
GAP = 1.6
"""Heights of a line between two lines of one block."""
FEWEST_LETTERS = 8
"""Letters and digits of an address."""

_PRISONER = re.compile(r"\b([A-Z]\d{4}[A-Z]{2})\b", re.ASCII)
_SENDER = re.compile(
    r"^\s*(from|sender|return(ed)? (address|to)|if undelivered|please return|returned? mail)\b", re.IGNORECASE
)
_PRISON = re.compile(r"\bH\.?M\.?\s?(P|Prison|YOI)\b", re.IGNORECASE)
_BESIDE = "|".join(
    (
        r"royal mail|(1st|2nd|first|second)( class)?|postage paid|air ?mail|par avion|special delivery",
        r"recorded( delivery)?|signed for|fragile|photographs?|do not bend|by hand|urgent|personal",
        r"rule ?39|legal(ly)? privileged?|(strictly |and )?private|(and )?confidential( access)?",
    )
)
_NOT_ADDRESS = re.compile(rf"\W*({_BESIDE})(\W+({_BESIDE}))*\W*", re.IGNORECASE).fullmatch
"""A whole line of what the post prints or a sender writes beside an address; `1st Floor` is part of one."""
_PRIVILEGED = re.compile(r"\brule\s?39\b|\bconfidential\b|\blegally privileged\b", re.IGNORECASE)
_RETURNED = re.compile(
    r"\breturn(ed)? to sender\b|\bnot known\b|\bunknown at\b|\bgone away\b|\bmoved away\b|\bnot called for\b"
    r"|\bno longer (lives |living |here|at )|\baddress(ee)? (unknown|incomplete|inaccessible)\b"
    r"|^\W*R\.?T\.?S\W*$",
    re.IGNORECASE,
)
"""What is written on a letter that came back; the boxes of Royal Mail's return label are among it."""
_FIRST_NUMBER = re.compile(r"\b((flat|apartment|unit|room)\W+)?\S*\d", re.IGNORECASE)
_CODE_LIKE = re.compile(r"\b(?=\w*\d)(?=\w*[A-Za-z])\w{3,8}(?!\S*(?:st|nd|rd|th)\b)", re.ASCII)


class Doubt(StrEnum):
    """Why an officer has to look."""

    UNREADABLE = "unreadable"
    """No address was found."""
    LOW_CONFIDENCE = "low_confidence"
    """The reader is not sure of a line of it."""
    POSTCODE = "postcode"
    """There is a postcode that cannot be read."""
    TWO_ADDRESSES = "two_addresses"
    """Two blocks could be the address."""
    FOREIGN_SCRIPT = "foreign_script"
    """Letters that are not Latin."""
    RETURNED = "returned"
    """It is marked as a letter that came back."""

    @property
    def in_words(self) -> str:
        """For an officer."""
        return _IN_WORDS[self]


_IN_WORDS = {
    Doubt.UNREADABLE: "no address could be read",
    Doubt.LOW_CONFIDENCE: "the reader is not sure of a line of the address",
    Doubt.POSTCODE: "the postcode cannot be read",
    Doubt.TWO_ADDRESSES: "two addresses could be meant",
    Doubt.FOREIGN_SCRIPT: "letters that are not Latin",
    Doubt.RETURNED: "marked as returned: it came back, or is sent again",
}


class Envelope(msgspec.Struct, frozen=True, kw_only=True):
    """What an envelope says. `to` and `sender` are protected details."""

    to: str
    """The address, lines apart by \\n; empty when there is none."""
    readings: tuple[str, ...] = ()
    """How else the address may be read, the likeliest first."""
    confidence: float
    """Of its worst line, 0 to 1."""
    sender: str
    prisoner: str | None
    """A prisoner number in the sender's block, or anywhere but in the address."""
    doubts: tuple[Doubt, ...]
    also_to: tuple[str, ...] = ()
    """Other addresses on it: that could be meant, or to which it would be brought back."""
    privileged: bool = False
    """Whether it is marked Rule 39 or confidential. What an envelope says of itself proves nothing."""

    def __repr__(self) -> str:
        return f"Envelope({len(self.to)} characters, {self.confidence:.2f}, {[*map(str, self.doubts)]})"


def understand(lines: Sequence[Line]) -> Envelope:
    """The address block and the sender's of one picture's lines."""
    returned = [line for line in lines if _RETURNED.search(line.text)]
    blocks = _blocks(
        [line for line in lines if line.text.strip() and line not in returned and not _NOT_ADDRESS(line.text)]
    )
    senders = [block for block in blocks if _is_sender(block)]
    if len(senders) == len(blocks):  # a letter to a prison: only what says that it is the sender's is
        senders = [block for block in blocks if _SENDER.match(block[0].text)]
    ranked = sorted((block for block in blocks if block not in senders), key=_rank, reverse=True)
    chosen = ranked[0] if ranked and _letters(ranked[0]) >= FEWEST_LETTERS else []
    to = _text(chosen)
    put_right = repaired(to)
    has_code = len(put_right) == 1 or postcode_of(to) is not None
    others = readings(chosen)
    doubts = []
    if not chosen:
        doubts.append(Doubt.UNREADABLE)
    elif min(line.confidence for line in chosen) < (SURE if has_code else SURE_WITHOUT_POSTCODE):
        doubts.append(Doubt.LOW_CONFIDENCE)
    elif not has_code and _code_like(chosen):
        doubts.append(Doubt.POSTCODE)
    if len(ranked) > 1 and all(_has_postcode(block) for block in ranked[:2]):
        doubts.append(Doubt.TWO_ADDRESSES)
    if any(_is_foreign(line.text) for line in chosen):
        doubts.append(Doubt.FOREIGN_SCRIPT)
    if returned:
        doubts.append(Doubt.RETURNED)
    also = [text for block in ranked[1:] if address.read(text := _text(block)).usable]
    also += filter(None, map(_return_address, senders))
    rest = [line.text for block in blocks if block is not chosen for line in block]
    return Envelope(
        to=to,
        readings=(*put_right, *others),
        confidence=min((line.confidence for line in chosen), default=0.0),
        sender="\n".join(line.text for block in senders for line in block),
        prisoner=_prisoner(rest),
        doubts=tuple(doubts),
        also_to=tuple(also),
        privileged=any(_PRIVILEGED.search(line.text) for line in lines),
    )


def of_sides(sides: Sequence[Envelope]) -> Envelope:
    """An envelope of its front and its back, whichever lies first: the address is on one of them.

    Where both bear one, the first side's is the address, and the other side's is another that is checked.
    """
    front = next((side for side in sides if Doubt.UNREADABLE not in side.doubts), sides[0])
    others = [side for side in sides if side is not front]
    prisoners = {side.prisoner for side in sides if side.prisoner is not None}
    return msgspec.structs.replace(
        front,
        sender="\n".join(side.sender for side in sides if side.sender),
        prisoner=prisoners.pop() if len(prisoners) == 1 else None,
        also_to=(
            *front.also_to,
            *(side.to for side in others if address.read(side.to).usable),
            *(text for side in others for text in side.also_to),
        ),
        privileged=any(side.privileged for side in sides),
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


def _return_address(block: Sequence[Line]) -> str | None:
    """To where the sender's block would have the letter brought back: what follows its first number.

    A letter that cannot be delivered ends there. What stands before is the prisoner's own name.
    """
    text = _PRISONER.sub("", _text(block))
    found = _FIRST_NUMBER.search(text)
    if found is None:
        return None
    read = address.read(text[found.start() :])
    return read.text if read.postcode or (read.numbers and read.street) else None


def _is_sender(block: Sequence[Line]) -> bool:
    return bool(_SENDER.match(block[0].text)) or any(_PRISON.search(line.text) for line in block)


def _rank(block: Sequence[Line]) -> tuple[bool, float, int]:
    """A postcode first, then how large it is written, then how much of it there is."""
    return (
        _has_postcode(block),
        sum(line.height for line in block) / len(block) * min(len(block), 4),
        len(block),
    )


def _text(block: Sequence[Line]) -> str:
    return "\n".join(line.text for line in block)


def _has_postcode(block: Sequence[Line]) -> bool:
    return bool(address.read(_text(block)).postcode)


def _code_like(block: Sequence[Line]) -> bool:
    """Whether there is something in the place of a postcode that is none: letters and digits in one word."""
    return any(_CODE_LIKE.search(line.text) for line in block[-LAST_LINES:])


def _letters(block: Sequence[Line]) -> int:
    return sum(character.isalnum() for line in block for character in line.text)


def _is_foreign(text: str) -> bool:
    return any(
        character.isalpha() and not unicodedata.name(character, "").startswith("LATIN") for character in text
    )


def _prisoner(texts: Sequence[str]) -> str | None:
    found = {match for text in texts for match in _PRISONER.findall(text.upper())}
    return found.pop() if len(found) == 1 else None
