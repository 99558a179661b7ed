"""What the lines of an envelope say: the address, how else it may be read, and what is doubtful.

What is doubtful is never passed in silence. A line that is hardly read is no doubt where the others tell the
door without it: a house number, street and town that are sure need no postcode. Then the address without the
doubtful line is one of its readings, and is looked up as they are. Otherwise an officer has to look.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from enum import StrEnum

import msgspec

from adapters.mailroom import blocks
from adapters.mailroom.alternatives import apart, readings
from adapters.mailroom.blocks import Block, text_of
from adapters.mailroom.doors import hides_door, is_door, is_part_of_door, with_one_scrap, without_scraps
from adapters.mailroom.lines import Line
from adapters.mailroom.postcodes import LAST_LINES, holds_real, is_real, postcode_of, repaired
from matchers import address
from matchers.address import Address

LEGIBLE, LEGIBLE_WITHOUT_POSTCODE = 0.65, 0.95
"""Confidence of the worst line of an address that is believed as a whole. A postcode that can be read is the
better witness; on drawn envelopes, restricted addresses went unseen where it, or a whole line, could not be
read."""
SURE_LINE, SURE_CODE, SURE_DIGIT = 0.9, 0.95, 0.85
"""Confidence of a line, of a postcode's line, and chance of each digit, that an address can be told by."""
MOST_SCRAPS = 4
"""Pieces with a digit in an address, each of which is looked up as the house number."""
CERTAIN = 0.95
"""Confidence of every line of an address at which nobody needs a second look."""

_CODE_LIKE = re.compile(r"\b(?=\w*\d)(?=\w*[A-Za-z])\w{3,8}(?!\S*(?:st|nd|rd|th)\b)", re.ASCII)
_BROKEN_CODE = re.compile(r"\W*[A-Z0-9/|]{1,4} ?[A-Z0-9/|\]]{1,4}\W*", re.ASCII).fullmatch


class Doubt(StrEnum):
    """Why an officer has to look."""

    UNREADABLE = "unreadable"
    """No address was found."""
    NO_DOOR = "no_door"
    """What was found is no door that could be believed: postage, a slogan, a piece of an address."""
    LOW_CONFIDENCE = "low_confidence"
    """The reader is not sure of a line of it."""
    POSTCODE = "postcode"
    """There is a postcode that cannot be read."""
    TWO_ADDRESSES = "two_addresses"
    """Two blocks could be the address."""
    SCRAPS = "scraps"
    """More pieces of other writing stand in it, as of a label beneath, than are looked up."""
    WRONG_SIDE = "wrong_side"
    """No postage and no writing but a sender's or a printer's was seen: it is the back, or an empty page."""
    ONLY_PRISON = "only_prison"
    """Nothing but what could be the sender's is seen: a prison's, or what stands where a sender's does."""
    OTHER_WAY_UP = "other_way_up"
    """Turned round, another address can be read."""
    OTHER_LOOK = "other_look"
    """Read once more, the same way up, it tells another door: nobody knows which look was right."""
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
    Doubt.NO_DOOR: "what was read is no address: no street or house with a real postcode or a post town",
    Doubt.LOW_CONFIDENCE: "the reader is not sure of a line of the address",
    Doubt.POSTCODE: "the postcode cannot be read",
    Doubt.TWO_ADDRESSES: "two addresses could be meant",
    Doubt.SCRAPS: "many pieces of other writing stand in the address",
    Doubt.WRONG_SIDE: "turn it over: nothing of an envelope's front was seen on this side",
    Doubt.ONLY_PRISON: "only a prison's or a sender's address could be read",
    Doubt.OTHER_WAY_UP: "turned round, another address can be read",
    Doubt.OTHER_LOOK: "read a second time, it tells another door",
    Doubt.FOREIGN_SCRIPT: "letters that are not Latin",
    Doubt.RETURNED: "marked as returned: it came back, or is sent again",
}

NO_ADDRESS = frozenset({Doubt.UNREADABLE, Doubt.NO_DOOR, Doubt.ONLY_PRISON})
"""Doubts of a side on which there may be no address at all."""


