"""A queue with one restriction behind it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from service.registry.registry import Registry
from service.review.reviews import Reviews
from service.storage import sealing
from service.storage.database import Database
from service.storage.sealing import Vault
from tests.service.console.conftest import Console, console_on
from tests.service.databases import MASTER, sqlite_in
from tests.service.registry.listings import ASKER, NUMBER, Clock, restriction
from tests.service.review.queue_of_one import OTHER, Queue


@pytest.fixture
def queue(tmp_path: Path) -> Iterator[Queue]:
    database, clock = sqlite_in(tmp_path), Clock()
    registry = Registry(database, sealing.open_vault(database, MASTER), clock)
    registry.restrictions.create(ASKER, restriction("R1", NUMBER, OTHER))
    yield Queue(registry, Reviews(registry.journal), clock)
    database.close()


@pytest.fixture
def console(database: Database, vault: Vault, tmp_path: Path) -> Iterator[Console]:
    """A whole service without any restriction, on each kind of database in turn."""
    with console_on(database, vault, tmp_path) as made:
        yield made
