"""Of the lines on an envelope: which stand together, and whose they are: the address, the sender's."""

from __future__ import annotations

import re
from collections.abc import Sequence

import msgspec

from adapters.mailroom.lines import Line
from adapters.mailroom.postcodes import holds_real, postcode_of, repaired
from matchers import address
from matchers.prison import PRISONER_NUMBER

GAP = 1.6
"""Heights of a line between two lines of one block."""
FEWEST_LETTERS = 8
"""Letters and digits of an address."""
SURE_NUMBER = 0.85
"""Chance of each character of a prisoner number that is believed: one misread is another man."""

PRISONER = re.compile(rf"\b({PRISONER_NUMBER})\b", re.ASCII)
_SENDER = re.compile(
    r"^\s*(from|sender|return(ed)? (address|to)|if undelivered|please return|returned? mail)\b", re.IGNORECASE
)
_PRISON = re.compile(
    r"\bH\W?M\W?(P|YOI|Prison)\b|\bYOI\b|\bYoung Offender Institution\b|\bPrison$", re.IGNORECASE
)
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

Block = tuple[Line, ...]


class Blocks(msgspec.Struct, frozen=True, kw_only=True):
    """What stands on one side of an envelope."""

    address: Block
    """Empty when there is none."""
    others: tuple[Block, ...]
    """Neither the address nor the sender's, the likeliest address first."""
    senders: tuple[Block, ...]
    is_prison: bool
    """Whether nothing but what looks like a sender's was found: the address may be a prison's, or unseen."""
    is_returned: bool
    """Whether it is marked as a letter that came back."""
    is_privileged: bool
    """Whether it is marked Rule 39 or confidential."""


def find(lines: Sequence[Line]) -> Blocks:
    """The blocks of one picture's lines."""
    written = [line for line in lines if line.text.strip() and not _NOT_ADDRESS(line.text)]
    blocks = _together([line for line in written if not _RETURNED.search(line.text)])
    senders = [block for block in blocks if _is_sender(block)]
    only_senders = bool(blocks) and len(senders) == len(blocks)
    if only_senders:  # a letter to a prison: only what says that it is the sender's is
        senders = [block for block in blocks if _SENDER.match(block[0].text)]
    ranked = sorted((block for block in blocks if block not in senders), key=_rank, reverse=True)
    if ranked and _letters(ranked[0]) >= FEWEST_LETTERS:
        chosen, others = ranked[0], ranked[1:]
    else:
        chosen, others = (), ranked
    return Blocks(
        address=chosen,
        others=tuple(others),
        senders=tuple(senders),
        is_prison=only_senders and bool(chosen),
        is_returned=any(_RETURNED.search(line.text) for line in lines),
        is_privileged=any(_PRIVILEGED.search(line.text) for line in lines),
    )


def text_of(block: Sequence[Line]) -> str:
    """Its lines, apart by \\n."""
    return "\n".join(line.text for line in block)


def has_postcode(block: Block) -> bool:
    """Whether a postcode can be read in it, damaged or not."""
    return bool(address.read(text_of(block)).postcode)


def return_address(block: Block) -> str | None:
    """To where a sender's block would have the letter brought back: what follows its first number.

    A letter that cannot be delivered ends there. What stands before is the prisoner's own name.
    """
    text = PRISONER.sub("", text_of(block))
    found = _FIRST_NUMBER.search(text)
    if found is None:
        return None
    read = address.read(text[found.start() :])
    return read.text if read.postcode or (read.numbers and read.street) else None


def prisoner_in(blocks: Sequence[Block]) -> str | None:
    """The one prisoner number in these blocks that was read for sure, or None."""
    found = {
        match[1]
        for block in blocks
        for line in block
        for match in PRISONER.finditer(line.text.upper())
        if _is_sure(line, *match.span())
    }
    return found.pop() if len(found) == 1 else None


def _is_sure(line: Line, start: int, end: int) -> bool:
    if len(line.characters) != len(line.text):  # from a reader that does not tell
        return line.confidence >= SURE_NUMBER
    return all(one.chance >= SURE_NUMBER for one in line.characters[start:end])


def _together(lines: Sequence[Line]) -> list[Block]:
    """Lines that stand together: each close under one of its block, and over or under it.

    Under a line that ends in a postcode, another address begins.
    """
    blocks: list[list[Line]] = []
    for line in sorted(lines, key=lambda one: one.top):
        home = next(
            (
                block
                for block in blocks
                if any(_belongs(line, other) for other in block)
                and not any(_is_under(line, other) and postcode_of(other.text) for other in block)
            ),
            None,
        )
        if home is None:
            blocks.append([line])
        else:
            home.append(line)
    return [tuple(block) for block in blocks]


def _belongs(line: Line, other: Line) -> bool:
    height = min(line.height, other.height)
    gap = line.top - other.bottom
    overlap = min(line.left + line.width, other.left + other.width) - max(line.left, other.left)
    beside = max(line.left, other.left) - min(line.left + line.width, other.left + other.width)
    is_same_row = abs(line.top - other.top) < height / 2 and beside < 2 * height
    return is_same_row or (gap < GAP * height and overlap > 0 and 0.4 < line.height / other.height < 2.5)


def _is_under(line: Line, other: Line) -> bool:
    return line.top - other.top > min(line.height, other.height) / 2


def _is_sender(block: Block) -> bool:
    return bool(_SENDER.match(block[0].text)) or any(
        _PRISON.search(line.text) or PRISONER.search(line.text.upper()) for line in block
    )


def _rank(block: Block) -> tuple[bool, bool, float, int]:
    """A real postcode first, misread or not, then any one, then how large it is written, then its length."""
    text = text_of(block)
    return (
        holds_real((text, *repaired(text))),
        has_postcode(block),
        sum(line.height for line in block) / len(block) * min(len(block), 4),
        len(block),
    )


def _letters(block: Block) -> int:
    return sum(character.isalnum() for line in block for character in line.text)
