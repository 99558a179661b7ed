"""Databases for the service's tests: each test that asks for `database` runs on SQLite and on PostgreSQL."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

from service.migrations import schema
from service.storage import sealing
from service.storage.database import Database
from service.storage.sealing import Vault
from tests.service import postgres

SKIPPED = os.environ.get("NOCONTACT_SKIP", "").split(",")
MASTER = bytes(range(32))
"""The tests' master key."""


def serving_postgres() -> Iterator[str]:
    """The address of a real server, while it is wanted."""
    if "postgres" in SKIPPED:
        pytest.skip("NOCONTACT_SKIP=postgres: nothing is known about PostgreSQL")
    with postgres.running() as url:
        yield url


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """The address of a server that is started once."""
    yield from serving_postgres()


@pytest.fixture(params=["sqlite", "postgres"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of an empty database."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'nocontact.db'}"
    url: str = request.getfixturevalue("postgres_url")
    server = Database(url)
    with server.engine.connect() as connection:
        connection.execute(text("DROP SCHEMA public CASCADE"))
        connection.execute(text("CREATE SCHEMA public"))
        connection.commit()
    server.close()
    return url


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """An empty database with every table, on each kind of server in turn."""
    opened = Database(database_url)
    schema.create(opened)
    with opened.write() as connection:
        sealing.make_keys(connection, MASTER)
    yield opened
    opened.close()


@pytest.fixture
def vault(database: Database) -> Vault:
    """The vault of that database."""
    return sealing.open_vault(database, MASTER)
