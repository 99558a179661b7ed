"""Up to where something between a node and its centre is done, in a file of its own.

Lost, or older than it was, it has some of that done again, which both sides know by its name.
"""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from service.feed.api_messages import LedgerPlace
from service.storage.writing import write_whole


class Bookmark(NamedTuple):
    """The number to go on from, the era of the feed that it is of, and the last record that the centre's
    ledger was seen to have."""

    until: int = 0
    era: int = 0
    centre: LedgerPlace = LedgerPlace()

    def write(self, file: Path) -> None:
        """On the disk when this returns. Raises OSError."""
        centre = f" {self.centre.seq} {self.centre.hash}" if self.centre.hash else ""
        write_whole(file, f"{self.until} {self.era}{centre}".encode())


def read_bookmark(file: Path) -> Bookmark:
    """What stands there; the beginning where nothing can be read. A version of before wrote less."""
    try:
        until, *more = file.read_text("ascii").split(" ")
        era, seq, hash_ = (*more, *("0", "0", "")[len(more) :])
        return Bookmark(int(until), int(era), LedgerPlace(int(seq), hash_))
    except (OSError, ValueError):
        return Bookmark()
