"""Envelopes as a mailroom's camera sees them: written, stamped, tilted, worn. One seed, one picture."""

from __future__ import annotations

import random
import re
from io import BytesIO
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter

from adapters.mailroom.images import Picture
from benchmarks.mail.fonts import typeface
from benchmarks.mail.treatments import PLAIN, Treatment

SIZE = (1300, 840)
"""Pixels of an envelope of 220 x 110 to 162 mm at 150 dpi."""
PAPERS = ("#f7f5ee", "#efe6d0", "#e6ddc2", "#ffffff", "#d9c7a0", "#e4e9ee")
DESKS = ("#5b4a3a", "#888888", "#26323a")
INKS = ("#1a1a2e", "#14213d", "#000000", "#1f3a93", "#3b3b3b")


class Wear(NamedTuple):
    """How hard a time it had. Ranges are of a uniform draw, low to high."""

    name: str
    tilt: float
    """Degrees to either side."""
    blur: tuple[float, float]
    """Radius in pixels."""
    noise: tuple[float, float]
    """Standard deviation of 0 to 255."""
    shadow: float
    """How much darker the dark side is, 0 to 1, at most."""
    stains: int
    """At most."""
    shake: float
    """Of handwriting: lines and letters off their place, in parts of a letter's height."""
    quality: int
    """Of the JPEG."""
    aslant: float = 0.0
    """How much shorter its far side is than its near one, at most, if a hand holds the camera; 0: scanned."""


CLEAN = Wear("clean", 1, (0.0, 0.3), (0, 3), 0.05, 0, 0.01, 90)
MODERATE = Wear("moderate", 8, (0.5, 1.1), (5, 12), 0.35, 2, 0.04, 65)
HEAVY = Wear("heavy", 14, (1.0, 2.0), (12, 26), 0.55, 5, 0.07, 40)
PHOTO = Wear("photo", 10, (0.3, 0.9), (3, 9), 0.5, 1, 0.04, 80, aslant=0.16)
WEARS = {wear.name: wear for wear in (CLEAN, MODERATE, PHOTO, HEAVY)}


def drawn(
    to: str, face: str, wear: Wear, seed: int, *, sender: str = "", treatment: Treatment = PLAIN
) -> Picture:
    """The photograph of one envelope: `to` and `sender` are lines apart by \\n."""
    rng = random.Random(seed)
    image = Image.new("RGB", SIZE, rng.choice(treatment.papers or PAPERS))
    ink = rng.choice(treatment.inks or INKS)
    postage(image, rng)
    lines = (to.upper() if treatment.in_capitals else to).split("\n")
    crossed = _first_numbered(lines) if treatment.is_crossed else None
    if crossed is not None:
        lines.insert(
            crossed, re.sub(r"\d+", lambda number: str(int(number[0]) + rng.randint(1, 9)), lines[crossed])
        )
    size = rng.randint(40, 50)
    left, top = rng.randint(300, 420), rng.randint(300, 360)
    step = round(size * rng.uniform(1.45, 1.7))
    longest = max(typeface(face, size).getlength(line) for line in lines)
    room = SIZE[0] - left - 40
    if longest > room:
        size = max(26, int(size * room / longest))
    if len(lines) * step > SIZE[1] - top - 30:
        step = (SIZE[1] - top - 30) // len(lines)
        size = min(size, round(step / 1.3))
    longest = max(typeface(face, size).getlength(line) for line in lines)
    area = left, top, min(SIZE[0] - 1, left + round(longest)), top + len(lines) * step
    treatment.under(image, area, rng)
    for place, line in enumerate(lines):
        write(image, line, (left, top + place * step), face, size, ink, wear, rng)
        if place == crossed:
            y, length = top + place * step + size * 0.6, typeface(face, size).getlength(line)
            strokes = [(left - 8, y), (left + length + 8, y - 4), (left - 4, y + 8), (left + length, y + 5)]
            ImageDraw.Draw(image).line(strokes, fill=ink, width=4)
    treatment.over(image, area, rng)
    for place, line in enumerate(sender.split("\n") if sender else []):
        write(image, line, (40, 36 + place * 36), face, 24, ink, wear, rng)
    picture = worn(image, wear, rng)
    if treatment.shrunk < 1:
        small = Image.fromarray(picture).reduce(round(1 / treatment.shrunk))
        picture = np.asarray(small, dtype=np.uint8)
    return np.ascontiguousarray(np.rot90(picture, treatment.quarters))


def _first_numbered(lines: list[str]) -> int | None:
    return next((place for place, line in enumerate(lines) if re.match(r"\d", line)), None)


def write(
    image: Image.Image,
    line: str,
    where: tuple[float, float],
    face: str,
    size: int,
    ink: str,
    wear: Wear,
    rng: random.Random,
) -> None:
    """A line, word by word; a hand does not keep to the line."""
    draw = ImageDraw.Draw(image)
    font = typeface(face, size)
    x, y = where
    drift = rng.uniform(-wear.shake, wear.shake) * size / 8
    x += rng.uniform(-wear.shake, wear.shake) * size * 4
    for word in line.split():
        off = rng.uniform(-wear.shake, wear.shake) * size
        draw.text((x, y + off), word, font=font, fill=ink)
        x += font.getlength(word) + font.getlength(" ") * rng.uniform(1.0, 1.0 + 6 * wear.shake)
        y += drift


