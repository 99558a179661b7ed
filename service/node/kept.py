"""The list on a node's disk: what it starts with when neither the centre nor Redis is there.

A whole list in one file, the changes behind it in another, each on the disk before it is in force. Both are
sealed with the node's own vault, whose key is never on a disk; a byte that is not what was written opens
nothing. A file that breaks off, or is damaged, gives what stands before that place: an older list that was
good, never another one. Whether it is still the newest is told by its age, which is kept beside it.
"""

from __future__ import annotations

import errno
import os
import time
from collections.abc import Sequence
from io import FileIO
from pathlib import Path

import msgspec
import structlog

from engine import saved
from engine.understood import Understanding
from service.feed.messages import Change, FeedError, SnapshotHead, pack
from service.node.followed import Followed, Linked, advance, restored
from service.storage.database import in_short
from service.storage.sealing import SealError, Vault
from service.storage.writing import write_whole

LIST, CHANGES, HEARD = "list", "list.changes", "list.heard"
"""Files of the folder."""
MOST_BEHIND = 1_000
"""Changes behind the whole list before that is written anew: so many a start takes up in a second."""

_LENGTHS = 12
"""Bytes before a change: its number, its length."""
_log = structlog.get_logger(__name__)


def since_boot() -> float:
    """Seconds since the machine was started, its sleep included: nobody sets that clock."""
    return time.clock_gettime(time.CLOCK_BOOTTIME)


class _Head(msgspec.Struct, frozen=True):
    """What stands before the saved list."""

    snapshot: SnapshotHead
    lost: list[str]


class _Link(msgspec.Struct, frozen=True):
    """A change as it stands in its file."""

    hash: str
    change: Change


class Heard(msgspec.Struct, frozen=True):
    """When the list was last known to be the newest, by clocks that outlive a process; and the last beat."""

    boot: str
    """Of the machine: as long as it is the same, its monotonic clock tells."""
    monotonic: float
    wall: float
    """For after the machine was started again: then there is no better clock."""
    term: int = 0
    tick: int = 0
    era: int = 0


_heads = Understanding(_Head)
_links = Understanding(_Link)
_heards = msgspec.msgpack.Decoder(Heard)


