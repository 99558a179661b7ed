"""A service whose wall clock somebody can set while it runs: what it asks the system for is replaced."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest

from benchmarks import debian
from tests.service.running import Service, service_in

_PLACES = ("/usr/lib/*/faketime/libfaketime.so.1", "/usr/lib64/faketime/libfaketime.so.1")


def set_clock(folder: Path, by: timedelta) -> None:
    """What the attacker does: the clock goes on from so much later than it really is, or earlier."""
    new = folder / "clock.new"
    new.write_text(f"{by.total_seconds():+.0f}\n")
    new.replace(folder / "clock")


def under_clock(folder: Path) -> dict[str, str]:
    """The environment of a process that goes by the clock of this folder. Its monotonic clock is the real
    one: nobody can set that."""
    return {
        "LD_PRELOAD": _library(),
        "FAKETIME_TIMESTAMP_FILE": str(folder / "clock"),
        "FAKETIME_NO_CACHE": "1",
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        "NO_FAKE_STAT": "1",
    }


@contextmanager
def service_with_clock(folder: Path, **settings: str) -> Iterator[Service]:
    """A service with one restriction, whose clock `set_clock` sets."""
    set_clock(folder, timedelta())
    with service_in(folder, **under_clock(folder), **settings) as service:
        yield service


def _library() -> str:
    found = _installed()
    if found is None:
        debian.install("faketime")
        found = _installed()
    if found is None:
        pytest.skip("no libfaketime: apt-get install faketime")
    return found


def _installed() -> str | None:
    for place in _PLACES:
        for path in Path("/").glob(place.lstrip("/")):
            return os.fspath(path)
    return None
