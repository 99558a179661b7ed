"""A request that is answered without ASGI: its body read, its answer written, in the connection's own terms.

A switch asks at fixed paths and gets one short body. A scope, an event and two messages for it, what looks at
them again, and for a proxy's headers: that was a quarter of what a check cost the event loop.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Protocol

import structlog
from uvicorn.protocols.http.flow_control import FlowControl
from uvicorn.protocols.http.httptools_impl import STATUS_LINE
from uvicorn.server import ServerState

from service.errors import ServiceError
from service.web.http import (
    CLOSE,
    SLOWEST_BODY,
    Answered,
    ClientGoneError,
    Header,
    RequestHead,
    UnfinishedError,
    error_answer,
    too_large,
)

ReadBody = Callable[[int], Awaitable[bytes]]
"""Gives the body, at most so many bytes of it read. Raises as `http.read_body`."""

_log = structlog.get_logger(__name__)


class Quick(Protocol):
    """What answers some requests without ASGI."""

    def takes(self, method: bytes, url: bytes) -> bool:
        """Whether this is one of them. Every other one is the application's."""
        ...

    async def respond(self, method: str, path: str, head: RequestHead, read: ReadBody) -> Answered | None:
        """The answer; None where nobody is there to be told. Raises nothing."""
        ...


class QuickExchange:
    """One request and its answer, in the place of uvicorn's own, whose names it has for its protocol."""

    __slots__ = (
        *("body", "disconnected", "keep_alive", "more_body", "on_response", "response_complete"),
        *("response_started", "_expects", "_flow", "_head", "_state", "_transport", "_url", "_waiter"),
    )

    def __init__(
        self,
        url: bytes,
        headers: list[Header],
        transport: asyncio.Transport,
        flow: FlowControl,
        state: ServerState,
        on_response: Callable[[], None],
        *,
        keep_alive: bool,
        expects: bool,
    ) -> None:
        """`expects` says that the client waits for a word before it sends its body."""
        self._url, self._head = url, RequestHead(headers)
        self._transport, self._flow, self._state = transport, flow, state
        self.on_response = on_response
        self.keep_alive, self._expects = keep_alive, expects
        self.body = bytearray()
        self.more_body = True
        self.disconnected = self.response_started = self.response_complete = False
        self._waiter: asyncio.Future[None] | None = None

    @property
    def message_event(self) -> QuickExchange:
        """What is `set` when something came, or the client went."""
        return self

    def set(self) -> None:
        """Something came."""
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    async def run_asgi(self, quick: Quick) -> None:
        """Answer it."""
        try:
            answered = await quick.respond("POST", self._url.decode("ascii"), self._head, self.read)
            if answered is not None:
                await self._write(answered)
        except BaseException as error:  # told to end while it waits, at a stop: nobody is left without a word
            _log.error("not_answered", error=type(error).__name__)
            if not self.response_started and not self.disconnected:
                self.keep_alive = False
                self._write_now(error_answer(self._head, ServiceError()))
        finally:
            self.on_response = _nothing

    async def read(self, longest: int) -> bytes:
        """The body, at most `longest` bytes of it read. Raises as `http.read_body`."""
        if self._head.is_longer_than(longest):
            raise too_large(longest)
        if self._expects and not self._transport.is_closing():
            self._transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        self._expects = False
        if self.more_body:
            try:
                async with asyncio.timeout(SLOWEST_BODY):
                    await self._come(longest)
            except TimeoutError:
                raise UnfinishedError(f"the body did not come within {SLOWEST_BODY:.0f} s") from None
        if self.disconnected:
            raise ClientGoneError
        if len(self.body) > longest:
            raise too_large(longest)
        return bytes(self.body)

    async def _come(self, longest: int) -> None:
        """Wait until it is whole, or too long, or nobody sends it any more."""
        while self.more_body and not self.disconnected and len(self.body) <= longest:
            self._waiter = asyncio.get_running_loop().create_future()
            self._flow.resume_reading()
            await self._waiter

    async def _write(self, answered: Answered) -> None:
        if self._flow.write_paused and not self.disconnected:
            await self._flow.drain()
        if not self.disconnected:
            self._write_now(answered)

    def _write_now(self, answered: Answered) -> None:
        headers = answered.headers
        if CLOSE in headers:
            self.keep_alive = False
        elif not self.keep_alive:
            headers = [*headers, CLOSE]
        said = [b"%b: %b\r\n" % header for header in (*self._state.default_headers, *headers)]
        self.response_started = True
        self._transport.write(b"".join((STATUS_LINE[answered.status], *said, b"\r\n", answered.body)))
        self.response_complete = True
        if not self.keep_alive:
            self._transport.close()
        self.on_response()


def _nothing() -> None:
    return
