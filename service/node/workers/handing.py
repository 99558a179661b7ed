"""The list on its way to the workers: one memory that all of them map, and the changes since.

A list counts as in force when every worker says so. One that does not say so in time, or has another list
than the keeper, is ended: it never answers by what it should not have, and is started again.
"""

from __future__ import annotations

import os
import signal
import socket
import threading
from collections.abc import Sequence
from contextlib import suppress

import msgspec
import structlog

from service.feed.messages import pack
from service.node.followed import Followed, Linked, advance
from service.node.held import ListHeld
from service.node.packed import unpacked
from service.storage.memory import Memory
from service.storage.sealing import Vault

WITHIN = 10.0
"""Seconds in which a worker has a list in force. It takes milliseconds; without a bound, one worker that
hangs would keep a restriction from being told as in force anywhere."""

_HEAD = 9
_VERSION = 71
"""Bytes of "sha256:" and the digits."""
_WHOLE, _LINKS, _NONE, _KEYS = b"w", b"l", b"n", b"k"
_log = structlog.get_logger(__name__)


_links = msgspec.msgpack.Decoder(list[Linked])


class Handing:
    """The keeper's side. Safe to share between threads."""

    def __init__(self, vault: Vault) -> None:
        """`vault` is what records are sealed with: its keys go to a worker over its own pair of sockets."""
        self._keys = vault.for_a_worker()
        self._lock = threading.Lock()
        self._workers: dict[int, socket.socket] = {}
        self._memory: Memory | None = None
        self._links: list[Linked] = []
        self._version = ""

    def add(self, pid: int, sock: socket.socket) -> bool:
        """A worker that begins: all that is in force. Whether it took it."""
        sock.settimeout(WITHIN)
        with self._lock:
            self._workers[pid] = sock
            self._send(pid, _KEYS, self._keys)
            if self._memory is None:
                self._send(pid, _NONE)
                self._hear(pid, "")
            else:
                self._send(pid, _WHOLE, b"", self._memory)
                self._send(pid, _LINKS, pack(self._links))
                self._hear(pid, None)
                self._hear(pid, self._version)
            return pid in self._workers

    def whole(self, memory: Memory, version: str) -> None:
        """Another list, in one memory. Back when all have it in force."""
        with self._lock:
            before, self._memory = self._memory, memory
            self._links, self._version = [], version
            self._tell(_WHOLE, b"", memory)
            if before is not None and before is not memory:
                before.close()

    def links(self, links: Sequence[Linked], version: str) -> None:
        """Changes of it, already verified and on the disk. Back when all have them in force."""
        with self._lock:
            self._links += links
            self._version = version
            self._tell(_LINKS, pack(links))

    def gone(self, pid: int) -> None:
        """A worker that ended."""
        with self._lock:
            self._drop(pid)

    def _tell(self, kind: bytes, body: bytes, memory: Memory | None = None) -> None:
        for pid in list(self._workers):
            self._send(pid, kind, body, memory)
        for pid in list(self._workers):
            self._hear(pid, self._version)

    def _send(self, pid: int, kind: bytes, body: bytes = b"", memory: Memory | None = None) -> None:
        sock = self._workers.get(pid)
        if sock is None:
            return
        head = kind + len(body).to_bytes(_HEAD - 1, "little")
        try:
            if memory is None:
                sock.sendall(head + body)
            else:
                socket.send_fds(sock, [head], [memory.descriptor])
        except OSError as error:
            self._lost(pid, error)

    def _hear(self, pid: int, version: str | None) -> None:
        """What it says it has in force now, and whether that is this; None is for whatever it is."""
        sock = self._workers.get(pid)
        if sock is None:
            return
        try:
            said = _received(sock, _VERSION).decode("ascii", "replace").strip()
        except OSError as error:
            self._lost(pid, error)
            return
        if version is not None and said != version:
            self._end(pid, "another list")

    def _lost(self, pid: int, error: OSError) -> None:
        if isinstance(error, ConnectionError):
            self._drop(pid)  # it ended by itself
        else:
            self._end(pid, type(error).__name__)

    def _end(self, pid: int, why: str) -> None:
        _log.error("worker_without_the_list", error=why)
        self._drop(pid)
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)

    def _drop(self, pid: int) -> None:
        sock = self._workers.pop(pid, None)
        if sock is not None:
            sock.close()


class Taking:
    """A worker's side: puts in force what comes, and says so."""

    def __init__(self, sock: socket.socket, held: ListHeld) -> None:
        """`held` is what the worker answers by."""
        self._sock, self._held = sock, held
        self.vault: Vault | None = None
        self.is_begun = False
        """Whether there is what there was at the keeper when this worker began, be it no list."""

    def begin(self) -> Vault:
        """Wait for what is in force; gives what records are sealed with. Raises OSError."""
        while not self.is_begun or self.vault is None:
            self.step()
        return self.vault

    def step(self) -> None:
        """Take one thing. Raises OSError where the keeper is gone, and whatever a list raises: a worker that
        cannot have the list that is in force has to end."""
        head, descriptors, _, _ = socket.recv_fds(self._sock, _HEAD, 1)
        if not head:
            raise ConnectionResetError
        head += _received(self._sock, _HEAD - len(head))
        kind, body = head[:1], _received(self._sock, int.from_bytes(head[1:], "little"))
        if kind == _KEYS:
            self.vault = Vault.of_a_worker(body)
            return
        if kind == _WHOLE:
            memory = Memory(descriptors[0])
            self._held.put(unpacked(memory.content))
            memory.close()
        elif kind == _LINKS:
            self._held.put(self._changed(body))
            self.is_begun = True
        else:
            self.is_begun = True
        followed = self._held.followed
        version = "" if followed is None else followed.blocklist.version
        self._sock.sendall(version.ljust(_VERSION).encode())

    def _changed(self, body: bytes) -> Followed:
        have = self._held.followed
        if have is None:
            raise ConnectionResetError
        links = _links.decode(body)
        advanced = advance(have, links, smaller=2.0)  # the keeper asked when they came
        if len(advanced.taken) < len(links):
            raise ConnectionResetError
        return advanced.followed


def _received(sock: socket.socket, size: int) -> bytes:
    """Exactly so many bytes. Raises OSError."""
    parts = bytearray()
    while len(parts) < size:
        part = sock.recv(min(size - len(parts), 1 << 20))
        if not part:
            raise ConnectionResetError
        parts += part
    return bytes(parts)
