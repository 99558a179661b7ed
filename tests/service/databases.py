"""Databases with every table and the tests' own keys: made once, and copied for each test.

On PostgreSQL a copy is emptied after a test and lent to the next; one whose tables a test altered is dropped.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import psycopg
from psycopg import sql
from sqlalchemy import make_url

from service.migrations import schema
from service.storage import sealing
from service.storage.database import Database

MASTER = bytes(range(32))
"""The tests' master key."""

_numbers = itertools.count()


def sqlite_in(folder: Path) -> Database:
    """A database in a folder, with its tables."""
    path = folder / "nocontact.db"
    path.write_bytes(_sqlite_file())
    return Database(f"sqlite:///{path}")


@contextmanager
def postgres_on(server: str, *, empty: bool = False) -> Iterator[str]:
    """The address of a database of one's own on a server, with its tables or without."""
    if empty:
        name = f"test_{next(_numbers)}"
        _run(server, f"CREATE DATABASE {name} TEMPLATE template0")
        try:
            yield _address(server, name)
        finally:
            _run(server, f"DROP DATABASE {name} WITH (FORCE)")
        return
    copies = _copies(server)
    lent = copies.lend()
    try:
        yield _address(server, lent.name)
    finally:
        copies.take_back(lent)


@cache
def _sqlite_file() -> bytes:
    with TemporaryDirectory(prefix="nocontact-tables-") as folder:
        path = Path(folder, "tables.db")
        _fill(f"sqlite:///{path}")
        return path.read_bytes()


@dataclass
class _Copy:
    """A copy of the database with every table."""

    name: str
    connection: psycopg.Connection[tuple[object, ...]]
    """Open from one test to the next."""
    shape: object
    """What its catalogue says of the tables, before a test had it."""
    tests: int = 0
    """How many have had it."""


MOST_TESTS = 50
"""Tests that have one copy after another: what they deleted stays in its files, and is read past."""


@dataclass
class _Copies:
    """Copies on one server that no test has at the moment."""

    server: str
    free: list[_Copy] = field(default_factory=list)
    rows: dict[str, bytes] = field(default_factory=dict)
    """Every table by its name, and what is in it at the beginning, as COPY writes it."""

    def __post_init__(self) -> None:
        _run(self.server, "CREATE DATABASE tables TEMPLATE template0")
        _fill(_address(self.server, "tables"))
        with _connection(self.server, "tables") as connection:
            for (name,) in connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'"):
                copying = sql.SQL("COPY {} TO STDOUT").format(sql.Identifier(str(name)))
                with connection.cursor().copy(copying) as out:
                    self.rows[str(name)] = b"".join(bytes(part) for part in out)

    def lend(self) -> _Copy:
        """One that holds what the first held, and nobody else is connected to."""
        if self.free:
            return self.free.pop()
        name = f"test_{next(_numbers)}"
        _run(self.server, f"CREATE DATABASE {name} TEMPLATE tables")
        connection = _connection(self.server, name)
        return _Copy(name, connection, _shape(connection))

    def take_back(self, copy: _Copy) -> None:
        """End every other connection to it and empty it, or drop it where its tables are others now."""
        copy.tests += 1
        if copy.tests < MOST_TESTS and self._emptied(copy):
            self.free.append(copy)
            return
        copy.connection.close()
        _run(self.server, f"DROP DATABASE {copy.name} WITH (FORCE)")

    def _emptied(self, copy: _Copy) -> bool:
        connection = copy.connection
        try:
            connection.execute(
                "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
            if _shape(connection) != copy.shape:
                return False
            with connection.transaction():
                connection.execute(
                    "SET LOCAL session_replication_role = replica"
                )  # no triggers, no foreign keys
                names = [sql.Identifier(name) for name in self.rows]
                connection.execute(
                    sql.SQL(";").join(sql.SQL("DELETE FROM {}").format(name) for name in names)
                )
                for name, rows in self.rows.items():
                    if rows:
                        copying = sql.SQL("COPY {} FROM STDIN").format(sql.Identifier(name))
                        with connection.cursor().copy(copying) as into:
                            into.write(rows)
        except psycopg.OperationalError:  # a test ended this connection as well, or the server
            return False
        return True


@cache
def _copies(server: str) -> _Copies:
    return _Copies(server)


_OURS = {
    "pg_namespace": ("oid", "true"),
    "pg_class": ("oid", "oid >= 16384"),
    "pg_attribute": ("attnum", "attrelid >= 16384"),
    "pg_attrdef": ("oid", "true"),
    "pg_constraint": ("oid", "oid >= 16384"),
    "pg_index": ("indexrelid", "indexrelid >= 16384"),
    "pg_trigger": ("oid", "oid >= 16384"),
    "pg_proc": ("oid", "oid >= 16384"),
    "pg_db_role_setting": ("setdatabase", "true"),
}
_CATALOGUE = " UNION ALL ".join(
    [
        "SELECT 'pg_sequences', count(*), sum(last_value) FROM pg_sequences",
        *(
            f"SELECT '{table}', count(*), sum(hashtext(xmin::text || {key}::text)) FROM {table} WHERE {ours}"  # noqa: S608
            for table, (key, ours) in _OURS.items()
        ),
    ]
)
"""Something that is another after any change of the tables, or of what belongs to them."""


def _shape(connection: psycopg.Connection[tuple[object, ...]]) -> object:
    return connection.execute(_CATALOGUE).fetchall()


def _connection(server: str, name: str) -> psycopg.Connection[tuple[object, ...]]:
    address = make_url(server).set(drivername="postgresql", database=name)
    return psycopg.connect(address.render_as_string(hide_password=False), autocommit=True)


def _fill(url: str) -> None:
    database = Database(url)
    schema.create(database)
    with database.write() as connection:
        sealing.make_keys(connection, MASTER)
    database.close()


def _run(server: str, statement: str) -> None:
    database = Database(server)
    with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql(statement)
    database.close()


def _address(server: str, name: str) -> str:
    return make_url(server).set(database=name).render_as_string(hide_password=False)
