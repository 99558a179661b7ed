"""A server that says where it listens, once it does, and ends connections that take too long."""

from __future__ import annotations

import asyncio
import socket

import uvicorn

from service.web.connections import Connections

SWEEP_TICKS = 10
"""Ticks, of a tenth of a second each, between two looks for connections that take too long."""


class ListeningServer(uvicorn.Server):
    """For sockets that are bound already."""

    def __init__(self, config: uvicorn.Config, connections: Connections) -> None:
        """`connections` is what `config` makes its protocol with."""
        super().__init__(config)
        self._connections = connections

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Listen, then say where."""
        await super().startup(sockets)
        for one in (sockets or []) if self.started else []:
            host, port = one.getsockname()[:2]
            shown = f"[{host}]" if ":" in host else host
            print(f"listening on http://{shown}:{port}", flush=True)

    async def on_tick(self, counter: int) -> bool:
        """Look after the connections."""
        if counter % SWEEP_TICKS == 0:
            self._connections.sweep(asyncio.get_running_loop().time())
        return await super().on_tick(counter)
