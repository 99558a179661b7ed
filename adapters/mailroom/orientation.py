"""An envelope looked at; where the first look is not certain, again: set upright, turned round.

Handwriting leans; a reader that was taught print reads it better when it does not. And a letter may lie under
the camera upside down, or go through a scanner by its short edge. The looks vote: the one with the fewest
doubts gives the address, and what the others read are other readings of it. What one look alone has seen
beside the address, another address or a sign that the letter came back, counts.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
import numpy as np
from PIL import Image

from adapters.mailroom.blank import is_blank
from adapters.mailroom.doors import are_one_door, is_door, is_part_of_door, tell_two_doors
from adapters.mailroom.envelope import Doubt, Envelope, agreed, distinct, understand
from adapters.mailroom.images import Picture
from adapters.mailroom.lines import Line, Reader
from adapters.mailroom.postcodes import postcode_of, repaired
from matchers import address

SLANT = 0.25
"""Pixels to the right for each pixel up that are taken back: 14 degrees, which is how a right hand leans."""


def look(reader: Reader, picture: Picture) -> Envelope:
    """What one side of an envelope says."""
    lines = reader.read(picture)
    if lie_sideways(lines):
        turned = (turned_left(picture), turned_right(picture))
        left, right = (_understood(reader, one) for one in turned)
        this_way, that_way = ([left], [right]) if _best((left, right)) is left else ([right], [left])
        picture = turned[this_way == [right]]
    else:
        this_way, that_way = [understand(lines, _size(picture))], []
    if not any(one.text for one in (*this_way, *that_way)):  # as the back of an envelope
        return msgspec.structs.replace(this_way[0], is_front=not is_blank(picture))
    if not _best(this_way).is_certain:
        this_way.append(_understood(reader, upright(picture)))
    if not that_way and _may_stand_on_its_head(_best(this_way)):
        that_way.append(_understood(reader, upside_down(picture)))
    if _best((*this_way, *that_way)) in that_way:
        this_way, that_way = that_way, this_way
    return _together(this_way, that_way)


def _understood(reader: Reader, picture: Picture) -> Envelope:
    return understand(reader.read(picture), _size(picture))


def _size(picture: Picture) -> tuple[int, int]:
    """Width and height."""
    return picture.shape[1], picture.shape[0]


def _together(this_way: Sequence[Envelope], that_way: Sequence[Envelope]) -> Envelope:
    """The best of the looks that read it this way up, with what all the others have seen.

    A look of the same way is another reading of the same address; where it tells another door, or a second
    address, nobody knows which is right, whichever is read more surely. One of the other way up is another
    address, or nonsense: it is looked up by itself, and where it is a door as well, it is a doubt too.
    """
    looks = (*this_way, *that_way)
    best = _best(this_way)
    others = [one for one in looks if one is not best]
    marks: list[Doubt] = [Doubt.RETURNED for one in looks if Doubt.RETURNED in one.doubts]
    if is_door(best.to) and any(_is_another_door(one.to, best.to) for one in that_way):
        marks.append(Doubt.OTHER_WAY_UP)
    if any(is_door(one.to) and tell_two_doors(one.to, best.to) for one in this_way):
        marks.append(Doubt.OTHER_LOOK)
    marks += [Doubt.TWO_ADDRESSES for one in this_way if _has_another(one, best.to)]
    as_good = [one for one in others if len(one.doubts) <= len(best.doubts)]
    readings = (one.to for one in others), best.readings, *(one.readings for one in as_good)
    upturned = (one.to for one in that_way if address.read(one.to).usable)
    also_to = best.also_to, *(one.also_to for one in others), upturned
    return msgspec.structs.replace(
        best,
        readings=distinct(text for texts in readings for text in texts if text),
        doubts=tuple(dict.fromkeys((*best.doubts, *marks))),
        also_to=distinct(text for texts in also_to for text in texts if not _is_of(text, best.to)),
        prisoner=agreed(one.prisoner for one in looks),
        is_front=any(one.is_front for one in looks),
        privileged=any(one.privileged for one in looks),
    )


def _is_another_door(text: str, to: str) -> bool:
    return is_door(text) and not are_one_door(text, to)


def _has_another(seen: Envelope, to: str) -> bool:
    """Whether a look has seen two addresses, and this one tells no more than one of them."""
    return Doubt.TWO_ADDRESSES in seen.doubts and any(
        is_part_of_door(text) and tell_two_doors(text, to) for text in (seen.to, *seen.also_to)
    )


def _is_of(text: str, to: str) -> bool:
    """Whether every line of a text is one of the address: then another look has seen nothing beside it."""
    return set(text.upper().split("\n")) <= set(to.upper().split("\n"))


_LEGIBILITY = frozenset({Doubt.LOW_CONFIDENCE, Doubt.POSTCODE, Doubt.UNREADABLE, Doubt.NO_DOOR, Doubt.SCRAPS})


def _may_stand_on_its_head(seen: Envelope) -> bool:
    """Whether it is hardly read, or begins with its postcode: some letters are made out upside down."""
    first, *below = seen.to.split("\n")
    begins_with_code = bool(below) and (postcode_of(first) is not None or len(repaired(first)) > 0)
    return begins_with_code or not _LEGIBILITY.isdisjoint(seen.doubts)


def lie_sideways(lines: Sequence[Line]) -> bool:
    """Whether most of the writing runs up or down the picture."""
    upright = sum(len(line.text) for line in lines if line.height > line.width)
    return 2 * upright > sum(len(line.text) for line in lines)


def _best(looks: Sequence[Envelope]) -> Envelope:
    """One with a believable door, then the fewest doubts, then the highest confidence."""
    return min(looks, key=lambda one: (_is_unread(one), len(one.doubts), -one.confidence))


def _is_unread(seen: Envelope) -> tuple[bool, bool]:
    return Doubt.UNREADABLE in seen.doubts, Doubt.NO_DOOR in seen.doubts


def turned_left(picture: Picture) -> Picture:
    """The picture turned a quarter, against the clock."""
    return np.ascontiguousarray(np.rot90(picture))


def turned_right(picture: Picture) -> Picture:
    """The picture turned a quarter, with the clock."""
    return np.ascontiguousarray(np.rot90(picture, -1))


def upside_down(picture: Picture) -> Picture:
    """The picture turned round."""
    return np.ascontiguousarray(picture[::-1, ::-1])


def upright(picture: Picture) -> Picture:
    """The picture with leaning writing set upright."""
    image = Image.fromarray(picture)
    wider = round(SLANT * image.height)  # so that nothing falls over the edge
    slanted = image.transform(
        (image.width + wider, image.height),
        Image.Transform.AFFINE,
        (1, -SLANT, 0, 0, 1, 0),
        resample=Image.Resampling.BICUBIC,
        fillcolor=tuple(int(value) for value in np.median(picture[0], axis=0)),
    )
    return np.asarray(slanted, dtype=np.uint8)
