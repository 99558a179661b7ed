"""Of the lines on an envelope: which stand together, and whose they are: the address, the sender's."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

import msgspec

from adapters.mailroom.doors import has_code, is_door
from adapters.mailroom.lines import Line
from adapters.mailroom.marks import begins_with_return, kind_of
from adapters.mailroom.postcodes import holds_real, postcode_of, repaired
from matchers import address
from matchers.prison import PRISONER_NUMBER

GAP = 1.6
"""Heights of a line between two lines of one block."""
RETURN_GAP = 4.0
"""Heights of a line between "if undelivered return to" and the sender's address."""
CORNER = (0.45, 0.35)
"""Of a picture's width and height: the corner at its upper left, where the sender's address stands."""
FEWEST_LETTERS = 8
"""Letters and digits of an address."""
SURE_NUMBER = 0.85
"""Chance of each character of a prisoner number that is believed: one misread is another man."""

PRISONER = re.compile(rf"\b({PRISONER_NUMBER})\b", re.ASCII)
_PRISON = re.compile(
    r"\bH\W?M\W?(P|YOI|Prison)\b|\bYOI\b|\bYoung Offender Institution\b|\bPrison$", re.IGNORECASE
)
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
    """Whether nothing but what looks like a sender's was found: the address may be there, or unseen."""
    is_front: bool
    """Whether it bears postage, or other writing that is neither the sender's nor usual on a back."""
    is_returned: bool
    """Whether it is marked as a letter that came back."""
    is_privileged: bool
    """Whether it is marked Rule 39 or confidential."""


def find(lines: Sequence[Line], size: tuple[int, int] | None = None) -> Blocks:
    """The blocks of one picture's lines; `size` is its width and height, where they are known."""
    kinds = {line: kind_of(line.text) for line in lines}
    written = [line for line in lines if line.text.strip() and kinds[line] in (None, "return")]
    blocks = _together([line for line in written if not _RETURNED.search(line.text)])
    returned_to = _returned_to(blocks)
    senders = [
        block
        for block in blocks
        if _is_sender(block) or block in returned_to or _is_in_corner(block, kinds, size)
    ]
    only_senders = bool(blocks) and len(senders) == len(blocks)
    if only_senders:  # a letter to a prison: only what says that it is the sender's is
        senders = [block for block in blocks if block in returned_to or begins_with_return(block[0].text)]
    ranked = sorted((block for block in blocks if block not in senders), key=_rank, reverse=True)
    if ranked and letters_of(ranked[0]) >= FEWEST_LETTERS:
        chosen, others = ranked[0], ranked[1:]
    else:
        chosen, others = (), ranked
    return Blocks(
        address=chosen,
        others=tuple(others),
        senders=tuple(senders),
        is_prison=only_senders and bool(chosen),
        is_front=not {"post", "handling"}.isdisjoint(kinds.values()) or (bool(ranked) and not only_senders),
        is_returned=any(_RETURNED.search(line.text) for line in lines),
        is_privileged=any(_PRIVILEGED.search(line.text) for line in lines),
    )


def text_of(block: Sequence[Line]) -> str:
    """Its lines, apart by \\n."""
    return "\n".join(line.text for line in block)


def letters_of(block: Block) -> int:
    """How many letters and digits it has."""
    return sum(character.isalnum() for line in block for character in line.text)


def mean_height(block: Block) -> float:
    """Of its lines, in pixels."""
    return sum(line.height for line in block) / max(1, len(block))


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
        homes = [
            block
            for block in blocks
            if any(_belongs(line, other) for other in block)
            and not any(_is_under(line, other) and postcode_of(other.text) for other in block)
        ]
        rows = [block for block in homes[1:] if any(_is_same_row(line, other) for other in block)]
        for block in rows:  # it stands between two pieces of its row
            homes[0].extend(block)
            blocks.remove(block)
        if homes:
            homes[0].append(line)
        else:
            blocks.append([line])
    return [_in_rows(block) for block in blocks]


def _in_rows(lines: Sequence[Line]) -> Block:
    """Lines of a block from the top, those of one row from the left: a number that was seen apart from its
    street goes before it."""
    rows: list[list[Line]] = []
    for line in sorted(lines, key=lambda one: one.top):
        if rows and _is_beside(line, rows[-1][0]):
            rows[-1].append(line)
        else:
            rows.append([line])
    return tuple(line for row in rows for line in sorted(row, key=lambda one: one.left))


def _is_beside(line: Line, other: Line) -> bool:
    """Whether the middle of either is at the height of the other, and neither stands above the other."""
    apart = abs((line.top + line.bottom) - (other.top + other.bottom)) / 2
    overlap = min(line.left + line.width, other.left + other.width) - max(line.left, other.left)
    return apart < min(line.height, other.height) / 2 and overlap < min(line.width, other.width) / 2


def _belongs(line: Line, other: Line) -> bool:
    height = min(line.height, other.height)
    gap = line.top - other.bottom
    overlap = min(line.left + line.width, other.left + other.width) - max(line.left, other.left)
    return _is_same_row(line, other) or (
        gap < GAP * height and overlap > 0 and 0.4 < line.height / other.height < 2.5
    )


def _is_same_row(line: Line, other: Line) -> bool:
    height = min(line.height, other.height)
    beside = max(line.left, other.left) - min(line.left + line.width, other.left + other.width)
    return abs(line.top - other.top) < height / 2 and beside < 2 * height


def _is_under(line: Line, other: Line) -> bool:
    return line.top - other.top > min(line.height, other.height) / 2


def _is_sender(block: Block) -> bool:
    return begins_with_return(block[0].text) or any(
        _PRISON.search(line.text) or PRISONER.search(line.text.upper()) for line in block
    )


def _returned_to(blocks: Sequence[Block]) -> list[Block]:
    """The blocks close under a line that says no more than whither to return the letter."""
    found = []
    for label in blocks:
        if len(label) == 1 and kind_of(label[0].text) == "return":
            under = [block for block in blocks if _is_close_under(block[0], label[0])]
            found += sorted(under, key=lambda block: block[0].top)[:1]
    return found


def _is_close_under(line: Line, label: Line) -> bool:
    overlap = min(line.left + line.width, label.left + label.width) - max(line.left, label.left)
    return overlap > 0 and 0 < line.top - label.top < label.height * (1 + RETURN_GAP)


def _is_in_corner(block: Block, kinds: Mapping[Line, str | None], size: tuple[int, int] | None) -> bool:
    """Whether a block stands where a sender's does: at the upper left, or beside the postage."""
    right, bottom = max(line.left + line.width for line in block), max(line.bottom for line in block)
    is_beside = any(
        kind == "post" and line.left >= right and bottom <= line.bottom + block[-1].height
        for line, kind in kinds.items()
    )
    if size is None or size[0] <= size[1]:  # an envelope on a page of A4 lies anywhere
        return is_beside
    return is_beside or (right <= CORNER[0] * size[0] and bottom <= CORNER[1] * size[1])


def _rank(block: Block) -> tuple[bool, bool, bool, float, int]:
    """A believable door first, then a real postcode, misread or not, then any one, then how large it is
    written, then its length."""
    text = text_of(block)
    return (
        is_door(text),
        holds_real((text, *repaired(text))),
        has_code(text),
        mean_height(block) * min(len(block), 4),
        len(block),
    )
