"""Lines of writing on a picture, by a reader whose models come with its package (RapidOCR, PP-OCRv6).

The reader is an instance of `Reader`; another one is one more class.
"""

from __future__ import annotations

import math
import threading
from collections.abc import Sequence
from typing import Any, Protocol

import msgspec
import numpy as np
from rapidocr import RapidOCR

from adapters.mailroom.images import Picture

LEAST_TILT = 2.0
"""Degrees. What is tilted less is read as it is."""


class Line(msgspec.Struct, frozen=True):
    """One line as it was read. `text` is a protected detail."""

    text: str
    confidence: float
    """0 to 1, the reader's own."""
    left: float
    top: float
    width: float
    height: float
    """Pixels, in the picture set straight."""

    def __repr__(self) -> str:
        return f"Line({len(self.text)} characters, {self.confidence:.2f})"

    @property
    def bottom(self) -> float:
        """Where it ends."""
        return self.top + self.height


class Reader(Protocol):
    """Anything that reads writing."""

    def read(self, picture: Picture) -> tuple[Line, ...]:
        """Its lines from top to bottom, as if the picture were straight."""
        ...


class RapidReader:
    """RapidOCR on one core. Its engine is made at the first picture, and takes one at a time."""

    def __init__(self) -> None:
        """Loads nothing yet."""
        self._engine: RapidOCR | None = None
        self._one_at_a_time = threading.Lock()

    def read(self, picture: Picture) -> tuple[Line, ...]:
        """Lines from top to bottom; none where there is no writing."""
        with self._one_at_a_time:
            if self._engine is None:
                self._engine = RapidOCR(params={"Global.log_level": "critical"})
            found: Any = self._engine(np.ascontiguousarray(picture[:, :, ::-1]))
        if found.boxes is None:
            return ()
        return straightened(found.boxes, found.txts, found.scores)


def straightened(boxes: Sequence[Any], texts: Sequence[str], scores: Sequence[float]) -> tuple[Line, ...]:
    """Lines where they would be on a straight picture. A box is four corners, clockwise from top left."""
    tilt = _tilt(boxes)
    cos, sin = math.cos(-tilt), math.sin(-tilt)
    turn = np.array([[cos, -sin], [sin, cos]])
    lines = []
    for box, text, score in zip(boxes, texts, scores, strict=True):
        corners = np.asarray(box, dtype=float) @ turn.T
        (left, top), (right, bottom) = corners.min(axis=0), corners.max(axis=0)
        lines.append(Line(text, float(score), left, top, right - left, bottom - top))
    return tuple(sorted(lines, key=lambda line: (line.top, line.left)))


def _tilt(boxes: Sequence[Any]) -> float:
    """The angle of the writing in radians: that of its lines, each counting by its length."""
    angles, lengths = [], []
    for box in boxes:
        (x0, y0), (x1, y1) = np.asarray(box, dtype=float)[:2]
        length = math.hypot(x1 - x0, y1 - y0)
        angles.append(math.atan2(y1 - y0, x1 - x0))
        lengths.append(length)
    if not angles:
        return 0.0
    order = np.argsort(angles)
    middle = np.searchsorted(np.cumsum(np.asarray(lengths)[order]), sum(lengths) / 2)
    tilt = angles[order[min(int(middle), len(angles) - 1)]]
    return tilt if abs(math.degrees(tilt)) >= LEAST_TILT else 0.0
