"""Whoever takes the list in force gets the one that the service holds, under the same policy."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine import saved
from service.blocklist.in_force import list_in_force, list_of_now
from service.errors import UnavailableError
from service.ledger import chain
from service.ledger.record import Record
from service.registry.registry import Registry
from service.settings import Settings
from service.storage.database import Database
from service.storage.sealing import Vault
from tests.service.blocklist.test_current import fill, lose
from tests.service.registry.listings import Clock


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def lists(tmp_path: Path) -> Settings:
    return Settings(data=tmp_path)


def serving(settings: Settings, registry: Registry, vault: Vault, clock: Clock) -> None:
    """What a start of the service leaves behind: the record of the list in force."""

    def write(record: Record) -> None:
        with registry.journal.database.write() as connection:
            chain.append(connection, vault, [record])

    list_in_force(settings, registry, clock, write).refresh()


def test_a_list_that_lost_restrictions_is_incomplete_for_a_command_as_it_is_for_the_service(
    lists: Settings, database: Database, vault: Vault, clock: Clock
) -> None:
    registry = Registry(database, vault, clock)
    fill(registry, 40)
    serving(lists, registry, vault, clock)
    lose(registry, 10)
    served = list_in_force(lists, Registry(database, vault, clock), clock, write_record=None)
    served.refresh()

    taken = list_of_now(lists, Registry(database, vault, clock), clock)

    assert not served.blocklist.complete
    assert taken.blocklist.version == served.blocklist.version
    assert not saved.load(saved.save(taken.blocklist)).usable


def test_taking_the_list_asks_nobody_and_records_nothing(
    lists: Settings, database: Database, vault: Vault, clock: Clock
) -> None:
    registry = Registry(database, vault, clock)
    fill(registry, 40)
    serving(lists, registry, vault, clock)
    lose(registry, 10)

    list_of_now(lists, registry, clock)

    assert registry.approvals.list() == []


def test_without_a_list_a_command_is_told(
    lists: Settings, database: Database, vault: Vault, clock: Clock
) -> None:
    registry = Registry(database, vault, clock)
    with database.write() as connection:
        connection.exec_driver_sql("DROP TABLE restriction_version")

    with pytest.raises(UnavailableError):
        list_of_now(lists, registry, clock)
