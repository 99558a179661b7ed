"""A service on each kind of database in turn."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from service.storage.database import Database
from service.storage.sealing import Vault
from tests.service.console.conftest import Console, console_on


@pytest.fixture
def console(database: Database, vault: Vault, tmp_path: Path) -> Iterator[Console]:
    """Without any restriction."""
    with console_on(database, vault, tmp_path) as made:
        yield made
