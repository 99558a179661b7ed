"""A database that is lent to one test after another shows none what the last one did."""

from __future__ import annotations

import pytest
from sqlalchemy import inspect, text
from sqlalchemy.exc import OperationalError

from service.migrations import schema
from service.storage import sealing
from service.storage.database import Database
from tests.service.databases import MASTER, postgres_on


def test_the_next_test_finds_it_as_it_was_made(postgres_url: str) -> None:
    with postgres_on(postgres_url) as url:
        first = Database(url)
        rows = _rows(first)
        with first.write() as connection:
            for statement in (
                "UPDATE data_key SET wrapped = 'x'",
                "DELETE FROM alembic_version",
                "INSERT INTO restriction_prisoner (prisoner, id) VALUES ('A1234BC', 'R1')",
            ):
                connection.execute(text(statement))
        assert _rows(first) != rows
    with postgres_on(postgres_url) as url:
        second = Database(url)
        assert (second.url, _rows(second)) == (first.url, rows)
        sealing.open_vault(second, MASTER)
        second.close()
    first.close()


def test_two_at_once_are_two(postgres_url: str) -> None:
    with postgres_on(postgres_url) as one, postgres_on(postgres_url) as another:
        assert one != another


def test_who_is_still_connected_is_connected_no_more_and_holds_nothing(postgres_url: str) -> None:
    with postgres_on(postgres_url) as url:
        late = Database(url)
        connection = late.engine.connect()
        connection.execute(text("LOCK TABLE ledger"))
        connection.execute(text("SELECT pg_advisory_lock(1)"))
    with pytest.raises(OperationalError):
        connection.execute(text("SELECT 1"))
    with postgres_on(postgres_url) as url:
        database = Database(url)
        with database.read() as reading:
            assert reading.execute(text("SELECT pg_try_advisory_lock(1)")).scalar()
        database.close()
    late.close()


@pytest.mark.parametrize(
    "statement",
    [
        "ALTER TABLE ledger ADD COLUMN beside INTEGER",
        "ALTER TABLE ledger ALTER seq TYPE numeric",
        "ALTER TABLE ledger RENAME TO ledger_gone",
        "CREATE TABLE beside (number INTEGER)",
        "CREATE SCHEMA beside",
        "CREATE INDEX beside ON ledger (seq)",
        "DROP TABLE outbox CASCADE",
        "DROP SCHEMA public CASCADE",
        "CREATE SEQUENCE beside",
        "CREATE FUNCTION beside() RETURNS integer LANGUAGE sql AS 'SELECT 1'",
        "ALTER TABLE ledger ADD CONSTRAINT beside CHECK (seq > 0)",
    ],
)
def test_one_whose_tables_were_altered_is_lent_no_more(postgres_url: str, statement: str) -> None:
    with postgres_on(postgres_url) as altered:
        database = Database(altered)
        with database.write() as connection:
            connection.execute(text(statement))
        database.close()
    with postgres_on(postgres_url) as url:
        assert url != altered
        database = Database(url)
        assert schema.differences(database) == []
        database.close()


def test_one_whose_every_connection_was_ended_is_lent_no_more(postgres_url: str) -> None:
    with postgres_on(postgres_url) as ended:
        database = Database(ended)
        with database.read() as connection:
            connection.execute(
                text("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()")
            )
        database.close()
    with postgres_on(postgres_url) as url:
        assert url != ended


def _rows(database: Database) -> dict[str, list[object]]:
    with database.read() as connection:
        return {
            name: list(connection.execute(text(f'SELECT * FROM "{name}" ORDER BY 1')).all())  # noqa: S608
            for name in inspect(connection).get_table_names()
        }
