"""Pictures read in processes of their own: reading takes a second, and a broken picture may end a process.

Each process reads one picture at a time and nothing else is in it, so that no picture pays for another.
"""

from __future__ import annotations

import asyncio
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from functools import partial
from io import BytesIO
from itertools import islice
from multiprocessing import get_context, parent_process
from typing import TypeVar

import msgspec
import numpy as np
from PIL import Image

from adapters.mailroom.barcodes import Code, find
from adapters.mailroom.blank import is_blank
from adapters.mailroom.envelope import Envelope, of_sides
from adapters.mailroom.images import SHORTEST_SIDE, ImageError, Picture, open_pages
from adapters.mailroom.ocr import Line, RapidReader, Reader
from adapters.mailroom.orientation import lie_sideways, look, turned_left, turned_right, upside_down
from service.errors import UnavailableError

TIMEOUT = 100.0
"""Seconds for one file, of reading alone: they begin when its turn comes. An envelope takes one to five."""
LETTER_TIME = 60.0
"""Seconds from the file's first page after which no further page of the letter is begun: a dense one takes
eight. What is left then is not read, and the letter is held for that."""
OPENING = 10.0
"""Seconds of the processor for one page to be opened, or the process ends; the largest scans take three. A
decoder that was led in circles listens to nothing else, and would hold a reader until TIMEOUT."""
BEGINNING = 60.0
"""Seconds until a process is there and has loaded what it reads with; three are usual."""
KEPT_SIDE, KEPT_QUALITY = 1600, 75
"""Pixels on the long side and JPEG quality of what is kept: enough for an eye, a fifth of a megabyte."""
OUTSIDE = 2
"""Pages that are the envelope: its front, and its back. What follows is the letter."""
MOST_BODY_PAGES = 20
SURE_PAGE = 0.85
"""Mean confidence of a page's characters from which it is believed. Worn pages in eight typefaces had 0.98 or
more; the same pages upside down, read as nonsense, had up to 0.79."""

_Answer = TypeVar("_Answer")


class Read(msgspec.Struct, frozen=True):
    """What a file holds."""

    envelope: Envelope
    body: str
    """The writing behind the envelope's front, its back's too: where no back was scanned, page 2 is the
    letter's. Empty for a privileged item."""
    pictures: tuple[bytes, ...]
    """The envelope's pages as JPEG."""
    is_cut: bool = False
    """Whether the letter has more pages than are read."""
    unread_pages: int = 0
    """Pages of the letter with something on them that could not be read for sure, whichever way up."""
    codes: tuple[Code, ...] = ()
    """What is printed on the envelope for machines."""


class Readers:
    """Reading processes, each begun when a picture first waits for it. For one event loop."""

    def __init__(self, processes: int) -> None:
        """`processes` read at the same time, each on one core."""
        self._turns = asyncio.Semaphore(processes)
        self._all: set[ProcessPoolExecutor] = set()
        self._idle: list[ProcessPoolExecutor] = []
        self._is_closed = False

    async def read(self, data: bytes, *, privileged: bool = False) -> Read:
        """What a file holds. Raises ImageError, also where reading it takes too long or ends two processes.

        Raises UnavailableError where the file has no part in it: no process can be begun, or all are closed.
        """
        async with self._turns:
            self._check_open()
            process = self._idle.pop() if self._idle else await self._begun()
            try:
                found = await self._read(process, data, privileged)
            except BrokenProcessPool:  # it may have been ended from outside, as where memory is short
                process = await self._begun()
                try:
                    found = await self._read(process, data, privileged)
                except BrokenProcessPool:
                    raise ImageError("cannot be read: reading it failed") from None
            self._idle.append(process)
        if isinstance(found, str):
            raise ImageError(found)
        return found

    def close(self) -> None:
        """End the processes, for good."""
        self._is_closed = True
        for process in [*self._all]:
            self._end(process)

    async def _begun(self) -> ProcessPoolExecutor:
        """A process that has read an empty page: what ends it later is not that it cannot read."""
        process = ProcessPoolExecutor(1, mp_context=get_context("spawn"), initializer=_end_with_parent)
        self._all.add(process)
        try:
            await self._asked(process, begin, BEGINNING)
        except Exception:  # of the system, or of what the reader loads
            self._check_open()
            raise UnavailableError("no process can be begun that reads pictures") from None
        return process

    async def _read(self, process: ProcessPoolExecutor, data: bytes, privileged: bool) -> Read | str:
        try:
            return await self._asked(process, partial(read_file, data, privileged), TIMEOUT)
        except TimeoutError:
            raise ImageError("takes too long to read") from None
        except BrokenProcessPool:
            self._check_open()
            raise

    async def _asked(
        self, process: ProcessPoolExecutor, what: Callable[[], _Answer], limit: float
    ) -> _Answer:
        """A process's answer; where it has none in time, or nobody waits for it any more, it is ended."""
        try:
            return await asyncio.wait_for(asyncio.wrap_future(process.submit(what)), limit)
        except BaseException:
            self._end(process)
            raise

    def _check_open(self) -> None:
        if self._is_closed:
            raise UnavailableError("the readers of pictures are closed")

    def _end(self, process: ProcessPoolExecutor) -> None:
        self._all.discard(process)
        for one in list((process._processes or {}).values()):
            one.kill()
        process.shutdown(wait=False, cancel_futures=True)


def _end_with_parent() -> None:
    """A reading process does not outlive the service, even one that was killed."""
    parent = parent_process()
    if parent is None:
        return

    def wait() -> None:
        parent.join()
        os._exit(1)

    threading.Thread(target=wait, daemon=True).start()


_reader = RapidReader()


def begin() -> None:
    """In a reading process: load what it reads with. Raises what the reader raises without its models."""
    _reader.read(np.full((SHORTEST_SIDE, SHORTEST_SIDE, 3), 255, dtype=np.uint8))


def read_file(data: bytes, privileged: bool) -> Read | str:
    """In a reading process: what a file holds, or what is wrong with it."""
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
