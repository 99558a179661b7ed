"""Envelopes drawn with the font that comes with Pillow, for tests that need one to look at."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from adapters.mailroom.images import Picture

TO = ("Ms R Tallantyre", "Flat 2, 14 Larkmead Street", "Ambermouth", "LS1 4AB")
FROM = ("From: T Vance A1234BC", "HMP Ambermouth", "Quarry Lane")


def envelope(
    to: tuple[str, ...] = TO,
    sender: tuple[str, ...] = (),
    *,
    tilt: float = 0,
    ink: str = "#202020",
    size: tuple[int, int] = (1500, 850),
) -> Image.Image:
    """A picture of an envelope: the address in the middle, the sender small in the corner."""
    picture = Image.new("RGB", size, "#f4efe2")
    draw = ImageDraw.Draw(picture)
    for place, line in enumerate(to):
        draw.text(
            (size[0] * 0.38, size[1] * 0.42 + 66 * place), line, font=ImageFont.load_default(46), fill=ink
        )
    for place, line in enumerate(sender):
        draw.text((50, 40 + 38 * place), line, font=ImageFont.load_default(28), fill="#303030")
    return picture.rotate(tilt, expand=True, fillcolor="#887755", resample=Image.Resampling.BICUBIC)


def written(
    picture: Image.Image, lines: tuple[str, ...], where: tuple[int, int], size: int = 40
) -> Image.Image:
    """The same picture with more writing on it, `size` pixels high, from a place in pixels down."""
    draw = ImageDraw.Draw(picture)
    for place, line in enumerate(lines):
        draw.text(
            (where[0], where[1] + round(1.4 * size) * place),
            line,
            font=ImageFont.load_default(size),
            fill="#202020",
        )
    return picture


def pixels(image: Image.Image) -> Picture:
    return np.asarray(image.convert("RGB"), dtype=np.uint8)


def encoded(image: Image.Image, kind: str = "PNG", **options: Any) -> bytes:
    out = BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()
