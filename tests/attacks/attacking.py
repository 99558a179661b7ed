"""What attackers and their victims do, for the tests beside this."""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any
from urllib.parse import urlsplit

import httpx

from service.access.model import Role
from tests.service.running import Service

SECOND = "0113 496 0777"
"""The number of the restriction R2, where there is one (`restrict_second`)."""
CALL: dict[str, Any] = {"prisoner": "X1234BC", "establishment": "LEI"}
RESTRICTED, HARMLESS = "07700 900123", "020 7946 0018"


def door(service: Service) -> tuple[str, int]:
    """Where its ordinary door is."""
    parts = urlsplit(service.url)
    return parts.hostname or "", parts.port or 0


@contextmanager
def half_requests(
    service: Service,
    count: int,
    said: bytes = b"POST /v1/check/call HTTP/1.1\r\nhost: a\r\n",
    *,
    of: str = "",
) -> Iterator[list[socket.socket]]:
    """So many connections that have said so much and no more; from the address `of` of this machine."""
    opened = []
    try:
        for _ in range(count):
            one = socket.create_connection(door(service), timeout=5, source_address=(of, 0) if of else None)
            with suppress(OSError):  # it was shown out
                one.sendall(said)
            opened.append(one)
        yield opened
    finally:
        for one in opened:
            one.close()


def is_open(one: socket.socket) -> bool:
    """Whether the other side still holds it."""
    one.setblocking(False)
    try:
        return bool(one.recv(1 << 16))
    except BlockingIOError:
        return True
    except OSError:
        return False


def check(switch: httpx.Client, identifier: str, to: str) -> tuple[int, str, float]:
    """One check: its status, its decision, and the seconds that it took."""
    began = time.monotonic()
    answer = switch.post("/v1/check/call", json={"id": identifier, "to": to, **CALL})
    seconds = time.monotonic() - began
    return answer.status_code, answer.json().get("decision", ""), seconds


def lines_of(service: Service) -> list[dict[str, Any]]:
    """Every line of its log; each has to be JSON."""
    return [json.loads(line) for line in service.log.read_text().splitlines()]


def lines_about(service: Service, event: str) -> list[dict[str, Any]]:
    """Those of one event."""
    return [line for line in lines_of(service) if line["event"] == event]


def restrict_second(service: Service) -> None:
    """One more restriction, of `SECOND`, by an officer of the service."""
    body = json.loads((service.data.parent / "restrictions.jsonl").read_text())
    body |= {"id": "R2", "contacts": [{"kind": "phone", "value": SECOND}]}
    assert service.key(Role.CASE_OFFICER).post("/v1/restrictions", json=body).status_code == 201
