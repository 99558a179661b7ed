"""Somebody opens connections, says half a request on each, and waits: nobody else shall get in."""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator

import httpx
import pytest

from service.access.model import Role
from tests.attacks.attacking import HARMLESS, RESTRICTED, check, half_requests, is_open, lines_about
from tests.service.running import Service, service_in

DESCRIPTORS = 1024
PRLIMIT = shutil.which("prlimit") or "prlimit"


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    folder = tmp_path_factory.mktemp("service")
    limited = (PRLIMIT, f"--nofile={DESCRIPTORS}:{DESCRIPTORS}")
    with service_in(folder, *limited, NOCONTACT_SWITCH_SOCKET=str(folder / "switch")) as running:
        yield running


@pytest.mark.parametrize("of", ["127.0.0.1", "127.0.0.2"])
def test_checks_are_answered_beside_unfinished_requests(service: Service, of: str) -> None:
    switch = service.key(Role.PHONE_SYSTEM)
    with half_requests(service, DESCRIPTORS + 76, of=of):
        for number in range(5):
            assert check(switch, f"{of}-{number}", RESTRICTED)[:2] == (200, "block")
            assert check(switch, f"{of}-{number}b", HARMLESS)[:2] == (200, "allow")
            switch.close()
            switch = httpx.Client(base_url=service.url, headers=switch.headers)
    assert "peer" in {line["kind"] for line in lines_about(service, "connections_bound_met")}


def test_many_machines_do_not_get_further_than_one(service: Service) -> None:
    switch = service.key(Role.PHONE_SYSTEM)
    at_the_door = httpx.HTTPTransport(uds=service.settings["NOCONTACT_SWITCH_SOCKET"])
    held = []
    try:
        for machine in range(5):
            one = half_requests(service, 240, of=f"127.0.1.{machine + 1}")
            one.__enter__()
            held.append(one)
        assert check(switch, "many", RESTRICTED)[:2] == (200, "block")
        with httpx.Client(transport=at_the_door, base_url="http://switch", headers=switch.headers) as kept:
            assert check(kept, "many at its door", RESTRICTED)[:2] == (200, "block")
    finally:
        for one in held:
            one.__exit__(None, None, None)
    assert "all" in {line["kind"] for line in lines_about(service, "connections_bound_met")}


def test_half_a_head_and_half_a_body_are_ended_in_time_and_told(service: Service) -> None:
    head = b"POST /v1/session HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\n"
    body = head + b"content-length: 50\r\n\r\n{"
    with half_requests(service, 20) as heads, half_requests(service, 20, body) as bodies:
        time.sleep(3)
        assert all(map(is_open, heads + bodies))
        time.sleep(11.5)
        answers = [one.recv(4000) if is_open(one) else b"" for one in heads + bodies]
        assert not any(map(is_open, heads + bodies)), answers
    kinds = {line["kind"] for line in lines_about(service, "connection_too_slow")}
    assert {"head", "body"} <= kinds
    assert httpx.get(f"{service.url}/health/ready").status_code == 200
