"""Sixty clients sign in again and again, each from an address of its own: people shall get in and work."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from service.access.model import Role
from tests.attacks.attacking import RESTRICTED, check
from tests.service.running import Service, service_in

CLIENTS = 60
PATIENCE = 8.0
"""Seconds that somebody waits to get in."""


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    with service_in(tmp_path_factory.mktemp("service")) as running:
        yield running


def from_address(service: Service, address: str) -> httpx.Client:
    """A client as the proxy on this machine hands it on."""
    return httpx.Client(base_url=service.url, headers={"x-forwarded-for": address}, timeout=30)


def test_five_people_sign_in_and_one_at_work_goes_on(service: Service) -> None:
    admin = service.admin()
    people = {}
    for number in range(5):
        body = {"name": f"officer{number}", "shown": "Officer", "roles": ["reviewer"], "prisons": []}
        people[f"officer{number}"] = admin.post("/v1/accounts", json=body).json()["password"]
    switch = service.key(Role.PHONE_SYSTEM)
    over = threading.Event()
    heard: Counter[int] = Counter()

    def attack(number: int) -> None:
        with from_address(service, f"198.51.100.{number}") as client:
            while not over.is_set():
                answer = client.post("/v1/session", json={"name": "admin", "password": "wrong as ever"})
                heard[answer.status_code] += 1
                if answer.status_code == 429:
                    assert int(answer.headers["retry-after"]) >= 1
                    time.sleep(0.1)

    def sign_in(number: int) -> tuple[int, float]:
        name = f"officer{number}"
        with from_address(service, f"203.0.113.{number}") as client:
            began = time.monotonic()
            answer = client.post("/v1/session", json={"name": name, "password": people[name]})
            return answer.status_code, time.monotonic() - began

    with ThreadPoolExecutor(CLIENTS + 5) as threads:
        attacking = [threads.submit(attack, number) for number in range(CLIENTS)]
        try:
            time.sleep(1)
            worked = []
            entering = [threads.submit(sign_in, number) for number in range(5)]
            for number in range(20):
                began = time.monotonic()
                assert admin.get("/v1/session").status_code == 200
                assert check(switch, f"beside-{number}", RESTRICTED)[:2] == (200, "block")
                worked.append(time.monotonic() - began)
                time.sleep(0.1)
            came = [one.result() for one in entering]
        finally:
            over.set()
        for one in attacking:
            one.result()
    assert [status for status, _ in came] == [200] * 5, came
    assert max(seconds for _, seconds in came) < PATIENCE
    assert sorted(worked)[len(worked) // 2] < 1.0
    assert set(heard) <= {401, 429}
