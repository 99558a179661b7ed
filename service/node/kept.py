"""The list on a node's disk: what it starts with when neither the centre nor Redis is there.

A whole list in one file, the changes behind it in another, each on the disk before it is in force. Both are
sealed with the node's own vault, whose key is never on a disk; a byte that is not what was written opens
nothing. A file that breaks off, or is damaged, gives what stands before that place: an older list that was
good, never another one. Whether it is still the newest is told by its age, which is kept beside it with the
name of the list that it is of: of an older one nothing is known.
"""

from __future__ import annotations

import errno
import os
import time
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime
from io import FileIO
from pathlib import Path
from typing import NamedTuple

import msgspec
import structlog

from engine.understood import Understanding
from service.feed.messages import Change, FeedError, pack
from service.node.followed import Followed, Linked, ListAt, advance
from service.node.held import since_boot
from service.node.pace import Pace
from service.node.packed import packed, unpacked
from service.node.places import NOWHERE
from service.operations.clock import TOLERANCE, TimeElsewhere
from service.storage.database import in_short
from service.storage.memory import Memory, mapped
from service.storage.sealing import SealError, Vault, opened_size
from service.storage.writing import write_whole

LIST, CHANGES, HEARD = "list", "list.changes", "list.heard"
"""Files of the folder."""
MOST_BEHIND = 1_000
"""Changes behind the whole list before that is written anew: so many a start takes up in a second."""
MOST_CHANGED = 100
"""Or so large a part of the restrictions, one in a hundred: a table that is changed more is copied whole."""

_LENGTHS = 12
"""Bytes before a change: its number, its length."""
_log = structlog.get_logger(__name__)


class _Link(msgspec.Struct, frozen=True):
    """A change as it stands in its file."""

    hash: str
    change: Change


class Heard(msgspec.Struct, frozen=True):
    """When a list was last known to be the newest, by clocks that outlive a process; and the last beat."""

    boot: str
    """Of the machine: as long as it is the same, its monotonic clock tells."""
    monotonic: float | None
    """None where it never was known."""
    wall: float | None
    """For after the machine was started again: then there is no better clock."""
    term: int = 0
    tick: int = 0
    era: int = 0
    of: ListAt | None = None
    """The newest list that was in force; None of a version that did not say it."""
    pace: Pace | None = None
    centre: tuple[float, float] | None = None
    """What time it was by the centre's clock, and by the machine's monotonic one; None where nobody knew."""


class LastHeard(NamedTuple):
    """What is known at a start of the last time."""

    age: float | None = None
    """Seconds since `of` was known to be the newest; None where nobody knows."""
    of: ListAt | None = None
    """The newest list that was in force; None where nothing says it."""
    beat: tuple[int, int, int] = (0, 0, 0)
    """The last one: era, term, tick."""
    pace: Pace | None = None
    """Of the beats, where the machine was not started since."""


_links = Understanding(_Link)
_heards = msgspec.msgpack.Decoder(Heard)


