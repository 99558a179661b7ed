"""Without ASGI the same is answered, byte for byte, however the requests come."""

from __future__ import annotations

import asyncio
import random
import re
from itertools import pairwise
from typing import Any, cast

import pytest
import uvicorn
from uvicorn.server import ServerState

from service.check.api import CheckAPI
from service.ledger.writer import Recorded
from service.operations.logs import UVICORN
from service.web import exchange
from service.web.connections import Connection, Connections, protocol
from service.web.exchange import Quick
from service.web.http import Answered, Receive, RequestHead, Scope, Send
from tests.repeating import times
from tests.service.check.running import Bounds, Running

KEY = b"authorization: Bearer switch\r\n"
JSON = b"content-type: application/json\r\n"
CALL = b'{"id": "C1", "prisoner": "A1234BC", "establishment": "LEI", "to": "07700 900123"}'
LONG = b'{"id": "' + b"x" * 200_000 + b'"}'


def asked(
    body: bytes = CALL, further: bytes = KEY + JSON, line: bytes = b"POST /v1/check/call HTTP/1.1"
) -> bytes:
    head = line + b"\r\nhost: a\r\nx-request-id: r1\r\n" + further
    return head + b"content-length: %d\r\n\r\n" % len(body) + body


CHUNKED = (
    b"POST /v1/check/call HTTP/1.1\r\nhost: a\r\nx-request-id: r1\r\ntransfer-encoding: chunked\r\n"
    + KEY + JSON + b"\r\n%x\r\n%b\r\n0\r\n\r\n" % (len(CALL), CALL)
)  # fmt: skip
REQUESTS = [
    *(asked(), asked(), asked(CALL.replace(b"07700", b"0770")), CHUNKED),
    *(asked(b"{"), asked(b'{"id": 1}'), asked(LONG), asked(b"x" * 300_000)),
    *(asked(further=JSON), asked(further=KEY), asked(further=KEY + JSON + b"expect: 100-continue\r\n")),
    asked(further=KEY + JSON + b"connection: close\r\n"),
    asked(further=KEY + JSON + b"connection: upgrade\r\nupgrade: h2c\r\n"),
    asked(line=b"POST /v1/check/call HTTP/1.0"),
    asked(line=b"POST /v1/check/call?x HTTP/1.1"),
    asked(line=b"POST /v1/check/%63all HTTP/1.1"),
    asked(line=b"POST /v1/check/nothing HTTP/1.1"),
    *(asked(line=b"%b /v1/check/call HTTP/1.1" % method) for method in (b"GET", b"HEAD", b"OPTIONS", b"PUT")),
    asked(line=b"POST /v1/check/letter HTTP/1.1"),
]


class Wire:
    """A transport that keeps what is written."""

    def __init__(self) -> None:
        self.said = bytearray()
        self.is_closed = False

    def write(self, data: bytes) -> None:
        self.said += data

    def close(self) -> None:
        self.is_closed = True

    abort = close

    def is_closing(self) -> bool:
        return self.is_closed

    def get_extra_info(self, name: str) -> Any:
        return {"peername": ("127.0.0.1", 1), "sockname": ("127.0.0.1", 2)}.get(name)

    def get_write_buffer_size(self) -> int:
        return 0

    def pause_reading(self) -> None: ...

    def resume_reading(self) -> None: ...


class AtOnce:
    """A ledger that answers at once."""

    async def write(self, *_: object) -> Recorded:
        return Recorded(1)


def connected(app: Any, quick: Quick | None) -> tuple[Connection, Wire, ServerState]:
    config = uvicorn.Config(
        app, http=protocol(Connections(9, 9), quick), ws="none", lifespan="off", **UVICORN
    )
    config.load()
    state, wire = ServerState(), Wire()
    make = cast(Any, config.http_protocol_class)
    connection = make(config=config, server_state=state, app_state={})
    connection.connection_made(wire)
    return connection, wire, state


async def spoken(app: Any, quick: Quick | None, parts: list[bytes]) -> tuple[bytes, bool]:
    """What comes back, and whether the connection is then closed."""
    connection, wire, state = connected(app, quick)
    for part in parts:
        if wire.is_closed:
            break
        connection.data_received(part)
        for _ in range(20):
            await asyncio.sleep(0)
        while state.tasks and not connection._in_body:
            await asyncio.sleep(0.001)
    is_closed = wire.is_closed
    connection.connection_lost(None)
    while state.tasks:
        await asyncio.sleep(0.001)
    return bytes(wire.said), is_closed


@pytest.fixture
def api(system: Running) -> CheckAPI:
    system.ledger = AtOnce()
    system.settings = Bounds(longest_body=250_000)
    return system.api()


@pytest.mark.parametrize("seed", range(times(40)))
def test_the_same_is_answered_as_by_asgi(api: CheckAPI, seed: int) -> None:
    rng = random.Random(seed)
    stream = b"".join(rng.choices(REQUESTS, k=rng.randint(1, 4)))
    cuts = sorted({0, len(stream), *(rng.randrange(len(stream)) for _ in range(rng.randint(0, 4)))})
    parts = [stream[begin:end] for begin, end in pairwise(cuts)]

    async def both() -> None:
        assert await spoken(api, api, parts) == await spoken(api, None, parts)

    asyncio.run(both())


def test_a_check_does_not_go_through_asgi(api: CheckAPI) -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        raise AssertionError("asked by ASGI")

    said, is_closed = asyncio.run(spoken(app, api, [asked(), asked()]))
    assert len(re.findall(rb'HTTP/1\.1 200 .*?"decision":"block"', said, re.S)) == 2
    assert not is_closed


def test_a_body_that_does_not_come_is_refused(api: CheckAPI, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exchange, "SLOWEST_BODY", 0.05)

    async def late() -> bytes:
        connection, wire, _ = connected(api, api)
        connection.data_received(asked()[:-1])
        await asyncio.sleep(0.2)
        assert wire.is_closed
        return bytes(wire.said)

    assert b'"status":400' in asyncio.run(late())


def test_who_is_told_to_end_leaves_nobody_without_an_answer() -> None:
    class Waits:
        def takes(self, method: bytes, url: bytes) -> bool:
            return True

        async def respond(self, method: str, path: str, head: RequestHead, read: object) -> Answered | None:
            await asyncio.sleep(60)
            return None

    async def stopped() -> tuple[bytes, bool]:
        connection, wire, state = connected(None, Waits())
        connection.data_received(asked())
        await asyncio.sleep(0)
        for task in list(state.tasks):
            task.cancel()
        while state.tasks:
            await asyncio.sleep(0)
        return bytes(wire.said), wire.is_closed

    said, is_closed = asyncio.run(stopped())
    assert said.startswith(b"HTTP/1.1 500 ")
    assert b"connection: close" in said
    assert is_closed
