"""One transaction for whatever a thread reads and writes in it, and one connection for every write."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import event, insert, select, text
from sqlalchemy.exc import DBAPIError

from service.errors import ConflictError
from service.registry.tables import restriction_prisoner
from service.storage.database import UNASKED, Database, HeldError
from tests.service.databases import postgres_on


def _put(database: Database, id_: str) -> None:
    with database.write() as connection:
        connection.execute(insert(restriction_prisoner), {"prisoner": "A1234BC", "id": id_})


def _put_and_fail(database: Database, id_: str) -> None:
    _put(database, id_)
    raise RuntimeError


def _there(database: Database) -> set[str]:
    with database.read() as connection:
        return set(connection.execute(select(restriction_prisoner.c.id)).scalars())


def test_what_is_written_in_a_whole_is_read_in_it_and_is_there_with_all_of_it(database: Database) -> None:
    other = Database(database.url.render_as_string(hide_password=False))
    with database.whole():
        _put(database, "R1")
        with database.whole():
            _put(database, "R2")
        assert (_there(database), _there(other)) == ({"R1", "R2"}, set())
    assert (_there(database), _there(other)) == ({"R1", "R2"}, {"R1", "R2"})
    assert not database.is_whole
    other.close()


def test_what_raises_in_a_whole_is_undone_alone_or_with_all_of_it(database: Database) -> None:
    with database.whole():
        _put(database, "R1")
        with pytest.raises(RuntimeError), database.write():
            _put_and_fail(database, "R2")
        assert _there(database) == {"R1"}
    with pytest.raises(RuntimeError), database.whole():
        _put_and_fail(database, "R3")
    assert _there(database) == {"R1"}


@pytest.fixture
def opened(database: Database) -> Iterator[list[Any]]:
    """Every connection that is taken from now on."""
    seen: list[Any] = []

    def note(connection: Any, record: Any, proxy: Any) -> None:
        seen.append(connection)

    event.listen(database.engine, "checkout", note)
    yield seen
    event.remove(database.engine, "checkout", note)


def _refuse(database: Database, error: Exception) -> None:
    with database.write():
        raise error


def test_every_write_has_the_same_connection(database: Database, opened: list[Any]) -> None:
    _put(database, "R1")
    with pytest.raises(ConflictError):
        _refuse(database, ConflictError("it was changed"))
    _put(database, "R2")
    assert len(opened) == 1
    assert _there(database) == {"R1", "R2"}


def test_a_write_that_fails_leaves_its_connection_to_nobody(database: Database, opened: list[Any]) -> None:
    with pytest.raises(OSError, match="gone"):
        _refuse(database, OSError("gone"))
    _put(database, "R1")
    assert len(opened) == 2
    assert _there(database) == {"R1"}


def test_a_server_that_ended_the_connection_meanwhile_is_asked_for_another(postgres_url: str) -> None:
    now = [0.0]
    with postgres_on(postgres_url) as url:
        database = Database(url, monotonic=lambda: now[0])
        _end_writer(database)
        with pytest.raises(DBAPIError):  # a moment later nobody asks
            _put(database, "R1")
        _end_writer(database)
        now[0] += UNASKED + 1
        _put(database, "R2")
        assert _there(database) == {"R2"}
        database.close()


def _end_writer(database: Database) -> None:
    """As a server that is started again does with the connection that writes."""
    with database.write() as connection:
        pid = connection.execute(text("SELECT pg_backend_pid()")).scalar_one()
    with database.engine.connect() as other:
        other.execute(text("SELECT pg_terminate_backend(:pid, 5000)"), {"pid": pid})


def test_a_write_gives_up_where_another_process_has_the_database(database: Database) -> None:
    url = database.url.render_as_string(hide_password=False)
    short = Database(url, wait=0.05)
    _put(database, "R1")
    with database.whole():
        _put(database, "R2")
        lock = "LOCK TABLE restriction_prisoner IN EXCLUSIVE MODE"
        if not database.is_sqlite:
            with database.write() as connection:
                connection.execute(text(lock))
        with pytest.raises(DBAPIError):
            _put(short, "R3")
    _put(short, "R4")
    assert _there(database) == {"R1", "R2", "R4"}
    short.close()


HOLDING = """SELECT pg_terminate_backend(pid) FROM pg_locks JOIN pg_database ON oid = database
    WHERE locktype = 'advisory' AND datname = current_database()"""


def test_a_database_whose_server_lost_the_sessions_is_held_again(database: Database) -> None:
    """As in a failover, or a restart: else the keys could be changed under those who serve."""
    other = Database(database.url.render_as_string(hide_password=False))
    with database.held():
        if not database.is_sqlite:
            with other.write() as connection:
                connection.execute(text(HOLDING))
        database.hold_again()
        with pytest.raises(HeldError), other.held(alone=True):
            pass
        database.hold_again()
    with other.held(alone=True):
        pass
    other.close()