class KeptFeed:
    """The files. For one thread of one process."""

    def __init__(self, folder: Path, vault: Vault) -> None:
        """Nothing is read yet; the folder is there."""
        self._folder, self._vault = folder, vault
        self._changes: FileIO | None = None
        self.memory: Memory | None = None
        """The whole list, as it was written last."""
        self.links: list[Linked] = []
        """The changes behind it."""
        self.trouble: str | None = None
        """Why the newest list is not on the disk. It is in force all the same: no call waits for a disk."""
        self.is_behind = False
        """Whether changes lie there that do not follow on the list: it is older than they are."""

    def read(self) -> Followed | None:
        """The last good list; None where there is none. What is damaged is cut off, and told in the log."""
        try:
            self.memory = self._opened_list()
            followed = unpacked(self.memory.content)
        except FileNotFoundError:
            return None
        except (OSError, SealError, FeedError, msgspec.DecodeError, ValueError) as error:
            return self._refused("kept_list_refused", error)
        return self._with_changes(followed)

    def _opened_list(self) -> Memory:
        """The list's file, opened into a memory: of a million contact points there is never a second copy."""
        sealed = mapped(self._folder / LIST)
        size = opened_size(sealed)
        try:
            return Memory.filled(size, lambda out: self._vault.open_into(sealed, _LIST, out))
        except SealError:
            return Memory.filled(size, lambda out: self._vault.open_into(sealed, _OWN_LIST, out))

    def append(self, links: Sequence[Linked]) -> None:
        """Put changes behind the list, on the disk. What cannot be written is told by `trouble`, and the next
        whole list mends it."""
        self.links += links
        if self.trouble is not None:
            return
        try:
            self._write(b"".join(map(self._framed, links)))
        except OSError as error:
            self._failed(error)

    def replace(self, followed: Followed) -> Followed:
        """Write the list whole, with nothing behind it; gives the same list, read from the memory that holds
        it. Trouble as with `append`. Raises OSError where there is no memory for it."""
        memory = packed(followed)
        again = unpacked(memory.content)
        try:
            context = _OWN_LIST if followed.prison else _LIST
            write_whole(self._folder / LIST, self._vault.seal(memory.content, context))
            self._opened().truncate(0)
            self._opened().seek(0)
            self.trouble = None
        except OSError as error:
            self._failed(error)
        self.memory, self.links = memory, []
        return again

    def heard(
        self,
        age: float | None,
        of: ListAt,
        beat: tuple[int, int, int],
        pace: Pace | None,
        centre: datetime | None,
    ) -> None:
        """Keep which list is the newest that is in force, how old it is now, in seconds, and what time it is
        at the centre.

        Written where it lies, so that a full disk takes it too. Not forced to the disk; lost, or half
        written, nothing is known of the age. What cannot be written is taken away: it would speak of an
        older list.
        """
        now = since_boot()
        at, wall = (None, None) if age is None else (now - age, time.time() - age)
        there = None if centre is None else (centre.timestamp(), now)
        era, term, tick = beat
        sealed = self._vault.seal(pack(Heard(_boot(), at, wall, term, tick, era, of, pace, there)), _HEARD)
        file = self._folder / HEARD
        try:
            with FileIO(os.open(file, os.O_WRONLY | os.O_CREAT, 0o600), "w") as opened:
                if opened.write(sealed) != len(sealed):
                    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
                opened.truncate()
        except OSError as error:
            _log.warning("age_not_kept", error=in_short(error))
            with suppress(OSError):
                file.unlink(missing_ok=True)

    def last_heard(self, elsewhere: TimeElsewhere) -> LastHeard:
        """What was kept last; nothing where that cannot be read. What is known of the time is told to
        `elsewhere`."""
        try:
            sealed = (self._folder / HEARD).read_bytes()
            heard = _heards.decode(self._vault.open(sealed, _HEARD))
        except (OSError, SealError, msgspec.DecodeError):
            return LastHeard()
        same = heard.boot == _boot()
        if heard.centre is not None and same:
            elsewhere.hear(heard.centre[0] + since_boot() - heard.centre[1])
        elif heard.centre is not None:
            elsewhere.is_over(heard.centre[0])
        since, now = (heard.monotonic, since_boot()) if same else (heard.wall, time.time())
        age = None if since is None else now - since
        if age is not None and age < -TOLERANCE.total_seconds():  # the wall clock tells no age: it is behind
            age = None
        age = None if age is None else max(0.0, age)
        return LastHeard(age, heard.of, (heard.era, heard.term, heard.tick), heard.pace if same else None)

    def is_far_behind(self, restrictions: int) -> bool:
        """Whether the whole list has to be written anew, of so many restrictions: many changes make a start
        slow, and what is changed lies in each worker's own memory."""
        changed = sum(len(link.change.put) + len(link.change.gone) for link in self.links)
        return len(self.links) >= MOST_BEHIND or changed >= max(MOST_BEHIND, restrictions // MOST_CHANGED)

    @property
    def has_left(self) -> bool:
        """Whether the files have what is not in the list any more."""
        changes = (link.change for link in self.links)
        return any(one.gone or NOWHERE in (one.prisoners or {}).values() for one in changes)

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
            place = link.change.era, link.change.number
            if place <= (followed.era, followed.number):  # the whole list was written, and this not cut off
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
        self.links = [*advanced.taken]
        self.is_behind = len(advanced.taken) < len(links)
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
_OWN_LIST = "node/own-list"
"""Of a list of one prison: a version that would take it for all of the estate's does not open it."""


def _context(number: int) -> str:
    return f"node/change/{number}"


def _boot() -> str:
    """Which start of the machine this is."""
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text("ascii").strip()
    except OSError:
        return ""
