"""Databases for the service's tests: each test that asks for `database` runs on SQLite and on PostgreSQL."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, TextIO, cast

import pytest
from argon2 import PasswordHasher

from service.access import passwords
from service.operations import logs
from service.registry.registry import Registry
from service.storage import sealing
from service.storage.database import Database
from service.storage.sealing import Vault
from tests.service import postgres
from tests.service.check.running import Running, writer
from tests.service.databases import MASTER, postgres_on, sqlite_in
from tests.service.registry.listings import Clock

if TYPE_CHECKING:
    from playwright.sync_api import Browser

SKIPPED = os.environ.get("NOCONTACT_SKIP", "").split(",")


class _Stderr:
    """Standard error as it is when a line is written: a test may have put another in its place."""

    def write(self, text: str) -> int:
        return sys.stderr.write(text)

    def flush(self) -> None:
        sys.stderr.flush()


@pytest.fixture(autouse=True)
def _logs_as_when_it_is_run() -> None:
    """What fails in a test is logged as the service logs it: the logger's own default draws each error with
    every variable, for a minute."""
    logs.configure("WARNING", cast("TextIO", _Stderr()))


@pytest.fixture(autouse=True, scope="session")
def _passwords_cost_little() -> Iterator[None]:
    """A password takes a tenth of a second and 64 MiB, so that guessing does; no test waits for it."""
    with pytest.MonkeyPatch.context() as patch:
        cheap = partial(PasswordHasher, time_cost=1, memory_cost=8, parallelism=1)
        patch.setattr(passwords, "PasswordHasher", cheap)
        yield


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
def kind(request: pytest.FixtureRequest) -> str:
    """Each kind of server in turn."""
    return str(request.param)


@pytest.fixture
def database_url(kind: str, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of a database with every table and the tests' keys, and nothing else in it."""
    if kind == "sqlite":
        yield sqlite_in(tmp_path).url.render_as_string()
    else:
        with postgres_on(request.getfixturevalue("postgres_url")) as url:
            yield url


@pytest.fixture
def empty_url(kind: str, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of an empty database."""
    if kind == "sqlite":
        yield f"sqlite:///{tmp_path / 'empty.db'}"
    else:
        with postgres_on(request.getfixturevalue("postgres_url"), empty=True) as url:
            yield url


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """That database, open."""
    opened = Database(database_url)
    yield opened
    opened.close()


@pytest.fixture
def vault(database: Database) -> Vault:
    """The vault of that database."""
    return sealing.open_vault(database, MASTER)


@pytest.fixture
def system(tmp_path: Path) -> Iterator[Running]:
    """Everything that checks need but the HTTP server, on an SQLite file."""
    database = sqlite_in(tmp_path)
    vault = sealing.open_vault(database, MASTER)
    with writer(database, vault, tmp_path) as ledger:
        yield Running(database, vault, ledger)
    database.close()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One browser for all tests of a module."""
    from tests.service.console.browser import browsing  # the others need none

    with browsing() as started:
        yield started


@pytest.fixture
def clock() -> Clock:
    """A clock of the test's own."""
    return Clock()


@pytest.fixture
def registry(database: Database, vault: Vault, clock: Clock) -> Registry:
    """An empty registry, begun."""
    made = Registry(database, vault, clock)
    made.start()
    return made
