"""Somebody with a shell on the machine, or a backup tool gone wrong, holds the database's lock."""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from service.access.model import Role
from tests.attacks.attacking import HARMLESS, RESTRICTED, check, lines_about
from tests.service.running import Service, service_in

LOCKED = 4.0


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    with service_in(tmp_path_factory.mktemp("service")) as running:
        yield running


def test_checks_are_refused_within_the_second_and_ready_says_so_at_once(service: Service) -> None:
    switch = service.key(Role.PHONE_SYSTEM)
    assert check(switch, "before", RESTRICTED)[:2] == (200, "block")
    holder = sqlite3.connect(service.data / "nocontact.db", isolation_level=None, check_same_thread=False)
    holder.execute("BEGIN IMMEDIATE")
    over = threading.Timer(LOCKED, holder.execute, ["ROLLBACK"])
    over.start()
    began = time.monotonic()
    ready = httpx.get(f"{service.url}/health/ready", timeout=30)
    assert time.monotonic() - began < 1.7
    assert (ready.status_code, ready.json()["database"]["state"]) == (503, "locked")

    def ask(number: int) -> tuple[int, str, float]:
        time.sleep(number * 0.1)
        return check(switch, f"locked-{number}", HARMLESS)

    with ThreadPoolExecutor(15) as callers:
        answers = list(callers.map(ask, range(15)))
    assert {status for status, _, _ in answers} == {503}
    assert max(seconds for _, _, seconds in answers) < 1.7
    assert httpx.get(f"{service.url}/health/ready", timeout=30).json()["ledger"]["state"] == "failing"
    over.join()
    holder.close()
    until = time.monotonic() + 5
    while check(switch, "after", HARMLESS)[0] == 503 and time.monotonic() < until:
        time.sleep(0.1)
    assert check(switch, "after", HARMLESS)[:2] == (200, "allow")
    assert check(switch, "locked-1", RESTRICTED)[0] in (200, 409)
    lines = lines_about(service, "ledger_failed")
    assert lines[0]["kind"] == "OperationalError SQLITE_BUSY"
    assert 2 <= len(lines) <= 6
    assert lines_about(service, "ledger_written_again")
    assert httpx.get(f"{service.url}/health/ready", timeout=30).status_code == 200