class Envelope(msgspec.Struct, frozen=True, kw_only=True):
    """What an envelope says. Everything that is text is a protected detail."""

    to: str
    """The address, lines apart by \\n; empty when there is none."""
    readings: tuple[str, ...] = ()
    """How else the address may be read, the likeliest first."""
    confidence: float
    """Of its worst line, 0 to 1."""
    is_certain: bool = False
    """Whether every line of the address was read so surely that a second look would say the same."""
    sender: str
    prisoner: str | None
    """A prisoner number that was read for sure in the sender's block, or anywhere but in the address."""
    doubts: tuple[Doubt, ...]
    also_to: tuple[str, ...] = ()
    """Other addresses on it: that could be meant, or to which it would be brought back."""
    is_front: bool = False
    """Whether it bears postage, or other writing that is neither the sender's nor usual on a back."""
    privileged: bool = False
    """Whether it is marked Rule 39 or confidential. What an envelope says of itself proves nothing."""
    text: str = ""
    """Everything that stands on it."""

    def __repr__(self) -> str:
        return f"Envelope({len(self.to)} characters, {self.confidence:.2f}, {[*map(str, self.doubts)]})"


def understand(lines: Sequence[Line], size: tuple[int, int] | None = None) -> Envelope:
    """The address and the sender's of one picture's lines; `size` is its width and height, where known."""
    lines = [apart(line) for line in lines]
    found = blocks.find(lines, size)
    to = text_of(found.address)
    put_right = repaired(to)
    told = _told(found.address)
    whole = without_scraps(to)
    first = (text for text in (told, whole, *with_one_scrap(to)) if text not in ("", to))
    also = [whole] if hides_door(to) else []
    also += [text for block in found.others if address.read(text := text_of(block)).usable]
    also += filter(None, map(blocks.return_address, found.senders))
    return Envelope(
        to=to,
        readings=distinct((*first, *put_right, *readings(found.address))),
        confidence=min((line.confidence for line in found.address), default=0.0),
        is_certain=postcode_of(to) is not None and all(line.confidence >= CERTAIN for line in found.address),
        sender="\n".join(map(text_of, found.senders)),
        prisoner=blocks.prisoner_in((*found.senders, *found.others)),
        doubts=tuple(_doubts(found, holds_real((to, *put_right)), _tells_door(told))),
        also_to=tuple(also),
        is_front=found.is_front,
        privileged=found.is_privileged,
        text=text_of(lines),
    )


def of_sides(sides: Sequence[Envelope]) -> Envelope:
    """An envelope of its front and its back, whichever lies first: the address is on one of them.

    Where both bear one, the first side's is the address, and the other side's is another that is checked.
    What is doubtful of either is doubtful of the letter.
    """
    addressed = [side for side in sides if NO_ADDRESS.isdisjoint(side.doubts)]
    front = addressed[0] if addressed else next((side for side in sides if side.to), sides[0])
    others = [side for side in sides if side is not front]
    is_senders_alone = Doubt.ONLY_PRISON in front.doubts and len(sides) == 1
    bears_none = Doubt.UNREADABLE in front.doubts or is_senders_alone
    is_back = bears_none and not any(side.is_front for side in sides)
    wrong = (Doubt.WRONG_SIDE,) if is_back else ()
    return msgspec.structs.replace(
        front,
        readings=(*front.readings, *(text for side in others for text in side.readings)),
        sender="\n".join(side.sender for side in sides if side.sender),
        prisoner=agreed(side.prisoner for side in sides),
        doubts=(
            *front.doubts,
            *dict.fromkeys((*_other_doubts(front, others), *_hidden(front, sides), *wrong)),
        ),
        also_to=(
            *front.also_to,
            *(side.to for side in others if address.read(side.to).usable),
            *(text for side in others for text in side.also_to),
        ),
        privileged=any(side.privileged for side in sides),
        text="\n".join(side.text for side in sides if side.text),
    )


def _hidden(chosen: Envelope, sides: Sequence[Envelope]) -> Iterator[Doubt]:
    """Of a side before the address's that bears postage or the like: the address may be on it, unread."""
    for side in sides[: sides.index(chosen)]:
        if side.is_front:
            yield from (doubt for doubt in side.doubts if doubt in NO_ADDRESS)


