"""What else befalls an envelope: ruled lines, a wrong line crossed out, a stamp over the text, a window."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import NamedTuple

from PIL import Image, ImageDraw

from benchmarks.mail.fonts import typeface

Area = tuple[int, int, int, int]
"""Of the address: left, top, right, bottom."""
Paint = Callable[[Image.Image, Area, random.Random], None]


def _nothing(image: Image.Image, area: Area, rng: random.Random) -> None:
    pass


class Treatment(NamedTuple):
    """One way of it. `under` is painted before the address, `over` after it."""

    name: str
    papers: tuple[str, ...] = ()
    inks: tuple[str, ...] = ()
    """Empty: the usual ones."""
    under: Paint = _nothing
    over: Paint = _nothing
    in_capitals: bool = False
    is_crossed: bool = False
    """Whether another house number was written first, and crossed out."""
    shrunk: float = 1.0
    """Of the pixels along a side, what the camera has: 0.5 is 75 dots an inch."""
    quarters: int = 0
    """Quarters of a turn by which it lies wrong."""
    wear: str = "moderate"


def ruled(image: Image.Image, area: Area, rng: random.Random) -> None:
    """Lines across the whole envelope, which the hand does not keep to."""
    draw = ImageDraw.Draw(image)
    step, colour = rng.randint(44, 70), rng.choice(("#9db4d6", "#c9b8b8", "#7f8fa6"))
    for y in range(rng.randint(20, 60), image.height, step):
        draw.line((0, y, image.width, y + rng.randint(-2, 2)), fill=colour, width=rng.choice((1, 2, 3)))


def stamped(image: Image.Image, area: Area, rng: random.Random) -> None:
    """An office's stamp over a part of the address, aslant, in an ink that one sees through."""
    left, top, right, bottom = area
    face = rng.choice(("open-sans", "courier-prime"))
    text = rng.choice(("RECEIVED", "MAIL ROOM", "CHECKED", "12 MAR 2026", "POSTED"))
    width = round(typeface(face, 44).getlength(text)) + 40
    stamp = Image.new("RGBA", (width, 84), (0, 0, 0, 0))
    draw = ImageDraw.Draw(stamp)
    colour = (*rng.choice(((170, 30, 40), (30, 60, 150), (60, 60, 60))), rng.randint(90, 150))
    draw.rectangle((2, 2, width - 3, 81), outline=colour, width=4)
    draw.text((20, 14), text, font=typeface(face, 44), fill=colour)
    stamp = stamp.rotate(rng.uniform(-25, 25), expand=True, resample=Image.Resampling.BICUBIC)
    where = rng.randint(left, max(left, right - width)), rng.randint(top, max(top, bottom - 60))
    image.paste(stamp, where, stamp)


def behind_window(image: Image.Image, area: Area, rng: random.Random) -> None:
    """The letter's own paper behind a window, and the window's edge."""
    draw = ImageDraw.Draw(image)
    box = _around(image, area, 34)
    draw.rounded_rectangle(box, 22, fill="#fbfbf8", outline="#b9b4a6", width=3)
    draw.line((box[0] + 12, box[1] + 5, box[2] - 12, box[1] + 5), fill="#d5d0c4", width=5)


def foil(image: Image.Image, area: Area, rng: random.Random) -> None:
    """Light on the window's foil."""
    left, top, right, bottom = _around(image, area, 34)
    layer = Image.new("RGBA", image.size, (0, 0, 0, 0))
    draw = ImageDraw.Draw(layer)
    for _ in range(rng.randint(1, 3)):
        x, width = rng.randint(left, right), rng.randint(20, 90)
        across = (x, top), (x + width, top), (x + width - 120, bottom), (x - 120, bottom)
        draw.polygon(across, fill=(255, 255, 255, rng.randint(40, 120)))
    image.paste(layer, (0, 0), layer)


def relabelled(image: Image.Image, area: Area, rng: random.Random) -> None:
    """A new label over an old one: the ends of the old one's lines stand out on both sides."""
    draw = ImageDraw.Draw(image)
    left, top, right, bottom = _around(image, area, 16)
    draw.rectangle(_around(image, area, 70), fill="#efe9da", outline="#cfc7b2", width=2)
    font = typeface("open-sans", 30)
    old = rng.sample(("LA TOUR 28", "12 STATION RD", "UNIT 4B", "LEEDS 28", "MR H OLD 7", "REF 90 LA"), 4)
    step = max(40, (bottom - top) // 4)
    for number, text in enumerate(old):
        y = top + number * step
        ends = left - rng.randint(20, 60), right - round(font.getlength(text)) + rng.randint(20, 60)
        draw.text((rng.choice(ends), y), text, font=font, fill="#30302c")
    draw.rectangle((left, top, right, bottom), fill="#fdfdfb", outline="#d8d4c8", width=2)


def _around(image: Image.Image, area: Area, margin: int) -> Area:
    left, top, right, bottom = area
    return (
        max(0, left - margin),
        max(0, top - margin),
        min(image.width - 1, right + margin),
        min(image.height - 1, bottom + margin),
    )


PLAIN = Treatment("plain")
_COLOURED = ("#f4b6c2", "#b7d7a8", "#9fc5e8", "#ffe599", "#d5a6bd", "#c0504d", "#c9a063", "#8fb08c")
_DARK = ("#2b2b2b", "#203a5c", "#5c1f2b", "#1f4a38", "#4a2f5c")
TREATMENTS = {
    one.name: one
    for one in (
        Treatment("block capitals", in_capitals=True),
        Treatment("ruled lines", under=ruled),
        Treatment("crossed out", is_crossed=True),
        Treatment("stamp over text", over=stamped),
        Treatment("window", under=behind_window, over=foil),
        Treatment("relabelled", under=relabelled),
        Treatment("relabelled, on its head", under=relabelled, quarters=2),
        Treatment("coloured paper", papers=_COLOURED),
        Treatment("light on dark", papers=_DARK, inks=("#ffffff", "#f2e6b0", "#d9d9d9")),
        Treatment("low resolution", shrunk=0.5),
        Treatment("aslant, in shadow", wear="photo"),
        Treatment("on its head", quarters=2),
    )
}
