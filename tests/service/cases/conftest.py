"""Cases on each kind of database."""

from __future__ import annotations

import pytest

from service.cases.cases import Cases
from service.registry.registry import Registry
from service.storage.database import Database
from service.storage.sealing import Vault
from tests.service.registry.listings import Clock


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


@pytest.fixture
def cases(registry: Registry) -> Cases:
    """No cases yet."""
    made = Cases(registry)
    registry.restrictions.guard = made.guard
    return made
