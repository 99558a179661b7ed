"""Whether a page has anything on it: a blank one is no doubt, one that cannot be read is."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from adapters.mailroom.images import Picture

_SEEN_SIDE = 1000
"""Pixels on the long side, where ink is looked for: a pen's line is two wide, and noise is averaged out."""
_CELL = 16
"""Pixels: the side of a letter or two."""
_FAINTEST, _ABOVE_NOISE = 4, 5
"""Ink differs from the paper around it by so many steps of 255, and by so many times the noise."""
_LEAST_INK, _MOST_OF_CELL = 40, 16
"""Pixels: five specks of dust are less, a word in small print is more. A blot counts as part of its cell."""


def is_blank(picture: Picture) -> bool:
    """Whether a page has no writing on it that could be read or not.

    Noise, shadows, creases, ruled lines, a few specks of dust and what lies along the edges are no writing.
    """
    grey = Image.fromarray(picture).convert("L")
    grey = grey.reduce(max(1, round(max(grey.size) / _SEEN_SIDE)))
    columns, rows = grey.width // _CELL, grey.height // _CELL
    size = (columns * _CELL, rows * _CELL)
    shades = np.asarray(grey.crop((0, 0, *size)), dtype=np.float32)
    paper = np.median(_cells(shades), axis=(1, 3)).astype(np.float32)
    around = Image.fromarray(paper).filter(ImageFilter.MedianFilter(5))
    contrast = np.abs(shades - np.asarray(around.resize(size, Image.Resampling.BILINEAR)))
    noise = 1.4826 * np.median(contrast)  # a normal distribution's deviation by its median
    ink = _without_specks(_without_lines(contrast > max(_FAINTEST, _ABOVE_NOISE * noise)))
    edge = min(max(size) // 20, min(size) // 8)
    ink[:edge] = ink[-edge:] = False
    ink[:, :edge] = ink[:, -edge:] = False
    return int(np.minimum(_cells(ink).sum(axis=(1, 3)), _MOST_OF_CELL).sum()) < _LEAST_INK


def _cells(pixels: NDArray[Any]) -> NDArray[Any]:
    """Rows of cells x pixels down x columns of cells x pixels across."""
    height, width = pixels.shape
    return pixels.reshape(height // _CELL, _CELL, width // _CELL, _CELL)


def _without_lines(ink: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Without what runs straight across or down for longer than a stroke of a pen does."""
    rest = ink.copy()
    for across, along in ((0, (30, 0)), (1, (0, 30))):
        thick = ink | np.roll(ink, 1, across) | np.roll(ink, -1, across)  # a line may lean a little
        full = Image.fromarray(thick).convert("L").filter(ImageFilter.BoxBlur(along))
        lines = full.point(lambda share: 255 * (share > 230)).filter(ImageFilter.BoxBlur(along))
        rest[np.asarray(lines) > 0] = False
    return rest


def _without_specks(ink: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Without what has fewer than two of its neighbours inked."""
    around = Image.fromarray(ink).convert("L").filter(ImageFilter.BoxBlur(1))
    return ink & (np.asarray(around) > 255 * 5 // 18)  # three of nine, itself among them
