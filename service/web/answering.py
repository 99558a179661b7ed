"""The doors that a process answers at, and the server that does until it is told to stop."""

from __future__ import annotations

import asyncio
import gc
import os
import signal
import socket
import stat
import sys
from collections.abc import Awaitable, Callable, Coroutine, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import uvicorn
import uvloop

from service.operations.logs import UVICORN
from service.settings import Settings
from service.web.connections import Connections, most_connections, names, protocol
from service.web.listening import ListeningServer

LAST_ANSWERS = 10
"""Seconds for answers that are under way when it is told to stop; live counts would go on for ever."""
BACKLOG = 2048
HANDED_OVER = 0.0005
"""Seconds after which a thread that works beside the answers lets the loop go on; Python's own 5 ms would be
waited for at each answer that is sent."""


class Doors(NamedTuple):
    """Sockets that are bound, and which of them are the switch's."""

    sockets: list[socket.socket]
    switch: frozenset[object]


class _Server(ListeningServer):
    """Listens on a socket of the file system as well."""

    def __init__(
        self,
        config: uvicorn.Config,
        connections: Connections,
        before: Callable[[], Awaitable[None]] | None = None,
    ) -> None:
        """`before` is done first, in the loop that answers."""
        super().__init__(config, connections)
        self._before = before

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Listen, then say where."""
        given = sockets or []
        if self._before is not None:
            await self._before()
        await super().startup([one for one in given if one.family != socket.AF_UNIX])
        gc.freeze()  # what was loaded so far is never garbage
        gc.enable()
        sys.setswitchinterval(HANDED_OVER)
        for one in given if self.started else []:
            if one.family == socket.AF_UNIX:  # the server itself listens on ports alone, beside this
                loop = asyncio.get_running_loop()
                self.servers.append(await loop.create_unix_server(self._make, sock=one, backlog=BACKLOG))
                print(f"listening on {one.getsockname()}", flush=True)

    def _make(self) -> asyncio.Protocol:
        make = self.config.http_protocol_class
        return make(config=self.config, server_state=self.server_state, app_state=self.lifespan.state)  # type: ignore[call-arg]


def running(work: Coroutine[Any, Any, None]) -> None:
    """Do something in an event loop of the kind that answers."""
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(work)


def answer(
    app: Any, settings: Settings, doors: Doors, before: Callable[[], Awaitable[None]] | None = None
) -> None:
    """Have an application answer at the doors until SIGTERM or SIGINT, its `checks` without ASGI.

    `before` is awaited first.
    """
    most = most_connections(settings.most_connections)
    connections = Connections(most, settings.connections_per_peer, doors.switch)
    config = uvicorn.Config(
        app,
        loop="uvloop",
        http=protocol(connections, app.checks),
        forwarded_allow_ips=settings.proxies,
        ws="none",
        lifespan="off",
        server_header=False,
        backlog=BACKLOG,
        timeout_graceful_shutdown=LAST_ANSWERS,
        **UVICORN,
    )
    for told in (signal.SIGTERM, signal.SIGINT):
        # The server raises it again at its end, which by default kills what has still to be written.
        signal.signal(told, lambda *_: None)
    _Server(config, connections, before).run(doors.sockets)


@contextmanager
def listening(settings: Settings) -> Iterator[Doors]:
    """The doors of the settings, the ordinary one first; and which of them are the switch's."""
    with listening_each(settings, 1) as (doors,):
        yield doors


@contextmanager
def listening_each(settings: Settings, processes: int) -> Iterator[list[Doors]]:
    """The same for several processes: each has a socket of its own on the same ports, and the kernel spreads
    connections over them; one on a path they have in common."""
    path = settings.switch_socket
    bound: list[list[socket.socket]] = []
    common: list[socket.socket] = []
    try:
        bound.append(_bound_all(settings.host, settings.port, processes))
        if settings.switch_port is not None:
            bound.append(_bound_all(settings.host, settings.switch_port, processes))
        if path is not None:
            common.append(_bound_path(path))
        switch = names([one.getsockname() for one in [*(some[0] for some in bound[1:]), *common]])
        yield [Doors([*each, *common], switch) for each in zip(*bound, strict=True)]
    finally:
        for one in [*(one for some in bound for one in some), *common]:
            one.close()
        if path is not None:
            path.unlink(missing_ok=True)


def _bound_all(host: str, port: int, processes: int) -> list[socket.socket]:
    """A socket for each process on one address."""
    first = _bound(host, port)
    if processes == 1:
        return [first]
    port = first.getsockname()[1]
    first.close()  # nobody else had it: what shares a port would not be told of that
    return [_bound(host, port, shared=True) for _ in range(processes)]


def _bound(host: str, port: int, *, shared: bool = False) -> socket.socket:
    """A socket on an address; who connects is refused until the server listens on it."""
    try:
        family, kind, number, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        bound = socket.socket(family, kind, number)
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if shared:
            bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        bound.bind(address)
    except OSError as error:
        raise OSError(error.errno, f"{host}, port {port}: {error.strerror}") from None
    return bound


def _bound_path(path: Path) -> socket.socket:
    """The same on a path; what a killed process left there makes way."""
    try:
        if path.exists() and stat.S_ISSOCK(path.stat().st_mode):
            path.unlink()
        bound = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        bound.bind(str(path))
        os.chmod(path, 0o660)
    except OSError as error:
        raise OSError(error.errno, f"{path}: {error.strerror}") from None
    return bound
