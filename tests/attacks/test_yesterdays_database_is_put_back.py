"""Somebody with a shell puts the database, or the whole data folder, back to what it was yesterday."""

from __future__ import annotations

import json
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks.load import serving
from benchmarks.load.serving import NOCONTACT
from service.access.model import Role
from service.blocklist import kept as blocklist
from service.ledger.checkpoints import FILE
from service.storage.database import Database
from tests.attacks.attacking import HARMLESS, check, lines_about
from tests.service import postgres
from tests.service.conftest import SKIPPED
from tests.service.running import Service, command, service_in, wait_for_list

SECOND = "0113 496 0777"
ROLLED_BACK = 3


def start(service: Service) -> None:
    service.log.write_text("")
    settings = serving.environment(service.data) | service.settings
    service.started = serving.start([*NOCONTACT, "serve"], settings, service.log)
    wait_for_list(service)


def refused(service: Service) -> str:
    """What a start says that does not come to one."""
    settings = serving.environment(service.data) | service.settings
    done = subprocess.run([*NOCONTACT, "serve"], env=settings, capture_output=True, text=True, timeout=60)
    assert done.returncode == ROLLED_BACK, done.stdout + done.stderr
    service.log.write_text("".join(line for line in done.stderr.splitlines(True) if line.startswith("{")))
    return done.stderr


def a_day(service: Service) -> None:
    """A restriction more, and a call that it stops."""
    officer, switch = service.key(Role.CASE_OFFICER), service.key(Role.PHONE_SYSTEM)
    body = json.loads((service.data.parent / "restrictions.jsonl").read_text())
    body |= {"id": "R2", "contacts": [{"kind": "phone", "value": SECOND}]}
    assert officer.post("/v1/restrictions", json=body).status_code == 201
    assert check(switch, "a day's", HARMLESS)[0] == 200
    assert service.stop() == 0


