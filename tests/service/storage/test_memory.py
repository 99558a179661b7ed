"""A memory that several processes read can be written by none, and what could be written is refused."""

from __future__ import annotations

import mmap
import os

import pytest

from service.storage.memory import Memory, MemoryLostError


def test_nobody_can_change_what_is_in_it_not_even_who_filled_it() -> None:
    memory = Memory.of([b"Rhoswen", b" Tallantyre"])
    assert bytes(memory.content) == b"Rhoswen Tallantyre"
    for change in (
        lambda: os.pwrite(memory.descriptor, b"x", 0),
        lambda: os.truncate(memory.descriptor, 0),
        lambda: os.truncate(memory.descriptor, 1 << 16),
        lambda: mmap.mmap(memory.descriptor, 0),
        lambda: memory.content.__setitem__(0, 1),
    ):
        with pytest.raises((OSError, TypeError)):
            change()
    content = memory.content
    memory.close()
    assert bytes(content) == b"Rhoswen Tallantyre"


def test_a_memory_that_somebody_could_still_write_to_is_refused() -> None:
    descriptor = os.memfd_create("open", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
    os.write(descriptor, b"not yet")
    with pytest.raises(MemoryLostError):
        Memory(descriptor)
    os.close(descriptor)


def test_what_cannot_be_filled_leaves_nothing_open() -> None:
    def fill(out: memoryview) -> None:
        out[:3] = b"abc"
        raise ValueError("damaged")

    before = len(os.listdir("/proc/self/fd"))
    with pytest.raises(ValueError, match="damaged"):
        Memory.filled(1 << 16, fill)
    assert len(os.listdir("/proc/self/fd")) == before
