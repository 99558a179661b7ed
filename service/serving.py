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

    Raises as `open_system`, and OSError where the address cannot be had.
    """
    with open_system(settings) as system:
        config = uvicorn.Config(
            App(system),
            host=settings.host,
            port=settings.port,
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
        _Server(config).run()
