"""What a node's reports stand on: which installation it is, their count, and the centre's word for its list.

All of it is for the centre alone. Lost, or on a disk that takes nothing more, another installation is drawn:
none of its reports is then taken for one of before.
"""

from __future__ import annotations

import re
import secrets
import time
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from service.feed.messages import Beat
from service.node.followed import Followed
from service.storage.writing import read_number, write_whole

REPORTS, INSTALLATION, CONFIRMED = "reports", "installation", "confirmed"
"""Files of the folder: up to where numbers are set aside; whose they are; the beat that named the list."""
RESERVED = 100_000
"""Numbers of reports that are set aside at a time: one writing of the disk for days of them."""

_instance = re.compile(r"[0-9a-f]{16}")


class _Confirmed(NamedTuple):
    """The beat that named a list as the newest."""

    hash: str
    carried: bytes


class Telling:
    """For the thread that reports."""

    def __init__(self, folder: Path) -> None:
        """Reads the files of the folder; writes none yet."""
        self._counts, self._named = folder / REPORTS, folder / INSTALLATION
        self._kept = folder / CONFIRMED
        count, instance = read_number(self._counts), _read(self._named).decode("ascii", "replace")
        is_known = count is not None and _instance.fullmatch(instance) is not None
        self.instance = instance if is_known else ""
        """Of this folder; drawn with the first number."""
        self._next = self._until = int(time.time()) if count is None else count
        named, _, carried = _read(self._kept).partition(b"\n")
        self._confirmed = _Confirmed(named.decode("ascii", "replace"), carried)

    def next(self) -> int:
        """The next number of this installation."""
        if self._next >= self._until or not self.instance:
            self._set_aside()
        self._next += 1
        return self._next

    def hear(self, beat: Beat, carried: bytes, followed: Followed | None) -> None:
        """Keep a beat that names the list in force as the newest, once for each list."""
        if followed is None or followed.stands_at != (beat.era, beat.number, beat.hash):
            return
        if beat.hash != self._confirmed.hash:
            self._confirmed = _Confirmed(beat.hash, carried)
            with suppress(OSError):  # it is in memory, and the next list brings another
                write_whole(self._kept, beat.hash.encode(), b"\n", carried)

    def proof_of(self, followed: Followed | None) -> bytes:
        """The centre's word for this list; empty where none was heard."""
        is_its = followed is not None and followed.hash == self._confirmed.hash
        return self._confirmed.carried if is_its else b""

    def _set_aside(self) -> None:
        """Numbers for days. Where that cannot be written nobody could go on from them: so many are another
        installation's, of this process alone."""
        self._until = self._next + RESERVED
        try:
            if not self.instance:
                self.instance = secrets.token_hex(8)
                self._named.unlink(missing_ok=True)
            write_whole(self._counts, b"%d" % self._until)
            if _read(self._named) != self.instance.encode():
                write_whole(self._named, self.instance.encode())
        except OSError:
            self.instance = secrets.token_hex(8)
            with suppress(OSError):
                self._named.unlink(missing_ok=True)


def _read(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError:
        return b""
