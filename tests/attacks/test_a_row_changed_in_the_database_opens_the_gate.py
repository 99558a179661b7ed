"""Somebody with a shell on the machine writes into the database, beside the service or while it is down."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from benchmarks.load import serving
from benchmarks.load.serving import NOCONTACT
from service.access.model import Role
from service.blocklist.kept import FILE
from tests.attacks.attacking import HARMLESS, SECOND, check, lines_about, restrict_second
from tests.service.running import Service, command, service_in

TELL = "INSERT INTO outbox SELECT max(seq) + 1, 'restriction', 'R2', 1, max(at) FROM outbox"
"""What has the running service look at the restriction again."""


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    """Running, with two restrictions."""
    with service_in(tmp_path) as running:
        restrict_second(running)
        yield running
        if running.started.process.poll() is None:
            running.stop()


def write(service: Service, *statements: str) -> None:
    """What the attacker does."""
    with sqlite3.connect(service.data / "nocontact.db") as connection:
        for statement in statements:
            assert connection.execute(statement).rowcount != 0, statement
    connection.close()


def ready(service: Service) -> dict[str, Any]:
    body: dict[str, Any] = httpx.get(f"{service.url}/health/ready").json()
    return body


def until_list(service: Service, *states: str) -> str:
    """Wait until the list is in one of these states."""
    state = ""
    for _ in range(200):
        state = ready(service)["blocklist"]["state"]
        if state in states:
            break
        time.sleep(0.05)
    return state


def start_again(service: Service) -> None:
    service.log.write_text("")
    service.started = serving.start([*NOCONTACT, "serve"], serving.environment(service.data), service.log)


FORGED = {
    "withdrawn": ["UPDATE restriction_version SET state = 'withdrawn' WHERE id = 'R2'"],
    "withdrawn by a version": [
        "UPDATE restriction_version SET state = 'withdrawn', version = 2 WHERE id = 'R2'"
    ],
    "deleted": ["DELETE FROM restriction_version WHERE id = 'R2'"],
    "no more the latest": ["UPDATE restriction_version SET latest = 0 WHERE id = 'R2'"],
    "another's": ["UPDATE restriction_version SET id = 'R9' WHERE id = 'R2'"],
    "without its hash": ["UPDATE restriction_version SET state = 'withdrawn', mac = NULL WHERE id = 'R2'"],
    "with another's hash": [
        "UPDATE restriction_version SET state = 'withdrawn',"
        " mac = (SELECT mac FROM restriction_version WHERE id = 'R1') WHERE id = 'R2'"
    ],
}


@pytest.mark.parametrize("how", FORGED)
def test_while_it_runs_a_block_stays_a_block_and_nothing_is_allowed(service: Service, how: str) -> None:
    switch = service.key(Role.PHONE_SYSTEM)
    assert check(switch, "before", SECOND)[1] == "block"
    assert check(switch, "harmless before", HARMLESS)[1] == "allow"
    write(service, *FORGED[how], TELL)
    assert until_list(service, "incomplete") == "incomplete"
    assert check(switch, "second", SECOND)[1] == "block"
    assert check(switch, "harmless", HARMLESS)[1] != "allow"


@pytest.mark.parametrize("how", FORGED)
def test_after_a_start_without_the_kept_list_nothing_is_allowed(service: Service, how: str) -> None:
    switch = service.key(Role.PHONE_SYSTEM)
    assert service.stop() == 0
    write(service, *FORGED[how], "DELETE FROM outbox WHERE id = 'R2'")
    (service.data / FILE).unlink(missing_ok=True)
    start_again(service)
    switch.base_url = httpx.URL(service.url)
    assert until_list(service, "incomplete", "fresh") == "incomplete"
    assert check(switch, "second", SECOND)[1] != "allow"
    assert check(switch, "harmless", HARMLESS)[1] != "allow"
    changed = [line["kind"] for line in lines_about(service, "row_changed_in_the_database")]
    assert changed or lines_about(service, "registry_says_less_than_the_ledger")


@pytest.mark.parametrize("how", ["withdrawn", "without its hash", "with another's hash"])
def test_after_a_start_its_own_words_stop_it_still(service: Service, how: str) -> None:
    switch = service.key(Role.PHONE_SYSTEM)
    assert service.stop() == 0
    write(service, *FORGED[how])
    (service.data / FILE).unlink(missing_ok=True)
    start_again(service)
    switch.base_url = httpx.URL(service.url)
    assert until_list(service, "incomplete", "fresh") == "incomplete"
    assert check(switch, "second", SECOND)[1] == "block"


def test_a_database_made_to_look_older_is_not_marked_again(service: Service) -> None:
    assert service.stop() == 0
    with sqlite3.connect(service.data / "nocontact.db") as connection:
        for (table,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall():
            columns = [row[1] for row in connection.execute(f"PRAGMA table_info({table})")]
            if "mac" in columns:
                connection.execute(f"ALTER TABLE {table} DROP COLUMN mac")
        connection.execute("UPDATE restriction_version SET state = 'withdrawn'")
        connection.execute("UPDATE alembic_version SET version_num = '0001'")
    connection.close()
    said = command(service.data, "verify")
    assert said.returncode == 2
    assert "older than it is" in said.stderr


def test_a_session_and_an_account_that_were_written_into_let_nobody_in(service: Service) -> None:
    admin = service.admin()
    body = {"name": "ben", "shown": "Ben Invented", "roles": ["monitor"], "prisons": []}
    made = admin.post("/v1/accounts", json=body).json()
    ben = service.sign_in(httpx.Client(base_url=service.url, timeout=30), "ben", made["password"])
    write(service, "UPDATE account SET roles = 'admin', must_change_password = 0 WHERE name = 'ben'")
    assert ben.get("/v1/accounts").status_code == 401
    again = ben.post("/v1/session", json={"name": "ben", "password": made["password"]})
    assert again.status_code == 401
    write(service, "UPDATE session SET account = 'admin' WHERE account = 'ben'")
    assert ben.get("/v1/accounts").status_code == 401
    assert admin.get("/v1/accounts").status_code == 200
    warned = ready(service)["warnings"]
    assert [one for one in warned if "account" in one and "session" in one]


def test_a_key_with_another_role_is_none(service: Service) -> None:
    switch = service.key(Role.PHONE_SYSTEM)
    write(service, "UPDATE api_key SET roles = 'case_officer' WHERE roles = 'phone_system'")
    assert switch.get("/v1/restrictions").status_code == 401


def test_a_flag_that_was_set_to_released_stays_held(service: Service) -> None:
    switch = service.key(Role.PHONE_SYSTEM)
    assert check(switch, "flagged", "07700 900124")[1] == "flag"
    released = "state = 'settled', outcome = 'release', effective_at = at, decided_by = 'user:ann'"
    write(service, f"UPDATE review_item SET {released}")  # noqa: S608
    assert switch.get("/v1/reviews/call/flagged").json()["state"] == "held"


def test_an_answer_that_leads_to_another_attempt_is_not_given(service: Service) -> None:
    switch = service.key(Role.PHONE_SYSTEM)
    assert check(switch, "flagged", "07700 900124")[1] == "flag"
    assert check(switch, "allowed", HARMLESS)[1] == "allow"
    write(service, "UPDATE answered SET seq = (SELECT max(seq) FROM answered)")
    assert switch.get("/v1/reviews/call/flagged").status_code == 404
    assert switch.get("/v1/reviews/call/allowed").json()["state"] == "allowed"


def test_a_policy_that_was_written_into_decides_nothing(service: Service) -> None:
    admin = service.key(Role.PHONE_SYSTEM)
    write(
        service,
        "INSERT INTO policy_version (seq, at, author, confirmed_by, mode, version, text)"
        " SELECT max(seq) + 1, max(at), 'user:a', 'user:b', 'live', 'sha256:0', 'nonsense' FROM ledger",
        "INSERT INTO outbox SELECT max(seq) + 1, 'policy', 'live', 0, max(at) FROM outbox",
    )
    time.sleep(1)
    assert check(admin, "second", SECOND)[1] == "block"
    assert check(admin, "harmless", HARMLESS)[1] == "allow", "no record says that it is in force"


def test_verify_names_what_was_changed_and_what_is_gone(service: Service) -> None:
    assert service.stop() == 0
    write(
        service,
        "UPDATE restriction_version SET state = 'withdrawn' WHERE id = 'R1'",
        "DELETE FROM restriction_version WHERE id = 'R2'",
    )
    said = command(service.data, "verify")
    assert said.returncode == 1
    assert "restriction_version R1/1: changed in the database" in said.stdout
    assert "restriction_version R2/1: missing" in said.stdout
    assert said.stdout.rstrip().endswith("2 problems")
