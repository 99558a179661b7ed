"""An envelope looked at; where the first look leaves a doubt, again, set upright or turned round.

Handwriting leans; a reader that was taught print reads it better when it does not. And a letter may lie under
the camera upside down. The looks vote: the one with the fewest doubts gives the address, and what the others
read are other readings of it.
"""

from __future__ import annotations

import msgspec
import numpy as np
from PIL import Image

from adapters.mailroom.envelope import Doubt, Envelope, understand
from adapters.mailroom.images import Picture
from adapters.mailroom.reading import Reader

SLANT = 0.25
"""Pixels to the right for each pixel up that are taken back: 14 degrees, which is how a right hand leans."""


def look(reader: Reader, picture: Picture) -> Envelope:
    """What one side of an envelope says."""
    looks = [understand(reader.read(picture))]
    for turned in (upright, upside_down):
        if not _worth_another(_best(looks)):
            break
        looks.append(understand(reader.read(turned(picture))))
    best = _best(looks)
    others = [one for one in looks if one is not best and one.to]
    return msgspec.structs.replace(
        best,
        readings=(*best.readings, *(text for one in others for text in (one.to, *one.readings))),
        prisoner=next((one.prisoner for one in (best, *others) if one.prisoner is not None), None),
        privileged=any(one.privileged for one in looks),
    )


def _best(looks: list[Envelope]) -> Envelope:
    """The fewest doubts, then the highest confidence."""
    return min(looks, key=lambda one: (Doubt.UNREADABLE in one.doubts, len(one.doubts), -one.confidence))


def _worth_another(found: Envelope) -> bool:
    """Whether there is writing that could not be read for sure. The back of an envelope has none."""
    doubts = {Doubt.LOW_CONFIDENCE, Doubt.POSTCODE}
    return not doubts.isdisjoint(found.doubts)


def upside_down(picture: Picture) -> Picture:
    """The picture turned round."""
    return np.ascontiguousarray(picture[::-1, ::-1])


def upright(picture: Picture) -> Picture:
    """The picture with leaning writing set upright."""
    image = Image.fromarray(picture)
    height = image.height
    slanted = image.transform(
        image.size,
        Image.Transform.AFFINE,
        (1, -SLANT, SLANT * height / 2, 0, 1, 0),
        resample=Image.Resampling.BICUBIC,
        fillcolor=tuple(int(value) for value in np.median(picture[0], axis=0)),
    )
    return np.asarray(slanted, dtype=np.uint8)