def postage(image: Image.Image, rng: random.Random) -> None:
    """A stamp with a head on it, and a postmark's rings and waves over it."""
    draw = ImageDraw.Draw(image)
    width = SIZE[0]
    box = (width - 170 - rng.randint(0, 20), 40, width - 50, 200)
    draw.rectangle(box, fill=rng.choice(("#8e2f45", "#1d4e89", "#5c7d3a")), outline="#ffffff", width=5)
    draw.ellipse((box[0] + 35, 70, box[0] + 85, 150), fill="#e8d8d0")
    draw.text((box[0] + 14, 162), rng.choice(("1st", "2nd")), font=typeface("open-sans", 28), fill="#ffffff")
    x, y = width - 330 + rng.randint(-30, 30), 130 + rng.randint(-30, 30)
    for radius in (62, 44):
        draw.ellipse((x - radius, y - radius, x + radius, y + radius), outline="#50505a", width=2)
    for wave in range(4):
        points = [(x + 70 + 6 * i, y - 40 + 26 * wave + 6 * np.sin(i / 3)) for i in range(30)]
        draw.line(points, fill="#50505a", width=2)


def worn(image: Image.Image, wear: Wear, rng: random.Random) -> Picture:
    draw = ImageDraw.Draw(image, "RGBA")
    for _ in range(rng.randint(0, wear.stains)):
        x, y, radius = rng.randint(0, SIZE[0]), rng.randint(0, SIZE[1]), rng.randint(30, 110)
        draw.ellipse(
            (x - radius, y - radius, x + radius, y + radius), fill=(110, 80, 40, rng.randint(15, 60))
        )
    if wear.stains and rng.random() < 0.5:  # a crease
        x = rng.randint(100, SIZE[0] - 100)
        draw.line((x, 0, x + rng.randint(-80, 80), SIZE[1]), fill=(120, 110, 90, 110), width=2)
    tilt, desk = rng.uniform(-wear.tilt, wear.tilt), rng.choice(DESKS)
    if wear.aslant:
        image = _on_a_desk(image, tilt, wear.aslant, desk, rng)
    else:
        image = image.rotate(tilt, expand=True, fillcolor=desk, resample=Image.Resampling.BICUBIC)
    image = image.filter(ImageFilter.GaussianBlur(rng.uniform(*wear.blur)))
    pixels = np.asarray(image, dtype=np.float32)
    height, width = pixels.shape[:2]
    dark = rng.uniform(0, wear.shadow)
    angle = rng.uniform(0, 2 * np.pi)
    across = np.add.outer(np.linspace(0, 1, height) * np.sin(angle), np.linspace(0, 1, width) * np.cos(angle))
    across = (across - across.min()) / max(float(np.ptp(across)), 1e-6)
    pixels = pixels * (1 - dark * across[:, :, None])
    grain = np.random.default_rng(rng.randrange(2**32)).normal(0, rng.uniform(*wear.noise), pixels.shape)
    shown = Image.fromarray(np.clip(pixels + grain, 0, 255).astype(np.uint8))
    out = BytesIO()
    shown.save(out, "JPEG", quality=wear.quality)
    return np.asarray(Image.open(out).convert("RGB"), dtype=np.uint8)


def _on_a_desk(image: Image.Image, tilt: float, aslant: float, desk: str, rng: random.Random) -> Image.Image:
    """The envelope as a camera in the hand sees it: from one side, with much of the desk and its grain."""
    width, height = (round(side * rng.uniform(1.2, 1.8)) for side in image.size)
    across, down = image.width / 2, image.height / 2
    corners = np.array([(-across, -down), (across, -down), (across, down), (-across, down)])
    far = np.roll(np.arange(4), rng.randrange(4))[:2]  # two corners beside each other
    middle = corners[far].mean(axis=0)
    corners[far] += (middle - corners[far]) * rng.uniform(0, aslant)
    cos, sin = np.cos(np.radians(tilt)), np.sin(np.radians(tilt))
    corners = corners @ np.array([[cos, -sin], [sin, cos]]) + (width / 2, height / 2)
    flat = np.array([(0, 0), (image.width, 0), (image.width, image.height), (0, image.height)])
    view = (width, height), Image.Transform.PERSPECTIVE, _perspective(corners, flat)
    grain = np.random.default_rng(rng.randrange(2**32)).normal(0, 1, (height, 1)).cumsum(axis=0).clip(-25, 25)
    table = np.asarray(Image.new("RGB", (width, height), desk), dtype=np.float32) + grain[:, :, None]
    seen = Image.fromarray(table.clip(0, 255).astype(np.uint8))
    lies = Image.new("L", image.size, 255).transform(*view)
    seen.paste(image.transform(*view, Image.Resampling.BICUBIC), mask=lies)
    return seen


def _perspective(corners: NDArray[np.float64], flat: NDArray[np.int64]) -> list[float]:
    """Eight numbers that take each corner of the view to one of the flat picture, as Pillow wants them."""
    rows, values = [], []
    for (x, y), (u, v) in zip(corners, flat, strict=True):
        rows += [(x, y, 1, 0, 0, 0, -u * x, -u * y), (0, 0, 0, x, y, 1, -v * x, -v * y)]
        values += [u, v]
    return list(np.linalg.solve(np.array(rows), np.array(values)))
