"""Somebody sends what is no HTTP, or far too much of it: to spoil or to fill the log."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest

from tests.attacks.attacking import door, lines_about, lines_of
from tests.service.running import Service, service_in

GET = b"GET /health HTTP/1.1\r\nhost: a\r\n"
MALFORMED = [
    b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
    b"GET / HTTP/1.1\r\nA B: c\r\n\r\n",
    b"GET /\xff HTTP/1.1\r\nhost: a\r\n\r\n",
    b"CONNECT a:1 HTTP/1.1\r\nhost: a\r\n\r\n",
    b"GET http://[ HTTP/1.1\r\nhost: a\r\n\r\n",
    b"GET / HTTP/9.9\r\n\r\n",
    b"POST / HTTP/1.1\r\ncontent-length: 5\r\ncontent-length: 6\r\n\r\n",
    b"POST / HTTP/1.1\r\ncontent-length: 99999999999999999999999\r\n\r\n",
    b"POST /v1/check/call HTTP/1.1\r\ntransfer-encoding: chunked\r\ncontent-length: 4\r\n\r\n",
]
TOO_MUCH = {
    "fields": GET + b"".join(b"x%d: y\r\n" % number for number in range(50_000)) + b"\r\n",
    "short fields": GET + b"a:\r\n" * 200 + b"\r\n",
    "one field": GET + b"x: " + b"y" * 2_000_000 + b"\r\n\r\n",
    "one field, just too long": GET + b"x: " + b"y" * 66_000 + b"\r\n\r\n",
    "address": b"GET /" + b"y" * 2_000_000 + b" HTTP/1.1\r\n\r\n",
    "a field that never ends": GET + b"x: " + b"y" * 300_000,
}


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    with service_in(tmp_path_factory.mktemp("service")) as running:
        yield running


def answer(service: Service, request: bytes) -> bytes:
    """What is said to it; nothing where the line is cut while we still talk."""
    with socket.create_connection(door(service), timeout=10) as one:
        try:
            one.sendall(request)
            return one.recv(4000)
        except ConnectionError:
            return b""


def test_what_is_no_request_is_a_problem_and_one_line_a_second(service: Service) -> None:
    for _ in range(30):
        for request in MALFORMED:
            said = answer(service, request)
            assert said.startswith(b"HTTP/1.1 400 "), request
            assert b"application/problem+json" in said
    lines = lines_of(service)
    assert not [line for line in lines if "Invalid" in line["event"]]
    told = [line for line in lines_about(service, "request_not_read") if line["kind"] == "malformed"]
    assert 1 <= len(told) <= 20
    assert told[0]["count"] == 1


@pytest.mark.parametrize("what", TOO_MUCH)
def test_too_large_a_head_is_refused(service: Service, what: str) -> None:
    said = answer(service, TOO_MUCH[what])
    assert said == b"" or said.startswith(b"HTTP/1.1 431 ")
    assert answer(service, GET + b"x: " + b"y" * 30_000 + b"\r\n\r\n").startswith(b"HTTP/1.1 200 ")
    assert [line for line in lines_about(service, "request_not_read") if line["kind"] == "head"]