class KeptFeed:
    """The files. For one thread of one process."""

    def __init__(self, folder: Path, vault: Vault) -> None:
        """Nothing is read yet; the folder is there."""
        self._folder, self._vault = folder, vault
        self._changes: FileIO | None = None
        self.behind = 0
        """Changes behind the whole list."""
        self.trouble: str | None = None
        """Why the newest list is not on the disk. It is in force all the same: no call waits for a disk."""

    def read(self) -> Followed | None:
        """The last good list; None where there is none. What is damaged is cut off, and told in the log."""
        try:
            content = (self._folder / LIST).read_bytes()
        except FileNotFoundError:
            return None
        except OSError as error:
            return self._refused("kept_list_refused", error)
        try:
            plain = memoryview(self._vault.open(memoryview(content), _LIST))
            del content
            size = int.from_bytes(plain[:8], "big")
            head, _ = _heads.decode(plain[8 : 8 + size])  # what another version kept is taken as it is known
            followed = restored(head.snapshot, plain[8 + size :])
        except (SealError, FeedError, msgspec.DecodeError, ValueError) as error:
            return self._refused("kept_list_refused", error)
        followed = msgspec.structs.replace(followed, lost=followed.lost | set(head.lost))
        return self._with_changes(followed)

    def append(self, links: Sequence[Linked]) -> None:
        """Put changes behind the list, on the disk. What cannot be written is told by `trouble`, and the next
        whole list mends it."""
        if self.trouble is not None:
            return
        try:
            self._write(b"".join(map(self._framed, links)))
        except OSError as error:
            self._failed(error)
            return
        self.behind += len(links)

    def replace(self, followed: Followed) -> None:
        """Write the list whole, with nothing behind it. Trouble as with `append`."""
        head = pack(_Head(followed.head, sorted(followed.lost)))
        plain = b"".join((len(head).to_bytes(8, "big"), head, saved.save(followed.blocklist)))
        try:
            write_whole(self._folder / LIST, self._vault.seal(plain, _LIST))
            self._opened().truncate(0)
            self._opened().seek(0)
        except OSError as error:
            self._failed(error)
            return
        self.behind, self.trouble = 0, None

    def heard(self, age: float, era: int, term: int, tick: int) -> None:
        """Keep how old the list is now, in seconds. Not forced to the disk: lost, it counts as older."""
        heard = Heard(_boot(), since_boot() - age, time.time() - age, term, tick, era)
        try:
            written = self._folder / f"{HEARD}.new"
            written.write_bytes(self._vault.seal(pack(heard), _HEARD))
            os.replace(written, self._folder / HEARD)
        except OSError as error:
            _log.warning("age_not_kept", error=in_short(error))

    def last_heard(self) -> tuple[float | None, tuple[int, int, int]]:
        """The list's age now in seconds, None where nobody knows; and the last beat: era, term, tick."""
        try:
            sealed = (self._folder / HEARD).read_bytes()
            heard = _heards.decode(self._vault.open(sealed, _HEARD))
        except (OSError, SealError, msgspec.DecodeError):
            return None, (0, 0, 0)
        same = heard.boot == _boot()
        age = since_boot() - heard.monotonic if same else time.time() - heard.wall
        return max(0.0, age), (heard.era, heard.term, heard.tick)

    def close(self) -> None:
        """Give the file back."""
        if self._changes is not None:
            self._changes.close()
            self._changes = None

    def _with_changes(self, followed: Followed) -> Followed:
        """The list with the changes behind it; the file is cut where the first is not good."""
        links: list[Linked] = []
        ends: list[int] = []
        try:
            content = self._opened().read()
        except OSError as error:
            self._refused("kept_changes_refused", error)
            return followed
        at = start = 0
        while (read := self._unframed(content, at)) is not None:
            link, at = read
            if link.change.number <= followed.number:  # the whole list was written, and this not cut off
                start = at
                continue
            links.append(link)
            ends.append(at)
        advanced = advance(followed, links, smaller=2.0)  # it was asked when they came
        good = ends[len(advanced.taken) - 1] if advanced.taken else start
        if good < len(content):
            _log.error("kept_changes_cut_off", count=len(links) - len(advanced.taken))
            try:
                self._opened().truncate(good)
                self._opened().seek(good)
            except OSError as error:
                self._failed(error)
        self.behind = len(advanced.taken)
        return advanced.followed

    def _framed(self, link: Linked) -> bytes:
        number = link.change.number
        sealed = self._vault.seal(pack(_Link(link.hash, link.change)), _context(number))
        return number.to_bytes(8, "big") + len(sealed).to_bytes(4, "big") + sealed

    def _unframed(self, content: bytes, at: int) -> tuple[Linked, int] | None:
        """The change at a place, and where the next begins; None where there is no whole one."""
        number = int.from_bytes(content[at : at + 8], "big")
        start = at + _LENGTHS
        end = start + int.from_bytes(content[at + 8 : start], "big")
        if start >= end or end > len(content):
            return None
        try:
            link, _ = _links.decode(self._vault.open(content[start:end], _context(number)))
        except (SealError, msgspec.DecodeError, ValueError):
            return None
        return Linked(link.change, link.hash), end

    def _opened(self) -> FileIO:
        """The file of the changes, at its place."""
        if self._changes is None:
            descriptor = os.open(self._folder / CHANGES, os.O_RDWR | os.O_CREAT, 0o600)
            self._changes = FileIO(descriptor, "r+")
        return self._changes

    def _write(self, content: bytes) -> None:
        """Raises OSError where not all of it got there: what did is cut off when it is read."""
        opened = self._opened()
        if opened.write(content) != len(content):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        os.fsync(opened.fileno())

    def _failed(self, error: OSError) -> None:
        if self.trouble is None:
            _log.error("list_not_kept", error=in_short(error))
        self.trouble = in_short(error)

    @staticmethod
    def _refused(event: str, error: Exception) -> None:
        _log.error(event, error=type(error).__name__)


_LIST, _HEARD = "node/list", "node/heard"


def _context(number: int) -> str:
    return f"node/change/{number}"


def _boot() -> str:
    """Which start of the machine this is."""
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text("ascii").strip()
    except OSError:
        return ""
