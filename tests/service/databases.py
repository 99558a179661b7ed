"""Databases with every table and the tests' own keys: made once, and copied for each test."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

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
    """The address of a database of one's own on a server, with its tables or without; dropped at the end."""
    name = f"test_{next(_numbers)}"
    _run(server, f"CREATE DATABASE {name} TEMPLATE {'template0' if empty else _postgres_template(server)}")
    try:
        yield _address(server, name)
    finally:
        _run(server, f"DROP DATABASE {name} WITH (FORCE)")


@cache
def _sqlite_file() -> bytes:
    with TemporaryDirectory(prefix="nocontact-tables-") as folder:
        path = Path(folder, "tables.db")
        _fill(f"sqlite:///{path}")
        return path.read_bytes()


@cache
def _postgres_template(server: str) -> str:
    _run(server, "CREATE DATABASE tables TEMPLATE template0")
    _fill(_address(server, "tables"))
    return "tables"


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
