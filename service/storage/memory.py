"""A piece of memory that several processes read: filled once, then closed to every writing.

It has no name and lies on no disk, so that it ends with the last process that maps it. Its seals (`fcntl`'s
`F_SEAL_…`) are the kernel's: nobody, not even whoever filled it, can change what was verified.
"""

from __future__ import annotations

import fcntl
import mmap
import os
from collections.abc import Callable, Iterable
from pathlib import Path

_SEALS = fcntl.F_SEAL_SHRINK | fcntl.F_SEAL_GROW | fcntl.F_SEAL_WRITE | fcntl.F_SEAL_SEAL


class MemoryLostError(Exception):
    """What was handed over is no memory that stays as it is."""


class Memory:
    """The memory, mapped for reading. What was read of it holds it also after `close`."""

    def __init__(self, descriptor: int) -> None:
        """Takes over the descriptor. Raises MemoryLostError where somebody could still write to it."""
        self.descriptor = -1
        if fcntl.fcntl(descriptor, fcntl.F_GET_SEALS) & _SEALS != _SEALS:
            raise MemoryLostError("not sealed against writing")
        self.descriptor = descriptor
        self.content = memoryview(mmap.mmap(descriptor, 0, prot=mmap.PROT_READ))

    @classmethod
    def of(cls, pieces: Iterable[bytes | memoryview]) -> Memory:
        """A memory that holds these, one behind the other. Raises OSError where there is no room for it."""
        descriptor = _made()
        try:
            with open(descriptor, "wb", buffering=0, closefd=False) as out:
                for piece in pieces:
                    left = memoryview(piece)
                    while left:  # one writing takes 2 GiB at the most
                        left = left[out.write(left) :]
            return cls._sealed(descriptor)
        except BaseException:
            os.close(descriptor)
            raise

    @classmethod
    def filled(cls, size: int, fill: Callable[[memoryview], object]) -> Memory:
        """A memory of so many bytes that `fill` writes, and what it raises."""
        descriptor = _made()
        try:
            os.truncate(descriptor, size)
            with mmap.mmap(descriptor, size) as writable, memoryview(writable) as view:
                fill(view)
            return cls._sealed(descriptor)
        except BaseException:
            os.close(descriptor)
            raise

    def close(self) -> None:
        """Give the descriptor back: it can be handed to nobody any more."""
        if self.descriptor >= 0:
            os.close(self.descriptor)
            self.descriptor = -1

    def __del__(self) -> None:
        self.close()

    @classmethod
    def _sealed(cls, descriptor: int) -> Memory:
        fcntl.fcntl(descriptor, fcntl.F_ADD_SEALS, _SEALS)
        return cls(descriptor)


def mapped(file: Path) -> memoryview:
    """A file that is replaced whole and never written to again, read where it lies. Raises OSError, and
    ValueError for an empty one."""
    with file.open("rb") as opened:
        return memoryview(mmap.mmap(opened.fileno(), 0, prot=mmap.PROT_READ))


def _made() -> int:
    return os.memfd_create("nocontact", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
