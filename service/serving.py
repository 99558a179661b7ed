"""`nocontact serve`: one process that answers until it is told to stop."""

from __future__ import annotations

import signal
import socket

import uvicorn

from service.app import App
from service.operations.logs import UVICORN
from service.settings import Settings
from service.system import open_system

LAST_ANSWERS = 10
"""Seconds for answers that are under way when it is told to stop; live counts would go on for ever."""
BACKLOG = 2048


class _Server(uvicorn.Server):
    """A server that says where it listens, once it does."""

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Listen, then say where."""
        await super().startup(sockets)
        for server in self.servers if self.started else []:
            for listening in server.sockets:
                host, port = listening.getsockname()[:2]
                shown = f"[{host}]" if ":" in host else host
                print(f"listening on http://{shown}:{port}", flush=True)


def serve(settings: Settings) -> None:
    """Serve until SIGTERM or SIGINT, then answer what is under way and write what waits.

    Raises as `open_system`, and before that OSError where the address cannot be had.
    """
    with _bound(settings) as address, open_system(settings) as system:
        config = uvicorn.Config(
            App(system),
            loop="uvloop",
            http="httptools",
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
        _Server(config).run([address])


def _bound(settings: Settings) -> socket.socket:
    """A socket on the address of the settings; who connects is refused until the server listens on it."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            settings.host, settings.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        bound = socket.socket(family, kind, protocol)
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.bind(address)
    except OSError as error:
        text = f"{settings.host}, port {settings.port}: {error.strerror}"
        raise OSError(error.errno, text) from None
    return bound
