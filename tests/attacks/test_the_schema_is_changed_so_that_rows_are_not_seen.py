"""Somebody with the database's file puts a view, an index or an older look between a row and its reader."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from benchmarks.load import serving
from benchmarks.load.serving import NOCONTACT
from service.access.model import Role
from service.blocklist.kept import FILE
from tests.attacks.attacking import RESTRICTED, check
from tests.service.running import Service, command, service_in

MARKED = (
    *("account", "api_key", "approval", "mail_item", "policy_version", "prisoner"),
    *("register_version", "restriction_version", "review_item", "session"),
)


@contextmanager
def stopped(folder: Path) -> Iterator[tuple[Service, httpx.Client]]:
    """A service that has served and ended, its kept list gone, with a switch's key."""
    with service_in(folder) as service:
        switch = service.key(Role.PHONE_SYSTEM)
        service.stop()
        (service.data / FILE).unlink()
        yield service, switch


@contextmanager
def written(service: Service) -> Iterator[sqlite3.Connection]:
    """Its database, to be written into, schema and all."""
    connection = sqlite3.connect(service.data / "nocontact.db", isolation_level=None)
    try:
        yield connection
    finally:
        connection.close()


def rewrite_schema(connection: sqlite3.Connection, *statements: tuple[str, tuple[object, ...]]) -> None:
    """What SQLite's own shell may do to the text of its schema."""
    (version,) = connection.execute("PRAGMA schema_version").fetchone()
    connection.execute("PRAGMA writable_schema = ON")
    for statement, given in statements:
        connection.execute(statement, given)
    connection.execute(f"PRAGMA schema_version = {version + 1}")


def is_refused(service: Service, *words: str) -> None:
    """A start that does not come about, and says why; `verify` says so as well."""
    started = command(service.data, "serve", settings=service.settings)
    assert started.returncode != 0
    said = started.stderr + started.stdout
    assert all(word in said for word in words), said


def test_a_view_stands_in_a_tables_place(tmp_path: Path) -> None:
    with stopped(tmp_path) as (service, _):
        with written(service) as connection:
            connection.execute("ALTER TABLE restriction_version RENAME TO zz")
            connection.execute("CREATE VIEW restriction_version AS SELECT * FROM zz WHERE id <> 'R1'")
        is_refused(service, "view", "restriction_version")
        assert command(service.data, "verify").returncode != 0


@pytest.mark.parametrize(
    ("kind", "made"),
    [
        ("trigger", "CREATE TRIGGER zz AFTER INSERT ON outbox BEGIN DELETE FROM outbox; END"),
        ("leaves rows out", "CREATE INDEX zz ON restriction_version (latest) WHERE id <> 'R1'"),
    ],
)
def test_something_else_stands_between(tmp_path: Path, kind: str, made: str) -> None:
    with stopped(tmp_path) as (service, _):
        with written(service) as connection:
            connection.execute(made)
        is_refused(service, kind, "zz")


def test_an_index_leaves_the_restriction_out(tmp_path: Path) -> None:
    with stopped(tmp_path) as (service, switch):
        with written(service) as connection:
            connection.execute("ANALYZE restriction_version")
            connection.execute(
                "CREATE TABLE zz (id VARCHAR(200) NOT NULL, version INTEGER NOT NULL,"
                " PRIMARY KEY (id, version))"
            )
            connection.execute(
                "INSERT INTO zz (rowid, id, version) SELECT rowid, id, version FROM restriction_version"
                " WHERE id <> 'R1'"
            )
            own, other = "sqlite_autoindex_restriction_version_1", "sqlite_autoindex_zz_1"
            roots = dict(connection.execute("SELECT name, rootpage FROM sqlite_master"))
            swap = "UPDATE sqlite_master SET rootpage = ? WHERE name = ?"
            rewrite_schema(connection, (swap, (roots[other], own)), (swap, (roots[own], other)))
        verified = command(service.data, "verify")
        assert verified.returncode == 1
        assert "database itself" in verified.stdout
        started = serving.start([*NOCONTACT, "serve"], serving.environment(service.data), service.log)
        try:
            switch.base_url = httpx.URL(started.url)
            status, decision, _ = check(switch, "C1", RESTRICTED)
            assert (status, decision) in {(503, ""), (200, "block")}
            ready = httpx.get(f"{started.url}/health/ready")
            assert ready.status_code == 503 or decision == "block"
        finally:
            started.process.kill()
            started.process.wait()


def test_the_database_is_made_to_look_older_so_that_a_forgery_is_marked_as_good(tmp_path: Path) -> None:
    with stopped(tmp_path) as (service, _):
        with written(service) as connection:
            connection.execute("UPDATE restriction_version SET state = 'withdrawn' WHERE id = 'R1'")
            for table in MARKED:
                connection.execute(f"ALTER TABLE {table} DROP COLUMN mac")
            connection.execute("UPDATE alembic_version SET version_num = '0001'")
            connection.execute("DROP INDEX ix_ledger_subject_seq")
            connection.execute(
                "CREATE INDEX ix_ledger_subject_seq ON ledger (subject, seq) WHERE subject <> 'rows'"
            )
            again = "UPDATE sqlite_master SET sql = ? WHERE name = ?"
            cut: list[tuple[str, tuple[object, ...]]] = [
                (
                    again,
                    ("CREATE INDEX ix_ledger_subject_seq ON ledger (subject, seq)", "ix_ledger_subject_seq"),
                )
            ]
            for table in ("ledger_head", "ledger_checkpoint"):
                (sql,) = connection.execute(
                    "SELECT sql FROM sqlite_master WHERE name = ?", (table,)
                ).fetchone()
                later = r",\s*(origin VARCHAR\(200\)|frontier BLOB|root BLOB)"
                cut.append((again, (re.sub(later, "", sql), table)))
            rewrite_schema(connection, *cut)
        is_refused(service)
