"""Lines of writing on a picture, by a reader whose models come with its package (RapidOCR, PP-OCRv6).

It takes a second to load, and is for the processes that read: nothing in the service itself imports it.
"""

from __future__ import annotations

import math
import threading
import unicodedata
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rapidocr import RapidOCR
from rapidocr.ch_ppocr_rec.utils import CTCLabelDecode

from adapters.mailroom.images import Picture
from adapters.mailroom.lines import Character, Line

LEAST_TILT = 2.0
"""Degrees. What is tilted less is read as it is."""
LEAST_CHANCE = 0.02
"""A character less likely than this is no alternative."""
SEEN_SIDE = 832
"""Pixels of the longest side at which lines are looked for; they are read in all their pixels. On drawn
envelopes as much was found as at 1,376, for less than half of the time."""
SMALL = 14
"""Pixels, of those, that a line is high: where a quarter of them are lower, or none was seen, they are
looked for again in all the pixels, as there may be smaller ones."""


class RapidReader:
    """RapidOCR on one core. Its engine is made at the first picture, and takes one at a time.

    It reads eighty alphabets. On an envelope that is written in Latin letters nothing else is taken for one
    (`_Decoder`); where the writing is of another script, what was read stays what it is.
    """

    def __init__(self) -> None:
        """Loads nothing yet."""
        self._engine: RapidOCR | None = None
        self._decoder: _Decoder | None = None
        self._one_at_a_time = threading.Lock()

    def read(self, picture: Picture) -> tuple[Line, ...]:
        """Lines from top to bottom; none where there is no writing."""
        with self._one_at_a_time:
            if self._engine is None:
                self._engine = RapidOCR(params=_PARAMETERS)
                engine: Any = self._engine
                recognizer = engine._load_rec_model()
                self._decoder = _Decoder(recognizer.postprocess_op.character)
                recognizer.postprocess_op = self._decoder
            found, decoded = self._found(picture, SEEN_SIDE)
            if _may_be_smaller(found.boxes, max(picture.shape)):
                again, others = self._found(picture, max(picture.shape))
                if found.boxes is None or len(again.boxes if again.boxes is not None else ()) > len(
                    found.boxes
                ):
                    found, decoded = again, others
        if found.boxes is None:
            return ()
        height, width = picture.shape[:2]
        return straightened(found.boxes, found.txts, found.scores, decoded, (width / 2, height / 2))

    def _found(
        self, picture: Picture, side: int
    ) -> tuple[Any, dict[tuple[str, float], tuple[Character, ...]]]:
        """What the engine reads of the lines that are seen where the longest side has so many pixels."""
        engine: Any = self._engine
        engine._load_det_model().limit_side_len = side
        found = engine(np.ascontiguousarray(picture[:, :, ::-1]), return_word_box=False)
        return found, self._decoder.taken() if self._decoder else {}


def _may_be_smaller(boxes: Sequence[Any] | None, longest: int) -> bool:
    """Whether no line of a picture was seen, or many are so low that lower ones may not have been."""
    if longest <= SEEN_SIDE or boxes is None:
        return longest > SEEN_SIDE
    corners = np.asarray(boxes, dtype=float)
    sides = np.hypot(*(corners[:, 1:3] - corners[:, 0:2]).T)  # two sides of each box
    return bool(np.quantile(sides.min(axis=0), 0.25) * SEEN_SIDE < SMALL * longest)


_PARAMETERS = {
    "Global.log_level": "critical",
    "Global.use_cls": False,  # its classifier turns lines of handwriting upside down; see looking.py
    "Det.limit_type": "max",
    "Global.text_score": 0.1,  # what is hardly read is doubtful, and must not be missing
    "EngineConfig.onnxruntime.intra_op_num_threads": 1,
    "EngineConfig.onnxruntime.inter_op_num_threads": 1,
}


