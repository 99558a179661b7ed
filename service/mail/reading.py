"""Pictures read in processes of their own: reading takes a second, and a broken picture may end a process.

Each process reads one picture at a time and nothing else is in it, so that no picture pays for another.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from functools import partial
from multiprocessing import get_context
from typing import TypeVar

import msgspec

from adapters.mailroom.barcodes import Code
from adapters.mailroom.envelope import Envelope
from adapters.mailroom.scans import ImageError
from service.errors import UnavailableError
from service.operations.cores import end_with_parent

TIMEOUT = 100.0
"""Seconds for one file, of reading alone: they begin when its turn comes. An envelope takes one to five."""
BEGINNING = 60.0
"""Seconds until a process is there and has loaded what it reads with; three are usual."""
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

    def __init__(self, processes: int, *, zip_codes: bool = False) -> None:
        """`processes` read at the same time, each on one core. `zip_codes`: see `Settings.mail_zip_codes`."""
        self._zip_codes = zip_codes
        self._turns = asyncio.Semaphore(processes)
        self._all: set[ProcessPoolExecutor] = set()
        self._idle: list[ProcessPoolExecutor] = []
        self._is_closed = False
        self.failure: str | None = None
        """What the last process could not be begun for; None where it could."""

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
        process = ProcessPoolExecutor(1, mp_context=get_context("spawn"), initializer=end_with_parent)
        self._all.add(process)
        try:
            await self._asked(process, partial(begin, self._zip_codes), BEGINNING)
        except Exception as error:  # of the system, or of what the reader loads
            self._check_open()
            self.failure = type(error).__name__
            raise UnavailableError("no process can be begun that reads pictures") from None
        self.failure = None
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


def begin(zip_codes: bool = False) -> None:
    """In a reading process: load what it reads with, which nothing else needs."""
    from service.mail import pages

    pages.begin(zip_codes)


def read_file(data: bytes, privileged: bool) -> Read | str:
    """In a reading process: what a file holds, or what is wrong with it."""
    from service.mail import pages

    return pages.read_file(data, privileged)
