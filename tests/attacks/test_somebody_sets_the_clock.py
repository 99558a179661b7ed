"""Somebody who may set the machine's clock, and no more, sets it back or forward while the service runs."""

from __future__ import annotations

import sqlite3
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

import engine
from benchmarks.load import serving
from benchmarks.load.serving import NOCONTACT
from service.access.model import Role
from tests.attacks.attacking import HARMLESS, RESTRICTED, check, lines_about
from tests.attacks.setting_clocks import service_with_clock, set_clock, under_clock
from tests.service.running import Service, command, wait_for_list

POLICY = Path(engine.__file__).with_name("policy.toml")
DAY, YEAR = timedelta(days=1), timedelta(days=365)


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    """Running, with one restriction."""
    with service_with_clock(tmp_path) as running:
        yield running
        if running.started.process.poll() is None:
            running.stop()


def read(service: Service, statement: str) -> list[Any]:
    with closing(sqlite3.connect(service.data / "nocontact.db")) as connection:
        return connection.execute(statement).fetchall()


def marks(service: Service) -> list[str]:
    wanted = "SELECT outcome FROM ledger WHERE kind = 'system' AND subject = 'clock' ORDER BY seq"
    return [outcome for (outcome,) in read(service, wanted)]


def until(condition: Callable[[], object]) -> None:
    for _ in range(200):
        if condition():
            return
        time.sleep(0.05)
    raise AssertionError("it never came")


def start_again(service: Service) -> None:
    settings = serving.environment(service.data) | service.settings
    service.started = serving.start([*NOCONTACT, "serve"], settings, service.log)
    wait_for_list(service)


def at(client: httpx.Client, service: Service) -> httpx.Client:
    client.base_url = httpx.URL(service.url)
    return client


def is_in(client: httpx.Client) -> bool:
    return client.get("/v1/accounts").status_code == 200


@pytest.mark.parametrize(("by", "outcome"), [(-DAY, "set_back"), (YEAR, "set_forward")])
def test_the_ledger_has_its_mark_and_the_log_its_line_and_verify_finds_nothing_wrong(
    service: Service, tmp_path: Path, by: timedelta, outcome: str
) -> None:
    switch = service.key(Role.PHONE_SYSTEM)
    before = check(switch, "before", RESTRICTED)[1]
    set_clock(tmp_path, by)
    until(lambda: marks(service) == [outcome])
    assert check(switch, "after", RESTRICTED)[1] == before or by == YEAR, "the key has ended with the year"
    assert lines_about(service, "clock_was_set")
    assert service.stop() == 0
    said = command(service.data, "verify")
    assert said.returncode == 0, said.stdout


@pytest.mark.parametrize("by", [-DAY, timedelta(hours=-1), timedelta(hours=1), DAY])
def test_an_attempt_has_the_answer_that_it_had(service: Service, tmp_path: Path, by: timedelta) -> None:
    switch = service.key(Role.PHONE_SYSTEM)
    asked = {"stopped": RESTRICTED, "let through": HARMLESS, "flagged": "07700 900124"}
    before = {one: check(switch, one, to)[1] for one, to in asked.items()}
    assert sorted(before.values()) == ["allow", "block", "flag"]
    records = read(service, "SELECT count(*) FROM ledger WHERE kind = 'decision'")
    set_clock(tmp_path, by)
    until(lambda: marks(service))
    assert {one: check(switch, one, to)[1] for one, to in asked.items()} == before
    assert read(service, "SELECT count(*) FROM ledger WHERE kind = 'decision'") == records
    assert {one: check(switch, f"{one} anew", to)[1] for one, to in asked.items()} == before


def test_a_session_that_was_over_does_not_live_again(service: Service, tmp_path: Path) -> None:
    admin = service.admin()
    assert is_in(admin)
    set_clock(tmp_path, DAY)
    assert not is_in(admin)
    until(lambda: marks(service) == ["set_forward"])
    set_clock(tmp_path, timedelta())
    assert not is_in(admin), "at once"
    until(lambda: marks(service) == ["set_forward", "set_back"])
    assert not is_in(admin), "after the mark"
    anew = {"name": "admin", "password": service.password}
    until(lambda: httpx.post(f"{service.url}/v1/session", json=anew, timeout=30).status_code == 200)


def test_nor_when_it_is_set_back_while_the_service_is_down(service: Service, tmp_path: Path) -> None:
    set_clock(tmp_path, DAY)
    until(lambda: marks(service))
    admin = service.admin()
    assert service.stop() == 0
    set_clock(tmp_path, DAY - timedelta(minutes=1))
    start_again(service)
    assert not is_in(at(admin, service))


def test_nor_when_a_command_runs_first(service: Service, tmp_path: Path) -> None:
    set_clock(tmp_path, DAY)
    until(lambda: marks(service))
    admin = service.admin()
    assert service.stop() == 0
    settings = serving.environment(service.data) | under_clock(tmp_path)
    set_clock(tmp_path, timedelta(hours=23))
    made = [*NOCONTACT, "key", "--label", "another", "--role", "monitor"]
    subprocess.run(made, env=settings, check=True, capture_output=True)
    set_clock(tmp_path, timedelta(hours=24, seconds=-1))
    start_again(service)
    assert not is_in(at(admin, service))


def test_a_key_that_had_ended_lets_nobody_in_when_the_clock_is_set_back(
    service: Service, tmp_path: Path
) -> None:
    made = command(service.data, "key", "--label", "short", "--role", "phone_system", "--days", "1")
    key = {"authorization": f"Bearer {made.stdout.split()[-1]}"}
    switch = httpx.Client(base_url=service.url, headers=key, timeout=30)
    assert check(switch, "before", RESTRICTED)[0] == 200
    assert service.stop() == 0
    set_clock(tmp_path, 2 * DAY)
    start_again(service)
    switch = at(switch, service)
    assert check(switch, "ended", RESTRICTED)[0] == 401
    set_clock(tmp_path, timedelta())
    until(lambda: "set_back" in marks(service))
    assert check(switch, "again", RESTRICTED)[0] == 401


@pytest.mark.parametrize("by", [-DAY, YEAR])
def test_a_list_that_went_stale_is_not_fresh_again(tmp_path: Path, by: timedelta) -> None:
    policy = tmp_path / "policy.toml"
    policy.write_text(POLICY.read_text().replace("stale_after_hours = 24", "stale_after_hours = 0.0005"))
    with service_with_clock(tmp_path, NOCONTACT_POLICY=str(policy)) as service:
        switch = service.key(Role.PHONE_SYSTEM)
        assert check(switch, "fresh", HARMLESS)[1] == "allow"
        with closing(sqlite3.connect(service.data / "nocontact.db")) as connection:
            connection.execute("ALTER TABLE outbox RENAME TO outbox_away")  # nobody follows the changes now
        until(lambda: state(service) == "stale")
        assert check(switch, "stale", HARMLESS)[1] == "flag"
        set_clock(tmp_path, by)
        until(lambda: marks(service))
        assert state(service) == "stale"
        assert check(switch, "stale still", HARMLESS)[1] != "allow"
        with closing(sqlite3.connect(service.data / "nocontact.db")) as connection:
            connection.execute("ALTER TABLE outbox_away RENAME TO outbox")


def state(service: Service) -> str:
    body: dict[str, Any] = httpx.get(f"{service.url}/health/ready").json()
    found: str = body["blocklist"]["state"]
    return found