class _Decoder(CTCLabelDecode):
    """From the chances of every character at every step to lines, and what each character else may be."""

    def __init__(self, character: list[str]) -> None:
        self.character = character
        self.dict = {char: place for place, char in enumerate(character)}
        self._foreign = np.array([_is_foreign(char) for char in character])
        self._foreign[0] = False  # the blank
        self._seen: dict[tuple[str, float], tuple[Character, ...]] = {}

    def __call__(
        self, preds: NDArray[np.float32], return_word_box: bool = False, **options: Any
    ) -> tuple[list[tuple[str, float]], list[Any]]:
        """The text and confidence of each line of a batch."""
        lines = []
        for chances in preds:
            text, characters = self._line(chances)
            confidence = sum(one.chance for one in characters) / len(characters) if characters else 0.0
            lines.append((text, confidence))
            self._seen[text, confidence] = characters
        return lines, []

    def taken(self) -> dict[tuple[str, float], tuple[Character, ...]]:
        """The characters of every line since the last time, by text and confidence."""
        seen, self._seen = self._seen, {}
        return seen

    def _line(self, chances: NDArray[np.float32]) -> tuple[str, tuple[Character, ...]]:
        best = chances.argmax(axis=1)
        written = best[best != 0]
        if len(written) and self._foreign[written].mean() < 0.5:
            chances = np.where(self._foreign, 0.0, chances)
            best = chances.argmax(axis=1)
        text, characters = [], []
        for step, place in enumerate(best):
            if place == 0 or (step and best[step - 1] == place):
                continue
            end = step + 1
            while end < len(best) and best[end] == place:
                end += 1
            peak = chances[step + int(chances[step:end, place].argmax())]
            text.append(self.character[place])
            characters.append(Character(float(peak[place]), self._others(peak, int(place))))
        return "".join(text), tuple(characters)

    def _others(self, peak: NDArray[np.float32], place: int) -> tuple[tuple[str, float], ...]:
        likely = [other for other in np.flatnonzero(peak >= LEAST_CHANCE) if other != place]
        likely.sort(key=lambda other: -float(peak[other]))
        return tuple(("" if other == 0 else self.character[other], float(peak[other])) for other in likely)


def _is_foreign(character: str) -> bool:
    """Whether a character has no place on an envelope written in Latin letters."""
    return not character.isascii() and (
        not character.isalpha() or not unicodedata.name(character[0], "").startswith("LATIN")
    )


def straightened(
    boxes: Sequence[Any],
    texts: Sequence[str],
    scores: Sequence[float],
    characters: Mapping[tuple[str, float], tuple[Character, ...]] | None = None,
    middle: tuple[float, float] = (0.0, 0.0),
) -> tuple[Line, ...]:
    """Lines where they would be if the picture were turned straight about its middle.

    A box is four corners, clockwise from top left.
    """
    tilt = _tilt(boxes)
    cos, sin = math.cos(-tilt), math.sin(-tilt)
    turn = np.array([[cos, -sin], [sin, cos]])
    lines = []
    for box, text, score in zip(boxes, texts, scores, strict=True):
        corners = (np.asarray(box, dtype=float) - middle) @ turn.T + middle
        (left, top), (right, bottom) = corners.min(axis=0), corners.max(axis=0)
        known = (characters or {}).get((text, score), ())
        lines.append(Line(text, float(score), left, top, right - left, bottom - top, known))
    return tuple(sorted(lines, key=lambda line: (line.top, line.left)))


def _tilt(boxes: Sequence[Any]) -> float:
    """The angle of the writing in radians, at most an eighth of a turn: that of its lines, by their length.

    A box begins at its uppermost or its leftmost corner: its first side runs along the writing or across it.
    """
    if not len(boxes):
        return 0.0
    corners = np.asarray(boxes, dtype=float)
    first, second = corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 1]
    lengths = np.maximum(np.hypot(*first.T), np.hypot(*second.T))
    angles = np.arctan2(first[:, 1], first[:, 0])
    about = float(np.angle(np.sum(lengths * np.exp(4j * angles)))) / 4
    off = (angles - about + math.pi / 4) % (math.pi / 2) - math.pi / 4
    order = np.argsort(off)
    middle = np.searchsorted(np.cumsum(lengths[order]), lengths.sum() / 2)
    tilt = about + float(off[order[min(int(middle), len(off) - 1)]])
    return tilt if abs(math.degrees(tilt)) >= LEAST_TILT else 0.0
