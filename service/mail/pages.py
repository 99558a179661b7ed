"""What the pages of a file hold: an envelope's sides, then a letter. For the processes that read."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable, Iterator, Sequence
from io import BytesIO
from itertools import islice

import msgspec
import numpy as np
from PIL import Image

from adapters.mailroom.barcodes import Code, find
from adapters.mailroom.blank import is_blank
from adapters.mailroom.doors import believe_zip_codes
from adapters.mailroom.envelope import Envelope, of_sides
from adapters.mailroom.images import SHORTEST_SIDE, Picture, open_pages
from adapters.mailroom.lines import Line, Reader
from adapters.mailroom.ocr import RapidReader
from adapters.mailroom.orientation import lie_sideways, look, turned_left, turned_right, upside_down
from adapters.mailroom.scans import ImageError
from service.mail.reading import Read

LETTER_TIME = 60.0
"""Seconds from the file's first page after which no further page of the letter is begun: a dense one takes
eight. What is left then is not read, and the letter is held for that."""
OPENING = 10.0
"""Seconds of the processor for one page to be opened, or the process ends; the largest scans take three. A
decoder that was led in circles listens to nothing else, and would hold a reader until TIMEOUT."""
KEPT_SIDE, KEPT_QUALITY = 1600, 75
"""Pixels on the long side and JPEG quality of what is kept: enough for an eye, a fifth of a megabyte."""
OUTSIDE = 2
"""Pages that are the envelope: its front, and its back. What follows is the letter."""
MOST_BODY_PAGES = 20
SURE_PAGE = 0.85
"""Mean confidence of a page's characters from which it is believed. Worn pages in eight typefaces had 0.98 or
more; the same pages upside down, read as nonsense, had up to 0.79."""


_reader = RapidReader()


def begin(zip_codes: bool = False) -> None:
    """Load what it reads with, by the mailroom's setting. Raises what the reader does without its models."""
    believe_zip_codes(zip_codes)
    _reader.read(np.full((SHORTEST_SIDE, SHORTEST_SIDE, 3), 255, dtype=np.uint8))


def read_file(data: bytes, privileged: bool) -> Read | str:
    """What a file holds, or what is wrong with it."""
    try:
        return _read_pages(_opened(open_pages(data)), privileged, time.monotonic() + LETTER_TIME)
    except ImageError as error:
        return str(error)


def _opened(pages: Iterator[Picture]) -> Iterator[Picture]:
    """The same pages. Opening one for too long ends the process: nothing less reaches into a decoder."""
    while True:
        signal.setitimer(signal.ITIMER_PROF, OPENING)
        try:
            page = next(pages, None)
        finally:
            signal.setitimer(signal.ITIMER_PROF, 0)
        if page is None:
            return
        yield page


def _read_pages(pages: Iterator[Picture], privileged: bool, until: float) -> Read | str:
    sides: list[Envelope] = []
    pictures: list[bytes] = []
    codes: list[Code] = []
    back: tuple[Line, ...] = ()
    for picture in islice(pages, OUTSIDE):
        noting = _Noting(_reader)
        sides.append(look(noting, picture))
        back = max(noting.looks, key=_weight) if len(sides) > 1 else ()
        pictures.append(_kept(picture))
        codes += find(picture)
    if not sides:
        return "no pages"
    envelope = of_sides(sides)
    is_marked = privileged or envelope.privileged
    letter = _Letter() if is_marked else _letter(back, pages, until)
    return Read(
        envelope=envelope,
        body=letter.text,
        pictures=tuple(pictures),
        is_cut=letter.is_cut,
        unread_pages=letter.unread_pages,
        codes=tuple(codes),
    )


class _Noting:
    """A reader that keeps what it read."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self.looks: list[tuple[Line, ...]] = []

    def read(self, picture: Picture) -> tuple[Line, ...]:
        lines = self._reader.read(picture)
        self.looks.append(lines)
        return lines


class _Letter(msgspec.Struct, frozen=True):
    text: str = ""
    unread_pages: int = 0
    is_cut: bool = False


_Turn = Callable[[Picture], Picture]


def _as_it_lies(picture: Picture) -> Picture:
    return picture


_TURNS: tuple[_Turn, ...] = (_as_it_lies, upside_down, turned_left, turned_right)


def _letter(back: Sequence[Line], pages: Iterator[Picture], until: float) -> _Letter:
    """The writing behind the envelope's front: on its back, and on the pages, as far as the time goes."""
    texts = [_text(back)]
    unread = 0
    usual: _Turn = _as_it_lies
    for number, page in enumerate(pages):
        if number == MOST_BODY_PAGES or time.monotonic() >= until:
            return _Letter("\n".join(texts), unread, is_cut=True)
        turns = sorted(_TURNS, key=lambda turn: turn is not usual)  # the pages of one letter lie alike
        usual, lines = _best_look(page, turns, until)
        texts.append(_text(lines))
        unread += not _is_sure(lines) and (bool(lines) or not is_blank(page))
    return _Letter("\n".join(filter(None, texts)), unread)


def _best_look(page: Picture, turns: Sequence[_Turn], until: float) -> tuple[_Turn, tuple[Line, ...]]:
    """Which turn a page is read best by, and its lines. They are tried until it is sure, or time is over."""
    looks: dict[_Turn, tuple[Line, ...]] = {}
    for turn in turns:
        looks[turn] = _reader.read(turn(page))
        if _is_sure(looks[turn]) or time.monotonic() >= until or (not looks[turn] and is_blank(page)):
            break
    best = max(looks, key=lambda turn: _weight(looks[turn]))
    return best, looks[best]


def _is_sure(lines: Sequence[Line]) -> bool:
    return bool(lines) and _weight(lines) >= SURE_PAGE * sum(len(line.text) for line in lines)


def _weight(lines: Sequence[Line]) -> float:
    """How much was read, each character as far as it is sure. Lines that stand on end are in no order."""
    return 0 if lie_sideways(lines) else sum(len(line.text) * line.confidence for line in lines)


def _text(lines: Sequence[Line]) -> str:
    return "\n".join(line.text for line in lines)


def _kept(picture: Picture) -> bytes:
    image = Image.fromarray(picture)
    image.thumbnail((KEPT_SIDE, KEPT_SIDE))
    out = BytesIO()
    image.save(out, "JPEG", quality=KEPT_QUALITY)
    return out.getvalue()
