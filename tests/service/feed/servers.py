"""Redis of the tests' own, on free ports, nothing on the disk: killed, paused, failed over at will."""

from __future__ import annotations

import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.free_port import free_port

PATIENCE = 20.0
WATCHED = "nocontact"
"""What the server is called at its Sentinel."""


class RedisServer:
    """A server that can be killed, and started again with nothing in it."""

    def __init__(self, program: str, *options: str) -> None:
        """Not started."""
        self._program, self._options = program, options
        self.port = free_port()
        self._process: subprocess.Popen[bytes] | None = None
        self._folder: TemporaryDirectory[str] | None = None

    @property
    def url(self) -> str:
        """Its address."""
        return f"redis://127.0.0.1:{self.port}"

    def start(self, *more: str) -> None:
        """Start, empty, and wait until it answers. `more` are options of this start."""
        options = ["--port", str(self.port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
        self._run([*options, *self._options, *more])

    def kill(self) -> None:
        """End it at once, with all that it holds."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None
        if self._folder is not None:
            self._folder.cleanup()
            self._folder = None

    def pause(self) -> None:
        """Let it do nothing; who asks it waits."""
        self._signal(signal.SIGSTOP)

    def resume(self) -> None:
        """Let it go on."""
        self._signal(signal.SIGCONT)

    def _signal(self, which: signal.Signals) -> None:
        if self._process is not None:
            self._process.send_signal(which)

    def _run(self, options: Sequence[str]) -> None:
        self._folder = TemporaryDirectory(prefix="nocontact-redis-")  # a replica writes down what it is sent
        self._process = subprocess.Popen(
            [self._program, *options], cwd=self._folder.name, stdout=subprocess.DEVNULL
        )
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            try:
                socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
            except OSError:
                time.sleep(0.02)
            else:
                return
        raise RuntimeError("redis-server did not answer")


class Sentinel(RedisServer):
    """One that watches over a server, and makes its replica the primary when it is away."""

    def __init__(self, program: str, watched: RedisServer, folder: Path) -> None:
        """Not started."""
        super().__init__(program)
        self._file = folder / "sentinel.conf"
        self._watched = watched

    @property
    def url(self) -> str:
        """As settings name it."""
        return f"redis+sentinel://127.0.0.1:{self.port}/{WATCHED}"

    def start(self, *more: str) -> None:
        """Start; it needs a file that it may write."""
        self._file.write_text(
            f"port {self.port}\nbind 127.0.0.1\n"
            f"sentinel monitor {WATCHED} 127.0.0.1 {self._watched.port} 1\n"
            f"sentinel down-after-milliseconds {WATCHED} 500\n"
            f"sentinel failover-timeout {WATCHED} 3000\n"
        )
        self._run([str(self._file), "--sentinel", *more])


@contextmanager
def redis_server(*options: str) -> Iterator[RedisServer]:
    """A running server. Raises RuntimeError where none is installed."""
    server = RedisServer(_program(), *options)
    server.start()
    try:
        yield server
    finally:
        server.kill()


@contextmanager
def watched_redis() -> Iterator[tuple[RedisServer, RedisServer, Sentinel]]:
    """A primary, its replica and the Sentinel that watches over them. Raises as `redis_server`."""
    soon = ("--repl-diskless-sync-delay", "0", "--repl-ping-replica-period", "1")
    with TemporaryDirectory(prefix="nocontact-sentinel-") as folder, redis_server(*soon) as primary:
        follows = ("--replicaof", f"127.0.0.1 {primary.port}")
        with redis_server(*soon, *follows) as replica:
            sentinel = Sentinel(_program(), primary, Path(folder))
            sentinel.start()
            try:
                yield primary, replica, sentinel
            finally:
                sentinel.kill()


def _program() -> str:
    program = shutil.which("redis-server")
    if program is None:
        raise RuntimeError("redis-server is missing; on Debian: apt-get install redis-server")
    return program
