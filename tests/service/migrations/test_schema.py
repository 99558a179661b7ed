"""The migrations make exactly the tables that the program expects, on both databases, and lose nothing."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from typing import Any

import msgspec
import pytest
from alembic import command
from sqlalchemy import Column, Integer, MetaData, Table, inspect, select, text

from service.ledger import chain
from service.ledger.record import Kind
from service.ledger.search import search
from service.ledger.tables import answered
from service.ledger.verify import verify
from service.migrations import schema
from service.registry.tables import prisoner
from service.storage import database as storage
from service.storage import plain, rows, sealing, soundness
from service.storage.database import Database, metadata
from service.storage.sealing import SealError
from tests.service.databases import MASTER
from tests.service.ledger.records import record


@pytest.fixture
def empty(empty_url: str) -> Iterator[Database]:
    """A database without a table, on each kind of server in turn."""
    opened = Database(empty_url)
    yield opened
    opened.close()


def shape(database: Database) -> dict[str, object]:
    """Every table's columns, keys and indexes, as the database tells them; and its triggers."""
    with database.read() as connection:
        found = inspect(connection)
        tables: dict[str, object] = {
            table: (
                [(c["name"], str(c["type"]), c["nullable"]) for c in found.get_columns(table)],
                found.get_pk_constraint(table),
                sorted(found.get_foreign_keys(table), key=str),
                sorted(str({**index, "dialect_options": _said(index)}) for index in found.get_indexes(table)),
                sorted(found.get_unique_constraints(table), key=str),
                sorted(found.get_check_constraints(table), key=str),
            )
            for table in found.get_table_names()
        }
        if database.is_sqlite:
            asked = "SELECT name FROM sqlite_master WHERE type = 'trigger' ORDER BY name"
        else:
            asked = "SELECT DISTINCT trigger_name FROM information_schema.triggers ORDER BY 1"
        tables["triggers"] = list(connection.execute(text(asked)).scalars())
    return tables


def _said(index: Mapping[str, Any]) -> dict[str, str]:
    """What else there is to an index, a condition say, in words."""
    return {name: str(value) for name, value in index.get("dialect_options", {}).items()}


def test_the_steps_make_every_table_of_the_program(empty: Database) -> None:
    schema.upgrade(empty)
    assert schema.differences(empty) == []
    with empty.read() as connection:
        assert set(inspect(connection).get_table_names()) == {*metadata.tables, "alembic_version"}


def test_the_steps_make_the_same_as_the_program_makes_at_once(database: Database) -> None:
    at_once = shape(database)
    with database.write() as connection:
        for table in reversed(inspect(connection).get_table_names()):
            cascade = "" if database.is_sqlite else " CASCADE"
            connection.execute(text(f'DROP TABLE "{table}"{cascade}'))
    schema.upgrade(database)
    assert shape(database) == at_once


def test_a_difference_would_be_seen(database: Database) -> None:
    with database.write() as connection:
        connection.execute(text("ALTER TABLE ledger ADD COLUMN beside INTEGER"))
        Table("forgotten", MetaData(), Column("id", Integer, primary_key=True)).create(connection)
    assert {difference[0] for difference in schema.differences(database)} == {"remove_column", "remove_table"}


def test_a_new_database_has_had_every_step(database: Database) -> None:
    assert schema.revision(database) == schema.head()
    schema.upgrade(database)
    assert schema.differences(database) == []


def test_an_empty_database_has_had_none(empty: Database) -> None:
    assert schema.revision(empty) is None


def test_tables_are_not_made_where_there_are_some(database: Database) -> None:
    with pytest.raises(schema.SchemaError, match="not empty"):
        schema.create(database)


def test_two_that_start_together_upgrade_once(empty_url: str) -> None:
    failed: list[BaseException] = []

    def start() -> None:
        database = Database(empty_url)
        try:
            schema.upgrade(database)
        except BaseException as error:
            failed.append(error)
        finally:
            database.close()

    threads = [threading.Thread(target=start) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []


def test_a_database_of_a_newer_program_is_refused(database: Database) -> None:
    with database.write() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(schema.SchemaError, match="newer version"):
        schema.upgrade(database)


def test_no_step_takes_anything_away(database: Database) -> None:
    with pytest.raises(NotImplementedError, match="nothing is taken away"), database.write() as connection:
        schema.run(connection, lambda config: command.downgrade(config, "base"))
    assert schema.differences(database) == []
    assert schema.revision(database) == schema.head()


def test_who_runs_and_who_upgrades_wait_for_different_locks() -> None:
    assert schema.UPGRADE_LOCK != storage._HELD_BY


def test_rows_of_before_are_marked_once_with_the_databases_own_key(empty: Database) -> None:
    with empty.write() as connection:
        schema.run(connection, lambda config: command.upgrade(config, "0001"))
        sealing.make_keys(connection, MASTER)
        connection.execute(
            text(
                "INSERT INTO prisoner (number, version, seq, at, author, latest, establishment)"
                " VALUES ('A1234BC', 1, 1, '2026-01-01T00:00:00.000000Z', 'user:a', true, 'LEI')"
            )
        )
    with pytest.raises(schema.SchemaError):
        schema.upgrade(empty)
    assert schema.revision(empty) == "0001"
    with pytest.raises(SealError):
        schema.upgrade(empty, bytes(32))
    schema.upgrade(empty, MASTER)
    vault = sealing.open_vault(empty, MASTER)
    with empty.read() as connection:
        assert rows.holds(vault, prisoner, connection.execute(select(prisoner)).one())
        assert [row.outcome for row in search(connection, subject=rows.MARKED)] == ["marked"]
    with pytest.raises(schema.SchemaError), empty.write() as connection:
        schema.note_marked(connection, vault)


def test_what_was_answered_before_is_answered_and_found_after_the_step(empty: Database) -> None:
    kept = [(bytes([200 - number]) * 16, b"d" * 16, number) for number in range(1, 100)]
    with empty.write() as connection:
        schema.run(connection, lambda config: command.upgrade(config, "0014"), MASTER)
        sealing.make_keys(connection, MASTER)
        vault = sealing.vault_on(connection, MASTER)
        records = [
            msgspec.structs.replace(record(number), subject=f"attempt/{key.hex()}") for key, _, number in kept
        ]
        change = msgspec.structs.replace(record(100), kind=Kind.CHANGE, subject="restriction/R1/1")
        chain.append(connection, vault, [*records, change])
        plain.insert(connection, "answered", ("key", "digest", "seq"), kept)
    schema.upgrade(empty, MASTER)
    assert schema.differences(empty) == []
    with empty.read() as connection:
        assert connection.execute(select(answered).order_by(answered.c.seq)).all() == kept
        for key, _, number in kept:
            assert [row.seq for row in search(connection, subject=f"attempt/{key.hex()}")] == [number]
        assert [row.seq for row in search(connection, subject="restriction/R1/1")] == [100]
        assert soundness.faults(connection, metadata.tables) == []
        assert soundness.damage(connection) == []
    assert not verify(empty, vault.public_key).problems
