"""Statements of the driver's own are in SQLAlchemy's transaction, and fail as its own do."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import Connection, select, text
from sqlalchemy.exc import DBAPIError, IntegrityError, InvalidRequestError

from service.ledger.tables import answered
from service.storage import plain
from service.storage.database import Database

WRITE = "INSERT INTO answered (key, digest, seq) VALUES (?, ?, ?)"
NAMES = ("key", "digest", "seq")
ROWS = [(bytes([number]) * 16, b"d" * 16, number) for number in range(1, 4)]


def kept(database: Database) -> list[Any]:
    with database.read() as connection:
        return [tuple(row) for row in connection.execute(select(answered).order_by(answered.c.seq))]


def test_what_is_written_is_found_by_any_of_its_values(database: Database) -> None:
    with database.write() as connection, plain.together(connection):
        plain.insert(connection, "answered", NAMES, ROWS[:2])
        plain.run(connection, WRITE, ROWS[2])
    assert kept(database) == ROWS
    with database.write() as connection:
        condition, values = plain.any_of(connection, "key", [ROWS[0][0], ROWS[2][0], b"x" * 16])
        query = f"SELECT key, digest, seq FROM answered WHERE {condition}"  # noqa: S608
        assert sorted(plain.rows(connection, query, values)) == [ROWS[0], ROWS[2]]


def test_several_are_asked_at_once_and_each_has_its_answer(database: Database) -> None:
    query = "SELECT key, digest, seq FROM answered WHERE seq = ?"
    with database.write() as connection:
        plain.insert(connection, "answered", NAMES, ROWS)
        asked = [(query, (number,)) for number in (3, 9, 1)]
        assert plain.rows_of_each(connection, asked) == [[ROWS[2]], [], [ROWS[0]]]
        assert plain.rows_of_each(connection, []) == []


def test_what_fails_is_an_error_of_sqlalchemys_that_holds_no_value_and_undoes_all(database: Database) -> None:
    def write_twice() -> None:
        with database.write() as connection, plain.together(connection):
            plain.run(connection, WRITE, ROWS[0])
            plain.insert(connection, "answered", NAMES, [ROWS[1], ROWS[0]])

    with pytest.raises(IntegrityError) as caught:
        write_twice()
    assert caught.value.params is None
    assert kept(database) == []


def test_nothing_is_run_outside_a_transaction(database: Database) -> None:
    with database.read() as connection, pytest.raises(InvalidRequestError, match="transaction"):
        plain.run(connection, WRITE, ROWS[0])
    assert kept(database) == []


def test_a_connection_that_is_lost_is_given_up(database: Database) -> None:
    def lose_and_write() -> None:
        with database.write() as connection:
            _lose(database, connection)
            try:
                plain.run(connection, WRITE, ROWS[0])
            finally:
                assert connection.invalidated

    with pytest.raises(DBAPIError):
        lose_and_write()
    with database.write() as connection:
        plain.run(connection, WRITE, ROWS[0])
    assert kept(database) == ROWS[:1]


def _lose(database: Database, connection: Connection) -> None:
    if database.is_sqlite:
        driver: Any = connection.connection.driver_connection
        driver.close()
        return
    ((pid,),) = plain.rows(connection, "SELECT pg_backend_pid()")
    with database.engine.connect() as other:
        other.execute(text("SELECT pg_terminate_backend(:pid)"), {"pid": pid})
