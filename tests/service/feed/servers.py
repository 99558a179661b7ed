"""A Redis of the tests' own: on a free port, nothing on the disk, killed and started empty at will."""

from __future__ import annotations

import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager

PATIENCE = 20.0


class RedisServer:
    """A server that can be killed, and started again with nothing in it."""

    def __init__(self, program: str) -> None:
        """Not started."""
        self._program = program
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = int(free.getsockname()[1])
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """Its address."""
        return f"redis://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Start, empty, and wait until it answers."""
        options = ["--port", str(self.port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
        self._process = subprocess.Popen([self._program, *options], stdout=subprocess.DEVNULL)
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            try:
                socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
            except OSError:
                time.sleep(0.02)
            else:
                return
        raise RuntimeError("redis-server did not answer")

    def kill(self) -> None:
        """End it at once, with all that it holds."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None


@contextmanager
def redis_server() -> Iterator[RedisServer]:
    """A running server. Raises RuntimeError where none is installed."""
    program = shutil.which("redis-server")
    if program is None:
        raise RuntimeError("redis-server is missing; on Debian: apt-get install redis-server")
    server = RedisServer(program)
    server.start()
    try:
        yield server
    finally:
        server.kill()