def distinct(texts: Iterable[str]) -> tuple[str, ...]:
    """Each text once, whatever its case, in their order."""
    found: dict[str, str] = {}
    for text in texts:
        found.setdefault(text.upper(), text)
    return tuple(found.values())


def agreed(prisoners: Iterator[str | None]) -> str | None:
    """The one number that was read, or None where there is none or they differ."""
    found = {prisoner for prisoner in prisoners if prisoner is not None}
    return found.pop() if len(found) == 1 else None


def _other_doubts(front: Envelope, others: Sequence[Envelope]) -> Iterator[Doubt]:
    """Of sides that are not the address's: of an address that could be meant, and of what is marked."""
    for side in others:
        has_address = NO_ADDRESS.isdisjoint(side.doubts) and address.read(side.to).usable
        for doubt in side.doubts:
            if doubt not in front.doubts and (has_address or doubt in (Doubt.RETURNED, Doubt.TWO_ADDRESSES)):
                yield doubt


def _doubts(found: blocks.Blocks, has_real: bool, tells_door: bool) -> Iterator[Doubt]:
    block = found.address
    to = text_of(block)
    if not block:
        yield Doubt.UNREADABLE
    elif not is_door(to):
        yield Doubt.NO_DOOR
    if block and not tells_door:
        if min(line.confidence for line in block) < (LEGIBLE if has_real else LEGIBLE_WITHOUT_POSTCODE):
            yield Doubt.LOW_CONFIDENCE
        elif not has_real and (_code_place(block) is not None or not address.read(text_of(block)).numbers):
            yield Doubt.POSTCODE
    if any(_may_be_address(other, block) for other in found.others):
        yield Doubt.TWO_ADDRESSES
    if len(with_one_scrap(to)) > MOST_SCRAPS:
        yield Doubt.SCRAPS
    if found.is_prison:
        yield Doubt.ONLY_PRISON
    if any(_is_foreign(line.text) for line in block):
        yield Doubt.FOREIGN_SCRIPT
    if found.is_returned:
        yield Doubt.RETURNED


def _may_be_address(other: Block, chosen: Block) -> bool:
    """Whether another block is an address as well, or a part of one, or so much larger than the one that was
    chosen that it may be the one that a postman would follow, if hardly read."""
    text = text_of(other)
    if is_door(text) or is_part_of_door(text):
        return True
    is_block = len(other) > 1 and blocks.letters_of(other) >= blocks.FEWEST_LETTERS
    return is_block and blocks.mean_height(other) > blocks.mean_height(chosen)


def _told(block: Block) -> str:
    """The address without its lines that are hardly read; "" where one of them may hold the house number."""
    place = _code_place(block)
    kept = []
    for number, line in enumerate(block):
        if number == place:
            if line.confidence >= SURE_CODE and postcode_of(line.text) is not None:
                kept.append(line)
        elif line.confidence >= SURE_LINE and _digits_are_sure(line):
            kept.append(line)
        elif any(map(str.isdigit, line.text)):
            return ""
    return text_of(kept)


def _tells_door(told: str) -> bool:
    """Whether an address tells one door from every other: number or unit, street or building, and town; or
    one of them with a postcode."""
    return any(map(_is_told, address.readings(told)))


def _is_told(read: Address) -> bool:
    if is_real(read.postcode):
        return bool(read.numbers or read.street or read.building)
    is_placed = bool(read.town or read.locality) and read.country == "GB"
    return is_placed and bool(
        (read.numbers and read.street) or ((read.numbers or read.units) and read.building)
    )


def _code_place(block: Block) -> int | None:
    """Which line of an address has the postcode, or what is in its place."""
    last = range(len(block) - 1, max(0, len(block) - LAST_LINES) - 1, -1)
    for is_code in (postcode_of, repaired, _CODE_LIKE.search, _BROKEN_CODE):
        for number in last:
            if is_code(block[number].text):
                return number
    return None


def _digits_are_sure(line: Line) -> bool:
    return all(
        one.chance >= SURE_DIGIT
        for character, one in zip(line.text, line.characters, strict=False)
        if character.isdigit()
    )


def _is_foreign(text: str) -> bool:
    return any(
        character.isalpha() and not unicodedata.name(character, "").startswith("LATIN") for character in text
    )
