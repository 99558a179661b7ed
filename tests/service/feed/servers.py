"""Redis of the tests' own, on free ports, nothing on the disk: killed, paused, failed over at will."""

from __future__ import annotations

import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from redis import Redis
from redis.crc import key_slot

from benchmarks.free_port import free_port
from service.feed.messages import CHANGES

PATIENCE = 20.0
SLOTS = 16_384
"""Of a cluster, shared out between its primaries."""
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

    @property
    def pid(self) -> int:
        """Of its process; 0 where it is not started."""
        return self._process.pid if self._process is not None else 0

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


class RedisShards:
    """A cluster: three that share the slots, and one that follows the one which has the feed's."""

    def __init__(self, servers: Sequence[RedisServer], buses: Sequence[int]) -> None:
        """Started, each by itself, with the port on which the others reach it. Raises RuntimeError where they
        do not come together."""
        self._servers = servers
        self._clients: list[Any] = [Redis(port=one.port, decode_responses=True) for one in servers]
        for other, bus in zip(servers[1:], buses[1:], strict=True):
            self._clients[0].execute_command("CLUSTER", "MEET", "127.0.0.1", other.port, bus)
        shards = self._clients[:3]
        for place, one in enumerate(shards):
            slots = (SLOTS * place // 3, SLOTS * (place + 1) // 3 - 1)
            one.execute_command("CLUSTER", "ADDSLOTSRANGE", *slots)
        at = key_slot(CHANGES.encode()) * 3 // SLOTS
        self._primary, self._replica = servers[at], self._clients[3]
        name = shards[at].execute_command("CLUSTER", "MYID")
        self._until(lambda: name in self._replica.execute_command("CLUSTER", "NODES"))
        self._replica.execute_command("CLUSTER", "REPLICATE", name)
        self._until(lambda: self._replica.info("replication")["master_link_status"] == "up")
        self._until(lambda: all(self._says_ok(one) for one in self._clients))

    @property
    def url(self) -> str:
        """As settings name it."""
        return "redis+cluster://" + ",".join(f"127.0.0.1:{one.port}" for one in self._servers)

    def kill_primary(self) -> None:
        """End the one that has the feed; its replica is promoted by the others."""
        self._primary.kill()

    def is_promoted(self) -> bool:
        """Whether it was."""
        return bool(self._replica.info("replication")["role"] == "master") and self._says_ok(self._replica)

    def kill(self) -> None:
        """All of them."""
        for one in self._servers:
            one.kill()

    def start(self) -> None:
        """All of them, empty; each knows the others."""
        for one in self._servers:
            one.start()

    def close(self) -> None:
        """Give the connections back."""
        for client in self._clients:
            client.close()

    @staticmethod
    def _says_ok(client: Any) -> bool:
        return "cluster_state:ok" in str(client.execute_command("CLUSTER", "INFO"))

    @staticmethod
    def _until(is_so: Callable[[], bool]) -> None:
        until = time.monotonic() + PATIENCE
        while not is_so():
            if time.monotonic() > until:
                raise RuntimeError("the servers of Redis do not come together")
            time.sleep(0.05)


@contextmanager
def redis_cluster() -> Iterator[RedisShards]:
    """A running cluster. Raises as `redis_server`."""
    with TemporaryDirectory(prefix="nocontact-cluster-") as folder, ExitStack() as stack:
        servers, buses = [], [free_port() for _ in range(4)]
        for n, port in enumerate(buses):
            bus = ("--cluster-enabled", "yes", "--cluster-port", str(port))
            kept = ("--dir", folder, "--cluster-config-file", f"nodes-{n}.conf")
            soon = ("--cluster-node-timeout", "1000", "--repl-diskless-sync-delay", "0")
            servers.append(stack.enter_context(redis_server(*bus, *kept, *soon)))
        made = RedisShards(servers, buses)
        stack.callback(made.close)
        yield made


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
