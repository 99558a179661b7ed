"""A running check API on an SQLite file; tests that ask for `database` have both kinds of server."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from service.storage import sealing
from tests.service.check.running import Running, writer
from tests.service.databases import MASTER, sqlite_in


@pytest.fixture
def system(tmp_path: Path) -> Iterator[Running]:
    """Everything but the HTTP server."""
    database = sqlite_in(tmp_path)
    vault = sealing.open_vault(database, MASTER)
    with writer(database, vault, tmp_path) as ledger:
        yield Running(database, vault, ledger)
    database.close()
