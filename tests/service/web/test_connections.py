from __future__ import annotations

import asyncio
import contextlib
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import uvicorn

from service.operations.logs import UVICORN
from service.web import connections
from service.web.answering import _Server
from service.web.connections import Connections, most_connections, names, protocol
from service.web.http import Receive, Scope, Send

LONG = 64 << 20


async def app(scope: Scope, receive: Receive, send: Send) -> None:
    """Says as much as it is asked for, after it has heard everything, or before."""
    while scope["path"] != "/early" and (await receive()).get("more_body"):
        pass
    if scope["path"] == "/slow":
        await asyncio.sleep(1)
    body = b"x" * (LONG if scope["path"] == "/long" else 2)
    await send(
        {"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"%d" % len(body))]}
    )
    await send({"type": "http.response.body", "body": body})


@contextlib.contextmanager
def serving(
    most: int, of_peer: int, switch: Path | None = None
) -> Iterator[tuple[Connections, tuple[str, int]]]:
    bound = socket.create_server(("127.0.0.1", 0))
    doors = [bound]
    if switch is not None:
        doors.append(socket.socket(socket.AF_UNIX, socket.SOCK_STREAM))
        doors[1].bind(str(switch))
    kept = Connections(most, of_peer, names([one.getsockname() for one in doors[1:]]))
    config = uvicorn.Config(
        app,
        loop="uvloop",
        http=protocol(kept),
        ws="none",
        lifespan="off",
        timeout_graceful_shutdown=1,
        **UVICORN,
    )
    server = _Server(config, kept)
    thread = threading.Thread(target=server.run, args=(doors,), daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    try:
        yield kept, bound.getsockname()
    finally:
        server.should_exit = True
        thread.join()
        for one in doors:
            one.close()


def opened(at: tuple[str, int] | str, said: bytes = b"", *, of: str = "127.0.0.1") -> socket.socket:
    if isinstance(at, str):
        one = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        one.connect(at)
    else:
        one = socket.create_connection(at, timeout=5, source_address=(of, 0))
    one.settimeout(5)
    one.sendall(said)
    return one


def answer(one: socket.socket) -> bytes:
    with contextlib.suppress(ConnectionError):
        return one.recv(4000)
    return b""


GET = b"GET / HTTP/1.1\r\nhost: a\r\n\r\n"


def test_the_oldest_that_asks_nothing_makes_room_and_one_that_is_answered_does_not() -> None:
    with serving(100, 3) as (_, at):
        asking = opened(at, b"GET /slow HTTP/1.1\r\nhost: a\r\n\r\n")
        time.sleep(0.1)
        half = opened(at, b"GET / HT")
        time.sleep(0.2)
        idle = opened(at)
        time.sleep(0.2)
        new = opened(at, GET)
        assert answer(half) == b""
        assert answer(new).startswith(b"HTTP/1.1 200")
        assert answer(asking).startswith(b"HTTP/1.1 200")
        idle.sendall(GET)
        assert answer(idle).startswith(b"HTTP/1.1 200")


def test_where_every_other_one_is_answered_a_new_one_is_not_taken() -> None:
    with serving(100, 2) as (_, at):
        asking = [opened(at, b"GET /slow HTTP/1.1\r\nhost: a\r\n\r\n") for _ in range(2)]
        time.sleep(0.1)
        assert answer(opened(at)) == b""
        assert all(answer(one).startswith(b"HTTP/1.1 200") for one in asking)
        assert answer(opened(at, GET)).startswith(b"HTTP/1.1 200")


def test_the_switch_has_its_own_room(tmp_path: Path) -> None:
    path = tmp_path / "switch"
    with serving(2, 2, path) as (_, at):
        busy = [opened(at, b"GET /slow HTTP/1.1\r\nhost: a\r\n\r\n") for _ in range(2)]
        time.sleep(0.1)
        assert answer(opened(at, of="127.0.0.3")) == b""
        assert answer(opened(str(path), GET)).startswith(b"HTTP/1.1 200")
        assert all(answer(one).startswith(b"HTTP/1.1 200") for one in busy)


def test_one_connection_may_ask_again_and_again_and_two_at_once() -> None:
    with serving(2, 1) as (kept, at):
        one = opened(at)
        for _ in range(5):
            one.sendall(GET)
            assert answer(one).endswith(b"xx")
        one.sendall(GET + GET)
        said = b""
        while said.count(b"HTTP/1.1 200") < 2:
            said += one.recv(4000)
        one.close()
        time.sleep(0.1)
        assert (kept._peers, kept._waiting, kept._ordinary) == ({}, {}, 0)


def test_what_comes_of_a_body_after_its_answer_is_no_head_of_the_next_request() -> None:
    with serving(most=4, of_peer=4) as (_, at):
        one = opened(at, b"POST /early HTTP/1.1\r\nhost: a\r\ncontent-length: 200000\r\n\r\n" + b"x" * 1_000)
        assert b" 200 " in answer(one)
        for _ in range(199):
            one.sendall(b"x" * 1_000)
            time.sleep(0.001)
        one.sendall(b"GET / HTTP/1.1\r\nhost: a\r\n\r\n")
        assert b" 200 " in answer(one)


def test_who_does_not_read_is_cut_off_and_who_reads_slowly_is_not(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "SLOWEST_READER", 4.0)
    ask = b"GET /long HTTP/1.1\r\nhost: a\r\n\r\n"
    with serving(100, 100) as (kept, at):
        still, slow = opened(at, ask), opened(at, ask)
        read = 0
        for _ in range(30):
            read += len(slow.recv(1 << 20))  # with what the two sockets hold, well below the whole
            time.sleep(0.2)
        assert kept._ordinary == 1
        while read < LONG:
            part = slow.recv(1 << 20)
            assert part, read
            read += len(part)
        assert still.fileno() > 0


@pytest.mark.parametrize("said", [b"", b"GET / HT", b"\r\n", GET + b"\r\n", GET + b"GET"])
def test_a_head_that_does_not_come_is_not_waited_for(said: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "SLOWEST_HEAD", 1.0)
    with serving(100, 100) as (kept, at):
        one = opened(at, said)
        for _ in range(12):
            time.sleep(0.25)
            with contextlib.suppress(OSError):
                one.sendall(b"\r\n" if said.endswith(b"\n") else b"X")
        assert kept._ordinary == 0


def test_a_body_has_to_come_at_a_rate(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "SLOWEST_BODY", 0.5)
    monkeypatch.setattr(connections, "BODY_LEEWAY", 0.5)
    head = b"POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 100000\r\n\r\n"
    with serving(100, 100) as (_, at):
        drops, steady = opened(at, head + b"x"), opened(at, head)
        for _ in range(20):
            steady.sendall(b"x" * 5_000)
            time.sleep(0.2)
            with contextlib.suppress(OSError):
                drops.sendall(b"x")
        assert answer(drops).startswith(b"HTTP/1.1 408 ")
        assert answer(steady).startswith(b"HTTP/1.1 200 ")


def test_there_are_never_more_than_descriptors_are_left_for() -> None:
    able = most_connections(None)
    assert able >= 64
    assert most_connections(able + 1) == able
    assert most_connections(64) == 64