@pytest.fixture(scope="module")
def days(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """Stopped after two days of work; the end of each is kept beside."""
    folder = tmp_path_factory.mktemp("days")
    elsewhere = str(folder / "elsewhere")
    with service_in(folder, NOCONTACT_CHECKPOINT_FOLDER=elsewhere) as running:
        assert running.stop() == 0
        shutil.copytree(running.data, folder / "yesterday")
        start(running)
        a_day(running)
        shutil.copytree(running.data, folder / "today")
        shutil.copytree(elsewhere, folder / "todays elsewhere")
        yield running


@pytest.fixture
def service(days: Service) -> Service:
    """That one, as it was at the end of today."""
    put_back(days, "today")
    elsewhere = days.data.parent / "elsewhere"
    shutil.rmtree(elsewhere, ignore_errors=True)
    shutil.copytree(days.data.parent / "todays elsewhere", elsewhere)
    return days


def put_back(service: Service, day: str) -> None:
    shutil.rmtree(service.data)
    shutil.copytree(service.data.parent / day, service.data)


def test_the_whole_folder_is_put_back_and_the_second_folder_tells(service: Service) -> None:
    put_back(service, "yesterday")
    said = refused(service)
    assert "an older database was put back" in said
    assert "accept-rollback" in said
    (line,) = lines_about(service, "ledger_rolled_back")
    assert line["size"] > line["seq"] > 0
    assert refused(service), "and again"


def test_without_a_second_folder_the_whole_folder_put_back_is_not_seen(service: Service) -> None:
    """What is left, and why there is a second folder."""
    put_back(service, "yesterday")
    shutil.rmtree(service.data.parent / "elsewhere")
    start(service)
    assert lines_about(service, "no_checkpoint_file")
    assert service.stop() == 0


@pytest.mark.parametrize("kept", ["", "blocklist.kept"])
def test_the_database_alone_is_put_back_and_the_file_beside_it_tells(service: Service, kept: str) -> None:
    shutil.rmtree(service.data.parent / "elsewhere")
    for name in filter(None, ("nocontact.db", kept)):
        shutil.copy(service.data.parent / "yesterday" / name, service.data / name)
    for name in ("nocontact.db-wal", "nocontact.db-shm"):
        (service.data / name).unlink(missing_ok=True)
    assert "an older database was put back" in refused(service)
    verified = command(service.data, "verify")
    assert verified.returncode == 1
    assert "cut off" in verified.stdout


def test_one_that_went_on_after_it_was_put_back_is_seen_too(service: Service) -> None:
    elsewhere = service.data.parent / "elsewhere"
    held = (elsewhere / FILE).read_bytes()
    put_back(service, "yesterday")
    shutil.rmtree(elsewhere)
    start(service)
    for _ in range(20):
        service.key(Role.PHONE_SYSTEM)
    a_day(service)
    (elsewhere / FILE).write_bytes(held)
    assert "is not the one that a checkpoint was signed at" in refused(service)
    verified = command(service.data, "verify", settings=service.settings)
    assert "another record stood here" in verified.stdout


def test_an_end_that_was_changed_is_refused(service: Service) -> None:
    with sqlite3.connect(service.data / "nocontact.db") as connection:
        connection.execute("UPDATE ledger_head SET signature = x''")
    connection.close()
    assert "not signed" in refused(service)


def test_a_rollback_that_was_meant_is_recorded_and_serves_and_none_after_it(service: Service) -> None:
    put_back(service, "yesterday")
    accepting = "accept-rollback", "--why", "The disk failed; asked for by the governor"
    assert command(service.data, *accepting, settings=service.settings).returncode == 0
    assert command(service.data, *accepting, settings=service.settings).returncode == ROLLED_BACK, "once"
    accepted = service.data.parent / "accepted"
    shutil.copytree(service.data, accepted)
    start(service)
    a_day(service)
    start(service)
    assert service.stop() == 0
    said = command(service.data, "verify", settings=service.settings)
    assert (said.returncode, "accepted rollback" in said.stderr) == (0, True), said.stdout
    for older in ("accepted", "yesterday", "today"):
        put_back(service, older)
        assert "an older database was put back" in refused(service)
    shutil.rmtree(accepted)


def test_an_acceptance_that_nobody_signed_settles_nothing(service: Service) -> None:
    put_back(service, "yesterday")
    detail = json.dumps({"why": "none", "until": "2999-01-01T00:00:00.000000Z", "signature": "00" * 64})
    with sqlite3.connect(service.data / "nocontact.db") as connection:
        changed = (
            "UPDATE ledger SET subject = 'ledger/rollback', outcome = 'accepted', detail = ? WHERE seq = 2"
        )
        assert connection.execute(changed, [detail]).rowcount == 1
    connection.close()
    assert "an older database was put back" in refused(service)


def test_a_restored_backup_waits_for_the_operators_word(service: Service, tmp_path: Path) -> None:
    put_back(service, "yesterday")
    archive = tmp_path / "yesterday.tar.gz"
    assert command(service.data, "backup", str(archive)).returncode == 0
    for file in service.data.iterdir():
        if file.name != "master.key":
            file.unlink()
    assert command(service.data, "restore", str(archive)).returncode == 0
    assert "an older database was put back" in refused(service)
    accepting = "accept-rollback", "--why", "A restore"
    assert command(service.data, *accepting, settings=service.settings).returncode == 0
    start(service)
    assert service.stop() == 0


@pytest.mark.postgres
@pytest.mark.skipif("postgres" in SKIPPED, reason="NOCONTACT_SKIP=postgres")
def test_on_postgresql_it_is_seen_too(tmp_path: Path) -> None:
    with postgres.server() as server:
        today, yesterday = (server.url.replace("/postgres", f"/{day}") for day in ("today", "yesterday"))
        server_run(server.url, "CREATE DATABASE today")
        with service_in(tmp_path, NOCONTACT_DATABASE_URL=today) as service:
            assert service.stop() == 0
            server_run(server.url, "CREATE DATABASE yesterday TEMPLATE today")
            start(service)
            a_day(service)
            start(service)
            assert service.stop() == 0
            service.settings["NOCONTACT_DATABASE_URL"] = yesterday
            assert "an older database was put back" in refused(service)
            accepting = "accept-rollback", "--why", "A restore"
            assert command(service.data, *accepting, settings=service.settings).returncode == 0
            (service.data / blocklist.FILE).unlink()  # it holds restrictions that are not there any more
            start(service)
            assert service.stop() == 0


def server_run(url: str, statement: str) -> None:
    database = Database(url)
    with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql(statement)
    database.close()
