"""The intake: a folder into which sealed requests are put, and out of which nothing is read here.

Whoever answers the form may add a file; the case handlers' side takes it out. A file is whole or not there:
it is written under another name, brought to the disk, and renamed.
"""

from __future__ import annotations

import fcntl
import os
import secrets
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

SUFFIX = ".asked"
PART = ".part"
"""Of a file that is being written."""
FILE, FOLDER = 0o640, 0o2770
"""A group may take out what is sealed for it; nobody else sees even that something came."""
LEFT_BEHIND = 3600.0
"""Seconds after which a part belongs to a process that is gone."""
SPARE = 64 << 20
"""Bytes that are left on the disk: a full one stops whatever else writes there."""


class IntakeFullError(Exception):
    """Nothing more can be taken in; says nothing of what is there."""


class IntakeFolder:
    """Takes sealed requests in, up to its bounds. Safe to share between threads."""

    def __init__(self, folder: Path, *, most: int, most_bytes: int) -> None:
        """`most` requests with `most_bytes` in all may wait. Raises OSError."""
        self._folder, self._most, self._most_bytes = folder, most, most_bytes
        self._lock = threading.Lock()
        self._sizes: dict[str, int] = {}
        """What was there at the last count. A request's file is whole, so that it is measured once."""
        if not folder.exists():
            folder.mkdir(parents=True)
            folder.chmod(FOLDER)
        with _locked(folder):  # tried once, so that a file system that cannot is told at the start
            self._sweep()

    def put(self, sealed: bytes) -> None:
        """Take one in; it is on the disk when this returns. Raises IntakeFullError."""
        name = secrets.token_hex(16)
        part = self._folder / f".{name}{PART}"
        try:
            # So that the bounds hold however many come at once, in whichever process.
            with self._lock, _locked(self._folder):
                self._require_room(len(sealed))
                _write(part, sealed)
                part.rename(self._folder / f"{name}{SUFFIX}")
                _to_disk(self._folder)
        except OSError:
            part.unlink(missing_ok=True)
            raise IntakeFullError from None

    def require_room(self) -> None:
        """Raises IntakeFullError where nothing more can be taken in."""
        try:
            with self._lock:
                self._require_room(1)
        except OSError:
            raise IntakeFullError from None

    def _require_room(self, wanted: int) -> None:
        names = os.listdir(self._folder)
        known = self._sizes
        self._sizes = {name: known[name] if name in known else self._size(name) for name in names}
        disk = os.statvfs(self._folder)
        free = disk.f_bavail * disk.f_frsize
        held = sum(self._sizes.values())
        if len(names) >= self._most or held + wanted > self._most_bytes or free - wanted < SPARE:
            raise IntakeFullError

    def _size(self, name: str) -> int:
        """In bytes; 0 for what was taken out meanwhile."""
        try:
            return (self._folder / name).stat().st_size
        except FileNotFoundError:
            return 0

    def _sweep(self) -> None:
        """Take away what a killed process had begun: nobody was told that it arrived."""
        for part in self._folder.glob(f".*{PART}"):
            if time.time() - part.stat().st_mtime > LEFT_BEHIND:
                part.unlink(missing_ok=True)


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """While nobody else who takes in changes the folder, in this process or in another."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)  # which unlocks it


def _write(path: Path, content: bytes) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, FILE)
    with open(descriptor, "wb") as file:
        os.fchmod(descriptor, FILE)
        file.write(content)
        file.flush()
        os.fsync(descriptor)


def _to_disk(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
