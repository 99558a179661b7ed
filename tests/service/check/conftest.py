"""A running check API on an SQLite file; tests that ask for `database` have both kinds of server."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from service.migrations import schema
from service.storage import sealing
from service.storage.database import Database
from tests.service.check.running import Running, writer
from tests.service.conftest import MASTER


@pytest.fixture
def system(tmp_path: Path) -> Iterator[Running]:
    """Everything but the HTTP server."""
    database = Database(f"sqlite:///{tmp_path / 'check.db'}")
    schema.create(database)
    with database.write() as connection:
        sealing.make_keys(connection, MASTER)
    vault = sealing.open_vault(database, MASTER)
    with writer(database, vault, tmp_path) as ledger:
        yield Running(database, vault, ledger)
    database.close()
