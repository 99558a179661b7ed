"""Somebody with the data folder changes the kept list, or the registry beside it, while it is down."""

from __future__ import annotations

import json
import shutil
import sqlite3
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

from benchmarks.load import serving
from benchmarks.load.serving import NOCONTACT
from service.access.model import Role
from service.blocklist.kept import FILE
from tests.attacks.attacking import (
    HARMLESS,
    RESTRICTED,
    SECOND,
    check,
    lines_about,
    restrict_second,
)
from tests.service.running import Service, command, service_in, wait_for_list


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    """Stopped after a day's work: two restrictions, and the list in its file."""
    with service_in(tmp_path) as running:
        restrict_second(running)
        time.sleep(1)
        assert running.stop() == 0
        yield running
        if running.started.process.poll() is None:
            running.stop()


def start(service: Service, *, ready: bool = True) -> httpx.Client:
    """Start it again; gives a switch."""
    made = command(service.data, "key", "--label", "a test's", "--role", "phone_system")
    service.log.write_text("")
    service.started = serving.start([*NOCONTACT, "serve"], serving.environment(service.data), service.log)
    if ready:
        wait_for_list(service)
    else:
        until = time.monotonic() + 20
        while not lists_of(service) and time.monotonic() < until:
            time.sleep(0.1)
    key = made.stdout.split()[-1]
    return httpx.Client(base_url=service.url, headers={"authorization": f"Bearer {key}"}, timeout=30)


def lists_of(service: Service) -> str:
    state: str = httpx.get(f"{service.url}/health/ready").json()["blocklist"]["state"]
    return "" if state == "missing" else state


def run(service: Service, *statements: str) -> None:
    with sqlite3.connect(service.data / "nocontact.db") as connection:
        for statement in statements:
            assert connection.execute(statement).rowcount != 0, statement
    connection.close()


def flipped(at: int) -> Callable[[Path], None]:
    def change(file: Path) -> None:
        content = bytearray(file.read_bytes())
        content[at] ^= 1
        file.write_bytes(content)

    return change


def cut_to(end: int) -> Callable[[Path], None]:
    return lambda file: replaced(file.read_bytes()[:end])(file)


def replaced(content: bytes) -> Callable[[Path], None]:
    def change(file: Path) -> None:
        file.write_bytes(content)

    return change


CHANGED: dict[str, Callable[[Path], None]] = {
    "a byte of its signature": flipped(30),
    "a byte in it": flipped(-1),
    "cut off": cut_to(-100),
    "empty": cut_to(0),
    "something else": replaced(b"nocontact-blocklist\n" + b"\0" * 500),
}


@pytest.mark.parametrize("how", CHANGED)
def test_a_changed_file_is_refused_and_the_list_is_built_anew(service: Service, how: str) -> None:
    CHANGED[how](service.data / FILE)
    switch = start(service)
    assert [check(switch, to, to)[1] for to in (RESTRICTED, SECOND, HARMLESS)] == ["block", "block", "allow"]
    assert lines_about(service, "kept_list_refused")


def test_the_file_as_it_is_serves_and_holds_nobodys_details(service: Service) -> None:
    content = (service.data / FILE).read_bytes()
    assert not [one for one in (b"Tallantyre", b"900123", b"Larkmead", b"X1234BC") if one in content]
    assert (service.data / FILE).stat().st_mode & 0o077 == 0
    switch = start(service)
    assert [check(switch, to, to)[1] for to in (RESTRICTED, SECOND, HARMLESS)] == ["block", "block", "allow"]
    assert not lines_about(service, "kept_list_refused")


def test_an_older_file_is_brought_up_to_date_before_it_serves(service: Service, tmp_path: Path) -> None:
    older = tmp_path / "older"
    shutil.copy(service.data / FILE, older)
    lines = tmp_path / "more.jsonl"
    body = json.loads((tmp_path / "restrictions.jsonl").read_text())
    lines.write_text(json.dumps(body | {"id": "R3", "contacts": [{"kind": "phone", "value": HARMLESS}]}))
    assert command(service.data, "import", str(lines)).returncode == 0
    switch = start(service)
    assert check(switch, "new", HARMLESS)[1] == "block"
    assert service.stop() == 0
    shutil.copy(older, service.data / FILE)
    switch = start(service)
    assert [check(switch, to, to)[1] for to in (RESTRICTED, SECOND, HARMLESS)] == ["block"] * 3


FORGED = {
    "withdrawn": ["UPDATE restriction_version SET state = 'withdrawn' WHERE id = 'R2'"],
    "withdrawn by a version": [
        "UPDATE restriction_version SET state = 'withdrawn', version = 2 WHERE id = 'R2'"
    ],
    "deleted": ["DELETE FROM restriction_version WHERE id = 'R2'"],
    "deleted with its change": [
        "DELETE FROM restriction_version WHERE id = 'R2'",
        "DELETE FROM outbox WHERE id = 'R2'",
    ],
    "no more the latest": ["UPDATE restriction_version SET latest = 0 WHERE id = 'R2'"],
    "all of them": ["UPDATE restriction_version SET state = 'withdrawn'"],
}


@pytest.mark.parametrize("how", FORGED)
def test_a_registry_that_says_less_than_the_kept_list_opens_nothing(service: Service, how: str) -> None:
    run(service, *FORGED[how])
    switch = start(service, ready=False)
    assert check(switch, "second", SECOND)[1] == "block"
    assert check(switch, "harmless", HARMLESS)[1] != "allow"
    assert lists_of(service) == "incomplete"
    assert lines_about(service, "registry_says_less_than_the_kept_list")


def test_what_was_withdrawn_by_two_people_is_no_alarm(service: Service) -> None:
    switch = start(service)
    assert check(switch, "before", SECOND)[1] == "block"
    officer = service.key(Role.CASE_OFFICER)
    body = officer.get("/v1/restrictions").json()
    assert len(body["items"]) == 2
    service.started.kill()
    switch = start(service)
    assert [check(switch, f"{to} again", to)[1] for to in (SECOND, HARMLESS)] == ["block", "allow"]
    assert not lines_about(service, "registry_says_less_than_the_kept_list")
