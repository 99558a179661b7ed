"""Every row that decides something is marked by whatever writes it, and no changed row passes."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select, update

from service.access.tables import api_key
from service.migrations import schema  # noqa: F401 - brings every table into `metadata`
from service.registry.tables import prisoner
from service.storage import rows
from service.storage.database import Database, metadata, moment_text
from service.storage.rows import NOT_MARKED, ChangedRowError
from service.storage.sealing import Vault
from tests.service.registry.listings import Clock

ROW: dict[str, Any] = {
    **{"number": "A1234BC", "version": 1, "seq": 7, "author": "user:a", "latest": True},
    **{"establishment": "LEI", "merged_into": None},
}


@pytest.fixture
def row(database: Database, vault: Vault) -> dict[str, Any]:
    made = {**ROW, "at": Clock()()}
    with database.write() as connection:
        rows.insert(connection, vault, prisoner, [made])
    return made


def read(database: Database, vault: Vault) -> list[bool]:
    """Whether each row holds, by the three ways to read it: they have to agree."""
    with database.read() as connection:
        typed = [rows.holds(vault, prisoner, one) for one in connection.execute(select(prisoner))]
        stored = [
            rows.stored_holds(vault, prisoner, one)
            for one in connection.execute(select(*rows.stored(prisoner)))
        ]
        raw = [rows.raw_holds(vault, "prisoner", one) for one in rows.raw(connection, "prisoner")]
    assert typed == stored == raw
    return typed


def test_every_table_is_marked_or_it_is_said_why_not() -> None:
    marked = {name for name, table in metadata.tables.items() if rows.is_marked(table)}
    assert marked.isdisjoint(NOT_MARKED)
    assert marked | set(NOT_MARKED) == set(metadata.tables)
    assert all(NOT_MARKED.values())


def test_what_was_inserted_and_updated_holds(database: Database, vault: Vault, row: dict[str, Any]) -> None:
    assert read(database, vault) == [True]
    with database.write() as connection:
        assert rows.update(connection, vault, prisoner, (prisoner.c.latest,), {"latest": False}) == 1
        assert rows.update(connection, vault, prisoner, (prisoner.c.latest,), {"latest": True}) == 0
    assert read(database, vault) == [True]


CHANGED: dict[str, Any] = {
    **{"number": "A1234BD", "version": 2, "seq": 8, "author": "user:b", "latest": False},
    **{"establishment": None, "merged_into": "B2345CD", "mac": None},
}


@pytest.mark.parametrize("column", CHANGED)
def test_no_column_can_be_changed(database: Database, vault: Vault, row: dict[str, Any], column: str) -> None:
    with database.write() as connection:
        connection.execute(update(prisoner).values({column: CHANGED[column]}))
    assert read(database, vault) == [False]
    with pytest.raises(ChangedRowError), database.write() as connection:
        rows.update(connection, vault, prisoner, (), {"establishment": "LEI"})
    assert read(database, vault) == [False], "what is changed is not made good by the next change"
    with database.write() as connection:
        assert rows.update(connection, vault, prisoner, (), row, changed_too=True) == 1
    assert read(database, vault) == [False]
    assert vault.refused["prisoner"] > 0


def test_a_hash_is_of_its_table_its_names_and_its_values_as_they_are_stored(vault: Vault) -> None:
    now = Clock()()
    told = rows.mark(vault, "t", {"a": True, "at": now, "mac": b"x"})
    assert told == rows.mark(vault, "t", {"at": moment_text(now), "a": 1})
    others = [
        rows.mark(vault, "u", {"a": 1, "at": moment_text(now)}),
        rows.mark(vault, "t", {"b": 1, "at": moment_text(now)}),
        rows.mark(vault, "t", {"a": "1", "at": moment_text(now)}),
        rows.mark(vault, "t", {"a": 1, "at": None}),
        vault.digest("t", "a"),
    ]
    assert len({told, *others}) == 6


def test_a_step_marks_what_is_there(database: Database, vault: Vault, row: dict[str, Any]) -> None:
    with database.write() as connection:
        connection.execute(update(prisoner).values(mac=None))
        rows.mark_all(connection, vault, "prisoner")
    assert read(database, vault) == [True]
    assert api_key.c.mac.nullable
