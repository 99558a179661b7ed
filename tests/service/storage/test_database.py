"""One transaction for whatever a thread reads and writes in it."""

from __future__ import annotations

import pytest
from sqlalchemy import insert, select

from service.registry.tables import restriction_prisoner
from service.storage.database import Database


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
