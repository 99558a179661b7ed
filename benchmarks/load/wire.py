"""A network of one's own between two programs: it can be cut, fall silent, or be slow."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from benchmarks.free_port import free_port

_AT_ONCE = 65_536


class Wire:
    """Carries TCP to a port, until it is cut."""

    def __init__(self, to: int) -> None:
        """`to` is a port of this machine; it may be changed."""
        self.to = to
        self.port = free_port()
        self.delay = 0.0
        """Seconds that each piece takes in each direction."""
        self._carries = threading.Event()
        self._carries.set()
        self._is_cut = False
        self._ends: set[socket.socket] = set()
        self._lock = threading.Lock()
        self._door = socket.create_server(("127.0.0.1", self.port))
        threading.Thread(target=self._accept, daemon=True).start()

    def cut(self) -> None:
        """Break every connection, and refuse new ones."""
        self._is_cut = True
        self._break()

    def silence(self) -> None:
        """Carry nothing, and tell nobody: as a firewall that drops."""
        self._carries.clear()

    def mend(self) -> None:
        """As it was at first."""
        self._is_cut, self.delay = False, 0.0
        self._carries.set()

    def close(self) -> None:
        """For good."""
        self.cut()
        self._carries.set()
        with suppress(OSError):
            self._door.shutdown(socket.SHUT_RDWR)
        self._door.close()

    def _break(self) -> None:
        with self._lock:
            ends, self._ends = self._ends, set()
        for end in ends:
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()

    def _accept(self) -> None:
        while True:
            try:
                near, _ = self._door.accept()
            except OSError:
                return
            threading.Thread(target=self._connect, args=(near,), daemon=True).start()

    def _connect(self, near: socket.socket) -> None:
        self._carries.wait()
        try:
            if self._is_cut:
                raise OSError("cut")
            far = socket.create_connection(("127.0.0.1", self.to), timeout=5)
            far.settimeout(None)
        except OSError:
            near.close()
            return
        with self._lock:
            self._ends |= {near, far}
        for one, other in ((near, far), (far, near)):
            threading.Thread(target=self._carry, args=(one, other), daemon=True).start()

    def _carry(self, one: socket.socket, other: socket.socket) -> None:
        with suppress(OSError):
            while piece := one.recv(_AT_ONCE):
                self._carries.wait()
                if self.delay:
                    time.sleep(self.delay)
                other.sendall(piece)
        for end in (one, other):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)


@contextmanager
def wire(to: int) -> Iterator[Wire]:
    """One that carries."""
    made = Wire(to)
    try:
        yield made
    finally:
        made.close()
