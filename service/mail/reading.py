"""Pictures read in processes of their own: reading takes a second, and a broken picture may end a process."""

from __future__ import annotations

import asyncio
import os
import threading
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from io import BytesIO
from multiprocessing import get_context, parent_process

import msgspec
from PIL import Image

from adapters.mailroom.barcodes import find
from adapters.mailroom.envelope import Envelope, of_sides
from adapters.mailroom.images import ImageError, Picture, open_pages
from adapters.mailroom.looking import look
from adapters.mailroom.postcodes import postcode_of
from adapters.mailroom.reading import RapidReader

TIMEOUT = 60.0
"""Seconds for one file; a second or two a page is usual."""
KEPT_SIDE, KEPT_QUALITY = 1600, 75
"""Pixels on the long side and JPEG quality of what is kept: enough for an eye, a fifth of a megabyte."""
OUTSIDE = 2
"""Pages that are the envelope: its front, and its back. What follows is the letter."""
MOST_BODY_PAGES = 20


class Read(msgspec.Struct, frozen=True):
    """What a file holds."""

    envelope: Envelope
    body: str
    """The letter's own text, of the pages behind the envelope; empty for a privileged item."""
    pictures: tuple[bytes, ...]
    """The envelope's pages as JPEG."""
    is_cut: bool = False
    """Whether the letter has more pages than are read."""
    paid_to: str | None = None
    """The postcode that a Mailmark's postage was bought for, where it is not the address's."""


class Readers:
    """A pool of reading processes, begun at the first picture. For one event loop."""

    def __init__(self, processes: int) -> None:
        """`processes` read at the same time, each on one core."""
        self._processes = processes
        self._pool: ProcessPoolExecutor | None = None

    async def read(self, data: bytes, *, privileged: bool = False) -> Read:
        """What a file holds. Raises ImageError, also where reading it took too long or ended a process."""
        if self._pool is None:
            self._pool = ProcessPoolExecutor(
                self._processes, mp_context=get_context("spawn"), initializer=_end_with_parent
            )
        pool = self._pool
        loop = asyncio.get_running_loop()
        try:
            found = await asyncio.wait_for(loop.run_in_executor(pool, read_file, data, privileged), TIMEOUT)
        except TimeoutError:
            self._drop(pool)
            raise ImageError("takes too long to read") from None
        except BrokenProcessPool:
            self._drop(pool)
            raise ImageError("cannot be read: reading it failed") from None
        if isinstance(found, str):
            raise ImageError(found)
        return found

    def close(self) -> None:
        """End the processes."""
        if self._pool is not None:
            self._drop(self._pool)

    def _drop(self, pool: ProcessPoolExecutor) -> None:
        if self._pool is pool:
            self._pool = None
        for process in list((pool._processes or {}).values()):
            process.kill()
        pool.shutdown(wait=False, cancel_futures=True)


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


def read_file(data: bytes, privileged: bool) -> Read | str:
    """In a reading process: what a file holds, or what is wrong with it."""
    sides: list[Envelope] = []
    pictures: list[bytes] = []
    body: list[str] = []
    marks: list[str] = []
    is_cut = False
    try:
        for number, picture in enumerate(open_pages(data)):
            if number < OUTSIDE:
                sides.append(look(_reader, picture))
                pictures.append(_kept(picture))
                marks += (code.postcode for code in find(picture) if code.postcode is not None)
            elif privileged or number >= OUTSIDE + MOST_BODY_PAGES:
                is_cut = not privileged
                break
            else:
                body += (line.text for line in _reader.read(picture))
    except ImageError as error:
        return str(error)
    if not sides:
        return "no pages"
    envelope = of_sides(sides)
    text = "" if envelope.privileged else "\n".join(body)
    return Read(
        envelope, text, tuple(pictures), is_cut and not envelope.privileged, _paid_elsewhere(envelope, marks)
    )


def _paid_elsewhere(envelope: Envelope, marks: list[str]) -> str | None:
    written = postcode_of(envelope.to)
    return next((mark for mark in marks if mark != written), None)


def _kept(picture: Picture) -> bytes:
    image = Image.fromarray(picture)
    image.thumbnail((KEPT_SIDE, KEPT_SIDE))
    out = BytesIO()
    image.save(out, "JPEG", quality=KEPT_QUALITY)
    return out.getvalue()
